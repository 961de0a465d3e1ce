package gateway

import (
	"testing"

	"brevdue"
	"brevdue/internal/store"
)

// A copy that comes after the content has gone is known by what is kept of it: it gets the
// stored receipt, and its bytes are to go as well. The number with other content is refused
// as it always was: nothing new is taken for something old.
func TestCopyOfAClearedLetter(t *testing.T) {
	w := worldA(t)
	first := draft{kind: brevdue.XDIS91, ask: true}
	w.receive(first.bytes(t))
	w.drain()
	before := w.taken()
	w.update(func(tx store.Tx) error {
		l, err := tx.Letters().Get(w.ctx, 1)
		if err != nil {
			return err
		}
		if err := tx.Letters().Move(w.ctx, 1, brevdue.Unread, brevdue.Read); err != nil {
			return err
		}
		if err := tx.Retention().Clear(w.ctx, store.Cleared{Letter: 1, At: w.clock(), Days: 30, Print: Print(l.Body)}); err != nil {
			return err
		}
		_, err = tx.Retention().Erase(w.ctx, l.Original)
		return err
	})
	w.receive(first.bytes(t), draft{kind: brevdue.XDIS91, ask: true, env: "K2"}.bytes(t), draft{kind: brevdue.XDIS91, ask: true, env: "K3", text: "Et helt andet indhold"}.bytes(t))
	w.drain()
	if got, want := w.arrivals(), "opened duplicate duplicate opened"; got != want {
		t.Errorf("arrivals %s, want %s", got, want)
	}
	if got, want := w.states(), "B1:read@clinic B1:refused@clinic"; got != want {
		t.Errorf("letters %s, want %s", got, want)
	}
	after := w.taken()
	if len(after) != 3 || string(after[0].data) != string(before[0].data) {
		t.Errorf("handed over: %s", sayAll(t, after))
	}
	w.view(func(tx store.Tx) error {
		marked, err := tx.Retention().Marked(w.ctx, "", 0)
		if len(marked) != 2 {
			t.Errorf("the bytes of two copies are to go, marked are %d", len(marked))
		}
		return err
	})
	w.sound()
}
