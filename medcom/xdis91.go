package medcom

import (
	"strconv"
	"strings"

	"brevdue"
	"brevdue/oioxml"
)

// maxLetterSize is more than three hundred times the longest text a DIS91 can
// hold; an OIOXML letter carries no files (std:xdis91 §6.1).
const maxLetterSize = 10 << 20

// maxLetters is far above what anybody puts in one envelope, which is one.
const maxLetters = 1000

func rule(id string, s brevdue.Severity, ref, da, en string) brevdue.Rule {
	return brevdue.Rule{ID: id, Severity: s, Ref: "std:xdis91 " + ref, Text: da, TextEN: en}
}

// The rules that only an OIOXML letter can break.
var (
	ruleXSize    = rule("XDIS91-SIZE-01", brevdue.SeverityError, "§1.2", "Brevet er større end %d byte.", "The letter is larger than %d bytes.")
	ruleXLetters = rule("XDIS91-SIZE-02", brevdue.SeverityError, "§1.2", "Der er mere end %d breve i forsendelsen.", "There are more than %d letters in the Emessage.")
	ruleXVersion = rule("XDIS91-VERSION-01", brevdue.SeverityError, "§1.2", "Brevets version er ikke XD9134L.", "The letter's version is not XD9134L.")
	ruleXType    = rule("XDIS91-TYPE-01", brevdue.SeverityError, "§1.2", "Brevets type er ikke XDIS91.", "The letter's type is not XDIS91.")
	ruleXForeign = rule("XDIS91-TYPE-02", brevdue.SeverityError, "§1.2", "Forsendelsen har også et andet slags brev, som ikke læses her: %s.", "The Emessage also holds a letter of another kind, which is not read here: %s.")
	ruleXLocal   = rule("XDIS91-LOCAL-01", brevdue.SeverityInfo, "§3", "Forsendelsens lokale elementer (Local_Elements) læses ikke.", "The local elements of the Emessage (Local_Elements) are not read.")
	ruleXParties = rule("XDIS91-PARTY-01", brevdue.SeverityWarning, "§3", "Brevene i forsendelsen har ikke samme afsender og modtager; det første brev bestemmer kuvertens.", "The letters do not have the same sender and receiver; the first letter decides the envelope's.")

	ruleXMany      = rule("XDIS91-WRITE-01", brevdue.SeverityError, "§1.2", "Der er %d af %s; højst %d kan være i ét brev.", "There are %d of %s; at most %d fit in one letter.")
	ruleXNone      = rule("XDIS91-WRITE-02", brevdue.SeverityError, "§1.2", "Der er intet brev at skrive.", "There is no letter to write.")
	ruleXSpecialty = rule("XDIS91-WRITE-03", brevdue.SeverityWarning, "§1.4", "Specialet findes ikke i XDIS91 og er skrevet som \"ikkeklassificeret\".", "XDIS91 does not have the specialty; it was written as \"ikkeklassificeret\".")
	ruleXStyle     = rule("XDIS91-WRITE-04", brevdue.SeverityWarning, "§1.5", "En centreret eller højrestillet linje kan ikke også være fed, kursiv eller understreget; det er udeladt.", "A centred or right-aligned line cannot also be bold, italic or underlined; that was left out.")
	ruleXOneID     = rule("XDIS91-WRITE-05", brevdue.SeverityWarning, "§1.3", "Et brev kan kun bære ét personnummer eller erstatningsnummer; det første er skrevet.", "A letter can carry one civil registration or replacement number only; the first was written.")
	ruleXAmt       = rule("XDIS91-CODE-01", brevdue.SeverityInfo, "§1.4", "Koden \"amt\" blev nedlagt i 2007 og kan ikke skrives i DIS91.", "The code \"amt\" was abolished in 2007 and cannot be written in DIS91.")
)

var xdis91Rules = []brevdue.Rule{
	ruleXSize, ruleXLetters, ruleXVersion, ruleXType, ruleXForeign, ruleXLocal, ruleXParties, ruleXAmt,
	ruleXMany, ruleXNone, ruleXSpecialty, ruleXStyle, ruleXOneID,
}

// decodeXDIS91 reads an OIOXML Emessage with correspondence letters. What can be
// made out of a broken one is in the message too.
func decodeXDIS91(data []byte) (Message, []brevdue.Finding) {
	m := Message{Format: brevdue.OIOXML, Kind: brevdue.XDIS91}
	if len(data) > maxLetterSize {
		return m, []brevdue.Finding{ruleXSize.At(brevdue.Pos{Line: 1, Column: 1, Path: "/"}, maxLetterSize)}
	}
	doc, findings := oioxml.Read(data)
	if doc.Root == nil {
		return m, findings
	}
	if doc.Whole() {
		findings = append(findings, xdis91.Check(doc.Root, "")...)
	}
	var letters []*oioxml.Node
	for e := range doc.Root.Elements() {
		switch e.Local {
		case "Envelope":
			m.Envelope = oioxml.ReadEnvelope(e)
		case "ClinicalEmail":
			if len(letters) == maxLetters {
				return m, append(findings, ruleXLetters.At(e.Pos(), maxLetters))
			}
			letters = append(letters, e)
			m.Letters = append(m.Letters, decodeClinicalEmail(e))
			m.LetterPos = append(m.LetterPos, e.Pos())
			findings = append(findings, xdis91Codes(e)...)
		case "Local_Elements":
			findings = append(findings, ruleXLocal.At(e.Pos()))
		default:
			for _, k := range kinds {
				if k.element == e.Local && k.namespace == e.Space {
					findings = append(findings, ruleXForeign.At(e.Pos(), k.Label()))
				}
			}
		}
		if len(findings) > 2*oioxml.MaxFindings {
			break
		}
	}
	if len(m.Letters) > 0 {
		first := m.Letters[0]
		m.Version = first.Version
		m.Envelope.Sender, m.Envelope.Receiver = first.Sender.GLN, first.Receiver.GLN
		for i, l := range m.Letters[1:] {
			if l.Sender.GLN != first.Sender.GLN || l.Receiver.GLN != first.Receiver.GLN {
				findings = append(findings, ruleXParties.At(m.LetterPos[i+1]))
				break
			}
		}
	}
	return m, append(findings, checkMessage(m, xdis91Locate(letters))...)
}

// xdis91Codes looks at the values that the grammar leaves to us.
func xdis91Codes(e *oioxml.Node) []brevdue.Finding {
	var fs []brevdue.Finding
	if n := e.Child("Letter").Child("VersionCode"); n != nil && n.Text() != "XD9134L" {
		fs = append(fs, ruleXVersion.At(n.Pos()))
	}
	if n := e.Child("Letter").Child("TypeCode"); n != nil && n.Text() != "XDIS91" {
		fs = append(fs, ruleXType.At(n.Pos()))
	}
	for _, party := range []string{"Sender", "Receiver"} {
		if n := e.Child(party).Child("IdentifierCode"); n.Text() == string(brevdue.IDCounty) {
			fs = append(fs, ruleXAmt.At(n.Pos()))
		}
	}
	return fs
}

// xdis91Locate finds the elements that the format-independent checks speak of.
func xdis91Locate(letters []*oioxml.Node) locate {
	return func(i int, field string) brevdue.Pos {
		n := letters[i]
		if field == "envelope.sent" {
			if e := n.Parent().Child("Envelope").Child("Sent"); e != nil {
				return e.Pos()
			}
		}
		for _, step := range fieldElements[field] {
			if c := n.Child(step); c != nil {
				n = c
			}
		}
		return n.Pos()
	}
}

// fieldElements leads from a canonical field to its element.
var fieldElements = map[string][]string{
	"id":               {"Letter", "Identifier"},
	"authorised":       {"Letter", "Authorisation"},
	"episode_of_care":  {"Letter", "EpisodeOfCareIdentifier"},
	"sender.id":        {"Sender", "Identifier"},
	"receiver.id":      {"Receiver", "Identifier"},
	"attachments":      {"Reference"},
	"sender.gln":       {"Sender", "EANIdentifier"},
	"receiver.gln":     {"Receiver", "EANIdentifier"},
	"patient.cpr":      {"Patient", "CivilRegistrationNumber"},
	"patient.surname":  {"Patient", "PersonSurnameName"},
	"subject":          {"AdditionalInformation", "Subject"},
	"segments":         {"ClinicalInformation"},
	"attachments.size": {"Reference"},
}

// code reads a code: white space around it was remarked on and means nothing.
func code(e *oioxml.Node) string { return strings.TrimSpace(e.Text()) }

func decodeClinicalEmail(e *oioxml.Node) brevdue.Letter {
	head := e.Child("Letter")
	l := brevdue.Letter{
		ID:              head.Child("Identifier").Text(),
		Version:         head.Child("VersionCode").Text(),
		StatisticalCode: head.Child("StatisticalCode").Text(),
		Authorised:      oioxml.ReadDateTime(head.Child("Authorisation")),
		EpisodeOfCare:   head.Child("EpisodeOfCareIdentifier").Text(),
		Sender:          decodeParty(e.Child("Sender")),
		Receiver:        decodeParty(e.Child("Receiver")),
		Patient:         decodePatient(e.Child("Patient")),
		Subject:         e.Child("AdditionalInformation").Child("Subject").Text(),
	}
	switch code(head.Child("StatusCode")) {
	case "nytbrev":
		l.Status = brevdue.NewLetter
	case "rettetbrev":
		l.Status = brevdue.CorrectedLetter
	}
	switch code(e.Child("AdditionalInformation").Child("Priority")) {
	case "rutine":
		l.Priority = brevdue.RoutinePriority
	case "høj_prioritet":
		l.Priority = brevdue.HighPriority
	}
	var texts []brevdue.Text
	for c := range e.Elements() {
		switch c.Local {
		case "ClinicalInformation":
			texts = append(texts, ReadText(c.Child("Text01")))
		case "Reference":
			l.Attachments = append(l.Attachments, decodeReference(c))
		}
	}
	if texts != nil {
		l.Segments = []brevdue.Segment{{Texts: texts}}
	}
	return l
}

// decodeParty reads Sender or Receiver. A name "_" stands for no name
// (std:xdis91 §3).
func decodeParty(e *oioxml.Node) brevdue.Party {
	name := e.Child("OrganisationName").Text()
	if name == "_" {
		name = ""
	}
	return brevdue.Party{
		GLN:          brevdue.GLN(e.Child("EANIdentifier").Text()),
		ID:           e.Child("Identifier").Text(),
		IDCode:       brevdue.IDCode(code(e.Child("IdentifierCode"))),
		Organisation: name,
		Department:   e.Child("DepartmentName").Text(),
		Unit:         e.Child("UnitName").Text(),
		Street:       e.Child("StreetName").Text(),
		Suburb:       e.Child("SuburbName").Text(),
		District:     e.Child("DistrictName").Text(),
		PostCode:     e.Child("PostCodeIdentifier").Text(),
		Phone:        e.Child("TelephoneSubscriberIdentifier").Text(),
		Specialty:    code(e.Child("MedicalSpecialityCode")),
	}
}

func decodePatient(e *oioxml.Node) brevdue.Patient {
	p := brevdue.Patient{
		CPR:       brevdue.CPR(e.Child("CivilRegistrationNumber").Text()),
		Surname:   e.Child("PersonSurnameName").Text(),
		Given:     e.Child("PersonGivenName").Text(),
		Street:    e.Child("StreetName").Text(),
		Suburb:    e.Child("SuburbName").Text(),
		District:  e.Child("DistrictName").Text(),
		PostCode:  e.Child("PostCodeIdentifier").Text(),
		Occupancy: e.Child("OccupancyText").Text(),
		Episode:   brevdue.EpisodeStatus(code(e.Child("EpisodeOfCareStatusCode"))),
	}
	if v := e.Child("AlternativeIdentifier").Text(); v != "" {
		p.Replacements = []brevdue.ReplacementID{{Value: brevdue.CPR(v)}}
	}
	return p
}

func decodeReference(e *oioxml.Node) brevdue.Attachment {
	a := brevdue.Attachment{Description: e.Child("RefDescription").Text()}
	bin := e.Child("BIN")
	switch {
	case bin != nil:
		a.Kind = brevdue.BinaryAttachment
		a.ObjectID = bin.Child("ObjectIdentifier").Text()
		a.ObjectCode = code(bin.Child("ObjectCode"))
		a.Extension = code(bin.Child("ObjectExtensionCode"))
		a.Size, _ = strconv.ParseInt(strings.TrimPrefix(code(bin.Child("OriginalObjectSize")), "+"), 10, 64)
	case e.Child("URL") != nil:
		a.Kind = brevdue.LinkAttachment
		a.URL = e.Child("URL").Text()
	default:
		a.Kind = brevdue.SupplementAttachment
	}
	return a
}
