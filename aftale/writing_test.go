package aftale

import (
	"slices"
	"testing"

	"brevdue"
)

// Another standard goes before the letter where the agreement names one between the
// two sides, and never on the social area (AGR-201, AGR-205).
func TestInstead(t *testing.T) {
	_, content := Shipped()
	a, findings := Load(content)
	if a == nil {
		t.Fatal(findings)
	}
	tests := []struct {
		name     string
		from, to brevdue.UnitKind
		want     []string
	}{
		{"AGR-201 ward to home care", brevdue.Ward, brevdue.MunicipalHealth, []string{"XDIS21", "XDIS19", "XDIS18", "XDIS20", "XDIS17", "XDIS32", "GGOP", "XREF15", "XREF22"}},
		{"AGR-201 home care to ward", brevdue.MunicipalHealth, brevdue.Ward, []string{"XDIS16", "XDIS14"}},
		{"AGR-201 practice to clinic", brevdue.GP, brevdue.Clinic, []string{"XREF01"}},
		{"AGR-201 clinic to practice", brevdue.Clinic, brevdue.GP, []string{"GGOP"}},
		{"AGR-203 practice to home care", brevdue.GP, brevdue.MunicipalHealth, []string{"XREF15", "XREF22"}},
		{"AGR-205 ward to the municipality's social area", brevdue.Ward, brevdue.MunicipalSocial, nil},
		{"AGR-205 ward to the regional social area", brevdue.Ward, brevdue.RegionalSocial, nil},
		{"AGR-203 home care to practice", brevdue.MunicipalHealth, brevdue.GP, nil},
		{"AGR-202 ward to nobody known", brevdue.Ward, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, s := range a.Instead(tt.from, tt.to) {
				got = append(got, s.Code())
				if s.Purpose == "" {
					t.Errorf("%s says not what it is about", s.Name)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// What the law asks of a basis is data (AGR-901..906; denmark.md §6).
func TestBasesOfTheShippedAgreement(t *testing.T) {
	_, content := Shipped()
	a, _ := Load(content)
	want := []Consent{
		{Rule: "AGR-901", Code: "samtykke", Name: "Samtykke indhentet", Purpose: PurposeTreatment},
		{Rule: "AGR-902", Code: "41-2-1", Name: "Aktuelt behandlingsforløb", Law: "sundhedsloven § 41, stk. 2, nr. 1", Purpose: PurposeTreatment},
		{Rule: "AGR-903", Code: "41-2-4", Name: "Værdispring, behandling", Law: "sundhedsloven § 41, stk. 2, nr. 4", Purpose: PurposeTreatment, Weighing: true, Inform: 1},
		{Rule: "AGR-904", Code: "43-1", Name: "Samtykke, andet formål", Law: "sundhedsloven § 43, stk. 1", Purpose: PurposeOther, Written: true},
		{Rule: "AGR-905", Code: "43-2-2", Name: "Værdispring, andet formål", Law: "sundhedsloven § 43, stk. 2, nr. 2", Purpose: PurposeOther, Weighing: true, Inform: 1},
	}
	if !slices.Equal(a.Consents, want) {
		t.Errorf("got %+v", a.Consents)
	}
	for _, n := range a.National {
		if a.MayPrioritise(n.Code) != (n.Code == "regarding-referral") {
			t.Errorf("priority of %s: %t", n.Code, a.MayPrioritise(n.Code))
		}
	}
	if a.MayPrioritise("unheard-of") {
		t.Error("an unknown category may be given a priority")
	}
}

// Another region asks otherwise without a line of code (AGR-806 among it).
func TestSecondRegionWritesOtherwise(t *testing.T) {
	a := loadSecond(t)
	if got := a.Instead(brevdue.Ward, brevdue.MunicipalHealth); len(got) != 1 || got[0].Code() != "XFX7" || got[0].Where != "under Planer i journalen" {
		t.Errorf("standards: %+v", got)
	}
	if c := a.Consents; len(c) != 3 || !c[1].Written || c[2].Inform != 3 || !c[2].Weighing {
		t.Errorf("bases: %+v", c)
	}
	if !a.MayPrioritise("discharge") || a.MayPrioritise("nursing") {
		t.Error("its priorities are not its own")
	}
	if s := a.Schemes; len(s) != 1 || s[0] != (Scheme{Name: "Havsyge", Link: "https://fiktivland.example/havsyge"}) {
		t.Errorf("AGR-806: schemes %+v", s)
	}
}
