package mailbox_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// twelve are the agreement's subjects in its order (Bilag 1).
func twelve(w *world) []string {
	a, ok := w.book.Newest("")
	if !ok {
		w.t.Fatal("no agreement")
	}
	var out []string
	for _, r := range a.Rows {
		out = append(out, r.Subject)
	}
	return out
}

// F50: 13 letters of 12 subjects and one unknown are 12 groups in the
// agreement's order and the tray.
func TestInboxIsGroupedInTheAgreementsOrder(t *testing.T) {
	w := newWorld(t)
	subjects := twelve(w)
	if len(subjects) != 12 {
		t.Fatalf("the agreement has %d subjects", len(subjects))
	}
	w.arrive(incoming{subject: "Et helt andet emne"})
	for _, s := range slices.Backward(subjects) {
		w.arrive(incoming{subject: s})
	}
	w.arrive(incoming{subject: "Medicin", status: brevdue.Refused})
	w.arrive(incoming{unit: ward})
	in, err := w.box.Inbox(w.ctx, anne(), clinic, store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range in.Groups {
		got = append(got, g.Subject)
		if len(g.Rows) != 1 {
			t.Errorf("%q has %d letters", g.Subject, len(g.Rows))
		}
	}
	if want := append(subjects, ""); !slices.Equal(got, want) {
		t.Errorf("groups are %q, want %q", got, want)
	}
	if in.Counts != (store.Count{All: 13, Unread: 13}) || in.More || in.Unit.GLN != clinic || !in.Now.Equal(w.clock()) || !in.Fresh.Equal(w.clock()) {
		t.Errorf("counts %+v, more %v, unit %s, fresh %v", in.Counts, in.More, in.Unit.GLN, in.Fresh)
	}
	part, err := w.box.Inbox(w.ctx, anne(), clinic, store.Query{Limit: 5, Offset: 10})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(part.Groups); n != 3 || part.More || part.Groups[2].Subject != "" {
		t.Errorf("the last page has %d groups, more %v", n, part.More)
	}
	if part, _ = w.box.Inbox(w.ctx, anne(), clinic, store.Query{Limit: 5}); len(part.Groups) != 5 || !part.More {
		t.Errorf("the first page has %d groups, more %v", len(part.Groups), part.More)
	}
	w.sound()
}

func TestLettersOfAGroupStandByDeadline(t *testing.T) {
	w := newWorld(t)
	late := w.arrive(incoming{sent: tuesday(9, 45, 0)})
	early := w.arrive(incoming{sent: tuesday(9, 0, 0).AddDate(0, 0, -4)}) // Friday
	in, err := w.box.Inbox(w.ctx, anne(), clinic, store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if len(in.Groups) != 1 || in.Groups[0].Rows[0].ID != early || in.Groups[0].Rows[1].ID != late {
		t.Errorf("got %+v", in.Groups)
	}
	if in.Counts.Late != 1 {
		t.Errorf("%d late", in.Counts.Late)
	}
}

func TestEmptyInboxSaysWhenTheUnitReads(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		p    mailbox.Person
		unit brevdue.GLN
		now  time.Time
		want string
	}{
		{anne(), clinic, tuesday(10, 0, 0), "Enheden læser næste gang: tirsdag 24. november kl. 8–15."},
		{anne(), clinic, tuesday(15, 0, 0), "Enheden læser næste gang: onsdag 25. november kl. 8–15."},
		{anne(), clinic, tuesday(10, 0, 0).AddDate(0, 0, 4), "Enheden læser næste gang: mandag 30. november kl. 8–15."},
		{clara(), ward, tuesday(10, 0, 0).AddDate(0, 0, 4), "Enheden læser næste gang: lørdag 28. november kl. 8–15."},
	} {
		w.at(c.now)
		in, err := w.box.Inbox(w.ctx, c.p, c.unit, store.Query{})
		if err != nil {
			t.Fatal(err)
		}
		if in.NextWindow != c.want || len(in.Groups) != 0 {
			t.Errorf("at %v: %q, want %q", c.now, in.NextWindow, c.want)
		}
	}
}

// F52: two openers; the first counts, both are on record; a preview is not
// reading.
func TestTheFirstOpeningReadsForTheUnit(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	wake, stop := w.store.Listen(store.TopicUnit(clinic))
	defer stop()

	peek, err := w.box.Peek(w.ctx, anne(), clinic, id)
	if err != nil {
		t.Fatal(err)
	}
	if peek.Letter.Status != brevdue.Unread || peek.FirstRead || len(peek.Readers) != 0 || w.events(id) != "" {
		t.Errorf("a preview reads: %+v", peek.Letter)
	}
	first, err := w.box.Open(w.ctx, anne(), clinic, id)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-wake:
	case <-time.After(10 * time.Second):
		t.Error("reading wakes nobody")
	}
	at := w.clock()
	if !first.FirstRead || first.Letter.Status != brevdue.Read || first.Letter.ReadBy != "Anne Prøve" || !first.Letter.ReadAt.Equal(at) {
		t.Errorf("first opening: %v %s %s %v", first.FirstRead, first.Letter.Status, first.Letter.ReadBy, first.Letter.ReadAt)
	}
	if first.Letter.Body.Patient.CPR.Reveal() != testCPR || !first.CanReply || first.Unit.GLN != clinic {
		t.Error("the letter is not shown whole")
	}
	w.at(at.Add(time.Hour))
	second, err := w.box.Open(w.ctx, clara(), clinic, id)
	if err != nil {
		t.Fatal(err)
	}
	if second.FirstRead || second.Letter.ReadBy != "Anne Prøve" || !second.Letter.ReadAt.Equal(at) {
		t.Errorf("second opening: %v %s %v", second.FirstRead, second.Letter.ReadBy, second.Letter.ReadAt)
	}
	var readers []string
	for _, r := range second.Readers {
		readers = append(readers, r.Name+" "+r.At.In(at.Location()).Format("15:04"))
	}
	if got := strings.Join(readers, ", "); got != "Anne Prøve 10:00, Clara Prøve 11:00" {
		t.Errorf("readers: %s", got)
	}
	if got := w.events(id); got != "read" {
		t.Errorf("timeline: %s", got)
	}
	want := []string{fmt.Sprintf("anne:letter.seen:%d", id), fmt.Sprintf("anne:letter.read:%d", id), fmt.Sprintf("clara:letter.read:%d", id)}
	if got := w.audited(); !slices.Equal(got, want) {
		t.Errorf("audit: %v, want %v", got, want)
	}
	w.sound()
}

func TestThreadShowsTheOtherLetters(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	reply, err := w.box.Reply(w.ctx, anne(), clinic, id, answer())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ shown, other int64 }{{id, reply}, {reply, id}} {
		var o mailbox.Opened
		if c.shown == id {
			o, err = w.box.Open(w.ctx, anne(), clinic, id)
		} else {
			o, err = w.box.SentLetter(w.ctx, anne(), clinic, reply)
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(o.Thread) != 1 || o.Thread[0].ID != c.other {
			t.Errorf("thread of %d: %+v", c.shown, o.Thread)
		}
	}
}

func TestLateTransportIsTold(t *testing.T) {
	w := newWorld(t)
	w.at(tuesday(16, 0, 0))
	slow := w.arrive(incoming{sent: tuesday(14, 0, 0), arrived: tuesday(15, 30, 0)})
	fine := w.arrive(incoming{sent: tuesday(14, 0, 0), arrived: tuesday(14, 2, 0)})
	o, err := w.box.Open(w.ctx, anne(), clinic, slow)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"kl. 14", "kl. 15.30", "transporten", "onsdag 25. november kl. 15"} {
		if !strings.Contains(o.LateTransport, part) {
			t.Errorf("%q does not say %q", o.LateTransport, part)
		}
	}
	if o, err = w.box.Open(w.ctx, anne(), clinic, fine); err != nil || o.LateTransport != "" {
		t.Errorf("two minutes are no delay: %q, %v", o.LateTransport, err)
	}
	if n := len(o.Steps); n != 4 || !strings.Contains(o.Steps[n-1].Text, "Læses senest tirsdag 24. november kl. 15 (AGR-602).") {
		t.Errorf("how the deadline comes about: %+v", o.Steps)
	}
	w.book = nil // the agreement it was judged by is gone: nothing is made up
	if o, err = w.box.Open(w.ctx, anne(), clinic, slow); err != nil || o.LateTransport != "" || o.Steps != nil {
		t.Errorf("%q, %v, %v", o.LateTransport, o.Steps, err)
	}
}

func TestOriginalHasANeutralNameAndIsLogged(t *testing.T) {
	w := newWorld(t)
	xml := w.arrive(incoming{})
	edi := w.arrive(incoming{kind: brevdue.DIS91})
	for id, want := range map[int64]string{xml: fmt.Sprintf("B-%06d.xml", xml), edi: fmt.Sprintf("B-%06d.edi", edi)} {
		name, data, err := w.box.Original(w.ctx, anne(), clinic, id)
		if err != nil {
			t.Fatal(err)
		}
		if name != want || !strings.Contains(string(data), "Mosebryggersen") {
			t.Errorf("name %s, want %s; %d bytes", name, want, len(data))
		}
		if !slices.Contains(w.audited(), fmt.Sprintf("anne:letter.original:%d", id)) {
			t.Errorf("no entry for %d: %v", id, w.audited())
		}
	}
	sent, err := w.box.SendLetter(w.ctx, anne(), clinic, draft())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.box.Original(w.ctx, anne(), clinic, sent); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("a letter that has not left has no original: %v", err)
	}
	if got := w.letter(xml).Status; got != brevdue.Unread {
		t.Errorf("to fetch the bytes is not to read: %s", got)
	}
	w.sound()
}

// One transmission may hold letters for several units: its bytes are nobody's.
func TestOriginalWithLettersForOthersIsNotShown(t *testing.T) {
	w := newWorld(t)
	mine := w.arrive(incoming{arrival: 7})
	w.arrive(incoming{arrival: 7, unit: ward})
	if _, data, err := w.box.Original(w.ctx, anne(), clinic, mine); !errors.Is(err, brevdue.ErrForbidden) || data != nil {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	if got := w.audited(); !slices.Equal(got, []string{fmt.Sprintf("anne:letter.denied:%d", mine)}) {
		t.Errorf("audit: %v", got)
	}
}

func TestSentSaysWhatTheStateMeans(t *testing.T) {
	w := newWorld(t)
	id, err := w.box.SendLetter(w.ctx, anne(), clinic, draft())
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		to   brevdue.Status
		want string
	}{
		{brevdue.Queued, "I kø / Queued"},
		{brevdue.Sent, "Sendt, venter på kvittering / Sent, awaiting receipt"},
		{brevdue.Unconfirmed, "Kvittering mangler: ring til modtageren / Receipt missing: call the receiver"},
		{brevdue.Delivered, "Kvitteret / Acknowledged"},
	} {
		if from := w.letter(id).Status; from != step.to {
			w.update(func(tx store.Tx) error { return tx.Letters().Move(w.ctx, id, from, step.to) })
		}
		items, err := w.box.Sent(w.ctx, anne(), clinic, 0, 0)
		if err != nil || len(items) != 1 {
			t.Fatalf("%d items, %v", len(items), err)
		}
		if got := items[0].StateText + " / " + items[0].StateTextEN; got != step.want {
			t.Errorf("%s: %s, want %s", step.to, got, step.want)
		}
	}
	for _, s := range []brevdue.Status{brevdue.Draft, brevdue.Rejected} {
		if da, en := mailbox.StateText(s); da == string(s) || en == string(s) {
			t.Errorf("%s has no words", s)
		}
	}
}

// A rejection says why, and a letter that cannot be written is not "I kø".
func TestSentSaysTheReason(t *testing.T) {
	w := newWorld(t)
	id, err := w.box.SendLetter(w.ctx, anne(), clinic, draft())
	if err != nil {
		t.Fatal(err)
	}
	say := func(note, da, en string) {
		t.Helper()
		w.update(func(tx store.Tx) error { return tx.Letters().SetNote(w.ctx, id, note) })
		items, err := w.box.Sent(w.ctx, anne(), clinic, 0, 0)
		if err != nil || len(items) != 1 {
			t.Fatalf("%d items, %v", len(items), err)
		}
		if items[0].StateText != da || items[0].StateTextEN != en {
			t.Errorf("got %q / %q, want %q / %q", items[0].StateText, items[0].StateTextEN, da, en)
		}
	}
	say("", "I kø", "Queued")
	say("Brevet kan ikke sendes: for langt.", "Brevet kan ikke sendes: for langt.", "Cannot be sent: Brevet kan ikke sendes: for langt.")
	for _, s := range []brevdue.Status{brevdue.Sent, brevdue.Rejected} {
		w.update(func(tx store.Tx) error { return tx.Letters().Move(w.ctx, id, w.statusIn(tx, id), s) })
	}
	say("Ukendt\n lokationsnummer", "Afvist: Ukendt lokationsnummer", "Rejected: Ukendt lokationsnummer")
	say(strings.Repeat("å", 121), "Afvist: "+strings.Repeat("å", 119)+"…", "Rejected: "+strings.Repeat("å", 119)+"…")
	say("", "Afvist af modtageren", "Rejected by the receiver")
}

func (w *world) statusIn(tx store.Tx, id int64) brevdue.Status {
	l, err := tx.Letters().Get(w.ctx, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return l.Status
}
