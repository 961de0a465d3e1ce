package mailbox_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// joined keeps a copy of a received letter in its thread, as another that came to it.
func (w *world) joined(to int64, change func(*store.Letter)) (id int64) {
	w.t.Helper()
	l := *w.letter(to)
	l.ID, l.Thread, l.Status, l.ReadAt, l.ReadBy, l.AnsweredAt = 0, to, brevdue.Unread, time.Time{}, "", time.Time{}
	l.Body.ID = fmt.Sprintf("J%d", w.drafts)
	w.drafts++
	change(&l)
	w.update(func(tx store.Tx) (err error) { id, err = tx.Letters().Insert(w.ctx, &l); return err })
	return id
}

// F53, F54: the thread stands by the time its letters were written, whatever format they
// came in; two answers and a forward are told apart; what nobody has read comes without
// its text and stays unread, and each text that is shown is on record.
func TestThreadOfALetter(t *testing.T) {
	w := newWorld(t)
	first := w.arrive(incoming{sent: tuesday(8, 0, 0), kind: brevdue.XDIS91})
	if _, err := w.box.Open(w.ctx, anne(), clinic, first); err != nil {
		t.Fatal(err)
	}
	one, err := w.box.Reply(w.ctx, anne(), clinic, first, answer())
	if err != nil {
		t.Fatal(err)
	}
	w.at(tuesday(10, 5, 0))
	two, err := w.box.Reply(w.ctx, clara(), clinic, first, answer())
	if err != nil {
		t.Fatal(err)
	}
	w.at(tuesday(10, 10, 0))
	forward, err := w.box.SendLetter(w.ctx, anne(), clinic, forwarding(first, fmt.Sprintf("%d.0", first)))
	if err != nil {
		t.Fatal(err)
	}
	w.at(tuesday(10, 20, 0))
	late := w.joined(first, func(l *store.Letter) { // written before the answers, came after them
		l.Kind, l.Format, l.Sent, l.Arrived = brevdue.DIS91, brevdue.EDIFACT, tuesday(9, 0, 0), tuesday(10, 20, 0)
	})
	refused := w.joined(first, func(l *store.Letter) { l.Status = brevdue.Refused })
	stranger := w.joined(first, func(l *store.Letter) { // a thread is about one citizen
		l.Body.Patient.CPR, l.Status, l.ReadAt, l.Sent = secondCPR, brevdue.Read, tuesday(10, 15, 0), tuesday(10, 15, 0)
	})

	asked := len(w.audited())
	a, err := w.box.Around(w.ctx, anne(), clinic, first)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range a.Thread {
		got = append(got, fmt.Sprintf("%d text %v here %v late %v forwarded %v answer %d/%d", s.ID, s.Letter != nil, s.Here, s.Late, s.Forwarded, s.Answer, s.Answers))
	}
	want := []string{
		fmt.Sprintf("%d text true here true late false forwarded false answer 0/0", first),
		fmt.Sprintf("%d text false here false late true forwarded false answer 0/0", late),
		fmt.Sprintf("%d text true here false late false forwarded false answer 1/2", one),
		fmt.Sprintf("%d text true here false late false forwarded false answer 2/2", two),
		fmt.Sprintf("%d text true here false late false forwarded true answer 0/0", forward),
		fmt.Sprintf("%d text false here false late false forwarded false answer 0/0", stranger),
	}
	if !slices.Equal(got, want) {
		t.Errorf("the thread is\n%v, want\n%v", got, want)
	}
	if len(a.Others) != 0 {
		t.Errorf("letters of the thread stand beside it: %+v", a.Others)
	}
	if l := w.letter(late); l.Status != brevdue.Unread || !l.ReadAt.IsZero() {
		t.Error("the thread read a letter")
	}
	var seen []string
	for _, id := range []int64{one, two, forward} {
		seen = append(seen, fmt.Sprintf("anne:letter.seen:%d", id))
	}
	if log := w.audited()[asked:]; !slices.Equal(log, seen) {
		t.Errorf("on record %v, want %v", log, seen)
	}
	if a, err := w.box.Around(w.ctx, anne(), clinic, late); err != nil || len(a.Thread) != 6 || !a.Thread[1].Here {
		t.Errorf("from the letter that came late: %+v, %v", a.Thread, err)
	}
	_ = refused
	w.sound()
}

// What was written at the same time stands in the order it came, and an answer that was
// taken back before it left is no fork.
func TestWithdrawnAnswerIsNoFork(t *testing.T) {
	w := newWorld(t)
	first := w.arrive(incoming{})
	one, err := w.box.Reply(w.ctx, anne(), clinic, first, answer())
	if err != nil {
		t.Fatal(err)
	}
	w.joined(first, func(l *store.Letter) {
		l.Direction, l.Status, l.ReplyTo, l.Sent = store.Out, brevdue.Withdrawn, first, w.clock()
	})
	a, err := w.box.Around(w.ctx, anne(), clinic, first)
	if err != nil || len(a.Thread) != 3 || a.Thread[1].ID != one || a.Thread[1].Answers != 1 || a.Thread[2].Answer != 0 {
		t.Errorf("%+v, %v", a.Thread, err)
	}
}

// The other letters about a citizen are those of the person's own units, the newest ten;
// that they were seen is on record at the letter.
func TestOtherLettersAboutTheCitizen(t *testing.T) {
	w := newWorld(t)
	here := w.arrive(incoming{})
	onward := w.arrive(incoming{unit: ward})
	foreign := w.arrive(incoming{unit: homecare})
	w.arrive(incoming{status: brevdue.Refused})
	own, err := w.box.SendLetter(w.ctx, anne(), clinic, draft())
	if err != nil {
		t.Fatal(err)
	}
	ids := func(p mailbox.Person) (out []int64, more bool) {
		t.Helper()
		a, err := w.box.Around(w.ctx, p, clinic, here)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range a.Others {
			out = append(out, o.ID)
			if (o.UnitName != "") != (o.Unit == ward) || (o.StateText != "") != (o.Direction == store.Out) {
				t.Errorf("%+v", o)
			}
		}
		return out, a.More
	}
	if got, _ := ids(anne()); !slices.Equal(got, []int64{own}) {
		t.Errorf("Anne sees %v", got)
	}
	if got := w.details("citizen.letters"); got != fmt.Sprintf("1 shown: %d", own) {
		t.Errorf("on record %q", got)
	}
	if got, more := ids(clara()); !slices.Equal(got, []int64{own, onward}) || more {
		t.Errorf("Clara of both units sees %v", got)
	}
	for range 10 {
		w.arrive(incoming{})
	}
	if got, more := ids(clara()); len(got) != 10 || !more || slices.Contains(got, foreign) || slices.Contains(got, here) {
		t.Errorf("%v, more %v", got, more)
	}
	for _, id := range []int64{here, onward} {
		if w.letter(id).Status != brevdue.Unread {
			t.Errorf("letter %d was read", id)
		}
	}
	w.sound()
}

// The network proves something only when it is the one that asks for certificates, and
// only for what was pushed to it.
func TestTrustOfTheNetwork(t *testing.T) {
	w := newWorld(t)
	w.box = mailbox.New(mailbox.Config{Store: w.store, Books: func() *aftale.Book { return w.book }, Directory: testDirectory, Now: w.clock, Certified: "vans"})
	for _, c := range []struct {
		network, delivery string
		want              bool
	}{{"vans", "d1", true}, {"folder", "", false}, {"vans", "", false}, {"folder", "d2", false}} {
		var arrival int64
		w.update(func(tx store.Tx) error {
			sha, err := tx.Originals().Put(w.ctx, []byte(c.network+c.delivery), w.clock())
			if err == nil {
				arrival, err = tx.Arrivals().Add(w.ctx, store.Arrival{SHA: sha, Network: c.network, Name: c.delivery, At: w.clock(), State: store.ArrivalOpened})
			}
			return err
		})
		first := w.arrive(incoming{})
		id := w.joined(first, func(l *store.Letter) {
			l.Thread, l.Arrival, l.Envelope = 0, arrival, brevdue.Envelope{ID: "K9", Sender: outHome}
		})
		a, err := w.box.Around(w.ctx, anne(), clinic, id)
		if err != nil || a.Trust == nil || a.Trust.Confirmed != c.want {
			t.Errorf("%+v: %+v, %v", c, a.Trust, err)
		}
	}
	own, err := w.box.SendLetter(w.ctx, anne(), clinic, draft())
	if err != nil {
		t.Fatal(err)
	}
	if a, err := w.box.Around(w.ctx, anne(), clinic, own); err != nil || a.Trust != nil {
		t.Errorf("of one's own: %+v, %v", a.Trust, err)
	}
}
