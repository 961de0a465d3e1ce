package medcom

import (
	"cmp"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/charset"
	"brevdue/edifact"
)

// maxURL is what the four components after the description hold with the
// backslashes that join them.
const maxURL = 3*lineLength + 70

// encodeDIS91 writes the message as an EDIFACT interchange. Whatever the format
// cannot hold is an error and gives no bytes; nothing is cut off.
func encodeDIS91(m Message) ([]byte, []brevdue.Finding) {
	if len(m.Letters) == 0 {
		return nil, []brevdue.Finding{ruleDWNone.At(brevdue.Pos{})}
	}
	w := dis91Writer{Writer: edifact.NewWriter(2048)}
	e := &m.Envelope
	sender, receiver := cmp.Or(e.Sender, m.Letters[0].Sender.GLN), cmp.Or(e.Receiver, m.Letters[0].Receiver.GLN)
	for i := range m.Letters {
		if l := &m.Letters[i]; cmp.Or(l.Sender.GLN, sender) != sender || cmp.Or(l.Receiver.GLN, receiver) != receiver {
			w.say("letters", ruleDWParties) // nobody gets a letter that is meant for another
			break
		}
	}
	w.envelope(e, sender, receiver)
	for i := range m.Letters {
		w.letter(&m.Letters[i])
	}
	out := w.End()
	w.replacements()
	if brevdue.HasErrors(w.findings) {
		return nil, w.findings
	}
	return out, w.findings
}

type dis91Writer struct {
	*edifact.Writer
	findings []brevdue.Finding
}

// envelope begins the interchange with its UNB.
func (w *dis91Writer) envelope(e *brevdue.Envelope, sender, receiver brevdue.GLN) {
	ack := "0"
	if e.WantsReceipt {
		ack = "1"
	}
	test := ""
	if e.Test {
		test = "1"
	}
	date, clock := w.dateTime("envelope.sent", e.Sent)
	w.Interchange(w.value("envelope.id", e.ID, 1, 14), edifact.E("UNOC", "3"),
		edifact.E(w.value("envelope.sender", string(sender), 1, 35), "14"), edifact.E(w.value("envelope.receiver", string(receiver), 1, 35), "14"),
		edifact.E(last(date, 6), clock), edifact.E(e.ID), nil, nil, nil, edifact.E(ack), nil, edifact.E(test))
}

func (w *dis91Writer) say(field string, r brevdue.Rule, args ...any) {
	w.findings = append(w.findings, r.At(brevdue.Pos{Path: field}, args...))
}

// replacements reports each kind of replaced character once.
func (w *dis91Writer) replacements() {
	seen := map[rune]bool{}
	for _, r := range w.Replaced {
		if !seen[r.Rune] {
			seen[r.Rune] = true
			w.findings = append(w.findings, ruleDReplaced.At(brevdue.Pos{Path: r.Tag}, string(r.Rune), r.With))
		}
	}
}

// value checks the length of a field and returns it. Lengths count what is
// written, after replacement.
func (w *dis91Writer) value(field, v string, least, most int) string {
	if v == "" {
		if least > 0 {
			w.say(field, ruleDWNeeds, field)
		}
		return v
	}
	if len(v) > most {
		b, _ := charset.Latin1(v)
		if len(b) > most {
			w.say(field, ruleDWLong, field, len(b), most)
		}
	}
	return v
}

// dateTime returns CCYYMMDD and HHMM.
func (w *dis91Writer) dateTime(field string, t brevdue.LocalTime) (date, clock string) {
	s := string(t)
	if len(s) == 16 {
		date, clock = s[:4]+s[5:7]+s[8:10], s[11:13]+s[14:]
		if again, ok := edifact.Time(date, clock, ""); ok && again == s {
			return date, clock
		}
	}
	r := ruleDWCode
	if s == "" {
		r = ruleDWNeeds
	}
	w.say(field, r, field)
	return "", ""
}

func last(s string, n int) string { return s[max(0, len(s)-n):] }

func (w *dis91Writer) letter(l *brevdue.Letter) {
	w.Message(w.value("id", l.ID, 1, 14), edifact.E("MEDDIS", "D", "93A", "UN", "D9134L"), edifact.E("DIS91"))
	w.Segment("BGM", edifact.E("EPI"), nil, edifact.E("9"), edifact.E("NA"))
	date, clock := w.dateTime("authorised", l.Authorised)
	at := date + clock
	w.Segment("DTM", edifact.E("137", at, "203"))
	w.sender(&l.Sender, "DIS91")
	w.receiver(&l.Receiver)
	w.Segment("S02", edifact.E("02"))
	status := "N"
	switch l.Status {
	case brevdue.NewLetter, "":
	case brevdue.CorrectedLetter:
		status = "M"
	default:
		w.say("status", ruleDWCode, "status")
	}
	w.Segment("GIS", edifact.E(status))
	w.Segment("RFF", edifact.E("SRI", l.ID))
	switch l.Priority {
	case brevdue.HighPriority:
		w.Segment("RFF", edifact.E("HI", "NC"))
	case brevdue.RoutinePriority:
		w.Segment("RFF", edifact.E("NO", "NC"))
	case "":
	default:
		w.say("priority", ruleDWCode, "priority")
	}
	w.Segment("DTM", edifact.E("182", at, "203"))
	w.patient(&l.Patient)
	w.Segment("S11", edifact.E("11"))
	w.Segment("GIS", edifact.E("N"))
	if l.EpisodeOfCare != "" {
		w.Segment("RFF", edifact.E("REI", w.value("episode_of_care", l.EpisodeOfCare, 1, 35)))
	} else {
		w.Segment("RFF", edifact.E("AHI", "1"))
	}
	w.Segment("SEQ", nil, edifact.E("1"))
	episode := "POT"
	if l.Patient.Episode != "" {
		var ok bool
		if episode, ok = toEDI(episodeCodes, string(l.Patient.Episode)); !ok {
			w.say("patient.episode", ruleDWCode, "patient.episode")
		}
	}
	w.Segment("PAS", edifact.E(episode))
	w.texts(l)
	w.attachments(l.Attachments)
	w.EndMessage()
}

func (w *dis91Writer) nad(field, qualifier string, p *brevdue.Party) {
	list, agency, ok := "", "", false
	for _, c := range idCodes {
		if c.xml == string(p.IDCode) {
			list, agency, ok = c.list, c.agency, true
			break
		}
	}
	if !ok {
		w.say(field+".id_code", ruleDWCode, field+".id_code")
	}
	organisation := p.Organisation
	if organisation == "" {
		organisation = "_"
	}
	w.Segment("S01", edifact.E("01"))
	w.Segment("NAD", edifact.E(qualifier), edifact.E(w.value(field+".id", p.ID, 1, 17), list, agency), nil,
		edifact.E(w.value(field+".organisation", organisation, 1, 35), w.value(field+".department", p.Department, 0, 35),
			w.value(field+".unit", p.Unit, 0, 35), "", "", "US"))
	w.address(field, p.Street, p.Suburb, p.District, p.PostCode)
}

func (w *dis91Writer) sender(p *brevdue.Party, code string) {
	w.nad("sender", "SSP", p)
	if p.Phone != "" {
		w.Segment("CON", nil, edifact.E(w.value("sender.phone", p.Phone, 1, 25), "TE"))
	}
	w.Segment("SEQ", nil, edifact.E("1"))
	number := noSpecialty
	if p.Specialty != "" {
		var ok bool
		if number, ok = toEDI(specialtyCodes91, strings.TrimSpace(p.Specialty)); !ok {
			number = noSpecialty
			w.say("sender.specialty", ruleDWSpecialty)
		}
	}
	w.Segment("SPR", edifact.E("ORG"), edifact.E(number, "SKS", "SST"), edifact.E(code, "SKS", "SST"))
}

func (w *dis91Writer) receiver(p *brevdue.Party) {
	w.nad("receiver", "PO", p)
	w.Segment("SEQ", nil, edifact.E("2"))
}

func (w *dis91Writer) address(field, street, suburb, district, postCode string) {
	if street == "" && suburb == "" && district == "" && postCode == "" {
		return
	}
	w.Segment("ADR", nil, edifact.E("US", w.value(field+".street", street, 0, 35), w.value(field+".suburb", suburb, 0, 35)),
		edifact.E(w.value(field+".district", district, 0, 35)), edifact.E(w.value(field+".post_code", postCode, 0, 9)))
}

func (w *dis91Writer) patient(p *brevdue.Patient) {
	var id edifact.Element
	switch {
	case p.CPR != "":
		if !tenDigits(p.CPR.Reveal()) {
			w.say("patient.cpr", ruleDWCode, "patient.cpr")
		}
		id = edifact.E(p.CPR.Reveal(), "", "", "CPR", "IM")
	case len(p.Replacements) == 0:
		w.say("patient.cpr", ruleDWNeeds, "patient.cpr")
	}
	w.Segment("S07", edifact.E("07"))
	var given edifact.Element
	if p.Given != "" {
		given = edifact.E("FO", w.value("patient.given", p.Given, 0, 70))
	}
	w.Segment("PNA", edifact.E("PAT"), id, nil, nil, edifact.E("SU", w.value("patient.surname", p.Surname, 1, 70)), given)
	if p.CPR == "" && len(p.Replacements) > 0 {
		number := p.Replacements[0].Value.Reveal()
		if runeCount(number) != 10 {
			w.say("patient.replacements", ruleDWCode, "patient.replacements")
		}
		w.Segment("RFF", edifact.E("XPI", number))
	}
	w.address("patient", p.Street, p.Suburb, p.District, p.PostCode)
	if p.Occupancy != "" {
		w.Segment("EMP", edifact.E("1"), nil, edifact.E("", "", "", w.value("patient.occupancy", p.Occupancy, 0, 35)))
	}
}

// texts writes the subject and all text in as many S14 as it needs.
func (w *dis91Writer) texts(l *brevdue.Letter) {
	f := newFTXWriter(l.Subject != "")
	parts := 0
	for _, s := range l.Segments {
		for _, t := range s.Texts {
			if len(t.Lines) > 0 {
				parts++
			}
			f.text(w.latin(t))
		}
	}
	if f.restyled {
		w.say("segments", ruleDWStyle)
	}
	if f.split {
		w.say("segments", ruleDSplit)
	}
	if len(f.groups) > groupsOfText {
		w.say("segments", ruleDWText, len(f.groups), groupsOfText)
		return
	}
	for _, group := range f.groups {
		if len(group) > 0 {
			parts--
		}
	}
	if parts < 0 {
		w.say("segments", ruleDWParts)
	}
	for i, group := range f.groups {
		w.Segment("S14", edifact.E("14"))
		if i == 0 && l.Subject != "" {
			w.Segment("FTX", edifact.E("OE"), edifact.E("P00"), nil, edifact.E(w.whole("subject", l.Subject)))
		}
		for _, s := range group {
			w.Segment("FTX", edifact.E("NC"), edifact.E(s.code), nil, s.parts)
		}
	}
}

// whole returns a text of at most 70 characters that stands in one component. A
// backslash at its end would read as "goes on", so a space follows it.
func (w *dis91Writer) whole(field, v string) string {
	if strings.HasSuffix(v, `\`) {
		v += " "
	}
	return w.value(field, v, 1, 70)
}

// latin replaces what ISO-8859-1 cannot hold before lines are cut, because a
// replacement may be longer than what it replaces.
func (w *dis91Writer) latin(t brevdue.Text) brevdue.Text {
	t, replaced := latinText(t)
	for _, r := range replaced {
		w.Replaced = append(w.Replaced, edifact.Replaced{Replacement: r, Tag: "segments"})
	}
	return t
}

// attachments writes all references, nine to an S14 (std:xdis91 §2.6).
func (w *dis91Writer) attachments(as []brevdue.Attachment) {
	if len(as) > mostAttachments {
		w.say("attachments", ruleDWMany, len(as), mostAttachments)
		return
	}
	for i := range as {
		if i%groupSegments == 0 {
			w.Segment("S14", edifact.E("14"))
		}
		w.attachment(&as[i])
	}
}

func (w *dis91Writer) attachment(a *brevdue.Attachment) {
	parts := edifact.E(w.whole("attachments.description", a.Description))
	qualifier := ""
	switch a.Kind {
	case brevdue.SupplementAttachment:
		qualifier = "SUP"
	case brevdue.BinaryAttachment:
		qualifier = "BIN"
		code, ok1 := toEDI(objectCodes, a.ObjectCode)
		extension, ok2 := toEDI(extensionCodes, a.Extension)
		if !ok1 {
			w.say("attachments.object_code", ruleDWCode, "attachments.object_code")
		}
		if !ok2 {
			w.say("attachments.extension", ruleDWCode, "attachments.extension")
		}
		if a.Size <= 0 {
			w.say("attachments.size", ruleDWCode, "attachments.size")
		}
		parts = append(parts, w.value("attachments.object_id", a.ObjectID, 1, 35), code, extension, strconv.FormatInt(a.Size, 10))
	case brevdue.LinkAttachment:
		qualifier = "URL"
		parts = append(parts, w.url(a.URL)...)
	default:
		w.say("attachments.kind", ruleDWCode, "attachments.kind")
	}
	w.Segment("FTX", edifact.E(qualifier), edifact.E("P00"), nil, parts)
}

// url cuts a link into at most four components. It is never changed and never
// spills into a second FTX, which would read as a second, broken reference.
func (w *dis91Writer) url(url string) (parts []string) {
	const field = "attachments.url"
	switch n := runeCount(url); {
	case n == 0:
		w.say(field, ruleDWNeeds, field)
		return nil
	case n > maxURL:
		w.say(field, ruleDWURL, n, maxURL)
		return nil
	case !charset.Fits(url) || strings.HasSuffix(url, `\`):
		w.say(field, ruleDWCode, field)
		return nil
	}
	for byteIndex(url, lineLength+1) < len(url) {
		at := byteIndex(url, lineLength)
		parts = append(parts, url[:at]+`\`)
		url = url[at:]
	}
	return append(parts, url)
}
