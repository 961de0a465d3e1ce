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

// installation is a fresh installation that is only there to be measured.
type installation struct {
	*app.App
	dir      string
	login    string
	password string
}

// setUp makes an installation with one unit in a folder of its own below dir.
func setUp(ctx context.Context, dir string, now func() time.Time) (*installation, error) {
	home, err := os.MkdirTemp(dir, "brevdue-bench-")
	if err != nil {
		return nil, err
	}
	i := &installation{dir: home, login: "drift"}
	if err := i.open(ctx, now); err != nil {
		return nil, errors.Join(err, os.RemoveAll(home))
	}
	return i, nil
}

func (i *installation) open(ctx context.Context, now func() time.Time) (err error) {
	data := filepath.Join(i.dir, "data")
	unit := config.Unit{GLN: string(measuredUnit()), Kind: string(brevdue.MunicipalHealth), Name: "Hjemmesygeplejen Målekøbing", Phone: "79990002",
		Services: "yes", Organisation: "Målekøbing Kommune"}
	if i.password, err = app.Init(ctx, app.Setup{Dir: data, Units: []config.Unit{unit}, ValidFrom: kalender.DayOf(now()), Now: now(), Operator: i.login}); err != nil {
		return err
	}
	c, err := config.Load(filepath.Join(data, "config.yaml"))
	if err != nil {
		return err
	}
	i.App, err = app.Open(ctx, app.Options{Config: c, Now: now})
	return err
}

func (i *installation) tearDown() error { return errors.Join(i.Close(), os.RemoveAll(i.dir)) }

// feed lets letters arrive 64 at a time, as the folder network does, and returns
// when each is in the archive.
func (i *installation) feed(ctx context.Context, letters [][]byte) error {
	next := make(chan []byte)
	failed := make(chan error, len(letters))
	var senders sync.WaitGroup
	for range 64 {
		senders.Go(func() {
			for data := range next {
				if err := i.Gateway.Receive(ctx, "folder", data); err != nil {
					failed <- err
				}
			}
		})
	}
	for _, data := range letters {
		next <- data
	}
	close(next)
	senders.Wait()
	close(failed)
	return <-failed
}

// inbox waits until n letters are in the unit's inbox; each was committed
// together with its receipt.
func (i *installation) inbox(ctx context.Context, n int, now func() time.Time) error {
	return wait(ctx, func() (bool, error) {
		all := 0
		err := i.Store.View(ctx, func(tx store.Tx) error {
			count, err := tx.Letters().Counts(ctx, measuredUnit(), now())
			all = count.All
			return err
		})
		return all >= n, err
	})
}

// outgoing waits until n receipts were handed to the network.
func (i *installation) outgoing(ctx context.Context, n int) error {
	return wait(ctx, func() (bool, error) {
		files, err := os.ReadDir(filepath.Join(i.dir, "data", "network", "out"))
		return len(files) >= n, err
	})
}

func wait(ctx context.Context, done func() (bool, error)) error {
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// MeasureWalk lets n letters, half DIS91 and half XDIS91, walk from the network
// into the inbox of a fresh installation whose disk is below dir, three times: from
// the first byte to the commit that holds the last letter and its receipt.
func MeasureWalk(ctx context.Context, dir string, n int, now func() time.Time) (Measurement, error) {
	letters, err := mixed(n, now())
	if err != nil {
		return Measurement{}, err
	}
	var runs, answered []float64
	for range 3 {
		committed, handed, err := walk(ctx, dir, letters, now)
		if err != nil {
			return Measurement{}, err
		}
		runs, answered = append(runs, rate(n, committed)), append(answered, rate(n, handed))
	}
	result := Measurement{What: "walk", N: n, PerSecond: median(runs), Runs: runs, Answered: median(answered), BytesPerLetter: len(letters[0])}
	result.Seconds = round(float64(n) / result.PerSecond)
	return result, nil
}

// mixed is n letters, every other of each format.
func mixed(n int, now time.Time) ([][]byte, error) {
	dis91, err := post(n, brevdue.DIS91, now)
	if err != nil {
		return nil, err
	}
	xdis91, err := post(n, brevdue.XDIS91, now)
	if err != nil {
		return nil, err
	}
	for i := 1; i < n; i += 2 {
		dis91[i] = xdis91[i]
	}
	return dis91, nil
}

func walk(ctx context.Context, dir string, letters [][]byte, now func() time.Time) (committed, handed time.Duration, err error) {
	i, err := setUp(ctx, dir, now)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, i.tearDown()) }()
	ctx, cancel := context.WithCancel(ctx)
	var jobs sync.WaitGroup
	defer jobs.Wait()
	defer cancel()
	jobs.Go(func() { i.Queue.Run(ctx) }) // ends with the context, which is no error

	start := now()
	if err := i.feed(ctx, letters); err != nil {
		return 0, 0, err
	}
	if err := i.inbox(ctx, len(letters), now); err != nil {
		return 0, 0, err
	}
	committed = now().Sub(start)
	if err := i.outgoing(ctx, len(letters)); err != nil {
		return 0, 0, err
	}
	return committed, now().Sub(start), nil
}

// MeasureInbox fills the inbox of one unit with so many letters, signs in through
// the door and asks for its page n times over the network of this machine.
func MeasureInbox(ctx context.Context, dir string, letters, n int, now func() time.Time) (_ Measurement, err error) {
	data, err := mixed(letters, now())
	if err != nil {
		return Measurement{}, err
	}
	i, err := setUp(ctx, dir, now)
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
	go func() { served <- i.Serve(ctx, l) }()
	defer func() { cancel(); err = errors.Join(err, <-served) }()

	if err := i.feed(ctx, data); err != nil {
		return Measurement{}, err
	}
	if err := i.inbox(ctx, letters, now); err != nil {
		return Measurement{}, err
	}
	// The receipts have to be out: they would share the disk with the page.
	if err := i.outgoing(ctx, letters); err != nil {
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
	path := "/enhed/" + string(measuredUnit()) + "/indbakke"
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
	result.MedianMS, result.P95MS = round(median(times)), round(times[min(len(times)-1, len(times)*95/100)])
	return result, nil
}
