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

// routes is the table of addresses.
func (wb *Workbench) routes() http.Handler {
	mux := http.NewServeMux()
	open := func(pattern string, h handler) { mux.Handle(pattern, wb.visit(h, false)) }
	known := func(pattern string, h handler) { mux.Handle(pattern, wb.visit(h, true)) }

	mux.Handle("GET /statisk/{version}/{name}", wb.static)
	open("GET /log-ind", wb.signInPage)
	open("POST /log-ind", wb.signIn)
	open("POST /log-ud", wb.signOut)
	if wb.cfg.Provider != nil {
		open("GET /log-ind/udbyder", wb.toProvider)
		open("GET "+PathProvider, wb.fromProvider)
		open("GET /log-ud/udbyder", wb.leaveProvider)
		open("GET "+PathOut, wb.outOfProvider)
		open("POST "+PathLeft, wb.providerLeft)
	}
	if wb.cfg.SAML != nil {
		open("GET /log-ind/udbyder", wb.toSAML)
		open("POST "+PathSAML, wb.fromSAML)
		open("GET "+PathSAMLMetadata, wb.samlMetadata)
	}
	open("POST /sprog", wb.switchLanguage)
	open("GET /tilgaengelighed", wb.accessibilityPage)

	known("GET /{$}", wb.front)
	known("GET /genveje", wb.keysPage)
	known("POST /gruppe", wb.saveSettings)
	known("GET /advis", wb.mentionsPage)
	known("GET /soeg", wb.searchStart)
	known("POST /soeg", wb.search)
	known("GET /indstillinger", wb.settingsPage)
	known("POST /indstillinger", wb.saveSettings)
	known("POST /indstillinger/sessioner", wb.endSessions)
	known("GET /log-ind/tid", wb.sessionLeft)
	known("POST /log-ind/tid", wb.sessionLeft)

	known("GET /enhed/{gln}/indbakke", wb.inboxPage)
	known("GET /enhed/{gln}/nyheder", wb.news)
	known("GET /enhed/{gln}/brev/{id}", wb.letterPage)
	known("GET /enhed/{gln}/brev/{id}/original", wb.originalPage)
	known("GET /enhed/{gln}/brev/{id}/original/hent", wb.downloadOriginal)
	known("GET /enhed/{gln}/brev/{id}/svar", wb.replyPage)
	known("POST /enhed/{gln}/brev/{id}/svar", wb.reply)
	known("GET /enhed/{gln}/nyt", wb.composePage)
	known("POST /enhed/{gln}/nyt", wb.compose)
	mux.Handle("POST /enhed/{gln}/nyt/bilag", wb.visitWithin(wb.attach, true, maxUpload))
	mux.Handle("POST /enhed/{gln}/brev/{id}/svar/bilag", wb.visitWithin(wb.attach, true, maxUpload))
	known("GET /enhed/{gln}/kladdebilag/{id}", wb.draftFile)
	known("POST /enhed/{gln}/modtagere", wb.receivers)
	known("GET /enhed/{gln}/sendt", wb.sentPage)
	known("GET /enhed/{gln}/sendt/{id}", wb.sentLetterPage)
	known("GET /enhed/{gln}/sendt/{id}/ret", wb.correctPage)
	known("POST /enhed/{gln}/sendt/{id}/igen", wb.resend)
	known("GET /enhed/{gln}/sendt/{id}/original", wb.originalPage)
	known("GET /enhed/{gln}/sendt/{id}/original/hent", wb.downloadOriginal)
	known("GET /enhed/{gln}/afsendt/{id}", wb.donePage)

	known("GET /enhed/{gln}/kladder", wb.draftsPage)
	known("GET /enhed/{gln}/kladder/{id}", wb.openDraft)
	known("POST /enhed/{gln}/kladder/{id}/slet", wb.deleteDraft)
	known("POST /enhed/{gln}/afsendt/{id}/fortryd", wb.withdraw)
	known("POST /enhed/{gln}/valgte", wb.pickedLetters)
	known("GET /enhed/{gln}/arkiv", wb.archivePage)
	known("GET /enhed/{gln}/brev/{id}/kig", wb.peekPage)
	known("GET /enhed/{gln}/brev/{id}/hvem", wb.presence)
	known("POST /enhed/{gln}/brev/{id}/arkiver", wb.fileLetter)
	known("POST /enhed/{gln}/brev/{id}/frem", wb.unfileLetter)
	known("POST /enhed/{gln}/brev/{id}/status", wb.setStage)
	known("POST /enhed/{gln}/brev/{id}/notat", wb.addNote)
	known("POST /enhed/{gln}/brev/{id}/notat/{note}/slet", wb.removeNote)
	for _, box := range []string{"brev", "sendt"} {
		known("GET /enhed/{gln}/"+box+"/{id}/pdf", wb.letterPDF)
		known("GET /enhed/{gln}/"+box+"/{id}/bilag/{n}/fil", wb.showAttachment)
		known("GET /enhed/{gln}/"+box+"/{id}/bilag/{n}/vis", wb.previewAttachment)
		known("GET /enhed/{gln}/"+box+"/{id}/bilag/{n}", wb.downloadAttachment)
		known("GET /enhed/{gln}/"+box+"/{id}/videresend", wb.forwardPage)
		known("POST /enhed/{gln}/"+box+"/{id}/journal", wb.journalLetter)
		known("POST /enhed/{gln}/"+box+"/{id}/journal/fortryd", wb.unjournalLetter)
	}
	known("GET /enhed/{gln}/journal", wb.journalPage)
	known("POST /enhed/{gln}/journal", wb.journalMany)

	known("POST /enhed/{gln}/brev/{id}/tag", wb.takeLetter)
	known("POST /enhed/{gln}/brev/{id}/slip", wb.leaveLetter)
	known("POST /enhed/{gln}/brev/{id}/hold", wb.setTeam)
	known("POST /enhed/{gln}/brev/{id}/ydelser", wb.setServices)
	known("POST /enhed/{gln}/fortryd", wb.undo)
	open("GET /enhed/{gln}/frister", wb.boardPage)
	known("POST /enhed/{gln}/frister/vaeg", wb.hangWall)
	known("POST /enhed/{gln}/enheden/vaegge", wb.closeWalls)
	known("GET /enhed/{gln}/frister/overtag", wb.handOverPage)
	known("POST /enhed/{gln}/frister/overtag", wb.handOver)
	known("GET /enhed/{gln}/enheden", wb.unitPage)
	known("POST /enhed/{gln}/enheden", wb.saveUnit)
	known("GET /enhed/{gln}/lukkedage", wb.closedPage)
	known("POST /enhed/{gln}/lukkedage", wb.editClosed)
	known("GET /enhed/{gln}/fordeling", wb.routesPage)
	known("POST /enhed/{gln}/fordeling", wb.editRoutes)
	known("GET /enhed/{gln}/aftaler", wb.arrangementsPage)
	known("POST /enhed/{gln}/aftaler", wb.editArrangements)
	known("GET /enhed/{gln}/tekster", wb.phrasesPage)
	known("POST /enhed/{gln}/tekster", wb.editPhrases)
	known("GET /enhed/{gln}/emner", wb.subjectsPage)
	known("POST /enhed/{gln}/emner", wb.saveSubjects)
	known("GET /enhed/{gln}/opgaver", wb.tasksPage)
	known("POST /enhed/{gln}/opgaver/{id}", wb.completeTask)
	known("POST /enhed/{gln}/opgaver/{id}/igen", wb.reopenTask)

	known("GET /aftale", wb.agreementsPage)
	known("POST /aftale", wb.importAgreement)
	known("GET /aftale/skabelon", wb.agreementTemplate)
	known("GET /aftale/udenfor", wb.outsidePage)
	known("GET /aftale/{version}", wb.agreementPage)
	known("POST /aftale/{version}", wb.decideAgreement)
	known("GET /aftale/{version}/hent", wb.downloadAgreement)
	known("GET /aftale/{version}/proev", wb.trialPage)
	known("GET /aftale/{version}/forskel", wb.diffPage)
	known("GET /aftale/{version}/maaned", wb.monthPage)

	known("GET /revision", wb.auditLogPage)
	known("POST /revision", wb.searchAudit)
	known("POST /revision/eksport", wb.exportAudit)
	known("GET /revision/kontrol", wb.chainPage)
	known("POST /revision/kontrol", wb.checkChain)
	known("POST /revision/bevar", wb.holdLetter)
	known("POST /revision/bevar/{id}/ophaev", wb.releaseLetter)

	known("GET /drift", wb.operatorPage)
	known("GET /drift/ankomst/{id}", wb.arrivalPage)
	known("GET /drift/ankomst/{id}/hent", wb.downloadArrival)
	known("POST /drift/ankomst/{id}/igen", wb.retryArrival)
	known("POST /drift/ankomst/{id}/luk", wb.closeArrival)
	known("GET /drift/brev/{id}", wb.operatorLetterPage)
	known("POST /drift/opgave/{id}/igen", wb.jobAction(wb.cfg.Box.ReleaseJob, "igen"))
	known("POST /drift/opgave/{id}/hold", wb.jobAction(wb.cfg.Box.HoldJob, "holdt"))
	known("POST /drift/opgave/{id}/opgiv", wb.jobAction(wb.cfg.Box.GiveUpJob, "opgivet"))

	mux.Handle("/", wb.visit(func(*visit) error { return brevdue.ErrNotFound }, false))

	cross := http.NewCrossOriginProtection()
	if wb.cfg.SAML != nil {
		cross.AddInsecureBypassPattern("POST " + PathSAML) // comes from the provider's page, signed
	}
	cross.SetDenyHandler(wb.visit(func(*visit) error { return errCrossOrigin }, false))
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

// visit wraps a handler: it finds the person, recovers a panic and turns an
// error into a page.
func (wb *Workbench) visit(h handler, signedIn bool) http.Handler {
	return wb.visitWithin(h, signedIn, maxForm)
}

// visitWithin is visit for a form that may send so many bytes.
func (wb *Workbench) visitWithin(h handler, signedIn bool, limit int64) http.Handler {
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
		if signedIn && v.person == nil {
			wb.turnBack(v)
			return
		}
		if err := h(v); err != nil {
			wb.problem(v, err)
		}
	})
}

// recognise finds the person by the session cookie. An unknown or ended session
// is simply nobody.
func (wb *Workbench) recognise(v *visit) error {
	cookie, err := v.r.Cookie(wb.cookieName())
	if err != nil || cookie.Value == "" {
		return nil
	}
	who := wb.cfg.Auth.User
	if v.r.Header.Get("Accept") == eventStream || v.r.Header.Get(refreshHeader) != "" {
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
	v.person = &mailbox.Person{ID: user.ID, Login: user.Login, Name: user.Name, Title: user.Title,
		Lang: user.Lang, Operator: user.Operator, Secretariat: user.Secretariat, Auditor: user.Auditor, Units: user.Units}
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
