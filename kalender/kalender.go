// Package kalender knows Danish days and Copenhagen time: which days are closed,
// which moment a wall-clock time means, and how Danes write both.
//
// Specification: denmark.md §5; the holidays are law (Store bededag until 2023),
// the time zone is Europe/Copenhagen.
//
// Deliberately missing: opening hours and deadlines (package aftale), local and
// school holidays, and any "now": the caller passes every time in.
//
// What surprises: 5 June, 24 and 31 December are no public holidays, but many
// houses are closed; they are switches ([Closed]). On the spring night an hour
// does not exist: 02:30 means 03:30. On the autumn night an hour comes twice: a
// letter without zone means the first. The package brings the time zone data
// along, so that a bare machine computes the same.
package kalender

import (
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // a deadline must not depend on what the machine has installed

	"brevdue"
)

// zone is read once: parsing the data for every letter would cost more than the
// rest of its deadline.
var zone = sync.OnceValue(func() *time.Location {
	zone, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		panic("the time zone data that is built in cannot be read: " + err.Error())
	}
	return zone
})

// Copenhagen returns the zone all deadlines are computed in.
func Copenhagen() *time.Location { return zone() }

// layouts are the forms a [brevdue.LocalTime] may have without a zone.
var layouts = [...]string{"2006-01-02T15:04", "2006-01-02T15:04:05"}

// Local returns the moment a time in a letter means. A wall-clock time that does
// not exist (the spring night) is moved forward by the hour that was left out; one
// that comes twice (the autumn night) is the first. RFC 3339 with an offset is
// taken as it is. The result is in Copenhagen.
func Local(t brevdue.LocalTime) (time.Time, error) {
	s := string(t)
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at.In(Copenhagen()), nil
	}
	for _, layout := range layouts {
		if wall, err := time.Parse(layout, s); err == nil {
			return Wall(wall.Date())(wall.Clock()), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time of the form 2006-01-02T15:04 or RFC 3339", s)
}

// Wall returns a function that gives the moment of a clock time on that day, by
// the rules of [Local]. An hour of 24 is the end of the day.
func Wall(year int, month time.Month, day int) func(hour, minute, second int) time.Time {
	return func(hour, minute, second int) time.Time {
		zone := Copenhagen()
		t := time.Date(year, month, day, hour, minute, second, 0, zone)
		wall := time.Date(year, month, day, hour, minute, second, 0, time.UTC)
		// The offsets around the moment: a day before and a day after differ only
		// when the clock is changed in between.
		_, before := t.AddDate(0, 0, -1).Zone()
		_, after := t.AddDate(0, 0, 1).Zone()
		first := wall.Add(-time.Duration(before) * time.Second).In(zone)
		later := wall.Add(-time.Duration(after) * time.Second).In(zone)
		switch {
		case same(first, wall):
			return first // ordinary, or the first of two
		case same(later, wall):
			return later
		}
		return first // does not exist: by the old offset it is an hour later on the new clock
	}
}

func same(t, wall time.Time) bool {
	return t.Hour() == wall.Hour() && t.Minute() == wall.Minute() && t.Day() == wall.Day()
}

// LocalOf writes a moment as Danish wall-clock time in whole minutes, as the
// legacy standards carry it.
func LocalOf(t time.Time) brevdue.LocalTime {
	return brevdue.LocalTime(t.In(Copenhagen()).Format("2006-01-02T15:04"))
}

// Day is a calendar day in Denmark.
type Day struct {
	Year  int
	Month time.Month
	Date  int
}

// DayOf returns the Danish day a moment falls on.
func DayOf(t time.Time) Day {
	y, m, d := t.In(Copenhagen()).Date()
	return Day{y, m, d}
}

// ParseDay reads "2006-01-02".
func ParseDay(s string) (Day, error) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return Day{}, fmt.Errorf("%q is no date of the form 2006-01-02", s)
	}
	y, m, d := t.Date()
	return Day{y, m, d}, nil
}

// utc is the day as a moment to calculate with.
func (d Day) utc() time.Time { return time.Date(d.Year, d.Month, d.Date, 0, 0, 0, 0, time.UTC) }

// Add returns the day n days later, or earlier when n is negative.
func (d Day) Add(n int) Day {
	y, m, date := d.utc().AddDate(0, 0, n).Date()
	return Day{y, m, date}
}

// At returns the moment of a clock time on the day, given as minutes after
// midnight; 1440 is the end of the day.
func (d Day) At(minutes int) time.Time {
	if minutes >= 24*60 {
		return d.Add(1).At(minutes - 24*60)
	}
	return Wall(d.Year, d.Month, d.Date)(minutes/60, minutes%60, 0)
}

// Before tells whether d comes before other.
func (d Day) Before(other Day) bool { return d.utc().Before(other.utc()) }

// Weekday returns the day of the week.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// String returns "2006-01-02".
func (d Day) String() string { return d.utc().Format("2006-01-02") }

// Figures writes the day as letters have it: "24.12.2026".
func (d Day) Figures() string { return d.utc().Format("02.01.2006") }

// easter returns Easter Sunday of a year by the Gregorian computus (Meeus).
func easter(year int) Day {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (b - (b+8)/25 + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return Day{year, time.Month(n / 31), n%31 + 1}
}

// name is what a closed day is called.
type name struct{ da, en string }

// helligdag returns the names of the public holiday on the day, empty when it is
// none.
func helligdag(d Day) name {
	switch {
	case d.Month == time.January && d.Date == 1:
		return name{"nytårsdag", "New Year's Day"}
	case d.Month == time.December && d.Date == 25:
		return name{"juledag", "Christmas Day"}
	case d.Month == time.December && d.Date == 26:
		return name{"2. juledag", "the second day of Christmas"}
	}
	switch d.since(easter(d.Year)) {
	case -3:
		return name{"skærtorsdag", "Maundy Thursday"}
	case -2:
		return name{"langfredag", "Good Friday"}
	case 0:
		return name{"påskedag", "Easter Sunday"}
	case 1:
		return name{"2. påskedag", "Easter Monday"}
	case 26:
		if d.Year <= 2023 { // abolished by law; 2023 was the last
			return name{"store bededag", "Great Prayer Day"}
		}
	case 39:
		return name{"Kristi himmelfartsdag", "Ascension Day"}
	case 49:
		return name{"pinsedag", "Whit Sunday"}
	case 50:
		return name{"2. pinsedag", "Whit Monday"}
	}
	return name{}
}

// Helligdag returns the Danish name of the public holiday on the day, spelled as
// inside a sentence; "" when it is none. A Sunday is not a holiday by itself.
func Helligdag(d Day) string { return helligdag(d).da }

// since returns the number of days from other to d.
func (d Day) since(other Day) int { return int(d.utc().Sub(other.utc()) / (24 * time.Hour)) }

// Closed says which days that are no public holidays are closed all the same
// (Amb-12). The zero value keeps all three open.
type Closed struct {
	Grundlovsdag bool // 5 June
	Juleaften    bool // 24 December
	Nytaarsaften bool // 31 December
}

// Hverdag tells whether the day is a working day: Monday to Friday, no public
// holiday, and none of the three days that the switches close.
func (c Closed) Hverdag(d Day) bool { return c.Why(d) == "" }

// Why returns in Danish why the day is closed, "" when it is a working day. The
// word stands as inside a sentence: "lørdag", "2. påskedag", "juleaften".
func (c Closed) Why(d Day) string { return c.why(d).da }

// WhyEN is [Closed.Why] in English: "Saturday", "Easter Monday", "Christmas Eve".
func (c Closed) WhyEN(d Day) string { return c.why(d).en }

func (c Closed) why(d Day) name {
	if holiday := helligdag(d); holiday.da != "" {
		return holiday
	}
	switch {
	case c.Grundlovsdag && d.Month == time.June && d.Date == 5:
		return name{"grundlovsdag", "Constitution Day"}
	case c.Juleaften && d.Month == time.December && d.Date == 24:
		return name{"juleaften", "Christmas Eve"}
	case c.Nytaarsaften && d.Month == time.December && d.Date == 31:
		return name{"nytårsaften", "New Year's Eve"}
	}
	if day := d.Weekday(); day == time.Saturday || day == time.Sunday {
		return name{weekdaysDA[day], day.String()}
	}
	return name{}
}

// Next returns the first working day after d.
func (c Closed) Next(d Day) Day {
	for d = d.Add(1); !c.Hverdag(d); d = d.Add(1) {
	}
	return d
}

// Prev returns the last working day before d.
func (c Closed) Prev(d Day) Day {
	for d = d.Add(-1); !c.Hverdag(d); d = d.Add(-1) {
	}
	return d
}

// From returns d when it is a working day, else the first one after it.
func (c Closed) From(d Day) Day {
	if c.Hverdag(d) {
		return d
	}
	return c.Next(d)
}

// Add returns the n-th working day after d, or before it when n is negative; d
// itself is not counted.
func (c Closed) Add(d Day, n int) Day {
	for range n {
		d = c.Next(d)
	}
	for range -n {
		d = c.Prev(d)
	}
	return d
}
