package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/internal/web/text"
)

// orders are the ways a person can group the inbox: the word in the form and what it asks.
func orders() []struct {
	word, choice string
	order        store.Order
} {
	return []struct {
		word, choice string
		order        store.Order
	}{
		{"emne", "subject", store.OrderSubject},
		{"frist", "due", store.OrderDue},
		{"afsender", "sender", store.OrderSender},
		{"ingen", "none", store.OrderDue},
	}
}

// chosen fills in what the person has chosen for all their browsers.
func (wb *Workbench) chosen(v *visit) (group string, err error) {
	all, err := wb.cfg.Box.Choices(v.ctx(), *v.person)
	if err != nil {
		return "", err
	}
	if d := all[mailbox.ChoiceDensity]; d != "" {
		v.choice.Compact = d == "compact"
	}
	return all[mailbox.ChoiceGroup], nil
}

// pickedLetters does something with the letters a person has picked in the inbox.
func (wb *Workbench) pickedLetters(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	back := localPath(v.r.PostForm.Get("til"))
	ids := pickedIDs(v.r.PostForm["brev"])
	if len(ids) == 0 {
		return v.done(back, "nopick", "", 1)
	}
	box := wb.cfg.Box
	switch v.r.PostForm.Get("do") {
	case "tag":
		taken, err := box.TakeSome(v.ctx(), *v.person, unit.GLN, ids)
		return v.settled(back, "take", taken.Token, taken.Letters, err)
	case "tildel":
		return wb.assignPicked(v, unit, ids, back)
	case "flyt":
		moved, err := box.MoveSome(v.ctx(), *v.person, unit.GLN, ids, v.r.PostForm.Get("hold"))
		var faults mailbox.Faults
		if errors.As(err, &faults) {
			return v.done(back, "badteam", "", 1)
		}
		return v.settled(back, "moved", moved.Token, moved.Letters, err)
	case "arkiver":
		filed, err := box.File(v.ctx(), *v.person, unit.GLN, ids)
		word := "filed"
		if filed.Left > 0 {
			word = "filedsome"
		}
		return v.settled(back, word, filed.Token, filed.Letters, err)
	case "laest":
		return wb.confirmRead(v, unit, ids, back)
	case "laest-ja":
		n, err := box.ReadSome(v.ctx(), *v.person, unit.GLN, ids)
		return v.settled(back, "readsome", "", n, err)
	}
	return brevdue.ErrNotFound
}

// assignPicked gives letters to the colleague that was chosen, or back to nobody.
func (wb *Workbench) assignPicked(v *visit, unit store.Unit, ids []int64, back string) error {
	chosen := v.r.PostForm.Get("person")
	if chosen == "" {
		return v.done(back, "nobody", "", 1)
	}
	user, err := strconv.ParseInt(chosen, 10, 64)
	if err != nil || user < 0 {
		return brevdue.ErrNotFound
	}
	given, err := wb.cfg.Box.AssignSome(v.ctx(), *v.person, unit.GLN, ids, user)
	word := "assign"
	switch user {
	case 0:
		word = "leave"
	case v.person.ID:
		word = "take"
	}
	return v.settled(back, word, given.Token, given.Letters, err)
}

// assignLetter gives the letter of the page to a colleague (Tildel).
func (wb *Workbench) assignLetter(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	return wb.assignPicked(v, unit, []int64{id}, letterPath(unit.GLN, store.In, id))
}

// peopleOf are the choices of who a letter is given to, those who are there by name and
// nobody last.
func peopleOf(w *text.Words, people []store.Colleague, has int64) []choice {
	out := []choice{{Label: w.T("assign.choose")}}
	for _, c := range people {
		if c.ID != has {
			out = append(out, choice{Value: strconv.FormatInt(c.ID, 10), Label: c.Name})
		}
	}
	return append(out, choice{Value: "0", Label: w.T("assign.nobody")})
}

// settled leads to the page that says what was done, or to the one that says why not.
func (v *visit) settled(back, word, token string, n int, err error) error {
	if errors.Is(err, brevdue.ErrConflict) {
		return v.done(back, "changed", "", 1)
	}
	if err != nil {
		return err
	}
	return v.done(back, word, token, n)
}

func pickedIDs(values []string) (ids []int64) {
	for _, value := range values {
		if id, err := strconv.ParseInt(value, 10, 64); err == nil && id > 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// confirmPage asks before several letters are read for the unit at once.
type confirmPage struct {
	frame
	Question, Action, Back string
	IDs                    []int64
}

func (wb *Workbench) confirmRead(v *visit, unit store.Unit, ids []int64, back string) error {
	p := confirmPage{Question: v.words.N("desk.readquestion", len(ids)), Action: unitPath(unit.GLN) + "/valgte", Back: back, IDs: ids}
	var err error
	if p.frame, err = wb.unitFrame(v, unit, v.words.T("desk.readheading")); err != nil {
		return err
	}
	return wb.render(v, http.StatusOK, "confirm", p)
}

// archivePage is what a unit has put away.
type archivePage struct {
	frame
	Rows []row
	More string
}

func (wb *Workbench) archivePage(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	if _, err := wb.chosen(v); err != nil {
		return err
	}
	before, _ := strconv.ParseInt(v.r.URL.Query().Get("foer"), 10, 64) // 0: from the newest
	archive, err := wb.cfg.Box.Filed(v.ctx(), *v.person, unit.GLN, before, pageRows)
	if err != nil {
		return err
	}
	var p archivePage
	if p.frame, err = wb.unitFrame(v, unit, v.words.T("desk.archive")); err != nil {
		return err
	}
	c := wb.clock(v)
	for _, r := range archive.Rows {
		p.Rows = append(p.Rows, wb.row(v, c, r, true))
	}
	if n := len(archive.Rows); archive.More && n > 0 {
		p.More = p.UnitPath + "/arkiv?" + url.Values{"foer": {strconv.FormatInt(archive.Rows[n-1].ID, 10)}}.Encode()
	}
	return wb.render(v, http.StatusOK, "archive", p)
}

// fileLetter puts the letter of the page away and goes back to the list; unfileLetter
// takes it out again.
func (wb *Workbench) fileLetter(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	filed, err := wb.cfg.Box.File(v.ctx(), *v.person, unit.GLN, []int64{id})
	return v.settled(unitPath(unit.GLN)+"/indbakke", "filed", filed.Token, filed.Letters, err)
}

func (wb *Workbench) unfileLetter(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	back, err := wb.cfg.Box.Unfile(v.ctx(), *v.person, unit.GLN, id)
	return v.settled(letterPath(unit.GLN, store.In, id), "unfiled", back.Token, back.Letters, err)
}

// stages are how far the work on a letter can be: the word in the form, and its key.
func stages() []struct {
	word, key string
	stage     store.Stage
} {
	return []struct {
		word, key string
		stage     store.Stage
	}{
		{"ingen", "desk.stagenone", store.StageNone},
		{"igang", "desk.stageworking", store.StageWorking},
		{"afventer", "desk.stagewaiting", store.StageWaiting},
	}
}

func (wb *Workbench) setStage(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	word := v.r.PostForm.Get("status")
	for _, s := range stages() {
		if s.word == word {
			put, err := wb.cfg.Box.SetStage(v.ctx(), *v.person, unit.GLN, id, s.stage)
			return v.settled(letterPath(unit.GLN, store.In, id), "stage", put.Token, put.Letters, err)
		}
	}
	return brevdue.ErrNotFound
}

// noteView is a note of a colleague on a letter.
type noteView struct {
	ID        int64
	Who, When string
	Lines     []string
	Own       bool
}

func notesOf(c clock, p mailbox.Person, notes []store.Note) (out []noteView) {
	for _, n := range notes {
		out = append(out, noteView{ID: n.ID, Who: n.Name, When: c.when(n.At), Lines: strings.Split(n.Text, "\n"), Own: n.User == p.ID})
	}
	return out
}

// addNote keeps a note; one with a fault comes back as it was written.
func (wb *Workbench) addNote(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	text := v.r.PostForm.Get("note")
	_, told, err := wb.cfg.Box.AddNote(v.ctx(), *v.person, unit.GLN, id, text)
	var faults mailbox.Faults
	switch {
	case errors.As(err, &faults):
		return wb.showLetter(v, unit, id, tried{note: text}, faults)
	case err != nil:
		return err
	case told > 0:
		return v.done(letterPath(unit.GLN, store.In, id), "notetold", "", told)
	}
	return v.done(letterPath(unit.GLN, store.In, id), "note", "", 1)
}

func (wb *Workbench) removeNote(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	note, err := strconv.ParseInt(v.r.PathValue("note"), 10, 64)
	if err != nil {
		return brevdue.ErrNotFound
	}
	if err := wb.cfg.Box.RemoveNote(v.ctx(), *v.person, unit.GLN, id, note); err != nil {
		return err
	}
	return v.done(letterPath(unit.GLN, store.In, id), "noteremoved", "", 1)
}

// mentionsPage lists the notes that name the person (Advis).
type mentionsPage struct {
	frame
	Mentions []mentionView
}

type mentionView struct{ Path, Number, Who, When, Text string }

func (wb *Workbench) mentionsPage(v *visit) error {
	mentions, err := wb.cfg.Box.Mentions(v.ctx(), *v.person)
	if err != nil {
		return err
	}
	c := wb.clock(v)
	p := mentionsPage{frame: wb.personFrame(v, v.words.T("advis.heading"))}
	for _, m := range mentions {
		p.Mentions = append(p.Mentions, mentionView{letterPath(m.Unit, store.In, m.Letter), store.LetterNumber(m.Letter), m.Note.Name, c.when(m.Note.At), m.Note.Text})
	}
	return wb.render(v, http.StatusOK, "mentions", p)
}

// peekPage shows a letter without reading it for the unit. A script puts it beside the
// list; without one it is a page of its own.
func (wb *Workbench) peekPage(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	o, err := wb.cfg.Box.Peek(v.ctx(), *v.person, unit.GLN, id)
	if err != nil {
		return err
	}
	p := wb.letterView(wb.clock(v), o)
	if p.frame, err = wb.unitFrame(v, unit, v.words.T("peek.heading")); err != nil {
		return err
	}
	p.BackPath, p.BackLabel = p.UnitPath+"/indbakke", v.words.T("letter.backinbox")
	p.OpenPath = letterPath(unit.GLN, store.In, id)
	return wb.render(v, http.StatusOK, "peek", p)
}
