package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// QueueCmd looks after the jobs of an installation.
type QueueCmd struct {
	List  QueueListCmd  `cmd:"" help:"List jobs: those that were given up first."`
	Retry QueueRetryCmd `cmd:"" help:"Let jobs that were given up or held run again."`
	Hold  QueueHoldCmd  `cmd:"" help:"Stop a waiting job until it is retried."`
}

// QueueListCmd lists jobs.
type QueueListCmd struct {
	Installation
	State string `enum:"all,dead,held,running,waiting" default:"all" help:"Only jobs in this state: dead, held, running or waiting."`
	Limit int    `default:"100" help:"At most so many of each state."`
	JSON  bool   `name:"json" help:"Print one JSON object a line."`
}

// Help is the example of the command.
func (QueueListCmd) Help() string {
	return "Example:\n\n    brevdue queue list --data data --state dead\n\nExit code 1 when a job was given up: somebody has to look."
}

// jobLine is a job as programs read it.
type jobLine struct {
	ID       int64     `json:"id"`
	Kind     string    `json:"kind"`
	State    string    `json:"state"`
	About    string    `json:"about"` // "B-000123", or "arrival 7", "receipt 7"
	Due      time.Time `json:"due"`
	Attempts int       `json:"attempts"`
	Error    string    `json:"error,omitempty"`
}

func lineOf(j store.Job) jobLine {
	about := ""
	switch j.Kind {
	case store.JobOpen:
		about = fmt.Sprintf("arrival %d", j.Subject)
	case store.JobAcknowledge:
		about = fmt.Sprintf("receipt %d", j.Subject)
	default:
		about = store.LetterNumber(j.Subject)
	}
	return jobLine{ID: j.ID, Kind: string(j.Kind), State: string(j.State), About: about, Due: j.RunAt.UTC(), Attempts: j.Attempts, Error: j.LastError}
}

// Run lists them.
func (c QueueListCmd) Run(s *Streams) error {
	states := []store.JobState{store.JobDead, store.JobHeld, store.JobRunning, store.JobWaiting}
	if c.State != "all" {
		states = []store.JobState{store.JobState(c.State)}
	}
	dead := 0
	err := c.open(func(ctx context.Context, st store.Store) error {
		return st.View(ctx, func(tx store.Tx) error {
			for _, state := range states {
				jobs, err := tx.Jobs().List(ctx, state, c.Limit)
				if err != nil {
					return err
				}
				if state == store.JobDead {
					dead = len(jobs)
				}
				for _, j := range jobs {
					if err := c.line(s, lineOf(j)); err != nil {
						return err
					}
				}
			}
			return nil
		})
	})
	if err == nil && dead > 0 {
		return Exit(1)
	}
	return err
}

func (c QueueListCmd) line(s *Streams, l jobLine) error {
	if c.JSON {
		return printJSON(s.Out, l)
	}
	_, err := fmt.Fprintf(s.Out, "%6d  %-8s %-12s %-14s due %s  attempts %d  %s\n", l.ID, l.State, l.Kind, l.About, local(l.Due), l.Attempts, l.Error)
	return err
}

// local writes a time as the wall clock in Denmark shows it, "" for none.
func local(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(kalender.Copenhagen()).Format("2006-01-02 15:04")
}

// QueueRetryCmd releases jobs.
type QueueRetryCmd struct {
	Installation
	ID   []int64 `arg:"" optional:"" help:"Numbers of the jobs, as queue list prints them."`
	Dead bool    `help:"All jobs that were given up."`
}

// Help is the example of the command.
func (QueueRetryCmd) Help() string { return "Example:\n\n    brevdue queue retry --data data --dead" }

// Run releases them.
func (c QueueRetryCmd) Run(s *Streams) error {
	if len(c.ID) == 0 && !c.Dead {
		return errors.New("name jobs by their numbers, or all that were given up with --dead")
	}
	return c.open(func(ctx context.Context, st store.Store) error {
		if c.Dead {
			err := st.View(ctx, func(tx store.Tx) error {
				jobs, err := tx.Jobs().List(ctx, store.JobDead, 100000)
				for _, j := range jobs {
					c.ID = append(c.ID, j.ID)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		for _, id := range c.ID {
			if err := jobError(id, app.RetryJob(ctx, st, id, s.Now())); err != nil {
				return err
			}
		}
		fmt.Fprintf(s.Out, "%d to run again\n", len(c.ID))
		return nil
	})
}

// QueueHoldCmd holds a job.
type QueueHoldCmd struct {
	Installation
	ID int64 `arg:"" help:"Number of the job, as queue list prints it."`
}

// Run holds it.
func (c QueueHoldCmd) Run(s *Streams) error {
	return c.open(func(ctx context.Context, st store.Store) error {
		if err := jobError(c.ID, app.HoldJob(ctx, st, c.ID, s.Now())); err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "job %d is held; brevdue queue retry %d lets it run\n", c.ID, c.ID)
		return nil
	})
}

// jobError says what is the matter with a job.
func jobError(id int64, err error) error {
	if errors.Is(err, brevdue.ErrConflict) {
		return fmt.Errorf("there is no job %d with which that can be done: see brevdue queue list", id)
	}
	return err
}
