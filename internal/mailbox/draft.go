package mailbox

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"brevdue"
	"brevdue/aftale"
	"brevdue/sor"
)

// Limits of the letter's fields in characters (std:xdis91 §1.2).
const (
	maxSubject = 70
	maxName    = 70
	maxText    = 1 << 20 // far more than any format holds; bounds the work
	minReason  = 3
	maxReason  = 500
)

// judge collects what is wrong with a draft.
type judge struct {
	faults Faults
}

func (j *judge) say(field, da, en string) {
	j.faults = append(j.faults, Fault{Field: field, Text: da, TextEN: en})
}

// err returns the faults as an error, nil when there are none.
func (j *judge) err() error {
	if len(j.faults) == 0 {
		return nil
	}
	return j.faults
}

// patient reads the citizen of a new letter.
func (j *judge) patient(d Draft) brevdue.Patient {
	p := brevdue.Patient{Surname: oneLine(d.Surname), Given: oneLine(d.Given)}
	number := citizenNumber(d.CPR)
	switch {
	case number == "":
		j.say("cpr", "Skriv borgerens CPR-nummer eller erstatningsnummer.", "Enter the citizen's CPR number or replacement number.")
	case !tenCharacters(number):
		j.say("cpr", "Et CPR-nummer har ti cifre; et erstatningsnummer har ti tegn, bogstaver og cifre.", "A CPR number has ten digits; a replacement number has ten characters, letters and digits.")
	case !onlyDigits(number):
		p.Replacements = []brevdue.ReplacementID{{Value: brevdue.CPR(number)}}
	case !brevdue.CPR(number).ValidDate():
		j.say("cpr", "CPR-nummeret begynder ikke med en dato, der findes. Se efter, om tal er byttet om.", "The CPR number does not begin with a date that exists. Check for swapped digits.")
	default:
		p.CPR = brevdue.CPR(number)
	}
	if p.Surname == "" {
		j.say("surname", "Skriv borgerens efternavn.", "Enter the citizen's surname.")
	}
	j.length("surname", "Efternavnet", "The surname", p.Surname, maxName)
	j.length("given", "Fornavnet", "The given name", p.Given, maxName)
	return p
}

func (j *judge) length(field, da, en, value string, most int) {
	if n := utf8.RuneCountInString(value); n > most {
		j.say(field, fmt.Sprintf("%s er på %d tegn; der er plads til %d.", da, n, most), fmt.Sprintf("%s has %d characters; there is room for %d.", en, n, most))
	}
}

// citizenNumber drops what people write between the digits.
func citizenNumber(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			return -1
		}
		return r
	}, s))
}

func tenCharacters(s string) bool {
	if len(s) != 10 {
		return false
	}
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && (s[i] < 'A' || s[i] > 'Z') {
			return false
		}
	}
	return true
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// oneLine makes a field one line without spaces around it.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// episode reads the state of care; without one it is what inherited says, or
// inactive.
func (j *judge) episode(d Draft, inherited brevdue.EpisodeStatus) brevdue.EpisodeStatus {
	switch d.Episode {
	case brevdue.EpisodeInactive, brevdue.EpisodeInpatient, brevdue.EpisodeOutpatient, brevdue.EpisodeDead, brevdue.EpisodeOutpatientXRay:
		return d.Episode
	case "":
		if inherited != "" {
			return inherited
		}
		return brevdue.EpisodeInactive
	}
	j.say("episode", "Vælg en af de viste forløbstyper.", "Choose one of the states of care shown.")
	return brevdue.EpisodeInactive
}

func (j *judge) priority(d Draft) brevdue.Priority {
	switch d.Priority {
	case "", brevdue.RoutinePriority, brevdue.HighPriority:
		return d.Priority
	}
	j.say("priority", "Vælg en af de viste prioriteter.", "Choose one of the priorities shown.")
	return ""
}

// receiver finds who a new letter is for. It must be chosen (AGR-501).
func (j *judge) receiver(dir *sor.Directory, d Draft, unit brevdue.GLN) (sor.Entry, bool) {
	gln := brevdue.GLN(strings.TrimSpace(string(d.Receiver)))
	if gln == "" {
		j.say("receiver", "Vælg, hvem brevet er til.", "Choose who the letter is for.")
		return sor.Entry{}, false
	}
	e, ok := dir.Get(gln)
	switch {
	case !ok:
		j.say("receiver", "Modtageren findes ikke i kataloget. Søg og vælg igen.", "The receiver is not in the directory. Search and choose again.")
		return sor.Entry{}, false
	case gln == unit:
		j.say("receiver", "Brevet kan ikke sendes til enheden selv.", "The letter cannot be sent to the unit itself.")
	case len(e.Takes) > 0 && !slices.Contains(e.Takes, brevdue.DIS91) && !slices.Contains(e.Takes, brevdue.XDIS91):
		j.say("receiver", "Modtageren kan ikke modtage korrespondancebreve. Ring i stedet.", "The receiver cannot receive correspondence letters. Call instead.")
	}
	return e, true
}

// text reads the letter's own text, without the signature.
func (j *judge) text(d Draft) string {
	s := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(d.Text)
	s = strings.TrimRightFunc(strings.TrimLeft(s, "\n"), unicode.IsSpace)
	switch {
	case strings.TrimSpace(s) == "":
		j.say("text", "Skriv brevets tekst.", "Write the text of the letter.")
		return ""
	case len(s) > maxText:
		j.say("text", "Teksten er for lang til et brev.", "The text is too long for a letter.")
		return ""
	case !j.readable(s):
		return ""
	}
	return s
}

// readable asks for characters that can be read, and says so of those no letter can carry;
// false when the text is no text.
func (j *judge) readable(s string) bool {
	if !utf8.ValidString(s) {
		j.say("text", "Teksten har tegn, der ikke kan læses. Skriv dem igen.", "The text has characters that cannot be read. Write them again.")
		return false
	}
	if r, bad := control(s); bad {
		j.say("text", fmt.Sprintf("Teksten har et usynligt styretegn (U+%04X). Fjern det, eller skriv stedet igen.", r), fmt.Sprintf("The text has an invisible control character (U+%04X). Remove it or write the place again.", r))
	}
	return true
}

// control finds a character that no letter can carry.
func control(s string) (rune, bool) {
	for _, r := range s {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return r, true
		}
	}
	return 0, false
}

// chosen is what the subject of a draft came to.
type chosen struct {
	subject string // canonical
	row     aftale.Sorted
	reason  bool // a reason for a subject outside the list was asked for
}

// subject reads category and subject. inherited are the spellings of the
// answered letter's subject, the one to use first; to keep it needs no reason.
func (j *judge) subject(a *aftale.Agreement, d Draft, from, to brevdue.UnitKind, inherited ...string) chosen {
	subject := oneLine(d.Subject)
	if subject == "" && len(inherited) > 0 {
		subject = inherited[0]
	}
	if subject == "" {
		j.say("subject", "Vælg eller skriv et emne: modtageren sorterer efter det.", "Choose or write a subject: the receiver sorts by it.")
		return chosen{}
	}
	j.length("subject", "Emnet", "The subject", aftale.WireSubject(subject), maxSubject)
	if r, bad := control(subject); bad {
		j.say("subject", fmt.Sprintf("Emnet har et usynligt styretegn (U+%04X).", r), fmt.Sprintf("The subject has an invisible control character (U+%04X).", r))
	}
	out := chosen{subject: subject, row: aftale.Sorted{Matched: aftale.MatchNone, Row: -1}}
	if a == nil {
		return out
	}
	out.row = a.SortSubject(subject)
	if slices.Contains(inherited, subject) {
		out.subject = inherited[0] // only the canonical spelling is sent on
		return out
	}
	if !listed(a, from, to) {
		return out
	}
	switch row := out.row.Row; {
	case row < 0:
		out.reason = true
		j.reason("subjectreason", d.SubjectReason, "Emnet er ikke et af aftalens. Skriv, hvorfor ingen af dem passer (mindst tre tegn).",
			"The subject is not one of the agreement's. Say why none of them fits (at least three characters).")
	case !suits(a.Rows[row], to):
		r := a.Rows[row]
		da, en := "Emnet er ikke til denne slags modtager.", "The subject is not for this kind of receiver."
		if r.Instead != "" {
			da += " Brug " + r.Instead + "."
			en += " Use " + r.Instead + "."
		}
		j.say("subject", da, en)
	case d.Category != "" && d.Category != a.Rows[row].Category:
		j.say("category", "Emnet hører ikke til den valgte kategori.", "The subject does not belong to the chosen category.")
	default:
		out.subject = a.Rows[row].Subject
	}
	return out
}

// reason reads a stated reason. It stands in the letter's history, which never
// names the citizen.
func (j *judge) reason(field, value, da, en string) {
	value = oneLine(value)
	switch n := utf8.RuneCountInString(value); {
	case n < minReason:
		j.say(field, da, en)
	case n > maxReason:
		j.length(field, "Begrundelsen", "The reason", value, maxReason)
	case holdsCPR(value):
		j.say(field, "Skriv ikke CPR-nummer i begrundelsen.", "Do not write a CPR number in the reason.")
	}
}

// holdsCPR tells whether a text holds what may be a CPR number, with or without
// hyphen or space.
func holdsCPR(s string) bool {
	digits := 0
	var number [10]byte
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			copy(number[:], number[1:])
			number[9] = byte(r)
			if digits++; digits >= 10 && brevdue.CPR(number[:]).ValidDate() {
				return true
			}
		case r == ' ', unicode.Is(unicode.Pd, r):
		default:
			digits = 0
		}
	}
	return false
}
