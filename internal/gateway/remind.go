package gateway

import (
	"context"
	"fmt"
	"time"

	"brevdue"
	"brevdue/internal/queue"
	"brevdue/internal/store"
)

// reminderLead is how long before a deadline a unit is reminded.
const reminderLead = 30 * time.Minute

// Words of the timeline for reading deadlines.
const (
	eventDueSoon = "due-soon" // the letter is unread half an hour before its deadline
	eventOverdue = "overdue"  // the letter was unread at its deadline
)

func remindKey(letter int64) string { return fmt.Sprintf("remind:%d", letter) }

// planReminder adds the job that looks at a letter shortly before its deadline.
func (g *Gateway) planReminder(ctx context.Context, tx store.Tx, letter int64, due time.Time) error {
	_, err := tx.Jobs().Add(ctx, store.Job{Kind: store.JobRemind, Key: remindKey(letter), Subject: letter, RunAt: due.Add(-reminderLead), Created: g.Now()})
	return err
}

// remind runs half an hour before a deadline and again at it. A letter that was
// read meanwhile needs nothing.
func (g *Gateway) remind(ctx context.Context, job store.Job) error {
	err := g.commit(ctx, PointReminded, func(tx store.Tx) error {
		l, err := tx.Letters().Get(ctx, job.Subject)
		if err != nil {
			return err
		}
		now := g.Now()
		if l.Status == brevdue.Unread && l.Duty != nil && !l.Duty.Due.IsZero() {
			what, next := eventOverdue, time.Time{}
			if now.Before(l.Duty.Due) {
				what, next = eventDueSoon, l.Duty.Due
			}
			if now.Before(l.Duty.Due.Add(-reminderLead)) {
				return tx.Jobs().Again(ctx, job.ID, l.Duty.Due.Add(-reminderLead), "")
			}
			if err := tx.Letters().AddEvent(ctx, l.ID, store.Event{At: now, What: what, Detail: l.Duty.Rule}); err != nil {
				return err
			}
			notify(tx, l.Unit)
			if !next.IsZero() {
				// In the same commit, so that a crash cannot remind twice.
				return tx.Jobs().Again(ctx, job.ID, next, "")
			}
		}
		return tx.Jobs().Finish(ctx, job.ID)
	})
	if err != nil {
		return fmt.Errorf("remind of letter %d: %w", job.Subject, err)
	}
	return queue.ErrFinished
}
