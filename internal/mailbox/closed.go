package mailbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// Limits of a time away.
const (
	maxClosedDays = 366
	maxClosedText = 200
	maxContact    = 120
)

// ClosedDays lists the unit's times away that are not over, the first to end first.
func (b *Box) ClosedDays(ctx context.Context, p Person, unit brevdue.GLN) ([]store.Closed, error) {
	var out []store.Closed
	err := b.view(ctx, p, func(tx store.Tx) (err error) {
		if _, err = b.unitOf(ctx, tx, p, RightLead, unit); err != nil {
			return err
		}
		out, err = tx.UnitFacts().Closed(ctx, unit, kalender.DayOf(b.cfg.Now()).String())
		return err
	})
	return out, err
}

// AddClosed notes a time the unit is away. What is wrong is Faults in the fields
// "from", "to", "text" and "contact".
func (b *Box) AddClosed(ctx context.Context, p Person, unit brevdue.GLN, c store.Closed) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightLead, unit); err != nil {
			return err
		}
		now := b.cfg.Now()
		c = store.Closed{Unit: unit, From: strings.TrimSpace(c.From), To: strings.TrimSpace(c.To), Text: oneLine(c.Text), Contact: oneLine(c.Contact), Notice: c.Notice, By: p.Name, At: now}
		if c.To == "" {
			c.To = c.From
		}
		there, err := tx.UnitFacts().Closed(ctx, unit, kalender.DayOf(now).String())
		if err != nil {
			return err
		}
		if err := checkClosed(c, kalender.DayOf(now), there); err != nil {
			return err
		}
		if _, err := tx.UnitFacts().AddClosed(ctx, c); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "unit.closed", unit, 0, fmt.Sprintf("%s to %s, notice %t", c.From, c.To, c.Notice))
	})
}

func checkClosed(c store.Closed, today kalender.Day, there []store.Closed) error {
	var j judge
	from, errFrom := kalender.ParseDay(c.From)
	to, errTo := kalender.ParseDay(c.To)
	switch {
	case errFrom != nil:
		j.say("from", "Vælg den første lukkedag.", "Choose the first day closed.")
	case errTo != nil:
		j.say("to", "Vælg den sidste lukkedag.", "Choose the last day closed.")
	case to.Before(from):
		j.say("to", "Den sidste lukkedag ligger før den første.", "The last day closed is before the first.")
	case to.Before(today):
		j.say("to", "Lukkedagene er allerede forbi.", "Those days are over already.")
	case from.Add(maxClosedDays).Before(to):
		j.say("to", "Der kan højst lukkes for et år ad gangen.", "At most a year at a time.")
	default:
		for _, o := range there {
			if o.From <= c.To && c.From <= o.To {
				j.say("from", fmt.Sprintf("Enheden har allerede lukkedage fra %s til %s. Fjern dem først, eller vælg andre datoer.", o.From, o.To),
					fmt.Sprintf("The unit is already closed from %s to %s. Remove that first or choose other dates.", o.From, o.To))
				break
			}
		}
	}
	j.length("text", "Teksten", "The text", c.Text, maxClosedText)
	if holdsCPR(c.Text) {
		j.say("text", "Skriv ikke CPR-nummer i teksten.", "Do not write a CPR number in the text.")
	}
	switch {
	case utf8.RuneCountInString(c.Contact) < 3:
		j.say("contact", "Skriv, hvem der kan ringes til imens: navn eller funktion og telefonnummer.", "Enter who can be called meanwhile: name or function, and phone number.")
	case !strings.ContainsAny(c.Contact, "0123456789"):
		j.say("contact", "Skriv også et telefonnummer.", "Enter a phone number as well.")
	case holdsCPR(c.Contact):
		j.say("contact", "Skriv ikke CPR-nummer her.", "Do not write a CPR number here.")
	default:
		j.length("contact", "Kontakten", "The contact", c.Contact, maxContact)
	}
	return j.err()
}

// RemoveClosed takes a time away out of the calendar.
func (b *Box) RemoveClosed(ctx context.Context, p Person, unit brevdue.GLN, id int64) (undo string, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightLead, unit); err != nil {
			return err
		}
		there, err := tx.UnitFacts().Closed(ctx, unit, "")
		if err != nil {
			return err
		}
		for _, c := range there {
			if c.ID != id {
				continue
			}
			if err := tx.UnitFacts().DeleteClosed(ctx, unit, id); err != nil {
				return err
			}
			if undo, err = b.remember(ctx, tx, p, unit, undoClosed, c); err != nil {
				return err
			}
			return b.note(ctx, tx, p, "unit.closed", unit, 0, fmt.Sprintf("removed %s to %s", c.From, c.To))
		}
		return brevdue.ErrNotFound
	})
	if err != nil {
		return "", err
	}
	return undo, nil
}

func (b *Box) closedBack(ctx context.Context, tx store.Tx, p Person, u undo) error {
	var c store.Closed
	if err := json.Unmarshal(u.Data, &c); err != nil {
		return err
	}
	there, err := tx.UnitFacts().Closed(ctx, u.Unit, c.From)
	if err != nil {
		return err
	}
	for _, o := range there {
		if o.From <= c.To {
			return brevdue.ErrConflict
		}
	}
	if _, err := tx.UnitFacts().AddClosed(ctx, c); err != nil {
		return err
	}
	return b.note(ctx, tx, p, "unit.closed", u.Unit, 0, "undone")
}
