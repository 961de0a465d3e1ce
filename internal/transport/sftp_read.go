package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// Run takes files from In until ctx ends, and returns nil then. A file is removed only
// after receive returned nil for its bytes. Trouble with the server is logged and told
// once, and waited out; an error is only a configuration that can never work.
func (s *SFTP) Run(ctx context.Context, receive Receive) error {
	if _, err := s.hostKeys(); err != nil {
		return fmt.Errorf("sftp: %w", err)
	}
	if _, err := s.credentials(); err != nil {
		return fmt.Errorf("sftp: %w", err)
	}
	r := s.reader(receive)
	rest := firstRest
	for ctx.Err() == nil {
		l, err := s.connect(ctx)
		if err == nil {
			began := time.Now()
			err = r.session(ctx, l)
			l.close()
			if time.Since(began) > lastRest {
				rest = firstRest
			}
		}
		if ctx.Err() != nil {
			break
		}
		r.trouble(nameless(err))
		sleep(ctx, rest/2+rand.N(rest))
		rest = min(2*rest, lastRest)
	}
	return nil
}

// remote is one Run against a server: what it has seen there.
type remote struct {
	*SFTP
	receive Receive
	room    *semaphore.Weighted
	bound   int64 // of a listing
	down    bool

	mu   sync.Mutex
	seen map[string]sighting
}

func (s *SFTP) reader(receive Receive) *remote {
	f := (&Folder{Limit: s.Limit, Settle: s.Settle, Rescan: s.Rescan}).withDefaults()
	c := &SFTP{Address: s.Address, User: s.User, HostKey: s.HostKey, KeyFile: s.KeyFile, PasswordFile: s.PasswordFile, In: s.In, Out: s.Out, Rejected: s.Rejected,
		Limit: f.Limit, Settle: f.Settle, Rescan: f.Rescan, Workers: s.Workers, Now: s.Now, Log: s.log(), Tell: s.Tell, listing: s.listing}
	if c.Rejected == "" {
		c.Rejected = path.Join(path.Dir(path.Clean(s.In)), "rejected")
	}
	if c.Workers <= 0 {
		c.Workers = 8
	}
	if c.listing <= 0 {
		c.listing = listing
	}
	return &remote{SFTP: c, receive: receive, room: semaphore.NewWeighted(max(memory, c.Limit)), bound: c.listing, seen: map[string]sighting{}}
}

// trouble says once that the server cannot be read, or with nil that it can again.
func (r *remote) trouble(err error) {
	if (err != nil) == r.down {
		return
	}
	r.down = err != nil
	if r.down {
		r.Log.Error("network server cannot be read, trying until it can", "error", err)
	} else {
		r.Log.Info("network server can be read again")
	}
	if r.Tell != nil {
		r.Tell(err)
	}
}

// session takes files over one connection until that breaks or the context ends.
func (r *remote) session(ctx context.Context, l *link) error {
	for {
		again, err := r.round(ctx, l)
		if err != nil {
			return err
		}
		r.trouble(nil)
		if !sleep(ctx, again) {
			return nil
		}
	}
}

// round lists the directory once, or a part of it, takes every file that is ready, and
// returns after how long it is worth looking again.
func (r *remote) round(ctx context.Context, l *link) (time.Duration, error) {
	entries, more, err := l.list(ctx, r.In, r.bound)
	if err != nil {
		return 0, err
	}
	now := r.now()
	next := r.Rescan
	var ready []os.FileInfo
	here := make(map[string]sighting, len(entries))
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), takenPrefix) {
			// A crash left it between moving aside and removing.
			_ = l.Rename(path.Join(r.In, e.Name()), path.Join(r.In, againPrefix+random()))
			continue
		}
		if temporary(e.Name()) || !e.Mode().IsRegular() {
			continue
		}
		s, known := r.seen[e.Name()]
		if !known || s.size != e.Size() || !s.mod.Equal(e.ModTime()) {
			s = sighting{size: e.Size(), mod: e.ModTime(), since: now}
		}
		here[e.Name()] = s
		wait := r.Settle - now.Sub(s.since)
		if now.Before(s.notUntil) {
			wait = s.notUntil.Sub(now)
		}
		if wait > 0 {
			next = min(next, wait)
			continue
		}
		ready = append(ready, e)
	}
	r.seen = here
	took, err := r.takeAll(ctx, l, ready)
	switch {
	case err != nil:
		return 0, err
	case more && took > 0:
		next = 0
	case more && r.bound < longListing && len(here) == 0:
		// Nothing here can be taken, ever: look further.
		r.bound, next = 2*r.bound, 0
	case more && next == r.Rescan && r.bound < longListing:
		r.bound *= 2 // all of it failed and rests
	}
	if took > 0 {
		r.bound = r.listing
	}
	return max(next, 10*time.Millisecond), nil
}

// takeAll takes the files with a bounded number of workers, and returns how many it
// took. Its error is that of the connection; a file that fails is tried again later.
func (r *remote) takeAll(ctx context.Context, l *link, files []os.FileInfo) (took int, broke error) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, r.Workers)
	for _, info := range files {
		slots <- struct{}{}
		r.mu.Lock()
		stop := broke != nil || ctx.Err() != nil
		r.mu.Unlock()
		if stop {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			err := r.take(ctx, l, info)
			r.mu.Lock()
			defer r.mu.Unlock()
			s := r.seen[info.Name()]
			switch {
			case err == nil:
				took++
				delete(r.seen, info.Name())
			case errors.Is(err, errUnsettled):
				s.since = r.now()
				r.seen[info.Name()] = s
			case broken(err):
				broke = err
			default:
				s.failures++
				s.notUntil = r.now().Add(min(longestRest, time.Second<<min(s.failures-1, 10)))
				r.seen[info.Name()] = s
				if ctx.Err() == nil {
					r.Log.Error("file not taken, it stays where it is", "file", fingerprint(info.Name()), "failures", s.failures, "error", nameless(err))
				}
			}
		})
	}
	wg.Wait()
	return took, broke
}

// take reads one file, hands it over and removes it.
func (r *remote) take(ctx context.Context, l *link, info os.FileInfo) error {
	defer l.within(ctx, timeFor(info.Size()))()
	at := path.Join(r.In, info.Name())
	if info.Size() > r.Limit {
		return r.reject(l, at, info)
	}
	weight := max(info.Size(), 1)
	if err := r.room.Acquire(ctx, weight); err != nil {
		return err
	}
	defer r.room.Release(weight)
	data, err := readRemote(l, at, info)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // somebody took it back; nothing was promised
	}
	if err != nil {
		return err
	}
	if err := r.hand(ctx, info.Name(), data); err != nil {
		return err
	}
	return r.remove(l, at, info)
}

// readRemote reads a whole file that is as it was listed, before and after.
func readRemote(l *link, at string, want os.FileInfo) ([]byte, error) {
	f, err := l.Open(at)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := bytes.NewBuffer(make([]byte, 0, want.Size()+bytes.MinRead))
	// One byte more than it should have shows that it grew.
	if _, err := f.WriteTo(&atMost{data, want.Size() + 1}); err != nil && !errors.Is(err, io.ErrShortWrite) {
		return nil, err
	}
	is, err := l.Stat(at)
	if err != nil {
		return nil, err
	}
	if int64(data.Len()) != want.Size() || is.Size() != want.Size() || !is.ModTime().Equal(want.ModTime()) {
		return nil, errUnsettled
	}
	return data.Bytes(), nil
}

// atMost writes no more than left.
type atMost struct {
	to   *bytes.Buffer
	left int64
}

func (w *atMost) Write(p []byte) (int, error) {
	if int64(len(p)) > w.left {
		n, _ := w.to.Write(p[:w.left])
		w.left = 0
		return n, io.ErrShortWrite
	}
	w.left -= int64(len(p))
	return w.to.Write(p)
}

// hand calls receive; its error is never one of the connection, and a panic in it is
// one, too: one file must never stop the others.
func (r *remote) hand(ctx context.Context, name string, data []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: panic of type %T", errNotTaken, p) // its text could hold content
		}
	}()
	if err := r.receive(ctx, name, data); err != nil {
		return fmt.Errorf("%w: %w", errNotTaken, err)
	}
	return nil
}

// remove removes the very file that was received, and never a newer one that was put
// under the same name meanwhile; see [reader.remove].
func (r *remote) remove(l *link, at string, took os.FileInfo) error {
	aside := path.Join(r.In, takenPrefix+random())
	if err := l.Rename(at, aside); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	is, err := l.Lstat(aside)
	if err != nil {
		return err
	}
	if is.Size() == took.Size() && is.ModTime().Equal(took.ModTime()) {
		return l.Remove(aside)
	}
	r.Log.Warn("a new file had taken the name of a received one; it is taken too", "file", fingerprint(took.Name()))
	return l.Rename(aside, path.Join(r.In, againPrefix+random()))
}

// reject moves a file that is too large out of the way, under a name without the
// original's content but with a fingerprint of it. Nothing is deleted.
func (r *remote) reject(l *link, at string, info os.FileInfo) error {
	if err := l.MkdirAll(r.Rejected); err != nil {
		return err
	}
	to := r.now().UTC().Format("20060102T150405Z") + "-" + fingerprint(info.Name()) + "-" + random()
	if err := l.Rename(at, path.Join(r.Rejected, to)); err != nil {
		return err
	}
	r.Log.Error("file is too large and was moved to the rejected directory", "file", fingerprint(info.Name()), "bytes", info.Size(), "limit", r.Limit)
	return nil
}
