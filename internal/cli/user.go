package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"brevdue/internal/app"
	"brevdue/internal/auth"
	"brevdue/internal/store"
)

// UserCmd manages accounts.
type UserCmd struct {
	Add         UserAddCmd         `cmd:"" help:"Add a person; the password is printed once."`
	Password    UserPasswordCmd    `cmd:"" help:"Give a person a new password; it is printed once."`
	List        UserListCmd        `cmd:"" help:"List all people, their units and their roles."`
	Sessions    UserSessionsCmd    `cmd:"" help:"List where a person is signed in."`
	EndSessions UserEndSessionsCmd `cmd:"" help:"Sign a person out everywhere."`
	Disable     UserDisableCmd     `cmd:"" help:"Keep a person out, and sign him out everywhere."`
	Enable      UserEnableCmd      `cmd:"" help:"Let a person in again who was kept out."`
}

// UserAddCmd adds an account.
type UserAddCmd struct {
	Installation
	Login    string   `arg:"" help:"Sign-in name."`
	Name     string   `required:"" help:"Name as colleagues see it; stands last in letters."`
	Title    string   `help:"Job title; stands last in letters."`
	Unit     []string `help:"Location number of a unit the person belongs to, with the role in it: reader, writer or lead, which is what it is without one. May be given several times." placeholder:"GLN[:ROLE]"`
	Operator bool     `help:"May see the operator's page."`
	// Secretariat people own the agreement; two of them put a version in force.
	Secretariat bool `help:"May prepare versions of the agreement; two such people put one in force."`
	Auditor     bool `help:"May see the audit log, and no letter by it."`
}

// Help is the example of the command.
func (UserAddCmd) Help() string {
	return "Example:\n\n    brevdue user add --data data anne --name 'Anne Kirkegaard' --title Sygeplejerske --unit 5790000000005\n\nIt may run while brevdue serve does."
}

// Run adds the account.
func (c UserAddCmd) Run(s *Streams) error {
	return c.open(func(ctx context.Context, st store.Store) error {
		u := store.User{Login: c.Login, Name: c.Name, Title: c.Title, Operator: c.Operator, Secretariat: c.Secretariat, Auditor: c.Auditor, Lang: "da", Created: s.Now()}
		if err := st.View(ctx, func(tx store.Tx) error {
			for _, named := range c.Unit {
				unit, role, ok := store.ParseMembership(named)
				if !ok {
					return fmt.Errorf("%s is no role in a unit: it is reader, writer or lead", role)
				}
				if _, err := tx.Units().Get(ctx, unit); err != nil {
					return fmt.Errorf("no unit has the location number %s (start brevdue serve once after a change of config.yaml)", unit)
				}
				u.SetRole(unit, role)
			}
			return nil
		}); err != nil {
			return err
		}
		if len(u.Units) == 0 && !u.Operator && !u.Secretariat && !u.Auditor {
			return errors.New("a person needs at least one --unit, or --operator, --secretariat or --auditor")
		}
		password, err := app.PutUser(ctx, st, u, s.Now())
		if err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "sign-in name  %s\npassword      %s\n", auth.NormalLogin(c.Login), password)
		return nil
	})
}

// UserPasswordCmd gives a new password.
type UserPasswordCmd struct {
	Installation
	Login string `arg:"" help:"Sign-in name."`
}

// Run replaces the password and ends the person's sessions.
func (c UserPasswordCmd) Run(s *Streams) error {
	return c.open(func(ctx context.Context, st store.Store) error {
		var u store.User
		err := st.View(ctx, func(tx store.Tx) (err error) {
			u, err = tx.Users().ByLogin(ctx, auth.NormalLogin(c.Login))
			return err
		})
		if err != nil {
			return known(c.Login, err)
		}
		if u.Issuer != "" {
			return fmt.Errorf("%s signs in at %s, which keeps the password", u.Login, u.Issuer)
		}
		password, err := app.PutUser(ctx, st, u, s.Now())
		if err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "sign-in name  %s\npassword      %s\n", u.Login, password)
		return nil
	})
}

// UserListCmd lists the accounts.
type UserListCmd struct {
	Installation
}

// Run lists them, one a line.
func (c UserListCmd) Run(s *Streams) error {
	return c.open(func(ctx context.Context, st store.Store) error {
		return st.View(ctx, func(tx store.Tx) error {
			users, err := tx.Users().List(ctx)
			for _, u := range users {
				var notes []string
				if u.Operator {
					notes = append(notes, "operator")
				}
				if u.Secretariat {
					notes = append(notes, "secretariat")
				}
				if u.Auditor {
					notes = append(notes, "auditor")
				}
				if u.Disabled {
					notes = append(notes, "disabled")
				}
				if u.Issuer != "" {
					notes = append(notes, u.Issuer)
				}
				for _, g := range u.Units {
					notes = append(notes, u.Membership(g))
				}
				fmt.Fprintf(s.Out, "%-16s %-28s %-24s %s\n", u.Login, u.Name, u.Title, strings.Join(notes, " "))
			}
			return err
		})
	})
}

// open opens the archive of the installation for one command; the program may be
// serving it at the same time.
func (i Installation) open(f func(ctx context.Context, st store.Store) error) (err error) {
	c, err := i.load()
	if err != nil {
		return err
	}
	ctx := context.Background()
	st, err := app.OpenArchive(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return f(ctx, st)
}
