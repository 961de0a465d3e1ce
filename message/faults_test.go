package message_test

import (
	"fmt"
	"strings"
	"testing"

	"brevdue"
	"brevdue/charset"
	"brevdue/internal/testletters"
	"brevdue/message"
)

// fault is one thing that was broken on purpose in a sound message.
type fault struct {
	name     string
	base     string // one of bases
	old, new string // the edit
	rule     string // that has to be found
	at       string // what stands at the place it names
	errors   int    // how many errors there are in all
}

// bases are the sound messages, in UTF-8.
func bases(t *testing.T) map[string]string {
	t.Helper()
	get := func(format brevdue.Format, name string) string {
		c, ok := testletters.Get(format, name)
		if !ok {
			t.Fatalf("%s is not in the corpus", name)
		}
		text := string(c.Data)
		if format == brevdue.OIOXML && strings.Contains(text, "ISO-8859-1") {
			text = charset.String(c.Data)
			text = strings.Replace(text, "ISO-8859-1", "UTF-8", 1)
		}
		if format == brevdue.EDIFACT {
			text = charset.String(c.Data)
		}
		return text
	}
	letter := get(brevdue.EDIFACT, "dis91_full")
	return map[string]string{
		"dis91": letter, "one": strings.ReplaceAll(letter, "\n", ""), "xdis91": get(brevdue.OIOXML, "xdis91_full"), "ctl": get(brevdue.EDIFACT, "ctl02_letter"),
		"xctl": get(brevdue.OIOXML, "xctl02_letter"), "vans": get(brevdue.VANS, "vans_message"),
		"bin": get(brevdue.EDIFACT, "bin01_two_files"), "xbin": get(brevdue.OIOXML, "xbin01_2012"),
	}
}

// breakIt applies the edit of a fault and returns the bytes as a sender would send
// them.
func (f fault) breakIt(t *testing.T, base string) []byte {
	t.Helper()
	if !strings.Contains(base, f.old) {
		t.Fatalf("%q is not in %s", f.old, f.base)
	}
	text := strings.Replace(base, f.old, f.new, 1)
	text, _, _ = strings.Cut(text, "@CUT")
	if i := strings.Index(text, "@SECOND"); i > 0 { // the letter once more, to somebody else
		letter := base[strings.Index(base, "<ClinicalEmail>") : strings.Index(base, "</ClinicalEmail>")+len("</ClinicalEmail>")]
		letter = strings.Replace(strings.Replace(letter, "5799990000026", "5799990000033", 1), "B1000000000001", "B1000000000002", 1)
		text = text[:i] + letter + text[i+len("@SECOND"):]
	}
	if f.base == "dis91" || f.base == "one" || f.base == "ctl" || f.base == "bin" {
		data, replaced := charset.Latin1(text)
		if len(replaced) > 0 {
			t.Fatal(replaced)
		}
		return data
	}
	return []byte(text)
}

// TestSeededFaults breaks sound messages in one place each. What was broken is
// found at its place by its rule, and what is only a consequence is not reported
// as if it were a fault of its own (F36).
func TestSeededFaults(t *testing.T) {
	sound := bases(t)
	for name, text := range sound {
		f := fault{base: name}
		if m := message.Open(f.breakIt(t, text)); !m.Valid() {
			t.Fatalf("%s is not sound: %v", name, m.Findings)
		}
	}
	if len(faults) < 120 {
		t.Fatalf("only %d faults", len(faults))
	}
	for _, f := range faults {
		t.Run(f.base+"/"+f.name, func(t *testing.T) {
			data := f.breakIt(t, sound[f.base])
			m := message.Open(data)
			errors, found := 0, false
			for _, x := range m.Findings {
				if x.Severity == brevdue.SeverityError {
					errors++
				}
				if x.Rule != f.rule || found {
					continue
				}
				found = true
				if x.Pos.Line < 1 || x.Pos.Column < 1 || x.Pos.Offset > len(data) {
					t.Errorf("bad place %+v", x.Pos)
				} else if at := data[x.Pos.Offset:]; !strings.HasPrefix(characters(at), f.at) || f.at == "" && len(at) > 1 {
					t.Errorf("%s points at %.30q", x.Rule, characters(at))
				}
			}
			if !found {
				t.Errorf("%s was not found: %s", f.rule, rules(m.Findings))
			}
			if errors != f.errors {
				t.Errorf("%d errors, want %d: %s", errors, f.errors, rules(m.Findings))
			}
		})
	}
}

func characters(b []byte) string {
	if charset.LooksUTF8(b) {
		return string(b)
	}
	return charset.String(b)
}

func rules(fs []brevdue.Finding) string {
	var out []string
	for _, f := range fs {
		out = append(out, fmt.Sprintf("%s(%s %s)", f.Rule, f.Severity, f.Pos.Path))
	}
	return strings.Join(out, " ")
}
