package medcom

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"brevdue"
	"brevdue/edifact"
	"brevdue/internal/testletters"
)

// segmentsOf shows what is written for a text: groups by "--", one segment a
// line, components by "|".
func segmentsOf(subject bool, texts ...brevdue.Text) (string, *ftxWriter) {
	w := newFTXWriter(subject)
	for _, t := range texts {
		w.text(t)
	}
	var out []string
	for _, group := range w.groups {
		out = append(out, "--")
		for _, s := range group {
			out = append(out, s.code+" "+strings.Join(s.parts, "|"))
		}
	}
	return strings.Join(out, "\n"), w
}

func line(runs ...brevdue.Run) brevdue.Line { return brevdue.Line{Runs: runs} }

func run(text string) brevdue.Run { return brevdue.Run{Text: text} }

func styled(s brevdue.Style, text string) brevdue.Run { return brevdue.Run{Text: text, Style: s} }

func textWith(lines ...brevdue.Line) brevdue.Text { return brevdue.Text{Lines: lines} }

// The writing rules of std:xdis91 §2.5, by their numbers there.
func TestWriteFTX(t *testing.T) {
	a := func(n int) string { return strings.Repeat("a", n) }
	tests := []struct {
		name string
		text brevdue.Text
		want string
	}{
		{"1 each run has its code", textWith(line(run("a "), styled(brevdue.Bold, "b"), run(" c"))), "--\nP00 a \\\nPF0 b\\\nP00  c"},
		{"1 fixed", textWith(line(brevdue.Run{Text: "a", Fixed: true})), "--\nF00 a"},
		{"2 a centred line stands alone", textWith(line(run("a")), brevdue.Line{Align: brevdue.Center, Runs: []brevdue.Run{run("b")}}, line(run("c"))), "--\nP00 a\nP0M b\nP00 c"},
		{"2 two centred lines share a segment", textWith(brevdue.Line{Align: brevdue.Center, Runs: []brevdue.Run{run("a")}}, brevdue.Line{Align: brevdue.Center, Runs: []brevdue.Run{run("b")}}), "--\nP0M a|b"},
		{"3 an empty line is a full stop", textWith(line(run("a")), line(), line(run("b"))), "--\nP00 a|.|b"},
		{"3 an empty line keeps the segment's code", textWith(line(styled(brevdue.Bold, "a")), line(), line(styled(brevdue.Bold, "b"))), "--\nPF0 a|.|b"},
		{"4 69 characters stand whole", textWith(line(run(a(69)))), "--\nP00 " + a(69)},
		{"4 70 characters are cut", textWith(line(run(a(70)))), "--\nP00 " + a(69) + "\\|a"},
		{"4 cut after the last space within 69", textWith(line(run(a(30) + " " + a(30) + " " + a(30)))), "--\nP00 " + a(30) + " " + a(30) + " \\|" + a(30)},
		{"4 the 69th character may be the space", textWith(line(run(a(68) + " " + a(5)))), "--\nP00 " + a(68) + " \\|" + a(5)},
		{"4 the 70th is too late", textWith(line(run(a(69) + " " + a(5)))), "--\nP00 " + a(69) + "\\| " + a(5)},
		{"4 a space at index 2 is too early", textWith(line(run("aa " + a(80)))), "--\nP00 aa " + a(66) + "\\|" + a(14)},
		{"4 a space at index 3 is not", textWith(line(run("aaa " + a(80)))), "--\nP00 aaa \\|" + a(69) + "\\|" + a(11)},
		{"4 a no-break space is no place to cut", textWith(line(run(a(30) + "\u00a0" + a(50)))), "--\nP00 " + a(30) + "\u00a0" + a(38) + "\\|" + a(12)},
		{"4 characters are counted, not bytes", textWith(line(run(strings.Repeat("æ", 69)))), "--\nP00 " + strings.Repeat("æ", 69)},
		{"5 no backslash when the next run begins a line", textWith(line(run("a")), line(styled(brevdue.Bold, "b"))), "--\nP00 a\nPF0 b"},
		{"6 five components make a segment", brevdue.PlainText("1\n2\n3\n4\n5\n6"), "--\nP00 1|2|3|4|5\nP00 6"},
		{"a line that ends in a backslash", textWith(line(run(`sti \`)), line(run("næste"))), "--\nP00 sti \\ |næste"},
		{"a line that is a full stop", textWith(line(run(".")), line(run("..")), line(run(" ."))), "--\nP00 . |..| ."},
		{"a full stop that ends a line", textWith(line(styled(brevdue.Bold, "a"), run("."))), "--\nPF0 a\\\nP00 . "},
		{"a backslash inside a line that goes on", textWith(line(run(`a\`), styled(brevdue.Bold, "b"))), "--\nP00 a\\\\\nPF0 b"},
		{"blanks are kept", textWith(line(run("  a  ")), line(run(" "))), "--\nP00   a  | "},
		{"empty runs are nothing", textWith(line(run(""), run("a"), run(""))), "--\nP00 a"},
		{"no lines, no group", brevdue.Text{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := segmentsOf(false, tt.text)
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// How text is shared out between groups: nine segments each, eight beside the
// subject, and a line never torn apart between two when it fits in one.
func TestFTXGroups(t *testing.T) {
	lines := func(n int) brevdue.Text { return brevdue.PlainText(strings.Repeat("l\n", n)) }
	bolds := func(n int) brevdue.Line { // a line that needs n segments
		var l brevdue.Line
		for i := range n {
			l.Runs = append(l.Runs, styled([]brevdue.Style{brevdue.Bold, brevdue.Italic}[i%2], "w"))
		}
		return l
	}
	tests := []struct {
		name    string
		subject bool
		texts   []brevdue.Text
		want    []int // segments in each group
		split   bool
	}{
		{"45 lines", false, []brevdue.Text{lines(45)}, []int{9}, false},
		{"46 lines", false, []brevdue.Text{lines(46)}, []int{9, 1}, false},
		{"40 lines and the subject", true, []brevdue.Text{lines(40)}, []int{8}, false},
		{"41 lines and the subject", true, []brevdue.Text{lines(41)}, []int{8, 1}, false},
		{"each text its group", false, []brevdue.Text{lines(1), lines(1)}, []int{1, 1}, false},
		{"the first beside the subject", true, []brevdue.Text{lines(1), lines(1)}, []int{1, 1}, false},
		{"an empty text is none", false, []brevdue.Text{lines(1), {}, lines(1)}, []int{1, 1}, false},
		{"subject alone", true, nil, []int{0}, false},
		{"a line that does not fit goes on to the next group", false, []brevdue.Text{textWith(bolds(6), bolds(6))}, []int{6, 6}, false},
		{"a line of nine does not fit beside the subject", true, []brevdue.Text{textWith(bolds(9))}, []int{0, 9}, false},
		{"a line of ten is broken", false, []brevdue.Text{textWith(bolds(10))}, []int{9, 1}, true},
		{"a line of ten is broken beside the subject", true, []brevdue.Text{textWith(bolds(10))}, []int{8, 2}, true},
		{"450 lines", false, []brevdue.Text{lines(450)}, []int{9, 9, 9, 9, 9, 9, 9, 9, 9, 9}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, w := segmentsOf(tt.subject, tt.texts...)
			var got []int
			for _, g := range w.groups {
				got = append(got, len(g))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if w.split != tt.split {
				t.Errorf("split = %v", w.split)
			}
		})
	}
}

// A paragraph in one endless line is the commonest long text: all of it arrives.
func TestEndlessLine(t *testing.T) {
	m := mustDecode(t, letterLines)
	words := strings.TrimSpace(strings.Repeat("ord ", 3000))
	m.Letters[0].Segments[0].Texts = []brevdue.Text{brevdue.PlainText(words)}
	out, fs := encodeDIS91(m)
	if out == nil {
		t.Fatal(fs)
	}
	again, _ := decodeDIS91(out)
	if got := strings.ReplaceAll(again.Letters[0].Text(), "\n", ""); got != words {
		t.Errorf("%d of %d characters arrived", len(got), len(words))
	}
	told := map[string]bool{}
	for _, f := range fs {
		told[f.Rule] = true
	}
	if !told[ruleDSplit.ID] || !told[ruleDWParts.ID] {
		t.Errorf("the sender was not told: %+v", fs)
	}
	m.Letters[0].Segments[0].Texts = []brevdue.Text{brevdue.PlainText(strings.Repeat("ord ", 1<<20))}
	if out, fs := encodeDIS91(m); out != nil || fs[len(fs)-1].Rule != ruleDWText.ID {
		t.Errorf("4 MB of text gave %d bytes, %+v", len(out), fs)
	}
}

func TestLatinText(t *testing.T) {
	in := textWith(line(run("a\r\nb\nc"), styled(brevdue.Bold, "d")), line(run("e – f\tg")))
	want := textWith(line(run("a")), line(run("b")), line(run("c"), styled(brevdue.Bold, "d")), line(run("e - f g")))
	got, replaced := latinText(in)
	if diff := cmp.Diff(want.Normalise(), got.Normalise()); diff != "" {
		t.Error(diff)
	}
	if len(replaced) != 2 || replaced[0].Rune != '–' || replaced[1].Rune != '\t' {
		t.Errorf("replaced %+v", replaced)
	}
	plain := brevdue.PlainText("æøå")
	if same, _ := latinText(plain); &same.Lines[0] != &plain.Lines[0] {
		t.Error("a text that fits is not copied")
	}
}

// The reading rules of std:xdis91 §2.5; the corpus has the whole letters.
func TestReadFTX(t *testing.T) {
	tests := []struct{ name, segments, want string }{
		{"lines", "FTX+NC+P00++a:b'", "a\nb"},
		{"a full stop is an empty line", "FTX+NC+P00++a:.:b'", "a\n\nb"},
		{"so is an empty component", "FTX+NC+P00++a::b'", "a\n\nb"},
		{"a backslash goes on", `FTX+NC+P00++a \:b'`, "a b"},
		{"and over segments", `FTX+NC+P00++a \'FTX+NC+PF0++b:c'`, "a b\nc"},
		{"fewer than five components mean nothing", "FTX+NC+P00++a'FTX+NC+P00++b'", "a\nb"},
		{"two backslashes are one and a continuation", `FTX+NC+P00++a\\:b'`, `a\b`},
		{"no text at all", "FTX+NC+P00'", ""},
		{"a refusal has no formatting", "FTX+NC+PF0++a'FTX+NC+P0M++b'", "a\nb"},
	}
	for _, tt := range tests {
		ic, _ := edifact.Read([]byte(tt.segments))
		if got := ReadFTX(ic.Segments()); got.String() != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got.String(), tt.want)
		}
	}
}

// A refusal of any length arrives whole, in components that fit.
func TestFTXParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := brevdue.PlainText(rapid.StringOfN(rapid.RuneFrom([]rune("abc æøå.:'?+\\\n")), 0, 400, -1).Draw(t, "text"))
		parts, replaced := FTXParts(text)
		if len(replaced) > 0 {
			t.Fatalf("replaced %+v", replaced)
		}
		w := edifact.NewWriter(0)
		for _, p := range parts {
			if len(p) == 0 || len(p) > lineParts {
				t.Fatalf("%d components", len(p))
			}
			for _, c := range p {
				if n := runeCount(c); n > lineLength+1 {
					t.Fatalf("a component of %d characters", n)
				}
			}
			w.Segment("FTX", edifact.E("NC"), edifact.E("P00"), nil, p)
		}
		ic, _ := edifact.Read(w.End())
		segments := ic.Segments()
		got := ReadFTX(segments[:len(segments)-1])
		want := text.Normalise()
		for i := range want.Lines { // the two traps gain a space (§2.5)
			if runs := want.Lines[i].Runs; len(runs) > 0 {
				runs[len(runs)-1].Text = ended(runs[len(runs)-1].Text)
			}
		}
		if diff := cmp.Diff(want.String(), got.String()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Every code of §1.4 survives the way to EDIFACT and back, and none is there twice.
func TestCodeTables(t *testing.T) {
	for name, pairs := range map[string][]codePair{
		"episode": episodeCodes, "object": objectCodes, "extension": extensionCodes, "specialty": specialtyCodes91,
	} {
		seen := map[string]bool{}
		for _, p := range pairs {
			if seen[p.edi] {
				t.Errorf("%s: %s stands twice", name, p.edi)
			}
			seen[p.edi] = true
			edi, ok := toEDI(pairs, p.xml)
			xml, back := toXML(pairs, edi)
			if !ok || !back || xml != p.xml {
				t.Errorf("%s: %s became %s became %s", name, p.xml, edi, xml)
			}
		}
		if _, ok := toEDI(pairs, "ukendt"); ok {
			t.Errorf("%s: an unknown word has a code", name)
		}
	}
	// OIOXML's own lists have no word that EDIFACT lacks.
	for _, w := range extensionWords {
		if _, ok := toEDI(extensionCodes, w); !ok {
			t.Errorf("extension %s has no EDIFACT code", w)
		}
	}
	for _, w := range specialties {
		if _, ok := toEDI(specialtyCodes91, strings.TrimSpace(w)); !ok && w != "" {
			t.Errorf("specialty %s has no number", w)
		}
	}
	for _, w := range objectCodeWords {
		if _, ok := toEDI(objectCodes, w); !ok {
			t.Errorf("object code %s has no EDIFACT code", w)
		}
	}
	for _, w := range episodeWords {
		if _, ok := toEDI(episodeCodes, w); !ok {
			t.Errorf("episode %s has no EDIFACT code", w)
		}
	}
}

// Every rule about reading EDIFACT letters is broken by some letter of the
// corpus, so that no rule is only words.
func TestEveryReadingRuleIsBrokenSomewhere(t *testing.T) {
	broken := map[string]bool{}
	for _, c := range testletters.All() {
		if c.Format != brevdue.EDIFACT {
			continue
		}
		_, fs := decodeDIS91(c.Data)
		for _, f := range fs {
			broken[f.Rule] = true
		}
	}
	for _, r := range append(edifact.Rules(), dis91Rules...) {
		switch {
		case strings.HasPrefix(r.ID, "DIS91-WRITE-"): // dis91_test.go
		case r.ID == "EDI-SIZE-02", r.ID == "EDI-SIZE-03", r.ID == "EDI-SIZE-01", r.ID == "EDI-SIZE-04", r.ID == "EDI-UNO-01", r.ID == "EDI-UNB-04": // edifact_test.go
		case !broken[r.ID]:
			t.Errorf("no letter of the corpus breaks %s", r.ID)
		}
	}
}
