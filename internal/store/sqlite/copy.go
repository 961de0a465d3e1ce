package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Copy writes the archive at from, as it is at one moment, to a new file, encrypted with
// that file's own key. A program may be at work on it: readers and the writer go on
// meanwhile.
func Copy(ctx context.Context, from string, key Key, to string, toKey Key) (err error) {
	if err := errors.Join(key.fits(from), toKey.valid()); err != nil {
		return err
	}
	db, err := connect(from, key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", uri(to)+"?"+toKey.parameters()); err != nil {
		return err
	}
	return os.Chmod(to, 0o600)
}

// Sound checks every page and index of the archive at path, which nobody may be at
// work on, and that what refers to something finds it.
func Sound(ctx context.Context, path string, key Key) (err error) {
	if err := key.fits(path); err != nil {
		return err
	}
	db, err := connect(path, key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var said string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&said); err != nil {
		return fmt.Errorf("check the archive: %w", err)
	}
	if said != "ok" {
		return fmt.Errorf("the archive is broken: %s", said)
	}
	rows, err := db.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return fmt.Errorf("check the archive: %w", err)
	}
	defer rows.Close()
	if rows.Next() {
		return errors.New("the archive is broken: something it refers to is not there")
	}
	return rows.Err()
}
