package gateway

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/store"
)

// MedCom's own published letter, in both formats, as a new user would try it.
// The files stay outside the repository.
func TestThePublishedLetterWalks(t *testing.T) {
	const receiver = brevdue.GLN("5790000128700") // the check digit is wrong in MedCom's file: a warning only
	unit := store.Unit{GLN: receiver, Kind: brevdue.GP, Name: "Prøvelægerne", Sends: brevdue.DIS91}
	for _, c := range []struct {
		file, ask, asks, ctl string
		kind                 brevdue.Kind
	}{
		{"DIS91_1.edi", "++++0'", "++++1'", "CTL", brevdue.DIS91},
		{"DIS91_1.xml", "minuspositivkvitt", "pluspositivkvitt", "XCTL", brevdue.XDIS91},
	} {
		t.Run(c.file, func(t *testing.T) {
			data := oracle(t, "standards/examples/edifact-oioxml/"+c.file)
			asking := []byte(replaceOnce(t, string(data), c.ask, c.asks))
			elsewhere := []byte(strings.ReplaceAll(string(data), string(receiver), string(nobody)))
			torn := data[:len(data)-20]

			w := newWorld(t, "AAA", Network{}, unit)
			w.receive(data)
			l := w.letter(1)
			if l.Status != brevdue.Unread || l.Unit != receiver || l.Kind != c.kind || l.Body.ID != "BrevNr00129" || brevdue.HasErrors(l.Findings) {
				t.Errorf("letter %+v %v", l.Body.Masked(), l.Findings)
			}
			if out := w.taken(); len(out) != 0 {
				t.Errorf("no receipt was asked for, and %s went out", sayAll(t, out))
			}
			for _, try := range []struct {
				name string
				data []byte
				want string
			}{
				{"asking for a receipt", asking, c.ctl + "03 for KuvertNr012234: BrevNr00129"},
				{"to somebody else", elsewhere, c.ctl + "02 for KuvertNr012234: BrevNr00129 ukendt_lokationsnummer"},
				{"torn", torn, c.ctl + "02 for KuvertNr012234: BrevNr00129 syntaksfejl"},
			} {
				w := newWorld(t, "AAA", Network{}, unit)
				w.receive(try.data)
				if got := sayAll(t, w.taken()); got != try.want {
					t.Errorf("%s: %s, want %s", try.name, got, try.want)
				}
				w.sound()
			}
		})
	}
}

// oracle reads a file beside the repository, or skips the test loudly.
func oracle(t *testing.T, name string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
	data, err := os.ReadFile(filepath.Join(dir, "..", "shared", filepath.FromSlash(name)))
	if os.IsNotExist(err) {
		t.Skipf("SKIPPED: ../shared absent, oracle %s not consulted", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}
