package medcom

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"brevdue"
	"brevdue/internal/testletters"
	"brevdue/oioxml"
)

var updateOIOXML = flag.Bool("update-oioxml", false, "rewrite the .want files of the OIOXML corpus")

const corpusOIOXML = "../internal/testletters/oioxml"

// TestOIOXMLCorpus reads every letter of the corpus and compares what was made
// of it, and what was found, with the .want file beside it.
func TestOIOXMLCorpus(t *testing.T) {
	for _, c := range testletters.Cases(t, brevdue.OIOXML, "xdis", 20) {
		t.Run(c.Name, func(t *testing.T) {
			m, fs := Read(c.Data)
			c.Judge(t, report(t, m, fs), *updateOIOXML)
			if brevdue.HasErrors(fs) {
				return
			}
			out, written := Encode(m, brevdue.XDIS91)
			if brevdue.HasErrors(written) {
				t.Fatalf("accepted but cannot be written: %v", written)
			}
			again, fs := Read(out)
			if brevdue.HasErrors(fs) {
				t.Fatalf("what was written is not accepted: %v", fs)
			}
			if replaced := len(written) > 0; replaced {
				return
			}
			if diff := cmp.Diff(m.Letters, again.Letters, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("written and read again:\n%s", diff)
			}
		})
	}
}

// report writes findings and message so that a person can judge them.
func report(t *testing.T, m Message, fs []brevdue.Finding) []byte {
	t.Helper()
	return testletters.Report(t, fs, fmt.Sprintf("%s %s %s", m.Format, m.Kind, m.Version), m.Envelope, m.Letters)
}

// schemaSays asks xmllint which of the files MedCom's schema accepts.
func schemaSays(t *testing.T, files []string) map[string]bool {
	t.Helper()
	schema := testletters.Shared(t, "standards/xsd/2006/07/01/EMessage.xsd")
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("SKIPPED: xmllint absent, oracle EMessage.xsd not consulted")
	}
	out, _ := exec.Command("xmllint", append([]string{"--noout", "--nonet", "--schema", schema}, files...)...).CombinedOutput()
	valid := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		if f, ok := strings.CutSuffix(strings.TrimSpace(line), " validates"); ok {
			valid[f] = true
		}
	}
	return valid
}

// What we write is valid by MedCom's own schema, and means what was read.
func TestPublishedLetterAgainstSchema(t *testing.T) {
	data, err := os.ReadFile(testletters.Shared(t, "standards/examples/edifact-oioxml/DIS91_1.xml"))
	if err != nil {
		t.Fatal(err)
	}
	m, fs := Read(data)
	if brevdue.HasErrors(fs) {
		t.Fatal(fs)
	}
	out, fs := Encode(m, brevdue.XDIS91)
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	file := filepath.Join(t.TempDir(), "letter.xml")
	if err := os.WriteFile(file, out, 0o600); err != nil {
		t.Fatal(err)
	}
	if !schemaSays(t, []string{file})[file] {
		t.Error("the schema refuses what was written")
	}
	doc, _ := oioxml.Read(data)
	if !bytes.Equal(doc.Write(), data) {
		t.Error("the published letter is not written back unchanged")
	}
	// apart from encoding and declaration the two are the same document
	_, body, _ := bytes.Cut(data, []byte("?>\n"))
	_, ours, _ := bytes.Cut(out, []byte("?>"))
	if !bytes.Equal(bytes.TrimSpace(body), ours) {
		t.Errorf("got  %s\nwant %s", ours, body)
	}
}

// change is one way of breaking a letter, or of not breaking it.
type change struct {
	name string
	data []byte
}

// changes breaks a valid letter in every way the grammar knows of: each element
// removed, doubled, swapped with its neighbour, emptied, made long, given an
// attribute, a stray child, stray text.
func changes(t *testing.T, data []byte) []change {
	t.Helper()
	doc, fs := oioxml.Read(data)
	if brevdue.HasErrors(fs) {
		t.Fatal(fs)
	}
	var out []change
	splice := func(name string, n *oioxml.Node, replacement string) {
		start, end := n.Start(), n.End()
		changed := append(append(append([]byte{}, data[:start]...), replacement...), data[end:]...)
		out = append(out, change{fmt.Sprintf("%s %s", name, n.Path()), changed})
	}
	var walk func(n *oioxml.Node)
	walk = func(n *oioxml.Node) {
		raw := string(data[n.Start():n.End()])
		tag := "<" + n.Local + ">"
		if n != doc.Root {
			splice("remove", n, "")
			splice("double", n, raw+raw)
			splice("stray before", n, "<Stray/>"+raw)
			splice("empty", n, tag+"</"+n.Local+">")
			splice("text before", n, "x"+raw)
			splice("long", n, tag+strings.Repeat("9", 351)+"</"+n.Local+">")
			splice("word", n, tag+"ord</"+n.Local+">")
			splice("attribute", n, strings.Replace(raw, "<"+n.Local, "<"+n.Local+" a='b'", 1))
			splice("case", n, strings.ReplaceAll(raw, n.Local, strings.ToLower(n.Local)))
			splice("namespace", n, strings.Replace(raw, "<"+n.Local, "<"+n.Local+" xmlns='urn:x'", 1))
			if next := n.Next(); next != nil {
				both := data[n.Start():next.End()]
				swapped := string(data[next.Start():next.End()]) + raw
				changed := bytes.Replace(data, both, []byte(swapped), 1)
				out = append(out, change{"swap " + n.Path(), changed})
			}
		}
		for c := range n.Elements() {
			walk(c)
		}
	}
	walk(doc.Root)
	return out
}

// Our verdict on a broken letter is that of MedCom's schema, over about a
// thousand broken letters.
func TestVerdictAgainstSchema(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(corpusOIOXML, "xdis91_full.xml"))
	if err != nil {
		t.Fatal(err)
	}
	cases := changes(t, data)
	dir := t.TempDir()
	files := make([]string, len(cases))
	for i, c := range cases {
		files[i] = filepath.Join(dir, fmt.Sprintf("%04d.xml", i))
		if err := os.WriteFile(files[i], c.data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	valid := schemaSays(t, files)
	for i, c := range cases {
		m, fs := decodeXDIS91(c.data)
		if ours := !brevdue.HasErrors(fs); ours != valid[files[i]] {
			t.Errorf("%s: schema says valid=%v, we found %v", c.name, valid[files[i]], fs)
		}
		if valid[files[i]] {
			if _, fs := Encode(m, brevdue.XDIS91); brevdue.HasErrors(fs) {
				t.Errorf("%s: accepted but cannot be written: %v", c.name, fs)
			}
		}
	}
	t.Logf("%d broken letters, %d of them still valid", len(cases), len(valid))
}

// A file far beyond any letter is refused before it is taken apart.
func TestOversizedLetterIsRefused(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(corpusOIOXML, "xdis91_min.xml"))
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte("Kort besked."), bytes.Repeat([]byte("lang "), maxLetterSize/5), 1)
	m, fs := Read(data)
	if len(fs) != 1 || fs[0].Rule != "XDIS91-SIZE-01" || len(m.Letters) > 0 {
		t.Errorf("got %v", fs)
	}
}

// One fault gives one finding, not a cascade.
func TestOneFaultOneFinding(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(corpusOIOXML, "xdis91_full.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes(t, data) {
		_, fs := decodeXDIS91(c.data)
		errors := 0
		for _, f := range fs {
			if f.Severity == brevdue.SeverityError {
				errors++
			}
		}
		most := 1
		switch verb, _, _ := strings.Cut(c.name, " "); verb {
		case "empty", "long", "word", "namespace", "case":
			most = 13 // an element that loses its children misses them all
		case "double":
			most = 2
		}
		if errors > most {
			t.Errorf("%s: %d errors: %v", c.name, errors, fs)
		}
	}
}

func TestFindingsAreAtTheirPlace(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(corpusOIOXML, "xdis91_full.xml"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, old, new, rule, path string }{
		{"missing", "<OrganisationName>Pr\xf8vehospitalet</OrganisationName>", "", "XML-ELEM-01", "/Emessage/ClinicalEmail/Sender"},
		{"unknown", "<OccupancyText>Smed</OccupancyText>", "<Trade>Smed</Trade>", "XML-ELEM-02", "/Emessage/ClinicalEmail/Patient/Trade"},
		{"order", "<Priority>h\xf8j_prioritet</Priority><Subject>Udskrivning</Subject>", "<Subject>Udskrivning</Subject><Priority>rutine</Priority>", "XML-ELEM-03", "/Emessage/ClinicalEmail/AdditionalInformation/Priority"},
		{"too many", "<OccupancyText>Smed</OccupancyText>", "<OccupancyText>a</OccupancyText><OccupancyText>b</OccupancyText>", "XML-ELEM-04", "/Emessage/ClinicalEmail/Patient/OccupancyText[2]"},
		{"choice", "<SUP>true</SUP>", "", "XML-ELEM-05", "/Emessage/ClinicalEmail/Reference[3]"},
		{"stray text", "<Patient>", "<Patient>hej", "XML-ELEM-06", "/Emessage/ClinicalEmail/Patient"},
		{"attribute", "<Patient>", "<Patient id='1'>", "XML-ELEM-07", "/Emessage/ClinicalEmail/Patient"},
		{"markup in text", "<Bold>S\xe5r</Bold>", "<b>S\xe5r</b>", "XML-ELEM-08", "/Emessage/ClinicalEmail/ClinicalInformation[1]/Text01/*"},
		{"empty", ">Smed<", "><", "XML-VALUE-01", "/Emessage/ClinicalEmail/Patient/OccupancyText"},
		{"long", ">Smed<", ">" + strings.Repeat("\xe6", 36) + "<", "XML-VALUE-02", "/Emessage/ClinicalEmail/Patient/OccupancyText"},
		{"code", ">indlagt<", ">innlagt<", "XML-VALUE-03", "/Emessage/ClinicalEmail/Patient/EpisodeOfCareStatusCode"},
		{"code with space", ">indlagt<", "> indlagt\n<", "XML-VALUE-04", "/Emessage/ClinicalEmail/Patient/EpisodeOfCareStatusCode"},
		{"CPR with hyphen", ">0104909989<", ">010490-9989<", "XML-VALUE-05", "/Emessage/ClinicalEmail/Patient/CivilRegistrationNumber"},
		{"impossible date", "<Sent><Date>2026-11-05", "<Sent><Date>2026-11-31", "XML-VALUE-05", "/Emessage/Envelope/Sent/Date"},
		{"date with zone", "<Sent><Date>2026-11-05", "<Sent><Date>2026-11-05Z", "XML-VALUE-06", "/Emessage/Envelope/Sent/Date"},
		{"seconds", "<Time>09:31", "<Time>09:31:00", "XML-VALUE-05", "/Emessage/Envelope/Sent/Time"},
		{"size of nothing", ">20480<", ">0<", "XML-VALUE-05", "/Emessage/ClinicalEmail/Reference[1]/BIN/OriginalObjectSize"},
		{"SUP is true, not 1", "<SUP>true<", "<SUP>1<", "XML-VALUE-05", "/Emessage/ClinicalEmail/Reference[3]/SUP"},
		{"version", "XD9134L", "XD9135L", "XDIS91-VERSION-01", "/Emessage/ClinicalEmail/Letter/VersionCode"},
		{"type", "<TypeCode>XDIS91", "<TypeCode>XDIS90", "XDIS91-TYPE-01", "/Emessage/ClinicalEmail/Letter/TypeCode"},
		{"county code", ">kommunenummer<", ">amt<", "XDIS91-CODE-01", "/Emessage/ClinicalEmail/Receiver/IdentifierCode"},
		{"impossible CPR date", ">0104909989<", ">3204909989<", "MC-CPR-01", "/Emessage/ClinicalEmail/Patient/CivilRegistrationNumber"},
		{"GLN check digit", ">5799990000019<", ">5799990000018<", "MC-GLN-01", "/Emessage/ClinicalEmail/Sender/EANIdentifier"},
		{"sent before written", "<Sent><Date>2026-11-05", "<Sent><Date>2026-11-04", "MC-TIME-01", "/Emessage/ClinicalEmail/Letter/Authorisation"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !bytes.Contains(data, []byte(tt.old)) {
				t.Fatalf("the letter does not hold %q", tt.old)
			}
			_, fs := decodeXDIS91(bytes.Replace(data, []byte(tt.old), []byte(tt.new), 1))
			if len(fs) != 1 || fs[0].Rule != tt.rule || fs[0].Pos.Path != tt.path {
				t.Fatalf("want %s at %s, got %+v", tt.rule, tt.path, fs)
			}
			if fs[0].Pos.Line != 1 || fs[0].Pos.Column != fs[0].Pos.Offset+1 {
				t.Errorf("in one Latin-1 line the column is the offset plus one: %+v", fs[0].Pos)
			}
		})
	}
}

// Writing refuses what the format cannot hold, and cuts nothing off.
func TestEncodeRefuses(t *testing.T) {
	valid := func() Message {
		data, err := os.ReadFile(filepath.Join(corpusOIOXML, "xdis91_full.xml"))
		if err != nil {
			t.Fatal(err)
		}
		m, _ := Read(data)
		return m
	}
	tests := []struct {
		name   string
		change func(m *Message, l *brevdue.Letter)
		rule   string
		path   string
		fatal  bool
	}{
		{"no letter", func(m *Message, _ *brevdue.Letter) { m.Letters = nil }, "XDIS91-WRITE-02", "", true},
		{"no envelope number", func(m *Message, _ *brevdue.Letter) { m.Envelope.ID = "" }, "XML-WRITE-01", "/Emessage/Envelope/Identifier", true},
		{"time with seconds", func(m *Message, _ *brevdue.Letter) { m.Envelope.Sent = "2026-11-05T09:30:00" }, "XML-WRITE-04", "/Emessage/Envelope/Sent", true},
		{"impossible time", func(_ *Message, l *brevdue.Letter) { l.Authorised = "2026-02-30T09:30" }, "XML-WRITE-04", "/Emessage/ClinicalEmail/Letter/Authorisation", true},
		{"long letter number", func(_ *Message, l *brevdue.Letter) { l.ID = strings.Repeat("1", 15) }, "XML-WRITE-02", "/Emessage/ClinicalEmail/Letter/Identifier", true},
		{"no status", func(_ *Message, l *brevdue.Letter) { l.Status = "" }, "XML-WRITE-01", "/Emessage/ClinicalEmail/Letter/StatusCode", true},
		{"cancelled", func(_ *Message, l *brevdue.Letter) { l.Status = "cancelled" }, "XML-WRITE-03", "/Emessage/ClinicalEmail/Letter/StatusCode", true},
		{"unknown identifier code", func(_ *Message, l *brevdue.Letter) { l.Sender.IDCode = "cvr" }, "XML-WRITE-03", "/Emessage/ClinicalEmail/Sender/IdentifierCode", true},
		{"unknown specialty", func(_ *Message, l *brevdue.Letter) { l.Sender.Specialty = "magi" }, "XML-WRITE-03", "/Emessage/ClinicalEmail/Sender/MedicalSpecialityCode", true},
		{"hospital paediatrics", func(_ *Message, l *brevdue.Letter) { l.Sender.Specialty = "paediatri_sygehus" }, "XDIS91-WRITE-03", "/Emessage/ClinicalEmail/Sender/MedicalSpecialityCode", false},
		{"no patient number", func(_ *Message, l *brevdue.Letter) { l.Patient.CPR = "" }, "XML-WRITE-01", "/Emessage/ClinicalEmail/Patient/CivilRegistrationNumber", true},
		{"CPR with letters", func(_ *Message, l *brevdue.Letter) { l.Patient.CPR = "010490TVS1" }, "XML-WRITE-04", "/Emessage/ClinicalEmail/Patient/CivilRegistrationNumber", true},
		{"two numbers", func(_ *Message, l *brevdue.Letter) {
			l.Patient.Replacements = []brevdue.ReplacementID{{Value: "010490TVS1"}}
		}, "XDIS91-WRITE-05", "/Emessage/ClinicalEmail/Patient", false},
		{"short replacement number", func(_ *Message, l *brevdue.Letter) {
			l.Patient.CPR, l.Patient.Replacements = "", []brevdue.ReplacementID{{Value: "0104"}}
		}, "XML-WRITE-04", "/Emessage/ClinicalEmail/Patient/AlternativeIdentifier", true},
		{"subject of 71", func(_ *Message, l *brevdue.Letter) { l.Subject = strings.Repeat("ø", 71) }, "XML-WRITE-02", "/Emessage/ClinicalEmail/AdditionalInformation/Subject", true},
		{"subject too long after replacement", func(_ *Message, l *brevdue.Letter) { l.Subject = strings.Repeat("x", 69) + "…" }, "XML-WRITE-05", "/Emessage/ClinicalEmail/AdditionalInformation/Subject", true},
		{"dash", func(_ *Message, l *brevdue.Letter) { l.Subject = "Udskrivningsstatus – Barn" }, "XML-WRITE-05", "/Emessage/ClinicalEmail/AdditionalInformation/Subject", false},
		{"eleven texts", func(_ *Message, l *brevdue.Letter) {
			l.Segments[0].Texts = make([]brevdue.Text, 11)
		}, "XDIS91-WRITE-01", "/Emessage/ClinicalEmail/ClinicalInformation", true},
		{"eleven attachments", func(_ *Message, l *brevdue.Letter) {
			l.Attachments = make([]brevdue.Attachment, 11)
		}, "XDIS91-WRITE-01", "/Emessage/ClinicalEmail/Reference", true},
		{"docx has no code", func(_ *Message, l *brevdue.Letter) { l.Attachments[0].Extension = "docx" }, "XML-WRITE-03", "/Emessage/ClinicalEmail/Reference[1]/BIN/ObjectExtensionCode", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := valid()
			l := &brevdue.Letter{}
			if len(m.Letters) > 0 {
				l = &m.Letters[0]
			}
			tt.change(&m, l)
			out, fs := Encode(m, brevdue.XDIS91)
			if len(fs) == 0 || fs[0].Rule != tt.rule || fs[0].Pos.Path != tt.path {
				t.Fatalf("want %s at %s, got %+v", tt.rule, tt.path, fs)
			}
			if (out == nil) != tt.fatal {
				t.Errorf("bytes written: %v, want %v", out != nil, !tt.fatal)
			}
			for _, f := range fs {
				if strings.Contains(f.Text+f.TextEN, "0104909989") || strings.Contains(f.Text, "%!") {
					t.Errorf("the finding says %q", f.Text)
				}
			}
		})
	}
}

// genLetter draws letters that both formats can hold, with every field filled
// now and then.
func genLetter() *rapid.Generator[brevdue.Letter] {
	word := func(n int) *rapid.Generator[string] {
		return rapid.StringOfN(rapid.SampledFrom([]rune("abcÆØÅæøåé XYZ019.,-:+'?<>&/()")), 1, n, -1).
			Filter(func(s string) bool { return strings.TrimSpace(s) == s && s != "_" && s != "." })
	}
	maybe := func(n int) *rapid.Generator[string] { return rapid.OneOf(rapid.Just(""), word(n)) }
	number := func(n int) *rapid.Generator[string] { return rapid.StringMatching(fmt.Sprintf("[0-9A-Z]{1,%d}", n)) }
	party := func(sender bool) *rapid.Generator[brevdue.Party] {
		return rapid.Custom(func(t *rapid.T) brevdue.Party {
			p := brevdue.Party{
				GLN:          brevdue.GLN(number(13).Draw(t, "gln")),
				ID:           number(17).Draw(t, "id"),
				IDCode:       brevdue.IDCode(rapid.SampledFrom(idCodeWords[:5]).Draw(t, "id code")),
				Organisation: maybe(35).Draw(t, "organisation"),
				Department:   maybe(35).Draw(t, "department"),
				Unit:         maybe(35).Draw(t, "unit"),
				Street:       maybe(35).Draw(t, "street"),
				Suburb:       maybe(35).Draw(t, "suburb"),
				District:     maybe(35).Draw(t, "district"),
				PostCode:     rapid.OneOf(rapid.Just(""), number(9)).Draw(t, "post code"),
			}
			if sender {
				p.Phone = rapid.OneOf(rapid.Just(""), number(25)).Draw(t, "phone")
				p.Specialty = rapid.SampledFrom(specialties).Draw(t, "specialty")
			}
			return p
		})
	}
	attachment := rapid.Custom(func(t *rapid.T) brevdue.Attachment {
		a := brevdue.Attachment{Description: word(70).Draw(t, "description")}
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			a.Kind = brevdue.BinaryAttachment
			a.ObjectID = rapid.StringMatching("[0-9a-f]{32}").Draw(t, "object")
			a.ObjectCode = rapid.SampledFrom(objectCodeWords).Draw(t, "object code")
			a.Extension = rapid.SampledFrom(extensionWords).Draw(t, "extension")
			a.Size = rapid.Int64Range(1, 1e9).Draw(t, "size")
		case 1:
			a.Kind = brevdue.LinkAttachment
			a.URL = "https://example.dk/" + rapid.StringMatching("[a-z0-9/?&=:+']{0,200}").Draw(t, "url")
		default:
			a.Kind = brevdue.SupplementAttachment
		}
		return a
	})
	return rapid.Custom(func(t *rapid.T) brevdue.Letter {
		l := brevdue.Letter{
			ID:              number(14).Draw(t, "id"),
			Version:         "XD9134L",
			StatisticalCode: "XDIS91",
			Authorised:      "2026-11-05T09:30",
			Status:          rapid.SampledFrom([]brevdue.LetterStatus{brevdue.NewLetter, brevdue.CorrectedLetter}).Draw(t, "status"),
			EpisodeOfCare:   rapid.OneOf(rapid.Just(""), rapid.StringMatching("[0-9a-f]{32}")).Draw(t, "episode"),
			Sender:          party(true).Draw(t, "sender"),
			Receiver:        party(false).Draw(t, "receiver"),
			Patient: brevdue.Patient{
				Surname: word(70).Draw(t, "surname"), Given: maybe(70).Draw(t, "given"),
				Street: maybe(35).Draw(t, "street"), Suburb: maybe(35).Draw(t, "suburb"),
				District: maybe(35).Draw(t, "district"), PostCode: rapid.OneOf(rapid.Just(""), number(9)).Draw(t, "post code"),
				Occupancy: maybe(35).Draw(t, "occupancy"),
				Episode:   brevdue.EpisodeStatus(rapid.SampledFrom(episodeWords).Draw(t, "care")),
			},
			Subject:     maybe(70).Draw(t, "subject"),
			Priority:    rapid.SampledFrom([]brevdue.Priority{"", brevdue.RoutinePriority, brevdue.HighPriority}).Draw(t, "priority"),
			Attachments: rapid.SliceOfN(attachment, 0, 10).Draw(t, "attachments"),
		}
		if rapid.Bool().Draw(t, "cpr") {
			l.Patient.CPR = "0104909989"
		} else {
			l.Patient.Replacements = []brevdue.ReplacementID{{Value: brevdue.CPR(rapid.StringMatching("[0-9]{6}[A-Z0-9]{4}").Draw(t, "replacement"))}}
		}
		if texts := rapid.SliceOfN(genText(), 0, 10).Draw(t, "texts"); len(texts) > 0 {
			l.Segments = []brevdue.Segment{{Texts: texts}}
		}
		return l
	})
}

// Any letter is the same after being written as XDIS91 and read again.
func TestXDIS91RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Message{
			Format: brevdue.OIOXML, Kind: brevdue.XDIS91, Version: "XD9134L",
			Envelope: brevdue.Envelope{ID: "K1", Sent: "2026-11-05T09:31", WantsReceipt: rapid.Bool().Draw(t, "receipt")},
			Letters:  []brevdue.Letter{genLetter().Draw(t, "letter")},
		}
		want.Envelope.Sender, want.Envelope.Receiver = want.Letters[0].Sender.GLN, want.Letters[0].Receiver.GLN
		out, fs := Encode(want, brevdue.XDIS91)
		if len(fs) > 0 {
			t.Fatal(fs)
		}
		got, fs := Read(out)
		if brevdue.HasErrors(fs) {
			t.Fatalf("%s\n%v", out, fs)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Message{}, "LetterPos")); diff != "" {
			t.Fatalf("%s\n%s", out, diff)
		}
	})
}

// A letter that DIS91 can hold is the same DIS91, byte for byte, after a trip
// through XDIS91; and XDIS91 says what the letter said.
func TestThroughBothFormats(t *testing.T) {
	tooMuch := 0
	rapid.Check(t, func(t *rapid.T) {
		m := Message{Envelope: brevdue.Envelope{ID: "K1", Sent: "2026-11-05T09:31"}, Letters: []brevdue.Letter{genLetter().Draw(t, "letter")}}
		m.Envelope.Sender, m.Envelope.Receiver = m.Letters[0].Sender.GLN, m.Letters[0].Receiver.GLN
		for _, text := range textsOf(m.Letters[0]) {
			for _, line := range text.Lines {
				for i := range line.Runs { // the two traps of DIS91 text gain a space; the loss report says so
					line.Runs[i].Text = strings.NewReplacer(`\`, "/", ".", ",").Replace(line.Runs[i].Text)
				}
			}
		}
		edi, _ := Encode(m, brevdue.DIS91)
		if edi == nil {
			tooMuch++ // more text than ten S14 hold
			return
		}
		read, fs := Read(edi)
		if brevdue.HasErrors(fs) {
			t.Fatalf("%s\n%v", edi, fs)
		}
		xml, fs := Encode(read, brevdue.XDIS91)
		if len(fs) > 0 {
			t.Fatalf("%s\n%v", edi, fs)
		}
		again, fs := Read(xml)
		if brevdue.HasErrors(fs) {
			t.Fatalf("%s\n%v", xml, fs)
		}
		back, fs := Encode(again, brevdue.DIS91)
		if len(fs) > 0 || !bytes.Equal(edi, back) {
			t.Fatalf("%v\n%s\n%s", fs, edi, back)
		}
		want, got := m.Letters[0], again.Letters[0]
		if w, g := allLines(want), allLines(got); w != g {
			t.Fatalf("text\n%s\n%s\n%s", w, g, edi)
		}
		want.Segments, got.Segments = nil, nil
		want.Version, got.Version = "", ""
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s\n%s", edi, diff)
		}
	})
	t.Logf("%d letters did not fit DIS91", tooMuch)
}

// allLines shows the lines of all texts that hold anything; DIS91 may cut them
// into other parts and drops an empty last line.
func allLines(l brevdue.Letter) string {
	var b strings.Builder
	for _, t := range textsOf(l) {
		for _, line := range t.Lines {
			if len(line.Runs) > 0 {
				b.WriteString(show(brevdue.Text{Lines: []brevdue.Line{line}}))
			}
		}
	}
	return b.String()
}

func textsOf(l brevdue.Letter) []brevdue.Text {
	if len(l.Segments) == 0 {
		return nil
	}
	return l.Segments[0].Texts
}

// FuzzDecodeXDIS91: no input makes the decoder panic, find nothing where nothing
// was read, or accept what it cannot write again.
func FuzzDecodeXDIS91(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join(corpusOIOXML, "*.xml"))
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, fs := decodeXDIS91(data)
		if brevdue.HasErrors(fs) {
			return
		}
		if len(m.Letters) == 0 {
			t.Fatal("no letter and no error")
		}
		out, fs := encodeXDIS91(m)
		if brevdue.HasErrors(fs) {
			t.Fatalf("accepted but cannot be written: %v", fs)
		}
		again, fs2 := decodeXDIS91(out)
		if brevdue.HasErrors(fs2) {
			t.Fatalf("what was written is not accepted: %v\n%s", fs2, out)
		}
		if len(fs) == 0 {
			if diff := cmp.Diff(m.Letters, again.Letters, cmpopts.EquateEmpty()); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

func BenchmarkReadXDIS91(b *testing.B) {
	data, err := os.ReadFile(filepath.Join(corpusOIOXML, "xdis91_full.xml"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, fs := Read(data); brevdue.HasErrors(fs) {
			b.Fatal(fs)
		}
	}
}

func BenchmarkEncodeXDIS91(b *testing.B) {
	data, err := os.ReadFile(filepath.Join(corpusOIOXML, "xdis91_full.xml"))
	if err != nil {
		b.Fatal(err)
	}
	m, _ := Read(data)
	b.ReportAllocs()
	for b.Loop() {
		if out, _ := Encode(m, brevdue.XDIS91); out == nil {
			b.Fatal("nothing written")
		}
	}
}

// BenchmarkSchemaXDIS91 is the work that an XML library does with the schema: the
// tree, and the tree against the grammar. Compare with libxml2 (docs/speed.md).
func BenchmarkSchemaXDIS91(b *testing.B) {
	data, err := os.ReadFile(filepath.Join(corpusOIOXML, "xdis91_min.xml"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		doc, fs := oioxml.Read(data)
		if len(fs) > 0 || len(xdis91.Check(doc.Root, "")) > 0 {
			b.Fatal("not valid")
		}
	}
}
