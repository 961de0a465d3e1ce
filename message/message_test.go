package message_test

import (
	"fmt"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/testletters"
	"brevdue/message"
)

// Every message of the corpus is opened: it is valid or has an error that says
// why, and never both a letter and a receipt.
func TestOpenCorpus(t *testing.T) {
	for _, c := range testletters.All() {
		m := message.Open(c.Data)
		if m.Letter != nil && m.Receipt != nil {
			t.Errorf("%s: both a letter and a receipt", c.Name)
		}
		if m.Valid() && m.Letter == nil && m.Receipt == nil && m.Binary == nil && (m.Envelope == nil || m.Envelope.Receipt == nil) {
			t.Errorf("%s: valid, but nothing was read", c.Name)
		}
	}
}

// A finding in an enveloped message has the message's own place.
func TestPlacesInAnEnvelope(t *testing.T) {
	c, ok := testletters.Get(brevdue.VANS, "vans_message")
	if !ok {
		t.Fatal("the corpus is not there")
	}
	m := message.Open(c.Data)
	if m.Format != brevdue.VANS || m.Letter == nil || len(m.Data) == 0 {
		t.Fatalf("%+v", m)
	}
	for _, f := range m.Findings {
		if !strings.HasPrefix(f.Pos.Path, "/VANSEnvelope/") {
			t.Errorf("%s at %q", f.Rule, f.Pos.Path)
		}
	}
}

func ExampleOpen() {
	c, _ := testletters.Get(brevdue.EDIFACT, "dis91_unt_count")
	m := message.Open(c.Data)
	fmt.Println(m.Type.Label(), m.Valid())
	for _, f := range m.Findings {
		if f.Severity == brevdue.SeverityError {
			fmt.Println(f.Rule, f.Pos.Line, f.Pos.Path)
		}
	}
	// Output:
	// Korrespondancebrev (DIS91 D9134L) false
	// EDI-UNT-02 26 UNH[1]/UNT[1]/1.1
}
