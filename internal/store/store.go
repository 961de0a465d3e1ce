// Package store is the contract of the archive: what is kept, and the one
// transaction everything is changed in. It says nothing about SQL; the
// implementations are store/sqlite and store/postgres, and the suite in
// store/storetest is the judge of both.
//
// Specification: decisions 2-5 and house.md §3 "Archive". The original bytes are
// kept untouched and addressed by SHA-256; everything learned about them lies
// beside them, in the same database, so that letter, duty, receipt and job are
// committed together or not at all.
//
// Deliberately missing: formats, rules and clocks. Times come from the caller.
//
// What surprises: [Store.Update] may run several callers' functions in one
// database transaction (group commit) with a savepoint for each, and returns
// only when that transaction is durable on disk. A function must therefore not
// wait for another Update.
package store

import (
	"context"
	"fmt"

	"brevdue"
)

// Store is the archive.
type Store interface {
	// Update runs f in a read-write transaction and returns nil only after the
	// commit is durable. When f returns an error nothing of it is kept and the
	// error is returned unchanged. f may be called on another goroutine and must
	// not call Update or View itself.
	Update(ctx context.Context, f func(Tx) error) error

	// View runs f in a read-only snapshot.
	View(ctx context.Context, f func(Tx) error) error

	// Listen returns a channel that receives (at least once, coalesced) after a
	// commit in which [Tx.Notify] named the topic. It is a wake-up and never the
	// fact itself: readers must also poll. stop releases it.
	Listen(topic string) (wake <-chan struct{}, stop func())

	// Lead runs f while this process leads in what name says: of the processes that
	// share the archive one does at a time. The context of f ends with ctx, and when
	// the lead is lost; then Lead waits for f and tries again. It returns nil when ctx
	// has ended, and what f returned when f ended by itself. One that was cut off notices
	// it only after some seconds: what is led must be harmless to do twice.
	Lead(ctx context.Context, name string, f func(ctx context.Context) error) error

	// Scrub takes what was deleted out of the files of the archive, as far as the engine
	// lets it: copies of old pages wait there for their turn.
	Scrub(ctx context.Context) error

	Close() error
}

// Topics of [Tx.Notify].
const (
	TopicJobs     = "jobs"     // a job became due or was added
	TopicOperator = "operator" // something on the operator's page changed
)

// TopicUnit is the topic of one unit's inbox and sent letters.
func TopicUnit(unit brevdue.GLN) string { return "unit:" + string(unit) }

// TopicLetter is the topic of one letter: who has it open, notes, who looks after it.
func TopicLetter(id int64) string { return fmt.Sprintf("letter:%d", id) }

// Tx is one transaction. Every method returns brevdue.ErrNotFound where a single
// row was asked for and none is there, and brevdue.ErrConflict where a unique
// key or an expected state is not as the caller said.
type Tx interface {
	Notify(topic string)

	Originals() Originals
	Arrivals() Arrivals
	Letters() Letters
	Receipts() Receipts
	Attempts() Attempts
	Objects() Objects
	Tasks() Tasks
	Notes() Notes
	Presence() Presence
	Choices() Choices
	Drafts() Drafts
	Journals() Journals
	Files() Files
	UnitFacts() UnitFacts
	Agreements() Agreements
	Names() Names
	Jobs() Jobs
	Units() Units
	Users() Users
	Audit() Audit
	Retention() Retention
	Glasses() Glasses
	Settings() Settings
}
