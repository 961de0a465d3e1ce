package web_test

import (
	"net/url"
	"strings"
	"testing"

	"brevdue/internal/mailbox"
	"brevdue/internal/web"
	"brevdue/medcom"
)

// A nurse of the ward opens a letter of the clinic in an emergency, by its number and by
// the citizen; the unit sees it, the auditor reviews it, and no address holds a number.
func TestEmergencyAccess(t *testing.T) {
	w := newWorld(t)
	id := w.arriveWith(medcom.Object{Code: "billede", Extension: "png", Data: picture(t, "png")})
	bo, anne, revi := w.signedIn("bo"), w.signedIn("anne"), w.signedIn("revi")
	bo.get("/noedadgang/1").want(404)
	p := bo.get("/noedadgang").want(200, "Nødadgang", "Driften får alarm")
	f := p.Form("/noedadgang")
	f.Set("letter", "B-000001")
	f.Set("reason", "haster")
	p = bo.submit(f).want(422, "Skriv en begrundelse på mindst 10 tegn.")
	f = p.Form("/noedadgang")
	f.Set("letter", "")
	f.Set("cpr", "010490-9989")
	f.Set("reason", "fundet bevidstløs, medicin ukendt")
	p = bo.submit(f).want(200, "1 brev om borgeren i andre enheder", "Til Prøvehospitalet, Medicinsk Klinik").wantNot("Mosebryggersen", "Se bilag.")
	p = bo.submit(formIn(p.First(".glassopen"))).want(200, "Nødadgang: brevet hører til Prøvehospitalet, Medicinsk Klinik. Du kan se det indtil i dag kl. 11.00.",
		"fundet bevidstløs, medicin ukendt", "Mosebryggersen", "010490-9989", "Se bilag.")
	p.wantNot(letterPath(clinic, id))
	if p.path != "/noedadgang/1" || strings.Contains(p.First("title").Inner(), "Mosebryggersen") {
		t.Errorf("%s, %s", p.path, p.First("title").Inner())
	}
	if got := bo.get("/noedadgang/1/bilag/1"); got.body != string(picture(t, "png")) || got.header.Get("Content-Disposition") != `attachment; filename="B-000001-bilag-1.png"` {
		t.Errorf("the file: %d, %v", got.status, got.header)
	}
	bo.get(letterPath(clinic, id)).want(404)
	bo.get("/noedadgang").want(200, "Åbne for dig nu", "B-000001")
	w.signedIn("clara").get("/noedadgang/1").want(404)

	anne.post("/noedadgang", url.Values{"letter": {"B-000001"}, "reason": {"fundet bevidstløs"}}).want(422, "Brevet er til jeres egen enhed.")
	anne.get(unitPath(clinic)+"/indbakke").want(200, "1 skal læses inden kl. 15.00")
	anne.get(letterPath(clinic, id)).want(200, "Åbnet med nødadgang af Bo Prøve", "fundet bevidstløs, medicin ukendt")

	p = revi.get("/revision").want(200, "Nødadgang til gennemgang 1", "B-000001", "Bo Prøve", "fundet bevidstløs, medicin ukendt")
	f = formIn(p.First(".glassreview"))
	p = revi.submit(f).want(422, "Skriv, hvad du fandt.")
	if p.First("#f-review-1") == nil {
		t.Error("the fault leads nowhere")
	}
	f.Set("review", "Talt med klinikken; i orden.")
	revi.submit(f).want(200, "Nødadgangen er gennemgået.", "Nødadgang til gennemgang 0", "Gennemgået af Revi Prøve")
	revi.submit(f).want(409)
	revi.get("/revision").want(200, "Så en anden enheds brev med nødadgang")

	w.set(at(10, 20, 0))
	bo.get("/noedadgang/1").want(200)
	for _, minute := range []int{40, 59} { // the session lives on
		w.set(at(10, minute, 0))
		bo.get("/indstillinger").want(200)
	}
	w.set(at(11, 0, 0))
	bo.get("/noedadgang/1").want(404)
	bo.noNumbers()
	if strings.Contains(w.logged(), testCPR) || !strings.Contains(w.logged(), "opened in an emergency") {
		t.Error("the log holds the citizen's number, or says nothing")
	}
}

// Where it is switched off there is no such page and no way to it.
func TestEmergencyAccessIsOff(t *testing.T) {
	w := newWorld(t)
	w.arrive(letter{})
	w.signedIn("bo").get("/indstillinger").want(200, "Nødadgang")
	box := mailbox.New(mailbox.Config{Store: w.store, Directory: testDirectory, Now: w.clock})
	w.rebuild(func(c *web.Config) { c.Box = box })
	bo := w.signedIn("bo")
	bo.get("/indstillinger").want(200).wantNot("/noedadgang")
	bo.get("/noedadgang").want(404)
	bo.post("/noedadgang", url.Values{"letter": {"B-000001"}, "reason": {"fundet bevidstløs"}}).want(404)
	bo.get("/noedadgang/1").want(404)
}
