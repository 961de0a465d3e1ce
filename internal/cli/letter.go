package cli

import (
	"context"
	"fmt"
	"time"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// LetterCmd finds letters for whoever looks after an installation. It never shows
// the citizen or the text.
type LetterCmd struct {
	Find     LetterFindCmd     `cmd:"" help:"Find a letter by its number, its BrevNr or its KuvertNr."`
	Timeline LetterTimelineCmd `cmd:"" help:"Tell what happened to a letter, with times."`
}

// letterFlags say which letter is meant.
type letterFlags struct {
	Installation
	Sender string `help:"Location number of the sender; needed to find a received letter by its BrevNr." placeholder:"GLN"`
	JSON   bool   `name:"json" help:"Print JSON."`
	Number string `arg:"" help:"B-000123, BrevNr, or KuvertNr of a letter that was sent."`
}

// find returns the letters meant, and exit code 1 when there is none.
func (f letterFlags) find(ctx context.Context, s *Streams, st store.Store) ([]*store.Letter, error) {
	found, err := app.FindLetters(ctx, st, f.Number, brevdue.GLN(f.Sender))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		fmt.Fprintln(s.Err, "no letter found")
		if f.Sender == "" {
			fmt.Fprintln(s.Err, "a received letter is found by its BrevNr together with --sender")
		}
		return nil, Exit(1)
	}
	return found, nil
}

// letterLine is a letter as programs read it.
type letterLine struct {
	Number    string         `json:"number"`
	Direction string         `json:"direction"`
	Status    brevdue.Status `json:"status"`
	Unit      brevdue.GLN    `json:"unit"`
	Sender    brevdue.GLN    `json:"sender"`
	Receiver  brevdue.GLN    `json:"receiver"`
	Kind      brevdue.Kind   `json:"kind"`
	Letter    string         `json:"letter_id"`
	Envelope  string         `json:"envelope_id"`
	Sent      time.Time      `json:"sent,omitzero"`
	Arrived   time.Time      `json:"arrived,omitzero"`
	Due       time.Time      `json:"due,omitzero"`
	Read      time.Time      `json:"read,omitzero"`
	Answered  time.Time      `json:"answered,omitzero"`
}

func letterLineOf(l *store.Letter) letterLine {
	out := letterLine{
		Number: l.Number(), Direction: string(l.Direction), Status: l.Status, Unit: l.Unit, Sender: l.Body.Sender.GLN, Receiver: l.Body.Receiver.GLN,
		Kind: l.Kind, Letter: l.Body.ID, Envelope: l.Envelope.ID, Sent: l.Sent.UTC(), Arrived: l.Arrived.UTC(), Read: l.ReadAt.UTC(), Answered: l.AnsweredAt.UTC(),
	}
	if l.Duty != nil {
		out.Due = l.Duty.Due.UTC()
	}
	return out
}

// LetterFindCmd finds letters.
type LetterFindCmd struct{ letterFlags }

// Help is the example of the command.
func (LetterFindCmd) Help() string {
	return "Example:\n\n    brevdue letter find --data data B-000123\n    brevdue letter find --data data --sender 5790000120420 BrevNr00129\n\nExit code 1 when there is none."
}

// Run finds them.
func (c LetterFindCmd) Run(s *Streams) error {
	return c.open(func(ctx context.Context, st store.Store) error {
		found, err := c.find(ctx, s, st)
		for _, l := range found {
			if err := c.line(s, letterLineOf(l)); err != nil {
				return err
			}
		}
		return err
	})
}

func (c LetterFindCmd) line(s *Streams, l letterLine) error {
	if c.JSON {
		return printJSON(s.Out, l)
	}
	fmt.Fprintf(s.Out, "%s  %s  %s  %s\n  from %s to %s\n  BrevNr %s  KuvertNr %s\n", l.Number, l.Direction, l.Status, l.Kind, l.Sender, l.Receiver, l.Letter, l.Envelope)
	for _, t := range []struct {
		what string
		at   time.Time
	}{{"sent", l.Sent}, {"arrived", l.Arrived}, {"to be read by", l.Due}, {"read", l.Read}, {"answered", l.Answered}} {
		if !t.at.IsZero() {
			fmt.Fprintf(s.Out, "  %-14s %s\n", t.what, local(t.at))
		}
	}
	return nil
}

// LetterTimelineCmd tells what happened to a letter.
type LetterTimelineCmd struct{ letterFlags }

// Help is the example of the command.
func (LetterTimelineCmd) Help() string {
	return "Example:\n\n    brevdue letter timeline --data data B-000123"
}

// eventLine is an event as programs read it.
type eventLine struct {
	Number string    `json:"number"`
	At     time.Time `json:"at"`
	What   string    `json:"what"`
	Who    string    `json:"who,omitempty"`
	Detail string    `json:"detail,omitempty"`
	SHA    string    `json:"sha256,omitempty"`
}

// Run tells it, the oldest first.
func (c LetterTimelineCmd) Run(s *Streams) error {
	return c.open(func(ctx context.Context, st store.Store) error {
		found, err := c.find(ctx, s, st)
		if err != nil {
			return err
		}
		return st.View(ctx, func(tx store.Tx) error {
			for _, l := range found {
				events, err := tx.Letters().Events(ctx, l.ID)
				if err != nil {
					return err
				}
				for _, e := range events {
					if err := c.event(s, eventLine{Number: l.Number(), At: e.At.UTC(), What: e.What, Who: e.Who, Detail: e.Detail, SHA: e.SHA}); err != nil {
						return err
					}
				}
			}
			return nil
		})
	})
}

func (c LetterTimelineCmd) event(s *Streams, e eventLine) error {
	if c.JSON {
		return printJSON(s.Out, e)
	}
	_, err := fmt.Fprintf(s.Out, "%s  %s  %-12s %s  %s\n", e.Number, e.At.In(kalender.Copenhagen()).Format("2006-01-02 15:04:05"), e.What, e.Who, e.Detail)
	return err
}
