package oioxml

import (
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"brevdue"
	"brevdue/charset"
)

// Encoding is how the characters of a document are stored.
type Encoding int

// The encodings that are read. Both single-byte encodings read alike.
const (
	UTF8 Encoding = iota
	ISO8859_1
	Windows1252
)

// NodeKind tells the parts of a document apart.
type NodeKind uint8

// The kinds of node.
const (
	ElementNode     NodeKind = iota
	TextNode                 // character data between tags, references included
	CDATANode                // <![CDATA[...]]>
	CommentNode              // <!-- ... -->
	InstructionNode          // <? ... ?>, the XML declaration too
)

// Node is one part of a document. The spans of a document's nodes lie side by
// side and cover every byte of it.
type Node struct {
	Kind   NodeKind
	Space  string // namespace of an element
	Prefix string
	Local  string // local name of an element
	Attrs  []Attr

	bare   bool // an element with characters and nothing else, for which no node was made
	decode bool // the characters differ from the bytes

	start, end           int32 // the whole node in the document's bytes
	innerStart, innerEnd int32 // an element's content; equal to end for <a/>
	doc                  *Document
	parent, first, next  *Node
}

// Attr is one attribute. Namespace declarations are attributes too.
type Attr struct {
	Space, Prefix, Local string
	Value                string
	start                int
}

// Document is a document that was read.
type Document struct {
	Encoding Encoding
	Root     *Node // the root element; nil when there is none

	data      []byte
	src       string // data once more, for names and values to be parts of; "" when it is large
	first     *Node  // top-level nodes in order
	nodes     int
	stopped   bool // reading ended before the end of data
	stoppedAt int
	mark      mark
}

// Whole tells whether the document was read to its end.
func (d *Document) Whole() bool { return !d.stopped }

// Write returns the document's bytes, put together again from its nodes: what
// was accepted is written back unchanged.
func (d *Document) Write() []byte {
	out := make([]byte, 0, len(d.data))
	out = append(out, d.data[:d.bom()]...)
	for n := d.first; n != nil; n = n.next {
		out = n.appendTo(out)
	}
	return append(out, d.data[len(out):]...) // what could not be read
}

func (n *Node) appendTo(out []byte) []byte {
	if n.Kind != ElementNode {
		return append(out, n.doc.data[n.start:n.end]...)
	}
	out = append(out, n.doc.data[n.start:n.innerStart]...)
	if n.bare {
		out = append(out, n.doc.data[n.innerStart:n.innerEnd]...)
	}
	for c := n.first; c != nil; c = c.next {
		out = c.appendTo(out)
	}
	return append(out, n.doc.data[n.innerEnd:n.end]...)
}

// Parent returns the element that holds n, nil for a top-level node.
func (n *Node) Parent() *Node { return n.parent }

// Start returns the offset of the node's first byte.
func (n *Node) Start() int { return int(n.start) }

// Closed tells whether an element has its end tag, which it lacks only where
// reading broke off. Nil has none.
func (n *Node) Closed() bool {
	if n == nil {
		return false
	}
	return n.end > n.innerEnd || n.innerStart == n.end && n.doc.data[n.end-2] == '/'
}

// All returns every child node in order.
func (n *Node) All() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		if n.bare {
			yield(&Node{Kind: TextNode, doc: n.doc, parent: n, start: n.innerStart, end: n.innerEnd, decode: n.decode})
			return
		}
		for c := n.first; c != nil; c = c.next {
			if !yield(c) {
				return
			}
		}
	}
}

// Elements returns the child elements in order.
func (n *Node) Elements() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for c := n.first; c != nil; c = c.next {
			if c.Kind == ElementNode && !yield(c) {
				return
			}
		}
	}
}

// Child returns the first child element of that local name in n's own
// namespace. It is safe on a nil node, so that lookups chain.
func (n *Node) Child(local string) *Node {
	if n == nil {
		return nil
	}
	for c := n.first; c != nil; c = c.next {
		if c.Kind == ElementNode && c.Local == local && c.Space == n.Space {
			return c
		}
	}
	return nil
}

// Attr returns the value of the attribute without namespace, and whether it is there.
func (n *Node) Attr(local string) (string, bool) {
	for _, a := range n.Attrs {
		if a.Local == local && a.Space == "" && a.Prefix == "" {
			return a.Value, true
		}
	}
	return "", false
}

// Text returns the character data directly inside n, references resolved and
// line ends normalised to "\n"; "" for a nil node.
func (n *Node) Text() string {
	if n == nil {
		return ""
	}
	switch {
	case n.Kind != ElementNode:
		return n.value()
	case n.bare:
		return n.doc.text(n.innerStart, n.innerEnd, n.decode)
	case n.first == nil:
		return ""
	}
	var b strings.Builder
	for c := n.first; c != nil; c = c.next {
		b.WriteString(c.value())
	}
	return b.String()
}

// Raw returns the bytes of an element that holds nothing but ASCII characters
// without references, as they are, without copying them; ok is false when it holds
// anything else. Line ends are not normalised. It is for content of many megabytes.
func (n *Node) Raw() (raw []byte, ok bool) {
	switch {
	case n == nil || n.Kind != ElementNode:
		return nil, false
	case !n.bare:
		return nil, n.first == nil
	}
	raw = n.doc.data[n.innerStart:n.innerEnd]
	return raw, !n.decode || plain(raw)
}

// plain tells whether characters mean what their bytes say, apart from line ends.
func plain(raw []byte) bool {
	for _, c := range raw {
		if c == '&' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Source returns the bytes of the node, tags included, without copying them.
func (n *Node) Source() []byte {
	if n == nil {
		return nil
	}
	return n.doc.data[n.start:n.end]
}

// value returns the characters of a text or CDATA node.
func (n *Node) value() string {
	switch n.Kind {
	case TextNode:
		return n.doc.text(n.start, n.end, n.decode)
	case CDATANode:
		return n.doc.characters(n.doc.data[int(n.start)+len("<![CDATA["):int(n.end)-len("]]>")], false)
	}
	return ""
}

// text returns character data, references resolved.
func (d *Document) text(from, to int32, decode bool) string {
	if !decode {
		return d.plain(int(from), int(to))
	}
	return d.characters(d.data[from:to], true)
}

// smallDocument is the most bytes that are kept a second time to save a piece of
// memory for every name and value.
const smallDocument = 1 << 20

// plain returns bytes that are their own characters.
func (d *Document) plain(from, to int) string {
	if d.src != "" {
		return d.src[from:to]
	}
	return string(d.data[from:to])
}

// blank tells whether characters are only white space.
func (d *Document) blank(from, to int32) bool {
	for _, c := range d.data[from:to] {
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return true
}

// characters turns raw bytes to UTF-8, with references resolved when refs is
// set. The scanner has already refused bad references.
func (d *Document) characters(raw []byte, refs bool) string {
	var line [256]byte // most texts are shorter, and need no other memory than the string
	out := line[:0]
	for {
		// as many plain characters at once as there are
		i := 0
		for i < len(raw) && classes[raw[i]]&special == 0 {
			i++
		}
		out = append(out, raw[:i]...)
		if raw = raw[i:]; len(raw) == 0 {
			return string(out)
		}
		n := 1
		switch c := raw[0]; {
		case c >= 0xA0 && d.Encoding != UTF8:
			out = append(out, 0xC0|c>>6, 0x80|c&0x3F)
		case c >= utf8.RuneSelf:
			var r rune
			r, n = d.rune(raw)
			out = utf8.AppendRune(out, r)
		case c == '&' && refs:
			r, length := reference(raw)
			if length == 0 {
				r, length = '&', 1
			}
			out, n = utf8.AppendRune(out, r), length
		case c == '\r':
			out = append(out, '\n')
			if len(raw) > 1 && raw[1] == '\n' {
				n = 2
			}
		default:
			out = append(out, c)
		}
		raw = raw[n:]
	}
}

// What a reader has to know about a byte.
const (
	special = 1 << iota // a control, "&", "]" or above ASCII: to be looked at among characters
	letter              // of a plain name
	digit               // may stand in a plain name, not first
)

var classes = func() (t [256]byte) {
	for c := range t {
		if c < ' ' && c != '\t' && c != '\n' || c == '&' || c == ']' || c >= utf8.RuneSelf {
			t[c] |= special
		}
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' {
			t[c] |= letter
		}
		if c >= '0' && c <= '9' || c == '-' || c == '.' {
			t[c] |= digit
		}
	}
	return t
}()

// rune decodes the first character of b. A byte that is not UTF-8 in a document
// that should be is read as windows-1252: the finding is already made, and the
// letter must stay readable.
func (d *Document) rune(b []byte) (rune, int) {
	if d.Encoding == UTF8 {
		if r, n := utf8.DecodeRune(b); r != utf8.RuneError || n > 1 {
			return r, n
		}
	}
	return charset.Byte(b[0]), 1
}

// Pos returns the place of a byte offset. Line and column are counted here and
// not while reading, because most documents need none.
func (d *Document) Pos(offset int, path string) brevdue.Pos {
	offset = min(max(offset, 0), len(d.data))
	m := &d.mark
	if m.line == 0 || offset < m.offset {
		*m = mark{offset: min(d.bom(), offset), line: 1, column: 1}
	}
	for m.offset < offset {
		if n := d.straight(m.offset, offset); n > 0 {
			m.offset, m.column = m.offset+n, m.column+n
			continue
		}
		c := d.data[m.offset]
		n := 1
		switch {
		case c == '\n', c == '\r' && (m.offset+1 >= len(d.data) || d.data[m.offset+1] != '\n'):
			m.line, m.column = m.line+1, 1
		default:
			if c >= utf8.RuneSelf && d.Encoding == UTF8 {
				_, n = utf8.DecodeRune(d.data[m.offset:])
			}
			m.column++
		}
		m.offset += n
	}
	return brevdue.Pos{Offset: offset, Line: m.line, Column: m.column, Path: path}
}

// straight returns how many bytes from an offset on are one character each and end
// no line.
func (d *Document) straight(from, to int) int {
	b := d.data[from:to]
	for i, c := range b {
		if c == '\n' || c == '\r' || c >= utf8.RuneSelf && d.Encoding == UTF8 {
			return i
		}
	}
	return len(b)
}

// mark is the last place that was counted to; places are mostly asked for in
// order, so counting goes on from there.
type mark struct{ offset, line, column int }

// bom returns the length of the byte order mark.
func (d *Document) bom() int {
	if strings.HasPrefix(string(d.data[:min(3, len(d.data))]), "\xef\xbb\xbf") {
		return 3
	}
	return 0
}

// Pos returns where the node starts.
func (n *Node) Pos() brevdue.Pos {
	if n == nil {
		return brevdue.Pos{}
	}
	return n.doc.Pos(int(n.start), n.Path())
}

// contentPos is the place of the element's content: the first byte after the
// start tag.
func (n *Node) contentPos() brevdue.Pos { return n.doc.Pos(int(n.innerStart), n.Path()) }

// endPos returns where the element's end tag starts.
func (n *Node) endPos() brevdue.Pos { return n.doc.Pos(int(n.innerEnd), n.Path()) }

// Path returns the element's place in the tree, e.g.
// "/Emessage/ClinicalEmail[2]/Letter". Elements that stand once among their
// siblings carry no number.
func (n *Node) Path() string {
	if n == nil {
		return ""
	}
	if n.Kind != ElementNode {
		return n.parent.Path()
	}
	var steps []string
	for e := n; e != nil; e = e.parent {
		step := e.label()
		if i, many := e.ordinal(); many {
			step += "[" + strconv.Itoa(i) + "]"
		}
		steps = append(steps, step)
	}
	var b strings.Builder
	for i := len(steps) - 1; i >= 0; i-- {
		b.WriteByte('/')
		b.WriteString(steps[i])
	}
	return b.String()
}

// label returns the element's name for a finding. A tag that does not belong in
// a text is somebody's words and not markup, so it is never quoted.
func (n *Node) label() string {
	if isFormat(n.Local) {
		return n.Local
	}
	for p := n.parent; p != nil; p = p.parent {
		if p.Local == "Text01" || p.Local == "RefuseText" {
			return "*"
		}
	}
	if len(n.Local) > 60 {
		return n.Local[:60]
	}
	return n.Local
}

// isFormat tells the elements of formatted text (std:xdis91 §1.5).
func isFormat(local string) bool {
	switch local {
	case "Break", "Space", "Bold", "Italic", "Underline", "Center", "Right", "FixedFont":
		return true
	}
	return false
}

// ordinal returns which of its like-named siblings the element is, from 1, and
// whether there are several.
func (n *Node) ordinal() (i int, many bool) {
	if n.parent == nil {
		return 1, false
	}
	seen, total := 0, 0
	for s := n.parent.first; s != nil; s = s.next {
		if s.Kind == ElementNode && s.Local == n.Local {
			total++
			if s == n {
				seen = total
			}
		}
	}
	return seen, total > 1
}

// End returns the offset after the node's last byte.
func (n *Node) End() int { return int(n.end) }

// Next returns the element that follows among its siblings, nil for the last.
func (n *Node) Next() *Node {
	for s := n.next; s != nil; s = s.next {
		if s.Kind == ElementNode {
			return s
		}
	}
	return nil
}
