package sqlstore

import (
	"context"
	"math"

	"brevdue"
	"brevdue/internal/store"
)

type auditLog struct{ *tx }

const auditColumns = "seq, at, actor, action, unit, letter, detail, prev, hash"

func (a auditLog) many(query string, args ...any) (out []store.Entry, err error) {
	err = a.all("SELECT "+auditColumns+" FROM audit "+query, args, func(r Scanner) error {
		var e store.Entry
		var when int64
		err := r.Scan(&e.Seq, &when, &e.Actor, &e.Action, &e.Unit, &e.Letter, &e.Detail, &e.Prev, &e.Hash)
		e.At = at(when)
		out = append(out, e)
		return err
	})
	return out, err
}

// Last implements [store.Audit].
func (a auditLog) Last(ctx context.Context) (last store.Entry, err error) {
	if a.end != nil {
		return *a.end, nil
	}
	out, err := a.many("ORDER BY seq DESC LIMIT 1")
	if err == nil && len(out) > 0 {
		last = out[0]
	}
	if err == nil && a.writes {
		a.end = &last
	}
	return last, err
}

// Append implements [store.Audit].
func (a auditLog) Append(ctx context.Context, e store.Entry) error {
	last, err := a.Last(ctx)
	if err != nil {
		return err
	}
	if e.Seq != last.Seq+1 { // no other writer runs beside this transaction
		return brevdue.ErrConflict
	}
	a.end = &e
	return a.later("INSERT INTO audit (seq, at, actor, action, unit, letter, detail, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		e.Seq, ms(e.At), e.Actor, e.Action, string(e.Unit), e.Letter, e.Detail, e.Prev, e.Hash)
}

// List implements [store.Audit].
func (a auditLog) List(ctx context.Context, after int64, limit int) ([]store.Entry, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return a.many("WHERE seq > ? ORDER BY seq LIMIT ?", after, limit)
}

// OfLetter implements [store.Audit].
func (a auditLog) OfLetter(ctx context.Context, letter int64) ([]store.Entry, error) {
	return a.many("WHERE letter = ? AND letter <> 0 ORDER BY seq", letter)
}

// First implements [store.Audit].
func (a auditLog) First(ctx context.Context) (oldest store.Entry, err error) {
	out, err := a.many("WHERE seq > 0 ORDER BY seq LIMIT 1")
	if err == nil && len(out) > 0 {
		oldest = out[0]
	}
	return oldest, err
}

// Search implements [store.Audit].
func (a auditLog) Search(ctx context.Context, q store.AuditQuery) ([]store.Entry, error) {
	limit, before, seq, to := q.Limit, int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64)
	if limit <= 0 {
		limit = defaultLimit
	}
	if q.BeforeSeq > 0 {
		before, seq = ms(q.BeforeAt), q.BeforeSeq
	}
	if !q.To.IsZero() {
		to = ms(q.To)
	}
	where, args := "(at, seq) < (?, ?) AND at >= ? AND at < ?", []any{before, seq, ms(q.From), to}
	switch {
	case q.Actor != "" && q.Action != "":
		where, args = where+" AND actor = ? AND actor <> 'system' AND action || '' = ?", append(args, q.Actor, q.Action) // a person's acts are fewer
	case q.Actor != "":
		where, args = where+" AND actor = ? AND actor <> 'system'", append(args, q.Actor)
	case q.Action != "":
		where, args = where+" AND action = ?", append(args, q.Action)
	}
	return a.many("WHERE "+where+" ORDER BY at DESC, seq DESC LIMIT ?", append(args, limit)...)
}
