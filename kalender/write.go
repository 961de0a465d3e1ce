package kalender

import (
	"fmt"
	"time"
)

var (
	weekdaysDA  = [...]string{"søndag", "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag"}
	weekdaysDA3 = [...]string{"søn.", "man.", "tirs.", "ons.", "tors.", "fre.", "lør."}
	monthsDA    = [...]string{"januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"}
	monthsDA3   = [...]string{"jan.", "feb.", "mar.", "apr.", "maj", "jun.", "jul.", "aug.", "sep.", "okt.", "nov.", "dec."}
)

// Clock writes minutes after midnight the Danish way: "kl. 8", "kl. 14.30".
func Clock(minutes int) string { return "kl. " + clock(minutes) }

func clock(minutes int) string {
	if minutes%60 == 0 {
		return fmt.Sprintf("%d", minutes/60)
	}
	return fmt.Sprintf("%d.%02d", minutes/60, minutes%60)
}

// Window writes a span of the day: "kl. 8–15".
func Window(from, to int) string { return "kl. " + clock(from) + "–" + clock(to) }

// ClockEN writes minutes after midnight in English: "8:00".
func ClockEN(minutes int) string { return fmt.Sprintf("%d:%02d", minutes/60, minutes%60) }

// DayDA writes a day in full: "fredag 27. november"; with the year when it is
// not the year of now.
func DayDA(d Day, now time.Time) string {
	s := fmt.Sprintf("%s %d. %s", weekdaysDA[d.Weekday()], d.Date, monthsDA[d.Month-1])
	if d.Year != DayOf(now).Year {
		s += fmt.Sprintf(" %d", d.Year)
	}
	return s
}

// DayEN writes a day in full in English: "Friday 27 November".
func DayEN(d Day, now time.Time) string {
	s := fmt.Sprintf("%s %d %s", d.Weekday(), d.Date, d.Month)
	if d.Year != DayOf(now).Year {
		s += fmt.Sprintf(" %d", d.Year)
	}
	return s
}

// When writes a moment for a list: "i dag kl. 14.30", "i morgen kl. 8", "i går
// kl. 9.15", else "man. 23. nov. kl. 14.30", with the year when it differs.
func When(t, now time.Time) string {
	t = t.In(Copenhagen())
	d, today := DayOf(t), DayOf(now)
	at := fmt.Sprintf("kl. %d.%02d", t.Hour(), t.Minute())
	switch d {
	case today:
		return "i dag " + at
	case today.Add(1):
		return "i morgen " + at
	case today.Add(-1):
		return "i går " + at
	}
	year := ""
	if d.Year != today.Year {
		year = fmt.Sprintf(" %d", d.Year)
	}
	return fmt.Sprintf("%s %d. %s%s %s", weekdaysDA3[d.Weekday()], d.Date, monthsDA3[d.Month-1], year, at)
}

// WhenEN is [When] in English: "today 14:30", "tomorrow 8:00", "Mon 23 Nov 14:30".
func WhenEN(t, now time.Time) string {
	t = t.In(Copenhagen())
	d, today := DayOf(t), DayOf(now)
	at := t.Format("15:04")
	switch d {
	case today:
		return "today " + at
	case today.Add(1):
		return "tomorrow " + at
	case today.Add(-1):
		return "yesterday " + at
	}
	if d.Year != today.Year {
		return t.Format("Mon 2 Jan 2006 15:04")
	}
	return t.Format("Mon 2 Jan 15:04")
}
