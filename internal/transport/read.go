package transport

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// errUnsettled says that a file changed while it was looked at, or that another
// program has it open for writing.
var errUnsettled = errors.New("file is still being written")

// readSettled returns the bytes of the file at path when it is the file that
// was listed, nobody has it open for writing as far as the system can tell, and
// it did not change while it was read.
func readSettled(path string, want os.FileInfo, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	defer f.Close()
	if err := same(f, want); err != nil {
		return nil, err
	}
	if beingWritten(f) {
		return nil, errUnsettled
	}
	data := make([]byte, 0, want.Size()+1)
	for len(data) <= int(limit) {
		if len(data) == cap(data) {
			return nil, errUnsettled // it grew past what was listed
		}
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read file: %w", err)
		}
	}
	if err := same(f, want); err != nil || int64(len(data)) != want.Size() {
		return nil, errUnsettled
	}
	return data, nil
}

func same(f *os.File, want os.FileInfo) error {
	is, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read file: %w", err)
	}
	if !os.SameFile(is, want) || is.Size() != want.Size() || !is.ModTime().Equal(want.ModTime()) {
		return errUnsettled
	}
	return nil
}
