package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"brevdue"
)

// session is one connection with its prepared statements.
type session struct {
	conn    *sql.Conn
	dialect *Dialect
	stmts   map[string]*sql.Stmt

	gone bool  // the connection was cut: nothing can be asked of it any more
	lost error // what it was cut with
}

// connect opens a session and runs setup on it.
func (s *Store) connect(setup string) (*session, error) {
	conn, err := s.db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	c := &session{conn: conn, dialect: &s.dialect, stmts: map[string]*sql.Stmt{}}
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
	if c.gone {
		return nil, c.lost
	}
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	text := query
	if c.dialect.Numbered {
		text = numbered(query)
	}
	s, err := c.conn.PrepareContext(context.Background(), text)
	if err != nil {
		return nil, c.lose(err)
	}
	c.stmts[query] = s
	return s, nil
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

// Run implements [Runner].
func (c *session) Run(query string, args ...any) error {
	_, err := c.exec(query, args...)
	return err
}

func (c *session) exec(query string, args ...any) (sql.Result, error) {
	s, err := c.stmt(query)
	if err != nil {
		return nil, err
	}
	res, err := s.Exec(c.fit(args)...)
	return res, c.lose(err)
}

// affected runs a statement and returns how many rows it changed.
func (c *session) affected(query string, args ...any) (int, error) {
	res, err := c.exec(query, args...)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
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
	s, err := c.stmt(query)
	if err != nil {
		return err
	}
	err = s.QueryRow(c.fit(args)...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return brevdue.ErrNotFound
	}
	return c.lose(err)
}

// scanner is a row that can be scanned.
type scanner interface{ Scan(dest ...any) error }

// all runs a query and calls f for every row.
func (c *session) all(query string, args []any, f func(scanner) error) error {
	s, err := c.stmt(query)
	if err != nil {
		return err
	}
	rows, err := s.Query(c.fit(args)...)
	if err != nil {
		return c.lose(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return c.lose(rows.Err())
}
