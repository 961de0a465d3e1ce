package mailbox_test

import (
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/sor"
)

// No age and no diagnosis is filtered (AGR-104): the youngest and the oldest of test
// persons, and any text.
func TestEveryCourseCounts(t *testing.T) {
	w := newWorld(t)
	for _, cpr := range []string{"2411269996", "0101209995", "0104909989"} {
		for _, text := range []string{"Nyfødt, kontrol om en uge.", "Skizofreni, stabil.", "Brud på hoften."} {
			d := draft()
			d.CPR, d.Text = cpr, text
			if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != "" {
				t.Errorf("%s: faults %q", text, got)
			}
		}
	}
}

// A letter is about one citizen (AGR-107): none is refused, two cannot be entered, and
// a reply is about the citizen of the letter whatever the form says.
func TestOneCitizenToALetter(t *testing.T) {
	w := newWorld(t)
	for _, cpr := range []string{"", testCPR + secondCPR, testCPR + ", " + secondCPR} {
		d := draft()
		d.CPR = cpr
		if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != "cpr" {
			t.Errorf("%d characters of numbers: faults %q", len(cpr), got)
		}
	}
	in := w.arrive(incoming{})
	d := answer()
	d.CPR, d.Surname = secondCPR, "Berggren"
	id, err := w.box.Reply(w.ctx, anne(), clinic, in, d)
	if err != nil {
		t.Fatal(err)
	}
	if p := w.letter(id).Body.Patient; p.CPR != testCPR || p.Surname != "Mosebryggersen" {
		t.Error("the reply is about another citizen")
	}
}

// A subject stands on every letter (AGR-405), from the list where there is one and in
// the writer's words elsewhere (Amb-6); category Udskrivningsrapport with its subject
// is for the social area, and others are shown the standard of that name (Amb-5).
func TestASubjectOnEveryLetter(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name     string
		to       brevdue.GLN
		category string
		subject  string
		want     string
	}{
		{"AGR-405 none", outHome, "", "", "subject"},
		{"AGR-405 none where there is no list", outGP, "", "", "subject"},
		{"AGR-405 none where nothing is covered", outWard, "", "", "subject"},
		{"Amb-6 of the list", outHome, "Træning", "Træning", ""},
		{"Amb-6 free where there is no list", outGP, "", "Svar på prøver", ""},
		{"Amb-6 free where there is one", outHome, "", "Svar på prøver", "subjectreason"},
		{"Amb-5 to the social area", outSoc, "Udskrivningsrapport", "Socialområdet", ""},
		{"Amb-5 to home care", outHome, "Udskrivningsrapport", "Socialområdet", "subject"},
	} {
		d := draft()
		d.Receiver, d.Category, d.Subject = c.to, c.category, c.subject
		if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != c.want {
			t.Errorf("%s: faults %q, want %q", c.name, got, c.want)
		}
	}
	in := w.arrive(incoming{subject: "Terminalerklæring"})
	id, err := w.box.Reply(w.ctx, anne(), clinic, in, answer())
	if err != nil || w.letter(id).Body.Subject != "Terminal erklæring" {
		t.Errorf("Amb-6: the reply does not inherit: %v", err)
	}
}

// Reading meets the deadline; there is no duty to answer (AGR-608). A letter read in
// time and never answered is not late.
func TestReadingIsEnough(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	w.at(tuesday(14, 59, 0))
	if _, err := w.box.Open(w.ctx, anne(), clinic, id); err != nil {
		t.Fatal(err)
	}
	w.at(tuesday(15, 0, 0).AddDate(0, 0, 3))
	counts, err := w.box.CountsFor(w.ctx, anne())
	if err != nil {
		t.Fatal(err)
	}
	if c := counts[clinic]; c.Late != 0 || c.Unread != 0 || c.All != 1 {
		t.Errorf("three days later: %+v", c)
	}
	if l := w.letter(id); l.Status != brevdue.Read || !l.AnsweredAt.IsZero() {
		t.Errorf("the letter is %s", l.Status)
	}
}

// What the figures of AGR-105 and AGR-1002 are made from is kept with the letter:
// subject outside the list, call and exemption, basis, who started.
func TestWhatFiguresAreMadeFrom(t *testing.T) {
	w := newWorld(t)
	d := draft()
	d.Episode = brevdue.EpisodeInpatient
	d.Category, d.Subject, d.SubjectReason = "", "Kørsel", "intet emne passer"
	d.Discharging, d.Discharge, d.Services, d.Need, d.Exempt = "yes", "2026-11-27", "no", "2026-12-01", true
	l := w.letter(w.sent(anne(), clinic, d))
	if r := l.Record; r == nil || r.SubjectReason != "intet emne passer" || !r.Exempt || r.Discharge != "2026-11-27" || r.Basis == nil || l.Group != "" {
		t.Errorf("kept %+v", l.Record)
	}
	if got := w.events(l.ID); got != "created subject-reason call-exempt" {
		t.Errorf("timeline %s", got)
	}
}

// The length has a soft limit of the agreement's and a hard one of the format's
// (Amb-17).
func TestLengthIsAdviceAndThenALimit(t *testing.T) {
	w := newWorld(t)
	d := draft()
	d.Text = strings.Repeat("ord og mere. ", 200) // 2,600 characters
	if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != "" {
		t.Errorf("2,600 characters: faults %q", got)
	}
	if f, err := w.box.LetterForm(w.ctx, anne(), clinic, d); err != nil || hintCodes(f.Hints) != "length" {
		t.Errorf("2,600 characters: hints %v, %v", f.Hints, err)
	}
	d.Receiver, d.Text = outSoc, strings.Repeat(strings.Repeat("x", 60)+"\n", 3000)
	if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != "text" {
		t.Errorf("beyond the format: faults %q", got)
	}
}

// A unit of an area the agreement does not name can be written to and is promised the
// careful deadline (Amb-21); the receiver's own message types decide about other
// standards, and unknown is not the same as none (Amb-3).
func TestAreaThatIsNotNamedIsPromised(t *testing.T) {
	w := newWorld(t)
	p := w.box.PromiseFor(brevdue.MunicipalOther, tuesday(14, 30, 0))
	if !strings.Contains(p.Sentence, "i morgen kl. 15") || !strings.Contains(p.Sentence, "AGR-605") {
		t.Errorf("promised %q", p.Sentence)
	}
	w.withStandards()
	d := draft()
	for _, c := range []struct {
		to brevdue.GLN
		n  int
	}{{takesAll, 2}, {takesNone, 0}, {outHome, 9}} {
		d.Receiver = c.to
		if f, err := w.box.LetterForm(w.ctx, anne(), clinic, d); err != nil || len(f.Standards) != c.n {
			t.Errorf("Amb-3: %s is offered %d standards, %v", c.to, len(f.Standards), err)
		}
	}
}

// Only people with an account of the unit see its letters (AGR-103): nobody else, by
// any way in.
func TestTheSystemIsForStaff(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	stranger := mailbox.Person{ID: 9, Login: "borger", Name: "En Borger"}
	if _, err := w.box.Open(w.ctx, stranger, clinic, id); err == nil {
		t.Error("a stranger opened the letter")
	}
	if _, err := w.box.Inbox(w.ctx, stranger, clinic, store.Query{}); err == nil {
		t.Error("a stranger saw the inbox")
	}
	if _, err := w.box.SendLetter(w.ctx, stranger, clinic, draft()); err == nil {
		t.Error("a stranger sent a letter")
	}
}

// A hospital writes to municipality, practice and regional social area about every
// kind of course (AGR-202), and those among themselves about any (AGR-203).
func TestWhoMayWriteAboutWhat(t *testing.T) {
	w := newWorld(t)
	for _, episode := range []brevdue.EpisodeStatus{brevdue.EpisodeInpatient, brevdue.EpisodeOutpatient, brevdue.EpisodeInactive, ""} {
		for _, c := range []struct {
			rule string
			p    mailbox.Person
			unit brevdue.GLN
			to   brevdue.GLN
		}{
			{"AGR-202", anne(), clinic, outHome}, {"AGR-202", anne(), clinic, outSoc}, {"AGR-202", anne(), clinic, outGP}, {"AGR-202", clara(), ward, outHome},
			{"AGR-203", bo(), homecare, outGP},
		} {
			d := draft()
			d.Episode, d.Receiver = episode, c.to
			if c.to == outGP {
				d.Category, d.Subject = "", "Svar"
			}
			if got := faults(t, verdict(w.box.CheckLetter(w.ctx, c.p, c.unit, d))); got != "" {
				t.Errorf("%s, %q from %s to %s: faults %q", c.rule, episode, c.unit, c.to, got)
			}
			if f, err := w.box.LetterForm(w.ctx, c.p, c.unit, d); err != nil || f.Promise == nil || !strings.Contains(f.Promise.Sentence, "Midtjylland 2022") {
				t.Errorf("%s: promised %+v, %v", c.rule, f.Promise, err)
			}
		}
	}
}

// A subject outside the agreement is reported to the secretariat with how often, by
// whom and why (AGR-1002), and without the citizen.
func TestOutsideSubjectsAreReported(t *testing.T) {
	w := newWorld(t)
	use := func(p mailbox.Person, unit brevdue.GLN, subject, reason string) {
		d := draft()
		d.Category, d.Subject, d.SubjectReason = "", subject, reason
		w.sent(p, unit, d)
		w.at(w.clock().Add(time.Minute))
	}
	use(anne(), clinic, "Kørsel", "intet emne passer")
	use(clara(), ward, "kørsel ", "aftalt med visitationen")
	use(anne(), clinic, "KØRSEL", "intet emne passer")
	use(anne(), clinic, "Tolk", "ingen af dem")
	w.sent(anne(), clinic, draft())
	got, more, err := w.box.OutsideSubjects(w.ctx, rita(), tuesday(10, 0, 0), tuesday(23, 0, 0))
	if err != nil || more || len(got) != 2 {
		t.Fatalf("%+v, %t, %v", got, more, err)
	}
	if k := got[0]; k.Subject != "KØRSEL" || k.Times != 3 || len(k.Units) != 2 || strings.Join(k.Reasons, "|") != "intet emne passer|aftalt med visitationen" || !k.Last.Equal(tuesday(10, 2, 0)) {
		t.Errorf("first %+v", k)
	}
	if got, _, err = w.box.OutsideSubjects(w.ctx, rita(), tuesday(10, 3, 0), tuesday(10, 4, 0)); err != nil || len(got) != 1 || got[0].Subject != "Tolk" {
		t.Errorf("a period: %+v, %v", got, err)
	}
	if _, _, err := w.box.OutsideSubjects(w.ctx, anne(), tuesday(0, 0, 0), tuesday(23, 0, 0)); err == nil {
		t.Error("a nurse sees what all units do")
	}
}

// Two agreements side by side: the narrower one judges the letters of its own parties,
// and every page of the unit speaks by it (AGR-1003).
func TestNarrowerAgreementSpeaks(t *testing.T) {
	w := newWorld(t)
	content := readFile(t, "../../aftale/testdata/fiktivland-2027.yaml")
	for old, new := range map[string]string{"gyldig_fra: \"2027-01-01\"": "gyldig_fra: \"2026-01-01\"", "[Øens hospital]": "[Prøvehospitalet]", "[Nordø, Sydø]": "[Aarhus]"} {
		if !strings.Contains(string(content), old) {
			t.Fatalf("no %s in the file", old)
		}
		content = []byte(strings.Replace(string(content), old, new, 1))
	}
	narrow, findings := aftale.Load(content)
	if narrow == nil {
		t.Fatal(findings)
	}
	book, findings := aftale.NewBook(append(w.book.All(), narrow)...)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	w.book = book
	for _, c := range []struct {
		to   brevdue.GLN
		want string
	}{{outHome, "Fiktivland 2027"}, {outGP, "Fiktivland 2027"}, {homecare, "Midtjylland 2022"}} {
		d := draft()
		d.Receiver = c.to
		if c.to == homecare { // elsewhere in the region
			w.dir = sor.New([]sor.Entry{{GLN: homecare, Name: "Hjemmesygeplejen", Kind: brevdue.MunicipalHealth, Place: "Randers"}})
			w.reopen()
		}
		f, err := w.box.LetterForm(w.ctx, clara(), ward, d)
		if err != nil || f.Promise == nil || !strings.Contains(f.Promise.Sentence, c.want) {
			t.Errorf("to %s: promised %+v, %v", c.to, f.Promise, err)
		}
	}
}
