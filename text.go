package brevdue

import "strings"

// Text is formatted text as lines, the one shape both FTX segments and Text01
// are read into (std:xdis91 §1.5, §2.5). A final line break is a terminator and
// makes no extra line.
type Text struct {
	Lines []Line `json:"lines,omitempty"`
}

// Align is the placing of a whole line. Left is the zero value.
type Align string

// The alignments. Center and Right are properties of a whole line.
const (
	Left   Align = ""
	Center Align = "center"
	Right  Align = "right"
)

// Line is one line of text. The standard cannot combine alignment with a
// style, so the runs of a centred or right line are plain or fixed only.
type Line struct {
	Align Align `json:"align,omitempty"`
	Runs  []Run `json:"runs,omitempty"` // none: an empty line
}

// Style is the emphasis of a run. Plain is the zero value.
type Style string

// The styles.
const (
	Plain     Style = ""
	Bold      Style = "bold"
	Italic    Style = "italic"
	Underline Style = "underline"
)

// Run is a stretch of characters with one look. Neighbouring runs of a line
// never have the same look and never have empty text (see [Text.Normalise]).
type Run struct {
	Text  string `json:"text"`
	Style Style  `json:"style,omitempty"`
	Fixed bool   `json:"fixed,omitempty"` // FixedFont
}

// PlainText returns a Text with one unformatted line for each line of s.
// A trailing line break makes no extra line; "" gives no lines.
func PlainText(s string) Text {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.TrimSuffix(s, "\n")
	if s == "" {
		return Text{}
	}
	var t Text
	for line := range strings.SplitSeq(s, "\n") {
		if line == "" {
			t.Lines = append(t.Lines, Line{})
			continue
		}
		t.Lines = append(t.Lines, Line{Runs: []Run{{Text: line}}})
	}
	return t
}

// String returns the characters without formatting, lines joined by "\n".
func (t Text) String() string {
	var b strings.Builder
	for i, l := range t.Lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, r := range l.Runs {
			b.WriteString(r.Text)
		}
	}
	return b.String()
}

// Normalise drops empty runs and a final empty line and joins neighbouring runs
// of the same look: two texts mean the same when their normal forms are equal
// (std:xdis91 §3, comparison).
func (t Text) Normalise() Text {
	var out Text
	for _, l := range t.Lines {
		line := Line{Align: l.Align}
		for _, r := range l.Runs {
			if r.Text == "" {
				continue
			}
			if n := len(line.Runs); n > 0 && line.Runs[n-1].Style == r.Style && line.Runs[n-1].Fixed == r.Fixed {
				line.Runs[n-1].Text += r.Text
				continue
			}
			line.Runs = append(line.Runs, r)
		}
		if len(line.Runs) == 0 {
			line.Align = Left
		}
		out.Lines = append(out.Lines, line)
	}
	if n := len(out.Lines); n > 0 && len(out.Lines[n-1].Runs) == 0 {
		out.Lines = out.Lines[:n-1]
	}
	return out
}

// Lines returns the lines of the segment's parts in order, with an empty line between two
// parts; nil when it has no text.
func (s Segment) Lines() []Line {
	var out []Line
	for i, t := range s.Texts {
		if i > 0 {
			out = append(out, Line{})
		}
		out = append(out, t.Lines...)
	}
	return out
}

// Text returns the whole text of the letter without formatting: all segments
// and their parts in order, joined by line breaks.
func (l *Letter) Text() string {
	var parts []string
	for _, s := range l.Segments {
		for _, t := range s.Texts {
			parts = append(parts, t.String())
		}
	}
	return strings.Join(parts, "\n")
}
