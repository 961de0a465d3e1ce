package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"brevdue/aftale"
	"brevdue/internal/config"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// Why is how the deadline of a received letter comes about.
type Why = mailbox.Why

// WhyJudged finds what judged a received letter, among the agreements of the
// installation's folder and of its archive. Steps is nil when the text the letter is
// pinned to is not here, and everything empty when the letter has no deadline.
func WhyJudged(ctx context.Context, st store.Store, c *config.Config, l *store.Letter) (Why, error) {
	var out Why
	if l.Duty == nil || l.Duty.Rule == "" || l.Direction != store.In {
		return out, nil
	}
	book, err := LoadAgreements(c.Path(c.Aftaler), slog.New(slog.DiscardHandler))
	if err != nil {
		return out, err
	}
	err = st.View(ctx, func(tx store.Tx) error {
		activated, err := mailbox.ActivatedAgreements(ctx, tx)
		if err != nil {
			return err
		}
		u, err := tx.Units().Get(ctx, l.Unit)
		if err != nil {
			return fmt.Errorf("unit of the letter: %w", err)
		}
		services, err := store.ServicesOf(ctx, tx, u, l.Body.Patient)
		if err != nil {
			return err
		}
		var pinned *aftale.Agreement
		for _, a := range slices.Concat(book.All(), activated) {
			if a.Ref() == l.Duty.Agreement {
				pinned = a
			}
		}
		out = mailbox.Explain(pinned, u, l, services.Value)
		return nil
	})
	return out, err
}
