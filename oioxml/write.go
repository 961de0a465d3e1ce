package oioxml

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"brevdue"
	"brevdue/charset"
)

// Writer writes an Emessage in ISO-8859-1 on one line, because a converter to
// EDIFACT may sit downstream (std:xdis91 §1.1). It appends byte by byte; nothing
// is formatted or allocated until something is wrong. Values that do not fit
// give error findings, never cut text.
type Writer struct {
	out      []byte
	open     []string // names of the open elements, for paths
	numbers  []int    // their ordinals, 0 for none
	findings []brevdue.Finding
	failed   bool
}

// NewWriter starts an Emessage of the namespace.
func NewWriter(namespace string) *Writer {
	w := &Writer{out: make([]byte, 0, 4096), open: make([]string, 0, 8), numbers: make([]int, 0, 8)}
	w.raw(`<?xml version="1.0" encoding="ISO-8859-1"?><Emessage xmlns="`)
	w.raw(namespace)
	w.raw(`">`)
	w.open = append(w.open, "Emessage")
	w.numbers = append(w.numbers, 0)
	return w
}

// Grow makes room for as many bytes, so that a large document is written into one
// piece of memory.
func (w *Writer) Grow(n int) { w.out = append(make([]byte, 0, len(w.out)+n), w.out...) }

// Base64 writes a simple element with data in base64, folded after line
// characters.
func (w *Writer) Base64(name string, data []byte, line int) {
	w.Open(name)
	chunk := line / 4 * 3
	for len(data) > 0 {
		n := min(chunk, len(data))
		w.out = base64.StdEncoding.AppendEncode(w.out, data[:n])
		if data = data[n:]; len(data) > 0 {
			w.out = append(w.out, '\n')
		}
	}
	w.Close(name)
}

// Finish ends the Emessage and returns its bytes; nil when there is an error
// finding.
func (w *Writer) Finish() ([]byte, []brevdue.Finding) {
	w.End()
	if w.failed {
		return nil, w.findings
	}
	return w.out, w.findings
}

func (w *Writer) raw(s string) { w.out = append(w.out, s...) }

// Open writes a start tag. [Writer.Start] also remembers it for the paths of
// findings.
func (w *Writer) Open(name string) {
	w.out = append(w.out, '<')
	w.out = append(w.out, name...)
	w.out = append(w.out, '>')
}

// Close writes an end tag.
func (w *Writer) Close(name string) {
	w.out = append(w.out, '<', '/')
	w.out = append(w.out, name...)
	w.out = append(w.out, '>')
}

// Start opens an element that holds others; number is 0 when it stands alone.
func (w *Writer) Start(name string, number int) {
	w.Open(name)
	w.open = append(w.open, name)
	w.numbers = append(w.numbers, number)
}

// End closes the innermost element.
func (w *Writer) End() {
	last := len(w.open) - 1
	w.Close(w.open[last])
	w.open, w.numbers = w.open[:last], w.numbers[:last]
}

// Say records a finding at the element being written.
func (w *Writer) Say(rule brevdue.Rule, args ...any) { w.SayAt("", rule, args...) }

// SayAt records a finding at a child of the element being written.
func (w *Writer) SayAt(leaf string, rule brevdue.Rule, args ...any) {
	var b strings.Builder
	for i, name := range w.open {
		b.WriteByte('/')
		b.WriteString(name)
		if n := w.numbers[i]; n > 0 {
			b.WriteString("[" + strconv.Itoa(n) + "]")
		}
	}
	if leaf != "" {
		b.WriteByte('/')
		b.WriteString(leaf)
	}
	if len(w.findings) < MaxFindings || rule.Severity == brevdue.SeverityError && !w.failed {
		w.findings = append(w.findings, rule.At(brevdue.Pos{Path: b.String()}, args...))
	}
	w.failed = w.failed || rule.Severity == brevdue.SeverityError
}

// Chars writes characters with markup escaped, inside ISO-8859-1.
func (w *Writer) Chars(s string) {
	if _, ok := latin1(s); !ok {
		s = w.replace("", s)
	}
	w.escaped(s)
}

// latin1 counts the characters of s and tells whether all of them can stand in
// an ISO-8859-1 document as they are.
func latin1(s string) (characters int, ok bool) {
	for _, r := range s {
		if r > 0xFF || r >= 0x80 && r < 0xA0 || r < ' ' && r != '\t' && r != '\n' {
			return 0, false
		}
		characters++
	}
	return characters, true
}

// escaped writes s, which is within ISO-8859-1, in one pass.
func (w *Writer) escaped(s string) {
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if classes[c]&special == 0 && c != '<' && c != '>' || c == ']' {
			continue
		}
		w.out = append(w.out, s[from:i]...)
		switch {
		case c >= utf8.RuneSelf: // two bytes in UTF-8
			i++
			w.out = append(w.out, c<<6|s[i]&0x3F)
		case c == '&':
			w.out = append(w.out, "&amp;"...)
		case c == '<':
			w.out = append(w.out, "&lt;"...)
		default:
			w.out = append(w.out, "&gt;"...)
		}
		from = i + 1
	}
	w.out = append(w.out, s[from:]...)
}

// replace brings s into ISO-8859-1 by the table of std:xdis91 §2.1, and controls,
// which XML cannot hold, to spaces. Every kind of character replaced is reported.
func (w *Writer) replace(leaf, s string) string {
	out, replaced := charset.Latin1(s)
	var said []rune
	say := func(r rune, with string) {
		if !slices.Contains(said, r) && len(said) < MaxFindings {
			said = append(said, r)
			w.SayAt(leaf, ruleReplaced, r, with)
		}
	}
	for _, r := range replaced {
		say(r.Rune, r.With)
	}
	for i, c := range out {
		if c < ' ' && c != '\t' && c != '\n' {
			say(rune(c), " ")
			out[i] = ' '
		}
	}
	return charset.String(out)
}

// leaf writes a simple element of at most most characters; an empty value is
// left out when the element may be, and is an error when it must stand there.
func (w *Writer) leaf(name, value string, most int, needed bool) {
	if value == "" {
		if needed {
			w.SayAt(name, ruleNeeds, name)
		}
		return
	}
	characters, ok := latin1(value)
	if !ok {
		value = w.replace(name, value)
		characters, _ = latin1(value)
	}
	if characters > most {
		w.SayAt(name, ruleTooLong, name, characters, most)
		return
	}
	w.Open(name)
	w.escaped(value)
	w.Close(name)
}

// Must writes a simple element of 1 to most characters that has to stand there.
func (w *Writer) Must(name, value string, most int) { w.leaf(name, value, most, true) }

// May writes a simple element of up to most characters, or nothing when the
// value is empty.
func (w *Writer) May(name, value string, most int) { w.leaf(name, value, most, false) }

// Word writes a code of the standard; known says whether the
// standard has it.
func (w *Writer) Word(name, word string, known bool) {
	if !known {
		w.SayAt(name, ruleNoCode, name)
		return
	}
	w.Open(name)
	for _, r := range word {
		w.out = append(w.out, byte(r)) // the standard's words are within Latin-1
	}
	w.Close(name)
}

// DateTime writes a local time as Date and Time.
func (w *Writer) DateTime(name string, t brevdue.LocalTime) {
	if t == "" {
		w.SayAt(name, ruleNeeds, name)
		return
	}
	if len(t) != len("2006-01-02T15:04") || !validTime(string(t)) {
		w.SayAt(name, ruleBadForm, name)
		return
	}
	w.Open(name)
	w.Open("Date")
	w.raw(string(t[:10]))
	w.Close("Date")
	w.Open("Time")
	w.raw(string(t[11:]))
	w.Close("Time")
	w.Close(name)
}

// validTime tells whether t is a time of the calendar.
func validTime(t string) bool {
	_, err := time.Parse("2006-01-02T15:04", t)
	return err == nil
}

// Empty writes an element without content.
func (w *Writer) Empty(name string) {
	w.out = append(w.out, '<')
	w.out = append(w.out, name...)
	w.out = append(w.out, '/', '>')
}
