// Package samltest is a small SAML 2.0 identity provider for tests: it signs what the test
// says, and can be told to lie.
//
// Deliberately missing: a page to sign in on. Whoever is sent here is the person the test
// has set, at once.
//
// What surprises: a request must be signed by the service whose certificate the test has
// named, or the provider does not answer.
package samltest

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // RSA-OAEP as XML Encryption names it first
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"html"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// Pair is a key with its certificate.
type Pair struct {
	Key  *rsa.PrivateKey
	Cert *x509.Certificate
}

// NewPair makes a key and a certificate that signs itself.
func NewPair(t testing.TB) Pair {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return Pair{key, cert}
}

// Files writes the pair as PEM and returns the paths.
func (p Pair) Files(t testing.TB) (certificate, key string) {
	t.Helper()
	dir := t.TempDir()
	certificate, key = filepath.Join(dir, "sp.pem"), filepath.Join(dir, "sp.key")
	for path, block := range map[string]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: p.Cert.Raw},
		key: {Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(p.Key)}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certificate, key
}

// Answer is what the provider says. Zero values are what is right.
type Answer struct {
	ID, Request, Destination, Recipient, Audience, Issuer, Status string
	NameID, Format, Level, Method                                 string
	Attributes                                                    map[string][]string
	Issued, From, Until                                           time.Time
	// Sign says what is signed: "assertion" ("" is that), "response", "both", "nothing".
	Sign     string
	Pair     Pair   // signs in place of the provider's
	Digest   string // another method of signing
	Encrypt  *x509.Certificate
	Before   func(assertion *etree.Element) // changes it before it is signed
	After    func(doc *etree.Document)      // and the whole afterwards
	WithText func(xml string) string        // and its very bytes
}

// Provider is a running provider.
type Provider struct {
	EntityID string
	Metadata string // path of its metadata
	Own      Pair

	t       testing.TB
	service *x509.Certificate
	entity  string
	acs     string

	mu   sync.Mutex
	says Answer
	n    int
}

// Start starts a provider for a service, which has the certificate, the entity ID and the
// address answers are posted to.
func Start(t testing.TB, service *x509.Certificate, entity, acs string) *Provider {
	t.Helper()
	p := &Provider{t: t, Own: NewPair(t), service: service, entity: entity, acs: acs}
	server := httptest.NewServer(http.HandlerFunc(p.signIn))
	t.Cleanup(server.Close)
	p.EntityID = server.URL + "/metadata"
	p.Metadata = filepath.Join(t.TempDir(), "idp.xml")
	p.Write(fmt.Sprintf(`<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="%s"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">`+
		`<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>%s</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`+
		`<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="%s/sso"/></IDPSSODescriptor></EntityDescriptor>`,
		p.EntityID, base64.StdEncoding.EncodeToString(p.Own.Cert.Raw), server.URL))
	return p
}

// Write replaces the metadata.
func (p *Provider) Write(metadata string) {
	if err := os.WriteFile(p.Metadata, []byte(metadata), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// Says sets what is answered from now on.
func (p *Provider) Says(a Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.says = a
}

// signIn answers a signed request with a form that carries the answer.
func (p *Provider) signIn(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	signed, _, _ := strings.Cut(r.URL.RawQuery, "&Signature=")
	sum := sha256.Sum256([]byte(signed))
	signature, err := base64.StdEncoding.DecodeString(q.Get("Signature"))
	if err != nil || rsa.VerifyPKCS1v15(p.service.PublicKey.(*rsa.PublicKey), crypto.SHA256, sum[:], signature) != nil {
		http.Error(w, "the request is not signed by the service", http.StatusBadRequest)
		return
	}
	packed, err := base64.StdEncoding.DecodeString(q.Get("SAMLRequest"))
	if err != nil {
		http.Error(w, "no request", http.StatusBadRequest)
		return
	}
	request, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	doc := etree.NewDocument()
	if err != nil || doc.ReadFromBytes(request) != nil || doc.Root() == nil || doc.Root().SelectAttrValue("AssertionConsumerServiceURL", "") != p.acs {
		http.Error(w, "no request of this service", http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	a := p.says
	p.mu.Unlock()
	if a.Request == "" {
		a.Request = doc.Root().SelectAttrValue("ID", "")
	}
	fmt.Fprintf(w, `<!doctype html><html lang="da"><head><title>IdP</title></head><body><main><h1>IdP</h1><form method="post" action="%s">`+
		`<input type="hidden" name="SAMLResponse" value="%s"><button type="submit">OK</button></form></main></body></html>`, html.EscapeString(p.acs), p.Make(a))
}

// Make builds an answer, in base64.
func (p *Provider) Make(a Answer) string {
	p.t.Helper()
	p.mu.Lock()
	p.n++
	n := p.n
	p.mu.Unlock()
	now := time.Now()
	or := func(s, otherwise string) string {
		if s == "" {
			return otherwise
		}
		return s
	}
	stamp := func(t time.Time, otherwise time.Duration) string {
		if t.IsZero() {
			t = now.Add(otherwise)
		}
		return t.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	issuer := or(a.Issuer, p.EntityID)
	var attributes strings.Builder
	for name, values := range a.Attributes {
		fmt.Fprintf(&attributes, `<saml:Attribute Name="%s">`, html.EscapeString(name))
		for _, v := range values {
			fmt.Fprintf(&attributes, `<saml:AttributeValue>%s</saml:AttributeValue>`, html.EscapeString(v))
		}
		attributes.WriteString(`</saml:Attribute>`)
	}
	assertion := fmt.Sprintf(`<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="%s" Version="2.0" IssueInstant="%s"><saml:Issuer>%s</saml:Issuer>`+
		`<saml:Subject><saml:NameID Format="%s">%s</saml:NameID><saml:SubjectConfirmation Method="%s"><saml:SubjectConfirmationData InResponseTo="%s" Recipient="%s" NotOnOrAfter="%s"/></saml:SubjectConfirmation></saml:Subject>`+
		`<saml:Conditions NotBefore="%s" NotOnOrAfter="%s"><saml:AudienceRestriction><saml:Audience>%s</saml:Audience></saml:AudienceRestriction></saml:Conditions>`+
		`<saml:AuthnStatement AuthnInstant="%s"><saml:AuthnContext><saml:AuthnContextClassRef>%s</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`+
		`<saml:AttributeStatement>%s</saml:AttributeStatement></saml:Assertion>`,
		or(a.ID, fmt.Sprintf("a-%d-%s", n, rand.Text())), stamp(a.Issued, 0), issuer, or(a.Format, "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"), or(a.NameID, "s-1"),
		or(a.Method, "urn:oasis:names:tc:SAML:2.0:cm:bearer"), a.Request, or(a.Recipient, p.acs), stamp(a.Until, 5*time.Minute), stamp(a.From, 0), stamp(a.Until, 5*time.Minute),
		or(a.Audience, p.entity), stamp(a.Issued, 0), or(a.Level, "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"), attributes.String())
	el := p.parse(assertion)
	if a.Before != nil {
		a.Before(el)
	}
	if a.Sign == "" || a.Sign == "assertion" || a.Sign == "both" {
		el = p.sign(a, el)
	}
	response := p.parse(fmt.Sprintf(`<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="r-%d" Version="2.0" IssueInstant="%s" Destination="%s" InResponseTo="%s">`+
		`<saml:Issuer>%s</saml:Issuer><samlp:Status><samlp:StatusCode Value="%s"/></samlp:Status></samlp:Response>`,
		n, stamp(a.Issued, 0), or(a.Destination, p.acs), a.Request, issuer, or(a.Status, "urn:oasis:names:tc:SAML:2.0:status:Success")))
	if a.Encrypt != nil {
		el = p.encrypt(a.Encrypt, el)
	}
	response.AddChild(el)
	if a.Sign == "response" || a.Sign == "both" {
		response = p.sign(a, response)
	}
	doc := etree.NewDocument()
	doc.SetRoot(response)
	if a.After != nil {
		a.After(doc)
	}
	text, err := doc.WriteToString()
	if err != nil {
		p.t.Fatal(err)
	}
	if a.WithText != nil {
		text = a.WithText(text)
	}
	return base64.StdEncoding.EncodeToString([]byte(text))
}

func (p *Provider) parse(text string) *etree.Element {
	doc := etree.NewDocument()
	if err := doc.ReadFromString(text); err != nil {
		p.t.Fatal(err)
	}
	root := doc.Root()
	doc.RemoveChild(root)
	return root
}

func (p *Provider) sign(a Answer, el *etree.Element) *etree.Element {
	pair := p.Own
	if a.Pair.Key != nil {
		pair = a.Pair
	}
	ctx, err := dsig.NewSigningContext(pair.Key, [][]byte{pair.Cert.Raw})
	if err != nil {
		p.t.Fatal(err)
	}
	ctx.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	if a.Digest != "" {
		if err := ctx.SetSignatureMethod(a.Digest); err != nil {
			p.t.Fatal(err)
		}
	}
	signed, err := ctx.SignEnveloped(el)
	if err != nil {
		p.t.Fatal(err)
	}
	// The schema wants the signature after the issuer.
	last := len(signed.Child) - 1
	signature := signed.Child[last]
	signed.Child = signed.Child[:last] // it was put there without a parent
	signed.InsertChildAt(1, signature)
	return signed
}

// encrypt puts an assertion into an envelope of AES-256-GCM and RSA-OAEP.
func (p *Provider) encrypt(to *x509.Certificate, el *etree.Element) *etree.Element {
	doc := etree.NewDocument()
	doc.SetRoot(el)
	plain, err := doc.WriteToBytes()
	if err != nil {
		p.t.Fatal(err)
	}
	key := make([]byte, 32)
	rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		p.t.Fatal(err)
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		p.t.Fatal(err)
	}
	nonce := make([]byte, box.NonceSize())
	rand.Read(nonce)
	wrapped, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, to.PublicKey.(*rsa.PublicKey), key, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	b64 := base64.StdEncoding.EncodeToString
	return p.parse(fmt.Sprintf(`<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element">`+
		`<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey>`+
		`<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"><ds:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/></xenc:EncryptionMethod>`+
		`<xenc:CipherData><xenc:CipherValue>%s</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>%s</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>`,
		b64(wrapped), b64(box.Seal(nonce, nonce, plain, nil))))
}

// SignIn goes where a service sends the browser and returns the answer it is to post.
func (p *Provider) SignIn(address string) (string, error) {
	answer, err := http.Get(address)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the provider says %s: %s %w", answer.Status, page, err)
	}
	_, rest, _ := strings.Cut(string(page), `name="SAMLResponse" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value, nil
}

// Query is what a service asks with, unpacked.
func Query(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := base64.StdEncoding.DecodeString(u.Query().Get("SAMLRequest"))
	if err != nil {
		t.Fatal(err)
	}
	request, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		t.Fatal(err)
	}
	return string(request)
}
