package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"brevdue/internal/sim"
	"brevdue/internal/store"
)

// BenchCmd measures the program with its own real parts.
type BenchCmd struct {
	Convert BenchConvertCmd `cmd:"" help:"Measure DIS91 to XDIS91 conversions a second on one core."`
	Check   BenchCheckCmd   `cmd:"" help:"Measure how many letters a second are checked on one core."`
	Walk    BenchWalkCmd    `cmd:"" help:"Measure letters a second from the network to the committed receipt; median of three."`
	Inbox   BenchInboxCmd   `cmd:"" help:"Measure the inbox page of a unit with very many letters."`
	Fill    BenchFillCmd    `cmd:"" help:"Fill the archive of an installation that is for trials with letters of earlier years."`
}

// benchFlags are the flags of every benchmark.
type benchFlags struct {
	JSON bool `name:"json" help:"Print one JSON object."`
}

// print writes a measurement as JSON or in words.
func (f benchFlags) print(s *Streams, m sim.Measurement, words string) error {
	if f.JSON {
		return printJSON(s.Out, m)
	}
	_, err := fmt.Fprintln(s.Out, words)
	return err
}

// disk is where a benchmark may write.
type disk struct {
	Data string `help:"Folder on the disk to measure; without it the system's folder for temporary files. Nothing stays in it." placeholder:"DIR"`
}

// measure runs a benchmark that works on the disk, until it is interrupted.
func (d disk) measure(run func(ctx context.Context, dir string) (sim.Measurement, error)) (sim.Measurement, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, d.Data)
}

func positive(flag string, n int) error {
	if n <= 0 {
		return fmt.Errorf("%s must be a positive number", flag)
	}
	return nil
}

// BenchConvertCmd measures conversions.
type BenchConvertCmd struct {
	benchFlags
	N int `short:"n" help:"How many conversions." default:"100000"`
}

// Help says what is measured.
func (BenchConvertCmd) Help() string {
	return "Reads a DIS91 letter of about one kilobyte and writes it as XDIS91, again and again, on one core. " +
		"The second figure is `brevdue convert` itself, which also reads every result again to find out what was lost.\n\nExample:\n\n    brevdue bench convert --json"
}

// Run measures.
func (c BenchConvertCmd) Run(s *Streams) error {
	if err := positive("-n", c.N); err != nil {
		return err
	}
	m, err := sim.MeasureConvert(c.N, s.Now)
	if err != nil {
		return err
	}
	return c.print(s, m, fmt.Sprintf("DIS91 to XDIS91, one core: %.0f letters of %d bytes a second (with loss report %.0f)", m.PerSecond, m.BytesPerLetter, m.WithLossReport))
}

// BenchCheckCmd measures checking.
type BenchCheckCmd struct {
	benchFlags
	N int `short:"n" help:"How many letters." default:"100000"`
}

// Help says what is measured.
func (BenchCheckCmd) Help() string {
	return "Finds all findings of letters in both formats, on one core.\n\nExample:\n\n    brevdue bench check --json"
}

// Run measures.
func (c BenchCheckCmd) Run(s *Streams) error {
	if err := positive("-n", c.N); err != nil {
		return err
	}
	m, err := sim.MeasureCheck(c.N, s.Now)
	if err != nil {
		return err
	}
	return c.print(s, m, fmt.Sprintf("check, one core: %.0f letters a second (DIS91 %.0f, XDIS91 %.0f)", m.PerSecond, m.DIS91, m.XDIS91))
}

// BenchWalkCmd measures the walk.
type BenchWalkCmd struct {
	benchFlags
	disk
	N        int           `short:"n" help:"Letters in each of the three runs." default:"5000"`
	Database string        `help:"Address of an empty PostgreSQL database; without it SQLite." placeholder:"ADDRESS"`
	Nodes    int           `help:"Nodes that share the database." default:"1"`
	Steady   time.Duration `help:"For how long 50 letters a second come, to measure latency; 0 for not at all." default:"20s"`
	Waiting  int           `help:"Letters that wait in the network folder after a stop; 0 for not at all." default:"10000"`
	Prefill  int           `help:"Letters of earlier years to fill the archive with before a fourth run." default:"0"`
}

// Help says what is measured.
func (BenchWalkCmd) Help() string {
	return "Makes a fresh installation and lets letters in both formats arrive, 64 at a time. " +
		"Counted until the last letter and its receipt are committed and on the disk; the second figure until the last receipt lies in the outgoing folder. " +
		"Then latency at a steady 50 letters a second, and catching up after a stop while somebody uses the inbox.\n\n" +
		"Example:\n\n    brevdue bench walk --data /var/tmp --json"
}

// Run measures.
func (c BenchWalkCmd) Run(s *Streams) error {
	if err := positive("-n", c.N); err != nil {
		return err
	}
	if err := positive("--nodes", c.Nodes); err != nil {
		return err
	}
	if c.Nodes > 1 && c.Database == "" {
		return fmt.Errorf("--nodes needs --database: a file has one node")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	w, err := sim.MeasureWalk(ctx, sim.WalkOptions{Dir: c.Data, Database: c.Database, Nodes: c.Nodes, N: c.N, Steady: c.Steady, Waiting: c.Waiting, Prefill: c.Prefill, Now: s.Now,
		Progress: func(what string) { fmt.Fprintln(s.Err, "brevdue:", what) }})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.Out, w)
	}
	return c.words(s, w)
}

func (c BenchWalkCmd) words(s *Streams, w sim.Walk) error {
	fmt.Fprintf(s.Out, "%s, %d node(s), %d cores; the disk makes 4 kB durable %.0f times a second\n", w.Store, w.Nodes, w.Cores, w.Syncs)
	fmt.Fprintf(s.Out, "receive to committed receipt: %.0f letters a second (median of %.0f), %.1f for each time the disk can; %.1f cores busy\n", w.PerSecond, w.Runs, w.PerSecond/w.Syncs, w.CPU)
	fmt.Fprintf(s.Out, "receipts handed over: %.0f a second\n", w.Answered)
	fmt.Fprintf(s.Out, "memory at most: %.0f MB in the first run, %.0f MB in the last\n", w.HeapFirst, w.HeapLast)
	if w.LatencyP99 > 0 {
		fmt.Fprintf(s.Out, "received to receipt in the network at 50 letters a second: median %.1f ms, 99th percentile %.1f ms\n", w.LatencyP50, w.LatencyP99)
	}
	if w.Waiting > 0 {
		fmt.Fprintf(s.Out, "start with %d letters waiting: all answered after %.1f s; the inbox meanwhile: median %.1f ms, 95th percentile %.1f ms\n", w.Waiting, w.CatchUp, w.PageP50, w.PageP95)
	}
	if w.Prefill > 0 {
		fmt.Fprintf(s.Out, "with %d letters in the archive: %.0f letters a second, %.2f times the time for a letter\n", w.Prefill, w.FilledRate, w.FilledRatio)
	}
	return nil
}

// BenchInboxCmd measures the inbox page.
type BenchInboxCmd struct {
	benchFlags
	disk
	Letters int `help:"Letters in the unit's inbox." default:"10000"`
	N       int `short:"n" help:"How often the page is asked for." default:"200"`
}

// Help says what is measured.
func (BenchInboxCmd) Help() string {
	return "Fills the inbox of one unit by real letters, signs in, and asks for the page over HTTP.\n\nExample:\n\n    brevdue bench inbox --json"
}

// Run measures.
func (c BenchInboxCmd) Run(s *Streams) error {
	if err := positive("-n", c.N); err != nil {
		return err
	}
	if err := positive("--letters", c.Letters); err != nil {
		return err
	}
	m, err := c.measure(func(ctx context.Context, dir string) (sim.Measurement, error) {
		return sim.MeasureInbox(ctx, dir, c.Letters, c.N, s.Now)
	})
	if err != nil {
		return err
	}
	return c.print(s, m, fmt.Sprintf("inbox with %d letters: median %.1f ms, 95th percentile %.1f ms, %.0f kB", m.Letters, m.MedianMS, m.P95MS, m.PageKB))
}

// BenchFillCmd fills an archive.
type BenchFillCmd struct {
	Installation
	Letters int `help:"How many letters." default:"10000"`
}

// Help says what is filled in.
func (BenchFillCmd) Help() string {
	return "Synthetic letters about MedCom's test persons that were received, answered and read during the last two years, spread over 500 units. " +
		"For measuring, and for trying a move or a backup of a large archive; run again, it fills in more.\n\n" +
		"Example:\n\n    brevdue init trial && brevdue bench fill --data trial --letters 1000000"
}

// Run fills.
func (c BenchFillCmd) Run(s *Streams) error {
	if err := positive("--letters", c.Letters); err != nil {
		return err
	}
	return c.open(func(ctx context.Context, st store.Store) error {
		first := 0
		err := st.View(ctx, func(tx store.Tx) (err error) {
			first, err = tx.Letters().Total(ctx)
			return err
		})
		if err != nil {
			return err
		}
		err = sim.Fill(ctx, st, first, c.Letters, s.Now(), func(done int) {
			if done%100_000 == 0 {
				fmt.Fprintf(s.Err, "brevdue: %d letters\n", done)
			}
		})
		if err == nil {
			fmt.Fprintf(s.Out, "%d letters more\n", c.Letters)
		}
		return err
	})
}
