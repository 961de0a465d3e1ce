package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

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
		b.equal("with the BrevNr", 1, len(same))
		b.equal("by BrevNr", want.ID, same[0].ID)
		none, err := tx.Letters().Incoming(b.ctx, "another", "B1")
		b.is("another sender's number", err, nil)
		b.equal("letters of another sender", 0, len(none))
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
		for _, c := range []struct {
			unit, other brevdue.GLN
			citizen     brevdue.CPR
			number      string
			there       bool
		}{
			{"u1", want.Body.Sender.GLN, want.Body.Patient.CPR, "01234567-89AB-CDEF-0123-456789ABCDEF", true}, {"u1", want.Body.Sender.GLN, want.Body.Patient.CPR, want.Body.EpisodeOfCare, true},
			{"u2", want.Body.Sender.GLN, want.Body.Patient.CPR, want.Body.EpisodeOfCare, false}, {"u1", "nobody", want.Body.Patient.CPR, want.Body.EpisodeOfCare, false},
			{"u1", want.Body.Sender.GLN, "0107729995", want.Body.EpisodeOfCare, false}, {"u1", want.Body.Sender.GLN, want.Body.Patient.CPR, "", false}, {"u1", want.Body.Sender.GLN, want.Body.Patient.CPR, "0", false},
		} {
			found, err := tx.Letters().Course(b.ctx, c.unit, c.citizen, c.other, c.number)
			b.equal("thread of a course", c.there, err == nil && found == want.Thread)
			if !c.there {
				b.is("thread of no course", err, brevdue.ErrNotFound)
			}
		}
		elsewhere, _ := tx.Letters().ThreadOf(b.ctx, want.Thread, "u2")
		b.equal("another unit's part of the thread", 0, len(elsewhere))
		return nil
	})
	second := letter("u1", "R1")
	second.Direction = store.Out
	b.is("our own number twice", b.Update(b.ctx, func(tx store.Tx) error { _, err := tx.Letters().Insert(b.ctx, second); return err }), brevdue.ErrConflict)
	for what, f := range map[string]func(store.Letters) error{
		"note":     func(l store.Letters) error { return l.SetNote(b.ctx, 99, "") },
		"read":     func(l store.Letters) error { return l.MarkRead(b.ctx, 99, now, "Anne") },
		"answered": func(l store.Letters) error { return l.MarkAnswered(b.ctx, 99, now) },
		"sent":     func(l store.Letters) error { return l.SetSent(b.ctx, 99, brevdue.Envelope{}, "", "", "") },
	} {
		b.is(what+" of an unknown letter", b.Update(b.ctx, func(tx store.Tx) error { return f(tx.Letters()) }), brevdue.ErrNotFound)
	}
	if b.Update(b.ctx, func(tx store.Tx) error { return tx.Letters().AddEvent(b.ctx, 99, store.Event{At: now, What: "read"}) }) == nil {
		t.Error("an event of an unknown letter was kept")
	}
}

// testKeys: a sender's number may come twice, the first letter stands for it.
func testKeys(t *testing.T, b *bench) {
	var arrival int64
	first, refused, other, out := letter("u1", "B1"), letter("u1", "B1"), letter("u2", "B2"), letter("u1", "B1")
	b.update(func(tx store.Tx) (err error) {
		if arrival, err = tx.Arrivals().Add(b.ctx, store.Arrival{SHA: b.original(tx, "x"), At: now}); err != nil {
			return err
		}
		refused.Status, refused.Arrival, other.Arrival, out.Direction, out.Status = brevdue.Refused, arrival, arrival, store.Out, brevdue.Queued
		for _, l := range []*store.Letter{first, refused, other, out} {
			if _, err := tx.Letters().Insert(b.ctx, l); err != nil {
				return err
			}
		}
		return nil
	})
	b.view(func(tx store.Tx) error {
		all, err := tx.Letters().Incoming(b.ctx, first.Body.Sender.GLN, "B1")
		b.is("incoming", err, nil)
		b.equal("the first", first.ID, all[0].ID)
		got, err := tx.Letters().Outgoing(b.ctx, "B1")
		b.is("outgoing", err, nil)
		b.equal("our own", out.ID, got.ID)
		list, err := tx.Letters().ByArrival(b.ctx, arrival)
		b.is("by arrival", err, nil)
		if len(list) != 2 || list[0].ID != refused.ID || list[1].ID != other.ID {
			t.Errorf("letters of the arrival: %v", list)
		}
		ids, err := tx.Letters().IDsByArrival(b.ctx, arrival)
		b.is("ids by arrival", err, nil)
		if !slices.Equal(ids, []int64{refused.ID, other.ID}) {
			t.Errorf("ids of the arrival: %v", ids)
		}
		ids, err = tx.Letters().IDsByArrival(b.ctx, 0)
		b.is("ids of no arrival", err, nil)
		b.equal("ids of no arrival", 0, len(ids))
		list, err = tx.Letters().ByArrival(b.ctx, 0)
		b.is("no arrival", err, nil)
		b.equal("letters of no arrival", 0, len(list))
		return nil
	})
}

// testSent: a unit's own letters, newest first, and nobody else's.
func testSent(t *testing.T, b *bench) {
	var want []int64
	for i := range 5 {
		l := letter("u1", fmt.Sprint("S", i))
		l.Direction, l.Status, l.Author = store.Out, brevdue.Sent, 7
		b.update(func(tx store.Tx) error { _, err := tx.Letters().Insert(b.ctx, l); return err })
		want = append([]int64{l.ID}, want...)
	}
	foreign, received := letter("u2", "S9"), letter("u1", "R9")
	foreign.Direction, foreign.Status = store.Out, brevdue.Sent
	b.update(func(tx store.Tx) error {
		if _, err := tx.Letters().Insert(b.ctx, foreign); err != nil {
			return err
		}
		_, err := tx.Letters().Insert(b.ctx, received)
		return err
	})
	b.view(func(tx store.Tx) error {
		ids := func(limit, offset int) (out []int64) {
			rows, err := tx.Letters().SentBy(b.ctx, "u1", limit, offset)
			b.is("sent", err, nil)
			for _, r := range rows {
				out = append(out, r.ID)
				b.equal("the receiver stands as the other party", "Kommunen", r.Other)
			}
			return out
		}
		b.equal("all", want, ids(0, 0))
		b.equal("paged", want[1:3], ids(2, 1))
		return nil
	})
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
	b.is("an unknown letter", b.Update(b.ctx, func(tx store.Tx) error { return tx.Letters().Move(b.ctx, 99, brevdue.Unread, brevdue.Read) }), brevdue.ErrConflict)
	// Two people press the same button: one of them did it.
	again := letter("u1", "B2")
	b.update(func(tx store.Tx) error { _, err := tx.Letters().Insert(b.ctx, again); return err })
	var wg sync.WaitGroup
	won := make(chan bool, 16)
	for range cap(won) {
		wg.Go(func() {
			won <- b.Update(b.ctx, func(tx store.Tx) error { return tx.Letters().Move(b.ctx, again.ID, brevdue.Unread, brevdue.Read) }) == nil
		})
	}
	wg.Wait()
	close(won)
	n := 0
	for w := range won {
		if w {
			n++
		}
	}
	b.equal("who moved it", 1, n)
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
		all := []string{"g1 -1h0m0s unread", "g1 2h0m0s unread", "g1 none unread", "g1 2h0m0s read", "g2 1h0m0s unread"}
		b.equal("by group, unread first, due, arrival", all, order(store.Query{}))
		b.equal("paged", all[1:3], order(store.Query{Limit: 2, Offset: 1}))
		b.equal("unread", []string{all[0], all[1], all[2], all[4]}, order(store.Query{View: store.ViewUnread}))
		b.equal("urgent", []string{all[0]}, order(store.Query{View: store.ViewUrgent, UrgentBefore: now.Add(30 * time.Minute)}))
		b.equal("read today", []string{all[3]}, order(store.Query{View: store.ViewReadSince, ReadSince: now.Add(-time.Hour)}))
		due, err := tx.Letters().Due(b.ctx, "u1", 3)
		b.is("due", err, nil)
		var first []string
		for _, r := range due {
			first = append(first, fmt.Sprintf("%s %s", r.Group, r.Due.Sub(now)))
		}
		b.equal("the first deadline first", []string{"g1 -1h0m0s", "g2 1h0m0s", "g1 2h0m0s"}, first)
		c, err := tx.Letters().Counts(b.ctx, "u1", now)
		b.is("counts", err, nil)
		b.equal("counts", store.Count{All: 5, Unread: 4, Late: 1}, c)
		for _, at := range []struct {
			after time.Duration
			want  int
		}{{time.Hour - time.Millisecond, 1}, {time.Hour, 2}, {3 * time.Hour, 3}} {
			c, err := tx.Letters().Counts(b.ctx, "u1", now.Add(at.after))
			b.is("counts", err, nil)
			b.equal("late from the deadline on", at.want, c.Late)
		}
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
	b.is("an unknown attempt", b.Update(b.ctx, func(tx store.Tx) error { return tx.Attempts().MarkHanded(b.ctx, l.ID, 9, now) }), brevdue.ErrNotFound)
	b.is("an attempt twice", b.Update(b.ctx, func(tx store.Tx) error {
		return tx.Attempts().Add(b.ctx, store.Attempt{Letter: l.ID, N: 2, Envelope: "E3", SHA: want.SHA, At: now})
	}), brevdue.ErrConflict)
	b.is("an envelope number twice", b.Update(b.ctx, func(tx store.Tx) error {
		return tx.Attempts().Add(b.ctx, store.Attempt{Letter: l.ID, N: 3, Envelope: "E1", SHA: want.SHA, At: now})
	}), brevdue.ErrConflict)
}
