package app

import (
	"fmt"

	"brevdue/internal/config"
	"brevdue/internal/oidc"
	"brevdue/internal/saml"
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

// newSAML is the configured identity provider that speaks SAML, nil for none. An error
// names the file that is wrong.
func newSAML(c *config.Config) (*saml.Provider, error) {
	s := c.SignIn.SAML
	if !s.On() {
		return nil, nil
	}
	p, err := saml.New(saml.Config{
		Name: s.Name, MetadataFile: c.Path(s.MetadataFile), EntityID: s.EntityID, Metadata: c.SignIn.Address + web.PathSAMLMetadata, Callback: c.SignIn.Address + web.PathSAML,
		KeyFile: c.Path(s.KeyFile), CertificateFile: c.Path(s.CertificateFile), Levels: s.Levels, SubjectAttribute: s.SubjectAttribute, NameAttribute: s.NameAttribute,
		TitleAttribute: s.TitleAttribute, UnitsAttribute: s.UnitsAttribute, RolesAttribute: s.RolesAttribute, PrivilegesAttribute: s.PrivilegesAttribute,
		LevelAttribute: s.LevelAttribute, OperatorRoles: s.OperatorRoles, SecretariatRoles: s.SecretariatRoles,
	})
	if err != nil {
		return nil, fmt.Errorf("sign_in.saml: %w", err)
	}
	return p, nil
}
