// Package torture tries to lose a letter: two installations that write to each other
// through a hostile network are killed again and again, and a checker that shares
// nothing with them proves from both archives and the log of the wire that every
// promise was kept.
//
// Specification: features F1-F8 and F76: acknowledged means kept, delivered once,
// never silently dropped. docs/promise.md says which promises are checked.
//
// Deliberately missing: loss of power. A killed process loses what it had not given to
// the operating system, not what the system had not given to the disk; the archive
// asks for both.
//
// What surprises: a seed fixes what the network does to the n-th file, how long each
// process lives and where it dies, and not how the operating system schedules them:
// the same seed tries the same things, and need not come out the same.
package torture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/internal/config"
	"brevdue/kalender"
)

// Options say how hard is tried.
type Options struct {
	Dir     string        // scratch folder; it must be empty or not there
	Letters int           // letters that people write, on both sides together
	Kills   int           // at least so many processes are killed
	Seed    uint64        // of everything that is left to chance
	For     time.Duration // end after that time, whatever is still to do; 0 for no end
	// Databases are the addresses of the PostgreSQL databases of the two sides; ""
	// keeps the archive in a file.
	Databases [2]string
	// Encrypt gives each archive, which must be a file, a key.
	Encrypt   bool
	Premature bool      // break a promise on purpose: see [brevdue/internal/gateway.Config]
	Program   []string  // command line that runs [Node] with flags appended
	Log       io.Writer // what the processes say, and progress
}

// Report is what came of it.
type Report struct {
	Seed    uint64         `json:"seed"`
	Letters int            `json:"letters"` // written, and said to be on their way
	Kills   int            `json:"kills"`
	Full    int            `json:"full"`   // processes whose disk was full
	Slow    int            `json:"slow"`   // processes whose disk was slow
	Files   int            `json:"files"`  // that went over the wire
	Fates   map[string]int `json:"fates"`  // what the network did to them
	Ends    map[string]int `json:"ends"`   // how the letters ended, by state
	Unseen  int            `json:"unseen"` // damaged by the network, and still valid letters
	Seconds float64        `json:"seconds"`
	Broken  []string       `json:"broken"` // promises that were not kept
}

// names of the two sides.
var sides = [2]string{"hospital", "municipality"}

// Speed is how fast the clocks of the installations run: a receipt that is awaited for
// a minute is given up after a second.
const Speed = 60

// Run tortures two installations. Its error is about the torture; what it found is in
// the report.
func Run(ctx context.Context, o Options) (_ Report, err error) {
	if err := empty(o.Dir); err != nil {
		return Report{}, err
	}
	if o.For > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, o.For)
		defer stop()
	}
	t := &torture{Options: o, began: time.Now(), report: Report{Seed: o.Seed, Fates: map[string]int{}, Ends: map[string]int{}}}
	for i := range sides {
		if t.nodes[i], err = t.install(i); err != nil {
			return t.report, err
		}
	}
	t.wire = newWire(o.Seed, t.nodes[0].config, t.nodes[1].config)
	wired, unplug := context.WithCancel(context.WithoutCancel(ctx))
	var carrying sync.WaitGroup
	carrying.Go(func() { t.wire.run(wired) })
	err = t.hurt(ctx)
	if err == nil {
		t.wire.calm()
		err = t.settle(context.WithoutCancel(ctx))
	}
	unplug()
	carrying.Wait()
	if err != nil {
		return t.report, err
	}
	if err := t.judge(context.WithoutCancel(ctx)); err != nil {
		return t.report, err
	}
	t.report.Seconds = time.Since(t.began).Round(time.Millisecond).Seconds()
	return t.report, nil
}

func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty: name a new folder", dir)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

type torture struct {
	Options
	began time.Time
	nodes [2]*node
	wire  *wire

	mu     sync.Mutex
	report Report
}

// node is one side: its installation, and the process that serves it now.
type node struct {
	side   int
	config *config.Config
	rng    *rand.Rand
	said   map[string]bool // tokens of the letters a person was told are on their way
	done   bool            // everything was written
	quiet  int             // how often in a row it said that nothing is left to do
	mu     sync.Mutex
}

// install makes the installation of a side.
func (t *torture) install(side int) (*node, error) {
	n := &node{side: side, rng: rand.New(rand.NewPCG(t.Seed, uint64(side)+1)), said: map[string]bool{}}
	dir := filepath.Join(t.Dir, sides[side])
	begin := beginning()
	_, err := app.Init(context.Background(), app.Setup{Dir: dir, Units: []config.Unit{unit(side)}, ValidFrom: kalender.DayOf(begin).Add(-30), Now: begin,
		Operator: "drift", Database: t.Databases[side], Encrypt: t.Encrypt})
	if err != nil {
		return nil, err
	}
	if n.config, err = load(dir); err != nil {
		return nil, err
	}
	return n, nil
}

// load reads the configuration of a side.
func load(dir string) (*config.Config, error) {
	c, err := config.Load(filepath.Join(dir, "config.yaml"))
	if err != nil {
		return nil, err
	}
	c.Network.Settle, c.Network.AwaitMinutes, c.Network.UndoSeconds = 0.05, 1, new(float64)
	return c, nil
}

// beginning is when the clocks of the installations begin: on a working day, so that
// people are at work.
func beginning() time.Time { return time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC) }

func unit(side int) config.Unit {
	if side == 0 {
		return config.Unit{GLN: string(number(0)), Kind: string(brevdue.Ward), Name: "Prøvehospitalet, Sengeafsnit 2", Phone: "79990001", Organisation: "Prøvehospitalet",
			Specialty: "intern_medicin_sygehus", Sends: string(brevdue.XDIS91)}
	}
	return config.Unit{GLN: string(number(1)), Kind: string(brevdue.MunicipalHealth), Name: "Hjemmesygeplejen Prøvekøbing", Phone: "79990002", Organisation: "Prøvekøbing Kommune",
		Services: "yes", Sends: string(brevdue.DIS91)}
}

// number is the location number of a side: plainly synthetic.
func number(side int) brevdue.GLN {
	s := fmt.Sprintf("57999997%04d", side)
	d, _ := brevdue.GLNCheckDigit(s) // twelve digits
	return brevdue.GLN(s + string(d))
}

// hurt lets both sides work, and kills them, until everything is written and they were
// killed often enough.
func (t *torture) hurt(ctx context.Context) error {
	failed := make(chan error, len(t.nodes))
	for _, n := range t.nodes {
		go func() { failed <- t.lives(ctx, n) }()
	}
	var err error
	for range t.nodes {
		err = errors.Join(err, <-failed)
	}
	return err
}

// enough tells that a side need not be killed any more.
func (t *torture) enough(ctx context.Context) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if ctx.Err() != nil {
		return true
	}
	for _, n := range t.nodes {
		n.mu.Lock()
		done := n.done
		n.mu.Unlock()
		if !done {
			return false
		}
	}
	return t.report.Kills >= t.Kills
}

// lives runs one process of a side after the other, each until it dies.
func (t *torture) lives(ctx context.Context, n *node) error {
	for life := 0; !t.enough(ctx); life++ {
		flags, patience := n.fate(life, t.Premature)
		p, err := t.start(n, flags)
		if err != nil {
			return err
		}
		select {
		case err = <-p.ended: // at the point where it was to die, or against its will
		case <-time.After(patience):
			_ = p.cmd.Process.Kill() // it may have died this moment
			err = <-p.ended
		}
		var died *exec.ExitError
		if !errors.As(err, &died) || !died.Sys().(syscall.WaitStatus).Signaled() {
			return fmt.Errorf("%s ended by itself: %v", sides[n.side], err)
		}
		t.mu.Lock()
		t.report.Kills++
		kills := t.report.Kills
		t.mu.Unlock()
		if kills%50 == 0 {
			fmt.Fprintf(t.Log, "%d kills, %d files over the wire\n", kills, t.wire.moved())
		}
	}
	return nil
}

// settle lets both sides finish in peace: nobody is killed any more and the network
// carries everything.
func (t *torture) settle(ctx context.Context) error {
	var running []*process
	defer func() {
		for _, p := range running {
			_ = p.cmd.Process.Kill()
		}
	}()
	for _, n := range t.nodes {
		p, err := t.start(n, []string{"--calm"})
		if err != nil {
			return err
		}
		running = append(running, p)
	}
	deadline := time.After(5 * time.Minute)
	for still := 0; still < 3; {
		select {
		case <-deadline:
			return errors.New("the installations do not come to rest")
		case err := <-running[0].ended:
			return fmt.Errorf("%s ended by itself: %v", sides[0], err)
		case err := <-running[1].ended:
			return fmt.Errorf("%s ended by itself: %v", sides[1], err)
		case <-time.After(time.Second):
		}
		if t.nodes[0].rests() && t.nodes[1].rests() && t.wire.idle() {
			still++
		} else {
			still = 0
		}
	}
	var err error
	for _, p := range running {
		err = errors.Join(err, p.cmd.Process.Signal(os.Interrupt), <-p.ended)
	}
	running = nil
	return err
}
