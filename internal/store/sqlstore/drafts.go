package sqlstore

import (
	"context"
	"errors"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

type drafts struct{ *tx }

const draftColumns = "id, unit, token, reply_to, form, subject, receiver, patient, author, author_name, changed_by, changed_name, at, version"

func (d drafts) many(where string, args ...any) (out []store.Draft, err error) {
	err = d.all("SELECT "+draftColumns+" FROM drafts WHERE "+where, args, func(r Scanner) error {
		var v store.Draft
		var when int64
		err := r.Scan(&v.ID, &v.Unit, &v.Token, &v.ReplyTo, &v.Form, &v.Subject, &v.Receiver, &v.Patient, &v.Author, &v.AuthorName, &v.ChangedBy, &v.ChangedName, &when, &v.Version)
		v.At = at(when)
		out = append(out, v)
		return err
	})
	return out, err
}

// Put implements [store.Drafts].
func (d drafts) Put(ctx context.Context, v store.Draft) (store.Draft, error) {
	if v.ID == 0 {
		id, err := d.insertedOnce(`INSERT INTO drafts (unit, token, reply_to, form, subject, receiver, patient, author, author_name, changed_by, changed_name, at, version)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
			string(v.Unit), v.Token, v.ReplyTo, v.Form, v.Subject, v.Receiver, v.Patient, v.Author, v.AuthorName, v.ChangedBy, v.ChangedName, ms(v.At))
		v.ID, v.Version = id, 1
		return v, err
	}
	err := d.Row(`UPDATE drafts SET form = ?, subject = ?, receiver = ?, patient = ?, changed_by = ?, changed_name = ?, at = ?, version = version + 1
		WHERE id = ? AND version = ? RETURNING version`, []any{v.Form, v.Subject, v.Receiver, v.Patient, v.ChangedBy, v.ChangedName, ms(v.At), v.ID, v.Version}, &v.Version)
	if errors.Is(err, brevdue.ErrNotFound) {
		err = brevdue.ErrConflict
	}
	return v, err
}

// Get implements [store.Drafts].
func (d drafts) Get(ctx context.Context, id int64) (store.Draft, error) {
	return first(d.many("id = ?", id))
}

// ByToken implements [store.Drafts].
func (d drafts) ByToken(ctx context.Context, token string) (store.Draft, error) {
	return first(d.many("token = ?", token))
}

// OfUnit implements [store.Drafts].
func (d drafts) OfUnit(ctx context.Context, unit brevdue.GLN, limit int) ([]store.Draft, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return d.many("unit = ? ORDER BY at DESC, id DESC LIMIT ?", string(unit), limit)
}

// Count implements [store.Drafts].
func (d drafts) Count(ctx context.Context, unit brevdue.GLN) (n int, err error) {
	err = d.Row("SELECT count(*) FROM drafts WHERE unit = ?", []any{string(unit)}, &n)
	return n, err
}

// Unchanged implements [store.Drafts].
func (d drafts) Unchanged(ctx context.Context, before time.Time, after int64, limit int) ([]store.Draft, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return d.many("id > ? AND at < ? ORDER BY id LIMIT ?", after, ms(before), limit)
}

// Delete implements [store.Drafts].
func (d drafts) Delete(ctx context.Context, id int64) error {
	return d.later("DELETE FROM drafts WHERE id = ?", id)
}
