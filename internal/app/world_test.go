package app_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/internal/config"
	"brevdue/internal/htmlcheck"
	"brevdue/internal/logtest"
	"brevdue/internal/telemetry"
	"brevdue/kalender"
	"brevdue/medcom"
	"brevdue/receipt"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The parties of the tests: plainly synthetic location numbers.
var (
	homecare = gln("579999910001")
	ward     = gln("579999910002")
	stranger = gln("579999910099") // belongs to nobody here
)

func gln(s string) brevdue.GLN {
	d, ok := brevdue.GLNCheckDigit(s)
	if !ok {
		panic(s)
	}
	return brevdue.GLN(s + string(d))
}

func homecareUnit() config.Unit {
	return config.Unit{GLN: string(homecare), Kind: "municipal-health", Name: "Hjemmesygeplejen Prøvekøbing", Phone: "87654321", Services: "yes", Organisation: "Prøvekøbing Kommune"}
}

func wardUnit() config.Unit {
	return config.Unit{GLN: string(ward), Kind: "ward", Name: "Prøvehospitalet, Sengeafsnit 2", Phone: "87654322", Organisation: "Prøvehospitalet"}
}

// tuesday is Tuesday 24 November 2026, ten o'clock in Denmark.
var tuesday = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// house is an installation in a temporary folder, as brevdue init makes it.
type house struct {
	t        *testing.T
	dir      string
	password string
	log      *logtest.Buffer
	change   func(*config.Config) // of the configuration, before it is opened
	unmasked bool                 // the log is kept as it was written

	stop   context.CancelFunc
	served chan error
	app    *app.App
	base   string
}

func build(t *testing.T, validFrom string, units ...config.Unit) *house {
	t.Helper()
	day, err := kalender.ParseDay(validFrom)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, dir: filepath.Join(t.TempDir(), "data"), log: &logtest.Buffer{}}
	if h.password, err = app.Init(t.Context(), app.Setup{Dir: h.dir, Units: units, ValidFrom: day, Now: tuesday, Operator: "drift"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.halt)
	return h
}

// open opens the installation without running it.
func (h *house) open() (*app.App, error) {
	c, err := config.Load(filepath.Join(h.dir, "config.yaml"))
	if err != nil {
		return nil, err
	}
	c.Network.Settle, c.Network.UndoSeconds = 0.05, new(float64)
	if h.change != nil {
		h.change(c)
	}
	var handler slog.Handler = slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})
	if !h.unmasked {
		handler = telemetry.Redact(handler)
	}
	log := slog.New(handler)
	return app.Open(h.t.Context(), app.Options{Config: c, Now: func() time.Time { return tuesday }, Log: log})
}

// start serves the installation.
func (h *house) start() {
	h.t.Helper()
	a, err := h.open()
	if err != nil {
		h.t.Fatal(err)
	}
	l, err := app.Listen("127.0.0.1:0")
	if err != nil {
		a.Close()
		h.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	h.app, h.stop, h.base, h.served = a, stop, "http://"+l.Addr().String(), make(chan error, 1)
	go func() { h.served <- a.Serve(ctx, l) }()
}

// halt stops it in order; it may be started again.
func (h *house) halt() {
	if h.app == nil {
		return
	}
	h.stop()
	if err := <-h.served; err != nil {
		h.t.Errorf("serve: %v", err)
	}
	if n := h.app.Queue.Panics(); n != 0 {
		h.t.Errorf("%d panics in handlers:\n%s", n, h.log)
	}
	if err := h.app.Close(); err != nil {
		h.t.Errorf("close: %v", err)
	}
	h.app = nil
}

// drop puts a file where the network puts it.
func (h *house) drop(name string, data []byte) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, "network", "in", name), data, 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// out waits until n files lie in network/out, takes them and returns them by kind.
func (h *house) out(n int) map[brevdue.Kind][]byte {
	h.t.Helper()
	dir := filepath.Join(h.dir, "network", "out")
	found := map[brevdue.Kind][]byte{}
	h.eventually("files in network/out", func() bool {
		entries, err := os.ReadDir(dir)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") {
				continue
			}
			path := filepath.Join(dir, e.Name())
			data, err := os.ReadFile(path)
			if err != nil {
				h.t.Fatal(err)
			}
			if err := os.Remove(path); err != nil {
				h.t.Fatal(err)
			}
			found[medcom.Sniff(data).Kind] = data
		}
		return len(found) >= n
	})
	return found
}

// still tells that nothing is in network/in any more and n arrivals are settled.
func (h *house) taken() {
	h.t.Helper()
	h.eventually("an empty network/in", func() bool {
		entries, err := os.ReadDir(filepath.Join(h.dir, "network", "in"))
		return err == nil && len(entries) == 0
	})
}

func (h *house) eventually(what string, done func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if done() {
			return
		}
	}
	h.t.Fatalf("waited in vain for %s; log:\n%s", what, h.log)
}

// person is a browser without scripts in which somebody is signed in.
type person struct {
	t      *testing.T
	client *http.Client
	base   string
}

func (h *house) signIn(login, password string) *person {
	h.t.Helper()
	return h.recorded(nil, login, password)
}

// recorded is signIn in a browser that leaves traces; nil for none.
func (h *house) recorded(tr *traces, login, password string) *person {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	plain := &http.Transport{}
	h.t.Cleanup(plain.CloseIdleConnections)
	p := &person{t: h.t, base: h.base, client: &http.Client{Jar: jar, Transport: plain}}
	if tr != nil {
		p.client.Transport = &recording{plain, tr}
	}
	_, form := p.get("/log-ind"), p.form("/log-ind", "/log-ind")
	if !form.Set("login", login) || !form.Set("password", password) {
		h.t.Fatal("the sign-in page has no such fields")
	}
	path, page := p.post(form)
	if path == "/log-ind" {
		h.t.Fatalf("not signed in:\n%s", page)
	}
	return p
}

// get returns the page at a path; anything but 200 fails the test.
func (p *person) get(path string) string {
	p.t.Helper()
	answer, err := p.client.Get(p.base + path)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.read(answer)
}

func (p *person) read(answer *http.Response) string {
	p.t.Helper()
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %s\n%s", answer.Request.URL.Path, answer.Status, body)
	}
	return string(body)
}

// form returns the form on the page at path whose action ends in suffix.
func (p *person) form(path, suffix string) *htmlcheck.Form {
	p.t.Helper()
	return p.formOf(p.get(path), suffix)
}

func (p *person) formOf(page, suffix string) *htmlcheck.Form {
	p.t.Helper()
	root, err := htmlcheck.Parse(page)
	if err != nil {
		p.t.Fatal(err)
	}
	f := root.Form(suffix)
	if f == nil {
		p.t.Fatalf("no form goes to %s:\n%s", suffix, page)
	}
	return f
}

// post sends a form and returns where it led and the page there.
func (p *person) post(f *htmlcheck.Form) (path, page string) {
	p.t.Helper()
	answer, err := p.client.PostForm(p.base+f.Action, url.Values(f.Values))
	if err != nil {
		p.t.Fatal(err)
	}
	return answer.Request.URL.Path, p.read(answer)
}

// sent sends fields to a path and returns the page, which must have the status.
func (p *person) sent(status int, path string, fields ...string) string {
	p.t.Helper()
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	answer, err := p.client.PostForm(p.base+path, values)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if answer.StatusCode != status {
		p.t.Fatalf("%s: %s, want %d\n%s", path, answer.Status, status, body)
	}
	return string(body)
}

// link returns the address of the first link of the page that holds part.
func (p *person) link(page, part string) string {
	p.t.Helper()
	root, err := htmlcheck.Parse(page)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, a := range root.All("a") {
		if strings.Contains(a.Attr["href"], part) {
			return a.Attr["href"]
		}
	}
	p.t.Fatalf("no link with %s:\n%s", part, page)
	return ""
}

// letter is a letter from outside.
type letter struct {
	kind       brevdue.Kind
	id         string
	from, to   brevdue.GLN
	sent       brevdue.LocalTime
	ask        bool
	subject    string
	text       string
	cpr        brevdue.CPR
	given, sur string
}

// bytes writes it as another system would.
func (l letter) bytes(t *testing.T) []byte {
	t.Helper()
	party := func(g brevdue.GLN, name string) brevdue.Party {
		return brevdue.Party{GLN: g, ID: string(g), IDCode: brevdue.IDLocation, Organisation: name}
	}
	body := brevdue.Letter{
		ID: "B" + l.id, StatisticalCode: "XDIS91", Authorised: l.sent, Status: brevdue.NewLetter,
		Sender: party(l.from, "Afsenderhospitalet"), Receiver: party(l.to, "Modtageren"), Subject: l.subject,
		Patient:  brevdue.Patient{CPR: l.cpr, Surname: l.sur, Given: l.given, Episode: brevdue.EpisodeInpatient},
		Segments: []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText(l.text)}}},
	}
	body.Sender.Phone = "79990001"
	m := medcom.Message{Kind: l.kind, Letters: []brevdue.Letter{body},
		Envelope: brevdue.Envelope{ID: "K" + l.id, Sent: l.sent, Sender: l.from, Receiver: l.to, WantsReceipt: l.ask}}
	data, findings := medcom.Encode(m, l.kind)
	if data == nil || brevdue.HasErrors(findings) {
		t.Fatalf("the test letter cannot be written: %v", findings)
	}
	return data
}

// nancy is a letter about one of MedCom's official test persons.
func nancy(kind brevdue.Kind, id string, to brevdue.GLN) letter {
	return letter{
		kind: kind, id: id, from: stranger, to: to, sent: "2026-11-24T09:40", ask: true, subject: "Medicin",
		text: "Marevan er pauseret.\nINR tages torsdag.", cpr: "2512489996", given: "Nancy Ann Test", sur: "Berggren",
	}
}

// receiptIn reads a receipt, which must be without errors.
func receiptIn(t *testing.T, data []byte) receipt.Message {
	t.Helper()
	m, findings := receipt.Read(data)
	if brevdue.HasErrors(findings) {
		t.Fatalf("the receipt has errors: %v\n%s", findings, data)
	}
	return m
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, os.ErrNotExist)
}
