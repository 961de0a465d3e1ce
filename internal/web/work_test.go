package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/htmlcheck"
	"brevdue/internal/store"
)

// F57: four columns with every unread letter in its place, what is read by when
// above them, and the number of late letters in the menu and the title.
func TestBoardPage(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn("anne")
	board := unitPath(clinic) + "/frister"
	b.get(board).want(200, "Alt er læst.", "Læsevindue lukker om 5 t.", "Der er intet, der skal læses inden.")
	w.arrive(letter{sent: at(10, 0, 0).AddDate(0, 0, -1), subject: "Træning"}) // due yesterday, and long on the way
	w.set(at(14, 18, 0))
	w.arrive(letter{sent: at(14, 18, 0), text: "Læses i dag"})
	w.arrive(letter{sent: at(10, 0, 0), high: true})
	w.set(at(14, 40, 0))
	w.arrive(letter{sent: at(14, 31, 0), subject: "Vedr. transport"}) // tomorrow's
	b = w.signedIn("anne")
	p := b.get(board)
	p.want(200, "Læsevindue lukker om 20 min.", "2 ulæste skal læses inden.", "1 brev er overskredet, heraf 1 fordi det var længe undervejs.", "Længe undervejs", "Ikke tildelt")
	counts := func(p *page) (out []string) {
		for _, c := range p.All(".column") {
			out = append(out, strings.Join(strings.Fields(c.First("h2").Inner()), " "))
		}
		return out
	}
	if got, want := counts(p), []string{"Overskredet 1", "Inden for 30 min 2", "I dag 0", "Senere 1"}; !slices.Equal(got, want) {
		t.Errorf("columns %q, want %q", got, want)
	}
	if title := p.First("title").Inner(); !strings.HasPrefix(title, "(1) Frister") {
		t.Errorf("title %q", title)
	}
	if n := p.First("[data-late]"); n == nil || n.Inner() != "1" || !strings.Contains(n.Attr["class"], "late") {
		t.Errorf("the menu says %v", n)
	}
	p.wantNot(testCPR, testCPR[6:])

	// Taking a letter from its card leads back to the board and can be undone.
	f := p.Form("/tag")
	p = b.submit(f)
	p.want(200, "1 brev er tildelt dig.", "Tildelt dig")
	if p.path != board {
		t.Errorf("taking leads to %s", p.path)
	}
	b.submit(p.Form("/fortryd")).want(200, "Det er fortrudt.").wantNot("Tildelt dig")

	// The hand-over asks first, and is taken back in one step.
	p = b.get(board + "/overtag")
	p.want(200, "4 ulæste breve tildeles dig", "Det, du overtager", "Torre Test Mosebryggersen")
	p = b.submit(p.Form("/overtag"))
	p.want(200, "Du har overtaget 4 breve.").wantNot("Ikke tildelt")
	undo := p.Form("/fortryd")
	b.get(unitPath(clinic)+"/indbakke").want(200, "Tildelt Anne Kjær")
	b.submit(undo).want(200, "Det er fortrudt.", "Ikke tildelt").wantNot("Tildelt dig")
	b.submit(undo).want(200, "Det kan ikke fortrydes længere.")
	for id := int64(1); id <= 4; id++ {
		w.update(func(tx store.Tx) error {
			l, err := tx.Letters().Get(w.ctx, id)
			if l.Status != brevdue.Unread {
				t.Errorf("letter %d is %s: taking over is not reading", id, l.Status)
			}
			return err
		})
	}
	for id := int64(1); id <= 4; id++ {
		b.get(letterPath(clinic, id))
	}
	b.get(board).want(200, "Alt er læst. 4 breve læst i dag, heraf 3 inden fristen.")
	b.get(board+"/overtag").want(200, "Alt er læst.")
}

// AGR-604, Amb-13: home care sees what should have been read in the shift it came
// in apart from what is late.
func TestBoardOfShifts(t *testing.T) {
	w := newWorld(t)
	w.update(func(tx store.Tx) error {
		return tx.UnitFacts().PutServices(w.ctx, store.Services{Unit: care, Citizen: testCPR, Value: "yes"})
	})
	w.arrive(letter{to: care, from: clinic})
	b := w.signedIn("dorte")
	board := unitPath(care) + "/frister"
	b.get(board).want(200, "Vagten slutter om 5 t.", "1 ulæst skal læses inden.", "I dag / denne vagt")
	w.set(at(15, 0, 0))
	b = w.signedIn("dorte")
	b.get(board).want(200, "1 skulle være læst i den vagt, det kom i.", "Forventet læst inden kl. 15.00", "Læs nu · senest 23.00").wantNot("overskredet")
	w.set(at(23, 0, 0))
	w.drain()
	b = w.signedIn("dorte")
	b.get(board).want(200, "1 brev er overskredet.").wantNot("skulle være læst")
	p := b.get(letterPath(care, 1))
	p.want(200, "Ulæst ved fristen")
}

// The wall shows no citizen, no colleague and nothing that leads to one; without a
// script it comes again by itself.
func TestWall(t *testing.T) {
	w := newWorld(t)
	w.arrive(letter{subject: "Vedr. Torre Test Mosebryggersen"})
	w.arrive(letter{text: "Marevan er pauseret."})
	b := w.signedIn("anne")
	board := unitPath(clinic) + "/frister"
	b.submit(b.get(board).Form("/tag"))
	check := func(p *page) {
		t.Helper()
		p.want(200, "Frister", "Prøvehospitalet, Medicinsk Klinik", "Medicin", "Uden for aftalen", "Tildelt", "Læs inden kl. 15.00")
		p.wantNot("Mosebryggersen", "010490", "Anne", "Kjær", "Marevan", "/brev/", "Prøvekøbing")
		if p.First("noscript") == nil || !strings.Contains(p.body, `http-equiv="refresh" content="60"`) {
			t.Error("without a script the wall stands still")
		}
		if len(p.All("form")) != 0 || p.First("nav") != nil {
			t.Error("the wall has menus or forms")
		}
	}
	wall := board + "?visning=" + url.QueryEscape("væg")
	check(b.get(wall))
	w.browser().get(wall).want(200, "Log ind for at fortsætte")

	// Hung up, it goes on when nobody is signed in, and opens nothing else.
	p := b.submit(b.get(board).Form("/vaeg"))
	check(p)
	b.submit(b.get(unitPath(clinic) + "/enheden").Form("/log-ud"))
	check(b.get(wall))
	w.set(at(10, 0, 0).AddDate(0, 0, 3))
	p = b.get(wall)
	p.want(200, "2 breve er overskredet.")
	if p.First("[data-news]") != nil {
		t.Error("the wall listens to a stream it may not hear")
	}
	for _, path := range []string{board, unitPath(clinic) + "/indbakke", letterPath(clinic, 1), unitPath(ward) + "/frister?visning=" + url.QueryEscape("væg")} {
		if p := b.get(path); p.path != "/log-ind" {
			t.Errorf("the wall opens %s", path)
		}
	}
	other := w.signedIn("anne")
	other.submit(other.get(unitPath(clinic)+"/enheden").want(200, "1 skærm viser tavlen").Form("/vaegge")).want(200, "1 vægskærm er lukket.")
	if p := b.get(wall); p.path != "/log-ind" {
		t.Error("a closed wall goes on")
	}
}

// AGR-604, AGR-605, Amb-20: a municipal health unit says on the letter what it knows
// of the citizen, and its own unread letters are due anew.
func TestServicesOnTheLetter(t *testing.T) {
	w := newWorld(t)
	first, second := w.arrive(letter{to: care, from: clinic}), w.arrive(letter{to: care, from: clinic})
	b := w.signedIn("dorte")
	p := b.get(letterPath(care, first))
	p.want(200, "Modtager borgeren kommunale ydelser?", "Ingen har svaret endnu")
	f := p.Form("/ydelser")
	if f.Values.Get("ydelser") != "no" || !f.Set("ydelser", "yes") {
		t.Errorf("the page shows %q", f.Values.Get("ydelser"))
	}
	p = b.submit(f)
	p.want(200, "Fristen for 1 ulæst brev er regnet om.", "Svaret af Dorte Prøve", "modtager kommunale ydelser (før: modtager ikke kommunale ydelser)")
	b.get(unitPath(care)+"/indbakke").want(200, "Læs i denne vagt · 15.00")
	b.get(letterPath(care, second)).want(200, "Læsefrist i dag kl. 23.00 (før: i dag kl. 15.00)")
	w.arrive(letter{to: care, from: clinic}) // later letters use what is known
	b.get(unitPath(care)+"/indbakke").want(200, "Læs i denne vagt · 15.00")
	b.post(letterPath(care, first)+"/ydelser", url.Values{"ydelser": {"måske"}}).want(409)

	id := w.arrive(letter{})
	if p := w.signedIn("anne").get(letterPath(clinic, id)); p.Form("/ydelser") != nil {
		t.Error("a clinic is asked")
	}
}

// Letters go to teams by rule and by hand; the inbox filters by team.
func TestTeams(t *testing.T) {
	w := newWorld(t)
	w.arrive(letter{code: "8800", place: "Viborg"})
	w.arrive(letter{subject: "Vedr. transport"})
	b := w.signedIn("anne")
	here := unitPath(clinic) + "/fordeling"
	p := b.get(here)
	p.want(200, "Der er ingen regler endnu")
	f := p.Form("/fordeling")
	f.Press("do", "tilfoej")
	b.submit(f).want(422, "Vælg mindst én betingelse", "Skriv, hvilket hold brevene skal til.")

	f.Set("municipality", "8800-8850")
	f.Set("team", "Nord")
	try := *f
	try.Press("do", "proev")
	p = b.submit(&try)
	p.want(200, "2 breve i de sidste 30 dage. Intet er flyttet.", "Den nye regel: Borgeren bor i 8800-8850", "Ingen regel passer", "B-000001", "B-000002")
	p.wantNot("Mosebryggersen")
	f = addForm(p)
	if f.Values.Get("team") != "Nord" {
		t.Error("the trial forgot the rule")
	}
	f.Press("do", "tilfoej")
	p = b.submit(f)
	p.want(200, "Reglen er tilføjet.", "Borgeren bor i 8800-8850")
	add := func(subject, team string) *page {
		t.Helper()
		f := addForm(b.get(here))
		f.Set("subject", subject)
		f.Set("team", team)
		f.Press("do", "tilfoej")
		return b.submit(f)
	}
	add("-", "Bakken").want(200, "Emnet er uden for aftalen")
	order := func(p *page) string {
		var out []string
		for _, r := range p.All("td") {
			if b := r.First("b"); b != nil {
				out = append(out, b.Inner())
			}
		}
		return strings.Join(out, " ")
	}
	p = b.get(here)
	f = p.Form("/fordeling")
	f.Press("op", "1")
	p = b.submit(f)
	if p.want(200, "Reglen er flyttet."); order(p) != "Bakken Nord" {
		t.Errorf("order %s", order(p))
	}
	old := f
	p = b.submit(p.Form("/fortryd"))
	if p.want(200, "Det er fortrudt."); order(p) != "Nord Bakken" {
		t.Errorf("order after undo %s", order(p))
	}
	f = p.Form("/fordeling")
	f.Press("fjern", "1")
	b.submit(f).want(200, "Reglen er fjernet.")
	b.submit(old).want(200, "En anden har ændret listen imens.")
	b.get(here+"?proev").want(200, "Regel 1: Borgeren bor i 8800-8850", "1 brev")

	// New letters go by the rule; one is moved by hand and back.
	id := w.arrive(letter{code: "8830", place: "Tjele", text: "Til holdet"})
	p = b.get(unitPath(clinic) + "/indbakke")
	p.want(200, "Hold: Nord")
	p = b.get(unitPath(clinic) + "/indbakke?hold=Nord")
	p.want(200, "Til holdet").wantNot("Vedr. transport")
	p = b.get(letterPath(clinic, id))
	p.want(200, "Hold: Nord", "Sendt til hold")
	f = p.Form("/hold")
	f.Set("team", "Syd")
	p = b.submit(f)
	p.want(200, "Brevet er flyttet til holdet.", "Hold: Syd")
	b.submit(p.Form("/fortryd")).want(200, "Det er fortrudt.", "Hold: Nord")
	f.Set("team", testCPR)
	b.submit(f).want(200, "Holdets navn kan ikke bruges").wantNot(testCPR)
	f.Set("team", "")
	b.submit(f).want(200, "Brevet er taget ud af holdet.", "Intet hold")
	b.get(unitPath(clinic)+"/indbakke?hold=Nord").want(200, "Ingen breve til holdet Nord.")
}

// F63: the closed calendar asks who to call; a letter that comes meanwhile is
// answered, and both sides of that are on the pages.
func TestClosedDaysPage(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn("anne")
	here := unitPath(clinic) + "/lukkedage"
	f := b.get(here).Form("/lukkedage")
	p := b.submit(f)
	p.want(422, "Vælg den første lukkedag.", "Skriv, hvem der kan ringes til imens")
	f.Set("from", "2026-11-24")
	f.Set("to", "2026-11-25")
	f.Set("text", "Kursus for alle")
	f.Set("contact", "Vagttelefonen, 87650000")
	p = b.submit(f)
	p.want(200, "Lukkedagene er gemt.", "Lukket nu", "Kursus for alle", "Vagttelefonen, 87650000")
	w.arrive(letter{})
	b.get(letterPath(clinic, 1)).want(200, "Besvaret automatisk: enheden har lukket", "B-000002")
	b.get(unitPath(clinic)+"/sendt/2").want(200, "Automatisk svar: enheden har lukket.", "ring: Vagttelefonen, 87650000", "Automatisk svar på")
	p = b.get(here)
	f = p.Form("/lukkedage")
	f.Press("fjern", "1")
	p = b.submit(f)
	p.want(200, "Lukkedagene er fjernet.", "Der er ingen lukkedage forude.")
	b.submit(p.Form("/fortryd")).want(200, "Det er fortrudt.", "Kursus for alle")
}

// The page of a unit says when it reads, and keeps what its people set.
func TestUnitPage(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn("dorte")
	here := unitPath(care) + "/enheden"
	p := b.get(here)
	p.want(200, "Enheden", "læses én gang i hver vagt (7–15, 15–23, 23–7)", "AGR-604", "AGR-605", "Vagt 3", "23.00", "Lukkedage", "Fordeling", "Konkrete aftaler", "Opgaver", "Hjemmeplejen Øst", "config.yaml")
	f := p.Form("/enheden")
	f.Set("phone", "ring")
	f.Set("shifts", "7.00, 6.00")
	b.submit(f).want(422, "Telefonnummeret skal have mindst otte cifre", "Skriv vagternes begyndelse i rækkefølge")
	f.Set("phone", "87 65 43 99")
	f.Set("shifts", "6, 14, 22")
	p = b.submit(f)
	p.want(200, "Oplysningerne er gemt.", "Sat af Dorte Prøve", "6–14, 14–22, 22–6", "i opsætningen står 87654325")
	b.submit(p.Form("/fortryd")).want(200, "Det er fortrudt.", "7–15, 15–23, 23–7").wantNot("Sat af")
	w.signedIn("anne").get(unitPath(clinic)+"/enheden").want(200, "Læses hverdage kl. 8–15; samme dag, når brevet er afsendt inden kl. 14.30.", "AGR-602").wantNot("Vagterne begynder")
}

// AGR-302: concrete agreements; the citizen's number is masked and in no address.
func TestArrangementsPage(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn("anne")
	here := unitPath(clinic) + "/aftaler"
	p := b.get(here)
	f := p.Form("/aftaler")
	f.Press("do", "tilfoej")
	b.submit(f).want(422, "Søg, og vælg, hvem aftalen er med.", "Skriv, hvad der er aftalt")
	f.Set("words", "nord")
	f.Set("citizen", "010490-9989")
	f.Set("text", "Aftalt på møde")
	f.Press("do", "soeg")
	p = b.submit(f)
	p.want(200, "Hjemmesygeplejen Nord", "Nabokøbing Kommune")
	f = p.Form("/aftaler")
	if !f.Set("receiver", string(home)) || f.Values.Get("citizen") != "010490-9989" {
		t.Fatal("the search lost what was filled in")
	}
	f.Press("do", "tilfoej")
	p = b.submit(f)
	p.want(200, "Aftalen er gemt.", "Hjemmesygeplejen Nord", "010490-••••", "Aftalt på møde", "Uden slutdato").wantNot(testCPR, "9989")
	f = p.Form("/aftaler")
	f.Press("afslut", "1")
	p = b.submit(f)
	p.want(200, "Aftalen er afsluttet.", "Der er ingen konkrete aftaler.")
	b.submit(p.Form("/fortryd")).want(200, "Det er fortrudt.", "010490-••••")
	for _, a := range b.addresses {
		if strings.Contains(a, testCPR) || strings.Contains(a, "9989") {
			t.Errorf("a number in an address: %s", a)
		}
	}
}

// F20: open tasks with their letter, done with a note, and taken back.
func TestTasksPage(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	w.update(func(tx store.Tx) error {
		for kind, due := range map[store.TaskKind]int{store.TaskInform: 9, store.TaskConsent: 16} {
			if _, err := tx.Tasks().Add(w.ctx, store.Task{Unit: clinic, Letter: id, Kind: kind, Due: at(due, 0, 0), At: at(8, 0, 0)}); err != nil {
				return err
			}
		}
		return nil
	})
	b := w.signedIn("anne")
	here := unitPath(clinic) + "/opgaver"
	p := b.get(here)
	p.want(200, "Skulle være udført i dag kl. 09.00", "Inden i dag kl. 16.00", "Fortæl borgeren", "Et skriftligt samtykke udløber", "Torre Test Mosebryggersen", "010490-••••")
	first := p.First(".task").First("form")
	f := formIn(first)
	f.Set("note", "Om "+testCPR)
	b.submit(f).want(422, "Skriv ikke CPR-nummer i noten.")
	f.Set("note", "Ringet")
	p = b.submit(f)
	p.want(200, "Opgaven er udført.").wantNot("Fortæl borgeren")
	b.submit(f).want(200, "En anden har allerede udført opgaven.")
	p = b.submit(p.Form("/igen"))
	p.want(200, "Det er fortrudt.", "Fortæl borgeren")
	b.get(letterPath(clinic, id)).want(200, "Opgave udført af", "Opgave genåbnet af")
}

// formIn reads a form that was found on a page.
func formIn(n *htmlcheck.Node) *htmlcheck.Form { return n.Parent.Form(n.Attr["action"]) }

// addForm is the form that adds something, under the list of what is there.
func addForm(p *page) *htmlcheck.Form { return formIn(p.First(".compose")) }

// F70: the unit's affairs are its people's: for everybody else they do not exist,
// and each attempt is on record.
func TestWorkPagesAreTheUnitsOwn(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	b := w.signedIn("bo")
	u := unitPath(clinic)
	one := letterPath(clinic, id)
	tried := 0
	for _, path := range []string{u + "/frister", u + "/frister?visning=v%C3%A6g", u + "/frister/overtag", u + "/enheden", u + "/lukkedage", u + "/fordeling", u + "/fordeling?proev", u + "/aftaler", u + "/opgaver"} {
		b.get(path).want(404)
		tried++
	}
	for path, form := range map[string]url.Values{
		one + "/tag": {}, one + "/slip": {}, one + "/hold": {"team": {"A"}}, one + "/ydelser": {"ydelser": {"yes"}}, u + "/fortryd": {"fortryd": {"x"}, "til": {"/"}}, u + "/frister/overtag": {}, u + "/frister/vaeg": {}, u + "/enheden/vaegge": {},
		u + "/enheden": {"phone": {"11111111"}}, u + "/lukkedage": {"from": {"2026-12-24"}, "contact": {"87654321"}}, u + "/fordeling": {"subject": {"Medicin"}, "team": {"A"}},
		u + "/aftaler": {"receiver": {string(home)}, "text": {"Aftalt"}}, u + "/opgaver/1": {}, u + "/opgaver/1/igen": {},
	} {
		b.post(path, form).want(404)
		tried++
	}
	denied := 0
	w.update(func(tx store.Tx) error {
		list, err := tx.Audit().List(w.ctx, 0, 1000)
		for _, e := range list {
			if e.Action == "letter.denied" && e.Actor == "bo" {
				denied++
			}
		}
		l, err2 := tx.Letters().Get(w.ctx, id)
		if l.Assigned != 0 || l.Team != "" || l.Status != brevdue.Unread {
			t.Errorf("an attempt changed the letter: %+v", l)
		}
		routes, err3 := tx.UnitFacts().Routes(w.ctx, clinic)
		if len(routes) != 0 {
			t.Error("an attempt made a rule")
		}
		for _, e := range []error{err, err2, err3} {
			if e != nil {
				return e
			}
		}
		return nil
	})
	if denied != tried {
		t.Errorf("%d attempts, %d on record", tried, denied)
	}
}

// AGR-504: home care says who in its municipality gets which subject, and a nurse who
// writes to another of its units is shown it, with a button that chooses.
func TestSubjectsPage(t *testing.T) {
	w := newWorld(t)
	dorte := w.signedIn("dorte")
	u := unitPath(care)
	dorte.get(u+"/enheden").want(200, "Emner og modtagere", "0 emner")
	p := dorte.get(u + "/emner")
	p.want(200, "Hvilken enhed i Østkøbing Kommune", "Træning", "Ikke angivet: afsenderen vælger")
	f := p.Form("/emner")
	if !f.Set("subject-1", string(east)) {
		t.Fatal("a unit of the municipality cannot be chosen")
	}
	dorte.submit(f).want(200, "1 emne er ændret", "Angivet af Dorte Prøve")
	dorte.get(u+"/enheden").want(200, "1 emne")
	dorte.post(u+"/emner", url.Values{"subject-1": {string(clinic)}}).want(422, "Vælg en af kommunens enheder")

	anne := w.signedIn("anne")
	form := outsideLetter()
	for key, value := range map[string]string{"receiver": string(care), "subject": "Træning|Træning", "do": "opdater"} {
		form.Set(key, value)
	}
	p = anne.post(unitPath(clinic)+"/nyt", form)
	p.want(200, "har sagt, at breve om Træning skal til Træningen Øst")
	f = p.Form("/nyt")
	f.Press("do", "vaelg:"+string(east))
	p = anne.submit(f)
	p.want(200).wantNot("har sagt, at breve om")
	if got := p.Form("/nyt").Values.Get("receiver"); got != string(east) {
		t.Errorf("chosen: %s", got)
	}
	anne.get(unitPath(clinic) + "/emner").want(404)
	anne.get(unitPath(clinic) + "/enheden").wantNot("Emner og modtagere")
}

// refused sends a letter and lets it come back refused, with its task.
func (w *world) refused(b *browser, text string) int64 {
	w.t.Helper()
	form := outsideLetter()
	form.Set("text", text)
	b.post(unitPath(clinic)+"/nyt", form).want(200, "Brevet er afsendt")
	w.drain()
	id := w.newest().ID
	w.update(func(tx store.Tx) error {
		if err := tx.Letters().Move(w.ctx, id, brevdue.Sent, brevdue.Rejected); err != nil {
			return err
		}
		if err := tx.Letters().SetNote(w.ctx, id, "Afvist af modtageren: modtagerens lokationsnummer er ukendt."); err != nil {
			return err
		}
		_, err := tx.Tasks().Add(w.ctx, store.Task{Unit: clinic, Letter: id, Kind: store.TaskRejected, Due: w.clock(), At: w.clock()})
		return err
	})
	return id
}

// F5, F81: a letter that came back is one task; it is put right in the form it was
// written in, or sent again as it is with a reason, and the task is gone.
func TestReturnedLetter(t *testing.T) {
	w := newWorld(t)
	anne := w.signedIn("anne")
	u := unitPath(clinic)
	id := w.refused(anne, "Kørsel er bestilt.")
	anne.get(u+"/opgaver").want(200, "Et brev er afvist: ret og gensend", "Kørsel", "Hjemmesygeplejen Nord")
	here := letterPath(clinic, id)
	here = strings.Replace(here, "/brev/", "/sendt/", 1)
	p := anne.get(here)
	p.want(200, "Ret og gensend", "Send det igen, som det er, fordi", "modtagerens lokationsnummer er ukendt")

	p = anne.get(here + "/ret")
	p.want(200, "Brevet træder i stedet for B-000001")
	f := p.Form("/nyt")
	for field, want := range map[string]string{"cpr": "010490-9989", "surname": "Mosebryggersen", "receiver": string(home), "subject": "*", "freesubject": "Kørsel", "subjectreason": "Intet emne passer",
		"text": "Kørsel er bestilt.", "phone": "87654321", "basis": "41-2-1", "episode": "ambulant", "corrects": "1"} {
		if got := f.Values.Get(field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	f.Set("text", "Kørsel er bestilt til kl. 9.")
	f.Press("do", "tjek")
	p = anne.submit(f)
	p.want(200, "Tjek dine svar", "Kørsel er bestilt til kl. 9.")
	f = p.Form("/nyt")
	f.Press("do", "send")
	anne.submit(f).want(200, "Brevet er afsendt", "B-000002")
	anne.get(u+"/opgaver").want(200, "Der er ingen åbne opgaver")
	anne.get(here).want(200, "Rettet og sendt som et nyt brev", "B-000002")
	anne.get(strings.Replace(here, "/1", "/2", 1)).want(200, "Træder i stedet for et andet brev")

	again := strings.Replace(letterPath(clinic, w.refused(anne, "Tolk er bestilt.")), "/brev/", "/sendt/", 1)
	anne.post(again+"/igen", url.Values{"reason": {""}}).want(422, "Skriv, hvorfor brevet sendes igen")
	anne.post(again+"/igen", url.Values{"reason": {"Netværket var nede"}}).want(200, "Brevet sendes igen", "I kø")
	anne.get(u+"/opgaver").want(200, "Der er ingen åbne opgaver")
	anne.post(again+"/igen", url.Values{"reason": {"Netværket var nede"}}).want(409)
	anne.get(again + "/ret").want(409)
	w.signedIn("bo").get(here + "/ret").want(404)
	w.drain()
	anne.get(again).want(200, "Sendt igen, som det er", "Netværket var nede", "Sendt, venter på kvittering")
}
