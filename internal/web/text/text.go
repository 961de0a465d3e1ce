// Package text is the catalogue of every text the workbench shows: Danish, which
// is the default, and English, side by side in one file, so that none can be
// forgotten (decision 17).
//
// Deliberately missing: sentences about deadlines, findings and faults; the
// rooms that know why a sentence is true write it in both languages themselves.
//
// What surprises: a key that is not in the catalogue is shown as "⟦key⟧" instead
// of stopping a page that somebody needs; a test finds such keys before a person
// does. Plural texts are two keys, key.1 for exactly one and key.n for the rest.
package text

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed catalogue.txt
var catalogue string

// Languages are the codes the catalogue speaks, the default first.
func Languages() []string { return []string{"da", "en"} }

// Words are the texts of one language.
type Words struct {
	Lang string
	of   map[string]string
}

// T returns the text of a key with its %-verbs filled from args.
func (w *Words) T(key string, args ...any) string {
	s, known := w.of[key]
	if !known {
		return "⟦" + key + "⟧"
	}
	if len(args) == 0 {
		return s
	}
	return fmt.Sprintf(s, args...)
}

// N returns key.1 when n is one and key.n otherwise, filled with n and args.
func (w *Words) N(key string, n int, args ...any) string {
	form := ".n"
	if n == 1 {
		form = ".1"
	}
	return w.T(key+form, append([]any{n}, args...)...)
}

// Has tells whether the key is in the catalogue.
func (w *Words) Has(key string) bool { _, ok := w.of[key]; return ok }

// Keys returns how many texts there are.
func (w *Words) Keys() map[string]string { return w.of }

// Load reads the catalogue and returns the words of each language. An error
// names the line that is not as it should be; the embedded file has none.
func Load() (map[string]*Words, error) { return read(catalogue) }

// read parses a catalogue: a key at the start of a line, then one indented line
// for each language, beginning with its code. Lines that start with # and empty
// lines are for the reader.
func read(src string) (map[string]*Words, error) {
	out := map[string]*Words{}
	for _, lang := range Languages() {
		out[lang] = &Words{Lang: lang, of: map[string]string{}}
	}
	key, at := "", 0
	complete := func() error {
		for _, lang := range Languages() {
			if _, ok := out[lang].of[key]; key != "" && !ok {
				return fmt.Errorf("catalogue line %d: %s has no text in %q", at, key, lang)
			}
		}
		return nil
	}
	for i, line := range strings.Split(src, "\n") {
		switch {
		case strings.TrimSpace(line) == "" || line[0] == '#':
		case line[0] != '\t' && line[0] != ' ':
			if err := complete(); err != nil {
				return nil, err
			}
			key, at = strings.TrimSpace(line), i+1
			if _, twice := out["da"].of[key]; twice {
				return nil, fmt.Errorf("catalogue line %d: %s is there twice", at, key)
			}
		default:
			lang, s, _ := strings.Cut(strings.TrimSpace(line), " ")
			w := out[lang]
			if w == nil || key == "" || s == "" {
				return nil, fmt.Errorf("catalogue line %d: want a key and then \"da text\" and \"en text\"", i+1)
			}
			if _, twice := w.of[key]; twice {
				return nil, fmt.Errorf("catalogue line %d: %s has two texts in %q", i+1, key, lang)
			}
			w.of[key] = s
		}
	}
	return out, complete()
}
