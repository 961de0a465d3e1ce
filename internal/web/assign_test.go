package web_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"brevdue/internal/store"
)

// userID is the number of a person.
func (w *world) userID(login string) (id int64) {
	w.t.Helper()
	w.update(func(tx store.Tx) error {
		u, err := tx.Users().ByLogin(w.ctx, login)
		id = u.ID
		return err
	})
	return id
}

// F56: a letter is given to a colleague from the list and from its page, without scripts;
// the colleague has it among their own; it is undone; nobody else can be chosen.
func TestAssignPages(t *testing.T) {
	w := newWorld(t)
	one, two := w.arrive(letter{code: "8800"}), w.arrive(letter{subject: "Træning"})
	w.update(func(tx store.Tx) error {
		return tx.UnitFacts().PutRoutes(w.ctx, clinic, []store.Route{{Subject: "Hjælpemidler", Team: "Nord"}})
	})
	b, list := w.signedIn("anne"), unitPath(clinic)+"/indbakke"
	pick := func(do string, set map[string]string) *page {
		t.Helper()
		f := b.get(list).Form("/valgte")
		f.Values["brev"] = []string{fmt.Sprint(one), fmt.Sprint(two)}
		for k, v := range set {
			f.Values.Set(k, v)
		}
		f.Press("do", do)
		return b.submit(f)
	}
	p := b.get(list).want(200, "Vælg kollega", "Anne Kjær", "Clara Prøve", "Ingen (giv tilbage)")
	if f := p.Form("/valgte"); f.Set("person", fmt.Sprint(w.userID("bo"))) {
		t.Error("somebody of another unit can be chosen")
	}
	pick("tildel", nil).want(200, "Vælg en kollega først.")
	pick("tildel", map[string]string{"person": fmt.Sprint(w.userID("bo"))}).want(404)
	pick("tildel", map[string]string{"person": "x"}).want(404)
	clara := fmt.Sprint(w.userID("clara"))
	p = pick("tildel", map[string]string{"person": clara})
	p.want(200, "2 breve er tildelt kollegaen.", "Tildelt Clara Prøve")
	w.signedIn("clara").get(list+"?vis=mine").want(200, "Medicin", "Træning", "Tildelt Clara Prøve")
	b.submit(p.Form("/fortryd")).want(200, "Det er fortrudt.").wantNot("Tildelt Clara Prøve")

	p = pick("flyt", map[string]string{"hold": "Nord"})
	p.want(200, "2 breve er flyttet.", "Hold: Nord")
	b.submit(p.Form("/fortryd")).want(200, "Det er fortrudt.").wantNot("Hold: Nord")
	pick("flyt", map[string]string{"hold": testCPR}).want(200, "Holdets navn kan ikke bruges").wantNot(testCPR)

	p = b.get(letterPath(clinic, one))
	f := p.Form("/tildel")
	if !f.Set("person", clara) {
		t.Fatal("Clara cannot be chosen on the letter")
	}
	p = b.submit(f)
	p.want(200, "1 brev er tildelt kollegaen.", "Tildelt Clara Prøve", "Af Anne Kjær")
	if p.path != letterPath(clinic, one) {
		t.Errorf("leads to %s", p.path)
	}
	f = p.Form("/tildel")
	if f.Set("person", clara) || !f.Set("person", "0") {
		t.Error("the choices are not those who do not have it, and nobody")
	}
	b.submit(f).want(200, "1 brev er givet tilbage.", "Ikke tildelt")
	w.signedIn("bo").post(letterPath(clinic, one)+"/tildel", f.Values).want(404)
}

// choose picks an option of the list in focus with the arrow.
func (b *window) choose(label string) {
	b.t.Helper()
	for range 9 {
		if js[string](b, `document.activeElement.selectedOptions[0].textContent`) == label {
			return
		}
		b.press(kb.ArrowDown)
	}
	b.t.Fatalf("there is no %s", label)
}

// F60, F61: by keyboard alone: a letter in focus and a letter's page are given away with a.
func TestBrowserAssign(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	w.arrive(letter{})
	second := w.arrive(letter{text: "Ny plan."})
	w.update(func(tx store.Tx) error {
		return tx.UnitFacts().PutRoutes(w.ctx, clinic, []store.Route{{Subject: "Hjælpemidler", Team: "Nord"}})
	})
	b := w.window(t)
	b.signIn("anne", unitPath(clinic)+"/indbakke")
	b.until("scripts", scripted)
	b.press("j")
	b.press("a")
	b.until("the choice in focus, one picked", `document.activeElement.id === "f-person" && document.querySelector("[data-picked]").textContent === "1 brev valgt"`)
	b.inspect("assign-list")
	b.choose("Clara Prøve")
	b.press(kb.Tab)
	b.press(kb.Enter)
	b.until("given", `document.querySelector(".did")?.innerText.includes("1 brev er tildelt kollegaen")`)
	b.until("scripts", scripted)
	b.press("z")
	b.until("taken back", `document.querySelector(".did")?.innerText.includes("fortrudt")`)
	b.open(letterPath(clinic, second))
	b.until("scripts", scripted)
	b.press("a")
	b.until("the choice in focus", `document.activeElement.id === "f-person"`)
	b.choose("Clara Prøve")
	b.press(kb.Tab)
	b.press(kb.Enter)
	b.until("given", `document.querySelector(".work").innerText.includes("Tildelt Clara Prøve")`)
	b.inspect("assign-letter")
}
