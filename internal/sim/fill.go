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
	stop := make(chan struct{})
	defer close(stop)
	for done, next := 0, made(stop, first, min(portion, n), now); done < n; done += portion {
		if err := ctx.Err(); err != nil {
			return err
		}
		letters := <-next
		next = made(stop, first+done+portion, min(portion, n-done-portion), now)
		err := st.Update(ctx, func(tx store.Tx) error {
			for _, l := range letters {
				if err := l.put(ctx, tx); err != nil {
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

// filling is one letter of the years before, as it is put into the archive.
type filling struct {
	letter *store.Letter
	data   []byte
	err    error
}

// made makes n letters while those before them are written.
func made(stop <-chan struct{}, first, n int, now time.Time) <-chan []filling {
	done := make(chan []filling, 1)
	go func() {
		letters := make([]filling, max(n, 0))
		for i := range letters {
			select {
			case <-stop:
				return
			default:
				letters[i] = fill(first+i, now.AddDate(0, 0, -1-(first+i)%700))
			}
		}
		done <- letters
	}()
	return done
}

func fill(k int, at time.Time) (f filling) {
	body, envelope := measuredLetter(k, at), measuredEnvelope(k, at)
	unit := number(700000 + k%fillUnits)
	body.Receiver.GLN, envelope.Receiver = unit, unit
	f.data, f.err = write(body, brevdue.XDIS91, envelope)
	f.letter = &store.Letter{Direction: store.In, Unit: unit, Status: brevdue.Read, Format: brevdue.OIOXML, Kind: brevdue.XDIS91, Envelope: envelope, Body: body,
		Group: body.Subject, Category: body.Subject, Sent: at, Arrived: at, ReadAt: at.Add(time.Hour), ReadBy: "Anne Prøve"}
	return f
}

func (f filling) put(ctx context.Context, tx store.Tx) (err error) {
	if f.err != nil {
		return f.err
	}
	l, at, unit, envelope := f.letter, f.letter.Arrived, f.letter.Unit, f.letter.Envelope
	if l.Original, err = tx.Originals().Put(ctx, f.data, at); err != nil {
		return err
	}
	l.Arrival, err = tx.Arrivals().Add(ctx, store.Arrival{SHA: l.Original, Network: "folder", At: at, State: store.ArrivalOpened, Format: brevdue.OIOXML, Kind: brevdue.XDIS91,
		Envelope: envelope.ID, Sender: envelope.Sender, Receiver: unit})
	if err != nil {
		return err
	}
	id, err := tx.Letters().InsertLater(ctx, l)
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
		Arrival: l.Arrival, At: at, HandedAt: at}
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
