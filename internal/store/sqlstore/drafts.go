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
	if err := d.dropFiles("draft", id); err != nil {
		return err
	}
	return d.later("DELETE FROM drafts WHERE id = ?", id)
}

// AddFile implements [store.Drafts].
func (d drafts) AddFile(ctx context.Context, f store.DraftFile) (int64, error) {
	return d.inserted("INSERT INTO draft_files (draft, name, code, extension, size, sha, by_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		f.Draft, f.Name, f.Code, f.Extension, f.Size, f.SHA, f.By, ms(f.At))
}

func (d drafts) files(where string, arg any) (out []store.DraftFile, err error) {
	err = d.all("SELECT id, draft, name, code, extension, size, sha, by_name, at FROM draft_files WHERE "+where, []any{arg}, func(r Scanner) error {
		var f store.DraftFile
		var when int64
		err := r.Scan(&f.ID, &f.Draft, &f.Name, &f.Code, &f.Extension, &f.Size, &f.SHA, &f.By, &when)
		f.At = at(when)
		out = append(out, f)
		return err
	})
	return out, err
}

// Files implements [store.Drafts].
func (d drafts) Files(ctx context.Context, draft int64) ([]store.DraftFile, error) {
	return d.files("draft = ? ORDER BY id", draft)
}

// File implements [store.Drafts].
func (d drafts) File(ctx context.Context, id int64) (store.DraftFile, error) {
	return first(d.files("id = ?", id))
}

// RemoveFile implements [store.Drafts].
func (d drafts) RemoveFile(ctx context.Context, id int64) error { return d.dropFiles("id", id) }

// dropFiles takes files of drafts away. The same bytes may have come with a letter, or
// have gone with one: only those nobody else has are marked.
func (d drafts) dropFiles(column string, id int64) error {
	if err := d.later(`INSERT INTO marked (sha) SELECT DISTINCT f.sha FROM draft_files f WHERE f.`+column+` = ?
		AND NOT EXISTS (SELECT 1 FROM draft_files o WHERE o.sha = f.sha AND o.`+column+` <> f.`+column+`)
		AND NOT EXISTS (SELECT 1 FROM enclosures e WHERE e.sha = f.sha) AND NOT EXISTS (SELECT 1 FROM objects o WHERE o.sha = f.sha) ON CONFLICT DO NOTHING`, id); err != nil {
		return err
	}
	return d.later("DELETE FROM draft_files WHERE "+column+" = ?", id)
}
