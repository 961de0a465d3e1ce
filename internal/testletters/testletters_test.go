package testletters

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"brevdue"
)

// Every case has its judgement, and nobody in the corpus is a real person.
func TestCorpus(t *testing.T) {
	persons := strings.Fields(`
		0104909989 0104909995 0107729995 0108589995 0108629996 0201609995 0201609996 0201919990 0201919995 0201919996
		0211223989 0212159995 0504909989 0504909995 0505059996 0505109990 0505159995 0505209996 0505239996 0506889996
		1007059995 1110109996 1306249995 1306249996 1310169995 1310169996 1502779995 1502799995 1502829995 1509819996
		2103009996 2311143995 2509479989 2512489996 2911829996 3001749995 3101229995 3103979995
	`) // MedCom's official test persons
	persons = append(persons, "3204909989", "3102729995") // impossible dates
	cpr := regexp.MustCompile(`(?:PAT\+|CivilRegistrationNumber>)([0-9]{10})\b`)
	count := map[brevdue.Format]int{}
	for _, c := range All() {
		count[c.Format]++
		if len(c.Want) == 0 {
			t.Errorf("%s/%s has no .want file", c.Format, c.Name)
		}
		for _, m := range cpr.FindAllSubmatch(c.Data, -1) {
			if !slices.Contains(persons, string(m[1])) {
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
