// Package gateway is the walk of a letter: from the bytes a network brings to
// the letter in a unit's inbox and the receipt that answers it, and from a
// queued letter to the bytes that leave and the receipt that comes back.
//
// Specification: house.md §4, features F1-F8, std:xdis91 §5 (receipts), §7.4
// (VANSEnvelope, duplicates) and §8 (business rules of the letter). One file per
// step: receive, read, judge, open, known, acknowledge, refuse; send, await, settle;
// remind.
//
// Deliberately missing: the FHIR messages: they are recognised, kept and put before the
// operator. What people do with letters is the mailbox's.
//
// What surprises: every step may be repeated, because every step may be cut off
// by a crash between any two commits; so a step first asks whether it is done
// already. A receipt is built once, inside the transaction that judges the
// letter, and what goes out later - and again for every duplicate - are those
// same bytes. No patient data ever gets into an error or a log line.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/audit"
	"brevdue/internal/queue"
	"brevdue/internal/store"
	"brevdue/sor"
)

// Config is what a gateway needs from the rest of the house.
type Config struct {
	Store     store.Store
	Books     func() *aftale.Book   // the agreements in force now; asked for every letter, so that they can be reloaded
	Directory func() *sor.Directory // who is behind a location number, as it is now; nil: nobody is known
	Network   Network
	// Deliver hands bytes to the network and returns nil only when the network has
	// them for good. The same name twice replaces the first.
	Deliver func(ctx context.Context, name string, data []byte) error
	Now     func() time.Time
	Log     *slog.Logger // nil: no log
	// Hook, when not nil, is called just before and just after every commit and
	// around every handing over, with [Before] and [After] of the point. Tests stop
	// the walk there.
	Hook func(point string)
	// Premature breaks the promise on purpose: a receipt is handed over before the
	// commit that makes it true. Only brevdue torture sets it, to show that its checker
	// sees what it must see.
	Premature bool
}

// Network is what is particular about the network letters leave by.
type Network struct {
	Name  string        // as arrivals are marked, e.g. "folder"
	Wrap  bool          // letters go out in a VANSEnvelope; answers to enveloped letters always do
	Await time.Duration // how long a receipt is waited for; 0: 120 minutes (decision 19)
	// Resend is how often a letter goes out again by itself when no receipt comes in time,
	// before a person must look; 0 to 2.
	Resend int
}

// DefaultAwait is how long a receipt is waited for when the network does not say.
const DefaultAwait = 120 * time.Minute

// The points of the walk at which something becomes fact.
const (
	PointReceived     = "received"     // commit: original, arrival and the job to open it
	PointOpened       = "opened"       // commit: letters or quarantine, findings, duty, receipt, audit, jobs
	PointSettled      = "settled"      // commit: an incoming receipt and the letter it is about
	PointAnswer       = "answer"       // hand-over of a receipt to the network
	PointAcknowledged = "acknowledged" // commit: the receipt was handed over
	PointAttempt      = "attempt"      // commit: the attempt with its envelope and bytes, and the job that waits for the receipt
	PointHandOver     = "hand-over"    // hand-over of a letter to the network
	PointSent         = "sent"         // commit: the letter was handed over
	PointUnconfirmed  = "unconfirmed"  // commit: no receipt came in time
	PointRefused      = "refused"      // commit: the receipt of an arrival that an operator refused
	PointReminded     = "reminded"     // commit: a deadline is near or has passed
)

// Points returns all points in the order of the walk.
func Points() []string {
	return []string{PointReceived, PointOpened, PointAnswer, PointAcknowledged, PointAttempt, PointHandOver, PointSent, PointSettled, PointUnconfirmed, PointRefused, PointReminded}
}

// Before names the moment just before the point: everything is prepared and
// nothing is fact yet.
func Before(point string) string { return "before " + point }

// After names the moment just after the point.
func After(point string) string { return "after " + point }

// Gateway walks letters. Its methods may be used by several goroutines.
type Gateway struct {
	Config

	mu   sync.Mutex
	tag  string // of the installation, once read
	down bool   // the network refused the last hand-over
}

// New returns a gateway. Store, Books, Deliver and Now must be set.
func New(c Config) *Gateway {
	if c.Network.Await <= 0 {
		c.Network.Await = DefaultAwait
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Gateway{Config: c}
}

// Handlers returns the gateway's part of the queue's work.
func (g *Gateway) Handlers() map[store.JobKind]queue.Handler {
	return map[store.JobKind]queue.Handler{
		store.JobOpen:        g.open,
		store.JobAcknowledge: g.acknowledge,
		store.JobSend:        g.send,
		store.JobAwait:       g.await,
		store.JobRemind:      g.remind,
		store.JobFiles:       g.sendFiles,
		store.JobAwaitFiles:  g.awaitFiles,
		store.JobRefuse:      g.refuse,
	}
}

// Outgoing are the kinds of jobs that wait for the network.
func Outgoing() []store.JobKind {
	return []store.JobKind{store.JobAcknowledge, store.JobSend, store.JobFiles}
}

func (g *Gateway) hook(moment string) {
	if g.Hook != nil {
		g.Hook(moment)
	}
}

// commit makes f a fact. A panic in f undoes it like an error: one letter must
// never stop the others that share the transaction.
func (g *Gateway) commit(ctx context.Context, point string, f func(store.Tx) error) error {
	err := g.Store.Update(ctx, func(tx store.Tx) (err error) {
		defer g.rescue(point, &err)
		if err := f(tx); err != nil {
			return err
		}
		g.hook(Before(point))
		return nil
	})
	if err == nil {
		g.hook(After(point))
	}
	return err
}

// errPanic marks an error that was a panic.
var errPanic = errors.New("panic")

// rescue turns a panic into an error. The panic's own text is dropped, as it
// could hold a part of a letter; the stack holds none.
func (g *Gateway) rescue(where string, err *error) {
	if p := recover(); p != nil {
		g.Log.Error("panic in the walk", "where", where, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		*err = fmt.Errorf("%s: %w of type %T", where, errPanic, p)
	}
}

// handOver gives bytes to the network. When the network does not take them the
// job comes back later, as often as it needs: a network that is down for hours
// costs no letter. The log has one line when trouble starts and one when it
// ends.
func (g *Gateway) handOver(ctx context.Context, point, name string, data []byte, tries int) error {
	g.hook(Before(point))
	err := g.Deliver(ctx, name, data)
	if err != nil && ctx.Err() != nil {
		return ctx.Err() // we are stopping, the network is not to blame
	}
	g.mu.Lock()
	was := g.down
	g.down = err != nil
	g.mu.Unlock()
	switch {
	case err != nil && !was:
		g.Log.Error("network does not take what is sent, trying until it does", "network", g.Network.Name, "error", err)
	case err == nil && was:
		g.Log.Info("network takes again what is sent", "network", g.Network.Name)
	}
	if err != nil {
		return queue.Later(min(time.Minute, 2*time.Second<<min(max(tries-1, 0), 5)))
	}
	g.hook(After(point))
	return nil
}

// Down tells whether the network refused what was handed over last.
func (g *Gateway) Down() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.down
}

// number takes the next number of a series for good, when tx commits.
func (g *Gateway) number(ctx context.Context, tx store.Tx, series string) (string, error) {
	g.mu.Lock()
	tag := g.tag
	g.mu.Unlock()
	if tag == "" {
		var err error
		if tag, err = tx.Settings().Get(ctx, store.KeyTag); err != nil {
			return "", fmt.Errorf("read installation tag: %w", err)
		}
		if !store.ValidTag(tag) {
			return "", errors.New("installation tag is not three characters A-Z, 0-9")
		}
		g.mu.Lock()
		g.tag = tag
		g.mu.Unlock()
	}
	n, err := tx.Settings().NextNumber(ctx, series)
	if err != nil {
		return "", fmt.Errorf("next number of %s: %w", series, err)
	}
	return store.FormatNumber(tag, n), nil
}

// note writes a line into the audit log.
func (g *Gateway) note(ctx context.Context, tx store.Tx, action string, unit brevdue.GLN, letter int64, detail string) error {
	err := audit.Append(ctx, tx, audit.Entry{At: g.Now(), Actor: "system", Action: action, Unit: unit, Letter: letter, Detail: detail})
	if err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	return nil
}

// notify wakes whoever looks at the unit's pages, or the operator's when the
// letter belongs to no unit.
func notify(tx store.Tx, unit brevdue.GLN) {
	if unit == "" {
		tx.Notify(store.TopicOperator)
		return
	}
	tx.Notify(store.TopicUnit(unit))
}
