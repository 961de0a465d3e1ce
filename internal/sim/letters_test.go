package sim

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"brevdue"
	"brevdue/internal/mailbox"
)

// TestEveryDemoLetterCanBeSent: whatever pair and letter chance picks while the
// demo runs, the mailbox takes it.
func TestEveryDemoLetterCanBeSent(t *testing.T) {
	d, err := NewDemo(t.Context(), DemoOptions{
		Listen: "127.0.0.1:0", Dir: filepath.Join(t.TempDir(), "demo"), Speed: 1, Begin: tuesday, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	r := &d.Region
	tried := map[string]bool{}
	check := func(s *Side, from, to brevdue.GLN, n note) {
		name := fmt.Sprintf("%s to %s about %q", from, to, n.subject)
		if tried[name] {
			return
		}
		tried[name] = true
		p := Patients()[len(tried)%len(Patients())]
		if err := demoFault(verdict(s.App.Box.CheckLetter(t.Context(), colleague(from), from, d.draft(from, to, n, p)))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 40 {
		from := hospitalUnit(r.Regional, rng)
		for _, to := range []brevdue.GLN{r.HomeNursing, r.SocialUnit, r.Practice, brevdue.GLN(r.Local[rng.IntN(len(r.Local))].GLN)} {
			e, _ := r.Directory.Get(to)
			check(d.Regional, from, to, fitting(e.Kind, rng))
		}
	}
	for _, u := range r.Local {
		for _, to := range []brevdue.GLN{r.Ward, r.Clinic, r.Bosted} {
			for _, n := range localNotes {
				check(d.Local, brevdue.GLN(u.GLN), to, n)
			}
		}
	}
	if len(tried) < 500 {
		t.Errorf("only %d letters tried", len(tried))
	}
	if err := verdict(d.Regional.App.Box.CheckLetter(t.Context(), colleague(r.Ward), r.Ward, mailbox.Draft{})); err == nil {
		t.Error("an empty letter can be sent: this test proves nothing")
	}
}

// The region has everybody the agreement names, under plainly synthetic numbers.
func ExampleNewRegion() {
	r := NewRegion()
	ward, _ := r.Directory.Get(r.Ward)
	fmt.Println(ward.Name, ward.GLN, ward.GLN.Check())
	// Output: AUH, Ortopædkirurgi, Sengeafsnit 2 5799990000019 true
}

// verdict is what a check says about a draft.
func verdict(_ mailbox.Preview, err error) error { return err }
