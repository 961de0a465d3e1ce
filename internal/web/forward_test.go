package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"brevdue/internal/store"
)

// F54: a letter is forwarded through the form of a new letter: subject and citizen are
// its own, nothing is quoted until it is ticked, both letters say so.
func TestForward(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{text: "Marevan er pauseret.", clips: 1})
	anne := w.signedIn("anne")
	p := anne.get(letterPath(clinic, id))
	path := letterPath(clinic, id) + "/videresend"
	p.want(200, "Videresend")
	p = anne.get(path)
	p.want(200, "Videresend brev", "010490-9989", "Fra det brev, der videresendes", "Medtag tekst fra tråden", "Skema 1", "Det er sendt på anden vis")
	for _, tick := range p.All("input[type=checkbox]") {
		if _, on := tick.Attr["checked"]; on {
			t.Errorf("%s is ticked beforehand", tick.Attr["name"])
		}
	}
	if p.First("input[name=receiver]") != nil || p.First("input[name=cpr]") != nil {
		t.Error("a receiver is chosen beforehand, or the citizen can be changed")
	}
	f := p.Form(unitPath(clinic) + "/nyt")
	if got := f.Values.Get("subject"); got != "Medicin|Medicin" {
		t.Errorf("the subject is %q", got)
	}
	answers := url.Values{}
	for k, v := range f.Values {
		answers[k] = v
	}
	for k, v := range map[string]string{"receiver": string(social), "text": "Til jeres orientering.", "phone": "87654321", "basis": "41-2-1", "health": "yes", "discharging": "no", "do": "tjek"} {
		answers.Set(k, v)
	}
	anne.post(unitPath(clinic)+"/nyt", answers).want(200, "Tjek dine svar", "010490-9989", "Til jeres orientering.").wantNot("Marevan")
	answers.Set("quote", fmt.Sprintf("%d.0", id))
	p = anne.post(unitPath(clinic)+"/nyt", answers)
	p.want(200, "Tjek dine svar", "Videresendt tekst. Skrevet af Prøvekøbing Kommune, Hjemmesygeplejen Nord 24.11.2026 kl. 10.00:", "Marevan er pauseret.")
	again := p.Form(unitPath(clinic) + "/nyt") // back to the form: the tick is still there
	again.Values.Set("do", "ret")
	if tick := anne.submit(again).First("input[name=quote]"); tick == nil || tick.Attr["value"] != fmt.Sprintf("%d.0", id) {
		t.Error("the form has lost its parts")
	} else if _, on := tick.Attr["checked"]; !on {
		t.Error("the form has lost the tick")
	}
	again.Values.Set("do", "send")
	anne.submit(again).want(200, "Brevet er afsendt")
	anne.get(letterPath(clinic, id)).want(200, "Videresendt af", "B-000002 til Socialafdelingen")
	anne.get(fmt.Sprintf("%s/sendt/%d", unitPath(clinic), id+1)).want(200, "Videresendt fra et andet brev af", "B-000001", "Marevan er pauseret.")
	anne.get(fmt.Sprintf("%s/sendt/%d/videresend", unitPath(clinic), id+1)).want(200, "Videresend brev")
	anne.get(unitPath(clinic) + "/sendt/1/videresend").want(404)

	bo := w.signedIn("bo")
	bo.get(path).want(404)
	bo.get(letterPath(ward, id) + "/videresend").want(404)
	answers.Set("do", "send")
	bo.post(unitPath(ward)+"/nyt", answers).want(404)
	for _, b := range []*browser{anne, bo} {
		for _, a := range b.addresses {
			if strings.Contains(a, testCPR) {
				t.Errorf("an address holds the number: %s", a)
			}
		}
	}
	if strings.Contains(w.logged(), testCPR) {
		t.Error("the log holds the citizen's number")
	}
}

// A subject outside the agreement comes along as the person's own words, which a new
// letter has to give a reason for.
func TestForwardWithASubjectOutsideTheAgreement(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{subject: "Vedr. parkering"})
	p := w.signedIn("anne").get(letterPath(clinic, id) + "/videresend")
	p.want(200, "Videresend brev")
	if got := p.First("input[name=freesubject]").Attr["value"]; got != "Vedr. parkering" {
		t.Errorf("the subject is %q", got)
	}
}

// F60, F61: forwarding by keyboard: v on the list and on the letter, and the form is
// accessible.
func TestBrowserForward(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	id := w.arrive(letter{clips: 2})
	b := w.window(t)
	b.signIn("anne", unitPath(clinic)+"/indbakke")
	b.press("j")
	b.press("v")
	b.at(letterPath(clinic, id) + "/videresend")
	b.open(letterPath(clinic, id))
	b.at(letterPath(clinic, id))
	b.press("v")
	b.at(letterPath(clinic, id) + "/videresend")
	b.inspect("forward")
	b.tabTo(`document.activeElement.name === "words"`)
	b.press("socialafdelingen")
	b.until("a hit", `document.querySelector('[name="receiver"]')`)
	b.tabTo(`document.activeElement.name === "receiver"`)
	b.press(" ")
	b.until("the promise", `document.querySelector("[data-promise-box]").textContent.includes("Læses")`)
	b.tabTo(`document.activeElement.name === "quote"`)
	b.press(" ")
	b.tabTo(`document.activeElement.name === "basis"`)
	b.press(kb.ArrowDown) // the second basis: current course
	b.until("the basis chosen", `document.querySelector("[name=basis]:checked")?.value === "41-2-1"`)
	b.until("asked about the receiver", `document.querySelector('[name="health"]')`)
	b.tabTo(`document.activeElement.name === "health"`)
	b.press(" ")
	b.until("answered", `document.querySelector("[name=health]:checked")?.value === "yes"`)
	js[bool](b, `(document.querySelector("[data-submit]").click(), true)`)
	b.until("check page", `document.querySelector("h1").textContent === "Tjek dine svar" && document.body.innerText.includes("Videresendt tekst")`)
	b.inspect("forward check")
	b.tabTo(`document.activeElement.value === "send"`)
	b.press(kb.Enter)
	b.until("sent", `document.querySelector("h1").textContent === "Brevet er afsendt"`)
	w.update(func(tx store.Tx) error {
		l, err := tx.Letters().Get(w.ctx, id+1)
		if err == nil && (l.Body.Receiver.GLN != social || !strings.Contains(l.Body.Text(), "Marevan er pauseret.")) {
			t.Errorf("%+v", l.Body)
		}
		return err
	})
}
