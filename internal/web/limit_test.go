package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"brevdue/internal/web"
)

// Who asks too often is told to wait, in words and in a header; others, streams and the
// workbench's own files are not, and a minute later it is over.
func TestTooManyRequests(t *testing.T) {
	w := newWorld(t)
	anne, clara := w.signedIn("anne"), w.signedIn("clara")
	w.rebuild(func(c *web.Config) { c.Limits = web.Limits{Session: 5, Address: 3, Window: time.Minute} })
	for range 5 {
		anne.get("/genveje").want(200)
	}
	p := anne.get("/genveje").want(429, "For mange opslag på kort tid", "Vent et minut, og prøv igen.")
	if p.header.Get("Retry-After") != "61" {
		t.Errorf("Retry-After %q", p.header.Get("Retry-After"))
	}
	anne.post(unitPath(clinic)+"/nyt", outsideLetter()).want(429)
	if w.sentCount() != 0 {
		t.Error("a request that was turned away sent a letter")
	}
	clara.get("/genveje").want(200)

	stream, err := http.NewRequestWithContext(w.ctx, http.MethodGet, w.server.URL+unitPath(clinic)+"/nyheder", nil)
	if err != nil {
		t.Fatal(err)
	}
	stream.Header.Set("Accept", "text/event-stream")
	answer, err := anne.client.Do(stream)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("the stream: %s", answer.Status)
	}
	css := p.First("link[rel=stylesheet]").Attr["href"]
	anne.get(css).want(200)

	nobody := w.browser()
	for range 3 {
		nobody.get("/log-ind").want(200)
	}
	w.browser().get("/log-ind").want(429, "For mange opslag på kort tid") // by address: a new browser is no way round
	clara.get("/genveje").want(200)                                       // who is signed in is not turned away with them
	forged := w.browser()
	r, err := http.NewRequestWithContext(w.ctx, http.MethodGet, w.server.URL+"/genveje", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "brevdue", Value: "x"})
	forged.do(r).want(429)

	w.set(at(10, 1, 0))
	anne.get("/genveje").want(200)
	w.browser().get("/log-ind").want(200)
	if log := w.logged(); !strings.Contains(log, "too many requests") || strings.Contains(log, "/log-ind?") {
		t.Error("it is not logged, or with an address")
	}
}

// The limits of a program that runs are far above what people do.
func TestDefaultLimitsAreGenerous(t *testing.T) {
	if l := web.DefaultLimits(); l.Window != time.Minute || l.Session < 300 || l.Address < l.Session {
		t.Errorf("%+v", l)
	}
}
