package mailbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
	"brevdue/kalender"
	"brevdue/sor"
)

// PromiseFor says what a letter sent at now to a unit of the kind is promised,
// and when that changes within the day (F13). It always has a sentence: where
// nothing can be promised, it says why.
func (b *Box) PromiseFor(kind brevdue.UnitKind, now time.Time) Promise {
	a, _ := b.agreement(now, aftale.Who{}, aftale.Who{Kind: kind})
	return promise(a, "", kind, now)
}

// promise is what an agreement, nil for none, promises between two kinds; from may be
// unknown.
func promise(a *aftale.Agreement, from, to brevdue.UnitKind, now time.Time) Promise {
	switch {
	case a == nil:
		return Promise{Sentence: "Ingen aftale er i kraft; emnet vælges frit, og der kan ikke loves en læsefrist.",
			SentenceEN: "No agreement is in force; the subject is free and no reading deadline can be promised."}
	case !a.Covers(from, to):
		return Promise{Sentence: "Ingen aftale dækker denne modtager; emnet vælges frit, og der er ingen læsefrist. Haster det, så ring.",
			SentenceEN: "No agreement covers this receiver; the subject is free and there is no reading deadline. If it is urgent, call."}
	case !to.Known():
		return Promise{Sentence: "Modtagerens art er ikke kendt, så der kan ikke loves en læsefrist. Haster det, så ring.",
			SentenceEN: "The receiver's kind is not known, so no reading deadline can be promised. If it is urgent, call."}
	}
	at := func(t time.Time) aftale.Promise { return a.Promise(t, aftale.DutyInput{Receiver: to}) }
	p := at(now)
	var out Promise
	out.Sentence, out.SentenceEN = promised(a, p, now)
	if kalender.DayOf(p.Changes) == kalender.DayOf(now) && p.Changes.After(now) {
		out.Changes = p.Changes
		out.NextSentence, out.NextSentenceEN = promised(a, at(p.Changes), now)
	}
	return out
}

// promised is the promise in one short sentence, its words those of a list: "i
// dag kl. 15.00". The whole rule stands on the letter itself.
func promised(a *aftale.Agreement, p aftale.Promise, now time.Time) (da, en string) {
	d := p.Duty
	due, dueEN := kalender.When(d.Due, now), kalender.WhenEN(d.Due, now)
	switch {
	case d.Soft:
		da = fmt.Sprintf("Læses løbende på hverdage; svar kan ventes senest %s (vejledende).", due)
		en = fmt.Sprintf("Read throughout working days; an answer can be expected by %s (a guide).", dueEN)
	case !d.Expected.IsZero():
		da = fmt.Sprintf("Forventes læst senest %s og skal være læst %s.", kalender.When(d.Expected, now), due)
		en = fmt.Sprintf("Expected to be read by %s and due %s.", kalender.WhenEN(d.Expected, now), dueEN)
	case kalender.DayOf(d.Due) == kalender.DayOf(now):
		cutoff := p.Changes.In(kalender.Copenhagen())
		da = fmt.Sprintf("Læses senest %s, når det er afsendt inden kl. %s.", due, cutoff.Format("15.04"))
		en = fmt.Sprintf("Read by %s when sent before %s.", dueEN, cutoff.Format("15:04"))
	default:
		da = fmt.Sprintf("Læses senest %s.", due)
		en = fmt.Sprintf("Read by %s.", dueEN)
	}
	if !d.Soft && kalender.DayOf(now).Before(kalender.DayOf(d.Due)) {
		da += " Haster det, så ring."
		en += " If it is urgent, call."
	}
	ref := fmt.Sprintf(" %s %s (%s).", a.Name, a.Version, d.Rule)
	return da + ref, en + ref
}

// receiverHits is how many hits a search shows.
const receiverHits = 20

// Receivers searches the directory by human words or by location number. The
// unit itself is never among the hits, and none is chosen (AGR-501).
func (b *Box) Receivers(ctx context.Context, p Person, unit brevdue.GLN, words string) ([]Receiver, error) {
	var u store.Unit
	err := b.view(ctx, p, func(tx store.Tx) (err error) {
		u, err = b.unitOf(ctx, tx, p, RightSend, unit)
		return err
	})
	if err != nil {
		return nil, err
	}
	hits := b.cfg.Directory().Search(words, receiverHits+1)
	if exact, ok := b.cfg.Directory().Get(brevdue.GLN(strings.TrimSpace(words))); ok {
		hits = slices.DeleteFunc(hits, func(e sor.Entry) bool { return e.GLN == exact.GLN })
		hits = slices.Insert(hits, 0, exact)
	}
	hits = slices.DeleteFunc(hits, func(e sor.Entry) bool { return e.GLN == unit })
	from := b.unitParty(u)
	var out []Receiver
	for _, e := range hits[:min(receiverHits, len(hits))] {
		r := Receiver{GLN: e.GLN, Name: e.Name, Kind: e.Kind, Place: e.Place, Takes: slices.Clone(e.Takes), Similar: len(b.cfg.Directory().Similar(e)) > 0}
		if a, ok := b.agreement(b.cfg.Now(), from, entryParty(e)); ok {
			r.Reads, r.ReadsEN = a.Reads(e.Kind)
		}
		out = append(out, r)
	}
	return out, nil
}

// categories is the agreement's list for a letter from one kind to the other,
// without the subjects that are for other receivers.
func categories(a *aftale.Agreement, from, to brevdue.UnitKind) []Category {
	if a == nil || !listed(a, from, to) {
		return nil
	}
	return offered(a, func(r aftale.Row) bool { return suits(r, to) })
}

// allCategories is the whole list, for a hospital that has not chosen the
// receiver yet: its form is filled in in any order.
func allCategories(a *aftale.Agreement, from brevdue.UnitKind) []Category {
	if a == nil || !slices.ContainsFunc(brevdue.RegisteredKinds(), func(to brevdue.UnitKind) bool { return listed(a, from, to) }) {
		return nil
	}
	return offered(a, func(aftale.Row) bool { return true })
}

func offered(a *aftale.Agreement, fits func(aftale.Row) bool) []Category {
	var out []Category
	for _, c := range a.Categories() {
		var subjects []Subject
		for _, r := range c.Rows {
			if fits(r) {
				subjects = append(subjects, Subject{Name: r.Subject, Examples: strings.Join(r.Examples, ", "), National: cmp.Or(a.NationalName(r.National), r.National), Note: r.Note, Priority: a.MayPrioritise(r.National)})
			}
		}
		if len(subjects) > 0 {
			out = append(out, Category{Name: c.Name, Subjects: subjects})
		}
	}
	return out
}

// listed tells whether the agreement's list of subjects is for a letter from one
// kind to the other.
func listed(a *aftale.Agreement, from, to brevdue.UnitKind) bool {
	return a.Covers(from, to) && a.HasSubjects(from, to)
}

// suits tells whether the subject is for that kind of receiver.
func suits(r aftale.Row, to brevdue.UnitKind) bool {
	return len(r.Only) == 0 || slices.Contains(r.Only, to)
}
