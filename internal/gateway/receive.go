package gateway

import (
	"context"
	"fmt"

	"brevdue/internal/store"
)

// Receive keeps the bytes of one transmission and a job to open it. Once it has
// returned nil the letter is ours: the network may forget it. The same bytes
// may be received any number of times; opening finds out that they are known.
func (g *Gateway) Receive(ctx context.Context, network string, data []byte) error {
	err := g.commit(ctx, PointReceived, func(tx store.Tx) error {
		now := g.Now()
		sha, err := tx.Originals().Put(ctx, data, now)
		if err != nil {
			return err
		}
		id, err := tx.Arrivals().Add(ctx, store.Arrival{SHA: sha, Network: network, At: now, State: store.ArrivalNew})
		if err != nil {
			return err
		}
		_, err = tx.Jobs().Add(ctx, store.Job{Kind: store.JobOpen, Key: fmt.Sprintf("open:%d", id), Subject: id, RunAt: now, Created: now})
		return err
	})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	return nil
}
