package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/config"
	"brevdue/internal/sshtest"
	"brevdue/internal/store"
	"brevdue/internal/tlstest"
	"brevdue/internal/transport"
	"brevdue/vans"
)

// wire is the other end of a network: it puts files where an installation takes them,
// and has what the installation handed over.
type wire interface {
	configure(n *config.Network)
	put(t *testing.T, name string, data []byte)
	got(t *testing.T) map[string][]byte
}

// dirs is a network of two directories, here or on a server.
type dirs struct {
	in, out string
	sftp    config.SFTP
}

func (d *dirs) configure(n *config.Network) {
	n.In, n.Out, n.SFTP = d.in, d.out, d.sftp
	if d.sftp.Address != "" {
		n.Kind, n.Name = config.KindSFTP, "sftp"
	}
}

func (d *dirs) put(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(d.in, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (d *dirs) got(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	entries, err := os.ReadDir(d.out)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if out[e.Name()], err = os.ReadFile(filepath.Join(d.out, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func overFolder(t *testing.T) wire {
	d := &dirs{in: filepath.Join(t.TempDir(), "in"), out: filepath.Join(t.TempDir(), "out")}
	for _, dir := range []string{d.in, d.out} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func overSFTP(start func(testing.TB) *sshtest.Server) func(t *testing.T) wire {
	return func(t *testing.T) wire {
		s := start(t)
		d := &dirs{in: s.Dir + "/in", out: s.Dir + "/out", sftp: config.SFTP{Address: s.Address, User: s.User, HostKey: s.HostKey, KeyFile: s.KeyFile}}
		for _, dir := range []string{d.in, d.out} {
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		return d
	}
}

// pushed is a network that pushes both ways, with certificates and a token.
type pushed struct {
	conf config.HTTPS
	peer *transport.HTTPS

	mu  sync.Mutex
	has map[string][]byte
}

func overHTTPS(t *testing.T) wire {
	ca := tlstest.New(t)
	free := func() string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Addr().String()
	}
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("kun-til-test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	ourCert, ourKey := ca.Sign(t, "brevdue.example", later)
	theirCert, theirKey := ca.Sign(t, "vans.example", later)
	ours, theirs := free(), free()
	p := &pushed{has: map[string][]byte{},
		conf: config.HTTPS{Listen: ours, Certificate: ourCert, Key: ourKey, ClientCA: ca.File, ClientNames: []string{"vans.example"}, To: "https://" + theirs + "/letters", ToTokenFile: token, ToCA: ca.File},
		peer: &transport.HTTPS{Listen: theirs, Certificate: theirCert, Key: theirKey, TokenFile: token, To: "https://" + ours + "/letters", ToCertificate: theirCert, ToKey: theirKey, ToCA: ca.File},
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		err := p.peer.Run(ctx, func(_ context.Context, name string, data []byte) error {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.has[name] = slices.Clone(data)
			return nil
		})
		if err != nil {
			t.Errorf("the other side: %v", err)
		}
	})
	t.Cleanup(func() { stop(); p.peer.Close(); running.Wait() })
	return p
}

func (p *pushed) configure(n *config.Network) {
	*n = config.Network{Kind: config.KindHTTPS, Name: "https", HTTPS: p.conf, AwaitMinutes: n.AwaitMinutes, Wrap: n.Wrap}
}

// put pushes until it is taken, twice, as one does whose answer got lost.
func (p *pushed) put(t *testing.T, name string, data []byte) {
	t.Helper()
	for again := 0; again < 2; {
		err := p.peer.Deliver(t.Context(), name, data)
		if err == nil {
			again++
			continue
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (p *pushed) got(*testing.T) map[string][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string][]byte{}
	for k, v := range p.has {
		out[k] = v
	}
	return out
}

// enveloped puts a file into a VANSEnvelope, as a network does.
func enveloped(t *testing.T, i int, kind brevdue.Kind, data []byte) []byte {
	t.Helper()
	version := map[brevdue.Kind]string{brevdue.DIS91: "D9134L", brevdue.XDIS91: "XD9134L"}[kind]
	out, findings := vans.Write(vans.Envelope{
		Sender: vans.EndPoint{Type: vans.EAN, ID: string(stranger)}, Receiver: vans.EndPoint{Type: vans.EAN, ID: string(homecare)},
		ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Sent: "2026-11-24T09:41:00",
		Message: &vans.Message{Meta: vans.Meta{ID: fmt.Sprintf("00000000-0000-4000-9000-%012d", i), Document: vans.DocumentFor(kind, version, len(data)),
			Transport: &vans.Transport{Type: "unreliable"}}, Data: data},
	})
	if out == nil || brevdue.HasErrors(findings) {
		t.Fatal(findings)
	}
	return out
}

// hundred are the letters: both formats, bare and enveloped, broken ones, one for nobody,
// and what is no letter at all.
func hundred(t *testing.T) map[string][]byte {
	files := map[string][]byte{}
	for i := range 100 {
		kind := []brevdue.Kind{brevdue.DIS91, brevdue.XDIS91}[i%2]
		l := nancy(kind, fmt.Sprintf("%012d", i+1), homecare)
		l.text = fmt.Sprintf("Brev %d. %s", i, strings.Repeat("æøå ", i))
		if i%10 == 7 {
			l.to = ward // unknown here
		}
		data := l.bytes(t)
		switch {
		case i%10 == 8:
			data = data[:len(data)/2]
		case i%20 == 9:
			data = fmt.Appendf(nil, "Dette er intet brev, nummer %d.", i)
		case i%4 >= 2:
			data = enveloped(t, i, kind, data)
		}
		files[fmt.Sprintf("%03d.dat", i)] = data
	}
	return files
}

// TestTheSameLettersOverEveryNetwork (F78): whatever the network, the archive has the
// same letters and the same receipts go out. Real servers on the other end.
func TestTheSameLettersOverEveryNetwork(t *testing.T) {
	files := hundred(t)
	var want []string
	for _, c := range []struct {
		name string
		over func(t *testing.T) wire
	}{{"folder", overFolder}, {"SFTP", overSFTP(sshtest.InProcess)}, {"OpenSSH", overSFTP(sshtest.OpenSSH)}, {"HTTPS", overHTTPS}} {
		t.Run(c.name, func(t *testing.T) {
			w := c.over(t)
			h := build(t, "2026-01-01", homecareUnit())
			h.change = func(c *config.Config) { w.configure(&c.Network) }
			h.start()
			for name, data := range files {
				w.put(t, name, data)
			}
			var got []string
			h.eventually("everything opened and answered", func() bool {
				got = whatCame(t, h, w)
				return len(got) > 0
			})
			if len(want) == 0 {
				want = got
				t.Logf("%d lines, the first: %.300s", len(want), want[0])
			}
			if !slices.Equal(got, want) {
				for i := range min(len(got), len(want)) {
					if got[i] != want[i] {
						t.Fatalf("differs from the folder in\n%s\nand not\n%s", got[i], want[i])
					}
				}
				t.Fatalf("%d lines, want %d", len(got), len(want))
			}
		})
	}
}

// whatCame tells what the archive has and what went out, in an order that does not
// depend on who was first; nothing while something is still to do.
func whatCame(t *testing.T, h *house, w wire) (lines []string) {
	t.Helper()
	receipts := 0
	err := h.app.Store.View(t.Context(), func(tx store.Tx) error {
		for _, state := range []store.JobState{store.JobWaiting, store.JobRunning} {
			jobs, err := tx.Jobs().List(t.Context(), state, 1000)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(jobs, func(j store.Job) bool { return j.Kind != store.JobRemind }) {
				lines = nil
				return nil
			}
		}
		arrivals := 0
		for _, state := range []store.ArrivalState{store.ArrivalOpened, store.ArrivalQuarantined, store.ArrivalDuplicate, store.ArrivalUnmatched} {
			all, err := tx.Arrivals().List(t.Context(), state, 1000)
			if err != nil {
				return err
			}
			for _, a := range all {
				arrivals++
				lines = append(lines, fmt.Sprintf("arrival %s %s %s %s", a.SHA, a.State, a.Kind, a.Reason))
				letters, err := tx.Letters().ByArrival(t.Context(), a.ID)
				if err != nil {
					return err
				}
				for _, l := range letters {
					body, err := json.Marshal(l.Body)
					if err != nil {
						return err
					}
					due := "never"
					if l.Duty != nil {
						due = l.Duty.Due.UTC().Format(time.RFC3339)
					}
					lines = append(lines, fmt.Sprintf("letter %s %s %s due %s %s", l.Envelope.ID, l.Status, l.Note, due, body))
				}
				stored, err := tx.Receipts().ByArrival(t.Context(), a.ID)
				if err != nil {
					return err
				}
				receipts += len(stored)
			}
		}
		if arrivals < 100 {
			lines = nil
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out := w.got(t)
	if len(lines) == 0 || len(out) < receipts {
		return nil
	}
	for _, data := range out {
		lines = append(lines, "out "+said(t, data))
	}
	slices.Sort(lines)
	return lines
}

// said is what a file that went out says, without the numbers that depend on the order.
func said(t *testing.T, data []byte) string {
	t.Helper()
	wrapped := ""
	if e, findings := vans.Read(data); !brevdue.HasErrors(findings) && e.Message != nil {
		wrapped, data = "enveloped ", e.Message.Data
	}
	m := receiptIn(t, data)
	m.Envelope.ID, m.Receipt.ID = "", ""
	r, err := json.Marshal(m.Receipt)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s%s to %s: %s", wrapped, m.Kind, m.Envelope.Receiver, r)
}
