package message_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"brevdue/internal/testletters"
	"brevdue/message"
)

var update = flag.Bool("update", false, "add new rules to testdata/rules.txt")

// Rule ids are public: other programs keep lists of them. One that is here never
// disappears or changes how grave it is without somebody noticing.
func TestRuleIDsAreStable(t *testing.T) {
	file := filepath.Join("testdata", "rules.txt")
	var lines []string
	for _, r := range message.Rules() {
		lines = append(lines, r.ID+" "+string(r.Severity))
	}
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the rules are not those of testdata/rules.txt; a new one is added with -update, an old one never goes")
	}
}

// Every rule says the same thing in both languages, and where it is from.
func TestRulesAreWhole(t *testing.T) {
	id, verb := regexp.MustCompile(`^[A-Z0-9]+(-[A-Z0-9]+)*-[0-9]{2}$`), regexp.MustCompile(`%(\[[0-9]\])?[a-z]`)
	for _, r := range message.Rules() {
		if !id.MatchString(r.ID) || r.Text == "" || r.TextEN == "" || r.Ref == "" {
			t.Errorf("%+v", r)
		}
		da, en := verb.FindAllString(r.Text, -1), verb.FindAllString(r.TextEN, -1)
		slices.Sort(da)
		slices.Sort(en)
		if !slices.Equal(da, en) {
			t.Errorf("%s takes other arguments in English: %v %v", r.ID, da, en)
		}
	}
}

// Every rule a reader can break is broken by a message of the corpus or by a
// seeded fault. The few that are not are tested where the reason says.
func TestEveryRuleIsBrokenSomewhere(t *testing.T) {
	elsewhere := map[string]string{
		"EDI-SIZE-01": "needs 128 MB; edifact", "EDI-SIZE-02": "needs 100,000 segments; edifact", "EDI-SIZE-03": "needs a segment of 64 kB; edifact", "EDI-SIZE-04": "needs 1,000 messages; edifact",
		"XML-LIMIT-01": "needs 256 MB; oioxml", "XML-LIMIT-02": "needs 64 levels; oioxml", "XML-LIMIT-03": "needs 400,000 nodes; oioxml", "XML-MORE-01": "needs 100 faults; oioxml",
		"XDIS91-SIZE-01": "needs 10 MB; medcom", "XDIS91-SIZE-02": "needs 1,000 letters; medcom",
		"MC-KIND-01": "the envelope is opened first here; medcom", "MC-KIND-02": "receipts are read as such here; medcom", "MC-KIND-07": "attachment messages are read as such here; medcom",
		"CTL-KIND-01": "only receipts are read as such here; receipt",
	}
	broken := map[string]bool{}
	note := func(data []byte) {
		for _, f := range message.Open(data).Findings {
			broken[f.Rule] = true
		}
	}
	note(nil)
	note([]byte("Kære kollega"))
	note([]byte("UNA:+.? '"))
	note([]byte("<!-- only a comment -->"))
	note([]byte("\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-1'?><x>\x80</x>"))
	note([]byte("<?xml version='1.0' encoding='ISO-8859-1'?><x>\x80</x>"))
	for _, c := range testletters.All() {
		note(c.Data)
	}
	sound := bases(t)
	for _, f := range faults {
		note(f.breakIt(t, sound[f.base]))
	}
	for _, r := range message.Rules() {
		switch {
		case strings.Contains(r.ID, "-WRITE-") || strings.HasPrefix(r.ID, "BIN-JOIN-") || r.ID == "MC-KIND-06":
			continue // said when writing or joining, not when reading
		case !broken[r.ID] && elsewhere[r.ID] == "":
			t.Errorf("%s is broken by nothing", r.ID)
		case broken[r.ID] && elsewhere[r.ID] != "":
			t.Errorf("%s is broken after all", r.ID)
		}
	}
}
