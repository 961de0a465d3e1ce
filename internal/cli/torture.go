package cli

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"brevdue/internal/torture"
)

// TortureCmd tries to lose a letter.
type TortureCmd struct {
	Letters int           `default:"1000" help:"Letters that are written, on both sides together."`
	Kills   int           `default:"50" help:"How often a process is killed, at least."`
	Seed    uint64        `help:"Try the same again; without it chance decides, and says its seed."`
	For     time.Duration `help:"End after that time, whatever is still to do." placeholder:"TIME"`
	Dir     string        `help:"A new folder that is kept; without it a temporary one that is removed." placeholder:"DIR"`
	Store   []string      `help:"Where the two archives are: sqlite, or the addresses of two empty PostgreSQL databases." placeholder:"sqlite|ADDRESS,ADDRESS"`
	Encrypt bool          `help:"Encrypt the two archives, which must be files."`
	Break   string        `enum:",commit-order" default:"" help:"Break a promise on purpose, to see that it is found: commit-order hands receipts over before the commit."`
	JSON    bool          `name:"json" help:"Print the report as JSON."`
}

// Help is the example of the command.
func (TortureCmd) Help() string {
	return "Example:\n\n    brevdue torture --letters 10000 --kills 500\n\n" +
		"Two installations write to each other through a network that drops, doubles, delays,\ncorrupts and halves files. They are killed at random and at every point of the walk,\n" +
		"their disks are full and their clocks wrong. At the end a checker that shares nothing\nwith them reads both archives and the log of the network. Exit code 1 when it finds a\n" +
		"promise that was not kept. A seed fixes what is tried, not how processes are scheduled."
}

// Run tortures.
func (c TortureCmd) Run(s *Streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	program, err := os.Executable()
	if err != nil {
		return err
	}
	o := torture.Options{Letters: c.Letters, Kills: c.Kills, Seed: c.Seed, For: c.For, Dir: c.Dir, Encrypt: c.Encrypt, Premature: c.Break != "", Program: []string{program, "torture-node"}, Log: s.Err}
	if c.Letters < 2 {
		return fmt.Errorf("--letters must be at least 2")
	}
	if o.Seed == 0 {
		o.Seed = rand.Uint64N(1_000_000_000) + 1
	}
	if !slices.Equal(c.Store, []string{"sqlite"}) && len(c.Store) > 0 {
		if len(c.Store) != len(o.Databases) {
			return fmt.Errorf("--store: sqlite, or two addresses with a comma between them")
		}
		o.Databases = [2]string(c.Store)
	}
	if o.Dir == "" {
		dir, err := os.MkdirTemp("", "brevdue-torture-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.Dir = dir
	}
	fmt.Fprintf(s.Err, "brevdue: torture with seed %d\n", o.Seed)
	r, err := torture.Run(ctx, o)
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(s.Out, r)
	} else {
		err = c.print(s, r)
	}
	if err == nil && len(r.Broken) > 0 {
		return Exit(1)
	}
	return err
}

func (c TortureCmd) print(s *Streams, r torture.Report) error {
	fmt.Fprintf(s.Out, "seed %d: %d letters, %d kills, %d full and %d slow disks, %d files over the wire, %.0f s\n", r.Seed, r.Letters, r.Kills, r.Full, r.Slow, r.Files, r.Seconds)
	fmt.Fprintf(s.Out, "network: %s\nletters: %s\n", counts(r.Fates), counts(r.Ends))
	if r.Unseen > 0 {
		fmt.Fprintf(s.Out, "%d letters were damaged by the network and still valid ones: nobody can see that\n", r.Unseen)
	}
	for _, b := range r.Broken {
		fmt.Fprintln(s.Out, "BROKEN:", b)
	}
	_, err := fmt.Fprintf(s.Out, "%d promises broken\n", len(r.Broken))
	return err
}

func counts(of map[string]int) string {
	var words []string
	for what, n := range of {
		words = append(words, fmt.Sprintf("%d %s", n, what))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// TortureNodeCmd is one process of a torture.
type TortureNodeCmd struct {
	Dir       string `required:""`
	Side      int    `required:""`
	Letters   int    `required:""`
	Share     int    `default:"0"`
	From      int    `default:"0"`
	Began     int64  `required:"" help:"Milliseconds since 1970."`
	Clock     time.Duration
	Die       string
	DieNth    int
	Full      bool
	Slow      bool
	Calm      bool
	Premature bool
}

// Run runs it until it is killed.
func (c TortureNodeCmd) Run(s *Streams) error {
	return torture.Node(context.Background(), torture.NodeOptions{Dir: c.Dir, Side: c.Side, Letters: c.Letters, From: c.From, Share: c.Share, Began: time.UnixMilli(c.Began), Clock: c.Clock,
		Die: c.Die, DieNth: c.DieNth, Full: c.Full, Slow: c.Slow, Calm: c.Calm, Premature: c.Premature, Out: s.Out, In: s.In, Err: s.Err})
}
