// Package backup makes one file of an installation while it runs, and an
// installation of such a file.
//
// Specification: F77 of the product's feature list: the copy is of one moment,
// opens, and its audit chain verifies.
//
// Deliberately missing: the network folders. What lies there is not ours yet, or not
// ours any more. Also a schedule: the operating system has one.
//
// What surprises: a restored installation gets a new tag ([store.KeyTag]). Its
// counters are those of the day of the copy; with the old tag it would use numbers
// again that receivers know, and its letters would be taken for duplicates. What came
// in after the copy is not in it: the manifest says until when it reaches. The copy of an
// encrypted archive is not encrypted with the archive's key, which may be lost when the
// backup is needed, and which is not in it: who can read a backup is for its recipients
// to say. But no plain copy ever lies on a disk beside a backup that is made or read:
// the copies in between have a key that is forgotten with them.
package backup

import (
	"archive/tar"
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
	"time"

	"filippo.io/age"

	"brevdue/internal/config"
	"brevdue/internal/store"
	"brevdue/internal/store/sqlite"
)

// Manifest is the first entry of a backup: what it holds and from when.
type Manifest struct {
	Format  int       `json:"format"` // 1
	Program string    `json:"program"`
	At      time.Time `json:"at"`
	Letters int       `json:"letters"` // in both directions
	Audit   int64     `json:"audit"`   // entries of the audit log
	Head    string    `json:"head"`    // hash of its last entry, "" when it is empty
	Files   []File    `json:"files"`   // in the order they follow
}

// File is one file of a backup.
type File struct {
	Name   string `json:"name"` // "archive", "config.yaml", "directory" or "aftaler/" and a name
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// The names of the files that every backup has.
const (
	nameManifest = "manifest.json"
	nameArchive  = "archive"
	nameConfig   = "config.yaml"
	nameDir      = "directory"
	nameAftaler  = "aftaler/"
)

// format is the number of this form of a backup.
const format = 1

// ErrDamaged says that a backup is not what was written.
var ErrDamaged = errors.New("the backup is damaged")

// Options are what a backup is made with.
type Options struct {
	Program    string          // version of the program, for the manifest
	Now        time.Time       // for the manifest
	Recipients []age.Recipient // who can read it; none: it is not encrypted
}

// Create writes a backup of the installation to a new file, which appears whole or not
// at all. configFile is where its configuration was read from. The installation may be
// at work; the copy of its archive is of one moment. Beside the file there must be room
// for the archive once more.
func Create(ctx context.Context, c *config.Config, configFile, path string, o Options) (m Manifest, err error) {
	if c.Shared() {
		return m, errors.New("the archive is a PostgreSQL database: back it up with the database's own tools (pg_dump, or what your organisation has), and config.yaml, the agreements and the directory as files")
	}
	if _, err := os.Lstat(path); err == nil {
		return m, fmt.Errorf("%s is there already: name a new file, nothing was changed", path)
	}
	work, err := os.MkdirTemp(filepath.Dir(path), ".brevdue-backup-") // mode 0700
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	copied := source{name: nameArchive, path: filepath.Join(work, nameArchive), key: sqlite.NewKey()}
	m = Manifest{Format: format, Program: o.Program, At: o.Now.UTC()}
	if err := copyArchive(ctx, c, copied, &m); err != nil {
		return m, err
	}
	sources := []source{copied, {name: nameConfig, path: configFile}}
	if _, err := os.Stat(c.Path(c.Directory)); err == nil {
		sources = append(sources, source{name: nameDir, path: c.Path(c.Directory)})
	}
	agreements, err := filepath.Glob(filepath.Join(c.Path(c.Aftaler), "*.yaml"))
	if err != nil {
		return m, err
	}
	for _, a := range agreements {
		sources = append(sources, source{name: nameAftaler + filepath.Base(a), path: a})
	}
	for _, s := range sources {
		f, err := s.file()
		if err != nil {
			return m, err
		}
		m.Files = append(m.Files, f)
	}
	part := filepath.Join(work, "backup")
	if err := write(part, m, sources, o.Recipients); err != nil {
		return m, err
	}
	// Link and not rename: a file that appeared meanwhile is not written over.
	if err := os.Link(part, path); err != nil {
		return m, err
	}
	return m, syncDir(filepath.Dir(path))
}

// copyArchive copies the database and counts what is in the copy.
func copyArchive(ctx context.Context, c *config.Config, to source, m *Manifest) error {
	from := c.Path(c.Database)
	if _, err := os.Stat(from); err != nil {
		return fmt.Errorf("the installation has no archive yet: %w", err)
	}
	key, err := c.DatabaseKey()
	if err != nil {
		return err
	}
	if err := sqlite.Copy(ctx, from, key, to.path, to.key); err != nil {
		return fmt.Errorf("copy the archive: %w", err)
	}
	st, err := sqlite.Open(to.path, sqlite.Options{Readers: 1, Key: to.key})
	if err != nil {
		return err
	}
	got, err := count(ctx, st)
	m.Letters, m.Audit, m.Head = got.Letters, got.Audit, got.Head
	return errors.Join(err, st.Close())
}

// source is a file that goes into a backup, and what is encrypted with the key goes
// into it decrypted.
type source struct {
	name, path string
	key        sqlite.Key // none for most
}

func (s source) open() (io.ReadCloser, error) {
	if len(s.key) == 0 {
		return os.Open(s.path)
	}
	return sqlite.OpenPlain(s.path, s.key)
}

// file is what the manifest says of a source.
func (s source) file() (File, error) {
	f, err := s.open()
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	return File{Name: s.name, Size: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}

// write makes the file: a tar of the manifest and the sources, compressed, and
// encrypted when there is anybody to encrypt it to.
func write(path string, m Manifest, sources []source, recipients []age.Recipient) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out, closers := io.WriteCloser(f), []io.Closer{}
	if len(recipients) > 0 {
		if out, err = age.Encrypt(f, recipients...); err != nil {
			return fmt.Errorf("encrypt: %w", err)
		}
		closers = append(closers, out)
	}
	zip, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return err
	}
	tape := tar.NewWriter(zip)
	manifest, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	head := func(name string, size int64) *tar.Header {
		return &tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: m.At, Format: tar.FormatPAX}
	}
	if err := tape.WriteHeader(head(nameManifest, int64(len(manifest)))); err != nil {
		return err
	}
	if _, err := tape.Write(manifest); err != nil {
		return err
	}
	for i, s := range sources {
		if err := tape.WriteHeader(head(s.name, m.Files[i].Size)); err != nil {
			return err
		}
		if err := pour(tape, s, m.Files[i]); err != nil {
			return err
		}
	}
	for _, c := range append([]io.Closer{tape, zip}, closers...) {
		if err := c.Close(); err != nil {
			return err
		}
	}
	return f.Sync()
}

// pour writes a file and makes sure that it is still the one in the manifest.
func pour(w io.Writer, s source, want File) error {
	f, err := s.open()
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if n, err := io.Copy(io.MultiWriter(w, sum), f); err != nil || n != want.Size || hex.EncodeToString(sum.Sum(nil)) != want.SHA256 {
		return errors.Join(err, fmt.Errorf("%s changed while it was copied: try again", want.Name))
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// safe tells whether a name can be one of a backup's files, so that none is written
// outside its place.
func safe(name string) bool {
	switch name {
	case nameArchive, nameConfig, nameDir:
		return true
	}
	base, ok := strings.CutPrefix(name, nameAftaler)
	return ok && base != "" && base == filepath.Base(base) && strings.HasSuffix(base, ".yaml") && !strings.HasPrefix(base, ".")
}

// count says what an archive holds.
func count(ctx context.Context, st store.Store) (m Manifest, err error) {
	err = st.View(ctx, func(tx store.Tx) error {
		if m.Letters, err = tx.Letters().Total(ctx); err != nil {
			return err
		}
		last, err := tx.Audit().Last(ctx)
		if err != nil {
			return err
		}
		m.Audit, m.Head = last.Seq, last.Hash
		return nil
	})
	return m, err
}
