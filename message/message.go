// Package message opens any message this project knows, whatever it is: out of
// its VANSEnvelope when it has one, recognised by its content, read, and with
// every finding.
//
// Specification: std:xdis91 §7 for what an envelope and the message in it must
// agree about; everything else is in the rooms it calls, vans, medcom and receipt.
//
// Deliberately missing: FHIR, which is recognised and named only.
//
// What surprises: line and column of a finding in an enveloped message are the
// message's own, as if it had come bare; its path begins with
// "/VANSEnvelope/Message/Data!".
package message

import (
	"brevdue"
	"brevdue/medcom"
	"brevdue/receipt"
	"brevdue/vans"
)

// Message is one message that was opened. Of Letter, Receipt and Binary at most
// one is set; none when the message is of another kind, or broken beyond reading.
type Message struct {
	Format   brevdue.Format // of the outermost layer
	Envelope *vans.Envelope // the VANSEnvelope around it, nil when it came bare
	Data     []byte         // the message itself; empty when the envelope holds a receipt of the network
	Type     medcom.Type    // of the message itself
	Letter   *medcom.Message
	Receipt  *receipt.Message
	Binary   *medcom.BinaryMessage // the files of a letter
	Findings []brevdue.Finding
}

// Open reads a message. It never fails: what is wrong is in the findings.
func Open(data []byte) Message {
	t := medcom.Sniff(data)
	m := Message{Format: t.Format, Data: data, Type: t}
	if t.Format == brevdue.VANS {
		e, fs := vans.Read(data)
		m.Envelope, m.Findings, m.Data = &e, fs, nil
		if e.Message == nil || len(e.Message.Data) == 0 {
			return m
		}
		m.Data, m.Type = e.Message.Data, medcom.Sniff(e.Message.Data)
	}
	for _, f := range m.read() {
		if m.Envelope != nil {
			f.Pos.Path = inData + f.Pos.Path
		}
		m.Findings = append(m.Findings, f)
	}
	if m.Envelope != nil {
		m.Findings = append(m.Findings, m.agree(data)...)
	}
	return m
}

// inData is where a message lies in its envelope.
const inData = "/VANSEnvelope/Message/Data!"

// read reads the message itself by its kind.
func (m *Message) read() []brevdue.Finding {
	if m.Type.Kind.IsReceipt() {
		r, findings := receipt.Read(m.Data)
		m.Receipt = &r
		return findings
	}
	if m.Type.Kind.IsBinary() {
		b, findings := medcom.ReadBinary(m.Data)
		m.Binary = &b
		return findings
	}
	l, findings := medcom.Read(m.Data)
	if len(l.Letters) > 0 {
		m.Letter = &l
	}
	return findings
}

// Valid tells whether nothing is wrong with the message; warnings do not count.
func (m Message) Valid() bool { return !brevdue.HasErrors(m.Findings) }
