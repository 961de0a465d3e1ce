package oidc

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"brevdue/internal/auth"
)

// token is a token whose signature, issuer, audience and times are as they should be.
type token struct {
	*oidc.IDToken
	claims claims
}

// session is the provider's name for its session, "" when it does not say.
func (t *token) session() (sid string) {
	t.claims.text("sid", &sid)
	return sid
}

// verify reads a token and checks what tokens of every use have in common.
func (p *Provider) verify(ctx context.Context, k *known, raw string, now time.Time) (*token, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, k.client), patience)
	defer cancel()
	// What is skipped is checked below, each with its own refusal.
	v := k.provider.Verifier(&oidc.Config{SkipIssuerCheck: true, SkipClientIDCheck: true, SkipExpiryCheck: true})
	read, err := v.Verify(ctx, raw)
	switch {
	case err != nil && (ctx.Err() != nil || strings.Contains(err.Error(), "fetching keys")):
		return nil, silent("fetch the keys of the identity provider", err)
	case err != nil && strings.Contains(err.Error(), "signature"):
		return nil, auth.RefusedSignature
	case err != nil:
		return nil, auth.RefusedMalformed
	}
	t := &token{IDToken: read}
	if err := read.Claims(&t.claims); err != nil {
		return nil, auth.RefusedMalformed
	}
	return t, p.fits(t, now)
}

// fits tells whether a token is from our provider, for us, and of now.
func (p *Provider) fits(t *token, now time.Time) error {
	var party string
	t.claims.text("azp", &party)
	before, dated := t.claims.number("nbf")
	switch {
	case t.Issuer != p.cfg.Issuer:
		return auth.RefusedIssuer
	case !slices.Contains(t.Audience, p.cfg.ClientID), party != "" && party != p.cfg.ClientID, len(t.Audience) > 1 && party == "":
		return auth.RefusedAudience
	case t.Expiry.IsZero() || t.IssuedAt.IsZero():
		return auth.RefusedMalformed
	case !now.Before(t.Expiry.Add(Skew)):
		return auth.RefusedExpired
	case t.IssuedAt.After(now.Add(Skew)), dated && time.Unix(before, 0).After(now.Add(Skew)):
		return auth.RefusedFuture
	}
	return nil
}

// identity is who a token is about, with what he may.
func (p *Provider) identity(t *token) auth.Identity {
	id := auth.Identity{Issuer: t.Issuer, Subject: t.Subject, Session: t.session()}
	t.claims.text(p.cfg.NameClaim, &id.Name)
	t.claims.text(p.cfg.TitleClaim, &id.Title)
	for _, v := range t.claims.list(p.cfg.UnitsClaim) {
		id.Units = append(id.Units, auth.Locations(v)...)
	}
	for _, role := range t.claims.list(p.cfg.RolesClaim) {
		id.Operator = id.Operator || slices.Contains(p.cfg.OperatorRoles, role)
		id.Secretariat = id.Secretariat || slices.Contains(p.cfg.SecretariatRoles, role)
	}
	return id
}

// claims are what a token says.
type claims map[string]json.RawMessage

// find returns a claim by its whole name, or by a path with dots into objects.
func (c claims) find(name string) json.RawMessage {
	if name == "" {
		return nil
	}
	if v, is := c[name]; is {
		return v
	}
	for i, r := range name {
		if r != '.' {
			continue
		}
		var inner claims
		if v, is := c[name[:i]]; is && json.Unmarshal(v, &inner) == nil {
			if found := inner.find(name[i+1:]); found != nil {
				return found
			}
		}
	}
	return nil
}

// has tells whether an object of the token has a member.
func (c claims) has(object, member string) bool {
	var inner claims
	if json.Unmarshal(c[object], &inner) != nil {
		return false
	}
	_, is := inner[member]
	return is
}

// text reads a claim that is a text; of any other nothing is read.
func (c claims) text(name string, into *string) {
	var s string
	if json.Unmarshal(c.find(name), &s) == nil {
		*into = s
	}
}

// list reads a claim that is a text or several.
func (c claims) list(name string) (out []string) {
	v := c.find(name)
	if json.Unmarshal(v, &out) == nil {
		return out
	}
	var one string
	if json.Unmarshal(v, &one) == nil {
		return []string{one}
	}
	return nil
}

// number reads a time in seconds.
func (c claims) number(name string) (int64, bool) {
	var n float64
	if v := c.find(name); v == nil || json.Unmarshal(v, &n) != nil {
		return 0, false
	}
	return int64(n), true
}
