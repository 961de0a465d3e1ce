package medcom

import (
	"strings"

	"brevdue"
	"brevdue/oioxml"
)

// ReadText reads formatted text (Text01, RefuseText) to lines, by std:xdis91
// §1.5:
//
//   - Break ends a line; at the very end it makes no extra line.
//   - Center and Right imply a line end before and after; a Break right at such a
//     place is that line end and not another one.
//   - White space with a CR or LF in it (pretty-printed XML) counts as one space,
//     and as nothing next to a Break or at either end. Other spaces are kept.
//
// It is safe on a nil node.
func ReadText(n *oioxml.Node) brevdue.Text {
	if n == nil {
		return brevdue.Text{}
	}
	lines := 1 // at most, but for elements within elements
	for range n.Elements() {
		lines++
	}
	r := textReader{lines: make([]brevdue.Line, 0, lines), store: runStore{make([]brevdue.Run, 0, lines)}}
	r.read(n, brevdue.Run{}, brevdue.Left)
	if r.begun {
		r.endLine()
	}
	return brevdue.Text{Lines: r.lines}
}

type textReader struct {
	lines   []brevdue.Line
	line    brevdue.Line
	store   runStore
	last    growingRun  // of the line, not in it yet
	begun   bool        // the line has characters
	soft    bool        // a folded white space waits to see what follows
	softRun brevdue.Run // the look it will have
	implied bool        // the last line was ended by Center or Right
}

func (r *textReader) read(n *oioxml.Node, look brevdue.Run, align brevdue.Align) {
	for c := range n.All() {
		if c.Kind != oioxml.ElementNode {
			r.characters(c.Text(), look, align)
			continue
		}
		inner, innerAlign := look, align
		switch c.Local {
		case "Break":
			r.lineBreak()
			continue
		case "Space":
			r.write(" ", look, align)
			continue
		case "Bold":
			inner.Style = brevdue.Bold
		case "Italic":
			inner.Style = brevdue.Italic
		case "Underline":
			inner.Style = brevdue.Underline
		case "FixedFont":
			inner.Fixed = true
		case "Center":
			innerAlign = brevdue.Center
		case "Right":
			innerAlign = brevdue.Right
		}
		if innerAlign != align {
			inner.Style = brevdue.Plain // cannot be combined (§1.5); a broken letter may try
			r.paragraph()
			r.read(c, inner, innerAlign)
			r.paragraph()
			continue
		}
		r.read(c, inner, align)
	}
}

// characters folds white space that holds a line end and writes the rest.
func (r *textReader) characters(s string, look brevdue.Run, align brevdue.Align) {
	for s != "" {
		nl := strings.IndexByte(s, '\n')
		if nl < 0 {
			r.write(s, look, align)
			return
		}
		before := strings.TrimRight(s[:nl], " \t\r\n")
		r.write(before, look, align)
		if !r.soft {
			r.soft, r.softRun = true, look
		}
		s = strings.TrimLeft(s[nl:], " \t\r\n")
	}
}

// write adds characters to the line, a waiting space first.
func (r *textReader) write(s string, look brevdue.Run, align brevdue.Align) {
	if s == "" {
		return
	}
	if r.soft && r.begun {
		r.add(" ", r.softRun)
	}
	r.soft, r.implied, r.begun = false, false, true
	r.line.Align = align
	r.add(s, look)
}

// add goes on with the last run when the look is the same.
func (r *textReader) add(s string, look brevdue.Run) {
	if !r.last.add(s, look) {
		r.line.Runs = r.store.add(r.line.Runs, r.last.end())
		r.last.add(s, look)
	}
}

func (r *textReader) lineBreak() {
	if r.implied && !r.begun {
		r.implied, r.soft = false, false
		return
	}
	r.endLine()
}

// paragraph is the line end that Center and Right imply.
func (r *textReader) paragraph() {
	r.soft = false
	if r.begun {
		r.endLine()
		r.implied = true
	}
}

func (r *textReader) endLine() {
	if r.begun {
		r.line.Runs = r.store.add(r.line.Runs, r.last.end())
	}
	r.lines = append(r.lines, r.line)
	r.line, r.begun, r.soft, r.implied = brevdue.Line{}, false, false, false
}

// textWriter writes lines as formatted text. It never writes Space elements:
// MedCom's converter loses the words before them, while ordinary spaces survive
// everywhere (std:xdis91 §2.5, defects).
type textWriter struct {
	w     *oioxml.Writer
	fixed bool
	tag   string // open style or alignment element, "" for none
}

// writeText writes the content of Text01. Every line ends with Break, as MedCom's
// samples do; only Center and Right end their line themselves, because a Break
// at their end grows into empty lines in MedCom's converter.
func writeText(w *oioxml.Writer, t brevdue.Text) {
	tw := textWriter{w: w}
	for i, line := range t.Lines {
		runs := line.Runs
		if line.Align != brevdue.Left {
			runs = tw.aligned(line)
		}
		for _, run := range runs {
			if run.Text == "" {
				continue
			}
			tw.look(run.Fixed, tagOf(line.Align, run.Style))
			text, rest, more := strings.Cut(run.Text, "\n")
			for w.Chars(text); more; w.Chars(text) {
				w.Empty("Break")
				text, rest, more = strings.Cut(rest, "\n")
			}
		}
		var next *brevdue.Line
		if i+1 < len(t.Lines) {
			next = &t.Lines[i+1]
		}
		tw.endLine(len(runs) > 0 && line.Align != brevdue.Left, next)
	}
	tw.look(false, "")
}

// aligned makes the runs of a centred or right line one run, which is all the
// standard can say.
func (tw *textWriter) aligned(line brevdue.Line) []brevdue.Run {
	var all growingRun
	styled := false
	for _, r := range line.Runs {
		if r.Text == "" {
			continue
		}
		if all.empty() {
			all.look.Fixed = r.Fixed
		}
		styled = styled || r.Style != brevdue.Plain || r.Fixed != all.look.Fixed
		all.add(r.Text, all.look)
	}
	if styled {
		tw.w.Say(ruleXStyle)
	}
	if all.empty() {
		return nil
	}
	return []brevdue.Run{all.end()}
}

// endLine writes the line's end. Inside an element that goes on in the next
// line the Break stays inside, which saves segments in EDIFACT. A centred or
// right line needs a Break only when an empty line follows: that Break is the
// line's own end, and the next one makes the empty line.
func (tw *textWriter) endLine(aligned bool, next *brevdue.Line) {
	first, ok := firstRun(next)
	if ok && tw.tag != "" && tagOf(next.Align, first.Style) == tw.tag && first.Fixed == tw.fixed {
		tw.w.Empty("Break")
		return
	}
	tw.look(tw.fixed, "")
	if !aligned || next != nil && !ok {
		tw.w.Empty("Break")
	}
}

// firstRun returns the first run with text; ok is false for an empty line.
func firstRun(l *brevdue.Line) (brevdue.Run, bool) {
	if l != nil {
		for _, r := range l.Runs {
			if r.Text != "" {
				return r, true
			}
		}
	}
	return brevdue.Run{}, false
}

// tagOf returns the element of a look inside FixedFont or Text01.
func tagOf(align brevdue.Align, style brevdue.Style) string {
	switch {
	case align == brevdue.Center:
		return "Center"
	case align == brevdue.Right:
		return "Right"
	case style == brevdue.Bold:
		return "Bold"
	case style == brevdue.Italic:
		return "Italic"
	case style == brevdue.Underline:
		return "Underline"
	}
	return ""
}

// look closes and opens elements until the wanted look is the current one.
func (tw *textWriter) look(fixed bool, tag string) {
	if tw.tag != "" && (tag != tw.tag || fixed != tw.fixed) {
		tw.w.Close(tw.tag)
		tw.tag = ""
	}
	if tw.fixed && !fixed {
		tw.w.Close("FixedFont")
		tw.fixed = false
	}
	if fixed && !tw.fixed {
		tw.w.Open("FixedFont")
		tw.fixed = true
	}
	if tag != tw.tag {
		tw.w.Open(tag)
		tw.tag = tag
	}
}
