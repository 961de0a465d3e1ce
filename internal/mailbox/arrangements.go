package mailbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// Arrangement is a concrete agreement as a page shows it (AGR-302, Amb-4).
type Arrangement struct {
	store.Arrangement
	Name string // of the other side
	Over bool   // its last date has passed: it stays on the list and lets nobody start
}

// Arrangements lists the unit's concrete agreements that nobody has ended, the
// newest first.
func (b *Box) Arrangements(ctx context.Context, p Person, unit brevdue.GLN) ([]Arrangement, error) {
	var out []Arrangement
	today := kalender.DayOf(b.cfg.Now()).String()
	err := b.view(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightLead, unit); err != nil {
			return err
		}
		list, err := tx.UnitFacts().Arrangements(ctx, unit, "")
		out = nil
		for _, a := range list {
			out = append(out, Arrangement{Arrangement: a, Name: b.nameOf(a.Other), Over: a.Until != "" && a.Until < today})
		}
		return err
	})
	return out, err
}

// AddArrangement keeps a concrete agreement of the unit with another. What is
// wrong is Faults in the fields "other", "citizen", "text" and "until".
func (b *Box) AddArrangement(ctx context.Context, p Person, unit brevdue.GLN, a store.Arrangement) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightLead, unit); err != nil {
			return err
		}
		now := b.cfg.Now()
		a = store.Arrangement{Unit: unit, Other: brevdue.GLN(strings.TrimSpace(string(a.Other))), Citizen: a.Citizen, Text: oneLine(a.Text), Until: strings.TrimSpace(a.Until), By: p.Name, At: now}
		if err := b.checkArrangement(a, kalender.DayOf(now)); err != nil {
			return err
		}
		id, err := tx.UnitFacts().AddArrangement(ctx, a)
		if err != nil {
			return err
		}
		about := "all citizens"
		if a.Citizen != "" {
			about = "one citizen"
		}
		return b.note(ctx, tx, p, "arrangement.added", unit, 0, fmt.Sprintf("%d with %s, %s", id, a.Other, about))
	})
}

func (b *Box) checkArrangement(a store.Arrangement, today kalender.Day) error {
	var j judge
	_, known := b.cfg.Directory().Get(a.Other)
	switch {
	case a.Other == "":
		j.say("other", "Søg, og vælg, hvem aftalen er med.", "Search and choose who the arrangement is with.")
	case !known:
		j.say("other", "Modparten findes ikke i kataloget. Søg og vælg igen.", "The other side is not in the directory. Search and choose again.")
	case a.Other == a.Unit:
		j.say("other", "En aftale er med en anden enhed.", "An arrangement is with another unit.")
	}
	if a.Citizen != "" && !a.Citizen.ValidDate() {
		j.say("citizen", "CPR-nummeret skal have ti cifre og begynde med en dato. Lad feltet stå tomt, når aftalen gælder alle borgere.",
			"The CPR number must have ten digits and begin with a date. Leave it empty when the arrangement is for all citizens.")
	}
	j.reason("text", a.Text, "Skriv, hvad der er aftalt, og med hvem (mindst tre tegn).", "Enter what was agreed and with whom (at least three characters).")
	if a.Until != "" {
		switch until, err := kalender.ParseDay(a.Until); {
		case err != nil:
			j.say("until", "Vælg en dato, eller lad feltet stå tomt.", "Choose a date or leave it empty.")
		case until.Before(today):
			j.say("until", "Datoen er allerede passeret.", "The date has passed already.")
		}
	}
	return j.err()
}

// EndArrangement ends a concrete agreement of the unit.
func (b *Box) EndArrangement(ctx context.Context, p Person, unit brevdue.GLN, id int64) (undo string, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightLead, unit); err != nil {
			return err
		}
		if err := tx.UnitFacts().EndArrangement(ctx, unit, id, b.cfg.Now()); err != nil {
			return err
		}
		if undo, err = b.remember(ctx, tx, p, unit, undoArrangement, id); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "arrangement.ended", unit, 0, fmt.Sprint(id))
	})
	if err != nil {
		return "", err
	}
	return undo, nil
}

func (b *Box) arrangementBack(ctx context.Context, tx store.Tx, p Person, u undo) error {
	var id int64
	if err := json.Unmarshal(u.Data, &id); err != nil {
		return err
	}
	if err := tx.UnitFacts().ReopenArrangement(ctx, u.Unit, id); err != nil {
		return err
	}
	return b.note(ctx, tx, p, "arrangement.reopened", u.Unit, 0, fmt.Sprint(id))
}
