package app_test

import (
	"errors"
	"testing"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/internal/audit"
	"brevdue/internal/store"
)

// TestJobsAndLettersFromTheTerminal: an operator stops a job, lets it run again,
// and finds the letter it was about by the numbers people have.
func TestJobsAndLettersFromTheTerminal(t *testing.T) {
	h := build(t, "2026-01-01", homecareUnit())
	a, err := h.open()
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	ctx := t.Context()
	if err := a.Gateway.Receive(ctx, "folder", nancy(brevdue.DIS91, "000000000041", homecare).bytes(t)); err != nil {
		t.Fatal(err)
	}
	job := only(t, a, store.JobWaiting)
	if err := app.HoldJob(ctx, a.Store, job, tuesday); err != nil {
		t.Fatal(err)
	}
	if err := a.Queue.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	if held := only(t, a, store.JobHeld); held != job {
		t.Errorf("job %d is held, not %d", held, job)
	}
	if err := app.HoldJob(ctx, a.Store, job, tuesday); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("holding a held job: %v", err)
	}
	if err := app.RetryJob(ctx, a.Store, job+100, tuesday); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("retrying a job that is not there: %v", err)
	}
	if err := app.RetryJob(ctx, a.Store, job, tuesday); err != nil {
		t.Fatal(err)
	}
	if err := a.Queue.Drain(ctx); err != nil {
		t.Fatal(err)
	}

	for _, c := range []struct {
		number string
		sender brevdue.GLN
		found  int
	}{
		{"B-000001", "", 1}, {"B-1", "", 0}, {"B-000002", "", 0}, {"1", "", 0},
		{"B000000000041", stranger, 1}, {"B000000000041", ward, 0}, {"B000000000041", "", 0}, {"2512489996", stranger, 0},
	} {
		letters, err := app.FindLetters(ctx, a.Store, c.number, c.sender)
		if err != nil || len(letters) != c.found {
			t.Errorf("%q of %q: %d letters, %v", c.number, c.sender, len(letters), err)
		}
		for _, l := range letters {
			if l.ID != 1 || l.Status != brevdue.Unread || l.Unit != homecare {
				t.Errorf("%q: found %s", c.number, l.Number())
			}
		}
	}

	// What was done to the job stands in the audit log, which is whole.
	err = a.Store.View(ctx, func(tx store.Tx) error {
		entries, err := tx.Audit().List(ctx, 0, 1000)
		done := map[string]int{}
		for _, e := range entries {
			done[e.Action]++
		}
		if done["job.held"] != 1 || done["job.retried"] != 1 {
			t.Errorf("the audit log holds %v", done)
		}
		if _, broken, err := audit.Verify(ctx, tx); broken != 0 || err != nil {
			t.Errorf("the audit log is broken at %d: %v", broken, err)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// only returns the number of the only job in a state.
func only(t *testing.T, a *app.App, state store.JobState) int64 {
	t.Helper()
	var jobs []store.Job
	err := a.Store.View(t.Context(), func(tx store.Tx) (err error) {
		jobs, err = tx.Jobs().List(t.Context(), state, 10)
		return err
	})
	if err != nil || len(jobs) != 1 {
		t.Fatalf("%d %s jobs: %v", len(jobs), state, err)
	}
	return jobs[0].ID
}
