package medcom

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

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
	{tag: "S11", round: true, slots: []slot{{tag: "UNO", need: required, many: true}, {tag: "UNP", need: required, many: true}}},
}}

// systemMail marks, in place of a replacement number, mail about no citizen.
const systemMail = "SYSTEMPOST"

// binaryVersions are the versions that are read; the first is written.
var binaryVersions = []string{"B0131X", "B0130X"}

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
		if !unh.Is(2, 1, "MEDBIN") || !slices.Contains(binaryVersions, unh.Value(2, 5)) {
			d.Say(unh, 2, 1, ruleDMessage, clean([]byte(unh.Value(2, 1)+"-"+unh.Value(2, 5))))
			continue
		}
		r := letterReader{dis91Decoder: &d, kind: &binary91, message: msg}
		l := r.read()
		b := BinaryLetter{ID: l.ID, Version: l.Version, Authorised: l.Authorised, Sender: l.Sender, Receiver: l.Receiver, Patient: l.Patient,
			Objects: r.objects, Pos: unh.Pos(0, 0)}
		b.readSystemMail()
		if n := len(b.Objects); n > mostObjects {
			d.Say(unh, 0, 0, ruleBObjects, n, mostObjects)
		}
		m.Letters = append(m.Letters, b)
		near = cmp.Or(near, r.when)
	}
	header, before := ic.Header(), d.Findings
	m.Envelope = d.envelope(header, near)
	if header != nil && !header.Closed() {
		d.Findings = before
	}
	for i := range m.Letters {
		l := &m.Letters[i]
		l.Sender.GLN, l.Receiver.GLN = m.Envelope.Sender, m.Envelope.Receiver
		m.Version = cmp.Or(m.Version, l.Version)
	}
	return m, d.List()
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
		r.objects = append(r.objects, r.object(s))
		if n := len(r.objects); !s.Is(1, 1, strconv.Itoa(n)) {
			r.Say(s, 1, 1, ruleBNumber, n)
		}
	case "UNP":
		n := len(r.objects)
		if n == 0 {
			r.Say(s, 0, 0, ruleDStray, "UNP")
			return
		}
		if o := &r.objects[n-1]; !s.Is(1, 1, strconv.Itoa(len(o.Data))) || !s.Is(2, 1, strconv.Itoa(n)) {
			r.Say(s, 1, 1, ruleBUNP)
		}
	}
}

func (r *letterReader) object(s *edifact.Segment) Object {
	o := Object{Data: s.Data(), Pos: s.Pos(0, 0)}
	if r.closed && len(o.Data) == 0 {
		r.Say(s, 4, 1, ruleBEmpty)
	}
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
	o.Size, _ = strconv.ParseInt(s.Value(4, 1), 10, 64) // the reader has judged it
	r.constant(s, 4, 2, "14")
	r.constant(s, 4, 3, "1")
	r.constant(s, 4, 4, "A")
	return o
}

// encodeBIN01 writes one interchange without line feeds: a reader counts bytes.
func encodeBIN01(m BinaryMessage) ([]byte, []brevdue.Finding) {
	size := 2048
	for i := range m.Letters {
		for j := range m.Letters[i].Objects {
			size += len(m.Letters[i].Objects[j].Data) + 256
		}
	}
	if len(m.Letters) == 0 {
		return nil, []brevdue.Finding{ruleDWNone.At(brevdue.Pos{})}
	}
	w := dis91Writer{Writer: edifact.NewWriter(size)}
	w.OneLine()
	e := &m.Envelope
	sender, receiver := cmp.Or(e.Sender, m.Letters[0].Sender.GLN), cmp.Or(e.Receiver, m.Letters[0].Receiver.GLN)
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
	for i := range m.Letters {
		l := &m.Letters[i]
		if cmp.Or(l.Sender.GLN, sender) != sender || cmp.Or(l.Receiver.GLN, receiver) != receiver {
			w.say("letters", ruleDWParties)
		}
		w.binary(l)
	}
	out := w.End()
	w.replacements()
	if brevdue.HasErrors(w.findings) {
		return nil, w.findings
	}
	return out, w.findings
}

func (w *dis91Writer) binary(l *BinaryLetter) {
	w.Message(w.value("id", l.ID, 1, 14), edifact.E("MEDBIN", "D", "93A", "UN", binaryVersions[0]), edifact.E("BIN01"))
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
		w.Segment("PNA", edifact.E("PAT"), nil, nil, nil, edifact.E("SU", "Data"), edifact.E("FO", w.value("contents", l.Contents, 0, 70)))
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
	id := o.ObjectID
	if key := ObjectKey(id); isUUID(key) {
		id = key
		if strings.ToUpper(o.ObjectID) == o.ObjectID {
			id = strings.ToUpper(key)
		}
	}
	switch {
	case !ok1:
		w.say("objects.object_code", ruleBCode)
	case !ok2:
		w.say("objects.extension", ruleBExtension)
	case len(o.Data) == 0:
		w.say("objects.data", ruleBEmpty)
	case id == "" || runeCount(id) > 35:
		w.say("objects.object_id", ruleBWrite, "objects.object_id")
	}
	size, number := strconv.Itoa(len(o.Data)), strconv.Itoa(n)
	w.Segment("UNO", edifact.E(number), edifact.E("AID", id), edifact.E("OBJ", code, extension, "91"), edifact.E(size, "14", "1", "A"))
	w.Raw(o.Data)
	w.Segment("UNP", edifact.E(size), edifact.E(number))
}
