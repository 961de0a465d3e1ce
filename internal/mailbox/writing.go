package mailbox

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
	"brevdue/kalender"
	"brevdue/sor"
)

// writing is one letter being written, with all that decides what the agreement asks
// about it. The form shows its questions and the judge checks the same questions, so
// that nothing is asked without being checked, or checked without being asked.
type writing struct {
	a        *aftale.Agreement // the one in force; nil: none
	now      time.Time
	person   Person
	unit     store.Unit
	to       sor.Entry     // of the receiver; its GLN is "" until there is one
	answered *store.Letter // nil for a new letter
	citizen  brevdue.CPR   // "" until it is known
	episode  brevdue.EpisodeStatus
	row      aftale.Sorted // what the subject sorts to
	d        Draft
	// forwarded is the letter that is forwarded, with what may go along; nil for none.
	forwarded *Forward
	own       []OwnFile         // added to the draft
	phrases   []store.Phrase    // the unit's own texts
	files     []store.Enclosure // that go along, once composed

	// What the archive says.
	arrangements []store.Arrangement // in use between the two, this citizen's first
	away         []store.Closed
	rounds       int
	basis        string // of the unit's last letter in the thread
}

// writing gathers what decides about a draft.
func (b *Box) writing(ctx context.Context, tx store.Tx, p Person, u store.Unit, d Draft, answered *store.Letter) (*writing, error) {
	w := &writing{now: b.cfg.Now(), person: p, unit: u, answered: answered, d: d, episode: d.Episode}
	subject := oneLine(d.Subject)
	if answered == nil {
		w.to, _ = b.cfg.Directory().Get(d.Receiver)
		if err := b.forward(ctx, tx, w); err != nil {
			return nil, err
		}
		if w.forwarded != nil {
			patient := w.forwarded.Letter.Body.Patient
			w.citizen, w.episode = patient.Citizen(), cmp.Or(d.Episode, patient.Episode)
		} else if number := citizenNumber(d.CPR); tenCharacters(number) {
			w.citizen = brevdue.CPR(number)
		}
	} else {
		gln := answerTo(answered)
		w.to, _ = b.cfg.Directory().Get(gln)
		w.to.GLN = gln
		w.citizen = answered.Body.Patient.Citizen()
		w.episode = cmp.Or(d.Episode, answered.Body.Patient.Episode)
		subject = cmp.Or(subject, answered.Group, answered.Body.Subject)
	}
	w.row = aftale.Sorted{Matched: aftale.MatchNone, Row: -1}
	if a, ok := b.agreement(w.now, b.unitParty(u), entryParty(w.to)); ok {
		w.a, w.row = a, a.SortSubject(subject)
	}
	if err := w.lookForFiles(ctx, tx); err != nil {
		return nil, err
	}
	var err error
	if w.phrases, err = tx.UnitFacts().Phrases(ctx, u.GLN); err != nil {
		return nil, err
	}
	return w, w.look(ctx, tx)
}

// look asks the archive what matters for the letter.
func (w *writing) look(ctx context.Context, tx store.Tx) (err error) {
	if w.to.GLN == "" {
		return nil
	}
	if w.away, err = tx.UnitFacts().Closed(ctx, w.to.GLN, kalender.DayOf(w.now).String()); err != nil {
		return err
	}
	soon := kalender.DayOf(w.now).Add(awayAhead).String()
	w.away = slices.DeleteFunc(w.away, func(c store.Closed) bool { return c.From > soon })
	if w.answered != nil {
		return w.lookBack(ctx, tx)
	}
	all, err := tx.UnitFacts().Arrangements(ctx, w.unit.GLN, w.to.GLN)
	today := kalender.DayOf(w.now).String()
	for _, a := range all {
		if (a.Citizen == "" || a.Citizen == w.citizen) && (a.Until == "" || a.Until >= today) {
			w.arrangements = append(w.arrangements, a)
		}
	}
	slices.SortStableFunc(w.arrangements, func(x, y store.Arrangement) int { return cmp.Compare(y.Citizen.Reveal(), x.Citizen.Reveal()) })
	return err
}

// lookBack reads the thread of the letter answered.
func (w *writing) lookBack(ctx context.Context, tx store.Tx) error {
	thread, err := tx.Letters().ThreadOf(ctx, w.answered.Thread, w.unit.GLN)
	if err != nil {
		return err
	}
	in, out := 0, 0
	var last int64
	for _, r := range thread {
		if r.Direction == store.In {
			in++
			continue
		}
		out++
		last = r.ID
	}
	w.rounds = min(in, out)
	if last == 0 {
		return nil
	}
	l, err := tx.Letters().Get(ctx, last)
	if err == nil && l.Record != nil && l.Record.Basis != nil {
		w.basis = l.Record.Basis.Code
	}
	return err
}

// awayAhead is how many days ahead a receiver's time away is shown.
const awayAhead = 7

// covered tells whether the agreement is about letters between the two.
func (w *writing) covered() bool {
	return w.a != nil && w.to.GLN != "" && w.a.Covers(w.unit.Kind, w.to.Kind)
}

// questions are what the agreement asks about the letter as it is.
func (w *writing) questions() Questions {
	q := Questions{}
	if w.a == nil {
		return q
	}
	q.Standards, q.Standard = w.standards()
	q.Start = w.start()
	q.Discharge, q.Phone = w.discharge()
	q.AfterPhone = w.afterPhone()
	q.CallNeeded = q.Phone != nil && q.Phone.Required || w.mustCall() && w.d.AfterPhoneReason == ""
	q.Bases, q.Basis = w.bases()
	q.AskHealth = w.asksHealth(q.Basis)
	q.Priority = w.a.MayPrioritise(w.row.National)
	if w.covered() {
		q.Schemes = w.a.Schemes
		if w.to.Kind == brevdue.GP || w.unit.Kind == brevdue.GP {
			q.FeeCode = w.a.FeeCode
		}
	}
	if w.row.Row >= 0 && listed(w.a, w.unit.Kind, w.to.Kind) {
		q.Note = w.a.Rows[w.row.Row].Note
	}
	return q
}

// answers checks what was answered and returns what the unit keeps about it.
func (w *writing) answers(j *judge) *store.Record {
	r := &store.Record{}
	q := w.questions()
	w.judgeStandard(j, q, r)
	w.judgeStart(j, q, r)
	w.judgeDischarge(j, q, r)
	w.judgeCall(j, q, r)
	w.judgeBasis(j, q, r)
	w.judgePriority(j, q)
	for _, h := range w.hints() {
		r.Overruled = append(r.Overruled, h.Code)
	}
	if reflect.ValueOf(*r).IsZero() {
		return nil
	}
	return r
}

// judgePriority refuses a priority where the subject has none (F22).
func (w *writing) judgePriority(j *judge, q Questions) {
	if w.d.Priority == brevdue.HighPriority && !q.Priority {
		j.say("priority", "Prioritet kan kun gives til emner, hvor aftalen tillader det (Vedr. henvisning). Haster det, så ring.",
			"A priority can only be given to subjects for which the agreement allows it (Vedr. henvisning). If it is urgent, call.")
	}
}
