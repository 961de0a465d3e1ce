package aftale

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"brevdue"
)

// An agreement is a short text. The limits keep the time and memory that any file
// takes small: the YAML parser's time grows with the square of both.
const (
	maxBytes    = 64 << 10
	maxDepth    = 12
	maxSubject  = 70      // characters of a letter's subject (std:xdis91 §1.2)
	maxHours    = 24 * 31 // of a reading limit in hours
	maxFindings = 100
)

// tooDeep finds the place where lists stand inside each other more deeply than any
// agreement needs. It looks at brackets and at dashes that begin a line, without
// understanding the rest; that is enough to keep the parser away from such a file.
func tooDeep(content []byte) (offset int, deep bool) {
	depth, run, leading := 0, 0, true
	for i, c := range content {
		switch c {
		case '\n':
			run, leading = 0, true
			continue
		case ' ', '\t', '\r':
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		}
		leading = leading && (c == '-' || c == '?')
		if leading {
			run++
		}
		if depth > maxDepth || run > maxDepth {
			return i, true
		}
	}
	return 0, false
}

// place gives the position of a byte, for faults that have no node.
func place(content []byte, offset int) brevdue.Pos {
	before := content[:offset]
	begin := bytes.LastIndexByte(before, '\n') + 1
	return brevdue.Pos{Offset: offset, Line: bytes.Count(before, []byte("\n")) + 1, Column: utf8.RuneCount(before[begin:]) + 1}
}

// shape compares a node with the form the file must have there, and reports every
// unknown field and every value of the wrong kind.
func (l *loader) shape(node ast.Node, want reflect.Type, path string) {
	switch node.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		l.at(node, path, rulePlain)
		return
	case *ast.NullNode:
		return // written but empty: as good as absent
	}
	for want.Kind() == reflect.Pointer {
		want = want.Elem()
	}
	switch want.Kind() {
	case reflect.Struct:
		pairs, ok := mapping(node)
		if !ok {
			l.at(node, path, ruleType, "felter", "fields")
			return
		}
		for _, p := range pairs {
			l.field(p, want, path)
		}
	case reflect.Slice:
		list, ok := node.(*ast.SequenceNode)
		if !ok {
			l.at(node, path, ruleType, "en liste", "a list")
			return
		}
		for i, v := range list.Values {
			l.shape(v, want.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.Int:
		if _, ok := node.(*ast.IntegerNode); !ok {
			l.at(node, path, ruleType, "et helt tal", "a whole number")
		}
	default:
		switch node.(type) {
		case *ast.StringNode, *ast.LiteralNode, *ast.IntegerNode:
		default:
			l.at(node, path, ruleType, `en tekst (sæt den i anførselstegn)`, "a text (put it in quotes)")
		}
	}
}

// field checks one field of a mapping.
func (l *loader) field(p *ast.MappingValueNode, want reflect.Type, path string) {
	key, ok := p.Key.(*ast.StringNode)
	if !ok {
		l.at(p.Key, path, rulePlain)
		return
	}
	for i := range want.NumField() {
		if f := want.Field(i); f.Tag.Get("yaml") == key.Value {
			l.shape(p.Value, f.Type, strings.TrimPrefix(path+"."+key.Value, "."))
			return
		}
	}
	l.at(key, strings.TrimPrefix(path+"."+key.Value, "."), ruleKey, key.Value)
}

// mapping returns the fields of a node; ok is false when it has none.
func mapping(node ast.Node) (pairs []*ast.MappingValueNode, ok bool) {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// at makes a finding at a node. The arguments of [ruleType] are the words in
// Danish and in English, of which each text takes its own.
func (l *loader) at(node ast.Node, path string, r brevdue.Rule, args ...any) {
	at := brevdue.Pos{Line: 1, Column: 1, Path: path}
	if t := node.GetToken(); t != nil && t.Position != nil {
		at.Line, at.Column = t.Position.Line, t.Position.Column
		at.Offset = l.offset(at.Line, at.Column)
	}
	l.add(r.At(at, args...))
}

// add keeps a finding, up to a number nobody reads on from.
func (l *loader) add(f brevdue.Finding) {
	if len(l.findings) < maxFindings {
		l.findings = append(l.findings, f)
		return
	}
	l.more = true
}

// sorted returns the findings in the order of the file.
func (l *loader) sorted() []brevdue.Finding {
	slices.SortStableFunc(l.findings, func(a, b brevdue.Finding) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	if l.more {
		return append(l.findings, ruleMany.At(l.findings[len(l.findings)-1].Pos))
	}
	return l.findings
}

// offset returns the byte at a line and column, both counted from 1.
func (l *loader) offset(line, column int) int {
	rest := l.content
	for range line - 1 {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			break
		}
		rest = rest[i+1:]
	}
	at := len(l.content) - len(rest)
	for range column - 1 {
		_, n := utf8.DecodeRune(rest)
		if n == 0 {
			break
		}
		rest, at = rest[n:], at+n
	}
	return at
}
