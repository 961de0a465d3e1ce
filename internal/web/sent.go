package web

import (
	"net/http"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

type sentPage struct {
	frame
	Lede          string
	Rows          []sentRow
	More, Earlier string
}

type sentRow struct {
	ID                       int64
	Path, Tone, Icon, State  string
	Why                      string // the reason behind the state, "" for none
	Name, CPR, Other         string
	Subject, FirstLine, Time string
}

// sentTone is the look of a state; its words come from mailbox.
func sentTone(s brevdue.Status) (tone, icon string) {
	switch s {
	case brevdue.Delivered:
		return "done", "done"
	case brevdue.Rejected:
		return "late", "stop"
	case brevdue.Unconfirmed:
		return "soon", "late"
	case brevdue.Sent:
		return "calm", "send"
	}
	return "calm", "soon"
}

func (wb *Workbench) sentPage(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	offset := listOffset(v.r.URL.Query())
	items, err := wb.cfg.Box.Sent(v.ctx(), *v.person, unit.GLN, pageRows+1, offset)
	if err != nil {
		return err
	}
	var p sentPage
	if p.frame, err = wb.unitFrame(v, unit, v.words.T("sent.heading")); err != nil {
		return err
	}
	more := len(items) > pageRows
	if more {
		items = items[:pageRows]
	}
	c, attention := wb.clock(v), 0
	for _, it := range items {
		// The state stands before the colon, the reason after it: the chip says the
		// first, the line beside it the second.
		state, why, _ := strings.Cut(inLang(v.words, it.StateText, it.StateTextEN), ": ")
		r := sentRow{ID: it.ID, Path: letterPath(unit.GLN, store.Out, it.ID), State: state, Why: why, Name: it.PatientName, CPR: it.CPR.String(),
			Other: it.Other, Subject: it.Subject, FirstLine: rowLine(v.words, it.Row), Time: c.short(it.Sent)}
		r.Tone, r.Icon = sentTone(it.Status)
		if r.Tone == "late" || r.Tone == "soon" {
			attention++
		}
		p.Rows = append(p.Rows, r)
	}
	p.Lede = v.words.N("sent.lede", len(items))
	if attention > 0 {
		p.Lede = v.words.N("sent.attention", attention) + " " + p.Lede
	}
	p.More, p.Earlier = pagePaths(p.UnitPath+"/sendt", "", "", offset, more)
	return wb.render(v, http.StatusOK, "sent", p)
}

// sentLetterPage shows one of the unit's own letters and what became of it.
func (wb *Workbench) sentLetterPage(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	return wb.showSent(v, unit, id, "", "", nil)
}

// showSent shows it with what is wrong with the reason for sending it again, or with the
// case number that was given for it, if anything.
func (wb *Workbench) showSent(v *visit, unit store.Unit, id int64, reason, number string, faults mailbox.Faults) error {
	o, err := wb.cfg.Box.SentLetter(v.ctx(), *v.person, unit.GLN, id)
	if err != nil {
		return err
	}
	c := wb.clock(v)
	p := wb.letterView(c, o)
	if p.frame, err = wb.unitFrame(v, unit, faultHeading(v, p.Heading, faults)); err != nil {
		return err
	}
	p.Faults = fieldFaults(v, faults)
	p.BackPath, p.BackLabel = p.UnitPath+"/sendt", v.words.T("letter.backsent")
	p.Over = v.words.T("letter.oversent", o.Letter.Number(), c.when(o.Letter.Sent))
	p.Chip, p.Refusal = wb.stateOf(v, o)
	p.Sender.Name, p.Sender.Under, p.Sender.Tel = v.words.T("letter.us", unit.Name), "", ""
	if err := wb.addAround(v, &p, o); err != nil {
		return err
	}
	p.Kept = keptOf(c, o.Letter.Record, o.Basis)
	wb.addJournal(v, &p, o, number)
	if p.May.Send && o.Cleared == nil && (o.Letter.Status == brevdue.Rejected || o.Letter.Status == brevdue.Unconfirmed) {
		here := letterPath(unit.GLN, store.Out, id)
		p.Resend = &resendView{here + "/ret", here + "/igen", reason, p.FaultOf("reason")}
	}
	if o.Letter.Original != "" {
		p.OriginalPath = letterPath(unit.GLN, store.Out, id) + "/original"
	}
	return wb.render(v, statusOf(faults), "letter", p)
}

// stateOf is the chip of a letter of our own, and the note when somebody must act.
func (wb *Workbench) stateOf(v *visit, o mailbox.Opened) (chip, *refusal) {
	tone, icon := sentTone(o.Letter.Status)
	da, en := mailbox.StateText(o.Letter.Status)
	out := chip{Tone: tone, Icon: icon, Text: inLang(v.words, da, en)}
	switch o.Letter.Status {
	case brevdue.Rejected:
		return out, &refusal{v.words.T("letter.refused"), o.Letter.Note}
	case brevdue.Unconfirmed:
		return out, &refusal{v.words.T("letter.notdelivered"), o.Letter.Note}
	}
	return out, nil
}

type donePage struct {
	frame
	Number, To, Expected, LetterPath string
	Undo                             *undoView // nil when it has left, or soon will
}

// undoView is the button that takes a letter back before it leaves.
type undoView struct {
	Path, Text string
	UntilMS    int64
}

// donePage says that a letter was sent, when it will be read, and what happens
// if nobody answers for it.
func (wb *Workbench) donePage(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	o, err := wb.cfg.Box.SentLetter(v.ctx(), *v.person, unit.GLN, id)
	if err != nil {
		return err
	}
	var p donePage
	if p.frame, err = wb.unitFrame(v, unit, v.words.T("done.heading")); err != nil {
		return err
	}
	l := o.Letter
	p.Number, p.LetterPath = l.Number(), letterPath(unit.GLN, store.Out, id)
	p.To = v.words.T("done.to", l.Body.Receiver.Name(), wb.clock(v).when(l.Sent))
	if l.Duty != nil {
		p.Expected = inLang(v.words, l.Duty.Sentence, l.Duty.SentenceEN)
	}
	if until := wb.cfg.Box.UndoUntil(l); p.May.Send && !until.IsZero() {
		p.Undo = &undoView{Path: unitPath(unit.GLN) + "/afsendt/" + strconv.FormatInt(id, 10) + "/fortryd", UntilMS: until.UnixMilli(),
			Text: v.words.T("done.leaves", until.In(wb.zone).Format(v.words.T("time.exact")))}
	}
	return wb.render(v, http.StatusOK, "done", p)
}
