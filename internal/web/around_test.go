package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// joined keeps a copy of a received letter in its thread with another text, unread.
func (w *world) joined(to int64, text string, sent time.Time) (id int64) {
	w.t.Helper()
	w.update(func(tx store.Tx) error {
		old, err := tx.Letters().Get(w.ctx, to)
		if err != nil {
			return err
		}
		l := *old
		w.numbers++
		l.ID, l.Thread, l.Status, l.ReadAt, l.ReadBy, l.AnsweredAt = 0, to, brevdue.Unread, time.Time{}, "", time.Time{}
		l.Kind, l.Format, l.Sent, l.Arrived, l.Body.ID = brevdue.DIS91, brevdue.EDIFACT, sent, w.clock(), fmt.Sprintf("J%d", w.numbers)
		l.Body.Segments = []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText(text)}}}
		id, err = tx.Letters().Insert(w.ctx, &l)
		return err
	})
	return id
}

// answered sends an answer of Anne's to a letter of the clinic.
func (w *world) answered(b *browser, id int64, text string) {
	w.t.Helper()
	f := b.get(letterPath(clinic, id) + "/svar").Form("/svar")
	for k, v := range map[string]string{"text": text, "basis": "41-2-1", "discharging": "no"} {
		f.Values.Set(k, v)
	}
	f.Press("do", "tjek")
	f = b.submit(f).Form("/svar")
	f.Press("do", "send")
	p := b.submit(f)
	if p.First(".collision") != nil {
		f = p.Form("/svar")
		f.Press("do", "send")
		p = b.submit(f)
	}
	p.want(200, "Brevet er afsendt")
	w.drain()
}

// F53, F60: the letter's page has the whole thread as text, the oldest first: what was read
// is folded, what nobody has read is a link and stays unread, two answers are told apart.
func TestThreadOnTheLetterPage(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{text: "Marevan er pauseret.", sent: at(8, 0, 0)})
	b := w.signedIn("anne")
	if p := b.get(letterPath(clinic, id)); p.First(".thread") != nil {
		t.Error("a letter alone has a thread")
	}
	w.answered(b, id, "INR er bestilt.")
	w.set(at(10, 10, 0))
	w.answered(b, id, "INR er taget.")
	w.set(at(10, 20, 0))
	unread := w.joined(id, "Hemmeligt, til det læses.\nFlere linjer.", at(9, 0, 0))
	p := b.get(letterPath(clinic, id))
	p.want(200, "Tråd", "4 breve", "INR er bestilt.", "INR er taget.", "Svar 1 af 2 på B-000001", "Svar 2 af 2 på B-000001", "Ny: kom først i dag kl. 10.20", "Åbn og læs")
	p.wantNot("Flere linjer.")
	items := p.First(".thread").All("li")
	if len(items) != 4 {
		t.Fatalf("%d letters in the thread", len(items))
	}
	if items[0].Attr["aria-current"] != "true" || !strings.Contains(items[0].Inner(), "Marevan er pauseret.") || items[0].First("details") != nil {
		t.Errorf("the page's own letter is not open at its place: %s", items[0].Inner())
	}
	if items[1].First("details") != nil || items[1].First("a") == nil || items[1].First("a").Attr["href"] != letterPath(clinic, unread) {
		t.Errorf("the unread one: %s", items[1].Inner())
	}
	for _, n := range items[2:] {
		if d := n.First("details"); d == nil || d.First("summary") == nil {
			t.Errorf("not folded: %s", n.Inner())
		} else if _, open := d.Attr["open"]; open {
			t.Error("a read one is unfolded")
		}
	}
	w.update(func(tx store.Tx) error {
		if l, err := tx.Letters().Get(w.ctx, unread); err != nil || l.Status != brevdue.Unread {
			t.Errorf("the page read another letter: %v", err)
		}
		return nil
	})
	b.get(letterPath(clinic, unread)).want(200, "Du har læst brevet på vegne af", "Flere linjer.")
	b.get(letterPath(clinic, id)).want(200, "Flere linjer.").wantNot("Åbn og læs")
	b.get(fmt.Sprintf("%s/sendt/%d", unitPath(clinic), id+1)).want(200, "Dette brev", "Marevan er pauseret.")
}

// The other letters about the citizen stand beside the letter, of the person's own units
// only; all of them are found by a form that keeps the number out of the address.
func TestOtherLettersBesideTheLetter(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	w.arrive(letter{to: ward, subject: "Træning", text: "Kun i afsnittet"})
	w.arrive(letter{subject: "Hjælpemidler", text: "Ikke vist her"})
	p := w.signedIn("anne").get(letterPath(clinic, id))
	p.want(200, "Andre breve om borgeren", "Hjælpemidler", "Ulæst").wantNot("Træning", "Ikke vist her")
	b := w.signedIn("clara")
	p = b.get(letterPath(clinic, id))
	p.want(200, "Træning", "Prøvehospitalet, Sengeafsnit").wantNot("Kun i afsnittet")
	found := b.submit(formIn(p.First(".others-all")))
	found.want(200, "Træning", "Hjælpemidler", "Medicin")
	for _, a := range b.addresses {
		if strings.Contains(a, testCPR) || strings.Contains(a, "010490") {
			t.Errorf("the number stands in %s", a)
		}
	}
}

// The letter says how far its sender is proved, and always why.
func TestTrustLine(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn("anne")
	p := b.get(letterPath(clinic, w.arrive(letter{})))
	p.want(200, "Afsender kunne ikke bekræftes", "Netværket beder ikke om certifikat").wantNot("kataloget kalder")
	if chip := p.First(".trust").First(".chip"); !strings.Contains(chip.Attr["class"], "calm") {
		t.Errorf("what the network alone does not prove is shown as %s", chip.Attr["class"])
	}
	p = b.get(letterPath(clinic, w.arrive(letter{from: nobody})))
	p.want(200, "Afsender kunne ikke bekræftes", "Afsenderens lokationsnummer er ikke i kataloget.")
	p = b.get(letterPath(clinic, w.arrive(letter{from: social})))
	p.want(200, "Brevet siger Prøvekøbing Kommune, Hjemmesygeplejen Nord; kataloget kalder nummeret Socialafdelingen.")
	if chip := p.First(".trust").First(".chip"); !strings.Contains(chip.Attr["class"], "soon") {
		t.Errorf("another name is shown as %s", chip.Attr["class"])
	}
}

// F8: the way of a letter as a line, with clock times and what is not told as such.
func TestWalkOfALetter(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{sent: at(8, 0, 0)})
	b := w.signedIn("anne")
	steps := func(p *page) (out []string) {
		for _, li := range p.First(".walk").All("li") {
			out = append(out, strings.Join(strings.Fields(li.Inner()), " "))
		}
		return out
	}
	w.set(at(10, 20, 0))
	got := steps(b.get(letterPath(clinic, id)))
	want := []string{"Oprettet i dag kl. 08.00", "Afsendt i dag kl. 08.00", "VANS i dag kl. 08.00", "Modtaget i dag kl. 10.00 Vis originalen", "Kvitteret i dag kl. 10.00", "Læst i dag kl. 10.20"}
	if !slices.Equal(got, want) {
		t.Errorf("in: %q", got)
	}
	w.answered(b, id, "INR er bestilt.")
	got = steps(b.get(fmt.Sprintf("%s/sendt/%d", unitPath(clinic), id+1)))
	want = []string{"Oprettet i dag kl. 10.20", "Afsendt i dag kl. 10.20", "VANS i dag kl. 10.20 Vis originalen", "Modtaget oplyses ikke", "Kvitteret ikke endnu", "Læst oplyses ikke"}
	if !slices.Equal(got, want) {
		t.Errorf("out: %q", got)
	}
}
