package web

import (
	"errors"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// arrangementsPage lists the concrete agreements of a unit (AGR-302).
type arrangementsPage struct {
	frame
	Heading, Action string
	Rows            []arrangementRow
	SearchWords     string
	Searched        bool
	Hits            []hit
	Form            arrangementForm
	Earliest        string
}

type arrangementForm struct{ Other, Citizen, Text, Until string }

type arrangementRow struct {
	ID                              int64
	Name, About, Text, Until, Noted string
	Over                            bool
	End                             string // what the button is called for a screen reader
}

func (wb *Workbench) arrangementsPage(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	return wb.showArrangements(v, unit, "", arrangementForm{}, nil)
}

func (wb *Workbench) showArrangements(v *visit, unit store.Unit, words string, form arrangementForm, faults mailbox.Faults) error {
	list, err := wb.cfg.Box.Arrangements(v.ctx(), *v.person, unit.GLN)
	if err != nil {
		return err
	}
	w, c := v.words, wb.clock(v)
	p := arrangementsPage{Heading: w.T("arrangement.heading"), Action: unitPath(unit.GLN) + "/aftaler", SearchWords: words, Form: form, Earliest: kalender.DayOf(v.now).String()}
	for _, a := range list {
		row := arrangementRow{ID: a.ID, Name: a.Name, About: w.T("arrangement.everybody"), Text: a.Text, Until: w.T("arrangement.noend"), Noted: w.T("arrangement.by", a.By, c.when(a.At)), Over: a.Over,
			End: w.T("arrangement.endone", a.Name)}
		if a.Citizen != "" {
			row.About = a.Citizen.String() // masked; the list needs no more (F73)
		}
		if a.Until != "" {
			row.Until = w.T("arrangement.until", dateText(c, a.Until))
		}
		p.Rows = append(p.Rows, row)
	}
	if p.Hits, p.Searched, err = wb.hits(v, unit, words, brevdue.GLN(form.Other)); err != nil {
		return err
	}
	if p.frame, err = wb.unitFrame(v, unit, faultHeading(v, p.Heading, faults)); err != nil {
		return err
	}
	p.Faults = fieldFaults(v, faults)
	return wb.render(v, statusOf(faults), "arrangements", p)
}

// editArrangements takes the button pressed: search, add or end.
func (wb *Workbench) editArrangements(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	f, here := v.r.PostForm, unitPath(unit.GLN)+"/aftaler"
	if f.Has("afslut") {
		id, err := formID(f.Get("afslut"))
		if err != nil {
			return err
		}
		undo, err := wb.cfg.Box.EndArrangement(v.ctx(), *v.person, unit.GLN, id)
		if err != nil {
			return err
		}
		return v.done(here, "arrangementended", undo, 1)
	}
	form := arrangementForm{Other: strings.TrimSpace(f.Get("receiver")), Citizen: strings.TrimSpace(f.Get("citizen")), Text: f.Get("text"), Until: f.Get("until")}
	words := strings.TrimSpace(f.Get("words"))
	if f.Get("do") == "soeg" {
		return wb.showArrangements(v, unit, words, form, nil)
	}
	err = wb.cfg.Box.AddArrangement(v.ctx(), *v.person, unit.GLN, store.Arrangement{Other: brevdue.GLN(form.Other),
		Citizen: brevdue.CPR(strings.NewReplacer("-", "", " ", "").Replace(form.Citizen)), Text: form.Text, Until: form.Until})
	var faults mailbox.Faults
	if errors.As(err, &faults) {
		return wb.showArrangements(v, unit, words, form, faults)
	}
	if err != nil {
		return err
	}
	return v.done(here, "arrangement", "", 1)
}
