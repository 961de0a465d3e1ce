package store

import (
	"context"
	"time"

	"brevdue"
)

// Glass is an emergency in which somebody opened a letter of a unit they are not of.
type Glass struct {
	ID          int64
	User        int64
	Login, Name string // as they were then
	Letter      int64
	Unit        brevdue.GLN // the letter's
	Reason      string      // as it was typed; no number of a citizen
	At, Until   time.Time   // the letter can be seen in [At, Until)
	// ReviewedAt is when an auditor, ReviewedBy, looked at it and wrote Review; zero until
	// then.
	ReviewedAt time.Time
	ReviewedBy string
	Review     string
}

// Glasses are the emergencies. They go with the letter, when it is forgotten.
type Glasses interface {
	// Add keeps one and returns its id.
	Add(ctx context.Context, g Glass) (int64, error)
	Get(ctx context.Context, id int64) (Glass, error)
	// Open returns what a user may see at a time, the newest first.
	Open(ctx context.Context, user int64, now time.Time) ([]Glass, error)
	// Waiting returns those nobody has reviewed, the oldest first, and Reviewed the others,
	// the newest review first; limit 0 means 200.
	Waiting(ctx context.Context, limit int) ([]Glass, error)
	Reviewed(ctx context.Context, limit int) ([]Glass, error)
	// CountWaiting counts those nobody has reviewed.
	CountWaiting(ctx context.Context) (int, error)
	// Review keeps what an auditor says of one; ErrConflict when that was done already.
	Review(ctx context.Context, id int64, by, review string, at time.Time) error
}
