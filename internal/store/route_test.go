package store_test

import (
	"testing"

	"brevdue"
	"brevdue/internal/store"
)

// A route fits when every condition it has fits; places are names, post codes and
// ranges of them, and a letter without an address lives nowhere.
func TestRouteFits(t *testing.T) {
	viborg := brevdue.Patient{PostCode: "8800", District: "Viborg"}
	aarhus := brevdue.Patient{PostCode: "8240", District: "Risskov", Suburb: "Århus Kommune"}
	for _, c := range []struct {
		name    string
		route   store.Route
		group   string
		sender  brevdue.GLN
		patient brevdue.Patient
		want    bool
	}{
		{"no condition", store.Route{}, "Medicin", "g1", viborg, true},
		{"the subject", store.Route{Subject: "Medicin"}, "Medicin", "g1", viborg, true},
		{"another subject", store.Route{Subject: "Medicin"}, "Træning", "g1", viborg, false},
		{"the tray", store.Route{Subject: store.RouteTray}, "", "g1", viborg, true},
		{"not the tray", store.Route{Subject: store.RouteTray}, "Medicin", "g1", viborg, false},
		{"the sender", store.Route{Sender: "g1"}, "Medicin", "g1", viborg, true},
		{"another sender", store.Route{Sender: "g1"}, "Medicin", "g2", viborg, false},
		{"subject and not sender", store.Route{Subject: "Medicin", Sender: "g1"}, "Medicin", "g2", viborg, false},
		{"by district", store.Route{Municipality: "viborg kommune"}, "", "g1", viborg, true},
		{"by suburb, spelt otherwise", store.Route{Municipality: "Aarhus"}, "", "g1", aarhus, true},
		{"by code", store.Route{Municipality: "8000, 8240"}, "", "g1", aarhus, true},
		{"by range", store.Route{Municipality: "8200-8299"}, "", "g1", aarhus, true},
		{"with a dash", store.Route{Municipality: "8200 – 8299"}, "", "g1", aarhus, true},
		{"outside the range", store.Route{Municipality: "8200-8239"}, "", "g1", aarhus, false},
		{"half a name", store.Route{Municipality: "Vib"}, "", "g1", viborg, false},
		{"no address", store.Route{Municipality: "8200-8299, Viborg"}, "", "g1", brevdue.Patient{}, false},
		{"a range that is none", store.Route{Municipality: "8299-8200"}, "", "g1", aarhus, false},
	} {
		if got := c.route.Fits(c.group, c.sender, c.patient); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
	routes := []store.Route{{Subject: "Medicin", Sender: "g2", Team: "A"}, {Subject: "Medicin", Team: "B"}, {Team: "C"}}
	for sender, want := range map[brevdue.GLN]int{"g1": 1, "g2": 0} {
		l := &store.Letter{Group: "Medicin", Body: brevdue.Letter{Sender: brevdue.Party{GLN: sender}}}
		if got := store.RouteOf(routes, l); got != want {
			t.Errorf("from %s: rule %d, want %d", sender, got, want)
		}
	}
	if got := store.RouteOf(routes[:2], &store.Letter{Group: "Træning"}); got != -1 {
		t.Errorf("no rule fits, and yet %d", got)
	}
}
