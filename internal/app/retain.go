package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"brevdue"
	"brevdue/internal/config"
	"brevdue/internal/gateway"
	"brevdue/internal/mailbox"
	"brevdue/internal/retention"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// keyRetained is the setting that holds the day the rules were applied last.
const keyRetained = "retention-day"

// retainAt is the hour of the day, in Denmark, when the rules are applied: few are at work.
const retainAt = 3

// RetentionRules are an installation's rules about keeping.
func RetentionRules(c *config.Config) retention.Rules {
	r := retention.Rules{Content: c.Retention.Content, Metadata: c.Retention.Metadata, Log: c.Retention.Log, Drafts: c.Retention.Drafts,
		WithoutJournal: c.Retention.WithoutJournal, Units: map[brevdue.GLN]int{}}
	for gln, u := range c.Retention.Units {
		r.Units[brevdue.GLN(gln)] = u.Content
	}
	return r
}

// Keeper returns what applies an installation's rules to its archive.
func Keeper(c *config.Config, st store.Store, now func() time.Time) *retention.Keeper {
	return retention.New(retention.Config{Store: st, Rules: RetentionRules(c), Now: now, Print: gateway.Print, Settle: mailbox.Settle})
}

// retain applies the rules about keeping once a day until the context ends; of several
// nodes one does.
func (a *App) retain(ctx context.Context, o Options) {
	if !RetentionRules(a.config).On() {
		return
	}
	every := 10 * time.Minute
	if o.Speed > 1 {
		every = max(time.Second, time.Duration(float64(every)/o.Speed))
	}
	keeper := Keeper(a.config, a.Store, o.Now)
	err := a.Store.Lead(ctx, "retention", func(ctx context.Context) error {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			if err := a.retainToday(ctx, keeper, o.Now()); err != nil && ctx.Err() == nil {
				a.log.Error("the rules about keeping were not applied to the end; they are again soon", "error", err)
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-ticker.C:
			}
		}
	})
	if err != nil && ctx.Err() == nil {
		a.log.Error("nobody applies the rules about keeping any more", "error", err)
	}
}

// retainToday applies the rules unless that was done today, or the day is young.
func (a *App) retainToday(ctx context.Context, keeper *retention.Keeper, now time.Time) error {
	today := kalender.DayOf(now)
	if now.Before(today.At(retainAt * 60)) {
		return nil
	}
	var last string
	err := a.Store.View(ctx, func(tx store.Tx) (err error) {
		last, err = tx.Settings().Get(ctx, keyRetained)
		if errors.Is(err, brevdue.ErrNotFound) {
			err = nil
		}
		return err
	})
	if err != nil || last == today.String() {
		return err
	}
	done, err := keeper.Run(ctx)
	if err != nil {
		return err
	}
	a.log.Info("the rules about keeping were applied", "cleared", done.Cleared(), "forgotten", done.Forgotten(), "files", done.Files, "drafts", done.Drafts, "erased", done.Erased, "lines", done.Lines)
	if err := a.Store.Update(ctx, func(tx store.Tx) error { return tx.Settings().Set(ctx, keyRetained, today.String()) }); err != nil {
		return fmt.Errorf("note that the rules were applied: %w", err)
	}
	return nil
}
