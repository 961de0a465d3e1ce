package web

import (
	"net/http"
	"net/url"
	"strings"

	"brevdue/internal/mailbox"
)

// choices are what a person has chosen for this browser. They are kept in a
// cookie of their own, because they hold before signing in as well.
type choices struct {
	Lang    string // "da", "en" or "" for the user's own
	Compact bool
	KeysOff bool
}

// lang is the chosen language, or the given one when none was chosen.
func (c choices) lang(own string) string {
	for _, l := range []string{c.Lang, own} {
		if l == "da" || l == "en" {
			return l
		}
	}
	return "da"
}

func (wb *Workbench) choicesCookie() string { return wb.cfg.CookieName + "-valg" }

func (wb *Workbench) readChoices(r *http.Request) choices {
	var c choices
	cookie, err := r.Cookie(wb.choicesCookie())
	if err != nil {
		return c
	}
	v, err := url.ParseQuery(cookie.Value)
	if err != nil {
		return c
	}
	if l := v.Get("sprog"); l == "da" || l == "en" {
		c.Lang = l
	}
	c.Compact, c.KeysOff = v.Get("visning") == "kompakt", v.Get("taster") == "fra"
	return c
}

func (wb *Workbench) writeChoices(w http.ResponseWriter, c choices) {
	v := url.Values{}
	if c.Lang != "" {
		v.Set("sprog", c.Lang)
	}
	if c.Compact {
		v.Set("visning", "kompakt")
	}
	if c.KeysOff {
		v.Set("taster", "fra")
	}
	http.SetCookie(w, &http.Cookie{Name: wb.choicesCookie(), Value: v.Encode(), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: wb.cfg.Secure, SameSite: http.SameSiteLaxMode})
}

type settingsPage struct {
	frame
	Saved    bool
	Ended    bool
	Sessions []sessionRow
}

func (wb *Workbench) settingsPage(v *visit) error {
	if _, err := wb.chosen(v); err != nil {
		return err
	}
	p := settingsPage{frame: wb.personFrame(v, v.words.T("settings.heading")), Saved: v.r.URL.Query().Has("gemt")}
	p.Ended = v.r.URL.Query().Has("afsluttet")
	var err error
	if p.Sessions, err = wb.sessionRows(v); err != nil {
		return err
	}
	return wb.render(v, http.StatusOK, "settings", p)
}

// saveSettings takes the whole form or a single choice from a button on another
// page, which names where to come back to.
func (wb *Workbench) saveSettings(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	c, f := v.choice, v.r.PostForm
	if l := f.Get("sprog"); l == "da" || l == "en" {
		c.Lang = l
	}
	if f.Has("visning") {
		c.Compact = f.Get("visning") == "kompakt"
		density := "airy"
		if c.Compact {
			density = "compact"
		}
		if err := wb.cfg.Box.Choose(v.ctx(), *v.person, mailbox.ChoiceDensity, density); err != nil {
			return err
		}
	}
	if f.Has("gruppe") {
		if err := wb.cfg.Box.Choose(v.ctx(), *v.person, mailbox.ChoiceGroup, f.Get("gruppe")); err != nil {
			return err
		}
	}
	if f.Has("taster") {
		c.KeysOff = f.Get("taster") == "fra"
	}
	wb.writeChoices(v.w, c)
	if f.Has("alle") {
		return v.redirect("/indstillinger?gemt")
	}
	return v.redirect(localPath(f.Get("til")))
}

// switchLanguage changes only the language, for the button under every page.
func (wb *Workbench) switchLanguage(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	c := v.choice
	if l := v.r.PostForm.Get("sprog"); l == "da" || l == "en" {
		c.Lang = l
	}
	wb.writeChoices(v.w, c)
	return v.redirect(localPath(v.r.PostForm.Get("til")))
}

// localPath returns p when it is a path on this server, and the front page when
// it could lead anywhere else.
func localPath(p string) string {
	if !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n\t") {
		return "/"
	}
	return p
}
