package mailbox

import (
	"fmt"
	"slices"

	"brevdue/internal/store"
)

// standards are the standards that go before a new letter to the receiver, as far as
// it can take them (AGR-201, AGR-205), and the one that was chosen as the purpose. A
// standard the receiver is known not to take is none.
func (w *writing) standards() (all []StandardChoice, chosen *StandardChoice) {
	if w.answered != nil || !w.covered() {
		return nil, nil
	}
	for _, s := range w.a.Instead(w.unit.Kind, w.to.Kind) {
		takes, known := w.to.CanTake(s.Codes)
		if takes || !known {
			all = append(all, StandardChoice{Standard: s, Takes: takes})
		}
	}
	for i := range all {
		if slices.Contains(all[i].Codes, w.d.Purpose) {
			chosen = &all[i]
		}
	}
	return all, chosen
}

func (w *writing) judgeStandard(j *judge, q Questions, r *store.Record) {
	s := q.Standard
	if s == nil {
		return
	}
	r.Purpose = s.Code()
	if !s.Takes { // nobody knows whether it would arrive
		return
	}
	j.reason("standardreason", w.d.StandardReason, fmt.Sprintf("Modtageren kan tage imod %s (%s). Brug den, eller skriv, hvorfor I bruger korrespondancebrev alligevel.", s.Name, s.Code()),
		fmt.Sprintf("The receiver can take %s (%s). Use it, or say why the letter is used all the same.", s.Name, s.Code()))
	r.StandardReason = oneLine(w.d.StandardReason)
}
