package brevdue

import "fmt"

// Severity grades a finding.
type Severity string

// The severities. A message with an error is not valid; warnings and
// information never stop a letter.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityInfo    Severity = "info"
)

// Pos is a place in the bytes of a message. Line and Column count from 1, the
// column in characters; zero means that the place is not known. Path is the
// format's own, e.g. "S01[1]/NAD[1]" or "/Emessage/ClinicalEmail[1]/Letter".
type Pos struct {
	Offset int    `json:"offset"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Path   string `json:"path"`
}

// Finding is something a check has to say about a letter. It is never an error
// in Go's sense: errors are about the world, findings about the letter. Texts
// never quote a patient's number or free text of the letter.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Pos      Pos      `json:"pos"`
	Text     string   `json:"text"`    // Danish, for the clerk
	TextEN   string   `json:"text_en"` // English
	Ref      string   `json:"ref"`     // e.g. "std:xdis91 §2.2"
}

// Rule is one validation rule: a stable public id, how bad a breach is, and the
// words for it. Text and TextEN are fmt formats that take the same arguments.
type Rule struct {
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Text     string   `json:"text"`
	TextEN   string   `json:"text_en"`
	Ref      string   `json:"ref"`
}

// At makes the finding that the rule was broken at pos.
func (r Rule) At(pos Pos, args ...any) Finding {
	return Finding{
		Rule: r.ID, Severity: r.Severity, Pos: pos, Ref: r.Ref,
		Text: fmt.Sprintf(r.Text, args...), TextEN: fmt.Sprintf(r.TextEN, args...),
	}
}

// HasErrors tells whether any finding is an error.
func HasErrors(fs []Finding) bool {
	for _, f := range fs {
		if f.Severity == SeverityError {
			return true
		}
	}
	return false
}
