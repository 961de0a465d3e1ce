package transport

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// outPrefix begins the temporary names in the outgoing folder.
const outPrefix = ".brevdue-out-"

// Deliver puts data into Out under name and returns nil only when it is durable
// there: written under a temporary name, synced, renamed, and the directory
// synced. Delivering the same name again replaces the file, so repeating is
// harmless. The caller keeps patient data out of the name.
func (f *Folder) Deliver(ctx context.Context, name string, data []byte) error {
	if err := checkName(name); err != nil {
		return err
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
	if err := f.renamed.do(func() error { return syncDir(f.Out) }); err != nil {
		return fmt.Errorf("deliver file: %w", pathless(err))
	}
	return nil
}

// checkName refuses what is no name of a file, leaves the folder, or hides in it.
func checkName(name string) error {
	if name == "" || temporary(name) || strings.ContainsAny(name, `/\`+"\x00") {
		return errors.New("deliver file: not a file name")
	}
	return nil
}

// together lets callers share what one of them has to do anyway: each returns when a
// do that began after its call has ended.
type together struct {
	mu      sync.Mutex
	running bool
	waiting []chan error
}

func (t *together) do(f func() error) error {
	done := make(chan error, 1)
	t.mu.Lock()
	t.waiting = append(t.waiting, done)
	if !t.running {
		t.running = true
		go t.serve(f)
	}
	t.mu.Unlock()
	return <-done
}

// serve does it until nobody waits any more.
func (t *together) serve(f func() error) {
	for {
		t.mu.Lock()
		batch := t.waiting
		t.waiting = nil
		t.running = len(batch) > 0
		t.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		err := f()
		for _, done := range batch {
			done <- err
		}
	}
}

// replace gives data its name; the name is durable when the directory was synced.
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
	return os.Rename(tmp.Name(), filepath.Join(dir, name))
}

func syncDir(dir string) error {
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
