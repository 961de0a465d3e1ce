package mailbox

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// Words of the timeline for what was handed over to the record.
const (
	eventJournal     = "journal"
	eventJournalBack = "journal-back"
)

// JournalUndoFor is how long a hand-over to the record can be taken back: longer, and
// somebody may have filed what they were given.
const JournalUndoFor = 10 * time.Minute

// maxCase bounds a case number, in characters.
const maxCase = 60

// maxJournal bounds how many letters are handed over at once.
const maxJournal = 500

// JournalList is a unit's letters that were not handed over to the record yet.
type JournalList struct {
	Unit  store.Unit
	Rows  []store.Row // the newest last
	Count int         // of all, also those beyond Rows
	Now   time.Time
}

// Journaled is what became of a hand-over: how many letters it was for and the token
// that takes it back ([Box.Undo]).
type Journaled struct {
	Letters int
	Token   string
}

// Unjournaled lists the unit's letters that were read or have left and were not handed
// over to the record (F64). A limit of 0 means 200.
func (b *Box) Unjournaled(ctx context.Context, p Person, unit brevdue.GLN, limit, offset int) (JournalList, error) {
	out := JournalList{Now: b.cfg.Now()}
	err := b.view(ctx, p, func(tx store.Tx) (err error) {
		if out.Unit, err = b.unitOf(ctx, tx, p, RightWork, unit); err != nil {
			return err
		}
		if out.Count, err = tx.Journals().CountWaiting(ctx, unit); err != nil {
			return err
		}
		out.Rows, err = tx.Journals().Waiting(ctx, unit, limit, max(0, offset))
		return err
	})
	if err != nil {
		return JournalList{}, err
	}
	return out, nil
}

// Journal marks letters of the unit as handed over to the record, with a case number or
// "". Those that were handed over before keep what was said then and are not counted.
// Faults in the field "case" say what is wrong with the number; either all letters are
// the unit's, or nothing is done.
func (b *Box) Journal(ctx context.Context, p Person, unit brevdue.GLN, ids []int64, number string) (Journaled, error) {
	number = oneLine(number)
	var out Journaled
	err := b.update(ctx, p, func(tx store.Tx) error {
		out = Journaled{}
		if len(ids) == 0 {
			_, err := b.unitOf(ctx, tx, p, RightWork, unit)
			return err
		}
		var letters []*store.Letter
		for _, id := range ids[:min(len(ids), maxJournal)] {
			_, l, err := b.letterOf(ctx, tx, p, RightWork, unit, id)
			if err != nil {
				return err
			}
			letters = append(letters, l)
		}
		if err := judgeCase(number); err != nil {
			return err
		}
		made := store.Journal{At: b.cfg.Now(), By: p.Name, Case: number}
		var done []int64
		for _, l := range letters {
			err := tx.Journals().Put(ctx, l.ID, made)
			if errors.Is(err, brevdue.ErrConflict) {
				continue
			}
			if err != nil {
				return err
			}
			done = append(done, l.ID)
			if err := b.noteJournal(ctx, tx, p, l, eventJournal, number); err != nil {
				return err
			}
		}
		out = Journaled{Letters: len(done)}
		if len(done) == 0 {
			return nil
		}
		tx.Notify(store.TopicUnit(unit))
		var err error
		out.Token, err = b.remember(ctx, tx, p, unit, undoJournal, done)
		return err
	})
	if err != nil {
		return Journaled{}, err
	}
	return out, nil
}

// judgeCase refuses a case number that is none. It stands in the letter's history,
// which never names the citizen.
func judgeCase(number string) error {
	var j judge
	j.length("case", "Sagsnummeret", "The case number", number, maxCase)
	if holdsCPR(number) {
		j.say("case", "Skriv ikke CPR-nummer som sagsnummer.", "Do not write a CPR number as the case number.")
	}
	if _, bad := control(number); bad {
		j.say("case", "Sagsnummeret har et usynligt styretegn. Skriv det igen.", "The case number has an invisible control character. Write it again.")
	}
	return j.err()
}

// Unjournal takes back that a letter was handed over to the record; ErrConflict when it
// was not, or more than [JournalUndoFor] ago.
func (b *Box) Unjournal(ctx context.Context, p Person, unit brevdue.GLN, id int64) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.letterOf(ctx, tx, p, RightWork, unit, id)
		if err != nil {
			return err
		}
		j, err := tx.Journals().Get(ctx, id)
		if errors.Is(err, brevdue.ErrNotFound) {
			return brevdue.ErrConflict
		}
		if err != nil {
			return err
		}
		tx.Notify(store.TopicUnit(unit))
		return b.unjournal(ctx, tx, p, l, j.At)
	})
}

// unjournal takes back one hand-over that was made at a time.
func (b *Box) unjournal(ctx context.Context, tx store.Tx, p Person, l *store.Letter, at time.Time) error {
	if b.cfg.Now().Sub(at) > JournalUndoFor {
		return brevdue.ErrConflict
	}
	if err := tx.Journals().TakeBack(ctx, l.ID, at); err != nil {
		return err
	}
	return b.noteJournal(ctx, tx, p, l, eventJournalBack, "")
}

// journalBack undoes a hand-over, for every letter nobody has taken back since.
func (b *Box) journalBack(ctx context.Context, tx store.Tx, p Person, u undo) error {
	var done []int64
	if err := json.Unmarshal(u.Data, &done); err != nil {
		return err
	}
	if b.cfg.Now().Sub(u.At) > JournalUndoFor {
		return brevdue.ErrConflict
	}
	for _, id := range done {
		l, err := tx.Letters().Get(ctx, id)
		if err != nil {
			return err
		}
		if l.Unit != u.Unit {
			continue
		}
		if err := b.unjournal(ctx, tx, p, l, u.At); err != nil && !errors.Is(err, brevdue.ErrConflict) {
			return err
		}
	}
	return nil
}

func (b *Box) noteJournal(ctx context.Context, tx store.Tx, p Person, l *store.Letter, what, number string) error {
	e := store.Event{At: b.cfg.Now(), What: what, Who: p.Name}
	action := "letter.journaled"
	if what == eventJournalBack {
		action = "letter.unjournaled"
	}
	if number != "" {
		e.Detail = "Sag " + number
	}
	if err := tx.Letters().AddEvent(ctx, l.ID, e); err != nil {
		return err
	}
	return b.note(ctx, tx, p, action, l.Unit, l.ID, "")
}

// Printout is a letter of the unit for a file that leaves the house, with all that was
// done about it (F64). What it holds was read: it reads a received letter for the unit
// like [Box.Open]. Every call is in the audit log.
func (b *Box) Printout(ctx context.Context, p Person, unit brevdue.GLN, id int64) (Opened, error) {
	var o Opened
	err := b.update(ctx, p, func(tx store.Tx) error {
		u, l, err := b.letterOf(ctx, tx, p, RightRead, unit, id)
		if err != nil {
			return err
		}
		if err := whole(ctx, tx, id); err != nil {
			return err
		}
		if l.Direction == store.In && l.ReadAt.IsZero() {
			if _, err := b.read(ctx, tx, p, l); err != nil {
				return err
			}
		}
		if o, err = b.opened(ctx, tx, u, id); err != nil {
			return err
		}
		if l.Direction == store.Out {
			o.Basis = b.basisOf(l)
		}
		return b.note(ctx, tx, p, "letter.printout", unit, id, "PDF")
	})
	if err != nil {
		return Opened{}, err
	}
	return o, nil
}
