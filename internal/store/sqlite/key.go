package sqlite

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/ncruces/go-sqlite3/vfs"
	"github.com/ncruces/go-sqlite3/vfs/adiantum"
	cipher "lukechampine.com/adiantum"
	"lukechampine.com/adiantum/hbsh"
)

// KeySize is how many bytes a key has.
const KeySize = 32

// Key encrypts an archive: [KeySize] bytes, or none for an archive that is not
// encrypted. It prints as a word, never as itself.
type Key []byte

// NewKey returns a key that nobody knows.
func NewKey() Key {
	k := make(Key, KeySize)
	rand.Read(k) // never fails
	return k
}

// String says whether there is a key.
func (k Key) String() string {
	if len(k) == 0 {
		return "no key"
	}
	return "a key"
}

// GoString is [Key.String], for %#v.
func (k Key) GoString() string { return k.String() }

// MarshalText is [Key.String], for what is logged or printed as JSON.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// The key of a configuration and the archive do not belong together. Nothing was
// changed.
var (
	ErrNotEncrypted = errors.New("the archive is not encrypted, but a key is configured: take database_key_file out of config.yaml, " +
		"or encrypt the archive with brevdue move; nothing was changed")
	ErrKeyMissing = errors.New("the archive is encrypted, and no key is configured (or the file is no archive at all): " +
		"name its key in database_key_file of config.yaml; nothing was changed")
	ErrWrongKey = errors.New("the key in database_key_file does not open the archive: it belongs to another one, or the file is damaged; " +
		"find the right key, or restore a backup; nothing was changed")
)

// heading begins every file of SQLite.
const heading = "SQLite format 3\x00"

// blockSize is what is encrypted in one piece, and a page of the archive.
const blockSize = 4096

func (k Key) valid() error {
	if len(k) != 0 && len(k) != KeySize {
		return fmt.Errorf("a key has %d bytes, not %d", KeySize, len(k))
	}
	return nil
}

// fits refuses a key that is not that of the file. It has to look before SQLite does:
// with a wrong key SQLite takes the log beside the file for an empty one, and removes it.
func (k Key) fits(path string) (err error) {
	if err := k.valid(); err != nil {
		return err
	}
	for range 3 { // the first block may be written while it is read
		if err = k.look(path); !errors.Is(err, ErrWrongKey) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}

func (k Key) look(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	block := make([]byte, blockSize)
	n, err := io.ReadFull(f, block)
	switch {
	case errors.Is(err, io.EOF):
		return nil // a new archive
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case bytes.HasPrefix(block[:n], []byte(heading)):
		if len(k) != 0 {
			return ErrNotEncrypted
		}
		return nil
	case len(k) == 0:
		return ErrKeyMissing
	case n < blockSize || !bytes.HasPrefix(k.cipher().Decrypt(block, place(0)), []byte(heading)):
		return ErrWrongKey
	}
	return nil
}

// cipher is Adiantum with the key; not for two goroutines at once.
func (k Key) cipher() *hbsh.HBSH { return cipher.New(k) }

// place is the tweak of the block at an offset.
func place(offset int64) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(offset)) }

// parameters are those of a file's URI that let SQLite read and write it with the key.
// The key itself is in none of them, so that no error can show it: they name a file
// system of SQLite's that knows it. Such a name stays registered until the process ends;
// the same key has the same one.
func (k Key) parameters() string {
	if len(k) == 0 {
		return "vfs=os"
	}
	name := sha256.Sum256(append([]byte("name of a key "), k...))
	system := "encrypted-" + hex.EncodeToString(name[:8])
	if vfs.Find(system) == nil {
		vfs.Register(system, adiantum.Wrap(vfs.Find(""), keyring{k}))
	}
	return "vfs=" + system + "&textkey=" + archiveKey
}

// archiveKey is the word for the key in a URI.
const archiveKey = "archive"

// keyring gives the file system the key for the word, and temporary files a key that
// is forgotten with them.
type keyring struct{ key Key }

// KDF implements [adiantum.HBSHCreator].
func (r keyring) KDF(word string) []byte {
	if word == archiveKey {
		return r.key
	}
	return NewKey()
}

// HBSH implements [adiantum.HBSHCreator].
func (r keyring) HBSH(key []byte) *hbsh.HBSH {
	if len(key) != KeySize {
		return nil
	}
	return Key(key).cipher()
}
