package medcom

import (
	"cmp"
	"strconv"
	"strings"
	"unicode/utf8"

	"brevdue"
	"brevdue/oioxml"
)

// encodeXDIS91 writes the message as one Emessage on one line, in ISO-8859-1,
// because a converter to EDIFACT may sit downstream (std:xdis91 §1.1).
func encodeXDIS91(m Message) ([]byte, []brevdue.Finding) {
	if len(m.Letters) == 0 {
		return nil, []brevdue.Finding{ruleXNone.At(brevdue.Pos{})}
	}
	w := letterWriter{oioxml.NewWriter(oioxml.Namespace2006)}
	w.Envelope(m.Envelope)
	for i := range m.Letters {
		w.letter(&m.Envelope, &m.Letters[i], i+1, len(m.Letters) > 1)
	}
	return w.Finish()
}

// letterWriter writes correspondence letters with the words of the standard.
type letterWriter struct{ *oioxml.Writer }

// letter writes the i-th letter of the envelope.
func (w letterWriter) letter(e *brevdue.Envelope, l *brevdue.Letter, i int, several bool) {
	if !several {
		i = 0
	}
	w.Start("ClinicalEmail", i)
	w.head(l)
	w.party("Sender", &l.Sender, e.Sender)
	w.party("Receiver", &l.Receiver, e.Receiver)
	w.patient(&l.Patient)
	w.additional(l)
	w.texts(l)
	w.references(l.Attachments)
	w.End()
}

func (w letterWriter) head(l *brevdue.Letter) {
	w.Start("Letter", 0)
	w.Must("Identifier", l.ID, 14)
	w.Word("VersionCode", "XD9134L", true)
	w.Must("StatisticalCode", cmp.Or(l.StatisticalCode, "XDIS91"), 8)
	w.DateTime("Authorisation", l.Authorised)
	w.Word("TypeCode", "XDIS91", true)
	switch l.Status {
	case brevdue.NewLetter:
		w.Word("StatusCode", "nytbrev", true)
	case brevdue.CorrectedLetter:
		w.Word("StatusCode", "rettetbrev", true)
	case "":
		w.SayAt("StatusCode", oioxml.RuleNeeds, "StatusCode")
	default:
		w.Word("StatusCode", "", false)
	}
	w.May("EpisodeOfCareIdentifier", l.EpisodeOfCare, 35)
	w.End()
}

// party writes Sender or Receiver. A letter without location number of its own
// has the envelope's; a sender without name is "_", because XML wants one
// (std:xdis91 §3).
func (w letterWriter) party(name string, p *brevdue.Party, envelope brevdue.GLN) {
	w.Start(name, 0)
	gln := p.GLN
	if gln == "" {
		gln = envelope
	}
	sender := name == "Sender"
	w.Must("EANIdentifier", string(gln), 35)
	w.Must("Identifier", p.ID, 17)
	if p.IDCode == "" {
		w.SayAt("IdentifierCode", oioxml.RuleNeeds, "IdentifierCode")
	} else {
		w.Word("IdentifierCode", string(p.IDCode), isOneOf(idCodeWords, string(p.IDCode)))
	}
	organisation := p.Organisation
	if organisation == "" && sender {
		organisation = "_"
	}
	w.May("OrganisationName", organisation, 35)
	w.May("DepartmentName", p.Department, 35)
	w.May("UnitName", p.Unit, 35)
	w.address(p.Street, p.Suburb, p.District, p.PostCode)
	if sender {
		w.May("TelephoneSubscriberIdentifier", p.Phone, 25)
		w.specialty(p.Specialty)
	}
	w.End()
}

func (w letterWriter) address(street, suburb, district, postCode string) {
	w.May("StreetName", street, 35)
	w.May("SuburbName", suburb, 35)
	w.May("DistrictName", district, 35)
	w.May("PostCodeIdentifier", postCode, 9)
}

// specialty writes the sender's specialty as the schema spells it.
func (w letterWriter) specialty(s string) {
	const name = "MedicalSpecialityCode"
	switch s {
	case "":
	case "patologi":
		w.Word(name, "patologi ", true) // the space is part of the code (§1.4)
	case hospitalPaediatrics:
		w.SayAt(name, ruleXSpecialty)
		w.Word(name, "ikkeklassificeret", true)
	default:
		w.Word(name, s, isOneOf(specialties, s))
	}
}

func (w letterWriter) patient(p *brevdue.Patient) {
	w.Start("Patient", 0)
	w.numbers(p)
	w.Must("PersonSurnameName", p.Surname, 70)
	w.May("PersonGivenName", p.Given, 70)
	w.address(p.Street, p.Suburb, p.District, p.PostCode)
	w.May("OccupancyText", p.Occupancy, 35)
	episode := p.Episode
	if episode == "" {
		episode = brevdue.EpisodeInactive // what MedCom's converter writes for unknown (§3)
	}
	w.Word("EpisodeOfCareStatusCode", string(episode), isOneOf(episodeWords, string(episode)))
	w.End()
}

// numbers writes the one number a letter can carry for its citizen.
func (w letterWriter) numbers(p *brevdue.Patient) {
	ids := len(p.Replacements)
	if p.CPR != "" {
		ids++
	}
	if ids > 1 {
		w.Say(ruleXOneID)
	}
	switch cpr := p.CPR.Reveal(); {
	case cpr != "" && !tenDigits(cpr):
		w.SayAt("CivilRegistrationNumber", oioxml.RuleBadForm, "CivilRegistrationNumber")
	case cpr != "":
		w.Must("CivilRegistrationNumber", cpr, 10)
	case len(p.Replacements) > 0:
		w.alternative(p.Replacements[0].Value.Reveal())
	default:
		w.SayAt("CivilRegistrationNumber", oioxml.RuleNeeds, "CivilRegistrationNumber")
	}
}

// alternative writes a replacement number: exactly ten characters of any kind.
func (w letterWriter) alternative(id string) {
	const name = "AlternativeIdentifier"
	if utf8.RuneCountInString(id) != 10 {
		w.SayAt(name, oioxml.RuleBadForm, name)
		return
	}
	w.Must(name, id, 10)
}

func tenDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == 10
}

func (w letterWriter) additional(l *brevdue.Letter) {
	if l.Priority == "" && l.Subject == "" {
		return
	}
	w.Start("AdditionalInformation", 0)
	switch l.Priority {
	case "":
	case brevdue.RoutinePriority:
		w.Word("Priority", "rutine", true)
	case brevdue.HighPriority:
		w.Word("Priority", "høj_prioritet", true)
	default:
		w.Word("Priority", "", false)
	}
	w.May("Subject", l.Subject, 70)
	w.End()
}

// texts writes one ClinicalInformation for each text.
func (w letterWriter) texts(l *brevdue.Letter) {
	n := 0
	for _, s := range l.Segments {
		for _, t := range s.Texts {
			if n++; n > 10 {
				continue
			}
			w.Start("ClinicalInformation", n)
			w.Start("Text01", 0)
			writeText(w.Writer, t)
			w.End()
			w.End()
		}
	}
	if n > 10 {
		w.SayAt("ClinicalInformation", ruleXMany, n, "ClinicalInformation", 10)
	}
}

func (w letterWriter) references(as []brevdue.Attachment) {
	if len(as) > 10 {
		w.SayAt("Reference", ruleXMany, len(as), "Reference", 10)
		return
	}
	for i := range as {
		a := &as[i]
		w.Start("Reference", i+1)
		w.Must("RefDescription", a.Description, 70)
		switch a.Kind {
		case brevdue.LinkAttachment:
			w.Must("URL", a.URL, 350)
		case brevdue.SupplementAttachment:
			w.Word("SUP", "true", true)
		case brevdue.BinaryAttachment:
			w.object(a)
		default:
			w.Say(oioxml.RuleCode, "Reference")
		}
		w.End()
	}
}

func (w letterWriter) object(a *brevdue.Attachment) {
	w.Start("BIN", 0)
	id := a.ObjectID
	if len(id) == 36 && strings.Count(id, "-") == 4 {
		id = strings.ReplaceAll(id, "-", "") // with hyphens it does not fit (§6.4)
	}
	w.Must("ObjectIdentifier", id, 35)
	w.Word("ObjectCode", a.ObjectCode, isOneOf(objectCodeWords, a.ObjectCode))
	w.Word("ObjectExtensionCode", a.Extension, isOneOf(extensionWords, a.Extension))
	if a.Size <= 0 {
		w.SayAt("OriginalObjectSize", oioxml.RuleBadForm, "OriginalObjectSize")
	} else {
		w.Must("OriginalObjectSize", strconv.FormatInt(a.Size, 10), 19)
	}
	w.End()
}

func isOneOf(words []string, s string) bool {
	for _, w := range words {
		if w == s {
			return true
		}
	}
	return false
}
