package config

import (
	"net"
	"net/url"
	"reflect"
	"strings"
)

// SignIn says who is let in besides local accounts.
type SignIn struct {
	// Address is where browsers reach the workbench, without a path: an identity
	// provider sends them back to it.
	Address string `yaml:"address"`
	// NoLocal takes the form for login and password away; the provider is the only way in.
	NoLocal bool `yaml:"no_local_accounts"`
	OIDC    OIDC `yaml:"oidc"`
}

// OIDC is an identity provider that is asked by OpenID Connect.
type OIDC struct {
	Name             string   `yaml:"name"` // as people know it, on the button
	Issuer           string   `yaml:"issuer"`
	ClientID         string   `yaml:"client_id"`
	ClientSecretFile string   `yaml:"client_secret_file"`
	CAFile           string   `yaml:"ca_file"`
	Scopes           []string `yaml:"scopes"`
	Levels           []string `yaml:"levels"` // values of acr that suffice; none: any
	NameClaim        string   `yaml:"name_claim"`
	TitleClaim       string   `yaml:"title_claim"`
	UnitsClaim       string   `yaml:"units_claim"`
	RolesClaim       string   `yaml:"roles_claim"`
	OperatorRoles    []string `yaml:"operator_roles"`
	SecretariatRoles []string `yaml:"secretariat_roles"`
}

// On tells that there is such a provider.
func (o OIDC) On() bool { return o.Issuer != "" }

func (s *SignIn) defaults() {
	if !s.OIDC.On() {
		return
	}
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	s.Address = strings.TrimSuffix(s.Address, "/")
	set(&s.OIDC.NameClaim, "name")
	set(&s.OIDC.UnitsClaim, "units")
	set(&s.OIDC.RolesClaim, "roles")
	if s.OIDC.Scopes == nil {
		s.OIDC.Scopes = []string{"profile"}
	}
}

// checkSignIn holds the ways to sign in against each other.
func (c *Config) checkSignIn(fault func(path, format string, args ...any) error) error {
	s, o := c.SignIn, c.SignIn.OIDC
	if !o.On() {
		switch {
		case !reflect.ValueOf(o).IsZero():
			return fault("$.sign_in.oidc", "oidc needs issuer, the address the identity provider names itself by")
		case s.NoLocal:
			return fault("$.sign_in.no_local_accounts", "without local accounts and without oidc nobody could sign in")
		case s.Address != "":
			return fault("$.sign_in.address", "address is for an identity provider; there is none")
		}
		return nil
	}
	ours, err := url.Parse(s.Address)
	switch {
	case s.Address == "":
		return fault("$.sign_in", "sign_in needs address, where browsers reach the workbench, like \"https://brevdue.example\"")
	case err != nil || !safeWeb(ours) || ours.Path != "" || ours.RawQuery != "" || ours.Fragment != "":
		return fault("$.sign_in.address", "address is like \"https://brevdue.example\", without a path")
	case ours.Scheme == "https" && !c.SecureCookies:
		return fault("$.sign_in.address", "browsers come over https: set secure_cookies: true")
	case ours.Scheme == "http" && c.SecureCookies:
		return fault("$.sign_in.address", "secure_cookies is true: address must begin with https")
	}
	issuer, err := url.Parse(o.Issuer)
	switch {
	case err != nil || !safeWeb(issuer) || issuer.RawQuery != "" || issuer.Fragment != "":
		return fault("$.sign_in.oidc.issuer", "issuer is an address like \"https://login.example/realms/kommune\"")
	case o.Name == "":
		return fault("$.sign_in.oidc", "oidc needs name, what people call the identity provider; it stands on the button")
	case o.ClientID == "":
		return fault("$.sign_in.oidc", "oidc needs client_id")
	}
	return nil
}

// safeWeb tells that what goes to an address can be read by nobody on the way: https, or
// this machine.
func safeWeb(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	here := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	return u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && here)
}
