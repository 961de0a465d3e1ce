package web

import (
	"strings"

	"brevdue/aftale"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// keptOf is what the writing side keeps about a letter and never sends (AGR-907), in
// the order of the form. basis is the agreement's own word for the legal basis; nil
// when it is not known any more.
func keptOf(c clock, r *store.Record, basis *aftale.Consent) []pair {
	if r == nil {
		return nil
	}
	w := c.words
	var out []pair
	say := func(key string, parts ...string) {
		if text := join(" · ", parts...); text != "" {
			out = append(out, pair{w.T("kept." + key), text})
		}
	}
	date := func(s string) string {
		d, err := kalender.ParseDay(s)
		if err != nil {
			return s
		}
		return c.day(d.At(12 * 60))
	}
	answer := func(s string) string {
		if s == "" {
			return ""
		}
		return w.T("answer." + s)
	}
	if b := r.Basis; b != nil {
		name, law := b.Code, ""
		if basis != nil {
			name, law = basis.Name, basis.Law
		}
		say("basis", name, law)
		say("weighing", b.Weighing)
		say("consent", date(b.Consent))
		say("health", answer(b.Health))
	}
	say("discharge", date(r.Discharge))
	say("services", answer(r.Services))
	say("need", date(r.Need))
	if r.Exempt {
		say("exempt", w.T("answer.yes"))
	}
	say("afterphone", r.AfterPhone)
	if call := r.Call; call != nil {
		say("call", c.when(call.At), call.Organisation, call.Number, call.Who, call.By)
		say("agreed", call.Agreed)
	}
	say("nocall", r.AfterPhoneReason)
	say("standard", r.Purpose, r.StandardReason)
	say("start", r.StartReason)
	if r.Arrangement != 0 {
		say("arrangement", w.T("answer.yes"))
	}
	say("subject", r.SubjectReason)
	var hints []string
	for _, code := range r.Overruled {
		hints = append(hints, w.T("hint."+code))
	}
	say("overruled", strings.Join(hints, ", "))
	return out
}
