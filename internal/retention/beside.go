package retention

import (
	"context"
	"fmt"
	"time"

	"brevdue"
	"brevdue/internal/audit"
	"brevdue/internal/store"
)

// oldDrafts counts the drafts that nobody has changed for as long as the rule says.
func (k *Keeper) oldDrafts(ctx context.Context, tx store.Tx) (n int, err error) {
	if k.c.Rules.Drafts <= 0 {
		return 0, nil
	}
	for after := int64(0); ; {
		some, err := tx.Drafts().Unchanged(ctx, k.draftsBefore(), after, page)
		if err != nil {
			return 0, err
		}
		if n += len(some); len(some) < page {
			return n, nil
		}
		after = some[len(some)-1].ID
	}
}

func (k *Keeper) draftsBefore() time.Time { return k.c.Now().AddDate(0, 0, -k.c.Rules.Drafts) }

// clearDrafts throws such drafts away, with a line in the audit log for each unit. Nobody
// changes one beside the transaction it goes in.
func (k *Keeper) clearDrafts(ctx context.Context) (n int, err error) {
	if k.c.Rules.Drafts <= 0 {
		return 0, nil
	}
	for {
		var some []store.Draft
		err := k.c.Store.Update(ctx, func(tx store.Tx) (err error) {
			if some, err = tx.Drafts().Unchanged(ctx, k.draftsBefore(), 0, batch); err != nil {
				return err
			}
			gone := map[brevdue.GLN]int{}
			var units []brevdue.GLN // in the order they came, so that a run is the same each time
			for _, d := range some {
				if err := tx.Drafts().Delete(ctx, d.ID); err != nil {
					return err
				}
				if gone[d.Unit]++; gone[d.Unit] == 1 {
					units = append(units, d.Unit)
				}
			}
			for _, u := range units {
				detail := fmt.Sprintf("%d, after %d days", gone[u], k.c.Rules.Drafts)
				if err := audit.Append(ctx, tx, audit.Entry{At: k.c.Now(), Actor: "system", Action: "drafts.cleared", Unit: u, Detail: detail}); err != nil {
					return err
				}
				tx.Notify(store.TopicUnit(u))
			}
			return nil
		})
		if err != nil || len(some) == 0 {
			return n, err
		}
		n += len(some)
		k.c.Hook("drafts")
	}
}

// settle forgets what can no longer be taken back.
func (k *Keeper) settle(ctx context.Context) error {
	if k.c.Settle == nil {
		return nil
	}
	return k.c.Store.Update(ctx, func(tx store.Tx) error { return k.c.Settle(ctx, tx, k.c.Now()) })
}

// mergeWords takes the words of cleared letters out of the files of the archive. Each step
// is a transaction of its own, so that letters are taken in between.
func (k *Keeper) mergeWords(ctx context.Context) error {
	for {
		more := false
		err := k.c.Store.Update(ctx, func(tx store.Tx) (err error) {
			more, err = tx.Retention().MergeWords(ctx)
			return err
		})
		if err != nil || !more {
			return err
		}
		k.c.Hook("merge")
	}
}
