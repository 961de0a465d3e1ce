package mailbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// How long somebody is taken to be at a letter who is not heard of, and how often a page
// that is open says that it is: a closed browser is gone within ten seconds, and a node
// that died takes nobody with it for longer.
const (
	PresenceLasts = 9 * time.Second
	PresenceBeat  = 3 * time.Second
)

// Present is a colleague who has a letter open.
type Present struct {
	Letter  int64
	Name    string
	Writing bool // an answer to it
}

// Here says that the person has a letter of the inbox open, and returns which colleagues
// have. Others are told when the person was not there before.
func (b *Box) Here(ctx context.Context, p Person, unit brevdue.GLN, id int64, doing store.Doing) (others []Present, err error) {
	now := b.cfg.Now()
	err = b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.inLetter(ctx, tx, p, unit, id)
		if err != nil {
			return err
		}
		fresh, err := tx.Presence().Here(ctx, store.Present{Letter: l.ID, User: p.ID, Unit: unit, Name: p.Name, Doing: doing, At: now}, now.Add(-PresenceLasts))
		if err != nil {
			return err
		}
		if fresh {
			b.tellPresence(tx, unit, l.ID)
		}
		there, err := tx.Presence().At(ctx, l.ID, now.Add(-PresenceLasts))
		others = withoutSelf(p, there)
		return err
	})
	return others, err
}

// Gone says that the person has closed the letter.
func (b *Box) Gone(ctx context.Context, p Person, unit brevdue.GLN, id int64, doing store.Doing) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.inLetter(ctx, tx, p, unit, id)
		if err != nil {
			return err
		}
		if err := tx.Presence().Gone(ctx, l.ID, p.ID, doing); err != nil {
			return err
		}
		b.tellPresence(tx, unit, l.ID)
		return nil
	})
}

func (b *Box) tellPresence(tx store.Tx, unit brevdue.GLN, id int64) {
	tx.Notify(store.TopicLetter(id))
	tx.Notify(store.TopicUnit(unit))
}

// AtLetters lists which colleagues have letters of the unit open.
func (b *Box) AtLetters(ctx context.Context, p Person, unit brevdue.GLN) (others []Present, err error) {
	err = b.view(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, unit); err != nil {
			return err
		}
		there, err := tx.Presence().In(ctx, unit, b.cfg.Now().Add(-PresenceLasts))
		others = withoutSelf(p, there)
		return err
	})
	return others, err
}

// withoutSelf are the others, each once at a letter, who writes as writing.
func withoutSelf(p Person, there []store.Present) (others []Present) {
	for _, t := range there {
		if t.User == p.ID {
			continue
		}
		one := Present{Letter: t.Letter, Name: t.Name, Writing: t.Doing == store.DoingWrite}
		at := slices.IndexFunc(others, func(o Present) bool { return o.Letter == one.Letter && o.Name == one.Name })
		if at < 0 {
			others = append(others, one)
		} else {
			others[at].Writing = others[at].Writing || one.Writing
		}
	}
	slices.SortFunc(others, func(a, b Present) int { return strings.Compare(a.Name, b.Name) })
	return others
}

// SweepPresence forgets who was at letters long ago.
func SweepPresence(ctx context.Context, s store.Store, now time.Time) error {
	return s.Update(ctx, func(tx store.Tx) error { return tx.Presence().Sweep(ctx, now.Add(-time.Minute)) })
}

// Answer is a reply that a colleague has sent.
type Answer struct {
	ID   int64
	Name string // who wrote it; "" when that is not known any more
	At   time.Time
}

// AnswersSince lists the replies to a letter's thread that colleagues have sent since the
// newest letter of ours the person knows of (0: none): who sends another should have seen
// them.
func (b *Box) AnswersSince(ctx context.Context, p Person, unit brevdue.GLN, id, known int64) (out []Answer, err error) {
	err = b.view(ctx, p, func(tx store.Tx) error {
		out = nil
		_, l, err := b.inLetter(ctx, tx, p, unit, id)
		if err != nil {
			return err
		}
		rows, err := tx.Letters().ThreadOf(ctx, l.Thread, unit)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if r.Direction != store.Out || r.ID <= known {
				continue
			}
			sent, err := tx.Letters().Get(ctx, r.ID)
			if err != nil {
				return err
			}
			if sent.Author == p.ID {
				continue
			}
			a := Answer{ID: sent.ID, At: sent.Sent}
			if u, err := tx.Users().Get(ctx, sent.Author); err == nil {
				a.Name = u.Name
			}
			out = append(out, a)
		}
		return nil
	})
	return out, err
}

// NewestOwn is the id of the newest letter of ours in a letter's thread, 0 for none: what a
// person knows of who begins a reply now.
func NewestOwn(thread []store.Row) (id int64) {
	for _, r := range thread {
		if r.Direction == store.Out {
			id = max(id, r.ID)
		}
	}
	return id
}
