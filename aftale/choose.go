package aftale

import (
	"cmp"
	"slices"
	"strings"

	"brevdue"
	"brevdue/kalender"
)

// Who is one party of a letter, as far as it is known.
type Who struct {
	Kind brevdue.UnitKind // "" when it is not known
	// Names are what the party is called and where it belongs: municipality, hospital,
	// organisation. Each counts whole and in its parts between commas.
	Names []string
}

// Parties says whose letter it is, as far as it is known (AGR-101). The zero value
// is a letter of which nothing is known.
type Parties struct {
	Region   string // only agreements of that region; "" for any
	From, To Who
}

// nameKey is how names of organisations are compared: as subjects are, and
// "Aarhus Kommune", "Københavns Kommune" are Aarhus and København.
func nameKey(s string) string {
	key := strings.TrimSuffix(normal(s), "kommune")
	return strings.TrimSuffix(key, "s") // of the genitive, and of Horsens on both sides
}

// keys are all names of a party as they are compared.
func (w Who) keys() []string {
	var out []string
	add := func(s string) {
		if k := nameKey(s); k != "" {
			out = append(out, k)
		}
	}
	for _, n := range w.Names {
		add(n)
		for part := range strings.SplitSeq(n, ",") {
			add(part)
		}
	}
	return out
}

// everybody is how many organisations a side has that the agreement takes whole.
const everybody = 1 << 20

// members are the organisations of one side of an agreement.
type members struct {
	whole bool     // everybody of the side, named or not
	named []string // as the file has them
	keys  map[string]bool
}

// scope is what an agreement says about whom it is for, ready to be compared.
type scope struct {
	agreement *Agreement
	sides     map[Side]*members
	until     kalender.Day // the first day it does not judge any more; zero: no end
}

func scopeOf(a *Agreement) scope {
	s := scope{agreement: a, sides: map[Side]*members{}, until: a.ValidTo}
	for _, p := range a.Parties {
		m := s.sides[p.Side]
		if m == nil {
			m = &members{keys: map[string]bool{}}
			s.sides[p.Side] = m
		}
		m.whole = m.whole || len(p.Units) == 0
		for _, name := range p.Units {
			if isSide(p.Side, name) { // "Almen praksis" names no practice but all of them
				m.whole = true
			} else if key := nameKey(name); !m.keys[key] {
				m.keys[key] = true
				m.named = append(m.named, name)
			}
		}
	}
	return s
}

// isSide tells whether a name in a list is that of the whole side.
func isSide(side Side, name string) bool {
	return slices.ContainsFunc(sides, func(s sideName) bool {
		return s.side == side && (normal(name) == normal(s.word) || slices.ContainsFunc(s.all, func(w string) bool { return normal(name) == normal(w) }))
	})
}

// fit is how an agreement is about one party.
type fit struct {
	other bool // the party's side is not in the agreement at all
	named bool // its organisation is
	whole bool // everybody of its side is
	size  int  // how many organisations the agreement has there
}

func (f fit) covers() bool { return f.named || f.whole }

// fitOf says how the agreement is about a party. keys are its names.
func (s scope) fitOf(w Who, keys []string) fit {
	side := w.Kind.Sector()
	if side == "" {
		for _, m := range s.sides {
			if m.has(keys) {
				return fit{named: true, size: len(m.named)}
			}
		}
		return fit{size: s.size()}
	}
	m := s.sides[side]
	switch {
	case m == nil:
		return fit{other: true}
	case m.has(keys):
		return fit{named: true, size: len(m.named)}
	case m.whole:
		return fit{whole: true, size: everybody}
	}
	return fit{size: len(m.named)}
}

func (m *members) has(keys []string) bool {
	return slices.ContainsFunc(keys, func(k string) bool { return m.keys[k] })
}

// size is how many organisations the agreement has in all.
func (s scope) size() int {
	n := 0
	for _, m := range s.sides {
		n += len(m.named)
		if m.whole {
			n += everybody
		}
	}
	return n
}

// home tells whether one of the names is the agreement's region, or stands on any
// of its sides: a practice in Aarhus is of the region that Aarhus is of.
func (s scope) home(keys []string) bool {
	a := s.agreement
	for _, m := range s.sides {
		if m.has(keys) {
			return true
		}
	}
	return slices.Contains(keys, nameKey(a.Region)) || slices.Contains(keys, nameKey("region "+a.Region))
}

// claim is how strongly an agreement is about a letter.
type claim struct {
	*Agreement
	outside  bool // it says itself that it is not about the two, or has no such party
	covered  int  // how many of the two it is about for certain
	receiver bool // the receiver is one of them
	named    int  // how many it names
	home     int  // how many are of its region, which tells regions' agreements apart
	size     int  // among how many organisations it found them
}

func (s scope) claim(p Parties) claim {
	from, to := p.From.keys(), p.To.keys()
	f, t := s.fitOf(p.From, from), s.fitOf(p.To, to)
	return claim{
		Agreement: s.agreement, outside: f.other || t.other || !s.agreement.Covers(p.From.Kind, p.To.Kind),
		covered: number(f.covers()) + number(t.covers()), receiver: t.covers(), named: number(f.named) + number(t.named),
		home: number(s.home(from)) + number(s.home(to)), size: max(1, f.size) * max(1, t.size),
	}
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// narrower puts the agreement first that a letter is judged by. Among those that
// are about both parties it is the one that names more of them, and then the one
// with fewer organisations. Where a party is not known or named by none, no list may
// be stretched while a wider one is there: then the receiver's agreement goes first,
// because the receiver owes the reading, and then the wider.
func narrower(x, y claim) int {
	if c := cmp.Or(number(x.outside)-number(y.outside), y.covered-x.covered); c != 0 {
		return c
	}
	home := 0
	if x.Region != y.Region {
		home = y.home - x.home
	}
	if x.covered == 2 {
		return cmp.Or(y.named-x.named, home, cmp.Compare(x.size, y.size))
	}
	return cmp.Or(number(y.receiver)-number(x.receiver), y.named-x.named, home, cmp.Compare(y.size, x.size))
}

// member is a party of an overlap: an organisation, or everybody of a side.
type member struct {
	name string
	x, y fit // in the one agreement and in the other
}

// overlap finds two parties that both agreements are about for certain and that
// neither is narrower for; ok is false when there are none. A side that both take
// whole tells two regions' agreements apart by their regions: "all practices" are
// those of the region.
func overlap(x, y scope) (who string, ok bool) {
	abroad := x.agreement.Region != y.agreement.Region
	for i, s := range sides {
		for _, t := range sides[i:] {
			if outside(x.agreement, s.side, t.side) || outside(y.agreement, s.side, t.side) {
				continue
			}
			for _, a := range common(x, y, s) {
				for _, b := range common(x, y, t) {
					if abroad && !(a.x.named && a.y.named) && !(b.x.named && b.y.named) {
						continue
					}
					if equallyNarrow(a, b) {
						return a.name + " og " + b.name, true
					}
				}
			}
		}
	}
	return "", false
}

// equallyNarrow tells whether neither agreement is the narrower one for the two.
func equallyNarrow(a, b member) bool {
	if number(a.x.named)+number(b.x.named) != number(a.y.named)+number(b.y.named) {
		return false
	}
	xFewer, yFewer := a.x.size < a.y.size || b.x.size < b.y.size, a.y.size < a.x.size || b.y.size < b.x.size
	return xFewer == yFewer
}

// common are the parties of a side that both agreements are about, one of every
// sort: sizes are the same for all of a sort.
func common(x, y scope, s sideName) []member {
	mx, my := x.sides[s.side], y.sides[s.side]
	if mx == nil || my == nil {
		return nil
	}
	var out []member
	seen := map[[2]bool]bool{}
	for _, name := range slices.Concat(mx.named, my.named) {
		w := Who{Kind: s.kind, Names: []string{name}}
		m := member{name, x.fitOf(w, w.keys()), y.fitOf(w, w.keys())}
		if sort := [2]bool{m.x.named, m.y.named}; m.x.covers() && m.y.covers() && !seen[sort] {
			seen[sort] = true
			out = append(out, m)
		}
	}
	if all := (fit{whole: true, size: everybody}); mx.whole && my.whole {
		out = append(out, member{s.word, all, all})
	}
	return out
}

// together tells whether there is a day on which both judge letters.
func together(x, y scope) bool {
	begins := func(a, b scope) bool { return b.until == (kalender.Day{}) || a.agreement.ValidFrom.Before(b.until) }
	return !x.agreement.Draft() && !y.agreement.Draft() && begins(x, y) && begins(y, x)
}
