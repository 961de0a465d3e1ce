package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
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
// chain of the audit log. ids open an encrypted one.
func Verify(ctx context.Context, path string, ids ...age.Identity) (m Manifest, err error) {
	work, err := os.MkdirTemp("", "brevdue-verify-")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	key := sqlite.NewKey()
	if m, err = read(path, ids, into(work, key)); err != nil {
		return m, err
	}
	return m, sound(ctx, filepath.Join(work, nameArchive), key, m)
}

// RestoreOptions are what a backup is restored with.
type RestoreOptions struct {
	Identities []age.Identity // open an encrypted backup
	// KeyFile is the file with the key for an archive whose configuration keeps the key
	// in the installation's folder; it is copied there. Any key will do: the copy in a
	// backup is not encrypted with it.
	KeyFile string
}

// Restore makes an installation of a backup in a folder that is empty or not there. It
// appears whole or not at all, after all that [Verify] checks, and has a new tag. Its
// archive is encrypted when its configuration says so; the key must be there before.
func Restore(ctx context.Context, path, dir string, o RestoreOptions) (m Manifest, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return m, err
	}
	if len(entries) > 0 {
		return m, fmt.Errorf("%s is not empty: name a new folder, nothing was changed", dir)
	}
	key, err := keyOf(path, dir, o)
	if err != nil {
		return m, err
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Clean(dir)), 0o700); err != nil {
		return m, err
	}
	work, err := os.MkdirTemp(filepath.Dir(filepath.Clean(dir)), ".brevdue-restore-")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if m, err = read(path, o.Identities, into(work, key)); err != nil {
		return m, err
	}
	if err := sound(ctx, filepath.Join(work, nameArchive), key, m); err != nil {
		return m, err
	}
	if err := arrange(ctx, work, key, o.KeyFile != ""); err != nil {
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

// keyOf finds the key that the restored archive will have, nil for none, and writes
// nothing.
func keyOf(path, dir string, o RestoreOptions) (sqlite.Key, error) {
	c, err := configuration(path, o.Identities)
	if err != nil {
		return nil, err
	}
	c.Dir = dir
	inside := !c.KeyIsCredential() && filepath.IsLocal(c.KeyFile)
	switch {
	case c.KeyFile == "" && o.KeyFile != "":
		return nil, errors.New("the configuration in the backup has no database_key_file: restore without a key, and encrypt the archive with brevdue move; nothing was changed")
	case inside && o.KeyFile == "":
		return nil, fmt.Errorf("the configuration in the backup encrypts the archive with the key in %s, which no backup holds: "+
			"name the key file with --database-key-file (when the key is lost, brevdue key new makes another that will do); nothing was changed", c.KeyFile)
	case inside:
		return config.ReadKey(o.KeyFile)
	case o.KeyFile != "":
		return nil, fmt.Errorf("the configuration in the backup has the key of the archive outside the installation, in %s: put it there and restore without --database-key-file; nothing was changed", c.KeyFile)
	}
	key, err := c.DatabaseKey()
	if err != nil {
		return nil, fmt.Errorf("the configuration in the backup encrypts the archive, and its key is not here (when it is lost, brevdue key new makes another that will do); nothing was changed: %w", err)
	}
	return key, nil
}

// configuration reads a backup for its configuration alone.
func configuration(path string, ids []age.Identity) (*config.Config, error) {
	var content bytes.Buffer
	_, err := read(path, ids, func(f File) (io.WriteCloser, error) {
		if f.Name != nameConfig {
			return unkept{io.Discard}, nil
		}
		if f.Size > maxManifest {
			return nil, fmt.Errorf("%w: its configuration has %d bytes", ErrDamaged, f.Size)
		}
		return unkept{&content}, nil
	})
	if err != nil {
		return nil, err
	}
	c, err := config.Parse(content.Bytes())
	if err != nil {
		return nil, fmt.Errorf("%s in the backup:%w", nameConfig, err)
	}
	return c, nil
}

// unkept is written to no file.
type unkept struct{ io.Writer }

func (unkept) Close() error { return nil }

// arrange puts the files where the installation's configuration has them, the key among
// them when it is given, and gives the installation its new tag.
func arrange(ctx context.Context, dir string, key sqlite.Key, keep bool) error {
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
	if keep {
		if err := os.MkdirAll(filepath.Dir(c.Path(c.KeyFile)), 0o700); err != nil {
			return err
		}
		if err := config.WriteKey(c.Path(c.KeyFile), key); err != nil {
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
	st, err := sqlite.Open(c.Path(c.Database), sqlite.Options{Readers: 1, Key: key})
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
func sound(ctx context.Context, path string, key sqlite.Key, m Manifest) (err error) {
	if err := sqlite.Sound(ctx, path, key); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	st, err := sqlite.Open(path, sqlite.Options{Readers: 1, Key: key})
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

// into puts the files of a backup in a folder, the archive encrypted with the key.
func into(dir string, key sqlite.Key) func(File) (io.WriteCloser, error) {
	return func(f File) (io.WriteCloser, error) {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		if f.Name == nameArchive {
			return sqlite.CreateSealed(path, key)
		}
		return sqlite.CreateSealed(path, nil)
	}
}

// read reads a backup from its beginning to its very end, writes every file to where take
// says, and checks every byte against the manifest.
func read(path string, ids []age.Identity, take func(File) (io.WriteCloser, error)) (m Manifest, err error) {
	f, err := os.Open(path)
	if err != nil {
		return m, err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<20)
	var plain io.Reader = in
	if mark, err := in.Peek(len(ageMark)); err == nil && string(mark) == ageMark {
		if len(ids) == 0 {
			return m, ErrEncrypted
		}
		if plain, err = age.Decrypt(in, ids...); err != nil {
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
		if err := unpack(tape, take, want); err != nil {
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
func unpack(r io.Reader, take func(File) (io.WriteCloser, error), want File) error {
	w, err := take(want)
	if err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w, sum), r); err != nil {
		return errors.Join(fmt.Errorf("%w: %s: %w", ErrDamaged, want.Name, err), w.Close())
	}
	if got := hex.EncodeToString(sum.Sum(nil)); !strings.EqualFold(got, want.SHA256) {
		return errors.Join(fmt.Errorf("%w: %s is not what was written", ErrDamaged, want.Name), w.Close())
	}
	return w.Close()
}
