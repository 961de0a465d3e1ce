package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// Peek returns who a token belongs to like [Auth.User], but does not keep the
// session alive: for what a browser asks by itself while nobody may be there.
func (a *Auth) Peek(ctx context.Context, token string, now time.Time) (user store.User, err error) {
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
	return user, nil
}
