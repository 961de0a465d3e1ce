// Package oidc asks an organisation's own identity provider who somebody is, by OpenID
// Connect: authorization code with PKCE, state and nonce.
//
// Specification: OpenID Connect Core 1.0 §3.1, Discovery 1.0, RP-Initiated Logout 1.0,
// Back-Channel Logout 1.0, RFC 7636 (PKCE, S256), RFC 9207 (issuer in the answer);
// decision 14.
//
// Deliberately missing: sessions, accounts and what may be used once (package auth), and
// cookies (package web). The token is read and forgotten; nothing is asked of the
// provider in a person's name afterwards.
//
// What surprises: the provider is found out about when somebody first wants to sign in,
// so an installation starts while its provider is down. Signatures are go-oidc's work;
// issuer, audience and times are checked here, because each refusal has a name of its
// own and the tolerance is ours. No error and no log line holds what a token says.
package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"brevdue"
	"brevdue/internal/auth"
)

// Skew is how far the provider's clock may differ from ours.
const Skew = time.Minute

// patience is how long the provider may take to answer.
const patience = 10 * time.Second

// Config says which provider is asked and what its claims mean.
type Config struct {
	Name       string // as people know it, on the button
	Issuer     string
	ClientID   string
	SecretFile string   // read at each sign-in; "" for a public client
	CAFile     string   // PEM, trusted in place of the system's; "" for those
	Callback   string   // our address the provider sends the browser back to
	AfterOut   string   // our address it sends the browser to after signing out
	Scopes     []string // beside openid
	Levels     []string // values of acr that suffice, asked for in this order; none: any

	// Names of claims. A dot leads into an object; one with the whole name comes first.
	NameClaim, TitleClaim, UnitsClaim, RolesClaim string
	// Values of the roles claim that make an operator and somebody of the secretariat.
	OperatorRoles, SecretariatRoles []string
}

// Provider is the identity provider. Its methods may be called by many at once.
type Provider struct {
	cfg     Config
	finding chan struct{}         // held by the one that finds out
	known   atomic.Pointer[known] // nil until then
}

// known is what the provider says of itself.
type known struct {
	provider *oidc.Provider
	client   *http.Client
	logout   string // end_session_endpoint; "" when it has none
	saysWho  bool   // it names itself in every answer (RFC 9207)
}

// New returns a provider that is asked when somebody signs in.
func New(c Config) *Provider { return &Provider{cfg: c, finding: make(chan struct{}, 1)} }

// Name is what people call the provider.
func (p *Provider) Name() string { return p.cfg.Name }

// Flow is a sign-in that was begun. Whoever has it can finish it, so the browser carries
// it sealed.
type Flow struct {
	State, Nonce, Verifier string
}

// Begin begins a sign-in: address is where the browser goes.
func (p *Provider) Begin(ctx context.Context) (address string, f Flow, err error) {
	k, err := p.find(ctx)
	if err != nil {
		return "", Flow{}, err
	}
	f = Flow{State: secret(), Nonce: secret(), Verifier: oauth2.GenerateVerifier()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)}
	if len(p.cfg.Levels) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", strings.Join(p.cfg.Levels, " ")))
	}
	return p.oauth(k, "").AuthCodeURL(f.State, options...), f, nil
}

// Finish takes the answer the browser came back with and returns who it is. Errors: an
// [auth.Refusal], or one that is brevdue.ErrTransient when the provider does not answer.
func (p *Provider) Finish(ctx context.Context, f Flow, answer url.Values, now time.Time) (auth.Identity, error) {
	k, err := p.find(ctx)
	if err != nil {
		return auth.Identity{}, err
	}
	if err := p.judge(k, f, answer); err != nil {
		return auth.Identity{}, err
	}
	raw, err := p.exchange(ctx, k, f, answer.Get("code"))
	if err != nil {
		return auth.Identity{}, err
	}
	token, err := p.verify(ctx, k, raw, now)
	if err != nil {
		return auth.Identity{}, err
	}
	var nonce, level string
	token.claims.text("nonce", &nonce)
	token.claims.text("acr", &level)
	switch {
	case token.Subject == "":
		return auth.Identity{}, auth.RefusedMalformed
	case f.Nonce == "" || !same(nonce, f.Nonce):
		return auth.Identity{}, auth.RefusedNonce
	case len(p.cfg.Levels) > 0 && !slices.Contains(p.cfg.Levels, level):
		return auth.Identity{}, auth.RefusedLevel
	}
	id := p.identity(token)
	// A sign-in counts once: its nonce is what no second token can have.
	id.Once, id.Until = "nonce:"+f.Nonce, now.Add(time.Hour)
	return id, nil
}

// judge looks at the answer before the provider is asked about it.
func (p *Provider) judge(k *known, f Flow, answer url.Values) error {
	switch {
	case f.State == "" || !same(answer.Get("state"), f.State):
		return auth.RefusedState
	case answer.Has("iss") && answer.Get("iss") != p.cfg.Issuer, k.saysWho && !answer.Has("iss"):
		return auth.RefusedIssuer // of another provider, which would get our code (RFC 9207)
	case answer.Has("error"):
		return auth.RefusedDenied
	case answer.Get("code") == "":
		return auth.RefusedMalformed
	}
	return nil
}

// exchange gives the code for the token.
func (p *Provider) exchange(ctx context.Context, k *known, f Flow, code string) (string, error) {
	password, err := p.password()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, k.client), patience)
	defer cancel()
	got, err := p.oauth(k, password).Exchange(ctx, code, oauth2.VerifierOption(f.Verifier))
	var answered *oauth2.RetrieveError
	if errors.As(err, &answered) && answered.Response.StatusCode < 500 {
		if answered.ErrorCode == "invalid_client" || answered.ErrorCode == "unauthorized_client" {
			return "", errors.New("the identity provider does not accept client_id and the secret of client_secret_file")
		}
		return "", auth.RefusedCode
	}
	if err != nil {
		return "", silent("ask the identity provider for the token", err)
	}
	raw, _ := got.Extra("id_token").(string)
	if raw == "" {
		return "", auth.RefusedMalformed
	}
	return raw, nil
}

// password is the client's secret, "" for a public client.
func (p *Provider) password() (string, error) {
	if p.cfg.SecretFile == "" {
		return "", nil
	}
	content, err := os.ReadFile(p.cfg.SecretFile)
	if err != nil {
		return "", fmt.Errorf("client_secret_file: %w", err)
	}
	return strings.TrimRight(string(content), "\r\n"), nil
}

func (p *Provider) oauth(k *known, password string) *oauth2.Config {
	return &oauth2.Config{ClientID: p.cfg.ClientID, ClientSecret: password, Endpoint: k.provider.Endpoint(), RedirectURL: p.cfg.Callback,
		Scopes: append([]string{oidc.ScopeOpenID}, p.cfg.Scopes...)}
}

// Out returns where the browser goes to sign out at the provider too, "" when the
// provider has no such place or is not known yet. It does not say who signs out: the
// provider knows its own cookie, and an address is no place for a token.
func (p *Provider) Out() string {
	k := p.known.Load()
	if k == nil || k.logout == "" {
		return ""
	}
	to, err := url.Parse(k.logout)
	if err != nil {
		return ""
	}
	q := to.Query()
	q.Set("client_id", p.cfg.ClientID)
	q.Set("post_logout_redirect_uri", p.cfg.AfterOut)
	to.RawQuery = q.Encode()
	return to.String()
}

// Left verifies the provider's word that a session is over. Errors as of [Provider.Finish].
func (p *Provider) Left(ctx context.Context, raw string, now time.Time) (auth.Identity, error) {
	k, err := p.find(ctx)
	if err != nil {
		return auth.Identity{}, err
	}
	token, err := p.verify(ctx, k, raw, now)
	if err != nil {
		return auth.Identity{}, err
	}
	var once string
	token.claims.text("jti", &once)
	_, nonce := token.claims["nonce"]
	if once == "" || nonce || !token.claims.has("events", "http://schemas.openid.net/event/backchannel-logout") || token.Subject == "" && token.session() == "" {
		return auth.Identity{}, auth.RefusedMalformed // as a token of a sign-in is
	}
	return auth.Identity{Issuer: token.Issuer, Subject: token.Subject, Session: token.session(),
		Once: "jti:" + token.Issuer + " " + once, Until: token.Expiry.Add(2 * Skew)}, nil
}

// find finds out about the provider, once.
func (p *Provider) find(ctx context.Context) (*known, error) {
	if k := p.known.Load(); k != nil {
		return k, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case p.finding <- struct{}{}:
	case <-ctx.Done():
		return nil, silent("find out about the identity provider", ctx.Err())
	}
	defer func() { <-p.finding }()
	if k := p.known.Load(); k != nil {
		return k, nil
	}
	client, err := p.client()
	if err != nil {
		return nil, err
	}
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, client), p.cfg.Issuer)
	if other := new(oidc.IssuerMismatchError); errors.As(err, &other) {
		return nil, errors.New("the identity provider names itself otherwise than issuer in config.yaml")
	}
	if err != nil {
		return nil, silent("find out about the identity provider", err)
	}
	var says struct {
		Logout  string `json:"end_session_endpoint"`
		SaysWho bool   `json:"authorization_response_iss_parameter_supported"`
	}
	if err := found.Claims(&says); err != nil {
		return nil, silent("read what the identity provider says of itself", err)
	}
	k := &known{provider: found, client: client, logout: says.Logout, saysWho: says.SaysWho}
	p.known.Store(k)
	return k, nil
}

// client is what the provider is asked with.
func (p *Provider) client() (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if p.cfg.CAFile != "" {
		pem, err := os.ReadFile(p.cfg.CAFile)
		if err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, errors.New("ca_file holds no certificate")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: transport, Timeout: patience}, nil
}

// silent is an error that does not repeat an answer, which may hold anything; it is
// worth another try.
func silent(what string, err error) error {
	var answered *oauth2.RetrieveError
	if errors.As(err, &answered) {
		return fmt.Errorf("%s: status %d: %w", what, answered.Response.StatusCode, brevdue.ErrTransient)
	}
	var away *url.Error
	if errors.As(err, &away) {
		return fmt.Errorf("%s: %w: %w", what, away.Err, brevdue.ErrTransient)
	}
	return fmt.Errorf("%s: not a proper answer: %w", what, brevdue.ErrTransient)
}

// same compares secrets.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func secret() string {
	raw := make([]byte, 32)
	rand.Read(raw) // ends the program rather than fail
	return base64.RawURLEncoding.EncodeToString(raw)
}
