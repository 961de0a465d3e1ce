package mailbox_test

import (
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/kalender"
	"time"
)

// The telephone rule on the form (AGR-701..703): the vectors of the agreement and
// both sides of each boundary. Faults say what was asked.
func TestTelephoneRuleOnTheForm(t *testing.T) {
	w := newWorld(t)
	called := mailbox.CallDraft{At: "2026-11-24T09:00", Organisation: "Visitationen", Number: "87651234", Who: "Visitator", Agreed: "Besøg lørdag"}
	for _, c := range []struct {
		name                                   string
		to                                     brevdue.GLN
		episode                                brevdue.EpisodeStatus
		discharging, discharge, services, need string
		exempt                                 bool
		call                                   mailbox.CallDraft
		want                                   string
	}{
		{name: "no answer", want: "discharging"},
		{name: "nonsense", discharging: "maybe", want: "discharging"},
		{name: "no state of care, no answer", episode: " ", want: "discharging"},
		{name: "not discharged", discharging: "no"},
		{name: "no date", discharging: "yes", want: "discharge"},
		{name: "a day that is not there", discharging: "yes", discharge: "2026-02-30", want: "discharge"},
		{name: "far back", discharging: "yes", discharge: "2025-11-27", want: "discharge"},
		{name: "far ahead", discharging: "yes", discharge: "2028-11-27", want: "discharge"},
		{name: "AGR-701 Thursday: the rule is silent", discharging: "yes", discharge: "2026-11-26"},
		{name: "AGR-701 Friday: are there services", discharging: "yes", discharge: "2026-11-27", want: "services"},
		{name: "Friday, services in nonsense", discharging: "yes", discharge: "2026-11-27", services: "x", want: "services"},
		{name: "AGR-701 Friday, served: never asked", discharging: "yes", discharge: "2026-11-27", services: "yes"},
		{name: "AGR-701 Friday, not served: when is the need", discharging: "yes", discharge: "2026-11-27", services: "no", want: "need"},
		{name: "AGR-701 Friday, unknown: when is the need", discharging: "yes", discharge: "2026-11-27", services: "unknown", want: "need"},
		{name: "need before discharge", discharging: "yes", discharge: "2026-11-27", services: "no", need: "2026-11-26", want: "need"},
		{name: "AGR-701 need on Saturday: call", discharging: "yes", discharge: "2026-11-27", services: "no", need: "2026-11-28", want: "callwho"},
		{name: "AGR-701 need on Monday: call", discharging: "yes", discharge: "2026-11-27", services: "no", need: "2026-11-30", want: "callwho"},
		{name: "AGR-701 unknown services, need on Monday: call", discharging: "yes", discharge: "2026-11-27", services: "unknown", need: "2026-11-30", want: "callwho"},
		{name: "AGR-702 ticking does not help on Monday", discharging: "yes", discharge: "2026-11-27", services: "no", need: "2026-11-30", exempt: true, want: "callwho"},
		{name: "AGR-704 called", discharging: "yes", discharge: "2026-11-27", services: "no", need: "2026-11-30", call: called},
		{name: "AGR-702 need on Tuesday: tick", discharging: "yes", discharge: "2026-11-27", services: "no", need: "2026-12-01", want: "exempt"},
		{name: "AGR-702 ticked", discharging: "yes", discharge: "2026-11-27", services: "no", need: "2026-12-01", exempt: true},
		{name: "AGR-702 called instead", discharging: "yes", discharge: "2026-11-27", services: "no", need: "2026-12-01", call: called},
		{name: "Saturday itself", discharging: "yes", discharge: "2026-11-28", services: "no", need: "2026-11-28", want: "callwho"},
		{name: "day before Christmas Eve", discharging: "yes", discharge: "2026-12-23", services: "no", need: "2026-12-28", want: "callwho"},
		{name: "Christmas, need after the next working day", discharging: "yes", discharge: "2026-12-23", services: "no", need: "2026-12-29", want: "exempt"},
		{name: "an outpatient is not discharged", episode: brevdue.EpisodeOutpatient},
		{name: "nor is a dead citizen", episode: brevdue.EpisodeDead},
		{name: "the social area has no such rule", to: outSoc},
		{name: "nor has a practice", to: outGP},
		{name: "what was answered before the receiver was changed is not looked at", to: outGP, discharging: "yes", discharge: "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := draft()
			if c.to != "" {
				d.Receiver = c.to
			}
			switch c.episode {
			case "":
				d.Episode = brevdue.EpisodeInpatient
			case " ":
				d.Episode = ""
			default:
				d.Episode = c.episode
			}
			d.Discharging, d.Discharge, d.Services, d.Need, d.Exempt, d.Call = c.discharging, c.discharge, c.services, c.need, c.exempt, c.call
			if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != c.want {
				t.Errorf("faults %q, want %q", got, c.want)
			}
		})
	}
	w.sound()
}

// Easter has the longest row of closed days: the vectors of the agreement.
func TestTelephoneRuleAtEaster(t *testing.T) {
	w := newWorld(t)
	w.at(time.Date(2026, 3, 31, 10, 0, 0, 0, kalender.Copenhagen()))
	for _, c := range []struct{ need, want string }{{"2026-04-07", "callwho"}, {"2026-04-08", "exempt"}} {
		d := draft()
		d.Episode = brevdue.EpisodeInpatient
		d.Discharging, d.Discharge, d.Services, d.Need = "yes", "2026-04-01", "no", c.need
		if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != c.want {
			t.Errorf("AGR-701 need %s: faults %q, want %q", c.need, got, c.want)
		}
	}
}

// The letter goes all the same (AGR-703), a ticked exemption is logged, and the form
// explains itself with the sentence of the rule.
func TestTheExemptionIsLogged(t *testing.T) {
	w := newWorld(t)
	d := draft()
	d.Episode = brevdue.EpisodeInpatient
	d.Discharging, d.Discharge, d.Services, d.Need, d.Exempt = "yes", "2026-11-27", "no", "2026-12-01", true
	f, err := w.box.LetterForm(w.ctx, anne(), clinic, d)
	if err != nil || f.Phone == nil || f.Phone.Required || !f.Phone.MayExempt || !strings.Contains(f.Phone.Sentence, "AGR-702") || f.Phone.SentenceEN == "" || f.CallNeeded {
		t.Fatalf("asked %+v, %v", f.Phone, err)
	}
	id := w.sent(anne(), clinic, d)
	r := w.letter(id).Record
	if !r.Exempt || r.Discharge != "2026-11-27" || r.Need != "2026-12-01" || r.Services != "no" || r.Call != nil {
		t.Errorf("kept %+v", r)
	}
	if got := w.events(id); got != "created call-exempt" {
		t.Errorf("timeline %s", got)
	}
	if got := w.jobs(); !strings.HasPrefix(got, "send:") {
		t.Errorf("AGR-703: the letter is not sent: %s", got)
	}
	if got := w.details("letter.created"); got != "basis 41-2-1, exempt from calling" {
		t.Errorf("audit says %q", got)
	}
}

// A reply from a hospital is asked about a discharge as well: that is where "hun
// kommer hjem fredag" is written.
func TestTelephoneRuleOnAReply(t *testing.T) {
	w := newWorld(t)
	in := w.arrive(incoming{})
	d := answer()
	d.Discharging = ""
	if got := faults(t, verdict(w.box.CheckReply(w.ctx, anne(), clinic, in, d))); got != "discharging" {
		t.Errorf("faults %q", got)
	}
	d.Discharging, d.Discharge = "yes", "2026-11-27"
	if got := faults(t, verdict(w.box.CheckReply(w.ctx, anne(), clinic, in, d))); got != "services" {
		t.Errorf("faults %q", got)
	}
	// The municipality's own reply is not.
	other := w.arrive(incoming{unit: homecare})
	d = answer()
	d.Discharging = ""
	if got := faults(t, verdict(w.box.CheckReply(w.ctx, bo(), homecare, other, d))); got != "" {
		t.Errorf("home care: faults %q", got)
	}
}

// The record of a call (AGR-704) is whole or it is no record.
func TestCallRecord(t *testing.T) {
	w := newWorld(t)
	whole := mailbox.CallDraft{At: "2026-11-24T09:00", Organisation: "Visitationen", Number: "87651234", Who: "Visitator", Agreed: "Besøg lørdag"}
	for _, c := range []struct {
		name   string
		change func(*mailbox.CallDraft)
		want   string
	}{
		{"AGR-704 whole", func(*mailbox.CallDraft) {}, ""},
		{"no time", func(c *mailbox.CallDraft) { c.At = "" }, "callat"},
		{"nonsense for a time", func(c *mailbox.CallDraft) { c.At = "i går" }, "callat"},
		{"a quarter ahead", func(c *mailbox.CallDraft) { c.At = "2026-11-24T10:15" }, ""},
		{"more than a quarter ahead", func(c *mailbox.CallDraft) { c.At = "2026-11-24T10:16" }, "callat"},
		{"a week back", func(c *mailbox.CallDraft) { c.At = "2026-11-17T10:00" }, ""},
		{"more than a week back", func(c *mailbox.CallDraft) { c.At = "2026-11-17T09:59" }, "callat"},
		{"nobody called", func(c *mailbox.CallDraft) { c.Organisation = "" }, "callorganisation"},
		{"seven digits", func(c *mailbox.CallDraft) { c.Number = "8765432" }, "callnumber"},
		{"a mobile may be called", func(c *mailbox.CallDraft) { c.Number = "20123456" }, ""},
		{"nobody answered", func(c *mailbox.CallDraft) { c.Who = " " }, "callwho"},
		{"nothing agreed", func(c *mailbox.CallDraft) { c.Agreed = "" }, "callagreed"},
		{"a number of a citizen", func(c *mailbox.CallDraft) { c.Organisation = "for 010490-9989" }, "callorganisation"},
		{"a long role", func(c *mailbox.CallDraft) { c.Who = strings.Repeat("x", 121) }, "callwho"},
		{"a long story", func(c *mailbox.CallDraft) { c.Agreed = strings.Repeat("x", 2001) }, "callagreed"},
		{"only a number", func(c *mailbox.CallDraft) { *c = mailbox.CallDraft{Number: "87651234"} }, "callat callorganisation callwho callagreed"},
	} {
		d := draft()
		d.Call = whole
		c.change(&d.Call)
		if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != c.want {
			t.Errorf("%s: faults %q, want %q", c.name, got, c.want)
		}
	}
	w.sound()
}

// A letter after a call (AGR-801..804, AGR-805's short course among them): 803 needs the
// record or a reason, 801 and 802 warn (Amb-22).
func TestLetterAfterACall(t *testing.T) {
	w := newWorld(t)
	call := mailbox.CallDraft{At: "2026-11-24T09:00", Organisation: "Visitationen", Number: "87651234", Who: "Visitator", Agreed: "Besøg lørdag"}
	for _, c := range []struct {
		name, rule, reason string
		call               mailbox.CallDraft
		want, hints        string
		kept, keptReason   string
	}{
		{name: "not marked"},
		{name: "AGR-801", rule: "AGR-801", hints: "call", kept: "AGR-801"},
		{name: "AGR-802", rule: "AGR-802", hints: "call", kept: "AGR-802"},
		{name: "AGR-802 with a call", rule: "AGR-802", call: call, kept: "AGR-802"},
		{name: "AGR-803", rule: "AGR-803", want: "callwho"},
		{name: "AGR-804 with a call", rule: "AGR-803", call: call, kept: "AGR-803"},
		{name: "AGR-804 with a reason", rule: "AGR-803", reason: "ingen tog telefonen", kept: "AGR-803", keptReason: "ingen tog telefonen"},
		{name: "AGR-804 with a short reason", rule: "AGR-803", reason: "ja", want: "afterphonereason"},
		{name: "AGR-804 with a citizen's number", rule: "AGR-803", reason: "om 0104909989", want: "afterphonereason"},
		{name: "no such rule", rule: "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := draft()
			d.AfterPhone, d.AfterPhoneReason, d.Call = c.rule, c.reason, c.call
			f, err := w.box.LetterForm(w.ctx, anne(), clinic, d)
			if err != nil || hintCodes(f.Hints) != c.hints {
				t.Errorf("hints %q, %v", hintCodes(f.Hints), err)
			}
			if len(f.AfterPhone) != 3 {
				t.Errorf("offered %+v", f.AfterPhone)
			}
			if got := faults(t, verdict(w.box.CheckLetter(w.ctx, anne(), clinic, d))); got != c.want {
				t.Fatalf("faults %q, want %q", got, c.want)
			}
			if c.want != "" {
				return
			}
			r := w.letter(w.sent(anne(), clinic, d)).Record
			if r.AfterPhone != c.kept || r.AfterPhoneReason != c.keptReason || (r.Call != nil) != (c.call != mailbox.CallDraft{}) {
				t.Errorf("kept %+v", r)
			}
		})
	}
	// Between two hospitals the agreement says nothing.
	d := draft()
	d.Receiver, d.AfterPhone = outWard, "AGR-803"
	if f, err := w.box.LetterForm(w.ctx, anne(), clinic, d); err != nil || f.AfterPhone != nil {
		t.Errorf("AGR-204: offered %+v, %v", f.AfterPhone, err)
	}
	w.sound()
}
