package aftale

import (
	"bytes"
	"slices"
	"testing"
)

// What a version changes is told line by line, and nothing else (AGR-1003).
func TestDiff(t *testing.T) {
	_, shipped := Shipped()
	load := func(content []byte) *Agreement {
		t.Helper()
		a, findings := Load(content)
		if a == nil {
			t.Fatal(findings)
		}
		return a
	}
	old := load(shipped)
	tests := []struct {
		name, was, is string
		want          []Change
	}{
		{"nothing", "", "", nil},
		{"version and dates", "version: \"2022\"", "version: \"2027\"", nil},
		{"the first cut-off", `afsendt_før: "14:30"`, `afsendt_før: "14:00"`,
			[]Change{{PartDeadlines, "Sengeafsnit", "alle dage kl. 8–15, afsendt før kl. 14.30; AGR-601; § 6", "alle dage kl. 8–15, afsendt før kl. 14; AGR-601; § 6"}}},
		{"the closed days of clinics", "juleaften: ja, nytårsaften: ja", "juleaften: ja, nytårsaften: nej", []Change{{PartDeadlines, "Klinik",
			"hverdage kl. 8–15, afsendt før kl. 14.30; lukket også 5. juni, 24. december, 31. december; AGR-602; § 6",
			"hverdage kl. 8–15, afsendt før kl. 14.30; lukket også 5. juni, 24. december; AGR-602; § 6"}}},
		{"a party less", "      - Samsø\n", "", []Change{{PartParties, "Midtjyske kommuner",
			"kommune; Favrskov, Hedensted, Herning, Holstebro, Horsens, Ikast-Brande, Lemvig, Norddjurs, Odder, Randers, Ringkøbing-Skjern, Samsø, Silkeborg, Skanderborg, Skive, Struer, Syddjurs, Viborg, Aarhus",
			"kommune; Favrskov, Hedensted, Herning, Holstebro, Horsens, Ikast-Brande, Lemvig, Norddjurs, Odder, Randers, Ringkøbing-Skjern, Silkeborg, Skanderborg, Skive, Struer, Syddjurs, Viborg, Aarhus"}}},
		{"another source", "kilde: udkast", "kilde: Udkast", []Change{{PartFrame, "Kilde", "udkast til regional aftale om korrespondancebrevet, 2022, uden dato", "Udkast til regional aftale om korrespondancebrevet, 2022, uden dato"}}},
		{"a pair that is covered now", "  - [hospital, hospital]\n", "", []Change{{PartParties, "Uden for aftalen: hospital og hospital", "ikke omfattet", ""}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.was != "" && !bytes.Contains(shipped, []byte(tt.was)) {
				t.Fatalf("the shipped agreement does not say %s", tt.was)
			}
			got := Diff(old, load(bytes.Replace(shipped, []byte(tt.was), []byte(tt.is), 1)))
			if !slices.Equal(got, tt.want) {
				t.Fatalf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// Between any two versions, what went out one way came in the other.
func TestDiffIsASymmetry(t *testing.T) {
	_, shipped := Shipped()
	a, _ := Load(shipped)
	b, findings := Load(secondRegion(t))
	if b == nil {
		t.Fatal(findings)
	}
	there, back := Diff(a, b), Diff(b, a)
	if len(there) < 20 || len(there) != len(back) {
		t.Fatalf("%d changes there, %d back", len(there), len(back))
	}
	for _, c := range there {
		if !slices.Contains(back, Change{c.Part, c.Name, c.After, c.Before}) {
			t.Errorf("no way back for %q", c)
		}
	}
}
