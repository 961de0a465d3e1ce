package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/internal/config"
	"brevdue/internal/store"
)

// traces are what a walk leaves where others than its people look.
type traces struct {
	mu   sync.Mutex
	left []string
}

// recording is a way to the network that leaves traces.
type recording struct {
	http.RoundTripper
	*traces
}

func (tr *traces) note(what, s string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.left = append(tr.left, what+" "+s)
}

// RoundTrip keeps address, headers and title of what is asked for.
func (tr *recording) RoundTrip(r *http.Request) (*http.Response, error) {
	tr.note("URL", r.URL.String())
	tr.note("Referer", r.Referer())
	answer, err := tr.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	for name, values := range answer.Header {
		tr.note("header", name+": "+strings.Join(values, ", ")) // Location, Set-Cookie, file names
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	for _, m := range regexp.MustCompile(`(?s)<title>.*?</title>|(?:href|action|src)="[^"]*"`).FindAll(body, -1) {
		tr.note("page", string(m)) // titles, and addresses that wait to be asked for
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, err
}

// F73: through a whole walk the number of a citizen is in what people see and send, and
// nowhere else: no address, title, header, cookie, file name, figure, line of the log (as
// it is before the masking), nor of the audit log.
func TestNumberOfACitizenStaysWhereItBelongs(t *testing.T) {
	h := build(t, "2026-01-01", homecareUnit(), wardUnit())
	h.unmasked = true
	social := gln("579999910012")
	h.change = func(c *config.Config) { c.BreakGlass = true }
	other := fmt.Sprintf("entries:\n  - gln: %q\n    name: Socialafdelingen\n    kind: municipal-social\n    takes: [DIS91, XDIS91]\n", social)
	if err := os.WriteFile(filepath.Join(h.dir, "directory.yaml"), []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	h.start()
	tr := &traces{}
	user := func(u store.User) *person {
		u.Lang, u.Created = "da", tuesday
		password, err := app.PutUser(t.Context(), h.app.Store, u, tuesday)
		if err != nil {
			t.Fatal(err)
		}
		return h.recorded(tr, u.Login, password)
	}
	anne := user(store.User{Login: "anne", Name: "Anne Prøve", Title: "Sygeplejerske", Units: []brevdue.GLN{homecare}})
	bo := user(store.User{Login: "bo", Name: "Bo Prøve", Title: "Sygeplejerske", Units: []brevdue.GLN{ward}})
	revi := user(store.User{Login: "revi", Name: "Revi Prøve", Auditor: true})
	olga := user(store.User{Login: "olga", Name: "Olga Prøve", Operator: true})
	unit := "/enhed/" + string(homecare)

	// In: a letter, a copy of it, one with a fault, one nobody can read.
	l := nancy(brevdue.XDIS91, "000000000001", homecare)
	h.drop("brev.xml", l.bytes(t))
	h.out(1)
	h.drop("kopi.xml", l.bytes(t))
	h.drop("skrald.edi", []byte("UNB+UNOC:3+2512489996+251248-9996'"))
	stray := nancy(brevdue.DIS91, "000000000002", stranger)
	h.drop("fremmed.edi", stray.bytes(t))
	h.taken()

	fill := func(p *person, page, suffix string, fields ...string) (path, after string) {
		t.Helper()
		f := p.formOf(page, suffix)
		for i := 0; i < len(fields); i += 2 {
			f.Values.Set(fields[i], fields[i+1])
		}
		return p.post(f)
	}
	// Found by number, in both ways of writing, and read.
	_, found := fill(anne, anne.get("/soeg"), "/soeg", "tekst", "251248-9996")
	letter := anne.link(found, "/brev/")
	fill(anne, anne.get("/soeg"), "/soeg", "tekst", "2512489996 marevan")
	if page := anne.get(letter); !strings.Contains(page, "251248-9996") {
		t.Fatal("the letter does not show its citizen")
	}
	anne.get(letter + "/kig")
	// Noted upon, written about, answered, forwarded, printed, put in the record.
	fill(anne, anne.get(letter), "/notat", "note", "Ring om 251248-9996")
	fill(anne, anne.get(letter+"/svar"), "/svar", "text", "Kladde om 2512489996", "do", "gem")
	draft := anne.link(anne.get(unit+"/kladder"), "/kladder/")
	anne.get(draft)
	_, check := fill(anne, anne.get(letter+"/svar"), "/svar", "text", "Tak. Vi følger op.", "basis", "41-2-1", "do", "tjek")
	fill(anne, check, "/svar", "do", "send")
	h.out(1)
	done, _ := fill(anne, anne.get(letter+"/videresend"), "/nyt", "receiver", string(social), "text", "Til jeres orientering.", "phone", "87654321",
		"basis", "41-2-1", "health", "yes", "discharging", "no", "do", "send")
	if !strings.Contains(done, "/afsendt/") {
		t.Fatalf("it was not forwarded: %s", done)
	}
	h.out(1)
	if pdf := anne.get(letter + "/pdf"); !strings.HasPrefix(pdf, "%PDF") {
		t.Error("no PDF")
	}
	anne.get(letter + "/original")
	anne.get(letter + "/original/hent")
	fill(anne, anne.get(letter), "/journal", "case", "2026-0117")
	anne.sent(http.StatusUnprocessableEntity, letter+"/journal", "case", "251248-9996")
	anne.sent(http.StatusUnprocessableEntity, unit+"/nyt", "cpr", "251248-9996", "do", "tjek")
	// Opened in an emergency; reviewed; audited; operated.
	_, found = fill(bo, bo.get("/noedadgang"), "/noedadgang", "cpr", "251248-9996", "reason", "fundet bevidstløs på gaden")
	bo.sent(http.StatusUnprocessableEntity, "/noedadgang", "letter", "B-000001", "reason", "det gælder 251248-9996")
	if path, _ := bo.post(bo.formOf(found, "/noedadgang")); !strings.HasPrefix(path, "/noedadgang/") {
		t.Fatalf("not opened: %s", path)
	}
	bo.sent(http.StatusNotFound, letter+"/svar", "text", "2512489996")
	_, page := fill(revi, revi.get("/revision"), "/revision", "cpr", "251248-9996")
	if !strings.Contains(page, "Anne Prøve") {
		t.Error("the audit log does not say who has seen the citizen's letters")
	}
	tr.note("export", revi.sent(http.StatusOK, "/revision/eksport", "cpr", "251248-9996"))
	revi.sent(http.StatusUnprocessableEntity, "/revision", "person", "2512489996") // typed into the wrong field
	operator := olga.get("/drift")
	for _, part := range []string{"/drift/ankomst/", "/drift/brev/"} {
		olga.get(olga.link(operator, part))
	}
	tr.note("metrics", olga.get("/metrics"))
	plain := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	// Somebody types a number into the address: it was theirs, and goes no further.
	for _, path := range []string{unit + "/brev/2512489996", "/251248-9996", "/soeg?tekst=2512489996"} {
		answer, err := plain.Get(h.base + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}

	if err := filepath.WalkDir(h.dir, func(path string, _ fs.DirEntry, err error) error {
		tr.note("file", filepath.Base(path))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := h.app.Store.View(context.Background(), func(tx store.Tx) error {
		entries, err := tx.Audit().List(t.Context(), 0, 10000)
		for _, e := range entries {
			tr.note("audit", fmt.Sprint(e.Actor, " ", e.Action, " ", e.Unit, " ", e.Letter, " ", e.Detail))
		}
		alerts, err2 := store.Alerts(t.Context(), tx)
		tr.note("alerts", fmt.Sprint(alerts))
		if err == nil {
			err = err2
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	h.halt()
	for line := range strings.Lines(h.log.String()) {
		tr.note("log", line)
	}
	if len(tr.left) < 500 {
		t.Errorf("only %d traces were looked at", len(tr.left))
	}
	number := regexp.MustCompile(`(?i)251248(?:-|\s|%2d|%20|\+)?9996`)
	for _, s := range tr.left {
		if number.MatchString(s) {
			t.Errorf("the number is in: %s", s)
		}
	}
}
