package sqlstore

import (
	"context"
	"math"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// defaultLimit is how many rows a list has when the caller does not say.
const defaultLimit = 200

const rowColumns = `id, direction, unit, status, subject_group, group_order, subject, patient, cpr, other, first_line, attachments, priority,
	due, expected, fair, soft, sentence, sentence_en, sent, arrived, read_at, read_by, answered_at, note, reply_to, team, assigned, assigned_name, stage`

func scanRow(r Scanner) (v store.Row, err error) {
	var cpr string
	var due, expected, fair, sent, arrived, readAt, answered int64
	err = r.Scan(&v.ID, &v.Direction, &v.Unit, &v.Status, &v.Group, &v.GroupOrder, &v.Subject, &v.PatientName, &cpr, &v.Other, &v.FirstLine,
		&v.Attachments, &v.Priority, &due, &expected, &fair, &v.Soft, &v.Sentence, &v.SentenceEN, &sent, &arrived, &readAt, &v.ReadBy, &answered, &v.Note, &v.ReplyTo,
		&v.Team, &v.Assigned, &v.AssignedName, &v.Stage)
	v.CPR = brevdue.CPR(cpr)
	v.Due, v.Expected, v.Fair, v.Sent, v.Arrived, v.ReadAt, v.AnsweredAt = at(due), at(expected), at(fair), at(sent), at(arrived), at(readAt), at(answered)
	return v, err
}

func (l letters) rows(query string, args ...any) ([]store.Row, error) {
	return l.rowsFrom("letters", query, args...)
}

func (l letters) rowsFrom(tables, query string, args ...any) (out []store.Row, err error) {
	err = l.all("SELECT "+rowColumns+" FROM "+tables+" WHERE "+query, args, func(r Scanner) error {
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
	dueOrder    = " ORDER BY read_at > 0, due = 0, due, arrived, id LIMIT ? OFFSET ?"
	senderOrder = " ORDER BY other, read_at > 0, due = 0, due, arrived, id LIMIT ? OFFSET ?"
)

// Inbox implements [store.Letters].
func (l letters) Inbox(ctx context.Context, unit brevdue.GLN, q store.Query) ([]store.Row, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	where, order, args := "unit = ? AND "+inInbox, inboxOrder, []any{string(unit)}
	switch q.Order {
	case store.OrderDue:
		order = dueOrder
	case store.OrderSender:
		order = senderOrder
	}
	unread := q.View == store.ViewUnread || q.View == store.ViewUrgent
	if unread && q.Order == store.OrderSubject {
		where, order = "unit = ? AND "+inUnread, unreadOrder
	} else if unread {
		where += " AND status || '' = 'unread'" // the order of the page decides the index
	}
	switch q.View {
	case store.ViewUrgent:
		where, args = where+" AND due > 0 AND due <= ?", append(args, ms(q.UrgentBefore))
	case store.ViewReadSince:
		where, args = where+" AND read_at >= ? AND read_at > 0", append(args, ms(q.ReadSince))
	case store.ViewMine:
		where, args = where+" AND assigned + 0 = ?", append(args, q.Person)
	case store.ViewFree:
		where += " AND assigned + 0 = 0"
	case store.ViewWaiting:
		where += " AND stage = 'waiting'"
	}
	if q.Team != "" {
		where += " AND team || '' = ?" // the order of the page decides the index, not the team
		args = append(args, q.Team)
	}
	return l.rows(where+order, append(args, limit, q.Offset)...)
}

// Filed implements [store.Letters].
func (l letters) Filed(ctx context.Context, unit brevdue.GLN, before int64, limit int) ([]store.Row, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	if before <= 0 {
		before = math.MaxInt64
	}
	return l.rows("unit = ? AND direction = 'in' AND status = 'filed' AND id < ? ORDER BY id DESC LIMIT ?", string(unit), before, limit)
}

// Taken implements [store.Letters].
func (l letters) Taken(ctx context.Context, unit brevdue.GLN, user int64) (all, own int, err error) {
	err = l.Row("SELECT count(*), count(*) FILTER (WHERE assigned = ?) FROM letters WHERE unit = ? AND assigned <> 0 AND "+inInbox, []any{user, string(unit)}, &all, &own)
	return all, own, err
}

// Due implements [store.Letters].
func (l letters) Due(ctx context.Context, unit brevdue.GLN, limit int) ([]store.Row, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return l.rows("unit = ? AND "+inUnread+" ORDER BY due = 0, due, arrived, id LIMIT ?", string(unit), limit)
}

// Teams implements [store.Letters].
func (l letters) Teams(ctx context.Context, unit brevdue.GLN) (out []store.TeamCount, err error) {
	err = l.all("SELECT team, count(*), count(*) FILTER (WHERE status = 'unread') FROM letters WHERE unit = ? AND team <> '' AND "+inInbox+" GROUP BY team ORDER BY team", []any{string(unit)}, func(r Scanner) error {
		var v store.TeamCount
		err := r.Scan(&v.Team, &v.All, &v.Unread)
		out = append(out, v)
		return err
	})
	return out, err
}

// Counts implements [store.Letters].
func (l letters) Counts(ctx context.Context, unit brevdue.GLN, now time.Time) (c store.Count, err error) {
	var seen int
	if err = l.Row("SELECT count(*) FROM letters WHERE unit = ? AND direction = 'in' AND status IN ('read', 'answered')", []any{string(unit)}, &seen); err != nil {
		return c, err
	}
	const counts = "SELECT count(*), count(*) FILTER (WHERE due > 0 AND due <= ? AND NOT soft), count(*) FILTER (WHERE due > 0 AND due <= ? AND NOT soft AND fair > ?) FROM letters WHERE unit = ? AND " + inUnread
	if err = l.Row(counts, []any{ms(now), ms(now), ms(now), string(unit)}, &c.Unread, &c.Late, &c.ByWay); err != nil {
		return c, err
	}
	c.All = seen + c.Unread
	err = l.Row("SELECT count(*) FROM tasks WHERE unit = ? AND done_at = 0", []any{string(unit)}, &c.Tasks)
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

// AboutCitizen implements [store.Letters].
func (l letters) AboutCitizen(ctx context.Context, citizen brevdue.CPR) (ids []int64, err error) {
	const query = "SELECT id FROM letters WHERE cpr = ? AND cpr <> '' AND unit IN (SELECT gln FROM units UNION ALL SELECT '')"
	err = l.all(query, []any{citizen.Reveal()}, func(r Scanner) error {
		var id int64
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// Outside implements [store.Letters].
func (l letters) Outside(ctx context.Context, from, to time.Time, limit int) (out []store.Outside, err error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	const query = "SELECT e.letter, l.unit, l.subject, e.detail, e.at FROM events e JOIN letters l ON l.id = e.letter WHERE e.what = 'subject-reason' AND e.at >= ? AND e.at < ? ORDER BY e.at DESC, e.id DESC LIMIT ?"
	err = l.all(query, []any{ms(from), ms(to), limit}, func(r Scanner) error {
		var v store.Outside
		var when int64
		err := r.Scan(&v.Letter, &v.Unit, &v.Subject, &v.Reason, &when)
		v.At = at(when)
		out = append(out, v)
		return err
	})
	return out, err
}

// Total implements [store.Letters].
func (l letters) Total(ctx context.Context) (n int, err error) {
	err = l.Row("SELECT count(*) FROM letters", nil, &n)
	return n, err
}
