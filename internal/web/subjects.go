package web

import (
	"errors"
	"fmt"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// subjectsPage is who in the unit's municipality gets which subject (Emner og
// modtagere).
type subjectsPage struct {
	frame
	Heading, Lede, Action string
	Rows                  []subjectRow
	Known                 int // units of the municipality in the directory
}

type subjectRow struct {
	Field, Subject, By string
	Choices            []choice
}

func (wb *Workbench) subjectsPage(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	return wb.showSubjects(v, unit, nil, nil)
}

func (wb *Workbench) saveSubjects(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	m, err := wb.cfg.Box.SubjectReceivers(v.ctx(), *v.person, unit.GLN)
	if err != nil {
		return err
	}
	chosen := map[string]brevdue.GLN{}
	for i, s := range m.Subjects {
		if field := fmt.Sprint("subject-", i); v.r.PostForm.Has(field) {
			chosen[s.Subject] = brevdue.GLN(v.r.PostForm.Get(field))
		}
	}
	n, err := wb.cfg.Box.SetSubjectReceivers(v.ctx(), *v.person, unit.GLN, chosen)
	var faults mailbox.Faults
	if errors.As(err, &faults) {
		return wb.showSubjects(v, unit, chosen, faults)
	}
	if err != nil {
		return err
	}
	return v.done(unitPath(unit.GLN)+"/emner", "subjects", "", n)
}

func (wb *Workbench) showSubjects(v *visit, unit store.Unit, chosen map[string]brevdue.GLN, faults mailbox.Faults) error {
	m, err := wb.cfg.Box.SubjectReceivers(v.ctx(), *v.person, unit.GLN)
	if err != nil {
		return err
	}
	if m.Municipality == "" { // no municipality's unit: there is no such page
		return brevdue.ErrNotFound
	}
	w := v.words
	p := subjectsPage{Heading: w.T("subjects.heading"), Lede: w.T("subjects.lede", m.Municipality), Action: unitPath(unit.GLN) + "/emner", Known: len(m.Units)}
	for i, s := range m.Subjects {
		gln := s.GLN
		if g, asked := chosen[s.Subject]; asked {
			gln = g
		}
		row := subjectRow{Field: fmt.Sprint("subject-", i), Subject: s.Subject}
		switch {
		case s.By != "":
			row.By = w.T("subjects.by", s.By)
		case s.GLN != "":
			row.By = w.T("subjects.register")
		}
		row.Choices = append(row.Choices, choice{Label: w.T("subjects.free"), Selected: gln == ""})
		for _, e := range m.Units {
			row.Choices = append(row.Choices, choice{Value: string(e.GLN), Label: join(" · ", e.Name, string(e.GLN)), Selected: e.GLN == gln})
		}
		p.Rows = append(p.Rows, row)
	}
	if p.frame, err = wb.unitFrame(v, unit, faultHeading(v, p.Heading, faults)); err != nil {
		return err
	}
	p.Faults = fieldFaults(v, faults)
	return wb.render(v, statusOf(faults), "subjects", p)
}
