package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

type jobs struct{ *tx }

const jobColumns = "id, kind, key, subject, state, run_at, lease_until, attempts, last_error, created"

func scanJob(r Scanner) (j store.Job, err error) {
	var runAt, lease, created int64
	err = r.Scan(&j.ID, &j.Kind, &j.Key, &j.Subject, &j.State, &runAt, &lease, &j.Attempts, &j.LastError, &created)
	j.RunAt, j.LeaseUntil, j.Created = at(runAt), at(lease), at(created)
	return j, err
}

// Add implements [store.Jobs].
func (q jobs) Add(ctx context.Context, j store.Job) error { return q.add(j, "DO NOTHING") }

// AddOrRelease implements [store.Jobs].
func (q jobs) AddOrRelease(ctx context.Context, j store.Job) error {
	return q.add(j, "(key) WHERE key <> '' DO UPDATE SET state = 'waiting', run_at = excluded.run_at WHERE jobs.state IN ('dead', 'held')")
}

func (q jobs) add(j store.Job, conflict string) error {
	q.Notify(store.TopicJobs)
	return q.later("INSERT INTO jobs (kind, key, subject, state, run_at, lease_until, attempts, last_error, created) VALUES (?, ?, ?, 'waiting', ?, 0, 0, '', ?) ON CONFLICT "+conflict,
		string(j.Kind), j.Key, j.Subject, ms(j.RunAt), ms(j.Created))
}

// TakeBack implements [store.Jobs].
func (q jobs) TakeBack(ctx context.Context, key string) error {
	return q.changed(brevdue.ErrConflict, "DELETE FROM jobs WHERE key = ? AND key <> '' AND state = 'waiting' AND attempts = 0", key)
}

// dueOf selects the jobs that wait and are due by a time, at most n: of each kind by its
// own walk along the index, which no job of another kind lengthens.
func dueOf(kinds []store.JobKind, now int64, n int) (query string, args []any) {
	if len(kinds) == 0 {
		return "SELECT id FROM jobs WHERE state = 'waiting' AND run_at <= ? ORDER BY run_at, id LIMIT ?", []any{now, n}
	}
	var each []string
	for _, k := range kinds {
		each = append(each, "SELECT * FROM (SELECT id, run_at FROM jobs WHERE state = 'waiting' AND kind = ? AND run_at <= ? ORDER BY run_at, id LIMIT ?) AS one")
		args = append(args, string(k), now, n)
	}
	return "SELECT id FROM (" + strings.Join(each, " UNION ALL ") + ") AS due ORDER BY run_at, id LIMIT ?", append(args, n)
}

// Claim implements [store.Jobs].
func (q jobs) Claim(ctx context.Context, now time.Time, lease time.Duration, n int, kinds ...store.JobKind) (out []store.Job, err error) {
	due, of := dueOf(kinds, ms(now), n)
	err = q.all("UPDATE jobs SET state = 'running', lease_until = ?, attempts = attempts + 1 WHERE id IN ("+due+") RETURNING "+jobColumns,
		append([]any{ms(now.Add(lease))}, of...), func(r Scanner) error {
			j, err := scanJob(r)
			out = append(out, j)
			return err
		})
	// RETURNING gives rows in no particular order.
	slices.SortFunc(out, func(a, b store.Job) int { return cmp.Or(a.RunAt.Compare(b.RunAt), cmp.Compare(a.ID, b.ID)) })
	return out, err
}

// Renew implements [store.Jobs].
func (q jobs) Renew(ctx context.Context, ids []int64, until time.Time) error {
	for _, id := range ids {
		if err := q.Run("UPDATE jobs SET lease_until = ? WHERE id = ? AND state = 'running'", ms(until), id); err != nil {
			return err
		}
	}
	return nil
}

// Finish implements [store.Jobs].
func (q jobs) Finish(ctx context.Context, id int64) error {
	return q.changedLater(brevdue.ErrConflict, "DELETE FROM jobs WHERE id = ? AND state = 'running'", id)
}

// Again implements [store.Jobs].
func (q jobs) Again(ctx context.Context, id int64, runAt time.Time, lastErr string) error {
	q.Notify(store.TopicJobs)
	return q.changed(brevdue.ErrConflict, "UPDATE jobs SET state = 'waiting', lease_until = 0, run_at = ?, last_error = ? WHERE id = ? AND state = 'running'", ms(runAt), lastErr, id)
}

// Bury implements [store.Jobs].
func (q jobs) Bury(ctx context.Context, id int64, lastErr string) error {
	q.Notify(store.TopicOperator)
	return q.changed(brevdue.ErrConflict, "UPDATE jobs SET state = 'dead', lease_until = 0, last_error = ? WHERE id = ? AND state = 'running'", lastErr, id)
}

// Rescue implements [store.Jobs].
func (q jobs) Rescue(ctx context.Context, now time.Time) (int, error) {
	n, err := q.affected("UPDATE jobs SET state = 'waiting', lease_until = 0 WHERE state = 'running' AND lease_until <= ?", ms(now))
	if n > 0 {
		q.Notify(store.TopicJobs)
	}
	return n, err
}

// PutRight implements [store.Jobs].
func (q jobs) PutRight(ctx context.Context, kinds []store.JobKind, now, latest, lease time.Time) (int, error) {
	n, err := q.affected("UPDATE jobs SET state = 'waiting', lease_until = 0 WHERE state = 'running' AND lease_until > ?", ms(lease))
	for _, kind := range kinds {
		if err != nil {
			return n, err
		}
		var more int
		more, err = q.affected("UPDATE jobs SET run_at = ? WHERE state = 'waiting' AND run_at > ? AND kind = ?", ms(now), ms(latest), string(kind))
		n += more
	}
	if n > 0 {
		q.Notify(store.TopicJobs)
	}
	return n, err
}

// Release implements [store.Jobs].
func (q jobs) Release(ctx context.Context, id int64, runAt time.Time) error {
	q.Notify(store.TopicJobs)
	return q.changed(brevdue.ErrConflict, "UPDATE jobs SET state = 'waiting', run_at = ? WHERE id = ? AND state IN ('dead', 'held')", ms(runAt), id)
}

// Get implements [store.Jobs].
func (q jobs) Get(ctx context.Context, id int64) (store.Job, error) {
	return first(q.many("WHERE id = ?", id))
}

// Remove implements [store.Jobs].
func (q jobs) Remove(ctx context.Context, id int64) error {
	return q.changed(brevdue.ErrConflict, "DELETE FROM jobs WHERE id = ? AND state IN ('waiting', 'held', 'dead')", id)
}

// Retried implements [store.Jobs].
func (q jobs) Retried(ctx context.Context, limit int) ([]store.Job, error) {
	return q.many("WHERE state = 'waiting' AND attempts > 0 ORDER BY run_at, id LIMIT ?", limit)
}

// Hold implements [store.Jobs].
func (q jobs) Hold(ctx context.Context, id int64) error {
	return q.changed(brevdue.ErrConflict, "UPDATE jobs SET state = 'held' WHERE id = ? AND state = 'waiting'", id)
}

// Next implements [store.Jobs].
func (q jobs) Next(ctx context.Context, kinds ...store.JobKind) (time.Time, error) {
	query, args := "SELECT run_at FROM jobs WHERE state = 'waiting' ORDER BY run_at LIMIT 1", []any(nil)
	if len(kinds) > 0 {
		each := make([]string, len(kinds))
		for i, k := range kinds {
			each[i], args = "SELECT * FROM (SELECT run_at FROM jobs WHERE state = 'waiting' AND kind = ? ORDER BY run_at LIMIT 1) AS one", append(args, string(k))
		}
		query = strings.Join(each, " UNION ALL ") + " ORDER BY run_at LIMIT 1"
	}
	var runAt int64
	err := q.Row(query, args, &runAt)
	return at(runAt), err
}

// List implements [store.Jobs].
func (q jobs) List(ctx context.Context, state store.JobState, limit int) ([]store.Job, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	order := "run_at, id"
	if state == store.JobRunning {
		order = "lease_until, id"
	}
	return q.many("WHERE "+in(state)+" ORDER BY "+order+" LIMIT ?", limit)
}

func (q jobs) many(where string, args ...any) (out []store.Job, err error) {
	err = q.all("SELECT "+jobColumns+" FROM jobs "+where, args, func(r Scanner) error {
		j, err := scanJob(r)
		out = append(out, j)
		return err
	})
	return out, err
}

// Count implements [store.Jobs].
func (q jobs) Count(ctx context.Context, state store.JobState) (n int, err error) {
	err = q.Row("SELECT count(*) FROM jobs WHERE "+in(state), nil, &n)
	return n, err
}

// in is the condition that a job is in a state. It is no parameter: the index of that
// state must be found.
func in(state store.JobState) string {
	for _, s := range []store.JobState{store.JobWaiting, store.JobRunning, store.JobDead, store.JobHeld} {
		if s == state {
			return "state = '" + string(s) + "'"
		}
	}
	return "false"
}
