package web

import (
	"errors"
	"net/http"

	"brevdue"
	"brevdue/internal/mailbox"
)

// wallCookie names the cookie of a screen on a wall. It is sent to the board of its
// unit and to nothing else.
func (wb *Workbench) wallCookie() string { return wb.cfg.CookieName + "-vaeg" }

// hangWall lets this browser show the unit's board without names, also after the
// person has signed out.
func (wb *Workbench) hangWall(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	token, err := wb.cfg.Box.OpenWall(v.ctx(), *v.person, unit.GLN)
	if err != nil {
		return err
	}
	path := unitPath(unit.GLN) + "/frister"
	http.SetCookie(v.w, &http.Cookie{Name: wb.wallCookie(), Value: token, Path: path, MaxAge: int(mailbox.WallFor.Seconds()),
		HttpOnly: true, Secure: wb.cfg.Secure, SameSite: http.SameSiteLaxMode})
	return v.redirect(path + "?" + wallQuery())
}

// closeWalls ends every screen of the unit.
func (wb *Workbench) closeWalls(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	closed, err := wb.cfg.Box.CloseWalls(v.ctx(), *v.person, unit.GLN)
	if err != nil {
		return err
	}
	return v.done(unitPath(unit.GLN)+"/enheden", "walls", "", closed)
}

// wall is the board of the address for a screen on a wall; nil when this browser is
// none.
func (wb *Workbench) wall(v *visit) (*mailbox.Board, error) {
	cookie, err := v.r.Cookie(wb.wallCookie())
	if err != nil || cookie.Value == "" {
		return nil, nil
	}
	b, err := wb.cfg.Box.Wall(v.ctx(), brevdue.GLN(v.r.PathValue("gln")), cookie.Value)
	if errors.Is(err, brevdue.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &b, nil
}
