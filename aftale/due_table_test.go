package aftale_test

import (
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/kalender"
)

// The table below is written by hand from the agreement's section 6 and a wall
// calendar. Each line: sent, due, and what it is about. Working-day readers are
// four kinds that share their rule, so every line of theirs is four cases.

const workingDays = `
2026-11-23T00:00    2026-11-23T15:00 Monday, the first minute
2026-11-23T07:59:59 2026-11-23T15:00 just before the window
2026-11-23T08:00    2026-11-23T15:00 as the window opens
2026-11-23T12:00    2026-11-23T15:00 inside
2026-11-23T14:29    2026-11-23T15:00 the last minute
2026-11-23T14:29:59 2026-11-23T15:00 the last second
2026-11-23T14:30    2026-11-24T15:00 the cutoff itself is too late
2026-11-23T14:30:01 2026-11-24T15:00 a second after
2026-11-23T14:59:59 2026-11-24T15:00 before closing, after the cutoff
2026-11-23T15:00    2026-11-24T15:00 as the window closes
2026-11-23T23:59:59 2026-11-24T15:00 the last second of Monday
2026-11-26T14:30    2026-11-27T15:00 Thursday to Friday
2026-11-27T14:29:59 2026-11-27T15:00 Friday, in time
2026-11-27T14:30    2026-11-30T15:00 Friday, too late: over the weekend
2026-11-28T00:00    2026-11-30T15:00 Saturday's first minute
2026-11-28T10:00    2026-11-30T15:00 Saturday
2026-11-29T14:29    2026-11-30T15:00 Sunday
2026-11-29T23:59:59 2026-11-30T15:00 Sunday's last second
2026-11-30T06:00    2026-11-30T15:00 Monday before opening
2026-04-01T14:29    2026-04-01T15:00 the day before Maundy Thursday
2026-04-01T14:30    2026-04-07T15:00 over Easter
2026-04-02T09:00    2026-04-07T15:00 Maundy Thursday
2026-04-03T09:00    2026-04-07T15:00 Good Friday
2026-04-04T09:00    2026-04-07T15:00 Easter Saturday
2026-04-05T09:00    2026-04-07T15:00 Easter Sunday
2026-04-06T14:29    2026-04-07T15:00 Easter Monday
2026-04-07T14:29    2026-04-07T15:00 the Tuesday after
2026-05-13T14:30    2026-05-15T15:00 over Ascension Day
2026-05-14T10:00    2026-05-15T15:00 Ascension Day
2026-05-15T14:30    2026-05-18T15:00 the Friday after is a working day
2026-05-22T14:30    2026-05-26T15:00 over Whitsun
2026-05-25T10:00    2026-05-26T15:00 Whit Monday
2026-06-04T14:29    2026-06-04T15:00 the day before 5 June
2026-06-04T14:30    2026-06-08T15:00 5 June is a Friday and closed
2026-06-05T10:00    2026-06-08T15:00 5 June
2026-12-23T14:29    2026-12-23T15:00 the last day before Christmas
2026-12-23T14:30    2026-12-28T15:00 over 24, 25, 26 (Saturday) and Sunday
2026-12-24T09:00    2026-12-28T15:00 Christmas Eve is closed
2026-12-25T09:00    2026-12-28T15:00 Christmas Day
2026-12-28T14:30    2026-12-29T15:00 an ordinary Monday
2026-12-30T14:29    2026-12-30T15:00 the day before New Year's Eve
2026-12-30T14:30    2027-01-04T15:00 over 31, 1 and the weekend
2026-12-31T09:00    2027-01-04T15:00 New Year's Eve is closed
2027-01-01T09:00    2027-01-04T15:00 New Year's Day
2026-03-27T14:30    2026-03-30T15:00 over the spring night: an hour shorter
2026-03-29T01:59    2026-03-30T15:00 before the clock goes forward
2026-03-29T02:30    2026-03-30T15:00 a time that does not exist
2026-03-29T03:00    2026-03-30T15:00 after it
2026-03-30T14:29:59 2026-03-30T15:00 the Monday after, summer time
2026-10-23T14:30    2026-10-26T15:00 over the autumn night: an hour longer
2026-10-25T02:30    2026-10-26T15:00 a time that comes twice
2026-10-26T14:29:59 2026-10-26T15:00 the Monday after, winter time
2026-10-26T14:30    2026-10-27T15:00 and its cutoff
2023-05-04T14:30    2023-05-08T15:00 Store bededag was a holiday in 2023
2024-04-25T14:30    2024-04-26T15:00 and is none in 2024
2028-02-28T14:30    2028-02-29T15:00 a leap day
2028-02-29T14:30    2028-03-01T15:00 and the day after it
`

const wards = `
2026-11-23T07:59:59 2026-11-23T15:00 before the window
2026-11-23T14:29:59 2026-11-23T15:00 the last second
2026-11-23T14:30    2026-11-24T15:00 too late
2026-11-27T14:30    2026-11-28T15:00 Friday to Saturday: wards read every day
2026-11-28T10:00    2026-11-28T15:00 Saturday
2026-11-28T14:30    2026-11-29T15:00 Saturday to Sunday
2026-11-29T14:29:59 2026-11-29T15:00 Sunday
2026-11-29T14:30    2026-11-30T15:00 Sunday to Monday
2026-04-01T14:45    2026-04-02T15:00 into Maundy Thursday
2026-04-03T14:29    2026-04-03T15:00 Good Friday
2026-04-05T14:30    2026-04-06T15:00 Easter Sunday to Monday
2026-06-05T10:00    2026-06-05T15:00 5 June
2026-12-24T14:29    2026-12-24T15:00 Christmas Eve
2026-12-24T14:30    2026-12-25T15:00 into Christmas Day
2026-12-31T14:30    2027-01-01T15:00 into the new year
2027-01-01T00:00    2027-01-01T15:00 New Year's Day
2026-03-28T14:30    2026-03-29T15:00 over the spring night
2026-03-29T02:30    2026-03-29T15:00 a time that does not exist
2026-03-29T14:29:59 2026-03-29T15:00 the short day
2026-03-29T14:30    2026-03-30T15:00 and its cutoff
2026-10-24T14:30    2026-10-25T15:00 over the autumn night
2026-10-25T02:30    2026-10-25T15:00 a time that comes twice
2026-10-25T14:30    2026-10-26T15:00 the long day's cutoff
`

// Shifts begin at 7, 15 and 23; expected, then breached (which is due).
const shifts = `
2026-11-24T06:59:59 2026-11-24T07:00 2026-11-24T15:00 the last second of the night shift
2026-11-24T07:00    2026-11-24T15:00 2026-11-24T23:00 exactly at a start: the new shift
2026-11-24T10:00    2026-11-24T15:00 2026-11-24T23:00 day
2026-11-24T14:30    2026-11-24T15:00 2026-11-24T23:00 the cutoff of others means nothing here
2026-11-24T14:50    2026-11-24T15:00 2026-11-24T23:00 just before the shift ends
2026-11-24T14:59:59 2026-11-24T15:00 2026-11-24T23:00 the last second
2026-11-24T15:00    2026-11-24T23:00 2026-11-25T07:00 evening begins
2026-11-24T22:50    2026-11-24T23:00 2026-11-25T07:00 late evening
2026-11-24T22:59:59 2026-11-24T23:00 2026-11-25T07:00 the last second
2026-11-24T23:00    2026-11-25T07:00 2026-11-25T15:00 night begins
2026-11-25T00:00    2026-11-25T07:00 2026-11-25T15:00 midnight
2026-11-28T10:00    2026-11-28T15:00 2026-11-28T23:00 Saturday: every shift, every day
2026-11-29T23:30    2026-11-30T07:00 2026-11-30T15:00 Sunday night
2026-12-24T16:00    2026-12-24T23:00 2026-12-25T07:00 Christmas Eve
2026-12-31T23:59    2027-01-01T07:00 2027-01-01T15:00 into the new year
2026-04-03T03:00    2026-04-03T07:00 2026-04-03T15:00 Good Friday
2026-03-28T23:00    2026-03-29T07:00 2026-03-29T15:00 the spring night: seven hours
2026-03-29T02:30    2026-03-29T07:00 2026-03-29T15:00 a time that does not exist
2026-03-29T01:00    2026-03-29T07:00 2026-03-29T15:00 before the change
2026-10-24T23:00    2026-10-25T07:00 2026-10-25T15:00 the autumn night: nine hours
2026-10-25T02:30    2026-10-25T07:00 2026-10-25T15:00 a time that comes twice
2026-10-25T06:59    2026-10-25T07:00 2026-10-25T15:00 its end
2028-02-29T23:00    2028-03-01T07:00 2028-03-01T15:00 over a leap day
`

const practices = `
2026-11-23T00:00    2026-11-26T16:00 Monday: Tuesday, Wednesday, Thursday
2026-11-23T15:59    2026-11-26T16:00 just before closing
2026-11-23T23:59:59 2026-11-26T16:00 the calendar date counts, not the hour
2026-11-24T00:00    2026-11-27T16:00 a minute later
2026-11-25T11:00    2026-11-30T16:00 Wednesday: over the weekend
2026-11-26T11:00    2026-12-01T16:00 Thursday
2026-11-27T11:00    2026-12-02T16:00 Friday
2026-11-28T11:00    2026-12-03T16:00 Saturday counts as Monday
2026-11-29T23:59    2026-12-03T16:00 Sunday too
2026-11-30T00:00    2026-12-03T16:00 and Monday itself
2026-03-31T10:00    2026-04-08T16:00 Tuesday before Easter: Wednesday, then Tuesday and Wednesday after
2026-04-01T10:00    2026-04-09T16:00 Wednesday before Easter
2026-04-02T10:00    2026-04-10T16:00 Maundy Thursday: day 0 is the Tuesday after
2026-04-06T10:00    2026-04-10T16:00 Easter Monday: the same
2026-05-13T10:00    2026-05-19T16:00 over Ascension Day and a weekend
2026-06-03T10:00    2026-06-09T16:00 over 5 June and a weekend
2026-12-22T10:00    2026-12-29T16:00 23, then 28 and 29
2026-12-24T10:00    2027-01-04T16:00 day 0 is the 28th: 29, 30, then 4 January
2026-12-29T10:00    2027-01-05T16:00 30, then 4 and 5 January
2026-03-27T10:00    2026-04-01T16:00 over the spring night
2026-10-23T10:00    2026-10-28T16:00 over the autumn night
`

// fields splits a table into its lines.
func fields(table string, columns int) [][]string {
	var out [][]string
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < columns {
			continue
		}
		out = append(out, append(f[:columns:columns], strings.Join(f[columns:], " ")))
	}
	return out
}

func TestDueTable(t *testing.T) {
	a := shipped(t)
	cases := 0
	check := func(in aftale.DutyInput, why, due string) {
		t.Helper()
		cases++
		if got := a.Duty(in); !got.Due.Equal(local(t, due)) {
			t.Errorf("%s, sent %s (%s): due %s, want %s", in.Receiver, in.Sent, why, got.Due, due)
		}
	}
	for _, kind := range []brevdue.UnitKind{brevdue.Clinic, brevdue.RegionalSocial, brevdue.MunicipalSocial, brevdue.MunicipalHealth} {
		for _, f := range fields(workingDays, 2) {
			check(aftale.DutyInput{Receiver: kind, Sent: local(t, f[0]), Services: aftale.ServicesNo}, f[2], f[1])
		}
	}
	for _, f := range fields(wards, 2) {
		check(aftale.DutyInput{Receiver: brevdue.Ward, Sent: local(t, f[0])}, f[2], f[1])
	}
	for _, f := range fields(shifts, 3) {
		in := aftale.DutyInput{Receiver: brevdue.MunicipalHealth, Sent: local(t, f[0]), Services: aftale.ServicesYes}
		check(in, f[3], f[2])
		if got := a.Duty(in); !got.Expected.Equal(local(t, f[1])) || !got.Breached.Equal(got.Due) {
			t.Errorf("sent %s (%s): expected %s, want %s", f[0], f[3], got.Expected, f[1])
		}
	}
	for _, f := range fields(practices, 2) {
		check(aftale.DutyInput{Receiver: brevdue.GP, Sent: local(t, f[0])}, f[2], f[1])
	}
	if cases < 200 {
		t.Errorf("the table has %d cases, fewer than 200", cases)
	}
	t.Logf("%d cases", cases)
}

// Where it is not known whether the citizen receives services, the later of the
// two rules counts (Amb-20), and the sentence says so.
func TestUnknownServices(t *testing.T) {
	a := shipped(t)
	for _, c := range []struct{ sent, due, rule string }{
		{"2026-11-24T10:00", "2026-11-24T23:00", "AGR-604"}, // 15:00 or 23:00
		{"2026-11-24T14:50", "2026-11-25T15:00", "AGR-605"}, // 23:00 or the next day 15:00
		{"2026-11-24T23:00", "2026-11-25T15:00", "AGR-605"}, // both 15:00: the same time
		{"2026-11-27T22:00", "2026-11-30T15:00", "AGR-605"},
		{"2026-11-30T06:00", "2026-11-30T15:00", "AGR-605"},
	} {
		d := a.Duty(aftale.DutyInput{Receiver: brevdue.MunicipalHealth, Sent: local(t, c.sent)})
		if !d.Due.Equal(local(t, c.due)) || !strings.Contains(d.Sentence, "Det er ikke oplyst") {
			t.Errorf("%s: %s by %s: %s", c.sent, d.Due, d.Rule, d.Sentence)
		}
		if c.sent != "2026-11-24T23:00" && c.sent != "2026-11-30T06:00" && d.Rule != c.rule {
			t.Errorf("%s: rule %s, want %s", c.sent, d.Rule, c.rule)
		}
	}
}

// A practice counts from arrival (AGR-607); everybody else from sending (Amb-15).
func TestArrival(t *testing.T) {
	a := shipped(t)
	sent, arrived := local(t, "2026-11-23T10:00"), local(t, "2026-11-27T11:00")
	gp := a.Duty(aftale.DutyInput{Receiver: brevdue.GP, Sent: sent, Arrived: arrived})
	if !gp.Due.Equal(local(t, "2026-12-02T16:00")) {
		t.Errorf("practice: %s", gp.Due)
	}
	clinic := aftale.DutyInput{Receiver: brevdue.Clinic, Sent: sent, Arrived: arrived}
	if d := a.Duty(clinic); !d.Due.Equal(local(t, "2026-11-23T15:00")) {
		t.Errorf("clinic: %s", d.Due)
	}
	if da, en := a.LateTransport(clinic); !strings.Contains(da, "transporten") || !strings.Contains(en, "transport") {
		t.Errorf("late transport: %q %q", da, en)
	}
	if da, en := a.LateTransport(aftale.DutyInput{Receiver: brevdue.GP, Sent: sent, Arrived: arrived}); da != "" || en != "" {
		t.Errorf("a practice counts from arrival: %q", da)
	}
	clinic.Arrived = local(t, "2026-11-23T10:05")
	if da, _ := a.LateTransport(clinic); da != "" {
		t.Errorf("five minutes are no late transport: %q", da)
	}
}

// TestOwnHours: a unit's own shifts and closing time go before the agreement's.
func TestOwnHours(t *testing.T) {
	a := shipped(t)
	d := a.Duty(aftale.DutyInput{Receiver: brevdue.MunicipalHealth, Sent: local(t, "2026-11-24T06:30"), Services: aftale.ServicesYes, Shifts: []int{6 * 60, 14 * 60, 22 * 60}})
	if !d.Expected.Equal(local(t, "2026-11-24T14:00")) || !d.Due.Equal(local(t, "2026-11-24T22:00")) {
		t.Errorf("%+v", d)
	}
	d = a.Duty(aftale.DutyInput{Receiver: brevdue.GP, Sent: local(t, "2026-11-23T10:00"), Closes: 15*60 + 30})
	if !d.Due.Equal(local(t, "2026-11-26T15:30")) {
		t.Errorf("%s", d.Due)
	}
}

// A table of its own for the three switches: the same agreement with other days
// closed. Sent, the days a clinic closes beside the holidays, due.
const switches = `
2026-06-04T14:30 -                                  2026-06-05T15:00 5 June open: a Friday like any other
2026-06-04T14:30 grundlovsdag                       2026-06-08T15:00 closed: over the weekend
2026-06-05T10:00 -                                  2026-06-05T15:00 sent on it, open
2026-06-05T10:00 juleaften,nytårsaften              2026-06-05T15:00 the other two do not matter
2026-06-05T14:29 grundlovsdag                       2026-06-08T15:00 sent on it, closed
2026-12-23T14:30 -                                  2026-12-24T15:00 Christmas Eve open
2026-12-23T14:30 juleaften                          2026-12-28T15:00 closed
2026-12-24T10:00 grundlovsdag,nytårsaften           2026-12-24T15:00 sent on it, open
2026-12-24T14:30 grundlovsdag,nytårsaften           2026-12-28T15:00 open, but too late
2026-12-30T14:30 -                                  2026-12-31T15:00 New Year's Eve open
2026-12-30T14:30 nytårsaften                        2027-01-04T15:00 closed
2026-12-31T14:29 grundlovsdag,juleaften             2026-12-31T15:00 sent on it, open
2026-12-31T14:30 grundlovsdag,juleaften             2027-01-04T15:00 open, but too late
2026-12-31T14:29 nytårsaften                        2027-01-04T15:00 sent on it, closed
2027-06-04T14:30 grundlovsdag                       2027-06-07T15:00 5 June is a Saturday anyway
2023-12-29T14:30 -                                  2024-01-02T15:00 31 December is a Sunday anyway
`

func TestSwitches(t *testing.T) {
	_, content := aftale.Shipped()
	for _, f := range fields(switches, 3) {
		text := string(content)
		for _, name := range []string{"grundlovsdag", "juleaften", "nytårsaften"} {
			if !strings.Contains(f[1], name) {
				text = strings.ReplaceAll(text, name+": ja", name+": nej")
			}
		}
		a, findings := aftale.Load([]byte(text))
		if a == nil {
			t.Fatal(findings)
		}
		if got := a.Duty(aftale.DutyInput{Receiver: brevdue.Clinic, Sent: local(t, f[0])}); !got.Due.Equal(local(t, f[2])) {
			t.Errorf("sent %s, closed %s (%s): due %s, want %s", f[0], f[1], f[3], got.Due, f[2])
		}
	}
}

// Times with an offset: the second of a doubled hour is a time of its own, and a
// time given in UTC is judged by the Danish clock.
const offsets = `
2026-11-27T13:29:59Z      2026-11-27T15:00:00+01:00 2026-11-27T15:00:00+01:00 winter: 14:29:59
2026-11-27T13:30:00Z      2026-11-28T15:00:00+01:00 2026-11-30T15:00:00+01:00 winter: the cutoff
2026-07-01T12:29:59Z      2026-07-01T15:00:00+02:00 2026-07-01T15:00:00+02:00 summer: 14:29:59
2026-07-01T12:30:00Z      2026-07-02T15:00:00+02:00 2026-07-02T15:00:00+02:00 summer: the cutoff
2026-07-01T23:30:00Z      2026-07-02T15:00:00+02:00 2026-07-02T15:00:00+02:00 Thursday already, in Denmark
2026-10-25T02:30:00+02:00 2026-10-25T15:00:00+01:00 2026-10-26T15:00:00+01:00 the first 02:30
2026-10-25T02:30:00+01:00 2026-10-25T15:00:00+01:00 2026-10-26T15:00:00+01:00 the second 02:30
2026-10-24T22:30:00Z      2026-10-25T15:00:00+01:00 2026-10-26T15:00:00+01:00 Sunday half past midnight
2026-03-29T01:00:00Z      2026-03-29T15:00:00+02:00 2026-03-30T15:00:00+02:00 the moment the clock goes forward
2026-12-31T23:30:00Z      2027-01-01T15:00:00+01:00 2027-01-04T15:00:00+01:00 the new year has begun in Denmark
2026-11-27T08:30:00-05:00 2026-11-28T15:00:00+01:00 2026-11-30T15:00:00+01:00 a sender's clock of another country
`

func TestOffsets(t *testing.T) {
	a := shipped(t)
	for _, f := range fields(offsets, 3) {
		for kind, want := range map[brevdue.UnitKind]string{brevdue.Ward: f[1], brevdue.Clinic: f[2]} {
			got := a.Duty(aftale.DutyInput{Receiver: kind, Sent: local(t, f[0])}).Due.In(kalender.Copenhagen()).Format(time.RFC3339)
			if got != want {
				t.Errorf("%s sent %s (%s): due %s, want %s", kind, f[0], f[3], got, want)
			}
		}
	}
}

// The kinds nobody has decided on: a hospital unit reads by the stricter rule
// (Amb-24), and an unknown kind owes nothing rather than something invented.
func TestUndecidedKinds(t *testing.T) {
	a := shipped(t)
	d := a.Duty(aftale.DutyInput{Receiver: brevdue.Hospital, Sent: local(t, "2026-11-27T14:30")})
	if !d.Due.Equal(local(t, "2026-11-28T15:00")) || d.Rule != "AGR-601" || !strings.Contains(d.Sentence, "sengeafsnit eller en klinik") || !strings.Contains(d.SentenceEN, "a ward or a clinic") {
		t.Errorf("hospital: %+v", d)
	}
	if d := a.Duty(aftale.DutyInput{Receiver: "dentist", Sent: local(t, "2026-11-27T14:30")}); d != (brevdue.Duty{}) {
		t.Errorf("dentist: %+v", d)
	}
	if !a.Covers(brevdue.Hospital, brevdue.MunicipalHealth) || a.Covers(brevdue.Hospital, brevdue.Ward) || !a.HasSubjects(brevdue.Hospital, brevdue.MunicipalSocial) {
		t.Error("a hospital unit of unknown class is no hospital")
	}
	if rule, _ := a.Start(brevdue.MunicipalHealth, brevdue.Hospital); rule != "AGR-302" {
		t.Errorf("municipality to hospital: %q", rule)
	}
}

// TestOddShifts: one shift a day, two starts that fall together in the spring
// night, and a start in the hour that does not exist.
func TestOddShifts(t *testing.T) {
	a := shipped(t)
	for _, c := range []struct {
		shifts               []int
		sent, expected, owed string
	}{
		{[]int{8 * 60}, "2026-11-24T07:59", "2026-11-24T08:00", "2026-11-25T08:00"},
		{[]int{8 * 60}, "2026-11-24T08:00", "2026-11-25T08:00", "2026-11-26T08:00"},
		{[]int{0, 12 * 60}, "2026-11-24T23:59:59", "2026-11-25T00:00", "2026-11-25T12:00"},
		{[]int{2 * 60, 3 * 60, 15 * 60}, "2026-03-29T01:30", "2026-03-29T03:00", "2026-03-29T15:00"},
		{[]int{2*60 + 30, 15 * 60}, "2026-03-29T03:15", "2026-03-29T03:30", "2026-03-29T15:00"},
	} {
		d := a.Duty(aftale.DutyInput{Receiver: brevdue.MunicipalHealth, Services: aftale.ServicesYes, Sent: local(t, c.sent), Shifts: c.shifts})
		if !d.Expected.Equal(local(t, c.expected)) || !d.Due.Equal(local(t, c.owed)) {
			t.Errorf("shifts %v, sent %s: expected %s, due %s", c.shifts, c.sent, d.Expected, d.Due)
		}
	}
}

// TestStepping holds the window rule against a second opinion that knows nothing
// of the code under test: step minute by minute to the first 15:00 of a reading day
// whose 14:30 is after the sending time.
func TestStepping(t *testing.T) {
	a := shipped(t)
	closed := kalender.Closed{Grundlovsdag: true, Juleaften: true, Nytaarsaften: true}
	for at := local(t, "2026-01-01T00:07"); at.Before(local(t, "2027-01-10T00:00")); at = at.Add(197 * time.Minute) {
		for _, kind := range []brevdue.UnitKind{brevdue.Ward, brevdue.Clinic} {
			want := at
			for ; ; want = want.Truncate(time.Minute).Add(time.Minute) {
				if hour, minute, _ := want.Clock(); hour != 15 || minute != 0 {
					continue
				}
				y, m, d := want.Date()
				reads := kind == brevdue.Ward || closed.Hverdag(kalender.Day{Year: y, Month: m, Date: d})
				if reads && at.Before(time.Date(y, m, d, 14, 30, 0, 0, kalender.Copenhagen())) {
					break
				}
			}
			if got := a.Duty(aftale.DutyInput{Receiver: kind, Sent: at}); !got.Due.Equal(want) {
				t.Fatalf("%s sent %s: %s, stepping says %s", kind, at, got.Due, want)
			}
		}
	}
}

// TestSteppingShifts is the same second opinion on the shift rule: step minute by
// minute and count the shift starts that the clock on the wall shows.
func TestSteppingShifts(t *testing.T) {
	a := shipped(t)
	for at := local(t, "2026-01-01T00:07"); at.Before(local(t, "2027-01-10T00:00")); at = at.Add(211 * time.Minute) {
		var starts []time.Time
		for step := at.Truncate(time.Minute).Add(time.Minute); len(starts) < 2; step = step.Add(time.Minute) {
			if hour, minute, _ := step.Clock(); minute == 0 && (hour == 7 || hour == 15 || hour == 23) {
				starts = append(starts, step)
			}
		}
		d := a.Duty(aftale.DutyInput{Receiver: brevdue.MunicipalHealth, Services: aftale.ServicesYes, Sent: at})
		if !d.Expected.Equal(starts[0]) || !d.Due.Equal(starts[1]) {
			t.Fatalf("sent %s: expected %s, due %s; stepping says %s and %s", at, d.Expected, d.Due, starts[0], starts[1])
		}
	}
}

// TestSteppingPractices steps day by day through a calendar written out by hand:
// the weekdays on which Danish practices are closed from New Year 2025 to January
// 2027.
func TestSteppingPractices(t *testing.T) {
	a := shipped(t)
	closed := map[string]bool{}
	for _, d := range strings.Fields(`2025-12-31 2026-01-01 2026-04-02 2026-04-03 2026-04-06 2026-05-14 2026-05-25 2026-06-05 2026-12-24 2026-12-25 2026-12-31 2027-01-01`) {
		closed[d] = true
	}
	open := func(d time.Time) bool {
		return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday && !closed[d.Format(time.DateOnly)]
	}
	for at := local(t, "2025-12-30T00:07"); at.Before(local(t, "2027-01-10T00:00")); at = at.Add(317 * time.Minute) {
		day := time.Date(at.Year(), at.Month(), at.Day(), 16, 0, 0, 0, kalender.Copenhagen())
		for !open(day) {
			day = day.AddDate(0, 0, 1)
		}
		for n := 0; n < 3; {
			day = day.AddDate(0, 0, 1)
			if open(day) {
				n++
			}
		}
		if d := a.Duty(aftale.DutyInput{Receiver: brevdue.GP, Sent: at}); !d.Due.Equal(day) || !d.Soft {
			t.Fatalf("sent %s: due %s; stepping says %s", at, d.Due, day)
		}
	}
}
