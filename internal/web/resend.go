package web

import (
	"errors"

	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// resendView is what a person can do about a letter that did not get through.
type resendView struct {
	CorrectPath, ResendPath, Reason string
	Fault                           *fault
}

// correctPage opens the form with all that was written in a letter that did not get
// through (Ret og gensend).
func (wb *Workbench) correctPage(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	d, answers, err := wb.cfg.Box.Correction(v.ctx(), *v.person, unit.GLN, id)
	if err != nil {
		return err
	}
	d.Token = newToken()
	f := filled{draft: d, free: d.Category == "", words: ""}
	return wb.showAnew(v, unit, f, answers, id)
}

// resend sends a letter again as it is.
func (wb *Workbench) resend(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	reason := v.r.PostForm.Get("reason")
	err = wb.cfg.Box.Resend(v.ctx(), *v.person, unit.GLN, id, reason)
	var faults mailbox.Faults
	if errors.As(err, &faults) {
		return wb.showSent(v, unit, id, reason, "", faults)
	}
	if err != nil {
		return err
	}
	return v.done(letterPath(unit.GLN, store.Out, id), "resent", "", 1)
}
