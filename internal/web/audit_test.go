package web_test

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/internal/web/text"
)

// entries are the audit log as it is.
func (w *world) entries() (all []store.Entry) {
	w.t.Helper()
	err := w.store.View(w.ctx, func(tx store.Tx) (err error) { all, err = tx.Audit().List(w.ctx, 0, 10_000); return err })
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// rows are the lines of the table in a section.
func (p *page) rows(section string) (rows []string) {
	for _, r := range p.First("[aria-labelledby=" + section + "]").All("tr") {
		rows = append(rows, r.Inner())
	}
	return rows[min(1, len(rows)):] // without its head
}

// The page of the auditor: what was done to a letter, who opened letters about a
// citizen, and that looking is on record without what was typed.
func TestAuditPage(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	other := w.arrive(letter{to: ward, cpr: "0107729995"})
	w.signedIn("anne").get(letterPath(clinic, id)).want(200)
	w.set(at(10, 30, 0))
	clara := w.signedIn("clara")
	clara.get(letterPath(clinic, id)).want(200)
	clara.get(letterPath(ward, other)).want(200)
	w.signedIn("bo").get(letterPath(clinic, id)).want(404)

	b := w.signedIn("revi")
	p := b.get("/").want(200, "Revisionslog", "bliver selv registreret", "Åbnede brev", "Anne Kjær", "Fik ikke adgang", "Hører ikke til enheden", "B-000001", "Prøvehospitalet, Medicinsk Klinik")
	p.wantNot("Mosebryggersen", testCPR, "Marevan")
	f := p.Form("/revision")
	f.Set("cpr", testCPR[:6]+"-"+testCPR[6:])
	p = b.submit(f).want(200, "Hvem har åbnet breve om borgeren", "1 brev.", "Anne Kjær", "Clara Prøve", "1 gang")
	if got := p.rows("aabnet"); len(got) != 2 {
		t.Errorf("%d people opened the citizen's letters", len(got))
	}
	p.wantNot("B-000002")

	for _, c := range []struct {
		field, value string
		want         string
		not          string
	}{
		{"person", "Clara Prøve", "B-000002", "Anne Kjær"},
		{"person", "anne", "B-000001", "B-000002"},
		{"letter", "B-000002", "B-000002", "B-000001"},
		{"action", "letter.denied", "Hører ikke til enheden", "B-000002"},
		{"to", "2026-11-23", "Ingen hændelser i perioden", "B-000001"},
		{"from", "2026-11-24", "B-000001", "Ingen hændelser"},
	} {
		f := b.get("/revision").Form("/revision")
		f.Set(c.field, c.value)
		if c.field == "person" || c.field == "letter" {
			f.Set("action", "letter.read")
		}
		p := b.submit(f).want(200, c.want)
		if rows := strings.Join(p.rows("haendelser"), "\n"); strings.Contains(rows, c.not) {
			t.Errorf("%s %s also shows %s: %s", c.field, c.value, c.not, rows)
		}
	}
	for _, c := range [][3]string{{"person", testCPR, "Ingen person har"}, {"letter", testCPR, "Skriv brevets nummer"}, {"cpr", "12", "10 tegn"}, {"from", "i går", "Skriv en dato"}, {"action", "x", "Vælg en handling"}} {
		b.post("/revision", url.Values{c[0]: {c[1]}}).want(422, c[2])
	}
	for _, login := range []string{"anne", "olga", "rita"} {
		b := w.signedIn(login)
		for _, path := range []string{"/revision", "/revision/kontrol"} {
			b.get(path).want(403)
			b.post(path, url.Values{}).want(403)
		}
		b.post("/revision/eksport", url.Values{}).want(403)
		b.get("/").wantNot("/revision")
	}
	looked := 0
	for _, e := range w.entries() {
		if strings.Contains(fmt.Sprintf("%+v", e), testCPR[:6]) {
			t.Errorf("a number in the log: %s", e.Detail)
		}
		if e.Action == "audit.searched" && e.Actor == "revi" {
			looked++
		}
	}
	if looked != 15 { // one of them when she signed in
		t.Errorf("%d looks are on record, want 15", looked)
	}
	for _, a := range b.addresses {
		if strings.Contains(a, testCPR[:6]) {
			t.Errorf("address with a number: %s", a)
		}
	}
}

// Pages of a hundred, to the end of the log and each entry once.
func TestAuditPaging(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn("revi")
	for range 230 {
		b.post("/revision", url.Values{"person": {"anne"}})
	}
	p := b.post("/revision", url.Values{"action": {"audit.searched"}})
	seen := 0
	for range 5 {
		seen += len(p.rows("haendelser"))
		next := p.First("[name=seq]")
		if next == nil {
			break
		}
		for next.Tag != "form" {
			next = next.Parent
		}
		p = b.submit(formIn(next)).want(200)
	}
	if seen != 232 {
		t.Errorf("%d entries on the pages, want 232", seen)
	}
}

// The export is all of it, with a checksum that stands in the log as well.
func TestAuditExport(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	w.signedIn("anne").get(letterPath(clinic, id))
	w.update(func(tx store.Tx) error {
		_, err := tx.Users().Put(w.ctx, store.User{Login: "=1+1", Name: "=cmd", Hash: "x"})
		return err
	})
	b := w.signedIn("revi")
	p := b.post("/revision/eksport", url.Values{"action": {"letter.read"}})
	if p.status != 200 || !strings.HasPrefix(p.header.Get("Content-Type"), "text/csv") || !strings.Contains(p.header.Get("Content-Disposition"), "revisionslog-20261124-090000.csv") {
		t.Fatalf("status %d, headers %v", p.status, p.header)
	}
	at := strings.LastIndex(p.body, "SHA-256;")
	if at < 0 {
		t.Fatalf("no checksum: %q", p.body)
	}
	whole, said := p.body[:at], strings.TrimSpace(strings.TrimPrefix(p.body[at:], "SHA-256;"))
	sum := sha256.Sum256([]byte(whole))
	if want := hex.EncodeToString(sum[:]); said != want {
		t.Errorf("the file says %s, it is %s", said, want)
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(whole, "\ufeff")))
	r.Comma = ';'
	lines, err := r.ReadAll()
	if err != nil || len(lines) != 2 || lines[1][2] != "anne" || lines[1][3] != "Anne Kjær" || lines[1][6] != "letter.read" || lines[1][8] != "B-000001" || lines[1][1] != "2026-11-24T09:00:00.000Z" {
		t.Errorf("%v, %q", err, lines)
	}
	all := w.entries()
	if last := all[len(all)-1]; last.Action != "audit.exported" || last.Detail != "1 entries sha256 "+said {
		t.Errorf("the log says %+v", last)
	}
	b.post("/revision/eksport", url.Values{"letter": {"x"}}).want(422, "Skriv brevets nummer")
}

// The check of the chain says that it is whole, and the first line that is not.
func TestAuditCheckPage(t *testing.T) {
	w := newWorld(t)
	w.arrive(letter{})
	b := w.signedIn("revi")
	b.get("/revision/kontrol").want(200, "ikke kontrolleret endnu")
	check := func() *page {
		t.Helper()
		p := b.post("/revision/kontrol", url.Values{})
		for range 200 {
			if !strings.Contains(p.body, "Kontrollerer:") {
				return p
			}
			time.Sleep(10 * time.Millisecond)
			p = b.get("/revision/kontrol").want(200)
		}
		t.Fatal("the check does not end")
		return nil
	}
	check().want(200, "Uændret siden tirs. 24. nov.", "hændelser)")
	b.get("/revision").want(200, "Uændret siden")
	n := int64(len(w.entries()))
	w.update(func(tx store.Tx) error { // somebody who does not know how lines are bound
		return tx.Audit().Append(w.ctx, store.Entry{Seq: n + 1, At: w.clock(), Actor: "x", Action: "letter.read", Prev: "y", Hash: "z"})
	})
	check().want(200, fmt.Sprintf("Hændelse nr. %d er ændret eller mangler", n+1))
}

// Every act an auditor can ask for has words in both languages.
func TestActsHaveWords(t *testing.T) {
	words, err := text.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range mailbox.AuditActions() {
		if !words["da"].Has("act." + a) {
			t.Errorf("%s has no words", a)
		}
	}
}

// The page of a letter whose content has gone says so, with date and rule, and offers
// nothing that needs it; lists say it, too. A letter that is held says that.
func TestClearedLetterPage(t *testing.T) {
	w := newWorld(t)
	id, held := w.arrive(letter{}), w.arrive(letter{})
	anne, revi := w.signedIn("anne"), w.signedIn("revi")
	anne.get(letterPath(clinic, id))
	f := revi.get("/revision").Form("/revision/bevar")
	f.Set("holdletter", "B-000002")
	f.Set("holdreason", "kort")
	p := revi.submit(f).want(422, "mindst 10 tegn")
	f = p.Form("/revision/bevar")
	if f.Values.Get("holdletter") != "B-000002" {
		t.Error("what was typed is gone")
	}
	f.Set("holdreason", "klagesag 2026-17")
	revi.submit(f).want(200, "Brevet er bevaret.", "klagesag 2026-17", "B-000002")
	anne.get(letterPath(clinic, held)).want(200, "må ikke slettes", "Revi Prøve", "klagesag 2026-17")
	w.update(func(tx store.Tx) error {
		if err := tx.Retention().Clear(w.ctx, store.Cleared{Letter: held, At: w.clock(), Days: 30}); err == nil {
			t.Error("a held letter was cleared")
		}
		return tx.Retention().Clear(w.ctx, store.Cleared{Letter: id, At: w.clock(), Days: 30})
	})
	p = anne.get(letterPath(clinic, id)).want(200, "Medicin", "indhold blev slettet i dag kl. 10.00", "30 dage efter, at brevet var overdraget til journalen, eller arbejdet med det sluttede", "B-000001")
	p.wantNot("Marevan", testCPR[6:], "/svar", "/original", "/videresend", "/notat", "/pdf")
	anne.get(unitPath(clinic)+"/indbakke").want(200, "Indholdet er slettet", "Marevan er pauseret")
	anne.get(letterPath(clinic, id) + "/svar").want(409)
	anne.get(letterPath(clinic, id) + "/original").want(404)
	anne.get(letterPath(clinic, id) + "/videresend").want(409)
	anne.get(letterPath(clinic, id) + "/pdf").want(409)
	anne.post(letterPath(clinic, id)+"/notat", url.Values{"note": {"Marevan"}}).want(409)
	w.signedIn("anne").post("/revision/bevar", url.Values{"holdletter": {"B-000001"}, "holdreason": {"klagesag 2026-17"}}).want(403)
	revi.submit(revi.get("/revision").Form("/ophaev")).want(200, "Bevaringen er ophævet")
	anne.get(letterPath(clinic, held)).wantNot("må ikke slettes")
}
