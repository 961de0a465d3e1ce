package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/medcom"
	"brevdue/receipt"
)

// Words of the timeline for files that letters refer to.
const (
	eventAttachment = "attachment" // a file the letter refers to came in
	eventStranger   = "stranger"   // a file under that identifier came about another citizen
)

// readBinary reads an attachment message. One with errors is for the operator and
// refused: its files would not be what the sender meant.
func (r *reading) readBinary() {
	m, findings := medcom.ReadBinary(r.inner)
	r.findings = append(r.findings, findings...)
	r.original, r.answerable = receipt.OriginalOf(r.inner)
	if len(m.Letters) == 0 || brevdue.HasErrors(findings) {
		r.failure, r.refuse = "Bilagsmeddelelsen kan ikke læses.", brevdue.RefuseSyntax
		return
	}
	r.binary = &m
}

// takeBinary keeps the files of an attachment message, whether the letter that
// refers to them is here or not, and answers it by itself (std:xdis91 §6).
func (g *Gateway) takeBinary(ctx context.Context, tx store.Tx, a *store.Arrival, r *reading) error {
	m := r.binary
	a.Findings = r.findings
	stored, err := tx.Receipts().Answer(ctx, m.Envelope.Sender, m.Envelope.ID)
	if err != nil && !errors.Is(err, brevdue.ErrNotFound) {
		return err
	}
	units := make([]*store.Unit, len(m.Letters))
	known := 0
	for i := range m.Letters {
		l := &m.Letters[i]
		head := medcom.Message{Format: m.Format, Envelope: m.Envelope}
		if units[i], err = receiverOf(ctx, tx, &head, brevdue.Letter{Receiver: l.Receiver}); err != nil {
			return err
		}
		if units[i] == nil {
			r.failure, r.refuse = ruleReceiver.Text, brevdue.RefuseUnknownLocation
			return g.quarantine(ctx, tx, a, r)
		}
		before, err := tx.Objects().ByMessage(ctx, l.Sender.GLN, l.ID)
		if err != nil {
			return err
		}
		switch {
		case sameFiles(l, before):
			known++
			if err := markCopy(ctx, tx, a, before); err != nil {
				return err
			}
		case len(before) > 0:
			r.failure, r.refuse = ruleReused.Text, brevdue.RefuseUnspecified
			return g.quarantine(ctx, tx, a, r)
		}
	}
	if known == len(m.Letters) {
		a.State, a.Reason = store.ArrivalDuplicate, "Kendt i forvejen."
		if stored != nil {
			return g.repeat(ctx, tx, stored)
		}
		_, err := g.answer(ctx, tx, a, r, outcome{letters: make([]*brevdue.Refusal, len(m.Letters))})
		return err
	}
	for i := range m.Letters {
		if err := g.keepObjects(ctx, tx, a, &m.Letters[i], units[i]); err != nil {
			return err
		}
	}
	a.State = store.ArrivalOpened
	_, err = g.answer(ctx, tx, a, r, outcome{letters: make([]*brevdue.Refusal, len(m.Letters))})
	return err
}

// markCopy lets the bytes of an attachment message go when those of the files that came
// with it first are gone.
func markCopy(ctx context.Context, tx store.Tx, a *store.Arrival, before []store.Object) error {
	for _, o := range before {
		data, err := tx.Originals().Get(ctx, o.SHA)
		if err != nil {
			return err
		}
		if len(data) == 0 && o.Size > 0 {
			return tx.Retention().Mark(ctx, a.SHA)
		}
	}
	return nil
}

// sameFiles tells whether an attachment message came before with the same files.
func sameFiles(l *medcom.BinaryLetter, before []store.Object) bool {
	if len(before) == 0 || len(before) != len(l.Objects) {
		return false
	}
	for i, o := range before {
		sum := sha256.Sum256(l.Objects[i].Data)
		if o.SHA != hex.EncodeToString(sum[:]) || o.Key != medcom.ObjectKey(l.Objects[i].ObjectID) {
			return false
		}
	}
	return true
}

// keepObjects keeps the files of one binary letter and tells the letters that wait
// for them.
func (g *Gateway) keepObjects(ctx context.Context, tx store.Tx, a *store.Arrival, l *medcom.BinaryLetter, u *store.Unit) error {
	for _, o := range l.Objects {
		sha, err := tx.Originals().Put(ctx, o.Data, a.At)
		if err != nil {
			return err
		}
		object := store.Object{Arrival: a.ID, Unit: u.GLN, Sender: l.Sender.GLN, MessageID: l.ID, Key: medcom.ObjectKey(o.ObjectID),
			Code: o.Code, Extension: o.Extension, Size: int64(len(o.Data)), Odd: !medcom.LooksLike(o.Extension, o.Data), SHA: sha, Patient: l.Patient.Citizen(), At: a.At}
		if _, err := tx.Objects().Add(ctx, object); err != nil {
			return fmt.Errorf("keep file: %w", err)
		}
		letters, err := tx.Objects().Referring(ctx, object.Unit, object.Sender, object.Key)
		if err != nil {
			return err
		}
		for _, id := range letters {
			letter, err := tx.Letters().Get(ctx, id)
			if err != nil {
				return err
			}
			what := eventAttachment
			if !medcom.SameCitizen(letter.Body.Patient, l.Patient) {
				what = eventStranger
			}
			if err := tx.Letters().AddEvent(ctx, id, store.Event{At: a.At, What: what, Detail: fmt.Sprintf("%s · %d byte", o.Extension, len(o.Data)), SHA: sha}); err != nil {
				return err
			}
		}
		notify(tx, u.GLN)
	}
	return g.note(ctx, tx, "attachments.received", u.GLN, 0, fmt.Sprintf("arrival %d, %d files", a.ID, len(l.Objects)))
}

// refer notes which files a letter refers to, so that they find it when they come.
func (g *Gateway) refer(ctx context.Context, tx store.Tx, letter int64, unit brevdue.GLN, l *brevdue.Letter) error {
	for _, at := range l.Attachments {
		if at.Kind != brevdue.BinaryAttachment || at.ObjectID == "" {
			continue
		}
		if err := tx.Objects().Refer(ctx, letter, unit, l.Sender.GLN, medcom.ObjectKey(at.ObjectID)); err != nil {
			return err
		}
	}
	return nil
}
