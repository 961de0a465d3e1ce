package gateway

import (
	"strings"
	"testing"

	"brevdue"
	"brevdue/medcom"
)

// F53: a letter joins the thread of those before it with the same number of a course,
// whatever standard each came in: when unit, citizen and the other party are the same.
func TestLettersOfACourseAreOneThread(t *testing.T) {
	w := worldA(t)
	const number = "0123456789abcdef0123456789abcdef"
	n := 0
	arrive := func(d draft, course string) *medcom.Message {
		n++
		d.env, d.ids = "K"+string(rune('0'+n)), []string{"B" + string(rune('0'+n))}
		m := d.message()
		m.Letters[0].EpisodeOfCare = course
		w.receive(encoded(t, m))
		return &m
	}
	arrive(draft{kind: brevdue.XDIS91}, number)
	arrive(draft{kind: brevdue.DIS91}, strings.ToUpper(number))
	arrive(draft{kind: brevdue.DIS91}, "")
	arrive(draft{kind: brevdue.XDIS91, cpr: "0107729995"}, number)
	arrive(draft{kind: brevdue.XDIS91, subject: "Træning"}, "fedcba9876543210fedcba9876543210")
	arrive(draft{kind: brevdue.XDIS91, subject: "Træning"}, number)
	letters := w.letters()
	if len(letters) != n {
		t.Fatalf("%d letters", len(letters))
	}
	first := letters[0].ID
	for i, joins := range []bool{true, true, false, false, false, true} {
		if l := letters[i]; (l.Thread == first) != joins || !joins && l.Thread != l.ID {
			t.Errorf("letter %d is in thread %d", l.ID, l.Thread)
		}
		if said := strings.Contains(w.events(letters[i].ID), "joined"); said != (joins && i > 0) {
			t.Errorf("the timeline of letter %d: %s", letters[i].ID, w.events(letters[i].ID))
		}
	}
	w.sound()
}
