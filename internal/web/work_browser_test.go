package web_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"brevdue/internal/store"
)

// busyUnit fills the clinic's pages with everything they can show.
func busyUnit(w *world) {
	w.arrive(letter{sent: at(10, 0, 0).AddDate(0, 0, -1), subject: "Træning", high: true})
	affairs(w)
	w.arrive(letter{text: "INR tages torsdag."})
	w.arrive(letter{code: "8830", place: "Tjele", subject: "Hjælpemidler"})
	w.set(at(14, 40, 0))
	w.arrive(letter{sent: at(14, 31, 0), subject: "Vedr. transport til kontrol i ambulatoriet med et meget langt emne"})
}

// affairs are the clinic's own: routes to teams, closed days, arrangements and tasks of its
// first letter.
func affairs(w *world) {
	w.update(func(tx store.Tx) error {
		f := tx.UnitFacts()
		if err := f.PutRoutes(w.ctx, clinic, []store.Route{{Subject: "Medicin", Team: "Medicinholdet"}, {Sender: home, Municipality: "8800-8850, Viborg", Team: "Nord"}, {Subject: store.RouteTray, Team: "Bakken"}}); err != nil {
			return err
		}
		for _, c := range []store.Closed{{Unit: clinic, From: "2026-11-26", To: "2026-11-27", Text: "Kursus for alle", Contact: "Vagttelefonen, 87650000", Notice: true, By: "Anne Kjær"},
			{Unit: clinic, From: "2026-12-24", To: "2026-12-31", Text: "Juleferie", Contact: "Sengeafsnittet, 87654322", By: "Anne Kjær"}} {
			if _, err := f.AddClosed(w.ctx, c); err != nil {
				return err
			}
		}
		for _, a := range []store.Arrangement{{Unit: clinic, Other: home, Citizen: testCPR, Text: "Aftalt på netværksmøde med hjemmesygeplejen", Until: "2026-12-31", By: "Anne Kjær", At: w.now},
			{Unit: clinic, Other: social, Text: "Må skrive om udskrivelser", Until: "2026-10-31", By: "Bo Prøve", At: w.now}} {
			if _, err := f.AddArrangement(w.ctx, a); err != nil {
				return err
			}
		}
		for kind, due := range map[store.TaskKind]int{store.TaskInform: 9, store.TaskConsent: 16} {
			if _, err := tx.Tasks().Add(w.ctx, store.Task{Unit: clinic, Letter: 1, Kind: kind, Due: at(due, 0, 0), At: at(8, 0, 0)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// F57, F60, F61: the board, its wall and the unit's pages are accessible, need no
// scrolling sideways at 320 points, and look as they should.
func TestBrowserWorkPages(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	busyUnit(w)
	w.arrive(letter{to: care, from: clinic})
	b := w.window(t)
	u := unitPath(clinic)
	b.signIn("anne", u+"/indbakke")
	wall := "?visning=" + url.QueryEscape("væg")
	for _, path := range []string{u + "/indbakke", u + "/indbakke?hold=Nord", u + "/frister", u + "/frister" + wall, u + "/frister/overtag", u + "/enheden", u + "/lukkedage", u + "/fordeling?proev", u + "/aftaler", u + "/opgaver", letterPath(clinic, 3)} {
		b.open(path)
		b.until("the page", `document.querySelector("h1")`)
		b.inspect(path)
	}
	for _, page := range []struct{ path, form, heading string }{{u + "/lukkedage", ".compose", ""}, {u + "/fordeling", ".compose", ""}, {u + "/aftaler", ".compose", ""}} {
		b.open(page.path)
		b.until("scripts", `document.documentElement.classList.contains("scripted")`)
		js[bool](b, fmt.Sprintf(`(document.querySelector("%s [data-submit]").click(), true)`, page.form))
		b.until("the faults in focus", `document.activeElement.classList.contains("faults")`)
		b.inspect(page.path + " with faults")
	}
	c := w.window(t)
	c.signIn("dorte", unitPath(care)+"/indbakke")
	for _, path := range []string{letterPath(care, 5), unitPath(care) + "/frister", unitPath(care) + "/enheden", unitPath(care) + "/emner"} {
		c.open(path)
		c.until("the page", `document.querySelector("h1")`)
		c.inspect(path)
	}
}

// F57, F60: the board by keyboard: there by g f, from card to card by j and k, taken
// by m, taken back by z, opened by Enter.
func TestBrowserBoardByKeyboard(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	busyUnit(w)
	b := w.window(t)
	u := unitPath(clinic)
	b.signIn("anne", u+"/indbakke")
	b.press("g")
	b.press("f")
	b.at(u + "/frister")
	b.press("j")
	b.until("focus on the first card", `document.activeElement.id === "b1"`)
	b.press("j")
	b.press("j")
	b.press("k")
	b.until("focus on the second card", `document.activeElement.matches("[data-row]") && [...document.querySelectorAll("[data-row]")].indexOf(document.activeElement) === 1`)
	id := js[string](b, `document.activeElement.id`)
	b.press("m")
	b.until("taken", `document.querySelector(".did")?.innerText.includes("tildelt dig")`)
	b.until("whose it is", fmt.Sprintf(`document.getElementById(%q).closest("li").innerText.includes("Tildelt dig")`, id))
	b.until("scripts", `document.documentElement.classList.contains("scripted")`)
	b.press("z")
	b.until("taken back", `document.querySelector(".did")?.innerText.includes("fortrudt")`)
	b.until("scripts", `document.documentElement.classList.contains("scripted")`)
	b.press("j")
	b.press(kb.Enter)
	b.at(letterPath(clinic, 1))
	b.press("m") // on the letter as well
	b.until("taken", `document.querySelector(".did")?.innerText.includes("tildelt dig")`)
}

// F57, F65: the open board follows what happens: a letter comes, a colleague takes
// it, it is read; the focus stays. When the server is gone it says since when, and
// its clocks go on.
func TestBrowserBoardIsLive(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	w.set(at(14, 20, 0))
	first := w.arrive(letter{sent: at(14, 0, 0)})
	b := w.window(t)
	u := unitPath(clinic)
	b.signIn("anne", u+"/indbakke")
	b.open(u + "/frister")
	b.at(u + "/frister")
	b.press("j")
	in := func(column int) string {
		return fmt.Sprintf(`document.querySelectorAll(".column")[%d].querySelectorAll("li").length`, column)
	}
	b.until("one today", in(2)+" === 1")
	second := w.arrive(letter{sent: at(14, 10, 0)})
	b.until("two today", in(2)+" === 2")
	b.until("focus where it was", fmt.Sprintf(`document.activeElement.id === "b%d"`, first))
	w.signedIn("clara").post(letterPath(clinic, second)+"/tag", url.Values{"til": {u + "/frister"}})
	b.until("who took it", `document.querySelector(".columns").innerText.includes("Tildelt Clara Prøve")`)
	w.signedIn("clara").get(letterPath(clinic, second))
	b.until("one left", in(2)+" === 1")
	w.set(at(14, 40, 0))
	w.arrive(letter{sent: at(14, 20, 0)})
	b.until("both within half an hour", in(1)+" === 2")
	// Somebody does something: listening alone keeps nobody signed in.
	js[bool](b, `(fetch(location.href).then(() => window.touched = true), true)`)
	b.until("a page was asked for", `window.touched`)
	w.set(at(15, 0, 1))
	w.update(func(tx store.Tx) error { tx.Notify(store.TopicUnit(clinic)); return nil })
	b.until("late, and the menu says so", in(0)+` === 2 && document.querySelector("[data-late]").textContent === "2" && document.title.startsWith("(2) ")`)

	w.server.CloseClientConnections()
	w.server.Listener.Close()
	b.until("since when it stands", `document.querySelector(".stamp").innerText.includes("Ikke opdateret siden 15.00")`)
	was := js[float64](b, `performance.now()`)
	time.Sleep(50 * time.Millisecond)
	if js[float64](b, `performance.now()`) <= was || js[string](b, `document.querySelector(".chip.late .chip-t").textContent`) == "" {
		t.Error("the clocks stopped")
	}
}
