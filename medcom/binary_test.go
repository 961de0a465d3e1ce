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
	"brevdue/edifact"
	"brevdue/internal/testletters"
	"brevdue/oioxml"
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
		m.Version = rapid.SampledFrom([]string{"", "B0130X", "XB0131X"}).Draw(t, "version")
		l := &m.Letters[0]
		l.Sender.Organisation, l.Receiver.Unit = text.Draw(t, "sender"), text.Draw(t, "unit")
		l.Patient.Surname = text.Draw(t, "surname")
		switch rapid.IntRange(0, 2).Draw(t, "about") {
		case 1:
			l.Patient.CPR, l.Patient.Replacements = "", []brevdue.ReplacementID{{Value: "050505ABC1"}}
		case 2:
			l.Sender.Street = ""
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

// A message keeps its version in the other format. The old one wants more of the
// sender, less of the identifier, and has no fnx; where only the new one can hold
// a message, it is written in that.
func TestVersionsOfBinary(t *testing.T) {
	const id = "bilag-1"
	type change func(*BinaryLetter)
	tests := []struct {
		name    string
		version string
		change  change
		to      brevdue.Kind
		want    string // version written, "" for none
		rule    string // of writing
		id      string
	}{
		{"new to XBIN01", "B0131X", nil, brevdue.XBIN01, "XB0131X", "", "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0"},
		{"new to BIN01", "XB0131X", nil, brevdue.BIN01, "B0131X", "", "0F1E2D3C4B5A69788796A5B4C3D2E1F0"},
		{"old to XBIN01", "B0130X", nil, brevdue.XBIN01, "XB0130X", "", "0F1E2D3C4B5A69788796A5B4C3D2E1F0"},
		{"old to BIN01", "XB0130X", nil, brevdue.BIN01, "B0130X", "", "0F1E2D3C4B5A69788796A5B4C3D2E1F0"},
		{"none", "", nil, brevdue.BIN01, "B0131X", "", "0F1E2D3C4B5A69788796A5B4C3D2E1F0"},
		{"no UUID in the old one", "B0130X", func(l *BinaryLetter) { l.Objects[0].ObjectID = id }, brevdue.XBIN01, "XB0130X", "", id},
		{"no UUID in the new one", "B0131X", func(l *BinaryLetter) { l.Objects[0].ObjectID = id }, brevdue.XBIN01, "", "BIN-WRITE-03", ""},
		{"no UUID in the new BIN01", "XB0130X", func(l *BinaryLetter) { l.Objects[0].ObjectID = id }, brevdue.BIN01, "B0130X", "", id},
		{"hyphens in a short identifier stay", "B0130X", func(l *BinaryLetter) { l.Objects[0].ObjectID = "0f1e-2d3c" }, brevdue.XBIN01, "XB0130X", "", "0f1e-2d3c"},
		{"an identifier that is too long", "B0130X", func(l *BinaryLetter) { l.Objects[0].ObjectID = strings.Repeat("x", 36) }, brevdue.XBIN01, "", "XML-WRITE-02", ""},
		{"no street", "B0130X", func(l *BinaryLetter) { l.Sender.Street = "" }, brevdue.XBIN01, "XB0131X", "BIN-WRITE-04", "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0"},
		{"no street in BIN01", "XB0130X", func(l *BinaryLetter) { l.Sender.Street = "" }, brevdue.BIN01, "B0130X", "", "0F1E2D3C4B5A69788796A5B4C3D2E1F0"},
		{"fnx", "B0130X", func(l *BinaryLetter) { l.Objects[0].Extension = "fnx" }, brevdue.BIN01, "B0131X", "BIN-WRITE-04", "0F1E2D3C4B5A69788796A5B4C3D2E1F0"},
		{"plo", "B0130X", func(l *BinaryLetter) { l.Objects[0].Extension = "plo" }, brevdue.XBIN01, "XB0130X", "", "0F1E2D3C4B5A69788796A5B4C3D2E1F0"},
		{"a county", "B0131X", func(l *BinaryLetter) { l.Receiver.IDCode = brevdue.IDCounty }, brevdue.XBIN01, "", "BIN-WRITE-02", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := binary()
			m.Version = tt.version
			m.Letters[0].Objects[0].ObjectID = "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0"
			if tt.change != nil {
				tt.change(&m.Letters[0])
			}
			data, fs := EncodeBinary(m, tt.to)
			if tt.rule == "" && len(fs) > 0 || tt.rule != "" && !slices.ContainsFunc(fs, func(f brevdue.Finding) bool { return f.Rule == tt.rule }) {
				t.Fatalf("findings %v, want %q", fs, tt.rule)
			}
			if tt.want == "" {
				if data != nil {
					t.Fatalf("written as %s", data)
				}
				return
			}
			again, fs := ReadBinary(data)
			if brevdue.HasErrors(fs) || again.Version != tt.want || again.Letters[0].Objects[0].ObjectID != tt.id {
				t.Errorf("%s with %s: %v", again.Version, again.Letters[0].Objects[0].ObjectID, fs)
			}
			if schema := map[string]string{"XB0130X": "2005/08/07/EMessage.xsd", "XB0131X": "2012/03/28/EMessage.xsd"}[tt.want]; schema != "" {
				if complaint, _ := testletters.Validate(t, schema, data); complaint != "" {
					t.Error(complaint)
				}
			}
		})
	}
}

// An empty department before a unit is written as "_" and read as it came
// (std:xdis91 §6.3).
func TestUnderscoreDepartment(t *testing.T) {
	edi := encodeBinary(t, binary(), brevdue.BIN01)
	if !bytes.Contains(edi, []byte("++Pr\xf8vehospitalet:_:R\xf8ntgen:::US'")) {
		t.Errorf("%.400q", edi)
	}
	if m, _ := ReadBinary(edi); m.Letters[0].Sender.Department != "_" || m.Letters[0].Receiver.Department != "" {
		t.Errorf("%+v", m.Letters[0])
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

// What no reader would take for its size is not written either.
func TestTooLargeToWrite(t *testing.T) {
	m := binary()
	m.Letters[0].Objects[0].Data = make([]byte, edifact.MaxSize)
	if data, fs := EncodeBinary(m, brevdue.BIN01); data != nil || len(fs) != 1 || fs[0].Rule != "BIN-WRITE-05" {
		t.Errorf("%d bytes, %v", len(data), fs)
	}
	m.Letters[0].Objects[0].Data = make([]byte, oioxml.MaxSize/4*3)
	if data, fs := EncodeBinary(m, brevdue.XBIN01); data != nil || len(fs) != 1 || fs[0].Rule != "BIN-WRITE-05" {
		t.Errorf("%d bytes, %v", len(data), fs)
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
