package torture

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/internal/audit"
	"brevdue/internal/store"
	"brevdue/receipt"
)

// evidence is what one side left behind, read from its archive.
type evidence struct {
	name    string
	out, in map[string][]*store.Letter       // by number; in only what was accepted
	open    map[int64]bool                   // letters with an open task
	answers map[int64][]*store.StoredReceipt // of letters that came in
	known   map[string]bool                  // bytes of receipts and attempts that the archive has
	accepts map[string]bool                  // bytes of positive receipts for accepted letters
	tokens  map[string]bool                  // forms that were sent
	chain   int64                            // where the audit chain is broken; 0: whole
}

// judge holds both archives and the log of the wire against each other.
func (t *torture) judge(ctx context.Context) error {
	if t.wire.fault != nil {
		return fmt.Errorf("the wire itself failed: %w", t.wire.fault)
	}
	var found [2]*evidence
	for i, n := range t.nodes {
		st, err := app.OpenArchive(ctx, n.config)
		if err != nil {
			return err
		}
		found[i], err = gather(ctx, st, sides[i], n.said)
		if err := errors.Join(err, st.Close()); err != nil {
			return err
		}
	}
	t.report.Files = len(t.wire.log)
	for _, s := range t.wire.log {
		t.report.Fates[s.fate]++
	}
	for i, e := range found {
		t.report.Letters += len(t.nodes[i].said)
		for _, letters := range e.out {
			for _, l := range letters {
				t.report.Ends[string(l.Status)]++
			}
		}
		broken, unseen := promises(e, found[1-i], t.nodes[i].said, t.wire.damaged)
		t.report.Unseen += unseen
		t.report.Broken = append(t.report.Broken, broken...)
		t.report.Broken = append(t.report.Broken, wirePromises(e, i, t.wire.log)...)
	}
	slices.Sort(t.report.Broken)
	return nil
}

// gather reads an archive.
func gather(ctx context.Context, st store.Store, name string, said map[string]bool) (*evidence, error) {
	e := &evidence{name: name, out: map[string][]*store.Letter{}, in: map[string][]*store.Letter{}, open: map[int64]bool{}, answers: map[int64][]*store.StoredReceipt{},
		known: map[string]bool{}, accepts: map[string]bool{}, tokens: map[string]bool{}}
	return e, st.View(ctx, func(tx store.Tx) (err error) {
		total, err := tx.Letters().Total(ctx)
		if err != nil {
			return err
		}
		for id, seen := int64(1), 0; seen < total; id++ { // ids may have gaps
			l, err := tx.Letters().Get(ctx, id)
			if errors.Is(err, brevdue.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			seen++
			if err := e.take(ctx, tx, l); err != nil {
				return err
			}
		}
		if _, e.chain, err = audit.Verify(ctx, tx); err != nil {
			return err
		}
		return nil
	})
}

// take reads what the archive has about a letter.
func (e *evidence) take(ctx context.Context, tx store.Tx, l *store.Letter) error {
	receipts, err := tx.Receipts().OfLetter(ctx, l.ID)
	if err != nil {
		return err
	}
	for _, r := range receipts {
		if r.Direction == store.Out {
			e.known[r.SHA] = true
		}
	}
	if l.Direction == store.Out {
		e.out[l.Body.ID] = append(e.out[l.Body.ID], l)
		tasks, err := tx.Tasks().OfLetter(ctx, l.ID)
		if err != nil {
			return err
		}
		for _, t := range tasks {
			e.open[l.ID] = e.open[l.ID] || t.DoneAt.IsZero()
		}
		return nil
	}
	if l.Status == brevdue.Refused {
		return nil
	}
	e.in[l.Body.ID] = append(e.in[l.Body.ID], l)
	for _, r := range receipts {
		if r.Direction != store.Out {
			continue
		}
		e.answers[l.ID] = append(e.answers[l.ID], r)
		if r.Outcome == brevdue.Positive {
			e.accepts[r.SHA] = true
		}
	}
	return nil
}

// promises are the promises a sender made, held against what the receiver has.
//
// A letter that the network damaged so that it still is a valid one is a letter of its
// own: no standard of letters has a check sum, and nobody can see it. damaged tells
// such a file by its bytes; unseen counts them.
func promises(from, to *evidence, said map[string]bool, damaged func(sha string) bool) (broken []string, unseen int) {
	say := func(format string, args ...any) {
		broken = append(broken, from.name+": "+fmt.Sprintf(format, args...))
	}
	if from.chain != 0 {
		say("the chain of the audit log is broken at entry %d", from.chain)
	}
	if n := len(from.out); n < len(said) {
		say("%d people were told that a letter is on its way, and %d letters are there", len(said), n)
	}
	texts := map[string]int{}
	for number, letters := range from.out {
		if len(letters) > 1 {
			say("%d letters have the number %s", len(letters), number)
		}
		l := letters[0]
		texts[textOf(l)]++
		all := to.in[number]
		there := slices.DeleteFunc(slices.Clone(all), func(in *store.Letter) bool { return damaged(in.Original) })
		unseen += len(all) - len(there)
		switch {
		case len(there) > 1:
			say("letter %s is %d times in an inbox", number, len(there))
		case len(there) == 1 && textOf(there[0]) != textOf(l):
			say("letter %s says something else than was written", number)
		}
		switch l.Status {
		case brevdue.Delivered:
			if len(all) == 0 {
				say("letter %s is delivered, and nobody has it", number)
			}
		case brevdue.Rejected, brevdue.Unconfirmed:
			if !from.open[l.ID] {
				say("letter %s is %s, and nobody has the task", number, l.Status)
			}
		default:
			if !from.open[l.ID] {
				say("letter %s is %s for good, and nobody has the task", number, l.Status)
			}
		}
	}
	for text, n := range texts {
		if n > 1 {
			say("one letter went out %d times: %.40q", n, text)
		}
	}
	for number, letters := range from.in {
		for _, l := range letters {
			if len(to.out[number]) == 0 && !damaged(l.Original) {
				say("letter %s came from nobody", number)
			}
			if !l.Envelope.WantsReceipt && damaged(l.Original) {
				continue // what was damaged was the wish for a receipt; its sender has the task
			}
			if !slices.ContainsFunc(from.answers[l.ID], func(r *store.StoredReceipt) bool { return r.Outcome == brevdue.Positive && !r.HandedAt.IsZero() }) {
				say("letter %s was accepted, and no receipt was handed over", number)
			}
		}
	}
	return broken, unseen
}

// textOf is what a person wrote.
func textOf(l *store.Letter) string {
	var parts []string
	for _, s := range l.Body.Segments {
		for _, t := range s.Texts {
			parts = append(parts, t.String())
		}
	}
	return strings.Join(parts, "\n")
}

// wirePromises holds what a side handed to the network against its archive.
func wirePromises(e *evidence, side int, log []sent) (broken []string) {
	for _, s := range log {
		if s.side != side {
			continue
		}
		m, findings := receipt.Read(s.data)
		if brevdue.HasErrors(findings) || !m.Kind.IsReceipt() || m.Receipt.Outcome != brevdue.Positive {
			continue
		}
		if !e.accepts[s.sha] {
			broken = append(broken, fmt.Sprintf("%s: a positive receipt for envelope %s went out, and no letter that was accepted has it", e.name, m.Receipt.OriginalEnvelope))
		}
	}
	return broken
}
