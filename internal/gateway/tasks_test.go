package gateway

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/medcom"
	"brevdue/receipt"
)

// tasks says the tasks of a letter, e.g. "unconfirmed rejected done:unconfirmed".
func (w *world) tasks(letter int64) string {
	w.t.Helper()
	var out []string
	w.view(func(tx store.Tx) error {
		all, err := tx.Tasks().OfLetter(w.ctx, letter)
		for _, t := range all {
			word := string(t.Kind)
			if !t.DoneAt.IsZero() {
				word = "done:" + word
				if t.DoneBy != "" || t.Note == "" {
					w.t.Errorf("closed by %q: %q", t.DoneBy, t.Note)
				}
			}
			if t.Due.IsZero() || t.Unit == "" || t.Due.Before(t.At) {
				w.t.Errorf("task %+v", t)
			}
			out = append(out, word)
		}
		return err
	})
	return strings.Join(out, " ")
}

// F5: a negative or a missing receipt becomes one task for the sending unit, never two;
// a late receipt closes it, and a late refusal makes another of it.
func TestReceiptsBecomeWork(t *testing.T) {
	const late = 3 * time.Hour
	type step struct {
		verdict *receipt.Verdict // nil: only time passes
		after   time.Duration
	}
	yes, no := positive(), negative("Brevtypen kendes ikke")
	for _, c := range []struct {
		name   string
		steps  []step
		status brevdue.Status
		want   string
	}{
		{"positive in time", []step{{&yes, 0}}, brevdue.Delivered, ""},
		{"negative in time", []step{{&no, 0}}, brevdue.Rejected, "rejected"},
		{"the same refusal in two receipts", []step{{&no, 0}, {&no, time.Minute}}, brevdue.Rejected, "rejected"},
		{"withheld", []step{{nil, late}}, brevdue.Unconfirmed, "unconfirmed"},
		{"withheld for days", []step{{nil, late}, {nil, 24 * late}}, brevdue.Unconfirmed, "unconfirmed"},
		{"late and positive", []step{{nil, late}, {&yes, late}}, brevdue.Delivered, "done:unconfirmed"},
		{"late and negative", []step{{nil, late}, {&no, late}}, brevdue.Rejected, "done:unconfirmed rejected"},
		{"accepted and then refused", []step{{&yes, 0}, {&no, time.Minute}}, brevdue.Delivered, "rejected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "AAA", Network{Await: 2 * time.Hour}, clinicUnit(), wardUnit())
			id, out := sendOne(t, w)
			for i, s := range c.steps {
				w.advance(s.after)
				if s.verdict != nil {
					w.receive(answerFor(t, out, fmt.Sprint(i), *s.verdict, nil))
				}
				w.drain()
			}
			if got := w.letter(id); got.Status != c.status {
				t.Errorf("the letter is %s, want %s", got.Status, c.status)
			}
			if got := w.tasks(id); got != c.want {
				t.Errorf("tasks %q, want %q", got, c.want)
			}
			w.sound()
		})
	}
}

// Decision 19: where the network's policy says so, a letter that nobody acknowledges goes
// out again by itself, with its own number in a new envelope, and then is one task; a
// receipt for any of the envelopes settles it.
func TestResendingByPolicy(t *testing.T) {
	for resend := range 3 {
		for answered := range resend + 2 { // which of the envelopes is answered in the end; 0: none
			t.Run(fmt.Sprintf("%d times, receipt for envelope %d", resend, answered), func(t *testing.T) {
				w := newWorld(t, "AAA", Network{Await: 2 * time.Hour, Resend: resend}, clinicUnit(), wardUnit())
				id, first := sendOne(t, w)
				out := []sent{first}
				for range 5 {
					w.advance(3 * time.Hour)
					w.drain()
					out = append(out, w.taken()...)
				}
				numbers := map[string]bool{}
				for _, o := range out {
					m, findings := medcom.Read(o.data)
					if brevdue.HasErrors(findings) || m.Letters[0].ID != w.letter(id).Body.ID {
						t.Errorf("went out: %v %v", m, findings)
					}
					numbers[m.Envelope.ID] = true
				}
				if len(out) != resend+1 || len(numbers) != resend+1 {
					t.Fatalf("went out %d times in %d envelopes", len(out), len(numbers))
				}
				if got := w.letter(id); got.Status != brevdue.Unconfirmed || w.tasks(id) != "unconfirmed" {
					t.Errorf("the letter is %s, tasks %q", got.Status, w.tasks(id))
				}
				if answered > 0 {
					w.receive(answerFor(t, out[answered-1], "1", positive(), nil))
					if got := w.letter(id); got.Status != brevdue.Delivered || w.tasks(id) != "done:unconfirmed" {
						t.Errorf("answered, and the letter is %s, tasks %q", got.Status, w.tasks(id))
					}
				}
				w.sound()
			})
		}
	}
}

// A receipt that answers nothing makes nobody any work, and no letter waits for it.
func TestUnmatchedReceiptMakesNoTask(t *testing.T) {
	w := worldA(t)
	id, out := sendOne(t, w)
	w.receive(answerFor(t, out, "1", negative("x"), func(m *receipt.Message) { m.Receipt.OriginalEnvelope = "ANDEN" }))
	if got := w.tasks(id); got != "" {
		t.Errorf("tasks %q", got)
	}
	w.sound()
}
