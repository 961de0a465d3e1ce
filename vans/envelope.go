package vans

import (
	"strings"

	"brevdue"
)

// Namespace is the XML namespace of the envelope version this package speaks.
const Namespace = "urn:oio:medcom:vans-envelope:1.0.4"

// Envelope is one VANSEnvelope: exactly one of Message and Receipt is set.
type Envelope struct {
	Sender, Receiver EndPoint
	ID               string // EnvelopeIdentifier: a UUID with hyphens, new for every sending
	Sent             string // xs:dateTime, "2006-01-02T15:04:05", with zone or without
	Message          *Message
	Receipt          *Receipt
}

// EndPoint is a place on the network.
type EndPoint struct {
	Type EndPointType
	ID   string // 1-18 characters: GLN, CVR number or the name of a network
}

// EndPointType says what kind of number an end point has.
type EndPointType string

// The end point types (std:xdis91 §7.2).
const (
	EAN         EndPointType = "EAN"
	CVR         EndPointType = "CVR"
	NetworkName EndPointType = "VANS"
)

// Message is a document on its way.
type Message struct {
	Meta Meta
	Data []byte // the document's bytes, whatever its format, in its own encoding
}

// Meta is MetaInformation: what is known of a document from outside.
type Meta struct {
	ID         string // UUID of the message, unchanged when it is sent again
	Processing *Processing
	Document   Document
	Transport  *Transport
}

// Processing names who handles the document on the way.
type Processing struct {
	Provider, Service string // 1-255
}

// Document describes the carried document.
type Document struct {
	Format  string // XML, EDIFACT, HL7, Binary or Other
	Name    string // e.g. "MCM:XDIS91"
	Version string // e.g. "XD9134L"; optional
	Size    int    // bytes before base64
}

// Transport says how the document is to be carried.
type Transport struct {
	Type      string // reliable, unreliable or empty, which means reliable
	Transform bool   // whether the network may convert the content
	Tags      []ServiceTag
}

// ServiceTag is a name with a value, both 1-70 characters.
type ServiceTag struct {
	Name, Value string
}

// Reliable tells whether the receiver owes a receipt for the envelope
// (std:xdis91 §7.4).
func (m Meta) Reliable() bool { return m.Transport == nil || m.Transport.Type != "unreliable" }

// Kind returns the message type of the document's name, e.g. "XDIS91" for
// "MCM:XDIS91" and "FDIS91" for "MCM:FDIS91#…".
func (d Document) Kind() brevdue.Kind {
	name, _, _ := strings.Cut(strings.TrimPrefix(d.Name, "MCM:"), "#")
	return brevdue.Kind(name)
}

// DocumentFor describes a document of a legacy kind (std:xdis91 §7.3).
func DocumentFor(kind brevdue.Kind, version string, size int) Document {
	format := "EDIFACT"
	if strings.HasPrefix(string(kind), "X") {
		format = "XML"
	}
	return Document{Format: format, Name: "MCM:" + string(kind), Version: version, Size: size}
}

// Receipt answers one envelope.
type Receipt struct {
	Kind             ReceiptKind
	Error            *Error // negative receipts only
	OriginalEnvelope string // EnvelopeIdentifier of what is answered
	Original         *Meta  // optional for NegativeVANS, whole otherwise
}

// ReceiptKind says who answers and how. The values are the element names.
type ReceiptKind string

// The receipts (std:xdis91 §7.4).
const (
	PositiveMessage ReceiptKind = "PositiveMessage" // from the receiving system: it arrived
	NegativeMessage ReceiptKind = "NegativeMessage" // from the receiving system: it cannot be handled
	NegativeVANS    ReceiptKind = "NegativeVans"    // from the network: it cannot be delivered
)

// Error is the reason of a negative receipt.
type Error struct {
	Code        int    // positive, 0 for none
	Description string // 1-512
}

// Answer returns the receipt for e: parties swapped, own identifier id, sent at
// sent (xs:dateTime). A receipt is never answered: ok is false for one.
func (e Envelope) Answer(kind ReceiptKind, reason *Error, id, sent string) (answer Envelope, ok bool) {
	if e.Message == nil {
		return Envelope{}, false
	}
	meta := e.Message.Meta
	if kind == PositiveMessage {
		reason = nil
	}
	return Envelope{
		Sender: e.Receiver, Receiver: e.Sender, ID: id, Sent: sent,
		Receipt: &Receipt{Kind: kind, Error: reason, OriginalEnvelope: e.ID, Original: &meta},
	}, true
}
