package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/app"
	"brevdue/internal/config"
	"brevdue/internal/store"
	"brevdue/kalender"
)

func localTime(t time.Time) brevdue.LocalTime { return kalender.LocalOf(t) }

func wireSubject(s string) string { return aftale.WireSubject(s) }

// installation is a fresh installation that is only there to be measured: one node, or
// several on one database.
type installation struct {
	nodes    []*app.App
	dir      string
	login    string
	password string
	now      func() time.Time
}

// where says which archive is measured.
type where struct {
	Dir      string // a folder on the disk to measure; "" for the system's temporary one
	Database string // the address of an empty PostgreSQL database; "" for a file
	Nodes    int    // that share the database; 0 is 1
}

// setUp makes an installation with one unit in a folder of its own below the folder.
func setUp(ctx context.Context, w where, now func() time.Time) (*installation, error) {
	home, err := os.MkdirTemp(w.Dir, "brevdue-bench-")
	if err != nil {
		return nil, err
	}
	i := &installation{dir: home, login: "drift", now: now}
	if err := i.open(ctx, w); err != nil {
		return nil, errors.Join(err, i.tearDown())
	}
	return i, nil
}

func (i *installation) open(ctx context.Context, w where) (err error) {
	data := filepath.Join(i.dir, "data")
	unit := config.Unit{GLN: string(measuredUnit()), Kind: string(brevdue.MunicipalHealth), Name: "Hjemmesygeplejen Målekøbing", Phone: "79990002",
		Services: "yes", Organisation: "Målekøbing Kommune"}
	if i.password, err = app.Init(ctx, app.Setup{Dir: data, Units: []config.Unit{unit}, ValidFrom: kalender.DayOf(i.now()), Now: i.now(), Operator: i.login, Database: w.Database}); err != nil {
		return err
	}
	c, err := config.Load(filepath.Join(data, "config.yaml"))
	if err != nil {
		return err
	}
	c.Network.Settle = 0.05
	for range max(w.Nodes, 1) {
		node, err := app.Open(ctx, app.Options{Config: c, Now: i.now})
		if err != nil {
			return err
		}
		i.nodes = append(i.nodes, node)
	}
	return nil
}

func (i *installation) tearDown() error {
	var errs []error
	for _, n := range i.nodes {
		errs = append(errs, n.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(i.dir))...)
}

func (i *installation) store() store.Store { return i.nodes[0].Store }

// work lets every node do its jobs until stop is called.
func (i *installation) work(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var jobs sync.WaitGroup
	for _, n := range i.nodes {
		jobs.Go(func() { _ = n.Queue.Run(ctx) }) // ends with the context, which is no error
	}
	return func() { cancel(); jobs.Wait() }
}

// feed lets letters arrive 64 at a time, as the folder network does, at the nodes in
// turn, and returns when each is in the archive.
func (i *installation) feed(ctx context.Context, from, n int) error {
	next := make(chan int)
	failed := make(chan error, 64)
	var senders sync.WaitGroup
	sent := i.now()
	for range cap(failed) {
		senders.Go(func() {
			var err error
			for k := range next {
				var data []byte
				if data, err = postOne(k, sent); err == nil {
					err = i.nodes[k%len(i.nodes)].Gateway.Receive(ctx, "folder", data)
				}
				if err != nil {
					break
				}
			}
			for range next { // the others may end
			}
			failed <- err
		})
	}
	for k := from; k < from+n && ctx.Err() == nil; k++ {
		next <- k
	}
	close(next)
	senders.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// inbox waits until n letters are in the unit's inbox; each was committed
// together with its receipt.
func (i *installation) inbox(ctx context.Context, n int) error {
	return wait(ctx, 50*time.Millisecond, func() (bool, error) {
		all := 0
		err := i.store().View(ctx, func(tx store.Tx) error {
			count, err := tx.Letters().Counts(ctx, measuredUnit(), i.now())
			all = count.All
			return err
		})
		return all >= n, err
	})
}

// quiet waits until no job is due and none is running: every receipt was handed over.
func (i *installation) quiet(ctx context.Context) error {
	return wait(ctx, 10*time.Millisecond, func() (quiet bool, err error) {
		err = i.store().View(ctx, func(tx store.Tx) error {
			running, err := tx.Jobs().List(ctx, store.JobRunning, 1)
			if err != nil || len(running) > 0 {
				return err
			}
			next, err := tx.Jobs().Next(ctx)
			quiet = errors.Is(err, brevdue.ErrNotFound) || err == nil && next.After(i.now())
			if errors.Is(err, brevdue.ErrNotFound) {
				err = nil
			}
			return err
		})
		return quiet, err
	})
}

func wait(ctx context.Context, every time.Duration, done func() (bool, error)) error {
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(every):
		}
	}
}

// MeasureInbox fills the inbox of one unit with so many letters, signs in through
// the door and asks for its page n times over the network of this machine.
func MeasureInbox(ctx context.Context, dir string, letters, n int, now func() time.Time) (_ Measurement, err error) {
	i, err := setUp(ctx, where{Dir: dir}, now)
	if err != nil {
		return Measurement{}, err
	}
	defer func() { err = errors.Join(err, i.tearDown()) }()
	l, err := app.Listen("127.0.0.1:0")
	if err != nil {
		return Measurement{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- i.nodes[0].Serve(ctx, l) }()
	defer func() { cancel(); err = errors.Join(err, <-served) }()

	if err := i.feed(ctx, 0, letters); err != nil {
		return Measurement{}, err
	}
	if err := i.inbox(ctx, letters); err != nil {
		return Measurement{}, err
	}
	// The receipts have to be out: they would share the disk with the page.
	if err := i.quiet(ctx); err != nil {
		return Measurement{}, err
	}
	b, err := newBrowser("http://"+l.Addr().String(), i.login, i.password)
	if err != nil {
		return Measurement{}, err
	}
	defer b.CloseIdleConnections()
	return b.inboxPages(letters, n, now)
}

// browser is a signed-in browser without scripts.
type browser struct {
	*http.Client
	base string
}

// newBrowser signs in.
func newBrowser(base, login, password string) (*browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	b := &browser{Client: &http.Client{Jar: jar, Transport: &http.Transport{}}, base: base}
	answer, err := b.PostForm(base+"/log-ind", url.Values{"login": {login}, "password": {password}})
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || strings.HasSuffix(answer.Request.URL.Path, "/log-ind") {
		return nil, fmt.Errorf("sign-in was answered with %s", answer.Status)
	}
	return b, nil
}

// page asks for a page and returns how many bytes it has.
func (b *browser) page(path string) (int64, error) {
	answer, err := b.Get(b.base + path)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("the inbox was answered with %s", answer.Status)
	}
	return io.Copy(io.Discard, answer.Body)
}

func (b *browser) inboxPages(letters, n int, now func() time.Time) (Measurement, error) {
	path := measuredInbox()
	if _, err := b.page(path); err != nil { // the first fills the caches
		return Measurement{}, err
	}
	var times []float64
	var size int64
	start := now()
	for range n {
		asked := now()
		var err error
		if size, err = b.page(path); err != nil {
			return Measurement{}, err
		}
		times = append(times, now().Sub(asked).Seconds()*1000)
	}
	result := measured("inbox", n, now().Sub(start))
	slices.Sort(times)
	result.Letters, result.PageKB = letters, round(float64(size)/1024)
	result.MedianMS, result.P95MS = round(part(times, 50)), round(part(times, 95))
	return result, nil
}
