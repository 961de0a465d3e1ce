package web

import (
	"errors"
	"fmt"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// unitPage is the page of a unit (Enheden): who it is, when it reads, what its
// people can set themselves, and the ways to its other affairs.
type unitPage struct {
	frame
	Heading   string
	Identity  []pair
	Agreement *link
	Reading   []readingView
	AskShifts bool
	AskCloses bool
	Form      unitForm
	From      unitForm // where each value comes from, in words
	ShiftRows []shiftRow
	Closed    []closedRow
	Links     []unitAffair
	Walls     string // how many screens show the board, "" for none
}

type unitForm struct{ Phone, Shifts, Closes string }

type readingView struct{ Text, Rule string }

type shiftRow struct{ Name, From, To string }

type unitAffair struct{ Path, Label, Text, Count string }

func (wb *Workbench) unitPage(v *visit) error { return wb.showUnit(v, nil, nil) }

func (wb *Workbench) saveUnit(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	f := v.r.PostForm
	form := unitForm{Phone: f.Get("phone"), Shifts: f.Get("shifts"), Closes: f.Get("closes")}
	undo, err := wb.cfg.Box.SetFacts(v.ctx(), *v.person, unit.GLN, mailbox.OwnDraft(form))
	var faults mailbox.Faults
	if errors.As(err, &faults) {
		return wb.showUnit(v, &form, faults)
	}
	if err != nil {
		return err
	}
	return v.done(unitPath(unit.GLN)+"/enheden", "facts", undo, boolInt(undo != ""))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (wb *Workbench) showUnit(v *visit, form *unitForm, faults mailbox.Faults) error {
	u, err := wb.cfg.Box.UnitView(v.ctx(), *v.person, brevdue.GLN(v.r.PathValue("gln")))
	if err != nil {
		return err
	}
	w, c := v.words, wb.clock(v)
	p := unitPage{Heading: w.T("unit.heading"), AskShifts: u.AskShifts, AskCloses: u.AskCloses}
	p.Identity = identity(wb, v, u.Unit)
	for _, r := range u.Reading {
		p.Reading = append(p.Reading, readingView{inLang(w, r.Text, r.TextEN), join(" · ", r.Rule, r.Paragraph)})
	}
	if a := u.Agreement; a != nil {
		p.Agreement = &link{"/aftale/" + a.SHA256[:16], w.T("aftale.version", a.Name, a.Version)}
	}
	p.Form = unitForm{u.Unit.Phone, clocks(w.T("time.clock"), u.Unit.Shifts), ""}
	if u.Unit.Closes > 0 {
		p.Form.Closes = clockText(w.T("time.clock"), u.Unit.Closes)
	}
	p.From = unitForm{sourceOf(c, u.Unit, u.Unit.Own.Phone != "", u.Unit.File.Phone), sourceOf(c, u.Unit, len(u.Unit.Own.Shifts) > 0, clocks(w.T("time.clock"), u.Unit.File.Shifts)), ""}
	if len(u.Unit.Shifts) == 0 {
		p.From.Shifts = w.T("unit.fromagreement", clocks(w.T("time.clock"), u.AgreementShifts))
	}
	closes := ""
	if u.Unit.File.Closes > 0 {
		closes = clockText(w.T("time.clock"), u.Unit.File.Closes)
	}
	if p.From.Closes = sourceOf(c, u.Unit, u.Unit.Own.Closes > 0, closes); u.Unit.Closes == 0 && u.AskCloses {
		p.From.Closes = w.T("unit.fromagreement", clockText(w.T("time.clock"), u.AgreementCloses))
	}
	if form != nil {
		p.Form = *form
	}
	for i, start := range u.Shifts {
		if u.AskShifts {
			end := u.Shifts[(i+1)%len(u.Shifts)]
			p.ShiftRows = append(p.ShiftRows, shiftRow{w.T("unit.shift", i+1), clockText(w.T("time.clock"), start), clockText(w.T("time.clock"), end)})
		}
	}
	base := unitPath(u.Unit.GLN)
	for _, k := range u.Closed {
		p.Closed = append(p.Closed, closedOf(c, k))
	}
	p.Links = []unitAffair{
		{base + "/lukkedage", w.T("closed.heading"), w.T("closed.lede"), w.N("closed.count", len(u.Closed))},
		{base + "/fordeling", w.T("route.heading"), w.T("route.lede"), w.N("route.count", u.Routes)},
		{base + "/aftaler", w.T("arrangement.heading"), w.T("arrangement.lede"), w.N("arrangement.count", u.Arrangements)},
		{base + "/tekster", w.T("phrase.heading"), w.T("phrase.lede"), w.N("phrase.count", u.Phrases)},
		{base + "/opgaver", w.T("task.heading"), w.T("task.lede"), w.N("task.count", u.Tasks)},
	}
	if u.Mapped >= 0 {
		p.Links = append(p.Links, unitAffair{base + "/emner", w.T("subjects.heading"), w.T("subjects.what"), w.N("subjects.count", u.Mapped)})
	}
	if u.Walls > 0 {
		p.Walls = w.N("unit.walls", u.Walls)
	}
	if p.frame, err = wb.unitFrame(v, u.Unit, faultHeading(v, p.Heading, faults)); err != nil {
		return err
	}
	p.Faults = fieldFaults(v, faults)
	return wb.render(v, statusOf(faults), "unit", p)
}

// faultHeading tells in the tab of the browser that a form has faults.
func faultHeading(v *visit, heading string, faults mailbox.Faults) string {
	if len(faults) > 0 {
		return v.words.T("layout.fault", heading)
	}
	return heading
}

// fieldFaults are the faults of a form whose fields are called as the mailbox
// calls them.
func fieldFaults(v *visit, faults mailbox.Faults) []fault {
	var out []fault
	for _, f := range faults {
		out = append(out, fault{Field: f.Field, ID: "f-" + f.Field, Text: inLang(v.words, f.Text, f.TextEN)})
	}
	return out
}

// identity is what the installation's file says about a unit.
func identity(wb *Workbench, v *visit, u store.Unit) []pair {
	w := v.words
	out := []pair{{w.T("unit.name"), u.Name}, {w.T("letter.gln"), string(u.GLN)}}
	if w.Has("kind." + string(u.Kind)) {
		out = append(out, pair{w.T("unit.kind"), w.T("kind." + string(u.Kind))})
	}
	if u.Kind == brevdue.MunicipalHealth {
		services := u.Services
		if services == "" {
			services = "unknown"
		}
		out = append(out, pair{w.T("unit.services"), w.T("unit.services." + services)})
	}
	if as := join(", ", u.Organisation, u.Department, u.UnitName); as != "" {
		out = append(out, pair{w.T("unit.sender"), as})
	}
	return append(out, pair{w.T("unit.sends"), string(u.Sends)})
}

// sourceOf says where a value comes from: the unit's people, or the file.
func sourceOf(c clock, u store.Unit, own bool, file string) string {
	switch {
	case own && file != "":
		return c.words.T("unit.ownover", u.Own.By, c.when(u.Own.At), file)
	case own:
		return c.words.T("unit.own", u.Own.By, c.when(u.Own.At))
	case file != "":
		return c.words.T("unit.fromfile")
	}
	return ""
}

// clockText writes minutes after midnight in the form "15.04" or "15:04".
func clockText(form string, minutes int) string {
	sep := strings.Trim(form, "0123456789")
	return fmt.Sprintf("%d%s%02d", minutes/60, sep, minutes%60)
}

func clocks(form string, minutes []int) string {
	var out []string
	for _, m := range minutes {
		out = append(out, clockText(form, m))
	}
	return strings.Join(out, ", ")
}

// closedPage is the closed calendar of a unit (Lukkedage).
type closedPage struct {
	frame
	Heading, Action string
	Rows            []closedRow
	Form            closedForm
	Earliest        string
}

type closedForm struct {
	From, To, Text, Contact string
	Notice                  bool
}

type closedRow struct {
	ID                          int64
	Period, Text, Contact, By   string
	Notice                      bool
	Now                         bool
	Tone, Icon, State, Reminder string
}

func closedOf(c clock, k store.Closed) closedRow {
	w := c.words
	r := closedRow{ID: k.ID, Text: k.Text, Contact: k.Contact, Notice: k.Notice, By: k.By, Tone: "calm", Icon: "calm", State: w.T("closed.ahead"), Period: datePeriod(c, k.From, k.To)}
	if today := kalender.DayOf(c.now).String(); k.From <= today && today <= k.To {
		r.Now, r.Tone, r.Icon, r.State = true, "soon", "soon", w.T("closed.now")
	}
	return r
}

// datePeriod writes two dates as people do; one when they are the same.
func datePeriod(c clock, from, to string) string {
	if from == to {
		return dateText(c, from)
	}
	return c.words.T("closed.period", dateText(c, from), dateText(c, to))
}

func dateText(c clock, date string) string {
	d, err := kalender.ParseDay(date)
	if err != nil {
		return date
	}
	return dayWords(c, d)
}

func (wb *Workbench) closedPage(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	return wb.showClosed(v, unit, closedForm{Notice: true}, nil)
}

func (wb *Workbench) showClosed(v *visit, unit store.Unit, form closedForm, faults mailbox.Faults) error {
	list, err := wb.cfg.Box.ClosedDays(v.ctx(), *v.person, unit.GLN)
	if err != nil {
		return err
	}
	p := closedPage{Heading: v.words.T("closed.heading"), Action: unitPath(unit.GLN) + "/lukkedage", Form: form, Earliest: kalender.DayOf(v.now).String()}
	c := wb.clock(v)
	for _, k := range list {
		p.Rows = append(p.Rows, closedOf(c, k))
	}
	if p.frame, err = wb.unitFrame(v, unit, faultHeading(v, p.Heading, faults)); err != nil {
		return err
	}
	p.Faults = fieldFaults(v, faults)
	return wb.render(v, statusOf(faults), "closed", p)
}

// editClosed adds a time away, or removes the one whose button was pressed.
func (wb *Workbench) editClosed(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	f, here := v.r.PostForm, unitPath(unit.GLN)+"/lukkedage"
	if f.Has("fjern") {
		id, err := formID(f.Get("fjern"))
		if err != nil {
			return err
		}
		undo, err := wb.cfg.Box.RemoveClosed(v.ctx(), *v.person, unit.GLN, id)
		if err != nil {
			return err
		}
		return v.done(here, "closedremoved", undo, 1)
	}
	form := closedForm{From: f.Get("from"), To: f.Get("to"), Text: f.Get("text"), Contact: f.Get("contact"), Notice: f.Get("notice") != ""}
	err = wb.cfg.Box.AddClosed(v.ctx(), *v.person, unit.GLN, store.Closed{From: form.From, To: form.To, Text: form.Text, Contact: form.Contact, Notice: form.Notice})
	var faults mailbox.Faults
	if errors.As(err, &faults) {
		return wb.showClosed(v, unit, form, faults)
	}
	if err != nil {
		return err
	}
	return v.done(here, "closed", "", 1)
}
