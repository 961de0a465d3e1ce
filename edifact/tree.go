package edifact

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"brevdue"
	"brevdue/charset"
)

// Separators are the service characters of an interchange, as UNA names them.
type Separators struct {
	Component, Element, Decimal, Release, Space, Terminator byte
}

// Usual are the separators when UNA does not say otherwise.
var Usual = Separators{':', '+', '.', '?', ' ', '\''}

// Interchange is an interchange that was read. Its parts are spans of the bytes
// it was read from, which must not be changed while it is in use.
type Interchange struct {
	Separators Separators
	UNA        bool // UNA was there
	UTF8       bool // characters are UTF-8, not ISO-8859-1
	Whole      bool // reading did not break off before the end

	src        []byte
	text       string // src once more, for plain values to be parts of; "" when it is large
	begin      int    // where the first segment may stand: after UNA
	segments   []Segment
	elements   []span // of components
	components []part

	walk walk
	mark mark
}

// smallInterchange is the most bytes that are kept a second time to save a piece of
// memory for every value.
const smallInterchange = 1 << 20

// span is a range of indexes or offsets.
type span struct{ from, to int32 }

// part is the bytes of a component; plain ones need no unescaping or decoding.
type part struct {
	from, to int32
	plain    bool
}

// Segment is one segment. Elements and components count from 1 after the tag,
// as "X.y" in std:xdis91 §2.4.
type Segment struct {
	Tag string // three capital letters or digits; "?" for anything else

	in     *Interchange
	index  int32
	start  int32 // offset of the tag
	stop   int32 // offset after the terminator and, for UNO, after its raw bytes
	body   int32 // offset after the terminator
	fields span  // elements; the first is the tag itself
	closed bool  // the terminator was there
}

// Segments returns all segments in order.
func (ic *Interchange) Segments() []Segment { return ic.segments }

// Elements returns how many elements follow the tag.
func (s *Segment) Elements() int { return int(s.fields.to-s.fields.from) - 1 }

// Components returns how many components the element has; 0 when it is absent.
func (s *Segment) Components(element int) int {
	if s.in == nil || element < 0 || element > s.Elements() {
		return 0
	}
	e := s.in.elements[s.fields.from+int32(element)]
	return int(e.to - e.from)
}

// Value returns the characters of a component, "" when it is absent. CR and LF
// are deleted and releases undone.
func (s *Segment) Value(element, component int) string {
	if component < 1 || component > s.Components(element) {
		return ""
	}
	e := s.in.elements[s.fields.from+int32(element)]
	return s.in.value(s.in.components[e.from+int32(component)-1])
}

// Is tells whether a component has exactly these characters.
func (s *Segment) Is(element, component int, want string) bool {
	if component < 1 || component > s.Components(element) {
		return want == ""
	}
	e := s.in.elements[s.fields.from+int32(element)]
	p := s.in.components[e.from+int32(component)-1]
	if p.plain { // without making a string
		return string(s.in.src[p.from:p.to]) == want
	}
	return s.in.value(p) == want
}

// Data returns the raw bytes that follow a UNO segment, nil for any other.
func (s *Segment) Data() []byte {
	if s.stop == s.body {
		return nil
	}
	return s.in.src[s.body:s.stop]
}

// Closed tells whether the segment has its terminator; only the last one may not.
func (s *Segment) Closed() bool { return s.closed }

func (ic *Interchange) value(p part) string {
	raw := ic.src[p.from:p.to]
	switch {
	case p.plain && ic.text != "":
		return ic.text[p.from:p.to]
	case p.plain:
		return string(raw)
	}
	var line [256]byte // most components are shorter, and need no other memory than the string
	clean := line[:0]
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '\r' || c == '\n':
		case c == ic.Separators.Release && c != ' ':
			// The next character stands for itself; line ends between the two
			// are no characters (std:xdis91 §2.1).
			for i+1 < len(raw) && (raw[i+1] == '\r' || raw[i+1] == '\n') {
				i++
			}
			if i+1 < len(raw) {
				i++
				clean = append(clean, raw[i])
			}
		default:
			clean = append(clean, c)
		}
	}
	if ic.UTF8 && utf8.Valid(clean) {
		return string(clean)
	}
	return charset.String(clean)
}

// Pos returns the place of the segment; element and component may be 0 for the
// whole of it. The path names the message, the segment group, the segment and
// the component: "UNH[1]/S01[2]/NAD[1]/2.1".
func (s *Segment) Pos(element, component int) brevdue.Pos {
	offset := int(s.start)
	if element > 0 && element <= s.Elements() {
		e := s.in.elements[s.fields.from+int32(element)]
		c := e.from
		if component > 1 && int32(component) <= e.to-e.from {
			c += int32(component) - 1
		}
		offset = int(s.in.components[c].from)
	}
	p := s.in.Pos(offset)
	p.Path = s.in.path(int(s.index))
	switch {
	case element > 0 && component > 0:
		p.Path += fmt.Sprintf("/%d.%d", element, component)
	case element > 0:
		p.Path += fmt.Sprintf("/%d", element)
	}
	return p
}

// mark is the last place that line and column were counted for.
type mark struct{ offset, line, begin, column int }

// Pos returns line and column of an offset; the path is left empty. Counting goes
// on from the last place asked for, forwards or back.
func (ic *Interchange) Pos(offset int) brevdue.Pos {
	offset = min(max(offset, 0), len(ic.src))
	m := &ic.mark
	forwards := offset >= m.offset
	between := ic.src[min(offset, m.offset):max(offset, m.offset)]
	lines := bytes.Count(between, []byte{'\n'})
	characters := 0
	if ic.UTF8 && lines == 0 {
		characters = utf8.RuneCount(between)
	}
	if forwards {
		m.line, m.column = m.line+lines, m.column+characters
	} else {
		m.line, m.column = m.line-lines, m.column-characters
	}
	m.offset = offset
	if lines > 0 {
		m.begin = bytes.LastIndexByte(ic.src[:offset], '\n') + 1
		m.column = utf8.RuneCount(ic.src[m.begin:offset])
	}
	if !ic.UTF8 {
		m.column = offset - m.begin
	}
	return brevdue.Pos{Offset: offset, Line: m.line + 1, Column: m.column + 1}
}

// spot is where a segment stands among the others.
type spot struct {
	message int32 // number of the UNH before it
	trigger int32 // segment that opened its group, -1 for none
	nth     int32 // number among its like in the group, or of the group for a trigger
	inside  bool  // between UNH and UNT
}

// walk works out where segments stand, once and only when a finding asks: a flood
// of findings asks for many.
type walk struct {
	spots []spot
	at    spot  // of the latest
	fresh int32 // from where on like segments are counted
	like  map[string]count
}

// count is how many like segments there were since a segment, or groups since a UNH.
type count struct{ since, n int32 }

// to goes on to the last of the segments given, which are the first of all.
func (w *walk) to(segments []Segment) {
	if w.like == nil {
		w.like, w.at.trigger = map[string]count{}, -1
	}
	for i := len(w.spots); i < len(segments); i++ {
		tag, here := segments[i].Tag, int32(i)
		since := w.at.message
		switch {
		case isTrigger(tag):
			w.at.trigger, w.fresh = here, here
		case tag == "UNH":
			w.at.message++
			w.at.trigger, w.at.inside, w.fresh = -1, true, here
		case tag == "UNT", tag == "UNZ":
			w.at.trigger, w.fresh = -1, here
			w.at.inside = w.at.inside && tag == "UNT"
		}
		if !isTrigger(tag) {
			since = w.fresh
		}
		c := w.like[tag]
		if c.since != since {
			c = count{since: since}
		}
		c.n++
		w.like[tag], w.at.nth = c, c.n
		w.spots = append(w.spots, w.at)
		w.at.inside = w.at.inside && tag != "UNT"
	}
}

// path names a segment by message, group trigger and number of its like.
func (ic *Interchange) path(index int) string {
	if index >= len(ic.walk.spots) {
		ic.walk.to(ic.segments[:index+1])
	}
	at, tag := ic.walk.spots[index], ic.segments[index].Tag
	var b strings.Builder
	if at.inside && tag != "UNH" && tag != "UNZ" {
		fmt.Fprintf(&b, "UNH[%d]/", at.message)
	}
	switch {
	case tag == "UNH":
		fmt.Fprintf(&b, "UNH[%d]", at.message)
	case at.trigger >= 0 && int(at.trigger) != index:
		fmt.Fprintf(&b, "%s[%d]/%s[%d]", ic.segments[at.trigger].Tag, ic.walk.spots[at.trigger].nth, tag, at.nth)
	default:
		fmt.Fprintf(&b, "%s[%d]", tag, at.nth)
	}
	return b.String()
}

// isTrigger tells whether a tag opens a segment group (S01, S14 ...).
func isTrigger(tag string) bool {
	return len(tag) == 3 && tag[0] == 'S' && tag[1] >= '0' && tag[1] <= '9' && tag[2] >= '0' && tag[2] <= '9'
}

// Write returns the bytes of the interchange, put together again from its tree:
// what was accepted is written back unchanged.
func (ic *Interchange) Write() []byte {
	out := make([]byte, 0, len(ic.src))
	out = append(out, ic.src[:ic.begin]...) // UNA and what stands before it
	at := ic.begin
	for i := range ic.segments {
		s := &ic.segments[i]
		out = append(out, ic.src[at:s.start]...) // white space between segments
		for e := s.fields.from; e < s.fields.to; e++ {
			if e > s.fields.from {
				out = append(out, ic.Separators.Element)
			}
			for c := ic.elements[e].from; c < ic.elements[e].to; c++ {
				if c > ic.elements[e].from {
					out = append(out, ic.Separators.Component)
				}
				out = append(out, ic.src[ic.components[c].from:ic.components[c].to]...)
			}
		}
		if s.closed {
			out = append(out, ic.Separators.Terminator)
		}
		out = append(out, s.Data()...)
		at = int(s.stop)
	}
	return append(out, ic.src[at:]...)
}

// Message is the segments from UNH to UNT, both included when they are there.
type Message []Segment

// Messages returns the messages of the interchange in order.
func (ic *Interchange) Messages() []Message {
	var out []Message
	from := -1
	for i := range ic.segments {
		switch ic.segments[i].Tag {
		case "UNH":
			if from >= 0 {
				out = append(out, Message(ic.segments[from:i]))
			}
			from = i
		case "UNT":
			if from >= 0 {
				out = append(out, Message(ic.segments[from:i+1]))
				from = -1
			}
		case "UNZ":
			if from >= 0 {
				out = append(out, Message(ic.segments[from:i]))
				from = -1
			}
		}
	}
	if from >= 0 {
		out = append(out, Message(ic.segments[from:]))
	}
	return out
}

// Header returns the first UNB segment, nil when there is none.
func (ic *Interchange) Header() *Segment {
	for i := range ic.segments {
		if ic.segments[i].Tag == "UNB" {
			return &ic.segments[i]
		}
	}
	return nil
}
