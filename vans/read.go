package vans

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/oioxml"
)

const ref = "std:xdis91 §7.2"

// The rules of the envelope itself; its structure is checked by the XML- rules.
var (
	ruleVersion = brevdue.Rule{ID: "VANS-VERSION-01", Severity: brevdue.SeverityError, Ref: ref,
		Text: "VANS-kuverten er ikke version 1.0.4.", TextEN: "The VANS envelope is not version 1.0.4."}
	ruleBase64 = brevdue.Rule{ID: "VANS-DATA-01", Severity: brevdue.SeverityError, Ref: ref,
		Text: "Kuvertens indhold er ikke gyldig base64.", TextEN: "The envelope's content is not valid base64."}
	ruleNoData = brevdue.Rule{ID: "VANS-DATA-02", Severity: brevdue.SeverityError, Ref: ref,
		Text: "Kuverten er tom.", TextEN: "The envelope is empty."}
	ruleSize = brevdue.Rule{ID: "VANS-DATA-03", Severity: brevdue.SeverityWarning, Ref: "std:xdis91 §7.3",
		Text: "Kuverten siger, at indholdet er %d byte, men det er %d.", TextEN: "The envelope says that the content is %d bytes, but it is %d."}
	ruleWrite = brevdue.Rule{ID: "VANS-WRITE-01", Severity: brevdue.SeverityError, Ref: ref,
		Text: "Kuverten kan ikke skrives: %s mangler eller har ikke den rette form.", TextEN: "The envelope cannot be written: %s is missing or does not have the right form."}
)

// Rules returns every rule this package can report, apart from those of oioxml.
func Rules() []brevdue.Rule {
	return []brevdue.Rule{ruleVersion, ruleBase64, ruleNoData, ruleSize, ruleWrite}
}

func simple(name string, least int, v oioxml.Value) oioxml.Grammar {
	return oioxml.Grammar{Name: name, Min: least, Value: &v}
}

func text(n int) oioxml.Value         { return oioxml.Value{Min: 1, Max: n} }
func form(f oioxml.Form) oioxml.Value { return oioxml.Value{Form: f} }
func codes(c ...string) oioxml.Value  { return oioxml.Value{Codes: c} }
func one(name string, children ...oioxml.Grammar) oioxml.Grammar {
	return oioxml.Grammar{Name: name, Min: 1, Children: children}
}
func optional(g oioxml.Grammar) oioxml.Grammar { g.Min = 0; return g }
func choice(children ...oioxml.Grammar) oioxml.Grammar {
	return oioxml.Grammar{Choice: true, Children: children}
}

func withAttr(g, attr oioxml.Grammar) oioxml.Grammar { g.Attr = &attr; return g }

func endPoint(name string) oioxml.Grammar {
	return withAttr(simple(name, 1, oioxml.Value{Min: 1, Max: 18, Form: oioxml.Token}),
		simple("EndPointType", 1, codes("EAN", "CVR", "VANS")))
}

func meta(name string) oioxml.Grammar {
	tag := withAttr(simple("ServiceTag", 0, text(70)), simple("name", 1, text(70)))
	tag.Max = 5
	return one(name,
		simple("Identifier", 1, form(oioxml.UUID)),
		optional(one("Processing",
			simple("ProviderIdentifier", 1, text(255)),
			simple("ServiceIdentifier", 1, text(255)))),
		one("Document",
			simple("Format", 1, codes("XML", "EDIFACT", "HL7", "Binary", "Other")),
			simple("Name", 1, text(255)),
			simple("Version", 0, text(255)),
			simple("SizeInBytes", 1, form(oioxml.Whole))),
		optional(one("Transport",
			simple("Type", 0, codes("reliable", "unreliable")),
			simple("TransformMessage", 1, form(oioxml.Boolean)),
			tag)),
	)
}

// grammar is the envelope, line for line as std:xdis91 §7.2.
var grammar = func() oioxml.Grammar {
	fault := one("Error",
		simple("Code", 0, form(oioxml.Positive)),
		simple("Description", 1, text(512)))
	original := simple("OriginalEnvelopeIdentifier", 1, form(oioxml.UUID))
	return one("VANSEnvelope",
		endPoint("SenderID"),
		endPoint("ReceiverID"),
		simple("EnvelopeIdentifier", 1, form(oioxml.UUID)),
		simple("SentDateTime", 1, form(oioxml.DateTime)),
		choice(
			one("Message", meta("MetaInformation"), simple("Data", 1, form(oioxml.Base64))),
			one("Receipt", choice(
				one(string(NegativeVANS), fault, original, optional(meta("OriginalMessage"))),
				one(string(NegativeMessage), fault, original, meta("OriginalMessage")),
				one(string(PositiveMessage), original, meta("OriginalMessage")),
			)),
		),
	)
}()

// Read reads an envelope. What can be made out of a broken one is in the result
// too, so that it can be answered.
func Read(data []byte) (Envelope, []brevdue.Finding) {
	doc, findings := oioxml.Read(data)
	if doc.Root == nil {
		return Envelope{}, findings
	}
	root := doc.Root
	if root.Local == "VANSEnvelope" && root.Space != Namespace {
		return Envelope{}, append(findings, ruleVersion.At(root.Pos()))
	}
	if doc.Whole() {
		findings = append(findings, grammar.Check(root, ref)...)
	}
	e := Envelope{
		Sender:   readEndPoint(root.Child("SenderID")),
		Receiver: readEndPoint(root.Child("ReceiverID")),
		ID:       readUUID(root.Child("EnvelopeIdentifier")),
		Sent:     strings.TrimSpace(root.Child("SentDateTime").Text()),
	}
	if m := root.Child("Message"); m != nil {
		e.Message = &Message{Meta: readMeta(m.Child("MetaInformation"))}
		if d := m.Child("Data"); d != nil && doc.Whole() {
			var fs []brevdue.Finding
			e.Message.Data, fs = readData(d, e.Message.Meta.Document.Size)
			findings = append(findings, fs...)
		}
	}
	if r := root.Child("Receipt"); r != nil {
		e.Receipt = readReceipt(r)
	}
	return e, findings
}

func readEndPoint(n *oioxml.Node) EndPoint {
	if n == nil {
		return EndPoint{}
	}
	kind, _ := n.Attr("EndPointType")
	return EndPoint{Type: EndPointType(kind), ID: strings.TrimSpace(n.Text())}
}

// readUUID returns the identifier in lower case, which is how it is compared.
func readUUID(n *oioxml.Node) string { return strings.ToLower(n.Text()) }

func readMeta(n *oioxml.Node) Meta {
	d := n.Child("Document")
	m := Meta{
		ID: readUUID(n.Child("Identifier")),
		Document: Document{
			Format:  d.Child("Format").Text(),
			Name:    d.Child("Name").Text(),
			Version: d.Child("Version").Text(),
		},
	}
	m.Document.Size, _ = strconv.Atoi(strings.TrimSpace(d.Child("SizeInBytes").Text()))
	if p := n.Child("Processing"); p != nil {
		m.Processing = &Processing{Provider: p.Child("ProviderIdentifier").Text(), Service: p.Child("ServiceIdentifier").Text()}
	}
	if t := n.Child("Transport"); t != nil {
		transform := strings.TrimSpace(t.Child("TransformMessage").Text())
		m.Transport = &Transport{Type: t.Child("Type").Text(), Transform: transform == "true" || transform == "1"}
		for c := range t.Elements() {
			if c.Local == "ServiceTag" && len(m.Transport.Tags) < 5 {
				name, _ := c.Attr("name")
				m.Transport.Tags = append(m.Transport.Tags, ServiceTag{Name: name, Value: c.Text()})
			}
		}
	}
	return m
}

// readData decodes the document. White space in base64 means nothing.
func readData(n *oioxml.Node, size int) ([]byte, []brevdue.Finding) {
	raw, ok := n.Raw()
	if !ok {
		raw = []byte(n.Text())
	}
	if bytes.ContainsAny(raw, " \t") {
		raw = bytes.Map(func(r rune) rune {
			if r == ' ' || r == '\t' {
				return -1
			}
			return r
		}, raw)
	}
	out := make([]byte, base64.StdEncoding.DecodedLen(len(raw)))
	got, err := base64.StdEncoding.Decode(out, raw)
	switch {
	case err != nil:
		return nil, []brevdue.Finding{ruleBase64.At(n.Pos())}
	case got == 0:
		return nil, []brevdue.Finding{ruleNoData.At(n.Pos())}
	case got != size:
		return out[:got], []brevdue.Finding{ruleSize.At(n.Pos(), size, got)}
	}
	return out[:got], nil
}

func readReceipt(n *oioxml.Node) *Receipt {
	r := &Receipt{}
	for c := range n.Elements() {
		r.Kind = ReceiptKind(c.Local)
		if f := c.Child("Error"); f != nil {
			r.Error = &Error{Description: f.Child("Description").Text()}
			r.Error.Code, _ = strconv.Atoi(strings.TrimSpace(f.Child("Code").Text()))
		}
		r.OriginalEnvelope = readUUID(c.Child("OriginalEnvelopeIdentifier"))
		if m := c.Child("OriginalMessage"); m != nil {
			meta := readMeta(m)
			r.Original = &meta
		}
		break
	}
	return r
}
