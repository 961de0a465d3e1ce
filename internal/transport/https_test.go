package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"brevdue/internal/logtest"
	"brevdue/internal/tlstest"
)

// pushBench is an open door on a real listener, with a caller that may do what it wants.
type pushBench struct {
	*HTTPS
	t     *testing.T
	ca    *tlstest.Authority
	inbox *inbox
	log   *logtest.Buffer
	token string // the file of its tokens
	url   string
}

const secret = "et-token-kun-til-test"

func newPushBench(t *testing.T, change func(b *pushBench)) *pushBench {
	t.Helper()
	b := &pushBench{t: t, ca: tlstest.New(t), inbox: &inbox{}, log: &logtest.Buffer{}, token: filepath.Join(t.TempDir(), "token")}
	b.write(b.token, secret+"\n")
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	b.HTTPS = &HTTPS{Listen: free.Addr().String(), TokenFile: b.token, Limit: 1 << 20, Log: slog.New(slog.NewTextHandler(b.log, nil))}
	b.Certificate, b.Key = b.ca.Sign(t, "server", time.Now().Add(time.Hour))
	if change != nil {
		change(b)
	}
	b.url = "https://" + b.Listen
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() {
		if err := b.Run(ctx, b.inbox.receive); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); done.Wait() })
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if c, err := net.Dial("tcp", b.Listen); err == nil {
			c.Close()
			return b
		}
		if time.Now().After(end) {
			t.Fatal("the door does not open")
		}
	}
}

func (b *pushBench) write(path, content string) {
	b.t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// trust is the TLS of a caller, with a certificate of its own when one is named.
func (b *pushBench) trust(own ...string) *tls.Config {
	b.t.Helper()
	pem, err := os.ReadFile(b.ca.File)
	if err != nil {
		b.t.Fatal(err)
	}
	c := &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "localhost"}
	c.RootCAs.AppendCertsFromPEM(pem)
	if len(own) == 2 {
		pair, err := tls.LoadX509KeyPair(own[0], own[1])
		if err != nil {
			b.t.Fatal(err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c
}

// call sends one request and returns what came back; 0 when nobody answered.
func (b *pushBench) call(trust *tls.Config, method, path, token string, header map[string]string, body io.Reader) (status int, text string, h http.Header) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust}}
	defer client.CloseIdleConnections()
	a, err := client.Do(r)
	if err != nil {
		return 0, err.Error(), nil
	}
	defer a.Body.Close()
	all, _ := io.ReadAll(a.Body)
	return a.StatusCode, string(all), a.Header
}

// endless hides how long a reader is.
type endless struct{ io.Reader }

func TestPushAnswers(t *testing.T) {
	b := newPushBench(t, nil)
	taken := map[string]string{}
	b.inbox.fails = func(data string) error {
		switch data {
		case "away":
			return errors.New("the archive is away")
		case "panic":
			panic("2512489996")
		case "known":
			return ErrKnown
		case "other":
			return ErrOther
		}
		return nil
	}
	_, right := digest([]byte("brev"))
	for _, c := range []struct {
		name, method, path, token string
		header                    map[string]string
		body                      io.Reader
		status                    int
		says                      string
	}{
		{"taken", "POST", "/letters", secret, nil, strings.NewReader("brev"), 201, `"taken"`},
		{"taken, without a length", "POST", "/letters", secret, nil, endless{strings.NewReader("brev2")}, 201, `"taken"`},
		{"its digest right", "POST", "/letters", secret, map[string]string{"Content-Digest": right}, strings.NewReader("brev"), 201, ""},
		{"its digest wrong", "POST", "/letters", secret, map[string]string{"Content-Digest": right}, strings.NewReader("brex"), 400, "beskadiget"},
		{"known", "POST", "/letters", secret, nil, strings.NewReader("known"), 200, `"known"`},
		{"name used for other content", "POST", "/letters", secret, nil, strings.NewReader("other"), 409, "andet indhold"},
		{"archive away", "POST", "/letters", secret, nil, strings.NewReader("away"), 503, "igen"},
		{"a fault of ours", "POST", "/letters", secret, nil, strings.NewReader("panic"), 500, "fejl"},
		{"empty", "POST", "/letters", secret, nil, nil, 400, "tom"},
		{"as large as may be", "POST", "/letters", secret, nil, strings.NewReader(strings.Repeat("x", 1<<20)), 201, ""},
		{"too large", "POST", "/letters", secret, nil, strings.NewReader(strings.Repeat("x", 1<<20+1)), 413, "for stor"},
		{"too large, without a length", "POST", "/letters", secret, nil, endless{strings.NewReader(strings.Repeat("x", 1<<20+1))}, 413, "for stor"},
		{"no token", "POST", "/letters", "", nil, strings.NewReader("brev"), 401, "token"},
		{"another token", "POST", "/letters", secret + "x", nil, strings.NewReader("brev"), 401, "token"},
		{"a name of other characters", "POST", "/letters", secret, map[string]string{"Idempotency-Key": "bræv"}, strings.NewReader("brev"), 400, "Idempotency-Key"},
		{"a long name", "POST", "/letters", secret, map[string]string{"Idempotency-Key": strings.Repeat("k", 201)}, strings.NewReader("brev"), 400, "Idempotency-Key"},
		{"another method", "GET", "/letters", secret, nil, nil, 405, "POST"},
		{"another address", "POST", "/brev", secret, nil, strings.NewReader("brev"), 404, "findes ikke"},
		{"alive", "GET", "/livez", "", nil, nil, 200, "ok"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, text, h := b.call(b.trust(), c.method, c.path, c.token, c.header, c.body)
			if status != c.status || !strings.Contains(text, c.says) {
				t.Errorf("%d %s, want %d and %q", status, text, c.status, c.says)
			}
			switch status {
			case 405:
				taken["Allow"] = h.Get("Allow")
			case 401:
				taken["WWW-Authenticate"] = h.Get("WWW-Authenticate")
			case 503:
				taken["Retry-After"] = h.Get("Retry-After")
			}
			if status >= 400 && h.Get("Content-Type") != "application/problem+json" {
				t.Errorf("a problem of type %q", h.Get("Content-Type"))
			}
		})
	}
	if taken["Allow"] != "POST" || taken["WWW-Authenticate"] != "Bearer" || taken["Retry-After"] != "5" {
		t.Errorf("headers: %v", taken)
	}
	hexed, _ := digest([]byte("brev"))
	if got := b.inbox.got["brev"]; len(got) != 2 || got[0] != hexed {
		t.Errorf("the content names what has no name: %v", got)
	}
	if strings.Contains(b.log.String(), "2512489996") || strings.Contains(b.log.String(), secret) {
		t.Errorf("log: %s", b.log)
	}
}

func TestPushClientCertificates(t *testing.T) {
	other := tlstest.New(t)
	b := newPushBench(t, func(b *pushBench) { b.ClientCA, b.ClientNames = b.ca.File, []string{"vans.example"} })
	later := time.Now().Add(time.Hour)
	right1, right2 := b.ca.Sign(t, "vans.example", later)
	named1, named2 := b.ca.Sign(t, "somebody", later)
	strange1, strange2 := other.Sign(t, "vans.example", later)
	old1, old2 := b.ca.Sign(t, "old", time.Now().Add(-time.Minute))
	for _, c := range []struct {
		name, token string
		trust       *tls.Config
		status      int
	}{
		{"right", secret, b.trust(right1, right2), 201},
		{"right, and no token", "", b.trust(right1, right2), 401},
		{"none", secret, b.trust(), 0},
		{"of another authority", secret, b.trust(strange1, strange2), 0},
		{"out of date", secret, b.trust(old1, old2), 0},
		{"of another name", secret, b.trust(named1, named2), 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, text, _ := b.call(c.trust, "POST", "/letters", c.token, nil, strings.NewReader(c.name)); status != c.status {
				t.Errorf("%d %s, want %d", status, text, c.status)
			}
		})
	}
	if b.inbox.count() != 1 {
		t.Errorf("%d files taken", b.inbox.count())
	}
}

// Tokens and certificates are renewed without a restart.
func TestPushRenewals(t *testing.T) {
	b := newPushBench(t, nil)
	post := func(token string) int {
		status, _, _ := b.call(b.trust(), "POST", "/letters", token, nil, strings.NewReader("brev"))
		return status
	}
	b.write(b.token, secret+"\nnyt-token\n")
	if post(secret) != 201 || post("nyt-token") != 201 {
		t.Error("while a token changes both count")
	}
	b.write(b.token, "nyt-token\n")
	if post(secret) != 401 || post("nyt-token") != 201 {
		t.Error("afterwards only the new one")
	}
	b.write(b.token, "")
	if post("nyt-token") != 401 || post("") != 401 {
		t.Error("an empty file lets somebody in")
	}
	b.write(b.token, "nyt-token\n")
	serial := func() string {
		c, err := tls.Dial("tcp", b.Listen, b.trust())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].SerialNumber.String()
	}
	before := serial()
	b.ca.Sign(t, "server", time.Now().Add(2*time.Hour))
	if serial() == before {
		t.Error("the old certificate is shown")
	}
	b.write(b.Key, "half a ke") // being written
	if post("nyt-token") != 201 {
		t.Error("a file that is being written closes the door")
	}
}

// What ends before its time is never taken.
func TestPushCutInTheMiddle(t *testing.T) {
	b := newPushBench(t, nil)
	for _, body := range []string{"Content-Length: 100\r\n\r\nUNB+half", "Transfer-Encoding: chunked\r\n\r\n8\r\nUNB+half\r\n", "Transfer-Encoding: chunked\r\n\r\n50\r\nUNB+half"} {
		c, err := tls.Dial("tcp", b.Listen, b.trust())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "POST /letters HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n%s", secret, body)
		if err := c.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(c)
		c.Close()
		if strings.Contains(string(answer), " 201 ") {
			t.Errorf("%q was taken", body)
		}
	}
	if b.inbox.count() != 0 {
		t.Error("half a file was received")
	}
}

func TestPushWillNotRun(t *testing.T) {
	ca := tlstest.New(t)
	cert, key := ca.Sign(t, "server", time.Now().Add(time.Hour))
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		h    *HTTPS
		want string
	}{
		{&HTTPS{Listen: "127.0.0.1:0", Certificate: cert, Key: key}, "anybody could"},
		{&HTTPS{Listen: "127.0.0.1:0", Certificate: cert + "x", Key: key, ClientCA: ca.File}, "certificate and key"},
		{&HTTPS{Listen: "127.0.0.1:0", Certificate: cert, Key: key, ClientCA: key}, "client_ca"},
		{&HTTPS{Listen: "127.0.0.1:0", Certificate: cert, Key: key, TokenFile: cert + "x"}, "token"},
		{&HTTPS{Listen: taken.Addr().String(), Certificate: cert, Key: key, ClientCA: ca.File}, "another address"},
	} {
		if err := c.h.Run(t.Context(), (&inbox{}).receive); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

func TestPushBothSides(t *testing.T) {
	b := newPushBench(t, func(b *pushBench) { b.ClientCA = b.ca.File })
	client, key := b.ca.Sign(t, "vans.example", time.Now().Add(time.Hour))
	out := &HTTPS{To: b.url + "/letters", ToTokenFile: b.token, ToCertificate: client, ToKey: key, ToCA: b.ca.File}
	defer out.Close()
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			if err := out.Deliver(t.Context(), fmt.Sprintf("CTL03-%d.edi", i), fmt.Appendf(nil, "%d %s", i, strings.Repeat("æ", i*50))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if b.inbox.count() != 200 {
		t.Errorf("%d files arrived", b.inbox.count())
	}
	if got := b.inbox.got["0 "]; len(got) != 1 || got[0] != "CTL03-0.edi" {
		t.Errorf("named %v", got)
	}
}

func TestDeliverJudgesTheAnswer(t *testing.T) {
	ca := tlstest.New(t)
	cert, key := ca.Sign(t, "server", time.Now().Add(time.Hour))
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	hang := make(chan struct{})
	status, body := 200, ""
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		_, want := digest(sent)
		if r.Header.Get("Content-Digest") != want || r.Header.Get("Idempotency-Key") != "a.xml" || r.Header.Get("Content-Type") != "application/xml" {
			t.Errorf("headers: %v", r.Header)
		}
		if status == 0 {
			<-hang
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.StartTLS()
	defer server.Close()
	defer close(hang)
	out := &HTTPS{To: server.URL, ToCA: ca.File}
	defer out.Close()
	data := []byte("<brev/>")
	hexed, _ := digest(data)
	for _, c := range []struct {
		status     int
		body, want string
	}{
		{200, "", ""}, {201, `{"sha256":"` + hexed + `"}`, ""}, {202, "not json", ""}, {201, `{"sha256":"00"}`, "something else"}, {307, "", "307"}, {500, "2512489996", "500"},
		{409, "", "other content"}, {401, "", "does not let us in"}, {413, "", "413"},
	} {
		status, body = c.status, c.body
		err := out.Deliver(t.Context(), "a.xml", data)
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "2512489996") || strings.Contains(err.Error(), "a.xml")) {
			t.Errorf("%d: %v, want %q", c.status, err, c.want)
		}
	}
	status = 0
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := out.Deliver(ctx, "a.xml", data); !errors.Is(err, context.Canceled) {
		t.Errorf("a server that hangs: %v", err)
	}
	if err := (&HTTPS{To: server.URL}).Deliver(t.Context(), "a.xml", data); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an authority nobody knows: %v", err)
	}
	if !bytes.HasPrefix(data, []byte("<")) {
		t.Error("data changed")
	}
}
