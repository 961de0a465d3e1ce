package app

import (
	"context"
	"errors"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// How letters are made searchable: so many in one commit, which others wait for; a moment
// after they came, and no later than patience although others still wait to be taken in;
// and now and then without being woken, as a node with an older program wakes nobody.
const (
	indexStep     = 50
	indexSoon     = time.Second
	indexPatience = time.Minute
	indexEvery    = 10 * time.Minute
)

// indexLetters makes letters searchable that are not, until the context ends. Of several
// nodes one does. Letters that come go first: it begins when none waits, and rests as long
// as it works.
func (a *App) indexLetters(ctx context.Context) {
	run := func(ctx context.Context) error {
		wake, stop := a.Store.Listen(store.TopicJobs)
		defer stop()
		for {
			a.quietMoment(ctx)
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
				sleep(ctx, time.Since(began))
				continue
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-wake:
				sleep(ctx, indexSoon) // a burst is told once
			case <-time.After(rest):
			}
		}
	}
	if err := a.Store.Lead(ctx, "search index", run); err != nil && ctx.Err() == nil {
		a.log.Error("nobody makes letters searchable any more", "error", err)
	}
}

// quietMoment waits until no letter waits to be taken in, but not for ever.
func (a *App) quietMoment(ctx context.Context) {
	for began := time.Now(); ctx.Err() == nil && time.Since(began) < indexPatience; sleep(ctx, indexSoon/4) {
		busy := false
		err := a.Store.View(ctx, func(tx store.Tx) error {
			at, err := tx.Jobs().Next(ctx, store.JobOpen)
			if errors.Is(err, brevdue.ErrNotFound) {
				return nil
			}
			busy = err == nil && !at.After(a.options.Now())
			return err
		})
		if err != nil || !busy {
			return // what is wrong shows when the letters are looked at
		}
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
