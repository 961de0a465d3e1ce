package sim

import (
	"context"
	"fmt"

	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// houses is what the units of the demo's people have set for themselves before it
// begins: teams, a concrete agreement, days away, and two letters whose legal basis
// leaves a task behind.
func (d *Demo) houses(ctx context.Context) error {
	r, now := &d.Region, d.Clock.Now()
	today := kalender.DayOf(now)
	nurse, bosted := d.people["hjemmepleje"], d.people["bosted"]
	regional, local := d.Regional.App.Box, d.Local.App.Box
	for _, route := range []store.Route{{Subject: "Træning", Team: "Træning"}, {Subject: "Medicin", Team: "Medicin"}} {
		if _, err := local.AddRoute(ctx, nurse, r.HomeNursing, route); err != nil {
			return fmt.Errorf("demo teams: %w", demoFault(err))
		}
	}
	arrangement := store.Arrangement{Other: r.Ward, Text: "Sårsygeplejersken skriver direkte til afsnittet om åbne sår, aftalt på mødet i oktober."}
	if err := local.AddArrangement(ctx, nurse, r.HomeNursing, arrangement); err != nil {
		return fmt.Errorf("demo arrangement: %w", demoFault(err))
	}
	away := store.Closed{From: today.Add(5).String(), To: today.Add(6).String(), Text: "Personaledage.", Contact: "Vagttelefonen, 79990900", Notice: true}
	if err := regional.AddClosed(ctx, bosted, r.Bosted, away); err != nil {
		return fmt.Errorf("demo days away: %w", demoFault(err))
	}
	for i, change := range []func(*mailbox.Draft){
		func(l *mailbox.Draft) {
			l.Basis, l.Weighing = "43-2-2", "Borgeren er i fare uden den rette støtte, og der kan ikke ventes på et samtykke."
		},
		func(l *mailbox.Draft) { l.Basis, l.ConsentDate = "43-1", today.Add(-362).String() },
	} {
		l := d.draft(r.Clinic, r.SocialUnit, hospitalNotes[6], Patients()[13+i])
		change(&l)
		if _, err := regional.SendLetter(ctx, d.people["klinik"], r.Clinic, l); err != nil {
			return fmt.Errorf("demo basis: %w", demoFault(err))
		}
	}
	return nil
}
