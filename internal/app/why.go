package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/config"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// Why is what judged a letter: the deadline it was given, and how it comes about.
type Why struct {
	Letter *store.Letter
	Input  aftale.DutyInput // as it is known now
	// Steps are the computation by the very text of the agreement the letter is
	// pinned to; nil when that text is not here.
	Steps []aftale.Step
	// Moved tells that the same computation gives another deadline now: something
	// about the unit or the citizen was known otherwise when the letter was judged.
	// What counts is the deadline of the letter (AGR-1003).
	Moved bool
}

// WhyJudged finds what judged a received letter. It reads the agreements of the
// installation's folder and of its archive.
func WhyJudged(ctx context.Context, st store.Store, c *config.Config, l *store.Letter) (Why, error) {
	out := Why{Letter: l}
	if l.Duty == nil || l.Duty.Rule == "" || l.Direction != store.In {
		return out, nil
	}
	book, err := LoadAgreements(c.Path(c.Aftaler), slog.New(slog.DiscardHandler))
	if err != nil {
		return out, err
	}
	all := book.All()
	err = st.View(ctx, func(tx store.Tx) error {
		activated, err := mailbox.ActivatedAgreements(ctx, tx)
		if err != nil {
			return err
		}
		all = slices.Concat(all, activated)
		u, err := tx.Units().Get(ctx, l.Unit)
		if err != nil {
			return fmt.Errorf("unit of the letter: %w", err)
		}
		out.Input = aftale.DutyInput{Receiver: u.Kind, Sent: l.Sent, Arrived: l.Arrived, Shifts: u.Shifts, Closes: u.Closes,
			Services: aftale.Services(cmp.Or(u.Services, string(aftale.ServicesUnknown)))}
		known, err := tx.UnitFacts().Services(ctx, u.GLN, l.Body.Patient.Citizen())
		switch {
		case err == nil:
			out.Input.Services = aftale.Services(known.Value)
		case !errors.Is(err, brevdue.ErrNotFound):
			return err
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	for _, a := range all {
		if a.SHA256 == l.Duty.Agreement.SHA256 {
			out.Steps = a.Explain(out.Input)
			now := a.Duty(out.Input)
			out.Moved = now.Rule != l.Duty.Rule || !now.Due.Equal(l.Duty.Due)
		}
	}
	return out, nil
}
