package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/internal/auth"
	"brevdue/internal/store"
)

// UserSessionsCmd lists where a person is signed in.
type UserSessionsCmd struct {
	Installation
	Login string `arg:"" help:"Sign-in name, as brevdue user list has it."`
}

// Run lists the sessions, the one used last first.
func (c UserSessionsCmd) Run(s *Streams) error {
	return c.open(func(ctx context.Context, st store.Store) error {
		return st.View(ctx, func(tx store.Tx) error {
			list, err := auth.SessionsOf(ctx, tx, auth.NormalLogin(c.Login), s.Now())
			if err != nil {
				return known(c.Login, err)
			}
			const when = "2006-01-02 15:04"
			for _, e := range list {
				line := fmt.Sprintf("since %s  used %s  %-16s %s", e.Created.Local().Format(when), e.LastSeen.Local().Format(when), e.Address, e.Family)
				fmt.Fprintln(s.Out, strings.TrimRight(line, " "))
			}
			return nil
		})
	})
}

// UserEndSessionsCmd signs a person out everywhere.
type UserEndSessionsCmd struct {
	Installation
	Login string `arg:"" help:"Sign-in name, as brevdue user list has it."`
}

// Help is the example of the command.
func (UserEndSessionsCmd) Help() string {
	return "Example:\n\n    brevdue user end-sessions --data data anne\n\nIt may run while brevdue serve does. The person can sign in again; brevdue user disable keeps him out."
}

// Run ends the sessions and tells how many they were.
func (c UserEndSessionsCmd) Run(s *Streams) error {
	return c.open(func(ctx context.Context, st store.Store) error {
		n := 0
		err := st.Update(ctx, func(tx store.Tx) (err error) {
			n, err = auth.EndSessionsOf(ctx, tx, auth.NormalLogin(c.Login), "system", s.Now())
			return err
		})
		if err != nil {
			return known(c.Login, err)
		}
		fmt.Fprintf(s.Out, "%d ended\n", n)
		return nil
	})
}

// UserDisableCmd keeps a person out, whoever vouches for him.
type UserDisableCmd struct {
	Installation
	Login string `arg:"" help:"Sign-in name, as brevdue user list has it."`
}

// Run disables the account and ends its sessions.
func (c UserDisableCmd) Run(s *Streams) error { return c.setDisabled(s, c.Login, true) }

// UserEnableCmd lets a person in again.
type UserEnableCmd struct {
	Installation
	Login string `arg:"" help:"Sign-in name, as brevdue user list has it."`
}

// Run enables the account.
func (c UserEnableCmd) Run(s *Streams) error { return c.setDisabled(s, c.Login, false) }

func (i Installation) setDisabled(s *Streams, login string, disabled bool) error {
	return i.open(func(ctx context.Context, st store.Store) error {
		if err := app.SetDisabled(ctx, st, auth.NormalLogin(login), disabled, s.Now()); err != nil {
			return known(login, err)
		}
		word := "can sign in again"
		if disabled {
			word = "is signed out and cannot sign in"
		}
		fmt.Fprintf(s.Out, "%s %s\n", auth.NormalLogin(login), word)
		return nil
	})
}

// known says which sign-in name nobody has.
func known(login string, err error) error {
	if errors.Is(err, brevdue.ErrNotFound) {
		return fmt.Errorf("nobody has the sign-in name %q", login)
	}
	return err
}
