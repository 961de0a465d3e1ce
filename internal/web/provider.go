package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/auth"
	"brevdue/internal/oidc"
)

// The addresses an identity provider must know.
const (
	PathProvider = "/log-ind/oidc" // where it sends the browser back to
	PathOut      = "/log-ud"       // where it sends the browser to after signing out
	PathLeft     = "/log-ud/oidc"  // where it says itself that a session is over
)

// flowTime is how long somebody may take to sign in at the provider.
const flowTime = 10 * time.Minute

// begun is a sign-in that was begun, as the browser carries it, sealed.
type begun struct {
	Flow    oidc.Flow
	Request string // of SAML
	To      string // the page to show afterwards
}

// providerName is what people call the identity provider; "" when there is none.
func (wb *Workbench) providerName() string {
	switch {
	case wb.cfg.Provider != nil:
		return wb.cfg.Provider.Name()
	case wb.cfg.SAML != nil:
		return wb.cfg.SAML.Name()
	}
	return ""
}

func (wb *Workbench) flowCookie() string { return wb.cookieName() + "-udbyder" }

// setFlow gives the browser what finishes a sign-in; a negative maxAge takes it away. It
// comes back with the provider's redirect; where the provider's page posts the answer, it
// must come with what other websites send as well, and is of no use without the answer.
func (wb *Workbench) setFlow(w http.ResponseWriter, sealed string, maxAge int) {
	c := &http.Cookie{Name: wb.flowCookie(), Value: sealed, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: wb.cfg.Secure, SameSite: http.SameSiteLaxMode}
	if wb.cfg.SAML != nil && wb.cfg.Secure {
		c.SameSite = http.SameSiteNoneMode
	}
	http.SetCookie(w, c)
}

// toProvider sends the browser to the identity provider.
func (wb *Workbench) toProvider(v *visit) error {
	to, flow, err := wb.cfg.Provider.Begin(v.ctx())
	if err != nil {
		return wb.providerFails(v, err)
	}
	return wb.sendTo(v, to, begun{Flow: flow})
}

// sendTo sends the browser to the provider with what finishes the sign-in.
func (wb *Workbench) sendTo(v *visit, to string, b begun) error {
	b.To = localPath(v.r.URL.Query().Get("til"))
	plain, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("begin a sign-in: %w", err)
	}
	sealed, err := wb.cfg.Auth.Seal(v.ctx(), "sign-in", plain, v.now.Add(flowTime))
	if err != nil {
		return err
	}
	wb.setFlow(v.w, sealed, int(flowTime/time.Second))
	return v.redirect(to)
}

// fromProvider lets in whom the provider vouches for.
func (wb *Workbench) fromProvider(v *visit) error {
	b, err := wb.begun(v)
	if err == nil {
		wb.setFlow(v.w, "", -1)
		var id auth.Identity
		if id, err = wb.cfg.Provider.Finish(v.ctx(), b.Flow, v.r.URL.Query(), v.now); err == nil {
			return wb.admit(v, id, b.To)
		}
	}
	if v.person != nil && errors.Is(err, auth.RefusedBegun) {
		return v.redirect("/") // somebody went back to where he came from
	}
	return wb.providerFails(v, err)
}

// begun is the sign-in the browser carries.
func (wb *Workbench) begun(v *visit) (b begun, err error) {
	cookie, err := v.r.Cookie(wb.flowCookie())
	if err != nil {
		return b, auth.RefusedBegun
	}
	plain, err := wb.cfg.Auth.Unseal(v.ctx(), "sign-in", cookie.Value, v.now)
	if errors.Is(err, brevdue.ErrNotFound) {
		return b, auth.RefusedBegun
	}
	if err != nil {
		return b, err
	}
	return b, json.Unmarshal(plain, &b)
}

func (wb *Workbench) admit(v *visit, id auth.Identity, to string) error {
	token, _, err := wb.cfg.Auth.Admit(v.ctx(), id, seat(v.r), v.now)
	if err != nil {
		return wb.providerFails(v, err)
	}
	if v.token != "" { // whoever sat here before
		if err := wb.cfg.Auth.SignOut(v.ctx(), v.token, v.now); err != nil {
			return err
		}
	}
	wb.setSession(v.w, token, 0)
	return v.redirect(to)
}

// providerFails shows why nobody was let in, and puts a refusal on record.
func (wb *Workbench) providerFails(v *visit, err error) error {
	name := wb.providerName()
	var why auth.Refusal
	switch {
	case errors.As(err, &why):
		wb.cfg.Log.Warn("sign-in by the identity provider refused", "why", string(why))
		if err := wb.cfg.Auth.Refused(v.ctx(), why, seat(v.r), v.now); err != nil {
			return err
		}
		key := "signin.refused"
		switch why {
		case auth.RefusedBegun, auth.RefusedReplay:
			key = "signin.toolate"
		case auth.RefusedLevel:
			key = "signin.level"
		}
		return wb.showSignIn(v, http.StatusForbidden, signInPage{Message: &message{"late", "stop", v.words.T(key, name)}})
	case errors.Is(err, auth.ErrNoAccess):
		wb.setSession(v.w, "", -1)
		v.person = nil
		wb.problemPage(v, http.StatusForbidden, "noaccess", "")
		return nil
	case errors.Is(err, brevdue.ErrTransient):
		wb.cfg.Log.Warn("the identity provider does not answer", "err", err)
		return wb.showSignIn(v, http.StatusServiceUnavailable, signInPage{Message: &message{"late", "late", v.words.T("signin.away", name)}})
	}
	return err
}

type leavingPage struct {
	frame
	Name string
}

// leaveProvider leads a person who signed out here out of the provider as well. It is a
// page of its own, because a form may not lead to another website.
func (wb *Workbench) leaveProvider(v *visit) error {
	to := wb.cfg.Provider.Out()
	if v.person != nil || to == "" {
		return v.redirect("/")
	}
	p := leavingPage{frame: wb.frame(v, v.words.T("signin.leaving")), Name: wb.cfg.Provider.Name()}
	p.Onward, p.ReturnPath = to, ""
	return wb.render(v, http.StatusOK, "leaving", p)
}

// outOfProvider is where the provider sends a browser that it has signed out.
func (wb *Workbench) outOfProvider(v *visit) error { return v.redirect("/log-ind?ud=1") }

// providerLeft hears from the provider itself that a session is over (Back-Channel Logout
// 1.0 §2.8).
func (wb *Workbench) providerLeft(v *visit) error {
	from := seat(v.r)
	shut, err := wb.cfg.Auth.Shut(v.ctx(), from, v.now)
	if err != nil {
		return err
	}
	if shut {
		http.Error(v.w, "too many that were refused", http.StatusTooManyRequests)
		return nil
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	id, err := wb.cfg.Provider.Left(v.ctx(), v.r.PostForm.Get("logout_token"), v.now)
	n := 0
	if err == nil {
		n, err = wb.cfg.Auth.Left(v.ctx(), id, v.now)
	}
	var why auth.Refusal
	if errors.As(err, &why) {
		wb.cfg.Log.Warn("sign-out by the identity provider refused", "why", string(why))
		if err := wb.cfg.Auth.Refused(v.ctx(), why, from, v.now); err != nil {
			return err
		}
		http.Error(v.w, `{"error":"invalid_request"}`, http.StatusBadRequest)
		return nil
	}
	if err != nil {
		return err
	}
	wb.cfg.Log.Info("the identity provider ended sessions", "n", n)
	return nil
}

// seat is where the browser of a request is, and which family it is of.
func seat(r *http.Request) auth.Browser {
	return auth.Browser{Address: address(r), Family: family(r.UserAgent())}
}

// family is the family of a browser and its system, as a person knows them: "Firefox,
// Windows". Versions are left out; of what nobody knows nothing is said.
func family(agent string) string {
	// Browsers name those they want to be taken for as well; the truest name comes first.
	first := func(names ...[2]string) string {
		for _, n := range names {
			if strings.Contains(agent, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	browser := first([2]string{"Edg", "Edge"}, [2]string{"OPR/", "Opera"}, [2]string{"Firefox/", "Firefox"}, [2]string{"FxiOS/", "Firefox"}, [2]string{"SamsungBrowser/", "Samsung Internet"},
		[2]string{"Chrome/", "Chrome"}, [2]string{"CriOS/", "Chrome"}, [2]string{"Safari/", "Safari"})
	system := first([2]string{"Windows", "Windows"}, [2]string{"Android", "Android"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"Mac OS X", "macOS"},
		[2]string{"CrOS", "ChromeOS"}, [2]string{"Linux", "Linux"})
	return strings.Trim(browser+", "+system, ", ")
}
