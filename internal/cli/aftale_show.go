package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/kalender"
)

// AftaleShowCmd prints an agreement.
type AftaleShowCmd struct {
	Region string `help:"Region, e.g. midtjylland; without it any." placeholder:"R"`
	At     string `help:"The agreement in force at that time; without it now." placeholder:"TIME"`
	AgreementSource
}

// Help is the example of the command.
func (AftaleShowCmd) Help() string {
	return "Example:\n\n    brevdue aftale show --at 2026-11-27T12:00\n    brevdue aftale show --aftaler data/aftaler"
}

// Run prints the agreement in Danish, as the people who own it read it.
func (c AftaleShowCmd) Run(s *Streams) error {
	at := s.Now()
	if c.At != "" {
		var err error
		if at, err = parseTime(c.At); err != nil {
			return err
		}
	}
	a, err := c.agreement(s, c.Region, at)
	if err != nil {
		return err
	}
	showAgreement(s.Out, a, at)
	return nil
}

func showAgreement(w io.Writer, a *aftale.Agreement, at time.Time) {
	fmt.Fprintf(w, "%s, version %s: %s\n", a.Name, a.Version, validity(a, "da"))
	fmt.Fprintf(w, "Kilde: %s\nSHA-256: %s\n", a.Source, a.SHA256)

	fmt.Fprintln(w, "\nParter")
	for _, p := range a.Parties {
		fmt.Fprintf(w, "  %-32s %s\n", p.Name, strings.Join(p.Units, ", "))
	}

	fmt.Fprintln(w, "\nLæsefrister")
	for _, d := range a.Deadlines {
		fmt.Fprintf(w, "  %-8s %-38s %s\n", d.Rule, d.Name, d.Reads()+d.Citizens())
	}
	fmt.Fprintf(w, "  Vagterne begynder: %s\n", aftale.Clocks(a.Shifts))

	fmt.Fprintln(w, "\nKategorier og emner")
	for _, r := range a.Rows {
		fmt.Fprintf(w, "  %2d  %-24s %-36s sendes som %s\n", r.Number, r.Category, r.Subject, a.NationalName(r.National))
	}

	fmt.Fprintln(w, "\nOpstart af dialog")
	for _, i := range a.Initiation {
		fmt.Fprintf(w, "  %-8s %s\n", i.Rule, i.Text)
	}

	fmt.Fprintln(w, "\nStandarder, der går forud for brevet")
	for _, st := range a.Standards {
		fmt.Fprintf(w, "  %-38s %s\n", st.Name, strings.Join(st.Codes, ", "))
	}

	fmt.Fprintln(w, "\nSamtykkegrundlag")
	for _, consent := range a.Consents {
		fmt.Fprintf(w, "  %-8s %-30s %s\n", consent.Rule, consent.Name, consent.Law)
	}
	for _, n := range a.Notes {
		fmt.Fprintf(w, "\nNote: %s", n)
	}
	fmt.Fprintf(w, "\n\nLukkede dage i %d for klinikker:", kalender.DayOf(at).Year)
	fmt.Fprintln(w, " "+strings.Join(closedDays(a, kalender.DayOf(at).Year), ", "))
}

// closedDays lists a year's closed weekdays for clinics.
func closedDays(a *aftale.Agreement, year int) []string {
	var out []string
	for _, d := range a.Deadlines {
		if d.Kind != brevdue.Clinic {
			continue
		}
		for day := (kalender.Day{Year: year, Month: 1, Date: 1}); day.Year == year; day = day.Add(1) {
			if day.Weekday() != 0 && day.Weekday() != 6 && !d.Closed.Hverdag(day) {
				out = append(out, fmt.Sprintf("%s (%s)", day, d.Closed.Why(day)))
			}
		}
	}
	return out
}
