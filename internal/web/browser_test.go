package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	cdp "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// wantBrowser lets a test go on when it is to open pages in a real browser.
// Those tests need Chromium and, for accessibility, axe-core from npm, and they
// take their time: ./check installs both and sets BREVDUE_BROWSER=1, which makes
// their absence a failure. Otherwise they are skipped and say so.
func wantBrowser(t *testing.T) {
	t.Helper()
	if os.Getenv("BREVDUE_BROWSER") != "1" {
		t.Skip("SKIPPED: no page was opened in a browser; ./check does it, or BREVDUE_BROWSER=1 go test ./internal/web/")
	}
	if chromium() == "" {
		t.Fatal("Chromium is needed: run ./check, which installs it")
	}
}

func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// chrome is the one browser of the test run; every test gets a window with
// cookies of its own.
var chrome = sync.OnceValues(func() (context.Context, error) {
	options := append(cdp.DefaultExecAllocatorOptions[:], cdp.ExecPath(chromium()), cdp.Flag("disable-dev-shm-usage", true), cdp.WindowSize(1440, 900))
	if os.Getuid() == 0 {
		options = append(options, cdp.NoSandbox)
	}
	allocator, _ := cdp.NewExecAllocator(context.Background(), options...)
	ctx, _ := cdp.NewContext(allocator)
	return ctx, cdp.Do(ctx)
})

// TestMain closes the browser that the tests shared.
func TestMain(m *testing.M) {
	code := m.Run()
	if used {
		if ctx, err := chrome(); err == nil {
			_ = cdp.Cancel(ctx)
		}
	}
	os.Exit(code)
}

var used bool

// window is a browser window on the world's server.
type window struct {
	t    *testing.T
	w    *world
	ctx  context.Context
	base string
}

func (w *world) window(t *testing.T) *window {
	t.Helper()
	used = true
	shared, err := chrome()
	if err != nil {
		t.Fatalf("start browser: %v", err)
	}
	ctx, cancel := cdp.NewContext(shared, cdp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(stop)
	win := &window{t: t, w: w, ctx: ctx, base: w.server.URL}
	win.do(cdp.EmulateViewport(1440, 900))
	return win
}

func (b *window) do(steps ...cdp.Action[cdp.Void]) {
	b.t.Helper()
	if err := cdp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

// js evaluates an expression on the page.
func js[T any](b *window, expression string) T {
	b.t.Helper()
	v, err := cdp.Run(b.ctx, cdp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

func (b *window) open(path string) { b.t.Helper(); b.do(cdp.Navigate(b.base + path)) }

func (b *window) press(keys string, options ...cdp.KeyOption) {
	b.t.Helper()
	b.do(cdp.KeyEvent(keys, options...))
}

// until waits for an expression to be true.
func (b *window) until(what, expression string) {
	b.t.Helper()
	for end := time.Now().Add(15 * time.Second); ; time.Sleep(30 * time.Millisecond) {
		ok, err := cdp.Run(b.ctx, cdp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && ok { // an error may be a page that is just going away
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("%s did not happen; the page says: %s", what, js[string](b, `document.querySelector("main").innerText`))
		}
	}
}

// at waits until the address is path and the scripts run.
func (b *window) at(path string) {
	b.t.Helper()
	b.until("page "+path, fmt.Sprintf(`location.pathname === %q && document.documentElement.classList.contains("scripted")`, path))
}

// signIn types name and password and presses Enter, as people do.
func (b *window) signIn(login, lands string) {
	b.t.Helper()
	b.open("/log-ind")
	b.until("focus in the first field", `document.activeElement.name === "login"`)
	b.press(login)
	b.press(kb.Tab)
	b.press(password)
	b.press(kb.Enter)
	b.at(lands)
}

// tabTo presses Tab until the focus is where the expression says.
func (b *window) tabTo(expression string) {
	b.t.Helper()
	for range 90 {
		if js[bool](b, "Boolean("+expression+")") {
			return
		}
		b.press(kb.Tab)
	}
	b.t.Fatalf("Tab never leads to where %s", expression)
}

// A letter that came as a file is found, opened and answered by keyboard alone.
func TestBrowserKeyboardOnly(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	w.arrive(letter{subject: "Hjælpemidler"})
	second := w.arrive(letter{text: "Kan I bekræfte INR torsdag?"})
	b := w.window(t)
	b.signIn("anne", unitPath(clinic)+"/indbakke")
	b.press("j")
	b.press("j")
	b.until("focus on the second letter", fmt.Sprintf(`document.activeElement.id === "b%d"`, second))
	b.press("k")
	b.press("j")
	if rule := js[bool](b, `getComputedStyle(document.activeElement.nextElementSibling).display !== "none"`); !rule {
		t.Error("the focus does not show the rule")
	}
	b.press(kb.Enter)
	b.at(letterPath(clinic, second))
	b.until("the letter read", `document.body.innerText.includes("Du har læst brevet på vegne af")`)
	b.press("k") // the letter before in the list, and back
	b.at(letterPath(clinic, 1))
	b.press("j")
	b.at(letterPath(clinic, second))
	b.press("r")
	b.at(letterPath(clinic, second) + "/svar")
	b.tabTo(`document.activeElement.name === "text"`)
	b.press("Ja, bekræftet. nnn jjj") // letters that are shortcuts elsewhere
	b.until("counter", `document.querySelector("[data-counter]").textContent === "22 tegn"`)
	b.tabTo(`document.activeElement.name === "basis"`)
	b.press(kb.ArrowDown) // the second basis: current course
	b.until("the basis chosen", `document.querySelector("[name=basis]:checked")?.value === "41-2-1"`)
	b.press(kb.Enter, cdp.KeyModifiers(cdp.ModifierCtrl))
	b.until("check page", `document.querySelector("h1").textContent === "Tjek dine svar"`)
	b.until("scripts", `document.documentElement.classList.contains("scripted")`)
	b.tabTo(`document.activeElement.value === "send"`)
	b.press(kb.Enter)
	b.at(fmt.Sprintf("%s/afsendt/%d", unitPath(clinic), second+1))
	b.until("receipt", `document.querySelector("h1").textContent === "Brevet er afsendt"`)
	if n := w.sentCount(); n != 1 {
		t.Errorf("%d letters were sent", n)
	}
	b.press("g")
	b.press("s")
	b.at(unitPath(clinic) + "/sendt")
	b.press("g")
	b.press("i")
	b.at(unitPath(clinic) + "/indbakke")
	b.press("?")
	b.until("list of keys", `document.getElementById("keys").open`)
	b.press(kb.Escape)
	b.until("list closed", `!document.getElementById("keys").open`)
	b.press("n")
	b.at(unitPath(clinic) + "/nyt")
}

// WCAG 2.1.4: single keys can be switched off.
func TestBrowserKeysOff(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	w.arrive(letter{})
	b := w.window(t)
	b.signIn("anne", unitPath(clinic)+"/indbakke")
	b.open("/indstillinger")
	b.do(cdp.Click(cdp.CSS(`input[name=taster][value=fra]`)), cdp.Click(cdp.CSS(`.settings .btn`)))
	b.until("saved", `location.search === "?gemt"`)
	b.open("/")
	b.at(unitPath(clinic) + "/indbakke")
	for _, k := range []string{"j", "?", "n"} {
		b.press(k)
	}
	if js[bool](b, `document.activeElement !== document.body || document.getElementById("keys").open || !location.pathname.endsWith("/indbakke")`) {
		t.Error("a key did something")
	}
}

// F65: a letter arrives while the list is open: the bar appears, no row moves.
func TestBrowserLiveBar(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	w.arrive(letter{})
	w.arrive(letter{subject: "Træning"})
	for _, width := range []int64{1440, 320} {
		b := w.window(t)
		b.do(cdp.EmulateViewport(width, 900))
		b.signIn("anne", unitPath(clinic)+"/indbakke")
		const places = `JSON.stringify([...document.querySelectorAll("[data-row]")].map(r => {const c = r.getBoundingClientRect(); return [r.id, c.top, c.left, c.height]}))`
		before := js[string](b, places)
		w.arrive(letter{text: "Kommet imens"})
		b.until("bar", `document.querySelector(".fresh a")`)
		if got := js[string](b, `document.querySelector(".fresh").textContent`); got != "1 nyt brev – vis" {
			t.Errorf("the bar says %q", got)
		}
		w.arrive(letter{text: "Og et til"})
		b.until("second letter", `document.querySelector(".fresh").textContent === "2 nye breve – vis"`)
		if after := js[string](b, places); after != before {
			t.Errorf("rows moved at width %d:\n%s\n%s", width, before, after)
		}
		if role := js[string](b, `document.querySelector(".fresh").getAttribute("aria-live")`); role != "polite" {
			t.Errorf("the bar is announced %q", role)
		}
		b.until("title", `document.title.startsWith("(`+js[string](b, `document.querySelector("[data-unread]").textContent`)+`) ")`)
		b.do(cdp.Click(cdp.CSS(".fresh a")))
		b.until("the new letters", `document.body.innerText.includes("Og et til")`)
	}
}

// F13: 14:29:58 becomes 14:30:00 on the page, and the promise changes under the
// user's eyes in a region that is read out.
func TestBrowserPromiseChanges(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	w.set(at(14, 29, 0))
	b := w.window(t)
	b.signIn("bo", unitPath(ward)+"/indbakke")
	b.open(unitPath(ward) + "/nyt")
	b.at(unitPath(ward) + "/nyt")
	b.do(cdp.SendKeys(cdp.CSS("#f-receiver"), "socialafd")) // search while typing
	b.until("a hit", `document.querySelector("[name=receiver]")`)
	if js[bool](b, `document.querySelector("[name=receiver]").checked`) {
		t.Error("the only hit is chosen beforehand")
	}
	w.set(at(14, 29, 57))
	b.do(cdp.Click(cdp.CSS("[name=receiver]")))
	b.until("the promise for today", `document.querySelector("[data-promise-box]").innerText.includes("i dag kl. 15")`)
	if got := js[string](b, `document.querySelector("[data-promise-box]").getAttribute("role")`); got != "status" {
		t.Errorf("the promise has the role %q", got)
	}
	b.open(unitPath(ward) + "/nyt") // a whole page at 14:29:57, with the server's clock
	b.at(unitPath(ward) + "/nyt")
	b.do(cdp.SendKeys(cdp.CSS("#f-receiver"), "socialafd"))
	b.until("a hit", `document.querySelector("[name=receiver]")`)
	b.do(cdp.Click(cdp.CSS("[name=receiver]")), cdp.Click(cdp.CSS(".searchbox button")))
	b.until("the countdown", `document.querySelector(".countdown")`)
	b.until("the promise for tomorrow", `document.querySelector("[data-promise-box]").innerText.includes("i morgen kl. 15")`)
	b.until("the mark", `document.querySelector("[data-promise-box]").classList.contains("changed") && !document.querySelector(".countdown")`)
}

// The clock of a letter runs: soon becomes late while one looks, row and icon too.
func TestBrowserClockTicks(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	w.arrive(letter{})
	w.set(at(14, 59, 58))
	b := w.window(t)
	b.signIn("anne", unitPath(clinic)+"/indbakke")
	b.until("late", `document.querySelector(".chip-t").textContent === "Overskredet under 1 min"`)
	if !js[bool](b, `document.querySelector(".row").classList.contains("late") && document.querySelector(".row .chip use").getAttribute("href") === "#i-late"`) {
		t.Error("the row does not show that it is late")
	}
}

// F15: choosing a category offers exactly its subjects; the faults of an empty
// form have the focus, and every link lands in its field.
func TestBrowserCompose(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	b := w.window(t)
	b.signIn("anne", unitPath(clinic)+"/indbakke")
	b.open(unitPath(clinic) + "/nyt")
	b.at(unitPath(clinic) + "/nyt")
	const pick = `(name => {const s = document.querySelector("#f-subject"); s.value = [...s.options].find(o => o.text === name).value; s.dispatchEvent(new Event("change")); return [...document.querySelector("#f-subject-of-category").options].map(o => o.text).join("|")})`
	if got := js[string](b, pick+`("Andet")`); got != "Vælg emne|Ambulant forespørgsel|Terminal erklæring|Udskrivningsstatus – Barn" {
		t.Errorf("Andet offers %s", got)
	}
	if got := js[string](b, pick+`("Træning")`); got != "Træning" {
		t.Errorf("Træning offers %s", got)
	}
	if got := js[string](b, `document.querySelector("[name=subject]").value`); got != "Træning|Træning" {
		t.Errorf("%q would be sent", got)
	}
	b.until("examples", `document.querySelector("[data-uses]").textContent.startsWith("Bruges til:")`)
	js[string](b, pick+`("Uden for aftalen")`)
	b.until("fields for a free subject", `document.querySelector("[name=freesubject]").offsetParent`)

	b.open(unitPath(clinic) + "/nyt")
	b.at(unitPath(clinic) + "/nyt")
	b.do(cdp.Click(cdp.CSS("[data-submit]")))
	b.until("the error summary in focus", `document.activeElement.classList.contains("faults")`)
	b.until("scripts", `document.documentElement.classList.contains("scripted")`)
	for i := range js[int](b, `document.querySelectorAll(".faults a").length`) {
		b.do(cdp.KeyEvent(""), cdp.Click(cdp.CSS(fmt.Sprintf(".faults li:nth-child(%d) a", i+1))))
		b.until("focus in the field", fmt.Sprintf(`document.activeElement.id === document.querySelectorAll(".faults a")[%d].hash.slice(1)`, i))
	}
}

// everyPage are the pages of the workbench by who sees them. Those that answer a
// form are reached by pressing a button.
func everyPage(w *world) map[string][]string {
	w.arrive(letter{clips: 2, high: true, text: strings.Repeat("En længere tekst, der skal brydes. ", 30)})
	w.arrive(letter{subject: "Vedr. transport til kontrol i ambulatoriet med et meget langt emne"})
	w.arrive(letter{subject: "Træning", sent: at(9, 0, 0).AddDate(0, 0, -2)})
	w.receive([]byte("dette er intet brev"))
	w.receive(w.file(letter{to: nobody}))
	b := w.signedIn("anne")
	f := b.get(letterPath(clinic, 1) + "/svar").Form("/svar")
	f.Set("text", "Svar")
	f.Set("basis", "41-2-1")
	f.Press("do", "tjek")
	f = b.submit(f).Form("/svar")
	f.Press("do", "send")
	sent := b.submit(f).path
	w.drain()
	u := unitPath(clinic)
	return map[string][]string{
		"":     {"/log-ind", "/tilgaengelighed", "/findes-ikke"},
		"anne": {u + "/indbakke", u + "/indbakke?vis=haster", letterPath(clinic, 2), letterPath(clinic, 1), letterPath(clinic, 1) + "/original", letterPath(clinic, 2) + "/svar", u + "/nyt", u + "/sendt", strings.Replace(sent, "afsendt", "sendt", 1), sent, "/indstillinger", "/genveje"},
		"olga": {"/drift", "/drift/ankomst/4", "/drift/brev/4"},
		"revi": {"/revision", "/revision/kontrol"},
	}
}

// F61: axe finds nothing serious on any page, and no page needs scrolling
// sideways at 320 points or moves out of sight of a keyboard.
func TestBrowserEveryPageIsAccessible(t *testing.T) {
	wantBrowser(t)
	w := newWorld(t)
	pages := everyPage(w)
	w.set(at(14, 40, 0))
	probe := w.window(t)
	probe.open("/log-ind")
	js[bool](probe, axeCore(t)+";document.querySelector('main').append(document.createElement('input'), document.createElement('img'));true")
	if found := probe.axe("planted faults"); len(found) < 2 {
		t.Fatalf("axe sees no planted fault: %v", found)
	}
	for who, paths := range pages {
		b := w.window(t)
		switch who {
		case "anne":
			b.signIn(who, unitPath(clinic)+"/indbakke")
		case "olga":
			b.signIn(who, "/drift")
		case "revi":
			b.signIn(who, "/revision")
		}
		for _, path := range paths {
			b.open(path)
			b.inspect(path)
		}
		if who == "revi" {
			b.open("/revision")
			b.do(cdp.SendKeys(cdp.CSS("#f-cpr"), testCPR), cdp.Click(cdp.CSS("[data-submit]")))
			b.until("who has opened letters", `document.querySelector("#aabnet")`)
			b.inspect("letters about a citizen")
			b.do(cdp.SendKeys(cdp.CSS("#f-letter"), "x"), cdp.Click(cdp.CSS("[data-submit]")))
			b.until("faults", `document.querySelector(".faults")`)
			b.inspect("audit log with faults")
		}
		if who != "anne" {
			continue
		}
		b.open(unitPath(clinic) + "/nyt")
		b.do(cdp.Click(cdp.CSS("[data-submit]")))
		b.until("faults", `document.querySelector(".faults")`)
		b.inspect("new letter with faults")
		b.open(letterPath(clinic, 2) + "/svar")
		b.do(cdp.SendKeys(cdp.CSS("#f-text"), "Svar"))
		b.pick("basis", "41-2-1")
		b.check()
		b.until("check page", `document.querySelector(".send")`)
		b.inspect("check page")
		b.open(unitPath(clinic) + "/indbakke")
		b.press("?")
		b.until("list of keys", `document.getElementById("keys").open`)
		b.inspect("list of keys")
	}
}

// inspect lets axe judge the page and measures it at a width of 320 points,
// which is 400 % zoom on a window of 1280. BREVDUE_SHOTS names a folder for
// pictures of what was inspected.
func (b *window) inspect(name string) {
	b.t.Helper()
	js[bool](b, axeCore(b.t)+";true")
	found := b.axe(name)
	for _, f := range found {
		b.t.Errorf("%s: axe: %s (%s): %s", name, f.ID, f.Impact, strings.Join(f.At, "\n    "))
	}
	b.picture(name, 1440)
	b.do(cdp.EmulateViewport(320, 800))
	if wide := js[int](b, `document.documentElement.scrollWidth`); wide > 320 {
		out := js[string](b, `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > 321 && !e.closest(".sr, .sprite")).slice(0, 5).map(e => e.outerHTML.slice(0, 120)).join("\n")`)
		b.t.Errorf("%s needs %d points at a width of 320:\n%s", name, wide, out)
	}
	b.picture(name, 320)
	b.do(cdp.EmulateViewport(1440, 900))
}

// violation is something axe found.
type violation struct {
	ID, Impact string
	At         []string
}

// axeCore is the checker of accessibility.
func axeCore(t *testing.T) string {
	t.Helper()
	axe, err := os.ReadFile(filepath.Join("..", "..", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatalf("axe-core is needed: run ./check, which installs it (%v)", err)
	}
	return string(axe)
}

// axe asks axe, which the page must hold already.
func (b *window) axe(name string) []violation {
	b.t.Helper()
	result, err := cdp.Run(b.ctx, cdp.Evaluate[string](`axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => JSON.stringify(r.violations.map(v => ({id: v.id, impact: v.impact, at: v.nodes.map(n => n.html.slice(0, 160) + " " + n.failureSummary.slice(0, 200))}))))`, cdp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: axe: %v", name, err)
	}
	var found []violation
	if err := json.Unmarshal([]byte(result), &found); err != nil {
		b.t.Fatal(err)
	}
	return found
}

func (b *window) picture(name string, width int) {
	dir := os.Getenv("BREVDUE_SHOTS")
	if dir == "" {
		return
	}
	shot, err := cdp.Run(b.ctx, cdp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	file := fmt.Sprintf("%s-%d.png", strings.Trim(strings.NewReplacer("/", "_", "?", "_", " ", "-").Replace(name), "_"), width)
	if err := os.WriteFile(filepath.Join(dir, file), shot, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
