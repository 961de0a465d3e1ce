package storetest

import (
	"sync"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

func testJobs(t *testing.T, b *bench) {
	b.view(func(tx store.Tx) error {
		_, err := tx.Jobs().Next(b.ctx)
		b.is("no job is next", err, brevdue.ErrNotFound)
		return nil
	})
	waiting := func() (n int) {
		b.view(func(tx store.Tx) (err error) {
			n, err = tx.Jobs().Count(b.ctx, store.JobWaiting)
			return err
		})
		return n
	}
	add := func(key string, at time.Duration) (added bool) {
		before := waiting()
		b.update(func(tx store.Tx) error {
			return tx.Jobs().Add(b.ctx, store.Job{Kind: store.JobOpen, Key: key, Subject: 1, RunAt: now.Add(at), Created: now})
		})
		return waiting() > before
	}
	b.equal("added", [4]bool{true, false, true, true}, [4]bool{add("k", 0), add("k", 0), add("", time.Second), add("", time.Hour)})
	claim := func(at time.Time, n int) (jobs []store.Job) {
		b.update(func(tx store.Tx) (err error) {
			jobs, err = tx.Jobs().Claim(b.ctx, at, time.Minute, n)
			return err
		})
		return jobs
	}
	b.reopen()
	b.view(func(tx store.Tx) error {
		at, err := tx.Jobs().Next(b.ctx)
		b.is("next", err, nil)
		b.equal("next", now, at)
		return nil
	})
	b.equal("nothing due", 0, len(claim(now.Add(-time.Second), 9)))
	first := claim(now.Add(2*time.Second), 1)
	b.equal("one at most", 1, len(first))
	j := first[0]
	b.equal("claimed", store.Job{ID: j.ID, Kind: store.JobOpen, Key: "k", Subject: 1, State: store.JobRunning, RunAt: now, LeaseUntil: now.Add(2*time.Second + time.Minute), Attempts: 1, Created: now}, j)
	second := claim(now.Add(2*time.Second), 9)
	b.equal("the other due one", 1, len(second))
	b.update(func(tx store.Tx) error { return tx.Jobs().Finish(b.ctx, j.ID) })
	b.is("finish twice", b.Update(b.ctx, func(tx store.Tx) error { return tx.Jobs().Finish(b.ctx, j.ID) }), brevdue.ErrConflict)
	b.equal("the key is free again", true, add("k", 0))
	// A failed job comes back later, a given-up one stays and can be released.
	b.update(func(tx store.Tx) error {
		return tx.Jobs().Again(b.ctx, second[0].ID, now.Add(10*time.Second), "net nede")
	})
	again := claim(now.Add(10*time.Second), 9)
	b.equal("again", 2, len(again))
	for _, j := range again {
		if j.ID == second[0].ID && (j.Attempts != 2 || j.LastError != "net nede") {
			t.Errorf("%+v", j)
		}
	}
	b.update(func(tx store.Tx) error { return tx.Jobs().Bury(b.ctx, again[0].ID, "umuligt") })
	b.view(func(tx store.Tx) error {
		dead, err := tx.Jobs().List(b.ctx, store.JobDead, 0)
		b.is("dead", err, nil)
		b.equal("dead", 1, len(dead))
		n, _ := tx.Jobs().Count(b.ctx, store.JobRunning)
		b.equal("running", 1, n)
		return nil
	})
	b.update(func(tx store.Tx) error { return tx.Jobs().Release(b.ctx, again[0].ID, now) })
	b.is("release what waits", b.Update(b.ctx, func(tx store.Tx) error { return tx.Jobs().Release(b.ctx, again[0].ID, now) }), brevdue.ErrConflict)
	b.update(func(tx store.Tx) error { return tx.Jobs().Hold(b.ctx, again[0].ID) })
	for what, f := range map[string]func(store.Jobs) error{ // only who has the lease settles a job
		"hold":   func(q store.Jobs) error { return q.Hold(b.ctx, again[0].ID) },
		"finish": func(q store.Jobs) error { return q.Finish(b.ctx, again[0].ID) },
		"again":  func(q store.Jobs) error { return q.Again(b.ctx, again[0].ID, now, "") },
		"bury":   func(q store.Jobs) error { return q.Bury(b.ctx, again[0].ID, "") },
		"no job": func(q store.Jobs) error { return q.Release(b.ctx, 99, now) },
	} {
		b.is(what+" a held job", b.Update(b.ctx, func(tx store.Tx) error { return f(tx.Jobs()) }), brevdue.ErrConflict)
	}
	b.equal("held jobs do not run", 0, len(claim(now.Add(time.Minute), 9)))
	// A lease that was renewed does not run out; renewing takes nobody's place.
	b.update(func(tx store.Tx) error {
		running, err := tx.Jobs().List(b.ctx, store.JobRunning, 0)
		if err != nil || len(running) != 1 {
			b.t.Fatalf("running: %d, %v", len(running), err)
		}
		if err := tx.Jobs().Renew(b.ctx, []int64{running[0].ID, again[0].ID, 99}, now.Add(time.Hour)); err != nil {
			return err
		}
		n, err := tx.Jobs().Rescue(b.ctx, now.Add(59*time.Minute))
		b.equal("rescued though renewed", 0, n)
		if err != nil {
			return err
		}
		held, err := tx.Jobs().Count(b.ctx, store.JobHeld)
		b.equal("still held", 1, held)
		if err != nil {
			return err
		}
		return tx.Jobs().Renew(b.ctx, []int64{running[0].ID}, now.Add(10*time.Second+time.Minute))
	})
	// A lease that ran out is rescued.
	b.update(func(tx store.Tx) error {
		n, err := tx.Jobs().Rescue(b.ctx, now.Add(time.Minute))
		b.equal("too early", 0, n)
		if err != nil {
			return err
		}
		n, err = tx.Jobs().Rescue(b.ctx, now.Add(10*time.Second+time.Minute))
		b.equal("rescued", 1, n)
		return err
	})
	b.equal("the rescued one", 1, len(claim(now.Add(2*time.Minute), 9)))
	// What a clock that was an hour ahead has written is undone; a reminder that is due
	// late by right is not.
	b.update(func(tx store.Tx) error {
		for _, j := range []store.Job{{Kind: store.JobSend, Subject: 1}, {Kind: store.JobRemind, Subject: 2}, {Kind: store.JobAcknowledge, Subject: 3}} {
			j.RunAt, j.Created = now.Add(time.Hour), now.Add(time.Hour)
			if err := tx.Jobs().Add(b.ctx, j); err != nil {
				return err
			}
		}
		n, err := tx.Jobs().PutRight(b.ctx, []store.JobKind{store.JobSend, store.JobAcknowledge}, now, now.Add(20*time.Minute), now.Add(time.Hour))
		b.equal("put right", 2, n)
		if err != nil {
			return err
		}
		n, err = tx.Jobs().PutRight(b.ctx, nil, now, now, now)
		b.equal("leases put right", 1, n)
		return err
	})
	var subjects []int64
	for _, j := range claim(now.Add(4*time.Minute), 9) {
		if j.RunAt.Equal(now) && j.Kind != store.JobOpen {
			subjects = append(subjects, j.Subject)
		}
	}
	b.equal("what runs again", []int64{1, 3}, subjects)
}

// testJobKeys: what has a key is there once; one that was given up runs again when it is
// asked for once more, one that waits or runs is left alone.
func testJobKeys(t *testing.T, b *bench) {
	job := store.Job{Kind: store.JobSend, Key: "send:7", Subject: 7, RunAt: now, Created: now}
	later := job
	later.RunAt = now.Add(time.Hour)
	ask := func() {
		b.update(func(tx store.Tx) error { return tx.Jobs().AddOrRelease(b.ctx, later) })
	}
	only := func(what string, state store.JobState, runAt time.Time) (one store.Job) {
		b.view(func(tx store.Tx) error {
			jobs, err := tx.Jobs().List(b.ctx, state, 0)
			if err != nil || len(jobs) != 1 || !jobs[0].RunAt.Equal(runAt) {
				t.Fatalf("%s: %+v, %v", what, jobs, err)
			}
			one = jobs[0]
			return nil
		})
		return one
	}
	b.update(func(tx store.Tx) error { return tx.Jobs().AddOrRelease(b.ctx, job) })
	ask()
	waits := only("one that waits", store.JobWaiting, now)
	b.update(func(tx store.Tx) error { return tx.Jobs().Hold(b.ctx, waits.ID) })
	ask()
	only("one that was held", store.JobWaiting, later.RunAt)
	b.update(func(tx store.Tx) error {
		_, err := tx.Jobs().Claim(b.ctx, later.RunAt, time.Minute, 1)
		return err
	})
	ask()
	only("one that runs", store.JobRunning, later.RunAt)
	b.update(func(tx store.Tx) error { return tx.Jobs().Bury(b.ctx, waits.ID, "umuligt") })
	b.update(func(tx store.Tx) error { return tx.Jobs().Add(b.ctx, job) })
	only("Add leaves what is dead", store.JobDead, later.RunAt)
	ask()
	only("one that was given up", store.JobWaiting, later.RunAt)
	b.is("one that was tried", b.Update(b.ctx, func(tx store.Tx) error { return tx.Jobs().TakeBack(b.ctx, job.Key) }), brevdue.ErrConflict)
	fresh := store.Job{Kind: store.JobSend, Key: "send:8", Subject: 8, RunAt: now, Created: now}
	b.update(func(tx store.Tx) error { return tx.Jobs().Add(b.ctx, fresh) })
	b.update(func(tx store.Tx) error { return tx.Jobs().TakeBack(b.ctx, fresh.Key) })
	b.is("one that is gone", b.Update(b.ctx, func(tx store.Tx) error { return tx.Jobs().TakeBack(b.ctx, fresh.Key) }), brevdue.ErrConflict)
}

// testLate: what is found out only at the end of somebody's part of a transaction undoes
// that part, is told, and is never taken for the answer to something else.
func testLate(t *testing.T, b *bench) {
	err := b.Update(b.ctx, func(tx store.Tx) error {
		if err := tx.Settings().Set(b.ctx, "late", "1"); err != nil {
			return err
		}
		finished := tx.Jobs().Finish(b.ctx, 99) // no such job; now or later
		_, err := tx.Settings().Get(b.ctx, "late")
		b.is("what was asked after it", err, nil)
		_, err = tx.Settings().Get(b.ctx, "missing")
		b.is("what is missing", err, brevdue.ErrNotFound)
		return finished
	})
	b.is("the part", err, brevdue.ErrConflict)
	err = b.Update(b.ctx, func(tx store.Tx) error {
		if err := tx.Settings().Set(b.ctx, "late", "2"); err != nil {
			return err
		}
		return tx.Letters().AddEvent(b.ctx, 4711, store.Event{At: now, What: "read"})
	})
	if err == nil {
		t.Error("an event of a letter that is not there was kept")
	}
	b.update(func(tx store.Tx) error { return tx.Settings().Set(b.ctx, "next", "3") })
	b.view(func(tx store.Tx) error {
		_, err := tx.Settings().Get(b.ctx, "late")
		b.is("what came before", err, brevdue.ErrNotFound)
		next, err := tx.Settings().Get(b.ctx, "next")
		b.is("the next part", err, nil)
		b.equal("the next part", "3", next)
		return nil
	})
}

// testRace lets many workers take the same jobs: each job once.
func testRace(t *testing.T, b *bench) {
	const jobs = 300
	b.update(func(tx store.Tx) error {
		for i := range jobs {
			if err := tx.Jobs().Add(b.ctx, store.Job{Kind: store.JobOpen, Subject: int64(i), RunAt: now, Created: now}); err != nil {
				return err
			}
		}
		return nil
	})
	var mu sync.Mutex
	taken := map[int64]int{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				var got []store.Job
				err := b.Update(b.ctx, func(tx store.Tx) (err error) {
					got, err = tx.Jobs().Claim(b.ctx, now, time.Minute, 7)
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				if len(got) == 0 {
					return
				}
				mu.Lock()
				for _, j := range got {
					taken[j.Subject]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(taken) != jobs {
		t.Errorf("%d of %d jobs were taken", len(taken), jobs)
	}
	for subject, n := range taken {
		if n != 1 {
			t.Errorf("job %d was taken %d times", subject, n)
		}
	}
}
