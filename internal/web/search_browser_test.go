package web_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"brevdue/internal/store"
)

// slash presses the key that leads to the search. The keys of the driver type their
// character whatever a page has said to it; those of a keyboard do not.
func (b *window) slash() {
	b.t.Helper()
	if js[bool](b, `document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true, cancelable: true}))`) {
		b.t.Error("the key is not taken and would be typed")
	}
}

// F59, F60, F61, F73: a search by keyboard from the inbox and from a letter; the answer
// is accessible at every width, and the number of a citizen is in no address, title or
// storage of the browser.
func TestBrowserSearch(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	busyUnit(w)
	b := w.window(t)
	b.signIn("clara", unitPath(clinic)+"/indbakke")
	b.slash()
	b.until("focus in the search", `document.activeElement.id === "soeg"`)
	b.press("/ marevan") // in a field a key is a character
	b.press(kb.Enter)
	b.at("/soeg")
	b.until("what was sought is marked", `document.querySelector("mark")?.textContent === "Marevan"`)
	b.inspect("/soeg with hits")
	b.press("j")
	b.until("focus on the first hit", `document.activeElement.matches("[data-row]")`)
	b.press(kb.Enter)
	b.until("the letter", `document.querySelector("article, .letter") && document.documentElement.classList.contains("scripted") && location.pathname.includes("/brev/")`)
	b.slash()
	b.until("focus in the search of a letter", `document.activeElement.id === "soeg"`)
	b.press(testCPR[:6] + "-" + testCPR[6:])
	b.press(kb.Enter)
	b.at("/soeg")
	b.until("a citizen", `document.querySelector(".found .note")?.innerText.includes("borger")`)
	b.inspect("/soeg for a citizen")
	everything := js[string](b, `location.href + document.title + JSON.stringify({...sessionStorage}) + JSON.stringify({...localStorage}) + performance.getEntries().map(e => e.name).join()`)
	if strings.Contains(everything, testCPR[6:]) {
		t.Errorf("the browser keeps the number: %s", everything)
	}
	b.slash()
	b.until("the field on the page itself", `document.activeElement.id === "soeg" && document.activeElement.selectionEnd > 5`)
	b.press("findesikke")
	b.press(kb.Enter)
	b.until("nothing found", `document.querySelector(".empty")`)
	b.until("scripts", `document.documentElement.classList.contains("scripted")`)
	b.inspect("/soeg without hits")
	js[bool](b, `(document.querySelector("main details").open = true, document.getElementById("f-from").type = "text", document.getElementById("f-from").value = "x", document.querySelector("main form").requestSubmit(), true)`)
	b.until("the faults in focus", `document.activeElement.classList.contains("faults")`)
	b.inspect("/soeg with faults")
	b.open("/soeg")
	b.at("/soeg")
	b.inspect("/soeg")
	b.slash()
	b.press(store.LetterNumber(1))
	b.press(kb.Enter)
	b.at(letterPath(clinic, 1))
	for _, path := range []string{"/indstillinger", unitPath(clinic) + "/indbakke", letterPath(clinic, 1)} { // the field in the frame
		b.open(path)
		b.at(path)
		b.inspect(path + " with search")
	}
}
