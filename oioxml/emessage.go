package oioxml

import (
	"strings"

	"brevdue"
)

// The namespaces of MedCom's schema sets (std:xdis91 §0.3). The last one really
// has no "sundcom.dk".
const (
	Namespace2005 = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2005/08/07/"
	Namespace2006 = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/"
	Namespace2009 = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2009/08/01/"
	Namespace2012 = "http://rep.oio.dk/medcom.dk/xml/schemas/2012/03/28/"
)

// DateTimeGrammar is the standard's DateTime type: a date and a time of day.
func DateTimeGrammar(name string) Grammar {
	return Grammar{Name: name, Min: 1, Children: []Grammar{
		{Name: "Date", Min: 1, Value: &Value{Form: Date}},
		{Name: "Time", Min: 1, Value: &Value{Form: Time}},
	}}
}

// EnvelopeGrammar is the envelope of every Emessage (std:xdis91 §1.2, §5.2).
func EnvelopeGrammar() Grammar {
	return Grammar{Name: "Envelope", Min: 1, Children: []Grammar{
		DateTimeGrammar("Sent"),
		{Name: "Identifier", Min: 1, Value: &Value{Min: 1, Max: 14}},
		{Name: "AcknowledgementCode", Min: 1, Value: &Value{Codes: []string{"pluspositivkvitt", "minuspositivkvitt"}}},
	}}
}

// ReadEnvelope reads the Envelope element of an Emessage. Sender and receiver
// are not in it; they stand in the letters.
func ReadEnvelope(e *Node) brevdue.Envelope {
	return brevdue.Envelope{
		ID:           e.Child("Identifier").Text(),
		Sent:         ReadDateTime(e.Child("Sent")),
		WantsReceipt: strings.TrimSpace(e.Child("AcknowledgementCode").Text()) == "pluspositivkvitt",
	}
}

// ReadDateTime joins Date and Time; a zone on the date does not belong there and
// is left out.
func ReadDateTime(e *Node) brevdue.LocalTime {
	date, clock := strings.TrimSpace(e.Child("Date").Text()), e.Child("Time").Text()
	if date == "" && clock == "" {
		return ""
	}
	if len(date) > 10 {
		date = date[:10]
	}
	return brevdue.LocalTime(date + "T" + clock)
}

// Envelope writes the envelope of an Emessage.
func (w *Writer) Envelope(e brevdue.Envelope) {
	w.Start("Envelope", 0)
	w.DateTime("Sent", e.Sent)
	w.Must("Identifier", e.ID, 14)
	answer := "minuspositivkvitt"
	if e.WantsReceipt {
		answer = "pluspositivkvitt"
	}
	w.Word("AcknowledgementCode", answer, true)
	w.End()
}
