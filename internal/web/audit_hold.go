package web

import (
	"errors"
	"strconv"

	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// holdLetter keeps a letter from deletion.
func (wb *Workbench) holdLetter(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	form := holdForm{Letter: v.r.PostForm.Get("holdletter"), Reason: v.r.PostForm.Get("holdreason")}
	err := wb.cfg.Box.HoldLetter(v.ctx(), *v.person, form.Letter, form.Reason)
	var faults mailbox.Faults
	if errors.As(err, &faults) {
		return wb.refuseOnAudit(v, auditForm{}, form, faults)
	}
	if err != nil {
		return err
	}
	return v.redirect("/revision?udfort=bevaret")
}

// releaseLetter lets the rules count again.
func (wb *Workbench) releaseLetter(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := wb.cfg.Box.ReleaseLetter(v.ctx(), *v.person, id); err != nil {
		return err
	}
	return v.redirect("/revision?udfort=ophaevet")
}

func holdRows(c clock, in []store.Hold) []holdRow {
	var out []holdRow
	for _, h := range in {
		out = append(out, holdRow{store.LetterNumber(h.Letter), c.when(h.At), h.By, h.Reason, "/revision/bevar/" + strconv.FormatInt(h.Letter, 10) + "/ophaev"})
	}
	return out
}
