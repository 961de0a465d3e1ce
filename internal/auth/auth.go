// Package auth knows who is at the browser: local accounts, people an identity
// provider vouches for, sessions, and how often somebody failed.
//
// Specification: decision 14 (local accounts with argon2id, single sign-on),
// issue-level rules of the workbench: sessions are rows on the server, 30 minutes
// idle and 12 hours at most.
//
// Deliberately missing: cookies (package web), what a person may see (package
// mailbox), and how a provider is asked (package oidc).
//
// What surprises: a token is only in the browser; the archive keeps its hash. Of
// who a provider vouches for not even its name for him is kept, only a hash. An
// unknown login costs the same work as a wrong password. Failures are counted by
// login and by address, and throttling ends by itself. What was typed as a login
// is kept only as a hash and only as long as it counts, because people type
// passwords and patients' numbers into the wrong field.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/audit"
	"brevdue/internal/store"
)

// The answers a person gets at the door.
var (
	ErrWrong     = errors.New("wrong login or password")
	ErrThrottled = errors.New("too many failed attempts, wait a while")
	ErrNoSession = fmt.Errorf("no session: %w", brevdue.ErrForbidden)
)

// Limits of sessions and failures.
const (
	Idle         = 30 * time.Minute // a session ends after so long without a page
	Absolute     = 12 * time.Hour   // and after so long in any case
	Window       = 15 * time.Minute // failures older than this are forgotten
	LoginTries   = 5                // failures of one login in the window
	AddressTries = 100              // failures from one address in the window: a whole house may share it
)

// Auth is the door.
type Auth struct {
	// Speed is how fast the clock runs that times are told by; 0 means 1. Sessions
	// and throttling last as long for people as by a clock on the wall.
	Speed float64

	store  store.Store
	hasher *Hasher
	// tries lets few attempts in at a time, each from the look at the failures to the
	// writing down of its own; a crowd at once would all be let in on the same look.
	tries chan struct{}
}

// New returns the door of an archive.
func New(s store.Store) *Auth {
	return &Auth{store: s, hasher: NewHasher(), tries: make(chan struct{}, atOnce)}
}

// lasts returns how far the clock runs while people wait for d.
func (a *Auth) lasts(d time.Duration) time.Duration {
	if a.Speed > 1 {
		return time.Duration(float64(d) * a.Speed)
	}
	return d
}

// Hasher returns what the door hashes passwords with.
func (a *Auth) Hasher() *Hasher { return a.hasher }

// Browser is where somebody sits: what he is shown of his own sessions.
type Browser struct {
	Address string // without port
	Family  string // family and system, e.g. "Firefox, Windows"; "" when it does not say
}

// caller is somebody at the door: the keys his failures are counted by, and who
// the login belongs to.
type caller struct {
	from                      Browser
	login, byLogin, byAddress string
	user                      store.User
	known                     bool
	over                      string // the key that has failed too often, "" for none
}

// SignIn checks login and password and opens a session. The token is given out once
// and only its hash is kept. Errors: [ErrThrottled], [ErrWrong], or one about the world.
func (a *Auth) SignIn(ctx context.Context, login, password string, from Browser, now time.Time) (token string, user store.User, err error) {
	c := &caller{from: from, login: NormalLogin(login), byLogin: loginKey(login), byAddress: addressKey(from.Address)}
	token, err = a.signIn(ctx, c, password, now)
	switch {
	case errors.Is(err, ErrWrong), errors.Is(err, ErrThrottled):
		return "", store.User{}, err
	case err != nil:
		return "", store.User{}, fmt.Errorf("sign in: %w", err)
	}
	return token, c.user, nil
}

func (a *Auth) signIn(ctx context.Context, c *caller, password string, now time.Time) (string, error) {
	// Who is throttled already need not wait to hear it.
	if err := a.look(ctx, c, now); err != nil {
		return "", err
	}
	select {
	case a.tries <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-a.tries }()
	if err := a.look(ctx, c, now); err != nil {
		return "", err
	}
	right, err := a.hasher.Check(ctx, c.user.Hash, password)
	if err != nil {
		return "", err
	}
	if !c.known || !right || c.user.Disabled {
		if err := a.failed(ctx, c, now); err != nil {
			return "", err
		}
		return "", ErrWrong
	}
	return a.open(ctx, c, now)
}

// look finds out who is at the door and answers [ErrThrottled] when the login or
// the address has failed too often.
func (a *Auth) look(ctx context.Context, c *caller, now time.Time) error {
	err := a.store.View(ctx, func(tx store.Tx) (err error) {
		c.over = ""
		for _, k := range []struct {
			key   string
			tries int
		}{{c.byLogin, LoginTries}, {c.byAddress, AddressTries}} {
			n, err := tx.Users().Failures(ctx, k.key, now.Add(-a.lasts(Window)))
			if err != nil {
				return err
			}
			if n >= k.tries && c.over == "" {
				c.over = k.key
			}
		}
		c.user, err = tx.Users().ByLogin(ctx, c.login)
		c.known = err == nil
		if errors.Is(err, brevdue.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil || c.over == "" {
		return err
	}
	// The log hears once in a window that a door is shut; whoever goes on knocking
	// must not fill it.
	shut := "shut:" + c.over
	err = a.store.Update(ctx, func(tx store.Tx) error {
		n, err := tx.Users().Failures(ctx, shut, now.Add(-a.lasts(Window)))
		if err != nil || n > 0 {
			return err
		}
		if err := tx.Users().AddFailure(ctx, shut, now); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{At: now, Actor: c.actor(), Action: "signin.throttled"})
	})
	if err != nil {
		return err
	}
	return ErrThrottled
}

// actor is who the audit log names. A login nobody has is not written down.
func (c *caller) actor() string {
	if c.known {
		return c.login
	}
	return "unknown"
}

// failed counts a failure and forgets those that count no more.
func (a *Auth) failed(ctx context.Context, c *caller, now time.Time) error {
	return a.store.Update(ctx, func(tx store.Tx) error {
		if _, err := tx.Users().PurgeFailures(ctx, now.Add(-a.lasts(Window))); err != nil {
			return err
		}
		for _, key := range []string{c.byLogin, c.byAddress} {
			if err := tx.Users().AddFailure(ctx, key, now); err != nil {
				return err
			}
		}
		return audit.Append(ctx, tx, audit.Entry{At: now, Actor: c.actor(), Action: "signin.failed"})
	})
}

// Forget forgets the failures of a login, within a change that gives its person
// another chance.
func Forget(ctx context.Context, tx store.Tx, login string) error {
	return tx.Users().ClearFailures(ctx, loginKey(login))
}

// open opens a session for a caller whose password was right.
func (a *Auth) open(ctx context.Context, c *caller, now time.Time) (string, error) {
	token := newToken()
	err := a.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.Users().ClearFailures(ctx, c.byLogin); err != nil {
			return err
		}
		if err := a.begin(ctx, tx, token, c.user.ID, c.from, "", now); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{At: now, Actor: c.user.Login, Action: "signin"})
	})
	return token, err
}

func newToken() string {
	raw := make([]byte, 32)
	rand.Read(raw) // ends the program rather than fail
	return base64.RawURLEncoding.EncodeToString(raw)
}

// begin puts a session into the archive and forgets what counts no more.
func (a *Auth) begin(ctx context.Context, tx store.Tx, token string, user int64, from Browser, remote string, now time.Time) error {
	if _, err := tx.Users().PurgeFailures(ctx, now.Add(-a.lasts(Window))); err != nil {
		return err
	}
	if _, err := tx.Users().PurgeSessions(ctx, now); err != nil {
		return err
	}
	return tx.Users().PutSession(ctx, store.Session{TokenHash: hash(token), User: user, Created: now, LastSeen: now, Expires: now.Add(a.lasts(Idle)),
		Address: from.Address, Browser: from.Family, Remote: remote})
}

// NormalLogin is how logins are compared: lower case, no white space around.
func NormalLogin(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// loginKey and addressKey are what failures are counted by.
func loginKey(login string) string  { return "login:" + hash(NormalLogin(login)) }
func addressKey(addr string) string { return "address:" + hash(addr) }

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
