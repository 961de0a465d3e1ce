package web_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"brevdue"
	"brevdue/internal/store"

	cdp "github.com/chromedp/chromedp"
)

// paperText is the text of a PDF this program wrote.
func paperText(t *testing.T, data string) string {
	t.Helper()
	var b strings.Builder
	for _, m := range regexp.MustCompile(`(?s)/Length \d+>>\nstream\n(.*?)\nendstream`).FindAllStringSubmatch(data, -1) {
		r, err := zlib.NewReader(strings.NewReader(m[1]))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(r)
		if err != nil || !bytes.Contains(content, []byte("BT ")) {
			continue
		}
		for _, s := range regexp.MustCompile(`(?s)\(((?:\\.|[^\\)])*)\) ?Tj`).FindAllSubmatch(content, -1) {
			raw := regexp.MustCompile(`(?s)\\(.)`).ReplaceAllFunc(s[1], func(e []byte) []byte {
				if e[1] == 'r' {
					return []byte("\r")
				}
				return e[1:]
			})
			var units []uint16
			for k := 0; k+1 < len(raw); k += 2 {
				units = append(units, uint16(raw[k])<<8|uint16(raw[k+1]))
			}
			b.WriteString(string(utf16.Decode(units)) + "\n")
		}
	}
	return b.String()
}

// F64: the file holds the whole letter and what was done about it, is called something
// that says nothing of the citizen, and is the unit's own.
func TestLetterAsPDF(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{text: "Marevan er pauseret. Æblegrød på Ærø.", high: false, clips: 1})
	w.arrive(letter{text: "Et andet brev"})
	anne := w.signedIn("anne")
	anne.get(letterPath(clinic, id)).want(200, "Hent PDF")
	w.set(at(10, 5, 0))
	p := anne.get(letterPath(clinic, id) + "/pdf")
	if p.status != 200 || p.header.Get("Content-Type") != "application/pdf" || p.header.Get("Content-Disposition") != `attachment; filename="brev-B-000001.pdf"` ||
		p.header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(p.body, "%PDF-") {
		t.Fatalf("status %d, %v", p.status, p.header)
	}
	text := paperText(t, p.body)
	for _, want := range []string{"Brev B-000001 · modtaget tirs. 24. nov. 2026 kl. 10.00", "Medicin", "Torre Test Mosebryggersen", "010490-9989", "Prøvekøbing Kommune", "Telefon 11 22 33 44",
		"Lokationsnummer " + string(home), "Lokationsnummer " + string(clinic), "Marevan er pauseret. Æblegrød på Ærø.", "Læsefrist", "tirs. 24. nov. 2026 kl. 15.00", "Læst",
		"tirs. 24. nov. 2026 kl. 10.00 af Anne Kjær", "1. Skema 1", "Positiv", "XCTL03", "Brevnummer", "Side 1 af ", "Brev B-000001 · dannet tirs. 24. nov. 2026 kl. 10.05 af Anne Kjær"} {
		if !strings.Contains(text, want) {
			t.Errorf("the paper does not say %q; it says:\n%s", want, text)
		}
	}
	for _, not := range []string{"i dag", "i går", "⟦", "%!"} {
		if strings.Contains(text, not) {
			t.Errorf("the paper says %q:\n%s", not, text)
		}
	}
	if again := anne.get(letterPath(clinic, id) + "/pdf"); again.body != p.body {
		t.Error("the same letter at the same time is another file")
	}
	if n := w.audit("letter.printout"); n != 2 {
		t.Errorf("%d downloads are on record", n)
	}
	// Another unit's letter does not exist, nor a received one among those sent.
	bo := w.signedIn("bo")
	for _, path := range []string{letterPath(clinic, id), letterPath(ward, id)} {
		bo.get(path + "/pdf").want(404)
		bo.post(path+"/journal", url.Values{}).want(404)
		bo.post(path+"/journal/fortryd", nil).want(404)
	}
	bo.get(unitPath(clinic) + "/journal").want(404)
	bo.post(unitPath(clinic)+"/journal", url.Values{"brev": {"1"}}).want(404)
	bo.post(unitPath(ward)+"/journal", url.Values{"brev": {"1"}}).want(404)
	anne.get(unitPath(clinic) + "/sendt/1/pdf").want(404)
	if strings.Contains(w.logged(), testCPR) {
		t.Error("the log holds the citizen's number")
	}
}

// A browser that only looks ahead has not read anything.
func TestPDFAheadReadsNothing(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	anne := w.signedIn("anne")
	r, err := http.NewRequestWithContext(w.ctx, http.MethodGet, w.server.URL+letterPath(clinic, id)+"/pdf", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Purpose", "prefetch")
	if p := anne.do(r); p.status != 204 {
		t.Errorf("status %d", p.status)
	}
	w.update(func(tx store.Tx) error {
		l, err := tx.Letters().Get(w.ctx, id)
		if err == nil && !l.ReadAt.IsZero() {
			t.Error("the letter was read")
		}
		return err
	})
}

func (w *world) audit(action string) (n int) {
	w.t.Helper()
	w.update(func(tx store.Tx) error {
		list, err := tx.Audit().List(w.ctx, 0, 1000)
		for _, e := range list {
			if e.Action == action {
				n++
			}
		}
		return err
	})
	return n
}

// A letter is handed over on its page, with a case number, and taken back.
func TestHandOverOnTheLettersPage(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	anne := w.signedIn("anne")
	p := anne.get(letterPath(clinic, id))
	p.want(200, "Til journal", "Sagsnummer (valgfrit)", "Hent brevet i sin egen standard")
	f := p.Form(letterPath(clinic, id) + "/journal")
	f.Set("case", "010490-9989")
	p = anne.submit(f)
	p.want(422, "Skriv ikke CPR-nummer som sagsnummer.")
	if !strings.HasPrefix(p.First("title").Inner(), "Fejl:") || p.First("#f-case").Attr["aria-invalid"] != "true" {
		t.Error("the fault is not at its field")
	}
	f.Set("case", "2026-0117")
	p = anne.submit(f)
	p.want(200, "1 brev er markeret som overdraget til journal", "Overdraget til journal i dag kl. 10.00 af Anne Kjær · Sag 2026-0117", "Fortryd overdragelsen")
	for _, address := range anne.addresses {
		if strings.Contains(address, "0117") || strings.Contains(address, testCPR) {
			t.Errorf("an address holds what was typed: %s", address)
		}
	}
	anne.submit(p.Form(letterPath(clinic, id)+"/journal/fortryd")).want(200, "Det er fortrudt.", "Overdragelse til journal fortrudt af", "Markér som overdraget")
	anne.post(letterPath(clinic, id)+"/journal/fortryd", nil).want(200, "Det kan ikke fortrydes længere.")
	anne.post(letterPath(clinic, id)+"/journal", nil).want(200, "er markeret")
	w.set(at(10, 11, 0))
	anne.get(letterPath(clinic, id)).want(200, "Overdraget til journal i dag kl. 10.00").wantNot("Fortryd overdragelsen")
	anne.post(letterPath(clinic, id)+"/journal", nil).want(200, "Brevet var overdraget til journal i forvejen.")
}

// F64: letters not yet handed over are listed, the newest last, with how many there are;
// several are marked at once, and all of it is taken back.
func TestNotYetInTheRecord(t *testing.T) {
	w := newWorld(t)
	anne := w.signedIn("anne")
	list := unitPath(clinic) + "/journal"
	anne.get(list).want(200, "Ikke journaliseret (0)", "Alle læste og sendte breve er overdraget til journal.")
	for _, subject := range []string{"Medicin", "Træning", "Hjælpemidler"} {
		anne.get(letterPath(clinic, w.arrive(letter{subject: subject})))
	}
	w.arrive(letter{subject: "Ernæring"}) // nobody has read it
	p := anne.get(list).want(200, "Ikke journaliseret (3)", "010490-••••").wantNot("Ernæring", testCPR, "010490-9989")
	first, last := strings.Index(p.body, "B-000001"), strings.Index(p.body, "B-000003")
	if first < 0 || last < first {
		t.Error("the newest is not last")
	}
	anne.post(list, url.Values{"do": {"valgte"}, "vist": {"1", "2"}}).want(422, "Sæt kryds ved mindst ét brev.")
	anne.post(list, url.Values{"do": {"valgte"}, "brev": {"1", "3"}, "case": {"010490 9989"}}).want(422, "Skriv ikke CPR-nummer som sagsnummer.")
	anne.post(list, url.Values{"brev": {"1", "x"}}).want(404)
	p = anne.post(list, url.Values{"do": {"valgte"}, "brev": {"1", "3"}, "vist": {"1", "2", "3"}, "case": {"S1"}})
	p.want(200, "2 breve er markeret", "Ikke journaliseret (1)", "Træning")
	anne.submit(p.Form(unitPath(clinic)+"/fortryd")).want(200, "Det er fortrudt.", "Ikke journaliseret (3)")
	anne.post(list, url.Values{"do": {"alle"}, "vist": {"1", "2", "3"}}).want(200, "3 breve er markeret", "Ikke journaliseret (0)")
	anne.get(letterPath(clinic, 1)).want(200, "Overdraget til journal i dag kl. 10.00 af Anne Kjær")
}

// A letter of one's own is handed over like those received.
func TestOwnLetterIsHandedOver(t *testing.T) {
	w := newWorld(t)
	anne := w.signedIn("anne")
	id := w.arrive(letter{})
	anne.post(letterPath(clinic, id)+"/svar", url.Values{"do": {"send"}, "text": {"Ja, INR tages torsdag."}, "phone": {"87654321"}, "basis": {"41-2-1"}, "discharging": {"no"}, "subject": {"Medicin|Medicin"}}).want(200, "Brevet er afsendt")
	w.drain()
	own := fmt.Sprintf("%s/sendt/%d", unitPath(clinic), id+1)
	anne.get(unitPath(clinic)+"/journal").want(200, "Ikke journaliseret (2)", "Sendt af jer")
	p := anne.get(own).want(200, "Til journal")
	anne.submit(p.Form(own+"/journal")).want(200, "Overdraget til journal i dag kl. 10.00 af Anne Kjær")
	text := paperText(t, anne.get(own+"/pdf").body)
	for _, want := range []string{"Brev B-000002 · sendt tirs. 24. nov. 2026 kl. 10.00", "Ja, INR tages torsdag.", "Grundlag", "§ 41", "Plads i tråden", "Brev 2 af 2", "Hjemmesygeplejen Nord", "Overdraget til journal tirs. 24. nov. 2026 kl. 10.00 af Anne Kjær"} {
		if !strings.Contains(text, want) {
			t.Errorf("the paper does not say %q; it says:\n%s", want, text)
		}
	}
}

// F60, F61, F64: the list and the letter's hand-over are accessible, work by keyboard,
// and the printed page holds the letter and no button.
func TestBrowserToTheRecord(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	for range 3 {
		w.arrive(letter{clips: 1})
	}
	w.update(func(tx store.Tx) error {
		for id := int64(1); id <= 3; id++ {
			if err := tx.Letters().Move(w.ctx, id, brevdue.Unread, brevdue.Read); err != nil {
				return err
			}
		}
		return nil
	})
	b := w.window(t)
	b.signIn("anne", unitPath(clinic)+"/indbakke")
	list := unitPath(clinic) + "/journal"
	b.open(list)
	b.until("the page", `document.querySelector("h1").textContent.includes("(3)")`)
	b.inspect(list)
	js[bool](b, `(document.querySelector("[data-submit]").click(), true)`)
	b.until("the faults in focus", `document.activeElement.classList.contains("faults")`)
	b.inspect(list + " with faults")
	b.tabTo(`document.activeElement.name === "brev"`)
	b.press(" ")
	b.tabTo(`document.activeElement.name === "case"`)
	b.press("2026-1")
	b.tabTo(`document.activeElement.value === "valgte"`)
	b.press("\r")
	b.until("one marked", `document.querySelector("h1").textContent.includes("(2)") && document.querySelector(".did")`)
	b.until("scripts", `document.documentElement.classList.contains("scripted")`)
	b.press("z")
	b.until("taken back", `document.querySelector("h1").textContent.includes("(3)")`)
	for _, done := range []bool{false, true} {
		if done {
			b.do(cdp.Click(cdp.CSS(".journal form .btn")))
			b.until("handed over", `document.querySelector(".journal .done")`)
		} else {
			b.open(letterPath(clinic, 1))
		}
		b.until("the letter", `document.querySelector(".journal")`)
		b.inspect("letter")
	}
	js[bool](b, `[...document.styleSheets].forEach(s => [...s.cssRules].forEach(r => { if (r.media?.mediaText === "print") r.media.mediaText = "all"; })) ?? true`) // as the printer sees it
	b.picture("letter on paper", 1440)
	for what, want := range map[string]bool{".printed": true, ".text": true, ".facts": true, ".attachments": true, ".journal .done": true, ".timeline": true,
		".actions": false, ".top": false, ".side": false, ".journal form": false, ".journal a": false, ".work": false, ".foot": false, ".did": false} {
		if got := js[bool](b, fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.getClientRects().length > 0)`, what)); got != want {
			t.Errorf("on paper %s: %v, want %v", what, got, want)
		}
	}
}
