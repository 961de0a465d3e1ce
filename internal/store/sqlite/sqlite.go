// Package sqlite keeps the archive in one SQLite file: the default, for a ward, a
// GP house or a whole municipality.
//
// Specification: the contract of internal/store and decision 2: WAL,
// synchronous=FULL, one writer with group commit.
//
// Deliberately missing: the SQL, which is the same for both archives and stands in
// store/sqlstore.
//
// What surprises: the file, the log beside it and its folder are closed to
// everybody but their owner, also when a restored backup left them open. With a
// [Key] file and log are encrypted (decision 7); the key is looked at before SQLite
// sees the file.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/ext/fts5"
	"github.com/pressly/goose/v3"

	"brevdue/internal/store/sqlstore"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options tune a store; the zero value is right for an installation that is not
// encrypted.
type Options struct {
	Readers int // connections for View; 0 means 4
	Batch   int // most Updates in one commit; 0 means 256
	Key     Key // of the archive; none: it is not encrypted
}

// Open opens or creates the archive at path and brings it to the newest
// migration. Its folder is made when it is missing; nobody else may read it. A key
// that is not the archive's is [ErrNotEncrypted], [ErrKeyMissing] or [ErrWrongKey].
func Open(path string, o Options) (*sqlstore.Store, error) {
	s, err := open(path, o)
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	return s, nil
}

func open(path string, o Options) (*sqlstore.Store, error) {
	tuning := sqlstore.Options{Readers: o.Readers, Batch: o.Batch}
	if err := o.Key.fits(path); err != nil {
		return nil, err
	}
	if err := private(path); err != nil {
		return nil, err
	}
	db, err := connect(path, o.Key)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(tuning.Connections() + 1)
	if err := migrate(db); err != nil {
		db.Close()
		return nil, err
	}
	s, err := sqlstore.New(db, dialect(), tuning)
	if err != nil {
		return nil, err
	}
	if err := privateIndex(path); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// dialect is how SQLite does it.
func dialect() sqlstore.Dialect {
	return sqlstore.Dialect{
		BeginWrite: func(r sqlstore.Runner) (string, error) { return "", r.Run("BEGIN IMMEDIATE") },
		BeginRead:  "BEGIN",
		Reader:     "PRAGMA query_only = on",
		Taken:      func(err error) bool { return strings.Contains(err.Error(), "UNIQUE constraint failed") },
		NextID: func(table string) string {
			return "(SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = '" + table + "'), 0) + 1)"
		},
		Words: sqlstore.WordIndex{
			Put:   "INSERT INTO letter_words (rowid, words) VALUES (?, ?)",
			Key:   "letter_words.rowid",
			Match: "letter_words MATCH ?",
			Order: "letter_words.rowid DESC",
			Query: wordQuery,
			Merge: mergeWords,
		},
		Scrub:  scrub,
		NoRoom: func(err error) bool { return errors.Is(err, sqlite3.FULL) || errors.Is(err, sqlite3.IOERR) },
	}
}

// wordQuery writes a query for FTS5. Words are letters and digits only.
func wordQuery(all []sqlstore.Alternatives) string {
	var parts []string
	for _, a := range all {
		end := `"`
		if a.Prefix {
			end += "*"
		}
		parts = append(parts, `("`+strings.Join(a.Words, end+` OR "`)+end+`)`)
	}
	return strings.Join(parts, " AND ")
}

// mergePages is how many pages of the index of words are written in one step.
const mergePages = 200

// mergeWords makes one part of the parts of the index: each of them still holds the words of
// letters that were taken out. What is written meanwhile has parts of its own.
func mergeWords(r sqlstore.Runner, first bool) (changed bool, err error) {
	pages := mergePages
	if first {
		pages = -pages // all parts there are, however few
	}
	var before, after int64
	if err := r.Row("SELECT total_changes()", nil, &before); err != nil {
		return false, err
	}
	if err := r.Run("INSERT INTO letter_words (letter_words, rank) VALUES ('merge', ?)", pages); err != nil {
		return false, err
	}
	if err := r.Row("SELECT total_changes()", nil, &after); err != nil {
		return false, err
	}
	return after-before >= 2, nil // the statement itself counts as one
}

// connect opens the file for [database/sql], with the index of words in every
// connection.
func connect(path string, key Key) (*sql.DB, error) {
	return driver.Open(address(path, key), fts5.Register)
}

// scrubTries is how often the log is asked to be emptied; a reader may stand in the way.
const scrubTries = 30

// scrub carries the log beside the file over into it and empties it: it holds pages as
// they were.
func scrub(ctx context.Context, db *sql.DB) error {
	for range scrubTries {
		var busy, pages, moved int
		if err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(truncate)").Scan(&busy, &pages, &moved); err != nil {
			return fmt.Errorf("empty the log of the archive: %w", err)
		}
		if busy == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
	return errors.New("the log of the archive could not be emptied: somebody reads all the time")
}

// address is the URI of the file with the settings of every connection. The log
// beside the file (-wal) holds the same letters; modeof gives it the file's mode
// and owner from the moment it is made. What is deleted or written over becomes zeroes
// at once: it would stay in the file for years.
func address(path string, key Key) string {
	return uri(path) + "?" + key.parameters() + "&modeof=" + strings.ReplaceAll(url.QueryEscape(filepath.ToSlash(path)), "+", "%20") +
		"&_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=foreign_keys(on)&_pragma=secure_delete(on)" +
		"&_pragma=cache_size(-16000)&_pragma=temp_store(memory)&_pragma=journal_size_limit(67108864)"
}

// uri is the path of a file as SQLite takes it; in a URI three characters mean
// something else.
func uri(path string) string {
	return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path))
}

// private makes the folder and the file so that only their owner reads them; a
// file that others may read, after a restored backup, is closed to them.
func private(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return f.Chmod(info.Mode().Perm() &^ 0o077)
	}
	return nil
}

// privateIndex closes the index of the log (-shm) to others; it is there as long as
// the sessions are open.
func privateIndex(path string) error {
	err := os.Chmod(path+"-shm", 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // not every system keeps it as a file
	}
	return err
}

// migrate brings the tables up to date.
func migrate(db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir, goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	return sqlstore.Migrate(context.Background(), p)
}
