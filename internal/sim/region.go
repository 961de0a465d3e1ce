// Package sim is the outside world of an installation: a synthetic region, the
// people in it who write letters, and the network between two installations.
//
// Specification: feature F82 and AGR-101 (who the parties are).
//
// Deliberately missing: anything an installation itself does. Letters go through
// the real mailbox, gateway and folders; sim only plays people, other systems and
// the network.
//
// What surprises: every person is one of MedCom's official test persons, and every
// location number is plainly synthetic (579999…) with a right check digit.
package sim

import (
	"fmt"

	"brevdue"
	"brevdue/internal/config"
	"brevdue/sor"
)

// Region is the synthetic region, in two halves that each run an installation.
type Region struct {
	// Regional is the region's own side: hospitals, psychiatry, the social area.
	Regional []config.Unit
	// Local is the municipalities and the practices.
	Local []config.Unit
	// Directory is everybody, and one unit that is closed: a letter to it is refused.
	Directory *sor.Directory
	// The units the demo's people belong to.
	Ward, Clinic, Bosted, HomeNursing, SocialUnit, Practice brevdue.GLN
	// Elsewhere is a home-nursing team that the demo itself plays.
	Elsewhere brevdue.GLN
	// Closed is in the directory but belongs to nobody any more.
	Closed brevdue.GLN
	// Neighbour is a hospital of another region, whose system writes faulty letters.
	Neighbour brevdue.GLN
}

var hospitals = []struct{ name, short string }{
	{"Aarhus Universitetshospital", "AUH"}, {"Hospitalsenhed Midt", "HE Midt"}, {"Regionshospitalet Gødstrup", "RH Gødstrup"},
	{"Regionshospitalet Horsens", "RH Horsens"}, {"Regionshospitalet Randers", "RH Randers"},
}

var municipalities = []string{
	"Aarhus", "Favrskov", "Hedensted", "Herning", "Holstebro", "Horsens", "Ikast-Brande", "Lemvig", "Norddjurs", "Odder", "Randers",
	"Ringkøbing-Skjern", "Samsø", "Silkeborg", "Skanderborg", "Skive", "Struer", "Syddjurs", "Viborg",
}

var practices = []struct{ name, place string }{
	{"Lægehuset Havnegade", "Aarhus"}, {"Lægerne Torvet", "Viborg"}, {"Lægehuset Åparken", "Horsens"}, {"Klinikken Søndergade", "Skive"},
}

// number returns the n-th synthetic location number.
func number(n int) brevdue.GLN {
	s := fmt.Sprintf("579999%06d", n)
	d, _ := brevdue.GLNCheckDigit(s) // twelve digits
	return brevdue.GLN(s + string(d))
}

// builder gives out numbers and fills both halves and the directory.
type builder struct {
	next    int
	region  Region
	entries []sor.Entry
}

func (b *builder) add(half *[]config.Unit, u config.Unit, place string, takes ...brevdue.Kind) brevdue.GLN {
	b.next++
	gln := number(b.next)
	u.GLN, u.Phone = string(gln), fmt.Sprintf("7999%04d", b.next)
	u.Sends = string(takes[0])
	*half = append(*half, u)
	b.entries = append(b.entries, sor.Entry{
		GLN: gln, Name: u.Name, Kind: brevdue.UnitKind(u.Kind), Place: place, Takes: takes, Standards: standards(brevdue.UnitKind(u.Kind)), Phone: u.Phone,
		Organisation: u.Organisation, Department: u.Department, Unit: u.Unit,
	})
	return gln
}

// standards are the other messages a unit of that kind can take in this region.
func standards(kind brevdue.UnitKind) []string {
	switch kind {
	case brevdue.Ward, brevdue.Clinic:
		return []string{"XDIS14", "XDIS16", "XREF01"}
	case brevdue.MunicipalHealth:
		return []string{"XDIS17", "XDIS18", "XDIS19", "XDIS20", "XDIS21", "XDIS32", "GGOP", "XREF15"}
	case brevdue.GP:
		return []string{"GGOP"}
	}
	return []string{}
}

// NewRegion builds the region; it is the same every time.
func NewRegion() Region {
	b := &builder{}
	r := &b.region
	for _, h := range hospitals {
		for _, d := range []struct{ kind, department, unit, specialty string }{
			{"ward", "Ortopædkirurgi", "Sengeafsnit 2", "ortopaedisk_kirurgi_sygehus"},
			{"ward", "Medicinsk afdeling", "Sengeafsnit 1", "intern_medicin_sygehus"},
			{"clinic", "Kardiologi", "Ambulatorium", "kardiologi"},
		} {
			gln := b.add(&r.Regional, config.Unit{
				Kind: d.kind, Name: h.short + ", " + d.department + ", " + d.unit, Organisation: h.name, Department: d.department, Unit: d.unit,
				Specialty: d.specialty,
			}, h.name, brevdue.XDIS91)
			if r.Ward == "" {
				r.Ward = gln
			}
			if d.kind == "clinic" && r.Clinic == "" {
				r.Clinic = gln
			}
		}
	}
	for _, d := range []struct{ kind, department, unit string }{{"ward", "Afdeling for Psykoser", "Sengeafsnit P3"}, {"clinic", "Afdeling for Depression", "Klinik for Depression"}} {
		b.add(&r.Regional, config.Unit{Kind: d.kind, Name: "Psykiatrien, " + d.unit, Organisation: "Psykiatrien", Department: d.department, Unit: d.unit,
			Specialty: "psykiatri_sygehus"}, "Psykiatrien", brevdue.XDIS91)
	}
	b.add(&r.Regional, config.Unit{Kind: "regional-social", Name: "Det regionale socialområde, Visitation", Organisation: "Det regionale socialområde", Department: "Visitation"},
		"Region Midtjylland", brevdue.XDIS91)
	r.Bosted = b.add(&r.Regional, config.Unit{Kind: "regional-social", Name: "Bostedet Nordlys", Organisation: "Det regionale socialområde", Department: "Bostedet Nordlys"},
		"Region Midtjylland", brevdue.DIS91)
	for i, m := range municipalities {
		owner := m + " Kommune"
		kind := brevdue.XDIS91
		if i%3 == 2 { // some still run an older system
			kind = brevdue.DIS91
		}
		gln := b.add(&r.Local, config.Unit{Kind: "municipal-health", Name: "Hjemmesygeplejen " + m, Organisation: owner, Department: "Sundhed og Omsorg",
			Unit: "Hjemmesygeplejen", Services: "yes"}, owner, kind)
		social := b.add(&r.Local, config.Unit{Kind: "municipal-social", Name: "Socialområdet " + m, Organisation: owner, Department: "Socialområdet"}, owner, kind)
		if i == 0 {
			r.HomeNursing, r.SocialUnit = gln, social
		}
		if m == "Silkeborg" {
			r.Elsewhere = gln
		}
	}
	for _, p := range practices {
		gln := b.add(&r.Local, config.Unit{Kind: "gp", Name: p.name, Organisation: p.name, Specialty: "almen_medicin"}, p.place, brevdue.DIS91)
		if r.Practice == "" {
			r.Practice = gln
		}
	}
	b.next++
	r.Closed = number(b.next)
	b.entries = append(b.entries, sor.Entry{GLN: r.Closed, Name: "Rehabilitering Vest (nedlagt)", Kind: brevdue.MunicipalHealth, Place: "Herning Kommune",
		Takes: []brevdue.Kind{brevdue.XDIS91}})
	b.next++
	r.Neighbour = number(b.next)
	b.entries = append(b.entries, sor.Entry{GLN: r.Neighbour, Name: "Sygehuset Sydvest, Modtagelsen", Kind: brevdue.Ward, Place: "En anden region",
		Takes: []brevdue.Kind{brevdue.DIS91}, Phone: "79990000"})
	r.Directory = sor.New(b.entries)
	return *r
}
