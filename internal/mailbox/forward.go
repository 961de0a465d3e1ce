package mailbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// Words of the timeline of two letters of which one is forwarded in the other.
const (
	eventForwarded = "forwarded" // on the old one; the detail is the new letter and its receiver
	eventForwards  = "forwards"  // on the new one; the detail is the old letter
)

// Forward is a letter being forwarded (Videresend), as the form shows it.
type Forward struct {
	Letter *store.Letter
	// Parts are what may be quoted: the texts of the thread, the newest last. Nothing is
	// quoted that was not chosen (F54).
	Parts []Part
	// Enclosures are the attachments of the thread that may go along.
	Enclosures []Enclosure
}

// Part is the text one author wrote in one letter of the thread.
type Part struct {
	Key    string // names it in [Draft.Quotes]
	Number string // of its letter
	Author string
	At     string // Danish, e.g. "24.11.2026 kl. 10.00"
	Lines  []brevdue.Line
	Chosen bool
}

// Enclosure is an attachment of the thread.
type Enclosure struct {
	Key        string // names it in [Draft.Encloses]
	Number     string // of its letter
	Attachment brevdue.Attachment
	File       File
	// Why says why it cannot go along, "" when it can.
	Why, WhyEN string
	Chosen     bool
}

// forward gathers what may be forwarded with a letter: of its thread what the unit
// itself sent or received.
func (b *Box) forward(ctx context.Context, tx store.Tx, w *writing) error {
	d := w.d
	if d.Forwards == 0 {
		return nil
	}
	_, l, err := b.letterOf(ctx, tx, w.person, RightSend, w.unit.GLN, d.Forwards)
	if err == nil {
		err = whole(ctx, tx, l.ID)
	}
	if err != nil {
		return err
	}
	f := &Forward{Letter: l}
	thread, err := tx.Letters().ThreadOf(ctx, l.Thread, w.unit.GLN)
	if err != nil {
		return err
	}
	for _, r := range thread {
		if r.Direction == store.In && !accepted(r.Status) {
			continue
		}
		of, err := tx.Letters().Get(ctx, r.ID)
		if err != nil {
			return err
		}
		if of.Body.Patient.Citizen() != l.Body.Patient.Citizen() {
			continue // a thread is about one citizen; whatever joined another is not passed on
		}
		f.Parts = append(f.Parts, partsOf(of)...)
		files, err := b.files(ctx, tx, of)
		if err != nil {
			return err
		}
		for i, a := range of.Body.Attachments {
			e := Enclosure{Key: partKey(of.ID, i), Number: of.Number(), Attachment: a, File: files[i]}
			e.Why, e.WhyEN = w.refuses(e)
			f.Enclosures = append(f.Enclosures, e)
		}
	}
	for i := range f.Parts {
		f.Parts[i].Chosen = slices.Contains(d.Quotes, f.Parts[i].Key)
	}
	for i := range f.Enclosures {
		f.Enclosures[i].Chosen = slices.Contains(d.Encloses, f.Enclosures[i].Key)
	}
	w.forwarded = f
	return w.onlyThread()
}

// onlyThread refuses what was chosen and is not of the thread: it is somebody else's, or
// was never shown.
func (w *writing) onlyThread() error {
	f := w.forwarded
	for _, key := range w.d.Quotes {
		if !slices.ContainsFunc(f.Parts, func(p Part) bool { return p.Key == key }) {
			return &denied{unit: w.unit.GLN, letter: w.d.Forwards, why: "quote from outside the thread", as: brevdue.ErrNotFound}
		}
	}
	for _, key := range w.d.Encloses {
		if !slices.ContainsFunc(f.Enclosures, func(e Enclosure) bool { return e.Key == key }) {
			return &denied{unit: w.unit.GLN, letter: w.d.Forwards, why: "attachment from outside the thread", as: brevdue.ErrNotFound}
		}
	}
	return nil
}

func partKey(letter int64, n int) string { return fmt.Sprintf("%d.%d", letter, n) }

// partsOf are the texts of a letter, each with who wrote it.
func partsOf(l *store.Letter) []Part {
	var out []Part
	for i, s := range l.Body.Segments {
		p := Part{Key: partKey(l.ID, i), Number: l.Number(), Author: l.Body.Sender.Name(), At: writtenAt(l)}
		if s.Author != nil && s.Author.Name != "" {
			p.Author = s.Author.Name
		}
		p.Lines = s.Lines()
		if len(p.Lines) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// writtenAt is when a letter was sent, with the whole date: it is read on another day.
func writtenAt(l *store.Letter) string {
	return kalender.DayOf(l.Sent).Figures() + " kl. " + l.Sent.In(kalender.Copenhagen()).Format("15.04")
}

// refuses says why an attachment cannot be sent to the receiver.
func (w *writing) refuses(e Enclosure) (da, en string) {
	switch {
	case e.Attachment.Kind == brevdue.LinkAttachment:
		return "", ""
	case e.Attachment.Kind == brevdue.SupplementAttachment:
		return "Det er sendt på anden vis og kan ikke sendes med herfra.", "It was sent in another way and cannot be sent along from here."
	case e.File.State == FileHere && e.File.Object.Size > MaxFiles:
		return "Filen er for stor til at sendes med.", "The file is too large to be sent along."
	case e.File.State == FileHere:
		return w.takesNone()
	}
	return "Filen er ikke her og kan ikke sendes med.", "The file is not here and cannot be sent along."
}

// judgeForward checks what was chosen to go along.
func (w *writing) judgeForward(j *judge) {
	if w.forwarded == nil {
		return
	}
	for _, e := range w.forwarded.Enclosures {
		if e.Chosen && e.Why != "" {
			j.say("encloses", e.Attachment.Description+": "+e.Why, e.Attachment.Description+": "+e.WhyEN)
		}
	}
}

// quoted are the lines of the parts that were chosen, each below a line that says who
// wrote it, in the look they came in.
func (w *writing) quoted() []brevdue.Line {
	if w.forwarded == nil {
		return nil
	}
	var out []brevdue.Line
	for _, p := range w.forwarded.Parts {
		if !p.Chosen {
			continue
		}
		if len(out) > 0 {
			out = append(out, brevdue.Line{})
		}
		head := fmt.Sprintf("Videresendt tekst. Skrevet af %s %s:", p.Author, p.At)
		out = append(out, brevdue.Line{Runs: []brevdue.Run{{Text: head}}})
		out = append(out, p.Lines...)
	}
	return out
}

// enclosed are the attachments that were chosen or added. A file gets an identifier of its
// own: it is sent anew, by us.
func (w *writing) enclosed() (out []brevdue.Attachment, files []store.Enclosure) {
	add := func(a brevdue.Attachment, sha string) {
		if a.Kind == brevdue.BinaryAttachment {
			a.ObjectID = objectID()
			files = append(files, store.Enclosure{N: len(out), ObjectID: a.ObjectID, Code: a.ObjectCode, Extension: a.Extension, Size: a.Size, SHA: sha})
		}
		out = append(out, a)
	}
	if w.forwarded != nil {
		for _, e := range w.forwarded.Enclosures {
			a, o := e.Attachment, e.File.Object
			if a.Kind == brevdue.BinaryAttachment {
				a.ObjectCode, a.Extension, a.Size = o.Code, o.Extension, o.Size
			}
			if e.Chosen {
				add(a, o.SHA)
			}
		}
	}
	for _, f := range w.own {
		add(brevdue.Attachment{Kind: brevdue.BinaryAttachment, Description: f.Name, ObjectCode: f.Code, Extension: f.Extension, Size: f.Size}, f.SHA)
	}
	return out, files
}

// enclose keeps the files that go with a letter, and the job that sends them.
func (b *Box) enclose(ctx context.Context, tx store.Tx, l *store.Letter, files []store.Enclosure) error {
	for _, e := range files {
		e.Letter = l.ID
		if err := tx.Files().Enclose(ctx, e); err != nil {
			return err
		}
	}
	if len(files) == 0 {
		return nil
	}
	return tx.Jobs().Add(ctx, store.SendingFiles(l.ID, l.Sent.Add(b.cfg.Undo)))
}

// body is the whole text of a letter: what the person wrote, what was quoted, and the
// signature last (AGR-403).
func (w *writing) body(own, block string) brevdue.Text {
	var t brevdue.Text
	for _, lines := range [][]brevdue.Line{brevdue.PlainText(own).Lines, w.quoted(), brevdue.PlainText(block).Lines} {
		if len(lines) == 0 {
			continue
		}
		if len(t.Lines) > 0 {
			t.Lines = append(t.Lines, brevdue.Line{})
		}
		t.Lines = append(t.Lines, lines...)
	}
	return t
}

// mayBeBare tells whether the letter needs no words of the person's own.
func (w *writing) mayBeBare() bool { return strings.TrimSpace(w.d.Text) == "" && len(w.quoted()) > 0 }

// forwards says on both letters that one is forwarded in the other. Its form showed the
// old letter whole, so that whoever forwards it has read it.
func (b *Box) forwards(ctx context.Context, tx store.Tx, p Person, l, old *store.Letter) error {
	if old.Direction == store.In && old.ReadAt.IsZero() {
		if _, err := b.read(ctx, tx, p, old); err != nil {
			return err
		}
	}
	for _, e := range []struct {
		letter int64
		event  store.Event
	}{
		{old.ID, store.Event{At: l.Sent, What: eventForwarded, Who: p.Name, Detail: l.Number() + " til " + l.Body.Receiver.Name()}},
		{l.ID, store.Event{At: l.Sent, What: eventForwards, Who: p.Name, Detail: old.Number()}},
	} {
		if err := tx.Letters().AddEvent(ctx, e.letter, e.event); err != nil {
			return err
		}
	}
	return b.note(ctx, tx, p, "letter.forwarded", old.Unit, old.ID, "in "+l.Number())
}
