package web

import (
	"errors"
	"net/url"
	"strconv"

	"brevdue"
	"brevdue/internal/web/text"
)

// doneView is the note above a page that something was done, with the button that
// takes it back.
type doneView struct {
	Text     string
	Token    string // "" when it cannot be taken back
	UndoPath string
	Return   string
}

// done leads to the page that says what was done. token is the mailbox's for
// taking it back; a count of 0 is told as nothing having changed.
func (v *visit) done(path, word, token string, n int) error {
	u, err := url.Parse(path)
	if err != nil {
		return err
	}
	q := u.Query()
	q.Set("udfort", word)
	q.Del("fortryd")
	q.Del("antal")
	if token != "" {
		q.Set("fortryd", token)
	}
	if n != 1 {
		q.Set("antal", strconv.Itoa(n))
	}
	u.RawQuery = q.Encode()
	return v.redirect(u.String())
}

// doneOf reads what was done from the address; nil when nothing is said or the
// word is not one of ours.
func doneOf(w *text.Words, u *url.URL, unit brevdue.GLN) *doneView {
	q := u.Query()
	word, token := q.Get("udfort"), q.Get("fortryd")
	d := &doneView{UndoPath: unitPath(unit) + "/fortryd"}
	n, err := strconv.Atoi(q.Get("antal"))
	if err != nil {
		n = 1
	}
	switch {
	case word == "":
		return nil
	case n == 0 && w.Has("did."+word+".0"):
		d.Text = w.T("did." + word + ".0")
	case w.Has("did." + word + ".n"):
		d.Text = w.N("did."+word, n)
	case w.Has("did." + word):
		d.Text = w.T("did." + word)
	default:
		return nil
	}
	if len(token) == 32 {
		d.Token = token
	}
	back := *u
	for _, key := range []string{"udfort", "fortryd", "antal"} {
		q.Del(key)
	}
	back.RawQuery = q.Encode()
	d.Return = back.RequestURI()
	return d
}

// undo takes back the last thing the person did.
func (wb *Workbench) undo(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	back := localPath(v.r.PostForm.Get("til"))
	err = wb.cfg.Box.Undo(v.ctx(), *v.person, unit.GLN, v.r.PostForm.Get("fortryd"))
	if errors.Is(err, brevdue.ErrConflict) {
		return v.done(back, "toolate", "", 1)
	}
	if err != nil {
		return err
	}
	return v.done(back, "undone", "", 1)
}
