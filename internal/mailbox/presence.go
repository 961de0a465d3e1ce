package mailbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// Beat is how often a page that is open says so, in real time. Who is not heard of for
// [presenceBeats] of them is taken to have gone: within ten seconds, also when a node died.
const Beat = 3 * time.Second

const presenceBeats = 3

// Present is a colleague who has a letter open.
type Present struct {
	Letter  int64
	Name    string
	Writing bool // an answer to it
}

// Here says that the person has a letter of the inbox open, and returns which colleagues
// have. Others are told when the person was not there before. beat is [Beat] by the
// clock of the Box, which may run faster.
func (b *Box) Here(ctx context.Context, p Person, unit brevdue.GLN, id int64, doing store.Doing, beat time.Duration) (others []Present, err error) {
	now := b.cfg.Now()
	since := now.Add(-presenceBeats * beat)
	needs := RightRead
	if doing == store.DoingWrite {
		needs = RightSend
	}
	err = b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.inLetter(ctx, tx, p, needs, unit, id)
		if err != nil {
			return err
		}
		fresh, err := tx.Presence().Here(ctx, store.Present{Letter: l.ID, User: p.ID, Unit: unit, Name: p.Name, Doing: doing, At: now}, since)
		if err != nil {
			return err
		}
		if fresh { // and those who vanished long ago are forgotten
			if err := tx.Presence().Sweep(ctx, since.Add(-time.Hour)); err != nil {
				return err
			}
			b.tellPresence(tx, unit, l.ID)
		}
		there, err := tx.Presence().At(ctx, l.ID, since)
		others = withoutSelf(p, there)
		return err
	})
	return others, err
}

// Gone says that the person has closed the letter.
func (b *Box) Gone(ctx context.Context, p Person, unit brevdue.GLN, id int64, doing store.Doing) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.inLetter(ctx, tx, p, RightRead, unit, id)
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
func (b *Box) AtLetters(ctx context.Context, p Person, unit brevdue.GLN, beat time.Duration) (others []Present, err error) {
	err = b.view(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightRead, unit); err != nil {
			return err
		}
		there, err := tx.Presence().In(ctx, unit, b.cfg.Now().Add(-presenceBeats*beat))
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

// Answer is a reply that a colleague has sent.
type Answer struct {
	ID   int64
	Name string // who wrote it; "" when that is not known any more
	At   time.Time
}

// AnswersSince lists the replies to a letter's thread that colleagues have sent since the
// newest letter of ours the person knows of (0: none): who sends another should have seen
// them. newest is the newest letter of ours there is, by whomever.
func (b *Box) AnswersSince(ctx context.Context, p Person, unit brevdue.GLN, id, known int64) (out []Answer, newest int64, err error) {
	err = b.view(ctx, p, func(tx store.Tx) error {
		out, newest = nil, 0
		_, l, err := b.inLetter(ctx, tx, p, RightRead, unit, id)
		if err != nil {
			return err
		}
		rows, err := tx.Letters().ThreadOf(ctx, l.Thread, unit)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if r.Direction == store.Out {
				newest = max(newest, r.ID)
			}
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
	return out, newest, err
}
