package storetest

import (
	"testing"

	"brevdue"
	"brevdue/internal/store"
)

// Objects are found by unit, sender and key together: the same key from another
// sender, or to another unit, is another file.
func testObjects(t *testing.T, b *bench) {
	const key = "0123456789abcdef0123456789abcdef"
	l := letter("u1", "B1")
	want := store.Object{
		Unit: "u1", Sender: "5790000120420", MessageID: "M1", Key: key, Code: "billede", Extension: "jpeg", Size: 3, Odd: true,
		Patient: "2512489996", At: now,
	}
	second := want
	b.update(func(tx store.Tx) (err error) {
		if _, err := tx.Letters().Insert(b.ctx, l); err != nil {
			return err
		}
		want.SHA = b.original(tx, "abc")
		if want.Arrival, err = tx.Arrivals().Add(b.ctx, store.Arrival{SHA: want.SHA, At: now}); err != nil {
			return err
		}
		if want.ID, err = tx.Objects().Add(b.ctx, want); err != nil {
			return err
		}
		second = want
		second.Key, second.Patient = "other", ""
		if second.ID, err = tx.Objects().Add(b.ctx, second); err != nil {
			return err
		}
		if err := tx.Objects().Refer(b.ctx, l.ID, "u1", want.Sender, key); err != nil {
			return err
		}
		return tx.Objects().Refer(b.ctx, l.ID, "u1", want.Sender, key) // said twice, kept once
	})
	b.reopen()
	b.view(func(tx store.Tx) error {
		got, err := tx.Objects().Get(b.ctx, want.ID)
		b.is("get", err, nil)
		b.equal("get", want, got)
		_, err = tx.Objects().Get(b.ctx, 99)
		b.is("no such object", err, brevdue.ErrNotFound)

		found, err := tx.Objects().Find(b.ctx, "u1", want.Sender, key)
		b.is("find", err, nil)
		b.equal("find", []store.Object{want}, found)
		for _, other := range []struct {
			unit, sender brevdue.GLN
			key          string
		}{{"u2", want.Sender, key}, {"u1", "x", key}, {"u1", want.Sender, "unknown"}} {
			found, err := tx.Objects().Find(b.ctx, other.unit, other.sender, other.key)
			b.is("find", err, nil)
			b.equal("not theirs", 0, len(found))
		}
		all, err := tx.Objects().ByMessage(b.ctx, want.Sender, "M1")
		b.is("by message", err, nil)
		b.equal("by message", []store.Object{want, second}, all)

		letters, err := tx.Objects().Referring(b.ctx, "u1", want.Sender, key)
		b.is("referring", err, nil)
		b.equal("referring", []int64{l.ID}, letters)
		letters, err = tx.Objects().Referring(b.ctx, "u2", want.Sender, key)
		b.is("referring", err, nil)
		b.equal("not theirs", 0, len(letters))
		return nil
	})
}
