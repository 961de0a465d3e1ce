package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/app"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// AftalePreviewCmd says what another agreement would have changed.
type AftalePreviewCmd struct {
	Installation
	Language
	From string `help:"First day of arrival; by default the first of last month." placeholder:"DATE"`
	To   string `help:"Last day of arrival; by default the last of last month." placeholder:"DATE"`
	JSON bool   `name:"json" help:"Print JSON: the figures, then one object for each letter."`
	File string `arg:"" help:"Agreement file; it need not be in force. shipped is the one that comes with the program."`
}

// Help is the example of the command.
func (AftalePreviewCmd) Help() string {
	return "Example:\n\n    brevdue aftale preview --data data --from 2026-11-01 --to 2026-11-30 ny-aftale.yaml\n\n" +
		"The letters received in the period, judged by the file: which would have been due\notherwise, and how many would have been late. No citizen is shown and nothing is\nchanged. Exit code 1 when the file has errors, else 0, whatever would have changed."
}

// previewFigures are the figures of a period as programs read them.
type previewFigures struct {
	Agreement brevdue.AgreementRef `json:"agreement"`
	From      string               `json:"from"`
	To        string               `json:"to"`
	Letters   int                  `json:"letters"`
	Judged    int                  `json:"judged"`
	Changed   int                  `json:"changed"`
	Earlier   int                  `json:"earlier"`
	Later     int                  `json:"later"`
	MoreLate  int                  `json:"more_late"`
	LessLate  int                  `json:"less_late"`
	Moved     int                  `json:"moved"`
}

// previewLetter is a letter that would have been judged otherwise.
type previewLetter struct {
	Number   string     `json:"number"`
	Unit     string     `json:"unit"`
	Sent     time.Time  `json:"sent"`
	Was      *time.Time `json:"was"`
	Would    *time.Time `json:"would"`
	Rule     string     `json:"rule"`
	WasGroup string     `json:"was_subject"`
	Group    string     `json:"subject"`
}

// Run judges them.
func (c AftalePreviewCmd) Run(s *Streams) error {
	a, err := c.agreement(s)
	if err != nil {
		return err
	}
	from, to, err := c.period(s.Now())
	if err != nil {
		return err
	}
	conf, err := c.load()
	if err != nil {
		return err
	}
	return c.open(func(ctx context.Context, st store.Store) error {
		r, err := app.Preview(ctx, st, conf, a, from.At(0), to.Add(1).At(0), s.Now())
		if err != nil {
			return err
		}
		return c.tell(s, a, from, to, r)
	})
}

// agreement reads the file, or prints what is wrong with it.
func (c AftalePreviewCmd) agreement(s *Streams) (*aftale.Agreement, error) {
	_, content := aftale.Shipped()
	if c.File != "shipped" {
		var err error
		if content, err = os.ReadFile(c.File); err != nil {
			return nil, err
		}
	}
	a, findings := aftale.Load(content)
	if a != nil {
		return a, nil
	}
	check := AftaleCheckCmd{Language: c.Language}
	if err := check.report(&Streams{In: s.In, Out: s.Err, Err: s.Err, Now: s.Now}, c.File, nil, findings); err != nil {
		return nil, err
	}
	return nil, Exit(1)
}

// period reads the days; without any it is last month.
func (c AftalePreviewCmd) period(now time.Time) (from, to kalender.Day, err error) {
	today := kalender.DayOf(now)
	to = kalender.Day{Year: today.Year, Month: today.Month, Date: 1}.Add(-1)
	from = kalender.Day{Year: to.Year, Month: to.Month, Date: 1}
	for _, d := range []struct {
		flag, text string
		day        *kalender.Day
	}{{"--from", c.From, &from}, {"--to", c.To, &to}} {
		if d.text == "" {
			continue
		}
		if *d.day, err = kalender.ParseDay(d.text); err != nil {
			return from, to, fmt.Errorf("%s %q is no date like 2026-11-01", d.flag, d.text)
		}
	}
	if to.Before(from) {
		return from, to, fmt.Errorf("--to %s is before --from %s", to, from)
	}
	return from, to, nil
}

func (c AftalePreviewCmd) tell(s *Streams, a *aftale.Agreement, from, to kalender.Day, r app.Rejudged) error {
	if c.JSON {
		err := printJSON(s.Out, previewFigures{a.Ref(), from.String(), to.String(), r.Letters, r.Judged, r.Changed, r.Earlier, r.Later, r.MoreLate, r.LessLate, r.Moved})
		for _, row := range r.Rows {
			if err == nil {
				err = printJSON(s.Out, previewLetter{row.Number, row.Unit, row.Sent.UTC(), timeOrNull(row.Was), timeOrNull(row.Would), row.Rule, row.WasGroup, row.Group})
			}
		}
		return err
	}
	fmt.Fprintf(s.Out, c.say("%s %s, breve modtaget %s til %s\n", "%s %s, letters received %s to %s\n"), a.Name, a.Version, from, to)
	for _, f := range []struct {
		n      int
		da, en string
	}{
		{r.Letters, "breve", "letters"}, {r.Judged, "som aftalen handler om", "that the agreement is about"}, {r.Changed, "ville være bedømt anderledes", "would have been judged otherwise"},
		{r.Earlier, "med tidligere frist", "due earlier"}, {r.Later, "med senere frist", "due later"}, {r.MoreLate, "læst i tide, men for sent efter filen", "read in time, too late by the file"},
		{r.LessLate, "læst for sent, men i tide efter filen", "read too late, in time by the file"}, {r.Moved, "med et andet emne", "with another subject"},
	} {
		fmt.Fprintf(s.Out, "%6d  %s\n", f.n, c.say(f.da, f.en))
	}
	for _, row := range r.Rows {
		fmt.Fprintf(s.Out, "%s  %s  %s -> %s  %s\n", row.Number, row.Unit, c.when(row.Was), c.when(row.Would), row.Rule)
	}
	if n := r.Changed - len(r.Rows); n > 0 {
		fmt.Fprintf(s.Out, c.say("og %d til\n", "and %d more\n"), n)
	}
	return nil
}

// when is a deadline in the terminal.
func (c AftalePreviewCmd) when(t time.Time) string {
	if t.IsZero() {
		return c.say("ingen frist", "no deadline")
	}
	return t.In(kalender.Copenhagen()).Format("2006-01-02 15:04")
}
