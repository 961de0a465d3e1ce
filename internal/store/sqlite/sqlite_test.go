package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/internal/store/sqlite"
	"brevdue/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	root := t.TempDir()
	storetest.Run(t, func(t *testing.T, name string) store.Store {
		return open(t, filepath.Join(root, filepath.Base(t.Name()), name+".db"))
	})
}

// Example opens an archive, keeps an original, and finds it again by its content.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "brevdue")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	s, err := sqlite.Open(filepath.Join(dir, "brevdue.db"), sqlite.Options{})
	if err != nil {
		panic(err)
	}
	defer s.Close()
	ctx := context.Background()
	var sha string
	err = s.Update(ctx, func(tx store.Tx) (err error) {
		sha, err = tx.Originals().Put(ctx, []byte("UNA:+.? '"), time.Date(2026, 11, 24, 13, 5, 0, 0, time.UTC))
		return err
	})
	fmt.Println(sha[:12], err)
	// Output: cc3c662925f4 <nil>
}

// TestPath: the characters that mean something in a URI mean nothing in a path.
func TestPath(t *testing.T) {
	for _, name := range []string{"a#b", "a?b=c", "a%20b", "med æøå og mellemrum"} {
		path := filepath.Join(t.TempDir(), name, "brevdue.db")
		s := open(t, path)
		if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.Settings().Set(t.Context(), "k", name) }); err != nil {
			t.Error(err)
		}
		s.Close()
		info, err := os.Stat(path)
		if err != nil || info.Size() == 0 {
			t.Errorf("%s: the archive is elsewhere: %v", name, err)
		} else if info.Mode().Perm() != 0o600 {
			t.Errorf("%s: others may read it: %s", name, info.Mode())
		}
	}
}

// TestMigrationsAreRepeatable opens the same file again and again.
func TestMigrationsAreRepeatable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "brevdue.db")
	for range 3 {
		open(t, path).Close()
	}
	if _, err := sqlite.Open(filepath.Join(path, "below-a-file.db"), sqlite.Options{}); err == nil {
		t.Error("a file was taken for a folder")
	}
}

// BenchmarkUpdate is one small change a call, from many callers at once.
func BenchmarkUpdate(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "brevdue.db"))
	defer s.Close()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			err := s.Update(b.Context(), func(tx store.Tx) error {
				_, err := tx.Settings().NextNumber(b.Context(), "letter")
				return err
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkInbox10000 lists and counts an inbox of 10,000 letters.
func BenchmarkInbox10000(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "brevdue.db"))
	defer s.Close()
	now := time.Date(2026, 11, 24, 13, 5, 0, 0, time.UTC)
	ctx := b.Context()
	err := s.Update(ctx, func(tx store.Tx) error {
		for i := range 10_000 {
			_, err := tx.Letters().Insert(ctx, &store.Letter{
				Direction: store.In, Unit: "u1", Status: brevdue.Unread, Group: "g", GroupOrder: i % 13, Arrived: now,
				Duty: &brevdue.Duty{Due: now.Add(time.Duration(i) * time.Second)},
				Body: brevdue.Letter{ID: fmt.Sprint(i), Subject: "Medicin", Patient: brevdue.Patient{CPR: "2512489996", Surname: "Berggren"}},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		err := s.View(ctx, func(tx store.Tx) error {
			if _, err := tx.Letters().Inbox(ctx, "u1", store.Query{Limit: 200}); err != nil {
				return err
			}
			_, err := tx.Letters().Counts(ctx, "u1", now)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
