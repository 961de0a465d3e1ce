package sim

import (
	"context"
	"fmt"
	"time"

	"brevdue"
	"brevdue/internal/audit"
	"brevdue/internal/store"
)

// fillUnits is over how many units the letters of a filled archive are spread: those of
// a region.
const fillUnits = 500

// Fill puts n letters into an archive that were received, answered and read before: what
// the years leave behind. It writes what the walk writes for each, by a shorter way. Its
// letters are told apart by their numbers, from first on.
func Fill(ctx context.Context, st store.Store, first, n int, now time.Time, progress func(done int)) error {
	const portion = 500
	for done := 0; done < n; done += portion {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := st.Update(ctx, func(tx store.Tx) error {
			for k := first + done; k < first+min(done+portion, n); k++ {
				if err := fillOne(ctx, tx, k, now.AddDate(0, 0, -1-k%700)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("fill: %w", err)
		}
		if progress != nil {
			progress(min(done+portion, n))
		}
	}
	return nil
}

func fillOne(ctx context.Context, tx store.Tx, k int, at time.Time) error {
	body, envelope := measuredLetter(k, at), measuredEnvelope(k, at)
	unit := number(700000 + k%fillUnits)
	body.Receiver.GLN, envelope.Receiver = unit, unit
	data, err := write(body, brevdue.XDIS91, envelope)
	if err != nil {
		return err
	}
	sha, err := tx.Originals().Put(ctx, data, at)
	if err != nil {
		return err
	}
	arrival, err := tx.Arrivals().Add(ctx, store.Arrival{SHA: sha, Network: "folder", At: at, State: store.ArrivalOpened, Format: brevdue.OIOXML, Kind: brevdue.XDIS91,
		Envelope: envelope.ID, Sender: envelope.Sender, Receiver: unit})
	if err != nil {
		return err
	}
	l := &store.Letter{Direction: store.In, Unit: unit, Status: brevdue.Read, Arrival: arrival, Original: sha, Format: brevdue.OIOXML, Kind: brevdue.XDIS91, Envelope: envelope, Body: body,
		Group: body.Subject, Category: body.Subject, Sent: at, Arrived: at, ReadAt: at.Add(time.Hour), ReadBy: "Anne Prøve"}
	id, err := tx.Letters().Insert(ctx, l)
	if err != nil {
		return err
	}
	for _, what := range []string{"received", "judged", "acknowledged", "read"} {
		if err := tx.Letters().AddEvent(ctx, id, store.Event{At: at, What: what, Detail: "XDIS91 · Kuvert " + envelope.ID}); err != nil {
			return err
		}
	}
	answer := fmt.Appendf(nil, "<receipt of=%q/>", envelope.ID)
	receipt := &store.StoredReceipt{Direction: store.Out, Outcome: brevdue.Positive, Kind: brevdue.XCTL03, Envelope: "F" + envelope.ID, Other: envelope.Sender, Original: envelope.ID,
		Arrival: arrival, At: at, HandedAt: at}
	if receipt.SHA, err = tx.Originals().Put(ctx, answer, at); err != nil {
		return err
	}
	if receipt.ID, err = tx.Receipts().Insert(ctx, receipt); err != nil {
		return err
	}
	if err := tx.Receipts().Link(ctx, receipt.ID, id); err != nil {
		return err
	}
	for _, action := range []string{"letter.received", "letter.read"} {
		if err := audit.Append(ctx, tx, audit.Entry{At: at, Actor: "system", Action: action, Unit: unit, Letter: id}); err != nil {
			return err
		}
	}
	return nil
}
