package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"brevdue"
	"brevdue/internal/queue"
	"brevdue/internal/store"
	"brevdue/medcom"
)

// send hands a queued letter to the network. The attempt is a fact before any
// byte leaves: after a crash the same envelope and the same bytes go out again,
// and the receiver knows them as one letter.
func (g *Gateway) send(ctx context.Context, job store.Job) error {
	attempt, data, kind, err := g.prepare(ctx, job)
	if err != nil {
		return err
	}
	if data == nil {
		return nil // sent already, or answered before we could note it
	}
	if err := g.handOver(ctx, PointHandOver, fileName(kind, attempt.Envelope, data), data, job.Attempts); err != nil {
		return err
	}
	err = g.commit(ctx, PointSent, func(tx store.Tx) error {
		now := g.Now()
		l, err := tx.Letters().Get(ctx, job.Subject)
		if err != nil {
			return err
		}
		latest, err := tx.Attempts().Latest(ctx, job.Subject)
		if err != nil {
			return err
		}
		if latest.N == attempt.N && latest.HandedAt.IsZero() {
			if err := tx.Attempts().MarkHanded(ctx, job.Subject, attempt.N, now); err != nil {
				return err
			}
		}
		if l.Status == brevdue.Queued {
			if err := tx.Letters().Move(ctx, l.ID, brevdue.Queued, brevdue.Sent); err != nil {
				return err
			}
			if err := tx.Letters().AddEvent(ctx, l.ID, store.Event{At: now, What: "sent", Detail: string(kind) + " · Kuvert " + attempt.Envelope, SHA: attempt.SHA}); err != nil {
				return err
			}
			if err := g.note(ctx, tx, "letter.sent", l.Unit, l.ID, "Kuvert "+attempt.Envelope); err != nil {
				return err
			}
			notify(tx, l.Unit)
		}
		return tx.Jobs().Finish(ctx, job.ID)
	})
	if err != nil {
		return fmt.Errorf("note that letter %d was sent: %w", job.Subject, err)
	}
	return queue.ErrFinished
}

// errUnwritable says that a letter cannot be written in any format its receiver
// takes.
var errUnwritable = errors.New("letter cannot be written")

// prepare returns the attempt to hand over, a new one unless one is open. data
// is nil when there is nothing to send.
func (g *Gateway) prepare(ctx context.Context, job store.Job) (attempt store.Attempt, data []byte, kind brevdue.Kind, err error) {
	open := false
	err = g.Store.View(ctx, func(tx store.Tx) error {
		l, err := tx.Letters().Get(ctx, job.Subject)
		if err != nil || l.Status != brevdue.Queued {
			return err
		}
		attempt, open, err = openAttempt(ctx, tx, l.ID)
		if err != nil || !open {
			return err
		}
		kind = l.Kind
		data, err = tx.Originals().Get(ctx, attempt.SHA)
		return err
	})
	if err != nil {
		return attempt, nil, "", fmt.Errorf("send letter %d: %w", job.Subject, err)
	}
	if open {
		return attempt, data, kind, nil
	}

	var bad []brevdue.Finding
	err = g.commit(ctx, PointAttempt, func(tx store.Tx) error {
		l, err := tx.Letters().Get(ctx, job.Subject)
		if err != nil || l.Status != brevdue.Queued {
			return err
		}
		attempt, data, kind, bad, err = g.attempt(ctx, tx, l)
		return err
	})
	if errors.Is(err, errUnwritable) {
		return attempt, nil, "", g.giveUp(ctx, job, bad)
	}
	if err != nil {
		return attempt, nil, "", fmt.Errorf("send letter %d: %w", job.Subject, err)
	}
	return attempt, data, kind, nil
}

// openAttempt returns the newest attempt when it is not known to be handed over.
func openAttempt(ctx context.Context, tx store.Tx, letter int64) (store.Attempt, bool, error) {
	a, err := tx.Attempts().Latest(ctx, letter)
	if isNotFound(err) {
		return store.Attempt{}, false, nil
	}
	return a, err == nil && a.HandedAt.IsZero(), err
}

// attempt records a new try: envelope, bytes, and the job that waits for the
// receipt.
func (g *Gateway) attempt(ctx context.Context, tx store.Tx, l *store.Letter) (a store.Attempt, data []byte, kind brevdue.Kind, bad []brevdue.Finding, err error) {
	latest, err := tx.Attempts().Latest(ctx, l.ID)
	if err != nil && !isNotFound(err) {
		return
	}
	answered, enveloped, err := answers(ctx, tx, l)
	if err != nil {
		return
	}
	kind, err = g.kindFor(ctx, tx, l, answered)
	if err != nil {
		return
	}
	number, err := g.number(ctx, tx, store.SeriesEnvelope)
	if err != nil {
		return
	}
	now := g.Now()
	// A letter is sent when the person sends it: that is the time its deadline was
	// promised for (F13). A later attempt has a time of its own.
	sent := now
	if latest.N == 0 && !l.Sent.IsZero() {
		sent = l.Sent
	}
	m := medcom.Message{Kind: kind, Letters: []brevdue.Letter{l.Body}, Envelope: brevdue.Envelope{
		ID: number, Sent: local(sent), Sender: l.Body.Sender.GLN, Receiver: l.Body.Receiver.GLN, WantsReceipt: true,
	}}
	m.Format = formatOf(kind)
	data, findings := medcom.Encode(m, kind)
	if data == nil || brevdue.HasErrors(findings) {
		return a, nil, kind, findings, errUnwritable
	}
	if g.Network.Wrap || enveloped {
		data = g.wrap(data, kind, versionOf(kind), m.Envelope, l.Body.ID, true)
	}
	sha, err := tx.Originals().Put(ctx, data, now)
	if err != nil {
		return
	}
	a = store.Attempt{Letter: l.ID, N: latest.N + 1, Envelope: number, SHA: sha, At: now}
	if err = tx.Attempts().Add(ctx, a); err != nil {
		return
	}
	if err = tx.Letters().SetSent(ctx, l.ID, m.Envelope, m.Format, kind, sha); err != nil {
		return
	}
	if err = tx.Letters().AddEvent(ctx, l.ID, store.Event{At: now, What: "attempt", Detail: string(kind) + " · Kuvert " + number, SHA: sha}); err != nil {
		return
	}
	err = tx.Jobs().Add(ctx, store.Job{Kind: store.JobAwait, Key: awaitKey(l.ID, a.N), Subject: l.ID, RunAt: now.Add(g.Network.Await), Created: now})
	return a, data, kind, nil, err
}

// giveUp leaves a letter that cannot be written where people see it.
func (g *Gateway) giveUp(ctx context.Context, job store.Job, findings []brevdue.Finding) error {
	var rules []string
	for _, f := range findings {
		if f.Severity == brevdue.SeverityError && !slices.Contains(rules, f.Rule) {
			rules = append(rules, f.Rule)
		}
	}
	err := g.Store.Update(ctx, func(tx store.Tx) error {
		l, err := tx.Letters().Get(ctx, job.Subject)
		if err != nil {
			return err
		}
		if err := g.mustAct(ctx, tx, l, store.TaskUnsent); err != nil {
			return err
		}
		notify(tx, l.Unit)
		tx.Notify(store.TopicOperator)
		return tx.Letters().SetNote(ctx, l.ID, "Brevet kan ikke sendes: "+firstErrors(findings))
	})
	if err != nil {
		return fmt.Errorf("send letter %d: %w", job.Subject, err)
	}
	return queue.GiveUp(fmt.Errorf("%w: %s", errUnwritable, strings.Join(rules, ", ")))
}

// answers returns the letter that l answers, nil when it answers none, and
// whether that one came in a VANSEnvelope.
func answers(ctx context.Context, tx store.Tx, l *store.Letter) (*store.Letter, bool, error) {
	if l.ReplyTo == 0 {
		return nil, false, nil
	}
	answered, err := tx.Letters().Get(ctx, l.ReplyTo)
	if isNotFound(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if answered.Arrival == 0 {
		return answered, false, nil
	}
	a, err := tx.Arrivals().Get(ctx, answered.Arrival)
	if err != nil && !isNotFound(err) {
		return nil, false, err
	}
	return answered, a.VANSID != "", nil
}

// kindFor chooses the kind a letter is sent as: one its receiver takes, and
// among those the one the receiver wrote in itself, then the unit's own choice,
// then XDIS91.
func (g *Gateway) kindFor(ctx context.Context, tx store.Tx, l *store.Letter, answered *store.Letter) (brevdue.Kind, error) {
	var wrote brevdue.Kind
	if answered != nil && answered.Body.Sender.GLN == l.Body.Receiver.GLN {
		wrote = answered.Kind
	}
	unit, err := tx.Units().Get(ctx, l.Unit)
	if err != nil && !isNotFound(err) {
		return "", err
	}
	return g.entry(l.Body.Receiver.GLN).Written(wrote, unit.Sends), nil
}

func formatOf(k brevdue.Kind) brevdue.Format {
	if k == brevdue.DIS91 {
		return brevdue.EDIFACT
	}
	return brevdue.OIOXML
}

func versionOf(k brevdue.Kind) string {
	if k == brevdue.DIS91 {
		return "D9134L"
	}
	return "XD9134L"
}
