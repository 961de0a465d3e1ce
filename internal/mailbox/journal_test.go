package mailbox_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"brevdue"
)

// F64: what was read and what has left waits until it is handed over to the record; the
// list is the unit's own, and who and when stand in the letter's history.
func TestLettersWaitForTheRecord(t *testing.T) {
	w := newWorld(t)
	read, unread := w.arrive(incoming{}), w.arrive(incoming{})
	w.arrive(incoming{unit: ward, status: brevdue.Read})
	if _, err := w.box.Open(w.ctx, anne(), clinic, read); err != nil {
		t.Fatal(err)
	}
	sent := w.returned(anne(), clinic, draft()) // rejected: it never arrived, so it waits for nothing
	waiting := func() (out []int64) {
		t.Helper()
		list, err := w.box.Unjournaled(w.ctx, anne(), clinic, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list.Rows {
			out = append(out, r.ID)
		}
		if list.Count != len(out) {
			t.Errorf("%d counted, %d listed", list.Count, len(out))
		}
		return out
	}
	if got := waiting(); !slices.Equal(got, []int64{read}) {
		t.Fatalf("waiting: %v, sent letter %d, unread %d", got, sent, unread)
	}
	done, err := w.box.Journal(w.ctx, anne(), clinic, []int64{read, sent}, " 2026-  17 ")
	if err != nil || done.Letters != 2 || done.Token == "" {
		t.Fatalf("%+v, %v", done, err)
	}
	if got := waiting(); len(got) != 0 {
		t.Errorf("waiting: %v", got)
	}
	o, err := w.box.Peek(w.ctx, anne(), clinic, read)
	if err != nil || o.Journal == nil || o.Journal.By != "Anne Prøve" || o.Journal.Case != "2026- 17" || !o.Journal.At.Equal(w.clock()) {
		t.Fatalf("%+v, %v", o.Journal, err)
	}
	if e := o.Events[len(o.Events)-1]; e.What != "journal" || e.Who != "Anne Prøve" || e.Detail != "Sag 2026- 17" {
		t.Errorf("timeline: %+v", e)
	}
	if again, err := w.box.Journal(w.ctx, anne(), clinic, []int64{read}, "2"); err != nil || again.Letters != 0 || again.Token != "" {
		t.Errorf("again: %+v, %v", again, err)
	}
	w.sound()
}

// A hand-over can be taken back for ten minutes, by the token of who made it and by the
// letter's page for everybody of the unit.
func TestHandOverToTheRecordIsTakenBack(t *testing.T) {
	w := newWorld(t)
	one, two := w.arrive(incoming{status: brevdue.Read}), w.arrive(incoming{status: brevdue.Read})
	made := func() string {
		t.Helper()
		done, err := w.box.Journal(w.ctx, anne(), clinic, []int64{one, two}, "")
		if err != nil || done.Letters != 2 {
			t.Fatalf("%+v, %v", done, err)
		}
		return done.Token
	}
	count := func() int {
		t.Helper()
		list, err := w.box.Unjournaled(w.ctx, anne(), clinic, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		return list.Count
	}
	start := w.clock()
	token := made()
	w.at(start.Add(10 * time.Minute))
	if err := w.box.Unjournal(w.ctx, clara(), clinic, one); err != nil {
		t.Fatal(err)
	}
	if got := w.events(one); got != "journal journal-back" || count() != 1 {
		t.Errorf("timeline %q, %d waiting", got, count())
	}
	if err := w.box.Unjournal(w.ctx, clara(), clinic, one); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("twice: %v", err)
	}
	if err := w.box.Undo(w.ctx, anne(), clinic, token); err != nil || count() != 2 {
		t.Errorf("the rest by the token: %v, %d waiting", err, count())
	}
	token = made()
	w.at(w.clock().Add(10*time.Minute + time.Second))
	if err := w.box.Unjournal(w.ctx, anne(), clinic, one); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("too late: %v", err)
	}
	if err := w.box.Undo(w.ctx, anne(), clinic, token); !errors.Is(err, brevdue.ErrConflict) || count() != 0 {
		t.Errorf("too late by the token: %v, %d waiting", err, count())
	}
	w.sound()
}

// One letter of somebody else's stops the whole hand-over; a case number holds no CPR.
func TestHandOverIsWhollyTheUnits(t *testing.T) {
	w := newWorld(t)
	own, other := w.arrive(incoming{status: brevdue.Read}), w.arrive(incoming{unit: ward, status: brevdue.Read})
	if _, err := w.box.Journal(w.ctx, anne(), clinic, []int64{own, other}, ""); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("another's letter among them: %v", err)
	}
	for _, number := range []string{"010490-9989", strings.Repeat("9x", 31), "a\u0001b"} {
		_, err := w.box.Journal(w.ctx, anne(), clinic, []int64{own}, number)
		if got := faults(t, err); got != "case" {
			t.Errorf("case number %q: faults in %q", number, got)
		}
	}
	if w.events(own) != "" {
		t.Error("a refused hand-over left a trace")
	}
	w.sound()
}

// A letter that leaves the house as a file was read, and that it left is on record.
func TestPrintoutReadsAndIsLogged(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	o, err := w.box.Printout(w.ctx, anne(), clinic, id)
	if err != nil || o.Letter.ReadBy != "Anne Prøve" || w.events(id) != "read" {
		t.Fatalf("%+v, %v, %q", o.Letter, err, w.events(id))
	}
	if got := w.audited(); !slices.Contains(got, "anne:letter.printout:1") || !slices.Contains(got, "anne:letter.read:1") {
		t.Errorf("on record: %v", got)
	}
	w.sound()
}
