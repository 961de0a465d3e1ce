package mailbox

import (
	"context"
	"time"

	"brevdue/internal/store"
)

// How far back letters are shown before a like one is sent, and how many.
const (
	recentDays = 14
	recentMost = 5
	recentSeek = 100 // of the citizen's letters are looked through
)

// recent are the unit's letters of late about the same citizen and subject to the
// same receiver: what a colleague has just written should not be written twice.
func (w *writing) recent(ctx context.Context, tx store.Tx, l *store.Letter) ([]store.Row, error) {
	citizen := l.Body.Patient.Citizen()
	if citizen == "" {
		return nil, nil
	}
	rows, err := tx.Letters().OfCitizen(ctx, w.unit.GLN, citizen, recentSeek)
	if err != nil {
		return nil, err
	}
	var out []store.Row
	since := w.now.Add(-recentDays * 24 * time.Hour)
	for _, r := range rows {
		if r.Direction != store.Out || r.Sent.Before(since) || r.Subject != l.Body.Subject || len(out) == recentMost {
			continue
		}
		before, err := tx.Letters().Get(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		if before.Body.Receiver.GLN == l.Body.Receiver.GLN {
			out = append(out, r)
		}
	}
	return out, nil
}
