package gateway

import (
	"context"
	"fmt"
	"time"

	"brevdue"
	"brevdue/internal/queue"
	"brevdue/internal/store"
)

func awaitKey(letter int64, n int) string { return fmt.Sprintf("await:%d:%d", letter, n) }

// await runs when the receipt for an attempt is overdue. If the letter still
// waits, it becomes unconfirmed and a person must look: once, however often
// the job runs.
func (g *Gateway) await(ctx context.Context, job store.Job) error {
	var later time.Duration
	err := g.commit(ctx, PointUnconfirmed, func(tx store.Tx) error {
		l, err := tx.Letters().Get(ctx, job.Subject)
		if err != nil {
			return err
		}
		latest, err := tx.Attempts().Latest(ctx, l.ID)
		if err != nil {
			return err
		}
		now := g.Now()
		switch {
		case awaitKey(l.ID, latest.N) != job.Key:
			// A later attempt has a job of its own.
		case latest.HandedAt.IsZero() && l.Status == brevdue.Queued:
			later = g.Network.Await // the network has not even taken it yet
			return nil
		case now.Before(latest.HandedAt.Add(g.Network.Await)):
			later = latest.HandedAt.Add(g.Network.Await).Sub(now)
			return nil
		case l.Status == brevdue.Sent && latest.N <= g.Network.Resend:
			if err := g.again(ctx, tx, l, now); err != nil {
				return err
			}
		case l.Status == brevdue.Sent:
			if err := g.unconfirmed(ctx, tx, l, latest, now); err != nil {
				return err
			}
		}
		return tx.Jobs().Finish(ctx, job.ID)
	})
	if err != nil {
		return fmt.Errorf("await receipt for letter %d: %w", job.Subject, err)
	}
	if later > 0 {
		return queue.Later(later)
	}
	return queue.ErrFinished
}

// again queues a letter that nobody acknowledged once more, with its own number in a new
// envelope: the network's policy, when that is switched on (decision 19).
func (g *Gateway) again(ctx context.Context, tx store.Tx, l *store.Letter, now time.Time) error {
	if err := tx.Letters().Move(ctx, l.ID, brevdue.Sent, brevdue.Queued); err != nil {
		return err
	}
	if err := tx.Letters().AddEvent(ctx, l.ID, store.Event{At: now, What: "resent-by-machine"}); err != nil {
		return err
	}
	if err := tx.Jobs().Add(ctx, store.Sending(l.ID, now)); err != nil {
		return err
	}
	notify(tx, l.Unit)
	return g.note(ctx, tx, "letter.resent", l.Unit, l.ID, "no receipt in time")
}

func (g *Gateway) unconfirmed(ctx context.Context, tx store.Tx, l *store.Letter, a store.Attempt, now time.Time) error {
	if err := tx.Letters().Move(ctx, l.ID, brevdue.Sent, brevdue.Unconfirmed); err != nil {
		return err
	}
	note := fmt.Sprintf("Modtageren har ikke kvitteret inden for %d minutter. Undersøg, om brevet er kommet frem.", int(g.Network.Await.Minutes()))
	if err := tx.Letters().SetNote(ctx, l.ID, note); err != nil {
		return err
	}
	if err := tx.Letters().AddEvent(ctx, l.ID, store.Event{At: now, What: "unconfirmed", Detail: "Kuvert " + a.Envelope}); err != nil {
		return err
	}
	if err := g.mustAct(ctx, tx, l, store.TaskUnconfirmed); err != nil {
		return err
	}
	notify(tx, l.Unit)
	return g.note(ctx, tx, "letter.unconfirmed", l.Unit, l.ID, "Kuvert "+a.Envelope)
}
