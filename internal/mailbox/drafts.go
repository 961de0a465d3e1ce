package mailbox

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// DraftForm is a form that is being filled in, as it is to be kept.
type DraftForm struct {
	Token   string // of the form
	ReplyTo int64  // the letter it answers, 0 for none
	Form    string // the fields, as a browser sends them
	// What a list shows of it; each may be "".
	Subject, Receiver, Patient string
	Version                    int64 // of the draft the form was filled in on, 0 for none
}

// DraftKept is what became of a form.
type DraftKept struct {
	Token   string // of the form from now on
	Version int64
	At      time.Time
	// Other is who has changed the draft meanwhile: then the form was kept as a draft of
	// its own, under a new token. "" when nobody has.
	Other string
	from  int64 // the draft it was begun from then
}

// KeepDraft keeps a form of the unit as it stands, so that nothing of it is lost by a
// restart, an ended session or another tab. Somebody else's change is never written over.
func (b *Box) KeepDraft(ctx context.Context, p Person, unit brevdue.GLN, f DraftForm) (kept DraftKept, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		kept = DraftKept{}
		if err := b.mayWrite(ctx, tx, p, unit, f.ReplyTo); err != nil {
			return err
		}
		if f.ReplyTo != 0 && f.Patient == "" { // its form does not ask who it is about
			answered, err := tx.Letters().Get(ctx, f.ReplyTo)
			if err != nil {
				return err
			}
			f.Patient = answered.Body.Patient.Name()
		}
		d, err := b.draftToKeep(ctx, tx, p, unit, &f, &kept)
		if err != nil {
			return err
		}
		kept.Token = f.Token
		if d.ID != 0 && d.Form == f.Form { // as it was
			kept.Version, kept.At = d.Version, d.At
			return nil
		}
		if d, err = b.putDraft(ctx, tx, p, d, f); err != nil {
			return err
		}
		kept.Version, kept.At = d.Version, d.At
		if kept.from == 0 {
			return nil
		}
		return copyFiles(ctx, tx, kept.from, d.ID)
	})
	if err != nil {
		return DraftKept{}, err
	}
	return kept, nil
}

// mayWrite makes sure that the unit is the person's, and the letter answered the unit's.
func (b *Box) mayWrite(ctx context.Context, tx store.Tx, p Person, unit brevdue.GLN, replyTo int64) error {
	if _, err := b.unitOf(ctx, tx, p, RightSend, unit); err != nil || replyTo == 0 {
		return err
	}
	_, _, err := b.inLetter(ctx, tx, p, RightSend, unit, replyTo)
	return err
}

// putDraft keeps a form in its draft.
func (b *Box) putDraft(ctx context.Context, tx store.Tx, p Person, d store.Draft, f DraftForm) (store.Draft, error) {
	fresh := d.ID == 0
	d.Form, d.Subject, d.Receiver, d.Patient = f.Form, f.Subject, f.Receiver, f.Patient
	d.ChangedBy, d.ChangedName, d.At = p.ID, p.Name, b.cfg.Now()
	d, err := tx.Drafts().Put(ctx, d)
	if err != nil || !fresh {
		return d, err
	}
	tx.Notify(store.TopicUnit(d.Unit))
	return d, b.note(ctx, tx, p, "draft.begun", d.Unit, 0, "")
}

// copyFiles gives a draft the files of another one of the unit's.
func copyFiles(ctx context.Context, tx store.Tx, from, to int64) error {
	files, err := tx.Drafts().Files(ctx, from)
	if err != nil {
		return err
	}
	for _, f := range files {
		f.Draft = to
		if _, err := tx.Drafts().AddFile(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// draftToKeep finds the draft of a form, or begins one: also when the draft has been
// changed since the form was opened, by a colleague or in another tab.
func (b *Box) draftToKeep(ctx context.Context, tx store.Tx, p Person, unit brevdue.GLN, f *DraftForm, kept *DraftKept) (store.Draft, error) {
	begin := store.Draft{Unit: unit, Token: tokenKey(f.Token), ReplyTo: f.ReplyTo, Author: p.ID, AuthorName: p.Name}
	d, err := tx.Drafts().ByToken(ctx, begin.Token)
	switch {
	case errors.Is(err, brevdue.ErrNotFound):
		return begin, nil
	case err != nil:
		return d, err
	case d.Unit == unit && (d.Version == f.Version || d.Form == f.Form):
		return d, nil
	case d.Unit == unit:
		kept.Other, kept.from = d.ChangedName, d.ID
	}
	var random [16]byte
	rand.Read(random[:])
	f.Token = hex.EncodeToString(random[:])
	begin.Token = tokenKey(f.Token)
	return begin, nil
}

// Drafts lists the unit's drafts, the one changed last first. A limit of 0 means 200.
func (b *Box) Drafts(ctx context.Context, p Person, unit brevdue.GLN, limit int) (out []store.Draft, err error) {
	err = b.view(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightSend, unit); err != nil {
			return err
		}
		out, err = tx.Drafts().OfUnit(ctx, unit, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// OpenDraft returns a draft of the unit, to be written on. The look is logged.
func (b *Box) OpenDraft(ctx context.Context, p Person, unit brevdue.GLN, id int64) (d store.Draft, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		if d, err = b.ownDraft(ctx, tx, p, unit, id); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "draft.seen", unit, 0, "")
	})
	if err != nil {
		return store.Draft{}, err
	}
	return d, nil
}

func (b *Box) ownDraft(ctx context.Context, tx store.Tx, p Person, unit brevdue.GLN, id int64) (store.Draft, error) {
	if _, err := b.unitOf(ctx, tx, p, RightSend, unit); err != nil {
		return store.Draft{}, err
	}
	d, err := tx.Drafts().Get(ctx, id)
	if err == nil && d.Unit != unit {
		err = &denied{unit: unit, why: "draft of another unit", as: brevdue.ErrNotFound}
	}
	return d, err
}

// DeleteDraft throws a draft of the unit away; the token takes that back ([Box.Undo]).
func (b *Box) DeleteDraft(ctx context.Context, p Person, unit brevdue.GLN, id int64) (token string, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		d, err := b.ownDraft(ctx, tx, p, unit, id)
		if err != nil {
			return err
		}
		gone := deleted{Draft: d}
		if gone.Files, err = tx.Drafts().Files(ctx, id); err != nil {
			return err
		}
		if err := tx.Drafts().Delete(ctx, id); err != nil {
			return err
		}
		if token, err = b.remember(ctx, tx, p, unit, undoDraft, gone); err != nil {
			return err
		}
		tx.Notify(store.TopicUnit(unit))
		return b.note(ctx, tx, p, "draft.deleted", unit, 0, "")
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// deleted is a draft that was thrown away, with its files.
type deleted struct {
	store.Draft
	Files []store.DraftFile
}

// draftBack undoes that a draft was thrown away.
func (b *Box) draftBack(ctx context.Context, tx store.Tx, p Person, u undo) error {
	var d deleted
	if err := json.Unmarshal(u.Data, &d); err != nil {
		return err
	}
	if d.Unit != u.Unit {
		return brevdue.ErrConflict
	}
	d.ID = 0
	back, err := tx.Drafts().Put(ctx, d.Draft)
	if err != nil {
		return err
	}
	for _, f := range d.Files {
		f.Draft = back.ID
		if err := restore(ctx, tx, f); err != nil {
			return err
		}
	}
	return nil
}

// sentDraft throws away the draft of a form that was sent.
func sentDraft(ctx context.Context, tx store.Tx, token string, unit brevdue.GLN) error {
	if token == "" {
		return nil
	}
	d, err := tx.Drafts().ByToken(ctx, tokenKey(token))
	if errors.Is(err, brevdue.ErrNotFound) || err == nil && d.Unit != unit {
		return nil
	}
	if err != nil {
		return err
	}
	tx.Notify(store.TopicUnit(unit))
	return tx.Drafts().Delete(ctx, d.ID)
}

// CountDrafts counts the drafts of a unit of the person's.
func (b *Box) CountDrafts(ctx context.Context, p Person, unit brevdue.GLN) (n int, err error) {
	err = b.view(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightSend, unit); err != nil {
			return err
		}
		n, err = tx.Drafts().Count(ctx, unit)
		return err
	})
	return n, err
}
