package queue_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"brevdue/internal/queue"
	"brevdue/internal/store"
	"brevdue/internal/store/sqlite"
)

// Example runs one job that finds the network down at first.
func Example() {
	dir, err := os.MkdirTemp("", "brevdue")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	archive, err := sqlite.Open(filepath.Join(dir, "brevdue.db"), sqlite.Options{})
	if err != nil {
		panic(err)
	}
	defer archive.Close()

	ctx, now := context.Background(), time.Date(2026, 11, 24, 13, 5, 0, 0, time.UTC)
	send := func(_ context.Context, j store.Job) error {
		fmt.Println("letter", j.Subject, "attempt", j.Attempts)
		if j.Attempts == 1 {
			return errors.New("the network is down")
		}
		return nil
	}
	q := queue.New(queue.Config{Store: archive, Now: func() time.Time { return now }, Handlers: map[store.JobKind]queue.Handler{store.JobSend: send}})
	err = archive.Update(ctx, func(tx store.Tx) error { // with whatever the job is about
		err := tx.Jobs().Add(ctx, store.Job{Kind: store.JobSend, Key: "send:7", Subject: 7, RunAt: now, Created: now})
		return err
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(q.Drain(ctx))
	now = now.Add(time.Minute)
	fmt.Println(q.Drain(ctx))
	// Output:
	// letter 7 attempt 1
	// <nil>
	// letter 7 attempt 2
	// <nil>
}
