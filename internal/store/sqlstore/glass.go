package sqlstore

import (
	"context"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

type glasses struct{ *tx }

func (g glasses) many(where string, args ...any) (out []store.Glass, err error) {
	err = g.all(`SELECT id, "user", login, name, letter, unit, reason, at, until, reviewed_at, reviewed_by, review FROM glass WHERE `+where, args, func(r Scanner) error {
		var v store.Glass
		var when, until, reviewed int64
		err := r.Scan(&v.ID, &v.User, &v.Login, &v.Name, &v.Letter, &v.Unit, &v.Reason, &when, &until, &reviewed, &v.ReviewedBy, &v.Review)
		v.At, v.Until, v.ReviewedAt = at(when), at(until), at(reviewed)
		out = append(out, v)
		return err
	})
	return out, err
}

// Add implements [store.Glasses].
func (g glasses) Add(ctx context.Context, v store.Glass) (int64, error) {
	return g.inserted(`INSERT INTO glass ("user", login, name, letter, unit, reason, at, until, reviewed_at, reviewed_by, review) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, '', '')`,
		v.User, v.Login, v.Name, v.Letter, string(v.Unit), v.Reason, ms(v.At), ms(v.Until))
}

// Get implements [store.Glasses].
func (g glasses) Get(ctx context.Context, id int64) (store.Glass, error) {
	return first(g.many("id = ?", id))
}

// Open implements [store.Glasses].
func (g glasses) Open(ctx context.Context, user int64, now time.Time) ([]store.Glass, error) {
	return g.many(`"user" = ? AND until > ? ORDER BY until DESC`, user, ms(now))
}

// Waiting implements [store.Glasses].
func (g glasses) Waiting(ctx context.Context, limit int) ([]store.Glass, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return g.many("reviewed_at = 0 ORDER BY id LIMIT ?", limit)
}

// Reviewed implements [store.Glasses].
func (g glasses) Reviewed(ctx context.Context, limit int) ([]store.Glass, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return g.many("reviewed_at > 0 ORDER BY reviewed_at DESC, id DESC LIMIT ?", limit)
}

// CountWaiting implements [store.Glasses].
func (g glasses) CountWaiting(ctx context.Context) (n int, err error) {
	err = g.Row("SELECT count(*) FROM glass WHERE reviewed_at = 0", nil, &n)
	return n, err
}

// Review implements [store.Glasses].
func (g glasses) Review(ctx context.Context, id int64, by, review string, when time.Time) error {
	return g.changed(brevdue.ErrConflict, "UPDATE glass SET reviewed_at = ?, reviewed_by = ?, review = ? WHERE id = ? AND reviewed_at = 0", ms(when), by, review, id)
}
