package mailbox

import (
	"context"
	"slices"

	"brevdue"
	"brevdue/internal/store"
)

// The choices a person makes about the pages, kept with the person so that they hold on
// every machine.
const (
	ChoiceGroup   = "group"   // how the inbox is grouped: "subject" (when absent), "due", "sender", "none"
	ChoiceDensity = "density" // "compact" or "airy"
)

// Choices returns what the person has chosen.
func (b *Box) Choices(ctx context.Context, p Person) (out map[string]string, err error) {
	err = b.view(ctx, p, func(tx store.Tx) (err error) {
		out, err = tx.Choices().Get(ctx, p.ID)
		return err
	})
	return out, err
}

// Choose keeps one choice; brevdue.ErrNotFound for one that is none.
func (b *Box) Choose(ctx context.Context, p Person, name, value string) error {
	known := map[string][]string{ChoiceGroup: {"subject", "due", "sender", "none"}, ChoiceDensity: {"compact", "airy"}}
	if !slices.Contains(known[name], value) {
		return brevdue.ErrNotFound
	}
	return b.update(ctx, p, func(tx store.Tx) error { return tx.Choices().Set(ctx, p.ID, name, value) })
}
