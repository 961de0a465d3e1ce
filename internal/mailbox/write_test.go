package mailbox_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/medcom"
)

func TestNewLetterIsQueuedComplete(t *testing.T) {
	w := newWorld(t)
	d := draft()
	d.CPR, d.Text = "010490-9989", "Fortrolig første linje.\r\n\r\nAnden linje.  \n"
	d.Category, d.Subject = "Andet", "Udskrivningsstatus – Barn"
	id, err := w.box.SendLetter(w.ctx, anne(), clinic, d)
	if err != nil {
		t.Fatal(err)
	}
	l := w.letter(id)
	want := brevdue.Letter{
		ID: "TST00000000001", Version: "XD9134L", StatisticalCode: "XDIS91", Authorised: "2026-11-24T10:00", Status: brevdue.NewLetter,
		Sender:   brevdue.Party{GLN: clinic, ID: string(clinic), IDCode: brevdue.IDLocation, Organisation: "Prøvehospitalet", Department: "Medicinsk Klinik", Phone: "87654321"},
		Receiver: brevdue.Party{GLN: outHome, ID: string(outHome), IDCode: brevdue.IDLocation, Organisation: "Hjemmesygeplejen Nord", Department: "Aarhus Kommune"},
		Patient:  brevdue.Patient{CPR: testCPR, Surname: "Mosebryggersen", Given: "Torre Test", Episode: brevdue.EpisodeOutpatient},
		Subject:  "Udskrivningsstatus - Barn",
		Segments: []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText("Fortrolig første linje.\n\nAnden linje.\n\n24.11.2026\nSygeplejerske\nAnne Prøve\nTlf. 87654321")}}},
	}
	if diff := cmp.Diff(want, l.Body, cmp.Comparer(func(a, b brevdue.CPR) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	if l.Direction != store.Out || l.Status != brevdue.Queued || l.Unit != clinic || l.Kind != brevdue.XDIS91 || l.Format != brevdue.OIOXML ||
		!l.Sent.Equal(w.clock()) || l.Author != 1 || l.Thread != id || l.ReplyTo != 0 || l.Group != "Udskrivningsstatus – Barn" || l.Category != "Andet" {
		t.Errorf("kept as %+v", l)
	}
	if l.Duty == nil || !strings.Contains(l.Duty.Sentence, "AGR-60") {
		t.Errorf("no promise is kept: %+v", l.Duty)
	}
	if got := w.jobs(); got != fmt.Sprintf("send:%d", id) {
		t.Errorf("jobs: %s", got)
	}
	if got := w.events(id); got != "created" {
		t.Errorf("timeline: %s", got)
	}
	if got := w.audited(); !slices.Equal(got, []string{fmt.Sprintf("anne:letter.created:%d", id)}) {
		t.Errorf("audit: %v", got)
	}
	w.sound()
}

// Every fault is tied to the field it is about, and nothing of a draft with
// faults is kept.
func TestFaultsOfANewLetter(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name   string
		change func(*mailbox.Draft)
		want   string
	}{
		{"complete", func(d *mailbox.Draft) {}, ""},
		{"no number", func(d *mailbox.Draft) { d.CPR = " " }, "cpr"},
		{"spaces and hyphens", func(d *mailbox.Draft) { d.CPR = " 010490 - 9989 " }, ""},
		{"nine digits", func(d *mailbox.Draft) { d.CPR = "010490998" }, "cpr"},
		{"eleven digits", func(d *mailbox.Draft) { d.CPR = "01049099891" }, "cpr"},
		{"31 April", func(d *mailbox.Draft) { d.CPR = "3104909989" }, "cpr"},
		{"no such month", func(d *mailbox.Draft) { d.CPR = "0113909989" }, "cpr"},
		{"no such day", func(d *mailbox.Draft) { d.CPR = "3204909989" }, "cpr"},
		{"replacement number", func(d *mailbox.Draft) { d.CPR = "010490aa9x" }, ""},
		{"strange number", func(d *mailbox.Draft) { d.CPR = "0104909æ89" }, "cpr"},
		{"no surname", func(d *mailbox.Draft) { d.Surname = "" }, "surname"},
		{"no given name", func(d *mailbox.Draft) { d.Given = "" }, ""},
		{"70 characters", func(d *mailbox.Draft) { d.Surname, d.Given = strings.Repeat("æ", 70), strings.Repeat("ø", 70) }, ""},
		{"71 characters", func(d *mailbox.Draft) { d.Surname, d.Given = strings.Repeat("æ", 71), strings.Repeat("ø", 71) }, "surname given"},
		{"no state of care", func(d *mailbox.Draft) { d.Episode = "" }, ""},
		{"unknown state of care", func(d *mailbox.Draft) { d.Episode = "x" }, "episode"},
		{"no receiver", func(d *mailbox.Draft) { d.Receiver = "" }, "receiver"},
		{"unknown receiver", func(d *mailbox.Draft) { d.Receiver = nobody }, "receiver"},
		{"the unit itself", func(d *mailbox.Draft) { d.Receiver = clinic }, "receiver"},
		{"receiver of other kinds", func(d *mailbox.Draft) { d.Receiver = outFHIR }, "receiver"},
		{"no subject", func(d *mailbox.Draft) { d.Category, d.Subject = "", " " }, "subject"},
		{"no subject, no receiver", func(d *mailbox.Draft) { d.Subject, d.Receiver = "", "" }, "receiver subject"},
		{"free subject", func(d *mailbox.Draft) { d.Category, d.Subject = "", "Noget andet" }, "subjectreason"},
		{"free subject, short reason", func(d *mailbox.Draft) { d.Category, d.Subject, d.SubjectReason = "", "Noget andet", " ja " }, "subjectreason"},
		{"free subject, number in reason", func(d *mailbox.Draft) {
			d.Category, d.Subject, d.SubjectReason = "", "Noget andet", "gælder 010490-9989"
		}, "subjectreason"},
		{"free subject, long reason", func(d *mailbox.Draft) {
			d.Category, d.Subject, d.SubjectReason = "", "Noget andet", strings.Repeat("x", 501)
		}, "subjectreason"},
		{"free subject with reason", func(d *mailbox.Draft) {
			d.Category, d.Subject, d.SubjectReason = "", "Noget andet", "aftalt med visitationen"
		}, ""},
		{"71 characters of subject", func(d *mailbox.Draft) {
			d.Category, d.Subject, d.SubjectReason = "", strings.Repeat("x", 71), "aftalt"
		}, "subject"},
		{"wrong category", func(d *mailbox.Draft) { d.Category = "Træning" }, "category"},
		{"subject for others", func(d *mailbox.Draft) { d.Category, d.Subject = "Udskrivningsrapport", "Socialområdet" }, "subject"},
		{"subject for the social area", func(d *mailbox.Draft) {
			d.Category, d.Subject, d.Receiver = "Udskrivningsrapport", "Socialområdet", outSoc
		}, ""},
		{"practice takes any subject", func(d *mailbox.Draft) { d.Category, d.Subject, d.Receiver = "", "Ring venligst", outGP }, ""},
		{"practice, no subject", func(d *mailbox.Draft) { d.Category, d.Subject, d.Receiver = "", "", outGP }, "subject"},
		{"not covered, any subject", func(d *mailbox.Draft) { d.Category, d.Subject, d.Receiver = "", "Spørgsmål", outWard }, ""},
		{"not covered, no subject", func(d *mailbox.Draft) { d.Category, d.Subject, d.Receiver = "", "", outWard }, "subject"},
		{"unknown kind, any subject", func(d *mailbox.Draft) { d.Category, d.Subject, d.Receiver = "", "Spørgsmål", outNone }, ""},
		{"unknown priority", func(d *mailbox.Draft) { d.Priority = "x" }, "priority"},
		{"no text", func(d *mailbox.Draft) { d.Text = " \n\t" }, "text"},
		{"control character", func(d *mailbox.Draft) { d.Text = "a\x00b" }, "text"},
		{"not UTF-8", func(d *mailbox.Draft) { d.Text = "a\xffb" }, "text"},
		{"typographic signs", func(d *mailbox.Draft) { d.Text = "„kl. 8–9“ … • ≥ 2 € ’" }, ""},
		{"question marks of one's own", func(d *mailbox.Draft) { d.Text = "Hvad? Hvornår??" }, ""},
		{"signs no format holds", func(d *mailbox.Draft) { d.Text = "α-blokker ✓" }, "text"},
		{"name no format holds", func(d *mailbox.Draft) { d.Surname = "Ковальчук" }, "surname"},
		{"megabytes", func(d *mailbox.Draft) { d.Text = strings.Repeat("Lang tekst.\n", 100_000) }, "text"},
		{"too long for the format", func(d *mailbox.Draft) {
			d.Receiver, d.Text = outSoc, strings.Repeat(strings.Repeat("x", 60)+"\n", 3000)
		}, "text"},
		{"no phone", func(d *mailbox.Draft) { d.Phone = "" }, "phone"},
		{"phone of seven digits", func(d *mailbox.Draft) { d.Phone = "8765432" }, "phone"},
		{"phone in words", func(d *mailbox.Draft) { d.Phone = "ring 87654321" }, "phone"},
		{"phone with code", func(d *mailbox.Draft) { d.Phone = "+45 87 65 43 21" }, ""},
		{"everything", func(d *mailbox.Draft) { *d = mailbox.Draft{} }, "cpr surname receiver subject basis text phone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := draft()
			c.change(&d)
			checked := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d)))
			id, err := w.box.SendLetter(w.ctx, anne(), clinic, d)
			got := faults(t, err)
			if got != c.want || checked != c.want {
				t.Errorf("sending says %q, the check %q, want %q (%v)", got, checked, c.want, err)
			}
			if (id == 0) != (c.want != "") {
				t.Errorf("id %d with faults %q", id, got)
			}
		})
	}
	w.sound()
	sent, err := w.box.Sent(w.ctx, anne(), clinic, 1000, 0)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(strings.Fields(w.jobs())); n != len(sent) {
		t.Errorf("%d letters and %d jobs", len(sent), n)
	}
	// No number was used for what was not sent.
	if last := w.letter(sent[0].ID).Body.ID; last != fmt.Sprintf("TST%011s", base36(len(sent))) {
		t.Errorf("the last of %d letters has number %s", len(sent), last)
	}
}

func base36(n int) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if n < 36 {
		return digits[n : n+1]
	}
	return base36(n/36) + digits[n%36:n%36+1]
}

func TestFaultsSayWhatToDo(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		change func(*mailbox.Draft)
		want   string
	}{
		{func(d *mailbox.Draft) { d.Phone = "" }, "87654321"},
		{func(d *mailbox.Draft) { d.Text = "α og ✓" }, "α ✓"},
		{func(d *mailbox.Draft) { d.Category, d.Subject = "", "Socialområdet" }, "XDIS18"},
		{func(d *mailbox.Draft) { d.Surname = strings.Repeat("x", 71) }, "70"},
	} {
		d := draft()
		c.change(&d)
		err := verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))
		fs, _ := err.(mailbox.Faults)
		if len(fs) != 1 || !strings.Contains(fs[0].Text, c.want) || !strings.Contains(fs[0].TextEN, c.want) {
			t.Errorf("%+v does not say %q", fs, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "Mosebryggersen") {
			t.Error("the error names the patient")
		}
	}
}

func TestSignatureNeedsTitleAndName(t *testing.T) {
	w := newWorld(t)
	p := anne()
	p.Title, p.Name = "", ""
	if got := faults(t, verdict(w.box.CheckLetter(w.ctx, p, clinic, draft()))); got != "title name" {
		t.Errorf("faults: %q", got)
	}
	f, err := w.box.LetterForm(w.ctx, anne(), clinic, mailbox.Draft{})
	if err != nil {
		t.Fatal(err)
	}
	if f.Signature != "24.11.2026\nSygeplejerske\nAnne Prøve\nTlf. 87654321" {
		t.Errorf("signature: %q", f.Signature)
	}
}

func TestReplacementNumber(t *testing.T) {
	w := newWorld(t)
	d := draft()
	d.CPR = "010490-aa9x"
	id, err := w.box.SendLetter(w.ctx, anne(), clinic, d)
	if err != nil {
		t.Fatal(err)
	}
	p := w.letter(id).Body.Patient
	if p.CPR != "" || len(p.Replacements) != 1 || p.Replacements[0].Value.Reveal() != "010490AA9X" {
		t.Errorf("kept as CPR %v, replacements %v", p.CPR, p.Replacements)
	}
}

// AGR-302: a municipality that starts towards a hospital is asked why; a reply,
// a practice and a hospital are not.
func TestWhoStartsIsAskedWhy(t *testing.T) {
	w := newWorld(t)
	d := draft()
	d.Receiver, d.Category, d.Subject = outWard, "", "Spørgsmål"
	if got := faults(t, verdict(w.box.CheckLetter(w.ctx, bo(), homecare, d))); got != "startreason" {
		t.Errorf("faults: %q", got)
	}
	d.StartReason = "CPR 0104909989"
	if got := faults(t, verdict(w.box.CheckLetter(w.ctx, bo(), homecare, d))); got != "startreason" {
		t.Errorf("faults: %q", got)
	}
	d.StartReason = "aftalt på mødet i oktober"
	id, err := w.box.SendLetter(w.ctx, bo(), homecare, d)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.events(id); got != "created start-reason" {
		t.Errorf("timeline: %s", got)
	}
	d.StartReason, d.Receiver = "", outGP
	if err := verdict(w.box.CheckLetter(w.ctx, bo(), homecare, d)); err != nil {
		t.Errorf("towards a practice: %v", err)
	}
	in := w.arrive(incoming{unit: homecare})
	if err := verdict(w.box.CheckReply(w.ctx, bo(), homecare, in, answer())); err != nil {
		t.Errorf("a reply: %v", err)
	}
	w.sound()
}

func TestReasonForAFreeSubjectIsKept(t *testing.T) {
	w := newWorld(t)
	d := draft()
	d.Category, d.Subject, d.SubjectReason = "", "Noget andet", "aftalt med visitationen"
	id, err := w.box.SendLetter(w.ctx, anne(), clinic, d)
	if err != nil {
		t.Fatal(err)
	}
	o, err := w.box.SentLetter(w.ctx, anne(), clinic, id)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(o.Events); n != 2 || o.Events[1].What != "subject-reason" || o.Events[1].Detail != "aftalt med visitationen" || o.Events[1].Who != "Anne Prøve" {
		t.Errorf("timeline: %+v", o.Events)
	}
	// A reason nobody asked for is not kept: it was not looked at either.
	d = draft()
	d.SubjectReason, d.StartReason = testCPR, testCPR
	if id, err = w.box.SendLetter(w.ctx, anne(), clinic, d); err != nil || w.events(id) != "created" {
		t.Errorf("timeline: %s, %v", w.events(id), err)
	}
}

func TestReply(t *testing.T) {
	w := newWorld(t)
	in := w.arrive(incoming{subject: "Terminalerklæring", episode: "0123456789abcdef0123456789abcdef", kind: brevdue.DIS91})
	w.at(tuesday(11, 30, 0))
	id, err := w.box.Reply(w.ctx, anne(), clinic, in, answer())
	if err != nil {
		t.Fatal(err)
	}
	l := w.letter(id)
	if l.Body.Receiver != (brevdue.Party{GLN: outHome, ID: string(outHome), IDCode: brevdue.IDLocation, Organisation: "Aarhus Kommune", Department: "Hjemmesygeplejen Nord"}) {
		t.Errorf("receiver %+v", l.Body.Receiver)
	}
	if l.Body.Sender.GLN != clinic || l.Body.Subject != "Terminal erklæring" || l.Body.EpisodeOfCare != "0123456789abcdef0123456789abcdef" ||
		l.Body.Patient.CPR != testCPR || l.Body.Patient.Episode != brevdue.EpisodeInpatient || l.Kind != brevdue.DIS91 || l.Body.Version != "D9134L" {
		t.Errorf("from %s, subject %q, course %s, %s %s", l.Body.Sender.GLN, l.Body.Subject, l.Body.EpisodeOfCare, l.Kind, l.Body.Version)
	}
	if got := l.Body.Text(); got != "Fortrolig svar.\n\n24.11.2026\nSygeplejerske\nAnne Prøve\nTlf. 87654321" {
		t.Errorf("text %q: nothing may be quoted", got)
	}
	if l.ReplyTo != in || l.Thread != w.letter(in).Thread {
		t.Errorf("answers %d in thread %d", l.ReplyTo, l.Thread)
	}
	a := w.letter(in)
	if a.Status != brevdue.Answered || !a.AnsweredAt.Equal(w.clock()) || !a.ReadAt.Equal(w.clock()) || a.ReadBy != "Anne Prøve" {
		t.Errorf("answered letter: %s %v %v %s", a.Status, a.AnsweredAt, a.ReadAt, a.ReadBy)
	}
	if got := w.events(in); got != "read replied" {
		t.Errorf("timeline: %s", got)
	}
	want := []string{fmt.Sprintf("anne:letter.read:%d", in), fmt.Sprintf("anne:letter.replied:%d", in), fmt.Sprintf("anne:letter.created:%d", id)}
	if got := w.audited(); !slices.Equal(got, want) {
		t.Errorf("audit: %v, want %v", got, want)
	}

	// A second answer, with another subject and state of care.
	w.at(tuesday(12, 0, 0))
	d := answer()
	d.Subject, d.Category, d.Episode = "Medicin", "Medicin", brevdue.EpisodeOutpatient
	second, err := w.box.Reply(w.ctx, anne(), clinic, in, d)
	if err != nil {
		t.Fatal(err)
	}
	if l := w.letter(second); second == id || l.Body.Subject != "Medicin" || l.Body.Patient.Episode != brevdue.EpisodeOutpatient || l.Thread != a.Thread {
		t.Errorf("second answer: %+v", l)
	}
	if b := w.letter(in); !b.AnsweredAt.Equal(a.AnsweredAt) || b.Status != brevdue.Answered {
		t.Error("the first answer counts")
	}
	if got := w.jobs(); got != fmt.Sprintf("send:%d send:%d", id, second) {
		t.Errorf("jobs: %s", got)
	}
	w.sound()
}

func TestReplyFromEveryState(t *testing.T) {
	w := newWorld(t)
	for _, s := range []brevdue.Status{brevdue.Unread, brevdue.Read, brevdue.Filed, brevdue.Answered} {
		in := w.arrive(incoming{status: s})
		if _, err := w.box.Reply(w.ctx, anne(), clinic, in, answer()); err != nil {
			t.Errorf("%s: %v", s, err)
		}
		if got := w.letter(in).Status; got != brevdue.Answered {
			t.Errorf("%s became %s", s, got)
		}
	}
}

func TestFaultsOfAReply(t *testing.T) {
	w := newWorld(t)
	in := w.arrive(incoming{})
	for _, c := range []struct {
		name   string
		change func(*mailbox.Draft)
		want   string
	}{
		{"complete", func(d *mailbox.Draft) {}, ""},
		{"the citizen is the letter's", func(d *mailbox.Draft) { d.CPR, d.Surname, d.Receiver = "x", "", nobody }, ""},
		{"no text", func(d *mailbox.Draft) { d.Text = "" }, "text"},
		{"no phone", func(d *mailbox.Draft) { d.Phone = "" }, "phone"},
		{"unknown state of care", func(d *mailbox.Draft) { d.Episode = "x" }, "episode"},
		{"long subject", func(d *mailbox.Draft) { d.Subject, d.SubjectReason = strings.Repeat("x", 71), "aftalt" }, "subject"},
		{"a subject of one's own", func(d *mailbox.Draft) { d.Subject = "Noget andet" }, "subjectreason"},
		{"the letter's own subject", func(d *mailbox.Draft) { d.Subject = "Medicin" }, ""},
	} {
		d := answer()
		c.change(&d)
		if got := faults(t, verdict(w.box.CheckReply(w.ctx, anne(), clinic, in, d))); got != c.want {
			t.Errorf("%s: check says %q, want %q", c.name, got, c.want)
		}
		before := w.letter(in).Status
		_, err := w.box.Reply(w.ctx, anne(), clinic, in, d)
		if got := faults(t, err); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if c.want != "" && w.letter(in).Status != before {
			t.Errorf("%s: the letter was touched", c.name)
		}
	}
	// The form repeats the subject as it came; what is sent on is the agreement's.
	other := w.arrive(incoming{subject: "terminal- erklæring"})
	d := answer()
	d.Subject = w.letter(other).Body.Subject
	if id, err := w.box.Reply(w.ctx, anne(), clinic, other, d); err != nil || w.letter(id).Body.Subject != "Terminal erklæring" {
		t.Errorf("another spelling is sent on: %v", err)
	}
	free := w.arrive(incoming{subject: "Helt uden for aftalen"})
	id, err := w.box.Reply(w.ctx, anne(), clinic, free, answer())
	if err != nil || w.letter(id).Body.Subject != "Helt uden for aftalen" {
		t.Errorf("an inherited subject needs no reason: %v", err)
	}
}

// The same form sent twice is one letter: at once, after a restart, and when two
// requests race.
func TestTheSameTokenNeverSendsTwice(t *testing.T) {
	w := newWorld(t)
	in := w.arrive(incoming{})
	d := answer()
	d.Token = "a form"
	first, err := w.box.Reply(w.ctx, anne(), clinic, in, d)
	if err != nil {
		t.Fatal(err)
	}
	w.reopen()
	d.Text = "Noget andet, men samme formular"
	again, err := w.box.Reply(w.ctx, anne(), clinic, in, d)
	if err != nil || again != first {
		t.Errorf("sent again as %d, first %d, %v", again, first, err)
	}
	if got := faults(t, func() error {
		_, err := w.box.Reply(w.ctx, bo(), homecare, w.arrive(incoming{unit: homecare}), d)
		return err
	}()); got != "token" {
		t.Errorf("another unit's form: %q", got)
	}

	n := draft()
	n.Token = "another form"
	bad := n
	bad.Text = ""
	if _, err := w.box.SendLetter(w.ctx, anne(), clinic, bad); faults(t, err) != "text" {
		t.Error("a draft without text was sent")
	}
	var wait sync.WaitGroup
	ids := make([]int64, 8)
	for i := range ids {
		wait.Go(func() {
			id, err := w.box.SendLetter(w.ctx, anne(), clinic, n)
			if err != nil {
				t.Error(err)
			}
			ids[i] = id
		})
	}
	wait.Wait()
	if len(slices.Compact(ids)) != 1 || ids[0] == first || ids[0] == 0 {
		t.Errorf("eight presses made %v", ids)
	}
	sent, err := w.box.Sent(w.ctx, anne(), clinic, 0, 0)
	if err != nil || len(sent) != 2 {
		t.Errorf("%d letters, %v", len(sent), err)
	}
	w.view(func(tx store.Tx) error {
		if _, err := tx.Settings().Get(w.ctx, "token:a form"); err == nil {
			t.Error("the token is kept as it is")
		}
		return nil
	})
	w.sound()
}

// What is queued can be written and read again, in both formats (AGR-106).
func TestQueuedLettersCanBeRead(t *testing.T) {
	w := newWorld(t)
	for receiver, kind := range map[brevdue.GLN]brevdue.Kind{outHome: brevdue.XDIS91, outSoc: brevdue.DIS91} {
		d := draft()
		d.Receiver = receiver
		id, err := w.box.SendLetter(w.ctx, anne(), clinic, d)
		if err != nil {
			t.Fatal(err)
		}
		l := w.letter(id)
		if l.Kind != kind {
			t.Errorf("to %s as %s, want %s", receiver, l.Kind, kind)
		}
		data, findings := medcom.Encode(medcom.Message{Letters: []brevdue.Letter{l.Body}, Envelope: brevdue.Envelope{ID: "K1", Sent: l.Body.Authorised, Sender: clinic, Receiver: receiver}}, kind)
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		m, findings := medcom.Read(data)
		if brevdue.HasErrors(findings) || len(m.Letters) != 1 || m.Letters[0].Text() != l.Body.Text() || m.Letters[0].ID != l.Body.ID {
			t.Errorf("read back with %v as %+v", findings, m.Letters)
		}
	}
}

// F13: both sides of 14.30.
func TestPromiseTurnsAtTheCutoff(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		kind     brevdue.UnitKind
		now      time.Time
		sentence string
		changes  time.Time
		next     string
	}{
		{brevdue.Clinic, tuesday(14, 29, 59), "Læses senest i dag kl. 15.00, når det er afsendt inden kl. 14.30. Midtjylland 2022 (AGR-602).",
			tuesday(14, 30, 0), "Læses senest i morgen kl. 15.00. Haster det, så ring. Midtjylland 2022 (AGR-602)."},
		{brevdue.Clinic, tuesday(14, 30, 0), "Læses senest i morgen kl. 15.00. Haster det, så ring. Midtjylland 2022 (AGR-602).", time.Time{}, ""},
		{brevdue.Ward, tuesday(10, 0, 0).AddDate(0, 0, 4), "Læses senest i dag kl. 15.00, når det er afsendt inden kl. 14.30. Midtjylland 2022 (AGR-601).",
			tuesday(14, 30, 0).AddDate(0, 0, 4), "Læses senest i morgen kl. 15.00. Haster det, så ring. Midtjylland 2022 (AGR-601)."},
		{brevdue.GP, tuesday(10, 0, 0), "Læses løbende på hverdage; svar kan ventes senest fre. 27. nov. kl. 16.00 (vejledende). Midtjylland 2022 (AGR-607).", time.Time{}, ""},
		{"", tuesday(10, 0, 0), "Modtagerens art er ikke kendt, så der kan ikke loves en læsefrist. Haster det, så ring.", time.Time{}, ""},
	} {
		p := w.box.PromiseFor(c.kind, c.now)
		if !strings.HasPrefix(p.Sentence, c.sentence) || p.NextSentence != c.next || !p.Changes.Equal(c.changes) {
			t.Errorf("%s at %v:\n got %q, %v, %q\nwant %q, %v, %q", c.kind, c.now, p.Sentence, p.Changes, p.NextSentence, c.sentence, c.changes, c.next)
		}
		if p.SentenceEN == "" || (p.NextSentence == "") != (p.NextSentenceEN == "") {
			t.Errorf("%s at %v is not in both languages: %+v", c.kind, c.now, p)
		}
	}
	w.book = nil
	if p := w.box.PromiseFor(brevdue.Clinic, tuesday(10, 0, 0)); !strings.HasPrefix(p.Sentence, "Ingen aftale er i kraft") {
		t.Errorf("without an agreement: %q", p.Sentence)
	}
}

func TestFormFollowsTheReceiver(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		p        mailbox.Person
		unit, to brevdue.GLN
		subjects int
		promise  string // "" none
	}{
		{anne(), clinic, "", 12, ""},
		{anne(), clinic, outHome, 11, "Forventes læst senest"}, // without "Socialområdet"
		{anne(), clinic, outSoc, 12, "Læses senest i dag"},
		{anne(), clinic, outGP, 0, "Læses løbende"},
		{anne(), clinic, outWard, 0, "Ingen aftale dækker"},
		{anne(), clinic, outNone, 0, "Modtagerens art"},
		{bo(), homecare, "", 0, ""},
		{bo(), homecare, outWard, 0, "Læses senest i dag"},
	} {
		f, err := w.box.LetterForm(w.ctx, c.p, c.unit, mailbox.Draft{Receiver: c.to})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, cat := range f.Categories {
			n += len(cat.Subjects)
			for _, s := range cat.Subjects {
				if s.Examples == "" || s.National == "" {
					t.Errorf("%s/%s says too little: %+v", cat.Name, s.Name, s)
				}
			}
		}
		if n != c.subjects {
			t.Errorf("to %s: %d subjects, want %d", c.to, n, c.subjects)
		}
		if (f.Promise == nil) != (c.promise == "") || f.Promise != nil && !strings.HasPrefix(f.Promise.Sentence, c.promise) {
			t.Errorf("to %s: promise %+v, want %q", c.to, f.Promise, c.promise)
		}
	}
	// F15: choosing Andet offers exactly its three subjects.
	f, err := w.box.LetterForm(w.ctx, anne(), clinic, mailbox.Draft{Receiver: outSoc})
	if err != nil {
		t.Fatal(err)
	}
	for _, cat := range f.Categories {
		if cat.Name == "Andet" && len(cat.Subjects) != 3 {
			t.Errorf("Andet has %d subjects", len(cat.Subjects))
		}
	}
}

func TestReceiversAreFoundByWords(t *testing.T) {
	w := newWorld(t)
	for words, want := range map[string]string{
		"århus sygepleje": string(outHome), string(outGP): string(outGP), "prøvehospitalet": "", "": "", "findes ikke": "",
	} {
		found, err := w.box.Receivers(w.ctx, anne(), clinic, words)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range found {
			got = append(got, string(r.GLN))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q finds %q, want %q", words, s, want)
		}
	}
	found, err := w.box.Receivers(w.ctx, anne(), clinic, "nabohospitalet")
	if err != nil || len(found) != 1 || found[0].Reads != "Læser alle dage kl. 8–15" || len(found[0].Takes) != 2 {
		t.Errorf("%+v, %v", found, err)
	}
}
