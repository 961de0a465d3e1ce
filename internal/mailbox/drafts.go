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
}

// KeepDraft keeps a form of the unit as it stands, so that nothing of it is lost by a
// restart, an ended session or another tab. Somebody else's change is never written over.
func (b *Box) KeepDraft(ctx context.Context, p Person, unit brevdue.GLN, f DraftForm) (kept DraftKept, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		kept = DraftKept{}
		if _, err := b.unitOf(ctx, tx, p, unit); err != nil {
			return err
		}
		if f.ReplyTo != 0 {
			_, answered, err := b.inLetter(ctx, tx, p, unit, f.ReplyTo)
			if err != nil {
				return err
			}
			if f.Patient == "" { // its form does not ask who it is about
				f.Patient = answered.Body.Patient.Name()
			}
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
		fresh := d.ID == 0
		d.Form, d.Subject, d.Receiver, d.Patient = f.Form, f.Subject, f.Receiver, f.Patient
		d.ChangedBy, d.ChangedName, d.At = p.ID, p.Name, b.cfg.Now()
		if d, err = tx.Drafts().Put(ctx, d); err != nil {
			return err
		}
		kept.Version, kept.At = d.Version, d.At
		if !fresh {
			return nil
		}
		tx.Notify(store.TopicUnit(unit))
		return b.note(ctx, tx, p, "draft.begun", unit, 0, "")
	})
	if err != nil {
		return DraftKept{}, err
	}
	return kept, nil
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
		kept.Other = d.ChangedName
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
		if _, err := b.unitOf(ctx, tx, p, unit); err != nil {
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
	if _, err := b.unitOf(ctx, tx, p, unit); err != nil {
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
		if err := tx.Drafts().Delete(ctx, id); err != nil {
			return err
		}
		if token, err = b.remember(ctx, tx, p, unit, undoDraft, d); err != nil {
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

// draftBack undoes that a draft was thrown away.
func (b *Box) draftBack(ctx context.Context, tx store.Tx, p Person, u undo) error {
	var d store.Draft
	if err := json.Unmarshal(u.Data, &d); err != nil {
		return err
	}
	if d.Unit != u.Unit {
		return brevdue.ErrConflict
	}
	d.ID = 0
	_, err := tx.Drafts().Put(ctx, d)
	return err
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
		if _, err := b.unitOf(ctx, tx, p, unit); err != nil {
			return err
		}
		n, err = tx.Drafts().Count(ctx, unit)
		return err
	})
	return n, err
}
