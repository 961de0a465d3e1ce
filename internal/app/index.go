package app

import (
	"context"
	"time"

	"brevdue/internal/store"
)

// How many letters are made searchable in one commit, which others wait for, and how
// often it is looked for such that are not: a node with an older program writes some
// until it is upgraded as well.
const (
	indexStep  = 50
	indexEvery = 10 * time.Minute
)

// indexLetters makes letters searchable that are not, until the context ends. Of several
// nodes one does. It rests as long as it works, so that letters that come meanwhile wait
// for half of it at most.
func (a *App) indexLetters(ctx context.Context) {
	run := func(ctx context.Context) error {
		for {
			began := time.Now()
			var more bool
			err := a.Store.Update(ctx, func(tx store.Tx) (err error) {
				more, err = tx.Letters().Index(ctx, indexStep)
				return err
			})
			rest := indexEvery
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				a.log.Warn("letters are not made searchable; trying again", "error", err)
				rest = time.Minute
			case more:
				rest = time.Since(began)
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(rest):
			}
		}
	}
	if err := a.Store.Lead(ctx, "search index", run); err != nil && ctx.Err() == nil {
		a.log.Error("nobody makes letters searchable any more", "error", err)
	}
}
