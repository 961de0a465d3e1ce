package edifact

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"brevdue"
	"brevdue/charset"
)

// small is a valid interchange with one message, one segment a line.
const small = "UNA:+.? '\nUNB+UNOC:3+1:14+2:14+261124:1302+K1'\nUNH+B1+MEDDIS:D:93A:UN:D9134L+DIS91'\nBGM+EPI++9+NA'\nUNT+3+B1'\nUNZ+1+K1'\n"

func Example() {
	ic, findings := Read([]byte("UNB+UNOC:3+5790000120420:14'UNH+1+MEDDIS'FTX+NC+P00++Hvad nu?? Svar?: i morgen'UNT+3+1'UNZ+1+1'"))
	for _, s := range ic.Segments() {
		if s.Tag == "FTX" {
			fmt.Println(s.Value(4, 1))
		}
	}
	for _, f := range findings {
		fmt.Printf("%s %s at %d:%d\n", f.Rule, f.Severity, f.Pos.Line, f.Pos.Column)
	}
	// Output:
	// Hvad nu? Svar: i morgen
	// EDI-UNA-01 info at 1:1
	// EDI-UNZ-03 error at 1:94
}

func ExampleWriter() {
	w := NewWriter(0)
	w.Interchange("K1", E("UNOC", "3"), E("5790000120420", "14"), E("5790000181872", "14"), E("261124", "1302"), E("K1"))
	w.Message("B1", E("MEDDIS", "D", "93A", "UN", "D9134L"), E("DIS91"))
	w.Segment("FTX", E("NC"), E("P00"), nil, E("Er det 37° + 1?", "", ""), nil)
	w.EndMessage()
	fmt.Print(charset.String(w.End()))
	// Output:
	// UNA:+.? '
	// UNB+UNOC:3+5790000120420:14+5790000181872:14+261124:1302+K1'
	// UNH+B1+MEDDIS:D:93A:UN:D9134L+DIS91'
	// FTX+NC+P00++Er det 37° ?+ 1??'
	// UNT+3+B1'
	// UNZ+1+K1'
}

// The grammar of one segment: separators, release, line ends, characters.
func TestValues(t *testing.T) {
	tests := []struct {
		name, in string
		want     [][]string // elements after the tag
	}{
		{"plain", "FTX+a+b:c'", [][]string{{"a"}, {"b", "c"}}},
		{"empty parts", "FTX++:b:'", [][]string{{""}, {"", "b", ""}}},
		{"no elements", "FTX'", nil},
		{"all four released", "FTX+?+?:?'??'", [][]string{{"+:'?"}}},
		{"release before a letter is dropped", "FTX+a?bc'", [][]string{{"abc"}}},
		{"backslash is no release", `FTX+a\+b\'`, [][]string{{`a\`}, {`b\`}}},
		{"line ends in data are deleted", "FTX+a\r\nb+c\n'", [][]string{{"ab"}, {"c"}}},
		{"line end after release", "FTX+a?\r\n+b'", [][]string{{"a+b"}}},
		{"blanks are data", "FTX+ a : b '", [][]string{{" a ", " b "}}},
		{"ISO-8859-1", "FTX+\xe6\xf8\xe5\xa0'", [][]string{{"æøå\u00a0"}}},
		{"windows-1252", "FTX+10 \x80 \x93x\x94'", [][]string{{"10 € “x”"}}},
		{"UTF-8", "FTX+smørrebrød ≥ 2'", [][]string{{"smørrebrød ≥ 2"}}},
		{"tag folded over a line", "F\r\nTX+a'", [][]string{{"a"}}},
		{"other separators", "UNA;*,! ~FTX*a;b!*c!!*d?+'~", [][]string{{"a", "b*c!"}, {"d?+'"}}},
		{"no release character", "UNA:+.  'FTX+a b? c'", [][]string{{"a b? c"}}},
		{"line feed as terminator", "UNA:+.? \nFTX+a+b\n", [][]string{{"a"}, {"b"}}},
		{"byte order mark", "\xef\xbb\xbfFTX+a'", [][]string{{"a"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ic, _ := Read([]byte(tt.in))
			if len(ic.Segments()) != 1 || ic.Segments()[0].Tag != "FTX" || !ic.Whole {
				t.Fatalf("segments: %+v", ic.Segments())
			}
			s := &ic.Segments()[0]
			var got [][]string
			for e := 1; e <= s.Elements(); e++ {
				var c []string
				for i := 1; i <= s.Components(e); i++ {
					c = append(c, s.Value(e, i))
					if !s.Is(e, i, s.Value(e, i)) || s.Is(e, i, s.Value(e, i)+"x") {
						t.Errorf("Is(%d, %d) does not agree with Value", e, i)
					}
				}
				got = append(got, c)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if s.Value(0, 2)+s.Value(99, 1)+s.Value(1, 99)+s.Value(-1, 1)+s.Value(1, 0) != "" || !s.Is(9, 9, "") {
				t.Error("what is absent is empty")
			}
			if out := ic.Write(); string(out) != tt.in {
				t.Errorf("written back as %q", out)
			}
		})
	}
}

// Every rule, its place, and that one fault gives one finding.
func TestFindings(t *testing.T) {
	replace := func(old, new string) string {
		if !strings.Contains(small, old) {
			t.Fatalf("%q is not in the interchange", old)
		}
		return strings.Replace(small, old, new, 1)
	}
	tests := []struct {
		name, in, rule string
		line, column   int
		path           string
	}{
		{"nothing", "", "EDI-EMPTY-01", 1, 1, ""},
		{"only white space", "\r\n \t", "EDI-EMPTY-01", 1, 1, ""},
		{"only UNA", "UNA:+.? '\n", "EDI-EMPTY-01", 2, 1, ""},
		{"no UNA", replace("UNA:+.? '\n", ""), "EDI-UNA-01", 1, 1, ""},
		{"UNA cut short", "UNA:+.", "EDI-UNA-02", 1, 1, ""},
		{"UNA with equal separators", replace("UNA:+", "UNA++"), "EDI-UNA-02", 1, 4, ""},
		{"UNA with a letter", replace("UNA:+", "UNAx+"), "EDI-UNA-02", 1, 4, ""},
		{"UNA with a space", replace("UNA:+", "UNA: "), "EDI-UNA-02", 1, 4, ""},
		{"UTF-8", replace("EPI", "EPÍ"), "EDI-CHARSET-01", 1, 1, ""},
		{"windows-1252", replace("EPI", "\x80"), "EDI-CHARSET-02", 4, 5, ""},
		{"needless release", replace("EPI", "EP?I"), "EDI-REL-01", 4, 7, "UNH[1]/BGM[1]"},
		{"tag", replace("BGM", "bgm"), "EDI-TAG-01", 4, 1, "UNH[1]/?[1]"},
		{"cut in a segment", "UNA:+.? '\nUNB+UNOC:3+1:14+2:14+261124:1302+K1'\nUNH+B1+MEDD", "EDI-END-01", 3, 12, "UNH[1]"},
		{"cut after a segment", "UNA:+.? '\nUNB+UNOC:3+1:14+2:14+261124:1302+K1'\nUNH+B1+MEDDIS'UNT+2+B1'", "EDI-UNZ-01", 3, 24, "UNZ[1]"},
		{"no UNB", replace("UNB+UNOC:3+1:14+2:14+261124:1302+K1'\n", ""), "EDI-UNB-01", 2, 1, "UNH[1]"},
		{"two UNB", replace("UNH", "UNB+UNOC:3'\nUNH"), "EDI-UNB-04", 3, 1, "UNB[2]"},
		{"more after UNZ", small + small, "EDI-UNB-02", 7, 1, ""},
		{"other syntax", replace("UNOC", "UNOA"), "EDI-UNB-03", 2, 5, "UNB[1]/1.1"},
		{"UNZ count", replace("UNZ+1", "UNZ+2"), "EDI-UNZ-02", 6, 5, "UNZ[1]/1.1"},
		{"UNZ count no number", replace("UNZ+1", "UNZ+x"), "EDI-UNZ-02", 6, 5, "UNZ[1]/1.1"},
		{"UNZ reference", replace("UNZ+1+K1", "UNZ+1+K2"), "EDI-UNZ-03", 6, 7, "UNZ[1]/2.1"},
		{"no message", "UNA:+.? '\nUNB+UNOC:3+1:14+2:14+261124:1302+K1'\nUNZ+0+K1'", "EDI-UNH-01", 2, 1, "UNB[1]"},
		{"segment outside", replace("UNZ", "BGM+EPI'\nUNZ"), "EDI-UNH-02", 6, 1, "BGM[1]"},
		{"no UNT before UNZ", replace("UNT+3+B1'\n", ""), "EDI-UNT-01", 5, 1, "UNZ[1]"},
		{"no UNT before UNH", replace("UNT+3+B1'\n", "UNH+B2+MEDDIS'UNT+2+B2'\n"), "EDI-UNT-01", 5, 1, "UNH[2]"},
		{"UNT count", replace("UNT+3", "UNT+4"), "EDI-UNT-02", 5, 5, "UNH[1]/UNT[1]/1.1"},
		{"UNT count with sign", replace("UNT+3", "UNT+-3"), "EDI-UNT-02", 5, 5, "UNH[1]/UNT[1]/1.1"},
		{"UNT reference", replace("UNT+3+B1", "UNT+3+B2"), "EDI-UNT-03", 5, 7, "UNH[1]/UNT[1]/2.1"},
		{"long segment", replace("EPI", strings.Repeat("x", MaxSegment)), "EDI-SIZE-01", 4, 1, "UNH[1]/BGM[1]"},
		{"UNO without size", replace("BGM+EPI++9+NA", "UNO+1+AID:1+OBJ+x"), "EDI-UNO-01", 4, 17, "UNH[1]/UNO[1]/4.1"},
		{"UNO beyond the end", replace("BGM+EPI++9+NA", "UNO+1+AID:1+OBJ+9999"), "EDI-UNO-01", 4, 17, "UNH[1]/UNO[1]/4.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ic, fs := Read([]byte(tt.in))
			// counts and references also break where a segment was added or removed
			var got []brevdue.Finding
			for _, f := range fs {
				if f.Rule == tt.rule || !strings.Contains("EDI-UNZ-02 EDI-UNT-02", f.Rule) {
					got = append(got, f)
				}
			}
			if len(got) != 1 || got[0].Rule != tt.rule {
				t.Fatalf("want %s, got %+v", tt.rule, fs)
			}
			if p := got[0].Pos; p.Line != tt.line || p.Column != tt.column || p.Path != tt.path {
				t.Errorf("want %d:%d %s, got %+v", tt.line, tt.column, tt.path, p)
			}
			if f := got[0]; f.Text == "" || f.TextEN == "" || f.Ref == "" || strings.Contains(f.Text+f.TextEN, "%!") {
				t.Errorf("words are missing: %+v", f)
			}
			if out := ic.Write(); string(out) != tt.in {
				t.Error("not written back unchanged")
			}
		})
	}
}

// What comes in without end is refused within bounds, and a flood of warnings
// never hides an error.
func TestBounds(t *testing.T) {
	const head = "UNA:+.? '\nUNB+UNOC:3+1:14+2:14+261124:1302+K1'\nUNH+B1+MEDDIS'"
	for name, tt := range map[string]struct {
		in   []byte
		rule string
	}{
		"one endless segment":    {append([]byte(head), bytes.Repeat([]byte{'x'}, 100<<20)...), "EDI-SIZE-01"},
		"endless segments":       {append([]byte(head), bytes.Repeat([]byte("BGM'"), MaxSegments+1)...), "EDI-SIZE-02"},
		"endless components":     {append([]byte(head), bytes.Repeat([]byte("BGM"+strings.Repeat("+", 5000)+"'"), 300)...), "EDI-SIZE-02"},
		"endless messages":       {append([]byte("UNA:+.? '\nUNB+UNOC:3+1:14+2:14+261124:1302+K1'"), bytes.Repeat([]byte("UNH+B1+MEDDIS'UNT+2+B1'"), MaxMessages+1)...), "EDI-SIZE-04"},
		"too large":              {make([]byte, MaxSize+1), "EDI-SIZE-03"},
		"warnings before errors": {[]byte(head + strings.Repeat("BGM+?x'", 1000) + "UNT+1+B1'UNZ+1+K1'"), "EDI-UNT-02"},
	} {
		ic, fs := Read(tt.in)
		found := false
		for _, f := range fs {
			found = found || f.Rule == tt.rule
		}
		if !found || len(fs) > 2*maxFindings {
			t.Errorf("%s: no %s in %d findings", name, tt.rule, len(fs))
		}
		if len(ic.segments) > MaxSegments || len(ic.components) > MaxComponents+MaxSegment {
			t.Errorf("%s: %d segments, %d components", name, len(ic.segments), len(ic.components))
		}
		if !bytes.Equal(ic.Write(), tt.in) {
			t.Errorf("%s: not written back unchanged", name)
		}
	}
}

func TestPaths(t *testing.T) {
	ic, _ := Read([]byte("UNB+UNOC:3'UNH+1'BGM'S01+01'NAD+SSP'S01+01'NAD+PO'S14+14'FTX+OE'FTX+NC'UNT'UNH+2'BGM'UNT'UNZ'"))
	want := []string{"UNB[1]", "UNH[1]", "UNH[1]/BGM[1]", "UNH[1]/S01[1]", "UNH[1]/S01[1]/NAD[1]", "UNH[1]/S01[2]", "UNH[1]/S01[2]/NAD[1]",
		"UNH[1]/S14[1]", "UNH[1]/S14[1]/FTX[1]", "UNH[1]/S14[1]/FTX[2]", "UNH[1]/UNT[1]", "UNH[2]", "UNH[2]/BGM[1]", "UNH[2]/UNT[1]", "UNZ[1]"}
	var got []string
	for _, s := range ic.Segments() {
		got = append(got, s.Pos(0, 0).Path)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A path is the same whichever finding asks first, and a place too.
func TestPlacesInAnyOrder(t *testing.T) {
	for _, in := range []string{
		"UNB+UNOC:3'\nUNH+1'BGM'\nS01+01'\nNAD+æ+x'S01+01'NAD+PO'\n\nUNT'UNH+2'BGM'S01+01'NAD+SSP'UNT'BGM'UNZ'",
		"UNB+UNOC:3'\nUNH+1'\xe6\n\xf8+\xe5'S14+14'S14+14'FTX+?\n+'UNT'",
	} {
		read := func() []Segment { ic, _ := Read([]byte(in)); return ic.Segments() }
		n := len(read())
		want := make([]brevdue.Pos, n)
		for i := range n {
			want[i] = read()[i].Pos(1, 1) // asked of nobody else
		}
		for step := 1; step < n; step++ {
			segments := read()
			for i := range 3 * n {
				j := (i*step + step) % n
				if got := segments[j].Pos(1, 1); got != want[j] {
					t.Errorf("segment %d, step %d: %+v, want %+v", j, step, got, want[j])
				}
			}
		}
	}
}

// Columns count characters, also when they are more than a byte.
func TestColumns(t *testing.T) {
	for name, in := range map[string]string{
		"ISO-8859-1": "UNA:+.? '\nUNB+UNOC:3+\xe6\xf8\xe5+x'", "UTF-8": "UNA:+.? '\nUNB+UNOC:3+æøå+x'",
	} {
		ic, _ := Read([]byte(in))
		if p := ic.Segments()[0].Pos(3, 1); p.Line != 2 || p.Column != 16 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// The bytes of an object are skipped by length: they hold terminators and
// anything else, and come out as they went in (std:xdis91 §6.3).
func TestObject(t *testing.T) {
	raw := "'UNT+1+x'\x00\xff?\r\n"
	in := fmt.Sprintf("UNB+UNOC:3+1+2+261124:1302+K1'UNH+B1+MEDBIN:D:93A:UN:B0131X+BIN01'UNO+1+AID:00+OBJ:IMG:JPG:91+%d:14:1:A'%sUNP+%d+1'UNT+4+B1'UNZ+1+K1'", len(raw), raw, len(raw))
	ic, fs := Read([]byte(in))
	for _, f := range fs {
		if f.Rule != "EDI-UNA-01" {
			t.Errorf("unexpected %+v", f)
		}
	}
	if got := ic.Segments()[2].Data(); string(got) != raw || ic.Segments()[3].Data() != nil {
		t.Errorf("got %q", got)
	}
	if string(ic.Write()) != in {
		t.Error("not written back unchanged")
	}
}

func TestMessages(t *testing.T) {
	for in, want := range map[string][]int{
		"UNB'UNH+1'BGM'UNT'UNH+2'UNT'UNZ'": {3, 2},
		"UNB'UNH+1'BGM'UNH+2'UNT'UNZ'":     {2, 2}, // the first is not closed
		"UNB'UNH+1'BGM'UNZ'":               {2},
		"UNB'UNH+1'BGM'":                   {2},
		"UNB'UNZ'":                         nil,
		"":                                 nil,
	} {
		ic, _ := Read([]byte(in))
		var got []int
		for _, m := range ic.Messages() {
			got = append(got, len(m))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", in, diff)
		}
	}
}

// Two digits of a year are of the century that brings the envelope closest to its
// letter: the reference converter is a hundred years off since 2021.
func TestTime(t *testing.T) {
	tests := []struct{ date, clock, near, want string }{
		{"261124", "1302", "20261124", "2026-11-24T13:02"},
		{"210101", "0000", "20201231", "2021-01-01T00:00"},
		{"981213", "1210", "19981213", "1998-12-13T12:10"},
		{"991231", "2359", "20000101", "1999-12-31T23:59"},
		{"000101", "0001", "19991231", "2000-01-01T00:01"},
		{"261124", "1302", "", "2026-11-24T13:02"},
		{"991124", "1302", "", "2099-11-24T13:02"}, // nothing to tell by
		{"20240229", "1302", "", "2024-02-29T13:02"},
		{"20250229", "1302", "", ""},
		{"20260631", "1302", "", ""},
		{"261324", "1302", "", ""},
		{"261100", "1302", "", ""},
		{"261124", "2400", "", ""},
		{"261124", "1260", "", ""},
		{"261124", "", "", ""},
		{"26112", "1302", "", ""},
		{"2x1124", "1302", "", ""},
		{"261124", "13:2", "", ""},
		{"+61124", "1302", "", ""},
	}
	for _, tt := range tests {
		got, ok := Time(tt.date, tt.clock, tt.near)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("Time(%q, %q, %q) = %q, %v, want %q", tt.date, tt.clock, tt.near, got, ok, tt.want)
		}
	}
}

func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.ID] || !strings.HasPrefix(r.ID, "EDI-") || r.Text == "" || r.TextEN == "" || r.Ref == "" || r.Severity == "" {
			t.Errorf("rule %+v", r)
		}
		seen[r.ID] = true
	}
}

func TestWriterReplaces(t *testing.T) {
	w := NewWriter(0)
	w.Segment("FTX", E("a – b", "c\nd\te", "A\u030a"))
	if got, want := string(w.out), "UNA:+.? '\nFTX+a - b:c d e:\xc5'\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(w.Replaced) != 3 || w.Replaced[0].Rune != '–' || w.Replaced[1].Rune != '\n' || w.Replaced[2].Rune != '\t' {
		t.Errorf("replaced %+v", w.Replaced)
	}
}

// Whatever is written reads back as it was, apart from trailing empty parts.
func TestWriteRead(t *testing.T) {
	value := rapid.StringOfN(rapid.RuneFrom([]rune(`abcæøåÆØÅ ?:+'\.,-0123456789`)), 0, 20, -1)
	rapid.Check(t, func(t *rapid.T) {
		elements := rapid.SliceOfN(rapid.SliceOfN(value, 0, 5), 0, 6).Draw(t, "elements")
		w := NewWriter(0)
		w.Interchange("K1", E("UNOC", "3"), nil, nil, nil, E("K1"))
		w.Message("B1", E("MEDDIS"))
		var args []Element
		for _, e := range elements {
			args = append(args, e)
		}
		w.Segment("FTX", args...)
		w.EndMessage()
		out := w.End()
		ic, fs := Read(out)
		if len(fs) > 0 {
			t.Fatalf("%v\n%s", fs, out)
		}
		s := &ic.Segments()[2]
		for i, e := range elements {
			for j, c := range e {
				if got := s.Value(i+1, j+1); got != c {
					t.Fatalf("element %d.%d is %q, want %q", i+1, j+1, got, c)
				}
			}
		}
	})
}

// MedCom's own files read without complaint and come out byte for byte.
func TestPublished(t *testing.T) {
	dir := filepath.Join("..", "..", "shared", "standards", "examples", "edifact-oioxml")
	files, _ := filepath.Glob(filepath.Join(dir, "*.edi"))
	if len(files) == 0 {
		t.Skip("SKIPPED: ../shared absent, oracle examples/edifact-oioxml not consulted")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		ic, fs := Read(data)
		for _, f := range fs {
			if f.Severity != brevdue.SeverityInfo {
				t.Errorf("%s: %+v", filepath.Base(file), f)
			}
		}
		if !bytes.Equal(ic.Write(), data) {
			t.Errorf("%s is not written back unchanged", filepath.Base(file))
		}
	}
}

// checkAnything is what must hold of any bytes at all.
func checkAnything(t *testing.T, data []byte) {
	ic, fs := Read(data)
	if !bytes.Equal(ic.Write(), data) {
		t.Fatal("not written back unchanged")
	}
	for _, f := range fs {
		if p := f.Pos; p.Offset < 0 || p.Offset > len(data) || p.Line < 1 || p.Column < 1 {
			t.Fatalf("impossible place: %+v", f)
		}
		if !utf8.ValidString(f.Text + f.Pos.Path) {
			t.Fatalf("text is not UTF-8: %+v", f)
		}
	}
	for i := range ic.Segments() {
		s := &ic.Segments()[i]
		for e := 0; e <= s.Elements()+1; e++ {
			for c := 0; c <= s.Components(e)+1; c++ {
				if v := s.Value(e, c); !utf8.ValidString(v) {
					t.Fatalf("%q is not UTF-8", v)
				}
			}
		}
	}
	if !ic.Whole && !brevdue.HasErrors(fs) {
		t.Fatal("reading broke off without a word")
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{small, "", "UNA", "UNA:+.? '", "UNA;*,! ~UNB*UNOC;3~", "UNA:+.  \n", "\xef\xbb\xbfUNB+æ'", "UNB+?", "UNO+1+A+B+3'abc'", "UNH'UNH'UNT'UNZ'UNZ'", "\x80?\r\n'"} {
		f.Add([]byte(s))
	}
	f.Fuzz(checkAnything)
}

func BenchmarkRead(b *testing.B) {
	data := []byte(strings.Replace(small, "BGM+EPI++9+NA'\n", strings.Repeat("FTX+NC+P00++En linje tekst p\xe5 halvtreds tegn eller der omkring\\:som her forts\xe6tter'\n", 10), 1))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		Read(data)
	}
}
