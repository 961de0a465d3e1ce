package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"brevdue/internal/app"
	"brevdue/internal/config"
	"brevdue/internal/telemetry"
)

// Installation says which installation a command is about.
type Installation struct {
	Config string `help:"Configuration file; without it config.yaml in the data folder." placeholder:"FILE"`
	Data   string `help:"Folder of the installation." default:"." placeholder:"DIR"`
}

// path is the configuration file.
func (i Installation) path() string {
	if i.Config != "" {
		return i.Config
	}
	return filepath.Join(i.Data, "config.yaml")
}

// load reads the configuration.
func (i Installation) load() (*config.Config, error) {
	path := i.path()
	if i.Config == "" {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return nil, fmt.Errorf("%s is not there: make an installation with brevdue init, or name one with --data", path)
		}
	}
	c, err := config.Load(path)
	if err != nil {
		return nil, err
	}
	if i.Config != "" && i.Data != "." {
		c.Dir = i.Data
	}
	return c, nil
}

// ServeCmd runs an installation.
type ServeCmd struct {
	Installation
	Listen string `help:"Address of the workbench; without it that of the configuration." placeholder:"ADDR"`
}

// Help is the example of the command.
func (ServeCmd) Help() string {
	return "Example:\n\n    brevdue serve --data data\n\nStops on Ctrl+C or SIGTERM when everything in hand is done."
}

// Run runs until it is told to stop.
func (c ServeCmd) Run(s *Streams) (err error) {
	conf, err := c.load()
	if err != nil {
		return err
	}
	if c.Listen != "" {
		conf.Listen = c.Listen
	}
	log, err := telemetry.NewLogger(s.Err, conf.Log.Level, conf.Log.JSON)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // whoever asks a second time is not made to wait
	a, err := app.Open(ctx, app.Options{Config: conf, Now: s.Now, Log: log, Limited: true})
	if err != nil {
		return err
	}
	defer func() {
		if closed := a.Close(); err == nil {
			err = closed
		}
	}()
	l, err := app.Listen(conf.Listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "Brevdue runs on %s\n", app.URL(l))
	return a.Serve(ctx, l)
}
