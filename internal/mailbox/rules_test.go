package mailbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/kalender"
	"brevdue/sor"
)

// ruled is a test's directory with receivers that say which standards they take.
var (
	takesAll  = gln("579999900021") // home care that takes the discharge report and the training plan
	takesNone = gln("579999900022") // home care that takes none of them
)

func (w *world) withStandards() {
	w.t.Helper()
	entries := []sor.Entry{
		{GLN: takesAll, Name: "Hjemmeplejen Alt", Kind: brevdue.MunicipalHealth, Place: "Prøvekøbing", Standards: []string{"XDIS18", "GGOP"}, Phone: "11223344"},
		{GLN: takesNone, Name: "Hjemmeplejen Intet", Kind: brevdue.MunicipalHealth, Place: "Prøvekøbing", Standards: []string{}},
		{GLN: outSoc, Name: "Socialafdelingen", Kind: brevdue.MunicipalSocial, Standards: []string{"XDIS18", "GGOP"}},
		{GLN: outHome, Name: "Hjemmesygeplejen Nord", Kind: brevdue.MunicipalHealth},
		{GLN: outWard, Name: "Nabohospitalet", Kind: brevdue.Ward},
		{GLN: outGP, Name: "Lægerne", Kind: brevdue.GP},
	}
	w.dir = sor.New(entries)
	w.reopen()
}

// Another standard first (AGR-201, AGR-205): the purpose chosen and what the receiver
// can take decide; a reason lets the letter be used all the same; the social area is
// never asked.
func TestAnotherStandardFirst(t *testing.T) {
	w := newWorld(t)
	w.withStandards()
	for _, c := range []struct {
		name     string
		to       brevdue.GLN
		purpose  string
		reason   string
		want     string // faults
		offered  string // codes of the standards offered
		advising bool   // the chosen one is shown, but the directory does not say
	}{
		{name: "none chosen", to: takesAll, offered: "XDIS18 GGOP"},
		{name: "chosen, can be taken", to: takesAll, purpose: "XDIS18", want: "standardreason", offered: "XDIS18 GGOP"},
		{name: "chosen by its older code", to: takesAll, purpose: "DGOP", want: "standardreason", offered: "XDIS18 GGOP"},
		{name: "reason of two characters", to: takesAll, purpose: "XDIS18", reason: "ja", want: "standardreason", offered: "XDIS18 GGOP"},
		{name: "reason with a citizen's number", to: takesAll, purpose: "XDIS18", reason: "borger 010490-9989", want: "standardreason", offered: "XDIS18 GGOP"},
		{name: "used all the same", to: takesAll, purpose: "XDIS18", reason: "rapporten er sendt, dette er et tillæg", offered: "XDIS18 GGOP"},
		{name: "one the receiver cannot take", to: takesAll, purpose: "XDIS21", offered: "XDIS18 GGOP"},
		{name: "receiver takes none", to: takesNone, purpose: "XDIS18"},
		{name: "receiver not known", to: outHome, purpose: "XDIS18", offered: "XDIS21 XDIS19 XDIS18 XDIS20 XDIS17 XDIS32 GGOP XREF15 XREF22", advising: true},
		{name: "AGR-205: social area", to: outSoc, purpose: "XDIS18"},
		{name: "AGR-204: not covered", to: outWard, purpose: "XDIS18"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := draft()
			d.Receiver, d.Purpose, d.StandardReason = c.to, c.purpose, c.reason
			f, err := w.box.LetterForm(w.ctx, anne(), clinic, d)
			if err != nil {
				t.Fatal(err)
			}
			var offered []string
			for _, s := range f.Standards {
				offered = append(offered, s.Code())
			}
			if got := strings.Join(offered, " "); got != c.offered {
				t.Errorf("offered %q, want %q", got, c.offered)
			}
			if c.advising && (f.Standard == nil || f.Standard.Takes) {
				t.Errorf("the standard chosen is not shown: %+v", f.Standard)
			}
			if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != c.want {
				t.Errorf("faults %q, want %q", got, c.want)
			}
		})
	}
	d := draft()
	d.Receiver, d.Purpose, d.StandardReason = takesAll, "XDIS18", "et tillæg til rapporten"
	l := w.letter(w.sent(anne(), clinic, d))
	if l.Record == nil || l.Record.Purpose != "XDIS18" || l.Record.StandardReason != "et tillæg til rapporten" {
		t.Errorf("AGR-201: kept %+v", l.Record)
	}
	if got := w.events(l.ID); got != "created standard-reason" {
		t.Errorf("timeline: %s", got)
	}
	// A reply is never asked: it continues what has begun.
	in := w.arrive(incoming{})
	a := answer()
	a.Purpose = "XDIS18"
	if got := faults(t, verdict(w.box.CheckReply(w.ctx, anne(), clinic, in, a))); got != "" {
		t.Errorf("a reply: %q", got)
	}
	w.sound()
}

// A concrete agreement on file lets a municipality start without a reason
// (AGR-302, Amb-4): for everybody or for one citizen, as long as it holds.
func TestConcreteAgreementOnFile(t *testing.T) {
	for _, c := range []struct {
		name string
		a    *store.Arrangement
		end  bool
		want string
	}{
		{"none", nil, false, "startreason"},
		{"for everybody", &store.Arrangement{Other: outWard}, false, ""},
		{"for this citizen", &store.Arrangement{Other: outWard, Citizen: testCPR}, false, ""},
		{"for another citizen", &store.Arrangement{Other: outWard, Citizen: secondCPR}, false, "startreason"},
		{"with another ward", &store.Arrangement{Other: outFHIR}, false, "startreason"},
		{"until today", &store.Arrangement{Other: outWard, Until: "2026-11-24"}, false, ""},
		{"until yesterday", &store.Arrangement{Other: outWard, Until: "2026-11-23"}, false, "startreason"},
		{"ended", &store.Arrangement{Other: outWard}, true, "startreason"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			var id int64
			if c.a != nil {
				c.a.Unit, c.a.Text, c.a.At = homecare, "aftalt med afdelingen", w.clock()
				w.update(func(tx store.Tx) (err error) {
					if id, err = tx.UnitFacts().AddArrangement(w.ctx, *c.a); err != nil || !c.end {
						return err
					}
					return tx.UnitFacts().EndArrangement(w.ctx, homecare, id, w.clock())
				})
			}
			d := draft()
			d.Receiver, d.Category, d.Subject = outWard, "", "Spørgsmål"
			if got := faults(t, verdict(w.box.CheckLetter(w.ctx, bo(), homecare, d))); got != c.want {
				t.Fatalf("faults %q, want %q", got, c.want)
			}
			if c.want != "" {
				d.StartReason = "aftalt på mødet"
			}
			r := w.letter(w.sent(bo(), homecare, d)).Record
			if c.want == "" && (r.Arrangement != id || r.StartReason != "") || c.want != "" && (r.Arrangement != 0 || r.StartReason != "aftalt på mødet") {
				t.Errorf("kept %+v", r)
			}
		})
	}
}

// AGR-301, AGR-303 to AGR-305: nobody else is asked who starts.
func TestWhoMayStartFreely(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		rule string
		p    mailbox.Person
		unit brevdue.GLN
		to   brevdue.GLN
	}{
		{"AGR-301", anne(), clinic, outHome},
		{"AGR-301", anne(), clinic, outGP},
		{"AGR-305", bo(), homecare, outGP},
	} {
		d := draft()
		d.Receiver = c.to
		if f, err := w.box.LetterForm(w.ctx, c.p, c.unit, d); err != nil || f.Start != nil {
			t.Errorf("%s: asked %+v, %v", c.rule, f.Start, err)
		}
	}
	in := w.arrive(incoming{unit: homecare})
	if f, err := w.box.ReplyForm(w.ctx, bo(), homecare, in, answer()); err != nil || f.Start != nil {
		t.Errorf("AGR-304: a reply is asked %+v, %v", f.Start, err)
	}
}

// A priority exists only with a subject whose national category has one (F22).
func TestPriorityOnlyWhereTheCategoryHasOne(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		subject string
		may     bool
	}{{"Medicin", false}, {"Vedr. henvisning", true}, {"Vedr. henvisning, genoptræning", true}, {"Henvisning", false}} {
		d := draft()
		d.Receiver, d.Category, d.Subject, d.Priority = outGP, "", c.subject, brevdue.HighPriority
		f, err := w.box.LetterForm(w.ctx, anne(), clinic, d)
		if err != nil || f.Priority != c.may {
			t.Errorf("%s: may have a priority %t, %v", c.subject, f.Priority, err)
		}
		want := "priority"
		if c.may {
			want = ""
		}
		if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != want {
			t.Errorf("%s: faults %q", c.subject, got)
		}
		d.Priority = brevdue.RoutinePriority
		if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != "" {
			t.Errorf("%s, routine: faults %q", c.subject, got)
		}
	}
}

// The service code is shown on letters to and from general practice (AGR-1001), and
// the agreement's remark on a subject (Amb-8).
func TestWhatIsShownBesideTheQuestions(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		to   brevdue.GLN
		code string
	}{{outGP, "0127"}, {outHome, ""}, {outWard, ""}} {
		d := draft()
		d.Receiver = c.to
		if f, err := w.box.LetterForm(w.ctx, anne(), clinic, d); err != nil || f.FeeCode != c.code {
			t.Errorf("AGR-1001: %s shows %q, %v", c.to, f.FeeCode, err)
		}
	}
	d := draft()
	d.Category, d.Subject = "Psykiatri", "Forløbskoordinering i psykiatrien"
	if f, err := w.box.LetterForm(w.ctx, anne(), clinic, d); err != nil || !strings.Contains(f.Note, "andre kategorier") {
		t.Errorf("remark %q, %v", f.Note, err)
	}
}

// Another region's agreement asks its own questions: its signature, its bases, its
// length, its standards (AGR-406).
func TestAnotherRegionAsksOtherwise(t *testing.T) {
	w := newWorld(t)
	w.book = secondBook(t)
	w.at(time.Date(2027, 3, 2, 10, 0, 0, 0, kalender.Copenhagen()))
	d := draft()
	d.Category, d.Subject, d.Phone, d.Basis = "Hjem", "Hjem med hjælp", "", "nødret"
	d.Text = strings.Repeat("Fortroligt ord. ", 30)
	d.Weighing = "Uden brevet kommer der ingen hjælp i aften."
	f, err := w.box.LetterForm(w.ctx, anne(), clinic, d)
	if err != nil {
		t.Fatal(err)
	}
	if f.Signature != "02.03.2027\nAnne Prøve" || len(f.Bases) != 3 || f.Basis == nil || f.Basis.Rule != "F-22" || f.Discharge || len(f.Schemes) != 1 {
		t.Errorf("asked %+v, signature %q", f.Questions, f.Signature)
	}
	if got := hintCodes(f.Hints); got != "length" {
		t.Errorf("hints %q: 400 characters is long there", got)
	}
	id := w.sent(anne(), clinic, d)
	if !strings.HasSuffix(w.letter(id).Body.Text(), "\n\n02.03.2027\nAnne Prøve") {
		t.Errorf("text %q", w.letter(id).Body.Text())
	}
	tasks, err := w.box.Tasks(w.ctx, anne(), clinic, 0)
	if err != nil || len(tasks) != 1 || !tasks[0].Due.Equal(time.Date(2027, 3, 5, 15, 0, 0, 0, kalender.Copenhagen())) {
		t.Errorf("tasks %+v, %v: three working days there", tasks, err)
	}
	w.sound()
}

func secondBook(t testing.TB) *aftale.Book {
	t.Helper()
	a, findings := aftale.Load(readFile(t, "../../aftale/testdata/fiktivland-2027.yaml"))
	if a == nil {
		t.Fatal(findings)
	}
	b, findings := aftale.NewBook(a)
	if brevdue.HasErrors(findings) {
		t.Fatal(findings)
	}
	return b
}

func hintCodes(hints []mailbox.Hint) string {
	var codes []string
	for _, h := range hints {
		codes = append(codes, h.Code)
	}
	return strings.Join(codes, " ")
}

// sent sends a draft that must be in order.
func (w *world) sent(p mailbox.Person, unit brevdue.GLN, d mailbox.Draft) int64 {
	w.t.Helper()
	id, err := w.box.SendLetter(w.ctx, p, unit, d)
	if err != nil {
		w.t.Fatalf("not sent: %s", faults(w.t, err))
	}
	return id
}

// What the unit answered never stands in the letter (AGR-907).
func TestTheRecordIsNotInTheLetter(t *testing.T) {
	w := newWorld(t)
	d := draft()
	d.Basis, d.Weighing = "43-2-2", "Hemmelig afvejning af interesserne"
	d.Discharging, d.Discharge, d.Services, d.Need = "yes", "2026-11-27", "no", "2026-11-28"
	d.Episode = brevdue.EpisodeInpatient
	d.Call = mailbox.CallDraft{At: "2026-11-24T09:30", Organisation: "Kommunens visitation", Number: "99887766", Who: "Hemmelig visitator", Agreed: "Hemmelig aftale"}
	l := w.letter(w.sent(anne(), clinic, d))
	for _, secret := range []string{"Hemmelig", "43-2-2", "afvejning", "99887766"} {
		if strings.Contains(l.Body.Text()+l.Body.Subject, secret) {
			t.Errorf("the letter holds %q", secret)
		}
	}
	r := l.Record
	if r.Basis == nil || *r.Basis != (store.Basis{Code: "43-2-2", Weighing: "Hemmelig afvejning af interesserne", By: "Anne Prøve", At: r.Basis.At}) || !r.Basis.At.Equal(w.clock()) {
		t.Errorf("basis %+v", r.Basis)
	}
	if r.Call == nil || r.Call.Who != "Hemmelig visitator" || r.Call.Agreed != "Hemmelig aftale" || r.Call.By != "Anne Prøve" || !r.Call.At.Equal(tuesday(9, 30, 0)) {
		t.Errorf("call %+v", r.Call)
	}
	if got := strings.Fields(w.events(l.ID)); !slices.Equal(got, []string{"created", "call"}) {
		t.Errorf("timeline %v", got)
	}
	w.sound()
}
