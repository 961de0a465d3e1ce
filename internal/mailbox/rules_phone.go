package mailbox

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// Bounds of the dates and times on a form.
const (
	dischargePast  = 31   // days back
	dischargeAhead = 366  // days ahead
	callPast       = 7    // days back
	callSlack      = 15   // minutes a clock on the wall may be ahead of ours
	maxCallField   = 120  // characters
	maxLines       = 2000 // characters of a text of several lines
)

// discharge tells whether the letter is one in which a citizen may be on the way
// home, and what the telephone rule says about it (AGR-701..703). It is asked of a
// hospital that writes to the area whose closed days the rule counts, unless the
// citizen is known not to lie there.
func (w *writing) discharge() (ask bool, q *PhoneQuestion) {
	switch {
	case !w.covered() || w.a.Phone == nil || w.unit.Kind.Sector() != brevdue.SectorHospital || w.to.Kind != w.a.Phone.Receiver:
		return false, nil
	case w.episode == brevdue.EpisodeOutpatient || w.episode == brevdue.EpisodeOutpatientXRay || w.episode == brevdue.EpisodeDead:
		return false, nil
	}
	on, err := kalender.ParseDay(w.d.Discharge)
	if w.d.Discharging != "yes" || err != nil {
		return true, nil
	}
	// The rule for the citizen it is strictest about says whether it speaks at all.
	if c := w.a.Call(on, on, aftale.ServicesNo); c.Rule == "" {
		return true, nil
	}
	q = &PhoneQuestion{}
	services := aftale.Services(w.d.Services)
	switch services {
	case aftale.ServicesYes:
		c := w.a.Call(on, on, services)
		q.Sentence, q.SentenceEN = c.Sentence, c.SentenceEN
		return true, q
	case aftale.ServicesNo, aftale.ServicesUnknown:
		q.AskNeed = true
	default:
		return true, q
	}
	need, err := kalender.ParseDay(w.d.Need)
	if err != nil || need.Before(on) {
		return true, q
	}
	c := w.a.Call(on, need, services)
	q.Required, q.MayExempt = c.Required, !c.Required
	q.Sentence, q.SentenceEN = c.Sentence, c.SentenceEN
	return true, q
}

func (w *writing) judgeDischarge(j *judge, q Questions, r *store.Record) {
	if !q.Discharge {
		return
	}
	switch w.d.Discharging {
	case "yes":
	case "no":
		return
	default:
		j.say("discharging", "Svar, om borgeren udskrives. Op til en weekend eller helligdag kan der være pligt til at ringe.",
			"Say whether the citizen is being discharged. Up to a weekend or holiday there may be a duty to call.")
		return
	}
	today := kalender.DayOf(w.now)
	on, ok := j.day("discharge", w.d.Discharge, "Skriv datoen for udskrivelsen.", "Enter the date of the discharge.")
	switch {
	case !ok:
		return
	case on.Before(today.Add(-dischargePast)) || today.Add(dischargeAhead).Before(on):
		j.say("discharge", "Se efter, om datoen for udskrivelsen er rigtig: den ligger langt fra i dag.", "Check the date of the discharge: it is far from today.")
		return
	}
	r.Discharge = on.String()
	if q.Phone == nil { // not up to closed days: the rule is silent
		return
	}
	if !isServices(w.d.Services) {
		j.say("services", "Svar, om borgeren modtager kommunale ydelser. Svaret afgør, om I skal ringe til kommunen.",
			"Say whether the citizen receives municipal services. The answer decides whether you have to call the municipality.")
		return
	}
	r.Services = w.d.Services
	if !q.Phone.AskNeed {
		return
	}
	need, ok := j.day("need", w.d.Need, "Skriv den første dato, hvor borgeren kan få brug for en sygeplejefaglig vurdering eller handling.", "Enter the first date the citizen may need an assessment or action by a nurse.")
	switch {
	case !ok:
		return
	case need.Before(on):
		j.say("need", "Datoen ligger før udskrivelsen.", "The date is before the discharge.")
		return
	}
	r.Need = need.String()
	if !q.Phone.MayExempt || !w.d.Call.Empty() {
		return // a call is asked for by [writing.judgeCall], or was made anyway
	}
	if r.Exempt = w.d.Exempt; !r.Exempt {
		j.say("exempt", "Sæt kryds ved, at vurdering og handling kan vente til efter den næste hverdag, eller registrér en samtale.",
			"Tick that assessment and action can wait until after the next working day, or record a call.")
	}
}

// afterPhone are the cases in which a letter follows a call (AGR-801..803).
func (w *writing) afterPhone() []aftale.AfterPhone {
	if !w.covered() {
		return nil
	}
	return w.a.AfterPhone
}

// marked is the case the letter was marked with; nil for none.
func (w *writing) marked() *aftale.AfterPhone {
	all := w.afterPhone()
	i := slices.IndexFunc(all, func(p aftale.AfterPhone) bool { return p.Rule == w.d.AfterPhone })
	if w.d.AfterPhone == "" || i < 0 {
		return nil
	}
	return &all[i]
}

// mustCall tells whether that case needs a record of the call (AGR-804, Amb-22).
func (w *writing) mustCall() bool {
	m := w.marked()
	return m != nil && m.Required
}

// judgeCall checks the record of a call where one was made or must be there.
func (w *writing) judgeCall(j *judge, q Questions, r *store.Record) {
	if m := w.marked(); m != nil {
		r.AfterPhone = m.Rule
	}
	switch {
	case !w.d.Call.Empty():
		r.Call = w.call(j)
	case q.Phone != nil && q.Phone.Required:
		j.say("callwho", "Ring til modtageren, og registrér samtalen, før brevet sendes ("+w.a.Phone.Rule+").", "Call the receiver and record the call before the letter is sent ("+w.a.Phone.Rule+").")
	case w.mustCall() && oneLine(w.d.AfterPhoneReason) != "":
		j.reason("afterphonereason", w.d.AfterPhoneReason, "Skriv, hvorfor der ikke er nogen samtale (mindst tre tegn).", "Say why there was no call (at least three characters).")
		r.AfterPhoneReason = oneLine(w.d.AfterPhoneReason)
	case w.mustCall():
		j.say("callwho", fmt.Sprintf("Et brev om %s følger efter en telefonsamtale (%s). Registrér samtalen, eller skriv, hvorfor der ikke er nogen.", w.marked().When, w.marked().Rule),
			fmt.Sprintf("A letter in this case follows a call (%s). Record the call, or say why there was none.", w.marked().Rule))
	}
}

// call reads the record of a call (AGR-704).
func (w *writing) call(j *judge) *store.Call {
	d := w.d.Call
	c := &store.Call{Organisation: oneLine(d.Organisation), Number: oneLine(d.Number), Who: oneLine(d.Who), Agreed: strings.TrimSpace(d.Agreed), By: w.person.Name}
	at, err := kalender.Local(brevdue.LocalTime(strings.TrimSpace(d.At)))
	switch {
	case err != nil:
		j.say("callat", "Skriv dato og klokkeslæt for samtalen.", "Enter the date and time of the call.")
	case at.After(w.now.Add(callSlack * time.Minute)):
		j.say("callat", "Samtalen kan ikke ligge i fremtiden.", "The call cannot be in the future.")
	case at.Before(w.now.AddDate(0, 0, -callPast)):
		j.say("callat", fmt.Sprintf("Samtalen ligger mere end %d dage tilbage. Se efter, om datoen er rigtig.", callPast), fmt.Sprintf("The call was more than %d days ago. Check the date.", callPast))
	default:
		c.At = at
	}
	j.filled("callorganisation", c.Organisation, "Skriv, hvem der blev ringet til.", "Enter who was called.")
	if !isPhone(c.Number) {
		j.say("callnumber", "Skriv nummeret, der blev ringet til; mindst otte cifre.", "Enter the number called; at least eight digits.")
	}
	j.filled("callwho", c.Who, "Skriv, hvem der svarede: rolle, eller navn og rolle.", "Enter who answered: role, or name and role.")
	switch n := utf8.RuneCountInString(c.Agreed); {
	case n < minReason:
		j.say("callagreed", "Skriv, hvad der blev aftalt.", "Enter what was agreed.")
	case n > maxLines:
		j.length("callagreed", "Det aftalte", "What was agreed", c.Agreed, maxLines)
	}
	return c
}

// filled checks a short text that must be there.
func (j *judge) filled(field, value, da, en string) {
	switch n := utf8.RuneCountInString(value); {
	case n < minReason:
		j.say(field, da, en)
	case n > maxCallField:
		j.length(field, "Teksten", "The text", value, maxCallField)
	case holdsCPR(value):
		j.say(field, "Skriv ikke CPR-nummer her.", "Do not write a CPR number here.")
	}
}

// day reads a date of a form.
func (j *judge) day(field, value, da, en string) (kalender.Day, bool) {
	d, err := kalender.ParseDay(strings.TrimSpace(value))
	if err != nil {
		j.say(field, da, en)
	}
	return d, err == nil
}
