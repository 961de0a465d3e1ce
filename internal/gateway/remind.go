package gateway

import (
	"context"
	"fmt"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/queue"
	"brevdue/internal/store"
)

// Words of the timeline for reading deadlines. Each is said of a letter that is
// unread at that moment.
const (
	eventShiftSoon = "shift-soon" // half an hour before the shift of arrival ends (AGR-604)
	eventShiftOver = "shift-over" // that shift has ended: expected, and not yet owed (Amb-13)
	eventDueSoon   = "due-soon"   // half an hour before the deadline
	eventOverdue   = "overdue"    // at the deadline
	eventSoftPast  = "soft-past"  // at a deadline that is a guide (AGR-607)
)

// mark is a moment at which an unread letter is spoken of.
type mark struct {
	at   time.Time
	what string
}

// marks returns the moments of a duty in the order of time.
func marks(d brevdue.Duty) []mark {
	switch {
	case d.Due.IsZero():
		return nil
	case d.Soft:
		return []mark{{d.Due, eventSoftPast}}
	}
	var out []mark
	if !d.Expected.IsZero() && d.Expected.Before(d.Due) {
		out = append(out, mark{d.Expected.Add(-store.ReminderLead), eventShiftSoon}, mark{d.Expected, eventShiftOver})
	}
	if soon := d.Due.Add(-store.ReminderLead); len(out) == 0 || soon.After(d.Expected) {
		out = append(out, mark{soon, eventDueSoon})
	}
	return append(out, mark{d.Due, eventOverdue})
}

// remind runs at each mark of a letter's deadline. A letter that was read
// meanwhile needs nothing; after a long stop only the latest mark is spoken of.
// Where the deadline has moved since the job was planned, the job of the new one
// goes on.
func (g *Gateway) remind(ctx context.Context, job store.Job) error {
	err := g.commit(ctx, PointReminded, func(tx store.Tx) error {
		l, err := tx.Letters().Get(ctx, job.Subject)
		if err != nil {
			return err
		}
		if l.Status != brevdue.Unread || l.Duty == nil {
			return tx.Jobs().Finish(ctx, job.ID)
		}
		now := g.Now()
		if job.Key != store.ReminderKey(l.ID, *l.Duty) {
			if strings.Count(job.Key, ":") == 1 { // of a version whose keys did not name the deadline
				if err := tx.Jobs().Add(ctx, store.Reminder(l.ID, *l.Duty, now)); err != nil {
					return err
				}
			}
			return tx.Jobs().Finish(ctx, job.ID)
		}
		var reached, next *mark
		all := marks(*l.Duty)
		for i := range all {
			if all[i].at.After(now) {
				next = &all[i]
				break
			}
			reached = &all[i]
		}
		if reached != nil {
			if err := tx.Letters().AddEvent(ctx, l.ID, store.Event{At: now, What: reached.what, Detail: l.Duty.Rule}); err != nil {
				return err
			}
			notify(tx, l.Unit)
		}
		if next != nil {
			// In the same commit, so that a crash cannot remind twice.
			return tx.Jobs().Again(ctx, job.ID, next.at, "")
		}
		return tx.Jobs().Finish(ctx, job.ID)
	})
	if err != nil {
		return fmt.Errorf("remind of letter %d: %w", job.Subject, err)
	}
	return queue.ErrFinished
}
