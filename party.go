package brevdue

import "slices"

// IDCode says what kind of number a party's ID is (std:xdis91 §1.4
// IdentifierCode). The values are the OIOXML words.
type IDCode string

// The identifier codes. Amt (county, gone since 2007) exists in OIOXML only.
const (
	IDHospitalDepartment IDCode = "sygehusafdelingsnummer"
	IDYdernummer         IDCode = "ydernummer"
	IDLocation           IDCode = "lokationsnummer"
	IDMunicipality       IDCode = "kommunenummer"
	IDSOR                IDCode = "sorkode"
	IDCounty             IDCode = "amt"
)

// Party is the sending or receiving organisation of a letter.
type Party struct {
	GLN          GLN    `json:"gln"`     // location number (EANIdentifier), 1-35, normally 13 digits
	ID           string `json:"id"`      // 1-17, meaning by IDCode
	IDCode       IDCode `json:"id_code"` //
	Organisation string `json:"organisation,omitempty"`
	Department   string `json:"department,omitempty"`
	Unit         string `json:"unit,omitempty"`
	Street       string `json:"street,omitempty"`
	Suburb       string `json:"suburb,omitempty"`
	District     string `json:"district,omitempty"`
	PostCode     string `json:"post_code,omitempty"`
	Phone        string `json:"phone,omitempty"`     // 1-25, sender only
	Specialty    string `json:"specialty,omitempty"` // OIOXML word, trimmed, e.g. "kirurgi_sygehus"; sender only
	SOR          string `json:"sor,omitempty"`       // SOR code, FHIR only
}

// Name returns organisation, department and unit joined by ", ", without the
// "_" some senders fill in for a missing department.
func (p Party) Name() string {
	out := ""
	for _, s := range []string{p.Organisation, p.Department, p.Unit} {
		if s == "" || s == "_" {
			continue
		}
		if out != "" {
			out += ", "
		}
		out += s
	}
	return out
}

// UnitKind is the kind of a sending or receiving unit; it decides the reading
// deadline (AGR-601..607). The values are those of `brevdue aftale due`.
type UnitKind string

// The unit kinds of the agreement (AGR-101, AGR-102).
const (
	Ward            UnitKind = "ward"             // sengeafsnit
	Clinic          UnitKind = "clinic"           // klinik
	RegionalSocial  UnitKind = "regional-social"  // Det regionale socialområde
	MunicipalHealth UnitKind = "municipal-health" // Sundheds- og Ældreområde
	MunicipalSocial UnitKind = "municipal-social" // Socialområde
	GP              UnitKind = "gp"               // almen praksis
)

// Hospital is a hospital unit of which nobody has said whether it is a ward or a
// clinic (Amb-24): the stricter counts for its readers, the later for what a
// sender is promised. It is not among [UnitKinds]: no agreement has a rule for it.
const Hospital UnitKind = "hospital"

// MunicipalOther is a municipality's unit in an area no agreement names, such as
// sundhedspleje, tandpleje, PPR or job (Amb-21). It is not among [UnitKinds] either.
const MunicipalOther UnitKind = "municipal-other"

// RegisteredKinds returns what a unit can be registered as: the agreement's kinds and
// those it does not tell apart.
func RegisteredKinds() []UnitKind { return append(UnitKinds(), Hospital, MunicipalOther) }

// Known tells whether the kind is one of [RegisteredKinds].
func (k UnitKind) Known() bool { return slices.Contains(RegisteredKinds(), k) }

// UnitKinds returns all kinds in the order of the agreement's section 6.
func UnitKinds() []UnitKind {
	return []UnitKind{Ward, Clinic, RegionalSocial, MunicipalHealth, MunicipalSocial, GP}
}

// SORCodeCheck tells whether a SOR code is 6 to 18 digits with a right check digit
// by Verhoeff, as SNOMED identifiers have (denmark.md §2).
func SORCodeCheck(code string) bool {
	if len(code) < 6 || len(code) > 18 || code[0] == '0' {
		return false
	}
	// The dihedral group of ten elements: 0-4 are rotations, 5-9 reflections.
	times := func(a, b int) int {
		switch {
		case a < 5 && b < 5:
			return (a + b) % 5
		case a < 5:
			return 5 + (a+b-5)%5
		case b < 5:
			return 5 + (a-5-b+5)%5
		}
		return (a - b + 5) % 5
	}
	permute := [8][10]int{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 5, 7, 6, 2, 8, 3, 0, 9, 4}}
	for i := 2; i < 8; i++ {
		for d := range 10 {
			permute[i][d] = permute[i-1][permute[1][d]]
		}
	}
	sum := 0
	for i := range len(code) {
		d := code[len(code)-1-i]
		if d < '0' || d > '9' {
			return false
		}
		sum = times(sum, permute[i%8][d-'0'])
	}
	return sum == 0
}

// Sector is the side of the agreement a unit kind belongs to.
type Sector string

// The sectors (AGR-101).
const (
	SectorHospital       Sector = "hospital"
	SectorRegionalSocial Sector = "regional-social"
	SectorMunicipality   Sector = "municipality"
	SectorGP             Sector = "gp"
)

// Sector returns the sector of the kind, or "" when the kind is unknown.
func (k UnitKind) Sector() Sector {
	switch k {
	case Ward, Clinic, Hospital:
		return SectorHospital
	case RegionalSocial:
		return SectorRegionalSocial
	case MunicipalHealth, MunicipalSocial, MunicipalOther:
		return SectorMunicipality
	case GP:
		return SectorGP
	}
	return ""
}

// GLN is a location number (EAN/GLN, lokationsnummer). Senders also use other
// values, so any text of 1-35 characters is kept; [GLN.Check] tells whether it
// is a well-formed number (std:xdis91 §1.3).
type GLN string

// Check tells whether g is 13 digits with a right GS1 check digit. Received
// letters may fail it (MedCom's own samples do): warn, never refuse.
func (g GLN) Check() bool {
	if len(g) != 13 {
		return false
	}
	d, ok := GLNCheckDigit(string(g[:12]))
	return ok && g[12] == d
}

// GLNCheckDigit returns the GS1 check digit for the first twelve digits of a
// location number, and false when s is not twelve digits.
func GLNCheckDigit(s string) (byte, bool) {
	if len(s) != 12 {
		return 0, false
	}
	sum := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		w := 1
		if i%2 == 1 {
			w = 3
		}
		sum += w * int(s[i]-'0')
	}
	return byte('0' + (10-sum%10)%10), true
}
