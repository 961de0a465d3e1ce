package web

import (
	"slices"
	"strconv"
	"strings"

	"brevdue/aftale"
	"brevdue/internal/web/text"
	"brevdue/kalender"
)

// agreementSection is one chapter of an agreement as a table, in the words of
// those who own it. The agreement's own texts are Danish in either language.
type agreementSection struct {
	ID, Heading, Lede string
	Heads             []string
	Rows              [][]string
	Lines             []string
}

// drop takes a column out.
func (s *agreementSection) drop(column int) {
	s.Heads = slices.Delete(s.Heads, column, column+1)
	for i := range s.Rows {
		s.Rows[i] = slices.Delete(s.Rows[i], column, column+1)
	}
}

// agreementSections writes an agreement out, chapter by chapter.
func agreementSections(w *text.Words, a *aftale.Agreement) []agreementSection {
	heads := func(keys ...string) []string {
		var out []string
		for _, k := range keys {
			out = append(out, w.T("aftale.col."+k))
		}
		return out
	}
	section := func(id string) agreementSection {
		return agreementSection{ID: id, Heading: w.T("aftale.sec." + id), Lede: w.T("aftale.lede." + id)}
	}

	parties := section("parter")
	parties.Heads = heads("party", "side", "units")
	for _, p := range a.Parties {
		parties.Rows = append(parties.Rows, []string{p.Name, w.T("side." + string(p.Side)), strings.Join(p.Units, ", ")})
	}
	for _, o := range a.Outside {
		parties.Lines = append(parties.Lines, w.T("aftale.outsidepair", w.T("side."+string(o[0])), w.T("side."+string(o[1]))))
	}

	subjects := section("emner")
	subjects.Heads = heads("no", "category", "subject", "examples", "national", "receiver", "note")
	for _, r := range a.Rows {
		note := r.Note
		if len(r.Only) > 0 {
			var only []string
			for _, k := range r.Only {
				only = append(only, w.T("kind."+string(k)))
			}
			note = join(" ", note, w.T("aftale.only", strings.Join(only, ", "), r.Instead))
		}
		subjects.Rows = append(subjects.Rows, []string{strconv.Itoa(r.Number), r.Category, r.Subject, strings.Join(r.Examples, "; "),
			a.NationalName(r.National), r.SORName, note})
	}

	if !slices.ContainsFunc(a.Rows, func(r aftale.Row) bool { return r.SORName != "" }) {
		subjects.drop(5) // an older agreement names no receivers
	}

	deadlines := section("frister")
	deadlines.Heads = heads("receiver", "reads", "closed", "rule")
	for _, d := range a.Deadlines {
		deadlines.Rows = append(deadlines.Rows, []string{join(", ", d.Name, servicesWords(w, d.Services)), readsWords(w, d), closedWords(w, d.Closed), join(", ", d.Rule, d.Paragraph)})
	}
	if len(a.Shifts) > 0 {
		deadlines.Lines = append(deadlines.Lines, w.T("aftale.shifts", clocks(w.T("time.clock"), a.Shifts)))
	}

	start := section("opstart")
	for _, i := range a.Initiation {
		start.Lines = append(start.Lines, w.T("aftale.start", sidesWords(w, i.From), sidesWords(w, i.To), i.Text, i.Rule))
	}

	consent := section("samtykke")
	consent.Heads = heads("basis", "law", "asks", "rule")
	for _, c := range a.Consents {
		var asks []string
		if c.Weighing {
			asks = append(asks, w.T("aftale.weighing"))
		}
		if c.Written {
			asks = append(asks, w.T("aftale.written"))
		}
		if c.Inform > 0 {
			asks = append(asks, w.N("aftale.inform", c.Inform))
		}
		consent.Rows = append(consent.Rows, []string{c.Name, c.Law, strings.Join(asks, ", "), c.Rule})
	}

	standards := section("standarder")
	standards.Heads = heads("standard", "code", "from", "to", "listed")
	for _, s := range a.Standards {
		listed := w.T("aftale.no")
		if s.Listed {
			listed = w.T("aftale.yes")
		}
		standards.Rows = append(standards.Rows, []string{s.Name, join(" · ", strings.Join(s.Codes, ", "), s.Version), w.T("side." + string(s.From)), w.T("side." + string(s.To)), listed})
	}

	schemes := section("ordninger")
	if p := a.Phone; p != nil {
		schemes.Lines = append(schemes.Lines, w.T("aftale.phone", p.Rule, p.Exemption, p.FollowUp, p.Paragraph))
	}
	for _, p := range a.AfterPhone {
		key := "aftale.afterwarn"
		if p.Required {
			key = "aftale.aftermust"
		}
		schemes.Lines = append(schemes.Lines, w.T(key, p.When, p.Rule))
	}
	if n := a.Content.MaxSubjects; n > 0 {
		schemes.Lines = append(schemes.Lines, w.T("aftale.content", n, a.Content.HintLength, strings.Join(a.Content.Signature, ", ")))
	}
	if a.MaxNumbers > 0 {
		schemes.Lines = append(schemes.Lines, w.T("aftale.numbers", a.MaxNumbers))
	}
	for _, s := range a.Schemes {
		schemes.Lines = append(schemes.Lines, w.T("aftale.scheme", s.Name, s.Link))
	}
	if a.Contact != "" {
		schemes.Lines = append(schemes.Lines, w.T("aftale.contact", a.Contact))
	}
	if a.FeeCode != "" {
		schemes.Lines = append(schemes.Lines, w.T("aftale.fee", a.FeeCode))
	}

	notes := section("noter")
	notes.Lines = a.Notes

	var out []agreementSection
	for _, s := range []agreementSection{parties, subjects, deadlines, start, consent, standards, schemes, notes} {
		if len(s.Rows)+len(s.Lines) > 0 {
			out = append(out, s)
		}
	}
	return out
}

func sidesWords(w *text.Words, sides []aftale.Side) string {
	var out []string
	for _, s := range sides {
		out = append(out, w.T("side."+string(s)))
	}
	return strings.Join(out, ", ")
}

func servicesWords(w *text.Words, s aftale.Services) string {
	switch s {
	case aftale.ServicesYes:
		return w.T("aftale.served")
	case aftale.ServicesNo:
		return w.T("aftale.notserved")
	}
	return ""
}

func readsWords(w *text.Words, d aftale.Deadline) string {
	switch {
	case d.Window != nil:
		days := w.T("aftale.workdays")
		if d.Window.EveryDay {
			days = w.T("aftale.everyday")
		}
		return w.T("aftale.window", days, clockText(w.T("time.clock"), d.Window.From), clockText(w.T("time.clock"), d.Window.To), clockText(w.T("time.clock"), d.Window.Cutoff))
	case d.Shift:
		return w.T("aftale.eachshift")
	case d.Within != nil && d.Within.EveryDay:
		return w.T("aftale.within", d.Within.Hours)
	case d.Within != nil:
		return w.T("aftale.withinwork", d.Within.Hours)
	case d.Answer != nil:
		return w.T("aftale.answer", d.Answer.Days, clockText(w.T("time.clock"), d.Answer.Closes))
	}
	return ""
}

func closedWords(w *text.Words, c kalender.Closed) string {
	var out []string
	for _, day := range []struct {
		closed bool
		key    string
	}{{c.Grundlovsdag, "constitution"}, {c.Juleaften, "christmaseve"}, {c.Nytaarsaften, "newyearseve"}} {
		if day.closed {
			out = append(out, w.T("aftale.day."+day.key))
		}
	}
	return strings.Join(out, ", ")
}
