package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/audit"
	"brevdue/internal/auth"
	"brevdue/internal/config"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// Setup is a new installation.
type Setup struct {
	Dir       string
	Units     []config.Unit
	ValidFrom kalender.Day // when the shipped agreement comes into force
	Now       time.Time
	// Database is the address of a PostgreSQL database, and PasswordFile the file with
	// its password; without them the archive is a file.
	Database, PasswordFile string
	// Encrypt makes a key, in [KeyName] beside config.yaml, and encrypts the archive
	// with it; only for an archive in a file.
	Encrypt bool
	// Operator is the login of the first account.
	Operator string
}

// KeyName is the key file of a new installation that is encrypted.
const KeyName = "database.key"

// directoryTemplate explains the directory file.
const directoryTemplate = `# Who can be written to. One entry for each location number.
# kind: ward, clinic, regional-social, municipal-health, municipal-social, gp
# takes: the letter formats the receiver can read, DIS91 or XDIS91 or both
# subjects: the subjects of the agreement that the unit gets in its municipality
# standards: codes of other MedCom messages it can read, e.g. XDIS16; [] for none
#
# entries:
#   - gln: "5790000000005"
#     name: Hjemmesygeplejen Nord
#     kind: municipal-health
#     place: Aarhus Kommune
#     takes: [XDIS91]
#     standards: [XDIS16, XDIS18, GGOP]
#     subjects: [Medicin, Sygepleje-kommune]
#     phone: "87654321"
entries: []
`

// Init makes a new installation in a folder that is empty or not there, and
// returns the password of its first account, which is kept nowhere.
func Init(ctx context.Context, s Setup) (password string, err error) {
	_, missing := os.Stat(s.Dir)
	if err := Prepare(s); err != nil {
		return "", err
	}
	defer func() {
		if err != nil { // nothing is left that would stop the next try
			err = errors.Join(err, empty(s.Dir, missing != nil))
		}
	}()
	c, err := config.Load(filepath.Join(s.Dir, "config.yaml"))
	if err != nil {
		return "", err
	}
	st, err := OpenArchive(ctx, c)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	user := store.User{Login: s.Operator, Name: "Driftsansvarlig", Title: "Driftsansvarlig", Operator: true, Lang: "da", Created: s.Now}
	err = st.Update(ctx, func(tx store.Tx) error {
		for _, u := range c.Units {
			user.Units = append(user.Units, brevdue.GLN(u.GLN))
			if err := tx.Units().Put(ctx, u.Record()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return PutUser(ctx, st, user, s.Now)
}

// empty empties a folder that was empty or not there, and removes it when it was not.
func empty(dir string, whole bool) error {
	if whole {
		return os.RemoveAll(dir)
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}

// Prepare writes the files of a new installation: configuration, agreement,
// directory and the network folders.
func Prepare(s Setup) error {
	entries, err := os.ReadDir(s.Dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty: name a new folder, nothing was changed", s.Dir)
	}
	shape := config.Config{Units: s.Units, Database: s.Database, PasswordFile: s.PasswordFile}
	if s.Encrypt {
		shape.KeyFile = KeyName
	}
	if err := shape.CheckKey(); err != nil {
		return err
	}
	content := config.Template(shape)
	c, err := config.Parse(content)
	if err != nil {
		return fmt.Errorf("units: %w", err)
	}
	c.Dir = s.Dir
	name, draft := aftale.Shipped()
	agreement, err := aftale.WithValidFrom(draft, s.ValidFrom)
	if err != nil {
		return err
	}
	for _, dir := range append(c.Folders(), c.Path(c.Aftaler)) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if s.Encrypt {
		if err := NewKeyFile(filepath.Join(s.Dir, KeyName)); err != nil {
			return err
		}
	}
	for _, f := range []struct {
		path string
		data []byte
	}{
		{filepath.Join(c.Path(c.Aftaler), name), agreement},
		{c.Path(c.Directory), []byte(directoryTemplate)},
		{filepath.Join(s.Dir, "config.yaml"), content}, // last: it says that the rest is there
	} {
		if err := os.WriteFile(f.path, f.data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// PutUser adds an account with a new random password and returns the password.
func PutUser(ctx context.Context, st store.Store, user store.User, now time.Time) (password string, err error) {
	password = auth.NewPassword()
	user.Login = auth.NormalLogin(user.Login)
	if user.Hash, err = auth.NewHasher().Hash(ctx, password); err != nil {
		return "", err
	}
	action := "user.password"
	if user.ID == 0 {
		action = "user.added"
	}
	err = st.Update(ctx, func(tx store.Tx) error {
		id, err := tx.Users().Put(ctx, user)
		if errors.Is(err, brevdue.ErrConflict) {
			return fmt.Errorf("the login %q is taken", user.Login)
		}
		if err != nil {
			return err
		}
		// Whoever is signed in with the old password is not any more.
		if err := tx.Users().DeleteSessionsOf(ctx, id); err != nil {
			return err
		}
		if err := auth.Forget(ctx, tx, user.Login); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{At: now, Actor: "system", Action: action, Detail: user.Login})
	})
	return password, err
}

// SetDisabled keeps an account out, signed out everywhere, or lets it in again;
// ErrNotFound when nobody has the login.
func SetDisabled(ctx context.Context, st store.Store, login string, disabled bool, now time.Time) error {
	return st.Update(ctx, func(tx store.Tx) error {
		user, err := tx.Users().ByLogin(ctx, login)
		if err != nil {
			return err
		}
		user.Disabled = disabled
		if _, err := tx.Users().Put(ctx, user); err != nil {
			return err
		}
		action := "user.enabled"
		if disabled {
			action = "user.disabled"
			if _, err := auth.EndSessionsOf(ctx, tx, login, "system", now); err != nil {
				return err
			}
		}
		return audit.Append(ctx, tx, audit.Entry{At: now, Actor: "system", Action: action, Detail: login})
	})
}
