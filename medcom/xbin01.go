package medcom

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/oioxml"
)

// xbin2012 and xbin2005 are the two Emessages of std:xdis91 §6.2. VersionCode and
// TypeCode are looked at by the decoder, which has better words.
var (
	xbin2012 = xbin01(false)
	xbin2005 = xbin01(true)
)

func xbin01(old bool) grammar {
	sender := join(identity(1), address(), []grammar{
		may("TelephoneSubscriberIdentifier", chars(25)),
		may("MedicalSpecialityCode", oneOf(specialtyCodes()...)),
	})
	id, extensions := form(oioxml.UUID), slices.Concat(extensionWords, words(binaryExtensionCodes))
	if old {
		for i := range sender {
			switch sender[i].Name {
			case "StreetName", "DistrictName", "PostCodeIdentifier", "MedicalSpecialityCode":
				sender[i].Min = 1
			}
		}
		id, extensions = chars(35), slices.Concat(extensionWords, []string{"plo"})
	}
	patient := up("Patient", 1, 1,
		grammar{Choice: true, Children: []grammar{
			must("CivilRegistrationNumber", form(oioxml.TenDigits)),
			must("AlternativeIdentifier", value{Min: 10, Max: 10}),
		}},
		must("PersonSurnameName", chars(70)),
		may("PersonGivenName", chars(70)),
	)
	return up("Emessage", 1, 1,
		oioxml.EnvelopeGrammar(),
		grammar{Name: "BinaryLetter", Min: 1, Max: oioxml.Many, Children: []grammar{
			up("Letter", 1, 1,
				must("Identifier", chars(14)),
				must("VersionCode", value{}),
				must("StatisticalCode", chars(8)),
				oioxml.DateTimeGrammar("Authorisation"),
				must("TypeCode", value{}),
				must("StatusCode", oneOf("nytbrev")),
			),
			up("Sender", 1, 1, sender...),
			up("Receiver", 1, 1, join(identity(0), address())...),
			{Choice: true, Children: []grammar{patient, must("SystemInformation", form(oioxml.True))}},
			may("Contents", chars(70)), // only of system mail, which the decoder looks at
			up("BinaryObject", 1, mostObjects,
				must("ObjectIdentifier", id),
				must("ObjectCode", oneOf(objectCodeWords...)),
				must("ObjectExtensionCode", oneOf(extensions...)),
				must("OriginalObjectSize", form(oioxml.Positive)),
				must("Object_Base64Encoded", form(oioxml.Base64)),
			),
		}},
	)
}

// decodeXBIN01 reads an Emessage with attachment messages. Each file is decoded
// once, into memory of its own.
func decodeXBIN01(data []byte, version string) (BinaryMessage, []brevdue.Finding) {
	m := BinaryMessage{Format: brevdue.OIOXML, Kind: brevdue.XBIN01}
	doc, findings := oioxml.Read(data)
	if doc.Root == nil {
		return m, findings
	}
	g, want := &xbin2012, "XB0131X"
	if doc.Root.Space == oioxml.Namespace2005 {
		g, want = &xbin2005, "XB0130X"
	}
	if doc.Whole() {
		findings = append(findings, g.Check(doc.Root, "std:xdis91 §6.2")...)
	}
	for e := range doc.Root.Elements() {
		switch e.Local {
		case "Envelope":
			m.Envelope = oioxml.ReadEnvelope(e)
		case "BinaryLetter":
			if len(m.Letters) == maxLetters {
				return m, append(findings, ruleXLetters.At(e.Pos(), maxLetters))
			}
			l, fs := decodeBinaryLetter(doc, e, want)
			m.Letters = append(m.Letters, l)
			findings = append(findings, fs...)
		}
	}
	if len(m.Letters) > 0 {
		first := &m.Letters[0]
		m.Version = first.Version
		m.Envelope.Sender, m.Envelope.Receiver = first.Sender.GLN, first.Receiver.GLN
	}
	return m, findings
}

func decodeBinaryLetter(doc *oioxml.Document, e *oioxml.Node, want string) (BinaryLetter, []brevdue.Finding) {
	var fs []brevdue.Finding
	head := e.Child("Letter")
	l := BinaryLetter{
		ID: head.Child("Identifier").Text(), Version: head.Child("VersionCode").Text(), StatisticalCode: head.Child("StatisticalCode").Text(),
		Authorised: oioxml.ReadDateTime(head.Child("Authorisation")), Sender: decodeParty(e.Child("Sender")), Receiver: decodeParty(e.Child("Receiver")),
		System: e.Child("SystemInformation") != nil, Contents: e.Child("Contents").Text(), Pos: e.Pos(),
	}
	if p := e.Child("Patient"); p != nil {
		l.Patient = decodePatient(p)
	}
	if n := head.Child("VersionCode"); n != nil && n.Text() != want {
		fs = append(fs, ruleBVersion.At(n.Pos(), want))
	}
	if n := head.Child("TypeCode"); n != nil && n.Text() != "XBIN01" {
		fs = append(fs, ruleBVersion.At(n.Pos(), "XBIN01"))
	}
	if n := e.Child("Contents"); n != nil && !l.System {
		fs = append(fs, ruleBContents.At(n.Pos()))
	}
	for c := range e.Elements() {
		if c.Local != "BinaryObject" {
			continue
		}
		o := Object{ObjectID: c.Child("ObjectIdentifier").Text(), Code: code(c.Child("ObjectCode")), Extension: code(c.Child("ObjectExtensionCode")), Pos: c.Pos()}
		o.Size, _ = strconv.ParseInt(strings.TrimPrefix(code(c.Child("OriginalObjectSize")), "+"), 10, 64)
		if n := c.Child("Object_Base64Encoded"); n != nil {
			data, bad := unbase64(n)
			switch {
			case bad >= 0:
				fs = append(fs, ruleBBase64.At(doc.Pos(bad, n.Path())))
			case len(data) == 0 && n.Closed():
				fs = append(fs, ruleBEmpty.At(n.Pos()))
			case n.Closed() && int64(len(data)) != o.Size && o.Size > 0:
				fs = append(fs, ruleBSize.At(c.Child("OriginalObjectSize").Pos(), len(data), o.Size))
			}
			o.Data = data
		}
		l.Objects = append(l.Objects, o)
	}
	return l, fs
}

// unbase64 decodes an element's base64, in which white space means nothing. bad is
// the offset in the document of the first byte that is none, -1 when all are.
func unbase64(n *oioxml.Node) (data []byte, bad int) {
	raw, plain := n.Raw()
	start := n.Start() + bytes.IndexByte(n.Source(), '>') + 1
	if !plain {
		raw = []byte(n.Text())
	}
	source := raw
	if bytes.ContainsAny(raw, " \t") {
		source = make([]byte, 0, len(raw))
		for _, c := range raw {
			if c != ' ' && c != '\t' {
				source = append(source, c)
			}
		}
	}
	out := make([]byte, base64.StdEncoding.DecodedLen(len(source)))
	got, err := base64.StdEncoding.Decode(out, source)
	var corrupt base64.CorruptInputError
	switch {
	case errors.As(err, &corrupt) && plain && len(source) == len(raw):
		return nil, start + min(int(corrupt), len(raw))
	case err != nil:
		return nil, start
	}
	return out[:got:got], -1
}

// base64Line is how many characters of base64 stand on one line.
const base64Line = 76

// encodeXBIN01 writes the 2012 Emessage in ISO-8859-1.
func encodeXBIN01(m BinaryMessage) ([]byte, []brevdue.Finding) {
	if len(m.Letters) == 0 {
		return nil, []brevdue.Finding{ruleXNone.At(brevdue.Pos{})}
	}
	w := letterWriter{oioxml.NewWriter(oioxml.Namespace2012)}
	w.Grow(binarySize(m))
	w.Envelope(m.Envelope)
	for i := range m.Letters {
		n := i + 1
		if len(m.Letters) == 1 {
			n = 0
		}
		w.binary(&m.Envelope, &m.Letters[i], n)
	}
	return w.Finish()
}

// binarySize is how many bytes the message will have, about.
func binarySize(m BinaryMessage) int {
	size := 4096
	for i := range m.Letters {
		size += 4096
		for j := range m.Letters[i].Objects {
			n := base64.StdEncoding.EncodedLen(len(m.Letters[i].Objects[j].Data))
			size += n + n/base64Line + 512
		}
	}
	return size
}

func (w letterWriter) binary(e *brevdue.Envelope, l *BinaryLetter, n int) {
	w.Start("BinaryLetter", n)
	w.Start("Letter", 0)
	w.Must("Identifier", l.ID, 14)
	w.Word("VersionCode", "XB0131X", true)
	statistical := l.StatisticalCode
	if statistical == "" {
		statistical = "XBIN01"
	}
	w.Must("StatisticalCode", statistical, 8)
	w.DateTime("Authorisation", l.Authorised)
	w.Word("TypeCode", "XBIN01", true)
	w.Word("StatusCode", "nytbrev", true)
	w.End()
	w.party("Sender", &l.Sender, e.Sender)
	w.party("Receiver", &l.Receiver, e.Receiver)
	if l.System {
		w.Word("SystemInformation", "true", true)
		w.May("Contents", l.Contents, 70)
	} else {
		w.Start("Patient", 0)
		w.numbers(&l.Patient)
		w.Must("PersonSurnameName", l.Patient.Surname, 70)
		w.May("PersonGivenName", l.Patient.Given, 70)
		w.End()
	}
	if c := len(l.Objects); c < 1 || c > mostObjects {
		w.Say(ruleBObjects, c, mostObjects)
	}
	for i := range l.Objects {
		w.binaryObject(&l.Objects[i], i+1)
	}
	w.End()
}

func (w letterWriter) binaryObject(o *Object, n int) {
	w.Start("BinaryObject", n)
	if key := ObjectKey(o.ObjectID); isUUID(key) {
		id := hyphened(key)
		if strings.ToUpper(o.ObjectID) == o.ObjectID {
			id = strings.ToUpper(id) // as the sender wrote it
		}
		w.Must("ObjectIdentifier", id, 36)
	} else {
		w.SayAt("ObjectIdentifier", oioxml.RuleBadForm, "ObjectIdentifier")
	}
	w.Word("ObjectCode", o.Code, isOneOf(objectCodeWords, o.Code))
	w.Word("ObjectExtensionCode", o.Extension, isOneOf(extensionWords, o.Extension) || isOneOf(words(binaryExtensionCodes), o.Extension))
	if len(o.Data) == 0 {
		w.SayAt("Object_Base64Encoded", ruleBEmpty)
	}
	w.Must("OriginalObjectSize", strconv.Itoa(max(len(o.Data), 1)), 19)
	w.Base64("Object_Base64Encoded", o.Data, base64Line)
	w.End()
}
