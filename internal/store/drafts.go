package store

import (
	"context"
	"time"

	"brevdue"
)

// Draft is a letter of a unit that is being written, as its form stands.
type Draft struct {
	ID      int64
	Unit    brevdue.GLN
	Token   string // names the form; a hash of what the browser has
	ReplyTo int64  // the letter it answers, 0 for none
	Form    string // the fields, as a browser sends them; holds the citizen's number

	// What a list shows of it; each may be "".
	Subject, Receiver, Patient string

	Author      int64 // who began it
	AuthorName  string
	ChangedBy   int64 // who changed it last
	ChangedName string
	At          time.Time // when it was changed last
	Version     int64     // counts the changes, from 1
}

// DraftFile is a file that is to go with a letter that is being written.
type DraftFile struct {
	ID        int64
	Draft     int64
	Name      string // for the receiver; without what may be a citizen's number
	Code      string // OIOXML word, e.g. "billede"
	Extension string // OIOXML word, e.g. "jpeg"
	Size      int64  // bytes
	SHA       string // of the bytes, which are kept among the originals
	By        string // who added it
	At        time.Time
}

// Drafts are the letters that are being written.
type Drafts interface {
	// Put keeps a draft under its token: a new one when ID is 0, else the change of one
	// whose version still is d.Version; ErrConflict when it is not, or the token is taken.
	// It returns the draft with its id and new version.
	Put(ctx context.Context, d Draft) (Draft, error)
	Get(ctx context.Context, id int64) (Draft, error)
	ByToken(ctx context.Context, token string) (Draft, error)
	// OfUnit lists a unit's drafts, the one changed last first.
	OfUnit(ctx context.Context, unit brevdue.GLN, limit int) ([]Draft, error)
	Count(ctx context.Context, unit brevdue.GLN) (int, error)
	// Unchanged lists drafts of all units that were changed last before then, by id, from
	// behind after.
	Unchanged(ctx context.Context, before time.Time, after int64, limit int) ([]Draft, error)
	// Delete takes a draft away with its files; one that is not there is no error. Bytes
	// that are no other file any more are marked to be erased.
	Delete(ctx context.Context, id int64) error

	AddFile(ctx context.Context, f DraftFile) (id int64, err error)
	// Files lists a draft's files in the order in which they were added.
	Files(ctx context.Context, draft int64) ([]DraftFile, error)
	File(ctx context.Context, id int64) (DraftFile, error)
	// RemoveFile takes one away, as Delete does; one that is not there is no error.
	RemoveFile(ctx context.Context, id int64) error
}
