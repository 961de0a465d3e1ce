package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	cdp "github.com/chromedp/chromedp"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/internal/store/storetest"
	"brevdue/kalender"
)

// friday is a time from Friday 27 November 2026 on: the last working day before the
// first of Advent.
func friday(days, hour, minute, second int) time.Time {
	return time.Date(2026, 11, 27+days, hour, minute, second, 0, kalender.Copenhagen())
}

// subject chooses a category with one subject.
func (b *window) subject(name string) {
	b.t.Helper()
	js[bool](b, fmt.Sprintf(`(s => {s.value = [...s.options].find(o => o.text === %q).value; s.dispatchEvent(new Event("change", {bubbles: true})); return true})(document.querySelector("#f-subject"))`, name))
	b.until("the subject", fmt.Sprintf(`document.querySelector("[name=subject]").value.endsWith(%q)`, "|"+name))
}

// newest is the last letter the archive has.
func (w *world) newest() *store.Letter {
	w.t.Helper()
	var last *store.Letter
	w.update(func(tx store.Tx) error {
		all, err := storetest.All(w.ctx, tx.Letters().Get)
		if len(all) > 0 {
			last = all[len(all)-1]
		}
		return err
	})
	return last
}

// says holds a page against words it must show.
func (b *window) says(words ...string) {
	b.t.Helper()
	for _, s := range words {
		b.until(s, fmt.Sprintf(`document.querySelector("main").innerText.includes(%q)`, s))
	}
}

// A Friday evening, the weekend and the Monday after it, told as the people live it:
// a letter at 14.29 is promised today and one at 14.31 on Monday; a citizen with
// services goes home without a question, one without only after a call; home care
// reads in its shifts through the weekend; on Monday the rest is read in time, and
// nobody wonders why.
func TestBrowserFridayEvening(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	b := w.window(t)
	u := unitPath(ward)

	// 14.29: the ward writes to the social area of a municipality.
	w.set(friday(0, 14, 29, 0))
	b.signIn("bo", u+"/indbakke")
	b.newLetter(u, "socialafd")
	b.pick("episode", "indlagt")
	b.subject("Medicin")
	b.put("[name=text]", "Medicinen er ændret fra i dag.")
	b.pick("basis", "41-2-1")
	b.pick("health", "yes")
	if b.there("discharging") {
		t.Error("the social area is no party of the telephone rule")
	}
	b.says("Læses senest i dag kl. 15.00")
	b.check()
	b.until("check page", `document.querySelector("h1").textContent === "Tjek dine svar"`)
	b.says("Læses senest i dag kl. 15.00", "kl. 14.30")
	w.set(friday(0, 14, 29, 59))
	b.do(cdp.Click(cdp.CSS("[value=send]")))
	b.says("Brevet er afsendt", "læses senest fredag 27. november kl. 15")
	if l := w.newest(); !l.Duty.Due.Equal(friday(0, 15, 0, 0)) || !l.Sent.Equal(friday(0, 14, 29, 59)) || l.Duty.Rule != "AGR-606" {
		t.Errorf("14.29.59: due %s by %s", l.Duty.Due, l.Duty.Rule)
	}

	// 14.31: the same letter, and the weekend is in between.
	w.set(friday(0, 14, 31, 0))
	b.newLetter(u, "socialafd")
	b.subject("Medicin")
	b.put("[name=text]", "Et tillæg om medicinen.")
	b.pick("basis", "41-2-1")
	b.pick("health", "yes")
	b.says("man. 30. nov. kl. 15.00", "Haster det, så ring")
	b.check()
	b.until("check page", `document.querySelector("h1").textContent === "Tjek dine svar"`)
	b.says("I har skrevet om det samme", "man. 30. nov. kl. 15.00")
	b.do(cdp.Click(cdp.CSS("[value=send]")))
	b.says("Brevet er afsendt", "læses senest mandag 30. november kl. 15")
	if l := w.newest(); !l.Duty.Due.Equal(friday(3, 15, 0, 0)) {
		t.Errorf("14.31: due %s", l.Duty.Due)
	}

	// 14.50: a citizen with services goes home. Nothing is asked but that.
	w.set(friday(0, 14, 50, 0))
	discharge := func(services string) {
		b.newLetter(u, "hjemmesygeplejen prøvek")
		b.pick("episode", "indlagt")
		b.subject("Sygepleje-kommune")
		b.put("[name=text]", "Borgeren udskrives i aften med forbinding.")
		b.pick("basis", "41-2-1")
		b.pick("discharging", "yes")
		b.put("[name=discharge]", "2026-11-27")
		b.pick("services", services)
	}
	discharge("yes")
	b.says("telefonreglen gælder ikke")
	if b.there("need") {
		t.Error("a served citizen is asked about")
	}
	b.send()
	if r := w.newest().Record; r.Call != nil || r.Services != "yes" || r.Exempt {
		t.Errorf("served: kept %+v", r)
	}

	// 15.10: one without. There is no way past the call.
	w.set(friday(0, 15, 10, 0))
	discharge("no")
	b.put("[name=need]", "2026-11-28")
	b.says("der skal være telefonisk kontakt")
	sentBefore := w.newest().ID
	b.check()
	b.until("no way past", `document.querySelector(".faults")?.innerText.includes("Ring til modtageren")`)
	b.until("scripts", `document.documentElement.classList.contains("scripted")`)
	if w.newest().ID != sentBefore {
		t.Error("the letter went without a call")
	}
	b.put("[name=callwho]", "Aftenvagten")
	b.put("[name=callagreed]", "Hjemmesygeplejen kommer lørdag kl. 9.")
	b.send()
	l := w.newest()
	if r := l.Record; r.Call == nil || r.Call.Who != "Aftenvagten" || r.Need != "2026-11-28" || !r.Call.At.Equal(friday(0, 15, 10, 0)) {
		t.Errorf("not served: kept %+v", r)
	}
	b.open(strings.Replace(letterPath(ward, l.ID), "/brev/", "/sendt/", 1))
	b.says("Gemt hos jer", "Aftenvagten", "Hjemmesygeplejen kommer lørdag kl. 9.", "Telefonkontakt registreret")

	// 15.30: one whose need begins on Tuesday. The tick is enough, and is kept.
	w.set(friday(0, 15, 30, 0))
	discharge("no")
	b.put("[name=need]", "2026-12-01")
	b.pick("exempt", "ja")
	b.send()
	if r := w.newest().Record; !r.Exempt || r.Call != nil {
		t.Errorf("exempt: kept %+v", r)
	}

	// The other side of the weekend: home care gets a letter on each kind of citizen.
	w.set(friday(0, 16, 0, 0))
	served := w.arrive(letter{to: care, from: clinic, sent: friday(0, 15, 50, 0), subject: "Sygepleje-kommune", text: "Til den, der har hjælp."})
	more := w.arrive(letter{to: care, from: clinic, sent: friday(0, 15, 52, 0), subject: "Medicin", text: "Mere om den, der har hjælp."})
	unserved := w.arrive(letter{to: care, from: clinic, sent: friday(0, 15, 55, 0), subject: "Træning", text: "Til den, der ikke har.", cpr: otherCPR})
	d := w.window(t)
	c := unitPath(care)
	d.signIn("dorte", c+"/indbakke")
	d.open(letterPath(care, served))
	d.says("Modtager borgeren kommunale ydelser?")
	w.expect(t, more, "AGR-605", friday(3, 15, 0, 0))
	d.pick("ydelser", "yes")
	d.do(cdp.Click(cdp.CSS(".services button")))
	d.says("modtager kommunale ydelser")
	w.expect(t, more, "AGR-604", friday(1, 7, 0, 0)) // the shift it came in, and the next
	w.expect(t, unserved, "AGR-605", friday(3, 15, 0, 0))

	// Saturday 10.00: the day's shift reads what came in the evening's.
	w.set(friday(1, 10, 0, 0))
	third := w.arrive(letter{to: care, from: clinic, sent: friday(1, 9, 40, 0), subject: "Medicin", text: "Ny dosis fra i dag."})
	w.expect(t, third, "AGR-604", friday(1, 23, 0, 0))
	d.signIn("dorte", c+"/indbakke") // the next day one signs in again
	d.open(c + "/frister")
	d.says("Læs i denne vagt", "Medicin")
	d.open(letterPath(care, third))
	d.says("Du har læst brevet på vegne af", "én gang i hver vagt")
	toWard := w.arrive(letter{to: ward, sent: friday(1, 9, 0, 0), subject: "Medicin", text: "Svar på medicinen."})
	w.expect(t, toWard, "AGR-601", friday(1, 15, 0, 0)) // a ward reads on Saturdays
	toClinic := w.arrive(letter{to: clinic, sent: friday(1, 9, 0, 0), subject: "Medicin", text: "Svar på medicinen."})
	w.expect(t, toClinic, "AGR-602", friday(3, 15, 0, 0)) // a clinic does not

	// Monday 14.40: what waited through the weekend is soon due, and is read in time.
	w.set(friday(3, 14, 40, 0))
	d.signIn("dorte", c+"/indbakke")
	d.open(c + "/frister")
	d.says("Inden for 30 min", "Træning")
	d.open(letterPath(care, unserved))
	d.says("Du har læst brevet på vegne af", "hverdage kl. 8–15", "AGR-605")
	w.set(friday(3, 15, 0, 1))
	a := w.window(t)
	a.signIn("anne", unitPath(clinic)+"/indbakke")
	a.says("Overskredet")
	a.open(letterPath(clinic, toClinic))
	a.says("AGR-602", "mandag 30. november")
}

// expect holds the deadline of a letter that came in.
func (w *world) expect(t *testing.T, id int64, rule string, due time.Time) {
	t.Helper()
	w.update(func(tx store.Tx) error {
		l, err := tx.Letters().Get(w.ctx, id)
		if err == nil && (l.Duty == nil || l.Duty.Rule != rule || !l.Duty.Due.Equal(due)) {
			t.Errorf("letter %d: %+v, want %s by %s", id, l.Duty, due, rule)
		}
		return err
	})
}

// otherCPR belongs to another of MedCom's official test persons.
const otherCPR = brevdue.CPR("0107729995")
