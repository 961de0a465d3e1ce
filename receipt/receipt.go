// Package receipt reads and builds the receipts that answer a message: CTL01-03
// in EDIFACT and XCTL01-03 in OIOXML.
//
// Specification: std:xdis91 §5. A receipt answers in the family of what it
// answers, points at the original envelope and letters, and is never answered
// itself.
//
// Deliberately missing: when a receipt is owed and whether it was sent already
// (that is the gateway's walk), the VANSEnvelope's own receipts (package vans)
// and the FHIR Acknowledgement.
//
// What surprises: a receipt without letters speaks of all letters of the
// envelope; the reason of a refusal may stand at the envelope or at a letter, and
// both are read; sender and receiver of a receipt are not to be trusted for
// matching (§5.5). [OriginalOf] reads just enough of a broken message to refuse it.
package receipt

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"brevdue"
	"brevdue/charset"
	"brevdue/medcom"
)

// Message is one receipt with its own envelope.
type Message struct {
	Format   brevdue.Format
	Kind     brevdue.Kind // CTL01-03 or XCTL01-03
	Version  string       // version code as received, e.g. "XC0330Q"
	Envelope brevdue.Envelope
	Receipt  brevdue.Receipt
}

// Verdict is what a receiver says about a message.
type Verdict struct {
	Outcome brevdue.Outcome
	Code    brevdue.RefuseCode // negative only
	Text    string             // negative only: the reason in Danish, without patient data
}

// Original is what a receipt must know of the message it answers.
type Original struct {
	Kind     brevdue.Kind
	Format   brevdue.Format
	Envelope brevdue.Envelope
	Letters  []brevdue.ReceiptLetter // id and version code as sent
}

// IDs are the numbers a new receipt gets.
type IDs struct {
	Envelope string // KuvertNr, 1-14
	Letter   string // BrevNr, 1-14
}

// kindOf is the table of receipts: outcome and family to kind.
var kindOf = []struct {
	outcome  brevdue.Outcome
	edi, oio brevdue.Kind
}{
	{brevdue.NegativeVANS, brevdue.CTL01, brevdue.XCTL01},
	{brevdue.Negative, brevdue.CTL02, brevdue.XCTL02},
	{brevdue.Positive, brevdue.CTL03, brevdue.XCTL03},
}

// Kind returns the receipt kind for an outcome in a format, "" when there is none.
func Kind(outcome brevdue.Outcome, format brevdue.Format) brevdue.Kind {
	for _, k := range kindOf {
		if k.outcome == outcome {
			switch format {
			case brevdue.EDIFACT:
				return k.edi
			case brevdue.OIOXML:
				return k.oio
			}
		}
	}
	return ""
}

// Build makes the receipt that answers a message, in the message's own family:
// sender and receiver are swapped, and it asks for no receipt itself. A refusal
// stands at every letter of the original, or at the envelope when no letter of
// it could be made out. Letters of the original that hold a Refusal of their own
// keep it.
func Build(orig Original, v Verdict, ids IDs, sent brevdue.LocalTime) Message {
	m := Message{
		Format: orig.Format, Kind: Kind(v.Outcome, orig.Format),
		Envelope: brevdue.Envelope{ID: ids.Envelope, Sent: sent, Sender: orig.Envelope.Receiver, Receiver: orig.Envelope.Sender},
		Receipt: brevdue.Receipt{
			Outcome: v.Outcome, ID: ids.Letter, OriginalEnvelope: orig.Envelope.ID,
			OriginalSender: orig.Envelope.Sender, OriginalReceiver: orig.Envelope.Receiver,
			Letters: slices.Clone(orig.Letters),
		},
	}
	m.Version = versions[m.Kind]
	m.Receipt.Version, m.Receipt.StatisticalCode = m.Version, string(m.Kind)
	if orig.Format == brevdue.EDIFACT {
		m.Receipt.StatisticalCode = ""
	}
	if v.Outcome == brevdue.Positive {
		for i := range m.Receipt.Letters {
			m.Receipt.Letters[i].Refusal = nil
		}
		return m
	}
	refusal := &brevdue.Refusal{Code: cmp.Or(v.Code, brevdue.RefuseUnspecified), Text: brevdue.PlainText(v.Text)}
	if len(m.Receipt.Letters) == 0 {
		m.Receipt.Refusal = refusal
	}
	for i := range m.Receipt.Letters {
		if m.Receipt.Letters[i].Refusal == nil {
			m.Receipt.Letters[i].Refusal = refusal
		}
	}
	return m
}

// versions are the version codes of the receipts (std:xdis91 §0.2).
var versions = map[brevdue.Kind]string{
	brevdue.CTL01: "C0130Q", brevdue.CTL02: "C0230Q", brevdue.CTL03: "C0330Q",
	brevdue.XCTL01: "XC0130Q", brevdue.XCTL02: "XC0230Q", brevdue.XCTL03: "XC0330Q",
}

// Read reads a receipt. It never fails: what is wrong is in the findings.
func Read(data []byte) (Message, []brevdue.Finding) {
	switch t := medcom.Sniff(data); {
	case t.Kind.IsReceipt() && t.Format == brevdue.EDIFACT:
		return readCONTRL(data)
	case t.Kind.IsReceipt() && t.Format == brevdue.OIOXML:
		return readXCTL(data)
	default:
		fs := medcomFinding(data)
		if !brevdue.HasErrors(fs) {
			fs = []brevdue.Finding{ruleNoReceipt.At(brevdue.Pos{Line: 1, Column: 1})}
		}
		return Message{Format: t.Format, Kind: t.Kind, Version: t.Version}, fs
	}
}

// Encode writes the receipt as the given kind, which must have its outcome. An
// error finding gives nil bytes.
func Encode(m Message, to brevdue.Kind) ([]byte, []brevdue.Finding) {
	switch to {
	case Kind(m.Receipt.Outcome, brevdue.EDIFACT):
		return encodeCONTRL(m)
	case Kind(m.Receipt.Outcome, brevdue.OIOXML):
		return encodeXCTL(m)
	}
	return nil, []brevdue.Finding{ruleXOutcome.At(brevdue.Pos{Path: "outcome"})}
}

// OriginalOf reads from a message, which may be broken, what a receipt needs to
// answer it; false when not even the envelope number and the two parties can be
// made out. Letters are named when all of them can be, else none is.
func OriginalOf(data []byte) (Original, bool) {
	switch medcom.Sniff(data).Format {
	case brevdue.EDIFACT:
		return originalOfEDI(data)
	case brevdue.OIOXML:
		return originalOfXML(data)
	}
	return Original{}, false
}

// quotable tells whether a receipt can point at the envelope and be sent back.
func (o *Original) quotable() bool {
	return fits(o.Envelope.ID, 14) && fits(string(o.Envelope.Sender), 35) && fits(string(o.Envelope.Receiver), 35)
}

// named returns the letters when a receipt can name them all, and else none: a
// receipt that names no letter speaks of all of them.
func named(letters []brevdue.ReceiptLetter) []brevdue.ReceiptLetter {
	if len(letters) > mostLetters {
		return nil
	}
	for i := range letters {
		if !fits(letters[i].ID, 14) || !fits(letters[i].Version, 7) {
			return nil
		}
	}
	return letters
}

// fits tells whether a value of a broken message can stand in a receipt, in
// either format: whole, and in ISO-8859-1.
func fits(s string, most int) bool {
	n := utf8.RuneCountInString(s)
	return n >= 1 && n <= most && charset.Fits(s)
}

// ruleNoReceipt is said of a letter that is whole but no receipt.
var ruleNoReceipt = brevdue.Rule{ID: "CTL-KIND-01", Severity: brevdue.SeverityError, Ref: "std:xdis91 §5",
	Text: "Meddelelsen er ikke en kvittering.", TextEN: "The message is not a receipt."}

// Rules returns every rule of receipts, sorted by id.
func Rules() []brevdue.Rule {
	rules := slices.Concat([]brevdue.Rule{ruleNoReceipt}, contrlRules, xctlRules)
	slices.SortFunc(rules, func(a, b brevdue.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return rules
}
