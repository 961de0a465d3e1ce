package medcom

import (
	"flag"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"brevdue"
	"brevdue/edifact"
	"brevdue/internal/testletters"
)

var update = flag.Bool("update", false, "rewrite the .want files of the EDIFACT letters")

// TestEDIFACTCorpus reads every EDIFACT letter of the corpus and compares what
// was made of it, and what was found, with the .want file beside it. What is
// accepted must survive both formats.
func TestEDIFACTCorpus(t *testing.T) {
	for _, c := range testletters.All() {
		if c.Format != brevdue.EDIFACT || strings.HasPrefix(c.Name, "ctl") || strings.HasPrefix(c.Name, "bin01") {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			ic, _ := edifact.Read(c.Data)
			if string(ic.Write()) != string(c.Data) {
				t.Error("the tree is not written back byte for byte")
			}
			m, fs := Read(c.Data)
			c.Judge(t, report(t, m, fs), *update)
			if !brevdue.HasErrors(fs) {
				survives(t, m, brevdue.DIS91)
				survives(t, m, brevdue.XDIS91)
			}
		})
	}
}

// survives writes a message, reads it again, and compares what both say, apart
// from what the other format cannot hold (std:xdis91 §3).
func survives(t testing.TB, m Message, to brevdue.Kind) {
	t.Helper()
	out, written := Encode(m, to)
	if out == nil {
		t.Fatalf("accepted but cannot be written as %s: %v", to, written)
	}
	again, fs := Read(out)
	if brevdue.HasErrors(fs) {
		t.Fatalf("the %s that was written is not accepted: %v\n%s", to, fs, out)
	}
	for _, f := range written {
		if f.Severity == brevdue.SeverityWarning {
			return // a character or a style was replaced, and that was told
		}
	}
	if len(again.Letters) != len(m.Letters) {
		t.Fatalf("%d letters became %d", len(m.Letters), len(again.Letters))
	}
	for i := range m.Letters {
		if diff := cmp.Diff(meaning(m.Letters[i], to), meaning(again.Letters[i], to), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("written as %s and read again:\n%s", to, diff)
		}
	}
	test := cmpopts.IgnoreFields(brevdue.Envelope{}, "Test") // only UNB has it
	if to == brevdue.DIS91 {
		test = nil
	}
	if diff := cmp.Diff(m.Envelope, again.Envelope, test); diff != "" {
		t.Errorf("envelope written as %s and read again:\n%s", to, diff)
	}
}

// meaning is a letter without what may differ when both sides are right
// (std:xdis91 §3): codes of the format itself and how a long text is divided. A
// line that is a full stop or ends in a backslash gains a space in DIS91 (§2.5).
func meaning(l brevdue.Letter, to brevdue.Kind) brevdue.Letter {
	var all brevdue.Text
	for _, s := range l.Segments {
		for _, text := range s.Texts {
			if to == brevdue.XDIS91 {
				text = text.Normalise() // the final empty line of a part means nothing there
			}
			all.Lines = append(all.Lines, text.Lines...)
		}
	}
	lines := all.Normalise().Lines
	if to == brevdue.DIS91 {
		for i := range lines {
			if n := len(lines[i].Runs); n > 0 {
				last := &lines[i].Runs[n-1].Text
				if trimmed, ok := strings.CutSuffix(*last, " "); ok && (trimmed == "." || strings.HasSuffix(trimmed, `\`)) {
					*last = trimmed
				}
			}
		}
	}
	l.Version, l.StatisticalCode, l.Segments = "", "", nil
	if len(lines) > 0 {
		l.Segments = []brevdue.Segment{{Texts: []brevdue.Text{{Lines: lines}}}}
	}
	if l.Sender.Specialty == "ikkeklassificeret" || l.Sender.Specialty == "paediatri_sygehus" && to == brevdue.XDIS91 {
		l.Sender.Specialty = "" // the XML list never got hospital paediatrics (§1.4)
	}
	return l
}

// FuzzDecodeDIS91: no bytes make the decoder panic, point outside them, find
// nothing where nothing was read, or accept what it cannot write again.
func FuzzDecodeDIS91(f *testing.F) {
	for _, c := range testletters.All() {
		if c.Format == brevdue.EDIFACT {
			f.Add(c.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, fs := decodeDIS91(data)
		for _, x := range fs {
			if x.Pos.Line < 1 || x.Pos.Column < 1 || x.Pos.Offset < 0 || x.Pos.Offset > len(data) || strings.Contains(x.Text+x.TextEN, "%!") {
				t.Fatalf("bad finding %+v", x)
			}
		}
		if brevdue.HasErrors(fs) {
			return
		}
		if len(m.Letters) == 0 {
			t.Fatal("no letter and no error")
		}
		out, fs := encodeDIS91(m)
		if out == nil {
			for _, x := range fs {
				switch {
				case x.Severity != brevdue.SeverityError:
				case x.Rule == ruleDWText.ID, x.Rule == ruleDWURL.ID, x.Rule == ruleDWLong.ID:
					// it came in components wider than we write, or grew by a replacement
				case x.Rule == ruleDWCode.ID && x.Pos.Path == "attachments.url":
					// the link holds characters that a writer may not replace
				default:
					t.Fatalf("accepted but cannot be written: %+v", x)
				}
			}
			return
		}
		again, found := decodeDIS91(out)
		if brevdue.HasErrors(found) {
			t.Fatalf("what was written is not accepted: %v\n%s", found, out)
		}
		if twice, _ := encodeDIS91(again); string(twice) != string(out) {
			t.Fatalf("does not settle:\n%q\n%q", out, twice)
		}
	})
}
