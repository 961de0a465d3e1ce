package message

import (
	"cmp"
	"slices"
	"strings"

	"brevdue"
	"brevdue/medcom"
	"brevdue/oioxml"
	"brevdue/receipt"
	"brevdue/vans"
)

// The rules about an envelope and the message in it. None of them is an error:
// the network delivers by the envelope, the letter is judged by itself, and where
// they differ a person should know.
var (
	ruleSender = rule("MSG-VANS-01", "Kuvertens afsender er ikke brevets: %s. Se efter, om brevet er kommet fra den rette.",
		"The envelope's sender is not the letter's: %s. Check that the letter came from the right party.")
	ruleReceiver = rule("MSG-VANS-02", "Kuvertens modtager er ikke brevets: %s. Se efter, om brevet er til jer.",
		"The envelope's receiver is not the letter's: %s. Check that the letter is for you.")
	ruleName = rule("MSG-VANS-03", "Kuverten siger, at indholdet er %s, men det er %s.",
		"The envelope says that the content is %s, but it is %s.")
	ruleVersion = rule("MSG-VANS-04", "Kuverten siger, at versionen er %s, men den er %s.",
		"The envelope says that the version is %s, but it is %s.")
	ruleFormat = rule("MSG-VANS-05", "Kuverten siger, at formatet er %s, men det er %s.",
		"The envelope says that the format is %s, but it is %s.")
)

func rule(id, da, en string) brevdue.Rule {
	return brevdue.Rule{ID: id, Severity: brevdue.SeverityWarning, Text: da, TextEN: en, Ref: "std:xdis91 §7.3"}
}

// Rules returns every rule a message can break, those of all the rooms below
// included, sorted by id.
func Rules() []brevdue.Rule {
	rules := slices.Concat([]brevdue.Rule{ruleSender, ruleReceiver, ruleName, ruleVersion, ruleFormat}, medcom.Rules(), receipt.Rules())
	slices.SortFunc(rules, func(a, b brevdue.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(rules, func(a, b brevdue.Rule) bool { return a.ID == b.ID })
}

// agree holds an envelope against the message in it. data are the envelope's
// bytes.
func (m *Message) agree(data []byte) []brevdue.Finding {
	e := m.Envelope
	var fs []brevdue.Finding
	var root *oioxml.Node
	say := func(r brevdue.Rule, path []string, args ...any) {
		if root == nil { // only now are places needed
			doc, _ := oioxml.Read(data)
			root = doc.Root
		}
		n := root
		for _, step := range path {
			if c := n.Child(step); c != nil {
				n = c
			}
		}
		fs = append(fs, r.At(n.Pos(), args...))
	}
	sender, receiver := m.parties()
	if e.Sender.Type == vans.EAN && sender != "" && e.Sender.ID != string(sender) {
		say(ruleSender, []string{"SenderID"}, e.Sender.ID)
	}
	if e.Receiver.Type == vans.EAN && receiver != "" && e.Receiver.ID != string(receiver) {
		say(ruleReceiver, []string{"ReceiverID"}, e.Receiver.ID)
	}
	d := e.Message.Meta.Document
	document := []string{"Message", "MetaInformation", "Document"}
	if m.Type.Kind == "" {
		return fs // what it is not cannot be said
	}
	if k := d.Kind(); k != m.Type.Kind && strings.HasPrefix(d.Name, "MCM:") {
		say(ruleName, append(document, "Name"), k, m.Type.Kind)
	}
	if d.Version != "" && m.Type.Version != "" && d.Version != m.Type.Version {
		say(ruleVersion, append(document, "Version"), d.Version, m.Type.Version)
	}
	want := map[brevdue.Format]string{brevdue.EDIFACT: "EDIFACT", brevdue.OIOXML: "XML", brevdue.FHIRJSON: "HL7", brevdue.FHIRXML: "HL7"}[m.Type.Format]
	if want != "" && d.Format != want {
		say(ruleFormat, append(document, "Format"), d.Format, want)
	}
	return fs
}

// parties are the location numbers of the message itself, "" where it names none.
func (m *Message) parties() (sender, receiver brevdue.GLN) {
	switch {
	case m.Letter != nil:
		return m.Letter.Envelope.Sender, m.Letter.Envelope.Receiver
	case m.Receipt != nil:
		return m.Receipt.Envelope.Sender, m.Receipt.Envelope.Receiver
	case m.Binary != nil:
		return m.Binary.Envelope.Sender, m.Binary.Envelope.Receiver
	}
	return "", ""
}
