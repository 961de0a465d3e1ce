package oioxml

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"brevdue"
)

// Grammar says what may stand in an element: the order, number and values of
// its children, or the value itself. It is written as a table, child by child in
// the schema's order.
type Grammar struct {
	Name     string    // local name
	Min, Max int       // how often it may stand there; Max 0 means 1, Many is no bound
	Children []Grammar // complex content, in order
	Choice   bool      // without Name: exactly one of Children stands here
	Value    *Value    // simple content
	Text     []string  // mixed content: the names of the formatting elements allowed
	Any      bool      // whatever it holds is not looked at
	Attr     *Grammar  // one required attribute with its value
}

// Many is a Max without bound.
const Many = 1 << 30

// Value is what a simple element may hold. Lengths count characters.
type Value struct {
	Min, Max int      // characters; Max 0 is no bound
	Codes    []string // allowed values
	Form     Form     // allowed shape
}

// Form names the shape of a value.
type Form int

// The shapes that std:xdis91 §1.2 and §7.2 use.
const (
	AnyForm   Form = iota
	Date           // YYYY-MM-DD
	Time           // hh:mm
	TenDigits      // a CPR number
	Positive       // a positive whole number
	Whole          // a whole number of 32 bits
	True           // the word true
	Boolean        // true, false, 1, 0
	UUID           // with hyphens
	DateTime       // YYYY-MM-DDThh:mm:ss with fraction and zone when given
	Base64         // looked at when it is decoded
	Token          // any characters, white space around them dropped
)

// shape is how a form is written in a finding; the same in every language.
func (f Form) shape() string {
	return [...]string{"", "YYYY-MM-DD", "hh:mm", "[0-9]{10}", "1, 2, 3 …", "0, 1, 2 …", "true", "true | false",
		"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "YYYY-MM-DDThh:mm:ss", "base64", "token"}[f]
}

// collapses tells whether XML Schema drops white space around the value.
func (f Form) collapses() bool {
	switch f {
	case Date, Positive, Whole, True, Boolean, DateTime, Base64, Token:
		return true
	}
	return false
}

// Check compares the element n, and everything in it, with the grammar. ref
// replaces the reference of the structure rules when it is not empty.
func (g *Grammar) Check(n *Node, ref string) []brevdue.Finding {
	c := checker{ref: ref}
	if n.Local != g.Name {
		c.say(n.Pos(), ruleUnexpected, n.label())
		return c.findings
	}
	c.element(n, g)
	slices.SortStableFunc(c.findings, func(a, b brevdue.Finding) int { return cmp.Compare(a.Pos.Offset, b.Pos.Offset) })
	return c.findings
}

type checker struct {
	ref      string
	findings []brevdue.Finding
}

func (c *checker) say(at brevdue.Pos, rule brevdue.Rule, args ...any) {
	switch n := len(c.findings); {
	case n < MaxFindings:
		f := rule.At(at, args...)
		if c.ref != "" && strings.HasPrefix(f.Ref, "std:") {
			f.Ref = c.ref
		}
		c.findings = append(c.findings, f)
	case n == MaxFindings:
		c.findings = append(c.findings, ruleMore.At(at, MaxFindings))
	}
}

// full tells that enough has been said.
func (c *checker) full() bool { return len(c.findings) > MaxFindings }

func (c *checker) element(n *Node, g *Grammar) {
	if g.Any || c.full() {
		return
	}
	c.attributes(n, g)
	switch {
	case g.Text != nil:
		c.formatted(n, g.Text)
	case g.Value != nil:
		c.simple(n, g.Value)
	default:
		c.complex(n, g)
	}
}

// attributes accepts namespace declarations, the schema hints that senders
// leave in, and the one attribute the grammar wants.
func (c *checker) attributes(n *Node, g *Grammar) {
	for _, a := range n.Attrs {
		if a.Space == "xmlns" || a.Space == "http://www.w3.org/2001/XMLSchema-instance" || a.Prefix == "xml" {
			continue
		}
		if g.Attr == nil || a.Local != g.Attr.Name || a.Prefix != "" {
			c.say(n.doc.Pos(a.start, n.Path()), ruleStrayAttr, n.label())
		}
	}
	if g.Attr == nil {
		return
	}
	v, ok := n.Attr(g.Attr.Name)
	if !ok {
		c.say(n.Pos(), ruleNeedAttr, n.label(), g.Attr.Name)
		return
	}
	c.value(n, g.Attr.Name, v, g.Attr.Value)
}

// formatted checks mixed content: only the named elements, and inside them only
// what std:xdis91 §1.5 allows there.
func (c *checker) formatted(n *Node, allowed []string) {
	for e := range n.Elements() {
		if c.full() {
			return
		}
		if e.Space != n.Space || !slices.Contains(allowed, e.Local) {
			c.say(e.Pos(), ruleNoMarkup)
			continue
		}
		c.attributes(e, &Grammar{})
		switch e.Local {
		case "Break", "Space":
			for k := range e.All() {
				if k.Kind != CommentNode && k.Kind != InstructionNode {
					c.say(e.Pos(), ruleNoMarkup)
					break
				}
			}
		case "FixedFont":
			c.formatted(e, InFixedFont)
		default:
			c.formatted(e, Breakable)
		}
	}
}

// The formatting elements by where they may stand (std:xdis91 §1.5).
var (
	Breakable   = []string{"Break", "Space"}
	InFixedFont = []string{"Break", "Space", "Bold", "Italic", "Underline", "Center", "Right"}
	Formatted   = []string{"Break", "Space", "Bold", "Italic", "Underline", "Center", "Right", "FixedFont"}
)

func (c *checker) simple(n *Node, v *Value) {
	for e := range n.Elements() {
		c.say(e.Pos(), ruleUnexpected, e.label())
		return
	}
	if v.Max == 0 && v.Min == 0 && v.Form == AnyForm && v.Codes == nil || v.Form == Base64 {
		return // no need to build the string
	}
	c.value(n, n.label(), n.Text(), v)
}

// value checks a value against lengths, codes and form.
func (c *checker) value(n *Node, name, s string, v *Value) {
	if v.Form.collapses() {
		s = strings.Trim(s, " \t\r\n")
	}
	length := utf8.RuneCountInString(s)
	switch {
	case length == 0 && (v.Min > 0 || v.Form != AnyForm || v.Codes != nil):
		c.say(n.Pos(), ruleShort, name)
	case v.Codes != nil && !slices.Contains(v.Codes, s):
		trimmed := strings.TrimSpace(s)
		if trimmed != s && slices.Contains(v.Codes, trimmed) || slices.Contains(v.Codes, trimmed+" ") {
			c.say(n.contentPos(), ruleCodeSpace, name)
			return
		}
		c.say(n.contentPos(), ruleCode, name)
	case v.Form == Date && len(s) > 10 && zone(s[10:]) && Date.fits(s[:10]):
		c.say(n.contentPos(), ruleZone, name)
	case !v.Form.fits(s):
		c.say(n.contentPos(), ruleForm, name, v.Form.shape())
	case v.Max > 0 && length > v.Max:
		c.say(n.contentPos(), ruleLong, name, length, v.Max)
	case length < v.Min:
		c.say(n.contentPos(), ruleForm, name, strconv.Itoa(v.Min)+" x")
	}
}

// complex walks the child elements along the grammar's order.
func (c *checker) complex(n *Node, g *Grammar) {
	if last := len(g.Children) - 1; last < 0 || g.Children[last].Name != "" || g.Children[last].Choice { // no repeated group
		before := len(c.findings)
		if c.straight(n, g) {
			return
		}
		c.findings = c.findings[:before] // what is wrong is found once more, with all its places
	}
	for t := range n.All() {
		if (t.Kind == TextNode && !t.doc.blank(t.start, t.end) || t.Kind == CDATANode) && !c.full() {
			c.say(t.Pos(), ruleStrayText, n.label())
		}
	}
	var kids []*Node
	for e := range n.Elements() {
		switch {
		case c.full():
		case !mentions(g.Children, e.Local):
			c.say(e.Pos(), ruleUnexpected, e.label())
			continue
		case e.Space != n.Space:
			c.say(e.Pos(), ruleNamespace, e.label())
		}
		kids = append(kids, e)
	}
	for _, e := range c.sequence(n, g, kids, false) {
		if c.full() {
			return
		}
		c.leftOver(e, g)
	}
}

// straight walks the child elements of a sequence that is in order, as nearly all
// are, without making any lists; false when anything in it is not as it should be.
// What is inside the elements is another matter.
func (c *checker) straight(n *Node, g *Grammar) bool {
	if n.bare && !n.doc.blank(n.innerStart, n.innerEnd) {
		return false
	}
	at, seen := 0, 0
	for e := n.first; e != nil; e = e.next {
		switch {
		case e.Kind == TextNode && e.doc.blank(e.start, e.end), e.Kind == CommentNode, e.Kind == InstructionNode:
			continue
		case e.Kind != ElementNode || e.Space != n.Space || c.full():
			return false
		}
		for ; ; at, seen = at+1, 0 {
			if at == len(g.Children) {
				return false
			}
			p := &g.Children[at]
			if p.Name == e.Local {
				if seen++; seen > max(p.Max, 1) {
					return false
				}
				c.element(e, p)
				break
			}
			if p.Choice && p.Name == "" && seen == 0 {
				q := find(p.Children, e.Local)
				if q == nil {
					return false
				}
				c.element(e, q)
				at++
				break
			}
			if p.Name == "" || seen < p.Min {
				return false
			}
		}
	}
	for ; at < len(g.Children); at, seen = at+1, 0 {
		if p := &g.Children[at]; p.Name == "" || seen < p.Min {
			return false
		}
	}
	return true
}

// sequence matches kids with the grammar's children in order and returns the
// kids that were not used. In a repeated group an element that belongs earlier
// starts the next round.
func (c *checker) sequence(n *Node, g *Grammar, kids []*Node, repeated bool) []*Node {
	for i := range g.Children {
		p := &g.Children[i]
		kids = c.skip(g, kids, i, repeated)
		switch {
		case p.Name == "" && p.Choice:
			kids = c.choice(n, p, kids)
		case p.Name == "":
			kids = c.group(n, p, kids)
		default:
			kids = c.occurrences(n, g, p, i, kids, repeated)
		}
	}
	return kids
}

// occurrences matches one element of the grammar as often as it may stand.
func (c *checker) occurrences(n *Node, g, p *Grammar, i int, kids []*Node, repeated bool) []*Node {
	most, seen := max(p.Max, 1), 0
	for len(kids) > 0 && kids[0].Local == p.Name && !c.full() {
		if seen++; seen == most+1 {
			c.say(kids[0].Pos(), ruleTooMany, p.Name, most)
		}
		if seen <= most {
			c.element(kids[0], p)
		}
		kids = c.skip(g, kids[1:], i, repeated)
	}
	if seen < p.Min && !later(kids, p) {
		c.say(whereMissing(n, kids), ruleMissing, p.Name)
	}
	return kids
}

// group matches a group of children one or more times.
func (c *checker) group(n *Node, g *Grammar, kids []*Node) []*Node {
	for {
		before := len(kids)
		kids = c.sequence(n, g, kids, true)
		if len(kids) == 0 || len(kids) == before || !mentions(g.Children, kids[0].Local) || c.full() {
			return kids
		}
	}
}

// skip reports and passes over elements that belong before child i, so that one
// stray element gives one finding. In a repeated group they start a new round.
func (c *checker) skip(g *Grammar, kids []*Node, i int, repeated bool) []*Node {
	for len(kids) > 0 && !repeated && !c.full() {
		at := index(g.Children, kids[0].Local)
		switch {
		case at >= i:
			return kids
		case g.Children[at].Choice:
			c.say(kids[0].Pos(), ruleChoice, names(g.Children[at].Children))
		default:
			c.leftOver(kids[0], g)
		}
		kids = kids[1:]
	}
	return kids
}

// later tells whether the element stands further on, in the wrong order; that
// gets a finding of its own where it stands.
func later(kids []*Node, p *Grammar) bool {
	for _, k := range kids {
		if k.Local == p.Name {
			return true
		}
	}
	return false
}

// choice takes one of the alternatives, also one that stands too late.
func (c *checker) choice(n *Node, g *Grammar, kids []*Node) []*Node {
	for i, k := range kids {
		p := find(g.Children, k.Local)
		if p == nil {
			continue
		}
		if i > 0 {
			c.say(k.Pos(), ruleOrder, k.label())
		}
		c.element(k, p)
		if i == 0 { // as nearly always: there may be very many others
			return kids[1:]
		}
		return slices.Concat(kids[:i], kids[i+1:])
	}
	c.say(whereMissing(n, kids), ruleChoice, names(g.Children))
	return kids
}

// leftOver reports an element that did not fit in the order, and still looks
// into it, so that the sender hears everything at once.
func (c *checker) leftOver(e *Node, g *Grammar) {
	c.say(e.Pos(), ruleOrder, e.label())
	c.element(e, find(g.Children, e.Local))
}

// whereMissing is the place where a missing element should have stood.
func whereMissing(n *Node, kids []*Node) brevdue.Pos {
	if len(kids) > 0 {
		p := kids[0].Pos()
		p.Path = n.Path()
		return p
	}
	return n.endPos()
}

func find(children []Grammar, name string) *Grammar {
	for i := range children {
		if children[i].Name == name {
			return &children[i]
		}
		if children[i].Name == "" {
			if p := find(children[i].Children, name); p != nil {
				return p
			}
		}
	}
	return nil
}

func mentions(children []Grammar, name string) bool { return find(children, name) != nil }

// index returns which child of the grammar an element belongs to, -1 for none.
func index(children []Grammar, name string) int {
	for i := range children {
		if children[i].Name == name || children[i].Name == "" && mentions(children[i].Children, name) {
			return i
		}
	}
	return -1
}

func names(children []Grammar) string {
	var b strings.Builder
	for i, p := range children {
		if i > 0 {
			b.WriteString(" | ")
		}
		b.WriteString(p.Name)
	}
	return b.String()
}
