package aftale

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/kalender"
)

// secondRegion is the agreement of a region that does not exist: other limits,
// other windows, other shifts, other subjects.
func secondRegion(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile("testdata/fiktivland-2027.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func loadSecond(t *testing.T) *Agreement {
	t.Helper()
	a, findings := Load(secondRegion(t))
	if a == nil || len(findings) > 0 {
		t.Fatal(findings)
	}
	return a
}

// Nothing of the first region's agreement is code: another one gives other
// deadlines (AGR-601..607), hours among them.
func TestSecondRegion(t *testing.T) {
	a := loadSecond(t)
	tests := []struct {
		name, sent    string
		kind          brevdue.UnitKind
		due, expected string
	}{
		{"48 hours of every day", "2027-03-05 13:10", brevdue.Ward, "2027-03-07 13:10", ""},
		{"over the night that is an hour short", "2027-03-27 13:10", brevdue.Ward, "2027-03-29 14:10", ""},
		{"over the night that is an hour long", "2027-10-30 13:10", brevdue.Ward, "2027-11-01 12:10", ""},
		{"48 hours of working days, in the week", "2027-03-02 13:10", brevdue.Clinic, "2027-03-04 13:10", ""},
		{"the clock stands still at the weekend", "2027-03-05 13:10", brevdue.Clinic, "2027-03-09 13:10", ""},
		{"sent on a Saturday it starts on Monday", "2027-03-06 13:10", brevdue.Clinic, "2027-03-10 00:00", ""},
		{"a minute before the weekend", "2027-03-05 23:59", brevdue.Clinic, "2027-03-09 23:59", ""},
		{"at its first second", "2027-03-06 00:00", brevdue.Clinic, "2027-03-10 00:00", ""},
		{"over Easter", "2027-03-24 13:10", brevdue.Clinic, "2027-03-31 13:10", ""},
		{"Christmas eve is closed here", "2027-12-23 10:00", brevdue.Clinic, "2027-12-28 10:00", ""},
		{"and open where the switch is not set", "2027-12-23 10:00", brevdue.MunicipalSocial, "2027-12-27 10:00", ""},
		{"another window, before its cut-off", "2027-03-02 09:59", brevdue.RegionalSocial, "2027-03-02 12:00", ""},
		{"at its cut-off", "2027-03-02 10:00", brevdue.RegionalSocial, "2027-03-03 12:00", ""},
		{"two shifts a day", "2027-03-02 05:59", brevdue.MunicipalHealth, "2027-03-02 18:00", "2027-03-02 06:00"},
		{"at the start of the next", "2027-03-02 06:00", brevdue.MunicipalHealth, "2027-03-03 06:00", "2027-03-02 18:00"},
		{"five days for a practice", "2027-03-01 10:00", brevdue.GP, "2027-03-08 15:00", ""},
	}
	at := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		v, err := time.ParseInLocation("2006-01-02 15:04", s, kalender.Copenhagen())
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := DutyInput{Receiver: tt.kind, Sent: at(tt.sent), Arrived: at(tt.sent), Services: ServicesYes}
			d := a.Duty(in)
			if !d.Due.Equal(at(tt.due)) || !d.Expected.Equal(at(tt.expected)) {
				t.Errorf("due %s, expected %s; want %s, %s", d.Due.In(kalender.Copenhagen()), d.Expected, tt.due, tt.expected)
			}
			if !strings.Contains(d.Sentence, "Fiktivland 2027, punkt") || d.Agreement.ID != "fiktivland/brevaftale" {
				t.Errorf("the sentence does not name its agreement: %s", d.Sentence)
			}
			p := a.Promise(in.Sent, in)
			if !p.Duty.Due.Equal(d.Due) || !p.Changes.After(in.Sent) || p.Sentence == "" || p.SentenceEN == "" {
				t.Errorf("promise %+v", p)
			}
		})
	}
	if s := a.SortSubject("klarer sig  selv"); s.Subject != "Hjem uden hjælp" {
		t.Errorf("its own subjects are not known: %+v", s)
	}
	if s := a.SortSubject("Træning"); s.Row >= 0 && s.Subject == "Træning" {
		t.Errorf("the other region's subject is known: %+v", s)
	}
	if c := a.Call(kalender.Day{Year: 2027, Month: 3, Date: 5}, kalender.Day{Year: 2027, Month: 3, Date: 6}, ServicesNo); c.Required || c.Rule != "" {
		t.Errorf("it has no telephone rule: %+v", c)
	}
}

// The sentence of a limit in hours says what was counted.
func TestHoursSentence(t *testing.T) {
	a := loadSecond(t)
	sent := time.Date(2027, 3, 5, 13, 10, 0, 0, kalender.Copenhagen())
	d := a.Duty(DutyInput{Receiver: brevdue.Clinic, Sent: sent, Arrived: sent})
	const da = "Afsendt fredag 5. marts kl. 13.10. Klinikken læser inden 48 timer på hverdage (lukket: lørdag, søndag): læses senest tirsdag 9. marts kl. 13.10. Fiktivland 2027, punkt 4 (F-2)."
	const en = "Sent Friday 5 March 13:10. A clinic reads within 48 hours of working days (closed: Saturday, Sunday): to be read by Tuesday 9 March 13:10. Fiktivland 2027, punkt 4 (F-2)."
	if d.Sentence != da {
		t.Errorf("got  %s\nwant %s", d.Sentence, da)
	}
	if d.SentenceEN != en {
		t.Errorf("got  %s\nwant %s", d.SentenceEN, en)
	}
}

// A new agreement names content, category, subject and receiver for every line, or
// it stays a draft (AGR-504).
func TestNewAgreementNamesItsReceivers(t *testing.T) {
	dated := secondRegion(t)
	without := bytes.ReplaceAll(dated, []byte("    modtager_sor: Øens visitation\n"), nil)
	a, findings := Load(without)
	if a != nil || len(findings) != 1 || findings[0].Rule != "AFT-SUBJ-03" || findings[0].Pos.Line == 0 || findings[0].Ref != "AGR-504" {
		t.Errorf("with a date: %v", findings)
	}
	draft := bytes.ReplaceAll(without, []byte("gyldig_fra: \"2027-01-01\"\n"), nil)
	a, findings = Load(draft)
	if a == nil || !a.Draft() || len(findings) != 2 || findings[1].Rule != "AFT-SUBJ-06" || findings[1].Severity != brevdue.SeverityWarning {
		t.Errorf("as a draft: %v", findings)
	}
}
