package sqlstore

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"brevdue"
	"brevdue/internal/store"
)

// table is what has to be known of a table to carry its rows over.
type table struct {
	name   string
	key    string // columns that name a row, in the order of its index
	serial bool   // its ids are given out by the engine
}

// tables are all of them; what a row refers to comes before it.
func tables() []table {
	return []table{
		{tableOriginals, "sha", false}, {"arrivals", "id", true}, {"letters", "id", true}, {"events", "id", true}, {"readers", "id", true},
		{"receipts", "id", true}, {"receipt_letters", "letter, receipt", false}, {"attempts", "letter, n", false}, {"jobs", "id", true},
		{"units", "gln", false}, {"users", "id", true}, {"user_units", `"user", unit`, false}, {"sessions", "token_hash", false}, {"failures", "id", true}, {"spent", "key", false},
		{"audit", "seq", false}, {"settings", "key", false}, {"series", "name", false}, {"objects", "id", true},
		{"object_letters", "key, unit, sender, letter", false}, {"tasks", "id", true}, {"closed", "id", true}, {"notices", "unit, thread, date", false},
		{"citizen_services", "unit, citizen", false}, {"routes", "unit", false}, {"arrangements", "id", true},
		{"subject_receivers", "municipality, subject", false}, {"agreements", "id", true}, {"display_names", "id", true},
		{"notes", "id", true}, {"mentions", `note, "user"`, false}, {"presence", `letter, "user", doing`, false}, {"choices", `"user", name`, false}, {"drafts", "id", true}, {"draft_files", "id", true}, {"phrases", "id", true},
		{"enclosures", "letter, n", false}, {"file_messages", "letter", false},
		{"cleared", "letter", false}, {"holds", "letter", false}, {"marked", "sha", false}, {"glass", "id", true},
	}
}

const tableOriginals = "originals"

// Moved is a table that was carried over and compared.
type Moved struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
	Hash  string `json:"sha256"` // over all rows, whatever their order
}

// MoveOptions say how an archive is moved.
type MoveOptions struct {
	// Ahead carries only the original bytes over, which never change: the bulk of an
	// archive, while its program still is at work.
	Ahead bool
	// To is what the source says afterwards of where it went; no password.
	To string
	// Tell is called as rows are carried over; may be nil.
	Tell func(table string, rows int64)
}

// Errors of [Move].
var (
	// ErrTaken says that the target holds an installation of its own.
	ErrTaken = errors.New("the target already holds an installation")
	// ErrDiffers says that source and target are not equal after the move.
	ErrDiffers = errors.New("source and target are not equal")
)

// Move carries everything in an archive over into another, empty one, and compares
// both row by row. It may be broken off and called again: original bytes that are
// there are not sent again. Until it has ended without an error the target says that
// it is unfinished ([store.KeyMoving]), and no program starts on it; afterwards the
// source says that it was moved ([store.KeyMoved]). Nobody may be at work on the
// source meanwhile, but for [MoveOptions.Ahead].
func Move(ctx context.Context, from, to *Store, o MoveOptions) (moved []Moved, err error) {
	if o.Tell == nil {
		o.Tell = func(string, int64) {}
	}
	if err := claim(ctx, from, to); err != nil {
		return nil, err
	}
	err = from.View(ctx, func(t store.Tx) error {
		m := mover{from: t.(*tx).session, to: to, tell: o.Tell}
		if err := m.originals(ctx); err != nil || o.Ahead {
			return err
		}
		if err := m.rest(ctx); err != nil {
			return err
		}
		moved, err = m.compare(ctx)
		return err
	})
	if err != nil || o.Ahead {
		return moved, err
	}
	if err := set(ctx, from, store.KeyMoved, o.To); err != nil {
		return moved, err
	}
	return moved, set(ctx, to, store.KeyMoving, "")
}

// claim marks the target as unfinished, when it is empty, or was begun for this
// source before, or was moved away to where it now comes back from.
func claim(ctx context.Context, from, to *Store) error {
	read := func(t store.Tx, key string) (string, error) {
		v, err := t.Settings().Get(ctx, key)
		if errors.Is(err, brevdue.ErrNotFound) {
			err = nil
		}
		return v, err
	}
	var tag string
	err := from.View(ctx, func(t store.Tx) error {
		moving, err := read(t, store.KeyMoving)
		if err != nil {
			return err
		}
		if moving != "" {
			return errors.New("the source is itself the unfinished target of a move")
		}
		tag, err = t.Settings().Get(ctx, store.KeyTag)
		if errors.Is(err, brevdue.ErrNotFound) {
			return errors.New("the source holds no installation: it was never started")
		}
		return err
	})
	if err != nil {
		return err
	}
	return to.Update(ctx, func(t store.Tx) error {
		there, err1 := read(t, store.KeyTag)
		moving, err2 := read(t, store.KeyMoving)
		away, err3 := read(t, store.KeyMoved)
		if err := errors.Join(err1, err2, err3); err != nil {
			return err
		}
		if moving != tag && there != "" && (there != tag || away == "") {
			return ErrTaken
		}
		return t.Settings().Set(ctx, store.KeyMoving, tag)
	})
}

func set(ctx context.Context, s *Store, key, value string) error {
	return s.Update(ctx, func(t store.Tx) error {
		if value == "" {
			return t.(*tx).Run("DELETE FROM settings WHERE key = ?", key)
		}
		return t.Settings().Set(ctx, key, value)
	})
}

// mover carries rows from a snapshot of one archive into another.
type mover struct {
	from *session
	to   *Store
	tell func(string, int64)
}

// page is how many rows are carried over in one transaction; heavy is how many bytes
// of originals.
const (
	page  = 500
	heavy = 8 << 20
)

// originals carries over the original bytes that are not there yet.
func (m mover) originals(ctx context.Context) error {
	var n int64
	after := ""
	for {
		var keys []string
		sizes := map[string]int64{}
		err := m.from.all("SELECT sha, length(data) FROM originals WHERE sha > ? ORDER BY sha LIMIT ?", []any{after, page}, func(r Scanner) error {
			var sha string
			var size int64
			err := r.Scan(&sha, &size)
			keys, sizes[sha] = append(keys, sha), size
			return err
		})
		if err != nil || len(keys) == 0 {
			return err
		}
		after = keys[len(keys)-1]
		there, err := m.has(ctx, keys, sizes)
		if err != nil {
			return err
		}
		for len(keys) > 0 {
			done, err := m.someOriginals(ctx, keys, there)
			if err != nil {
				return err
			}
			keys = keys[done:]
			n += int64(done)
			m.tell(tableOriginals, n)
		}
	}
}

// someOriginals carries over as many of the originals as make one transaction.
func (m mover) someOriginals(ctx context.Context, keys []string, there map[string]bool) (done int, err error) {
	err = m.to.Update(ctx, func(t store.Tx) error {
		to, size := t.(*tx), 0
		for done < len(keys) && size < heavy {
			if err := ctx.Err(); err != nil {
				return err
			}
			sha := keys[done]
			done++
			if there[sha] {
				continue
			}
			var data []byte
			var at int64
			if err := m.from.Row("SELECT data, at FROM originals WHERE sha = ?", []any{sha}, &data, &at); err != nil {
				return err
			}
			if data == nil {
				data = []byte{}
			}
			size += len(data)
			if err := to.later("INSERT INTO originals (sha, data, at) VALUES (?, ?, ?) ON CONFLICT (sha) DO UPDATE SET data = excluded.data, at = excluded.at", sha, data, at); err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}

// has tells which of the originals are there already; one that was erased since, or came
// back, has another size. (Not by a range: "aa" is a letter
// of its own, the last one, in a database that sorts in Danish.)
func (m mover) has(ctx context.Context, keys []string, sizes map[string]int64) (there map[string]bool, err error) {
	there = map[string]bool{}
	args := make([]any, len(keys))
	for i, key := range keys {
		args[i] = key
	}
	err = m.to.View(ctx, func(t store.Tx) error {
		return t.(*tx).all("SELECT sha, length(data) FROM originals WHERE sha IN ("+marks(len(keys))+")", args, func(r Scanner) error {
			var sha string
			var size int64
			err := r.Scan(&sha, &size)
			there[sha] = size == sizes[sha]
			return err
		})
	})
	return there, err
}

// rest carries over everything but the originals. What an earlier try left is taken
// away first: rows may have changed since.
func (m mover) rest(ctx context.Context) error {
	all := tables()
	err := m.to.Update(ctx, func(t store.Tx) error {
		var whole []string
		for i := len(all) - 1; i > 0; i-- { // what refers goes before what it refers to
			if m.to.dialect.Truncate && but(all[i].name) == "" {
				whole = append(whole, all[i].name)
				continue
			}
			if err := t.(*tx).Run("DELETE FROM " + all[i].name + but(all[i].name)); err != nil {
				return err
			}
		}
		if len(whole) > 0 {
			if err := t.(*tx).Run("TRUNCATE " + strings.Join(whole, ", ")); err != nil {
				return err
			}
		}
		// The program that starts on the target makes the words anew ([store.Letters.Index]).
		if err := t.(*tx).Run("DELETE FROM letter_words"); err != nil {
			return err
		}
		return t.(*tx).Run("DELETE FROM settings WHERE key = ?", store.KeyIndexed)
	})
	if err != nil {
		return err
	}
	for _, t := range all[1:] {
		if err := m.table(ctx, t); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

// but leaves out the notes about the move itself, and how far the letters can be
// searched: the words are not carried over.
func but(table string) string {
	if table != "settings" {
		return ""
	}
	return " WHERE key NOT IN ('" + store.KeyMoving + "', '" + store.KeyMoved + "', '" + store.KeyIndexed + "')"
}

// table carries the rows of a table over, page by page along its key.
func (m mover) table(ctx context.Context, t table) error {
	columns, err := m.from.columns(t.name)
	if err != nil {
		return err
	}
	keys := strings.Split(t.key, ", ")
	at := make([]int, len(keys)) // where the key stands in a row
	for i, k := range keys {
		for j, c := range columns {
			if c == k {
				at[i] = j
			}
		}
	}
	list := strings.Join(columns, ", ")
	where := but(t.name)
	next := " WHERE "
	if where != "" {
		next = " AND "
	}
	first := "SELECT " + list + " FROM " + t.name + where + " ORDER BY " + t.key + " LIMIT ?"
	later := "SELECT " + list + " FROM " + t.name + where + next + "(" + t.key + ") > (" + marks(len(keys)) + ") ORDER BY " + t.key + " LIMIT ?"
	insert := "INSERT INTO " + t.name + " (" + list + ") VALUES (" + marks(len(columns)) + ")"

	var n int64
	query, args := first, []any{page}
	for {
		var rows [][]any
		err := m.from.all(query, args, func(r Scanner) error {
			row, err := scanAny(r, len(columns))
			rows = append(rows, row)
			return err
		})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		last := rows[len(rows)-1]
		query, args = later, nil
		for _, i := range at {
			args = append(args, last[i])
		}
		args = append(args, page)
		if err := m.insert(ctx, t, insert, columns, rows); err != nil {
			return err
		}
		n += int64(len(rows))
		m.tell(t.name, n)
	}
	if renumber := m.to.dialect.Renumber; renumber != nil && t.serial {
		return m.to.Update(ctx, func(tr store.Tx) error { return renumber(tr.(*tx), t.name) })
	}
	return nil
}

func (m mover) insert(ctx context.Context, t table, insert string, columns []string, rows [][]any) error {
	return m.to.Update(ctx, func(tr store.Tx) error {
		to := tr.(*tx)
		truth, err := to.truths(t.name, columns)
		if err != nil {
			return err
		}
		for _, row := range rows {
			args := make([]any, len(row))
			for i, v := range row {
				if number, ok := plain(v, nil).(int64); ok {
					v = number
					if truth[i] {
						v = number != 0
					}
				}
				args[i] = v
			}
			if err := to.later(insert, args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// compare counts and hashes every table on both sides.
func (m mover) compare(ctx context.Context) (moved []Moved, err error) {
	fit := m.to.dialect.Text
	err = m.to.View(ctx, func(t store.Tx) error {
		for _, of := range tables() {
			columns, err := m.from.columns(of.name)
			if err != nil {
				return err
			}
			here, err1 := m.from.digest(of.name, columns, fit)
			there, err2 := t.(*tx).digest(of.name, columns, fit)
			if err := errors.Join(err1, err2, ctx.Err()); err != nil {
				return err
			}
			if here != there {
				return fmt.Errorf("%w: %s has %d rows (%.8s) in the source and %d (%.8s) in the target: was something at work on either?",
					ErrDiffers, of.name, here.Rows, here.Hash, there.Rows, there.Hash)
			}
			moved = append(moved, here)
		}
		return nil
	})
	return moved, err
}

// digest counts the rows of a table and hashes them: the sum of the hashes of the
// rows, as engines have orders of their own.
func (c *session) digest(name string, columns []string, fit func(string) string) (Moved, error) {
	m := Moved{Table: name}
	var sum [4]uint64
	err := c.all("SELECT "+strings.Join(columns, ", ")+" FROM "+name+but(name), nil, func(r Scanner) error {
		row, err := scanAny(r, len(columns))
		if err != nil {
			return err
		}
		h := sha256.New()
		for _, v := range row {
			switch v := plain(v, fit).(type) {
			case int64:
				h.Write(binary.BigEndian.AppendUint64([]byte{'n'}, uint64(v)))
			case string:
				h.Write(binary.BigEndian.AppendUint64([]byte{'t'}, uint64(len(v))))
				h.Write([]byte(v))
			case []byte:
				h.Write(binary.BigEndian.AppendUint64([]byte{'b'}, uint64(len(v))))
				h.Write(v)
			default:
				return fmt.Errorf("%s: a value of type %T cannot be compared", name, v)
			}
		}
		one := h.Sum(nil)
		for i := range sum {
			sum[i] += binary.BigEndian.Uint64(one[8*i:])
		}
		m.Rows++
		return nil
	})
	var total []byte
	for _, part := range sum {
		total = binary.BigEndian.AppendUint64(total, part)
	}
	m.Hash = hex.EncodeToString(total)
	return m, err
}

// plain is a value as both engines would have it: truth is 0 or 1, and a text is what
// the target can hold.
func plain(v any, fit func(string) string) any {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case string:
		if fit != nil {
			return fit(v)
		}
	}
	return v
}

// scanAny scans a row of n columns, whatever they are.
func scanAny(r Scanner, n int) ([]any, error) {
	row, into := make([]any, n), make([]any, n)
	for i := range row {
		into[i] = &row[i]
	}
	return row, r.Scan(into...)
}

// columns are the names of a table's columns, ready for a statement.
func (c *session) columns(name string) (columns []string, err error) {
	rows, err := c.conn.QueryContext(context.Background(), "SELECT * FROM "+name+" WHERE 1 = 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err = rows.Columns()
	for i, n := range columns {
		if n == "user" {
			columns[i] = `"user"`
		}
	}
	return columns, errors.Join(err, rows.Err())
}

// truths says which of the columns hold truth values in this engine.
func (c *session) truths(name string, columns []string) ([]bool, error) {
	rows, err := c.conn.QueryContext(context.Background(), "SELECT "+strings.Join(columns, ", ")+" FROM "+name+" WHERE 1 = 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	truth := make([]bool, len(types))
	for i, t := range types {
		truth[i] = t.DatabaseTypeName() == "BOOL"
	}
	return truth, rows.Err()
}

// marks are n parameters.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }
