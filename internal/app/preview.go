package app

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"brevdue/aftale"
	"brevdue/internal/config"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// Rejudged says what an agreement would have changed in a period.
type Rejudged = mailbox.Rejudged

// Preview judges the letters received in a period by an agreement that need not be
// the installation's own (F25). It changes nothing.
func Preview(ctx context.Context, st store.Store, c *config.Config, a *aftale.Agreement, from, to, now time.Time) (Rejudged, error) {
	dir, err := LoadDirectory(c.Path(c.Directory))
	if err != nil {
		return Rejudged{}, err
	}
	files, err := LoadAgreements(c.Path(c.Aftaler), slog.New(slog.DiscardHandler))
	if err != nil {
		return Rejudged{}, err
	}
	var out Rejudged
	err = st.View(ctx, func(tx store.Tx) error {
		activated, err := mailbox.ActivatedAgreements(ctx, tx)
		if err != nil {
			return err
		}
		book, _ := aftale.NewBook(slices.Concat(files.All(), activated)...)
		out, err = mailbox.RejudgePeriod(ctx, tx, a, book, dir, from, to, now)
		return err
	})
	return out, err
}
