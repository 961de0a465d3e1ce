package medcom

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"brevdue"
)

// letterLines is a small valid letter, one segment a line.
const letterLines = `UNA:+.? '
UNB+UNOC:3+5790000120420:14+5790000181872:14+261124:1302+K0000000000001++++1'
UNH+B0000000000001+MEDDIS:D:93A:UN:D9134L+DIS91'
BGM+EPI++9+NA'
DTM+137:202611241301:203'
S01+01'
NAD+SSP+5790000120420::9++Regionshospitalet:Medicinsk afdeling:Sengeafsnit 2:::US'
CON++87654321:TE'
SEQ++1'
SPR+ORG+1:SKS:SST+DIS91:SKS:SST'
S01+01'
NAD+PO+5790000181872::9++Kommunen:Hjemmesygeplejen::::US'
ADR++US:Vestergade 1+Byen+8000'
SEQ++2'
S02+02'
GIS+N'
RFF+SRI:B0000000000001'
RFF+NO:NC'
DTM+182:202611241301:203'
S07+07'
PNA+PAT+2512489996:::CPR:IM+++SU:Berggren+FO:Nancy Ann Test'
S11+11'
GIS+N'
RFF+REI:0123456789abcdef0123456789abcdef'
SEQ++1'
PAS+HS'
S14+14'
FTX+OE+P00++Sygepleje-kommune'
FTX+NC+P00++Forbindingen skiftes hver anden dag.:.:Venlig hilsen'
UNT+28+B0000000000001'
UNZ+1+K0000000000001'
`

func mustDecode(t *testing.T, edi string) Message {
	t.Helper()
	m, fs := decodeDIS91([]byte(edi))
	for _, f := range fs {
		if f.Severity == brevdue.SeverityError {
			t.Errorf("unexpected finding: %+v", f)
		}
	}
	return m
}

func TestDIS91RoundTripBytes(t *testing.T) {
	m := mustDecode(t, letterLines)
	out, fs := encodeDIS91(m)
	if len(fs) > 0 || string(out) != letterLines {
		t.Errorf("findings %v; got\n%s", fs, out)
	}
}

// TestPublishedDIS91 holds the codec against MedCom's own pair.
func TestPublishedDIS91(t *testing.T) {
	edi, err := os.ReadFile(shared(t, "standards/examples/edifact-oioxml/DIS91_1.edi"))
	if err != nil {
		t.Fatal(err)
	}
	m, fs := decodeDIS91(edi)
	if brevdue.HasErrors(fs) {
		t.Fatalf("findings: %+v", fs)
	}
	out, fs := encodeDIS91(m)
	if brevdue.HasErrors(fs) {
		t.Fatalf("findings: %+v", fs)
	}
	// Its text was not cut by the rules of §2.5 (three segments of unequal length,
	// an empty component for an empty line), so the two are compared as letters.
	again, _ := decodeDIS91(out)
	if a, b := m.Letters[0].Text(), again.Letters[0].Text(); a != b {
		t.Errorf("text changed:\n%s\n%s", a, b)
	}
	head := func(b []byte) string {
		s, _, _ := bytes.Cut(b, []byte("FTX+NC"))
		return strings.TrimSpace(string(s))
	}
	if a, b := head(edi), head(out); a != b {
		t.Errorf("before the text:\n%s\n%s", a, b)
	}
}
