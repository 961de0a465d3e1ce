package mailbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"brevdue"
	"brevdue/internal/store"
)

// GlassFor is how long a letter of another unit can be seen in an emergency.
const GlassFor = time.Hour

// A reason or a review has at least so many characters, and at most so many.
const (
	shortestGlass  = 10
	shortestReview = 3
	longestGlass   = 500
)

// GlassHit is a letter of another unit about the citizen of an emergency: enough to
// choose it, and nothing it says.
type GlassHit struct {
	Number, UnitName string
	Out              bool      // the unit sent it
	At               time.Time // it arrived, or was sent
}

// GlassAsked is what a person asks for in an emergency, as it was typed: one letter by its
// number, or those about a citizen.
type GlassAsked struct {
	Number  string
	Citizen brevdue.CPR
	Reason  string
}

// GlassReview is the auditor's list of emergencies.
type GlassReview struct {
	Waiting, Reviewed []store.Glass // the oldest first; the newest first
	Units             map[brevdue.GLN]string
}

// GlassOn tells whether the installation lets people open a letter of another unit in an
// emergency.
func (b *Box) GlassOn() bool { return b.cfg.Glass }

// glass refuses who may not; where it is switched off there is no such thing.
func (b *Box) glass(p Person) error {
	if !b.cfg.Glass {
		return brevdue.ErrNotFound
	}
	return may(p, RightGlass, "")
}

// BreakGlass opens one letter of another unit to the person for [GlassFor]. It is in the
// audit log with its reason, on the letter's own timeline, an alarm, and waits for an
// auditor. [Faults] in the fields "letter" and "reason"; ErrNotFound where it is off.
func (b *Box) BreakGlass(ctx context.Context, p Person, a GlassAsked) (id int64, err error) {
	a.Reason = oneLine(a.Reason)
	err = b.update(ctx, p, func(tx store.Tx) error {
		if err := b.glass(p); err != nil {
			return err
		}
		faults := glassReason(a.Reason)
		l, err := letterAsked(ctx, tx, a.Number)
		if err != nil {
			return err
		}
		switch {
		case l == nil:
			faults = append(Faults{{"letter", "Der er intet brev med det nummer.", "There is no letter with that number."}}, faults...)
		case p.May(RightRead, l.Unit):
			faults = append(Faults{{"letter", "Brevet er til jeres egen enhed. Åbn det fra indbakken.", "The letter is your own unit's. Open it from the inbox."}}, faults...)
		}
		if len(faults) > 0 {
			return faults
		}
		now := b.cfg.Now()
		g := store.Glass{User: p.ID, Login: p.Login, Name: p.Name, Letter: l.ID, Unit: l.Unit, Reason: a.Reason, At: now, Until: now.Add(GlassFor)}
		if _, err := tx.Glasses().Add(ctx, g); err != nil {
			return err
		}
		if err := tx.Letters().AddEvent(ctx, l.ID, store.Event{At: now, What: "glass", Who: p.Name, Detail: a.Reason}); err != nil {
			return err
		}
		id = l.ID
		tx.Notify(store.TopicLetter(id))
		return b.note(ctx, tx, p, "glass.broken", l.Unit, l.ID, a.Reason)
	})
	if err != nil {
		return 0, err
	}
	b.cfg.Log.WarnContext(ctx, "a letter of another unit was opened in an emergency", "user", p.Login, "letter", id)
	return id, nil
}

// FindGlass lists the letters of other units about a citizen, the newest first, so that
// one of them can be opened. That somebody looked is in the audit log with the reason.
// [Faults] in the fields "cpr" and "reason"; ErrNotFound where it is off.
func (b *Box) FindGlass(ctx context.Context, p Person, a GlassAsked) (hits []GlassHit, err error) {
	a.Reason = oneLine(a.Reason)
	err = b.update(ctx, p, func(tx store.Tx) error {
		hits = nil
		if err := b.glass(p); err != nil {
			return err
		}
		ids, faults, err := lettersAsked(ctx, tx, AuditFilter{Citizen: a.Citizen})
		if err != nil {
			return err
		}
		if faults = append(faults, glassReason(a.Reason)...); len(faults) > 0 {
			return faults
		}
		for i := len(ids) - 1; i >= 0 && len(hits) < searchRows; i-- {
			l, err := tx.Letters().Get(ctx, ids[i])
			if err != nil {
				return err
			}
			if p.May(RightRead, l.Unit) || l.Direction == store.In && !accepted(l.Status) {
				continue
			}
			u, err := tx.Units().Get(ctx, l.Unit)
			if err != nil && !errors.Is(err, brevdue.ErrNotFound) {
				return err
			}
			h := GlassHit{Number: l.Number(), UnitName: u.Name, At: l.Arrived}
			if l.Direction == store.Out {
				h.Out, h.At = true, l.Sent
			}
			hits = append(hits, h)
		}
		return b.note(ctx, tx, p, "glass.searched", "", 0, fmt.Sprintf("%d letters: %s", len(hits), a.Reason))
	})
	return hits, err
}

// glassReason judges a reason: it must say something, and no number of a citizen, as it
// stands in the audit log.
func glassReason(reason string) Faults {
	switch n := utf8.RuneCountInString(strings.TrimSpace(reason)); {
	case n < shortestGlass || n > longestGlass:
		return Faults{{"reason", "Skriv en begrundelse på mindst 10 tegn.", "Write a reason of at least 10 characters."}}
	case len(citizenNumbers(reason)) > 0:
		return Faults{{"reason", "Skriv begrundelsen uden CPR-nummer.", "Write the reason without a CPR number."}}
	}
	return nil
}

// letterAsked is the letter with a number that is in somebody's care; nil when there is
// none.
func letterAsked(ctx context.Context, tx store.Tx, number string) (*store.Letter, error) {
	ids, wrong, err := lettersAsked(ctx, tx, AuditFilter{Letter: number})
	if err != nil || len(wrong) > 0 || len(ids) != 1 {
		return nil, err
	}
	l, err := tx.Letters().Get(ctx, ids[0])
	if errors.Is(err, brevdue.ErrNotFound) || err == nil && l.Direction == store.In && !accepted(l.Status) {
		return nil, nil
	}
	return l, err
}

// openGlass is the emergency in which the person may see a letter now. For whom there is
// none the letter does not exist.
func (b *Box) openGlass(ctx context.Context, tx store.Tx, p Person, letter int64) (store.Glass, error) {
	if err := b.glass(p); err != nil {
		return store.Glass{}, err
	}
	open, err := tx.Glasses().Open(ctx, p.ID, b.cfg.Now())
	if err != nil {
		return store.Glass{}, err
	}
	for _, g := range open {
		if g.Letter == letter {
			return g, nil
		}
	}
	return store.Glass{}, &denied{letter: letter, why: "no emergency is open", as: brevdue.ErrNotFound}
}

// GlassLetter shows a letter of another unit in an emergency. It does not read it for the
// unit, and shows neither the rest of its thread nor the unit's notes. Every look is in
// the audit log with the reason.
func (b *Box) GlassLetter(ctx context.Context, p Person, id int64) (o Opened, g store.Glass, err error) {
	err = b.update(ctx, p, func(tx store.Tx) (err error) {
		if g, err = b.openGlass(ctx, tx, p, id); err != nil {
			return err
		}
		u, err := tx.Units().Get(ctx, g.Unit)
		if err != nil && !errors.Is(err, brevdue.ErrNotFound) {
			return err
		}
		if o, err = b.opened(ctx, tx, store.Unit{}, id); err != nil {
			return err
		}
		o.Unit, o.Notes, o.CanReply = u, nil, false
		return b.note(ctx, tx, p, "glass.seen", g.Unit, id, g.Reason)
	})
	if err != nil {
		return Opened{}, store.Glass{}, err
	}
	return o, g, nil
}

// GlassAttachment is [Box.Attachment] for a letter that was opened in an emergency.
func (b *Box) GlassAttachment(ctx context.Context, p Person, id int64, n int) (name string, data []byte, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		g, err := b.openGlass(ctx, tx, p, id)
		if err != nil {
			return err
		}
		l, err := tx.Letters().Get(ctx, id)
		if err != nil {
			return err
		}
		if name, data, err = b.fileOf(ctx, tx, l, n); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "glass.attachment", g.Unit, id, fmt.Sprintf("attachment %d: %s", n, g.Reason))
	})
	if err != nil {
		return "", nil, err
	}
	return name, data, nil
}

// OpenGlasses are the letters of other units the person may see now, the newest first.
func (b *Box) OpenGlasses(ctx context.Context, p Person) (open []store.Glass, err error) {
	err = b.view(ctx, p, func(tx store.Tx) (err error) {
		if err := b.glass(p); err != nil {
			return err
		}
		open, err = tx.Glasses().Open(ctx, p.ID, b.cfg.Now())
		return err
	})
	return open, err
}

// Glasses lists the emergencies for the auditor, also those from before it was switched
// off. Others get ErrForbidden.
func (b *Box) Glasses(ctx context.Context, p Person) (r GlassReview, err error) {
	err = b.view(ctx, p, func(tx store.Tx) (err error) {
		if err := may(p, RightAudit, ""); err != nil {
			return err
		}
		units, err := tx.Units().List(ctx)
		if err != nil {
			return err
		}
		r.Units = map[brevdue.GLN]string{}
		for _, u := range units {
			r.Units[u.GLN] = u.Name
		}
		if r.Waiting, err = tx.Glasses().Waiting(ctx, 0); err != nil {
			return err
		}
		r.Reviewed, err = tx.Glasses().Reviewed(ctx, 20)
		return err
	})
	return r, err
}

// ReviewGlass keeps what an auditor found about an emergency; the alarm is over when the
// last one has been reviewed. Nobody reviews their own. [Faults] in the field "review-ID";
// ErrConflict when it was reviewed already. Others than auditors get ErrForbidden.
func (b *Box) ReviewGlass(ctx context.Context, p Person, id int64, review string) error {
	review = strings.TrimSpace(oneLine(review))
	return b.update(ctx, p, func(tx store.Tx) error {
		if err := may(p, RightAudit, ""); err != nil {
			return err
		}
		g, err := tx.Glasses().Get(ctx, id)
		if err != nil {
			return err
		}
		field := fmt.Sprintf("review-%d", id)
		switch n := utf8.RuneCountInString(review); {
		case g.User == p.ID:
			return Faults{{field, "Din egen nødadgang skal en anden gennemgå.", "Your own emergency access must be reviewed by somebody else."}}
		case n < shortestReview || n > longestGlass:
			return Faults{{field, "Skriv, hvad du fandt.", "Write what you found."}}
		case len(citizenNumbers(review)) > 0:
			return Faults{{field, "Skriv det uden CPR-nummer.", "Write it without a CPR number."}}
		}
		if err := tx.Glasses().Review(ctx, id, p.Name, review, b.cfg.Now()); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "glass.reviewed", g.Unit, g.Letter, review)
	})
}
