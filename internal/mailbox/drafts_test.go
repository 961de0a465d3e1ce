package mailbox_test

import (
	"errors"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

func (w *world) draftsOf(unit brevdue.GLN) (out []store.Draft) {
	w.t.Helper()
	w.update(func(tx store.Tx) (err error) {
		out, err = tx.Drafts().OfUnit(w.ctx, unit, 0)
		return err
	})
	return out
}

// F62: a form is kept as it stands, changed again and again, seen by the unit, and gone
// when it was sent.
func TestDraftsAreKept(t *testing.T) {
	w := newWorld(t)
	d := draft()
	d.Token = "aa"
	keep := func(p mailbox.Person, f mailbox.DraftForm) mailbox.DraftKept {
		t.Helper()
		k, err := w.box.KeepDraft(w.ctx, p, clinic, f)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	form := mailbox.DraftForm{Token: "aa", Form: "text=Fortrolig", Subject: "Medicin", Patient: "Torre Test"}
	one := keep(anne(), form)
	if one.Version != 1 || one.Token != "aa" || one.Other != "" || !one.At.Equal(w.clock()) {
		t.Errorf("%+v", one)
	}
	w.at(w.clock().Add(time.Minute))
	form.Version = 1
	if same := keep(anne(), form); same.Version != 1 || same.At.Equal(w.clock()) {
		t.Errorf("what was not changed was kept again: %+v", same)
	}
	form.Form = "text=Fortrolig+mere"
	if two := keep(clara(), form); two.Version != 2 || two.Other != "" {
		t.Errorf("a colleague writes on: %+v", two)
	}
	w.reopen()
	list, err := w.box.Drafts(w.ctx, anne(), clinic, 0)
	if err != nil || len(list) != 1 || list[0].AuthorName != anne().Name || list[0].ChangedName != clara().Name || list[0].Form != form.Form {
		t.Fatalf("%+v, %v", list, err)
	}
	if n, err := w.box.CountDrafts(w.ctx, anne(), clinic); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if opened, err := w.box.OpenDraft(w.ctx, anne(), clinic, list[0].ID); err != nil || opened.Version != 2 {
		t.Errorf("%+v, %v", opened, err)
	}
	if _, err := w.box.SendLetter(w.ctx, anne(), clinic, d); err != nil {
		t.Fatal(err)
	}
	if left := w.draftsOf(clinic); len(left) != 0 {
		t.Errorf("%d drafts after sending", len(left))
	}
	w.sound()
}

// Somebody else's change is never written over, nor that of one's own other tab: what was
// written becomes a draft of its own.
func TestDraftsAreNotWrittenOver(t *testing.T) {
	w := newWorld(t)
	keep := func(p mailbox.Person, form string, version int64) mailbox.DraftKept {
		t.Helper()
		k, err := w.box.KeepDraft(w.ctx, p, clinic, mailbox.DraftForm{Token: "aa", Form: form, Version: version})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	keep(anne(), "text=a", 0)
	keep(anne(), "text=ab", 1)
	for _, p := range []mailbox.Person{clara(), anne()} {
		k := keep(p, "text=ax"+p.Login, 1)
		if k.Other != anne().Name || k.Token == "aa" || k.Version != 1 {
			t.Errorf("%s: %+v", p.Login, k)
		}
	}
	if list := w.draftsOf(clinic); len(list) != 3 {
		t.Errorf("%d drafts", len(list))
	}
	// A token that another unit's form has is no way to its draft.
	k, err := w.box.KeepDraft(w.ctx, bo(), homecare, mailbox.DraftForm{Token: "aa", Form: "text=z", Version: 2})
	if err != nil || k.Other != "" || k.Token == "aa" {
		t.Errorf("%+v, %v", k, err)
	}
	if list := w.draftsOf(homecare); len(list) != 1 || list[0].Form != "text=z" {
		t.Errorf("%+v", list)
	}
	mine := w.draftsOf(clinic)[0].ID
	if _, err := w.box.OpenDraft(w.ctx, bo(), homecare, mine); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("another unit's draft: %v", err)
	}
	w.sound()
}

// The form of an answer does not ask who it is about; the list of drafts says it all the same.
func TestDraftOfAnAnswerNamesTheCitizen(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	if _, err := w.box.KeepDraft(w.ctx, anne(), clinic, mailbox.DraftForm{Token: "aa", ReplyTo: id, Form: "text=a"}); err != nil {
		t.Fatal(err)
	}
	if list := w.draftsOf(clinic); len(list) != 1 || list[0].Patient != w.letter(id).Body.Patient.Name() || list[0].Patient == "" {
		t.Errorf("%+v", list)
	}
}

func TestDraftThrownAwayComesBack(t *testing.T) {
	w := newWorld(t)
	id := w.draft(clinic)
	token, err := w.box.DeleteDraft(w.ctx, anne(), clinic, id)
	if err != nil || len(w.draftsOf(clinic)) != 0 {
		t.Fatal(err)
	}
	if err := w.box.Undo(w.ctx, anne(), clinic, token); err != nil {
		t.Fatal(err)
	}
	if list := w.draftsOf(clinic); len(list) != 1 || list[0].Form != "text=Fortrolig" {
		t.Errorf("%+v", list)
	}
	w.sound()
}

// F62: what was sent a moment ago is taken back whole: nothing leaves, the letter it
// answered is unanswered, its tasks are closed.
func TestLetterIsWithdrawn(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	reply := func() int64 {
		t.Helper()
		sent, err := w.box.Reply(w.ctx, anne(), clinic, id, answer())
		if err != nil {
			t.Fatal(err)
		}
		return sent
	}
	first := reply()
	d, answers, err := w.box.Withdraw(w.ctx, anne(), clinic, first)
	if err != nil || answers != id || d.Text == "" || d.Corrects != 0 {
		t.Fatalf("%+v, %d, %v", d, answers, err)
	}
	if l := w.letter(id); l.Status != brevdue.Read || !l.AnsweredAt.IsZero() {
		t.Errorf("the letter it answered is %s, answered %s", l.Status, l.AnsweredAt)
	}
	if w.jobs() != "" || w.letter(first).Status != brevdue.Withdrawn {
		t.Errorf("jobs %q, letter %s", w.jobs(), w.letter(first).Status)
	}
	if _, _, err := w.box.Withdraw(w.ctx, anne(), clinic, first); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("again: %v", err)
	}
	// One of two answers is taken back: the other one stands.
	second, third := reply(), reply()
	if _, _, err := w.box.Withdraw(w.ctx, anne(), clinic, third); err != nil {
		t.Fatal(err)
	}
	if l := w.letter(id); l.Status != brevdue.Answered || l.AnsweredAt.IsZero() {
		t.Errorf("with one answer left it is %s", l.Status)
	}
	// What is being sent cannot be taken back.
	w.update(func(tx store.Tx) error {
		_, err := tx.Jobs().Claim(w.ctx, w.clock(), time.Minute, 1, store.JobSend)
		return err
	})
	if _, _, err := w.box.Withdraw(w.ctx, anne(), clinic, second); !errors.Is(err, brevdue.ErrConflict) || w.letter(second).Status != brevdue.Queued {
		t.Errorf("on its way: %v", err)
	}
	w.sound()
}

// A letter that was to take the place of another, taken back, leaves the other's tasks.
func TestWithdrawCorrection(t *testing.T) {
	w := newWorld(t)
	old := w.returned(anne(), clinic, draft())
	open := func() (n int) {
		w.update(func(tx store.Tx) error {
			tasks, err := tx.Tasks().OfLetter(w.ctx, old)
			for _, task := range tasks {
				if task.DoneAt.IsZero() {
					n++
				}
			}
			return err
		})
		return n
	}
	w.update(func(tx store.Tx) error {
		_, err := tx.Tasks().Add(w.ctx, store.Task{Unit: clinic, Letter: old, Kind: store.TaskRejected, At: w.clock()})
		return err
	})
	before := open()
	d := draft()
	d.Corrects = old
	sent, err := w.box.SendLetter(w.ctx, anne(), clinic, d)
	if err != nil || before == 0 || open() != 0 {
		t.Fatal(err, before, open())
	}
	if _, _, err := w.box.Withdraw(w.ctx, anne(), clinic, sent); err != nil || open() != before {
		t.Errorf("%v, %d open", err, open())
	}
	w.sound()
}
