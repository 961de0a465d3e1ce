package storetest

import (
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// A letter waits to be handed over to the record from when it was read, or has left,
// until it was.
func testJournals(t *testing.T, b *bench) {
	read, answered, sent, other := letter("u1", "B1"), letter("u1", "B2"), letter("u1", "B3"), letter("u2", "B4")
	read.Status, answered.Status, sent.Status, other.Status = brevdue.Read, brevdue.Answered, brevdue.Delivered, brevdue.Read
	sent.Direction = store.Out
	unread, refused, queued := letter("u1", "B5"), letter("u1", "B6"), letter("u1", "B7")
	refused.Status, queued.Status, queued.Direction = brevdue.Refused, brevdue.Queued, store.Out
	b.update(func(tx store.Tx) error {
		for _, l := range []*store.Letter{unread, refused, queued, read, answered, sent, other} {
			if _, err := tx.Letters().Insert(b.ctx, l); err != nil {
				return err
			}
		}
		return nil
	})
	waits := func(what string, want ...int64) {
		t.Helper()
		b.view(func(tx store.Tx) error {
			rows, err := tx.Journals().Waiting(b.ctx, "u1", 0, 0)
			b.is(what, err, nil)
			var got []int64
			for _, r := range rows {
				got = append(got, r.ID)
			}
			b.equal(what, want, got)
			n, err := tx.Journals().CountWaiting(b.ctx, "u1")
			b.is(what, err, nil)
			b.equal(what+", counted", len(want), n)
			return nil
		})
	}
	waits("the newest last", read.ID, answered.ID, sent.ID)
	b.view(func(tx store.Tx) error {
		rows, err := tx.Journals().Waiting(b.ctx, "u1", 1, 1)
		b.is("a page", err, nil)
		b.equal("a page", 1, len(rows))
		b.equal("a page", answered.ID, rows[0].ID)
		_, err = tx.Journals().Get(b.ctx, read.ID)
		b.is("not handed over", err, brevdue.ErrNotFound)
		return nil
	})
	put := func(id int64, j store.Journal) error {
		return b.Update(b.ctx, func(tx store.Tx) error { return tx.Journals().Put(b.ctx, id, j) })
	}
	want := store.Journal{At: now, By: "Ida", Case: "2026-17"}
	b.is("put", put(read.ID, want), nil)
	b.is("put twice", put(read.ID, store.Journal{At: now.Add(time.Hour), By: "Bo"}), brevdue.ErrConflict)
	b.is("no such letter", put(99, want), brevdue.ErrConflict)
	b.reopen()
	waits("one was handed over", answered.ID, sent.ID)
	b.view(func(tx store.Tx) error {
		got, err := tx.Journals().Get(b.ctx, read.ID)
		b.is("get", err, nil)
		b.equal("the first counts", want, got)
		return nil
	})
	back := func(id int64, at time.Time) error {
		return b.Update(b.ctx, func(tx store.Tx) error { return tx.Journals().TakeBack(b.ctx, id, at) })
	}
	b.is("take back another time's", back(read.ID, now.Add(time.Second)), brevdue.ErrConflict)
	b.is("take back what was not handed over", back(answered.ID, time.Time{}), brevdue.ErrConflict)
	b.is("take back", back(read.ID, now), nil)
	waits("taken back", read.ID, answered.ID, sent.ID)
	b.is("handed over again", put(read.ID, store.Journal{At: now, By: "Bo"}), nil)
}
