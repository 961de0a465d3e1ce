// Package transport brings bytes in and out of an installation: a [Folder] that the
// network's own program fills and empties, two directories of a supplier's server
// ([SFTP]), or pushing both ways ([HTTPS]).
//
// Specification: house.md §4 steps 1 and 11, features F7 (safe drop folders) and F78
// (the same over every network). There is no standard for drop folders; the manners kept
// here are those that file-exchange programs agree on: temporary names while writing,
// rename when done. What is said over HTTPS stands at [HTTPS].
//
// Deliberately missing: what the bytes mean. Transport opens nothing, parses
// nothing and keeps no state of its own; whoever takes the bytes has to cope
// with getting the same file twice.
//
// What surprises: the clock of this package is the file system's and never the
// demo's, because files carry its times. File names never reach a log, as
// counterparts put patients' numbers into them. fsnotify only wakes the reader
// up; the rescan alone would do, and does on network shares. A server's directory may
// be larger than memory: it is listed in parts.
package transport

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
	"golang.org/x/sync/semaphore"
)

// Defaults of the zero Folder.
const (
	DefaultLimit   = 32 << 20        // bytes
	DefaultSettle  = time.Second     // how long a file must lie untouched
	DefaultRescan  = 3 * time.Second // how often the folder is looked at unasked
	DefaultWorkers = 64              // files received at the same time

	// memory bounds the bytes of files in hand at one time.
	memory = 64 << 20
)

// Receive takes the bytes of one file; nil means that they are safe and the
// file may go. The name is the file's own: it may hold a patient's number and
// must not be logged.
type Receive func(ctx context.Context, name string, data []byte) error

// Folder is a network that consists of two directories. The zero value of every
// field but In and Out means its default.
type Folder struct {
	In       string           // where the network puts what comes
	Out      string           // where the network fetches what goes
	Rejected string           // where files over the limit are moved; default In/../rejected
	Limit    int64            // largest file taken, in bytes
	Settle   time.Duration    // how long size and time of a file must rest before it is read
	Rescan   time.Duration    // how often to look without being woken
	Workers  int              // files received at the same time
	Poll     bool             // never ask the system to be woken; for shares that cannot
	Now      func() time.Time // the file system's clock; default time.Now
	Log      *slog.Logger     // default: no log
	// Tell, when not nil, is told why the network cannot be read when that begins, and nil
	// when it can be read again.
	Tell func(trouble error)

	renamed together // deliveries that wait for their names to be durable
}

func (f *Folder) withDefaults() *Folder {
	f = &Folder{In: f.In, Out: f.Out, Rejected: f.Rejected, Limit: f.Limit, Settle: f.Settle, Rescan: f.Rescan, Workers: f.Workers, Poll: f.Poll, Now: f.Now, Log: f.Log, Tell: f.Tell}
	if f.Rejected == "" {
		f.Rejected = filepath.Join(filepath.Dir(filepath.Clean(f.In)), "rejected")
	}
	if f.Limit <= 0 {
		f.Limit = DefaultLimit
	}
	if f.Settle <= 0 {
		f.Settle = DefaultSettle
	}
	if f.Rescan <= 0 {
		f.Rescan = DefaultRescan
	}
	if f.Workers <= 0 {
		f.Workers = DefaultWorkers
	}
	if f.Now == nil {
		f.Now = time.Now
	}
	if f.Log == nil {
		f.Log = slog.New(slog.DiscardHandler)
	}
	return f
}

// Run takes files from In until ctx ends, and returns nil then. A file is
// removed only after receive returned nil for its bytes; when receive fails the
// file stays and is tried again later. Trouble with the directory is logged and
// waited out: it is an error only when In cannot be made at the start.
func (f *Folder) Run(ctx context.Context, receive Receive) error {
	r := newReader(f, receive)
	if err := os.MkdirAll(r.In, 0o750); err != nil {
		return fmt.Errorf("open network folder: %w", err)
	}
	r.recover()
	sweep(r.Out, r.Now)

	wake, stop := r.watch()
	defer stop()
	for {
		again := r.round(ctx)
		// A folder with very many files takes its time to list: never spend more
		// than a quarter of the time on listing.
		rest := max(20*time.Millisecond, min(time.Second, 4*r.listing))
		if !sleep(ctx, rest) {
			return nil
		}
		timer := time.NewTimer(again)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

func (f *Folder) tell(trouble error) {
	if f.Tell != nil {
		f.Tell(trouble)
	}
}

// reader is one Run: what it has seen of the folder.
type reader struct {
	*Folder
	intake
	read    func(path string, want os.FileInfo, limit int64) ([]byte, error)
	listing time.Duration // how long the last listing took
	down    bool          // the directory could not be read last time
	trips   int           // names given so far, see aside
}

func newReader(f *Folder, receive Receive) *reader {
	f = f.withDefaults()
	return &reader{
		Folder: f, read: readSettled,
		intake: intake{receive: receive, room: semaphore.NewWeighted(max(memory, f.Limit)), limit: f.Limit, workers: f.Workers, now: f.Now, log: f.Log, clean: pathless,
			seen: map[string]sighting{}},
	}
}

// watch asks the system to be woken by changes. Without it the rescan works.
func (r *reader) watch() (<-chan struct{}, func()) {
	wake := make(chan struct{}, 1)
	if r.Poll {
		return wake, func() {}
	}
	w, err := fsnotify.NewWatcher()
	if err == nil {
		if err = w.Add(r.In); err != nil {
			w.Close()
		}
	}
	if err != nil {
		r.Log.Warn("network folder cannot wake the reader, rescanning only", "every", r.Rescan, "error", pathless(err))
		return wake, func() {}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case _, ok := <-w.Events:
				if !ok {
					return
				}
			case _, ok := <-w.Errors: // an overflow is a reason to look, too
				if !ok {
					return
				}
			}
			select {
			case wake <- struct{}{}:
			default:
			}
		}
	}()
	return wake, func() { w.Close(); <-done }
}

// round lists the folder once, takes every file that is ready, and returns after
// how long it is worth looking again.
func (r *reader) round(ctx context.Context) time.Duration {
	now := r.Now()
	entries, err := os.ReadDir(r.In)
	if err != nil {
		if !r.down {
			r.Log.Error("network folder cannot be read, waiting for it", "error", pathless(err))
			r.tell(pathless(err))
		}
		r.down = true
		return r.Rescan
	}
	if r.down {
		r.Log.Info("network folder can be read again")
		r.tell(nil)
		r.down = false
	}

	next := r.Rescan
	var ready []os.FileInfo
	here := make(map[string]sighting, len(entries))
	for _, e := range entries {
		if temporary(e.Name()) || !e.Type().IsRegular() {
			continue // a symbolic link is never followed: it could point anywhere
		}
		info, err := e.Info()
		if err != nil {
			continue // gone already
		}
		s := r.look(info, now)
		here[e.Name()] = s
		if wait := s.wait(now, r.Settle); wait > 0 {
			next = min(next, wait)
			continue
		}
		ready = append(ready, info)
	}
	r.seen = here
	r.listing = r.Now().Sub(now)

	// The oldest first, so that nobody waits behind a stream of newer ones.
	sort.SliceStable(ready, func(i, j int) bool { return ready[i].ModTime().Before(ready[j].ModTime()) })
	take := func(info os.FileInfo) error { return r.take(ctx, r, info) }
	if _, unsettled, _ := r.all(ctx, ready, take); unsettled > 0 {
		next = min(next, r.Settle)
	}
	return next
}

// wait returns how long the file must still rest: it is ready when it was last
// written longer ago than settle, or was seen unchanged for that long (clocks
// of network shares may be wrong).
func (s sighting) wait(now time.Time, settle time.Duration) time.Duration {
	if now.Before(s.notUntil) {
		return s.notUntil.Sub(now)
	}
	age := max(now.Sub(s.mod), now.Sub(s.since))
	return settle - age
}

func (r *reader) path(info os.FileInfo) string { return filepath.Join(r.In, info.Name()) }

func (r *reader) fetch(info os.FileInfo) ([]byte, error) { return r.read(r.path(info), info, r.Limit) }

// forget removes the very file that was received, and never a newer one that
// was put under the same name meanwhile: the name is first moved aside, which
// is atomic, and only what is then found there unchanged is deleted. A newer
// file gets a name of its own and is taken in its turn.
func (r *reader) forget(took os.FileInfo) error {
	aside := r.aside(takenPrefix)
	if err := os.Rename(r.path(took), aside); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("remove received file: %w", err)
	}
	is, err := os.Lstat(aside)
	if err != nil {
		return fmt.Errorf("remove received file: %w", err)
	}
	if os.SameFile(is, took) && is.Size() == took.Size() && is.ModTime().Equal(took.ModTime()) {
		if err := os.Remove(aside); err != nil {
			return fmt.Errorf("remove received file: %w", err)
		}
		return nil
	}
	r.Log.Warn("a new file had taken the name of a received one; it is taken too", "file", fingerprint(took.Name()))
	return os.Rename(aside, r.aside(againPrefix))
}

// Names this package gives to files of the incoming folder. The first is
// hidden, so that nobody takes it; the second is an ordinary file again.
const (
	takenPrefix = ".brevdue-taken-"
	againPrefix = "brevdue-again-"
)

// aside returns a free path in the incoming folder.
func (r *reader) aside(prefix string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		r.trips++
		path := filepath.Join(r.In, fmt.Sprintf("%s%d-%d", prefix, os.Getpid(), r.trips))
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return path
		}
	}
}

// recover puts files back that a crash left between moving aside and removing.
// They may have been received; taking them again does no harm.
func (r *reader) recover() {
	left, _ := filepath.Glob(filepath.Join(r.In, takenPrefix+"*"))
	for _, path := range left {
		if err := os.Rename(path, r.aside(againPrefix)); err != nil {
			r.Log.Error("file of an earlier run cannot be taken again", "error", pathless(err))
		}
	}
}

// reject moves a file that is too large out of the way, under a name without
// the original's content but with a fingerprint of it. Nothing is deleted.
func (r *reader) reject(info os.FileInfo) error {
	if err := os.MkdirAll(r.Rejected, 0o750); err != nil {
		return fmt.Errorf("reject large file: %w", err)
	}
	base := r.Now().UTC().Format("20060102T150405Z") + "-" + fingerprint(info.Name())
	for n := 0; ; n++ {
		name := base
		if n > 0 {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		to := filepath.Join(r.Rejected, name)
		if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
			if err != nil {
				return fmt.Errorf("reject large file: %w", err)
			}
			continue
		}
		if err := os.Rename(r.path(info), to); err != nil {
			return fmt.Errorf("reject large file: %w", err)
		}
		r.Log.Error("file is larger than the limit and was moved to the rejected folder", "rejected", name, "bytes", info.Size(), "limit", r.Limit)
		return nil
	}
}

// temporary tells whether a name says that its file is not finished.
func temporary(name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") {
		return true
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp":
		return true
	}
	return false
}

// fingerprint names a file in a log without repeating its name.
func fingerprint(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:4])
}

// pathless takes the file name out of an error of the os package.
func pathless(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return fmt.Errorf("%s: %w", l.Op, l.Err)
	}
	return err
}
