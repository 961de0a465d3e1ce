package web_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cdp "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"brevdue/internal/auth"
	"brevdue/internal/oidc"
	"brevdue/internal/oidctest"
	"brevdue/internal/store"
	"brevdue/internal/web"
)

// withProvider is a world whose people sign in at an identity provider as well; noLocal:
// only there.
func withProvider(t *testing.T, noLocal bool) (*world, *oidctest.Provider) {
	t.Helper()
	w := newWorld(t)
	idp := oidctest.Start(t, w.clock)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(oidctest.Secret), 0o600); err != nil {
		t.Fatal(err)
	}
	back, out := w.server.URL+web.PathProvider, w.server.URL+web.PathOut
	idp.Callbacks = []string{back, out}
	w.rebuild(func(c *web.Config) {
		c.NoLocal = noLocal
		c.Provider = oidc.New(oidc.Config{Name: "Prøvekøbing Kommune", Issuer: idp.Issuer, ClientID: oidctest.ClientID, SecretFile: secret, Callback: back, AfterOut: out,
			NameClaim: "name", TitleClaim: "title", UnitsClaim: "units", RolesClaim: "roles", OperatorRoles: []string{"drift"}, Levels: []string{"Substantial"}})
	})
	idp.Is("s-1", oidctest.Claims{"name": "Mette Prøve", "title": "Sygeplejerske", "sid": "remote-1", "acr": "Substantial", "units": []string{string(clinic)}})
	return w, idp
}

// atProvider signs in at the provider through the button.
func (b *browser) atProvider(path string) *page {
	b.w.t.Helper()
	p := b.get(path)
	for _, a := range p.All(".btn") {
		if a.Inner() == "Log ind med Prøvekøbing Kommune" {
			return b.get(a.Attr["href"])
		}
	}
	b.w.t.Fatalf("%s has no button for the provider", p.path)
	return nil
}

// F71: a person goes to the provider and comes back to the page he wanted; his account,
// unit and title are there.
func TestSigningInAtTheProvider(t *testing.T) {
	w, idp := withProvider(t, false)
	w.arrive(letter{})
	b := w.browser()
	p := b.atProvider(letterPath(clinic, 1))
	p.want(200, "Mette Prøve", "Du har læst brevet på vegne af Prøvehospitalet, Medicinsk Klinik")
	if p.path != letterPath(clinic, 1) {
		t.Errorf("the way led to %s", p.path)
	}
	if got := len(b.client.Jar.Cookies(w.address())); got != 1 {
		t.Errorf("%d cookies are left", got)
	}
	for _, a := range b.addresses {
		if strings.Contains(a, "Mette") || strings.Contains(a, "s-1") {
			t.Errorf("an address tells who signed in: %s", a)
		}
	}
	// Another day he belongs elsewhere.
	idp.Is("s-1", oidctest.Claims{"name": "Mette Prøve", "acr": "Substantial", "units": string(ward), "roles": []string{"drift"}})
	other := w.browser()
	if p := other.atProvider("/"); p.path != unitPath(ward)+"/indbakke" || !strings.Contains(p.body, `href="/drift"`) {
		t.Errorf("the way led to %s", p.path)
	}
	b.get(letterPath(clinic, 1)).want(404)
	// The local accounts are still let in.
	if p := w.signedIn("anne").get("/"); p.path != unitPath(clinic)+"/indbakke" {
		t.Errorf("anne was led to %s", p.path)
	}
}

func TestOnlyTheProvider(t *testing.T) {
	w, _ := withProvider(t, true)
	b := w.browser()
	p := b.get("/log-ind")
	p.want(200, "Log ind med Prøvekøbing Kommune").wantNot("Adgangskode")
	b.post("/log-ind", url.Values{"login": {"anne"}, "password": {password}}).want(404)
	b.atProvider("/").want(200, "Indbakke")
}

// Who has no unit and no role is told so, and whom to ask; he gets no account.
func TestProviderVouchesForAStranger(t *testing.T) {
	w, idp := withProvider(t, false)
	b := w.browser()
	for _, units := range []any{nil, []string{}, []string{string(nobody)}} {
		idp.Is("s-2", oidctest.Claims{"name": "Nils Prøve", "acr": "Substantial", "units": units})
		b.atProvider("/").want(403, "Du har ikke adgang til Brevdue", "Kontakt den, der tildeler rettigheder").wantNot("Nils")
	}
	if p := b.get("/"); p.path != "/log-ind" {
		t.Errorf("the stranger is at %s", p.path)
	}
	w.update(func(tx store.Tx) error {
		list, err := tx.Users().List(w.ctx)
		for _, u := range list {
			if u.Name == "Nils Prøve" {
				t.Error("the stranger has an account")
			}
		}
		return err
	})
	if strings.Contains(w.logged(), "Nils") {
		t.Error("the log names him")
	}
}

// F71: what the provider or somebody on the way gets wrong lets nobody in, and is on
// record without a word of it.
func TestProviderIsRefused(t *testing.T) {
	w, idp := withProvider(t, false)
	b := w.browser()
	refused := 0
	nobodyIn := func(p *page, says string) {
		t.Helper()
		refused++
		p.want(403, says)
		if p := b.get("/"); p.path != "/log-ind" {
			t.Errorf("somebody is in, at %s", p.path)
		}
	}
	for name, twist := range map[string]func(c, h oidctest.Claims){
		"audience": func(c, _ oidctest.Claims) { c["aud"] = "journal" },
		"issuer":   func(c, _ oidctest.Claims) { c["iss"] = "https://ond.example" },
		"expired":  func(c, _ oidctest.Claims) { c["exp"] = w.clock().Add(-time.Hour).Unix() },
		"nonce":    func(c, _ oidctest.Claims) { delete(c, "nonce") },
		"unsigned": func(_, h oidctest.Claims) { h["alg"] = "none" },
		"nameless": func(c, _ oidctest.Claims) { delete(c, "name") },
	} {
		t.Log(name)
		idp.Lies(twist, nil)
		nobodyIn(b.atProvider("/"), "blev ikke godtaget")
	}
	idp.Lies(nil, oidctest.NewKey(t))
	nobodyIn(b.atProvider("/"), "blev ikke godtaget")
	idp.Lies(func(c, _ oidctest.Claims) { c["acr"] = "Low" }, nil)
	nobodyIn(b.atProvider("/"), "sikringsniveau, der er for lavt")
	idp.Lies(nil, nil)
	idp.Refuses("access_denied")
	nobodyIn(b.atProvider("/"), "blev ikke godtaget")
	idp.Refuses("")
	nobodyIn(b.get(web.PathProvider+"?code=x&state=y"), "Det tog for lang tid")

	b.atProvider("/").want(200, "Indbakke")

	onRecord := 0
	w.update(func(tx store.Tx) error {
		lines, err := tx.Audit().List(w.ctx, 0, 1000)
		for _, l := range lines {
			if l.Action == "signin.refused" {
				onRecord++
			}
		}
		return err
	})
	if onRecord != refused {
		t.Errorf("%d of %d are on record", onRecord, refused)
	}
	for _, secret := range []string{"Mette", "s-1", "remote-1", "ond.example"} {
		if strings.Contains(w.logged(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// A provider that is down when the installation starts is asked again.
func TestProviderIsAway(t *testing.T) {
	w, idp := withProvider(t, false)
	idp.Close()
	b := w.browser()
	b.atProvider("/").want(503, "Prøvekøbing Kommune svarer ikke lige nu")
	w.signedIn("anne").get("/").want(200, "Indbakke")
	idp.Open()
	b.atProvider("/").want(200, "Indbakke")
}

// A sign-in that was begun is finished once, in the browser that began it, and soon.
func TestProviderAnswersOnce(t *testing.T) {
	w, _ := withProvider(t, false)
	// back is a browser on its way back: it has the cookie, and where it is sent.
	back := func() (*browser, string) {
		b := w.browser()
		to := ""
		b.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
			if r.URL.Host == w.address().Host {
				to = r.URL.RequestURI()
				return http.ErrUseLastResponse
			}
			return nil
		}
		b.get("/log-ind/udbyder?til=/genveje")
		return b, to
	}
	b, answer := back()
	stolen := w.browser()
	stolen.client.Jar.SetCookies(w.address(), b.client.Jar.Cookies(w.address()))
	w.browser().get(answer).want(403, "Det tog for lang tid") // a link somebody was sent
	other, _ := back()
	other.get(answer).want(403, "blev ikke godtaget") // the answer to another sign-in
	b.client.CheckRedirect = nil
	if p := b.get(answer); p.path != "/genveje" {
		t.Errorf("the way led to %s", p.path)
	}
	stolen.get(answer).want(403) // the same cookie and the same answer again
	if p := b.get(answer); p.path == "/log-ind" {
		t.Error("going back shows who is in a fault")
	}
	late, answer := back()
	w.set(w.clock().Add(10 * time.Minute))
	late.get(answer).want(403, "Det tog for lang tid")

	evil := w.browser()
	evil.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error { return nil }
	if p := evil.get("/log-ind/udbyder?til=" + url.QueryEscape("https://ond.example/")); p.path != unitPath(clinic)+"/indbakke" {
		t.Errorf("the way led to %s", p.path)
	}
}

// Signing out here leads out of the provider as well, and back to where one can sign in.
func TestSigningOutAtTheProvider(t *testing.T) {
	w, _ := withProvider(t, false)
	b := w.browser()
	p := b.submit(b.atProvider("/").Form("/log-ud"))
	p.want(200, "Du er logget ud", "også logget ud hos Prøvekøbing Kommune")
	onward := p.First("main").First(".btn").Attr["href"]
	if refresh := p.First("meta[http-equiv=refresh]"); refresh == nil || refresh.Attr["content"] != "0; url="+onward {
		t.Errorf("the page does not go on by itself to %s", onward)
	}
	r, err := http.NewRequestWithContext(w.ctx, http.MethodGet, onward, nil)
	if err != nil {
		t.Fatal(err)
	}
	if p := b.do(r); p.path != "/log-ind" {
		t.Errorf("the provider led to %s", p.path)
	}
	b.get("/log-ind?ud=1").want(200, "Du er logget ud")
	if p := b.get("/"); p.path != "/log-ind" {
		t.Errorf("after signing out %s was shown", p.path)
	}
	// A local account has nothing to do with the provider.
	anne := w.signedIn("anne")
	if p := anne.submit(anne.get("/").Form("/log-ud")); p.path != "/log-ind" {
		t.Errorf("anne was led to %s", p.path)
	}
}

// The provider ends sessions itself; nobody else can.
func TestProviderEndsSessions(t *testing.T) {
	w, idp := withProvider(t, false)
	b, anne := w.browser(), w.signedIn("anne")
	b.atProvider("/").want(200, "Indbakke")
	say := func(token string) int {
		r, err := http.NewRequestWithContext(w.ctx, http.MethodPost, w.server.URL+web.PathLeft, strings.NewReader(url.Values{"logout_token": {token}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		drainBody(answer)
		return answer.StatusCode
	}
	idp.Lies(nil, oidctest.NewKey(t))
	if got := say(idp.LogoutToken("s-1", "", "j-1")); got != 400 {
		t.Errorf("a forged word: %d", got)
	}
	idp.Lies(nil, nil)
	b.get("/").want(200, "Indbakke")
	word := idp.LogoutToken("", "remote-1", "j-2")
	if got := say(word); got != 200 {
		t.Errorf("the provider's word: %d", got)
	}
	if p := b.get("/"); p.path != "/log-ind" {
		t.Errorf("after that %s was shown", p.path)
	}
	anne.get("/").want(200, "Indbakke")
	if got := say(word); got != 400 {
		t.Errorf("said twice: %d", got)
	}
	for range auth.AddressTries {
		say("vrøvl")
	}
	if got := say(idp.LogoutToken("s-1", "", "j-3")); got != 429 {
		t.Errorf("after much nonsense: %d", got)
	}
	if strings.Contains(w.logged(), "s-1") {
		t.Error("the log names who was signed out")
	}
}

// In a real browser: by keyboard to the provider and back, and out of both; nothing on
// the way is stopped by the policies of the pages.
func TestBrowserProvider(t *testing.T) {
	wantBrowser(t)
	w, idp := withProvider(t, false)
	b := w.window(t)
	b.open(unitPath(clinic) + "/indbakke")
	b.at("/log-ind")
	b.inspect("sign in with a provider")
	b.tabTo(`document.activeElement.textContent === "Log ind med Prøvekøbing Kommune"`)
	b.press(kb.Enter)
	b.at(unitPath(clinic) + "/indbakke")
	b.do(cdp.Click(cdp.CSS(".me summary")), cdp.Click(cdp.CSS(".me .btn")))
	b.at("/log-ind")
	b.until("signed out at both", `document.body.innerText.includes("Du er logget ud.")`)

	idp.Is("s-2", oidctest.Claims{"name": "Nils Prøve", "acr": "Substantial"})
	b.open("/log-ind/udbyder")
	b.until("no access", `document.querySelector("h1")?.textContent === "Du har ikke adgang til Brevdue"`)
	b.inspect("no access")

	// The page that keeps what was written, as it looks.
	idp.Is("s-1", oidctest.Claims{"name": "Mette Prøve", "acr": "Substantial", "units": string(clinic)})
	b.open("/log-ind/udbyder?til=" + unitPath(clinic) + "/nyt")
	b.at(unitPath(clinic) + "/nyt")
	b.do(cdp.SendKeys(cdp.CSS("#f-text"), "Halvfærdigt brev"))
	w.set(w.clock().Add(auth.Idle))
	b.do(cdp.Click(cdp.CSS("[data-submit]")))
	b.until("the kept letter", `document.querySelector("h1")?.textContent === "Log ind igen for at fortsætte"`)
	b.inspect("the kept letter")
}
