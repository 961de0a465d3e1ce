package aftale

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"brevdue"
	"brevdue/kalender"
)

//go:embed data
var data embed.FS

// Shipped returns the agreement that comes with the program, and its file name.
// It is a draft: see [WithValidFrom].
func Shipped() (name string, content []byte) {
	name = "data/midtjylland/korrespondancebrev-2022.yaml"
	content, err := data.ReadFile(name)
	if err != nil {
		panic("the built-in agreement is missing: " + err.Error())
	}
	return name[strings.LastIndexByte(name, '/')+1:], content
}

// WithValidFrom returns the file with gyldig_fra set to the day, everything else
// unchanged to the byte: how an operator puts a draft in force. The file must
// have a line "version:" and no gyldig_fra yet.
func WithValidFrom(content []byte, day kalender.Day) ([]byte, error) {
	var out [][]byte
	done := false
	for _, line := range bytes.SplitAfter(content, []byte("\n")) {
		if bytes.HasPrefix(line, []byte("gyldig_fra:")) {
			return nil, errors.New("the agreement already has a gyldig_fra")
		}
		out = append(out, line)
		if bytes.HasPrefix(line, []byte("version:")) {
			out = append(out, []byte("gyldig_fra: "+day.String()+"\n"))
			done = true
		}
	}
	if !done {
		return nil, errors.New("the agreement has no line with its version")
	}
	return bytes.Join(out, nil), nil
}

func rule(id string, s brevdue.Severity, ref, da, en string) brevdue.Rule {
	return brevdue.Rule{ID: id, Severity: s, Text: da, TextEN: en, Ref: ref}
}

// The rules of an agreement file.
var (
	ruleYAML     = rule("AFT-FILE-01", brevdue.SeverityError, "docs/aftale.md", "Filen kan ikke læses her: %s", "The file cannot be read here: %s")
	ruleEmpty    = rule("AFT-FILE-02", brevdue.SeverityError, "docs/aftale.md", "Filen er tom.", "The file is empty.")
	ruleSecond   = rule("AFT-FILE-03", brevdue.SeverityError, "docs/aftale.md", "Filen må kun indeholde én aftale.", "The file may hold one agreement only.")
	ruleLarge    = rule("AFT-FILE-04", brevdue.SeverityError, "docs/aftale.md", "Filen er større end de %d KB, en aftale kan fylde.", "The file is larger than the %d KB an agreement can take.")
	ruleDeep     = rule("AFT-FILE-05", brevdue.SeverityError, "docs/aftale.md", "Her er flere lister inde i hinanden, end en aftale har.", "More lists stand inside each other here than an agreement has.")
	rulePlain    = rule("AFT-FILE-06", brevdue.SeverityError, "docs/aftale.md", "Skriv værdien helt ud: ankre (&), henvisninger (*) og mærker (!) bruges ikke i en aftale.", "Write the value in full: anchors (&), aliases (*) and tags (!) are not used in an agreement.")
	ruleMany     = rule("AFT-FILE-07", brevdue.SeverityError, "docs/aftale.md", "Der er flere fejl end dem, der står her; ret dem først.", "There are more faults than those shown; put these right first.")
	ruleUTF8     = rule("AFT-FILE-08", brevdue.SeverityError, "docs/aftale.md", "Filen er ikke i UTF-8 her: gem den som UTF-8.", "The file is not UTF-8 here: save it as UTF-8.")
	ruleKey      = rule("AFT-KEY-01", brevdue.SeverityError, "docs/aftale.md", "Ukendt felt: %s.", "Unknown field: %s.")
	ruleTwice    = rule("AFT-KEY-02", brevdue.SeverityError, "docs/aftale.md", "Feltet står her to gange.", "The field stands here twice.")
	ruleMissing  = rule("AFT-KEY-03", brevdue.SeverityError, "docs/aftale.md", "%s mangler.", "%s is missing.")
	ruleWord     = rule("AFT-VALUE-01", brevdue.SeverityError, "docs/aftale.md", "%q kan ikke stå her. Mulige værdier: %s.", "%q cannot stand here. Possible values: %s.")
	ruleClock    = rule("AFT-VALUE-02", brevdue.SeverityError, "docs/aftale.md", "%q er ikke et klokkeslæt af formen 14:30.", "%q is no time of the form 14:30.")
	ruleDate     = rule("AFT-VALUE-03", brevdue.SeverityError, "docs/aftale.md", "%q er ikke en dato af formen 2026-03-01.", "%q is no date of the form 2026-03-01.")
	ruleOrder    = rule("AFT-VALUE-04", brevdue.SeverityError, "docs/aftale.md", "Rækkefølgen passer ikke: %s.", "The order is wrong: %s.")
	ruleNumber   = rule("AFT-VALUE-05", brevdue.SeverityError, "docs/aftale.md", "Tallet skal være større end nul.", "The number must be greater than zero.")
	ruleHours    = rule("AFT-VALUE-09", brevdue.SeverityError, "AGR-601", "Timerne skal være et tal fra 1 til %d.", "The hours must be a number from 1 to %d.")
	ruleType     = rule("AFT-VALUE-07", brevdue.SeverityError, "docs/aftale.md", "Her skal stå %[1]s.", "Here must stand %[2]s.")
	ruleAgain    = rule("AFT-VALUE-08", brevdue.SeverityError, "docs/aftale.md", "%s står der to gange.", "%s stands there twice.")
	ruleLink     = rule("AFT-VALUE-10", brevdue.SeverityError, "AGR-806", "%q er ikke en adresse, der begynder med https://.", "%q is no address that begins with https://.")
	ruleLong     = rule("AFT-VALUE-06", brevdue.SeverityError, "std:xdis91 §1.2", "Emnet er længere end de 70 tegn, et brev har plads til.", "The subject is longer than the 70 characters a letter has room for.")
	ruleKind     = rule("AFT-DUE-01", brevdue.SeverityError, "AGR-601", "Læsefristen skal have netop ét af læser, hver_vagt, inden og svarer.", "The reading deadline must have exactly one of læser, hver_vagt, inden and svarer.")
	ruleNoRule   = rule("AFT-DUE-02", brevdue.SeverityError, "AGR-601", "Der er ingen læsefrist for %s.", "There is no reading deadline for %s.")
	ruleDouble   = rule("AFT-DUE-03", brevdue.SeverityError, "AGR-601", "Der er mere end én læsefrist for %s.", "There is more than one reading deadline for %s.")
	ruleSubject2 = rule("AFT-SUBJ-01", brevdue.SeverityError, "AGR-405", "Emnet eller aliaset findes allerede: %s.", "The subject or alias exists already: %s.")
	ruleNational = rule("AFT-SUBJ-02", brevdue.SeverityError, "AGR-406", "Den nationale kategori %q findes ikke i nationale_kategorier.", "The national category %q is not in nationale_kategorier.")
	ruleInstead  = rule("AFT-SUBJ-05", brevdue.SeverityError, "AGR-205", "Standarden %q i ellers findes ikke i standarder.", "The standard %q in ellers is not in standarder.")
	ruleFour     = rule("AFT-SUBJ-03", brevdue.SeverityError, "AGR-504", "En ny aftale skal angive %s for hver linje.", "A new agreement must give %s for every line.")
	ruleFourYet  = rule("AFT-SUBJ-06", brevdue.SeverityWarning, "AGR-504", "Før aftalen kan træde i kraft, skal linjen angive %s.", "Before the agreement can come into force, the line must give %s.")
	ruleOlder    = rule("AFT-SUBJ-04", brevdue.SeverityInfo, "AGR-504", "Aftalen er ældre end kravet om at navngive modtagerne i SOR (ældre_art).", "The agreement is older than the demand to name the receivers in SOR (ældre_art).")
	ruleDraft    = rule("AFT-DATE-01", brevdue.SeverityInfo, "AGR-1003", "Aftalen har ingen gyldig_fra: den er en kladde og gælder aldrig.", "The agreement has no gyldig_fra: it is a draft and never applies.")
	ruleDates    = rule("AFT-DATE-02", brevdue.SeverityError, "AGR-1003", "gyldig_til skal være efter gyldig_fra.", "gyldig_til must be after gyldig_fra.")
	ruleOverlap  = rule("AFT-DATE-03", brevdue.SeverityError, "AGR-1003", "To versioner gælder på samme tid: %s og %s.", "Two versions apply at the same time: %s and %s.")
	ruleNarrow   = rule("AFT-PART-01", brevdue.SeverityError, "AGR-1003", "To aftaler gælder på samme tid og er lige snævre: %[1]s og %[2]s. Begge er om breve mellem %[3]s.", "Two agreements apply at the same time and are equally narrow: %[1]s and %[2]s. Both are about letters between %[3]s.")
)

// Rules returns every rule of agreement files, in the order of their ids.
func Rules() []brevdue.Rule {
	return []brevdue.Rule{
		ruleDraft, ruleDates, ruleOverlap,
		ruleKind, ruleNoRule, ruleDouble,
		ruleYAML, ruleEmpty, ruleSecond, ruleLarge, ruleDeep, rulePlain, ruleMany, ruleUTF8,
		ruleKey, ruleTwice, ruleMissing,
		ruleNarrow,
		ruleSubject2, ruleNational, ruleFour, ruleOlder, ruleInstead, ruleFourYet,
		ruleWord, ruleClock, ruleDate, ruleOrder, ruleNumber, ruleLong, ruleType, ruleAgain, ruleHours, ruleLink,
	}
}

// Load reads an agreement file. The agreement is nil when any finding is an error.
// Findings of the file's form (unknown fields, wrong kinds of values) come all at
// once; what the values mean is looked at when the form is right.
func Load(content []byte) (*Agreement, []brevdue.Finding) {
	start := brevdue.Pos{Line: 1, Column: 1}
	switch {
	case len(content) > maxBytes:
		return nil, []brevdue.Finding{ruleLarge.At(start, maxBytes>>10)}
	case len(bytes.TrimSpace(content)) == 0:
		return nil, []brevdue.Finding{ruleEmpty.At(start)}
	case !utf8.Valid(content):
		return nil, []brevdue.Finding{ruleUTF8.At(place(content, firstInvalid(content)))}
	}
	if at, deep := tooDeep(content); deep {
		return nil, []brevdue.Finding{ruleDeep.At(place(content, at))}
	}
	l := loader{content: content}
	tree, err := parser.ParseBytes(content, 0)
	if err != nil {
		return nil, []brevdue.Finding{l.syntax(err)}
	}
	l.tree = tree
	docs := slices.DeleteFunc(slices.Clone(tree.Docs), func(d *ast.DocumentNode) bool { return d.Body == nil || d.Body.Type() == ast.CommentType })
	switch len(docs) {
	case 0:
		return nil, []brevdue.Finding{ruleEmpty.At(start)}
	case 1:
	default:
		l.at(docs[1].Body, "", ruleSecond)
		return nil, l.findings
	}
	l.shape(docs[0].Body, reflect.TypeFor[file](), "")
	if brevdue.HasErrors(l.findings) {
		return nil, l.sorted()
	}
	var f file
	if err := yaml.NodeToValue(docs[0].Body, &f, yaml.Strict()); err != nil {
		return nil, []brevdue.Finding{l.syntax(err)}
	}
	a := l.compile(&f)
	sum := sha256.Sum256(content)
	a.SHA256 = hex.EncodeToString(sum[:])
	a.File = content
	if brevdue.HasErrors(l.findings) {
		return nil, l.sorted()
	}
	return a, l.sorted()
}

func firstInvalid(content []byte) int {
	for i := 0; i < len(content); {
		r, n := utf8.DecodeRune(content[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return 0
}

// syntax turns the YAML library's error into a finding at its place.
func (l *loader) syntax(err error) brevdue.Finding {
	at := brevdue.Pos{Line: 1, Column: 1}
	var located yaml.Error
	message := strings.TrimSpace(err.Error())
	if errors.As(err, &located) {
		message = located.GetMessage()
		if t := located.GetToken(); t != nil && t.Position != nil {
			at.Line, at.Column = t.Position.Line, t.Position.Column
			at.Offset = l.offset(at.Line, at.Column)
		}
	}
	if strings.HasPrefix(message, "mapping key ") { // the library's words for a key that stands twice
		return ruleTwice.At(at)
	}
	return ruleYAML.At(at, message)
}

type loader struct {
	content  []byte
	tree     *ast.File
	findings []brevdue.Finding
	more     bool // there were more than maxFindings
}

// say makes a finding at a path of the file, or at the nearest place above it.
func (l *loader) say(path string, r brevdue.Rule, args ...any) {
	at := brevdue.Pos{Line: 1, Column: 1, Path: strings.TrimPrefix(path, "$.")}
	for p := path; p != "" && p != "$" && len(l.findings) < maxFindings; p = p[:max(strings.LastIndexAny(p, ".["), 0)] {
		query, err := yaml.PathString(p)
		if err != nil {
			continue
		}
		node, err := query.FilterFile(l.tree)
		if err != nil || node == nil || node.GetToken() == nil {
			continue
		}
		at.Line, at.Column = node.GetToken().Position.Line, node.GetToken().Position.Column
		at.Offset = l.offset(at.Line, at.Column)
		break
	}
	l.add(r.At(at, args...))
}

func (l *loader) need(path, value string) string {
	if strings.TrimSpace(value) == "" {
		l.say(path, ruleMissing, strings.TrimPrefix(path, "$."))
	}
	return strings.TrimSpace(value)
}

// notNegative looks at a number that may be left out.
func (l *loader) notNegative(path string, n int) {
	if n < 0 {
		l.say(path, ruleNumber)
	}
}

// clock reads "14:30" as minutes after midnight.
func (l *loader) clock(path, value string) int {
	if value == "" {
		l.say(path, ruleMissing, strings.TrimPrefix(path, "$."))
		return 0
	}
	m, ok := ParseClock(value)
	if !ok {
		l.say(path, ruleClock, value)
	}
	return m
}

// ParseClock reads "14:30" or "7:00" as minutes after midnight.
func ParseClock(s string) (minutes int, ok bool) {
	h, m, found := strings.Cut(s, ":")
	hour, hourOK := digits(h)
	minute, minuteOK := digits(m)
	if !found || !hourOK || !minuteOK || len(m) != 2 || hour > 23 || minute > 59 {
		return 0, false
	}
	return hour*60 + minute, true
}

// digits reads one or two digits and nothing else.
func digits(s string) (n int, ok bool) {
	if len(s) < 1 || len(s) > 2 {
		return 0, false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

func (l *loader) day(path, value string) kalender.Day {
	if value == "" {
		return kalender.Day{}
	}
	d, err := kalender.ParseDay(value)
	if err != nil {
		l.say(path, ruleDate, value)
	}
	return d
}

// yes reads ja or nej; absent is nej.
func (l *loader) yes(path, value string) bool {
	switch value {
	case "ja":
		return true
	case "nej", "":
		return false
	}
	l.say(path, ruleWord, value, "ja, nej")
	return false
}

func (l *loader) kind(path, word string) brevdue.UnitKind {
	var words []string
	for _, k := range kinds {
		if k.word == word {
			return k.kind
		}
		words = append(words, k.word)
	}
	l.say(path, ruleWord, word, strings.Join(words, ", "))
	return ""
}

func (l *loader) side(path, word string) Side {
	var words []string
	for _, s := range sides {
		if s.word == word {
			return s.side
		}
		words = append(words, s.word)
	}
	l.say(path, ruleWord, word, strings.Join(words, ", "))
	return ""
}

func (l *loader) compile(f *file) *Agreement {
	a := &Agreement{
		ID: l.need("$.region", f.Region) + "/" + l.need("$.aftale", f.Aftale), Name: l.need("$.navn", f.Navn), Region: f.Region,
		Version: l.need("$.version", f.Version), Source: f.Kilde, OlderKind: l.yes("$.ældre_art", f.AeldreArt),
		ValidFrom: l.day("$.gyldig_fra", f.GyldigFra), ValidTo: l.day("$.gyldig_til", f.GyldigTil),
		FeeCode: f.Ydelseskode, Contact: f.Kontakt, Notes: f.Noter, MaxNumbers: f.Adresser.Hoejst,
		Content: Content{MaxSubjects: f.Indhold.EmnerHoejst, HintLength: f.Indhold.TegnVejledende, Signature: f.Indhold.Underskrift},
	}
	for i, part := range f.Indhold.Underskrift {
		if !slices.Contains(signs(), part) {
			l.say(fmt.Sprintf("$.indhold.underskrift[%d]", i), ruleWord, part, strings.Join(signs(), ", "))
		}
	}
	l.notNegative("$.indhold.emner_højst", f.Indhold.EmnerHoejst)
	l.notNegative("$.indhold.tegn_vejledende", f.Indhold.TegnVejledende)
	l.notNegative("$.adresser.lokationsnumre_højst", f.Adresser.Hoejst)
	switch {
	case f.GyldigFra == "":
		l.say("$.version", ruleDraft)
	case f.GyldigTil != "" && !a.ValidFrom.Before(a.ValidTo):
		l.say("$.gyldig_til", ruleDates)
	}
	l.parties(f, a)
	l.deadlines(f, a)
	l.subjects(f, a)
	l.others(f, a)
	return a
}

func (l *loader) parties(f *file, a *Agreement) {
	for i, p := range f.Parter {
		path := fmt.Sprintf("$.parter[%d]", i)
		a.Parties = append(a.Parties, Party{Side: l.side(path+".slags", p.Slags), Name: l.need(path+".navn", p.Navn), Units: p.Enheder})
	}
	if len(f.Parter) == 0 {
		l.say("$.parter", ruleMissing, "parter")
	}
	for i, pair := range f.Udenfor {
		path := fmt.Sprintf("$.udenfor[%d]", i)
		if len(pair) != 2 {
			l.say(path, ruleMissing, path[2:]+": [fra, til]")
			continue
		}
		a.Outside = append(a.Outside, [2]Side{l.side(path+"[0]", pair[0]), l.side(path+"[1]", pair[1])})
	}
}

func (l *loader) deadlines(f *file, a *Agreement) {
	for i, v := range f.Vagter {
		m := l.clock(fmt.Sprintf("$.vagter[%d]", i), v)
		if n := len(a.Shifts); n > 0 && m <= a.Shifts[n-1] {
			l.say(fmt.Sprintf("$.vagter[%d]", i), ruleOrder, "vagter")
		}
		a.Shifts = append(a.Shifts, m)
	}
	for i, d := range f.Laesefrister {
		path := fmt.Sprintf("$.læsefrister[%d]", i)
		a.Deadlines = append(a.Deadlines, l.deadline(path, d))
		if d.HverVagt == "ja" && len(f.Vagter) == 0 {
			l.say(path+".hver_vagt", ruleMissing, "vagter")
		}
	}
	for _, k := range kinds {
		for _, s := range []Services{ServicesYes, ServicesNo} {
			n := 0
			for _, d := range a.Deadlines {
				if d.Kind == k.kind && (d.Services == ServicesUnknown || d.Services == s) {
					n++
				}
			}
			switch {
			case n == 0:
				l.say("$.læsefrister", ruleNoRule, k.word)
			case n > 1:
				l.say("$.læsefrister", ruleDouble, k.word)
			}
			if n != 1 {
				break
			}
		}
	}
}

func (l *loader) deadline(path string, d fileFrist) Deadline {
	out := Deadline{
		Rule: l.need(path+".regel", d.Regel), Kind: l.kind(path+".modtager", d.Modtager), Name: l.need(path+".navn", d.Navn),
		Services: ServicesUnknown, Paragraph: l.need(path+".paragraf", d.Paragraf), Shift: l.yes(path+".hver_vagt", d.HverVagt),
		Closed: kalender.Closed{
			Grundlovsdag: l.yes(path+".lukket.grundlovsdag", d.Lukket.Grundlovsdag), Juleaften: l.yes(path+".lukket.juleaften", d.Lukket.Juleaften),
			Nytaarsaften: l.yes(path+".lukket.nytårsaften", d.Lukket.Nytaarsaften),
		},
	}
	switch d.Ydelser {
	case "":
	case "ja":
		out.Services = ServicesYes
	case "nej":
		out.Services = ServicesNo
	default:
		l.say(path+".ydelser", ruleWord, d.Ydelser, "ja, nej")
	}
	ways := 0
	if out.Shift {
		ways++
	}
	if d.Svarer != nil {
		ways++
		out.Answer = &Answer{Days: d.Svarer.Hverdage, Closes: l.clock(path+".svarer.lukker", d.Svarer.Lukker)}
		if out.Answer.Days <= 0 {
			l.say(path+".svarer.hverdage", ruleNumber)
		}
	}
	if d.Inden != nil {
		ways++
		out.Within = &Within{Hours: d.Inden.Timer, EveryDay: l.everyDay(path+".inden.dage", d.Inden.Dage)}
		if out.Within.Hours <= 0 || out.Within.Hours > maxHours {
			l.say(path+".inden.timer", ruleHours, maxHours)
		}
	}
	if d.Laeser != nil {
		ways++
		w := &Window{
			From: l.clock(path+".læser.fra", d.Laeser.Fra), To: l.clock(path+".læser.til", d.Laeser.Til),
			Cutoff: l.clock(path+".læser.afsendt_før", d.Laeser.AfsendtFoer),
		}
		w.EveryDay = l.everyDay(path+".læser.dage", d.Laeser.Dage)
		if w.From >= w.To || w.Cutoff > w.To || w.Cutoff < w.From {
			l.say(path+".læser", ruleOrder, "fra < afsendt_før ≤ til")
		}
		out.Window = w
	}
	if ways != 1 {
		l.say(path, ruleKind)
	}
	return out
}

// everyDay reads which days count.
func (l *loader) everyDay(path, word string) bool {
	switch word {
	case "alle dage":
		return true
	case "hverdage":
	default:
		l.say(path, ruleWord, word, "hverdage, alle dage")
	}
	return false
}

func (l *loader) subjects(f *file, a *Agreement) {
	for i, n := range f.Nationale {
		path := fmt.Sprintf("$.nationale_kategorier[%d]", i)
		a.National = append(a.National, National{Code: l.need(path+".kode", n.Kode), Name: l.need(path+".navn", n.Navn), Priority: l.yes(path+".prioritet", n.Prioritet)})
	}
	for i, n := range a.National {
		if slices.ContainsFunc(a.National[:i], func(o National) bool { return o.Code == n.Code }) {
			l.say(fmt.Sprintf("$.nationale_kategorier[%d].kode", i), ruleAgain, n.Code)
		}
	}
	a.order = map[string]int{}
	for i, e := range f.Emner {
		path := fmt.Sprintf("$.emner[%d]", i)
		r := Row{
			Number: e.Nr, Category: l.need(path+".kategori", e.Kategori), Subject: l.need(path+".emne", e.Emne), Aliases: e.Alias,
			National: l.need(path+".national", e.National), Examples: e.Eksempler, Instead: e.Ellers, SORName: e.Modtager, Note: e.Note,
		}
		for j, k := range e.KunTil {
			r.Only = append(r.Only, l.kind(fmt.Sprintf("%s.kun_til[%d]", path, j), k))
		}
		if slices.ContainsFunc(a.Rows, func(o Row) bool { return o.Number == r.Number }) {
			l.say(path+".nr", ruleAgain, strconv.Itoa(r.Number))
		}
		if r.Instead != "" && !slices.ContainsFunc(f.Standarder, func(s fileStandard) bool { return slices.Contains(s.Koder, r.Instead) }) {
			l.say(path+".ellers", ruleInstead, r.Instead)
		}
		if utf8.RuneCountInString(r.Subject) > maxSubject {
			l.say(path+".emne", ruleLong)
		}
		if !slices.ContainsFunc(a.National, func(n National) bool { return n.Code == r.National }) {
			l.say(path+".national", ruleNational, r.National)
		}
		// An alias that differs only in case, spaces or dashes is the same word.
		for j, word := range append([]string{r.Subject}, r.Aliases...) {
			key := normal(word)
			if at, known := a.order[key]; known && (at != i || j == 0) {
				l.say(path+".emne", ruleSubject2, word)
			}
			a.order[key] = i
		}
		if !a.OlderKind {
			l.four(path, e, a.Draft())
		}
		a.Rows = append(a.Rows, r)
	}
	a.known = a.categories()
	if a.OlderKind {
		l.say("$.ældre_art", ruleOlder)
	}
}

// four is AGR-504: a new agreement names content, category, subject and
// receiver for every line, or it stays a draft. Category and subject were asked
// for already.
func (l *loader) four(path string, e fileEmne, draft bool) {
	r := ruleFour
	if draft {
		r = ruleFourYet
	}
	if len(e.Eksempler) == 0 {
		l.say(path, r, "eksempler (indhold)")
	}
	if e.Modtager == "" {
		l.say(path, r, "modtager_sor")
	}
}

func (l *loader) others(f *file, a *Agreement) {
	for i, s := range f.Standarder {
		path := fmt.Sprintf("$.standarder[%d]", i)
		a.Standards = append(a.Standards, Standard{
			Name: l.need(path+".navn", s.Navn), Codes: s.Koder, Version: s.Version, From: l.side(path+".fra", s.Fra), To: l.side(path+".til", s.Til),
			Listed: l.yes(path+".i_aftalen", s.IAftalen), Purpose: s.Formaal, Where: s.Findes,
		})
		if len(s.Koder) == 0 {
			l.say(path, ruleMissing, "koder")
		}
	}
	for i, o := range f.Opstart {
		path := fmt.Sprintf("$.opstart[%d]", i)
		in := Initiation{Rule: l.need(path+".regel", o.Regel), Text: l.need(path+".tekst", o.Tekst)}
		for j, w := range o.Fra {
			in.From = append(in.From, l.side(fmt.Sprintf("%s.fra[%d]", path, j), w))
		}
		for j, w := range o.Til {
			in.To = append(in.To, l.side(fmt.Sprintf("%s.til[%d]", path, j), w))
		}
		if o.Kraever != "konkret aftale" {
			l.say(path+".kræver", ruleWord, o.Kraever, "konkret aftale")
		}
		a.Initiation = append(a.Initiation, in)
	}
	for i, c := range f.Samtykke {
		path := fmt.Sprintf("$.samtykke[%d]", i)
		a.Consents = append(a.Consents, Consent{
			Rule: l.need(path+".regel", c.Regel), Code: l.need(path+".grundlag", c.Grundlag), Name: l.need(path+".navn", c.Navn), Law: c.Lov,
			Weighing: l.yes(path+".afvejning", c.Afvejning), Purpose: Purpose(c.Formaal), Written: l.yes(path+".skriftligt", c.Skriftlig), Inform: c.Oplys,
		})
		switch Purpose(c.Formaal) {
		case "", PurposeTreatment, PurposeOther:
		default:
			l.say(path+".formål", ruleWord, c.Formaal, "behandling, andet")
		}
		l.notNegative(path+".oplys_inden_hverdage", c.Oplys)
		if slices.ContainsFunc(a.Consents[:i], func(o Consent) bool { return o.Code == c.Grundlag }) {
			l.say(path+".grundlag", ruleAgain, c.Grundlag)
		}
	}
	for i, o := range f.Ordninger {
		path := fmt.Sprintf("$.ordninger[%d]", i)
		a.Schemes = append(a.Schemes, Scheme{Name: l.need(path+".navn", o.Navn), Link: l.need(path+".link", o.Link)})
		if u, err := url.Parse(o.Link); o.Link != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
			l.say(path+".link", ruleLink, o.Link)
		}
	}
	if t := f.Telefon; t != nil {
		a.Phone = &PhoneRule{
			Rule: l.need("$.telefonregel.regel", t.Regel), Exemption: l.need("$.telefonregel.undtagelse", t.Undtagelse),
			FollowUp: l.need("$.telefonregel.opfølgning", t.Opfoelgning), Receiver: l.kind("$.telefonregel.modtager", t.Modtager),
			Paragraph: l.need("$.telefonregel.paragraf", t.Paragraf),
		}
	}
	for i, e := range f.EfterTelefon {
		path := fmt.Sprintf("$.efter_telefon[%d]", i)
		p := AfterPhone{Rule: l.need(path+".regel", e.Regel), When: l.need(path+".når", e.Naar)}
		switch e.Registrering {
		case "krav":
			p.Required = true
		case "advarsel":
		default:
			l.say(path+".registrering", ruleWord, e.Registrering, "krav, advarsel")
		}
		a.AfterPhone = append(a.AfterPhone, p)
	}
}
