package web

import (
	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// replyPage shows the form of a reply. Nothing is quoted; category and subject
// are the letter's own and can be changed.
func (wb *Workbench) replyPage(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	form, err := wb.cfg.Box.ReplyForm(v.ctx(), *v.person, unit.GLN, id, mailbox.Draft{})
	if err != nil {
		return err
	}
	_, newest, err := wb.cfg.Box.AnswersSince(v.ctx(), *v.person, unit.GLN, id, 0)
	if err != nil {
		return err
	}
	f := filled{known: newest, draft: mailbox.Draft{Token: newToken(), Phone: unit.Phone, Subject: form.Answers.Body.Subject, Category: form.Answers.Category}}
	f.draft.Basis = form.LastBasis // the same course as a rule; it stands on the form to be seen and changed
	if form.Answers.Group != "" {
		f.draft.Subject = form.Answers.Group // the agreement's own spelling is what is sent (agreement §12)
	}
	return wb.showReply(v, unit, id, f, nil)
}

func (wb *Workbench) unitAndID(v *visit) (store.Unit, int64, error) {
	unit, err := wb.unit(v)
	if err != nil {
		return unit, 0, err
	}
	id, err := v.id()
	return unit, id, err
}

func (wb *Workbench) reply(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	f, err := readForm(v.r)
	if err != nil {
		return err
	}
	switch f.do {
	case "tjek":
		if f.picked {
			return wb.showReply(v, unit, id, f, notAdded(v))
		}
		return wb.checkReply(v, unit, id, f)
	case "gem":
		return wb.keepDraft(v, unit, id, &f, func() error { return wb.showReply(v, unit, id, f, nil) })
	case "send":
		answers, _, err := wb.cfg.Box.AnswersSince(v.ctx(), *v.person, unit.GLN, id, f.known)
		if err != nil {
			return err
		}
		if len(answers) > 0 && !f.again {
			return wb.checkReply(v, unit, id, f) // which shows them
		}
		sent, err := wb.cfg.Box.Reply(v.ctx(), *v.person, unit.GLN, id, f.draft)
		return wb.afterSending(v, unit, sent, err, func(faults mailbox.Faults) error { return wb.showReply(v, unit, id, f, faults) })
	}
	if err := wb.press(v, unit, &f); err != nil {
		return err
	}
	return wb.showReply(v, unit, id, f, nil)
}

func (wb *Workbench) showReply(v *visit, unit store.Unit, id int64, f filled, faults mailbox.Faults) error {
	form, err := wb.cfg.Box.ReplyForm(v.ctx(), *v.person, unit.GLN, id, f.draft)
	if err != nil {
		return err
	}
	answered := form.Answers
	p := composePage{BackLabel: v.words.T("letter.back"), Heading: v.words.T("compose.replyheading"),
		Reply: &replyView{To: v.words.T("compose.replyto", answered.Body.Sender.Name(), answered.Body.Patient.Name()),
			Heading: v.words.T("compose.answered", subjectOf(v, answered)), Open: true, Lines: allLines(answered.Body)}}
	if err := wb.fillForm(v, unit, &p, form, f, faults); err != nil {
		return err
	}
	p.BackPath = letterPath(unit.GLN, store.In, id)
	p.Action = p.BackPath + "/svar"
	p.Files.Path = p.Action + "/bilag"
	p.PresencePath = p.BackPath + "/hvem?skriver"
	return wb.render(v, statusOf(faults), "compose", p)
}

func subjectOf(v *visit, l *store.Letter) string {
	if l.Body.Subject == "" {
		return v.words.T("letter.nosubject")
	}
	return l.Body.Subject
}

// allLines are the lines of a letter's whole text.
func allLines(l brevdue.Letter) []brevdue.Line {
	var out []brevdue.Line
	for _, s := range l.Segments {
		for _, t := range s.Texts {
			out = append(out, t.Lines...)
		}
	}
	return out
}
