package sqlstore

import (
	"context"
	"errors"
	"slices"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

type retention struct{ *tx }

// Kept implements [store.Retention].
func (k retention) Kept(ctx context.Context, after int64, limit int) (out []store.Kept, err error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	const query = `SELECT l.id, l.direction, l.unit, l.status, l.sent, l.arrived, l.read_at, l.answered_at, l.journal_at,
		(SELECT count(*) FROM tasks t WHERE t.letter = l.id AND t.done_at = 0), coalesce(h.at, 0), coalesce(c.at, 0)
		FROM letters l LEFT JOIN holds h ON h.letter = l.id LEFT JOIN cleared c ON c.letter = l.id WHERE l.id > ? ORDER BY l.id LIMIT ?`
	err = k.all(query, []any{after, limit}, func(r Scanner) error {
		var v store.Kept
		var sent, arrived, read, answered, handed, held, cleared int64
		err := r.Scan(&v.ID, &v.Direction, &v.Unit, &v.Status, &sent, &arrived, &read, &answered, &handed, &v.OpenTasks, &held, &cleared)
		v.Sent, v.Arrived, v.ReadAt, v.AnsweredAt, v.HandedAt = at(sent), at(arrived), at(read), at(answered), at(handed)
		v.ClearedAt, v.Held = at(cleared), held != 0
		out = append(out, v)
		return err
	})
	return out, err
}

// Clear implements [store.Retention].
func (k retention) Clear(ctx context.Context, c store.Cleared) error {
	if err := k.free(ctx, c.Letter); err != nil {
		return err
	}
	if err := k.changed(brevdue.ErrConflict, "INSERT INTO cleared (letter, at, days, print) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", c.Letter, ms(c.At), c.Days, c.Print); err != nil {
		return err
	}
	l, err := k.Letters().Get(ctx, c.Letter)
	if err != nil {
		return err
	}
	if err := k.markOf(ctx, l); err != nil {
		return err
	}
	body, err := toJSON(bare(l))
	if err != nil {
		return err
	}
	subject := l.Body.Subject
	if l.Group == "" {
		subject = "" // in somebody's own words
	}
	citizen := l.Body.Patient.Citizen().Reveal()
	if err := k.Run("UPDATE letters SET body = ?, findings = 'null', original = '', subject = ?, patient = '', cpr = '', first_line = '', note = '', record = '', course = '' WHERE id = ?", body, subject, l.ID); err != nil {
		return err
	}
	// What is left of the timeline names envelopes, cases and other letters, not reasons.
	for _, statement := range []string{
		`UPDATE events SET detail = '' WHERE letter = ? AND what NOT IN ('acknowledged', 'attempt', 'sent', 'delivered', 'duplicate', 'attachment',
			'files-sent', 'files-delivered', 'journal', 'forwards', 'forwarded')`,
		"UPDATE tasks SET note = '' WHERE letter = ?",
		"DELETE FROM mentions WHERE letter = ?", "DELETE FROM notes WHERE letter = ?", "DELETE FROM enclosures WHERE letter = ?",
		"DELETE FROM letter_words WHERE " + k.dialect.Words.Key + " = ?",
	} {
		if err := k.later(statement, l.ID); err != nil {
			return err
		}
	}
	if k.dialect.Words.Merge != nil {
		if err := k.Settings().Set(ctx, store.KeyMerge, mergeBegin); err != nil {
			return err
		}
	}
	if l.Arrival != 0 {
		if err := k.Run("UPDATE arrivals SET findings = 'null' WHERE id = ?", l.Arrival); err != nil {
			return err
		}
	}
	if err := k.filesOf(ctx, l.ID); err != nil {
		return err
	}
	return k.lastOf(l.Unit, citizen)
}

// filesOf clears the files a letter refers to and no letter with content does.
func (k retention) filesOf(ctx context.Context, letter int64) error {
	var refs []store.Object
	if err := k.all("SELECT key, unit, sender FROM object_letters WHERE letter = ?", []any{letter}, func(r Scanner) error {
		var o store.Object
		err := r.Scan(&o.Key, &o.Unit, &o.Sender)
		refs = append(refs, o)
		return err
	}); err != nil {
		return err
	}
	for _, ref := range refs {
		var needed int
		if err := k.Row("SELECT count(*) FROM object_letters r LEFT JOIN cleared c ON c.letter = r.letter WHERE r.key = ? AND r.unit = ? AND r.sender = ? AND c.letter IS NULL",
			[]any{ref.Key, string(ref.Unit), string(ref.Sender)}, &needed); err != nil {
			return err
		}
		found, err := k.Objects().Find(ctx, ref.Unit, ref.Sender, ref.Key)
		if err != nil {
			return err
		}
		for _, o := range found {
			if needed > 0 {
				break
			}
			if err := k.ClearObject(ctx, o.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// free tells whether a letter may be touched: ErrConflict when it is held.
func (k retention) free(ctx context.Context, letter int64) error {
	_, err := k.HoldOf(ctx, letter)
	switch {
	case err == nil:
		return brevdue.ErrConflict
	case err != brevdue.ErrNotFound:
		return err
	}
	return nil
}

// bare is what stays of the letter itself: its numbers, times and parties.
func bare(l *store.Letter) brevdue.Letter {
	b := brevdue.Letter{ID: l.Body.ID, Version: l.Body.Version, StatisticalCode: l.Body.StatisticalCode, Authorised: l.Body.Authorised, Status: l.Body.Status,
		Sender: l.Body.Sender, Receiver: l.Body.Receiver, Category: l.Body.Category, Priority: l.Body.Priority}
	if l.Group != "" {
		b.Subject = l.Body.Subject
	}
	return b
}

// markOf marks the bytes of a letter: what it came with or went as, each time, the files
// that went with it, and the receipts others gave for it.
func (k retention) markOf(ctx context.Context, l *store.Letter) error {
	shas := map[string]bool{l.Original: true}
	if err := k.all(`SELECT sha FROM attempts WHERE letter = ? UNION ALL SELECT sha FROM events WHERE letter = ? AND what NOT IN ('acknowledged', 'attachment', 'stranger')
		UNION ALL SELECT r.sha FROM receipt_letters rl JOIN receipts r ON r.id = rl.receipt WHERE rl.letter = ? AND r.direction = 'in'
		UNION ALL SELECT sha FROM enclosures WHERE letter = ? UNION ALL SELECT sha FROM file_messages WHERE letter = ?
		UNION ALL SELECT sha FROM arrivals WHERE id = ?`, []any{l.ID, l.ID, l.ID, l.ID, l.ID, l.Arrival}, func(r Scanner) error {
		var sha string
		err := r.Scan(&sha)
		shas[sha] = true
		return err
	}); err != nil {
		return err
	}
	for sha := range shas {
		if sha == "" {
			continue
		}
		if err := k.markUnlessFile(ctx, sha); err != nil {
			return err
		}
	}
	return nil
}

// markUnlessFile marks bytes that are not those of a file with a citizen: one that was
// received goes along with a letter of ours as the same bytes. [retention.ClearObject]
// marks them when the file goes.
func (k retention) markUnlessFile(ctx context.Context, sha string) error {
	var left int
	if err := k.Row("SELECT count(*) FROM objects WHERE sha = ? AND patient <> ''", []any{sha}, &left); err != nil || left > 0 {
		return err
	}
	return k.Mark(ctx, sha)
}

// MergeWords implements [store.Retention].
func (k retention) MergeWords(ctx context.Context) (more bool, err error) {
	merge := k.dialect.Words.Merge
	if merge == nil {
		return false, nil
	}
	state, err := k.Settings().Get(ctx, store.KeyMerge)
	if errors.Is(err, brevdue.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	changed, err := merge(k, state == mergeBegin)
	switch {
	case err != nil:
		return false, err
	case changed || state == mergeBegin:
		return true, k.Settings().Set(ctx, store.KeyMerge, mergeGoOn)
	}
	return false, k.Run("DELETE FROM settings WHERE key = ?", store.KeyMerge)
}

// What [store.KeyMerge] says.
const (
	mergeBegin = "begin"
	mergeGoOn  = "go on"
)

// lastOf takes away what the unit knows of a citizen when no letter about them is left.
func (k retention) lastOf(unit brevdue.GLN, citizen string) error {
	if citizen == "" {
		return nil
	}
	var left int
	if err := k.Row("SELECT count(*) FROM letters WHERE unit = ? AND cpr = ?", []any{string(unit), citizen}, &left); err != nil || left > 0 {
		return err
	}
	if err := k.Run("DELETE FROM citizen_services WHERE unit = ? AND citizen = ?", string(unit), citizen); err != nil {
		return err
	}
	return k.Run("DELETE FROM arrangements WHERE unit = ? AND citizen = ? AND ended_at > 0", string(unit), citizen)
}

// Cleared implements [store.Retention].
func (k retention) Cleared(ctx context.Context, letter int64) (store.Cleared, error) {
	c := store.Cleared{Letter: letter}
	var when int64
	err := k.Row("SELECT at, days, print FROM cleared WHERE letter = ?", []any{letter}, &when, &c.Days, &c.Print)
	c.At = at(when)
	return c, err
}

// Forget implements [store.Retention].
func (k retention) Forget(ctx context.Context, letter int64) error {
	if err := k.free(ctx, letter); err != nil {
		return err
	}
	if err := k.changed(brevdue.ErrConflict, "DELETE FROM cleared WHERE letter = ?", letter); err != nil {
		return err
	}
	for _, statement := range []string{
		"DELETE FROM events WHERE letter = ?", "DELETE FROM readers WHERE letter = ?", "DELETE FROM receipt_letters WHERE letter = ?",
		"DELETE FROM attempts WHERE letter = ?", "DELETE FROM tasks WHERE letter = ?", "DELETE FROM object_letters WHERE letter = ?",
		"DELETE FROM mentions WHERE letter = ?", "DELETE FROM notes WHERE letter = ?", "DELETE FROM presence WHERE letter = ?",
		"DELETE FROM glass WHERE letter = ?", "DELETE FROM enclosures WHERE letter = ?", "DELETE FROM file_messages WHERE letter = ?", "DELETE FROM letters WHERE id = ?",
	} {
		if err := k.later(statement, letter); err != nil {
			return err
		}
	}
	return nil
}

// ClearObject implements [store.Retention].
func (k retention) ClearObject(ctx context.Context, id int64) error {
	o, err := k.Objects().Get(ctx, id)
	if err != nil {
		return err
	}
	if err := k.Run("UPDATE objects SET patient = '' WHERE id = ?", id); err != nil {
		return err
	}
	if err := k.markUnlessFile(ctx, o.SHA); err != nil {
		return err
	}
	var left int
	if err := k.Row("SELECT count(*) FROM objects WHERE arrival = ? AND patient <> ''", []any{o.Arrival}, &left); err != nil || left > 0 {
		return err
	}
	a, err := k.Arrivals().Get(ctx, o.Arrival)
	if err != nil {
		return err
	}
	return k.Mark(ctx, a.SHA)
}

// Orphans implements [store.Retention].
func (k retention) Orphans(ctx context.Context, before time.Time, after int64, limit int) ([]store.Object, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return objects(k).many(`WHERE id > ? AND at < ? AND patient <> '' AND NOT EXISTS
		(SELECT 1 FROM object_letters r WHERE r.key = objects.key AND r.unit = objects.unit AND r.sender = objects.sender) ORDER BY id LIMIT ?`, after, ms(before), limit)
}

// Mark implements [store.Retention].
func (k retention) Mark(ctx context.Context, sha string) error {
	return k.Run("INSERT INTO marked (sha) VALUES (?) ON CONFLICT DO NOTHING", sha)
}

// Marked implements [store.Retention].
func (k retention) Marked(ctx context.Context, after string, limit int) (out []string, err error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	err = k.all("SELECT sha FROM marked WHERE sha > ? ORDER BY sha LIMIT ?", []any{after, limit}, func(r Scanner) error {
		var sha string
		err := r.Scan(&sha)
		out = append(out, sha)
		return err
	})
	return out, err
}

// Needed implements [store.Retention].
func (k retention) Needed(ctx context.Context, from, to int64) (out []string, err error) {
	const query = `SELECT original FROM letters WHERE id BETWEEN ? AND ? AND original <> ''
		UNION ALL SELECT a.sha FROM letters l JOIN arrivals a ON a.id = l.arrival LEFT JOIN cleared c ON c.letter = l.id WHERE l.id BETWEEN ? AND ? AND c.letter IS NULL
		UNION ALL SELECT a.sha FROM attempts a LEFT JOIN cleared c ON c.letter = a.letter WHERE a.letter BETWEEN ? AND ? AND c.letter IS NULL
		UNION ALL SELECT e.sha FROM events e LEFT JOIN cleared c ON c.letter = e.letter WHERE e.letter BETWEEN ? AND ? AND e.sha <> '' AND c.letter IS NULL
		UNION ALL SELECT r.sha FROM receipt_letters rl JOIN receipts r ON r.id = rl.receipt LEFT JOIN cleared c ON c.letter = rl.letter WHERE rl.letter BETWEEN ? AND ? AND c.letter IS NULL
		UNION ALL SELECT e.sha FROM enclosures e LEFT JOIN cleared c ON c.letter = e.letter WHERE e.letter BETWEEN ? AND ? AND c.letter IS NULL
		UNION ALL SELECT m.sha FROM file_messages m LEFT JOIN cleared c ON c.letter = m.letter WHERE m.letter BETWEEN ? AND ? AND c.letter IS NULL`
	args := slices.Repeat([]any{from, to}, 7)
	err = k.all(query, args, func(r Scanner) error {
		var sha string
		err := r.Scan(&sha)
		out = append(out, sha)
		return err
	})
	return out, err
}

// Unmark implements [store.Retention].
func (k retention) Unmark(ctx context.Context, sha string) error {
	return k.Run("DELETE FROM marked WHERE sha = ?", sha)
}

// Erase implements [store.Retention].
func (k retention) Erase(ctx context.Context, sha string) (bool, error) {
	// A file that goes, or is to go, with a letter may be one that came with another.
	n, err := k.affected(`DELETE FROM marked WHERE sha = ? AND NOT EXISTS (SELECT 1 FROM draft_files f WHERE f.sha = marked.sha)
		AND NOT EXISTS (SELECT 1 FROM enclosures e LEFT JOIN cleared c ON c.letter = e.letter WHERE e.sha = marked.sha AND c.letter IS NULL)`, sha)
	if err != nil || n == 0 {
		return false, err
	}
	return true, k.Run("UPDATE originals SET data = ? WHERE sha = ?", []byte{}, sha)
}

// Hold implements [store.Retention].
func (k retention) Hold(ctx context.Context, h store.Hold) error {
	return k.changed(brevdue.ErrConflict, "INSERT INTO holds (letter, reason, by, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", h.Letter, h.Reason, h.By, ms(h.At))
}

// Release implements [store.Retention].
func (k retention) Release(ctx context.Context, letter int64) error {
	return k.changed(brevdue.ErrNotFound, "DELETE FROM holds WHERE letter = ?", letter)
}

func (k retention) holds(query string, args ...any) (out []store.Hold, err error) {
	err = k.all("SELECT letter, reason, by, at FROM holds "+query, args, func(r Scanner) error {
		var v store.Hold
		var when int64
		err := r.Scan(&v.Letter, &v.Reason, &v.By, &when)
		v.At = at(when)
		out = append(out, v)
		return err
	})
	return out, err
}

// HoldOf implements [store.Retention].
func (k retention) HoldOf(ctx context.Context, letter int64) (store.Hold, error) {
	return first(k.holds("WHERE letter = ?", letter))
}

// Holds implements [store.Retention].
func (k retention) Holds(ctx context.Context, limit int) ([]store.Hold, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return k.holds("WHERE at > 0 ORDER BY at DESC, letter DESC LIMIT ?", limit)
}

// CutLog implements [store.Retention].
func (k retention) CutLog(ctx context.Context, through int64) error {
	return k.Run("DELETE FROM audit WHERE seq <= ?", through)
}
