package brevdue

import (
	"fmt"
	"log/slog"
	"strings"
)

// EpisodeStatus is the patient's state of care (std:xdis91 §1.4
// EpisodeOfCareStatusCode). The values are the OIOXML words.
type EpisodeStatus string

// The episode states.
const (
	EpisodeInactive       EpisodeStatus = "inaktiv"
	EpisodeInpatient      EpisodeStatus = "indlagt"
	EpisodeOutpatient     EpisodeStatus = "ambulant"
	EpisodeDead           EpisodeStatus = "doed"
	EpisodeOutpatientXRay EpisodeStatus = "ambulant_roentgen"
)

// Patient is the one citizen a letter is about (AGR-107).
type Patient struct {
	CPR          CPR             `json:"cpr,omitempty"`
	Replacements []ReplacementID `json:"replacements,omitempty"` // 0-2; legacy formats carry one, and only without CPR
	Surname      string          `json:"surname"`                // 1-70
	Given        string          `json:"given,omitempty"`        // 0-70
	Street       string          `json:"street,omitempty"`
	Suburb       string          `json:"suburb,omitempty"`
	District     string          `json:"district,omitempty"`
	PostCode     string          `json:"post_code,omitempty"`
	Occupancy    string          `json:"occupancy,omitempty"`
	Episode      EpisodeStatus   `json:"episode"`
}

// Name returns "Given Surname".
func (p Patient) Name() string { return strings.TrimSpace(p.Given + " " + p.Surname) }

// Citizen is the number a letter is about: the civil registration number, or else
// the first replacement number; "" when there is none.
func (p Patient) Citizen() CPR {
	if p.CPR == "" && len(p.Replacements) > 0 {
		return p.Replacements[0].Value
	}
	return p.CPR
}

// ReplacementID is an identifier used instead of a CPR number (erstatnings-CPR).
type ReplacementID struct {
	System string `json:"system,omitempty"` // OID of the issuer; empty when the format does not say
	Value  CPR    `json:"value"`            // ten characters, may hold letters
}

// CPR is a civil registration number of ten digits, or a replacement number of
// ten characters, without hyphen. It prints masked in every way Go can print a
// value; only [CPR.Reveal] and JSON encoding give the digits, so whoever
// encodes a letter for people to see must mask it first ([Letter.Masked]).
type CPR string

// Reveal returns the whole number. Every call is a place where a person's
// number is shown or stored: keep them few.
func (c CPR) Reveal() string { return string(c) }

// String returns "010190-••••": the birth date and four dots (denmark.md §3).
func (c CPR) String() string {
	if c == "" {
		return ""
	}
	if len(c) < 6 {
		return "••••"
	}
	return string(c[:6]) + "-••••"
}

// Format masks the number for every verb of fmt, %x and %q included.
func (c CPR) Format(f fmt.State, verb rune) { fmt.Fprint(f, c.String()) }

// LogValue masks the number for log/slog.
func (c CPR) LogValue() slog.Value { return slog.StringValue(c.String()) }

// ValidDate tells whether the number is ten digits with a possible day and
// month. Modulus 11 is deliberately not checked: numbers issued since 2007 and
// all of MedCom's official test numbers fail it (denmark.md §3).
func (c CPR) ValidDate() bool {
	if len(c) != 10 {
		return false
	}
	for i := range len(c) {
		if c[i] < '0' || c[i] > '9' {
			return false
		}
	}
	day := int(c[0]-'0')*10 + int(c[1]-'0')
	month := int(c[2]-'0')*10 + int(c[3]-'0')
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	days := [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	return day <= days[month-1]
}

// Masked returns a copy of the letter whose identifiers of the patient are
// masked, for showing where the digits are not needed.
func (l Letter) Masked() Letter {
	l.Patient.CPR = CPR(l.Patient.CPR.String())
	var ids []ReplacementID
	for _, r := range l.Patient.Replacements {
		ids = append(ids, ReplacementID{System: r.System, Value: CPR(r.Value.String())})
	}
	l.Patient.Replacements = ids
	return l
}
