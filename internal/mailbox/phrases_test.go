package mailbox_test

import (
	"errors"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// F62: a unit's texts are written, changed, thrown away and taken back, by that unit.
func TestPhrases(t *testing.T) {
	w := newWorld(t)
	save := func(v store.Phrase) string { return faults(t, w.box.SavePhrase(w.ctx, anne(), clinic, v)) }
	for want, v := range map[string]store.Phrase{
		"name text":      {},
		"name":           {Name: "Om 0104909989", Text: "x"},
		"text":           {Name: "x", Text: "Kære {borgeren}"},
		"text text":      {Name: "x", Text: strings.Repeat("0104909989 ", 400)},
		"":               {Name: " Besøg  hjemme ", Text: "Vi besøger {borger} {dato}.\r\nVenlig hilsen {enhed}, {telefon}\n"},
		"name name text": {Name: strings.Repeat("0104909989 ", 9), Text: "a\x00"},
	} {
		if got := save(v); got != want {
			t.Errorf("%q: faults in %q, want %q", v.Name, got, want)
		}
	}
	if got := save(store.Phrase{Name: "besøg hjemme", Text: "x"}); got != "name" {
		t.Errorf("the same name again: %q", got)
	}
	list, err := w.box.Phrases(w.ctx, anne(), clinic)
	if err != nil || len(list) != 1 || list[0].Name != "Besøg hjemme" || list[0].By != anne().Name {
		t.Fatalf("%+v, %v", list, err)
	}
	if v, err := w.box.UnitView(w.ctx, anne(), clinic); err != nil || v.Phrases != 1 {
		t.Errorf("%d on the unit's page, %v", v.Phrases, err)
	}
	v := list[0]
	v.Name = "Besøg"
	if got := save(v); got != "" {
		t.Errorf("faults in %q", got)
	}
	if err := w.box.SavePhrase(w.ctx, clara(), ward, v); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("from another unit: %v", err)
	}
	token, err := w.box.DeletePhrase(w.ctx, anne(), clinic, v.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.box.Undo(w.ctx, anne(), clinic, token); err != nil {
		t.Fatal(err)
	}
	if list, err = w.box.Phrases(w.ctx, anne(), clinic); err != nil || len(list) != 1 || list[0].Name != "Besøg" {
		t.Errorf("%+v, %v", list, err)
	}
	w.sound()
}

// The fields of a text are filled from the letter; one that is not is never sent.
func TestPhrasesAreFilled(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	if err := w.box.SavePhrase(w.ctx, anne(), clinic, store.Phrase{Name: "x", Text: "{borger}, {modtager}, {dato}, {enhed}, {telefon}"}); err != nil {
		t.Fatal(err)
	}
	fill := func(f mailbox.Form, err error) string {
		t.Helper()
		if err != nil || len(f.Phrases) != 1 {
			t.Fatal(f.Phrases, err)
		}
		return mailbox.FillPhrase(f.Phrases[0].Text, f.Fields)
	}
	const want = "Torre Test Mosebryggersen, Hjemmesygeplejen Nord, Aarhus Kommune, 24.11.2026, Prøvehospitalet, Medicinsk Klinik, 87654321"
	for name, got := range map[string]string{"new": fill(w.box.LetterForm(w.ctx, anne(), clinic, draft())), "reply": fill(w.box.ReplyForm(w.ctx, anne(), clinic, id, answer())),
		"forward": fill(w.box.LetterForm(w.ctx, anne(), clinic, forwarding(id)))} {
		if got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	d := mailbox.Draft{Text: "x"}
	if got := fill(w.box.LetterForm(w.ctx, anne(), clinic, d)); got != "{borger}, {modtager}, 24.11.2026, Prøvehospitalet, Medicinsk Klinik, {telefon}" {
		t.Errorf("an empty form: %s", got)
	}
	left := draft()
	left.Text = "Vi besøger {borger} {snart}."
	if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, left))); got != "text" {
		t.Errorf("a field was not filled: %q", got)
	}
	left.Text = "Vi besøger {snart}."
	if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, left))); got != "" {
		t.Errorf("braces of one's own: %q", got)
	}
	w.sound()
}
