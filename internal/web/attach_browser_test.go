package web_test

import (
	"testing"

	"brevdue/internal/store"
)

// F62: files are added as they are chosen or dropped, without anything else of the form
// being touched; one is taken away and comes back; who takes none is told of at once.
func TestBrowserAttach(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	b := w.window(t)
	u := unitPath(clinic)
	b.signIn("anne", u+"/indbakke")
	b.newLetter(u, "træningen")
	b.put("#f-text", "Se billedet.")
	files := func(list string) string {
		return `(() => { const d = new DataTransfer(); for (const [n, s] of ` + list + `) d.items.add(new File([s], n)); return d })()`
	}
	js[bool](b, `(() => { const f = document.querySelector("#f-files"); f.focus(); f.files = `+files(`[["Foto.gif", "GIF89a"], ["x.docx", "PK"]]`)+`.files; f.dispatchEvent(new Event("change", {bubbles: true})); return true })()`)
	b.until("one is added, the other refused", `document.querySelectorAll(".files li").length === 1 && document.querySelector(".files .fault").textContent.includes("x.docx: Kun PDF")`)
	b.until("said aloud", `document.querySelector("[data-asked]").textContent.includes("1 bilag er vedhæftet.")`)
	b.until("the focus stays", `document.activeElement.id === "f-files"`)
	b.until("nothing else is touched", `document.querySelector("#f-text").value === "Se billedet." && document.querySelector("[name=kladde]").value !== ""`)
	b.inspect("a file and a fault")
	js[bool](b, `(() => { const e = (n) => document.querySelector("#f-text").dispatchEvent(new DragEvent(n, {bubbles: true, cancelable: true, dataTransfer: `+files(`[["Brev.pdf", "%PDF-1.7"]]`)+`})); e("dragover"); const seen = Boolean(document.querySelector(".dropping")); e("drop"); return seen })()`)
	b.until("dropped", `document.querySelectorAll(".files li").length === 2 && !document.querySelector(".files .fault, .dropping")`)
	js[bool](b, `(e => {e.focus(); e.click(); return true})(document.querySelector(".files li button"))`)
	b.until("taken away, with the focus on the way back", `document.querySelectorAll(".files li").length === 1 && document.activeElement.id === "f-files-back"`)
	b.inspect("a file taken away")
	b.press("\r")
	b.until("back", `document.querySelectorAll(".files li").length === 2`)
	b.put("#f-text", "Se billedet og brevet.")
	b.until("the draft is kept as before", `document.querySelector("[data-saved]").textContent.startsWith("Kladde gemt kl. ")`)
	b.open(u + "/kladder")
	b.until("one draft", `document.querySelectorAll("[data-row]").length === 1`)
	js[bool](b, `(document.querySelector("[data-row]").click(), true)`)
	b.until("as it was left", `document.querySelectorAll(".files li").length === 2 && document.querySelector("#f-text").value === "Se billedet og brevet."`)
	b.until("scripts", scripted)
	b.put("#f-receiver", "socialafdelingen")
	b.until("another receiver", `document.querySelector("[name=receiver][value='`+string(social)+`']")`)
	b.pick("receiver", string(social))
	b.until("who takes no files", `document.querySelector(".files .note")?.innerText.includes("ikke tage imod filer")`)
	b.put("#f-receiver", "træningen")
	b.until("the first one", `document.querySelector("[name=receiver][value='`+string(east)+`']")`)
	b.pick("receiver", string(east))
	b.until("who does", `!document.querySelector(".files .note")`)
	b.subject("Medicin")
	b.pick("episode", "ambulant")
	b.pick("basis", "41-2-1")
	b.send()
	w.update(func(tx store.Tx) error {
		rows, err := tx.Letters().SentBy(w.ctx, clinic, 9, 0)
		if err != nil || len(rows) != 1 {
			t.Fatal(len(rows), err)
		}
		sent, err := tx.Files().Enclosed(w.ctx, rows[0].ID)
		if len(sent) != 2 {
			t.Errorf("%+v", sent)
		}
		return err
	})
}
