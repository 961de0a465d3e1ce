package gateway

import (
	"database/sql"
	"fmt"
	"log/slog"
	"testing"
	"time"

	_ "github.com/ncruces/go-sqlite3/driver"

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

// checkIntegrity lets SQLite itself look at its file.
func checkIntegrity(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var answer string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&answer); err != nil || answer != "ok" {
		t.Errorf("integrity check: %q, %v", answer, err)
	}
	rows, err := db.Query("PRAGMA foreign_key_check")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if rows.Next() {
		t.Error("a foreign key points nowhere")
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
}
