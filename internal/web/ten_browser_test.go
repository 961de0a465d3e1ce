package web_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	cdp "github.com/chromedp/chromedp"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/internal/web"
)

// F13: on the page where one presses Send: what was promised for today is promised for the
// next day while one looks, in a region that is read out, and a letter sent then is due as
// the page says.
func TestBrowserPromiseOnCheckPage(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	w.set(at(14, 20, 0))
	b := w.window(t)
	u := unitPath(ward)
	b.signIn("bo", u+"/indbakke")
	b.newLetter(u, "socialafd")
	b.pick("episode", "ambulant")
	b.subject("Medicin")
	b.put("[name=text]", "Medicinen er ændret fra i dag.")
	b.pick("basis", "41-2-1")
	b.pick("health", "yes")
	w.set(at(14, 29, 55))
	b.check()
	b.until("check page", `document.querySelector("h1").textContent === "Tjek dine svar"`)
	const box = `document.querySelector("[data-promise-box]")`
	b.until("the promise for today, and its clock", box+`.innerText.includes("i dag kl. 15") && document.querySelector(".countdown")`)
	if live := js[string](b, box+`.getAttribute("aria-live")`); live != "polite" {
		t.Errorf("the promise is announced %q", live)
	}
	b.until("the promise for tomorrow", box+`.innerText.includes("i morgen kl. 15") && `+box+`.classList.contains("changed")`)
	w.set(at(14, 30, 0))
	b.do(cdp.Click(cdp.CSS("[value=send]")))
	b.says("Brevet er afsendt", "onsdag 25. november kl. 15")
	if l := w.newest(); l.Duty == nil || !l.Duty.Due.Equal(at(15, 0, 0).AddDate(0, 0, 1)) {
		t.Errorf("due %+v", l.Duty)
	}
}

// F62: the server goes away while somebody writes, and comes back: what was written is kept
// as soon as it is there. It goes away again just when the letter has been kept and before
// it could say so: pressing Send once more sends nothing twice.
func TestBrowserServerIsStartedAgain(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	id := w.arrive(letter{})
	b := w.window(t)
	u := unitPath(clinic)
	b.signIn("anne", u+"/indbakke")
	b.open(letterPath(clinic, id) + "/svar")
	b.until("scripts", scripted)
	b.pick("basis", "41-2-1")
	b.put("#f-text", "Vi ses torsdag.")
	b.until("kept", `document.querySelector("[data-saved]").textContent.startsWith("Kladde gemt kl. ")`)

	w.server.Listener.Close()
	w.server.CloseClientConnections()
	b.put("#f-text", "Vi ses torsdag kl. 10.")
	b.until("said", `document.querySelector("[data-saved]").textContent.includes("Kladden kunne ikke gemmes")`)
	var drop atomic.Bool
	w.again(t, func(rw http.ResponseWriter, r *http.Request) {
		if drop.Load() && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/svar") {
			w.web.ServeHTTP(unheard{}, r)
			panic(http.ErrAbortHandler) // the connection ends without an answer
		}
		w.web.ServeHTTP(rw, r)
	})
	b.until("kept again, signed in as before", `document.querySelector("[data-saved]").textContent.startsWith("Kladde gemt kl. ")`)
	b.open(u + "/kladder")
	b.until("in the list", `document.querySelectorAll("[data-row]").length === 1`)
	js[bool](b, `(document.querySelector("[data-row]").click(), true)`)
	b.until("as it was left", `document.querySelector("#f-text")?.value === "Vi ses torsdag kl. 10."`)
	b.until("scripts", scripted)
	b.check()
	b.until("check page", `document.querySelector("h1").textContent === "Tjek dine svar" && `+scripted)
	w.count(t, 0)
	form := js[string](b, `new URLSearchParams(new FormData(document.querySelector(".sendform"))).toString()`)
	drop.Store(true)
	js[bool](b, `(document.querySelector("[data-submit]").click(), true)`)
	b.until("no answer", `!document.querySelector(".sendform")`)
	drop.Store(false)
	w.count(t, 1)
	b.open(u + "/indbakke") // there is nothing to go back to: the page is asked for again
	b.until("scripts", scripted)
	js[bool](b, fmt.Sprintf(`((f) => {
		f.method = "post";
		f.action = %q;
		for (const [name, value] of new URLSearchParams(%q)) Object.assign(f.appendChild(document.createElement("input")), {name, value});
		Object.assign(f.appendChild(document.createElement("input")), {name: "do", value: "send"});
		document.body.append(f);
		f.submit();
		return true;
	})(document.createElement("form"))`, letterPath(clinic, id)+"/svar", form))
	b.until("sent, once", `["Brevet er afsendt", "Brevet er klar og afsendes om et øjeblik"].includes(document.querySelector("h1")?.textContent)`)
	w.count(t, 1)
	w.update(func(tx store.Tx) error {
		n, err := tx.Drafts().Count(w.ctx, clinic)
		if n != 0 {
			t.Errorf("%d drafts are left", n)
		}
		return err
	})
}

// again lets a server answer at the address the old one had.
func (w *world) again(t *testing.T, handler http.HandlerFunc) {
	t.Helper()
	l, err := net.Listen("tcp", w.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	w.rebuild(func(*web.Config) {}) // nothing is left of the old one but the archive
	s := &http.Server{Handler: handler, BaseContext: w.server.Config.BaseContext}
	go func() { _ = s.Serve(l) }() // ends when the test closes it
	t.Cleanup(func() { s.Close() })
}

// unheard takes what nobody is there to hear.
type unheard struct{}

func (unheard) Header() http.Header         { return http.Header{} }
func (unheard) Write(p []byte) (int, error) { return len(p), nil }
func (unheard) WriteHeader(int)             {}

// count holds how many letters the clinic has sent.
func (w *world) count(t *testing.T, want int) {
	t.Helper()
	w.update(func(tx store.Tx) error {
		rows, err := tx.Letters().SentBy(w.ctx, clinic, 9, 0)
		if len(rows) != want {
			t.Errorf("%d letters were sent, want %d", len(rows), want)
		}
		return err
	})
}

// F70: in a browser with a colleague's address from another unit: the letter, its paper,
// bytes, attachment and preview, the board and the lists are not found; the search finds
// nothing of it; the attempts are in the log, and nothing of the citizen in the address.
func TestBrowserOtherUnits(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	id := w.arrive(letter{clips: 1, text: "Marevan er pauseret i klinikken."})
	b := w.window(t)
	own := unitPath(ward) + "/indbakke"
	b.signIn("bo", own)
	l := letterPath(clinic, id)
	paths := []string{l, l + "/pdf", l + "/original", l + "/original/hent", l + "/bilag/1", l + "/bilag/1/vis", l + "/kig", l + "/svar",
		strings.Replace(l, string(clinic), string(ward), 1), unitPath(clinic) + "/indbakke", unitPath(clinic) + "/frister", unitPath(clinic) + "/journal",
		unitPath(clinic) + "/arkiv", unitPath(clinic) + "/kladder", unitPath(clinic) + "/opgaver", unitPath(clinic) + "/enheden"}
	for _, path := range paths {
		b.open(path)
		b.until("the page", `document.querySelector("h1")`)
		if got := js[string](b, `document.querySelector("h1").textContent + performance.getEntriesByType("navigation")[0].responseStatus`); got != "Siden findes ikke404" {
			t.Errorf("%s: %s", path, got)
		}
		if text := js[string](b, `document.documentElement.outerHTML`); strings.Contains(text, "Mosebryggersen") || strings.Contains(text, "pauseret") {
			t.Errorf("%s shows something of the letter", path)
		}
	}
	for _, words := range []string{"marevan", store.LetterNumber(id)} {
		b.open(own)
		b.until("scripts", scripted)
		b.slash()
		b.press(words)
		b.press("\r")
		b.at("/soeg")
		b.until("nothing found", `document.querySelector(".empty")`)
	}
	if s := w.statusOf(id); s != brevdue.Unread {
		t.Errorf("the letter is %s", s)
	}
	denied := strings.Count(audited(w), "bo letter.denied")
	if want := len(paths) + 1; denied < want {
		t.Errorf("%d attempts are in the log, want %d", denied, want)
	}
}
