package transport

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// outPrefix begins the temporary names in the outgoing folder.
const outPrefix = ".brevdue-out-"

// Deliver puts data into Out under name and returns nil only when it is durable
// there: written under a temporary name, synced, renamed, and the directory
// synced. Delivering the same name again replaces the file, so repeating is
// harmless. The caller keeps patient data out of the name.
func (f *Folder) Deliver(ctx context.Context, name string, data []byte) error {
	if name == "" || temporary(name) || strings.ContainsAny(name, `/\`+"\x00") {
		return errors.New("deliver file: not a file name")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := os.MkdirAll(f.Out, 0o750); err != nil {
		return fmt.Errorf("deliver file: %w", pathless(err))
	}
	if err := replace(f.Out, name, data); err != nil {
		return fmt.Errorf("deliver file: %w", pathless(err))
	}
	return nil
}

func replace(dir, name string, data []byte) (err error) {
	tmp, err := os.CreateTemp(dir, outPrefix+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	// The network's program usually runs as another user of the same group.
	if err := tmp.Chmod(0o640); err != nil {
		return err
	}
	if _, err := tmp.Write(data); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), filepath.Join(dir, name)); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// sweep removes temporary files that a crash left in the outgoing folder. What
// they were meant to become is delivered again by the job behind it.
func sweep(dir string, now func() time.Time) {
	left, _ := filepath.Glob(filepath.Join(dir, outPrefix+"*"))
	for _, path := range left {
		if info, err := os.Lstat(path); err == nil && now().Sub(info.ModTime()) > time.Minute {
			os.Remove(path)
		}
	}
}
