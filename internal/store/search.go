package store

import (
	"iter"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"brevdue"
)

// KeyIndexed is the setting that says how far the letters of an archive can be
// searched ([Letters.Index]): the id up to which all can, and " all" behind it once
// there was nothing left.
const KeyIndexed = "search.indexed"

// KeyMerge is the setting that says that the index of words may still hold words that were
// taken out of it ([Retention.MergeWords]): "begin", or "go on" when the merging was begun.
const KeyMerge = "search.merge"

// Search selects letters of one unit (F59). The zero value selects all of them.
type Search struct {
	// Text are words that must all occur in the letter: its text, subject, category,
	// parties, patient's name, names of attachments, BrevNr. Of the last word its
	// beginning is enough, when that has at least [PrefixFrom] characters.
	Text    string
	Other   string // likewise, in the name of the other party
	Subject string // likewise, in the subject
	Citizen brevdue.CPR
	// Direction is "" for both.
	Direction Direction
	Receipt   ReceiptState
	// From and To bound when a letter arrived (in) or was sent (out): from From and
	// before To; zero leaves that side open.
	From, To time.Time
	Before   int64 // only letters with a lower id; 0 for the newest
	Limit    int   // 0 means 200
}

// ReceiptState says how a letter was answered by the machine at the other end, as a
// search tells them apart.
type ReceiptState string

// The receipt states.
const (
	ReceiptAny     ReceiptState = ""
	ReceiptGiven   ReceiptState = "acknowledged" // accepted, by us or by the receiver
	ReceiptWaiting ReceiptState = "waiting"      // not sent yet, or no receipt yet
	ReceiptRefused ReceiptState = "refused"      // a letter of ours was refused
)

// PrefixFrom is how many characters the beginning of a word needs to be looked for:
// shorter ones are the beginning of nearly everything.
const PrefixFrom = 3

// wordMost is how many characters of a word count; longer ones are no words.
const wordMost = 40

// Words returns the words of a text, each once, in the order they come, as every
// archive compares them: runs of letters and digits, in lower case, composed. An å is
// not an a, and nothing is stemmed.
func Words(text string) []string {
	var out []string
	seen := map[string]bool{}
	for w := range EachWord(Composed(text)) {
		if !seen[w.Word] {
			seen[w.Word] = true
			out = append(out, w.Word)
		}
	}
	return out
}

// WordAt is a word and where it stands in its text, in bytes.
type WordAt struct {
	Word       string // as it is compared
	Start, End int
}

// Composed is a text as [EachWord] wants it: an å is one character.
func Composed(text string) string { return norm.NFC.String(text) }

// EachWord goes through the words of a composed text.
func EachWord(text string) iter.Seq[WordAt] {
	return func(yield func(WordAt) bool) {
		start := -1
		for i, r := range text {
			switch in := unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r); {
			case in && start < 0:
				start = i
			case !in && start >= 0:
				if !yield(WordAt{compared(text[start:i]), start, i}) {
					return
				}
				start = -1
			}
		}
		if start >= 0 {
			yield(WordAt{compared(text[start:]), start, len(text)})
		}
	}
}

// compared is a word as it is compared.
func compared(word string) string {
	word = norm.NFC.String(strings.ToLower(word))
	if utf8.RuneCountInString(word) > wordMost {
		word = string([]rune(word)[:wordMost])
	}
	return word
}

// Sought are the words of a search text, and a test for the words of a letter.
type Sought struct {
	words  []string
	prefix bool // of the last one the beginning is enough
}

// Seek reads a search text.
func Seek(text string) Sought {
	var s Sought
	last := ""
	for w := range EachWord(Composed(text)) {
		last = w.Word
		if !slices.Contains(s.words, last) {
			s.words = append(s.words, last)
		}
	}
	if last == "" {
		return s
	}
	// The last that was typed, also when it was typed before.
	s.words = append(slices.DeleteFunc(s.words, func(w string) bool { return w == last }), last)
	s.prefix = utf8.RuneCountInString(last) >= PrefixFrom
	return s
}

// Words are the words that must occur.
func (s Sought) Words() []string { return s.words }

// Beginning tells whether the beginning of the last word is enough.
func (s Sought) Beginning() bool { return s.prefix }

// Has tells whether a word of a letter is one of those sought.
func (s Sought) Has(word string) bool {
	return slices.Contains(s.words, word) || s.prefix && strings.HasPrefix(word, s.words[len(s.words)-1])
}
