package sim

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// history is what happened in the days before the demo's clock begins to run, so
// that a first look shows letters that are late, due, read and answered. The clock
// stands still at each moment while both sides and the network do their work.
func (d *Demo) history(ctx context.Context) error {
	r, begin := &d.Region, d.Clock.Now()
	letter := func(s *Side, from, to brevdue.GLN, n note, who int) func() error {
		return func() error { return d.write(ctx, s, from, to, n, who) }
	}
	read := func(s *Side, login string, unit, sender brevdue.GLN, answer string) func() error {
		return func() error { return d.read(ctx, s, d.people[login], unit, sender, answer) }
	}
	for _, step := range []struct {
		ago time.Duration
		do  func() error
	}{
		{73 * time.Hour, letter(d.Local, r.HomeNursing, r.Practice, localNotes[2], 0)},
		{26 * time.Hour, letter(d.Regional, r.Clinic, r.HomeNursing, hospitalNotes[0], 1)},
		{25 * time.Hour, letter(d.Local, r.HomeNursing, r.Ward, localNotes[0], 4)},
		{24 * time.Hour, letter(d.Regional, r.Clinic, r.SocialUnit, hospitalNotes[8], 11)},
		{20 * time.Hour, letter(d.Regional, r.Ward, r.Bosted, hospitalNotes[1], 9)},
		{9 * time.Hour, letter(d.Regional, r.Clinic, r.HomeNursing, hospitalNotes[1], 6)},
		{6 * time.Hour, letter(d.Regional, r.Ward, r.HomeNursing, hospitalNotes[3], 12)},
		{5*time.Hour + 30*time.Minute, letter(d.Local, r.Practice, r.Ward, localNotes[2], 7)},
		{5 * time.Hour, read(d.Local, "hjemmepleje", r.HomeNursing, r.Ward, "Badebænken er bestilt og leveres i morgen formiddag.")},
		{4*time.Hour + 30*time.Minute, read(d.Regional, "afdeling", r.Ward, r.Practice, "")},
		{3 * time.Hour, func() error { return d.houses(ctx) }},
		{2 * time.Hour, d.neighbour},
	} {
		d.Clock.Stand(begin.Add(-step.ago))
		if err := step.do(); err != nil {
			return fmt.Errorf("demo, %s before it begins: %w", step.ago, err)
		}
		if err := d.settle(ctx); err != nil {
			return err
		}
	}
	return nil
}

// settle lets both sides and the network work until nothing is under way.
func (d *Demo) settle(ctx context.Context) error {
	for busy := true; busy; {
		busy = false
		for _, s := range []*Side{d.Regional, d.Local} {
			if err := s.App.Queue.Drain(ctx); err != nil {
				return err
			}
		}
		d.Network.round(ctx, 0)
		for _, s := range []*Side{d.Regional, d.Local} {
			n, err := s.take(ctx)
			if err != nil {
				return err
			}
			busy = busy || n > 0
		}
	}
	return nil
}

// take receives what lies in the side's network folder, as the folder network
// does once the side is served.
func (s *Side) take(ctx context.Context) (n int, err error) {
	entries, err := os.ReadDir(s.in)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		path := filepath.Join(s.in, e.Name())
		data, err := os.ReadFile(path)
		if err != nil {
			return n, err
		}
		if err := s.App.Gateway.Receive(ctx, "folder", data); err != nil {
			return n, err
		}
		if err := os.Remove(path); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// read lets a person open the newest unread letter from a sender, and answer it
// when there is an answer.
func (d *Demo) read(ctx context.Context, s *Side, who mailbox.Person, unit, sender brevdue.GLN, answer string) error {
	in, err := s.App.Box.Inbox(ctx, who, unit, store.Query{View: store.ViewUnread})
	if err != nil {
		return err
	}
	from, _ := d.Region.Directory.Get(sender)
	name := from.Party().Name()
	var newest store.Row
	for _, g := range in.Groups {
		for _, row := range g.Rows {
			if row.Other == name && row.Arrived.After(newest.Arrived) {
				newest = row
			}
		}
	}
	if newest.ID == 0 {
		return fmt.Errorf("no unread letter from %s", name)
	}
	if _, err := s.App.Box.Open(ctx, who, unit, newest.ID); err != nil || answer == "" {
		return err
	}
	return d.reply(ctx, s, who, unit, newest, answer)
}

// reply answers a letter the way a person does.
func (d *Demo) reply(ctx context.Context, s *Side, who mailbox.Person, unit brevdue.GLN, row store.Row, text string) error {
	_, err := s.App.Box.Reply(ctx, who, unit, row.ID, mailbox.Draft{
		Subject: row.Subject, SubjectReason: "Svar på brev", Text: text, Phone: d.phone(unit), Basis: "41-2-1", Health: "yes", Discharging: "no", Token: fmt.Sprintf("demo-svar-%s-%d", unit, row.ID),
	})
	return demoFault(err)
}

// neighbour lets a hospital of another region write: no agreement is about letters
// between hospitals, so this one goes to the tray.
func (d *Demo) neighbour() error {
	r := &d.Region
	data, err := d.outside(1, r.Neighbour, r.Ward, d.Clock.Now(), note{"", "Overflytning", "Kan I modtage patienten på fredag?\nPatienten er stabil og mobiliseret.", ""}, brevdue.DIS91)
	if err != nil {
		return err
	}
	return d.Network.Put(data)
}
