package aftale

import (
	"fmt"
	"strings"

	"brevdue"
	"brevdue/kalender"
)

// Step is one step of the computation of a deadline, in Danish and English.
type Step struct {
	Text   string `json:"text"`
	TextEN string `json:"text_en"`
}

// Explain tells how [Agreement.Duty] comes to its answer, step by step: whose rule
// it is, from when it counts, which days and hours it passes, and the result. It is
// nil for a kind that the agreement does not know.
func (a *Agreement) Explain(in DutyInput) []Step {
	duty := a.Duty(in)
	if duty.Rule == "" {
		return nil
	}
	var out []Step
	say := func(da, en string) { out = append(out, Step{da, en}) }
	switch in.Receiver {
	case brevdue.MunicipalOther:
		say("Aftalen nævner ikke enhedens område: den læser som sundheds- og ældreområdet for borgere uden kommunale ydelser.", "The agreement does not name the unit's area: it reads as municipal health for citizens without municipal services.")
	case brevdue.Hospital:
		say("Det er ikke oplyst, om enheden er et sengeafsnit eller en klinik: den læser som et sengeafsnit.", "It is not known whether the unit is a ward or a clinic: it reads as a ward.")
	}
	in = in.owing()
	rules := a.applicable(in)
	for _, d := range rules {
		say(fmt.Sprintf("Modtageren er %s%s: %s siger %s (%s).", kindWord(d.Kind), d.Citizens(), d.Rule, d.Reads(), d.Paragraph),
			fmt.Sprintf("The receiver is %s%s: %s says %s (%s).", article(kindEN(d.Kind)), d.citizensEN(), d.Rule, d.readsEN(), d.Paragraph))
		a.explain(d, in, say)
		if len(rules) > 1 {
			due := a.duty(d, in).Due
			say(fmt.Sprintf("Efter %s er fristen %s.", d.Rule, moment(due, in.arrived())), fmt.Sprintf("By %s the deadline is %s.", d.Rule, momentEN(due, in.arrived())))
		}
	}
	if len(rules) > 1 {
		say("Det er ikke oplyst, om borgeren modtager kommunale ydelser: den seneste af fristerne gælder.", "It is not known whether the citizen receives municipal services: the later of the deadlines counts.")
	}
	say(fmt.Sprintf("Læses senest %s (%s).", moment(duty.Due, in.arrived()), duty.Rule), fmt.Sprintf("To be read by %s (%s).", momentEN(duty.Due, in.arrived()), duty.Rule))
	return out
}

// explain tells the steps of one rule.
func (a *Agreement) explain(d *Deadline, in DutyInput, say func(da, en string)) {
	seen := in.arrived()
	sent := kalender.DayOf(in.Sent)
	if d.Answer != nil {
		say(fmt.Sprintf("Den tæller fra modtagelsen, %s.", moment(seen, seen)), fmt.Sprintf("It counts from arrival, %s.", momentEN(seen, seen)))
		zero := d.Closed.From(kalender.DayOf(seen))
		say(fmt.Sprintf("Dag nul er %s.", kalender.DayDA(zero, seen)), fmt.Sprintf("Day nought is %s.", kalender.DayEN(zero, seen)))
		d.passed(kalender.DayOf(seen), kalender.DayOf(a.duty(d, in).Due), say)
		return
	}
	say(fmt.Sprintf("Den tæller fra afsendelsen, %s.", moment(in.Sent, seen)), fmt.Sprintf("It counts from sending, %s.", momentEN(in.Sent, seen)))
	switch w := d.Window; {
	case w != nil && !d.reads(sent):
		say(fmt.Sprintf("%s er ikke en læsedag: %s.", capital(kalender.DayDA(sent, seen)), d.Closed.Why(sent)), fmt.Sprintf("%s is not a reading day: %s.", kalender.DayEN(sent, seen), d.Closed.WhyEN(sent)))
		d.passed(sent.Add(1), d.nextReading(sent), say)
	case w != nil && in.Sent.Before(sent.At(w.Cutoff)):
		say(fmt.Sprintf("Det er en læsedag og før %s: brevet læses samme dag.", kalender.Clock(w.Cutoff)), fmt.Sprintf("It is a reading day and before %s: the letter is read that day.", kalender.ClockEN(w.Cutoff)))
	case w != nil:
		say(fmt.Sprintf("Det er en læsedag, men ikke før %s: brevet læses den næste læsedag.", kalender.Clock(w.Cutoff)), fmt.Sprintf("It is a reading day but not before %s: the letter is read on the next one.", kalender.ClockEN(w.Cutoff)))
		d.passed(sent.Add(1), d.nextReading(sent), say)
	case d.Shift:
		expected, breached, _ := d.shift(in.Sent, seen, a.shifts(in))
		say(fmt.Sprintf("Vagterne begynder %s.", Clocks(a.shifts(in))), fmt.Sprintf("The shifts begin at %s.", clocksEN(a.shifts(in))))
		say(fmt.Sprintf("Vagten slutter %s: da forventes brevet læst. Den næste slutter %s: da skal det være læst.", moment(expected, seen), moment(breached, seen)),
			fmt.Sprintf("The shift ends %s: the letter is expected to be read by then. The next ends %s: then it is due.", momentEN(expected, seen), momentEN(breached, seen)))
	case d.Within != nil:
		d.passed(sent, kalender.DayOf(a.duty(d, in).Due), say)
	}
}

// passed names the closed days from a day up to another, which do not count.
func (d *Deadline) passed(from, to kalender.Day, say func(da, en string)) {
	if d.everyDay() {
		return
	}
	for day := from; day.Before(to); day = day.Add(1) {
		if why := d.Closed.Why(day); why != "" {
			say(fmt.Sprintf("%s tæller ikke: %s.", capital(kalender.DayDA(day, day.At(0))), why), fmt.Sprintf("%s does not count: %s.", kalender.DayEN(day, day.At(0)), d.Closed.WhyEN(day)))
		}
	}
}

func capital(s string) string {
	for i := range s {
		if i > 0 {
			return strings.ToUpper(s[:i]) + s[i:]
		}
	}
	return strings.ToUpper(s)
}

// article is an English name as it stands inside a sentence.
func article(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func (d *Deadline) citizensEN() string {
	switch d.Services {
	case ServicesYes:
		return " (the citizen receives services)"
	case ServicesNo:
		return " (the citizen receives no services)"
	}
	return ""
}

func (d *Deadline) readsEN() string {
	days := func(every bool) string {
		if every {
			return "every day"
		}
		return "working days"
	}
	switch {
	case d.Window != nil:
		return fmt.Sprintf("%s %s, sent before %s", days(d.Window.EveryDay), kalender.WindowEN(d.Window.From, d.Window.To), kalender.ClockEN(d.Window.Cutoff))
	case d.Shift:
		return "once in every shift"
	case d.Within != nil:
		return fmt.Sprintf("within %d hours, %s", d.Within.Hours, days(d.Within.EveryDay))
	}
	return fmt.Sprintf("usually an answer within %d working days, a guide", d.Answer.Days)
}

func clocksEN(minutes []int) string {
	var out []string
	for _, m := range minutes {
		out = append(out, kalender.ClockEN(m))
	}
	return strings.Join(out, ", ")
}
