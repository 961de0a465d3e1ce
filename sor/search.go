package sor

import (
	"cmp"
	"slices"
	"strings"

	"brevdue"
)

// Wanted is what somebody looks for in the directory. The zero value is everything.
type Wanted struct {
	Words  string // every word must be found
	Sector brevdue.Sector
	Kind   brevdue.UnitKind
	Place  string // municipality or hospital, in any spelling
	Takes  string // a kind of letter, or the code of another MedCom message
}

// index is what the words of a directory are found by.
type index struct {
	words  []string           // each folded word once
	name   [][]int32          // the entries with the word in the name, by place in words
	rest   [][]int32          // those with it in place, kind, the register's name and the names inside the letter
	order  []int32            // place of each entry in the order of names; what is not in use is last
	places map[string][]int32 // the entries of each place
}

func newIndex(entries []indexed) index {
	x := index{order: make([]int32, len(entries)), places: map[string][]int32{}}
	known := map[string]int{}
	at := func(word string) int {
		n, ok := known[word]
		if !ok {
			n = len(x.words)
			known[word] = n
			x.words, x.name, x.rest = append(x.words, word), append(x.name, nil), append(x.rest, nil)
		}
		return n
	}
	add := func(lists [][]int32, n int, entry int32) {
		if l := lists[n]; len(l) == 0 || l[len(l)-1] != entry {
			lists[n] = append(l, entry)
		}
	}
	kinds := map[brevdue.UnitKind][]string{}
	for i := range entries {
		e, entry := &entries[i], int32(i)
		for _, w := range e.words {
			n := at(w)
			add(x.name, n, entry)
		}
		if kinds[e.Kind] == nil {
			kinds[e.Kind] = words(kindWords(e.Kind))
		}
		rest := words(strings.Join([]string{e.Place, e.Official, e.Organisation, e.Department, e.Unit}, " "))
		for _, w := range append(rest, kinds[e.Kind]...) {
			n := at(w)
			add(x.rest, n, entry)
		}
		if key := placeKey(e.Place); key != "" {
			x.places[key] = append(x.places[key], entry)
		}
	}
	byName := make([]int32, len(entries))
	closed := make([]int, len(entries))
	for i := range byName {
		byName[i] = int32(i)
		if notInUse(entries[i].name) {
			closed[i] = 1
		}
	}
	slices.SortFunc(byName, func(a, b int32) int {
		return cmp.Or(cmp.Compare(closed[a], closed[b]), cmp.Compare(entries[a].name, entries[b].name), cmp.Compare(a, b))
	})
	for place, i := range byName {
		x.order[i] = int32(place)
	}
	return x
}

// Search returns at most limit entries in which every word is found, the best
// first: words that are whole words of the name count most, then beginnings of
// words and ends of compound ones, then other places. Digits are also looked for in
// the location number and the identifier. No words find nothing.
func (d *Directory) Search(query string, limit int) []Entry {
	if len(words(query)) == 0 {
		return nil
	}
	found, _ := d.Find(Wanted{Words: query}, limit)
	return found
}

// Find returns at most limit entries that are as wanted, as [Directory.Search] ranks
// them and by name without words, and how many there are in all.
func (d *Directory) Find(w Wanted, limit int) (found []Entry, total int) {
	if d == nil || limit <= 0 {
		return nil, 0
	}
	scores, asked := d.scores(words(w.Words)), strings.TrimSpace(w.Words) != ""
	place, here := placeKey(w.Place), map[int32]bool{}
	for _, i := range d.index.places[place] {
		here[i] = true
	}
	var keys []int64 // the better, the lower: score, then name, which tells the entry
	entryAt := make([]int32, len(d.entries))
	for i := range d.entries {
		if asked && (scores == nil || scores[i] <= 0) || place != "" && !here[int32(i)] || !w.fits(&d.entries[i].Entry) {
			continue
		}
		key := int64(d.index.order[i])
		if asked {
			key -= int64(scores[i]) << 32
		}
		entryAt[d.index.order[i]] = int32(i)
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys[:min(limit, len(keys))] {
		found = append(found, d.entries[entryAt[key&0xffffffff]].Entry)
	}
	return found, len(keys)
}

// fits tells whether an entry is of the kind that is wanted and can take what is.
func (w Wanted) fits(e *Entry) bool {
	return (w.Sector == "" || e.Kind.Sector() == w.Sector) && (w.Kind == "" || e.Kind == w.Kind) &&
		(w.Takes == "" || slices.Contains(e.Takes, brevdue.Kind(w.Takes)) || slices.Contains(e.Standards, w.Takes))
}

// scores says how well each entry fits the words, 0 or less when one is not in it;
// nil when there are no words.
func (d *Directory) scores(asked []string) []int32 {
	if len(asked) == 0 {
		return nil
	}
	total, best := make([]int32, len(d.entries)), make([]int32, len(d.entries))
	for _, w := range asked {
		clear(best)
		if digits(w) {
			d.numbered(w, best)
		}
		for n, word := range d.index.words {
			fit := fits(w, word)
			if fit == 0 {
				continue
			}
			for _, i := range d.index.name[n] {
				best[i] = max(best[i], 4*fit)
			}
			for _, i := range d.index.rest[n] {
				best[i] = max(best[i], 3*fit)
			}
		}
		for i, b := range best {
			if b == 0 {
				total[i] = missed
			} else {
				total[i] += b
			}
		}
	}
	return total
}

// missed is the score of an entry without one of the words; no other word makes up for it.
const missed = -1 << 20

// numbered finds digits in location numbers and identifiers.
func (d *Directory) numbered(asked string, best []int32) {
	for i := range d.entries {
		e := &d.entries[i]
		switch {
		case asked == string(e.GLN) || asked == e.ID:
			best[i] = 100
		case strings.Contains(string(e.GLN), asked) || strings.Contains(e.ID, asked):
			best[i] = 1
		}
	}
}

// fits: 3 for the whole word, 2 for its beginning or the end of a compound, 1 for a
// place inside, 0 for none. What begins with a is not found in the second half of an å.
func fits(asked, word string) int32 {
	i := strings.Index(word, asked)
	for i > 0 && asked[0] == 'a' && word[i-1] == 'a' {
		next := strings.Index(word[i+1:], asked)
		if next < 0 {
			return 0
		}
		i += 1 + next
	}
	switch {
	case i < 0:
		return 0
	case i == 0 && len(word) == len(asked):
		return 3
	case i == 0:
		return 2
	case len(asked) > 3 && !digits(asked) && slices.Contains([]string{"", "n", "en", "et", "ne", "s"}, word[i+len(asked):]):
		return 2
	}
	return 1
}

// Places are the municipalities and hospitals of the directory by name, each in the
// first spelling it has.
func (d *Directory) Places() []string {
	if d == nil {
		return nil
	}
	var out []string
	for _, entries := range d.index.places {
		out = append(out, d.entries[entries[0]].Place)
	}
	slices.SortFunc(out, func(x, y string) int { return cmp.Or(cmp.Compare(fold(x), fold(y)), cmp.Compare(x, y)) })
	return out
}

// Codes are the kinds of letter and the other MedCom messages that somebody in the
// directory can take, each once, the letters first.
func (d *Directory) Codes() (kinds []brevdue.Kind, standards []string) {
	if d == nil {
		return nil, nil
	}
	for i := range d.entries {
		for _, k := range d.entries[i].Takes {
			if !slices.Contains(kinds, k) {
				kinds = append(kinds, k)
			}
		}
		for _, s := range d.entries[i].Standards {
			if !slices.Contains(standards, s) {
				standards = append(standards, s)
			}
		}
	}
	slices.Sort(kinds)
	slices.Sort(standards)
	return kinds, standards
}
