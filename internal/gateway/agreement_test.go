package gateway

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// F23, Amb-7: a letter goes to its subject however the sender wrote it, in both
// formats; what fits nothing is in the tray with its deadline running.
func TestLettersAreSortedOnReceipt(t *testing.T) {
	w := worldB(t) // a municipality: the table is about letters to it
	const tray = ""
	for i, c := range []struct{ subject, group, category string }{
		{"Medicin", "Medicin", "Medicin"},
		{"  MEDICIN ", "Medicin", "Medicin"},
		{"Visitation- kommune", "Visitation-kommune", "Visitation-kommune"},
		{"Sygepleje – kommune", "Sygepleje-kommune", "Sygepleje-kommune"},
		{"Terminalerklæring", "Terminal erklæring", "Andet"},
		{"Udskrivningsstatus - Barn", "Udskrivningsstatus – Barn", "Andet"},
		{"Træning,Træning", "Træning", "Træning"},
		{"Sygepleje,Sygepleje-kommune", "Sygepleje-kommune", "Sygepleje-kommune"},
		{"Psykiatri, social, handicap,Forløbskoordinering i psykiatrien", "Forløbskoordinering i psykiatrien", "Psykiatri"},
		{"Opfølgende hjemmebesøg, Screeningsskema", "Opfølgende hjemmebesøg", "Opfølgende hjemmebesøg"},
		{"Ukendt emne", tray, ""},
		{"Andet", tray, "Andet"},
		{"Vedr. transport", tray, ""},
	} {
		for _, kind := range []brevdue.Kind{brevdue.DIS91, brevdue.XDIS91} {
			d := draft{kind: kind, env: fmt.Sprintf("K%d%s", i, kind), ids: []string{fmt.Sprintf("S%d%s", i, kind[:1])}, from: clinic, to: homecare, subject: c.subject}
			w.receive(d.bytes(t))
			all := w.letters()
			l := all[len(all)-1]
			if l.Group != c.group || l.Category != c.category || l.Status != brevdue.Unread {
				t.Errorf("%s %q: sorts to %q in %q, state %s; want %q in %q", kind, c.subject, l.Group, l.Category, l.Status, c.group, c.category)
			}
			if (l.GroupOrder == trayOrder) != (c.group == tray) {
				t.Errorf("%q: place %d in the inbox", c.subject, l.GroupOrder)
			}
			if l.Duty == nil || l.Duty.Due.IsZero() || l.Duty.Rule != "AGR-605" {
				t.Errorf("%q: no deadline runs: %+v", c.subject, l.Duty)
			}
		}
	}
	w.sound()
}

// AGR-604, AGR-605, Amb-20: what the unit knows of the citizen goes before what
// holds for its citizens as a rule, for letters that come later; it is the unit's
// own and says nothing to another.
func TestKnownServicesJudgeLaterLetters(t *testing.T) {
	for _, c := range []struct{ rule, known, want string }{
		{"no", "", "AGR-605"}, {"no", "yes", "AGR-604"}, {"no", "no", "AGR-605"},
		{"yes", "", "AGR-604"}, {"yes", "no", "AGR-605"},
		{"yes", "unknown", "AGR-604"}, {"no", "unknown", "AGR-604"}, // at 9.30 the shift is the later of the two
	} {
		u := homecareUnit()
		u.Services = c.rule
		w := newWorld(t, "BBB", Network{}, u)
		w.update(func(tx store.Tx) error {
			if c.known == "" {
				return nil
			}
			if err := tx.UnitFacts().PutServices(w.ctx, store.Services{Unit: clinic, Citizen: testCPR, Value: "no"}); err != nil {
				return err
			}
			return tx.UnitFacts().PutServices(w.ctx, store.Services{Unit: homecare, Citizen: testCPR, Value: c.known, By: "Bo", At: w.now})
		})
		w.receive(draft{from: clinic, to: homecare}.bytes(t), draft{from: clinic, to: homecare, env: "K2", ids: []string{"B2"}, cpr: "2512489996"}.bytes(t))
		if got := w.letter(1).Duty.Rule; got != c.want {
			t.Errorf("rule %q, known %q: judged by %s, want %s", c.rule, c.known, got, c.want)
		}
		if got, want := w.letter(2).Duty.Rule, map[string]string{"no": "AGR-605", "yes": "AGR-604"}[c.rule]; got != want {
			t.Errorf("another citizen is judged by %s, want %s", got, want)
		}
		w.sound()
	}
}

// Amb-15: a letter that was long under way keeps when it would have been due.
func TestLateTransportIsKept(t *testing.T) {
	w := worldA(t)
	w.receive(draft{sent: "2026-11-23T09:30"}.bytes(t), draft{env: "K2", ids: []string{"B2"}, sent: "2026-11-24T09:30"}.bytes(t))
	if d := w.letter(1).Duty; !d.Due.Equal(danish(23, 15, 0)) || !d.Fair.Equal(danish(24, 15, 0)) {
		t.Errorf("due %s, fair %s", d.Due, d.Fair)
	}
	if d := w.letter(2).Duty; !d.Fair.IsZero() {
		t.Errorf("the way was quick, and yet fair is %s", d.Fair)
	}
	w.sound()
}

// danish is a time in November 2026.
func danish(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, kalender.Copenhagen())
}

// The first rule that fits decides the team, and the timeline says so; a refused
// letter goes to nobody.
func TestLettersAreRoutedOnReceipt(t *testing.T) {
	w := worldB(t)
	w.update(func(tx store.Tx) error {
		return tx.UnitFacts().PutRoutes(w.ctx, homecare, []store.Route{
			{Subject: "Medicin", Sender: clinic, Team: "Medicin fra klinikken"},
			{Subject: "Medicin", Team: "Medicin"},
			{Subject: store.RouteTray, Team: "Bakken"},
			{Municipality: "8200-8299, Viborg", Team: "Nord"},
		})
	})
	addressed := func(d draft, code, district string) []byte {
		m := d.message()
		m.Letters[0].Patient.PostCode, m.Letters[0].Patient.District = code, district
		return encoded(t, m)
	}
	for i, c := range []struct {
		data []byte
		team string
	}{
		{draft{from: clinic}.bytesTo(t, 1), "Medicin fra klinikken"},
		{draft{from: ward}.bytesTo(t, 2), "Medicin"},
		{draft{from: clinic, subject: "Vedr. transport"}.bytesTo(t, 3), "Bakken"},
		{draft{from: clinic, subject: "Træning"}.bytesTo(t, 4), ""},
		{addressed(draft{from: clinic, subject: "Træning"}.nth(5), "8240", "Risskov"), "Nord"},
		{addressed(draft{from: clinic, subject: "Træning"}.nth(6), "8800", "Viborg"), "Nord"},
		{addressed(draft{from: clinic, subject: "Træning"}.nth(7), "8000", "Aarhus C"), ""},
		{draft{from: ward}.nth(8).broken(t), ""},
	} {
		w.receive(c.data)
		l := w.letter(int64(i + 1))
		if l.Team != c.team {
			t.Errorf("letter %d goes to %q, want %q", i+1, l.Team, c.team)
		}
		if routed := strings.Contains(w.events(l.ID), "team"); routed != (c.team != "") {
			t.Errorf("letter %d: timeline %s", i+1, w.events(l.ID))
		}
	}
	w.sound()
}

// nth makes the draft the n-th letter to home care.
func (d draft) nth(n int) draft {
	d.to, d.env, d.ids = homecare, fmt.Sprintf("K%d", n), []string{fmt.Sprintf("R%d", n)}
	return d
}

func (d draft) bytesTo(t *testing.T, n int) []byte { return d.nth(n).bytes(t) }

// AGR-1003: of two agreements in force the narrower one for the parties judges a
// letter, and the letter stays pinned to its text when that agreement is gone.
func TestNarrowerAgreementJudges(t *testing.T) {
	w := worldB(t)
	content, err := os.ReadFile("../../aftale/testdata/fiktivland-2027.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for old, new := range map[string]string{`gyldig_fra: "2027-01-01"`: `gyldig_fra: "2026-01-01"`, "[Nordø, Sydø]": "[Prøvekøbing]"} {
		content = bytes.Replace(content, []byte(old), []byte(new), 1)
	}
	narrow, findings := aftale.Load(content)
	if narrow == nil {
		t.Fatal(findings)
	}
	wide := w.gw.Books()
	both, findings := aftale.NewBook(append(wide.All(), narrow)...)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	receive := func(env string) *store.Letter {
		w.receive(draft{kind: brevdue.XDIS91, env: env, ids: []string{"L" + env}, from: clinic, to: homecare, subject: "Hjem uden hjælp"}.bytes(t))
		all := w.letters()
		return all[len(all)-1]
	}
	w.gw.Books = func() *aftale.Book { return both }
	l := receive("N1")
	if l.Duty == nil || l.Duty.Rule != "F-4" || l.Duty.Agreement != narrow.Ref() || l.Group != "Hjem uden hjælp" {
		t.Errorf("judged as %q by %+v", l.Group, l.Duty)
	}
	w.gw.Books = func() *aftale.Book { return wide }
	if l := receive("N2"); l.Duty == nil || l.Duty.Rule != "AGR-605" || l.Group != "" {
		t.Errorf("without it judged as %q by %+v", l.Group, l.Duty)
	}
	if l := w.letters()[0]; l.Duty.Agreement != narrow.Ref() {
		t.Errorf("the first letter is now by %+v", l.Duty.Agreement)
	}
	w.sound()
}
