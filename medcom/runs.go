package medcom

import "brevdue"

// growingRun is a run of a text while it is read. A run may come in very many
// pieces; putting them together takes time in proportion to its length.
type growingRun struct {
	look  brevdue.Run // without text
	first string      // the text as long as it is one piece
	more  []byte      // the whole text when it is not
}

// add appends characters, of which there is at least one; false when the run has
// begun with another look.
func (g *growingRun) add(s string, look brevdue.Run) bool {
	switch {
	case g.empty():
		g.look, g.first = brevdue.Run{Style: look.Style, Fixed: look.Fixed}, s
		return true
	case g.look.Style != look.Style || g.look.Fixed != look.Fixed:
		return false
	case g.first != "":
		g.more, g.first = append(g.more, g.first...), ""
	}
	g.more = append(g.more, s...)
	return true
}

func (g *growingRun) empty() bool { return g.first == "" && len(g.more) == 0 }

// end returns the run, which is empty when nothing was added, and starts afresh.
func (g *growingRun) end() brevdue.Run {
	run := g.look
	run.Text = g.first
	if len(g.more) > 0 {
		run.Text = string(g.more)
	}
	g.first, g.more = "", g.more[:0]
	return run
}

// runStore keeps the runs of many lines in one piece of memory: most lines have one.
type runStore struct {
	runs []brevdue.Run
}

// add appends to the runs of a line, which have no room behind them, so that lines
// never share any.
func (s *runStore) add(line []brevdue.Run, run brevdue.Run) []brevdue.Run {
	if len(line) > 0 {
		return append(line, run)
	}
	if len(s.runs) == cap(s.runs) {
		s.runs = make([]brevdue.Run, 0, min(2*cap(s.runs)+1, 64))
	}
	n := len(s.runs)
	s.runs = append(s.runs, run)
	return s.runs[n : n+1 : n+1]
}
