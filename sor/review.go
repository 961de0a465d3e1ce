package sor

import (
	"slices"
	"strings"

	"brevdue"
)

// The rules of a review: what a register keeper should look at (AGR-502, AGR-503).
var (
	ruleClosed  = rule("SOR-NAME-01", brevdue.SeverityWarning, "AGR-503", "Navnet %q ser ikke ud til at være i brug: ret det, eller tag nummeret ud.", "The name %q does not look in use: put it right or take the number out.")
	ruleAlike   = rule("SOR-NAME-02", brevdue.SeverityWarning, "AGR-503", "%q hedder det samme som %s.", "%q has the same name as %s.")
	ruleNowhere = rule("SOR-NAME-03", brevdue.SeverityWarning, "AGR-503", "Det kan ikke ses, hvilken kommune %q hører til.", "It cannot be seen which municipality %q belongs to.")
	ruleCrowded = rule("SOR-NUMBER-01", brevdue.SeverityWarning, "AGR-502", "%s har %d lokationsnumre; aftalen siger højst %d.", "%s has %d location numbers; the agreement says at most %d.")
)

// Review looks at the directory as a register keeper does: names that are not easy
// to recognise and current (AGR-503), and municipalities with more location numbers
// than most, the agreement's number (AGR-502; 0: no limit). All findings are
// warnings; the path of each is the location number it is about.
func (d *Directory) Review(most int) []brevdue.Finding {
	if d == nil {
		return nil
	}
	var out []brevdue.Finding
	say := func(e Entry, r brevdue.Rule, args ...any) {
		out = append(out, r.At(brevdue.Pos{Path: string(e.GLN)}, args...))
	}
	names := map[string]Entry{}
	numbers := map[string][]Entry{}
	var places []string
	for _, e := range d.entries {
		if notInUse(e.name) {
			say(e.Entry, ruleClosed, e.Name)
		}
		key := strings.Join(e.words, " ") + "|" + fold(e.Place)
		if first, there := names[key]; there {
			say(e.Entry, ruleAlike, e.Name, string(first.GLN))
		} else {
			names[key] = e.Entry
		}
		if e.Kind.Sector() != brevdue.SectorMunicipality {
			continue
		}
		if e.Place == "" && !slices.Contains(e.words, "kommune") {
			say(e.Entry, ruleNowhere, e.Name)
			continue
		}
		if e.Place == "" {
			continue
		}
		place := fold(e.Place)
		if numbers[place] == nil {
			places = append(places, place)
		}
		numbers[place] = append(numbers[place], e.Entry)
	}
	for _, place := range places {
		if all := numbers[place]; most > 0 && len(all) > most {
			say(all[most], ruleCrowded, all[0].Place, len(all), most)
		}
	}
	return out
}

// notInUse tells whether a folded name says that it is of no use to a sender: what
// registers write instead of taking a number out.
func notInUse(name string) bool {
	for _, sign := range []string{"flyttet lok", "kun internt brug", "lukket", "nedlagt", "ophoert", "maa ikke bruges", "udgaaet", "ikke i brug"} {
		if strings.Contains(name, sign) {
			return true
		}
	}
	return false
}
