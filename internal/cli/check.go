package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"brevdue"
	"brevdue/internal/conform"
	"brevdue/message"
)

// CheckCmd prints all findings on files.
type CheckCmd struct {
	JSON     bool     `name:"json" help:"One JSON object a line for each file, in order."`
	Quiet    bool     `short:"q" help:"Only files with errors or warnings, and the summary."`
	Profiles string   `placeholder:"DIR" help:"Folder with newer FHIR profile packages. FHIR is only recognised in this version."`
	Files    []string `arg:"" name:"file" help:"Files to check, or folders, which are searched through; - is standard input."`
	Language
}

// Help is the example of the command.
func (CheckCmd) Help() string {
	return "Example:\n\n    brevdue check letter.xml incoming/*.edi\n    brevdue check --quiet archive/\n    brevdue check --json letter.xml | jq '.findings[].rule'\n\n" +
		"Under each finding stands the line of the file with a caret at the place; a citizen's number in it is masked. " +
		"Exit code 0 when every file is valid (warnings do not count), 1 when one has errors, 2 when one cannot be read."
}

// checked is the answer for one file; the keys are a contract.
type checked struct {
	File     string          `json:"file"`
	Format   brevdue.Format  `json:"format"`
	Type     brevdue.Kind    `json:"type"`
	Version  string          `json:"version"`
	Valid    bool            `json:"valid"`
	Findings []findingRecord `json:"findings"`
}

type findingRecord struct {
	Rule     string           `json:"rule"`
	Severity brevdue.Severity `json:"severity"`
	Line     int              `json:"line"`
	Column   int              `json:"column"`
	Path     string           `json:"path"`
	Text     string           `json:"text"`
	TextEN   string           `json:"text_en"`
	Ref      string           `json:"ref"`
}

var ruleUnreadable = brevdue.Rule{ID: "FILE-READ-01", Severity: brevdue.SeverityError,
	Text: "Filen kan ikke læses.", TextEN: "The file cannot be read."}

// Run checks every file and answers for each, also for one that cannot be read.
func (c CheckCmd) Run(s *Streams) error {
	if c.Profiles != "" {
		return errors.New("--profiles: FHIR messages are recognised but not checked in this version")
	}
	var t tally
	progress := newProgress(s.Err)
	code := 0
	for _, name := range c.Files {
		answer := func(name string, problem error) error {
			progress.at(t.files, name)
			n, err := c.check(s, &t, name, problem)
			code = max(code, n)
			return err
		}
		var err error
		if name == "-" {
			err = answer(name, nil)
		} else {
			err = conform.EachFile(name, answer)
		}
		if err != nil {
			return err
		}
	}
	progress.done()
	if t.files != 1 && !c.JSON {
		c.summary(s, t)
	}
	if code != 0 {
		return Exit(code)
	}
	return nil
}

// check answers for one file and returns the exit code it calls for.
func (c CheckCmd) check(s *Streams, t *tally, name string, problem error) (code int, err error) {
	answer := checked{File: name}
	var m message.Message
	data := []byte(nil)
	if problem == nil {
		data, problem = readInput(s, name)
	}
	if problem != nil {
		fmt.Fprintf(s.Err, "brevdue: %v\n", problem)
		m.Findings = []brevdue.Finding{ruleUnreadable.At(brevdue.Pos{})}
		t.unreadable++
		code = 2
	} else {
		m = message.Open(data)
		answer.Format, answer.Type, answer.Version = m.Format, m.Type.Kind, m.Type.Version
		if m.Type.Format == brevdue.VANS {
			answer.Type = "VANSEnvelope" // a receipt of the network, or an envelope that cannot be opened
		}
	}
	answer.Valid = m.Valid()
	if !answer.Valid {
		code = max(code, 1)
	}
	t.add(answer.Valid, m.Findings)
	if c.Quiet && worst(m.Findings) == brevdue.SeverityInfo {
		return code, nil
	}
	return code, c.print(s, answer, m, data)
}

// worst is the gravest severity among the findings; information when there are
// none.
func worst(fs []brevdue.Finding) brevdue.Severity {
	worst := brevdue.SeverityInfo
	for _, f := range fs {
		switch {
		case f.Severity == brevdue.SeverityError:
			return brevdue.SeverityError
		case f.Severity == brevdue.SeverityWarning:
			worst = brevdue.SeverityWarning
		}
	}
	return worst
}

func (c CheckCmd) print(s *Streams, answer checked, m message.Message, data []byte) error {
	if c.JSON {
		answer.Findings = []findingRecord{}
		for _, f := range m.Findings {
			answer.Findings = append(answer.Findings, findingRecord{
				f.Rule, f.Severity, f.Pos.Line, f.Pos.Column, f.Pos.Path, f.Text, f.TextEN, f.Ref,
			})
		}
		e := json.NewEncoder(s.Out)
		e.SetEscapeHTML(false)
		return e.Encode(answer)
	}
	verdict := c.say("gyldig", "valid")
	if !answer.Valid {
		verdict = c.say("ugyldig", "not valid")
	}
	if n := c.counts(m.Findings); n != "" {
		verdict += " (" + n + ")"
	}
	what := strings.TrimSpace(string(answer.Type) + " " + answer.Version)
	if answer.Type == "" && m.Type.Name != "" {
		what = m.Type.Name
	}
	if what != "" {
		what += ": "
	}
	fmt.Fprintf(s.Out, "%s: %s%s\n", answer.File, what, verdict)
	source := newSource(data, m)
	for _, f := range m.Findings {
		c.finding(s.Out, f)
		for _, line := range source.around(f.Pos) {
			fmt.Fprintf(s.Out, "  %-9s %s\n", "", line)
		}
	}
	return nil
}

// tally counts what was checked.
type tally struct {
	files, valid, unreadable int
	rules                    map[string]int // files each rule was broken in
}

func (t *tally) add(valid bool, findings []brevdue.Finding) {
	if t.rules == nil {
		t.rules = map[string]int{}
	}
	t.files++
	if valid {
		t.valid++
	}
	seen := map[string]bool{}
	for _, f := range findings {
		if f.Severity == brevdue.SeverityInfo || seen[f.Rule] {
			continue
		}
		seen[f.Rule] = true
		t.rules[f.Rule]++
	}
}

// mostRules is how many rules the summary names.
const mostRules = 10

// summary is what stands under several files: how many are valid, and what is
// most often wrong.
func (c CheckCmd) summary(s *Streams, t tally) {
	fmt.Fprintf(s.Out, "\n%d %s: %d %s, %d %s", t.files, c.say(plural(t.files, "fil", "filer"), plural(t.files, "file", "files")),
		t.valid, c.say(plural(t.valid, "gyldig", "gyldige"), "valid"), t.files-t.valid-t.unreadable, c.say(plural(t.files-t.valid-t.unreadable, "ugyldig", "ugyldige"), "not valid"))
	if t.unreadable > 0 {
		fmt.Fprintf(s.Out, ", %d %s", t.unreadable, c.say("kunne ikke læses", "could not be read"))
	}
	fmt.Fprintln(s.Out)
	ids := slices.SortedFunc(maps.Keys(t.rules), func(a, b string) int {
		if t.rules[a] != t.rules[b] {
			return t.rules[b] - t.rules[a]
		}
		return strings.Compare(a, b)
	})
	words := map[string]brevdue.Rule{}
	for _, r := range allRules() {
		words[r.ID] = r
	}
	for _, id := range ids[:min(mostRules, len(ids))] {
		fmt.Fprintf(s.Out, "  %6d  %-18s %s\n", t.rules[id], id, c.say(words[id].Text, words[id].TextEN))
	}
	if n := len(ids) - mostRules; n > 0 {
		fmt.Fprintf(s.Out, "          %s\n", c.say(fmt.Sprintf("og %d andre regler", n), fmt.Sprintf("and %d other rules", n)))
	}
}
