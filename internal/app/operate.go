package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"brevdue"
	"brevdue/internal/audit"
	"brevdue/internal/store"
)

// RetryJob lets a dead or held job run again now; [brevdue.ErrConflict] when there
// is no such job in such a state.
func RetryJob(ctx context.Context, st store.Store, id int64, now time.Time) error {
	return operate(ctx, st, "job.retried", id, now, func(tx store.Tx) error { return tx.Jobs().Release(ctx, id, now) })
}

// HoldJob stops a waiting job until somebody retries it; errors as for [RetryJob].
func HoldJob(ctx context.Context, st store.Store, id int64, now time.Time) error {
	return operate(ctx, st, "job.held", id, now, func(tx store.Tx) error { return tx.Jobs().Hold(ctx, id) })
}

func operate(ctx context.Context, st store.Store, action string, id int64, now time.Time, do func(store.Tx) error) error {
	return st.Update(ctx, func(tx store.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		tx.Notify(store.TopicJobs)
		return audit.Append(ctx, tx, audit.Entry{At: now, Actor: "system", Action: action, Detail: fmt.Sprintf("job %d", id)})
	})
}

// FindLetters finds letters by what people read out on the phone: the archive's
// number (B-000123), the letter's own number (BrevNr) or the envelope's (KuvertNr).
// Numbers of letters that came in are the sender's own, so sender is needed for
// them; for letters that went out it is ignored. Nothing found is an empty list.
func FindLetters(ctx context.Context, st store.Store, number string, sender brevdue.GLN) ([]*store.Letter, error) {
	var found []*store.Letter
	err := st.View(ctx, func(tx store.Tx) error {
		add := func(l *store.Letter, err error) error {
			if err == nil && !slices.ContainsFunc(found, func(f *store.Letter) bool { return f.ID == l.ID }) {
				found = append(found, l)
			}
			if errors.Is(err, brevdue.ErrNotFound) {
				return nil
			}
			return err
		}
		if err := add(tx.Letters().Outgoing(ctx, number)); err != nil {
			return err
		}
		id, err := tx.Attempts().ByEnvelope(ctx, number)
		if err == nil {
			err = add(tx.Letters().Get(ctx, id))
		}
		if err != nil && !errors.Is(err, brevdue.ErrNotFound) {
			return err
		}
		if id, ok := archiveNumber(number); ok {
			if err := add(tx.Letters().Get(ctx, id)); err != nil {
				return err
			}
		}
		if sender == "" {
			return nil
		}
		incoming, err := tx.Letters().Incoming(ctx, sender, number)
		for _, l := range incoming {
			_ = add(l, nil) // which never fails
		}
		return err
	})
	return found, err
}

// archiveNumber reads "B-000123".
func archiveNumber(s string) (int64, bool) {
	var id int64
	if _, err := fmt.Sscanf(s, "B-%d", &id); err != nil || id <= 0 || store.LetterNumber(id) != s {
		return 0, false
	}
	return id, true
}

// auditStep is how many lines of the audit log are read at a time: the archive is free
// between two steps.
const auditStep = 20_000

// VerifyAudit reads the whole audit log and returns how many lines it has and the
// first that does not fit the one before, 0 when it is whole. tell, when it is not nil, is
// called with the number of lines read so far.
func VerifyAudit(ctx context.Context, st store.Store, tell func(lines int64)) (lines, firstBroken int64, err error) {
	var chain *audit.Chain
	for done := false; !done; {
		err := st.View(ctx, func(tx store.Tx) (err error) {
			if chain == nil {
				if chain, err = audit.Begin(ctx, tx); err != nil {
					return err
				}
			}
			done, err = chain.Step(ctx, tx, auditStep)
			return err
		})
		if err != nil {
			return 0, 0, err
		}
		if tell != nil {
			tell(chain.Lines)
		}
	}
	return chain.Lines, chain.Broken, nil
}
