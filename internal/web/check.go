package web

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// checkPage shows exactly what will be sent, and what the deadline promises.
type checkPage struct {
	frame
	Action       string
	Draft        mailbox.Draft
	National     string
	PatientName  string
	CPR, Episode string
	ReceiverName string
	ReceiverGLN  string
	Lines        []brevdue.Line // as the receiver's own format gives them back
	Promise      *promiseView
	Away         []string
	Hints        []hintView
	Recent       []recentView
	Enclosed     []string // attachments that go along
	Kept         []pair   // what is kept here and not sent
	Hidden       []pair
	Answers      []answerView // of colleagues, sent since this one was begun
}

// answerView is a reply of a colleague that the person has not seen.
type answerView struct{ Path, Label, Text string }

func answersOf(c clock, unit store.Unit, answers []mailbox.Answer) (out []answerView) {
	for _, a := range answers {
		who := cmp.Or(a.Name, c.words.T("collision.somebody"))
		out = append(out, answerView{letterPath(unit.GLN, store.Out, a.ID), c.words.T("collision.read", who), c.words.T("collision.sent", who, c.when(a.At))})
	}
	return out
}

// recentView is a letter that was sent of late about the same.
type recentView struct{ Path, Number, When, FirstLine string }

// checkLetter shows a new letter before it is sent.
func (wb *Workbench) checkLetter(v *visit, unit store.Unit, f filled) error {
	var faults mailbox.Faults
	preview, err := wb.cfg.Box.CheckLetter(v.ctx(), *v.person, unit.GLN, f.draft)
	if errors.As(err, &faults) {
		return wb.showCompose(v, unit, f, faults)
	}
	if err != nil {
		return err
	}
	form, err := wb.cfg.Box.LetterForm(v.ctx(), *v.person, unit.GLN, f.draft)
	if err != nil {
		return err
	}
	p := checkPage{Action: unitPath(unit.GLN) + "/nyt", PatientName: strings.TrimSpace(f.draft.Given + " " + f.draft.Surname),
		CPR: typedCPR(f.draft.CPR), ReceiverGLN: string(f.draft.Receiver)}
	episode := f.draft.Episode
	if form.Forward != nil {
		patient := patientOf(v.words, form.Forward.Letter.Body.Patient)
		p.PatientName, p.CPR = patient.Name, strings.Join(patient.Numbers, " · ")
		episode = cmp.Or(episode, form.Forward.Letter.Body.Patient.Episode)
	}
	// What is not chosen is sent as the standard's word for no current episode.
	p.Episode = v.words.T("episode." + string(cmp.Or(episode, brevdue.EpisodeInactive)))
	if p.ReceiverName, err = wb.receiverOf(v, unit, f.draft.Receiver); err != nil {
		return err
	}
	return wb.showCheck(v, unit, p, form, preview, f)
}

// checkReply shows a reply before it is sent.
func (wb *Workbench) checkReply(v *visit, unit store.Unit, id int64, f filled) error {
	var faults mailbox.Faults
	preview, err := wb.cfg.Box.CheckReply(v.ctx(), *v.person, unit.GLN, id, f.draft)
	if errors.As(err, &faults) {
		return wb.showReply(v, unit, id, f, faults)
	}
	if err != nil {
		return err
	}
	form, err := wb.cfg.Box.ReplyForm(v.ctx(), *v.person, unit.GLN, id, f.draft)
	if err != nil {
		return err
	}
	patient := patientOf(v.words, form.Answers.Body.Patient)
	answers, _, err := wb.cfg.Box.AnswersSince(v.ctx(), *v.person, unit.GLN, id, f.known)
	if err != nil {
		return err
	}
	p := checkPage{Answers: answersOf(wb.clock(v), unit, answers), Action: letterPath(unit.GLN, store.In, id) + "/svar", PatientName: patient.Name, Episode: patient.Episode,
		CPR: strings.Join(patient.Numbers, " · "), ReceiverName: form.Answers.Body.Sender.Name(), ReceiverGLN: string(form.Answers.Body.Sender.GLN)}
	return wb.showCheck(v, unit, p, form, preview, f)
}

func (wb *Workbench) showCheck(v *visit, unit store.Unit, p checkPage, form mailbox.Form, preview mailbox.Preview, f filled) error {
	var err error
	if p.frame, err = wb.unitFrame(v, unit, v.words.T("check.heading")); err != nil {
		return err
	}
	c := wb.clock(v)
	p.Draft = f.draft
	p.Draft.Subject = preview.Seen.Subject
	p.Lines = allLines(preview.Seen)
	p.Promise, p.Away = promiseOf(v.words, form.Promise), awayOf(c, form)
	p.Hints = hintsOf(v.words, form.Hints)
	for _, a := range preview.Seen.Attachments {
		p.Enclosed = append(p.Enclosed, join(" ", a.Description, a.URL, size(v.words, a.Size)))
	}
	f.draft.Files = nil // those the page shows, and no others, are sent
	for _, o := range form.Files {
		f.draft.Files = append(f.draft.Files, o.ID)
	}
	p.Hidden = f.hidden()
	for _, r := range preview.Recent {
		p.Recent = append(p.Recent, recentView{letterPath(unit.GLN, store.Out, r.ID), store.LetterNumber(r.ID), c.when(r.Sent), r.FirstLine})
	}
	for _, g := range form.Categories {
		for _, s := range g.Subjects {
			if g.Name == f.draft.Category && s.Name == f.draft.Subject {
				p.National = s.National
			}
		}
	}
	if r := preview.Record; r != nil {
		shown := *r
		shown.Overruled = nil // they stand above, and nothing is set aside before it is sent
		p.Kept = keptOf(c, &shown, preview.Basis)
	}
	return wb.render(v, http.StatusOK, "check", p)
}
