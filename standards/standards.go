// Package standards is the index of the specifications: each statement of theirs,
// whether it is covered, and the code and test that show it.
//
// Specification: the reference of the legacy formats, std:xdis91.
//
// Deliberately missing: the specifications themselves, which are not ours to
// print.
//
// What surprises: a row is a claim that a test of this package holds against the
// tree: code that is gone or a test nobody wrote makes it fail.
package standards

import (
	_ "embed"
	"strings"
)

//go:embed index.tsv
var index string

// Row is one statement of a specification.
type Row struct {
	Spec    string // e.g. "std:xdis91"
	Section string // e.g. "2.5"
	What    string
	Status  Status
	Code    string // package.Identifier, or the folder of the room
	Test    string
	Note    string // why it is not covered whole
}

// Status says how far a statement is covered.
type Status string

// The statuses.
const (
	Yes     Status = "Yes"
	Partial Status = "Partial"
	No      Status = "No"
)

// Index returns every row in the order of the specification.
func Index() []Row {
	var rows []Row
	for line := range strings.Lines(index) {
		c := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(c) == 7 && c[0] != "spec" {
			rows = append(rows, Row{c[0], c[1], c[2], Status(c[3]), c[4], c[5], c[6]})
		}
	}
	return rows
}

// Count returns how many rows have the status.
func Count(s Status) (n int) {
	for _, r := range Index() {
		if r.Status == s {
			n++
		}
	}
	return n
}
