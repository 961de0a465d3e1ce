package aftale

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Match says how a received subject was recognised.
type Match string

// The ways (cli.md, settled 7).
const (
	MatchExact  Match = "exact"  // the canonical subject to the letter
	MatchAlias  Match = "alias"  // an alias, or another spelling of it
	MatchPrefix Match = "prefix" // a category before it, or a category with one subject only
	MatchNone   Match = "none"
)

// Sorted is what a received subject field means in the agreement.
type Sorted struct {
	Category string // the agreement's category; filled without a subject when only the category is known
	Subject  string // canonical, "" when none
	National string // code of the national category, "" when unknown
	Matched  Match
	Row      int // index of the agreement's Rows; -1 when none
}

// unknownSubject is what the network writes when a letter had no subject on its
// way through the FHIR format (agreement.md §12).
const unknownSubject = "ukendtemne"

// normal is how subjects are compared: case, spaces, dashes and characters nobody
// sees (soft hyphens, joiners) do not count, and æ, ø, å are also written ae, oe, aa.
func normal(s string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(s) {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), unicode.Is(unicode.Cf, r), r == '−':
			continue
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.NewReplacer("ae", "æ", "oe", "ø", "aa", "å").Replace(b.String())
}

// category is a known category name and what it decides.
type category struct {
	key      string // normalised
	name     string // the agreement's, "" for a national one that no row has
	national string // code; "" for a name of the agreement whose rows differ
	rows     []int
}

// categories returns every known category name, the longest first: one of the
// national names holds commas, so that a subject field cannot be split at them.
func (a *Agreement) categories() []category {
	var out []category
	for i, r := range a.Rows {
		key := normal(r.Category)
		at := slices.IndexFunc(out, func(c category) bool { return c.key == key })
		if at < 0 {
			out = append(out, category{key: key, name: r.Category, national: r.National})
			at = len(out) - 1
		}
		if out[at].national != r.National {
			out[at].national = ""
		}
		out[at].rows = append(out[at].rows, i)
	}
	for _, n := range a.National {
		key := normal(n.Name)
		at := slices.IndexFunc(out, func(c category) bool { return c.key == key })
		if at >= 0 { // the same word in both lists: as a national name it says the code
			out[at].national = n.Code
			continue
		}
		c := category{key: key, national: n.Code}
		for i, r := range a.Rows {
			if r.National == n.Code {
				c.rows = append(c.rows, i)
			}
		}
		if len(c.rows) == 1 {
			c.name = a.Rows[c.rows[0]].Category
		}
		if c.name == "" {
			c.name = n.Name
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(x, y category) int { return cmp.Compare(len(y.key), len(x.key)) })
	return out
}

// SortSubject says where a letter with that subject field belongs
// (agreement.md §12; cli.md, settled 7). Nothing is ever hidden: what matches
// nothing has MatchNone and goes to the tray.
func (a *Agreement) SortSubject(text string) Sorted {
	none := Sorted{Matched: MatchNone, Row: -1}
	key := normal(text)
	if key == "" || key == unknownSubject {
		return none
	}
	if i, ok := a.order[key]; ok {
		how := MatchAlias
		if strings.TrimSpace(text) == a.Rows[i].Subject {
			how = MatchExact
		}
		return a.sorted(i, a.Rows[i].National, how)
	}
	for _, c := range a.known {
		if key == c.key {
			if len(c.rows) == 1 {
				return a.sorted(c.rows[0], cmp.Or(c.national, a.Rows[c.rows[0]].National), MatchPrefix)
			}
			return Sorted{Category: c.name, National: c.national, Matched: MatchNone, Row: -1}
		}
		rest, ok := strings.CutPrefix(key, c.key+",")
		if !ok {
			continue
		}
		if i, ok := a.order[rest]; ok {
			return a.sorted(i, cmp.Or(c.national, a.Rows[i].National), MatchPrefix)
		}
		return Sorted{Category: c.name, National: c.national, Matched: MatchNone, Row: -1}
	}
	return none
}

func (a *Agreement) sorted(row int, national string, how Match) Sorted {
	r := a.Rows[row]
	return Sorted{Category: r.Category, Subject: r.Subject, National: national, Matched: how, Row: row}
}

// WireSubject returns the subject as the legacy formats carry it: dashes that
// ISO-8859-1 does not have become hyphens (cli.md, settled 8).
func WireSubject(s string) string {
	return strings.NewReplacer("–", "-", "—", "-").Replace(s)
}
