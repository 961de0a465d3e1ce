package edifact

import (
	"bytes"
	"strconv"

	"brevdue"
	"brevdue/charset"
)

// Limits that keep memory bounded whatever comes in. A letter at its largest
// has some 150 segments of at most 400 characters.
const (
	MaxSize       = 128 << 20 // bytes of one interchange; the network carries 100 MB
	MaxSegment    = 64 << 10  // bytes of one segment, without the raw bytes after UNO
	MaxSegments   = 100_000   // of one interchange
	MaxComponents = 1_000_000 // of one interchange
	MaxMessages   = 1_000     // of one interchange; what is read of one takes many times its bytes
)

// Read reads an interchange. It never fails: whatever can be made out is in the
// tree, and what is wrong is in the findings, each at its place. src is not copied.
func Read(src []byte) (*Interchange, []brevdue.Finding) {
	r := reader{Interchange: &Interchange{Separators: Usual, src: src}}
	if r.preamble() {
		r.Whole = true
		r.run()
	}
	r.structure()
	return r.Interchange, r.List()
}

type reader struct {
	*Interchange
	Findings
	messages int
	special  [256]bool // the bytes that are more than a character of ASCII
	c1       bool      // a windows-1252 byte was reported
	noUNP    bool      // the end of a file was looked for and not found
}

// preamble takes a byte order mark and UNA off and finds out about characters.
// It returns false when there is nothing that could be read.
func (r *reader) preamble() bool {
	if len(r.src) > MaxSize {
		r.SayAt(r.Pos(0), ruleSize, MaxSize)
		return false
	}
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
		r.SayAt(r.Pos(0), ruleEmpty)
		return false
	}
	if r.UTF8 {
		r.SayAt(r.Pos(at), ruleUTF8)
	}
	if !bytes.HasPrefix(r.src[at:], []byte("UNA")) {
		r.SayAt(r.Pos(at), ruleNoUNA)
		return true
	}
	una := r.src[at+3:]
	if len(una) < 6 {
		r.SayAt(r.Pos(at), ruleBadUNA)
		return false
	}
	r.UNA = true
	r.Separators = Separators{una[0], una[1], una[2], una[3], una[4], una[5]}
	r.begin = at + 9
	if !r.Separators.usable() {
		r.SayAt(r.Pos(at+3), ruleBadUNA)
		return false
	}
	return true
}

// usable tells whether the separators can be told from each other and from text.
// A space as release character means that there is none (ISO 9735).
func (s Separators) usable() bool {
	four := []byte{s.Component, s.Element, s.Terminator, s.Release}
	for i, c := range four {
		none := i == 3 && c == ' '
		if c == ' ' && !none || c >= 0x80 || alphanumeric(c) || bytes.IndexByte(four[:i], c) >= 0 {
			return false
		}
	}
	return true
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
	if len(r.src) <= smallInterchange {
		r.text = string(r.src)
	}
	sep := r.Separators
	for _, c := range []byte{sep.Component, sep.Element, sep.Release, sep.Terminator, '\r', '\n'} {
		r.special[c] = true
	}
	for c := 0x80; c < len(r.special); c++ {
		r.special[c] = true
	}
	r.room()
	at := r.begin
	for {
		at = r.afterBlank(at)
		if at >= len(r.src) {
			if len(r.segments) == 0 { // UNA and nothing behind it
				r.SayAt(r.Pos(at), ruleEmpty)
			}
			return
		}
		if len(r.segments) == MaxSegments || len(r.components) >= MaxComponents {
			r.Whole = false
			r.SayAt(r.Pos(at), ruleMany, MaxSegments, MaxComponents)
			return
		}
		next, ok := r.segment(at)
		if !ok {
			r.Whole = false
			return
		}
		at = next
		last := &r.segments[len(r.segments)-1]
		if last.Tag == "UNH" {
			if r.messages++; r.messages > MaxMessages {
				r.Whole = false
				r.Say(last, 0, 0, ruleMessages, MaxMessages)
				return
			}
		}
		if last.Tag == "UNZ" {
			if at = r.afterBlank(at); at < len(r.src) {
				r.SayAt(r.Pos(at), ruleSecond)
			}
			return
		}
	}
}

// room makes room for what the separators in the first part of the interchange
// announce, and a message is seldom longer.
func (r *reader) room() {
	src := r.src[:min(len(r.src), 64<<10)]
	count := func(c byte) int { return bytes.Count(src, []byte{c}) }
	segments := count(r.Separators.Terminator) + 1
	elements := segments + count(r.Separators.Element)
	components := elements + count(r.Separators.Component)
	r.segments = make([]Segment, 0, segments)
	r.elements = make([]span, 0, elements)
	r.components = make([]part, 0, components)
}

func (r *reader) afterBlank(at int) int {
	for at < len(r.src) && blank(r.src[at]) && r.src[at] != r.Separators.Terminator {
		at++
	}
	return at
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
	src := r.src[:limit]
	i := start
scan:
	for ; i < len(src); i++ {
		c := src[i]
		if !r.special[c] {
			continue
		}
		switch {
		case c == sep.Component:
			r.components = append(r.components, part{int32(from), int32(i), plain})
			from, plain = i+1, true
		case c == sep.Element:
			r.components = append(r.components, part{int32(from), int32(i), plain})
			r.elements = append(r.elements, span{int32(elementFrom), int32(len(r.components))})
			from, plain, elementFrom = i+1, true, len(r.components)
		case c == sep.Terminator:
			s.closed = true
			break scan
		case c == sep.Release && c != ' ':
			plain = false
			j := i + 1
			for j < len(src) && (src[j] == '\r' || src[j] == '\n') {
				j++
			}
			if j >= len(src) {
				continue
			}
			if n := src[j]; n != sep.Terminator && n != sep.Element && n != sep.Component && n != sep.Release && wrongRelease < 0 {
				wrongRelease = i
			}
			i = j
		case c >= 0x80 || c == '\r' || c == '\n':
			plain = false
			if c >= 0x80 && c < 0xA0 && !r.UTF8 && !r.c1 {
				r.c1 = true
				r.SayAt(r.Pos(i), ruleC1)
			}
		}
	}
	r.components = append(r.components, part{int32(from), int32(i), plain})
	r.elements = append(r.elements, span{int32(elementFrom), int32(len(r.components))})
	s.fields.to = int32(len(r.elements))
	s.stop = int32(i)
	if s.closed {
		s.stop++
	}
	s.body = s.stop
	if s.Tag = r.value(r.components[firstComponent]); !validTag(s.Tag) {
		s.Tag = "?" // it may be text of a letter gone astray, and is not shown
	}
	r.segments = append(r.segments, s)
	last := &r.segments[len(r.segments)-1]
	if wrongRelease >= 0 {
		r.SayAt(r.within(last, wrongRelease), ruleRelease)
	}
	if !s.closed {
		if limit < len(r.src) {
			r.Say(last, 0, 0, ruleLong, MaxSegment)
		} else {
			r.SayAt(r.within(last, len(r.src)), ruleTruncated)
		}
		return 0, false
	}
	if last.Tag == "?" {
		r.Say(last, 0, 0, ruleTag)
	}
	if last.Tag == "UNO" {
		return r.object(last)
	}
	return int(last.stop), true
}

// object skips the raw bytes that follow UNO by their stated length
// (std:xdis91 §6.3): they are no text and hold any byte. Where UNP does not come
// when they end, the length is wrong, and the UNP that fits is looked for, so that
// a file is never read as segments.
func (r *reader) object(s *Segment) (next int, ok bool) {
	body := int(s.stop)
	size, known := length(s.Value(4, 1))
	known = known && size <= len(r.src)-body
	if known && r.isTag(r.afterBlank(body+size), "UNP") {
		s.stop += int32(size)
		return int(s.stop), true
	}
	if real, found := r.objectEnd(body, s.Value(1, 1)); found {
		r.Say(s, 4, 1, ruleObjectEnd, real)
		s.stop += int32(real)
		return int(s.stop), true
	}
	if !known {
		r.Say(s, 4, 1, ruleObjectSize)
		return 0, false
	}
	s.stop += int32(size)
	return int(s.stop), true
}

// length reads a number of bytes.
func length(v string) (n int, ok bool) {
	n, err := strconv.Atoi(v)
	return n, err == nil && digits(v)
}

// objectEnd finds where the raw bytes from an offset on end when their stated
// length is wrong: at the first UNP that has the file's number, and states the
// length it makes or has a segment behind it. After one that was not found no more
// are looked for, so that no file is searched over and over.
func (r *reader) objectEnd(body int, number string) (size int, found bool) {
	for at := body; !r.noUNP; at++ {
		i := bytes.Index(r.src[at:], []byte("UNP"))
		if i < 0 {
			break
		}
		at += i
		unp, _, closed := bytes.Cut(r.src[at:min(len(r.src), at+40)], []byte{r.Separators.Terminator})
		part := bytes.Split(unp, []byte{r.Separators.Element})
		if !closed || len(part) != 3 || string(part[2]) != number {
			continue
		}
		stated, _ := length(string(part[1]))
		behind := r.afterBlank(at + len(unp) + 1)
		if stated == at-body || r.isTag(behind, "UNT") || r.isTag(behind, "UNO") {
			return at - body, true
		}
	}
	r.noUNP = true
	return 0, false
}

// isTag tells whether a segment of that tag begins at an offset.
func (r *reader) isTag(at int, tag string) bool {
	b := r.src[min(at, len(r.src)):]
	return bytes.HasPrefix(b, []byte(tag)) && len(b) > len(tag) && b[len(tag)] == r.Separators.Element
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

// within is an offset inside a segment, with the segment's path.
func (r *reader) within(s *Segment, offset int) brevdue.Pos {
	p := r.Pos(offset)
	p.Path = r.path(int(s.index))
	return p
}

// structure checks UNB…UNZ and UNH…UNT: that they are there, count and refer
// right (std:xdis91 §2.2). When reading broke off it does not also complain that
// the end is missing.
func (r *reader) structure() {
	if len(r.segments) == 0 {
		return
	}
	first := &r.segments[0]
	header := r.Header()
	if header == nil {
		if first.closed {
			r.Say(first, 0, 0, ruleNoUNB)
		}
	} else if header.closed && (!header.Is(1, 1, "UNOC") || !header.Is(1, 2, "3")) {
		r.Say(header, 1, 1, ruleSyntax)
	}
	inside, from, messages := false, 0, 0
	var trailer *Segment
	for i := range r.segments {
		s := &r.segments[i]
		switch s.Tag {
		case "UNB":
			if i > 0 {
				r.Say(s, 0, 0, ruleLateUNB)
			}
		case "UNH":
			if inside {
				r.Say(s, 0, 0, ruleNoUNT)
			}
			inside, from = true, i
			messages++
		case "UNT":
			if !inside {
				r.Say(s, 0, 0, ruleStray)
				continue
			}
			inside = false
			if s.closed {
				r.closeMessage(&r.segments[from], s, i-from+1)
			}
		case "UNZ":
			trailer = s
			if inside {
				r.Say(s, 0, 0, ruleNoUNT)
				inside = false
			}
		default:
			if !inside && s.Tag != "?" && s.closed {
				r.Say(s, 0, 0, ruleStray)
			}
		}
	}
	if !r.Whole {
		return
	}
	end := r.Pos(len(r.src))
	if inside {
		end.Path = "UNT[1]"
		r.SayAt(end, ruleNoUNT)
	}
	if messages == 0 {
		r.Say(first, 0, 0, ruleNoUNH)
	}
	if trailer == nil {
		end.Path = "UNZ[1]"
		r.SayAt(end, ruleNoUNZ)
		return
	}
	if !isCount(trailer.Value(1, 1), messages) {
		r.Say(trailer, 1, 1, ruleUNZCount, messages)
	}
	if header != nil && trailer.Value(2, 1) != header.Value(5, 1) {
		r.Say(trailer, 2, 1, ruleUNZRef)
	}
}

func (r *reader) closeMessage(unh, unt *Segment, count int) {
	if !isCount(unt.Value(1, 1), count) {
		r.Say(unt, 1, 1, ruleUNTCount, count)
	}
	if unt.Value(2, 1) != unh.Value(1, 1) {
		r.Say(unt, 2, 1, ruleUNTRef)
	}
}

// isCount tells whether the text is the number, leading zeros allowed.
func isCount(s string, want int) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n == want && digits(s)
}
