// Package auth knows who is at the browser: local accounts, sessions, and how
// often somebody failed.
//
// Specification: decision 14 (local accounts with argon2id), issue-level rules of
// the workbench: sessions are rows on the server, 30 minutes idle and 12 hours at
// most.
//
// Deliberately missing: cookies (package web) and what a person may see
// (package mailbox). Single sign-on is a later room.
//
// What surprises: a token is only in the browser; the archive keeps its hash. An
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

// caller is somebody at the door: the keys his failures are counted by, and who
// the login belongs to.
type caller struct {
	login, byLogin, byAddress string
	user                      store.User
	known                     bool
	over                      string // the key that has failed too often, "" for none
}

// SignIn checks login and password and opens a session. addr is the address the
// browser came from, without port. The token is given out once and only its hash
// is kept. Errors: [ErrThrottled], [ErrWrong], or one about the world.
func (a *Auth) SignIn(ctx context.Context, login, password, addr string, now time.Time) (token string, user store.User, err error) {
	c := &caller{login: NormalLogin(login), byLogin: loginKey(login), byAddress: addressKey(addr)}
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
	raw := make([]byte, 32)
	rand.Read(raw) // ends the program rather than fail
	token := base64.RawURLEncoding.EncodeToString(raw)
	err := a.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.Users().ClearFailures(ctx, c.byLogin); err != nil {
			return err
		}
		if _, err := tx.Users().PurgeFailures(ctx, now.Add(-a.lasts(Window))); err != nil {
			return err
		}
		if _, err := tx.Users().PurgeSessions(ctx, now); err != nil {
			return err
		}
		s := store.Session{TokenHash: hash(token), User: c.user.ID, Created: now, LastSeen: now, Expires: now.Add(a.lasts(Idle))}
		if err := tx.Users().PutSession(ctx, s); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{At: now, Actor: c.user.Login, Action: "signin"})
	})
	return token, err
}

// User returns who a token belongs to and keeps the session alive; [ErrNoSession]
// when it is unknown or over, or the account was disabled.
func (a *Auth) User(ctx context.Context, token string, now time.Time) (store.User, error) {
	user, s, err := a.session(ctx, token, now)
	if err != nil {
		return store.User{}, err
	}
	if now.Sub(s.LastSeen) < a.lasts(time.Minute) {
		return user, nil // no need to write at every page
	}
	s.LastSeen, s.Expires = now, now.Add(a.lasts(Idle))
	if end := s.Created.Add(a.lasts(Absolute)); s.Expires.After(end) {
		s.Expires = end
	}
	if err := a.store.Update(ctx, func(tx store.Tx) error {
		// A session that was ended meanwhile must not come back.
		if _, err := tx.Users().Session(ctx, s.TokenHash); err != nil {
			return err
		}
		return tx.Users().PutSession(ctx, s)
	}); err != nil {
		if errors.Is(err, brevdue.ErrNotFound) {
			return store.User{}, ErrNoSession
		}
		return store.User{}, fmt.Errorf("keep session: %w", err)
	}
	return user, nil
}

// Peek returns who a token belongs to like [Auth.User], but does not keep the
// session alive: for what a browser asks by itself while nobody may be there.
func (a *Auth) Peek(ctx context.Context, token string, now time.Time) (store.User, error) {
	user, _, err := a.session(ctx, token, now)
	return user, err
}

func (a *Auth) session(ctx context.Context, token string, now time.Time) (user store.User, s store.Session, err error) {
	if token == "" {
		return store.User{}, store.Session{}, ErrNoSession
	}
	err = a.store.View(ctx, func(tx store.Tx) (err error) {
		if s, err = tx.Users().Session(ctx, hash(token)); err != nil {
			return err
		}
		user, err = tx.Users().Get(ctx, s.User)
		return err
	})
	switch {
	case errors.Is(err, brevdue.ErrNotFound):
		return store.User{}, store.Session{}, ErrNoSession
	case err != nil:
		return store.User{}, store.Session{}, fmt.Errorf("look up session: %w", err)
	case user.Disabled, !now.Before(s.Expires):
		return store.User{}, store.Session{}, ErrNoSession
	}
	return user, s, nil
}

// SignOut ends the session of a token; an unknown one is no error.
func (a *Auth) SignOut(ctx context.Context, token string, now time.Time) error {
	return a.store.Update(ctx, func(tx store.Tx) error {
		s, err := tx.Users().Session(ctx, hash(token))
		if errors.Is(err, brevdue.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		user, err := tx.Users().Get(ctx, s.User)
		if err != nil {
			return err
		}
		if err := tx.Users().DeleteSession(ctx, s.TokenHash); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{At: now, Actor: user.Login, Action: "signout"})
	})
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
