package mailbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// Words of the timeline for a letter that is sent again or put right.
const (
	eventResent    = "resent"    // the same letter, with its numbers; the detail is the reason
	eventCorrected = "corrected" // a new letter took its place; the detail is its number
	eventGivenUp   = "given-up"  // an operator ended the tries to send it
	eventCorrects  = "corrects"  // this one takes the place of another; the detail is its number
)

// returned tells whether a letter of our own did not get through and a person may send
// it again or put it right.
func returned(s brevdue.Status) bool { return s == brevdue.Rejected || s == brevdue.Unconfirmed }

// outLetter is letterOf for the unit's own letters that have their content.
func (b *Box) outLetter(ctx context.Context, tx store.Tx, p Person, gln brevdue.GLN, id int64) (store.Unit, *store.Letter, error) {
	u, l, err := b.letterOf(ctx, tx, p, RightSend, gln, id)
	if err == nil && l.Direction != store.Out {
		err = brevdue.ErrNotFound
	}
	if err == nil {
		err = whole(ctx, tx, id)
	}
	return u, l, err
}

// Resend sends a letter of the unit's own again, unchanged and with its own number, in
// a new envelope: for when the receiver or the network was at fault (F81). The reason
// is kept. ErrConflict when the letter is on its way or has arrived; Faults in the
// field "reason".
func (b *Box) Resend(ctx context.Context, p Person, unit brevdue.GLN, id int64, reason string) error {
	reason = oneLine(reason)
	return b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.outLetter(ctx, tx, p, unit, id)
		if err != nil {
			return err
		}
		if !returned(l.Status) {
			return fmt.Errorf("letter %d is %s: %w", id, l.Status, brevdue.ErrConflict)
		}
		var j judge
		j.reason("reason", reason, "Skriv, hvorfor brevet sendes igen, som det er (mindst tre tegn).", "Say why the letter is sent again as it is (at least three characters).")
		if err := j.err(); err != nil {
			return err
		}
		now := b.cfg.Now()
		if err := tx.Letters().Move(ctx, id, l.Status, brevdue.Queued); err != nil {
			return err
		}
		if err := tx.Letters().SetNote(ctx, id, ""); err != nil {
			return err
		}
		if err := tx.Letters().AddEvent(ctx, id, store.Event{At: now, What: eventResent, Who: p.Name, Detail: reason}); err != nil {
			return err
		}
		if err := tx.Jobs().AddOrRelease(ctx, store.Sending(id, now)); err != nil {
			return err
		}
		if err := b.closeReturned(ctx, tx, p, id, "Sendt igen"); err != nil {
			return err
		}
		tx.Notify(store.TopicUnit(unit))
		return b.note(ctx, tx, p, "letter.resent", unit, id, "")
	})
}

// closeReturned closes the open tasks about a letter that did not get through.
func (b *Box) closeReturned(ctx context.Context, tx store.Tx, p Person, letter int64, note string) error {
	tasks, err := tx.Tasks().OfLetter(ctx, letter)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if !t.DoneAt.IsZero() || !slices.Contains([]store.TaskKind{store.TaskRejected, store.TaskUnconfirmed, store.TaskUnsent}, t.Kind) {
			continue
		}
		if err := tx.Tasks().Done(ctx, t.ID, b.cfg.Now(), p.Name, note); err != nil {
			return err
		}
	}
	return nil
}

// Correction is the draft of a new letter in the place of one that did not get through
// (Ret og gensend): all that was written, to be put right. answers is the letter the
// old one answered, 0 for none. What the agreement asks anew, such as whether the
// citizen is being discharged, is asked again. The look is logged; ErrConflict when the
// letter is on its way or has arrived.
func (b *Box) Correction(ctx context.Context, p Person, unit brevdue.GLN, id int64) (d Draft, answers int64, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.outLetter(ctx, tx, p, unit, id)
		if err != nil {
			return err
		}
		if !returned(l.Status) {
			return fmt.Errorf("letter %d is %s: %w", id, l.Status, brevdue.ErrConflict)
		}
		d, answers = draftOf(l), l.ReplyTo
		return b.note(ctx, tx, p, "letter.seen", unit, id, "correction")
	})
	if err != nil {
		return Draft{}, 0, err
	}
	return d, answers, nil
}

// draftOf is what the writer of a letter filled in.
func draftOf(l *store.Letter) Draft {
	p := l.Body.Patient
	d := Draft{CPR: p.Citizen().Reveal(), Surname: p.Surname, Given: p.Given, Episode: p.Episode, Receiver: l.Body.Receiver.GLN, Category: l.Category, Subject: l.Group,
		Priority: l.Body.Priority, Text: unsigned(l.Body.Text(), l), Phone: l.Body.Sender.Phone, Corrects: l.ID}
	if d.Subject == "" {
		d.Subject = l.Body.Subject
	}
	r := l.Record
	if r == nil {
		return d
	}
	d.SubjectReason, d.StartReason, d.StandardReason, d.Purpose = r.SubjectReason, r.StartReason, r.StandardReason, r.Purpose
	d.Discharge, d.Services, d.Need, d.Exempt = r.Discharge, r.Services, r.Need, r.Exempt
	if r.Discharge != "" {
		d.Discharging = "yes"
	}
	d.AfterPhone, d.AfterPhoneReason = r.AfterPhone, r.AfterPhoneReason
	if r.Call != nil {
		d.Call = CallDraft{At: string(kalender.LocalOf(r.Call.At)), Organisation: r.Call.Organisation, Number: r.Call.Number, Who: r.Call.Who, Agreed: r.Call.Agreed}
	}
	if r.Basis != nil {
		d.Basis, d.Weighing, d.ConsentDate, d.Health = r.Basis.Code, r.Basis.Weighing, r.Basis.Consent, r.Basis.Health
	}
	return d
}

// unsigned is a letter's text without the signature it was sent with, which a new
// letter gets anew.
func unsigned(text string, l *store.Letter) string {
	i := strings.LastIndex(text, "\n\n")
	if i < 0 || !strings.HasPrefix(text[i+2:], kalender.DayOf(l.Sent).Figures()) {
		return text
	}
	return text[:i]
}

// replaces says on both letters that one takes the place of the other, and closes the
// old one's tasks. A letter that is not the unit's, or has got through after all, is a
// fault: the writer is told before anything is sent twice.
func (b *Box) replaces(ctx context.Context, tx store.Tx, p Person, l *store.Letter, corrects int64) error {
	old, err := tx.Letters().Get(ctx, corrects)
	if err != nil {
		return err
	}
	if old.Unit != l.Unit || old.Direction != store.Out || !returned(old.Status) {
		return Faults{{Field: "token", Text: "Brevet, der skulle rettes, er siden kommet frem eller sendt igen. Se det under Sendt, før du sender et nyt.",
			TextEN: "The letter that was to be put right has got through or been sent again since. See it under Sent before you send another."}}
	}
	now := b.cfg.Now()
	for _, e := range []struct {
		letter int64
		event  store.Event
	}{
		{old.ID, store.Event{At: now, What: eventCorrected, Who: p.Name, Detail: store.LetterNumber(l.ID)}},
		{l.ID, store.Event{At: now, What: eventCorrects, Who: p.Name, Detail: old.Number()}},
	} {
		if err := tx.Letters().AddEvent(ctx, e.letter, e.event); err != nil {
			return err
		}
	}
	return b.closeReturned(ctx, tx, p, old.ID, replacedNote(l))
}
