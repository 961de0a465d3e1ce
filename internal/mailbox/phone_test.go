package mailbox_test

import (
	"strings"
	"testing"

	"brevdue/internal/store"
)

// A call about a received letter is a line of its timeline and a note; it is checked as one
// on a letter's form, reads nothing, and no letter takes it along.
func TestCallAboutALetter(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	form, err := w.box.PhoneForm(w.ctx, anne(), clinic, id)
	if err != nil || form.Call.Number != "11223344" || form.Call.Organisation != "Aarhus Kommune, Hjemmesygeplejen Nord" || form.Call.At != "2026-11-24T10:00" {
		t.Errorf("%+v, %v", form, err)
	}
	call := phoned(w)
	call.Number, call.Who, call.Agreed, call.At = "12", "", "", "2026-11-25T10:00"
	if _, err := w.box.AddCall(w.ctx, anne(), clinic, id, call); faults(t, err) != "callat callnumber callwho callagreed" {
		t.Errorf("an incomplete one: %v", err)
	}
	call = phoned(w)
	call.Who = "om " + testCPR
	if _, err := w.box.AddCall(w.ctx, anne(), clinic, id, call); faults(t, err) != "callwho" {
		t.Errorf("a number in the timeline: %v", err)
	}
	if e := w.events(id); e != "" {
		t.Errorf("what was refused left %q", e)
	}
	if _, err := w.box.AddCall(w.ctx, anne(), clinic, id, phoned(w)); err != nil {
		t.Fatal(err)
	}
	w.view(func(tx store.Tx) error {
		events, err := tx.Letters().Events(w.ctx, id)
		if len(events) != 1 || events[0].What != "phoned" || events[0].Who != "Anne Prøve" || events[0].Detail != "Hjemmesygeplejen Nord, 11 22 33 44 · Sygeplejerske" {
			t.Errorf("timeline %+v", events)
		}
		notes, err2 := tx.Notes().OfLetter(w.ctx, id)
		if len(notes) != 1 || notes[0].Text != "Telefonkontakt 24.11.2026 kl. 10.00 med Hjemmesygeplejen Nord, 11 22 33 44 (Sygeplejerske).\nAftalt: Fortrolig aftale." {
			t.Errorf("notes %+v", notes)
		}
		if err == nil {
			err = err2
		}
		return err
	})
	if !w.letter(id).ReadAt.IsZero() {
		t.Error("calling has read the letter")
	}
	sent, err := w.box.Reply(w.ctx, anne(), clinic, id, answer())
	if err != nil {
		t.Fatal(err)
	}
	if text := w.letter(sent).Body.Text(); strings.Contains(text, "Fortrolig aftale") || strings.Contains(text, "Telefonkontakt") {
		t.Errorf("the answer takes the call along: %s", text)
	}
	w.sound()
}
