// Package app builds an installation of its parts and starts and stops them in
// order. It is the only room that knows everybody.
//
// Deliberately missing: any state outside the [App] value, so that two
// installations can live in one process (the demo and the tests do).
//
// What surprises: the network is the last to start and the first to stop;
// whatever it has taken by then is in the archive, and its jobs go on at the next
// start. A lock file keeps a second process from the same folder.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/auth"
	"brevdue/internal/config"
	"brevdue/internal/gateway"
	"brevdue/internal/mailbox"
	"brevdue/internal/queue"
	"brevdue/internal/store"
	"brevdue/internal/telemetry"
	"brevdue/internal/web"
	"brevdue/sor"
)

// Options are what an installation gets from whoever starts it.
type Options struct {
	Config *config.Config
	Now    func() time.Time // the clock of letters and deadlines
	Log    *slog.Logger
	// Speed is how fast Now runs, 1 for a real clock; the pages' clocks follow it.
	Speed      float64
	CookieName string // two installations on one host need two names
	Title      string
	// Directory replaces the configured directory file when it is not nil.
	Directory *sor.Directory
	// Limited turns away who asks the pages too often; whoever measures leaves it out.
	Limited bool
	// Hook and Premature are the gateway's: for brevdue torture.
	Hook      func(point string)
	Premature bool
}

// App is one installation.
type App struct {
	Store   store.Store
	Auth    *auth.Auth
	Box     *mailbox.Box
	Gateway *gateway.Gateway
	Queue   *queue.Queue

	config    *config.Config
	log       *slog.Logger
	files     []*aftale.Agreement           // of the installation's folder
	book      atomic.Pointer[aftale.Book]   // files and what the pages put in force
	register  *sor.Directory                // as the file has it; of Open, and then of watchDirectory alone
	filed     os.FileInfo                   // of the directory file when it was read; nil: there was none
	shown     map[brevdue.GLN]string        // the names register was shown with last
	directory atomic.Pointer[sor.Directory] // with the names people have agreed on
	net       network
	reading   trouble // of the network
	handler   http.Handler
	options   Options
	unlock    func()
	ready     chan struct{} // closed when everything runs
}

// Open opens the archive, brings it up to date and builds all parts. Nothing
// runs yet. The caller must Close the App.
func Open(ctx context.Context, o Options) (_ *App, err error) {
	c := o.Config
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Speed == 0 {
		o.Speed = 1
	}
	for _, w := range c.Warnings {
		o.Log.Warn("configuration", "remark", w)
	}
	if remark := c.KeyRemark(); remark != "" {
		o.Log.Warn("configuration", "remark", remark)
	}
	if c.Exposed() {
		o.Log.Warn("other machines reach the workbench without HTTPS: put a web server with TLS in front and set secure_cookies", "listen", c.Listen)
	}
	a := &App{config: c, log: o.Log, options: o, ready: make(chan struct{})}
	book, err := LoadAgreements(c.Path(c.Aftaler), o.Log)
	if err != nil {
		return nil, err
	}
	a.files = book.All()
	if err := a.loadDirectory(); err != nil {
		return nil, err
	}
	if a.Store, a.unlock, err = openAlone(ctx, c); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if err := a.prepare(ctx); err != nil {
		return nil, err
	}
	if err := a.reloadAgreements(ctx); err != nil {
		return nil, err
	}
	if err := a.nameDirectory(ctx); err != nil {
		return nil, err
	}
	a.build(o)
	saml, err := newSAML(c)
	if err != nil {
		return nil, err
	}
	var limits web.Limits
	if o.Limited {
		limits = web.DefaultLimits()
	}
	wb, err := web.New(web.Config{
		Box: a.Box, Auth: a.Auth, Listen: a.Store.Listen, Now: o.Now, Speed: o.Speed, Log: o.Log, CookieName: o.CookieName,
		Secure: c.SecureCookies, Title: o.Title, Provider: newProvider(c), SAML: saml, NoLocal: c.SignIn.NoLocal, Limits: limits,
	})
	if err != nil {
		return nil, fmt.Errorf("workbench: %w", err)
	}
	a.handler = a.routes(wb)
	return a, nil
}

func (a *App) build(o Options) {
	c := o.Config
	books := a.book.Load
	a.net = newNetwork(c, o.Log, a.reading.set)
	a.Gateway = gateway.New(gateway.Config{
		Store: a.Store, Books: books, Directory: a.directory.Load, Deliver: a.net.Deliver, Now: o.Now, Log: o.Log,
		Hook: o.Hook, Premature: o.Premature,
		Network: gateway.Network{Name: c.Network.Name, Wrap: c.Network.Wrap, Await: c.Network.Await(), Resend: c.Network.Resend},
	})
	// A clock that runs faster wants more looks; a worker gets its two real minutes.
	poll, lease := time.Second, 2*time.Minute
	if c.Shared() {
		lease = 10 * time.Second // what a node had in hand when it died, another takes up
	}
	if o.Speed > 1 {
		poll = max(20*time.Millisecond, time.Duration(float64(poll)/o.Speed))
		lease = time.Duration(float64(lease) * o.Speed)
	}
	a.Queue = queue.New(queue.Config{Store: a.Store, Now: o.Now, Log: o.Log, Handlers: a.Gateway.Handlers(), Apart: gateway.Outgoing(), Poll: poll, Lease: lease, Sole: !c.Shared()})
	a.Auth = auth.New(a.Store)
	a.Auth.Speed = o.Speed
	a.Box = mailbox.New(mailbox.Config{Store: a.Store, Books: books, Directory: a.directory.Load, Now: o.Now, Log: o.Log, Certified: certified(o.Config.Network),
		Undo: time.Duration(float64(o.Config.Network.Undo()) * o.Speed), Glass: o.Config.BreakGlass})
}

// prepare makes the installation's tag at the first start and writes the
// configured units into the archive.
func (a *App) prepare(ctx context.Context) error {
	return a.Store.Update(ctx, func(tx store.Tx) error {
		if err := refuseMoved(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Settings().Get(ctx, store.KeyTag)
		if errors.Is(err, brevdue.ErrNotFound) {
			err = tx.Settings().Set(ctx, store.KeyTag, store.NewTag())
		}
		if err != nil {
			return fmt.Errorf("installation tag: %w", err)
		}
		configured := map[brevdue.GLN]bool{}
		for _, u := range a.config.Units {
			configured[brevdue.GLN(u.GLN)] = true
			if err := tx.Units().Put(ctx, u.Record()); err != nil {
				return fmt.Errorf("unit %s: %w", u.GLN, err)
			}
		}
		// Letters are on their way to a unit for a while after it was taken out of the
		// file; refusing them would be a decision about patients.
		units, err := tx.Units().List(ctx)
		for _, u := range units {
			if !configured[u.GLN] {
				a.log.Warn("a unit is no longer in config.yaml but still receives letters", "unit", string(u.GLN))
			}
		}
		return err
	})
}

// Rules returns the rules an installation adds to those of the library: who a
// letter is for, whether it came before, and when it was sent.
func Rules() []brevdue.Rule { return gateway.Rules() }

// LoadAgreements reads every .yaml file of a folder. Errors name file, line and
// column; remarks are logged.
func LoadAgreements(dir string, log *slog.Logger) (*aftale.Book, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no agreement (.yaml) in %s: run brevdue init, or put the file there", dir)
	}
	slices.Sort(files)
	var all []*aftale.Agreement
	inForce := false
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		agreement, findings := aftale.Load(content)
		for _, finding := range findings {
			if finding.Severity == brevdue.SeverityError {
				return nil, fmt.Errorf("%s:%d:%d: %s %s", f, finding.Pos.Line, finding.Pos.Column, finding.Rule, finding.TextEN)
			}
		}
		inForce = inForce || !agreement.Draft()
		all = append(all, agreement)
	}
	book, findings := aftale.NewBook(all...)
	for _, f := range findings {
		if f.Severity == brevdue.SeverityError {
			return nil, fmt.Errorf("%s: %s %s", dir, f.Rule, f.TextEN)
		}
	}
	if !inForce {
		log.Warn("every agreement is a draft without gyldig_fra: no letter gets a deadline", "folder", dir)
	}
	return book, nil
}

// routes puts the health pages before the workbench.
func (a *App) routes(wb http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-a.ready:
		default:
			http.Error(w, "starting", http.StatusServiceUnavailable)
			return
		}
		if err := a.Store.View(r.Context(), func(tx store.Tx) error { _, err := tx.Units().List(r.Context()); return err }); err != nil {
			http.Error(w, "the archive does not answer", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.Handle("GET /metrics", telemetry.Metrics(a.measures, a.log))
	mux.Handle("/", wb)
	return mux
}

// Handler returns the web pages, for tests and benchmarks.
func (a *App) Handler() http.Handler { return a.handler }

// Serve runs the installation on a listener until the context ends, then stops
// its parts: network, pages, jobs. Close is still to be called.
func (a *App) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: a.handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
	queueCtx, stopQueue := context.WithCancel(context.WithoutCancel(ctx))
	defer stopQueue()
	networkCtx, stopNetwork := context.WithCancel(ctx)
	defer stopNetwork()
	// Pages that wait for news end when the server stops.
	baseCtx, stopPages := context.WithCancel(context.WithoutCancel(ctx))
	defer stopPages()
	server.BaseContext = func(net.Listener) context.Context { return baseCtx }

	failed := make(chan error, 3)
	var queueDone, networkDone, serverDone sync.WaitGroup
	queueDone.Go(func() {
		if err := a.Queue.Run(queueCtx); err != nil && !errors.Is(err, context.Canceled) {
			failed <- fmt.Errorf("jobs: %w", err)
		}
	})
	serverDone.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("pages: %w", err)
		}
	})
	networkDone.Go(func() {
		if err := a.runNetwork(networkCtx); err != nil {
			failed <- fmt.Errorf("network: %w", err)
		}
	})
	go a.watchAgreements(baseCtx)
	var watching sync.WaitGroup
	watching.Go(func() { a.watchDirectory(baseCtx) })
	watching.Go(func() { a.watchTrouble(baseCtx, a.options) })
	watching.Go(func() { a.indexLetters(baseCtx) })
	watching.Go(func() { a.retain(baseCtx, a.options) })
	close(a.ready)
	a.log.Info("running", "address", l.Addr().String(), "units", len(a.config.Units))

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stopNetwork()
	networkDone.Wait()
	stopPages()
	watching.Wait()
	graceful, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if shutdown := server.Shutdown(graceful); shutdown != nil {
		server.Close()
	}
	serverDone.Wait()
	stopQueue()
	queueDone.Wait()
	a.log.Info("stopped")
	return err
}

// Listen opens the address pages are served on, with an error that says what to do.
func Listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil && strings.Contains(err.Error(), "address already in use") {
		return nil, fmt.Errorf("%s is in use: stop the other program, or choose another address with --listen", addr)
	}
	return l, err
}

// URL is the address of the pages as a person on this machine types it.
func URL(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "http://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Close closes the archive and lets other processes have the folder.
func (a *App) Close() error {
	var err error
	if closer, ok := a.net.(interface{ Close() }); ok {
		closer.Close()
	}
	if a.Store != nil {
		err = a.Store.Close()
		a.Store = nil
	}
	if a.unlock != nil {
		a.unlock()
		a.unlock = nil
	}
	return err
}
