package storetest

import (
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// Files go with a letter of ours in one message, which is made once and answered once.
func testFiles(t *testing.T, b *bench) {
	l := letter("u1", "B1")
	l.Direction, l.Status = store.Out, brevdue.Queued
	want := []store.Enclosure{{N: 0, ObjectID: "0a", Code: "billede", Extension: "png", Size: 3}, {N: 2, ObjectID: "0b", Code: "vektor_grafik", Extension: "pdf", Size: 4}}
	m := store.FileMessage{Message: "M1", Envelope: "K1", Kind: brevdue.XBIN01, At: now}
	b.update(func(tx store.Tx) error {
		if _, err := tx.Letters().Insert(b.ctx, l); err != nil {
			return err
		}
		for i := range want {
			want[i].Letter, want[i].SHA = l.ID, b.original(tx, want[i].ObjectID)
			if err := tx.Files().Enclose(b.ctx, want[i]); err != nil {
				return err
			}
		}
		m.Letter, m.SHA = l.ID, b.original(tx, "message")
		return tx.Files().Start(b.ctx, m)
	})
	b.reopen()
	is := func(what string, want store.FileMessage) {
		t.Helper()
		b.view(func(tx store.Tx) error {
			got, err := tx.Files().Get(b.ctx, l.ID)
			b.is(what, err, nil)
			b.equal(what, want, got)
			got, err = tx.Files().ByEnvelope(b.ctx, "K1")
			b.is(what, err, nil)
			b.equal(what+", by envelope", want, got)
			return nil
		})
	}
	is("started", m)
	b.view(func(tx store.Tx) error {
		got, err := tx.Files().Enclosed(b.ctx, l.ID)
		b.is("enclosed", err, nil)
		b.equal("enclosed", want, got)
		_, err = tx.Files().Get(b.ctx, 99)
		b.is("a letter without files", err, brevdue.ErrNotFound)
		_, err = tx.Files().ByEnvelope(b.ctx, "K2")
		b.is("another envelope", err, brevdue.ErrNotFound)
		return nil
	})
	b.is("started twice", b.Update(b.ctx, func(tx store.Tx) error { return tx.Files().Start(b.ctx, m) }), brevdue.ErrConflict)
	m.HandedAt, m.Outcome, m.AnsweredAt = now.Add(time.Second), brevdue.Negative, now.Add(time.Minute)
	b.update(func(tx store.Tx) error {
		if err := tx.Files().MarkHanded(b.ctx, l.ID, m.HandedAt); err != nil {
			return err
		}
		return tx.Files().Answer(b.ctx, l.ID, m.Outcome, m.AnsweredAt)
	})
	b.is("answered twice", b.Update(b.ctx, func(tx store.Tx) error { return tx.Files().Answer(b.ctx, l.ID, brevdue.Positive, now) }), brevdue.ErrConflict)
	is("the first answer counts", m)
}
