package aftale

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"brevdue"
	"brevdue/kalender"
)

// DutyInput is what a reading deadline is computed from.
type DutyInput struct {
	Receiver brevdue.UnitKind
	Sent     time.Time // the sender's time: what deadlines count from (Amb-15)
	Arrived  time.Time // general practice counts from it (AGR-607); zero: Sent
	Services Services  // of the citizen; the zero value is unknown
	Shifts   []int     // the unit's own shift starts, minutes after midnight; nil: the agreement's
	Closes   int       // when a practice closes, minutes after midnight; 0: the agreement's
}

// Duty computes the reading deadline (AGR-601..607). Where services are unknown
// and two rules may apply, the later due time counts (Amb-20). It panics when the
// agreement has no rule for the receiver, which [Load] does not let through.
func (a *Agreement) Duty(in DutyInput) brevdue.Duty {
	var best brevdue.Duty
	found := false
	for i := range a.Deadlines {
		d := &a.Deadlines[i]
		if d.Kind != in.Receiver {
			continue
		}
		if known := in.Services == ServicesYes || in.Services == ServicesNo; known && d.Services != ServicesUnknown && d.Services != in.Services {
			continue
		}
		duty := a.duty(d, in)
		if !found || duty.Due.After(best.Due) {
			best, found = duty, true
		}
	}
	if !found {
		panic(fmt.Sprintf("agreement %s has no reading deadline for %q", a.ID, in.Receiver))
	}
	return best
}

func (a *Agreement) duty(d *Deadline, in DutyInput) brevdue.Duty {
	out := brevdue.Duty{Rule: d.Rule, Agreement: a.Ref()}
	var s sentence
	// Days of another year than the reader's are written with their year.
	seen := in.Arrived
	if seen.IsZero() {
		seen = in.Sent
	}
	switch {
	case d.Window != nil:
		out.Due, s = d.window(in.Sent, seen)
	case d.Shift:
		shifts := in.Shifts
		if len(shifts) == 0 {
			shifts = a.Shifts
		}
		out.Expected, out.Breached, s = d.shift(in.Sent, seen, shifts)
		out.Due = out.Breached
	default:
		out.Soft = true
		out.Due, s = d.answer(in)
	}
	if d.Services != ServicesUnknown && in.Services != ServicesYes && in.Services != ServicesNo {
		s.da += " Det er ikke oplyst, om borgeren modtager kommunale ydelser; den seneste af de to frister gælder."
		s.en += " It is not known whether the citizen receives municipal services; the later of the two deadlines counts."
	}
	out.Sentence = fmt.Sprintf("%s %s %s, %s (%s).", s.da, a.Name, a.Version, d.Paragraph, d.Rule)
	out.SentenceEN = fmt.Sprintf("%s %s %s, %s (%s).", s.en, a.Name, a.Version, d.Paragraph, d.Rule)
	return out
}

// sentence is the explanation in both languages.
type sentence struct{ da, en string }

// reads tells whether the receiver reads on the day.
func (d *Deadline) reads(day kalender.Day) bool {
	return d.Window != nil && d.Window.EveryDay || d.Closed.Hverdag(day)
}

// nextReading returns the first reading day after the given one.
func (d *Deadline) nextReading(day kalender.Day) kalender.Day {
	for day = day.Add(1); !d.reads(day); day = day.Add(1) {
	}
	return day
}

// window: sent strictly before the cutoff of a reading day is read that day,
// otherwise on the next reading day (agreement.md §6, rule 1).
func (d *Deadline) window(sent, seen time.Time) (due time.Time, s sentence) {
	w := d.Window
	day := kalender.DayOf(sent)
	reads := d.reads(day)
	on := day
	if !reads || !sent.Before(day.At(w.Cutoff)) {
		on = d.nextReading(day)
	}
	due = on.At(w.To)
	s = sentAt("Afsendt", "Sent", sent, seen)
	switch {
	case !reads:
		s.da += fmt.Sprintf(", som ikke er en læsedag (%s).", d.Closed.Why(day))
		s.en += ", which is no reading day."
	case on == day:
		s.da += ", før " + kalender.Clock(w.Cutoff) + "."
		s.en += ", before " + kalender.ClockEN(w.Cutoff) + "."
	default:
		s.da += ", ikke før " + kalender.Clock(w.Cutoff) + "."
		s.en += ", not before " + kalender.ClockEN(w.Cutoff) + "."
	}
	days, daysEN := "hverdage", "on working days"
	if w.EveryDay {
		days, daysEN = "alle dage", "every day"
	}
	s.da += fmt.Sprintf(" %s læser %s %s", d.Name, days, kalender.Window(w.From, w.To))
	s.en += fmt.Sprintf(" %s reads %s %s–%s", d.Name, daysEN, kalender.ClockEN(w.From), kalender.ClockEN(w.To))
	if skipped := d.skipped(day, on); skipped != "" {
		s.da += fmt.Sprintf(" (lukket: %s)", skipped)
		s.en += fmt.Sprintf(" (closed: %s)", skipped)
	}
	s.da += fmt.Sprintf(": læses senest %s %s.", kalender.DayDA(on, seen), kalender.Clock(w.To))
	s.en += fmt.Sprintf(": to be read by %s %s.", kalender.DayEN(on, seen), kalender.ClockEN(w.To))
	return due, s
}

// skipped names the closed days between two days, each kind once.
func (d *Deadline) skipped(from, to kalender.Day) string {
	var names []string
	for day := from.Add(1); day.Before(to); day = day.Add(1) {
		if why := d.Closed.Why(day); why != "" && !slices.Contains(names, why) {
			names = append(names, why)
		}
	}
	return strings.Join(names, ", ")
}

func sentAt(da, en string, t, seen time.Time) sentence {
	day := kalender.DayOf(t)
	local := t.In(kalender.Copenhagen())
	return sentence{
		fmt.Sprintf("%s %s kl. %d.%02d", da, kalender.DayDA(day, seen), local.Hour(), local.Minute()),
		fmt.Sprintf("%s %s %02d:%02d", en, kalender.DayEN(day, seen), local.Hour(), local.Minute()),
	}
}

// shift: read once in every shift. Expected is the end of the shift the letter
// arrived in, breached the end of the next (Amb-13). A letter exactly at a shift's
// start belongs to the new shift (cli.md, settled 3).
func (d *Deadline) shift(sent, seen time.Time, shifts []int) (expected, breached time.Time, s sentence) {
	day := kalender.DayOf(sent)
	var starts []time.Time
	for n := -1; n <= 3; n++ {
		for _, m := range shifts {
			starts = append(starts, day.Add(n).At(m))
		}
	}
	slices.SortFunc(starts, func(a, b time.Time) int { return a.Compare(b) })
	i := 0
	for i < len(starts) && !starts[i].After(sent) {
		i++
	}
	began := starts[i-1]
	expected, breached = starts[i], starts[i+1]
	s = sentAt("Afsendt", "Sent", sent, seen)
	s.da += fmt.Sprintf(" i vagten %s–%s. %s læser én gang i hver vagt, når borgeren modtager kommunale ydelser: forventes læst inden vagten slutter %s og skal være læst, når den næste vagt slutter, %s.",
		kalender.Clock(minutes(began)), strings.TrimPrefix(kalender.Clock(minutes(expected)), "kl. "), d.Name, moment(expected, seen), moment(breached, seen))
	s.en += fmt.Sprintf(" in the shift %s–%s. %s reads once in every shift when the citizen receives municipal services: expected by the end of the shift, %s, and due at the end of the next, %s.",
		kalender.ClockEN(minutes(began)), kalender.ClockEN(minutes(expected)), d.Name, momentEN(expected, seen), momentEN(breached, seen))
	return expected, breached, s
}

func minutes(t time.Time) int {
	t = t.In(kalender.Copenhagen())
	return t.Hour()*60 + t.Minute()
}

func moment(t, seen time.Time) string {
	return kalender.DayDA(kalender.DayOf(t), seen) + " " + kalender.Clock(minutes(t))
}

func momentEN(t, seen time.Time) string {
	return kalender.DayEN(kalender.DayOf(t), seen) + " " + kalender.ClockEN(minutes(t))
}

// answer is general practice (AGR-607, Amb-14): day 0 is the working day of
// arrival or the first after it; due at close of the n-th working day after.
func (d *Deadline) answer(in DutyInput) (due time.Time, s sentence) {
	arrived := in.Arrived
	if arrived.IsZero() {
		arrived = in.Sent
	}
	closes := in.Closes
	if closes == 0 {
		closes = d.Answer.Closes
	}
	zero := d.Closed.From(kalender.DayOf(arrived))
	on := d.Closed.Add(zero, d.Answer.Days)
	due = on.At(closes)
	s = sentAt("Modtaget", "Received", arrived, arrived)
	skipped, skippedEN := "", ""
	if names := d.skipped(kalender.DayOf(arrived).Add(-1), on); names != "" {
		skipped, skippedEN = fmt.Sprintf(" (lukket: %s)", names), fmt.Sprintf(" (closed: %s)", names)
	}
	s.da += fmt.Sprintf(". %s læser løbende på hverdage og svarer normalt inden %d hverdage, regnet fra %s%s: senest %s %s. Fristen er vejledende.",
		d.Name, d.Answer.Days, kalender.DayDA(zero, arrived), skipped, kalender.DayDA(on, arrived), kalender.Clock(closes))
	s.en += fmt.Sprintf(". %s reads throughout working days and usually answers within %d working days, counted from %s%s: by %s %s. The deadline is a guide.",
		d.Name, d.Answer.Days, kalender.DayEN(zero, arrived), skippedEN, kalender.DayEN(on, arrived), kalender.ClockEN(closes))
	return due, s
}

// Promise is what a sender is told before sending (F13).
type Promise struct {
	Duty    brevdue.Duty
	Changes time.Time // when the promise becomes another; zero: it cannot be told
}

// Promise says what the deadline is for a letter sent at now, and when that
// changes: at the next cutoff, or the next shift. in.Sent is ignored.
func (a *Agreement) Promise(now time.Time, in DutyInput) Promise {
	in.Sent, in.Arrived = now, now
	p := Promise{Duty: a.Duty(in)}
	for i := range a.Deadlines {
		d := &a.Deadlines[i]
		if d.Rule != p.Duty.Rule {
			continue
		}
		switch {
		case d.Window != nil:
			day := kalender.DayOf(now)
			for !d.reads(day) || !now.Before(day.At(d.Window.Cutoff)) {
				day = day.Add(1)
			}
			p.Changes = day.At(d.Window.Cutoff)
		case d.Shift:
			p.Changes = p.Duty.Expected
		default:
			p.Changes = d.Closed.From(kalender.DayOf(now)).Add(1).At(0)
		}
	}
	return p
}

// LateTransport explains, in Danish and English, that the way and not the reader
// ate the time: the letter arrived so late that, sent at its arrival, it would have
// had a later deadline (Amb-15). Both are "" when that is not so, and for general
// practice, which counts from arrival.
func (a *Agreement) LateTransport(in DutyInput) (da, en string) {
	if in.Arrived.IsZero() || !in.Arrived.After(in.Sent) {
		return "", ""
	}
	owed := a.Duty(in)
	late := in
	late.Sent = in.Arrived
	fair := a.Duty(late)
	if !fair.Due.After(owed.Due) {
		return "", ""
	}
	da = fmt.Sprintf("Brevet blev afsendt %s, men først modtaget %s. Forsinkelsen ligger i transporten: regnet fra modtagelsen var fristen %s.",
		moment(in.Sent, in.Arrived), moment(in.Arrived, in.Arrived), moment(fair.Due, in.Arrived))
	en = fmt.Sprintf("The letter was sent %s but received only %s. The delay lies in the transport: counted from arrival the deadline was %s.",
		momentEN(in.Sent, in.Arrived), momentEN(in.Arrived, in.Arrived), momentEN(fair.Due, in.Arrived))
	return da, en
}

// Reads says in Danish and English when a kind of unit reads, for lists:
// "Læser hverdage kl. 8–15".
func (a *Agreement) Reads(kind brevdue.UnitKind) (da, en string) {
	for _, d := range a.Deadlines {
		if d.Kind != kind {
			continue
		}
		switch {
		case d.Window != nil && d.Window.EveryDay:
			return "Læser alle dage " + kalender.Window(d.Window.From, d.Window.To),
				"Reads every day " + kalender.ClockEN(d.Window.From) + "–" + kalender.ClockEN(d.Window.To)
		case d.Window != nil:
			return "Læser hverdage " + kalender.Window(d.Window.From, d.Window.To),
				"Reads working days " + kalender.ClockEN(d.Window.From) + "–" + kalender.ClockEN(d.Window.To)
		case d.Shift:
			return "Læser én gang i hver vagt (borgere med ydelser)", "Reads once in every shift (citizens with services)"
		default:
			return "Læser løbende på hverdage", "Reads throughout working days"
		}
	}
	return "", ""
}

// NextWindow says when a unit of the kind reads next, for an empty inbox:
// "mandag 30. november kl. 8–15", "løbende", or the next shift.
func (a *Agreement) NextWindow(kind brevdue.UnitKind, shifts []int, now time.Time) (da, en string) {
	for i := range a.Deadlines {
		d := &a.Deadlines[i]
		if d.Kind != kind {
			continue
		}
		switch {
		case d.Window != nil:
			day := kalender.DayOf(now)
			if !d.reads(day) || !now.Before(day.At(d.Window.To)) {
				day = d.nextReading(day)
			}
			return kalender.DayDA(day, now) + " " + kalender.Window(d.Window.From, d.Window.To),
				kalender.DayEN(day, now) + " " + kalender.ClockEN(d.Window.From) + "–" + kalender.ClockEN(d.Window.To)
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
