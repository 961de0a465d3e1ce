// Package sqlstore is what the two archives have in common: the SQL of every
// method of internal/store, and the one writer that makes many small changes one
// commit.
//
// Specification: the contract of internal/store and decisions 2-4. SQL is written
// by hand, in the words both engines share; a [Dialect] holds what they do not
// share, and store/sqlite and store/postgres are little more than their dialect,
// their migrations and how their database is opened.
//
// Deliberately missing: anything about letters, and any knowledge of an engine.
// The SQL stands beside the method that runs it.
//
// What surprises: one goroutine does all writing of a process. It takes every
// waiting [Store.Update], runs each in a savepoint of one transaction and answers
// them all after one commit, so that they share one write to the disk. Contexts
// end the waiting of a caller, never a statement that runs for others. Where the
// engine is another process, statements without an answer wait and travel with the
// next one that has one; what came of them is known before the commit.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"brevdue"
	"brevdue/internal/store"
)

// Options tune a store; the zero value is right for an installation.
type Options struct {
	Readers int // connections for View; 0 means 4
	Batch   int // most Updates in one commit; 0 means 256
}

func (o *Options) defaults() {
	if o.Readers <= 0 {
		o.Readers = 4
	}
	if o.Batch <= 0 {
		o.Batch = 256
	}
}

// Connections is how many connections a store with these options holds.
func (o Options) Connections() int {
	o.defaults()
	return o.Readers + 1
}

// Dialect is what an engine does in its own way.
type Dialect struct {
	// Travel sends statements to an engine outside the process, all at once, with $1, $2 for
	// parameters. It calls each, when it is not nil, for every row of the last one's answer,
	// and returns how many rows that one changed, and missed: [Statement.Otherwise] of the first that
	// did not change exactly one row. nil for an engine that is asked one by one, with ?.
	Travel func(c *sql.Conn, batch []Statement, each func(Scanner) error) (changed int, missed, err error)
	// BeginWrite begins a transaction that may write and that no other writer, of
	// this process or another, runs beside; it may return a name to ask Fate by.
	BeginWrite func(Runner) (name string, err error)
	// BeginRead begins a transaction that sees one moment.
	BeginRead string
	// Reader is run once on every connection that only reads; "" for nothing.
	Reader string
	// Text makes a text what a column of the engine can hold; nil for any text.
	Text func(string) string
	// NextID is the expression of the id that the next row of a table is given.
	NextID func(table string) string
	// Words is the index that letters are searched by.
	Words WordIndex
	// Renumber lets the ids of a table go on behind those that were carried into it; nil
	// when they do by themselves.
	Renumber func(r Runner, table string) error
	// Taken tells a broken unique key from other errors.
	Taken func(error) bool
	// Truncate tells that tables are emptied with TRUNCATE, all in one statement: deleting
	// row by row looks for what refers to each.
	Truncate bool
	// NoRoom tells the error of an engine that has no room, or is being shut down, from
	// that of what was asked of it.
	NoRoom func(error) bool
	// Gone tells that the connection an error came from is no longer there; nil when
	// there is no connection that could be cut.
	Gone func(*sql.Conn, error) bool
	// Fate asks, on a new connection, what became of the transaction of that name
	// whose commit was not answered; nil when a commit is always answered.
	Fate func(ctx context.Context, c *sql.Conn, name string) (committed bool, err error)
	// Announce tells the other processes of topics, in the transaction; nil when
	// there are none.
	Announce func(r Runner, topics []string) error
	// Lead is that of [store.Store]; nil when no other process shares the archive.
	Lead func(ctx context.Context, name string, f func(ctx context.Context) error) error
	// Scrub is that of [store.Store]; nil when the engine does it by itself.
	Scrub func(ctx context.Context, db *sql.DB) error
	// Hear calls wake with every topic that was announced, by whomever, until the
	// context ends; with "" when it may have missed some. nil when there is nothing
	// to hear.
	Hear func(ctx context.Context, wake func(topic string))
}

// WordIndex is how an engine keeps the table letter_words: for each letter the set of
// words it is found by.
type WordIndex struct {
	Put   string // statement that keeps a letter's: its id, and the words divided by spaces
	Key   string // the column that holds the id of the letter
	Match string // condition that a query is met
	// Order is the order of the newest first, as an index of words is to be asked for it.
	Order string
	// Windows says that the engine finds all letters of a query before it knows the newest:
	// it is asked for those of the latest ids first, and for more when they are too few.
	Windows bool
	// Merge is one short step that writes the index anew without what was deleted from it,
	// the first one of them or one that goes on; changed tells whether there was anything to
	// do. nil when the engine does it by itself.
	Merge func(r Runner, first bool) (changed bool, err error)
	// Query writes a query: of each of the alternatives one must be there.
	Query func(all []Alternatives) string
}

// Alternatives are words of which one must be there; of a Prefix one that begins so.
type Alternatives struct {
	Words  []string
	Prefix bool
}

// Statement is one that travels to the engine with others.
type Statement struct {
	Query     string
	Args      []any
	Otherwise error // when not nil: it must change exactly one row, or this is what to tell
}

// Scanner is a row that can be scanned, as [sql.Rows] does it.
type Scanner interface{ Scan(dest ...any) error }

// Runner runs one statement on a connection, with ? for parameters.
type Runner interface {
	// Run runs a statement without result.
	Run(query string, args ...any) error
	// Later runs a statement whose result nobody waits for together with the next one.
	Later(query string, args ...any) error
	// Row scans the one row of a query; brevdue.ErrNotFound when there is none.
	Row(query string, args []any, dest ...any) error
}

// Store is an archive in a database that [database/sql] speaks to.
type Store struct {
	db      *sql.DB
	dialect Dialect
	writer  *session
	readers chan *session

	requests chan *request
	batch    int
	closing  chan struct{}
	ended    chan struct{} // the writer has ended
	running  sync.WaitGroup
	once     sync.Once

	mu        sync.Mutex
	listeners map[string]map[chan struct{}]bool
}

var _ store.Store = (*Store)(nil)

// New makes a store of a database whose tables are there, and takes it over: it is
// closed with the store, or at once when New fails.
func New(db *sql.DB, d Dialect, o Options) (_ *Store, err error) {
	o.defaults()
	s := &Store{
		db: db, dialect: d, readers: make(chan *session, o.Readers), requests: make(chan *request, 4*o.Batch), batch: o.Batch,
		closing: make(chan struct{}), ended: make(chan struct{}), listeners: map[string]map[chan struct{}]bool{},
	}
	defer func() {
		if err != nil {
			s.closeSessions(len(s.readers))
			db.Close()
		}
	}()
	if s.writer, err = s.connect(""); err != nil {
		return nil, err
	}
	s.writer.writes = true
	for range o.Readers {
		c, err := s.connect(d.Reader)
		if err != nil {
			return nil, err
		}
		s.readers <- c
	}
	s.running.Go(s.write)
	if d.Hear != nil {
		ctx, stop := context.WithCancel(context.Background())
		s.running.Go(func() { d.Hear(ctx, s.heard) })
		s.running.Go(func() { <-s.closing; stop() })
	}
	return s, nil
}

// Close waits for the writer to finish what it has taken and for views to end, and
// closes the database. Closing again is harmless.
func (s *Store) Close() (err error) {
	s.once.Do(func() {
		close(s.closing)
		s.running.Wait()
		s.closeSessions(cap(s.readers))
		err = s.db.Close()
	})
	return err
}

// closeSessions waits for that many readers and closes them and the writer.
func (s *Store) closeSessions(readers int) {
	for range readers {
		(<-s.readers).close()
	}
	if s.writer != nil {
		s.writer.close()
	}
}

// errClosed is what callers get who come after Close.
var errClosed = fmt.Errorf("archive is closed: %w", brevdue.ErrTransient)

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
	err := c.Run(s.dialect.BeginRead)
	if err != nil && c.gone { // cut since it was used last: nothing has been read yet
		if c, err = s.again(c, s.dialect.Reader); err == nil {
			err = c.Run(s.dialect.BeginRead)
		}
	}
	if err != nil {
		return fmt.Errorf("begin reading: %w: %w", brevdue.ErrTransient, err)
	}
	defer c.rollback() // nothing was changed
	err = f(&tx{session: c})
	if err == nil {
		err = c.flush() // a change that was asked for all the same
	}
	if err != nil && c.gone && !errors.Is(err, brevdue.ErrTransient) {
		err = fmt.Errorf("%w: %w", brevdue.ErrTransient, err)
	}
	return err
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

// Scrub implements [store.Store].
func (s *Store) Scrub(ctx context.Context) error {
	if s.dialect.Scrub == nil {
		return nil
	}
	return s.dialect.Scrub(ctx, s.db)
}

// Lead implements [store.Store].
func (s *Store) Lead(ctx context.Context, name string, f func(ctx context.Context) error) error {
	lead := s.dialect.Lead
	if lead == nil {
		lead = func(ctx context.Context, _ string, f func(ctx context.Context) error) error { return f(ctx) }
	}
	err := lead(ctx, name, f)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil
	}
	return err
}

// wake wakes the listeners of this process.
func (s *Store) wake(topics []string) {
	if len(topics) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range topics {
		ring(s.listeners[t])
	}
}

// heard wakes the listeners of a topic; of every topic when it is not known which.
func (s *Store) heard(topic string) {
	if topic != "" {
		s.wake([]string{topic})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, of := range s.listeners {
		ring(of)
	}
}

func ring(listeners map[chan struct{}]bool) {
	for ch := range listeners {
		select {
		case ch <- struct{}{}:
		default: // it has not looked since the last time
		}
	}
}
