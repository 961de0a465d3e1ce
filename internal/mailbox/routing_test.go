package mailbox_test

import (
	"testing"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

func teamsOf(r mailbox.Routing) (out []string) {
	for _, x := range r.Routes {
		out = append(out, x.Team)
	}
	return out
}

// Rules are added last, moved and removed; each change is taken back in one step,
// and a change on an old list is refused.
func TestRoutesAreEdited(t *testing.T) {
	w := newWorld(t)
	add := func(r store.Route) string {
		t.Helper()
		token, err := w.box.AddRoute(w.ctx, anne(), clinic, r)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	list := func(want ...string) mailbox.Routing {
		t.Helper()
		r, err := w.box.Routing(w.ctx, anne(), clinic)
		if err != nil {
			t.Fatal(err)
		}
		if got := teamsOf(r); len(got) != len(want) {
			t.Errorf("rules %v, want %v", got, want)
		} else {
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("rules %v, want %v", got, want)
				}
			}
		}
		return r
	}
	add(store.Route{Subject: "Medicin", Team: "Medicin"})
	add(store.Route{Sender: outHome, Team: "Nord"})
	add(store.Route{Municipality: "8000, 8200-8299, Viborg Kommune", Team: "Øst"})
	r := list("Medicin", "Nord", "Øst")
	if r.Senders[outHome] != "Hjemmesygeplejen Nord, Aarhus Kommune" || len(r.Subjects) != 12 {
		t.Errorf("senders %v, %d subjects", r.Senders, len(r.Subjects))
	}
	token, err := w.box.MoveRoute(w.ctx, anne(), clinic, r.Version, 2, -1)
	if err != nil {
		t.Fatal(err)
	}
	list("Medicin", "Øst", "Nord")
	if _, err := w.box.RemoveRoute(w.ctx, anne(), clinic, r.Version, 0); !is(err, brevdue.ErrConflict) {
		t.Errorf("on an old list: %v", err)
	}
	if err := w.box.Undo(w.ctx, anne(), clinic, token); err != nil {
		t.Fatal(err)
	}
	r = list("Medicin", "Nord", "Øst")
	if token, err = w.box.RemoveRoute(w.ctx, anne(), clinic, r.Version, 1); err != nil {
		t.Fatal(err)
	}
	list("Medicin", "Øst")
	if err := w.box.Undo(w.ctx, anne(), clinic, token); err != nil {
		t.Fatal(err)
	}
	r = list("Medicin", "Nord", "Øst")
	for _, bad := range []struct{ at, by int }{{0, -1}, {2, 1}, {-1, 1}, {3, -1}} {
		if _, err := w.box.MoveRoute(w.ctx, anne(), clinic, r.Version, bad.at, bad.by); !is(err, brevdue.ErrConflict) {
			t.Errorf("move %d by %d: %v", bad.at, bad.by, err)
		}
	}
	token, err = w.box.RemoveRoute(w.ctx, anne(), clinic, r.Version, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.box.AddRoute(w.ctx, clara(), clinic, store.Route{Subject: store.RouteTray, Team: "Bakken"}); err != nil {
		t.Fatal(err)
	}
	if err := w.box.Undo(w.ctx, anne(), clinic, token); !is(err, brevdue.ErrConflict) {
		t.Errorf("undo over another's change: %v", err)
	}
	list("Nord", "Øst", "Bakken")
	w.sound()
}

func TestRouteFaults(t *testing.T) {
	w := newWorld(t)
	long := "Et hold med et navn, der er længere end fyrre tegn"
	for _, c := range []struct {
		route store.Route
		want  string
	}{
		{store.Route{}, "subject team"},
		{store.Route{Team: "A"}, "subject"},
		{store.Route{Subject: "Findes ikke", Team: "A"}, "subject"},
		{store.Route{Subject: "Medicin", Team: long}, "team"},
		{store.Route{Subject: "Medicin", Team: "Om " + testCPR}, "team"},
		{store.Route{Sender: "123", Team: "A"}, "sender"},
		{store.Route{Sender: nobody, Team: "A"}, ""},
		{store.Route{Sender: "lægerne prøvegade", Team: "A"}, ""}, // only one is called that
		{store.Route{Sender: "kommune", Team: "A"}, "sender"},
		{store.Route{Municipality: "800", Team: "A"}, "municipality"},
		{store.Route{Municipality: "8299-8200", Team: "A"}, "municipality"},
		{store.Route{Municipality: "Risskov, 8240", Team: "A"}, ""},
	} {
		_, err := w.box.AddRoute(w.ctx, anne(), clinic, c.route)
		if got := faults(t, err); got != c.want {
			t.Errorf("%+v: faults in %q, want %q", c.route, got, c.want)
		}
	}
	if _, err := w.box.AddRoute(w.ctx, anne(), clinic, store.Route{Sender: nobody, Team: "A"}); faults(t, err) != "team" {
		t.Errorf("the same rule twice: %v", err)
	}
}

// The trial shows which letters each rule would have taken, the first that fits
// each, changes nothing, and can look at a rule that is not kept yet.
func TestTryRoutes(t *testing.T) {
	w := newWorld(t)
	w.at(tuesday(-31*24, 0, 0))
	w.arrive(incoming{}) // too long ago
	w.at(tuesday(10, 0, 0))
	medicine, training, free := w.arrive(incoming{}), w.arrive(incoming{subject: "Træning"}), w.arrive(incoming{subject: "Vedr. transport"})
	w.arrive(incoming{status: brevdue.Refused})
	w.arrive(incoming{unit: ward})
	if _, err := w.box.AddRoute(w.ctx, anne(), clinic, store.Route{Subject: "Medicin", Team: "Medicin"}); err != nil {
		t.Fatal(err)
	}
	got, err := w.box.TryRoutes(w.ctx, anne(), clinic, &store.Route{Subject: store.RouteTray, Team: "Bakken"})
	if err != nil {
		t.Fatal(err)
	}
	if got.Letters != 3 || len(got.Rules) != 2 || got.Rules[0].Letters != 1 || got.Rules[0].Some[0].ID != medicine || got.Rules[1].Letters != 1 || got.Rules[1].Some[0].ID != free ||
		got.None.Letters != 1 || got.None.Some[0].ID != training {
		t.Errorf("%+v", got)
	}
	if r, err := w.box.Routing(w.ctx, anne(), clinic); err != nil || len(r.Routes) != 1 {
		t.Errorf("the trial kept its rule: %+v, %v", r.Routes, err)
	}
	for _, id := range []int64{medicine, training, free} {
		if l := w.letter(id); l.Team != "" {
			t.Errorf("the trial moved letter %d to %q", id, l.Team)
		}
	}
	if _, err := w.box.TryRoutes(w.ctx, anne(), clinic, &store.Route{}); faults(t, err) != "subject team" {
		t.Errorf("an empty rule: %v", err)
	}
}

// A letter is moved to another team by hand, with the move in its timeline, and
// back; the inbox counts and filters by team.
func TestSetTeam(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(incoming{})
	w.arrive(incoming{})
	token, err := w.box.SetTeam(w.ctx, anne(), clinic, id, " Nord ")
	if err != nil || w.letter(id).Team != "Nord" {
		t.Fatalf("%q, %v", w.letter(id).Team, err)
	}
	in, err := w.box.Inbox(w.ctx, anne(), clinic, store.Query{Team: "Nord"})
	if err != nil || len(in.Groups) != 1 || len(in.Groups[0].Rows) != 1 || len(in.Teams) != 1 || in.Teams[0] != (store.TeamCount{Team: "Nord", All: 1, Unread: 1}) {
		t.Errorf("%+v, %v", in, err)
	}
	if again, err := w.box.SetTeam(w.ctx, anne(), clinic, id, "Nord"); err != nil || again != "" {
		t.Errorf("to where it is: %q, %v", again, err)
	}
	if err := w.box.Undo(w.ctx, anne(), clinic, token); err != nil || w.letter(id).Team != "" {
		t.Errorf("undo: %q, %v", w.letter(id).Team, err)
	}
	if got := w.events(id); got != "team team" {
		t.Errorf("timeline %q", got)
	}
	if _, err := w.box.SetTeam(w.ctx, anne(), clinic, id, testCPR); faults(t, err) != "team" {
		t.Errorf("a number as a team: %v", err)
	}
	w.sound()
}
