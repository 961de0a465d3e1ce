package web

import (
	"net/url"
	"strconv"
)

// hygienePage is what a register keeper should put right (Fund).
type hygienePage struct {
	frame
	Before, Lede, Back string
	Kinds              []hygieneKindView
}

type hygieneKindView struct {
	ID, What, To, Ref, Count string
	Rows                     []hygieneRow
}

type hygieneRow struct{ ID, Path, Name, Place, GLN, Text, Letter string }

func (wb *Workbench) hygienePage(v *visit) error {
	q := v.r.URL.Query()
	unit, before := q.Get("enhed"), q.Get("foer")
	h, err := wb.cfg.Box.Hygiene(v.ctx(), *v.person, before)
	faults, err := faultsIn(err)
	if err != nil {
		return err
	}
	w := v.words
	p := hygienePage{Before: h.Before, Lede: w.N("dir.findings", h.Total)}
	if p.frame, err = wb.directoryFrame(v, faultHeading(v, w.T("dir.hygiene"), faults), &unit); err != nil {
		return err
	}
	p.Faults, p.Back = fieldFaults(v, faults), unitQuery(unit)
	if faults != nil {
		p.Before, p.Lede = before, ""
	}
	for i, k := range h.Kinds {
		view := hygieneKindView{ID: "fund-" + strconv.Itoa(i+1), What: inLang(w, k.What, k.WhatEN), To: inLang(w, k.To, k.ToEN), Ref: k.Reference, Count: strconv.Itoa(k.Total)}
		if k.Total > len(k.Findings) {
			view.Count = w.T("dir.firstof", len(k.Findings), k.Total)
		}
		for j, f := range k.Findings {
			view.Rows = append(view.Rows, hygieneRow{ID: view.ID + "-" + strconv.Itoa(j+1), Path: "/adressebog/" + url.PathEscape(string(f.GLN)) + p.Back, Name: f.Name, Place: f.Place, GLN: string(f.GLN),
				Text: inLang(w, f.Text, f.TextEN), Letter: f.Letter})
		}
		p.Kinds = append(p.Kinds, view)
	}
	return wb.render(v, statusOf(faults), "hygiene", p)
}
