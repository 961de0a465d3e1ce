package pdf_test

import (
	"bytes"
	"compress/zlib"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"brevdue"
	"brevdue/internal/pdf"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// read returns the text of a file page by page, in the order it is written: a small
// reader of what this house writes, not of every PDF.
func read(t testing.TB, data []byte) []string {
	t.Helper()
	var pages []string
	stream := regexp.MustCompile(`(?s)/Length \d+>>\nstream\n(.*?)\nendstream`)
	for _, m := range stream.FindAllSubmatch(data, -1) {
		r, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(r)
		if err != nil || !bytes.Contains(content, []byte("BT ")) {
			continue
		}
		pages = append(pages, shownText(content))
	}
	return pages
}

// shownText is the text of the operators Tj of one page, one a line.
func shownText(content []byte) string {
	var b strings.Builder
	for i := 0; i < len(content); i++ {
		if content[i] != '(' {
			continue
		}
		var raw []byte
		for i++; content[i] != ')'; i++ {
			if content[i] == '\\' {
				i++
				if content[i] == 'r' {
					raw = append(raw, '\r')
					continue
				}
			}
			raw = append(raw, content[i])
		}
		var units []uint16
		for k := 0; k+1 < len(raw); k += 2 {
			units = append(units, uint16(raw[k])<<8|uint16(raw[k+1]))
		}
		b.WriteString(string(utf16.Decode(units)) + "\n")
	}
	return b.String()
}

func plain(s string) []brevdue.Line { return brevdue.PlainText(s).Lines }

// full is a sheet with everything one can hold.
func full() pdf.Sheet {
	return pdf.Sheet{
		Lang: "da", Title: "Brev B-000123", Over: "Brev B-000123 · modtaget tirs. 24. nov. kl. 10.00", Heading: "Medicin – ændring af behandling", Under: "Kategori: Medicin",
		Before: []pdf.Section{{Rows: []pdf.Row{{Name: "Borger", Lines: []string{"Torre Test Mosebryggersen", "010490-9989"}}, {Name: "Fra", Lines: []string{"Prøvekøbing Kommune", "Telefon 11 22 33 44"}}}}},
		Parts: []pdf.Part{{Head: "Anne Prøve, 24. nov.", Lines: []brevdue.Line{
			{Runs: []brevdue.Run{{Text: "Marevan er "}, {Text: "pauseret", Style: brevdue.Bold}, {Text: " fra i dag; "}, {Text: "blødning", Style: brevdue.Italic}, {Text: " og "}, {Text: "INR", Style: brevdue.Underline}, {Text: " 4,2 (≥ 3,0)."}}},
			{},
			{Runs: []brevdue.Run{{Text: "dato\tINR", Fixed: true}, {Text: " fed", Fixed: true, Style: brevdue.Bold}, {Text: " skrå", Fixed: true, Style: brevdue.Italic}}},
			{Align: brevdue.Center, Runs: []brevdue.Run{{Text: "midt på"}}},
			{Align: brevdue.Right, Runs: []brevdue.Run{{Text: "til højre"}}},
			{Runs: []brevdue.Run{{Text: "ÆØÅ æøå éüöäßñçŁ – — “citat” € ½ ° µ ≤ → 漢 😀 (parentes) \\ streg"}}},
		}}},
		After: []pdf.Section{{Heading: "Bilag", Rows: []pdf.Row{{Name: "Sårfoto", Lines: []string{"billede · jpeg · 12 kB", "SHA-256 " + strings.Repeat("0f", 32)}}}}, {Heading: "Tomt"}},
		Foot:  "Brev B-000123", Page: "Side %s af %s", Unknown: "Tegn, der ikke kan vises (□): %s", Made: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC),
	}
}

func write(t testing.TB, s pdf.Sheet) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pdf.Write(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// F64: the text of the file is the letter's, every Danish character among it.
func TestSheet(t *testing.T) {
	data := write(t, full())
	if !bytes.HasPrefix(data, []byte("%PDF-1.")) || !bytes.HasSuffix(bytes.TrimSpace(data), []byte("%%EOF")) {
		t.Fatal("not a PDF")
	}
	got := strings.Join(read(t, data), "\f\n")
	golden := filepath.Join("testdata", "sheet.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the text is another:\n%s\nwant\n%s", got, want)
	}
}

// The same letter gives the same bytes, so that two copies can be held against each
// other; another date gives others.
func TestSameBytes(t *testing.T) {
	first := write(t, full())
	for range 8 {
		if !bytes.Equal(first, write(t, full())) {
			t.Fatal("the same sheet gave other bytes")
		}
	}
	later := full()
	later.Made = later.Made.Add(time.Hour)
	if bytes.Equal(first, write(t, later)) {
		t.Error("the date is not in the file")
	}
}

// What programs show of a file is its title; the citizen stands on the paper only.
func TestNothingOfTheCitizenOutsideThePages(t *testing.T) {
	data := write(t, full())
	stream := regexp.MustCompile(`(?s)stream\n.*?\nendstream`)
	outside := stream.ReplaceAll(data, nil)
	for _, secret := range []string{"Mosebryggersen", "0104909989", "010490"} {
		for _, form := range []string{secret, string(wide(secret))} {
			if bytes.Contains(outside, []byte(form)) {
				t.Errorf("outside the pages: %q", secret)
			}
		}
	}
	if !bytes.Contains(outside, wide("Brev B-000123")) {
		t.Error("the file has no title")
	}
}

// wide is the text in UTF-16, as a PDF has it.
func wide(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u>>8), byte(u))
	}
	return out
}

// A long letter has page numbers and its own number on every page, and loses no line.
func TestEveryPageSaysWhichItIs(t *testing.T) {
	s := full()
	var text []string
	for i := range 400 {
		text = append(text, fmt.Sprintf("Linje %d æøå", i))
	}
	text = append(text, strings.Repeat("ord ", 500), strings.Repeat("å", 3000))
	s.Parts = []pdf.Part{{Lines: plain(strings.Join(text, "\n"))}}
	for i := range 60 {
		s.After[0].Rows = append(s.After[0].Rows, pdf.Row{Name: fmt.Sprintf("Bilag %d", i), Lines: []string{strings.Repeat("lang tekst ", 30)}})
	}
	pages := read(t, write(t, s))
	if len(pages) < 10 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, p := range pages {
		if !strings.Contains(p, fmt.Sprintf("Side %d af %d\n", i+1, len(pages))) || !strings.Contains(p, "Brev B-000123\n") {
			t.Errorf("page %d does not say which it is:\n%s", i+1, p)
		}
	}
	all := strings.Join(pages, "")
	for i := range 400 {
		if !strings.Contains(all, fmt.Sprintf("Linje %d æøå\n", i)) {
			t.Errorf("line %d is lost", i)
		}
	}
	if n := strings.Count(all, "å") - 400; n < 3000 {
		t.Errorf("of a word of 3000 characters %d are there", n)
	}
	if n := strings.Count(all, "lang tekst"); n < 60*20 {
		t.Errorf("%d of 1800 pieces are whole", n)
	}
}

// Whatever characters a letter holds, there is a file.
func FuzzSheet(f *testing.F) {
	f.Add("æøå", "a\tb\n\n\x00\u202e")
	f.Add("😀", strings.Repeat("x", 500))
	f.Add("\xff\xfe", "(\\)\r\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a)+len(b) > 2000 {
			return
		}
		s := full()
		s.Heading, s.Parts[0].Head, s.After[0].Rows[0].Name, s.After[0].Rows[0].Lines = a, b, a, []string{b, a}
		s.Parts[0].Lines = append(plain(b), brevdue.Line{Align: brevdue.Right, Runs: []brevdue.Run{{Text: a}, {Text: b, Fixed: true}}}, brevdue.Line{Runs: []brevdue.Run{{Text: a, Style: brevdue.Underline}, {Text: b, Style: brevdue.Bold, Fixed: true}}})
		if len(read(t, write(t, s))) == 0 {
			t.Error("no page")
		}
	})
}

func BenchmarkSheet(b *testing.B) {
	for b.Loop() {
		if err := pdf.Write(io.Discard, full()); err != nil {
			b.Fatal(err)
		}
	}
}
