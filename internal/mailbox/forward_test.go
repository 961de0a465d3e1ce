package mailbox_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// forwarding is a complete draft that forwards a letter.
func forwarding(id int64, quotes ...string) mailbox.Draft {
	d := draft()
	d.CPR, d.Surname, d.Given = "", "", ""
	d.Forwards, d.Quotes = id, quotes
	return d
}

// F54: nothing of the old letter goes along that was not ticked; what is ticked stands
// between one's own text and the signature, in the look it came in.
func TestForwardQuotesOnlyWhatIsTicked(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{episode: "0123456789abcdef0123456789abcdef"})
	w.update(func(tx store.Tx) error { // an answer of ours in the thread
		l, err := tx.Letters().Get(w.ctx, id)
		if err != nil {
			return err
		}
		own := *l
		own.ID, own.Direction, own.Status, own.Thread, own.ReplyTo, own.Body.ID = 0, store.Out, brevdue.Delivered, id, id, "OUT1"
		own.Body.Segments = []brevdue.Segment{{Texts: []brevdue.Text{{Lines: []brevdue.Line{{Runs: []brevdue.Run{{Text: "Vores "}, {Text: "eget", Style: brevdue.Bold}, {Text: " svar."}}}}}}}}
		_, err = tx.Letters().Insert(w.ctx, &own)
		return err
	})
	form, err := w.box.LetterForm(w.ctx, anne(), clinic, forwarding(id))
	if err != nil || form.Forward == nil || len(form.Forward.Parts) != 2 || form.Forward.Parts[0].Chosen || form.Forward.Parts[1].Chosen {
		t.Fatalf("%+v, %v", form.Forward, err)
	}
	if got := w.audited(); !slices.Contains(got, fmt.Sprintf("anne:letter.seen:%d", id)) {
		t.Errorf("that the letter was seen is not on record: %v", got)
	}
	text := func(quotes ...string) string {
		t.Helper()
		p, err := w.box.CheckLetter(w.ctx, anne(), clinic, forwarding(id, quotes...))
		if err != nil {
			t.Fatal(err)
		}
		return p.Seen.Text()
	}
	if got := text(); strings.Contains(got, "Anden linje") || strings.Contains(got, "Vores") {
		t.Errorf("quoted without a tick: %s", got)
	}
	got := text(form.Forward.Parts[1].Key)
	if strings.Contains(got, "Anden linje") || !strings.Contains(got, "Fortrolig prøvetekst.\n\nVideresendt tekst. Skrevet af ") || !strings.Contains(got, "\nVores eget svar.\n\n24.11.2026") {
		t.Errorf("one part: %s", got)
	}
	sent, err := w.box.SendLetter(w.ctx, anne(), clinic, forwarding(id, form.Forward.Parts[0].Key, form.Forward.Parts[1].Key))
	if err != nil {
		t.Fatal(err)
	}
	l := w.letter(sent)
	if p := l.Body.Patient; p.CPR != testCPR || p.Surname != "Mosebryggersen" || l.Thread != id || l.ReplyTo != 0 || l.Body.EpisodeOfCare != "0123456789abcdef0123456789abcdef" || l.Body.Receiver.GLN != outHome {
		t.Errorf("citizen %s, thread %d, reply to %d, %+v", p.Name(), l.Thread, l.ReplyTo, l.Body)
	}
	bold := false
	for _, line := range l.Body.Segments[0].Texts[0].Lines {
		for _, r := range line.Runs {
			bold = bold || r.Text == "eget" && r.Style == brevdue.Bold
		}
	}
	if !bold {
		t.Error("the quoted text lost its look")
	}
	if old, events := w.letter(id), w.events(id); events != "read forwarded" || old.Status != brevdue.Read || !old.AnsweredAt.IsZero() {
		t.Errorf("the old letter: %s, %s", old.Status, events)
	}
	if got := w.events(sent); got != "created forwards" {
		t.Errorf("the new letter: %s", got)
	}
	w.sound()
}

// With a part quoted a letter needs no words of one's own; without, it does.
func TestForwardWithoutOwnWords(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	d := forwarding(id)
	d.Text = " "
	if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != "text" {
		t.Errorf("nothing at all: faults in %q", got)
	}
	d.Quotes = []string{fmt.Sprintf("%d.0", id)}
	p, err := w.box.CheckLetter(w.ctx, anne(), clinic, d)
	if err != nil || !strings.HasPrefix(p.Seen.Text(), "Videresendt tekst. Skrevet af Aarhus Kommune, Hjemmesygeplejen Nord 24.11.2026 kl. 09.30:\nFortrolig") {
		t.Errorf("%q, %v", p.Seen.Text(), err)
	}
	w.sound()
}

// A link goes along when it is ticked; what was sent by post, or has not come, cannot.
func TestForwardEncloses(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	w.update(func(tx store.Tx) error {
		l, err := tx.Letters().Get(w.ctx, id)
		if err != nil {
			return err
		}
		more := *l
		more.ID, more.Body.ID = 0, "IN77"
		more.Body.Attachments = []brevdue.Attachment{{Kind: brevdue.LinkAttachment, Description: "Vejledning", URL: "https://sundhed.dk/x"}, {Kind: brevdue.SupplementAttachment, Description: "Skema"},
			{Kind: brevdue.BinaryAttachment, Description: "Foto", ObjectID: "0e", ObjectCode: "tekstfil", Extension: "txt", Size: 3}}
		_, err = tx.Letters().Insert(w.ctx, &more)
		id = more.ID
		return err
	})
	d := forwarding(id)
	p, err := w.box.CheckLetter(w.ctx, anne(), clinic, d)
	if err != nil || len(p.Seen.Attachments) != 0 {
		t.Errorf("without a tick: %+v, %v", p.Seen.Attachments, err)
	}
	d.Encloses = []string{fmt.Sprintf("%d.0", id)}
	if p, err = w.box.CheckLetter(w.ctx, anne(), clinic, d); err != nil || len(p.Seen.Attachments) != 1 || p.Seen.Attachments[0].URL != "https://sundhed.dk/x" {
		t.Errorf("%+v, %v", p.Seen.Attachments, err)
	}
	d.Encloses = append(d.Encloses, fmt.Sprintf("%d.1", id), fmt.Sprintf("%d.2", id))
	if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != "encloses encloses" {
		t.Errorf("by post and missing: faults in %q", got)
	}
	w.sound()
}

// Only one's own letters can be forwarded, and only parts of their own thread.
func TestForwardIsOfOnesOwnLetters(t *testing.T) {
	w := newWorld(t)
	own, other, refused := w.arrive(incoming{}), w.arrive(incoming{unit: ward}), w.arrive(incoming{status: brevdue.Refused})
	another := w.arrive(incoming{})
	for name, d := range map[string]mailbox.Draft{
		"another unit's": forwarding(other), "a refused one": forwarding(refused), "none such": forwarding(4711),
		"a part of another unit's": forwarding(own, fmt.Sprintf("%d.0", other)), "a part of another thread": forwarding(own, fmt.Sprintf("%d.0", another)), "nonsense": forwarding(own, "x"),
		"an attachment from elsewhere": func() mailbox.Draft {
			d := forwarding(own)
			d.Encloses = []string{fmt.Sprintf("%d.0", other)}
			return d
		}(),
	} {
		before := len(w.audited())
		if _, err := w.box.LetterForm(w.ctx, anne(), clinic, d); !errors.Is(err, brevdue.ErrNotFound) {
			t.Errorf("%s: form: %v", name, err)
		}
		if _, err := w.box.CheckLetter(w.ctx, anne(), clinic, d); !errors.Is(err, brevdue.ErrNotFound) {
			t.Errorf("%s: check: %v", name, err)
		}
		if id, err := w.box.SendLetter(w.ctx, anne(), clinic, d); !errors.Is(err, brevdue.ErrNotFound) || id != 0 {
			t.Errorf("%s: send: %v", name, err)
		}
		if got := w.audited()[before:]; name != "none such" && name != "a refused one" && (len(got) != 3 || !strings.HasPrefix(got[0], "anne:letter.denied:")) {
			t.Errorf("%s: on record: %v", name, got)
		}
	}
	if w.jobs() != "" || w.events(own)+w.events(other) != "" {
		t.Error("an attempt left a trace")
	}
	w.sound()
}

// A file goes along to who can take it: its bytes are kept with the new letter under an
// identifier of its own, and a job sends them; to others it cannot be ticked.
func TestForwardAFile(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{file: true})
	d := forwarding(id, fmt.Sprintf("%d.0", id))
	d.Encloses = []string{fmt.Sprintf("%d.0", id)}
	to := d
	to.Receiver = outSoc // takes letters only
	if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, to))); got != "encloses" {
		t.Errorf("to who takes no files: faults in %q", got)
	}
	sent, err := w.box.SendLetter(w.ctx, anne(), clinic, d)
	if err != nil {
		t.Fatal(err)
	}
	l := w.letter(sent)
	if len(l.Body.Attachments) != 1 {
		t.Fatalf("%+v", l.Body.Attachments)
	}
	a := l.Body.Attachments[0]
	if a.Kind != brevdue.BinaryAttachment || a.Description != "Foto" || len(a.ObjectID) != 32 || a.Extension != "txt" || a.Size != 3 {
		t.Errorf("%+v", a)
	}
	if got := w.jobs(); !strings.Contains(got, fmt.Sprintf("files:%d", sent)) || !strings.Contains(got, fmt.Sprintf("send:%d", sent)) {
		t.Errorf("jobs: %s", got)
	}
	w.view(func(tx store.Tx) error {
		files, err := tx.Files().Enclosed(w.ctx, sent)
		if len(files) != 1 || files[0].ObjectID != a.ObjectID || files[0].N != 0 {
			t.Errorf("enclosed: %+v", files)
		}
		return err
	})
	if name, data, err := w.box.Attachment(w.ctx, anne(), clinic, sent, 1); err != nil || string(data) != "abc" || name != "B-000002-bilag-1.txt" {
		t.Errorf("%s, %q, %v", name, data, err)
	}
	if _, _, err := w.box.Attachment(w.ctx, bo(), ward, sent, 1); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("another unit's: %v", err)
	}
	again := forwarding(sent)
	if form, err := w.box.LetterForm(w.ctx, anne(), clinic, again); err != nil || len(form.Forward.Enclosures) != 2 || form.Forward.Enclosures[1].Why != "" {
		t.Errorf("one's own letter is forwarded with its file: %+v, %v", form.Forward, err)
	}
	// Taken back, nothing of it leaves, the file no more than the letter.
	if _, _, err := w.box.Withdraw(w.ctx, anne(), clinic, sent); err != nil || w.jobs() != "" {
		t.Errorf("taken back: %v, jobs %q", err, w.jobs())
	}
	w.sound()
}
