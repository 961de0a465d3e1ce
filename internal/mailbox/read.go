package mailbox

import (
	"context"
	"errors"
	"strings"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/medcom"
)

// Open shows a letter of the inbox and reads it for the unit: the first opening
// counts, every opening is logged (F52).
func (b *Box) Open(ctx context.Context, p Person, unit brevdue.GLN, id int64) (Opened, error) {
	var o Opened
	err := b.update(ctx, p, func(tx store.Tx) error {
		u, l, err := b.inLetter(ctx, tx, p, RightRead, unit, id)
		if err != nil {
			return err
		}
		first, err := b.read(ctx, tx, p, l)
		if err != nil {
			return err
		}
		if o, err = b.opened(ctx, tx, u, id); err != nil {
			return err
		}
		o.FirstRead = first
		return nil
	})
	return o, err
}

// read notes that the person has opened the letter; first tells whether it had
// not been read before.
func (b *Box) read(ctx context.Context, tx store.Tx, p Person, l *store.Letter) (first bool, err error) {
	now := b.cfg.Now()
	if l.Status == brevdue.Unread {
		if err := tx.Letters().Move(ctx, l.ID, brevdue.Unread, brevdue.Read); err != nil {
			return false, err
		}
		l.Status = brevdue.Read
	}
	if first = l.ReadAt.IsZero(); first {
		if err := tx.Letters().MarkRead(ctx, l.ID, now, p.Name); err != nil {
			return false, err
		}
		if err := tx.Letters().AddEvent(ctx, l.ID, store.Event{At: now, What: "read", Who: p.Name}); err != nil {
			return false, err
		}
		tx.Notify(store.TopicUnit(l.Unit))
	}
	if err := tx.Letters().AddReader(ctx, l.ID, p.ID, p.Name, now); err != nil {
		return false, err
	}
	if _, err := tx.Notes().SeeMentions(ctx, p.ID, l.ID, now); err != nil {
		return false, err
	}
	return first, b.note(ctx, tx, p, "letter.read", l.Unit, l.ID, "")
}

// Peek shows a letter of the inbox without reading it for the unit. That it was
// seen is in the audit log all the same.
func (b *Box) Peek(ctx context.Context, p Person, unit brevdue.GLN, id int64) (Opened, error) {
	var o Opened
	err := b.update(ctx, p, func(tx store.Tx) error {
		u, _, err := b.inLetter(ctx, tx, p, RightRead, unit, id)
		if err != nil {
			return err
		}
		if o, err = b.opened(ctx, tx, u, id); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "letter.seen", unit, id, "preview")
	})
	return o, err
}

// opened gathers everything the letter page shows.
func (b *Box) opened(ctx context.Context, tx store.Tx, u store.Unit, id int64) (o Opened, err error) {
	o = Opened{Unit: u, Now: b.cfg.Now()}
	if o.Letter, err = tx.Letters().Get(ctx, id); err != nil {
		return o, err
	}
	if o.Readers, err = tx.Letters().Readers(ctx, id); err != nil {
		return o, err
	}
	if o.Events, err = tx.Letters().Events(ctx, id); err != nil {
		return o, err
	}
	if o.Notes, err = tx.Notes().OfLetter(ctx, id); err != nil {
		return o, err
	}
	if o.Receipts, err = tx.Receipts().OfLetter(ctx, id); err != nil {
		return o, err
	}
	if u.GLN != "" {
		thread, err := tx.Letters().ThreadOf(ctx, o.Letter.Thread, u.GLN)
		if err != nil {
			return o, err
		}
		for _, r := range thread {
			if r.ID != id && (r.Direction == store.Out || accepted(r.Status)) {
				o.Thread = append(o.Thread, r)
			}
		}
	}
	if o.Files, err = b.files(ctx, tx, o.Letter); err != nil {
		return o, err
	}
	if j, err := tx.Journals().Get(ctx, id); err == nil {
		o.Journal = &j
	} else if !errors.Is(err, brevdue.ErrNotFound) {
		return o, err
	}
	o.CanReply = o.Letter.Direction == store.In && accepted(o.Letter.Status) && answerTo(o.Letter) != ""
	if o.Letter.Direction == store.In && u.GLN != "" {
		if o.Services, err = servicesOf(ctx, tx, u, o.Letter.Body.Patient); err != nil {
			return o, err
		}
		if o.People, o.Teams, err = choicesOf(ctx, tx, u.GLN); err != nil {
			return o, err
		}
	}
	b.explain(u, &o)
	return o, kept(ctx, tx, &o)
}

// Original returns the bytes a letter came or went as, and a file name that says
// nothing about the citizen. Every call is in the audit log. A transmission that
// also held letters for others is shown to operators only: ErrForbidden.
func (b *Box) Original(ctx context.Context, p Person, unit brevdue.GLN, id int64) (name string, data []byte, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.letterOf(ctx, tx, p, RightRead, unit, id)
		if err != nil {
			return err
		}
		if l.Original == "" {
			return brevdue.ErrNotFound
		}
		if l.Direction == store.In && l.Arrival != 0 {
			together, err := tx.Letters().ByArrival(ctx, l.Arrival)
			if err != nil {
				return err
			}
			for _, other := range together {
				if other.Unit != unit {
					return &denied{unit: unit, letter: id, why: "original also holds letters for others", as: brevdue.ErrForbidden}
				}
			}
		}
		if data, err = tx.Originals().Get(ctx, l.Original); err != nil {
			return err
		}
		name = l.Number() + ".xml"
		if medcom.Sniff(data).Format == brevdue.EDIFACT {
			name = l.Number() + ".edi"
		}
		return b.note(ctx, tx, p, "letter.original", unit, id, "")
	})
	if err != nil {
		return "", nil, err
	}
	return name, data, nil
}

// StateText says in Danish and English what the state of a letter of our own
// means.
func StateText(s brevdue.Status) (da, en string) {
	switch s {
	case brevdue.Draft:
		return "Kladde", "Draft"
	case brevdue.Queued:
		return "I kø", "Queued"
	case brevdue.Sent:
		return "Sendt, venter på kvittering", "Sent, awaiting receipt"
	case brevdue.Delivered:
		return "Kvitteret", "Acknowledged"
	case brevdue.Rejected:
		return "Afvist af modtageren", "Rejected by the receiver"
	case brevdue.Withdrawn:
		return "Fortrudt før afsendelse", "Taken back before it was sent"
	case brevdue.Unconfirmed:
		return "Kvittering mangler: ring til modtageren", "Receipt missing: call the receiver"
	}
	return string(s), string(s)
}

// SentText is [StateText] with what is known of the reason: a rejection says why,
// and a letter that is queued but cannot be written is not said to be on its way.
// note is the letter's, in Danish.
func SentText(s brevdue.Status, note string) (da, en string) {
	switch note = shortened(note); {
	case note == "":
	case s == brevdue.Queued:
		return note, "Cannot be sent: " + note
	case s == brevdue.Rejected:
		return "Afvist: " + note, "Rejected: " + note
	}
	return StateText(s)
}

// noteRunes is how much of a note a list shows; the letter's page has it whole.
const noteRunes = 120

func shortened(note string) string {
	r := []rune(oneLine(note))
	if len(r) <= noteRunes {
		return string(r)
	}
	return strings.TrimRight(string(r[:noteRunes-1]), " ,.;") + "…"
}

// Sent lists a unit's own letters, the newest first. A limit of 0 means 200.
func (b *Box) Sent(ctx context.Context, p Person, unit brevdue.GLN, limit, offset int) ([]SentItem, error) {
	var out []SentItem
	err := b.view(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightRead, unit); err != nil {
			return err
		}
		rows, err := tx.Letters().SentBy(ctx, unit, limit, max(0, offset))
		if err != nil {
			return err
		}
		out = nil
		for _, r := range rows {
			item := SentItem{Row: r}
			item.StateText, item.StateTextEN = SentText(r.Status, r.Note)
			out = append(out, item)
		}
		return nil
	})
	return out, err
}

// SentLetter shows one of the unit's own letters and what became of it.
func (b *Box) SentLetter(ctx context.Context, p Person, unit brevdue.GLN, id int64) (Opened, error) {
	var o Opened
	err := b.update(ctx, p, func(tx store.Tx) error {
		u, l, err := b.letterOf(ctx, tx, p, RightRead, unit, id)
		if err != nil {
			return err
		}
		if l.Direction != store.Out {
			return brevdue.ErrNotFound
		}
		if o, err = b.opened(ctx, tx, u, id); err != nil {
			return err
		}
		o.Basis = b.basisOf(l)
		return b.note(ctx, tx, p, "letter.seen", unit, id, "sent letter")
	})
	return o, err
}
