package mailbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// Around is what stands around a letter on its page.
type Around struct {
	// Thread is the letter and the others of its thread, by the time they were written,
	// whatever format they came in; nil when it stands alone.
	Thread []Strand
	// Others are the newest other letters about the citizen in the person's units, at most
	// ten.
	Others []Beside
	More   bool // there are others
	// Trust says how far the sender of a received letter is proved; nil for one's own.
	Trust *Trust
}

// Strand is one letter of a thread.
type Strand struct {
	store.Row
	// Letter is the whole letter; nil when it may not be shown here: nobody has read it for
	// the unit, or it is about somebody else.
	Letter *store.Letter
	At     time.Time // when it was written
	Here   bool      // the letter whose page it is
	// Late tells that it came after something that was written later.
	Late bool
	// Forwarded tells that it is a letter of one's own that passes the thread on.
	Forwarded bool
	// Answer counts this among the answers to the letter it answers, from 1; Answers are all
	// of them. Both are 0 for a letter that answers none of the thread.
	Answer, Answers int
}

// Beside is another letter about the citizen.
type Beside struct {
	store.Row
	UnitName               string // "" where it is the same unit's
	StateText, StateTextEN string // of a letter of one's own
}

// besideRows is how many other letters about the citizen a page shows.
const besideRows = 10

// Around gathers the thread of a letter and the other letters about its citizen. It reads
// nothing for the unit: a letter nobody has read comes without its text. What is shown is
// on record.
func (b *Box) Around(ctx context.Context, p Person, unit brevdue.GLN, id int64) (out Around, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.letterOf(ctx, tx, p, RightRead, unit, id)
		if err != nil {
			return err
		}
		out = Around{}
		rows, err := tx.Letters().ThreadOf(ctx, l.Thread, l.Unit)
		if err != nil {
			return err
		}
		if out.Trust, err = b.trust(ctx, tx, l); err != nil {
			return err
		}
		if out.Thread, err = b.thread(ctx, tx, p, l, rows); err != nil {
			return err
		}
		out.Others, out.More, err = b.beside(ctx, tx, p, l, rows)
		return err
	})
	if err != nil {
		return Around{}, err
	}
	return out, nil
}

// thread gathers the letters of a letter's thread in its unit.
func (b *Box) thread(ctx context.Context, tx store.Tx, p Person, l *store.Letter, rows []store.Row) ([]Strand, error) {
	var out []Strand
	for _, r := range rows {
		if r.Direction == store.In && !accepted(r.Status) {
			continue
		}
		of, err := tx.Letters().Get(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		s := Strand{Row: r, At: written(of), Here: r.ID == l.ID, Forwarded: r.Direction == store.Out && r.ReplyTo == 0 && r.ID != l.Thread}
		if of.Body.Patient.Citizen() == l.Body.Patient.Citizen() && (r.Direction == store.Out || !r.ReadAt.IsZero()) {
			s.Letter = of
		}
		out = append(out, s)
	}
	if len(out) < 2 {
		return nil, nil
	}
	slices.SortStableFunc(out, func(x, y Strand) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.ID, y.ID)) })
	countAnswers(out)
	markLate(out)
	for _, s := range out {
		if s.Here || s.Letter == nil {
			continue // its page is on record as such
		}
		if err := b.note(ctx, tx, p, "letter.seen", s.Unit, s.ID, "thread of "+l.Number()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// written is when the newest part of a letter was written: what the part says, or else
// when the letter was sent.
func written(l *store.Letter) time.Time {
	for _, s := range slices.Backward(l.Body.Segments) {
		if s.At == "" {
			continue
		}
		if at, err := kalender.Local(s.At); err == nil {
			return at
		}
	}
	return l.Sent
}

// countAnswers numbers the answers to each letter. What was taken back before it left is
// none.
func countAnswers(thread []Strand) {
	n := map[int64]int{}
	for i := range thread {
		s := &thread[i]
		if s.ReplyTo != 0 && s.Status != brevdue.Withdrawn {
			n[s.ReplyTo]++
			s.Answer = n[s.ReplyTo]
		}
	}
	for i := range thread {
		if thread[i].Answer > 0 {
			thread[i].Answers = n[thread[i].ReplyTo]
		}
	}
}

// markLate marks what came when something written later was here already.
func markLate(thread []Strand) {
	var earliest time.Time // that something written later was here
	for i := len(thread) - 1; i >= 0; i-- {
		s := &thread[i]
		here := s.Sent
		if s.Direction == store.In {
			here = s.Arrived
			s.Late = !earliest.IsZero() && here.After(earliest)
		}
		if earliest.IsZero() || here.Before(earliest) {
			earliest = here
		}
	}
}

// beside are the newest letters about the citizen of a letter outside its thread, in the
// person's units.
func (b *Box) beside(ctx context.Context, tx store.Tx, p Person, l *store.Letter, thread []store.Row) (out []Beside, more bool, err error) {
	citizen := l.Body.Patient.Citizen()
	if citizen == "" {
		return nil, false, nil
	}
	own, err := b.searched(ctx, tx, p, "")
	if err != nil {
		return nil, false, err
	}
	for _, u := range own {
		rows, err := tx.Letters().OfCitizen(ctx, u.GLN, citizen, besideRows+len(thread)+1)
		if err != nil {
			return nil, false, err
		}
		for _, r := range rows {
			if slices.ContainsFunc(thread, func(t store.Row) bool { return t.ID == r.ID }) {
				continue
			}
			o := Beside{Row: r}
			if u.GLN != l.Unit {
				o.UnitName = u.Name
			}
			if r.Direction == store.Out {
				o.StateText, o.StateTextEN = StateText(r.Status)
			}
			out = append(out, o)
		}
	}
	if len(out) == 0 {
		return nil, false, nil
	}
	slices.SortFunc(out, func(x, y Beside) int { return cmp.Compare(y.ID, x.ID) })
	more = len(out) > besideRows
	out = out[:min(len(out), besideRows)]
	var ids []string
	for _, o := range out {
		ids = append(ids, strconv.FormatInt(o.ID, 10))
	}
	return out, more, b.note(ctx, tx, p, "citizen.letters", l.Unit, l.ID, fmt.Sprintf("%d shown: %s", len(ids), strings.Join(ids, " ")))
}
