package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// pathGlass is the page on which a letter of another unit is opened in an emergency.
const pathGlass = "/noedadgang"

// glassPage asks which letter and why, lists those about a citizen, and those that are
// open to the person now.
type glassPage struct {
	frame
	Letter, CPR, Reason string // as they were typed
	Open                []glassRow
	Asked               bool // letters about a citizen were looked for
	Found               string
	Hits                []glassHit
}

type glassRow struct{ Path, Number, Until string }

type glassHit struct{ Number, What, When string }

func (wb *Workbench) glassPage(v *visit) error { return wb.showGlass(v, glassPage{}, nil) }

// breakGlass opens the letter whose number was given, or lists those about the citizen.
func (wb *Workbench) breakGlass(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	get := func(key string) string { return strings.TrimSpace(v.r.PostForm.Get(key)) }
	p := glassPage{Letter: get("letter"), CPR: get("cpr"), Reason: get("reason")}
	asked := mailbox.GlassAsked{Number: p.Letter, Citizen: brevdue.CPR(p.CPR), Reason: p.Reason}
	var faults mailbox.Faults
	if p.Letter == "" && p.CPR != "" {
		hits, err := wb.cfg.Box.FindGlass(v.ctx(), *v.person, asked)
		if errors.As(err, &faults) {
			return wb.showGlass(v, p, faults)
		}
		if err != nil {
			return err
		}
		p.Asked, p.Found = true, v.words.N("glass.found", len(hits))
		for _, h := range hits {
			key := "glass.to"
			if h.Out {
				key = "glass.from"
			}
			p.Hits = append(p.Hits, glassHit{h.Number, v.words.T(key, h.UnitName), wb.clock(v).when(h.At)})
		}
		return wb.showGlass(v, p, nil)
	}
	id, err := wb.cfg.Box.BreakGlass(v.ctx(), *v.person, asked)
	if errors.As(err, &faults) {
		return wb.showGlass(v, p, faults)
	}
	if err != nil {
		return err
	}
	return v.redirect(pathGlass + "/" + strconv.FormatInt(id, 10))
}

func (wb *Workbench) showGlass(v *visit, p glassPage, faults mailbox.Faults) error {
	open, err := wb.cfg.Box.OpenGlasses(v.ctx(), *v.person)
	if err != nil {
		return err
	}
	p.frame = wb.personFrame(v, faultHeading(v, v.words.T("glass.heading"), faults))
	p.Faults = fieldFaults(v, faults)
	seen := map[int64]bool{}
	for _, g := range open {
		if !seen[g.Letter] { // broken twice within the hour, it is one letter
			p.Open = append(p.Open, glassRow{pathGlass + "/" + strconv.FormatInt(g.Letter, 10), store.LetterNumber(g.Letter), wb.clock(v).when(g.Until)})
		}
		seen[g.Letter] = true
	}
	return wb.render(v, statusOf(faults), "glass", p)
}

// glassLetterPage is a letter of another unit: what it says, and nothing to do with it.
type glassLetterPage struct {
	letterPage
	Until, Reason string
}

func (wb *Workbench) glassLetter(v *visit) error {
	if v.fetchedAhead() {
		return nil
	}
	id, err := v.id()
	if err != nil {
		return err
	}
	o, g, err := wb.cfg.Box.GlassLetter(v.ctx(), *v.person, id)
	if err != nil {
		return err
	}
	c := wb.clock(v)
	p := glassLetterPage{letterPage: wb.letterView(c, o), Reason: g.Reason}
	p.Until = v.words.T("glass.until", o.Unit.Name, c.when(g.Until))
	if o.Letter.Direction == store.Out {
		p.Over = v.words.T("letter.oversent", o.Letter.Number(), c.when(o.Letter.Sent))
		p.Chip, p.Refusal = wb.stateOf(v, o)
	}
	here, own := fmt.Sprintf("%s/%d", pathGlass, id), letterPath(o.Letter.Unit, o.Letter.Direction, id)
	for i := range p.Attachments {
		a := &p.Attachments[i]
		a.Path, a.ShowPath = strings.Replace(a.Path, own, here, 1), ""
	}
	p.frame = wb.personFrame(v, v.words.T("glass.letter", o.Letter.Number()))
	return wb.render(v, http.StatusOK, "glassletter", p)
}

func (wb *Workbench) glassAttachment(v *visit) error {
	if v.fetchedAhead() {
		return nil
	}
	id, err := v.id()
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(v.r.PathValue("n"))
	if err != nil {
		return brevdue.ErrNotFound
	}
	name, data, err := wb.cfg.Box.GlassAttachment(v.ctx(), *v.person, id, n)
	if err != nil {
		return err
	}
	return v.download(name, data)
}

// glassReviewView is the auditor's list of emergencies.
type glassReviewView struct {
	Waiting, Reviewed []glassReviewRow
}

type glassReviewRow struct {
	ID                                 int64
	When, Who, Login, Unit, Reason     string
	Letter, Path, Review, By, Reviewed string
	Fault                              *fault
}

func (wb *Workbench) glassReview(v *visit, faults mailbox.Faults) (out glassReviewView, err error) {
	r, err := wb.cfg.Box.Glasses(v.ctx(), *v.person)
	if err != nil {
		return out, err
	}
	c := wb.clock(v)
	wrong := frame{Faults: fieldFaults(v, faults)}
	row := func(g store.Glass) glassReviewRow {
		return glassReviewRow{ID: g.ID, When: c.when(g.At), Who: g.Name, Login: g.Login, Unit: r.Units[g.Unit], Reason: g.Reason, Letter: store.LetterNumber(g.Letter),
			Path: "/revision" + pathGlass + "/" + strconv.FormatInt(g.ID, 10), Review: g.Review, By: g.ReviewedBy, Reviewed: c.when(g.ReviewedAt), Fault: wrong.FaultOf(fmt.Sprintf("review-%d", g.ID))}
	}
	for _, g := range r.Waiting {
		out.Waiting = append(out.Waiting, row(g))
	}
	for _, g := range r.Reviewed {
		out.Reviewed = append(out.Reviewed, row(g))
	}
	return out, nil
}

// reviewGlass keeps what the auditor found.
func (wb *Workbench) reviewGlass(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	err = wb.cfg.Box.ReviewGlass(v.ctx(), *v.person, id, v.r.PostForm.Get("review"))
	var faults mailbox.Faults
	if errors.As(err, &faults) {
		return wb.refuseOnAudit(v, auditForm{}, holdForm{}, faults)
	}
	if err != nil {
		return err
	}
	return v.redirect("/revision?udfort=gennemgaaet")
}
