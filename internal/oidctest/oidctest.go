// Package oidctest is a small OpenID Connect provider for tests: a server with keys of
// its own that lets everybody in whom the test names, and can be told to lie.
//
// Deliberately missing: a page to sign in on. Whoever is sent here is the person the
// test has set, at once.
//
// What surprises: it judges as well. A client that shows no PKCE, a wrong secret, a code
// a second time or an address it did not register is refused, as real ones do.
package oidctest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"
)

// The client that is registered here.
const (
	ClientID = "brevdue"
	Secret   = "hemmelighed-til-test"
)

// Provider is a running provider.
type Provider struct {
	Issuer string
	// Callbacks are the addresses a browser may be sent back to.
	Callbacks []string
	Now       func() time.Time

	t   testing.TB
	key *rsa.PrivateKey

	mu     sync.Mutex
	person map[string]any              // claims of who signs in
	twist  func(claims, header Claims) // told of every token before it is signed
	forged *rsa.PrivateKey             // signs in place of the key when set
	codes  map[string]granted
	asked  url.Values // of the last request to sign in
	no     string     // the error that is answered in place of a code
	closed bool
}

// Claims are the members of a token's payload or header.
type Claims = map[string]any

type granted struct{ nonce, challenge, callback string }

// Start starts a provider that ends with the test.
func Start(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	p := &Provider{t: t, Now: now, key: NewKey(t), codes: map[string]granted{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.says)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /logout", p.logout)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		closed := p.closed
		p.mu.Unlock()
		if closed {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p.Issuer = server.URL
	return p
}

// NewKey makes a key that signs tokens.
func NewKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Is says who signs in from now on.
func (p *Provider) Is(subject string, claims Claims) {
	p.set(func() {
		p.person = Claims{"sub": subject}
		for k, v := range claims {
			p.person[k] = v
		}
	})
}

// Lies changes every token before it is signed, with another key when one is given; nil
// and nil: the truth again.
func (p *Provider) Lies(twist func(claims, header Claims), key *rsa.PrivateKey) {
	p.set(func() { p.twist, p.forged = twist, key })
}

// Refuses answers with an error in place of a code; "" no more.
func (p *Provider) Refuses(with string) { p.set(func() { p.no = with }) }

// Close and Open let the provider be away for a while.
func (p *Provider) Close() { p.set(func() { p.closed = true }) }

// Open ends what Close began.
func (p *Provider) Open() { p.set(func() { p.closed = false }) }

// Asked is what the last browser came to sign in with.
func (p *Provider) Asked() (q url.Values) {
	p.set(func() { q = p.asked })
	return q
}

func (p *Provider) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// LogoutToken is the provider's word that a session is over, before it is twisted.
func (p *Provider) LogoutToken(subject, session, id string) string {
	claims := Claims{"iss": p.Issuer, "aud": ClientID, "iat": p.Now().Unix(), "exp": p.Now().Add(2 * time.Minute).Unix(), "jti": id,
		"events": Claims{"http://schemas.openid.net/event/backchannel-logout": Claims{}}}
	if subject != "" {
		claims["sub"] = subject
	}
	if session != "" {
		claims["sid"] = session
	}
	return p.Sign(claims)
}

// Sign signs a token, twisted and with the key that [Provider.Lies] was told.
func (p *Provider) Sign(claims Claims) string {
	header := Claims{"alg": "RS256", "kid": "1", "typ": "JWT"}
	key := p.key
	p.set(func() {
		if p.forged != nil {
			key = p.forged
		}
		if p.twist != nil {
			p.twist(claims, header)
		}
	})
	text := encoded(p.t, header) + "." + encoded(p.t, claims)
	if header["alg"] == "none" {
		return text + "."
	}
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Error(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func encoded(t testing.TB, v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		t.Error(err)
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away is no fault of the test
}

func (p *Provider) says(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, Claims{"issuer": p.Issuer, "authorization_endpoint": p.Issuer + "/authorize", "token_endpoint": p.Issuer + "/token",
		"jwks_uri": p.Issuer + "/keys", "end_session_endpoint": p.Issuer + "/logout", "id_token_signing_alg_values_supported": []string{"RS256"},
		"authorization_response_iss_parameter_supported": true})
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	b64 := base64.RawURLEncoding
	answer(w, http.StatusOK, Claims{"keys": []Claims{{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1",
		"n": b64.EncodeToString(p.key.N.Bytes()), "e": b64.EncodeToString(big.NewInt(int64(p.key.E)).Bytes())}}})
}

// authorize sends the browser back with a code, when it was sent here as it should be.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != ClientID || q.Get("response_type") != "code" || !slices.Contains(p.Callbacks, q.Get("redirect_uri")) ||
		q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("state") == "" {
		http.Error(w, "this client or what it wants is not known here", http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {q.Get("state")}, "iss": {p.Issuer}}
	p.set(func() {
		p.asked = q
		if p.no != "" {
			back.Set("error", p.no)
			return
		}
		code := rand.Text()
		p.codes[code] = granted{q.Get("nonce"), q.Get("code_challenge"), q.Get("redirect_uri")}
		back.Set("code", code)
	})
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

// token gives the token for a code, once.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		answer(w, http.StatusBadRequest, Claims{"error": "invalid_request"})
		return
	}
	id, password, ok := r.BasicAuth()
	if !ok {
		id, password = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	if id != ClientID || password != Secret {
		answer(w, http.StatusUnauthorized, Claims{"error": "invalid_client"})
		return
	}
	var g granted
	var known bool
	claims := Claims{"iss": p.Issuer, "aud": ClientID, "iat": p.Now().Unix(), "exp": p.Now().Add(5 * time.Minute).Unix()}
	p.set(func() {
		g, known = p.codes[r.PostForm.Get("code")]
		delete(p.codes, r.PostForm.Get("code"))
		for k, v := range p.person {
			claims[k] = v
		}
	})
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	if !known || g.callback != r.PostForm.Get("redirect_uri") || base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge {
		answer(w, http.StatusBadRequest, Claims{"error": "invalid_grant"})
		return
	}
	claims["nonce"] = g.nonce
	answer(w, http.StatusOK, Claims{"access_token": "x", "token_type": "Bearer", "id_token": p.Sign(claims)})
}

// logout sends the browser back to where the client wants it.
func (p *Provider) logout(w http.ResponseWriter, r *http.Request) {
	to := r.URL.Query().Get("post_logout_redirect_uri")
	if r.URL.Query().Get("client_id") != ClientID || !slices.Contains(p.Callbacks, to) {
		http.Error(w, "this client is not known here", http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, to, http.StatusFound)
}
