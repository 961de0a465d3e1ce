package storetest

import (
	"fmt"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// testNames: a display name waits for a second person, one at a time for a location
// number, and every one that was stays.
func testNames(t *testing.T, b *bench) {
	first := store.DisplayName{GLN: "5790000000012", Name: "Hjemmesygeplejen Nord", Official: "HJSPL N", State: store.NameProposed, ProposedBy: 7, ProposedName: "Ida", ProposedAt: now}
	other := first
	other.GLN = "5790000000029"
	propose := func(n *store.DisplayName) error {
		return b.Update(b.ctx, func(tx store.Tx) (err error) { n.ID, err = tx.Names().Propose(b.ctx, *n); return err })
	}
	decide := func(n *store.DisplayName, to store.NameState) error {
		return b.Update(b.ctx, func(tx store.Tx) error {
			return tx.Names().Decide(b.ctx, n.ID, n.State, to, 8, "Bo", now.Add(time.Hour))
		})
	}
	b.is("propose", propose(&first), nil)
	b.is("propose for another", propose(&other), nil)
	twice := first
	b.is("two at once", propose(&twice), brevdue.ErrConflict)
	b.is("approve", decide(&first, store.NameApproved), nil)
	b.is("approve twice", decide(&first, store.NameApproved), brevdue.ErrConflict)
	first.State, first.DecidedBy, first.DecidedName, first.DecidedAt = store.NameApproved, 8, "Bo", now.Add(time.Hour)
	second := first
	second.Name, second.State, second.DecidedBy, second.DecidedName, second.DecidedAt = "Sygeplejen Nord", store.NameProposed, 0, "", time.Time{}
	b.is("propose the next", propose(&second), nil)
	b.reopen()
	b.view(func(tx store.Tx) error {
		got, err := tx.Names().Get(b.ctx, first.ID)
		b.is("get", err, nil)
		b.equal("get", first, got)
		of, err := tx.Names().Of(b.ctx, first.GLN)
		b.is("of", err, nil)
		b.equal("of, the newest first", []store.DisplayName{second, first}, of)
		waiting, err := tx.Names().List(b.ctx, store.NameProposed)
		b.is("list", err, nil)
		b.equal("waiting, the oldest first", []store.DisplayName{other, second}, waiting)
		_, err = tx.Names().Get(b.ctx, 99)
		b.is("no such name", err, brevdue.ErrNotFound)
		return nil
	})
}

// testExchange: what a unit and another party wrote, and who answers with no receipt.
func testExchange(t *testing.T, b *bench) {
	n := 0
	put := func(unit, other brevdue.GLN, dir store.Direction, status brevdue.Status, at time.Time) {
		n++
		l := letter(unit, fmt.Sprint("X", n))
		l.Direction, l.Status, l.Sent, l.Arrived = dir, status, at, time.Time{}
		l.Body.Receiver.GLN = other
		if dir == store.In {
			l.Arrived, l.Body.Sender.GLN, l.Body.Receiver.GLN = at, other, unit
		}
		b.update(func(tx store.Tx) error { _, err := tx.Letters().Insert(b.ctx, l); return err })
	}
	day := func(n int) time.Time { return now.AddDate(0, 0, n) }
	put("u1", "a", store.Out, brevdue.Delivered, day(-50))
	put("u1", "a", store.Out, brevdue.Rejected, day(-40))
	put("u1", "a", store.Out, brevdue.Unconfirmed, day(-4))
	put("u1", "a", store.Out, brevdue.Sent, day(-2))
	put("u1", "a", store.Out, brevdue.Withdrawn, day(-1))
	put("u1", "a", store.In, brevdue.Read, day(-9))
	put("u1", "a", store.In, brevdue.Refused, day(-1))
	put("u1", "b", store.Out, brevdue.Delivered, day(-3))
	put("u1", "b", store.Out, brevdue.Sent, day(-2))
	put("u1", "c", store.Out, brevdue.Sent, now)
	put("u2", "c", store.Out, brevdue.Unconfirmed, day(-5))
	b.view(func(tx store.Tx) error {
		for _, c := range []struct {
			unit, other brevdue.GLN
			last        int
			want        store.Exchange
		}{
			{"u1", "a", 10, store.Exchange{LastTo: day(-2), LastFrom: day(-9), Letters: 4, Acknowledged: 1, Refused: 1}},
			{"u1", "a", 2, store.Exchange{LastTo: day(-2), LastFrom: day(-9), Letters: 2}},
			{"u2", "a", 10, store.Exchange{}},
		} {
			got, err := tx.Letters().Exchange(b.ctx, c.unit, c.other, c.last)
			b.is("exchange", err, nil)
			b.equal(fmt.Sprint(c.unit, " and ", c.other), c.want, got)
		}
		got, err := tx.Letters().Silent(b.ctx, "u1", day(-1), day(-30))
		b.is("silent", err, nil)
		b.equal("silent", []store.Silence{{GLN: "a", Letters: 2, Since: day(-4)}}, got)
		return nil
	})
}
