package cli

import (
	"context"
	"fmt"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/app"
	"brevdue/internal/store"
)

// AftaleWhyCmd tells what judged a stored letter.
type AftaleWhyCmd struct {
	letterFlags
	Language
}

// Help is the example of the command.
func (AftaleWhyCmd) Help() string {
	return "Example:\n\n    brevdue aftale why --data data B-000123\n\n" +
		"What the deadline was computed from, by which version of the agreement (with\nits SHA-256), and the steps. Nothing about the citizen is shown but whether\nservices are received. Exit code 1 when the letter has no deadline."
}

// whyAnswer is the JSON answer for one letter.
type whyAnswer struct {
	Number    string               `json:"number"`
	Due       *time.Time           `json:"due"`
	Expected  *time.Time           `json:"expected"`
	Soft      bool                 `json:"soft"`
	Rule      string               `json:"rule"`
	Sentence  string               `json:"sentence"`
	Agreement brevdue.AgreementRef `json:"agreement"`
	Input     whyInput             `json:"input"`
	Steps     []aftale.Step        `json:"steps"` // empty when the text of the agreement is not here
	Moved     bool                 `json:"moved"` // computed now, it would be another deadline
}

type whyInput struct {
	Receiver brevdue.UnitKind `json:"receiver"`
	Sent     time.Time        `json:"sent"`
	Arrived  time.Time        `json:"arrived"`
	Services aftale.Services  `json:"services"`
}

// Run explains each letter that is meant.
func (c AftaleWhyCmd) Run(s *Streams) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	return c.open(func(ctx context.Context, st store.Store) error {
		found, err := c.find(ctx, s, st)
		if err != nil {
			return err
		}
		for _, l := range found {
			why, err := app.WhyJudged(ctx, st, conf, l)
			if err != nil {
				return err
			}
			if err := c.tell(s, l, why); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c AftaleWhyCmd) tell(s *Streams, l *store.Letter, why app.Why) error {
	d := l.Duty
	if d == nil || d.Rule == "" {
		fmt.Fprintf(s.Err, "%s har ingen læsefrist: aftalen handler ikke om det (no deadline)\n", l.Number())
		return Exit(1)
	}
	if c.JSON {
		a := whyAnswer{Number: l.Number(), Soft: d.Soft, Rule: d.Rule, Sentence: d.Sentence, Agreement: d.Agreement, Steps: why.Steps, Moved: why.Moved,
			Input: whyInput{why.Input.Receiver, l.Sent.UTC(), l.Arrived.UTC(), why.Input.Services}, Due: timeOrNull(d.Due), Expected: timeOrNull(d.Expected)}
		if a.Steps == nil {
			a.Steps = []aftale.Step{}
		}
		return printJSON(s.Out, a)
	}
	sentence := d.Sentence
	if c.Lang == "en" {
		sentence = d.SentenceEN
	}
	fmt.Fprintf(s.Out, "%s  %s\n%s\n", l.Number(), d.Rule, sentence)
	fmt.Fprintf(s.Out, "%s %s, SHA-256 %s\n", d.Agreement.ID, d.Agreement.Version, d.Agreement.SHA256)
	if why.Steps == nil {
		fmt.Fprintln(s.Out, "(aftalens tekst med det fingeraftryk findes ikke her; the text of that agreement is not here)")
		return nil
	}
	for i, step := range why.Steps {
		text := step.Text
		if c.Lang == "en" {
			text = step.TextEN
		}
		fmt.Fprintf(s.Out, "%2d. %s\n", i+1, text)
	}
	if why.Moved {
		fmt.Fprintln(s.Out, "(trinene er efter det, der vides nu; brevets frist er den, der står øverst; the steps are by what is known now, the letter's own deadline stands)")
	}
	return nil
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
