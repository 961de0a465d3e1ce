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
	SAML    SAML `yaml:"saml"`
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

// SAML is an identity provider that is asked by SAML 2.0. Paths are of files.
type SAML struct {
	Name                string   `yaml:"name"`
	MetadataFile        string   `yaml:"metadata_file"`
	EntityID            string   `yaml:"entity_id"` // ours
	KeyFile             string   `yaml:"key_file"`
	CertificateFile     string   `yaml:"certificate_file"`
	Levels              []string `yaml:"levels"` // that suffice; the first is asked for; none: any
	SubjectAttribute    string   `yaml:"subject_attribute"`
	NameAttribute       string   `yaml:"name_attribute"`
	TitleAttribute      string   `yaml:"title_attribute"`
	UnitsAttribute      string   `yaml:"units_attribute"`
	RolesAttribute      string   `yaml:"roles_attribute"`
	PrivilegesAttribute string   `yaml:"privileges_attribute"`
	LevelAttribute      string   `yaml:"level_attribute"`
	OperatorRoles       []string `yaml:"operator_roles"`
	SecretariatRoles    []string `yaml:"secretariat_roles"`
}

// On tells that there is such a provider.
func (s SAML) On() bool { return s.MetadataFile != "" }

func (s *SignIn) defaults() {
	if !s.OIDC.On() && !s.SAML.On() {
		return
	}
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	s.Address = strings.TrimSuffix(s.Address, "/")
	if s.SAML.On() {
		set(&s.SAML.EntityID, s.Address+"/log-ind/saml/metadata")
		set(&s.SAML.NameAttribute, "https://data.gov.dk/model/core/eid/fullName")
		set(&s.SAML.UnitsAttribute, "units")
		set(&s.SAML.RolesAttribute, "roles")
		set(&s.SAML.PrivilegesAttribute, "https://data.gov.dk/model/core/eid/privilegesIntermediate")
		set(&s.SAML.LevelAttribute, "https://data.gov.dk/concept/core/nsis/loa")
		return
	}
	set(&s.OIDC.NameClaim, "name")
	set(&s.OIDC.UnitsClaim, "units")
	set(&s.OIDC.RolesClaim, "roles")
	if s.OIDC.Scopes == nil {
		s.OIDC.Scopes = []string{"profile"}
	}
}

// checkSignIn holds the ways to sign in against each other.
func (c *Config) checkSignIn(fault func(path, format string, args ...any) error) error {
	s, o, m := c.SignIn, c.SignIn.OIDC, c.SignIn.SAML
	switch {
	case !o.On() && !reflect.ValueOf(o).IsZero():
		return fault("$.sign_in.oidc", "oidc needs issuer, the address the identity provider names itself by")
	case !m.On() && !reflect.ValueOf(m).IsZero():
		return fault("$.sign_in.saml", "saml needs metadata_file, what the identity provider says of itself")
	case o.On() && m.On():
		return fault("$.sign_in.saml", "people sign in by oidc or by saml, not by both")
	}
	if !o.On() && !m.On() {
		switch {
		case s.NoLocal:
			return fault("$.sign_in.no_local_accounts", "without local accounts and without oidc or saml nobody could sign in")
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
	if m.On() {
		switch {
		case m.Name == "":
			return fault("$.sign_in.saml", "saml needs name, what people call the identity provider; it stands on the button")
		case m.KeyFile == "" || m.CertificateFile == "":
			return fault("$.sign_in.saml", "saml needs key_file and certificate_file: requests are signed, and answers may be encrypted")
		}
		return nil
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
