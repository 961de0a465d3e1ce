package web

import (
	"errors"
	"strconv"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// routesPage is a unit's rules of distribution (Fordeling), with a trial on the
// letters of the last days.
type routesPage struct {
	frame
	Heading, Action, Version string
	Rows                     []routeRow
	Subjects                 []choice
	Form                     routeForm
	Teams                    []string
	Trial                    *trialView
}

type routeForm struct{ Subject, Sender, Municipality, Team string }

type routeRow struct {
	At                    int
	No                    int
	When, Team            string
	First, Last           bool
	UpName, DownName, Del string // what the buttons are called for a screen reader
}

type trialView struct {
	Lede  string
	Rules []triedView
	More  string
}

type triedView struct {
	Heading, Team, Count string
	New, None            bool
	Letters              []triedLetter
	Rest                 string
}

type triedLetter struct{ Path, Number, Text, When string }

func (wb *Workbench) routesPage(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	if v.r.URL.Query().Has("proev") {
		return wb.tryRoutes(v, unit, routeForm{}, nil)
	}
	return wb.showRoutes(v, unit, routeForm{}, nil, nil)
}

func (wb *Workbench) showRoutes(v *visit, unit store.Unit, form routeForm, trial *mailbox.RouteTrial, faults mailbox.Faults) error {
	r, err := wb.cfg.Box.Routing(v.ctx(), *v.person, unit.GLN)
	if err != nil {
		return err
	}
	w := v.words
	p := routesPage{Heading: w.T("route.heading"), Action: unitPath(unit.GLN) + "/fordeling", Version: r.Version, Form: form, Teams: r.Teams}
	p.Subjects = []choice{{Value: "", Label: w.T("route.anysubject"), Selected: form.Subject == ""}}
	for _, s := range r.Subjects {
		p.Subjects = append(p.Subjects, choice{Value: s, Label: s, Selected: s == form.Subject})
	}
	p.Subjects = append(p.Subjects, choice{Value: store.RouteTray, Label: w.T("inbox.outside"), Selected: form.Subject == store.RouteTray})
	for i, route := range r.Routes {
		row := routeRow{At: i, No: i + 1, When: wb.routeText(v, route, r.Senders), Team: route.Team, First: i == 0, Last: i == len(r.Routes)-1}
		row.UpName, row.DownName, row.Del = w.T("route.up", i+1), w.T("route.down", i+1), w.T("route.remove", i+1)
		p.Rows = append(p.Rows, row)
	}
	if trial != nil {
		p.Trial = wb.trialOf(v, unit, trial, len(r.Routes), r.Senders)
	}
	if p.frame, err = wb.unitFrame(v, unit, faultHeading(v, p.Heading, faults)); err != nil {
		return err
	}
	p.Faults = fieldFaults(v, faults)
	return wb.render(v, statusOf(faults), "routes", p)
}

// routeText says in words which letters a rule takes.
func (wb *Workbench) routeText(v *visit, r store.Route, senders map[brevdue.GLN]string) string {
	w := v.words
	subject, from, lives := "", "", ""
	switch r.Subject {
	case "":
	case store.RouteTray:
		subject = w.T("route.whentray")
	default:
		subject = w.T("route.whensubject", r.Subject)
	}
	if r.Sender != "" {
		name := senders[r.Sender]
		if name == "" {
			name = string(r.Sender)
		}
		from = w.T("route.whensender", name)
	}
	if r.Municipality != "" {
		lives = w.T("route.whenlives", r.Municipality)
	}
	return upperFirst(join(", ", subject, from, lives))
}

func (wb *Workbench) trialOf(v *visit, unit store.Unit, t *mailbox.RouteTrial, kept int, senders map[brevdue.GLN]string) *trialView {
	w, c := v.words, wb.clock(v)
	out := &trialView{Lede: w.N("route.trialed", t.Letters, mailbox.TrialDays)}
	if t.More {
		out.More = w.T("route.trialmore", t.Letters)
	}
	add := func(r mailbox.RouteTried, view triedView) {
		view.Count = w.N("inbox.letters", r.Letters)
		for _, l := range r.Some {
			subject := l.Subject
			if subject == "" {
				subject = w.T("letter.nosubject")
			}
			view.Letters = append(view.Letters, triedLetter{letterPath(unit.GLN, store.In, l.ID), store.LetterNumber(l.ID), join(" · ", subject, l.Sender), c.when(l.Arrived)})
		}
		if rest := r.Letters - len(r.Some); rest > 0 {
			view.Rest = w.N("route.rest", rest)
		}
		out.Rules = append(out.Rules, view)
	}
	for i, r := range t.Rules {
		view := triedView{Heading: w.T("route.rule", i+1, wb.routeText(v, r.Route, senders)), Team: r.Route.Team}
		if i >= kept {
			view.New, view.Heading = true, w.T("route.newrule", wb.routeText(v, r.Route, senders))
		}
		add(r, view)
	}
	add(t.None, triedView{Heading: w.T("route.norule"), None: true})
	return out
}

func (wb *Workbench) tryRoutes(v *visit, unit store.Unit, form routeForm, extra *store.Route) error {
	trial, err := wb.cfg.Box.TryRoutes(v.ctx(), *v.person, unit.GLN, extra)
	var faults mailbox.Faults
	if errors.As(err, &faults) {
		return wb.showRoutes(v, unit, form, nil, faults)
	}
	if err != nil {
		return err
	}
	return wb.showRoutes(v, unit, form, &trial, nil)
}

// editRoutes takes the button pressed: add, try first, move or remove.
func (wb *Workbench) editRoutes(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	f, box, here := v.r.PostForm, wb.cfg.Box, unitPath(unit.GLN)+"/fordeling"
	version := f.Get("liste")
	for _, b := range []struct {
		name, word string
		by         int
	}{{"op", "routemoved", -1}, {"ned", "routemoved", 1}, {"fjern", "routeremoved", 0}} {
		if !f.Has(b.name) {
			continue
		}
		at, err := strconv.Atoi(f.Get(b.name))
		if err != nil || version == "" {
			return brevdue.ErrNotFound
		}
		var undo string
		if b.by == 0 {
			undo, err = box.RemoveRoute(v.ctx(), *v.person, unit.GLN, version, at)
		} else {
			undo, err = box.MoveRoute(v.ctx(), *v.person, unit.GLN, version, at, b.by)
		}
		if errors.Is(err, brevdue.ErrConflict) {
			return v.done(here, "changed", "", 1)
		}
		if err != nil {
			return err
		}
		return v.done(here, b.word, undo, 1)
	}
	form := routeForm{f.Get("subject"), f.Get("sender"), f.Get("municipality"), f.Get("team")}
	route := store.Route{Subject: form.Subject, Sender: brevdue.GLN(form.Sender), Municipality: form.Municipality, Team: form.Team}
	if f.Get("do") == "proev" {
		return wb.tryRoutes(v, unit, form, &route)
	}
	undo, err := box.AddRoute(v.ctx(), *v.person, unit.GLN, route)
	var faults mailbox.Faults
	if errors.As(err, &faults) {
		return wb.showRoutes(v, unit, form, nil, faults)
	}
	if err != nil {
		return err
	}
	return v.done(here, "routeadded", undo, 1)
}

// setTeam moves one letter to a team by hand.
func (wb *Workbench) setTeam(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	here := letterPath(unit.GLN, store.In, id)
	team := v.r.PostForm.Get("team")
	undo, err := wb.cfg.Box.SetTeam(v.ctx(), *v.person, unit.GLN, id, team)
	var faults mailbox.Faults
	if errors.As(err, &faults) {
		return v.done(here, "badteam", "", 1)
	}
	if err != nil {
		return err
	}
	word := "team"
	if team == "" {
		word = "noteam"
	}
	return v.done(here, word, undo, boolInt(undo != ""))
}

// setServices keeps what the unit says about the citizen of a letter (AGR-604).
func (wb *Workbench) setServices(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	moved, err := wb.cfg.Box.SetServices(v.ctx(), *v.person, unit.GLN, id, v.r.PostForm.Get("ydelser"))
	if err != nil {
		return err
	}
	return v.done(letterPath(unit.GLN, store.In, id), "services", "", moved)
}

// formID reads a number a button has sent.
func formID(s string) (int64, error) {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id <= 0 {
		return 0, brevdue.ErrNotFound
	}
	return id, nil
}

// workView is who has a letter and which team it is for, on its page.
type workView struct {
	May                  bool // false: it is shown and not changed
	Path, Team, Assigned string
	Mine                 bool
	Teams                []string
	People               []choice // whom it can be given to
	Desk                 *deskView
}

// servicesView is the question to a municipality about its citizen.
type servicesView struct {
	Path, Source string
	Choices      []choice
}

// addWork puts on a letter's page what its unit can do with it besides reading.
func (wb *Workbench) addWork(v *visit, p *letterPage, o mailbox.Opened) {
	w, c, l := v.words, wb.clock(v), o.Letter
	here := letterPath(o.Unit.GLN, store.In, l.ID)
	p.Work = &workView{May: p.May.Work, Path: here, Team: l.Team, Assigned: l.AssignedName, Mine: l.Assigned == v.person.ID, Teams: o.Teams, People: peopleOf(w, o.People, l.Assigned), Desk: p.Desk}
	if o.Services == nil || !p.May.Work {
		return
	}
	p.Services = &servicesView{Path: here + "/ydelser", Source: w.T("unit.servicesrule")}
	if o.Services.By != "" {
		p.Services.Source = w.T("unit.servicesby", o.Services.By, c.when(o.Services.At))
	}
	for _, value := range []string{"yes", "no", "unknown"} {
		p.Services.Choices = append(p.Services.Choices, choice{Value: value, Label: w.T("unit.answer." + value), Selected: value == o.Services.Value})
	}
}
