package aftale

import (
	"cmp"
	"slices"
	"time"

	"brevdue"
	"brevdue/kalender"
)

// Book is the agreements an installation has.
type Book struct {
	agreements []*Agreement // the newest first
}

// NewBook puts agreements together. Two versions for the same region and kind of
// agreement that apply on the same day are an error finding (AGR-1003).
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
	var findings []brevdue.Finding
	for i, newer := range b.agreements {
		for _, older := range b.agreements[i+1:] {
			if newer.ID != older.ID || newer.Draft() || older.Draft() {
				continue
			}
			// An older version without end is ended by a newer one; one with an end
			// after the newer's beginning says two things at once.
			if newer.ValidFrom == older.ValidFrom || older.ValidTo != (kalender.Day{}) && newer.ValidFrom.Before(older.ValidTo) {
				findings = append(findings, ruleOverlap.At(brevdue.Pos{Path: "gyldig_til"}, older.ID+" "+older.Version, newer.ID+" "+newer.Version))
			}
		}
	}
	return b, findings
}

// Parties says whose letter it is, as far as it is known: the region its parties
// belong to, "" when the installation has one agreement only.
type Parties struct {
	Region string
}

// At returns the agreement that judges a letter sent at that time; ok is false
// when none is in force.
func (b *Book) At(sent time.Time, p Parties) (a *Agreement, ok bool) {
	for _, a := range b.agreements {
		if (p.Region == "" || p.Region == a.Region) && a.InForce(sent) {
			return a, true
		}
	}
	return nil, false
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
