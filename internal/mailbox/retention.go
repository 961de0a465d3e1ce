package mailbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"brevdue"
	"brevdue/internal/store"
)

// The least and the most an auditor writes about why a letter is held.
const (
	shortestHold = 10  // characters
	longestHold  = 500 // characters
)

// whole returns ErrConflict for a letter whose content has gone: there is nothing to
// answer or to send again.
func whole(ctx context.Context, tx store.Tx, letter int64) error {
	_, err := tx.Retention().Cleared(ctx, letter)
	switch {
	case err == nil:
		return fmt.Errorf("the content of letter %d has gone: %w", letter, brevdue.ErrConflict)
	case errors.Is(err, brevdue.ErrNotFound):
		return nil
	}
	return err
}

// wholeLetter is inLetter for what needs the letter's content.
func (b *Box) wholeLetter(ctx context.Context, tx store.Tx, p Person, right Right, gln brevdue.GLN, id int64) (store.Unit, *store.Letter, error) {
	u, l, err := b.inLetter(ctx, tx, p, right, gln, id)
	if err == nil {
		err = whole(ctx, tx, id)
	}
	if err != nil {
		return store.Unit{}, nil, err
	}
	return u, l, nil
}

// kept says on an opened letter whether its content has gone, and whether it is held.
func kept(ctx context.Context, tx store.Tx, o *Opened) error {
	cleared, err := tx.Retention().Cleared(ctx, o.Letter.ID)
	if err == nil {
		o.Cleared, o.CanReply, o.Services = &cleared, false, nil
	} else if !errors.Is(err, brevdue.ErrNotFound) {
		return err
	}
	hold, err := tx.Retention().HoldOf(ctx, o.Letter.ID)
	if err == nil {
		o.Hold = &hold
	} else if !errors.Is(err, brevdue.ErrNotFound) {
		return err
	}
	return nil
}

// Holds lists the letters that are held, the newest hold first. For auditors alone: others
// get ErrForbidden.
func (b *Box) Holds(ctx context.Context, p Person) (out []store.Hold, err error) {
	err = b.view(ctx, p, func(tx store.Tx) (err error) {
		if err := may(p, RightAudit, ""); err != nil {
			return err
		}
		out, err = tx.Retention().Holds(ctx, 0)
		return err
	})
	return out, err
}

// HoldLetter keeps a letter from deletion, whatever the rules say, until ReleaseLetter.
// number is what people read out; [Faults] in the fields "holdletter" and "holdreason".
// For auditors alone: others get ErrForbidden.
func (b *Box) HoldLetter(ctx context.Context, p Person, number, reason string) error {
	reason = oneLine(reason)
	return b.update(ctx, p, func(tx store.Tx) error {
		if err := may(p, RightAudit, ""); err != nil {
			return err
		}
		var faults Faults
		ids, wrong, err := lettersAsked(ctx, tx, AuditFilter{Letter: number})
		if err != nil {
			return err
		}
		var l *store.Letter
		if len(wrong) == 0 && len(ids) == 1 {
			if l, err = tx.Letters().Get(ctx, ids[0]); err != nil && !errors.Is(err, brevdue.ErrNotFound) {
				return err
			}
		}
		if l == nil {
			faults = append(faults, Fault{"holdletter", "Der er intet brev med det nummer.", "There is no letter with that number."})
		}
		if n := utf8.RuneCountInString(reason); n < shortestHold || n > longestHold {
			faults = append(faults, Fault{"holdreason", "Skriv en begrundelse på mindst 10 tegn, uden oplysninger om borgeren.", "Write a reason of at least 10 characters, without facts about the citizen."})
		}
		if len(faults) > 0 {
			return faults
		}
		err = tx.Retention().Hold(ctx, store.Hold{Letter: l.ID, Reason: reason, By: p.Name, At: b.cfg.Now()})
		if errors.Is(err, brevdue.ErrConflict) {
			return Faults{{"holdletter", "Brevet er bevaret allerede.", "The letter is held already."}}
		}
		if err != nil {
			return err
		}
		return b.note(ctx, tx, p, "letter.held", l.Unit, l.ID, strings.TrimSpace(reason))
	})
}

// ReleaseLetter ends a hold; from the next night the rules count again. ErrNotFound when
// there is none. For auditors alone: others get ErrForbidden.
func (b *Box) ReleaseLetter(ctx context.Context, p Person, id int64) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		if err := may(p, RightAudit, ""); err != nil {
			return err
		}
		if err := tx.Retention().Release(ctx, id); err != nil {
			return err
		}
		l, err := tx.Letters().Get(ctx, id)
		if err != nil {
			return err
		}
		return b.note(ctx, tx, p, "letter.unheld", l.Unit, id, "")
	})
}
