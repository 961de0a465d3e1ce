package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
)

// BenchmarkWalk measures receive → receipt committed on a database that syncs to
// disk: letters per second is the figure of decision 2 and of README.
func BenchmarkWalk(b *testing.B) {
	ctx := b.Context()
	s := openStore(b, filepath.Join(b.TempDir(), "brevdue.db"))
	err := s.Update(ctx, func(tx store.Tx) error {
		if err := tx.Units().Put(ctx, clinicUnit()); err != nil {
			return err
		}
		return tx.Settings().Set(ctx, store.KeyTag, "AAA")
	})
	if err != nil {
		b.Fatal(err)
	}
	letters := make([][]byte, b.N)
	for i := range letters {
		kind := brevdue.DIS91
		if i%2 == 1 {
			kind = brevdue.XDIS91
		}
		letters[i] = draft{kind: kind, ask: true, env: fmt.Sprintf("K%d", i), ids: []string{fmt.Sprintf("B%d", i)}, sent: "2026-11-24T09:30"}.bytes(b)
	}
	book := testBook(b)
	var opened atomic.Int64
	all := make(chan struct{})
	gw := New(Config{
		Store: s, Books: func() *aftale.Book { return book }, Network: Network{Name: "folder"}, Now: func() time.Time { return tuesday },
		Deliver: func(context.Context, string, []byte) error { return nil },
		Hook: func(moment string) {
			if moment == After(PointOpened) && opened.Add(1) == int64(b.N) {
				close(all)
			}
		},
	})
	q := newQueue(s, func() time.Time { return tuesday }, slog.New(slog.DiscardHandler), gw)
	ctx, stop := context.WithCancel(ctx)
	done := make(chan error)
	go func() { done <- q.Run(ctx) }()

	b.ResetTimer()
	next := make(chan []byte)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for data := range next {
				if err := gw.Receive(ctx, "folder", data); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for _, data := range letters {
		next <- data
	}
	close(next)
	wg.Wait()
	<-all
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
	stop()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		b.Error(err)
	}
}
