package web_test

import (
	"strings"
	"testing"

	cdp "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"brevdue/internal/store"
)

// F62: a unit's texts are written, changed and deleted, and put into a letter with their
// fields filled, all without scripts.
func TestPhrasesWithoutJavaScript(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	b := w.signedIn("anne")
	u := unitPath(clinic)
	reply := letterPath(clinic, id) + "/svar"
	if b.get(reply).First("#f-phrase") != nil {
		t.Error("there are no texts, and the form offers some")
	}
	b.get(u+"/enheden").want(200, "Tekstskabeloner", "0 tekster")
	f := b.get(u+"/tekster").want(200, "ingen tekstskabeloner").Form("/tekster")
	b.submit(f).want(422, "Giv teksten et navn", "Skriv teksten.")
	if !f.Set("name", "Besøg") || !f.Set("text", "Kære {navnet}") {
		t.Fatal("the form has no fields")
	}
	f = b.submit(f).want(422, "Feltet {navnet} findes ikke").Form("/tekster")
	f.Set("text", "Vi besøger {borger} {dato}.\nRing {telefon}.")
	p := b.submit(f).want(200, "Teksten er gemt.", "Besøg", "Vi besøger {borger} {dato}.")
	change := b.get(strings.TrimSuffix(p.First("a[aria-label=Ret teksten Besøg]").Attr["href"], "#ny")).want(200, "Ret teksten")
	if got := change.First("#f-name").Attr["value"]; got != "Besøg" {
		t.Errorf("the form to change it holds %q", got)
	}
	b.post(u+"/tekster", map[string][]string{"id": {change.First("input[name=id]").Attr["value"]}, "name": {"Besøg aftalt"}, "text": {"Vi besøger {borger} {dato}.\nRing {telefon}."}}).want(200, "Teksten er gemt.", "Besøg aftalt")
	b.get(u + "/tekster?ret=99").want(404)
	w.signedIn("bo").get(u + "/tekster").want(404)

	p = b.get(reply).want(200, "Indsæt tekst")
	f = replyFilled(t, p)
	if !f.Set("skabelon", "1") || !f.Press("do", "indsaet") {
		t.Fatal("a text cannot be chosen")
	}
	f = b.submit(f).want(200).Form("/svar")
	if got := f.Values.Get("text"); got != "Se billedet.\n\nVi besøger Torre Test Mosebryggersen 24.11.2026.\nRing 87654321.\n" || f.Values.Get("basis") != "41-2-1" {
		t.Errorf("%q, %v", got, f.Values)
	}
	f.Set("text", "Vi besøger {borger}.")
	f.Press("do", "tjek")
	b.submit(f).want(422, "Teksten har felter, der ikke er udfyldt: {borger}.")

	f = b.get(u + "/tekster").Form("/tekster")
	f.Press("slet", "1")
	b.submit(f).want(200, "Teksten er slettet.")
	f = b.post(u+"/tekster", map[string][]string{"slet": {"1"}}).want(404).Form("/fortryd")
	if f != nil {
		t.Error("what is not there was deleted")
	}
}

// enter presses Enter in the chooser; the keys of the driver type theirs into the field
// that has the focus afterwards.
func (b *window) enter() {
	b.t.Helper()
	js[bool](b, `document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true}))`)
}

// F62: the texts of the unit are found by name, at the cursor, by keyboard alone.
func TestBrowserPhrases(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	w.update(func(tx store.Tx) error {
		for name, text := range map[string]string{"Besøg aftalt": "Vi besøger {borger} {dato}.", "Ringetid": "Ring {telefon}.", "Til modtageren": "Kære {modtager}"} {
			if _, err := tx.UnitFacts().PutPhrase(w.ctx, store.Phrase{Unit: clinic, Name: name, Text: text, By: "Anne Kjær", At: w.clock()}); err != nil {
				return err
			}
		}
		return nil
	})
	b := w.window(t)
	u := unitPath(clinic)
	b.signIn("anne", u+"/indbakke")
	b.open(u + "/tekster")
	b.inspect("texts")
	b.newLetter(u, "hjemmesygeplejen prøvek")
	js[bool](b, `(() => { const f = document.querySelector("#f-text"); f.focus(); f.value = "Kære alle\n\nHilsen"; f.setSelectionRange(10, 10); return true })()`)
	b.slash()
	b.until("the list", `document.querySelector("#chooser").open && document.querySelectorAll("#chooser li").length === 3`)
	b.inspect("the unit's texts")
	b.press("bes")
	b.until("found", `document.querySelectorAll("#chooser li").length === 1 && document.querySelector("#chooser [role=status]").textContent === "1 fundet"`)
	b.enter()
	b.until("at the cursor, filled", `document.querySelector("#f-text").value === "Kære alle\nVi besøger Torre Test Mosebryggersen 24.11.2026.\nHilsen" && document.activeElement.id === "f-text"`)
	b.press(" a/b")
	b.until("elsewhere it is a character", `document.querySelector("#f-text").value.includes("2026. a/b")`)
	js[bool](b, `(document.querySelector("#f-text").value = "", true)`)
	b.slash()
	b.until("the list again", `document.querySelector("#chooser").open`)
	b.press(kb.Escape)
	b.until("it stays a character when nothing is chosen", `!document.querySelector("#chooser").open && document.querySelector("#f-text").value === "/"`)
	js[bool](b, `(document.querySelector("[data-phrases] button.js").click(), true)`)
	b.until("by the button", `document.querySelector("#chooser").open`)
	b.press(kb.ArrowDown)
	b.press(kb.ArrowDown)
	b.enter()
	b.until("the receiver that was chosen", `document.querySelector("#f-text").value === "/Kære Hjemmesygeplejen Nord"`)
	b.until("kept", `document.querySelector("[data-saved]").textContent.startsWith("Kladde gemt kl. ")`)
}

// F60: every action and page is found by its name and done, by keyboard alone.
func TestBrowserPalette(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	id := w.arrive(letter{})
	b := w.window(t)
	u := unitPath(clinic)
	b.signIn("anne", u+"/indbakke")
	b.until("scripts", scripted)
	open := func() {
		t.Helper()
		b.press("k", cdp.KeyModifiers(2))
		b.until("the palette", `document.querySelector("#chooser").open && document.activeElement.getAttribute("role") === "combobox"`)
	}
	open()
	b.inspect("palette")
	if js[bool](b, `document.querySelector("#chooser ul").innerText.includes("Mosebryggersen")`) {
		t.Error("the palette lists letters")
	}
	b.press(kb.ArrowDown)
	b.until("the second", `document.querySelector("#chooser input").getAttribute("aria-activedescendant") === "choice-1" && document.querySelector("#choice-1").getAttribute("aria-selected") === "true"`)
	b.press(kb.ArrowUp)
	b.press(kb.ArrowUp)
	b.until("around to the last", `document.querySelector("#chooser li:last-child").getAttribute("aria-selected") === "true"`)
	b.press(" findes ikke")
	b.until("nothing", `document.querySelector("#chooser [role=status]").textContent === "0 fundet"`)
	b.enter()
	b.press(kb.Escape)
	b.until("closed", `!document.querySelector("#chooser").open`)
	open()
	b.press("kladd")
	b.until("found", `document.querySelectorAll("#chooser li").length === 1`)
	b.enter()
	b.at(u + "/kladder")
	b.open(letterPath(clinic, id))
	b.until("scripts", scripted)
	open()
	b.press("svar")
	b.until("found", `document.querySelector("#choice-0").textContent === "Svar"`)
	b.enter()
	b.at(letterPath(clinic, id) + "/svar")
	js[bool](b, `(document.querySelector("#f-text").focus(), true)`)
	open()
	b.press("gem kladde")
	b.enter()
	b.until("a button of the form", `document.querySelector("[name=kladde]").value === "1"`)
}
