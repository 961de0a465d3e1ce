package receipt

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"brevdue"
	"brevdue/internal/testletters"
)

var updateOIOXML = flag.Bool("update-oioxml", false, "rewrite the .want files of the OIOXML receipts")

const corpusOIOXML = "../internal/testletters/oioxml"

// TestXCTLCorpus reads every OIOXML receipt of the corpus and compares the
// outcome with the .want file beside it; what is accepted is written again and
// must be valid by MedCom's schema.
func TestXCTLCorpus(t *testing.T) {
	for _, c := range testletters.Cases(t, brevdue.OIOXML, "xctl", 8) {
		t.Run(c.Name, func(t *testing.T) {
			m, fs := Read(c.Data)
			c.Judge(t, testletters.Report(t, fs, m), *updateOIOXML)
			if brevdue.HasErrors(fs) {
				return
			}
			out, fs := Encode(m, m.Kind)
			if len(fs) > 0 {
				t.Fatalf("accepted but cannot be written: %v", fs)
			}
			again, fs := Read(out)
			if len(fs) > 0 {
				t.Fatalf("what was written is not accepted: %v", fs)
			}
			m.Envelope.WantsReceipt = false // a receipt never asks for one
			if diff := cmp.Diff(m, again, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("written and read again:\n%s", diff)
			}
			validateXCTL(t, out)
		})
	}
}

// validateXCTL holds bytes against MedCom's schema of 2005.
func validateXCTL(t *testing.T, data []byte) {
	t.Helper()
	if complaint, _ := testletters.Validate(t, "2005/08/07/EMessage.xsd", data); complaint != "" {
		t.Error(complaint)
	}
}

// genReceipt draws receipts of every kind that the schema can hold.
func genReceipt() *rapid.Generator[brevdue.Receipt] {
	number := rapid.StringMatching("[A-Z0-9]{1,14}")
	line := rapid.StringOfN(rapid.SampledFrom([]rune("ab æøå.:'+?<&")), 0, 90, -1)
	refusal := rapid.Custom(func(t *rapid.T) *brevdue.Refusal {
		r := &brevdue.Refusal{Code: brevdue.RefuseCode(rapid.SampledFrom(refuseWords).Draw(t, "code"))}
		if lines := rapid.SliceOfN(line, 0, 8).Draw(t, "text"); len(lines) > 0 {
			r.Text = brevdue.PlainText(strings.Join(lines, "\n"))
		}
		return r
	})
	return rapid.Custom(func(t *rapid.T) brevdue.Receipt {
		x := rapid.SampledFrom(xctls).Draw(t, "kind")
		maybe := rapid.OneOf(rapid.Just[*brevdue.Refusal](nil), refusal)
		if x.outcome == brevdue.Positive {
			maybe = rapid.Just[*brevdue.Refusal](nil)
		}
		r := brevdue.Receipt{
			Outcome: x.outcome, ID: number.Draw(t, "id"), Version: x.version, StatisticalCode: string(x.kind),
			OriginalEnvelope: number.Draw(t, "envelope"), OriginalSender: "5799990000019", OriginalReceiver: "5799990000026",
			Refusal: maybe.Draw(t, "refusal"),
		}
		for range rapid.IntRange(0, 4).Draw(t, "letters") {
			r.Letters = append(r.Letters, brevdue.ReceiptLetter{ID: number.Draw(t, "letter"), Version: "XD9134L", Refusal: maybe.Draw(t, "letter refusal")})
		}
		return r
	})
}

// Any receipt is the same after being written as OIOXML and read again.
func TestXCTLRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := genReceipt().Draw(t, "receipt")
		want := Message{Format: brevdue.OIOXML, Kind: Kind(r.Outcome, brevdue.OIOXML), Version: r.Version, Receipt: r,
			Envelope: brevdue.Envelope{ID: "K1", Sent: "2026-11-05T09:40", Sender: "5799990000026", Receiver: "5799990000019"}}
		out, fs := Encode(want, want.Kind)
		if len(fs) > 0 {
			t.Fatal(fs)
		}
		got, fs := Read(out)
		if len(fs) > 0 {
			t.Fatalf("%s\n%v", out, fs)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s\n%s", out, diff)
		}
	})
}

func TestEncodeXCTLRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(m *Message)
		rule   string
	}{
		{"unknown outcome", func(m *Message) { m.Receipt.Outcome = "maybe" }, "XCTL-WRITE-03"},
		{"refusal in a positive one", func(m *Message) { m.Receipt.Outcome = brevdue.Positive }, "XCTL-WRITE-02"},
		{"a hundred letters", func(m *Message) { m.Receipt.Letters = make([]brevdue.ReceiptLetter, 100) }, "XCTL-WRITE-01"},
		{"unknown code", func(m *Message) { m.Receipt.Refusal.Code = "lyst" }, "XML-WRITE-03"},
		{"no original", func(m *Message) { m.Receipt.OriginalEnvelope = "" }, "XML-WRITE-01"},
		{"long version", func(m *Message) {
			m.Receipt.Letters = []brevdue.ReceiptLetter{{ID: "1", Version: "XD9134LL"}}
		}, "XML-WRITE-02"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := Message{Envelope: brevdue.Envelope{ID: "K", Sent: "2026-11-05T09:40", Sender: "1", Receiver: "2"},
				Receipt: brevdue.Receipt{Outcome: brevdue.Negative, ID: "B", OriginalEnvelope: "K0", OriginalSender: "2", OriginalReceiver: "1",
					Refusal: &brevdue.Refusal{Code: brevdue.RefuseSyntax}}}
			tt.change(&m)
			out, fs := encodeXCTL(m)
			if out != nil || len(fs) != 1 || fs[0].Rule != tt.rule {
				t.Errorf("got %v", fs)
			}
		})
	}
}

// Even a broken letter can be refused by receipt, as long as its envelope and
// its sender can be read.
func TestOriginalOfBrokenXML(t *testing.T) {
	tests := []struct {
		file    string
		ok      bool
		letters string
	}{
		{"xdis91_full", true, "B1000000000001 XD9134L"},
		{"xdis91_two_letters", true, "B1000000000001 XD9134L, B1000000000002 XD9134L"},
		{"xdis91_truncated", true, "B1000000000001 XD9134L"},
		{"xdis91_less_than", true, "B1000000000001 XD9134L"},
		{"xdis91_old_version", true, "B1000000000001 XD9133L"},
		{"xdis90", true, "B1000000000001 XD9034L"},
		{"xdis91_prefixed", true, "B1000000000001 XD9134L"},
		{"xdis91_bad_values", false, ""}, // the envelope number is too long to be quoted
		{"xdis91_entity_bomb", false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(corpusOIOXML, tt.file+".xml"))
			if err != nil {
				t.Fatal(err)
			}
			o, ok := OriginalOf(data)
			if ok != tt.ok {
				t.Fatalf("got %v", ok)
			}
			if !ok {
				return
			}
			var letters []string
			for _, l := range o.Letters {
				letters = append(letters, l.ID+" "+l.Version)
			}
			if got := strings.Join(letters, ", "); got != tt.letters {
				t.Errorf("letters %q, want %q", got, tt.letters)
			}
			if o.Envelope.ID != "K1000000000001" || o.Envelope.Sender != "5799990000019" || o.Envelope.Receiver != "5799990000026" {
				t.Errorf("envelope %+v", o.Envelope)
			}
			m := Build(o, Verdict{Outcome: brevdue.Negative, Code: brevdue.RefuseSyntax, Text: "Kan ikke læses"}, IDs{"K2", "B2"}, "2026-11-05T10:00")
			out, fs := Encode(m, m.Kind)
			if len(fs) > 0 || m.Kind != brevdue.XCTL02 {
				t.Fatalf("%s: %v", m.Kind, fs)
			}
			validateXCTL(t, out)
		})
	}
}

// FuzzReadXCTL: no input makes the reader panic or accept what it cannot write.
func FuzzReadXCTL(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join(corpusOIOXML, "xctl*.xml"))
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		originalOfXML(data)
		m, fs := readXCTL(data)
		if brevdue.HasErrors(fs) {
			return
		}
		out, written := encodeXCTL(m)
		if brevdue.HasErrors(written) {
			t.Fatalf("accepted but cannot be written: %v", written)
		}
		if _, fs := readXCTL(out); len(fs) > 0 {
			t.Fatalf("what was written is not accepted: %v", fs)
		}
	})
}
