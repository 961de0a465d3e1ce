package gateway

import (
	"context"
	"errors"
	"fmt"

	"brevdue"
	"brevdue/internal/queue"
	"brevdue/internal/store"
	"brevdue/receipt"
	"brevdue/vans"
)

// outcome is what a receipt has to say about an envelope: one refusal for all
// of it, or one entry for every letter, nil where it was accepted.
type outcome struct {
	all     *brevdue.Refusal
	letters []*brevdue.Refusal
}

// refused tells whether anything was refused.
func (o outcome) refused() bool {
	if o.all != nil {
		return true
	}
	for _, r := range o.letters {
		if r != nil {
			return true
		}
	}
	return false
}

// errUnanswerable says that a letter asks for a receipt that cannot be written: its
// envelope was damaged on its way. To accept it would leave its sender without an
// answer, and what is sent again would stand beside it.
var errUnanswerable = errors.New("receipt cannot be written")

// answer builds the receipt for an envelope, keeps it with its bytes and adds
// the job that hands it over. A positive one is built only when the sender
// asked, a negative one always, none ever for a receipt (std:xdis91 §5.1). It
// returns nil when none was built, and errUnanswerable when a positive one cannot be.
func (g *Gateway) answer(ctx context.Context, tx store.Tx, a *store.Arrival, r *reading, o outcome, letters ...int64) (*store.StoredReceipt, error) {
	original := r.original
	if !r.answerable || !o.refused() && !original.Envelope.WantsReceipt {
		return nil, nil
	}
	ids, err := g.receiptIDs(ctx, tx)
	if err != nil {
		return nil, err
	}
	m := receipt.Build(original, receipt.Verdict{Outcome: brevdue.Positive}, ids, local(g.Now()))
	if o.refused() {
		m = refuse(original, o, ids, local(g.Now()))
	}
	data, findings := receipt.Encode(m, m.Kind)
	if (brevdue.HasErrors(findings) || data == nil) && !o.refused() {
		return nil, errUnanswerable
	}
	if brevdue.HasErrors(findings) || data == nil {
		// Too little of the envelope could be read to answer it in its own format.
		a.Findings = append(a.Findings, findings...)
		a.Reason += " Der kunne ikke dannes en kvittering."
		tx.Notify(store.TopicOperator)
		return nil, nil
	}
	if a.VANSID != "" {
		data = g.wrap(data, m.Kind, m.Version, m.Envelope, ids.Letter, false)
	}
	s := &store.StoredReceipt{
		Direction: store.Out, Outcome: m.Receipt.Outcome, Kind: m.Kind, Envelope: m.Envelope.ID,
		Other: original.Envelope.Sender, Original: original.Envelope.ID, Arrival: a.ID, At: g.Now(),
	}
	if err := g.keepReceipt(ctx, tx, s, data); err != nil {
		return nil, err
	}
	for _, l := range letters {
		if err := tx.Receipts().Link(ctx, s.ID, l); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// refuse builds the negative receipt: one reason for the whole envelope when
// all its letters share it, and else a reason at each refused letter. A letter
// that is named without a reason beside others with one was accepted.
func refuse(original receipt.Original, o outcome, ids receipt.IDs, sent brevdue.LocalTime) receipt.Message {
	all := o.all
	if all == nil {
		all = shared(o.letters)
	}
	if all != nil {
		return receipt.Build(original, receipt.Verdict{Outcome: brevdue.Negative, Code: all.Code, Text: all.Text.String()}, ids, sent)
	}
	m := receipt.Build(original, receipt.Verdict{Outcome: brevdue.Negative}, ids, sent)
	m.Receipt.Refusal = nil
	named := len(m.Receipt.Letters) == len(o.letters)
	for i := range m.Receipt.Letters {
		m.Receipt.Letters[i].Refusal = nil
		if named {
			m.Receipt.Letters[i].Refusal = o.letters[i]
		}
	}
	if !named { // not every letter has a name to be told apart by
		m.Receipt.Refusal = first(o.letters)
	}
	return m
}

// shared returns the refusal all letters have in common, nil when there is none.
func shared(letters []*brevdue.Refusal) *brevdue.Refusal {
	for _, r := range letters {
		if r == nil || r.Code != letters[0].Code || r.Text.String() != letters[0].Text.String() {
			return nil
		}
	}
	return letters[0]
}

func first(letters []*brevdue.Refusal) *brevdue.Refusal {
	for _, r := range letters {
		if r != nil {
			return r
		}
	}
	return nil
}

func (g *Gateway) receiptIDs(ctx context.Context, tx store.Tx) (ids receipt.IDs, err error) {
	if ids.Envelope, err = g.number(ctx, tx, store.SeriesEnvelope); err != nil {
		return ids, err
	}
	ids.Letter, err = g.number(ctx, tx, store.SeriesLetter)
	return ids, err
}

// keepReceipt stores a receipt of ours with its bytes and queues it.
func (g *Gateway) keepReceipt(ctx context.Context, tx store.Tx, s *store.StoredReceipt, data []byte) (err error) {
	if s.SHA, err = tx.Originals().Put(ctx, data, g.Now()); err != nil {
		return err
	}
	if s.ID, err = tx.Receipts().Insert(ctx, s); err != nil {
		return fmt.Errorf("keep receipt: %w", err)
	}
	if g.Premature {
		if err := g.Deliver(ctx, fileName(s.Kind, s.Envelope, data), data); err != nil {
			return err
		}
	}
	return g.repeat(ctx, tx, s)
}

// repeat queues a stored receipt for handing over, once more if it went before.
func (g *Gateway) repeat(ctx context.Context, tx store.Tx, s *store.StoredReceipt) error {
	now := g.Now()
	return tx.Jobs().Add(ctx, store.Job{Kind: store.JobAcknowledge, Key: fmt.Sprintf("acknowledge:%d", s.ID), Subject: s.ID, RunAt: now, Created: now})
}

// acknowledge hands a stored receipt to the network. Repeated, it hands over
// the same bytes under the same name.
func (g *Gateway) acknowledge(ctx context.Context, job store.Job) error {
	var s *store.StoredReceipt
	var data []byte
	var letters []int64 // of the arrival that is answered; no others join them
	err := g.Store.View(ctx, func(tx store.Tx) (err error) {
		if s, err = tx.Receipts().Get(ctx, job.Subject); err != nil {
			return err
		}
		if letters, err = tx.Letters().IDsByArrival(ctx, s.Arrival); err != nil {
			return err
		}
		data, err = tx.Originals().Get(ctx, s.SHA)
		return err
	})
	if err != nil {
		return fmt.Errorf("acknowledge %d: %w", job.Subject, err)
	}
	if err := g.handOver(ctx, PointAnswer, fileName(s.Kind, s.Envelope, data), data, job.Attempts); err != nil {
		return err
	}
	err = g.commit(ctx, PointAcknowledged, func(tx store.Tx) error {
		now := g.Now()
		if err := tx.Receipts().MarkHanded(ctx, s.ID, now); err != nil {
			return err
		}
		for _, id := range letters {
			if err := tx.Letters().AddEvent(ctx, id, store.Event{At: now, What: "acknowledged", Detail: string(s.Kind) + " · Kuvert " + s.Envelope, SHA: s.SHA}); err != nil {
				return err
			}
		}
		return tx.Jobs().Finish(ctx, job.ID)
	})
	if err != nil {
		return fmt.Errorf("acknowledge %d: %w", job.Subject, err)
	}
	return queue.ErrFinished
}

// fileName names an outgoing file by kind and envelope number, which is ours
// and says nothing about anybody.
func fileName(kind brevdue.Kind, envelope string, data []byte) string {
	ext := ".edi"
	if len(data) > 0 && data[0] == '<' {
		ext = ".xml"
	}
	return string(kind) + "-" + envelope + ext
}

// sameEnvelope tells whether a VANSEnvelope with the same identifier came
// before; then its receipt, if it had one, is repeated when the bytes are the
// same. With other bytes there is no receipt: it would answer both.
func (g *Gateway) sameEnvelope(ctx context.Context, tx store.Tx, a *store.Arrival, r *reading) (bool, error) {
	before, err := tx.Arrivals().ByVANSID(ctx, r.outer.ID, a.ID)
	if isNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if before.SHA != a.SHA {
		return true, nil
	}
	stored, err := tx.Receipts().ByArrival(ctx, before.ID)
	if err != nil {
		return false, err
	}
	for _, s := range stored {
		if s.Direction == store.Out && (s.Kind == vansKind(vans.PositiveMessage) || s.Kind == vansKind(vans.NegativeMessage)) {
			return true, g.repeat(ctx, tx, s)
		}
	}
	return true, nil
}

// answerNetwork gives a reliable VANSEnvelope its receipt: positive when the
// message was taken in, whatever a CTL says about the letter, and negative when
// nothing can be made of it here (std:xdis91 §7.4).
func (g *Gateway) answerNetwork(ctx context.Context, tx store.Tx, a *store.Arrival, r *reading) error {
	if r.outer == nil || r.outer.Message == nil || !r.outer.Message.Meta.Reliable() {
		return nil
	}
	kind, result := vans.PositiveMessage, brevdue.Positive
	var reason *vans.Error
	if a.State == store.ArrivalQuarantined {
		kind, result, reason = vans.NegativeMessage, brevdue.Negative, &vans.Error{Description: r.failure}
	}
	number, err := g.number(ctx, tx, store.SeriesEnvelope)
	if err != nil {
		return err
	}
	id := vansID(vansEnvelope, brevdue.GLN(r.outer.Receiver.ID), number)
	answer, ok := r.outer.Answer(kind, reason, id, vansTime(g.Now()))
	if !ok {
		return nil
	}
	data, findings := vans.Write(answer)
	if data == nil || brevdue.HasErrors(findings) {
		a.Reason += " Der kunne ikke dannes en VANS-kvittering."
		return nil
	}
	return g.keepReceipt(ctx, tx, &store.StoredReceipt{
		Direction: store.Out, Outcome: result, Kind: vansKind(kind), Envelope: id,
		Other: brevdue.GLN(r.outer.Sender.ID), Original: r.outer.ID, Arrival: a.ID, At: g.Now(),
	}, data)
}
