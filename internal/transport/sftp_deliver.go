package transport

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// Deliver puts data into Out under name and returns nil only when the server has it
// there: written under a hidden name, flushed to its disk when it can do that, its size
// looked at, and renamed over. Delivering the same name again replaces the file. Errors
// hold no name.
func (s *SFTP) Deliver(ctx context.Context, name string, data []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	l, err := s.outgoing(ctx)
	if err != nil {
		return fmt.Errorf("deliver file: %w", err)
	}
	defer l.within(ctx, timeFor(int64(len(data))))()
	if err := s.upload(l, name, data); err != nil {
		if broken(err) {
			s.drop(l)
		}
		return fmt.Errorf("deliver file: %w", nameless(err))
	}
	return nil
}

// failRest is how long a failed connection is not tried again: whoever delivers
// meanwhile is told at once.
const failRest = 5 * time.Second

// outgoing returns the connection for delivering, a new one when there is none. One
// makes it; the others wait for what comes of it.
func (s *SFTP) outgoing(ctx context.Context) (*link, error) {
	s.mu.Lock()
	for s.connecting != nil {
		made := s.connecting
		s.mu.Unlock()
		select {
		case <-made:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	switch {
	case s.out != nil:
		return s.out, nil
	case s.failed != nil && time.Since(s.failedAt) < failRest:
		return nil, s.failed
	}
	made := make(chan struct{})
	defer close(made)
	s.connecting = made
	s.mu.Unlock()
	l, err := s.connect(ctx)
	if err == nil {
		s.sweep(ctx, l)
	}
	s.mu.Lock()
	s.connecting, s.out, s.failed, s.failedAt = nil, l, err, time.Now()
	if ctx.Err() != nil {
		s.failed = nil // the caller left; the server is not to blame
	}
	return l, err
}

// drop gives a connection up that broke.
func (s *SFTP) drop(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out == l {
		s.out = nil
		go l.close() // others wait for answers on it; they get errors
	}
}

// Close ends the connection for delivering; Deliver makes another one.
func (s *SFTP) Close() {
	s.mu.Lock()
	l := s.out
	s.out, s.failed = nil, nil
	s.mu.Unlock()
	if l != nil {
		l.close()
	}
}

func (s *SFTP) upload(l *link, name string, data []byte) (err error) {
	hidden := path.Join(s.Out, outPrefix+random())
	f, err := l.OpenFile(hidden, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			_ = l.Remove(hidden)
		}
	}()
	if _, err := f.Write(data); err != nil {
		return err
	}
	if _, can := l.HasExtension("fsync@openssh.com"); can {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	if err := f.Close(); err != nil {
		return err
	}
	is, err := l.Stat(hidden)
	if err != nil {
		return err
	}
	if is.Size() != int64(len(data)) {
		return fmt.Errorf("the server has %d bytes of %d: is its disk full?", is.Size(), len(data))
	}
	return replaceOn(l, hidden, path.Join(s.Out, name))
}

// replaceOn gives a file its name, in place of what has it.
func replaceOn(l *link, from, to string) error {
	if _, can := l.HasExtension("posix-rename@openssh.com"); can {
		return l.PosixRename(from, to)
	}
	// The name is free for a moment; whoever looks then finds the file the next time.
	if err := l.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return l.Rename(from, to)
}

// sweep removes hidden files that a crash left behind. What they were meant to become
// is delivered again by the job behind it.
func (s *SFTP) sweep(ctx context.Context, l *link) {
	entries, _, err := l.list(ctx, s.Out, listing)
	if err != nil {
		return // delivering says what is wrong
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), outPrefix) && s.now().Sub(e.ModTime()) > time.Hour {
			_ = l.Remove(path.Join(s.Out, e.Name()))
		}
	}
}
