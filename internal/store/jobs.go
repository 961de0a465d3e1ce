package store

import (
	"context"
	"fmt"
	"time"

	"brevdue"
)

// JobKind names what a job does.
type JobKind string

// The kinds of job (house.md §2 room 18).
const (
	JobOpen        JobKind = "open"        // Subject: arrival
	JobAcknowledge JobKind = "acknowledge" // Subject: receipt to hand over
	JobSend        JobKind = "send"        // Subject: letter
	JobAwait       JobKind = "await"       // Subject: letter, due when the receipt is overdue
	JobFiles       JobKind = "files"       // Subject: letter whose files go in a message of their own
	JobAwaitFiles  JobKind = "await-files" // Subject: letter, due when the receipt for its files is overdue
	JobRefuse      JobKind = "refuse"      // Subject: arrival an operator refused
	JobRemind      JobKind = "remind"      // Subject: letter, due when its deadline is near or passed
)

// Sending is the job that hands a letter of ours to the network.
func Sending(letter int64, now time.Time) Job {
	return Job{Kind: JobSend, Key: fmt.Sprintf("send:%d", letter), Subject: letter, RunAt: now, Created: now}
}

// SendingFiles is the job that hands the files of a letter of ours to the network.
func SendingFiles(letter int64, now time.Time) Job {
	return Job{Kind: JobFiles, Key: fmt.Sprintf("files:%d", letter), Subject: letter, RunAt: now, Created: now}
}

// ReminderLead is how long before a deadline a unit is reminded.
const ReminderLead = 30 * time.Minute

// Reminder is the job that looks at a letter shortly before its deadline and at
// it. Its key names the deadline: a letter whose deadline moves gets a job of its
// own, and the one before it finds nothing left to say.
func Reminder(letter int64, d brevdue.Duty, now time.Time) Job {
	first := d.Due
	if d.Expected.After(now) && d.Expected.Before(first) {
		first = d.Expected
	}
	return Job{Kind: JobRemind, Key: ReminderKey(letter, d), Subject: letter, RunAt: first.Add(-ReminderLead), Created: now}
}

// ReminderKey is the key of the job that reminds of a letter with that duty.
func ReminderKey(letter int64, d brevdue.Duty) string {
	expected := int64(0)
	if !d.Expected.IsZero() {
		expected = d.Expected.Unix()
	}
	return fmt.Sprintf("remind:%d:%d-%d", letter, d.Due.Unix(), expected)
}

// JobState says where a job stands.
type JobState string

// The states of a job.
const (
	JobWaiting JobState = "waiting" // runs when RunAt has come
	JobRunning JobState = "running" // leased to a worker
	JobHeld    JobState = "held"    // an operator stopped it
	JobDead    JobState = "dead"    // given up; an operator must look
)

// Job is a piece of work that exists if and only if the fact it is about was
// committed. A finished job is deleted.
type Job struct {
	ID         int64
	Kind       JobKind
	Key        string // unique among jobs that are not finished; "" for none
	Subject    int64
	State      JobState
	RunAt      time.Time
	LeaseUntil time.Time
	Attempts   int // times it was started
	LastError  string
	Created    time.Time
}

// Jobs is the durable queue.
type Jobs interface {
	// Add enqueues a job and wakes the workers. When a job with the same non-empty
	// Key exists nothing is added.
	Add(ctx context.Context, j Job) error
	// AddOrRelease is Add, but a dead or held job with the same Key waits again, for the
	// time of j.
	AddOrRelease(ctx context.Context, j Job) error
	// TakeBack removes the waiting job with a key that was never tried; ErrConflict when
	// there is none: it is being done, or done.
	TakeBack(ctx context.Context, key string) error
	// Claim leases up to n due jobs of some kinds (none: of all), the longest due first,
	// and returns them with State running and Attempts counted up.
	Claim(ctx context.Context, now time.Time, lease time.Duration, n int, kinds ...JobKind) ([]Job, error)
	// Renew lets leased jobs be worked on until then; those that are not leased any
	// more are passed over.
	Renew(ctx context.Context, ids []int64, until time.Time) error
	// Finish deletes a job that is leased.
	Finish(ctx context.Context, id int64) error
	// Again puts a leased job back to wait until runAt; lastErr may be empty.
	Again(ctx context.Context, id int64, runAt time.Time, lastErr string) error
	// Bury marks a job dead.
	Bury(ctx context.Context, id int64, lastErr string) error
	// Rescue puts jobs whose lease has run out back to waiting and returns how many.
	Rescue(ctx context.Context, now time.Time) (int, error)
	// PutRight undoes what a clock that was ahead has written: a job of one of the kinds
	// that waits for a time after latest runs at now, and a lease that ends after lease
	// has run out. It returns how many jobs it changed.
	PutRight(ctx context.Context, kinds []JobKind, now, latest, lease time.Time) (int, error)
	// Release puts a dead or held job back to wait until runAt.
	Release(ctx context.Context, id int64, runAt time.Time) error
	// Get returns one job.
	Get(ctx context.Context, id int64) (Job, error)
	// Remove takes away a job that nobody works on; ErrConflict when somebody does.
	Remove(ctx context.Context, id int64) error
	// Retried returns waiting jobs that were tried before, the next due first.
	Retried(ctx context.Context, limit int) ([]Job, error)
	// Hold stops a waiting job.
	Hold(ctx context.Context, id int64) error
	// Next returns when the next waiting job of some kinds (none: of all) is due;
	// ErrNotFound when there is none.
	Next(ctx context.Context, kinds ...JobKind) (time.Time, error)
	// List returns jobs of a state, the longest due first; of those that run, the one whose
	// lease ends first.
	List(ctx context.Context, state JobState, limit int) ([]Job, error)
	Count(ctx context.Context, state JobState) (int, error)
}
