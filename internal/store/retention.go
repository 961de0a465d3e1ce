package store

import (
	"context"
	"time"

	"brevdue"
)

// Kept is a letter as a rule about keeping looks at it.
type Kept struct {
	ID         int64
	Direction  Direction
	Unit       brevdue.GLN
	Status     brevdue.Status
	Sent       time.Time
	Arrived    time.Time
	ReadAt     time.Time
	AnsweredAt time.Time
	HandedAt   time.Time // when it was handed over to the record; zero: it was not
	OpenTasks  int       // what the unit still has to do for it
	Held       bool      // nothing of it may be deleted
	ClearedAt  time.Time // when its content went; zero: it is there
}

// Cleared says when and by which rule the content of a letter went.
type Cleared struct {
	Letter int64
	At     time.Time
	Days   int // of the rule, after work on the letter had ended
	// Print tells whether another letter says the same as this one did, so that a copy
	// that comes late is known.
	Print string
}

// Hold keeps a letter from being deleted, whatever the rules say.
type Hold struct {
	Letter int64
	Reason string
	By     string // display name
	At     time.Time
}

// Retention is how what an archive holds comes to an end: first the content of a letter,
// then what is known of it. Bytes have no owner, as the same ones may be part of several
// letters; they are marked first and erased when nobody needs them any more.
type Retention interface {
	// Kept lists letters by id, from behind after.
	Kept(ctx context.Context, after int64, limit int) ([]Kept, error)
	// Clear takes the content of a letter away: text, citizen, what people wrote about it
	// and to each other, what it is found by, its files, the numbers of its bytes. Those
	// become marked, but for the receipts we gave, which a copy that comes late gets again.
	// Unit, times, numbers, states, the parties, and a subject of the agreement stay.
	// ErrConflict when the letter is held or cleared.
	Clear(ctx context.Context, c Cleared) error
	// Cleared returns when the content of a letter went; ErrNotFound when it is there.
	Cleared(ctx context.Context, letter int64) (Cleared, error)
	// Forget deletes a cleared letter and everything that hangs on it, but for the audit
	// log. ErrConflict when it is held or has its content.
	Forget(ctx context.Context, letter int64) error

	// ClearObject takes the citizen of a file away and marks its bytes, and those of the
	// message it came with when no other file of it is needed.
	ClearObject(ctx context.Context, id int64) error
	// Orphans lists files with a citizen by id, from behind after, that no letter refers to.
	Orphans(ctx context.Context, before time.Time, after int64, limit int) ([]Object, error)

	// MergeWords is one short step towards an index of words that holds nothing of what was
	// taken out of it since; more tells that there are others. No step is needed where the
	// engine does it by itself.
	MergeWords(ctx context.Context) (more bool, err error)

	// Mark marks bytes that are to go. [Originals.Put] takes the mark away again.
	Mark(ctx context.Context, sha string) error
	// Marked lists marked bytes in order, from behind after.
	Marked(ctx context.Context, after string, limit int) ([]string, error)
	// Needed lists the bytes that letters with content need whose ids are in [from, to].
	Needed(ctx context.Context, from, to int64) ([]string, error)
	// Unmark takes a mark away.
	Unmark(ctx context.Context, sha string) error
	// Erase empties bytes that are still marked, and tells whether they were.
	Erase(ctx context.Context, sha string) (bool, error)

	// Hold holds a letter; ErrConflict when it is held already.
	Hold(ctx context.Context, h Hold) error
	// Release ends a hold; ErrNotFound when there is none.
	Release(ctx context.Context, letter int64) error
	// HoldOf returns the hold of a letter; ErrNotFound when there is none.
	HoldOf(ctx context.Context, letter int64) (Hold, error)
	// Holds lists all holds, the newest first.
	Holds(ctx context.Context, limit int) ([]Hold, error)

	// CutLog deletes the entries of the audit log up to one, which must be written down
	// in the log itself by the same transaction.
	CutLog(ctx context.Context, through int64) error
}
