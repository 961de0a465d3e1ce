package aftale

import (
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/kalender"
)

// The steps of a computation, for each kind of rule (AGR-601..607, Amb-20, Amb-24).
func TestExplain(t *testing.T) {
	_, content := Shipped()
	first, _ := Load(content)
	second := loadSecond(t)
	for _, tt := range []struct {
		name string
		a    *Agreement
		in   DutyInput
		sent string
		want string
	}{
		{"before the cut-off", first, DutyInput{Receiver: brevdue.Clinic}, "2026-11-27 14:29", `
Modtageren er klinik: AGR-602 siger hverdage kl. 8–15, afsendt før kl. 14.30 (§ 6).
Den tæller fra afsendelsen, fredag 27. november kl. 14.29.
Det er en læsedag og før kl. 14.30: brevet læses samme dag.
Læses senest fredag 27. november kl. 15 (AGR-602).`},
		{"at the cut-off, before a weekend", first, DutyInput{Receiver: brevdue.Clinic}, "2026-11-27 14:30", `
Modtageren er klinik: AGR-602 siger hverdage kl. 8–15, afsendt før kl. 14.30 (§ 6).
Den tæller fra afsendelsen, fredag 27. november kl. 14.30.
Det er en læsedag, men ikke før kl. 14.30: brevet læses den næste læsedag.
Lørdag 28. november tæller ikke: lørdag.
Søndag 29. november tæller ikke: søndag.
Læses senest mandag 30. november kl. 15 (AGR-602).`},
		{"on a closed day", first, DutyInput{Receiver: brevdue.MunicipalSocial}, "2026-12-24 10:00", `
Modtageren er kommunalt socialområde: AGR-606 siger hverdage kl. 8–15, afsendt før kl. 14.30 (§ 6).
Den tæller fra afsendelsen, torsdag 24. december kl. 10.
Torsdag 24. december er ikke en læsedag: juleaften.
Fredag 25. december tæller ikke: juledag.
Lørdag 26. december tæller ikke: 2. juledag.
Søndag 27. december tæller ikke: søndag.
Læses senest mandag 28. december kl. 15 (AGR-606).`},
		{"nobody knows whether there are services", first, DutyInput{Receiver: brevdue.MunicipalHealth}, "2026-11-24 22:50", `
Modtageren er kommunalt sundhedsområde (borgeren modtager ydelser): AGR-604 siger én gang i hver vagt (§ 6).
Den tæller fra afsendelsen, tirsdag 24. november kl. 22.50.
Vagterne begynder kl. 7, kl. 15, kl. 23.
Vagten slutter tirsdag 24. november kl. 23: da forventes brevet læst. Den næste slutter onsdag 25. november kl. 7: da skal det være læst.
Efter AGR-604 er fristen onsdag 25. november kl. 7.
Modtageren er kommunalt sundhedsområde (borgeren modtager ikke ydelser): AGR-605 siger hverdage kl. 8–15, afsendt før kl. 14.30 (§ 6).
Den tæller fra afsendelsen, tirsdag 24. november kl. 22.50.
Det er en læsedag, men ikke før kl. 14.30: brevet læses den næste læsedag.
Efter AGR-605 er fristen onsdag 25. november kl. 15.
Det er ikke oplyst, om borgeren modtager kommunale ydelser: den seneste af fristerne gælder.
Læses senest onsdag 25. november kl. 15 (AGR-605).`},
		{"general practice", first, DutyInput{Receiver: brevdue.GP}, "2026-11-28 11:00", `
Modtageren er almen praksis: AGR-607 siger svar normalt inden 3 hverdage, vejledende (lukker kl. 16) (§ 6).
Den tæller fra modtagelsen, lørdag 28. november kl. 11.
Dag nul er mandag 30. november.
Lørdag 28. november tæller ikke: lørdag.
Søndag 29. november tæller ikke: søndag.
Læses senest torsdag 3. december kl. 16 (AGR-607).`},
		{"a hospital unit of unknown class", first, DutyInput{Receiver: brevdue.Hospital}, "2026-11-28 14:30", `
Det er ikke oplyst, om enheden er et sengeafsnit eller en klinik: den læser som et sengeafsnit.
Modtageren er sengeafsnit: AGR-601 siger alle dage kl. 8–15, afsendt før kl. 14.30 (§ 6).
Den tæller fra afsendelsen, lørdag 28. november kl. 14.30.
Det er en læsedag, men ikke før kl. 14.30: brevet læses den næste læsedag.
Læses senest søndag 29. november kl. 15 (AGR-601).`},
		{"hours", second, DutyInput{Receiver: brevdue.Clinic}, "2027-03-05 13:10", `
Modtageren er klinik: F-2 siger inden 48 timer på hverdage (punkt 4).
Den tæller fra afsendelsen, fredag 5. marts kl. 13.10.
Lørdag 6. marts tæller ikke: lørdag.
Søndag 7. marts tæller ikke: søndag.
Læses senest tirsdag 9. marts kl. 13.10 (F-2).`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, err := time.ParseInLocation("2006-01-02 15:04", tt.sent, kalender.Copenhagen())
			if err != nil {
				t.Fatal(err)
			}
			tt.in.Sent, tt.in.Arrived = at, at
			var got strings.Builder
			for _, s := range tt.a.Explain(tt.in) {
				got.WriteString("\n" + s.Text)
				if s.TextEN == "" || strings.Contains(s.Text+s.TextEN, "%!") {
					t.Errorf("in English: %q", s.TextEN)
				}
			}
			if got.String() != tt.want {
				t.Errorf("got%s\nwant%s", got.String(), tt.want)
			}
		})
	}
	if s := first.Explain(DutyInput{Receiver: "harbour"}); s != nil {
		t.Errorf("a kind nobody knows is explained: %v", s)
	}
}
