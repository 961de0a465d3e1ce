package web_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	cdp "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"brevdue"
	"brevdue/internal/store"
)

// lit says what is wrong with where the focus is, "" for nothing: it must be seen (WCAG
// 2.4.7), on the screen, and nothing may lie over it (2.4.11).
const lit = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) return "the focus is nowhere";
	const name = e.outerHTML.slice(0, 120), box = e.closest("label") ?? e;
	const seen = (n) => { const s = getComputedStyle(n); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== "none"; };
	if (!seen(e) && !seen(box)) return "the focus is not seen: " + name;
	const r = box.getClientRects()[0], x = (r.left + Math.min(r.right, innerWidth)) / 2, y = (Math.max(r.top, 0) + Math.min(r.bottom, innerHeight)) / 2;
	if (r.bottom <= 0 || r.top >= innerHeight || r.width < 1) return "the focus is off the screen: " + name;
	const top = document.elementFromPoint(x, y);
	if (top && !box.contains(top) && !top.contains(box)) return "something lies over the focus: " + name + " below " + top.outerHTML.slice(0, 120);
	return "";
})()`

// place is where the focus is: kept on the window's page, so that the next one can be held
// against it. A focus that goes back in the document, or up without going to the right, is
// out of order (2.4.3).
const place = `(() => {
	const e = document.activeElement, was = window.focusWas, r = e.getBoundingClientRect();
	const is = {e, left: r.left, right: r.right, top: r.top + scrollY, bottom: r.bottom + scrollY};
	window.focusWas = e === document.body ? undefined : is;
	if (!was || e === document.body || e === was.e || !was.e.isConnected) return "";
	const name = was.e.outerHTML.slice(0, 90) + " -> " + e.outerHTML.slice(0, 90);
	if (!(was.e.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)) return "the focus goes back: " + name;
	if (is.bottom <= was.top && is.left < was.right) return "the focus goes up: " + name;
	return "";
})()`

// walkTo presses Tab until the focus is where the expression says, and looks at every place
// it comes by. The first Tab begins where the page has put the focus.
func (b *window) walkTo(expression string) {
	b.t.Helper()
	js[bool](b, `(window.focusWas = undefined, true)`)
	for range 90 {
		if js[bool](b, "Boolean("+expression+")") {
			b.focused()
			return
		}
		b.press(kb.Tab)
		if wrong := js[string](b, place); wrong != "" {
			b.t.Error(wrong)
		}
		if js[bool](b, `document.activeElement !== document.body`) {
			b.focused()
		}
	}
	b.t.Fatalf("Tab never leads to where %s; the page is %s", expression, js[string](b, `location.pathname`))
}

// focused holds that the focus is seen.
func (b *window) focused() {
	b.t.Helper()
	if wrong := js[string](b, lit); wrong != "" {
		b.t.Errorf("%s (%s)", wrong, js[string](b, `location.pathname`))
	}
}

// ready waits for a page, by its heading, and its scripts.
func (b *window) ready(path, heading string) {
	b.t.Helper()
	b.at(path)
	b.until(heading, fmt.Sprintf(`document.querySelector("h1").textContent.includes(%q)`, heading))
}

// said waits for what the page says was done.
func (b *window) said(words string) {
	b.t.Helper()
	b.until(words, fmt.Sprintf(`document.querySelector(".did")?.innerText.includes(%q) && %s`, words, scripted))
}

// F60: a working day with the keys alone. Nothing is clicked, by pointer or by script; the
// focus is seen at every place, and goes on in order.
func TestBrowserKeyboardDay(t *testing.T) {
	wantBrowser(t)
	w := newWorldWith(t, 10*time.Second)
	w.set(at(14, 40, 0))
	other := w.arrive(letter{sent: at(14, 31, 0), subject: "Træning", text: "Genoptræning fra mandag."})
	urgent := w.arrive(letter{sent: at(14, 0, 0), high: true, clips: 1})
	b := w.window(t)
	b.longer(4 * time.Minute)
	b.open("/log-ind")
	b.plantedFaults()
	u := unitPath(clinic)
	b.signIn("anne", u+"/indbakke")

	// What is urgent: looked into, taken, read.
	b.walkTo(`document.activeElement.textContent.startsWith("Haster")`)
	b.press(kb.Enter)
	b.until("what is urgent", `location.search === "?vis=haster" && document.querySelectorAll("[data-row]").length === 1 && `+scripted)
	b.press("j")
	b.until("focus on the letter", fmt.Sprintf(`document.activeElement.id === "b%d"`, urgent))
	b.focused()
	b.press(" ")
	b.until("the letter beside the list", `document.querySelector("#kig [data-peeked]")?.innerText.includes("INR tages torsdag")`)
	b.focused()
	if s := w.statusOf(urgent); s != brevdue.Unread {
		t.Errorf("looking made it %s", s)
	}
	b.press(kb.Escape)
	b.until("gone", `document.querySelector("#kig").hidden`)
	b.press("m")
	b.said("tildelt dig")
	b.press("j")
	b.press(kb.Enter)
	b.ready(letterPath(clinic, urgent), "Medicin")
	if s := w.statusOf(urgent); s != brevdue.Read {
		t.Errorf("opening made it %s", s)
	}
	b.says("Læst", "Anne Kjær", "på vegne af")

	// The reply: checked, sent, taken back, put right, sent.
	b.press("r")
	b.at(letterPath(clinic, urgent) + "/svar")
	b.walkTo(`document.activeElement.name === "text"`)
	b.press("Ja, INR tages torsag.")
	b.walkTo(`document.activeElement.name === "basis"`)
	b.press(kb.ArrowDown)
	b.until("the basis", `document.querySelector("[name=basis]:checked")?.value === "41-2-1"`)
	b.focused()
	b.checkAndSend("Brevet er klar og afsendes om et øjeblik")
	b.press("z")
	b.until("back on the form", `document.querySelector("#f-text")?.value === "Ja, INR tages torsag." && `+scripted)
	b.walkTo(`document.activeElement.name === "text"`)
	b.press(kb.End, cdp.KeyModifiers(cdp.ModifierCtrl))
	b.press(kb.Backspace + kb.Backspace + kb.Backspace + "dag.")
	b.until("put right", `document.querySelector("#f-text").value === "Ja, INR tages torsdag."`)
	b.checkAndSend("Brevet er klar og afsendes om et øjeblik")

	// A note for a colleague, and the letter is put away.
	b.press("g")
	b.press("i")
	b.ready(u+"/indbakke", "Indbakke")
	b.walkTo(fmt.Sprintf(`document.activeElement.id === "b%d"`, urgent))
	b.press("o")
	b.ready(letterPath(clinic, urgent), "Medicin")
	b.walkTo(`document.activeElement.name === "note"`)
	b.press("Datteren ringer i morgen, @clara tager den.")
	b.press(kb.Tab)
	b.focused()
	b.press(kb.Enter)
	b.said("1 kollega får besked")
	b.press("e")
	b.said("1 brev er arkiveret")

	// The letter is found again.
	b.slash()
	b.until("focus in the search", `document.activeElement.id === "soeg"`)
	b.focused()
	b.press("marevan")
	b.press(kb.Enter)
	b.ready("/soeg", "Søg")
	b.press("j")
	b.until("focus on the hit", `document.activeElement.matches("[data-row]")`)
	b.focused()
	b.press(kb.Enter)
	b.ready(letterPath(clinic, urgent), "Medicin")

	// A new letter through all its sections; it is left and found among the drafts.
	b.press("n")
	b.at(u + "/nyt")
	b.writeNewLetter()
	b.until("kept", `document.querySelector("[data-saved]").textContent.startsWith("Kladde gemt kl. ")`)
	b.press(kb.Escape)
	b.walkTo(`document.activeElement.matches(".actions a.quiet")`)
	b.press(kb.Enter)
	b.ready(u+"/indbakke", "Indbakke")
	b.walkTo(`document.activeElement.pathname?.endsWith("/kladder")`)
	b.press(kb.Enter)
	b.ready(u+"/kladder", "Kladder")
	b.press("j")
	b.focused()
	b.press(kb.Enter)
	b.until("as it was left", `document.querySelector("#f-text")?.value === "Medicinen er ændret." && document.querySelector("[name=basis]:checked") && `+scripted)
	b.checkAndSend("Brevet er klar og afsendes om et øjeblik")

	// The board: one letter is taken and given back; then the shift takes over all.
	b.press("g")
	b.press("f")
	b.at(u + "/frister")
	b.press("j")
	b.until("focus on the card", fmt.Sprintf(`document.activeElement.id === "b%d"`, other))
	b.focused()
	b.press("m")
	b.said("tildelt dig")
	b.press("z")
	b.said("fortrudt")
	b.walkTo(`document.activeElement.pathname?.endsWith("/frister/overtag")`)
	b.press(kb.Enter)
	b.at(u + "/frister/overtag")
	b.walkTo(`document.activeElement.matches("[data-submit]")`)
	b.press(kb.Enter)
	b.said("Du har overtaget 1 brev")

	// What was read goes to the record.
	b.walkTo(`document.activeElement.pathname?.endsWith("/journal")`)
	b.press(kb.Enter)
	b.ready(u+"/journal", "Ikke journaliseret")
	b.walkTo(`document.activeElement.name === "brev"`)
	b.press(" ")
	b.walkTo(`document.activeElement.name === "case"`)
	b.press("2026-1")
	b.walkTo(`document.activeElement.value === "valgte"`)
	b.press(kb.Enter)
	b.said("overdraget")

	// The settings, and home.
	b.menu(`document.activeElement.pathname === "/indstillinger"`)
	b.ready("/indstillinger", "Indstillinger")
	b.walkTo(`document.activeElement.name === "visning"`)
	b.press(kb.ArrowDown)
	b.walkTo(`document.activeElement.matches(".settings button")`)
	b.press(kb.Enter)
	b.until("saved, and compact", `location.search === "?gemt" && document.body.classList.contains("compact") && `+scripted)
	b.menu(`document.activeElement.matches("[action='/log-ud'] button")`)
	b.until("signed out", `location.pathname === "/log-ind" && document.querySelector("[name=login]")`)

	w.dayIsDone(t, urgent, other)
}

// plantedFaults holds that what looks at the focus sees what is wrong with it.
func (b *window) plantedFaults() {
	b.t.Helper()
	b.until("focus in the first field", `document.activeElement.name === "login"`)
	if wrong := js[string](b, lit) + js[string](b, place); wrong != "" {
		b.t.Errorf("without a fault: %s", wrong)
	}
	js[bool](b, `(document.querySelector("h1").innerHTML = '<a href="/" id="up">up</a>', document.getElementById("up").focus(), true)`)
	if wrong := js[string](b, place); wrong == "" {
		b.t.Error("a focus that goes back is not seen")
	}
	js[bool](b, `(document.getElementById("up").style = "outline: none; box-shadow: none", true)`)
	if wrong := js[string](b, lit); wrong == "" {
		b.t.Error("a focus without a ring is not seen")
	}
	js[bool](b, `(document.body.appendChild(document.createElement("div")).style = "position: fixed; inset: 0", document.getElementById("up").style = "outline: 3px solid", true)`)
	if wrong := js[string](b, lit); wrong == "" {
		b.t.Error("a focus below something is not seen")
	}
}

// longer gives a test more time than others have.
func (b *window) longer(d time.Duration) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(context.WithoutCancel(b.ctx), d)
	b.t.Cleanup(stop)
	b.ctx = ctx
}

// checkAndSend goes from a form by Ctrl+Enter and the check page to the page that says that
// the letter is on its way.
func (b *window) checkAndSend(heading string) {
	b.t.Helper()
	b.press(kb.Enter, cdp.KeyModifiers(cdp.ModifierCtrl))
	b.until("check page", `document.querySelector("h1").textContent === "Tjek dine svar" && `+scripted)
	b.walkTo(`document.activeElement.value === "send"`)
	b.press(kb.Enter)
	b.until(heading, fmt.Sprintf(`document.querySelector("h1").textContent === %q && %s`, heading, scripted))
}

// writeNewLetter fills in all sections of the form, for a citizen who is an outpatient: no
// date is asked for, which each browser has keys of its own for.
func (b *window) writeNewLetter() {
	b.t.Helper()
	on := func(name string) string { return fmt.Sprintf(`document.activeElement.name === %q`, name) }
	for _, f := range []struct{ name, text string }{{"cpr", "010490-9989"}, {"given", "Torre Test"}, {"surname", "Mosebryggersen"}} {
		b.walkTo(on(f.name))
		b.press(f.text)
	}
	b.walkTo(on("episode"))
	b.press(kb.ArrowDown)
	b.until("an outpatient", `document.querySelector("[name=episode]:checked").value === "ambulant"`)
	b.walkTo(on("words"))
	b.press("hjemmesygeplejen prøvek")
	b.until("one hit", `document.querySelectorAll("[name=receiver]").length === 1`)
	b.walkTo(on("receiver"))
	b.press(" ")
	b.until("the promise", `!document.querySelector("[data-promise-box]").innerText.includes("Vælg en modtager")`)
	b.walkTo(`document.activeElement.id === "f-subject"`)
	b.press("med")
	b.until("the subject, and the focus kept", `document.querySelector("[name=subject]").value === "Medicin|Medicin" && document.activeElement.id === "f-subject"`)
	b.walkTo(on("text"))
	b.press("Medicinen er ændret.")
	b.walkTo(on("basis"))
	b.press(kb.ArrowDown)
	b.until("the basis", `document.querySelector("[name=basis]:checked")?.value === "41-2-1"`)
}

// menu opens the person's menu, goes to where the expression says in it, and presses Enter.
func (b *window) menu(expression string) {
	b.t.Helper()
	b.walkTo(`document.activeElement.matches(".me summary")`)
	b.press(kb.Enter)
	b.until("the menu", `document.querySelector(".me").open`)
	b.walkTo(expression)
	b.press(kb.Enter)
}

// dayIsDone holds the archive against the day.
func (w *world) dayIsDone(t *testing.T, urgent, other int64) {
	t.Helper()
	if s := w.statusOf(urgent); s != brevdue.Filed {
		t.Errorf("the urgent letter is %s", s)
	}
	w.update(func(tx store.Tx) error {
		rows, err := tx.Letters().SentBy(w.ctx, clinic, 9, 0)
		if err != nil {
			return err
		}
		var states []brevdue.Status
		for _, r := range rows {
			states = append(states, r.Status)
		}
		if len(states) != 3 || states[0] != brevdue.Queued || states[1] != brevdue.Queued || states[2] != brevdue.Withdrawn {
			t.Errorf("written that day, the newest first: %v", states)
		}
		l, err := tx.Letters().Get(w.ctx, other)
		if err == nil && l.AssignedName != "Anne Kjær" {
			t.Errorf("the other letter is with %q", l.AssignedName)
		}
		if err != nil {
			return err
		}
		clara, err := tx.Users().ByLogin(w.ctx, "clara")
		if err != nil {
			return err
		}
		if n, err := tx.Notes().CountMentions(w.ctx, clara.ID); err != nil || n != 1 {
			t.Errorf("%d notices, %v", n, err)
		}
		if j, err := tx.Journals().Get(w.ctx, urgent); err != nil || j.Case != "2026-1" {
			t.Errorf("to the record: %+v, %v", j, err)
		}
		drafts, err := tx.Drafts().Count(w.ctx, clinic)
		if drafts != 0 {
			t.Errorf("%d drafts are left", drafts)
		}
		return err
	})
}
