package sqlite

import (
	"context"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// defaultLimit is how many rows a list has when the caller does not say.
const defaultLimit = 200

const rowColumns = `id, direction, unit, status, subject_group, group_order, subject, patient, cpr, other, first_line, attachments, priority,
	due, expected, soft, sentence, sentence_en, sent, arrived, read_at, read_by, answered_at, note, reply_to, team, assigned, assigned_name`

func scanRow(r scanner) (v store.Row, err error) {
	var cpr string
	var due, expected, sent, arrived, readAt, answered int64
	err = r.Scan(&v.ID, &v.Direction, &v.Unit, &v.Status, &v.Group, &v.GroupOrder, &v.Subject, &v.PatientName, &cpr, &v.Other, &v.FirstLine,
		&v.Attachments, &v.Priority, &due, &expected, &v.Soft, &v.Sentence, &v.SentenceEN, &sent, &arrived, &readAt, &v.ReadBy, &answered, &v.Note, &v.ReplyTo,
		&v.Team, &v.Assigned, &v.AssignedName)
	v.CPR = brevdue.CPR(cpr)
	v.Due, v.Expected, v.Sent, v.Arrived, v.ReadAt, v.AnsweredAt = at(due), at(expected), at(sent), at(arrived), at(readAt), at(answered)
	return v, err
}

func (l letters) rows(query string, args ...any) (out []store.Row, err error) {
	err = l.all("SELECT "+rowColumns+" FROM letters WHERE "+query, args, func(r scanner) error {
		v, err := scanRow(r)
		out = append(out, v)
		return err
	})
	return out, err
}

// The inbox holds what was accepted and is not put away; the words are those of
// the partial indexes.
const (
	inInbox     = "direction = 'in' AND status IN ('unread', 'read', 'answered')"
	inUnread    = "direction = 'in' AND status = 'unread'"
	inboxOrder  = " ORDER BY group_order, read_at > 0, due = 0, due, arrived, id LIMIT ? OFFSET ?"
	unreadOrder = " ORDER BY group_order, due = 0, due, arrived, id LIMIT ? OFFSET ?"
)

// Inbox implements [store.Letters].
func (l letters) Inbox(ctx context.Context, unit brevdue.GLN, q store.Query) ([]store.Row, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	switch q.View {
	case store.ViewUnread:
		return l.rows("unit = ? AND "+inUnread+unreadOrder, string(unit), limit, q.Offset)
	case store.ViewUrgent:
		return l.rows("unit = ? AND "+inUnread+" AND due > 0 AND due <= ?"+unreadOrder, string(unit), ms(q.UrgentBefore), limit, q.Offset)
	case store.ViewReadSince:
		return l.rows("unit = ? AND "+inInbox+" AND read_at >= ? AND read_at > 0"+inboxOrder, string(unit), ms(q.ReadSince), limit, q.Offset)
	default:
		return l.rows("unit = ? AND "+inInbox+inboxOrder, string(unit), limit, q.Offset)
	}
}

// Counts implements [store.Letters].
func (l letters) Counts(ctx context.Context, unit brevdue.GLN, now time.Time) (c store.Count, err error) {
	var seen int
	if err = l.row("SELECT count(*) FROM letters WHERE unit = ? AND direction = 'in' AND status IN ('read', 'answered')", []any{string(unit)}, &seen); err != nil {
		return c, err
	}
	err = l.row("SELECT count(*), coalesce(sum(due > 0 AND due < ?), 0) FROM letters WHERE unit = ? AND "+inUnread, []any{ms(now), string(unit)}, &c.Unread, &c.Late)
	c.All = seen + c.Unread
	return c, err
}

// SentBy implements [store.Letters].
func (l letters) SentBy(ctx context.Context, unit brevdue.GLN, limit, offset int) ([]store.Row, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return l.rows("unit = ? AND direction = 'out' ORDER BY id DESC LIMIT ? OFFSET ?", string(unit), limit, offset)
}

// RefusedList implements [store.Letters].
func (l letters) RefusedList(ctx context.Context, limit int) ([]store.Row, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return l.rows("status = 'refused' ORDER BY id DESC LIMIT ?", limit)
}

// ThreadOf implements [store.Letters].
func (l letters) ThreadOf(ctx context.Context, thread int64, unit brevdue.GLN) ([]store.Row, error) {
	return l.rows("thread = ? AND unit = ? ORDER BY id", thread, string(unit))
}

// OfCitizen implements [store.Letters].
func (l letters) OfCitizen(ctx context.Context, unit brevdue.GLN, citizen brevdue.CPR, limit int) ([]store.Row, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return l.rows("unit = ? AND cpr = ? AND status <> 'refused' ORDER BY id DESC LIMIT ?", string(unit), citizen.Reveal(), limit)
}
