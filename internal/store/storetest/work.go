package storetest

import (
	"slices"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

func testTasks(t *testing.T, b *bench) {
	l := letter("u1", "B1")
	late := store.Task{Unit: "u1", Kind: store.TaskConsent, Due: now.Add(48 * time.Hour), At: now}
	soon := store.Task{Unit: "u1", Kind: store.TaskInform, Due: now.Add(time.Hour), At: now}
	b.update(func(tx store.Tx) (err error) {
		if _, err := tx.Letters().Insert(b.ctx, l); err != nil {
			return err
		}
		late.Letter, soon.Letter = l.ID, l.ID
		if late.ID, err = tx.Tasks().Add(b.ctx, late); err != nil {
			return err
		}
		soon.ID, err = tx.Tasks().Add(b.ctx, soon)
		return err
	})
	b.reopen()
	open := func(what string, want ...store.Task) {
		t.Helper()
		b.view(func(tx store.Tx) error {
			got, err := tx.Tasks().Open(b.ctx, "u1", 0)
			b.is(what, err, nil)
			b.equal(what, want, got)
			return nil
		})
	}
	open("the first due first", soon, late)
	b.update(func(tx store.Tx) error { return tx.Tasks().Done(b.ctx, soon.ID, now, "Ida", "ringet") })
	open("one is done", late)
	b.is("done twice", b.Update(b.ctx, func(tx store.Tx) error { return tx.Tasks().Done(b.ctx, soon.ID, now, "Bo", "") }), brevdue.ErrConflict)
	b.view(func(tx store.Tx) error {
		got, err := tx.Tasks().Get(b.ctx, soon.ID)
		b.is("get", err, nil)
		done := soon
		done.DoneAt, done.DoneBy, done.Note = now, "Ida", "ringet"
		b.equal("get", done, got)
		all, err := tx.Tasks().OfLetter(b.ctx, l.ID)
		b.is("of letter", err, nil)
		b.equal("of letter", []store.Task{late, done}, all)
		_, err = tx.Tasks().Get(b.ctx, 99)
		b.is("no such task", err, brevdue.ErrNotFound)
		none, err := tx.Tasks().Open(b.ctx, "u2", 0)
		b.is("another unit", err, nil)
		b.equal("another unit", 0, len(none))
		return nil
	})
	b.update(func(tx store.Tx) error { return tx.Tasks().Reopen(b.ctx, soon.ID) })
	open("undone", soon, late)
}

func testUnitFacts(t *testing.T, b *bench) {
	closed := store.Closed{Unit: "u1", From: "2026-12-21", To: "2027-01-03", Text: "Juleferie", Contact: "87654321", Notice: true, By: "Ida", At: now}
	serves := store.Services{Unit: "u1", Citizen: "2512489996", Value: "yes", By: "Ida", At: now}
	routes := []store.Route{{Subject: "Medicin", Team: "Medicin"}, {Sender: "5790000120420", Municipality: "8000", Team: "Nord"}}
	general := store.Arrangement{Unit: "u1", Other: "h1", Text: "aftalt på mødet", By: "Ida", At: now}
	one := store.Arrangement{Unit: "u1", Other: "h2", Citizen: "2512489996", Text: "aftalt på stuegang", Until: "2026-12-31", By: "Bo", At: now}
	goes := store.SubjectReceiver{Municipality: "Aarhus", Subject: "Træning", GLN: "g1", By: "Ida", At: now}
	b.update(func(tx store.Tx) (err error) {
		f := tx.UnitFacts()
		if closed.ID, err = f.AddClosed(b.ctx, closed); err != nil {
			return err
		}
		for _, value := range []string{"no", "yes"} { // what was said last holds
			s := serves
			s.Value = value
			if err := f.PutServices(b.ctx, s); err != nil {
				return err
			}
		}
		if err := f.PutRoutes(b.ctx, "u1", routes[:1]); err != nil {
			return err
		}
		if err := f.PutRoutes(b.ctx, "u1", routes); err != nil {
			return err
		}
		if general.ID, err = f.AddArrangement(b.ctx, general); err != nil {
			return err
		}
		if one.ID, err = f.AddArrangement(b.ctx, one); err != nil {
			return err
		}
		if err := f.PutSubjectReceiver(b.ctx, store.SubjectReceiver{Municipality: "Viborg", Subject: "Træning", GLN: "g2", At: now}); err != nil {
			return err
		}
		return f.PutSubjectReceiver(b.ctx, goes)
	})
	b.reopen()
	b.view(func(tx store.Tx) error {
		f := tx.UnitFacts()
		for _, c := range []struct {
			from string
			want int
		}{{"2026-12-01", 1}, {"2027-01-03", 1}, {"2027-01-04", 0}} {
			got, err := f.Closed(b.ctx, "u1", c.from)
			b.is("closed", err, nil)
			b.equal("closed from "+c.from, c.want, len(got))
			if len(got) == 1 {
				b.equal("closed", closed, got[0])
			}
		}
		got, err := f.Services(b.ctx, "u1", serves.Citizen)
		b.is("services", err, nil)
		b.equal("services", serves, got)
		_, err = f.Services(b.ctx, "u2", serves.Citizen)
		b.is("another unit knows nothing", err, brevdue.ErrNotFound)
		r, err := f.Routes(b.ctx, "u1")
		b.is("routes", err, nil)
		b.equal("routes", routes, r)
		r, err = f.Routes(b.ctx, "u2")
		b.is("no routes", err, nil)
		b.equal("no routes", 0, len(r))
		all, err := f.Arrangements(b.ctx, "u1", "")
		b.is("arrangements", err, nil)
		b.equal("arrangements", []store.Arrangement{one, general}, all)
		with, err := f.Arrangements(b.ctx, "u1", "h1")
		b.is("arrangements", err, nil)
		b.equal("arrangements with one", []store.Arrangement{general}, with)
		to, err := f.SubjectReceivers(b.ctx, "Aarhus")
		b.is("receivers", err, nil)
		b.equal("receivers", []store.SubjectReceiver{goes}, to)
		to, err = f.SubjectReceivers(b.ctx, "")
		b.is("all receivers", err, nil)
		b.equal("all receivers", 2, len(to))
		return nil
	})
	b.update(func(tx store.Tx) error {
		f := tx.UnitFacts()
		for _, want := range []bool{true, false} {
			first, err := f.Noticed(b.ctx, "u1", 7, "2026-12-21")
			b.is("noticed", err, nil)
			b.equal("one notice a day", want, first)
		}
		first, err := f.Noticed(b.ctx, "u1", 7, "2026-12-22")
		b.is("noticed", err, nil)
		b.equal("the next day", true, first)
		b.is("not theirs", f.DeleteClosed(b.ctx, "u2", closed.ID), brevdue.ErrNotFound)
		b.is("not theirs", f.EndArrangement(b.ctx, "u2", one.ID, now), brevdue.ErrNotFound)
		if err := f.DeleteClosed(b.ctx, "u1", closed.ID); err != nil {
			return err
		}
		if err := f.EndArrangement(b.ctx, "u1", one.ID, now); err != nil {
			return err
		}
		all, err := f.Arrangements(b.ctx, "u1", "")
		b.equal("ended", []store.Arrangement{general}, all)
		if err != nil {
			return err
		}
		b.is("not theirs", f.ReopenArrangement(b.ctx, "u2", one.ID), brevdue.ErrNotFound)
		b.is("not ended", f.ReopenArrangement(b.ctx, "u1", general.ID), brevdue.ErrNotFound)
		if err := f.ReopenArrangement(b.ctx, "u1", one.ID); err != nil {
			return err
		}
		all, err = f.Arrangements(b.ctx, "u1", "")
		b.equal("in use again", []store.Arrangement{one, general}, all)
		if err != nil {
			return err
		}
		goes.GLN = ""
		if err := f.PutSubjectReceiver(b.ctx, goes); err != nil {
			return err
		}
		to, err := f.SubjectReceivers(b.ctx, "Aarhus")
		b.equal("removed", 0, len(to))
		return err
	})
}

func testAgreements(t *testing.T, b *bench) {
	a := store.AgreementText{Agreement: "midtjylland/korrespondancebrev", Version: "2027", SHA: "h", Content: []byte("aftale: x\n"), State: store.AgreementDraft, ImportedBy: "Ida", ImportedAt: now}
	b.update(func(tx store.Tx) (err error) {
		a.ID, err = tx.Agreements().Add(b.ctx, a)
		return err
	})
	b.is("the same version twice", b.Update(b.ctx, func(tx store.Tx) error { _, err := tx.Agreements().Add(b.ctx, a); return err }), brevdue.ErrConflict)
	a.State, a.ValidFrom, a.ProposedBy, a.ProposedAt, a.ApprovedBy, a.ApprovedAt = store.AgreementActivated, "2027-01-01", 1, now, 2, now.Add(time.Hour)
	b.update(func(tx store.Tx) error { return tx.Agreements().Update(b.ctx, a) })
	b.reopen()
	b.view(func(tx store.Tx) error {
		got, err := tx.Agreements().Get(b.ctx, a.ID)
		b.is("get", err, nil)
		b.equal("get", a, got)
		all, err := tx.Agreements().List(b.ctx)
		b.is("list", err, nil)
		b.equal("list", []store.AgreementText{a}, all)
		_, err = tx.Agreements().Get(b.ctx, 99)
		b.is("no such version", err, brevdue.ErrNotFound)
		return nil
	})
}

// testWork is what happens to a letter besides its walk: it is taken, routed,
// judged anew, and found by citizen and by period.
func testWork(t *testing.T, b *bench) {
	in, out, other := letter("u1", "B1"), letter("u1", "B2"), letter("u2", "B3")
	out.Direction, out.Status = store.Out, brevdue.Queued
	out.Record = &store.Record{
		Basis:     &store.Basis{Code: "43-2-2", Weighing: "tungtvejende hensyn", By: "Ida", At: now},
		Call:      &store.Call{At: now, Organisation: "Kommunen", Number: "87654321", Who: "visitator", Agreed: "besøg i morgen", By: "Ida"},
		Discharge: "2026-11-27", Need: "2026-11-28", Services: "no", Overruled: []string{"length"},
	}
	in.Team = "Nord"
	b.update(func(tx store.Tx) error {
		for _, l := range []*store.Letter{in, out, other} {
			if _, err := tx.Letters().Insert(b.ctx, l); err != nil {
				return err
			}
		}
		if err := tx.Letters().Assign(b.ctx, in.ID, 7, "Ida"); err != nil {
			return err
		}
		duty := *in.Duty
		duty.Rule, duty.Due, duty.Expected, duty.Fair = "AGR-604", now.Add(9*time.Hour), now.Add(time.Hour), now.Add(17*time.Hour)
		if err := tx.Letters().SetDuty(b.ctx, in.ID, &duty); err != nil {
			return err
		}
		in.Duty, in.Assigned, in.AssignedName = &duty, 7, "Ida"
		if err := tx.Letters().SetDuty(b.ctx, other.ID, nil); err != nil {
			return err
		}
		for i, l := range []*store.Letter{out, other} {
			if err := tx.Letters().AddEvent(b.ctx, l.ID, store.Event{At: now.Add(time.Duration(i) * time.Hour), What: store.EventOutside, Detail: "intet passer"}); err != nil {
				return err
			}
		}
		return tx.Letters().SetTeam(b.ctx, other.ID, "Syd")
	})
	b.reopen()
	b.view(func(tx store.Tx) error {
		for _, want := range []*store.Letter{in, out} {
			got, err := tx.Letters().Get(b.ctx, want.ID)
			b.is("get", err, nil)
			b.equal("letter", want, got)
		}
		rows, err := tx.Letters().Inbox(b.ctx, "u1", store.Query{})
		b.is("inbox", err, nil)
		b.equal("rows", 1, len(rows))
		b.equal("team", "Nord", rows[0].Team)
		b.equal("assigned", "Ida", rows[0].AssignedName)
		b.equal("due", in.Duty.Due, rows[0].Due)
		b.equal("due had it come in time", in.Duty.Fair, rows[0].Fair)
		for _, c := range []struct {
			team string
			want int
		}{{"", 1}, {"Nord", 1}, {"Syd", 0}} {
			for _, v := range []store.View{store.ViewAll, store.ViewUnread, store.ViewUrgent} {
				rows, err := tx.Letters().Inbox(b.ctx, "u1", store.Query{Team: c.team, View: v, UrgentBefore: now.Add(24 * time.Hour)})
				b.is("inbox of a team", err, nil)
				b.equal("inbox of team "+c.team+", "+string(v), c.want, len(rows))
			}
		}
		teams, err := tx.Letters().Teams(b.ctx, "u1")
		b.is("teams", err, nil)
		b.equal("teams", []store.TeamCount{{Team: "Nord", All: 1, Unread: 1}}, teams)

		for _, c := range []struct {
			from, to time.Duration
			limit    int
			want     []int64
		}{{0, 2 * time.Hour, 0, []int64{other.ID, out.ID}}, {0, time.Hour, 0, []int64{out.ID}}, {time.Millisecond, 2 * time.Hour, 0, []int64{other.ID}}, {0, 2 * time.Hour, 1, []int64{other.ID}}, {2 * time.Hour, 3 * time.Hour, 0, nil}} {
			used, err := tx.Letters().Outside(b.ctx, now.Add(c.from), now.Add(c.to), c.limit)
			b.is("outside", err, nil)
			var got []int64
			for _, o := range used {
				got = append(got, o.Letter)
				if o.Reason != "intet passer" || o.Subject == "" || o.Unit == "" || o.At.IsZero() {
					t.Errorf("outside: %+v", o)
				}
			}
			b.equal("outside the agreement, newest first", c.want, got)
		}

		total, err := tx.Letters().Total(b.ctx)
		b.is("total", err, nil)
		b.equal("letters of all units, in both directions", 3, total)
		rows, err = tx.Letters().OfCitizen(b.ctx, "u1", "2512489996", 0)
		b.is("of citizen", err, nil)
		b.equal("both directions, newest first", []int64{out.ID, in.ID}, []int64{rows[0].ID, rows[1].ID})
		unread, err := tx.Letters().UnreadOf(b.ctx, "u1", "2512489996")
		b.is("unread", err, nil)
		b.equal("unread", []*store.Letter{in}, unread)

		all, err := tx.Letters().Received(b.ctx, "", now.Add(-time.Minute), now.Add(time.Minute), 0, 0)
		b.is("received", err, nil)
		b.equal("all units", 2, len(all))
		all, err = tx.Letters().Received(b.ctx, "u1", in.Arrived, now.Add(time.Minute), in.ID, 0)
		b.is("received", err, nil)
		b.equal("after the last one seen", 0, len(all))
		all, err = tx.Letters().Received(b.ctx, "u1", now.Add(time.Minute), now.Add(time.Hour), 0, 0)
		b.is("received", err, nil)
		b.equal("another period", 0, len(all))
		return nil
	})
	b.is("no such letter", b.Update(b.ctx, func(tx store.Tx) error { return tx.Letters().Assign(b.ctx, 99, 1, "x") }), brevdue.ErrNotFound)

	lost := letter("", "B4") // for a receiver nobody knows
	lost.Status = brevdue.Refused
	b.update(func(tx store.Tx) error {
		for _, gln := range []brevdue.GLN{"u1", "u2"} {
			if err := tx.Units().Put(b.ctx, store.Unit{GLN: gln}); err != nil {
				return err
			}
		}
		_, err := tx.Letters().Insert(b.ctx, lost)
		return err
	})
	b.view(func(tx store.Tx) error {
		ids, err := tx.Letters().AboutCitizen(b.ctx, "2512489996")
		b.is("about a citizen", err, nil)
		slices.Sort(ids)
		b.equal("of all units and of none", []int64{in.ID, out.ID, other.ID, lost.ID}, ids)
		for _, nobody := range []brevdue.CPR{"", "0107729995"} {
			ids, err = tx.Letters().AboutCitizen(b.ctx, nobody)
			b.is("about nobody", err, nil)
			b.equal("about nobody", 0, len(ids))
		}
		return nil
	})
}
