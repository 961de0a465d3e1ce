package web

import (
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/web/text"
	"brevdue/kalender"
)

// askedView is what the agreement asks about a letter, as the form shows it. What is
// not asked is empty.
type askedView struct {
	Purposes           []choice // other standards, the first choice being none of them
	Standard           *standardView
	Start, Arrangement string
	Tel                string // to call instead of starting a dialogue
	Priorities         []choice
	Fee, Note          string
	Schemes            []pair
	Discharging        []choice
	AskDischarge       bool // the citizen is being discharged: when
	Services           []choice
	AskNeed, MayExempt bool
	PhoneRule          string // the sentence of the telephone rule
	AfterPhone         []choice
	AskAfterReason     bool
	Call               callView
	Bases              []choice
	Weighing, Written  bool
	Health             []choice
	Away               []string
	Suggested          []suggestedView
}

// suggestedView is a receiver that the municipality has named for the subject.
type suggestedView struct{ Text, Do, Button string }

// standardView names the standard that goes before the letter.
type standardView struct {
	Text, Where string
	Must        bool // the receiver can take it: a reason is asked for
}

// callView is the record of a call; Given marks what the form filled in by itself.
type callView struct {
	Needed, Open bool
	Fill         mailbox.CallDraft
}

// Given is what was filled in by the form, for telling it from what a person wrote.
func (c callView) Given() string {
	if !c.Needed {
		return ""
	}
	return callKey(c.Fill)
}

// inputView is one field of the form.
type inputView struct {
	Name, Value, Type string
	Hint              bool // the catalogue has a hint for it
	Asks              bool // its answer may bring other questions
	Choices           []choice
	Fault             *fault
}

// Described are the ids of what explains the field: its hint and its fault.
func (in inputView) Described() string {
	var ids []string
	if in.Hint {
		ids = append(ids, "h-"+in.Name)
	}
	if in.Fault != nil {
		ids = append(ids, in.Fault.ID+"-fault")
	}
	return strings.Join(ids, " ")
}

// Ask is a field with its value; kind is the type of the input.
func (f frame) Ask(name, value, kind string) inputView {
	in := inputView{Name: name, Value: value, Type: kind, Fault: f.FaultOf(name)}
	switch name {
	case "purpose", "startreason", "discharging", "basis", "weighing", "consentdate", "health", "afterphone", "priority", "callagreed":
		in.Hint = true
	}
	switch name {
	case "purpose", "discharging", "discharge", "services", "need", "afterphone", "basis":
		in.Asks = true
	}
	return in
}

// Pick is a field of choices.
func (f frame) Pick(name string, choices []choice) inputView {
	in := f.Ask(name, "", "")
	in.Choices = choices
	return in
}

// picks are choices whose labels stand in the catalogue under answer.
func picks(w *text.Words, chosen string, values ...string) []choice {
	var out []choice
	for _, v := range values {
		out = append(out, choice{Value: v, Label: w.T("answer." + v), Selected: v == chosen})
	}
	return out
}

func askedOf(c clock, form mailbox.Form, f filled) askedView {
	w, d, q := c.words, f.draft, form.Questions
	p := askedView{Note: q.Note, Fee: q.FeeCode}
	if len(q.Standards) > 0 {
		p.Purposes = append(p.Purposes, choice{Label: w.T("ask.purpose.none"), Selected: q.Standard == nil})
	}
	for _, s := range q.Standards {
		chosen := q.Standard != nil && q.Standard.Code() == s.Code()
		p.Purposes = append(p.Purposes, choice{Value: s.Code(), Label: join(": ", s.Name, s.Purpose), Selected: chosen})
	}
	if s := q.Standard; s != nil {
		p.Standard = &standardView{Must: s.Takes, Where: s.Where}
		key := "ask.standard.unknown"
		if s.Takes {
			key = "ask.standard.takes"
		}
		p.Standard.Text = w.T(key, s.Name, join(", ", s.Code(), s.Version))
	}
	if s := q.Start; s != nil && s.Arrangement != nil {
		p.Arrangement = s.Arrangement.Text
	} else if s != nil {
		p.Start, p.Tel = s.Text, telephone(form.CallPhone)
	}
	if q.Priority {
		p.Priorities = picks(w, string(d.Priority), string(brevdue.RoutinePriority), string(brevdue.HighPriority))
	}
	for _, s := range q.Schemes {
		p.Schemes = append(p.Schemes, pair{s.Name, s.Link})
	}
	if q.Discharge {
		p.Discharging = picks(w, d.Discharging, "no", "yes")
		p.AskDischarge = d.Discharging == "yes"
	}
	if q.Phone != nil {
		p.Services = picks(w, d.Services, "yes", "no", "unknown")
		p.AskNeed, p.MayExempt = q.Phone.AskNeed, q.Phone.MayExempt
		p.PhoneRule = inLang(w, q.Phone.Sentence, q.Phone.SentenceEN)
	}
	if len(q.AfterPhone) > 0 {
		p.AfterPhone = append(p.AfterPhone, choice{Label: w.T("ask.afterphone.none"), Selected: d.AfterPhone == ""})
	}
	for _, a := range q.AfterPhone {
		p.AfterPhone = append(p.AfterPhone, choice{Value: a.Rule, Label: upperFirst(a.When), Selected: a.Rule == d.AfterPhone})
		p.AskAfterReason = p.AskAfterReason || a.Rule == d.AfterPhone && a.Required
	}
	p.Call = callView{Needed: q.CallNeeded, Open: q.CallNeeded || d.AfterPhone != "" || !d.Call.Empty()}
	for _, b := range q.Bases {
		p.Bases = append(p.Bases, choice{Value: b.Code, Label: b.Name, Examples: b.Law, Selected: q.Basis != nil && q.Basis.Code == b.Code})
	}
	if q.Basis != nil {
		p.Weighing, p.Written = q.Basis.Weighing, q.Basis.Written
	}
	if q.AskHealth {
		p.Health = picks(w, d.Health, "yes", "no")
	}
	p.Away = awayOf(c, form)
	for _, r := range form.Suggested {
		p.Suggested = append(p.Suggested, suggestedView{w.T("ask.suggested", r.Place, d.Subject, r.Name, string(r.GLN)), choosing + string(r.GLN), w.T("ask.choose", r.Name)})
	}
	return p
}

// awayOf says when the receiver is away, and who can be called meanwhile.
func awayOf(c clock, form mailbox.Form) []string {
	var out []string
	for _, a := range form.Away {
		from, err := kalender.ParseDay(a.From)
		to, err2 := kalender.ParseDay(a.To)
		if err != nil || err2 != nil {
			continue // kept as dates; nothing else is
		}
		out = append(out, join(" ", c.words.T("ask.away", c.day(from.At(12*60)), c.day(to.At(12*60))), a.Text, c.words.T("ask.awaycall", a.Contact)))
	}
	return out
}

// hintView is advice on a letter.
type hintView struct{ Text, Why string }

func hintsOf(w *text.Words, in []mailbox.Hint) []hintView {
	var out []hintView
	for _, h := range in {
		out = append(out, hintView{inLang(w, h.Text, h.TextEN), inLang(w, h.Why, h.WhyEN)})
	}
	return out
}
