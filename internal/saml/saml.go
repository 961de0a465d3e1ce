// Package saml asks an organisation's own identity provider who somebody is, by SAML 2.0:
// a signed request by redirect, the answer by POST.
//
// Specification: SAML 2.0 core, bindings and profiles (web browser SSO); the habits of
// OIOSAML (NSIS levels, the basic privilege profile); decision 14.
//
// Deliberately missing: sign-in that begins at the provider, artifacts, single logout;
// sessions, accounts and what may be used once (package auth), and cookies (package web).
//
// What surprises: crewjam/saml reads and verifies, and accepts more than we do. What it
// lets pass is judged again here: one assertion at its one place in the document, no
// identifier twice, no SHA-1, somebody who is confirmed as the bearer, an audience, and a
// minute of tolerance instead of three. It asks the clock of the machine itself; ours are
// the stricter limits, by the time that is passed in.
package saml

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	crewjam "github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"

	"brevdue/internal/auth"
)

// Skew is how far the provider's clock may differ from ours.
const Skew = time.Minute

// Config says which provider is asked and what its attributes mean.
type Config struct {
	Name            string // as people know it, on the button
	MetadataFile    string // the provider's, read at each sign-in: its certificates change
	EntityID        string // ours
	Metadata        string // our address of the metadata
	Callback        string // our address the answer is posted to
	KeyFile         string // PEM, ours: signs requests and opens encrypted answers; RSA
	CertificateFile string // PEM, of that key
	Levels          []string

	// Names of attributes. SubjectAttribute empty: the NameID, which must be lasting.
	SubjectAttribute, NameAttribute, TitleAttribute, UnitsAttribute, RolesAttribute string
	// PrivilegesAttribute holds privileges as OIOSAML has them; LevelAttribute a level
	// beside the class of the sign-in.
	PrivilegesAttribute, LevelAttribute string
	OperatorRoles, SecretariatRoles     []string
}

// Provider is the identity provider. Its methods may be called by many at once.
type Provider struct{ cfg Config }

// New returns a provider, after a look at its files, so that a wrong one is told when the
// program starts.
func New(c Config) (*Provider, error) {
	p := &Provider{cfg: c}
	if _, err := p.service(); err != nil {
		return nil, err
	}
	return p, nil
}

// Name is what people call the provider.
func (p *Provider) Name() string { return p.cfg.Name }

// service is ourselves to the provider, as the files say now.
func (p *Provider) service() (*crewjam.ServiceProvider, error) {
	content, err := os.ReadFile(p.cfg.MetadataFile)
	if err != nil {
		return nil, fmt.Errorf("metadata_file: %w", err)
	}
	theirs, err := described(content)
	if err != nil {
		return nil, fmt.Errorf("metadata_file: %s is not the metadata of a SAML 2.0 identity provider: %w", p.cfg.MetadataFile, err)
	}
	pair, err := tls.LoadX509KeyPair(p.cfg.CertificateFile, p.cfg.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("key_file and certificate_file: %w", err)
	}
	key, isRSA := pair.PrivateKey.(interface {
		Size() int
	})
	if !isRSA || key.Size() < 256 {
		return nil, errors.New("key_file: the key must be RSA with 2048 bits or more; others cannot open what the provider encrypts")
	}
	s := &crewjam.ServiceProvider{EntityID: p.cfg.EntityID, Certificate: pair.Leaf, IDPMetadata: theirs, SignatureMethod: dsig.RSASHA256SignatureMethod,
		AuthnNameIDFormat: crewjam.PersistentNameIDFormat, SignatureVerifier: strict{}, ValidateAudienceRestriction: p.meantForUs}
	s.Key = pair.PrivateKey.(signer)
	if p.cfg.SubjectAttribute != "" {
		s.AuthnNameIDFormat = crewjam.UnspecifiedNameIDFormat
	}
	if len(p.cfg.Levels) > 0 {
		s.RequestedAuthnContext = &crewjam.RequestedAuthnContext{Comparison: "minimum", AuthnContextClassRef: p.cfg.Levels[0]}
	}
	for address, into := range map[string]*url.URL{p.cfg.Metadata: &s.MetadataURL, p.cfg.Callback: &s.AcsURL} {
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		*into = *u
	}
	if s.GetSSOBindingLocation(crewjam.HTTPRedirectBinding) == "" {
		return nil, errors.New("metadata_file: the identity provider has no place to sign in at by redirect (HTTP-Redirect)")
	}
	if _, err := signing(theirs); err != nil {
		return nil, fmt.Errorf("metadata_file: %w", err)
	}
	return s, nil
}

// described reads a provider's metadata, which may stand among those of others.
func described(content []byte) (*crewjam.EntityDescriptor, error) {
	var all crewjam.EntitiesDescriptor
	if xml.Unmarshal(content, &all) != nil {
		var one crewjam.EntityDescriptor
		if err := xml.Unmarshal(content, &one); err != nil {
			return nil, err
		}
		all.EntityDescriptors = []crewjam.EntityDescriptor{one}
	}
	for _, e := range all.EntityDescriptors {
		if len(e.IDPSSODescriptors) > 0 && e.EntityID != "" {
			return &e, nil
		}
	}
	return nil, errors.New("it names no identity provider (IDPSSODescriptor)")
}

// signing are the certificates a provider signs with.
func signing(e *crewjam.EntityDescriptor) (out []*x509.Certificate, err error) {
	for _, d := range e.IDPSSODescriptors {
		for _, k := range d.KeyDescriptors {
			for _, c := range k.KeyInfo.X509Data.X509Certificates {
				if k.Use != "" && k.Use != "signing" {
					continue
				}
				der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(c.Data), ""))
				if err != nil {
					return nil, errors.New("a certificate is not in base64")
				}
				cert, err := x509.ParseCertificate(der)
				if err != nil {
					return nil, errors.New("a certificate cannot be read")
				}
				out = append(out, cert)
			}
		}
	}
	if len(out) == 0 {
		return nil, errors.New("there is no certificate the identity provider signs with")
	}
	return out, nil
}

// Describe returns our metadata, for the provider.
func (p *Provider) Describe() ([]byte, error) {
	s, err := p.service()
	if err != nil {
		return nil, err
	}
	m := s.Metadata()
	for i := range m.SPSSODescriptors {
		d := &m.SPSSODescriptors[i]
		d.AssertionConsumerServices = d.AssertionConsumerServices[:1] // POST; we take no artifacts
		d.KeyDescriptors[0].EncryptionMethods = []crewjam.EncryptionMethod{{Algorithm: aes256GCM}, {Algorithm: "http://www.w3.org/2009/xmlenc11#aes128-gcm"},
			{Algorithm: "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"}}
	}
	out, err := xml.MarshalIndent(m, "", "  ")
	return append([]byte(xml.Header), out...), err
}

// Begin begins a sign-in: address is where the browser goes, request what the answer must
// be to.
func (p *Provider) Begin() (address, request string, err error) {
	s, err := p.service()
	if err != nil {
		return "", "", err
	}
	ask, err := s.MakeAuthenticationRequest(s.GetSSOBindingLocation(crewjam.HTTPRedirectBinding), crewjam.HTTPRedirectBinding, crewjam.HTTPPostBinding)
	if err != nil {
		return "", "", fmt.Errorf("ask the identity provider: %w", err)
	}
	to, err := ask.Redirect("", s)
	if err != nil {
		return "", "", fmt.Errorf("ask the identity provider: %w", err)
	}
	return to.String(), ask.ID, nil
}

// Finish takes the answer that was posted, in base64, and returns who it is. Errors: an
// [auth.Refusal], or one about our own files.
func (p *Provider) Finish(request, answer string, now time.Time) (id auth.Identity, err error) {
	s, err := p.service()
	if err != nil {
		return id, err
	}
	content, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(answer), ""))
	if err != nil {
		return id, auth.RefusedMalformed
	}
	if request == "" {
		return id, auth.RefusedState
	}
	if err := wellBuilt(content); err != nil {
		return id, err
	}
	a, err := read(s, content, request)
	if err != nil {
		return id, err
	}
	if err := fits(a, request, now); err != nil {
		return id, err
	}
	return p.identity(a, s.IDPMetadata.EntityID)
}

// read lets the library read and verify. It reaches for parts that an assertion should
// have; one that lacks them is refused like any other.
func read(s *crewjam.ServiceProvider, content []byte, request string) (a *crewjam.Assertion, err error) {
	defer func() {
		if recover() != nil {
			a, err = nil, auth.RefusedMalformed
		}
	}()
	a, err = s.ParseXMLResponse(content, []string{request}, s.AcsURL)
	if err != nil {
		return nil, reason(err)
	}
	return a, nil
}

// reason gives an error of the library the name of a refusal. What it says else may hold
// anything.
func reason(err error) auth.Refusal {
	var in *crewjam.InvalidResponseError
	if !errors.As(err, &in) {
		return auth.RefusedMalformed
	}
	var ours auth.Refusal
	var status crewjam.ErrBadStatus
	if errors.As(in.PrivateErr, &ours) {
		return ours
	}
	if errors.As(in.PrivateErr, &status) {
		return auth.RefusedDenied
	}
	for _, r := range []struct {
		says string
		why  auth.Refusal
	}{
		{"signature", auth.RefusedSignature}, {"InResponseTo", auth.RefusedState}, {"request IDs", auth.RefusedState}, {"Destination", auth.RefusedAudience},
		{"Recipient", auth.RefusedAudience}, {"ssuer", auth.RefusedIssuer}, {"not yet valid", auth.RefusedFuture}, {"expired", auth.RefusedExpired}, {"decrypt", auth.RefusedMalformed},
	} {
		if strings.Contains(in.PrivateErr.Error(), r.says) {
			return r.why
		}
	}
	return auth.RefusedMalformed
}

// meantForUs wants an audience, which the library does not.
func (p *Provider) meantForUs(a *crewjam.Assertion) error {
	if len(a.Conditions.AudienceRestrictions) == 0 {
		return auth.RefusedAudience
	}
	for _, r := range a.Conditions.AudienceRestrictions {
		if r.Audience.Value != p.cfg.EntityID {
			return auth.RefusedAudience
		}
	}
	return nil
}

// fits judges what the library lets pass: times by our clock, and the bearer.
func fits(a *crewjam.Assertion, request string, now time.Time) error {
	confirmed := false
	for _, c := range a.Subject.SubjectConfirmations {
		d := c.SubjectConfirmationData
		switch {
		case d.NotOnOrAfter.IsZero():
			return auth.RefusedMalformed
		case !now.Before(d.NotOnOrAfter.Add(Skew)):
			return auth.RefusedExpired
		case d.NotBefore.After(now.Add(Skew)):
			return auth.RefusedFuture
		}
		confirmed = confirmed || c.Method == "urn:oasis:names:tc:SAML:2.0:cm:bearer" && d.InResponseTo == request
	}
	switch {
	case a.ID == "" || !confirmed:
		return auth.RefusedMalformed
	case a.IssueInstant.After(now.Add(Skew)), a.Conditions.NotBefore.After(now.Add(Skew)):
		return auth.RefusedFuture
	case !a.Conditions.NotOnOrAfter.IsZero() && !now.Before(a.Conditions.NotOnOrAfter.Add(Skew)):
		return auth.RefusedExpired
	}
	return nil
}

// identity is who an assertion is about, with what he may.
func (p *Provider) identity(a *crewjam.Assertion, issuer string) (auth.Identity, error) {
	id := auth.Identity{Issuer: issuer, Once: "assertion:" + issuer + " " + a.ID, Until: a.Subject.SubjectConfirmations[0].SubjectConfirmationData.NotOnOrAfter.Add(2 * Skew)}
	attributes := map[string][]string{}
	for _, s := range a.AttributeStatements {
		for _, at := range s.Attributes {
			for _, v := range at.Values {
				attributes[at.Name] = append(attributes[at.Name], strings.TrimSpace(v.Value))
			}
		}
	}
	first := func(name string) string {
		if name == "" || len(attributes[name]) == 0 {
			return ""
		}
		return attributes[name][0]
	}
	id.Subject, id.Name, id.Title = first(p.cfg.SubjectAttribute), first(p.cfg.NameAttribute), first(p.cfg.TitleAttribute)
	if n := a.Subject.NameID; p.cfg.SubjectAttribute == "" && n != nil && n.Format != string(crewjam.TransientNameIDFormat) {
		id.Subject = n.Value
	}
	if id.Subject == "" {
		return auth.Identity{}, auth.RefusedSubject
	}
	levels := attributes[p.cfg.LevelAttribute]
	for _, s := range a.AuthnStatements {
		if c := s.AuthnContext.AuthnContextClassRef; c != nil {
			levels = append(levels, c.Value)
		}
	}
	if len(p.cfg.Levels) > 0 && !slices.ContainsFunc(levels, func(l string) bool { return slices.Contains(p.cfg.Levels, l) }) {
		return auth.Identity{}, auth.RefusedLevel
	}
	for _, v := range attributes[p.cfg.UnitsAttribute] {
		id.Units = append(id.Units, auth.Locations(v)...)
	}
	roles := slices.Clone(attributes[p.cfg.RolesAttribute])
	for _, v := range attributes[p.cfg.PrivilegesAttribute] {
		more, units := privileges(v)
		roles, id.Units = append(roles, more...), append(id.Units, units...)
	}
	for _, role := range roles {
		id.Operator = id.Operator || slices.Contains(p.cfg.OperatorRoles, role)
		id.Secretariat = id.Secretariat || slices.Contains(p.cfg.SecretariatRoles, role)
	}
	return id, nil
}

// privileges reads a list of privileges as OIOSAML's basic privilege profile has it, in
// base64: its roles, and the location numbers in the constraints that say lokationsnummer.
func privileges(value string) (roles, units []string) {
	content, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value), ""))
	if err != nil {
		return nil, nil
	}
	var list struct {
		Groups []struct {
			Privileges  []string `xml:"Privilege"`
			Constraints []struct {
				Name  string `xml:",attr"`
				Value string `xml:",chardata"`
			} `xml:"Constraint"`
		} `xml:"PrivilegeGroup"`
	}
	if xml.Unmarshal(content, &list) != nil {
		return nil, nil
	}
	for _, g := range list.Groups {
		for _, v := range g.Privileges {
			roles = append(roles, strings.TrimSpace(v))
		}
		for _, c := range g.Constraints {
			if strings.Contains(strings.ToLower(c.Name), "lokationsnummer") {
				units = append(units, auth.Locations(c.Value)...)
			}
		}
	}
	return roles, units
}
