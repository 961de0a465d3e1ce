package gateway

import (
	"context"
	"fmt"
	"slices"

	"brevdue"
	"brevdue/internal/store"
)

// mustAct makes a task of a letter of ours that did not get through: one of each
// kind, however often it is found (F5). It is due when the letter was to be read, or
// at once when that time has passed.
func (g *Gateway) mustAct(ctx context.Context, tx store.Tx, l *store.Letter, kind store.TaskKind) error {
	if l.Unit == "" {
		return nil
	}
	there, err := tx.Tasks().OfLetter(ctx, l.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(there, func(t store.Task) bool { return t.Kind == kind && t.DoneAt.IsZero() }) {
		return nil
	}
	now := g.Now()
	due := now
	if l.Duty != nil && l.Duty.Due.After(now) {
		due = l.Duty.Due
	}
	if _, err := tx.Tasks().Add(ctx, store.Task{Unit: l.Unit, Letter: l.ID, Kind: kind, Due: due, At: now}); err != nil {
		return fmt.Errorf("task of letter %d: %w", l.ID, err)
	}
	return nil
}

// settleTasks closes what a receipt has settled: the machine does it, and the note
// says why.
func (g *Gateway) settleTasks(ctx context.Context, tx store.Tx, l *store.Letter, note string, kinds ...store.TaskKind) error {
	there, err := tx.Tasks().OfLetter(ctx, l.ID)
	if err != nil {
		return err
	}
	for _, t := range there {
		if !t.DoneAt.IsZero() || !slices.Contains(kinds, t.Kind) {
			continue
		}
		if err := tx.Tasks().Done(ctx, t.ID, g.Now(), "", note); err != nil {
			return err
		}
	}
	return nil
}

// actOn makes and closes the tasks that a letter's new state asks for.
func (g *Gateway) actOn(ctx context.Context, tx store.Tx, l *store.Letter, to brevdue.Status) error {
	switch to {
	case brevdue.Rejected:
		if err := g.settleTasks(ctx, tx, l, "Modtageren har svaret: brevet er afvist.", store.TaskUnconfirmed); err != nil {
			return err
		}
		return g.mustAct(ctx, tx, l, store.TaskRejected)
	case brevdue.Delivered:
		return g.settleTasks(ctx, tx, l, "Kvitteringen er kommet.", store.TaskUnconfirmed, store.TaskRejected, store.TaskUnsent)
	}
	return nil
}
