package app_test

import (
	"errors"
	"testing"

	"brevdue"
	"brevdue/internal/config"
	"brevdue/internal/store"
)

// The running program applies the rules about keeping by itself, once a day; without
// rules nothing goes.
func TestRulesAreAppliedByNight(t *testing.T) {
	h := build(t, "2026-01-01", homecareUnit())
	a, err := h.open()
	if err != nil {
		t.Fatal(err)
	}
	read := tuesday.AddDate(0, 0, -31)
	l := &store.Letter{Direction: store.In, Unit: homecare, Status: brevdue.Read, Sent: read, Arrived: read, ReadAt: read, ReadBy: "Anne", Body: brevdue.Letter{ID: "B1"}}
	err = a.Store.Update(t.Context(), func(tx store.Tx) error {
		id, err := tx.Letters().Insert(t.Context(), l)
		return errors.Join(err, tx.Journals().Put(t.Context(), id, store.Journal{At: read, By: "Anne"}))
	})
	if err = errors.Join(err, a.Close()); err != nil {
		t.Fatal(err)
	}
	state := func() (cleared bool, day string) {
		t.Helper()
		if err := h.app.Store.View(t.Context(), func(tx store.Tx) error {
			_, err := tx.Retention().Cleared(t.Context(), l.ID)
			if cleared = err == nil; err != nil && !errors.Is(err, brevdue.ErrNotFound) {
				return err
			}
			if day, err = tx.Settings().Get(t.Context(), "retention-day"); errors.Is(err, brevdue.ErrNotFound) {
				err = nil
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return cleared, day
	}
	h.start()
	h.signIn("drift", h.password)
	if cleared, day := state(); cleared || day != "" {
		t.Fatalf("without rules: cleared %t on %q", cleared, day)
	}
	h.halt()
	h.change = func(c *config.Config) { c.Retention.Content = 30 }
	h.start()
	h.eventually("the rules are applied", func() bool { _, day := state(); return day == "2026-11-24" })
	if cleared, _ := state(); !cleared {
		t.Error("the letter has its content")
	}
	h.halt()
}
