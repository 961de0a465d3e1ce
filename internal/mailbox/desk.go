package mailbox

import (
	"context"
	"encoding/json"
	"slices"

	"brevdue"
	"brevdue/internal/store"
)

// Words of the timeline for work on a letter.
const (
	eventFiled   = "filed"   // put away
	eventUnfiled = "unfiled" // taken out again
	eventStage   = "stage"   // the detail names the new one
)

// maxSome bounds how many letters are done something with at once.
const maxSome = 500

// Put is what became of several letters: how many it was done to, how many it could not
// be done to, and the token that takes it back ([Box.Undo]).
type Put struct {
	Letters int
	Left    int // not read yet, and so not put away
	Token   string
}

// put is how a letter stood before.
type put struct {
	Letter int64          `json:"letter"`
	Status brevdue.Status `json:"status"`
	Stage  store.Stage    `json:"stage"`
}

// some are letters of the inbox that a person has picked: each must be one of the unit's.
func (b *Box) some(ctx context.Context, tx store.Tx, p Person, right Right, unit brevdue.GLN, ids []int64) ([]*store.Letter, error) {
	var out []*store.Letter
	if len(ids) == 0 {
		_, err := b.unitOf(ctx, tx, p, right, unit)
		return nil, err
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	for _, id := range slices.Compact(ids[:min(len(ids), maxSome)]) {
		_, l, err := b.inLetter(ctx, tx, p, right, unit, id)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// TakeSome assigns letters to the person.
func (b *Box) TakeSome(ctx context.Context, p Person, unit brevdue.GLN, ids []int64) (Taken, error) {
	return b.assign(ctx, p, unit, p.ID, func(tx store.Tx) ([]int64, error) {
		letters, err := b.some(ctx, tx, p, RightWork, unit, ids)
		var out []int64
		for _, l := range letters {
			out = append(out, l.ID)
		}
		return out, err
	})
}

// ReadSome reads letters for the unit without showing them: a person says so for each by
// picking it. It returns how many had not been read before. It cannot be taken back.
func (b *Box) ReadSome(ctx context.Context, p Person, unit brevdue.GLN, ids []int64) (read int, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		read = 0
		letters, err := b.some(ctx, tx, p, RightRead, unit, ids)
		if err != nil {
			return err
		}
		for _, l := range letters {
			if !l.ReadAt.IsZero() {
				continue
			}
			if _, err := b.read(ctx, tx, p, l); err != nil {
				return err
			}
			read++
		}
		return nil
	})
	return read, err
}

// File puts letters away (Arkivér): they leave the inbox and stay in the archive. What
// nobody has read is left where it is.
func (b *Box) File(ctx context.Context, p Person, unit brevdue.GLN, ids []int64) (out Put, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		out = Put{}
		letters, err := b.some(ctx, tx, p, RightWork, unit, ids)
		if err != nil {
			return err
		}
		var before []put
		for _, l := range letters {
			switch l.Status {
			case brevdue.Unread:
				out.Left++
				continue
			case brevdue.Filed:
				continue
			}
			before = append(before, put{l.ID, l.Status, l.Stage})
			if err := b.moveTo(ctx, tx, p, l, brevdue.Filed, store.StageNone); err != nil {
				return err
			}
		}
		if out.Letters = len(before); len(before) == 0 {
			return nil
		}
		tx.Notify(store.TopicUnit(unit))
		out.Token, err = b.remember(ctx, tx, p, unit, undoFile, before)
		return err
	})
	if err != nil {
		return Put{}, err
	}
	return out, nil
}

// Unfile takes a letter out of the archive again, into the inbox.
func (b *Box) Unfile(ctx context.Context, p Person, unit brevdue.GLN, id int64) (out Put, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.inLetter(ctx, tx, p, RightWork, unit, id)
		if err != nil {
			return err
		}
		if l.Status != brevdue.Filed {
			return brevdue.ErrConflict
		}
		out, err = b.putOne(ctx, tx, p, l, inboxStatus(l), l.Stage)
		return err
	})
	if err != nil {
		return Put{}, err
	}
	return out, nil
}

// inboxStatus is how a letter that was put away stands when it is taken out again.
func inboxStatus(l *store.Letter) brevdue.Status {
	if l.AnsweredAt.IsZero() {
		return brevdue.Read
	}
	return brevdue.Answered
}

// SetStage says how far the work on a letter of the inbox is.
func (b *Box) SetStage(ctx context.Context, p Person, unit brevdue.GLN, id int64, stage store.Stage) (out Put, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		out = Put{}
		_, l, err := b.inLetter(ctx, tx, p, RightWork, unit, id)
		if err != nil {
			return err
		}
		if l.Status == brevdue.Filed || stage != store.StageNone && stage != store.StageWorking && stage != store.StageWaiting {
			return brevdue.ErrConflict
		}
		if l.Stage == stage {
			return nil
		}
		out, err = b.putOne(ctx, tx, p, l, l.Status, stage)
		return err
	})
	if err != nil {
		return Put{}, err
	}
	return out, nil
}

// putOne moves one letter, which can be taken back.
func (b *Box) putOne(ctx context.Context, tx store.Tx, p Person, l *store.Letter, status brevdue.Status, stage store.Stage) (Put, error) {
	before := []put{{l.ID, l.Status, l.Stage}}
	if err := b.moveTo(ctx, tx, p, l, status, stage); err != nil {
		return Put{}, err
	}
	tx.Notify(store.TopicUnit(l.Unit))
	token, err := b.remember(ctx, tx, p, l.Unit, undoFile, before)
	return Put{Letters: 1, Token: token}, err
}

// moveTo moves one letter to a status and a stage and says so in its timeline.
func (b *Box) moveTo(ctx context.Context, tx store.Tx, p Person, l *store.Letter, status brevdue.Status, stage store.Stage) error {
	e := store.Event{At: b.cfg.Now(), What: eventStage, Who: p.Name, Detail: StageText(stage)}
	action := "letter.stage"
	if status != l.Status {
		e.What, e.Detail, action = eventFiled, "", "letter.filed"
		if l.Status == brevdue.Filed {
			e.What, action = eventUnfiled, "letter.unfiled"
		}
		if err := tx.Letters().Move(ctx, l.ID, l.Status, status); err != nil {
			return err
		}
	}
	if stage != l.Stage {
		if err := tx.Letters().SetStage(ctx, l.ID, stage); err != nil {
			return err
		}
	}
	if err := tx.Letters().AddEvent(ctx, l.ID, e); err != nil {
		return err
	}
	tx.Notify(store.TopicLetter(l.ID))
	return b.note(ctx, tx, p, action, l.Unit, l.ID, string(stage))
}

// StageText says in Danish, as the timeline keeps it, how far the work is.
func StageText(s store.Stage) string {
	switch s {
	case store.StageWorking:
		return "Under behandling"
	case store.StageWaiting:
		return "Afventer svar"
	}
	return "Ikke i gang"
}

// putBack undoes filing, taking out and a stage, for every letter nobody has moved since.
func (b *Box) putBack(ctx context.Context, tx store.Tx, p Person, u undo) error {
	var before []put
	if err := json.Unmarshal(u.Data, &before); err != nil {
		return err
	}
	for _, was := range before {
		l, err := tx.Letters().Get(ctx, was.Letter)
		if err != nil {
			return err
		}
		if l.Unit != u.Unit || l.Status == was.Status && l.Stage == was.Stage {
			continue
		}
		if l.Status != was.Status && brevdue.CheckMove(l.Status, was.Status) != nil {
			continue // it was answered, or moved on otherwise
		}
		if err := b.moveTo(ctx, tx, p, l, was.Status, was.Stage); err != nil {
			return err
		}
	}
	return nil
}

// Archive is what a unit has put away, the newest first.
type Archive struct {
	Rows []store.Row
	More bool
}

// Filed lists what the unit has put away, from below a letter on (0: from the newest).
func (b *Box) Filed(ctx context.Context, p Person, unit brevdue.GLN, before int64, limit int) (out Archive, err error) {
	if limit <= 0 {
		limit = defaultRows
	}
	err = b.view(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightRead, unit); err != nil {
			return err
		}
		rows, err := tx.Letters().Filed(ctx, unit, before, limit+1)
		out = Archive{Rows: rows[:min(limit, len(rows))], More: len(rows) > limit}
		return err
	})
	if err != nil {
		return Archive{}, err
	}
	return out, nil
}
