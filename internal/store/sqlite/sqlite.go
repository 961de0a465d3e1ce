// Package sqlite keeps the archive in one SQLite file: the default, for a ward, a
// GP house or a whole municipality.
//
// Specification: the contract of internal/store and decision 2: WAL,
// synchronous=FULL, one writer with group commit.
//
// Deliberately missing: anything about letters. The SQL stands beside the
// method that runs it.
//
// What surprises: one goroutine does all writing. It takes every waiting
// [Store.Update], runs each in a savepoint of one transaction and answers them
// all after one commit, so that many small changes share one write to the disk.
// Contexts end the waiting of a caller, never a statement that runs for others.
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
	"sync"

	_ "github.com/ncruces/go-sqlite3/driver" // registers "sqlite3"
	"github.com/pressly/goose/v3"

	"brevdue"
	"brevdue/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options tune a store; the zero value is right for an installation.
type Options struct {
	Readers int // connections for View; 0 means 4
	Batch   int // most Updates in one commit; 0 means 256
}

// Store is the archive in one file.
type Store struct {
	db      *sql.DB
	writer  *session
	readers chan *session
	all     []*session

	requests chan *request
	batch    int
	closing  chan struct{}
	closed   sync.WaitGroup
	once     sync.Once

	mu        sync.Mutex
	listeners map[string]map[chan struct{}]bool
}

var _ store.Store = (*Store)(nil)

// request is one Update that waits for the writer.
type request struct {
	ctx      context.Context
	f        func(store.Tx) error
	topics   []string
	err      error
	panicked any
	done     chan struct{}
}

// Open opens or creates the archive at path and brings it to the newest
// migration. Its folder is made when it is missing; nobody else may read it.
func Open(path string, o Options) (*Store, error) {
	if o.Readers <= 0 {
		o.Readers = 4
	}
	if o.Batch <= 0 {
		o.Batch = 256
	}
	if err := private(path); err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	db, err := sql.Open("sqlite3", address(path))
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	db.SetMaxOpenConns(o.Readers + 2)
	s := &Store{
		db: db, readers: make(chan *session, o.Readers), requests: make(chan *request, 4*o.Batch), batch: o.Batch,
		closing: make(chan struct{}), listeners: map[string]map[chan struct{}]bool{},
	}
	err = s.start(o.Readers)
	if err == nil {
		err = s.privateIndex(path)
	}
	if err != nil {
		for _, c := range s.all {
			c.close()
		}
		db.Close()
		return nil, fmt.Errorf("open archive: %w", err)
	}
	s.closed.Add(1)
	go s.write()
	return s, nil
}

// address is the URI of the file with the settings of every connection. The log
// beside the file (-wal) holds the same letters; modeof gives it the file's mode
// and owner from the moment it is made.
func address(path string) string {
	path = filepath.ToSlash(path)
	// In the URI of a file these three characters mean something else.
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	return "file:" + escaped + "?modeof=" + strings.ReplaceAll(url.QueryEscape(path), "+", "%20") +
		"&_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=foreign_keys(on)" +
		"&_pragma=cache_size(-16000)&_pragma=temp_store(memory)&_pragma=journal_size_limit(67108864)"
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
func (s *Store) privateIndex(path string) error {
	err := os.Chmod(path+"-shm", 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // not every system keeps it as a file
	}
	return err
}

func (s *Store) start(readers int) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, s.db, dir, goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	// An older program would write rows a newer one cannot trust.
	if has, knows, err := p.GetVersions(context.Background()); err != nil {
		return fmt.Errorf("migrate: %w", err)
	} else if has > knows {
		return fmt.Errorf("the archive was written by a newer Brevdue: it has migration %d, this program knows %d", has, knows)
	}
	if _, err := p.Up(context.Background()); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for i := range readers + 1 {
		c, err := newSession(s.db)
		if err != nil {
			return err
		}
		s.all = append(s.all, c)
		if i == 0 {
			s.writer = c
			continue
		}
		if err := c.run("PRAGMA query_only = on"); err != nil {
			return err
		}
		s.readers <- c
	}
	return nil
}

// Close waits for the writer to finish what it has taken and for views to end, and
// closes the file. Closing again is harmless.
func (s *Store) Close() (err error) {
	s.once.Do(func() {
		close(s.closing)
		s.closed.Wait()
		for range cap(s.readers) {
			<-s.readers
		}
		for _, c := range s.all {
			c.close()
		}
		err = s.db.Close()
	})
	return err
}

// errClosed is what callers get who come after Close.
var errClosed = fmt.Errorf("archive is closed: %w", brevdue.ErrTransient)

// Update implements [store.Store].
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) error {
	r := &request{ctx: ctx, f: f, done: make(chan struct{})}
	select {
	case <-s.closing:
		return errClosed
	default:
	}
	select {
	case s.requests <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return errClosed
	}
	select {
	case <-r.done:
	case <-s.stopped():
		select {
		case <-r.done:
		default:
			return errClosed // taken after the writer had ended
		}
	}
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.err
}

// stopped is closed when the writer has ended.
func (s *Store) stopped() <-chan struct{} { return s.writer.ended }

// write is the one goroutine that changes the file.
func (s *Store) write() {
	defer s.closed.Done()
	defer close(s.writer.ended)
	for {
		select {
		case r := <-s.requests:
			s.commit(s.gather(r))
		case <-s.closing:
			for { // answer those who came before
				select {
				case r := <-s.requests:
					s.commit(s.gather(r))
				default:
					return
				}
			}
		}
	}
}

// gather takes everything that waits, so that it shares one commit.
func (s *Store) gather(first *request) []*request {
	batch := []*request{first}
	for len(batch) < s.batch {
		select {
		case r := <-s.requests:
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

func (s *Store) commit(batch []*request) {
	err := s.writer.run("BEGIN IMMEDIATE")
	if err == nil {
		for _, r := range batch {
			if err = s.apply(r); err != nil {
				break
			}
		}
		if err == nil {
			err = s.writer.run("COMMIT")
		}
		if err != nil {
			// The error that broke the batch is the one to tell; the rollback may find
			// that SQLite has rolled back already.
			_ = s.writer.run("ROLLBACK")
		}
	}
	for _, r := range batch {
		switch {
		case err != nil:
			r.err = fmt.Errorf("commit: %w: %w", brevdue.ErrTransient, err)
		case r.err == nil && r.panicked == nil:
			s.wake(r.topics)
		}
		close(r.done)
	}
}

// apply runs one request in a savepoint. The error it returns is about the
// whole transaction, not about the request.
func (s *Store) apply(r *request) error {
	if r.err = r.ctx.Err(); r.err != nil {
		return nil
	}
	if err := s.writer.run("SAVEPOINT one"); err != nil {
		return err
	}
	t := &tx{session: s.writer}
	func() {
		defer func() {
			if p := recover(); p != nil {
				r.panicked = p
			}
		}()
		r.err = r.f(t)
	}()
	r.topics = t.topics
	if r.err != nil || r.panicked != nil {
		if err := s.writer.run("ROLLBACK TO one"); err != nil {
			return err
		}
	}
	return s.writer.run("RELEASE one")
}

// View implements [store.Store].
func (s *Store) View(ctx context.Context, f func(store.Tx) error) error {
	var c *session
	select {
	case c = <-s.readers:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return errClosed
	}
	defer func() { s.readers <- c }()
	if err := c.run("BEGIN"); err != nil {
		return fmt.Errorf("begin reading: %w", err)
	}
	defer func() { _ = c.run("ROLLBACK") }() // nothing was changed
	return f(&tx{session: c})
}

// Listen implements [store.Store].
func (s *Store) Listen(topic string) (wake <-chan struct{}, stop func()) {
	ch := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listeners[topic] == nil {
		s.listeners[topic] = map[chan struct{}]bool{}
	}
	s.listeners[topic][ch] = true
	return ch, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.listeners[topic], ch)
		if len(s.listeners[topic]) == 0 {
			delete(s.listeners, topic)
		}
	}
}

func (s *Store) wake(topics []string) {
	if len(topics) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range topics {
		for ch := range s.listeners[t] {
			select {
			case ch <- struct{}{}:
			default:
			}
		}
	}
}

// session is one connection with its prepared statements.
type session struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	ended chan struct{} // writer only
}

func newSession(db *sql.DB) (*session, error) {
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	return &session{conn: conn, stmts: map[string]*sql.Stmt{}, ended: make(chan struct{})}, nil
}

func (c *session) close() {
	for _, s := range c.stmts {
		s.Close()
	}
	c.conn.Close()
}

func (c *session) stmt(query string) (*sql.Stmt, error) {
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	s, err := c.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = s
	return s, nil
}

// run runs a statement without result.
func (c *session) run(query string, args ...any) error {
	_, err := c.exec(query, args...)
	return err
}

func (c *session) exec(query string, args ...any) (sql.Result, error) {
	s, err := c.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.Exec(args...)
}

// inserted runs an INSERT and returns the new row's id.
func (c *session) inserted(query string, args ...any) (int64, error) {
	res, err := c.exec(query, args...)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// first is the one row of a query that asked for a single one.
func first[T any](found []T, err error) (one T, _ error) {
	if err == nil && len(found) == 0 {
		err = brevdue.ErrNotFound
	}
	if err != nil {
		return one, err
	}
	return found[0], nil
}

// changed runs a statement that must change exactly one row; otherwise the
// error is otherwise.
func (c *session) changed(otherwise error, query string, args ...any) error {
	res, err := c.exec(query, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil {
		return err
	} else if n != 1 {
		return otherwise
	}
	return nil
}

// row scans the one row of a query; brevdue.ErrNotFound when there is none.
func (c *session) row(query string, args []any, dest ...any) error {
	s, err := c.stmt(query)
	if err != nil {
		return err
	}
	err = s.QueryRow(args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return brevdue.ErrNotFound
	}
	return err
}

// scanner is a row that can be scanned.
type scanner interface{ Scan(dest ...any) error }

// all runs a query and calls f for every row.
func (c *session) all(query string, args []any, f func(scanner) error) error {
	s, err := c.stmt(query)
	if err != nil {
		return err
	}
	rows, err := s.Query(args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
