package web

import (
	"net/http"
	"strings"

	"brevdue/internal/mailbox"
	"brevdue/kalender"
)

// outsidePage lists the subjects outside the agreement that were used in a period
// (Uden for aftalen).
type outsidePage struct {
	frame
	Heading, From, To string
	Rows              []outsideRow
	More              string
}

type outsideRow struct{ Subject, Times, Units, Reasons, Last string }

// outsideDays is how many days the page looks back at first.
const outsideDays = 90

// reasonsShown is how many reasons stand at a subject.
const reasonsShown = 5

func (wb *Workbench) outsidePage(v *visit) error {
	w, c, q := v.words, wb.clock(v), v.r.URL.Query()
	last := kalender.DayOf(v.now)
	first := last.Add(-outsideDays)
	for field, day := range map[string]*kalender.Day{"fra": &first, "til": &last} {
		if d, err := kalender.ParseDay(q.Get(field)); err == nil {
			*day = d
		}
	}
	used, more, err := wb.cfg.Box.OutsideSubjects(v.ctx(), *v.person, first.At(0), last.Add(1).At(0))
	if err != nil {
		return err
	}
	p := outsidePage{Heading: w.T("aftale.outside"), From: first.String(), To: last.String()}
	p.frame = wb.personFrame(v, p.Heading)
	if more {
		p.More = w.T("aftale.outsidemore", mailbox.OutsideMost)
	}
	for _, o := range used {
		p.Rows = append(p.Rows, outsideRow{o.Subject, w.N("inbox.letters", o.Times), strings.Join(o.Units, ", "),
			strings.Join(o.Reasons[:min(reasonsShown, len(o.Reasons))], " · "), c.when(o.Last)})
	}
	return wb.render(v, http.StatusOK, "agreementoutside", p)
}
