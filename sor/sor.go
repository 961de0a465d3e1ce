// Package sor is the directory: who is behind a location number, what they are
// called by people, and which kinds of letter they can receive.
//
// Specification: AGR-501 (the writer chooses the receiver actively), AGR-503
// (names that are easy to recognise); the file format is this package's own and
// explained at [Load].
//
// Deliberately missing: fetching the national register (SOR) itself. An
// installation keeps a file of those it writes with; [Import] reads what one gets
// from a register, and [Write] makes that file.
//
// What surprises: search is by the words people use, not by exact names. Case
// does not count, æ is ae, ø is oe, å is aa and never a, accents fall away, and
// every word must be found in name, place or kind. Two entries with nearly the same name
// both have to be looked at twice: [Directory.Similar] names them.
package sor

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"brevdue"
)

// Entry is one receiver.
type Entry struct {
	GLN  brevdue.GLN // its key
	Name string      // as people say it: "Hjemmesygeplejen Nord, Aarhus Kommune"
	// Official is the register's name where another one is shown ([Directory.Renamed]); "" where Name is the register's.
	Official string
	Kind     brevdue.UnitKind // "" when it is not known
	Place    string           // municipality or hospital
	Takes    []brevdue.Kind   // letter kinds it can receive; nil: not known
	// Standards are the codes of other MedCom messages it can receive, e.g. "XDIS16"; nil: not known.
	Standards []string
	// Subjects are those of the agreement that the entry gets in its municipality (AGR-504); nil: nobody has said.
	Subjects []string
	Phone    string // for calling when it is urgent; "" when not known
	// ID and IDCode are the party identifier in letters, at most 17 characters;
	// empty means the location number.
	ID     string
	IDCode brevdue.IDCode
	// Organisation, Department and Unit fill the receiver block of letters, each at
	// most 35 characters. Organisation empty: the beginning of Name.
	Organisation, Department, Unit string
	Updated                        string // date the register last stood by it, "2006-01-02"; "" when it does not say
}

// Registered is the name in the register, whatever name is shown.
func (e Entry) Registered() string { return cmp.Or(e.Official, e.Name) }

// maxName is how long each name of a party may be in the letter (std:xdis91 §1.2).
const maxName = 35

// Party returns the entry as the receiver of a letter. No name is longer than a
// letter has room for: Name is divided at its commas, and what is still too long
// ends at a word, because it is the location number that addresses the letter.
func (e Entry) Party() brevdue.Party {
	return Complete(brevdue.Party{GLN: e.GLN, ID: e.ID, IDCode: e.IDCode, Organisation: e.Organisation, Department: e.Department, Unit: e.Unit}, e.Registered())
}

// Complete gives a party what a letter cannot do without: its location number for
// an identifier, and the names in the name people call it by, where it has none of
// its own.
func Complete(p brevdue.Party, name string) brevdue.Party {
	p = identified(p)
	if p.Organisation == "" {
		p.Organisation, p.Department, p.Unit = Names(name)
	}
	return p
}

func identified(p brevdue.Party) brevdue.Party {
	if p.ID == "" || p.IDCode == "" {
		p.ID, p.IDCode = string(p.GLN), brevdue.IDLocation
	}
	return p
}

// Answered is the sender p of a letter as the receiver of its answer at a location
// number. Names it did not give itself are those of the entry e, which may be empty.
func Answered(p brevdue.Party, gln brevdue.GLN, e Entry) brevdue.Party {
	p.GLN, p.Phone, p.Specialty = gln, "", "" // those are a sender's only
	p = identified(p)
	if p.Name() == "" && e.GLN != "" {
		named := e.Party()
		p.Organisation, p.Department, p.Unit = named.Organisation, named.Department, named.Unit
	}
	return p
}

// Files is the kind of message that files beside a letter of the given kind travel in to
// the entry: that of the letter's own format when it can take it, else the other; "" when
// the directory names neither.
func (e Entry) Files(letter brevdue.Kind) brevdue.Kind {
	wishes := []brevdue.Kind{brevdue.XBIN01, brevdue.BIN01}
	if letter == brevdue.DIS91 {
		slices.Reverse(wishes)
	}
	for _, k := range wishes {
		if slices.Contains(e.Takes, k) {
			return k
		}
	}
	return ""
}

// Written is the kind a letter to the entry is written as: the first wish that it can
// take, then XDIS91, then DIS91; the first of all these when nothing is known of what
// it takes. Wishes that are no correspondence letter, "" among them, are passed over.
func (e Entry) Written(wishes ...brevdue.Kind) brevdue.Kind {
	wishes = append(slices.Clone(wishes), brevdue.XDIS91, brevdue.DIS91)
	wishes = slices.DeleteFunc(wishes, func(k brevdue.Kind) bool { return k != brevdue.DIS91 && k != brevdue.XDIS91 })
	for _, k := range wishes {
		if slices.Contains(e.Takes, k) {
			return k
		}
	}
	return wishes[0]
}

// Of returns the entries of a municipality or hospital by name: those with that place,
// in any spelling.
func (d *Directory) Of(place string) []Entry {
	if d == nil {
		return nil
	}
	var out []Entry
	for _, i := range d.index.places[placeKey(place)] {
		out = append(out, d.entries[i].Entry)
	}
	slices.SortStableFunc(out, func(x, y Entry) int { return cmp.Compare(fold(x.Name), fold(y.Name)) })
	return out
}

// placeKey is the same for all spellings of a place; "" for no place.
func placeKey(place string) string { return strings.Join(words(place), " ") }

// SamePlace tells whether two spellings name the same municipality or hospital.
func SamePlace(x, y string) bool { return slices.Equal(words(x), words(y)) }

// Called are the names an entry goes by and belongs to, for finding the agreement that
// is about it.
func (e Entry) Called() []string {
	names := []string{e.Name, e.Place, e.Organisation}
	if e.Official != "" {
		names = append(names, e.Official)
	}
	return names
}

// Named tells whether a name is one of the entry's: all words of its name, or all words of
// the other among its names, whatever their order and spelling of æ, ø and å.
func (e Entry) Named(name string) bool {
	theirs, own := words(name), words(e.Name)
	if len(theirs) == 0 || len(own) == 0 {
		return false
	}
	all := words(strings.Join(e.Called(), " "))
	within := func(some, of []string) bool {
		return !slices.ContainsFunc(some, func(w string) bool { return !slices.Contains(of, w) })
	}
	return within(own, theirs) || within(theirs, all)
}

// CanTake tells whether the entry can receive one of the codes of another MedCom
// message, and whether that is known at all (AGR-205).
func (e Entry) CanTake(codes []string) (yes, known bool) {
	return slices.ContainsFunc(e.Standards, func(c string) bool { return slices.Contains(codes, c) }), e.Standards != nil
}

// Names divides a name as people say it into the three names of a party, each
// at most 35 characters.
func Names(name string) (organisation, department, unit string) {
	var parts []string
	for part := range strings.SplitSeq(name, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, shorten(part))
		}
	}
	if len(parts) > 3 {
		parts = append(parts[:2], shorten(strings.Join(parts[2:], ", ")))
	}
	parts = append(parts, "", "", "")
	return parts[0], parts[1], parts[2]
}

// shorten ends a name at the last word that fits.
func shorten(s string) string {
	r := []rune(s)
	if len(r) <= maxName {
		return s
	}
	cut := string(r[:maxName])
	if i := strings.LastIndexByte(cut, ' '); i > 0 && r[maxName] != ' ' {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,-–")
}

// Directory is a set of entries that can be searched. It never changes and is
// safe for concurrent use. The nil Directory is empty.
type Directory struct {
	// Imported is the date the entries came in, "2006-01-02"; "" when it is not known.
	Imported string

	entries []indexed
	byGLN   map[brevdue.GLN]int
	index   index
	likes   func() []Pair // all names that are nearly the same, looked for once
}

// indexed is an entry with what it is compared by.
type indexed struct {
	Entry
	name   string   // folded
	words  []string // folded words of the name
	plain  []rune   // words of the name joined by spaces
	sorted string   // the same in alphabetical order
}

// New returns a directory of the entries. Of several entries with the same
// location number the first counts.
func New(entries []Entry) *Directory {
	d := &Directory{byGLN: make(map[brevdue.GLN]int, len(entries))}
	for _, e := range entries {
		if _, known := d.byGLN[e.GLN]; known {
			continue
		}
		d.byGLN[e.GLN] = len(d.entries)
		named := words(e.Name)
		d.entries = append(d.entries, indexed{Entry: e, name: fold(e.Name), words: named, plain: []rune(strings.Join(named, " ")), sorted: sortedWords(named)})
	}
	d.index = newIndex(d.entries)
	d.likes = sync.OnceValue(d.pairs)
	return d
}

// Renamed is the directory with other names shown for some location numbers. The
// register's own stay with the entries, and an entry is found by both.
func (d *Directory) Renamed(names map[brevdue.GLN]string) *Directory {
	if d == nil || len(names) == 0 {
		return d
	}
	entries := d.All()
	for i := range entries {
		if shown := names[entries[i].GLN]; shown != "" && shown != entries[i].Registered() {
			entries[i].Official, entries[i].Name = entries[i].Registered(), shown
		}
	}
	out := New(entries)
	out.Imported = d.Imported
	return out
}

// All returns every entry in the order of the register.
func (d *Directory) All() []Entry {
	if d == nil {
		return nil
	}
	out := make([]Entry, len(d.entries))
	for i := range d.entries {
		out[i] = d.entries[i].Entry
	}
	return out
}

// Len returns how many entries there are.
func (d *Directory) Len() int {
	if d == nil {
		return 0
	}
	return len(d.entries)
}

// Get returns the entry with the location number.
func (d *Directory) Get(gln brevdue.GLN) (Entry, bool) {
	if d == nil {
		return Entry{}, false
	}
	i, ok := d.byGLN[gln]
	if !ok {
		return Entry{}, false
	}
	return d.entries[i].Entry, true
}

// Similar returns the other entries that a person may take for this one: the
// names differ in at most two letters (one, when short), or in case, signs and
// the order of words.
func (d *Directory) Similar(e Entry) []Entry {
	if d == nil {
		return nil
	}
	mine := words(e.Name)
	name, sorted := []rune(strings.Join(mine, " ")), sortedWords(mine)
	if len(name) == 0 {
		return nil
	}
	letters := 2
	if len(name) < 8 {
		letters = 1 // of a short name two letters are much
	}
	var out []Entry
	for i := range d.entries {
		o := &d.entries[i]
		if o.GLN == e.GLN {
			continue
		}
		if o.sorted == sorted || near(name, o.plain, letters) {
			out = append(out, o.Entry)
		}
	}
	return out
}

func sortedWords(in []string) string {
	s := slices.Clone(in)
	slices.Sort(s)
	return strings.Join(s, " ")
}

// near tells whether x becomes y with at most n insertions, deletions and
// changes of one character. Most names of a register differ in a word or are
// alike but for a number, so that what is alike at both ends is put aside first.
func near(x, y []rune, n int) bool {
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	if len(x)-len(y) > n || len(y)-len(x) > n {
		return false
	}
	if max(len(x), len(y)) <= n {
		return true
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal, least := row[0], i+1
		row[0] = i + 1
		for j := range y {
			change := diagonal
			if x[i] != y[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
			least = min(least, row[j+1])
		}
		if least > n {
			return false
		}
	}
	return row[len(y)] <= n
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// words are the folded words of a text; everything that is neither letter nor
// digit divides.
func words(s string) []string {
	return strings.FieldsFunc(fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// fold makes spellings alike: small letters, æ as ae, ø as oe, å as aa, and no
// accents. Å written as A with a ring above is one letter before it is folded.
func fold(s string) string {
	s = strings.ToLower(norm.NFC.String(s))
	if strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch r {
		case 'æ', 'ä':
			b.WriteString("ae")
		case 'ø', 'ö':
			b.WriteString("oe")
		case 'å':
			b.WriteString("aa")
		default:
			for _, part := range norm.NFD.String(string(r)) {
				if !unicode.Is(unicode.Mn, part) {
					b.WriteRune(part)
				}
			}
		}
	}
	return b.String()
}

// kindWords are the words people search a kind of unit by.
func kindWords(k brevdue.UnitKind) string {
	switch k {
	case brevdue.Ward:
		return "sengeafsnit hospital"
	case brevdue.Hospital:
		return "hospital"
	case brevdue.MunicipalOther:
		return "kommune"
	case brevdue.Clinic:
		return "klinik ambulatorium hospital"
	case brevdue.RegionalSocial:
		return "region socialområde"
	case brevdue.MunicipalHealth:
		return "kommune sundhed ældre"
	case brevdue.MunicipalSocial:
		return "kommune socialområde"
	case brevdue.GP:
		return "læge almen praksis"
	}
	return ""
}
