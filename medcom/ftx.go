package medcom

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"brevdue"
	"brevdue/charset"
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
	open  bool       // the last line goes on: its last component ended in a backslash
	any   bool       // a text segment was read
	last  growingRun // of the last line, not in it yet
	store runStore
}

// add reads one text segment. It tells whether its format code is known and how
// many characters its widest component has.
func (r *ftxReader) add(s *edifact.Segment) (known bool, widest int) {
	look, align := brevdue.Run{Fixed: true}, brevdue.Left
	for i := range formats {
		if s.Is(2, 1, formats[i].code) {
			look, align, known = formats[i].look, formats[i].align, true
			break
		}
	}
	r.any = true
	for c := 1; c <= s.Components(4); c++ {
		v := s.Value(4, c)
		if len(v) > widest {
			widest = max(widest, runeCount(v))
		}
		r.component(v, look, align)
	}
	return known, widest
}

// line adds a whole line that came from elsewhere.
func (r *ftxReader) line(text string) {
	r.any, r.open = true, false
	r.flush()
	r.lines = append(r.lines, brevdue.Line{Runs: r.store.add(nil, brevdue.Run{Text: text})})
}

// component reads one component (std:xdis91 §2.5): "." alone is an empty line, a
// final backslash says that the line goes on, anything else is a line. A full
// stop that continues a line is text: the reference converter would lose it.
func (r *ftxReader) component(v string, look brevdue.Run, align brevdue.Align) {
	if r.open && len(r.lines) > 0 && r.lines[len(r.lines)-1].Align != align {
		r.open = false // an alignment is the look of whole lines
	}
	if !r.open {
		r.flush()
		if v == "." {
			r.lines = append(r.lines, brevdue.Line{})
			return
		}
		r.lines = append(r.lines, brevdue.Line{Align: align})
	}
	v, r.open = strings.CutSuffix(v, `\`)
	if v != "" && !r.last.add(v, look) {
		r.flush()
		r.last.add(v, look)
	}
}

// flush puts the last run into its line.
func (r *ftxReader) flush() {
	if !r.last.empty() {
		line := &r.lines[len(r.lines)-1]
		line.Runs = r.store.add(line.Runs, r.last.end())
	}
}

// end returns the text read so far and starts afresh.
func (r *ftxReader) end() (t brevdue.Text, any bool) {
	r.flush()
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

	mostAttachments = 10 // references of a letter (std:xdis91 §1.2)
)

// ftxSegment is one FTX to be written.
type ftxSegment struct {
	code  string
	parts []string
}

// ftxWriter cuts texts into segments and the segments into groups. A line is
// never divided between two groups, because its continuation would be lost there.
type ftxWriter struct {
	groups   [][]ftxSegment
	room     int     // segments left in the last group
	fresh    bool    // the last group holds no text yet
	split    bool    // a line had to be broken
	restyled bool    // a style was left out of a centred or right line
	cut      []piece // of the current line
}

// newFTXWriter starts with the group that also holds the subject, when there is one.
func newFTXWriter(subject bool) *ftxWriter {
	w := &ftxWriter{}
	if subject {
		w.groups, w.room, w.fresh = [][]ftxSegment{nil}, groupSegments-1, true
	}
	return w
}

// text writes one ClinicalInformation. The first may share the subject's group.
func (w *ftxWriter) text(t brevdue.Text) {
	if len(t.Lines) == 0 {
		return
	}
	if !w.fresh {
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
	for {
		group := &w.groups[len(w.groups)-1]
		used := len(*group)
		if fits(*group, pieces, used+w.room) {
			*group = appendPieces(*group, pieces)
			w.room -= len(*group) - used
			return
		}
		if used > 0 || fits(nil, pieces, groupSegments) {
			w.group()
			continue
		}
		// The line is more than a group holds: break it where a component ends.
		n := min(len(pieces), w.room*lineParts)
		for !fits(nil, pieces[:n], w.room) {
			n--
		}
		pieces[n-1].text = ended(strings.TrimSuffix(pieces[n-1].text, `\`))
		*group, w.room, w.split = appendPieces(nil, pieces[:n]), 0, true
		if pieces = pieces[n:]; len(pieces) == 0 {
			return
		}
	}
}

// piece is one component with its format code.
type piece struct{ code, text string }

// pieces cuts one line into components, which are good until the next line is cut.
func (w *ftxWriter) pieces(l brevdue.Line) []piece {
	out := w.cut[:0]
	last := 0 // run with text
	for i, run := range l.Runs {
		if run.Text != "" {
			last = i
		}
	}
	for i, run := range l.Runs {
		if run.Text == "" {
			continue
		}
		if l.Align != brevdue.Left && run.Style != brevdue.Plain {
			run.Style = brevdue.Plain // the standard cannot say both
			w.restyled = true
		}
		code := formatCode(run, l.Align)
		text := run.Text
		for len(text) > lineLength && byteIndex(text, lineLength) < len(text) {
			at := cutAt(text)
			out = append(out, piece{code, text[:at] + `\`})
			text = text[at:]
		}
		if i == last {
			text = ended(text)
		} else {
			text += `\`
		}
		out = append(out, piece{code, text})
	}
	if len(out) == 0 {
		out = append(out, piece{"", "."})
	}
	w.cut = out
	return out
}

// ended is the last component of a line: a space after a lone full stop or a
// final backslash, which would else read as an empty line or as going on.
func ended(text string) string {
	if text == "." || strings.HasSuffix(text, `\`) {
		return text + " "
	}
	return text
}

// cutAt tells where to divide a text of more than 69 characters: after the last
// white space within them, or after 69 when there is none beyond the third.
func cutAt(text string) (at int) {
	n, space := 0, 0
	for i, c := range text {
		if n == lineLength {
			at = i
			break
		}
		if c == ' ' && n > 2 {
			space = i + 1
		}
		n++
	}
	if space > 0 {
		return space
	}
	return at
}

func runeCount(s string) int { return utf8.RuneCountInString(s) }

// byteIndex returns where the n-th character of s begins, from 0.
func byteIndex(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// joins tells whether a piece stands in the same segment as those before it: a
// piece without a code (an empty line) takes that of the segment.
func joins(p piece, code string, parts int) bool {
	return parts > 0 && parts < lineParts && (p.code == "" || p.code == code)
}

// fits tells whether the group has at most so many segments when the pieces are in it.
func fits(group []ftxSegment, pieces []piece, most int) bool {
	n, code, parts := len(group), "P00", 0
	if n > 0 {
		code, parts = group[n-1].code, len(group[n-1].parts)
	}
	for _, p := range pieces {
		if joins(p, code, parts) {
			parts++
			continue
		}
		if n++; n > most {
			return false
		}
		code, parts = cmp.Or(p.code, code), 1
	}
	return true
}

// appendPieces puts the pieces into the group.
func appendPieces(group []ftxSegment, pieces []piece) []ftxSegment {
	for _, p := range pieces {
		n, code := len(group), "P00"
		if n > 0 {
			last := &group[n-1]
			if code = last.code; joins(p, code, len(last.parts)) {
				last.parts = append(last.parts, p.text)
				continue
			}
		}
		parts := make([]string, 1, lineParts)
		parts[0] = p.text
		group = append(group, ftxSegment{cmp.Or(p.code, code), parts})
	}
	return group
}

// formatCode returns the code of a run in a line.
func formatCode(run brevdue.Run, align brevdue.Align) string {
	for i := range formats {
		f := &formats[i]
		if f.align == align && f.look.Style == run.Style && f.look.Fixed == run.Fixed {
			return f.code
		}
	}
	return "P00"
}

// latinText returns the text with every character that cannot be written
// replaced, control characters by spaces, and with a line for each line feed that
// stands inside a run. This comes before lines are cut: a replacement may be
// longer than what it replaces, or a place to cut at.
func latinText(t brevdue.Text) (brevdue.Text, []charset.Replacement) {
	whole := true
	for _, l := range t.Lines {
		for _, r := range l.Runs {
			whole = whole && writable(r.Text)
		}
	}
	if whole {
		return t, nil
	}
	var out brevdue.Text
	var all []charset.Replacement
	for _, l := range t.Lines {
		line := brevdue.Line{Align: l.Align}
		for _, r := range l.Runs {
			b, replaced := charset.Latin1(strings.ReplaceAll(strings.ReplaceAll(r.Text, "\r\n", "\n"), "\r", "\n"))
			all = append(all, replaced...)
			for i, c := range b {
				if isControl(rune(c)) && c != '\n' {
					b[i] = ' '
					all = append(all, charset.Replacement{Rune: rune(c), With: " ", Index: i})
				}
			}
			for i, part := range strings.Split(charset.String(b), "\n") {
				if i > 0 {
					out.Lines = append(out.Lines, line)
					line = brevdue.Line{Align: l.Align}
				}
				r.Text = part
				line.Runs = append(line.Runs, r)
			}
		}
		out.Lines = append(out.Lines, line)
	}
	return out, all
}

// writable tells whether a text can be written as it stands.
func writable(s string) bool {
	for _, r := range s {
		if r > 0xFF || r >= 0x80 && r < 0xA0 || isControl(r) {
			return false
		}
	}
	return true
}

func isControl(r rune) bool { return r < ' ' }

// ReadFTX reads the text of a receipt's FTX segments; receipts share the line
// rules of letters (std:xdis91 §5.3).
func ReadFTX(segments []edifact.Segment) brevdue.Text {
	var r ftxReader
	for i := range segments {
		r.add(&segments[i])
	}
	t, _ := r.end()
	for i := range t.Lines { // a refusal has lines and no formatting
		var plain growingRun
		for _, run := range t.Lines[i].Runs {
			plain.add(run.Text, brevdue.Run{})
		}
		t.Lines[i] = brevdue.Line{}
		if !plain.empty() {
			t.Lines[i].Runs = []brevdue.Run{plain.end()}
		}
	}
	return t.Normalise()
}

// FTXParts cuts a text, without its formatting, into the components of as many
// FTX segments as it needs, five to a segment. What ISO-8859-1 cannot hold is
// replaced and told.
func FTXParts(t brevdue.Text) ([][]string, []charset.Replacement) {
	t, replaced := latinText(t)
	var w ftxWriter
	var pieces []piece
	for _, line := range t.Lines {
		var text strings.Builder
		for _, r := range line.Runs {
			text.WriteString(r.Text)
		}
		pieces = append(pieces, w.pieces(brevdue.Line{Runs: []brevdue.Run{{Text: text.String()}}})...)
	}
	segments := appendPieces(nil, pieces) // a receipt has no limit
	out := make([][]string, len(segments))
	for i := range segments {
		out[i] = segments[i].parts
	}
	return out, replaced
}
