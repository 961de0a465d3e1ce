package medcom

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/testletters"
)

func TestSniff(t *testing.T) {
	const emessage = `<Emessage xmlns="http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/`
	tests := []struct {
		name, in string
		format   brevdue.Format
		kind     brevdue.Kind
		version  string
		ok       bool
	}{
		{"nothing", "", "", "", "", false},
		{"words", "Kære kollega", "", "", "", false},
		{"DIS91", "UNA:+.? 'UNB+UNOC:3+1:14+2:14+981213:1210+K'UNH+B+MEDDIS:D:93A:UN:D9134L+DIS91'", brevdue.EDIFACT, "DIS91", "D9134L", true},
		{"DIS91 without UNA, on lines", "\r\nUNB+UNOC:3+1:14+2:14+981213:1210+K'\r\nUNH+B+MEDDIS:D:93A:UN:D9134L+DIS91'\r\n", brevdue.EDIFACT, "DIS91", "D9134L", true},
		{"DIS91 with other separators", "UNA;*.! ~UNB*UNOC;3*1;14*2;14*981213;1210*K~UNH*B*MEDDIS;D;93A;UN;D9134L*DIS91~", brevdue.EDIFACT, "DIS91", "D9134L", true},
		{"escaped terminator before UNH", "UNB+UNOC:3+A?'B:14'UNH+B+CONTRL:D:93A:ZZ:C0330Q+CTL03'", brevdue.EDIFACT, "CTL03", "C0330Q", true},
		{"the version before", "UNB+x'UNH+B+MEDDIS:D:93A:UN:D9133L+DIS91'", brevdue.EDIFACT, "DIS91", "D9133L", false},
		{"a version to come", "UNB+x'UNH+B+MEDDIS:D:93A:UN:D9135L+DIS91'", brevdue.EDIFACT, "DIS91", "D9135L", false},
		{"DIS90", "UNB+x'UNH+B+MEDDIS:D:93A:UN:D9034L+DIS90'", brevdue.EDIFACT, "DIS90", "D9034L", false},
		{"BIN01", "UNB+x'UNH+B+MEDBIN:D:93A:UN:B0131X+BIN01'", brevdue.EDIFACT, "BIN01", "B0131X", true},
		{"EDIFACT of no known kind", "UNB+x'UNH+B+INVOIC:D:93A:UN:EAN008'", brevdue.EDIFACT, "", "EAN008", false},
		{"EDIFACT that stops", "UNB+UNOC:3+1:14", brevdue.EDIFACT, "", "", false},
		{"XDIS91", emessage + `2006/07/01/"><Envelope>x</Envelope><ClinicalEmail>`, brevdue.OIOXML, "XDIS91", "XD9134L", true},
		{"XDIS91 after declaration and comments", "\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <Emessage> -->" + emessage + `2006/07/01/" ><Envelope>x</Envelope > <ClinicalEmail>`, brevdue.OIOXML, "XDIS91", "XD9134L", true},
		{"XDIS91 of 2005", emessage + `2005/08/07/"><Envelope>x</Envelope><ClinicalEmail>`, brevdue.OIOXML, "XDIS91", "XD9133L", false},
		{"XDIS91 of no known set", emessage + `2029/01/01/"><Envelope>x</Envelope><ClinicalEmail><Letter><VersionCode>XD9199L</VersionCode>`, brevdue.OIOXML, "XDIS91", "XD9199L", false},
		{"XDIS90", emessage + `2009/08/01/"><Envelope>x</Envelope><AdministrativeEmail>`, brevdue.OIOXML, "XDIS90", "XD9034L", false},
		{"a schema is no message", `<schema xmlns="http://www.w3.org/2001/XMLSchema"><enumeration value="XR0432P"/></schema>`, brevdue.OIOXML, "", "", false},
		{"XBIN01 of 2012", `<Emessage xmlns="http://rep.oio.dk/medcom.dk/xml/schemas/2012/03/28/"><Envelope/><Envelope></Envelope><BinaryLetter>`, brevdue.OIOXML, "XBIN01", "XB0131X", true},
		{"XCTL01", emessage + `2005/08/07/"><Envelope>x</Envelope><NegativeVansReceipt>`, brevdue.OIOXML, "XCTL01", "XC0130Q", true},
		{"prefixed", `<m:Emessage a="b" xmlns:m='http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/'><m:Envelope>x</m:Envelope><m:ClinicalEmail>`, brevdue.OIOXML, "XDIS91", "XD9134L", true},
		{"laboratory report", emessage + `2005/08/07/"><Envelope>x</Envelope><LaboratoryReport>`, brevdue.OIOXML, "XRPT01", "XR0130K", false},
		{"other XML", "<html/>", brevdue.OIOXML, "", "", false},
		{"VANS envelope", `<v:VANSEnvelope xmlns:v="urn:oio:medcom:vans-envelope:1.0.4">`, brevdue.VANS, "", "1.0.4", true},
		{"older VANS envelope", `<VANSEnvelope xmlns="urn:oio:medcom:vans-envelope:1.0.3">`, brevdue.VANS, "", "1.0.3", false},
		{"FHIR JSON", `{"resourceType":"Bundle","meta":{"profile":["http://medcomfhir.dk/ig/carecommunication/StructureDefinition/medcom-careCommunication-message"]}}`, brevdue.FHIRJSON, "FDIS91", "", false},
		{"FHIR acknowledgement", `{"resourceType":"Bundle","meta":{"profile":["http://medcomfhir.dk/ig/acknowledgement/StructureDefinition/medcom-messaging-acknowledgement"]}}`, brevdue.FHIRJSON, "FCTL", "", false},
		{"FHIR XML", `<Bundle xmlns="http://hl7.org/fhir"><meta><profile value="x/medcom-careCommunication-message"/>`, brevdue.FHIRXML, "FDIS91", "", false},
		{"other JSON", `{"a":1}`, "", "", "", false},
		{"UTF-16", "\xff\xfe<\x00", brevdue.OIOXML, "", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Sniff([]byte(tt.in))
			if got.Format != tt.format || got.Kind != tt.kind || got.Version != tt.version || got.Supported != tt.ok {
				t.Errorf("got %+v", got)
			}
			if _, fs := Read([]byte(tt.in)); !brevdue.HasErrors(fs) {
				t.Error("a fragment was accepted")
			}
		})
	}
}

// What a message is decides within its first bytes, whatever its size.
func TestSniffIsBounded(t *testing.T) {
	big := append([]byte("<Emessage>"), make([]byte, 50<<20)...)
	if n := testing.AllocsPerRun(10, func() { Sniff(big) }); n > 20 {
		t.Errorf("%v allocations", n)
	}
}

func TestKindsHaveDanishNames(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range kinds {
		if k.Name == "" || k.Format == "" {
			t.Errorf("%+v has no name", k)
		}
		key := string(k.Format) + k.Version + k.element + k.namespace
		if seen[key] {
			t.Errorf("%+v stands twice", k)
		}
		seen[key] = true
	}
	if len(Kinds()) != len(kinds) {
		t.Error("Kinds does not return all")
	}
}

func TestRulesAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		switch {
		case seen[r.ID]:
			t.Errorf("%s stands twice", r.ID)
		case r.Text == "" || r.TextEN == "" || r.Severity == "":
			t.Errorf("%s is not whole", r.ID)
		case strings.Count(r.Text, "%") != strings.Count(r.TextEN, "%"):
			t.Errorf("%s says different things in the two languages", r.ID)
		}
		seen[r.ID] = true
	}
}

func TestReadRefusesPolitely(t *testing.T) {
	for file, want := range map[string]string{
		"oioxml/xctl03_positive.xml":     "MC-KIND-02",
		"oioxml/xdis90.xml":              "MC-KIND-04",
		"oioxml/xdis91_old_version.xml":  "MC-KIND-03",
		"oioxml/xdis91_entity_bomb.xml":  "XML-DTD-01",
		"vans/vans_message.xml":          "MC-KIND-01",
		"vans/vans_receipt_positive.xml": "MC-KIND-01",
	} {
		data, err := os.ReadFile(filepath.Join("..", "internal", "testletters", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		m, fs := Read(data)
		if len(fs) != 1 || fs[0].Rule != want || len(m.Letters) > 0 {
			t.Errorf("%s: %v", file, fs)
		}
	}
}

// Every message type of MedCom's list is recognised and named, and none of them
// is taken for a correspondence letter (F39).
func TestMedComsList(t *testing.T) {
	file, err := os.Open(testletters.Shared(t, "domain/samples/medcom-message-types.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) < 90 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, r := range rows[1:] {
		format, family, code, version := r[0], r[1], r[2], r[3]
		var in string
		switch {
		case format == "FHIR":
			continue
		case format == "EDIFACT":
			in = "UNB+x'UNH+B+" + family + ":D:93A:UN:" + version + "+" + code + "'"
		case family == "XML":
			in = "<Plan><TypeCode>" + code + "</TypeCode></Plan>"
		default:
			in = `<Emessage xmlns="urn:x"><Envelope>x</Envelope><SomeLetter><Letter><VersionCode>` + version + "</VersionCode><TypeCode>" + code + "</TypeCode>"
		}
		got := Sniff([]byte(in))
		switch brevdue.Kind(code) {
		case "DIS91", "XDIS91", "CTL01", "CTL02", "CTL03", "XCTL01", "XCTL02", "XCTL03", "BIN01", "XBIN01":
			continue // ours; known by element and namespace
		}
		if string(got.Kind) != code || got.Name == "" || got.Supported {
			t.Errorf("%s %s: %+v", code, version, got)
		}
		if _, fs := Read([]byte(in)); len(fs) != 1 || fs[0].Rule != "MC-KIND-04" {
			t.Errorf("%s %s is not refused politely: %v", code, version, fs)
		}
	}
}

func TestSniffByCode(t *testing.T) {
	for in, want := range map[string]string{
		`<Emessage xmlns="urn:x"><Envelope>x</Envelope><AdmissionReport><Letter><VersionCode>XD1634C</VersionCode>`:                                  "Indlæggelsesrapport (XDIS16 XD1634C)",
		`<m:Emessage xmlns:m="urn:x"><m:Envelope>x</m:Envelope><m:A><m:Letter><m:VersionCode>XD1835C</m:VersionCode><m:TypeCode>XDIS18</m:TypeCode>`: "Udskrivningsrapport (XDIS18 XD1835C)",
		`<Rehab version="GGOP100">`: "Genoptræningsplan (GGOP) (GGOP GGOP100)",
		`<Emessage xmlns="urn:x"><Envelope>x</Envelope><Other><Letter><VersionCode>XQ9999</VersionCode>`: "XQ9999",
	} {
		if got := Sniff([]byte(in)); got.Label() != want || got.Supported {
			t.Errorf("%s: %q", in, got.Label())
		}
	}
}

// A BrevNr with a separator in it, released, does not hide what
// the letter is.
func TestSniffReleasedSeparators(t *testing.T) {
	for _, id := range []string{"B?+1", "?+", "B?:1", "B??", "B?'1", "B???+?+1"} {
		for _, una := range []string{"UNA:+.? '", ""} {
			data := una + "UNB+UNOC:3+5799999000010:14+5799999000119:14+261124:1000+K1'UNH+" + id + "+MEDDIS:D:93A:UN:D9134L+DIS91'"
			if got := Sniff([]byte(data)); got.Kind != brevdue.DIS91 || got.Version != "D9134L" || !got.Supported {
				t.Errorf("%s: %+v", data, got)
			}
		}
	}
	// With a blank for a release character nothing is released.
	if got := Sniff([]byte("UNA:+.  'UNH+B +1+MEDDIS:D:93A:UN:D9134L+DIS91'")); got.Version == "D9134L" {
		t.Errorf("a blank released a separator: %+v", got)
	}
}
