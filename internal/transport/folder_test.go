package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inbox collects what was received and can be told to fail.
type inbox struct {
	mu    sync.Mutex
	got   map[string][]string // content -> names it came under
	fails func(data string) error
}

func (b *inbox) receive(_ context.Context, name string, data []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails != nil {
		if err := b.fails(string(data)); err != nil {
			return err
		}
	}
	if b.got == nil {
		b.got = map[string][]string{}
	}
	b.got[string(data)] = append(b.got[string(data)], name)
	return nil
}

func (b *inbox) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.got)
}

// bench is a folder with a clock that the test moves.
type bench struct {
	*reader
	inbox *inbox
	now   time.Time
	log   *bytes.Buffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	b := &bench{inbox: &inbox{}, now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), log: &bytes.Buffer{}}
	b.reader = newReader(&Folder{
		In: filepath.Join(dir, "in"), Out: filepath.Join(dir, "out"), Workers: 8, Limit: 1000,
		Now: func() time.Time { return b.now }, Log: slog.New(slog.NewTextHandler(b.log, nil)),
	}, b.inbox.receive)
	if err := os.MkdirAll(b.In, 0o755); err != nil {
		t.Fatal(err)
	}
	return b
}

// put writes a file whose last change is age ago by the bench's clock.
func (b *bench) put(t *testing.T, name, content string, age time.Duration) string {
	t.Helper()
	path := filepath.Join(b.In, name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	b.touch(t, name, age)
	return path
}

func (b *bench) touch(t *testing.T, name string, age time.Duration) {
	t.Helper()
	at := b.now.Add(-age)
	if err := os.Chtimes(filepath.Join(b.In, name), at, at); err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestFileIsTakenWhenItHasSettledAndThenRemoved(t *testing.T) {
	b := newBench(t)
	b.put(t, "brev.edi", "whole", 0)
	if b.round(t.Context()); b.inbox.count() != 0 {
		t.Fatal("a file was read before it settled")
	}
	b.now = b.now.Add(999 * time.Millisecond)
	if wait := b.round(t.Context()); b.inbox.count() != 0 || wait != time.Millisecond {
		t.Fatalf("one millisecond early: %d taken, looks again after %v", b.inbox.count(), wait)
	}
	b.now = b.now.Add(time.Millisecond)
	b.round(t.Context())
	if b.inbox.count() != 1 || len(names(t, b.In)) != 0 {
		t.Fatalf("taken %d, left %v", b.inbox.count(), names(t, b.In))
	}
}

// A counterpart that writes slowly: every write starts the settling anew, and a
// writer that pauses with the file open is recognised by the kernel's lease.
func TestWriterPausedInTheMiddleIsNeverReadEarly(t *testing.T) {
	b := newBench(t)
	f, err := os.Create(filepath.Join(b.In, "slow.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		fmt.Fprintf(f, "part %d;", i)
		b.touch(t, "slow.xml", 0)
		b.now = b.now.Add(900 * time.Millisecond)
		b.round(t.Context())
	}
	if b.inbox.count() != 0 {
		t.Fatal("a growing file was read")
	}
	if !beingWritten(reopen(t, f.Name())) {
		t.Log("SKIPPED: this file system cannot tell who writes, only the settling time protects a paused writer")
		f.Close()
	} else {
		b.now = b.now.Add(time.Hour) // the writer hangs for an hour
		for range 3 {
			b.round(t.Context())
			b.now = b.now.Add(time.Minute)
		}
		if b.inbox.count() != 0 {
			t.Fatal("a file that its writer still holds open was read")
		}
		fmt.Fprint(f, "end")
		b.touch(t, "slow.xml", 0)
		f.Close()
		b.now = b.now.Add(2 * time.Second)
	}
	b.round(t.Context())
	for content := range b.inbox.got {
		if !strings.HasPrefix(content, "part 0;part 1;part 2;part 3;part 4;") {
			t.Errorf("read %q", content)
		}
	}
	if b.inbox.count() != 1 {
		t.Fatalf("taken %d, want the finished file once", b.inbox.count())
	}
}

func reopen(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestTemporaryNamesAndOddEntriesAreLeftAlone(t *testing.T) {
	b := newBench(t)
	for _, name := range []string{".hidden", "brev.tmp", "brev.PART", "brev.filepart", "~brev", "brev.xml.partial"} {
		b.put(t, name, name, time.Hour)
	}
	if err := os.Mkdir(filepath.Join(b.In, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(b.In, "link.edi")); err != nil {
		t.Fatal(err)
	}
	b.round(t.Context())
	b.now = b.now.Add(time.Hour)
	b.round(t.Context())
	if b.inbox.count() != 0 || len(names(t, b.In)) != 8 {
		t.Fatalf("taken %v, left %v", b.inbox.got, names(t, b.In))
	}
	// The rename that finishes a file is what makes it ours.
	if err := os.Rename(filepath.Join(b.In, "brev.tmp"), filepath.Join(b.In, "brev.edi")); err != nil {
		t.Fatal(err)
	}
	b.round(t.Context())
	if got := b.inbox.got["brev.tmp"]; len(got) != 1 || got[0] != "brev.edi" {
		t.Errorf("after the rename: %v", b.inbox.got)
	}
}

// The reader dies after receive returned and before the file is gone: at the
// next start the file is taken again, and the gateway knows it already.
func TestReaderThatDiesBeforeRemovingTakesTheFileAgain(t *testing.T) {
	for _, where := range []string{"before it is moved aside", "after it is moved aside"} {
		t.Run(where, func(t *testing.T) {
			b := newBench(t)
			path := b.put(t, "brev.edi", "letter", time.Minute)
			if where == "after it is moved aside" {
				if err := os.Rename(path, filepath.Join(b.In, takenPrefix+"99-1")); err != nil {
					t.Fatal(err)
				}
			}
			b.inbox.got = map[string][]string{"letter": {"brev.edi"}} // received by the dead one
			b.recover()
			b.round(t.Context())
			if n := len(b.inbox.got["letter"]); n != 2 {
				t.Errorf("received %d times, want once more", n)
			}
			if left := names(t, b.In); len(left) != 0 {
				t.Errorf("left %v", left)
			}
		})
	}
}

func TestReceiveThatFailsLeavesTheFileAndIsTriedAgainLater(t *testing.T) {
	for _, how := range []string{"error", "panic"} {
		t.Run(how, func(t *testing.T) {
			b := newBench(t)
			broken := true
			b.inbox.fails = func(data string) error {
				switch {
				case data != "bad" || !broken:
					return nil
				case how == "panic":
					panic("content of a letter")
				}
				return errors.New("archive is full")
			}
			b.put(t, "0101901234-bad.edi", "bad", time.Minute)
			b.put(t, "good.edi", "good", time.Minute)
			for range 3 {
				b.round(t.Context())
			}
			if len(b.inbox.got["good"]) != 1 {
				t.Error("one failing file stopped another")
			}
			if left := names(t, b.In); len(left) != 1 {
				t.Fatalf("left %v, want the failing file", left)
			}
			if n := strings.Count(b.log.String(), "file not taken"); n != 1 {
				t.Errorf("three rounds within the rest gave %d tries, want 1", n)
			}
			if s := b.log.String(); strings.Contains(s, "010190") || strings.Contains(s, "content of") {
				t.Errorf("the log holds the file's name or content:\n%s", s)
			}
			broken = false
			b.now = b.now.Add(2 * time.Second)
			b.round(t.Context())
			if len(b.inbox.got["bad"]) != 1 || len(names(t, b.In)) != 0 {
				t.Errorf("not taken after the trouble was over: %v", names(t, b.In))
			}
		})
	}
}

func TestUnreadableFileStaysAndStopsNobody(t *testing.T) {
	b := newBench(t)
	// Permissions do not bind the super user, so the disk fails instead.
	b.read = func(path string, want os.FileInfo, limit int64) ([]byte, error) {
		if strings.Contains(path, "unreadable") {
			return nil, &os.PathError{Op: "read", Path: path, Err: errors.New("input/output error")}
		}
		return readSettled(path, want, limit)
	}
	b.put(t, "unreadable-0101901234.edi", "x", time.Hour)
	b.put(t, "good.edi", "good", time.Minute)
	b.round(t.Context())
	if b.inbox.count() != 1 || len(names(t, b.In)) != 1 {
		t.Fatalf("taken %v, left %v", b.inbox.got, names(t, b.In))
	}
	if s := b.log.String(); !strings.Contains(s, "input/output error") || strings.Contains(s, "0101901234") {
		t.Errorf("log: %s", s)
	}
}

func TestFileOverTheLimitIsMovedAsideWhole(t *testing.T) {
	b := newBench(t)
	big := strings.Repeat("x", 1001)
	for range 2 { // the same name twice in one second
		b.put(t, "0101901234.edi", big, time.Minute)
		b.round(t.Context())
	}
	b.put(t, "limit.edi", big[:1000], time.Minute)
	b.round(t.Context())
	kept := names(t, b.Rejected)
	if len(kept) != 2 || len(names(t, b.In)) != 0 || b.inbox.count() != 1 {
		t.Fatalf("rejected %v, left %v, taken %d", kept, names(t, b.In), b.inbox.count())
	}
	for _, name := range kept {
		data, err := os.ReadFile(filepath.Join(b.Rejected, name))
		if err != nil || string(data) != big {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
		if strings.Contains(name, "010190") || !strings.Contains(b.log.String(), name) {
			t.Errorf("name %q has content or is not in the log", name)
		}
	}
}

// A counterpart that always uses the same name: the new file comes while the
// old one is being received, and must not be deleted in its place.
func TestNewFileUnderTheSameNameIsNotDeletedInPlaceOfTheOld(t *testing.T) {
	for _, how := range []string{"replaced", "appended"} {
		t.Run(how, func(t *testing.T) {
			b := newBench(t)
			path := b.put(t, "letter.edi", "first", time.Minute)
			b.inbox.fails = func(data string) error {
				if data != "first" {
					return nil
				}
				if how == "replaced" {
					tmp := b.put(t, "next.tmp", "second", time.Minute)
					return os.Rename(tmp, path)
				}
				f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
				if err != nil {
					return err
				}
				defer f.Close()
				_, err = f.WriteString("+second")
				return err
			}
			b.round(t.Context())
			b.now = time.Now().Add(time.Hour) // appending set the time of the real clock
			b.round(t.Context())
			want := map[string]string{"replaced": "second", "appended": "first+second"}[how]
			if len(b.inbox.got["first"]) != 1 || len(b.inbox.got[want]) != 1 {
				t.Fatalf("received %v, want first and %s", b.inbox.got, want)
			}
			if left := names(t, b.In); len(left) != 0 {
				t.Errorf("left %v", left)
			}
		})
	}
}

func TestFileFromAWrongClockIsTakenAfterItRested(t *testing.T) {
	b := newBench(t)
	b.put(t, "future.edi", "future", -time.Hour) // the share's clock is an hour ahead
	b.round(t.Context())
	b.now = b.now.Add(time.Second)
	b.round(t.Context())
	if b.inbox.count() != 1 {
		t.Error("a file dated in the future was not taken though it rested")
	}
}

func TestFolderThatGoesAwayIsWaitedFor(t *testing.T) {
	b := newBench(t)
	if err := os.Remove(b.In); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		b.round(t.Context())
	}
	if err := os.Mkdir(b.In, 0o755); err != nil {
		t.Fatal(err)
	}
	b.put(t, "brev.edi", "letter", time.Minute)
	b.round(t.Context())
	s := b.log.String()
	if strings.Count(s, "cannot be read, waiting") != 1 || strings.Count(s, "can be read again") != 1 {
		t.Errorf("want one word at the start and one at the end:\n%s", s)
	}
	if b.inbox.count() != 1 {
		t.Error("the file that came afterwards was not taken")
	}
}

func TestThousandsOfFiles(t *testing.T) {
	b := newBench(t)
	const n = 3000
	for i := range n {
		b.put(t, fmt.Sprintf("%05d.xml", i), fmt.Sprint("letter ", i), time.Duration(n-i)*time.Second+time.Minute)
	}
	b.round(t.Context())
	if b.inbox.count() != n || len(names(t, b.In)) != 0 {
		t.Fatalf("taken %d of %d, left %d", b.inbox.count(), n, len(names(t, b.In)))
	}
	if len(b.seen) != 0 {
		t.Errorf("the reader still remembers %d files", len(b.seen))
	}
}

// Run end to end on the real clock: woken by fsnotify, or by rescanning alone.
func TestRunTakesFilesWithAndWithoutBeingWoken(t *testing.T) {
	for _, poll := range []bool{false, true} {
		t.Run(fmt.Sprintf("poll=%v", poll), func(t *testing.T) {
			dir := t.TempDir()
			f := &Folder{In: filepath.Join(dir, "in"), Out: filepath.Join(dir, "out"), Settle: 10 * time.Millisecond, Rescan: 20 * time.Millisecond, Poll: poll}
			if !poll {
				f.Rescan = time.Hour // only the wake-up can help
			}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			arrived := make(chan string, 100)
			done := make(chan error)
			go func() {
				done <- f.Run(ctx, func(_ context.Context, name string, data []byte) error {
					arrived <- string(data)
					return nil
				})
			}()
			for i := range 20 {
				tmp := filepath.Join(dir, "tmp")
				want := fmt.Sprint("letter ", i)
				if err := os.WriteFile(tmp, []byte(want), 0o644); err != nil {
					t.Fatal(err)
				}
				for os.Rename(tmp, filepath.Join(f.In, "brev")) != nil {
					time.Sleep(time.Millisecond) // Run makes the directory
				}
				if got := <-arrived; got != want {
					t.Fatalf("got %q, want %q", got, want)
				}
			}
			stop()
			if err := <-done; err != nil {
				t.Errorf("Run ended with %v", err)
			}
		})
	}
}

func TestDeliverIsAtomicDurableAndIdempotent(t *testing.T) {
	dir := t.TempDir()
	f := &Folder{Out: filepath.Join(dir, "out")}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			for range 5 {
				if err := f.Deliver(t.Context(), fmt.Sprintf("XCTL03-%02d.xml", i%4), []byte(strings.Repeat(fmt.Sprint(i%4), 500))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	got := names(t, f.Out)
	if len(got) != 4 {
		t.Fatalf("in the folder: %v", got)
	}
	for i, name := range got {
		data, err := os.ReadFile(filepath.Join(f.Out, name))
		if err != nil || string(data) != strings.Repeat(fmt.Sprint(i), 500) {
			t.Errorf("%s holds %d bytes, %v", name, len(data), err)
		}
	}
}

func TestDeliverRefusesNamesThatLeaveTheFolderOrHideInIt(t *testing.T) {
	f := &Folder{Out: t.TempDir()}
	for _, name := range []string{"", ".", "..", "../x", "a/b", `a\b`, ".hidden", "x.tmp", "x\x00y"} {
		if err := f.Deliver(t.Context(), name, []byte("x")); err == nil {
			t.Errorf("%q was delivered", name)
		}
	}
	if got := names(t, f.Out); len(got) != 0 {
		t.Errorf("in the folder: %v", got)
	}
}

func TestDeliverIntoAFolderThatIsAwayLeavesNothingAndSaysSo(t *testing.T) {
	dir := t.TempDir()
	blocked := filepath.Join(dir, "blocked")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := &Folder{Out: filepath.Join(blocked, "out")}
	if err := f.Deliver(t.Context(), "x.edi", []byte("x")); err == nil {
		t.Error("delivered into a folder that cannot be")
	} else if strings.Contains(err.Error(), dir) {
		t.Errorf("error holds a path: %v", err)
	}
}

func TestOldTemporaryFilesAreSweptAndYoungOnesKept(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	for name, age := range map[string]time.Duration{outPrefix + "old": time.Hour, outPrefix + "young": time.Second, "brev.edi": time.Hour} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	sweep(dir, func() time.Time { return now })
	if got := strings.Join(names(t, dir), " "); got != outPrefix+"young brev.edi" {
		t.Errorf("left %s", got)
	}
}
