package mailbox

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// UnitView is what the page of a unit (Enheden) shows.
type UnitView struct {
	Unit      store.Unit
	Agreement *aftale.Agreement // in force now; nil for none
	// Reading says when the unit reads, one line for each rule it may owe by.
	Reading []ReadingRule
	// Shifts are the shift starts that count, minutes after midnight; OwnShifts tells
	// whether the unit has a rule that asks for them. Closes the same for a practice.
	Shifts    []int
	AskShifts bool
	Closes    int
	AskCloses bool
	// AgreementShifts and AgreementCloses count where nobody says otherwise.
	AgreementShifts []int
	AgreementCloses int

	Closed       []store.Closed // not over
	Routes       int
	Arrangements int
	Phrases      int
	Tasks        int // open
	Mapped       int // subjects of the agreement with a receiver in the municipality; -1 where it is not asked
	Walls        int // screens that show the board
}

// ReadingRule says when a unit reads by one rule of the agreement.
type ReadingRule struct {
	Rule, Paragraph string
	Text, TextEN    string
}

// UnitView returns the page of a unit.
func (b *Box) UnitView(ctx context.Context, p Person, unit brevdue.GLN) (UnitView, error) {
	var out UnitView
	now := b.cfg.Now()
	err := b.view(ctx, p, func(tx store.Tx) error {
		out = UnitView{}
		var err error
		if out.Unit, err = b.unitOf(ctx, tx, p, RightLead, unit); err != nil {
			return err
		}
		if out.Closed, err = tx.UnitFacts().Closed(ctx, unit, kalender.DayOf(now).String()); err != nil {
			return err
		}
		routes, err := tx.UnitFacts().Routes(ctx, unit)
		if err != nil {
			return err
		}
		arrangements, err := tx.UnitFacts().Arrangements(ctx, unit, "")
		if err != nil {
			return err
		}
		phrases, err := tx.UnitFacts().Phrases(ctx, unit)
		if err != nil {
			return err
		}
		walls, err := b.walls(ctx, tx, unit)
		if err != nil {
			return err
		}
		m, err := b.subjectReceivers(ctx, tx, out.Unit)
		if err != nil {
			return err
		}
		if out.Mapped = -1; m.Municipality != "" {
			out.Mapped = m.mapped()
		}
		c, err := tx.Letters().Counts(ctx, unit, now)
		out.Walls = len(walls)
		out.Routes, out.Arrangements, out.Phrases, out.Tasks = len(routes), len(arrangements), len(phrases), c.Tasks
		return err
	})
	if err != nil {
		return UnitView{}, err
	}
	u := out.Unit
	out.Shifts, out.Closes = u.Shifts, u.Closes
	if a, ok := b.agreementOf(u, now); ok {
		out.Agreement, out.AgreementShifts = a, a.Shifts
		if len(out.Shifts) == 0 {
			out.Shifts = a.Shifts
		}
		out.rules(a)
	}
	return out, nil
}

// rules finds the rules of the unit's kind, in words.
func (v *UnitView) rules(a *aftale.Agreement) {
	for _, d := range a.RulesOf(v.Unit.Kind) {
		r := ReadingRule{Rule: d.Rule, Paragraph: d.Paragraph}
		who, whoEN := "", ""
		switch d.Services {
		case aftale.ServicesYes:
			who, whoEN = "Borgere, der modtager kommunale ydelser: ", "Citizens who receive municipal services: "
		case aftale.ServicesNo:
			who, whoEN = "Borgere, der ikke modtager kommunale ydelser: ", "Citizens who receive none: "
		}
		switch {
		case d.Window != nil:
			days, daysEN := "hverdage", "working days"
			if d.Window.EveryDay {
				days, daysEN = "alle dage", "every day"
			}
			r.Text = fmt.Sprintf("%slæses %s %s; samme dag, når brevet er afsendt inden %s.", who, days, kalender.Window(d.Window.From, d.Window.To), kalender.Clock(d.Window.Cutoff))
			r.TextEN = fmt.Sprintf("%sread %s %s; the same day when sent before %s.", whoEN, daysEN, kalender.WindowEN(d.Window.From, d.Window.To), kalender.ClockEN(d.Window.Cutoff))
		case d.Shift:
			v.AskShifts = true
			r.Text = fmt.Sprintf("%slæses én gang i hver vagt (%s).", who, ShiftsText(v.Shifts))
			r.TextEN = fmt.Sprintf("%sread once in every shift (%s).", whoEN, ShiftsText(v.Shifts))
		case d.Within != nil:
			days, daysEN := " på hverdage", " of working days"
			if d.Within.EveryDay {
				days, daysEN = "", ""
			}
			r.Text = fmt.Sprintf("%slæses inden %d timer%s.", who, d.Within.Hours, days)
			r.TextEN = fmt.Sprintf("%sread within %d hours%s.", whoEN, d.Within.Hours, daysEN)
		case d.Answer != nil:
			v.AskCloses, v.AgreementCloses = true, d.Answer.Closes
			if v.Closes == 0 {
				v.Closes = d.Answer.Closes
			}
			r.Text = fmt.Sprintf("%slæses løbende på hverdage; svar ventes inden %d hverdage, %s (vejledende).", who, d.Answer.Days, kalender.Clock(v.Closes))
			r.TextEN = fmt.Sprintf("%sread throughout working days; an answer is expected within %d working days, %s (a guide).", whoEN, d.Answer.Days, kalender.ClockEN(v.Closes))
		}
		r.Text = strings.ToUpper(r.Text[:1]) + r.Text[1:]
		r.TextEN = strings.ToUpper(r.TextEN[:1]) + r.TextEN[1:]
		v.Reading = append(v.Reading, r)
	}
}

// ShiftsText writes shift starts as the shifts between them: "7–15, 15–23, 23–7".
func ShiftsText(starts []int) string {
	var out []string
	for i, s := range starts {
		end := starts[(i+1)%len(starts)]
		out = append(out, strings.TrimPrefix(kalender.Window(s, end), "kl. "))
	}
	return strings.Join(out, ", ")
}

// OwnDraft is what a unit's people have filled in about their unit. Empty means
// what the installation or the agreement says.
type OwnDraft struct {
	Phone  string
	Shifts string // times divided by commas: "7.00, 15.00, 23.00"
	Closes string // a time
}

// maxShifts is how many shifts a day may have.
const maxShifts = 12

// SetFacts keeps what the unit's people say about it. It holds for letters that
// come from now on; the deadlines of those that are here stay (AGR-1003). Faults
// are in the fields "phone", "shifts" and "closes".
func (b *Box) SetFacts(ctx context.Context, p Person, unit brevdue.GLN, d OwnDraft) (undo string, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		undo = ""
		u, err := b.unitOf(ctx, tx, p, RightLead, unit)
		if err != nil {
			return err
		}
		own, err := readFacts(d)
		if err != nil {
			return err
		}
		// What says the same as the file is not the unit's own: a later change of the
		// file is to count.
		if own.Phone == u.File.Phone {
			own.Phone = ""
		}
		if slices.Equal(own.Shifts, u.File.Shifts) {
			own.Shifts = nil
		}
		if own.Closes == u.File.Closes {
			own.Closes = 0
		}
		before := u.Own
		own.By, own.At = before.By, before.At
		if reflect.DeepEqual(own, before) {
			return nil
		}
		own.By, own.At = p.Name, b.cfg.Now()
		if err := tx.Units().SetOwn(ctx, unit, own); err != nil {
			return err
		}
		if undo, err = b.remember(ctx, tx, p, unit, undoFacts, factsWere{before, own}); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "unit.facts", unit, 0, factsText(before)+" to "+factsText(own))
	})
	if err != nil {
		return "", err
	}
	return undo, nil
}

func factsText(o store.OwnFacts) string {
	return fmt.Sprintf("phone %q shifts %v closes %d", o.Phone, o.Shifts, o.Closes)
}

func readFacts(d OwnDraft) (own store.OwnFacts, err error) {
	var j judge
	if own.Phone = oneLine(d.Phone); own.Phone != "" && !isPhone(own.Phone) {
		j.say("phone", "Telefonnummeret skal have mindst otte cifre og højst 25 tegn i alt.", "The phone number must have at least eight digits and at most 25 characters in all.")
	}
	last := -1
	for s := range strings.SplitSeq(d.Shifts, ",") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		m, ok := clockOf(s)
		switch {
		case !ok:
			j.say("shifts", fmt.Sprintf("%q er ikke et klokkeslæt. Skriv fx 7.00, 15.00, 23.00.", shortWord(s)), fmt.Sprintf("%q is not a time. Write e.g. 7:00, 15:00, 23:00.", shortWord(s)))
		case m <= last:
			j.say("shifts", "Skriv vagternes begyndelse i rækkefølge, hver for sig.", "Write when the shifts begin in order, each once.")
		default:
			own.Shifts, last = append(own.Shifts, m), m
			continue
		}
		break
	}
	if len(own.Shifts) > maxShifts {
		j.say("shifts", "Et døgn kan højst have tolv vagter.", "A day can have at most twelve shifts.")
	}
	if s := strings.TrimSpace(d.Closes); s != "" {
		var ok bool
		if own.Closes, ok = clockOf(s); !ok || own.Closes == 0 {
			j.say("closes", "Skriv et klokkeslæt, fx 16.00.", "Write a time, e.g. 16:00.")
		}
	}
	return own, j.err()
}

// clockOf reads a time as people write it: "7", "7.00", "07:00", "kl. 7".
func clockOf(s string) (minutes int, ok bool) {
	s = strings.TrimSpace(strings.TrimPrefix(strings.ToLower(s), "kl."))
	s = strings.ReplaceAll(s, ".", ":")
	if !strings.Contains(s, ":") {
		s += ":00"
	}
	return aftale.ParseClock(s)
}

func shortWord(s string) string {
	if r := []rune(s); len(r) > 20 {
		return string(r[:20]) + "…"
	}
	return s
}

// factsWere are a unit's own facts before and after a change.
type factsWere struct {
	Before store.OwnFacts `json:"before"`
	After  store.OwnFacts `json:"after"`
}

func (b *Box) factsBack(ctx context.Context, tx store.Tx, p Person, u undo) error {
	var were factsWere
	if err := json.Unmarshal(u.Data, &were); err != nil {
		return err
	}
	now, err := tx.Units().Get(ctx, u.Unit)
	if err != nil {
		return err
	}
	if !now.Own.At.Equal(were.After.At) {
		return brevdue.ErrConflict
	}
	if err := tx.Units().SetOwn(ctx, u.Unit, were.Before); err != nil {
		return err
	}
	return b.note(ctx, tx, p, "unit.facts", u.Unit, 0, "undone")
}
