package brevdue

// Outcome is what a receipt says about what it answers.
type Outcome string

// The outcomes (std:xdis91 §5.1).
const (
	Positive     Outcome = "positive"      // CTL03, XCTL03
	Negative     Outcome = "negative"      // CTL02, XCTL02: refused by the receiving system
	NegativeVANS Outcome = "negative-vans" // CTL01, XCTL01: not deliverable by the network
)

// RefuseCode says why something was refused (std:xdis91 §5.4). The values are
// the OIOXML words.
type RefuseCode string

// The refuse codes.
const (
	RefuseUnspecified     RefuseCode = "ikke_specificeret"
	RefuseUnknownLocation RefuseCode = "ukendt_lokationsnummer"
	RefuseReceiverID      RefuseCode = "problem_med_modtagerID"
	RefuseVersion         RefuseCode = "problem_med_version"
	RefuseSyntax          RefuseCode = "syntaksfejl"
)

// Refusal is the reason of a negative receipt.
type Refusal struct {
	Code RefuseCode `json:"code,omitempty"`
	Text Text       `json:"text,omitzero"`
}

// Receipt is the answer to one received envelope: CTL01-03, XCTL01-03.
type Receipt struct {
	Outcome          Outcome         `json:"outcome"`
	ID               string          `json:"id"`      // BrevNr of the receipt, 1-14
	Version          string          `json:"version"` // version code, e.g. "C0330Q"
	StatisticalCode  string          `json:"statistical_code,omitempty"`
	OriginalEnvelope string          `json:"original_envelope"` // KuvertNr of what is answered
	OriginalSender   GLN             `json:"original_sender"`
	OriginalReceiver GLN             `json:"original_receiver"`
	Refusal          *Refusal        `json:"refusal,omitempty"` // of the whole envelope
	Letters          []ReceiptLetter `json:"letters,omitempty"` // none: all letters of the envelope
}

// ReceiptLetter is what a receipt says about one letter of the envelope.
type ReceiptLetter struct {
	ID      string   `json:"id"`             // BrevNr
	Version string   `json:"version"`        // version code of the letter as sent, e.g. "XD9134L"
	Type    string   `json:"type,omitempty"` // UCM 2.1, e.g. "MEDDIS"; EDIFACT only
	Refusal *Refusal `json:"refusal,omitempty"`
}
