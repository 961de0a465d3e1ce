package web_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	cdp "github.com/chromedp/chromedp"

	"brevdue/internal/saml"
	"brevdue/internal/samltest"
	"brevdue/internal/store"
	"brevdue/internal/web"
)

// withSAML is a world whose people sign in at an identity provider that speaks SAML. Its
// clock is the real one, which the library asks itself.
func withSAML(t *testing.T) (*world, *samltest.Provider) {
	t.Helper()
	w := newWorld(t)
	w.set(time.Now())
	own := samltest.NewPair(t)
	acs, entity := w.server.URL+web.PathSAML, w.server.URL+web.PathSAMLMetadata
	idp := samltest.Start(t, own.Cert, entity, acs)
	certificate, key := own.Files(t)
	provider, err := saml.New(saml.Config{Name: "Prøvekøbing Kommune", MetadataFile: idp.Metadata, EntityID: entity, Metadata: entity, Callback: acs, KeyFile: key, CertificateFile: certificate,
		NameAttribute: "cn", TitleAttribute: "title", UnitsAttribute: "units", RolesAttribute: "roles"})
	if err != nil {
		t.Fatal(err)
	}
	w.rebuild(func(c *web.Config) { c.SAML = provider })
	idp.Says(mette(string(clinic)))
	return w, idp
}

// mette is what the provider says of her.
func mette(units ...string) samltest.Answer {
	return samltest.Answer{Attributes: map[string][]string{"cn": {"Mette Prøve"}, "title": {"Sygeplejerske"}, "units": units}}
}

// posts sends the provider's answer as a browser does that is on the provider's page.
func (b *browser) posts(idp *samltest.Provider, values url.Values) *page {
	b.w.t.Helper()
	r, err := http.NewRequestWithContext(b.w.ctx, http.MethodPost, b.w.server.URL+web.PathSAML, strings.NewReader(values.Encode()))
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", strings.TrimSuffix(idp.EntityID, "/metadata"))
	return b.do(r)
}

// saml goes to the provider and returns what its page posts.
func (b *browser) saml(path string) url.Values {
	b.w.t.Helper()
	r, err := http.NewRequestWithContext(b.w.ctx, http.MethodGet, b.w.server.URL+path, nil)
	if err != nil {
		b.w.t.Fatal(err)
	}
	answer, err := b.client.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(body), `name="SAMLResponse" value="`)
	if !found {
		b.w.t.Fatalf("the provider answers %s", body)
	}
	value, _, _ := strings.Cut(rest, `"`)
	return url.Values{"SAMLResponse": {value}}
}

// F71 by SAML: to the provider and back to the page that was wanted; once, and only in the
// browser that asked.
func TestSigningInBySAML(t *testing.T) {
	w, idp := withSAML(t)
	b := w.browser()
	b.get("/log-ind").want(200, "Log ind med Prøvekøbing Kommune", "Adgangskode")
	answer := b.saml("/log-ind/udbyder?til=/genveje")
	stolen := w.browser()
	stolen.client.Jar.SetCookies(w.address(), b.client.Jar.Cookies(w.address()))
	w.browser().posts(idp, answer).want(403, "Det tog for lang tid")
	other := w.browser()
	other.saml("/log-ind/udbyder")
	other.posts(idp, answer).want(403, "blev ikke godtaget") // the answer to another request
	p := b.posts(idp, answer)
	if p.path != "/genveje" {
		t.Errorf("the way led to %s", p.path)
	}
	p.want(200, "Mette Prøve")
	stolen.posts(idp, answer).want(403, "Det tog for lang tid") // the same assertion again
	b.get("/").want(200, "Indbakke", "Prøvehospitalet, Medicinsk Klinik")
	b.submit(b.get("/").Form("/log-ud")).want(200, "Du er logget ud")

	// Who has nothing here is told so.
	idp.Says(mette())
	b.posts(idp, b.saml("/log-ind/udbyder")).want(403, "Du har ikke adgang til Brevdue")
}

func TestSAMLIsRefused(t *testing.T) {
	w, idp := withSAML(t)
	b := w.browser()
	refused := 0
	other := samltest.NewPair(t)
	for name, change := range map[string]func(a *samltest.Answer){
		"not signed":        func(a *samltest.Answer) { a.Sign = "nothing" },
		"signed by another": func(a *samltest.Answer) { a.Pair = other },
		"audience":          func(a *samltest.Answer) { a.Audience = "https://journal.example" },
		"expired":           func(a *samltest.Answer) { a.Until = time.Now().Add(-time.Hour) },
		"recipient":         func(a *samltest.Answer) { a.Recipient = "https://ond.example" },
	} {
		t.Log(name)
		a := mette(string(clinic))
		change(&a)
		idp.Says(a)
		b.posts(idp, b.saml("/log-ind/udbyder")).want(403, "blev ikke godtaget")
		refused++
		if p := b.get("/"); p.path != "/log-ind" {
			t.Errorf("somebody is in, at %s", p.path)
		}
	}
	w.update(func(tx store.Tx) error {
		lines, err := tx.Audit().List(w.ctx, 0, 1000)
		for _, l := range lines {
			if l.Action == "signin.refused" {
				refused--
			}
		}
		return err
	})
	if refused != 0 {
		t.Errorf("%d are not on record", refused)
	}
	for _, secret := range []string{"Mette", "s-1", "ond.example", "journal"} {
		if strings.Contains(w.logged(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	// Nothing else may be posted from the provider's page.
	r, err := http.NewRequestWithContext(w.ctx, http.MethodPost, w.server.URL+"/log-ud", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	b.do(r).want(403, "andet websted")
}

// The workbench describes itself, and its cookie comes back with a post from elsewhere.
func TestSAMLMetadata(t *testing.T) {
	w, _ := withSAML(t)
	p := w.browser().get(web.PathSAMLMetadata)
	if p.status != 200 || p.header.Get("Content-Type") != "application/samlmetadata+xml" || !strings.Contains(p.body, `Location="`+w.server.URL+web.PathSAML+`"`) {
		t.Errorf("%d %s: %s", p.status, p.header.Get("Content-Type"), p.body)
	}
	w.rebuild(func(c *web.Config) { c.Secure = true })
	b := w.browser()
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if got := b.get("/log-ind/udbyder").header.Get("Set-Cookie"); !strings.HasPrefix(got, "__Host-brevdue-udbyder=") || !strings.Contains(got, "Secure; SameSite=None") || !strings.Contains(got, "HttpOnly") {
		t.Errorf("the cookie is %q", got)
	}
}

// In a real browser: the policies of the pages let it to the provider and back.
func TestBrowserSAML(t *testing.T) {
	wantBrowser(t)
	w, _ := withSAML(t)
	b := w.window(t)
	b.open(unitPath(clinic) + "/indbakke")
	b.at("/log-ind")
	b.do(cdp.Click(cdp.CSS(".signin a.btn")))
	b.until("the provider's page", `document.querySelector("h1")?.textContent === "IdP"`)
	b.do(cdp.Click(cdp.CSS("button")))
	b.at(unitPath(clinic) + "/indbakke")
	b.until("signed in", `document.body.innerText.includes("Mette Prøve")`)
}
