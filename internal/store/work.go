package store

import (
	"context"
	"time"

	"brevdue"
)

// Stage is how far the work on a letter is, beside whether it was read and answered.
type Stage string

// The stages.
const (
	StageNone    Stage = ""
	StageWorking Stage = "working" // somebody is at it (Under behandling)
	StageWaiting Stage = "waiting" // an answer from the other side is awaited (Afventer svar)
)

// NewNote is what somebody of a unit writes about a letter for their colleagues. It never
// leaves the installation.
type NewNote struct {
	Letter   int64
	Unit     brevdue.GLN // of the letter
	User     int64
	Name     string // display name of the writer
	At       time.Time
	Text     string
	Mentions []int64 // users who are told of it
}

// Note is one that was written.
type Note struct {
	ID   int64
	User int64
	Name string
	At   time.Time
	Text string
}

// Mention is a note that names somebody who has not seen it.
type Mention struct {
	Note   Note
	Letter int64
	Unit   brevdue.GLN
}

// Notes are the notes on letters.
type Notes interface {
	Add(ctx context.Context, n NewNote) (id int64, err error)
	// OfLetter returns the notes on a letter, the oldest first.
	OfLetter(ctx context.Context, letter int64) ([]Note, error)
	// Remove takes a note of that user away again; ErrNotFound when there is none.
	Remove(ctx context.Context, id, user int64) error
	// Mentions lists the notes that name the user and were not seen, the newest first.
	Mentions(ctx context.Context, user int64, limit int) ([]Mention, error)
	// CountMentions counts them.
	CountMentions(ctx context.Context, user int64) (int, error)
	// SeeMentions says that the user has seen the notes on a letter that name them, and
	// returns how many were new.
	SeeMentions(ctx context.Context, user, letter int64, at time.Time) (int, error)
}

// Doing is what somebody does with a letter.
type Doing string

// What people do with a letter.
const (
	DoingRead  Doing = "reading"
	DoingWrite Doing = "writing" // an answer to it
)

// Present is somebody who has a letter open.
type Present struct {
	Letter int64
	User   int64
	Unit   brevdue.GLN
	Name   string
	Doing  Doing
	At     time.Time // when it was last known
}

// Presence is who has which letter open, on whatever node.
type Presence interface {
	// Here says that somebody is, still, at a letter; fresh tells that they were not
	// known to be since then.
	Here(ctx context.Context, p Present, since time.Time) (fresh bool, err error)
	// Gone says that they are not any more.
	Gone(ctx context.Context, letter, user int64, doing Doing) error
	// At lists who is at a letter, and was known to be since then, in no particular order.
	At(ctx context.Context, letter int64, since time.Time) ([]Present, error)
	// In lists who is at any letter of a unit.
	In(ctx context.Context, unit brevdue.GLN, since time.Time) ([]Present, error)
	// Sweep forgets those who were last known before then.
	Sweep(ctx context.Context, before time.Time) error
}

// Choices are what people have chosen about the pages.
type Choices interface {
	// Get returns all of a user's.
	Get(ctx context.Context, user int64) (map[string]string, error)
	// Set sets one; "" takes it away.
	Set(ctx context.Context, user int64, name, value string) error
}
