package aftale_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/kalender"
)

// TestSentence: a reader can recompute the time from the sentence (F12).
func TestSentence(t *testing.T) {
	a := shipped(t)
	for _, c := range []struct {
		in     aftale.DutyInput
		da, en string
	}{
		{aftale.DutyInput{Receiver: brevdue.Ward, Sent: local(t, "2026-11-24T14:29")},
			"Afsendt tirsdag 24. november kl. 14.29, før kl. 14.30. Sengeafsnit læser alle dage kl. 8–15: læses senest tirsdag 24. november kl. 15. Midtjylland 2022, § 6 (AGR-601).",
			"Sent Tuesday 24 November 14:29, before 14:30. A ward reads every day 8:00–15:00: to be read by Tuesday 24 November 15:00. Midtjylland 2022, § 6 (AGR-601)."},
		{aftale.DutyInput{Receiver: brevdue.MunicipalSocial, Sent: local(t, "2026-04-03T10:00")},
			"Afsendt fredag 3. april kl. 10.00, som ikke er en læsedag (langfredag). Kommunens socialområde læser hverdage kl. 8–15, samme dag, når brevet er afsendt før kl. 14.30 (lukket: lørdag, påskedag, 2. påskedag): læses senest tirsdag 7. april kl. 15. Midtjylland 2022, § 6 (AGR-606).",
			"Sent Friday 3 April 10:00, which is not a reading day (Good Friday). The municipality's social area reads on working days 8:00–15:00, the same day when sent before 14:30 (closed: Saturday, Easter Sunday, Easter Monday): to be read by Tuesday 7 April 15:00. Midtjylland 2022, § 6 (AGR-606)."},
		{aftale.DutyInput{Receiver: brevdue.MunicipalHealth, Services: aftale.ServicesYes, Sent: local(t, "2026-11-24T22:50")},
			"Afsendt tirsdag 24. november kl. 22.50 i vagten kl. 15–23. Kommunens sundheds- og ældreområde læser én gang i hver vagt, når borgeren modtager kommunale ydelser: forventes læst, inden vagten slutter tirsdag 24. november kl. 23, og skal være læst, når den næste vagt slutter onsdag 25. november kl. 7. Midtjylland 2022, § 6 (AGR-604).",
			"Sent Tuesday 24 November 22:50 in the shift 15:00–23:00. The municipality's health and elder area reads once in every shift when the citizen receives municipal services: expected by the end of the shift, Tuesday 24 November 23:00, and due at the end of the next, Wednesday 25 November 7:00. Midtjylland 2022, § 6 (AGR-604)."},
		{aftale.DutyInput{Receiver: brevdue.GP, Sent: local(t, "2026-12-30T10:00")},
			"Modtaget onsdag 30. december kl. 10.00. Almen praksis læser løbende på hverdage og svarer normalt inden 3 hverdage, regnet fra onsdag 30. december (lukket: nytårsaften, nytårsdag, lørdag, søndag): senest onsdag 6. januar 2027 kl. 16. Fristen er vejledende. Midtjylland 2022, § 6 (AGR-607).",
			"Received Wednesday 30 December 10:00. General practice reads throughout working days and usually answers within 3 working days, counted from Wednesday 30 December (closed: New Year's Eve, New Year's Day, Saturday, Sunday): by Wednesday 6 January 2027 16:00. The deadline is a guide. Midtjylland 2022, § 6 (AGR-607)."},
		{aftale.DutyInput{Receiver: brevdue.MunicipalHealth, Sent: local(t, "2026-11-24T10:00")},
			"Afsendt tirsdag 24. november kl. 10.00 i vagten kl. 7–15. Kommunens sundheds- og ældreområde læser én gang i hver vagt, når borgeren modtager kommunale ydelser: forventes læst, inden vagten slutter tirsdag 24. november kl. 15, og skal være læst, når den næste vagt slutter tirsdag 24. november kl. 23. Midtjylland 2022, § 6 (AGR-604). Det er ikke oplyst, om borgeren modtager kommunale ydelser; den seneste af de to frister gælder (den anden er tirsdag 24. november kl. 15, AGR-605).",
			"Sent Tuesday 24 November 10:00 in the shift 7:00–15:00. The municipality's health and elder area reads once in every shift when the citizen receives municipal services: expected by the end of the shift, Tuesday 24 November 15:00, and due at the end of the next, Tuesday 24 November 23:00. Midtjylland 2022, § 6 (AGR-604). It is not known whether the citizen receives municipal services; the later of the two deadlines counts (the other is Tuesday 24 November 15:00, AGR-605)."},
	} {
		d := a.Duty(c.in)
		if d.Sentence != c.da {
			t.Errorf("got  %s\nwant %s", d.Sentence, c.da)
		}
		if d.SentenceEN != c.en {
			t.Errorf("got  %s\nwant %s", d.SentenceEN, c.en)
		}
	}
}

// TestSentenceNamesEverything walks half a year: whatever the case, the sentence
// names window and cut-off (or shift, or the days of an answer), the due time, and
// the agreement's version and paragraph; the English one has no Danish left in it.
func TestSentenceNamesEverything(t *testing.T) {
	a := shipped(t)
	danish := regexp.MustCompile(`[æøåÆØÅ]|dag\b|aften|kl\.`)
	for at := local(t, "2026-03-20T00:11"); at.Before(local(t, "2027-01-08T00:00")); at = at.Add(1031 * time.Minute) {
		for _, kind := range brevdue.UnitKinds() {
			for _, services := range []aftale.Services{aftale.ServicesYes, aftale.ServicesNo, aftale.ServicesUnknown} {
				d := a.Duty(aftale.DutyInput{Receiver: kind, Sent: at, Services: services})
				due := kalender.DayDA(kalender.DayOf(d.Due), at)
				da, en := []string{due, "Midtjylland 2022, § 6 (" + d.Rule + ")"}, []string{"Midtjylland 2022, § 6 (" + d.Rule + ")"}
				switch d.Rule {
				case "AGR-604":
					da, en = append(da, "i hver vagt", kalender.DayDA(kalender.DayOf(d.Expected), at)), append(en, "in every shift")
				case "AGR-607":
					da, en = append(da, "3 hverdage", "vejledende"), append(en, "3 working days", "guide")
				default:
					da, en = append(da, "kl. 8–15", "kl. 14.30", "senest "+due+" kl. 15"), append(en, "8:00–15:00", "14:30")
				}
				for _, want := range da {
					if !strings.Contains(d.Sentence, want) {
						t.Fatalf("%s sent %s: %q does not say %q", kind, at, d.Sentence, want)
					}
				}
				for _, want := range en {
					if !strings.Contains(d.SentenceEN, want) {
						t.Fatalf("%s sent %s: %q does not say %q", kind, at, d.SentenceEN, want)
					}
				}
				if m := danish.FindString(d.SentenceEN); m != "" {
					t.Fatalf("%q has %q in it", d.SentenceEN, m)
				}
			}
		}
	}
}

// What a writer sees at 14.29.59 and a second later.
func ExampleAgreement_Promise() {
	_, content := aftale.Shipped()
	a, _ := aftale.Load(content)
	for _, clock := range []brevdue.LocalTime{"2026-11-27T14:29:59", "2026-11-27T14:30:00"} {
		now, _ := kalender.Local(clock)
		p := a.Promise(now, aftale.DutyInput{Receiver: brevdue.Clinic})
		fmt.Println(p.Sentence, kalender.LocalOf(p.Changes))
	}
	// Output:
	// Læses senest i dag kl. 15, når brevet er afsendt før kl. 14.30. 2026-11-27T14:30
	// Læses man. 30. nov. kl. 8–15. Haster det, så ring. 2026-11-30T14:30
}

// TestPromise is written by hand (F13).
func TestPromise(t *testing.T) {
	a := shipped(t)
	for _, c := range []struct {
		now          string
		kind         brevdue.UnitKind
		services     aftale.Services
		due, changes string
		sentence     string
	}{
		{"2026-11-24T14:29:59", brevdue.Clinic, "", "2026-11-24T15:00", "2026-11-24T14:30", "Læses senest i dag kl. 15, når brevet er afsendt før kl. 14.30."},
		{"2026-11-24T14:30:00", brevdue.Clinic, "", "2026-11-25T15:00", "2026-11-25T14:30", "Læses i morgen kl. 8–15. Haster det, så ring."},
		{"2026-11-27T14:30:00", brevdue.Clinic, "", "2026-11-30T15:00", "2026-11-30T14:30", "Læses man. 30. nov. kl. 8–15. Haster det, så ring."},
		{"2026-12-30T14:30:00", brevdue.Clinic, "", "2027-01-04T15:00", "2027-01-04T14:30", "Læses man. 4. jan. 2027 kl. 8–15. Haster det, så ring."},
		{"2026-11-28T10:00:00", brevdue.Ward, "", "2026-11-28T15:00", "2026-11-28T14:30", "Læses senest i dag kl. 15, når brevet er afsendt før kl. 14.30."},
		{"2026-11-27T11:00:00", brevdue.GP, "", "2026-12-02T16:00", "2026-11-28T00:00", "Læses løbende på hverdage; svar kan ventes senest ons. 2. dec. kl. 16.00 (vejledende)."},
		{"2026-11-24T14:50:00", brevdue.MunicipalHealth, "yes", "2026-11-24T23:00", "2026-11-24T15:00", "Forventes læst senest i dag kl. 15.00 og skal være læst senest i dag kl. 23.00."},
		{"2026-11-24T14:50:00", brevdue.MunicipalHealth, "no", "2026-11-25T15:00", "2026-11-25T14:30", "Læses i morgen kl. 8–15. Haster det, så ring."},
		// Services unknown: the cut-off of the one rule ends the promise of the other.
		{"2026-11-24T14:20:00", brevdue.MunicipalHealth, "", "2026-11-24T23:00", "2026-11-24T14:30", "Forventes læst senest i dag kl. 15.00 og skal være læst senest i dag kl. 23.00."},
		// At 23 both rules say the next day at 15; the shift rule, which says more, is named.
		{"2026-11-24T14:30:00", brevdue.MunicipalHealth, "", "2026-11-25T15:00", "2026-11-24T23:00", "Læses i morgen kl. 8–15. Haster det, så ring."},
		// A hospital unit of unknown class promises no more than a clinic (Amb-24).
		{"2026-11-27T14:30:00", brevdue.Hospital, "", "2026-11-30T15:00", "2026-11-30T14:30", "Læses man. 30. nov. kl. 8–15. Haster det, så ring."},
	} {
		p := a.Promise(local(t, c.now), aftale.DutyInput{Receiver: c.kind, Services: c.services})
		if !p.Duty.Due.Equal(local(t, c.due)) || !p.Changes.Equal(local(t, c.changes)) || p.Sentence != c.sentence || p.SentenceEN == "" {
			t.Errorf("%s at %s: due %s, changes %s, %q", c.kind, c.now, p.Duty.Due, p.Changes, p.Sentence)
		}
	}
	if p := a.Promise(local(t, "2026-11-24T10:00"), aftale.DutyInput{Receiver: "dentist"}); p != (aftale.Promise{}) {
		t.Errorf("a kind the agreement does not know is promised %+v", p)
	}
}

// TestPromiseHolds: what is promised holds to the last second before it changes,
// and not a second longer, over Easter and both nights when the clock changes.
func TestPromiseHolds(t *testing.T) {
	a := shipped(t)
	for _, span := range [][2]string{{"2026-03-27T00:00", "2026-04-08T00:00"}, {"2026-10-23T00:00", "2026-10-27T00:00"}, {"2026-12-22T00:00", "2026-12-29T00:00"}} {
		for at := local(t, span[0]); at.Before(local(t, span[1])); at = at.Add(157 * time.Minute) {
			for _, kind := range append(brevdue.UnitKinds(), brevdue.Hospital) {
				for _, services := range []aftale.Services{aftale.ServicesYes, aftale.ServicesNo, aftale.ServicesUnknown} {
					in := aftale.DutyInput{Receiver: kind, Services: services}
					p := a.Promise(at, in)
					before, after := a.Promise(p.Changes.Add(-time.Second), in).Duty, a.Promise(p.Changes, in).Duty
					if !p.Changes.After(at) || !before.Due.Equal(p.Duty.Due) || before.Rule != p.Duty.Rule {
						t.Fatalf("%s, services %s, at %s: %s by %s; just before %s it is %s by %s", kind, services, at, p.Duty.Due, p.Duty.Rule, p.Changes, before.Due, before.Rule)
					}
					if after.Due.Equal(p.Duty.Due) && after.Rule == p.Duty.Rule {
						t.Fatalf("%s, services %s, at %s: nothing changes at %s", kind, services, at, p.Changes)
					}
				}
			}
		}
	}
}

// TestNextWindow is what an empty inbox says.
func TestNextWindow(t *testing.T) {
	a := shipped(t)
	for _, c := range []struct {
		now    string
		kind   brevdue.UnitKind
		da, en string
	}{
		{"2026-11-24T10:00", brevdue.Clinic, "tirsdag 24. november kl. 8–15", "Tuesday 24 November 8:00–15:00"},
		{"2026-11-24T15:00", brevdue.Clinic, "onsdag 25. november kl. 8–15", "Wednesday 25 November 8:00–15:00"},
		{"2026-11-27T15:00", brevdue.Clinic, "mandag 30. november kl. 8–15", "Monday 30 November 8:00–15:00"},
		{"2026-11-27T15:00", brevdue.Ward, "lørdag 28. november kl. 8–15", "Saturday 28 November 8:00–15:00"},
		{"2026-11-27T15:00", brevdue.Hospital, "lørdag 28. november kl. 8–15", "Saturday 28 November 8:00–15:00"},
		{"2026-11-24T22:00", brevdue.MunicipalHealth, "denne vagt, som slutter tirsdag 24. november kl. 23", "this shift, which ends Tuesday 24 November 23:00"},
		{"2026-11-28T10:00", brevdue.GP, "løbende mandag 30. november", "throughout Monday 30 November"},
	} {
		if da, en := a.NextWindow(c.kind, nil, local(t, c.now)); da != c.da || en != c.en {
			t.Errorf("%s at %s: %q, %q", c.kind, c.now, da, en)
		}
	}
	for kind, want := range map[brevdue.UnitKind]string{
		brevdue.Ward: "Læser alle dage kl. 8–15", brevdue.Clinic: "Læser hverdage kl. 8–15", brevdue.Hospital: "Læser hverdage kl. 8–15",
		brevdue.MunicipalHealth: "Læser én gang i hver vagt (borgere med ydelser)", brevdue.GP: "Læser løbende på hverdage", "dentist": "",
	} {
		if da, en := a.Reads(kind); da != want || (en == "") != (want == "") {
			t.Errorf("%s: %q, %q", kind, da, en)
		}
	}
}
