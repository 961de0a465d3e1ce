package web_test

import (
	"testing"

	cdp "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A call about a received letter is recorded on a page of its own, without scripts, and
// stands on the letter; what is wrong comes back beside its field.
func TestPhonePage(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	b := w.signedIn("anne")
	path := letterPath(clinic, id) + "/telefon"
	f := b.get(path).want(200, "Telefonkontakt om brev B-000001", "Kun internt").Form("/telefon")
	if f.Values.Get("callnumber") != "11 22 33 44" || f.Values.Get("callat") != "2026-11-24T10:00" {
		t.Errorf("the form begins with %v", f.Values)
	}
	p := b.submit(f)
	p.want(422, "Skriv, hvem der svarede", "Skriv, hvad der blev aftalt.")
	f = p.Form("/telefon")
	f.Set("callwho", "Sygeplejerske Hansen")
	f.Set("callagreed", "Besøg i morgen.\nVi sender plan.")
	p = b.submit(f)
	p.want(200, "Telefonkontakten er gemt.", "Telefonkontakt af Anne Kjær", "Sygeplejerske Hansen", "Aftalt: Besøg i morgen.", "Vi sender plan.")
	if p.path != letterPath(clinic, id) {
		t.Errorf("leads to %s", p.path)
	}
	w.signedIn("bo").get(path).want(404)
	w.signedIn("bo").post(path, f.Values).want(404)
}

// F60, F61: from the list by t, filled in and kept by keyboard; accessible, with faults too.
func TestBrowserPhone(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	id := w.arrive(letter{})
	b := w.window(t)
	b.signIn("anne", unitPath(clinic)+"/indbakke")
	b.until("scripts", scripted)
	b.press("j")
	b.press("t")
	b.at(letterPath(clinic, id) + "/telefon")
	b.inspect("phone")
	b.press(kb.Enter, cdp.KeyModifiers(cdp.ModifierCtrl))
	b.until("the faults in focus", `document.activeElement.classList.contains("faults")`)
	b.inspect("phone-faults")
	b.tabTo(`document.activeElement.id === "f-callwho"`)
	b.press("Sygeplejerske")
	b.press(kb.Tab)
	b.press("Besøg i morgen")
	b.press(kb.Enter, cdp.KeyModifiers(cdp.ModifierCtrl))
	b.at(letterPath(clinic, id))
	b.until("on the letter", `document.querySelector(".notes").innerText.includes("Besøg i morgen")`)
	b.press("t")
	b.at(letterPath(clinic, id) + "/telefon")
}
