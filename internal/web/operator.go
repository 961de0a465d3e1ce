package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/internal/web/text"
)

type operatorPage struct {
	frame
	Lede     string
	Done     string
	Alerts   []alertView
	Past     []alertView // over, the newest first
	Arrivals []arrivalGroup
	Refused  []refusedRow
	Jobs     []jobRow
	Retried  []jobRow
}

// alertView is a trouble: what it is, since when, and what to do.
type alertView struct {
	Heading, When, Detail, Advice string
	Says                          string // what the machine says, in English
}

// pastAlerts is how many troubles that are over are shown.
const pastAlerts = 10

type arrivalGroup struct {
	ID, Heading, Why string
	Rows             []arrivalRow
}

type arrivalRow struct{ When, What, FromTo, Reason, Path string }

type refusedRow struct{ When, Number, From, Reason, Path string }

// jobRow is a job and what can be done with it; "" for what cannot.
type jobRow struct{ When, What, Attempts, Error, Retry, Hold, GiveUp string }

func (wb *Workbench) operatorPage(v *visit) error {
	o, err := wb.cfg.Box.Operator(v.ctx(), *v.person)
	if err != nil {
		return err
	}
	c := wb.clock(v)
	p := operatorPage{frame: wb.personFrame(v, v.words.T("operator.heading"))}
	if v.r.URL.Query().Has("igen") {
		p.Done = v.words.T("operator.retried")
	}
	for did, key := range map[string]string{"lagt": "operator.aside", "holdt": "operator.washeld", "opgivet": "operator.wasgivenup"} {
		if v.r.URL.Query().Has(did) {
			p.Done = v.words.T(key)
		}
	}
	for _, a := range o.Alerts {
		view := alertView{Heading: v.words.T("alert." + string(a.Kind)), When: v.words.T("alert.since", c.when(a.Since)), Advice: v.words.T("alert." + string(a.Kind) + ".do")}
		if a.Node != "" {
			view.Detail = v.words.T("alert.node", a.Node)
		}
		switch a.Kind {
		case store.AlertNetwork, store.AlertHostKey, store.AlertClock:
			view.Says = a.Detail
		default:
			view.Detail = strings.TrimSpace(v.words.T("alert.measure", a.Detail) + " " + view.Detail)
		}
		switch {
		case a.Ended.IsZero():
			p.Alerts = append(p.Alerts, view)
		case len(p.Past) < pastAlerts:
			view.When = v.words.T("alert.fromto", c.when(a.Since), c.when(a.Ended))
			p.Past = append(p.Past, view)
		}
	}
	p.Arrivals = []arrivalGroup{
		{"karantaene", v.words.T("operator.quarantine"), v.words.T("operator.quarantinewhy"), arrivalRows(c, o.Quarantine)},
		{"uden-brev", v.words.T("operator.unmatched"), v.words.T("operator.unmatchedwhy"), arrivalRows(c, o.Unmatched)},
	}
	for _, r := range o.Refused {
		p.Refused = append(p.Refused, refusedRow{c.when(r.Arrived), store.LetterNumber(r.ID), r.Other, r.Note, "/drift/brev/" + strconv.FormatInt(r.ID, 10)})
	}
	for _, j := range o.DeadJobs {
		r := jobOf(c, j)
		r.Retry += "/igen"
		p.Jobs = append(p.Jobs, r)
	}
	for _, j := range o.Retried {
		r := jobOf(c, j)
		r.Hold, r.Retry = r.Retry+"/hold", ""
		p.Retried = append(p.Retried, r)
	}
	if n := len(o.Quarantine) + len(o.Unmatched) + len(o.DeadJobs); n > 0 {
		p.Lede = v.words.N("operator.busy", n, o.Waiting)
	} else {
		p.Lede = v.words.T("operator.calm", o.Waiting)
	}
	return wb.render(v, http.StatusOK, "operator", p)
}

// jobOf is a job with the address its actions begin with, in Retry.
func jobOf(c clock, j store.Job) jobRow {
	base := "/drift/opgave/" + strconv.FormatInt(j.ID, 10)
	r := jobRow{When: c.when(j.Created), What: c.words.T("job." + string(j.Kind)), Attempts: strconv.Itoa(j.Attempts), Error: j.LastError, Retry: base}
	if j.State == store.JobHeld {
		r.Error = strings.TrimSpace(c.words.T("operator.isheld") + " " + r.Error)
	}
	if j.Kind == store.JobSend {
		r.GiveUp = base + "/opgiv"
	}
	return r
}

func arrivalRows(c clock, in []store.Arrival) []arrivalRow {
	var out []arrivalRow
	for _, a := range in {
		r := arrivalRow{When: c.when(a.At), What: arrivalKind(c.words, a), Reason: a.Reason, Path: "/drift/ankomst/" + strconv.FormatInt(a.ID, 10)}
		if a.Sender != "" || a.Receiver != "" {
			r.FromTo = string(a.Sender) + " → " + string(a.Receiver)
		}
		out = append(out, r)
	}
	return out
}

func arrivalKind(w *text.Words, a store.Arrival) string {
	if a.Kind != "" {
		return string(a.Kind)
	}
	if a.Format != "" {
		return string(a.Format)
	}
	return w.T("operator.unknownformat")
}

type arrivalPage struct {
	frame
	Heading, Reason         string
	Mini                    []pair
	Findings                []findingView
	RetryPath, DownloadPath string
	ClosePath               string
	CanAnswer               bool     // nobody answered its sender yet
	Answers                 []string // receipts its sender got
	Note                    string   // why it was put aside
	Input                   string
	Fault                   *fault
	Text                    string
	Cut                     bool
}

// arrivalPage shows one received file that became no letter, with its bytes.
func (wb *Workbench) arrivalPage(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	return wb.showArrival(v, id, "", nil)
}

// showArrival shows it with what an operator wrote and what was wrong with that.
func (wb *Workbench) showArrival(v *visit, id int64, input string, faults mailbox.Faults) error {
	a, data, answers, err := wb.cfg.Box.OperatorArrival(v.ctx(), *v.person, id)
	if err != nil {
		return err
	}
	base := "/drift/ankomst/" + strconv.FormatInt(id, 10)
	c, w := wb.clock(v), v.words
	heading := w.T("operator.arrival", a.ID)
	p := arrivalPage{frame: wb.personFrame(v, faultHeading(v, heading, faults)), Heading: heading, Reason: a.Reason, Findings: findings(w, a.Findings),
		DownloadPath: base + "/hent", Input: input, Note: a.Note}
	for _, m := range []pair{{w.T("mini.state"), w.T("arrival." + string(a.State))}, {w.T("mini.arrived"), c.when(a.At)}, {w.T("mini.kind"), arrivalKind(w, a)},
		{w.T("mini.envelope"), a.Envelope}, {w.T("mini.from"), string(a.Sender)}, {w.T("mini.to"), string(a.Receiver)}, {w.T("mini.vans"), a.VANSID},
		{w.T("mini.network"), a.Network}} {
		if m.Value != "" {
			p.Mini = append(p.Mini, m)
		}
	}
	for _, r := range answers {
		p.Answers = append(p.Answers, w.T("operator.answered", string(r.Kind), r.Envelope))
	}
	switch a.State {
	case store.ArrivalQuarantined, store.ArrivalUnmatched:
		p.RetryPath, p.ClosePath = base+"/igen", base+"/luk"
		p.CanAnswer = len(answers) == 0 && a.State == store.ArrivalQuarantined && a.Envelope != "" && a.Sender != ""
	case store.ArrivalClosed:
		p.RetryPath = base + "/igen"
	}
	p.Faults = fieldFaults(v, faults)
	p.Fault = p.FaultOf("reason")
	p.Text, p.Cut = showBytes(data)
	return wb.render(v, statusOf(faults), "arrival", p)
}

func (wb *Workbench) downloadArrival(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	_, data, _, err := wb.cfg.Box.OperatorArrival(v.ctx(), *v.person, id)
	if err != nil {
		return err
	}
	return v.download("ankomst-"+strconv.FormatInt(id, 10)+".bin", data)
}

func (wb *Workbench) retryArrival(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := wb.cfg.Box.RetryArrival(v.ctx(), *v.person, id); err != nil {
		return err
	}
	return v.redirect("/drift?igen")
}

// closeArrival puts a file aside, or refuses it with a receipt.
func (wb *Workbench) closeArrival(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	reason := v.r.PostForm.Get("reason")
	err = wb.cfg.Box.CloseArrival(v.ctx(), *v.person, id, reason, v.r.PostForm.Get("do") == "afvis")
	var faults mailbox.Faults
	if errors.As(err, &faults) {
		return wb.showArrival(v, id, reason, faults)
	}
	if err != nil {
		return err
	}
	return v.redirect("/drift?lagt")
}

// jobAction does something with a job and goes back with what was done.
func (wb *Workbench) jobAction(do func(ctx context.Context, p mailbox.Person, job int64) error, done string) func(*visit) error {
	return func(v *visit) error {
		id, err := v.id()
		if err != nil {
			return err
		}
		if err := do(v.ctx(), *v.person, id); err != nil {
			return err
		}
		return v.redirect("/drift?" + done)
	}
}

// operatorLetterPage shows a refused letter, which is in no unit's inbox.
func (wb *Workbench) operatorLetterPage(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	o, err := wb.cfg.Box.OperatorLetter(v.ctx(), *v.person, id)
	if err != nil {
		return err
	}
	p := wb.letterView(wb.clock(v), o)
	p.frame = wb.personFrame(v, p.Heading)
	p.BackPath, p.BackLabel = "/drift", v.words.T("operator.back")
	if o.Letter.Status == brevdue.Refused {
		p.Refusal = &refusal{v.words.T("letter.refused"), o.Letter.Note}
		p.Chip = chip{Tone: "late", Icon: "stop", Text: v.words.T("event.refused")}
	}
	return wb.render(v, http.StatusOK, "letter", p)
}
