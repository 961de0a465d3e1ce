package storetest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/ext/fts5"

	"brevdue"
	"brevdue/internal/pgtest"
	"brevdue/internal/store"
	"brevdue/internal/store/postgres"
	"brevdue/internal/store/sqlite"
)

// Engine is the environment variable that lets the tests of other rooms run on
// "postgres"; without it they run on SQLite.
const Engine = "BREVDUE_STORE"

// Open opens the archive of a test of another room: the file at path, or where
// [Engine] says so the PostgreSQL database that belongs to the path. The caller closes
// it; opened again it is the same one.
func Open(t testing.TB, path string) store.Store {
	t.Helper()
	if os.Getenv(Engine) == "postgres" {
		prepare(t, path)
	}
	s, err := OpenPrepared(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// prepare makes the database of a path.
func prepare(t testing.TB, path string) {
	t.Helper()
	if _, err := os.Stat(path + addressOf); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(path+addressOf, []byte(pgtest.Database(t)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// addressOf ends the name of the file that holds the address of a path's database.
const addressOf = ".address"

// OpenPrepared is [Open] for a program that a test started, on an archive that the
// test has opened before.
func OpenPrepared(path string) (store.Store, error) {
	address, err := os.ReadFile(path + addressOf)
	if errors.Is(err, fs.ErrNotExist) {
		return sqlite.Open(path, sqlite.Options{})
	}
	if err != nil {
		return nil, err
	}
	return postgres.Open(context.Background(), string(address), postgres.Options{})
}

// All reads rows by their ids, which rise and may have gaps, until there are no more:
// All(tx.Letters().Get) for every letter.
func All[T any](ctx context.Context, get func(context.Context, int64) (T, error)) (out []T, err error) {
	// An engine may pass over the ids of what it did not keep: never so many.
	const gap = 100
	for id, missed := int64(1), 0; missed < gap; id++ {
		v, err := get(ctx, id)
		if errors.Is(err, brevdue.ErrNotFound) {
			missed++
			continue
		}
		if err != nil {
			return nil, err
		}
		missed = 0
		out = append(out, v)
	}
	return out, nil
}

// CheckIntegrity lets SQLite itself look at the file of a test that is over.
func CheckIntegrity(t testing.TB, path string) {
	t.Helper()
	if _, err := os.Stat(path + addressOf); err == nil {
		return // the foreign keys of PostgreSQL are always looked at
	}
	db, err := driver.Open("file:"+path, fts5.Register)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var answer string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&answer); err != nil || answer != "ok" {
		t.Errorf("integrity check: %q, %v", answer, err)
	}
	rows, err := db.Query("PRAGMA foreign_key_check")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if rows.Next() {
		t.Error("a foreign key points nowhere")
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
}
