package sqlite_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"brevdue/internal/store"
	"brevdue/internal/store/sqlite"
)

// remember keeps the marker in an archive, and told tells whether it is there.
func remember(t *testing.T, s store.Store) {
	t.Helper()
	if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.Settings().Set(t.Context(), "k", marker) }); err != nil {
		t.Fatal(err)
	}
}

func told(t *testing.T, path string, key sqlite.Key) bool {
	t.Helper()
	s := openWith(t, path, key)
	defer s.Close()
	var got string
	err := s.View(t.Context(), func(tx store.Tx) (err error) {
		got, err = tx.Settings().Get(t.Context(), "k")
		return err
	})
	return err == nil && got == marker
}

// lay writes files as a killed program leaves them.
func lay(t *testing.T, files map[string][]byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestKeyThatDoesNotFit: a wrong key, none, and one too many are told apart, and touch
// nothing: neither the file nor the log beside it, which holds what a killed program
// had committed.
func TestKeyThatDoesNotFit(t *testing.T) {
	right, wrong := sqlite.NewKey(), sqlite.NewKey()
	files := map[string]map[string][]byte{}
	for name, key := range map[string]sqlite.Key{"plain": nil, "encrypted": right} {
		dir := t.TempDir()
		s := openWith(t, filepath.Join(dir, "brevdue.db"), key)
		remember(t, s)
		files[name] = directory(t, dir) // the marker is in the log
		s.Close()
		if len(files[name]["brevdue.db-wal"]) == 0 {
			t.Fatalf("%s: there is no log", name)
		}
	}
	for _, c := range []struct {
		name  string
		files map[string][]byte
		key   sqlite.Key
		want  error
	}{
		{"a wrong key", files["encrypted"], wrong, sqlite.ErrWrongKey},
		{"no key", files["encrypted"], nil, sqlite.ErrKeyMissing},
		{"a key too many", files["plain"], right, sqlite.ErrNotEncrypted},
		{"half a key", files["encrypted"], right[:16], nil},
		{"a key for half a file", map[string][]byte{"brevdue.db": files["encrypted"]["brevdue.db"][:1000]}, right, sqlite.ErrWrongKey},
		{"a key for anything", map[string][]byte{"brevdue.db": bytes.Repeat([]byte("brev "), 2000)}, right, sqlite.ErrWrongKey},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := lay(t, c.files)
			path := filepath.Join(dir, "brevdue.db")
			_, opened := sqlite.Open(path, sqlite.Options{Key: c.key})
			_, read := sqlite.OpenPlain(path, c.key)
			for what, err := range map[string]error{
				"open": opened, "read": read, "copy": sqlite.Copy(t.Context(), path, c.key, filepath.Join(t.TempDir(), "copy"), nil), "check": sqlite.Sound(t.Context(), path, c.key),
			} {
				if err == nil || c.want != nil && !errors.Is(err, c.want) {
					t.Errorf("%s: %v", what, err)
				}
				secretless(t, err, right, wrong)
			}
			if left := directory(t, dir); !maps.EqualFunc(c.files, left, bytes.Equal) {
				t.Errorf("the files were touched: there are now %v", slices.Sorted(maps.Keys(left)))
			}
		})
	}
	if path := filepath.Join(lay(t, files["encrypted"]), "brevdue.db"); !told(t, path, right) {
		t.Error("with the right key: the log was lost")
	}
}

// secretless says that an error holds no key.
func secretless(t *testing.T, err error, keys ...sqlite.Key) {
	t.Helper()
	for _, k := range keys {
		for _, text := range []string{string(k), hex.EncodeToString(k), strings.ToUpper(hex.EncodeToString(k)), fmt.Sprint([]byte(k))} {
			if err != nil && strings.Contains(err.Error(), text) {
				t.Errorf("an error holds the key")
			}
		}
	}
}

// TestKeyIsNowhere: not in what is printed of it or of options, and not in errors of
// SQLite, which name the file as it was asked for.
func TestKeyIsNowhere(t *testing.T) {
	key, second := sqlite.NewKey(), sqlite.NewKey()
	asJSON, err := json.Marshal(sqlite.Options{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	o := sqlite.Options{Key: key}
	secretless(t, fmt.Errorf("%v %s %x %X %q %#v %+v %v %+v %#v %x %s", key, key, key, key, key, key, key, o, o, o, o, asJSON), key)

	dir := t.TempDir()
	path := filepath.Join(dir, "brevdue.db")
	s := openWith(t, path, key)
	remember(t, s)
	s.Close()
	for name, err := range map[string]error{
		"into a folder that is not there": sqlite.Copy(t.Context(), path, key, filepath.Join(dir, "nowhere", "copy"), second),
		"over itself":                     sqlite.Copy(t.Context(), path, key, path, second),
	} {
		if err == nil {
			t.Errorf("%s: copied", name)
		}
		secretless(t, err, key, second)
	}
	// The first page is whole, the others are not.
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range content[4096:] {
		content[4096+i] ^= 0x55
	}
	broken := filepath.Join(lay(t, map[string][]byte{"brevdue.db": content}), "brevdue.db")
	_, opened := sqlite.Open(broken, sqlite.Options{Key: key})
	for _, err := range []error{opened, sqlite.Sound(t.Context(), broken, key)} {
		if err == nil {
			t.Error("a broken archive is sound")
		}
		secretless(t, err, key)
	}
}

// TestCopy: a copy is encrypted with its own key, whatever the archive is, and so is
// every file beside it; it opens with that key alone, and read plain it is an archive
// that needs none.
func TestCopy(t *testing.T) {
	for from, key := range modes() {
		for to, toKey := range modes() {
			t.Run(from+" to "+to, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "med mellemrum & #%?", "brevdue.db")
				s := openWith(t, path, key)
				defer s.Close()
				remember(t, s)
				dir := filepath.Join(t.TempDir(), "en #%? kopi")
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				copied := filepath.Join(dir, "copy")
				if err := sqlite.Copy(t.Context(), path, key, copied, toKey); err != nil {
					t.Fatal(err)
				}
				files := directory(t, dir)
				if shows := bytes.Contains(files["copy"], []byte(marker)); len(files) != 1 || shows != (toKey == nil) {
					t.Errorf("%d files, shows the text: %v", len(files), shows)
				}
				if !told(t, copied, toKey) {
					t.Error("the copy does not hold what was kept")
				}
				if err := sqlite.Sound(t.Context(), copied, toKey); err != nil {
					t.Error(err)
				}
				plainly(t, copied, toKey)
			})
		}
	}
}

// plainly reads a copy without its key, and gives it another.
func plainly(t *testing.T, path string, key sqlite.Key) {
	t.Helper()
	in, err := sqlite.OpenPlain(path, key)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	content, err := io.ReadAll(in)
	if err != nil || !bytes.Contains(content, []byte(marker)) {
		t.Fatalf("read plain: %d bytes, %v", len(content), err)
	}
	for mode, key := range modes() {
		again := filepath.Join(t.TempDir(), mode)
		out, err := sqlite.CreateSealed(again, key)
		if err != nil {
			t.Fatal(err)
		}
		for part := range slices.Chunk(content, 1000) {
			if n, err := out.Write(part); err != nil || n != len(part) {
				t.Fatal(n, err)
			}
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		if err := sqlite.Sound(t.Context(), again, key); err != nil {
			t.Error(err)
		}
		if !told(t, again, key) {
			t.Errorf("sealed %s it does not hold what was kept", mode)
		}
	}
	out, err := sqlite.CreateSealed(filepath.Join(t.TempDir(), "half"), sqlite.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.Write(content[:1000]); err != nil {
		t.Error(err)
	}
	if err := out.Close(); err == nil {
		t.Error("half a page is an archive")
	}
}

// TestHalfWrittenBlock: a block is decrypted as a whole or not at all, so what a power cut
// leaves half written must hold nothing of an earlier commit. Whichever block of the log
// the next commit writes is lost here, and the commit before it is there.
func TestHalfWrittenBlock(t *testing.T) {
	key, dir := sqlite.NewKey(), t.TempDir()
	s := openWith(t, filepath.Join(dir, "brevdue.db"), key)
	defer s.Close()
	const log, block = "brevdue.db-wal", 4096
	for round := range 8 {
		text := strings.Repeat("x", 500*round)
		keep := func(k string) {
			if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.Settings().Set(t.Context(), k, marker+text) }); err != nil {
				t.Fatal(err)
			}
		}
		remember(t, s)
		keep(fmt.Sprint("first ", round))
		before := directory(t, dir)
		keep(fmt.Sprint("second ", round))
		after := directory(t, dir)
		if len(after[log]) <= len(before[log]) || !bytes.Equal(before["brevdue.db"], after["brevdue.db"]) {
			t.Fatal("the log did not grow")
		}
		for at := 0; at < len(after[log]); at += block {
			if at+block <= len(before[log]) && bytes.Equal(before[log][at:at+block], after[log][at:at+block]) {
				continue
			}
			torn := bytes.Clone(after[log])
			for i := range torn[at : at+block/2] {
				torn[at+i] ^= 0x55
			}
			path := filepath.Join(lay(t, map[string][]byte{"brevdue.db": after["brevdue.db"], log: torn}), "brevdue.db")
			again := openWith(t, path, key)
			err := again.View(t.Context(), func(tx store.Tx) error {
				_, err := tx.Settings().Get(t.Context(), fmt.Sprint("first ", round))
				return err
			})
			again.Close()
			if err != nil {
				t.Errorf("round %d, block %d: %v", round, at/block, err)
			}
		}
	}
}
