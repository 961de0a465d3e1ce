package aftale_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"brevdue"
	"brevdue/aftale"
	"brevdue/kalender"
)

// TestFaults breaks the shipped file in one place at a time: the rule is found, at
// the line, column and byte of the place.
func TestFaults(t *testing.T) {
	_, content := aftale.Shipped()
	for _, c := range []struct{ name, old, new, rule, near string }{
		{"unknown key", "paragraf: § 6", "paragraph: § 6", "AFT-KEY-01", "paragraph"},
		{"unknown key in brackets", "dage: alle dage, afsendt_før", "dage: alle dage, afsendt_inden", "AFT-KEY-01", "afsendt_inden"},
		{"key twice", "navn: Midtjylland\n", "navn: Midtjylland\nnavn: Jylland\n", "AFT-KEY-02", "navn: Jylland"},
		{"no name", "navn: Midtjylland\n", "", "AFT-KEY-03", ""},
		{"empty name", "navn: Midtjylland\n", "navn:\n", "AFT-KEY-03", ""},
		{"kind", "modtager: klinik", "modtager: klinikker", "AFT-VALUE-01", "klinikker"},
		{"days", "dage: alle dage", "dage: weekend", "AFT-VALUE-01", "weekend"},
		{"yes or no", "hver_vagt: ja", "hver_vagt: yes", "AFT-VALUE-01", "yes"},
		{"older kind", "ældre_art: ja", "ældre_art: måske", "AFT-VALUE-01", "måske"},
		{"clock", `afsendt_før: "14:30"`, `afsendt_før: "14.30"`, "AFT-VALUE-02", `"14.30"`},
		{"clock with a sign", `afsendt_før: "14:30"`, `afsendt_før: "14:+3"`, "AFT-VALUE-02", `"14:+3"`},
		{"clock of a shift", `vagter: ["7:00"`, `vagter: ["25:00"`, "AFT-VALUE-02", `"25:00"`},
		{"order of shifts", `["7:00", "15:00", "23:00"]`, `["7:00", "15:00", "13:00"]`, "AFT-VALUE-04", `"13:00"`},
		{"window", `fra: "8:00", til: "15:00", dage: alle dage`, `fra: "16:00", til: "15:00", dage: alle dage`, "AFT-VALUE-04", ""},
		{"date", "kilde:", "gyldig_fra: 1. marts\nkilde:", "AFT-VALUE-03", "1. marts"},
		{"a day that is none", "kilde:", "gyldig_fra: 2026-02-30\nkilde:", "AFT-VALUE-03", "2026-02-30"},
		{"dates", "kilde:", "gyldig_fra: 2026-03-01\ngyldig_til: 2026-03-01\nkilde:", "AFT-DATE-02", "2026-03-01\nkilde"},
		{"days of an answer", "hverdage: 3", "hverdage: 0", "AFT-VALUE-05", "0, lukker"},
		{"negative", "lokationsnumre_højst: 6", "lokationsnumre_højst: -6", "AFT-VALUE-05", "-6"},
		{"two ways", "hver_vagt: ja\n", "hver_vagt: ja\n    svarer: {hverdage: 1, lukker: \"16:00\"}\n", "AFT-DUE-01", ""},
		{"no rule for a kind", "modtager: sengeafsnit", "modtager: klinik", "AFT-DUE-02", ""},
		{"two rules for a kind", "modtager: sengeafsnit", "modtager: klinik", "AFT-DUE-03", ""},
		{"same subject", "emne: Medicin", "emne: Trae-ning", "AFT-SUBJ-01", "Trae-ning"},
		{"national", "national: medicine", "national: medicin", "AFT-SUBJ-02", "medicin\n"},
		{"standard", "ellers: XDIS18", "ellers: XDIS81", "AFT-SUBJ-05", "XDIS81"},
		{"long subject", "emne: Medicin", "emne: " + strings.Repeat("x", 71), "AFT-VALUE-06", strings.Repeat("x", 71)},
		{"word", "registrering: krav", "registrering: måske", "AFT-VALUE-01", "måske"},
		{"a word for a list", "vagter: [\"7:00\", \"15:00\", \"23:00\"]", "vagter: om natten", "AFT-VALUE-07", "om natten"},
		{"a list for a word", "navn: Midtjylland\n", "navn: [Midtjylland]\n", "AFT-VALUE-07", "[Midtjylland]"},
		{"a word for fields", "telefonregel:\n", "telefonregel: ja\ngammel:\n", "AFT-VALUE-07", "ja\ngammel"},
		{"a word for a number", "nr: 7", "nr: syv", "AFT-VALUE-07", "syv"},
		{"half a number", "hverdage: 3", "hverdage: 3.5", "AFT-VALUE-07", "3.5"},
		{"truth for a word", "hver_vagt: ja", "hver_vagt: true", "AFT-VALUE-07", "true"},
		{"number twice", "nr: 8", "nr: 7", "AFT-VALUE-08", "7\n    kategori: Psykiatri"},
		{"code twice", "kode: decease", "kode: discharge", "AFT-VALUE-08", "discharge, navn: Udskrivelse"},
		{"anchor", "paragraf: § 6", "paragraf: &p § 6", "AFT-FILE-06", ""},
		{"tag", "paragraf: § 6", "paragraf: !!binary 6", "AFT-FILE-06", ""},
		{"not yaml", "parter:", "parter: [", "AFT-FILE-01", ""},
		{"a signature with a hat", "underskrift: [dato, titel", "underskrift: [dato, hat", "AFT-VALUE-01", "hat"},
		{"a basis twice", "grundlag: 41-2-4", "grundlag: 41-2-1", "AFT-VALUE-08", ""},
		{"a purpose nobody knows", "stk. 1\", formål: andet", "stk. 1\", formål: hygge", "AFT-VALUE-01", "hygge"},
		{"fewer than no days to tell", "oplys_inden_hverdage: 1", "oplys_inden_hverdage: -1", "AFT-VALUE-05", "-1"},
		{"a standard without a code", "koder: [XDIS21], ", "", "AFT-KEY-03", ""},
		{"a scheme that is no address", "noter:", "ordninger:\n  - {navn: Terminale, link: \"http://x.example\"}\nnoter:", "AFT-VALUE-10", "\"http"},
		{"second document", "noter:", "---\nnoter:", "AFT-FILE-03", ""},
		{"a shift rule without shifts", "vagter: [\"7:00\", \"15:00\", \"23:00\"]\n", "", "AFT-KEY-03", ""},
		{"not UTF-8 after a letter of two bytes", "sundheds- og ældreområde", "sundheds- og ældreomr\xe5de", "AFT-FILE-08", "\xe5"},
		{"not UTF-8", "Ringkøbing", "Ringk\xf8bing", "AFT-FILE-08", "\xf8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(string(content), c.old, c.new, 1)
			if text == string(content) {
				t.Fatal("nothing was replaced")
			}
			a, findings := aftale.Load([]byte(text))
			if a != nil {
				t.Fatal("the file was accepted")
			}
			i := slices.IndexFunc(findings, func(f brevdue.Finding) bool { return f.Rule == c.rule })
			if i < 0 {
				t.Fatalf("no %s in %+v", c.rule, findings)
			}
			found := findings[i]
			if found.Text == "" || found.TextEN == "" || strings.Contains(found.Text+found.TextEN, "%!") || found.Ref == "" || found.Pos.Line == 0 || found.Pos.Column == 0 {
				t.Errorf("%+v", found)
			}
			if c.near == "" {
				return
			}
			changed := strings.Index(string(content), c.old)
			at := changed + strings.Index(text[changed:], c.near)
			line := strings.Count(text[:at], "\n") + 1
			column := utf8.RuneCountInString(text[strings.LastIndexByte(text[:at], '\n')+1:at]) + 1
			if found.Pos.Line != line || found.Pos.Column != column || found.Pos.Offset != at {
				t.Errorf("at %d:%d, byte %d; want %d:%d, byte %d (%s)", found.Pos.Line, found.Pos.Column, found.Pos.Offset, line, column, at, found.Text)
			}
		})
	}
	if a, findings := aftale.Load(nil); a != nil || len(findings) != 1 || findings[0].Rule != "AFT-FILE-02" {
		t.Errorf("empty file: %v", findings)
	}
	if a, findings := aftale.Load([]byte("# kun en bemærkning\n")); a != nil || len(findings) != 1 || findings[0].Rule != "AFT-FILE-02" {
		t.Errorf("a file with a comment only: %v", findings)
	}
}

// TestAllFaultsAtOnce: whoever writes the file gets the whole list, in its order.
func TestAllFaultsAtOnce(t *testing.T) {
	_, content := aftale.Shipped()
	text := strings.NewReplacer("region: midtjylland", "regoin: midtjylland", "vagter:", "vakter:", "nr: 3\n", "nr: tre\n", "ydelseskode:", "ydelses_kode:").Replace(string(content))
	_, findings := aftale.Load([]byte(text))
	var got []string
	for _, f := range findings {
		got = append(got, f.Rule+" "+f.Pos.Path)
	}
	want := []string{"AFT-KEY-01 regoin", "AFT-KEY-01 vakter", "AFT-VALUE-07 emner[2].nr", "AFT-KEY-01 ydelses_kode"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// The same for what the values mean.
	text = strings.NewReplacer("modtager: klinik", "modtager: klinikker", `lukker: "16:00"`, `lukker: "16"`, "national: medicine", "national: medicin").Replace(string(content))
	_, findings = aftale.Load([]byte(text))
	got = nil
	for _, f := range findings {
		if f.Severity == brevdue.SeverityError {
			got = append(got, f.Rule+" "+f.Pos.Path)
		}
	}
	want = []string{"AFT-DUE-02 læsefrister", "AFT-VALUE-01 læsefrister[1].modtager", "AFT-VALUE-02 læsefrister[6].svarer.lukker", "AFT-SUBJ-02 emner[5].national"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestHostileFiles: no file takes more than a moment, or more than a page of
// findings. Before there was a limit, the second took most of a minute.
func TestHostileFiles(t *testing.T) {
	for name, c := range map[string]struct{ text, rule string }{
		"too large":      {strings.Repeat("#", 200<<10), "AFT-FILE-04"},
		"brackets":       {"noter: " + strings.Repeat("[", 50_000), "AFT-FILE-05"},
		"braces":         {"noter: " + strings.Repeat("{a: ", 15_000), "AFT-FILE-05"},
		"dashes":         {"noter:\n" + strings.Repeat("- ", 30_000), "AFT-FILE-05"},
		"questions":      {strings.Repeat("? ", 30_000), "AFT-FILE-05"},
		"aliases":        {"noter: &a [x, x]\nvagter: &b [*a, *a]\n", "AFT-FILE-06"},
		"empty subjects": {"emner:\n" + strings.Repeat("  - {}\n", 3_000), "AFT-FILE-07"},
		"zero bytes":     {strings.Repeat("\x00", 1000), ""},
		"one long line":  {"noter: [" + strings.Repeat("x,", 10_000) + "]", "AFT-KEY-03"},
	} {
		a, findings := aftale.Load([]byte(c.text))
		if a != nil || len(findings) > 101 || !brevdue.HasErrors(findings) {
			t.Errorf("%s: %d findings", name, len(findings))
		}
		if c.rule != "" && !slices.ContainsFunc(findings, func(f brevdue.Finding) bool { return f.Rule == c.rule }) {
			t.Errorf("%s: no %s in %v", name, c.rule, findings)
		}
	}
}

// TestRules: every rule has an id of its own, words in both languages, a reference.
func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range aftale.Rules() {
		if seen[r.ID] || !strings.HasPrefix(r.ID, "AFT-") || r.Text == "" || r.TextEN == "" || r.Ref == "" || r.Severity == "" {
			t.Errorf("%+v", r)
		}
		seen[r.ID] = true
	}
}

// TestShippedAgainstSources holds the parties and the national categories of the
// shipped file against the published lists.
func TestShippedAgainstSources(t *testing.T) {
	a := shipped(t)
	table := func(name string) [][]string {
		f, err := os.Open("../../shared/domain/samples/" + name)
		if err != nil {
			t.Skipf("SKIPPED: ../shared absent, oracle %s not consulted", name)
		}
		defer f.Close()
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows[1:]
	}
	categories := table("medcom-carecommunication-categories.csv")
	if len(categories) != len(a.National) {
		t.Errorf("%d national categories, want %d", len(a.National), len(categories))
	}
	for _, row := range categories {
		if got := a.NationalName(row[0]); got != row[2] {
			t.Errorf("%s is called %q, want %q", row[0], got, row[2])
		}
	}
	units := map[aftale.Side]int{}
	for _, p := range a.Parties {
		units[p.Side] += len(p.Units)
	}
	if units[brevdue.SectorHospital] != 5+1 || units[brevdue.SectorMunicipality] != 19 || units[brevdue.SectorRegionalSocial] != 1 || units[brevdue.SectorGP] != 1 {
		t.Errorf("parties: %v", units)
	}
	var kommuner []string
	for _, p := range a.Parties {
		if p.Side == brevdue.SectorMunicipality {
			kommuner = append(kommuner, p.Units...)
		}
	}
	for _, row := range table("municipalities-midtjylland.csv") {
		if !slices.Contains(kommuner, row[1]) {
			t.Errorf("the municipality of %v is not a party", row)
		}
	}
	codes := map[string]bool{}
	for _, row := range table("medcom-message-types.csv") {
		for _, field := range row {
			codes[strings.TrimSpace(field)] = true
		}
	}
	for _, s := range a.Standards {
		if !slices.ContainsFunc(s.Codes, func(c string) bool { return codes[c] }) {
			t.Errorf("%s: none of %v is in the list of message types", s.Name, s.Codes)
		}
	}
}

// TestNewAgreementsNameReceivers is AGR-504: what the older kind may leave out, a
// new one may not.
func TestNewAgreementsNameReceivers(t *testing.T) {
	_, content := aftale.Shipped()
	dated, err := aftale.WithValidFrom(content, kalender.Day{Year: 2027, Month: 1, Date: 1})
	if err != nil {
		t.Fatal(err)
	}
	a, findings := aftale.Load(bytes.Replace(dated, []byte("ældre_art: ja"), []byte("ældre_art: nej"), 1))
	n := 0
	for _, f := range findings {
		if f.Rule == "AFT-SUBJ-03" {
			n++
		}
	}
	if a != nil || n != 12 {
		t.Errorf("%d findings: %v", n, findings)
	}
}

func FuzzLoad(f *testing.F) {
	_, content := aftale.Shipped()
	f.Add(content)
	f.Add([]byte("aftale: x\nlæsefrister:\n  - regel: [1]\n"))
	f.Add([]byte("udenfor: [[a], [b, c, d]]\nvagter: [\"\", \"9:99\"]\n"))
	f.Add([]byte("noter: &a [*a]\n? x\n: y\n<<: *a\n"))
	f.Add([]byte("kilde: |\n  x\nversion: !!str 1\n---\n...\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 20<<10 {
			return // longer ones are the same, only slower
		}
		a, findings := aftale.Load(data)
		if (a == nil) != brevdue.HasErrors(findings) {
			t.Errorf("agreement %v with findings %v", a != nil, findings)
		}
		for _, x := range findings {
			if x.Pos.Line < 1 || x.Pos.Column < 1 || x.Pos.Offset < 0 || x.Pos.Offset > len(data) {
				t.Errorf("%+v in %d bytes", x, len(data))
			}
		}
	})
}

// FuzzSortSubject: any text sorts to a row, a category or nowhere, and a text and
// its wire form sort alike.
func FuzzSortSubject(f *testing.F) {
	for _, s := range []string{"Visitation- kommune", "Psykiatri, social, handicap,Forløbskoordinering i psykiatrien", "Ukendt emne", "Andet,", ",", "\xff", "Udskrivningsstatus – Barn"} {
		f.Add(s)
	}
	_, content := aftale.Shipped()
	a, _ := aftale.Load(content)
	f.Fuzz(func(t *testing.T, s string) {
		got := a.SortSubject(s)
		if (got.Row >= 0) != (got.Matched != aftale.MatchNone) || got.Row >= len(a.Rows) || (got.Subject != "") != (got.Row >= 0) {
			t.Errorf("%q: %+v", s, got)
		}
		if wire := a.SortSubject(aftale.WireSubject(s)); wire.Row != got.Row || wire.National != got.National {
			t.Errorf("%q sorts to %+v, on the wire to %+v", s, got, wire)
		}
	})
}
