package aftale

import (
	"cmp"
	"slices"
	"time"

	"brevdue"
	"brevdue/kalender"
)

// Book is the agreements an installation has: versions of one agreement that follow
// each other, and agreements of several parties and regions side by side.
type Book struct {
	agreements []*Agreement // the newest first
	scopes     []scope      // in the same order
}

// NewBook puts agreements together. Two versions of one agreement that apply on the
// same day are an error finding, and so are two agreements in force on the same day
// that are equally narrow for some pair of parties (AGR-1003).
func NewBook(agreements ...*Agreement) (*Book, []brevdue.Finding) {
	b := &Book{agreements: slices.Clone(agreements)}
	slices.SortStableFunc(b.agreements, func(x, y *Agreement) int {
		switch {
		case x.ValidFrom.Before(y.ValidFrom):
			return 1
		case y.ValidFrom.Before(x.ValidFrom):
			return -1
		}
		return cmp.Compare(y.Version, x.Version)
	})
	for _, a := range b.agreements {
		b.scopes = append(b.scopes, scopeOf(a))
	}
	var findings []brevdue.Finding
	for i, newer := range b.agreements {
		for j := i + 1; j < len(b.agreements); j++ {
			older := b.agreements[j]
			if newer.ID != older.ID || newer.Draft() || older.Draft() {
				continue
			}
			// An older version without end is ended by a newer one; one with an end
			// after the newer's beginning says two things at once.
			if newer.ValidFrom == older.ValidFrom || older.ValidTo != (kalender.Day{}) && newer.ValidFrom.Before(older.ValidTo) {
				findings = append(findings, ruleOverlap.At(brevdue.Pos{Path: "gyldig_til"}, older.ID+" "+older.Version, newer.ID+" "+newer.Version))
			}
			if until := &b.scopes[j].until; *until == (kalender.Day{}) || newer.ValidFrom.Before(*until) {
				*until = newer.ValidFrom
			}
		}
	}
	return b, append(findings, b.overlaps()...)
}

// overlaps finds the agreements that would both judge a letter, the ones named
// first that came into force first.
func (b *Book) overlaps() []brevdue.Finding {
	var findings []brevdue.Finding
	for i := range slices.Backward(b.scopes) {
		for j := range slices.Backward(b.scopes[:i]) {
			x, y := b.scopes[i], b.scopes[j]
			if x.agreement.ID == y.agreement.ID || !together(x, y) {
				continue
			}
			if who, found := overlap(x, y); found {
				findings = append(findings, ruleNarrow.At(brevdue.Pos{Path: "parter"}, x.agreement.ID+" "+x.agreement.Version, y.agreement.ID+" "+y.agreement.Version, who))
			}
		}
	}
	return findings
}

// At returns the agreement that judges a letter sent at that time: of those in force
// then, the narrowest for its parties (AGR-1003). While any is in force, one judges:
// a letter without a deadline is read by nobody. ok is false when none is in force
// in the region that is asked for.
func (b *Book) At(sent time.Time, p Parties) (a *Agreement, ok bool) {
	var found []scope
	for _, s := range b.scopes {
		if (p.Region != "" && p.Region != s.agreement.Region) || !s.agreement.InForce(sent) ||
			slices.ContainsFunc(found, func(f scope) bool { return f.agreement.ID == s.agreement.ID }) {
			continue
		}
		found = append(found, s)
	}
	switch len(found) {
	case 0:
		return nil, false
	case 1:
		return found[0].agreement, true
	}
	best := found[0].claim(p)
	for _, s := range found[1:] {
		if c := s.claim(p); cmp.Or(narrower(c, best), cmp.Compare(c.ID, best.ID)) < 0 {
			best = c
		}
	}
	return best.Agreement, true
}

// WouldJudge tells whether an agreement, were it in force, would be the one that judges
// a letter of those parties: no other agreement in force then is narrower. Other
// versions of it do not count.
func (b *Book) WouldJudge(a *Agreement, sent time.Time, p Parties) bool {
	mine := scopeOf(a).claim(p)
	for _, s := range b.scopes {
		if s.agreement.ID == a.ID || !s.agreement.InForce(sent) {
			continue
		}
		if c := s.claim(p); cmp.Or(narrower(c, mine), cmp.Compare(c.ID, mine.ID)) < 0 {
			return false
		}
	}
	return true
}

// Newest returns the newest version, drafts included and first among equals:
// what tools outside an installation use. ok is false when the book is empty.
func (b *Book) Newest(region string) (a *Agreement, ok bool) {
	for _, a := range b.agreements {
		if region == "" || region == a.Region {
			return a, true
		}
	}
	return nil, false
}

// All returns all agreements, the newest first.
func (b *Book) All() []*Agreement { return slices.Clone(b.agreements) }
