package oidc_test

import (
	"crypto/rsa"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/auth"
	"brevdue/internal/oidc"
	"brevdue/internal/oidctest"
)

const callback = "https://brevdue.example/log-ind/oidc"

var now = time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)

type world struct {
	t    *testing.T
	idp  *oidctest.Provider
	conf oidc.Config
	now  time.Time
	*oidc.Provider
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: now}
	w.idp = oidctest.Start(t, func() time.Time { return now })
	w.idp.Callbacks = []string{callback}
	w.idp.Is("s-1", oidctest.Claims{"name": "Anne Kjær", "job": "Sygeplejerske", "sid": "remote-1", "acr": "Substantial",
		"units": []string{"5790000000005", "http://sts.example/constraints/lokationsnummer/1/5790000120420"},
		"realm": oidctest.Claims{"roles": []string{"andet", "brevdue-drift"}}})
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(oidctest.Secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.conf = oidc.Config{Name: "Prøvekøbing Kommune", Issuer: w.idp.Issuer, ClientID: oidctest.ClientID, SecretFile: secret, Callback: callback,
		AfterOut: "https://brevdue.example/log-ud", NameClaim: "name", TitleClaim: "job", UnitsClaim: "units", RolesClaim: "realm.roles",
		OperatorRoles: []string{"brevdue-drift"}, SecretariatRoles: []string{"brevdue-aftale"}}
	w.Provider = oidc.New(w.conf)
	return w
}

// begin goes to the provider and comes back with its answer.
func (w *world) begin() (oidc.Flow, url.Values) {
	w.t.Helper()
	to, f, err := w.Begin(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, to, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	answer, err := client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	back, err := answer.Location()
	if err != nil {
		w.t.Fatalf("the provider did not send the browser back: %s", answer.Status)
	}
	if got := back.Scheme + "://" + back.Host + back.Path; got != callback {
		w.t.Errorf("the browser was sent to %s", got)
	}
	return f, back.Query()
}

func (w *world) signIn() (auth.Identity, error) {
	w.t.Helper()
	f, answer := w.begin()
	return w.Finish(w.t.Context(), f, answer, w.now)
}

// wantRefusal fails unless the error is the refusal and holds nothing else.
func (w *world) wantRefusal(err error, want auth.Refusal) {
	w.t.Helper()
	var got auth.Refusal
	if !errors.As(err, &got) || got != want {
		w.t.Errorf("got %v, want the refusal %q", err, want)
	}
}

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	id, err := w.signIn()
	if err != nil {
		t.Fatal(err)
	}
	if id.Issuer != w.idp.Issuer || id.Subject != "s-1" || id.Session != "remote-1" || id.Name != "Anne Kjær" || id.Title != "Sygeplejerske" ||
		!id.Operator || id.Secretariat || !slices.Equal(id.Units, []string{"5790000000005", "5790000120420"}) {
		t.Errorf("%+v", id)
	}
	if got := w.idp.Asked(); got.Get("scope") != "openid" || got.Get("acr_values") != "" || got.Get("nonce") == "" {
		t.Errorf("asked with %v", got)
	}
	again, err := w.signIn()
	if err != nil || again.Once == id.Once || again.Login() != id.Login() {
		t.Errorf("a second sign-in: %v, %+v", err, again)
	}
	if strings.Contains(id.Login(), "s-1") {
		t.Error("the login holds the provider's name for the person")
	}
	if got := w.Out(); got != w.idp.Issuer+"/logout?client_id=brevdue&post_logout_redirect_uri=https%3A%2F%2Fbrevdue.example%2Flog-ud" {
		t.Errorf("signing out leads to %q", got)
	}
}

// TestUnits: the numbers are found however the provider writes them.
func TestUnits(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		claim any
		want  []string
	}{
		{"5790000000005", []string{"5790000000005"}},
		{"5790000000005, 5790000120420;x", []string{"5790000000005", "5790000120420", "x"}},
		{[]string{"urn:dk:lokationsnummer:5790000000005", "lokation=5790000120420"}, []string{"5790000000005", "5790000120420"}},
		{[]string{}, nil}, {5790000000005, nil}, {oidctest.Claims{"a": "b"}, nil}, {"", nil}, {":", nil},
	} {
		w.idp.Is("s-1", oidctest.Claims{"name": "Anne", "units": c.claim})
		id, err := w.signIn()
		if err != nil || !slices.Equal(id.Units, c.want) || id.Operator {
			t.Errorf("%v: %q, %v", c.claim, id.Units, err)
		}
	}
}

// TestTokensAreRefused: F71, each wrong token by its own name. Nothing of it is in the
// error.
func TestTokensAreRefused(t *testing.T) {
	other := oidctest.NewKey(t)
	set := func(key string, v any) func(c, h oidctest.Claims) {
		return func(c, _ oidctest.Claims) { c[key] = v }
	}
	drop := func(key string) func(c, h oidctest.Claims) {
		return func(c, _ oidctest.Claims) { delete(c, key) }
	}
	header := func(key string, v any) func(c, h oidctest.Claims) {
		return func(_, h oidctest.Claims) { h[key] = v }
	}
	for _, c := range []struct {
		name  string
		twist func(c, h oidctest.Claims)
		key   *rsa.PrivateKey
		want  auth.Refusal
	}{
		{"another issuer", set("iss", "https://ond.example"), nil, auth.RefusedIssuer},
		{"no issuer", drop("iss"), nil, auth.RefusedIssuer},
		{"another audience", set("aud", "journal"), nil, auth.RefusedAudience},
		{"no audience", drop("aud"), nil, auth.RefusedAudience},
		{"several audiences, made for another", func(c, _ oidctest.Claims) { c["aud"], c["azp"] = []string{"brevdue", "journal"}, "journal" }, nil, auth.RefusedAudience},
		{"several audiences, made for nobody", set("aud", []string{"brevdue", "journal"}), nil, auth.RefusedAudience},
		{"expired", set("exp", now.Add(-oidc.Skew).Unix()), nil, auth.RefusedExpired},
		{"without an end", drop("exp"), nil, auth.RefusedMalformed},
		{"without a beginning", drop("iat"), nil, auth.RefusedMalformed},
		{"of tomorrow", set("iat", now.Add(oidc.Skew+time.Second).Unix()), nil, auth.RefusedFuture},
		{"not yet", set("nbf", now.Add(oidc.Skew+time.Second).Unix()), nil, auth.RefusedFuture},
		{"another nonce", set("nonce", "x"), nil, auth.RefusedNonce},
		{"empty nonce", set("nonce", ""), nil, auth.RefusedNonce},
		{"no nonce", drop("nonce"), nil, auth.RefusedNonce},
		{"no subject", drop("sub"), nil, auth.RefusedMalformed},
		{"signed by another", nil, other, auth.RefusedSignature},
		{"signed by another, unknown key", header("kid", "2"), other, auth.RefusedSignature},
		{"not signed", header("alg", "none"), nil, auth.RefusedSignature},
		{"signed with another kind of key", header("alg", "HS256"), nil, auth.RefusedSignature},
		{"signed in a way it does not say it uses", header("alg", "RS512"), nil, auth.RefusedSignature},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.idp.Lies(c.twist, c.key)
			_, err := w.signIn()
			w.wantRefusal(err, c.want)
			for _, secret := range []string{"Anne", "s-1", "ond.example", "journal"} {
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("the error holds %q: %v", secret, err)
				}
			}
		})
	}
}

// TestSkew: a minute is forgiven, to either side.
func TestSkew(t *testing.T) {
	w := newWorld(t)
	for _, twist := range []func(c, h oidctest.Claims){
		func(c, _ oidctest.Claims) { c["exp"] = now.Add(time.Second - oidc.Skew).Unix() },
		func(c, _ oidctest.Claims) { c["iat"], c["nbf"] = now.Add(oidc.Skew).Unix(), now.Add(oidc.Skew).Unix() },
		func(c, _ oidctest.Claims) { c["aud"], c["azp"] = []string{"journal", "brevdue"}, "brevdue" },
	} {
		w.idp.Lies(twist, nil)
		if _, err := w.signIn(); err != nil {
			t.Error(err)
		}
	}
}

// TestAnswersAreRefused: what the browser comes back with.
func TestAnswersAreRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		twist func(f *oidc.Flow, q url.Values)
		want  auth.Refusal
	}{
		{"another state", func(_ *oidc.Flow, q url.Values) { q.Set("state", "x") }, auth.RefusedState},
		{"no state", func(_ *oidc.Flow, q url.Values) { q.Del("state") }, auth.RefusedState},
		{"no state at both", func(f *oidc.Flow, q url.Values) { q.Del("state"); f.State = "" }, auth.RefusedState},
		{"another issuer", func(_ *oidc.Flow, q url.Values) { q.Set("iss", "https://ond.example") }, auth.RefusedIssuer},
		{"no issuer, where it always says so", func(_ *oidc.Flow, q url.Values) { q.Del("iss") }, auth.RefusedIssuer},
		{"no code", func(_ *oidc.Flow, q url.Values) { q.Del("code") }, auth.RefusedMalformed},
		{"a made-up code", func(_ *oidc.Flow, q url.Values) { q.Set("code", "x") }, auth.RefusedCode},
		{"another verifier", func(f *oidc.Flow, _ url.Values) { f.Verifier = strings.Repeat("x", 43) }, auth.RefusedCode},
		{"another sign-in's nonce", func(f *oidc.Flow, _ url.Values) { f.Nonce = "x" }, auth.RefusedNonce},
		{"a sign-in without a nonce", func(f *oidc.Flow, _ url.Values) { f.Nonce = "" }, auth.RefusedNonce},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			f, q := w.begin()
			c.twist(&f, q)
			_, err := w.Finish(t.Context(), f, q, w.now)
			w.wantRefusal(err, c.want)
		})
	}
	w := newWorld(t)
	f, q := w.begin()
	if _, err := w.Finish(t.Context(), f, q, w.now); err != nil {
		t.Fatal(err)
	}
	_, err := w.Finish(t.Context(), f, q, w.now)
	w.wantRefusal(err, auth.RefusedCode)
	w.idp.Refuses("access_denied")
	_, err = w.signIn()
	w.wantRefusal(err, auth.RefusedDenied)
}

// TestLevel: who signed in with less assurance than is asked for stays out.
func TestLevel(t *testing.T) {
	w := newWorld(t)
	w.conf.Levels, w.conf.Scopes = []string{"High", "Substantial"}, []string{"profile"}
	w.Provider = oidc.New(w.conf)
	if _, err := w.signIn(); err != nil {
		t.Error(err)
	}
	if got := w.idp.Asked(); got.Get("acr_values") != "High Substantial" || got.Get("scope") != "openid profile" {
		t.Errorf("asked with %v", got)
	}
	for _, twist := range []func(c, h oidctest.Claims){
		func(c, _ oidctest.Claims) { c["acr"] = "Low" },
		func(c, _ oidctest.Claims) { delete(c, "acr") },
	} {
		w.idp.Lies(twist, nil)
		_, err := w.signIn()
		w.wantRefusal(err, auth.RefusedLevel)
	}
}

// TestLeft: the provider's word that a session is over, and what is not that.
func TestLeft(t *testing.T) {
	w := newWorld(t)
	left := func(raw string) (auth.Identity, error) { return w.Left(t.Context(), raw, w.now) }
	id, err := left(w.idp.LogoutToken("s-1", "remote-1", "j-1"))
	if err != nil || id.Subject != "s-1" || id.Session != "remote-1" || id.Once == "" || !id.Until.After(now) {
		t.Errorf("%+v, %v", id, err)
	}
	for _, c := range []struct {
		twist func(c, h oidctest.Claims)
		want  auth.Refusal
	}{
		{func(c, _ oidctest.Claims) { c["nonce"] = "x" }, auth.RefusedMalformed}, // a token of a sign-in
		{func(c, _ oidctest.Claims) { delete(c, "events") }, auth.RefusedMalformed},
		{func(c, _ oidctest.Claims) { c["events"] = oidctest.Claims{"other": 1} }, auth.RefusedMalformed},
		{func(c, _ oidctest.Claims) { delete(c, "jti") }, auth.RefusedMalformed},
		{func(c, _ oidctest.Claims) { delete(c, "sub"); delete(c, "sid") }, auth.RefusedMalformed},
		{func(c, _ oidctest.Claims) { c["aud"] = "journal" }, auth.RefusedAudience},
		{func(c, _ oidctest.Claims) { c["iss"] = "https://ond.example" }, auth.RefusedIssuer},
		{func(c, _ oidctest.Claims) { c["exp"] = now.Add(-2 * time.Minute).Unix() }, auth.RefusedExpired},
		{func(_, h oidctest.Claims) { h["alg"] = "none" }, auth.RefusedSignature},
	} {
		w.idp.Lies(c.twist, nil)
		_, err := left(w.idp.LogoutToken("s-1", "remote-1", "j-2"))
		w.wantRefusal(err, c.want)
	}
	w.idp.Lies(nil, oidctest.NewKey(t))
	_, err = left(w.idp.LogoutToken("s-1", "", "j-3"))
	w.wantRefusal(err, auth.RefusedSignature)
	_, err = left("vrøvl")
	w.wantRefusal(err, auth.RefusedMalformed)
}

// TestAway: a provider that is down is worth another try, a wrong secret is not, and a
// provider that calls itself something else is told.
func TestAway(t *testing.T) {
	w := newWorld(t)
	w.idp.Close()
	if _, _, err := w.Begin(t.Context()); !errors.Is(err, brevdue.ErrTransient) {
		t.Errorf("down at the beginning: %v", err)
	}
	if w.Out() != "" {
		t.Error("there is a way out of a provider nobody knows")
	}
	w.idp.Open()
	f, q := w.begin()
	w.idp.Close()
	if _, err := w.Finish(t.Context(), f, q, w.now); !errors.Is(err, brevdue.ErrTransient) {
		t.Errorf("down at the end: %v", err)
	}
	w.idp.Open()
	if err := os.WriteFile(w.conf.SecretFile, []byte("forkert"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.signIn(); err == nil || !strings.Contains(err.Error(), "client_secret_file") || strings.Contains(err.Error(), "forkert") {
		t.Errorf("a wrong secret: %v", err)
	}
	if err := os.Remove(w.conf.SecretFile); err != nil {
		t.Fatal(err)
	}
	if _, err := w.signIn(); err == nil || !strings.HasPrefix(err.Error(), "client_secret_file: ") {
		t.Errorf("no secret: %v", err)
	}
	w.conf.Issuer += "/"
	if _, _, err := oidc.New(w.conf).Begin(t.Context()); err == nil || !strings.Contains(err.Error(), "names itself otherwise") {
		t.Errorf("another name: %v", err)
	}
	w.conf.CAFile = w.conf.SecretFile
	if _, _, err := oidc.New(w.conf).Begin(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "ca_file: ") {
		t.Errorf("no authority: %v", err)
	}
}
