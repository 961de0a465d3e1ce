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

// known tells whether anybody knows if the citizen receives services.
func (in DutyInput) known() bool { return in.Services == ServicesYes || in.Services == ServicesNo }

// arrived is the time of arrival, or of sending where nothing arrived yet.
func (in DutyInput) arrived() time.Time {
	if in.Arrived.IsZero() {
		return in.Sent
	}
	return in.Arrived
}

// Duty computes the reading deadline (AGR-601..607) as the receiving side owes it.
// Where services are unknown and two rules may apply, the later due time counts
// (Amb-20). A hospital unit of unknown class is a ward (Amb-24). The duty is zero,
// with no rule, for a kind that the agreement does not know; [Load] sees to it that
// it knows all of [brevdue.UnitKinds].
func (a *Agreement) Duty(in DutyInput) brevdue.Duty {
	asked := in.Receiver
	d := a.owed(in.owing())
	if d.Rule == "" {
		return d
	}
	switch asked {
	case brevdue.Hospital:
		d.Sentence += " Det er ikke oplyst, om enheden er et sengeafsnit eller en klinik; den læser efter reglen for sengeafsnit."
		d.SentenceEN += " It is not known whether the unit is a ward or a clinic; it reads by the rule for wards."
	case brevdue.MunicipalOther:
		d.Sentence += " Aftalen nævner ikke enhedens område; den læser efter reglen for borgere uden kommunale ydelser."
		d.SentenceEN += " The agreement does not name the unit's area; it reads by the rule for citizens without municipal services."
	}
	return d
}

// ReadsAs is the kind by whose rule a unit reads, and for which citizens: its own
// kind for all of them, or where the agreement does not tell, the careful choice: a
// hospital unit of unknown class reads as a ward (Amb-24), a municipal area that is
// not named as municipal health for citizens without services (Amb-21).
func ReadsAs(kind brevdue.UnitKind) (as brevdue.UnitKind, services Services) {
	switch kind {
	case brevdue.Hospital:
		return brevdue.Ward, ServicesUnknown
	case brevdue.MunicipalOther:
		return brevdue.MunicipalHealth, ServicesNo
	}
	return kind, ServicesUnknown
}

// owing is what decides the deadline a receiver owes.
func (in DutyInput) owing() DutyInput {
	as, services := ReadsAs(in.Receiver)
	in.Receiver = as
	if services != ServicesUnknown {
		in.Services = services
	}
	return in
}

// promising is what decides the deadline a sender is promised: the later one where
// the receiver's class is unknown (Amb-24).
func (in DutyInput) promising() DutyInput {
	if in.Receiver == brevdue.Hospital {
		in.Receiver = brevdue.Clinic
	}
	return in.owing()
}

func (a *Agreement) owed(in DutyInput) brevdue.Duty {
	rules := a.applicable(in)
	if len(rules) == 0 {
		return brevdue.Duty{}
	}
	best := a.duty(rules[0], in)
	var other *brevdue.Duty
	for _, d := range rules[1:] {
		duty := a.duty(d, in)
		earlier := duty
		if duty.Due.After(best.Due) {
			earlier, best = best, duty
		}
		other = &earlier
	}
	if other != nil {
		best.Sentence += fmt.Sprintf(" Det er ikke oplyst, om borgeren modtager kommunale ydelser; den seneste af de to frister gælder (den anden er %s, %s).",
			moment(other.Due, in.arrived()), other.Rule)
		best.SentenceEN += fmt.Sprintf(" It is not known whether the citizen receives municipal services; the later of the two deadlines counts (the other is %s, %s).",
			momentEN(other.Due, in.arrived()), other.Rule)
	}
	return best
}

// applicable returns the rules that may be the receiver's: one, or two where it
// matters whether the citizen receives services and nobody knows.
func (a *Agreement) applicable(in DutyInput) []*Deadline {
	var out []*Deadline
	for i := range a.Deadlines {
		d := &a.Deadlines[i]
		if in.fits(d) {
			out = append(out, d)
		}
	}
	return out
}

// RulesOf returns the rules a unit of a kind reads by, in the file's order.
func (a *Agreement) RulesOf(kind brevdue.UnitKind) []Deadline {
	var out []Deadline
	for _, d := range a.applicable(DutyInput{Receiver: kind}.owing()) {
		out = append(out, *d)
	}
	return out
}

// fits tells whether a rule may be the receiver's.
func (in DutyInput) fits(d *Deadline) bool {
	return d.Kind == in.Receiver && (d.Services == ServicesUnknown || d.Services == in.Services || !in.known())
}

// shifts are the shift starts that count for the receiver.
func (a *Agreement) shifts(in DutyInput) []int {
	if len(in.Shifts) > 0 {
		return in.Shifts
	}
	return a.Shifts
}

func (a *Agreement) duty(d *Deadline, in DutyInput) brevdue.Duty {
	out := brevdue.Duty{Rule: d.Rule, Agreement: a.Ref()}
	var s sentence
	// Days of another year than the reader's are written with their year.
	seen := in.arrived()
	switch {
	case d.Window != nil:
		out.Due, s = d.window(in.Sent, seen)
	case d.Shift:
		out.Expected, out.Breached, s = d.shift(in.Sent, seen, a.shifts(in))
		out.Due = out.Breached
	case d.Within != nil:
		out.Due, s = d.within(in.Sent, seen)
	default:
		out.Soft = true
		out.Due, s = d.answer(in)
	}
	out.Sentence = fmt.Sprintf("%s %s %s, %s (%s).", s.da, a.Name, a.Version, d.Paragraph, d.Rule)
	out.SentenceEN = fmt.Sprintf("%s %s %s, %s (%s).", s.en, a.Name, a.Version, d.Paragraph, d.Rule)
	return out
}

// sentence is the explanation in both languages.
type sentence struct{ da, en string }

// reads tells whether the receiver reads on the day.
func (d *Deadline) reads(day kalender.Day) bool {
	return d.everyDay() || d.Closed.Hverdag(day)
}

func (d *Deadline) everyDay() bool {
	return d.Window != nil && d.Window.EveryDay || d.Within != nil && d.Within.EveryDay
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
	cut, cutEN := kalender.Clock(w.Cutoff), kalender.ClockEN(w.Cutoff)
	s = sentAt("Afsendt", "Sent", sent, seen)
	// The cut-off stands in every sentence: where it did not decide, in the rule.
	var also, alsoEN string
	switch {
	case !reads:
		s.da += fmt.Sprintf(", som ikke er en læsedag (%s).", d.Closed.Why(day))
		s.en += fmt.Sprintf(", which is not a reading day (%s).", d.Closed.WhyEN(day))
		also = ", samme dag, når brevet er afsendt før " + cut
		alsoEN = ", the same day when sent before " + cutEN
	case on == day:
		s.da += ", før " + cut + "."
		s.en += ", before " + cutEN + "."
	default:
		s.da += ", ikke før " + cut + "."
		s.en += ", not before " + cutEN + "."
	}
	days, daysEN := "hverdage", "on working days"
	if w.EveryDay {
		days, daysEN = "alle dage", "every day"
	}
	closed := d.skipped(day, on)
	s.da += fmt.Sprintf(" %s læser %s %s%s%s: læses senest %s %s.", d.Name, days, kalender.Window(w.From, w.To), also, closed.da,
		kalender.DayDA(on, seen), kalender.Clock(w.To))
	s.en += fmt.Sprintf(" %s reads %s %s%s%s: to be read by %s %s.", kindEN(d.Kind), daysEN, kalender.WindowEN(w.From, w.To), alsoEN, closed.en,
		kalender.DayEN(on, seen), kalender.ClockEN(w.To))
	return due, s
}

// skipped names the closed days between two days, each kind once, in brackets; ""
// when there are none.
func (d *Deadline) skipped(from, to kalender.Day) sentence {
	var da, en []string
	for day := from.Add(1); day.Before(to); day = day.Add(1) {
		if why := d.Closed.Why(day); why != "" && !slices.Contains(da, why) {
			da, en = append(da, why), append(en, d.Closed.WhyEN(day))
		}
	}
	if len(da) == 0 {
		return sentence{}
	}
	return sentence{" (lukket: " + strings.Join(da, ", ") + ")", " (closed: " + strings.Join(en, ", ") + ")"}
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
// start belongs to the new shift (cli.md, settled 3). On the two nights when the
// clock changes, a shift is an hour shorter or longer; its ends stay on the clock.
func (d *Deadline) shift(sent, seen time.Time, shifts []int) (expected, breached time.Time, s sentence) {
	day := kalender.DayOf(sent)
	var starts []time.Time
	for n := -2; n <= 3; n++ {
		for _, m := range shifts {
			starts = append(starts, day.Add(n).At(m))
		}
	}
	slices.SortFunc(starts, time.Time.Compare)
	starts = slices.CompactFunc(starts, time.Time.Equal) // two starts around the hour that does not exist are one
	i := 0
	for i < len(starts) && !starts[i].After(sent) {
		i++
	}
	began := starts[i-1]
	expected, breached = starts[i], starts[i+1]
	s = sentAt("Afsendt", "Sent", sent, seen)
	s.da += fmt.Sprintf(" i vagten %s. %s læser én gang i hver vagt, når borgeren modtager kommunale ydelser: forventes læst, inden vagten slutter %s, og skal være læst, når den næste vagt slutter %s.",
		kalender.Window(minutes(began), minutes(expected)), d.Name, moment(expected, seen), moment(breached, seen))
	s.en += fmt.Sprintf(" in the shift %s. %s reads once in every shift when the citizen receives municipal services: expected by the end of the shift, %s, and due at the end of the next, %s.",
		kalender.WindowEN(minutes(began), minutes(expected)), kindEN(d.Kind), momentEN(expected, seen), momentEN(breached, seen))
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

// within: a number of hours from sending. Where closed days do not count, the
// clock stands still from midnight to midnight. The hours are real ones: over a
// night when the clock changes, the due time is an hour earlier or later on it.
func (d *Deadline) within(sent, seen time.Time) (due time.Time, s sentence) {
	due = sent
	left := time.Duration(d.Within.Hours) * time.Hour
	day := kalender.DayOf(sent)
	for {
		ends := day.Add(1).At(0)
		if d.reads(day) {
			today := ends.Sub(due)
			if left <= today {
				due = due.Add(left)
				break
			}
			left -= today
		}
		due, day = ends, day.Add(1)
	}
	days, daysEN := " på hverdage", " of working days"
	if d.Within.EveryDay {
		days, daysEN = "", ""
	}
	closed := d.skipped(kalender.DayOf(sent).Add(-1), kalender.DayOf(due))
	s = sentAt("Afsendt", "Sent", sent, seen)
	s.da += fmt.Sprintf(". %s læser inden %d timer%s%s: læses senest %s.", d.Name, d.Within.Hours, days, closed.da, moment(due, seen))
	s.en += fmt.Sprintf(". %s reads within %d hours%s%s: to be read by %s.", kindEN(d.Kind), d.Within.Hours, daysEN, closed.en, momentEN(due, seen))
	return due, s
}

// answer is general practice (AGR-607, Amb-14): day 0 is the working day of
// arrival or the first after it; due at close of the n-th working day after.
func (d *Deadline) answer(in DutyInput) (due time.Time, s sentence) {
	arrived := in.arrived()
	closes := in.Closes
	if closes == 0 {
		closes = d.Answer.Closes
	}
	zero := d.Closed.From(kalender.DayOf(arrived))
	on := d.Closed.Add(zero, d.Answer.Days)
	due = on.At(closes)
	s = sentAt("Modtaget", "Received", arrived, arrived)
	closed := d.skipped(kalender.DayOf(arrived).Add(-1), on)
	s.da += fmt.Sprintf(". %s læser løbende på hverdage og svarer normalt inden %d hverdage, regnet fra %s%s: senest %s %s. Fristen er vejledende.",
		d.Name, d.Answer.Days, kalender.DayDA(zero, arrived), closed.da, kalender.DayDA(on, arrived), kalender.Clock(closes))
	s.en += fmt.Sprintf(". %s reads throughout working days and usually answers within %d working days, counted from %s%s: by %s %s. The deadline is a guide.",
		kindEN(d.Kind), d.Answer.Days, kalender.DayEN(zero, arrived), closed.en, kalender.DayEN(on, arrived), kalender.ClockEN(closes))
	return due, s
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
