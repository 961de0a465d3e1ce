package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"brevdue"
	"brevdue/internal/config"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/kalender"
	"brevdue/medcom"
)

// play is what the region's people and other systems do from the beginning on:
// first a day's worth of letters of every kind, then one now and then.
func (d *Demo) play(ctx context.Context) error {
	rng := rand.New(rand.NewPCG(20261125, 1))
	r := &d.Region
	for i, n := range hospitalNotes {
		if err := d.write(ctx, d.Regional, r.Ward, r.HomeNursing, n, i); err != nil {
			return err
		}
		if i == 2 {
			d.Network.Twice() // the next letter comes twice
		}
	}
	for i, n := range localNotes {
		if err := d.write(ctx, d.Local, r.HomeNursing, r.Ward, n, i+3); err != nil {
			return err
		}
	}
	social := note{"Udskrivningsrapport", "Socialområdet", "Borgeren udskrives i morgen kl. 11.\nMedicinen er doseret til en uge. Mestringsplanen er vedlagt borgeren.", ""}
	for _, step := range []struct {
		side     *Side
		from, to brevdue.GLN
		what     note
	}{
		{d.Regional, r.Ward, r.Bosted, social}, {d.Regional, r.Clinic, r.SocialUnit, social},
		{d.Regional, r.Ward, r.Practice, localNotes[1]}, {d.Local, r.HomeNursing, r.Practice, localNotes[2]},
		{d.Local, r.Practice, r.HomeNursing, localNotes[1]}, {d.Local, r.Practice, r.Bosted, localNotes[1]}, {d.Local, r.Practice, r.Clinic, localNotes[1]},
		{d.Regional, r.Ward, r.Elsewhere, hospitalNotes[2]}, // answered soon
		{d.Regional, r.Bosted, r.HomeNursing, localNotes[3]},
		{d.Regional, r.Ward, r.Closed, hospitalNotes[0]}, // refused: nobody has that number any more
	} {
		if err := d.write(ctx, step.side, step.from, step.to, step.what, rng.IntN(1000)); err != nil {
			return err
		}
	}
	if err := d.broken(); err != nil {
		return err
	}
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(d.pace):
		}
		// One letter that cannot be written must not end the show.
		if err := d.onceMore(ctx, rng, n); err != nil && ctx.Err() == nil {
			d.log.Error("the demo could not write a letter", "error", err)
		}
	}
}

// onceMore lets somebody write one letter, or answer one.
func (d *Demo) onceMore(ctx context.Context, rng *rand.Rand, n int) error {
	r := &d.Region
	if n%3 == 2 {
		return d.answer(ctx, rng)
	}
	if n%3 == 1 {
		from := r.Local[rng.IntN(len(r.Local))].GLN
		return d.write(ctx, d.Local, brevdue.GLN(from), []brevdue.GLN{r.Ward, r.Clinic, r.Bosted}[rng.IntN(3)], localNotes[rng.IntN(len(localNotes))], rng.IntN(1000))
	}
	if n%6 == 0 { // to somebody who will answer, see answer
		to := r.Local[rng.IntN(len(r.Local))]
		return d.write(ctx, d.Regional, r.Ward, brevdue.GLN(to.GLN), fitting(brevdue.UnitKind(to.Kind), rng), rng.IntN(1000))
	}
	from := hospitalUnit(r.Regional, rng)
	to := []brevdue.GLN{r.HomeNursing, r.HomeNursing, r.SocialUnit, r.Practice}[rng.IntN(4)]
	e, _ := d.Region.Directory.Get(to)
	return d.write(ctx, d.Regional, from, to, fitting(e.Kind, rng), rng.IntN(1000))
}

// fitting picks a letter that a hospital writes to a unit of that kind.
func fitting(to brevdue.UnitKind, rng *rand.Rand) note {
	if to == brevdue.GP {
		return localNotes[1]
	}
	return hospitalNotes[rng.IntN(len(hospitalNotes))]
}

func hospitalUnit(units []config.Unit, rng *rand.Rand) brevdue.GLN {
	for {
		u := units[rng.IntN(len(units))]
		if brevdue.UnitKind(u.Kind).Sector() == brevdue.SectorHospital {
			return brevdue.GLN(u.GLN)
		}
	}
}

// colleague is a person of the unit that the demo plays.
func colleague(unit brevdue.GLN) mailbox.Person {
	return mailbox.Person{Login: "kollega", Name: "Karen Kollega", Title: "Sygeplejerske", Lang: "da", Units: []brevdue.GLN{unit}}
}

// write sends a new letter the way a person does.
func (d *Demo) write(ctx context.Context, s *Side, from, to brevdue.GLN, n note, who int) error {
	_, err := s.App.Box.SendLetter(ctx, colleague(from), from, d.draft(from, to, n, Patients()[who%len(Patients())]))
	return demoFault(err)
}

// draft fills in the form of a new letter.
func (d *Demo) draft(from, to brevdue.GLN, n note, p Patient) mailbox.Draft {
	episode := brevdue.EpisodeInactive
	if n.category != "" {
		episode = brevdue.EpisodeInpatient
	}
	return mailbox.Draft{
		CPR: p.CPR.Reveal(), Surname: p.Surname, Given: p.Given, Episode: episode, Receiver: to, Category: n.category, Subject: n.subject,
		SubjectReason: n.outside, Text: n.text, Phone: d.phone(from), StartReason: "Aftalt med afsnittet", Basis: "41-2-1", Health: "yes", Discharging: "no",
		Token: fmt.Sprintf("demo-%d-%d", d.Clock.Now().UnixNano(), rand.Int64()),
	}
}

// demoFault makes an error of faults that says which they are: a demo letter with
// a fault is a bug.
func demoFault(err error) error {
	var faults mailbox.Faults
	if errors.As(err, &faults) && len(faults) > 0 {
		return fmt.Errorf("a demo letter has a fault in %s: %s", faults[0].Field, faults[0].TextEN)
	}
	return err
}

func (d *Demo) phone(gln brevdue.GLN) string {
	e, _ := d.Region.Directory.Get(gln)
	return e.Phone
}

// answer lets a unit that no demo account belongs to read and answer one of its
// letters.
func (d *Demo) answer(ctx context.Context, rng *rand.Rand) error {
	r := &d.Region
	watched := map[brevdue.GLN]bool{r.Ward: true, r.Clinic: true, r.Bosted: true, r.HomeNursing: true, r.SocialUnit: true, r.Practice: true}
	for _, s := range []*Side{d.Regional, d.Local} {
		units := d.Region.Regional
		if s == d.Local {
			units = d.Region.Local
		}
		for _, u := range units {
			gln := brevdue.GLN(u.GLN)
			if watched[gln] {
				continue
			}
			in, err := s.App.Box.Inbox(ctx, colleague(gln), gln, store.Query{View: store.ViewUnread, Limit: 1})
			if err != nil {
				return err
			}
			if len(in.Groups) == 0 || len(in.Groups[0].Rows) == 0 {
				continue
			}
			row := in.Groups[0].Rows[0]
			if _, err := s.App.Box.Open(ctx, colleague(gln), gln, row.ID); err != nil {
				return err
			}
			return d.reply(ctx, s, colleague(gln), gln, row, answers[rng.IntN(len(answers))])
		}
	}
	return nil
}

// outside writes a letter as another system would.
func (d *Demo) outside(i int, from, to brevdue.GLN, sent time.Time, n note, kind brevdue.Kind) ([]byte, error) {
	sender, _ := d.Region.Directory.Get(from)
	receiver, _ := d.Region.Directory.Get(to)
	p := Patients()[(i*5+1)%len(Patients())]
	at := kalender.LocalOf(sent)
	l := brevdue.Letter{
		ID: fmt.Sprintf("GSYS%010d", i+1), StatisticalCode: "XDIS91", Authorised: at, Status: brevdue.NewLetter, Sender: sender.Party(), Receiver: receiver.Party(),
		Patient: brevdue.Patient{CPR: p.CPR, Surname: p.Surname, Given: p.Given, Episode: brevdue.EpisodeOutpatient}, Subject: n.subject,
		Segments: []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText(n.text + "\n\n" + string(at[:10]) + "\nSygeplejerske Lone Storm\nTlf. " + sender.Phone)}}},
	}
	l.Sender.Phone = sender.Phone
	m := medcom.Message{Letters: []brevdue.Letter{l}, Envelope: brevdue.Envelope{ID: fmt.Sprintf("GKUV%010d", i+1), Sent: at, Sender: from, Receiver: to}}
	data, findings := medcom.Encode(m, kind)
	if brevdue.HasErrors(findings) {
		return nil, fmt.Errorf("a demo letter cannot be written: %s", findings[0].TextEN)
	}
	return data, nil
}

// broken puts a letter with faults and one that is no letter on the network: the
// first is refused by receipt, the second quarantined.
func (d *Demo) broken() error {
	r := &d.Region
	data, err := d.outside(90, r.Neighbour, r.HomeNursing, d.Clock.Now(), hospitalNotes[0], brevdue.DIS91)
	if err != nil {
		return err
	}
	cut := data[:len(data)*2/3]
	if err := d.Network.PutTo(r.HomeNursing, cut); err != nil {
		return err
	}
	return d.Network.PutTo(r.HomeNursing, []byte("Dette er ikke et brev, men noget fra en forkert mappe.\n"))
}
