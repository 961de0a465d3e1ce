package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"brevdue"
	"brevdue/message"
)

// CheckCmd prints all findings on files.
type CheckCmd struct {
	JSON     bool     `name:"json" help:"One JSON object a line for each file, in order."`
	Profiles string   `placeholder:"DIR" help:"Folder with newer FHIR profile packages. FHIR is only recognised in this version."`
	Files    []string `arg:"" name:"file" help:"Files to check; - is standard input."`
	Language
}

// Help is the example of the command.
func (CheckCmd) Help() string {
	return "Example:\n\n    brevdue check letter.xml incoming/*.edi\n    brevdue check --json letter.xml | jq '.findings[].rule'\n\n" +
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
	code := 0
	for _, name := range c.Files {
		answer := checked{File: name}
		var findings []brevdue.Finding
		data, err := readInput(s, name)
		if err != nil {
			fmt.Fprintf(s.Err, "brevdue: %v\n", err)
			findings = []brevdue.Finding{ruleUnreadable.At(brevdue.Pos{})}
			code = 2
		} else {
			m := message.Open(data)
			answer.Format, answer.Type, answer.Version = m.Format, m.Type.Kind, m.Type.Version
			if m.Type.Format == brevdue.VANS {
				answer.Type = "VANSEnvelope" // a receipt of the network, or an envelope that cannot be opened
			}
			findings = m.Findings
		}
		answer.Valid = !brevdue.HasErrors(findings)
		if !answer.Valid {
			code = max(code, 1)
		}
		if err := c.print(s, answer, findings); err != nil {
			return err
		}
	}
	if code != 0 {
		return Exit(code)
	}
	return nil
}

func (c CheckCmd) print(s *Streams, answer checked, findings []brevdue.Finding) error {
	if c.JSON {
		answer.Findings = []findingRecord{}
		for _, f := range findings {
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
	if n := c.counts(findings); n != "" {
		verdict += " (" + n + ")"
	}
	what := strings.TrimSpace(string(answer.Type) + " " + answer.Version)
	if what != "" {
		what += ": "
	}
	fmt.Fprintf(s.Out, "%s: %s%s\n", answer.File, what, verdict)
	for _, f := range findings {
		c.finding(s.Out, f)
	}
	return nil
}
