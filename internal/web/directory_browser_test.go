package web_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// F58, F60, F61: the directory while one types, by keyboard alone, accessible at 320 points.
func TestBrowserDirectory(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	w.arrive(letter{})
	b := w.window(t)
	b.signIn("anne", unitPath(clinic)+"/indbakke")
	b.tabTo(`document.activeElement.pathname === "/adressebog"`)
	b.press(kb.Enter)
	b.at("/adressebog")
	b.inspect("directory")
	js[bool](b, `(document.querySelector("main details").open = true)`)
	b.inspect("directory with its choices")
	b.tabTo(`document.activeElement.id === "f-ord"`)
	b.press("traening")
	b.until("found while typing", `document.querySelectorAll(".entries .row").length === 1 && document.querySelector(".entries").innerText.includes("Træningen Øst")`)
	b.until("it is said aloud", `document.querySelector("[data-said]").textContent === "1 enhed"`)
	if !js[bool](b, `document.activeElement.id === "f-ord" && !location.search.includes("traening")`) {
		t.Error("typing moved the focus, or the words are in the address")
	}
	b.press("xx")
	b.until("nobody", `document.querySelector(".found .empty")`)
	b.inspect("directory without hits")
	b.press(kb.Backspace + kb.Backspace)
	b.until("found again", `document.querySelector(".entries .row")`)
	b.tabTo(`document.activeElement.matches(".entries a")`)
	b.press(kb.Enter)
	b.at("/adressebog/" + string(east))
	b.inspect("entry of a municipality")
	b.tabTo(`document.activeElement.id === "f-name"`)
	b.press("x" + kb.Enter)
	b.until("the fault in focus", `document.activeElement.classList.contains("faults")`)
	b.inspect("entry with a fault")
	b.open("/adressebog/" + string(home))
	b.tabTo(`document.activeElement.id === "f-name"`)
	b.press("Hjemmesygeplejen Nord, Prøvekøbing Kommune" + kb.Enter)
	b.until("proposed", `document.querySelector(".note.good")`)
	b.inspect("entry with a name that waits")
	b.open("/adressebog/fund")
	js[bool](b, `(document.querySelectorAll("main details").forEach(d => d.open = true), true)`)
	b.inspect("findings")
	b.tabTo(`document.activeElement.matches("[data-copy]")`)
	b.press(kb.Enter)
	b.until("the text is copied or marked", `document.querySelector("[data-copy] + [role=status]").textContent !== "" && getSelection().toString().includes("Til den SOR-ansvarlige")`)
}
