package transport

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"brevdue/internal/tlstest"
)

// dial opens a connection that says what the test wants it to; answers are waited for
// until patience ends, which is a fault of the test and no measure.
func (b *pushBench) dial() *tls.Conn {
	b.t.Helper()
	c, err := tls.Dial("tcp", b.Listen, b.trust())
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		b.t.Fatal(err)
	}
	return c
}

// modern calls over HTTP/2.
func (b *pushBench) modern() *http.Client {
	tr := &http.Transport{TLSClientConfig: b.trust(), ForceAttemptHTTP2: true}
	b.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func (b *pushBench) request(ctx context.Context, body io.Reader) *http.Request {
	b.t.Helper()
	r, err := http.NewRequestWithContext(ctx, "POST", b.url+"/letters", body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	return r
}

// Who is refused is told so, and cannot hold a connection by never sending the rest.
func TestPushRefusedWithoutItsBody(t *testing.T) {
	b := newPushBench(t, nil)
	for _, c := range []struct{ name, head, want string }{
		{"no token", "POST /letters HTTP/1.1\r\n", " 401 "},
		{"another method", "PUT /letters HTTP/1.1\r\n", " 405 "},
		{"another address", "POST /brev HTTP/1.1\r\n", " 404 "},
	} {
		for _, body := range []string{"Content-Length: 1000\r\n\r\nUNB", "Transfer-Encoding: chunked\r\n\r\n8\r\nUNB+half\r\n"} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				conn := b.dial()
				fmt.Fprintf(conn, "%sHost: localhost\r\n%s", c.head, body)
				line, err := bufio.NewReader(conn).ReadString('\n')
				if err != nil || !strings.Contains(line, c.want) {
					t.Errorf("%q %v, want %s", line, err, c.want)
				}
			})
		}
	}
}

// A connection that was refused once is good for another try.
func TestPushRefusedAndTriedAgain(t *testing.T) {
	b := newPushBench(t, nil)
	conn := b.dial()
	answers := bufio.NewReader(conn)
	for _, c := range []struct {
		token  string
		status int
	}{{"wrong", 401}, {secret, 201}} {
		fmt.Fprintf(conn, "POST /letters HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: 4\r\n\r\nbrev", c.token)
		a, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, a.Body)
		a.Body.Close()
		if a.StatusCode != c.status {
			t.Errorf("%d, want %d", a.StatusCode, c.status)
		}
	}
}

// Content-Digest is a list of several algorithms in any order (RFC 9530).
func TestPushDigests(t *testing.T) {
	b := newPushBench(t, nil)
	_, right := digest([]byte("brev"))
	_, wrong := digest([]byte("brex"))
	const other = "sha-512=:AAAA:"
	for _, c := range []struct {
		said   string
		status int
	}{
		{right, 201}, {right + ", " + other, 201}, {other + "," + right, 201}, {right + ";a=1", 201}, {other, 201}, {"", 201},
		{wrong, 400}, {wrong + ", " + other, 400}, {other + ", " + wrong, 400}, {"sha-256=:half", 400}, {"sha-256", 400}, {right + ", " + wrong, 400},
	} {
		if status, text, _ := b.call(b.trust(), "POST", "/letters", secret, map[string]string{"Content-Digest": c.said}, strings.NewReader("brev")); status != c.status {
			t.Errorf("%q: %d %s, want %d", c.said, status, text, c.status)
		}
	}
	r := b.request(t.Context(), strings.NewReader("brev"))
	r.Header["Content-Digest"] = []string{other, wrong} // the same list in two lines
	a, err := b.modern().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	if a.StatusCode != 400 {
		t.Errorf("in the second line: %d", a.StatusCode)
	}
}

// The name of a scheme has no case (RFC 9110).
func TestPushBearerInAnyCase(t *testing.T) {
	b := newPushBench(t, nil)
	for shown, want := range map[string]int{"bearer " + secret: 201, "BEARER " + secret: 201, "Basic " + secret: 401, secret: 401, "Bearer": 401, "Bearer ": 401} {
		if status, _, _ := b.call(b.trust(), "POST", "/letters", "", map[string]string{"Authorization": shown}, strings.NewReader("brev")); status != want {
			t.Errorf("%q: %d, want %d", shown, status, want)
		}
	}
}

func TestPushLogHoldsNoNames(t *testing.T) {
	b := newPushBench(t, nil)
	b.inbox.fails = func(string) error { return &fs.PathError{Op: "write", Path: "2512489996.edi", Err: syscall.ENOSPC} }
	if status, _, _ := b.call(b.trust(), "POST", "/letters", secret, map[string]string{"Idempotency-Key": "2512489996"}, strings.NewReader("brev")); status != 503 {
		t.Errorf("%d", status)
	}
	if log := b.log.String(); strings.Contains(log, "2512489996") || !strings.Contains(log, "no space") {
		t.Errorf("log: %s", log)
	}
}

// A file that breaks off is not taken over HTTP/2 either, and others go on.
func TestPushCutOverHTTP2(t *testing.T) {
	b := newPushBench(t, nil)
	client := b.modern()
	for _, length := range []int64{-1, 100} {
		r := b.request(t.Context(), io.MultiReader(strings.NewReader("UNB+half"), torn{}))
		r.ContentLength = length
		if a, err := client.Do(r); err == nil {
			a.Body.Close()
			t.Errorf("answered %d", a.StatusCode)
		}
	}
	a, err := client.Do(b.request(t.Context(), strings.NewReader("whole")))
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	if a.StatusCode != 201 || a.ProtoMajor != 2 || b.inbox.count() != 1 {
		t.Errorf("%d over %s, %d files", a.StatusCode, a.Proto, b.inbox.count())
	}
}

// torn is a body that ends in an error.
type torn struct{}

func (torn) Read([]byte) (int, error) { return 0, errors.New("broken") }

// What has no room is asked to come again, and has room afterwards.
func TestPushMemoryIsBounded(t *testing.T) {
	b := newPushBench(t, func(b *pushBench) { b.Limit = memory })
	client := b.modern()
	body, rest := io.Pipe()
	first := make(chan int, 1)
	var all sync.WaitGroup
	all.Go(func() {
		a, err := client.Do(b.request(t.Context(), body)) // of unknown length: it may need all there is
		if err != nil {
			first <- 0
			return
		}
		a.Body.Close()
		first <- a.StatusCode
	})
	for status := 0; status != 503; { // until the first one is being read
		if _, err := io.WriteString(rest, "UNB"); err != nil {
			t.Fatal(err)
		}
		var h http.Header
		if status, _, h = b.call(b.trust(), "POST", "/letters", secret, nil, strings.NewReader("brev")); status == 503 && h.Get("Retry-After") != "5" {
			t.Errorf("header: %v", h)
		}
	}
	rest.Close()
	if status := <-first; status != 201 {
		t.Errorf("the first: %d", status)
	}
	all.Wait()
	if status, _, _ := b.call(b.trust(), "POST", "/letters", secret, nil, strings.NewReader("brev")); status != 201 {
		t.Errorf("afterwards: %d", status)
	}
}

// Run ends when what is in hand has been answered, and nobody else comes in meanwhile.
func TestPushStopsAfterWhatIsInHand(t *testing.T) {
	ca := tlstest.New(t)
	cert, key := ca.Sign(t, "server", time.Now().Add(time.Hour))
	h := &HTTPS{Certificate: cert, Key: key, ClientCA: ca.File}
	inHand, goOn, stopped, status := make(chan bool), make(chan bool), make(chan error, 1), make(chan int, 1)
	d, err := h.door(func(ctx context.Context, _ string, _ []byte) error {
		close(inHand)
		<-goOn
		return ctx.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &pushBench{t: t, ca: ca, HTTPS: h, url: "https://" + l.Addr().String()}
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { stopped <- d.serve(ctx, l) })
	all.Go(func() {
		s, _, _ := b.call(b.trust(cert, key), "POST", "/letters", "", nil, strings.NewReader("brev"))
		status <- s
	})
	<-inHand
	stop()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			break
		}
		c.Close()
		if time.Now().After(end) {
			t.Fatal("the door stays open")
		}
	}
	select {
	case err := <-stopped:
		t.Errorf("stopped before its time: %v", err)
	default:
	}
	close(goOn)
	if s := <-status; s != 201 {
		t.Errorf("what was in hand: %d", s)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	all.Wait()
}

// A certificate of an authority that is trusted no more opens nothing, not even with a
// ticket of an earlier connection.
func TestPushAuthorityReplaced(t *testing.T) {
	other := tlstest.New(t)
	b := newPushBench(t, func(b *pushBench) {
		b.ClientCA = filepath.Join(t.TempDir(), "clients.pem")
		copyFile(t, b.ca.File, b.ClientCA)
	})
	trust := b.trust(b.ca.Sign(t, "vans.example", time.Now().Add(time.Hour)))
	trust.ClientSessionCache = tls.NewLRUClientSessionCache(8)
	post := func() int {
		status, _, _ := b.call(trust, "POST", "/letters", secret, nil, strings.NewReader("brev"))
		return status
	}
	for range 2 { // the second time with a ticket
		if status := post(); status != 201 {
			t.Fatalf("refused from the start: %d", status)
		}
	}
	held := &http.Client{Transport: &http.Transport{TLSClientConfig: trust}}
	t.Cleanup(held.CloseIdleConnections)
	again := func() int {
		a, err := held.Do(b.request(t.Context(), strings.NewReader("brev")))
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		_, _ = io.Copy(io.Discard, a.Body)
		return a.StatusCode
	}
	if status := again(); status != 201 {
		t.Fatalf("refused from the start: %d", status)
	}
	copyFile(t, other.File, b.ClientCA)
	if status := post(); status != 0 {
		t.Errorf("answered %d", status)
	}
	if status := again(); status != 403 {
		t.Errorf("on a connection that was open: %d", status)
	}
}

// Bodies are kept byte for byte, so none may be encoded.
func TestPushEncoded(t *testing.T) {
	b := newPushBench(t, nil)
	for coding, want := range map[string]int{"gzip": 415, "identity": 201} {
		if status, text, _ := b.call(b.trust(), "POST", "/letters", secret, map[string]string{"Content-Encoding": coding}, strings.NewReader("brev")); status != want {
			t.Errorf("%s: %d %s", coding, status, text)
		}
	}
}

// Only so many connections are open at once; the next is let in when one has gone, and
// none once the listener is closed.
func TestBound(t *testing.T) {
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := bound(raw, 1)
	in := make(chan net.Conn)
	var accepting sync.WaitGroup
	accepting.Go(func() {
		defer close(in)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			in <- c
		}
	})
	for range 2 {
		c, err := net.Dial("tcp", raw.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first := <-in
	select {
	case <-in:
		t.Fatal("a second one was let in beside the first")
	case <-time.After(50 * time.Millisecond):
	}
	first.Close()
	first.Close() // makes room once
	second := <-in
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	accepting.Wait()
	second.Close()
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// What keeps others out is told once when it begins, and nil once when it is over.
func TestPushTellsOfItsCertificate(t *testing.T) {
	ca := tlstest.New(t)
	now := time.Now()
	var told []error
	h := &HTTPS{TokenFile: ca.File, Now: func() time.Time { return now }, Tell: func(trouble error) { told = append(told, trouble) }}
	h.Certificate, h.Key = ca.Sign(t, "server", now.Add(time.Hour))
	d, err := h.door((&inbox{}).receive)
	if err != nil {
		t.Fatal(err)
	}
	known := ""
	expect := func(when, want string) {
		t.Helper()
		told = nil
		known = d.glance(known)
		known = d.glance(known)
		switch {
		case want == "" && len(told) == 0:
		case want == "over" && len(told) == 1 && told[0] == nil:
		case len(told) == 1 && told[0] != nil && strings.Contains(told[0].Error(), want):
		default:
			t.Errorf("%s: told %v, want %q", when, told, want)
		}
	}
	expect("at first", "")
	now = now.Add(2 * time.Hour)
	expect("an hour after its end", "out of date")
	ca.Sign(t, "server", now.Add(time.Hour))
	expect("renewed", "over")
	if err := os.Rename(h.Key, h.Key+"x"); err != nil {
		t.Fatal(err)
	}
	expect("its key gone", "certificate and key")
	if err := os.Rename(h.Key+"x", h.Key); err != nil {
		t.Fatal(err)
	}
	expect("its key back", "over")
}
