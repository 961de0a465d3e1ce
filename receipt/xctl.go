package receipt

import (
	"slices"
	"strings"

	"brevdue"
	"brevdue/medcom"
	"brevdue/oioxml"
)

// The rules that only an OIOXML receipt can break.
var (
	ruleXVersion = brevdue.Rule{ID: "XCTL-VERSION-01", Severity: brevdue.SeverityError, Ref: "std:xdis91 §5.2",
		Text: "Kvitteringens version er ikke %s.", TextEN: "The receipt's version is not %s."}
	ruleXOnly = brevdue.Rule{ID: "XCTL-KIND-01", Severity: brevdue.SeverityError, Ref: "std:xdis91 §5.2",
		Text: "Der må kun være én kvittering i forsendelsen.", TextEN: "There may be one receipt only in the Emessage."}
	ruleXAsks = brevdue.Rule{ID: "XCTL-ACK-01", Severity: brevdue.SeverityWarning, Ref: "std:xdis91 §5.1",
		Text: "En kvittering må ikke selv bede om kvittering; det er der set bort fra.", TextEN: "A receipt must not ask for a receipt itself; that was ignored."}
	ruleXLetters = brevdue.Rule{ID: "XCTL-WRITE-01", Severity: brevdue.SeverityError, Ref: "std:xdis91 §5.2",
		Text: "Kvitteringen nævner %d breve; højst 99 kan være der.", TextEN: "The receipt names %d letters; at most 99 fit."}
	ruleXRefuses = brevdue.Rule{ID: "XCTL-WRITE-02", Severity: brevdue.SeverityError, Ref: "std:xdis91 §5.2",
		Text: "En positiv kvittering kan ikke have en afvisning.", TextEN: "A positive receipt cannot hold a refusal."}
	ruleXOutcome = brevdue.Rule{ID: "XCTL-WRITE-03", Severity: brevdue.SeverityError, Ref: "std:xdis91 §5.1",
		Text: "Kvitteringens udfald kan ikke skrives.", TextEN: "The receipt's outcome cannot be written."}
)

var xctlRules = []brevdue.Rule{ruleXVersion, ruleXOnly, ruleXAsks, ruleXLetters, ruleXRefuses, ruleXOutcome}

// xctl is one row of the OIOXML receipts.
type xctl struct {
	outcome brevdue.Outcome
	kind    brevdue.Kind
	version string
	element string
}

// xctls is the table of the OIOXML receipts (std:xdis91 §5.2).
var xctls = []xctl{
	{brevdue.NegativeVANS, brevdue.XCTL01, "XC0130Q", "NegativeVansReceipt"},
	{brevdue.Negative, brevdue.XCTL02, "XC0230Q", "NegativeReceipt"},
	{brevdue.Positive, brevdue.XCTL03, "XC0330Q", "PositiveReceipt"},
}

// refuseWords are the refuse codes; the canonical codes are the OIOXML words.
var refuseWords = []string{
	string(brevdue.RefuseUnspecified), string(brevdue.RefuseUnknownLocation), string(brevdue.RefuseReceiverID),
	string(brevdue.RefuseVersion), string(brevdue.RefuseSyntax),
}

func leaf(name string, most int) oioxml.Grammar {
	return oioxml.Grammar{Name: name, Min: 1, Value: &oioxml.Value{Min: 1, Max: most}}
}

func party(name string) oioxml.Grammar {
	return oioxml.Grammar{Name: name, Min: 1, Children: []oioxml.Grammar{leaf("EANIdentifier", 35)}}
}

// grammar is the whole Emessage of one receipt, line for line as std:xdis91 §5.2.
func (x xctl) grammar() *oioxml.Grammar {
	var refusal []oioxml.Grammar
	if x.outcome != brevdue.Positive {
		refusal = []oioxml.Grammar{
			{Name: "RefuseCode", Value: &oioxml.Value{Codes: refuseWords}},
			{Name: "RefuseText", Text: oioxml.Breakable},
		}
	}
	letter := oioxml.Grammar{Name: "OriginalLetter", Max: 99, Children: slices.Concat([]oioxml.Grammar{
		leaf("OriginalLetterIdentifier", 14), leaf("OriginalVersionCode", 7),
	}, refusal)}
	return &oioxml.Grammar{Name: "Emessage", Min: 1, Children: []oioxml.Grammar{
		oioxml.EnvelopeGrammar(),
		{Name: x.element, Min: 1, Max: oioxml.Many, Children: []oioxml.Grammar{
			{Name: "Letter", Min: 1, Children: []oioxml.Grammar{
				leaf("Identifier", 14),
				{Name: "VersionCode", Min: 1, Value: &oioxml.Value{}},
				leaf("StatisticalCode", 8),
			}},
			party("Sender"),
			party("Receiver"),
			{Name: "OriginalEmessage", Min: 1, Children: slices.Concat([]oioxml.Grammar{
				leaf("OriginalEnvelopeIdentifier", 14), party("OriginalSender"), party("OriginalReceiver"),
			}, refusal, []oioxml.Grammar{letter})},
		}},
		{Name: "Local_Elements", Any: true},
	}}
}

// readXCTL reads an OIOXML receipt; what can be made out of a broken one is in
// the message too.
func readXCTL(data []byte) (Message, []brevdue.Finding) {
	m := Message{Format: brevdue.OIOXML}
	doc, findings := oioxml.Read(data)
	if doc.Root == nil {
		return m, findings
	}
	root := doc.Root
	for _, x := range xctls {
		e := root.Child(x.element)
		if e == nil {
			continue
		}
		if doc.Whole() {
			findings = append(findings, x.grammar().Check(root, "std:xdis91 §5.2")...)
		}
		m.Kind = x.kind
		m.Envelope = oioxml.ReadEnvelope(root.Child("Envelope"))
		m.Envelope.Sender = readGLN(e.Child("Sender"))
		m.Envelope.Receiver = readGLN(e.Child("Receiver"))
		m.Receipt = readReceipt(x, e)
		m.Version = m.Receipt.Version
		return m, append(findings, x.remarks(root, e)...)
	}
	return m, append(findings, medcomFinding(data)...)
}

// medcomFinding says what the message is when it is no receipt.
func medcomFinding(data []byte) []brevdue.Finding {
	_, fs := medcom.Read(data)
	return fs
}

// remarks are the findings that the grammar leaves to us.
func (x xctl) remarks(root, e *oioxml.Node) []brevdue.Finding {
	var fs []brevdue.Finding
	if v := e.Child("Letter").Child("VersionCode"); v != nil && v.Text() != x.version {
		fs = append(fs, ruleXVersion.At(v.Pos(), x.version))
	}
	if ack := root.Child("Envelope").Child("AcknowledgementCode"); strings.TrimSpace(ack.Text()) == "pluspositivkvitt" {
		fs = append(fs, ruleXAsks.At(ack.Pos()))
	}
	for other := range root.Elements() {
		if other != e && other.Local != "Envelope" && other.Local != "Local_Elements" {
			fs = append(fs, ruleXOnly.At(other.Pos()))
			break
		}
	}
	return fs
}

func readGLN(n *oioxml.Node) brevdue.GLN { return brevdue.GLN(wholeText(n.Child("EANIdentifier"))) }

func readReceipt(x xctl, e *oioxml.Node) brevdue.Receipt {
	head, original := e.Child("Letter"), e.Child("OriginalEmessage")
	r := brevdue.Receipt{
		Outcome:          x.outcome,
		ID:               head.Child("Identifier").Text(),
		Version:          head.Child("VersionCode").Text(),
		StatisticalCode:  head.Child("StatisticalCode").Text(),
		OriginalEnvelope: wholeText(original.Child("OriginalEnvelopeIdentifier")),
		OriginalSender:   readGLN(original.Child("OriginalSender")),
		OriginalReceiver: readGLN(original.Child("OriginalReceiver")),
		Refusal:          readRefusal(original),
	}
	if original == nil {
		return r
	}
	for l := range original.Elements() {
		if id := l.Child("OriginalLetterIdentifier"); l.Local == "OriginalLetter" && (l.Closed() || id.Closed()) {
			r.Letters = append(r.Letters, brevdue.ReceiptLetter{
				ID:      id.Text(),
				Version: l.Child("OriginalVersionCode").Text(),
				Refusal: readRefusal(l),
			})
		}
	}
	return r
}

// readRefusal reads the refuse code and text of an envelope or a letter; nil
// when there is neither.
func readRefusal(n *oioxml.Node) *brevdue.Refusal {
	code, text := n.Child("RefuseCode"), n.Child("RefuseText")
	if code == nil && text == nil {
		return nil
	}
	return &brevdue.Refusal{Code: brevdue.RefuseCode(strings.TrimSpace(code.Text())), Text: medcom.ReadText(text)}
}

// encodeXCTL writes the receipt as OIOXML. It never asks for a receipt itself.
func encodeXCTL(m Message) ([]byte, []brevdue.Finding) {
	r := &m.Receipt
	i := slices.IndexFunc(xctls, func(x xctl) bool { return x.outcome == r.Outcome })
	if i < 0 {
		return nil, []brevdue.Finding{ruleXOutcome.At(brevdue.Pos{Path: "outcome"})}
	}
	x := xctls[i]
	w := oioxml.NewWriter(oioxml.Namespace2005)
	envelope := m.Envelope
	envelope.WantsReceipt = false
	w.Envelope(envelope)
	w.Start(x.element, 0)
	w.Start("Letter", 0)
	w.Must("Identifier", r.ID, 14)
	w.Word("VersionCode", x.version, true)
	w.Word("StatisticalCode", string(x.kind), true)
	w.End()
	writeParty(w, "Sender", m.Envelope.Sender)
	writeParty(w, "Receiver", m.Envelope.Receiver)
	w.Start("OriginalEmessage", 0)
	w.Must("OriginalEnvelopeIdentifier", r.OriginalEnvelope, 14)
	writeParty(w, "OriginalSender", r.OriginalSender)
	writeParty(w, "OriginalReceiver", r.OriginalReceiver)
	x.writeRefusal(w, r.Refusal)
	if len(r.Letters) > 99 {
		w.Say(ruleXLetters, len(r.Letters))
		r.Letters = nil
	}
	for i := range r.Letters {
		w.Start("OriginalLetter", i+1)
		w.Must("OriginalLetterIdentifier", r.Letters[i].ID, 14)
		w.Must("OriginalVersionCode", r.Letters[i].Version, 7)
		x.writeRefusal(w, r.Letters[i].Refusal)
		w.End()
	}
	w.End()
	w.End()
	return w.Finish()
}

func writeParty(w *oioxml.Writer, name string, gln brevdue.GLN) {
	w.Start(name, 0)
	w.Must("EANIdentifier", string(gln), 35)
	w.End()
}

// writeRefusal writes code and text; the text has lines and no other formatting.
func (x xctl) writeRefusal(w *oioxml.Writer, r *brevdue.Refusal) {
	switch {
	case r == nil:
		return
	case x.outcome == brevdue.Positive:
		w.Say(ruleXRefuses)
		return
	}
	if r.Code != "" {
		w.Word("RefuseCode", string(r.Code), slices.Contains(refuseWords, string(r.Code)))
	}
	if len(r.Text.Lines) == 0 {
		return
	}
	w.Start("RefuseText", 0)
	for _, line := range r.Text.Lines {
		for _, run := range line.Runs {
			for i, part := range strings.Split(run.Text, "\n") {
				if i > 0 {
					w.Empty("Break")
				}
				w.Chars(part)
			}
		}
		w.Empty("Break")
	}
	w.End()
}

// originalOfXML reads from an Emessage, which may be broken, what a receipt
// needs to answer it; false when envelope number or parties cannot be made out.
// A value that was cut short is not believed: half a number points at another
// letter.
func originalOfXML(data []byte) (Original, bool) {
	doc, _ := oioxml.Read(data)
	if doc.Root == nil || doc.Root.Local != "Emessage" {
		return Original{}, false
	}
	envelope := doc.Root.Child("Envelope")
	o := Original{
		Format:   brevdue.OIOXML,
		Kind:     medcom.Sniff(data).Kind,
		Envelope: oioxml.ReadEnvelope(envelope),
	}
	o.Envelope.ID = wholeText(envelope.Child("Identifier"))
	var letters []brevdue.ReceiptLetter
	for e := range doc.Root.Elements() {
		head := e.Child("Letter")
		if head == nil {
			continue
		}
		if o.Envelope.Sender == "" {
			o.Envelope.Sender, o.Envelope.Receiver = readGLN(e.Child("Sender")), readGLN(e.Child("Receiver"))
		}
		l := brevdue.ReceiptLetter{ID: wholeText(head.Child("Identifier")), Version: wholeText(head.Child("VersionCode"))}
		if l.Version == "" && !head.Closed() {
			break // cut here: the last, of which nothing is known
		}
		letters = append(letters, l)
	}
	o.Letters = named(letters)
	return o, o.quotable()
}

// wholeText returns the text of an element that has its end tag, else "".
func wholeText(n *oioxml.Node) string {
	if !n.Closed() {
		return ""
	}
	return n.Text()
}
