package mailbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// minWeighing is how many characters a weighing of interests has at least: a word is
// no weighing (AGR-906).
const minWeighing = 20

// tellBy is when on its last day the citizen is to have been told, in minutes after
// midnight: the end of a reading day.
const tellBy = 15 * 60

// bases are the legal bases a letter can have and the one that was chosen
// (AGR-901..907). They are asked for on every letter, also one between parties the
// agreement does not cover: the law is the same.
func (w *writing) bases() (all []aftale.Consent, chosen *aftale.Consent) {
	code := w.d.Basis
	if i := slices.IndexFunc(w.a.Consents, func(c aftale.Consent) bool { return c.Code == code }); code != "" && i >= 0 {
		chosen = &w.a.Consents[i]
	}
	return w.a.Consents, chosen
}

// asksHealth tells whether it is asked if the receiver acts as a health person: the
// bases for treatment are about those, and on the social area it is not a given
// (Amb-23).
func (w *writing) asksHealth(basis *aftale.Consent) bool {
	social := w.to.Kind == brevdue.MunicipalSocial || w.to.Kind == brevdue.RegionalSocial
	return social && basis != nil && basis.Purpose == aftale.PurposeTreatment
}

func (w *writing) judgeBasis(j *judge, q Questions, r *store.Record) {
	if len(q.Bases) == 0 {
		return
	}
	c := q.Basis
	if c == nil {
		j.say("basis", "Vælg, på hvilket grundlag oplysningerne gives videre. Det står ikke i brevet.", "Choose the legal basis for passing the information on. It does not stand in the letter.")
		return
	}
	r.Basis = &store.Basis{Code: c.Code, By: w.person.Name, At: w.now}
	if c.Weighing {
		r.Basis.Weighing = strings.TrimSpace(w.d.Weighing)
		switch n := utf8.RuneCountInString(r.Basis.Weighing); {
		case n < minWeighing:
			j.say("weighing", fmt.Sprintf("Skriv afvejningen: hvorfor modtagerens behov for oplysningerne vejer tungere end borgerens ret til fortrolighed (mindst %d tegn).", minWeighing),
				fmt.Sprintf("Write the weighing: why the receiver's need of the information outweighs the citizen's right to confidentiality (at least %d characters).", minWeighing))
		case n > maxLines:
			j.length("weighing", "Afvejningen", "The weighing", r.Basis.Weighing, maxLines)
		}
	}
	if c.Written {
		r.Basis.Consent = w.written(j)
	}
	if q.AskHealth {
		switch w.d.Health {
		case "yes", "no":
			r.Basis.Health = w.d.Health
		default:
			j.say("health", "Svar, om modtageren handler som sundhedsperson: § 41 gælder videregivelse til sundhedspersoner.", "Say whether the receiver acts as a health person: § 41 is about disclosure to health persons.")
		}
	}
}

// written reads the date of a written consent. It lapses after a year at the latest
// (sundhedsloven § 44): on the same date a year later it is over.
func (w *writing) written(j *judge) string {
	on, ok := j.day("consentdate", w.d.ConsentDate, "Skriv datoen på det skriftlige samtykke.", "Enter the date of the written consent.")
	today := kalender.DayOf(w.now)
	switch {
	case !ok:
		return ""
	case today.Before(on):
		j.say("consentdate", "Samtykket kan ikke være dateret i fremtiden.", "The consent cannot be dated in the future.")
	case !today.Before(lapses(on)):
		j.say("consentdate", "Samtykket er mere end et år gammelt og gælder ikke længere. Indhent et nyt, eller vælg et andet grundlag.", "The consent is more than a year old and has lapsed. Ask for a new one or choose another basis.")
	}
	return on.String()
}

// lapses is the first day a consent given on that day no longer holds. One of 29
// February ends on 1 March a year later, when a year has passed in full.
func lapses(on kalender.Day) kalender.Day {
	return kalender.DayOf(time.Date(on.Year+1, on.Month, on.Date, 12, 0, 0, 0, kalender.Copenhagen()))
}

// addTasks makes tasks of what the basis leaves the unit with: to tell the citizen
// (sundhedsloven §§ 41 and 43), and a consent that will lapse (§ 44).
func (w *writing) addTasks(ctx context.Context, tx store.Tx, letter int64, r *store.Record) error {
	if r == nil || r.Basis == nil {
		return nil
	}
	i := slices.IndexFunc(w.a.Consents, func(c aftale.Consent) bool { return c.Code == r.Basis.Code })
	var tasks []store.Task
	if n := w.a.Consents[i].Inform; n > 0 {
		tasks = append(tasks, store.Task{Kind: store.TaskInform, Due: w.workdays().Add(kalender.DayOf(w.now), n).At(tellBy)})
	}
	if on, err := kalender.ParseDay(r.Basis.Consent); err == nil {
		tasks = append(tasks, store.Task{Kind: store.TaskConsent, Due: lapses(on).At(0)})
	}
	for _, t := range tasks {
		t.Unit, t.Letter, t.At = w.unit.GLN, letter, w.now
		if _, err := tx.Tasks().Add(ctx, t); err != nil {
			return fmt.Errorf("task of a letter: %w", err)
		}
	}
	return nil
}

// basisOf is what the agreement that was in force when a letter was sent calls its
// legal basis; nil when it is not known.
func (b *Box) basisOf(l *store.Letter) *aftale.Consent {
	if l.Record == nil || l.Record.Basis == nil {
		return nil
	}
	p := letterParties(b.cfg.Directory(), l.Body)
	a, ok := b.agreement(l.Sent, p.From, p.To)
	if !ok {
		return nil
	}
	i := slices.IndexFunc(a.Consents, func(c aftale.Consent) bool { return c.Code == l.Record.Basis.Code })
	if i < 0 {
		return nil
	}
	return &a.Consents[i]
}

// workdays are the days off of the writing unit's own kind.
func (w *writing) workdays() kalender.Closed {
	kind := cmp.Or(w.unit.Kind, brevdue.Clinic)
	for _, d := range w.a.Deadlines {
		if d.Kind == kind && !d.Shift {
			return d.Closed
		}
	}
	return kalender.Closed{}
}
