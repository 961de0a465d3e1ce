package gateway

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
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
