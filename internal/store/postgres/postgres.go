// Package postgres keeps the archive in a PostgreSQL database that several nodes
// share: the choice when one machine is outgrown.
//
// Specification: the contract of internal/store and decision 3; PostgreSQL 15 or
// later. docs/decisions/0006 says why writers take turns.
//
// Deliberately missing: the SQL, which is the same for both archives and stands in
// store/sqlstore; running the server, its backups and its copies, which its own
// tools do better.
//
// What surprises: only one node writes at a time. The chain of the audit log has
// one end, so nearly every change would wait for the one before it anyway; a lock
// taken at the beginning of each commit makes of that waiting a queue in which a
// node gathers what has come meanwhile. A connection that is cut in the middle of
// a commit leaves the question whether it stands: the store asks the database
// before it answers.
package postgres

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"brevdue/internal/store/sqlstore"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options tune a store; the zero value is right for an installation.
type Options = sqlstore.Options

// Open opens the archive in the database at an address (postgres://…, see the
// manual of libpq) and brings it to the newest migration. The error never holds the
// password.
func Open(ctx context.Context, address string, o Options) (*sqlstore.Store, error) {
	s, err := open(ctx, address, o)
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	return s, nil
}

func open(ctx context.Context, address string, o Options) (*sqlstore.Store, error) {
	c, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, errors.New("the address of the PostgreSQL database cannot be read: postgres://user@host/database is expected")
	}
	settings(c)
	db := stdlib.OpenDB(*c)
	db.SetMaxOpenConns(o.Connections() + 2) // a new connection beside one that was cut
	db.SetMaxIdleConns(o.Connections() + 2)
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		return nil, unreachable(c, err)
	}
	if err := migrate(ctx, db); err != nil {
		db.Close()
		return nil, err
	}
	ears, err := listen(ctx, c)
	if err != nil {
		db.Close()
		return nil, err
	}
	node := rand.Text()
	d := dialect(node)
	d.Hear = func(ctx context.Context, wake func(string)) { hear(ctx, c, ears, node, wake) }
	d.Lead = func(ctx context.Context, name string, f func(context.Context) error) error {
		return lead(ctx, c, name, f)
	}
	s, err := sqlstore.New(db, d, o)
	if err != nil {
		return nil, errors.Join(err, ears.Close(ctx))
	}
	return s, nil
}

// unreachable says in one line why there is no connection.
func unreachable(c *pgx.ConnConfig, err error) error {
	why := err
	for inner := errors.Unwrap(why); inner != nil; inner = errors.Unwrap(why) {
		why = inner
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		why = errors.New(refused.Message)
	}
	if many, ok := why.(interface{ Unwrap() []error }); ok { // one for each address that was tried
		all := many.Unwrap()
		return unreachable(c, all[len(all)-1])
	}
	return fmt.Errorf("the PostgreSQL database %s on %s does not let us in: %w", c.Database, c.Host, why)
}

// settings are those of every connection.
func settings(c *pgx.ConnConfig) {
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 5 * time.Second
	}
	c.DialFunc = (&net.Dialer{
		Timeout:         c.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 3 * time.Second, Count: 3},
	}).DialContext
	for name, value := range map[string]string{
		"application_name":   "brevdue",
		"synchronous_commit": "on",
		"jit":                "off", // every statement is a short one
		// A node that stands still in the middle of a commit keeps the others waiting no
		// longer than this.
		"idle_in_transaction_session_timeout": "10s",
	} {
		if c.RuntimeParams[name] == "" {
			c.RuntimeParams[name] = value
		}
	}
}

// turn is the lock of writers: "Brevdue" in ASCII.
const turn = 0x42726576647565

// dialect is how PostgreSQL does it. node names this process among those that hear
// what it announces.
func dialect(node string) sqlstore.Dialect {
	return sqlstore.Dialect{
		Travel: travel,
		BeginWrite: func(r sqlstore.Runner) (name string, err error) {
			err = errors.Join(r.Later("BEGIN"), r.Later("SELECT pg_advisory_xact_lock(?)", int64(turn)))
			if err == nil {
				err = r.Row("SELECT CAST(pg_current_xact_id() AS TEXT)", nil, &name)
			}
			if err != nil {
				return "", errors.Join(err, r.Run("ROLLBACK"))
			}
			return name, nil
		},
		BeginRead: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		Text:      text,
		NextID:    func(table string) string { return "nextval(pg_get_serial_sequence('" + table + "', 'id'))" },
		Words: sqlstore.WordIndex{
			Put: "INSERT INTO letter_words (letter, words) VALUES (?, array_to_tsvector(string_to_array(?, ' ')))",
			Key: "letter_words.letter",
			// By the number itself it would walk through the letters, not through their words.
			Order:   "letter_words.letter + 0 DESC",
			Windows: true,
			Match:   "letter_words.words @@ CAST(CAST(? AS TEXT) AS tsquery)",
			Query:   wordQuery,
		},
		Renumber: func(r sqlstore.Runner, table string) error {
			return r.Run("SELECT setval(pg_get_serial_sequence(?, 'id'), (SELECT coalesce(max(id), 0) + 1 FROM "+table+"), false)", table)
		},
		Taken:    func(err error) bool { return code(err) == "23505" },
		Truncate: true,
		NoRoom: func(err error) bool {
			class := code(err)
			return strings.HasPrefix(class, "53") || strings.HasPrefix(class, "57P") || strings.HasPrefix(class, "58")
		},
		Gone: gone,
		Fate: fate,
		Announce: func(r sqlstore.Runner, topics []string) error {
			return r.Later("SELECT pg_notify('"+channel+"', ? || ' ' || topic) FROM unnest(string_to_array(?, chr(10))) AS topic", node, strings.Join(topics, "\n"))
		},
	}
}

// wordQuery writes a query for a tsvector. Words are letters and digits only.
func wordQuery(all []sqlstore.Alternatives) string {
	var parts []string
	for _, a := range all {
		end := "'"
		if a.Prefix {
			end += ":*"
		}
		parts = append(parts, "('"+strings.Join(a.Words, end+" | '")+end+")")
	}
	return strings.Join(parts, " & ")
}

// travel sends the statements in one go; the database answers each in turn, and none
// after one that failed.
func travel(c *sql.Conn, batch []sqlstore.Statement, each func(sqlstore.Scanner) error) (changed int, missed, err error) {
	raw := c.Raw(func(dc any) error {
		changed, missed, err = roundTrip(dc.(*stdlib.Conn).Conn(), batch, each)
		return nil
	})
	if err == nil {
		err = raw
	}
	return changed, missed, err
}

func roundTrip(conn *pgx.Conn, batch []sqlstore.Statement, each func(sqlstore.Scanner) error) (changed int, missed, err error) {
	all := &pgx.Batch{}
	for _, s := range batch {
		all.Queue(s.Query, s.Args...)
	}
	answers := conn.SendBatch(context.Background(), all)
	defer func() { err = cmp.Or(err, answers.Close()) }()
	last := len(batch) - 1
	for i, s := range batch {
		if i == last && each != nil {
			break
		}
		tag, err := answers.Exec()
		if err != nil {
			return 0, missed, err
		}
		if changed = int(tag.RowsAffected()); s.Otherwise != nil && changed != 1 && missed == nil {
			missed = s.Otherwise
		}
	}
	if each == nil {
		return changed, missed, nil
	}
	rows, err := answers.Query()
	if err != nil {
		return 0, missed, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return 0, missed, err
		}
	}
	rows.Close()
	return int(rows.CommandTag().RowsAffected()), missed, rows.Err()
}

// text is what a column can hold of a text: a bad letter may bring a zero character
// or bytes that are no characters, and is kept all the same. Its original bytes are.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "␀")
}

// code is the SQLSTATE of an error of the database; "" of another.
func code(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// gone tells that the connection an error came from is not there any more.
func gone(c *sql.Conn, err error) bool {
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return true
	}
	closed := false
	raw := c.Raw(func(dc any) error {
		if of, ok := dc.(*stdlib.Conn); ok {
			closed = of.Conn().IsClosed()
		}
		return nil
	})
	return closed || raw != nil
}

// fate asks what became of a transaction. One that is still at work has a
// connection that the database does not know to be cut yet: ask again.
func fate(ctx context.Context, c *sql.Conn, name string) (committed bool, err error) {
	var status sql.NullString
	if err := c.QueryRowContext(ctx, "SELECT pg_xact_status(CAST(CAST($1 AS TEXT) AS xid8))", name).Scan(&status); err != nil {
		return false, err
	}
	switch status.String {
	case "committed":
		return true, nil
	case "aborted":
		return false, nil
	}
	return false, fmt.Errorf("the database says of transaction %s: %q", name, status.String)
}

// migrate brings the tables up to date; of nodes that start at once one does.
func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, dir, goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true),
		goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	return sqlstore.Migrate(ctx, p)
}
