package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"

	"brevdue/internal/backup"
	"brevdue/internal/config"
	"brevdue/internal/store"
	"brevdue/internal/store/sqlite"
)

// files are all files of a folder, with their paths in it.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		out[name], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// letters counts the letters of an archive.
func letters(t *testing.T, path string, key sqlite.Key) (n int) {
	t.Helper()
	st, err := sqlite.Open(path, sqlite.Options{Key: key})
	if err != nil {
		t.Error(err)
		return -1
	}
	defer st.Close()
	err = st.View(t.Context(), func(tx store.Tx) (err error) {
		n, err = tx.Letters().Total(t.Context())
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return n
}

// A backup of an encrypted archive needs no key but that of the backup; what is restored
// of it is encrypted again, with the old key or, when that is lost, another one.
func TestBackupOfAnEncryptedArchive(t *testing.T) {
	key := sqlite.NewKey()
	c, st := keyed(t, 5, "keys/k", key)
	keyFile := filepath.Join(c.Dir, "keys", "k")
	if err := os.Mkdir(filepath.Dir(keyFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := config.WriteKey(keyFile, key); err != nil {
		t.Fatal(err)
	}
	add(t, st)
	path := filepath.Join(t.TempDir(), "b")
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	made, err := backup.Create(t.Context(), c, file(c), path, backup.Options{Now: noon, Recipients: []age.Recipient{identity.Recipient()}})
	if err != nil || made.Letters != 6 || len(made.Files) != 5 {
		t.Fatalf("%+v, %v", made, err)
	}
	var names []string
	for _, f := range made.Files {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "archive config.yaml directory aftaler/en.yaml aftaler/to.yaml" {
		t.Errorf("the backup holds %s; a key does not belong there", got)
	}
	if m, err := backup.Verify(t.Context(), path, identity); err != nil || m.Letters != 6 {
		t.Errorf("verified without the key of the archive: %+v, %v", m, err)
	}

	// Without a key nothing is written.
	parent := t.TempDir()
	dir := filepath.Join(parent, "there", "restored")
	for want, o := range map[string]backup.RestoreOptions{
		"name the key file with --database-key-file": {Identities: []age.Identity{identity}},
		"no such file or directory":                  {Identities: []age.Identity{identity}, KeyFile: filepath.Join(parent, "nowhere")},
	} {
		if _, err := backup.Restore(t.Context(), path, dir, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if left := files(t, parent); len(left) != 0 {
		t.Errorf("left behind: %d files", len(left))
	}
	if _, err := os.Stat(filepath.Dir(dir)); !errors.Is(err, os.ErrNotExist) {
		t.Error("a folder was made")
	}

	other := filepath.Join(t.TempDir(), "other")
	if err := config.WriteKey(other, sqlite.NewKey()); err != nil {
		t.Fatal(err)
	}
	for name, given := range map[string]string{"the old key": keyFile, "another key": other} {
		dir := filepath.Join(t.TempDir(), "restored")
		if _, err := backup.Restore(t.Context(), path, dir, backup.RestoreOptions{Identities: []age.Identity{identity}, KeyFile: given}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for file, content := range files(t, dir) {
			if bytes.Contains(content, []byte("Mosebryggersen")) || bytes.Contains(content, []byte("SQLite format")) {
				t.Errorf("%s: %s is not encrypted", name, file)
			}
		}
		again, err := config.Load(filepath.Join(dir, "config.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := again.DatabaseKey()
		if err != nil {
			t.Error(err)
		}
		if n := letters(t, again.Path(again.Database), got); n != 6 {
			t.Errorf("%s: %d letters", name, n)
		}
		if info, err := os.Stat(again.Path(again.KeyFile)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

// A key that is outside the installation must be there before a restore.
func TestRestoreWithAKeyElsewhere(t *testing.T) {
	key := sqlite.NewKey()
	keyFile := filepath.Join(t.TempDir(), "k")
	if err := config.WriteKey(keyFile, key); err != nil {
		t.Fatal(err)
	}
	c, _ := keyed(t, 2, keyFile, key)
	path := filepath.Join(t.TempDir(), "b")
	if _, err := backup.Create(t.Context(), c, file(c), path, backup.Options{Now: noon}); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "restored")
	if _, err := backup.Restore(t.Context(), path, dir, backup.RestoreOptions{KeyFile: keyFile}); err == nil || !strings.Contains(err.Error(), "put it there and restore without --database-key-file") {
		t.Errorf("with a key for inside: %v", err)
	}
	if _, err := backup.Restore(t.Context(), path, dir, backup.RestoreOptions{}); err != nil {
		t.Error(err)
	}
	if n := letters(t, filepath.Join(dir, "brevdue.db"), key); n != 2 {
		t.Errorf("%d letters", n)
	}
	if err := os.Remove(keyFile); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(t.TempDir(), "restored")
	if _, err := backup.Restore(t.Context(), path, dir, backup.RestoreOptions{}); err == nil || !strings.Contains(err.Error(), "its key is not here") {
		t.Errorf("without the key: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error("a folder was made")
	}
	plain, _ := installation(t, 1)
	path = filepath.Join(t.TempDir(), "b")
	if _, err := backup.Create(t.Context(), plain, file(plain), path, backup.Options{Now: noon}); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), path, dir, backup.RestoreOptions{KeyFile: keyFile}); err == nil || !strings.Contains(err.Error(), "has no database_key_file") {
		t.Errorf("a key for a plain installation: %v", err)
	}
}

// No plain copy lies beside an encrypted backup while it is made: the folder is read
// again and again meanwhile, and so is that of a check.
func TestNoPlainCopyInBetween(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	key, keyFile := sqlite.NewKey(), filepath.Join(t.TempDir(), "k")
	if err := config.WriteKey(keyFile, key); err != nil {
		t.Fatal(err)
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for name, encrypted := range map[string]bool{"plain": false, "encrypted": true} {
		c, _ := installation(t, 50)
		if encrypted {
			c, _ = keyed(t, 50, keyFile, key)
		}
		making, checking := new(atomic.Int64), new(atomic.Int64)
		beside := t.TempDir()
		ctx, stop := context.WithCancel(t.Context())
		var watchers sync.WaitGroup
		watchers.Go(func() { watch(ctx, t, beside, making) })
		watchers.Go(func() { watch(ctx, t, temporary, checking) })
		deadline := time.Now().Add(time.Minute)
		for n := 0; n < 3 || making.Load() == 0 || checking.Load() == 0; n++ {
			path := filepath.Join(beside, fmt.Sprint("b", n))
			if _, err := backup.Create(t.Context(), c, file(c), path, backup.Options{Now: noon, Recipients: []age.Recipient{identity.Recipient()}}); err != nil {
				t.Error(err)
			}
			if _, err := backup.Verify(t.Context(), path, identity); err != nil {
				t.Error(err)
			}
			if time.Now().After(deadline) {
				t.Errorf("%s: nobody saw a copy", name)
				break
			}
		}
		stop()
		watchers.Wait()
	}
}

// watch reads every file of a folder until the context ends, and counts the copies of an
// archive that it saw.
func watch(ctx context.Context, t *testing.T, dir string, seen *atomic.Int64) {
	for ctx.Err() == nil {
		_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil // it went away meanwhile
			}
			f, err := os.Open(path)
			if err != nil {
				return nil
			}
			defer f.Close()
			content, _ := io.ReadAll(f)
			if strings.Contains(path, "archive") && len(content) > 0 {
				seen.Add(1)
			}
			if bytes.Contains(content, []byte("SQLite format 3")) || bytes.Contains(content, []byte("CREATE TABLE")) {
				t.Errorf("%s is a plain copy", filepath.Base(path))
			}
			return nil
		})
	}
}
