package mailbox

import (
	"context"
	"fmt"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// eventPhoned is the timeline's word for a call about a received letter; the detail is who
// was called, never what was agreed.
const eventPhoned = "phoned"

// PhoneForm is what the page of a telephone contact begins with: the sender of the letter
// and its number, now.
type PhoneForm struct {
	Unit   store.Unit
	Number string // of the letter
	Call   CallDraft
}

// PhoneForm returns the form for a call about a received letter. It shows nothing of the
// citizen.
func (b *Box) PhoneForm(ctx context.Context, p Person, unit brevdue.GLN, id int64) (out PhoneForm, err error) {
	err = b.view(ctx, p, func(tx store.Tx) error {
		u, l, err := b.inLetter(ctx, tx, p, RightWork, unit, id)
		if err != nil {
			return err
		}
		out = PhoneForm{Unit: u, Number: l.Number(), Call: CallDraft{At: string(kalender.LocalOf(b.cfg.Now())), Organisation: l.Body.Sender.Name(), Number: l.Body.Sender.Phone}}
		return nil
	})
	if err != nil {
		return PhoneForm{}, err
	}
	return out, nil
}

// AddCall keeps that the person has called about a received letter (Telefonkontakt): a line
// of its timeline that says whom, and a note that says what was agreed. Neither ever leaves
// the installation. Faults are in the fields of a call on a letter's form (AGR-704).
func (b *Box) AddCall(ctx context.Context, p Person, unit brevdue.GLN, id int64, d CallDraft) (note int64, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.inLetter(ctx, tx, p, RightWork, unit, id)
		if err != nil {
			return err
		}
		now := b.cfg.Now()
		var j judge
		call := (&writing{d: Draft{Call: d}, now: now, person: p}).call(&j)
		if err := j.err(); err != nil {
			return err
		}
		at := kalender.DayOf(call.At).Figures() + " kl. " + call.At.In(kalender.Copenhagen()).Format("15.04")
		text := fmt.Sprintf("Telefonkontakt %s med %s, %s (%s).\nAftalt: %s", at, call.Organisation, call.Number, call.Who, call.Agreed)
		if note, err = tx.Notes().Add(ctx, store.NewNote{Letter: l.ID, Unit: unit, User: p.ID, Name: p.Name, At: now, Text: text}); err != nil {
			return err
		}
		e := store.Event{At: call.At, What: eventPhoned, Who: p.Name, Detail: call.Organisation + ", " + call.Number + " · " + call.Who}
		if err := tx.Letters().AddEvent(ctx, l.ID, e); err != nil {
			return err
		}
		tx.Notify(store.TopicLetter(l.ID))
		tx.Notify(store.TopicUnit(unit))
		return b.note(ctx, tx, p, "letter.phoned", unit, l.ID, "")
	})
	if err != nil {
		return 0, err
	}
	return note, nil
}
