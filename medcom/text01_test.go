package medcom

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"brevdue"
	"brevdue/oioxml"
)

// show writes lines so that a test can be read: "|" ends a line, styles and
// alignments stand in brackets, fixed font in braces.
func show(t brevdue.Text) string {
	var b strings.Builder
	for _, l := range t.Lines {
		switch l.Align {
		case brevdue.Center:
			b.WriteString("^")
		case brevdue.Right:
			b.WriteString(">")
		}
		for _, r := range l.Runs {
			s := r.Text
			if r.Style != "" {
				s = "[" + string(r.Style[:1]) + ":" + s + "]"
			}
			if r.Fixed {
				s = "{" + s + "}"
			}
			b.WriteString(s)
		}
		b.WriteString("|")
	}
	return b.String()
}

func readText(t *testing.T, inner string) brevdue.Text {
	t.Helper()
	doc, fs := oioxml.Read([]byte("<Text01>" + inner + "</Text01>"))
	if brevdue.HasErrors(fs) {
		t.Fatalf("%s: %v", inner, fs)
	}
	return ReadText(doc.Root)
}

func TestReadText(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"one line", "a", "a|"},
		{"break is a terminator", "a<Break/>", "a|"},
		{"break between", "a<Break/>b", "a|b|"},
		{"an empty line", "a<Break/><Break/>b<Break/>", "a||b|"},
		{"empty line first", "<Break/>a", "|a|"},
		{"space element", "a<Space/><Space/>b", "a  b|"},
		{"ordinary spaces are kept", "  a   b  <Break/>c", "  a   b  |c|"},
		{"line feed in the text is one space", "a \n   b", "a b|"},
		{"line feed by reference too", "a&#10;b", "a b|"},
		{"CR LF", "a\r\nb", "a b|"},
		{"line feed at either end", "\n  a\n ", "a|"},
		{"line feed next to a break", "a\n  <Break/>\n  b", "a|b|"},
		{"line feed around styles", "a\n <Bold>\n b</Bold>\n c", "a [b:b] c|"},
		{"only a line feed", "\n", ""},
		{"styles", "<Bold>a</Bold><Italic>b</Italic><Underline>c</Underline>d", "[b:a][i:b][u:c]d|"},
		{"style over a break", "<Bold>a<Break/>b</Bold>c", "[b:a]|[b:b]c|"},
		{"neighbours of one look join", "<Bold>a</Bold><Bold>b</Bold>", "[b:ab]|"},
		{"fixed font holds styles", "<FixedFont>a<Bold>b</Bold><Break/>c</FixedFont>d", "{a}{[b:b]}|{c}d|"},
		{"centre breaks before and after", "a<Center>b</Center>c", "a|^b|c|"},
		{"right", "<Right>1,5</Right>x", ">1,5|x|"},
		{"centre that ends in a break has no more", "<Center>b<Break/></Center>c", "^b|c|"},
		{"break right after centre is its own end", "<Center>b</Center><Break/>c", "^b|c|"},
		{"two breaks after centre make an empty line", "<Center>b</Center><Break/><Break/>c", "^b||c|"},
		{"break before centre", "a<Break/><Center>b</Center>", "a|^b|"},
		{"centre after centre", "<Center>a</Center><Center>b</Center>", "^a|^b|"},
		{"centre in fixed font", "<FixedFont>a<Center>b</Center>c</FixedFont>", "{a}|^{b}|{c}|"},
		{"empty centre is nothing", "a<Center/>b", "a|b|"},
		{"pretty-printed centre", "a\n<Center>\n b\n</Center>\n c", "a|^b|c|"},
		{"escaped markup is text", "&lt;b&gt;x&lt;/b&gt;", "<b>x</b>|"},
		{"CDATA is text", "<![CDATA[<b>]]>x", "<b>x|"},
		{"comment is nothing", "a<!-- x -->b", "ab|"},
		{"unknown element keeps its words", "a<span>b</span>c", "abc|"},
		{"bold cannot be centred, the words stay", "<Bold>a<Center>b</Center></Bold>", "[b:a]|^b|"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := show(readText(t, tt.in)); got != tt.want {
				t.Errorf("%s\ngot  %s\nwant %s", tt.in, got, tt.want)
			}
		})
	}
	if got := ReadText(nil); len(got.Lines) != 0 {
		t.Error("a missing Text01 has no lines")
	}
}

func written(t brevdue.Text) (string, []brevdue.Finding) {
	w := oioxml.NewWriter("n")
	writeText(w, t)
	out, fs := w.Finish()
	s := string(out)
	s = s[strings.Index(s, `xmlns="n">`)+len(`xmlns="n">`):]
	return strings.TrimSuffix(s, "</Emessage>"), fs
}

func TestWriteText(t *testing.T) {
	line := func(align brevdue.Align, runs ...brevdue.Run) brevdue.Line {
		return brevdue.Line{Align: align, Runs: runs}
	}
	plain := func(s string) brevdue.Run { return brevdue.Run{Text: s} }
	bold := func(s string) brevdue.Run { return brevdue.Run{Text: s, Style: brevdue.Bold} }
	fixed := func(s string) brevdue.Run { return brevdue.Run{Text: s, Fixed: true} }
	tests := []struct {
		name  string
		lines []brevdue.Line
		want  string
	}{
		{"nothing", nil, ""},
		{"lines", []brevdue.Line{line("", plain("a")), {}, line("", plain("b"))}, "a<Break/><Break/>b<Break/>"},
		{"spaces stay spaces", []brevdue.Line{line("", plain(" a  b "))}, " a  b <Break/>"},
		{"markup is escaped", []brevdue.Line{line("", plain("a<b>&c"))}, "a&lt;b&gt;&amp;c<Break/>"},
		{"a bold word", []brevdue.Line{line("", plain("a "), bold("b"), plain(" c"))}, "a <Bold>b</Bold> c<Break/>"},
		{"bold lines share the element", []brevdue.Line{line("", bold("a")), line("", bold("b")), line("", plain("c"))},
			"<Bold>a<Break/>b</Bold><Break/>c<Break/>"},
		{"fixed lines share the element", []brevdue.Line{line("", fixed("a")), line("", fixed("b")), {}, line("", plain("c"))},
			"<FixedFont>a<Break/>b<Break/><Break/></FixedFont>c<Break/>"},
		{"centre ends its own line", []brevdue.Line{line("", plain("a")), line(brevdue.Center, plain("b")), line("", plain("c"))},
			"a<Break/><Center>b</Center>c<Break/>"},
		{"empty line after centre", []brevdue.Line{line(brevdue.Center, plain("b")), {}, line("", plain("c"))},
			"<Center>b</Center><Break/><Break/>c<Break/>"},
		{"centred fixed", []brevdue.Line{line(brevdue.Center, fixed("b")), line("", plain("c"))},
			"<FixedFont><Center>b</Center></FixedFont>c<Break/>"},
		{"line feed in a run", []brevdue.Line{line("", plain("a\nb"))}, "a<Break/>b<Break/>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, fs := written(brevdue.Text{Lines: tt.lines})
			if len(fs) > 0 {
				t.Error(fs)
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestWriteTextSaysWhenAStyleIsLost(t *testing.T) {
	got, fs := written(brevdue.Text{Lines: []brevdue.Line{{Align: brevdue.Right, Runs: []brevdue.Run{{Text: "a", Style: brevdue.Bold}, {Text: "b"}}}}})
	if got != "<Right>ab</Right>" {
		t.Errorf("got %s", got)
	}
	if len(fs) != 1 || fs[0].Rule != ruleXStyle.ID || fs[0].Severity != brevdue.SeverityWarning {
		t.Errorf("got %v", fs)
	}
}

// genText draws texts of any shape the standard can say, within ISO-8859-1.
func genText() *rapid.Generator[brevdue.Text] {
	words := rapid.StringOfN(rapid.SampledFrom([]rune(" ab.:+'?\\<>&\"æøåÆØÅé§\u00a0")), 1, 30, -1)
	run := rapid.Custom(func(t *rapid.T) brevdue.Run {
		return brevdue.Run{
			Text:  words.Draw(t, "text"),
			Style: rapid.SampledFrom([]brevdue.Style{"", "", "", brevdue.Bold, brevdue.Italic, brevdue.Underline}).Draw(t, "style"),
			Fixed: rapid.Bool().Draw(t, "fixed"),
		}
	})
	line := rapid.Custom(func(t *rapid.T) brevdue.Line {
		align := rapid.SampledFrom([]brevdue.Align{"", "", "", brevdue.Center, brevdue.Right}).Draw(t, "align")
		if align != brevdue.Left {
			return brevdue.Line{Align: align, Runs: []brevdue.Run{{Text: words.Draw(t, "text"), Fixed: rapid.Bool().Draw(t, "fixed")}}}
		}
		return brevdue.Line{Runs: rapid.SliceOfN(run, 0, 4).Draw(t, "runs")}
	})
	return rapid.Custom(func(t *rapid.T) brevdue.Text {
		return brevdue.Text{Lines: rapid.SliceOfN(line, 0, 12).Draw(t, "lines")}.Normalise()
	})
}

// Every text the standard can say survives being written and read.
func TestTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := genText().Draw(t, "text")
		out, fs := written(want)
		if len(fs) > 0 {
			t.Fatal(fs)
		}
		doc, fs := oioxml.Read([]byte(`<?xml version="1.0" encoding="ISO-8859-1"?><Text01>` + out + `</Text01>`))
		if brevdue.HasErrors(fs) {
			t.Fatalf("%s: %v", out, fs)
		}
		if diff := cmp.Diff(want, ReadText(doc.Root), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s\n%s", out, diff)
		}
	})
}
