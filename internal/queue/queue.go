// Package queue runs the durable jobs of the archive.
//
// Specification: decision 5 and house.md §3 "Gateway". A job exists if and only
// if the fact it is about was committed, because both were written in one
// transaction; this package only runs it.
//
// Deliberately missing: the work itself. A [Handler] does it and answers with
// meaning: nil, [ErrFinished], [Later], [GiveUp], or an error that counts as an attempt.
//
// What surprises: a job may run more than once (a process may die after the work
// and before the job is finished), so handlers must be harmless to repeat. A
// handler that finishes its job in its own transaction returns [ErrFinished]; then
// work and finish are one commit.
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// Handler does one job. The context is ended when the queue stops; the job is
// then put back.
type Handler func(ctx context.Context, j store.Job) error

// ErrFinished says that the handler has finished its job in its own transaction.
var ErrFinished = errors.New("job finished in its own transaction")

type later struct{ wait time.Duration }

func (l later) Error() string { return "again in " + l.wait.String() }

// Later asks for the job to run again after a while; it is no failure.
func Later(wait time.Duration) error { return later{wait} }

type giveUp struct{ err error }

func (g giveUp) Error() string { return "given up: " + g.err.Error() }
func (g giveUp) Unwrap() error { return g.err }

// GiveUp says that trying again cannot help: the job becomes dead and an
// operator must look.
func GiveUp(err error) error { return giveUp{err} }

// Config is what a queue needs.
type Config struct {
	Store    store.Store
	Now      func() time.Time
	Log      *slog.Logger
	Handlers map[store.JobKind]Handler
	// Apart are the kinds that wait for somebody outside. They have workers of their own,
	// so that a network that does not answer holds up nothing but what it is for.
	Apart   []store.JobKind
	Workers int // jobs at once, and as many of those apart; 0 means 32
	// Lease is how long a job stays with a worker that is not heard of any more; 0
	// means 2 minutes. Who is at work renews it.
	Lease    time.Duration
	Attempts int // after so many failures a job is dead; 0 means 20
	// Sole says that no other process works on this archive: whatever is leased when
	// Run begins was left by one that died, and is taken up at once, whatever its clock
	// said.
	Sole bool
	// Poll is how often the queue looks without being woken, in real time; 0 means
	// one second. A clock that runs faster wants it shorter.
	Poll time.Duration
}

// Queue runs jobs.
type Queue struct {
	c      Config
	panics atomic.Int64

	mu      sync.Mutex
	running map[int64]time.Time // jobs in the hands of a worker of this queue, and since when
}

// New returns a queue that does nothing until [Queue.Run] or [Queue.Drain].
func New(c Config) *Queue {
	if c.Workers <= 0 {
		c.Workers = 32
	}
	if c.Lease <= 0 {
		c.Lease = 2 * time.Minute
	}
	if c.Attempts <= 0 {
		c.Attempts = 20
	}
	if c.Poll <= 0 {
		c.Poll = time.Second
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Queue{c: c, running: map[int64]time.Time{}}
}

// Panics returns how many handlers have panicked: each is a bug.
func (q *Queue) Panics() int64 { return q.panics.Load() }

// Run runs jobs until the context ends, and returns when every worker has
// stopped. Leases that ran out are rescued at the start and then regularly. Jobs of kinds
// that have no handler are left to whoever has one: a newer node, maybe.
func (q *Queue) Run(ctx context.Context) error {
	began := q.c.Now()
	q.putRight(ctx, began)
	q.rescue(ctx, began)
	inside, apart := q.kinds()
	var lanes sync.WaitGroup
	lanes.Go(func() { q.keep(ctx, began) })
	for _, kinds := range [][]store.JobKind{inside, apart} {
		if len(kinds) > 0 {
			lanes.Go(func() { q.lane(ctx, kinds) })
		}
	}
	lanes.Wait()
	return ctx.Err()
}

// kinds are those there are handlers for.
func (q *Queue) kinds() (inside, apart []store.JobKind) {
	for k := range q.c.Handlers {
		if slices.Contains(q.c.Apart, k) {
			apart = append(apart, k)
		} else {
			inside = append(inside, k)
		}
	}
	slices.Sort(inside)
	slices.Sort(apart)
	return inside, apart
}

// keep renews the leases of what is worked on here, rescues what others left, and
// notices a clock that goes back.
func (q *Queue) keep(ctx context.Context, began time.Time) {
	ticker := time.NewTicker(q.c.Poll)
	defer ticker.Stop()
	rescued, renewed, before := began, began, began
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := q.c.Now()
		if now.Before(before.Add(-time.Second)) {
			q.c.Log.Warn("the clock went back", "by", before.Sub(now))
			renewed, rescued = now, now
			q.renew(ctx, now)
			q.putRight(ctx, now)
		}
		before = now
		if now.Sub(renewed) >= q.c.Lease/3 { // before rescuing, or it would be our own
			renewed = now
			q.renew(ctx, now)
		}
		if now.Sub(rescued) >= q.c.Lease/2 {
			rescued = now
			q.rescue(ctx, now)
		}
	}
}

// lane runs jobs of some kinds until the context ends.
func (q *Queue) lane(ctx context.Context, kinds []store.JobKind) {
	wake, stop := q.c.Store.Listen(store.TopicJobs)
	defer stop()
	slots := make(chan struct{}, q.c.Workers)
	freed := make(chan struct{}, q.c.Workers)
	var workers sync.WaitGroup
	defer workers.Wait()
	ticker := time.NewTicker(q.c.Poll)
	defer ticker.Stop()
	for ctx.Err() == nil {
		free := q.c.Workers - len(slots)
		jobs, err := q.claim(ctx, free, kinds)
		if err != nil && ctx.Err() == nil {
			q.c.Log.Error("jobs could not be claimed", "error", err)
		}
		for _, j := range jobs {
			if !q.take(j.ID) {
				continue // it could not be renewed in time
			}
			slots <- struct{}{}
			workers.Go(func() {
				q.work(ctx, j)
				q.drop(j.ID)
				<-slots
				freed <- struct{}{}
			})
		}
		if len(jobs) < free {
			select {
			case <-wake:
			case <-freed:
			case <-ticker.C:
			case <-ctx.Done():
			}
		}
		// Jobs are claimed in handfuls, so that their commits go together.
		for ctx.Err() == nil && len(slots) > q.c.Workers*3/4 {
			select {
			case <-freed:
			case <-ctx.Done():
			}
		}
		for len(freed) > 0 {
			<-freed
		}
	}
}

// take says that a worker of this queue has the job; false when one had it.
func (q *Queue) take(id int64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, ours := q.running[id]; ours {
		return false
	}
	q.running[id] = q.c.Now()
	return true
}

func (q *Queue) drop(id int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.running, id)
}

// Drain runs due jobs, one after another, until none is due: for tests and for
// programs that bring their own clock.
func (q *Queue) Drain(ctx context.Context) error {
	inside, apart := q.kinds()
	for ctx.Err() == nil {
		jobs, err := q.claim(ctx, q.c.Workers, slices.Concat(inside, apart))
		if err != nil {
			return err
		}
		if len(jobs) == 0 {
			return nil
		}
		for _, j := range jobs {
			q.work(ctx, j)
		}
	}
	return ctx.Err()
}

// renew keeps the jobs that are worked on here.
func (q *Queue) renew(ctx context.Context, now time.Time) {
	var ids []int64
	q.mu.Lock()
	for id, since := range q.running {
		ids = append(ids, id)
		if now.Sub(since) > q.c.Lease {
			q.c.Log.Warn("job is still running after its lease", "job", id, "lease", q.c.Lease)
		}
	}
	q.mu.Unlock()
	if len(ids) == 0 {
		return
	}
	err := q.c.Store.Update(ctx, func(tx store.Tx) error { return tx.Jobs().Renew(ctx, ids, now.Add(q.c.Lease)) })
	if err != nil && ctx.Err() == nil {
		q.c.Log.Error("leases could not be renewed", "error", err)
	}
}

// putRight undoes what a clock that was ahead has written: a job that is to run at once
// would wait as long as the clock was ahead, and a lease of a process that died would
// not run out. When this process is the only one, nobody has a lease as it begins.
func (q *Queue) putRight(ctx context.Context, now time.Time) {
	lease := now.Add(2 * q.c.Lease)
	q.mu.Lock()
	if q.c.Sole && len(q.running) == 0 {
		lease = time.Time{}
	}
	q.mu.Unlock()
	err := q.c.Store.Update(ctx, func(tx store.Tx) error {
		n, err := tx.Jobs().PutRight(ctx, []store.JobKind{store.JobOpen, store.JobAcknowledge, store.JobSend, store.JobFiles}, now, now.Add(longest), lease)
		if n > 0 {
			q.c.Log.Info("jobs put right", "count", n)
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		q.c.Log.Error("jobs could not be put right", "error", err)
	}
}

// rescue puts jobs back whose lease ends by the given time.
func (q *Queue) rescue(ctx context.Context, until time.Time) {
	err := q.c.Store.Update(ctx, func(tx store.Tx) error {
		n, err := tx.Jobs().Rescue(ctx, until)
		if n > 0 {
			q.c.Log.Info("jobs rescued", "count", n)
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		q.c.Log.Error("leases could not be rescued", "error", err)
	}
}

func (q *Queue) claim(ctx context.Context, n int, kinds []store.JobKind) (jobs []store.Job, err error) {
	// Most wake-ups find nothing due; looking is cheaper than a commit.
	due := false
	err = q.c.Store.View(ctx, func(tx store.Tx) error {
		at, err := tx.Jobs().Next(ctx, kinds...)
		if errors.Is(err, brevdue.ErrNotFound) {
			return nil
		}
		due = err == nil && !at.After(q.c.Now())
		return err
	})
	if err != nil || !due {
		return nil, err
	}
	err = q.c.Store.Update(ctx, func(tx store.Tx) error {
		jobs, err = tx.Jobs().Claim(ctx, q.c.Now(), q.c.Lease, n, kinds...)
		return err
	})
	return jobs, err
}

// work runs one job and writes down what came of it.
func (q *Queue) work(ctx context.Context, j store.Job) {
	err := q.handle(ctx, j)
	if errors.Is(err, ErrFinished) {
		return
	}
	// What came of the job is written also when the queue is stopping.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	settle := q.c.Store.Update(ctx, func(tx store.Tx) error { return q.settle(ctx, tx, j, err) })
	if settle != nil && !errors.Is(settle, brevdue.ErrConflict) {
		// The lease runs out and the job is rescued; nothing is lost.
		q.c.Log.Error("job could not be settled", "job", j.ID, "kind", string(j.Kind), "error", settle)
	}
}

func (q *Queue) settle(ctx context.Context, tx store.Tx, j store.Job, err error) error {
	var wait later
	var stop giveUp
	now := q.c.Now()
	switch {
	case err == nil:
		return tx.Jobs().Finish(ctx, j.ID)
	case errors.As(err, &wait):
		return tx.Jobs().Again(ctx, j.ID, now.Add(wait.wait), "")
	case errors.Is(err, context.Canceled):
		return tx.Jobs().Again(ctx, j.ID, now, "")
	case errors.Is(err, brevdue.ErrTransient):
		// The archive had no room, or was away: that is no fault of the job, and as soon as
		// the archive can it is done.
		q.c.Log.Warn("job waits for the archive", "job", j.ID, "kind", string(j.Kind), "error", err)
		return tx.Jobs().Again(ctx, j.ID, now.Add(min(Backoff(j.Attempts), time.Minute)), err.Error())
	case errors.As(err, &stop), j.Attempts >= q.c.Attempts:
		q.c.Log.Error("job given up", "job", j.ID, "kind", string(j.Kind), "attempts", j.Attempts, "error", err)
		return tx.Jobs().Bury(ctx, j.ID, err.Error())
	}
	q.c.Log.Warn("job failed, will be tried again", "job", j.ID, "kind", string(j.Kind), "attempt", j.Attempts, "error", err)
	return tx.Jobs().Again(ctx, j.ID, now.Add(Backoff(j.Attempts)), err.Error())
}

// handle runs the handler; a panic is a bug that counts as a failed attempt.
func (q *Queue) handle(ctx context.Context, j store.Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			q.panics.Add(1)
			// The value is not logged: it may hold what the letter holds. The stack holds
			// only where it was.
			q.c.Log.Error("job panicked", "job", j.ID, "kind", string(j.Kind), "stack", string(debug.Stack()))
			err = fmt.Errorf("%s job panicked", j.Kind)
		}
	}()
	return q.c.Handlers[j.Kind](ctx, j)
}

// longest is more than any failed attempt is waited after ([Backoff]).
const longest = 20 * time.Minute

// Backoff returns how long to wait after the n-th failed attempt: one second,
// doubled each time up to fifteen minutes, and up to a quarter more or less so
// that many jobs do not come back at once.
func Backoff(n int) time.Duration {
	d := 15 * time.Minute
	if n < 10 {
		d = time.Second << max(n-1, 0)
	}
	return d - d/4 + rand.N(d/2+1)
}
