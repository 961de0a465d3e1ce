package store

import (
	"context"
	"time"

	"brevdue"
)

// Enclosure is a file that goes with a letter of ours.
type Enclosure struct {
	Letter    int64
	N         int // place among the letter's attachments, from 0
	ObjectID  string
	Code      string // OIOXML word, e.g. "billede"
	Extension string // OIOXML word, e.g. "jpeg"
	Size      int64  // bytes
	SHA       string // of the bytes, which are kept among the originals
}

// FileMessage is the one message of its own that carries a letter's files (std:xdis91
// §6). It is recorded before bytes leave, so that a repeated try has the same envelope
// and bytes.
type FileMessage struct {
	Letter     int64
	Message    string // BrevNr
	Envelope   string // KuvertNr
	Kind       brevdue.Kind
	SHA        string // of its bytes
	At         time.Time
	HandedAt   time.Time // zero: not yet known to be handed over
	Outcome    brevdue.Outcome
	AnsweredAt time.Time // zero: no receipt yet
}

// Files are the files of letters of ours and the messages that carry them.
type Files interface {
	Enclose(ctx context.Context, e Enclosure) error
	// Enclosed returns a letter's files in the order of its attachments.
	Enclosed(ctx context.Context, letter int64) ([]Enclosure, error)
	// Start records the message; brevdue.ErrConflict when the letter has one.
	Start(ctx context.Context, m FileMessage) error
	Get(ctx context.Context, letter int64) (FileMessage, error)
	// ByEnvelope finds the message that was sent with that KuvertNr.
	ByEnvelope(ctx context.Context, envelope string) (FileMessage, error)
	MarkHanded(ctx context.Context, letter int64, at time.Time) error
	// Answer keeps what the first receipt says; brevdue.ErrConflict when there was one.
	Answer(ctx context.Context, letter int64, outcome brevdue.Outcome, at time.Time) error
}
