package web

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/internal/web/text"
)

// composePage is the form of a new letter or a reply.
type composePage struct {
	frame
	BackPath, BackLabel string
	Heading, Action     string
	Corrects            string // which letter this one takes the place of
	Token               string
	Reply               *replyView   // nil for a new letter
	Forward             *forwardView // nil when nothing is forwarded
	Steps               []step
	Draft               mailbox.Draft
	CPR                 string // whole: the person has typed it here
	Episodes            []choice
	SearchWords         string
	SearchPath          string
	Searched            bool
	Hits                []hit
	Groups              []choiceGroup
	Free                bool // a subject outside the agreement is chosen
	FreeSubject         string
	Counter             string
	Hints               []hintView
	Files               filesView
	Phrases             phraseChoices
	Asked               askedView
	Long                int    // characters from which a letter is long
	UnitPhone           string // to put in the signature, where it is another one or none
	Signature           string
	Promise             *promiseView
	Known               int64  // the newest letter of ours in the thread when a reply was begun
	Version             int64  // of the draft, 0 when it was never kept
	Saved               string // what is said about its being kept
	PresencePath        string // of a reply: where the page says that somebody writes it
}

type replyView struct {
	To, Heading string
	Open        bool
	Lines       []brevdue.Line
}

type step struct{ ID, Label string }

type choiceGroup struct {
	Label   string
	Choices []choice
}

type choice struct {
	Value, Label       string
	Examples, National string
	Selected           bool
}

type hit struct {
	GLN, Name, Kind, Place, Takes, Reads string
	Similar, Selected                    bool
}

type promiseView struct {
	Sentence, Next string
	ChangesMS      int64
}

// newToken marks one form, so that sending it twice sends one letter.
func newToken() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func (wb *Workbench) composePage(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	return wb.showCompose(v, unit, filled{draft: mailbox.Draft{Token: newToken(), Phone: unit.Phone}}, nil)
}

// compose takes the form of a new letter: search, check, edit again, or send.
func (wb *Workbench) compose(v *visit) error {
	unit, err := wb.unit(v)
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
			return wb.showCompose(v, unit, f, notAdded(v))
		}
		return wb.checkLetter(v, unit, f)
	case "gem":
		return wb.keepDraft(v, unit, 0, &f, func() error { return wb.showCompose(v, unit, f, nil) })
	case "send":
		id, err := wb.cfg.Box.SendLetter(v.ctx(), *v.person, unit.GLN, f.draft)
		return wb.afterSending(v, unit, id, err, func(faults mailbox.Faults) error { return wb.showCompose(v, unit, f, faults) })
	}
	if err := wb.press(v, unit, &f); err != nil {
		return err
	}
	return wb.showCompose(v, unit, f, nil)
}

// afterSending leads to the page that says it was done, or back to the form.
func (wb *Workbench) afterSending(v *visit, unit store.Unit, id int64, err error, again func(mailbox.Faults) error) error {
	var faults mailbox.Faults
	switch {
	case errors.As(err, &faults):
		return again(faults)
	case err != nil:
		return err
	}
	return v.redirect(strings.Replace(letterPath(unit.GLN, store.Out, id), "/sendt/", "/afsendt/", 1))
}

func (wb *Workbench) showCompose(v *visit, unit store.Unit, f filled, faults mailbox.Faults) error {
	form, err := wb.cfg.Box.LetterForm(v.ctx(), *v.person, unit.GLN, f.draft)
	if err != nil {
		return err
	}
	p := composePage{BackLabel: v.words.T("letter.backinbox"), Heading: v.words.T("compose.newheading"), CPR: typedCPR(f.draft.CPR),
		SearchWords: f.words, Episodes: episodes(v.words, f.draft.Episode)}
	if p.Hits, p.Searched, err = wb.hits(v, unit, f.words, f.draft.Receiver); err != nil {
		return err
	}
	if form.Forward != nil {
		p.Heading, p.Episodes = v.words.T("forward.heading"), episodes(v.words, cmp.Or(f.draft.Episode, form.Forward.Letter.Body.Patient.Episode))
	}
	if err := wb.fillForm(v, unit, &p, form, f, faults); err != nil {
		return err
	}
	p.BackPath, p.Action, p.SearchPath = p.UnitPath+"/indbakke", p.UnitPath+"/nyt", p.UnitPath+"/modtagere"
	p.Files.Path = p.Action + "/bilag"
	if form.Forward != nil {
		p.Forward, p.BackPath, p.BackLabel = forwardOf(v, form.Forward), forwardedFrom(unit, form.Forward), v.words.T("letter.back")
		p.Forward.EnclosesFault = p.FaultOf("encloses")
	}
	p.Steps = []step{{"s-citizen", v.words.T("compose.citizen")}, {"s-receiver", v.words.T("compose.receiver")},
		{"s-letter", v.words.T("compose.letter")}, {"s-check", v.words.T("compose.check")}}
	return wb.render(v, statusOf(faults), "compose", p)
}

// fillForm fills what a new letter and a reply have in common.
func (wb *Workbench) fillForm(v *visit, unit store.Unit, p *composePage, form mailbox.Form, f filled, faults mailbox.Faults) error {
	f.insert(form)
	p.Known, p.Version, p.Saved = f.known, f.version, f.saved
	heading := p.Heading
	if len(faults) > 0 {
		heading = v.words.T("layout.fault", heading)
	}
	fr, err := wb.unitFrame(v, unit, heading)
	if err != nil {
		return err
	}
	p.frame, p.Draft, p.Token = fr, f.draft, f.draft.Token
	if n := f.draft.Corrects; n != 0 {
		p.Corrects = v.words.T("resend.corrects", store.LetterNumber(n))
	}
	if p.Token == "" {
		p.Token = newToken()
	}
	p.Faults = faultsOf(v.words, faults)
	if f.draft.Subject != "" && len(form.Categories) > 0 && !f.free && !offers(form.Categories, f.draft) {
		// A subject that came with the letter and is not the agreement's stays choosable.
		p.Groups = append(p.Groups, choiceGroup{v.words.T("compose.inherited"),
			[]choice{{Value: f.draft.Category + "|" + f.draft.Subject, Label: f.draft.Subject, Selected: true}}})
	}
	p.Groups = append(p.Groups, subjectGroups(form.Categories, f)...)
	p.Free = f.free && len(form.Categories) > 0
	if f.free || len(form.Categories) == 0 {
		p.FreeSubject = f.draft.Subject
	}
	p.Counter = v.words.N("compose.counter", len([]rune(f.draft.Text)))
	p.Hints, p.Long = hintsOf(v.words, form.Hints), form.Long
	p.Asked = askedOf(wb.clock(v), form, f)
	p.Asked.Call.Fill = f.call(form, p.Asked.Call.Needed)
	if unit.Phone != f.draft.Phone {
		p.UnitPhone = unit.Phone
	}
	p.Signature, p.Files = form.Signature, filesOf(v, unit, form.Files, f)
	if p.Phrases, err = phrasesOf(unit, form); err != nil {
		return err
	}
	p.Promise = promiseOf(v.words, form.Promise)
	return nil
}

func statusOf(faults mailbox.Faults) int {
	if len(faults) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// fieldOrder are the fields of the form from its top to its end: a person puts right
// one fault after the other without going back.
func fieldOrder() []string {
	return []string{"cpr", "given", "surname", "episode", "receiver", "purpose", "standardreason", "startreason", "subject", "subjectreason", "priority", "text", "files", "encloses", "phone", "signature",
		"discharging", "discharge", "services", "need", "exempt", "afterphone", "callat", "callorganisation", "callnumber", "callwho", "callagreed", "afterphonereason",
		"basis", "weighing", "consentdate", "health"}
}

// faultsOf ties each fault to the field on the page, in the order of the page.
func faultsOf(w *text.Words, in mailbox.Faults) []fault {
	var out []fault
	order := fieldOrder()
	for _, f := range in {
		field := f.Field
		switch field {
		case "category":
			field = "subject"
		case "title", "name":
			field = "signature"
		}
		if !slices.Contains(order, field) { // nothing a person can change here; the text is where they are
			field = "text"
		}
		out = append(out, fault{Field: field, ID: "f-" + field, Text: inLang(w, f.Text, f.TextEN)})
	}
	slices.SortStableFunc(out, func(x, y fault) int { return cmp.Compare(slices.Index(order, x.Field), slices.Index(order, y.Field)) })
	return out
}

func offers(categories []mailbox.Category, d mailbox.Draft) bool {
	for _, c := range categories {
		for _, s := range c.Subjects {
			if s.Name == d.Subject && (d.Category == "" || c.Name == d.Category) {
				return true
			}
		}
	}
	return false
}

// subjectGroups is the agreement's list as one choice that works without a
// script: categories with their subjects. The script makes two dependent choices
// of it (F15).
func subjectGroups(categories []mailbox.Category, f filled) []choiceGroup {
	var out []choiceGroup
	for _, c := range categories {
		g := choiceGroup{Label: c.Name}
		for _, s := range c.Subjects {
			g.Choices = append(g.Choices, choice{Value: c.Name + "|" + s.Name, Label: s.Name, Examples: s.Examples, National: s.National,
				Selected: !f.free && s.Name == f.draft.Subject && (f.draft.Category == "" || f.draft.Category == c.Name)})
		}
		out = append(out, g)
	}
	return out
}

func episodes(w *text.Words, chosen brevdue.EpisodeStatus) []choice {
	var out []choice
	for _, e := range []brevdue.EpisodeStatus{brevdue.EpisodeInpatient, brevdue.EpisodeOutpatient, brevdue.EpisodeInactive, brevdue.EpisodeDead} {
		out = append(out, choice{Value: string(e), Label: w.T("episode." + string(e)), Selected: e == chosen})
	}
	return out
}

// typedCPR gives back what was typed with its hyphen.
func typedCPR(s string) string { return hyphened(brevdue.CPR(s)) }

func promiseOf(w *text.Words, p *mailbox.Promise) *promiseView {
	if p == nil {
		return nil
	}
	out := &promiseView{Sentence: inLang(w, p.Sentence, p.SentenceEN), Next: inLang(w, p.NextSentence, p.NextSentenceEN)}
	if !p.Changes.IsZero() {
		out.ChangesMS = p.Changes.UnixMilli()
	}
	return out
}

// hits searches the directory. A receiver that was chosen stays in the list even
// when the words no longer find it; none is ever chosen beforehand (AGR-501).
func (wb *Workbench) hits(v *visit, unit store.Unit, words string, chosen brevdue.GLN) ([]hit, bool, error) {
	var found []mailbox.Receiver
	var err error
	if words != "" {
		if found, err = wb.cfg.Box.Receivers(v.ctx(), *v.person, unit.GLN, words); err != nil {
			return nil, false, err
		}
	}
	if chosen != "" && !holds(found, chosen) {
		one, err := wb.cfg.Box.Receivers(v.ctx(), *v.person, unit.GLN, string(chosen))
		if err != nil {
			return nil, false, err
		}
		for _, r := range one {
			if r.GLN == chosen {
				found = append(found, r)
			}
		}
	}
	var out []hit
	for _, r := range found {
		h := hit{GLN: string(r.GLN), Name: r.Name, Place: r.Place, Reads: inLang(v.words, r.Reads, r.ReadsEN), Similar: r.Similar, Selected: r.GLN == chosen}
		if v.words.Has("kind." + string(r.Kind)) {
			h.Kind = v.words.T("kind." + string(r.Kind))
		}
		for i, k := range r.Takes {
			if i > 0 {
				h.Takes += ", "
			}
			h.Takes += string(k)
		}
		out = append(out, h)
	}
	return out, words != "" || len(out) > 0, nil
}

func holds(in []mailbox.Receiver, gln brevdue.GLN) bool {
	for _, r := range in {
		if r.GLN == gln {
			return true
		}
	}
	return false
}

// receivers answers the search while typing with the list alone. The words come
// in the body: they may be a name.
func (wb *Workbench) receivers(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	f, err := readForm(v.r)
	if err != nil {
		return err
	}
	p := composePage{SearchWords: f.words}
	if p.Hits, p.Searched, err = wb.hits(v, unit, f.words, f.draft.Receiver); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	return wb.pages[v.words.Lang]["compose"].ExecuteTemplate(v.w, "hits", p)
}

// receiverOf names who the draft is for.
func (wb *Workbench) receiverOf(v *visit, unit store.Unit, gln brevdue.GLN) (string, error) {
	found, err := wb.cfg.Box.Receivers(v.ctx(), *v.person, unit.GLN, string(gln))
	if err != nil {
		return "", err
	}
	for _, r := range found {
		if r.GLN == gln {
			return join(", ", r.Name, r.Place), nil
		}
	}
	return string(gln), nil
}
