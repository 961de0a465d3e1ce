package mailbox

import (
	"brevdue/aftale"
	"brevdue/internal/store"
)

// dutyInput is what the deadline of a letter of the unit is computed from. services
// is what is known of its citizen: "yes", "no", or anything else for unknown.
func dutyInput(u store.Unit, l *store.Letter, services string) aftale.DutyInput {
	return aftale.DutyInput{Receiver: u.Kind, Sent: l.Sent, Arrived: l.Arrived, Services: aftale.Services(services), Shifts: u.Shifts, Closes: u.Closes}
}

// Why is how the deadline of a received letter comes about.
type Why struct {
	Input aftale.DutyInput // as it is known now
	Steps []aftale.Step    // the computation by the agreement the letter is pinned to
	// Moved tells that the same computation gives another deadline now: something
	// about the unit or the citizen was known otherwise when the letter was judged.
	// What counts is the deadline of the letter (AGR-1003).
	Moved bool
}

// Explain computes the deadline of a received letter, which must have one, by the
// agreement it is pinned to. Without that, a is nil and only Input is filled.
func Explain(a *aftale.Agreement, u store.Unit, l *store.Letter, services string) Why {
	out := Why{Input: dutyInput(u, l, services)}
	if a == nil {
		return out
	}
	now := a.Duty(out.Input)
	out.Steps, out.Moved = a.Explain(out.Input), now.Rule != l.Duty.Rule || !now.Due.Equal(l.Duty.Due)
	return out
}

// explain tells on a letter's page when the way ate the time, and how the deadline
// comes about. Steps that would end at another deadline are not told.
func (b *Box) explain(u store.Unit, o *Opened) {
	l := o.Letter
	if l.Direction != store.In || l.Duty == nil || !u.Kind.Known() {
		return
	}
	a := b.pinned(l.Duty.Agreement)
	if a == nil {
		return
	}
	services := u.Services
	if o.Services != nil {
		services = o.Services.Value
	}
	why := Explain(a, u, l, services)
	o.LateTransport, o.LateTransportEN = a.LateTransport(why.Input)
	if !why.Moved {
		o.Steps = why.Steps
	}
}
