package edifact

import (
	"bytes"
	"strconv"

	"brevdue/charset"
)

// Writer makes a new interchange: it escapes, drops trailing empty parts, counts
// segments and messages, and keeps to ISO-8859-1.
type Writer struct {
	out      []byte
	inside   int // segments of the current message so far
	messages int
	message  string // reference of the current message
	control  string // reference of the interchange
	oneLine  bool   // no line feed after a segment
	// Replaced holds every character that ISO-8859-1 cannot hold, in order.
	Replaced []Replaced
}

// Replaced is a character that was replaced, and in which segment.
type Replaced struct {
	charset.Replacement
	Tag string
}

// Element is one data element: its components in order.
type Element []string

// E makes an element of its components.
func E(components ...string) Element { return components }

// NewWriter starts an interchange with UNA.
func NewWriter(capacity int) *Writer {
	w := &Writer{out: make([]byte, 0, capacity)}
	w.out = append(w.out, "UNA:+.? '\n"...)
	return w
}

// OneLine leaves the line feeds after segments out, as messages with raw bytes in
// them want it (std:xdis91 §6.3). It is called before anything else.
func (w *Writer) OneLine() {
	w.oneLine = true
	w.out = bytes.TrimSuffix(w.out, []byte("\n"))
}

// Raw writes bytes as they are, after the UNO that states their number.
func (w *Writer) Raw(data []byte) { w.out = append(w.out, data...) }

// Interchange writes UNB; control is its reference (KuvertNr, element 5).
func (w *Writer) Interchange(control string, elements ...Element) {
	w.control = control
	w.Segment("UNB", elements...)
}

// Message writes UNH; reference is the number of the message (BrevNr, element 1).
func (w *Writer) Message(reference string, elements ...Element) {
	w.message, w.inside = reference, 0
	w.messages++
	w.Segment("UNH", append([]Element{{reference}}, elements...)...)
}

// EndMessage writes UNT with the number of segments, itself included.
func (w *Writer) EndMessage() {
	w.Segment("UNT", Element{strconv.Itoa(w.inside + 1)}, Element{w.message})
}

// End writes UNZ and returns the whole interchange in ISO-8859-1, one line feed
// after each segment unless [Writer.OneLine] was called.
func (w *Writer) End() []byte {
	w.Segment("UNZ", Element{strconv.Itoa(w.messages)}, Element{w.control})
	return w.out
}

// Segment writes one segment. Trailing empty components and elements are left
// out, inner ones are not (std:xdis91 §2.1).
func (w *Writer) Segment(tag string, elements ...Element) {
	w.inside++
	w.out = append(w.out, tag...)
	last := len(elements)
	for last > 0 && empty(elements[last-1]) {
		last--
	}
	for _, e := range elements[:last] {
		w.out = append(w.out, '+')
		n := len(e)
		for n > 0 && e[n-1] == "" {
			n--
		}
		for i, c := range e[:n] {
			if i > 0 {
				w.out = append(w.out, ':')
			}
			w.component(tag, c)
		}
	}
	w.out = append(w.out, '\'')
	if !w.oneLine {
		w.out = append(w.out, '\n')
	}
}

func empty(e Element) bool {
	for _, c := range e {
		if c != "" {
			return false
		}
	}
	return true
}

// component writes one component: characters of ISO-8859-1 at once, and when it
// has any other, through the table of replacements.
func (w *Writer) component(tag, s string) {
	before := len(w.out)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '?' || c == ':' || c == '+' || c == '\'':
			w.out = append(w.out, '?', c)
		case c >= ' ' && c < 0x80:
			w.out = append(w.out, c)
		case (c == 0xC2 || c == 0xC3) && i+1 < len(s) && (c == 0xC3 || s[i+1] >= 0xA0): // U+00A0 to U+00FF in UTF-8
			i++
			w.out = append(w.out, c<<6|s[i]&0x3F)
		default:
			w.out = w.out[:before]
			w.slowly(tag, s)
			return
		}
	}
}

func (w *Writer) slowly(tag, s string) {
	b, replaced := charset.Latin1(s)
	for _, r := range replaced {
		w.Replaced = append(w.Replaced, Replaced{r, tag})
	}
	for i, c := range b {
		if c < ' ' { // a line feed inside data would be deleted by readers and join words
			w.Replaced = append(w.Replaced, Replaced{charset.Replacement{Rune: rune(c), With: " ", Index: i}, tag})
			c = ' '
		}
		w.char(c)
	}
}

func (w *Writer) char(c byte) {
	switch c {
	case '?', ':', '+', '\'':
		w.out = append(w.out, '?')
	}
	w.out = append(w.out, c)
}
