package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// reloadAgreements puts the files of the installation and the versions that the
// pages put in force together. When the whole does not hold, the book that was
// there before goes on.
func (a *App) reloadAgreements(ctx context.Context) error {
	var activated []*aftale.Agreement
	err := a.Store.View(ctx, func(tx store.Tx) (err error) {
		activated, err = mailbox.ActivatedAgreements(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	book, findings := aftale.NewBook(slices.Concat(a.files, activated)...)
	for _, f := range findings {
		if f.Severity == brevdue.SeverityError {
			return fmt.Errorf("agreements: %s %s", f.Rule, f.TextEN)
		}
	}
	a.book.Store(book)
	return nil
}

// watchAgreements follows what the secretariat decides, also on another node.
func (a *App) watchAgreements(ctx context.Context) {
	wake, stop := a.Store.Listen(store.TopicAgreements)
	defer stop()
	often := time.NewTicker(time.Minute)
	defer often.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-often.C:
		}
		if err := a.reloadAgreements(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("the agreements are as they were before", "error", err)
		}
	}
}
