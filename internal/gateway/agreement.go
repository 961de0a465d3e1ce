package gateway

import (
	"context"
	"fmt"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
)

// trayOrder is the place of the tray "Uden for aftalen" in an inbox: after every
// subject an agreement can have.
const trayOrder = 1 << 16

// applyAgreement sorts an accepted letter by the agreement in force when it was
// sent (AGR-1003) and computes what the unit owes: to have read it by a time. Where
// none was in force then (a letter under way since before the first agreement, or
// a sender whose clock is years behind), the one in force on arrival judges it, and
// the sentence says so: a letter without a deadline is read by nobody. A letter no
// agreement is about is accepted all the same and goes to the tray.
func (g *Gateway) applyAgreement(ctx context.Context, tx store.Tx, v *verdict, sender brevdue.GLN, arrived time.Time) error {
	v.order = trayOrder
	book := g.Books()
	if book == nil {
		return nil
	}
	from, to := g.entry(sender), g.entry(v.unit.GLN)
	parties := aftale.Parties{
		From: aftale.Who{Kind: from.Kind, Names: append(from.Called(), v.letter.Sender.Organisation, v.letter.Sender.Department)},
		To:   aftale.Who{Kind: v.unit.Kind, Names: append(v.unit.Called(), to.Called()...)},
	}
	a, ok := book.At(v.sent, parties)
	before := !ok
	if before {
		a, ok = book.At(arrived, parties)
	}
	if !ok || !a.Covers(from.Kind, v.unit.Kind) {
		return nil
	}
	sorted := a.SortSubject(v.letter.Subject)
	v.category = sorted.Category
	if sorted.Row >= 0 {
		v.group, v.order = sorted.Subject, sorted.Row
	}
	if !v.unit.Kind.Known() {
		return nil
	}
	services, err := store.ServicesOf(ctx, tx, *v.unit, v.letter.Patient)
	if err != nil {
		return err
	}
	duty := a.Judged(aftale.DutyInput{
		Receiver: v.unit.Kind, Sent: v.sent, Arrived: arrived, Services: aftale.Services(services.Value), Shifts: v.unit.Shifts, Closes: v.unit.Closes,
	})
	if before {
		duty.Sentence += " Ingen aftale var i kraft, da brevet blev afsendt; det bedømmes efter den, der gjaldt ved modtagelsen."
		duty.SentenceEN += " No agreement was in force when the letter was sent; it is judged by the one in force on arrival."
	}
	v.duty = &duty
	return nil
}

// route finds the team of the unit that a letter is for, "" when no rule fits.
func route(ctx context.Context, tx store.Tx, l *store.Letter) (team string, err error) {
	routes, err := tx.UnitFacts().Routes(ctx, l.Unit)
	if err != nil {
		return "", fmt.Errorf("routes of a unit: %w", err)
	}
	if i := store.RouteOf(routes, l); i >= 0 {
		return routes[i].Team, nil
	}
	return "", nil
}
