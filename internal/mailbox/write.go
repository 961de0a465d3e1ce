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

// Words of the timeline for reasons people gave; the reason is the detail.
const (
	eventSubjectReason = "subject-reason"
	eventStartReason   = "start-reason"
)

// LetterForm is what the page of a new letter needs for the draft as it is.
func (b *Box) LetterForm(ctx context.Context, p Person, unit brevdue.GLN, d Draft) (Form, error) {
	var u store.Unit
	err := b.view(ctx, p, func(tx store.Tx) (err error) {
		u, err = b.unitOf(ctx, tx, p, unit)
		return err
	})
	if err != nil {
		return Form{}, err
	}
	f := b.form(p, u, d)
	e, known := b.cfg.Directory.Get(d.Receiver)
	if !known {
		f.Categories = b.allCategories(u.Kind, f.Now)
		return f, nil
	}
	promise := b.promise(u.Kind, e.Kind, f.Now)
	f.Promise, f.Categories = &promise, b.categories(u.Kind, e.Kind, f.Now)
	return f, nil
}

// ReplyForm is what the page of a reply needs. It holds the answered letter, so
// that the call is in the audit log; it does not read the letter for the unit.
func (b *Box) ReplyForm(ctx context.Context, p Person, unit brevdue.GLN, id int64, d Draft) (Form, error) {
	var u store.Unit
	var answered *store.Letter
	err := b.update(ctx, p, func(tx store.Tx) (err error) {
		if u, answered, err = b.inLetter(ctx, tx, p, unit, id); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "letter.seen", unit, id, "reply form")
	})
	if err != nil {
		return Form{}, err
	}
	f := b.form(p, u, d)
	f.Answers = answered
	kind := b.kindOf(answerTo(answered))
	promise := b.promise(u.Kind, kind, f.Now)
	f.Promise, f.Categories = &promise, b.categories(u.Kind, kind, f.Now)
	return f, nil
}

func (b *Box) form(p Person, u store.Unit, d Draft) Form {
	now := b.cfg.Now()
	return Form{Unit: u, Now: now, Signature: signature(p, cmp.Or(oneLine(d.Phone), u.Phone), now)}
}

func (b *Box) kindOf(gln brevdue.GLN) brevdue.UnitKind {
	e, _ := b.cfg.Directory.Get(gln)
	return e.Kind
}

// answerTo is the location number a reply goes to.
func answerTo(l *store.Letter) brevdue.GLN { return cmp.Or(l.Body.Sender.GLN, l.Envelope.Sender) }

// CheckLetter tells whether SendLetter would send the draft: nil, or Faults.
func (b *Box) CheckLetter(ctx context.Context, p Person, unit brevdue.GLN, d Draft) error {
	return b.view(ctx, p, func(tx store.Tx) error {
		u, err := b.unitOf(ctx, tx, p, unit)
		if err != nil {
			return err
		}
		_, _, err = b.compose(p, u, d, nil, placeholder)
		return err
	})
}

// CheckReply tells whether Reply would send the draft: nil, or Faults.
func (b *Box) CheckReply(ctx context.Context, p Person, unit brevdue.GLN, id int64, d Draft) error {
	return b.view(ctx, p, func(tx store.Tx) error {
		u, answered, err := b.inLetter(ctx, tx, p, unit, id)
		if err != nil {
			return err
		}
		_, _, err = b.compose(p, u, d, answered, placeholder)
		return err
	})
}

// placeholder stands for the number a letter gets when it is sent.
const placeholder = "00000000000000"

// SendLetter queues a new letter and returns its id. What is wrong with the
// draft is an error of type [Faults], and then nothing was kept. The same token
// sent again returns the letter it made before.
func (b *Box) SendLetter(ctx context.Context, p Person, unit brevdue.GLN, d Draft) (int64, error) {
	return b.send(ctx, p, d, func(tx store.Tx) (store.Unit, *store.Letter, error) {
		u, err := b.unitOf(ctx, tx, p, unit)
		return u, nil, err
	})
}

// Reply queues an answer to a letter of the inbox and returns its id; the letter
// is read and answered with it. A letter may be answered more than once. Faults
// and tokens are as for [Box.SendLetter].
func (b *Box) Reply(ctx context.Context, p Person, unit brevdue.GLN, id int64, d Draft) (int64, error) {
	return b.send(ctx, p, d, func(tx store.Tx) (store.Unit, *store.Letter, error) {
		return b.inLetter(ctx, tx, p, unit, id)
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
		l, reasons, err := b.compose(p, u, d, answered, store.FormatNumber(tag, n))
		if err != nil {
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
		return b.queue(ctx, tx, p, l, reasons, answered)
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
	if _, err := tx.Jobs().Add(ctx, store.Sending(l.ID, now)); err != nil {
		return err
	}
	events := append([]store.Event{{At: now, What: "created", Who: p.Name}}, reasons...)
	for _, e := range events {
		if err := tx.Letters().AddEvent(ctx, l.ID, e); err != nil {
			return err
		}
	}
	detail := ""
	if answered != nil {
		detail = "answers " + answered.Number()
		if err := b.answer(ctx, tx, p, l, answered); err != nil {
			return err
		}
	}
	tx.Notify(store.TopicUnit(l.Unit))
	return b.note(ctx, tx, p, "letter.created", l.Unit, l.ID, detail)
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

// compose makes the letter a draft stands for, complete with its number, and the
// reasons that were asked for as lines of its history; or it returns Faults.
// answered is nil for a new letter.
func (b *Box) compose(p Person, u store.Unit, d Draft, answered *store.Letter, number string) (*store.Letter, []store.Event, error) {
	now := b.cfg.Now()
	a, _ := b.agreement(now)
	var j judge
	body := brevdue.Letter{ID: number, StatisticalCode: "XDIS91", Authorised: kalender.LocalOf(now), Status: brevdue.NewLetter, Priority: j.priority(d)}
	l := &store.Letter{Direction: store.Out, Unit: u.GLN, Status: brevdue.Queued, Sent: now, Author: p.ID}

	var to sor.Entry
	var subject chosen
	var reasons []store.Event
	if answered == nil {
		body.Patient = j.patient(d)
		body.Patient.Episode = j.episode(d, "")
		var known bool
		if to, known = j.receiver(b.cfg.Directory, d, u.GLN); known {
			body.Receiver = to.Party()
			subject = j.subject(a, d, u.Kind, to.Kind)
			if j.start(a, d, u.Kind, to.Kind) {
				reasons = append(reasons, store.Event{At: now, What: eventStartReason, Who: p.Name, Detail: oneLine(d.StartReason)})
			}
		} else if oneLine(d.Subject) == "" {
			subject = j.subject(a, d, u.Kind, "")
		}
	} else {
		gln := answerTo(answered)
		if gln == "" {
			j.say("receiver", "Afsenderen har intet lokationsnummer, så brevet kan ikke besvares herfra. Ring i stedet.", "The sender has no location number, so the letter cannot be answered from here. Call instead.")
		}
		to, _ = b.cfg.Directory.Get(gln)
		body.Receiver = sor.Answered(answered.Body.Sender, gln, to)
		body.Patient = answered.Body.Patient
		body.Patient.Episode = j.episode(d, answered.Body.Patient.Episode)
		body.EpisodeOfCare = answered.Body.EpisodeOfCare
		l.ReplyTo, l.Thread = answered.ID, answered.Thread
		subject = j.subject(a, d, u.Kind, to.Kind, cmp.Or(answered.Group, answered.Body.Subject), answered.Body.Subject)
	}
	if subject.reason {
		reasons = append(reasons, store.Event{At: now, What: eventSubjectReason, Who: p.Name, Detail: oneLine(d.SubjectReason)})
	}
	text := j.text(d)
	block, phone := j.signature(p, d, u, now)
	if err := j.err(); err != nil {
		return nil, nil, err
	}
	body.Subject = aftale.WireSubject(subject.subject)
	body.Sender = sor.Complete(u.Party(), u.Name)
	body.Sender.Phone = phone
	body.Segments = []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText(text + "\n\n" + block)}}}

	l.Kind, l.Format, body.Version = kindFor(u, to, answered)
	l.Body, l.Category, l.Group, l.GroupOrder = body, subject.row.Category, subject.row.Subject, max(0, subject.row.Row)
	if a != nil && knownKind(to.Kind) && a.Covers(u.Kind, to.Kind) {
		duty := a.Duty(aftale.DutyInput{Receiver: to.Kind, Sent: now, Arrived: now})
		l.Duty = &duty
	}
	if err := writable(l, now); err != nil {
		return nil, nil, err
	}
	return l, reasons, nil
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
// that it is on its way, and that the receiver sees what was written.
func writable(l *store.Letter, now time.Time) error {
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
		return faults
	}
	back, _ := medcom.Read(data)
	if len(back.Letters) != 1 {
		return Faults{{Field: "text", Text: "Brevet kan ikke skrives i modtagerens format.", TextEN: "The letter cannot be written in the receiver's format."}}
	}
	for _, part := range []struct{ field, sent, seen string }{
		{"subject", l.Body.Subject, back.Letters[0].Subject},
		{"text", l.Body.Text(), back.Letters[0].Text()},
		{"surname", l.Body.Patient.Surname, back.Letters[0].Patient.Surname},
		{"given", l.Body.Patient.Given, back.Letters[0].Patient.Given},
	} {
		if strings.Count(part.seen, "?") > strings.Count(part.sent, "?") {
			return Faults{lost(part.field, part.sent)}
		}
	}
	return nil
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
