package storetest

import (
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// testGlass: an emergency lasts its hour, is reviewed once, and goes with the letter.
func testGlass(t *testing.T, b *bench) {
	l := letter("u1", "B1")
	one := store.Glass{User: 7, Login: "ida", Name: "Ida", Unit: "u1", Reason: "borgeren er bevidstløs", At: now, Until: now.Add(time.Hour)}
	two := store.Glass{User: 7, Login: "ida", Name: "Ida", Unit: "u1", Reason: "igen senere på vagten", At: now.Add(time.Minute), Until: now.Add(61 * time.Minute)}
	b.update(func(tx store.Tx) (err error) {
		if _, err = tx.Letters().Insert(b.ctx, l); err != nil {
			return err
		}
		one.Letter, two.Letter = l.ID, l.ID
		if one.ID, err = tx.Glasses().Add(b.ctx, one); err != nil {
			return err
		}
		two.ID, err = tx.Glasses().Add(b.ctx, two)
		return err
	})
	b.reopen()
	b.view(func(tx store.Tx) error {
		got, err := tx.Glasses().Get(b.ctx, one.ID)
		b.is("get", err, nil)
		b.equal("glass", one, got)
		_, err = tx.Glasses().Get(b.ctx, 99)
		b.is("an unknown one", err, brevdue.ErrNotFound)
		for after, want := range map[time.Duration][]store.Glass{0: {two, one}, time.Hour: {two}, 61 * time.Minute: nil} {
			open, err := tx.Glasses().Open(b.ctx, 7, now.Add(after))
			b.is("open", err, nil)
			b.equal("open after "+after.String(), want, open)
		}
		open, err := tx.Glasses().Open(b.ctx, 8, now)
		b.is("of another", err, nil)
		b.equal("open to another", 0, len(open))
		return nil
	})
	b.update(func(tx store.Tx) error {
		return tx.Glasses().Review(b.ctx, one.ID, "Revi", "i orden", now.Add(time.Hour))
	})
	one.ReviewedAt, one.ReviewedBy, one.Review = now.Add(time.Hour), "Revi", "i orden"
	b.is("reviewed twice", b.Update(b.ctx, func(tx store.Tx) error { return tx.Glasses().Review(b.ctx, one.ID, "Revi", "igen", now) }), brevdue.ErrConflict)
	b.view(func(tx store.Tx) error {
		waiting, err := tx.Glasses().Waiting(b.ctx, 0)
		b.is("waiting", err, nil)
		b.equal("waiting", []store.Glass{two}, waiting)
		n, err := tx.Glasses().CountWaiting(b.ctx)
		b.is("count", err, nil)
		b.equal("count", 1, n)
		reviewed, err := tx.Glasses().Reviewed(b.ctx, 0)
		b.is("reviewed", err, nil)
		b.equal("reviewed", []store.Glass{one}, reviewed)
		return nil
	})
	b.update(func(tx store.Tx) error {
		if err := tx.Retention().Clear(b.ctx, store.Cleared{Letter: l.ID, At: now, Days: 30}); err != nil {
			return err
		}
		return tx.Retention().Forget(b.ctx, l.ID)
	})
	b.view(func(tx store.Tx) error {
		n, err := tx.Glasses().CountWaiting(b.ctx)
		b.is("count", err, nil)
		b.equal("of a letter that was forgotten", 0, n)
		return nil
	})
}
