package web

import (
	"errors"
	"net/http"
)

// errNoUnit is a signed-in person without a unit and without the operator's page.
var errNoUnit = errors.New("person belongs to no unit")

// front sends a person to where the work is.
func (wb *Workbench) front(v *visit) error {
	units, err := wb.cfg.Box.Units(v.ctx(), *v.person)
	switch {
	case err != nil:
		return err
	case len(units) > 0:
		return v.redirect(unitPath(units[0].GLN) + "/indbakke")
	case v.person.Operator:
		return v.redirect("/drift")
	case v.person.Secretariat:
		return v.redirect("/aftale")
	case v.person.Auditor:
		return v.redirect("/revision")
	}
	return errNoUnit
}

type plainPage struct{ frame }

func (wb *Workbench) keysPage(v *visit) error {
	return wb.render(v, http.StatusOK, "keys", plainPage{wb.personFrame(v, v.words.T("keys.heading"))})
}

func (wb *Workbench) accessibilityPage(v *visit) error {
	return wb.render(v, http.StatusOK, "accessibility", plainPage{wb.personFrame(v, v.words.T("a11y.heading"))})
}

type problemPage struct {
	frame
	Heading, Text, Ref string
}

// problemPage tells what went wrong. When not even that can be rendered, plain
// text must do.
func (wb *Workbench) problemPage(v *visit, status int, name, ref string) {
	heading := v.words.T("problem." + name + "h")
	p := problemPage{frame: wb.personFrame(v, heading), Heading: heading, Text: v.words.T("problem." + name), Ref: ref}
	if status == http.StatusNotFound {
		p.ReturnPath = "" // the address may hold anything
	}
	if err := wb.render(v, status, "problem", p); err != nil {
		wb.cfg.Log.Error("problem page failed", "err", err)
		http.Error(v.w, heading, status)
	}
}
