package audit_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
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
				db, err := sql.Open("sqlite3", "file:"+path)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := db.Exec(c.sql); err != nil {
					t.Fatal(err)
				}
				db.Close()
			}
			n, broken := verify(t, path)
			if broken != c.broken || broken == 0 && n != 1205 {
				t.Errorf("%d entries, first broken %d, want %d", n, broken, c.broken)
			}
		})
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
