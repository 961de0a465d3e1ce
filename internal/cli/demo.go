package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"brevdue/internal/sim"
	"brevdue/internal/telemetry"
	"brevdue/kalender"
)

// DemoCmd shows a synthetic region at work.
type DemoCmd struct {
	Listen string  `default:"127.0.0.1:8642" help:"Address of the regional side; the municipal side gets the next port." placeholder:"ADDR"`
	Speed  float64 `default:"1" help:"How many times faster the demo's clock runs."`
	Data   string  `help:"Keep the demo in this new folder; without it in a temporary one that is removed at the end." placeholder:"DIR"`
	Log    bool    `help:"Write the log to standard error."`
}

// Help is the example of the command.
func (DemoCmd) Help() string {
	return "Example:\n\n    brevdue demo\n    brevdue demo --speed 60\n\n" +
		"Two installations and the network between them: hospitals, psychiatry and the regional social area on one side, nineteen\n" +
		"municipalities and some practices on the other. Every patient is one of MedCom's test persons."
}

// Run runs the demo until it is told to stop.
func (c DemoCmd) Run(s *Streams) (err error) {
	if c.Speed <= 0 || c.Speed > 10000 {
		return fmt.Errorf("--speed %v: give a number between 0 and 10000", c.Speed)
	}
	level := "error"
	if c.Log {
		level = "info"
	}
	log, err := telemetry.NewLogger(s.Err, level, false)
	if err != nil {
		return err
	}
	dir := c.Data
	if dir == "" {
		if dir, err = sim.TempDir(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // whoever asks a second time is not made to wait
	begin := sim.Beginning(s.Now())
	d, err := sim.NewDemo(ctx, sim.DemoOptions{Listen: c.Listen, Dir: dir, Speed: c.Speed, Begin: begin, Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	c.announce(s, d, dir)
	return d.Run(ctx)
}

func (c DemoCmd) announce(s *Streams, d *sim.Demo, dir string) {
	shows, real := d.Clock.Now(), s.Now()
	fmt.Fprintf(s.Out, "A synthetic region is at work. Its clock begins at %s", clock(shows))
	if shows.Sub(real).Abs() > time.Minute {
		fmt.Fprintf(s.Out, " (really it is %s, when hardly anybody is at work)", clock(real))
	}
	if c.Speed != 1 {
		fmt.Fprintf(s.Out, " and runs %g times as fast", c.Speed)
	}
	fmt.Fprint(s.Out, ".\n\n")
	fmt.Fprintf(s.Out, "  %-32s %-28s %-13s %s\n", "who", "address", "sign-in name", "password")
	for _, l := range d.Logins {
		fmt.Fprintf(s.Out, "  %-32s %-28s %-13s %s\n", l.Who, l.URL, l.Login, l.Password)
	}
	fmt.Fprintf(s.Out, "\nLetters are arriving: some late, some due, one twice, one refused, one broken. The files are in\n%s.\nStop with Ctrl+C.\n", filepath.Join(dir, "*", "network"))
}

// clock writes a time as a Danish wall clock shows it.
func clock(t time.Time) string {
	return t.In(kalender.Copenhagen()).Format("Monday 2 January 2006, 15:04")
}
