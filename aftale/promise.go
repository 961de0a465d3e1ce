package aftale

import (
	"fmt"
	"slices"
	"time"

	"brevdue"
	"brevdue/kalender"
)

// Promise is what a sender is told before sending (F13).
type Promise struct {
	Duty       brevdue.Duty
	Changes    time.Time // from when on the promise is another one; zero for a kind the agreement does not know
	Sentence   string    // Danish: "Læses senest i dag kl. 15, når brevet er afsendt før kl. 14.30."
	SentenceEN string
}

// Promise says what the deadline is for a letter sent at now, and when that
// changes: at the next cutoff, the next shift, or the next day. in.Sent and
// in.Arrived are ignored. A hospital unit of unknown class promises what a clinic
// does (Amb-24), and unknown services the later deadline (Amb-20).
func (a *Agreement) Promise(now time.Time, in DutyInput) Promise {
	in = in.promising()
	in.Sent, in.Arrived = now, now
	rules := a.applicable(in)
	if len(rules) == 0 {
		return Promise{}
	}
	p := Promise{Duty: a.owed(in)}
	// Where two rules may apply, either one's boundary can change the later of the
	// two; a boundary that changes nothing is stepped over.
	for at := now; p.Changes.IsZero(); {
		var next time.Time
		for _, d := range rules {
			if b := a.boundary(d, at, in); next.IsZero() || b.Before(next) {
				next = b
			}
		}
		then := in
		then.Sent, then.Arrived = next, next
		if duty := a.owed(then); !duty.Due.Equal(p.Duty.Due) || duty.Rule != p.Duty.Rule {
			p.Changes = next
		}
		at = next
	}
	by := slices.IndexFunc(rules, func(d *Deadline) bool { return d.Rule == p.Duty.Rule })
	p.Sentence, p.SentenceEN = promised(rules[by], p.Duty, now)
	return p
}

// boundary returns the first time after at when the rule gives another deadline.
func (a *Agreement) boundary(d *Deadline, at time.Time, in DutyInput) time.Time {
	day := kalender.DayOf(at)
	switch {
	case d.Window != nil:
		for !d.reads(day) || !at.Before(day.At(d.Window.Cutoff)) {
			day = day.Add(1)
		}
		return day.At(d.Window.Cutoff)
	case d.Shift:
		expected, _, _ := d.shift(at, at, a.shifts(in))
		return expected
	case d.Within != nil:
		if !d.reads(day) {
			return d.nextReading(day).At(0)
		}
		return at.Truncate(time.Minute).Add(time.Minute) // the due time moves with the clock
	default:
		return d.Closed.From(day).Add(1).At(0)
	}
}

// promised is the promise in one sentence.
func promised(d *Deadline, duty brevdue.Duty, now time.Time) (da, en string) {
	on := kalender.DayOf(duty.Due)
	day, dayEN := kalender.ShortDay(on, now), kalender.ShortDayEN(on, now)
	switch {
	case d.Window != nil && on == kalender.DayOf(now):
		return fmt.Sprintf("Læses senest %s %s, når brevet er afsendt før %s.", day, kalender.Clock(d.Window.To), kalender.Clock(d.Window.Cutoff)),
			fmt.Sprintf("To be read by %s %s when sent before %s.", dayEN, kalender.ClockEN(d.Window.To), kalender.ClockEN(d.Window.Cutoff))
	case d.Window != nil:
		return fmt.Sprintf("Læses %s %s. Haster det, så ring.", day, kalender.Window(d.Window.From, d.Window.To)),
			fmt.Sprintf("To be read %s %s. If it is urgent, call.", dayEN, kalender.WindowEN(d.Window.From, d.Window.To))
	case d.Shift:
		return fmt.Sprintf("Forventes læst senest %s og skal være læst senest %s.", kalender.When(duty.Expected, now), kalender.When(duty.Due, now)),
			fmt.Sprintf("Expected to be read by %s and due by %s.", kalender.WhenEN(duty.Expected, now), kalender.WhenEN(duty.Due, now))
	case d.Within != nil:
		return fmt.Sprintf("Læses senest %s, når brevet sendes nu. Haster det, så ring.", kalender.When(duty.Due, now)),
			fmt.Sprintf("To be read by %s when sent now. If it is urgent, call.", kalender.WhenEN(duty.Due, now))
	default:
		return fmt.Sprintf("Læses løbende på hverdage; svar kan ventes senest %s (vejledende).", kalender.When(duty.Due, now)),
			fmt.Sprintf("Read throughout working days; an answer can be expected by %s (a guide).", kalender.WhenEN(duty.Due, now))
	}
}

// Reads says in Danish and English when a kind of unit reads, for lists:
// "Læser hverdage kl. 8–15".
func (a *Agreement) Reads(kind brevdue.UnitKind) (da, en string) {
	in := DutyInput{Receiver: kind}.promising()
	for _, d := range a.Deadlines {
		if !in.fits(&d) {
			continue
		}
		switch {
		case d.Window != nil && d.Window.EveryDay:
			return "Læser alle dage " + kalender.Window(d.Window.From, d.Window.To),
				"Reads every day " + kalender.WindowEN(d.Window.From, d.Window.To)
		case d.Window != nil:
			return "Læser hverdage " + kalender.Window(d.Window.From, d.Window.To),
				"Reads working days " + kalender.WindowEN(d.Window.From, d.Window.To)
		case d.Shift:
			return "Læser én gang i hver vagt (borgere med ydelser)", "Reads once in every shift (citizens with services)"
		case d.Within != nil:
			return fmt.Sprintf("Læser inden %d timer", d.Within.Hours), fmt.Sprintf("Reads within %d hours", d.Within.Hours)
		default:
			return "Læser løbende på hverdage", "Reads throughout working days"
		}
	}
	return "", ""
}

// NextWindow says when a unit of the kind reads next, for an empty inbox:
// "mandag 30. november kl. 8–15", "løbende", or the next shift.
func (a *Agreement) NextWindow(kind brevdue.UnitKind, shifts []int, now time.Time) (da, en string) {
	in := DutyInput{Receiver: kind}.owing()
	for i := range a.Deadlines {
		d := &a.Deadlines[i]
		if !in.fits(d) {
			continue
		}
		switch {
		case d.Window != nil:
			day := kalender.DayOf(now)
			if !d.reads(day) || !now.Before(day.At(d.Window.To)) {
				day = d.nextReading(day)
			}
			return kalender.DayDA(day, now) + " " + kalender.Window(d.Window.From, d.Window.To),
				kalender.DayEN(day, now) + " " + kalender.WindowEN(d.Window.From, d.Window.To)
		case d.Shift:
			if len(shifts) == 0 {
				shifts = a.Shifts
			}
			end, _, _ := d.shift(now, now, shifts)
			return "denne vagt, som slutter " + moment(end, now), "this shift, which ends " + momentEN(end, now)
		default:
			day := d.Closed.From(kalender.DayOf(now))
			return "løbende " + kalender.DayDA(day, now), "throughout " + kalender.DayEN(day, now)
		}
	}
	return "", ""
}
