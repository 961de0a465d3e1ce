package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"brevdue"
	"brevdue/convert"
	"brevdue/medcom"
	"brevdue/message"
)

// ConvertCmd writes a letter or a receipt in another format.
type ConvertCmd struct {
	To    string   `required:"" enum:"dis91,xdis91,fhir-json,fhir-xml" placeholder:"dis91|xdis91|fhir-json|fhir-xml" help:"The format to write. A receipt or an attachment message follows its family: CTL01-03 and BIN01 for dis91, XCTL01-03 and XBIN01 for xdis91. FHIR is not written in this version."`
	Out   string   `placeholder:"FILE|DIR" help:"Where to write; without it a single result goes to standard output. Several results need an existing folder."`
	Loss  string   `placeholder:"FILE" help:"Write the loss report as JSON [{field, value, reason}]; [] means that nothing was lost."`
	Files []string `arg:"" name:"file" help:"Letters, attachment messages or receipts, bare or in a VANS envelope; - is standard input. Given together, a letter and its attachment message are held against each other."`
	Language
}

// Help is the example of the command.
func (ConvertCmd) Help() string {
	return "Example:\n\n    brevdue convert --to xdis91 --out letter.xml --loss loss.json letter.edi\n\n" +
		"The result is read again and compared with the original, field for field: what differs is in the loss report. Nothing is ever cut off to make it fit; a letter that does not fit is not written (exit code 1)."
}

// Run converts all files, or writes nothing at all.
func (c ConvertCmd) Run(s *Streams) error {
	format := brevdue.EDIFACT
	switch c.To {
	case "xdis91":
		format = brevdue.OIOXML
	case "fhir-json", "fhir-xml":
		return errors.New("--to " + c.To + ": FHIR is recognised but not written in this version")
	}
	folder := false
	if info, err := os.Stat(c.Out); c.Out != "" && err == nil {
		folder = info.IsDir()
	}
	if len(c.Files) > 1 && !folder {
		return errors.New("several files need an existing folder after --out")
	}
	losses := []convert.Loss{}
	var results []convert.Result
	var together bundle
	failed := false
	for _, name := range c.Files {
		data, err := readInput(s, name)
		if err != nil {
			return err
		}
		together.add(name, data)
		r := convert.Convert(data, format)
		for _, f := range r.Findings {
			if f.Severity != brevdue.SeverityInfo {
				c.finding(s.Err, f)
			}
		}
		if r.Data == nil {
			fmt.Fprintf(s.Err, "%s: %s\n", name, c.say("ikke omsat", "not converted"))
			failed = true
			continue
		}
		results = append(results, r)
		losses = append(losses, r.Losses...)
	}
	together.report(&c, s)
	if failed {
		return Exit(1)
	}
	return c.write(s, results, losses, folder)
}

// bundle is the letters and attachment messages of one command, which belong
// together.
type bundle struct {
	letters  []*brevdue.Letter
	files    []medcom.BinaryLetter
	letterIn []string // which file each letter came from
	filesIn  []string
}

func (j *bundle) add(name string, data []byte) {
	m := message.Open(data)
	if m.Letter != nil {
		for i := range m.Letter.Letters {
			j.letters, j.letterIn = append(j.letters, &m.Letter.Letters[i]), append(j.letterIn, name)
		}
	}
	if m.Binary != nil {
		for i := range m.Binary.Letters {
			j.files, j.filesIn = append(j.files, m.Binary.Letters[i]), append(j.filesIn, name)
		}
	}
}

// report says what fits together and what does not, when there is anything to
// fit. A file that is not among those given is no error: it may come later.
func (j *bundle) report(c *ConvertCmd, s *Streams) {
	if len(j.letters) == 0 || len(j.filesIn)+len(j.letterIn) < 2 {
		return
	}
	findings := medcom.Join(j.letters, j.files)
	wanted, found := 0, 0
	for _, l := range j.letters {
		for _, a := range l.Attachments {
			if a.Kind == brevdue.BinaryAttachment {
				wanted++
				if a.Data != nil {
					found++
				}
			}
		}
	}
	if wanted > 0 {
		fmt.Fprintf(s.Err, c.say("bilag fundet: %d af %d\n", "attachments found: %d of %d\n"), found, wanted)
	}
	for _, f := range findings {
		f.Pos.Path = j.place(f.Pos.Path)
		c.finding(s.Err, f)
	}
}

// place names the file that a path of [medcom.Join] is about.
func (j *bundle) place(path string) string {
	_, field, _ := strings.Cut(path, ".")
	i := 0
	if n, _ := fmt.Sscanf(path, "letters[%d]", &i); n == 1 {
		return j.letterIn[i] + ": " + field
	}
	if n, _ := fmt.Sscanf(path, "messages[%d]", &i); n == 1 {
		return j.filesIn[i] + ": " + field
	}
	return path
}

func (c ConvertCmd) write(s *Streams, results []convert.Result, losses []convert.Loss, folder bool) error {
	used := map[string]int{}
	for _, r := range results {
		switch {
		case c.Out == "":
			if _, err := s.Out.Write(r.Data); err != nil {
				return err
			}
		case folder:
			if err := os.WriteFile(filepath.Join(c.Out, fileName(r, used)), r.Data, 0o600); err != nil {
				return err
			}
		default:
			if err := os.WriteFile(c.Out, r.Data, 0o600); err != nil {
				return err
			}
		}
	}
	if c.Loss != "" {
		data, err := json.MarshalIndent(losses, "", " ")
		if err != nil {
			return err
		}
		return os.WriteFile(c.Loss, append(data, '\n'), 0o600)
	}
	for _, l := range losses {
		fmt.Fprintf(s.Err, "%s %s: %s\n", c.say("tabt:", "lost:"), l.Field, c.say(l.Reason, l.ReasonEN))
	}
	return nil
}

// fileName names a result after what it is: "xdis91.xml", the next one
// "xdis91-2.xml". No number of a letter or patient gets into a file name.
func fileName(r convert.Result, used map[string]int) string {
	ext := ".edi"
	if r.Format == brevdue.OIOXML {
		ext = ".xml"
	}
	base := strings.ToLower(string(r.Kind))
	used[base]++
	if n := used[base]; n > 1 {
		base += fmt.Sprintf("-%d", n)
	}
	return base + ext
}
