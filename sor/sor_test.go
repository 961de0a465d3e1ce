package sor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brevdue"
	"brevdue/sor"
)

const sample = `entries:
  - gln: "5790000000012"
    name: Hjemmesygeplejen Nord, Aarhus Kommune
    kind: municipal-health
    place: Aarhus
    takes: [XDIS91, DIS91]
    phone: "87654321"
  - gln: "5790000000029"
    name: Hjemmesygeplejen Syd, Aarhus Kommune
    kind: municipal-health
    place: Aarhus
    takes: [DIS91]
  - gln: "5790000000036"
    name: Lægerne Østergade
    kind: gp
    place: Ringkøbing
    takes: [XDIS91]
    id: "123456"
    id_code: ydernummer
    organisation: Lægerne Østergade 1
  - gln: "5790000000043"
    name: Laegerne Oestergade
    kind: gp
    place: Skive
  - gln: "5790000000050"
    name: Nordre Bosted
    kind: municipal-social
    place: Sygehusvej, Aarup
`

func directory(t testing.TB) *sor.Directory {
	d, findings := sor.Load([]byte(sample))
	for _, f := range findings {
		if f.Severity == brevdue.SeverityError {
			t.Fatalf("%d:%d %s %s", f.Pos.Line, f.Pos.Column, f.Rule, f.TextEN)
		}
	}
	return d
}

func ExampleDirectory_Search() {
	d := sor.New([]sor.Entry{
		{GLN: "5790000000012", Name: "Hjemmesygeplejen Nord, Aarhus Kommune", Kind: brevdue.MunicipalHealth},
		{GLN: "5790000000036", Name: "Lægerne Østergade", Kind: brevdue.GP, Place: "Ringkøbing"},
	})
	for _, words := range []string{"århus sygepleje", "laege ringkoebing"} {
		for _, e := range d.Search(words, 5) {
			fmt.Println(words, "->", e.Name)
		}
	}
	// Output:
	// århus sygepleje -> Hjemmesygeplejen Nord, Aarhus Kommune
	// laege ringkoebing -> Lægerne Østergade
}

func TestSearchByHumanWords(t *testing.T) {
	d := directory(t)
	const nord, syd, doctors, others, home = "5790000000012", "5790000000029", "5790000000036", "5790000000043", "5790000000050"
	for _, c := range []struct {
		words string
		want  string // location numbers, the best first
	}{
		{"aarhus sygepleje", nord + " " + syd},
		{"ÅRHUS  sygepleje", nord + " " + syd},
		{"A\u030arhus sygepleje", nord + " " + syd}, // å in two characters
		{"nord", nord + " " + home},                 // a whole word before the beginning of one
		{"nord aarhus", nord},
		{"aar", nord + " " + syd + " " + home},
		{"lægerne", doctors + " " + others},
		{"laegerne ringkøbing", doctors},
		{"læge", doctors + " " + others}, // also a word for the kind
		{"østergade 1", doctors},
		{"0000036", doctors},
		{doctors, doctors},
		{"kommune nord", nord + " " + home},
		{"aarhus findes-ikke", ""},
		{"", ""},
		{" ,-. ", ""},
	} {
		var got []string
		for _, e := range d.Search(c.words, 10) {
			got = append(got, string(e.GLN))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q finds %q, want %q", c.words, s, c.want)
		}
	}
	if n := len(d.Search("aarhus", 1)); n != 1 {
		t.Errorf("a limit of 1 gave %d", n)
	}
	if d.Search("aarhus", 0) != nil || (*sor.Directory)(nil).Search("aarhus", 5) != nil {
		t.Error("no limit and no directory find nothing")
	}
}

func TestGet(t *testing.T) {
	d := directory(t)
	if e, ok := d.Get("5790000000012"); !ok || e.Name != "Hjemmesygeplejen Nord, Aarhus Kommune" || len(e.Takes) != 2 || e.Phone != "87654321" {
		t.Errorf("got %+v, %v", e, ok)
	}
	if _, ok := d.Get("5790000000099"); ok {
		t.Error("an unknown number is found")
	}
	var none *sor.Directory
	if _, ok := none.Get("5790000000012"); ok || none.Len() != 0 || none.Similar(sor.Entry{Name: "x"}) != nil {
		t.Error("the nil directory is not empty")
	}
	twice := sor.New([]sor.Entry{{GLN: "1", Name: "first"}, {GLN: "1", Name: "second"}})
	if e, _ := twice.Get("1"); twice.Len() != 1 || e.Name != "first" {
		t.Error("the first of two entries does not count")
	}
}

func TestSimilarNames(t *testing.T) {
	d := sor.New([]sor.Entry{
		{GLN: "1", Name: "Lægerne Østergade"}, {GLN: "2", Name: "Laegerne Oestergade"}, {GLN: "3", Name: "Østergade, Lægerne"},
		{GLN: "4", Name: "Lægerne Østergade 2"}, {GLN: "5", Name: "Lægerne Torvet"}, {GLN: "6", Name: "Nord"}, {GLN: "7", Name: "Nørd"}, {GLN: "8", Name: "Syd"},
	})
	for gln, want := range map[brevdue.GLN]string{"1": "2 3 4", "5": "", "6": "7", "7": "6", "8": "", "4": "1 2"} {
		e, _ := d.Get(gln)
		var got []string
		for _, o := range d.Similar(e) {
			got = append(got, string(o.GLN))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s (%s) is like %q, want %q", gln, e.Name, s, want)
		}
	}
}

func TestPartyFitsTheLetter(t *testing.T) {
	d := directory(t)
	e, _ := d.Get("5790000000012")
	want := brevdue.Party{GLN: "5790000000012", ID: "5790000000012", IDCode: brevdue.IDLocation, Organisation: "Hjemmesygeplejen Nord", Department: "Aarhus Kommune"}
	if diff := cmp.Diff(want, e.Party()); diff != "" {
		t.Error(diff)
	}
	e, _ = d.Get("5790000000036")
	want = brevdue.Party{GLN: "5790000000036", ID: "123456", IDCode: brevdue.IDYdernummer, Organisation: "Lægerne Østergade 1"}
	if diff := cmp.Diff(want, e.Party()); diff != "" {
		t.Error(diff)
	}
	long := sor.Entry{GLN: "1", Name: "Center for " + strings.Repeat("Æ", 20) + " og Voksenhandicap i Prøvekøbing, A, B, C, D"}
	p := long.Party()
	if p.Organisation != "Center for "+strings.Repeat("Æ", 20)+" og" || p.Department != "A" || p.Unit != "B, C, D" {
		t.Errorf("got %+v", p)
	}
	for _, s := range []string{strings.Repeat("x", 80), strings.Repeat("å ", 80)} {
		o, _, _ := sor.Names(s)
		if n := len([]rune(o)); n > 35 || n == 0 {
			t.Errorf("%d characters", n)
		}
	}
}

func TestLoadFindsFaultsAtTheirPlace(t *testing.T) {
	const head = "entries:\n"
	const ok = "  - {gln: \"5790000000012\", name: A, kind: gp}\n"
	for _, c := range []struct {
		name, in, want string // rule and place of each finding
	}{
		{"good", head + ok, ""},
		{"none", "entries: []\n", ""},
		{"empty", " \n", "SOR-FILE-02@1:1"},
		{"comment only", "# nothing\n", "SOR-FILE-02@1:1"},
		{"not yaml", "entries: [\n", "SOR-FILE-01@1:10"},
		{"two documents", head + ok + "---\n" + head + ok, "SOR-FILE-03@1:1"},
		{"tag", head + "  - gln: !!str 5790000000012\n    name: A\n", "SOR-FILE-04@2:10"},
		{"tag of a list", head + "  - takes: !x\n00\n", "SOR-FILE-04@2:12"},
		{"anchor", head + "  - gln: &a \"5790000000012\"\n    name: *a\n", "SOR-FILE-04@2:10"},
		{"merge", "x: &a {gln: 1}\n" + head + "  - <<: *a\n", "SOR-FILE-04@1:4"},
		{"unknown field", head + ok + "    colour: red\n", "SOR-FILE-01@3:5"},
		{"unknown field in entry", head + "  - gln: \"5790000000012\"\n    name: A\n    colour: red\n    kind: gp\n", "SOR-KEY-01@4:5"},
		{"twice", head + "  - gln: \"5790000000012\"\n    name: A\n    kind: gp\n    name: B\n", "SOR-KEY-02@5:5"},
		{"no gln", head + "  - name: A\n    kind: gp\n", "SOR-KEY-03@2:5"},
		{"no name", head + "  - gln: \"5790000000012\"\n    kind: gp\n", "SOR-KEY-03@2:5"},
		{"kind", head + "  - gln: \"5790000000012\"\n    name: A\n    kind: doctor\n", "SOR-VALUE-01@4:11"},
		{"no kind", head + "  - gln: \"5790000000012\"\n    name: A\n", "SOR-KIND-01@2:5"},
		{"takes", head + "  - gln: \"5790000000012\"\n    name: A\n    kind: gp\n    takes: [XDIS91, DIS90]\n", "SOR-VALUE-01@5:21"},
		{"standards", head + "  - gln: \"5790000000012\"\n    name: A\n    kind: gp\n    standards: [XDIS16, 16, xdis18]\n", "SOR-VALUE-04@5:25 SOR-VALUE-04@5:29"},
		{"check digit", head + "  - gln: \"5790000000013\"\n    name: A\n    kind: gp\n", "SOR-GLN-01@2:10"},
		{"same number", head + ok + "  - gln: \"5790000000012\"\n    name: B\n    kind: gp\n", "SOR-GLN-02@3:10"},
		{"id alone", head + "  - gln: \"5790000000012\"\n    name: A\n    kind: gp\n    id: \"123456\"\n", "SOR-VALUE-03@2:5"},
		{"id code", head + "  - gln: \"5790000000012\"\n    name: A\n    kind: gp\n    id: \"1\"\n    id_code: amt\n", "SOR-VALUE-01@6:14"},
		{"long", head + "  - gln: \"5790000000012\"\n    name: A\n    kind: gp\n    unit: " + strings.Repeat("æ", 36) + "\n", "SOR-VALUE-02@5:11"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, findings := sor.Load([]byte(c.in))
			var got []string
			for _, f := range findings {
				got = append(got, fmt.Sprintf("%s@%d:%d", f.Rule, f.Pos.Line, f.Pos.Column))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %s, want %s", s, c.want)
			}
			if (d == nil) != brevdue.HasErrors(findings) {
				t.Error("a directory and errors at once, or neither")
			}
		})
	}
}

func TestRulesAreSortedAndWhole(t *testing.T) {
	rules := sor.Rules()
	if !slices.IsSortedFunc(rules, func(a, b brevdue.Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("not sorted by id")
	}
	for _, r := range rules {
		if !strings.HasPrefix(r.ID, "SOR-") || r.Text == "" || r.TextEN == "" || r.Ref == "" {
			t.Errorf("rule %+v is not whole", r)
		}
		if strings.Count(r.Text, "%") != strings.Count(r.TextEN, "%") {
			t.Errorf("%s: the languages take different values", r.ID)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("entries: [{gln: 1}]"))
	f.Add([]byte("entries:\n- gln: &a x\n  name: *a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, findings := sor.Load(data)
		if (d == nil) != brevdue.HasErrors(findings) {
			t.Error("a directory and errors at once, or neither")
		}
		d.Search("aarhus 12", 5)
	})
}

// A region's register has thousands of entries; search must keep up with typing.
func BenchmarkSearchAndSimilar(b *testing.B) {
	var entries []sor.Entry
	for i := range 20000 {
		entries = append(entries, sor.Entry{GLN: brevdue.GLN(fmt.Sprintf("579%010d", i)), Name: fmt.Sprintf("Hjemmesygeplejen distrikt %d, Prøvekøbing Kommune", i), Kind: brevdue.MunicipalHealth})
	}
	d := sor.New(entries)
	for b.Loop() {
		for _, e := range d.Search("sygepleje 199", 20) {
			d.Similar(e)
		}
	}
}

// Which other messages a receiver can take decides whether one goes before the
// letter (AGR-205); saying nothing is not the same as saying none.
func TestCanTake(t *testing.T) {
	const text = `entries:
  - {gln: "5790000000012", name: A, kind: gp, standards: [XREF15, GGOP]}
  - {gln: "5790000000029", name: B, kind: gp, standards: []}
  - {gln: "5790000000036", name: C, kind: gp}
`
	d, findings := sor.Load([]byte(text))
	if d == nil {
		t.Fatal(findings)
	}
	for _, c := range []struct {
		gln        brevdue.GLN
		codes      []string
		yes, known bool
	}{
		{"5790000000012", []string{"DGOP", "GGOP"}, true, true},
		{"5790000000012", []string{"XDIS18"}, false, true},
		{"5790000000029", []string{"GGOP"}, false, true},
		{"5790000000036", []string{"GGOP"}, false, false},
	} {
		e, _ := d.Get(c.gln)
		if yes, known := e.CanTake(c.codes); yes != c.yes || known != c.known {
			t.Errorf("%s takes %v: %t, known %t", c.gln, c.codes, yes, known)
		}
	}
}

// The review finds names that are not easy to recognise (AGR-503) and a municipality's
// number beyond the agreed one (AGR-502; Amb-10: the limit is the agreement's).
func TestReview(t *testing.T) {
	six := func(n int) []sor.Entry {
		var out []sor.Entry
		for i := range n {
			out = append(out, sor.Entry{GLN: brevdue.GLN(fmt.Sprint("N", i)), Name: fmt.Sprint("Enhed nummer ", i), Kind: brevdue.MunicipalHealth, Place: "Prøvekøbing"})
		}
		return out
	}
	for _, c := range []struct {
		name    string
		entries []sor.Entry
		most    int
		want    string
	}{
		{"six numbers", six(6), 6, ""},
		{"seven numbers", six(7), 6, "SOR-NUMBER-01@N6"},
		{"no limit", six(7), 0, ""},
		{"a hospital has as many as it likes", func() []sor.Entry {
			all := six(7)
			for i := range all {
				all[i].Kind = brevdue.Ward
			}
			return all
		}(), 6, ""},
		{"moved away", []sor.Entry{{GLN: "1", Name: "Flyttet lok.nr Visitation", Kind: brevdue.Ward}}, 6, "SOR-NAME-01@1"},
		{"internal", []sor.Entry{{GLN: "1", Name: "Visitation (KUN INTERNT BRUG)", Kind: brevdue.Ward}}, 6, "SOR-NAME-01@1"},
		{"the same name in another spelling", []sor.Entry{{GLN: "1", Name: "Hjemmepleje Ålborg", Kind: brevdue.Ward}, {GLN: "2", Name: "hjemmepleje, Aalborg", Kind: brevdue.Ward}}, 6, "SOR-NAME-02@2"},
		{"the same name elsewhere", []sor.Entry{{GLN: "1", Name: "Visitation", Kind: brevdue.MunicipalHealth, Place: "A"}, {GLN: "2", Name: "Visitation", Kind: brevdue.MunicipalHealth, Place: "B"}}, 6, ""},
		{"of no municipality", []sor.Entry{{GLN: "1", Name: "Visitation", Kind: brevdue.MunicipalOther}}, 6, "SOR-NAME-03@1"},
		{"its municipality in the name", []sor.Entry{{GLN: "1", Name: "Visitation, Skive Kommune", Kind: brevdue.MunicipalHealth}}, 6, ""},
	} {
		var got []string
		for _, f := range sor.New(c.entries).Review(c.most) {
			got = append(got, f.Rule+"@"+f.Pos.Path)
			if f.Severity != brevdue.SeverityWarning || f.Text == "" || f.TextEN == "" || strings.Contains(f.Text+f.TextEN, "%!") {
				t.Errorf("%s: %+v", c.name, f)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %q", c.name, got, c.want)
		}
	}
	if got := (*sor.Directory)(nil).Review(6); got != nil {
		t.Errorf("no directory: %v", got)
	}
}

func TestNamed(t *testing.T) {
	e := sor.Entry{Name: "Hjemmesygeplejen Nord", Place: "Århus Kommune"}
	for name, want := range map[string]bool{
		"Hjemmesygeplejen Nord": true, "nord, HJEMMESYGEPLEJEN": true, "Aarhus Kommune, Hjemmesygeplejen Nord": true, "Aarhus Kommune": true,
		"Hjemmesygeplejen": true, "Hjemmesygeplejen Syd": false, "Aarhus Kommune, Hjemmesygeplejen Syd": false, "Odense Kommune": false, "": false, "–": false,
	} {
		if got := e.Named(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	if (sor.Entry{}).Named("Hjemmesygeplejen") {
		t.Error("an entry without a name is named")
	}
}
