package sqlstore

import (
	"context"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

type files struct{ *tx }

// Enclose implements [store.Files].
func (f files) Enclose(ctx context.Context, e store.Enclosure) error {
	// Bytes that were to go stay.
	if err := f.later("DELETE FROM marked WHERE sha = ?", e.SHA); err != nil {
		return err
	}
	return f.later("INSERT INTO enclosures (letter, n, object_id, code, extension, size, sha) VALUES (?, ?, ?, ?, ?, ?, ?)", e.Letter, e.N, e.ObjectID, e.Code, e.Extension, e.Size, e.SHA)
}

// Enclosed implements [store.Files].
func (f files) Enclosed(ctx context.Context, letter int64) (out []store.Enclosure, err error) {
	err = f.all("SELECT letter, n, object_id, code, extension, size, sha FROM enclosures WHERE letter = ? ORDER BY n", []any{letter}, func(r Scanner) error {
		var e store.Enclosure
		err := r.Scan(&e.Letter, &e.N, &e.ObjectID, &e.Code, &e.Extension, &e.Size, &e.SHA)
		out = append(out, e)
		return err
	})
	return out, err
}

// Start implements [store.Files].
func (f files) Start(ctx context.Context, m store.FileMessage) error {
	n, err := f.affected("INSERT INTO file_messages (letter, message, envelope, kind, sha, at, handed_at, outcome, answered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		m.Letter, m.Message, m.Envelope, string(m.Kind), m.SHA, ms(m.At), ms(m.HandedAt), string(m.Outcome), ms(m.AnsweredAt))
	if err == nil && n == 0 {
		err = brevdue.ErrConflict
	}
	return err
}

func (f files) message(where string, arg any) (store.FileMessage, error) {
	var out []store.FileMessage
	err := f.all("SELECT letter, message, envelope, kind, sha, at, handed_at, outcome, answered_at FROM file_messages WHERE "+where, []any{arg}, func(r Scanner) error {
		var m store.FileMessage
		var made, handed, answered int64
		err := r.Scan(&m.Letter, &m.Message, &m.Envelope, &m.Kind, &m.SHA, &made, &handed, &m.Outcome, &answered)
		m.At, m.HandedAt, m.AnsweredAt = at(made), at(handed), at(answered)
		out = append(out, m)
		return err
	})
	return first(out, err)
}

// Get implements [store.Files].
func (f files) Get(ctx context.Context, letter int64) (store.FileMessage, error) {
	return f.message("letter = ?", letter)
}

// ByEnvelope implements [store.Files].
func (f files) ByEnvelope(ctx context.Context, envelope string) (store.FileMessage, error) {
	return f.message("envelope = ?", envelope)
}

// MarkHanded implements [store.Files].
func (f files) MarkHanded(ctx context.Context, letter int64, when time.Time) error {
	return f.changed(brevdue.ErrNotFound, "UPDATE file_messages SET handed_at = ? WHERE letter = ?", ms(when), letter)
}

// Answer implements [store.Files].
func (f files) Answer(ctx context.Context, letter int64, outcome brevdue.Outcome, when time.Time) error {
	return f.changed(brevdue.ErrConflict, "UPDATE file_messages SET outcome = ?, answered_at = ? WHERE letter = ? AND answered_at = 0", string(outcome), ms(when), letter)
}
