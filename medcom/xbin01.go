package medcom

import (
	"cmp"
	"encoding/base64"
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
	sender := join(binaryIdentity(1), address(), phoneAndSpecialty())
	id, extensions := form(oioxml.UUID), slices.Concat(extensionWords, words(binaryExtensionCodes))
	if old {
		for i := range sender {
			switch sender[i].Name {
			case "StreetName", "DistrictName", "PostCodeIdentifier", "MedicalSpecialityCode":
				sender[i].Min = 1
			}
		}
		id, extensions = chars(35), append(slices.Clone(extensionWords), "plo")
	}
	patient := up("Patient", 1, 1, citizen()...)
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
			up("Receiver", 1, 1, join(binaryIdentity(0), address())...),
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

// binaryIdentity is who a party is; these sets never had counties.
func binaryIdentity(nameMin int) []grammar {
	who := identity(nameMin)
	for i := range who {
		if who[i].Name == "IdentifierCode" {
			who[i].Value = &value{Codes: binaryIDCodes}
		}
	}
	return who
}

var binaryIDCodes = slices.DeleteFunc(slices.Clone(idCodeWords), func(w string) bool { return w == string(brevdue.IDCounty) })

// decodeXBIN01 reads an Emessage with attachment messages. Each file is decoded
// once, into memory of its own.
func decodeXBIN01(data []byte) (BinaryMessage, []brevdue.Finding) {
	m := BinaryMessage{Format: brevdue.OIOXML, Kind: brevdue.XBIN01}
	doc, findings := oioxml.Read(data)
	if doc.Root == nil {
		return m, findings
	}
	g, want := &xbin2012, "X"+newBinary
	switch doc.Root.Space {
	case oioxml.Namespace2012:
	case oioxml.Namespace2005:
		g, want = &xbin2005, "X"+oldBinary
	default:
		findings = append(findings, ruleBSpace.At(doc.Root.Pos()))
	}
	if doc.Whole() {
		findings = append(findings, g.Check(doc.Root, "std:xdis91 §6.2")...)
	}
	var letters []*oioxml.Node
	for e := range doc.Root.Elements() {
		switch e.Local {
		case "Envelope":
			m.Envelope = oioxml.ReadEnvelope(e)
		case "BinaryLetter":
			if len(m.Letters) == maxLetters {
				return m, append(findings, ruleXLetters.At(e.Pos(), maxLetters))
			}
			l, fs := decodeBinaryLetter(doc, e, want)
			letters = append(letters, e)
			m.Letters = append(m.Letters, l)
			findings = append(findings, fs...)
		}
	}
	if len(m.Letters) > 0 {
		first := &m.Letters[0]
		m.Version = first.Version
		m.Envelope.Sender, m.Envelope.Receiver = first.Sender.GLN, first.Receiver.GLN
		for i := range m.Letters[1:] {
			if l := &m.Letters[i+1]; l.Sender.GLN != first.Sender.GLN || l.Receiver.GLN != first.Receiver.GLN {
				findings = append(findings, ruleXParties.At(l.Pos))
				break
			}
		}
	}
	return m, append(findings, m.check(xdis91Locate(letters))...)
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
	if n := head.Child("TypeCode"); n != nil && n.Text() != string(brevdue.XBIN01) {
		fs = append(fs, ruleBVersion.At(n.Pos(), brevdue.XBIN01))
	}
	if n := e.Child("Contents"); n != nil && !l.System {
		fs = append(fs, ruleBContents.At(n.Pos()))
	}
	for c := range e.Elements() {
		if c.Local == "BinaryObject" {
			o, said := decodeObject(doc, c)
			l.Objects = append(l.Objects, o)
			fs = append(fs, said...)
		}
	}
	return l, fs
}

func decodeObject(doc *oioxml.Document, e *oioxml.Node) (Object, []brevdue.Finding) {
	o := Object{ObjectID: e.Child("ObjectIdentifier").Text(), Code: code(e.Child("ObjectCode")), Extension: code(e.Child("ObjectExtensionCode")), Pos: e.Pos()}
	size := e.Child("OriginalObjectSize")
	if n, err := strconv.ParseInt(strings.TrimPrefix(code(size), "+"), 10, 64); err == nil && n > 0 {
		o.Size = n // else the grammar has said so
	}
	n := e.Child("Object_Base64Encoded")
	if !n.Closed() {
		return o, nil // missing, or cut
	}
	raw, plain := n.Raw()
	if !plain {
		raw = []byte(n.Text()) // in several parts, with references, or no base64 at all
	}
	data, bad := unbase64(raw)
	switch {
	case bad >= 0 && plain && len(raw) > 0:
		for text := range n.All() {
			bad += text.Start() // there is one
		}
		return o, []brevdue.Finding{ruleBBase64.At(doc.Pos(bad, n.Path()))}
	case bad >= 0:
		return o, []brevdue.Finding{ruleBBase64.At(n.Pos())}
	case len(data) == 0:
		return o, []brevdue.Finding{ruleBEmpty.At(n.Pos())}
	}
	o.Data = data
	if o.Size > 0 && o.Size != int64(len(data)) {
		return o, []brevdue.Finding{ruleBSize.At(size.Pos(), len(data), o.Size)}
	}
	return o, nil
}

// unbase64 decodes base64, in which white space means nothing, into one piece of
// memory. bad is the offset of the first byte that does not belong, or the length
// when the last bytes are missing; -1 when all is well.
func unbase64(raw []byte) (data []byte, bad int) {
	out := make([]byte, base64.StdEncoding.DecodedLen(len(raw)))
	if n, err := base64.StdEncoding.Decode(out, raw); err == nil {
		return out[:n:n], -1
	}
	// Blanks, which the library does not pass over, or a fault, whose place it
	// tells only roughly.
	n, held, bits, padding := 0, 0, uint32(0), 0
	for i, c := range raw {
		v := base64Value(c)
		switch {
		case v == blank64:
		case c == '=' && (held == 2 || held == 3) && held+padding < 4:
			padding++
		case v > 63 || padding > 0:
			return nil, i
		default:
			bits, held = bits<<6|uint32(v), held+1
			if held == 4 {
				out[n], out[n+1], out[n+2] = byte(bits>>16), byte(bits>>8), byte(bits)
				n, held, bits = n+3, 0, 0
			}
		}
	}
	if (held+padding)%4 != 0 {
		return nil, len(raw)
	}
	switch held {
	case 2:
		out[n] = byte(bits >> 4)
		n++
	case 3:
		out[n], out[n+1] = byte(bits>>10), byte(bits>>2)
		n += 2
	}
	return out[:n:n], -1
}

// blank64 is the value of white space.
const blank64 = 64

// base64Value is the value of a base64 character, above 63 for any other.
func base64Value(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return c - 'A'
	case c >= 'a' && c <= 'z':
		return c - 'a' + 26
	case c >= '0' && c <= '9':
		return c - '0' + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		return blank64
	}
	return 255
}

// base64Line is how many characters of base64 stand on one line.
const base64Line = 76

// encodeXBIN01 writes the Emessage in ISO-8859-1.
func encodeXBIN01(m BinaryMessage, old bool) ([]byte, []brevdue.Finding) {
	space := oioxml.Namespace2012
	if old {
		space = oioxml.Namespace2005
	}
	w := letterWriter{oioxml.NewWriter(space)}
	w.Grow(m.sizeXBIN01())
	w.Envelope(m.Envelope)
	for i := range m.Letters {
		n := i + 1
		if len(m.Letters) == 1 {
			n = 0
		}
		w.binary(&m.Envelope, &m.Letters[i], n, old)
	}
	return w.Finish()
}

// sizeXBIN01 is how many bytes the message will have at most.
func (m *BinaryMessage) sizeXBIN01() int {
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

func (w letterWriter) binary(e *brevdue.Envelope, l *BinaryLetter, n int, old bool) {
	w.Start("BinaryLetter", n)
	w.Start("Letter", 0)
	w.Must("Identifier", l.ID, 14)
	w.Word("VersionCode", binaryVersion("X", old), true)
	w.Must("StatisticalCode", cmp.Or(l.StatisticalCode, "XBIN01"), 8)
	w.DateTime("Authorisation", l.Authorised)
	w.Word("TypeCode", "XBIN01", true)
	w.Word("StatusCode", "nytbrev", true)
	w.End()
	if l.Sender.IDCode == brevdue.IDCounty || l.Receiver.IDCode == brevdue.IDCounty {
		w.Say(ruleBNoCode)
	}
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
		w.binaryObject(&l.Objects[i], i+1, old)
	}
	w.End()
}

func (w letterWriter) binaryObject(o *Object, n int, old bool) {
	w.Start("BinaryObject", n)
	switch id, ok := hyphenedID(o.ObjectID); {
	case old:
		w.Must("ObjectIdentifier", plainID(o.ObjectID), 35)
	case ok:
		w.Must("ObjectIdentifier", id, 36)
	default:
		w.SayAt("ObjectIdentifier", ruleBNeedsUUID)
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
