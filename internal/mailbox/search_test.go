package mailbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// search searches and must not fail.
func (w *world) search(p mailbox.Person, unit brevdue.GLN, q mailbox.Wanted) mailbox.Found {
	w.t.Helper()
	f, err := w.box.Search(w.ctx, p, unit, q)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

func hits(f mailbox.Found) (ids []int64) {
	for _, h := range f.Hits {
		ids = append(ids, h.ID)
	}
	return ids
}

// marked writes pieces as a text with what was sought in brackets.
func marked(all []mailbox.Piece) string {
	var b strings.Builder
	for _, p := range all {
		if p.Sought {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// F59, F70: a search finds letters of the person's own units only, whatever is asked for,
// and is on record in each of them.
func TestSearchFindsOnesOwnOnly(t *testing.T) {
	w := newWorld(t)
	inClinic := w.arrive(incoming{})
	inWard := w.arrive(incoming{unit: ward})
	atHome := w.arrive(incoming{unit: homecare})
	w.arrive(incoming{status: brevdue.Refused})
	for _, q := range []mailbox.Wanted{{Text: "mosebryggersen"}, {Text: "prøvetekst"}, {Text: "medicin"}, {}, {Text: testCPR}, {Text: testCPR[:6] + "-" + testCPR[6:]},
		{Text: testCPR[:6] + " " + testCPR[6:] + " prøve"}, {Other: "hjemmesygeplejen"}, {Receipt: store.ReceiptGiven}, {From: "2026-11-24", To: "2026-11-24"}} {
		for _, c := range []struct {
			who  mailbox.Person
			unit brevdue.GLN
			want []int64
		}{
			{anne(), clinic, []int64{inClinic}}, {anne(), "", []int64{inClinic}}, {bo(), "", []int64{atHome}}, {clara(), ward, []int64{inWard}},
			{clara(), "", []int64{inWard, inClinic}}, {olga(), "", nil},
		} {
			before := len(w.audited())
			f := w.search(c.who, c.unit, q)
			if !slices.Equal(hits(f), c.want) || f.More || f.Partial {
				t.Errorf("%s in %q for %+v: %v, want %v", c.who.Login, c.unit, q, hits(f), c.want)
			}
			action := "search.words"
			if f.Citizen {
				action = "search.citizen"
			}
			if f.Citizen != (strings.HasPrefix(q.Text, testCPR[:6])) {
				t.Errorf("%q is about a citizen: %t", q.Text, f.Citizen)
			}
			want := slices.Repeat([]string{fmt.Sprintf("%s:%s:0", c.who.Login, action)}, max(1, len(f.Units)))
			if got := w.audited()[before:]; !slices.Equal(got, want) {
				t.Errorf("on record %v, want %v", got, want)
			}
		}
	}
	if got := w.search(anne(), clinic, mailbox.Wanted{Text: testCPR}); len(got.Hits) != 1 || w.details("search.citizen") != fmt.Sprintf("1 shown: %d", inClinic) {
		t.Errorf("on record: %q", w.details("search.citizen"))
	}
	if got := w.search(anne(), clinic, mailbox.Wanted{Text: secondCPR}); len(got.Hits) != 0 || !got.Citizen || w.details("search.citizen") != "0 shown" {
		t.Errorf("a citizen without letters: %d, %q", len(got.Hits), w.details("search.citizen"))
	}
	w.sound()
}

// A number of a letter finds it in any of the person's units. One of another's is not
// there, and the attempt is on record.
func TestSearchByNumber(t *testing.T) {
	w := newWorld(t)
	inClinic := w.arrive(incoming{})
	inWard := w.arrive(incoming{unit: ward})
	refused := w.arrive(incoming{status: brevdue.Refused})
	sent := w.sent(anne(), clinic, draft())
	for id, dir := range map[int64]store.Direction{inClinic: store.In, inWard: store.In, sent: store.Out} {
		for _, text := range []string{store.LetterNumber(id), fmt.Sprint(" b", id, " "), fmt.Sprint("B", id), fmt.Sprint("b-0", id)} {
			f := w.search(clara(), clinic, mailbox.Wanted{Text: text})
			if f.Letter == nil || f.Letter.ID != id || f.Letter.Direction != dir || len(f.Hits) != 0 {
				t.Errorf("%q: %+v", text, f.Letter)
			}
		}
	}
	before := len(w.audited())
	for _, text := range []string{store.LetterNumber(inWard), store.LetterNumber(refused), "B-4711"} {
		if f := w.search(anne(), clinic, mailbox.Wanted{Text: text}); f.Letter != nil || len(f.Hits) != 0 {
			t.Errorf("%s: %+v", text, f.Letter)
		}
	}
	want := []string{fmt.Sprintf("anne:letter.denied:%d", inWard), "anne:search.number:0", "anne:search.number:0", "anne:search.number:0"}
	if got := w.audited()[before:]; !slices.Equal(got, want) {
		t.Errorf("on record %v, want %v", got, want)
	}
	if l := w.letter(inClinic); l.Status != brevdue.Unread {
		t.Error("a search has read a letter")
	}
	for _, text := range []string{"B", "B-", "B12x", "B1234567890123", "Bo"} {
		if f := w.search(anne(), clinic, mailbox.Wanted{Text: text}); f.Letter != nil {
			t.Errorf("%q is the number of a letter", text)
		}
	}
	w.sound()
}

// What was sought is marked where it stands, and no number of a citizen is shown whole.
func TestSearchMarks(t *testing.T) {
	w := newWorld(t)
	var id int64
	w.update(func(tx store.Tx) (err error) {
		id, err = tx.Letters().Insert(w.ctx, &store.Letter{Direction: store.In, Unit: clinic, Status: brevdue.Read, Arrived: w.clock(), Sent: w.clock(), Body: brevdue.Letter{
			ID: "M1", Subject: "Sårpleje <b>", Sender: brevdue.Party{GLN: outHome, Organisation: "Aarhus Kommune"},
			Patient: brevdue.Patient{CPR: testCPR, Given: "Torre Test", Surname: "Mosebryggersen"},
			Segments: []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText("Cpr " + secondCPR[:6] + "-" + secondCPR[6:] + ", " + secondCPR + ".\n" + strings.Repeat("og så videre ", 20) +
				"får skiftet sin forbinding på såret, og SÅRET heler.\n" + strings.Repeat("til sidst ", 40))}}},
			Attachments: []brevdue.Attachment{{Kind: brevdue.SupplementAttachment, Description: "Foto af hæl"}},
		}})
		return err
	})
	hit := func(q mailbox.Wanted) mailbox.Hit {
		t.Helper()
		f := w.search(anne(), clinic, q)
		if len(f.Hits) != 1 || f.Hits[0].ID != id {
			t.Fatalf("%+v: %v", q, hits(f))
		}
		return f.Hits[0]
	}
	h := hit(mailbox.Wanted{Text: "skiftet sår"})
	if got := marked(h.Where); !strings.HasPrefix(got, "… ") || !strings.Contains(got, "får [skiftet] sin forbinding på [såret], og [SÅRET] heler.") || !strings.HasSuffix(got, "…") {
		t.Errorf("where: %s", got)
	}
	if got := marked(h.About) + marked(h.Name) + marked(h.From); got != "[Sårpleje] <b>Torre Test MosebryggersenAarhus Kommune" {
		t.Errorf("marked: %s", got)
	}
	h = hit(mailbox.Wanted{Text: "cpr", Other: "aarh", Subject: "sårp"})
	if got := marked(h.Where); !strings.HasPrefix(got, "[Cpr] 010772-••••, 010772-••••. og") {
		t.Errorf("where: %s", got)
	}
	if got := marked(h.About) + marked(h.From); got != "[Sårpleje] <b>[Aarhus] Kommune" {
		t.Errorf("marked: %s", got)
	}
	if got := marked(hit(mailbox.Wanted{Text: "hæl"}).Where); got != "Foto af [hæl]" {
		t.Errorf("an attachment: %s", got)
	}
	if got := marked(hit(mailbox.Wanted{Text: testCPR}).Where); got != "Cpr 010772-••••, 010772-••••." {
		t.Errorf("nothing sought in it: %s", got)
	}
}

// Pages go on where the one before ended, over all units, and dates are whole Danish days.
func TestSearchPagesAndDates(t *testing.T) {
	w := newWorld(t)
	var want []int64
	for i := range 60 {
		unit := []brevdue.GLN{clinic, ward, homecare}[i%3]
		if id := w.arrive(incoming{unit: unit}); unit != homecare {
			want = append([]int64{id}, want...)
		}
	}
	var got []int64
	q := mailbox.Wanted{Text: "prøve"}
	for {
		f := w.search(clara(), "", q)
		got = append(got, hits(f)...)
		if !f.More {
			break
		}
		if len(f.Hits) != 25 {
			t.Fatalf("a page of %d", len(f.Hits))
		}
		q.Before = f.Hits[24].ID
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	w.at(tuesday(0, 0, 0))
	first := w.arrive(incoming{subject: "Hjælpemidler"})
	w.at(tuesday(23, 59, 59))
	last := w.arrive(incoming{subject: "Hjælpemidler"})
	for _, c := range []struct {
		from, to string
		want     []int64
	}{{"2026-11-24", "2026-11-24", []int64{last, first}}, {"2026-11-25", "", nil}, {"", "2026-11-23", nil}, {"", "2026-11-24", []int64{last, first}}} {
		if got := hits(w.search(anne(), clinic, mailbox.Wanted{Subject: "hjælpemidler", From: c.from, To: c.to})); !slices.Equal(got, c.want) {
			t.Errorf("%s to %s: %v", c.from, c.to, got)
		}
	}
	for q, want := range map[mailbox.Wanted]string{{From: "24/11"}: "from", {To: "x"}: "to", {From: "2026-11-25", To: "2026-11-24"}: "to"} {
		if _, err := w.box.Search(w.ctx, anne(), clinic, q); faults(t, err) != want {
			t.Errorf("%+v: %v", q, err)
		}
	}
	w.sound()
}
