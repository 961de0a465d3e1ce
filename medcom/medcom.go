// Package medcom reads and writes MedCom's correspondence letter: DIS91
// (EDIFACT, D9134L) and XDIS91 (OIOXML, XD9134L), the attachment messages BIN01
// and XBIN01 that carry its files, and recognises every other kind of message well
// enough to name it.
//
// Specification: std:xdis91 §1-§3, §6 and §8, the project's reference for the two
// legacy formats. Business rules beyond the schemas are the MC- rules.
//
// Deliberately missing: receipts (package receipt), VANS envelopes (package
// vans), the administrative letter DIS90 and the older D9133L; they are recognised
// and refused by name.
//
// What surprises: reading never fails. Whatever can be made out becomes a
// [Message], and everything wrong becomes a [brevdue.Finding] at its place, so
// that even a broken letter can be shown to an operator and refused by receipt.
// The two codes "absent" and "not classified" of the sender's specialty, and the
// "_" for an absent name, do not survive a trip through the other format
// (std:xdis91 §3).
package medcom

import (
	"cmp"
	"slices"

	"brevdue"
	"brevdue/edifact"
	"brevdue/oioxml"
	"brevdue/vans"
)

// Message is one interchange or Emessage: an envelope with one or more letters.
type Message struct {
	Format   brevdue.Format   // EDIFACT or OIOXML
	Kind     brevdue.Kind     // DIS91 or XDIS91
	Version  string           // version code of the first letter as received, e.g. "XD9134L"
	Envelope brevdue.Envelope // KuvertNr, time, parties
	Letters  []brevdue.Letter // at least one in a valid message
	// LetterPos says where each letter starts, with the same indexes as Letters.
	// It is empty for a message that was not read from bytes.
	LetterPos []brevdue.Pos
}

// locate tells where a field of a letter stands in the bytes; field is the path
// of JSON keys in the canonical letter, e.g. "sender.gln" or "patient.cpr".
type locate func(letter int, field string) brevdue.Pos

// Read reads a bare DIS91 or XDIS91 message (no VANS envelope around it).
// Anything else gives an empty message and a finding that names what it is.
// The findings include those of [Check], at their exact places.
func Read(data []byte) (Message, []brevdue.Finding) {
	t := Sniff(data)
	switch {
	case t.Kind == brevdue.DIS91 && t.Supported:
		return decodeDIS91(data)
	case t.Kind == brevdue.XDIS91 && t.Supported:
		return decodeXDIS91(data)
	}
	m := Message{Format: t.Format, Kind: t.Kind, Version: t.Version}
	return m, refuse(data, t)
}

// refuse says politely why a message is not a letter this program reads. When
// the bytes are not even whole XML or EDIFACT, the reader's findings come first:
// they say more than "unknown".
func refuse(data []byte, t Type) []brevdue.Finding {
	start := brevdue.Pos{Line: 1, Column: 1}
	switch {
	case len(data) == 0:
		return []brevdue.Finding{ruleEmpty.At(start)}
	case t.Format == brevdue.VANS:
		return []brevdue.Finding{ruleInEnvelope.At(start)}
	case t.Kind.IsReceipt():
		return []brevdue.Finding{ruleIsReceipt.At(start, t.Kind)}
	case t.Kind.IsBinary():
		return []brevdue.Finding{ruleIsBinary.At(start, t.Kind)}
	case t.Kind == brevdue.DIS91 || t.Kind == brevdue.XDIS91:
		return []brevdue.Finding{ruleOldVersion.At(start, t.Kind, t.Version)}
	case t.Name != "":
		return []brevdue.Finding{ruleOtherKind.At(start, t.Label())}
	case t.Format == brevdue.OIOXML:
		if _, fs := oioxml.Read(data); brevdue.HasErrors(fs) {
			return fs
		}
	case t.Format == brevdue.EDIFACT:
		if _, fs := edifact.Read(data); brevdue.HasErrors(fs) {
			return fs
		}
	}
	return []brevdue.Finding{ruleUnknownKind.At(start)}
}

// Encode writes the message as DIS91 or XDIS91. Nothing is ever cut off: what
// the format cannot hold gives an error finding and nil bytes. Characters
// outside ISO-8859-1 are replaced as std:xdis91 §2.1 says, with a warning.
func Encode(m Message, to brevdue.Kind) ([]byte, []brevdue.Finding) {
	switch to {
	case brevdue.DIS91:
		return encodeDIS91(m)
	case brevdue.XDIS91:
		return encodeXDIS91(m)
	}
	return nil, []brevdue.Finding{ruleCannotWrite.At(brevdue.Pos{}, to)}
}

// Rules returns every rule of the letter formats and of the syntaxes under
// them, sorted by id.
func Rules() []brevdue.Rule {
	rules := slices.Concat(edifact.Rules(), oioxml.Rules(), vans.Rules(), dis91Rules, xdis91Rules, letterRules, binaryRules)
	slices.SortFunc(rules, func(a, b brevdue.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return rules
}
