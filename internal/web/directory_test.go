package web_test

import (
	"net/url"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// lookFor fills the form of the directory in and sends it.
func (b *browser) lookFor(words string, choices ...string) *page {
	b.w.t.Helper()
	f := b.get("/adressebog").Form("/adressebog")
	f.Set("ord", words)
	for i := 0; i+1 < len(choices); i += 2 {
		if !f.Set(choices[i], choices[i+1]) {
			b.w.t.Fatalf("the form cannot have %q for %s", choices[i+1], choices[i])
		}
	}
	return b.submit(f)
}

// F58: search by human words, the choices, and nobody's number in an address.
func TestDirectoryIsSearched(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn("anne")
	b.get(unitPath(clinic)+"/indbakke").want(200, "Adressebog")
	b.get("/adressebog").want(200, "6 enheder", "Hjemmesygeplejen Nord", "Læser hverdage kl. 8–15", "kan modtage")
	b.lookFor("nord proevekoebing").want(200, "1 enhed", "Prøvekøbing Kommune").wantNot("Nabokøbing Kommune ·")
	b.lookFor("", "sektor", "hospital").want(200, "1 enhed", "Prøvehospitalet, Medicinsk Klinik")
	b.lookFor("", "art", "municipal-social", "modtager", "DIS91").want(200, "1 enhed", "Socialafdelingen")
	b.lookFor("", "kommune", "Østkøbing Kommune").want(200, "2 enheder", "Træningen Øst")
	b.lookFor("", "modtager", "XBIN01").want(200, "1 enhed", "Træningen Øst")
	b.lookFor("zoologisk have").want(200, "Ingen enhed hedder noget med “zoologisk have”.", "Prøv kommunenavn eller lokationsnummer.")
	b.lookFor(testCPR).want(200, "Prøv kommunenavn")
	b.noNumbers()
	if strings.Contains(w.logged(), testCPR) || strings.Contains(audited(w), testCPR) {
		t.Error("the number is kept")
	}
	b.get("/adressebog?enhed="+string(clinic)).want(200, "Nyt brev")
	b.get("/adressebog?enhed=" + string(ward)).want(200).wantNot(`href="` + unitPath(ward)) // another's unit is nobody's
}

// An entry tells what is known, warns of names that are alike, and opens a letter with the
// receiver found and not chosen (AGR-501).
func TestDirectoryEntry(t *testing.T) {
	w := newWorld(t)
	w.arrive(letter{})
	b := w.signedIn("anne")
	p := b.get("/adressebog/" + string(home) + "?enhed=" + string(clinic))
	p.want(200, "Hjemmesygeplejen Nord", "navnet ligner andre enheder", "Nabokøbing Kommune", "Ring 11223344", string(home), "læses én gang i hver vagt (7–15, 15–23, 23–7).", "læses hverdage kl. 8–15;", "Midtjylland 2022", "Skrev sidst til", "Aldrig", "Prøvehospitalet, Medicinsk Klinik", "Socialafdelingen")
	if !strings.Contains(p.body, `href="tel:11223344"`) {
		t.Error("the number cannot be called")
	}
	f := p.Form("/nyt")
	f.Press("do", "soeg")
	p = b.submit(f)
	p.want(200, "Nyt brev", "Hjemmesygeplejen Nord", "Prøvekøbing Kommune")
	if p.First("input[name=receiver][checked]") != nil {
		t.Error("the receiver is chosen already")
	}
	w.signedIn("bo").get("/adressebog/"+string(home)).want(200, "Jeres enheder har ikke skrevet til eller modtaget fra enheden.")
	b.get("/adressebog/" + string(nobody)).want(404)
	w.browser().get("/adressebog").want(200, "Log ind")
}

// Two people put a name right; the archive keeps what was.
func TestDisplayNameTakesTwoPeople(t *testing.T) {
	w := newWorld(t)
	path := "/adressebog/" + string(social)
	anne, rita, olga := w.signedIn("anne"), w.signedIn("rita"), w.signedIn("olga")
	f := anne.get(path).Form(path + "/navn")
	f.Set("name", "x")
	anne.submit(f).want(422, "Skriv et navn på mellem 3 og 100 tegn.")
	f.Set("name", "Socialafdelingen, Prøvekøbing Kommune")
	anne.submit(f).want(200, "Navnet er foreslået. En anden skal godkende det.", "Venter på godkendelse", "Træk tilbage").wantNot("value=\"godkend\"")
	if p := anne.get(path); p.Form(path+"/navn") != nil {
		t.Error("a second name can be proposed")
	}
	rita.get("/adressebog").want(200, "Navne, der venter på godkendelse", "Foreslået af Anne Kjær")
	w.signedIn("bo").get("/adressebog").wantNot("Navne, der venter")
	approve := rita.get(path).Form(path + "/navn/1")
	approve.Press("do", "godkend")
	rita.submit(approve).want(200, "Navnet er godkendt", "Godkendt af Rita Prøve", "Vis registrets navn igen")
	w.rename()
	anne.get(path).want(200, "I registret: Socialafdelingen")
	anne.lookFor("socialafdelingen").want(200, "1 enhed", "Socialafdelingen, Prøvekøbing Kommune", "I registret: Socialafdelingen")
	anne.post(path+"/navn/1", url.Values{"do": {"register"}}).want(403)
	rita.submit(approve).want(409)
	olga.post(path+"/navn/1", url.Values{"do": {"andet"}}).want(404)
	olga.post(path+"/navn/1", url.Values{"do": {"register"}}).want(200, "Registrets navn vises igen", "Vist tidligere")
	w.rename()
	anne.get(path).want(200, "Vist tidligere").wantNot("I registret:")
	w.signedIn("revi").get("/revision").want(200, "Visningsnavn foreslået", "Visningsnavn godkendt", "Visningsnavn taget ned")
}

// rename lays the names people agreed on over the directory, as the running program does.
func (w *world) rename() {
	w.t.Helper()
	var names map[brevdue.GLN]string
	w.update(func(tx store.Tx) (err error) { names, err = mailbox.ShownNames(w.ctx, tx); return err })
	w.dir.Store(testDirectory().Renamed(names))
}

// What should be put right, with a letter to whoever can.
func TestDirectoryFindings(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn("anne")
	p := b.get("/adressebog/fund?enhed=" + string(clinic))
	p.want(200, "Ens eller næsten ens navne", "Hjemmesygeplejen, Nord", "Foreslå et visningsnavn", "Til den SOR-ansvarlige", "Anne Kjær, Sygeplejerske", "AGR-503")
	if b := p.First("button[data-copy]"); b == nil || p.First("#"+b.Attr["data-copy"]) == nil {
		t.Error("no button copies a letter")
	}
	b.get("/adressebog/fund?foer=x").want(422, "Vælg en dato.")
	b.get("/adressebog").want(200, "Se fund")
}
