package app

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"

	"brevdue"
	"brevdue/internal/config"
	"brevdue/internal/store"
	"brevdue/internal/store/postgres"
	"brevdue/internal/store/sqlite"
	"brevdue/internal/store/sqlstore"
)

// OpenArchive opens only the archive of an installation, for a command that runs
// beside the program.
func OpenArchive(ctx context.Context, c *config.Config) (store.Store, error) {
	s, err := openArchive(ctx, c, 1)
	if err != nil {
		return nil, err // and not a nil *Store in an interface
	}
	return s, nil
}

// openAlone opens the archive for the program itself. One in a file is locked: a
// second program on it would take up the first one's jobs. Nodes that share a
// PostgreSQL database take turns in it.
func openAlone(ctx context.Context, c *config.Config) (st store.Store, unlock func(), err error) {
	unlock = func() {}
	if !c.Shared() {
		if unlock, err = lock(c.Path(c.Database) + ".lock"); err != nil {
			return nil, nil, err
		}
	}
	s, err := openArchive(ctx, c, 0)
	if err != nil {
		unlock()
		return nil, nil, err
	}
	return s, unlock, nil
}

// openArchive opens the archive with that many readers; 0 for what an installation
// needs.
func openArchive(ctx context.Context, c *config.Config, readers int) (*sqlstore.Store, error) {
	if !c.Shared() {
		key, err := c.DatabaseKey()
		if err != nil {
			return nil, err
		}
		return sqlite.Open(c.Path(c.Database), sqlite.Options{Readers: readers, Key: key})
	}
	address, err := c.DatabaseAddress()
	if err != nil {
		return nil, err
	}
	return postgres.Open(ctx, address, postgres.Options{Readers: readers})
}

// NewKeyFile makes a key for an archive and writes it to a new file.
func NewKeyFile(path string) error { return config.WriteKey(path, sqlite.NewKey()) }

// Move carries the archive of an installation over into another database: with the
// Database, PasswordFile and KeyFile of to, an address or a file that is not there yet. While
// the program is at work on the archive only what never changes is carried over, and
// ahead is true: stop it and move again for the rest. Errors as for [sqlstore.Move].
func Move(ctx context.Context, c, to *config.Config, tell func(table string, rows int64)) (moved []sqlstore.Moved, ahead bool, err error) {
	if err := errors.Join(to.CheckDatabase(), to.CheckKey()); err != nil {
		return nil, false, err
	}
	if !to.Shared() && !c.Shared() && samePath(to.Path(to.Database), c.Path(c.Database)) {
		return nil, false, errors.New("the archive is there already: name a new file")
	}
	if !c.Shared() {
		unlock, err := lock(c.Path(c.Database) + ".lock")
		ahead = err != nil
		if !ahead {
			defer unlock()
		}
	}
	from, err := openArchive(ctx, patient(c), 1)
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	target, err := openArchive(ctx, patient(to), 1)
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	moved, err = sqlstore.Move(ctx, from, target, sqlstore.MoveOptions{Ahead: ahead, To: to.Database, Tell: tell})
	return moved, ahead, err
}

// samePath compares two paths of which one may begin where the program was started.
func samePath(a, b string) bool {
	a, errA := filepath.Abs(a)
	b, errB := filepath.Abs(b)
	return errA == nil && errB == nil && a == b
}

// patient returns the configuration with an address that lets a transaction wait: while
// one archive is read from end to end, the other has nothing to do for minutes. What
// protects nodes from each other ends such a transaction after seconds.
func patient(c *config.Config) *config.Config {
	if !c.Shared() {
		return c
	}
	waits := *c
	u, err := url.Parse(c.Database)
	if err != nil {
		return c // opening says so
	}
	q := u.Query()
	q.Set("idle_in_transaction_session_timeout", "0")
	u.RawQuery = q.Encode()
	waits.Database = u.String()
	return &waits
}

// refuseMoved refuses an archive that is not the installation any more, or not yet.
func refuseMoved(ctx context.Context, tx store.Tx) error {
	for key, why := range map[string]string{
		store.KeyMoving: "a move into this archive has not ended: run brevdue move again",
		store.KeyMoved:  "this archive was moved, and config.yaml still names it: set database to ",
	} {
		v, err := tx.Settings().Get(ctx, key)
		if err == nil && key == store.KeyMoved {
			why += v
		}
		if err == nil {
			return errors.New(why)
		}
		if !errors.Is(err, brevdue.ErrNotFound) {
			return err
		}
	}
	return nil
}
