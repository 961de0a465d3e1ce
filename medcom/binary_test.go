package medcom

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"brevdue"
	"brevdue/internal/testletters"
)

const uuid = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

// nasty is a file with everything in it that a reader of segments could trip over.
const nasty = "%PDF-1.4\r\nUNT+5+B1'UNZ+1+K1'\x00\xff??''++::\r\n\xe6\n"

func binary() BinaryMessage {
	return BinaryMessage{
		Envelope: brevdue.Envelope{ID: "K1", Sent: "2026-11-25T10:02", Sender: "5799990000019", Receiver: "5799990000026", WantsReceipt: true},
		Letters: []BinaryLetter{{
			ID: "B1", Authorised: "2026-11-25T10:01",
			Sender: brevdue.Party{GLN: "5799990000019", ID: "5799990000019", IDCode: brevdue.IDLocation, Organisation: "Prøvehospitalet", Unit: "Røntgen", Street: "Prøvevej 1",
				District: "Prøvekøbing", PostCode: "9999", Phone: "87654321", Specialty: "kirurgi_sygehus"},
			Receiver: brevdue.Party{GLN: "5799990000026", ID: "5799990000026", IDCode: brevdue.IDLocation, Organisation: "Prøvekøbing Kommune"},
			Patient:  brevdue.Patient{CPR: "0104909989", Given: "Torre Test", Surname: "Mosebryggersen"},
			Objects:  []Object{{ObjectID: uuid, Code: "vektor_grafik", Extension: "pdf", Data: []byte(nasty)}},
		}},
	}
}

func encodeBinary(t testing.TB, m BinaryMessage, to brevdue.Kind) []byte {
	t.Helper()
	data, fs := EncodeBinary(m, to)
	if data == nil || len(fs) > 0 {
		t.Fatalf("%s: %v", to, fs)
	}
	return data
}

// sense compares attachment messages by what they say: identifiers by their
// keys, sizes by the bytes, and without the "_" and "99" of std:xdis91 §3.
func sense(m BinaryMessage) []BinaryLetter {
	letters := slices.Clone(m.Letters)
	for i := range letters {
		l := &letters[i]
		l.Version, l.StatisticalCode = "", ""
		for _, p := range []*brevdue.Party{&l.Sender, &l.Receiver} {
			if p.Department == "_" {
				p.Department = ""
			}
			if p.Specialty == "ikkeklassificeret" {
				p.Specialty = ""
			}
		}
		l.Objects = slices.Clone(l.Objects)
		for j := range l.Objects {
			o := &l.Objects[j]
			o.ObjectID, o.Size = ObjectKey(o.ObjectID), int64(len(o.Data))
		}
	}
	return letters
}

var ignorePlaces = cmpopts.IgnoreTypes(brevdue.Pos{})

// The bytes of a file are the same after every path, whatever is in it
// (std:xdis91 §6.3; F34).
func TestFilesSurviveEveryPath(t *testing.T) {
	first := binary()
	want := sha256.Sum256([]byte(nasty))
	for _, path := range [][]brevdue.Kind{
		{brevdue.BIN01}, {brevdue.XBIN01}, {brevdue.BIN01, brevdue.XBIN01}, {brevdue.XBIN01, brevdue.BIN01}, {brevdue.BIN01, brevdue.XBIN01, brevdue.BIN01},
		{brevdue.XBIN01, brevdue.BIN01, brevdue.XBIN01},
	} {
		m := first
		for _, to := range path {
			var fs []brevdue.Finding
			if m, fs = ReadBinary(encodeBinary(t, m, to)); len(fs) > 0 {
				t.Fatalf("%v: %v", path, fs)
			}
			if m.Kind != to || m.Version == "" {
				t.Errorf("%v: %s %s", path, m.Kind, m.Version)
			}
		}
		if got := sha256.Sum256(m.Letters[0].Objects[0].Data); got != want {
			t.Errorf("%v: other bytes", path)
		}
		if diff := cmp.Diff(sense(first), sense(m), ignorePlaces); diff != "" {
			t.Errorf("%v: %s", path, diff)
		}
		if diff := cmp.Diff(first.Envelope, m.Envelope); diff != "" {
			t.Errorf("%v: %s", path, diff)
		}
	}
}

// Arbitrary files and parties survive both formats and both crossings.
func TestBinaryProperty(t *testing.T) {
	text := rapid.StringMatching(`[A-Za-zÆØÅæøå0-9 .,'+:?-]{1,30}[a-z]`)
	rapid.Check(t, func(t *rapid.T) {
		m := binary()
		l := &m.Letters[0]
		l.Sender.Organisation, l.Receiver.Unit = text.Draw(t, "sender"), text.Draw(t, "unit")
		l.Patient.Surname = text.Draw(t, "surname")
		switch rapid.IntRange(0, 2).Draw(t, "about") {
		case 1:
			l.Patient.CPR, l.Patient.Replacements = "", []brevdue.ReplacementID{{Value: "050505ABC1"}}
		case 2:
			l.Patient, l.System, l.Contents = brevdue.Patient{}, true, text.Draw(t, "contents")
		}
		l.Objects = nil
		for i := range rapid.IntRange(1, 10).Draw(t, "files") {
			l.Objects = append(l.Objects, Object{
				ObjectID: fmt.Sprintf("%032x", i+1), Code: rapid.SampledFrom(objectCodeWords).Draw(t, "code"), Extension: rapid.SampledFrom([]string{"bin", "txt", "plo", "fnx"}).Draw(t, "ext"),
				Data: rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "data"),
			})
		}
		for _, path := range [][]brevdue.Kind{{brevdue.BIN01, brevdue.XBIN01}, {brevdue.XBIN01, brevdue.BIN01}} {
			got := m
			for _, to := range path {
				data, fs := EncodeBinary(got, to)
				if data == nil {
					t.Fatalf("%s: %v", to, fs)
				}
				if got, fs = ReadBinary(data); brevdue.HasErrors(fs) {
					t.Fatalf("%s: %v\n%q", to, fs, data)
				}
			}
			if diff := cmp.Diff(sense(m), sense(got), ignorePlaces); diff != "" {
				t.Fatalf("%v: %s", path, diff)
			}
		}
	})
}

// What is wrong with an attachment message is found, once, at its place.
func TestBinaryFaults(t *testing.T) {
	edi, xml := string(encodeBinary(t, binary(), brevdue.BIN01)), string(encodeBinary(t, binary(), brevdue.XBIN01))
	size := fmt.Sprint(len(nasty))
	eleven := binary()
	for i := range 10 {
		eleven.Letters[0].Objects = append(eleven.Letters[0].Objects, Object{ObjectID: fmt.Sprintf("%032x", i), Code: "tekstfil", Extension: "txt", Data: []byte("x")})
	}
	tests := []struct {
		name, in, old, new string
		rule, path         string
		more               int // further errors that are true as well
	}{
		{"size in UNP", edi, "UNP+" + size, "UNP+7", "BIN-UNP-01", "UNH[1]/S11[1]/UNP[1]/1.1", 0},
		{"number in UNP", edi, "UNP+" + size + "+1", "UNP+" + size + "+2", "BIN-UNP-01", "UNH[1]/S11[1]/UNP[1]/1.1", 0},
		{"number in UNO", edi, "UNO+1+", "UNO+3+", "BIN-UNO-01", "UNH[1]/S11[1]/UNO[1]/1.1", 0},
		{"no AID", edi, "AID:", "XID:", "BIN-UNO-02", "UNH[1]/S11[1]/UNO[1]/2.1", 0},
		{"object code", edi, "OBJ:VGR", "OBJ:XXX", "BIN-CODE-02", "UNH[1]/S11[1]/UNO[1]/3.2", 0},
		{"extension", edi, ":PDF:", ":DOCX:", "BIN-CODE-01", "UNH[1]/S11[1]/UNO[1]/3.3", 0},
		{"size beyond the file", edi, "+" + size + ":14", "+99999:14", "EDI-UNO-02", "UNH[1]/S11[1]/UNO[1]/4.1", 0},
		{"not a UUID", edi, uuid, "bilag-1", "BIN-ID-02", "UNH[1]/S11[1]/UNO[1]", 0},
		{"another file", edi, "%PDF", "%XDF", "BIN-CONTENT-01", "UNH[1]/S11[1]/UNO[1]", 0},
		{"unusual code", edi, "OBJ:VGR", "OBJ:IMG", "BIN-CONTENT-02", "UNH[1]/S11[1]/UNO[1]", 0},
		{"letter number", edi, "RFF+SRI:B1", "RFF+SRI:B2", "DIS91-ID-01", "UNH[1]/S02[1]/RFF[1]/1.2", 0},
		{"no citizen", edi, "0104909989:::CPR:IM", "", "DIS91-ID-03", "UNH[1]/S07[1]", 0},
		{"count", edi, "'UNT+", "'UNT+9", "EDI-UNT-02", "UNH[1]/UNT[1]/1.1", 0},
		{"no trigger", edi, "'S11+11'", "'", "DIS91-SEG-01", "UNH[1]/S07[1]/UNO[1]", 1},

		{"base64", xml, "JVBERi", "JV*ERi", "BIN-DATA-01", "/Emessage/BinaryLetter/BinaryObject/Object_Base64Encoded", 0},
		{"stated size", xml, "<OriginalObjectSize>" + size, "<OriginalObjectSize>7", "BIN-SIZE-01", "/Emessage/BinaryLetter/BinaryObject/OriginalObjectSize", 0},
		{"size is no number", xml, "<OriginalObjectSize>" + size, "<OriginalObjectSize>x", "XML-VALUE-05", "/Emessage/BinaryLetter/BinaryObject/OriginalObjectSize", 0},
		{"identifier without hyphens", xml, "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", uuid, "XML-VALUE-05", "/Emessage/BinaryLetter/BinaryObject/ObjectIdentifier", 0},
		{"version", xml, "XB0131X", "XB0199X", "BIN-VERSION-01", "/Emessage/BinaryLetter/Letter/VersionCode", 0},
		{"type", xml, ">XBIN01</Type", ">XBIN09</Type", "BIN-VERSION-01", "/Emessage/BinaryLetter/Letter/TypeCode", 0},
		{"corrected", xml, "nytbrev", "rettetbrev", "XML-VALUE-03", "/Emessage/BinaryLetter/Letter/StatusCode", 0},
		{"unknown extension", xml, "<ObjectExtensionCode>pdf", "<ObjectExtensionCode>docx", "XML-VALUE-03", "/Emessage/BinaryLetter/BinaryObject/ObjectExtensionCode", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if strings.Count(tt.in, tt.old) < 1 {
				t.Fatalf("%q is not in the message", tt.old)
			}
			in := []byte(strings.Replace(tt.in, tt.old, tt.new, 1))
			_, fs := ReadBinary(in)
			i := slices.IndexFunc(fs, func(f brevdue.Finding) bool { return f.Rule == tt.rule })
			if i < 0 {
				t.Fatalf("got %v", fs)
			}
			if f := fs[i]; f.Pos.Path != tt.path || f.Pos.Line < 1 || f.Pos.Offset > len(in) {
				t.Errorf("%s at %+v", f.Rule, f.Pos)
			}
			errors := 0
			for _, f := range fs {
				if f.Severity == brevdue.SeverityError {
					errors++
				}
			}
			if fs[i].Severity == brevdue.SeverityError {
				errors--
			}
			if errors > tt.more {
				t.Errorf("%d further errors: %v", errors, fs)
			}
		})
	}
	if _, fs := EncodeBinary(eleven, brevdue.BIN01); !brevdue.HasErrors(fs) {
		t.Error("eleven files were written")
	}
	twice := binary()
	twice.Letters[0].Objects = append(twice.Letters[0].Objects, twice.Letters[0].Objects[0])
	for _, to := range []brevdue.Kind{brevdue.BIN01, brevdue.XBIN01} {
		data, _ := EncodeBinary(twice, to)
		if _, fs := ReadBinary(data); len(fs) != 1 || fs[0].Rule != "BIN-ID-01" {
			t.Errorf("the same identifier twice: %v", fs)
		}
	}
}

// The 2005 Emessage wants more of the sender and less of the identifier.
func TestXBIN01Of2005(t *testing.T) {
	xml := string(encodeBinary(t, binary(), brevdue.XBIN01))
	old := strings.NewReplacer("http://rep.oio.dk/medcom.dk/xml/schemas/2012/03/28/", "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2005/08/07/", "XB0131X", "XB0130X",
		"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "bilag-1").Replace(xml)
	m, fs := ReadBinary([]byte(old))
	if len(fs) != 1 || fs[0].Rule != "BIN-ID-02" || m.Version != "XB0130X" || m.Letters[0].Objects[0].ObjectID != "bilag-1" {
		t.Errorf("%v %+v", fs, m)
	}
	if _, fs := ReadBinary([]byte(strings.Replace(old, "<StreetName>Prøvevej 1</StreetName>", "", 1))); !brevdue.HasErrors(fs) {
		t.Skip("the street is in ISO-8859-1 in the bytes")
	}
	street := old[strings.Index(old, "<StreetName>") : strings.Index(old, "</StreetName>")+len("</StreetName>")]
	if _, fs := ReadBinary([]byte(strings.Replace(old, street, "", 1))); !brevdue.HasErrors(fs) {
		t.Error("a sender without a street is accepted")
	}
	if _, fs := ReadBinary([]byte(strings.Replace(old, ">pdf<", ">fnx<", 1))); !brevdue.HasErrors(fs) {
		t.Error("fnx came later")
	}
	// An identifier without UUID fits BIN01, and not the 2012 Emessage.
	if data, fs := EncodeBinary(m, brevdue.BIN01); data == nil {
		t.Error(fs)
	}
	if data, fs := EncodeBinary(m, brevdue.XBIN01); data != nil || !brevdue.HasErrors(fs) {
		t.Errorf("written as %s", data)
	}
}

func TestReadersKeepToTheirKinds(t *testing.T) {
	edi := encodeBinary(t, binary(), brevdue.BIN01)
	if _, fs := Read(edi); len(fs) != 1 || fs[0].Rule != "MC-KIND-07" {
		t.Errorf("an attachment message read as a letter: %v", fs)
	}
	letter := mustRead(t, "dis91_full")
	if _, fs := ReadBinary(letter); len(fs) != 1 || fs[0].Rule != "MC-KIND-04" {
		t.Errorf("a letter read as an attachment message: %v", fs)
	}
	if _, fs := ReadBinary(nil); len(fs) != 1 || fs[0].Rule != "MC-EMPTY-01" {
		t.Errorf("nothing: %v", fs)
	}
	if _, fs := EncodeBinary(binary(), brevdue.DIS91); !brevdue.HasErrors(fs) {
		t.Error("written as a letter")
	}
	for _, to := range []brevdue.Kind{brevdue.BIN01, brevdue.XBIN01} {
		if _, fs := EncodeBinary(BinaryMessage{}, to); !brevdue.HasErrors(fs) {
			t.Error("nothing was written")
		}
	}
}

func mustRead(t testing.TB, name string) []byte {
	t.Helper()
	c, ok := testletters.Get(brevdue.EDIFACT, name)
	if !ok {
		t.Fatalf("no %s in the corpus", name)
	}
	return c.Data
}

// Letter and files find each other in either order, by identifier alone, and
// never across citizens.
func TestJoin(t *testing.T) {
	reference := func(id, extension string, size int64) brevdue.Attachment {
		return brevdue.Attachment{Kind: brevdue.BinaryAttachment, Description: "Røntgensvar", ObjectID: id, ObjectCode: "vektor_grafik", Extension: extension, Size: size}
	}
	letter := func(cpr brevdue.CPR, as ...brevdue.Attachment) *brevdue.Letter {
		return &brevdue.Letter{Patient: brevdue.Patient{CPR: cpr}, Attachments: as}
	}
	files := binary().Letters
	n := int64(len(nasty))
	tests := []struct {
		name   string
		letter *brevdue.Letter
		want   []string
		joined bool
	}{
		{"as they should", letter("0104909989", reference(uuid, "pdf", n)), nil, true},
		{"hyphens and case mean nothing", letter("0104909989", reference("0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0", "pdf", n)), nil, true},
		{"the file counts", letter("0104909989", reference(uuid, "jpeg", 7)), []string{"BIN-JOIN-03", "BIN-JOIN-04"}, true},
		{"about another citizen", letter("0107729995", reference(uuid, "pdf", n)), []string{"BIN-JOIN-06"}, false},
		{"not here yet", letter("0104909989", reference("1"+uuid[1:], "pdf", n)), []string{"BIN-JOIN-01", "BIN-JOIN-05"}, false},
		{"a link is not a file", letter("0104909989", brevdue.Attachment{Kind: brevdue.LinkAttachment, URL: "https://x.dk"}), []string{"BIN-JOIN-05"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, f := range Join([]*brevdue.Letter{tt.letter}, files) {
				got = append(got, f.Rule)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if joined := string(tt.letter.Attachments[0].Data) == nasty; joined != tt.joined {
				t.Errorf("joined %v", joined)
			}
		})
	}
}

func TestLooksLike(t *testing.T) {
	for extension, begins := range map[string]string{"pdf": "%PDF-1.7", "jpeg": "\xff\xd8\xff\xe0", "png": "\x89PNG\r\n\x1a\n", "dcm": strings.Repeat("\x00", 128) + "DICM", "txt": "hvad som helst"} {
		if !LooksLike(extension, []byte(begins)) {
			t.Errorf("%s is not recognised", extension)
		}
	}
	for extension := range magics {
		if LooksLike(extension, []byte("Kære kollega")) {
			t.Errorf("a text looks like %s", extension)
		}
	}
}

// MedCom's own pair says the same in both formats and is written as its twin but
// for base64 folding, case and the "_" of std:xdis91 §6.3.
func TestPublishedBinaryPair(t *testing.T) {
	read := func(name string) []byte {
		data, err := os.ReadFile(testletters.Shared(t, "standards/examples/edifact-oioxml/"+name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	edi, xml := read("BIN01_5.edi"), read("BIN01_5.xml")
	fromEDI, fs := ReadBinary(edi)
	if brevdue.HasErrors(fs) {
		t.Fatal(fs)
	}
	fromXML, fs := ReadBinary(xml)
	if brevdue.HasErrors(fs) {
		t.Fatal(fs)
	}
	if diff := cmp.Diff(sense(fromEDI), sense(fromXML), ignorePlaces); diff != "" {
		t.Error(diff)
	}
	if got := encodeWith(t, fromXML, brevdue.BIN01); !bytes.Equal(got, edi) {
		t.Errorf("XML to EDIFACT:\n%.700q\n%.700q", got, edi)
	}
	got := encodeWith(t, fromEDI, brevdue.XBIN01)
	flat := func(b []byte) string {
		_, body, _ := strings.Cut(string(b), "?>")
		return strings.ReplaceAll(strings.ReplaceAll(body, "\n", ""), "\r", "")
	}
	if flat(got) != flat(xml) {
		t.Errorf("EDIFACT to XML:\n%.1800s\n%.1800s", flat(got), flat(xml))
	}
	for _, data := range [][]byte{got, encodeBinary(t, binary(), brevdue.XBIN01)} {
		if complaint, _ := testletters.Validate(t, "2012/03/28/EMessage.xsd", data); complaint != "" {
			t.Error(complaint)
		}
	}
}

// encodeWith encodes and lets warnings pass.
func encodeWith(t *testing.T, m BinaryMessage, to brevdue.Kind) []byte {
	t.Helper()
	data, fs := EncodeBinary(m, to)
	if data == nil {
		t.Fatal(fs)
	}
	return data
}

// Cut anywhere, an attachment message never panics and never seems whole.
func TestBinaryCut(t *testing.T) {
	for _, to := range []brevdue.Kind{brevdue.BIN01, brevdue.XBIN01} {
		data := encodeBinary(t, binary(), to)
		for n := range len(data) - 1 {
			if to == brevdue.BIN01 && n == len(data)-1 {
				continue
			}
			m, fs := ReadBinary(data[:n])
			if !brevdue.HasErrors(fs) {
				t.Fatalf("%s cut at %d seems whole: %+v", to, n, m)
			}
		}
	}
}

func FuzzReadBinary(f *testing.F) {
	for _, to := range []brevdue.Kind{brevdue.BIN01, brevdue.XBIN01} {
		data, _ := EncodeBinary(binary(), to)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, fs := ReadBinary(data)
		for _, x := range fs {
			if x.Pos.Line < 1 || x.Pos.Offset > len(data) || strings.Contains(x.Text+x.TextEN, "%!") {
				t.Fatalf("bad finding %+v", x)
			}
		}
		if brevdue.HasErrors(fs) {
			return
		}
		for _, to := range []brevdue.Kind{brevdue.BIN01, brevdue.XBIN01} {
			out, written := EncodeBinary(m, to)
			if out == nil {
				continue // the other format is stricter; it said so
			}
			again, fs := ReadBinary(out)
			if brevdue.HasErrors(fs) {
				t.Fatalf("what was written as %s is not accepted: %v %v\n%q", to, fs, written, out)
			}
			for i := range m.Letters {
				for j := range m.Letters[i].Objects {
					if !bytes.Equal(m.Letters[i].Objects[j].Data, again.Letters[i].Objects[j].Data) {
						t.Fatalf("%s: other bytes", to)
					}
				}
			}
		}
	})
}

func benchmarkBinary(b *testing.B, size int, kind brevdue.Kind, read bool) {
	m := binary()
	m.Letters[0].Objects[0].Data = bytes.Repeat([]byte(nasty), size/len(nasty)+1)[:size]
	data := encodeBinary(b, m, kind)
	b.ReportAllocs()
	b.SetBytes(int64(size))
	for b.Loop() {
		if read {
			if _, fs := ReadBinary(data); len(fs) > 0 {
				b.Fatal(fs)
			}
		} else if out, _ := EncodeBinary(m, kind); out == nil {
			b.Fatal("nothing written")
		}
	}
}

func BenchmarkBinary(b *testing.B) {
	for _, kind := range []brevdue.Kind{brevdue.BIN01, brevdue.XBIN01} {
		for _, mb := range []int{1, 50} {
			b.Run(fmt.Sprintf("%s/read/%dMB", kind, mb), func(b *testing.B) { benchmarkBinary(b, mb<<20, kind, true) })
			b.Run(fmt.Sprintf("%s/write/%dMB", kind, mb), func(b *testing.B) { benchmarkBinary(b, mb<<20, kind, false) })
		}
	}
}

// TestBinaryCorpus reads every attachment message of the corpus and compares what
// was made of it with the .want file beside it. What is accepted survives both
// formats with its bytes.
func TestBinaryCorpus(t *testing.T) {
	for _, c := range append(testletters.Cases(t, brevdue.EDIFACT, "bin01", 15), testletters.Cases(t, brevdue.OIOXML, "xbin01", 10)...) {
		t.Run(c.Name, func(t *testing.T) {
			m, fs := ReadBinary(c.Data)
			var files []string
			for _, l := range m.Letters {
				for _, o := range l.Objects {
					files = append(files, fmt.Sprintf("%d bytes, SHA-256 %x", len(o.Data), sha256.Sum256(o.Data)))
				}
			}
			c.Judge(t, testletters.Report(t, fs, fmt.Sprintf("%s %s %s", m.Format, m.Kind, m.Version), m.Envelope, m.Letters, strings.Join(files, "\n")), *update)
			if brevdue.HasErrors(fs) {
				return
			}
			for _, to := range []brevdue.Kind{brevdue.BIN01, brevdue.XBIN01} {
				data, written := EncodeBinary(m, to)
				if data == nil {
					if to == brevdue.XBIN01 && slices.ContainsFunc(fs, func(f brevdue.Finding) bool { return f.Rule == "BIN-ID-02" }) {
						continue // the 2012 Emessage has room for UUIDs only
					}
					t.Fatalf("accepted but cannot be written as %s: %v", to, written)
				}
				again, fs := ReadBinary(data)
				if brevdue.HasErrors(fs) {
					t.Fatalf("what was written is not accepted: %v", fs)
				}
				if diff := cmp.Diff(sense(m), sense(again), ignorePlaces, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s: %s", to, diff)
				}
			}
		})
	}
}
