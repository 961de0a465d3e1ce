package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/internal/store"
)

// session is one connection.
type session struct {
	conn    *sql.Conn
	dialect *Dialect
	stmts   map[string]*sql.Stmt // prepared, where statements do not travel
	texts   map[string]string    // as the engine numbers parameters, where they do

	waiting []Statement    // go with the next one whose answer is waited for
	missed  error          // what the first of those that was to change a row and did not is to be told as
	failed  error          // of a statement that travelled since the savepoint; nothing after it counts
	end     *store.Entry   // the last of the audit log, once asked in the transaction that is under way; of the writer only
	writes  bool           // it is the writer's
	facts   map[string]any // what the transaction that is under way has asked about units; of the writer only

	gone bool  // the connection was cut: nothing can be asked of it any more
	lost error // what it was cut with
}

// connect opens a session and runs setup on it.
func (s *Store) connect(setup string) (*session, error) {
	conn, err := s.db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	c := &session{conn: conn, dialect: &s.dialect, stmts: map[string]*sql.Stmt{}, texts: map[string]string{}}
	if setup != "" {
		if err := c.Run(setup); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

// again replaces a session whose connection was cut; it returns the old one, still
// gone, when there is no new one to be had.
func (s *Store) again(c *session, setup string) (*session, error) {
	fresh, err := s.connect(setup)
	if err != nil {
		return c, err
	}
	fresh.writes = c.writes
	c.close()
	return fresh, nil
}

func (c *session) close() {
	for _, s := range c.stmts {
		s.Close()
	}
	c.conn.Close()
}

// lose marks the session when the error says that its connection is gone.
func (c *session) lose(err error) error {
	if err != nil && !c.gone && c.dialect.Gone != nil && c.dialect.Gone(c.conn, err) {
		c.gone, c.lost = true, err
	}
	return err
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

// statement is a statement as it travels.
func (c *session) statement(query string, args []any) Statement {
	text, known := c.texts[query]
	if !known {
		text = numbered(query)
		c.texts[query] = text
	}
	return Statement{Query: text, Args: c.fit(args)}
}

// numbered writes ? as $1, $2 and so on. No statement of ours has a question mark
// in a text.
func numbered(query string) string {
	var b strings.Builder
	n := 0
	for _, r := range query {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

// fit makes arguments what the engine can hold.
func (c *session) fit(args []any) []any {
	if c.dialect.Text == nil {
		return args
	}
	for i, a := range args {
		if text, ok := a.(string); ok {
			args[i] = c.dialect.Text(text)
		}
	}
	return args
}

// ask runs a statement, behind those that wait, and calls each, when it is not nil, for
// every row of its answer. It returns how many rows it changed.
func (c *session) ask(query string, args []any, each func(Scanner) error) (int, error) {
	if c.gone {
		return 0, c.lost
	}
	if c.dialect.Travel == nil {
		n, err := c.direct(query, args, each)
		return n, c.lose(err)
	}
	batch := append(c.waiting, c.statement(query, args))
	c.waiting = nil
	return c.send(batch, each)
}

// direct runs a statement on an engine that lives in the process.
func (c *session) direct(query string, args []any, each func(Scanner) error) (int, error) {
	s, err := c.stmt(query)
	if err != nil {
		return 0, err
	}
	if each == nil {
		res, err := s.Exec(c.fit(args)...)
		if err != nil {
			return 0, err
		}
		n, err := res.RowsAffected()
		return int(n), err
	}
	rows, err := s.Query(c.fit(args)...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return 0, err
		}
	}
	return 0, rows.Err()
}

func (c *session) send(batch []Statement, each func(Scanner) error) (int, error) {
	n, missed, err := c.dialect.Travel(c.conn, batch, each)
	if c.missed == nil {
		c.missed = missed
	}
	if c.failed == nil {
		c.failed = err
	}
	return n, c.lose(err)
}

// later runs a statement whose answer nobody waits for: with the next one that is
// waited for, or when the caller's part of the transaction ends, and then an error is
// told. Where statements do not travel it runs at once.
func (c *session) later(query string, args ...any) error {
	return c.changedLater(nil, query, args...)
}

// changedLater is later for a statement that must change exactly one row; otherwise, the
// error of the caller's part of the transaction is that one.
func (c *session) changedLater(otherwise error, query string, args ...any) error {
	switch {
	case c.dialect.Travel == nil && otherwise == nil:
		return c.Run(query, args...)
	case c.dialect.Travel == nil:
		return c.changed(otherwise, query, args...)
	}
	s := c.statement(query, args)
	s.Otherwise = otherwise
	c.waiting = append(c.waiting, s)
	return nil
}

// flush sends what waits, and tells what became of all that was left for later.
func (c *session) flush() (err error) {
	if c.gone {
		return c.lost
	}
	if batch := c.waiting; len(batch) > 0 {
		c.waiting = nil
		_, err = c.send(batch, nil)
	}
	err = cmp.Or(err, c.failed, c.missed)
	c.missed, c.failed = nil, nil
	return err
}

// fresh forgets what was for later and what is known of a transaction.
func (c *session) fresh() { c.waiting, c.missed, c.failed, c.end, c.facts = nil, nil, nil, nil, nil }

// fact asks something about a unit, once in a transaction of the writer: many letters to
// one unit share it, and nobody writes beside it. Who changes the facts of units forgets
// them with forget. What is returned is shared and must not be changed.
func fact[T any](c *session, key string, ask func() (T, error)) (T, error) {
	if v, known := c.facts[key]; known {
		return v.(T), nil
	}
	v, err := ask()
	if err == nil && c.writes {
		if c.facts == nil {
			c.facts = map[string]any{}
		}
		c.facts[key] = v
	}
	return v, err
}

// forget forgets the facts of units, one of which is about to change.
func (c *session) forget() { c.facts = nil }

// rollback ends a transaction that is not to stand. The engine may have ended it already.
func (c *session) rollback() {
	c.fresh()
	_ = c.Run("ROLLBACK")
	c.failed = nil
}

// Later implements [Runner].
func (c *session) Later(query string, args ...any) error { return c.later(query, args...) }

// Run implements [Runner].
func (c *session) Run(query string, args ...any) error {
	_, err := c.ask(query, args, nil)
	return err
}

// affected runs a statement and returns how many rows it changed.
func (c *session) affected(query string, args ...any) (int, error) {
	return c.ask(query, args, nil)
}

// inserted runs an INSERT and returns the new row's id.
func (c *session) inserted(query string, args ...any) (id int64, err error) {
	err = c.Row(query+" RETURNING id", args, &id)
	return id, err
}

// insertedOnce is inserted for a table with a unique key: brevdue.ErrConflict when it
// is taken, and the transaction goes on.
func (c *session) insertedOnce(query string, args ...any) (int64, error) {
	id, err := c.inserted(query+" ON CONFLICT DO NOTHING", args...)
	if errors.Is(err, brevdue.ErrNotFound) {
		err = brevdue.ErrConflict
	}
	return id, err
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
	n, err := c.affected(query, args...)
	if err == nil && n != 1 {
		err = otherwise
	}
	return err
}

// Row implements [Runner].
func (c *session) Row(query string, args []any, dest ...any) error {
	found := false
	_, err := c.ask(query, args, func(r Scanner) error {
		if found {
			return nil
		}
		found = true
		return r.Scan(dest...)
	})
	if err == nil && !found {
		return brevdue.ErrNotFound
	}
	return err
}

// all runs a query and calls f for every row.
func (c *session) all(query string, args []any, f func(Scanner) error) error {
	_, err := c.ask(query, args, f)
	return err
}
