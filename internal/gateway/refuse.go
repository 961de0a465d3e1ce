package gateway

import (
	"context"
	"errors"
	"fmt"

	"brevdue"
	"brevdue/internal/queue"
	"brevdue/internal/store"
)

// refuse answers an arrival that an operator has refused, with the operator's reason in
// the negative receipt. An envelope that has a receipt already gets no other one: that
// would contradict the first (std:xdis91 §5.1).
func (g *Gateway) refuse(ctx context.Context, job store.Job) error {
	err := g.commit(ctx, PointRefused, func(tx store.Tx) error {
		a, err := tx.Arrivals().Get(ctx, job.Subject)
		if err != nil {
			return err
		}
		data, err := tx.Originals().Get(ctx, a.SHA)
		if err != nil {
			return err
		}
		if err := g.refuseArrival(ctx, tx, &a, read(data)); err != nil {
			return err
		}
		if err := tx.Arrivals().Update(ctx, a); err != nil {
			return err
		}
		tx.Notify(store.TopicOperator)
		return tx.Jobs().Finish(ctx, job.ID)
	})
	if err != nil {
		return fmt.Errorf("refuse arrival %d: %w", job.Subject, err)
	}
	return queue.ErrFinished
}

func (g *Gateway) refuseArrival(ctx context.Context, tx store.Tx, a *store.Arrival, r reading) error {
	if a.State != store.ArrivalClosed {
		return nil // opened again meanwhile
	}
	if !r.answerable {
		a.State = store.ArrivalQuarantined
		a.Reason += " Der kan ikke dannes en kvittering: det kan ikke ses, hvem der skal have den."
		return nil
	}
	_, err := tx.Receipts().Answer(ctx, r.original.Envelope.Sender, r.original.Envelope.ID)
	switch {
	case err == nil:
		a.Reason += " Kuverten har fået en kvittering før, og der sendes ikke en til."
		return nil
	case !errors.Is(err, brevdue.ErrNotFound):
		return err
	}
	_, err = g.answer(ctx, tx, a, &r, outcome{all: refusal(brevdue.RefuseUnspecified, a.Note)})
	return err
}
