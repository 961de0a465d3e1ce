// Package alert tells an operator once when trouble begins and once when it is over.
//
// Specification: feature F75 (operation) and docs/operations.md, which says what to do
// about each kind.
//
// Deliberately missing: how trouble is found. A [Probe] looks; this package decides
// when looking becomes an alert. Mail is missing, too: a webhook reaches whatever sends
// mail.
//
// What surprises: trouble must last for a while before it is an alert, and be away for
// a longer while before it is over, so that something that comes and goes is one alert
// and not a flood. A restart neither repeats an alert nor forgets one: what is known
// stands in the archive.
package alert

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"brevdue/internal/store"
)

// Probe looks for one kind of trouble. An error means that it could not look: nothing
// changes.
type Probe struct {
	Kind store.AlertKind
	Look func(ctx context.Context) (there bool, detail string, err error)
}

// Config is what a watcher needs.
type Config struct {
	Store  store.Store
	Node   string // the machine the probes are about; "" for the whole installation
	Now    func() time.Time
	Log    *slog.Logger
	Probes []Probe
	// Tell tells others that an alert began, or is over; it is called again until it
	// returns nil. nil when this watcher tells nobody. The one that tells also ends the
	// alerts of nodes that say nothing any more.
	Tell func(ctx context.Context, a store.Alert) error
	// Begins is how long trouble lasts before it is an alert, and Ends how long it is
	// away before that is over; 0 means 30 seconds and 2 minutes.
	Begins, Ends time.Duration
}

// A node says every so often that its trouble is still there; one that was taken away
// does not, and its trouble went with it.
const (
	sayAgain = 10 * time.Minute
	silent   = time.Hour
)

// Watcher looks for trouble. It is used by one goroutine.
type Watcher struct {
	c     Config
	since map[store.AlertKind]time.Time // when a probe began to say the opposite of what is known
	deaf  bool                          // Tell failed the last time
}

// New returns a watcher that does nothing until [Watcher.Run] or [Watcher.Look].
func New(c Config) *Watcher {
	if c.Begins == 0 {
		c.Begins = 30 * time.Second
	}
	if c.Ends == 0 {
		c.Ends = 2 * time.Minute
	}
	return &Watcher{c: c, since: map[store.AlertKind]time.Time{}}
}

// Run looks every so often until the context ends, and returns nil then.
func (w *Watcher) Run(ctx context.Context, every time.Duration) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := w.Look(ctx); err != nil && ctx.Err() == nil {
			w.c.Log.Error("alerts cannot be kept", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// seen is what a probe saw.
type seen struct {
	kind   store.AlertKind
	there  bool
	detail string
}

// Look lets every probe look once, keeps what changed, and tells it.
func (w *Watcher) Look(ctx context.Context) error {
	var saw []seen
	for _, p := range w.c.Probes {
		there, detail, err := p.Look(ctx)
		if err != nil {
			if ctx.Err() == nil {
				w.c.Log.Warn("could not look for trouble", "kind", string(p.Kind), "error", err)
			}
			continue
		}
		saw = append(saw, seen{p.Kind, there, detail})
	}
	known, err := w.known(ctx)
	if err != nil {
		return err
	}
	if changes := w.changes(known, saw); len(changes) > 0 {
		if known, err = w.keep(ctx, changes); err != nil {
			return err
		}
	}
	if w.c.Tell == nil {
		return nil
	}
	return w.tell(ctx, known)
}

func (w *Watcher) known(ctx context.Context) (all []store.Alert, err error) {
	err = w.c.Store.View(ctx, func(tx store.Tx) (err error) {
		all, err = store.Alerts(ctx, tx)
		return err
	})
	return all, err
}

// find finds the alert of a kind and node that is not over; -1 when there is none.
func find(all []store.Alert, kind store.AlertKind, node string) int {
	return slices.IndexFunc(all, func(a store.Alert) bool { return a.Kind == kind && a.Node == node && a.Ended.IsZero() })
}

// change is what is to become of an alert: it begins when none is open, is over when
// Ended is set, and else was seen again.
type change = store.Alert

// changes returns what is to be changed in the known alerts.
func (w *Watcher) changes(known []store.Alert, saw []seen) (out []change) {
	now := w.c.Now()
	for _, s := range saw {
		at := find(known, s.kind, w.c.Node)
		if s.there == (at >= 0) {
			delete(w.since, s.kind)
			if s.there && now.Sub(known[at].Seen) >= sayAgain {
				out = append(out, change{Kind: s.kind, Node: w.c.Node, Seen: now, Detail: s.detail})
			}
			continue
		}
		since, ok := w.since[s.kind]
		if !ok {
			since = now
			w.since[s.kind] = now
		}
		lasts := w.c.Ends
		if s.there {
			lasts = w.c.Begins
		}
		if now.Sub(since) < lasts {
			continue
		}
		c := change{Kind: s.kind, Node: w.c.Node, Since: since, Seen: now, Detail: s.detail}
		if !s.there {
			c.Ended = since
		}
		out = append(out, c)
	}
	if w.c.Tell != nil {
		for _, a := range known {
			if a.Node != "" && a.Ended.IsZero() && now.Sub(a.Seen) >= silent {
				out = append(out, change{Kind: a.Kind, Node: a.Node, Ended: now})
			}
		}
	}
	return out
}

// keep changes the alerts that are in the archive now, as other nodes write there, too,
// and returns them.
func (w *Watcher) keep(ctx context.Context, changes []change) (all []store.Alert, err error) {
	err = w.c.Store.Update(ctx, func(tx store.Tx) (err error) {
		if all, err = store.Alerts(ctx, tx); err != nil {
			return err
		}
		for _, c := range changes {
			at := find(all, c.Kind, c.Node)
			switch {
			case at < 0 && c.Ended.IsZero():
				all = append([]store.Alert{c}, all...)
			case at >= 0 && !c.Ended.IsZero():
				all[at].Ended = c.Ended
			case at >= 0:
				all[at].Seen, all[at].Detail = c.Seen, c.Detail
			}
		}
		return store.PutAlerts(ctx, tx, all)
	})
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		switch {
		case !c.Ended.IsZero():
			w.c.Log.Info("trouble is over", "kind", string(c.Kind), "node", c.Node, "ended", c.Ended)
		case !c.Since.IsZero():
			w.c.Log.Error("trouble", "kind", string(c.Kind), "node", c.Node, "since", c.Since, "detail", c.Detail)
		}
	}
	return all, nil
}

// tell tells what others were not told yet, the oldest first; of an alert that is over
// already, both.
func (w *Watcher) tell(ctx context.Context, all []store.Alert) error {
	for i := len(all) - 1; i >= 0; i-- {
		a := all[i]
		for a.Told < 2 && !(a.Told == 1 && a.Ended.IsZero()) {
			said := a
			if a.Told == 0 {
				said.Ended = time.Time{}
			}
			if err := w.c.Tell(ctx, said); err != nil {
				if !w.deaf && ctx.Err() == nil {
					w.c.Log.Error("an alert could not be told, trying until it can", "kind", string(a.Kind), "error", err)
				}
				w.deaf = true
				break
			}
			w.deaf = false
			a.Told++
			if err := w.told(ctx, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// told notes how much of an alert was told.
func (w *Watcher) told(ctx context.Context, told store.Alert) error {
	return w.c.Store.Update(ctx, func(tx store.Tx) error {
		all, err := store.Alerts(ctx, tx)
		if err != nil {
			return err
		}
		for i, a := range all {
			if a.Kind == told.Kind && a.Node == told.Node && a.Since.Equal(told.Since) {
				all[i].Told = max(a.Told, told.Told)
			}
		}
		return store.PutAlerts(ctx, tx, all)
	})
}
