package app

import (
	"brevdue/internal/config"
	"brevdue/internal/oidc"
	"brevdue/internal/web"
)

// newProvider is the configured identity provider, nil for none. It is asked only when
// somebody signs in.
func newProvider(c *config.Config) *oidc.Provider {
	o := c.SignIn.OIDC
	if !o.On() {
		return nil
	}
	file := func(p string) string {
		if p == "" {
			return ""
		}
		return c.Path(p)
	}
	return oidc.New(oidc.Config{
		Name: o.Name, Issuer: o.Issuer, ClientID: o.ClientID, SecretFile: file(o.ClientSecretFile), CAFile: file(o.CAFile),
		Callback: c.SignIn.Address + web.PathProvider, AfterOut: c.SignIn.Address + web.PathOut, Scopes: o.Scopes, Levels: o.Levels,
		NameClaim: o.NameClaim, TitleClaim: o.TitleClaim, UnitsClaim: o.UnitsClaim, RolesClaim: o.RolesClaim,
		OperatorRoles: o.OperatorRoles, SecretariatRoles: o.SecretariatRoles,
	})
}
