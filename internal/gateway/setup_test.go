package gateway

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/queue"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// loadBook puts the built-in agreement in force long before any test letter.
func loadBook() (*aftale.Book, error) {
	_, content := aftale.Shipped()
	content, err := aftale.WithValidFrom(content, kalender.Day{Year: 2022, Month: 3, Date: 1})
	if err != nil {
		return nil, err
	}
	a, findings := aftale.Load(content)
	if a == nil {
		return nil, fmt.Errorf("agreement: %v", findings)
	}
	book, findings := aftale.NewBook(a)
	if brevdue.HasErrors(findings) {
		return nil, fmt.Errorf("book: %v", findings)
	}
	return book, nil
}

func testBook(t testing.TB) *aftale.Book {
	t.Helper()
	book, err := loadBook()
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func newQueue(s store.Store, now func() time.Time, log *slog.Logger, g *Gateway) *queue.Queue {
	return queue.New(queue.Config{Store: s, Now: now, Log: log, Handlers: g.Handlers(), Lease: crashLease, Poll: 100 * time.Millisecond})
}

// crashLease is short, so that the jobs of a killed process come back soon.
const crashLease = 2 * time.Second
