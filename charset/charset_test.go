package charset_test

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"brevdue/charset"
)

func ExampleLatin1() {
	out, replaced := charset.Latin1("kl. 8–15: 10 €")
	fmt.Printf("%s\n", out)
	for _, r := range replaced {
		fmt.Printf("character %d: %c became %s\n", r.Index, r.Rune, r.With)
	}
	// Output:
	// kl. 8-15: 10 EUR
	// character 5: – became -
	// character 13: € became EUR
}

func TestLatin1(t *testing.T) {
	for _, c := range []struct {
		in, out string // out as ISO-8859-1 bytes
		times   int    // replacements
	}{
		{"", "", 0},
		{"plain", "plain", 0},
		{"Hillerød Åse æ", "Hiller\xf8d \xc5se \xe6", 0},
		{"a\u00a0b", "a\xa0b", 0},             // the no-break space is in ISO-8859-1
		{"A\u030ase", "\xc5se", 0},            // decomposed Å is composed first
		{"‘a’ “b” „c”", "'a' \"b\" \"c\"", 6}, // quotes
		{"– — … •", "- - ... -", 4},           // dashes, ellipsis, bullet
		{"≤ ≥ €", "<= >= EUR", 3},             // signs
		{"smil 😀 漢", "smil ? ?", 2},           // nothing better
		{"\u0085", "?", 1},                    // a C1 control is not text
	} {
		out, replaced := charset.Latin1(c.in)
		if string(out) != c.out || len(replaced) != c.times {
			t.Errorf("Latin1(%q) = %q with %d replacements, want %q with %d", c.in, out, len(replaced), c.out, c.times)
		}
	}
}

func TestFits(t *testing.T) {
	for in, want := range map[string]bool{
		"": true, "abc": true, "Hillerød Åse \u00a0ÿ": true, "10 €": false, "A\u030ase": false, "\u0085": false, "漢": false,
	} {
		if got := charset.Fits(in); got != want {
			t.Errorf("Fits(%q) = %v, want %v", in, got, want)
		}
	}
}

func TestString(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "abc": "abc", "\xe6\xf8\xe5": "æøå",
		"\x80 \x96 \x93x\x94": "€ – “x”", // windows-1252, whatever was declared
		"\x81":                "\u0081",  // undefined there: the C1 control
	} {
		if diff := cmp.Diff(want, charset.String([]byte(in))); diff != "" {
			t.Error(diff)
		}
	}
}

func TestLooksUTF8(t *testing.T) {
	for in, want := range map[string]bool{
		"": false, "abc": false, "æøå": true, "\xe6\xf8\xe5": false, "æ\xe6": false, "10 €": true,
	} {
		if got := charset.LooksUTF8([]byte(in)); got != want {
			t.Errorf("LooksUTF8(%q) = %v, want %v", in, got, want)
		}
	}
}

// Whatever fits ISO-8859-1 comes back as it was.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOf(rapid.Byte().Filter(func(b byte) bool { return b < 0x80 || b >= 0xA0 })).Draw(t, "bytes")
		s := charset.String(b)
		if !utf8.ValidString(s) {
			t.Fatalf("%q is not UTF-8", s)
		}
		out, replaced := charset.Latin1(s)
		if string(out) != string(b) || replaced != nil {
			t.Fatalf("%q became %q", b, out)
		}
	})
}
