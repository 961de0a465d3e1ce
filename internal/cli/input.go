package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"brevdue"
)

// maxFile is how large a file the terminal reads: a VANS envelope of 100 MB in
// base64, and some.
const maxFile = 256 << 20

// Language is the language of what a command says.
type Language struct {
	Lang string `enum:"da,en" default:"da" placeholder:"da|en" help:"Language of the answer: da (Danish) or en (English)."`
}

// say picks the Danish or the English words.
func (l Language) say(da, en string) string {
	if l.Lang == "en" {
		return en
	}
	return da
}

// readInput reads a file, or standard input for "-".
func readInput(s *Streams, name string) ([]byte, error) {
	var r io.Reader = s.In
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		r = f
	}
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxFile:
		return nil, fmt.Errorf("%s is larger than %d bytes", name, maxFile)
	}
	return data, nil
}

// counts says how many errors and warnings there are, in words.
func (l Language) counts(fs []brevdue.Finding) string {
	errors, warnings := 0, 0
	for _, f := range fs {
		switch f.Severity {
		case brevdue.SeverityError:
			errors++
		case brevdue.SeverityWarning:
			warnings++
		}
	}
	var parts []string
	if errors > 0 {
		parts = append(parts, fmt.Sprintf("%d %s", errors, l.say("fejl", plural(errors, "error", "errors"))))
	}
	if warnings > 0 {
		parts = append(parts, fmt.Sprintf("%d %s", warnings, l.say(plural(warnings, "advarsel", "advarsler"), plural(warnings, "warning", "warnings"))))
	}
	return strings.Join(parts, ", ")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// severity is the word for how bad a finding is.
func (l Language) severity(s brevdue.Severity) string {
	switch s {
	case brevdue.SeverityError:
		return l.say("fejl", "error")
	case brevdue.SeverityWarning:
		return l.say("advarsel", "warning")
	}
	return l.say("oplysning", "info")
}

// finding writes one finding on two lines.
func (l Language) finding(w io.Writer, f brevdue.Finding) {
	place := ""
	if f.Pos.Line > 0 {
		place = fmt.Sprintf("%d:%d", f.Pos.Line, f.Pos.Column)
	}
	fmt.Fprintf(w, "  %-9s %-9s %-18s %s\n", l.severity(f.Severity), place, f.Rule, l.say(f.Text, f.TextEN))
	if detail := strings.TrimSpace(f.Pos.Path + "  " + f.Ref); detail != "" {
		fmt.Fprintf(w, "  %-9s %-9s %s\n", "", "", detail)
	}
}
