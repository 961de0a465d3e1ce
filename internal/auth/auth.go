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
// login and by address, and throttling ends by itself.
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
	AddressTries = 30               // failures from one address in the window
)

// Auth is the door.
type Auth struct {
	// Speed is how fast the clock runs that times are told by; 0 means 1. Sessions
	// and throttling last as long for people as by a clock on the wall.
	Speed float64

	store  store.Store
	hasher *Hasher
}

// New returns the door of an archive.
func New(s store.Store) *Auth { return &Auth{store: s, hasher: NewHasher()} }

// lasts returns how far the clock runs while people wait for d.
func (a *Auth) lasts(d time.Duration) time.Duration {
	if a.Speed > 1 {
		return time.Duration(float64(d) * a.Speed)
	}
	return d
}

// Hasher returns what the door hashes passwords with.
func (a *Auth) Hasher() *Hasher { return a.hasher }

// SignIn checks login and password and opens a session. addr is the address the
// browser came from, without port. The token is given out once and only its hash
// is kept. Errors: [ErrThrottled], [ErrWrong], or one about the world.
func (a *Auth) SignIn(ctx context.Context, login, password, addr string, now time.Time) (token string, user store.User, err error) {
	login = NormalLogin(login)
	byLogin, byAddress := "login:"+login, "address:"+addr
	throttled, known := false, false
	err = a.store.View(ctx, func(tx store.Tx) error {
		l, err := tx.Users().Failures(ctx, byLogin, now.Add(-a.lasts(Window)))
		if err != nil {
			return err
		}
		n, err := tx.Users().Failures(ctx, byAddress, now.Add(-a.lasts(Window)))
		if err != nil {
			return err
		}
		throttled = l >= LoginTries || n >= AddressTries
		user, err = tx.Users().ByLogin(ctx, login)
		known = err == nil
		if errors.Is(err, brevdue.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return "", store.User{}, fmt.Errorf("sign in: %w", err)
	}
	if throttled {
		a.note(ctx, now, "signin.throttled", known, login)
		return "", store.User{}, ErrThrottled
	}
	right, err := a.hasher.Check(ctx, user.Hash, password)
	if err != nil {
		return "", store.User{}, fmt.Errorf("sign in: %w", err)
	}
	if !known || !right || user.Disabled {
		err := a.store.Update(ctx, func(tx store.Tx) error {
			if err := tx.Users().AddFailure(ctx, byLogin, now); err != nil {
				return err
			}
			return tx.Users().AddFailure(ctx, byAddress, now)
		})
		if err != nil {
			return "", store.User{}, fmt.Errorf("sign in: %w", err)
		}
		a.note(ctx, now, "signin.failed", known, login)
		return "", store.User{}, ErrWrong
	}
	token, err = a.open(ctx, user, byLogin, now)
	if err != nil {
		return "", store.User{}, fmt.Errorf("sign in: %w", err)
	}
	return token, user, nil
}

// note writes an attempt into the audit log. A login nobody has is not written
// down: people type their password, or a number, into the wrong field.
func (a *Auth) note(ctx context.Context, now time.Time, action string, known bool, login string) {
	actor := "unknown"
	if known {
		actor = login
	}
	// A failed write must not tell the caller more than the refusal does.
	_ = a.store.Update(ctx, func(tx store.Tx) error {
		return audit.Append(ctx, tx, audit.Entry{At: now, Actor: actor, Action: action})
	})
}

func (a *Auth) open(ctx context.Context, user store.User, byLogin string, now time.Time) (string, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	token := base64.RawURLEncoding.EncodeToString(raw)
	err := a.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.Users().ClearFailures(ctx, byLogin); err != nil {
			return err
		}
		if _, err := tx.Users().PurgeSessions(ctx, now); err != nil {
			return err
		}
		s := store.Session{TokenHash: hashToken(token), User: user.ID, Created: now, LastSeen: now, Expires: now.Add(a.lasts(Idle))}
		if err := tx.Users().PutSession(ctx, s); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{At: now, Actor: user.Login, Action: "signin"})
	})
	return token, err
}

// User returns who a token belongs to and keeps the session alive; [ErrNoSession]
// when it is unknown or over, or the account was disabled.
func (a *Auth) User(ctx context.Context, token string, now time.Time) (user store.User, err error) {
	if token == "" {
		return store.User{}, ErrNoSession
	}
	var s store.Session
	err = a.store.View(ctx, func(tx store.Tx) error {
		if s, err = tx.Users().Session(ctx, hashToken(token)); err != nil {
			return err
		}
		user, err = tx.Users().Get(ctx, s.User)
		return err
	})
	switch {
	case errors.Is(err, brevdue.ErrNotFound):
		return store.User{}, ErrNoSession
	case err != nil:
		return store.User{}, fmt.Errorf("look up session: %w", err)
	case user.Disabled, !now.Before(s.Expires):
		return store.User{}, ErrNoSession
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

// SignOut ends the session of a token; an unknown one is no error.
func (a *Auth) SignOut(ctx context.Context, token string, now time.Time) error {
	return a.store.Update(ctx, func(tx store.Tx) error {
		s, err := tx.Users().Session(ctx, hashToken(token))
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

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
