// Package storetest judges an archive: the suite that every implementation of
// internal/store must pass. The suite is the contract (house.md §3).
//
// What surprises: every test opens its own archive and most of them open it a
// second time, because what is not there after a reopen was never kept.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"brevdue"
	"brevdue/internal/store"
)

// Opener opens the archive of a test: the same one each time it is called with
// the same name. The suite closes what it opens.
type Opener func(t *testing.T, name string) store.Store

// Run runs the whole suite.
func Run(t *testing.T, open Opener) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, b *bench)
	}{
		{"originals", testOriginals}, {"arrivals", testArrivals}, {"letters", testLetters}, {"keys", testKeys}, {"sent", testSent}, {"moves", testMoves}, {"inbox", testInbox},
		{"receipts", testReceipts}, {"attempts", testAttempts}, {"objects", testObjects}, {"tasks", testTasks}, {"journals", testJournals}, {"files", testFiles}, {"unit facts", testUnitFacts}, {"agreements", testAgreements}, {"names", testNames}, {"exchange", testExchange}, {"letters at work", testWork}, {"desk", testDesk}, {"notes", testNotes}, {"presence", testPresence}, {"choices", testChoices}, {"drafts", testDrafts}, {"draft files", testDraftFiles}, {"phrases", testPhrases}, {"jobs", testJobs}, {"jobs by key", testJobKeys}, {"found out late", testLate}, {"race for jobs", testRace}, {"units", testUnits},
		{"users", testUsers}, {"sessions", testSessions}, {"spent", testSpent}, {"audit", testAudit}, {"audit search", testAuditSearch}, {"retention", testRetention}, {"glass", testGlass}, {"settings", testSettings}, {"isolation", testIsolation},
		{"panic", testPanic}, {"listen", testListen}, {"lead", testLead}, {"views", testViews}, {"snapshot", testSnapshot}, {"search", testSearch}, {"search filters", testSearchFilters}, {"search pages", testSearchPages}, {"index", testIndex}, {"closed", testClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &bench{t: t, open: open, ctx: t.Context()}
			b.Store = open(t, "a")
			t.Cleanup(func() { b.close() })
			c.test(t, b)
		})
	}
}

// bench is one archive under test.
type bench struct {
	store.Store
	t    *testing.T
	open Opener
	ctx  context.Context
}

// Now is the time the suite lives in; milliseconds are what an archive keeps.
var now = time.Date(2026, 11, 24, 13, 5, 30, 123e6, time.UTC)

func (b *bench) close() {
	if b.Store != nil {
		if err := b.Store.Close(); err != nil {
			b.t.Errorf("close: %v", err)
		}
		b.Store = nil
	}
}

func (b *bench) reopen() {
	b.t.Helper()
	b.close()
	b.Store = b.open(b.t, "a")
}

func (b *bench) update(f func(tx store.Tx) error) {
	b.t.Helper()
	if err := b.Update(b.ctx, f); err != nil {
		b.t.Fatalf("update: %v", err)
	}
}

func (b *bench) view(f func(tx store.Tx) error) {
	b.t.Helper()
	if err := b.View(b.ctx, f); err != nil {
		b.t.Fatalf("view: %v", err)
	}
}

func (b *bench) equal(what string, want, got any) {
	b.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (b *bench) is(what string, err, want error) {
	b.t.Helper()
	if !errors.Is(err, want) {
		b.t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

func testOriginals(t *testing.T, b *bench) {
	big := bytes.Repeat([]byte("0123456789abcdef"), 20<<20/16)
	var sha, empty, again string
	b.update(func(tx store.Tx) (err error) {
		if sha, err = tx.Originals().Put(b.ctx, big, now); err != nil {
			return err
		}
		if again, err = tx.Originals().Put(b.ctx, big, now.Add(time.Hour)); err != nil {
			return err
		}
		empty, err = tx.Originals().Put(b.ctx, nil, now)
		return err
	})
	b.equal("the same bytes have one name", sha, again)
	b.reopen()
	b.view(func(tx store.Tx) error {
		got, err := tx.Originals().Get(b.ctx, sha)
		if err != nil || !bytes.Equal(got, big) {
			t.Errorf("20 MB came back as %d bytes, %v", len(got), err)
		}
		if got, err = tx.Originals().Get(b.ctx, empty); err != nil || len(got) != 0 {
			t.Errorf("no bytes came back as %q, %v", got, err)
		}
		_, err = tx.Originals().Get(b.ctx, "nothing")
		b.is("unknown original", err, brevdue.ErrNotFound)
		return nil
	})
}

func (b *bench) original(tx store.Tx, text string) string {
	sha, err := tx.Originals().Put(b.ctx, []byte(text), now)
	if err != nil {
		panic(err) // this may be another goroutine than the test's; the archive brings it back
	}
	return sha
}

func testArrivals(t *testing.T, b *bench) {
	var want store.Arrival
	b.update(func(tx store.Tx) (err error) {
		want = store.Arrival{SHA: b.original(tx, "one"), Network: "folder", At: now, Name: "d-1", Note: "set til side"}
		want.ID, err = tx.Arrivals().Add(b.ctx, want)
		if err != nil {
			return err
		}
		_, err = tx.Arrivals().Add(b.ctx, store.Arrival{SHA: want.SHA, Network: "folder", At: now, VANSID: "v-1", State: store.ArrivalQuarantined})
		if err != nil {
			return err
		}
		want.State, want.Format, want.Kind, want.Envelope, want.Sender, want.Receiver = store.ArrivalOpened, brevdue.EDIFACT, brevdue.DIS91, "K1", "579", "578"
		want.VANSID, want.Reason = "v-1", "begrundelse"
		want.Findings = []brevdue.Finding{{Rule: "EDI-UNT-02", Severity: brevdue.SeverityError, Pos: brevdue.Pos{Offset: 3, Line: 2, Column: 1, Path: "UNT"}, Text: "æ", TextEN: "e", Ref: "r"}}
		return tx.Arrivals().Update(b.ctx, want)
	})
	b.reopen()
	b.view(func(tx store.Tx) error {
		got, err := tx.Arrivals().Get(b.ctx, want.ID)
		b.is("get", err, nil)
		b.equal("arrival", want, got)
		list, err := tx.Arrivals().List(b.ctx, store.ArrivalQuarantined, 10)
		b.is("list", err, nil)
		b.equal("quarantined", 1, len(list))
		n, err := tx.Arrivals().Count(b.ctx, store.ArrivalOpened)
		b.is("count", err, nil)
		b.equal("opened", 1, n)
		first, err := tx.Arrivals().ByVANSID(b.ctx, "v-1", 0)
		b.is("by vans id", err, nil)
		b.equal("the earliest", want.ID, first.ID)
		_, err = tx.Arrivals().ByVANSID(b.ctx, "v-1", want.ID)
		b.is("none before the first", err, brevdue.ErrNotFound)
		_, err = tx.Arrivals().ByVANSID(b.ctx, "", 0)
		b.is("no id is no id", err, brevdue.ErrNotFound)
		_, err = tx.Arrivals().Get(b.ctx, 99)
		b.is("unknown arrival", err, brevdue.ErrNotFound)
		return nil
	})
	b.is("update of an unknown arrival", b.Update(b.ctx, func(tx store.Tx) error { return tx.Arrivals().Update(b.ctx, store.Arrival{ID: 99}) }), brevdue.ErrNotFound)
}

func testListen(t *testing.T, b *bench) {
	wake, stop := b.Listen("unit:u1")
	other, stopOther := b.Listen("unit:u2")
	defer stopOther()
	quiet := func(what string, ch <-chan struct{}) {
		t.Helper()
		select {
		case <-ch:
			t.Errorf("%s: woken", what)
		default:
		}
	}
	b.update(func(tx store.Tx) error { tx.Notify("unit:u1"); tx.Notify("unit:u1"); return nil })
	select {
	case <-wake:
	case <-time.After(5 * time.Second):
		t.Fatal("nobody was woken")
	}
	quiet("twice in one commit wakes once", wake)
	quiet("another topic", other)
	_ = b.Update(b.ctx, func(tx store.Tx) error { tx.Notify("unit:u1"); return errors.New("no") })
	quiet("what was not committed", wake)
	stop()
	b.update(func(tx store.Tx) error { tx.Notify("unit:u1"); return nil })
	quiet("after stop", wake)
}

func testViews(t *testing.T, b *bench) {
	err := b.View(b.ctx, func(tx store.Tx) error { return tx.Settings().Set(b.ctx, "k", "v") })
	if err == nil {
		t.Error("a view could write")
	}
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	b.is("an ended context", b.Update(ctx, func(tx store.Tx) error { return tx.Settings().Set(ctx, "k", "v") }), context.Canceled)
	b.view(func(tx store.Tx) error {
		_, err := tx.Settings().Get(b.ctx, "k")
		b.is("nothing was written", err, brevdue.ErrNotFound)
		return nil
	})
}

// testSnapshot: a view sees the archive as it was when it began to read, and does
// not hold up those who write.
func testSnapshot(t *testing.T, b *bench) {
	b.update(func(tx store.Tx) error { return tx.Settings().Set(b.ctx, "k", "old") })
	read := func(tx store.Tx) string {
		v, err := tx.Settings().Get(b.ctx, "k")
		b.is("get", err, nil)
		return v
	}
	b.view(func(tx store.Tx) error {
		b.equal("before", "old", read(tx))
		written := make(chan error)
		go func() {
			written <- b.Update(b.ctx, func(tx store.Tx) error { return tx.Settings().Set(b.ctx, "k", "new") })
		}()
		b.is("a write beside a view", <-written, nil)
		b.equal("in the same view", "old", read(tx))
		return nil
	})
	b.view(func(tx store.Tx) error { b.equal("in the next", "new", read(tx)); return nil })
	// A view that ends badly gives its place back.
	no := errors.New("no")
	for range 20 {
		b.is("a failed view", b.View(b.ctx, func(store.Tx) error { return no }), no)
		func() {
			defer func() { _ = recover() }()
			_ = b.View(b.ctx, func(store.Tx) error { panic("bug") })
		}()
	}
	b.view(func(tx store.Tx) error { b.equal("still open", "new", read(tx)); return nil })
}

func testClosed(t *testing.T, b *bench) {
	s := b.Store
	b.close()
	if err := s.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if err := s.Update(b.ctx, func(tx store.Tx) error { return nil }); err == nil {
		t.Error("a closed archive took an update")
	}
	if err := s.View(b.ctx, func(tx store.Tx) error { return nil }); err == nil {
		t.Error("a closed archive gave a view")
	}
}

func testIsolation(t *testing.T, b *bench) {
	no := errors.New("no")
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			err := b.Update(b.ctx, func(tx store.Tx) error {
				if err := tx.Settings().Set(b.ctx, fmt.Sprint(i), "v"); err != nil {
					return err
				}
				if i%3 == 0 {
					return no
				}
				return nil
			})
			if (i%3 == 0) != errors.Is(err, no) {
				t.Errorf("update %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	b.reopen()
	b.view(func(tx store.Tx) error {
		for i := range 64 {
			_, err := tx.Settings().Get(b.ctx, fmt.Sprint(i))
			if (i%3 == 0) != errors.Is(err, brevdue.ErrNotFound) {
				t.Errorf("update %d after reopening: %v", i, err)
			}
		}
		return nil
	})
}

func testPanic(t *testing.T, b *bench) {
	func() {
		defer func() {
			if p := recover(); p != "bug" {
				t.Errorf("the caller got %v", p)
			}
		}()
		_ = b.Update(b.ctx, func(tx store.Tx) error {
			if err := tx.Settings().Set(b.ctx, "half", "v"); err != nil {
				return err
			}
			panic("bug")
		})
	}()
	b.update(func(tx store.Tx) error { return tx.Settings().Set(b.ctx, "after", "v") })
	b.view(func(tx store.Tx) error {
		_, err := tx.Settings().Get(b.ctx, "half")
		b.is("what a panic left", err, brevdue.ErrNotFound)
		return nil
	})
}

// testLead: what is led runs, ends with its context, and says why it ended by itself.
func testLead(t *testing.T, b *bench) {
	broken := errors.New("broken")
	b.is("ended by itself", b.Lead(b.ctx, "x", func(context.Context) error { return broken }), broken)
	ctx, stop := context.WithCancel(b.ctx)
	b.is("stopped", b.Lead(ctx, "x", func(ctx context.Context) error { stop(); <-ctx.Done(); return ctx.Err() }), nil)
}
