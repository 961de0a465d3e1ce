package medcom

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"brevdue"
)

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
		{"number in UNP", edi, "UNP+" + size + "+1", "UNP+" + size + "+2", "BIN-UNP-02", "UNH[1]/S11[1]/UNP[1]/2.1", 0},
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

func TestLooksLike(t *testing.T) {
	for _, tt := range []struct {
		extension, begins string
		want              bool
	}{
		{"pdf", "%PDF-1.7", true},
		{"pdf", "\xef\xbb\xbf\r\n%PDF-1.7", true},
		{"pdf", strings.Repeat(" ", 2000) + "%PDF-1.7", false},
		{"jpeg", "\xff\xd8\xff\xe0", true},
		{"jpeg", "\xff\xd8", false},
		{"png", "\x89PNG\r\n\x1a\n", true},
		{"png", "\x89PNG\n\x1a\n", false}, // its line end was changed on the way
		{"dcm", strings.Repeat("\x00", 128) + "DICM", true},
		{"dcm", "DICM", false},
		{"wav", "RIFF\x10\x00\x00\x00WAVEfmt ", true},
		{"avi", "RIFF\x10\x00\x00\x00WAVEfmt ", false},
		{"doc", "PK\x03\x04", true}, // newer documents have no code of their own
		{"doc", "MZ\x90", false},
		{"txt", "hvad som helst", true},
		{"txt", "\xff\xfeh\x00v\x00", true},
		{"txt", "MZ\x90\x00\x03", false},
		{"bin", "hvad som helst", true},
		{"bin", "", true},
		{"pdf", "", false},
	} {
		if LooksLike(tt.extension, []byte(tt.begins)) != tt.want {
			t.Errorf("%s %.20q: want %v", tt.extension, tt.begins, tt.want)
		}
	}
	for extension := range beginnings {
		if LooksLike(extension, []byte("Kære kollega")) {
			t.Errorf("a text looks like %s", extension)
		}
		if !isOneOf(extensionWords, extension) {
			t.Errorf("%s is no extension", extension)
		}
	}
	for extension, code := range practice {
		if !isOneOf(objectCodeWords, code) || !isOneOf(extensionWords, extension) && !isOneOf(words(binaryExtensionCodes), extension) {
			t.Errorf("%s %s is not in the standard's lists", extension, code)
		}
	}
	if len(practice) != len(extensionCodes)+len(binaryExtensionCodes) {
		t.Error("an extension has no usual code")
	}
}
