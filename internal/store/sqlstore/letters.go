package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"brevdue"
	"brevdue/internal/store"
)

type letters struct{ *tx }

// Insert implements [store.Letters].
func (l letters) Insert(ctx context.Context, v *store.Letter) (int64, error) {
	id, err := l.InsertLater(ctx, v)
	if err != nil {
		return 0, err
	}
	return id, l.putWords(v)
}

// InsertLater implements [store.Letters].
func (l letters) InsertLater(ctx context.Context, v *store.Letter) (int64, error) {
	envelope, err1 := toJSON(v.Envelope)
	body, err2 := toJSON(v.Body)
	findings, err3 := toJSON(v.Findings)
	duty, err4 := "", error(nil)
	record, err5 := "", error(nil)
	if v.Record != nil {
		record, err5 = toJSON(v.Record)
	}
	var d brevdue.Duty
	if v.Duty != nil {
		d = *v.Duty
		duty, err4 = toJSON(v.Duty)
	}
	for _, err := range []error{err1, err2, err3, err4, err5} {
		if err != nil {
			return 0, err
		}
	}
	other := v.Body.Sender
	if v.Direction == store.Out {
		other = v.Body.Receiver
	}
	name := other.Name()
	if name == "" {
		name = string(other.GLN)
	}
	id, err := l.insertedOnce(`INSERT INTO letters (id, thread, direction, unit, status, arrival, original, format, kind, envelope, body, duty, findings,
		letter_id, sender, receiver, subject_group, group_order, category, subject, patient, cpr, other, first_line, attachments, priority,
		due, expected, soft, sentence, sentence_en, sent, arrived, read_at, read_by, answered_at, reply_to, author, note, record, team, assigned, assigned_name, fair, stage, course)
		SELECT id, CASE WHEN CAST(? AS BIGINT) = 0 THEN id ELSE CAST(? AS BIGINT) END,
		?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
		FROM (SELECT `+l.dialect.NextID("letters")+` AS id) AS next WHERE true`,
		v.Thread, v.Thread,
		string(v.Direction), string(v.Unit), string(v.Status), v.Arrival, v.Original, string(v.Format), string(v.Kind), envelope, body, duty, findings,
		v.Body.ID, string(v.Body.Sender.GLN), string(v.Body.Receiver.GLN), v.Group, v.GroupOrder, v.Category, v.Body.Subject,
		v.Body.Patient.Name(), v.Body.Patient.Citizen().Reveal(), name, firstLine(&v.Body), len(v.Body.Attachments), string(v.Body.Priority),
		ms(d.Due), ms(d.Expected), d.Soft, d.Sentence, d.SentenceEN, ms(v.Sent), ms(v.Arrived), ms(v.ReadAt), v.ReadBy, ms(v.AnsweredAt),
		v.ReplyTo, v.Author, v.Note, record, v.Team, v.Assigned, v.AssignedName, ms(d.Fair), string(v.Stage), course(v.Body.EpisodeOfCare))
	if err != nil {
		return 0, err
	}
	v.ID = id
	if v.Thread == 0 {
		v.Thread = id
	}
	return id, nil
}

// course is the number of a course of care as it is compared: some write it with hyphens.
func course(number string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimSpace(number), "-", ""))
}

// Course implements [store.Letters].
func (l letters) Course(ctx context.Context, unit brevdue.GLN, citizen brevdue.CPR, other brevdue.GLN, number string) (thread int64, err error) {
	found := false
	if number = course(number); number != "" && citizen != "" && other != "" {
		err = l.all(`SELECT thread FROM letters WHERE unit = ? AND course = ? AND course <> '' AND cpr = ? AND status <> 'refused' AND (sender = ? OR receiver = ?) ORDER BY id DESC LIMIT 1`,
			[]any{string(unit), number, citizen.Reveal(), string(other), string(other)}, func(r Scanner) error {
				found = true
				return r.Scan(&thread)
			})
	}
	if err == nil && !found {
		err = brevdue.ErrNotFound
	}
	return thread, err
}

// firstLine returns the first line with text, at most 120 characters.
func firstLine(l *brevdue.Letter) string {
	for _, s := range l.Segments {
		for _, t := range s.Texts {
			for _, line := range t.Lines {
				text := strings.TrimSpace(brevdue.Text{Lines: []brevdue.Line{line}}.String())
				if text == "" {
					continue
				}
				if utf8.RuneCountInString(text) > 120 {
					text = string([]rune(text)[:119]) + "…"
				}
				return text
			}
		}
	}
	return ""
}

const letterColumns = `id, direction, unit, status, arrival, original, format, kind, envelope, body, duty, findings, subject_group, group_order,
	category, sent, arrived, read_at, read_by, answered_at, thread, reply_to, author, note, record, team, assigned, assigned_name, stage`

func scanLetter(r Scanner) (*store.Letter, error) {
	var v store.Letter
	var envelope, body, duty, findings, record string
	var sent, arrived, readAt, answered int64
	if err := r.Scan(&v.ID, &v.Direction, &v.Unit, &v.Status, &v.Arrival, &v.Original, &v.Format, &v.Kind, &envelope, &body, &duty, &findings,
		&v.Group, &v.GroupOrder, &v.Category, &sent, &arrived, &readAt, &v.ReadBy, &answered, &v.Thread, &v.ReplyTo, &v.Author, &v.Note, &record,
		&v.Team, &v.Assigned, &v.AssignedName, &v.Stage); err != nil {
		return nil, err
	}
	v.Sent, v.Arrived, v.ReadAt, v.AnsweredAt = at(sent), at(arrived), at(readAt), at(answered)
	if duty != "" {
		v.Duty = new(brevdue.Duty)
		if err := fromJSON(duty, v.Duty); err != nil {
			return nil, err
		}
	}
	if record != "" {
		v.Record = new(store.Record)
		if err := fromJSON(record, v.Record); err != nil {
			return nil, err
		}
	}
	for _, c := range []struct {
		text string
		into any
	}{{envelope, &v.Envelope}, {body, &v.Body}, {findings, &v.Findings}} {
		if err := fromJSON(c.text, c.into); err != nil {
			return nil, err
		}
	}
	return &v, nil
}

func (l letters) many(query string, args ...any) (out []*store.Letter, err error) {
	err = l.all(query, args, func(r Scanner) error {
		v, err := scanLetter(r)
		out = append(out, v)
		return err
	})
	return out, err
}

func (l letters) one(query string, args ...any) (*store.Letter, error) {
	out, err := l.many(query, args...)
	if err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, brevdue.ErrNotFound
	}
	return out[0], nil
}

// Get implements [store.Letters].
func (l letters) Get(ctx context.Context, id int64) (*store.Letter, error) {
	return l.one("SELECT "+letterColumns+" FROM letters WHERE id = ?", id)
}

// Incoming implements [store.Letters].
func (l letters) Incoming(ctx context.Context, sender brevdue.GLN, letterID string) ([]*store.Letter, error) {
	return l.many("SELECT "+letterColumns+" FROM letters WHERE direction = 'in' AND sender = ? AND letter_id = ? ORDER BY id", string(sender), letterID)
}

// ByArrival implements [store.Letters].
func (l letters) ByArrival(ctx context.Context, arrival int64) ([]*store.Letter, error) {
	return l.many("SELECT "+letterColumns+" FROM letters WHERE arrival = ? AND arrival <> 0 ORDER BY id", arrival)
}

// IDsByArrival implements [store.Letters].
func (l letters) IDsByArrival(ctx context.Context, arrival int64) (ids []int64, err error) {
	err = l.all("SELECT id FROM letters WHERE arrival = ? AND arrival <> 0 ORDER BY id", []any{arrival}, func(r Scanner) error {
		var id int64
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// Outgoing implements [store.Letters].
func (l letters) Outgoing(ctx context.Context, letterID string) (*store.Letter, error) {
	return l.one("SELECT "+letterColumns+" FROM letters WHERE direction = 'out' AND letter_id = ?", letterID)
}

// Move implements [store.Letters].
func (l letters) Move(ctx context.Context, id int64, from, to brevdue.Status) error {
	if err := brevdue.CheckMove(from, to); err != nil {
		return err
	}
	conflict := fmt.Errorf("letter %d is not %s: %w", id, from, brevdue.ErrConflict)
	return l.changed(conflict, "UPDATE letters SET status = ? WHERE id = ? AND status = ?", string(to), id, string(from))
}

// MarkRead implements [store.Letters].
func (l letters) MarkRead(ctx context.Context, id int64, when time.Time, by string) error {
	return l.changed(brevdue.ErrNotFound, "UPDATE letters SET read_by = CASE WHEN read_at = 0 THEN ? ELSE read_by END, read_at = CASE WHEN read_at = 0 THEN ? ELSE read_at END WHERE id = ?", by, ms(when), id)
}

// MarkAnswered implements [store.Letters].
func (l letters) MarkAnswered(ctx context.Context, id int64, when time.Time) error {
	return l.changed(brevdue.ErrNotFound, "UPDATE letters SET answered_at = CASE WHEN answered_at = 0 THEN ? ELSE answered_at END WHERE id = ?", ms(when), id)
}

// ClearAnswered implements [store.Letters].
func (l letters) ClearAnswered(ctx context.Context, id int64) error {
	return l.changed(brevdue.ErrNotFound, "UPDATE letters SET answered_at = 0 WHERE id = ?", id)
}

// SetSent implements [store.Letters].
func (l letters) SetSent(ctx context.Context, id int64, env brevdue.Envelope, format brevdue.Format, kind brevdue.Kind, sha string) error {
	envelope, err := toJSON(env)
	if err != nil {
		return err
	}
	return l.changed(brevdue.ErrNotFound, "UPDATE letters SET envelope = ?, format = ?, kind = ?, original = ? WHERE id = ?", envelope, string(format), string(kind), sha, id)
}

// SetNote implements [store.Letters].
func (l letters) SetNote(ctx context.Context, id int64, note string) error {
	return l.changed(brevdue.ErrNotFound, "UPDATE letters SET note = ? WHERE id = ?", note, id)
}

// SetDuty implements [store.Letters].
func (l letters) SetDuty(ctx context.Context, id int64, duty *brevdue.Duty) error {
	text, d := "", brevdue.Duty{}
	if duty != nil {
		d = *duty
		var err error
		if text, err = toJSON(duty); err != nil {
			return err
		}
	}
	return l.changed(brevdue.ErrNotFound, "UPDATE letters SET duty = ?, due = ?, expected = ?, fair = ?, soft = ?, sentence = ?, sentence_en = ? WHERE id = ?",
		text, ms(d.Due), ms(d.Expected), ms(d.Fair), d.Soft, d.Sentence, d.SentenceEN, id)
}

// SetTeam implements [store.Letters].
func (l letters) SetTeam(ctx context.Context, id int64, team string) error {
	return l.changed(brevdue.ErrNotFound, "UPDATE letters SET team = ? WHERE id = ?", team, id)
}

// Assign implements [store.Letters].
func (l letters) Assign(ctx context.Context, id, user int64, name string) error {
	return l.changed(brevdue.ErrNotFound, "UPDATE letters SET assigned = ?, assigned_name = ? WHERE id = ?", user, name, id)
}

// SetStage implements [store.Letters].
func (l letters) SetStage(ctx context.Context, id int64, stage store.Stage) error {
	return l.changed(brevdue.ErrNotFound, "UPDATE letters SET stage = ? WHERE id = ?", string(stage), id)
}

// UnreadOf implements [store.Letters].
func (l letters) UnreadOf(ctx context.Context, unit brevdue.GLN, citizen brevdue.CPR) ([]*store.Letter, error) {
	return l.many("SELECT "+letterColumns+" FROM letters WHERE unit = ? AND cpr = ? AND direction = 'in' AND status = 'unread' ORDER BY id", string(unit), citizen.Reveal())
}

// Received implements [store.Letters].
func (l letters) Received(ctx context.Context, unit brevdue.GLN, from, to time.Time, after int64, limit int) ([]*store.Letter, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return l.many("SELECT "+letterColumns+" FROM letters WHERE direction = 'in' AND status <> 'refused' AND (arrived, id) > (?, ?) AND arrived < ? AND (? = '' OR unit = ?) ORDER BY arrived, id LIMIT ?",
		ms(from), after, ms(to), string(unit), string(unit), limit)
}

// AddEvent implements [store.Letters].
func (l letters) AddEvent(ctx context.Context, letter int64, e store.Event) error {
	return l.later("INSERT INTO events (letter, at, what, who, detail, sha) VALUES (?, ?, ?, ?, ?, ?)", letter, ms(e.At), e.What, e.Who, e.Detail, e.SHA)
}

// Events implements [store.Letters].
func (l letters) Events(ctx context.Context, letter int64) (out []store.Event, err error) {
	err = l.all("SELECT at, what, who, detail, sha FROM events WHERE letter = ? ORDER BY id", []any{letter}, func(r Scanner) error {
		var e store.Event
		var when int64
		err := r.Scan(&when, &e.What, &e.Who, &e.Detail, &e.SHA)
		e.At = at(when)
		out = append(out, e)
		return err
	})
	return out, err
}

// AddReader implements [store.Letters].
func (l letters) AddReader(ctx context.Context, letter, user int64, name string, when time.Time) error {
	return l.later(`INSERT INTO readers (letter, "user", name, at) VALUES (?, ?, ?, ?)`, letter, user, name, ms(when))
}

// Readers implements [store.Letters].
func (l letters) Readers(ctx context.Context, letter int64) (out []store.Reader, err error) {
	err = l.all(`SELECT "user", name, at FROM readers WHERE letter = ? ORDER BY id`, []any{letter}, func(r Scanner) error {
		var v store.Reader
		var when int64
		err := r.Scan(&v.User, &v.Name, &when)
		v.At = at(when)
		out = append(out, v)
		return err
	})
	return out, err
}
