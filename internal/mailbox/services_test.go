package mailbox_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
)

func is(err, target error) bool { return errors.Is(err, target) }

// AGR-604, AGR-605, Amb-20: what the municipality knows of its citizen moves the
// deadline of its own unread letters, in both directions, by the agreement they are
// pinned to, with a new reminder and both deadlines in the timeline.
func TestServicesMoveTheDeadline(t *testing.T) {
	day, night := tuesday(15, 0, 0), tuesday(23, 0, 0)
	next, morning := tuesday(24+15, 0, 0), tuesday(24+7, 0, 0)
	for _, c := range []struct {
		name     string
		unit     string    // the unit's rule for its citizens
		sent, at time.Time // when it was sent, and when somebody says it
		value    string
		was, due time.Time
		expected time.Time
		rule     string
		late     [2]bool // before and after
		moved    int
	}{
		{"no to yes", "no", tuesday(10, 0, 0), tuesday(11, 0, 0), "yes", day, night, day, "AGR-604", [2]bool{false, false}, 1},
		{"no to yes, overdue already", "no", tuesday(10, 0, 0), tuesday(16, 0, 0), "yes", day, night, day, "AGR-604", [2]bool{true, false}, 1},
		{"yes to no", "yes", tuesday(14, 0, 0), tuesday(14, 10, 0), "no", night, day, time.Time{}, "AGR-605", [2]bool{false, false}, 1},
		{"yes to no, overdue by that", "yes", tuesday(14, 0, 0), tuesday(16, 0, 0), "no", night, day, time.Time{}, "AGR-605", [2]bool{false, true}, 1},
		{"yes to no, after the cut-off", "yes", tuesday(14, 45, 0), tuesday(16, 0, 0), "no", night, next, time.Time{}, "AGR-605", [2]bool{false, false}, 1},
		{"unknown to yes at night", "unknown", tuesday(22, 0, 0), tuesday(22, 30, 0), "yes", next, morning, night, "AGR-604", [2]bool{false, false}, 1},
		{"unknown to no", "unknown", tuesday(22, 0, 0), tuesday(22, 30, 0), "no", next, next, time.Time{}, "AGR-605", [2]bool{false, false}, 0},
		{"no to unknown: the later counts", "no", tuesday(10, 0, 0), tuesday(11, 0, 0), "unknown", day, night, day, "AGR-604", [2]bool{false, false}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.at(c.sent)
			shifts := []int{7 * 60, 15 * 60, 23 * 60}
			w.update(func(tx store.Tx) error {
				u, err := tx.Units().Get(w.ctx, homecare)
				u.Services, u.Shifts = c.unit, shifts
				return cmpErr(err, tx.Units().Put(w.ctx, u))
			})
			letters := []simulated{{arrived: c.sent, services: aftale.Services(c.unit)}, {arrived: c.sent, services: aftale.Services(c.unit)}}
			w.keep(homecare, brevdue.MunicipalHealth, shifts, letters, []time.Time{c.sent, c.sent})
			opened, unread := letters[0].id, letters[1].id
			if got := w.letter(unread).Duty.Due; !got.Equal(c.was) {
				t.Fatalf("due %s before, the case says %s", got, c.was)
			}
			w.at(c.at)
			late := func() bool {
				counts, err := w.box.CountsFor(w.ctx, bo())
				if err != nil {
					t.Fatal(err)
				}
				return counts[homecare].Late > 0
			}
			if _, err := w.box.Open(w.ctx, bo(), homecare, opened); err != nil {
				t.Fatal(err)
			}
			before := w.letter(opened)
			if late() != c.late[0] {
				t.Errorf("late before: %t", late())
			}
			moved, err := w.box.SetServices(w.ctx, bo(), homecare, opened, c.value)
			if err != nil || moved != c.moved {
				t.Fatalf("%d moved, %v", moved, err)
			}
			d := w.letter(unread).Duty
			if !d.Due.Equal(c.due) || !d.Expected.Equal(c.expected) || d.Rule != c.rule || d.Sentence == "" || d.Agreement != before.Duty.Agreement {
				t.Errorf("due %s, expected %s by %s: %s", d.Due, d.Expected, d.Rule, d.Sentence)
			}
			if late() != c.late[1] {
				t.Errorf("late after: %t", late())
			}
			if after := w.letter(opened); !after.Duty.Due.Equal(before.Duty.Due) || after.Status != brevdue.Read {
				t.Errorf("the letter that was read moved to %s", after.Duty.Due)
			}
			if c.moved > 0 && !strings.Contains(w.jobs(), store.ReminderKey(unread, *d)) {
				t.Errorf("no reminder of the new deadline: %s", w.jobs())
			}
			for _, id := range []int64{opened, unread} {
				w.view(func(tx store.Tx) error {
					events, err := tx.Letters().Events(w.ctx, id)
					last := events[len(events)-1]
					if last.What != "services" || last.Who != "Bo Prøve" || !strings.Contains(last.Detail, "før:") {
						t.Errorf("timeline of %d: %+v", id, last)
					}
					if moved := id == unread && c.moved > 0; moved != strings.Contains(last.Detail, "Læsefrist") {
						t.Errorf("timeline of %d: %q", id, last.Detail)
					}
					return err
				})
			}
			o, err := w.box.Peek(w.ctx, bo(), homecare, unread)
			if err != nil || o.Services == nil || o.Services.Value != c.value || o.Services.By != "Bo Prøve" {
				t.Errorf("the page shows %+v, %v", o.Services, err)
			}
			audit := strings.Join(w.audited(), " ")
			for _, want := range []string{fmt.Sprintf("bo:letter.duty:%d", unread), fmt.Sprintf("bo:citizen.services:%d", opened)} {
				if !strings.Contains(audit, want) {
					t.Errorf("audit lacks %s: %s", want, audit)
				}
			}
			w.sound()
		})
	}
}

// Amb-20: only a unit of municipal health is asked, and the sender's side keeps
// what it was promised.
func TestServicesAreTheMunicipalitysOwn(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	if o, err := w.box.Open(w.ctx, anne(), clinic, id); err != nil || o.Services != nil {
		t.Errorf("a clinic is asked: %+v, %v", o.Services, err)
	}
	if _, err := w.box.SetServices(w.ctx, anne(), clinic, id, "yes"); !is(err, brevdue.ErrConflict) {
		t.Errorf("a clinic answers: %v", err)
	}
	at := w.arrive(incoming{unit: homecare})
	if _, err := w.box.SetServices(w.ctx, bo(), homecare, at, "måske"); !is(err, brevdue.ErrConflict) {
		t.Errorf("an answer nobody offers: %v", err)
	}
	// The clinic's own letter about the same citizen keeps its promise.
	out, err := w.box.SendLetter(w.ctx, anne(), clinic, draft())
	if err != nil {
		t.Fatal(err)
	}
	promised := *w.letter(out).Duty
	if _, err := w.box.SetServices(w.ctx, bo(), homecare, at, "yes"); err != nil {
		t.Fatal(err)
	}
	if got := *w.letter(out).Duty; got != promised || w.letter(id).Duty.Rule != "AGR-602" {
		t.Errorf("the sender's promise moved to %+v", got)
	}
}
