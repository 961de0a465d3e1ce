package sqlite

import (
	"bufio"
	"errors"
	"io"
	"os"

	"lukechampine.com/adiantum/hbsh"
)

// OpenPlain reads the file of an archive that nobody is at work on as it would be
// without its key. Without a key it is the file.
func OpenPlain(path string, key Key) (io.ReadCloser, error) {
	if err := key.fits(path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil || len(key) == 0 {
		return f, err
	}
	return &opened{file: f, in: bufio.NewReaderSize(f, 64*blockSize), cipher: key.cipher()}, nil
}

// opened decrypts a file block by block.
type opened struct {
	file   *os.File
	in     *bufio.Reader
	cipher *hbsh.HBSH
	offset int64
	block  [blockSize]byte
	rest   []byte // of the block, not read yet
}

func (o *opened) Read(p []byte) (int, error) {
	if len(o.rest) == 0 {
		if _, err := io.ReadFull(o.in, o.block[:]); err != nil {
			return 0, err
		}
		o.rest = o.cipher.Decrypt(o.block[:], place(o.offset))
		o.offset += blockSize
	}
	n := copy(p, o.rest)
	o.rest = o.rest[n:]
	return n, nil
}

func (o *opened) Close() error { return o.file.Close() }

// CreateSealed writes the plain file of an archive to a new file that needs the key.
// Without a key it is a file like others. Close leaves it on the disk.
func CreateSealed(path string, key Key) (io.WriteCloser, error) {
	if err := key.valid(); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if len(key) == 0 {
		return durable{f}, nil
	}
	return &sealer{file: durable{f}, out: bufio.NewWriterSize(f, 64*blockSize), cipher: key.cipher()}, nil
}

// durable is on the disk when it is closed.
type durable struct{ *os.File }

func (d durable) Close() error { return errors.Join(d.Sync(), d.File.Close()) }

// sealer encrypts a file block by block.
type sealer struct {
	file   durable
	out    *bufio.Writer
	cipher *hbsh.HBSH
	offset int64
	block  [blockSize]byte
	filled int
}

func (s *sealer) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		c := copy(s.block[s.filled:], p)
		p, n, s.filled = p[c:], n+c, s.filled+c
		if s.filled < blockSize {
			return n, nil
		}
		if _, err := s.out.Write(s.cipher.Encrypt(s.block[:], place(s.offset))); err != nil {
			return n, err
		}
		s.offset, s.filled = s.offset+blockSize, 0
	}
	return n, nil
}

func (s *sealer) Close() (err error) {
	if s.filled > 0 {
		err = errors.New("the archive ends in the middle of a page")
	}
	return errors.Join(err, s.out.Flush(), s.file.Close())
}
