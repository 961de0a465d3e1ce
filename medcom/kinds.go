package medcom

import (
	"brevdue"
	"brevdue/oioxml"
)

// kind is one row of the catalogue of message types.
type kind struct {
	Type
	element, namespace string // OIOXML: the letter's element and the namespace of its set
}

func edi(k brevdue.Kind, version, name string) kind {
	return kind{Type: Type{Format: brevdue.EDIFACT, Kind: k, Version: version, Name: name}}
}

func oio(k brevdue.Kind, version, name, element, namespace string) kind {
	return kind{Type: Type{Format: brevdue.OIOXML, Kind: k, Version: version, Name: name}, element: element, namespace: namespace}
}

// byCode is an OIOXML kind whose element name is not known here.
func byCode(k brevdue.Kind, version, name string) kind { return oio(k, version, name, "", "") }

func (k kind) supported() kind { k.Supported = true; return k }

// inVersion returns the type as it stands in another, unsupported version.
func (k kind) inVersion(version string) Type {
	t := k.Type
	t.Version, t.Supported = version, false
	return t
}

// Kinds returns every message type that Sniff can name.
func Kinds() []Type {
	var ts []Type
	for _, k := range kinds {
		ts = append(ts, k.Type)
	}
	return ts
}

// kinds is the catalogue: what this version reads and writes first, then what it
// only recognises (std:xdis91 §0.2, §0.3).
var kinds = []kind{
	edi("DIS91", "D9134L", "Korrespondancebrev").supported(),
	oio("XDIS91", "XD9134L", "Korrespondancebrev", "ClinicalEmail", oioxml.Namespace2006).supported(),
	edi("CTL01", "C0130Q", "Negativ VANS-kvittering").supported(),
	edi("CTL02", "C0230Q", "Negativ kvittering").supported(),
	edi("CTL03", "C0330Q", "Positiv kvittering").supported(),
	oio("XCTL01", "XC0130Q", "Negativ VANS-kvittering", "NegativeVansReceipt", oioxml.Namespace2005).supported(),
	oio("XCTL02", "XC0230Q", "Negativ kvittering", "NegativeReceipt", oioxml.Namespace2005).supported(),
	oio("XCTL03", "XC0330Q", "Positiv kvittering", "PositiveReceipt", oioxml.Namespace2005).supported(),

	edi("DIS91", "D9133L", "Korrespondancebrev"),
	oio("XDIS91", "XD9133L", "Korrespondancebrev", "ClinicalEmail", oioxml.Namespace2005),
	edi("DIS90", "D9034L", "Administrativt korrespondancebrev"),
	oio("XDIS90", "XD9034L", "Administrativt korrespondancebrev", "AdministrativeEmail", oioxml.Namespace2009),
	edi("BIN01", "B0131X", "Binær dokumenttransport").supported(),
	edi("BIN01", "B0130X", "Binær dokumenttransport").supported(),
	edi("BIN02", "B0210X", "Binær dokumenttransport til henvisninger"),
	oio("XBIN01", "XB0131X", "Binær dokumenttransport", "BinaryLetter", oioxml.Namespace2012).supported(),
	oio("XBIN01", "XB0130X", "Binær dokumenttransport", "BinaryLetter", oioxml.Namespace2005).supported(),

	edi("DIS01", "D0134L", "Udskrivningsepikrise"),
	edi("DIS02", "D0234L", "Ambulantepikrise"),
	edi("DIS03", "D0334L", "Skadestueepikrise"),
	edi("DIS05", "D0533L", "Billeddiagnostisk epikrise"),
	edi("DIS06", "D0633L", "Lægevagtsepikrise"),
	edi("DIS07", "D0733L", "Speciallægeepikrise"),
	edi("DIS08", "D0833L", "Fysioterapiepikrise"),
	edi("DIS09", "D0933L", "Kiropraktorepikrise"),
	edi("DIS10", "D1034L", "Psykologepikrise"),
	edi("DIS13", "D1333L", "Bookingsvar"),
	edi("DIS14", "D1431C", "Indlæggelsessvar"),
	edi("DIS16", "D1630C", "Indlæggelsesrapport"),
	edi("DIS17", "D1730C", "Udskrivningsadvis"),
	edi("DIS18", "D1830C", "Udskrivningsrapport"),
	edi("DIS19", "D1930C", "Varsling af færdigbehandling"),
	edi("DIS20", "D2030C", "Indlæggelsesadvis"),
	edi("DIS32", "D3233L", "Fødselsanmeldelse"),
	edi("DIS95", "D9530C", "Hjemmeplejestatus"),
	edi("PID01", "I0130D", "Triggermeddelelse"),
	edi("PID02", "I0230D", "Personstamdata"),
	edi("PID03", "I0330D", "Patientstamdata"),
	edi("PID04", "I0430D", "Cavemeddelelse"),
	edi("PID05", "I0530D", "Vedvarende helbredsforhold"),
	edi("PRE01", "LMS016", "Recept"),
	edi("PRE60", "R6031W", "Receptfornyelse"),
	edi("REF01", "H0131R", "Sygehushenvisning"),
	edi("REF01", "H0130R", "Sygehushenvisning"),
	edi("REF02", "H0231R", "Billeddiagnostisk henvisning"),
	edi("REF06", "H0631R", "Speciallægehenvisning"),
	edi("REF07", "H0732R", "Fysioterapihenvisning"),
	edi("REF08", "H0831R", "Fodterapihenvisning"),
	edi("REF10", "H1031R", "Psykologhenvisning"),
	edi("REF12", "H1230R", "Ø-felt-henvisning"),
	edi("REQ01", "Q0131K", "Laboratorierekvisition"),
	edi("REQ03", "Q0330P", "Patologirekvisition"),
	edi("RPT01", "R0131K", "Laboratoriesvar"),
	edi("RPT02", "R0231M", "Mikrobiologisvar"),
	edi("RPT03", "R0331P", "Cervixcytologisvar"),
	edi("RPT04", "R0432P", "Patologisvar"),
	edi("RUC01", "U0131U", "Lægeafregning"),
	edi("RUC02", "U0231U", "Speciallægeafregning"),
	edi("RUC03", "U0332U", "Tandlægeafregning"),
	edi("RUC04", "U0432U", "Fysioterapiafregning"),
	edi("RUC05", "U0531U", "Apoteksafregning"),
	edi("RUC06", "U0631U", "Kiropraktorafregning"),
	edi("RUC07", "U0731U", "Laboratorieafregning"),
	edi("RUC08", "U0831U", "Lægevagtsafregning"),
	edi("RUC09", "U0935U", "Danmarksafregning"),
	edi("RUC10", "U1031U", "Psykologafregning"),
	edi("RUC11", "U1131U", "Fodterapeutafregning"),
	edi("DAO01", "A0138Z", "Analyserepertoire"),

	oio("XREF01", "XH0130R", "Sygehushenvisning", "HospitalReferral", oioxml.Namespace2005),
	oio("XREF02", "XH0230R", "Billeddiagnostisk henvisning", "XrayRequest", oioxml.Namespace2005),
	oio("XDIS01", "XD0133L", "Udskrivningsepikrise", "DischargeLetter", oioxml.Namespace2005),
	oio("XDIS02", "XD0233L", "Ambulantepikrise", "OutPatientDischargeLetter", oioxml.Namespace2005),
	oio("XDIS03", "XD0333L", "Skadestueepikrise", "CasualtyWardLetter", oioxml.Namespace2005),
	oio("XDIS05", "XD0533L", "Billeddiagnostisk epikrise", "RadiologyReport", oioxml.Namespace2005),
	oio("XDIS13", "XD1333L", "Bookingsvar", "BookingConfirmation", oioxml.Namespace2006),
	oio("XDIS13", "XD1333L", "Bookingsvar", "BookingConfirmation", oioxml.Namespace2005),
	oio("XDIS14", "XD1431C", "Indlæggelsessvar", "AnswerOfAdmission", oioxml.Namespace2005),
	oio("XDIS17", "XD1730C", "Udskrivningsadvis", "NotificationOfDischarge", oioxml.Namespace2005),
	oio("XDIS19", "XD1930C", "Varsling af færdigbehandling", "WarningOfDischarge", oioxml.Namespace2005),
	oio("XDIS20", "XD2030C", "Indlæggelsesadvis", "NotificationOfAdmission", oioxml.Namespace2005),
	oio("XREQ01", "XQ0131K", "Laboratorierekvisition", "LaboratoryRequest", oioxml.Namespace2006),
	oio("XREQ01", "XQ0130K", "Laboratorierekvisition", "LaboratoryRequest", oioxml.Namespace2005),
	oio("XREQ02", "XQ0230M", "Mikrobiologirekvisition", "MicrobiologyRequest", oioxml.Namespace2005),
	oio("XREQ03", "XQ0330P", "Patologirekvisition", "PathologyRequest", oioxml.Namespace2005),
	oio("XREQ04", "XQ0430M", "Mikrobiologirekvisition, flere prøver", "MultiSampleMicrobiologyRequest", oioxml.Namespace2005),
	oio("XRPT01", "XR0130K", "Laboratoriesvar", "LaboratoryReport", oioxml.Namespace2005),
	oio("XRPT02", "XR0230M", "Mikrobiologisvar", "MicrobiologyReport", oioxml.Namespace2005),
	oio("XRPT03", "XR0330P", "Cervixcytologisvar", "CervixcytologyReport", oioxml.Namespace2005),
	oio("XRPT04", "XR0431P", "Patologisvar", "HistopathologyReport", oioxml.Namespace2012),
	oio("XRPT04", "XR0430P", "Patologisvar", "HistopathologyReport", oioxml.Namespace2005),
	oio("", "XA0135Z", "Analyserepertoire", "LaboratoryAnalysisFile", oioxml.Namespace2006),
	oio("", "XA0132Z", "Analyserepertoire", "LaboratoryAnalysisFile", oioxml.Namespace2005),
	oio("XPRE01", "", "Recept", "Prescription", oioxml.Namespace2005),
	oio("XPRE60", "XR6031W", "Receptfornyelse", "PrescriptionRequest", oioxml.Namespace2005),
	oio("", "XI0001D", "Diabetesrapport", "DiabetesReport", oioxml.Namespace2005),
	oio("", "", "Statusanmodning", "StatusRequest", oioxml.Namespace2005),
	oio("", "", "Statusattest", "StatusAnswer", oioxml.Namespace2005),
	oio("", "", "Anmodning om generel helbredsattest", "GeneralHealthRequest", oioxml.Namespace2005),
	oio("", "", "Generel helbredsattest", "GeneralHealthAnswer", oioxml.Namespace2005),
	oio("", "", "Socialmedicinsk indstilling", "SocialMedicalProposal", oioxml.Namespace2005),
	oio("", "", "Anmodning om lægeattest ved sygdom", "WorkingDisabilityRequest", oioxml.Namespace2005),
	oio("", "", "Lægeattest ved sygdom", "WorkingDisabilityAnswer", oioxml.Namespace2005),
	oio("", "", "Anmodning om socialmedicinsk opfølgning", "SocialMedicalFollowUpRequest", oioxml.Namespace2005),
	oio("", "", "Socialmedicinsk opfølgning", "SocialMedicalFollowUpAnswer", oioxml.Namespace2005),

	// OIOXML kinds that are known by the codes in their head, not by an element.
	byCode("XBIN02", "XB0210X", "Binær dokumenttransport til henvisninger"),
	byCode("XDIS01", "XD0134L", "Udskrivningsepikrise"),
	byCode("XDIS02", "XD0234L", "Ambulantepikrise"),
	byCode("XDIS03", "XD0334L", "Skadestueepikrise"),
	byCode("XDIS06", "XD0633L", "Lægevagtsepikrise"),
	byCode("XDIS07", "XD0733L", "Speciallægeepikrise"),
	byCode("XDIS08", "XD0833L", "Fysioterapiepikrise"),
	byCode("XDIS15", "XD1530L", "Kommuneafslutningsnotat"),
	byCode("XDIS16", "XD1634C", "Indlæggelsesrapport"),
	byCode("XDIS18", "XD1834C", "Udskrivningsrapport"),
	byCode("XDIS19", "XD1934C", "Melding om færdigbehandling"),
	byCode("XDIS21", "XD2134C", "Plejeforløbsplan"),
	byCode("XDIS22", "XD2230L", "Afslutningsnotat fra kommunens akutfunktion"),
	byCode("XDIS32", "XD3234L", "Fødselsanmeldelse"),
	byCode("XPRE01", "XLMS016", "Recept"),
	byCode("XREF01", "XH0131R", "Sygehushenvisning"),
	byCode("XREF02", "XH0231R", "Billeddiagnostisk henvisning"),
	byCode("XREF06", "XH0630R", "Speciallægehenvisning"),
	byCode("XREF07", "XH0732R", "Fysioterapihenvisning"),
	byCode("XREF10", "XH1030R", "Psykologhenvisning"),
	byCode("XREF15", "XH1530R", "Kommunehenvisning"),
	byCode("XREF22", "XH2230R", "Henvisning til kommunens akutfunktion"),
	byCode("XRPT01", "XR0131K", "Laboratoriesvar"),
	byCode("XRPT03", "XR0331P", "Cervixcytologisvar"),
	byCode("XRPT04", "XR0432P", "Patologisvar"),
	byCode("XRPT05", "XR0532M", "Mikrobiologisvar, web"),
	byCode("XDAO01", "XA0140Z", "Analyserepertoire"),
	byCode("DGOP", "D1GOP1.0", "Genoptræningsplan (DGOP)"),
	byCode("FS3X100", "DTAX100", "FSIII-udvekslingsdatasæt"),
	byCode("GGOP", "GGOP100", "Genoptræningsplan (GGOP)"),
}
