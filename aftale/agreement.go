package aftale

import (
	"slices"
	"time"

	"brevdue"
	"brevdue/kalender"
)

// Agreement is one version of one region's agreement, read and checked.
type Agreement struct {
	ID         string // "midtjylland/korrespondancebrev"
	Name       string // short, as the sentences say it: "Midtjylland"
	Region     string
	Version    string
	SHA256     string       // hex, of the file's bytes
	File       []byte       // the file's bytes
	Source     string       // where the text comes from
	OlderKind  bool         // older than AGR-504: need not name receivers
	ValidFrom  kalender.Day // zero: a draft that never applies
	ValidTo    kalender.Day // the first day it no longer applies; zero: no end
	Deadlines  []Deadline
	Shifts     []int // minutes after midnight, where a unit has none of its own
	Rows       []Row // subjects in the agreement's order
	National   []National
	Parties    []Party
	Outside    [][2]Side // pairs the agreement does not cover (AGR-204)
	Standards  []Standard
	Initiation []Initiation
	Consents   []Consent
	Phone      *PhoneRule
	AfterPhone []AfterPhone
	Content    Content
	MaxNumbers int      // location numbers a municipality may use (AGR-502); 0: no limit
	FeeCode    string   // service code shown to general practice (AGR-1001)
	Contact    string   // who to turn to about the agreement (AGR-1002, Amb-25)
	Schemes    []Scheme // agreements of their own for groups of patients (AGR-806)
	Notes      []string
	order      map[string]int // normalised text to index of Rows
	known      []category     // what may stand before a subject
}

// Ref names the exact text of the agreement.
func (a *Agreement) Ref() brevdue.AgreementRef {
	return brevdue.AgreementRef{ID: a.ID, Version: a.Version, SHA256: a.SHA256}
}

// Draft tells whether the agreement has no date and so never applies.
func (a *Agreement) Draft() bool { return a.ValidFrom == (kalender.Day{}) }

// InForce tells whether the agreement applies to a letter sent at that time.
func (a *Agreement) InForce(sent time.Time) bool {
	day := kalender.DayOf(sent)
	return !a.Draft() && !day.Before(a.ValidFrom) && (a.ValidTo == kalender.Day{} || day.Before(a.ValidTo))
}

// Side is a side of the agreement: who its pairs and rules are about (AGR-101).
type Side = brevdue.Sector

// Party is a signing side with its organisations (AGR-101).
type Party struct {
	Side  Side
	Name  string
	Units []string
}

// Deadline is one reading rule (AGR-601..607). Exactly one of Window, Shift, Within
// and Answer is set.
type Deadline struct {
	Rule      string // "AGR-602"
	Kind      brevdue.UnitKind
	Name      string   // of the kind, as the sentence says it
	Services  Services // Yes or No: only for such citizens; Unknown: for all
	Window    *Window
	Shift     bool
	Within    *Within
	Answer    *Answer
	Closed    kalender.Closed
	Paragraph string
}

// Window is a daily reading time; minutes after midnight.
type Window struct {
	From, To, Cutoff int
	EveryDay         bool // else working days only
}

// Within is a limit in hours from sending. Not on every day, only the hours of
// working days count.
type Within struct {
	Hours    int
	EveryDay bool
}

// Answer is general practice's soft rule: working days until the close of the day.
type Answer struct {
	Days, Closes int
}

// Services says whether the citizen receives municipal services (AGR-604, Amb-20).
type Services string

// What may be known about it. The zero value means unknown.
const (
	ServicesYes     Services = "yes"
	ServicesNo      Services = "no"
	ServicesUnknown Services = "unknown"
)

// Row is one line of the agreement's table of subjects (Bilag 1).
type Row struct {
	Number   int
	Category string // MidtEPJ's
	Subject  string // canonical, as shown on screen
	Aliases  []string
	National string // code of the national category
	Examples []string
	Only     []brevdue.UnitKind // receivers it is for; nil: all
	Instead  string             // the standard to use for other receivers
	SORName  string             // of the receiver (AGR-504)
	Note     string
}

// National is one of MedCom's national categories.
type National struct {
	Code, Name string
	Priority   bool // a letter of the category may carry a priority (F22)
}

// Standard is a message that goes before the letter (AGR-201).
type Standard struct {
	Name     string
	Codes    []string
	Version  string
	From, To Side
	Listed   bool // named in the agreement itself
	// Purpose says what such a message is about, and Where, where the people of the
	// sending side find it; Danish, "" when the file does not say.
	Purpose, Where string
}

// Code is the code people know the standard by: the newest, which stands last.
func (s Standard) Code() string {
	if len(s.Codes) == 0 {
		return ""
	}
	return s.Codes[len(s.Codes)-1]
}

// Scheme is an agreement of its own for a group of patients (AGR-806), with where
// it can be read.
type Scheme struct{ Name, Link string }

// Initiation says who needs a reason to start a dialogue (AGR-302).
type Initiation struct {
	Rule     string
	From, To []Side
	Text     string // Danish, shown to the writer
}

// Consent is a legal basis (AGR-901..907).
type Consent struct {
	Rule, Code, Name, Law string
	Weighing              bool    // asks for a written weighing (AGR-906)
	Purpose               Purpose // what the disclosure is for
	Written               bool    // a written consent, with its date and its end after a year (denmark.md §6)
	// Inform is the number of working days within which the citizen is to be told
	// of the disclosure; 0: no such duty.
	Inform int
}

// Purpose is what a citizen's data are passed on for (AGR-902, AGR-904).
type Purpose string

// The purposes. "" is either of them.
const (
	PurposeTreatment Purpose = "behandling"
	PurposeOther     Purpose = "andet"
)

// PhoneRule is the weekend and holiday telephone rule (AGR-701..703).
type PhoneRule struct {
	Rule, Exemption, FollowUp string
	Receiver                  brevdue.UnitKind // whose closed days count
	Paragraph                 string
}

// AfterPhone is when a letter after a call needs a record of it (AGR-801..804).
type AfterPhone struct {
	Rule, When string
	Required   bool // else a warning
}

// Content are the principles of a letter's text (AGR-402, AGR-403).
type Content struct {
	MaxSubjects int
	HintLength  int      // characters
	Signature   []string // what stands last in a letter: of dato, titel, navn, telefon
}

// signs are the parts a signature can have (AGR-403, AGR-404).
func signs() []string { return []string{"dato", "titel", "navn", "telefon"} }

// kinds are the unit kinds in the words of the file, and in English for the
// sentences; the Danish name in a sentence is the agreement's own.
var kinds = []struct {
	word, en string
	kind     brevdue.UnitKind
}{
	{"sengeafsnit", "A ward", brevdue.Ward},
	{"klinik", "A clinic", brevdue.Clinic},
	{"regionalt socialområde", "The regional social area", brevdue.RegionalSocial},
	{"kommunalt sundhedsområde", "The municipality's health and elder area", brevdue.MunicipalHealth},
	{"kommunalt socialområde", "The municipality's social area", brevdue.MunicipalSocial},
	{"almen praksis", "General practice", brevdue.GP},
}

// kindEN is the English name of a kind at the beginning of a sentence.
func kindEN(kind brevdue.UnitKind) string {
	for _, k := range kinds {
		if k.kind == kind {
			return k.en
		}
	}
	return string(kind)
}

// sideName is a side of the agreement in the words of the file.
type sideName struct {
	word string
	side Side
	kind brevdue.UnitKind // one of its kinds
	all  []string         // other words for everybody of the side
}

// sides are all of them.
var sides = []sideName{
	{"hospital", brevdue.SectorHospital, brevdue.Hospital, []string{"hospitaler", "hospitalerne"}},
	{"regionalt socialområde", brevdue.SectorRegionalSocial, brevdue.RegionalSocial, []string{"det regionale socialområde"}},
	{"kommune", brevdue.SectorMunicipality, brevdue.MunicipalHealth, []string{"kommuner", "kommunerne"}},
	{"almen praksis", brevdue.SectorGP, brevdue.GP, []string{"lægehuse", "lægehusene", "praktiserende læger"}},
}

// Covers tells whether the agreement is about letters between the two kinds
// (AGR-204). An unknown kind ("") is taken as covered: the receiver's own
// deadline is the safer answer.
func (a *Agreement) Covers(from, to brevdue.UnitKind) bool {
	x, y := from.Sector(), to.Sector()
	return x == "" || y == "" || !outside(a, x, y)
}

// outside tells whether the agreement puts a pair of sides outside itself.
func outside(a *Agreement, x, y Side) bool {
	return slices.Contains(a.Outside, [2]Side{x, y}) || slices.Contains(a.Outside, [2]Side{y, x})
}

// Start returns what a writer must be told, in Danish, before starting a
// dialogue, and the rule; "" when anybody may (AGR-301..305). It warns and asks
// for a reason and never stops anybody (Amb-4).
func (a *Agreement) Start(from, to brevdue.UnitKind) (rule, text string) {
	for _, i := range a.Initiation {
		if contains(i.From, from.Sector()) && contains(i.To, to.Sector()) {
			return i.Rule, i.Text
		}
	}
	return "", ""
}

// HasSubjects tells whether the agreement's list of subjects is for a letter
// from one kind to the other: the table is about dialogue that the hospital
// starts with the municipality or the regional social area; everybody else
// chooses a subject freely (Amb-6).
func (a *Agreement) HasSubjects(from, to brevdue.UnitKind) bool {
	if from.Sector() != brevdue.SectorHospital || len(a.Rows) == 0 {
		return false
	}
	return to.Sector() == brevdue.SectorMunicipality || to.Sector() == brevdue.SectorRegionalSocial
}

// Category is a category with its rows, for writing.
type Category struct {
	Name string
	Rows []Row
}

// Categories returns the categories in the agreement's order.
func (a *Agreement) Categories() []Category {
	var out []Category
	for _, r := range a.Rows {
		at := -1
		for i := range out {
			if out[i].Name == r.Category {
				at = i
			}
		}
		if at < 0 {
			out = append(out, Category{Name: r.Category})
			at = len(out) - 1
		}
		out[at].Rows = append(out[at].Rows, r)
	}
	return out
}

// MayPrioritise tells whether a letter of a national category may carry a priority
// (F22).
func (a *Agreement) MayPrioritise(code string) bool {
	for _, n := range a.National {
		if n.Code == code {
			return n.Priority
		}
	}
	return false
}

// Instead returns the standards that go before a letter from one kind to the other
// (AGR-201). The social area cannot take them and has none (AGR-205).
func (a *Agreement) Instead(from, to brevdue.UnitKind) []Standard {
	if to == brevdue.MunicipalSocial || to == brevdue.RegionalSocial {
		return nil
	}
	var out []Standard
	for _, s := range a.Standards {
		if s.From == from.Sector() && s.To == to.Sector() {
			out = append(out, s)
		}
	}
	return out
}

// NationalName returns the Danish name of a national category, "" when unknown.
func (a *Agreement) NationalName(code string) string {
	for _, n := range a.National {
		if n.Code == code {
			return n.Name
		}
	}
	return ""
}

func contains[T comparable](list []T, v T) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}
