package sqlstore

import (
	"context"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

type receipts struct{ *tx }

const receiptColumns = "id, direction, outcome, kind, envelope, other, original, sha, arrival, at, handed_at"

func (r receipts) many(query string, args ...any) (out []*store.StoredReceipt, err error) {
	err = r.all("SELECT "+receiptColumns+" FROM receipts "+query, args, func(row Scanner) error {
		var v store.StoredReceipt
		var when, handed int64
		err := row.Scan(&v.ID, &v.Direction, &v.Outcome, &v.Kind, &v.Envelope, &v.Other, &v.Original, &v.SHA, &v.Arrival, &when, &handed)
		v.At, v.HandedAt = at(when), at(handed)
		out = append(out, &v)
		return err
	})
	return out, err
}

func (r receipts) one(query string, args ...any) (*store.StoredReceipt, error) {
	out, err := r.many(query, args...)
	if err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, brevdue.ErrNotFound
	}
	return out[0], nil
}

// Insert implements [store.Receipts].
func (r receipts) Insert(ctx context.Context, v *store.StoredReceipt) (int64, error) {
	id, err := r.inserted("INSERT INTO receipts (direction, outcome, kind, envelope, other, original, sha, arrival, at, handed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		string(v.Direction), string(v.Outcome), string(v.Kind), v.Envelope, string(v.Other), v.Original, v.SHA, v.Arrival, ms(v.At), ms(v.HandedAt))
	v.ID = id
	return id, err
}

// Get implements [store.Receipts].
func (r receipts) Get(ctx context.Context, id int64) (*store.StoredReceipt, error) {
	return r.one("WHERE id = ?", id)
}

// Answer implements [store.Receipts].
func (r receipts) Answer(ctx context.Context, sender brevdue.GLN, envelope string) (*store.StoredReceipt, error) {
	return r.one("WHERE direction = 'out' AND other = ? AND original = ? ORDER BY id LIMIT 1", string(sender), envelope)
}

// ByArrival implements [store.Receipts].
func (r receipts) ByArrival(ctx context.Context, arrival int64) ([]*store.StoredReceipt, error) {
	return r.many("WHERE arrival = ? ORDER BY id", arrival)
}

// MarkHanded implements [store.Receipts].
func (r receipts) MarkHanded(ctx context.Context, id int64, when time.Time) error {
	return r.changedLater(brevdue.ErrNotFound, "UPDATE receipts SET handed_at = ? WHERE id = ?", ms(when), id)
}

// Link implements [store.Receipts].
func (r receipts) Link(ctx context.Context, receipt, letter int64) error {
	return r.later("INSERT INTO receipt_letters (receipt, letter) VALUES (?, ?) ON CONFLICT DO NOTHING", receipt, letter)
}

// OfLetter implements [store.Receipts].
func (r receipts) OfLetter(ctx context.Context, letter int64) ([]*store.StoredReceipt, error) {
	return r.many("WHERE id IN (SELECT receipt FROM receipt_letters WHERE letter = ?) ORDER BY id", letter)
}

type attempts struct{ *tx }

// Add implements [store.Attempts].
func (a attempts) Add(ctx context.Context, v store.Attempt) error {
	return a.changed(brevdue.ErrConflict, "INSERT INTO attempts (letter, n, envelope, sha, at, handed_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		v.Letter, v.N, v.Envelope, v.SHA, ms(v.At), ms(v.HandedAt))
}

// Latest implements [store.Attempts].
func (a attempts) Latest(ctx context.Context, letter int64) (v store.Attempt, err error) {
	var when, handed int64
	err = a.Row("SELECT letter, n, envelope, sha, at, handed_at FROM attempts WHERE letter = ? ORDER BY n DESC LIMIT 1", []any{letter},
		&v.Letter, &v.N, &v.Envelope, &v.SHA, &when, &handed)
	v.At, v.HandedAt = at(when), at(handed)
	return v, err
}

// MarkHanded implements [store.Attempts].
func (a attempts) MarkHanded(ctx context.Context, letter int64, n int, when time.Time) error {
	return a.changedLater(brevdue.ErrNotFound, "UPDATE attempts SET handed_at = ? WHERE letter = ? AND n = ?", ms(when), letter, n)
}

// ByEnvelope implements [store.Attempts].
func (a attempts) ByEnvelope(ctx context.Context, envelope string) (letter int64, err error) {
	err = a.Row("SELECT letter FROM attempts WHERE envelope = ?", []any{envelope}, &letter)
	return letter, err
}
