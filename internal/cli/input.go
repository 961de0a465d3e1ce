package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"brevdue"
	"brevdue/medcom"
	"brevdue/receipt"
	"brevdue/vans"
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

// opened is a message that was read, whatever it is: out of its VANS envelope
// when it has one, decoded as far as it can be.
type opened struct {
	format   brevdue.Format // of the outermost layer
	inner    []byte         // the message itself
	kind     medcom.Type    // of the message itself
	envelope *vans.Envelope
	letter   *medcom.Message
	receipt  *receipt.Message
	findings []brevdue.Finding
}

// open reads any message by its content.
func open(data []byte) opened {
	t := medcom.Sniff(data)
	o := opened{format: t.Format, inner: data, kind: t}
	if t.Format == brevdue.VANS {
		e, fs := vans.Read(data)
		o.envelope, o.findings = &e, fs
		if e.Message == nil || len(e.Message.Data) == 0 {
			return o
		}
		o.inner, o.kind = e.Message.Data, medcom.Sniff(e.Message.Data)
	}
	var fs []brevdue.Finding
	if o.kind.Kind.IsReceipt() {
		m, found := receipt.Read(o.inner)
		o.receipt, fs = &m, found
	} else {
		m, found := medcom.Read(o.inner)
		fs = found
		if len(m.Letters) > 0 {
			o.letter = &m
		}
	}
	for _, f := range fs {
		if o.envelope != nil {
			f.Pos.Path = "/VANSEnvelope/Message/Data!" + f.Pos.Path // line and column are the message's own
		}
		o.findings = append(o.findings, f)
	}
	return o
}

// valid tells whether nothing is wrong with the message.
func (o opened) valid() bool { return !brevdue.HasErrors(o.findings) }

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
