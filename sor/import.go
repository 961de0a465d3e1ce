package sor

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/encoding/charmap"

	"brevdue"
)

// The rules of a table from a register.
var (
	ruleColumns = rule("SOR-TABLE-01", brevdue.SeverityError, ref, "Kolonnen %s mangler: den første linje skal navngive kolonnerne.", "The column %s is missing: the first line must name the columns.")
	ruleColumn  = rule("SOR-TABLE-02", brevdue.SeverityWarning, ref, "Kolonnen %q bruges ikke.", "The column %q is not used.")
	ruleRow     = rule("SOR-TABLE-03", brevdue.SeverityError, ref, "Linjen kan ikke læses: et anførselstegn er ikke lukket eller står forkert.", "The line cannot be read: a quotation mark is not closed or is in the wrong place.")
	ruleCells   = rule("SOR-TABLE-04", brevdue.SeverityError, ref, "Linjen har %d felter, men der er kun %d kolonner.", "The line has %d cells, but there are %d columns only.")
)

// Imported is what a file from a register holds.
type Imported struct {
	Entries  []Entry // the rows without an error, in the order of the file
	Rows     int     // of the file, whatever became of them
	Imported string  // the date the file gives, "" for none
	Findings []brevdue.Finding
}

// Import reads a file from a register: a directory file as [Load] reads it, or a table
// (CSV) with semicolons, commas or tabs whose first line names the columns, by the fields'
// names or in Danish. Tables are UTF-8 or Windows-1252. A finding that is an error says
// why its row, or all of them, did not come in.
func Import(content []byte) Imported {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	first, _, _ := bytes.Cut(content, []byte("\n"))
	separator := separatorOf(string(first))
	if separator == 0 {
		return readYAML(content)
	}
	if !utf8.Valid(content) {
		if decoded, err := charmap.Windows1252.NewDecoder().Bytes(content); err == nil {
			content = decoded
		}
	}
	return readTable(content, separator)
}

// separatorOf finds what divides the cells of a line that names columns, 0 when the line
// does not.
func separatorOf(line string) rune {
	for _, separator := range ";\t," {
		for cell := range strings.SplitSeq(line, string(separator)) {
			if strings.Contains(line, string(separator)) && columnOf(cell) == "gln" {
				return separator
			}
		}
	}
	return 0
}

// columnOf is the field a column is for, "" for none.
func columnOf(heading string) string {
	heading = strings.Join(words(heading), " ")
	for field, names := range columns() {
		if slices.Contains(names, heading) {
			return field
		}
	}
	return ""
}

// columns are the folded headings of each field.
func columns() map[string][]string {
	return map[string][]string{
		"gln": {"gln", "lokationsnummer", "lokationsnr", "ean", "ean nummer"}, "name": {"name", "navn", "enhedsnavn"}, "kind": {"kind", "art", "type"},
		"place": {"place", "sted", "kommune", "hospital"}, "takes": {"takes", "kan modtage"}, "standards": {"standards", "standarder"}, "subjects": {"subjects", "emner"},
		"phone": {"phone", "telefon"}, "id": {"id"}, "id_code": {"id code", "id art"}, "organisation": {"organisation"}, "department": {"department", "afdeling"},
		"unit": {"unit", "afsnit"}, "updated": {"updated", "opdateret", "aendret"},
	}
}

// readTable reads the rows of a table that have no error.
func readTable(content []byte, separator rune) Imported {
	r := csv.NewReader(bytes.NewReader(content))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = separator, -1, false, true
	l := loader{places: map[string]brevdue.Pos{}}
	heading, err := r.Read()
	if err != nil {
		return Imported{Findings: []brevdue.Finding{ruleRow.At(brevdue.Pos{Line: 1, Column: 1})}}
	}
	fields := make([]string, len(heading))
	for i, h := range heading {
		if fields[i] = columnOf(h); fields[i] == "" {
			line, column := r.FieldPos(i)
			l.findings = append(l.findings, ruleColumn.At(brevdue.Pos{Line: line, Column: column}, h))
		}
	}
	if !slices.Contains(fields, "name") {
		l.findings = append(l.findings, ruleColumns.At(brevdue.Pos{Line: 1, Column: 1}, "name"))
		return Imported{Findings: l.findings}
	}
	var out Imported
	seen := map[string]int{}
	for ; ; out.Rows++ {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			l.findings = append(l.findings, ruleRow.At(brevdue.Pos{Line: bad.StartLine, Column: 1}))
			continue
		}
		path := fmt.Sprintf("entries[%d]", out.Rows)
		line, _ := r.FieldPos(0)
		l.places[path] = brevdue.Pos{Line: line, Column: 1, Path: path}
		if len(cells) > len(fields) {
			l.say(path, ruleCells, len(cells), len(fields))
			continue
		}
		for i := range cells {
			line, column := r.FieldPos(i)
			l.places[path+"."+fields[i]] = brevdue.Pos{Line: line, Column: column, Path: path + "." + fields[i]}
		}
		if entry, ok := l.whole(out.Rows, rowEntry(fields, cells), seen); ok {
			out.Entries = append(out.Entries, entry)
		}
	}
	out.Findings = l.findings
	return out
}

// rowEntry is a row of a table as an entry of a file. Cells that hold several values
// divide them by | or, where the values are codes, by spaces and commas.
func rowEntry(fields, cells []string) fileEntry {
	var e fileEntry
	codes := func(s string) []string {
		return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ,|", r) })
	}
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		switch fields[i] {
		case "gln":
			e.GLN = cell
		case "name":
			e.Name = cell
		case "kind":
			e.Kind = cell
		case "place":
			e.Place = cell
		case "takes":
			e.Takes = codes(cell)
		case "standards":
			if of := codes(cell); len(of) > 0 {
				e.Standards = &of
			}
		case "subjects":
			e.Subjects = strings.FieldsFunc(cell, func(r rune) bool { return r == '|' })
		case "phone":
			e.Phone = cell
		case "id":
			e.ID = cell
		case "id_code":
			e.IDCode = cell
		case "organisation":
			e.Organisation = cell
		case "department":
			e.Department = cell
		case "unit":
			e.Unit = cell
		case "updated":
			e.Updated = cell
		}
	}
	return e
}

// Write makes the directory file of entries that came in on a date ("2006-01-02", or
// ""); [Load] reads it back equal. Names that are shown in place of the register's are
// not written.
func Write(entries []Entry, imported string) ([]byte, error) {
	f := file{Imported: imported, Entries: make([]fileEntry, len(entries))}
	for i, e := range entries {
		f.Entries[i] = fileEntry{GLN: string(e.GLN), Name: e.Registered(), Kind: string(e.Kind), Place: e.Place, Subjects: e.Subjects, Phone: e.Phone,
			ID: e.ID, IDCode: string(e.IDCode), Organisation: e.Organisation, Department: e.Department, Unit: e.Unit, Updated: e.Updated}
		if e.Standards != nil {
			f.Entries[i].Standards = &e.Standards
		}
		for _, k := range e.Takes {
			f.Entries[i].Takes = append(f.Entries[i].Takes, string(k))
		}
	}
	return yaml.Marshal(f)
}
