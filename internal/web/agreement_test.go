package web_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"brevdue/aftale"
)

// newAgreement is the shipped text as a new version in which wards and clinics
// read until 14.45.
func newAgreement(version string) string {
	_, content := aftale.Shipped()
	content = bytes.Replace(content, []byte(`version: "2022"`), []byte(`version: "`+version+`"`), 1)
	return string(bytes.Replace(content, []byte(`til: "15:00"`), []byte(`til: "14:45"`), 2))
}

// A version is imported, tried, run on what came in, proposed by one person and
// approved by another (AGR-504, AGR-1003, F25).
func TestSecretariatPutsAVersionInForce(t *testing.T) {
	w := newWorld(t)
	w.arrive(letter{})
	rita := w.signedIn("rita")
	p := rita.get("/aftale")
	p.want(200, "Aftaler", "Gældende", "2022", "Hent en ny version ind")

	p = rita.post("/aftale", url.Values{"tekst": {"aftale: korrespondancebrev\nregion: midtjylland\nukendt: 1\n"}})
	p.want(422, "Filen blev ikke hentet ind").wantNot("⟦")
	if p.First("textarea[name=tekst]").Inner() == "" {
		t.Error("what was pasted is gone")
	}
	p = rita.post("/aftale", url.Values{"tekst": {newAgreement("2027")}})
	p.want(200, "Versionen er hentet ind som kladde", "Midtjylland, version 2027", "Kladde", "Kategorier og emner", "Visitation-kommune",
		"Læsefrister", "hverdage kl. 8.00–14.45, når brevet er afsendt inden kl. 14.30", "sundhedsloven § 41, stk. 2, nr. 1", "XDIS18", "Telefonregel (AGR-701)", "0127")
	version := p.path

	rita.get(version+"/proev?fra=ward&til=clinic&ydelser=unknown&tid=2026-11-24T14:29").want(200, "dækker ikke breve mellem de to")
	rita.get(version+"/proev?fra=municipal-health&til=clinic&ydelser=unknown&tid=2026-11-24T14:29").want(200, "i dag kl. 14.45", "AGR-302", "Indlæggelsesrapport")
	rita.get(version+"/proev?fra=ward&til=municipal-health&ydelser=no&tid=2026-11-24T14:30").want(200, "i morgen kl. 15.00", "Sygepleje-kommune", "Værdispring", "Sådan er det regnet ud", "Det er en læsedag, men ikke før kl. 14.30: brevet læses den næste læsedag.")
	rita.get(version+"/proev?fra=ward&til=gp&tid=hvornår").want(200, "Skriv dato og klokkeslæt")

	rita.get(version+"/maaned?fra=2026-11-01&til=2026-11-30").want(200, "1 breve modtaget", "1 ville være bedømt anderledes", "B-000001", "i dag kl. 14.45").wantNot("Mosebryggersen", testCPR)
	rita.get(version+"/maaned").want(200, "Intet brev ville være bedømt anderledes")
	other := rita.get(version).First("option").Attr["value"]
	p = rita.get(version + "/forskel?med=" + other)
	p.want(200, "2 forskelle mellem Midtjylland 2022 og Midtjylland 2027", "Læsefrister", "alle dage kl. 8–15, afsendt før kl. 14.30", "alle dage kl. 8–14.45, afsendt før kl. 14.30").wantNot("⟦")
	if p.First("ins").Inner() != "alle dage kl. 8–14.45, afsendt før kl. 14.30" {
		t.Errorf("what is new is not marked: %q", p.First("ins").Inner())
	}
	rita.get("/aftale/"+other+"/forskel?med="+version[len("/aftale/"):]).want(200, "2 forskelle mellem Midtjylland 2022 og Midtjylland 2027") // the older first
	rita.get(version+"/forskel?med="+version[len("/aftale/"):]).want(200, "De to versioner siger det samme")
	rita.get(version + "/forskel?med=nowhere").want(404)
	if got := rita.get(version + "/hent"); got.status != 200 || got.body != newAgreement("2027") {
		t.Error("the file that comes out is not the one that went in")
	}

	p = rita.post(version, url.Values{"do": {"foreslaa"}, "dato": {"2026-11-24"}})
	p.want(422, "Datoen skal ligge efter i dag")
	if p.First("#f-date-fault") == nil {
		t.Error("the fault is not at its field")
	}
	rita.post(version, url.Values{"do": {"foreslaa"}, "dato": {"2026-12-01"}}).want(200, "En anden fra sekretariatet skal godkende", "Venter på godkendelse", "tirs. 1. dec.")
	rita.get(version).want(200, "Versionen venter på, at en anden").wantNot(">Godkend<")
	rita.post(version, url.Values{"do": {"godkend"}}).want(403)

	svend := w.signedIn("svend")
	svend.get(version).want(200, "Godkend")
	svend.post(version, url.Values{"do": {"godkend"}}).want(200, "Versionen er godkendt", "Træder i kraft", "tirs. 1. dec.")
}

// Everybody reads the agreement; nobody else changes it or sees last month's
// letters of others.
func TestAgreementForEverybody(t *testing.T) {
	w := newWorld(t)
	anne := w.signedIn("anne")
	p := anne.get("/aftale")
	p.want(200, "Gældende").wantNot("Hent en ny version ind")
	var version string
	for _, a := range p.All("a") {
		if strings.HasPrefix(a.Attr["href"], "/aftale/") {
			version = a.Attr["href"]
		}
	}
	anne.get(version).want(200, "Læsefrister").wantNot("Sæt i kraft")
	anne.get(version+"/proev").want(200, "Prøv aftalen")
	anne.get(version + "/maaned").want(403)
	anne.get(version+"/forskel?med="+version[len("/aftale/"):]).want(200, "De to versioner siger det samme")
	anne.post("/aftale", url.Values{"tekst": {newAgreement("2027")}}).want(403)
	anne.post(version, url.Values{"do": {"foreslaa"}, "dato": {"2027-01-01"}}).want(403)
	anne.post(version, url.Values{"do": {"slet"}}).want(403)
	anne.get("/aftale/0000000000000000").want(404)
	if !strings.HasPrefix(anne.get("/aftale/skabelon").body, "# Regional aftale") {
		t.Error("the template is not handed out")
	}
	w.browser().get(version).want(200, "Log ind for at fortsætte")
}

// outsideLetter is the form of a letter with a subject of one's own.
func outsideLetter() url.Values {
	return url.Values{"cpr": {testCPR}, "surname": {"Mosebryggersen"}, "episode": {"ambulant"}, "receiver": {string(home)}, "subject": {"*"}, "freesubject": {"Kørsel"},
		"subjectreason": {"Intet emne passer"}, "text": {"Kørsel er bestilt."}, "phone": {"87654321"}, "basis": {"41-2-1"}, "do": {"send"}}
}

// AGR-1002: what the units write outside the agreement comes to the secretariat.
func TestSubjectsOutsideTheAgreementAreShown(t *testing.T) {
	w := newWorld(t)
	w.signedIn("rita").get("/aftale/udenfor").want(200, "Ingen breve i perioden har et emne uden for aftalen")
	anne := w.signedIn("anne")
	anne.post(unitPath(clinic)+"/nyt", outsideLetter()).want(200, "Brevet er afsendt")
	rita := w.signedIn("rita")
	rita.get("/aftale").want(200, "Emner uden for aftalen")
	rita.get("/aftale/udenfor").want(200, "Kørsel", "1 brev", "Medicinsk Klinik", "Intet emne passer").wantNot("Mosebryggersen")
	rita.get("/aftale/udenfor?fra=2026-11-01&til=2026-11-23").want(200, "Ingen breve i perioden")
	anne.get("/aftale").wantNot("Emner uden for aftalen")
	anne.get("/aftale/udenfor").want(403)
}
