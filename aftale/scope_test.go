package aftale

import (
	"slices"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/kalender"
)

func shippedInside(t *testing.T) *Agreement {
	t.Helper()
	_, content := Shipped()
	a, findings := Load(content)
	if a == nil {
		t.Fatal(findings)
	}
	return a
}

// The parties are of four sides, each unit of exactly one (AGR-101), and psychiatry is
// hospital (AGR-609).
func TestSidesOfTheAgreement(t *testing.T) {
	a := shippedInside(t)
	for _, k := range brevdue.RegisteredKinds() {
		n := 0
		for _, s := range sides {
			if k.Sector() == s.side {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s is of %d sides", k, n)
		}
	}
	i := slices.IndexFunc(a.Parties, func(p Party) bool { return p.Name == "Psykiatrien" })
	if i < 0 || a.Parties[i].Side != brevdue.SectorHospital {
		t.Errorf("psychiatry is %+v", a.Parties)
	}
}

// The kind of a municipal unit decides the deadline (AGR-102): on a Saturday home care
// reads for those it serves and the social area does not.
func TestMunicipalAreasDiffer(t *testing.T) {
	a := shippedInside(t)
	sent := time.Date(2026, 11, 28, 10, 0, 0, 0, kalender.Copenhagen())
	due := func(k brevdue.UnitKind) string {
		return a.Duty(DutyInput{Receiver: k, Sent: sent, Services: ServicesYes}).Due.In(kalender.Copenhagen()).Format("Mon 15.04")
	}
	if health, social := due(brevdue.MunicipalHealth), due(brevdue.MunicipalSocial); health != "Sat 23.00" || social != "Mon 15.00" {
		t.Errorf("health %s, social %s", health, social)
	}
}

// A municipal area that the agreement does not name reads as for citizens without
// services, whatever is known of the citizen, and the sentence says that it is not
// named (Amb-21).
func TestAreaThatIsNotNamed(t *testing.T) {
	a := shippedInside(t)
	for _, services := range []Services{ServicesYes, ServicesNo, ServicesUnknown} {
		for _, c := range []struct {
			day, hour, min int
			due            string
		}{{27, 14, 29, "27 15:00"}, {27, 14, 30, "30 15:00"}, {28, 10, 0, "30 15:00"}} {
			sent := time.Date(2026, 11, c.day, c.hour, c.min, 0, 0, kalender.Copenhagen())
			in := DutyInput{Receiver: brevdue.MunicipalOther, Sent: sent, Arrived: sent, Services: services}
			d := a.Duty(in)
			if got := d.Due.In(kalender.Copenhagen()).Format("2 15:04"); got != c.due || d.Rule != "AGR-605" || !strings.Contains(d.Sentence, "Aftalen nævner ikke") || !strings.Contains(d.SentenceEN, "does not name") {
				t.Errorf("%v, %s: due %s by %s (%s)", sent, services, got, d.Rule, d.Sentence)
			}
			if steps := a.Explain(in); len(steps) == 0 || !strings.Contains(steps[0].Text, "nævner ikke") {
				t.Errorf("steps %+v", steps)
			}
			if p := a.Promise(sent, in); !p.Duty.Due.Equal(d.Due) {
				t.Errorf("promised %s, owed %s", p.Duty.Due, d.Due)
			}
		}
	}
	da, _ := a.Reads(brevdue.MunicipalOther)
	if da != "Læser hverdage kl. 8–15" {
		t.Errorf("reads %q", da)
	}
	if rules := a.RulesOf(brevdue.MunicipalOther); len(rules) != 1 || rules[0].Rule != "AGR-605" {
		t.Errorf("rules %+v", rules)
	}
}

// A hospital unit of unknown class owes what a ward does and is promised what a clinic
// does (Amb-24): on a Saturday they differ by two days.
func TestHospitalUnitOfUnknownClass(t *testing.T) {
	a := shippedInside(t)
	sent := time.Date(2026, 11, 28, 10, 0, 0, 0, kalender.Copenhagen())
	in := DutyInput{Receiver: brevdue.Hospital, Sent: sent, Arrived: sent}
	owed, promised := a.Duty(in), a.Promise(sent, in).Duty
	if owed.Rule != "AGR-601" || owed.Due.Day() != 28 || promised.Rule != "AGR-602" || promised.Due.Day() != 30 {
		t.Errorf("owed %s %s, promised %s %s", owed.Rule, owed.Due, promised.Rule, promised.Due)
	}
	if rules := a.RulesOf(brevdue.Hospital); len(rules) != 1 || rules[0].Rule != "AGR-601" {
		t.Errorf("rules %+v", rules)
	}
}

// What the text leaves open is said in the file: no date of its own (Amb-1), its list
// of standards longer than the text's examples (Amb-2), SFI where the annex has it
// (Amb-9), the number of location numbers (Amb-10), where text and annex differ
// (Amb-11), and who to turn to (AGR-1002, Amb-25).
func TestWhatTheFileSaysOfTheText(t *testing.T) {
	a := shippedInside(t)
	if !a.Draft() || a.InForce(time.Date(2022, 6, 1, 12, 0, 0, 0, time.UTC)) {
		t.Error("Amb-1: the shipped text is in force by itself")
	}
	listed, added := 0, 0
	for _, s := range a.Standards {
		if s.Listed {
			listed++
		} else {
			added++
		}
	}
	if listed == 0 || added == 0 {
		t.Errorf("Amb-2: %d standards of the text, %d added", listed, added)
	}
	sfi := 0
	for _, r := range a.Rows {
		if strings.Contains(strings.Join(r.Examples, " "), "SFI") {
			sfi++
		}
	}
	if sfi != 3 {
		t.Errorf("Amb-9: SFI stands at %d subjects", sfi)
	}
	if a.MaxNumbers != 6 {
		t.Errorf("Amb-10: %d location numbers", a.MaxNumbers)
	}
	for _, want := range []string{"Hovedteksten går forud", "14.30", "ydelseskoden", "tre dage"} {
		if !slices.ContainsFunc(a.Notes, func(n string) bool { return strings.Contains(n, want) }) {
			t.Errorf("Amb-11: no note on %q", want)
		}
	}
	if a.Contact == "" || loadSecond(t).Contact != "" {
		t.Errorf("AGR-1002, Amb-25: contact %q here, %q there", a.Contact, loadSecond(t).Contact)
	}
}

// Working days are Monday to Friday without public holidays, and three more days a
// switch each (Amb-12).
func TestSwitchesOfWorkingDays(t *testing.T) {
	_, content := Shipped()
	for _, c := range []struct{ word, day string }{{"grundlovsdag", "2026-06-05"}, {"juleaften", "2026-12-24"}, {"nytårsaften", "2026-12-31"}} {
		day, err := kalender.ParseDay(c.day)
		if err != nil {
			t.Fatal(err)
		}
		sent := day.At(9 * 60)
		for _, on := range []bool{true, false} {
			text := string(content)
			if !on {
				text = strings.ReplaceAll(text, c.word+": ja", c.word+": nej")
			}
			a, findings := Load([]byte(text))
			if a == nil {
				t.Fatal(findings)
			}
			due := a.Duty(DutyInput{Receiver: brevdue.Clinic, Sent: sent}).Due
			if same := kalender.DayOf(due) == day; same == on {
				t.Errorf("%s closed %t: due %s", c.word, on, due)
			}
		}
	}
}

// The telephone rule speaks when the next day is closed, or the day itself (Amb-19),
// and the letter follows under the exemption too (Amb-18).
func TestUpToClosedDays(t *testing.T) {
	a := shippedInside(t)
	for _, c := range []struct {
		day    string
		speaks bool
	}{
		{"2026-11-26", false}, {"2026-11-27", true}, {"2026-11-28", true}, {"2026-11-29", true}, {"2026-11-30", false},
		{"2026-12-22", false}, {"2026-12-23", true}, {"2026-12-24", true}, {"2026-04-01", true}, {"2026-03-31", false}, {"2026-06-04", true},
	} {
		day, err := kalender.ParseDay(c.day)
		if err != nil {
			t.Fatal(err)
		}
		call := a.Call(day, day, ServicesNo)
		if call.Required != c.speaks || call.LetterRequired != c.speaks {
			t.Errorf("%s: %+v", c.day, call)
		}
		later := a.Call(day, day.Add(30), ServicesNo)
		if later.Required || later.LetterRequired != c.speaks {
			t.Errorf("AGR-703 %s, need much later: %+v", c.day, later)
		}
	}
}
