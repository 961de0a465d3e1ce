package store

import (
	"context"
	"time"

	"brevdue"
)

// NameState is where a proposed display name stands.
type NameState string

// The states. What is not approved changes nothing.
const (
	NameProposed  NameState = "proposed"  // waits for a second person
	NameApproved  NameState = "approved"  // is shown in place of the register's
	NameWithdrawn NameState = "withdrawn" // taken back, or turned down, before it was shown
	NameEnded     NameState = "ended"     // was shown, and another or the register's own is now
)

// DisplayName is a name for a location number that people find easier to recognise than
// the register's.
type DisplayName struct {
	ID           int64
	GLN          brevdue.GLN
	Name         string
	Official     string // the register's name when it was proposed
	State        NameState
	ProposedBy   int64 // user id; somebody else has to approve
	ProposedName string
	ProposedAt   time.Time
	DecidedBy    int64 // who approved, withdrew or ended it last; 0: nobody yet
	DecidedName  string
	DecidedAt    time.Time
}

// Names are the display names of the directory, with all that were before.
type Names interface {
	// Propose keeps a name in the state [NameProposed]; ErrConflict when one waits for the
	// location number already.
	Propose(ctx context.Context, n DisplayName) (id int64, err error)
	Get(ctx context.Context, id int64) (DisplayName, error)
	// Decide moves a name to another state; ErrConflict when it is not in from.
	Decide(ctx context.Context, id int64, from, to NameState, by int64, name string, at time.Time) error
	// Of lists a location number's, the newest first.
	Of(ctx context.Context, gln brevdue.GLN) ([]DisplayName, error)
	// List lists those in a state, the oldest first.
	List(ctx context.Context, state NameState) ([]DisplayName, error)
}

// TopicDirectory is notified when a name that is shown may have changed.
const TopicDirectory = "directory"

// Exchange is what a unit and a location number have written to each other.
type Exchange struct {
	LastTo   time.Time // when the unit last wrote to it; zero: never
	LastFrom time.Time // when a letter last came from it; zero: never
	// Letters is how many of the unit's last letters to it were looked at; Acknowledged
	// and Refused how many of those have a positive or a negative receipt.
	Letters, Acknowledged, Refused int
}

// Silence is a location number that a unit writes to and that answers with no receipt.
type Silence struct {
	GLN     brevdue.GLN
	Letters int // without a receipt
	Since   time.Time
}
