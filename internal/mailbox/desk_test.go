package mailbox_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// colleagues are three people of the clinic and one of homecare, as the archive knows them.
func (w *world) colleagues() (ida, per, eva mailbox.Person) {
	w.t.Helper()
	out := map[string]mailbox.Person{}
	w.update(func(tx store.Tx) error {
		for _, u := range []store.User{
			{Login: "ida", Name: "Ida Prøve", Units: []brevdue.GLN{clinic}}, {Login: "per", Name: "Per Test", Units: []brevdue.GLN{clinic}},
			{Login: "eva", Name: "Eva Prøve", Units: []brevdue.GLN{homecare}}, {Login: "per2", Name: "Per Gået", Units: []brevdue.GLN{clinic}, Disabled: true},
		} {
			id, err := tx.Users().Put(w.ctx, u)
			if err != nil {
				return err
			}
			out[u.Login] = mailbox.Person{ID: id, Login: u.Login, Name: u.Name, Title: "Sygeplejerske", Lang: "da", Units: u.Units}
		}
		return nil
	})
	return out["ida"], out["per"], out["eva"]
}

// Several letters are put away at once; what nobody has read stays; all of it is undone.
func TestFileAndUndo(t *testing.T) {
	w := newWorld(t)
	read, answered, unread := w.arrive(incoming{}), w.arrive(incoming{}), w.arrive(incoming{})
	for _, id := range []int64{read, answered} {
		if _, err := w.box.Open(w.ctx, anne(), clinic, id); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.box.Reply(w.ctx, anne(), clinic, answered, answer()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.box.SetStage(w.ctx, anne(), clinic, read, store.StageWaiting); err != nil {
		t.Fatal(err)
	}
	got, err := w.box.File(w.ctx, anne(), clinic, []int64{read, answered, unread, read})
	if err != nil || got.Letters != 2 || got.Left != 1 || got.Token == "" {
		t.Fatalf("%+v, %v", got, err)
	}
	statuses := func() string {
		var s []string
		for _, id := range []int64{read, answered, unread} {
			l := w.letter(id)
			s = append(s, string(l.Status)+"/"+string(l.Stage))
		}
		return strings.Join(s, " ")
	}
	if s := statuses(); s != "filed/ filed/ unread/" {
		t.Errorf("after filing: %s", s)
	}
	archive, err := w.box.Filed(w.ctx, anne(), clinic, 0, 1)
	if err != nil || len(archive.Rows) != 1 || !archive.More || archive.Rows[0].ID != answered {
		t.Errorf("archive: %+v, %v", archive, err)
	}
	if err := w.box.Undo(w.ctx, anne(), clinic, got.Token); err != nil {
		t.Fatal(err)
	}
	if s := statuses(); s != "read/waiting answered/ unread/" {
		t.Errorf("after undo: %s", s)
	}
	if e := w.events(read); e != "read stage filed unfiled" {
		t.Errorf("timeline: %s", e)
	}
	w.sound()
}

// A letter comes out of the archive as it was: answered when it was answered.
func TestUnfile(t *testing.T) {
	w := newWorld(t)
	for _, reply := range []bool{false, true} {
		id := w.arrive(incoming{})
		if _, err := w.box.Open(w.ctx, anne(), clinic, id); err != nil {
			t.Fatal(err)
		}
		want := brevdue.Read
		if reply {
			want = brevdue.Answered
			if _, err := w.box.Reply(w.ctx, anne(), clinic, id, answer()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.box.Unfile(w.ctx, anne(), clinic, id); !errors.Is(err, brevdue.ErrConflict) {
			t.Errorf("what is not put away: %v", err)
		}
		if _, err := w.box.File(w.ctx, anne(), clinic, []int64{id}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.box.SetStage(w.ctx, anne(), clinic, id, store.StageWorking); !errors.Is(err, brevdue.ErrConflict) {
			t.Errorf("a stage in the archive: %v", err)
		}
		if _, err := w.box.Unfile(w.ctx, anne(), clinic, id); err != nil || w.letter(id).Status != want {
			t.Errorf("%s, %v, want %s", w.letter(id).Status, err, want)
		}
	}
}

// Reading several for the unit is reading each: who and when, once.
func TestReadSome(t *testing.T) {
	w := newWorld(t)
	a, b := w.arrive(incoming{}), w.arrive(incoming{})
	if n, err := w.box.ReadSome(w.ctx, anne(), clinic, []int64{a, b}); err != nil || n != 2 {
		t.Fatalf("%d, %v", n, err)
	}
	w.at(w.clock().Add(time.Hour))
	ida, _, _ := w.colleagues()
	if n, err := w.box.ReadSome(w.ctx, ida, clinic, []int64{a}); err != nil || n != 0 {
		t.Errorf("again: %d, %v", n, err)
	}
	if l := w.letter(a); l.Status != brevdue.Read || l.ReadBy != anne().Name {
		t.Errorf("%s by %s", l.Status, l.ReadBy)
	}
	// One letter of another unit among them, and nothing is done to any.
	other, mine := w.arrive(incoming{unit: homecare}), w.arrive(incoming{})
	if _, err := w.box.ReadSome(w.ctx, anne(), clinic, []int64{mine, other}); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("another unit's: %v", err)
	}
	if l := w.letter(mine); l.Status != brevdue.Unread {
		t.Error("a refused attempt read one's own")
	}
}

func TestViewsOfTheInbox(t *testing.T) {
	w := newWorld(t)
	mine, free, waiting := w.arrive(incoming{}), w.arrive(incoming{}), w.arrive(incoming{})
	if _, err := w.box.TakeSome(w.ctx, anne(), clinic, []int64{mine, waiting}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.box.SetStage(w.ctx, anne(), clinic, waiting, store.StageWaiting); err != nil {
		t.Fatal(err)
	}
	for view, want := range map[store.View][]int64{store.ViewMine: {mine, waiting}, store.ViewFree: {free}, store.ViewWaiting: {waiting}} {
		in, err := w.box.Inbox(w.ctx, anne(), clinic, store.Query{View: view, Person: anne().ID, Order: store.OrderDue})
		if err != nil || len(in.Groups) != 1 {
			t.Fatalf("%s: %d groups, %v", view, len(in.Groups), err)
		}
		var got []int64
		for _, r := range in.Groups[0].Rows {
			got = append(got, r.ID)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", view, d)
		}
		if in.Taken != 2 || in.Mine != 2 {
			t.Errorf("%d taken, %d mine", in.Taken, in.Mine)
		}
	}
	by, err := w.box.Inbox(w.ctx, anne(), clinic, store.Query{Order: store.OrderSender})
	if err != nil || len(by.Groups) != 1 || by.Groups[0].Subject != "Aarhus Kommune, Hjemmesygeplejen Nord" {
		t.Errorf("by sender: %+v, %v", by.Groups, err)
	}
}

// A note stays here, and tells the colleagues of the unit it names, once.
func TestNotes(t *testing.T) {
	w := newWorld(t)
	ida, per, eva := w.colleagues()
	id := w.arrive(incoming{})
	for _, c := range []struct {
		text string
		told int
	}{
		{"Ring til datteren", 0}, {"@per ser du på det?", 1}, {"kan @Per tage den, og @ida?", 1}, {"ida@per.example", 0},
		{"@eva er af en anden enhed, @per2 er gået, @ukendt", 0}, {"@per.", 1}, {"@per-", 1}, {"@", 0},
	} {
		if _, told, err := w.box.AddNote(w.ctx, ida, clinic, id, c.text); err != nil || told != c.told {
			t.Errorf("%q: %d told, %v", c.text, told, err)
		}
	}
	count := func(p mailbox.Person) int {
		n, err := w.box.CountMentions(w.ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if count(per) != 4 || count(ida) != 0 || count(eva) != 0 {
		t.Errorf("new: %d, %d, %d", count(per), count(ida), count(eva))
	}
	list, err := w.box.Mentions(w.ctx, per)
	if err != nil || len(list) != 4 || list[0].Letter != id || list[0].Note.Text != "@per-" {
		t.Errorf("%+v, %v", list, err)
	}
	o, err := w.box.Peek(w.ctx, per, clinic, id)
	if err != nil || len(o.Notes) != 8 || count(per) != 4 {
		t.Errorf("%d notes, %v; looking is not seeing", len(o.Notes), err)
	}
	if _, err := w.box.Open(w.ctx, per, clinic, id); err != nil || count(per) != 0 {
		t.Errorf("after opening %d new, %v", count(per), err)
	}
	if err := w.box.RemoveNote(w.ctx, per, clinic, id, o.Notes[0].ID); !errors.Is(err, brevdue.ErrNotFound) {
		t.Errorf("somebody else's note: %v", err)
	}
	if err := w.box.RemoveNote(w.ctx, ida, clinic, id, o.Notes[0].ID); err != nil {
		t.Error(err)
	}
	for _, text := range []string{" \n", strings.Repeat("å", 4001)} {
		var faults mailbox.Faults
		if _, _, err := w.box.AddNote(w.ctx, ida, clinic, id, text); !errors.As(err, &faults) || len(faults) != 1 || faults[0].Field != "note" {
			t.Errorf("%d characters: %v", len(text), err)
		}
	}
	// A person who left the unit is told nothing about it any more.
	if _, _, err := w.box.AddNote(w.ctx, ida, clinic, id, "@per"); err != nil {
		t.Fatal(err)
	}
	per.Units = []brevdue.GLN{homecare}
	if list, err := w.box.Mentions(w.ctx, per); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

// What is written in a note never leaves: it is in no letter that is sent.
func TestNoteNeverLeaves(t *testing.T) {
	w := newWorld(t)
	ida, _, _ := w.colleagues()
	id := w.arrive(incoming{})
	if _, _, err := w.box.AddNote(w.ctx, ida, clinic, id, "Hemmeligheden er kvæde"); err != nil {
		t.Fatal(err)
	}
	sent, err := w.box.Reply(w.ctx, ida, clinic, id, answer())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range w.letter(sent).Body.Segments {
		for _, text := range s.Texts {
			if strings.Contains(text.String(), "kvæde") {
				t.Error("the note is in the reply")
			}
		}
	}
	for _, e := range w.audited() {
		if strings.Contains(e, "kvæde") {
			t.Error("the note is in the audit log")
		}
	}
}

// Who has a letter open is seen by the others, as reading or as writing, until nothing was
// heard of them for a while.
func TestPresence(t *testing.T) {
	w := newWorld(t)
	ida, per, _ := w.colleagues()
	id := w.arrive(incoming{})
	here := func(p mailbox.Person, doing store.Doing) []mailbox.Present {
		got, err := w.box.Here(w.ctx, p, clinic, id, doing, mailbox.Beat)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	wake, stop := w.store.Listen(store.TopicLetter(id))
	defer stop()
	if got := here(ida, store.DoingRead); len(got) != 0 {
		t.Errorf("alone with %v", got)
	}
	<-wake
	if got := here(per, store.DoingRead); len(got) != 1 || got[0] != (mailbox.Present{Letter: id, Name: "Ida Prøve"}) {
		t.Errorf("%v", got)
	}
	<-wake
	here(ida, store.DoingWrite)
	<-wake
	if got := here(per, store.DoingRead); len(got) != 1 || !got[0].Writing {
		t.Errorf("%v", got)
	}
	select {
	case <-wake:
		t.Error("staying wakes everybody")
	default:
	}
	w.at(w.clock().Add(3*mailbox.Beat - time.Second))
	here(ida, store.DoingRead)
	w.at(w.clock().Add(2 * time.Second))
	if got, err := w.box.AtLetters(w.ctx, per, clinic, mailbox.Beat); err != nil || len(got) != 1 || got[0].Writing {
		t.Errorf("who stopped writing: %v, %v", got, err)
	}
	if err := w.box.Gone(w.ctx, ida, clinic, id, store.DoingRead); err != nil {
		t.Fatal(err)
	}
	<-wake
	if got, err := w.box.AtLetters(w.ctx, per, clinic, mailbox.Beat); err != nil || len(got) != 0 {
		t.Errorf("after closing: %v, %v", got, err)
	}
}

// Who sends a second answer is told of the first; one's own is none.
func TestAnswersSince(t *testing.T) {
	w := newWorld(t)
	ida, per, _ := w.colleagues()
	id := w.arrive(incoming{})
	_, known, err := w.box.AnswersSince(w.ctx, per, clinic, id, 0)
	if err != nil || known != 0 {
		t.Fatal(known, err)
	}
	sent, err := w.box.Reply(w.ctx, ida, clinic, id, answer())
	if err != nil {
		t.Fatal(err)
	}
	got, newest, err := w.box.AnswersSince(w.ctx, per, clinic, id, known)
	if err != nil || newest != sent || len(got) != 1 || got[0].ID != sent || got[0].Name != "Ida Prøve" || !got[0].At.Equal(w.clock()) {
		t.Errorf("%+v, %v", got, err)
	}
	for what, c := range map[string]struct {
		p     mailbox.Person
		known int64
	}{"one's own": {ida, known}, "one that was seen": {per, sent}} {
		if got, _, err := w.box.AnswersSince(w.ctx, c.p, clinic, id, c.known); err != nil || len(got) != 0 {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
}

func TestChoices(t *testing.T) {
	w := newWorld(t)
	if err := w.box.Choose(w.ctx, anne(), mailbox.ChoiceGroup, "due"); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{mailbox.ChoiceGroup, "<b>"}, {"sprog", "da"}} {
		if err := w.box.Choose(w.ctx, anne(), c[0], c[1]); !errors.Is(err, brevdue.ErrNotFound) {
			t.Errorf("%v: %v", c, err)
		}
	}
	got, err := w.box.Choices(w.ctx, anne())
	if d := cmp.Diff(map[string]string{"group": "due"}, got); d != "" || err != nil {
		t.Errorf("%s, %v", d, err)
	}
}

// F56: letters are given to a colleague of the unit, who has them among their own; to
// somebody else's they cannot be given; it is undone for what nobody has moved since.
func TestAssignToAColleague(t *testing.T) {
	w := newWorld(t)
	ida, per, eva := w.colleagues()
	lead := anne()
	lead.ID = 99 // none of them
	one, two := w.arrive(incoming{}), w.arrive(incoming{})
	if _, err := w.box.Take(w.ctx, per, clinic, one); err != nil {
		t.Fatal(err)
	}
	got, err := w.box.AssignSome(w.ctx, lead, clinic, []int64{one, two}, ida.ID)
	if err != nil || got.Letters != 2 || got.Token == "" {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, id := range []int64{one, two} {
		if l := w.letter(id); l.Assigned != ida.ID || l.AssignedName != "Ida Prøve" || l.Status != brevdue.Unread {
			t.Errorf("letter %d is with %d %q, %s", id, l.Assigned, l.AssignedName, l.Status)
		}
	}
	w.view(func(tx store.Tx) error {
		events, err := tx.Letters().Events(w.ctx, one)
		if e := events[len(events)-1]; err != nil || e.Who != "Ida Prøve" || e.Detail != "Af Anne Prøve · Før: Per Test" {
			t.Errorf("the timeline says %+v, %v", e, err)
		}
		return err
	})
	in, err := w.box.Inbox(w.ctx, ida, clinic, store.Query{View: store.ViewMine, Person: ida.ID})
	if err != nil || in.Mine != 2 || len(in.Groups) != 1 || len(in.Groups[0].Rows) != 2 {
		t.Errorf("Ida has %d, %+v, %v", in.Mine, in.Groups, err)
	}
	if len(in.People) != 2 || in.People[0].Name != "Ida Prøve" || in.People[1].Name != "Per Test" {
		t.Errorf("to choose from are %+v", in.People)
	}
	for _, stranger := range []int64{eva.ID, 4711, -1} {
		asked := len(w.audited())
		if got, err := w.box.AssignSome(w.ctx, lead, clinic, []int64{one}, stranger); !errors.Is(err, brevdue.ErrNotFound) || got.Letters != 0 {
			t.Errorf("to %d: %+v, %v", stranger, got, err)
		}
		if log := w.audited()[asked:]; !slices.Equal(log, []string{"anne:letter.denied:0"}) {
			t.Errorf("on record %v", log)
		}
	}
	if _, err := w.box.Take(w.ctx, per, clinic, two); err != nil { // moved since
		t.Fatal(err)
	}
	if err := w.box.Undo(w.ctx, lead, clinic, got.Token); err != nil {
		t.Fatal(err)
	}
	if a, b := w.letter(one), w.letter(two); a.Assigned != per.ID || a.AssignedName != "Per Test" || b.Assigned != per.ID {
		t.Errorf("after undo: %d and %d", a.Assigned, b.Assigned)
	}
	if got, err := w.box.AssignSome(w.ctx, lead, clinic, []int64{one, two}, 0); err != nil || got.Letters != 2 || w.letter(one).Assigned != 0 || w.letter(one).AssignedName != "" {
		t.Errorf("given back: %+v, %v", got, err)
	}
	w.sound()
}

// Letters are moved to a team together, and back, but for what somebody has moved since.
func TestMoveSome(t *testing.T) {
	w := newWorld(t)
	one, two := w.arrive(incoming{}), w.arrive(incoming{})
	if _, err := w.box.SetTeam(w.ctx, anne(), clinic, one, "Syd"); err != nil {
		t.Fatal(err)
	}
	got, err := w.box.MoveSome(w.ctx, anne(), clinic, []int64{one, two, two}, " Nord ")
	if err != nil || got.Letters != 2 || w.letter(one).Team != "Nord" || w.letter(two).Team != "Nord" {
		t.Fatalf("%+v, %v", got, err)
	}
	if again, err := w.box.MoveSome(w.ctx, clara(), clinic, []int64{one, two}, "Nord"); err != nil || again != (mailbox.Taken{}) {
		t.Errorf("again: %+v, %v", again, err)
	}
	if _, err := w.box.MoveSome(w.ctx, anne(), clinic, []int64{one}, testCPR); faults(t, err) != "team" {
		t.Errorf("a number as a name: %v", err)
	}
	if _, err := w.box.SetTeam(w.ctx, clara(), clinic, two, "Bakken"); err != nil {
		t.Fatal(err)
	}
	if err := w.box.Undo(w.ctx, anne(), clinic, got.Token); err != nil || w.letter(one).Team != "Syd" || w.letter(two).Team != "Bakken" {
		t.Errorf("after undo %q and %q, %v", w.letter(one).Team, w.letter(two).Team, err)
	}
	w.sound()
}
