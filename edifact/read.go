package edifact

import (
	"bytes"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/charset"
)

// Limits that keep memory bounded whatever comes in. A letter at its largest
// has some 300 segments of at most 400 characters.
const (
	MaxSegment  = 64 << 10 // bytes of one segment, without the raw bytes after UNO
	MaxSegments = 100_000  // of one interchange
	maxFindings = 100      // of one kind of check before the rest is left out
)

// Read reads an interchange. It never fails: whatever can be made out is in the
// tree, and what is wrong is in the findings, each at its place. src is not copied.
func Read(src []byte) (*Interchange, []brevdue.Finding) {
	r := reader{Interchange: &Interchange{Separators: Usual, src: src}}
	r.preamble()
	r.run()
	r.structure()
	return r.Interchange, r.findings
}

type reader struct {
	*Interchange
	findings []brevdue.Finding
	c1       bool // a windows-1252 byte was reported
	bad      bool // the separators cannot be used
}

func (r *reader) say(p brevdue.Pos, rule brevdue.Rule, args ...any) {
	if len(r.findings) < maxFindings {
		r.findings = append(r.findings, rule.At(p, args...))
	}
}

// preamble takes a byte order mark and UNA off and finds out about characters.
func (r *reader) preamble() {
	at := 0
	if bytes.HasPrefix(r.src, []byte("\xef\xbb\xbf")) {
		at = 3
	}
	r.UTF8 = at > 0 || looksUTF8(r.src)
	for at < len(r.src) && blank(r.src[at]) {
		at++
	}
	r.begin = at
	if at == len(r.src) {
		r.say(r.Pos(0), ruleEmpty)
		return
	}
	if r.UTF8 {
		r.say(r.Pos(at), ruleUTF8)
	}
	if !bytes.HasPrefix(r.src[at:], []byte("UNA")) {
		r.say(r.Pos(at), ruleNoUNA)
		return
	}
	una := r.src[at+3:]
	if len(una) < 6 {
		r.say(r.Pos(at), ruleBadUNA)
		r.bad = true
		return
	}
	r.UNA = true
	r.Separators = Separators{una[0], una[1], una[2], una[3], una[4], una[5]}
	r.begin = at + 9
	s := r.Separators
	four := []byte{s.Component, s.Element, s.Terminator, s.Release}
	for i, c := range four {
		if alphanumeric(c) || bytes.IndexByte(four[:i], c) >= 0 {
			r.say(r.Pos(at+3), ruleBadUNA)
			r.bad = true
			return
		}
	}
}

// looksUTF8 judges by the first megabyte: enough for any letter, and an object
// behind it is not text.
func looksUTF8(src []byte) bool {
	const enough = 1 << 20
	if len(src) > enough {
		src = src[:enough]
		for i := 0; i < 3 && len(src) > 0 && src[len(src)-1] >= 0x80; i++ {
			src = src[:len(src)-1]
		}
	}
	if i := bytes.Index(src, []byte("UNO+")); i >= 0 {
		src = src[:i]
	}
	return charset.LooksUTF8(src)
}

func (r *reader) run() {
	if r.bad {
		return
	}
	guess := min(len(r.src)/30+1, 4096)
	r.segments = make([]Segment, 0, guess)
	r.elements = make([]span, 0, guess*4)
	r.components = make([]part, 0, guess*6)
	at := r.begin
	for {
		for at < len(r.src) && blank(r.src[at]) {
			at++
		}
		if at >= len(r.src) {
			return
		}
		if len(r.segments) == MaxSegments {
			r.say(r.Pos(at), ruleMany, MaxSegments)
			return
		}
		next, ok := r.segment(at)
		if !ok {
			return
		}
		at = next
		if r.segments[len(r.segments)-1].Tag == "UNZ" {
			for at < len(r.src) && blank(r.src[at]) {
				at++
			}
			if at < len(r.src) {
				r.say(r.Pos(at), ruleSecond)
			}
			return
		}
	}
}

// segment reads one segment at an offset and returns where the next may begin.
func (r *reader) segment(start int) (next int, ok bool) {
	sep := r.Separators
	s := Segment{in: r.Interchange, index: int32(len(r.segments)), start: int32(start)}
	s.fields.from = int32(len(r.elements))
	firstComponent := len(r.components)
	elementFrom := firstComponent
	from, plain := start, true
	limit := min(len(r.src), start+MaxSegment)
	var wrongRelease = -1
	endComponent := func(to int) {
		r.components = append(r.components, part{int32(from), int32(to), plain})
		from, plain = to+1, true
	}
	endElement := func(to int) {
		endComponent(to)
		r.elements = append(r.elements, span{int32(elementFrom), int32(len(r.components))})
		elementFrom = len(r.components)
	}
	i := start
scan:
	for ; i < limit; i++ {
		switch c := r.src[i]; {
		case c == sep.Terminator:
			s.closed = true
			break scan
		case c == sep.Element:
			endElement(i)
		case c == sep.Component:
			endComponent(i)
		case c == sep.Release:
			plain = false
			j := i + 1
			for j < limit && (r.src[j] == '\r' || r.src[j] == '\n') {
				j++
			}
			if j >= limit {
				continue
			}
			if n := r.src[j]; n != sep.Terminator && n != sep.Element && n != sep.Component && n != sep.Release && wrongRelease < 0 {
				wrongRelease = i
			}
			i = j
		case c >= 0x80 || c == '\r' || c == '\n':
			plain = false
			if c >= 0x80 && c < 0xA0 && !r.UTF8 && !r.c1 {
				r.c1 = true
				r.say(r.Pos(i), ruleC1)
			}
		}
	}
	endElement(i)
	s.fields.to = int32(len(r.elements))
	s.stop = int32(i)
	if s.closed {
		s.stop++
	}
	s.body = s.stop
	tag := r.components[firstComponent]
	s.Tag = tagOf(r.src[tag.from:tag.to])
	r.segments = append(r.segments, s)
	last := &r.segments[len(r.segments)-1]
	if wrongRelease >= 0 {
		r.say(r.Pos(wrongRelease), ruleRelease)
	}
	if !s.closed {
		if limit < len(r.src) {
			r.say(r.Pos(start), ruleLong, MaxSegment)
		} else {
			r.say(r.Pos(len(r.src)), ruleTruncated)
		}
		return 0, false
	}
	if !validTag(last.Tag) {
		r.say(r.Pos(start), ruleTag)
	}
	if last.Tag == "UNO" {
		return r.object(last)
	}
	return int(last.stop), true
}

// object skips the raw bytes that follow UNO by their stated length
// (std:xdis91 §6.3): they are no text and hold any byte.
func (r *reader) object(s *Segment) (next int, ok bool) {
	size, err := strconv.Atoi(s.Value(4, 1))
	if err != nil || size < 0 || size > len(r.src)-int(s.stop) {
		r.say(s.Pos(4, 1), ruleObjectSize)
		return 0, false
	}
	s.stop += int32(size)
	return int(s.stop), true
}

// tagOf returns the tag without allocating for the common ones.
func tagOf(raw []byte) string {
	switch string(raw) {
	case "UNB":
		return "UNB"
	case "UNH":
		return "UNH"
	case "FTX":
		return "FTX"
	case "NAD":
		return "NAD"
	case "RFF":
		return "RFF"
	case "DTM":
		return "DTM"
	case "UNT":
		return "UNT"
	case "UNZ":
		return "UNZ"
	}
	if len(raw) > 16 { // no tag; the place is reported, the bytes are in the source
		raw = raw[:16]
	}
	return strings.ToValidUTF8(string(raw), "?")
}

func validTag(tag string) bool {
	if len(tag) != 3 {
		return false
	}
	for i := range len(tag) {
		if c := tag[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func alphanumeric(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
}

func blank(c byte) bool { return c == ' ' || c == '\r' || c == '\n' || c == '\t' }

// structure checks UNB…UNZ and UNH…UNT: that they are there, count and refer
// right (std:xdis91 §2.2). After a break-off it says only what is missing before
// the place where reading ended.
func (r *reader) structure() {
	if len(r.segments) == 0 {
		return
	}
	end := r.Pos(len(r.src))
	first := &r.segments[0]
	header := r.Header()
	if header == nil {
		r.say(first.Pos(0, 0), ruleNoUNB)
	} else if header.Value(1, 1) != "UNOC" || header.Value(1, 2) != "3" {
		r.say(header.Pos(1, 1), ruleSyntax)
	}
	inside, from, messages := false, 0, 0
	var trailer *Segment
	for i := range r.segments {
		s := &r.segments[i]
		switch s.Tag {
		case "UNB":
		case "UNH":
			if inside {
				r.say(s.Pos(0, 0), ruleNoUNT)
			}
			inside, from = true, i
			messages++
		case "UNT":
			if !inside {
				r.say(s.Pos(0, 0), ruleStray)
				continue
			}
			inside = false
			r.closeMessage(&r.segments[from], s, i-from+1)
		case "UNZ":
			trailer = s
			if inside {
				r.say(s.Pos(0, 0), ruleNoUNT)
				inside = false
			}
		default:
			if !inside && validTag(s.Tag) {
				r.say(s.Pos(0, 0), ruleStray)
			}
		}
	}
	if inside {
		r.say(end, ruleNoUNT)
	}
	if messages == 0 {
		r.say(first.Pos(0, 0), ruleNoUNH)
	}
	if trailer == nil {
		r.say(end, ruleNoUNZ)
		return
	}
	if n, err := strconv.Atoi(strings.TrimSpace(trailer.Value(1, 1))); err != nil || n != messages {
		r.say(trailer.Pos(1, 1), ruleUNZCount, messages)
	}
	if header != nil && trailer.Value(2, 1) != header.Value(5, 1) {
		r.say(trailer.Pos(2, 1), ruleUNZRef)
	}
}

func (r *reader) closeMessage(unh, unt *Segment, count int) {
	if n, err := strconv.Atoi(strings.TrimSpace(unt.Value(1, 1))); err != nil || n != count {
		r.say(unt.Pos(1, 1), ruleUNTCount, count)
	}
	if unt.Value(2, 1) != unh.Value(1, 1) {
		r.say(unt.Pos(2, 1), ruleUNTRef)
	}
}
