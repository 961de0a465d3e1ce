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
		{"originals", testOriginals}, {"arrivals", testArrivals}, {"letters", testLetters}, {"moves", testMoves}, {"inbox", testInbox},
		{"receipts", testReceipts}, {"attempts", testAttempts}, {"jobs", testJobs}, {"race for jobs", testRace}, {"units", testUnits},
		{"users", testUsers}, {"sessions", testSessions}, {"audit", testAudit}, {"settings", testSettings}, {"isolation", testIsolation},
		{"panic", testPanic}, {"listen", testListen}, {"views", testViews}, {"closed", testClosed},
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
		b.t.Fatal(err)
	}
	return sha
}

func testArrivals(t *testing.T, b *bench) {
	var want store.Arrival
	b.update(func(tx store.Tx) (err error) {
		want = store.Arrival{SHA: b.original(tx, "one"), Network: "folder", At: now}
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

// letter is a letter with everything in it.
func letter(unit brevdue.GLN, id string) *store.Letter {
	body := brevdue.Letter{
		ID: id, Version: "D9134L", Authorised: "2026-11-24T13:01", Status: brevdue.NewLetter, EpisodeOfCare: "0123456789abcdef0123456789abcdef",
		Sender:   brevdue.Party{GLN: "5790000120420", ID: "2001060", IDCode: brevdue.IDHospitalDepartment, Organisation: "Regionshospitalet", Department: "Medicinsk", Phone: "87654321"},
		Receiver: brevdue.Party{GLN: unit, ID: string(unit), IDCode: brevdue.IDLocation, Organisation: "Kommunen"},
		Patient:  brevdue.Patient{CPR: "2512489996", Surname: "Berggren", Given: "Nancy Ann Test", Episode: brevdue.EpisodeInpatient},
		Subject:  "Medicin", Priority: brevdue.HighPriority,
		Segments:    []brevdue.Segment{{Texts: []brevdue.Text{{Lines: []brevdue.Line{{}, {Runs: []brevdue.Run{{Text: "Marevan er "}, {Text: "pauseret", Style: brevdue.Bold}}}}}}}},
		Attachments: []brevdue.Attachment{{Kind: brevdue.SupplementAttachment, Description: "Med post"}},
	}
	return &store.Letter{
		Direction: store.In, Unit: unit, Status: brevdue.Unread, Format: brevdue.EDIFACT, Kind: brevdue.DIS91,
		Envelope: brevdue.Envelope{ID: "K" + id, Sent: "2026-11-24T13:02", Sender: body.Sender.GLN, Receiver: unit, WantsReceipt: true},
		Body:     body, Group: "Medicin", GroupOrder: 5, Category: "Medicin",
		Duty: &brevdue.Duty{Due: now.Add(2 * time.Hour), Rule: "AGR-602", Sentence: "da", SentenceEN: "en", Agreement: brevdue.AgreementRef{ID: "x", Version: "1", SHA256: "h"}},
		Sent: now.Add(-time.Minute), Arrived: now, Note: "note",
		Findings: []brevdue.Finding{{Rule: "MC-GLN-01", Severity: brevdue.SeverityWarning, Text: "t"}},
	}
}

func testLetters(t *testing.T, b *bench) {
	want := letter("u1", "B1")
	b.update(func(tx store.Tx) (err error) {
		want.Original = b.original(tx, "x")
		if want.Arrival, err = tx.Arrivals().Add(b.ctx, store.Arrival{SHA: want.Original, At: now}); err != nil {
			return err
		}
		_, err = tx.Letters().Insert(b.ctx, want)
		return err
	})
	if want.ID == 0 || want.Thread != want.ID {
		t.Fatalf("id %d, thread %d", want.ID, want.Thread)
	}
	b.reopen()
	b.view(func(tx store.Tx) error {
		got, err := tx.Letters().Get(b.ctx, want.ID)
		b.is("get", err, nil)
		b.equal("letter", want, got)
		same, err := tx.Letters().Incoming(b.ctx, "5790000120420", "B1")
		b.is("incoming", err, nil)
		b.equal("by BrevNr", want.ID, same.ID)
		_, err = tx.Letters().Incoming(b.ctx, "another", "B1")
		b.is("another sender's number", err, brevdue.ErrNotFound)
		_, err = tx.Letters().Outgoing(b.ctx, "B1")
		b.is("no letter of ours", err, brevdue.ErrNotFound)
		list, err := tx.Letters().ByArrival(b.ctx, want.Arrival)
		b.is("by arrival", err, nil)
		b.equal("letters of the arrival", 1, len(list))
		_, err = tx.Letters().Get(b.ctx, 99)
		b.is("unknown letter", err, brevdue.ErrNotFound)
		return nil
	})
	reply := letter("u1", "R1")
	reply.Direction, reply.Status, reply.Thread, reply.ReplyTo = store.Out, brevdue.Queued, want.Thread, want.ID
	b.update(func(tx store.Tx) error {
		if _, err := tx.Letters().Insert(b.ctx, reply); err != nil {
			return err
		}
		l := tx.Letters()
		for _, err := range []error{
			l.MarkRead(b.ctx, want.ID, now, "Anne"), l.MarkRead(b.ctx, want.ID, now.Add(time.Hour), "Bo"), // the first counts
			l.MarkAnswered(b.ctx, want.ID, now.Add(time.Minute)), l.MarkAnswered(b.ctx, want.ID, now.Add(time.Hour)),
			l.SetSent(b.ctx, reply.ID, brevdue.Envelope{ID: "K9"}, brevdue.OIOXML, brevdue.XDIS91, want.Original), l.SetNote(b.ctx, reply.ID, "n"),
			l.AddEvent(b.ctx, want.ID, store.Event{At: now, What: "received", Detail: "d", SHA: "s"}), l.AddEvent(b.ctx, want.ID, store.Event{At: now, What: "read", Who: "Anne"}),
			l.AddReader(b.ctx, want.ID, 7, "Anne", now), l.AddReader(b.ctx, want.ID, 8, "Bo", now),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	b.view(func(tx store.Tx) error {
		got, _ := tx.Letters().Get(b.ctx, want.ID)
		b.equal("read", [3]string{"Anne", now.String(), now.Add(time.Minute).String()}, [3]string{got.ReadBy, got.ReadAt.String(), got.AnsweredAt.String()})
		out, err := tx.Letters().Outgoing(b.ctx, "R1")
		b.is("outgoing", err, nil)
		b.equal("sent as", [4]string{"K9", "oioxml", "XDIS91", "n"}, [4]string{out.Envelope.ID, string(out.Format), string(out.Kind), out.Note})
		events, _ := tx.Letters().Events(b.ctx, want.ID)
		b.equal("timeline", []store.Event{{At: now, What: "received", Detail: "d", SHA: "s"}, {At: now, What: "read", Who: "Anne"}}, events)
		readers, _ := tx.Letters().Readers(b.ctx, want.ID)
		b.equal("readers", []store.Reader{{User: 7, Name: "Anne", At: now}, {User: 8, Name: "Bo", At: now}}, readers)
		thread, _ := tx.Letters().ThreadOf(b.ctx, want.Thread, "u1")
		b.equal("thread", 2, len(thread))
		elsewhere, _ := tx.Letters().ThreadOf(b.ctx, want.Thread, "u2")
		b.equal("another unit's part of the thread", 0, len(elsewhere))
		return nil
	})
	second := letter("u1", "R1")
	second.Direction = store.Out
	b.is("our own number twice", b.Update(b.ctx, func(tx store.Tx) error { _, err := tx.Letters().Insert(b.ctx, second); return err }), brevdue.ErrConflict)
	b.is("note of an unknown letter", b.Update(b.ctx, func(tx store.Tx) error { return tx.Letters().SetNote(b.ctx, 99, "") }), brevdue.ErrNotFound)
}

func testMoves(t *testing.T, b *bench) {
	l := letter("u1", "B1")
	b.update(func(tx store.Tx) error { _, err := tx.Letters().Insert(b.ctx, l); return err })
	move := func(from, to brevdue.Status) error {
		return b.Update(b.ctx, func(tx store.Tx) error { return tx.Letters().Move(b.ctx, l.ID, from, to) })
	}
	b.is("a move the table forbids", move(brevdue.Unread, brevdue.Delivered), brevdue.ErrConflict)
	b.is("a move", move(brevdue.Unread, brevdue.Read), nil)
	b.is("the same move again", move(brevdue.Unread, brevdue.Read), brevdue.ErrConflict)
	b.is("the next", move(brevdue.Read, brevdue.Answered), nil)
}

func testInbox(t *testing.T, b *bench) {
	add := func(unit brevdue.GLN, order int, due, arrived time.Duration, status brevdue.Status) {
		l := letter(unit, fmt.Sprintf("B%d-%d-%d-%s", order, due, arrived, status))
		l.GroupOrder, l.Group, l.Status, l.Arrived = order, fmt.Sprintf("g%d", order), status, now.Add(arrived*time.Millisecond)
		l.Duty.Due = now.Add(due)
		if due == 0 {
			l.Duty = nil
		}
		if status == brevdue.Read {
			l.ReadAt = now.Add(-time.Minute)
		}
		b.update(func(tx store.Tx) error { _, err := tx.Letters().Insert(b.ctx, l); return err })
	}
	add("u1", 2, time.Hour, 1, brevdue.Unread)
	add("u1", 1, 2*time.Hour, 2, brevdue.Unread)
	add("u1", 1, 0, 3, brevdue.Unread) // no deadline: last of its group
	add("u1", 1, -time.Hour, 4, brevdue.Unread)
	add("u1", 1, 2*time.Hour, 1, brevdue.Read)
	add("u1", 1, time.Hour, 9, brevdue.Filed)
	add("u1", 1, time.Hour, 9, brevdue.Refused)
	add("u2", 1, time.Hour, 1, brevdue.Unread)
	b.view(func(tx store.Tx) error {
		order := func(q store.Query) (out []string) {
			rows, err := tx.Letters().Inbox(b.ctx, "u1", q)
			b.is("inbox", err, nil)
			for _, r := range rows {
				due := "none"
				if !r.Due.IsZero() {
					due = r.Due.Sub(now).String()
				}
				out = append(out, fmt.Sprintf("%s %s %s", r.Group, due, r.Status))
			}
			return out
		}
		all := []string{"g1 -1h0m0s unread", "g1 2h0m0s read", "g1 2h0m0s unread", "g1 none unread", "g2 1h0m0s unread"}
		b.equal("by group, due, arrival", all, order(store.Query{}))
		b.equal("paged", all[1:3], order(store.Query{Limit: 2, Offset: 1}))
		b.equal("unread", []string{all[0], all[2], all[3], all[4]}, order(store.Query{View: store.ViewUnread}))
		b.equal("urgent", []string{all[0]}, order(store.Query{View: store.ViewUrgent, UrgentBefore: now.Add(30 * time.Minute)}))
		b.equal("read today", []string{all[1]}, order(store.Query{View: store.ViewReadSince, ReadSince: now.Add(-time.Hour)}))
		c, err := tx.Letters().Counts(b.ctx, "u1", now)
		b.is("counts", err, nil)
		b.equal("counts", store.Count{All: 5, Unread: 4, Late: 1}, c)
		refused, err := tx.Letters().RefusedList(b.ctx, 10)
		b.is("refused", err, nil)
		b.equal("refused", 1, len(refused))
		rows, _ := tx.Letters().Inbox(b.ctx, "u2", store.Query{})
		r := rows[0]
		b.equal("what a row shows", [7]string{"Nancy Ann Test Berggren", "251248-••••", "Regionshospitalet, Medicinsk", "Marevan er pauseret", "Medicin", "da", "high"},
			[7]string{r.PatientName, r.CPR.String(), r.Other, r.FirstLine, r.Subject, r.Sentence, string(r.Priority)})
		b.equal("attachments", 1, r.Attachments)
		return nil
	})
}

func testReceipts(t *testing.T, b *bench) {
	l := letter("u1", "B1")
	r := &store.StoredReceipt{Direction: store.Out, Outcome: brevdue.Positive, Kind: brevdue.CTL03, Envelope: "E1", Other: "579", Original: "K1", Arrival: 4, At: now}
	b.update(func(tx store.Tx) (err error) {
		r.SHA = b.original(tx, "r")
		if _, err = tx.Letters().Insert(b.ctx, l); err != nil {
			return err
		}
		if _, err = tx.Receipts().Insert(b.ctx, r); err != nil {
			return err
		}
		if err = tx.Receipts().Link(b.ctx, r.ID, l.ID); err != nil {
			return err
		}
		if err = tx.Receipts().Link(b.ctx, r.ID, l.ID); err != nil { // twice is harmless
			return err
		}
		return tx.Receipts().MarkHanded(b.ctx, r.ID, now)
	})
	r.HandedAt = now
	b.reopen()
	b.view(func(tx store.Tx) error {
		got, err := tx.Receipts().Get(b.ctx, r.ID)
		b.is("get", err, nil)
		b.equal("receipt", r, got)
		got, err = tx.Receipts().Answer(b.ctx, "579", "K1")
		b.is("answer", err, nil)
		b.equal("answer", r.ID, got.ID)
		_, err = tx.Receipts().Answer(b.ctx, "579", "K2")
		b.is("no answer", err, brevdue.ErrNotFound)
		list, _ := tx.Receipts().OfLetter(b.ctx, l.ID)
		b.equal("of the letter", 1, len(list))
		list, _ = tx.Receipts().ByArrival(b.ctx, 4)
		b.equal("of the arrival", 1, len(list))
		return nil
	})
	b.is("an unknown receipt", b.Update(b.ctx, func(tx store.Tx) error { return tx.Receipts().MarkHanded(b.ctx, 99, now) }), brevdue.ErrNotFound)
}

func testAttempts(t *testing.T, b *bench) {
	l := letter("u1", "B1")
	want := store.Attempt{N: 1, Envelope: "E1", At: now}
	b.update(func(tx store.Tx) error {
		if _, err := tx.Letters().Insert(b.ctx, l); err != nil {
			return err
		}
		want.Letter, want.SHA = l.ID, b.original(tx, "a")
		if err := tx.Attempts().Add(b.ctx, want); err != nil {
			return err
		}
		want.N, want.Envelope = 2, "E2"
		if err := tx.Attempts().Add(b.ctx, want); err != nil {
			return err
		}
		return tx.Attempts().MarkHanded(b.ctx, l.ID, 2, now)
	})
	want.HandedAt = now
	b.reopen()
	b.view(func(tx store.Tx) error {
		got, err := tx.Attempts().Latest(b.ctx, l.ID)
		b.is("latest", err, nil)
		b.equal("latest", want, got)
		id, err := tx.Attempts().ByEnvelope(b.ctx, "E1")
		b.is("by envelope", err, nil)
		b.equal("letter", l.ID, id)
		_, err = tx.Attempts().Latest(b.ctx, 99)
		b.is("no attempt", err, brevdue.ErrNotFound)
		_, err = tx.Attempts().ByEnvelope(b.ctx, "E9")
		b.is("unknown envelope", err, brevdue.ErrNotFound)
		return nil
	})
	b.is("an envelope number twice", b.Update(b.ctx, func(tx store.Tx) error {
		return tx.Attempts().Add(b.ctx, store.Attempt{Letter: l.ID, N: 3, Envelope: "E1", SHA: want.SHA, At: now})
	}), brevdue.ErrConflict)
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
