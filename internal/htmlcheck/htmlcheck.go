// Package htmlcheck reads the pages of the workbench back and says what is wrong
// with them: markup that does not nest, missing labels and headings, dead links
// and forms, anything the Content-Security-Policy would block, and duplicate ids.
//
// Specification: the subset of HTML that the templates of internal/web are
// written in, which is stricter than the standard: every element that is not
// void is closed, attributes are quoted. The accessibility rules are those of
// WCAG 2.1 AA that can be told from markup alone; a browser and axe-core judge
// the rest.
//
// Deliberately missing: HTML's error recovery. A page that needs it is reported.
//
// What surprises: a [Form] can be filled and turned into the values a browser
// without JavaScript would send, so that tests walk through pages by what is
// really on them.
package htmlcheck

import (
	"fmt"
	"html"
	"strings"
)

// Node is an element or a text. Tag is "" for a text.
type Node struct {
	Tag    string // lower case
	Attr   map[string]string
	Text   string // of a text node, character references resolved
	Kids   []*Node
	Parent *Node
}

// void are the elements that have no content.
func void(tag string) bool {
	switch tag {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr":
		return true
	}
	return false
}

// Parse reads a page. The error says where the markup does not nest.
func Parse(page string) (*Node, error) {
	root := &Node{Tag: "#document", Attr: map[string]string{}}
	p := parser{s: page, at: root}
	if err := p.run(); err != nil {
		return nil, err
	}
	if p.at != root {
		return nil, fmt.Errorf("<%s> is not closed", p.at.Tag)
	}
	return root, nil
}

type parser struct {
	s   string
	i   int
	at  *Node
	pos int // start of the tag being read, for messages
}

func (p *parser) fault(format string, args ...any) error {
	return fmt.Errorf("line %d: %s", 1+strings.Count(p.s[:p.pos], "\n"), fmt.Sprintf(format, args...))
}

func (p *parser) run() error {
	for p.i < len(p.s) {
		p.pos = p.i
		switch {
		case strings.HasPrefix(p.s[p.i:], "<!--"):
			end := strings.Index(p.s[p.i:], "-->")
			if end < 0 {
				return p.fault("comment is not closed")
			}
			p.i += end + 3
		case strings.HasPrefix(p.s[p.i:], "<!"):
			end := strings.IndexByte(p.s[p.i:], '>')
			if end < 0 {
				return p.fault("declaration is not closed")
			}
			p.i += end + 1
		case strings.HasPrefix(p.s[p.i:], "</"):
			if err := p.close(); err != nil {
				return err
			}
		case p.s[p.i] == '<':
			if err := p.open(); err != nil {
				return err
			}
		default:
			end := strings.IndexByte(p.s[p.i:], '<')
			if end < 0 {
				end = len(p.s) - p.i
			}
			p.text(p.s[p.i : p.i+end])
			p.i += end
		}
	}
	return nil
}

func (p *parser) text(s string) {
	if s == "" {
		return
	}
	p.at.Kids = append(p.at.Kids, &Node{Text: html.UnescapeString(s), Parent: p.at})
}

func (p *parser) close() error {
	end := strings.IndexByte(p.s[p.i:], '>')
	if end < 0 {
		return p.fault("closing tag is not finished")
	}
	tag := strings.ToLower(strings.TrimSpace(p.s[p.i+2 : p.i+end]))
	if p.at.Tag != tag {
		return p.fault("</%s> closes <%s>", tag, p.at.Tag)
	}
	p.at = p.at.Parent
	p.i += end + 1
	return nil
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == ':'
}

func (p *parser) name() string {
	start := p.i
	for p.i < len(p.s) && nameByte(p.s[p.i]) {
		p.i++
	}
	return p.s[start:p.i]
}

func (p *parser) space() {
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.i]) >= 0 {
		p.i++
	}
}

func (p *parser) open() error {
	p.i++
	n := &Node{Tag: strings.ToLower(p.name()), Attr: map[string]string{}, Parent: p.at}
	if n.Tag == "" {
		return p.fault("a bare < must be written &lt;")
	}
	for {
		p.space()
		if p.i >= len(p.s) {
			return p.fault("<%s> is not finished", n.Tag)
		}
		if p.s[p.i] == '>' {
			p.i++
			break
		}
		if strings.HasPrefix(p.s[p.i:], "/>") { // allowed in embedded SVG
			p.i += 2
			p.at.Kids = append(p.at.Kids, n)
			return nil
		}
		if err := p.attribute(n); err != nil {
			return err
		}
	}
	p.at.Kids = append(p.at.Kids, n)
	switch {
	case void(n.Tag):
	case n.Tag == "script" || n.Tag == "style":
		end := strings.Index(p.s[p.i:], "</"+n.Tag)
		if end < 0 {
			return p.fault("<%s> is not closed", n.Tag)
		}
		p.at = n
		p.text(p.s[p.i : p.i+end])
		p.i += end
	default:
		p.at = n
	}
	return nil
}

func (p *parser) attribute(n *Node) error {
	key := strings.ToLower(p.name())
	if key == "" {
		return p.fault("<%s> has a malformed attribute", n.Tag)
	}
	if _, twice := n.Attr[key]; twice {
		return p.fault("<%s> has %s twice", n.Tag, key)
	}
	if p.i >= len(p.s) || p.s[p.i] != '=' {
		n.Attr[key] = ""
		return nil
	}
	p.i++
	if p.i >= len(p.s) || p.s[p.i] != '"' && p.s[p.i] != '\'' {
		return p.fault("attribute %s of <%s> is not quoted", key, n.Tag)
	}
	quote := p.s[p.i]
	end := strings.IndexByte(p.s[p.i+1:], quote)
	if end < 0 {
		return p.fault("attribute %s of <%s> is not closed", key, n.Tag)
	}
	n.Attr[key] = html.UnescapeString(p.s[p.i+1 : p.i+1+end])
	p.i += end + 2
	return nil
}

// Walk calls f for every element below and including n, in document order.
func (n *Node) Walk(f func(*Node)) {
	if n.Tag != "" {
		f(n)
	}
	for _, k := range n.Kids {
		k.Walk(f)
	}
}

// All returns the elements that match, in document order. A selector is a tag, a
// tag with one attribute ("input[name=cpr]", "a[aria-current]"), or only the
// bracket; "#id" and ".class" are short for the usual things.
func (n *Node) All(selector string) []*Node {
	var out []*Node
	n.Walk(func(e *Node) {
		if e.matches(selector) {
			out = append(out, e)
		}
	})
	return out
}

// First returns the first element that matches, or nil.
func (n *Node) First(selector string) *Node {
	if all := n.All(selector); len(all) > 0 {
		return all[0]
	}
	return nil
}

func (n *Node) matches(selector string) bool {
	switch {
	case strings.HasPrefix(selector, "#"):
		return n.Attr["id"] == selector[1:]
	case strings.HasPrefix(selector, "."):
		for c := range strings.FieldsSeq(n.Attr["class"]) {
			if c == selector[1:] {
				return true
			}
		}
		return false
	}
	tag, rest, bracket := strings.Cut(selector, "[")
	if tag != "" && n.Tag != tag {
		return false
	}
	if !bracket {
		return true
	}
	key, want, valued := strings.Cut(strings.TrimSuffix(rest, "]"), "=")
	got, has := n.Attr[key]
	return has && (!valued || got == want)
}

// Inner returns the text of the element with white space folded. What is hidden
// from everybody (hidden, template) is left out; what only a screen reader is
// told (class "sr") is part of it.
func (n *Node) Inner() string {
	var b strings.Builder
	n.inner(&b)
	return strings.Join(strings.Fields(b.String()), " ")
}

func (n *Node) inner(b *strings.Builder) {
	if n.Tag == "" {
		b.WriteString(n.Text)
		return
	}
	if _, hidden := n.Attr["hidden"]; hidden || n.Tag == "template" || n.Tag == "script" || n.Tag == "style" {
		return
	}
	if n.Tag == "br" || block(n.Tag) {
		b.WriteByte(' ')
	}
	for _, k := range n.Kids {
		k.inner(b)
	}
	if block(n.Tag) {
		b.WriteByte(' ')
	}
}

func block(tag string) bool {
	switch tag {
	case "a", "abbr", "b", "em", "i", "span", "strong", "u", "kbd", "code", "svg", "use", "time", "label", "bdi":
		return false
	}
	return true
}
