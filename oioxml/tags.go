package oioxml

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

const xmlSpace = "http://www.w3.org/XML/1998/namespace"

// maxBindings is how many namespace declarations may be in force at once; real
// documents have one or two, and each name is looked up among them.
const maxBindings = 500

// name reads a name at the start of b and returns its length in bytes, 0 when
// there is none. Letters beyond Latin-1 are not taken: no MedCom name has them.
func (s *scanner) name(at int) (string, int) {
	b := s.data[at:]
	i, ascii := 0, true
	for i < len(b) {
		c := b[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == ':':
			i++
		case i > 0 && (c >= '0' && c <= '9' || c == '-' || c == '.'):
			i++
		case c >= utf8.RuneSelf:
			r, n := s.d.rune(b[i:])
			if s.d.Encoding == UTF8 && n == 1 || r < 0xC0 || r > 0xFF || r == 0xD7 || r == 0xF7 {
				return s.nameOf(at, at+i, ascii), i
			}
			i += n
			ascii = false
		default:
			return s.nameOf(at, at+i, ascii), i
		}
	}
	return s.nameOf(at, at+i, ascii), i
}

// qualified reads a name at an offset and parts it; n is its length in bytes, 0
// when there is no name there.
func (s *scanner) qualified(at int) (prefix, local string, n int) {
	i := at
	if i < len(s.data) && classes[s.data[i]]&letter != 0 {
		for i < len(s.data) && classes[s.data[i]]&(letter|digit) != 0 {
			i++
		}
	}
	if i > at && i < len(s.data) && classes[s.data[i]]&special == 0 && (isSpace(s.data[i]) || s.data[i] == '>' || s.data[i] == '/' || s.data[i] == '=') {
		return "", s.d.plain(at, i), i - at // as nearly all are
	}
	full, n := s.name(at)
	prefix, local, ok := split(full)
	if !ok {
		return "", "", 0
	}
	return prefix, local, n
}

func (s *scanner) nameOf(from, to int, ascii bool) string {
	if ascii {
		return s.d.plain(from, to)
	}
	return s.d.characters(s.data[from:to], false)
}

// asciiName reads one of the three names of the XML declaration.
func asciiName(b []byte) []byte {
	n := 0
	for n < len(b) && b[n] >= 'a' && b[n] <= 'z' {
		n++
	}
	return b[:n]
}

// split parts a qualified name; ok is false when it is not one.
func split(name string) (prefix, local string, ok bool) {
	prefix, local, found := strings.Cut(name, ":")
	if !found {
		return "", prefix, prefix != ""
	}
	if prefix == "" || local == "" || strings.Contains(local, ":") {
		return "", "", false
	}
	// a local part may not start like a number either
	if c := local[0]; c >= '0' && c <= '9' || c == '-' || c == '.' {
		return "", "", false
	}
	return prefix, local, true
}

// startTag reads a start tag or an empty-element tag.
func (s *scanner) startTag() {
	start := s.pos
	i := start + 1
	prefix, local, n := s.qualified(i)
	if n == 0 {
		s.stop(start, ruleTag)
		return
	}
	if s.depth == 0 && s.d.Root != nil {
		s.stop(start, ruleTail)
		return
	}
	if s.depth == MaxDepth {
		s.stop(start, ruleDepth, MaxDepth)
		return
	}
	i += n
	var attrs []Attr
	for {
		spaced := false
		for i < len(s.data) && isSpace(s.data[i]) {
			i++
			spaced = true
		}
		if i >= len(s.data) {
			s.ended(start)
			return
		}
		if s.data[i] == '>' || hasPrefix(s.data[i:], "/>") {
			break
		}
		if !spaced {
			s.stop(i, ruleTag)
			return
		}
		a, next := s.attribute(start, i)
		if s.d.stopped {
			return
		}
		if s.d.nodes++; s.d.nodes > MaxNodes || len(attrs) > 100 {
			s.stop(i, ruleCount, MaxNodes)
			return
		}
		attrs = append(attrs, a)
		i = next
	}
	empty := s.data[i] == '/'
	end := i + 1
	if empty {
		end++
	}
	node := s.add(ElementNode, start, end)
	if node == nil {
		return
	}
	node.Local = local
	if prefix != "" || attrs != nil { // they are seldom there, and every pointer set costs
		node.Prefix, node.Attrs = prefix, attrs
	}
	node.innerStart, node.innerEnd = int32(end), int32(end)
	s.pos = end
	if s.open == nil {
		s.d.Root = node
	}
	s.open = node
	s.depth++
	s.last[s.depth] = nil
	s.bind(node)
	if empty && !s.d.stopped {
		s.close()
	}
}

// attribute reads one attribute at offset i of the tag that starts at tag.
func (s *scanner) attribute(tag, i int) (Attr, int) {
	start := i
	prefix, local, n := s.qualified(i)
	if n == 0 {
		s.stop(i, ruleAttr)
		return Attr{}, 0
	}
	i += n
	skip := func() {
		for i < len(s.data) && isSpace(s.data[i]) {
			i++
		}
	}
	skip()
	if i >= len(s.data) {
		s.ended(tag)
		return Attr{}, 0
	}
	if s.data[i] != '=' {
		s.stop(start, ruleAttr)
		return Attr{}, 0
	}
	i++
	skip()
	if i >= len(s.data) {
		s.ended(tag)
		return Attr{}, 0
	}
	if s.data[i] != '"' && s.data[i] != '\'' {
		s.stop(start, ruleAttr)
		return Attr{}, 0
	}
	quote := s.data[i]
	i++
	length := bytes.IndexByte(s.data[i:], quote)
	if length < 0 || bytes.IndexByte(s.data[i:i+length], '<') >= 0 {
		s.stop(start, ruleAttr)
		return Attr{}, 0
	}
	raw := s.data[i : i+length]
	decode, ok := s.check(i, i+length, inValue)
	if !ok {
		return Attr{}, 0
	}
	a := Attr{Prefix: prefix, Local: local, start: start}
	if decode {
		a.Value = s.d.characters(raw, true)
	} else {
		a.Value = s.d.plain(i, i+length)
	}
	if strings.ContainsAny(a.Value, "\n\t") {
		a.Value = strings.NewReplacer("\n", " ", "\t", " ").Replace(a.Value)
	}
	return a, i + length + 1
}

// bind takes the element's namespace declarations into force and resolves its
// name and its attributes' names.
func (s *scanner) bind(n *Node) {
	for i, a := range n.Attrs {
		switch {
		case a.Prefix == "xmlns":
			if a.Value == "" || a.Local == "xmlns" || a.Local == "xml" {
				s.say(a.start, rulePrefix)
			}
			s.spaces = append(s.spaces, binding{a.Local, a.Value, s.depth})
		case a.Prefix == "" && a.Local == "xmlns":
			s.spaces = append(s.spaces, binding{"", a.Value, s.depth})
		default:
			continue
		}
		n.Attrs[i].Space = "xmlns"
	}
	if len(s.spaces) > maxBindings {
		s.stop(int(n.start), ruleCount, maxBindings)
		return
	}
	n.Space = s.resolve(n.Prefix, int(n.start))
	for i := range n.Attrs {
		a := &n.Attrs[i]
		if a.Space != "xmlns" && a.Prefix != "" {
			a.Space = s.resolve(a.Prefix, a.start)
		}
		for _, b := range n.Attrs[:i] {
			if b.Local == a.Local && (b.Prefix == a.Prefix || b.Space == a.Space && a.Space != "" && a.Space != "xmlns") {
				s.say(a.start, ruleAttrTwice)
				break
			}
		}
	}
}

// resolve returns the namespace a prefix stands for.
func (s *scanner) resolve(prefix string, at int) string {
	for i := len(s.spaces) - 1; i >= 0; i-- {
		if s.spaces[i].prefix == prefix {
			return s.spaces[i].space
		}
	}
	switch prefix {
	case "":
		return ""
	case "xml":
		return xmlSpace
	}
	s.say(at, rulePrefix)
	return ""
}

// sameName tells whether the open element's name stands at an offset with ">"
// right behind it, as in nearly every document, and returns its length in bytes.
func (s *scanner) sameName(at int) int {
	from := int(s.open.start) + 1
	for n := 0; at+n < len(s.data); n++ {
		c := s.data[at+n]
		if c == '>' {
			if d := s.data[from+n]; n > 0 && (d == '>' || isSpace(d)) {
				return n
			}
			return 0
		}
		if s.data[from+n] != c {
			return 0
		}
	}
	return 0
}

// endTag reads an end tag and closes the open element.
func (s *scanner) endTag() {
	start := s.pos
	if s.open == nil {
		s.stop(start, ruleTail)
		return
	}
	if n := s.sameName(start + 2); n > 0 {
		s.open.innerEnd, s.open.end = int32(start), int32(start+2+n+1)
		s.pos = start + 2 + n + 1
		s.close()
		return
	}
	prefix, local, n := s.qualified(start + 2)
	i := start + 2 + n
	for i < len(s.data) && isSpace(s.data[i]) {
		i++
	}
	switch {
	case i >= len(s.data):
		s.ended(start)
		return
	case n == 0 || s.data[i] != '>':
		s.stop(start, ruleTag)
		return
	case prefix != s.open.Prefix || local != s.open.Local:
		s.stop(start, ruleMismatch, s.open.label())
		return
	}
	s.open.innerEnd, s.open.end = int32(start), int32(i+1)
	s.pos = i + 1
	s.close()
}

// close leaves the open element and forgets its namespace declarations.
func (s *scanner) close() {
	for len(s.spaces) > 0 && s.spaces[len(s.spaces)-1].depth == s.depth {
		s.spaces = s.spaces[:len(s.spaces)-1]
	}
	s.depth--
	s.open = s.open.parent
}
