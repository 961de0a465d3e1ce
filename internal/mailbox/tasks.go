package mailbox

import (
	"context"
	"fmt"

	"brevdue"
	"brevdue/internal/store"
)

// Words of the timeline for tasks.
const (
	eventTaskDone   = "task-done"
	eventTaskReopen = "task-reopened"
)

// Task is a task of the unit with the letter it is about.
type Task struct {
	store.Task
	Number      string // of the letter
	Direction   store.Direction
	Subject     string
	PatientName string
	CPR         brevdue.CPR
	Other       string // who the letter went to or came from
	Late        bool   // its time has passed
}

// Tasks lists the unit's open tasks, the first due first. A limit of 0 means 200.
func (b *Box) Tasks(ctx context.Context, p Person, unit brevdue.GLN, limit int) ([]Task, error) {
	var out []Task
	err := b.view(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightRead, unit); err != nil {
			return err
		}
		list, err := tx.Tasks().Open(ctx, unit, limit)
		if err != nil {
			return err
		}
		out = nil
		for _, t := range list {
			l, err := tx.Letters().Get(ctx, t.Letter)
			if err != nil {
				return err
			}
			other := l.Body.Sender
			if l.Direction == store.Out {
				other = l.Body.Receiver
			}
			out = append(out, Task{Task: t, Number: l.Number(), Direction: l.Direction, Subject: l.Body.Subject, PatientName: l.Body.Patient.Name(),
				CPR: l.Body.Patient.Citizen(), Other: other.Name(), Late: !t.Due.IsZero() && t.Due.Before(b.cfg.Now())})
		}
		return nil
	})
	return out, err
}

// taskOf returns a task of the unit.
func (b *Box) taskOf(ctx context.Context, tx store.Tx, p Person, unit brevdue.GLN, id int64) (store.Task, error) {
	if _, err := b.unitOf(ctx, tx, p, RightWork, unit); err != nil {
		return store.Task{}, err
	}
	t, err := tx.Tasks().Get(ctx, id)
	if err == nil && t.Unit != unit {
		return store.Task{}, &denied{unit: unit, letter: t.Letter, why: "task of another unit", as: brevdue.ErrNotFound}
	}
	return t, err
}

// CompleteTask notes that a task was done, and what. Faults in the field "note"
// say what is wrong with the note; ErrConflict that it was done already.
func (b *Box) CompleteTask(ctx context.Context, p Person, unit brevdue.GLN, id int64, note string) error {
	note = oneLine(note)
	return b.update(ctx, p, func(tx store.Tx) error {
		t, err := b.taskOf(ctx, tx, p, unit, id)
		if err != nil {
			return err
		}
		var j judge
		j.length("note", "Noten", "The note", note, maxReason)
		if holdsCPR(note) {
			j.say("note", "Skriv ikke CPR-nummer i noten.", "Do not write a CPR number in the note.")
		}
		if err := j.err(); err != nil {
			return err
		}
		now := b.cfg.Now()
		if err := tx.Tasks().Done(ctx, id, now, p.Name, note); err != nil {
			return err
		}
		return b.noteTask(ctx, tx, p, t, eventTaskDone, "task.done")
	})
}

// ReopenTask undoes [Box.CompleteTask]; ErrConflict when the task is open.
func (b *Box) ReopenTask(ctx context.Context, p Person, unit brevdue.GLN, id int64) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		t, err := b.taskOf(ctx, tx, p, unit, id)
		if err != nil {
			return err
		}
		if err := tx.Tasks().Reopen(ctx, id); err != nil {
			return err
		}
		return b.noteTask(ctx, tx, p, t, eventTaskReopen, "task.reopened")
	})
}

func (b *Box) noteTask(ctx context.Context, tx store.Tx, p Person, t store.Task, what, action string) error {
	if err := tx.Letters().AddEvent(ctx, t.Letter, store.Event{At: b.cfg.Now(), What: what, Who: p.Name}); err != nil {
		return err
	}
	tx.Notify(store.TopicUnit(t.Unit))
	return b.note(ctx, tx, p, action, t.Unit, t.Letter, fmt.Sprintf("task %d, %s", t.ID, t.Kind))
}
