package transport

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// longestRest is the longest wait before a file that failed is tried again.
const longestRest = 2 * time.Minute

// sighting is what is known about a file that still lies where the network put it.
type sighting struct {
	size     int64
	mod      time.Time
	since    time.Time // when it was first seen with this size and time
	failures int
	notUntil time.Time // after a failure
}

// intake is how files are taken, wherever they lie: what was seen of them, and how much
// of them is in hand.
type intake struct {
	receive Receive
	room    *semaphore.Weighted // bytes in hand
	limit   int64               // largest file taken, in bytes
	workers int                 // files in hand
	now     func() time.Time
	log     *slog.Logger
	clean   func(error) error // takes names of files out of an error
	broken  func(error) bool  // tells that no other file can be taken now; nil: never

	mu   sync.Mutex
	seen map[string]sighting
}

// place is where a file lies.
type place interface {
	fetch(info os.FileInfo) ([]byte, error) // errUnsettled when it is not as it was listed
	forget(info os.FileInfo) error          // removes the very file that was fetched
	reject(info os.FileInfo) error          // moves one over the limit out of the way
}

// look returns what is known of a file that was listed.
func (in *intake) look(info os.FileInfo, now time.Time) sighting {
	s, known := in.seen[info.Name()]
	if !known || s.size != info.Size() || !s.mod.Equal(info.ModTime()) {
		s = sighting{size: info.Size(), mod: info.ModTime(), since: now}
	}
	return s
}

// all takes the files with a bounded number of workers. It returns how many were taken,
// how many have to be looked at again soon, and what broke, after which it begins no
// other. A file that fails is tried again later.
func (in *intake) all(ctx context.Context, files []os.FileInfo, take func(os.FileInfo) error) (taken, unsettled int, broke error) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, in.workers)
	for _, info := range files {
		slots <- struct{}{}
		in.mu.Lock()
		stop := broke != nil || ctx.Err() != nil
		in.mu.Unlock()
		if stop {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			err := take(info)
			in.mu.Lock()
			defer in.mu.Unlock()
			s := in.seen[info.Name()]
			switch {
			case err == nil:
				taken++
				delete(in.seen, info.Name())
			case errors.Is(err, errUnsettled):
				unsettled++
				s.since = in.now()
				in.seen[info.Name()] = s
			case in.broken != nil && in.broken(err):
				broke = err
			default:
				s.failures++
				s.notUntil = in.now().Add(min(longestRest, time.Second<<min(s.failures-1, 10)))
				in.seen[info.Name()] = s
				if ctx.Err() == nil {
					in.log.Error("file not taken, it stays where it is", "file", fingerprint(info.Name()), "failures", s.failures, "error", in.clean(err))
				}
			}
		})
	}
	wg.Wait()
	return taken, unsettled, broke
}

// take fetches one file, hands it over and forgets it.
func (in *intake) take(ctx context.Context, from place, info os.FileInfo) error {
	if info.Size() > in.limit {
		return from.reject(info)
	}
	weight := max(info.Size(), 1)
	if err := in.room.Acquire(ctx, weight); err != nil {
		return err
	}
	defer in.room.Release(weight)
	data, err := from.fetch(info)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // somebody took it back; nothing was promised
	}
	if err != nil {
		return err
	}
	if err := in.hand(ctx, info.Name(), data); err != nil {
		return err
	}
	return from.forget(info)
}

// notTaken is the error of whoever receives: the network is not to blame for it.
type notTaken struct{ error }

func (n notTaken) Unwrap() error { return n.error }

// hand calls receive and turns a panic in it into an error: one file must never
// stop the others.
func (in *intake) hand(ctx context.Context, name string, data []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = notTaken{fmt.Errorf("receiving failed: panic of type %T", p)} // its text could hold content
		}
	}()
	if err := in.receive(ctx, name, data); err != nil {
		return notTaken{err}
	}
	return nil
}
