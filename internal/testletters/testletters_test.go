package testletters

import (
	"regexp"
	"testing"

	"brevdue"
)

// Every case has its judgement, and nobody in the corpus is a real person.
func TestCorpus(t *testing.T) {
	persons := map[string]bool{
		"0104909989": true, "2512489996": true, // official test persons
		"3204909989": true, // an impossible date
	}
	cpr := regexp.MustCompile(`(?:PAT\+|CivilRegistrationNumber>)([0-9]{10})\b`)
	count := map[brevdue.Format]int{}
	for _, c := range All() {
		count[c.Format]++
		if len(c.Want) == 0 {
			t.Errorf("%s/%s has no .want file", c.Format, c.Name)
		}
		for _, m := range cpr.FindAllSubmatch(c.Data, -1) {
			if !persons[string(m[1])] {
				t.Errorf("%s/%s is about somebody who is no known test person", c.Format, c.Name)
			}
		}
	}
	for format, least := range map[brevdue.Format]int{brevdue.EDIFACT: 100, brevdue.OIOXML: 30, brevdue.VANS: 10} {
		if count[format] < least {
			t.Errorf("%d cases of %s, want at least %d", count[format], format, least)
		}
	}
	if _, ok := Get(brevdue.EDIFACT, "dis91_min"); !ok {
		t.Error("dis91_min is not there")
	}
	if _, ok := Get(brevdue.OIOXML, "dis91_min"); ok {
		t.Error("dis91_min is no OIOXML")
	}
}
