package mailbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// VersionState is where a version of an agreement stands, seen from today.
type VersionState string

// The states of a version, in the order of its life.
const (
	VersionDraft     VersionState = "draft"     // changes nothing
	VersionProposed  VersionState = "proposed"  // waits for a second person
	VersionComing    VersionState = "coming"    // decided, in force from a later date
	VersionCurrent   VersionState = "current"   // in force
	VersionEnded     VersionState = "ended"     // was in force
	VersionWithdrawn VersionState = "withdrawn" // will never be
)

// Version is one version of an agreement: of a file of the installation, or of
// one that came in by the pages.
type Version struct {
	Key       string // the first digits of its SHA-256, for addresses
	Agreement *aftale.Agreement
	Content   []byte
	State     VersionState
	Text      *store.AgreementText // nil: from a file
	// MayApprove tells whether the person who asked can be the second one.
	MayApprove bool
	Findings   []brevdue.Finding // of its text; errors keep it from being put in force
}

// keyDigits is how much of a hash tells versions apart in an address.
const keyDigits = 16

func keyOf(sha string) string { return sha[:min(keyDigits, len(sha))] }

// Findings is an error: an agreement file that was not taken in, and why.
type Findings []brevdue.Finding

// Error says how many there are.
func (f Findings) Error() string { return fmt.Sprintf("%d findings", len(f)) }

// Agreements lists every version, the newest first. Whoever is signed in may
// read them.
func (b *Box) Agreements(ctx context.Context, p Person) ([]Version, error) {
	var out []Version
	err := b.view(ctx, p, func(tx store.Tx) (err error) {
		out, err = b.versions(ctx, tx, p)
		return err
	})
	return out, err
}

// Version returns the version an address names.
func (b *Box) Version(ctx context.Context, p Person, key string) (Version, error) {
	all, err := b.Agreements(ctx, p)
	if err != nil {
		return Version{}, err
	}
	return VersionOf(all, key)
}

// VersionOf is the one with the key; ErrNotFound when there is none.
func VersionOf(all []Version, key string) (Version, error) {
	for _, v := range all {
		if v.Key == key {
			return v, nil
		}
	}
	return Version{}, brevdue.ErrNotFound
}

// versions puts the installation's files and the archive's texts together.
func (b *Box) versions(ctx context.Context, tx store.Tx, p Person) ([]Version, error) {
	texts, err := tx.Agreements().List(ctx)
	if err != nil {
		return nil, err
	}
	var out []Version
	taken := map[string]bool{}
	for i := range texts {
		t := &texts[i]
		a, findings := aftale.Load(t.Content)
		if a == nil {
			continue // was loaded when it came in; an older program may know less
		}
		v := Version{Key: keyOf(t.SHA), Agreement: a, Content: t.Content, Text: t, Findings: findings}
		v.MayApprove = t.State == store.AgreementProposed && p.May(RightAgree, "") && t.ProposedBy != p.ID
		taken[t.SHA] = true
		out = append(out, v)
	}
	if book := b.cfg.Books(); book != nil {
		for _, a := range book.All() {
			if !taken[a.SHA256] {
				out = append(out, Version{Key: keyOf(a.SHA256), Agreement: a, Content: a.File})
			}
		}
	}
	b.place(out)
	slices.SortStableFunc(out, func(x, y Version) int {
		return cmp.Or(cmp.Compare(x.Agreement.ID, y.Agreement.ID), rank(x.State)-rank(y.State), later(x.Agreement, y.Agreement), cmp.Compare(y.Agreement.Version, x.Agreement.Version))
	})
	return out, nil
}

// rank puts what needs somebody first and what is over last.
func rank(s VersionState) int {
	return slices.Index([]VersionState{VersionProposed, VersionDraft, VersionComing, VersionCurrent, VersionEnded, VersionWithdrawn}, s)
}

func later(x, y *aftale.Agreement) int {
	switch {
	case y.ValidFrom.Before(x.ValidFrom):
		return -1
	case x.ValidFrom.Before(y.ValidFrom):
		return 1
	}
	return 0
}

// place says where each version stands today.
func (b *Box) place(all []Version) {
	now := b.cfg.Now()
	today := kalender.DayOf(now)
	decided := func(v *Version) bool { return v.Text == nil || v.Text.State == store.AgreementActivated }
	for i := range all {
		v := &all[i]
		switch {
		case v.Text != nil && v.Text.State == store.AgreementWithdrawn:
			v.State = VersionWithdrawn
		case v.Text != nil && v.Text.State == store.AgreementProposed:
			v.State = VersionProposed
		case !decided(v) || v.Agreement.Draft():
			v.State = VersionDraft
		case today.Before(v.Agreement.ValidFrom):
			v.State = VersionComing
		case !v.Agreement.InForce(now) || slices.ContainsFunc(all, func(o Version) bool {
			return o.Agreement.ID == v.Agreement.ID && decided(&o) && o.Agreement.InForce(now) && v.Agreement.ValidFrom.Before(o.Agreement.ValidFrom)
		}):
			v.State = VersionEnded
		default:
			v.State = VersionCurrent
		}
	}
}

// maxAgreement bounds an agreement file; the shipped one has some 12 kB.
const maxAgreement = 256 << 10

// ImportAgreement takes a new version in as a draft. A file that does not load,
// or holds a version that is there already, is Findings.
func (b *Box) ImportAgreement(ctx context.Context, p Person, content []byte) (Version, error) {
	var out Version
	err := b.update(ctx, p, func(tx store.Tx) error {
		if err := may(p, RightAgree, ""); err != nil {
			return err
		}
		if len(content) > maxAgreement {
			return Findings{ruleAgreementLarge.At(brevdue.Pos{}, maxAgreement>>10)}
		}
		a, findings := aftale.Load(content)
		if a == nil || brevdue.HasErrors(findings) {
			return Findings(findings)
		}
		if !a.Draft() {
			return Findings{ruleAgreementDated.At(lineOf(content, "gyldig_fra:"))}
		}
		all, err := b.versions(ctx, tx, p)
		if err != nil {
			return err
		}
		for _, v := range all {
			if v.Agreement.ID == a.ID && v.Agreement.Version == a.Version {
				return Findings{ruleAgreementThere.At(lineOf(content, "version:"), a.Version)}
			}
		}
		t := store.AgreementText{Agreement: a.ID, Version: a.Version, SHA: a.SHA256, Content: content, State: store.AgreementDraft,
			ImportedBy: p.Name, ImportedAt: b.cfg.Now()}
		if t.ID, err = tx.Agreements().Add(ctx, t); err != nil {
			return err
		}
		out = Version{Key: keyOf(t.SHA), Agreement: a, Content: content, State: VersionDraft, Text: &t, Findings: findings}
		return b.note(ctx, tx, p, "agreement.imported", "", 0, a.ID+" "+a.Version+" "+keyOf(t.SHA))
	})
	if err != nil {
		return Version{}, err
	}
	return out, nil
}

// The rules of putting an agreement in force.
var (
	ruleAgreementLarge = brevdue.Rule{ID: "AFT-IMPORT-01", Severity: brevdue.SeverityError, Ref: "AGR-1003",
		Text: "Filen er større end %d kB og er næppe en aftale.", TextEN: "The file is larger than %d kB and hardly an agreement."}
	ruleAgreementDated = brevdue.Rule{ID: "AFT-IMPORT-02", Severity: brevdue.SeverityError, Ref: "AGR-1003",
		Text:   "En ny version hentes ind som kladde. Fjern linjen gyldig_fra; datoen vælges, når versionen foreslås sat i kraft.",
		TextEN: "A new version comes in as a draft. Remove the line gyldig_fra; the date is chosen when the version is proposed."}
	ruleAgreementThere = brevdue.Rule{ID: "AFT-IMPORT-03", Severity: brevdue.SeverityError, Ref: "AGR-1003",
		Text: "Version %s findes allerede. Giv den nye et andet versionsnummer.", TextEN: "Version %s is there already. Give the new one another version number."}
)

// lineOf is the place of a key that begins a line.
func lineOf(content []byte, key string) brevdue.Pos {
	line := 1
	for l := range strings.Lines(string(content)) {
		if strings.HasPrefix(l, key) {
			return brevdue.Pos{Line: line, Column: 1, Path: strings.TrimSuffix(key, ":")}
		}
		line++
	}
	return brevdue.Pos{}
}

// ProposeAgreement asks for a draft to be in force from a date, which must be in
// the future: letters that are under way are never judged anew. What is wrong
// with date or text is Faults in the field "date", or Findings.
func (b *Box) ProposeAgreement(ctx context.Context, p Person, key, date string) error {
	return b.decide(ctx, p, key, func(tx store.Tx, v Version) error {
		t := *v.Text
		if t.State != store.AgreementDraft {
			return brevdue.ErrConflict
		}
		if _, err := b.dated(ctx, tx, p, v, date); err != nil {
			return err
		}
		t.State, t.ValidFrom, t.ProposedBy, t.ProposedAt = store.AgreementProposed, date, p.ID, b.cfg.Now()
		if err := tx.Agreements().Update(ctx, t); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "agreement.proposed", "", 0, t.Agreement+" "+t.Version+" from "+date)
	})
}

// ApproveAgreement is the second person's word: from the date the version judges
// new letters (AGR-1003). Whoever proposed it gets ErrForbidden.
func (b *Box) ApproveAgreement(ctx context.Context, p Person, key string) error {
	return b.decide(ctx, p, key, func(tx store.Tx, v Version) error {
		t := *v.Text
		if t.State != store.AgreementProposed {
			return brevdue.ErrConflict
		}
		if t.ProposedBy == p.ID {
			return &denied{why: "approves what the person proposed", as: brevdue.ErrForbidden}
		}
		a, err := b.dated(ctx, tx, p, v, t.ValidFrom)
		if err != nil {
			return err
		}
		t.Content, t.SHA = a.File, a.SHA256
		t.State, t.ApprovedBy, t.ApprovedAt = store.AgreementActivated, p.ID, b.cfg.Now()
		if err := tx.Agreements().Update(ctx, t); err != nil {
			return err
		}
		tx.Notify(store.TopicAgreements)
		return b.note(ctx, tx, p, "agreement.activated", "", 0, t.Agreement+" "+t.Version+" from "+t.ValidFrom+" "+keyOf(t.SHA))
	})
}

// WithdrawAgreement takes back a proposal, which is a draft again, or for good a
// draft or a version that is not in force yet.
func (b *Box) WithdrawAgreement(ctx context.Context, p Person, key string) error {
	return b.decide(ctx, p, key, func(tx store.Tx, v Version) error {
		t := *v.Text
		switch v.State {
		case VersionProposed:
			t.State, t.ValidFrom, t.ProposedBy = store.AgreementDraft, "", 0
		case VersionDraft, VersionComing:
			t.State = store.AgreementWithdrawn
		default:
			return brevdue.ErrConflict // letters are judged by it, or were
		}
		if err := tx.Agreements().Update(ctx, t); err != nil {
			return err
		}
		tx.Notify(store.TopicAgreements)
		return b.note(ctx, tx, p, "agreement.withdrawn", "", 0, t.Agreement+" "+t.Version+" was "+string(v.State))
	})
}

// decide runs one step of a version that came in by the pages.
func (b *Box) decide(ctx context.Context, p Person, key string, step func(store.Tx, Version) error) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		if err := may(p, RightAgree, ""); err != nil {
			return err
		}
		all, err := b.versions(ctx, tx, p)
		if err != nil {
			return err
		}
		v, err := VersionOf(all, key)
		if err != nil {
			return err
		}
		if v.Text == nil {
			return brevdue.ErrConflict // a file of the installation is the operator's
		}
		return step(tx, v)
	})
}

// dated returns the version with its date, after everything that keeps it
// from being in force then was asked.
func (b *Box) dated(ctx context.Context, tx store.Tx, p Person, v Version, date string) (*aftale.Agreement, error) {
	day, err := kalender.ParseDay(date)
	if err != nil {
		return nil, Faults{{Field: "date", Text: "Vælg den dato, versionen skal gælde fra.", TextEN: "Choose the date the version shall be in force from."}}
	}
	if !kalender.DayOf(b.cfg.Now()).Before(day) {
		return nil, Faults{{Field: "date", Text: "Datoen skal ligge efter i dag: breve, der er sendt, bedømmes efter den aftale, de blev sendt under.",
			TextEN: "The date must be after today: letters that were sent are judged by the agreement they were sent under."}}
	}
	content, err := aftale.WithValidFrom(v.Content, day)
	if err != nil {
		return nil, err
	}
	a, findings := aftale.Load(content)
	if a == nil || brevdue.HasErrors(findings) {
		return nil, Findings(findings)
	}
	all, err := b.versions(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	together := []*aftale.Agreement{a}
	for _, o := range all {
		if o.State == VersionComing || o.State == VersionCurrent || o.State == VersionEnded {
			together = append(together, o.Agreement)
		}
	}
	if _, findings := aftale.NewBook(together...); brevdue.HasErrors(findings) {
		return nil, Findings(findings)
	}
	return a, nil
}

// ActivatedAgreements reads the versions that were put in force by the pages; a
// text that does not load any more is an error that names it.
func ActivatedAgreements(ctx context.Context, tx store.Tx) ([]*aftale.Agreement, error) {
	texts, err := tx.Agreements().List(ctx)
	if err != nil {
		return nil, err
	}
	var out []*aftale.Agreement
	var failed error
	for _, t := range texts {
		if t.State != store.AgreementActivated {
			continue
		}
		a, findings := aftale.Load(t.Content)
		if a == nil || brevdue.HasErrors(findings) {
			failed = errors.Join(failed, fmt.Errorf("agreement %s %s in the archive does not load: %w", t.Agreement, t.Version, Findings(findings)))
			continue
		}
		out = append(out, a)
	}
	return out, failed
}
