package aftale_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/kalender"
)

// shipped returns the agreement that comes with the program.
func shipped(t testing.TB) *aftale.Agreement {
	t.Helper()
	_, content := aftale.Shipped()
	a, findings := aftale.Load(content)
	for _, f := range findings {
		if f.Severity == brevdue.SeverityError {
			t.Fatalf("the shipped agreement: %+v", f)
		}
	}
	return a
}

func local(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := kalender.Local(brevdue.LocalTime(s))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// By when must a clinic have read a letter sent one second too late on a Friday?
func ExampleAgreement_Duty() {
	_, content := aftale.Shipped()
	a, _ := aftale.Load(content)
	sent, _ := kalender.Local("2026-11-27T14:30")
	duty := a.Duty(aftale.DutyInput{Receiver: brevdue.Clinic, Sent: sent})
	fmt.Println(duty.Due.Format(time.RFC3339))
	fmt.Println(duty.Sentence)
	// Output:
	// 2026-11-30T15:00:00+01:00
	// Afsendt fredag 27. november kl. 14.30, ikke før kl. 14.30. Klinik læser hverdage kl. 8–15 (lukket: lørdag, søndag): læses senest mandag 30. november kl. 15. Midtjylland 2022, § 6 (AGR-602).
}

// TestVectors is the table of the agreement's section 6.
func TestVectors(t *testing.T) {
	a := shipped(t)
	four := []brevdue.UnitKind{brevdue.Clinic, brevdue.RegionalSocial, brevdue.MunicipalSocial, brevdue.MunicipalHealth}
	for _, c := range []struct {
		sent  string
		kinds []brevdue.UnitKind
		due   string
	}{
		{"2026-11-27T14:29:59", four, "2026-11-27T15:00"},
		{"2026-11-27T14:30:00", four, "2026-11-30T15:00"},
		{"2026-11-27T14:30:00", []brevdue.UnitKind{brevdue.Ward}, "2026-11-28T15:00"},
		{"2026-11-28T10:00", []brevdue.UnitKind{brevdue.Ward}, "2026-11-28T15:00"},
		{"2026-04-01T14:45", []brevdue.UnitKind{brevdue.Clinic}, "2026-04-07T15:00"},
		{"2026-04-01T14:45", []brevdue.UnitKind{brevdue.Ward}, "2026-04-02T15:00"},
		{"2026-03-29T02:30", []brevdue.UnitKind{brevdue.Ward}, "2026-03-29T15:00"},
		{"2026-11-24T06:10", []brevdue.UnitKind{brevdue.Clinic}, "2026-11-24T15:00"},
		{"2026-11-27T11:00", []brevdue.UnitKind{brevdue.GP}, "2026-12-02T16:00"},
		{"2026-11-28T11:00", []brevdue.UnitKind{brevdue.GP}, "2026-12-03T16:00"},
	} {
		for _, kind := range c.kinds {
			d := a.Duty(aftale.DutyInput{Receiver: kind, Sent: local(t, c.sent), Services: aftale.ServicesNo})
			if !d.Due.Equal(local(t, c.due)) {
				t.Errorf("%s to %s: due %s, want %s", c.sent, kind, d.Due, c.due)
			}
			if d.Soft != (kind == brevdue.GP) {
				t.Errorf("%s: soft %v", kind, d.Soft)
			}
			if !d.Expected.IsZero() || !d.Breached.IsZero() {
				t.Errorf("%s has shift times", kind)
			}
		}
	}
	d := a.Duty(aftale.DutyInput{Receiver: brevdue.MunicipalHealth, Sent: local(t, "2026-11-24T22:50"), Services: aftale.ServicesYes})
	if !d.Expected.Equal(local(t, "2026-11-24T23:00")) || !d.Breached.Equal(local(t, "2026-11-25T07:00")) || !d.Due.Equal(d.Breached) || d.Rule != "AGR-604" {
		t.Errorf("shift: %+v", d)
	}
	if !strings.Contains(d.Sentence, "én gang i hver vagt") {
		t.Error(d.Sentence)
	}
}
