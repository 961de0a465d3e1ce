package web

import (
	"errors"
	"strings"

	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// phonePage records a call about a received letter (Telefonkontakt).
type phonePage struct {
	frame
	Heading, Action, BackPath string
	Fields                    []inputView
	Agreed                    inputView
}

func (wb *Workbench) phonePage(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	form, err := wb.cfg.Box.PhoneForm(v.ctx(), *v.person, unit.GLN, id)
	if err != nil {
		return err
	}
	return wb.showPhone(v, form, id, form.Call, nil)
}

// showPhone shows the form, with what was written and what is wrong with it.
func (wb *Workbench) showPhone(v *visit, form mailbox.PhoneForm, id int64, call mailbox.CallDraft, faults mailbox.Faults) error {
	w := v.words
	p := phonePage{Heading: w.T("phone.heading", form.Number), BackPath: letterPath(form.Unit.GLN, store.In, id)}
	p.Action = p.BackPath + "/telefon"
	var err error
	if p.frame, err = wb.unitFrame(v, form.Unit, faultHeading(v, p.Heading, faults)); err != nil {
		return err
	}
	p.Faults = fieldFaults(v, faults)
	ask := func(name, value, kind string) inputView {
		return inputView{Name: name, Value: value, Type: kind, Hint: w.Has("ask." + name + ".hint"), Fault: p.FaultOf(name)}
	}
	p.Fields = []inputView{ask("callat", call.At, "datetime-local"), ask("callorganisation", call.Organisation, "text"), ask("callnumber", call.Number, "tel"), ask("callwho", call.Who, "text")}
	p.Agreed = ask("callagreed", call.Agreed, "")
	return wb.render(v, statusOf(faults), "phone", p)
}

// addCall keeps the call; one with faults comes back as it was written.
func (wb *Workbench) addCall(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	get := func(name string) string { return strings.TrimSpace(v.r.PostForm.Get(name)) }
	call := mailbox.CallDraft{At: get("callat"), Organisation: get("callorganisation"), Number: get("callnumber"), Who: get("callwho"),
		Agreed: strings.ReplaceAll(get("callagreed"), "\r\n", "\n")}
	_, err = wb.cfg.Box.AddCall(v.ctx(), *v.person, unit.GLN, id, call)
	var faults mailbox.Faults
	if errors.As(err, &faults) {
		form, err := wb.cfg.Box.PhoneForm(v.ctx(), *v.person, unit.GLN, id)
		if err != nil {
			return err
		}
		return wb.showPhone(v, form, id, call, faults)
	}
	if err != nil {
		return err
	}
	return v.done(letterPath(unit.GLN, store.In, id), "phoned", "", 1)
}
