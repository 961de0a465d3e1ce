package gateway

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/audit"
	"brevdue/internal/logtest"
	"brevdue/internal/store"
	"brevdue/internal/store/storetest"
	"brevdue/internal/transport"
	"brevdue/medcom"
	"brevdue/receipt"
	"brevdue/vans"
)

// The crash test: a child process runs a whole installation - folder, gateway,
// queue, database - and is killed with SIGKILL, by itself just before and just
// after every point of the walk, and by its parent at random moments. The
// parent plays the network and the counterpart, and knows what is owed. After
// all the killing everything must be there exactly as if nothing had happened.
//
// BREVDUE_CRASH=1 runs the large one (./check does); BREVDUE_CRASH_SEED repeats
// one.
const (
	envChild   = "BREVDUE_CRASH_CHILD"   // directory of the installation; set in the child
	envMoment  = "BREVDUE_CRASH_MOMENT"  // the moment at which the child kills itself
	envNth     = "BREVDUE_CRASH_NTH"     // ... the how-manieth time
	envReplies = "BREVDUE_CRASH_REPLIES" // how many letters people have written by now
	envBig     = "BREVDUE_CRASH"
	envSeed    = "BREVDUE_CRASH_SEED"

	crashAwait = 1500 * time.Millisecond // how long the child's network waits for receipts
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(envChild); dir != "" {
		if err := crashChild(dir); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// crashChild runs until it is killed or its parent closes its input.
func crashChild(dir string) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	s, err := storetest.OpenPrepared(filepath.Join(dir, "brevdue.db"))
	if err != nil {
		return err
	}
	moment, replies := os.Getenv(envMoment), atoi(os.Getenv(envReplies))
	nth := int64(atoi(os.Getenv(envNth)))
	var hits atomic.Int64
	hook := func(now string) {
		if now == moment && hits.Add(1) == nth {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until the signal has come
		}
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	done := make(chan error, 3)
	in := startInstallation(ctx, dir, s, log, hook, done)
	if err := in; err != nil {
		return err
	}
	go func() { done <- writeReplies(ctx, dir, s, replies) }()
	fmt.Println("ready")
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0) // the parent is gone
	}()
	for err := range done {
		if err != nil {
			return err
		}
	}
	return nil
}

// startInstallation starts folder, gateway and queue on the directory.
func startInstallation(ctx context.Context, dir string, s store.Store, log *slog.Logger, hook func(string), done chan<- error) error {
	book, err := loadBook()
	if err != nil {
		return err
	}
	folder := &transport.Folder{
		In: filepath.Join(dir, "in"), Out: filepath.Join(dir, "out"), Log: log,
		Settle: time.Millisecond, Rescan: 50 * time.Millisecond, Workers: 16,
	}
	gw := New(Config{
		Store: s, Books: func() *aftale.Book { return book }, Network: Network{Name: "folder", Await: crashAwait},
		Deliver: folder.Deliver, Now: time.Now, Log: log, Hook: hook,
	})
	q := newQueue(s, time.Now, log, gw)
	go func() { done <- q.Run(ctx) }()
	go func() {
		done <- folder.Run(ctx, func(ctx context.Context, _ string, data []byte) error { return gw.Receive(ctx, "folder", data) })
	}()
	return nil
}

// repliesKey counts, in the archive itself, the letters people have written.
const repliesKey = "test.replies"

// writeReplies is the mailbox: it queues letters until there are n, and writes
// down each one that a person was told is sent.
func writeReplies(ctx context.Context, dir string, s store.Store, n int) error {
	told, err := os.OpenFile(filepath.Join(dir, "told"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer told.Close()
	for {
		number := ""
		err := s.Update(ctx, func(tx store.Tx) error {
			number = ""
			count := 0
			if v, err := tx.Settings().Get(ctx, repliesKey); err == nil {
				count = atoi(v)
			} else if !errors.Is(err, brevdue.ErrNotFound) {
				return err
			}
			if count >= n {
				return nil
			}
			unit, kind := clinic, brevdue.XDIS91
			if count%2 == 1 {
				unit, kind = ward, brevdue.DIS91
			}
			number = replyNumber(count)
			m := draft{kind: kind, from: unit, to: homecare, ids: []string{number}, text: "Svar nummer " + strconv.Itoa(count)}.message()
			if _, err := queueLetter(ctx, tx, unit, m.Letters[0], 0, time.Now()); err != nil {
				return err
			}
			return tx.Settings().Set(ctx, repliesKey, strconv.Itoa(count+1))
		})
		if err != nil || number == "" {
			return err
		}
		if _, err := fmt.Fprintln(told, number); err != nil {
			return err
		}
	}
}

func replyNumber(i int) string { return store.FormatNumber("SVR", int64(i+1)) }

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }

// owed is what the world may expect of the installation under test.
type owed struct {
	letters  map[string]brevdue.Status  // BrevNr -> state it must have
	receipts map[string]brevdue.Outcome // KuvertNr -> outcome, "" for none
	noise    map[string]bool            // files nobody can read
}

// crashNetwork is the parent's side: the network and the counterpart.
type crashNetwork struct {
	t       *testing.T
	rng     *rand.Rand
	dir     string
	files   [][]byte // still to be dropped into the folder
	dropped int
	owed    owed

	bytes    map[string][]byte          // of every file that went out, by name
	receipts map[string]map[string]bool // KuvertNr answered -> distinct bytes
	outcomes map[string]brevdue.Outcome // KuvertNr answered -> outcome
	letters  map[string]map[string]bool // BrevNr sent -> distinct bytes
	envelope map[string]map[string]bool // BrevNr sent -> distinct KuvertNr
	results  map[string]brevdue.Status  // BrevNr sent -> what we answered
	held     [][]byte                   // receipts that come late
}

func newCrashNetwork(t *testing.T, rng *rand.Rand, dir string, letters int) *crashNetwork {
	n := &crashNetwork{
		t: t, rng: rng, dir: dir,
		owed:  owed{map[string]brevdue.Status{}, map[string]brevdue.Outcome{}, map[string]bool{}},
		bytes: map[string][]byte{}, receipts: map[string]map[string]bool{}, outcomes: map[string]brevdue.Outcome{},
		letters: map[string]map[string]bool{}, envelope: map[string]map[string]bool{}, results: map[string]brevdue.Status{},
	}
	sent := brevdue.LocalTime(time.Now().AddDate(0, 0, -5).Format("2006-01-02T15:04")) // overdue: reminders run at once
	for i := 0; len(n.owed.letters) < letters; i++ {
		d := draft{
			kind: brevdue.XDIS91, from: homecare, env: fmt.Sprintf("K%d", i), ids: []string{fmt.Sprintf("B%d", i)}, sent: sent,
			ask: rng.IntN(2) == 0, to: []brevdue.GLN{clinic, ward}[rng.IntN(2)], text: fmt.Sprintf("Brev nummer %d", i),
		}
		if rng.IntN(2) == 0 {
			d.kind = brevdue.DIS91
		}
		state, outcome := brevdue.Unread, brevdue.Outcome("")
		if d.ask {
			outcome = brevdue.Positive
		}
		var file []byte
		switch x := rng.IntN(100); {
		case x < 10:
			file, state, outcome = d.broken(t), brevdue.Refused, brevdue.Negative
		case x < 15:
			d.to = nobody
			file, state, outcome = d.bytes(t), brevdue.Refused, brevdue.Negative
		case x < 20:
			d.ids = append(d.ids, d.ids[0]+"b")
			file = d.bytes(t)
		case x < 25:
			id := fmt.Sprintf("55555555-5555-4555-8555-%012d", i)
			file = enveloped(t, id, d.bytes(t), d.from, d.to, "unreliable")
		case x < 28:
			noise := fmt.Sprintf("støj %d", i)
			n.owed.noise[noise] = true
			n.files = append(n.files, []byte(noise))
			continue
		default:
			file = d.bytes(t)
		}
		n.files = append(n.files, file)
		for _, id := range d.ids {
			n.owed.letters[id] = state
		}
		n.owed.receipts[d.env] = outcome
		switch x := rng.IntN(100); {
		case x < 10: // the very same once more, at some time
			n.insert(file)
		case x < 15 && state == brevdue.Unread && len(d.ids) == 1: // and in a new envelope
			d.env += "n"
			n.owed.receipts[d.env] = outcome
			n.insert(d.bytes(t))
		}
	}
	return n
}

// insert puts a file somewhere among those that are still to come.
func (n *crashNetwork) insert(file []byte) {
	i := len(n.files) - n.rng.IntN(min(len(n.files), 20)+1)
	n.files = append(n.files[:i], append([][]byte{file}, n.files[i:]...)...)
}

// drop puts files into the incoming folder, as a well-behaved network does.
func (n *crashNetwork) drop(files ...[]byte) {
	n.t.Helper()
	for _, data := range files {
		n.dropped++
		tmp := filepath.Join(n.dir, "in", fmt.Sprintf(".%d.tmp", n.dropped))
		if err := os.WriteFile(tmp, data, 0o600); err != nil {
			n.t.Fatal(err)
		}
		if err := os.Rename(tmp, filepath.Join(n.dir, "in", fmt.Sprintf("%06d", n.dropped))); err != nil {
			n.t.Fatal(err)
		}
	}
}

// fetch takes what lies in the outgoing folder, writes down what it is, and
// answers letters. It returns how many files there were.
func (n *crashNetwork) fetch() int {
	n.t.Helper()
	entries, err := os.ReadDir(filepath.Join(n.dir, "out"))
	if err != nil {
		n.t.Fatal(err)
	}
	count := 0
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		count++
		path := filepath.Join(n.dir, "out", e.Name())
		data, err := os.ReadFile(path)
		if err != nil {
			n.t.Fatal(err)
		}
		if before, again := n.bytes[e.Name()]; again && !bytes.Equal(before, data) {
			n.t.Errorf("%s went out with other bytes than before", e.Name())
		}
		n.bytes[e.Name()] = data
		n.record(e.Name(), data)
		if err := os.Remove(path); err != nil {
			n.t.Fatal(err)
		}
	}
	return count
}

func (n *crashNetwork) record(name string, data []byte) {
	n.t.Helper()
	if e, _ := vans.Read(data); e.Message != nil {
		data = e.Message.Data
	}
	if medcom.Sniff(data).Kind.IsReceipt() {
		m, findings := receipt.Read(data)
		if brevdue.HasErrors(findings) {
			n.t.Errorf("%s: receipt with errors: %v", name, findings)
		}
		add(n.receipts, m.Receipt.OriginalEnvelope, string(data))
		n.outcomes[m.Receipt.OriginalEnvelope] = m.Receipt.Outcome
		return
	}
	m, findings := medcom.Read(data)
	if brevdue.HasErrors(findings) || len(m.Letters) != 1 {
		n.t.Errorf("%s: letter with errors: %v", name, findings)
		return
	}
	id := m.Letters[0].ID
	add(n.letters, id, string(data))
	add(n.envelope, id, m.Envelope.ID)
	first := n.results[id] == ""
	if first {
		n.results[id] = brevdue.Delivered
		if n.rng.IntN(5) == 0 {
			n.results[id] = brevdue.Rejected
		}
	}
	v := receipt.Verdict{Outcome: brevdue.Positive}
	if n.results[id] == brevdue.Rejected {
		v = receipt.Verdict{Outcome: brevdue.Negative, Code: brevdue.RefuseReceiverID, Text: "Modtageren findes ikke"}
	}
	original, ok := receipt.OriginalOf(data)
	if !ok {
		n.t.Fatalf("%s cannot be answered", name)
	}
	// A good counterpart repeats the same receipt for the same letter.
	answer := receipt.Build(original, v, receipt.IDs{Envelope: "E" + id[3:], Letter: "R" + id[3:]}, "2026-11-24T10:00")
	file, findings := receipt.Encode(answer, answer.Kind)
	if file == nil {
		n.t.Fatalf("receipt for %s: %v", name, findings)
	}
	if first && n.rng.IntN(5) == 0 {
		n.held = append(n.held, file)
		return
	}
	n.drop(file)
}

func add(m map[string]map[string]bool, key, value string) {
	if m[key] == nil {
		m[key] = map[string]bool{}
	}
	m[key][value] = true
}

// run starts a child and lets it be killed; it returns how it ended.
func (n *crashNetwork) run(moment string, nth, replies int, patience time.Duration) string {
	n.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), envChild+"="+n.dir, envMoment+"="+moment, envNth+"="+strconv.Itoa(nth), envReplies+"="+strconv.Itoa(replies))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		n.t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		n.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	ready := make(chan bool, 1)
	gone := make(chan error, 1)
	go func() {
		line, _ := bufio.NewReader(stdout).ReadString('\n')
		ready <- line == "ready\n"
	}()
	isReady := <-ready
	go func() { gone <- cmd.Wait() }()
	how := "by itself"
	select {
	case <-gone:
	case <-time.After(patience):
		how = "by the parent"
		_ = cmd.Process.Kill()
		<-gone
	}
	stdin.Close()
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !status.Signaled() || status.Signal() != syscall.SIGKILL {
		n.t.Fatalf("the child (ready: %v) ended with %v instead of being killed:\n%s", isReady, cmd.ProcessState, &stderr)
	}
	if stderr.Len() != 0 {
		n.t.Errorf("the child logged errors:\n%.2000s", &stderr)
	}
	return how
}

func TestCrash(t *testing.T) {
	kills, letters, replies := 12, 60, 20
	if os.Getenv(envBig) != "" {
		kills, letters, replies = 220, 1000, 250
	}
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv(envSeed); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	t.Logf("seed: %s=%d", envSeed, seed)
	dir := t.TempDir()
	for _, d := range []string{"in", "out"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	prepareCrashStore(t, dir)
	rng := rand.New(rand.NewPCG(seed, 1))
	n := newCrashNetwork(t, rng, dir, letters)

	var moments []string
	for _, p := range Points() {
		moments = append(moments, Before(p), After(p))
	}
	began := time.Now()
	ways := map[string]int{}
	for i := range kills {
		share := (len(n.files) + kills - i - 1) / (kills - i)
		n.drop(n.files[:share]...)
		n.files = n.files[share:]
		written := replies * (i + 1) / kills
		if i%4 == 3 { // at a random moment
			ways[n.run("", 0, written, time.Duration(rng.IntN(120))*time.Millisecond)]++
		} else {
			moment := moments[(i-i/4)%len(moments)]
			how := n.run(moment, 1+rng.IntN(3), written, 700*time.Millisecond)
			ways[how]++
			ways[moment]++
			if how != "by itself" {
				ways["waited in vain for "+moment]++
			}
		}
		n.fetch()
	}
	t.Logf("%d kills in %v: %v", kills, time.Since(began).Round(time.Millisecond), ways)
	if !t.Failed() {
		n.settleAll(replies)
	}
	t.Logf("all settled after %v", time.Since(began).Round(time.Millisecond))
}

func prepareCrashStore(t *testing.T, dir string) {
	s := storetest.Open(t, filepath.Join(dir, "brevdue.db"))
	defer s.Close()
	err := s.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(tx.Units().Put(t.Context(), clinicUnit()), tx.Units().Put(t.Context(), wardUnit()), tx.Settings().Set(t.Context(), store.KeyTag, "AAA"))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// settleAll lets the installation run undisturbed until nothing is left to do,
// and then holds everything against what is owed.
func (n *crashNetwork) settleAll(replies int) {
	t := n.t
	ctx, stop := context.WithCancel(t.Context())
	s := storetest.Open(t, filepath.Join(n.dir, "brevdue.db"))
	var log logtest.Buffer
	done := make(chan error, 2)
	if err := startInstallation(ctx, n.dir, s, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})), nil, done); err != nil {
		t.Fatal(err)
	}
	if err := writeReplies(ctx, n.dir, s, replies); err != nil {
		t.Fatal(err)
	}
	n.drop(n.files...)
	n.files = nil
	deadline := time.Now().Add(2 * time.Minute)
	for idle := 0; idle < 3; {
		if time.Now().After(deadline) {
			t.Errorf("the installation does not come to rest:\n%.3000s", log.String())
			break
		}
		time.Sleep(50 * time.Millisecond)
		if n.fetch() > 0 || !n.quiet(ctx, s) {
			idle = 0
			continue
		}
		if len(n.held) > 0 { // late receipts, when all else is over
			n.drop(n.held...)
			n.held = nil
			idle = 0
			continue
		}
		idle++
	}
	stop()
	for range 2 {
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("stopping: %v", err)
		}
	}
	if log.String() != "" {
		t.Errorf("log:\n%.3000s", log.String())
	}
	n.verify(s, replies)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	storetest.CheckIntegrity(t, filepath.Join(n.dir, "brevdue.db"))
}

// quiet tells whether no job is left and no file lies in the folder.
func (n *crashNetwork) quiet(ctx context.Context, s store.Store) bool {
	entries, err := os.ReadDir(filepath.Join(n.dir, "in"))
	if err != nil {
		n.t.Fatal(err)
	}
	jobs := 0
	err = s.View(ctx, func(tx store.Tx) error {
		for _, state := range []store.JobState{store.JobWaiting, store.JobRunning} {
			c, err := tx.Jobs().Count(ctx, state)
			if err != nil {
				return err
			}
			jobs += c
		}
		return nil
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return len(entries) == 0 && jobs == 0
}

// verify holds archive and network against what is owed.
func (n *crashNetwork) verify(s store.Store, replies int) {
	t, ctx := n.t, n.t.Context()
	err := s.View(ctx, func(tx store.Tx) error {
		in, out := map[string][]brevdue.Status{}, map[string][]*store.Letter{}
		all, err := storetest.All(ctx, tx.Letters().Get)
		if err != nil {
			return err
		}
		for _, l := range all {
			if l.Direction == store.In {
				in[l.Body.ID] = append(in[l.Body.ID], l.Status)
			} else {
				out[l.Body.ID] = append(out[l.Body.ID], l)
			}
		}
		for id, want := range n.owed.letters {
			if got := in[id]; len(got) != 1 || got[0] != want {
				t.Errorf("letter %s is there as %v, want once as %s", id, got, want)
			}
			delete(in, id)
		}
		for id, got := range in {
			t.Errorf("letter %s was never sent, but is there as %v", id, got)
		}
		for i := range replies {
			id := replyNumber(i)
			got := out[id]
			if len(got) != 1 {
				t.Errorf("reply %s is there %d times", id, len(got))
				continue
			}
			if got[0].Status != n.results[id] {
				t.Errorf("reply %s is %s, want %s", id, got[0].Status, n.results[id])
			}
			if len(n.letters[id]) != 1 || len(n.envelope[id]) != 1 || !n.envelope[id][got[0].Envelope.ID] {
				t.Errorf("reply %s went out in %d shapes and envelopes %v, archive has %s", id, len(n.letters[id]), n.envelope[id], got[0].Envelope.ID)
			}
			receipts, err := tx.Receipts().OfLetter(ctx, got[0].ID)
			if err != nil {
				return err
			}
			if len(receipts) != 1 {
				t.Errorf("reply %s has %d receipts, want the one that came", id, len(receipts))
			}
		}
		if len(out) != replies {
			t.Errorf("%d letters of ours, want %d", len(out), replies)
		}
		if err := n.verifyTold(out); err != nil {
			return err
		}
		if err := n.verifyNoise(ctx, tx); err != nil {
			return err
		}
		if dead, err := tx.Jobs().List(ctx, store.JobDead, 10); err != nil || len(dead) != 0 {
			t.Errorf("dead jobs: %+v, %v", dead, err)
		}
		entries, broken, err := audit.Verify(ctx, tx)
		if broken != 0 || entries == 0 {
			t.Errorf("audit log: %d entries, broken at %d", entries, broken)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for env, want := range n.owed.receipts {
		switch got := n.receipts[env]; {
		case want == "" && len(got) != 0:
			t.Errorf("envelope %s asked for no receipt and got %d", env, len(got))
		case want != "" && (len(got) != 1 || n.outcomes[env] != want):
			t.Errorf("envelope %s has %d different receipts, outcome %q, want one %s", env, len(got), n.outcomes[env], want)
		}
		delete(n.receipts, env)
	}
	for env := range n.receipts {
		t.Errorf("a receipt answers envelope %s, which was never sent", env)
	}
	numbers := map[string]string{}
	for name := range n.bytes {
		number := strings.TrimSuffix(strings.TrimSuffix(name[strings.LastIndex(name, "-")+1:], ".xml"), ".edi")
		if other, twice := numbers[number]; twice {
			t.Errorf("envelope number %s was given to %s and %s", number, other, name)
		}
		numbers[number] = name
	}
}

// verifyTold checks that every letter a person was told is sent was sent.
func (n *crashNetwork) verifyTold(out map[string][]*store.Letter) error {
	data, err := os.ReadFile(filepath.Join(n.dir, "told"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		if id := strings.TrimSpace(line); len(id) == 14 && len(out[id]) != 1 {
			n.t.Errorf("a person was told that %s is sent, and it is there %d times", id, len(out[id]))
		}
	}
	return nil
}

// verifyNoise checks that every unreadable file is kept and shown.
func (n *crashNetwork) verifyNoise(ctx context.Context, tx store.Tx) error {
	kept, err := tx.Arrivals().List(ctx, store.ArrivalQuarantined, 100000)
	if err != nil {
		return err
	}
	for _, a := range kept {
		data, err := tx.Originals().Get(ctx, a.SHA)
		if err != nil {
			return err
		}
		if !n.owed.noise[string(data)] && !strings.HasPrefix(string(data), "støj") {
			n.t.Errorf("arrival %d is quarantined: %s", a.ID, a.Reason)
		}
		delete(n.owed.noise, string(data))
	}
	for noise := range n.owed.noise {
		n.t.Errorf("%q is lost", noise)
	}
	for _, state := range []store.ArrivalState{store.ArrivalNew, store.ArrivalUnmatched} {
		if c, err := tx.Arrivals().Count(ctx, state); err != nil || c != 0 {
			n.t.Errorf("%d arrivals are %s, %v", c, state, err)
		}
	}
	return nil
}
