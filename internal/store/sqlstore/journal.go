package sqlstore

import (
	"context"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

type journals struct{ *tx }

// Put implements [store.Journals].
func (j journals) Put(ctx context.Context, letter int64, v store.Journal) error {
	return j.changed(brevdue.ErrConflict, "UPDATE letters SET journal_at = ?, journal_by = ?, journal_case = ? WHERE id = ? AND journal_at = 0", ms(v.At), v.By, v.Case, letter)
}

// TakeBack implements [store.Journals].
func (j journals) TakeBack(ctx context.Context, letter int64, when time.Time) error {
	return j.changed(brevdue.ErrConflict, "UPDATE letters SET journal_at = 0, journal_by = '', journal_case = '' WHERE id = ? AND journal_at = ? AND journal_at > 0", letter, ms(when))
}

// Get implements [store.Journals].
func (j journals) Get(ctx context.Context, letter int64) (v store.Journal, err error) {
	var when int64
	err = j.Row("SELECT journal_at, journal_by, journal_case FROM letters WHERE id = ? AND journal_at > 0", []any{letter}, &when, &v.By, &v.Case)
	v.At = at(when)
	return v, err
}

// waiting are the letters that can be handed over and were not; the words are those of
// the partial index.
const waiting = "unit = ? AND journal_at = 0 AND status IN ('read', 'answered', 'filed', 'sent', 'delivered', 'unconfirmed')"

// Waiting implements [store.Journals].
func (j journals) Waiting(ctx context.Context, unit brevdue.GLN, limit, offset int) ([]store.Row, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return letters(j).rows(waiting+" ORDER BY id LIMIT ? OFFSET ?", string(unit), limit, offset)
}

// CountWaiting implements [store.Journals].
func (j journals) CountWaiting(ctx context.Context, unit brevdue.GLN) (n int, err error) {
	err = j.Row("SELECT count(*) FROM letters WHERE "+waiting, []any{string(unit)}, &n)
	return n, err
}
