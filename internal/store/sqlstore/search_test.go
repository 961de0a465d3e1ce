package sqlstore_test

import (
	"fmt"
	"slices"
	"testing"

	"brevdue"
	"brevdue/internal/pgtest"
	"brevdue/internal/store"
	"brevdue/internal/store/postgres"
	"brevdue/internal/store/sqlstore"
)

// TestSearchWindows: where the engine is asked for the latest letters first, those that
// lie far apart, in windows of every size, are found all the same, in order and page by
// page.
func TestSearchWindows(t *testing.T) {
	s, err := postgres.Open(t.Context(), pgtest.Database(t), postgres.Options{})
	s = closing(t, s, err)
	ctx := t.Context()
	var want []int64
	for round, start := range []int64{1, 8_190, 70_000, 600_000, 5_000_000, 40_000_000, 40_008_190} {
		err := s.Update(ctx, func(tx store.Tx) error {
			if err := sqlstore.Run(tx, "SELECT setval(pg_get_serial_sequence('letters', 'id'), ?, false)", start); err != nil {
				return err
			}
			for i := range 70 {
				l := &store.Letter{Direction: store.In, Unit: []brevdue.GLN{"u1", "u2"}[i%2], Status: brevdue.Unread, Arrived: moment}
				l.Body = brevdue.Letter{ID: fmt.Sprint(start, "x", i), Subject: "vindue"}
				if i == 0 {
					l.Body.Subject += " sjælden"
				}
				id, err := tx.Letters().Insert(ctx, l)
				if err != nil {
					return err
				}
				if l.Unit == "u1" {
					want = append(want, id)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		newest := slices.Clone(want)
		slices.Reverse(newest)
		search := func(q store.Search) (ids []int64) {
			err := s.View(ctx, func(tx store.Tx) error {
				rows, err := tx.Letters().Search(ctx, "u1", q)
				for _, r := range rows {
					ids = append(ids, r.ID)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return ids
		}
		if got := search(store.Search{Text: "vindue", Limit: 1000}); !slices.Equal(got, newest) {
			t.Errorf("round %d: %d of %d, or another order", round, len(got), len(newest))
		}
		if got := search(store.Search{Text: "sjæld"}); len(got) != round+1 {
			t.Errorf("round %d: %v", round, got)
		}
		var paged []int64
		for before := int64(0); ; {
			page := search(store.Search{Text: "vindue", Before: before, Limit: 11})
			paged = append(paged, page...)
			if len(page) < 11 {
				break
			}
			before = page[len(page)-1]
		}
		if !slices.Equal(paged, newest) {
			t.Errorf("round %d: pages are another order", round)
		}
	}
}
