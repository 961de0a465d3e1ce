package web

import (
	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// forwardView is what the form of a new letter shows when it forwards another.
type forwardView struct {
	ID            int64
	Over, Name    string
	Numbers       []string // of the citizen, whole
	Parts         []partChoice
	Enclosures    []encloseChoice
	EnclosesFault *fault // what is wrong with what was ticked
}

type partChoice struct {
	Key, Label string
	Lines      []brevdue.Line
	Chosen     bool
}

type encloseChoice struct {
	Key, Name, Detail, Why string
	Chosen                 bool
}

// forwardPage opens the form of a new letter that forwards this one (Videresend).
// Category and subject are the letter's; nothing is quoted until it is ticked, and the
// receiver is chosen like any other (AGR-501).
func (wb *Workbench) forwardPage(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	d := mailbox.Draft{Token: newToken(), Phone: unit.Phone, Forwards: id}
	form, err := wb.cfg.Box.LetterForm(v.ctx(), *v.person, unit.GLN, d)
	if err != nil {
		return err
	}
	l := form.Forward.Letter
	if l.Direction != v.box() {
		return brevdue.ErrNotFound
	}
	f := filled{draft: d}
	f.draft.Episode, f.draft.Category, f.draft.Subject = l.Body.Patient.Episode, l.Category, l.Group
	if l.Group == "" { // a new letter has to say why its subject is none of the agreement's
		f.draft.Subject, f.free = l.Body.Subject, l.Body.Subject != ""
	}
	return wb.showCompose(v, unit, f, nil)
}

// forwardOf shows what may go along with a forwarded letter.
func forwardOf(v *visit, in *mailbox.Forward) *forwardView {
	w, l := v.words, in.Letter
	patient := patientOf(w, l.Body.Patient)
	out := &forwardView{ID: l.ID, Over: w.T("forward.over", l.Number(), subjectOf(v, l), l.Body.Sender.Name()), Name: patient.Name, Numbers: patient.Numbers}
	for _, p := range in.Parts {
		out.Parts = append(out.Parts, partChoice{Key: p.Key, Label: w.T("forward.part", p.Number, p.Author, p.At), Lines: p.Lines, Chosen: p.Chosen})
	}
	for _, e := range in.Enclosures {
		a := e.Attachment
		c := encloseChoice{Key: e.Key, Name: a.Description, Why: inLang(w, e.Why, e.WhyEN), Chosen: e.Chosen,
			Detail: join(" · ", e.Number, w.T("attachment."+string(a.Kind)), a.ObjectCode, a.Extension, size(w, a.Size))}
		if c.Name == "" {
			c.Name = w.T("attachment.unnamed")
		}
		out.Enclosures = append(out.Enclosures, c)
	}
	return out
}

// forwardedFrom is where a form that forwards goes back to.
func forwardedFrom(unit store.Unit, f *mailbox.Forward) string {
	return letterPath(unit.GLN, f.Letter.Direction, f.Letter.ID)
}
