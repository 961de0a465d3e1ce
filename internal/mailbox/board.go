package mailbox

import (
	"cmp"
	"context"
	"slices"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// Place is a column of the deadline board.
type Place string

// The columns, the most pressing first.
const (
	PlaceLate  Place = "late"  // its deadline has come or passed
	PlaceSoon  Place = "soon"  // to be read within half an hour, or at once
	PlaceToday Place = "today" // today, or in the shift that is on
	PlaceLater Place = "later"
)

// Places returns the columns in their order.
func Places() []Place { return []Place{PlaceLate, PlaceSoon, PlaceToday, PlaceLater} }

// SoonBefore is how long before its time a letter is pressing.
const SoonBefore = 30 * time.Minute

// Card is an unread letter on the board.
type Card struct {
	store.Row
	Place Place
	// Target is when it is to be read by: the end of the shift it came in while
	// that is ahead, and else its deadline; zero without one.
	Target time.Time
	// ShiftOver says that the shift it came in has ended and the next one has not:
	// expected to be read, not yet late (AGR-604, Amb-13).
	ShiftOver bool
	// ByWay says that it is late only because the way was: counted from its arrival
	// there is time yet (Amb-15).
	ByWay bool
}

// CardOf says where an unread letter stands at a moment.
func CardOf(r store.Row, now time.Time) Card {
	c := Card{Row: r, Place: PlaceLater, Target: r.Due}
	if r.Due.IsZero() {
		return c
	}
	today := !kalender.DayOf(now).Before(kalender.DayOf(r.Due))
	if r.Soft { // aimed for, never owed (AGR-607)
		if today {
			c.Place = PlaceToday
		}
		return c
	}
	if r.Expected.After(now) {
		c.Target = r.Expected
	}
	c.ShiftOver = !r.Expected.IsZero() && !r.Expected.After(now) && r.Due.After(now)
	switch {
	case !r.Due.After(now):
		c.Place, c.ByWay = PlaceLate, r.Fair.After(now)
	case c.ShiftOver || c.Target.Sub(now) <= SoonBefore:
		c.Place = PlaceSoon
	case r.Expected.After(now) || today:
		c.Place = PlaceToday
	}
	return c
}

// Board is the deadline board of a unit (Frister): everything unread by when it is
// to be read.
type Board struct {
	Unit    store.Unit
	Now     time.Time
	Columns map[Place][]Card // each with the first target first
	More    bool             // there is more unread than a board holds; the counts are too low

	Unread, Late, ByWay, ShiftOver int

	// Closes is when the reading window or shift that is on ends, zero when none is
	// on; Shift tells which of them. Before is how many unread letters are to be read
	// until then.
	Closes time.Time
	Shift  bool
	Before int
	Shifts bool // the unit has a rule that reads in shifts
	// NextWindow says when the unit reads next.
	NextWindow, NextWindowEN string

	// ReadToday is how many letters were read today, InTime how many of them before
	// their deadline.
	ReadToday, InTime int
}

// boardRows bounds a board.
const boardRows = 5000

// Board returns the deadline board of a unit as it is now.
func (b *Box) Board(ctx context.Context, p Person, unit brevdue.GLN) (Board, error) {
	var out Board
	err := b.view(ctx, p, func(tx store.Tx) error {
		u, err := b.unitOf(ctx, tx, p, RightRead, unit)
		if err != nil {
			return err
		}
		out, err = b.board(ctx, tx, u)
		return err
	})
	if err != nil {
		return Board{}, err
	}
	b.frame(&out)
	return out, nil
}

// board reads what stands on the board of a unit.
func (b *Box) board(ctx context.Context, tx store.Tx, u store.Unit) (Board, error) {
	now := b.cfg.Now()
	out := Board{Unit: u, Now: now, Columns: map[Place][]Card{}}
	rows, err := tx.Letters().Due(ctx, u.GLN, boardRows+1)
	if err != nil {
		return out, err
	}
	out.More = len(rows) > boardRows
	out.put(rows[:min(len(rows), boardRows)])
	read, err := tx.Letters().Inbox(ctx, u.GLN, store.Query{View: store.ViewReadSince, ReadSince: kalender.DayOf(now).At(0), Limit: boardRows})
	for _, r := range read {
		out.ReadToday++
		if r.Due.IsZero() || r.Soft || r.ReadAt.Before(r.Due) {
			out.InTime++
		}
	}
	return out, err
}

// frame adds what the agreement says about the time the board is in.
func (b *Box) frame(d *Board) {
	if a, ok := b.agreementOf(d.Unit, d.Now); ok && d.Unit.Kind.Known() {
		d.window(a)
	}
}

// put makes cards of the rows and counts them.
func (d *Board) put(rows []store.Row) {
	for _, r := range rows {
		c := CardOf(r, d.Now)
		d.Columns[c.Place] = append(d.Columns[c.Place], c)
		d.Unread++
		switch {
		case c.ByWay:
			d.ByWay++
			d.Late++
		case c.Place == PlaceLate:
			d.Late++
		case c.ShiftOver:
			d.ShiftOver++
		}
	}
	for _, cards := range d.Columns {
		slices.SortStableFunc(cards, func(x, y Card) int {
			return cmp.Or(boolean(x.Target.IsZero(), y.Target.IsZero()), x.Target.Compare(y.Target), x.Arrived.Compare(y.Arrived), cmp.Compare(x.ID, y.ID))
		})
	}
}

// boolean puts false before true.
func boolean(x, y bool) int {
	switch {
	case x == y:
		return 0
	case y:
		return -1
	}
	return 1
}

// window finds what the unit reads in now and how much is to be read before it
// ends. Home care may have two: the shift and, for citizens without services, the
// window of the day. The first to end that something is to be read in counts.
func (d *Board) window(a *aftale.Agreement) {
	d.NextWindow, d.NextWindowEN = a.NextWindow(d.Unit.Kind, d.Unit.Shifts, d.Now)
	day, chosen := kalender.DayOf(d.Now), 0
	for _, rule := range a.RulesOf(d.Unit.Kind) {
		d.Shifts = d.Shifts || rule.Shift
		var ends time.Time
		switch w := rule.Window; {
		case w != nil:
			if open := day.At(w.From); (w.EveryDay || rule.Closed.Hverdag(day)) && !d.Now.Before(open) && d.Now.Before(day.At(w.To)) {
				ends = day.At(w.To)
			}
		case rule.Shift:
			ends = a.Duty(aftale.DutyInput{Receiver: d.Unit.Kind, Sent: d.Now, Arrived: d.Now, Services: aftale.ServicesYes, Shifts: d.Unit.Shifts}).Expected
		}
		if ends.IsZero() {
			continue
		}
		all, ofRule := d.before(ends, rule.Shift)
		if ofRule == 0 && rule.Shift && d.Unit.Services == string(aftale.ServicesNo) {
			continue // no citizen of the unit that anybody knows of is read for in shifts
		}
		if d.Closes.IsZero() || chosen == 0 && ofRule > 0 || ofRule > 0 && ends.Before(d.Closes) {
			d.Closes, d.Shift, d.Before, chosen = ends, rule.Shift, all, ofRule
		}
	}
}

// before counts what is to be read until t and is not late yet: in all, and of that
// what is read for in shifts or in a window.
func (d *Board) before(t time.Time, shift bool) (all, ofRule int) {
	for _, place := range []Place{PlaceSoon, PlaceToday} {
		for _, c := range d.Columns[place] {
			if c.Soft || c.Target.After(t) {
				continue
			}
			all++
			if c.Expected.IsZero() != shift {
				ofRule++
			}
		}
	}
	return all, ofRule
}
