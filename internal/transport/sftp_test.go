package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"brevdue/internal/logtest"
	"brevdue/internal/sshtest"
)

// each runs a test against both servers.
func each(t *testing.T, f func(t *testing.T, r *remoteBench)) {
	for _, c := range []struct {
		name  string
		start func(testing.TB) *sshtest.Server
	}{{"in process", sshtest.InProcess}, {"OpenSSH", sshtest.OpenSSH}} {
		t.Run(c.name, func(t *testing.T) { f(t, newRemoteBench(t, c.start(t))) })
	}
}

// remoteBench is an SFTP network on a real server.
type remoteBench struct {
	*SFTP
	t      *testing.T
	server *sshtest.Server
	inbox  *inbox
	log    *logtest.Buffer

	mu   sync.Mutex
	said []string // what Tell was told
}

func newRemoteBench(t *testing.T, server *sshtest.Server) *remoteBench {
	r := &remoteBench{t: t, server: server, inbox: &inbox{}, log: &logtest.Buffer{}}
	r.SFTP = &SFTP{Address: server.Address, User: server.User, HostKey: server.HostKey, KeyFile: server.KeyFile, In: server.Dir + "/in", Out: server.Dir + "/out",
		Limit: 1 << 20, Settle: 20 * time.Millisecond, Rescan: 20 * time.Millisecond, Log: slog.New(slog.NewTextHandler(r.log, nil)),
		Tell: func(why error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			said := ""
			if why != nil {
				said = why.Error()
			}
			r.said = append(r.said, said)
		}}
	for _, dir := range []string{r.In, r.Out} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(r.Close)
	return r
}

// run starts Run and returns what stops it and waits.
func (r *remoteBench) run() (stop func()) {
	ctx, cancel := context.WithCancel(r.t.Context())
	var done sync.WaitGroup
	done.Go(func() {
		if err := r.Run(ctx, r.inbox.receive); err != nil {
			r.t.Errorf("run: %v", err)
		}
	})
	stop = func() { cancel(); done.Wait() }
	r.t.Cleanup(stop)
	return stop
}

func (r *remoteBench) put(name, content string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.In, name), []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r *remoteBench) told() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.said, "|")
}

func (r *remoteBench) eventually(what string, ok func() bool) {
	r.t.Helper()
	for end := time.Now().Add(40 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatalf("%s: not within 40 seconds; log:\n%s", what, r.log)
		}
	}
}

func (r *remoteBench) empty() bool { return len(names(r.t, r.In)) == 0 }

func TestSFTPFilesAreTakenAndRemoved(t *testing.T) {
	each(t, func(t *testing.T, r *remoteBench) {
		r.put("a.edi", "UNB+a")
		r.put("b.xml", strings.Repeat("<b/>", 50_000))
		r.put("half.tmp", "not yet")
		r.put(".hidden", "never")
		r.put(takenPrefix+"old", "left by a crash")
		if err := os.Symlink("/etc/hostname", filepath.Join(r.In, "link")); err != nil {
			t.Fatal(err)
		}
		stop := r.run()
		r.eventually("three files taken", func() bool { return r.inbox.count() == 3 })
		r.eventually("and removed", func() bool { return len(names(t, r.In)) == 3 })
		stop()
		if got := strings.Join(names(t, r.In), " "); got != ".hidden half.tmp link" {
			t.Errorf("left: %s", got)
		}
		if len(r.inbox.got[strings.Repeat("<b/>", 50_000)]) != 1 || len(r.inbox.got["left by a crash"]) != 1 {
			t.Error("content differs")
		}
		if r.told() != "" || strings.Contains(r.log.String(), "a.edi") {
			t.Errorf("told %q, log %s", r.told(), r.log)
		}
	})
}

func TestSFTPFileOverTheLimitIsMovedAsideWhole(t *testing.T) {
	each(t, func(t *testing.T, r *remoteBench) {
		large := strings.Repeat("x", 1<<20+1)
		r.put("2512489996.xml", large)
		r.run()
		r.eventually("moved aside", func() bool { return r.empty() && len(names(t, r.server.Dir+"/rejected")) == 1 })
		name := names(t, r.server.Dir+"/rejected")[0]
		if got, err := os.ReadFile(filepath.Join(r.server.Dir, "rejected", name)); err != nil || string(got) != large {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		if r.inbox.count() != 0 || strings.Contains(name+r.log.String(), "2512489996") {
			t.Errorf("taken %d, named %s, log %s", r.inbox.count(), name, r.log)
		}
	})
}

func TestSFTPReceiveThatFailsLeavesTheFile(t *testing.T) {
	each(t, func(t *testing.T, r *remoteBench) {
		fails := 1
		r.inbox.fails = func(string) error {
			if fails--; fails == 0 {
				return errors.New("the archive is away")
			}
			if fails == -1 {
				panic("a program's fault")
			}
			return nil
		}
		r.put("a.edi", "UNB+a")
		r.run()
		r.eventually("taken at the third try", func() bool { return r.inbox.count() == 1 && r.empty() })
		if r.told() != "" {
			t.Errorf("the network was blamed: %s", r.told())
		}
	})
}

// The server's directory may be larger than memory: it is read in parts.
func TestSFTPDirectoryIsReadInParts(t *testing.T) {
	each(t, func(t *testing.T, r *remoteBench) {
		const n = 1500
		for i := range n {
			r.put(fmt.Sprintf("brev-%05d.edi", i), fmt.Sprint(i))
		}
		for i := range 400 { // what nobody takes must not hide the rest
			r.put(fmt.Sprintf("a-%05d.tmp", i), "")
		}
		r.listing = 16 << 10 // some hundred entries
		l, err := r.connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		part, more, err := l.list(t.Context(), r.In, r.listing)
		if err != nil || !more || len(part) == 0 || len(part) > n/2 {
			t.Errorf("a part has %d entries, more %v, %v", len(part), more, err)
		}
		whole, more, err := l.list(t.Context(), r.In, longListing)
		if err != nil || more || len(whole) != n+400 {
			t.Errorf("the whole has %d entries, more %v, %v", len(whole), more, err)
		}
		l.close()
		r.run()
		r.eventually("all taken", func() bool { return r.inbox.count() == n && len(names(t, r.In)) == 400 })
	})
}

func TestSFTPWrongHostKeyIsToldNothing(t *testing.T) {
	each(t, func(t *testing.T, r *remoteBench) {
		_, other := sshtest.Key(t)
		right := r.HostKey
		r.HostKey = other
		err := r.Deliver(t.Context(), "a.edi", []byte("UNB"))
		var wrong *HostKeyError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "SHA256:") || !strings.Contains(err.Error(), "another server") {
			t.Errorf("error: %v", err)
		}
		if r.server.Tried != nil && r.server.Tried() != 0 {
			t.Error("a credential was shown to a stranger")
		}
		r.Close()                        // a failed try is not repeated at once
		r.HostKey = other + "\n" + right // while a key changes
		if err := r.Deliver(t.Context(), "a.edi", []byte("UNB")); err != nil {
			t.Error(err)
		}
	})
}

func TestSFTPCredentials(t *testing.T) {
	r := newRemoteBench(t, sshtest.InProcess(t))
	password := filepath.Join(t.TempDir(), "password")
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(password, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.KeyFile, r.PasswordFile = "", password
	write("forkert-kodeord\n")
	err := r.Deliver(t.Context(), "a.edi", []byte("UNB"))
	if err == nil || !strings.Contains(err.Error(), "refuses the user") || strings.Contains(err.Error(), "forkert-kodeord") {
		t.Errorf("wrong password: %v", err)
	}
	if again := r.Deliver(t.Context(), "a.edi", []byte("UNB")); again == nil || again.Error() != err.Error() || r.server.Tried() > 2 {
		t.Errorf("at once again: %v after %d tries", again, r.server.Tried())
	}
	r.Close()
	write(r.server.Password + "\n") // replaced without a restart
	if err := r.Deliver(t.Context(), "a.edi", []byte("UNB")); err != nil {
		t.Errorf("right password: %v", err)
	}
	r.Close()
	r.KeyFile, _ = sshtest.Key(t)
	if err := r.Deliver(t.Context(), "a.edi", []byte("UNB")); err == nil || !strings.Contains(err.Error(), "refuses the user") {
		t.Errorf("unknown key: %v", err)
	}
	for _, c := range []struct{ hostKey, keyFile, want string }{
		{"", r.server.KeyFile, "host_key is missing"}, {"ssh-ed25519 nonsense", r.server.KeyFile, "host_key is a line"},
		{r.server.HostKey, filepath.Join(t.TempDir(), "none"), "key_file"}, {r.server.HostKey, password, "key_file is not a private key"},
	} {
		bad := &SFTP{Address: r.Address, User: "x", HostKey: c.hostKey, KeyFile: c.keyFile}
		if err := bad.Run(t.Context(), r.inbox.receive); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.hostKey, err, c.want)
		}
	}
}

// A server that goes away is waited for, and told about once each way.
func TestSFTPServerAwayAndBack(t *testing.T) {
	each(t, func(t *testing.T, r *remoteBench) {
		r.put("a.edi", "a")
		r.run()
		r.eventually("a taken", func() bool { return r.inbox.count() == 1 })
		r.server.Stop()
		r.put("b.edi", "b")
		r.eventually("told", func() bool { return r.told() != "" })
		if err := r.Deliver(t.Context(), "c.edi", []byte("c")); err == nil {
			t.Error("delivered to nobody")
		}
		r.server.Start()
		r.eventually("b taken", func() bool { return r.inbox.count() == 2 && r.empty() })
		r.eventually("c delivered", func() bool { return r.Deliver(t.Context(), "c.edi", []byte("c")) == nil })
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.said) != 2 || r.said[0] == "" || r.said[1] != "" {
			t.Errorf("told %q", r.said)
		}
	})
}

// Connections that break in the middle lose nothing, whatever they were doing.
func TestSFTPConnectionsThatBreak(t *testing.T) {
	each(t, func(t *testing.T, r *remoteBench) {
		const n = 60
		content := func(i int) string { return fmt.Sprintf("%d %s", i, strings.Repeat("æ", 20_000)) }
		for i := range n {
			r.put(fmt.Sprintf("%02d.edi", i), content(i))
		}
		r.run()
		ctx, cancel := context.WithCancel(t.Context())
		var cutting sync.WaitGroup
		cutting.Go(func() {
			for range 8 {
				if !sleep(ctx, 60*time.Millisecond) {
					return
				}
				r.server.Cut()
			}
		})
		var delivering sync.WaitGroup
		for i := range n {
			delivering.Go(func() {
				for r.Deliver(ctx, fmt.Sprintf("%02d.xml", i), []byte(content(i))) != nil {
					if !sleep(ctx, 50*time.Millisecond) {
						return
					}
				}
			})
		}
		delivering.Wait()
		r.eventually("all taken", func() bool { return r.inbox.count() == n && r.empty() })
		cancel()
		cutting.Wait()
		for i := range n {
			if len(r.inbox.got[content(i)]) == 0 {
				t.Errorf("%d did not come, or not whole", i)
			}
			if got, err := os.ReadFile(filepath.Join(r.Out, fmt.Sprintf("%02d.xml", i))); err != nil || string(got) != content(i) {
				t.Errorf("%d did not arrive whole: %d bytes, %v", i, len(got), err)
			}
		}
	})
}

// Nobody ever sees a part of a file under its name.
func TestSFTPDeliverIsAtomicAndRepeatable(t *testing.T) {
	each(t, func(t *testing.T, r *remoteBench) {
		whole := []byte(strings.Repeat("UNB+æøå'", 40_000))
		ctx, cancel := context.WithCancel(t.Context())
		var looking sync.WaitGroup
		looking.Go(func() {
			for ctx.Err() == nil {
				got, err := os.ReadFile(filepath.Join(r.Out, "CTL03-1.edi"))
				if err == nil && !bytes.Equal(got, whole) {
					t.Errorf("a part of %d bytes was seen", len(got))
					return
				}
			}
		})
		for range 10 {
			if err := r.Deliver(t.Context(), "CTL03-1.edi", whole); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		looking.Wait()
		if got := strings.Join(names(t, r.Out), " "); got != "CTL03-1.edi" {
			t.Errorf("left: %s", got)
		}
		for _, name := range []string{"", ".x", "a/b", "a.tmp"} {
			if err := r.Deliver(t.Context(), name, whole); err == nil {
				t.Errorf("delivered as %q", name)
			}
		}
		r.Out = r.server.Dir + "/none"
		if err := r.Deliver(t.Context(), "2512489996.xml", whole); err == nil || strings.Contains(err.Error(), "2512489996") {
			t.Errorf("no such directory: %v", err)
		}
	})
}

func TestSFTPOldTemporaryFilesAreSwept(t *testing.T) {
	r := newRemoteBench(t, sshtest.InProcess(t))
	for name, age := range map[string]time.Duration{outPrefix + "old": 2 * time.Hour, outPrefix + "young": time.Minute} {
		path := filepath.Join(r.Out, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Now().Add(-age), time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Deliver(t.Context(), "a.edi", []byte("a")); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(names(t, r.Out), " "); got != outPrefix+"young a.edi" {
		t.Errorf("left: %s", got)
	}
}

// A server that stops answering holds nobody: the context ends what waits.
func TestSFTPServerThatDoesNotAnswer(t *testing.T) {
	l, err := newSilentServer()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, key := sshtest.Key(t)
	keyFile, _ := sshtest.Key(t)
	s := &SFTP{Address: l.Addr().String(), User: "x", HostKey: key, KeyFile: keyFile}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := s.Deliver(ctx, "a.edi", []byte("a")); err == nil {
		t.Error("delivered to a server that says nothing")
	}
	if err := s.Run(ctx, (&inbox{}).receive); err != nil {
		t.Error(err)
	}
}

// silent is a server that takes connections and says nothing.
type silent struct {
	net.Listener
	all sync.WaitGroup
}

func newSilentServer() (*silent, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &silent{Listener: l}
	s.all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.all.Go(func() { _, _ = io.Copy(io.Discard, c); c.Close() })
		}
	})
	return s, nil
}

// Close waits for every connection to end.
func (s *silent) Close() error {
	err := s.Listener.Close()
	s.all.Wait()
	return err
}
