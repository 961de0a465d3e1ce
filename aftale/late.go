package aftale

import "brevdue"

// Judged is [Agreement.Duty] as a receiving installation keeps it: Fair is filled
// when the way ate the time (Amb-15).
func (a *Agreement) Judged(in DutyInput) brevdue.Duty {
	d := a.Duty(in)
	if in.Arrived.IsZero() || !in.Arrived.After(in.Sent) {
		return d
	}
	in.Sent = in.Arrived
	if fair := a.Duty(in); fair.Due.After(d.Due) {
		d.Fair = fair.Due
	}
	return d
}
