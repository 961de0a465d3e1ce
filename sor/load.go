package sor

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"brevdue"
)

const ref = "docs/house.md"

func rule(id string, s brevdue.Severity, ref, da, en string) brevdue.Rule {
	return brevdue.Rule{ID: id, Severity: s, Text: da, TextEN: en, Ref: ref}
}

// The rules of a directory file.
var (
	ruleYAML    = rule("SOR-FILE-01", brevdue.SeverityError, ref, "Filen kan ikke læses her: %s", "The file cannot be read here: %s")
	ruleEmpty   = rule("SOR-FILE-02", brevdue.SeverityError, ref, "Filen er tom. Skriv \"entries: []\", hvis der ingen modtagere er.", "The file is empty. Write \"entries: []\" when there are no receivers.")
	ruleSecond  = rule("SOR-FILE-03", brevdue.SeverityError, ref, "Filen må kun indeholde ét katalog.", "The file may hold one directory only.")
	ruleShort   = rule("SOR-FILE-04", brevdue.SeverityError, ref, "Mærker (!), ankre (&) og henvisninger (*) bruges ikke her: skriv værdien ud.", "Tags (!), anchors (&) and aliases (*) are not used here: write the value out.")
	ruleKey     = rule("SOR-KEY-01", brevdue.SeverityError, ref, "Ukendt felt: %s.", "Unknown field: %s.")
	ruleTwice   = rule("SOR-KEY-02", brevdue.SeverityError, ref, "Feltet står her to gange.", "The field stands here twice.")
	ruleMissing = rule("SOR-KEY-03", brevdue.SeverityError, ref, "%s mangler.", "%s is missing.")
	ruleWord    = rule("SOR-VALUE-01", brevdue.SeverityError, ref, "%q kan ikke stå her. Mulige værdier: %s.", "%q cannot stand here. Possible values: %s.")
	ruleLong    = rule("SOR-VALUE-02", brevdue.SeverityError, "std:xdis91 §1.2", "%s er på %d tegn; et brev har plads til %d.", "%s has %d characters; a letter has room for %d.")
	ruleIDCode  = rule("SOR-VALUE-03", brevdue.SeverityError, "std:xdis91 §1.4", "id og id_code skal stå sammen.", "id and id_code must stand together.")
	ruleCode    = rule("SOR-VALUE-04", brevdue.SeverityError, "AGR-205", "%q ligner ikke koden på en MedCom-standard, fx XDIS16.", "%q does not look like the code of a MedCom message, e.g. XDIS16.")
	ruleDate    = rule("SOR-VALUE-05", brevdue.SeverityError, ref, "%q er ikke en dato. Skriv fx 2026-11-24.", "%q is not a date. Write e.g. 2026-11-24.")
	ruleGLN     = rule("SOR-GLN-01", brevdue.SeverityWarning, "std:xdis91 §1.3", "Lokationsnummeret har ikke 13 cifre med rigtigt kontrolciffer.", "The location number does not have 13 digits with the right check digit.")
	ruleSameGLN = rule("SOR-GLN-02", brevdue.SeverityError, ref, "Lokationsnummeret står også på linje %d.", "The location number also stands in line %d.")
	ruleNoKind  = rule("SOR-KIND-01", brevdue.SeverityWarning, "AGR-601", "Modtagerens art (kind) er ikke angivet: der kan ikke loves nogen læsefrist.", "The receiver's kind is not given: no reading deadline can be promised.")
)

// Rules returns every rule of directory files, sorted by id.
func Rules() []brevdue.Rule {
	return []brevdue.Rule{ruleStale, ruleYAML, ruleEmpty, ruleSecond, ruleShort, ruleGLN, ruleSameGLN, ruleKey, ruleTwice, ruleMissing, ruleNoKind,
		ruleClosed, ruleAlike, ruleNowhere, ruleNear, ruleTwins, ruleCrowded, ruleColumns, ruleColumn, ruleRow, ruleCells, ruleWord, ruleLong, ruleIDCode, ruleCode, ruleDate}
}

// file is the directory's YAML, word for word.
type file struct {
	Imported string      `yaml:"imported,omitempty"`
	Entries  []fileEntry `yaml:"entries"`
}

type fileEntry struct {
	GLN          string    `yaml:"gln"`
	Name         string    `yaml:"name"`
	Kind         string    `yaml:"kind,omitempty"`
	Place        string    `yaml:"place,omitempty"`
	Takes        []string  `yaml:"takes,flow,omitempty"`
	Standards    *[]string `yaml:"standards,flow,omitempty"` // nil: not known
	Subjects     []string  `yaml:"subjects,omitempty"`
	Phone        string    `yaml:"phone,omitempty"`
	ID           string    `yaml:"id,omitempty"`
	IDCode       string    `yaml:"id_code,omitempty"`
	Organisation string    `yaml:"organisation,omitempty"`
	Department   string    `yaml:"department,omitempty"`
	Unit         string    `yaml:"unit,omitempty"`
	Updated      string    `yaml:"updated,omitempty"`
}

// Load reads a directory file: a list "entries" with gln and name, and where
// known kind, place, takes, standards, subjects, phone, id with id_code, organisation,
// department, unit and updated; and the date "imported". The directory is nil when any
// finding is an error.
func Load(content []byte) (*Directory, []brevdue.Finding) {
	f := readYAML(content)
	if brevdue.HasErrors(f.Findings) {
		return nil, f.Findings
	}
	d := New(f.Entries)
	d.Imported = f.Imported
	return d, f.Findings
}

// readYAML reads the entries of a directory file that have no error.
func readYAML(content []byte) Imported {
	start := brevdue.Pos{Line: 1, Column: 1}
	failed := func(f brevdue.Finding) Imported { return Imported{Findings: []brevdue.Finding{f}} }
	if len(bytes.TrimSpace(content)) == 0 {
		return failed(ruleEmpty.At(start))
	}
	tree, err := parser.ParseBytes(content, 0)
	if err != nil {
		return failed(yamlFinding(err))
	}
	if at, found := shorthand(tree); found {
		return failed(ruleShort.At(at))
	}
	var f file
	dec := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict())
	switch err := dec.Decode(&f); {
	case errors.Is(err, io.EOF):
		return failed(ruleEmpty.At(start))
	case err != nil:
		return failed(yamlFinding(err))
	}
	if err := dec.Decode(new(file)); !errors.Is(err, io.EOF) {
		return failed(ruleSecond.At(start))
	}
	l := loader{places: places(tree)}
	out := Imported{Imported: l.date("imported", f.Imported), Rows: len(f.Entries)}
	seen := map[string]int{}
	for i, e := range f.Entries {
		if entry, ok := l.whole(i, e, seen); ok {
			out.Entries = append(out.Entries, entry)
		}
	}
	out.Findings = l.findings
	return out
}

// shorthand finds what YAML offers to say a value in another way than writing
// it. A directory needs none of it; a few aliases of aliases would fill the
// memory, and the library cannot read every tag.
func shorthand(tree *ast.File) (at brevdue.Pos, found bool) {
	var visit visitor = func(n ast.Node) bool {
		switch n.(type) {
		case *ast.TagNode, *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
			if !found {
				found, at = true, brevdue.Pos{Line: 1, Column: 1}
				if t := n.GetToken(); t != nil && t.Position != nil {
					at = brevdue.Pos{Offset: t.Position.Offset, Line: t.Position.Line, Column: t.Position.Column}
				}
			}
		}
		return !found
	}
	for _, doc := range tree.Docs {
		if doc.Body != nil {
			ast.Walk(visit, doc.Body)
		}
	}
	return at, found
}

// visitor is a function that is shown every node, until it returns false.
type visitor func(ast.Node) bool

// Visit implements [ast.Visitor].
func (v visitor) Visit(n ast.Node) ast.Visitor {
	if v(n) {
		return v
	}
	return nil
}

// yamlFinding turns the YAML library's error into a finding at its place.
func yamlFinding(err error) brevdue.Finding {
	at := brevdue.Pos{Line: 1, Column: 1}
	var located yaml.Error
	message := strings.TrimSpace(err.Error())
	if errors.As(err, &located) {
		message = located.GetMessage()
		if t := located.GetToken(); t != nil && t.Position != nil {
			at = brevdue.Pos{Offset: t.Position.Offset, Line: t.Position.Line, Column: t.Position.Column}
		}
	}
	var unknown *yaml.UnknownFieldError
	var twice *yaml.DuplicateKeyError
	switch {
	case errors.As(err, &unknown):
		return ruleKey.At(at, strings.Trim(strings.TrimPrefix(unknown.Message, "unknown field "), `"`))
	case errors.As(err, &twice), strings.Contains(message, "already defined at"): // the parser says it first, in words only
		return ruleTwice.At(at)
	}
	return ruleYAML.At(at, message)
}

// places notes where each value of each entry stands: one walk for the whole
// file, because a directory may have thousands of entries.
func places(tree *ast.File) map[string]brevdue.Pos {
	out := map[string]brevdue.Pos{}
	note := func(path string, n ast.Node) {
		if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
			return
		}
		p := n.GetToken().Position
		out[path] = brevdue.Pos{Offset: p.Offset, Line: p.Line, Column: p.Column, Path: path}
	}
	for _, doc := range tree.Docs {
		for _, top := range pairs(doc.Body) {
			note(top.Key.String(), top.Value)
			list, ok := top.Value.(*ast.SequenceNode)
			if !ok || top.Key.String() != "entries" {
				continue
			}
			for i, item := range list.Values {
				path := fmt.Sprintf("entries[%d]", i)
				fields := pairs(item)
				if len(fields) > 0 {
					note(path, fields[0].Key)
				} else {
					note(path, item)
				}
				for _, f := range fields {
					field := path + "." + f.Key.String()
					note(field, f.Value)
					if values, ok := f.Value.(*ast.SequenceNode); ok {
						for j, v := range values.Values {
							note(fmt.Sprintf("%s[%d]", field, j), v)
						}
					}
				}
			}
		}
	}
	return out
}

func pairs(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

type loader struct {
	places   map[string]brevdue.Pos
	findings []brevdue.Finding
}

// say makes a finding at a path of the file, or at the entry when the field is
// not there.
func (l *loader) say(path string, r brevdue.Rule, args ...any) {
	l.findings = append(l.findings, r.At(l.place(path), args...))
}

func (l *loader) place(path string) brevdue.Pos {
	at, ok := l.places[path]
	if !ok {
		entry, _, _ := strings.Cut(path, ".")
		if at, ok = l.places[entry]; !ok {
			at = brevdue.Pos{Line: 1, Column: 1}
		}
		at.Path = path
	}
	return at
}

// whole is entry, and tells whether it is without an error.
func (l *loader) whole(i int, e fileEntry, seen map[string]int) (Entry, bool) {
	before := len(l.findings)
	out := l.entry(i, e, seen)
	return out, !brevdue.HasErrors(l.findings[before:])
}

// date reads a date, "" for none.
func (l *loader) date(path, value string) string {
	value = strings.TrimSpace(value)
	if _, err := time.Parse(time.DateOnly, value); err != nil && value != "" {
		l.say(path, ruleDate, value)
	}
	return value
}

func (l *loader) entry(i int, e fileEntry, seen map[string]int) Entry {
	path := fmt.Sprintf("entries[%d]", i)
	out := Entry{
		GLN: brevdue.GLN(l.text(path, "gln", e.GLN, 35)), Name: l.text(path, "name", e.Name, 0), Place: l.text(path, "place", e.Place, 0),
		Phone: l.text(path, "phone", e.Phone, 25), ID: l.text(path, "id", e.ID, 17), IDCode: brevdue.IDCode(strings.TrimSpace(e.IDCode)),
		Organisation: l.text(path, "organisation", e.Organisation, maxName), Department: l.text(path, "department", e.Department, maxName),
		Unit: l.text(path, "unit", e.Unit, maxName), Updated: l.date(path+".updated", e.Updated),
	}
	switch first, known := seen[string(out.GLN)]; {
	case out.GLN == "":
		l.say(path, ruleMissing, "gln")
	case known:
		l.say(path+".gln", ruleSameGLN, first)
	default:
		seen[string(out.GLN)] = l.place(path + ".gln").Line
		if !out.GLN.Check() {
			l.say(path+".gln", ruleGLN)
		}
	}
	if out.Name == "" {
		l.say(path, ruleMissing, "name")
	}
	if e.Kind == "" {
		l.say(path, ruleNoKind)
	} else {
		out.Kind = brevdue.UnitKind(oneOf(l, path+".kind", e.Kind, brevdue.RegisteredKinds()))
	}
	for j, k := range e.Takes {
		out.Takes = append(out.Takes, oneOf(l, fmt.Sprintf("%s.takes[%d]", path, j), k, []brevdue.Kind{brevdue.DIS91, brevdue.XDIS91}))
	}
	for j, s := range e.Subjects {
		if s = strings.TrimSpace(s); s == "" {
			l.say(fmt.Sprintf("%s.subjects[%d]", path, j), ruleMissing, "subject")
		}
		out.Subjects = append(out.Subjects, s)
	}
	var standards []string
	if e.Standards != nil {
		standards, out.Standards = *e.Standards, []string{}
	}
	for j, code := range standards {
		code = strings.TrimSpace(code)
		if !isCode(code) {
			l.say(fmt.Sprintf("%s.standards[%d]", path, j), ruleCode, code)
		}
		out.Standards = append(out.Standards, code)
	}
	if out.IDCode != "" {
		oneOf(l, path+".id_code", e.IDCode, []brevdue.IDCode{brevdue.IDHospitalDepartment, brevdue.IDYdernummer, brevdue.IDLocation, brevdue.IDMunicipality, brevdue.IDSOR})
	}
	if (out.ID == "") != (out.IDCode == "") {
		l.say(path, ruleIDCode)
	}
	return out
}

// isCode tells whether a text looks like the code of a MedCom message: capital
// letters and then digits, e.g. XDIS16, REF01 or GGOP.
func isCode(s string) bool {
	letters := strings.TrimRight(s, "0123456789")
	return len(letters) >= 3 && len(s) <= 8 && strings.Trim(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// text reads a text that may have at most so many characters; 0 is no limit.
func (l *loader) text(path, field, value string, most int) string {
	value = strings.TrimSpace(value)
	if n := len([]rune(value)); most > 0 && n > most {
		l.say(path+"."+field, ruleLong, field, n, most)
	}
	return value
}

func oneOf[T ~string](l *loader, path, value string, allowed []T) T {
	v := T(strings.TrimSpace(value))
	if slices.Contains(allowed, v) {
		return v
	}
	var names []string
	for _, a := range allowed {
		names = append(names, string(a))
	}
	l.say(path, ruleWord, value, strings.Join(names, ", "))
	return v
}
