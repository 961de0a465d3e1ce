package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"brevdue"
	"brevdue/internal/auth"
)

type signInPage struct {
	frame
	Login   string
	To      string
	Message *message
	// Provider is the identity provider's name, "" for none, and ProviderPath leads there;
	// Local offers the form.
	Provider, ProviderPath string
	Local                  bool
}

type message struct{ Tone, Icon, Text string }

// cookieName is the session cookie. Over HTTPS the browser itself guards a name
// with this prefix: this host only, whole site, never in the clear.
func (wb *Workbench) cookieName() string {
	if wb.cfg.Secure {
		return "__Host-" + wb.cfg.CookieName
	}
	return wb.cfg.CookieName
}

// sendToSignIn leads somebody who is not signed in to the form, and back
// afterwards. Only the address of a page is remembered, never that of an action.
func (wb *Workbench) sendToSignIn(v *visit) {
	if v.r.URL.Path == "/" && v.r.URL.RawQuery == "" {
		http.Redirect(v.w, v.r, "/log-ind", http.StatusSeeOther)
		return
	}
	q := url.Values{"igen": {"1"}}
	if v.r.Method == http.MethodGet && !strings.HasSuffix(v.r.URL.Path, "/nyheder") {
		q.Set("til", v.r.URL.Path)
	}
	http.Redirect(v.w, v.r, "/log-ind?"+q.Encode(), http.StatusSeeOther)
}

func (wb *Workbench) signInPage(v *visit) error {
	if v.person != nil {
		return v.redirect("/")
	}
	q := v.r.URL.Query()
	p := signInPage{To: q.Get("til")}
	switch {
	case q.Has("ud"):
		p.Message = &message{"good", "done", v.words.T("signin.out")}
	case q.Has("igen"):
		p.Message = &message{"", "info", v.words.T("signin.again")}
	}
	return wb.showSignIn(v, http.StatusOK, p)
}

func (wb *Workbench) showSignIn(v *visit, status int, p signInPage) error {
	faults := p.Faults
	heading := v.words.T("signin.heading")
	if len(faults) > 0 {
		heading = v.words.T("layout.fault", heading)
	}
	p.frame = wb.frame(v, heading)
	p.Faults, p.ReturnPath = faults, "/log-ind"
	p.Local = !wb.cfg.NoLocal
	if name := wb.providerName(); name != "" {
		p.Provider, p.ProviderPath = name, "/log-ind/udbyder"
		if p.To != "" {
			p.ProviderPath += "?" + url.Values{"til": {p.To}}.Encode()
		}
	}
	return wb.render(v, status, "signin", p)
}

func (wb *Workbench) signIn(v *visit) error {
	if wb.cfg.NoLocal {
		return brevdue.ErrNotFound
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	login, password := strings.TrimSpace(v.r.PostForm.Get("login")), v.r.PostForm.Get("password")
	p := signInPage{Login: login, To: localPath(v.r.PostForm.Get("til"))}
	if login == "" {
		p.Faults = append(p.Faults, fault{"login", "f-login", v.words.T("signin.needlogin")})
	}
	if password == "" {
		p.Faults = append(p.Faults, fault{"password", "f-password", v.words.T("signin.needpassword")})
	}
	if len(p.Faults) > 0 {
		return wb.showSignIn(v, http.StatusUnprocessableEntity, p)
	}
	token, _, err := wb.cfg.Auth.SignIn(v.ctx(), login, password, seat(v.r), v.now)
	switch {
	case errors.Is(err, auth.ErrThrottled):
		p.Message = &message{"late", "late", v.words.T("signin.throttled")}
		return wb.showSignIn(v, http.StatusTooManyRequests, p)
	case errors.Is(err, auth.ErrWrong):
		p.Faults = []fault{{"password", "f-password", v.words.T("signin.wrong")}}
		return wb.showSignIn(v, http.StatusUnprocessableEntity, p)
	case err != nil:
		return err
	}
	wb.setSession(v.w, token, 0)
	return v.redirect(p.To)
}

func (wb *Workbench) signOut(v *visit) error {
	if v.token != "" {
		if err := wb.cfg.Auth.SignOut(v.ctx(), v.token, v.now); err != nil {
			return err
		}
	}
	wb.setSession(v.w, "", -1)
	v.w.Header().Set("Clear-Site-Data", `"cache"`)
	if v.sso && wb.cfg.Provider != nil && wb.cfg.Provider.Out() != "" {
		return v.redirect("/log-ud/udbyder")
	}
	return v.redirect("/log-ind?ud=1")
}

// setSession gives the browser its session cookie, which it forgets when it is
// closed; a negative maxAge takes it away.
func (wb *Workbench) setSession(w http.ResponseWriter, token string, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: wb.cookieName(), Value: token, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: wb.cfg.Secure, SameSite: http.SameSiteLaxMode})
}
