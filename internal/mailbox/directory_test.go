package mailbox_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/sor"
)

// directoryCalls are the methods of the directory's pages. Whoever is signed in may look
// and propose; approving and going back to the register's name is for others.
func directoryCalls() []call {
	var calls []call
	for name, do := range map[string]func(w *world, p mailbox.Person) (any, error){
		"Directory": func(w *world, p mailbox.Person) (any, error) {
			return w.box.Directory(w.ctx, p, sor.Wanted{Words: "aarhus"}, 0)
		},
		"DirectoryEntry": func(w *world, p mailbox.Person) (any, error) { return w.box.DirectoryEntry(w.ctx, p, outHome) },
		"Hygiene":        func(w *world, p mailbox.Person) (any, error) { return w.box.Hygiene(w.ctx, p, "") },
		"WaitingNames":   func(w *world, p mailbox.Person) (any, error) { return w.box.WaitingNames(w.ctx, p) },
		"ProposeName": func(w *world, p mailbox.Person) (any, error) {
			return nil, w.box.ProposeName(w.ctx, p, outSoc, "Socialafdelingen i Prøvegade")
		},
		"ApproveName":  func(w *world, p mailbox.Person) (any, error) { return nil, w.box.ApproveName(w.ctx, p, w.proposed()) },
		"WithdrawName": func(w *world, p mailbox.Person) (any, error) { return nil, w.box.WithdrawName(w.ctx, p, w.proposed()) },
		"EndName": func(w *world, p mailbox.Person) (any, error) {
			id := w.proposed()
			if err := w.box.ApproveName(w.ctx, olga(), id); err != nil {
				return nil, err
			}
			return nil, w.box.EndName(w.ctx, p, id)
		},
	} {
		calls = append(calls, call{name, func(w *world, p mailbox.Person, _ brevdue.GLN, _ int64) (any, error) { return do(w, p) }})
	}
	return calls
}

// proposed is a name that bo has proposed.
func (w *world) proposed() (id int64) {
	w.t.Helper()
	if err := w.box.ProposeName(w.ctx, bo(), outHome, "Sygeplejen i Aarhus Nord"); err != nil {
		w.t.Fatal(err)
	}
	w.view(func(tx store.Tx) error {
		all, err := tx.Names().Of(w.ctx, outHome)
		id = all[0].ID
		return err
	})
	return id
}

func TestWhoMayDoWhatInTheDirectory(t *testing.T) {
	deciding := []string{"ApproveName", "WithdrawName", "EndName"} // of what another proposed
	for _, c := range directoryCalls() {
		t.Run(c.name, func(t *testing.T) {
			for _, p := range []mailbox.Person{anne(), olga(), rita()} {
				w := newWorld(t)
				_, err := c.do(w, p, clinic, 0)
				if may := !slices.Contains(deciding, c.name) || p.Operator || p.Secretariat; may != (err == nil) || err != nil && !errors.Is(err, brevdue.ErrForbidden) {
					t.Errorf("%s: %v", p.Login, err)
				}
				if err != nil && !slices.Contains(w.audited(), p.Login+":operator.denied:0") {
					t.Errorf("%s: the attempt is not on record: %v", p.Login, w.audited())
				}
				w.sound()
			}
		})
	}
}

// Two people: whoever proposes cannot approve, not even an operator; until then the old
// name stands, and afterwards the next replaces it.
func TestNamesTakeTwoPeople(t *testing.T) {
	w := newWorld(t)
	shown := func() (names map[brevdue.GLN]string) {
		w.view(func(tx store.Tx) (err error) { names, err = mailbox.ShownNames(w.ctx, tx); return err })
		return names
	}
	waiting := func(p mailbox.Person) []mailbox.DisplayName {
		got, err := w.box.WaitingNames(w.ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if err := w.box.ProposeName(w.ctx, olga(), outHome, "  Sygeplejen   Nord, Aarhus "); err != nil {
		t.Fatal(err)
	}
	if err := w.box.ProposeName(w.ctx, anne(), outHome, "Et andet navn"); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("a second proposal: %v", err)
	}
	first := waiting(rita())
	if len(first) != 1 || first[0].Name != "Sygeplejen Nord, Aarhus" || first[0].Official != "Hjemmesygeplejen Nord, Aarhus Kommune" || !first[0].MayApprove || len(shown()) != 0 {
		t.Fatalf("%+v, shown %v", first, shown())
	}
	if own := waiting(olga()); len(own) != 1 || own[0].MayApprove || !own[0].MayWithdraw {
		t.Errorf("the proposer may %+v", own)
	}
	if got := waiting(anne()); len(got) != 0 {
		t.Errorf("others see %+v", got)
	}
	if err := w.box.ApproveName(w.ctx, olga(), first[0].ID); !errors.Is(err, brevdue.ErrForbidden) {
		t.Errorf("alone: %v", err)
	}
	wake, stop := w.store.Listen(store.TopicDirectory)
	defer stop()
	if err := w.box.ApproveName(w.ctx, rita(), first[0].ID); err != nil {
		t.Fatal(err)
	}
	<-wake
	if shown()[outHome] != "Sygeplejen Nord, Aarhus" {
		t.Errorf("shown %v", shown())
	}
	if err := w.box.ApproveName(w.ctx, rita(), first[0].ID); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("twice: %v", err)
	}
	second := w.proposed()
	if err := w.box.ApproveName(w.ctx, rita(), second); err != nil || shown()[outHome] != "Sygeplejen i Aarhus Nord" {
		t.Errorf("%v, shown %v", err, shown())
	}
	if err := w.box.EndName(w.ctx, olga(), first[0].ID); !errors.Is(err, brevdue.ErrConflict) {
		t.Errorf("one that is not shown: %v", err)
	}
	if err := w.box.EndName(w.ctx, olga(), second); err != nil || len(shown()) != 0 {
		t.Errorf("%v, shown %v", err, shown())
	}
	e, err := w.box.DirectoryEntry(w.ctx, anne(), outHome)
	if err != nil || len(e.Names) != 2 || e.Names[0].State != store.NameEnded || e.Names[1].State != store.NameEnded {
		t.Errorf("kept: %+v, %v", e.Names, err)
	}
	third := w.proposed()
	if err := w.box.WithdrawName(w.ctx, bo(), third); err != nil {
		t.Errorf("one's own: %v", err)
	}
	want := []string{"olga:name.proposed:0", "olga:operator.denied:0", "rita:name.approved:0", "bo:name.proposed:0", "rita:name.approved:0", "olga:name.ended:0", "bo:name.proposed:0", "bo:name.withdrawn:0"}
	if got := w.audited(); !slices.Equal(got, want) {
		t.Errorf("audit %v, want %v", got, want)
	}
	w.sound()
}

func TestNamesAreRead(t *testing.T) {
	w := newWorld(t)
	for name, words := range map[string]string{
		"ab": "mellem 3 og 100", strings.Repeat("æ", 101): "mellem 3 og 100", "Stue 010490-9989": "CPR", "Hjemmesygeplejen Nord, Aarhus Kommune": "hedder det allerede", "lægerne prøvegade": "En anden enhed",
	} {
		var faults mailbox.Faults
		if err := w.box.ProposeName(w.ctx, anne(), outHome, name); !errors.As(err, &faults) || faults[0].Field != "name" || !strings.Contains(faults[0].Text, words) || faults[0].TextEN == "" {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := w.box.ProposeName(w.ctx, anne(), nobody, "Et godt navn"); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("an unknown number: %v", err)
	}
	if _, err := w.box.DirectoryEntry(w.ctx, anne(), nobody); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("an unknown number: %v", err)
	}
	if err := w.box.WithdrawName(w.ctx, olga(), 99); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("no such name: %v", err)
	}
	w.sound()
}

// An entry tells what the person's own units have to do with it, and nobody else's.
func TestEntryTellsOfOnesOwnUnits(t *testing.T) {
	w := newWorld(t)
	w.arrive(incoming{})
	w.returned(anne(), clinic, draft())
	to := draft().Receiver
	e, err := w.box.DirectoryEntry(w.ctx, anne(), to)
	if err != nil || len(e.Exchanges) != 1 || e.Exchanges[0].Unit.GLN != clinic || e.Exchanges[0].Letters != 1 || e.Exchanges[0].LastTo.IsZero() {
		t.Errorf("%+v, %v", e.Exchanges, err)
	}
	if e, err = w.box.DirectoryEntry(w.ctx, bo(), to); err != nil || len(e.Exchanges) != 0 {
		t.Errorf("another unit: %+v, %v", e.Exchanges, err)
	}
	if e.Reads != "Læser hverdage kl. 8–15" && e.Reads == "" || e.AgreementName == "" || e.Most != 6 {
		t.Errorf("reads %q by %q, at most %d", e.Reads, e.AgreementName, e.Most)
	}
	w.sound()
}

// What a municipality's own unit says of its subjects stands beside its neighbours.
func TestNeighboursAndWhatTheyAreFor(t *testing.T) {
	w := newWorld(t)
	w.dir = sor.New([]sor.Entry{
		{GLN: outHome, Name: "Hjemmesygeplejen Nord", Kind: brevdue.MunicipalHealth, Place: "Aarhus", Subjects: []string{"Medicin", "Sår"}},
		{GLN: outSoc, Name: "Socialafdelingen", Kind: brevdue.MunicipalSocial, Place: "aarhus"},
		{GLN: outGP, Name: "Lægerne Prøvegade", Kind: brevdue.GP, Place: "Aarhus"},
	})
	w.reopen()
	w.update(func(tx store.Tx) error {
		return tx.UnitFacts().PutSubjectReceiver(w.ctx, store.SubjectReceiver{Municipality: "Aarhus", Subject: "Medicin", GLN: outSoc, By: "Bo", At: w.clock()})
	})
	e, err := w.box.DirectoryEntry(w.ctx, anne(), outHome)
	if err != nil || len(e.Neighbours) != 2 {
		t.Fatalf("%+v, %v", e.Neighbours, err)
	}
	if home, soc := e.Neighbours[0], e.Neighbours[1]; !slices.Equal(home.Subjects, []string{"Sår"}) || !slices.Equal(soc.Subjects, []string{"Medicin"}) {
		t.Errorf("%v, %v", home.Subjects, soc.Subjects)
	}
}

// F58: the seventh number, equal names, what is out of use, old information and a silent
// receiver are found, each with what to do and a letter about it.
func TestHygiene(t *testing.T) {
	w := newWorld(t)
	entries := []sor.Entry{
		{GLN: outHome, Name: "Visitationen", Kind: brevdue.MunicipalHealth, Place: "Aarhus", Updated: "2026-11-01"},
		{GLN: outSoc, Name: "visitationen", Kind: brevdue.MunicipalHealth, Place: "Aarhus", Updated: "2024-01-01"},
		{GLN: outGP, Name: "Lægerne Torvet (lukket)", Kind: brevdue.GP},
		{GLN: outNone, Name: "Bostedet", Kind: brevdue.MunicipalSocial},
	}
	for i := range 5 {
		entries = append(entries, sor.Entry{GLN: gln("57999990002" + string(rune('0'+i))), Name: []string{"Plejehjemmet", "Træningen", "Hjælpemidler", "Døgnplejen", "Rehabilitering"}[i], Kind: brevdue.MunicipalHealth, Place: "Aarhus"})
	}
	w.dir = sor.New(entries)
	w.reopen()
	d := draft()
	d.Receiver = outHome
	id := w.sent(anne(), clinic, d)
	w.update(func(tx store.Tx) error { return tx.Letters().Move(w.ctx, id, brevdue.Queued, brevdue.Sent) })
	w.at(tuesday(10, 0, 0).AddDate(0, 0, 31))
	h, err := w.box.Hygiene(w.ctx, anne(), "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, k := range h.Kinds {
		for _, f := range k.Findings {
			got = append(got, k.Rule+"@"+string(f.GLN))
			if k.What == "" || k.WhatEN == "" || k.To == "" || k.ToEN == "" || f.Text == "" || f.TextEN == "" {
				t.Errorf("%s is not whole: %+v", k.Rule, f)
			}
			for _, want := range []string{"Til den SOR-ansvarlige", string(f.GLN), f.Text, "Vi beder jer", "Anne Prøve, Sygeplejerske"} {
				if !strings.Contains(f.Letter, want) {
					t.Errorf("the letter about %s lacks %q:\n%s", f.GLN, want, f.Letter)
				}
			}
		}
	}
	want := []string{"SOR-SILENT-01@" + string(outHome), "SOR-NAME-01@" + string(outGP), "SOR-NAME-02@" + string(outSoc), "SOR-NAME-03@" + string(outNone), "SOR-NUMBER-01@" + string(entries[8].GLN), "SOR-DATE-01@" + string(outSoc)}
	if !slices.Equal(got, want) || h.Total != len(want) {
		t.Errorf("%d: %v\nwant %v", h.Total, got, want)
	}
	if h, err := w.box.Hygiene(w.ctx, bo(), "2026-11-02"); err != nil || slices.ContainsFunc(h.Kinds, func(k mailbox.HygieneKind) bool { return k.Rule == "SOR-SILENT-01" }) || h.Total != 6 {
		t.Errorf("another unit: %d findings, %v", h.Total, err)
	}
	var faults mailbox.Faults
	if _, err := w.box.Hygiene(w.ctx, anne(), "i går"); !errors.As(err, &faults) || faults[0].Field != "before" {
		t.Errorf("no date: %v", err)
	}
}
