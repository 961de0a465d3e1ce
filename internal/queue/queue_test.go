package queue_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"brevdue"
	"brevdue/internal/logtest"
	"brevdue/internal/queue"
	"brevdue/internal/store"
	"brevdue/internal/store/sqlite"
	"brevdue/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is an archive with a clock that moves when the test says so.
type world struct {
	t     *testing.T
	store store.Store
	now   time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	s := storetest.Open(t, filepath.Join(t.TempDir(), "brevdue.db"))
	t.Cleanup(func() { s.Close() })
	return &world{t: t, store: s, now: time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)}
}

func (w *world) add(kind store.JobKind, subject int64) {
	w.t.Helper()
	err := w.store.Update(w.t.Context(), func(tx store.Tx) error {
		err := tx.Jobs().Add(w.t.Context(), store.Job{Kind: kind, Subject: subject, RunAt: w.now, Created: w.now})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) queue(h queue.Handler) *queue.Queue {
	return queue.New(queue.Config{Store: w.store, Now: func() time.Time { return w.now }, Attempts: 3,
		Handlers: map[store.JobKind]queue.Handler{store.JobOpen: h}})
}

func (w *world) jobs(state store.JobState) (jobs []store.Job) {
	w.t.Helper()
	err := w.store.View(w.t.Context(), func(tx store.Tx) (err error) {
		jobs, err = tx.Jobs().List(w.t.Context(), state, 100)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return jobs
}

// TestAnswers: what a handler answers decides what becomes of the job.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(w *world, j store.Job) error
		state  store.JobState // "" : gone
		runAt  func(wait time.Duration) bool
	}{
		{"done", func(*world, store.Job) error { return nil }, "", nil},
		{"finished in its own transaction", func(w *world, j store.Job) error {
			if err := w.store.Update(w.t.Context(), func(tx store.Tx) error { return tx.Jobs().Finish(w.t.Context(), j.ID) }); err != nil {
				w.t.Error(err)
			}
			return queue.ErrFinished
		}, "", nil},
		{"later", func(*world, store.Job) error { return queue.Later(time.Hour) }, store.JobWaiting, func(d time.Duration) bool { return d == time.Hour }},
		{"wrapped later", func(*world, store.Job) error { return fmt.Errorf("net: %w", queue.Later(time.Minute)) }, store.JobWaiting, func(d time.Duration) bool { return d == time.Minute }},
		{"failed", func(*world, store.Job) error { return errors.New("no") }, store.JobWaiting, func(d time.Duration) bool { return d > 700*time.Millisecond && d < 1300*time.Millisecond }},
		{"the archive is away", func(*world, store.Job) error { return fmt.Errorf("open: %w", brevdue.ErrTransient) }, store.JobWaiting, func(d time.Duration) bool { return d > 0 && d < 2*time.Second }},
		{"given up", func(*world, store.Job) error { return queue.GiveUp(errors.New("never")) }, store.JobDead, nil},
		{"panicked", func(*world, store.Job) error { panic("bug") }, store.JobWaiting, func(d time.Duration) bool { return d > 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.add(store.JobOpen, 1)
			q := w.queue(func(_ context.Context, j store.Job) error { return c.answer(w, j) })
			if err := q.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, state := range []store.JobState{store.JobWaiting, store.JobRunning, store.JobDead} {
				jobs := w.jobs(state)
				if (len(jobs) == 1) != (state == c.state) {
					t.Errorf("%d jobs are %s", len(jobs), state)
				}
				if len(jobs) == 1 && c.runAt != nil && !c.runAt(jobs[0].RunAt.Sub(w.now)) {
					t.Errorf("runs again after %s", jobs[0].RunAt.Sub(w.now))
				}
			}
			if (q.Panics() != 0) != (c.name == "panicked") {
				t.Errorf("%d panics", q.Panics())
			}
		})
	}
}

// TestArchiveAwayForDays: what fails because the archive has no room is never given up,
// and done within a minute or so when it has.
func TestArchiveAwayForDays(t *testing.T) {
	w := newWorld(t)
	w.add(store.JobOpen, 1)
	full := true
	q := w.queue(func(context.Context, store.Job) error {
		if full {
			return brevdue.ErrTransient
		}
		return nil
	})
	for range 100 {
		if err := q.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Hour)
	}
	full = false
	w.now = w.now.Add(90 * time.Second)
	if err := q.Drain(t.Context()); err != nil || len(w.jobs(store.JobWaiting))+len(w.jobs(store.JobDead)) != 0 {
		t.Errorf("left: %+v %+v, %v", w.jobs(store.JobWaiting), w.jobs(store.JobDead), err)
	}
}

// TestDeadAfterAttempts: a job that always fails is tried so often, then an
// operator must look. One of a kind nobody here knows waits for a node that does.
func TestDeadAfterAttempts(t *testing.T) {
	w := newWorld(t)
	w.add(store.JobOpen, 1)
	w.add("unknown", 2)
	tried := 0
	q := w.queue(func(context.Context, store.Job) error { tried++; return errors.New("no") })
	for range 10 {
		if err := q.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Hour)
	}
	if dead := w.jobs(store.JobDead); tried != 3 || len(dead) != 1 || dead[0].LastError == "" || len(w.jobs(store.JobWaiting)) != 1 {
		t.Errorf("tried %d times, dead: %+v", tried, dead)
	}
}

// TestRun works through many jobs at once, each exactly once, and stops cleanly.
func TestRun(t *testing.T) {
	w := newWorld(t)
	const jobs = 500
	var mu sync.Mutex
	seen := map[int64]int{}
	var left atomic.Int64
	left.Store(jobs)
	ctx, stop := context.WithCancel(t.Context())
	q := w.queue(func(_ context.Context, j store.Job) error {
		mu.Lock()
		seen[j.Subject]++
		mu.Unlock()
		if left.Add(-1) == 0 {
			stop()
		}
		return nil
	})
	done := make(chan error)
	go func() { done <- q.Run(ctx) }()
	var wg sync.WaitGroup
	for i := range jobs {
		wg.Go(func() { w.add(store.JobOpen, int64(i)) })
	}
	wg.Wait()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for i := range int64(jobs) {
		if seen[i] != 1 {
			t.Errorf("job %d ran %d times", i, seen[i])
		}
	}
	if n := len(w.jobs(store.JobRunning)) + len(w.jobs(store.JobWaiting)); n != 0 {
		t.Errorf("%d jobs are left", n)
	}
}

// TestSole takes up at once what a process left that died; others wait for the lease.
func TestSole(t *testing.T) {
	for _, sole := range []bool{true, false} {
		w := newWorld(t)
		w.add(store.JobOpen, 1)
		err := w.store.Update(t.Context(), func(tx store.Tx) error { // claimed, and then the process died
			_, err := tx.Jobs().Claim(t.Context(), w.now, 2*time.Minute, 1)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
		ran := false
		q := queue.New(queue.Config{Store: w.store, Now: func() time.Time { return w.now }, Sole: sole,
			Handlers: map[store.JobKind]queue.Handler{store.JobOpen: func(context.Context, store.Job) error { ran = true; stop(); return nil }}})
		_ = q.Run(ctx)
		stop()
		if ran != sole {
			t.Errorf("sole %v: ran %v", sole, ran)
		}
	}
}

// TestClockWasAhead: a process whose clock was an hour ahead died with a job in its
// hands and another queued; both are done at once by the right clock, and so is a job
// that is queued before the clock of a running process is put back.
func TestClockWasAhead(t *testing.T) {
	w := newWorld(t)
	right := w.now
	w.now = right.Add(time.Hour)
	w.add(store.JobOpen, 1)
	err := w.store.Update(t.Context(), func(tx store.Tx) error {
		_, err := tx.Jobs().Claim(t.Context(), w.now, 2*time.Minute, 1)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.add(store.JobSend, 2)
	var mu sync.Mutex
	clock := right
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return clock }
	ran := make(chan int64, 4)
	handle := func(_ context.Context, j store.Job) error { ran <- j.Subject; return nil }
	q := queue.New(queue.Config{Store: w.store, Now: now, Sole: true, Poll: time.Millisecond,
		Handlers: map[store.JobKind]queue.Handler{store.JobOpen: handle, store.JobSend: handle, store.JobAcknowledge: handle}})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- q.Run(ctx) }()
	wait := func() int64 {
		t.Helper()
		select {
		case subject := <-ran:
			return subject
		case <-time.After(10 * time.Second):
			t.Fatal("not done")
			return 0
		}
	}
	if got := wait() + wait(); got != 3 {
		t.Errorf("done were jobs that add up to %d", got)
	}
	w.now = right.Add(time.Hour)
	w.add(store.JobAcknowledge, 3) // by the clock that is ahead
	mu.Lock()
	clock = right.Add(-time.Minute) // put back
	mu.Unlock()
	if got := wait(); got != 3 {
		t.Errorf("done was job %d", got)
	}
	stop()
	<-done
}

// left counts the jobs that are not finished, in one snapshot: between two a job
// may move from one state to the other and be missed in both.
func (w *world) left() (n int) {
	w.t.Helper()
	err := w.store.View(w.t.Context(), func(tx store.Tx) error {
		for _, state := range []store.JobState{store.JobWaiting, store.JobRunning} {
			c, err := tx.Jobs().Count(w.t.Context(), state)
			if err != nil {
				return err
			}
			n += c
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// TestSlowHandler: a job whose handler outlives its lease is not begun again
// beside it, and is settled by the one that had it.
func TestSlowHandler(t *testing.T) {
	w := newWorld(t)
	w.add(store.JobOpen, 1)
	var gone atomic.Int64
	now := func() time.Time { return w.now.Add(time.Duration(gone.Load())) }
	var begun atomic.Int64
	var log logtest.Buffer
	through := make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	q := queue.New(queue.Config{Store: w.store, Now: now, Lease: time.Minute, Poll: time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Handlers: map[store.JobKind]queue.Handler{store.JobOpen: func(context.Context, store.Job) error {
			begun.Add(1)
			// Three leases go by; each time the queue finds the job in its own hands.
			for i := 1; i <= 3; i++ {
				gone.Add(int64(2 * time.Minute))
				for strings.Count(log.String(), "still running") < i {
					time.Sleep(time.Millisecond)
				}
			}
			close(through)
			return nil
		}}})
	done := make(chan error)
	go func() { done <- q.Run(ctx) }()
	for w.left() > 0 {
		time.Sleep(time.Millisecond)
	}
	stop()
	<-done
	if begun.Load() != 1 {
		t.Errorf("begun %d times", begun.Load())
	}
}

// TestRescue: a job left by another process that died is taken up when its lease
// has run out.
func TestRescue(t *testing.T) {
	w := newWorld(t)
	w.add(store.JobOpen, 1)
	err := w.store.Update(t.Context(), func(tx store.Tx) error {
		_, err := tx.Jobs().Claim(t.Context(), w.now, time.Minute, 1)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var gone atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var ranAt time.Time
	now := func() time.Time { return w.now.Add(time.Duration(gone.Add(int64(time.Second)))) } // a second goes by at each look
	q := queue.New(queue.Config{Store: w.store, Now: now, Lease: time.Minute, Poll: time.Millisecond,
		Handlers: map[store.JobKind]queue.Handler{store.JobOpen: func(_ context.Context, j store.Job) error {
			ranAt = now()
			if j.Attempts != 2 {
				t.Errorf("attempt %d", j.Attempts)
			}
			stop()
			return nil
		}}})
	if err := q.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if late := ranAt.Sub(w.now); late < time.Minute || late > 3*time.Minute {
		t.Errorf("ran after %s", late)
	}
}

// TestStopPutsBack: a job that is stopped in its work waits for the next start and
// has not failed.
func TestStopPutsBack(t *testing.T) {
	w := newWorld(t)
	w.add(store.JobOpen, 1)
	ctx, stop := context.WithCancel(t.Context())
	q := w.queue(func(ctx context.Context, _ store.Job) error {
		stop()
		<-ctx.Done()
		return fmt.Errorf("deliver: %w", ctx.Err())
	})
	if err := q.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	jobs := w.jobs(store.JobWaiting)
	if len(jobs) != 1 || !jobs[0].RunAt.Equal(w.now) || jobs[0].LastError != "" {
		t.Errorf("%+v", jobs)
	}
}

// TestPanicsAreLoggedWithoutTheirValue: it may hold what the letter holds.
func TestPanicsAreLoggedWithoutTheirValue(t *testing.T) {
	w := newWorld(t)
	w.add(store.JobOpen, 1)
	var log logtest.Buffer
	q := queue.New(queue.Config{Store: w.store, Now: func() time.Time { return w.now }, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Handlers: map[store.JobKind]queue.Handler{store.JobOpen: func(context.Context, store.Job) error { panic("2512489996 Berggren") }}})
	if err := q.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := log.String() + w.jobs(store.JobWaiting)[0].LastError; strings.Contains(text, "Berggren") || !strings.Contains(text, "queue_test.go") {
		t.Error(text)
	}
}

func TestBackoff(t *testing.T) {
	for n, want := range map[int]time.Duration{0: time.Second, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 10: 15 * time.Minute, 1000: 15 * time.Minute} {
		for range 50 {
			if d := queue.Backoff(n); d < want*3/4 || d > want*5/4 {
				t.Errorf("Backoff(%d) = %s, want about %s", n, d, want)
			}
		}
	}
}

// BenchmarkQueue is a job from being added to being finished, many at once.
func BenchmarkQueue(b *testing.B) {
	s, err := sqlite.Open(filepath.Join(b.TempDir(), "brevdue.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	now := time.Now()
	ctx, stop := context.WithCancel(b.Context())
	var left atomic.Int64
	left.Store(int64(b.N))
	q := queue.New(queue.Config{Store: s, Now: func() time.Time { return now }, Workers: 32,
		Handlers: map[store.JobKind]queue.Handler{store.JobOpen: func(context.Context, store.Job) error {
			if left.Add(-1) == 0 {
				stop()
			}
			return nil
		}}})
	done := make(chan struct{})
	go func() { _ = q.Run(ctx); close(done) }()
	var wg sync.WaitGroup
	for w := range 32 {
		wg.Go(func() {
			for i := w; i < b.N; i += 32 {
				_ = s.Update(b.Context(), func(tx store.Tx) error {
					err := tx.Jobs().Add(b.Context(), store.Job{Kind: store.JobOpen, RunAt: now, Created: now})
					return err
				})
			}
		})
	}
	wg.Wait()
	<-done
}
