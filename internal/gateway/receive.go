package gateway

import (
	"context"
	"fmt"

	"brevdue"
	"brevdue/internal/store"
)

// Receive keeps the bytes of one transmission and a job to open it. Once it has
// returned nil the letter is ours: the network may forget it. The same bytes
// may be received any number of times; opening finds out that they are known.
func (g *Gateway) Receive(ctx context.Context, network string, data []byte) error {
	_, err := g.ReceiveNamed(ctx, network, "", data)
	return err
}

// ReceiveNamed is Receive for a network that names what it delivers. The same name with
// the same bytes again is known, and nothing more is kept; with other bytes it is
// [brevdue.ErrConflict]. "" names nothing.
func (g *Gateway) ReceiveNamed(ctx context.Context, network, name string, data []byte) (known bool, err error) {
	err = g.commit(ctx, PointReceived, func(tx store.Tx) error {
		known = false
		now := g.Now()
		sha, err := tx.Originals().Put(ctx, data, now)
		if err != nil {
			return err
		}
		if name != "" {
			before, err := tx.Arrivals().ByName(ctx, network, name)
			if err == nil && before.SHA != sha {
				return fmt.Errorf("delivery with other content: %w", brevdue.ErrConflict)
			}
			if err == nil || !isNotFound(err) {
				known = err == nil
				return err
			}
		}
		id, err := tx.Arrivals().Add(ctx, store.Arrival{SHA: sha, Network: network, At: now, State: store.ArrivalNew, Name: name})
		if err != nil {
			return err
		}
		return tx.Jobs().Add(ctx, store.Job{Kind: store.JobOpen, Key: fmt.Sprintf("open:%d", id), Subject: id, RunAt: now, Created: now})
	})
	if err != nil {
		return false, fmt.Errorf("receive: %w", err)
	}
	return known, nil
}
