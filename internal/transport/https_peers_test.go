package transport

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"brevdue/internal/tlstest"
)

// peer is another side that answers every request with the same bytes.
func peer(t *testing.T, answer string) *HTTPS {
	t.Helper()
	ca := tlstest.New(t)
	pair, err := tls.LoadX509KeyPair(ca.Sign(t, "server", time.Now().Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(c, answer)
			}
			c.Close()
		}
	})
	out := &HTTPS{To: "https://" + l.Addr().String() + "/letters", ToCA: ca.File}
	t.Cleanup(func() { out.Close(); l.Close(); all.Wait() })
	return out
}

// Errors hold nothing that the other side wrote: it may repeat what it was sent.
func TestDeliverRepeatsNothing(t *testing.T) {
	for answer, want := range map[string]string{
		"HTTP/1.1 500 2512489996\r\nContent-Length: 0\r\n\r\n":                          "500 Internal Server Error",
		"HTTP/1.1 403 2512489996\r\nContent-Length: 0\r\n\r\n":                          "403 Forbidden",
		"HTTP/1.1 599 2512489996\r\nContent-Length: 0\r\n\r\n":                          "599",
		"HTTP/1.1 2512489996 No\r\n\r\n":                                                "",
		"2512489996\r\n\r\n":                                                            "",
		"HTTP/1.1 500 No\r\n2512489996\r\n\r\n":                                         "",
		"HTTP/1.1 201 Yes\r\nContent-Length: 2512489996x\r\n\r\n":                       "",
		"HTTP/1.1 201 Yes\r\nTransfer-Encoding: 2512489996\r\n\r\n":                     "",
		"HTTP/1.1 302 No\r\nLocation: http://[2512489996\r\nContent-Length: 0\r\n\r\n":  "302",
		"HTTP/1.1 303 No\r\nLocation: https://2512489996/\r\nContent-Length: 0\r\n\r\n": "303",
	} {
		err := peer(t, answer).Deliver(t.Context(), "a.xml", []byte("<brev/>"))
		if err == nil || strings.Contains(err.Error(), "2512489996") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", answer, err, want)
		}
	}
}

// What the other side would refuse, or what would go there in the open, is not sent.
func TestDeliverSendsNoBadNames(t *testing.T) {
	out := peer(t, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
	for _, name := range []string{"", strings.Repeat("k", 201), "bræv", "a\nb", "a\x00"} {
		if err := out.Deliver(t.Context(), name, []byte("brev")); err == nil || name != "" && strings.Contains(err.Error(), name) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := out.Deliver(t.Context(), strings.Repeat("k", 200), []byte("brev")); err != nil {
		t.Error(err)
	}
	out = &HTTPS{To: strings.Replace(out.To, "https", "http", 1)}
	if err := out.Deliver(t.Context(), "a", []byte("brev")); err == nil || !strings.Contains(err.Error(), "https") {
		t.Errorf("without TLS: %v", err)
	}
}

// wire is what lies between two sides. Connections it has forgotten stay open, and
// nothing goes through them.
type wire struct {
	net.Listener
	to  string
	all sync.WaitGroup

	mu        sync.Mutex
	forgotten *atomic.Bool // of connections made now: true when they are forgotten
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l, to: to, forgotten: &atomic.Bool{}}
	w.all.Go(w.serve)
	t.Cleanup(func() { l.Close(); w.all.Wait() })
	return w
}

func (w *wire) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forgotten.Store(true)
	w.forgotten = &atomic.Bool{}
}

func (w *wire) serve() {
	for {
		near, err := w.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", w.to)
		if err != nil {
			near.Close()
			continue
		}
		w.mu.Lock()
		forgotten := w.forgotten
		w.mu.Unlock()
		w.all.Go(func() { carry(far, near, forgotten) })
		w.all.Go(func() { carry(near, far, forgotten) })
	}
}

func carry(to, from net.Conn, forgotten *atomic.Bool) {
	defer to.Close()
	defer from.Close()
	piece := make([]byte, 4096)
	for {
		n, err := from.Read(piece)
		if err != nil {
			return
		}
		if !forgotten.Load() {
			_, _ = to.Write(piece[:n])
		}
	}
}

// A connection that goes nowhere is found out, and the next delivery makes a new one.
func TestDeliverAfterAForgottenConnection(t *testing.T) {
	b := newPushBench(t, nil)
	w := newWire(t, b.Listen)
	out := &HTTPS{To: "https://" + w.Addr().String() + "/letters", ToTokenFile: b.token, ToCA: b.ca.File, alive: 500 * time.Millisecond}
	t.Cleanup(out.Close)
	if err := out.Deliver(t.Context(), "a", []byte("one")); err != nil {
		t.Fatal(err)
	}
	w.forget()
	for end := time.Now().Add(50 * time.Second); ; {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		err := out.Deliver(ctx, "b", []byte("two"))
		cancel()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("still on the old connection: %v", err)
		}
	}
}
