package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/web/text"
)

// chainStatePage tells how the check of the audit log's chain goes.
type chainStatePage struct {
	frame
	Check checkView
}

// checkView is a check in words; the zero value is a chain that was never checked.
type checkView struct {
	Tone, Icon, Text, Detail string
	Running                  bool
	Done, Of                 int64 // lines, while it runs
}

// checkAgain is after how many seconds the page of a running check comes again.
const checkAgain = "2"

// chainPage shows the last check, and comes again by itself while it runs.
func (wb *Workbench) chainPage(v *visit) error {
	check, err := wb.cfg.Box.LastCheck(v.ctx(), *v.person)
	if err != nil {
		return err
	}
	p := chainStatePage{frame: wb.personFrame(v, v.words.T("audit.check")), Check: checkOf(wb.clock(v), check)}
	if p.Check.Running {
		v.w.Header().Set("Refresh", checkAgain)
	}
	return wb.render(v, http.StatusOK, "auditcheck", p)
}

// checkChain begins a check and leads to its page; one that runs already is as good.
func (wb *Workbench) checkChain(v *visit) error {
	if err := wb.cfg.Box.CheckChain(v.ctx(), *v.person); err != nil && !errors.Is(err, brevdue.ErrConflict) {
		return err
	}
	return v.redirect("/revision/kontrol")
}

func checkOf(c clock, check mailbox.ChainCheck) checkView {
	w := c.words
	if check.By == "" {
		return checkView{}
	}
	lines := grouped(w, check.Lines)
	view := checkView{Detail: w.T("audit.checkedby", check.By, c.when(check.Started), took(c, check.Seen.Sub(check.Started)))}
	switch {
	case check.Running(c.now):
		view.Running, view.Done, view.Of = true, check.Lines, max(1, check.Last-check.Begins+1)
		view.Tone, view.Icon, view.Text = "calm", "soon", w.T("audit.checking", lines, grouped(w, view.Of))
	case check.Broken > 0:
		view.Tone, view.Icon, view.Text = "late", "stop", w.T("audit.broken", grouped(w, check.Broken), lines)
	case check.Failed || check.Ended.IsZero():
		view.Tone, view.Icon, view.Text = "soon", "late", w.T("audit.brokenoff", lines)
	default:
		view.Tone, view.Icon, view.Text = "good", "done", w.N("audit.whole", int(check.Lines), dayOf(c, check), lines)
	}
	return view
}

// took is a length of time, in seconds when it is short.
func took(c clock, d time.Duration) string {
	if d < 2*time.Minute {
		return c.words.N("audit.seconds", int(d.Round(time.Second).Seconds()))
	}
	return c.span(d)
}

// dayOf is the day of the first line there is.
func dayOf(c clock, check mailbox.ChainCheck) string {
	if check.Since.IsZero() {
		return c.day(check.Started)
	}
	return c.day(check.Since)
}

// grouped writes a number with a sign between its thousands: 184.203.
func grouped(w *text.Words, n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + w.T("audit.thousands") + s[i:]
	}
	return s
}
