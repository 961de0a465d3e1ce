// Package web is the workbench: the pages on which people read, answer and send
// correspondence letters, and the operator's page.
//
// Specification: features F50-F54, F59, F60, F61, F65, F66, F70, F71 and F73, the Danish
// common design system (Det Fælles Designsystem) followed as a convention, and
// WCAG 2.1 AA. One Go file, one template and one page struct for each page; all
// texts come from the catalogue in internal/web/text.
//
// Deliberately missing: any decision about letters. Pages ask mailbox and show
// the answer; who may see what is decided there. There is no build step and
// nothing third-party, and everything but live updates, shortcuts, search while
// typing and the warning before a session ends works without JavaScript.
//
// What surprises: opening the page of a letter reads it for the unit, so a
// browser that only prefetches is turned away. A unit or letter a person may not
// see is "not found". Numbers of patients travel in request bodies only, never in
// an address. The stream of news ends with the request's context, so whoever
// shuts the server down must cancel the context requests are based on.
package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"brevdue"
	"brevdue/internal/auth"
	"brevdue/internal/mailbox"
	"brevdue/internal/oidc"
	"brevdue/internal/saml"
	"brevdue/internal/web/text"
	"brevdue/kalender"
)

// Config is what the workbench is built from.
type Config struct {
	Box  *mailbox.Box
	Auth *auth.Auth
	// Listen wakes the stream of news after a commit that named the topic
	// (store.Store.Listen).
	Listen func(topic string) (wake <-chan struct{}, stop func())
	Now    func() time.Time
	Speed  float64 // how fast Now runs; 1, or more in a demonstration; 0 means 1
	Log    *slog.Logger
	// CookieName names the session cookie; empty means "brevdue".
	CookieName string
	// Provider is the organisation's own identity provider; nil for none. NoLocal takes
	// the form for login and password away.
	Provider *oidc.Provider
	SAML     *saml.Provider // one of them
	NoLocal  bool
	// Secure is true when browsers reach the workbench over HTTPS; cookies are then
	// never sent in the clear.
	Secure bool
	Limits Limits // of requests; the zero value is none
	Title  string // product name on the pages; empty means "Brevdue"
}

// Workbench serves the pages.
type Workbench struct {
	cfg    Config
	words  map[string]*text.Words
	pages  map[string]pageSet // by language
	static *assets
	zone   *time.Location
	root   http.Handler
	panics atomic.Int64

	sessions, addresses limiter
}

// New builds the workbench. An error means that the program was put together
// wrongly: a template or the catalogue does not read.
func New(cfg Config) (*Workbench, error) {
	if cfg.CookieName == "" {
		cfg.CookieName = "brevdue"
	}
	if cfg.Title == "" {
		cfg.Title = "Brevdue"
	}
	if cfg.Speed == 0 {
		cfg.Speed = 1
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	w := &Workbench{cfg: cfg, zone: kalender.Copenhagen()}
	var err error
	if w.words, err = text.Load(); err != nil {
		return nil, err
	}
	if w.static, err = newAssets(); err != nil {
		return nil, err
	}
	if w.pages, err = parsePages(w.words); err != nil {
		return nil, err
	}
	w.root = w.routes()
	return w, nil
}

// ServeHTTP answers one request.
func (wb *Workbench) ServeHTTP(w http.ResponseWriter, r *http.Request) { wb.root.ServeHTTP(w, r) }

// Panics returns how many requests ended in a panic. It is always zero in a
// program without bugs.
func (wb *Workbench) Panics() int64 { return wb.panics.Load() }

// route is an address, what it answers, and who may ask.
type route struct {
	needs   mailbox.Right
	pattern string
	answer  handler
	limit   int64 // of what a form may send, in bytes
}

// What an address needs when it is no right of the mailbox's.
const (
	anyone   mailbox.Right = "anyone"
	signedIn mailbox.Right = "signed in" // about the person alone, or the mailbox says what of it is theirs
	wall     mailbox.Right = "wall"      // RightRead, or a screen's token; the page itself asks
)

// table is every address with what it needs. A right of the mailbox is asked for before
// the handler runs, in the unit of the address when it is one in a unit; the mailbox asks
// again for what is done.
func (wb *Workbench) table() (all []route) {
	add := func(needs mailbox.Right, pattern string, h handler) {
		all = append(all, route{needs, pattern, h, maxForm})
	}
	big := func(needs mailbox.Right, pattern string, h handler) {
		all = append(all, route{needs, pattern, h, maxUpload})
	}

	add(anyone, "GET /log-ind", wb.signInPage)
	add(anyone, "POST /log-ind", wb.signIn)
	add(anyone, "POST /log-ud", wb.signOut)
	if wb.cfg.Provider != nil {
		add(anyone, "GET /log-ind/udbyder", wb.toProvider)
		add(anyone, "GET "+PathProvider, wb.fromProvider)
		add(anyone, "GET /log-ud/udbyder", wb.leaveProvider)
		add(anyone, "GET "+PathOut, wb.outOfProvider)
		add(anyone, "POST "+PathLeft, wb.providerLeft)
	}
	if wb.cfg.SAML != nil {
		add(anyone, "GET /log-ind/udbyder", wb.toSAML)
		add(anyone, "POST "+PathSAML, wb.fromSAML)
		add(anyone, "GET "+PathSAMLMetadata, wb.samlMetadata)
	}
	add(anyone, "POST /sprog", wb.switchLanguage)
	add(anyone, "GET /tilgaengelighed", wb.accessibilityPage)

	add(signedIn, "GET /{$}", wb.front)
	add(signedIn, "GET /genveje", wb.keysPage)
	add(signedIn, "POST /gruppe", wb.saveSettings)
	add(signedIn, "GET /advis", wb.mentionsPage)
	add(signedIn, "GET /soeg", wb.searchStart)
	add(signedIn, "POST /soeg", wb.search)
	add(signedIn, "GET /indstillinger", wb.settingsPage)
	add(signedIn, "POST /indstillinger", wb.saveSettings)
	add(signedIn, "POST /indstillinger/sessioner", wb.endSessions)
	add(signedIn, "GET /log-ind/tid", wb.sessionLeft)
	add(signedIn, "POST /log-ind/tid", wb.sessionLeft)

	add(mailbox.RightRead, "GET /enhed/{gln}/indbakke", wb.inboxPage)
	add(mailbox.RightRead, "GET /enhed/{gln}/nyheder", wb.news)
	add(mailbox.RightRead, "GET /enhed/{gln}/brev/{id}", wb.letterPage)
	add(mailbox.RightRead, "GET /enhed/{gln}/brev/{id}/original", wb.originalPage)
	add(mailbox.RightRead, "GET /enhed/{gln}/brev/{id}/original/hent", wb.downloadOriginal)
	add(mailbox.RightSend, "GET /enhed/{gln}/brev/{id}/svar", wb.replyPage)
	add(mailbox.RightSend, "POST /enhed/{gln}/brev/{id}/svar", wb.reply)
	add(mailbox.RightSend, "GET /enhed/{gln}/nyt", wb.composePage)
	add(mailbox.RightSend, "POST /enhed/{gln}/nyt", wb.compose)
	big(mailbox.RightSend, "POST /enhed/{gln}/nyt/bilag", wb.attach)
	big(mailbox.RightSend, "POST /enhed/{gln}/brev/{id}/svar/bilag", wb.attach)
	add(mailbox.RightSend, "GET /enhed/{gln}/kladdebilag/{id}", wb.draftFile)
	add(mailbox.RightSend, "POST /enhed/{gln}/modtagere", wb.receivers)
	add(mailbox.RightRead, "GET /enhed/{gln}/sendt", wb.sentPage)
	add(mailbox.RightRead, "GET /enhed/{gln}/sendt/{id}", wb.sentLetterPage)
	add(mailbox.RightSend, "GET /enhed/{gln}/sendt/{id}/ret", wb.correctPage)
	add(mailbox.RightSend, "POST /enhed/{gln}/sendt/{id}/igen", wb.resend)
	add(mailbox.RightRead, "GET /enhed/{gln}/sendt/{id}/original", wb.originalPage)
	add(mailbox.RightRead, "GET /enhed/{gln}/sendt/{id}/original/hent", wb.downloadOriginal)
	add(mailbox.RightRead, "GET /enhed/{gln}/afsendt/{id}", wb.donePage)

	add(mailbox.RightSend, "GET /enhed/{gln}/kladder", wb.draftsPage)
	add(mailbox.RightSend, "GET /enhed/{gln}/kladder/{id}", wb.openDraft)
	add(mailbox.RightSend, "POST /enhed/{gln}/kladder/{id}/slet", wb.deleteDraft)
	add(mailbox.RightSend, "POST /enhed/{gln}/afsendt/{id}/fortryd", wb.withdraw)
	add(mailbox.RightRead, "POST /enhed/{gln}/valgte", wb.pickedLetters)
	add(mailbox.RightRead, "GET /enhed/{gln}/arkiv", wb.archivePage)
	add(mailbox.RightRead, "GET /enhed/{gln}/brev/{id}/kig", wb.peekPage)
	add(mailbox.RightRead, "GET /enhed/{gln}/brev/{id}/hvem", wb.presence)
	add(mailbox.RightWork, "POST /enhed/{gln}/brev/{id}/arkiver", wb.fileLetter)
	add(mailbox.RightWork, "POST /enhed/{gln}/brev/{id}/frem", wb.unfileLetter)
	add(mailbox.RightWork, "POST /enhed/{gln}/brev/{id}/status", wb.setStage)
	add(mailbox.RightWork, "POST /enhed/{gln}/brev/{id}/notat", wb.addNote)
	add(mailbox.RightWork, "POST /enhed/{gln}/brev/{id}/notat/{note}/slet", wb.removeNote)
	for _, box := range []string{"brev", "sendt"} {
		add(mailbox.RightRead, "GET /enhed/{gln}/"+box+"/{id}/pdf", wb.letterPDF)
		add(mailbox.RightRead, "GET /enhed/{gln}/"+box+"/{id}/bilag/{n}/fil", wb.showAttachment)
		add(mailbox.RightRead, "GET /enhed/{gln}/"+box+"/{id}/bilag/{n}/vis", wb.previewAttachment)
		add(mailbox.RightRead, "GET /enhed/{gln}/"+box+"/{id}/bilag/{n}", wb.downloadAttachment)
		add(mailbox.RightSend, "GET /enhed/{gln}/"+box+"/{id}/videresend", wb.forwardPage)
		add(mailbox.RightWork, "POST /enhed/{gln}/"+box+"/{id}/journal", wb.journalLetter)
		add(mailbox.RightWork, "POST /enhed/{gln}/"+box+"/{id}/journal/fortryd", wb.unjournalLetter)
	}
	add(mailbox.RightWork, "GET /enhed/{gln}/journal", wb.journalPage)
	add(mailbox.RightWork, "POST /enhed/{gln}/journal", wb.journalMany)

	add(mailbox.RightWork, "POST /enhed/{gln}/brev/{id}/tag", wb.takeLetter)
	add(mailbox.RightWork, "GET /enhed/{gln}/brev/{id}/telefon", wb.phonePage)
	add(mailbox.RightWork, "POST /enhed/{gln}/brev/{id}/telefon", wb.addCall)
	add(mailbox.RightWork, "POST /enhed/{gln}/brev/{id}/tildel", wb.assignLetter)
	add(mailbox.RightWork, "POST /enhed/{gln}/brev/{id}/slip", wb.leaveLetter)
	add(mailbox.RightWork, "POST /enhed/{gln}/brev/{id}/hold", wb.setTeam)
	add(mailbox.RightWork, "POST /enhed/{gln}/brev/{id}/ydelser", wb.setServices)
	add(mailbox.RightRead, "POST /enhed/{gln}/fortryd", wb.undo)
	add(wall, "GET /enhed/{gln}/frister", wb.boardPage)
	add(mailbox.RightLead, "POST /enhed/{gln}/frister/vaeg", wb.hangWall)
	add(mailbox.RightLead, "POST /enhed/{gln}/enheden/vaegge", wb.closeWalls)
	add(mailbox.RightWork, "GET /enhed/{gln}/frister/overtag", wb.handOverPage)
	add(mailbox.RightWork, "POST /enhed/{gln}/frister/overtag", wb.handOver)
	add(mailbox.RightLead, "GET /enhed/{gln}/enheden", wb.unitPage)
	add(mailbox.RightLead, "POST /enhed/{gln}/enheden", wb.saveUnit)
	add(mailbox.RightLead, "GET /enhed/{gln}/lukkedage", wb.closedPage)
	add(mailbox.RightLead, "POST /enhed/{gln}/lukkedage", wb.editClosed)
	add(mailbox.RightLead, "GET /enhed/{gln}/fordeling", wb.routesPage)
	add(mailbox.RightLead, "POST /enhed/{gln}/fordeling", wb.editRoutes)
	add(mailbox.RightLead, "GET /enhed/{gln}/aftaler", wb.arrangementsPage)
	add(mailbox.RightLead, "POST /enhed/{gln}/aftaler", wb.editArrangements)
	add(mailbox.RightLead, "GET /enhed/{gln}/tekster", wb.phrasesPage)
	add(mailbox.RightLead, "POST /enhed/{gln}/tekster", wb.editPhrases)
	add(mailbox.RightLead, "GET /enhed/{gln}/emner", wb.subjectsPage)
	add(mailbox.RightLead, "POST /enhed/{gln}/emner", wb.saveSubjects)
	add(mailbox.RightRead, "GET /enhed/{gln}/opgaver", wb.tasksPage)
	add(mailbox.RightWork, "POST /enhed/{gln}/opgaver/{id}", wb.completeTask)
	add(mailbox.RightWork, "POST /enhed/{gln}/opgaver/{id}/igen", wb.reopenTask)

	add(signedIn, "GET /adressebog", wb.directoryPage)
	add(signedIn, "POST /adressebog", wb.searchDirectory)
	add(signedIn, "GET /adressebog/fund", wb.hygienePage)
	add(signedIn, "GET /adressebog/{nummer}", wb.directoryEntryPage)
	add(signedIn, "POST /adressebog/{nummer}/navn", wb.proposeName)
	add(signedIn, "POST /adressebog/{nummer}/navn/{id}", wb.decideName)

	add(signedIn, "GET /aftale", wb.agreementsPage)
	add(mailbox.RightAgree, "POST /aftale", wb.importAgreement)
	add(signedIn, "GET /aftale/skabelon", wb.agreementTemplate)
	add(mailbox.RightTry, "GET /aftale/udenfor", wb.outsidePage)
	add(signedIn, "GET /aftale/{version}", wb.agreementPage)
	add(mailbox.RightAgree, "POST /aftale/{version}", wb.decideAgreement)
	add(signedIn, "GET /aftale/{version}/hent", wb.downloadAgreement)
	add(signedIn, "GET /aftale/{version}/proev", wb.trialPage)
	add(signedIn, "GET /aftale/{version}/forskel", wb.diffPage)
	add(mailbox.RightTry, "GET /aftale/{version}/maaned", wb.monthPage)

	add(mailbox.RightAudit, "GET /revision", wb.auditLogPage)
	add(mailbox.RightAudit, "POST /revision", wb.searchAudit)
	add(mailbox.RightAudit, "POST /revision/eksport", wb.exportAudit)
	add(mailbox.RightAudit, "GET /revision/kontrol", wb.chainPage)
	add(mailbox.RightAudit, "POST /revision/kontrol", wb.checkChain)
	add(mailbox.RightAudit, "POST /revision/bevar", wb.holdLetter)
	add(mailbox.RightAudit, "POST /revision/bevar/{id}/ophaev", wb.releaseLetter)

	add(mailbox.RightAudit, "POST /revision"+pathGlass+"/{id}", wb.reviewGlass)

	add(mailbox.RightGlass, "GET "+pathGlass, wb.glassPage)
	add(mailbox.RightGlass, "POST "+pathGlass, wb.breakGlass)
	add(mailbox.RightGlass, "GET "+pathGlass+"/{id}", wb.glassLetter)
	add(mailbox.RightGlass, "GET "+pathGlass+"/{id}/bilag/{n}", wb.glassAttachment)

	add(mailbox.RightOperate, "GET /drift", wb.operatorPage)
	add(mailbox.RightOperate, "GET /drift/ankomst/{id}", wb.arrivalPage)
	add(mailbox.RightOperate, "GET /drift/ankomst/{id}/hent", wb.downloadArrival)
	add(mailbox.RightOperate, "POST /drift/ankomst/{id}/igen", wb.retryArrival)
	add(mailbox.RightOperate, "POST /drift/ankomst/{id}/luk", wb.closeArrival)
	add(mailbox.RightOperate, "GET /drift/brev/{id}", wb.operatorLetterPage)
	add(mailbox.RightOperate, "POST /drift/opgave/{id}/igen", wb.jobAction(wb.cfg.Box.ReleaseJob, "igen"))
	add(mailbox.RightOperate, "POST /drift/opgave/{id}/hold", wb.jobAction(wb.cfg.Box.HoldJob, "holdt"))
	add(mailbox.RightOperate, "POST /drift/opgave/{id}/opgiv", wb.jobAction(wb.cfg.Box.GiveUpJob, "opgivet"))

	return all
}

// routes serves the table.
func (wb *Workbench) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /statisk/{version}/{name}", wb.static)
	for _, r := range wb.table() {
		mux.Handle(r.pattern, wb.visitWithin(r.answer, r.needs, r.limit))
	}
	mux.Handle("/", wb.visit(func(*visit) error { return brevdue.ErrNotFound }, anyone))

	cross := http.NewCrossOriginProtection()
	if wb.cfg.SAML != nil {
		cross.AddInsecureBypassPattern("POST " + PathSAML) // comes from the provider's page, signed
	}
	cross.SetDenyHandler(wb.visit(func(*visit) error { return errCrossOrigin }, anyone))
	return wb.secure(cross.Handler(mux))
}

// pagePolicy is the Content-Security-Policy of every page.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secure sets the headers that every answer carries.
func (wb *Workbench) secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin") // no-referrer would blank the Origin that forms are judged by
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store")
		if wb.cfg.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// handler answers one visit or says why it cannot.
type handler func(*visit) error

// visit is one request: who asks, in which language, at what time.
type visit struct {
	w      http.ResponseWriter
	r      *http.Request
	now    time.Time
	person *mailbox.Person // nil when nobody is signed in
	token  string          // of the session
	ends   time.Time       // when the session is over, if nothing more is done
	sso    bool            // an identity provider vouches for the person
	words  *text.Words
	choice choices
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// errCrossOrigin is what a form sent from another website gets.
var errCrossOrigin = errors.New("request from another origin")

// maxForm bounds what a form may send, in bytes. A letter's text is at most some
// 31,000 characters (AGR-402).
const maxForm = 512 << 10

// visit wraps a handler: it finds the person, asks whether they may, recovers a panic and
// turns an error into a page.
func (wb *Workbench) visit(h handler, needs mailbox.Right) http.Handler {
	return wb.visitWithin(h, needs, maxForm)
}

// visitWithin is visit for a form that may send so many bytes.
func (wb *Workbench) visitWithin(h handler, needs mailbox.Right, limit int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, now: wb.cfg.Now()}
		v.choice = wb.readChoices(r)
		v.words = wb.words[v.choice.lang("da")]
		defer func() {
			if p := recover(); p == http.ErrAbortHandler {
				panic(p) // an answer that must not look whole
			} else if p != nil {
				wb.panics.Add(1)
				wb.problem(v, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			}
		}()
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		if err := wb.recognise(v); err != nil {
			wb.problem(v, err)
			return
		}
		if wb.tooMany(v) {
			return
		}
		if v.person == nil && needs != anyone && needs != wall {
			wb.turnBack(v)
			return
		}
		err := wb.allow(v, needs)
		if err == nil {
			err = h(v)
		}
		if err != nil {
			wb.problem(v, err)
		}
	})
}

// allow asks the mailbox for what the address needs.
func (wb *Workbench) allow(v *visit, needs mailbox.Right) error {
	switch needs {
	case anyone, signedIn, wall:
		return nil
	}
	var letter int64
	for _, box := range []string{"/brev/{id}", "/sendt/{id}", "/afsendt/{id}"} {
		if strings.Contains(v.r.Pattern, box) {
			letter, _ = v.id() // 0 in the record when it is no number
		}
	}
	return wb.cfg.Box.Allow(v.ctx(), *v.person, needs, brevdue.GLN(v.r.PathValue("gln")), letter)
}

// may tells whether the person of the visit has a right; nobody has one. It decides what
// is shown, not what is done.
func (v *visit) may(r mailbox.Right, unit brevdue.GLN) bool {
	return v.person != nil && v.person.May(r, unit)
}

// recognise finds the person by the session cookie. An unknown or ended session
// is simply nobody.
func (wb *Workbench) recognise(v *visit) error {
	cookie, err := v.r.Cookie(wb.cookieName())
	if err != nil || cookie.Value == "" {
		return nil
	}
	who := wb.cfg.Auth.User
	if v.listening() || v.r.Header.Get(refreshHeader) != "" {
		who = wb.cfg.Auth.Peek // a page that only listens does not keep its person signed in
	}
	user, ends, err := who(v.ctx(), cookie.Value, v.now)
	if errors.Is(err, auth.ErrNoSession) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find session: %w", err)
	}
	v.token, v.ends, v.sso = cookie.Value, ends, user.Issuer != ""
	person := mailbox.PersonOf(user)
	v.person = &person
	v.words = wb.words[v.choice.lang(user.Lang)]
	return nil
}

// problem answers with the page that fits the error and logs what the person
// need not see. Neither holds the address, which a person may have typed a
// number into.
func (wb *Workbench) problem(v *visit, err error) {
	status, name := http.StatusInternalServerError, "error"
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, context.Canceled) && v.ctx().Err() != nil:
		return // the browser went away
	case errors.Is(err, brevdue.ErrNotFound):
		status, name = http.StatusNotFound, "notfound"
	case errors.Is(err, mailbox.ErrRole):
		status, name = http.StatusForbidden, "role"
	case errors.Is(err, brevdue.ErrForbidden):
		status, name = http.StatusForbidden, "forbidden"
	case errors.Is(err, errCrossOrigin):
		status, name = http.StatusForbidden, "cross"
	case errors.Is(err, errNoUnit):
		status, name = http.StatusForbidden, "nounit"
	case errors.Is(err, brevdue.ErrConflict):
		status, name = http.StatusConflict, "conflict"
	case errors.As(err, &tooLarge):
		status, name = http.StatusRequestEntityTooLarge, "large"
	case errors.Is(err, brevdue.ErrTransient):
		status, name = http.StatusServiceUnavailable, "busy"
		v.w.Header().Set("Retry-After", "5")
	}
	ref := ""
	if status >= 500 {
		ref = reference()
		wb.cfg.Log.Error("page failed", "ref", ref, "route", v.r.Pattern, "err", err)
	}
	wb.problemPage(v, status, name, ref)
}

// reference is a short number by which a person and a log line find each other.
func reference() string {
	var b [4]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// address is the client's address without its port, for throttling sign-ins.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
