package torture

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"brevdue/internal/config"
)

// What the network does to a file.
const (
	carried   = "carried"
	dropped   = "dropped"
	doubled   = "doubled"
	delayed   = "delayed" // others overtake it
	corrupted = "corrupted"
	halved    = "halved" // half of it lies there for a while, then all of it
)

// sent is a file that a side handed to the network.
type sent struct {
	side int
	name string
	sha  string
	data []byte
	fate string
}

// wire is the network between the two sides, and its log.
type wire struct {
	in, out [2]string

	mu     sync.Mutex
	rng    [2]*rand.Rand
	kind   bool // carries everything
	held   []holding
	log    []sent
	bad    map[string]bool // SHA-256 of what was delivered damaged
	serial int
	fault  error
}

// holding is a file that is delivered later.
type holding struct {
	to   int
	at   time.Time
	name string // "" for a new one
	data []byte
}

func newWire(seed uint64, a, b *config.Config) *wire {
	w := &wire{bad: map[string]bool{}}
	for i, c := range []*config.Config{a, b} {
		w.in[i], w.out[i] = c.Path(c.Network.In), c.Path(c.Network.Out)
		w.rng[i] = rand.New(rand.NewPCG(seed, uint64(i)+100))
	}
	return w
}

// run carries files until the context ends.
func (w *wire) run(ctx context.Context) {
	for ctx.Err() == nil {
		w.mu.Lock()
		for side := range w.out {
			w.empty(side)
		}
		w.release()
		w.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// calm makes the network carry everything, what it held back included.
func (w *wire) calm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kind = true
	for i := range w.held {
		w.held[i].at = time.Time{}
	}
}

// idle tells that nothing is under way.
func (w *wire) idle() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.held) > 0 {
		return false
	}
	for _, dir := range append(w.in[:], w.out[:]...) {
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) > 0 && !onlyHidden(entries) {
			return false
		}
	}
	return true
}

func onlyHidden(entries []os.DirEntry) bool {
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			return false
		}
	}
	return true
}

func (w *wire) moved() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.log)
}

// empty takes what a side has handed over.
func (w *wire) empty(side int) {
	entries, err := os.ReadDir(w.out[side])
	if err != nil {
		w.fault = err
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		path := filepath.Join(w.out[side], e.Name())
		data, err := os.ReadFile(path)
		if err != nil {
			w.fault = err
			continue
		}
		if err := os.Remove(path); err != nil {
			w.fault = err
			continue
		}
		sum := sha256.Sum256(data)
		w.log = append(w.log, sent{side, e.Name(), hex.EncodeToString(sum[:]), data, w.carry(side, data)})
	}
}

// carry does to a file what chance says, and tells what.
func (w *wire) carry(side int, data []byte) (fate string) {
	to, rng, now := 1-side, w.rng[side], time.Now()
	later := func(most int) time.Time {
		return now.Add(time.Duration(50+rng.IntN(most)) * time.Millisecond)
	}
	if w.kind {
		w.put(to, "", data)
		return carried
	}
	switch x := rng.IntN(100); {
	case x < 5:
		return dropped
	case x < 13:
		w.put(to, "", data)
		w.held = append(w.held, holding{to, later(3000), "", data})
		return doubled
	case x < 28:
		w.held = append(w.held, holding{to, later(2500), "", data})
		return delayed
	case x < 31:
		bad := append([]byte{}, data...)
		for range 1 + rng.IntN(4) {
			bad[rng.IntN(len(bad))] = byte(rng.IntN(256))
		}
		w.damage(bad)
		w.put(to, "", bad)
		return corrupted
	case x < 35:
		name := w.name()
		w.damage(data[:len(data)/2])
		w.write(filepath.Join(w.in[to], name), data[:len(data)/2])
		w.held = append(w.held, holding{to, later(200), name, data})
		return halved
	default:
		w.put(to, "", data)
		return carried
	}
}

// damage takes down what will be delivered damaged.
func (w *wire) damage(data []byte) {
	sum := sha256.Sum256(data)
	w.bad[hex.EncodeToString(sum[:])] = true
}

// damaged tells whether bytes were damaged by the network.
func (w *wire) damaged(sha string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bad[sha]
}

// release delivers what was held back long enough.
func (w *wire) release() {
	kept := w.held[:0]
	for _, h := range w.held {
		if time.Now().Before(h.at) {
			kept = append(kept, h)
			continue
		}
		if h.name != "" {
			w.write(filepath.Join(w.in[h.to], h.name), h.data) // over the half, or anew when that was taken
			continue
		}
		w.put(h.to, h.name, h.data)
	}
	w.held = kept
}

// put delivers a file whole.
func (w *wire) put(to int, name string, data []byte) {
	if name == "" {
		name = w.name()
	}
	tmp := filepath.Join(w.in[to], "."+name)
	w.write(tmp, data)
	if err := os.Rename(tmp, filepath.Join(w.in[to], name)); err != nil {
		w.fault = err
	}
}

func (w *wire) name() string {
	w.serial++
	return fmt.Sprintf("w%08d.txt", w.serial)
}

func (w *wire) write(path string, data []byte) {
	if err := os.WriteFile(path, data, 0o600); err != nil {
		w.fault = err
	}
}
