package cli

import (
	"encoding/json"
	"fmt"
	"os"

	"brevdue/internal/conform"
)

// ConformCmd judges somebody else's files.
type ConformCmd struct {
	JSON bool   `name:"json" help:"The whole report as one JSON object."`
	HTML string `name:"html" placeholder:"FILE" help:"Also write the report as one page that can be sent to the counterpart."`
	Dir  string `arg:"" help:"Folder with the files of a counterpart; it is searched through."`
	Language
}

// Help is the example of the command.
func (ConformCmd) Help() string {
	return "Example:\n\n    brevdue conform --html report.html counterpart/\n    brevdue conform --json counterpart/ | jq '.files[] | select(.verdict==\"failed\").name'\n\n" +
		"Every file is recognised, checked, converted and brought back; receipts are matched to letters, and attachment messages too. " +
		"Nothing of a citizen is in the report. Exit code 0 when nothing failed, 1 when something did, 2 when the folder cannot be read."
}

// Run judges the folder.
func (c ConformCmd) Run(s *Streams) error {
	progress := newProgress(s.Err)
	report, err := conform.Folder(c.Dir, func(path string) ([]byte, error) { return readInput(s, path) }, progress.at)
	progress.done()
	if err != nil {
		return err
	}
	if c.HTML != "" {
		if err := c.page(report); err != nil {
			return err
		}
	}
	if c.JSON {
		e := json.NewEncoder(s.Out)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		err = e.Encode(report)
	} else {
		c.print(s, report)
	}
	switch {
	case err != nil:
		return err
	case report.Failed > 0:
		return Exit(1)
	}
	return nil
}

func (c ConformCmd) page(report conform.Report) (err error) {
	f, err := os.Create(c.HTML)
	if err != nil {
		return err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	return report.HTML(f, c.say("Overensstemmelse med standarderne", "Conformance to the standards"), c.say("da", "en"))
}

func (c ConformCmd) print(s *Streams, r conform.Report) {
	verdicts := map[conform.Verdict]string{conform.Passed: c.say("bestået", "passed"), conform.Remark: c.say("bemærk", "remark"), conform.Failed: c.say("fejl", "failed")}
	questions := map[string]string{}
	for _, q := range conform.Questions() {
		questions[q.Check] = c.say(q.Text, q.TextEN)
	}
	for _, f := range r.Files {
		fmt.Fprintf(s.Out, "%-8s %s  %s %s\n", verdicts[f.Verdict], f.Name, f.Kind, f.Version)
		for _, a := range f.Answers {
			if a.Verdict == conform.Passed {
				continue
			}
			place := ""
			if a.Line > 0 {
				place = fmt.Sprintf(" %d:%d", a.Line, a.Column)
			}
			fmt.Fprintf(s.Out, "         %-8s %s: %s\n", verdicts[a.Verdict], questions[a.Check], c.say(a.Text, a.TextEN))
			fmt.Fprintf(s.Out, "                  %s%s %s %s\n", a.Rule, place, a.Path, a.Ref)
		}
	}
	fmt.Fprintln(s.Out)
	for _, q := range r.Checks {
		fmt.Fprintf(s.Out, "%-34s %5d %s %5d %s %5d %s\n", questions[q.Check], q.Passed, verdicts[conform.Passed], q.Remarks, verdicts[conform.Remark], q.Failed, verdicts[conform.Failed])
	}
	fmt.Fprintf(s.Out, "\n%d %s: %d %s, %d %s, %d %s\n", len(r.Files), c.say(plural(len(r.Files), "fil", "filer"), plural(len(r.Files), "file", "files")),
		r.Passed, c.say("bestået", "passed"), r.Remarks, c.say("med bemærkning", "with remarks"), r.Failed, c.say("med fejl", "failed"))
}
