package sqlstore

import (
	"context"
	"errors"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

type notes struct{ *tx }

// Add implements [store.Notes].
func (n notes) Add(ctx context.Context, v store.NewNote) (int64, error) {
	id, err := n.inserted(`INSERT INTO notes (letter, "user", name, at, text) VALUES (?, ?, ?, ?, ?)`, v.Letter, v.User, v.Name, ms(v.At), v.Text)
	for _, user := range v.Mentions {
		if err == nil {
			err = n.later(`INSERT INTO mentions (note, "user", letter, unit, seen_at) VALUES (?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`, id, user, v.Letter, string(v.Unit))
		}
	}
	return id, err
}

// OfLetter implements [store.Notes].
func (n notes) OfLetter(ctx context.Context, letter int64) (out []store.Note, err error) {
	err = n.all(`SELECT id, "user", name, at, text FROM notes WHERE letter = ? ORDER BY id`, []any{letter}, func(r Scanner) error {
		var v store.Note
		var when int64
		err := r.Scan(&v.ID, &v.User, &v.Name, &when, &v.Text)
		v.At = at(when)
		out = append(out, v)
		return err
	})
	return out, err
}

// Remove implements [store.Notes].
func (n notes) Remove(ctx context.Context, id, user int64) error {
	var own int64
	if err := n.Row(`SELECT id FROM notes WHERE id = ? AND "user" = ?`, []any{id, user}, &own); err != nil {
		return err
	}
	return errors.Join(n.later("DELETE FROM mentions WHERE note = ?", id), n.later("DELETE FROM notes WHERE id = ?", id))
}

// Mentions implements [store.Notes].
func (n notes) Mentions(ctx context.Context, user int64, limit int) (out []store.Mention, err error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	const query = `SELECT n.id, n."user", n.name, n.at, n.text, m.letter, m.unit FROM mentions m JOIN notes n ON n.id = m.note WHERE m."user" = ? AND m.seen_at = 0 ORDER BY m.note DESC LIMIT ?`
	err = n.all(query, []any{user, limit}, func(r Scanner) error {
		var v store.Mention
		var when int64
		err := r.Scan(&v.Note.ID, &v.Note.User, &v.Note.Name, &when, &v.Note.Text, &v.Letter, &v.Unit)
		v.Note.At = at(when)
		out = append(out, v)
		return err
	})
	return out, err
}

// CountMentions implements [store.Notes].
func (n notes) CountMentions(ctx context.Context, user int64) (count int, err error) {
	err = n.Row(`SELECT count(*) FROM mentions WHERE "user" = ? AND seen_at = 0`, []any{user}, &count)
	return count, err
}

// SeeMentions implements [store.Notes].
func (n notes) SeeMentions(ctx context.Context, user, letter int64, when time.Time) (int, error) {
	return n.affected(`UPDATE mentions SET seen_at = ? WHERE "user" = ? AND seen_at = 0 AND letter = ?`, ms(when), user, letter)
}

type presence struct{ *tx }

// Here implements [store.Presence].
func (p presence) Here(ctx context.Context, v store.Present, since time.Time) (fresh bool, err error) {
	var before int64
	err = p.Row(`SELECT at FROM presence WHERE letter = ? AND "user" = ? AND doing = ?`, []any{v.Letter, v.User, string(v.Doing)}, &before)
	if err != nil && !errors.Is(err, brevdue.ErrNotFound) {
		return false, err
	}
	return before < ms(since), p.later(`INSERT INTO presence (letter, "user", unit, name, doing, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (letter, "user", doing) DO UPDATE SET at = excluded.at, name = excluded.name`,
		v.Letter, v.User, string(v.Unit), v.Name, string(v.Doing), ms(v.At))
}

// Gone implements [store.Presence].
func (p presence) Gone(ctx context.Context, letter, user int64, doing store.Doing) error {
	return p.later(`DELETE FROM presence WHERE letter = ? AND "user" = ? AND doing = ?`, letter, user, string(doing))
}

// At implements [store.Presence].
func (p presence) At(ctx context.Context, letter int64, since time.Time) ([]store.Present, error) {
	return p.many(`letter = ? AND at >= ? ORDER BY "user", doing`, letter, ms(since))
}

// In implements [store.Presence].
func (p presence) In(ctx context.Context, unit brevdue.GLN, since time.Time) ([]store.Present, error) {
	return p.many("unit = ? AND at >= ? ORDER BY at", string(unit), ms(since))
}

func (p presence) many(where string, args ...any) (out []store.Present, err error) {
	err = p.all(`SELECT letter, "user", unit, name, doing, at FROM presence WHERE `+where, args, func(r Scanner) error {
		var v store.Present
		var when int64
		err := r.Scan(&v.Letter, &v.User, &v.Unit, &v.Name, &v.Doing, &when)
		v.At = at(when)
		out = append(out, v)
		return err
	})
	return out, err
}

// Sweep implements [store.Presence].
func (p presence) Sweep(ctx context.Context, before time.Time) error {
	return p.later("DELETE FROM presence WHERE at < ?", ms(before))
}

type choices struct{ *tx }

// Get implements [store.Choices].
func (c choices) Get(ctx context.Context, user int64) (map[string]string, error) {
	out := map[string]string{}
	err := c.all(`SELECT name, value FROM choices WHERE "user" = ?`, []any{user}, func(r Scanner) error {
		var name, value string
		err := r.Scan(&name, &value)
		out[name] = value
		return err
	})
	return out, err
}

// Set implements [store.Choices].
func (c choices) Set(ctx context.Context, user int64, name, value string) error {
	if value == "" {
		return c.later(`DELETE FROM choices WHERE "user" = ? AND name = ?`, user, name)
	}
	return c.later(`INSERT INTO choices ("user", name, value) VALUES (?, ?, ?) ON CONFLICT ("user", name) DO UPDATE SET value = excluded.value`, user, name, value)
}
