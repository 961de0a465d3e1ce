package oioxml

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"brevdue"
	"brevdue/charset"
)

// Limits that keep memory in proportion to what a real document needs.
const (
	MaxSize  = 256 << 20 // bytes; the network's limit for one envelope is 100 MB before base64
	MaxDepth = 64        // the deepest MedCom document has about ten levels
	MaxNodes = 400_000   // elements, texts, comments and attributes
)

// MaxFindings is how many findings one pass reports before it stops counting.
const MaxFindings = 100

// Read reads a document to a tree. It always returns a document; when reading
// had to stop, the tree holds what came before, and a finding says where and
// why. Nothing is ever expanded or fetched.
func Read(data []byte) (*Document, []brevdue.Finding) {
	d := &Document{data: data}
	s := &scanner{d: d, data: data}
	switch {
	case len(data) > MaxSize:
		s.stop(0, ruleSize, MaxSize)
		return d, s.findings
	case utf16(data):
		s.stop(0, ruleEncoding)
		return d, s.findings
	}
	if len(data) <= smallDocument {
		d.src = string(data)
	}
	// Most elements have two tags, and only characters between them.
	s.slab = make([]Node, min(1024, 8+bytes.Count(data[:min(len(data), 64<<10)], []byte{'<'})/2))
	s.pos = d.bom()
	s.run()
	s.lookForUTF8()
	return d, s.findings
}

// utf16 tells whether the document is in UTF-16, by mark or by its first "<".
func utf16(data []byte) bool {
	for _, p := range [...]string{"\xff\xfe", "\xfe\xff", "<\x00", "\x00<"} {
		if bytes.HasPrefix(data, []byte(p)) {
			return true
		}
	}
	return false
}

// scanner walks the bytes once, left to right.
type scanner struct {
	d        *Document
	data     []byte
	pos      int
	open     *Node // innermost element that is not closed
	depth    int
	last     [MaxDepth + 1]*Node // the latest child of each open element, by depth
	declared string              // encoding name of the XML declaration
	slab     []Node              // memory for nodes, so many of them used
	used     int
	spaces   []binding
	findings []brevdue.Finding
	firstHi  int // offset+1 of the first byte above ASCII
	saidUTF8 bool
	saidC1   bool
}

// binding is one namespace declaration in force.
type binding struct {
	prefix, space string
	depth         int
}

// ended records that the document stops in the middle of a tag.
func (s *scanner) ended(at int) {
	if s.open == nil {
		s.stop(at, ruleTag)
		return
	}
	s.stop(at, ruleTruncated, s.open.label())
}

// say records a finding that does not end the reading.
func (s *scanner) say(at int, rule brevdue.Rule, args ...any) {
	switch n := len(s.findings); {
	case n < MaxFindings:
		s.findings = append(s.findings, rule.At(s.d.Pos(at, s.open.Path()), args...))
	case n == MaxFindings:
		s.findings = append(s.findings, ruleMore.At(s.d.Pos(at, ""), MaxFindings))
	}
}

// stop records a finding after which nothing can be trusted, and closes what is
// open at the last good place.
func (s *scanner) stop(at int, rule brevdue.Rule, args ...any) {
	if s.d.stopped {
		return
	}
	if len(s.findings) >= MaxFindings {
		s.findings = s.findings[:MaxFindings-1] // the fatal one must be seen
	}
	s.say(at, rule, args...)
	s.d.stopped, s.d.stoppedAt = true, s.pos
	for n := s.open; n != nil; n = n.parent {
		n.innerEnd, n.end = int32(s.pos), int32(s.pos)
	}
}

func (s *scanner) run() {
	for s.pos < len(s.data) && !s.d.stopped {
		if s.data[s.pos] != '<' {
			s.text()
			continue
		}
		rest := s.data[s.pos:]
		switch {
		case hasPrefix(rest, "</"):
			s.endTag()
		case hasPrefix(rest, "<!--"):
			s.comment()
		case hasPrefix(rest, "<![CDATA["):
			s.cdata()
		case hasPrefix(rest, "<!DOCTYPE"):
			s.stop(s.pos, ruleDoctype)
		case hasPrefix(rest, "<!"):
			s.stop(s.pos, ruleTag)
		case hasPrefix(rest, "<?"):
			s.instruction()
		default:
			s.startTag()
		}
	}
	switch {
	case s.d.stopped:
	case s.open != nil:
		s.stop(len(s.data), ruleTruncated, s.open.label())
	case s.d.Root == nil:
		s.stop(len(s.data), ruleEmpty)
	}
}

func hasPrefix(b []byte, p string) bool { return len(b) >= len(p) && string(b[:len(p)]) == p }

// add puts a new node at the current place; nil when the document has too many.
func (s *scanner) add(kind NodeKind, start, end int) *Node {
	if s.d.nodes++; s.d.nodes > MaxNodes {
		s.stop(start, ruleCount, MaxNodes)
		return nil
	}
	if s.used == len(s.slab) {
		s.slab, s.used = make([]Node, min(1024, 32+s.d.nodes)), 0
	}
	n := &s.slab[s.used]
	s.used++
	n.Kind, n.doc, n.parent, n.start, n.end = kind, s.d, s.open, int32(start), int32(end)
	switch before := s.last[s.depth]; {
	case before != nil:
		before.next = n
	case s.open != nil:
		s.open.first = n
	default:
		s.d.first = n
	}
	s.last[s.depth] = n
	return n
}

// text reads character data up to the next tag.
func (s *scanner) text() {
	start, end := s.pos, len(s.data)
	if i := bytes.IndexByte(s.data[start:], '<'); i >= 0 {
		end = start + i
	}
	if s.open == nil {
		if i := bytes.IndexFunc(s.data[start:end], func(r rune) bool { return !isSpace(r) }); i >= 0 {
			rule := ruleTail
			if s.d.Root == nil {
				rule = ruleEmpty
			}
			s.stop(start+i, rule)
			return
		}
	}
	decode, ok := s.check(start, end, inText)
	if !ok {
		return
	}
	if s.open != nil && s.open.first == nil && hasPrefix(s.data[end:], "</") {
		s.open.bare, s.open.decode = true, decode
		s.pos = end
		return
	}
	if n := s.add(TextNode, start, end); n != nil {
		n.decode = decode
		s.pos = end
	}
}

func isSpace[T byte | rune](c T) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// place says what may stand in a span of characters.
type place int

const (
	inText  place = iota // references; no "]]>"
	inValue              // references: an attribute's value
	inRaw                // no references: CDATA, comments, instructions
)

// check looks at every character of a span. decode tells that the characters
// differ from the bytes; ok is false when reading has stopped.
func (s *scanner) check(start, end int, in place) (decode, ok bool) {
	b := s.data[start:end]
	for i := 0; i < len(b); {
		c := b[i]
		if classes[c]&special == 0 {
			i++
			continue
		}
		switch {
		case c == '&' && in != inRaw:
			_, n := reference(b[i:])
			if n == 0 {
				s.stop(start+i, ruleEntity)
				return false, false
			}
			decode = true
			i += n
		case c == '\r':
			decode = true
			i++
		case c < ' ' && c != '\t' && c != '\n':
			s.stop(start+i, ruleControl, c)
			return false, false
		case c == ']' && in == inText && hasPrefix(b[i:], "]]>"):
			s.stop(start+i, ruleCDATAEnd)
			return false, false
		case c < utf8.RuneSelf:
			i++
		default:
			decode = true
			n, good := s.high(start+i, b[i:])
			if !good {
				return false, false
			}
			i += n
		}
	}
	return decode, true
}

// high looks at one character above ASCII and returns its length in bytes.
func (s *scanner) high(at int, b []byte) (n int, ok bool) {
	if s.firstHi == 0 {
		s.firstHi = at + 1
	}
	if s.d.Encoding != UTF8 {
		if s.d.Encoding == ISO8859_1 && b[0] < 0xA0 && !s.saidC1 {
			s.saidC1 = true
			s.say(at, ruleC1)
		}
		return 1, true
	}
	r, n := utf8.DecodeRune(b)
	switch {
	case r == utf8.RuneError && n == 1:
		if !s.saidUTF8 {
			s.saidUTF8 = true
			s.say(at, ruleNotUTF8)
		}
	case r == 0xFFFE || r == 0xFFFF:
		s.stop(at, ruleControl, r)
		return 0, false
	}
	return n, true
}

// lookForUTF8 warns when a single-byte document is really UTF-8: text that is
// valid UTF-8 above ASCII is all but never anything else.
func (s *scanner) lookForUTF8() {
	if s.d.Encoding != UTF8 && s.firstHi > 0 && charset.LooksUTF8(s.data[s.firstHi-1:]) {
		s.open = nil
		s.say(s.firstHi-1, ruleMojibake, s.declared)
	}
}

// reference reads a character or predefined entity reference at the start of b.
// n is 0 when there is none: no other entity exists here.
func reference(b []byte) (r rune, n int) {
	end := bytes.IndexByte(b[:min(len(b), 12)], ';')
	if end < 2 {
		return 0, 0
	}
	name := b[1:end]
	switch string(name) {
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "amp":
		return '&', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	}
	if name[0] != '#' || len(name) < 2 {
		return 0, 0
	}
	digits, base := name[1:], rune(10)
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	if len(digits) == 0 {
		return 0, 0
	}
	for _, c := range digits {
		v := rune(99)
		switch {
		case c >= '0' && c <= '9':
			v = rune(c - '0')
		case c >= 'a' && c <= 'f':
			v = rune(c-'a') + 10
		case c >= 'A' && c <= 'F':
			v = rune(c-'A') + 10
		}
		if v >= base {
			return 0, 0
		}
		if r = r*base + v; r > utf8.MaxRune {
			return 0, 0
		}
	}
	if r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r < 0xD800 || r >= 0xE000 && r < 0xFFFE || r > 0xFFFF {
		return r, end + 1
	}
	return 0, 0
}

func (s *scanner) comment() {
	start := s.pos
	i := bytes.Index(s.data[start+4:], []byte("--"))
	if i < 0 || !hasPrefix(s.data[start+4+i:], "-->") {
		s.stop(start, ruleComment)
		return
	}
	end := start + 4 + i + 3
	if _, ok := s.check(start+4, end-3, inRaw); ok && s.add(CommentNode, start, end) != nil {
		s.pos = end
	}
}

func (s *scanner) cdata() {
	start := s.pos
	i := bytes.Index(s.data[start:], []byte("]]>"))
	if i < 0 || s.open == nil {
		s.stop(start, ruleCDATA)
		return
	}
	end := start + i + 3
	if _, ok := s.check(start+len("<![CDATA["), end-3, inRaw); ok && s.add(CDATANode, start, end) != nil {
		s.pos = end
	}
}

func (s *scanner) instruction() {
	start := s.pos
	i := bytes.Index(s.data[start+2:], []byte("?>"))
	if i < 0 {
		s.stop(start, ruleInstr)
		return
	}
	end := start + 2 + i + 2
	name, n := s.name(start + 2)
	n = min(n, end-2-(start+2))
	name = name[:min(len(name), n)]
	rest := s.data[start+2+n : end-2]
	switch {
	case n == 0 || strings.Contains(name, ":") || len(rest) > 0 && !isSpace(rest[0]):
		s.stop(start, ruleInstr)
		return
	case strings.EqualFold(name, "xml"):
		if name != "xml" || start != s.d.bom() || !s.declaration(rest) {
			s.stop(start, ruleInstr)
			return
		}
	}
	if _, ok := s.check(start+2, end-2, inRaw); ok && s.add(InstructionNode, start, end) != nil {
		s.pos = end
	}
}

// declaration reads version, encoding and standalone of the XML declaration, in
// that order, and sets the document's encoding.
func (s *scanner) declaration(b []byte) bool {
	var values [3][]byte
	order := [3]string{"version", "encoding", "standalone"}
	next := 0
	for {
		trimmed := bytes.TrimLeft(b, " \t\r\n")
		if len(trimmed) == 0 {
			break
		}
		if len(trimmed) == len(b) {
			return false
		}
		name := asciiName(trimmed)
		n := len(name)
		b = bytes.TrimLeft(trimmed[n:], " \t\r\n")
		if n == 0 || len(b) == 0 || b[0] != '=' {
			return false
		}
		b = bytes.TrimLeft(b[1:], " \t\r\n")
		if len(b) == 0 || b[0] != '"' && b[0] != '\'' {
			return false
		}
		value, after, ok := bytes.Cut(b[1:], b[:1])
		if !ok {
			return false
		}
		for next < len(order) && order[next] != string(name) {
			next++
		}
		if next == len(order) {
			return false
		}
		values[next] = value
		next++
		b = after
	}
	if string(values[0]) != "1.0" {
		return false
	}
	s.encode(string(values[1]))
	return true
}

// encode decides the document's encoding (std:xdis91 §1.1).
func (s *scanner) encode(declared string) {
	s.declared = declared
	var e Encoding
	switch strings.ToLower(declared) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		e = UTF8
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1":
		e = ISO8859_1
	case "windows-1252", "cp1252", "cp-1252":
		e = Windows1252
	default:
		e = Windows1252 // so that the letter can still be looked at
		if utf8.Valid(s.data) {
			e = UTF8
		}
		s.say(s.pos, ruleEncoding)
	}
	if e != UTF8 && s.d.bom() > 0 {
		s.say(s.pos, ruleBOM)
		e = UTF8
	}
	s.d.Encoding = e
}
