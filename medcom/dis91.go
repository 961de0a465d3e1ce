package medcom

import (
	"cmp"
	"slices"
	"strconv"

	"brevdue"
	"brevdue/edifact"
)

// decodeDIS91 reads an interchange with correspondence letters. What can be made
// out of a broken one is in the message too.
func decodeDIS91(data []byte) (Message, []brevdue.Finding) {
	ic, findings := edifact.Read(data)
	m := Message{Format: brevdue.EDIFACT, Kind: brevdue.DIS91}
	d := dis91Decoder{Findings: edifact.Collect(findings), whole: ic.Whole}
	near := ""
	for _, msg := range ic.Messages() {
		unh := &msg[0]
		if !unh.Closed() {
			continue // the file was cut here
		}
		if !unh.Is(2, 1, "MEDDIS") || !unh.Is(2, 5, "D9134L") {
			d.Say(unh, 2, 1, ruleDMessage, clean([]byte(unh.Value(2, 1)+"-"+unh.Value(2, 5))))
			continue
		}
		r := letterReader{dis91Decoder: &d, kind: &letter91, message: msg, places: make([]place, 0, 24)}
		m.Letters = append(m.Letters, r.read())
		m.LetterPos = append(m.LetterPos, unh.Pos(0, 0))
		d.places = append(d.places, r.places)
		near = cmp.Or(near, r.when)
	}
	m.Envelope = d.envelope(ic.Header(), near)
	for i := range m.Letters {
		m.Letters[i].Sender.GLN, m.Letters[i].Receiver.GLN = m.Envelope.Sender, m.Envelope.Receiver
	}
	if len(m.Letters) > 0 {
		m.Version = m.Letters[0].Version
	}
	all := append(d.List(), checkMessage(m, d.locate)...)
	slices.SortStableFunc(all, func(a, b brevdue.Finding) int { return cmp.Compare(a.Pos.Offset, b.Pos.Offset) })
	return m, all
}

// place is where a field stands, kept until somebody asks.
type place struct {
	field              string
	segment            *edifact.Segment
	element, component int
}

type dis91Decoder struct {
	edifact.Findings
	whole  bool // reading did not break off
	header *edifact.Segment
	places [][]place
}

// locate finds a field of a letter, or the letter when the field is not there.
func (d *dis91Decoder) locate(letter int, field string) brevdue.Pos {
	if d.header != nil {
		switch field {
		case "sender.gln":
			return d.header.Pos(2, 1)
		case "receiver.gln":
			return d.header.Pos(3, 1)
		case "envelope.sent":
			return d.header.Pos(4, 1)
		}
	}
	if letter >= len(d.places) {
		return brevdue.Pos{Path: field}
	}
	for _, p := range d.places[letter] {
		if p.field == field {
			return p.segment.Pos(p.element, p.component)
		}
	}
	return d.places[letter][0].segment.Pos(0, 0)
}

// envelope reads UNB. near is CCYYMMDD of the first letter: the century of UNB is
// the one that brings the two closest (std:xdis91 §2.2).
func (d *dis91Decoder) envelope(s *edifact.Segment, near string) brevdue.Envelope {
	if s == nil {
		return brevdue.Envelope{}
	}
	d.header = s
	before := d.Findings
	e := brevdue.Envelope{ID: d.text(s, 5, 1, 1, 14), Sender: brevdue.GLN(d.text(s, 2, 1, 1, 35)), Receiver: brevdue.GLN(d.text(s, 3, 1, 1, 35))}
	d.constant(s, 2, 2, "14")
	d.constant(s, 3, 2, "14")
	sent, ok := edifact.Time(s.Value(4, 1), s.Value(4, 2), near)
	if !ok {
		d.Say(s, 4, 1, ruleDTime, "UNB 4.1")
	}
	e.Sent = brevdue.LocalTime(sent)
	switch {
	case s.Is(9, 1, "1"):
		e.WantsReceipt = true
	case !s.Is(9, 1, "0") && !s.Is(9, 1, ""):
		d.Say(s, 9, 1, ruleDAck)
	}
	if s.Is(11, 1, "1") {
		e.Test = true
		d.Say(s, 11, 1, ruleDTest)
	}
	if !s.Closed() { // what it lacks stood where the file was cut
		d.Findings = before
	}
	return e
}

// text returns a component and says when it is too long, or missing where least is 1.
func (d *dis91Decoder) text(s *edifact.Segment, element, component, least, most int) string {
	v := s.Value(element, component)
	if v == "" && least > 0 {
		d.Say(s, element, component, ruleDNeeds, component91(s, element, component))
	}
	if len(v) > most {
		if n := runeCount(v); n > most {
			d.Say(s, element, component, ruleDLong, component91(s, element, component), n, most)
		}
	}
	return v
}

// constant says when a component the standard fixes has another value.
func (d *dis91Decoder) constant(s *edifact.Segment, element, component int, want string) {
	if !s.Is(element, component, want) {
		d.Say(s, element, component, ruleDConstant, component91(s, element, component), want)
	}
}

// component91 names a component as std:xdis91 §2.4 does: "NAD 2.1".
func component91(s *edifact.Segment, element, component int) string {
	return s.Tag + " " + strconv.Itoa(element) + "." + strconv.Itoa(component)
}
