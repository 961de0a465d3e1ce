package aftale

import (
	"fmt"

	"brevdue/kalender"
)

// Call is the answer of the weekend and holiday telephone rule.
type Call struct {
	Required       bool   // hospital and municipality must talk
	LetterRequired bool   // the letter is sent all the same (AGR-703)
	Rule           string // "" when the rule is silent
	Sentence       string // Danish
	SentenceEN     string
}

// Call answers the telephone rule (AGR-701..703): a citizen without municipal
// services is discharged on the day and first needs nursing on need. Unknown
// services count as none (the safer way). The rule is silent unless the day of
// discharge or the one after it is closed (Amb-19).
func (a *Agreement) Call(discharge, need kalender.Day, services Services) Call {
	p := a.Phone
	if p == nil {
		return Call{Sentence: "Aftalen har ingen telefonregel.", SentenceEN: "The agreement has no telephone rule."}
	}
	var closed kalender.Closed
	for _, d := range a.Deadlines {
		if d.Kind == p.Receiver && (!d.Shift) {
			closed = d.Closed
		}
	}
	end := fmt.Sprintf(" %s %s, %s (%%s).", a.Name, a.Version, p.Paragraph)
	now := discharge.At(12 * 60)
	day := kalender.DayDA(discharge, now)
	dayEN := kalender.DayEN(discharge, now)
	if services == ServicesYes {
		return Call{
			Sentence:   "Borgeren modtager kommunale ydelser; telefonreglen gælder ikke." + fmt.Sprintf(end, p.Rule),
			SentenceEN: "The citizen receives municipal services; the telephone rule does not apply." + fmt.Sprintf(end, p.Rule),
		}
	}
	why := closed.Why(discharge)
	if why == "" {
		why = closed.Why(discharge.Add(1))
	}
	if why == "" {
		return Call{
			Sentence:   fmt.Sprintf("Udskrivelsen %s er ikke op til en weekend eller helligdag; telefonreglen gælder ikke.", day) + fmt.Sprintf(end, p.Rule),
			SentenceEN: fmt.Sprintf("The discharge %s is not up to a weekend or holiday; the telephone rule does not apply.", dayEN) + fmt.Sprintf(end, p.Rule),
		}
	}
	next := closed.Next(discharge)
	if need.Before(next) || need == next {
		return Call{
			Required: true, LetterRequired: true, Rule: p.Rule,
			Sentence: fmt.Sprintf("Borgeren udskrives %s op til lukkede dage (%s) og har behov senest den næste hverdag, %s: der skal være telefonisk kontakt. Brevet sendes som opfølgning.",
				day, why, kalender.DayDA(next, now)) + fmt.Sprintf(end, p.Rule),
			SentenceEN: fmt.Sprintf("The citizen is discharged %s up to closed days (%s) with a need by the next working day, %s: there must be a phone call. The letter follows.",
				dayEN, why, kalender.DayEN(next, now)) + fmt.Sprintf(end, p.Rule),
		}
	}
	return Call{
		LetterRequired: true, Rule: p.Exemption,
		Sentence: fmt.Sprintf("Borgeren udskrives %s op til lukkede dage (%s), men behovet begynder først efter den næste hverdag, %s: telefonisk kontakt er ikke nødvendig. Brevet sendes.",
			day, why, kalender.DayDA(next, now)) + fmt.Sprintf(end, p.Exemption),
		SentenceEN: fmt.Sprintf("The citizen is discharged %s up to closed days (%s), but the need begins only after the next working day, %s: no phone call is needed. The letter is sent.",
			dayEN, why, kalender.DayEN(next, now)) + fmt.Sprintf(end, p.Exemption),
	}
}
