package gateway

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/medcom"
	"brevdue/receipt"
)

// withFile queues a letter to a receiver with one file beside it, as the mailbox does.
func (w *world) withFile(to brevdue.GLN, file []byte) int64 {
	w.t.Helper()
	const object = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	m := draft{from: clinic, to: to, ids: []string{"AAA0000000000F"}}.message()
	body := m.Letters[0]
	body.Attachments = []brevdue.Attachment{{Kind: brevdue.LinkAttachment, Description: "Vejledning", URL: "https://sundhed.dk/x"},
		{Kind: brevdue.BinaryAttachment, Description: "Foto", ObjectID: object, ObjectCode: "billede", Extension: "png", Size: int64(len(file))}}
	var letter int64
	w.update(func(tx store.Tx) (err error) {
		if letter, err = queueLetter(w.ctx, tx, clinic, body, 0, w.clock()); err != nil {
			return err
		}
		sha, err := tx.Originals().Put(w.ctx, file, w.clock())
		if err != nil {
			return err
		}
		if err := tx.Files().Enclose(w.ctx, store.Enclosure{Letter: letter, N: 1, ObjectID: object, Code: "billede", Extension: "png", Size: int64(len(file)), SHA: sha}); err != nil {
			return err
		}
		return tx.Jobs().Add(w.ctx, store.SendingFiles(letter, w.clock()))
	})
	return letter
}

// shot begins like a picture.
var shot = []byte("\x89PNG\r\n\x1a\nUNT+1'\x00")

// filesOf picks the message with files of what left.
func filesOf(t *testing.T, out []sent) sent {
	t.Helper()
	for _, s := range out {
		if medcom.Sniff(s.data).Kind.IsBinary() {
			return s
		}
	}
	t.Fatalf("no files left: %s", sayAll(t, out))
	return sent{}
}

// F34, F54: a file beside a letter of ours leaves in a message of its own, byte for byte,
// and the other side finds it at the letter.
func TestFilesGoWithALetter(t *testing.T) {
	a, b := worldA(t), worldB(t)
	id := a.withFile(homecare, shot)
	a.drain()
	out := a.taken()
	if len(out) != 2 {
		t.Fatalf("left: %s", sayAll(t, out))
	}
	m, findings := medcom.ReadBinary(filesOf(t, out).data)
	if brevdue.HasErrors(findings) || len(m.Letters) != 1 || len(m.Letters[0].Objects) != 1 || !bytes.Equal(m.Letters[0].Objects[0].Data, shot) || !m.Envelope.WantsReceipt || m.Kind != brevdue.XBIN01 {
		t.Fatalf("%+v, %v", m, findings)
	}
	if got := a.events(id); got != "attempt sent files-sent" && got != "attempt files-sent sent" && got != "files-sent attempt sent" {
		t.Errorf("timeline: %s", got)
	}
	for _, s := range out {
		b.receive(s.data)
	}
	b.drain()
	var received *store.Letter
	for _, l := range b.letters() {
		received = l
	}
	if received == nil || !strings.Contains(b.events(received.ID), "attachment") {
		t.Fatal("the other side has no file at the letter")
	}
	for _, s := range b.taken() { // both receipts
		a.receive(s.data)
	}
	a.drain()
	if got := a.events(id); !strings.Contains(got, "files-delivered") || !strings.Contains(got, " delivered") || a.letter(id).Status != brevdue.Delivered {
		t.Errorf("%s, timeline: %s", a.letter(id).Status, got)
	}
	if got := a.arrivals(); strings.Contains(got, "unmatched") {
		t.Errorf("arrivals: %s", got)
	}
	a.advance(5 * time.Hour)
	a.drain()
	if got := a.tasks(id); got != "" {
		t.Errorf("tasks: %s", got)
	}
	a.sound()
	b.sound()
}

// Files that are refused, or that nobody acknowledges, are one task; they never move the
// letter, and a late receipt closes the task.
func TestFilesThatDoNotGetThrough(t *testing.T) {
	for _, c := range []struct {
		name    string
		after   time.Duration
		verdict receipt.Verdict
		twice   bool
		tasks   string
		event   string
	}{
		{"refused", 0, negative("For stor"), true, "files", "files-rejected"},
		{"no receipt in time", 3 * time.Hour, receipt.Verdict{}, false, "files", "files-unconfirmed"},
		{"late", 3 * time.Hour, positive(), false, "done:files", "files-unconfirmed files-delivered"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldA(t)
			id := w.withFile(homecare, shot)
			w.drain()
			out := w.taken()
			for _, s := range out { // the letter itself is all right
				if !medcom.Sniff(s.data).Kind.IsBinary() {
					w.receive(answerFor(t, s, "1", positive(), nil))
				}
			}
			w.advance(c.after)
			w.drain()
			if c.verdict.Outcome != "" {
				data := answerFor(t, filesOf(t, out), "2", c.verdict, nil)
				w.receive(data)
				if c.twice {
					w.receive(data)
				}
			}
			w.advance(30 * time.Hour)
			w.drain()
			if got := w.tasks(id); got != c.tasks {
				t.Errorf("tasks %q, want %q", got, c.tasks)
			}
			if got := w.events(id); !strings.HasSuffix(got, c.event) || w.letter(id).Status != brevdue.Delivered {
				t.Errorf("%s, timeline %q, want %q", w.letter(id).Status, got, c.event)
			}
			w.sound()
		})
	}
}

// While the network is down the same message waits: one envelope, the same bytes.
func TestFilesWaitForTheNetwork(t *testing.T) {
	w := worldA(t)
	id := w.withFile(homecare, shot)
	w.setNetwork(errors.New("down"))
	w.drain()
	var before store.FileMessage
	w.view(func(tx store.Tx) (err error) { before, err = tx.Files().Get(w.ctx, id); return err })
	if !before.HandedAt.IsZero() {
		t.Fatal("noted as handed over")
	}
	w.setNetwork(nil)
	w.advance(10 * time.Minute)
	w.drain()
	out := w.taken()
	var after store.FileMessage
	w.view(func(tx store.Tx) (err error) { after, err = tx.Files().Get(w.ctx, id); return err })
	m, _ := medcom.ReadBinary(filesOf(t, out).data)
	if len(out) != 2 || after.HandedAt.IsZero() || after.SHA != before.SHA || m.Envelope.ID != before.Envelope {
		t.Errorf("%d left, %+v, before %+v", len(out), after, before)
	}
	w.sound()
}

// A receiver that takes no files any more: the letter goes, its files are a task, and
// their job waits for the operator.
func TestFilesNobodyTakes(t *testing.T) {
	w := worldA(t)
	id := w.withFile(xmlOnly, shot)
	w.drain()
	if out := w.taken(); len(out) != 1 || w.tasks(id) != "files" || !strings.Contains(w.events(id), "files-failed") {
		t.Errorf("left %s, tasks %q, timeline %q", sayAll(t, out), w.tasks(id), w.events(id))
	}
}
