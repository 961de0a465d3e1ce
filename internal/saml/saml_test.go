package saml_test

import (
	"encoding/base64"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"brevdue/internal/auth"
	"brevdue/internal/saml"
	"brevdue/internal/samltest"
)

const (
	entity = "https://brevdue.example/log-ind/saml/metadata"
	acs    = "https://brevdue.example/log-ind/saml"
)

type world struct {
	t    *testing.T
	own  samltest.Pair
	idp  *samltest.Provider
	conf saml.Config
	*saml.Provider
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, own: samltest.NewPair(t)}
	w.idp = samltest.Start(t, w.own.Cert, entity, acs)
	w.conf = saml.Config{Name: "Prøvekøbing Kommune", MetadataFile: w.idp.Metadata, EntityID: entity, Metadata: entity, Callback: acs,
		NameAttribute: "cn", TitleAttribute: "title", UnitsAttribute: "units", RolesAttribute: "roles",
		PrivilegesAttribute: "dk:gov:saml:attribute:Privileges_intermediate", LevelAttribute: "https://data.gov.dk/concept/core/nsis/loa", OperatorRoles: []string{"drift"}}
	w.conf.CertificateFile, w.conf.KeyFile = w.own.Files(t)
	w.open()
	return w
}

func (w *world) open() {
	w.t.Helper()
	var err error
	if w.Provider, err = saml.New(w.conf); err != nil {
		w.t.Fatal(err)
	}
}

// person is what the provider says of somebody.
func person() map[string][]string {
	return map[string][]string{"cn": {"Anne Kjær"}, "title": {"Sygeplejerske"}, "units": {"5790000000005", "http://sts.example/constraints/lokationsnummer/1/5790000120420"}, "roles": {"andet", "drift"}}
}

// signIn lets the provider say something and returns who that is.
func (w *world) signIn(a samltest.Answer) (auth.Identity, error) {
	w.t.Helper()
	if a.Attributes == nil {
		a.Attributes = person()
	}
	w.idp.Says(a)
	to, request, err := w.Begin()
	if err != nil {
		w.t.Fatal(err)
	}
	answer, err := w.idp.SignIn(to)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.Finish(request, answer, time.Now())
}

func (w *world) wantRefusal(err error, want auth.Refusal) {
	w.t.Helper()
	var got auth.Refusal
	if !errors.As(err, &got) || got != want {
		w.t.Errorf("got %v, want the refusal %q", err, want)
	}
}

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	seen := map[string]bool{}
	for name, a := range map[string]samltest.Answer{
		"assertion signed": {}, "response signed": {Sign: "response"}, "both signed": {Sign: "both"},
		"encrypted": {Encrypt: w.own.Cert}, "encrypted, response signed": {Encrypt: w.own.Cert, Sign: "response"}, "encrypted, both signed": {Encrypt: w.own.Cert, Sign: "both"},
	} {
		id, err := w.signIn(a)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if id.Issuer != w.idp.EntityID || id.Subject != "s-1" || id.Name != "Anne Kjær" || id.Title != "Sygeplejerske" || !id.Operator || id.Secretariat ||
			!slices.Equal(id.Units, []string{"5790000000005", "5790000120420"}) {
			t.Errorf("%s: %+v", name, id)
		}
		if id.Once == "" || seen[id.Once] || !id.Until.After(time.Now()) {
			t.Errorf("%s: %q counts until %v", name, id.Once, id.Until)
		}
		seen[id.Once] = true
	}
}

// TestPrivileges: rights as OIOSAML and the municipalities' access control have them.
func TestPrivileges(t *testing.T) {
	w := newWorld(t)
	list := `<bpp:PrivilegeList xmlns:bpp="http://itst.dk/oiosaml/basic_privilege_profile"><PrivilegeGroup Scope="urn:dk:gov:saml:cvrNumberIdentifier:29189846">` +
		`<Constraint Name="http://sts.example/constraints/lokationsnummer/1">5790000000005,5790000120420</Constraint><Constraint Name="http://sts.example/constraints/KLE/1">27.*</Constraint>` +
		`<Privilege>drift</Privilege></PrivilegeGroup></bpp:PrivilegeList>`
	id, err := w.signIn(samltest.Answer{Attributes: map[string][]string{"cn": {"Anne"}, w.conf.PrivilegesAttribute: {base64.StdEncoding.EncodeToString([]byte(list))}}})
	if err != nil || !id.Operator || !slices.Equal(id.Units, []string{"5790000000005", "5790000120420"}) {
		t.Errorf("%+v, %v", id, err)
	}
	for _, odd := range []string{"vrøvl", base64.StdEncoding.EncodeToString([]byte("<a")), ""} {
		id, err := w.signIn(samltest.Answer{Attributes: map[string][]string{"cn": {"Anne"}, w.conf.PrivilegesAttribute: {odd}}})
		if err != nil || id.Operator || len(id.Units) > 0 {
			t.Errorf("%q: %+v, %v", odd, id, err)
		}
	}
}

// TestAnswersAreRefused: F71, each by its own name.
func TestAnswersAreRefused(t *testing.T) {
	w := newWorld(t)
	other := samltest.NewPair(t)
	now := time.Now()
	remove := func(path string) func(*etree.Element) {
		return func(a *etree.Element) {
			e := a.FindElement(path)
			e.Parent().RemoveChild(e)
		}
	}
	for _, c := range []struct {
		name string
		says samltest.Answer
		want auth.Refusal
	}{
		{"not signed", samltest.Answer{Sign: "nothing"}, auth.RefusedSignature},
		{"not signed, encrypted", samltest.Answer{Sign: "nothing", Encrypt: w.own.Cert}, auth.RefusedSignature},
		{"signed by another", samltest.Answer{Pair: other}, auth.RefusedSignature},
		{"answer signed by another", samltest.Answer{Pair: other, Sign: "response"}, auth.RefusedSignature},
		{"signed by another, encrypted", samltest.Answer{Pair: other, Encrypt: w.own.Cert}, auth.RefusedSignature},
		{"signed with SHA-1", samltest.Answer{Digest: dsig.RSASHA1SignatureMethod}, auth.RefusedSignature},
		{"encrypted with SHA-1 inside", samltest.Answer{Digest: dsig.RSASHA1SignatureMethod, Encrypt: w.own.Cert}, auth.RefusedSignature},
		{"encrypted for another", samltest.Answer{Encrypt: other.Cert}, auth.RefusedMalformed},
		{"changed afterwards", samltest.Answer{After: func(d *etree.Document) { d.FindElement("//NameID").SetText("s-2") }}, auth.RefusedSignature},
		{"an attribute changed", samltest.Answer{After: func(d *etree.Document) { d.FindElement("//AttributeValue").SetText("drift") }}, auth.RefusedSignature},
		{"another audience", samltest.Answer{Audience: "https://journal.example"}, auth.RefusedAudience},
		{"no audience", samltest.Answer{Before: remove("./Conditions/AudienceRestriction")}, auth.RefusedAudience},
		{"no conditions", samltest.Answer{Before: remove("./Conditions")}, auth.RefusedMalformed},
		{"no subject", samltest.Answer{Before: remove("./Subject")}, auth.RefusedMalformed},
		{"nobody confirmed", samltest.Answer{Before: remove("./Subject/SubjectConfirmation")}, auth.RefusedMalformed},
		{"confirmed without data", samltest.Answer{Before: remove("./Subject/SubjectConfirmation/SubjectConfirmationData")}, auth.RefusedMalformed},
		{"not the bearer", samltest.Answer{Method: "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"}, auth.RefusedMalformed},
		{"another recipient", samltest.Answer{Recipient: "https://ond.example/log-ind/saml"}, auth.RefusedAudience},
		{"another destination", samltest.Answer{Destination: "https://ond.example/log-ind/saml"}, auth.RefusedAudience},
		{"another issuer", samltest.Answer{Issuer: "https://ond.example"}, auth.RefusedIssuer},
		{"to another request", samltest.Answer{Request: "id-x"}, auth.RefusedState},
		{"expired", samltest.Answer{Until: now.Add(-saml.Skew - 5*time.Second)}, auth.RefusedExpired},
		{"not yet", samltest.Answer{From: now.Add(saml.Skew + 5*time.Second)}, auth.RefusedFuture},
		{"made tomorrow", samltest.Answer{Issued: now.Add(saml.Skew + 5*time.Second)}, auth.RefusedFuture},
		{"made long ago", samltest.Answer{Issued: now.Add(-5 * time.Minute)}, auth.RefusedExpired},
		{"the provider says no", samltest.Answer{Status: "urn:oasis:names:tc:SAML:2.0:status:Responder"}, auth.RefusedDenied},
		{"a name for the day", samltest.Answer{Format: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"}, auth.RefusedSubject},
		{"no name", samltest.Answer{Before: remove("./Subject/NameID")}, auth.RefusedSubject},
		{"an identifier twice", samltest.Answer{After: func(d *etree.Document) {
			d.FindElement("//Status").CreateAttr("ID", d.FindElement("//Assertion").SelectAttrValue("ID", ""))
		}}, auth.RefusedWrapped},
		{"with a document type", samltest.Answer{WithText: func(x string) string { return `<!DOCTYPE r [<!ENTITY a "b">]>` + x }}, auth.RefusedMalformed},
		{"not an answer", samltest.Answer{WithText: func(string) string { return "<a/>" }}, auth.RefusedMalformed},
		{"no XML", samltest.Answer{WithText: func(string) string { return "vrøvl" }}, auth.RefusedMalformed},
		{"nothing", samltest.Answer{WithText: func(string) string { return "" }}, auth.RefusedMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			_, err := w.signIn(c.says)
			w.wantRefusal(err, c.want)
			if err != nil && (strings.Contains(err.Error(), "Anne") || strings.Contains(err.Error(), "s-1")) {
				t.Errorf("the error tells who: %v", err)
			}
		})
	}
	_, err := w.Finish("id-1", "%", now)
	w.wantRefusal(err, auth.RefusedMalformed)
	_, err = w.Finish("", w.idp.Make(samltest.Answer{Attributes: person()}), now)
	w.wantRefusal(err, auth.RefusedState)
}

// TestSkew: a minute is forgiven by our clock.
func TestSkew(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	for _, a := range []samltest.Answer{{Until: now.Add(-saml.Skew + 20*time.Second)}, {From: now.Add(saml.Skew - 20*time.Second)}, {Issued: now.Add(saml.Skew - 20*time.Second)}} {
		if _, err := w.signIn(a); err != nil {
			t.Error(err)
		}
	}
	answer := w.idp.Make(samltest.Answer{Request: "id-1", Attributes: person()})
	for after, want := range map[time.Duration]auth.Refusal{5*time.Minute + saml.Skew + time.Second: auth.RefusedExpired, -saml.Skew - 5*time.Second: auth.RefusedFuture} {
		_, err := w.Finish("id-1", answer, now.Add(after))
		w.wantRefusal(err, want)
	}
}

// TestWrapping: what was signed is moved out of the way and a forged assertion put in its
// place, in the ways that are known for that.
func TestWrapping(t *testing.T) {
	w := newWorld(t)
	// evil is a copy of the signed assertion that says something else, without a signature.
	evil := func(signed *etree.Element) *etree.Element {
		e := signed.Copy()
		if s := e.FindElement("./Signature"); s != nil {
			e.RemoveChild(s)
		}
		e.CreateAttr("ID", "evil")
		e.FindElement(".//NameID").SetText("s-2")
		return e
	}
	with := func(e *etree.Element, kids ...etree.Token) *etree.Element {
		for _, k := range kids {
			e.AddChild(k)
		}
		return e
	}
	part := func(e *etree.Element, path string) *etree.Element { return e.FindElement(path) }
	for name, after := range map[string]func(d *etree.Document){
		"forged first": func(d *etree.Document) {
			a := part(d.Root(), "./Assertion")
			d.Root().InsertChildAt(a.Index(), evil(a))
		},
		"forged last": func(d *etree.Document) { d.Root().AddChild(evil(part(d.Root(), "./Assertion"))) },
		"signed within the forged": func(d *etree.Document) {
			a := part(d.Root(), "./Assertion")
			e := evil(a)
			d.Root().RemoveChild(a)
			d.Root().AddChild(with(e, a))
		},
		"forged with the signature, signed within its object": func(d *etree.Document) {
			a := part(d.Root(), "./Assertion")
			s := part(a, "./Signature")
			e := evil(a)
			d.Root().RemoveChild(a)
			a.RemoveChild(s)
			s.AddChild(with(etree.NewElement("ds:Object"), a))
			e.InsertChildAt(1, s)
			d.Root().AddChild(e)
		},
		"signed in an extension": func(d *etree.Document) {
			a := part(d.Root(), "./Assertion")
			e := evil(a)
			d.Root().RemoveChild(a)
			d.Root().AddChild(with(etree.NewElement("samlp:Extensions"), a))
			d.Root().AddChild(e)
		},
		"signature moved to the forged": func(d *etree.Document) {
			a := part(d.Root(), "./Assertion")
			s := part(a, "./Signature")
			e := evil(a)
			a.RemoveChild(s)
			e.InsertChildAt(1, s)
			d.Root().AddChild(e)
		},
		"forged with the same identifier": func(d *etree.Document) {
			a := part(d.Root(), "./Assertion")
			e := evil(a)
			e.CreateAttr("ID", a.SelectAttrValue("ID", ""))
			d.Root().InsertChildAt(a.Index(), e)
		},
		"answer within an answer": func(d *etree.Document) {
			r := d.Root()
			e := evil(part(r, "./Assertion"))
			outer := r.Copy()
			outer.RemoveChild(part(outer, "./Assertion"))
			outer.CreateAttr("ID", "evil-r")
			d.RemoveChild(r)
			d.SetRoot(with(outer, r, e))
		},
		"only the signature is left": func(d *etree.Document) {
			a := part(d.Root(), "./Assertion")
			e := evil(a)
			e.InsertChildAt(1, part(a, "./Signature").Copy())
			d.Root().RemoveChild(a)
			d.Root().AddChild(e)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			id, err := w.signIn(samltest.Answer{After: after})
			if want := auth.RefusedWrapped; name == "only the signature is left" {
				w.wantRefusal(err, auth.RefusedSignature)
			} else {
				w.wantRefusal(err, want)
			}
			if id.Subject != "" {
				t.Errorf("somebody is in: %+v", id)
			}
		})
	}
	// The whole answer is signed, and the forged assertion put beside it, or into its place.
	for name, after := range map[string]func(d *etree.Document){
		"beside":  func(d *etree.Document) { d.Root().AddChild(evil(part(d.Root(), "./Assertion"))) },
		"instead": func(d *etree.Document) { part(d.Root(), "./Assertion/Subject/NameID").SetText("s-2") },
		"wrapped": func(d *etree.Document) {
			r := d.Root()
			outer := r.Copy()
			outer.CreateAttr("ID", "evil-r")
			part(outer, "./Assertion").CreateAttr("ID", "evil")
			part(outer, "./Assertion/Subject/NameID").SetText("s-2")
			d.RemoveChild(r)
			part(outer, "./Signature").AddChild(with(etree.NewElement("ds:Object"), r))
			d.SetRoot(outer)
		},
	} {
		w.t = t
		if id, err := w.signIn(samltest.Answer{Sign: "response", After: after}); err == nil || id.Subject != "" {
			t.Errorf("%s: %+v, %v", name, id, err)
		}
	}
	// Anybody can encrypt for us: what is within is judged as strictly.
	wrapped := samltest.Answer{Encrypt: w.own.Cert, Sign: "nothing", Before: func(a *etree.Element) {
		inner := etree.NewDocument()
		content, err := base64.StdEncoding.DecodeString(w.idp.Make(samltest.Answer{Request: "id-x", Attributes: person()}))
		if err != nil || inner.ReadFromBytes(content) != nil {
			t.Fatal("no signed assertion to wrap")
		}
		signed := part(inner.Root(), "./Assertion")
		signature := part(signed, "./Signature")
		signed.RemoveChild(signature)
		signature.AddChild(with(etree.NewElement("ds:Object"), signed))
		a.InsertChildAt(1, signature)
	}}
	_, err := w.signIn(wrapped)
	w.wantRefusal(err, auth.RefusedWrapped)
}

// TestComment: a comment that somebody puts into a signed name changes nothing of it.
func TestComment(t *testing.T) {
	w := newWorld(t)
	id, err := w.signIn(samltest.Answer{NameID: "s-1.ond", WithText: func(x string) string { return strings.Replace(x, ">s-1.ond<", ">s-1<!-- -->.ond<", 1) }})
	if err == nil && id.Subject != "s-1.ond" {
		t.Errorf("the name is read as %q", id.Subject)
	}
}

// TestLevel: by the class of the sign-in or by NSIS; less than is asked for stays out.
func TestLevel(t *testing.T) {
	w := newWorld(t)
	w.conf.Levels = []string{"https://data.gov.dk/concept/core/nsis/loa/Substantial", "Substantial", "High"}
	w.open()
	to, _, err := w.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if got := samltest.Query(t, to); !strings.Contains(got, `Comparison="minimum"`) || !strings.Contains(got, w.conf.Levels[0]) || !strings.Contains(got, "nameid-format:persistent") {
		t.Errorf("asked with %s", got)
	}
	_, err = w.signIn(samltest.Answer{})
	w.wantRefusal(err, auth.RefusedLevel)
	if _, err := w.signIn(samltest.Answer{Level: w.conf.Levels[0]}); err != nil {
		t.Error(err)
	}
	high := person()
	high[w.conf.LevelAttribute] = []string{"High"}
	if _, err := w.signIn(samltest.Answer{Attributes: high}); err != nil {
		t.Error(err)
	}
}

// TestSubjectAttribute: where the NameID is another each day.
func TestSubjectAttribute(t *testing.T) {
	w := newWorld(t)
	w.conf.SubjectAttribute = "uuid"
	w.open()
	who := person()
	who["uuid"] = []string{"u-1"}
	id, err := w.signIn(samltest.Answer{Attributes: who, Format: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"})
	if err != nil || id.Subject != "u-1" {
		t.Errorf("%+v, %v", id, err)
	}
	_, err = w.signIn(samltest.Answer{})
	w.wantRefusal(err, auth.RefusedSubject)
}

// TestFiles: our metadata, and files that are wrong are told at the start.
func TestFiles(t *testing.T) {
	w := newWorld(t)
	data, err := w.Describe()
	if err != nil {
		t.Fatal(err)
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(data); err != nil {
		t.Fatal(err)
	}
	if got := doc.FindElement("//AssertionConsumerService").SelectAttrValue("Location", ""); got != acs || len(doc.FindElements("//AssertionConsumerService")) != 1 {
		t.Errorf("answers go to %q", got)
	}
	if got := doc.Root().SelectAttrValue("entityID", ""); got != entity || !strings.Contains(string(data), base64.StdEncoding.EncodeToString(w.own.Cert.Raw)) {
		t.Errorf("we are %q", got)
	}
	// The provider takes another certificate: its metadata is read at each sign-in.
	old, err := os.ReadFile(w.idp.Metadata)
	if err != nil {
		t.Fatal(err)
	}
	next := samltest.NewPair(t)
	b64 := base64.StdEncoding.EncodeToString
	w.idp.Write(strings.Replace(string(old), b64(w.idp.Own.Cert.Raw), b64(next.Cert.Raw), 1))
	_, err = w.signIn(samltest.Answer{})
	w.wantRefusal(err, auth.RefusedSignature)
	if _, err := w.signIn(samltest.Answer{Pair: next}); err != nil {
		t.Error(err)
	}
	// Among others.
	w.idp.Write(`<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">` + string(old) + `</EntitiesDescriptor>`)
	if _, err := w.signIn(samltest.Answer{}); err != nil {
		t.Error(err)
	}
	for says, text := range map[string]string{
		"is not the metadata": "vrøvl", "names no identity provider": `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="x"/>`,
		"no place to sign in": strings.Replace(string(old), "HTTP-Redirect", "SOAP", 1), "no certificate": strings.Replace(string(old), `use="signing"`, `use="encryption"`, 1),
		"not in base64": strings.Replace(string(old), b64(w.idp.Own.Cert.Raw), "%", 1), "cannot be read": strings.Replace(string(old), b64(w.idp.Own.Cert.Raw), "AAAA", 1),
	} {
		w.idp.Write(text)
		if _, err := saml.New(w.conf); err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "metadata_file: ") {
			t.Errorf("%s: %v", says, err)
		}
	}
	w.idp.Write(string(old))
	w.conf.KeyFile = w.conf.CertificateFile
	if _, err := saml.New(w.conf); err == nil || !strings.HasPrefix(err.Error(), "key_file and certificate_file: ") {
		t.Errorf("a key that is none: %v", err)
	}
	w.conf.MetadataFile = "nowhere"
	if _, err := saml.New(w.conf); err == nil || !strings.HasPrefix(err.Error(), "metadata_file: ") {
		t.Errorf("no metadata: %v", err)
	}
}
