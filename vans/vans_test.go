package vans

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"brevdue"
	"brevdue/internal/testletters"
)

var update = flag.Bool("update", false, "rewrite the .want files of the corpus")

// TestCorpus reads every envelope of the corpus and compares the outcome with
// the .want file beside it; what is accepted is written and read again.
func TestCorpus(t *testing.T) {
	for _, c := range testletters.Cases(t, brevdue.VANS, "vans_", 10) {
		t.Run(c.Name, func(t *testing.T) {
			e, fs := Read(c.Data)
			c.Judge(t, report(t, e, fs), *update)
			if brevdue.HasErrors(fs) {
				return
			}
			out, written := Write(e)
			if len(written) > 0 {
				t.Fatalf("accepted but cannot be written: %v", written)
			}
			again, fs := Read(out)
			if len(fs) > 0 {
				t.Fatalf("what was written is not accepted: %v", fs)
			}
			if e.Message != nil {
				e.Message.Meta.Document.Size = len(e.Message.Data) // a wrong size is put right
			}
			if diff := cmp.Diff(e, again); diff != "" {
				t.Errorf("written and read again:\n%s", diff)
			}
		})
	}
}

func report(t *testing.T, e Envelope, fs []brevdue.Finding) []byte {
	t.Helper()
	size := 0
	if e.Message != nil {
		size = len(e.Message.Data)
		m := *e.Message
		m.Data = nil
		e.Message = &m
	}
	return testletters.Report(t, fs, e, fmt.Sprintf("%d bytes inside", size))
}

// valid asks xmllint whether the restated schema accepts the bytes.
func valid(t *testing.T, data []byte) bool {
	t.Helper()
	complaint, asked := testletters.Validate(t, "vansenvelope/VANSEnvelope-1.0.4.rewritten.xsd", data)
	if !asked {
		t.SkipNow()
	}
	return complaint == ""
}

func example() Envelope {
	return Envelope{
		Sender:   EndPoint{EAN, "5799990000019"},
		Receiver: EndPoint{EAN, "5799990000026"},
		ID:       "3f0c6a52-7d1e-4b0a-9a41-0d4f5f1c0b01",
		Sent:     "2026-11-05T09:31:02",
		Message: &Message{
			Meta: Meta{
				ID:       "a2b1b7d0-5c55-4f0e-8a77-6f2f0a7c1b01",
				Document: DocumentFor(brevdue.XDIS91, "XD9134L", 5),
				Transport: &Transport{Type: "reliable", Tags: []ServiceTag{
					{Name: "MCM:STATISTIC", Value: "a <b> & c"},
				}},
			},
			Data: []byte("<\xe6\x00'\n"),
		},
	}
}

func TestWriteIsValidAgainstSchema(t *testing.T) {
	message := example()
	yes, _ := message.Answer(PositiveMessage, nil, "9a3d1f7e-1111-4c1a-8a00-0000000000aa", "2026-11-05T09:31:05Z")
	no, _ := message.Answer(NegativeMessage, &Error{Code: 3, Description: "Kan ikke læses"}, "9a3d1f7e-1111-4c1a-8a00-0000000000ab", "2026-11-05T09:31:05.123+01:00")
	network := no
	network.Receipt = &Receipt{Kind: NegativeVANS, Error: &Error{Description: "Ukendt"}, OriginalEnvelope: message.ID}
	for name, e := range map[string]Envelope{"message": message, "positive": yes, "negative": no, "network": network} {
		t.Run(name, func(t *testing.T) {
			out, fs := Write(e)
			if len(fs) > 0 {
				t.Fatal(fs)
			}
			got, fs := Read(out)
			if len(fs) > 0 {
				t.Fatalf("%s\n%v", out, fs)
			}
			if diff := cmp.Diff(e, got); diff != "" {
				t.Error(diff)
			}
			if !valid(t, out) {
				t.Errorf("the schema refuses %s", out)
			}
		})
	}
}

// The examples that were made beside the reference are read without a remark.
func TestExamplesBesideTheReference(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("..", "..", "shared", "standards", "examples", "vansenvelope", "*.xml"))
	if len(files) == 0 {
		t.Skip("SKIPPED: ../shared absent, oracle examples/vansenvelope not consulted")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		e, fs := Read(data)
		if len(fs) > 0 || (e.Message == nil) == (e.Receipt == nil) {
			t.Errorf("%s: %+v %v", filepath.Base(file), e, fs)
		}
	}
}

func TestAnswer(t *testing.T) {
	e := example()
	answer, ok := e.Answer(NegativeMessage, &Error{Description: "x"}, "id", "now")
	if !ok || answer.Sender != e.Receiver || answer.Receiver != e.Sender || answer.ID != "id" || answer.Sent != "now" {
		t.Errorf("parties are not swapped: %+v", answer)
	}
	if r := answer.Receipt; r.OriginalEnvelope != e.ID || r.Original.ID != e.Message.Meta.ID || r.Error.Description != "x" {
		t.Errorf("the original is not named: %+v", r)
	}
	if positive, _ := e.Answer(PositiveMessage, &Error{Description: "x"}, "", ""); positive.Receipt.Error != nil {
		t.Error("a positive receipt has no reason")
	}
	if _, ok := answer.Answer(PositiveMessage, nil, "", ""); ok {
		t.Error("a receipt is never answered")
	}
}

func TestMeta(t *testing.T) {
	if !(Meta{}).Reliable() || !(Meta{Transport: &Transport{}}).Reliable() || (Meta{Transport: &Transport{Type: "unreliable"}}).Reliable() {
		t.Error("reliable unless it says unreliable")
	}
	for name, want := range map[string]brevdue.Kind{"MCM:XDIS91": "XDIS91", "MCM:FDIS91#carecoordination": "FDIS91", "DIS91": "DIS91"} {
		if got := (Document{Name: name}).Kind(); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if d := DocumentFor("DIS91", "D9134L", 1); d.Format != "EDIFACT" || d.Name != "MCM:DIS91" {
		t.Errorf("got %+v", d)
	}
}

func TestWriteRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(e *Envelope)
		path   string
	}{
		{"no sender", func(e *Envelope) { e.Sender.ID = "" }, "/VANSEnvelope/SenderID"},
		{"long receiver", func(e *Envelope) { e.Receiver.ID = strings.Repeat("1", 19) }, "/VANSEnvelope/ReceiverID"},
		{"unknown end point", func(e *Envelope) { e.Sender.Type = "SOR" }, "/VANSEnvelope/SenderID"},
		{"identifier without hyphens", func(e *Envelope) { e.ID = strings.ReplaceAll(e.ID, "-", "") }, "/VANSEnvelope/EnvelopeIdentifier"},
		{"time without date", func(e *Envelope) { e.Sent = "09:31:02" }, "/VANSEnvelope/SentDateTime"},
		{"unknown format", func(e *Envelope) { e.Message.Meta.Document.Format = "PDF" }, "/VANSEnvelope/Message/MetaInformation/Document/Format"},
		{"no data", func(e *Envelope) { e.Message.Data = nil }, "/VANSEnvelope/Message/Data"},
		{"neither message nor receipt", func(e *Envelope) { e.Message = nil }, "/VANSEnvelope"},
		{"both", func(e *Envelope) {
			e.Receipt = &Receipt{Kind: PositiveMessage, OriginalEnvelope: e.ID, Original: &e.Message.Meta}
		}, "/VANSEnvelope/Receipt"},
		{"negative without reason", func(e *Envelope) {
			*e, _ = e.Answer(NegativeMessage, nil, e.ID, e.Sent)
		}, "/VANSEnvelope/Receipt/NegativeMessage"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := example()
			tt.change(&e)
			out, fs := Write(e)
			if out != nil || len(fs) == 0 || fs[0].Pos.Path != tt.path {
				t.Errorf("got %v, want a finding at %s", fs, tt.path)
			}
		})
	}
}

// Any bytes come out as they went in.
func TestDataRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := example()
		e.Message.Data = rapid.SliceOfN(rapid.Byte(), 1, 400).Draw(t, "data")
		out, fs := Write(e)
		if len(fs) > 0 {
			t.Fatal(fs)
		}
		got, fs := Read(out)
		if len(fs) > 0 || !bytes.Equal(got.Message.Data, e.Message.Data) {
			t.Fatal(fs)
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, c := range testletters.All() {
		if c.Format == brevdue.VANS {
			f.Add(c.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, fs := Read(data)
		if brevdue.HasErrors(fs) {
			return
		}
		out, fs := Write(e)
		if len(fs) > 0 {
			t.Fatalf("accepted but cannot be written: %v", fs)
		}
		again, fs := Read(out)
		if len(fs) > 0 {
			t.Fatalf("what was written is not accepted: %v\n%s", fs, out)
		}
		if e.Message != nil {
			e.Message.Meta.Document.Size = len(e.Message.Data)
		}
		if diff := cmp.Diff(e, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	e := example()
	e.Message.Data = bytes.Repeat([]byte("brev"), 1<<20)
	data, _ := Write(e)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, fs := Read(data); len(fs) > 0 {
			b.Fatal(fs)
		}
	}
}

func Example() {
	c, _ := testletters.Get(brevdue.VANS, "vans_message")
	e, findings := Read(c.Data)
	fmt.Println(e.Message.Meta.Document.Kind(), e.Sender.ID, len(findings))
	// Output: XDIS91 5799990000019 0
}
