package sor_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brevdue"
	"brevdue/sor"
)

// reported writes findings as "line rule".
func reported(findings []brevdue.Finding) string {
	var out []string
	for _, f := range findings {
		out = append(out, fmt.Sprint(f.Pos.Line, " ", f.Rule))
	}
	return strings.Join(out, ", ")
}

func TestImportReadsTables(t *testing.T) {
	const table = "\ufeffLokationsnummer;Navn;Kommune;Art;Kan modtage;Standarder;Emner;Farve\n" +
		"5790000000012;\"Hjemmesygeplejen; Nord\";Aarhus;municipal-health;XDIS91, DIS91;XREF15;Sår|Medicin;rød\n" +
		"5790000000029;;Aarhus;municipal-health\n" + // no name
		"5790000000036;Lægerne;Skive;hus\n" + // no such kind
		"5790000000043;Lægerne Torvet;Skive;gp\n" +
		"5790000000043;Lægerne Torvet igen;Skive;gp\n" + // the same number
		"5790000000050;A;B;gp;;;;;;\n" // more cells than columns
	got := sor.Import([]byte(table))
	want := []sor.Entry{
		{GLN: "5790000000012", Name: "Hjemmesygeplejen; Nord", Place: "Aarhus", Kind: brevdue.MunicipalHealth, Takes: []brevdue.Kind{brevdue.XDIS91, brevdue.DIS91}, Standards: []string{"XREF15"}, Subjects: []string{"Sår", "Medicin"}},
		{GLN: "5790000000043", Name: "Lægerne Torvet", Place: "Skive", Kind: brevdue.GP},
	}
	if diff := cmp.Diff(want, got.Entries); diff != "" {
		t.Error(diff)
	}
	if got.Rows != 6 {
		t.Errorf("%d rows", got.Rows)
	}
	if s := reported(got.Findings); s != "1 SOR-TABLE-02, 3 SOR-KEY-03, 4 SOR-VALUE-01, 6 SOR-GLN-02, 7 SOR-TABLE-04" {
		t.Error(s)
	}
}

func TestImportOfOtherFiles(t *testing.T) {
	for _, c := range []struct{ name, content, names, findings string }{
		{"Windows-1252 and commas", "gln,navn,type\n5790000000043,L\xe6gerne,gp\n", "Lægerne", ""},
		{"tabs", "GLN\tNavn\tArt\n5790000000043\tLægerne\tgp\n", "Lægerne", ""},
		{"a directory file with an error", "entries:\n- {gln: \"5790000000043\", name: A, kind: gp}\n- {gln: \"5790000000050\", kind: gp}\n", "A", "3 SOR-KEY-03"},
		{"no YAML", "entries: [", "", "1 SOR-FILE-01"},
		{"nothing", " \n", "", "1 SOR-FILE-02"},
		{"a table without names", "ean;by\n5790000000043;Skive\n", "", "1 SOR-TABLE-02, 1 SOR-TABLE-01"},
		{"an open quotation mark", "gln;navn;art\n5790000000043;\"A;gp\n5790000000050;B;gp\n", "", "2 SOR-TABLE-03"},
		{"a bad date", "imported: i går\nentries:\n- {gln: \"5790000000043\", name: A, kind: gp, updated: 31-12-2025}\n", "", "1 SOR-VALUE-05, 3 SOR-VALUE-05"},
	} {
		got := sor.Import([]byte(c.content))
		var names []string
		for _, e := range got.Entries {
			names = append(names, e.Name)
		}
		if n, f := strings.Join(names, " "), reported(got.Findings); n != c.names || f != c.findings {
			t.Errorf("%s: %q, %s; want %q, %s", c.name, n, f, c.names, c.findings)
		}
	}
}

// What is written is read back equal, also where nothing and "none" are two things.
func TestWriteIsReadBack(t *testing.T) {
	entries := region(40)
	entries[0].Standards, entries[0].Subjects, entries[0].Updated = []string{}, []string{"Sår: pleje, \"og\" andet"}, "2026-01-31"
	entries[0].ID, entries[0].IDCode, entries[0].Organisation, entries[0].Unit, entries[0].Phone = "0012345", brevdue.IDYdernummer, "# nej", "true", "0087654321"
	entries[1].Official, entries[1].Name = entries[1].Name, "Vist navn"
	content, err := sor.Write(entries, "2026-11-24")
	if err != nil {
		t.Fatal(err)
	}
	d, findings := sor.Load(content)
	if d == nil {
		t.Fatalf("%s\n%s", reported(findings), content)
	}
	entries[1].Official, entries[1].Name = "", entries[1].Official
	if diff := cmp.Diff(entries, d.All()); diff != "" || d.Imported != "2026-11-24" {
		t.Errorf("imported %q\n%s", d.Imported, diff)
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte("gln;navn\n5790000000043;A\n"))
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, data []byte) {
		got := sor.Import(data)
		if len(got.Entries) > got.Rows {
			t.Errorf("%d entries of %d rows", len(got.Entries), got.Rows)
		}
		content, err := sor.Write(got.Entries, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, findings := sor.Load(content); brevdue.HasErrors(findings) {
			t.Errorf("not read back: %s\n%s", reported(findings), content)
		}
	})
}
