package web_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"brevdue"
	"brevdue/internal/store"
)

const scripted = `document.documentElement.classList.contains("scripted")`

func (w *world) statusOf(id int64) (s brevdue.Status) {
	w.update(func(tx store.Tx) error {
		l, err := tx.Letters().Get(w.ctx, id)
		if err == nil {
			s = l.Status
		}
		return err
	})
	return s
}

// F52, F60: by keyboard in the list: looking into a letter does not read it, opening does;
// letters are picked, taken, put away and taken back.
func TestBrowserDeskByKeyboard(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	first, second, third := w.arrive(letter{}), w.arrive(letter{text: "INR tages torsdag."}), w.arrive(letter{text: "Ny plan."})
	b := w.window(t)
	u := unitPath(clinic)
	b.signIn("anne", u+"/indbakke")
	b.until("scripts", scripted)
	b.press("j")
	b.press(" ")
	b.until("the letter beside the list", `document.querySelector("#kig [data-peeked]")?.innerText.includes("tæller ikke som læst")`)
	if s := w.statusOf(first); s != brevdue.Unread {
		t.Errorf("looking made it %s", s)
	}
	b.press("j")
	b.until("the next one beside the list", `document.querySelector("#kig").innerText.includes("INR tages torsdag")`)
	b.press(kb.Escape)
	b.until("gone", `document.querySelector("#kig").hidden`)
	b.press("x")
	b.press("k")
	b.press("X")
	b.until("two are picked", `document.querySelector("[data-picked]").textContent === "2 breve valgt"`)
	b.press("m")
	b.until("two are taken", `document.querySelector(".did")?.innerText.includes("2 breve er tildelt dig")`)
	b.until("scripts", scripted)
	b.press("g")
	b.press("m")
	b.until("one's own", `location.search === "?vis=mine" && document.querySelectorAll("[data-row]").length === 2`)
	b.until("scripts", scripted)
	b.press("j")
	b.press(kb.Enter)
	b.at(letterPath(clinic, first))
	b.until("read", `document.body.innerText.includes("Læst")`)
	if s := w.statusOf(first); s != brevdue.Read {
		t.Errorf("opening made it %s", s)
	}
	b.until("scripts", scripted)
	b.press("e")
	b.until("put away", `location.pathname.endsWith("/indbakke") && document.querySelector(".did")?.innerText.includes("1 brev er arkiveret")`)
	b.until("scripts", scripted)
	b.press("z")
	b.until("taken back", `document.querySelector(".did")?.innerText.includes("fortrudt")`)
	if s := w.statusOf(first); s != brevdue.Read {
		t.Errorf("after undo %s", s)
	}
	// What nobody has read stays.
	b.until("scripts", scripted)
	b.press("j")
	b.press("e")
	b.until("unread stays", `document.querySelector(".did")?.innerText.includes("ikke læst") || document.querySelector(".did")?.innerText.includes("1 brev er arkiveret")`)
	for _, id := range []int64{second, third} {
		if s := w.statusOf(id); s != brevdue.Unread {
			t.Errorf("letter %d is %s", id, s)
		}
	}
}

// F55: two people at one letter see each other within two seconds, and who sends a second
// answer is asked first. The clock is the test's, so the seconds are counted here.
func TestBrowserPresenceAndCollision(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	id := w.arrive(letter{})
	anne, clara := w.window(t), w.window(t)
	u := unitPath(clinic)
	anne.signIn("anne", u+"/indbakke")
	clara.signIn("clara", u+"/indbakke")
	clara.open(letterPath(clinic, id))
	anne.until("who reads, in the list", `document.querySelector("[data-there]").title === "Clara Prøve læser brevet"`)
	anne.open(letterPath(clinic, id))
	began := time.Now()
	anne.until("who reads, on the letter", `document.querySelector("[data-present]").innerText.includes("Clara Prøve læser brevet")`)
	clara.until("and the other way round", `document.querySelector("[data-present]").innerText.includes("Anne Kjær læser brevet")`)
	t.Logf("seen after %s", time.Since(began).Round(time.Millisecond))
	clara.open(letterPath(clinic, id) + "/svar")
	anne.until("who writes", `document.querySelector("[data-present]").innerText.includes("Clara Prøve skriver et svar")`)
	anne.open(letterPath(clinic, id) + "/svar")
	clara.until("who writes, on the form", `document.querySelector("[data-present]").innerText.includes("Anne Kjær skriver et svar")`)
	for _, b := range []*window{clara, anne} {
		b.pick("basis", "41-2-1")
		b.put("#f-text", "Svar fra "+map[bool]string{true: "Clara", false: "Anne"}[b == clara])
		b.check()
		b.until("check page", `document.querySelector("h1").textContent === "Tjek dine svar"`)
		b.until("scripts", scripted)
	}
	sendOn := func(b *window) {
		js[bool](b, `(document.querySelector("[value=send]").click(), true)`)
		b.until("sent", `document.querySelector("h1").textContent === "Brevet er afsendt"`)
	}
	sendOn(clara)
	js[bool](anne, `(document.querySelector("[data-submit]").click(), true)`)
	anne.until("asked first", `document.querySelector(".collision")?.innerText.includes("Clara Prøve sendte et svar")`)
	sent := func() (n int) {
		w.update(func(tx store.Tx) error {
			rows, err := tx.Letters().SentBy(w.ctx, clinic, 9, 0)
			n = len(rows)
			return err
		})
		return n
	}
	if sent() != 1 {
		t.Errorf("%d answers were sent before anybody was asked", sent())
	}
	anne.until("in focus", `document.activeElement.classList.contains("collision")`)
	sendOn(anne)
	if sent() != 2 {
		t.Errorf("%d answers were sent", sent())
	}
	clara.open(u + "/indbakke")
	anne.open(letterPath(clinic, id))
	clara.until("who reads", `document.querySelector("[data-there]").title === "Anne Kjær læser brevet"`)
	anne.open(u + "/sendt")
	clara.until("gone with the page", `document.querySelector("[data-there]").title === ""`)
}

// F56, F61: the pages of the desk are accessible and look as they should.
func TestBrowserDeskPages(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	busyUnit(w)
	b := w.window(t)
	u := unitPath(clinic)
	b.signIn("anne", u+"/indbakke")
	b.open(letterPath(clinic, 2))
	b.until("scripts", scripted)
	js[bool](b, `(document.querySelector("#f-note").closest("form").requestSubmit(), true)`)
	b.until("the fault", `document.activeElement.classList.contains("faults")`)
	b.inspect("note with a fault")
	b.put("#f-note", "Datteren ringer i morgen, @clara tager den.")
	js[bool](b, `(document.querySelector("#f-note").closest("form").requestSubmit(), true)`)
	b.until("kept", `document.querySelector(".did")?.innerText.includes("1 kollega får besked")`)
	b.inspect("letter with a note")
	for _, order := range []string{"due", "sender", "none", "subject"} {
		b.open(u + "/indbakke")
		b.until("scripts", scripted)
		js[bool](b, fmt.Sprintf(`(document.querySelector("#f-group").value = %q, document.querySelector("#f-group").form.requestSubmit(), true)`, order))
		b.until("grouped", fmt.Sprintf(`document.querySelector("#f-group")?.value === %q && document.querySelector("#f-group option[selected]").value === %q`, order, order))
		b.inspect("inbox by " + order)
	}
	b.press("j")
	b.press("x")
	b.press(" ")
	b.until("beside", `document.querySelector("#kig [data-peeked]")`)
	b.inspect("inbox with a letter beside it")
	b.open(letterPath(clinic, 1) + "/kig")
	b.inspect("preview as a page")
	b.open(u + "/indbakke")
	b.until("scripts", scripted)
	js[bool](b, `(document.querySelector("input[name=brev]").click(), document.querySelector("button[value=laest]").click(), true)`)
	b.until("the question", `document.querySelector("h1").innerText === "Markér som læst"`)
	b.inspect("question before reading")
	b.open(u + "/arkiv")
	b.inspect("empty archive")
	w.signedIn("anne").post(u+"/valgte", map[string][]string{"brev": {"2"}, "do": {"arkiver"}, "til": {u + "/indbakke"}})
	b.open(u + "/arkiv")
	b.until("one letter", `document.querySelectorAll("[data-row]").length === 1`)
	b.inspect("archive")
	c := w.window(t)
	c.signIn("clara", u+"/indbakke")
	c.until("told of it", `document.querySelector(".advis").innerText.includes("1 advis")`)
	c.open("/advis")
	c.inspect("notices")
}
