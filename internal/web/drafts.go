package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// autosaveHeader marks a form that a script sends while it is being written.
const autosaveHeader = "Brevdue-Autosave"

// keptView is the answer to a script that has kept a form.
type keptView struct {
	Token   string `json:"token"`
	Version int64  `json:"version"`
	Said    string `json:"said"`
	Other   bool   `json:"other"` // somebody else has changed the draft: this is one of its own now
}

// keepDraft keeps a form as it stands: for the script that asks all the while, and for
// the button of a browser without scripts, which gets the form back.
func (wb *Workbench) keepDraft(v *visit, unit store.Unit, replyTo int64, f *filled, again func() error) error {
	form, err := wb.draftForm(v, unit, replyTo, f, v.r.PostForm)
	if err != nil {
		return err
	}
	kept, err := wb.cfg.Box.KeepDraft(v.ctx(), *v.person, unit.GLN, form)
	if err != nil {
		return err
	}
	said := v.words.T("draft.kept", wb.clock(v).at(kept.At))
	if kept.Other != "" {
		said = v.words.T("draft.other", kept.Other)
	}
	if v.r.Header.Get(autosaveHeader) == "" {
		f.draft.Token, f.version, f.saved = kept.Token, kept.Version, said
		return again()
	}
	data, err := json.Marshal(keptView{kept.Token, kept.Version, said, kept.Other != ""})
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	if _, err := v.w.Write(data); err != nil {
		return nil // the browser went away
	}
	return nil
}

// draftForm is a form as it is to be kept: all its fields but the buttons, and its files,
// which are kept by themselves.
func (wb *Workbench) draftForm(v *visit, unit store.Unit, replyTo int64, f *filled, sent url.Values) (mailbox.DraftForm, error) {
	fields := url.Values{}
	for name, values := range sent {
		if !slices.Contains([]string{"do", "kladde", "files", "fil", "skabelon"}, name) {
			fields[name] = values
		}
	}
	receiver := ""
	if f.draft.Receiver != "" {
		var err error
		if receiver, err = wb.receiverOf(v, unit, f.draft.Receiver); err != nil {
			return mailbox.DraftForm{}, err
		}
	}
	if f.draft.Token == "" {
		f.draft.Token = newToken()
	}
	fields.Set("token", f.draft.Token)
	return mailbox.DraftForm{Token: f.draft.Token, ReplyTo: replyTo, Form: fields.Encode(), Subject: f.draft.Subject, Receiver: receiver,
		Patient: strings.TrimSpace(f.draft.Given + " " + f.draft.Surname), Version: f.version}, nil
}

// draftsPage lists the letters that are being written in the unit.
type draftsPage struct {
	frame
	Rows []draftRow
}

type draftRow struct {
	Path, DeletePath         string
	Patient, Receiver, What  string
	When, Who, DeleteCaption string
}

func (wb *Workbench) draftsPage(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	list, err := wb.cfg.Box.Drafts(v.ctx(), *v.person, unit.GLN, 0)
	if err != nil {
		return err
	}
	var p draftsPage
	if p.frame, err = wb.unitFrame(v, unit, v.words.T("draft.heading")); err != nil {
		return err
	}
	c, w := wb.clock(v), v.words
	for _, d := range list {
		row := draftRow{Path: draftPath(unit, d.ID), DeletePath: draftPath(unit, d.ID) + "/slet", Patient: d.Patient, Receiver: d.Receiver, What: d.Subject,
			When: c.when(d.At), Who: d.ChangedName}
		if d.ReplyTo != 0 {
			row.Receiver = w.T("draft.replyto", store.LetterNumber(d.ReplyTo))
		}
		if row.Patient == "" {
			row.Patient = w.T("draft.nobody")
		}
		if row.What == "" {
			row.What = w.T("draft.nosubject")
		}
		row.DeleteCaption = w.T("draft.delete", row.What, row.When)
		p.Rows = append(p.Rows, row)
	}
	return wb.render(v, http.StatusOK, "drafts", p)
}

func draftPath(unit store.Unit, id int64) string {
	return unitPath(unit.GLN) + "/kladder/" + strconv.FormatInt(id, 10)
}

// openDraft shows the form of a draft as it was left.
func (wb *Workbench) openDraft(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	d, err := wb.cfg.Box.OpenDraft(v.ctx(), *v.person, unit.GLN, id)
	if err != nil {
		return err
	}
	fields, err := url.ParseQuery(d.Form)
	if err != nil {
		return err
	}
	f := formOf(fields)
	f.version, f.saved = d.Version, v.words.T("draft.keptby", wb.clock(v).when(d.At), d.ChangedName)
	if d.ReplyTo != 0 {
		return wb.showReply(v, unit, d.ReplyTo, f, nil)
	}
	return wb.showCompose(v, unit, f, nil)
}

func (wb *Workbench) deleteDraft(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	token, err := wb.cfg.Box.DeleteDraft(v.ctx(), *v.person, unit.GLN, id)
	return v.settled(unitPath(unit.GLN)+"/kladder", "draftgone", token, 1, err)
}

// withdraw takes a letter back that was sent a moment ago, and shows it to be put right.
func (wb *Workbench) withdraw(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	d, answers, err := wb.cfg.Box.Withdraw(v.ctx(), *v.person, unit.GLN, id)
	if err != nil {
		return v.settled(letterPath(unit.GLN, store.Out, id), "toolate", "", 1, err)
	}
	d.Token = newToken()
	f := filled{draft: d, free: d.Category == "", saved: v.words.T("draft.withdrawn", store.LetterNumber(id))}
	return wb.showAnew(v, unit, f, answers, id)
}

// showAnew shows the form of a letter that takes the place of one, with its files.
func (wb *Workbench) showAnew(v *visit, unit store.Unit, f filled, answers, letter int64) error {
	if err := wb.takeFiles(v, unit, &f, answers, letter); err != nil {
		return err
	}
	if answers != 0 {
		return wb.showReply(v, unit, answers, f, nil)
	}
	return wb.showCompose(v, unit, f, nil)
}
