package mailbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/kalender"
	"brevdue/sor"
)

// The measures of the directory's hygiene.
const (
	staleAfter   = 365            // days nobody has stood by an entry
	silentFor    = 30             // days without a receipt
	silentMargin = 24 * time.Hour // a younger letter may still get one
	shownOfAKind = 50             // findings of a kind on the page
)

// ruleSilent is the one finding that letters tell and not the directory.
var ruleSilent = brevdue.Rule{ID: "SOR-SILENT-01", Severity: brevdue.SeverityWarning, Ref: "docs/adressebog.md",
	Text:   "%q har ikke kvitteret for et brev i %d dage: %d breve venter, det ældste fra %s.",
	TextEN: "%q has not acknowledged a letter for %d days: %d letters wait, the oldest from %s."}

// Hygiene is what a register keeper should put right (Fund).
type Hygiene struct {
	Kinds  []HygieneKind
	Before string // entries are stale that nobody has stood by since, "2006-01-02"
	Total  int
}

// HygieneKind is the findings by one rule, with what to do.
type HygieneKind struct {
	Rule         string // the first of those it is made of
	What, WhatEN string // is wrong, as a heading
	To, ToEN     string // do about it
	Findings     []HygieneFinding
	Total        int    // findings; the list may show fewer
	Reference    string // to the agreement or the standard
}

// HygieneFinding is one thing to put right.
type HygieneFinding struct {
	GLN          brevdue.GLN
	Name, Place  string
	Text, TextEN string
	Letter       string // to the register's keeper, Danish, ready to send
}

// hygieneKind is what is said about a rule.
type hygieneKind struct {
	rules                  []string
	what, whatEN, to, toEN string
	ask                    string // of the register's keeper, in the letter
}

// hygieneKinds are the kinds of finding in the order of the page.
func hygieneKinds() []hygieneKind {
	return []hygieneKind{
		{[]string{"SOR-SILENT-01"}, "Ingen kvittering i 30 dage", "No receipt for 30 days",
			"Ring til modtageren: breve kommer måske ikke frem. Få bekræftet lokationsnummeret, og om enheden stadig modtager korrespondancebreve.",
			"Call the receiver: letters may not arrive. Have the location number confirmed, and that the unit still takes correspondence letters.",
			"Vi beder jer bekræfte, at lokationsnummeret er i brug, og at enheden kan modtage korrespondancebreve."},
		{[]string{"SOR-NAME-01"}, "Ude af brug eller kun til internt brug", "Out of use or for internal use only",
			"Skriv ikke til enheden. Bed den registeransvarlige lukke nummeret eller rette navnet.",
			"Do not write to the unit. Ask the register's keeper to close the number or to correct the name.",
			"Vi beder jer lukke lokationsnummeret, hvis det ikke er i brug, og ellers rette navnet."},
		{[]string{"SOR-NAME-02", "SOR-NAME-04", "SOR-NAME-05"}, "Ens eller næsten ens navne", "Equal or nearly equal names",
			"Foreslå et visningsnavn, der kan kendes fra de andre, og bed den registeransvarlige rette navnet.",
			"Propose a display name that can be told from the others, and ask the register's keeper to correct the name.",
			"Vi beder jer give enheden et navn, der kan kendes fra andre enheders, med kommune eller sted i navnet."},
		{[]string{"SOR-NAME-03"}, "Kommunen kan ikke ses", "The municipality cannot be seen",
			"Foreslå et visningsnavn med kommunen i, og bed den registeransvarlige rette navnet.",
			"Propose a display name with the municipality in it, and ask the register's keeper to correct the name.",
			"Vi beder jer skrive kommunens navn i enhedens navn."},
		{[]string{"SOR-NUMBER-01"}, "For mange lokationsnumre i en kommune", "Too many location numbers in a municipality",
			"Bed kommunen pege på de numre, der skal skrives til, og sige, hvad hvert af dem er til.",
			"Ask the municipality which numbers to write to, and what each is for.",
			"Vi beder jer begrænse kommunens lokationsnumre til korrespondancebreve til det aftalte antal og oplyse, hvilke emner hvert nummer modtager."},
		{[]string{"SOR-DATE-01"}, "Forældede oplysninger", "Old information",
			"Få oplysningerne bekræftet, eller indlæs et nyere udtræk af registret.",
			"Have the information confirmed, or import a newer extract of the register.",
			"Vi beder jer bekræfte, at enhedens navn, lokationsnummer og telefonnummer stadig gælder."},
	}
}

// Hygiene goes through the directory as a register keeper does, and through the letters
// of the person's own units. before is the date from which on entries count as fresh, ""
// for a year ago. Faults in the field "before" when it is no date.
func (b *Box) Hygiene(ctx context.Context, p Person, before string) (Hygiene, error) {
	now := b.cfg.Now()
	if before == "" {
		before = kalender.DayOf(now).Add(-staleAfter).String()
	}
	if _, err := kalender.ParseDay(before); err != nil {
		return Hygiene{}, Faults{{Field: "before", Text: "Vælg en dato.", TextEN: "Choose a date."}}
	}
	silent, err := b.silent(ctx, p, now)
	if err != nil {
		return Hygiene{}, err
	}
	dir := b.cfg.Directory()
	all := slices.Concat(silent, dir.Review(b.mostNumbers(now)), dir.Twins(), dir.Stale(before))
	byRule := map[string][]brevdue.Finding{}
	for _, f := range all {
		byRule[f.Rule] = append(byRule[f.Rule], f)
	}
	out := Hygiene{Before: before, Total: len(all)}
	for _, k := range hygieneKinds() {
		kind := HygieneKind{Rule: k.rules[0], What: k.what, WhatEN: k.whatEN, To: k.to, ToEN: k.toEN}
		for _, rule := range k.rules {
			kind.Total += len(byRule[rule])
			for _, f := range byRule[rule] {
				kind.Reference = f.Ref
				if len(kind.Findings) < shownOfAKind {
					kind.Findings = append(kind.Findings, b.hygieneFinding(p, k, f, now))
				}
			}
		}
		if kind.Total > 0 {
			out.Kinds = append(out.Kinds, kind)
		}
	}
	return out, nil
}

// mostNumbers is how many location numbers a municipality may have by an agreement that
// is in force now; 0 for no limit.
func (b *Box) mostNumbers(now time.Time) int {
	book := b.cfg.Books()
	if book == nil {
		return 0
	}
	for _, a := range book.All() {
		if a.InForce(now) && a.MaxNumbers > 0 {
			return a.MaxNumbers
		}
	}
	return 0
}

// silent are findings about receivers that the person's units got no receipt from.
func (b *Box) silent(ctx context.Context, p Person, now time.Time) ([]brevdue.Finding, error) {
	sum := map[brevdue.GLN]store.Silence{}
	var order []brevdue.GLN
	err := b.view(ctx, p, func(tx store.Tx) error {
		clear(sum)
		order = nil
		for _, unit := range p.Units {
			found, err := tx.Letters().Silent(ctx, unit, now.Add(-silentMargin), now.AddDate(0, 0, -silentFor))
			if err != nil {
				return err
			}
			for _, s := range found {
				all, known := sum[s.GLN]
				if !known {
					order, all = append(order, s.GLN), s
					all.Letters = 0
				}
				all.Letters += s.Letters
				if s.Since.Before(all.Since) {
					all.Since = s.Since
				}
				sum[s.GLN] = all
			}
		}
		return nil
	})
	var out []brevdue.Finding
	for _, gln := range order {
		s := sum[gln]
		f := ruleSilent.At(brevdue.Pos{Path: string(gln)}, b.nameOf(gln), silentFor, s.Letters, kalender.DayOf(s.Since).String())
		out = append(out, f)
	}
	return out, err
}

// hygieneFinding is a finding with the letter about it.
func (b *Box) hygieneFinding(p Person, k hygieneKind, f brevdue.Finding, now time.Time) HygieneFinding {
	gln := brevdue.GLN(f.Pos.Path)
	e, _ := b.cfg.Directory().Get(gln)
	out := HygieneFinding{GLN: gln, Name: b.nameOf(gln), Place: e.Place, Text: f.Text, TextEN: f.TextEN}
	out.Letter = keeperLetter(p, k, f, e, now)
	return out
}

// keeperLetter is the text to the keeper of the register.
func keeperLetter(p Person, k hygieneKind, f brevdue.Finding, e sor.Entry, now time.Time) string {
	lines := []string{
		"Til den SOR-ansvarlige", "",
		"Vedrørende lokationsnummer " + f.Pos.Path, "",
	}
	if name := e.Registered(); name != "" {
		lines = append(lines, "Navn i registret: "+name)
	}
	if e.Place != "" {
		lines = append(lines, "Kommune eller hospital: "+e.Place)
	}
	lines = append(lines, "", "Det har vi set: "+f.Text, "", k.ask, "", "Med venlig hilsen", strings.TrimSuffix(p.Name+", "+p.Title, ", "), fmt.Sprint(kalender.DayOf(now)))
	return strings.Join(lines, "\n")
}
