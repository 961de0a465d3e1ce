package medcom

import (
	"strconv"
	"strings"

	"brevdue"
	"brevdue/edifact"
)

// The rules that only an EDIFACT letter can break.
var (
	ruleDMessage  = rule("DIS91-TYPE-01", brevdue.SeverityError, "§2.2", "Forsendelsen har også en anden slags meddelelse, som ikke læses her: %s.", "The interchange also holds a message of another kind, which is not read here: %s.")
	ruleDType     = rule("DIS91-TYPE-02", brevdue.SeverityWarning, "§2.2", "Brevtypen er ikke DIS91 alle de steder, den står.", "The letter type is not DIS91 in every place it stands.")
	ruleDMissing  = rule("DIS91-SEG-01", brevdue.SeverityError, "§2.3", "%s mangler.", "%s is missing.")
	ruleDTwice    = rule("DIS91-SEG-02", brevdue.SeverityError, "§2.3", "%s står her mere end én gang.", "%s stands here more than once.")
	ruleDStray    = rule("DIS91-SEG-03", brevdue.SeverityError, "§2.3", "%s hører ikke til her.", "%s does not belong here.")
	ruleDGroup    = rule("DIS91-GRP-01", brevdue.SeverityError, "§2.3", "Segmentgruppen %s findes ikke i korrespondancebrevet.", "There is no segment group %s in the correspondence letter.")
	ruleDGroup05  = rule("DIS91-GRP-02", brevdue.SeverityInfo, "§2.3", "Segmentgruppen S05 læses ikke.", "The segment group S05 is not read.")
	ruleDParty    = rule("DIS91-PARTY-01", brevdue.SeverityError, "§2.2", "Der skal være netop én part med NAD+%s.", "There must be exactly one party with NAD+%s.")
	ruleDNeeds    = rule("DIS91-VALUE-01", brevdue.SeverityError, "§2.4", "%s er ikke udfyldt.", "%s is not filled in.")
	ruleDLong     = rule("DIS91-VALUE-02", brevdue.SeverityError, "§2.4", "%s er på %d tegn; der må højst være %d.", "%s has %d characters; at most %d are allowed.")
	ruleDCode     = rule("DIS91-CODE-01", brevdue.SeverityError, "§1.4", "Koden i %s er ukendt.", "The code in %s is unknown.")
	ruleDIDCode   = rule("DIS91-CODE-02", brevdue.SeverityWarning, "§3", "Kodelisten for partens nummer mangler eller er ukendt; nummeret er læst som lokationsnummer.", "The code list of the party's identifier is missing or unknown; it was read as a location number.")
	ruleDNoPAS    = rule("DIS91-CODE-03", brevdue.SeverityWarning, "§3", "Forløbets status (PAS) mangler; den er læst som inaktiv.", "The state of the course (PAS) is missing; it was read as inactive.")
	ruleDAck      = rule("DIS91-CODE-04", brevdue.SeverityError, "§3", "Ønsket om kvittering (UNB element 9) er hverken 0 eller 1.", "The request for a receipt (UNB element 9) is neither 0 nor 1.")
	ruleDTime     = rule("DIS91-TIME-01", brevdue.SeverityError, "§2.4", "%s er ikke en gyldig dato med klokkeslæt.", "%s is not a valid date and time.")
	ruleDTwoTimes = rule("DIS91-TIME-02", brevdue.SeverityInfo, "§3", "Brevets to tidspunkter (DTM+137 og DTM+182) er forskellige; det første gælder.", "The letter's two times (DTM+137 and DTM+182) differ; the first counts.")
	ruleDSRI      = rule("DIS91-ID-01", brevdue.SeverityError, "§2.2", "Brevnummeret i RFF+SRI er ikke det samme som i UNH.", "The letter number in RFF+SRI is not the one in UNH.")
	ruleDBothIDs  = rule("DIS91-ID-02", brevdue.SeverityWarning, "§3", "Både personnummer og erstatningsnummer er angivet; personnummeret gælder.", "Both a civil registration number and a replacement number are given; the former counts.")
	ruleDNoID     = rule("DIS91-ID-03", brevdue.SeverityError, "§3", "Hverken personnummer eller erstatningsnummer er angivet.", "Neither a civil registration number nor a replacement number is given.")
	ruleDCPR      = rule("DIS91-ID-04", brevdue.SeverityError, "§1.3", "Personnummeret er ikke ti cifre.", "The civil registration number is not ten digits.")
	ruleDSubject  = rule("DIS91-TEXT-01", brevdue.SeverityWarning, "§3", "Brevet har mere end ét emne; de øvrige er læst som tekst.", "The letter has more than one subject; the others were read as text.")
	ruleDFormat   = rule("DIS91-TEXT-02", brevdue.SeverityInfo, "§2.5", "Formatkoden er ukendt; teksten er læst med fast skrifttype.", "The format code is unknown; the text was read as fixed font.")
	ruleDS14      = rule("DIS91-TEXT-03", brevdue.SeverityError, "§2.3", "Segmentgruppen S14 er tom.", "The segment group S14 is empty.")
	ruleDTest     = rule("DIS91-TEST-01", brevdue.SeverityInfo, "§2.2", "Forsendelsen er mærket som en prøve.", "The interchange is marked as a test.")
)

var dis91Rules = []brevdue.Rule{
	ruleDMessage, ruleDType, ruleDMissing, ruleDTwice, ruleDStray, ruleDGroup, ruleDGroup05, ruleDParty, ruleDNeeds, ruleDLong, ruleDCode,
	ruleDIDCode, ruleDNoPAS, ruleDAck, ruleDTime, ruleDTwoTimes, ruleDSRI, ruleDBothIDs, ruleDNoID, ruleDCPR, ruleDSubject, ruleDFormat,
	ruleDS14, ruleDTest, ruleDReplaced, ruleDSplit, ruleDWNeeds, ruleDWLong, ruleDWCode, ruleDWMany, ruleDWText, ruleDWURL, ruleDWSpecialty, ruleDWNone, ruleDWStyle,
}

// decodeDIS91 reads an interchange with correspondence letters. What can be made
// out of a broken one is in the message too.
func decodeDIS91(data []byte) (Message, []brevdue.Finding) {
	ic, findings := edifact.Read(data)
	m := Message{Format: brevdue.EDIFACT, Kind: brevdue.DIS91}
	d := dis91Decoder{findings: findings}
	messages := ic.Messages()
	near := ""
	for _, msg := range messages {
		unh := &msg[0]
		if unh.Value(2, 1) != "MEDDIS" || unh.Value(2, 5) != "D9134L" {
			d.say(unh, 2, 1, ruleDMessage, strings.TrimSpace(unh.Value(2, 1)+" "+unh.Value(2, 5)))
			continue
		}
		r := letterReader{dis91Decoder: &d, message: msg}
		l := r.letter()
		if near == "" {
			near = r.when
		}
		m.Letters = append(m.Letters, l)
		m.LetterPos = append(m.LetterPos, unh.Pos(0, 0))
		d.places = append(d.places, r.places)
	}
	m.Envelope = d.envelope(ic.Header(), near)
	for i := range m.Letters {
		m.Letters[i].Sender.GLN, m.Letters[i].Receiver.GLN = m.Envelope.Sender, m.Envelope.Receiver
	}
	if len(m.Letters) > 0 {
		m.Version = m.Letters[0].Version
	}
	return m, append(d.findings, checkMessage(m, d.locate)...)
}

// place is where a field stands, kept until somebody asks.
type place struct {
	field              string
	segment            *edifact.Segment
	element, component int
}

type dis91Decoder struct {
	findings []brevdue.Finding
	header   *edifact.Segment
	places   [][]place
}

func (d *dis91Decoder) say(s *edifact.Segment, element, component int, r brevdue.Rule, args ...any) {
	if len(d.findings) < 200 {
		d.findings = append(d.findings, r.At(s.Pos(element, component), args...))
	}
}

func (d *dis91Decoder) locate(letter int, field string) brevdue.Pos {
	switch field {
	case "sender.gln":
		if d.header != nil {
			return d.header.Pos(2, 1)
		}
	case "receiver.gln":
		if d.header != nil {
			return d.header.Pos(3, 1)
		}
	}
	if letter < len(d.places) {
		var first *edifact.Segment
		for _, p := range d.places[letter] {
			if p.field == field {
				return p.segment.Pos(p.element, p.component)
			}
			if p.field == "" {
				first = p.segment
			}
		}
		if first != nil {
			return first.Pos(0, 0)
		}
	}
	return brevdue.Pos{Path: field}
}

// envelope reads UNB. near is CCYYMMDD of the first letter: the century of UNB is
// the one that brings the two closest (std:xdis91 §2.2).
func (d *dis91Decoder) envelope(s *edifact.Segment, near string) brevdue.Envelope {
	if s == nil {
		return brevdue.Envelope{}
	}
	d.header = s
	e := brevdue.Envelope{
		ID: d.text(s, 5, 1, "UNB 0020", 1, 14), Sender: brevdue.GLN(d.text(s, 2, 1, "UNB 0004", 1, 35)),
		Receiver: brevdue.GLN(d.text(s, 3, 1, "UNB 0010", 1, 35)),
	}
	sent, ok := edifact.Time(s.Value(4, 1), s.Value(4, 2), near)
	if !ok {
		d.say(s, 4, 1, ruleDTime, "UNB")
	}
	e.Sent = brevdue.LocalTime(sent)
	switch s.Value(9, 1) {
	case "1":
		e.WantsReceipt = true
	case "0", "":
	default:
		d.say(s, 9, 1, ruleDAck)
	}
	if s.Value(11, 1) == "1" {
		e.Test = true
		d.say(s, 11, 1, ruleDTest)
	}
	return e
}

// text returns a component and says when it is too long, or missing where least is 1.
func (d *dis91Decoder) text(s *edifact.Segment, element, component int, name string, least, most int) string {
	v := s.Value(element, component)
	if v == "" && least > 0 {
		d.say(s, element, component, ruleDNeeds, name)
	}
	if len(v) > most {
		if n := len([]rune(v)); n > most {
			d.say(s, element, component, ruleDLong, name, n, most)
		}
	}
	return v
}

// letterReader reads one message UNH…UNT.
type letterReader struct {
	*dis91Decoder
	message edifact.Message
	places  []place
	when    string // CCYYMMDD of DTM+137
	group   string
	seen    map[string]bool
	parties [2]int // how many SSP and PO
	party   *brevdue.Party
	text    ftxReader
	texts   []brevdue.Text
	inS14   int // FTX in the current S14
	s14     *edifact.Segment
	subject bool
}

// grammar91 says which segments may stand in which group, and those marked "!"
// must.
var grammar91 = map[string]string{
	"": "UNH! BGM! DTM! UNT", "S01": "S01! NAD! ADR CON SEQ! SPR", "S02": "S02! GIS! RFF! DTM!",
	"S07": "S07! PNA! RFF ADR EMP", "S11": "S11! GIS! RFF! SEQ PAS", "S14": "S14! FTX",
}

func (r *letterReader) letter() brevdue.Letter {
	unh := &r.message[0]
	l := brevdue.Letter{ID: r.textAt("id", unh, 1, 1, "UNH 0062", 1, 14), Version: unh.Value(2, 5)}
	r.places = append(r.places, place{segment: unh})
	if v := unh.Value(3, 1); v != "DIS91" {
		r.say(unh, 3, 1, ruleDType)
	}
	r.seen = make(map[string]bool, 16)
	groups := make(map[string]int, 6)
	for i := range r.message {
		s := &r.message[i]
		if len(s.Tag) == 3 && s.Tag[0] == 'S' && s.Tag[1] >= '0' && s.Tag[1] <= '9' {
			r.enter(s, groups)
		}
		if s.Tag == "UNT" {
			r.enter(s, nil)
		}
		r.segment(s, &l)
	}
	for _, g := range []string{"S01", "S02", "S07", "S11"} {
		if groups[g] == 0 {
			r.say(unh, 0, 0, ruleDMissing, g)
		}
	}
	for i, q := range []string{"SSP", "PO"} {
		if r.parties[i] != 1 && groups["S01"] > 0 {
			r.say(unh, 0, 0, ruleDParty, q)
		}
	}
	r.close(&l)
	return l
}

// enter begins a segment group, or ends the last one when s is UNT.
func (r *letterReader) enter(s *edifact.Segment, groups map[string]int) {
	for _, need := range strings.Fields(grammar91[r.group]) {
		if tag, must := strings.CutSuffix(need, "!"); must && !r.seen[tag] {
			r.say(s, 0, 0, ruleDMissing, strings.TrimPrefix(r.group+"/"+tag, "/"))
		}
	}
	if r.group == "S14" && r.inS14 == 0 {
		r.say(r.s14, 0, 0, ruleDS14)
	}
	clear(r.seen)
	r.endText()
	r.party = nil
	if s.Tag == "UNT" {
		r.group = ""
		for _, tag := range []string{"UNH", "BGM", "DTM"} {
			r.seen[tag] = true // asked for when the first group began
		}
		return
	}
	r.group = s.Tag
	groups[s.Tag]++
	switch s.Tag {
	case "S05":
		r.say(s, 0, 0, ruleDGroup05)
	case "S14":
		r.inS14, r.s14 = 0, s
	case "S02", "S07", "S11":
		if groups[s.Tag] > 1 {
			r.say(s, 0, 0, ruleDTwice, s.Tag)
		}
	default:
		if _, known := grammar91[s.Tag]; !known {
			r.say(s, 0, 0, ruleDGroup, s.Tag)
		}
	}
}

// allowed checks the segment against the grammar of its group.
func (r *letterReader) allowed(s *edifact.Segment) bool {
	segments, known := grammar91[r.group]
	if !known { // an unknown group was reported as a whole
		return false
	}
	for tag := range strings.FieldsSeq(segments) {
		if strings.TrimSuffix(tag, "!") != s.Tag {
			continue
		}
		if r.seen[s.Tag] && s.Tag != "RFF" && s.Tag != "FTX" {
			r.say(s, 0, 0, ruleDTwice, s.Tag)
		}
		r.seen[s.Tag] = true
		return true
	}
	r.say(s, 0, 0, ruleDStray, s.Tag)
	return false
}

func (r *letterReader) textAt(field string, s *edifact.Segment, element, component int, name string, least, most int) string {
	r.places = append(r.places, place{field, s, element, component})
	return r.dis91Decoder.text(s, element, component, name, least, most)
}

func (r *letterReader) segment(s *edifact.Segment, l *brevdue.Letter) {
	if !r.allowed(s) {
		return
	}
	switch r.group + s.Tag {
	case "DTM":
		r.when, l.Authorised = r.time(s, "137")
		r.places = append(r.places, place{"authorised", s, 1, 2})
	case "S01NAD":
		r.nad(s, l)
	case "S01ADR":
		if r.party != nil {
			r.party.Street, r.party.Suburb, r.party.District, r.party.PostCode = r.address(s)
		}
	case "S01CON":
		if r.party == &l.Sender {
			l.Sender.Phone = r.textAt("sender.phone", s, 2, 1, "CON 3412", 0, 25)
		}
	case "S01SPR":
		if r.party == &l.Sender {
			r.specialty(s, l)
		}
	case "S02GIS":
		switch s.Value(1, 1) {
		case "N":
			l.Status = brevdue.NewLetter
		case "M":
			l.Status = brevdue.CorrectedLetter
		default:
			r.say(s, 1, 1, ruleDCode, "S02/GIS")
		}
	case "S02RFF":
		r.letterReference(s, l)
	case "S02DTM":
		if _, at := r.time(s, "182"); at != "" && l.Authorised != "" && at != l.Authorised {
			r.say(s, 1, 2, ruleDTwoTimes)
		}
	case "S07PNA":
		l.Patient.CPR = brevdue.CPR(s.Value(2, 1))
		r.places = append(r.places, place{"patient.cpr", s, 2, 1})
		l.Patient.Surname = r.textAt("patient.surname", s, 5, 2, "PNA 3814", 1, 70)
		l.Patient.Given = r.textAt("patient.given", s, 6, 2, "PNA 3814", 0, 70)
		if l.Patient.CPR != "" && !tenDigits(l.Patient.CPR.Reveal()) {
			r.say(s, 2, 1, ruleDCPR)
		}
	case "S07RFF":
		if id := s.Value(1, 2); id != "" {
			if l.Patient.CPR != "" {
				r.say(s, 1, 2, ruleDBothIDs)
				return
			}
			if len([]rune(id)) > 10 {
				r.say(s, 1, 2, ruleDLong, "RFF+XPI", len([]rune(id)), 10)
			}
			l.Patient.Replacements = []brevdue.ReplacementID{{Value: brevdue.CPR(id)}}
		}
	case "S07ADR":
		l.Patient.Street, l.Patient.Suburb, l.Patient.District, l.Patient.PostCode = r.address(s)
	case "S07EMP":
		l.Patient.Occupancy = r.textAt("patient.occupancy", s, 3, 4, "EMP 9009", 0, 35)
	case "S11RFF":
		if s.Value(1, 1) == "REI" {
			l.EpisodeOfCare = r.textAt("episode_of_care", s, 1, 2, "RFF+REI", 1, 35)
		}
	case "S11PAS":
		if word, ok := toXML(episodeCodes, s.Value(1, 1)); ok {
			l.Patient.Episode = brevdue.EpisodeStatus(word)
		} else {
			r.say(s, 1, 1, ruleDCode, "S11/PAS")
		}
	case "S14FTX":
		r.inS14++
		r.ftx(s, l)
	}
}

// time reads DTM with the wanted qualifier: CCYYMMDD and the whole wall-clock time.
func (r *letterReader) time(s *edifact.Segment, qualifier string) (day string, at brevdue.LocalTime) {
	v := s.Value(1, 2)
	if s.Value(1, 1) != qualifier || s.Value(1, 3) != "203" || len(v) != 12 {
		r.say(s, 1, 2, ruleDTime, "DTM+"+qualifier)
		return "", ""
	}
	t, ok := edifact.Time(v[:8], v[8:], "")
	if !ok {
		r.say(s, 1, 2, ruleDTime, "DTM+"+qualifier)
		return "", ""
	}
	return v[:8], brevdue.LocalTime(t)
}

func (r *letterReader) nad(s *edifact.Segment, l *brevdue.Letter) {
	name := ""
	switch s.Value(1, 1) {
	case "SSP":
		r.party, name = &l.Sender, "sender"
		r.parties[0]++
	case "PO":
		r.party, name = &l.Receiver, "receiver"
		r.parties[1]++
	default:
		r.say(s, 1, 1, ruleDCode, "S01/NAD")
		return
	}
	p := r.party
	p.ID = r.textAt(name+".id", s, 2, 1, "NAD 3039", 1, 17)
	p.IDCode = brevdue.IDLocation
	known := s.Value(2, 2) == "" && s.Value(2, 3) == "9"
	for _, c := range idCodes {
		if c.list != "" && c.list == s.Value(2, 2) {
			p.IDCode, known = brevdue.IDCode(c.xml), true
		}
	}
	if !known {
		r.say(s, 2, 2, ruleDIDCode)
	}
	p.Organisation = r.textAt(name+".organisation", s, 4, 1, "NAD 3036", 0, 35)
	p.Department = r.textAt(name+".department", s, 4, 2, "NAD 3036", 0, 35)
	p.Unit = r.textAt(name+".unit", s, 4, 3, "NAD 3036", 0, 35)
	if p.Organisation == "_" {
		p.Organisation = "" // what writers put where there is no name (std:xdis91 §3)
	}
}

func (r *letterReader) address(s *edifact.Segment) (street, suburb, district, postCode string) {
	return r.dis91Decoder.text(s, 2, 2, "ADR 3042", 0, 35), r.dis91Decoder.text(s, 2, 3, "ADR 3042", 0, 35),
		r.dis91Decoder.text(s, 3, 1, "ADR 3164", 0, 35), r.dis91Decoder.text(s, 4, 1, "ADR 3251", 0, 9)
}

func (r *letterReader) specialty(s *edifact.Segment, l *brevdue.Letter) {
	number := strings.TrimLeft(s.Value(2, 1), "0")
	word, ok := toXML(specialtyCodes91, number)
	if !ok && number != "" {
		r.say(s, 2, 1, ruleDCode, "SPR")
	}
	l.Sender.Specialty = word
	r.places = append(r.places, place{"sender.specialty", s, 2, 1})
	if t := s.Value(3, 1); t != "" && t != "DIS91" {
		r.say(s, 3, 1, ruleDType)
	}
}

func (r *letterReader) letterReference(s *edifact.Segment, l *brevdue.Letter) {
	switch s.Value(1, 1) {
	case "SRI":
		if s.Value(1, 2) != l.ID {
			r.say(s, 1, 2, ruleDSRI)
		}
	case "HI":
		l.Priority = brevdue.HighPriority
	case "NO":
		l.Priority = brevdue.RoutinePriority
	default:
		r.say(s, 1, 1, ruleDCode, "S02/RFF")
	}
}

// close is what can only be said when the whole letter was read.
func (r *letterReader) close(l *brevdue.Letter) {
	r.endText()
	last := &r.message[len(r.message)-1]
	if l.Patient.CPR == "" && len(l.Patient.Replacements) == 0 {
		at := last
		for i := range r.message {
			if r.message[i].Tag == "PNA" {
				at = &r.message[i]
			}
		}
		r.say(at, 0, 0, ruleDNoID)
	}
	if l.Patient.Episode == "" {
		l.Patient.Episode = brevdue.EpisodeInactive
		hasPAS := false
		for i := range r.message {
			hasPAS = hasPAS || r.message[i].Tag == "PAS"
		}
		if !hasPAS {
			r.say(last, 0, 0, ruleDNoPAS)
		}
	}
	if l.Status == "" {
		l.Status = brevdue.NewLetter
	}
	if len(r.texts) > 0 {
		l.Segments = []brevdue.Segment{{Texts: r.texts}}
	}
}

func (r *letterReader) endText() {
	if t, any := r.text.end(); any {
		r.texts = append(r.texts, t)
	}
}

// ftx reads one FTX: the subject, a reference, or text.
func (r *letterReader) ftx(s *edifact.Segment, l *brevdue.Letter) {
	switch q := s.Value(1, 1); q {
	case "OE":
		subject := joined(s, 1)
		if r.subject {
			r.say(s, 1, 1, ruleDSubject)
			r.text.line("", subject)
			return
		}
		r.subject = true
		l.Subject = subject
		r.places = append(r.places, place{"subject", s, 4, 1})
		if n := len([]rune(subject)); n > 70 {
			r.say(s, 4, 1, ruleDLong, "FTX+OE", n, 70)
		}
	case "BIN", "SUP", "URL":
		l.Attachments = append(l.Attachments, r.attachment(s, q))
	case "NC":
		if !r.text.add(s) {
			r.say(s, 2, 1, ruleDFormat)
		}
	default:
		r.say(s, 1, 1, ruleDCode, "S14/FTX")
		r.text.add(s)
	}
}

// joined puts components together that continue with a backslash, from the
// given one on.
func joined(s *edifact.Segment, from int) string {
	var b strings.Builder
	for c := from; c <= s.Components(4); c++ {
		v, more := strings.CutSuffix(s.Value(4, c), `\`)
		b.WriteString(v)
		if !more {
			break
		}
	}
	return b.String()
}

func (r *letterReader) attachment(s *edifact.Segment, qualifier string) brevdue.Attachment {
	a := brevdue.Attachment{Description: r.dis91Decoder.text(s, 4, 1, "FTX+"+qualifier, 1, 70)}
	switch qualifier {
	case "SUP":
		a.Kind = brevdue.SupplementAttachment
	case "URL":
		a.Kind = brevdue.LinkAttachment
		if a.URL = joined(s, 2); a.URL == "" {
			r.say(s, 4, 2, ruleDNeeds, "FTX+URL")
		}
	case "BIN":
		a.Kind = brevdue.BinaryAttachment
		a.ObjectID = r.dis91Decoder.text(s, 4, 2, "FTX+BIN", 1, 35)
		var known bool
		if a.ObjectCode, known = toXML(objectCodes, s.Value(4, 3)); !known {
			r.say(s, 4, 3, ruleDCode, "FTX+BIN")
		}
		if a.Extension, known = toXML(extensionCodes, s.Value(4, 4)); !known {
			r.say(s, 4, 4, ruleDCode, "FTX+BIN")
		}
		size, err := strconv.ParseInt(s.Value(4, 5), 10, 64)
		if err != nil || size <= 0 {
			r.say(s, 4, 5, ruleDNeeds, "FTX+BIN")
		}
		a.Size = max(size, 0)
	}
	return a
}
