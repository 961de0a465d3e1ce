package web_test

import (
	"fmt"
	"strings"
	"testing"

	cdp "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"brevdue/internal/store"
)

// put gives a field a value as a person does who leaves it again.
func (b *window) put(selector, value string) {
	b.t.Helper()
	b.until(selector, fmt.Sprintf(`document.querySelector(%q)`, selector))
	js[bool](b, fmt.Sprintf(`(e => {e.focus(); e.value = %q; e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); return true})(document.querySelector(%q))`, value, selector))
}

// pick presses a choice once it is there. The press is the page's own: the part may be
// shown anew at any moment, and a pointer needs a place that stands still.
func (b *window) pick(name, value string) {
	b.t.Helper()
	selector := fmt.Sprintf(`[name=%s][value=%q]`, name, value)
	b.until(selector, fmt.Sprintf(`document.querySelector('%s')`, selector))
	js[bool](b, fmt.Sprintf(`(e => {e.focus(); e.click(); return true})(document.querySelector('%s'))`, selector))
}

// there tells whether the form has a field.
func (b *window) there(name string) bool {
	b.t.Helper()
	return js[bool](b, fmt.Sprintf(`Boolean(document.querySelector('[name=%s]'))`, name))
}

// newLetter opens the form and fills in the citizen and the receiver found by words.
func (b *window) newLetter(unit, words string) {
	b.t.Helper()
	b.open(unit + "/nyt")
	b.at(unit + "/nyt")
	b.until("scripts", `document.documentElement.classList.contains("scripted")`)
	b.put("[name=cpr]", "010490-9989")
	b.put("[name=given]", "Torre Test")
	b.put("[name=surname]", "Mosebryggersen")
	b.put("#f-receiver", words)
	b.until("one hit", `document.querySelectorAll("[name=receiver]").length === 1`)
	b.do(cdp.Click(cdp.CSS("[name=receiver]")))
	b.until("the promise", `!document.querySelector("[data-promise-box]").innerText.includes("Vælg en modtager")`)
}

// check presses the button below the questions, which may move while they come.
func (b *window) check() {
	b.t.Helper()
	js[bool](b, `(document.querySelector("[data-submit]").click(), true)`)
}

// send goes by the check page to the page that says that the letter was sent.
func (b *window) send() {
	b.t.Helper()
	b.check()
	b.until("check page", `document.querySelector("h1").textContent === "Tjek dine svar"`)
	b.do(cdp.Click(cdp.CSS("[value=send]")))
	b.until("sent", `["Brevet er afsendt", "Brevet er klar og afsendes om et øjeblik"].includes(document.querySelector("h1").textContent)`)
}

// The questions appear only when they matter (AGR-701, F18): as the answers come, in
// place, with the focus where it was, and said aloud.
func TestBrowserQuestionsAppear(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	b := w.window(t)
	u := unitPath(clinic)
	b.signIn("anne", u+"/indbakke")
	b.newLetter(u, "hjemmesygeplejen prøvek")
	b.until("the discharge question", `document.querySelector("[name=discharging]")`)
	b.pick("episode", "ambulant")
	b.until("no discharge question for an outpatient", `!document.querySelector("[name=discharging]")`)
	b.pick("episode", "indlagt")
	for _, name := range []string{"discharge", "services", "need", "exempt", "weighing", "consentdate", "health"} {
		if b.there(name) {
			t.Errorf("%s is asked before it matters", name)
		}
	}
	b.pick("discharging", "yes")
	b.put("[name=discharge]", "2026-11-26") // a Thursday: the rule is silent
	b.pick("basis", "43-1")
	b.until("the date of the consent", `document.querySelector("[name=consentdate]")`)
	if b.there("services") {
		t.Error("services are asked about on a Thursday")
	}
	b.put("[name=discharge]", "2026-11-27")
	b.pick("services", "no")
	b.until("focus where it was", `document.activeElement.name === "services" && document.activeElement.value === "no"`)
	b.until("when the need is, said aloud", `document.querySelector("[data-asked]").textContent.includes("første gang få brug for")`)
	b.put("[name=need]", "2026-12-01")
	b.until("the exemption", `document.querySelector("[name=exempt]")`)
	b.put("[name=need]", "2026-11-30")
	b.until("the call, with what is known filled in", `document.querySelector("details.call").open && document.querySelector("[name=callnumber]").value === "11223344" && document.querySelector("[name=callorganisation]").value === "Hjemmesygeplejen Nord"`)
	b.pick("services", "yes")
	b.until("served: nothing to call about", `!document.querySelector("[name=need]") && !document.querySelector("details.call").open`)
	b.pick("basis", "43-2-2")
	b.until("the weighing", `document.querySelector("[name=weighing]")`)
	if b.there("consentdate") {
		t.Error("a consent is still asked about")
	}
	// What is typed while an answer is under way stays.
	js[bool](b, `(() => {document.querySelector('[name=basis][value="41-2-4"]').click(); document.querySelector("[name=weighing]").value = "Skrevet imens"; return true})()`)
	b.until("the other basis, and what was typed", `document.querySelector("[name=basis]:checked").value === "41-2-4" && document.querySelector("[name=weighing]").value === "Skrevet imens"`)

	// Advice on the text comes while one writes.
	b.put("[name=text]", "Det haster.")
	b.until("advice", `document.querySelector("[data-part=hints]").innerText.includes("Ring")`)
	b.put("[name=text]", "")
	b.until("no advice", `!document.querySelector("[data-part=hints]").innerText.includes("Ring")`)

	// Another standard is named before a word of the text is written.
	b.put("[name=purpose]", "XDIS18")
	b.until("its name and code", `document.querySelector(".standard").innerText.includes("Udskrivningsrapport (XDIS18")`)
	if js[string](b, `document.querySelector("[name=text]").value`) != "" {
		t.Error("there is text already")
	}
}

// The number of the unit is put in with one press (F21), and a person's is refused
// with that way out.
func TestBrowserPhoneIsPutIn(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	b := w.window(t)
	id := w.arrive(letter{})
	b.signIn("anne", unitPath(clinic)+"/indbakke")
	b.open(letterPath(clinic, id) + "/svar")
	b.at(letterPath(clinic, id) + "/svar")
	b.put("[name=phone]", "20 12 34 56")
	b.put("[name=text]", "Svar")
	b.pick("basis", "41-2-1")
	b.check()
	b.until("the fault", `document.querySelector(".faults")?.innerText.includes("ligner en persons mobilnummer")`)
	b.until("scripts", `document.documentElement.classList.contains("scripted")`)
	b.do(cdp.Click(cdp.CSS("[data-insert-phone]")))
	b.until("the unit's number", `document.querySelector("[name=phone]").value === "87654321" && document.querySelector("[data-signature]").textContent.includes("Tlf. 87654321") && !document.querySelector("[data-insert-phone]")`)
	b.send()
}

// Every state of the form with its questions is accessible and needs no scrolling
// sideways at 400 % (F61).
func TestBrowserQuestionsAreAccessible(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	b := w.window(t)
	u := unitPath(clinic)
	b.signIn("anne", u+"/indbakke")
	b.newLetter(u, "hjemmesygeplejen prøvek")
	b.pick("discharging", "yes")
	b.put("[name=discharge]", "2026-11-27")
	b.pick("services", "no")
	b.put("[name=need]", "2026-11-30")
	b.put("[name=purpose]", "XDIS18")
	b.put("[name=afterphone]", "AGR-803")
	b.pick("basis", "43-2-2")
	b.until("all questions", `document.querySelector("[name=weighing]") && document.querySelector("[name=afterphonereason]")`)
	b.inspect("questions")
	b.put("[name=text]", "Medicin\tDosis. Det haster.")
	b.check()
	b.until("faults", `document.querySelector(".faults")`)
	b.inspect("questions with faults")
	for i := range js[int](b, `document.querySelectorAll(".faults a").length`) {
		b.do(cdp.KeyEvent(""), cdp.Click(cdp.CSS(fmt.Sprintf(".faults li:nth-child(%d) a", i+1))))
		b.until("focus in the field", fmt.Sprintf(`document.activeElement.id === document.querySelectorAll(".faults a")[%d].hash.slice(1)`, i))
	}
	b.put("#f-subject", "5") // Medicin
	b.put("[name=callwho]", "Visitator")
	b.put("[name=callagreed]", "Besøg lørdag formiddag")
	b.put("[name=weighing]", "Borgeren har brug for hjælp allerede lørdag.")
	b.send()
	sent := js[string](b, `location.pathname`)
	b.newLetter(u, "hjemmesygeplejen prøvek")
	b.pick("discharging", "no")
	b.put("#f-subject", "5")
	b.put("[name=text]", "Medicin\tDosis.")
	b.pick("basis", "41-2-1")
	b.check()
	b.until("the check page with advice and what was written before", `document.querySelector(".recent") && document.querySelector(".hinted") && document.querySelector(".kept")`)
	b.inspect("check page with advice")
	b.open(letterPath(clinic, 1)[:len(letterPath(clinic, 1))-len("/brev/1")] + "/sendt/1")
	b.until("what is kept", `document.querySelector(".kept")?.innerText.includes("Visitator")`)
	b.inspect("sent letter with what is kept")
	if sent != u+"/afsendt/1" {
		t.Errorf("sent as %s", sent)
	}
	came := strings.Replace(letterPath(clinic, w.refused(w.signedIn("anne"), "Kørsel er bestilt.")), "/brev/", "/sendt/", 1)
	for _, path := range []string{came, came + "/ret"} {
		b.open(path)
		b.until("the page", `document.querySelector("h1")`)
		b.inspect(path)
	}
	w.update(func(tx store.Tx) error {
		tasks, err := tx.Tasks().Open(w.ctx, clinic, 0)
		if err == nil && len(tasks) != 2 {
			t.Errorf("tasks: %+v", tasks)
		}
		return err
	})
}

// A new letter with its questions by keyboard alone (F60): from n in the inbox to the
// page that says it was sent, through a discharge up to a weekend and the call it asks for.
func TestBrowserNewLetterByKeyboard(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	b := w.window(t)
	u := unitPath(clinic)
	on := func(name string) string { return fmt.Sprintf(`document.activeElement.name === %q`, name) }
	b.signIn("anne", u+"/indbakke")
	b.until("scripts", `document.documentElement.classList.contains("scripted")`)
	b.press("n")
	b.at(u + "/nyt")
	b.until("scripts", `document.documentElement.classList.contains("scripted")`)
	for _, f := range []struct{ name, text string }{{"cpr", "010490-9989"}, {"given", "Torre Test"}, {"surname", "Mosebryggersen"}} {
		b.tabTo(on(f.name))
		b.press(f.text)
	}
	b.tabTo(on("episode"))
	b.press(" ") // Indlagt
	b.tabTo(on("words"))
	b.press("hjemmesygeplejen prøvek")
	b.until("one hit", `document.querySelectorAll("[name=receiver]").length === 1`)
	b.tabTo(on("receiver"))
	b.press(" ")
	b.until("the questions of the receiver", `document.querySelector("[name=discharging]") && document.querySelector("[name=purpose]")`)
	b.tabTo(`document.activeElement.id === "f-subject"`)
	b.press("med") // the letters of Medicin
	b.until("the subject", `document.querySelector("[name=subject]").value === "Medicin|Medicin"`)
	b.until("focus in the category", `document.activeElement.id === "f-subject"`)
	b.tabTo(on("text"))
	b.press("Medicinen er ændret.")
	b.tabTo(on("discharging"))
	b.press(kb.ArrowRight) // from no to yes
	b.until("the date, and the focus kept", `document.querySelector("[name=discharge]") && document.activeElement.name === "discharging" && document.activeElement.value === "yes"`)
	js[bool](b, `(document.querySelector("[name=discharge]").value = "2026-11-27", true)`) // each browser has its own keys for a date
	b.tabTo(on("discharge"))
	js[bool](b, `(document.activeElement.dispatchEvent(new Event("change", {bubbles: true})), true)`)
	b.until("the services", `document.querySelector("[name=services]")`)
	b.tabTo(on("services"))
	b.press(kb.ArrowRight) // no
	b.until("the need", `document.querySelector("[name=need]") && document.activeElement.value === "no"`)
	js[bool](b, `(document.querySelector("[name=need]").value = "2026-11-28", true)`)
	b.tabTo(on("need"))
	js[bool](b, `(document.activeElement.dispatchEvent(new Event("change", {bubbles: true})), true)`)
	b.until("the call", `document.querySelector("details.call").open`)
	b.tabTo(on("callwho"))
	b.press("Visitator")
	b.tabTo(on("callagreed"))
	b.press("Besøg lørdag")
	b.tabTo(on("basis"))
	b.press(kb.ArrowDown)
	b.until("the basis", `document.querySelector("[name=basis]:checked")?.value === "41-2-1"`)
	b.press(kb.Enter, cdp.KeyModifiers(cdp.ModifierCtrl))
	b.until("check page", `document.querySelector("h1").textContent === "Tjek dine svar"`)
	b.until("scripts", `document.documentElement.classList.contains("scripted")`)
	b.tabTo(`document.activeElement.value === "send"`)
	b.press(kb.Enter)
	b.until("sent", `document.querySelector("h1").textContent === "Brevet er afsendt"`)
	if r := w.newest().Record; r.Call == nil || r.Call.Agreed != "Besøg lørdag" || r.Need != "2026-11-28" || r.Basis.Code != "41-2-1" {
		t.Errorf("kept %+v", r)
	}
}
