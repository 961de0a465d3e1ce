package sim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"time"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/internal/store"
	"brevdue/receipt"
)

// WalkOptions says what is measured of the walk of a letter.
type WalkOptions struct {
	Dir      string // a folder on the disk to measure; "" for the system's temporary one
	Database string // the address of an empty PostgreSQL database; "" for a file
	Nodes    int    // that share the database; 0 is 1
	N        int    // letters in each of three runs
	Steady   time.Duration
	Waiting  int // letters that wait in the network folder after a stop; 0: not measured
	Prefill  int // letters in the archive before a fourth run; 0: not measured
	Now      func() time.Time
	Progress func(what string)
}

// Walk is what was found. Speeds are letters a second.
type Walk struct {
	What  string `json:"what"`
	Store string `json:"store"` // "SQLite" or "PostgreSQL"
	Nodes int    `json:"nodes"`
	Cores int    `json:"cores"`
	N     int    `json:"n"`
	// Syncs is how often a second this disk makes 4 kB durable for one writer.
	Syncs float64 `json:"disk_syncs_per_second"`
	// Runs are from the first byte to the commit that holds the last letter and its
	// receipt; PerSecond is their median.
	Runs      []float64 `json:"runs_per_second"`
	PerSecond float64   `json:"per_second"`
	// Answered counts until the last receipt was handed to the network, too.
	Answered float64 `json:"receipt_handed_per_second"`
	CPU      float64 `json:"cores_busy"` // processors this program kept busy in the runs
	// Heap in megabytes: the most in the first and in the last run. Flat when equal.
	HeapFirst float64 `json:"heap_first_mb"`
	HeapLast  float64 `json:"heap_last_mb"`

	// From the moment a letter is received to its receipt in the network, at 50 a second.
	LatencyP50 float64 `json:"latency_p50_ms,omitempty"`
	LatencyP99 float64 `json:"latency_p99_ms,omitempty"`

	Waiting     int     `json:"waiting,omitempty"`
	CatchUp     float64 `json:"catch_up_seconds,omitempty"`
	PageP50     float64 `json:"page_p50_ms,omitempty"` // of the inbox, meanwhile
	PageP95     float64 `json:"page_p95_ms,omitempty"`
	Prefill     int     `json:"prefill,omitempty"`
	FilledRate  float64 `json:"filled_per_second,omitempty"`      // of a run on the filled archive
	FilledRatio float64 `json:"cost_ratio_when_filled,omitempty"` // its time for a letter to that of an empty one
}

// MeasureWalk lets letters, half DIS91 and half XDIS91, walk from the network into the
// inbox of a fresh installation and their receipts back out. Nothing is left.
func MeasureWalk(ctx context.Context, o WalkOptions) (w Walk, err error) {
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	w = Walk{What: "walk", Store: "SQLite", Nodes: max(o.Nodes, 1), Cores: runtime.NumCPU(), N: o.N}
	if o.Database != "" {
		w.Store = "PostgreSQL"
	}
	if w.Syncs, err = syncs(o.Dir, o.Now); err != nil {
		return w, err
	}
	i, err := setUp(ctx, where{Dir: o.Dir, Database: o.Database, Nodes: o.Nodes}, o.Now)
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, i.tearDown()) }()
	m := &measuring{WalkOptions: o, installation: i, w: &w, out: &outbox{dir: filepath.Join(i.dir, "data", "network", "out"), now: o.Now}}
	for _, step := range []func(context.Context) error{m.throughput, m.latency, m.catchUp, m.filled, m.complete} {
		if err := step(ctx); err != nil {
			return w, err
		}
	}
	return w, nil
}

// syncs counts for a second how often one writer can make four kilobytes durable.
func syncs(dir string, now func() time.Time) (float64, error) {
	f, err := os.CreateTemp(dir, "brevdue-sync-")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	page := make([]byte, 4096)
	n, start := 0, now()
	for now().Sub(start) < time.Second {
		if _, err := f.Write(page); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
		n++
	}
	return rate(n, now().Sub(start)), nil
}

// measuring is one measurement under way.
type measuring struct {
	WalkOptions
	*installation
	w     *Walk
	out   *outbox
	given int // letters given to the installation so far
}

// run lets n letters arrive and returns when the last is committed, and when its receipt
// was handed over.
func (m *measuring) run(ctx context.Context, n int) (committed, handed time.Duration, err error) {
	defer m.work(ctx)()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := make(chan error, 1)
	go func() { out <- m.out.wait(ctx, m.given+n, 50*time.Millisecond) }()
	start := m.now()
	err = m.feed(ctx, m.given, n)
	if err == nil {
		err = m.inbox(ctx, m.given+n)
	}
	committed = m.now().Sub(start)
	if err != nil {
		cancel()
	}
	err = errors.Join(err, <-out)
	m.given += n
	return committed, m.now().Sub(start), err
}

func (m *measuring) throughput(ctx context.Context) error {
	var answered []float64
	cpu, began := cpuTime(), m.now()
	for k := range 3 {
		m.Progress(fmt.Sprintf("run %d of 3: %d letters", k+1, m.N))
		heap := watchHeap()
		committed, handed, err := m.run(ctx, m.N)
		most := heap()
		if err != nil {
			return err
		}
		m.w.Runs, answered = append(m.w.Runs, rate(m.N, committed)), append(answered, rate(m.N, handed))
		if k == 0 {
			m.w.HeapFirst = most
		}
		m.w.HeapLast = most
	}
	m.w.CPU = round((cpuTime() - cpu).Seconds() / m.now().Sub(began).Seconds())
	m.w.PerSecond, m.w.Answered = median(m.w.Runs), median(answered)
	return nil
}

// watchHeap watches until the returned function is called, which tells the most
// megabytes of objects there were.
func watchHeap() func() float64 {
	stop := make(chan struct{})
	most := make(chan float64)
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		highest := uint64(0)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(sample)
			highest = max(highest, sample[0].Value.Uint64())
			select {
			case <-stop:
				most <- round(float64(highest) / (1 << 20))
				return
			case <-tick.C:
			}
		}
	}()
	return func() float64 { close(stop); return <-most }
}

// perSecond is how many letters a second come while latency is measured.
const perSecond = 50

func (m *measuring) latency(ctx context.Context) error {
	n := int(m.Steady.Seconds() * perSecond)
	if n == 0 {
		return nil
	}
	m.Progress(fmt.Sprintf("%d letters a second for %s", perSecond, m.Steady))
	defer m.work(ctx)()
	began := make([]time.Time, n)
	m.out.seen = map[string]time.Time{}
	defer func() { m.out.seen = nil }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := make(chan error, 1)
	go func() { out <- m.out.wait(ctx, m.given+n, time.Millisecond) }()
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	var in sync.WaitGroup
	failed := make(chan error, n)
	for k := range n {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		in.Go(func() {
			data, err := postOne(m.given+k, m.now())
			if err == nil {
				began[k] = m.now()
				err = m.nodes[k%len(m.nodes)].Gateway.Receive(ctx, "folder", data)
			}
			failed <- err
		})
	}
	in.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			return err
		}
	}
	if err := <-out; err != nil {
		return err
	}
	first := m.given
	m.given += n
	var times []float64
	for k, b := range began {
		at, ok := m.out.seen[measuredEnvelope(first+k, b).ID]
		if !ok {
			return fmt.Errorf("the receipt of letter %d is missing", first+k)
		}
		times = append(times, at.Sub(b).Seconds()*1000)
	}
	slices.Sort(times)
	m.w.LatencyP50, m.w.LatencyP99 = round(part(times, 50)), round(part(times, 99))
	return nil
}

// part returns the value below which so many percent of the sorted ones lie.
func part(sorted []float64, percent int) float64 {
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

// catchUp lets the installation start with letters in its network folder, and asks for
// the inbox all the while.
func (m *measuring) catchUp(ctx context.Context) error {
	if m.Waiting == 0 {
		return nil
	}
	m.Progress(fmt.Sprintf("start with %d letters that wait", m.Waiting))
	in := filepath.Join(m.dir, "data", "network", "in")
	for k := range m.Waiting {
		data, err := postOne(m.given+k, m.now())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(in, fmt.Sprintf("%08d.dat", k)), data, 0o600); err != nil {
			return err
		}
	}
	m.given += m.Waiting
	m.w.Waiting = m.Waiting
	times, err := m.serving(ctx, func(ctx context.Context, start time.Time) error {
		if err := m.inbox(ctx, m.given); err != nil {
			return err
		}
		if err := m.out.wait(ctx, m.given, 50*time.Millisecond); err != nil {
			return err
		}
		m.w.CatchUp = round(m.now().Sub(start).Seconds())
		return nil
	})
	if err != nil {
		return err
	}
	m.w.PageP50, m.w.PageP95 = round(part(times, 50)), round(part(times, 95))
	return nil
}

// serving runs the installation while f runs and somebody who is signed in asks for the
// inbox some twenty times a second; it returns how many milliseconds that took, sorted.
func (m *measuring) serving(ctx context.Context, f func(ctx context.Context, start time.Time) error) (times []float64, err error) {
	l, err := app.Listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	served := make(chan error, 1)
	start := m.now()
	go func() { served <- m.nodes[0].Serve(ctx, l) }()
	done := make(chan error, 1)
	go func() { done <- f(ctx, start) }()
	defer func() { cancel(); err = errors.Join(err, <-served) }()
	b, err := newBrowser("http://"+l.Addr().String(), m.login, m.password)
	if err != nil {
		return nil, err
	}
	defer b.CloseIdleConnections()
	for {
		asked := m.now()
		if _, err := b.page(measuredInbox()); err != nil {
			return nil, err
		}
		times = append(times, m.now().Sub(asked).Seconds()*1000)
		select {
		case err := <-done:
			slices.Sort(times)
			return times, err
		case <-time.After(time.Second/20 - min(m.now().Sub(asked), time.Second/20)):
		}
	}
}

// filled measures a run again when the archive holds what years have left.
func (m *measuring) filled(ctx context.Context) error {
	if m.Prefill == 0 {
		return nil
	}
	const first = 1_000_000_000 // numbers nobody else has here
	err := Fill(ctx, m.store(), first, m.Prefill, m.now(), func(done int) {
		if done%100_000 == 0 || done == m.Prefill {
			m.Progress(fmt.Sprintf("%d letters of the years before", done))
		}
	})
	if err != nil {
		return err
	}
	m.Progress(fmt.Sprintf("%d letters into the filled archive", m.N))
	committed, _, err := m.run(ctx, m.N)
	if err != nil {
		return err
	}
	m.w.Prefill, m.w.FilledRate = m.Prefill, rate(m.N, committed)
	m.w.FilledRatio = round(m.w.PerSecond / m.w.FilledRate)
	return nil
}

// complete fails when the archive does not hold what was given to it.
func (m *measuring) complete(ctx context.Context) error {
	return m.store().View(ctx, func(tx store.Tx) error {
		total, err := tx.Letters().Total(ctx)
		if err == nil && total != m.given+m.w.Prefill {
			err = fmt.Errorf("%d letters were given and %d are in the archive", m.given+m.w.Prefill, total)
		}
		return err
	})
}

// outbox empties the outgoing folder, as a network does, and counts the receipts.
type outbox struct {
	dir   string
	now   func() time.Time
	count int
	seen  map[string]time.Time // when a receipt lay there, by the envelope that is answered; nil: nobody asks
}

// wait empties the folder until so many letters were answered in all.
func (o *outbox) wait(ctx context.Context, n int, every time.Duration) error {
	for o.count < n {
		entries, err := os.ReadDir(o.dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") {
				continue
			}
			if err := o.take(e.Name()); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(every):
		}
	}
	return nil
}

func (o *outbox) take(name string) error {
	if !strings.Contains(name, "CTL03-") {
		return errors.New("a letter of the measurement was refused")
	}
	path := filepath.Join(o.dir, name)
	if o.seen != nil {
		at := o.now()
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		m, findings := receipt.Read(data)
		if brevdue.HasErrors(findings) {
			return errUnreadable
		}
		o.seen[m.Receipt.OriginalEnvelope] = at
	}
	o.count++
	return os.Remove(path)
}
