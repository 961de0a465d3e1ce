package medcom

import (
	"slices"

	"brevdue/oioxml"
)

// Short forms for the tables below.
type (
	grammar = oioxml.Grammar
	value   = oioxml.Value
)

// must, may and up write one line of a grammar: a simple element that stands
// once, at most once, or a complex element that stands min to max times.
func must(name string, v value) grammar { return grammar{Name: name, Min: 1, Value: &v} }
func may(name string, v value) grammar  { return grammar{Name: name, Value: &v} }
func up(name string, least, most int, children ...grammar) grammar {
	return grammar{Name: name, Min: least, Max: most, Children: children}
}

// chars is S(1,n): one to n characters of any kind.
func chars(n int) value           { return value{Min: 1, Max: n} }
func oneOf(codes ...string) value { return value{Codes: codes} }
func form(f oioxml.Form) value    { return value{Form: f} }

// address is the four address elements that parties and patients share.
func address() []grammar {
	return []grammar{
		may("StreetName", chars(35)),
		may("SuburbName", chars(35)),
		may("DistrictName", chars(35)),
		may("PostCodeIdentifier", chars(9)),
	}
}

// identity is who a party is; the receiver needs no name.
func identity(nameMin int) []grammar {
	name := may("OrganisationName", chars(35))
	name.Min = nameMin
	return []grammar{
		must("EANIdentifier", chars(35)),
		must("Identifier", chars(17)),
		must("IdentifierCode", oneOf(idCodeWords...)),
		name,
		may("DepartmentName", chars(35)),
		may("UnitName", chars(35)),
	}
}

func join(parts ...[]grammar) []grammar {
	var all []grammar
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// foreignLetters are the other letters that the schema lets stand beside a
// correspondence letter (std:xdis91 §1.2 notes).
var foreignLetters = []string{"LaboratoryAnalysisFile", "LaboratoryRequest", "BookingConfirmation"}

// xdis91 is the whole Emessage of XD9134L, line for line as std:xdis91 §1.2.
// VersionCode and TypeCode are looked at by the decoder, which has better words.
var xdis91 = func() grammar {
	letters := grammar{Choice: true, Children: []grammar{clinicalEmail()}}
	for _, name := range foreignLetters {
		letters.Children = append(letters.Children, grammar{Name: name, Any: true})
	}
	return up("Emessage", 1, 1,
		oioxml.EnvelopeGrammar(),
		grammar{Children: []grammar{letters, {Name: "Local_Elements", Any: true}}},
	)
}()

func clinicalEmail() grammar {
	return up("ClinicalEmail", 1, 1,
		up("Letter", 1, 1,
			must("Identifier", chars(14)),
			must("VersionCode", value{}),
			must("StatisticalCode", chars(8)),
			oioxml.DateTimeGrammar("Authorisation"),
			must("TypeCode", value{}),
			must("StatusCode", oneOf("nytbrev", "rettetbrev")),
			may("EpisodeOfCareIdentifier", chars(35)),
		),
		up("Sender", 1, 1, join(identity(1), address(), phoneAndSpecialty())...),
		up("Receiver", 1, 1, join(identity(0), address())...),
		up("Patient", 1, 1, join(citizen(), address(), []grammar{
			may("OccupancyText", chars(35)),
			must("EpisodeOfCareStatusCode", oneOf(episodeWords...)),
		})...),
		up("AdditionalInformation", 0, 1,
			may("Priority", oneOf("rutine", "høj_prioritet")),
			may("Subject", chars(70)),
		),
		up("ClinicalInformation", 0, 10,
			grammar{Name: "Text01", Min: 1, Text: oioxml.Formatted},
		),
		up("Reference", 0, 10,
			must("RefDescription", chars(70)),
			grammar{Choice: true, Children: []grammar{
				must("URL", chars(350)),
				must("SUP", form(oioxml.True)),
				up("BIN", 1, 1,
					must("ObjectIdentifier", chars(35)),
					must("ObjectCode", oneOf(objectCodeWords...)),
					must("ObjectExtensionCode", oneOf(extensionWords...)),
					must("OriginalObjectSize", form(oioxml.Positive)),
				),
			}},
		),
	)
}

// phoneAndSpecialty are what a sender has and no receiver.
func phoneAndSpecialty() []grammar {
	return []grammar{
		may("TelephoneSubscriberIdentifier", chars(25)),
		may("MedicalSpecialityCode", oneOf(specialtyCodes()...)),
	}
}

// citizen is who a letter or its files are about: one number, and names.
func citizen() []grammar {
	return []grammar{
		{Choice: true, Children: []grammar{
			must("CivilRegistrationNumber", form(oioxml.TenDigits)),
			must("AlternativeIdentifier", value{Min: 10, Max: 10}),
		}},
		must("PersonSurnameName", chars(70)),
		may("PersonGivenName", chars(70)),
	}
}

// specialtyCodes are the words as the schema spells them: "patologi " with its
// trailing space (std:xdis91 §1.4).
func specialtyCodes() []string {
	codes := slices.Clone(specialties)
	for i, w := range codes {
		if w == "patologi" {
			codes[i] = "patologi "
		}
	}
	return codes
}
