package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/vans"
)

func isNotFound(err error) bool { return errors.Is(err, brevdue.ErrNotFound) }

// settle takes in a receipt: it finds the letter of ours that it answers, by
// the envelope we sent, the letter's number and ourselves as sender
// (std:xdis91 §5.5), and moves it. One that answers nothing is kept for the
// operator and stops nobody.
func (g *Gateway) settle(ctx context.Context, tx store.Tx, a *store.Arrival, r *reading) error {
	rc := r.receipt.Receipt
	a.Findings = r.findings
	l, err := g.answered(ctx, tx, rc.OriginalEnvelope)
	if isNotFound(err) {
		why, _ := refusalFor(rc, "")
		s := &store.StoredReceipt{Direction: store.In, Outcome: rc.Outcome, Kind: r.receipt.Kind, Envelope: r.receipt.Envelope.ID, Other: r.receipt.Envelope.Sender}
		if known, err := g.settleFiles(ctx, tx, a, s, rc.OriginalEnvelope, reasonText(rc.Outcome, why)); known || err != nil {
			return err
		}
		return g.unmatched(ctx, tx, a, "Kvitteringen svarer på en kuvert, der ikke er sendt herfra.")
	}
	if err != nil {
		return err
	}
	why, about := refusalFor(rc, l.Body.ID)
	switch {
	case rc.OriginalSender != "" && rc.OriginalSender != l.Envelope.Sender && rc.OriginalSender != l.Body.Sender.GLN:
		return g.unmatched(ctx, tx, a, "Kvitteringen svarer på en kuvert fra en anden afsender.")
	case !names(rc, l.Body.ID):
		return g.unmatched(ctx, tx, a, "Kvitteringen nævner ikke det brev, der var i kuverten.")
	}
	s := &store.StoredReceipt{Direction: store.In, Outcome: rc.Outcome, Kind: r.receipt.Kind, Envelope: r.receipt.Envelope.ID, Other: r.receipt.Envelope.Sender}
	if !about {
		s.Outcome = brevdue.Positive // accepted beside refused ones
	}
	return g.apply(ctx, tx, a, l, s, rc.OriginalEnvelope, reasonText(s.Outcome, why))
}

// settleNetwork takes in a receipt of the VANSEnvelope. A positive one says that
// the letter arrived, not that it was accepted: the letter goes on waiting for
// its CTL (std:xdis91 §7.4).
func (g *Gateway) settleNetwork(ctx context.Context, tx store.Tx, a *store.Arrival, e *vans.Envelope) error {
	// A receipt normally comes back to the sender, so its receiver is us; some
	// leave the parties unswapped.
	number, ok := vansNumber(vansEnvelope, brevdue.GLN(e.Receiver.ID), e.Receipt.OriginalEnvelope)
	if !ok {
		number, ok = vansNumber(vansEnvelope, brevdue.GLN(e.Sender.ID), e.Receipt.OriginalEnvelope)
	}
	if !ok {
		return g.unmatched(ctx, tx, a, "VANS-kvitteringen svarer på en kuvert, der ikke er sendt herfra.")
	}
	a.Envelope = number
	s := &store.StoredReceipt{Direction: store.In, Outcome: brevdue.Positive, Kind: vansKind(e.Receipt.Kind), Envelope: e.ID, Other: brevdue.GLN(e.Sender.ID)}
	reason := ""
	if e.Receipt.Kind != vans.PositiveMessage {
		s.Outcome = brevdue.Negative
		if e.Receipt.Kind == vans.NegativeVANS {
			s.Outcome = brevdue.NegativeVANS
		}
		text := ""
		if e.Receipt.Error != nil {
			text = e.Receipt.Error.Description
		}
		reason = reasonText(s.Outcome, &brevdue.Refusal{Text: brevdue.PlainText(text)})
	}
	l, err := g.answered(ctx, tx, number)
	if isNotFound(err) {
		if known, err := g.settleFiles(ctx, tx, a, s, number, reason); known || err != nil {
			return err
		}
		return g.unmatched(ctx, tx, a, "VANS-kvitteringen svarer på en kuvert, der ikke er sendt herfra.")
	}
	if err != nil {
		return err
	}
	return g.apply(ctx, tx, a, l, s, number, reason)
}

// answered returns the letter of ours that was sent in the envelope.
func (g *Gateway) answered(ctx context.Context, tx store.Tx, envelope string) (*store.Letter, error) {
	id, err := tx.Attempts().ByEnvelope(ctx, envelope)
	if err != nil {
		return nil, err
	}
	return tx.Letters().Get(ctx, id)
}

func (g *Gateway) unmatched(ctx context.Context, tx store.Tx, a *store.Arrival, reason string) error {
	a.State, a.Reason = store.ArrivalUnmatched, reason
	return g.note(ctx, tx, "receipt.unmatched", a.Receiver, 0, fmt.Sprintf("arrival %d", a.ID))
}

// apply keeps a receipt that answers letter l and moves the letter.
func (g *Gateway) apply(ctx context.Context, tx store.Tx, a *store.Arrival, l *store.Letter, s *store.StoredReceipt, envelope, reason string) error {
	before, err := tx.Receipts().OfLetter(ctx, l.ID)
	if err != nil {
		return err
	}
	for _, b := range before {
		if b.Direction == store.In && b.Kind == s.Kind && b.Envelope == s.Envelope && b.Other == s.Other && b.Outcome == s.Outcome {
			a.State, a.Reason = store.ArrivalDuplicate, "Kvitteringen er modtaget før, for "+l.Number()+"."
			return nil
		}
	}
	s.Original, s.SHA, s.Arrival, s.At = envelope, a.SHA, a.ID, g.Now()
	if s.ID, err = tx.Receipts().Insert(ctx, s); err != nil {
		return fmt.Errorf("keep receipt: %w", err)
	}
	if err := tx.Receipts().Link(ctx, s.ID, l.ID); err != nil {
		return err
	}
	a.State = store.ArrivalOpened

	to, what := brevdue.Delivered, "delivered"
	switch {
	case s.Outcome != brevdue.Positive:
		to, what = brevdue.Rejected, "rejected"
	case s.Kind == vansKind(vans.PositiveMessage):
		to, what = "", "acknowledged"
	}
	detail := string(s.Kind) + " · Kuvert " + s.Envelope
	if err := tx.Letters().AddEvent(ctx, l.ID, store.Event{At: a.At, What: what, Detail: detail, SHA: a.SHA}); err != nil {
		return err
	}
	notify(tx, l.Unit)
	if to == "" {
		return nil
	}
	if err := g.note(ctx, tx, "letter."+what, l.Unit, l.ID, detail); err != nil {
		return err
	}
	return g.advance(ctx, tx, a, l, to, envelope, reason)
}

// advance moves a letter of ours as a receipt for one of its envelopes says.
func (g *Gateway) advance(ctx context.Context, tx store.Tx, a *store.Arrival, l *store.Letter, to brevdue.Status, envelope, reason string) error {
	latest, err := tx.Attempts().Latest(ctx, l.ID)
	if err != nil {
		return err
	}
	current := latest.Envelope == envelope
	switch {
	case l.Status == to:
		return nil
	case to == brevdue.Rejected && !current:
		// An earlier try was refused, and a later one is on its way: the timeline has
		// it, the letter waits for the later answer.
		return nil
	case l.Status == brevdue.Queued && to == brevdue.Rejected && !latest.HandedAt.IsZero():
		return nil // a person is sending it again already
	case l.Status == brevdue.Queued:
		// The receipt overtook our own note that the bytes had left.
		if latest.HandedAt.IsZero() && current {
			if err := tx.Attempts().MarkHanded(ctx, l.ID, latest.N, g.Now()); err != nil {
				return err
			}
		}
		if err := tx.Letters().Move(ctx, l.ID, brevdue.Queued, brevdue.Sent); err != nil {
			return err
		}
		if err := tx.Letters().Move(ctx, l.ID, brevdue.Sent, to); err != nil {
			return err
		}
	case l.Status == brevdue.Sent || l.Status == brevdue.Unconfirmed:
		if err := tx.Letters().Move(ctx, l.ID, l.Status, to); err != nil {
			return err
		}
	default:
		// Delivered and now refused, or the other way round: receivers must not do
		// that (std:xdis91 §5.1). Nothing is undone; people are told.
		a.State = store.ArrivalUnmatched
		a.Reason = "Kvitteringen modsiger en tidligere kvittering for " + l.Number() + "."
		if to == brevdue.Rejected {
			if err := g.mustAct(ctx, tx, l, store.TaskRejected); err != nil {
				return err
			}
			return tx.Letters().SetNote(ctx, l.ID, "Modtageren har først kvitteret for brevet og siden afvist det. "+reason)
		}
		return tx.Letters().SetNote(ctx, l.ID, strings.TrimSpace(l.Note+" Modtageren har siden sendt en positiv kvittering."))
	}
	if err := g.actOn(ctx, tx, l, to); err != nil {
		return err
	}
	return tx.Letters().SetNote(ctx, l.ID, reason)
}

// names tells whether a receipt is about the letter: it names it, or no letter
// at all, which means every letter of the envelope.
func names(rc brevdue.Receipt, letter string) bool {
	if len(rc.Letters) == 0 {
		return true
	}
	for _, l := range rc.Letters {
		if l.ID == letter {
			return true
		}
	}
	return false
}

// refusalFor returns what a receipt says against the letter. The reason may
// stand at the letter or at the envelope. In a negative receipt a letter named
// without a reason beside others that have one was accepted.
func refusalFor(rc brevdue.Receipt, letter string) (why *brevdue.Refusal, refused bool) {
	if rc.Outcome == brevdue.Positive {
		return nil, false
	}
	others := false
	for _, l := range rc.Letters {
		switch {
		case l.ID == letter && l.Refusal != nil:
			return l.Refusal, true
		case l.Refusal != nil:
			others = true
		}
	}
	if rc.Refusal != nil {
		return rc.Refusal, true
	}
	return nil, !others
}

// codeTexts say the refuse codes in plain Danish.
func codeText(code brevdue.RefuseCode) string {
	switch code {
	case brevdue.RefuseUnknownLocation:
		return "modtagerens lokationsnummer er ukendt"
	case brevdue.RefuseReceiverID:
		return "modtagerens nummer kan ikke bruges"
	case brevdue.RefuseVersion:
		return "modtageren kan ikke tage imod denne brevtype eller version"
	case brevdue.RefuseSyntax:
		return "modtageren finder fejl i brevets opbygning"
	}
	return ""
}

// reasonText is the note on a letter that was refused: who refused it and why.
func reasonText(o brevdue.Outcome, why *brevdue.Refusal) string {
	if o == brevdue.Positive {
		return ""
	}
	who := "Afvist af modtageren"
	if o == brevdue.NegativeVANS {
		who = "Afvist af netværket"
	}
	if why == nil {
		return who + " uden begrundelse."
	}
	code, text := codeText(why.Code), strings.TrimSpace(strings.ReplaceAll(why.Text.String(), "\n", " "))
	switch {
	case code != "" && text != "":
		return who + ": " + code + ". " + text
	case code != "":
		return who + ": " + code + "."
	case text != "":
		return who + ": " + text
	}
	return who + " uden begrundelse."
}
