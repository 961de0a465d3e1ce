package web

import (
	"strings"

	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// strandView is one letter of the thread on a letter's page: folded to one line, or open
// when it is the page's own.
type strandView struct {
	Path, Who, When, FirstLine string
	State                      string // of a letter of one's own
	Marks                      []toned
	Here                       bool
	Unread                     bool // its text is on its own page only, which reads it
	Shown                      bool // it can be unfolded here
	Parts                      []partView
	Attachments                int
}

// besideView are the other letters about the citizen (Andre breve om borgeren).
type besideView struct {
	Rows []besideRow
	More bool
	// Citizen is the number to search all of them by; it travels in the body of a request
	// only. "" when it cannot be searched by.
	Citizen string
}

type besideRow struct{ Path, Subject, Way, When, State, Unit string }

// addAround puts the thread and the other letters about the citizen on a letter's page.
func (wb *Workbench) addAround(v *visit, p *letterPage, o mailbox.Opened) error {
	a, err := wb.cfg.Box.Around(v.ctx(), *v.person, o.Unit.GLN, o.Letter.ID)
	if err != nil {
		return err
	}
	c := wb.clock(v)
	for _, s := range a.Thread {
		p.Thread = append(p.Thread, strandOf(c, o.Unit, s))
	}
	p.Beside = besideOf(c, a, o)
	if a.Trust != nil && o.Cleared == nil {
		p.Trust = trustOf(c, *a.Trust)
	}
	return nil
}

// trustView says how far the sender is proved, and why.
type trustView struct {
	Tone, Icon, Text string
	Reasons          []string
}

// trustOf shows the trust line. That the network alone proves nothing is no warning: it is
// so for each letter that comes by it.
func trustOf(c clock, t mailbox.Trust) *trustView {
	out := &trustView{Tone: "done", Icon: "done", Text: c.words.T("trust.confirmed")}
	if !t.Confirmed {
		out.Tone, out.Icon, out.Text = "calm", "info", c.words.T("trust.unconfirmed")
	}
	for _, r := range t.Reasons {
		out.Reasons = append(out.Reasons, inLang(c.words, r.Text, r.TextEN))
		if !t.Confirmed && r.Code != "network" {
			out.Tone, out.Icon = "soon", "late"
		}
	}
	return out
}

func strandOf(c clock, u store.Unit, s mailbox.Strand) strandView {
	w := c.words
	out := strandView{Path: letterPath(s.Unit, s.Direction, s.ID), Who: s.Other, When: c.when(s.At), FirstLine: rowLine(w, s.Row), Here: s.Here,
		Unread: s.Direction == store.In && s.ReadAt.IsZero() && !s.Here, Attachments: s.Attachments}
	mark := func(tone, text string) { out.Marks = append(out.Marks, toned{tone, text}) }
	if s.Direction == store.Out {
		da, en := mailbox.StateText(s.Status)
		out.Who, out.State = w.T("letter.us", u.Name), inLang(w, da, en)
	}
	switch {
	case s.Forwarded:
		mark("", w.T("thread.forwarded", s.Other))
	case s.Answers > 1:
		mark("soon", w.T("thread.fork", s.Answer, s.Answers, store.LetterNumber(s.ReplyTo)))
	case s.Answer == 1:
		mark("", w.T("thread.answer", store.LetterNumber(s.ReplyTo)))
	}
	if s.Late {
		mark("soon", w.T("thread.late", c.when(s.Arrived)))
	}
	if s.Letter != nil && !s.Here {
		out.Parts = parts(c, s.Letter.Body)
		out.Shown = len(out.Parts) > 0
	}
	return out
}

func besideOf(c clock, a mailbox.Around, o mailbox.Opened) *besideView {
	w := c.words
	if len(a.Others) == 0 {
		return nil
	}
	out := &besideView{More: a.More}
	for _, r := range a.Others {
		row := besideRow{Path: letterPath(r.Unit, r.Direction, r.ID), Subject: r.Subject, Way: w.T("row.arrived"), When: c.when(rowTime(r.Row)), Unit: r.UnitName}
		if row.Subject == "" {
			row.Subject = w.T("letter.nosubject")
		}
		switch {
		case r.Direction == store.Out:
			row.Way, row.State = w.T("row.sentat"), inLang(w, r.StateText, r.StateTextEN)
		case r.ReadAt.IsZero():
			row.State = w.T("beside.unread")
		case !r.AnsweredAt.IsZero():
			row.State = w.T("beside.answered")
		default:
			row.State = w.T("beside.read")
		}
		out.Rows = append(out.Rows, row)
	}
	if n := o.Letter.Body.Patient.CPR; len(n) == 10 && strings.Trim(n.Reveal(), "0123456789") == "" {
		out.Citizen = hyphened(n)
	}
	return out
}
