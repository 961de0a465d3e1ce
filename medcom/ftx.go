package medcom

import (
	"strings"

	"brevdue"
	"brevdue/edifact"
)

// formats is the table of format codes (std:xdis91 §2.5): font P or F, style
// 0 F K U, alignment 0 M H.
var formats = []struct {
	code  string
	look  brevdue.Run
	align brevdue.Align
}{
	{"P00", brevdue.Run{}, brevdue.Left},
	{"PF0", brevdue.Run{Style: brevdue.Bold}, brevdue.Left},
	{"PK0", brevdue.Run{Style: brevdue.Italic}, brevdue.Left},
	{"PU0", brevdue.Run{Style: brevdue.Underline}, brevdue.Left},
	{"P0M", brevdue.Run{}, brevdue.Center},
	{"P0H", brevdue.Run{}, brevdue.Right},
	{"F00", brevdue.Run{Fixed: true}, brevdue.Left},
	{"FF0", brevdue.Run{Fixed: true, Style: brevdue.Bold}, brevdue.Left},
	{"FK0", brevdue.Run{Fixed: true, Style: brevdue.Italic}, brevdue.Left},
	{"FU0", brevdue.Run{Fixed: true, Style: brevdue.Underline}, brevdue.Left},
	{"F0M", brevdue.Run{Fixed: true}, brevdue.Center},
	{"F0H", brevdue.Run{Fixed: true}, brevdue.Right},
}

// ftxReader puts the lines of one S14 together.
type ftxReader struct {
	lines []brevdue.Line
	open  bool // the last line goes on: its last component ended in a backslash
	any   bool // a text segment was read
}

// add reads one text segment and tells whether its format code is known.
func (r *ftxReader) add(s *edifact.Segment) (known bool) {
	look, align := brevdue.Run{Fixed: true}, brevdue.Left
	code := s.Value(2, 1)
	for i := range formats {
		if formats[i].code == code {
			look, align, known = formats[i].look, formats[i].align, true
			break
		}
	}
	r.any = true
	for c := 1; c <= s.Components(4); c++ {
		r.component(s.Value(4, c), look, align)
	}
	return known
}

// line adds a whole line that came from elsewhere.
func (r *ftxReader) line(code, text string) {
	r.any, r.open = true, false
	r.component(text, brevdue.Run{}, brevdue.Left)
}

// component reads one component (std:xdis91 §2.5): "." alone is an empty line, a
// final backslash says that the line goes on, anything else is a line. A full
// stop that continues a line is text: the reference converter would lose it.
func (r *ftxReader) component(v string, look brevdue.Run, align brevdue.Align) {
	if r.open && len(r.lines) > 0 && r.lines[len(r.lines)-1].Align != align {
		r.open = false // an alignment is the look of whole lines
	}
	if v == "." && !r.open {
		r.lines = append(r.lines, brevdue.Line{})
		return
	}
	v, more := strings.CutSuffix(v, `\`)
	if !r.open {
		r.lines = append(r.lines, brevdue.Line{Align: align})
	}
	r.open = more
	if v == "" {
		return
	}
	line := &r.lines[len(r.lines)-1]
	if n := len(line.Runs); n > 0 && line.Runs[n-1].Style == look.Style && line.Runs[n-1].Fixed == look.Fixed {
		line.Runs[n-1].Text += v
		return
	}
	look.Text = v
	line.Runs = append(line.Runs, look)
}

// end returns the text read so far and starts afresh.
func (r *ftxReader) end() (t brevdue.Text, any bool) {
	for i := range r.lines {
		if len(r.lines[i].Runs) == 0 {
			r.lines[i].Align = brevdue.Left
		}
	}
	t, any = brevdue.Text{Lines: r.lines}, r.any
	*r = ftxReader{}
	return t, any
}

// Limits of the text of an S14 (std:xdis91 §2.5).
const (
	lineLength    = 69 // characters of a component without the backslash
	lineParts     = 5  // components of an FTX
	groupSegments = 9  // FTX of an S14, the subject included
	groupsOfText  = 10 // S14 with text
)

// ftxSegment is one FTX to be written.
type ftxSegment struct {
	code  string
	parts []string
}

// ftxWriter cuts texts into segments and the segments into groups. A line is
// never divided between two groups, because its continuation would be lost there.
type ftxWriter struct {
	groups [][]ftxSegment
	room   int  // segments left in the last group
	split  bool // a line had to be broken
	fresh  bool // the next line starts a new group
}

// newFTXWriter starts with the group that also holds the subject, when there is one.
func newFTXWriter(subject bool) *ftxWriter {
	w := &ftxWriter{fresh: true}
	if subject {
		w.groups, w.room = [][]ftxSegment{nil}, groupSegments-1
	}
	return w
}

// text writes one ClinicalInformation. The first may share the subject's group.
func (w *ftxWriter) text(t brevdue.Text) {
	if len(t.Lines) == 0 {
		return
	}
	if !w.fresh || len(w.groups) == 0 {
		w.group()
	}
	w.fresh = false
	for _, line := range t.Lines {
		w.line(line)
	}
}

func (w *ftxWriter) group() {
	w.groups = append(w.groups, nil)
	w.room = groupSegments
}

// line writes one line, in a new group when the current one has no room for it.
func (w *ftxWriter) line(l brevdue.Line) {
	pieces := w.pieces(l)
	for len(pieces) > 0 {
		group := &w.groups[len(w.groups)-1]
		used := len(*group)
		whole := appendPieces(*group, pieces)
		if len(whole)-used <= w.room {
			w.room -= len(whole) - used
			*group = whole
			return
		}
		if len(*group) > 0 || w.room < groupSegments {
			w.group()
			continue
		}
		// The line alone is more than a group holds: break it at a word.
		n := len(pieces)
		for len(appendPieces(nil, pieces[:n])) > groupSegments {
			n--
		}
		w.split = true
		head := append([]piece(nil), pieces[:n]...)
		head[n-1].text = strings.TrimSuffix(head[n-1].text, `\`)
		*group = appendPieces(nil, head)
		w.room = 0
		pieces = pieces[n:]
	}
}

// piece is one component with its format code.
type piece struct{ code, text string }

// pieces cuts one line into components.
func (w *ftxWriter) pieces(l brevdue.Line) []piece {
	var out []piece
	for i, run := range l.Runs {
		if run.Text == "" {
			continue
		}
		code := formatCode(run, l.Align)
		last := true
		for _, later := range l.Runs[i+1:] {
			last = last && later.Text == ""
		}
		text := run.Text
		for len(text) > lineLength && runeCount(text) > lineLength {
			var head string
			head, text = cut(text)
			out = append(out, piece{code, head + `\`})
		}
		switch {
		case !last:
			text += `\`
		case text == ".", strings.HasSuffix(text, `\`):
			text += " " // else it would read as an empty line, or as going on
		}
		out = append(out, piece{code, text})
	}
	if out == nil {
		out = []piece{{"", "."}}
	}
	return out
}

// cut divides a text of more than 69 characters after the last white space
// within them, or after 69 when there is none beyond the third.
func cut(text string) (head, rest string) {
	n, at, space := 0, len(text), 0
	for i, c := range text {
		if n == lineLength {
			at = i
			break
		}
		if (c == ' ' || c == '\t') && n > 2 {
			space = i + 1
		}
		n++
	}
	if space > 0 {
		at = space
	}
	return text[:at], text[at:]
}

func runeCount(s string) int {
	n := 0
	for range s {
		n++
	}
	return n
}

// appendPieces returns the group with the pieces in it; the group itself is not
// changed. A piece without a code (an empty line) takes that of the segment before it.
func appendPieces(group []ftxSegment, pieces []piece) []ftxSegment {
	out := append([]ftxSegment(nil), group...)
	for i, p := range pieces {
		n := len(out)
		if n > 0 && len(out[n-1].parts) < lineParts && (p.code == "" || p.code == out[n-1].code) {
			parts := out[n-1].parts
			out[n-1].parts = append(parts[:len(parts):len(parts)], p.text)
			continue
		}
		code := p.code
		if code == "" {
			code = "P00"
			if n > 0 {
				code = out[n-1].code
			}
		}
		parts := make([]string, 1, min(lineParts, len(pieces)-i))
		parts[0] = p.text
		out = append(out, ftxSegment{code, parts})
	}
	return out
}

// formatCode returns the code of a run. A line that is centred or to the right
// has no style: the standard cannot say both.
func formatCode(run brevdue.Run, align brevdue.Align) string {
	if align != brevdue.Left {
		run.Style = brevdue.Plain
	}
	for i := range formats {
		f := &formats[i]
		if f.align == align && f.look.Style == run.Style && f.look.Fixed == run.Fixed {
			return f.code
		}
	}
	return "P00"
}

// ReadFTX reads the text of a receipt's FTX segments; receipts share the line
// rules of letters (std:xdis91 §5.3).
func ReadFTX(segments []edifact.Segment) brevdue.Text {
	var r ftxReader
	for i := range segments {
		r.add(&segments[i])
	}
	t, _ := r.end()
	return t
}

// FTXParts cuts an unformatted text into the components of as many FTX segments
// as it needs, five to a segment.
func FTXParts(t brevdue.Text) [][]string {
	var w ftxWriter
	var segments []ftxSegment
	for _, line := range t.Lines {
		plain := brevdue.Line{}
		for _, r := range line.Runs {
			plain.Runs = append(plain.Runs, brevdue.Run{Text: r.Text})
		}
		segments = appendPieces(segments, w.pieces(plain))
	}
	out := make([][]string, len(segments))
	for i := range segments {
		out[i] = segments[i].parts
	}
	return out
}
