package torture

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/receipt"
)

// world is what two sides left behind that kept every promise: a letter that arrived
// and was receipted, and one that was refused and is somebody's task.
type world struct {
	from, to *evidence
	said     map[string]bool
	damaged  map[string]bool
	log      []sent
}

func letterWith(id int64, number string, status brevdue.Status, text string) *store.Letter {
	l := &store.Letter{ID: id, Status: status, Original: "sha-" + number}
	l.Body.ID = number
	l.Body.Segments = []brevdue.Segment{{Texts: []brevdue.Text{{Lines: []brevdue.Line{{Runs: []brevdue.Run{{Text: text}}}}}}}}
	return l
}

func newEvidence(name string) *evidence {
	return &evidence{name: name, out: map[string][]*store.Letter{}, in: map[string][]*store.Letter{}, open: map[int64]bool{},
		answers: map[int64][]*store.StoredReceipt{}, accepts: map[string]bool{}}
}

func newWorld(t *testing.T) *world {
	w := &world{from: newEvidence("a"), to: newEvidence("b"), said: map[string]bool{"t1": true, "t2": true}, damaged: map[string]bool{}}
	w.from.out["B1"] = []*store.Letter{letterWith(1, "B1", brevdue.Delivered, "et")}
	w.from.out["B2"] = []*store.Letter{letterWith(2, "B2", brevdue.Rejected, "to")}
	w.from.open[2] = true
	w.to.in["B1"] = []*store.Letter{letterWith(7, "B1", brevdue.Unread, "et")}
	w.to.answers[7] = []*store.StoredReceipt{{Direction: store.Out, Outcome: brevdue.Positive, HandedAt: time.Unix(1, 0)}}
	m := receipt.Build(receipt.Original{Envelope: brevdue.Envelope{ID: "K1", Sender: number(0), Receiver: number(1), WantsReceipt: true, Sent: "2026-11-24T10:00"}, Kind: brevdue.DIS91, Format: brevdue.EDIFACT,
		Letters: []brevdue.ReceiptLetter{{ID: "B1", Version: "D9134L"}}},
		receipt.Verdict{Outcome: brevdue.Positive}, receipt.IDs{Envelope: "K9", Letter: "B9"}, "2026-11-24T10:01")
	data, findings := receipt.Encode(m, m.Kind)
	if data == nil || brevdue.HasErrors(findings) {
		t.Fatalf("the receipt cannot be written: %v", findings)
	}
	sum := sha256.Sum256(data)
	w.log = []sent{{side: 1, sha: hex.EncodeToString(sum[:]), data: data}}
	w.to.accepts[w.log[0].sha] = true
	return w
}

func (w *world) broken() []string {
	is := func(sha string) bool { return w.damaged[sha] }
	here, _ := promises(w.from, w.to, w.said, is)
	there, _ := promises(w.to, w.from, nil, is)
	return append(append(here, there...), wirePromises(w.to, 1, w.log)...)
}

// TestChecker: each promise can be seen to be broken, and none is where none is.
func TestChecker(t *testing.T) {
	for _, c := range []struct {
		name   string
		breaks func(w *world)
		want   string // in the only complaint; "" for none
	}{
		{"every promise kept", func(*world) {}, ""},
		{"delivered and nobody has it", func(w *world) { delete(w.to.in, "B1") }, "delivered, and nobody has it"},
		{"twice in an inbox", func(w *world) {
			w.to.in["B1"] = append(w.to.in["B1"], letterWith(8, "B1", brevdue.Read, "et"))
			w.to.answers[8] = w.to.answers[7]
		}, "is 2 times in an inbox"},
		{"damaged and yet valid", func(w *world) {
			w.to.in["B1"] = append(w.to.in["B1"], letterWith(8, "B1", brevdue.Read, "ex"))
			w.to.in["B1"][1].Original = "bad"
			w.to.answers[8] = w.to.answers[7]
			w.damaged["bad"] = true
		}, ""},
		{"another text", func(w *world) { w.to.in["B1"] = []*store.Letter{letterWith(7, "B1", brevdue.Unread, "andet")} }, "says something else"},
		{"refused and no task", func(w *world) { w.from.open[2] = false }, "rejected, and nobody has the task"},
		{"unconfirmed and no task", func(w *world) {
			w.from.out["B2"][0].Status = brevdue.Unconfirmed
			w.from.open[2] = false
		}, "unconfirmed, and nobody has the task"},
		{"under way for good", func(w *world) {
			w.from.out["B2"][0].Status = brevdue.Sent
			w.from.open[2] = false
		}, "is sent for good"},
		{"said and not there", func(w *world) { w.said["t3"] = true }, "3 people were told"},
		{"one number twice", func(w *world) {
			w.from.out["B2"] = append(w.from.out["B2"], letterWith(3, "B2", brevdue.Rejected, "tre"))
		}, "2 letters have the number"},
		{"one form twice", func(w *world) {
			w.from.out["B3"] = []*store.Letter{letterWith(3, "B3", brevdue.Rejected, "to")}
			w.from.open[3] = true
		}, "one letter went out 2 times"},
		{"from nobody", func(w *world) {
			w.to.in["B8"] = []*store.Letter{letterWith(9, "B8", brevdue.Unread, "otte")}
			w.to.answers[9] = w.to.answers[7]
		}, "came from nobody"},
		{"no receipt", func(w *world) { delete(w.to.answers, 7) }, "no receipt was handed over"},
		{"no receipt, because the wish for one was damaged", func(w *world) {
			delete(w.to.answers, 7)
			w.damaged["sha-B1"] = true
		}, ""},
		{"no receipt for a damaged one that wishes for it", func(w *world) {
			delete(w.to.answers, 7)
			w.to.in["B1"][0].Envelope.WantsReceipt = true
			w.damaged["sha-B1"] = true
		}, "no receipt was handed over"},
		{"a receipt that was not handed over", func(w *world) { w.to.answers[7][0].HandedAt = time.Time{} }, "no receipt was handed over"},
		{"a receipt for nothing", func(w *world) { w.to.accepts = map[string]bool{} }, "a positive receipt for envelope K1 went out"},
		{"a broken chain", func(w *world) { w.to.chain = 4 }, "broken at entry 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.breaks(w)
			got := w.broken()
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
