package store

import (
	"context"
	"time"

	"brevdue"
)

// Journal says that a letter was handed over to the record (journal): that is where it
// is kept from then on.
type Journal struct {
	At   time.Time
	By   string // display name of who handed it over
	Case string // case number (sagsnummer), "" for none
}

// Journals says of each letter whether it was handed over.
type Journals interface {
	// Put says that the letter was handed over; brevdue.ErrConflict when it was before.
	Put(ctx context.Context, letter int64, j Journal) error
	// TakeBack says that it was not after all, when it was at that time; otherwise
	// brevdue.ErrConflict.
	TakeBack(ctx context.Context, letter int64, at time.Time) error
	// Get returns brevdue.ErrNotFound when the letter was not handed over.
	Get(ctx context.Context, letter int64) (Journal, error)
	// Waiting lists the unit's letters that were not handed over, the newest last: those
	// that were read, and those of its own that left.
	Waiting(ctx context.Context, unit brevdue.GLN, limit, offset int) ([]Row, error)
	// CountWaiting counts them.
	CountWaiting(ctx context.Context, unit brevdue.GLN) (int, error)
}
