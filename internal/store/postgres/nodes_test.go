package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/audit"
	"brevdue/internal/pgtest"
	"brevdue/internal/store"
)

var now = time.Date(2026, 11, 24, 13, 5, 30, 0, time.UTC)

func closing(t *testing.T, s store.Store) store.Store {
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func set(t *testing.T, s store.Store, key string) error {
	return s.Update(t.Context(), func(tx store.Tx) error { return tx.Settings().Set(t.Context(), key, "v") })
}

func kept(t *testing.T, s store.Store, key string) bool {
	t.Helper()
	err := s.View(t.Context(), func(tx store.Tx) error { _, err := tx.Settings().Get(t.Context(), key); return err })
	if err != nil && !errors.Is(err, brevdue.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// TestNodesRaceForJobs: of two nodes on one database each job goes to one.
func TestNodesRaceForJobs(t *testing.T) {
	address := pgtest.Database(t)
	nodes := []store.Store{closing(t, open(t, address)), closing(t, open(t, address))}
	const jobs = 400
	err := nodes[0].Update(t.Context(), func(tx store.Tx) error {
		for i := range jobs {
			if err := tx.Jobs().Add(t.Context(), store.Job{Kind: store.JobOpen, Subject: int64(i + 1), RunAt: now, Created: now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	took := map[int64]int{}
	for _, n := range nodes {
		for range 4 {
			wg.Go(func() {
				for {
					var got []store.Job
					err := n.Update(t.Context(), func(tx store.Tx) (err error) {
						got, err = tx.Jobs().Claim(t.Context(), now, time.Minute, 7)
						return err
					})
					if err != nil {
						t.Error(err)
					}
					if err != nil || len(got) == 0 {
						return
					}
					mu.Lock()
					for _, j := range got {
						took[j.Subject]++
					}
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	if len(took) != jobs {
		t.Errorf("%d of %d jobs were taken", len(took), jobs)
	}
	for subject, times := range took {
		if times != 1 {
			t.Errorf("job %d was taken %d times", subject, times)
		}
	}
}

// TestNodesWriteOneChain: what two nodes write at once is one audit chain, and no
// number of a series is given twice.
func TestNodesWriteOneChain(t *testing.T) {
	address := pgtest.Database(t)
	nodes := []store.Store{closing(t, open(t, address)), closing(t, open(t, address))}
	const each = 60
	var wg sync.WaitGroup
	var mu sync.Mutex
	numbers := map[int64]bool{}
	for i, n := range nodes {
		for w := range 4 {
			wg.Go(func() {
				for k := range each {
					err := n.Update(t.Context(), func(tx store.Tx) error {
						number, err := tx.Settings().NextNumber(t.Context(), "brev")
						if err != nil {
							return err
						}
						mu.Lock()
						defer mu.Unlock()
						if numbers[number] {
							return fmt.Errorf("number %d twice", number)
						}
						numbers[number] = true
						return audit.Append(t.Context(), tx, audit.Entry{At: now, Actor: fmt.Sprintf("node %d", i), Action: "test", Detail: fmt.Sprint(w, k)})
					})
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	wg.Wait()
	if want := len(nodes) * 4 * each; len(numbers) != want {
		t.Errorf("%d numbers, want %d", len(numbers), want)
	}
	err := nodes[0].View(t.Context(), func(tx store.Tx) error {
		n, broken, err := audit.Verify(t.Context(), tx)
		if broken != 0 || n != int64(len(numbers)) {
			t.Errorf("a chain of %d, broken at %d", n, broken)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestNodesHearEachOther: a commit on one node wakes who waits on another.
func TestNodesHearEachOther(t *testing.T) {
	address := pgtest.Database(t)
	here, there := closing(t, open(t, address)), closing(t, open(t, address))
	wake, stop := there.Listen("unit:x")
	defer stop()
	other, stopOther := there.Listen("unit:y")
	defer stopOther()
	if err := here.Update(t.Context(), func(tx store.Tx) error { tx.Notify("unit:x"); return nil }); err != nil {
		t.Fatal(err)
	}
	select {
	case <-wake:
	case <-time.After(10 * time.Second):
		t.Fatal("not woken")
	}
	select {
	case <-other:
		t.Error("woken for something else")
	default:
	}
}

// TestBadText: a bad letter may bring characters PostgreSQL cannot keep; it is kept
// with others, and found by what it brought.
func TestBadText(t *testing.T) {
	s := closing(t, open(t, pgtest.Database(t)))
	bad := "A\x00B\xff"
	err := s.Update(t.Context(), func(tx store.Tx) error {
		sha, err := tx.Originals().Put(t.Context(), []byte(bad), now)
		if err != nil {
			return err
		}
		_, err = tx.Arrivals().Add(t.Context(), store.Arrival{SHA: sha, VANSID: bad, At: now})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(t.Context(), func(tx store.Tx) error {
		a, err := tx.Arrivals().ByVANSID(t.Context(), bad, 0)
		if err != nil {
			return err
		}
		if a.VANSID != "A␀B�" {
			t.Errorf("kept as %q", a.VANSID)
		}
		original, err := tx.Originals().Get(t.Context(), a.SHA)
		if string(original) != bad {
			t.Errorf("the original became %q", original)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestCutConnections: when every connection is cut nobody notices who comes after.
func TestCutConnections(t *testing.T) {
	address := pgtest.Database(t)
	s := closing(t, open(t, address))
	wake, stop := s.Listen("unit:x")
	defer stop()
	if err := set(t, s, "before"); err != nil {
		t.Fatal(err)
	}
	other := closing(t, open(t, address))
	cut := func() {
		t.Helper()
		if err := pgtest.Ask(address, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'brevdue' AND pid <> pg_backend_pid()"); err != nil {
			t.Fatal(err)
		}
	}
	cut()
	if err := set(t, s, "after"); err != nil {
		t.Errorf("writing: %v", err)
	}
	for range 8 { // every reader was cut
		if !kept(t, s, "before") || !kept(t, s, "after") {
			t.Fatal("something is not there")
		}
	}
	// It hears again, and is told that it may have missed something.
	select {
	case <-wake:
	case <-time.After(10 * time.Second):
		t.Fatal("not woken after it was deaf")
	}
	if err := other.Update(t.Context(), func(tx store.Tx) error { tx.Notify("unit:x"); return nil }); err != nil {
		t.Fatal(err)
	}
	select {
	case <-wake:
	case <-time.After(10 * time.Second):
		t.Fatal("deaf for good")
	}
	// Cut in the middle of a change: nothing of it is kept, and the caller is told to
	// come again.
	err := s.Update(t.Context(), func(tx store.Tx) error {
		if err := tx.Settings().Set(t.Context(), "middle", "v"); err != nil {
			return err
		}
		cut()
		return tx.Settings().Set(t.Context(), "middle", "w")
	})
	if !errors.Is(err, brevdue.ErrTransient) {
		t.Errorf("cut in the middle: %v", err)
	}
	if kept(t, s, "middle") {
		t.Error("half a change was kept")
	}
}

// TestRestart: while the database is down everybody is told so at once, and when it
// is up again work goes on; what was said to be kept is there.
func TestRestart(t *testing.T) {
	server := pgtest.Own(t)
	address, err := server.Database()
	if err != nil {
		t.Fatal(err)
	}
	s := closing(t, open(t, address))
	if err := set(t, s, "before"); err != nil {
		t.Fatal(err)
	}
	if err := server.Down(); err != nil {
		t.Fatal(err)
	}
	if err := set(t, s, "down"); !errors.Is(err, brevdue.ErrTransient) {
		t.Errorf("writing while it is down: %v", err)
	}
	if err := s.View(t.Context(), func(store.Tx) error { return nil }); !errors.Is(err, brevdue.ErrTransient) {
		t.Errorf("reading while it is down: %v", err)
	}
	if err := server.Up(); err != nil {
		t.Fatal(err)
	}
	if err := set(t, s, "after"); err != nil {
		t.Errorf("writing when it is up: %v", err)
	}
	if !kept(t, s, "before") || kept(t, s, "down") || !kept(t, s, "after") {
		t.Error("what is there is not what was said")
	}
}

// TestCommitWithoutAnswer: the connection is cut when the database has committed and
// not yet said so. The caller is told the truth: it is kept.
func TestCommitWithoutAnswer(t *testing.T) {
	w := newWire(t, pgtest.Database(t))
	s := closing(t, open(t, w.address))
	if err := set(t, s, "before"); err != nil {
		t.Fatal(err)
	}
	w.armed.Store(true)
	if err := set(t, s, "unanswered"); err != nil {
		t.Errorf("committed, and said: %v", err)
	}
	if w.armed.Load() {
		t.Fatal("the connection was not cut")
	}
	if !kept(t, s, "unanswered") {
		t.Error("said to be kept and is not")
	}
	if err := set(t, s, "after"); err != nil || !kept(t, s, "after") {
		t.Errorf("afterwards: %v", err)
	}
}

// wire stands between a store and its database; armed, it cuts the connection in
// place of the next answer to a commit.
type wire struct {
	address string
	armed   atomic.Bool
}

func newWire(t *testing.T, address string) *wire {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	socket := filepath.Join(q.Get("host"), ".s.PGSQL.5432")
	dir, err := os.MkdirTemp("", "wire")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	q.Set("host", dir)
	u.RawQuery = q.Encode()
	w := &wire{address: u.String()}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go w.carry(near, socket)
		}
	}()
	return w
}

func (w *wire) carry(near net.Conn, socket string) {
	defer near.Close()
	far, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer far.Close()
	go func() {
		_, _ = io.Copy(far, near)
		far.Close()
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := far.Read(buf)
		if bytes.Contains(buf[:n], []byte("COMMIT\x00")) && w.armed.CompareAndSwap(true, false) {
			return
		}
		if _, writeErr := near.Write(buf[:n]); err != nil || writeErr != nil {
			return
		}
	}
}

// TestSameMigrations: the newest migration has the same number in both archives, so
// that a program knows an archive of its own age in either.
func TestSameMigrations(t *testing.T) {
	newest := func(dir string) string {
		files, err := filepath.Glob(filepath.Join(dir, "*.sql"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", dir, len(files), err)
		}
		return filepath.Base(files[len(files)-1])[:4]
	}
	if here, there := newest("migrations"), newest("../sqlite/migrations"); here != there {
		t.Errorf("the newest migration is %s, that of SQLite %s", here, there)
	}
}

// TestOneNodeLeads: of two nodes one leads; when it goes, or is cut off, the other
// does.
func TestOneNodeLeads(t *testing.T) {
	address := pgtest.Database(t)
	var leading atomic.Int64
	begun := make(chan int, 16)
	lead := func(ctx context.Context, s store.Store, node int) func() {
		ctx, stop := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() {
			done <- s.Lead(ctx, "the folder", func(ctx context.Context) error {
				leading.Add(1)
				defer leading.Add(-1)
				begun <- node
				<-ctx.Done()
				return nil
			})
		}()
		return func() {
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	next := func(what string) int {
		t.Helper()
		select {
		case node := <-begun:
			return node
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: nobody leads", what)
			return 0
		}
	}
	one, two := closing(t, open(t, address)), closing(t, open(t, address))
	stopOne := lead(t.Context(), one, 1)
	if got := next("first"); got != 1 {
		t.Fatalf("node %d leads", got)
	}
	stopTwo := lead(t.Context(), two, 2)
	if err := pgtest.Ask(address, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"); err != nil {
		t.Fatal(err)
	}
	if got := next("cut off"); got != 2 { // it has waited; the one that was cut off comes behind it
		t.Errorf("node %d leads", got)
	}
	stopTwo()
	if got := next("gone"); got != 1 {
		t.Errorf("node %d leads", got)
	}
	stopOne()
	if leading.Load() != 0 {
		t.Error("somebody still leads")
	}
}
