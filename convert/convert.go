// Package convert puts a letter, an attachment message or a receipt into the other
// format and tells what was lost on the way.
//
// Specification: std:xdis91 §3 (letters), §5.6 (receipts) and §6 (attachment
// messages), through the canonical letter and binary letter of package medcom and
// the canonical receipt of package receipt.
//
// Deliberately missing: FHIR, which this version only recognises.
//
// What surprises: the loss report is not a list of what we believe we drop. The
// result is read again and compared, field for field and line for line, with
// what was read first; whatever differs is reported. Differences that mean
// nothing (std:xdis91 §3: version codes, "not classified" for an absent
// specialty, how a text is cut into parts) are left out.
package convert

import (
	"strings"

	"brevdue"
	"brevdue/medcom"
	"brevdue/receipt"
	"brevdue/vans"
)

// Result is what came of a conversion.
type Result struct {
	Data     []byte            // nil when a finding is an error
	Format   brevdue.Format    // of Data
	Kind     brevdue.Kind      // of Data, e.g. "XDIS91"
	Losses   []Loss            // empty: nothing was lost
	Findings []brevdue.Finding // of reading and of writing
}

// Loss is something of the original that the result does not say, or does not
// say the same way. Field is the path of JSON keys in the canonical letter.
type Loss struct {
	Field    string `json:"field"`
	Value    string `json:"value"`  // as it was; patient numbers masked
	Reason   string `json:"reason"` // Danish
	ReasonEN string `json:"reason_en"`
}

var ruleCannot = brevdue.Rule{ID: "CONV-KIND-01", Severity: brevdue.SeverityError, Ref: "std:xdis91 §3",
	Text: "Meddelelsen kan ikke omsættes til %s.", TextEN: "The message cannot be converted to %s."}

// Rules returns the rules of this package.
func Rules() []brevdue.Rule { return []brevdue.Rule{ruleCannot} }

// Convert reads a letter, a lone receipt or a lone attachment message, bare or in
// a VANS envelope, and writes it in the format to, which is brevdue.EDIFACT or
// brevdue.OIOXML. A message already in that format is written anew. The files of an
// attachment message keep every byte; for one of n bytes Convert needs memory for
// about 4n (read, written, and read again for the report).
func Convert(data []byte, to brevdue.Format) Result {
	if to != brevdue.EDIFACT && to != brevdue.OIOXML {
		return Result{Findings: []brevdue.Finding{ruleCannot.At(brevdue.Pos{}, to)}}
	}
	t := medcom.Sniff(data)
	if t.Format == brevdue.VANS {
		e, findings := vans.Read(data)
		if e.Message == nil || brevdue.HasErrors(findings) {
			if !brevdue.HasErrors(findings) {
				findings = append(findings, ruleCannot.At(brevdue.Pos{}, to)) // the envelope's own receipt
			}
			return Result{Findings: findings}
		}
		data, t = e.Message.Data, medcom.Sniff(e.Message.Data)
	}
	if t.Kind.IsReceipt() {
		return convertReceipt(data, to)
	}
	if t.Kind.IsBinary() {
		return convertBinary(data, to)
	}
	return convertLetter(data, to)
}

func convertBinary(data []byte, to brevdue.Format) Result {
	r := Result{Format: to, Kind: brevdue.BIN01}
	if to == brevdue.OIOXML {
		r.Kind = brevdue.XBIN01
	}
	m, findings := medcom.ReadBinary(data)
	r.Findings = findings
	if brevdue.HasErrors(findings) {
		return r
	}
	out, written := medcom.EncodeBinary(m, r.Kind)
	r.Findings = append(r.Findings, written...)
	if out == nil {
		return r
	}
	again, _ := medcom.ReadBinary(out)
	r.Data, r.Losses = out, binaryLosses(m, again)
	return r
}

func convertLetter(data []byte, to brevdue.Format) Result {
	kind := brevdue.DIS91
	if to == brevdue.OIOXML {
		kind = brevdue.XDIS91
	}
	r := Result{Format: to, Kind: kind}
	m, findings := medcom.Read(data)
	r.Findings = findings
	if brevdue.HasErrors(findings) {
		return r
	}
	out, written := medcom.Encode(m, kind)
	r.Findings = append(r.Findings, written...)
	if out == nil {
		return r
	}
	again, _ := medcom.Read(out)
	r.Data = out
	r.Losses = append(notRead(findings), letterLosses(m, again)...)
	return r
}

func convertReceipt(data []byte, to brevdue.Format) Result {
	r := Result{Format: to}
	m, findings := receipt.Read(data)
	r.Findings = findings
	if brevdue.HasErrors(findings) {
		return r
	}
	r.Kind = receipt.Kind(m.Receipt.Outcome, to)
	out, written := receipt.Encode(m, r.Kind)
	r.Findings = append(r.Findings, written...)
	if out == nil {
		return r
	}
	again, _ := receipt.Read(out)
	r.Data = out
	r.Losses = append(notRead(findings), receiptLosses(m, again)...)
	return r
}

// notRead are the parts that the reader said it passes over: what a letter had and no
// canonical letter holds.
func notRead(findings []brevdue.Finding) []Loss {
	var losses []Loss
	for _, f := range findings {
		if field := passedOver(f); field != "" {
			losses = append(losses, Loss{Field: field, Reason: f.Text, ReasonEN: f.TextEN})
		}
	}
	return losses
}

// passedOver is the field a finding says was not read, "" when it says something else.
// Fields that a canonical letter does not have go by the names of the formats.
func passedOver(f brevdue.Finding) string {
	switch f.Rule {
	case "XDIS91-LOCAL-01":
		return "local_elements"
	case "DIS91-GRP-02":
		return "s05"
	case "DIS91-SEG-04":
		if strings.Contains(f.Pos.Path, "SPR") {
			return "receiver.specialty"
		}
		return "receiver.phone"
	case "DIS91-ID-02":
		return "patient.replacements"
	case "DIS91-TIME-02":
		return "dtm_182"
	}
	return ""
}
