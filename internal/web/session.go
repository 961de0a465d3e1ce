package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"brevdue"
)

// sessionRow is one browser somebody is signed in with.
type sessionRow struct {
	ID                         string
	Browser, Address, At, Used string
	Here                       bool
}

// sessionRows are the person's own sessions.
func (wb *Workbench) sessionRows(v *visit) (out []sessionRow, err error) {
	list, err := wb.cfg.Auth.Sessions(v.ctx(), v.token, v.now)
	c := wb.clock(v)
	for _, s := range list {
		row := sessionRow{ID: s.ID, Browser: s.Family, Address: s.Address, At: c.when(s.Created), Used: c.when(s.LastSeen), Here: s.Here}
		if row.Browser == "" {
			row.Browser = v.words.T("session.unknown")
		}
		if row.Here {
			row.Used = v.words.T("session.now")
		}
		out = append(out, row)
	}
	return out, err
}

// endSessions ends one of the person's own sessions, or all but this.
func (wb *Workbench) endSessions(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	id, one := strings.CutPrefix(v.r.PostForm.Get("do"), "afslut:")
	switch {
	case one:
		if err := wb.cfg.Auth.EndSession(v.ctx(), v.token, id, v.now); err != nil {
			return err
		}
	case v.r.PostForm.Get("do") == "andre":
		if _, err := wb.cfg.Auth.EndOthers(v.ctx(), v.token, v.now); err != nil {
			return err
		}
	default:
		return brevdue.ErrNotFound
	}
	return v.redirect("/indstillinger?afsluttet")
}

// sessionTime is what an open page asks for: when the session ends, by the server's clock.
type sessionTime struct {
	Ends int64 `json:"ends"`
	Now  int64 `json:"now"`
}

// sessionLeft answers with the time that is left. Only asking it by POST keeps the session
// alive.
func (wb *Workbench) sessionLeft(v *visit) error {
	data, err := json.Marshal(sessionTime{v.ends.UnixMilli(), v.now.UnixMilli()})
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	if _, err := v.w.Write(data); err != nil {
		return nil // the browser went away
	}
	return nil
}

type resumePage struct {
	frame
	Action string
	Fields []pair
	Letter bool // what was written is a letter
}

// resumable tells that somebody sent a form whose session had run out meanwhile.
func resumable(r *http.Request) bool {
	mode := r.Header.Get("Sec-Fetch-Mode")
	return r.Method == http.MethodPost && (mode == "" || mode == "navigate")
}

// resume keeps what somebody sent when his session had run out: on the page, which says
// how to sign in and sends it again. A letter comes back as a form to look at; it is not
// sent by that.
func (wb *Workbench) resume(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	p := resumePage{frame: wb.frame(v, v.words.T("resume.heading")), Action: v.r.URL.Path}
	p.Letter = strings.HasSuffix(p.Action, "/nyt") || strings.HasSuffix(p.Action, "/svar")
	for name, values := range v.r.PostForm {
		for _, value := range values {
			if p.Letter && name == "do" {
				value = "ret"
			}
			p.Fields = append(p.Fields, pair{name, value})
		}
	}
	slices.SortStableFunc(p.Fields, func(a, b pair) int { return strings.Compare(a.Name, b.Name) })
	return wb.render(v, http.StatusForbidden, "resume", p)
}

// turnBack leads somebody who is not signed in to where he can.
func (wb *Workbench) turnBack(v *visit) {
	if !resumable(v.r) {
		wb.sendToSignIn(v)
		return
	}
	if err := wb.resume(v); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			wb.problem(v, err)
			return
		}
		wb.sendToSignIn(v)
	}
}
