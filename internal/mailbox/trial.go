package mailbox

import (
	"context"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
	"brevdue/sor"
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
	if err := may(p, RightTry, ""); err != nil {
		return Version{}, out, b.settle(ctx, p, err)
	}
	v, err := b.Version(ctx, p, key)
	if err != nil {
		return v, out, err
	}
	err = b.view(ctx, p, func(tx store.Tx) (err error) {
		out, err = RejudgePeriod(ctx, tx, v.Agreement, b.cfg.Books(), b.cfg.Directory(), from, to, b.cfg.Now())
		return err
	})
	return v, out, err
}

// RejudgePeriod judges the letters that all units received in a period by an
// agreement, in force or not: what [Box.Rejudge] shows. Letters that a narrower
// agreement of the book judges are not its own; the book may be nil. now is when unread
// letters are looked at.
func RejudgePeriod(ctx context.Context, tx store.Tx, a *aftale.Agreement, book *aftale.Book, dir *sor.Directory, from, to, now time.Time) (Rejudged, error) {
	out := Rejudged{From: from, To: to}
	units := map[brevdue.GLN]store.Unit{}
	all, err := tx.Units().List(ctx)
	if err != nil {
		return out, err
	}
	for _, u := range all {
		units[u.GLN] = u
	}
	since, after := from, int64(0)
	for {
		letters, err := tx.Letters().Received(ctx, "", since, to, after, 500)
		if err != nil || len(letters) == 0 {
			return out, err
		}
		for _, l := range letters {
			since, after = l.Arrived, l.ID
			u, parties := units[l.Unit], letterParties(dir, l.Body)
			parties.To = aftale.Who{Kind: u.Kind, Names: append(parties.To.Names, u.Called()...)}
			out.Letters++
			if !u.Kind.Known() || !a.Covers(parties.From.Kind, u.Kind) || book != nil && !book.WouldJudge(a, l.Sent, parties) {
				continue
			}
			known, err := store.ServicesOf(ctx, tx, u, l.Body.Patient)
			if err != nil {
				return out, err
			}
			out.add(a, u, known.Value, l, now)
		}
	}
}

// add judges one letter that the agreement is about.
func (out *Rejudged) add(a *aftale.Agreement, u store.Unit, services string, l *store.Letter, now time.Time) {
	out.Judged++
	would := a.Duty(dutyInput(u, l, services))
	row := RejudgedRow{Number: l.Number(), Unit: u.Name, Sent: l.Sent, Would: would.Due, Rule: would.Rule, WasGroup: l.Group, LateWould: late(l, &would, now)}
	if l.Duty != nil {
		row.Was, row.LateWas = l.Duty.Due, late(l, l.Duty, now)
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

// late tells whether a letter was not read before its deadline: at the deadline's
// instant it is late, as on the board. A deadline that is a guide is never missed
// (AGR-607).
func late(l *store.Letter, d *brevdue.Duty, now time.Time) bool {
	read := now
	if !l.ReadAt.IsZero() {
		read = l.ReadAt
	}
	return !d.Due.IsZero() && !d.Soft && !read.Before(d.Due)
}
