package mailbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"brevdue"
	"brevdue/internal/store"
)

// Words of the timeline for who has taken a letter.
const (
	eventAssigned = "assigned" // a person took it or got it; the detail names who gave it and who had it before
	eventLeft     = "left"     // a person gave it back
)

// Taken is what became of an assignment: how many letters it was for and the
// token that takes it back ([Box.Undo]).
type Taken struct {
	Letters int
	Token   string
}

// held is who had a letter before.
type held struct {
	Letter int64  `json:"letter"`
	User   int64  `json:"user"`
	Name   string `json:"name"`
	Now    int64  `json:"now"` // who has it since
}

// maxTake bounds how many letters are taken at once.
const maxTake = 5000

// Take assigns a letter of the inbox to the person. It says who looks after it and
// does not read it for the unit.
func (b *Box) Take(ctx context.Context, p Person, unit brevdue.GLN, id int64) (Taken, error) {
	return b.assign(ctx, p, unit, p.ID, b.one(ctx, p, unit, id))
}

// Leave gives a letter back, so that nobody has it.
func (b *Box) Leave(ctx context.Context, p Person, unit brevdue.GLN, id int64) (Taken, error) {
	return b.assign(ctx, p, unit, 0, b.one(ctx, p, unit, id))
}

// one is a letter of the inbox, for assign.
func (b *Box) one(ctx context.Context, p Person, unit brevdue.GLN, id int64) func(store.Tx) ([]int64, error) {
	return func(tx store.Tx) ([]int64, error) {
		_, l, err := b.inLetter(ctx, tx, p, RightWork, unit, id)
		if err != nil {
			return nil, err
		}
		return []int64{l.ID}, nil
	}
}

// TakeAll is the hand-over of a shift: everything unread in the unit is assigned
// to the person.
func (b *Box) TakeAll(ctx context.Context, p Person, unit brevdue.GLN) (Taken, error) {
	return b.assign(ctx, p, unit, p.ID, func(tx store.Tx) ([]int64, error) {
		if _, err := b.unitOf(ctx, tx, p, RightWork, unit); err != nil {
			return nil, err
		}
		rows, err := tx.Letters().Due(ctx, unit, maxTake)
		var ids []int64
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		return ids, err
	})
}

// AssignSome gives letters to a colleague of the unit, or back to nobody (0). A person who
// is not of the unit is not found.
func (b *Box) AssignSome(ctx context.Context, p Person, unit brevdue.GLN, ids []int64, user int64) (Taken, error) {
	name := ""
	return b.assignTo(ctx, p, unit, user, &name, func(tx store.Tx) ([]int64, error) {
		letters, err := b.some(ctx, tx, p, RightWork, unit, ids)
		if err != nil {
			return nil, err
		}
		if name, err = b.colleague(ctx, tx, unit, user); err != nil {
			return nil, err
		}
		var out []int64
		for _, l := range letters {
			out = append(out, l.ID)
		}
		return out, nil
	})
}

// colleague is the name of a person of the unit; "" for nobody.
func (b *Box) colleague(ctx context.Context, tx store.Tx, unit brevdue.GLN, user int64) (string, error) {
	if user == 0 {
		return "", nil
	}
	people, err := tx.Users().OfUnit(ctx, unit)
	if err != nil {
		return "", err
	}
	for _, c := range people {
		if c.ID == user {
			return c.Name, nil
		}
	}
	return "", &denied{unit: unit, why: "assigned to a person not of the unit", as: brevdue.ErrNotFound}
}

// assign gives the letters to the person, or to nobody (0).
func (b *Box) assign(ctx context.Context, p Person, unit brevdue.GLN, user int64, which func(store.Tx) ([]int64, error)) (Taken, error) {
	return b.assignTo(ctx, p, unit, user, &p.Name, which)
}

// assignTo gives the letters to a user, 0 for nobody, and remembers who had them. which may
// find out the name.
func (b *Box) assignTo(ctx context.Context, p Person, unit brevdue.GLN, user int64, name *string, which func(store.Tx) ([]int64, error)) (Taken, error) {
	var out Taken
	err := b.update(ctx, p, func(tx store.Tx) error {
		ids, err := which(tx)
		if err != nil {
			return err
		}
		var before []held
		for _, id := range ids {
			l, err := tx.Letters().Get(ctx, id)
			if err != nil {
				return err
			}
			if l.Assigned == user {
				continue
			}
			before = append(before, held{Letter: id, User: l.Assigned, Name: l.AssignedName, Now: user})
			if err := b.reassign(ctx, tx, p, l, user, *name); err != nil {
				return err
			}
		}
		out = Taken{Letters: len(before)}
		if len(before) == 0 {
			return nil
		}
		tx.Notify(store.TopicUnit(unit))
		out.Token, err = b.remember(ctx, tx, p, unit, undoTake, before)
		return err
	})
	if err != nil {
		return Taken{}, err
	}
	return out, nil
}

// reassign moves one letter from who has it to a user, by the hand of p.
func (b *Box) reassign(ctx context.Context, tx store.Tx, p Person, l *store.Letter, user int64, name string) error {
	if user == 0 {
		name = ""
	}
	if err := tx.Letters().Assign(ctx, l.ID, user, name); err != nil {
		return err
	}
	e := store.Event{At: b.cfg.Now(), What: eventAssigned, Who: name}
	if user != p.ID {
		e.Detail = "Af " + p.Name
	}
	if l.AssignedName != "" && l.AssignedName != name {
		e.Detail = strings.TrimPrefix(e.Detail+" · Før: "+l.AssignedName, " · ")
	}
	if user == 0 {
		e.What, e.Who, e.Detail = eventLeft, p.Name, ""
	}
	if err := tx.Letters().AddEvent(ctx, l.ID, e); err != nil {
		return err
	}
	return b.note(ctx, tx, p, "letter.assigned", l.Unit, l.ID, fmt.Sprintf("user %d to %d", l.Assigned, user))
}

// giveBack undoes an assignment, for every letter nobody has moved since.
func (b *Box) giveBack(ctx context.Context, tx store.Tx, p Person, u undo) error {
	var before []held
	if err := json.Unmarshal(u.Data, &before); err != nil {
		return err
	}
	for _, h := range before {
		l, err := tx.Letters().Get(ctx, h.Letter)
		if err != nil {
			return err
		}
		if l.Unit != u.Unit || l.Assigned != h.Now {
			continue
		}
		if err := b.reassign(ctx, tx, p, l, h.User, h.Name); err != nil {
			return err
		}
	}
	return nil
}
