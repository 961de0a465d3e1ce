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
	intake
	bound int64 // of a listing
	down  bool
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
	return &remote{SFTP: c, bound: c.listing, intake: intake{receive: receive, room: semaphore.NewWeighted(max(memory, c.Limit)), limit: c.Limit, workers: c.Workers,
		now: c.now, log: c.Log, clean: nameless, broken: broken, seen: map[string]sighting{}}}
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
	now := r.SFTP.now()
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
		s := r.look(e, now)
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
	took, _, err := r.all(ctx, ready, func(info os.FileInfo) error {
		defer l.within(ctx, timeFor(info.Size()))()
		return r.take(ctx, shelf{r, l}, info)
	})
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

// shelf is the incoming directory over one connection.
type shelf struct {
	r *remote
	l *link
}

func (s shelf) path(info os.FileInfo) string { return path.Join(s.r.In, info.Name()) }

func (s shelf) fetch(info os.FileInfo) ([]byte, error) { return readRemote(s.l, s.path(info), info) }

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

// forget removes the very file that was received, and never a newer one that was put
// under the same name meanwhile; see [reader.forget].
func (s shelf) forget(took os.FileInfo) error {
	r, l := s.r, s.l
	aside := path.Join(r.In, takenPrefix+random())
	if err := l.Rename(s.path(took), aside); err != nil {
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
func (s shelf) reject(info os.FileInfo) error {
	r, l := s.r, s.l
	if err := l.MkdirAll(r.Rejected); err != nil {
		return err
	}
	to := r.SFTP.now().UTC().Format("20060102T150405Z") + "-" + fingerprint(info.Name()) + "-" + random()
	if err := l.Rename(s.path(info), path.Join(r.Rejected, to)); err != nil {
		return err
	}
	r.Log.Error("file is too large and was moved to the rejected directory", "file", fingerprint(info.Name()), "bytes", info.Size(), "limit", r.Limit)
	return nil
}
