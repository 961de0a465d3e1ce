package pdf

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// The two families.
const (
	sans = "go"
	mono = "gomono"
)

// missing stands where a font has no picture of a character.
const missing = '□'

// fonts are those of one document. A font is put into the file when it is first used.
type fonts struct {
	have   *sfnt.Font // what decides which characters can be shown; all six have the same
	buffer *sfnt.Buffer
	loaded map[string]bool
	lost   *[]rune // characters that could not be shown
}

func newFonts() (fonts, error) {
	f, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return fonts{}, fmt.Errorf("read font: %w", err)
	}
	return fonts{have: f, buffer: new(sfnt.Buffer), loaded: map[string]bool{}, lost: new([]rune)}, nil
}

// bytesOf is a font's file.
func bytesOf(family, style string) []byte {
	switch family + style {
	case sans + "B":
		return gobold.TTF
	case sans + "I":
		return goitalic.TTF
	case mono:
		return gomono.TTF
	case mono + "B":
		return gomonobold.TTF
	case mono + "I":
		return gomonoitalic.TTF
	}
	return goregular.TTF
}

// load makes a font known to the document. The document gets bytes of its own: it
// writes in them.
func (f fonts) load(d *fpdf.Fpdf, family, style string) {
	if key := family + style; !f.loaded[key] {
		f.loaded[key] = true
		d.AddUTF8FontFromBytes(family, style, bytes.Clone(bytesOf(family, style)))
	}
}

// shown is the text with every character the fonts have and □ for the others. Those
// beyond 16 bits would stop fpdf.
func (f fonts) shown(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\u00a0', r == '\t':
			return ' '
		case r < ' ', r == '\u00ad', r == '\u200b', r == '\ufeff': // nothing to see
			return -1
		}
		if i, err := f.have.GlyphIndex(f.buffer, r); err == nil && i != 0 && r <= 0xffff {
			return r
		}
		if !slices.Contains(*f.lost, r) {
			*f.lost = append(*f.lost, r)
		}
		return missing
	}, s)
}

// unknown names the characters that could not be shown by their numbers, "" for none.
func (f fonts) unknown() string {
	var out []string
	for _, r := range *f.lost {
		out = append(out, fmt.Sprintf("U+%04X", r))
	}
	return strings.Join(out, ", ")
}
