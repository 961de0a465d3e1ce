package mailbox

import (
	"context"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
)

// TrialInput is a letter that nobody writes: what an agreement would ask of it.
type TrialInput struct {
	From, To brevdue.UnitKind
	Services string // "yes", "no" or "unknown"
	Sent     time.Time
}

// Trial is what a version of an agreement says about such a letter.
type Trial struct {
	Covered              bool // the agreement is about these two at all
	Duty                 brevdue.Duty
	Steps                []aftale.Step // how the deadline comes about
	StartRule, StartText string        // why the sender needs a reason to start; "" when not
	Categories           []Category
	Standards            []aftale.Standard
	Bases                []aftale.Consent
	FeeCode              string
}

// Try asks a version of an agreement, in force or not, about a letter (Prøv
// aftalen). It changes nothing and holds no citizen.
func (b *Box) Try(ctx context.Context, p Person, key string, in TrialInput) (Version, Trial, error) {
	v, err := b.Version(ctx, p, key)
	if err != nil {
		return v, Trial{}, err
	}
	a := v.Agreement
	t := Trial{Covered: a.Covers(in.From, in.To)}
	if !t.Covered {
		return v, t, nil
	}
	duty := aftale.DutyInput{Receiver: in.To, Sent: in.Sent, Arrived: in.Sent, Services: aftale.Services(in.Services)}
	t.Duty, t.Steps = a.Duty(duty), a.Explain(duty)
	t.StartRule, t.StartText = a.Start(in.From, in.To)
	if listed(a, in.From, in.To) {
		t.Categories = offered(a, func(r aftale.Row) bool { return suits(r, in.To) })
	}
	t.Standards = a.Instead(in.From, in.To)
	t.Bases = a.Consents
	if in.To == brevdue.GP {
		t.FeeCode = a.FeeCode
	}
	return v, t, nil
}

// Rejudged is what a version of an agreement would have said about the letters
// of a period.
type Rejudged struct {
	From, To time.Time
	Letters  int // received in the period
	Judged   int // of those, the ones the version is about
	Changed  int
	Earlier  int // due earlier than they were
	Later    int
	MoreLate int // read in time as it was, too late by the version
	LessLate int
	Moved    int // sorted to another subject
	Rows     []RejudgedRow
}

// RejudgedRow is a letter that would have been judged otherwise. It names no
// citizen.
type RejudgedRow struct {
	Number             string
	Unit               string
	Sent, Was, Would   time.Time // zero: no deadline
	Rule, WasGroup     string
	Group              string
	LateWas, LateWould bool
}

// rejudgedRows is how many letters the page lists; the figures count all.
const rejudgedRows = 300

// Rejudge judges the received letters of a period by a version of an agreement
// and says what would have been otherwise (Kør på sidste måned, F25). It is for
// the secretariat and operators.
func (b *Box) Rejudge(ctx context.Context, p Person, key string, from, to time.Time) (Version, Rejudged, error) {
	out := Rejudged{From: from, To: to}
	if !p.Secretariat && !p.Operator {
		return Version{}, out, b.settle(ctx, p, secretariatOnly(p))
	}
	v, err := b.Version(ctx, p, key)
	if err != nil {
		return v, out, err
	}
	err = b.view(ctx, p, func(tx store.Tx) error {
		out = Rejudged{From: from, To: to}
		units := map[brevdue.GLN]store.Unit{}
		all, err := tx.Units().List(ctx)
		if err != nil {
			return err
		}
		for _, u := range all {
			units[u.GLN] = u
		}
		since, after := from, int64(0)
		for {
			letters, err := tx.Letters().Received(ctx, "", since, to, after, 500)
			if err != nil || len(letters) == 0 {
				return err
			}
			for _, l := range letters {
				since, after = l.Arrived, l.ID
				b.rejudge(&out, v.Agreement, units[l.Unit], l)
			}
		}
	})
	return v, out, err
}

func (b *Box) rejudge(out *Rejudged, a *aftale.Agreement, u store.Unit, l *store.Letter) {
	out.Letters++
	if !u.Kind.Known() || !a.Covers(b.kindOf(l.Body.Sender.GLN), u.Kind) {
		return
	}
	out.Judged++
	now := b.cfg.Now()
	would := a.Duty(dutyInput(u, l, u.Services))
	row := RejudgedRow{Number: l.Number(), Unit: u.Name, Sent: l.Sent, Would: would.Due, Rule: would.Rule, WasGroup: l.Group, LateWould: late(l, would.Due, now)}
	if l.Duty != nil {
		row.Was, row.LateWas = l.Duty.Due, late(l, l.Duty.Due, now)
	}
	if sorted := a.SortSubject(l.Body.Subject); sorted.Row >= 0 {
		row.Group = sorted.Subject
	}
	switch {
	case row.Would.Equal(row.Was):
	case row.Was.IsZero() || !row.Would.IsZero() && row.Would.Before(row.Was):
		out.Earlier++
	default:
		out.Later++
	}
	if row.Group != row.WasGroup {
		out.Moved++
	}
	if row.Would.Equal(row.Was) && row.Group == row.WasGroup {
		return
	}
	out.Changed++
	if row.LateWould && !row.LateWas {
		out.MoreLate++
	}
	if row.LateWas && !row.LateWould {
		out.LessLate++
	}
	if len(out.Rows) < rejudgedRows {
		out.Rows = append(out.Rows, row)
	}
}

// late tells whether a letter was read after the time, or is unread past it.
func late(l *store.Letter, due, now time.Time) bool {
	if due.IsZero() {
		return false
	}
	if l.ReadAt.IsZero() {
		return now.After(due)
	}
	return l.ReadAt.After(due)
}
