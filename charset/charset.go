// Package charset reads the three encodings that letters come in and writes the
// one they leave in.
//
// Specification: std:xdis91 §1.1 and §2.1. In: windows-1252, ISO-8859-1 and
// UTF-8. Out: ISO-8859-1, because a converter to EDIFACT (syntax UNOC) may sit
// anywhere downstream.
//
// Deliberately missing: guessing beyond these three, and any knowledge of XML
// or EDIFACT.
//
// What surprises: bytes 0x80-0x9F are read as windows-1252 also when the sender
// declared ISO-8859-1, because that is the common fault and the control
// characters they would otherwise mean never stand in a letter. Writing
// replaces what does not fit by a fixed table and reports every replacement;
// nothing is dropped in silence.
package charset

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// Byte returns the character that one byte of windows-1252 or ISO-8859-1 means.
// The five bytes windows-1252 leaves undefined are read as the C1 control
// characters ISO-8859-1 has there.
func Byte(b byte) rune {
	if b < 0x80 || b >= 0xA0 {
		return rune(b)
	}
	if r := charmap.Windows1252.DecodeByte(b); r != utf8.RuneError {
		return r
	}
	return rune(b)
}

// String decodes bytes of windows-1252 or ISO-8859-1.
func String(b []byte) string {
	ascii := true
	for _, c := range b {
		if c >= 0x80 {
			ascii = false
			break
		}
	}
	if ascii {
		return string(b)
	}
	var line [256]byte // most texts are shorter, and need no other memory than the string
	out := line[:0]
	for _, c := range b {
		switch {
		case c < 0x80:
			out = append(out, c)
		case c >= 0xA0:
			out = append(out, 0xC0|c>>6, 0x80|c&0x3F)
		default:
			out = utf8.AppendRune(out, Byte(c))
		}
	}
	return string(out)
}

// LooksUTF8 tells whether the bytes are valid UTF-8 with at least one character
// beyond ASCII. Text in ISO-8859-1 that happens to be so would have to hold
// pairs such as "Ã¦", which no Danish text does.
func LooksUTF8(b []byte) bool {
	beyond := false
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return false
		}
		beyond = true
		i += n
	}
	return beyond
}

// Replacement is one character that ISO-8859-1 cannot hold and what was written
// in its place.
type Replacement struct {
	Rune  rune
	With  string
	Index int // which character of the text, from 0, after composing
}

// Fits tells whether ISO-8859-1 holds every character of s as it stands.
func Fits(s string) bool {
	for _, r := range s {
		if r > 0xFF || r >= 0x80 && r < 0xA0 {
			return false
		}
	}
	return true
}

// Latin1 writes s in ISO-8859-1. Decomposed letters are composed first; what
// does not fit is replaced by the table of std:xdis91 §2.1, or by "?" where the
// table has nothing, and reported.
func Latin1(s string) (out []byte, replaced []Replacement) {
	out = make([]byte, 0, len(s))
	if Fits(s) { // nothing to compose either: every combining mark is beyond U+00FF
		for _, r := range s {
			out = append(out, byte(r))
		}
		return out, nil
	}
	index := 0
	for _, r := range norm.NFC.String(s) {
		switch {
		case r < 0x80, r >= 0xA0 && r <= 0xFF:
			out = append(out, byte(r))
		default:
			with := Substitute(r)
			out = append(out, with...)
			replaced = append(replaced, Replacement{Rune: r, With: with, Index: index})
		}
		index++
	}
	return out, replaced
}

// Substitute returns what is written instead of a character that ISO-8859-1
// cannot hold: "?" when the table has nothing better.
func Substitute(r rune) string {
	switch r {
	case '–', '—', '•', '‐', '‑', '−':
		return "-"
	case '‘', '’', '‚', '′':
		return "'"
	case '“', '”', '„', '″':
		return `"`
	case '…':
		return "..."
	case '€':
		return "EUR"
	case '≤':
		return "<="
	case '≥':
		return ">="
	}
	return "?"
}
