package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/internal/web/text"
)

// auditPage is the audit log (Revisionslog). What an auditor asks for travels in the
// body of a form: it may be a citizen's number.
type auditPage struct {
	frame
	Form    auditForm
	Asked   bool // the form was sent
	Actions []choice
	People  []pair // sign-in name and name
	Rows    []auditRow
	Found   string   // how many entries the page shows
	Next    *pageKey // where the next page begins
	Citizen string   // how many letters are about the citizen
	Openers []openerRow
	Check   checkView
	Holds   []holdRow
	Hold    holdForm
	Glasses glassReviewView
	Done    string
}

type holdRow struct{ Letter, When, By, Reason, Release string }

// holdForm is what was typed to keep a letter from deletion.
type holdForm struct{ Letter, Reason string }

// auditForm is the filter as it was typed.
type auditForm struct{ Person, CPR, Letter, Action, From, To string }

type auditRow struct{ When, Who, Login, Unit, What, Why, Letter string }

type openerRow struct{ Who, Login, Units, Times, First, Last string }

type pageKey struct{ At, Seq int64 }

// auditLogPage shows the newest entries.
func (wb *Workbench) auditLogPage(v *visit) error {
	return wb.showAudit(v, auditForm{}, mailbox.AuditFilter{}, false)
}

// searchAudit shows what the form asks for.
func (wb *Workbench) searchAudit(v *visit) error {
	form, filter, err := readAudit(v.r)
	if err != nil {
		return err
	}
	return wb.showAudit(v, form, filter, true)
}

func readAudit(r *http.Request) (auditForm, mailbox.AuditFilter, error) {
	if err := r.ParseForm(); err != nil {
		return auditForm{}, mailbox.AuditFilter{}, err
	}
	get := func(key string) string { return strings.TrimSpace(r.PostForm.Get(key)) }
	form := auditForm{get("person"), get("cpr"), get("letter"), get("action"), get("from"), get("to")}
	filter := mailbox.AuditFilter{Person: form.Person, Citizen: brevdue.CPR(form.CPR), Letter: form.Letter, Action: form.Action, From: form.From, To: form.To}
	filter.BeforeAt, _ = strconv.ParseInt(get("at"), 10, 64) // 0: the first page
	filter.BeforeSeq, _ = strconv.ParseInt(get("seq"), 10, 64)
	return form, filter, nil
}

func (wb *Workbench) showAudit(v *visit, form auditForm, filter mailbox.AuditFilter, asked bool) error {
	w, c := v.words, wb.clock(v)
	found, err := wb.cfg.Box.AuditLog(v.ctx(), *v.person, filter)
	var faults mailbox.Faults
	if errors.As(err, &faults) { // what is there without them, so that the form can be filled in
		return wb.refuseAudit(v, form, faults)
	}
	if err != nil {
		return err
	}
	p := wb.auditFrame(v, form, nil)
	p.Asked = asked
	for _, u := range found.People {
		p.People = append(p.People, pair{u.Login, u.Name})
	}
	for _, e := range found.Rows {
		p.Rows = append(p.Rows, auditRowOf(c, e))
	}
	p.Found = w.N("audit.found", len(p.Rows))
	if filter.BeforeSeq > 0 {
		p.Found = w.N("audit.foundmore", len(p.Rows))
	}
	if found.More {
		last := found.Rows[len(found.Rows)-1]
		p.Next = &pageKey{last.At.UnixMilli(), last.Seq}
	}
	if form.CPR != "" {
		p.Citizen = w.N("audit.letters", found.Letters)
		for _, o := range found.Openers {
			p.Openers = append(p.Openers, openerRow{personName(w, o.Login, o.Name), o.Login, strings.Join(o.Units, ", "), w.N("audit.times", o.Times), c.when(o.First), c.when(o.Last)})
		}
	}
	p.Check, p.Holds = checkOf(c, found.Check), holdRows(c, found.Holds)
	if p.Glasses, err = wb.glassReview(v, nil); err != nil {
		return err
	}
	if did := v.r.URL.Query().Get("udfort"); v.words.Has("hold.did." + did) {
		p.Done = v.words.T("hold.did." + did)
	}
	return wb.render(v, http.StatusOK, "audit", p)
}

// refuseAudit shows the form again with what was wrong; nothing was looked for.
func (wb *Workbench) refuseAudit(v *visit, form auditForm, faults mailbox.Faults) error {
	return wb.refuseOnAudit(v, form, holdForm{}, faults)
}

// refuseOnAudit is the page with its two forms and what was wrong with one of them.
func (wb *Workbench) refuseOnAudit(v *visit, form auditForm, hold holdForm, faults mailbox.Faults) error {
	p := wb.auditFrame(v, form, faults)
	p.Hold = hold
	check, err := wb.cfg.Box.LastCheck(v.ctx(), *v.person)
	if err != nil {
		return err
	}
	holds, err := wb.cfg.Box.Holds(v.ctx(), *v.person)
	if err != nil {
		return err
	}
	p.Check, p.Holds = checkOf(wb.clock(v), check), holdRows(wb.clock(v), holds)
	if p.Glasses, err = wb.glassReview(v, faults); err != nil {
		return err
	}
	return wb.render(v, statusOf(faults), "audit", p)
}

// auditFrame is the page with its form.
func (wb *Workbench) auditFrame(v *visit, form auditForm, faults mailbox.Faults) auditPage {
	p := auditPage{frame: wb.personFrame(v, faultHeading(v, v.words.T("audit.heading"), faults)), Form: form, Actions: []choice{{Value: "", Label: v.words.T("audit.anyact")}}}
	p.Faults = fieldFaults(v, faults)
	for _, a := range mailbox.AuditActions() {
		p.Actions = append(p.Actions, choice{Value: a, Label: actWords(v.words, a), Selected: a == form.Action})
	}
	return p
}

// exact is day and time to the second: the order of what happened matters.
func (c clock) exact(t time.Time) string {
	return c.words.T("time.day", c.day(t), t.In(c.zone).Format(c.words.T("time.seconds")))
}

func auditRowOf(c clock, e mailbox.AuditRow) auditRow {
	r := auditRow{When: c.exact(e.At), Who: personName(c.words, e.Actor, e.Name), Unit: e.UnitName, What: actWords(c.words, e.Action), Why: whyWords(c.words, e.Detail)}
	if e.Name != "" {
		r.Login = e.Actor
	}
	if r.Unit == "" {
		r.Unit = string(e.Unit)
	}
	if e.Letter != 0 {
		r.Letter = store.LetterNumber(e.Letter)
	}
	return r
}

// personName is how the page calls who did something.
func personName(w *text.Words, login, name string) string {
	switch {
	case name != "":
		return name
	case login == "system":
		return w.T("audit.machine")
	case login == "unknown":
		return w.T("audit.nobody")
	}
	return login
}

// actWords says what was done.
func actWords(w *text.Words, action string) string {
	if key := "act." + action; w.Has(key) {
		return w.T(key)
	}
	return w.T("act.other", action)
}

// whyWords says in the page's language what the log adds in stable words; anything else
// stands as it is.
func whyWords(w *text.Words, detail string) string {
	slug := strings.ReplaceAll(strings.ReplaceAll(detail, " ", "-"), "'", "")
	if key := "why." + slug; detail != "" && w.Has(key) {
		return w.T(key)
	}
	return detail
}
