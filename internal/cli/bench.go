package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"brevdue/internal/sim"
)

// BenchCmd measures the program with its own real parts.
type BenchCmd struct {
	Convert BenchConvertCmd `cmd:"" help:"Measure DIS91 to XDIS91 conversions a second on one core."`
	Check   BenchCheckCmd   `cmd:"" help:"Measure how many letters a second are checked on one core."`
	Walk    BenchWalkCmd    `cmd:"" help:"Measure letters a second from the network to the committed receipt; median of three."`
	Inbox   BenchInboxCmd   `cmd:"" help:"Measure the inbox page of a unit with very many letters."`
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
	N int `short:"n" help:"Letters in each of the three runs." default:"5000"`
}

// Help says what is measured.
func (BenchWalkCmd) Help() string {
	return "Makes a fresh installation three times and lets letters in both formats arrive, 64 at a time. " +
		"Counted until the last letter and its receipt are committed to SQLite and on the disk; the second figure until the last receipt lies in the outgoing folder.\n\n" +
		"Example:\n\n    brevdue bench walk --data /var/tmp --json"
}

// Run measures.
func (c BenchWalkCmd) Run(s *Streams) error {
	if err := positive("-n", c.N); err != nil {
		return err
	}
	m, err := c.measure(func(ctx context.Context, dir string) (sim.Measurement, error) {
		return sim.MeasureWalk(ctx, dir, c.N, s.Now)
	})
	if err != nil {
		return err
	}
	return c.print(s, m, fmt.Sprintf("receive to committed receipt: %.0f letters a second (median of %.0f); receipts handed over: %.0f a second", m.PerSecond, m.Runs, m.Answered))
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
