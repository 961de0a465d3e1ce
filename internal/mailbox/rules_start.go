package mailbox

import "brevdue/internal/store"

// start is the question who starts a dialogue, on a new letter (AGR-301..305). A
// concrete agreement on file answers it.
func (w *writing) start() *StartQuestion {
	if w.answered != nil || !w.covered() {
		return nil
	}
	rule, text := w.a.Start(w.unit.Kind, w.to.Kind)
	if rule == "" {
		return nil
	}
	q := &StartQuestion{Rule: rule, Text: text}
	if len(w.arrangements) > 0 {
		q.Arrangement = &w.arrangements[0]
	}
	return q
}

func (w *writing) judgeStart(j *judge, q Questions, r *store.Record) {
	switch {
	case q.Start == nil:
	case q.Start.Arrangement != nil:
		r.Arrangement = q.Start.Arrangement.ID
	default:
		j.reason("startreason", w.d.StartReason, q.Start.Text, "As a rule the hospital starts the dialogue. Say which concrete agreement the letter builds on, or why you write first.")
		r.StartReason = oneLine(w.d.StartReason)
	}
}
