package sqlite_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"brevdue/internal/store"
	"brevdue/internal/store/sqlite"
	"brevdue/internal/store/sqlstore"
	"brevdue/internal/store/storetest"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(writerPath); path != "" {
		writeForever(path, os.Getenv(writerKey))
	}
	goleak.VerifyTestMain(m)
}

func open(t testing.TB, path string) *sqlstore.Store {
	t.Helper()
	return openWith(t, path, nil)
}

// modes are the archives that a test is run on: plain, and encrypted.
func modes() map[string]sqlite.Key {
	return map[string]sqlite.Key{"plain": nil, "encrypted": sqlite.NewKey()}
}

func openWith(t testing.TB, path string, key sqlite.Key) *sqlstore.Store {
	t.Helper()
	s, err := sqlite.Open(path, sqlite.Options{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	for mode, key := range modes() {
		t.Run(mode, func(t *testing.T) {
			root := t.TempDir()
			storetest.Run(t, func(t *testing.T, name string) store.Store {
				return openWith(t, filepath.Join(root, filepath.Base(t.Name()), name+".db"), key)
			})
		})
	}
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
		}
	}
}

// TestNobodyElseReadsIt: neither the file nor the log beside it, which holds the
// newest letters, wherever they lie and whatever a restored backup allowed.
func TestNobodyElseReadsIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "et sted+æøå & =%?#")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "brevdue.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil { // whatever the mask
		t.Fatal(err)
	}
	for range 2 { // as new, and again as found
		s := open(t, path)
		if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.Settings().Set(t.Context(), "k", "v") }); err != nil {
			t.Fatal(err)
		}
		files, err := os.ReadDir(dir)
		if err != nil || len(files) < 2 {
			t.Fatalf("%v, %v", files, err)
		}
		for _, f := range files {
			info, err := f.Info()
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %s, %v", f.Name(), info.Mode(), err)
			}
		}
		s.Close()
	}
	made := filepath.Join(t.TempDir(), "new")
	open(t, filepath.Join(made, "brevdue.db")).Close()
	if info, err := os.Stat(made); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%s, %v", info.Mode(), err)
	}
}

// writerPath tells the test binary to be a program that writes until it is killed, and
// writerKey with which key, in hexadecimal digits.
const (
	writerPath = "BREVDUE_TEST_WRITE_TO"
	writerKey  = "BREVDUE_TEST_WRITE_KEY"
)

// marker is the text that every number is kept with.
const marker = "fortrolig tekst om en borger"

// writeForever says on standard output which number it was told is kept.
func writeForever(path, keyText string) {
	key, err := hex.DecodeString(keyText)
	if err != nil {
		panic(err)
	}
	s, err := sqlite.Open(path, sqlite.Options{Key: key})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	for range 8 {
		go func() {
			for {
				var n int64
				err := s.Update(ctx, func(tx store.Tx) (err error) {
					if n, err = tx.Settings().NextNumber(ctx, "letter"); err != nil {
						return err
					}
					if _, err = tx.Originals().Put(ctx, bytes.Repeat(fmt.Appendf(nil, "%d ", n), 500), time.UnixMilli(n)); err != nil {
						return err
					}
					return tx.Settings().Set(ctx, fmt.Sprint(n), marker)
				})
				if err != nil {
					panic(err)
				}
				fmt.Printf("%d\n", n)
			}
		}()
	}
	select {}
}

// TestKilled: what a program was told is kept is there after it was killed in the
// middle of its work, in one piece, and no number is given a second time.
func TestKilled(t *testing.T) {
	for mode, key := range modes() {
		t.Run(mode, func(t *testing.T) { killed(t, key) })
	}
}

func killed(t *testing.T, key sqlite.Key) {
	path := filepath.Join(t.TempDir(), "brevdue.db")
	said := map[int64]bool{}
	for round := range 4 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), writerPath+"="+path, writerKey+"="+hex.EncodeToString(key))
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for i := 0; lines.Scan(); i++ {
			if i == 100+50*round {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			n, err := strconv.ParseInt(lines.Text(), 10, 64)
			if err != nil {
				t.Fatalf("the writer said %q", lines.Text())
			}
			if said[n] {
				t.Errorf("number %d was given twice", n)
			}
			said[n] = true
		}
		_ = cmd.Wait() // killed

		left := directory(t, filepath.Dir(path))
		if shown := bytes.Contains(bytes.Join(slices.Collect(maps.Values(left)), nil), []byte(marker)); shown != (key == nil) || len(left) != 3 {
			t.Errorf("the %d files beside each other show the text: %v", len(left), shown)
		}
		s := openWith(t, path, key)
		err = s.View(t.Context(), func(tx store.Tx) error {
			for n := range said {
				if _, err := tx.Settings().Get(t.Context(), fmt.Sprint(n)); err != nil {
					t.Errorf("number %d: %v", n, err)
				}
				sum := sha256.Sum256(bytes.Repeat(fmt.Appendf(nil, "%d ", n), 500))
				if _, err := tx.Originals().Get(t.Context(), hex.EncodeToString(sum[:])); err != nil {
					t.Errorf("original %d: %v", n, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		s.Close()
	}
	if len(said) < 400 {
		t.Errorf("only %d numbers were said", len(said))
	}
	if err := sqlite.Sound(t.Context(), path, key); err != nil {
		t.Error(err)
	}
}

// directory reads every file of a folder.
func directory(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, n := range names {
		if out[filepath.Base(n)], err = os.ReadFile(n); err != nil {
			t.Fatal(err)
		}
	}
	return out
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
