package web_test

import (
	"testing"
	"time"

	"brevdue/internal/store"
)

// F62: what is written is kept by itself; after the page is gone, or the server was
// started again, it is there; sending it makes one letter and no draft.
func TestBrowserDrafts(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	id := w.arrive(letter{})
	b := w.window(t)
	u := unitPath(clinic)
	b.signIn("anne", u+"/indbakke")
	b.open(u + "/kladder")
	b.inspect("no drafts")
	b.open(letterPath(clinic, id) + "/svar")
	b.until("scripts", scripted)
	b.put("#f-text", "Vi ses torsdag.")
	b.until("kept", `document.querySelector("[data-saved]").textContent.startsWith("Kladde gemt kl. ")`)
	b.put("#f-text", "Vi ses torsdag kl. 10.")
	b.until("kept again", `document.querySelector("[name=kladde]").value === "2"`)
	b.open(u + "/kladder") // nothing asks whether the page may go
	b.until("in the list", `document.querySelectorAll("[data-row]").length === 1`)
	b.inspect("drafts")
	b.press("j")
	js[bool](b, `(document.querySelector("[data-row]").click(), true)`)
	b.until("as it was left", `document.querySelector("#f-text")?.value === "Vi ses torsdag kl. 10."`)
	b.until("scripts", scripted)
	c := w.window(t) // a colleague writes on in it meanwhile
	c.signIn("clara", u+"/indbakke")
	c.open(u + "/kladder")
	c.until("in the list", `document.querySelector("[data-row]")`)
	js[bool](c, `(document.querySelector("[data-row]").click(), true)`)
	c.until("open", `document.querySelector("#f-text")`)
	c.until("scripts", scripted)
	c.put("#f-text", "Vi ses fredag.")
	c.until("kept", `document.querySelector("[name=kladde]").value === "3"`)
	b.put("#f-text", "Vi ses torsdag kl. 11.")
	b.until("told of it", `document.querySelector("[data-saved]").textContent.includes("Clara Prøve har også ændret kladden")`)
	b.pick("basis", "41-2-1")
	b.send()
	var left []store.Draft
	sent := 0
	w.update(func(tx store.Tx) (err error) {
		left, err = tx.Drafts().OfUnit(w.ctx, clinic, 0)
		if err != nil {
			return err
		}
		rows, err := tx.Letters().SentBy(w.ctx, clinic, 9, 0)
		sent = len(rows)
		return err
	})
	if sent != 1 || len(left) != 1 || left[0].ChangedName != "Clara Prøve" {
		t.Errorf("%d letters, drafts left: %d", sent, len(left))
	}
	b.open(u + "/kladder")
	js[bool](b, `(document.querySelector(".draftrows form button").click(), true)`)
	b.until("deleted", `document.querySelector(".did")?.innerText.includes("Kladden er slettet")`)
	b.until("scripts", scripted)
	b.press("z")
	b.until("taken back", `document.querySelectorAll("[data-row]").length === 1`)
}

// F62: a letter is taken back within ten seconds and comes back to be put right.
func TestBrowserUndoSend(t *testing.T) {
	wantBrowser(t)
	w := newWorldWith(t, 10*time.Second)
	id := w.arrive(letter{})
	b := w.window(t)
	u := unitPath(clinic)
	b.signIn("anne", u+"/indbakke")
	b.open(letterPath(clinic, id) + "/svar")
	b.until("scripts", scripted)
	b.pick("basis", "41-2-1")
	b.put("#f-text", "Fejl i datoen.")
	b.send()
	b.until("it can be taken back", `document.querySelector("[data-undo] button")`)
	b.inspect("sent and can be taken back")
	b.until("scripts", scripted)
	b.press("z")
	b.until("what was written", `document.querySelector("#f-text")?.value === "Fejl i datoen." && document.querySelector("[data-saved]").textContent.includes("er ikke sendt")`)
	w.update(func(tx store.Tx) error {
		rows, err := tx.Letters().SentBy(w.ctx, clinic, 9, 0)
		if len(rows) != 1 || rows[0].Status != "withdrawn" {
			t.Errorf("%+v", rows)
		}
		return err
	})
}
