package web

import (
	"math"
	"strings"
	"time"

	"brevdue/internal/web/text"
)

// clock writes times as people in Denmark say them, in the language of the page.
type clock struct {
	words *text.Words
	zone  *time.Location
	now   time.Time
}

func (wb *Workbench) clock(v *visit) clock { return clock{v.words, wb.zone, v.now.In(wb.zone)} }

// at is the time of day: "14.30".
func (c clock) at(t time.Time) string { return t.In(c.zone).Format(c.words.T("time.clock")) }

// day is "man. 23. nov.", with the year when it is not this one.
func (c clock) day(t time.Time) string {
	t = t.In(c.zone)
	weekday := strings.Fields(c.words.T("time.weekdays"))[t.Weekday()]
	month := strings.Fields(c.words.T("time.months"))[t.Month()-1]
	if t.Year() != c.now.Year() {
		return c.words.T("time.dateyear", weekday, t.Day(), month, t.Year())
	}
	return c.words.T("time.date", weekday, t.Day(), month)
}

// when is day and time, with today, yesterday and tomorrow by name.
func (c clock) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	switch c.daysAhead(t) {
	case 0:
		return c.words.T("time.today", c.at(t))
	case -1:
		return c.words.T("time.yesterday", c.at(t))
	case 1:
		return c.words.T("time.tomorrow", c.at(t))
	}
	return c.words.T("time.day", c.day(t), c.at(t))
}

// short is what a narrow column has room for: the time today, else the date.
func (c clock) short(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(c.zone)
	month := strings.Fields(c.words.T("time.months"))[t.Month()-1]
	switch {
	case c.daysAhead(t) == 0:
		return c.at(t)
	case t.Year() != c.now.Year():
		return c.words.T("time.shortyear", t.Day(), month, t.Year())
	}
	return c.words.T("time.short", t.Day(), month)
}

// daysAhead counts calendar days in Denmark from now to t.
func (c clock) daysAhead(t time.Time) int {
	a, b := midnight(c.now), midnight(t.In(c.zone))
	// A day on which the clock changes has 23 or 25 hours.
	return int(math.Round(b.Sub(a).Hours() / 24))
}

// midnight is the start of the day t is in, in t's own zone.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// span is a length of time as people say it: "25 min", "1 t 10 min", "3 dage".
func (c clock) span(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	minutes := int(d / time.Minute)
	switch {
	case minutes < 1:
		return c.words.T("span.now")
	case minutes < 60:
		return c.words.T("span.minutes", minutes)
	case minutes >= 48*60:
		return c.words.N("span.days", minutes/(24*60))
	case minutes%60 == 0:
		return c.words.T("span.hours", minutes/60)
	}
	return c.words.T("span.hoursminutes", minutes/60, minutes%60)
}
