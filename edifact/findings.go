package edifact

import "brevdue"

// maxFindings bounds how many errors, and how many remarks beside them, are kept
// of one interchange: who made a hundred mistakes knows what to do.
const maxFindings = 100

// Findings collects what is wrong with an interchange. Errors and milder
// findings are bounded apart, so that a flood of warnings never hides an error.
// The zero value is ready to use.
type Findings struct {
	list           []brevdue.Finding
	errors, others int
}

// Collect goes on from findings that were made already.
func Collect(list []brevdue.Finding) Findings {
	f := Findings{list: list}
	for i := range list {
		if list[i].Severity == brevdue.SeverityError {
			f.errors++
		} else {
			f.others++
		}
	}
	return f
}

// Say notes that a segment broke a rule at one of its components; element and
// component may be 0 for the whole of it. The place is only worked out for a
// finding that is kept.
func (f *Findings) Say(s *Segment, element, component int, r brevdue.Rule, args ...any) {
	if f.room(r) {
		f.list = append(f.list, r.At(s.Pos(element, component), args...))
	}
}

// SayAt notes that a rule was broken at a place that is no segment.
func (f *Findings) SayAt(p brevdue.Pos, r brevdue.Rule, args ...any) {
	if f.room(r) {
		f.list = append(f.list, r.At(p, args...))
	}
}

func (f *Findings) room(r brevdue.Rule) bool {
	n := &f.others
	if r.Severity == brevdue.SeverityError {
		n = &f.errors
	}
	*n++
	return *n <= maxFindings
}

// Errors tells whether an error was noted.
func (f *Findings) Errors() bool { return f.errors > 0 }

// List returns what was kept, in the order it was noted.
func (f *Findings) List() []brevdue.Finding { return f.list }
