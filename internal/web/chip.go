package web

import (
	"strings"
	"time"
)

// chip is the clock of a letter: a text and an icon, so that it is told without
// colour (F51). The script in clock.js keeps it running by the same rules.
type chip struct {
	Tone  string // "late", "soon", "calm", "done": class of the look
	Icon  string
	Text  string
	Ticks bool // the script keeps it running
	DueMS int64
	DayMS int64 // when the day of the deadline begins, while that is ahead
	// ShiftMS is the end of the shift of arrival (AGR-604).
	ShiftMS              int64
	DueClock, ShiftClock string
	Soft                 bool
}

// soonBefore is how long before its deadline a letter is urgent.
const soonBefore = 30 * time.Minute

// deadline is what a chip is made from.
type deadline struct {
	Due, Expected  time.Time
	Soft           bool
	ReadAt         time.Time
	ReadBy         string
	Read, Outgoing bool
}

// chip says where a letter stands against its reading deadline.
func (c clock) chip(d deadline) chip {
	if d.Read {
		t := c.words.T("chip.readonly", c.readClock(d.ReadAt))
		if d.ReadBy != "" {
			t = c.words.T("chip.read", c.readClock(d.ReadAt), initials(d.ReadBy))
		}
		return chip{Tone: "done", Icon: "done", Text: t}
	}
	if d.Due.IsZero() {
		return chip{Tone: "calm", Icon: "none", Text: c.words.T("chip.none")}
	}
	out := chip{Tone: "calm", Icon: "calm", Ticks: true, DueMS: d.Due.UnixMilli(), DueClock: c.at(d.Due), Soft: d.Soft}
	left := d.Due.Sub(c.now)
	if d.Soft {
		out.Text = c.words.T("chip.soft", c.dayName(d.Due))
		if left <= 0 {
			out.Tone, out.Icon, out.Text, out.Ticks = "soon", "soon", c.words.T("chip.softpast"), false
		}
		return out
	}
	if left <= 0 {
		out.Tone, out.Icon, out.Text = "late", "late", c.words.T("chip.late", c.span(left))
		return out
	}
	if !d.Expected.IsZero() {
		out.ShiftMS, out.ShiftClock = d.Expected.UnixMilli(), c.at(d.Expected)
		inShift := d.Expected.Sub(c.now)
		switch {
		case inShift <= 0:
			out.Tone, out.Icon, out.Text = "soon", "soon", c.words.T("chip.shiftover", c.at(d.Due))
		default:
			out.Text = c.words.T("chip.shift", c.at(d.Expected))
			if inShift <= soonBefore {
				out.Tone, out.Icon = "soon", "soon"
			}
		}
		return out
	}
	switch days := c.daysAhead(d.Due); {
	case left <= soonBefore:
		out.Tone, out.Icon, out.Text = "soon", "soon", c.words.T("chip.soon", c.at(d.Due), c.span(left))
	case days == 0:
		out.Text = c.words.T("chip.today", c.at(d.Due))
	case days == 1:
		out.Text = c.words.T("chip.tomorrow", c.at(d.Due))
	default:
		out.Text = c.words.T("chip.later", upperFirst(c.day(d.Due)), c.at(d.Due))
	}
	if c.daysAhead(d.Due) > 0 {
		out.DayMS = midnight(d.Due.In(c.zone)).UnixMilli()
	}
	return out
}

// readClock is the time for today and the date before.
func (c clock) readClock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if c.daysAhead(t) == 0 {
		return c.at(t)
	}
	return c.short(t)
}

// dayName is the date of a soft deadline.
func (c clock) dayName(t time.Time) string { return c.day(t) }

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}
