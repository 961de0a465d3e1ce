package mailbox

import (
	"context"
	"fmt"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// eventServices is the timeline's word for what a municipality has said about its
// citizen, and what that did to the letter's deadline.
const eventServices = "services"

// servicesOf is what the unit knows; nil where nobody asks: only a municipality's
// health and elder area is asked, about a citizen with a number.
func servicesOf(ctx context.Context, tx store.Tx, u store.Unit, p brevdue.Patient) (*store.Services, error) {
	if u.Kind != brevdue.MunicipalHealth || p.Citizen() == "" {
		return nil, nil
	}
	known, err := store.ServicesOf(ctx, tx, u, p)
	if err != nil {
		return nil, err
	}
	return &known, nil
}

// SetServices keeps what the unit knows about the citizen of a letter and computes
// the deadlines of the unit's own unread letters about that citizen anew. The
// sender's side is not touched: what was promised there stays (Amb-20). It returns
// how many deadlines moved. The unit must be of municipal health, and the letter
// about somebody with a number; else it is ErrConflict.
func (b *Box) SetServices(ctx context.Context, p Person, unit brevdue.GLN, id int64, value string) (moved int, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		moved = 0
		u, l, err := b.wholeLetter(ctx, tx, p, RightWork, unit, id)
		if err != nil {
			return err
		}
		before, err := servicesOf(ctx, tx, u, l.Body.Patient)
		if err != nil {
			return err
		}
		if before == nil || !isServices(value) {
			return brevdue.ErrConflict
		}
		now := b.cfg.Now()
		citizen := l.Body.Patient.Citizen()
		if err := tx.UnitFacts().PutServices(ctx, store.Services{Unit: unit, Citizen: citizen, Value: value, By: p.Name, At: now}); err != nil {
			return err
		}
		change := fmt.Sprintf("Borgeren: %s (før: %s)", servicesWord(value), servicesWord(before.Value))
		unread, err := tx.Letters().UnreadOf(ctx, unit, citizen)
		if err != nil {
			return err
		}
		for _, other := range unread {
			did, err := b.judgeAnew(ctx, tx, p, u, other, value, change)
			if err != nil {
				return err
			}
			if did {
				moved++
			}
		}
		if l.Status != brevdue.Unread { // it has been read: the deadline is met or missed for good
			if err := tx.Letters().AddEvent(ctx, l.ID, store.Event{At: now, What: eventServices, Who: p.Name, Detail: change}); err != nil {
				return err
			}
		}
		tx.Notify(store.TopicUnit(unit))
		return b.note(ctx, tx, p, "citizen.services", unit, id, fmt.Sprintf("%s to %s, %d deadlines moved", before.Value, value, moved))
	})
	return moved, err
}

// judgeAnew computes the deadline of an unread letter with what is known now, by the
// agreement it is pinned to (AGR-1003). A letter whose agreement is gone keeps its
// deadline. It tells whether the deadline moved.
func (b *Box) judgeAnew(ctx context.Context, tx store.Tx, p Person, u store.Unit, l *store.Letter, services, change string) (bool, error) {
	e := store.Event{At: b.cfg.Now(), What: eventServices, Who: p.Name, Detail: change}
	var a *aftale.Agreement
	if l.Duty != nil {
		a = b.pinned(l.Duty.Agreement)
	}
	if a == nil {
		return false, tx.Letters().AddEvent(ctx, l.ID, e)
	}
	duty := a.Judged(dutyInput(u, l, services))
	if err := tx.Letters().SetDuty(ctx, l.ID, &duty); err != nil {
		return false, err
	}
	moved := !duty.Due.Equal(l.Duty.Due) || !duty.Expected.Equal(l.Duty.Expected)
	if moved {
		e.Detail += fmt.Sprintf(". Læsefrist %s (før: %s)", kalender.When(duty.Due, e.At), kalender.When(l.Duty.Due, e.At))
		if err := tx.Jobs().Add(ctx, store.Reminder(l.ID, duty, e.At)); err != nil {
			return false, err
		}
	}
	if err := tx.Letters().AddEvent(ctx, l.ID, e); err != nil {
		return false, err
	}
	detail := fmt.Sprintf("%s %s to %s %s", l.Duty.Rule, l.Duty.Due.UTC().Format(time.RFC3339), duty.Rule, duty.Due.UTC().Format(time.RFC3339))
	return moved, b.note(ctx, tx, p, "letter.duty", l.Unit, l.ID, detail)
}

func isServices(value string) bool {
	switch aftale.Services(value) {
	case aftale.ServicesYes, aftale.ServicesNo, aftale.ServicesUnknown:
		return true
	}
	return false
}

// servicesWord is the answer as the timeline has it.
func servicesWord(value string) string {
	switch aftale.Services(value) {
	case aftale.ServicesYes:
		return "modtager kommunale ydelser"
	case aftale.ServicesNo:
		return "modtager ikke kommunale ydelser"
	}
	return "vides ikke"
}
