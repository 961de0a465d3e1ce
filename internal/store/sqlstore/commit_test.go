package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers "pgx"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/ext/fts5"

	"brevdue"
	"brevdue/internal/pgtest"
	"brevdue/internal/store"
	"brevdue/internal/store/postgres"
	"brevdue/internal/store/sqlite"
	"brevdue/internal/store/sqlstore"
	"brevdue/internal/store/storetest"
)

// engine is one of the databases, made new for a test.
type engine struct {
	open func(o sqlstore.Options) (*sqlstore.Store, error)
	// direct runs a statement beside the archive.
	direct func(statement string) error
}

// engines runs a test on both databases.
func engines(t *testing.T, test func(t *testing.T, e engine)) {
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "brevdue.db")
		test(t, engine{
			open: func(o sqlstore.Options) (*sqlstore.Store, error) {
				return sqlite.Open(path, sqlite.Options{Readers: o.Readers, Batch: o.Batch})
			},
			direct: func(statement string) error {
				db, err := sql.Open("sqlite3", "file:"+path)
				if err != nil {
					return err
				}
				defer db.Close()
				_, err = db.Exec(statement)
				return err
			},
		})
	})
	t.Run("postgres", func(t *testing.T) {
		address := pgtest.Database(t)
		test(t, engine{
			open: func(o sqlstore.Options) (*sqlstore.Store, error) {
				return postgres.Open(context.Background(), address, o)
			},
			direct: func(statement string) error {
				db, err := sql.Open("pgx", address)
				if err != nil {
					return err
				}
				defer db.Close()
				_, err = db.Exec(statement)
				return err
			},
		})
	})
}

// gated is an archive whose writer is held back until the test lets it go, so
// that everything asked for meanwhile falls into one commit.
type gated struct {
	*sqlstore.Store
	t    *testing.T
	open chan struct{}
	wg   sync.WaitGroup
}

func newGated(t *testing.T, e engine, o sqlstore.Options) *gated {
	t.Helper()
	s, err := e.open(o)
	if err != nil {
		t.Fatal(err)
	}
	return newGatedOf(t, s)
}

func newGatedOf(t *testing.T, s *sqlstore.Store) *gated {
	t.Helper()
	t.Cleanup(func() { s.Close() })
	g := &gated{Store: s, t: t, open: make(chan struct{})}
	inside := make(chan struct{})
	g.wg.Go(func() {
		if err := s.Update(context.Background(), func(store.Tx) error { close(inside); <-g.open; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-inside
	return g
}

// ask asks for an update and returns when it waits in the queue.
func (g *gated) ask(ctx context.Context, f func(store.Tx) error) (answer func() error) {
	g.t.Helper()
	before := g.Waiting()
	done := make(chan error, 1)
	g.wg.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("panicked: %v", p)
			}
		}()
		done <- g.Update(ctx, f)
	})
	for g.Waiting() == before {
		time.Sleep(time.Millisecond)
	}
	return func() error { return <-done }
}

func (g *gated) release() { close(g.open) }

func set(key string) func(store.Tx) error {
	return func(tx store.Tx) error {
		tx.Notify(key)
		return tx.Settings().Set(context.Background(), key, "v")
	}
}

func (g *gated) kept(key string) bool {
	g.t.Helper()
	err := g.View(g.t.Context(), func(tx store.Tx) error { _, err := tx.Settings().Get(g.t.Context(), key); return err })
	if err != nil && !errors.Is(err, brevdue.ErrNotFound) {
		g.t.Fatal(err)
	}
	return err == nil
}

// TestOneCommit: neighbours in one commit do not feel each other's errors,
// panics and ended contexts.
func TestOneCommit(t *testing.T) { engines(t, oneCommit) }

func oneCommit(t *testing.T, e engine) {
	g := newGated(t, e, sqlstore.Options{})
	no := errors.New("no")
	ended, end := context.WithCancel(t.Context())
	answers := map[string]func() error{
		"before": g.ask(t.Context(), set("before")),
		"failed": g.ask(t.Context(), func(tx store.Tx) error { return errors.Join(set("failed")(tx), no) }),
		"middle": g.ask(t.Context(), set("middle")),
		"panic":  g.ask(t.Context(), func(tx store.Tx) error { _ = set("panic")(tx); panic("bug") }),
		"ended":  g.ask(ended, set("ended")),
		"after":  g.ask(t.Context(), set("after")),
	}
	end()
	quiet, stop := g.Listen("failed")
	defer stop()
	g.release()
	for name, answer := range answers {
		err := answer()
		switch name {
		case "failed":
			if !errors.Is(err, no) {
				t.Errorf("%s: %v", name, err)
			}
		case "panic":
			if err == nil || err.Error() != "panicked: bug" {
				t.Errorf("%s: %v", name, err)
			}
		case "ended":
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		default:
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if g.kept(name) != (err == nil) {
			t.Errorf("%s: answered %v, kept %v", name, err, g.kept(name))
		}
	}
	select {
	case <-quiet:
		t.Error("woken by what was not kept")
	default:
	}
	g.wg.Wait()
}

// TestCommitFails: when the commit itself fails nobody is told that something
// was kept, nothing was, and the writer goes on.
func TestCommitFails(t *testing.T) { engines(t, commitFails) }

func commitFails(t *testing.T, e engine) {
	s, err := e.open(sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// A reference that is looked at only in the commit.
	for _, statement := range []string{
		"CREATE TABLE whole (id INTEGER PRIMARY KEY)",
		"CREATE TABLE broken (id INTEGER REFERENCES whole(id) DEFERRABLE INITIALLY DEFERRED)",
	} {
		if err := e.direct(statement); err != nil {
			t.Fatal(err)
		}
	}
	g := newGatedOf(t, s)
	good := g.ask(t.Context(), set("good"))
	bad := g.ask(t.Context(), func(tx store.Tx) error { return sqlstore.Run(tx, "INSERT INTO broken (id) VALUES (4711)") })
	quiet, stop := g.Listen("good")
	defer stop()
	g.release()
	for name, answer := range map[string]func() error{"good": good, "bad": bad} {
		if err := answer(); !errors.Is(err, brevdue.ErrTransient) {
			t.Errorf("%s: %v", name, err)
		}
	}
	g.wg.Wait()
	if g.kept("good") {
		t.Error("kept without a commit")
	}
	select {
	case <-quiet:
		t.Error("woken without a commit")
	default:
	}
	if err := g.Update(t.Context(), set("next")); err != nil || !g.kept("next") {
		t.Errorf("the writer is stuck: %v", err)
	}
}

// TestFullQueue: who finds no place in the queue waits no longer than its context.
func TestFullQueue(t *testing.T) { engines(t, fullQueue) }

func fullQueue(t *testing.T, e engine) {
	g := newGated(t, e, sqlstore.Options{Batch: 1})
	var answers []func() error
	for i := range g.Room() {
		answers = append(answers, g.ask(t.Context(), set(fmt.Sprint(i))))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := g.Update(ctx, set("late")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without a place: %v", err)
	}
	g.release()
	for i, answer := range answers {
		if err := answer(); err != nil || !g.kept(fmt.Sprint(i)) {
			t.Errorf("update %d: %v", i, err)
		}
	}
	g.wg.Wait()
	if g.kept("late") {
		t.Error("kept what was given up")
	}
}

// TestCloseAnswersEverybody: what waits when the archive closes is done or refused.
func TestCloseAnswersEverybody(t *testing.T) { engines(t, closeAnswersEverybody) }

func closeAnswersEverybody(t *testing.T, e engine) {
	g := newGated(t, e, sqlstore.Options{})
	answer := g.ask(t.Context(), set("waiting"))
	closed := make(chan error, 1)
	go func() { closed <- g.Close() }()
	<-g.Closing()
	if err := g.Update(t.Context(), set("late")); !errors.Is(err, brevdue.ErrTransient) {
		t.Errorf("after closing: %v", err)
	}
	g.release()
	if err := answer(); err != nil {
		t.Errorf("what waited: %v", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	g.wg.Wait()
}

// TestNewerArchive: a program does not touch an archive from its future.
func TestNewerArchive(t *testing.T) { engines(t, newerArchive) }

func newerArchive(t *testing.T, e engine) {
	s, err := e.open(sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if err := e.direct("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)"); err != nil {
		t.Fatal(err)
	}
	if _, err := e.open(sqlstore.Options{}); err == nil || !strings.Contains(err.Error(), "newer Brevdue") {
		t.Errorf("opened: %v", err)
	}
}

// planned collects the statements of an archive before it closes.
type planned struct {
	*sqlstore.Store
	path string
	seen map[string]string // statement -> plan
	t    *testing.T
}

func (p planned) Close() error {
	select {
	case <-p.Closing():
	default:
		db, err := driver.Open("file:"+p.path, fts5.Register)
		if err != nil {
			return err
		}
		defer db.Close()
		for _, query := range p.Statements() {
			if strings.Contains(query, " ") && p.seen[query] == "" {
				p.seen[query] = plan(p.t, db, query)
			}
		}
	}
	return p.Store.Close()
}

// plan asks SQLite how it would run a statement.
func plan(t *testing.T, db *sql.DB, query string) string {
	if strings.Contains(query, "SAVEPOINT") {
		return "."
	}
	args := make([]any, strings.Count(query, "?"))
	for i := range args {
		args[i] = 1
	}
	rows, err := db.Query("EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Errorf("%s: %v", query, err)
		return "."
	}
	defer rows.Close()
	steps := []string{"."}
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return strings.Join(steps, "\n")
}

// TestEveryStatementHasItsIndex runs the whole suite and asks SQLite for the plan
// of every statement in it: none may walk through a table that grows, nor sort.
func TestEveryStatementHasItsIndex(t *testing.T) {
	root := t.TempDir()
	seen := map[string]string{}
	storetest.Run(t, func(t *testing.T, name string) store.Store {
		path := filepath.Join(root, filepath.Base(t.Name()), name+".db")
		s, err := sqlite.Open(path, sqlite.Options{Readers: 2})
		if err != nil {
			t.Fatal(err)
		}
		return planned{s, path, seen, t}
	})
	matched := regexp.MustCompile(`^SCAN letter_words VIRTUAL TABLE INDEX \d+:(M|=)`)
	small := []string{"units", "users", "agreements", "subject_receivers"} // as many as an organisation has
	for query, plan := range seen {
		if strings.HasPrefix(query, "INSERT") {
			continue // the plan names what SQLite would look through, were a reference broken before it
		}
		for step := range strings.Lines(plan) {
			step = strings.TrimSpace(step)
			words := strings.Fields(step)
			if strings.HasSuffix(query, "ORDER BY seq DESC LIMIT 1") {
				continue // one step from the end of the table
			}
			if matched.MatchString(step) {
				continue // the index of words, asked for words or for a letter
			}
			scans := strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, " USING ") && words[1] != "CONSTANT" && !slices.Contains(small, words[1])
			sorts := strings.Contains(step, "TEMP B-TREE") && !slices.ContainsFunc(small, func(table string) bool { return strings.Contains(query, "FROM "+table) })
			if scans || sorts {
				t.Errorf("%s\n\t%s", query, plan)
			}
		}
	}
	if len(seen) < 70 {
		t.Errorf("only %d statements were seen", len(seen))
	}
}
