package receipt

import (
	"bytes"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/testletters"
	"brevdue/medcom"
)

// An attachment message is answered by a receipt of its own, which names its kind
// and version (std:xdis91 §5.3), whatever is in its files.
func TestReceiptOfAttachments(t *testing.T) {
	for _, tt := range []struct {
		format brevdue.Format
		name   string
		kind   brevdue.Kind
		letter string // UCM in EDIFACT
	}{
		{brevdue.EDIFACT, "bin01_two_files", brevdue.BIN01, "UCM+B1000000000002+MEDBIN:D:93A:UN:B0131X+"},
		{brevdue.EDIFACT, "bin01_message_in_file", brevdue.BIN01, "UCM+B1000000000002+MEDBIN:D:93A:UN:B0131X+"},
		{brevdue.EDIFACT, "bin01_old_version", brevdue.BIN01, "UCM+B1000000000002+MEDBIN:D:93A:UN:B0130X+"},
		{brevdue.EDIFACT, "bin01_unknown_version", brevdue.BIN01, "UCM+B1000000000002+MEDBIN:D:93A:UN:B0199X+"},
		{brevdue.EDIFACT, "bin01_cut_in_file", brevdue.BIN01, "UCM+B1000000000002+MEDBIN:D:93A:UN:B0131X+"},
		{brevdue.EDIFACT, "bin01_size_too_small", brevdue.BIN01, "UCM+B1000000000002+MEDBIN:D:93A:UN:B0131X+"},
		{brevdue.OIOXML, "xbin01_2012", brevdue.XBIN01, "UCM+B1000000000002+XMEDBIN:D:93A:UN:XB0131X+"},
		{brevdue.OIOXML, "xbin01_2005", brevdue.XBIN01, "UCM+B1000000000002+XMEDBIN:D:93A:UN:XB0130X+"},
		{brevdue.OIOXML, "xbin01_cut_in_file", brevdue.XBIN01, "UCM+B1000000000002+XMEDBIN:D:93A:UN:XB0131X+"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, ok := testletters.Get(tt.format, tt.name)
			if !ok {
				t.Fatal("the corpus is not there")
			}
			o, ok := OriginalOf(c.Data)
			if !ok || o.Kind != tt.kind || o.Format != tt.format || len(o.Letters) != 1 || o.Envelope.ID != "K1000000000002" || !o.Envelope.WantsReceipt {
				t.Fatalf("%v %+v", ok, o)
			}
			for _, v := range []Verdict{{Outcome: brevdue.Positive}, {Outcome: brevdue.Negative, Code: brevdue.RefuseSyntax, Text: "Filen mangler."}} {
				m := Build(o, v, IDs{"K9", "B9"}, "2026-11-05T10:00")
				own, fs := Encode(m, m.Kind)
				if own == nil || m.Format != tt.format {
					t.Fatalf("%s: %v", m.Kind, fs)
				}
				if again, fs := Read(own); brevdue.HasErrors(fs) || again.Receipt.Letters[0].Version != o.Letters[0].Version {
					t.Errorf("%s: %v", m.Kind, fs)
				}
				if tt.format == brevdue.OIOXML {
					if complaint, _ := testletters.Validate(t, "2005/08/07/EMessage.xsd", own); complaint != "" {
						t.Error(complaint)
					}
				}
				edi, fs := Encode(m, Kind(v.Outcome, brevdue.EDIFACT))
				if edi == nil || !bytes.Contains(edi, []byte(tt.letter)) {
					t.Errorf("%v\n%s", fs, edi)
				}
			}
		})
	}
}

// A letter and its attachment message travel apart and are answered apart: no
// receipt of one speaks of the other.
func TestLetterAndAttachmentsAreAnsweredApart(t *testing.T) {
	letter, _ := testletters.Get(brevdue.OIOXML, "xdis91_full")
	files, _ := testletters.Get(brevdue.OIOXML, "xbin01_2012")
	a, ok := OriginalOf(letter.Data)
	b, ok2 := OriginalOf(files.Data)
	if !ok || !ok2 || len(a.Letters) != 1 || len(b.Letters) != 1 {
		t.Fatalf("%+v %+v", a, b)
	}
	yes := Build(a, Verdict{Outcome: brevdue.Positive}, IDs{"K8", "B8"}, "2026-11-05T10:00")
	no := Build(b, Verdict{Outcome: brevdue.Negative, Code: brevdue.RefuseSyntax}, IDs{"K9", "B9"}, "2026-11-05T10:00")
	if yes.Receipt.OriginalEnvelope == no.Receipt.OriginalEnvelope || yes.Receipt.Letters[0].ID == no.Receipt.Letters[0].ID {
		t.Errorf("%+v\n%+v", yes.Receipt, no.Receipt)
	}
	if yes.Kind != brevdue.XCTL03 || no.Kind != brevdue.XCTL02 {
		t.Errorf("%s and %s", yes.Kind, no.Kind)
	}
}

// Cut anywhere, an attachment message is answered rightly or not at all. The
// numbers in its files are nobody's.
func TestOriginalOfAttachmentsCutAnywhere(t *testing.T) {
	for _, c := range append(testletters.Cases(t, brevdue.EDIFACT, "bin01_message_in_file", 1), testletters.Cases(t, brevdue.OIOXML, "xbin01_2012", 1)...) {
		whole, _ := OriginalOf(c.Data)
		for cut := range c.Data {
			o, ok := OriginalOf(c.Data[:cut])
			if !ok {
				continue
			}
			if o.Envelope.ID != whole.Envelope.ID || len(o.Letters) > 1 || len(o.Letters) == 1 && o.Letters[0] != whole.Letters[0] {
				t.Fatalf("%s cut at %d: %+v", c.Name, cut, o)
			}
		}
	}
}

// A receipt is not taken for an attachment message, nor the other way round.
func TestReceiptsAndAttachmentsAreToldApart(t *testing.T) {
	files, _ := testletters.Get(brevdue.EDIFACT, "bin01")
	if _, fs := Read(files.Data); !brevdue.HasErrors(fs) {
		t.Error("an attachment message was read as a receipt")
	}
	ctl, _ := testletters.Get(brevdue.EDIFACT, "ctl02_letter")
	if _, fs := medcom.ReadBinary(ctl.Data); len(fs) != 1 || !strings.HasPrefix(fs[0].Rule, "MC-KIND-") {
		t.Errorf("a receipt was read as an attachment message: %v", fs)
	}
}
