package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/kalender"
)

// AftaleCmd asks the regional agreement.
type AftaleCmd struct {
	Check   AftaleCheckCmd   `cmd:"" help:"Print every finding on agreement files."`
	Show    AftaleShowCmd    `cmd:"" help:"Print the agreement in force."`
	Due     AftaleDueCmd     `cmd:"" help:"By when must a letter be read, and why?"`
	Phone   AftalePhoneCmd   `cmd:"" help:"Must hospital and municipality talk before a weekend or holiday?"`
	Subject AftaleSubjectCmd `cmd:"" help:"Where does a letter with this subject field belong?"`
	Why     AftaleWhyCmd     `cmd:"" help:"What judged a stored letter: inputs, agreement, version, steps."`
	Preview AftalePreviewCmd `cmd:"" help:"Which letters of a period would have been due otherwise by an agreement file?"`
	Diff    AftaleDiffCmd    `cmd:"" help:"What is not the same in two agreement files?"`
	Schema  AftaleSchemaCmd  `cmd:"" help:"Print the form of an agreement file as JSON Schema, for editors."`
}

// AftaleCheckCmd checks agreement files.
type AftaleCheckCmd struct {
	Paths []string `arg:"" name:"path" help:"Agreement files, or folders with .yaml files in them."`
	JSON  bool     `name:"json" help:"One object for each file."`
	Language
}

// Help is the example of the command.
func (AftaleCheckCmd) Help() string {
	return "Example:\n\n    brevdue aftale check aftaler/\n\nExit code 1 when a file has an error, or two versions apply on the same day."
}

// checkedAgreement is the JSON answer for one file.
type checkedAgreement struct {
	File     string          `json:"file"`
	Valid    bool            `json:"valid"`
	Findings []findingRecord `json:"findings"`
}

// Run checks every file, in order, and then that they fit together.
func (c AftaleCheckCmd) Run(s *Streams) error {
	files, err := agreementFiles(c.Paths)
	if err != nil {
		return err
	}
	code := 0
	var all []*aftale.Agreement
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			fmt.Fprintf(s.Err, "brevdue: %v\n", err)
			code = 2
			if err := c.report(s, file, nil, []brevdue.Finding{ruleUnreadable.At(brevdue.Pos{})}); err != nil {
				return err
			}
			continue
		}
		a, findings := aftale.Load(content)
		if a == nil {
			code = max(code, 1)
		} else {
			all = append(all, a)
		}
		if err := c.report(s, file, a, findings); err != nil {
			return err
		}
	}
	if _, together := aftale.NewBook(all...); len(together) > 0 {
		if err := c.report(s, strings.Join(c.Paths, " "), nil, together); err != nil {
			return err
		}
		if brevdue.HasErrors(together) {
			code = max(code, 1)
		}
	}
	if code != 0 {
		return Exit(code)
	}
	return nil
}

// report prints what was found on one file, and which agreement it holds.
func (c AftaleCheckCmd) report(s *Streams, file string, a *aftale.Agreement, findings []brevdue.Finding) error {
	if c.JSON {
		records := []findingRecord{}
		for _, f := range findings {
			records = append(records, findingRecord{f.Rule, f.Severity, f.Pos.Line, f.Pos.Column, f.Pos.Path, f.Text, f.TextEN, f.Ref})
		}
		return printJSON(s.Out, checkedAgreement{file, !brevdue.HasErrors(findings), records})
	}
	for _, f := range findings {
		text := f.Text
		if c.Lang == "en" {
			text = f.TextEN
		}
		at := file
		if f.Pos.Line > 0 {
			at = fmt.Sprintf("%s:%d:%d", file, f.Pos.Line, f.Pos.Column)
		}
		if f.Ref != "" {
			text += " (" + f.Ref + ")"
		}
		fmt.Fprintf(s.Out, "%s: %s %s: %s\n", at, f.Severity, f.Rule, text)
	}
	if a != nil {
		fmt.Fprintf(s.Out, "%s: %s %s, %s\n", file, a.Name, a.Version, validity(a, c.Lang))
	}
	return nil
}

// agreementFiles lists the files named, and the .yaml files of folders named. A
// name that is not there is listed too: reading it says what is wrong.
func agreementFiles(paths []string) ([]string, error) {
	var files []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil || !info.IsDir() {
			files = append(files, p)
			continue
		}
		found, err := filepath.Glob(filepath.Join(p, "*.yaml"))
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%s holds no .yaml file", p)
		}
		slices.Sort(found)
		files = append(files, found...)
	}
	return files, nil
}

func validity(a *aftale.Agreement, lang string) string {
	switch {
	case a.Draft() && lang == "en":
		return "a draft: it never applies"
	case a.Draft():
		return "kladde: gælder aldrig"
	}
	s := "gyldig fra " + a.ValidFrom.String()
	if lang == "en" {
		s = "valid from " + a.ValidFrom.String()
	}
	if a.ValidTo != (kalender.Day{}) {
		if lang == "en" {
			return s + " to " + a.ValidTo.String()
		}
		return s + " til " + a.ValidTo.String()
	}
	return s
}

// AgreementSource is where the commands take their agreement from.
type AgreementSource struct {
	Aftaler string `help:"Folder with agreement files; without it the shipped agreement is used." placeholder:"DIR"`
}

// agreement returns the agreement that answers: of a folder the one in force, or
// else the newest; without one the shipped draft. Using a draft is said on
// standard error.
func (c AgreementSource) agreement(s *Streams, region string, at time.Time) (*aftale.Agreement, error) {
	var contents [][]byte
	if c.Aftaler == "" {
		_, content := aftale.Shipped()
		contents = append(contents, content)
	} else {
		files, err := agreementFiles([]string{c.Aftaler})
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			content, err := os.ReadFile(f)
			if err != nil {
				return nil, err
			}
			contents = append(contents, content)
		}
	}
	var all []*aftale.Agreement
	for _, content := range contents {
		a, _ := aftale.Load(content)
		if a == nil {
			return nil, errors.New("an agreement file has errors; see brevdue aftale check")
		}
		all = append(all, a)
	}
	book, findings := aftale.NewBook(all...)
	if brevdue.HasErrors(findings) {
		return nil, errors.New("two agreements apply on the same day; see brevdue aftale check")
	}
	if a, ok := book.At(at, aftale.Parties{Region: region}); ok {
		return a, nil
	}
	a, ok := book.Newest(region)
	if !ok {
		return nil, fmt.Errorf("there is no agreement for region %q", region)
	}
	if a.Draft() {
		fmt.Fprintf(s.Err, "brevdue: %s %s er en kladde uden gyldig_fra; svaret er efter kladden (a draft answered)\n", a.Name, a.Version)
	} else {
		fmt.Fprintf(s.Err, "brevdue: ingen aftale er i kraft på det tidspunkt; svaret er efter %s %s (none is in force then)\n", a.Name, a.Version)
	}
	return a, nil
}

// parseTime reads a local time with seconds or minutes, or RFC 3339.
func parseTime(text string) (time.Time, error) {
	at, err := kalender.Local(brevdue.LocalTime(strings.Replace(text, " ", "T", 1)))
	if err != nil {
		return time.Time{}, fmt.Errorf("--sent or --at: %w", err)
	}
	return at, nil
}

// printJSON prints one object on one line.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// AftaleDueCmd computes a reading deadline.
type AftaleDueCmd struct {
	Receiver string `required:"" enum:"ward,clinic,regional-social,municipal-health,municipal-social,gp" help:"Kind of the receiving unit: ${enum}."`
	Sent     string `required:"" help:"When the letter was sent: local time 2006-01-02T15:04:05 (Europe/Copenhagen), or RFC 3339." placeholder:"TIME"`
	Arrived  string `help:"When it was received; general practice counts from it. Without it: when it was sent." placeholder:"TIME"`
	Services string `enum:"yes,no,unknown" default:"unknown" help:"Does the citizen receive municipal services: ${enum}."`
	Shifts   string `help:"The unit's own shift starts, e.g. 7:00,15:00,23:00." placeholder:"LIST"`
	JSON     bool   `name:"json" help:"The answer as one JSON object."`
	AgreementSource
	Language
}

// Help is the example of the command.
func (AftaleDueCmd) Help() string {
	return "Example:\n\n    brevdue aftale due --receiver clinic --sent 2026-11-27T14:30:00\n\n" +
		"Due is the time that counts as met or missed; under the shift rule it is the end of the next shift."
}

// dueAnswer is the JSON answer; all keys are always there.
type dueAnswer struct {
	Due      *string `json:"due"`
	Expected *string `json:"expected"`
	Breached *string `json:"breached"`
	Soft     bool    `json:"soft"`
	Rule     string  `json:"rule"`
	Version  string  `json:"version"`
	Sentence string  `json:"sentence"`
}

// Run computes and prints the deadline.
func (c AftaleDueCmd) Run(s *Streams) error {
	in := aftale.DutyInput{Receiver: brevdue.UnitKind(c.Receiver), Services: aftale.Services(c.Services)}
	var err error
	if in.Sent, err = parseTime(c.Sent); err != nil {
		return err
	}
	if c.Arrived != "" {
		if in.Arrived, err = parseTime(c.Arrived); err != nil {
			return err
		}
	}
	if c.Shifts != "" {
		for part := range strings.SplitSeq(c.Shifts, ",") {
			m, ok := aftale.ParseClock(strings.TrimSpace(part))
			if !ok {
				return fmt.Errorf("--shifts: %q is no time of the form 15:00", part)
			}
			in.Shifts = append(in.Shifts, m)
		}
		slices.Sort(in.Shifts)
	}
	a, err := c.agreement(s, "", in.Sent)
	if err != nil {
		return err
	}
	d := a.Duty(in)
	sentence := d.Sentence
	if c.Lang == "en" {
		sentence = d.SentenceEN
	}
	if c.JSON {
		return printJSON(s.Out, dueAnswer{
			Due: stamp(d.Due), Expected: stamp(d.Expected), Breached: stamp(d.Breached), Soft: d.Soft, Rule: d.Rule,
			Version: d.Agreement.Version, Sentence: sentence,
		})
	}
	fmt.Fprintln(s.Out, d.Due.In(kalender.Copenhagen()).Format("2006-01-02T15:04:05-07:00"))
	fmt.Fprintln(s.Out, sentence)
	return nil
}

// stamp writes a time as RFC 3339 with the Danish offset; nil for none.
func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	v := t.In(kalender.Copenhagen()).Format(time.RFC3339)
	return &v
}

// AftalePhoneCmd answers the weekend and holiday telephone rule.
type AftalePhoneCmd struct {
	Discharge string `required:"" help:"Date of discharge, 2006-01-02." placeholder:"DATE"`
	Need      string `required:"" help:"Date of the first need of nursing." placeholder:"DATE"`
	Services  string `required:"" enum:"yes,no,unknown" help:"Does the citizen receive municipal services: ${enum}."`
	JSON      bool   `name:"json" help:"The answer as one JSON object."`
	AgreementSource
	Language
}

// Help is the example of the command.
func (AftalePhoneCmd) Help() string {
	return "Example:\n\n    brevdue aftale phone --discharge 2026-11-27 --need 2026-11-30 --services no\n\nExit code 0 whichever way the answer goes."
}

// phoneAnswer is the JSON answer.
type phoneAnswer struct {
	Required       bool   `json:"required"`
	LetterRequired bool   `json:"letter_required"`
	Rule           string `json:"rule"`
	Sentence       string `json:"sentence"`
}

// Run answers the rule.
func (c AftalePhoneCmd) Run(s *Streams) error {
	discharge, err := kalender.ParseDay(c.Discharge)
	if err != nil {
		return fmt.Errorf("--discharge: %w", err)
	}
	need, err := kalender.ParseDay(c.Need)
	if err != nil {
		return fmt.Errorf("--need: %w", err)
	}
	a, err := c.agreement(s, "", discharge.At(12*60))
	if err != nil {
		return err
	}
	call := a.Call(discharge, need, aftale.Services(c.Services))
	sentence := call.Sentence
	if c.Lang == "en" {
		sentence = call.SentenceEN
	}
	if c.JSON {
		return printJSON(s.Out, phoneAnswer{call.Required, call.LetterRequired, call.Rule, sentence})
	}
	fmt.Fprintln(s.Out, sentence)
	return nil
}

// AftaleSubjectCmd sorts a subject field.
type AftaleSubjectCmd struct {
	Text string `arg:"" help:"The subject field as received."`
	JSON bool   `name:"json" help:"The answer as one JSON object."`
	AgreementSource
	Language
}

// Help is the example of the command.
func (AftaleSubjectCmd) Help() string {
	return "Example:\n\n    brevdue aftale subject 'Visitation- kommune'\n\nExit code 1 when it matches nothing: the letter goes to the tray."
}

// subjectAnswer is the JSON answer.
type subjectAnswer struct {
	Category string       `json:"category"`
	Subject  string       `json:"subject"`
	National string       `json:"national"`
	Matched  aftale.Match `json:"matched"`
}

// Run sorts the subject.
func (c AftaleSubjectCmd) Run(s *Streams) error {
	a, err := c.agreement(s, "", s.Now())
	if err != nil {
		return err
	}
	got := a.SortSubject(c.Text)
	switch {
	case c.JSON:
		err = printJSON(s.Out, subjectAnswer{got.Category, got.Subject, got.National, got.Matched})
	case got.Matched == aftale.MatchNone && c.Lang == "en":
		_, err = fmt.Fprintln(s.Out, "Outside the agreement")
	case got.Matched == aftale.MatchNone:
		_, err = fmt.Fprintln(s.Out, "Uden for aftalen")
	default:
		_, err = fmt.Fprintf(s.Out, "%s · %s (%s, %s)\n", got.Subject, got.Category, a.NationalName(got.National), got.Matched)
	}
	if err == nil && got.Matched == aftale.MatchNone {
		return Exit(1)
	}
	return err
}
