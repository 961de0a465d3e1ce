package web

import (
	"time"

	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// stepView is one step of a letter's way (Brevets vej): written, sent, taken by the network,
// received, acknowledged, read.
type stepView struct {
	Label, Time string
	Tone        string // "done", "late", "" for what has not happened, or is not told
	Raw         bool   // the bytes of this step can be seen
}

// walkOf draws the way of a letter as far as it is known. Nobody tells a sender when a
// letter was received and read; a receipt says that it came.
func walkOf(c clock, o mailbox.Opened) []stepView {
	l, w := o.Letter, c.words
	first := map[string]time.Time{}
	for _, e := range o.Events {
		if _, seen := first[e.What]; !seen {
			first[e.What] = e.At
		}
	}
	step := func(key, when, missing string) stepView {
		s := stepView{Label: w.T("walk." + key), Time: when, Tone: "done"}
		if when == "" {
			s.Time, s.Tone = w.T("walk."+missing), ""
		}
		return s
	}
	if l.Direction == store.In {
		out := []stepView{step("created", c.local(l.Body.Authorised), "untold"), step("sent", c.when(l.Sent), "untold"), step("network", c.local(l.Envelope.Sent), "untold"),
			step("received", c.when(l.Arrived), "untold"), step("acknowledged", c.when(first["acknowledged"]), "notyet"), step("read", c.when(l.ReadAt), "notyet")}
		if !l.Envelope.WantsReceipt && first["acknowledged"].IsZero() {
			out[4].Time = w.T("walk.unasked")
		}
		out[3].Raw = true
		return out
	}
	out := []stepView{step("created", c.when(first["created"]), "untold"), step("sent", c.when(l.Sent), "notyet"), step("network", c.when(first["sent"]), "notyet"),
		step("received", "", "untold"), step("acknowledged", c.when(first["delivered"]), "notyet"), step("read", "", "untold")}
	out[2].Raw = true
	if at := first["rejected"]; !at.IsZero() && first["delivered"].IsZero() {
		out[4] = stepView{Label: w.T("walk.rejected"), Time: c.when(at), Tone: "late"}
	}
	return out
}
