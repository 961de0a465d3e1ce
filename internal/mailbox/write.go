package mailbox

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
	"brevdue/kalender"
	"brevdue/medcom"
	"brevdue/sor"
)

// Words of the timeline for what people answered; the answer is the detail.
const (
	eventSubjectReason  = store.EventOutside
	eventStartReason    = "start-reason"
	eventStandardReason = "standard-reason"
	eventCall           = "call"
	eventExempt         = "call-exempt"
	eventNoCall         = "no-call"
)

// LetterForm is what the page of a new letter needs for the draft as it is.
func (b *Box) LetterForm(ctx context.Context, p Person, unit brevdue.GLN, d Draft) (Form, error) {
	var f Form
	do := b.view
	if d.Forwards != 0 { // it holds the letter forwarded, and that it was seen is logged
		do = b.update
	}
	err := do(ctx, p, func(tx store.Tx) error {
		u, err := b.unitOf(ctx, tx, p, RightSend, unit)
		if err != nil {
			return err
		}
		w, err := b.writing(ctx, tx, p, u, d, nil)
		if err != nil {
			return err
		}
		f = b.form(w)
		if f.Suggested, err = b.suggested(ctx, tx, w); err != nil || d.Forwards == 0 {
			return err
		}
		return b.note(ctx, tx, p, "letter.seen", unit, d.Forwards, "forward form")
	})
	if err != nil {
		return Form{}, err
	}
	return f, nil
}

// ReplyForm is what the page of a reply needs. It holds the answered letter, so
// that the call is in the audit log; it does not read the letter for the unit.
func (b *Box) ReplyForm(ctx context.Context, p Person, unit brevdue.GLN, id int64, d Draft) (Form, error) {
	var f Form
	err := b.update(ctx, p, func(tx store.Tx) error {
		u, answered, err := b.wholeLetter(ctx, tx, p, RightSend, unit, id)
		if err != nil {
			return err
		}
		w, err := b.writing(ctx, tx, p, u, d, answered)
		if err != nil {
			return err
		}
		f = b.form(w)
		f.Answers = answered
		return b.note(ctx, tx, p, "letter.seen", unit, id, "reply form")
	})
	if err != nil {
		return Form{}, err
	}
	return f, nil
}

func (b *Box) form(w *writing) Form {
	own := b.ownPhone(w.unit.GLN)
	f := Form{Unit: w.unit, Now: w.now, Signature: signed(signs(w.a), w.person, cmp.Or(oneLine(w.d.Phone), orgPhone(w.unit, own)), w.now),
		Questions: w.questions(), Hints: w.hints(), Long: w.long(), Away: w.away, CallName: w.to.Name, CallPhone: w.callPhone(), Rounds: w.rounds, LastBasis: w.basis, Forward: w.forwarded, Files: w.own, Phrases: w.phrases, Fields: w.phraseValues()}
	if w.to.GLN == "" {
		f.Categories = allCategories(w.a, w.unit.Kind)
		return f
	}
	promised := promise(w.a, w.unit.Kind, w.to.Kind, w.now)
	f.Promise, f.Categories = &promised, categories(w.a, w.unit.Kind, w.to.Kind)
	return f
}

// answerTo is the location number a reply goes to.
func answerTo(l *store.Letter) brevdue.GLN { return cmp.Or(l.Body.Sender.GLN, l.Envelope.Sender) }

// CheckLetter tells what SendLetter would send for the draft, or Faults.
func (b *Box) CheckLetter(ctx context.Context, p Person, unit brevdue.GLN, d Draft) (Preview, error) {
	return b.check(ctx, p, d, func(tx store.Tx) (store.Unit, *store.Letter, error) {
		u, err := b.unitOf(ctx, tx, p, RightSend, unit)
		return u, nil, err
	})
}

// CheckReply tells what Reply would send for the draft, or Faults.
func (b *Box) CheckReply(ctx context.Context, p Person, unit brevdue.GLN, id int64, d Draft) (Preview, error) {
	return b.check(ctx, p, d, func(tx store.Tx) (store.Unit, *store.Letter, error) {
		return b.wholeLetter(ctx, tx, p, RightSend, unit, id)
	})
}

func (b *Box) check(ctx context.Context, p Person, d Draft, find func(store.Tx) (store.Unit, *store.Letter, error)) (Preview, error) {
	var out Preview
	err := b.update(ctx, p, func(tx store.Tx) error {
		u, answered, err := find(tx)
		if err != nil {
			return err
		}
		w, err := b.writing(ctx, tx, p, u, d, answered)
		if err != nil {
			return err
		}
		l, _, err := b.compose(w, placeholder)
		if err != nil {
			return err
		}
		out.Record, out.Basis = l.Record, w.questions().Basis
		if out.Seen, err = writable(l, w.now); err != nil {
			return err
		}
		if out.Recent, err = w.recent(ctx, tx, l); err != nil || len(out.Recent) == 0 {
			return err
		}
		return b.note(ctx, tx, p, "letter.seen", u.GLN, 0, "recent letters")
	})
	if err != nil {
		return Preview{}, err
	}
	return out, nil
}

// placeholder stands for the number a letter gets when it is sent.
const placeholder = "00000000000000"

// SendLetter queues a new letter and returns its id. What is wrong with the
// draft is an error of type [Faults], and then nothing was kept. The same token
// sent again returns the letter it made before.
func (b *Box) SendLetter(ctx context.Context, p Person, unit brevdue.GLN, d Draft) (int64, error) {
	return b.send(ctx, p, d, func(tx store.Tx) (store.Unit, *store.Letter, error) {
		u, err := b.unitOf(ctx, tx, p, RightSend, unit)
		return u, nil, err
	})
}

// Reply queues an answer to a letter of the inbox and returns its id; the letter
// is read and answered with it. A letter may be answered more than once. Faults
// and tokens are as for [Box.SendLetter].
func (b *Box) Reply(ctx context.Context, p Person, unit brevdue.GLN, id int64, d Draft) (int64, error) {
	return b.send(ctx, p, d, func(tx store.Tx) (store.Unit, *store.Letter, error) {
		return b.wholeLetter(ctx, tx, p, RightSend, unit, id)
	})
}

// send composes the draft and queues it, all in one transaction. find returns
// the unit and, for a reply, the letter answered.
func (b *Box) send(ctx context.Context, p Person, d Draft, find func(store.Tx) (store.Unit, *store.Letter, error)) (id int64, err error) {
	repeated := false
	err = b.update(ctx, p, func(tx store.Tx) error {
		id, repeated = 0, false
		u, answered, err := find(tx)
		if err != nil {
			return err
		}
		if id, err = sentWith(ctx, tx, d.Token, u.GLN); err != nil || id != 0 {
			repeated = id != 0
			return err
		}
		tag, err := tx.Settings().Get(ctx, store.KeyTag)
		if err != nil {
			return fmt.Errorf("installation tag: %v", err) // not %w: it is not the letter that is not found
		}
		n, err := tx.Settings().NextNumber(ctx, store.SeriesLetter)
		if err != nil {
			return fmt.Errorf("letter number: %w", err)
		}
		w, err := b.writing(ctx, tx, p, u, d, answered)
		if err != nil {
			return err
		}
		if err := w.sameFiles(); err != nil {
			return err
		}
		l, reasons, err := b.compose(w, store.FormatNumber(tag, n))
		if err != nil {
			return err
		}
		if _, err := writable(l, w.now); err != nil {
			return err
		}
		if id, err = tx.Letters().Insert(ctx, l); err != nil {
			return fmt.Errorf("keep letter: %w", err)
		}
		if d.Token != "" {
			if err := tx.Settings().Set(ctx, tokenKey(d.Token), strconv.FormatInt(id, 10)); err != nil {
				return err
			}
		}
		if err := w.addTasks(ctx, tx, id, l.Record); err != nil {
			return err
		}
		if err := b.queue(ctx, tx, p, l, reasons, answered); err != nil {
			return err
		}
		if err := b.enclose(ctx, tx, l, w.files); err != nil {
			return err
		}
		if err := sentDraft(ctx, tx, d.Token, u.GLN); err != nil { // its files are the letter's now
			return err
		}
		if w.forwarded != nil {
			if err := b.forwards(ctx, tx, p, l, w.forwarded.Letter); err != nil {
				return err
			}
		}
		if d.Corrects == 0 {
			return nil
		}
		return b.replaces(ctx, tx, p, l, d.Corrects)
	})
	if err != nil {
		return 0, err
	}
	b.cfg.Log.InfoContext(ctx, "letter queued", "letter", id, "user", p.Login, "repeated", repeated)
	return id, nil
}

// tokenKey is the setting that remembers a token; the token itself is not kept.
func tokenKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "token:" + hex.EncodeToString(sum[:])
}

// sentWith returns the letter a token has made, 0 when there is none.
func sentWith(ctx context.Context, tx store.Tx, token string, unit brevdue.GLN) (int64, error) {
	if token == "" {
		return 0, nil
	}
	value, err := tx.Settings().Get(ctx, tokenKey(token))
	if errors.Is(err, brevdue.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	id, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("remembered form: %w", err)
	}
	l, err := tx.Letters().Get(ctx, id)
	if err != nil {
		return 0, err
	}
	if l.Unit != unit {
		return 0, Faults{{Field: "token", Text: "Formularen er brugt af en anden enhed. Åbn den igen.", TextEN: "The form was used by another unit. Open it again."}}
	}
	return id, nil
}

// queue records everything about a letter just kept: the job that sends it, its
// history, and what it means for the letter it answers.
func (b *Box) queue(ctx context.Context, tx store.Tx, p Person, l *store.Letter, reasons []store.Event, answered *store.Letter) error {
	now := l.Sent
	if err := tx.Jobs().Add(ctx, store.Sending(l.ID, now.Add(b.cfg.Undo))); err != nil {
		return err
	}
	events := append([]store.Event{{At: now, What: "created", Who: p.Name}}, reasons...)
	for _, e := range events {
		if err := tx.Letters().AddEvent(ctx, l.ID, e); err != nil {
			return err
		}
	}
	detail := recorded(l.Record)
	if answered != nil {
		detail = strings.TrimPrefix(detail+", answers "+answered.Number(), ", ")
		if err := b.answer(ctx, tx, p, l, answered); err != nil {
			return err
		}
	}
	tx.Notify(store.TopicUnit(l.Unit))
	return b.note(ctx, tx, p, "letter.created", l.Unit, l.ID, detail)
}

// recorded says for the audit log on what basis a letter went, and that the exemption
// from calling was ticked.
func recorded(r *store.Record) string {
	detail := ""
	if r == nil {
		return detail
	}
	if r.Basis != nil {
		detail = "basis " + r.Basis.Code
	}
	if r.Exempt {
		detail += ", exempt from calling"
	}
	return strings.TrimPrefix(detail, ", ")
}

// answer marks a letter as answered by l. The form of a reply shows the whole
// letter, so that whoever answers it has read it.
func (b *Box) answer(ctx context.Context, tx store.Tx, p Person, l, answered *store.Letter) error {
	if answered.ReadAt.IsZero() {
		if _, err := b.read(ctx, tx, p, answered); err != nil {
			return err
		}
	}
	if answered.Status != brevdue.Answered {
		if err := tx.Letters().Move(ctx, answered.ID, answered.Status, brevdue.Answered); err != nil {
			return err
		}
	}
	if err := tx.Letters().MarkAnswered(ctx, answered.ID, l.Sent); err != nil {
		return err
	}
	if err := tx.Letters().AddEvent(ctx, answered.ID, store.Event{At: l.Sent, What: "replied", Who: p.Name, Detail: l.Number()}); err != nil {
		return err
	}
	return b.note(ctx, tx, p, "letter.replied", answered.Unit, answered.ID, "with "+l.Number())
}

// compose makes the letter a draft stands for, complete with its number, and what
// was asked for as lines of its history; or it returns Faults.
func (b *Box) compose(w *writing, number string) (*store.Letter, []store.Event, error) {
	d, now := w.d, w.now
	var j judge
	body := brevdue.Letter{ID: number, StatisticalCode: "XDIS91", Authorised: kalender.LocalOf(now), Status: brevdue.NewLetter, Priority: j.priority(d)}
	l := &store.Letter{Direction: store.Out, Unit: w.unit.GLN, Status: brevdue.Queued, Sent: now, Author: w.person.ID}

	var subject chosen
	if a := w.answered; a == nil {
		if f := w.forwarded; f != nil {
			body.Patient, body.EpisodeOfCare, l.Thread = f.Letter.Body.Patient, f.Letter.Body.EpisodeOfCare, f.Letter.Thread
			body.Patient.Episode = j.episode(d, body.Patient.Episode)
		} else {
			body.Patient = j.patient(d)
			body.Patient.Episode = j.episode(d, "")
		}
		if to, known := j.receiver(b.cfg.Directory(), d, w.unit.GLN); known {
			body.Receiver = to.Party()
			subject = j.subject(w.a, d, w.unit.Kind, to.Kind)
		} else if oneLine(d.Subject) == "" {
			subject = j.subject(w.a, d, w.unit.Kind, "")
		}
	} else {
		if w.to.GLN == "" {
			j.say("receiver", "Afsenderen har intet lokationsnummer, så brevet kan ikke besvares herfra. Ring i stedet.", "The sender has no location number, so the letter cannot be answered from here. Call instead.")
		}
		known, _ := b.cfg.Directory().Get(w.to.GLN)
		body.Receiver = sor.Answered(a.Body.Sender, w.to.GLN, known)
		body.Patient = a.Body.Patient
		body.Patient.Episode = j.episode(d, a.Body.Patient.Episode)
		body.EpisodeOfCare = a.Body.EpisodeOfCare
		l.ReplyTo, l.Thread = a.ID, a.Thread
		subject = j.subject(w.a, d, w.unit.Kind, w.to.Kind, cmp.Or(a.Group, a.Body.Subject), a.Body.Subject)
	}
	l.Record = w.answers(&j)
	if subject.reason && l.Record != nil {
		l.Record.SubjectReason = oneLine(d.SubjectReason)
	}
	w.judgeForward(&j)
	w.judgeFiles(&j)
	w.judgeFields(&j)
	text := ""
	if !w.mayBeBare() {
		text = j.text(d)
	}
	block, phone := j.signature(w.a, w.person, d, w.unit, b.ownPhone(w.unit.GLN), now)
	if err := j.err(); err != nil {
		return nil, nil, err
	}
	body.Subject = aftale.WireSubject(subject.subject)
	body.Sender = sor.Complete(w.unit.Party(), w.unit.Name)
	body.Sender.Phone = phone
	body.Segments = []brevdue.Segment{{Texts: []brevdue.Text{w.body(text, block)}}}
	body.Attachments, w.files = w.enclosed()

	l.Kind, l.Format, body.Version = kindFor(w.unit, w.to, w.answered)
	l.Body, l.Category, l.Group, l.GroupOrder = body, subject.row.Category, subject.row.Subject, max(0, subject.row.Row)
	if w.to.Kind.Known() && w.covered() {
		duty := w.a.Duty(aftale.DutyInput{Receiver: w.to.Kind, Sent: now, Arrived: now})
		l.Duty = &duty
	}
	return l, w.history(l.Record), nil
}

// history are the answers of a letter as lines of its timeline, without what may be
// about the citizen.
func (w *writing) history(r *store.Record) []store.Event {
	if r == nil {
		return nil
	}
	var out []store.Event
	say := func(what, detail string) {
		out = append(out, store.Event{At: w.now, What: what, Who: w.person.Name, Detail: detail})
	}
	if r.StartReason != "" {
		say(eventStartReason, r.StartReason)
	}
	if r.SubjectReason != "" {
		say(eventSubjectReason, r.SubjectReason)
	}
	if r.StandardReason != "" {
		say(eventStandardReason, r.Purpose+": "+r.StandardReason)
	}
	if r.Call != nil {
		say(eventCall, r.Call.Organisation+", "+r.Call.Number+", "+kalender.When(r.Call.At, w.now))
	}
	if r.Exempt {
		say(eventExempt, w.a.Phone.Exemption)
	}
	if r.AfterPhoneReason != "" {
		say(eventNoCall, r.AfterPhoneReason)
	}
	return out
}

// kindFor chooses the kind a letter is written as, by the gateway's rule: one
// the receiver takes, and among those the one it wrote in itself, then the
// unit's own choice, then XDIS91.
func kindFor(u store.Unit, to sor.Entry, answered *store.Letter) (brevdue.Kind, brevdue.Format, string) {
	var wrote brevdue.Kind
	if answered != nil {
		wrote = answered.Kind
	}
	kind := to.Written(wrote, u.Sends)
	if kind == brevdue.DIS91 {
		return kind, brevdue.EDIFACT, "D9134L"
	}
	return kind, brevdue.OIOXML, "XD9134L"
}

// writable makes sure that the letter can be written before a person is told
// that it is on its way, and that the receiver sees what was written. It returns the
// letter as the receiver's own format gives it back.
func writable(l *store.Letter, now time.Time) (brevdue.Letter, error) {
	m := medcom.Message{Format: l.Format, Kind: l.Kind, Version: l.Body.Version, Letters: []brevdue.Letter{l.Body}, Envelope: brevdue.Envelope{
		ID: placeholder, Sent: kalender.LocalOf(now), Sender: l.Body.Sender.GLN, Receiver: l.Body.Receiver.GLN, WantsReceipt: true,
	}}
	data, findings := medcom.Encode(m, l.Kind)
	var faults Faults
	for _, f := range findings {
		if f.Severity == brevdue.SeverityError {
			faults = append(faults, Fault{Field: fieldOf(f.Pos.Path), Text: f.Text, TextEN: f.TextEN})
		}
	}
	if len(faults) > 0 {
		return brevdue.Letter{}, faults
	}
	back, _ := medcom.Read(data)
	if len(back.Letters) != 1 {
		return brevdue.Letter{}, Faults{{Field: "text", Text: "Brevet kan ikke skrives i modtagerens format.", TextEN: "The letter cannot be written in the receiver's format."}}
	}
	for _, part := range []struct{ field, sent, seen string }{
		{"subject", l.Body.Subject, back.Letters[0].Subject},
		{"text", l.Body.Text(), back.Letters[0].Text()},
		{"surname", l.Body.Patient.Surname, back.Letters[0].Patient.Surname},
		{"given", l.Body.Patient.Given, back.Letters[0].Patient.Given},
	} {
		if strings.Count(part.seen, "?") > strings.Count(part.sent, "?") {
			return brevdue.Letter{}, Faults{lost(part.field, part.sent)}
		}
	}
	return back.Letters[0], nil
}

// lost is the fault that a character would arrive as a question mark.
func lost(field, text string) Fault {
	var signs []string
	for _, r := range text {
		if s := string(r); r > 0xff && !strings.ContainsRune("–—‐‑−•‘’‚′“”„″…€≤≥", r) && !slices.Contains(signs, s) && len(signs) < 5 {
			signs = append(signs, s)
		}
	}
	which := strings.Join(signs, " ")
	return Fault{Field: field,
		Text:   fmt.Sprintf("Der er tegn, som ikke kan sendes og ville blive til spørgsmålstegn: %s. Skriv dem på en anden måde.", which),
		TextEN: fmt.Sprintf("There are characters that cannot be sent and would become question marks: %s. Write them in another way.", which)}
}

// fieldOf is the field of the form that a place in the letter comes from. What a
// person cannot change there is shown with the text.
func fieldOf(path string) string {
	path = strings.ToLower(path)
	for _, f := range []struct{ in, field string }{
		{"subject", "subject"}, {"surname", "surname"}, {"given", "given"}, {"civilregistration", "cpr"}, {"alternativeidentifier", "cpr"}, {"cpr", "cpr"},
		{"replacements", "cpr"}, {"telephone", "phone"}, {"phone", "phone"}, {"receiver", "receiver"},
	} {
		if strings.Contains(path, f.in) {
			return f.field
		}
	}
	return "text"
}
