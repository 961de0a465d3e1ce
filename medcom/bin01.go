package medcom

import (
	"cmp"
	"slices"
	"strconv"

	"brevdue"
	"brevdue/edifact"
)

// binary91 is the attachment message of std:xdis91 §6.3: the letter's groups, and
// in S11 the files.
var binary91 = message91{code: "BIN01", document: "OBJ", least: 4, groups: []group91{
	letter91.groups[0],
	letter91.groups[1],
	{tag: "S02", slots: []slot{{tag: "GIS", need: required}, {tag: "RFF", need: required}, {tag: "DTM", need: expected}}},
	{tag: "S07", slots: []slot{{tag: "PNA", need: required}, {tag: "RFF"}}},
	{tag: "S11", round: true, slots: []slot{{tag: "UNO", need: required, many: true}, {tag: "UNP", many: true}}},
}}

// System mail is about no citizen: it has systemMail for a replacement number and
// systemName for a surname.
const (
	systemMail = "SYSTEMPOST"
	systemName = "Data"
)

// decodeBIN01 reads an interchange with attachment messages. Files are parts of
// data.
func decodeBIN01(data []byte) (BinaryMessage, []brevdue.Finding) {
	ic, findings := edifact.Read(data)
	m := BinaryMessage{Format: brevdue.EDIFACT, Kind: brevdue.BIN01}
	d := dis91Decoder{Findings: edifact.Collect(findings), whole: ic.Whole}
	near := ""
	for _, msg := range ic.Messages() {
		unh := &msg[0]
		if !unh.Closed() {
			continue // the file was cut here
		}
		if !unh.Is(2, 1, "MEDBIN") {
			d.Say(unh, 2, 1, ruleDMessage, clean([]byte(unh.Value(2, 1)+"-"+unh.Value(2, 5))))
			continue
		}
		if !unh.Is(2, 5, newBinary) && !unh.Is(2, 5, oldBinary) {
			d.Say(unh, 2, 5, ruleBVersion, newBinary+" / "+oldBinary)
		}
		r := letterReader{dis91Decoder: &d, kind: &binary91, message: msg}
		m.Letters = append(m.Letters, r.readBinary())
		d.places = append(d.places, r.places)
		near = cmp.Or(near, r.when)
	}
	m.Envelope = d.envelope(ic.Header(), near)
	for i := range m.Letters {
		l := &m.Letters[i]
		l.Sender.GLN, l.Receiver.GLN = m.Envelope.Sender, m.Envelope.Receiver
		m.Version = cmp.Or(m.Version, l.Version)
	}
	return m, append(d.List(), m.check(d.locate)...)
}

// readBinary reads one message UNH…UNT.
func (r *letterReader) readBinary() BinaryLetter {
	l := r.read()
	unh, last := &r.message[0], &r.message[len(r.message)-1]
	b := BinaryLetter{ID: l.ID, Version: l.Version, Authorised: l.Authorised, Sender: l.Sender, Receiver: l.Receiver, Patient: l.Patient,
		Objects: r.objects, Pos: unh.Pos(0, 0)}
	if r.closed && r.openObject {
		r.Say(last, 0, 0, ruleDMissing, "S11/UNP")
	}
	if n := len(b.Objects); n > mostObjects {
		r.Say(unh, 0, 0, ruleBObjects, n, mostObjects)
	}
	if b.readSystemMail(); b.System && l.Patient.Surname != systemName {
		for _, p := range r.places {
			if p.field == "patient.surname" {
				r.Say(p.segment, p.element, p.component, ruleBSystem)
			}
		}
	}
	return b
}

// readSystemMail takes the marks of system mail for what they mean.
func (l *BinaryLetter) readSystemMail() {
	p := &l.Patient
	if p.CPR != "" || len(p.Replacements) != 1 || p.Replacements[0].Value.Reveal() != systemMail {
		return
	}
	l.System, l.Contents, l.Patient = true, p.Given, brevdue.Patient{}
}

// objectSegment reads UNO with its raw bytes, and UNP.
func (r *letterReader) objectSegment(s *edifact.Segment) {
	switch s.Tag {
	case "UNO":
		if r.openObject {
			r.Say(s, 0, 0, ruleDMissing, "S11/UNP")
		}
		r.objects, r.openObject = append(r.objects, r.object(s)), true
		if n := len(r.objects); !number(s, 1, n) {
			r.Say(s, 1, 1, ruleBNumber, n)
		}
	case "UNP":
		if !r.openObject {
			r.Say(s, 0, 0, ruleDStray, "UNP")
			return
		}
		r.openObject = false
		o := &r.objects[len(r.objects)-1]
		if n := len(o.Data); int64(n) == o.Size && !number(s, 1, n) { // else UNO is wrong, and that was said
			r.Say(s, 1, 1, ruleBUNPSize, n)
		}
		if !s.Is(2, 1, r.number) && !number(s, 2, len(r.objects)) {
			r.Say(s, 2, 1, ruleBUNPNumber)
		}
	}
}

// number tells whether an element is a number, which may have leading zeros.
func number(s *edifact.Segment, element, want int) bool {
	n, err := strconv.ParseUint(s.Value(element, 1), 10, 63)
	return err == nil && n == uint64(want)
}

func (r *letterReader) object(s *edifact.Segment) Object {
	o := Object{Data: s.Data(), Pos: s.Pos(0, 0)}
	r.number = s.Value(1, 1)
	o.ObjectID = s.Value(2, 2)
	if !s.Is(2, 1, "AID") || o.ObjectID == "" || runeCount(o.ObjectID) > 35 {
		r.Say(s, 2, 1, ruleBAID)
	}
	r.constant(s, 3, 1, "OBJ")
	var known bool
	if o.Code, known = toXML(objectCodes, s.Value(3, 2)); !known {
		r.Say(s, 3, 2, ruleBCode)
	}
	if o.Extension, known = toXML(slices.Concat(extensionCodes, binaryExtensionCodes), s.Value(3, 3)); !known {
		r.Say(s, 3, 3, ruleBExtension)
	}
	r.constant(s, 3, 4, "91")
	if size, err := strconv.ParseUint(s.Value(4, 1), 10, 63); err == nil { // else edifact has said so
		o.Size = int64(size)
		if size == 0 && len(o.Data) == 0 {
			r.Say(s, 4, 1, ruleBEmpty)
		}
	}
	r.constant(s, 4, 2, "14")
	r.constant(s, 4, 3, "1")
	r.constant(s, 4, 4, "A")
	return o
}

// sizeBIN01 is how many bytes the message will have at most.
func (m *BinaryMessage) sizeBIN01() int {
	size := 1024
	for i := range m.Letters {
		size += 2048
		for j := range m.Letters[i].Objects {
			size += len(m.Letters[i].Objects[j].Data) + 256
		}
	}
	return size
}

// encodeBIN01 writes one interchange without line feeds: a reader counts bytes.
func encodeBIN01(m BinaryMessage, old bool) ([]byte, []brevdue.Finding) {
	w := dis91Writer{Writer: edifact.NewWriter(m.sizeBIN01())}
	w.OneLine()
	e := &m.Envelope
	sender, receiver := cmp.Or(e.Sender, m.Letters[0].Sender.GLN), cmp.Or(e.Receiver, m.Letters[0].Receiver.GLN)
	w.envelope(e, sender, receiver)
	for i := range m.Letters {
		l := &m.Letters[i]
		if cmp.Or(l.Sender.GLN, sender) != sender || cmp.Or(l.Receiver.GLN, receiver) != receiver {
			w.say("letters", ruleDWParties)
		}
		w.binary(l, old)
	}
	out := w.End()
	w.replacements()
	if brevdue.HasErrors(w.findings) {
		return nil, w.findings
	}
	return out, w.findings
}

func (w *dis91Writer) binary(l *BinaryLetter, old bool) {
	w.Message(w.value("id", l.ID, 1, 14), edifact.E("MEDBIN", "D", "93A", "UN", binaryVersion("", old)), edifact.E("BIN01"))
	w.Segment("BGM", edifact.E("OBJ"), nil, edifact.E("9"), edifact.E("NA"))
	date, clock := w.dateTime("authorised", l.Authorised)
	w.Segment("DTM", edifact.E("137", date+clock, "203"))
	sender, receiver := l.Sender, l.Receiver
	for _, p := range []*brevdue.Party{&sender, &receiver} {
		if p.Department == "" && p.Unit != "" {
			p.Department = "_" // what writers put there (std:xdis91 §6.3)
		}
	}
	w.sender(&sender, "BIN01")
	w.receiver(&receiver)
	w.Segment("S02", edifact.E("02"))
	w.Segment("GIS", edifact.E("N"))
	w.Segment("RFF", edifact.E("SRI", l.ID))
	w.Segment("DTM", edifact.E("182", date+clock, "203"))
	if l.System {
		w.Segment("S07", edifact.E("07"))
		w.Segment("PNA", edifact.E("PAT"), nil, nil, nil, edifact.E("SU", systemName), edifact.E("FO", w.value("contents", l.Contents, 0, 70)))
		w.Segment("RFF", edifact.E("XPI", systemMail))
	} else {
		w.patient(&brevdue.Patient{CPR: l.Patient.CPR, Replacements: l.Patient.Replacements, Surname: l.Patient.Surname, Given: l.Patient.Given})
	}
	w.Segment("S11", edifact.E("11"))
	if n := len(l.Objects); n < 1 || n > mostObjects {
		w.say("objects", ruleBObjects, n, mostObjects)
	}
	for i := range l.Objects {
		w.object(&l.Objects[i], i+1)
	}
	w.EndMessage()
}

func (w *dis91Writer) object(o *Object, n int) {
	code, ok1 := toEDI(objectCodes, o.Code)
	extension, ok2 := toEDI(slices.Concat(extensionCodes, binaryExtensionCodes), o.Extension)
	id := plainID(o.ObjectID)
	if !ok1 {
		w.say("objects.object_code", ruleBCode)
	}
	if !ok2 {
		w.say("objects.extension", ruleBExtension)
	}
	if len(o.Data) == 0 {
		w.say("objects.data", ruleBEmpty)
	}
	id = w.value("objects.object_id", id, 1, 35)
	size, number := strconv.Itoa(len(o.Data)), strconv.Itoa(n)
	w.Segment("UNO", edifact.E(number), edifact.E("AID", id), edifact.E("OBJ", code, extension, "91"), edifact.E(size, "14", "1", "A"))
	w.Raw(o.Data)
	w.Segment("UNP", edifact.E(size), edifact.E(number))
}
