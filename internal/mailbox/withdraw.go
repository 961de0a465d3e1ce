package mailbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// eventWithdrawn is the timeline's word for a letter that was taken back before it left.
const eventWithdrawn = "withdrawn"

// UndoUntil is until when a letter of the unit's own can be taken back; the zero time when
// it cannot be any more, or never could.
func (b *Box) UndoUntil(l *store.Letter) time.Time {
	until := l.Sent.Add(b.cfg.Undo)
	if l.Direction != store.Out || l.Status != brevdue.Queued || !until.After(b.cfg.Now()) {
		return time.Time{}
	}
	return until
}

// Withdraw takes a letter back that was sent a moment ago and has not left: nothing of it
// went out, what it answered is unanswered again, and its tasks are closed. It returns
// what was written, to be put right or thrown away, and the letter it answered (0: none).
// It is ErrConflict when the letter is leaving or has left.
func (b *Box) Withdraw(ctx context.Context, p Person, unit brevdue.GLN, id int64) (d Draft, answers int64, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.outLetter(ctx, tx, p, unit, id)
		if err != nil {
			return err
		}
		if l.Status != brevdue.Queued {
			return fmt.Errorf("letter %d is %s: %w", id, l.Status, brevdue.ErrConflict)
		}
		if err := tx.Jobs().TakeBack(ctx, store.Sending(id, l.Sent).Key); err != nil {
			return err
		}
		if enclosed, err := tx.Files().Enclosed(ctx, id); err != nil {
			return err
		} else if len(enclosed) > 0 {
			if err := tx.Jobs().TakeBack(ctx, store.SendingFiles(id, l.Sent).Key); err != nil {
				return err
			}
		}
		if err := tx.Letters().Move(ctx, id, brevdue.Queued, brevdue.Withdrawn); err != nil {
			return err
		}
		if err := tx.Letters().AddEvent(ctx, id, store.Event{At: b.cfg.Now(), What: eventWithdrawn, Who: p.Name}); err != nil {
			return err
		}
		if err := b.unanswer(ctx, tx, l); err != nil {
			return err
		}
		if err := b.undoTasks(ctx, tx, p, l); err != nil {
			return err
		}
		d, answers = draftOf(l), l.ReplyTo
		d.Corrects = 0
		tx.Notify(store.TopicUnit(unit))
		return b.note(ctx, tx, p, "letter.withdrawn", unit, id, "")
	})
	if err != nil {
		return Draft{}, 0, err
	}
	return d, answers, nil
}

// unanswer puts back the letter that a reply was to answer, when no other reply does.
func (b *Box) unanswer(ctx context.Context, tx store.Tx, reply *store.Letter) error {
	if reply.ReplyTo == 0 {
		return nil
	}
	rows, err := tx.Letters().ThreadOf(ctx, reply.Thread, reply.Unit)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.Direction == store.Out && r.ReplyTo == reply.ReplyTo && r.Status != brevdue.Withdrawn {
			return nil
		}
	}
	answered, err := tx.Letters().Get(ctx, reply.ReplyTo)
	if err != nil {
		return err
	}
	if answered.Status == brevdue.Answered {
		if err := tx.Letters().Move(ctx, answered.ID, brevdue.Answered, brevdue.Read); err != nil {
			return err
		}
	}
	if err := tx.Letters().AddEvent(ctx, answered.ID, store.Event{At: b.cfg.Now(), What: eventWithdrawn, Detail: reply.Number()}); err != nil {
		return err
	}
	return tx.Letters().ClearAnswered(ctx, answered.ID)
}

// undoTasks closes the tasks a letter made, and opens those again that it closed on the
// letter whose place it was to take.
func (b *Box) undoTasks(ctx context.Context, tx store.Tx, p Person, l *store.Letter) error {
	tasks, err := tx.Tasks().OfLetter(ctx, l.ID)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if !t.DoneAt.IsZero() {
			continue
		}
		if err := tx.Tasks().Done(ctx, t.ID, b.cfg.Now(), p.Name, "Brevet blev fortrudt"); err != nil {
			return err
		}
	}
	events, err := tx.Letters().Events(ctx, l.ID)
	if err != nil {
		return err
	}
	for _, e := range events {
		if old, ok := numberOf(e.Detail); e.What == eventCorrects && ok {
			if err := reopen(ctx, tx, old, replacedNote(l)); err != nil {
				return err
			}
		}
	}
	return nil
}

// reopen opens the tasks of a letter that were closed with a note.
func reopen(ctx context.Context, tx store.Tx, letter int64, note string) error {
	tasks, err := tx.Tasks().OfLetter(ctx, letter)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if t.DoneAt.IsZero() || t.Note != note {
			continue
		}
		if err := tx.Tasks().Reopen(ctx, t.ID); err != nil {
			return err
		}
	}
	return nil
}

// replacedNote is what closes the tasks of a letter whose place another takes.
func replacedNote(by *store.Letter) string { return "Rettet og sendt som " + by.Number() }

// numberOf reads a letter's readable number.
func numberOf(number string) (id int64, ok bool) {
	n, err := fmt.Sscanf(strings.TrimSpace(number), "B-%d", &id)
	return id, err == nil && n == 1
}
