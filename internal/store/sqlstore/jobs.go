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

func scanJob(r scanner) (j store.Job, err error) {
	var runAt, lease, created int64
	err = r.Scan(&j.ID, &j.Kind, &j.Key, &j.Subject, &j.State, &runAt, &lease, &j.Attempts, &j.LastError, &created)
	j.RunAt, j.LeaseUntil, j.Created = at(runAt), at(lease), at(created)
	return j, err
}

// Add implements [store.Jobs].
func (q jobs) Add(ctx context.Context, j store.Job) (bool, error) {
	n, err := q.affected("INSERT INTO jobs (kind, key, subject, state, run_at, lease_until, attempts, last_error, created) VALUES (?, ?, ?, 'waiting', ?, 0, 0, '', ?) ON CONFLICT DO NOTHING",
		string(j.Kind), j.Key, j.Subject, ms(j.RunAt), ms(j.Created))
	if n > 0 {
		q.Notify(store.TopicJobs)
	}
	return n > 0, err
}

// ofKinds is the condition that a job is of one of the kinds, and its arguments.
func ofKinds(kinds []store.JobKind) (condition string, args []any) {
	if len(kinds) == 0 {
		return "", nil
	}
	for _, k := range kinds {
		args = append(args, string(k))
	}
	return " AND kind IN (?" + strings.Repeat(", ?", len(kinds)-1) + ")", args
}

// Claim implements [store.Jobs].
func (q jobs) Claim(ctx context.Context, now time.Time, lease time.Duration, n int, kinds ...store.JobKind) (out []store.Job, err error) {
	condition, of := ofKinds(kinds)
	args := append(append([]any{ms(now.Add(lease)), ms(now)}, of...), n)
	err = q.all(`UPDATE jobs SET state = 'running', lease_until = ?, attempts = attempts + 1
		WHERE id IN (SELECT id FROM jobs WHERE state = 'waiting' AND run_at <= ?`+condition+` ORDER BY run_at, id LIMIT ?) RETURNING `+jobColumns,
		args, func(r scanner) error {
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
	return q.changed(brevdue.ErrConflict, "DELETE FROM jobs WHERE id = ? AND state = 'running'", id)
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
	var runAt int64
	condition, args := ofKinds(kinds)
	err := q.Row("SELECT run_at FROM jobs WHERE state = 'waiting'"+condition+" ORDER BY run_at LIMIT 1", args, &runAt)
	return at(runAt), err
}

// List implements [store.Jobs].
func (q jobs) List(ctx context.Context, state store.JobState, limit int) ([]store.Job, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return q.many("WHERE state = ? ORDER BY run_at, id LIMIT ?", string(state), limit)
}

func (q jobs) many(where string, args ...any) (out []store.Job, err error) {
	err = q.all("SELECT "+jobColumns+" FROM jobs "+where, args, func(r scanner) error {
		j, err := scanJob(r)
		out = append(out, j)
		return err
	})
	return out, err
}

// Count implements [store.Jobs].
func (q jobs) Count(ctx context.Context, state store.JobState) (n int, err error) {
	err = q.Row("SELECT count(*) FROM jobs WHERE state = ?", []any{string(state)}, &n)
	return n, err
}
