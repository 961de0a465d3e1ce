package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	cdp "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"brevdue/internal/auth"
	"brevdue/internal/store"
)

// asBrowser gives every request of a browser a name.
type asBrowser struct{ agent string }

func (a asBrowser) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("User-Agent", a.agent)
	return http.DefaultTransport.RoundTrip(r)
}

// A person sees where he is signed in, and ends one or all others; nobody else's.
func TestOwnSessions(t *testing.T) {
	w := newWorld(t)
	signIn := func(login, agent string) *browser {
		b := w.browser()
		b.client.Transport = asBrowser{agent}
		b.post("/log-ind", url.Values{"login": {login}, "password": {password}})
		return b
	}
	home := signIn("anne", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0")
	w.set(at(10, 5, 0))
	desk := signIn("anne", "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0")
	odd, bo := signIn("anne", "curl"), signIn("bo", "")
	p := desk.get("/indstillinger")
	p.want(200, "Her er du logget ind 3", "Edge, Windows", "Firefox, Linux", "Ukendt browser", "127.0.0.1", "i dag kl. 10.00", "Denne browser")
	buttons := func(p *page) (ids []string) {
		for _, b := range p.All("button[name=do]") {
			if id := b.Attr["value"]; id != "andre" {
				ids = append(ids, id)
			}
		}
		return ids
	}
	theirs := buttons(p)
	if len(theirs) != 2 {
		t.Fatalf("%d can be ended", len(theirs))
	}
	// Somebody else's session does not exist for him.
	bo.post("/indstillinger/sessioner", url.Values{"do": {theirs[0]}}).want(404)
	bo.post("/indstillinger/sessioner", url.Values{"do": {"noget"}}).want(404)
	if p := odd.get("/indstillinger"); p.path != "/indstillinger" {
		t.Error("somebody else's session was ended")
	}
	for _, id := range theirs {
		if strings.Contains(p.First("form").Attr["action"], id) {
			t.Error("an address names a session")
		}
	}
	f := desk.get("/indstillinger").Form("/sessioner")
	if !f.Press("do", theirs[1]) {
		t.Fatal("there is no such button")
	}
	desk.submit(f).want(200, "Afsluttet", "Her er du logget ind 2")
	f = desk.get("/indstillinger").Form("/sessioner")
	f.Press("do", "andre")
	desk.submit(f).want(200, "Her er du logget ind 1").wantNot("Afslut alle andre")
	for _, b := range []*browser{home, odd} {
		if p := b.get("/indstillinger"); p.path != "/log-ind" {
			t.Errorf("an ended session sees %s", p.path)
		}
	}
	bo.get("/indstillinger").want(200, "Her er du logget ind 1")
}

// What somebody sends when his time has run out is not lost: a letter comes back to be
// looked at, and nothing is sent by that.
func TestTimeRunsOutWhileWriting(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	b := w.signedIn("anne")
	reply := b.get(letterPath(clinic, id) + "/svar").Form("/svar")
	reply.Set("text", "Ja, \"bekræftet\" <torsdag>\næøå")
	reply.Set("basis", "41-2-1")
	reply.Press("do", "send")
	w.set(w.clock().Add(auth.Idle))
	p := b.submit(reply)
	p.want(403, "Log ind igen for at fortsætte", "Brevet er ikke sendt", "Log ind i et nyt vindue")
	kept := p.Form("/svar")
	if kept == nil {
		t.Fatal("what was written is lost")
	}
	// Before signing in it stays what it is.
	kept = b.submit(kept).want(403, "Brevet er ikke sendt").Form("/svar")
	b.post("/log-ind", url.Values{"login": {"anne"}, "password": {password}})
	p = b.submit(kept).want(200, "Svar")
	if got := p.First("textarea[name=text]"); got == nil || !strings.Contains(p.body, "Ja, &#34;bekræftet&#34; &lt;torsdag&gt;\næøå") {
		t.Error("the text did not come back")
	}
	if f := p.Form("/svar"); f.Values.Get("basis") != "41-2-1" {
		t.Errorf("the basis is %q", f.Values.Get("basis"))
	}
	if n := w.sentCount(); n != 0 {
		t.Errorf("%d letters were sent", n)
	}

	// Any other form is asked about and not done by itself.
	f := b.get(letterPath(clinic, id)).Form("/tag")
	w.set(w.clock().Add(auth.Idle))
	p = b.submit(f).want(403, "Det, du bad om, er ikke udført")
	again := p.Form("/tag")
	b.post("/log-ind", url.Values{"login": {"anne"}, "password": {password}})
	b.submit(again).want(200)
	w.update(func(tx store.Tx) error {
		l, err := tx.Letters().Get(w.ctx, id)
		if err == nil && l.AssignedName != "Anne Kjær" {
			t.Errorf("the letter is with %q", l.AssignedName)
		}
		return err
	})
	if strings.Contains(w.logged(), "bekræftet") {
		t.Error("the log holds the text")
	}
}

// The time that is left is told without keeping the session; asking by POST keeps it.
func TestTimeLeft(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn("anne")
	ask := func(method string) string {
		r, err := http.NewRequestWithContext(w.ctx, method, w.server.URL+"/log-ind/tid", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Sec-Fetch-Mode", "cors")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if method == http.MethodGet {
			r.Header.Set("Brevdue-Refresh", "1")
		}
		return b.do(r).body
	}
	want := func(method string, ends time.Time) {
		t.Helper()
		if got, want := ask(method), fmt.Sprintf(`{"ends":%d,"now":%d}`, ends.UnixMilli(), w.clock().UnixMilli()); got != want {
			t.Errorf("%s: %s, want %s", method, got, want)
		}
	}
	begin := w.clock()
	w.set(begin.Add(26 * time.Minute))
	want(http.MethodGet, begin.Add(30*time.Minute))
	want(http.MethodPost, begin.Add(56*time.Minute))
	want(http.MethodGet, begin.Add(56*time.Minute))
	if got := b.get("/genveje").First("html").Attr["data-ends"]; got != fmt.Sprint(begin.Add(56*time.Minute).UnixMilli()) {
		t.Errorf("the page says %s", got)
	}
	w.set(begin.Add(time.Hour))
	if got := ask(http.MethodPost); !strings.Contains(got, "Log ind") {
		t.Errorf("after the end: %s", got)
	}
}

// promised waits for what a promise on the page brings.
func (b *window) promised(expression string) {
	b.t.Helper()
	if _, err := cdp.Run(b.ctx, cdp.Evaluate[bool]("("+expression+").then(() => true)", cdp.EvalAwaitPromise)); err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
}

// The page says in time that the session ends; somebody who is there stays signed in, and
// what he has written stays in any case.
func TestBrowserSessionEnds(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	begin := w.clock()
	b := w.window(t)
	b.signIn("anne", unitPath(clinic)+"/indbakke")
	b.open(unitPath(clinic) + "/nyt")
	b.at(unitPath(clinic) + "/nyt")
	b.do(cdp.SendKeys(cdp.CSS("#f-text"), "Halvfærdigt brev"))
	if js[bool](b, `document.getElementById("ending").open`) {
		t.Error("the page warns at once")
	}
	// wait lets the page believe that it has slept until then.
	wait := func(now time.Time) {
		t.Helper()
		w.set(now)
		b.promised(fmt.Sprintf(`import(document.querySelector("script[type=module]").src.replace("app.js", "words.js")).then(m => m.setNow(%d))`, now.UnixMilli()))
	}
	wait(begin.Add(26 * time.Minute))
	b.until("the warning", `document.getElementById("ending").open`)
	if got := js[string](b, `document.getElementById("ending").innerText`); !strings.Contains(got, "Der er under 4 minutter tilbage.") || !strings.Contains(got, "gemt på siden") || strings.Contains(got, "så længe, som man kan") {
		t.Errorf("it says %q", got)
	}
	b.until("focus on the button", `document.activeElement.dataset.stay !== undefined`)
	b.inspect("the session ends")
	b.press(kb.Enter)
	b.until("the warning gone", `!document.getElementById("ending").open`)
	if got := js[string](b, `document.querySelector("#f-text").value`); got != "Halvfærdigt brev" {
		t.Errorf("the text is %q", got)
	}
	// Another window keeps the session: nobody is disturbed here.
	w.set(begin.Add(50 * time.Minute))
	b.promised(`fetch("/genveje").then(r => r.text())`)
	const asked = `performance.getEntriesByType("resource").filter(e => e.name.endsWith("/log-ind/tid")).length`
	before := js[int](b, asked)
	wait(begin.Add(53 * time.Minute))
	b.until("the page has asked", fmt.Sprintf(`%s > %d`, asked, before))
	if js[bool](b, `document.getElementById("ending").open`) {
		t.Error("the page warns although another window is in use")
	}
	// After half a day nothing keeps the session; the page says that once.
	for now := begin.Add(time.Hour); now.Before(begin.Add(auth.Absolute)); now = now.Add(20 * time.Minute) {
		w.set(now)
		b.promised(`fetch("/genveje").then(r => r.text())`)
	}
	wait(begin.Add(auth.Absolute - 3*time.Minute))
	b.until("the warning", `document.getElementById("ending").open`)
	b.press(kb.Enter)
	b.until("no more to be had", `document.getElementById("ending").innerText.includes("så længe, som man kan") && document.activeElement.textContent === "Luk"`)
	b.inspect("the session cannot be kept")
	b.press(kb.Enter)
	b.until("the warning gone", `!document.getElementById("ending").open`)

	// And when nobody is there the page says that it is over, with everything on it.
	wait(begin.Add(auth.Absolute))
	b.until("the end", `document.getElementById("ended").open`)
	b.inspect("the session has ended")
	if got := js[string](b, `document.querySelector("#f-text").value`); got != "Halvfærdigt brev" {
		t.Errorf("the text is %q", got)
	}
}
