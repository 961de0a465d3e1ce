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

// WindowEN writes a span of the day in English: "8:00–15:00".
func WindowEN(from, to int) string { return ClockEN(from) + "–" + ClockEN(to) }

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

// ShortDay writes a day for a list: "i dag", "i morgen", "i går", else "man. 23.
// nov.", with the year when it is not the year of now. A window goes well after
// it: "i morgen kl. 8–15".
func ShortDay(d Day, now time.Time) string {
	today := DayOf(now)
	switch d {
	case today:
		return "i dag"
	case today.Add(1):
		return "i morgen"
	case today.Add(-1):
		return "i går"
	}
	s := fmt.Sprintf("%s %d. %s", weekdaysDA3[d.Weekday()], d.Date, monthsDA3[d.Month-1])
	if d.Year != today.Year {
		s += fmt.Sprintf(" %d", d.Year)
	}
	return s
}

// ShortDayEN is [ShortDay] in English: "today", "tomorrow", "yesterday", "Mon 23 Nov".
func ShortDayEN(d Day, now time.Time) string {
	today := DayOf(now)
	switch d {
	case today:
		return "today"
	case today.Add(1):
		return "tomorrow"
	case today.Add(-1):
		return "yesterday"
	}
	if d.Year != today.Year {
		return d.utc().Format("Mon 2 Jan 2006")
	}
	return d.utc().Format("Mon 2 Jan")
}

// When writes a moment for a list: "i dag kl. 14.30", "i morgen kl. 8.00", "i går
// kl. 9.15", else "man. 23. nov. kl. 14.30", with the year when it differs.
func When(t, now time.Time) string {
	t = t.In(Copenhagen())
	return fmt.Sprintf("%s kl. %d.%02d", ShortDay(DayOf(t), now), t.Hour(), t.Minute())
}

// WhenEN is [When] in English: "today 14:30", "tomorrow 08:00", "Mon 23 Nov 14:30".
func WhenEN(t, now time.Time) string {
	t = t.In(Copenhagen())
	return ShortDayEN(DayOf(t), now) + " " + t.Format("15:04")
}
