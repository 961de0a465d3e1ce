package sqlstore

import (
	"context"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

type tasks struct{ *tx }

func (t tasks) many(query string, args ...any) (out []store.Task, err error) {
	err = t.all("SELECT id, unit, letter, kind, due, at, done_at, done_by, note FROM tasks "+query, args, func(r Scanner) error {
		var v store.Task
		var due, when, done int64
		err := r.Scan(&v.ID, &v.Unit, &v.Letter, &v.Kind, &due, &when, &done, &v.DoneBy, &v.Note)
		v.Due, v.At, v.DoneAt = at(due), at(when), at(done)
		out = append(out, v)
		return err
	})
	return out, err
}

// Add implements [store.Tasks].
func (t tasks) Add(ctx context.Context, v store.Task) (int64, error) {
	return t.inserted("INSERT INTO tasks (unit, letter, kind, due, at, done_at, done_by, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		string(v.Unit), v.Letter, string(v.Kind), ms(v.Due), ms(v.At), ms(v.DoneAt), v.DoneBy, v.Note)
}

// Get implements [store.Tasks].
func (t tasks) Get(ctx context.Context, id int64) (store.Task, error) {
	return first(t.many("WHERE id = ?", id))
}

// Open implements [store.Tasks].
func (t tasks) Open(ctx context.Context, unit brevdue.GLN, limit int) ([]store.Task, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return t.many("WHERE unit = ? AND done_at = 0 ORDER BY due, id LIMIT ?", string(unit), limit)
}

// OfLetter implements [store.Tasks].
func (t tasks) OfLetter(ctx context.Context, letter int64) ([]store.Task, error) {
	return t.many("WHERE letter = ? ORDER BY id", letter)
}

// Count implements [store.Tasks].
func (t tasks) Count(ctx context.Context, kind store.TaskKind, since time.Time) (n int, err error) {
	err = t.Row("SELECT count(*) FROM tasks WHERE done_at = 0 AND kind = ? AND at >= ?", []any{string(kind), ms(since)}, &n)
	return n, err
}

// Done implements [store.Tasks].
func (t tasks) Done(ctx context.Context, id int64, when time.Time, by, note string) error {
	return t.changed(brevdue.ErrConflict, "UPDATE tasks SET done_at = ?, done_by = ?, note = ? WHERE id = ? AND done_at = 0", ms(when), by, note, id)
}

// Reopen implements [store.Tasks].
func (t tasks) Reopen(ctx context.Context, id int64) error {
	return t.changed(brevdue.ErrConflict, "UPDATE tasks SET done_at = 0, done_by = '', note = '' WHERE id = ? AND done_at > 0", id)
}

type unitFacts struct{ *tx }

// AddClosed implements [store.UnitFacts].
func (u unitFacts) AddClosed(ctx context.Context, v store.Closed) (int64, error) {
	u.forget()
	return u.inserted("INSERT INTO closed (unit, first, last, text, contact, notice, by, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		string(v.Unit), v.From, v.To, v.Text, v.Contact, v.Notice, v.By, ms(v.At))
}

// DeleteClosed implements [store.UnitFacts].
func (u unitFacts) DeleteClosed(ctx context.Context, unit brevdue.GLN, id int64) error {
	u.forget()
	return u.changed(brevdue.ErrNotFound, "DELETE FROM closed WHERE unit = ? AND id = ?", string(unit), id)
}

// Closed implements [store.UnitFacts].
func (u unitFacts) Closed(ctx context.Context, unit brevdue.GLN, from string) ([]store.Closed, error) {
	return fact(u.session, "closed "+string(unit)+" "+from, func() ([]store.Closed, error) { return u.closed(unit, from) })
}

func (u unitFacts) closed(unit brevdue.GLN, from string) (out []store.Closed, err error) {
	err = u.all("SELECT id, unit, first, last, text, contact, notice, by, at FROM closed WHERE unit = ? AND last >= ? ORDER BY last, id", []any{string(unit), from}, func(r Scanner) error {
		var v store.Closed
		var when int64
		err := r.Scan(&v.ID, &v.Unit, &v.From, &v.To, &v.Text, &v.Contact, &v.Notice, &v.By, &when)
		v.At = at(when)
		out = append(out, v)
		return err
	})
	return out, err
}

// Noticed implements [store.UnitFacts].
func (u unitFacts) Noticed(ctx context.Context, unit brevdue.GLN, thread int64, date string) (bool, error) {
	n, err := u.affected("INSERT INTO notices (unit, thread, date) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", string(unit), thread, date)
	return n > 0, err
}

// PutServices implements [store.UnitFacts].
func (u unitFacts) PutServices(ctx context.Context, v store.Services) error {
	return u.Run(`INSERT INTO citizen_services (unit, citizen, value, by, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (unit, citizen) DO UPDATE SET value = excluded.value, by = excluded.by, at = excluded.at`,
		string(v.Unit), v.Citizen.Reveal(), v.Value, v.By, ms(v.At))
}

// Services implements [store.UnitFacts].
func (u unitFacts) Services(ctx context.Context, unit brevdue.GLN, citizen brevdue.CPR) (store.Services, error) {
	v := store.Services{Unit: unit, Citizen: citizen}
	var when int64
	err := u.Row("SELECT value, by, at FROM citizen_services WHERE unit = ? AND citizen = ?", []any{string(unit), citizen.Reveal()}, &v.Value, &v.By, &when)
	v.At = at(when)
	return v, err
}

// Routes implements [store.UnitFacts].
func (u unitFacts) Routes(ctx context.Context, unit brevdue.GLN) ([]store.Route, error) {
	return fact(u.session, "routes "+string(unit), func() ([]store.Route, error) { return u.routes(unit) })
}

func (u unitFacts) routes(unit brevdue.GLN) (out []store.Route, err error) {
	err = u.all("SELECT routes FROM routes WHERE unit = ?", []any{string(unit)}, func(r Scanner) error {
		var text string
		if err := r.Scan(&text); err != nil {
			return err
		}
		return fromJSON(text, &out)
	})
	return out, err
}

// PutRoutes implements [store.UnitFacts].
func (u unitFacts) PutRoutes(ctx context.Context, unit brevdue.GLN, routes []store.Route) error {
	text, err := toJSON(routes)
	if err != nil {
		return err
	}
	u.forget()
	return u.Run("INSERT INTO routes (unit, routes) VALUES (?, ?) ON CONFLICT (unit) DO UPDATE SET routes = excluded.routes", string(unit), text)
}

// AddArrangement implements [store.UnitFacts].
func (u unitFacts) AddArrangement(ctx context.Context, v store.Arrangement) (int64, error) {
	return u.inserted("INSERT INTO arrangements (unit, other, citizen, text, until, by, at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		string(v.Unit), string(v.Other), v.Citizen.Reveal(), v.Text, v.Until, v.By, ms(v.At), ms(v.EndedAt))
}

// EndArrangement implements [store.UnitFacts].
func (u unitFacts) EndArrangement(ctx context.Context, unit brevdue.GLN, id int64, when time.Time) error {
	return u.changed(brevdue.ErrNotFound, "UPDATE arrangements SET ended_at = ? WHERE unit = ? AND id = ? AND ended_at = 0", ms(when), string(unit), id)
}

// ReopenArrangement implements [store.UnitFacts].
func (u unitFacts) ReopenArrangement(ctx context.Context, unit brevdue.GLN, id int64) error {
	return u.changed(brevdue.ErrNotFound, "UPDATE arrangements SET ended_at = 0 WHERE unit = ? AND id = ? AND ended_at > 0", string(unit), id)
}

// Arrangements implements [store.UnitFacts].
func (u unitFacts) Arrangements(ctx context.Context, unit, other brevdue.GLN) (out []store.Arrangement, err error) {
	err = u.all(`SELECT id, unit, other, citizen, text, until, by, at, ended_at FROM arrangements
		WHERE unit = ? AND ended_at = 0 AND (? = '' OR other = ?) ORDER BY id DESC`, []any{string(unit), string(other), string(other)}, func(r Scanner) error {
		var v store.Arrangement
		var citizen string
		var when, ended int64
		err := r.Scan(&v.ID, &v.Unit, &v.Other, &citizen, &v.Text, &v.Until, &v.By, &when, &ended)
		v.Citizen, v.At, v.EndedAt = brevdue.CPR(citizen), at(when), at(ended)
		out = append(out, v)
		return err
	})
	return out, err
}

// PutPhrase implements [store.UnitFacts].
func (u unitFacts) PutPhrase(ctx context.Context, v store.Phrase) (int64, error) {
	if v.ID == 0 {
		return u.inserted("INSERT INTO phrases (unit, name, text, by_name, at) VALUES (?, ?, ?, ?, ?)", string(v.Unit), v.Name, v.Text, v.By, ms(v.At))
	}
	return v.ID, u.changed(brevdue.ErrNotFound, "UPDATE phrases SET name = ?, text = ?, by_name = ?, at = ? WHERE unit = ? AND id = ?", v.Name, v.Text, v.By, ms(v.At), string(v.Unit), v.ID)
}

// DeletePhrase implements [store.UnitFacts].
func (u unitFacts) DeletePhrase(ctx context.Context, unit brevdue.GLN, id int64) error {
	return u.changed(brevdue.ErrNotFound, "DELETE FROM phrases WHERE unit = ? AND id = ?", string(unit), id)
}

// Phrases implements [store.UnitFacts].
func (u unitFacts) Phrases(ctx context.Context, unit brevdue.GLN) (out []store.Phrase, err error) {
	err = u.all("SELECT id, unit, name, text, by_name, at FROM phrases WHERE unit = ? ORDER BY name, id", []any{string(unit)}, func(r Scanner) error {
		var v store.Phrase
		var when int64
		err := r.Scan(&v.ID, &v.Unit, &v.Name, &v.Text, &v.By, &when)
		v.At = at(when)
		out = append(out, v)
		return err
	})
	return out, err
}

// PutSubjectReceiver implements [store.UnitFacts].
func (u unitFacts) PutSubjectReceiver(ctx context.Context, v store.SubjectReceiver) error {
	if v.GLN == "" {
		return u.Run("DELETE FROM subject_receivers WHERE municipality = ? AND subject = ?", v.Municipality, v.Subject)
	}
	return u.Run(`INSERT INTO subject_receivers (municipality, subject, gln, by, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (municipality, subject) DO UPDATE SET gln = excluded.gln, by = excluded.by, at = excluded.at`,
		v.Municipality, v.Subject, string(v.GLN), v.By, ms(v.At))
}

// SubjectReceivers implements [store.UnitFacts].
func (u unitFacts) SubjectReceivers(ctx context.Context, municipality string) (out []store.SubjectReceiver, err error) {
	err = u.all(`SELECT municipality, subject, gln, by, at FROM subject_receivers WHERE ? = '' OR municipality = ? ORDER BY municipality, subject`,
		[]any{municipality, municipality}, func(r Scanner) error {
			var v store.SubjectReceiver
			var when int64
			err := r.Scan(&v.Municipality, &v.Subject, &v.GLN, &v.By, &when)
			v.At = at(when)
			out = append(out, v)
			return err
		})
	return out, err
}

type agreements struct{ *tx }

func (a agreements) many(query string, args ...any) (out []store.AgreementText, err error) {
	err = a.all(`SELECT id, agreement, version, sha, content, state, valid_from, imported_by, imported_at, proposed_by, proposed_at, approved_by, approved_at
		FROM agreements `+query, args, func(r Scanner) error {
		var v store.AgreementText
		var imported, proposed, approved int64
		err := r.Scan(&v.ID, &v.Agreement, &v.Version, &v.SHA, &v.Content, &v.State, &v.ValidFrom, &v.ImportedBy, &imported, &v.ProposedBy, &proposed, &v.ApprovedBy, &approved)
		v.ImportedAt, v.ProposedAt, v.ApprovedAt = at(imported), at(proposed), at(approved)
		out = append(out, v)
		return err
	})
	return out, err
}

// Add implements [store.Agreements].
func (a agreements) Add(ctx context.Context, v store.AgreementText) (int64, error) {
	return a.insertedOnce(`INSERT INTO agreements (agreement, version, sha, content, state, valid_from, imported_by, imported_at, proposed_by, proposed_at, approved_by, approved_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, v.Agreement, v.Version, v.SHA, v.Content, string(v.State), v.ValidFrom, v.ImportedBy, ms(v.ImportedAt),
		v.ProposedBy, ms(v.ProposedAt), v.ApprovedBy, ms(v.ApprovedAt))
}

// Get implements [store.Agreements].
func (a agreements) Get(ctx context.Context, id int64) (store.AgreementText, error) {
	return first(a.many("WHERE id = ?", id))
}

// Update implements [store.Agreements].
func (a agreements) Update(ctx context.Context, v store.AgreementText) error {
	return a.changed(brevdue.ErrNotFound, `UPDATE agreements SET sha = ?, content = ?, state = ?, valid_from = ?, proposed_by = ?, proposed_at = ?, approved_by = ?, approved_at = ? WHERE id = ?`,
		v.SHA, v.Content, string(v.State), v.ValidFrom, v.ProposedBy, ms(v.ProposedAt), v.ApprovedBy, ms(v.ApprovedAt), v.ID)
}

// List implements [store.Agreements].
func (a agreements) List(ctx context.Context) ([]store.AgreementText, error) {
	return a.many("ORDER BY id DESC")
}
