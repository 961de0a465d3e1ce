package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"brevdue"
	"brevdue/internal/audit"
	"brevdue/internal/store"
)

// Session is a signed-in browser as its person sees it.
type Session struct {
	ID       string // names it among the sessions of its person; of no use as a token
	Created  time.Time
	LastSeen time.Time // by the minute
	Browser
	Here bool // the one that asks
}

// User returns who a token belongs to and keeps the session alive; [ErrNoSession]
// when it is unknown or over, or the account was disabled. ends is when it will be over
// if nobody does anything more.
func (a *Auth) User(ctx context.Context, token string, now time.Time) (user store.User, ends time.Time, err error) {
	user, s, err := a.session(ctx, token, now)
	if err != nil {
		return store.User{}, time.Time{}, err
	}
	if now.Sub(s.LastSeen) < a.lasts(time.Minute) {
		return user, s.Expires, nil // no need to write at every page
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
			return store.User{}, time.Time{}, ErrNoSession
		}
		return store.User{}, time.Time{}, fmt.Errorf("keep session: %w", err)
	}
	return user, s.Expires, nil
}

// Peek returns who a token belongs to like [Auth.User], but does not keep the
// session alive: for what a browser asks by itself while nobody may be there.
func (a *Auth) Peek(ctx context.Context, token string, now time.Time) (user store.User, ends time.Time, err error) {
	user, s, err := a.session(ctx, token, now)
	return user, s.Expires, err
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
		return end(ctx, tx, []store.Session{s}, "", "signout", "", now)
	})
}

// Sessions returns the sessions of whom the token belongs to, the one that was used last
// first; [ErrNoSession] when that one is over.
func (a *Auth) Sessions(ctx context.Context, token string, now time.Time) (out []Session, err error) {
	user, here, err := a.session(ctx, token, now)
	if err != nil {
		return nil, err
	}
	err = a.store.View(ctx, func(tx store.Tx) error {
		out, err = sessionsOf(ctx, tx, user.ID, now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	for i := range out {
		out[i].Here = out[i].ID == sessionID(here.TokenHash)
	}
	return out, nil
}

// SessionsOf returns the sessions of a login like [Auth.Sessions], for who runs the
// installation; ErrNotFound when nobody has the login.
func SessionsOf(ctx context.Context, tx store.Tx, login string, now time.Time) ([]Session, error) {
	user, err := tx.Users().ByLogin(ctx, login)
	if err != nil {
		return nil, err
	}
	return sessionsOf(ctx, tx, user.ID, now)
}

func sessionsOf(ctx context.Context, tx store.Tx, user int64, now time.Time) (out []Session, err error) {
	all, err := tx.Users().SessionsOf(ctx, user)
	for _, s := range all {
		if now.Before(s.Expires) {
			out = append(out, Session{ID: sessionID(s.TokenHash), Created: s.Created, LastSeen: s.LastSeen, Browser: Browser{Address: s.Address, Family: s.Browser}})
		}
	}
	slices.SortFunc(out, func(x, y Session) int {
		return cmp.Or(y.LastSeen.Compare(x.LastSeen), y.Created.Compare(x.Created), cmp.Compare(x.ID, y.ID))
	})
	return out, err
}

// sessionID names a session on a page. The hash itself stays in the archive.
func sessionID(tokenHash string) string { return hash("session:" + tokenHash)[:16] }

// EndSession ends the one of the caller's own sessions that id names. What is not his is
// ErrNotFound, and on record.
func (a *Auth) EndSession(ctx context.Context, token, id string, now time.Time) error {
	_, err := a.endOwn(ctx, token, now, true, func(s store.Session, _ string) bool { return sessionID(s.TokenHash) == id })
	return err
}

// EndOthers ends all of the caller's sessions but the one he asks from, and returns how
// many that were.
func (a *Auth) EndOthers(ctx context.Context, token string, now time.Time) (n int, err error) {
	return a.endOwn(ctx, token, now, false, func(s store.Session, here string) bool { return s.TokenHash != here })
}

// endOwn ends the caller's sessions that are meant; where one must be, none is
// ErrNotFound.
func (a *Auth) endOwn(ctx context.Context, token string, now time.Time, must bool, meant func(s store.Session, here string) bool) (n int, err error) {
	user, here, err := a.session(ctx, token, now)
	if err != nil {
		return 0, err
	}
	err = a.store.Update(ctx, func(tx store.Tx) error {
		all, err := tx.Users().SessionsOf(ctx, user.ID)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(s store.Session) bool { return !meant(s, here.TokenHash) })
		if n = len(all); n == 0 && must {
			return audit.Append(ctx, tx, audit.Entry{At: now, Actor: user.Login, Action: "session.denied"})
		}
		return end(ctx, tx, all, user.Login, "session.ended", "", now)
	})
	switch {
	case err != nil:
		return 0, fmt.Errorf("end sessions: %w", err)
	case n == 0 && must:
		return 0, brevdue.ErrNotFound
	}
	return n, nil
}

// EndSessionsOf ends all sessions of a login, within a change of who runs the
// installation, and returns how many that were; ErrNotFound when nobody has the login.
func EndSessionsOf(ctx context.Context, tx store.Tx, login, actor string, now time.Time) (n int, err error) {
	user, err := tx.Users().ByLogin(ctx, login)
	if err != nil {
		return 0, err
	}
	all, err := tx.Users().SessionsOf(ctx, user.ID)
	if err != nil {
		return 0, err
	}
	return len(all), end(ctx, tx, all, actor, "session.ended", user.Login, now)
}

// end ends sessions, each with a line on record. An empty actor is whose session it is.
func end(ctx context.Context, tx store.Tx, sessions []store.Session, actor, action, detail string, now time.Time) error {
	for _, s := range sessions {
		who := actor
		if who == "" {
			user, err := tx.Users().Get(ctx, s.User)
			if err != nil {
				return err
			}
			who = user.Login
		}
		if err := tx.Users().DeleteSession(ctx, s.TokenHash); err != nil {
			return err
		}
		if err := audit.Append(ctx, tx, audit.Entry{At: now, Actor: who, Action: action, Detail: detail}); err != nil {
			return err
		}
	}
	return nil
}
