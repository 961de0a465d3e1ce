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
	Action         string
	Draft          mailbox.Draft
	National       string
	PatientName    string
	CPR, Episode   string
	ReceiverName   string
	ReceiverGLN    string
	Lines          []string
	SignatureLines []string
	Promise        *promiseView
	Hints          []string
	Reasons        []pair
	Hidden         []pair
}

// checkLetter shows a new letter before it is sent.
func (wb *Workbench) checkLetter(v *visit, unit store.Unit, f filled) error {
	var faults mailbox.Faults
	if err := wb.cfg.Box.CheckLetter(v.ctx(), *v.person, unit.GLN, f.draft); errors.As(err, &faults) {
		return wb.showCompose(v, unit, f, faults)
	} else if err != nil {
		return err
	}
	form, err := wb.cfg.Box.LetterForm(v.ctx(), *v.person, unit.GLN, f.draft)
	if err != nil {
		return err
	}
	p := checkPage{Action: unitPath(unit.GLN) + "/nyt", PatientName: strings.TrimSpace(f.draft.Given + " " + f.draft.Surname),
		CPR: typedCPR(f.draft.CPR), ReceiverGLN: string(f.draft.Receiver)}
	// What is not chosen is sent as the standard's word for no current episode.
	p.Episode = v.words.T("episode." + string(cmp.Or(f.draft.Episode, brevdue.EpisodeInactive)))
	if p.ReceiverName, err = wb.receiverOf(v, unit, f.draft.Receiver); err != nil {
		return err
	}
	return wb.showCheck(v, unit, p, form, f)
}

// checkReply shows a reply before it is sent.
func (wb *Workbench) checkReply(v *visit, unit store.Unit, id int64, f filled) error {
	var faults mailbox.Faults
	if err := wb.cfg.Box.CheckReply(v.ctx(), *v.person, unit.GLN, id, f.draft); errors.As(err, &faults) {
		return wb.showReply(v, unit, id, f, faults)
	} else if err != nil {
		return err
	}
	form, err := wb.cfg.Box.ReplyForm(v.ctx(), *v.person, unit.GLN, id, f.draft)
	if err != nil {
		return err
	}
	patient := patientOf(v.words, form.Answers.Body.Patient)
	p := checkPage{Action: letterPath(unit.GLN, store.In, id) + "/svar", PatientName: patient.Name, Episode: patient.Episode,
		CPR: strings.Join(patient.Numbers, " · "), ReceiverName: form.Answers.Body.Sender.Name(), ReceiverGLN: string(form.Answers.Body.Sender.GLN)}
	return wb.showCheck(v, unit, p, form, f)
}

func (wb *Workbench) showCheck(v *visit, unit store.Unit, p checkPage, form mailbox.Form, f filled) error {
	var err error
	if p.frame, err = wb.unitFrame(v, unit, v.words.T("check.heading")); err != nil {
		return err
	}
	p.Draft = f.draft
	p.Lines = strings.Split(strings.TrimRight(f.draft.Text, "\n "), "\n")
	p.SignatureLines = strings.Split(form.Signature, "\n")
	p.Promise = promiseOf(v.words, form.Promise)
	p.Hints = hints(v.words, f.draft.Text)
	p.Hidden = f.hidden()
	for _, c := range form.Categories {
		for _, s := range c.Subjects {
			if c.Name == f.draft.Category && s.Name == f.draft.Subject {
				p.National = s.National
			}
		}
	}
	if f.draft.SubjectReason != "" {
		p.Reasons = append(p.Reasons, pair{v.words.T("check.reason"), f.draft.SubjectReason})
	}
	if f.draft.StartReason != "" {
		p.Reasons = append(p.Reasons, pair{v.words.T("check.start"), f.draft.StartReason})
	}
	return wb.render(v, http.StatusOK, "check", p)
}
