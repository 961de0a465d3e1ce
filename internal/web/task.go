package web

import (
	"errors"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// tasksPage lists what a unit has to do besides reading (Opgaver).
type tasksPage struct {
	frame
	Heading string
	Rows    []taskRow
	Reopen  string // address that takes back what was just done
	DoneOne string
	More    bool
}

type taskRow struct {
	ID                                   int64
	What, Hint, Number, Path, Name, CPR  string
	Other, Subject, Due, Tone, Icon, Act string
	Note                                 string
	Fault                                *fault
}

// shownTasks is how many open tasks the page shows.
const shownTasks = 200

func (wb *Workbench) tasksPage(v *visit) error { return wb.showTasks(v, 0, "", nil) }

func (wb *Workbench) showTasks(v *visit, at int64, note string, faults mailbox.Faults) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	list, err := wb.cfg.Box.Tasks(v.ctx(), *v.person, unit.GLN, shownTasks+1)
	if err != nil {
		return err
	}
	w, c := v.words, wb.clock(v)
	p := tasksPage{Heading: w.T("task.heading"), More: len(list) > shownTasks}
	list = list[:min(len(list), shownTasks)]
	if p.frame, err = wb.unitFrame(v, unit, faultHeading(v, p.Heading, faults)); err != nil {
		return err
	}
	if id, err := formID(v.r.URL.Query().Get("udfoert")); err == nil {
		p.DoneOne, p.Reopen = w.T("task.donenow"), taskPath(unit, id)+"/igen"
	}
	for _, t := range list {
		row := taskRow{ID: t.ID, What: w.T("task.kind." + string(t.Kind)), Hint: w.T("task.why." + string(t.Kind)), Number: t.Number, Path: letterPath(unit.GLN, t.Direction, t.Letter),
			Name: t.PatientName, CPR: t.CPR.String(), Other: t.Other, Subject: t.Subject, Due: w.T("task.due", c.when(t.Due)), Tone: "calm", Icon: "calm", Act: taskPath(unit, t.ID)}
		switch {
		case t.Late:
			row.Tone, row.Icon, row.Due = "late", "late", w.T("task.late", c.when(t.Due))
		case c.daysAhead(t.Due) == 0:
			row.Tone, row.Icon = "soon", "soon"
		}
		if t.ID == at {
			row.Note = note
			for _, f := range faults {
				one := fault{Field: f.Field, ID: "f-note-" + strconv.FormatInt(t.ID, 10), Text: inLang(w, f.Text, f.TextEN)}
				row.Fault = &one
				p.Faults = append(p.Faults, one)
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return wb.render(v, statusOf(faults), "tasks", p)
}

func taskPath(unit store.Unit, id int64) string {
	return strings.Replace(letterPath(unit.GLN, store.In, id), "/brev/", "/opgaver/", 1)
}

// completeTask notes that a task was done.
func (wb *Workbench) completeTask(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	note := v.r.PostForm.Get("note")
	err = wb.cfg.Box.CompleteTask(v.ctx(), *v.person, unit.GLN, id, note)
	var faults mailbox.Faults
	switch {
	case errors.As(err, &faults):
		return wb.showTasks(v, id, note, faults)
	case errors.Is(err, brevdue.ErrConflict): // somebody else was first
		return v.done(unitPath(unit.GLN)+"/opgaver", "taskgone", "", 1)
	case err != nil:
		return err
	}
	return v.redirect(unitPath(unit.GLN) + "/opgaver?udfoert=" + strconv.FormatInt(id, 10))
}

// reopenTask takes that back.
func (wb *Workbench) reopenTask(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	err = wb.cfg.Box.ReopenTask(v.ctx(), *v.person, unit.GLN, id)
	if errors.Is(err, brevdue.ErrConflict) {
		return v.done(unitPath(unit.GLN)+"/opgaver", "toolate", "", 1)
	}
	if err != nil {
		return err
	}
	return v.done(unitPath(unit.GLN)+"/opgaver", "undone", "", 1)
}
