package web_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/medcom"
)

// The roles of the tests and who has them. Readers, writers and leads are of the clinic
// and of home care, the stranger is of the ward alone.
func roles() map[string]string {
	return map[string]string{"nobody": "", "reader": "laura", "writer": "vera", "lead": "lene", "operator": "olga", "secretariat": "rita", "auditor": "revi", "stranger": "bo"}
}

// everybody are their browsers.
func (w *world) everybody() map[string]*browser {
	w.t.Helper()
	for login, role := range map[string]store.Role{"laura": store.RoleReader, "vera": store.RoleWriter, "lene": store.RoleLead} {
		u := store.User{Login: login, Name: "Prøve " + login, Title: "Sygeplejerske"}
		u.SetRole(clinic, role)
		u.SetRole(care, role)
		w.user(u)
	}
	all := map[string]*browser{}
	for role, login := range roles() {
		if login == "" {
			all[role] = w.browser()
			continue
		}
		all[role] = w.signedIn(login)
	}
	return all
}

// The four answers an address can give.
const (
	found     = "found"
	notFound  = "not found"
	forbidden = "forbidden"
	toSignIn  = "sign-in"
)

// owed is the answer a role is owed by what an address needs.
func owed(needs mailbox.Right, role string) string {
	inUnit := role == "reader" || role == "writer" || role == "lead"
	has := slices.Contains(mailbox.WhoMay(needs), store.Role(role)) || needs == mailbox.RightGlass && role == "stranger" // of any unit
	switch {
	case needs == "anyone":
		return found
	case role == "nobody":
		return toSignIn
	case needs == "signed in" || has || needs == "wall" && inUnit:
		return found
	case (needs == "wall" || needs.OfUnit()) && !inUnit:
		return notFound
	}
	return forbidden
}

// given is the answer that was given.
func given(p *page) string {
	const resumeHint = `<ol class="resume">`
	switch {
	case p.status == http.StatusNotFound:
		return notFound
	case p.status == http.StatusUnauthorized, p.path == "/log-ind", p.Node != nil && p.First("#f-login") != nil, strings.Contains(p.body, resumeHint):
		return toSignIn
	case p.status == http.StatusForbidden:
		return forbidden
	case p.status < 500:
		return found
	}
	return fmt.Sprint("status ", p.status)
}

// things are what the addresses of the test are about.
type things struct {
	in, out, returned, refused      int64 // letters; in and out have a file
	arrival, job, draft, note, task int64
	held, file, name, glass         int64
	version                         string
}

// everything puts one of each there is into the archive.
func (w *world) everything(lead *browser) (th things) {
	w.t.Helper()
	th.in = w.arriveWith(medcom.Object{Code: "billede", Extension: "png", Data: picture(w.t, "png")})
	f := lead.get(letterPath(clinic, th.in) + "/videresend").Form(unitPath(clinic) + "/nyt")
	for k, v := range map[string]string{"receiver": string(east), "text": "Se foto.", "phone": "87654321", "basis": "41-2-1", "health": "yes", "discharging": "no", "do": "send", "enclose": fmt.Sprintf("%d.0", th.in)} {
		f.Values.Set(k, v)
	}
	lead.submit(f).want(200, "Brevet er afsendt")
	w.drain()
	th.out = w.newest().ID
	th.returned = w.refused(lead, "Kørsel er bestilt.")
	w.receive([]byte("dette er intet brev"))
	w.receive(w.file(letter{to: nobody}))
	th.refused, th.held = w.newest().ID, th.in
	w.update(func(tx store.Tx) error {
		list, err := tx.Arrivals().List(w.ctx, store.ArrivalQuarantined, 1)
		if err != nil {
			return err
		}
		th.arrival = list[0].ID
		if err := tx.Jobs().Add(w.ctx, store.Job{Kind: store.JobSend, Key: "send:again", Subject: th.out, RunAt: w.clock(), Created: w.clock()}); err != nil {
			return err
		}
		jobs, err := tx.Jobs().Claim(w.ctx, w.clock(), 1, 1)
		if err != nil {
			return err
		}
		th.job = jobs[0].ID
		return tx.Jobs().Bury(w.ctx, th.job, "given up")
	})
	for _, a := range lead.get("/aftale").All("a") {
		if v, is := strings.CutPrefix(a.Attr["href"], "/aftale/"); is && len(v) == 16 {
			th.version = v
		}
	}
	return th
}

// renew puts back what an answer before may have taken away.
func (w *world) renew(th *things, who string) {
	w.t.Helper()
	w.update(func(tx store.Tx) error {
		u, err := tx.Users().ByLogin(w.ctx, who)
		if err != nil {
			return err
		}
		d, err := tx.Drafts().Put(w.ctx, store.Draft{Unit: clinic, Token: fmt.Sprint("t", w.numbers), Form: "text=Fortrolig", At: w.clock()})
		if err != nil {
			return err
		}
		w.numbers++
		th.draft = d.ID
		sha, err := tx.Originals().Put(w.ctx, []byte("Fortrolig"), w.clock())
		if err != nil {
			return err
		}
		if th.file, err = tx.Drafts().AddFile(w.ctx, store.DraftFile{Draft: d.ID, Name: "prøve.txt", Code: "tekstfil", Extension: "txt", Size: 9, SHA: sha, By: u.Name, At: w.clock()}); err != nil {
			return err
		}
		waiting, err := tx.Names().List(w.ctx, store.NameProposed)
		if err != nil {
			return err
		}
		for _, n := range waiting {
			if err := tx.Names().Decide(w.ctx, n.ID, store.NameProposed, store.NameWithdrawn, u.ID, u.Name, w.clock()); err != nil {
				return err
			}
		}
		if th.name, err = tx.Names().Propose(w.ctx, store.DisplayName{GLN: home, Name: "Sygeplejen i nord", ProposedBy: u.ID, ProposedName: u.Name, ProposedAt: w.clock()}); err != nil {
			return err
		}
		if th.note, err = tx.Notes().Add(w.ctx, store.NewNote{Letter: th.in, Unit: clinic, User: u.ID, Name: u.Name, At: w.clock(), Text: "Ring"}); err != nil {
			return err
		}
		if th.task, err = tx.Tasks().Add(w.ctx, store.Task{Unit: clinic, Letter: th.in, Kind: store.TaskInform, Due: w.clock(), At: w.clock()}); err != nil {
			return err
		}
		g := store.Glass{User: u.ID, Login: who, Name: u.Name, Letter: th.in, Unit: clinic, Reason: "borgeren er bevidstløs", At: w.clock(), Until: w.clock().Add(mailbox.GlassFor)}
		if _, err = tx.Glasses().Add(w.ctx, g); err != nil {
			return err
		}
		g.User = -1 // an auditor does not review their own
		if th.glass, err = tx.Glasses().Add(w.ctx, g); err != nil {
			return err
		}
		if _, err := tx.Retention().HoldOf(w.ctx, th.held); err == nil {
			return nil
		}
		return tx.Retention().Hold(w.ctx, store.Hold{Letter: th.held, Reason: "klagesag 2026-17", By: "Revi Prøve", At: w.clock()})
	})
}

// address is a pattern with something that exists in each of its places.
func (th things) address(pattern string) string {
	_, path, _ := strings.Cut(pattern, " ")
	id, unit := th.in, clinic
	switch {
	case strings.Contains(path, "/emner"):
		unit = care // a clinic has no page of them
	case strings.Contains(path, "/sendt/{id}/ret"), strings.Contains(path, "/sendt/{id}/igen"):
		id = th.returned
	case strings.Contains(path, "sendt/"):
		id = th.out
	case strings.Contains(path, "/revision/noedadgang"):
		id = th.glass
	case strings.Contains(path, "/kladder/"):
		id = th.draft
	case strings.Contains(path, "/kladdebilag/"):
		id = th.file
	case strings.Contains(path, "/adressebog/"):
		id = th.name
	case strings.Contains(path, "/opgaver/"):
		id = th.task
	case strings.Contains(path, "/drift/ankomst"):
		id = th.arrival
	case strings.Contains(path, "/drift/brev"):
		id = th.refused
	case strings.Contains(path, "/drift/opgave"):
		id = th.job
	}
	if strings.HasSuffix(path, "/forskel") {
		path += "?med={version}"
	}
	return strings.NewReplacer("{gln}", string(unit), "{id}", fmt.Sprint(id), "{note}", fmt.Sprint(th.note), "{nummer}", string(home), "{n}", "1", "{version}", th.version, "{$}", "").Replace(path)
}

// filled are the forms of the addresses that answer an empty one as something that is not
// there.
func filled() map[string]url.Values {
	return map[string]url.Values{
		"POST /revision/noedadgang/{id}":      {"review": {"i orden"}},
		"POST /sprog":                         {"til": {"/tilgaengelighed"}, "sprog": {"da"}},
		"POST /drift/ankomst/{id}/luk":        {"reason": {"Sendt til os ved en fejl"}},
		"POST /log-ind":                       {"login": {"nogen"}, "password": {"forkert"}},
		"POST /enhed/{gln}/valgte":            {"do": {"laest"}},
		"POST /enhed/{gln}/journal":           {"do": {"valgte"}},
		"POST /enhed/{gln}/fordeling":         {"do": {"proev"}},
		"POST /enhed/{gln}/aftaler":           {"do": {"tilfoej"}},
		"POST /enhed/{gln}/brev/{id}/status":  {"status": {"afventer"}},
		"POST /enhed/{gln}/brev/{id}/ydelser": {"ydelser": {"yes"}},
		"POST /aftale/{version}":              {"do": {"foreslaa"}},
		"POST /adressebog/{nummer}/navn/{id}": {"do": {"tilbage"}},
		"POST /indstillinger/sessioner":       {"do": {"andre"}},
	}
}

// ask asks one address and reads its answer; of a stream only that it began.
func (b *browser) ask(pattern, path string, form url.Values) *page {
	b.w.t.Helper()
	switch {
	case strings.HasPrefix(pattern, "POST "):
		return b.post(path, form)
	case !strings.HasSuffix(pattern, "/nyheder") && !strings.HasSuffix(pattern, "/hvem"):
		return b.get(path)
	}
	ctx, stop := context.WithCancel(b.w.ctx)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.w.server.URL+path, nil)
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	answer, err := b.client.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer answer.Body.Close()
	p := &page{t: b.w.t, status: answer.StatusCode, path: answer.Request.URL.Path, header: answer.Header}
	if p.status == http.StatusOK && answer.Header.Get("Content-Type") == "text/event-stream" {
		return p
	}
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	p.body = string(all)
	return p
}

// F70: every address of the workbench, asked by every role: found, not found, forbidden or
// to the sign-in, as the table says. Who gets nothing is told nothing, and is on record.
func TestEveryAddressAndEveryRole(t *testing.T) {
	w := newWorld(t)
	who := w.everybody()
	th := w.everything(who["lead"])
	rights := append(mailbox.Rights(), "anyone", "signed in", "wall")
	for _, r := range w.web.Routes() {
		if !slices.Contains(rights, r.Needs) {
			t.Errorf("%s needs %q, which is no right", r.Pattern, r.Needs)
			continue
		}
		unit := strings.Contains(r.Pattern, "{gln}")
		if unit != (r.Needs.OfUnit() || r.Needs == "wall") {
			t.Errorf("%s needs %s: a unit's address needs a right in the unit, and no other does", r.Pattern, r.Needs)
		}
		for role, b := range who {
			if strings.HasSuffix(r.Pattern, "/log-ud") || strings.HasSuffix(r.Pattern, "/sessioner") {
				if b = w.browser(); role != "nobody" { // it ends sessions
					b = w.signedIn(roles()[role])
				}
			}
			want := owed(r.Needs, role)
			if login := roles()[role]; login != "" && want == found {
				w.renew(&th, login)
			}
			before := len(w.entries())
			p := b.ask(r.Pattern, th.address(r.Pattern), filled()[r.Pattern])
			got := given(p)
			if r.Pattern == "GET /log-ind" || r.Pattern == "POST /log-ind" || strings.HasSuffix(r.Pattern, "/log-ud") {
				got = found // the sign-in itself
			}
			if got != want {
				t.Errorf("%s, %s: %s (status %d), want %s", r.Pattern, role, got, p.status, want)
			}
			if want != found && strings.Contains(p.body, "Mosebryggersen") {
				t.Errorf("%s, %s: the answer names a citizen", r.Pattern, role)
			}
			if strings.HasSuffix(r.Pattern, "/sessioner") {
				who[role] = b // the other has ended
			}
			if want == notFound || want == forbidden {
				denied := 0
				for _, e := range w.entries()[before:] { // a check of the chain may end meanwhile
					if strings.HasSuffix(e.Action, ".denied") && e.Actor == roles()[role] {
						denied++
					}
				}
				if denied != 1 {
					t.Errorf("%s, %s: %d times on record", r.Pattern, role, denied)
				}
			}
			if strings.HasPrefix(r.Pattern, "GET ") && want == found && p.status != http.StatusOK && p.status != http.StatusNoContent {
				t.Errorf("%s, %s: status %d", r.Pattern, role, p.status)
			}
		}
	}
}

// What an identity provider needs is open to everybody, as it is how one comes in.
func TestProviderAddressesAreForAnyone(t *testing.T) {
	plain := newWorld(t).web.Routes()
	oidc, _ := withProvider(t, false)
	saml, _ := withSAML(t)
	for _, w := range []*world{oidc, saml} {
		more := 0
		for _, r := range w.web.Routes() {
			if slices.Contains(plain, r) {
				continue
			}
			more++
			if r.Needs != "anyone" {
				t.Errorf("%s needs %s", r.Pattern, r.Needs)
			}
		}
		if more == 0 {
			t.Error("a provider has no address")
		}
	}
}

// A reader sees and reads; what would only end in "your role does not allow that" is not
// shown. Whoever asks all the same is told so in words.
func TestReaderIsShownWhatAReaderMayDo(t *testing.T) {
	w := newWorld(t)
	id := w.arrive(letter{})
	who := w.everybody()
	reader, writer, lead := who["reader"], who["writer"], who["lead"]
	u, one := unitPath(clinic), letterPath(clinic, id)

	reader.get(u+"/indbakke").want(200, "Markér som læst").wantNot(`value="tag"`, `value="arkiver"`, u+"/nyt", u+"/kladder", u+"/journal", u+"/enheden", one+"/svar", one+"/videresend")
	writer.get(u+"/indbakke").want(200, "Arkivér", "Nyt brev", "Kladder").wantNot(u + "/enheden")
	lead.get(u+"/indbakke").want(200, "Arkivér", "Nyt brev", "Enheden")
	reader.get(u+"/frister").want(200, "Mosebryggersen").wantNot("/tag", "/overtag", "/vaeg", one+"/svar")
	writer.get(u + "/frister").want(200).wantNot("/vaeg")
	reader.get(one).want(200, "Du har læst brevet på vegne af", "Ingen notater.", "Ikke tildelt").wantNot(one+"/svar", one+"/videresend", one+"/arkiver", one+"/status", one+"/hold", one+"/tag", `action="`+one)
	shown := writer.get(one).want(200)
	for _, path := range []string{"/svar", "/videresend", "/arkiver", "/status", "/notat", "/journal", "/hold", "/tag"} {
		if !strings.Contains(shown.body, one+path) {
			t.Errorf("a writer is not shown %s", path)
		}
	}
	reader.searchFor(u, "Mosebryggersen").want(200, "1 brev").wantNot(one + "/svar")
	reader.get(one + "/pdf").want(200)

	for _, p := range []*page{reader.get(one + "/svar"), reader.post(u+"/nyt", outsideLetter()), reader.post(one+"/arkiver", nil), writer.get(u + "/lukkedage")} {
		p.want(403, "Din rolle i enheden rækker ikke til det", "Intet er ændret eller sendt.")
	}
	if n := w.sentCount(); n != 0 {
		t.Errorf("%d letters were sent by a reader", n)
	}
	if l := w.newest(); l.Status != brevdue.Read || l.ReadBy != "Prøve laura" {
		t.Errorf("a reader reads for the unit: %s by %q", l.Status, l.ReadBy)
	}
}
