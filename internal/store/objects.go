package store

import (
	"context"
	"time"

	"brevdue"
)

// Object is one file that came in an attachment message (BIN01, XBIN01), beside
// the letter that refers to it and in either order (std:xdis91 §6.4).
type Object struct {
	ID        int64
	Arrival   int64       // the attachment message it came with
	Unit      brevdue.GLN // our unit it was sent to
	Sender    brevdue.GLN
	MessageID string // BrevNr of the attachment message
	Key       string // object identifier, lower-case and without hyphens
	Code      string // OIOXML word, e.g. "billede"
	Extension string // OIOXML word, e.g. "jpeg"
	Size      int64  // bytes
	Odd       bool   // the bytes do not look like the extension
	SHA       string // of the bytes, which are kept among the originals
	// Patient is the citizen the message is about, "" for system mail. A file about
	// somebody else never becomes part of a letter.
	Patient brevdue.CPR
	At      time.Time
}

// Objects are the files of attachment messages, and which letters refer to them.
type Objects interface {
	Add(ctx context.Context, o Object) (id int64, err error)
	Get(ctx context.Context, id int64) (Object, error)
	// Find returns what the sender sent to the unit under that key, the oldest first.
	Find(ctx context.Context, unit, sender brevdue.GLN, key string) ([]Object, error)
	// ByMessage returns the objects of one attachment message, in its order.
	ByMessage(ctx context.Context, sender brevdue.GLN, messageID string) ([]Object, error)
	// Refer says that a received letter refers to an object, here already or not.
	Refer(ctx context.Context, letter int64, unit, sender brevdue.GLN, key string) error
	// Referring returns the letters that refer to an object, the oldest first.
	Referring(ctx context.Context, unit, sender brevdue.GLN, key string) ([]int64, error)
}
