package torture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/internal/config"
	"brevdue/internal/gateway"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/internal/telemetry"
	"brevdue/sor"
)

// NodeOptions are those of one process.
type NodeOptions struct {
	Dir       string        // the installation
	Side      int           // 0 or 1
	Letters   int           // letters its people write
	From      int           // the first of them that nobody was told of yet
	Share     int           // so many are written during this life; 0 for all
	Began     time.Time     // when the torture began, by the real clock
	Clock     time.Duration // how wrong the installation's clock is
	Die       string        // moment of the walk at which the process kills itself
	DieNth    int           // at the n-th time
	Full      bool          // its disk is full
	Slow      bool          // its disk is slow
	Calm      bool          // nobody writes or sends again any more
	Premature bool
	Out       io.Writer // what it tells the torture
	In        io.Reader // ends when the torture has gone
	Err       io.Writer
}

// Node serves one side until it is interrupted, or killed.
func Node(ctx context.Context, o NodeOptions) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, o.In)
		os.Exit(0) // the torture is gone
	}()
	c, err := load(o.Dir)
	if err != nil {
		return err
	}
	now := func() time.Time {
		return beginning().Add(time.Duration(float64(time.Since(o.Began)) * Speed)).Add(o.Clock)
	}
	log := slog.New(telemetry.Redact(slog.NewTextHandler(o.Err, &slog.HandlerOptions{Level: slog.LevelError})))
	a, err := app.Open(ctx, app.Options{Config: c, Now: now, Speed: Speed, Log: log, Directory: directory(), Hook: o.hook(), Premature: o.Premature})
	if err != nil {
		return err
	}
	l, err := app.Listen("127.0.0.1:0")
	if err != nil {
		return errors.Join(err, a.Close())
	}
	if o.Full {
		if err := fill(c); err != nil {
			return errors.Join(err, l.Close(), a.Close())
		}
	}
	n := &people{NodeOptions: o, app: a, config: c, now: now}
	var at sync.WaitGroup // people who are at work
	if o.Calm {
		at.Go(func() { n.watch(ctx) })
	} else {
		at.Go(func() { n.write(ctx) })
		at.Go(func() { n.sendAgain(ctx) })
	}
	err = a.Serve(ctx, l)
	stop()
	at.Wait()
	return errors.Join(err, a.Close())
}

// hook kills the process at its moment.
func (o NodeOptions) hook() func(string) {
	var hits atomic.Int64
	return func(moment string) {
		if o.Slow && strings.HasPrefix(moment, gateway.Before("")) {
			time.Sleep(rand.N(40 * time.Millisecond)) // the transaction is open, and everybody behind it waits
		}
		if moment == o.Die && hits.Add(1) == int64(o.DieNth) {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until the signal has come
		}
	}
}

// fill lets no file grow any more but by a little: what a process sees of a full disk.
// The limit holds for this process until it dies.
func fill(c *config.Config) error {
	limit := uint64(64 << 10)
	if info, err := os.Stat(c.Path(c.Database) + "-wal"); err == nil {
		limit += uint64(info.Size())
	}
	signal.Ignore(syscall.SIGXFSZ) // the write fails instead
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit})
}

// directory is who can be written to.
func directory() *sor.Directory {
	var entries []sor.Entry
	for side := range sides {
		u := unit(side)
		entries = append(entries, sor.Entry{GLN: brevdue.GLN(u.GLN), Name: u.Name, Kind: brevdue.UnitKind(u.Kind), Phone: u.Phone, Organisation: u.Organisation,
			Place: u.Organisation, Takes: []brevdue.Kind{brevdue.DIS91, brevdue.XDIS91}, Standards: []string{}})
	}
	return sor.New(entries)
}

// people are those of a unit.
type people struct {
	NodeOptions
	app    *app.App
	config *config.Config
	now    func() time.Time
}

func (p *people) person() mailbox.Person {
	return mailbox.Person{Login: "anne", Name: "Anne Kirkegaard", Title: "Sygeplejerske", Lang: "da", Units: []brevdue.GLN{number(p.Side)}}
}

// tell tells the torture something; a process that cannot is of no use.
func (p *people) tell(format string, args ...any) {
	if _, err := fmt.Fprintf(p.Out, format+"\n", args...); err != nil {
		os.Exit(0)
	}
}

// write writes one letter after the other, and says so only when the person is told
// that it is on its way. One whose answer was lost is sent once more, as a person
// would press the button again: the token of its form is the same.
func (p *people) write(ctx context.Context) {
	for i := p.From; i < p.Letters; {
		if p.Share > 0 && i >= p.From+p.Share {
			return // until it is killed
		}
		_, err := p.app.Box.SendLetter(ctx, p.person(), number(p.Side), p.draft(i))
		var faults mailbox.Faults
		switch {
		case ctx.Err() != nil:
			return
		case errors.As(err, &faults):
			fmt.Fprintf(p.Err, "letter %d has a fault in %s: %s\n", i, faults[0].Field, faults[0].TextEN)
			os.Exit(3)
		case err != nil: // the disk is full, or the database is away
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
			continue
		}
		p.tell("said %s", token(p.Side, i))
		i++
		time.Sleep(time.Millisecond)
	}
	p.tell("done")
}

func token(side, i int) string { return fmt.Sprintf("torture-%d-%d", side, i) }

// draft is the form of a letter; its text says which it is.
func (p *people) draft(i int) mailbox.Draft {
	d := mailbox.Draft{CPR: "2512489996", Surname: "Berggren", Given: "Nancy Ann Test", Receiver: number(1 - p.Side), Subject: "Medicin", Episode: brevdue.EpisodeInactive,
		Text: fmt.Sprintf("Brev nummer %d fra %s.\nMarevan er pauseret. INR tages torsdag; æ, ø og å er med.", i, sides[p.Side]), Phone: unit(p.Side).Phone,
		StartReason: "Aftalt med afsnittet", Basis: "41-2-1", Health: "yes", Discharging: "no", Token: token(p.Side, i)}
	if p.Side == 0 {
		d.Category, d.Episode = "Medicin", brevdue.EpisodeInpatient
	}
	return d
}

// sendAgain sends some of the letters again that did not get through: a letter that
// had arrived, and whose receipt was lost, comes a second time.
func (p *people) sendAgain(ctx context.Context) {
	for ctx.Err() == nil {
		time.Sleep(200 * time.Millisecond)
		tasks, err := p.app.Box.Tasks(ctx, p.person(), number(p.Side), 20)
		if err != nil {
			continue
		}
		for i, t := range tasks {
			if i%2 == 0 {
				_ = p.app.Box.Resend(ctx, p.person(), number(p.Side), t.Letter, "Sendt igen") // a rejected one stays a task
			}
		}
	}
}

// watch says whether anything is left to do.
func (p *people) watch(ctx context.Context) {
	for ctx.Err() == nil {
		time.Sleep(300 * time.Millisecond)
		quiet, err := p.quiet(ctx)
		if err == nil && quiet {
			p.tell("quiet")
		} else {
			p.tell("busy")
		}
	}
}

// quiet tells whether no job is left but those that wait for a deadline.
func (p *people) quiet(ctx context.Context) (bool, error) {
	files, err := filepath.Glob(filepath.Join(p.config.Path(p.config.Network.In), "*"))
	if err != nil || len(files) > 0 {
		return false, err
	}
	quiet := true
	err = p.app.Store.View(ctx, func(tx store.Tx) error {
		for _, state := range []store.JobState{store.JobWaiting, store.JobRunning} {
			jobs, err := tx.Jobs().List(ctx, state, 1_000_000)
			if err != nil {
				return err
			}
			for _, j := range jobs {
				quiet = quiet && j.Kind == store.JobRemind
			}
		}
		return nil
	})
	return quiet, err
}
