package mailbox_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// revi may see the audit log, and belongs to no unit.
func revi() mailbox.Person {
	return mailbox.Person{ID: 7, Login: "revi", Name: "Revi Prøve", Title: "Revisor", Lang: "da", Auditor: true}
}

// auditCalls are the methods of the auditor's page.
func auditCalls() []call {
	return []call{
		{"AuditLog", func(w *world, p mailbox.Person, _ brevdue.GLN, _ int64) (any, error) {
			return w.box.AuditLog(w.ctx, p, mailbox.AuditFilter{})
		}},
		{"ExportAudit", func(w *world, p mailbox.Person, _ brevdue.GLN, _ int64) (any, error) {
			var got []mailbox.AuditRow
			err := w.box.ExportAudit(w.ctx, p, mailbox.AuditFilter{}, func(rows []mailbox.AuditRow) error { got = append(got, rows...); return nil }, func() string { return "" })
			return got, err
		}},
		{"Holds", func(w *world, p mailbox.Person, _ brevdue.GLN, _ int64) (any, error) { return w.box.Holds(w.ctx, p) }},
		{"HoldLetter", func(w *world, p mailbox.Person, _ brevdue.GLN, id int64) (any, error) {
			return nil, w.box.HoldLetter(w.ctx, p, store.LetterNumber(id), "klagesag 2026-17")
		}},
		{"ReleaseLetter", func(w *world, p mailbox.Person, _ brevdue.GLN, id int64) (any, error) {
			return nil, w.box.ReleaseLetter(w.ctx, p, id)
		}},
		{"Glasses", func(w *world, p mailbox.Person, _ brevdue.GLN, _ int64) (any, error) {
			r, err := w.box.Glasses(w.ctx, p)
			return r.Waiting, err
		}},
		{"ReviewGlass", func(w *world, p mailbox.Person, _ brevdue.GLN, id int64) (any, error) {
			g := int64(1)
			if p.Auditor {
				w.broken(id)
				g = w.waiting()[0].ID
			}
			return nil, w.box.ReviewGlass(w.ctx, p, g, "i orden")
		}},
		{"LastCheck", func(w *world, p mailbox.Person, _ brevdue.GLN, _ int64) (any, error) {
			return w.box.LastCheck(w.ctx, p)
		}},
		{"CheckChain", func(w *world, p mailbox.Person, _ brevdue.GLN, _ int64) (any, error) {
			return nil, w.box.CheckChain(w.ctx, p)
		}},
	}
}

// The log tells who was ill where: operators and the secretariat may not see it either,
// and an auditor sees no letter.
func TestAuditLogIsForAuditors(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	for _, c := range auditCalls() {
		for _, p := range []mailbox.Person{anne(), olga(), rita()} {
			before := len(w.audited())
			if got, err := c.do(w, p, clinic, id); !errors.Is(err, brevdue.ErrForbidden) || !empty(got) {
				t.Errorf("%s for %s: %v, %v", c.name, p.Login, got, err)
			}
			if got := w.audited()[before:]; !slices.Equal(got, []string{p.Login + ":operator.denied:0"}) {
				t.Errorf("%s for %s: on record %v", c.name, p.Login, got)
			}
		}
		if _, err := c.do(w, revi(), clinic, id); err != nil {
			t.Errorf("%s for the auditor: %v", c.name, err)
		}
	}
	for _, c := range letterCalls() {
		if got, err := c.do(w, revi(), clinic, id); !errors.Is(err, brevdue.ErrNotFound) || !empty(got) {
			t.Errorf("%s for the auditor: %v, %v", c.name, got, err)
		}
	}
	w.checked()
	w.sound()
}

// checked waits for the check of the chain that was begun.
func (w *world) checked() (c mailbox.ChainCheck) {
	w.t.Helper()
	for range 500 {
		var err error
		if c, err = w.box.LastCheck(w.ctx, revi()); err != nil {
			w.t.Fatal(err)
		}
		if !c.Ended.IsZero() {
			return c
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Fatal("the check does not end")
	return c
}

// A look is on record by the letters it was about, never by the citizen's number.
func TestLookingIsOnRecord(t *testing.T) {
	w := newWorld(t)
	w.update(func(tx store.Tx) error {
		_, err := tx.Users().Put(w.ctx, store.User{Login: "anne", Name: "Anne Prøve"})
		return err
	})
	one, two := w.arrive(incoming{}), w.arrive(incoming{unit: ward})
	if _, err := w.box.Open(w.ctx, anne(), clinic, one); err != nil {
		t.Fatal(err)
	}
	if _, err := w.box.Peek(w.ctx, clara(), ward, two); err != nil {
		t.Fatal(err)
	}
	v, err := w.box.AuditLog(w.ctx, revi(), mailbox.AuditFilter{Person: "Anne Prøve", Citizen: brevdue.CPR(testCPR[:6] + "-" + testCPR[6:]), From: "2026-11-24"})
	if err != nil || v.Letters != 2 || len(v.Rows) != 1 || v.Rows[0].Action != "letter.read" || v.Rows[0].Name != "Anne Prøve" || v.Rows[0].UnitName == "" {
		t.Fatalf("%+v, %v", v, err)
	}
	if len(v.Openers) != 2 || v.Openers[0].Login != "clara" || v.Openers[1].Times != 1 {
		t.Errorf("who opened them: %+v", v.Openers)
	}
	if got, want := w.details("audit.searched"), "person anne, from 2026-11-24, citizen of 2 letters B-000001 B-000002"; got != want {
		t.Errorf("on record %q, want %q", got, want)
	}
	// What nobody is called, and what no letter is: nothing is looked for, or kept.
	before := len(w.audited())
	for field, f := range map[string]mailbox.AuditFilter{"person": {Person: testCPR}, "letter": {Letter: testCPR}, "cpr": {Citizen: "0104"}, "to": {To: "2026-13-01"}, "action": {Action: "x"}} {
		if _, err := w.box.AuditLog(w.ctx, revi(), f); faults(t, err) != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if got := w.audited()[before:]; len(got) != 0 {
		t.Errorf("on record %v", got)
	}
	w.sound()
}

// A check that was broken off does not stand in the way of the next one, and one at work
// does.
func TestChainIsCheckedOnceAtATime(t *testing.T) {
	w := newWorld(t)
	w.arrive(incoming{})
	if _, err := w.box.Open(w.ctx, anne(), clinic, 1); err != nil {
		t.Fatal(err)
	}
	w.update(func(tx store.Tx) error {
		return tx.Settings().Set(w.ctx, "audit-check", `{"by":"x","started":"2026-11-24T08:59:00Z","seen":"2026-11-24T08:59:00Z","last":5}`)
	})
	if err := w.box.CheckChain(w.ctx, revi()); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("two at once: %v", err)
	}
	w.at(tuesday(10, 4, 1))
	if err := w.box.CheckChain(w.ctx, revi()); err != nil {
		t.Fatal(err)
	}
	if c := w.checked(); c.By != "revi" || c.Broken != 0 || c.Failed || c.Lines != 1 || c.Begins != 1 {
		t.Errorf("%+v", c)
	}
	if got := w.details("audit.verified"); got != "whole, 1 lines" {
		t.Errorf("on record %q", got)
	}
}

// Whatever the house writes into the log, an auditor can ask for.
func TestEveryActCanBeAskedFor(t *testing.T) {
	act := regexp.MustCompile(`(?:Action:|note\(ctx, tx, (?:p, )?|action :?= |operate\(ctx, st, |eventTask\w+, )\s*"([a-z]+[.][a-z.-]*[a-z]|sign(?:in|out))"`)
	known, seen := mailbox.AuditActions(), map[string]bool{}
	files, err := filepath.Glob("../*/*.go")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range act.FindAllStringSubmatch(string(src), -1) {
			seen[m[1]] = true
			if !slices.Contains(known, m[1]) {
				t.Errorf("%s writes %q, which is not among AuditActions", f, m[1])
			}
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d acts were found", len(seen))
	}
}

// A letter whose content has gone can be seen, with when and why, and nothing else can be
// done with it; one that is held says so.
func TestClearedLetter(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{file: true})
	sent := w.returned(anne(), clinic, draft())
	if _, err := w.box.Open(w.ctx, anne(), clinic, id); err != nil {
		t.Fatal(err)
	}
	if err := w.box.HoldLetter(w.ctx, revi(), "b-000001", "klagesag 2026-17"); err != nil {
		t.Fatal(err)
	}
	for want, try := range map[string][2]string{"holdletter": {"B-000099", "klagesag 2026-17"}, "holdreason": {"B-000002", "klage"}, "holdletter holdreason": {testCPR, ""}} {
		if err := w.box.HoldLetter(w.ctx, revi(), try[0], try[1]); faults(t, err) != want {
			t.Errorf("%v: %v", try, err)
		}
	}
	if err := w.box.HoldLetter(w.ctx, revi(), "B-000001", "klagesag 2026-17"); faults(t, err) != "holdletter" {
		t.Errorf("held twice: %v", err)
	}
	o, err := w.box.Open(w.ctx, anne(), clinic, id)
	if err != nil || o.Hold == nil || o.Hold.By != "Revi Prøve" || o.Cleared != nil || !o.CanReply {
		t.Errorf("%+v, %v", o.Hold, err)
	}
	if err := w.box.ReleaseLetter(w.ctx, revi(), id); err != nil {
		t.Fatal(err)
	}
	w.update(func(tx store.Tx) error {
		for _, letter := range []int64{id, sent} {
			if err := tx.Retention().Clear(w.ctx, store.Cleared{Letter: letter, At: w.clock(), Days: 30}); err != nil {
				return err
			}
		}
		return nil
	})
	o, err = w.box.Open(w.ctx, anne(), clinic, id)
	if err != nil || o.Cleared == nil || o.Cleared.Days != 30 || o.CanReply || o.Letter.Body.Subject != "Medicin" || o.Letter.Body.Patient.Name() != "" {
		t.Errorf("%+v, %v", o, err)
	}
	for _, c := range letterCalls() {
		letter := id
		if aboutSent(c.name) {
			letter = sent
		}
		got, err := c.do(w, anne(), clinic, letter)
		switch c.name {
		case "Open", "Peek", "SentLetter", "Around":
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		case "Original", "Attachment":
			if !errors.Is(err, brevdue.ErrNotFound) || !empty(got) {
				t.Errorf("%s: %v, %v", c.name, got, err)
			}
		case "Withdraw": // takes back a letter of its own
		default:
			if !errors.Is(err, brevdue.ErrConflict) || !empty(got) {
				t.Errorf("%s: %v, %v", c.name, got, err)
			}
		}
	}
	w.sound()
}
