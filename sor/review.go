package sor

import (
	"cmp"
	"slices"
	"strings"

	"brevdue"
)

// The rules of a review: what a register keeper should look at (AGR-502, AGR-503).
var (
	ruleClosed  = rule("SOR-NAME-01", brevdue.SeverityWarning, "AGR-503", "Navnet %q ser ikke ud til at være i brug: ret det, eller tag nummeret ud.", "The name %q does not look in use: put it right or take the number out.")
	ruleAlike   = rule("SOR-NAME-02", brevdue.SeverityWarning, "AGR-503", "%q hedder det samme som %s.", "%q has the same name as %s.")
	ruleNowhere = rule("SOR-NAME-03", brevdue.SeverityWarning, "AGR-503", "Det kan ikke ses, hvilken kommune %q hører til.", "It cannot be seen which municipality %q belongs to.")
	ruleNear    = rule("SOR-NAME-04", brevdue.SeverityWarning, "AGR-503", "%q kan forveksles med %q (%s).", "%q can be taken for %q (%s).")
	ruleTwins   = rule("SOR-NAME-05", brevdue.SeverityWarning, "AGR-503", "%q hedder det samme som en enhed i %s (%s), og stedet står ikke i navnet.", "%q has the same name as a unit in %s (%s), and the place is not in the name.")
	ruleCrowded = rule("SOR-NUMBER-01", brevdue.SeverityWarning, "AGR-502", "%s har %d lokationsnumre; aftalen siger højst %d.", "%s has %d location numbers; the agreement says at most %d.")
	ruleStale   = rule("SOR-DATE-01", brevdue.SeverityWarning, "AGR-503", "Oplysningerne om %q er fra %s.", "What is known of %q is from %s.")
)

// Review looks at the directory as a register keeper does: names that are not easy
// to recognise and current (AGR-503), and municipalities with more location numbers
// than most, the agreement's number (AGR-502; 0: no limit). All findings are
// warnings; the path of each is the location number it is about.
func (d *Directory) Review(most int) []brevdue.Finding {
	if d == nil {
		return nil
	}
	var out []brevdue.Finding
	say := func(e Entry, r brevdue.Rule, args ...any) {
		out = append(out, r.At(brevdue.Pos{Path: string(e.GLN)}, args...))
	}
	names := map[string]Entry{}
	numbers := map[string][]Entry{}
	var places []string
	for _, e := range d.entries {
		if notInUse(e.name) {
			say(e.Entry, ruleClosed, e.Name)
		}
		key := nameKey(&e)
		if first, there := names[key]; there {
			say(e.Entry, ruleAlike, e.Name, string(first.GLN))
		} else {
			names[key] = e.Entry
		}
		if e.Kind.Sector() != brevdue.SectorMunicipality {
			continue
		}
		if e.Place == "" && !slices.Contains(e.words, "kommune") {
			say(e.Entry, ruleNowhere, e.Name)
			continue
		}
		if e.Place == "" {
			continue
		}
		place := fold(e.Place)
		if numbers[place] == nil {
			places = append(places, place)
		}
		numbers[place] = append(numbers[place], e.Entry)
	}
	for _, p := range d.likes() {
		if !p.same() { // the same name was said already, or stands in another place
			say(p.Other, ruleNear, p.Other.Name, p.One.Name, string(p.One.GLN))
		}
	}
	for _, place := range places {
		if all := numbers[place]; most > 0 && len(all) > most {
			say(all[most], ruleCrowded, all[0].Place, len(all), most)
		}
	}
	return out
}

// nameKey is the same for entries with the same name in the same place.
func nameKey(e *indexed) string { return strings.Join(e.words, " ") + "|" + fold(e.Place) }

// Stale are findings about entries that nobody has stood by since a date, "2006-01-02":
// by the entry's own date, or the day all came in. What has neither is not judged.
func (d *Directory) Stale(before string) []brevdue.Finding {
	if d == nil {
		return nil
	}
	var out []brevdue.Finding
	for i := range d.entries {
		e := &d.entries[i]
		if date := cmp.Or(e.Updated, d.Imported); date != "" && date < before {
			out = append(out, ruleStale.At(brevdue.Pos{Path: string(e.GLN)}, e.Name, date))
		}
	}
	return out
}

// Pair are two entries whose names are nearly the same.
type Pair struct{ One, Other Entry }

// same tells whether the names are the same, whatever their signs.
func (p Pair) same() bool { return slices.Equal(words(p.One.Name), words(p.Other.Name)) }

// Twins are findings about entries with the same name in two places: right in a list
// that shows the place, and not easy to recognise elsewhere.
func (d *Directory) Twins() []brevdue.Finding {
	if d == nil {
		return nil
	}
	var out []brevdue.Finding
	for _, p := range d.likes() {
		if p.same() && !SamePlace(p.One.Place, p.Other.Place) {
			out = append(out, ruleTwins.At(brevdue.Pos{Path: string(p.Other.GLN)}, p.Other.Name, p.One.Place, string(p.One.GLN)))
		}
	}
	return out
}

// neighbours is how many names in the order of the alphabet a name is compared with.
const neighbours = 8

// pairs finds names that differ in at most two letters (one, when short), or in the
// order of their words; those that differ in nothing but a number are told apart by it.
// Each name is compared with its neighbours in the order of the alphabet, read forwards
// and backwards, so that a difference in the middle is found from one of its ends.
func (d *Directory) pairs() []Pair {
	type both struct{ one, other int32 }
	found := map[both]bool{}
	bare := make([]string, len(d.entries)) // without numbers
	for i := range d.entries {
		bare[i] = numberless(d.entries[i].sorted)
	}
	compare := func(a, b int32) {
		x, y := &d.entries[a], &d.entries[b]
		letters := 2
		if min(len(x.plain), len(y.plain)) < 8 {
			letters = 1
		}
		if len(x.plain) == 0 || len(y.plain) == 0 || x.sorted != y.sorted && (bare[a] == bare[b] || !near(x.plain, y.plain, letters)) {
			return
		}
		found[both{min(a, b), max(a, b)}] = true
	}
	backwards := func(s []rune) string {
		s = slices.Clone(s)
		slices.Reverse(s)
		return string(s)
	}
	for _, key := range []func(*indexed) string{
		func(e *indexed) string { return string(e.plain) },
		func(e *indexed) string { return backwards(e.plain) },
		func(e *indexed) string { return e.sorted },
	} {
		keys, order := make([]string, len(d.entries)), make([]int32, len(d.entries))
		for i := range d.entries {
			keys[i], order[i] = key(&d.entries[i]), int32(i)
		}
		slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(keys[a], keys[b]), cmp.Compare(a, b)) })
		for i, a := range order {
			for _, b := range order[i+1 : min(i+1+neighbours, len(order))] {
				compare(a, b)
			}
		}
	}
	var out []Pair
	for p := range found {
		out = append(out, Pair{d.entries[p.one].Entry, d.entries[p.other].Entry})
	}
	slices.SortFunc(out, func(x, y Pair) int {
		return cmp.Or(cmp.Compare(x.Other.Name, y.Other.Name), cmp.Compare(x.Other.GLN, y.Other.GLN), cmp.Compare(x.One.GLN, y.One.GLN))
	})
	return out
}

// numberless is a text without its digits.
func numberless(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, s)
}

// notInUse tells whether a folded name says that it is of no use to a sender: what
// registers write instead of taking a number out.
func notInUse(name string) bool {
	for _, sign := range []string{"flyttet lok", "kun internt brug", "lukket", "nedlagt", "ophoert", "maa ikke bruges", "udgaaet", "ikke i brug"} {
		if strings.Contains(name, sign) {
			return true
		}
	}
	return false
}
