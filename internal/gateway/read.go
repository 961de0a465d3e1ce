package gateway

import (
	"fmt"
	"runtime/debug"

	"brevdue"
	"brevdue/medcom"
	"brevdue/receipt"
	"brevdue/vans"
)

// reading is what the bytes of an arrival say. It is made without asking
// anybody, so it can be made any number of times.
type reading struct {
	outer    *vans.Envelope // the VANSEnvelope around the message; nil when it came bare
	inner    []byte         // the message itself
	kind     medcom.Type
	findings []brevdue.Finding

	message *medcom.Message       // letters, at least one
	receipt *receipt.Message      // a CTL or XCTL
	binary  *medcom.BinaryMessage // the files of a letter

	// failure says, in Danish, why there is neither: then the arrival is for the
	// operator. refuse is the code the sender is told, when there is one to tell.
	failure string
	refuse  brevdue.RefuseCode
	// original is what a receipt would answer; answerable when enough of it could
	// be read.
	original   receipt.Original
	answerable bool

	stack string // of a panic in a reader
}

// read makes out what it can. A panic in a reader becomes a failure of this one
// arrival; its text is dropped, because it could hold a part of a letter.
func read(data []byte) (r reading) {
	defer func() {
		if p := recover(); p != nil {
			r = reading{
				inner: data, kind: r.kind,
				failure: "Meddelelsen kunne ikke behandles på grund af en fejl i programmet.",
				stack:   fmt.Sprintf("panic of type %T\n%s", p, debug.Stack()),
			}
		}
	}()
	r.inner = data
	r.kind = medcom.Sniff(data)
	if r.kind.Format == brevdue.VANS && !r.unwrap() {
		return r
	}
	switch {
	case r.kind.Kind.IsReceipt():
		r.readReceipt()
	case r.kind.Kind.IsBinary() && r.kind.Supported:
		r.readBinary()
	case r.kind.Supported:
		r.readLetters()
	default:
		r.readOther()
	}
	return r
}

// unwrap takes the VANSEnvelope off and tells whether there is a message to go
// on with.
func (r *reading) unwrap() bool {
	outer, findings := vans.Read(r.inner)
	r.outer, r.findings = &outer, findings
	if brevdue.HasErrors(findings) {
		r.failure, r.refuse = "VANS-kuverten kan ikke læses.", brevdue.RefuseSyntax
		return false
	}
	if outer.Message == nil {
		return false // a receipt of the network; settled by itself
	}
	r.inner = outer.Message.Data
	r.kind = medcom.Sniff(r.inner)
	if r.kind.Format == brevdue.VANS {
		r.failure, r.refuse = "VANS-kuverten indeholder endnu en kuvert.", brevdue.RefuseSyntax
		return false
	}
	return true
}

func (r *reading) readReceipt() {
	m, findings := receipt.Read(r.inner)
	r.findings = append(r.findings, findings...)
	if brevdue.HasErrors(findings) && (m.Receipt.OriginalEnvelope == "" || m.Receipt.Outcome == "") {
		r.failure = "Kvitteringen kan ikke læses."
		return
	}
	r.receipt = &m
}

func (r *reading) readLetters() {
	m, findings := medcom.Read(r.inner)
	r.findings = append(r.findings, findings...)
	r.original, r.answerable = receipt.OriginalOf(r.inner)
	if len(m.Letters) == 0 {
		r.failure, r.refuse = "Brevet kan ikke læses.", brevdue.RefuseSyntax
		return
	}
	r.message = &m
}

func (r *reading) readOther() {
	r.original, r.answerable = receipt.OriginalOf(r.inner)
	switch {
	case len(r.inner) == 0:
		r.failure = "Filen er tom."
	case r.kind.Format == brevdue.FHIRJSON || r.kind.Format == brevdue.FHIRXML:
		r.failure = "Meddelelsen er i FHIR-format (" + r.kind.Label() + "), som denne version endnu ikke behandler. Den er gemt."
		r.refuse, r.answerable = brevdue.RefuseVersion, false // CTL and XCTL cannot answer it
	case r.kind.Name != "" || r.kind.Kind != "":
		r.failure = "Meddelelsestypen " + r.kind.Label() + " behandles ikke her."
		r.refuse = brevdue.RefuseVersion
	default:
		r.failure = "Det kan ikke ses, hvilken slags meddelelse det er."
		r.refuse = brevdue.RefuseSyntax
	}
	if r.failure != "" && len(r.findings) == 0 {
		_, findings := medcom.Read(r.inner)
		r.findings = findings
	}
}
