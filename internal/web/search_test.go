package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"brevdue/internal/store"
)

// searchFor types into the field in the frame of a page and presses Enter.
func (b *browser) searchFor(from, text string) *page {
	b.w.t.Helper()
	f := b.get(from).Form("/soeg")
	if !f.Set("tekst", text) {
		b.w.t.Fatalf("%s has no search", from)
	}
	return b.submit(f)
}

// noNumbers fails when a number of a citizen went through an address or a log.
func (b *browser) noNumbers() {
	b.w.t.Helper()
	for _, a := range b.addresses {
		if strings.Contains(a, "9989") || strings.Contains(a, "soeg?") {
			b.w.t.Errorf("address %s", a)
		}
	}
	if log := b.w.logged(); strings.Contains(log, testCPR) || strings.Contains(log, testCPR[:6]+"-"+testCPR[6:]) {
		b.w.t.Error("the log holds the number of a citizen")
	}
}

// audited are the actions in the audit log, with their details.
func audited(w *world) string {
	var all []string
	w.update(func(tx store.Tx) error {
		list, err := tx.Audit().List(w.ctx, 0, 10000)
		all = nil
		for _, e := range list {
			all = append(all, fmt.Sprintf("%s %s %d %s", e.Actor, e.Action, e.Letter, e.Detail))
		}
		return err
	})
	return strings.Join(all, "\n")
}

// F59, F73: from every page a word, a citizen or a number is searched for; what was
// sought is marked, the citizen's number masked and in no address, and each search is on
// record.
func TestSearch(t *testing.T) {
	w := newWorld(t)
	first := w.arrive(letter{text: "Sårpleje <b>hver</b> anden dag.\nINR tages torsdag, se 010490-9989."})
	second := w.arrive(letter{subject: "Hjælpemidler", text: "Borgeren har fået en kørestol.", clips: 1})
	b := w.signedIn("anne")
	for _, from := range []string{unitPath(clinic) + "/indbakke", letterPath(clinic, first), unitPath(clinic) + "/nyt", unitPath(clinic) + "/sendt", "/indstillinger", "/aftale"} {
		b.searchFor(from, "kørest").want(200, "1 brev", "kørestol", "Hjælpemidler", "Torre Test Mosebryggersen", "010490-••••")
	}
	p := b.searchFor(unitPath(clinic)+"/indbakke", "sårpleje hver")
	p.want(200, "Søg i breve", "1 brev", "revisionsloggen").wantNot("<b>hver", testCPR, "010490-9989", "kørestol")
	marked := ""
	for _, m := range p.All("mark") {
		marked += m.Inner() + "|"
	}
	if marked != "Sårpleje|hver|" {
		t.Errorf("marked %s", marked)
	}
	if row := p.First("a[data-row]"); row.Attr["href"] != letterPath(clinic, first) || row.Attr["data-reply"] == "" {
		t.Errorf("the row leads to %v", row.Attr)
	}
	if title := p.First("title").Inner(); title != "Søg i breve – Prøvehospitalet, Medicinsk Klinik – Brevdue" {
		t.Errorf("title %q", title)
	}
	for _, number := range []string{testCPR, testCPR[:6] + "-" + testCPR[6:]} {
		p = b.searchFor(unitPath(clinic)+"/indbakke", number)
		p.want(200, "2 breve, nyeste først", "Du har søgt på en borger", "010490-••••")
		if strings.Count(p.body, "9989") != 1 || p.First("#soeg").Attr["value"] != number || p.First("#soeg").Attr["autocomplete"] != "off" {
			t.Errorf("the number stands elsewhere than in its field")
		}
	}
	b.searchFor(unitPath(clinic)+"/indbakke", "findesikke").want(200, "Ingen breve passer til søgningen.", "Skriv færre ord")
	if p = b.searchFor("/soeg", ""); p.First("a[data-row]") != nil || strings.Contains(p.body, "Resultat") {
		t.Error("nothing was asked and yet there is an answer")
	}
	b.searchFor("/soeg", "fået").want(200, "1 brev").wantNot("fåedt")
	b.searchFor("/soeg", "faet").want(200, "Ingen breve")

	p = b.searchFor(unitPath(clinic)+"/indbakke", store.LetterNumber(second))
	if p.path != letterPath(clinic, second) {
		t.Errorf("the number led to %s", p.path)
	}
	log := audited(w)
	for _, want := range []string{fmt.Sprintf("anne search.words 0 1 shown: %d", second), fmt.Sprintf("anne search.citizen 0 2 shown: %d %d", second, first),
		fmt.Sprintf("anne search.number %d ", second), "anne search.words 0 0 shown"} {
		if !strings.Contains(log, want) {
			t.Errorf("not on record: %s", want)
		}
	}
	if strings.Contains(log, testCPR[6:]) || strings.Contains(log, "kørest") {
		t.Error("the audit log holds what was typed")
	}
	b.noNumbers()
}

// F70: other units' letters are not found, by no way, and whoever belongs to no unit
// finds nothing.
func TestSearchOfOthers(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	w.arrive(letter{to: ward, text: "Marevan i sengeafsnittet"})
	bo := w.signedIn("bo")
	bo.searchFor(unitPath(ward)+"/indbakke", "marevan").want(200, "1 brev", "sengeafsnittet").wantNot("pauseret")
	bo.searchFor(unitPath(ward)+"/indbakke", testCPR).want(200, "1 brev").wantNot(letterPath(clinic, id))
	p := bo.searchFor(unitPath(ward)+"/indbakke", store.LetterNumber(id))
	p.want(200, "Ingen breve passer").wantNot(letterPath(clinic, id))
	bo.post("/soeg", url.Values{"tekst": {"marevan"}, "enhed": {string(clinic)}}).want(404).wantNot("pauseret")
	bo.post("/soeg", url.Values{"tekst": {"marevan"}, "enhed": {"' OR 1=1"}}).want(404)
	for _, want := range []string{fmt.Sprintf("bo letter.denied %d number of a letter of another unit", id), "bo letter.denied 0 not of the unit"} {
		if !strings.Contains(audited(w), want) {
			t.Errorf("not on record: %s", want)
		}
	}
	for _, login := range []string{"olga", "rita", "ingen"} {
		b := w.signedIn(login)
		for _, text := range []string{"marevan", testCPR, store.LetterNumber(id)} {
			b.searchFor("/soeg", text).want(200, "Ingen breve", "ikke knyttet til en enhed").wantNot("Torre", letterPath(clinic, id))
		}
	}
	bo.noNumbers()
	w.browser().get("/soeg").want(200, "Log ind for at fortsætte")
}

// A search is narrowed by filters, over one or all units, and goes on page by page.
func TestSearchNarrowed(t *testing.T) {
	w := newWorld(t)
	for range 30 {
		w.arrive(letter{})
	}
	w.set(at(11, 0, 0).AddDate(0, 0, 2))
	last := w.arrive(letter{to: ward, subject: "Hjælpemidler"})
	b := w.signedIn("clara")
	p := b.searchFor("/soeg", "marevan")
	p.want(200, "De 25 nyeste vises her", "Alle mine enheder", "Prøvehospitalet, Sengeafsnit")
	if n := len(p.All("a[data-row]")); n != 25 || p.First("a[data-row]").Attr["href"] != letterPath(ward, last) {
		t.Errorf("%d rows", n)
	}
	forms := p.All(".more")
	if len(forms) != 1 {
		t.Fatal("there is no way to the next page")
	}
	next := url.Values{"foer": {forms[0].First("button").Attr["value"]}}
	for _, in := range forms[0].All("input") {
		next.Set(in.Attr["name"], in.Attr["value"])
	}
	p = b.post("/soeg", next)
	if n := len(p.All("a[data-row]")); n != 6 || len(p.All(".more")) != 0 {
		t.Errorf("the second page has %d rows", n)
	}
	p.want(200, "6 breve")
	for _, c := range []struct {
		field, value, want string
	}{
		{"enhed", string(ward), "1 brev"}, {"emne", "hjælpem", "1 brev"}, {"modpart", "hjemmesygeplejen", "De 25 nyeste"}, {"modpart", "prøvehospitalet", "Ingen breve"},
		{"retning", "out", "Ingen breve"}, {"retning", "in", "De 25 nyeste"}, {"kvittering", "refused", "Ingen breve"}, {"kvittering", "acknowledged", "De 25 nyeste"},
		{"fra", "2026-11-25", "1 brev"}, {"til", "2026-11-24", "De 25 nyeste"}, {"retning", `in") OR ("x`, "Ingen breve"}, {"kvittering", "' OR 1=1", "De 25 nyeste"},
	} {
		f := b.get("/soeg").Form("/soeg")
		f.Set("tekst", "marevan")
		if _, there := f.Values[c.field]; !there && c.field != "fra" && c.field != "til" {
			t.Errorf("the form has no %s", c.field)
		}
		f.Values.Set(c.field, c.value)
		p := b.submit(f)
		p.want(200, c.want)
		details := p.First(".seek").First("details")
		if _, open := details.Attr["open"]; c.field != "enhed" && !open {
			t.Errorf("%s is set and not seen", c.field)
		}
	}
	f := p.Form("/soeg")
	f.Set("fra", "i går")
	p = b.submit(f)
	p.want(422, "Der er 1 fejl", "Skriv datoen som")
	if p.First("#f-from").Attr["aria-invalid"] != "true" {
		t.Error("the field is not marked")
	}
	// From a page of a unit it is searched in that unit.
	b.searchFor(unitPath(ward)+"/indbakke", "marevan").want(200, "1 brev")
	// Only a filter is a question as well; what one has sent stands with its state.
	b.searchFor("/soeg", "hjælpemidler").want(200, "1 brev")
}

// Letters from before there was a search are told to be missing.
func TestSearchSaysWhatIsMissing(t *testing.T) {
	w := newWorld(t)
	w.arrive(letter{})
	b := w.signedIn("anne")
	w.update(func(tx store.Tx) error { return tx.Settings().Set(w.ctx, store.KeyIndexed, "0") })
	b.searchFor("/soeg", "marevan").want(200, "1 brev", "Ældre breve er ved at blive gjort klar")
	w.update(func(tx store.Tx) error { _, err := tx.Letters().Index(w.ctx, 100); return err })
	b.searchFor("/soeg", "marevan").want(200, "1 brev").wantNot("Ældre breve er ved")
}
