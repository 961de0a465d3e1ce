package web_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/auth"
	"brevdue/internal/gateway"
	"brevdue/internal/htmlcheck"
	"brevdue/internal/mailbox"
	"brevdue/internal/queue"
	"brevdue/internal/store"
	"brevdue/internal/store/storetest"
	"brevdue/internal/web"
	"brevdue/kalender"
	"brevdue/medcom"
	"brevdue/sor"
)

// The parties of the tests: plainly synthetic location numbers.
var (
	clinic  = gln("579999900001") // ours, a hospital clinic
	ward    = gln("579999900003") // ours, a hospital ward
	care    = gln("579999900005") // ours, home care that reads in shifts
	home    = gln("579999900011") // elsewhere: home care
	homeTwo = gln("579999900017") // elsewhere: home care with nearly the same name
	social  = gln("579999900012") // elsewhere: social area
	east    = gln("579999900018") // elsewhere: another unit of care's municipality
	nobody  = gln("579999900099") // nowhere
)

func gln(s string) brevdue.GLN {
	d, ok := brevdue.GLNCheckDigit(s)
	if !ok {
		panic(s)
	}
	return brevdue.GLN(s + string(d))
}

// testCPR belongs to one of MedCom's official test persons.
const testCPR = "0104909989"

const password = "prøve-adgang-til-test"

// world is one installation behind a real server: archive, gateway, mailbox and
// sign-in, with a network that is a list and a clock the test moves.
type world struct {
	t      testing.TB
	ctx    context.Context
	store  store.Store
	gw     *gateway.Gateway
	queue  *queue.Queue
	web    *web.Workbench
	server *httptest.Server
	conf   web.Config
	hash   string
	dir    atomic.Pointer[sor.Directory]

	mu      sync.Mutex
	now     time.Time
	out     int // files handed to the network
	numbers int
	log     bytes.Buffer
}

// at is a time on Tuesday 24 November 2026, an ordinary working day.
func at(hour, minute, second int) time.Time {
	return time.Date(2026, 11, 24, hour, minute, second, 0, kalender.Copenhagen())
}

func newWorld(t testing.TB) *world { return newWorldWith(t, 0) }

// newWorldWith is a world whose letters can be taken back for a while before they leave.
func newWorldWith(t testing.TB, undo time.Duration) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), now: at(10, 0, 0)}
	s := storetest.Open(t, filepath.Join(t.TempDir(), "brevdue.db"))
	w.store = s
	t.Cleanup(func() { s.Close() })
	w.update(func(tx store.Tx) error {
		for _, u := range []store.Unit{
			{GLN: clinic, Kind: brevdue.Clinic, Name: "Prøvehospitalet, Medicinsk Klinik", Phone: "87654321", Sends: brevdue.XDIS91, Organisation: "Prøvehospitalet", Department: "Medicinsk Klinik"},
			{GLN: ward, Kind: brevdue.Ward, Name: "Prøvehospitalet, Sengeafsnit", Phone: "87654322", Sends: brevdue.DIS91, Organisation: "Prøvehospitalet"},
			{GLN: care, Kind: brevdue.MunicipalHealth, Name: "Hjemmeplejen Øst", Phone: "87654325", Services: "no", Shifts: []int{7 * 60, 15 * 60, 23 * 60}, Sends: brevdue.XDIS91, Organisation: "Østkøbing Kommune"},
		} {
			if err := tx.Units().Put(w.ctx, u); err != nil {
				return err
			}
		}
		return tx.Settings().Set(w.ctx, store.KeyTag, "TST")
	})
	log := slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
	book := testBook(t)
	books := func() *aftale.Book { return book }
	w.dir.Store(testDirectory())
	w.gw = gateway.New(gateway.Config{Store: s, Books: books, Directory: w.dir.Load, Network: gateway.Network{Name: "folder"},
		Deliver: w.deliver, Now: w.clock, Log: log})
	w.queue = queue.New(queue.Config{Store: s, Now: w.clock, Log: log, Handlers: w.gw.Handlers(), Sole: true})
	door := auth.New(s)
	var err error
	if w.hash, err = door.Hasher().Hash(w.ctx, password); err != nil {
		t.Fatal(err)
	}
	w.user(store.User{Login: "anne", Name: "Anne Kjær", Title: "Sygeplejerske", Units: []brevdue.GLN{clinic}})
	w.user(store.User{Login: "bo", Name: "Bo Prøve", Title: "Sygeplejerske", Units: []brevdue.GLN{ward}})
	w.user(store.User{Login: "clara", Name: "Clara Prøve", Title: "Læge", Units: []brevdue.GLN{clinic, ward}})
	w.user(store.User{Login: "dorte", Name: "Dorte Prøve", Title: "Hjemmesygeplejerske", Units: []brevdue.GLN{care}})
	w.user(store.User{Login: "emil", Name: "Emil Prøve", Title: "Hjemmesygeplejerske", Units: []brevdue.GLN{care}})
	w.user(store.User{Login: "olga", Name: "Olga Prøve", Title: "Driftsleder", Operator: true})
	w.user(store.User{Login: "rita", Name: "Rita Prøve", Title: "Konsulent", Secretariat: true})
	w.user(store.User{Login: "svend", Name: "Svend Prøve", Title: "Konsulent", Secretariat: true})
	w.user(store.User{Login: "revi", Name: "Revi Prøve", Title: "Revisor", Auditor: true})
	w.user(store.User{Login: "ingen", Name: "Ingen Enhed", Title: "Vikar"})
	box := mailbox.New(mailbox.Config{Store: s, Books: books, Directory: w.dir.Load, Now: w.clock, Log: log, Undo: undo, Glass: true})
	w.conf = web.Config{Box: box, Auth: door, Listen: s.Listen, Now: w.clock, Log: log}
	w.rebuild(func(*web.Config) {})
	w.server = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.web.ServeHTTP(rw, r) }))
	base, stop := context.WithCancel(context.Background())
	w.server.Config.BaseContext = func(net.Listener) context.Context { return base }
	w.server.Start()
	t.Cleanup(func() {
		stop() // ends the streams, for which Close would wait
		w.server.Close()
		if n := w.web.Panics(); n != 0 {
			t.Errorf("%d pages panicked", n)
		}
	})
	return w
}

// rebuild builds the workbench with something else in its configuration. Nobody may be
// looking at a page.
func (w *world) rebuild(change func(*web.Config)) {
	w.t.Helper()
	change(&w.conf)
	var err error
	if w.web, err = web.New(w.conf); err != nil {
		w.t.Fatal(err)
	}
}

// address is where the server is.
func (w *world) address() *url.URL {
	w.t.Helper()
	u, err := url.Parse(w.server.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

func (w *world) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (w *world) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) set(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = now
}

func (w *world) deliver(_ context.Context, _ string, _ []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.out++
	return nil
}

func (w *world) update(f func(store.Tx) error) {
	w.t.Helper()
	if err := w.store.Update(w.ctx, f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) user(u store.User) {
	w.t.Helper()
	u.Hash, u.Lang, u.Created = w.hash, "da", w.now
	w.update(func(tx store.Tx) error { _, err := tx.Users().Put(w.ctx, u); return err })
}

func testBook(t testing.TB) *aftale.Book {
	t.Helper()
	_, content := aftale.Shipped()
	content, err := aftale.WithValidFrom(content, kalender.Day{Year: 2022, Month: 1, Date: 1})
	if err != nil {
		t.Fatal(err)
	}
	a, findings := aftale.Load(content)
	if a == nil {
		t.Fatal(findings)
	}
	b, findings := aftale.NewBook(a)
	if brevdue.HasErrors(findings) {
		t.Fatal(findings)
	}
	return b
}

func testDirectory() *sor.Directory {
	both := []brevdue.Kind{brevdue.DIS91, brevdue.XDIS91}
	return sor.New([]sor.Entry{
		{GLN: home, Name: "Hjemmesygeplejen Nord", Kind: brevdue.MunicipalHealth, Place: "Prøvekøbing Kommune", Takes: both, Phone: "11223344"},
		{GLN: homeTwo, Name: "Hjemmesygeplejen, Nord", Kind: brevdue.MunicipalHealth, Place: "Nabokøbing Kommune", Takes: both},
		{GLN: social, Name: "Socialafdelingen", Kind: brevdue.MunicipalSocial, Place: "Prøvekøbing Kommune", Takes: []brevdue.Kind{brevdue.DIS91}},
		{GLN: clinic, Name: "Prøvehospitalet, Medicinsk Klinik", Kind: brevdue.Clinic, Takes: both},
		{GLN: care, Name: "Hjemmeplejen Øst", Kind: brevdue.MunicipalHealth, Place: "Østkøbing Kommune", Takes: both},
		{GLN: east, Name: "Træningen Øst", Kind: brevdue.MunicipalHealth, Place: "Østkøbing Kommune", Takes: append(both[:2:2], brevdue.XBIN01)},
	})
}

// letter is a letter that somebody elsewhere writes; the zero value is an
// ordinary one to the clinic.
type letter struct {
	to      brevdue.GLN
	subject string
	text    string
	sent    time.Time // default: now
	high    bool
	clips   int
	from    brevdue.GLN // default: home care elsewhere
	code    string      // the citizen's post code and district
	place   string
	cpr     brevdue.CPR // default: the one test person
	name    [2]string   // given, surname; default: that person's
}

// arrive lets a letter come in as a real file through the gateway and returns
// the id it got.
func (w *world) arrive(l letter) int64 {
	w.t.Helper()
	w.receive(w.file(l))
	w.update(func(tx store.Tx) error { // as the program does a moment later
		_, err := tx.Letters().Index(w.ctx, 1000)
		return err
	})
	return w.newest().ID
}

func (w *world) file(l letter) []byte {
	w.t.Helper()
	if l.to == "" {
		l.to = clinic
	}
	if l.subject == "" {
		l.subject = "Medicin"
	}
	if l.text == "" {
		l.text = "Marevan er pauseret.\nINR tages torsdag."
	}
	if l.sent.IsZero() {
		l.sent = w.clock()
	}
	if l.from == "" {
		l.from = home
	}
	if l.cpr == "" {
		l.cpr = testCPR
	}
	if l.name[1] == "" {
		l.name = [2]string{"Torre Test", "Mosebryggersen"}
	}
	w.numbers++
	body := brevdue.Letter{ID: fmt.Sprintf("L%d", w.numbers), Version: "XD9134L", StatisticalCode: "XDIS91", Authorised: kalender.LocalOf(l.sent), Status: brevdue.NewLetter, Subject: l.subject,
		Sender:   brevdue.Party{GLN: l.from, ID: string(l.from), IDCode: brevdue.IDLocation, Organisation: "Prøvekøbing Kommune", Department: "Hjemmesygeplejen Nord", Phone: "11 22 33 44", Specialty: "kirurgi_sygehus"},
		Receiver: brevdue.Party{GLN: l.to, ID: string(l.to), IDCode: brevdue.IDLocation, Organisation: "Prøvehospitalet"},
		Patient:  brevdue.Patient{CPR: l.cpr, Given: l.name[0], Surname: l.name[1], Episode: brevdue.EpisodeOutpatient, PostCode: l.code, District: l.place},
		Segments: []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText(l.text)}}}}
	if l.high {
		body.Priority = brevdue.HighPriority
	}
	for i := range l.clips {
		body.Attachments = append(body.Attachments, brevdue.Attachment{Kind: brevdue.SupplementAttachment, Description: fmt.Sprintf("Skema %d", i+1)})
	}
	data, findings := medcom.Encode(medcom.Message{Letters: []brevdue.Letter{body},
		Envelope: brevdue.Envelope{ID: fmt.Sprintf("K%d", w.numbers), Sent: kalender.LocalOf(l.sent), Sender: l.from, Receiver: l.to, WantsReceipt: true}}, brevdue.XDIS91)
	if data == nil {
		w.t.Fatalf("test letter: %v", findings)
	}
	return data
}

// receive gives bytes to the gateway and lets it work until nothing is due.
func (w *world) receive(data []byte) {
	w.t.Helper()
	if err := w.gw.Receive(w.ctx, "folder", data); err != nil {
		w.t.Fatal(err)
	}
	w.drain()
}

func (w *world) drain() {
	w.t.Helper()
	if err := w.queue.Drain(w.ctx); err != nil {
		w.t.Fatal(err)
	}
}

// browser is a person's browser without JavaScript. It keeps every address it
// was sent to, so that the test can look for what must not be there.
type browser struct {
	w         *world
	client    *http.Client
	addresses []string
}

// page is an answer, checked when it is a page.
type page struct {
	*htmlcheck.Node
	t      testing.TB
	status int
	path   string
	body   string
	header http.Header
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	b := &browser{w: w}
	b.client = &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		b.addresses = append(b.addresses, r.URL.String())
		if len(via) > 5 {
			return fmt.Errorf("redirected too often")
		}
		return nil
	}}
	return b
}

// signedIn is the browser of a person who has signed in through the form.
func (w *world) signedIn(login string) *browser {
	w.t.Helper()
	b := w.browser()
	p := b.get("/log-ind")
	f := p.Form("/log-ind")
	if !f.Set("login", login) || !f.Set("password", password) {
		w.t.Fatal("the form for signing in has no login or password")
	}
	if p := b.submit(f); p.First("#f-login") != nil {
		w.t.Fatalf("%s could not sign in", login)
	}
	return b
}

func (b *browser) do(r *http.Request) *page {
	b.w.t.Helper()
	b.addresses = append(b.addresses, r.URL.String())
	answer, err := b.client.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer answer.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(answer.Body); err != nil {
		b.w.t.Fatal(err)
	}
	p := &page{t: b.w.t, status: answer.StatusCode, path: answer.Request.URL.Path, body: body.String(), header: answer.Header}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") && strings.Contains(p.body, "<html") {
		for _, problem := range htmlcheck.Check(p.body) {
			b.w.t.Errorf("%s: %s", p.path, problem)
		}
		if p.Node, err = htmlcheck.Parse(p.body); err != nil {
			b.w.t.Fatalf("%s: %v", p.path, err)
		}
		if strings.Contains(p.body, "⟦") {
			b.w.t.Errorf("%s: a text is missing: %s", p.path, p.body[strings.Index(p.body, "⟦"):][:40])
		}
		if cc := answer.Header.Get("Cache-Control"); cc != "no-store" {
			b.w.t.Errorf("%s may be cached: %q", p.path, cc)
		}
	}
	return p
}

func (b *browser) get(path string) *page {
	b.w.t.Helper()
	r, err := http.NewRequestWithContext(b.w.ctx, http.MethodGet, b.w.server.URL+path, nil)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return b.do(r)
}

// post sends a form as a browser on this site does.
func (b *browser) post(path string, values url.Values) *page {
	b.w.t.Helper()
	r, err := http.NewRequestWithContext(b.w.ctx, http.MethodPost, b.w.server.URL+path, strings.NewReader(values.Encode()))
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// submit sends a form that was found on a page.
func (b *browser) submit(f *htmlcheck.Form) *page {
	b.w.t.Helper()
	if f == nil {
		b.w.t.Fatal("there is no such form")
	}
	return b.post(f.Action, f.Values)
}

// want fails unless the page has the status and every one of the texts.
func (p *page) want(status int, texts ...string) *page {
	p.t.Helper()
	if p.status != status {
		p.t.Errorf("%s: status %d, want %d", p.path, p.status, status)
	}
	if p.Node == nil {
		if len(texts) > 0 {
			p.t.Fatalf("%s is no page", p.path)
		}
		return p
	}
	all := p.First("body").Inner()
	for _, s := range texts {
		if !strings.Contains(all, s) {
			p.t.Errorf("%s does not say %q; it says: %s", p.path, s, p.First("main").Inner())
		}
	}
	return p
}

// wantNot fails when the page says one of the texts.
func (p *page) wantNot(texts ...string) *page {
	p.t.Helper()
	for _, s := range texts {
		if strings.Contains(p.body, s) {
			p.t.Errorf("%s says %q", p.path, s)
		}
	}
	return p
}

func unitPath(u brevdue.GLN) string { return "/enhed/" + string(u) }

func letterPath(u brevdue.GLN, id int64) string { return fmt.Sprintf("%s/brev/%d", unitPath(u), id) }

// drainBody reads an answer to its end, so that the connection is used again.
func drainBody(r *http.Response) {
	_, _ = io.Copy(io.Discard, r.Body)
	r.Body.Close()
}
