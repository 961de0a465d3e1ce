package medcom

import (
	"slices"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/edifact"
)

// need says how much a segment is needed.
type need uint8

const (
	optional need = iota
	expected      // the standard demands it, but a reader can do without
	required
)

// slot is a segment of a group.
type slot struct {
	tag  string
	need need
	many bool
}

// group91 is a segment group; the first has no trigger.
type group91 struct {
	tag   string
	slots []slot
	many  bool
	round bool // the slots come round again and again: UNO UNP UNO UNP
}

// message91 is a message with the groups of the correspondence letter: the
// letter itself, or the attachment message, which shares all but the last.
type message91 struct {
	code     string // UNH 3 and SPR 3.1
	document string // BGM 1
	groups   []group91
	least    int // groups up to this one, the first without trigger, must be there
}

// letter91 is the letter of std:xdis91 §2.3, in order.
var letter91 = message91{code: "DIS91", document: "EPI", least: 4, groups: []group91{
	{tag: "", slots: []slot{{tag: "UNH", need: required}, {tag: "BGM", need: expected}, {tag: "DTM", need: required}}},
	{tag: "S01", many: true, slots: []slot{{tag: "NAD", need: required}, {tag: "ADR"}, {tag: "CON"}, {tag: "SEQ", need: expected}, {tag: "SPR"}}},
	{tag: "S02", slots: []slot{{tag: "GIS", need: required}, {tag: "RFF", need: required, many: true}, {tag: "DTM", need: expected}}},
	{tag: "S07", slots: []slot{{tag: "PNA", need: required}, {tag: "RFF"}, {tag: "ADR"}, {tag: "EMP"}}},
	{tag: "S11", slots: []slot{{tag: "GIS", need: expected}, {tag: "RFF", need: expected}, {tag: "SEQ", need: expected}, {tag: "PAS"}}},
	{tag: "S14", many: true, slots: []slot{{tag: "FTX", many: true}}},
}}

// letterReader reads one message UNH…UNT.
type letterReader struct {
	*dis91Decoder
	kind    *message91
	message edifact.Message
	closed  bool // the message is here to its end, so what is not seen is missing
	letter  brevdue.Letter
	places  []place
	when    string // CCYYMMDD of DTM+137

	group   *group91            // nil in an unknown group
	last    int                 // the latest group in kind.groups
	entries [8]int              // how often each of them began
	starts  [8]*edifact.Segment // where each of them began last
	seen    uint8               // slots of the current group
	step    int                 // the latest slot of the current group
	trigger *edifact.Segment

	party   *brevdue.Party
	name    string // "sender", "receiver"
	parties [2]int // how many SSP and PO
	sri     bool
	xpi     *edifact.Segment
	pas     bool

	text    ftxReader
	texts   []brevdue.Text
	ftxs    int  // in the current S14
	subject bool // a subject was read

	// of an attachment message
	objects    []Object
	openObject bool   // the last object waits for its UNP
	number     string // of the last object, as UNO gives it
}

func (r *letterReader) read() brevdue.Letter {
	unh, last := &r.message[0], &r.message[len(r.message)-1]
	r.closed = r.whole && last.Tag == "UNT"
	r.places = append(r.places, place{segment: unh})
	l := &r.letter
	l.ID = r.textAt("id", unh, 1, 1, 1, 14)
	l.Version = unh.Value(2, 5)
	r.constant(unh, 2, 2, "D")
	r.constant(unh, 2, 3, "93A")
	r.constant(unh, 2, 4, "UN")
	if !unh.Is(3, 1, r.kind.code) {
		r.Say(unh, 3, 1, ruleDType, r.kind.code)
	}
	r.group, r.entries[0] = &r.kind.groups[0], 1
	for i := range r.message {
		s := &r.message[i]
		switch {
		case s.Tag == "UNT":
		case isTrigger(s.Tag):
			r.leave(s)
			r.enter(s, i)
		default:
			before := r.Findings
			if r.allowed(s, i) {
				r.segment(s)
			}
			if !s.Closed() { // what it lacks stood where the file was cut
				r.Findings = before
			}
		}
	}
	r.leave(last)
	r.close(last)
	return *l
}

// isTrigger tells whether a tag opens a segment group (S01, S14 ...).
func isTrigger(tag string) bool {
	return len(tag) == 3 && tag[0] == 'S' && tag[1] >= '0' && tag[1] <= '9'
}

// enter begins a segment group, the i-th segment of the message.
func (r *letterReader) enter(s *edifact.Segment, i int) {
	g := slices.IndexFunc(r.kind.groups, func(g group91) bool { return g.tag == s.Tag })
	if g >= 0 {
		r.begin(g, s, i+1)
		if r.entries[g] > 1 && !r.group.many {
			r.Say(s, 0, 0, ruleDTwice, s.Tag)
		}
		if g < r.last {
			r.Say(s, 0, 0, ruleDOrder, s.Tag)
		}
		r.last = max(r.last, g)
		return
	}
	r.group, r.party = nil, nil
	if s.Tag == "S05" {
		r.Say(s, 0, 0, ruleDGroup05)
	} else {
		r.Say(s, 0, 0, ruleDGroup, s.Tag)
	}
}

// begin is the start of the g-th group, whose segments come from the i-th of the
// message on.
func (r *letterReader) begin(g int, trigger *edifact.Segment, i int) {
	r.group, r.seen, r.step, r.trigger = &r.kind.groups[g], 0, 0, trigger
	r.party, r.ftxs = nil, 0
	r.entries[g]++
	r.starts[g] = trigger
	if r.group.tag == "S01" {
		r.chooseParty(i)
	}
}

// untriggered finds the group whose trigger was left out before the i-th segment:
// the next one that has not begun and has room for it, or the second party's. Its
// segments are then read as if the trigger were there, and one thing is said
// instead of one for each of them.
func (r *letterReader) untriggered(tag string) int {
	at := slices.IndexFunc(r.kind.groups, func(g group91) bool { return r.group != nil && g.tag == r.group.tag })
	if tag == "NAD" && at == 1 && r.entries[1] == 1 {
		return 1
	}
	for g := max(at, 0) + 1; g < len(r.kind.groups); g++ {
		if r.entries[g] > 0 || r.kind.groups[g].tag == "S01" && tag != "NAD" {
			continue
		}
		if slices.ContainsFunc(r.kind.groups[g].slots, func(s slot) bool { return s.tag == tag }) {
			return g
		}
	}
	return -1
}

// chooseParty finds out whose group begins, so that nothing in it is lost
// whatever its order.
func (r *letterReader) chooseParty(i int) {
	for j := i; j < len(r.message) && !isTrigger(r.message[j].Tag); j++ {
		if s := &r.message[j]; s.Tag == "NAD" {
			switch s.Value(1, 1) {
			case "SSP":
				r.party, r.name = &r.letter.Sender, "sender"
				r.parties[0]++
			case "PO":
				r.party, r.name = &r.letter.Receiver, "receiver"
				r.parties[1]++
			default:
				r.Say(s, 1, 1, ruleDCode, "NAD 1.1")
			}
			return
		}
	}
}

// leave says what was missing in the group that ends before s.
func (r *letterReader) leave(s *edifact.Segment) {
	if t, any := r.text.end(); any {
		r.texts = append(r.texts, t)
	}
	if r.group == nil || !r.closed {
		return
	}
	if r.group.tag == "S14" && r.ftxs == 0 {
		r.Say(r.trigger, 0, 0, ruleDS14)
		return
	}
	for i, slot := range r.group.slots {
		if r.seen&(1<<i) != 0 {
			continue
		}
		need := slot.need
		if slot.tag == "SPR" && r.party == &r.letter.Sender {
			need = expected
		}
		name := strings.TrimPrefix(r.group.tag+"/"+slot.tag, "/")
		switch need {
		case required:
			r.Say(s, 0, 0, ruleDMissing, name)
		case expected:
			r.Say(s, 0, 0, ruleDSpared, name)
		}
	}
}

// allowed checks the segment against the grammar of its group.
func (r *letterReader) allowed(s *edifact.Segment, at int) bool {
	if r.group == nil { // an unknown group was reported as a whole
		return false
	}
	if s.Tag == "NAD" && r.group.tag == "S01" && r.seen&1 != 0 && r.entries[1] == 1 {
		return r.withoutTrigger(1, s, at)
	}
	for i := range r.group.slots {
		slot := &r.group.slots[i]
		if slot.tag != s.Tag {
			continue
		}
		if r.seen&(1<<i) != 0 && !slot.many {
			r.Say(s, 0, 0, ruleDTwice, s.Tag)
		}
		if i == 0 && r.group.round {
			r.step = 0
		}
		if i < r.step {
			r.Say(s, 0, 0, ruleDOrder, s.Tag)
		}
		r.seen |= 1 << i
		r.step = max(r.step, i)
		return true
	}
	if s.Tag == "?" { // reported where it was read
		return false
	}
	if g := r.untriggered(s.Tag); g >= 0 {
		return r.withoutTrigger(g, s, at)
	}
	r.Say(s, 0, 0, ruleDStray, s.Tag)
	return false
}

// withoutTrigger goes on in the g-th group although its trigger is missing.
func (r *letterReader) withoutTrigger(g int, s *edifact.Segment, at int) bool {
	r.leave(s)
	r.Say(s, 0, 0, ruleDMissing, r.kind.groups[g].tag)
	r.begin(g, s, at)
	r.last = max(r.last, g)
	return r.allowed(s, at)
}

// at notes where a field stands.
func (r *letterReader) at(field string, s *edifact.Segment, element, component int) {
	r.places = append(r.places, place{field, s, element, component})
}

func (r *letterReader) textAt(field string, s *edifact.Segment, element, component, least, most int) string {
	r.at(field, s, element, component)
	return r.dis91Decoder.text(s, element, component, least, most)
}

func (r *letterReader) segment(s *edifact.Segment) {
	l := &r.letter
	switch r.group.tag {
	case "":
		switch s.Tag {
		case "BGM":
			r.constant(s, 1, 1, r.kind.document)
			r.constant(s, 3, 1, "9")
			r.constant(s, 4, 1, "NA")
		case "DTM":
			r.when, l.Authorised = r.time(s, "137")
			r.at("authorised", s, 1, 2)
		}
	case "S01":
		r.partySegment(s)
	case "S02":
		r.letterSegment(s)
	case "S07":
		r.patientSegment(s)
	case "S11":
		if r.kind == &binary91 {
			r.objectSegment(s)
			return
		}
		r.courseSegment(s)
	case "S14":
		if r.ftxs++; r.ftxs == groupSegments+1 {
			r.Say(s, 0, 0, ruleDMuchText, groupSegments)
		}
		r.ftx(s)
	}
}

// partySegment reads a segment of S01.
func (r *letterReader) partySegment(s *edifact.Segment) {
	if r.party == nil {
		return // reported with its NAD
	}
	sender := r.party == &r.letter.Sender
	switch s.Tag {
	case "NAD":
		r.nad(s)
	case "ADR":
		r.party.Street, r.party.Suburb, r.party.District, r.party.PostCode = r.address(s)
	case "CON", "SPR":
		switch {
		case !sender:
			r.Say(s, 0, 0, ruleDIgnored, s.Tag)
		case s.Tag == "CON":
			r.constant(s, 2, 2, "TE")
			r.party.Phone = r.textAt("sender.phone", s, 2, 1, 0, 25)
		default:
			r.specialty(s)
		}
	}
}

func (r *letterReader) nad(s *edifact.Segment) {
	p := r.party
	p.ID = r.textAt(r.name+".id", s, 2, 1, 1, 17)
	p.IDCode = brevdue.IDLocation
	list := s.Value(2, 2)
	known := list == "" && s.Is(2, 3, "9")
	for _, c := range idCodes {
		if c.list != "" && c.list == list {
			p.IDCode, known = brevdue.IDCode(c.xml), true
		}
	}
	if !known {
		r.Say(s, 2, 2, ruleDIDCode)
	}
	p.Organisation = r.textAt(r.name+".organisation", s, 4, 1, 0, 35)
	p.Department = r.textAt(r.name+".department", s, 4, 2, 0, 35)
	p.Unit = r.textAt(r.name+".unit", s, 4, 3, 0, 35)
	if p.Organisation == "_" {
		p.Organisation = "" // what writers put where there is no name (std:xdis91 §3)
	}
}

func (r *letterReader) address(s *edifact.Segment) (street, suburb, district, postCode string) {
	d := r.dis91Decoder
	return d.text(s, 2, 2, 0, 35), d.text(s, 2, 3, 0, 35), d.text(s, 3, 1, 0, 35), d.text(s, 4, 1, 0, 9)
}

func (r *letterReader) specialty(s *edifact.Segment) {
	r.constant(s, 1, 1, "ORG")
	number := strings.TrimLeft(s.Value(2, 1), "0")
	word, ok := toXML(specialtyCodes91, number)
	if !ok && number != "" {
		r.Say(s, 2, 1, ruleDCode, "SPR 2.1")
	}
	r.letter.Sender.Specialty = word
	r.at("sender.specialty", s, 2, 1)
	if !s.Is(3, 1, r.kind.code) {
		r.Say(s, 3, 1, ruleDType, r.kind.code)
	}
}

// letterSegment reads a segment of S02.
func (r *letterReader) letterSegment(s *edifact.Segment) {
	l := &r.letter
	switch s.Tag {
	case "GIS":
		switch s.Value(1, 1) {
		case "N":
			l.Status = brevdue.NewLetter
		case "M":
			l.Status = brevdue.CorrectedLetter
		default:
			r.Say(s, 1, 1, ruleDCode, "GIS 1.1")
		}
	case "DTM":
		switch _, at := r.time(s, "182"); {
		case l.Authorised == "":
			l.Authorised = at
		case at != "" && at != l.Authorised:
			r.Say(s, 1, 2, ruleDTwoTimes)
		}
	case "RFF":
		switch q := s.Value(1, 1); q {
		case "SRI":
			r.sri = true
			if s.Value(1, 2) != l.ID {
				r.Say(s, 1, 2, ruleDSRI)
			}
		case "HI", "NO":
			if l.Priority != "" {
				r.Say(s, 1, 1, ruleDTwice, "RFF+HI/NO")
			}
			if l.Priority != brevdue.HighPriority {
				l.Priority = map[string]brevdue.Priority{"HI": brevdue.HighPriority, "NO": brevdue.RoutinePriority}[q]
			}
			r.at("priority", s, 1, 1)
		default:
			r.Say(s, 1, 1, ruleDCode, "RFF 1.1")
		}
	}
}

// patientSegment reads a segment of S07.
func (r *letterReader) patientSegment(s *edifact.Segment) {
	p := &r.letter.Patient
	switch s.Tag {
	case "PNA":
		r.constant(s, 1, 1, "PAT")
		p.CPR = brevdue.CPR(s.Value(2, 1))
		r.at("patient.cpr", s, 2, 1)
		if p.CPR != "" && !tenDigits(p.CPR.Reveal()) {
			r.Say(s, 2, 1, ruleDCPR)
		}
		surname, given := 5, 6
		if s.Is(5, 1, "FO") && s.Is(6, 1, "SU") {
			surname, given = 6, 5 // the qualifiers tell, not the order
		} else {
			if s.Components(5) > 1 {
				r.constant(s, 5, 1, "SU")
			}
			if s.Components(6) > 1 {
				r.constant(s, 6, 1, "FO")
			}
		}
		p.Surname = r.textAt("patient.surname", s, surname, 2, 1, 70)
		p.Given = r.textAt("patient.given", s, given, 2, 0, 70)
	case "RFF":
		// whatever its qualifier says, it is a replacement number (std:xdis91 §3)
		r.constant(s, 1, 1, "XPI")
		if id := s.Value(1, 2); id != "" {
			r.xpi = s
			p.Replacements = []brevdue.ReplacementID{{Value: brevdue.CPR(id)}}
			r.at("patient.replacements", s, 1, 2)
		}
	case "ADR":
		p.Street, p.Suburb, p.District, p.PostCode = r.address(s)
	case "EMP":
		p.Occupancy = r.textAt("patient.occupancy", s, 3, 4, 0, 35)
	}
}

// courseSegment reads a segment of S11.
func (r *letterReader) courseSegment(s *edifact.Segment) {
	l := &r.letter
	switch s.Tag {
	case "GIS":
		r.constant(s, 1, 1, "N")
	case "RFF":
		switch s.Value(1, 1) {
		case "REI":
			l.EpisodeOfCare = r.textAt("episode_of_care", s, 1, 2, 1, 35)
		case "AHI": // says that there is none
		default:
			r.Say(s, 1, 1, ruleDCode, "RFF 1.1")
		}
	case "PAS":
		r.pas = true
		word, ok := toXML(episodeCodes, s.Value(1, 1))
		if !ok {
			r.Say(s, 1, 1, ruleDCode, "PAS 1.1")
		}
		l.Patient.Episode = brevdue.EpisodeStatus(word)
		r.at("patient.episode", s, 1, 1)
	}
}

// time reads DTM with the wanted qualifier: CCYYMMDD and the whole wall-clock time.
func (r *letterReader) time(s *edifact.Segment, qualifier string) (day string, at brevdue.LocalTime) {
	if v := s.Value(1, 2); s.Is(1, 1, qualifier) && s.Is(1, 3, "203") && len(v) == 12 {
		if t, ok := edifact.Time(v[:8], v[8:], ""); ok {
			return v[:8], brevdue.LocalTime(t)
		}
	}
	r.Say(s, 1, 2, ruleDTime, "DTM+"+qualifier)
	return "", ""
}

// close is what can only be said when the whole letter was read.
func (r *letterReader) close(last *edifact.Segment) {
	l := &r.letter
	p := &l.Patient
	switch {
	case p.CPR != "" && r.xpi != nil:
		r.Say(r.xpi, 1, 2, ruleDBothIDs)
		p.Replacements = nil
	case r.xpi != nil && runeCount(p.Replacements[0].Value.Reveal()) != 10:
		r.Say(r.xpi, 1, 2, ruleDXPI)
	}
	if l.Status == "" {
		l.Status = brevdue.NewLetter
	}
	if p.Episode == "" && r.kind == &letter91 {
		p.Episode = brevdue.EpisodeInactive
	}
	if len(r.texts) > 0 {
		l.Segments = []brevdue.Segment{{Texts: r.texts}}
	}
	if len(r.texts) > groupsOfText || len(l.Attachments) > mostAttachments {
		r.Say(last, 0, 0, ruleDMany, groupsOfText)
	}
	if !r.closed {
		return
	}
	for g := 1; g <= r.kind.least; g++ {
		if r.entries[g] == 0 {
			r.Say(last, 0, 0, ruleDMissing, r.kind.groups[g].tag)
		}
	}
	for i, q := range [...]string{"SSP", "PO"} {
		if r.entries[1] > 0 && r.parties[i] != 1 {
			r.Say(r.starts[1], 0, 0, ruleDParty, q)
		}
	}
	if r.entries[2] > 0 && !r.sri {
		r.Say(r.starts[2], 0, 0, ruleDMissing, "S02/RFF+SRI")
	}
	if r.entries[3] > 0 && p.CPR == "" && r.xpi == nil {
		r.Say(r.starts[3], 0, 0, ruleDNoID)
	}
	if r.entries[4] > 0 && !r.pas && r.kind == &letter91 {
		r.Say(r.starts[4], 0, 0, ruleDNoPAS)
	}
}

// ftx reads one FTX: the subject, a reference, or text.
func (r *letterReader) ftx(s *edifact.Segment) {
	l := &r.letter
	if s.Components(4) > lineParts {
		r.Say(s, 4, lineParts+1, ruleDWide)
	}
	switch q := s.Value(1, 1); q {
	case "OE":
		r.subjectLine(s)
	case "BIN", "SUP", "URL":
		l.Attachments = append(l.Attachments, r.attachment(s, q))
	default:
		r.constant(s, 1, 1, "NC") // anything else is text too
		known, widest := r.text.add(s)
		if !known {
			r.Say(s, 2, 1, ruleDFormat)
		}
		if widest > lineLength+1 {
			r.Say(s, 4, 1, ruleDWide)
		}
	}
}

// subjectLine reads FTX+OE. Whatever is more than one subject is a line of text,
// so that nothing is lost (std:xdis91 §3).
func (r *letterReader) subjectLine(s *edifact.Segment) {
	subject, next := joined(s, 1)
	if r.subject {
		r.Say(s, 1, 1, ruleDSubject)
		r.text.line(subject)
	} else {
		r.subject = true
		r.letter.Subject = subject
		r.at("subject", s, 4, 1)
		if n := runeCount(subject); n > 70 {
			r.Say(s, 4, 1, ruleDLong, "FTX+OE", n, 70)
		}
	}
	for ; next <= s.Components(4); next++ {
		if v := s.Value(4, next); v != "" {
			r.Say(s, 4, next, ruleDSubject)
			r.text.line(v)
		}
	}
}

// joined puts components together that continue with a backslash, from the
// given one on, and returns which component comes after them.
func joined(s *edifact.Segment, from int) (v string, next int) {
	v, more := strings.CutSuffix(s.Value(4, from), `\`)
	next = from + 1
	if !more || next > s.Components(4) {
		return v, next
	}
	var whole strings.Builder
	whole.WriteString(v)
	for more && next <= s.Components(4) {
		v, more = strings.CutSuffix(s.Value(4, next), `\`)
		whole.WriteString(v)
		next++
	}
	return whole.String(), next
}

// attachment reads a reference (std:xdis91 §2.6).
func (r *letterReader) attachment(s *edifact.Segment, qualifier string) brevdue.Attachment {
	description, next := joined(s, 1)
	if n := runeCount(description); n == 0 {
		r.Say(s, 4, 1, ruleDNeeds, "FTX 4.1")
	} else if n > 70 {
		r.Say(s, 4, 1, ruleDLong, "FTX 4.1", n, 70)
	}
	a := brevdue.Attachment{Description: description}
	switch qualifier {
	case "SUP":
		a.Kind = brevdue.SupplementAttachment
	case "URL":
		a.Kind = brevdue.LinkAttachment
		if a.URL, _ = joined(s, next); a.URL == "" {
			r.Say(s, 4, next, ruleDNeeds, component91(s, 4, next))
		}
	case "BIN":
		a.Kind = brevdue.BinaryAttachment
		r.at("attachments", s, 0, 0)
		a.ObjectID = r.dis91Decoder.text(s, 4, next, 1, 35)
		var known bool
		if a.ObjectCode, known = toXML(objectCodes, s.Value(4, next+1)); !known {
			r.Say(s, 4, next+1, ruleDCode, component91(s, 4, next+1))
		}
		if a.Extension, known = toXML(extensionCodes, s.Value(4, next+2)); !known {
			r.Say(s, 4, next+2, ruleDCode, component91(s, 4, next+2))
		}
		size, err := strconv.ParseInt(s.Value(4, next+3), 10, 64)
		if err != nil || size <= 0 {
			r.Say(s, 4, next+3, ruleDNeeds, component91(s, 4, next+3))
		}
		a.Size = max(size, 0)
	}
	return a
}
