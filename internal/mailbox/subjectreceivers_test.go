package mailbox_test

import (
	"errors"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/sor"
)

// The units of a municipality of the tests.
var (
	nursing = gln("579999900031")
	therapy = gln("579999900032")
	social  = gln("579999900033")
	abroad  = gln("579999900034") // another municipality's
)

func (w *world) withMunicipality() {
	w.t.Helper()
	w.dir = sor.New([]sor.Entry{
		{GLN: homecare, Name: "Hjemmesygeplejen", Kind: brevdue.MunicipalHealth, Place: "Prøvekøbing Kommune"},
		{GLN: nursing, Name: "Sygeplejen", Kind: brevdue.MunicipalHealth, Place: "Prøvekøbing kommune", Subjects: []string{"Medicin"}},
		{GLN: therapy, Name: "Træningen", Kind: brevdue.MunicipalHealth, Place: "Prøvekøbing Kommune"},
		{GLN: social, Name: "Socialafdelingen", Kind: brevdue.MunicipalSocial, Place: "Prøvekøbing Kommune"},
		{GLN: abroad, Name: "Træningen", Kind: brevdue.MunicipalHealth, Place: "Nabokøbing Kommune"},
	})
	w.reopen()
}

// Each municipality fills in who gets which subject (AGR-504, Amb-7); the writer is
// shown it when another unit was chosen, and chooses (AGR-501). Nothing filled in leaves
// the choice free.
func TestSubjectReceivers(t *testing.T) {
	w := newWorld(t)
	w.withMunicipality()
	suggested := func(to brevdue.GLN, category, subject string) string {
		d := draft()
		d.Receiver, d.Category, d.Subject = to, category, subject
		f, err := w.box.LetterForm(w.ctx, anne(), clinic, d)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, r := range f.Suggested {
			names = append(names, r.Name)
		}
		return strings.Join(names, " ")
	}
	if got := suggested(therapy, "Træning", "Træning"); got != "" {
		t.Errorf("nothing is filled in: %q", got)
	}
	m, err := w.box.SubjectReceivers(w.ctx, bo(), homecare)
	if err != nil || m.Municipality != "Prøvekøbing Kommune" || len(m.Units) != 4 || len(m.Subjects) != 11 {
		t.Fatalf("%+v, %v", m, err)
	}
	for _, s := range m.Subjects {
		if (s.GLN != "") != (s.Subject == "Medicin") {
			t.Errorf("before anybody said: %+v", s)
		}
		if s.Subject == "Socialområdet" {
			t.Error("a subject for the social area is asked of home care")
		}
	}
	n, err := w.box.SetSubjectReceivers(w.ctx, bo(), homecare, map[string]brevdue.GLN{"Træning": therapy, "Medicin": nursing, "Ukendt": therapy})
	if err != nil || n != 1 { // Medicin stood in the directory already
		t.Fatalf("%d changed, %v", n, err)
	}
	for _, c := range []struct {
		to                      brevdue.GLN
		category, subject, want string
	}{
		{nursing, "Træning", "Træning", "Træningen"},
		{therapy, "Træning", "Træning", ""},
		{therapy, "Medicin", "Medicin", "Sygeplejen"}, // by the directory
		{abroad, "Træning", "Træning", ""},            // another municipality
		{nursing, "Hjælpemidler", "Hjælpemidler", ""}, // nobody has said
		{nursing, "", "Træning hos os", ""},           // a subject of one's own
	} {
		if got := suggested(c.to, c.category, c.subject); got != c.want {
			t.Errorf("%s to %s: suggested %q, want %q", c.subject, c.to, got, c.want)
		}
	}
	d := draft()
	d.Receiver, d.Category, d.Subject = nursing, "Træning", "Træning"
	if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != "" {
		t.Errorf("AGR-501: the writer may choose otherwise: faults %q", got)
	}
	// Taken back, and wrong ones refused.
	if n, err = w.box.SetSubjectReceivers(w.ctx, bo(), homecare, map[string]brevdue.GLN{"Træning": ""}); err != nil || n != 1 || suggested(nursing, "Træning", "Træning") != "" {
		t.Errorf("taken back: %d, %v", n, err)
	}
	for _, wrong := range []brevdue.GLN{abroad, clinic, nobody, "x"} {
		_, err := w.box.SetSubjectReceivers(w.ctx, bo(), homecare, map[string]brevdue.GLN{"Træning": wrong, "Hjælpemidler": therapy})
		var fs mailbox.Faults
		if !errors.As(err, &fs) || len(fs) != 1 || !strings.HasPrefix(fs[0].Field, "subject-") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	w.view(func(tx store.Tx) error {
		said, err := tx.UnitFacts().SubjectReceivers(w.ctx, "")
		if len(said) != 0 {
			t.Errorf("a refused form was kept: %+v", said)
		}
		return err
	})
	if got := w.details("subject.receiver"); got != "Træning to nobody" {
		t.Errorf("audit says %q", got)
	}
	if m, err := w.box.SubjectReceivers(w.ctx, anne(), clinic); err != nil || m.Municipality != "" || m.Subjects != nil {
		t.Errorf("a hospital's unit: %+v, %v", m, err)
	}
	if v, err := w.box.UnitView(w.ctx, bo(), homecare); err != nil || v.Mapped != 1 {
		t.Errorf("the unit's page counts %d, %v", v.Mapped, err)
	}
	if v, err := w.box.UnitView(w.ctx, anne(), clinic); err != nil || v.Mapped != -1 {
		t.Errorf("a hospital's page counts %d, %v", v.Mapped, err)
	}
	w.sound()
}
