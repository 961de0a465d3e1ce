package vans

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"strconv"

	"brevdue"
	"brevdue/oioxml"
)

// Write writes the envelope as UTF-8. What does not make a valid envelope gives
// error findings and nil bytes. SizeInBytes of a message is the size of its
// data; the field in Meta is not used.
func Write(e Envelope) ([]byte, []brevdue.Finding) {
	var w writer
	w.b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<VANSEnvelope xmlns="` + Namespace + `">`)
	w.endPoint("SenderID", e.Sender)
	w.endPoint("ReceiverID", e.Receiver)
	w.leaf("EnvelopeIdentifier", e.ID)
	w.leaf("SentDateTime", e.Sent)
	var data []byte
	if m := e.Message; m != nil {
		m := *m
		m.Meta.Document.Size = len(m.Data)
		w.open("Message")
		w.meta("MetaInformation", m.Meta)
		w.open("Data")
		w.b.WriteString(dataMark)
		w.close("Data")
		w.close("Message")
		data = m.Data
	}
	if e.Receipt != nil {
		w.receipt(e.Receipt)
	}
	w.b.WriteString(`</VANSEnvelope>`)
	return finish(w.b.Bytes(), e, data)
}

// dataMark stands for the content while the envelope around it is checked, so
// that a hundred megabytes are not walked through a second time.
const dataMark = "AAAA"

// finish holds the envelope against the grammar and puts the content in.
func finish(out []byte, e Envelope, data []byte) ([]byte, []brevdue.Finding) {
	doc, findings := oioxml.Read(out)
	if doc.Root != nil {
		findings = append(findings, grammar.Check(doc.Root, ref)...)
	}
	var wrong []brevdue.Finding
	for _, f := range findings {
		if f.Severity == brevdue.SeverityError {
			wrong = append(wrong, ruleWrite.At(brevdue.Pos{Path: f.Pos.Path}, f.Pos.Path))
		}
	}
	if e.Message != nil && len(data) == 0 {
		wrong = append(wrong, ruleNoData.At(brevdue.Pos{Path: "/VANSEnvelope/Message/Data"}))
	}
	if wrong != nil {
		return nil, wrong
	}
	if e.Message == nil {
		return out, nil
	}
	before, after, _ := bytes.Cut(out, []byte("<Data>"+dataMark))
	whole := make([]byte, 0, len(out)+len("<Data>")+base64.StdEncoding.EncodedLen(len(data)))
	whole = append(append(whole, before...), "<Data>"...)
	whole = base64.StdEncoding.AppendEncode(whole, data)
	return append(whole, after...), nil
}

type writer struct{ b bytes.Buffer }

func (w *writer) open(name string)  { w.b.WriteString("<" + name + ">") }
func (w *writer) close(name string) { w.b.WriteString("</" + name + ">") }

func (w *writer) escape(s string) { xml.EscapeText(&w.b, []byte(s)) } // a bytes.Buffer never fails

func (w *writer) leaf(name, value string) {
	w.open(name)
	w.escape(value)
	w.close(name)
}

func (w *writer) optional(name, value string) {
	if value != "" {
		w.leaf(name, value)
	}
}

func (w *writer) endPoint(name string, p EndPoint) {
	w.b.WriteString("<" + name + ` EndPointType="`)
	w.escape(string(p.Type))
	w.b.WriteString(`">`)
	w.escape(p.ID)
	w.close(name)
}

func (w *writer) meta(name string, m Meta) {
	w.open(name)
	w.leaf("Identifier", m.ID)
	if p := m.Processing; p != nil {
		w.open("Processing")
		w.leaf("ProviderIdentifier", p.Provider)
		w.leaf("ServiceIdentifier", p.Service)
		w.close("Processing")
	}
	w.open("Document")
	w.leaf("Format", m.Document.Format)
	w.leaf("Name", m.Document.Name)
	w.optional("Version", m.Document.Version)
	w.leaf("SizeInBytes", strconv.Itoa(m.Document.Size))
	w.close("Document")
	if t := m.Transport; t != nil {
		w.open("Transport")
		w.optional("Type", t.Type)
		w.leaf("TransformMessage", strconv.FormatBool(t.Transform))
		for _, tag := range t.Tags {
			w.b.WriteString(`<ServiceTag name="`)
			w.escape(tag.Name)
			w.b.WriteString(`">`)
			w.escape(tag.Value)
			w.close("ServiceTag")
		}
		w.close("Transport")
	}
	w.close(name)
}

func (w *writer) receipt(r *Receipt) {
	w.open("Receipt")
	switch r.Kind {
	case PositiveMessage, NegativeMessage, NegativeVANS:
		w.open(string(r.Kind))
		if r.Error != nil {
			w.open("Error")
			if r.Error.Code != 0 {
				w.leaf("Code", strconv.Itoa(r.Error.Code))
			}
			w.leaf("Description", r.Error.Description)
			w.close("Error")
		}
		w.leaf("OriginalEnvelopeIdentifier", r.OriginalEnvelope)
		if r.Original != nil {
			w.meta("OriginalMessage", *r.Original)
		}
		w.close(string(r.Kind))
	}
	w.close("Receipt")
}
