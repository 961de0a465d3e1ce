package web

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/internal/web/text"
)

// journalView is a letter's hand-over to the record (Til journal).
type journalView struct {
	Path, Done, Undo string // Done says when and by whom; Undo is where it is taken back
	Case             string
	Fault            *fault
	PDFPath, RawPath string
}

// addJournal puts the hand-over, the file and what a printed page says on the page of a
// letter of the unit.
func (wb *Workbench) addJournal(v *visit, p *letterPage, o mailbox.Opened, number string) {
	c := wb.clock(v)
	here := letterPath(o.Unit.GLN, o.Letter.Direction, o.Letter.ID)
	p.PDFPath = here + "/pdf"
	if o.Cleared == nil {
		p.ForwardPath = here + "/videresend"
	}
	p.Printed = v.words.T("journal.printed", c.whole(v.now), v.person.Name)
	j := &journalView{Path: here + "/journal", Case: number, Fault: p.FaultOf("case"), PDFPath: p.PDFPath}
	if o.Letter.Original != "" {
		j.RawPath = here + "/original/hent"
	}
	if o.Journal != nil {
		j.Done = journaled(v.words, c.when(o.Journal.At), o.Journal)
		if v.now.Sub(o.Journal.At) <= mailbox.JournalUndoFor {
			j.Undo = j.Path + "/fortryd"
		}
	}
	if o.Cleared == nil || o.Journal != nil { // what has gone cannot be handed over
		p.Journal = j
	}
}

// journaled says that a letter was handed over: when, by whom, and to which case.
func journaled(w *text.Words, when string, j *store.Journal) string {
	if j.Case == "" {
		return w.T("journal.done", when, j.By)
	}
	return w.T("journal.donecase", when, j.By, j.Case)
}

// journalLetter marks the letter of the page as handed over.
func (wb *Workbench) journalLetter(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	number := v.r.PostForm.Get("case")
	done, err := wb.cfg.Box.Journal(v.ctx(), *v.person, unit.GLN, []int64{id}, number)
	var faults mailbox.Faults
	switch {
	case errors.As(err, &faults) && v.box() == store.Out:
		return wb.showSent(v, unit, id, "", number, faults)
	case errors.As(err, &faults):
		return wb.showLetter(v, unit, id, tried{number: number}, faults)
	case err != nil:
		return err
	}
	return v.done(letterPath(unit.GLN, v.box(), id), "journal", done.Token, done.Letters)
}

// unjournalLetter takes that back.
func (wb *Workbench) unjournalLetter(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	word := "undone"
	err = wb.cfg.Box.Unjournal(v.ctx(), *v.person, unit.GLN, id)
	if errors.Is(err, brevdue.ErrConflict) {
		word, err = "toolate", nil
	}
	if err != nil {
		return err
	}
	return v.done(letterPath(unit.GLN, v.box(), id), word, "", 1)
}

// box is which letters the address is about: those received or those of one's own.
func (v *visit) box() store.Direction {
	if strings.HasPrefix(v.r.URL.Path, unitPath(brevdue.GLN(v.r.PathValue("gln")))+"/sendt/") {
		return store.Out
	}
	return store.In
}

// journalPage lists what was not handed over to the record yet (Ikke journaliseret).
type journalPage struct {
	frame
	Heading, Lede string
	Action        string
	Rows          []journalRow
	Case          string
	More, Earlier string
}

type journalRow struct {
	ID                      int64
	Path, Number, Name, CPR string
	Other, Subject, Time    string
	Out, Chosen             bool
}

func (wb *Workbench) journalPage(v *visit) error { return wb.showJournal(v, nil, "", nil) }

func (wb *Workbench) showJournal(v *visit, chosen []int64, number string, faults mailbox.Faults) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	offset := listOffset(v.r.URL.Query())
	list, err := wb.cfg.Box.Unjournaled(v.ctx(), *v.person, unit.GLN, pageRows+1, offset)
	if err != nil {
		return err
	}
	w, c := v.words, wb.clock(v)
	p := journalPage{Heading: w.T("journal.heading", list.Count), Lede: w.T("journal.lede"), Action: unitPath(unit.GLN) + "/journal", Case: number}
	if p.frame, err = wb.unitFrame(v, unit, faultHeading(v, w.T("journal.nav"), faults)); err != nil {
		return err
	}
	p.Faults = fieldFaults(v, faults)
	p.More, p.Earlier = pagePaths(p.Action, "", "", offset, len(list.Rows) > pageRows)
	for _, r := range list.Rows[:min(len(list.Rows), pageRows)] {
		p.Rows = append(p.Rows, journalRow{ID: r.ID, Path: letterPath(unit.GLN, r.Direction, r.ID), Number: store.LetterNumber(r.ID), Name: r.PatientName, CPR: r.CPR.String(),
			Other: r.Other, Subject: r.Subject, Time: c.when(rowTime(r)), Out: r.Direction == store.Out, Chosen: slices.Contains(chosen, r.ID)})
	}
	return wb.render(v, statusOf(faults), "journal", p)
}

// journalMany marks the letters that were ticked, or all that the page showed.
func (wb *Workbench) journalMany(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	field := "brev"
	if v.r.PostForm.Get("do") == "alle" {
		field = "vist"
	}
	var ids []int64
	for _, s := range v.r.PostForm[field] {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil || id <= 0 {
			return brevdue.ErrNotFound
		}
		ids = append(ids, id)
	}
	number := v.r.PostForm.Get("case")
	if len(ids) == 0 {
		none := mailbox.Fault{Field: "brev", Text: v.words.T("journal.choose"), TextEN: v.words.T("journal.choose")}
		return wb.showJournal(v, nil, number, mailbox.Faults{none})
	}
	done, err := wb.cfg.Box.Journal(v.ctx(), *v.person, unit.GLN, ids, number)
	var faults mailbox.Faults
	if errors.As(err, &faults) {
		return wb.showJournal(v, ids, number, faults)
	}
	if err != nil {
		return err
	}
	return v.done(unitPath(unit.GLN)+"/journal", "journal", done.Token, done.Letters)
}

// letterPDF hands out the letter as a PDF.
func (wb *Workbench) letterPDF(v *visit) error {
	if v.fetchedAhead() {
		return nil
	}
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	o, err := wb.cfg.Box.Printout(v.ctx(), *v.person, unit.GLN, id)
	if err != nil {
		return err
	}
	if o.Letter.Direction != v.box() {
		return brevdue.ErrNotFound
	}
	data, err := wb.paper(v, o)
	if err != nil {
		return err
	}
	return v.file("brev-"+o.Letter.Number()+".pdf", "application/pdf", data)
}
