package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"

	"brevdue"
	"brevdue/charset"
	"brevdue/message"
)

// source shows the place of a finding in the bytes of a message.
type source struct {
	outer, inner []byte
	secrets      []string // numbers of citizens that are in it
}

func newSource(data []byte, m message.Message) source {
	s := source{outer: data, inner: m.Data}
	note := func(p brevdue.Patient) {
		for _, n := range append([]brevdue.ReplacementID{{Value: p.CPR}}, p.Replacements...) {
			if n.Value != "" {
				s.secrets = append(s.secrets, n.Value.Reveal())
			}
		}
	}
	if m.Letter != nil {
		for _, l := range m.Letter.Letters {
			note(l.Patient)
		}
	}
	if m.Binary != nil {
		for _, l := range m.Binary.Letters {
			note(l.Patient)
		}
	}
	return s
}

// The window of a line that is shown, in characters before and after the place.
const (
	shownBefore = 36
	shownAfter  = 40
)

// around returns the part of the line the place is in and, under it, a caret;
// nothing when the place is not known. What looks like a citizen's number is
// masked, whatever it is.
func (s source) around(p brevdue.Pos) []string {
	data := s.outer
	if strings.Contains(p.Path, "!") {
		data = s.inner
	}
	if p.Line == 0 || len(data) == 0 || p.Offset > len(data) {
		return nil
	}
	from := bytes.LastIndexByte(data[:p.Offset], '\n') + 1
	to := len(data)
	if i := bytes.IndexByte(data[p.Offset:], '\n'); i >= 0 {
		to = p.Offset + i
	}
	// Not more of a line of many megabytes than is shown: four bytes hold any
	// character.
	from, to = max(from, p.Offset-4*shownBefore-64), min(to, p.Offset+4*shownAfter+64)
	before, after := characters(data[from:p.Offset]), characters(data[p.Offset:to])
	n := utf8.RuneCountInString(before)
	line := []rune(s.mask(before + after))
	start, end := max(0, n-shownBefore), min(len(line), n+shownAfter)
	lead, tail := "", ""
	if start > 0 || from > 0 && data[from-1] != '\n' {
		lead = "…"
	}
	if end < len(line) || to < len(data) && data[to] != '\n' {
		tail = "…"
	}
	if strings.TrimSpace(string(line[start:end])) == "" {
		return nil
	}
	gutter := fmt.Sprintf("%5d | ", p.Line)
	return []string{
		gutter + lead + string(line[start:end]) + tail,
		strings.Repeat(" ", len(gutter)+utf8.RuneCountInString(lead)+n-start) + "^",
	}
}

// characters decodes bytes for a terminal; what cannot be shown is a dot.
func characters(b []byte) string {
	text := string(b)
	if !utf8.Valid(b) {
		text = charset.String(b)
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < ' ' || r >= 0x7F && r < 0xA0 || r == utf8.RuneError:
			return '·'
		}
		return r
	}, text)
}

// number is what may be a citizen's: ten digits, also with a hyphen or blank, and
// one digit too few or too many. Location numbers and times are longer.
var number = regexp.MustCompile(`\b[0-9]{6}[- ]?[0-9]{3,5}\b`)

// mask hides the last four characters of every number, so that the columns stay.
func (s source) mask(line string) string {
	hide := func(n string) string { return n[:len(n)-4] + "••••" }
	for _, secret := range s.secrets {
		if r := []rune(secret); len(r) > 4 {
			line = strings.ReplaceAll(line, secret, string(r[:len(r)-4])+"••••")
		}
	}
	return number.ReplaceAllStringFunc(line, hide)
}

// progress tells on a terminal how far a long run is; elsewhere it is silent.
type progress struct {
	w     io.Writer
	shown bool
}

func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	if !ok {
		return &progress{}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &progress{}
	}
	return &progress{w: w}
}

// at says how many files are done; every hundredth is enough for eyes.
func (p *progress) at(n int, name string) {
	if p.w == nil || n == 0 || n%100 != 0 {
		return
	}
	p.shown = true
	if r := []rune(name); len(r) > 50 {
		name = "…" + string(r[len(r)-50:])
	}
	fmt.Fprintf(p.w, "\r\x1b[K%d  %s", n, name)
}

func (p *progress) done() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
