package medcom

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"brevdue"
	"brevdue/charset"
	"brevdue/edifact"
	"brevdue/internal/testletters"
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

// TestPublishedDIS91 holds the codec against MedCom's own pair: what is read
// from the EDIFACT file is written as that file, byte for byte, and so is what is
// read from its XML twin.
func TestPublishedDIS91(t *testing.T) {
	edi, err := os.ReadFile(testletters.Shared(t, "standards/examples/edifact-oioxml/DIS91_1.edi"))
	if err != nil {
		t.Fatal(err)
	}
	xml, err := os.ReadFile(testletters.Shared(t, "standards/examples/edifact-oioxml/DIS91_1.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"EDIFACT": edi, "OIOXML": xml} {
		m, fs := Read(data)
		if brevdue.HasErrors(fs) {
			t.Fatalf("%s: %+v", name, fs)
		}
		out, fs := Encode(m, brevdue.DIS91)
		if len(fs) > 0 {
			t.Fatalf("%s: %+v", name, fs)
		}
		if got, want := strings.ReplaceAll(string(out), "\n", ""), strings.ReplaceAll(string(edi), "\n", ""); got != want {
			t.Errorf("%s written as DIS91:\n%s\nwant\n%s", name, got, want)
		}
	}
}

// textOf reads a letter whose text is the given Text01 and writes it as DIS91;
// it returns the FTX segments, as text, without the tag.
func textOf(t *testing.T, text01 string) string {
	t.Helper()
	xml, err := os.ReadFile("../internal/testletters/oioxml/xdis91_min.xml")
	if err != nil {
		t.Fatal(err)
	}
	xml = bytes.Replace(xml, []byte("Kort besked.<Break/>"), []byte(text01), 1)
	m, fs := Read(xml)
	if brevdue.HasErrors(fs) {
		t.Fatal(fs)
	}
	out, fs := Encode(m, brevdue.DIS91)
	if brevdue.HasErrors(fs) {
		t.Fatal(fs)
	}
	return ftxOf(t, out)
}

// ftxOf lists the text segments of an interchange, "S14" for each new group.
func ftxOf(t *testing.T, edi []byte) string {
	t.Helper()
	var got []string
	ic, _ := edifact.Read(edi)
	for _, s := range ic.Segments() {
		switch s.Tag {
		case "S14":
			got = append(got, "S14")
		case "FTX":
			parts := make([]string, s.Components(4))
			for i := range parts {
				parts[i] = s.Value(4, i+1)
			}
			got = append(got, s.Value(1, 1)+" "+s.Value(2, 1)+" "+strings.Join(parts, "|"))
		}
	}
	return strings.Join(got, "\n")
}

// Each of the reference converter's faults in writing text, one by one
// (std:xdis91 §2.5): none of them is ours.
func TestConverterDefectsInText(t *testing.T) {
	a69, b70 := strings.Repeat("a", 69), strings.Repeat("b", 70)
	tests := []struct{ name, text01, want string }{
		{"text before a Space is not thrown away", "foer<Space/><Space/>efter", "S14\nNC P00 foer  efter"},
		{"no stray backslash at the end of several runs", "a<Bold>b</Bold>", "S14\nNC P00 a\\\nNC PF0 b"},
		{"no empty line before a centred start", "<Center>a</Center>", "S14\nNC P0M a"},
		{"no empty line before a centred line after a run", "<Bold>a</Bold><Center>b</Center>", "S14\nNC PF0 a\nNC P0M b"},
		{"no empty line before fixed centred", "<FixedFont><Center>a</Center></FixedFont>", "S14\nNC F0M a"},
		{"no empty line after centred text with a Break", "<Center>a<Break/></Center>b", "S14\nNC P0M a\nNC P00 b"},
		{"nor after a right one", "<Right>a<Break/></Right>b", "S14\nNC P0H a\nNC P00 b"},
		{"empty text makes no group", "", ""},
		{"characters that would crash it", "3 &#8805; 2 &#128512;", "S14\nNC P00 3 >= 2 ?"},
		{"a line of 69 stands whole", a69, "S14\nNC P00 " + a69},
		{"a line of 70 is cut", b70, "S14\nNC P00 " + b70[:69] + "\\|b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := textOf(t, tt.text01); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// Nothing grows or shrinks however often a letter goes back and forth.
func TestManyRoundTripsSettle(t *testing.T) {
	data, err := os.ReadFile("../internal/testletters/edifact/dis91_full.edi")
	if err != nil {
		t.Fatal(err)
	}
	m, _ := Read(data)
	first, _ := Encode(m, brevdue.DIS91)
	for range 5 {
		xml, fs := Encode(m, brevdue.XDIS91)
		if len(fs) > 0 {
			t.Fatal(fs)
		}
		m, _ = Read(xml)
		edi, fs := Encode(m, brevdue.DIS91)
		if len(fs) > 0 || !bytes.Equal(edi, first) {
			t.Fatalf("findings %v; got\n%s\nwant\n%s", fs, edi, first)
		}
		m, _ = Read(edi)
	}
}

// The other faults of the reference converter, one by one.
func TestConverterDefects(t *testing.T) {
	read := func(t *testing.T, old, new string) brevdue.Letter {
		t.Helper()
		if !strings.Contains(letterLines, old) {
			t.Fatalf("%q is not in the letter", old)
		}
		return mustDecode(t, strings.Replace(letterLines, old, new, 1)).Letters[0]
	}
	write := func(t *testing.T, change func(l *brevdue.Letter)) string {
		t.Helper()
		m := mustDecode(t, letterLines)
		change(&m.Letters[0])
		out, fs := encodeDIS91(m)
		if brevdue.HasErrors(fs) {
			t.Fatal(fs)
		}
		return charset.String(out)
	}
	is := func(t *testing.T, got, want any) {
		t.Helper()
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	}
	holds := func(t *testing.T, edi, want string) {
		t.Helper()
		if !strings.Contains(edi, want) {
			t.Errorf("%q is not in\n%s", want, edi)
		}
	}
	t.Run("xls is not spelt xsl", func(t *testing.T) {
		is(t, read(t, "FTX+NC+P00++Forbindingen skiftes hver anden dag.:.:Venlig hilsen", "FTX+BIN+P00++Skema:0f3c:TXT:XLS:12").Attachments[0].Extension, "xls")
		holds(t, write(t, func(l *brevdue.Letter) {
			l.Attachments = []brevdue.Attachment{{Kind: brevdue.BinaryAttachment, Description: "Skema", ObjectID: "0f3c", ObjectCode: "tekstfil", Extension: "xls", Size: 12}}
		}), "FTX+BIN+P00++Skema:0f3c:TXT:XLS:12'")
	})
	t.Run("dermatology in practice is 2504", func(t *testing.T) {
		holds(t, write(t, func(l *brevdue.Letter) { l.Sender.Specialty = "dermato_venerologi_praksis" }), "SPR+ORG+2504:SKS:SST")
		is(t, read(t, "SPR+ORG+1:", "SPR+ORG+2511:").Sender.Specialty, "klinisk_kemi")
	})
	t.Run("pathology has a trailing space in XML only", func(t *testing.T) {
		is(t, read(t, "SPR+ORG+1:", "SPR+ORG+2522:").Sender.Specialty, "patologi")
		holds(t, write(t, func(l *brevdue.Letter) { l.Sender.Specialty = "patologi " }), "SPR+ORG+2522:SKS:SST")
	})
	t.Run("priority is found by its qualifier", func(t *testing.T) {
		is(t, read(t, "RFF+SRI:B0000000000001'\nRFF+NO:NC'", "RFF+HI:NC'\nRFF+SRI:B0000000000001'").Priority, brevdue.HighPriority)
	})
	t.Run("subject is found anywhere", func(t *testing.T) {
		l := read(t, "FTX+OE+P00++Sygepleje-kommune'\nFTX+NC+P00++Forbindingen skiftes hver anden dag.:.:Venlig hilsen'", "FTX+NC+P00++Tekst'\nFTX+OE+P00++Emne'")
		is(t, l.Subject, "Emne")
		is(t, l.Text(), "Tekst")
	})
	t.Run("subject of 70 stands whole", func(t *testing.T) {
		holds(t, write(t, func(l *brevdue.Letter) { l.Subject = strings.Repeat("e", 70) }), "FTX+OE+P00++"+strings.Repeat("e", 70)+"'")
	})
	t.Run("subject the converter cut is put together", func(t *testing.T) {
		is(t, read(t, "Sygepleje-kommune", strings.Repeat("e", 69)+`\:e`).Subject, strings.Repeat("e", 70))
	})
	t.Run("underscore is no name", func(t *testing.T) {
		is(t, read(t, "Kommunen:Hjemmesygeplejen", "_:Hjemmesygeplejen").Receiver.Organisation, "")
		holds(t, write(t, func(l *brevdue.Letter) { l.Receiver.Organisation = "" }), "NAD+PO+5790000181872::9++_:Hjemmesygeplejen::::US'")
	})
	t.Run("no code list is a location number", func(t *testing.T) {
		is(t, read(t, "NAD+PO+5790000181872::9", "NAD+PO+5790000181872").Receiver.IDCode, brevdue.IDLocation)
	})
	t.Run("description of 70 stands whole", func(t *testing.T) {
		d := strings.Repeat("d", 70)
		edi := write(t, func(l *brevdue.Letter) {
			l.Attachments = []brevdue.Attachment{{Kind: brevdue.LinkAttachment, Description: d, URL: "https://example.dk"}}
		})
		holds(t, edi, "FTX+URL+P00++"+d+":https?://example.dk'")
	})
	t.Run("the tenth reference gets a group of its own", func(t *testing.T) {
		edi := write(t, func(l *brevdue.Letter) {
			l.Attachments = make([]brevdue.Attachment, 10)
			for i := range l.Attachments {
				l.Attachments[i] = brevdue.Attachment{Kind: brevdue.SupplementAttachment, Description: "Bilag"}
			}
		})
		if got := strings.Count(edi, "S14+14'\nFTX+SUP"); got != 2 {
			t.Errorf("%d groups of references", got)
		}
		is(t, len(mustDecode(t, edi).Letters[0].Attachments), 10)
	})
	t.Run("a link of four components is one reference", func(t *testing.T) {
		url := "https://example.dk/" + strings.Repeat("u", maxURL-19)
		edi := write(t, func(l *brevdue.Letter) {
			l.Attachments = []brevdue.Attachment{{Kind: brevdue.LinkAttachment, Description: "Link", URL: url}}
		})
		as := mustDecode(t, edi).Letters[0].Attachments
		if len(as) != 1 || as[0].URL != url {
			t.Errorf("got %+v", as)
		}
	})
	t.Run("UNA is obeyed", func(t *testing.T) {
		odd := "UNA;*,! ~" + strings.NewReplacer(":", ";", "+", "*", "'", "~").Replace(letterLines[9:])
		is(t, mustDecode(t, odd).Letters, mustDecode(t, letterLines).Letters)
	})
	t.Run("the century is that of the letter", func(t *testing.T) {
		is(t, mustDecode(t, letterLines).Envelope.Sent, brevdue.LocalTime("2026-11-24T13:02"))
	})
	t.Run("characters beyond ISO-8859-1 do not crash", func(t *testing.T) {
		m := mustDecode(t, letterLines)
		m.Letters[0].Subject, m.Letters[0].Patient.Surname = "Blodtryk ≥ 140", "A\u030asgard"
		out, fs := encodeDIS91(m)
		holds(t, charset.String(out), "Blodtryk >= 140")
		holds(t, charset.String(out), "Åsgard")
		if len(fs) != 1 || fs[0].Rule != ruleDReplaced.ID || fs[0].Severity != brevdue.SeverityWarning {
			t.Errorf("findings %+v", fs)
		}
	})
}

// What DIS91 cannot hold is refused, and nothing is cut off.
func TestEncodeDIS91Refuses(t *testing.T) {
	attachment := func(a brevdue.Attachment) func(m *Message, l *brevdue.Letter) {
		return func(_ *Message, l *brevdue.Letter) { l.Attachments = []brevdue.Attachment{a} }
	}
	tests := []struct {
		name   string
		change func(m *Message, l *brevdue.Letter)
		rule   brevdue.Rule
		path   string
	}{
		{"no letter", func(m *Message, _ *brevdue.Letter) { m.Letters = nil }, ruleDWNone, ""},
		{"no envelope number", func(m *Message, _ *brevdue.Letter) { m.Envelope.ID = "" }, ruleDWNeeds, "envelope.id"},
		{"long envelope number", func(m *Message, _ *brevdue.Letter) { m.Envelope.ID = strings.Repeat("1", 15) }, ruleDWLong, "envelope.id"},
		{"no sending time", func(m *Message, _ *brevdue.Letter) { m.Envelope.Sent = "" }, ruleDWNeeds, "envelope.sent"},
		{"time with seconds", func(m *Message, _ *brevdue.Letter) { m.Envelope.Sent = "2026-11-24T13:02:00" }, ruleDWCode, "envelope.sent"},
		{"impossible time", func(_ *Message, l *brevdue.Letter) { l.Authorised = "2026-02-30T13:02" }, ruleDWCode, "authorised"},
		{"no location number", func(m *Message, l *brevdue.Letter) { m.Envelope.Receiver, l.Receiver.GLN = "", "" }, ruleDWNeeds, "envelope.receiver"},
		{"letter for somebody else", func(_ *Message, l *brevdue.Letter) { l.Receiver.GLN = "5790000120420" }, ruleDWParties, "letters"},
		{"no letter number", func(_ *Message, l *brevdue.Letter) { l.ID = "" }, ruleDWNeeds, "id"},
		{"unknown status", func(_ *Message, l *brevdue.Letter) { l.Status = "cancelled" }, ruleDWCode, "status"},
		{"unknown priority", func(_ *Message, l *brevdue.Letter) { l.Priority = "asap" }, ruleDWCode, "priority"},
		{"unknown course", func(_ *Message, l *brevdue.Letter) { l.Patient.Episode = "hjemme" }, ruleDWCode, "patient.episode"},
		{"long course number", func(_ *Message, l *brevdue.Letter) { l.EpisodeOfCare = strings.Repeat("a", 36) }, ruleDWLong, "episode_of_care"},
		{"county code", func(_ *Message, l *brevdue.Letter) { l.Sender.IDCode = brevdue.IDCounty }, ruleDWCode, "sender.id_code"},
		{"no party number", func(_ *Message, l *brevdue.Letter) { l.Receiver.ID = "" }, ruleDWNeeds, "receiver.id"},
		{"long organisation", func(_ *Message, l *brevdue.Letter) { l.Sender.Organisation = strings.Repeat("æ", 36) }, ruleDWLong, "sender.organisation"},
		{"long phone", func(_ *Message, l *brevdue.Letter) { l.Sender.Phone = strings.Repeat("1", 26) }, ruleDWLong, "sender.phone"},
		{"long post code", func(_ *Message, l *brevdue.Letter) { l.Patient.PostCode = "1234567890" }, ruleDWLong, "patient.post_code"},
		{"no surname", func(_ *Message, l *brevdue.Letter) { l.Patient.Surname = "" }, ruleDWNeeds, "patient.surname"},
		{"long given name", func(_ *Message, l *brevdue.Letter) { l.Patient.Given = strings.Repeat("å", 71) }, ruleDWLong, "patient.given"},
		{"no patient", func(_ *Message, l *brevdue.Letter) { l.Patient.CPR = "" }, ruleDWNeeds, "patient.cpr"},
		{"CPR with hyphen", func(_ *Message, l *brevdue.Letter) { l.Patient.CPR = "251248-9996" }, ruleDWCode, "patient.cpr"},
		{"replacement number of nine", func(_ *Message, l *brevdue.Letter) {
			l.Patient.CPR, l.Patient.Replacements = "", []brevdue.ReplacementID{{Value: "0703921VJ"}}
		}, ruleDWCode, "patient.replacements"},
		{"long subject", func(_ *Message, l *brevdue.Letter) { l.Subject = strings.Repeat("e", 71) }, ruleDWLong, "subject"},
		{"subject that would lose its backslash", func(_ *Message, l *brevdue.Letter) { l.Subject = strings.Repeat("e", 69) + `\` }, ruleDWLong, "subject"},
		{"eleven texts", func(_ *Message, l *brevdue.Letter) {
			l.Segments[0].Texts = make([]brevdue.Text, 11)
			for i := range l.Segments[0].Texts {
				l.Segments[0].Texts[i] = brevdue.PlainText("Del")
			}
		}, ruleDWText, "segments"},
		{"451 lines", func(_ *Message, l *brevdue.Letter) {
			l.Subject = ""
			l.Segments[0].Texts = []brevdue.Text{brevdue.PlainText(strings.Repeat("linje\n", 451))}
		}, ruleDWText, "segments"},
		{"446 lines and a subject", func(_ *Message, l *brevdue.Letter) {
			l.Segments[0].Texts = []brevdue.Text{brevdue.PlainText(strings.Repeat("linje\n", 446))}
		}, ruleDWText, "segments"},
		{"eleven references", func(_ *Message, l *brevdue.Letter) { l.Attachments = make([]brevdue.Attachment, 11) }, ruleDWMany, "attachments"},
		{"reference of no kind", attachment(brevdue.Attachment{Description: "x"}), ruleDWCode, "attachments.kind"},
		{"reference without description", attachment(brevdue.Attachment{Kind: brevdue.SupplementAttachment}), ruleDWNeeds, "attachments.description"},
		{"no link", attachment(brevdue.Attachment{Kind: brevdue.LinkAttachment, Description: "x"}), ruleDWNeeds, "attachments.url"},
		{"long link", attachment(brevdue.Attachment{Kind: brevdue.LinkAttachment, Description: "x", URL: strings.Repeat("u", maxURL+1)}), ruleDWURL, "attachments.url"},
		{"link with foreign characters", attachment(brevdue.Attachment{Kind: brevdue.LinkAttachment, Description: "x", URL: "https://example.dk/漢"}), ruleDWCode, "attachments.url"},
		{"object of no size", attachment(brevdue.Attachment{Kind: brevdue.BinaryAttachment, Description: "x", ObjectID: "1", ObjectCode: "billede", Extension: "jpeg"}), ruleDWCode, "attachments.size"},
		{"object of unknown kind", attachment(brevdue.Attachment{Kind: brevdue.BinaryAttachment, Description: "x", ObjectID: "1", ObjectCode: "hologram", Extension: "jpeg", Size: 1}), ruleDWCode, "attachments.object_code"},
		{"docx", attachment(brevdue.Attachment{Kind: brevdue.BinaryAttachment, Description: "x", ObjectID: "1", ObjectCode: "tekstfil", Extension: "docx", Size: 1}), ruleDWCode, "attachments.extension"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := mustDecode(t, letterLines)
			tt.change(&m, &m.Letters[0])
			out, fs := encodeDIS91(m)
			if out != nil || len(fs) != 1 || fs[0].Rule != tt.rule.ID || fs[0].Pos.Path != tt.path {
				t.Fatalf("want %s at %q and no bytes, got %d bytes and %+v", tt.rule.ID, tt.path, len(out), fs)
			}
			if strings.Contains(fs[0].Text+fs[0].TextEN, "%!") {
				t.Errorf("bad words: %+v", fs[0])
			}
		})
	}
}

// Any letter that DIS91 can hold comes back as it was.
func TestDIS91RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := genLetter().Draw(t, "letter")
		l.Receiver.GLN = "5790000181872"
		m := Message{Format: brevdue.EDIFACT, Kind: brevdue.DIS91, Version: "D9134L", Letters: []brevdue.Letter{l},
			Envelope: brevdue.Envelope{ID: "K1", Sent: "2026-11-05T09:31", Sender: l.Sender.GLN, Receiver: l.Receiver.GLN, WantsReceipt: rapid.Bool().Draw(t, "ack"), Test: rapid.Bool().Draw(t, "test")}}
		out, fs := encodeDIS91(m)
		if out == nil {
			for _, f := range fs {
				if f.Severity == brevdue.SeverityError && f.Rule != ruleDWText.ID {
					t.Fatalf("refused: %+v", f)
				}
			}
			return // formatted so finely that it does not fit
		}
		again, fs := decodeDIS91(out)
		if brevdue.HasErrors(fs) {
			t.Fatalf("%v\n%s", fs, out)
		}
		if diff := cmp.Diff(m.Envelope, again.Envelope); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(meaning(l, brevdue.DIS91), meaning(again.Letters[0], brevdue.DIS91), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s\n%s", diff, out)
		}
	})
}

func BenchmarkReadDIS91(b *testing.B) {
	data := []byte(letterLines)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, fs := Read(data); len(fs) > 0 {
			b.Fatal(fs)
		}
	}
}

func BenchmarkEncodeDIS91(b *testing.B) {
	m, _ := Read([]byte(letterLines))
	b.ReportAllocs()
	for b.Loop() {
		if out, _ := Encode(m, brevdue.DIS91); out == nil {
			b.Fatal("nothing written")
		}
	}
}

// BenchmarkDIS91ToXDIS91 is the whole way of one letter to the other format.
func BenchmarkDIS91ToXDIS91(b *testing.B) {
	data := []byte(letterLines)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		m, _ := Read(data)
		if out, _ := Encode(m, brevdue.XDIS91); out == nil {
			b.Fatal("nothing written")
		}
	}
}

// A letter that was cut short anywhere is never taken for a whole one, and what
// can be made out of it is there.
func TestEveryPrefixOfALetter(t *testing.T) {
	c, ok := testletters.Get(brevdue.EDIFACT, "dis91_full")
	if !ok {
		t.Fatal("the letter is not there")
	}
	whole := len(bytes.TrimSpace(c.Data))
	for n := range whole {
		m, fs := decodeDIS91(c.Data[:n])
		if !brevdue.HasErrors(fs) {
			t.Errorf("the first %d of %d bytes are taken for a letter", n, whole)
		}
		errors := 0
		for _, f := range fs {
			if f.Severity == brevdue.SeverityError {
				errors++
			}
		}
		if errors > 2 {
			t.Errorf("%d bytes: one cut gave %d errors: %v", n, errors, fs)
		}
		if n > bytes.Index(c.Data, []byte("S11+11")) && m.Letters[0].Patient.Surname != "Mosebryggersen" {
			t.Errorf("%d bytes: the patient is not in the letter", n)
		}
	}
	if _, fs := decodeDIS91(c.Data[:whole]); len(fs) > 0 {
		t.Errorf("the whole letter: %v", fs)
	}
}
