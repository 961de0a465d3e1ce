package gateway

import (
	"testing"

	"brevdue"
	"brevdue/internal/store"
)

// An operator refuses what the machine could make nothing of: its sender gets the
// reason, once, and never against a receipt that went before.
func TestOperatorRefusesAnArrival(t *testing.T) {
	for _, c := range []struct {
		name, before, state, out string
		data                     func(t *testing.T) []byte
	}{
		{"a letter in DIS91", "", "closed", "CTL02 for K1: B1 ikke_specificeret", func(t *testing.T) []byte { return draft{kind: brevdue.DIS91}.bytes(t) }},
		{"a letter in XDIS91", "", "closed", "XCTL02 for K1: B1 ikke_specificeret", func(t *testing.T) []byte { return draft{}.bytes(t) }},
		{"one that was accepted in another copy", "yes", "opened closed", "", func(t *testing.T) []byte { return draft{}.bytes(t) }},
		{"nothing that can be answered", "", "quarantined", "", func(t *testing.T) []byte { return []byte("intet brev") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldA(t)
			if c.before != "" {
				w.receive(draft{ask: true}.bytes(t))
				w.taken()
			}
			w.update(func(tx store.Tx) error {
				sha, err := tx.Originals().Put(w.ctx, c.data(t), w.clock())
				if err != nil {
					return err
				}
				id, err := tx.Arrivals().Add(w.ctx, store.Arrival{SHA: sha, Network: "folder", At: w.clock(), State: store.ArrivalClosed, Note: "Forkert modtager"})
				if err != nil {
					return err
				}
				err = tx.Jobs().Add(w.ctx, store.Job{Kind: store.JobRefuse, Key: "refuse", Subject: id, RunAt: w.clock(), Created: w.clock()})
				return err
			})
			w.drain()
			if got := w.arrivals(); got != c.state {
				t.Errorf("arrivals: %s, want %s", got, c.state)
			}
			if got := sayAll(t, w.taken()); got != c.out {
				t.Errorf("handed over: %s, want %s", got, c.out)
			}
		})
	}
}
