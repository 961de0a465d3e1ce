package aftale_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brevdue"
	"brevdue/aftale"
	"brevdue/kalender"
)

func day(t testing.TB, s string) kalender.Day {
	t.Helper()
	d, err := kalender.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestSubjects is agreement.md §12 and cli.md, settled 7 and 8.
func TestSubjects(t *testing.T) {
	a := shipped(t)
	for _, c := range []struct{ in, category, subject, national, matched string }{
		{"Sygepleje-kommune", "Sygepleje-kommune", "Sygepleje-kommune", "nursing", "exact"},
		{" Sygepleje-kommune ", "Sygepleje-kommune", "Sygepleje-kommune", "nursing", "exact"},
		{"Sygepleje- kommune", "Sygepleje-kommune", "Sygepleje-kommune", "nursing", "alias"},
		{"SYGEPLEJE KOMMUNE", "Sygepleje-kommune", "Sygepleje-kommune", "nursing", "alias"},
		{"visitation–kommune", "Visitation-kommune", "Visitation-kommune", "home-care-assessment", "alias"},
		{"Traening", "Træning", "Træning", "training", "alias"},
		{"Terminalerklæring", "Andet", "Terminal erklæring", "other", "alias"},
		{"Terminal erklaering", "Andet", "Terminal erklæring", "other", "alias"},
		{"Udskrivningsstatus – Barn", "Andet", "Udskrivningsstatus – Barn", "healthcare", "exact"},
		{"Udskrivningsstatus - Barn", "Andet", "Udskrivningsstatus – Barn", "healthcare", "alias"},
		{"Aaben indlaeggelse", "Orientering", "Åben indlæggelse", "carecoordination", "alias"},
		{"Åben indlæggelse", "Orientering", "Åben indlæggelse", "carecoordination", "exact"},
		{"A\u030aben indlæggelse", "Orientering", "Åben indlæggelse", "carecoordination", "alias"}, // decomposed
		// Category and subject, comma-separated, as the FHIR conversion writes them.
		{"Træning,Træning", "Træning", "Træning", "training", "prefix"},
		{"Træning, Træning", "Træning", "Træning", "training", "prefix"},
		{"Psykiatri, social, handicap,Forløbskoordinering i psykiatrien", "Psykiatri", "Forløbskoordinering i psykiatrien", "psychiatry-social-disability", "prefix"},
		{"Andet,Terminal erklæring", "Andet", "Terminal erklæring", "other", "prefix"},
		{"Andet,Ambulant forespørgsel", "Andet", "Ambulant forespørgsel", "other", "prefix"}, // the category in the text decides
		{"Ambulant,Ambulant forespørgsel", "Andet", "Ambulant forespørgsel", "outpatient", "prefix"},
		{"Udskrivelse,Socialområdet", "Udskrivningsrapport", "Socialområdet", "discharge", "prefix"},
		// A category alone.
		{"Sygepleje", "Sygepleje-kommune", "Sygepleje-kommune", "nursing", "prefix"},
		{"Visitation", "Visitation-kommune", "Visitation-kommune", "home-care-assessment", "prefix"},
		{"Orientering", "Orientering", "Åben indlæggelse", "carecoordination", "prefix"},
		{"Udskrivningsrapport", "Udskrivningsrapport", "Socialområdet", "discharge", "prefix"},
		{"Psykiatri", "Psykiatri", "Forløbskoordinering i psykiatrien", "psychiatry-social-disability", "prefix"},
		{"Andet", "Andet", "", "other", "none"}, // three subjects
		{"Forløbskoordinering", "Forløbskoordinering", "", "carecoordination", "none"},
		{"Dødsfald", "Dødsfald", "", "decease", "none"},
		// Nothing known.
		{"", "", "", "", "none"}, {"   ", "", "", "", "none"}, {"Ukendt emne", "", "", "", "none"},
		{"Vedr. transport", "", "", "", "none"}, {"Forundersøgelse", "", "", "", "none"},
		{"Andet,Ukendt emne", "Andet", "", "other", "none"},
		{"Træning,noget helt andet", "Træning", "", "training", "none"},
		{"Træningslejr", "", "", "", "none"}, // the beginning of a word is no category
	} {
		got := a.SortSubject(c.in)
		want := aftale.Sorted{Category: c.category, Subject: c.subject, National: c.national, Matched: aftale.Match(c.matched), Row: got.Row}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q:\n%s", c.in, diff)
		}
		if (got.Row >= 0) != (c.subject != "") || got.Row >= 0 && a.Rows[got.Row].Subject != c.subject {
			t.Errorf("%q: row %d", c.in, got.Row)
		}
	}
	// What is sent sorts back to where it came from, in every row.
	for i, r := range a.Rows {
		for _, sent := range []string{r.Subject, aftale.WireSubject(r.Subject), a.NationalName(r.National) + "," + r.Subject} {
			if got := a.SortSubject(sent); got.Row != i {
				t.Errorf("%q sorts to row %d, not %d", sent, got.Row, i)
			}
		}
	}
	if got := aftale.WireSubject("Udskrivningsstatus – Barn"); got != "Udskrivningsstatus - Barn" {
		t.Error(got)
	}
}

// TestCategories: choosing Andet offers exactly its three subjects (F15).
func TestCategories(t *testing.T) {
	a := shipped(t)
	got := map[string]int{}
	var order []string
	for _, c := range a.Categories() {
		got[c.Name] = len(c.Rows)
		order = append(order, c.Name)
	}
	if got["Andet"] != 3 || len(got) != 10 {
		t.Errorf("%v", got)
	}
	if order[0] != "Visitation-kommune" || order[9] != "Orientering" {
		t.Errorf("%v", order)
	}
}

// TestPhone is the vectors of agreement.md §7.
func TestPhone(t *testing.T) {
	a := shipped(t)
	for _, c := range []struct {
		discharge, need  string
		services         aftale.Services
		required, letter bool
		rule             string
	}{
		{"2026-11-27", "2026-11-28", aftale.ServicesNo, true, true, "AGR-701"},
		{"2026-11-27", "2026-11-30", aftale.ServicesNo, true, true, "AGR-701"},
		{"2026-11-27", "2026-12-01", aftale.ServicesNo, false, true, "AGR-702"},
		{"2026-04-01", "2026-04-07", aftale.ServicesNo, true, true, "AGR-701"},
		{"2026-04-01", "2026-04-08", aftale.ServicesNo, false, true, "AGR-702"},
		{"2026-11-26", "2026-11-27", aftale.ServicesNo, false, false, ""},
		{"2026-11-28", "2026-11-30", aftale.ServicesNo, true, true, "AGR-701"}, // discharged on a Saturday
		{"2026-11-27", "2026-11-28", aftale.ServicesYes, false, false, ""},
		{"2026-11-27", "2026-11-28", aftale.ServicesUnknown, true, true, "AGR-701"}, // unknown counts as none
		{"2026-06-04", "2026-06-05", aftale.ServicesNo, true, true, "AGR-701"},      // 5 June is closed
		{"2026-12-23", "2026-12-29", aftale.ServicesNo, false, true, "AGR-702"},     // the next weekday is the 28th
		{"2026-12-23", "2026-12-28", aftale.ServicesNo, true, true, "AGR-701"},
		{"2026-12-24", "2026-12-29", aftale.ServicesNo, false, true, "AGR-702"}, // discharged on Christmas Eve, closed
		{"2026-12-22", "2026-12-23", aftale.ServicesNo, false, false, ""},       // the next day is a working day
		{"2026-12-30", "2027-01-04", aftale.ServicesNo, true, true, "AGR-701"},  // over New Year
		{"2026-12-30", "2027-01-05", aftale.ServicesNo, false, true, "AGR-702"},
		{"2026-05-13", "2026-05-15", aftale.ServicesNo, true, true, "AGR-701"},  // the Wednesday before Ascension Day
		{"2026-05-13", "2026-05-16", aftale.ServicesNo, false, true, "AGR-702"}, // the next weekday is the Friday
		{"2026-11-29", "2026-11-30", aftale.ServicesNo, true, true, "AGR-701"},  // a Sunday: itself closed
		{"2026-11-29", "2026-12-01", aftale.ServicesUnknown, false, true, "AGR-702"},
		{"2026-11-30", "2026-11-30", aftale.ServicesUnknown, false, false, ""}, // an ordinary Monday
		{"2026-11-27", "2026-11-27", aftale.ServicesNo, true, true, "AGR-701"}, // a need on the day itself
	} {
		got := a.Call(day(t, c.discharge), day(t, c.need), c.services)
		if got.Required != c.required || got.LetterRequired != c.letter || got.Rule != c.rule || got.Sentence == "" || got.SentenceEN == "" {
			t.Errorf("discharged %s, need %s, services %s: %+v", c.discharge, c.need, c.services, got)
		}
	}
}

func TestWhoMay(t *testing.T) {
	a := shipped(t)
	for _, c := range []struct {
		from, to              brevdue.UnitKind
		covered, warned, list bool
	}{
		{brevdue.Ward, brevdue.MunicipalHealth, true, false, true},
		{brevdue.Clinic, brevdue.RegionalSocial, true, false, true},
		{brevdue.Ward, brevdue.GP, true, false, false},
		{brevdue.MunicipalHealth, brevdue.Ward, true, true, false},
		{brevdue.RegionalSocial, brevdue.Clinic, true, true, false},
		{brevdue.GP, brevdue.Ward, true, false, false},
		{brevdue.GP, brevdue.MunicipalHealth, true, false, false},
		{brevdue.MunicipalSocial, brevdue.RegionalSocial, true, false, false},
		{brevdue.Ward, brevdue.Clinic, false, false, false},
		{brevdue.MunicipalHealth, brevdue.MunicipalSocial, false, false, false},
		{brevdue.GP, brevdue.GP, false, false, false},
		{"", brevdue.Ward, true, false, false},
	} {
		rule, text := a.Start(c.from, c.to)
		if a.Covers(c.from, c.to) != c.covered || (text != "") != c.warned || (rule == "AGR-302") != c.warned || a.HasSubjects(c.from, c.to) != c.list {
			t.Errorf("%s to %s: covered %v, start %q, list %v", c.from, c.to, a.Covers(c.from, c.to), rule, a.HasSubjects(c.from, c.to))
		}
	}
}

// TestShippedIsADraft: without a date it never applies; with one it does from
// that day, and the two texts have different hashes.
func TestShippedIsADraft(t *testing.T) {
	a := shipped(t)
	if !a.Draft() || a.InForce(local(t, "2026-11-24T10:00")) {
		t.Error("the shipped agreement applies")
	}
	_, content := aftale.Shipped()
	dated, err := aftale.WithValidFrom(content, day(t, "2026-11-25"))
	if err != nil {
		t.Fatal(err)
	}
	b, findings := aftale.Load(dated)
	if b == nil {
		t.Fatal(findings)
	}
	if b.InForce(local(t, "2026-11-24T23:59:59")) || !b.InForce(local(t, "2026-11-25T00:00")) || b.SHA256 == a.SHA256 {
		t.Error("gyldig_fra does not decide")
	}
	if _, err := aftale.WithValidFrom(dated, day(t, "2026-11-26")); err == nil {
		t.Error("a second gyldig_fra was written")
	}
}

func version(t *testing.T, version, from, to string) *aftale.Agreement {
	t.Helper()
	_, content := aftale.Shipped()
	text := strings.Replace(string(content), `version: "2022"`, `version: "`+version+`"`, 1)
	if from != "" {
		text = strings.Replace(text, "kilde:", "gyldig_fra: "+from+"\nkilde:", 1)
	}
	if to != "" {
		text = strings.Replace(text, "kilde:", "gyldig_til: "+to+"\nkilde:", 1)
	}
	a, findings := aftale.Load([]byte(text))
	if a == nil {
		t.Fatal(findings)
	}
	return a
}

func TestBook(t *testing.T) {
	old, next, draft := version(t, "1", "2026-01-01", ""), version(t, "2", "2026-07-01", ""), version(t, "3", "", "")
	b, findings := aftale.NewBook(draft, old, next)
	if len(findings) != 0 {
		t.Fatal(findings)
	}
	for at, want := range map[string]string{
		"2025-12-31T23:59": "", "2026-01-01T00:00": "1", "2026-06-30T23:59": "1", "2026-07-01T00:00": "2", "2030-01-01T00:00": "2",
	} {
		a, ok := b.At(local(t, at), aftale.Parties{})
		if ok != (want != "") || ok && a.Version != want {
			t.Errorf("at %s: %v, want %q", at, a, want)
		}
	}
	if _, ok := b.At(local(t, "2026-07-01T00:00"), aftale.Parties{Region: "syddanmark"}); ok {
		t.Error("another region's letter got this agreement")
	}
	for _, pair := range [][2]*aftale.Agreement{
		{version(t, "1", "2026-01-01", "2026-08-01"), next}, {next, version(t, "2b", "2026-07-01", "")},
	} {
		if _, findings := aftale.NewBook(pair[0], pair[1]); len(findings) != 1 || findings[0].Rule != "AFT-DATE-03" {
			t.Errorf("overlap: %v", findings)
		}
	}
	if _, findings := aftale.NewBook(version(t, "1", "2026-01-01", "2026-07-01"), next); len(findings) != 0 {
		t.Errorf("one version to the day: %v", findings)
	}
}
