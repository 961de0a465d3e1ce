package mailbox

import (
	"slices"
	"testing"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/sor"
)

// A sender is confirmed when the number, the name, the envelope and the network all prove
// it; otherwise each thing that does not is said, in both languages.
func TestTrust(t *testing.T) {
	entry := sor.Entry{GLN: "5799999000112", Name: "Hjemmesygeplejen Nord", Place: "Aarhus Kommune"}
	named := func(name string) brevdue.Party { return brevdue.Party{GLN: entry.GLN, Organisation: name} }
	for _, c := range []struct {
		name      string
		from      brevdue.Party
		envelope  brevdue.GLN
		unknown   bool
		certified bool
		missing   []string
	}{
		{"all proved", named("Aarhus Kommune, Hjemmesygeplejen Nord"), entry.GLN, false, true, nil},
		{"by another spelling", named("Århus Kommune"), entry.GLN, false, true, nil},
		{"by a network without certificates", named("Hjemmesygeplejen Nord"), entry.GLN, false, false, []string{"network"}},
		{"a number nobody knows", named("Hjemmesygeplejen Nord"), entry.GLN, true, true, []string{"number"}},
		{"another name", named("Hjemmesygeplejen Syd"), entry.GLN, false, true, []string{"name"}},
		{"no name", named(""), entry.GLN, false, true, []string{"name"}},
		{"another envelope", named("Hjemmesygeplejen Nord"), "5799999000129", false, true, []string{"envelope"}},
		{"an envelope of nobody", named("Hjemmesygeplejen Nord"), "", false, true, []string{"envelope"}},
		{"no number at all", brevdue.Party{Organisation: "Hjemmesygeplejen Nord"}, "", true, true, []string{"number", "envelope"}},
		{"nothing proved", named("Hjemmesygeplejen Syd"), "5799999000129", false, false, []string{"name", "envelope", "network"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &store.Letter{Direction: store.In, Envelope: brevdue.Envelope{Sender: c.envelope}, Body: brevdue.Letter{Sender: c.from}}
			got := trustOf(l, entry, !c.unknown, c.certified)
			want := c.missing
			if want == nil {
				want = []string{"number", "name", "envelope", "network"}
			}
			var codes []string
			for _, r := range got.Reasons {
				codes = append(codes, r.Code)
				if r.Text == "" || r.TextEN == "" || r.Text == r.TextEN {
					t.Errorf("no words: %+v", r)
				}
			}
			if got.Confirmed != (c.missing == nil) || !slices.Equal(codes, want) {
				t.Errorf("confirmed %v for %v, want %v", got.Confirmed, codes, want)
			}
		})
	}
}
