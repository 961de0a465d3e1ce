package app_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/medcom"
)

// TestLetterIsReadAndAnswered is the whole walk with real files: a letter is
// dropped, appears in the inbox with its deadline, is opened, answered from the
// reply page without scripts, and both receipt and answer come out.
func TestLetterIsReadAndAnswered(t *testing.T) {
	for _, c := range []struct{ letter, receipt brevdue.Kind }{{brevdue.DIS91, brevdue.CTL03}, {brevdue.XDIS91, brevdue.XCTL03}} {
		t.Run(string(c.letter), func(t *testing.T) {
			h := build(t, "2026-01-01", homecareUnit())
			h.start()
			h.drop("letter.txt", nancy(c.letter, "000000000001", homecare).bytes(t))

			answer := receiptIn(t, h.out(1)[c.receipt])
			if r := answer.Receipt; r.Outcome != brevdue.Positive || r.OriginalEnvelope != "K000000000001" || answer.Envelope.Receiver != stranger {
				t.Errorf("receipt: %+v", answer)
			}
			h.taken()

			p := h.signIn("drift", h.password)
			inbox := p.get("/")
			for _, want := range []string{"Nancy Ann Test Berggren", "251248-••••", "Medicin", "Afsenderhospitalet"} {
				if !strings.Contains(inbox, want) {
					t.Errorf("the inbox does not show %q", want)
				}
			}
			// Sent 9:40 to a shift that began at 7 and ends at 15: read at the latest in the next one.
			if !regexp.MustCompile(`23[.:]00`).MatchString(inbox) {
				t.Error("the inbox does not show the deadline of the agreement, 23:00")
			}
			if strings.Contains(inbox, "2512489996") || strings.Contains(inbox, "251248-9996") {
				t.Error("the inbox shows a whole CPR number")
			}

			path := p.link(inbox, "/brev/")
			page := p.get(path)
			for _, want := range []string{"Marevan er pauseret.", "INR tages torsdag.", "251248-9996", "AGR-604"} {
				if !strings.Contains(page, want) {
					t.Errorf("the letter page does not show %q", want)
				}
			}

			form := p.form(path+"/svar", "/svar")
			if !form.Set("text", "Tak. Vi følger op i morgen.") || !form.Set("basis", "41-2-1") || !form.Press("do", "tjek") {
				t.Fatal("the reply page cannot be filled")
			}
			_, page = p.post(form)
			if !strings.Contains(page, "Tak. Vi følger op i morgen.") || !strings.Contains(page, "87654321") {
				t.Errorf("the check page does not show the answer as it will be sent:\n%s", page)
			}
			form = p.formOf(page, "/svar")
			if !form.Press("do", "send") {
				t.Fatalf("the check page cannot send:\n%s", page)
			}
			p.post(form)

			data := h.out(1)[c.letter]
			m, findings := medcom.Read(data)
			if brevdue.HasErrors(findings) || len(m.Letters) != 1 {
				t.Fatalf("the answer: %v\n%s", findings, data)
			}
			l := m.Letters[0]
			text := l.Text()
			if m.Envelope.Receiver != stranger || !m.Envelope.WantsReceipt || l.Patient.CPR != "2512489996" || !strings.HasPrefix(text, "Tak. Vi følger op i morgen.") {
				t.Errorf("the answer says something else: %+v", m)
			}
			for _, want := range []string{"24", "2026", "Driftsansvarlig", "87654321"} { // date, title, name, phone (AGR-403, AGR-404)
				if !strings.Contains(text, want) {
					t.Errorf("the answer is not signed with %q:\n%s", want, text)
				}
			}
			if log := h.log.String(); strings.Contains(log, "2512489996") || strings.Contains(log, "Marevan") || strings.Contains(log, "Nancy") {
				t.Errorf("the log holds patient data:\n%s", log)
			}
		})
	}
}

// TestRefusals: what cannot be delivered is refused by receipt whatever it asked,
// and kept for the operator.
func TestRefusals(t *testing.T) {
	h := build(t, "2026-01-01", homecareUnit())
	h.start()

	misaddressed := nancy(brevdue.DIS91, "000000000011", ward)
	misaddressed.ask = false
	h.drop("1.edi", misaddressed.bytes(t))
	r := receiptIn(t, h.out(1)[brevdue.CTL02]).Receipt
	if r.OriginalEnvelope != "K000000000011" || refuseCode(r) != brevdue.RefuseUnknownLocation {
		t.Errorf("misaddressed: %+v", r)
	}

	broken := nancy(brevdue.XDIS91, "000000000012", homecare)
	broken.ask = false
	h.drop("2.xml", []byte(strings.Replace(string(broken.bytes(t)), "<EpisodeOfCareStatusCode>indlagt</EpisodeOfCareStatusCode>", "", 1)))
	if r := receiptIn(t, h.out(1)[brevdue.XCTL02]).Receipt; r.OriginalEnvelope != "K000000000012" {
		t.Errorf("broken: %+v", r)
	}

	h.drop("3.txt", []byte("Dette er ikke et brev."))
	h.taken()
	p := h.signIn("drift", h.password)
	h.eventually("all three on the operator's page", func() bool {
		page := p.get("/drift")
		return strings.Count(page, "/drift/ankomst/")+strings.Count(page, "/drift/brev/") >= 3
	})
	if page := p.get("/"); strings.Contains(page, "Nancy") {
		t.Error("a refused letter is in the inbox")
	}
}

func refuseCode(r brevdue.Receipt) brevdue.RefuseCode {
	if r.Refusal != nil && r.Refusal.Code != "" {
		return r.Refusal.Code
	}
	for _, l := range r.Letters {
		if l.Refusal != nil {
			return l.Refusal.Code
		}
	}
	return ""
}

// TestStoppedMeanwhile: what comes while the program is down is there when it
// runs again, and what it already has is not lost or shown twice.
func TestStoppedMeanwhile(t *testing.T) {
	h := build(t, "2026-01-01", homecareUnit())
	h.start()
	h.drop("first.edi", nancy(brevdue.DIS91, "000000000021", homecare).bytes(t))
	h.out(1)
	h.halt()

	h.drop("again.edi", nancy(brevdue.DIS91, "000000000021", homecare).bytes(t))
	h.drop("second.xml", nancy(brevdue.XDIS91, "000000000022", homecare).bytes(t))
	h.start()
	got := h.out(2)
	if got[brevdue.CTL03] == nil || got[brevdue.XCTL03] == nil {
		t.Errorf("receipts: %v", got)
	}
	page := h.signIn("drift", h.password).get("/")
	if n := strings.Count(page, "251248-••••"); n != 2 {
		t.Errorf("the inbox shows %d letters, want 2", n)
	}
}

func TestHealthPages(t *testing.T) {
	h := build(t, "2026-01-01", homecareUnit())
	h.start()
	for _, path := range []string{"/livez", "/readyz"} {
		var status int
		h.eventually(path, func() bool {
			answer, err := http.Get(h.base + path)
			if err != nil {
				return false
			}
			defer answer.Body.Close()
			io.Copy(io.Discard, answer.Body)
			status = answer.StatusCode
			return status == http.StatusOK
		})
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestOneProcessOnly(t *testing.T) {
	h := build(t, "2026-01-01", homecareUnit())
	h.start()
	if a, err := h.open(); err == nil || !strings.Contains(err.Error(), "another brevdue is running") {
		if err == nil {
			a.Close()
		}
		t.Errorf("a second program on the same folder: %v", err)
	}
	address := strings.TrimPrefix(h.base, "http://")
	if l, err := app.Listen(address); err == nil || !strings.Contains(err.Error(), "is in use") {
		if err == nil {
			l.Close()
		}
		t.Errorf("a second program on the same address: %v", err)
	}
}

// TestBrokenFiles: every file of an installation that cannot be read stops the
// start with its name, line and column.
func TestBrokenFiles(t *testing.T) {
	for _, c := range []struct{ file, from, to, want string }{
		{"config.yaml", "listen:", "lissten:", `config\.yaml:\d+:1: unknown field`},
		{"directory.yaml", "entries: []", "entries:\n  - gln: \"1\"\n    nam: x", `directory\.yaml:\d+:\d+: SOR-`},
		{"aftaler/*.yaml", "gyldig_fra:", "gyldig_fraa:", `aftaler/.*\.yaml:\d+:\d+: `},
		{"aftaler/*.yaml", "", "", "no agreement"},
	} {
		t.Run(c.want, func(t *testing.T) {
			h := build(t, "2026-01-01", homecareUnit())
			paths, _ := filepath.Glob(filepath.Join(h.dir, c.file))
			if len(paths) != 1 {
				t.Fatal(paths)
			}
			content, err := os.ReadFile(paths[0])
			if err != nil {
				t.Fatal(err)
			}
			if c.from == "" {
				err = os.Remove(paths[0])
			} else {
				if !strings.Contains(string(content), c.from) {
					t.Fatalf("%s does not hold %q", c.file, c.from)
				}
				err = os.WriteFile(paths[0], []byte(strings.Replace(string(content), c.from, c.to, 1)), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			a, err := h.open()
			if err == nil {
				a.Close()
				t.Fatal("opened all the same")
			}
			if !regexp.MustCompile(c.want).MatchString(filepath.ToSlash(err.Error())) {
				t.Errorf("the message is %q, want it to match %s", err, c.want)
			}
		})
	}
}

// TestInitLeavesOthersAlone: a folder with anything in it is not touched.
func TestInitLeavesOthersAlone(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := app.Init(t.Context(), app.Setup{Dir: dir, Now: tuesday, Operator: "drift"})
	if err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("the folder was changed: %v", entries)
	}
}

// TestTwoInOneProcess: an installation holds nothing outside itself, so two can
// live side by side, each with its own letters.
func TestTwoInOneProcess(t *testing.T) {
	a, b := build(t, "2026-01-01", homecareUnit()), build(t, "2026-01-01", wardUnit())
	a.start()
	b.start()
	a.drop("a.edi", nancy(brevdue.DIS91, "000000000031", homecare).bytes(t))
	b.drop("b.edi", nancy(brevdue.DIS91, "000000000032", ward).bytes(t))
	ra, rb := receiptIn(t, a.out(1)[brevdue.CTL03]), receiptIn(t, b.out(1)[brevdue.CTL03])
	if ra.Envelope.Sender != homecare || rb.Envelope.Sender != ward {
		t.Errorf("receipts from %s and %s", ra.Envelope.Sender, rb.Envelope.Sender)
	}
	if ra.Envelope.ID == rb.Envelope.ID {
		t.Errorf("both installations use the number %s", ra.Envelope.ID)
	}
}

// TestPublishedLetter drops MedCom's own example, which asks for no positive
// receipt, into a fresh installation that has its receiver.
func TestPublishedLetter(t *testing.T) {
	for _, file := range []string{"DIS91_1.edi", "DIS91_1.xml"} {
		t.Run(file, func(t *testing.T) {
			data := oracle(t, "standards/examples/edifact-oioxml/"+file)
			unit := wardUnit()
			unit.GLN = "5790000128700" // MedCom's example has a wrong check digit
			h := build(t, "2026-01-01", unit)
			h.start()
			h.drop(file, data)
			h.taken()
			p := h.signIn("drift", h.password)
			var inbox string
			h.eventually("the letter", func() bool { inbox = p.get("/"); return strings.Contains(inbox, "Mosebryggersen") })
			page := p.get(p.link(inbox, "/brev/"))
			// Sent on Sunday 13 December 1998 at 12:10 to a ward, which reads every day until 15.
			if !strings.Contains(page, "læses senest søndag 13. december 1998 kl. 15.") || !strings.Contains(page, "AGR-601") {
				t.Errorf("the letter page does not show the deadline:\n%s", page)
			}
			h.halt()
			if entries, _ := os.ReadDir(filepath.Join(h.dir, "network", "out")); len(entries) != 0 {
				t.Errorf("a receipt was sent that nobody asked for: %v", entries)
			}
		})
	}
}

// oracle reads a file of the shared references, found beside the repository.
func oracle(t *testing.T, path string) []byte {
	t.Helper()
	for dir := ".."; ; dir = filepath.Join(dir, "..") {
		if !exists(filepath.Join(dir, "go.mod")) {
			if len(dir) > 60 {
				t.Fatal("go.mod not found")
			}
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, "..", "shared", filepath.FromSlash(path)))
		if err != nil {
			t.Skipf("SKIPPED: ../shared absent, oracle %s not consulted", path)
		}
		return data
	}
}

func TestURL(t *testing.T) {
	for listen, want := range map[string]string{"127.0.0.1:0": "http://127.0.0.1:", ":0": "http://localhost:", "0.0.0.0:0": "http://localhost:"} {
		l, err := app.Listen(listen)
		if err != nil {
			t.Fatal(err)
		}
		if got := app.URL(l); !strings.HasPrefix(got, want) {
			t.Errorf("%s is shown as %s", listen, got)
		}
		l.Close()
	}
}
