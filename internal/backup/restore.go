package backup

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"brevdue"
	"brevdue/internal/audit"
	"brevdue/internal/config"
	"brevdue/internal/store"
	"brevdue/internal/store/sqlite"
)

// ageMark is how an encrypted file begins.
const ageMark = "age-encryption.org/"

// maxManifest bounds what is read before anything is known of a file.
const maxManifest = 8 << 20

// ErrEncrypted says that a backup can only be read with a key.
var ErrEncrypted = errors.New("the backup is encrypted: name the file of a key that opens it")

// Verify reads a whole backup, opens the copy of the archive in a folder of its own,
// and checks that it is what was written: every byte, the database, the counts and the
// chain of the audit log. keys open an encrypted one.
func Verify(ctx context.Context, path string, keys ...age.Identity) (m Manifest, err error) {
	work, err := os.MkdirTemp("", "brevdue-verify-")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if m, err = extract(path, work, keys); err != nil {
		return m, err
	}
	return m, sound(ctx, filepath.Join(work, nameArchive), m)
}

// Restore makes an installation of a backup in a folder that is empty or not there. It
// appears whole or not at all, after all that [Verify] checks, and has a new tag.
func Restore(ctx context.Context, path, dir string, keys ...age.Identity) (m Manifest, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return m, err
	}
	if len(entries) > 0 {
		return m, fmt.Errorf("%s is not empty: name a new folder, nothing was changed", dir)
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Clean(dir)), 0o700); err != nil {
		return m, err
	}
	work, err := os.MkdirTemp(filepath.Dir(filepath.Clean(dir)), ".brevdue-restore-")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if m, err = extract(path, work, keys); err != nil {
		return m, err
	}
	if err := sound(ctx, filepath.Join(work, nameArchive), m); err != nil {
		return m, err
	}
	if err := arrange(ctx, work); err != nil {
		return m, err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return m, err
	}
	if err := os.Rename(work, dir); err != nil {
		return m, err
	}
	return m, syncDir(filepath.Dir(filepath.Clean(dir)))
}

// arrange puts the files where the installation's configuration has them and gives the
// installation its new tag.
func arrange(ctx context.Context, dir string) error {
	c, err := config.Load(filepath.Join(dir, nameConfig))
	if err != nil {
		return err
	}
	places := []string{c.Database, c.Directory, c.Aftaler}
	if c.Network.Kind == config.KindFolder {
		places = append(places, c.Network.In, c.Network.Out)
	}
	for _, place := range places {
		if filepath.IsAbs(place) || !filepath.IsLocal(place) {
			return fmt.Errorf("config.yaml keeps %s outside the installation's folder: a backup restores a folder only; unpack the file by hand", place)
		}
	}
	for _, folder := range append(c.Folders(), filepath.Dir(c.Path(c.Database)), filepath.Dir(c.Path(c.Directory)), c.Path(c.Aftaler)) {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
	}
	moves := map[string]string{filepath.Join(dir, nameArchive): c.Path(c.Database), filepath.Join(dir, nameDir): c.Path(c.Directory)}
	if from := filepath.Join(dir, filepath.Clean(nameAftaler)); from != filepath.Clean(c.Path(c.Aftaler)) {
		names, err := filepath.Glob(filepath.Join(from, "*.yaml"))
		if err != nil {
			return err
		}
		for _, n := range names {
			moves[n] = filepath.Join(c.Path(c.Aftaler), filepath.Base(n))
		}
	}
	for from, to := range moves {
		if err := os.Rename(from, to); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	st, err := sqlite.Open(c.Path(c.Database), sqlite.Options{Readers: 1})
	if err != nil {
		return err
	}
	err = st.Update(ctx, func(tx store.Tx) error {
		old, err := tx.Settings().Get(ctx, store.KeyTag)
		if errors.Is(err, brevdue.ErrNotFound) {
			return nil // it has never run; the first start makes one
		}
		if err != nil {
			return err
		}
		tag := store.NewTag()
		for tag == old {
			tag = store.NewTag()
		}
		return tx.Settings().Set(ctx, store.KeyTag, tag)
	})
	return errors.Join(err, st.Close())
}

// sound opens a copy of an archive and holds it against the manifest.
func sound(ctx context.Context, path string, m Manifest) (err error) {
	if err := sqlite.Sound(ctx, path); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	st, err := sqlite.Open(path, sqlite.Options{Readers: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	got, err := count(ctx, st)
	if err != nil {
		return err
	}
	if got.Letters != m.Letters || got.Audit != m.Audit || got.Head != m.Head {
		return fmt.Errorf("%w: it holds %d letters and %d audit entries, the manifest says %d and %d", ErrDamaged, got.Letters, got.Audit, m.Letters, m.Audit)
	}
	return st.View(ctx, func(tx store.Tx) error {
		_, broken, err := audit.Verify(ctx, tx)
		if err == nil && broken != 0 {
			err = fmt.Errorf("%w: the audit log is broken at entry %d", ErrDamaged, broken)
		}
		return err
	})
}

// extract unpacks a backup into a folder and checks every byte against the manifest.
func extract(path, dir string, keys []age.Identity) (m Manifest, err error) {
	f, err := os.Open(path)
	if err != nil {
		return m, err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<20)
	var plain io.Reader = in
	if mark, err := in.Peek(len(ageMark)); err == nil && string(mark) == ageMark {
		if len(keys) == 0 {
			return m, ErrEncrypted
		}
		if plain, err = age.Decrypt(in, keys...); err != nil {
			return m, fmt.Errorf("the key does not open the backup: %w", err)
		}
	}
	zip, err := gzip.NewReader(plain)
	if err != nil {
		return m, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	zip.Multistream(false)
	tape := tar.NewReader(zip)
	if m, err = readManifest(tape); err != nil {
		return m, err
	}
	for _, want := range m.Files {
		h, err := tape.Next()
		if err != nil || h.Name != want.Name || h.Size != want.Size || !safe(h.Name) {
			return m, fmt.Errorf("%w: %s is not where the manifest has it", ErrDamaged, want.Name)
		}
		if err := unpack(tape, filepath.Join(dir, filepath.FromSlash(want.Name)), want); err != nil {
			return m, err
		}
	}
	if _, err := tape.Next(); !errors.Is(err, io.EOF) {
		return m, fmt.Errorf("%w: it goes on after its last file", ErrDamaged)
	}
	// To the very end: the checksums of the compression and of the encryption stand there.
	if _, err := io.Copy(io.Discard, zip); err != nil {
		return m, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if n, err := io.Copy(io.Discard, plain); err != nil || n > 0 {
		return m, fmt.Errorf("%w: it goes on after its end", ErrDamaged)
	}
	return m, nil
}

func readManifest(tape *tar.Reader) (m Manifest, err error) {
	h, err := tape.Next()
	if err != nil || h.Name != nameManifest || h.Size > maxManifest {
		return m, fmt.Errorf("%w: it does not begin with a manifest", ErrDamaged)
	}
	d := json.NewDecoder(io.LimitReader(tape, maxManifest))
	if err := d.Decode(&m); err != nil {
		return m, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if m.Format > format {
		return m, fmt.Errorf("the backup is of form %d, which a newer program writes (%s)", m.Format, m.Program)
	}
	if len(m.Files) < 2 || m.Files[0].Name != nameArchive || m.Files[1].Name != nameConfig {
		return m, fmt.Errorf("%w: archive and configuration are not in it", ErrDamaged)
	}
	return m, nil
}

// unpack writes one file and checks it.
func unpack(r io.Reader, path string, want File) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(f, sum), r); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDamaged, want.Name, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); !strings.EqualFold(got, want.SHA256) {
		return fmt.Errorf("%w: %s is not what was written", ErrDamaged, want.Name)
	}
	return f.Sync()
}
