package web

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// phrasesPage lists the texts of a unit (Tekstskabeloner), with the form for one.
type phrasesPage struct {
	frame
	Heading, Action string
	Rows            []phraseRow
	Form            store.Phrase // with an ID it is changed
	FormHeading     string
	Fields          string
}

type phraseRow struct {
	ID                                 int64
	Name, Text, Noted                  string
	ChangePath, ChangeName, DeleteName string
}

func (wb *Workbench) phrasesPage(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	var form store.Phrase
	if s := v.r.URL.Query().Get("ret"); s != "" {
		if form.ID, err = formID(s); err != nil {
			return err
		}
	}
	return wb.showPhrases(v, unit, form, nil)
}

func (wb *Workbench) showPhrases(v *visit, unit store.Unit, form store.Phrase, faults mailbox.Faults) error {
	list, err := wb.cfg.Box.Phrases(v.ctx(), *v.person, unit.GLN)
	if err != nil {
		return err
	}
	w, c := v.words, wb.clock(v)
	p := phrasesPage{Heading: w.T("phrase.heading"), Action: unitPath(unit.GLN) + "/tekster", Form: form, FormHeading: w.T("phrase.add"), Fields: strings.Join(mailbox.PhraseFields(), " ")}
	known := form.ID == 0
	for _, t := range list {
		p.Rows = append(p.Rows, phraseRow{ID: t.ID, Name: t.Name, Text: t.Text, Noted: w.T("arrangement.by", t.By, c.when(t.At)), ChangePath: p.Action + "?ret=" + strconv.FormatInt(t.ID, 10) + "#ny",
			ChangeName: w.T("phrase.changeone", t.Name), DeleteName: w.T("phrase.deleteone", t.Name)})
		if t.ID != form.ID {
			continue
		}
		known, p.FormHeading = true, w.T("phrase.change")
		if len(faults) == 0 {
			p.Form = t
		}
	}
	if !known {
		return brevdue.ErrNotFound
	}
	if p.frame, err = wb.unitFrame(v, unit, faultHeading(v, p.Heading, faults)); err != nil {
		return err
	}
	p.Faults = fieldFaults(v, faults)
	return wb.render(v, statusOf(faults), "phrases", p)
}

// editPhrases takes the button pressed: save or delete.
func (wb *Workbench) editPhrases(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	f, here := v.r.PostForm, unitPath(unit.GLN)+"/tekster"
	if f.Has("slet") {
		id, err := formID(f.Get("slet"))
		if err != nil {
			return err
		}
		undo, err := wb.cfg.Box.DeletePhrase(v.ctx(), *v.person, unit.GLN, id)
		if err != nil {
			return err
		}
		return v.done(here, "phrasegone", undo, 1)
	}
	t := store.Phrase{Name: f.Get("name"), Text: f.Get("text")}
	if s := f.Get("id"); s != "" {
		if t.ID, err = formID(s); err != nil {
			return err
		}
	}
	err = wb.cfg.Box.SavePhrase(v.ctx(), *v.person, unit.GLN, t)
	var faults mailbox.Faults
	if errors.As(err, &faults) {
		return wb.showPhrases(v, unit, t, faults)
	}
	if err != nil {
		return err
	}
	return v.done(here, "phrase", "", 1)
}

// phraseChoices are the unit's texts in the form of a letter.
type phraseChoices struct {
	List   []store.Phrase
	Values string // JSON: what their fields stand for
	Path   string // where they are written
}

func phrasesOf(unit store.Unit, form mailbox.Form) (phraseChoices, error) {
	values, err := json.Marshal(form.Fields)
	return phraseChoices{form.Phrases, string(values), unitPath(unit.GLN) + "/tekster"}, err
}

// insert puts a text of the unit at the end of what was written: a browser without scripts
// knows no better place.
func (f *filled) insert(form mailbox.Form) {
	for _, t := range form.Phrases {
		if f.do != "indsaet" || strconv.FormatInt(t.ID, 10) != f.phrase {
			continue
		}
		f.draft.Text = strings.TrimLeft(strings.TrimRight(f.draft.Text, " \n")+"\n\n"+mailbox.FillPhrase(t.Text, form.Fields)+"\n", "\n")
	}
}
