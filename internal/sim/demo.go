package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/internal/auth"
	"brevdue/internal/config"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// DemoOptions are what the demo command was told.
type DemoOptions struct {
	Listen string // address of the regional side; the local side gets the next port
	Dir    string // empty or not there
	Speed  float64
	Begin  time.Time // what the demo's clock shows at the start
	Log    *slog.Logger
	Pace   time.Duration // real time between new letters; 0 means 15 seconds
}

// Demo is two installations and the network between them.
type Demo struct {
	Region   Region
	Network  *Network
	Clock    *Clock
	Regional *Side
	Local    *Side
	Logins   []Login
	pace     time.Duration
	log      *slog.Logger
	people   map[string]mailbox.Person // by login, of the two sides together
}

// Side is one installation of the demo.
type Side struct {
	App  *app.App
	URL  string // of the workbench, "http://127.0.0.1:8642"
	list net.Listener
	in   string // its network folder
}

// Login is somebody who can sign in to the demo.
type Login struct {
	Who, Login, Password, URL string
}

// DemoPassword opens every account of a demo, which listens on this machine only
// and holds nobody's data.
const DemoPassword = "brevdue"

// NewDemo makes both installations in a folder and opens their addresses. The
// caller must Run or Close it.
func NewDemo(ctx context.Context, o DemoOptions) (_ *Demo, err error) {
	if o.Pace == 0 {
		o.Pace = 15 * time.Second
	}
	d := &Demo{Region: NewRegion(), Clock: NewClock(o.Begin, o.Speed), pace: o.Pace, log: o.Log, people: map[string]mailbox.Person{}}
	d.Network = &Network{Delay: 300 * time.Millisecond, Now: d.Clock.Now, Log: o.Log}
	defer func() {
		if err != nil {
			d.Close()
		}
	}()
	local, err := nextPort(o.Listen)
	if err != nil {
		return nil, err
	}
	hash, err := auth.NewHasher().Hash(ctx, DemoPassword)
	if err != nil {
		return nil, err
	}
	r := &d.Region
	if d.Regional, err = d.side(ctx, o, "region", "Brevdue · Regionen", o.Listen, r.Regional); err != nil {
		return nil, err
	}
	if d.Local, err = d.side(ctx, o, "lokal", "Brevdue · Kommuner og praksis", local, r.Local, r.Closed); err != nil {
		return nil, err
	}
	for _, p := range []struct {
		side  *Side
		who   string
		login string
		name  string
		title string
		units []brevdue.GLN
	}{
		{d.Regional, "hospital ward", "afdeling", "Mette Sommer", "Sygeplejerske", []brevdue.GLN{r.Ward}},
		{d.Regional, "outpatient clinic", "klinik", "Lis Bro", "Sygeplejerske", []brevdue.GLN{r.Clinic}},
		{d.Regional, "residential home (bosted)", "bosted", "Jonas Lind", "Pædagog", []brevdue.GLN{r.Bosted}},
		{d.Regional, "agreement secretariat", "sekretariat", "Sanne Sekretær", "Konsulent", nil},
		{d.Regional, "agreement secretariat, second", "sekretariat2", "Søren Sekretær", "Konsulent", nil},
		{d.Regional, "auditor", "revisor", "Rikke Revisor", "Revisor", nil},
		{d.Regional, "operator, regional side", "drift", "Driftsansvarlig", "Driftsansvarlig", []brevdue.GLN{r.Ward}},
		{d.Local, "home nursing (and social unit)", "hjemmepleje", "Anne Kirkegaard", "Sygeplejerske", []brevdue.GLN{r.HomeNursing, r.SocialUnit}},
		{d.Local, "general practice", "praksis", "Per Holm", "Praktiserende læge", []brevdue.GLN{r.Practice}},
		{d.Local, "operator, local side", "drift", "Driftsansvarlig", "Driftsansvarlig", []brevdue.GLN{r.HomeNursing}},
	} {
		u := store.User{Login: p.login, Name: p.name, Title: p.title, Hash: hash, Lang: "da", Units: p.units, Operator: p.login == "drift",
			Secretariat: strings.HasPrefix(p.login, "sekretariat"), Auditor: p.login == "revisor", Created: d.Clock.Now()}
		err := p.side.App.Store.Update(ctx, func(tx store.Tx) error {
			id, err := tx.Users().Put(ctx, u)
			d.people[p.login] = mailbox.Person{ID: id, Login: u.Login, Name: u.Name, Title: u.Title, Lang: u.Lang, Units: u.Units}
			return err
		})
		if err != nil {
			return nil, err
		}
		d.Logins = append(d.Logins, Login{Who: p.who, Login: p.login, Password: DemoPassword, URL: p.side.URL})
	}
	if err := d.history(ctx); err != nil {
		return nil, err
	}
	d.Clock.Stand(o.Begin)
	return d, nil
}

// side makes one installation of its units; more are numbers that are routed to
// it although it has no such unit.
func (d *Demo) side(ctx context.Context, o DemoOptions, name, title, listen string, units []config.Unit, more ...brevdue.GLN) (*Side, error) {
	l, err := app.Listen(listen)
	if err != nil {
		return nil, err
	}
	s := &Side{URL: app.URL(l), list: l}
	dir := filepath.Join(o.Dir, name)
	// The agreement is old enough to judge the letters of the last days.
	from := kalender.DayOf(d.Clock.Now()).Add(-30)
	if err := app.Prepare(app.Setup{Dir: dir, Units: units, ValidFrom: from, Now: d.Clock.Now()}); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	c, err := config.Load(filepath.Join(dir, "config.yaml"))
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	c.Network.Settle = 0.05
	s.App, err = app.Open(ctx, app.Options{
		Config: c, Now: d.Clock.Now, Log: o.Log.With("side", name), Speed: o.Speed, CookieName: "brevdue-" + name, Title: title, Directory: d.Region.Directory,
	})
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	s.in = c.Path(c.Network.In)
	numbers := more
	for _, u := range units {
		numbers = append(numbers, brevdue.GLN(u.GLN))
	}
	d.Network.Join(s.in, c.Path(c.Network.Out), numbers...)
	return s, nil
}

// nextPort returns the address one port higher; port 0 stays 0.
func nextPort(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("--listen %q: %w", addr, err)
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 0 || n > 65534 {
		return "", fmt.Errorf("--listen %q: the port must be a number up to 65534", addr)
	}
	if n > 0 {
		n++
	}
	return net.JoinHostPort(host, strconv.Itoa(n)), nil
}

// Run serves both sides, carries their letters and plays the people until the
// context ends.
func (d *Demo) Run(ctx context.Context) error {
	d.Clock.Start()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	failed := make(chan error, 2)
	for _, s := range []*Side{d.Regional, d.Local} {
		running.Go(func() {
			if err := s.App.Serve(ctx, s.list); err != nil {
				failed <- err
			}
			stop()
		})
	}
	running.Go(func() { d.Network.Run(ctx) })
	running.Go(func() {
		if err := d.play(ctx); err != nil && ctx.Err() == nil {
			failed <- err
			stop()
		}
	})
	running.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// Close closes both archives and addresses.
func (d *Demo) Close() error {
	var errs []error
	for _, s := range []*Side{d.Regional, d.Local} {
		if s == nil {
			continue
		}
		if s.App != nil {
			errs = append(errs, s.App.Close())
		}
		s.list.Close() // closed already when it was served
	}
	return errors.Join(errs...)
}

// TempDir makes the folder of a demo that is thrown away.
func TempDir() (string, error) { return os.MkdirTemp("", "brevdue-demo-") }
