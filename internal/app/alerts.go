package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"brevdue/internal/alert"
	"brevdue/internal/config"
	"brevdue/internal/store"
	"brevdue/internal/telemetry"
	"brevdue/internal/transport"
)

// overdue is how many letters of a day nobody acknowledged make trouble: fewer are
// tasks of their units.
const overdue = 5

// trouble is why the network cannot be read, as it told last; nil when it can.
type trouble struct {
	mu  sync.Mutex
	why error
}

func (t *trouble) set(why error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.why = why
}

func (t *trouble) get() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.why
}

// watchTrouble looks for trouble until the context ends: every node for its own, and
// one of them for that of the whole installation.
func (a *App) watchTrouble(ctx context.Context, o Options) {
	every := 10 * time.Second
	if o.Speed > 1 {
		every = max(50*time.Millisecond, time.Duration(float64(every)/o.Speed))
	}
	node := ""
	if a.config.Shared() {
		host, _ := os.Hostname()
		node = host + " " + a.config.Listen
	}
	mine := alert.New(alert.Config{Store: a.Store, Node: node, Now: o.Now, Log: a.log, Probes: a.nodeProbes(o)})
	all := alert.New(alert.Config{Store: a.Store, Now: o.Now, Log: a.log, Probes: a.installationProbes(o), Tell: a.tellTrouble(o)})
	var done sync.WaitGroup
	done.Go(func() { _ = mine.Run(ctx, every) })
	done.Go(func() {
		run := func(ctx context.Context) error { return all.Run(ctx, every) }
		if err := a.Store.Lead(ctx, "alerts", run); err != nil && ctx.Err() == nil {
			a.log.Error("nobody looks for trouble any more", "error", err)
		}
	})
	done.Wait()
}

// tellTrouble returns who is told besides the log and the operator's page.
func (a *App) tellTrouble(o Options) func(context.Context, store.Alert) error {
	c := a.config
	if c.Alerts.Webhook == "" {
		return func(context.Context, store.Alert) error { return nil }
	}
	hook := alert.Webhook{URL: c.Alerts.Webhook, Installation: o.Title}
	if hook.Installation == "" {
		hook.Installation, _ = os.Hostname()
	}
	if c.Alerts.TokenFile != "" {
		hook.TokenFile = c.Path(c.Alerts.TokenFile)
	}
	return hook.Tell
}

// nodeProbes are the troubles of this machine.
func (a *App) nodeProbes(o Options) []alert.Probe {
	probes := []alert.Probe{
		{Kind: store.AlertNetwork, Look: func(context.Context) (bool, string, error) {
			if why := a.reading.get(); why != nil {
				return !stranger(why), why.Error(), nil
			}
			return a.Gateway.Down(), "it does not take what is sent", nil
		}},
		{Kind: store.AlertHostKey, Look: func(context.Context) (bool, string, error) {
			why := a.reading.get()
			return stranger(why), fmt.Sprint(why), nil
		}},
		{Kind: store.AlertDisk, Look: func(context.Context) (bool, string, error) { return diskLow(a.config) }},
	}
	if o.Speed == 1 { // a clock that is played cannot be wrong
		probes = append(probes, alert.Probe{Kind: store.AlertClock, Look: clockProbe(a.Store, o.Now, time.Now)})
	}
	return probes
}

// stranger tells that somebody else may answer in the network's place.
func stranger(err error) bool {
	var wrong *transport.HostKeyError
	return errors.As(err, &wrong)
}

// installationProbes are the troubles that stand in the archive.
func (a *App) installationProbes(o Options) []alert.Probe {
	count := func(kind store.AlertKind, atLeast int, count func(ctx context.Context, tx store.Tx) (int, error)) alert.Probe {
		return alert.Probe{Kind: kind, Look: func(ctx context.Context) (there bool, detail string, err error) {
			err = a.Store.View(ctx, func(tx store.Tx) error {
				n, err := count(ctx, tx)
				there, detail = n >= atLeast, fmt.Sprint(n)
				return err
			})
			return there, detail, err
		}}
	}
	return []alert.Probe{
		count(store.AlertReceipts, overdue, func(ctx context.Context, tx store.Tx) (int, error) {
			return tx.Tasks().Count(ctx, store.TaskUnconfirmed, o.Now().Add(-24*time.Hour))
		}),
		count(store.AlertJobs, 1, func(ctx context.Context, tx store.Tx) (int, error) { return tx.Jobs().Count(ctx, store.JobDead) }),
		count(store.AlertQuarantine, 1, func(ctx context.Context, tx store.Tx) (int, error) {
			return tx.Arrivals().Count(ctx, store.ArrivalQuarantined)
		}),
		count(store.AlertGlass, 1, func(ctx context.Context, tx store.Tx) (int, error) { return tx.Glasses().CountWaiting(ctx) }),
	}
}

// measures are the figures of /metrics.
func (a *App) measures(ctx context.Context) ([]telemetry.Measure, error) {
	jobs := telemetry.Measure{Name: "brevdue_jobs", Help: "Jobs of the queue by state.", Label: "state", Values: map[string]float64{}}
	arrivals := telemetry.Measure{Name: "brevdue_arrivals", Help: "Received files that need an operator, by state.", Label: "state", Values: map[string]float64{}}
	alerts := telemetry.Measure{Name: "brevdue_trouble", Help: "1 for each kind of trouble that is there, 0 for one that is not.", Label: "kind", Values: map[string]float64{}}
	err := a.Store.View(ctx, func(tx store.Tx) error {
		for _, state := range []store.JobState{store.JobWaiting, store.JobRunning, store.JobHeld, store.JobDead} {
			n, err := tx.Jobs().Count(ctx, state)
			if err != nil {
				return err
			}
			jobs.Values[string(state)] = float64(n)
		}
		for _, state := range []store.ArrivalState{store.ArrivalNew, store.ArrivalQuarantined, store.ArrivalUnmatched} {
			n, err := tx.Arrivals().Count(ctx, state)
			if err != nil {
				return err
			}
			arrivals.Values[string(state)] = float64(n)
		}
		known, err := store.Alerts(ctx, tx)
		for _, kind := range store.AlertKinds() {
			alerts.Values[string(kind)] = 0
		}
		for _, t := range known {
			if t.Ended.IsZero() {
				alerts.Values[string(t.Kind)] = 1
			}
		}
		return err
	})
	return []telemetry.Measure{jobs, arrivals, alerts}, err
}

// diskLow looks at the disks the archive and the network folders are on.
func diskLow(c *config.Config) (low bool, detail string, err error) {
	paths := []string{c.Dir}
	if !c.Shared() {
		paths = append(paths, filepath.Dir(c.Path(c.Database)))
	}
	least := 100
	for _, path := range append(paths, c.Folders()...) {
		free, known, err := diskFree(path)
		if os.IsNotExist(err) {
			continue // the folder probe says so
		}
		if err != nil {
			return false, "", err
		}
		if known {
			least = min(least, free)
		}
	}
	return least < c.Alerts.DiskFree, fmt.Sprintf("%d %%", least), nil
}

// A clock is wrong when it is behind what the archive knows to have happened, or when
// it went another way than the machine's own counter since it was looked at last.
const (
	behind     = time.Minute
	jump       = time.Minute
	afterAJump = 15 * time.Minute // for how long a jump is trouble
)

// clockProbe looks at a clock; steady is one whose differences are those of the
// machine's counter.
func clockProbe(st store.Store, now, steady func() time.Time) func(context.Context) (bool, string, error) {
	wall, counter := now().Round(0), steady()
	var jumped time.Time // by the counter
	return func(ctx context.Context) (bool, string, error) {
		w, c := now().Round(0), steady()
		if off := w.Sub(wall) - c.Sub(counter); off > jump || off < -jump {
			jumped = c
		}
		wall, counter = w, c
		var last store.Entry
		err := st.View(ctx, func(tx store.Tx) (err error) {
			last, err = tx.Audit().Last(ctx)
			return err
		})
		switch {
		case err != nil:
			return false, "", err
		case last.At.Sub(w) > behind:
			return true, fmt.Sprintf("%d min behind", int(last.At.Sub(w).Minutes())), nil
		case !jumped.IsZero() && c.Sub(jumped) < afterAJump:
			return true, "jumped", nil
		}
		return false, "", nil
	}
}
