package mailbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// The advice on a letter (AGR-206, AGR-401, AGR-402): each side of each boundary. It
// stops nobody.
func TestHints(t *testing.T) {
	w := newWorld(t)
	w.withStandards()
	for _, c := range []struct {
		name, subject, text, want string
		to                        brevdue.GLN
	}{
		{name: "an ordinary letter", text: "Marevan er pauseret.\nINR tages torsdag."},
		{name: "AGR-402 1500 characters", text: strings.Repeat("æ", 1500)},
		{name: "AGR-402 1501 characters", text: strings.Repeat("æ", 1501), want: "length"},
		{name: "AGR-401 a tab", text: "Præparat\tDosis", want: "layout"},
		{name: "AGR-401 columns of spaces", text: "Præparat   Dosis", want: "layout"},
		{name: "AGR-401 two spaces after a stop", text: "Det er godt.  Vi ses."},
		{name: "AGR-401 a table of bars", text: "a | b | c", want: "layout"},
		{name: "AGR-401 one bar", text: "enten | eller"},
		{name: "AGR-401 one indented line", text: "Husk:\n  tabletter"},
		{name: "AGR-401 two indented lines", text: "Husk:\n  tabletter\n  plastre", want: "layout"},
		{name: "AGR-402 two subjects", text: "Medicinen er ændret, og træningen begynder mandag."},
		{name: "AGR-402 three subjects", text: "Medicinen er ændret, træningen begynder mandag, og hjælpemidlerne er bestilt.", want: "subjects"},
		{name: "AGR-402 a word within a word is no subject", text: "Hjemmetræning og selvmedicinering og visitationer."},
		{name: "AGR-402 to a practice there is no list", to: outGP, subject: "Svar", text: "Medicinen, træningen, hjælpemidlerne og sygeplejen."},
		{name: "a question with its mark", text: "Hvornår kommer I?"},
		{name: "a question without its mark", text: "Hvornår kommer I.", want: "question"},
		{name: "a question in the middle", text: "Vi har set hende. Kan I komme mandag.", want: "question"},
		{name: "speaking of a question", text: "Et spørgsmål om forbindingen.", want: "question"},
		{name: "a statement with a question's word", text: "Vi ved, hvornår I kommer."},
		{name: "an inquiry without a question", subject: "Ambulant forespørgsel", text: "Der er brug for en tid.", want: "question"},
		{name: "AGR-206 urgent", text: "Det haster.", want: "acute"},
		{name: "AGR-206 acute", text: "Akut forværring i nat.", want: "acute"},
		{name: "AGR-206 the name of a ward is not", text: "Set i akutmodtagelsen. Akutteamet har været der."},
		{name: "AGR-201 speaks of another standard", to: takesAll, text: "Her er genoptræningsplanen.", want: "standard"},
		{name: "AGR-201 one the receiver cannot take", to: takesNone, text: "Her er genoptræningsplanen."},
		{name: "AGR-205 never on the social area", to: outSoc, text: "Her er genoptræningsplanen."},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := draft()
			d.Text = c.text
			if c.to != "" {
				d.Receiver = c.to
			}
			if c.subject != "" {
				d.Category, d.Subject = "", c.subject
			}
			f, err := w.box.LetterForm(w.ctx, anne(), clinic, d)
			if err != nil {
				t.Fatal(err)
			}
			if got := hintCodes(f.Hints); got != c.want {
				t.Errorf("hints %q, want %q", got, c.want)
			}
			for _, h := range f.Hints {
				if h.Text == "" || h.TextEN == "" || h.Why == "" || h.WhyEN == "" {
					t.Errorf("%s does not explain itself: %+v", h.Code, h)
				}
			}
			if l := w.letter(w.sent(anne(), clinic, d)); strings.Join(l.Record.Overruled, " ") != c.want {
				t.Errorf("overruled %v", l.Record.Overruled)
			}
		})
	}
	w.sound()
}

// A personal number is refused and an organisation's taken (AGR-404, Amb-16).
func TestPersonalNumbersAreRefused(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ phone, want string }{
		{"87654321", ""}, {"87 65 43 21", ""}, {"+45 87654321", ""}, {"0045 87 65 43 21", ""},
		{"20123456", "phone"}, {"+45 20 12 34 56", "phone"}, {"30 12 34 56", "phone"}, {"31999999", "phone"}, {"32000000", ""},
		{"39999999", ""}, {"40000000", "phone"}, {"42999999", "phone"}, {"43000000", ""}, {"50000000", "phone"}, {"53999999", "phone"}, {"54000000", ""},
		{"60123456", "phone"}, {"61123456", "phone"}, {"62123456", ""}, {"71123456", "phone"}, {"72123456", ""}, {"81123456", "phone"}, {"91123456", "phone"}, {"93123456", "phone"}, {"94123456", ""},
		{"+46 701234567", ""}, {"70121416", ""},
	} {
		d := draft()
		d.Phone = c.phone
		if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != c.want {
			t.Errorf("%s: faults %q, want %q", c.phone, got, c.want)
		}
	}
	// A duty phone the unit has entered as its own is the organisation's.
	if _, err := w.box.SetFacts(w.ctx, anne(), clinic, mailbox.OwnDraft{Phone: "20 12 34 56"}); err != nil {
		t.Fatal(err)
	}
	d := draft()
	d.Phone = "+4520123456"
	if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != "" {
		t.Errorf("the unit's own number: faults %q", got)
	}
}

// What a colleague has written of late is shown before it is written again.
func TestRecentLetters(t *testing.T) {
	w := newWorld(t)
	base := w.clock()
	send := func(change func(*mailbox.Draft), at time.Time) int64 {
		w.at(at)
		d := draft()
		change(&d)
		return w.sent(anne(), clinic, d)
	}
	tooOld := send(func(*mailbox.Draft) {}, base.Add(-14*24*time.Hour-time.Minute))
	old := send(func(*mailbox.Draft) {}, base.Add(-14*24*time.Hour+time.Minute))
	other := send(func(d *mailbox.Draft) { d.Receiver = outGP }, base.Add(-time.Hour))
	subject := send(func(d *mailbox.Draft) { d.Category, d.Subject = "Træning", "Træning" }, base.Add(-time.Hour))
	citizen := send(func(d *mailbox.Draft) { d.CPR = secondCPR }, base.Add(-time.Hour))
	fresh := send(func(*mailbox.Draft) {}, base.Add(-time.Hour))
	w.at(base)
	before := len(w.audited())
	p, err := w.box.CheckLetter(w.ctx, anne(), clinic, draft())
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, r := range p.Recent {
		got = append(got, r.ID)
	}
	if !slices.Equal(got, []int64{fresh, old}) {
		t.Errorf("shown %v, want %v (not %v)", got, []int64{fresh, old}, []int64{tooOld, other, subject, citizen})
	}
	if seen := w.audited()[before:]; len(seen) != 1 || seen[0] != "anne:letter.seen:0" {
		t.Errorf("showing them is logged as %v", seen)
	}
	if p, err = w.box.CheckLetter(w.ctx, clara(), ward, draft()); err != nil || len(p.Recent) != 0 {
		t.Errorf("another unit is shown %v, %v", p.Recent, err)
	}
	w.sound()
}

// The letter on the check page is the one the receiver reads: from its own format.
func TestPreviewIsAsTheReceiverSeesIt(t *testing.T) {
	w := newWorld(t)
	for _, to := range []brevdue.GLN{outHome, outSoc} {
		d := draft()
		d.Receiver, d.Text = to, "Fortrolig – „to“ linjer.\nDen anden …"
		p, err := w.box.CheckLetter(w.ctx, anne(), clinic, d)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Seen.Text(); !strings.HasSuffix(got, "24.11.2026\nSygeplejerske\nAnne Prøve\nTlf. 87654321") || strings.ContainsAny(got, "„…") || !strings.Contains(got, "linjer.\nDen anden") {
			t.Errorf("%s sees %q", to, got)
		}
		if p.Seen.Receiver.GLN != to || p.Seen.Patient.Name() != "Torre Test Mosebryggersen" {
			t.Errorf("seen %+v", p.Seen.Receiver)
		}
	}
}

// After the third round trip a call is suggested, with the number.
func TestRoundTrips(t *testing.T) {
	w := newWorld(t)
	in := w.arrive(incoming{})
	thread := w.letter(in).Thread
	for n := range 4 {
		f, err := w.box.ReplyForm(w.ctx, anne(), clinic, in, answer())
		if err != nil {
			t.Fatal(err)
		}
		want := ""
		if n >= 3 {
			want = "rounds"
		}
		if f.Rounds != n || hintCodes(f.Hints) != want || f.CallPhone != "11223344" {
			t.Errorf("after %d round trips: %d, hints %q, phone %q", n, f.Rounds, hintCodes(f.Hints), f.CallPhone)
		}
		if want != "" && !strings.Contains(f.Hints[0].Text, "11223344") {
			t.Errorf("the number is not named: %s", f.Hints[0].Text)
		}
		w.at(w.clock().Add(time.Minute))
		if _, err := w.box.Reply(w.ctx, anne(), clinic, in, answer()); err != nil {
			t.Fatal(err)
		}
		in = w.arrive(incoming{id: fmt.Sprint("RT", n)})
		w.update(func(tx store.Tx) error {
			l, err := tx.Letters().Get(w.ctx, in)
			if err != nil {
				return err
			}
			l.ID, l.Thread, l.Body.ID = 0, thread, fmt.Sprint("RU", n)
			in, err = tx.Letters().Insert(w.ctx, l)
			return err
		})
	}
}

// A receiver of this installation that is away is shown before sending: from a week
// before until it is back.
func TestReceiverAway(t *testing.T) {
	w := newWorld(t)
	closed := store.Closed{Unit: homecare, From: "2026-12-02", To: "2026-12-04", Text: "Kursus", Contact: "Vagten, 87651111", By: "Bo"}
	w.update(func(tx store.Tx) error { _, err := tx.UnitFacts().AddClosed(w.ctx, closed); return err })
	w.dir = nil
	in := w.arrive(incoming{})
	w.update(func(tx store.Tx) error {
		l, err := tx.Letters().Get(w.ctx, in)
		if err != nil {
			return err
		}
		l.ID, l.Body.ID, l.Body.Sender.GLN = 0, "AWAY", homecare
		in, err = tx.Letters().Insert(w.ctx, l)
		return err
	})
	for _, c := range []struct {
		day  int
		want int
	}{{24, 0}, {25, 1}, {32, 1}, {34, 1}, {35, 0}} {
		w.at(time.Date(2026, 11, c.day, 10, 0, 0, 0, w.clock().Location()))
		f, err := w.box.ReplyForm(w.ctx, anne(), clinic, in, answer())
		if err != nil || len(f.Away) != c.want {
			t.Errorf("on day %d of November: away %+v, %v", c.day, f.Away, err)
		}
	}
}
