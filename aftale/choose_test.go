package aftale

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/kalender"
)

// made is an agreement with the parties a test wants: a line "hospital: A, B" for each
// side, nothing after the colon for everybody of it.
func made(t *testing.T, id, version, from, until string, parties ...string) *Agreement {
	t.Helper()
	region, name, _ := strings.Cut(id, "/")
	var b strings.Builder
	fmt.Fprintf(&b, "aftale: %s\nregion: %s\nnavn: %s\nversion: %q\nældre_art: ja\n", name, region, id, version)
	if from != "" {
		fmt.Fprintf(&b, "gyldig_fra: %s\n", from)
	}
	if until != "" {
		fmt.Fprintf(&b, "gyldig_til: %s\n", until)
	}
	b.WriteString("udenfor: [[almen praksis, almen praksis], [hospital, hospital], [kommune, kommune]]\nparter:\n")
	for _, p := range parties {
		side, names, _ := strings.Cut(p, ":")
		fmt.Fprintf(&b, "  - {slags: %s, navn: N", side)
		if names = strings.TrimSpace(names); names != "" {
			fmt.Fprintf(&b, ", enheder: [%s]", names)
		}
		b.WriteString("}\n")
	}
	b.WriteString("læsefrister:\n")
	for i, k := range kinds {
		fmt.Fprintf(&b, "  - {regel: R-%d, modtager: %s, navn: N, inden: {timer: 1, dage: alle dage}, paragraf: p}\n", i, k.word)
	}
	a, findings := Load([]byte(b.String()))
	if a == nil {
		t.Fatalf("%s: %v", id, findings)
	}
	return a
}

// party is a party of a test.
func party(kind brevdue.UnitKind, names ...string) Who { return Who{Kind: kind, Names: names} }

// The agreement that judges a letter is the narrowest for its two parties (AGR-1003), by
// the names people use; a letter always gets one while any is in force.
func TestNarrowestAgreement(t *testing.T) {
	middle := made(t, "midt/breve", "1", "2026-01-01", "", "hospital: Aarhus Universitetshospital, Regionshospitalet Randers", "kommune: Aarhus, Randers, Horsens", "almen praksis: Almen praksis")
	city := made(t, "midt/byen", "1", "2026-03-01", "2026-09-01", "hospital: Aarhus Universitetshospital", "kommune: Aarhus")
	homes := made(t, "midt/læger", "1", "2026-01-01", "", "kommune: Horsens", "almen praksis:")
	north := made(t, "nord/breve", "1", "2026-01-01", "", "hospital: Aalborg Universitetshospital", "kommune: Aalborg, Hjørring", "almen praksis: Almen praksis")
	draft := made(t, "midt/kladde", "1", "", "", "hospital: Aarhus Universitetshospital", "kommune: Aarhus")
	book, findings := NewBook(middle, city, homes, north, draft)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	var (
		auh     = party(brevdue.Ward, "AUH, Ortopædkirurgi", "Aarhus Universitetshospital")
		randers = party(brevdue.MunicipalHealth, "Hjemmesygeplejen", "Randers Kommune")
		aarhus  = party(brevdue.MunicipalHealth, "Hjemmesygeplejen Nord, Aarhus Kommune")
		aarhus2 = party(brevdue.MunicipalSocial, "Socialafdelingen", "Århus")
		horsens = party(brevdue.MunicipalHealth, "Plejen", "Horsens kommune")
		doctor  = party(brevdue.GP, "Lægerne Torvet", "Randers")
		nordDoc = party(brevdue.GP, "Lægerne Havnen", "Hjørring")
		aalborg = party(brevdue.Clinic, "Klinikken", "Aalborg Universitetshospital")
		village = party(brevdue.MunicipalHealth, "Plejen", "Prøvekøbing Kommune")
	)
	for _, c := range []struct {
		name     string
		from, to Who
		at, want string
	}{
		{"both named, fewer organisations", auh, aarhus, "2026-06-01T12:00", "midt/byen"},
		{"the other way", aarhus, auh, "2026-06-01T12:00", "midt/byen"},
		{"in the spelling with å, another area", auh, aarhus2, "2026-06-01T12:00", "midt/byen"},
		{"before it", auh, aarhus, "2026-02-28T23:59", "midt/breve"},
		{"on its first day", auh, aarhus, "2026-03-01T00:00", "midt/byen"},
		{"on its last day", auh, aarhus, "2026-08-31T23:59", "midt/byen"},
		{"after it", auh, aarhus, "2026-09-01T00:00", "midt/breve"},
		{"another municipality", auh, randers, "2026-06-01T12:00", "midt/breve"},
		{"everybody of a side", horsens, doctor, "2026-06-01T12:00", "midt/læger"},
		{"that side, another municipality", randers, doctor, "2026-06-01T12:00", "midt/breve"},
		{"another region", aalborg, party(brevdue.MunicipalHealth, "Hjørring Kommune"), "2026-06-01T12:00", "nord/breve"},
		{"practices are of their region", party(brevdue.MunicipalHealth, "Aalborg"), nordDoc, "2026-06-01T12:00", "nord/breve"},
		{"unknown municipality: the hospital's region", auh, village, "2026-06-01T12:00", "midt/breve"},
		{"unknown both", party(brevdue.Ward, "Et sted"), village, "2026-06-01T12:00", "midt/breve"},
		{"nobody known", Who{}, Who{}, "2026-06-01T12:00", "midt/breve"},
		{"a sender nobody knows", Who{}, horsens, "2026-06-01T12:00", "midt/breve"},
	} {
		t.Run(c.name, func(t *testing.T) {
			at, err := time.ParseInLocation("2006-01-02T15:04", c.at, kalender.Copenhagen())
			if err != nil {
				t.Fatal(err)
			}
			a, ok := book.At(at, Parties{From: c.from, To: c.to})
			if !ok || a.ID != c.want {
				t.Errorf("judged by %v, want %s", a.ID, c.want)
			}
			if ok != book.WouldJudge(a, at, Parties{From: c.from, To: c.to}) {
				t.Error("the one that judges would not judge")
			}
		})
	}
	summer := time.Date(2026, 6, 1, 12, 0, 0, 0, kalender.Copenhagen())
	if book.WouldJudge(draft, summer, Parties{From: auh, To: randers}) {
		t.Error("a draft that does not name Randers would judge its letters")
	}
	if _, ok := book.At(summer, Parties{Region: "syd", From: auh, To: aarhus}); ok {
		t.Error("a region without an agreement has one")
	}
	if a, ok := book.At(summer, Parties{Region: "nord", From: auh, To: aarhus}); !ok || a.ID != "nord/breve" {
		t.Error("the region that was asked for does not decide")
	}
}

// Two agreements in force on the same day that are equally narrow for some pair of
// parties are an error on load, with both named; what is never true at once is none.
func TestEquallyNarrowAgreements(t *testing.T) {
	const hospital, other, town, village = "hospital: Aarhus Universitetshospital", "hospital: Regionshospitalet Randers", "kommune: Aarhus", "kommune: Randers"
	for _, c := range []struct {
		name string
		x, y *Agreement
		want string
	}{
		{"the same two", made(t, "midt/a", "1", "2026-01-01", "", hospital, town), made(t, "midt/b", "1", "2026-01-01", "", hospital, town), "midt/a 1 og midt/b 1"},
		{"the same two by other spellings", made(t, "midt/a", "1", "2026-01-01", "", hospital, "kommune: Århus Kommune"), made(t, "midt/b", "1", "2026-01-01", "", hospital, town), "midt/a 1 og midt/b 1"},
		{"one after the other", made(t, "midt/a", "1", "2026-01-01", "2026-07-01", hospital, town), made(t, "midt/b", "1", "2026-07-01", "", hospital, town), ""},
		{"a day of both", made(t, "midt/a", "1", "2026-01-01", "2026-07-02", hospital, town), made(t, "midt/b", "1", "2026-07-01", "", hospital, town), "midt/a 1 og midt/b 1"},
		{"a draft", made(t, "midt/a", "1", "", "", hospital, town), made(t, "midt/b", "1", "2026-01-01", "", hospital, town), ""},
		{"other municipalities", made(t, "midt/a", "1", "2026-01-01", "", hospital, town), made(t, "midt/b", "1", "2026-01-01", "", hospital, village), ""},
		{"other hospitals", made(t, "midt/a", "1", "2026-01-01", "", hospital, town), made(t, "midt/b", "1", "2026-01-01", "", other, town), ""},
		{"one within the other", made(t, "midt/a", "1", "2026-01-01", "", hospital, "kommune: Aarhus, Randers"), made(t, "midt/b", "1", "2026-01-01", "", hospital, town), ""},
		{"one wider here and the other there", made(t, "midt/a", "1", "2026-01-01", "", hospital, "kommune: Aarhus, Randers"), made(t, "midt/b", "1", "2026-01-01", "", "hospital: Aarhus Universitetshospital, Regionshospitalet Randers", town), "midt/a 1 og midt/b 1"},
		{"all practices of a region twice", made(t, "midt/a", "1", "2026-01-01", "", town, "almen praksis:"), made(t, "midt/b", "1", "2026-01-01", "", town, "almen praksis: Almen praksis"), "midt/a 1 og midt/b 1"},
		{"all practices of two regions", made(t, "midt/a", "1", "2026-01-01", "", town, "almen praksis:"), made(t, "nord/b", "1", "2026-01-01", "", "kommune: Aalborg", "almen praksis:"), ""},
		{"two versions of one", made(t, "midt/a", "1", "2026-01-01", "", hospital, town), made(t, "midt/a", "2", "2026-07-01", "", hospital, town), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, order := range [][]*Agreement{{c.x, c.y}, {c.y, c.x}} {
				_, findings := NewBook(order...)
				if c.want == "" {
					if len(findings) > 0 {
						t.Errorf("found %v", findings)
					}
					continue
				}
				if len(findings) != 1 || findings[0].Rule != "AFT-PART-01" || findings[0].Severity != brevdue.SeverityError {
					t.Fatalf("found %v", findings)
				}
				text := findings[0].Text
				if !strings.Contains(text, "midt/a 1") || !strings.Contains(text, "midt/b 1") || !strings.Contains(text, "breve mellem") || strings.Contains(text+findings[0].TextEN, "%!") {
					t.Errorf("says %q", text)
				}
			}
		})
	}
}

// A version that is followed by a newer one does not overlap with what comes after.
func TestSuccessionAndNarrowness(t *testing.T) {
	old := made(t, "midt/breve", "1", "2026-01-01", "", "hospital: H", "kommune: K")
	other := made(t, "midt/andet", "1", "2026-07-01", "", "hospital: H", "kommune: K")
	next := made(t, "midt/breve", "2", "2026-07-01", "", "hospital: H", "kommune: L")
	if _, findings := NewBook(old, other); len(findings) != 1 {
		t.Errorf("both go on: %v", findings)
	}
	book, findings := NewBook(old, other, next)
	if len(findings) != 0 {
		t.Errorf("the older was ended by its newer version: %v", findings)
	}
	p := Parties{From: party(brevdue.Ward, "H"), To: party(brevdue.MunicipalHealth, "K")}
	for at, want := range map[time.Time]string{
		time.Date(2026, 6, 30, 23, 59, 0, 0, kalender.Copenhagen()): "midt/breve",
		time.Date(2026, 7, 1, 0, 0, 0, 0, kalender.Copenhagen()):    "midt/andet",
	} {
		if a, _ := book.At(at, p); a.ID != want {
			t.Errorf("%s: judged by %s, want %s", at, a.ID, want)
		}
	}
}
