package mailbox_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// simulated is a letter of the simulated day and when it is read.
type simulated struct {
	id       int64
	duty     brevdue.Duty
	arrived  time.Time
	read     time.Time // zero: never
	services aftale.Services
}

// keep inserts letters with the engine's duty, as the gateway does.
func (w *world) keep(unit brevdue.GLN, kind brevdue.UnitKind, shifts []int, letters []simulated, sent []time.Time) {
	w.t.Helper()
	w.update(func(tx store.Tx) error {
		for i := range letters {
			s := &letters[i]
			a, _ := w.book.At(sent[i], aftale.Parties{})
			s.duty = a.Judged(aftale.DutyInput{Receiver: kind, Sent: sent[i], Arrived: s.arrived, Services: s.services, Shifts: shifts})
			l := &store.Letter{Direction: store.In, Unit: unit, Status: brevdue.Unread, Sent: sent[i], Arrived: s.arrived, Group: "Medicin", Duty: &s.duty,
				Body: brevdue.Letter{ID: fmt.Sprintf("%s-%d", unit, i), Subject: "Medicin", Patient: brevdue.Patient{CPR: testCPR, Surname: "Mosebryggersen"}}}
			var err error
			if s.id, err = tx.Letters().Insert(w.ctx, l); err != nil {
				return err
			}
		}
		return nil
	})
}

// F57, AGR-604, Amb-13, Amb-15: at every minute of a day the board counts what the
// engine's duties say, read letters are gone at once, and the menu's number of late
// letters is the board's. The oracle is written in wall-clock terms of its own.
func TestBoardCountsEqualTheEngineAtEveryMinute(t *testing.T) {
	for _, c := range []struct {
		unit   brevdue.GLN
		kind   brevdue.UnitKind
		person mailbox.Person
		shifts []int
		from   int // hours
		to     int
	}{
		{clinic, brevdue.Clinic, anne(), nil, 13, 16}, // around the end of its window
		{homecare, brevdue.MunicipalHealth, bo(), []int{7 * 60, 15 * 60, 23 * 60}, 0, 24},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			w := newWorld(t)
			rng := rand.New(rand.NewPCG(7, 11))
			start := tuesday(0, 0, 0)
			letters, sent := make([]simulated, 60), make([]time.Time, 60)
			for i := range letters {
				sent[i] = start.Add(time.Duration(rng.IntN(60*24*60)-36*60*60) * time.Second).Truncate(time.Minute)
				letters[i].arrived = sent[i]
				if rng.IntN(4) == 0 { // the way ate hours
					letters[i].arrived = sent[i].Add(time.Duration(rng.IntN(20*60)) * time.Minute)
				}
				letters[i].services = []aftale.Services{aftale.ServicesYes, aftale.ServicesNo, aftale.ServicesUnknown}[rng.IntN(3)]
				if rng.IntN(3) > 0 {
					letters[i].read = letters[i].arrived.Add(time.Duration(rng.IntN(24*60)) * time.Minute)
				}
			}
			w.at(start)
			w.keep(c.unit, c.kind, c.shifts, letters, sent)
			for minute := c.from * 60; minute < c.to*60; minute++ {
				now := start.Add(time.Duration(minute) * time.Minute)
				w.at(now)
				want := map[mailbox.Place]int{}
				byWay, shiftOver, unread := 0, 0, 0
				for i := range letters {
					l := &letters[i]
					if !l.read.IsZero() && !l.read.After(now) {
						if _, err := w.box.Open(w.ctx, c.person, c.unit, l.id); err != nil {
							t.Fatal(err)
						}
						l.read = now.AddDate(1, 0, 0)
						l.duty = brevdue.Duty{}
					}
					if l.duty.Rule == "" {
						continue
					}
					unread++
					place, over := oracle(l.duty, now)
					want[place]++
					if over {
						shiftOver++
					}
					if place == mailbox.PlaceLate && now.Before(l.duty.Fair) {
						byWay++
					}
				}
				board, err := w.box.Board(w.ctx, c.person, c.unit)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range mailbox.Places() {
					if got := len(board.Columns[p]); got != want[p] {
						t.Fatalf("%s: %d cards in %q, the engine says %d", now.Format("15:04"), got, p, want[p])
					}
				}
				counts, err := w.box.CountsFor(w.ctx, c.person)
				if err != nil {
					t.Fatal(err)
				}
				got := []int{board.Unread, board.Late, board.ByWay, board.ShiftOver, counts[c.unit].Late, counts[c.unit].Unread, counts[c.unit].ByWay}
				if all := []int{unread, want[mailbox.PlaceLate], byWay, shiftOver, want[mailbox.PlaceLate], unread, byWay}; !slices.Equal(got, all) {
					t.Fatalf("%s: unread, late, by way, shift over, late, unread and by way in the menu: %v, the engine says %v", now.Format("15:04"), got, all)
				}
			}
		})
	}
}

// oracle says from the duty alone where a letter stands: it looks at minutes left
// and at the date on the wall.
func oracle(d brevdue.Duty, now time.Time) (place mailbox.Place, shiftOver bool) {
	left := int(d.Due.Sub(now) / time.Minute)
	date := func(t time.Time) string { return t.In(kalender.Copenhagen()).Format("20060102") }
	if d.Expected.IsZero() {
		switch {
		case left <= 0:
			return mailbox.PlaceLate, false
		case left <= 30:
			return mailbox.PlaceSoon, false
		case date(d.Due) == date(now):
			return mailbox.PlaceToday, false
		}
		return mailbox.PlaceLater, false
	}
	inShift := int(d.Expected.Sub(now) / time.Minute)
	switch {
	case left <= 0:
		return mailbox.PlaceLate, false
	case inShift <= 0:
		return mailbox.PlaceSoon, true
	case inShift <= 30:
		return mailbox.PlaceSoon, false
	}
	return mailbox.PlaceToday, false // the shift that is on
}

// AGR-601..607, Amb-13, Amb-15: where single letters stand, at the second.
func TestCardOf(t *testing.T) {
	now := tuesday(14, 0, 0)
	in := func(d time.Duration) time.Time { return now.Add(d) }
	for _, c := range []struct {
		name        string
		row         store.Row
		place       mailbox.Place
		over, byWay bool
	}{
		{"no deadline", store.Row{}, mailbox.PlaceLater, false, false},
		{"at the deadline", store.Row{Due: now}, mailbox.PlaceLate, false, false},
		{"a second before it", store.Row{Due: in(time.Second)}, mailbox.PlaceSoon, false, false},
		{"half an hour before it", store.Row{Due: in(30 * time.Minute)}, mailbox.PlaceSoon, false, false},
		{"a second more", store.Row{Due: in(30*time.Minute + time.Second)}, mailbox.PlaceToday, false, false},
		{"late at night today", store.Row{Due: tuesday(23, 59, 0)}, mailbox.PlaceToday, false, false},
		{"tomorrow", store.Row{Due: tuesday(24, 0, 0)}, mailbox.PlaceLater, false, false},
		{"this shift, next one ends tomorrow", store.Row{Expected: in(time.Hour), Due: in(9 * time.Hour)}, mailbox.PlaceToday, false, false},
		{"the shift ends soon", store.Row{Expected: in(20 * time.Minute), Due: in(8 * time.Hour)}, mailbox.PlaceSoon, false, false},
		{"the shift has ended", store.Row{Expected: now, Due: in(8 * time.Hour)}, mailbox.PlaceSoon, true, false},
		{"the next has ended, too", store.Row{Expected: in(-8 * time.Hour), Due: now}, mailbox.PlaceLate, false, false},
		{"a guide that has passed", store.Row{Soft: true, Due: in(-24 * time.Hour)}, mailbox.PlaceToday, false, false},
		{"a guide for later", store.Row{Soft: true, Due: in(48 * time.Hour)}, mailbox.PlaceLater, false, false},
		{"late by the way", store.Row{Due: in(-time.Hour), Fair: in(time.Hour)}, mailbox.PlaceLate, false, true},
		{"the reader is late as well", store.Row{Due: in(-2 * time.Hour), Fair: in(-time.Hour)}, mailbox.PlaceLate, false, false},
	} {
		if got := mailbox.CardOf(c.row, now); got.Place != c.place || got.ShiftOver != c.over || got.ByWay != c.byWay {
			t.Errorf("%s: %s, shift over %t, by way %t; want %s, %t, %t", c.name, got.Place, got.ShiftOver, got.ByWay, c.place, c.over, c.byWay)
		}
	}
}

// The line above the board: when the window closes and how much is to be read
// until then.
func TestBoardWindow(t *testing.T) {
	w := newWorld(t)
	for _, h := range []int{9, 10} {
		w.at(tuesday(h, 0, 0))
		w.arrive(incoming{})
	}
	w.at(tuesday(14, 35, 0))
	w.arrive(incoming{sent: tuesday(14, 34, 0)}) // after the cut-off: tomorrow's
	for _, c := range []struct {
		at     time.Time
		closes time.Time
		before int
	}{
		{tuesday(7, 59, 0), time.Time{}, 0},
		{tuesday(14, 35, 0), tuesday(15, 0, 0), 2},
		{tuesday(15, 0, 0), time.Time{}, 0},
		{tuesday(24+8, 0, 0), tuesday(24+15, 0, 0), 1},
		{tuesday(4*24+10, 0, 0), time.Time{}, 0}, // Saturday
	} {
		w.at(c.at)
		b, err := w.box.Board(w.ctx, anne(), clinic)
		if err != nil || !b.Closes.Equal(c.closes) || b.Before != c.before || b.Shift {
			t.Errorf("at %s: closes %s with %d before, shift %t, %v; want %s with %d", c.at, b.Closes, b.Before, b.Shift, err, c.closes, c.before)
		}
		if b.NextWindow == "" {
			t.Errorf("at %s: no next window", c.at)
		}
	}
	// Home care that serves its citizens reads in shifts, day and night.
	w.update(func(tx store.Tx) error {
		u, err := tx.Units().Get(w.ctx, homecare)
		u.Services, u.Shifts = "yes", []int{7 * 60, 15 * 60, 23 * 60}
		return cmpErr(err, tx.Units().Put(w.ctx, u))
	})
	w.at(tuesday(22, 18, 0))
	b, err := w.box.Board(w.ctx, bo(), homecare)
	if err != nil || !b.Closes.Equal(tuesday(23, 0, 0)) || !b.Shift {
		t.Errorf("closes %s, shift %t, %v", b.Closes, b.Shift, err)
	}
}

func cmpErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// What was read today, and in time, is told when nothing is left.
func TestBoardTellsWhatWasReadToday(t *testing.T) {
	w := newWorld(t)
	first, second := w.arrive(incoming{}), w.arrive(incoming{sent: tuesday(-24, 0, 0)})
	for _, id := range []int64{first, second} { // the second is a day late
		if _, err := w.box.Open(w.ctx, anne(), clinic, id); err != nil {
			t.Fatal(err)
		}
	}
	b, err := w.box.Board(w.ctx, anne(), clinic)
	if err != nil || b.Unread != 0 || b.ReadToday != 2 || b.InTime != 1 {
		t.Errorf("%d unread, %d read, %d in time, %v", b.Unread, b.ReadToday, b.InTime, err)
	}
}

// F57: a hand-over gives everything unread to one person, says so on every letter,
// and is taken back in one step; what somebody moved since stays.
func TestHandOver(t *testing.T) {
	w := newWorld(t)
	a, b, read := w.arrive(incoming{}), w.arrive(incoming{}), w.arrive(incoming{status: brevdue.Read})
	person := clara()
	if _, err := w.box.Take(w.ctx, anne(), clinic, a); err != nil {
		t.Fatal(err)
	}
	taken, err := w.box.TakeAll(w.ctx, person, clinic)
	if err != nil || taken.Letters != 2 || taken.Token == "" {
		t.Fatalf("%+v, %v", taken, err)
	}
	if again, err := w.box.TakeAll(w.ctx, person, clinic); err != nil || again.Letters != 0 || again.Token != "" {
		t.Errorf("again: %+v, %v", again, err)
	}
	for id, want := range map[int64]string{a: "Clara Prøve", b: "Clara Prøve", read: ""} {
		if l := w.letter(id); l.AssignedName != want || l.Status == brevdue.Unread && !l.ReadAt.IsZero() {
			t.Errorf("letter %d has %q, read at %s", id, l.AssignedName, l.ReadAt)
		}
	}
	w.view(func(tx store.Tx) error {
		events, err := tx.Letters().Events(w.ctx, a)
		if last := events[len(events)-1]; last.What != "assigned" || last.Who != "Clara Prøve" || last.Detail != "Før: Anne Prøve" {
			t.Errorf("timeline %+v", last)
		}
		return err
	})
	if _, err := w.box.Leave(w.ctx, anne(), clinic, b); err != nil { // somebody gives one back meanwhile
		t.Fatal(err)
	}
	if err := w.box.Undo(w.ctx, anne(), clinic, taken.Token); !is(err, brevdue.ErrConflict) {
		t.Errorf("another person's undo: %v", err)
	}
	if err := w.box.Undo(w.ctx, person, clinic, taken.Token); err != nil {
		t.Fatal(err)
	}
	if la, lb := w.letter(a), w.letter(b); la.AssignedName != "Anne Prøve" || la.Assigned != anne().ID || lb.Assigned != 0 {
		t.Errorf("after undo: %q and %q", la.AssignedName, lb.AssignedName)
	}
	if err := w.box.Undo(w.ctx, person, clinic, taken.Token); !is(err, brevdue.ErrConflict) {
		t.Errorf("undone twice: %v", err)
	}
	w.sound()
}

// Nothing can be taken back after an hour, or after something else was done.
func TestUndoIsForTheLastThing(t *testing.T) {
	w := newWorld(t)
	a, b := w.arrive(incoming{}), w.arrive(incoming{})
	first, err := w.box.Take(w.ctx, anne(), clinic, a)
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.box.Take(w.ctx, anne(), clinic, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{first.Token, "", "{}"} {
		if err := w.box.Undo(w.ctx, anne(), clinic, token); !is(err, brevdue.ErrConflict) {
			t.Errorf("%q: %v", token, err)
		}
	}
	w.at(tuesday(11, 0, 1))
	if err := w.box.Undo(w.ctx, anne(), clinic, second.Token); !is(err, brevdue.ErrConflict) {
		t.Errorf("after an hour: %v", err)
	}
	if w.letter(b).Assigned != anne().ID {
		t.Error("the letter was given back all the same")
	}
}

// A screen on the wall shows the board and nothing about a citizen; its token is for
// one unit, ends after its time, when the unit says so, and when who hung it up leaves.
func TestWall(t *testing.T) {
	w := newWorld(t)
	w.arrive(incoming{})
	var person mailbox.Person
	put := func(units ...brevdue.GLN) {
		w.update(func(tx store.Tx) (err error) {
			u := store.User{ID: person.ID, Login: "frida", Name: "Frida Prøve", Units: units}
			person = mailbox.Person{Login: "frida", Name: "Frida Prøve", Units: units}
			person.ID, err = tx.Users().Put(w.ctx, u)
			return err
		})
	}
	put(clinic)
	token, err := w.box.OpenWall(w.ctx, person, clinic)
	if err != nil {
		t.Fatal(err)
	}
	b, err := w.box.Wall(w.ctx, clinic, token)
	if err != nil || b.Unread != 1 {
		t.Fatalf("%+v, %v", b, err)
	}
	card := b.Columns[mailbox.PlaceToday][0]
	if card.PatientName+card.CPR.Reveal()+card.Other+card.FirstLine+card.Subject != "" || card.Group != "Medicin" || card.Due.IsZero() {
		t.Errorf("%+v", card)
	}
	refused := func(why string, unit brevdue.GLN, token string) {
		t.Helper()
		if b, err := w.box.Wall(w.ctx, unit, token); !is(err, brevdue.ErrNotFound) || b.Unread != 0 {
			t.Errorf("%s: %+v, %v", why, b, err)
		}
	}
	refused("another unit", ward, token)
	refused("no token", clinic, "")
	put(ward)
	refused("who hung it up has left", clinic, token)
	put(clinic)
	w.at(tuesday(10, 0, 0).Add(mailbox.WallFor))
	refused("after its time", clinic, token)
	w.at(tuesday(11, 0, 0))
	if n, err := w.box.CloseWalls(w.ctx, anne(), clinic); n != 1 || err != nil {
		t.Errorf("%d closed, %v", n, err)
	}
	refused("closed by the unit", clinic, token)
	w.sound()
}
