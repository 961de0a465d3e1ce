package mailbox_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

const emergency = "borgeren er fundet bevidstløs"

// broken is a letter of the clinic that Bo of home care has opened in an emergency.
func (w *world) broken(id int64) int64 {
	w.t.Helper()
	got, err := w.box.BreakGlass(w.ctx, bo(), mailbox.GlassAsked{Number: store.LetterNumber(id), Reason: emergency})
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

func (w *world) waiting() (all []store.Glass) {
	w.view(func(tx store.Tx) (err error) {
		all, err = tx.Glasses().Waiting(w.ctx, 0)
		return err
	})
	return all
}

// A letter of another unit is opened with a reason, for one person and one hour, without
// being read for its unit; every look is on record with the reason.
func TestBreakGlass(t *testing.T) {
	w := newWorld(t)
	id, other := w.arrive(incoming{file: true}), w.arrive(incoming{})
	before := w.letter(id)
	if _, _, err := w.box.GlassLetter(w.ctx, bo(), id); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	if got := w.broken(id); got != id {
		t.Errorf("letter %d", got)
	}
	o, g, err := w.box.GlassLetter(w.ctx, bo(), id)
	if err != nil || o.Letter.ID != id || o.Letter.Body.Patient.CPR != testCPR || o.Unit.GLN != clinic || o.CanReply || len(o.Thread)+len(o.Notes) != 0 || g.Reason != emergency {
		t.Errorf("%+v, %+v, %v", o, g, err)
	}
	name, data, err := w.box.GlassAttachment(w.ctx, bo(), id, 1)
	if err != nil || len(data) == 0 || strings.Contains(name, testCPR) {
		t.Errorf("%s, %d bytes, %v", name, len(data), err)
	}
	if after := w.letter(id); after.Status != before.Status || !after.ReadAt.IsZero() {
		t.Error("it was read for the unit")
	}
	if !strings.Contains(w.events(id), "glass") {
		t.Errorf("the unit cannot see it: %s", w.events(id))
	}
	for what, err := range map[string]error{
		"another letter": second(w.box.GlassLetter(w.ctx, bo(), other)), "another person": second(w.box.GlassLetter(w.ctx, clara(), id)),
		"the page of the unit": second2(w.box.Open(w.ctx, bo(), clinic, id)),
	} {
		if !errors.Is(err, brevdue.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	w.now = w.now.Add(mailbox.GlassFor)
	if _, _, err := w.box.GlassLetter(w.ctx, bo(), id); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("after an hour: %v", err)
	}
	if _, _, err := w.box.GlassAttachment(w.ctx, bo(), id, 1); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("the file after an hour: %v", err)
	}
	log := strings.Join(w.logLines(), "\n")
	for _, want := range []string{"bo glass.broken " + emergency, "bo glass.seen " + emergency, "bo glass.attachment attachment 1: " + emergency, "bo letter.denied no emergency is open", "clara letter.denied no emergency is open"} {
		if !strings.Contains(log, want) {
			t.Errorf("not on record: %s\n%s", want, log)
		}
	}
	w.sound()
}

func second(_ mailbox.Opened, _ store.Glass, err error) error { return err }

func second2(_ mailbox.Opened, err error) error { return err }

// logLines are the audit log as "actor action detail".
func (w *world) logLines() (out []string) {
	w.view(func(tx store.Tx) error {
		all, err := tx.Audit().List(w.ctx, 0, 1000)
		for _, e := range all {
			out = append(out, e.Actor+" "+e.Action+" "+e.Detail)
		}
		return err
	})
	return out
}

// By citizen a person is shown which units have letters, and nothing they say.
func TestFindGlass(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	w.arrive(incoming{unit: homecare}) // one's own is not among them
	w.arrive(incoming{status: brevdue.Refused})
	hits, err := w.box.FindGlass(w.ctx, bo(), mailbox.GlassAsked{Citizen: "010490-9989", Reason: emergency})
	if err != nil || len(hits) != 1 || hits[0].Number != store.LetterNumber(id) || hits[0].UnitName == "" || hits[0].Out {
		t.Errorf("%+v, %v", hits, err)
	}
	if got := w.logLines(); len(got) != 1 || got[0] != "bo glass.searched 1 letters: "+emergency {
		t.Errorf("on record %q", got)
	}
	if len(w.waiting()) != 0 {
		t.Error("a search opened a letter")
	}
}

// What is asked for wrongly opens nothing.
func TestGlassIsRefused(t *testing.T) {
	w := newWorld(t)
	id, refused := store.LetterNumber(w.arrive(incoming{})), store.LetterNumber(w.arrive(incoming{status: brevdue.Refused}))
	for name, c := range map[string]struct {
		p     mailbox.Person
		a     mailbox.GlassAsked
		field string
		err   error
	}{
		"no reason":       {bo(), mailbox.GlassAsked{Number: id, Reason: "  haster  "}, "reason", nil},
		"blanks":          {bo(), mailbox.GlassAsked{Number: id, Reason: strings.Repeat(" ", 20)}, "reason", nil},
		"a number in it":  {bo(), mailbox.GlassAsked{Number: id, Reason: "det gælder 010490-9989"}, "reason", nil},
		"too long":        {bo(), mailbox.GlassAsked{Number: id, Reason: strings.Repeat("x", 501)}, "reason", nil},
		"one's own":       {anne(), mailbox.GlassAsked{Number: id, Reason: emergency}, "letter", nil},
		"no such letter":  {bo(), mailbox.GlassAsked{Number: "B-004711", Reason: emergency}, "letter", nil},
		"no number":       {bo(), mailbox.GlassAsked{Number: "x", Reason: emergency}, "letter", nil},
		"nothing":         {bo(), mailbox.GlassAsked{Reason: emergency}, "letter", nil},
		"nobody's letter": {bo(), mailbox.GlassAsked{Number: refused, Reason: emergency}, "letter", nil},
		"an operator":     {olga(), mailbox.GlassAsked{Number: id, Reason: emergency}, "", brevdue.ErrForbidden},
		"an auditor":      {revi(), mailbox.GlassAsked{Number: id, Reason: emergency}, "", brevdue.ErrForbidden},
	} {
		_, err := w.box.BreakGlass(w.ctx, c.p, c.a)
		var faults mailbox.Faults
		if c.err != nil && !errors.Is(err, c.err) || c.err == nil && (!errors.As(err, &faults) || faults[0].Field != c.field) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.box.FindGlass(w.ctx, bo(), mailbox.GlassAsked{Citizen: "12", Reason: emergency}); !errors.As(err, new(mailbox.Faults)) {
		t.Errorf("no citizen: %v", err)
	}
	if len(w.waiting()) != 0 {
		t.Error("something was opened")
	}
	w.glassOff()
	for name, err := range map[string]error{
		"break": first2(w.box.BreakGlass(w.ctx, bo(), mailbox.GlassAsked{Number: id, Reason: emergency})),
		"find":  first3(w.box.FindGlass(w.ctx, bo(), mailbox.GlassAsked{Citizen: testCPR, Reason: emergency})),
		"look":  second(w.box.GlassLetter(w.ctx, bo(), 1)),
	} {
		if !errors.Is(err, brevdue.ErrNotFound) || w.box.GlassOn() {
			t.Errorf("%s while it is off: %v", name, err)
		}
	}
}

func first2(_ int64, err error) error { return err }

func first3(_ []mailbox.GlassHit, err error) error { return err }

// An auditor reviews each once, with a note, and not their own.
func TestReviewGlass(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	w.broken(id)
	r, err := w.box.Glasses(w.ctx, revi())
	if err != nil || len(r.Waiting) != 1 || r.Waiting[0].Reason != emergency || r.Waiting[0].Until.Sub(r.Waiting[0].At) != time.Hour || r.Units[clinic] == "" {
		t.Fatalf("%+v, %v", r, err)
	}
	g := r.Waiting[0].ID
	own := revi()
	own.ID = bo().ID
	for name, err := range map[string]error{
		"without a note": w.box.ReviewGlass(w.ctx, revi(), g, " "), "with a number": w.box.ReviewGlass(w.ctx, revi(), g, "gjaldt 0104909989"), "one's own": w.box.ReviewGlass(w.ctx, own, g, "i orden"),
	} {
		if !errors.As(err, new(mailbox.Faults)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.box.ReviewGlass(w.ctx, revi(), 4711, "i orden"); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("an unknown one: %v", err)
	}
	if err := w.box.ReviewGlass(w.ctx, revi(), g, "talt med enheden, i orden"); err != nil {
		t.Fatal(err)
	}
	if err := w.box.ReviewGlass(w.ctx, revi(), g, "igen"); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("twice: %v", err)
	}
	if r, err = w.box.Glasses(w.ctx, revi()); err != nil || len(r.Waiting) != 0 || len(r.Reviewed) != 1 || r.Reviewed[0].Review != "talt med enheden, i orden" || r.Reviewed[0].ReviewedBy != "Revi Prøve" {
		t.Errorf("%+v, %v", r, err)
	}
	if !slices.Contains(w.logLines(), "revi glass.reviewed talt med enheden, i orden") {
		t.Errorf("on record %q", w.logLines())
	}
	w.sound()
}

// glassCalls are the methods of emergencies; who is of no unit has none of them.
func glassCalls() []call {
	return []call{
		{"BreakGlass", func(w *world, p mailbox.Person, _ brevdue.GLN, id int64) (any, error) {
			return w.box.BreakGlass(w.ctx, p, mailbox.GlassAsked{Number: store.LetterNumber(id), Reason: emergency})
		}},
		{"FindGlass", func(w *world, p mailbox.Person, _ brevdue.GLN, _ int64) (any, error) {
			return w.box.FindGlass(w.ctx, p, mailbox.GlassAsked{Citizen: testCPR, Reason: emergency})
		}},
		{"OpenGlasses", func(w *world, p mailbox.Person, _ brevdue.GLN, _ int64) (any, error) {
			return w.box.OpenGlasses(w.ctx, p)
		}},
		{"GlassLetter", func(w *world, p mailbox.Person, _ brevdue.GLN, id int64) (any, error) {
			o, _, err := w.box.GlassLetter(w.ctx, p, id)
			return o, err
		}},
		{"GlassAttachment", func(w *world, p mailbox.Person, _ brevdue.GLN, id int64) (any, error) {
			_, data, err := w.box.GlassAttachment(w.ctx, p, id, 1)
			return data, err
		}},
	}
}

func TestEmergenciesAreForPeopleOfUnits(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{file: true})
	w.broken(id)
	for _, c := range glassCalls() {
		for _, p := range []mailbox.Person{olga(), revi(), {Login: "rita", Secretariat: true}, {Login: "ingen"}} {
			asked := len(w.audited())
			if got, err := c.do(w, p, clinic, id); !errors.Is(err, brevdue.ErrForbidden) || !empty(got) {
				t.Errorf("%s, %s: %v, %v", c.name, p.Login, got, err)
			}
			if d := w.audited()[asked:]; !slices.Equal(d, []string{p.Login + ":operator.denied:0"}) {
				t.Errorf("%s, %s: on record %v", c.name, p.Login, d)
			}
		}
		if _, err := c.do(w, bo(), clinic, id); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
