package web_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

func TestSigningIn(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	p := b.get(unitPath(clinic) + "/indbakke")
	p.want(200, "Log ind for at fortsætte")
	if p.path != "/log-ind" || p.First("input[name=til]").Attr["value"] != unitPath(clinic)+"/indbakke" {
		t.Errorf("a stranger was led to %s", p.path)
	}

	f := p.Form("/log-ind")
	p = b.submit(f)
	p.want(422, "Der er 2 fejl", "Skriv dit brugernavn", "Skriv din adgangskode")
	if _, focused := p.First(".faults").Attr["autofocus"]; !focused {
		t.Error("the error summary does not get the focus")
	}
	if !strings.HasPrefix(p.First("title").Inner(), "Fejl:") {
		t.Errorf("the title does not tell of the fault: %q", p.First("title").Inner())
	}

	f.Set("login", "anne")
	f.Set("password", "forkert")
	b.submit(f).want(422, "Brugernavn eller adgangskode er forkert").wantNot("forkert\"")
	f.Set("password", password)
	p = b.submit(f)
	p.want(200, "Indbakke", "Prøvehospitalet, Medicinsk Klinik", "Anne Kjær")
	if p.path != unitPath(clinic)+"/indbakke" {
		t.Errorf("signing in did not lead back but to %s", p.path)
	}
	server, err := url.Parse(w.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(b.client.Jar.Cookies(server)); n != 1 {
		t.Errorf("%d cookies", n)
	}

	b.submit(p.Form("/log-ud")).want(200, "Du er logget ud")
	if p := b.get("/"); p.path != "/log-ind" {
		t.Errorf("after signing out %s was shown", p.path)
	}
}

// The cookie is out of reach for scripts and for other websites.
func TestSessionCookie(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	p := b.post("/log-ind", url.Values{"login": {"anne"}, "password": {password}, "til": {"//evil.example/"}})
	c := p.header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(c, want) {
			t.Errorf("cookie %q lacks %s", c, want)
		}
	}
	if got := p.header.Get("Location"); got != "/" {
		t.Errorf("signing in leads to %q", got)
	}
}

func TestSigningInIsThrottled(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	for range 5 {
		b.post("/log-ind", url.Values{"login": {"anne"}, "password": {"gæt"}}).want(422)
	}
	b.post("/log-ind", url.Values{"login": {"anne"}, "password": {password}}).want(429, "for mange mislykkede forsøg")
}

func TestFrontPage(t *testing.T) {
	w := newWorld(t)
	for login, want := range map[string]string{"anne": unitPath(clinic) + "/indbakke", "olga": "/drift"} {
		if p := w.signedIn(login).get("/"); p.path != want || p.status != 200 {
			t.Errorf("%s was led to %s (%d), want %s", login, p.path, p.status, want)
		}
	}
	w.signedIn("ingen").get("/").want(403, "Du hører ikke til en enhed")
}

// F50: thirteen letters with the agreement's twelve subjects and one unknown
// make twelve groups in the agreement's order and the tray last.
func TestInboxIsGroupedByTheAgreement(t *testing.T) {
	w := newWorld(t)
	subjects := []string{"Visitation-kommune", "Træning", "Hjælpemidler", "Opfølgende hjemmebesøg", "Sygepleje-kommune", "Medicin", "Socialområdet",
		"Forløbskoordinering i psykiatrien", "Ambulant forespørgsel", "Terminal erklæring", "Udskrivningsstatus – Barn", "Åben indlæggelse"}
	w.arrive(letter{subject: "Vedr. transport"})
	for i := range subjects {
		w.arrive(letter{subject: subjects[len(subjects)-1-i]})
	}
	p := w.signedIn("anne").get("/")
	var got []string
	for _, g := range p.All(".group") {
		got = append(got, strings.TrimSuffix(g.First("h2").Inner(), " 1 brev"))
	}
	want := append(subjects, "Uden for aftalen")
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("groups: %q\nwant:   %q", got, want)
	}
	p.want(200, "13 skal læses inden kl. 15.00", "Vedr. transport", "Emnet findes ikke i aftalen")
}

// F51, F73: a row tells everything by text, with the number masked.
func TestRow(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{high: true, clips: 2})
	w.set(at(14, 40, 0))
	p := w.signedIn("anne").get("/")
	p.wantNot(testCPR, testCPR[6:])
	row := p.First(fmt.Sprintf("#b%d", id))
	for _, want := range []string{"Læs inden kl. 15.00 (20 min)", "Ulæst.", "Torre Test Mosebryggersen", "010490-••••", "Fra Prøvekøbing Kommune, Hjemmesygeplejen Nord",
		"Marevan er pauseret.", "Høj prioritet", "2 bilag", "Modtaget 10.00"} {
		if !strings.Contains(row.Inner(), want) {
			t.Errorf("the row does not say %q: %s", want, row.Inner())
		}
	}
	rule := p.First("#" + row.Attr["aria-describedby"])
	if rule == nil || !strings.Contains(rule.Inner(), "AGR-602") {
		t.Error("the row does not say why")
	}
	w.set(at(16, 10, 0))
	w.signedIn("anne").get("/").want(200, "Overskredet 1 t 10 min", "1 brev er overskredet.")
}

func TestInboxViews(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn("anne")
	base := unitPath(clinic) + "/indbakke"
	b.get(base).want(200, "Ingen breve endnu", "Enheden læser næste gang")
	b.get(base+"?vis=haster").want(200, "Ingen breve haster")
	first, second := w.arrive(letter{text: "Første brev"}), w.arrive(letter{text: "Andet brev"})
	b.get(letterPath(clinic, first))
	b.get(base+"?vis=ulaest").want(200, "Andet brev").wantNot("Første brev")
	b.get(base+"?vis=laest").want(200, "Første brev", "Læst 10.00 af AK").wantNot("Andet brev")
	b.get(base + "?vis=haster").wantNot("Andet brev")
	w.set(at(14, 31, 0))
	b = w.signedIn("anne")
	b.get(base+"?vis=haster").want(200, "Andet brev")
	b.get(letterPath(clinic, second))
	b.get(base+"?vis=ulaest").want(200, "Ingen ulæste breve", "Vis alle breve")
	b.get(base).want(200, "Alt er læst.")
}

func TestInboxPaging(t *testing.T) {
	w := newWorld(t)
	w.many(203)
	b := w.signedIn("anne")
	p := b.get("/")
	if n := len(p.All("a[data-row]")); n != 200 {
		t.Fatalf("%d rows on the first page", n)
	}
	next := p.First(".more").First("a")
	p = b.get(next.Attr["href"])
	if n := len(p.All("a[data-row]")); n != 3 {
		t.Errorf("%d rows on the second page", n)
	}
	p.want(200, "Vis de foregående")
}

// many keeps n letters as the gateway would, in one transaction.
func (w *world) many(n int) {
	w.t.Helper()
	first := w.arrive(letter{})
	w.update(func(tx store.Tx) error {
		l, err := tx.Letters().Get(w.ctx, first)
		if err != nil {
			return err
		}
		groups := []string{"Visitation-kommune", "Træning", "Hjælpemidler", "Sygepleje-kommune", "Medicin"}
		for i := range n - 1 {
			one := *l
			one.ID, one.Thread = 0, 0
			one.Body.ID = fmt.Sprintf("M%d", i)
			one.Group, one.GroupOrder = groups[i%len(groups)], i%len(groups)
			if _, err := tx.Letters().Insert(w.ctx, &one); err != nil {
				return err
			}
		}
		return nil
	})
}

// F52: opening reads the letter for the unit; a look ahead does not.
func TestOpeningReads(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{clips: 1})
	path := letterPath(clinic, id)
	anne, clara := w.signedIn("anne"), w.signedIn("clara")

	r, err := http.NewRequestWithContext(w.ctx, http.MethodGet, w.server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Purpose", "prefetch;prerender")
	if p := anne.do(r); p.status != http.StatusNoContent {
		t.Errorf("a browser that looks ahead got %d", p.status)
	}
	r = r.Clone(w.ctx)
	r.Method = http.MethodHead
	r.Header.Del("Sec-Purpose")
	anne.do(r)
	anne.get(path + "/svar") // writing an answer is not opening
	anne.get("/").want(200, "Ulæst.")

	p := anne.get(path)
	p.want(200, "Du har læst brevet på vegne af Prøvehospitalet, Medicinsk Klinik kl. 10.00.", "Læst 10.00 af AK", "Medicin", "Kategori: Medicin",
		"010490-9989", "Torre Test Mosebryggersen", "11 22 33 44", "Lokationsnummer "+string(home), "INR tages torsdag.", "AGR-602", "Skema 1",
		"Sendes på anden vis", "Modtaget", "Kvitteret", "Læst af Anne Kjær", "B-000001")
	if tel := p.First("a[href=tel:11223344]"); tel == nil {
		t.Error("the sender's phone cannot be called")
	}
	w.set(at(10, 5, 0))
	p = clara.get(path)
	p.want(200, "Læst 10.00 af AK", "Anne Kjær i dag kl. 10.00", "Clara Prøve i dag kl. 10.05")
	p.wantNot("Du har læst brevet på vegne af")
}

func TestOriginal(t *testing.T) {
	w := newWorld(t)
	data := w.file(letter{})
	w.receive(data)
	b := w.signedIn("anne")
	p := b.get(letterPath(clinic, 1) + "/original")
	p.want(200, "Originalen", "SHA-256", "<Emessage")
	if p.First("pre").Inner() == "" || len(p.All("script[src]")) != 1 {
		t.Error("the original is not shown as text alone")
	}
	file := b.get(p.First("a[href=" + letterPath(clinic, 1) + "/original/hent]").Attr["href"])
	if file.body != string(data) {
		t.Error("the file is not the bytes that came")
	}
	for key, want := range map[string]string{"Content-Type": "application/octet-stream", "Content-Disposition": `attachment; filename="B-000001.xml"`, "X-Content-Type-Options": "nosniff"} {
		if got := file.header.Get(key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

// Issue §5: the whole path of an answer without JavaScript.
func TestReplyWithoutJavaScript(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	b := w.signedIn("anne")
	p := b.get(letterPath(clinic, id))
	p = b.get(p.First("a[data-key=r]").Attr["href"])
	p.want(200, "Svar", "Til Prøvekøbing Kommune, Hjemmesygeplejen Nord om Torre Test Mosebryggersen", "Marevan er pauseret.", "24.11.2026", "Sygeplejerske", "Anne Kjær", "Tlf. 87654321", "Intet er sendt endnu")
	f := p.Form("/svar")
	if f.Values.Get("text") != "" {
		t.Error("something is quoted")
	}
	if got := f.Values.Get("subject"); got != "Medicin|Medicin" {
		t.Errorf("subject %q is not inherited", got)
	}
	f.Press("do", "tjek")
	p = b.submit(f)
	p.want(422, "Der er 2 fejl")
	link := p.First(".faults").First("a")
	if field := p.First(link.Attr["href"]); field == nil || field.Tag != "textarea" || field.Attr["aria-invalid"] != "true" {
		t.Error("the fault does not lead to its field")
	}

	f = p.Form("/svar")
	f.Set("text", "Tak. Vi giver besked til egen læge.\nHilsen klinikken <b>")
	f.Set("basis", "41-2-1")
	f.Press("do", "tjek")
	p = b.submit(f)
	p.want(200, "Tjek dine svar", "Tak. Vi giver besked til egen læge.", "<b>", "Tlf. 87654321", "010490-9989", "Hjemmesygeplejen Nord", "Medicin")
	if w.sentCount() != 0 {
		t.Fatal("the check page sent the letter")
	}

	edit := p.Form("/svar")
	edit.Press("do", "ret")
	back := b.submit(edit)
	if got := back.Form("/svar").Values.Get("text"); got != "Tak. Vi giver besked til egen læge.\nHilsen klinikken <b>" {
		t.Errorf("the text did not survive going back: %q", got)
	}

	send := p.Form("/svar")
	if !send.Press("do", "send") {
		t.Fatal("there is no Send")
	}
	p = b.submit(send)
	p.want(200, "Brevet er afsendt", "B-000002", "Hvad sker der nu?")
	again := b.submit(send) // the button pressed twice
	if again.path != p.path || w.sentCount() != 1 {
		t.Errorf("sent twice: %s and %s, %d letters", p.path, again.path, w.sentCount())
	}
	w.drain()
	if w.out == 0 {
		t.Error("nothing was handed to the network")
	}
	b.get(unitPath(clinic)+"/sendt").want(200, "Sendte breve", "Hjemmesygeplejen Nord", "venter på kvittering").wantNot(testCPR)
	p = b.get(unitPath(clinic) + "/sendt/2")
	p.want(200, "Tak. Vi giver besked", "Oprettet af Anne Kjær", "Afsendt", "Tråd", "(os)")
	b.get(letterPath(clinic, id)).want(200, "Besvaret af Anne Kjær", "Tråd")
	b.get("/").want(200, "Besvaret i dag kl. 10.00")
}

func (w *world) sentCount() int {
	n := 0
	w.update(func(tx store.Tx) error {
		rows, err := tx.Letters().SentBy(w.ctx, clinic, 100, 0)
		n = len(rows)
		return err
	})
	return n
}

// AGR-501, F15: a new letter without JavaScript; the receiver is chosen by hand.
func TestNewLetterWithoutJavaScript(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn("anne")
	p := b.get(unitPath(clinic) + "/nyt")
	p.want(200, "1 Borger", "2 Modtager", "3 Brev", "4 Tjek og send", "Vælg en modtager for at se, hvornår brevet læses.")
	f := p.Form("/nyt")
	f.Press("do", "tjek")
	p = b.submit(f)
	p.want(422, "Skriv borgerens CPR-nummer", "Vælg, hvem brevet er til.", "Skriv brevets tekst.")
	for _, a := range p.First(".faults").All("a") {
		if field := p.First(a.Attr["href"]); field == nil || field.Attr["name"] == "" {
			t.Errorf("%q leads to no field", a.Inner())
		}
	}

	f = p.Form("/nyt")
	f.Set("cpr", testCPR[:6]+"-"+testCPR[6:])
	f.Set("given", "Torre Test")
	f.Set("surname", "Mosebryggersen")
	f.Set("episode", "ambulant")
	f.Set("text", "Borgeren møder til kontrol torsdag.")
	f.Set("basis", "41-2-1")
	f.Set("words", "hjemmesygeplejen prøvek")
	f.Press("do", "soeg")
	p = b.submit(f)
	p.want(200, "1 modtager fundet", "Hjemmesygeplejen Nord", "Prøvekøbing Kommune", "Kan modtage: DIS91, XDIS91", "Flere enheder har næsten samme navn")
	f = p.Form("/nyt")
	if f.Values.Get("receiver") != "" {
		t.Error("the only hit is chosen beforehand")
	}
	if f.Values.Get("cpr") != "010490-9989" || f.Values.Get("text") != "Borgeren møder til kontrol torsdag." || f.Values.Get("episode") != "ambulant" {
		t.Errorf("the search lost what was written: %v", f.Values)
	}
	if !f.Set("receiver", string(home)) {
		t.Fatal("the hit cannot be chosen")
	}
	andet := p.First("optgroup[label=Andet]")
	if n := len(andet.All("option")); n != 3 {
		t.Errorf("Andet offers %d subjects, want exactly three", n)
	}
	if !f.Set("subject", "Andet|Ambulant forespørgsel") {
		t.Fatal("the subject is not offered")
	}
	f.Press("do", "tjek")
	p = b.submit(f)
	p.want(200, "Tjek dine svar", "Ambulant forespørgsel", "Kategori: Andet", "sendes nationalt som Ambulant", "Hjemmesygeplejen Nord, Prøvekøbing Kommune", "Ambulant", "Tlf. 87654321", "læst")
	send := p.Form("/nyt")
	send.Press("do", "send")
	p = b.submit(send)
	p.want(200, "Brevet er afsendt", "B-000001")
	w.drain()
	b.get(unitPath(clinic)+"/sendt/1").want(200, "Borgeren møder til kontrol torsdag.", "010490-9989")

	// What the person typed went in bodies only.
	for _, a := range b.addresses {
		if strings.Contains(a, testCPR[6:]) || strings.Contains(strings.ToLower(a), "mosebryg") || strings.Contains(a, "hjemmesyg") {
			t.Errorf("an address holds what it must not: %s", a)
		}
	}
}

// A subject outside the agreement needs a reason, and the choice is offered.
func TestSubjectOutsideTheAgreement(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	b := w.signedIn("anne")
	f := b.get(letterPath(clinic, id) + "/svar").Form("/svar")
	f.Set("text", "Kørsel er bestilt.")
	f.Set("basis", "41-2-1")
	f.Set("subject", "*")
	f.Set("freesubject", "Vedr. kørsel")
	f.Press("do", "tjek")
	p := b.submit(f)
	p.want(422, "Emnet er ikke et af aftalens")
	f = p.Form("/svar")
	if f.Values.Get("freesubject") != "Vedr. kørsel" {
		t.Error("the subject was lost")
	}
	f.Set("subjectreason", "Aftalen har intet emne for kørsel")
	f.Press("do", "tjek")
	p = b.submit(f)
	p.want(200, "Vedr. kørsel", "Aftalen har intet emne for kørsel")
	send := p.Form("/svar")
	send.Press("do", "send")
	b.submit(send).want(200, "Brevet er afsendt")
	b.get(unitPath(clinic)+"/sendt/2").want(200, "Emne uden for aftalen, begrundet af Anne Kjær")
}

// F13: the page knows when its promise changes.
func TestPromise(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		now     time.Time
		changes bool
		want    string
	}{{at(14, 29, 59), true, "i dag kl. 15"}, {at(14, 30, 0), false, "i morgen kl. 15"}} {
		w.set(c.now)
		b := w.signedIn("bo")
		f := b.get(unitPath(ward) + "/nyt").Form("/nyt")
		f.Set("words", string(social))
		f.Press("do", "soeg")
		p := b.submit(f)
		f = p.Form("/nyt")
		f.Set("receiver", string(social))
		f.Press("do", "soeg")
		p = b.submit(f)
		box := p.First("[data-promise-box]")
		if !strings.Contains(box.Inner(), c.want) {
			t.Errorf("at %s the page promises %q, want %q", c.now.Format("15:04:05"), box.Inner(), c.want)
		}
		if _, changes := box.First("p").Attr["data-changes"]; changes != c.changes {
			t.Errorf("at %s the page changes: %v", c.now.Format("15:04:05"), changes)
		}
	}
}

// F70: what belongs to another unit does not exist, and the attempt is logged.
func TestOtherUnitsDoNotExist(t *testing.T) {
	w := newWorld(t)
	w.arrive(letter{to: ward, text: "Kun for sengeafsnittet"})
	w.arrive(letter{to: clinic})
	bo := w.signedIn("bo")
	f := bo.get(letterPath(ward, 1) + "/svar").Form("/svar")
	f.Set("text", "Svar fra sengeafsnittet")
	f.Set("basis", "41-2-1")
	f.Press("do", "tjek")
	f = bo.submit(f).Form("/svar")
	f.Press("do", "send")
	bo.submit(f).want(200, "Brevet er afsendt")

	anne := w.signedIn("anne")
	for _, path := range []string{"/indbakke", "/nyheder", "/brev/1", "/brev/1/original", "/brev/1/original/hent", "/brev/1/svar", "/nyt", "/sendt", "/sendt/3", "/sendt/3/original", "/afsendt/3"} {
		for _, unit := range []brevdue.GLN{ward, clinic, nobody} {
			if unit == clinic && (path == "/indbakke" || path == "/nyt" || path == "/sendt" || path == "/nyheder") {
				continue // her own
			}
			p := anne.get(unitPath(unit) + path)
			p.want(404, "Siden findes ikke").wantNot("sengeafsnittet", "Mosebryggersen")
		}
	}
	for _, path := range []string{"/brev/1/svar", "/nyt", "/modtagere"} {
		anne.post(unitPath(ward)+path, url.Values{"do": {"send"}, "text": {"x"}, "words": {"a"}}).want(404)
	}
	// A letter is in one box only.
	anne.get(letterPath(clinic, 3)).want(404)
	anne.get(unitPath(clinic) + "/sendt/2").want(404)
	denied := 0
	w.update(func(tx store.Tx) error {
		entries, err := tx.Audit().List(w.ctx, 0, 1000)
		for _, e := range entries {
			if e.Action == "letter.denied" && e.Actor == "anne" {
				denied++
			}
		}
		return err
	})
	if denied < 10 {
		t.Errorf("%d attempts were logged", denied)
	}
}

func TestForeignFormsAreRefused(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	b := w.signedIn("anne")
	for _, site := range []string{"cross-site", "same-site"} {
		r, err := http.NewRequestWithContext(w.ctx, http.MethodPost, w.server.URL+letterPath(clinic, id)+"/svar",
			strings.NewReader(url.Values{"do": {"send"}, "text": {"Udefra"}, "phone": {"87654321"}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", site)
		r.Header.Set("Origin", "https://evil.example")
		b.do(r).want(403, "Handlingen blev afvist")
	}
	if w.sentCount() != 0 {
		t.Error("a foreign form sent a letter")
	}
}

func TestHeaders(t *testing.T) {
	w := newWorld(t)
	p := w.browser().get("/log-ind")
	csp := p.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("policy %q lacks %s", csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "data:") {
		t.Errorf("policy %q is too weak", csp)
	}
	for _, file := range append(p.All("link[href]"), p.All("script[src]")...) {
		src := file.Attr["href"] + file.Attr["src"]
		a := w.browser().get(src)
		if a.status != 200 || !strings.Contains(a.header.Get("Cache-Control"), "immutable") || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", src, a.status, a.header)
		}
	}
	w.browser().get("/statisk/x/web.go").want(404)
}

func TestOperatorsPage(t *testing.T) {
	w := newWorld(t)
	w.receive([]byte("dette er intet brev"))
	w.receive(w.file(letter{to: nobody}))
	anne := w.signedIn("anne")
	for _, path := range []string{"/drift", "/drift/ankomst/1", "/drift/ankomst/1/hent", "/drift/brev/1"} {
		anne.get(path).want(403, "Ingen adgang").wantNot("Mosebryggersen")
	}
	anne.post("/drift/ankomst/1/igen", nil).want(403)
	anne.post("/drift/ankomst/1/luk", nil).want(403)
	anne.post("/drift/opgave/1/igen", nil).want(403)

	b := w.signedIn("olga")
	p := b.get("/drift")
	p.want(200, "Drift", "1 ting venter på dig", "Karantæne 1", "Ukendt format", "Afviste breve 1", "Opgivne opgaver 0")
	p.wantNot("Mosebryggersen", testCPR)
	p = b.get("/drift/ankomst/1")
	p.want(200, "Modtaget fil 1", "I karantæne", "dette er intet brev", "Bemærkninger")
	if got := b.get("/drift/ankomst/1/hent").body; got != "dette er intet brev" {
		t.Errorf("the file is %q", got)
	}
	b.submit(p.Form("/igen")).want(200, "Sat i kø til et nyt forsøg", "Karantæne 0")
	w.drain()
	b.get("/drift").want(200, "Karantæne 1")
	b.submit(p.Form("/igen"))
	b.submit(p.Form("/igen")).want(409, "Nogen kom dig i forkøbet")
	w.drain()
	p = b.get("/drift/ankomst/1")
	p.want(200, "Læg til side").wantNot("Afvis med kvittering") // nobody is known who could be told
	form := p.Form("/luk")
	form.Set("reason", " ")
	b.submit(form).want(422, "Skriv en begrundelse")
	form.Set("reason", "Sendt til os ved en fejl")
	b.submit(form).want(200, "Lagt til side", "Karantæne 0")
	b.submit(form).want(409, "Nogen kom dig i forkøbet")
	p = b.get("/drift/ankomst/1")
	p.want(200, "Sendt til os ved en fejl", "Forsøg at læse igen")
	b.submit(p.Form("/igen")).want(200)
	w.drain()
	b.get("/drift").want(200, "Karantæne 1")
	b.get("/drift/brev/1").want(200, "Brevet er afvist", "Afvist", "Kvitteringer", string(nobody))
	b.get("/drift/brev/77").want(404)
}

// Trouble stands on top of the operator's page with what to do, and below when it is over.
func TestOperatorSeesTrouble(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn("olga")
	b.get("/drift").wantNot("Netværket svarer ikke")
	since := w.now
	for _, c := range []struct {
		ended time.Time
		want  string
	}{{time.Time{}, "intet går tabt"}, {since.Add(time.Minute), "Overstået"}} {
		w.update(func(tx store.Tx) error {
			return store.PutAlerts(t.Context(), tx, []store.Alert{{Kind: store.AlertNetwork, Since: since, Ended: c.ended, Detail: "connection refused"},
				{Kind: store.AlertDisk, Node: "b1", Since: since, Ended: c.ended, Detail: "3 %"}})
		})
		b.get("/drift").want(200, "Netværket svarer ikke", "Disken er næsten fuld", "Maskine: b1", "Nu: 3 %", c.want)
	}
}

// F66: every page a person can reach, in both languages; none has a fault that
// htmlcheck knows, none lacks a text, and none has an address with a number in it.
func TestEveryPageInBothLanguages(t *testing.T) {
	w := newWorld(t)
	w.arrive(letter{})
	w.arrive(letter{subject: "Noget andet", clips: 3, high: true, text: "En\ttabel   med mellemrum"})
	w.receive([]byte("intet brev"))
	w.receive(w.file(letter{to: nobody}))
	b := w.signedIn("anne")
	f := b.get(letterPath(clinic, 1) + "/svar").Form("/svar")
	f.Set("text", "Svar")
	f.Set("basis", "41-2-1")
	f.Press("do", "tjek")
	f = b.submit(f).Form("/svar")
	f.Press("do", "send")
	b.submit(f)
	w.drain()

	for _, login := range []string{"anne", "olga", "revi"} {
		for _, lang := range []string{"da", "en"} {
			b := w.signedIn(login)
			p := b.get("/indstillinger")
			f := p.Form("/indstillinger")
			f.Set("sprog", lang)
			b.submit(f).want(200)
			seen := map[string]bool{"/log-ud": true}
			queue := []string{"/", "/soeg", "/tilgaengelighed", "/genveje", "/findes-ikke", unitPath(clinic) + "/afsendt/" + lastSent(w)}
			for len(queue) > 0 {
				path := queue[0]
				queue = queue[1:]
				if seen[path] || strings.HasPrefix(path, "#") || strings.HasPrefix(path, "tel:") || strings.HasPrefix(path, "/statisk/") {
					continue
				}
				seen[path] = true
				p := b.get(path)
				if p.Node == nil {
					continue
				}
				if got := p.First("html").Attr["lang"]; got != lang {
					t.Errorf("%s is in %q, want %q", path, got, lang)
				}
				if p.status >= 500 || p.status == 404 && path != "/findes-ikke" && login == "anne" {
					t.Errorf("%s: %d", path, p.status)
				}
				for _, a := range p.All("a[href]") {
					queue = append(queue, a.Attr["href"])
				}
			}
			if len(seen) < 12 && login != "revi" || len(seen) < 8 {
				t.Errorf("%s in %s saw only %d pages", login, lang, len(seen))
			}
			for _, a := range b.addresses {
				if strings.Contains(a, testCPR[6:]) {
					t.Errorf("address with a number: %s", a)
				}
			}
		}
	}
	if log := w.logged(); strings.Contains(log, testCPR) || strings.Contains(log, testCPR[:6]+"-"+testCPR[6:]) || strings.Contains(log, "Mosebryggersen") || strings.Contains(log, "INR tages") {
		t.Error("the log holds what belongs to the citizen")
	}
}

func lastSent(w *world) string {
	var id int64
	w.update(func(tx store.Tx) error {
		rows, err := tx.Letters().SentBy(w.ctx, clinic, 1, 0)
		if len(rows) > 0 {
			id = rows[0].ID
		}
		return err
	})
	return fmt.Sprint(id)
}

func TestSettings(t *testing.T) {
	w := newWorld(t)
	w.arrive(letter{})
	b := w.signedIn("anne")
	p := b.get("/indstillinger")
	f := p.Form("/indstillinger")
	f.Set("taster", "fra")
	f.Set("visning", "kompakt")
	b.submit(f).want(200, "Indstillingerne er gemt")
	p = b.get("/")
	if body := p.First("body"); body.Attr["data-keys"] != "off" || body.Attr["class"] != "compact" {
		t.Errorf("the choices do not show: %v", body.Attr)
	}
	b.get("/genveje").want(200, "slået fra")
	density := p.Form("/indstillinger")
	density.Press("visning", "luftig")
	if p = b.submit(density); p.First("body").Attr["class"] != "" || p.path != unitPath(clinic)+"/indbakke" {
		t.Error("the button for density does not lead back")
	}
	lang := p.Form("/sprog")
	lang.Press("sprog", "en")
	b.submit(lang).want(200, "Inbox", "Read before 15:00")
	b.post("/sprog", url.Values{"sprog": {"da"}, "til": {"https://evil.example/"}})
	if last := b.addresses[len(b.addresses)-1]; strings.Contains(last, "evil") {
		t.Errorf("a form led to %s", last)
	}
}

// F65: the stream tells that letters came, and that the session is over; looking
// on does not keep anybody signed in.
func TestNews(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn("anne")
	r, err := http.NewRequestWithContext(w.ctx, http.MethodGet, w.server.URL+unitPath(clinic)+"/nyheder", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	answer, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("the stream is %q", got)
	}
	lines := bufio.NewScanner(answer.Body)
	next := func() (event string, n struct{ All, Unread, Late int }) {
		t.Helper()
		for lines.Scan() {
			if s, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				event = s
			}
			if s, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if err := json.Unmarshal([]byte(s), &n); err != nil {
					t.Fatal(err)
				}
				return event, n
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return
	}
	if e, n := next(); e != "news" || n.All != 0 {
		t.Errorf("first %s %+v", e, n)
	}
	w.arrive(letter{})
	if e, n := next(); e != "news" || n.All != 1 || n.Unread != 1 {
		t.Errorf("then %s %+v", e, n)
	}
	w.set(at(10, 45, 0)) // the session ended at 10:30
	w.arrive(letter{})
	if e, _ := next(); e != "ended" {
		t.Errorf("after the session %s", e)
	}
}

// A person with two units finds both, with what waits in each.
func TestUnitSwitcher(t *testing.T) {
	w := newWorld(t)
	w.arrive(letter{to: ward})
	p := w.signedIn("clara").get("/")
	menu := p.First(".units")
	if menu == nil || len(menu.All("a")) != 2 || !strings.Contains(menu.Inner(), "Prøvehospitalet, Sengeafsnit 1") {
		t.Errorf("the units are not offered: %v", menu.Inner())
	}
}

func TestLargeForm(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn("anne")
	b.post(unitPath(clinic)+"/nyt", url.Values{"text": {strings.Repeat("x", 1<<20)}, "do": {"tjek"}}).want(413, "Teksten er for stor")
}

func BenchmarkInboxPage(b *testing.B) {
	w := newWorld(b)
	w.many(10_000)
	br := w.signedIn("anne")
	r, err := http.NewRequestWithContext(w.ctx, http.MethodGet, w.server.URL+unitPath(clinic)+"/indbakke", nil)
	if err != nil {
		b.Fatal(err)
	}
	br.do(r)
	for b.Loop() {
		answer, err := br.client.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := answer.Body.Read(make([]byte, 1)); err != nil {
			b.Fatal(err)
		}
		drainBody(answer)
	}
}
