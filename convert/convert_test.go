package convert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brevdue"
	"brevdue/internal/testletters"
	"brevdue/medcom"
	"brevdue/receipt"
)

const corpus = "../internal/testletters"

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(corpus, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// mustConvert converts without any error finding.
func mustConvert(t *testing.T, data []byte, to brevdue.Format) Result {
	t.Helper()
	r := Convert(data, to)
	if r.Data == nil || brevdue.HasErrors(r.Findings) {
		t.Fatalf("not converted: %v", r.Findings)
	}
	return r
}

// The published pairs are the same message in both formats. Converted either
// way they say what their twin says, nothing is lost, and the XML is valid by
// MedCom's schema.
func TestPublishedPairs(t *testing.T) {
	for name, schema := range map[string]string{
		"DIS91_1": "2006/07/01/EMessage.xsd",
		"CTL02_1": "2005/08/07/EMessage.xsd",
		"CTL03_1": "2005/08/07/EMessage.xsd",
	} {
		t.Run(name, func(t *testing.T) {
			edi, err := os.ReadFile(testletters.Shared(t, "standards/examples/edifact-oioxml/"+name+".edi"))
			if err != nil {
				t.Fatal(err)
			}
			xml, err := os.ReadFile(testletters.Shared(t, "standards/examples/edifact-oioxml/"+name+".xml"))
			if err != nil {
				t.Fatal(err)
			}
			toXML := mustConvert(t, edi, brevdue.OIOXML)
			toEDI := mustConvert(t, xml, brevdue.EDIFACT)
			if len(toXML.Losses)+len(toEDI.Losses) > 0 {
				t.Errorf("lost: %v %v", toXML.Losses, toEDI.Losses)
			}
			if got, want := contentXML(toXML.Data), contentXML(xml); got != want {
				t.Errorf("EDIFACT to XML:\ngot  %s\nwant %s", got, want)
			}
			if got, want := contentEDI(toEDI.Data), contentEDI(edi); got != want {
				t.Errorf("XML to EDIFACT:\ngot  %s\nwant %s", got, want)
			}
			validate(t, schema, toXML.Data)
		})
	}
}

// contentXML is the document without declaration, in which the two may differ.
func contentXML(data []byte) string {
	_, body, _ := bytes.Cut(data, []byte("?>"))
	return strings.TrimSpace(string(body))
}

// contentEDI is the interchange without line feeds between segments.
func contentEDI(data []byte) string {
	return strings.ReplaceAll(strings.TrimSpace(string(data)), "\n", "")
}

func validate(t *testing.T, schema string, data []byte) {
	t.Helper()
	if complaint, _ := testletters.Validate(t, schema, data); complaint != "" {
		t.Error(complaint)
	}
}

// A letter with everything in it goes to DIS91 and back without a loss.
func TestFullLetterThereAndBack(t *testing.T) {
	xml := read(t, "oioxml/xdis91_full.xml")
	edi := mustConvert(t, xml, brevdue.EDIFACT)
	back := mustConvert(t, edi.Data, brevdue.OIOXML)
	if edi.Kind != brevdue.DIS91 || back.Kind != brevdue.XDIS91 || back.Format != brevdue.OIOXML {
		t.Errorf("kinds %s, %s", edi.Kind, back.Kind)
	}
	if len(edi.Losses)+len(back.Losses) > 0 {
		t.Errorf("lost: %v %v", edi.Losses, back.Losses)
	}
	first, _ := medcom.Read(xml)
	last, _ := medcom.Read(back.Data)
	if losses := letterLosses(first, last); len(losses) > 0 {
		t.Errorf("there and back: %v", losses)
	}
	// a second trip changes nothing at all
	again := mustConvert(t, mustConvert(t, back.Data, brevdue.EDIFACT).Data, brevdue.OIOXML)
	if !bytes.Equal(again.Data, back.Data) {
		t.Errorf("the letter changes with every trip:\n%s\n%s", back.Data, again.Data)
	}
}

func TestLossesAreReported(t *testing.T) {
	full := string(read(t, "oioxml/xdis91_full.xml"))
	tests := []struct {
		name, old, new string
		want           []Loss // without reasons
	}{
		{"nothing", "", "", nil},
		{"statistical code", "<StatisticalCode>XDIS91<", "<StatisticalCode>STAT<", []Loss{{Field: "statistical_code", Value: "STAT"}}},
		{"local elements", "</ClinicalEmail></Emessage>", "</ClinicalEmail><Local_Elements><x/></Local_Elements></Emessage>", []Loss{{Field: "local_elements"}}},
		{"a line that is a full stop", ">Medicin<", ">.<", []Loss{{Field: "segments[0].texts[0].lines[3]", Value: "."}}},
		{"a line that ends in a backslash", ">Medicin<", `>C:\<`, []Loss{{Field: "segments[0].texts[0].lines[3]", Value: `C:\`}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(full, tt.old) {
				t.Fatalf("the letter does not hold %q", tt.old)
			}
			r := mustConvert(t, []byte(strings.Replace(full, tt.old, tt.new, 1)), brevdue.EDIFACT)
			var got []Loss
			for _, l := range r.Losses {
				if l.Reason == "" || l.ReasonEN == "" {
					t.Errorf("%+v has no reason", l)
				}
				got = append(got, Loss{Field: l.Field, Value: l.Value})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Every field that differs is found, whatever it is, and numbers stay masked.
func TestLetterLossesFindsEverything(t *testing.T) {
	m, _ := medcom.Read(read(t, "oioxml/xdis91_full.xml"))
	empty := medcom.Message{Letters: []brevdue.Letter{{}}}
	losses := letterLosses(m, empty)
	fields := map[string]bool{}
	for _, l := range losses {
		fields[l.Field] = true
		if strings.Contains(l.Value+l.Reason, "0104909989") {
			t.Errorf("%s shows the number", l.Field)
		}
	}
	for _, want := range []string{
		"envelope.id", "envelope.wants_receipt", "id", "authorised", "status", "episode_of_care",
		"sender.gln", "sender.specialty", "receiver.unit", "patient.cpr", "patient.occupancy", "subject", "priority",
		"segments[0].texts[0].lines[0]", "segments[0].texts[1].lines[0]", "attachments[0].size", "attachments[1].url",
	} {
		if !fields[want] {
			t.Errorf("%s was lost and not reported", want)
		}
	}
	if got := letterLosses(m, m); len(got) > 0 {
		t.Errorf("nothing differs, but: %v", got)
	}
}

func TestOneMissingLineIsOneLoss(t *testing.T) {
	a := []brevdue.Text{brevdue.PlainText("1\n2\n3\n4")}
	b := []brevdue.Text{brevdue.PlainText("1\n2"), brevdue.PlainText("3\n4")}
	if got := compareTexts("t", a, b); len(got) > 0 {
		t.Errorf("cut into other parts is no loss: %v", got)
	}
	if got := compareTexts("t", a, []brevdue.Text{brevdue.PlainText("1\n2\n3")}); len(got) != 1 || got[0].Field != "t[0].lines[3]" {
		t.Errorf("got %v", got)
	}
	bold := []brevdue.Text{{Lines: []brevdue.Line{{Runs: []brevdue.Run{{Text: "1", Style: brevdue.Bold}}}}}}
	if got := compareTexts("t", bold, []brevdue.Text{brevdue.PlainText("1")}); len(got) != 1 || !strings.Contains(got[0].ReasonEN, "formatting") {
		t.Errorf("got %v", got)
	}
}

func TestConvertRefuses(t *testing.T) {
	tests := []struct {
		name string
		data []byte
		to   brevdue.Format
		rule string
	}{
		{"to FHIR", read(t, "oioxml/xdis91_min.xml"), brevdue.FHIRJSON, "CONV-KIND-01"},
		{"nothing", nil, brevdue.EDIFACT, "MC-EMPTY-01"},
		{"something else", []byte("hej"), brevdue.EDIFACT, "MC-KIND-05"},
		{"the administrative letter", read(t, "oioxml/xdis90.xml"), brevdue.EDIFACT, "MC-KIND-04"},
		{"a broken letter", read(t, "oioxml/xdis91_truncated.xml"), brevdue.EDIFACT, "XML-TAG-01"},
		{"the envelope's own receipt", read(t, "vans/vans_receipt_positive.xml"), brevdue.EDIFACT, "CONV-KIND-01"},
		{"a broken envelope", read(t, "vans/vans_bad_base64.xml"), brevdue.EDIFACT, "VANS-DATA-01"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Convert(tt.data, tt.to)
			if r.Data != nil || len(r.Findings) == 0 || r.Findings[0].Rule != tt.rule {
				t.Errorf("got %v", r.Findings)
			}
		})
	}
}

func TestConvertOpensTheEnvelope(t *testing.T) {
	r := mustConvert(t, read(t, "vans/vans_message.xml"), brevdue.EDIFACT)
	if !bytes.HasPrefix(r.Data, []byte("UNA")) {
		t.Errorf("got %q", r.Data)
	}
}

// Receipts with every part go there and back.
func TestReceiptThereAndBack(t *testing.T) {
	m := receipt.Message{
		Format: brevdue.OIOXML, Kind: brevdue.XCTL02,
		Envelope: brevdue.Envelope{ID: "K2", Sent: "2026-11-05T10:00", Sender: "5799990000026", Receiver: "5799990000019"},
		Receipt: brevdue.Receipt{
			Outcome: brevdue.Negative, ID: "B2", OriginalEnvelope: "K1", OriginalSender: "5799990000019", OriginalReceiver: "5799990000026",
			Refusal: &brevdue.Refusal{Code: brevdue.RefuseUnspecified, Text: brevdue.PlainText("Kuverten\n\nhele")},
			Letters: []brevdue.ReceiptLetter{
				{ID: "B1", Version: "XD9134L", Refusal: &brevdue.Refusal{Code: brevdue.RefuseSyntax, Text: brevdue.PlainText("Længere tekst: " + strings.Repeat("ord ", 120))}},
				{ID: "B1b", Version: "XD9134L"},
			},
		},
	}
	xml, fs := receipt.Encode(m, brevdue.XCTL02)
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	edi := mustConvert(t, xml, brevdue.EDIFACT)
	back := mustConvert(t, edi.Data, brevdue.OIOXML)
	if len(edi.Losses)+len(back.Losses) > 0 {
		t.Errorf("lost: %v %v", edi.Losses, back.Losses)
	}
	if !bytes.Equal(xml, back.Data) {
		t.Errorf("there and back:\n%s\n%s", xml, back.Data)
	}
}

// BenchmarkConvertDIS91toXDIS91 is reading and writing as the gateway does it;
// the loss report of this package reads the result once more.
func BenchmarkConvertDIS91toXDIS91(b *testing.B) {
	data := dis91(b)
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		m, _ := medcom.Read(data)
		if out, _ := medcom.Encode(m, brevdue.XDIS91); out == nil {
			b.Fatal("nothing written")
		}
	}
}

func BenchmarkConvertWithLossReport(b *testing.B) {
	data := dis91(b)
	b.ReportAllocs()
	for b.Loop() {
		if r := Convert(data, brevdue.OIOXML); r.Data == nil {
			b.Fatal(r.Findings)
		}
	}
}

func dis91(b *testing.B) []byte {
	r := Convert(read(b, "oioxml/xdis91_full.xml"), brevdue.EDIFACT)
	if r.Data == nil {
		b.Fatal(r.Findings)
	}
	return r.Data
}

func Example() {
	data, err := os.ReadFile(filepath.Join(corpus, "oioxml", "xdis91_min.xml"))
	if err != nil {
		fmt.Println(err)
		return
	}
	r := Convert(data, brevdue.EDIFACT)
	losses, _ := json.Marshal(append([]Loss{}, r.Losses...))
	fmt.Println(r.Kind, string(losses))
	fmt.Println(string(r.Data[:9]))
	// Output:
	// DIS91 []
	// UNA:+.? '
}

// What a DIS91 letter holds and no canonical letter does is named too (F35): the
// segments the reader passes over are losses, each by its field.
func TestWhatEDIFACTPassesOverIsALoss(t *testing.T) {
	full := string(mustConvert(t, read(t, "oioxml/xdis91_full.xml"), brevdue.EDIFACT).Data)
	// Each case puts segments in before or after one that is there; the count in UNT
	// follows.
	for _, tt := range []struct{ name, at, with, want string }{
		{"nothing", "S07+07'", "S07+07'", ""},
		{"segment group S05", "S07+07'", "S05+05'S07+07'", "s05"},
		{"the receiver's phone", "SEQ++2'", "SEQ++2'CON++87654321:TE'", "receiver.phone"},
		{"the receiver's specialty", "SEQ++2'", "SEQ++2'SPR+ORG+99:SKS:SST'", "receiver.specialty"},
		{"a replacement number beside a civil registration number", "S11+11'", "RFF+XPI:010490AA9X'S11+11'", "patient.replacements"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if strings.Count(full, tt.at) != 1 {
				t.Fatalf("the letter holds %q %d times", tt.at, strings.Count(full, tt.at))
			}
			text := strings.Replace(full, tt.at, tt.with, 1)
			added := strings.Count(text, "'") - strings.Count(full, "'")
			count := regexp.MustCompile(`UNT\+(\d+)\+`)
			n, err := strconv.Atoi(count.FindStringSubmatch(full)[1])
			if err != nil {
				t.Fatal(err)
			}
			text = count.ReplaceAllString(text, fmt.Sprintf("UNT+%d+", n+added))
			r := mustConvert(t, []byte(text), brevdue.OIOXML)
			var fields []string
			for _, l := range r.Losses {
				fields = append(fields, l.Field)
				if l.Reason == "" || l.ReasonEN == "" || strings.Contains(l.Value+l.Reason, "AA9X") {
					t.Errorf("%+v", l)
				}
			}
			if got := strings.Join(fields, " "); got != tt.want {
				t.Errorf("losses %q, want %q", got, tt.want)
			}
		})
	}
}
