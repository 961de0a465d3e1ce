package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"brevdue"
	"brevdue/internal/audit"
	"brevdue/internal/backup"
	"brevdue/internal/config"
	"brevdue/internal/store"
	"brevdue/internal/store/sqlite"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// installation makes one with some letters and opens its archive.
func installation(t *testing.T, letters int) (*config.Config, store.Store) {
	return keyed(t, letters, "", nil)
}

// keyed is an installation whose archive is encrypted with the key, and whose
// configuration says that it is in keyFile.
func keyed(t *testing.T, letters int, keyFile string, key sqlite.Key) (*config.Config, store.Store) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	for name, content := range map[string]string{
		"config.yaml": "units:\n  - gln: \"5790000000005\"\n    kind: ward\n    name: Prøveafsnittet\n", "directory.yaml": "entries: []\n", "aftaler/en.yaml": "navn: en\n", "aftaler/to.yaml": "navn: to\n",
		"network/in/brev.xml": "kommer ikke med",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if keyFile != "" {
		text := fmt.Sprintf("database_key_file: %q\n", keyFile)
		if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load(filepath.Join(dir, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	st, err := sqlite.Open(c.Path(c.Database), sqlite.Options{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	update(t, st, func(tx store.Tx) error { return tx.Settings().Set(t.Context(), store.KeyTag, "AAA") })
	for range letters {
		add(t, st)
	}
	return c, st
}

// add keeps a letter with its audit entry.
func add(t *testing.T, st store.Store) {
	update(t, st, func(tx store.Tx) error {
		n, err := tx.Settings().NextNumber(t.Context(), "test")
		if err != nil {
			return err
		}
		id, err := tx.Letters().Insert(t.Context(), &store.Letter{Direction: store.Out, Unit: "5790000000005", Status: brevdue.Queued, Sent: noon,
			Body: brevdue.Letter{ID: fmt.Sprint("B", n), Patient: brevdue.Patient{CPR: "0104909989", Surname: "Mosebryggersen"}, Segments: []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText("Fortrolig tekst")}}}}})
		if err != nil {
			return err
		}
		return audit.Append(t.Context(), tx, audit.Entry{At: noon, Actor: "anne", Action: "letter.created", Letter: id})
	})
}

func update(t *testing.T, st store.Store, f func(store.Tx) error) {
	t.Helper()
	if err := st.Update(context.Background(), f); err != nil {
		t.Error(err)
	}
}

func file(c *config.Config) string { return filepath.Join(c.Dir, "config.yaml") }

// F77: a backup made while letters come in is of one moment, verifies, and becomes an
// installation with everything but the network folders, closed to others, and with
// numbers of its own.
func TestBackupOfAnInstallationAtWork(t *testing.T) {
	c, st := installation(t, 50)
	stop := make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				add(t, st)
			}
		}
	})
	path := filepath.Join(t.TempDir(), "b")
	made, err := backup.Create(t.Context(), c, file(c), path, backup.Options{Program: "prøve", Now: noon})
	close(stop)
	work.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if made.Letters < 50 || made.Audit != int64(made.Letters) || made.Head == "" || !made.At.Equal(noon) || len(made.Files) != 5 {
		t.Errorf("made %+v", made)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".brevdue-*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	verified, err := backup.Verify(t.Context(), path)
	if err != nil || verified.Letters != made.Letters || verified.Head != made.Head {
		t.Errorf("verified %+v, %v", verified, err)
	}

	dir := filepath.Join(t.TempDir(), "there", "restored")
	if _, err := backup.Restore(t.Context(), path, dir, backup.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	again, err := config.Load(filepath.Join(dir, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"directory.yaml": "entries: []\n", "aftaler/en.yaml": "navn: en\n", "aftaler/to.yaml": "navn: to\n"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if names, err := filepath.Glob(filepath.Join(dir, "network/*/*")); err != nil || len(names) != 0 {
		t.Errorf("network folders hold %v, %v", names, err)
	}
	if info, err := os.Stat(again.Path(again.Database)); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the archive is open to others: %v, %v", info, err)
	}
	copied, err := sqlite.Open(again.Path(again.Database), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	err = copied.View(t.Context(), func(tx store.Tx) error {
		n, err := tx.Letters().Total(t.Context())
		if n != made.Letters {
			t.Errorf("%d letters, want %d", n, made.Letters)
		}
		tag, err2 := tx.Settings().Get(t.Context(), store.KeyTag)
		if tag == "AAA" || !store.ValidTag(tag) {
			t.Errorf("the numbers go on with tag %q: receivers know them", tag)
		}
		_, broken, err3 := audit.Verify(t.Context(), tx)
		if broken != 0 {
			t.Errorf("the audit log is broken at %d", broken)
		}
		return errors.Join(err, err2, err3)
	})
	if err != nil {
		t.Error(err)
	}
}

// Nothing is written over, and nothing appears by halves.
func TestNothingIsWrittenOver(t *testing.T) {
	c, _ := installation(t, 1)
	path := filepath.Join(t.TempDir(), "b")
	if err := os.WriteFile(path, []byte("andet"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Create(t.Context(), c, file(c), path, backup.Options{Now: noon}); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("over a file: %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "andet" {
		t.Error("the file is another")
	}
	good := filepath.Join(t.TempDir(), "good")
	if _, err := backup.Create(t.Context(), c, file(c), good, backup.Options{Now: noon}); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), good, c.Dir, backup.RestoreOptions{}); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("over an installation: %v", err)
	}
	empty := t.TempDir()
	if _, err := backup.Restore(t.Context(), good, empty, backup.RestoreOptions{}); err != nil {
		t.Errorf("into an empty folder: %v", err)
	}
	if _, err := backup.Create(t.Context(), c, filepath.Join(c.Dir, "anden.yaml"), filepath.Join(t.TempDir(), "b"), backup.Options{Now: noon}); err == nil {
		t.Error("without its configuration")
	}
}

// An encrypted backup shows nothing, opens with its key alone, and says so.
func TestEncryptedBackup(t *testing.T) {
	c, _ := installation(t, 3)
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "b")
	if _, err := backup.Create(t.Context(), c, file(c), path, backup.Options{Now: noon, Recipients: []age.Recipient{key.Recipient()}}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Fortrolig", "0104909989", "Prøveafsnittet", "manifest"} {
		if bytes.Contains(data, []byte(secret)) {
			t.Errorf("the file shows %q", secret)
		}
	}
	if _, err := backup.Verify(t.Context(), path); !errors.Is(err, backup.ErrEncrypted) {
		t.Errorf("without a key: %v", err)
	}
	if _, err := backup.Verify(t.Context(), path, other); err == nil || !strings.Contains(err.Error(), "does not open") {
		t.Errorf("with another key: %v", err)
	}
	if m, err := backup.Verify(t.Context(), path, other, key); err != nil || m.Letters != 3 {
		t.Errorf("with its key: %+v, %v", m, err)
	}
}

// A damaged backup is told from a whole one wherever the damage is, and restores
// nothing.
func TestDamagedBackup(t *testing.T) {
	c, _ := installation(t, 20)
	path := filepath.Join(t.TempDir(), "b")
	if _, err := backup.Create(t.Context(), c, file(c), path, backup.Options{Now: noon}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, where := range []int{0, 1, len(whole) / 10, len(whole) / 2, len(whole) * 9 / 10, len(whole) - 5} {
		for what, damaged := range map[string][]byte{
			"cut":  whole[:where],
			"flip": append(append(bytes.Clone(whole[:where]), whole[where]^0x40), whole[where+1:]...),
		} {
			name := fmt.Sprintf("%s at %d of %d", what, where, len(whole))
			bad := filepath.Join(t.TempDir(), "bad")
			if err := os.WriteFile(bad, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if what == "flip" && where == 1 { // the second byte of gzip's mark
				name += " (mark)"
			}
			if _, err := backup.Verify(t.Context(), bad); err == nil {
				t.Errorf("%s verifies", name)
			}
			dir := filepath.Join(t.TempDir(), "restored")
			if _, err := backup.Restore(t.Context(), bad, dir, backup.RestoreOptions{}); err == nil {
				t.Errorf("%s is restored", name)
			}
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s leaves a folder", name)
			}
		}
	}
}

// A manifest that does not tell the truth about the archive is damage too: one letter
// taken out of the copy, or one audit entry changed, is found.
func TestAlteredArchiveIsFound(t *testing.T) {
	for name, change := range map[string]string{
		"a letter gone":          "DELETE FROM letters WHERE id = 2",
		"an audit entry changed": "UPDATE audit SET actor = 'bo' WHERE seq = 2",
	} {
		c, st := installation(t, 3)
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "b")
		m, err := backup.Create(t.Context(), c, file(c), path, backup.Options{Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		tamper(t, c.Path(c.Database), change)
		bad := filepath.Join(t.TempDir(), "bad")
		altered, err := backup.Create(t.Context(), c, file(c), bad, backup.Options{Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Verify(t.Context(), path); err != nil {
			t.Errorf("%s: the whole one: %v", name, err)
		}
		if _, err = backup.Verify(t.Context(), bad); (name == "an audit entry changed") != errors.Is(err, backup.ErrDamaged) || (altered.Letters == m.Letters) != (name == "an audit entry changed") {
			t.Errorf("%s: %v, %d letters", name, err, altered.Letters)
		}
	}
}
