package gateway

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"brevdue"
	"brevdue/internal/queue"
	"brevdue/internal/store"
	"brevdue/medcom"
	"brevdue/vans"
)

// patience is how often opening an arrival may fail before it is put before the
// operator.
const patience = 5

// itsOwnFault tells trouble with one arrival from trouble of the archive, which
// would strike any other as well and is waited out.
func itsOwnFault(err error) bool {
	return errors.Is(err, errPanic) || errors.Is(err, brevdue.ErrConflict) || errors.Is(err, brevdue.ErrNotFound)
}

func decimal(n int) string { return strconv.Itoa(n) }

// open takes in one arrival: letters, a receipt, or something only an operator
// can make sense of. Everything it decides is one commit, the end of its own job
// included.
func (g *Gateway) open(ctx context.Context, job store.Job) error {
	var arrival store.Arrival
	var data []byte
	err := g.Store.View(ctx, func(tx store.Tx) (err error) {
		if arrival, err = tx.Arrivals().Get(ctx, job.Subject); err != nil {
			return err
		}
		if arrival.State == store.ArrivalNew {
			data, err = tx.Originals().Get(ctx, arrival.SHA)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("open arrival %d: %w", job.Subject, err)
	}
	if arrival.State != store.ArrivalNew {
		return nil // done before a crash could say so
	}

	r := read(data)
	if r.stack != "" {
		g.Log.Error("a reader failed", "arrival", arrival.ID, "kind", r.kind.Kind, "stack", r.stack)
	}
	point := PointOpened
	if r.receipt != nil || r.outer != nil && r.outer.Receipt != nil {
		point = PointSettled
	}
	err = g.take(ctx, job, point, r)
	if err == nil {
		return queue.ErrFinished
	}
	if errors.Is(err, errUnanswerable) {
		r = reading{outer: r.outer, inner: r.inner, kind: r.kind, failure: "Afsenderens kuvert er beskadiget: der kan ikke dannes en kvittering til den. Afsenderen må sende brevet igen."}
		if err := g.take(ctx, job, PointOpened, r); err != nil {
			return fmt.Errorf("quarantine arrival %d: %w", job.Subject, err)
		}
		return queue.ErrFinished
	}
	if job.Attempts < patience || !itsOwnFault(err) || ctx.Err() != nil {
		return fmt.Errorf("open arrival %d: %w", job.Subject, err)
	}
	// Something about this one cannot be processed. It is kept, and an operator
	// sees it; the others go on.
	g.Log.Error("arrival cannot be processed and is put before the operator", "arrival", arrival.ID, "error", err)
	// Its sender gets no receipt for a fault of ours; the operator may refuse it.
	r = reading{outer: r.outer, inner: r.inner, kind: r.kind, original: r.original, answerable: r.answerable, failure: "Meddelelsen kunne ikke behandles på grund af en fejl i programmet."}
	if err := g.take(ctx, job, PointOpened, r); err != nil {
		return fmt.Errorf("quarantine arrival %d: %w", job.Subject, err)
	}
	return queue.ErrFinished
}

// take makes the reading a fact, together with the end of the job.
func (g *Gateway) take(ctx context.Context, job store.Job, point string, r reading) error {
	return g.commit(ctx, point, func(tx store.Tx) error {
		a, err := tx.Arrivals().Get(ctx, job.Subject)
		if err != nil {
			return err
		}
		if a.State == store.ArrivalNew {
			describe(&a, &r)
			if err := g.takeIn(ctx, tx, &a, &r); err != nil {
				return err
			}
			if err := tx.Arrivals().Update(ctx, a); err != nil {
				return err
			}
			if a.State == store.ArrivalQuarantined || a.State == store.ArrivalUnmatched {
				tx.Notify(store.TopicOperator)
			}
		}
		return tx.Jobs().Finish(ctx, job.ID)
	})
}

// describe writes on the arrival what the bytes say about themselves.
func describe(a *store.Arrival, r *reading) {
	a.Format, a.Kind = r.kind.Format, r.kind.Kind
	a.Findings = nil
	a.Reason = ""
	if r.outer != nil {
		a.VANSID = r.outer.ID
		a.Sender, a.Receiver = brevdue.GLN(r.outer.Sender.ID), brevdue.GLN(r.outer.Receiver.ID)
		if r.outer.Receipt != nil {
			a.Format, a.Kind = brevdue.VANS, brevdue.Kind(r.outer.Receipt.Kind)
		}
	}
	switch {
	case r.message != nil:
		setEnvelope(a, r.message.Envelope)
	case r.binary != nil:
		setEnvelope(a, r.binary.Envelope)
	case r.receipt != nil:
		setEnvelope(a, r.receipt.Envelope)
	case r.answerable:
		setEnvelope(a, r.original.Envelope)
	}
}

func setEnvelope(a *store.Arrival, e brevdue.Envelope) {
	a.Envelope = e.ID
	if e.Sender != "" {
		a.Sender = e.Sender
	}
	if e.Receiver != "" {
		a.Receiver = e.Receiver
	}
}

func (g *Gateway) takeIn(ctx context.Context, tx store.Tx, a *store.Arrival, r *reading) error {
	repeatable := false // an enveloped copy of what came before gets the network's receipt again
	if r.outer != nil && r.outer.Message != nil && r.outer.ID != "" {
		again, err := g.sameEnvelope(ctx, tx, a, r)
		if err != nil {
			return err
		}
		repeatable = again
	}
	var err error
	switch {
	case r.outer != nil && r.outer.Receipt != nil && r.failure == "":
		err = g.settleNetwork(ctx, tx, a, r.outer)
	case r.receipt != nil:
		err = g.settle(ctx, tx, a, r)
	case r.binary != nil:
		err = g.takeBinary(ctx, tx, a, r)
	case r.message != nil:
		err = g.takeLetters(ctx, tx, a, r)
	default:
		err = g.quarantine(ctx, tx, a, r)
	}
	if err != nil || repeatable {
		return err
	}
	return g.answerNetwork(ctx, tx, a, r)
}

// quarantine puts an arrival before the operator and, when there is somebody to
// tell and something to tell, refuses it by receipt.
func (g *Gateway) quarantine(ctx context.Context, tx store.Tx, a *store.Arrival, r *reading) error {
	a.State, a.Reason, a.Findings = store.ArrivalQuarantined, r.failure, r.findings
	if err := g.note(ctx, tx, "arrival.quarantined", a.Receiver, 0, fmt.Sprintf("arrival %d", a.ID)); err != nil {
		return err
	}
	if !r.answerable || r.refuse == "" {
		return nil
	}
	stored, err := tx.Receipts().Answer(ctx, r.original.Envelope.Sender, r.original.Envelope.ID)
	switch {
	case err == nil && stored.Outcome == brevdue.Positive:
		// The envelope was accepted in another shape; refusing it now would contradict
		// that (std:xdis91 §5.1).
		a.Reason += " En kuvert med samme nummer er modtaget og kvitteret før."
		return nil
	case err == nil:
		return g.repeat(ctx, tx, stored)
	case !errors.Is(err, brevdue.ErrNotFound):
		return err
	}
	text := r.failure
	if r.refuse == brevdue.RefuseSyntax && brevdue.HasErrors(r.findings) {
		text = firstErrors(r.findings)
	}
	_, err = g.answer(ctx, tx, a, r, outcome{all: refusal(r.refuse, text)})
	return err
}

// takeLetters keeps every letter of the message that is not known yet, with its
// verdict, and answers the envelope once.
func (g *Gateway) takeLetters(ctx context.Context, tx store.Tx, a *store.Arrival, r *reading) error {
	m := r.message
	verdicts, err := g.judge(ctx, tx, m, r.findings, a.At)
	if err != nil {
		return err
	}
	var k known
	if k, err = g.recognise(ctx, tx, a, m, verdicts); err != nil {
		return err
	}
	if k.all() {
		return g.duplicate(ctx, tx, a, r, k)
	}

	a.State = store.ArrivalOpened
	result := outcome{letters: make([]*brevdue.Refusal, len(verdicts))}
	ids := make([]int64, len(verdicts))
	for i := range verdicts {
		v := &verdicts[i]
		if k.letters[i].same() {
			ids[i], result.letters[i] = k.letters[i].letter.ID, k.letters[i].refusal
			if err := g.noteDuplicate(ctx, tx, a, k.letters[i].letter); err != nil {
				return err
			}
			continue
		}
		if k.letters[i].letter != nil {
			v.findings = append(v.findings, ruleReused.At(position(m, i)))
			v.refusal = refusal(brevdue.RefuseUnspecified, ruleReused.Text)
		}
		id, err := g.keep(ctx, tx, a, m, v)
		if err != nil {
			return err
		}
		ids[i], result.letters[i] = id, v.refusal
		if k.letters[i].letter != nil {
			if err := g.markReuse(ctx, tx, a, k.letters[i].letter, id); err != nil {
				return err
			}
		}
	}
	if k.reusedInSameEnvelope() {
		// The envelope has its answer already, or needed none: another one would
		// contradict it. The operator sees the refused letter.
		return nil
	}
	_, err = g.answer(ctx, tx, a, r, result, ids...)
	return err
}

// keep writes one letter with everything that follows from its verdict.
func (g *Gateway) keep(ctx context.Context, tx store.Tx, a *store.Arrival, m *medcom.Message, v *verdict) (int64, error) {
	now := g.Now()
	l := &store.Letter{
		Direction: store.In, Status: brevdue.Unread, Arrival: a.ID, Original: a.SHA,
		Format: m.Format, Kind: m.Kind, Envelope: m.Envelope, Body: v.letter,
		Group: v.group, GroupOrder: v.order, Category: v.category, Duty: v.duty,
		Sent: v.sent, Arrived: a.At, Findings: v.findings,
	}
	if v.unit != nil {
		l.Unit = v.unit.GLN
	}
	what, detail, action := "judged", "", "letter.received"
	if v.duty != nil {
		detail = v.duty.Rule
	}
	if v.refusal != nil {
		l.Status, l.Note = brevdue.Refused, v.refusal.Text.String()
		what, detail, action = "refused", string(v.refusal.Code), "letter.refused"
	} else {
		var err error
		if l.Team, err = route(ctx, tx, l); err != nil {
			return 0, err
		}
		if l.Thread, err = threadOf(ctx, tx, l); err != nil {
			return 0, err
		}
	}
	id, err := tx.Letters().InsertLater(ctx, l)
	if err != nil {
		return 0, fmt.Errorf("keep letter: %w", err)
	}
	if err := tx.Letters().AddEvent(ctx, id, store.Event{At: a.At, What: "received", Detail: string(m.Kind) + " · Kuvert " + m.Envelope.ID, SHA: a.SHA}); err != nil {
		return 0, err
	}
	if err := tx.Letters().AddEvent(ctx, id, store.Event{At: now, What: what, Detail: detail}); err != nil {
		return 0, err
	}
	if err := g.note(ctx, tx, action, l.Unit, id, detail); err != nil {
		return 0, err
	}
	if v.refusal != nil {
		tx.Notify(store.TopicOperator)
		return id, nil
	}
	if l.Thread != id {
		if err := tx.Letters().AddEvent(ctx, id, store.Event{At: now, What: "joined", Detail: store.LetterNumber(l.Thread)}); err != nil {
			return 0, err
		}
	}
	if err := g.refer(ctx, tx, id, l.Unit, &l.Body); err != nil {
		return 0, err
	}
	if v.duty != nil && !v.duty.Due.IsZero() {
		if err := tx.Jobs().Add(ctx, store.Reminder(id, *v.duty, now)); err != nil {
			return 0, err
		}
	}
	if l.Team != "" {
		if err := tx.Letters().AddEvent(ctx, id, store.Event{At: now, What: "team", Detail: l.Team}); err != nil {
			return 0, err
		}
	}
	if err := g.answerClosed(ctx, tx, v.unit, l); err != nil {
		return 0, err
	}
	notify(tx, l.Unit)
	return id, nil
}

// threadOf is the thread a letter joins: that of the newest letter with its sender about its
// citizen that has the same number of a course of care. A letter of the legacy formats says
// in no other way what it belongs to; an answer repeats the number (std:xdis91 §8). 0: it
// begins one.
func threadOf(ctx context.Context, tx store.Tx, l *store.Letter) (int64, error) {
	thread, err := tx.Letters().Course(ctx, l.Unit, l.Body.Patient.Citizen(), l.Body.Sender.GLN, l.Body.EpisodeOfCare)
	if errors.Is(err, brevdue.ErrNotFound) {
		return 0, nil
	}
	return thread, err
}

// vansKind is the kind a receipt of the VANSEnvelope is kept under.
func vansKind(k vans.ReceiptKind) brevdue.Kind { return brevdue.Kind(k) }
