package app

import (
	"context"

	"brevdue/internal/config"
	"brevdue/internal/store"
	"brevdue/internal/store/postgres"
	"brevdue/internal/store/sqlite"
)

// OpenArchive opens only the archive of an installation, for a command that runs
// beside the program.
func OpenArchive(ctx context.Context, c *config.Config) (store.Store, error) {
	return openArchive(ctx, c, 1)
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
	if st, err = openArchive(ctx, c, 0); err != nil {
		unlock()
		return nil, nil, err
	}
	return st, unlock, nil
}

// openArchive opens the archive with that many readers; 0 for what an installation
// needs.
func openArchive(ctx context.Context, c *config.Config, readers int) (store.Store, error) {
	if !c.Shared() {
		return sqlite.Open(c.Path(c.Database), sqlite.Options{Readers: readers})
	}
	address, err := c.DatabaseAddress()
	if err != nil {
		return nil, err
	}
	return postgres.Open(ctx, address, postgres.Options{Readers: readers})
}
