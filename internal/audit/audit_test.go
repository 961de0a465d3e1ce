package audit_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"brevdue/internal/audit"
	"brevdue/internal/store"
	"brevdue/internal/store/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var at = time.Date(2026, 11, 24, 13, 5, 0, 987654321, time.UTC)

func fill(t *testing.T, path string, n int) {
	t.Helper()
	s, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Update(t.Context(), func(tx store.Tx) error {
		for i := range n {
			e := audit.Entry{At: at, Actor: "anne", Action: "letter.read", Unit: "u1", Letter: int64(i + 1), Detail: fmt.Sprint(i)}
			if err := audit.Append(t.Context(), tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func verify(t *testing.T, path string) (n, broken int64) {
	t.Helper()
	s, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.View(t.Context(), func(tx store.Tx) (err error) {
		n, broken, err = audit.Verify(t.Context(), tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, broken
}

// TestVerify alters the file behind the program's back: the first broken line is
// found, whatever was done to it.
func TestVerify(t *testing.T) {
	for _, c := range []struct {
		name, sql string
		broken    int64
	}{
		{"untouched", "", 0},
		{"another actor", "UPDATE audit SET actor = 'bo' WHERE seq = 700", 700},
		{"another time", "UPDATE audit SET at = at + 1 WHERE seq = 3", 3},
		{"another letter", "UPDATE audit SET letter = 1 WHERE seq = 1200", 1200},
		{"words moved between fields", "UPDATE audit SET actor = 'annel', action = 'etter.read' WHERE seq = 5", 5},
		{"a line taken out", "DELETE FROM audit WHERE seq = 900", 900},
		{"a line taken out and the rest renumbered", "DELETE FROM audit WHERE seq = 900; UPDATE audit SET seq = seq - 1 WHERE seq > 900", 900},
		{"the first line taken out", "DELETE FROM audit WHERE seq = 1", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "brevdue.db")
			fill(t, path, 1205)
			if c.sql != "" {
				alter(t, path, c.sql)
			}
			n, broken := verify(t, path)
			if broken != c.broken || broken == 0 && n != 1205 {
				t.Errorf("%d entries, first broken %d, want %d", n, broken, c.broken)
			}
		})
	}
}

// TestVerifyFindsOneOfMany alters one line among many thousands. BREVDUE_AUDIT_LINES says
// how many; docs/speed.md has what a million takes.
func TestVerifyFindsOneOfMany(t *testing.T) {
	lines := 50_000
	if s := os.Getenv("BREVDUE_AUDIT_LINES"); s != "" {
		var err error
		if lines, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "brevdue.db")
	fill(t, path, lines)
	if n, broken := verify(t, path); n != int64(lines) || broken != 0 {
		t.Fatalf("untouched: %d lines, first broken %d", n, broken)
	}
	altered := int64(lines) * 9 / 10
	alter(t, path, fmt.Sprintf("UPDATE audit SET detail = detail || ' ' WHERE seq = %d", altered))
	began := time.Now()
	n, broken := verify(t, path)
	if n != altered-1 || broken != altered {
		t.Errorf("line %d was altered; found %d after %d lines", altered, broken, n)
	}
	t.Logf("%d lines in %v", n, time.Since(began).Round(time.Millisecond))
}

// TestCut takes the oldest lines away as retention does: the chain begins behind them, and
// nobody else can make it begin elsewhere unseen.
func TestCut(t *testing.T) {
	for _, c := range []struct {
		name, sql string
		n, broken int64
	}{
		{"as it was written down", "DELETE FROM audit WHERE seq <= 30", 72, 0},
		{"more than was written down", "DELETE FROM audit WHERE seq <= 31", 0, 31},
		{"less than was written down", "DELETE FROM audit WHERE seq <= 29", 0, 30},
		{"one that was put back in front", "DELETE FROM audit WHERE seq <= 30; INSERT INTO audit VALUES (7, 0, 'x', 'y', '', 0, '', '', '')", 0, 7},
		{"the entry of the cut altered", "DELETE FROM audit WHERE seq <= 30; UPDATE audit SET detail = replace(detail, ' 30 ', ' 29 ') WHERE action = 'audit.cut'", 0, 30},
		{"the entry of the cut gone", "DELETE FROM audit WHERE seq <= 30 OR action = 'audit.cut'", 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "brevdue.db")
			fill(t, path, 100)
			s, err := sqlite.Open(path, sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			err = s.Update(t.Context(), func(tx store.Tx) error {
				list, err := tx.Audit().List(t.Context(), 29, 1)
				if err != nil {
					return err
				}
				if err := audit.Append(t.Context(), tx, audit.Entry{At: at, Actor: "system", Action: audit.ActionCut, Detail: audit.CutDetail(list[0])}); err != nil {
					return err
				}
				return audit.Append(t.Context(), tx, audit.Entry{At: at, Actor: "anne", Action: "signout"})
			})
			s.Close()
			if err != nil {
				t.Fatal(err)
			}
			alter(t, path, c.sql)
			if n, broken := verify(t, path); n != c.n || broken != c.broken {
				t.Errorf("%d lines, first broken %d; want %d, %d", n, broken, c.n, c.broken)
			}
		})
	}
}

// alter changes the file behind the program's back.
func alter(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// An entry that fails with its transaction leaves no gap.
func TestAppendIsPartOfTheTransaction(t *testing.T) {
	path := filepath.Join(t.TempDir(), "brevdue.db")
	fill(t, path, 2)
	s, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Update(t.Context(), func(tx store.Tx) error {
		if err := audit.Append(context.Background(), tx, audit.Entry{At: at, Actor: "x"}); err != nil {
			t.Error(err)
		}
		return fmt.Errorf("no")
	})
	s.Close()
	fill(t, path, 1)
	if n, broken := verify(t, path); n != 3 || broken != 0 {
		t.Errorf("%d entries, broken %d", n, broken)
	}
}
