package mailbox_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// call is one method of the Box as an access test tries it.
type call struct {
	name string
	do   func(w *world, p mailbox.Person, unit brevdue.GLN, id int64) (any, error)
}

// unitCalls are the methods about a unit, letterCalls those about one letter of
// it, operatorCalls those of the operator's page.
func unitCalls() []call {
	return []call{
		{"Unit", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) { return w.box.Unit(w.ctx, p, u) }},
		{"Inbox", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.Inbox(w.ctx, p, u, store.Query{})
		}},
		{"Sent", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.Sent(w.ctx, p, u, 10, 0)
		}},
		{"Search", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.Search(w.ctx, p, u, mailbox.Wanted{Text: "berggren"})
		}},
		{"Receivers", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.Receivers(w.ctx, p, u, "aarhus")
		}},
		{"LetterForm", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.LetterForm(w.ctx, p, u, draft())
		}},
		{"CheckLetter", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return nil, verdict(w.box.CheckLetter(w.ctx, p, u, draft()))
		}},
		{"SendLetter", func(w *world, p mailbox.Person, u brevdue.GLN, _ int64) (any, error) {
			return w.box.SendLetter(w.ctx, p, u, draft())
		}},
	}
}

func letterCalls() []call {
	return []call{
		{"Peek", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.Peek(w.ctx, p, u, id)
		}},
		{"Around", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.Around(w.ctx, p, u, id)
		}},
		{"Open", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.Open(w.ctx, p, u, id)
		}},
		{"Original", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			_, data, err := w.box.Original(w.ctx, p, u, id)
			return data, err
		}},
		{"Attachment", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			_, data, err := w.box.Attachment(w.ctx, p, u, id, 1)
			return data, err
		}},
		{"ReplyForm", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.ReplyForm(w.ctx, p, u, id, answer())
		}},
		{"CheckReply", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return nil, verdict(w.box.CheckReply(w.ctx, p, u, id, answer()))
		}},
		{"Reply", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.Reply(w.ctx, p, u, id, answer())
		}},
		{"Resend", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return nil, w.box.Resend(w.ctx, p, u, id, "modtageren bad om det")
		}},
		{"Correction", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			d, _, err := w.box.Correction(w.ctx, p, u, id)
			return d, err
		}},
		{"AttachFrom", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.AttachFrom(w.ctx, p, u, mailbox.DraftForm{Token: "a"}, id)
		}},
		{"Withdraw", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			_, _, err := w.box.Withdraw(w.ctx, p, u, id)
			return first(err, brevdue.ErrConflict, func() (any, error) { // it has left
				sent, err := w.box.SendLetter(w.ctx, p, u, draft())
				if err != nil {
					return nil, err
				}
				d, _, err := w.box.Withdraw(w.ctx, p, u, sent)
				return d, err
			})
		}},
		{"SentLetter", func(w *world, p mailbox.Person, u brevdue.GLN, id int64) (any, error) {
			return w.box.SentLetter(w.ctx, p, u, id)
		}},
	}
}

func operatorCalls() []call {
	return []call{
		{"Operator", func(w *world, p mailbox.Person, _ brevdue.GLN, _ int64) (any, error) { return w.box.Operator(w.ctx, p) }},
		{"OperatorArrival", func(w *world, p mailbox.Person, _ brevdue.GLN, id int64) (any, error) {
			_, data, _, err := w.box.OperatorArrival(w.ctx, p, id)
			return data, err
		}},
		{"OperatorLetter", func(w *world, p mailbox.Person, _ brevdue.GLN, id int64) (any, error) {
			return w.box.OperatorLetter(w.ctx, p, id)
		}},
		{"CloseArrival", func(w *world, p mailbox.Person, _ brevdue.GLN, id int64) (any, error) {
			return nil, w.box.CloseArrival(w.ctx, p, id, "kan ikke læses", false)
		}},
		{"RetryArrival", func(w *world, p mailbox.Person, _ brevdue.GLN, id int64) (any, error) {
			return nil, w.box.RetryArrival(w.ctx, p, id)
		}},
		{"HoldJob", func(w *world, p mailbox.Person, _ brevdue.GLN, id int64) (any, error) {
			return nil, w.box.HoldJob(w.ctx, p, id)
		}},
		{"GiveUpJob", func(w *world, p mailbox.Person, _ brevdue.GLN, id int64) (any, error) {
			return nil, w.box.GiveUpJob(w.ctx, p, id)
		}},
		{"ReleaseJob", func(w *world, p mailbox.Person, _ brevdue.GLN, id int64) (any, error) {
			return nil, w.box.ReleaseJob(w.ctx, p, id)
		}},
	}
}

// TestEveryMethodIsInTheAccessTable fails when a method is added to the Box and
// nobody has said who may call it.
func TestEveryMethodIsInTheAccessTable(t *testing.T) {
	known := map[string]bool{"CountsFor": true, "Units": true, "PromiseFor": true, "Wall": true,
		"Mentions": true, "CountMentions": true, "UndoUntil": true, "Choices": true, "Choose": true, "Allow": true, "GlassOn": true} // about the person alone, or about nobody
	for _, c := range slices.Concat(unitCalls(), workCalls(), letterCalls(), letterWorkCalls(), operatorCalls(), agreementCalls(), auditCalls(), directoryCalls(), glassCalls()) {
		known[c.name] = true
	}
	box := reflect.TypeFor[*mailbox.Box]()
	for i := range box.NumMethod() {
		if name := box.Method(i).Name; !known[name] {
			t.Errorf("%s is in no access table", name)
		}
	}
	if len(known) != box.NumMethod() {
		t.Errorf("%d methods, %d in the tables", box.NumMethod(), len(known))
	}
}

// empty tells whether an answer says nothing.
func empty(v any) bool {
	return v == nil || reflect.ValueOf(v).IsZero() || reflect.ValueOf(v).Kind() == reflect.Slice && reflect.ValueOf(v).Len() == 0
}

// Another unit's unit and letters do not exist for a person, whoever asks and
// under whichever unit, and each attempt on a letter is on record.
func TestOtherUnitsDoNotExist(t *testing.T) {
	for _, c := range slices.Concat(unitCalls(), workCalls(), letterCalls(), letterWorkCalls()) {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			id := w.arrive(incoming{file: c.name == "Attachment"})
			if aboutSent(c.name) {
				id = w.returned(anne(), clinic, draft())
			}
			before, jobs, timeline := w.letter(id), w.jobs(), w.events(id)
			asked := len(w.audited())
			aboutLetter := slices.ContainsFunc(slices.Concat(letterCalls(), letterWorkCalls()), func(l call) bool { return l.name == c.name })

			tries := []brevdue.GLN{clinic} // another's unit by its own name
			if aboutLetter {
				tries = append(tries, homecare) // another's letter under one's own unit
			}
			for _, unit := range tries {
				got, err := c.do(w, bo(), unit, id)
				if !errors.Is(err, brevdue.ErrNotFound) || !empty(got) {
					t.Errorf("under %s: %v, %v", unit, got, err)
				}
			}
			denied := w.audited()[asked:]
			if len(denied) != len(tries) {
				t.Errorf("%d attempts, on record: %v", len(tries), denied)
			}
			want := "bo:letter.denied:0"
			if aboutLetter {
				want = fmt.Sprintf("bo:letter.denied:%d", id)
			}
			for _, d := range denied {
				if d != want {
					t.Errorf("on record %s, want %s", d, want)
				}
			}
			if after := w.letter(id); after.Status != before.Status || !after.ReadAt.IsZero() || w.jobs() != jobs || w.events(id) != timeline {
				t.Error("an attempt left a trace in the letter")
			}
			if !strings.Contains(w.log.String(), "access denied") {
				t.Error("the attempt is not logged")
			}

			// One's own is there.
			if _, err := c.do(w, anne(), clinic, id); err != nil && !(c.name == "Original" && errors.Is(err, brevdue.ErrNotFound)) {
				t.Errorf("one's own: %v", err)
			}
			// A unit and a letter that nobody has are only not found.
			asked = len(w.audited())
			if _, err := c.do(w, anne(), "0104909989", id); !errors.Is(err, brevdue.ErrNotFound) {
				t.Errorf("no such unit: %v", err)
			}
			if aboutLetter {
				if _, err := c.do(w, anne(), clinic, 4711); !errors.Is(err, brevdue.ErrNotFound) {
					t.Errorf("no such letter: %v", err)
				}
			}
			if got := w.audited()[asked:]; len(got) != 0 {
				t.Errorf("on record: %v", got)
			}
			w.sound()
		})
	}
}

// aboutSent tells whether a call is about a letter of the unit's own.
func aboutSent(name string) bool {
	return name == "SentLetter" || name == "Resend" || name == "Correction" || name == "Withdraw" || name == "AttachFrom"
}

// Refused letters and letters of the other direction cannot be opened through
// the inbox.
func TestOnlyAcceptedLettersAreInTheInbox(t *testing.T) {
	w := newWorld(t)
	refused := w.arrive(incoming{status: brevdue.Refused})
	received := w.arrive(incoming{status: brevdue.Received})
	in := w.arrive(incoming{})
	out, err := w.box.SendLetter(w.ctx, anne(), clinic, draft())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range slices.Concat(letterCalls(), letterWorkCalls()) {
		ids := []int64{refused, received}
		switch c.name {
		case "SentLetter", "Resend", "Correction", "Withdraw", "AttachFrom":
			ids = append(ids, in)
		case "Around", "Journal", "Unjournal", "Printout": // of letters in both directions
		default:
			ids = append(ids, out)
		}
		for _, id := range ids {
			if got, err := c.do(w, anne(), clinic, id); !errors.Is(err, brevdue.ErrNotFound) || !empty(got) {
				t.Errorf("%s of letter %d: %v", c.name, id, err)
			}
		}
	}
	w.sound()
}

func TestCountsAndUnitsAreThePersonsOwn(t *testing.T) {
	w := newWorld(t)
	w.arrive(incoming{})
	w.arrive(incoming{unit: ward})
	w.arrive(incoming{unit: ward, status: brevdue.Read})
	w.arrive(incoming{unit: homecare})
	counts, err := w.box.CountsFor(w.ctx, clara())
	if err != nil {
		t.Fatal(err)
	}
	if len(counts) != 2 || counts[clinic] != (store.Count{All: 1, Unread: 1}) || counts[ward] != (store.Count{All: 2, Unread: 1}) {
		t.Errorf("counts %+v", counts)
	}
	units, err := w.box.Units(w.ctx, clara())
	if err != nil || len(units) != 2 || units[0].GLN != clinic || units[1].GLN != ward {
		t.Errorf("units %+v, %v", units, err)
	}
	if units, err = w.box.Units(w.ctx, olga()); err != nil || len(units) != 0 {
		t.Errorf("an operator of no unit has %d units, %v", len(units), err)
	}
}

func TestOperatorsPageIsForOperators(t *testing.T) {
	w := newWorld(t)
	refused := w.arrive(incoming{status: brevdue.Refused})
	for _, c := range operatorCalls() {
		before := len(w.audited())
		if got, err := c.do(w, anne(), clinic, refused); !errors.Is(err, brevdue.ErrForbidden) || !empty(got) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
		if got := w.audited()[before:]; !slices.Equal(got, []string{"anne:operator.denied:0"}) {
			t.Errorf("%s: on record %v", c.name, got)
		}
	}
	w.sound()
}

func TestOperatorSeesWhatNobodyElseCanSettle(t *testing.T) {
	w := newWorld(t)
	refused := w.arrive(incoming{status: brevdue.Refused})
	unread := w.arrive(incoming{})
	var arrival int64
	w.update(func(tx store.Tx) error {
		sha, err := tx.Originals().Put(w.ctx, []byte("not a letter"), w.clock())
		if err != nil {
			return err
		}
		if arrival, err = tx.Arrivals().Add(w.ctx, store.Arrival{SHA: sha, Network: "folder", At: w.clock(), State: store.ArrivalQuarantined, Reason: "Kan ikke læses."}); err != nil {
			return err
		}
		if _, err = tx.Arrivals().Add(w.ctx, store.Arrival{SHA: sha, Network: "folder", At: w.clock(), State: store.ArrivalUnmatched}); err != nil {
			return err
		}
		err = tx.Jobs().Add(w.ctx, store.Job{Kind: store.JobSend, Key: "send:99", Subject: 99, RunAt: w.clock(), Created: w.clock()})
		return err
	})
	w.update(func(tx store.Tx) error {
		jobs, err := tx.Jobs().Claim(w.ctx, w.clock(), 1, 1)
		if err != nil {
			return err
		}
		return tx.Jobs().Bury(w.ctx, jobs[0].ID, "given up")
	})
	o, err := w.box.Operator(w.ctx, olga())
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Quarantine) != 1 || len(o.Unmatched) != 1 || len(o.Refused) != 1 || len(o.DeadJobs) != 1 || o.Waiting != 0 {
		t.Fatalf("%d %d %d %d %d", len(o.Quarantine), len(o.Unmatched), len(o.Refused), len(o.DeadJobs), o.Waiting)
	}
	if r := o.Refused[0]; r.ID != refused || r.CPR != "" || r.PatientName != "" || r.FirstLine != "" || r.Other == "" {
		t.Errorf("the list names the citizen, or not the sender: %+v", r)
	}
	if a, data, _, err := w.box.OperatorArrival(w.ctx, olga(), arrival); err != nil || string(data) != "not a letter" || a.Reason != "Kan ikke læses." {
		t.Errorf("%+v, %q, %v", a, data, err)
	}
	if l, err := w.box.OperatorLetter(w.ctx, olga(), refused); err != nil || l.Letter.ID != refused || l.CanReply || len(l.Thread) != 0 {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := w.box.OperatorLetter(w.ctx, olga(), unread); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("an operator opened a letter in a unit's care: %v", err)
	}
	if err := w.box.RetryArrival(w.ctx, olga(), arrival); err != nil {
		t.Fatal(err)
	}
	if got := w.jobs(); got != fmt.Sprintf("open:%d", arrival) {
		t.Errorf("jobs: %s", got)
	}
	w.view(func(tx store.Tx) error {
		a, err := tx.Arrivals().Get(w.ctx, arrival)
		if a.State != store.ArrivalNew || a.Reason != "" {
			t.Errorf("arrival %+v", a)
		}
		return err
	})
	if err := w.box.RetryArrival(w.ctx, olga(), arrival); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("again at once: %v", err)
	}
	if err := w.box.ReleaseJob(w.ctx, olga(), o.DeadJobs[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := w.box.ReleaseJob(w.ctx, olga(), o.DeadJobs[0].ID); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("released twice: %v", err)
	}
	want := []string{"olga:arrival.seen:0", fmt.Sprintf("olga:letter.seen:%d", refused), fmt.Sprintf("olga:letter.denied:%d", unread), "olga:arrival.retried:0", "olga:job.released:0"}
	if got := w.audited(); !slices.Equal(got, want) {
		t.Errorf("audit %v, want %v", got, want)
	}
	w.sound()
}

// An arrival whose job was given up runs again when it is retried.
func TestRetryWakesAGivenUpJob(t *testing.T) {
	w := newWorld(t)
	var arrival int64
	w.update(func(tx store.Tx) error {
		sha, err := tx.Originals().Put(w.ctx, []byte("x"), w.clock())
		if err != nil {
			return err
		}
		if arrival, err = tx.Arrivals().Add(w.ctx, store.Arrival{SHA: sha, At: w.clock(), State: store.ArrivalQuarantined}); err != nil {
			return err
		}
		err = tx.Jobs().Add(w.ctx, store.Job{Kind: store.JobOpen, Key: fmt.Sprintf("open:%d", arrival), Subject: arrival, RunAt: w.clock(), Created: w.clock()})
		return err
	})
	w.update(func(tx store.Tx) error {
		jobs, err := tx.Jobs().Claim(w.ctx, w.clock(), 1, 1)
		if err != nil {
			return err
		}
		return tx.Jobs().Bury(w.ctx, jobs[0].ID, "given up")
	})
	if err := w.box.RetryArrival(w.ctx, olga(), arrival); err != nil {
		t.Fatal(err)
	}
	if got := w.jobs(); got != fmt.Sprintf("open:%d", arrival) {
		t.Errorf("jobs: %q", got)
	}
}
