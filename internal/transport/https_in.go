package transport

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// Bounds on what a caller may cost.
const (
	headerTime = 10 * time.Second // for the head of a request
	chunk      = 64 << 10         // bytes of a body
	chunkTime  = 30 * time.Second // for the next of them
	bodyTime   = 5 * time.Minute  // for all
	restTime   = 3 * time.Second  // for the rest of a body that is not wanted
	roomTime   = 3 * time.Second  // to wait for memory
	handTime   = 10 * time.Second // for those in hand when we stop
	lookEvery  = time.Minute      // at our own certificate
)

// door is one Run: the open listener and what it knows about callers.
type door struct {
	*HTTPS
	receive Receive
	own     *fresh[*tls.Certificate]
	clients *fresh[*x509.CertPool] // nil: no certificate is asked for
	tokens  *fresh[[]string]       // nil: no token is asked for
	room    *semaphore.Weighted
}

// Run takes what is pushed until ctx ends, waits for what is in hand, and returns nil
// then. An error is an address that is in use, or files that cannot be read at the start.
func (h *HTTPS) Run(ctx context.Context, receive Receive) error {
	if h.Listen == "" {
		<-ctx.Done()
		return nil
	}
	d, err := h.door(receive)
	if err != nil {
		return fmt.Errorf("https: %w", err)
	}
	l, err := net.Listen("tcp", h.Listen)
	if err != nil {
		return fmt.Errorf("https: %s cannot be listened on: stop what uses it, or choose another address: %w", h.Listen, err)
	}
	return d.serve(ctx, l)
}

func (h *HTTPS) door(receive Receive) (*door, error) {
	d := &door{HTTPS: h, receive: receive, own: pair(h.Certificate, h.Key), room: semaphore.NewWeighted(max(memory, h.limit()))}
	if h.ClientCA == "" && h.TokenFile == "" {
		return nil, errors.New("neither client_ca nor token_file: anybody could deliver letters")
	}
	if _, err := d.own.get(); err != nil {
		return nil, err
	}
	if h.ClientCA != "" {
		d.clients = authority(h.ClientCA)
		if _, err := d.clients.get(); err != nil {
			return nil, fmt.Errorf("client_ca: %w", err)
		}
	}
	if h.TokenFile != "" {
		d.tokens = tokens(h.TokenFile)
		known, err := d.tokens.get()
		if err == nil && len(known) == 0 {
			err = errNoToken
		}
		if err != nil {
			return nil, err
		}
	}
	return d, nil
}

var errNoToken = errors.New("the token file is empty")

// serve answers on a listener until ctx ends.
func (d *door) serve(ctx context.Context, l net.Listener) error {
	l = bound(l, connections)
	// A request that is being received when we stop may end; its context is not ours.
	base, stopAll := context.WithCancel(context.WithoutCancel(ctx))
	defer stopAll()
	server := &http.Server{
		Handler: d.routes(), ReadHeaderTimeout: headerTime, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return base },
		ErrorLog:    quiet(), TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: d.config},
	}
	failed := make(chan error, 1)
	var running sync.WaitGroup
	running.Go(func() { failed <- server.ServeTLS(l, "", "") })
	running.Go(func() { d.look(base) })
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	graceful, cancel := context.WithTimeout(context.Background(), handTime)
	defer cancel()
	if server.Shutdown(graceful) != nil {
		server.Close()
	}
	stopAll()
	running.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("https: %w", err)
}

// config is that of one connection: certificates may have changed since the last.
func (d *door) config(*tls.ClientHelloInfo) (*tls.Config, error) {
	own, err := d.own.get()
	if own == nil {
		return nil, err
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*own}, NextProtos: []string{"h2", "http/1.1"}}
	if d.clients != nil {
		if c.ClientCAs, err = d.clients.get(); c.ClientCAs == nil {
			return nil, err
		}
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return c, nil
}

// look tells when our certificate cannot be read any more, or is out of date.
func (d *door) look(ctx context.Context) {
	told := d.glance("")
	for sleep(ctx, lookEvery) {
		told = d.glance(told)
	}
}

// glance looks once. It takes and returns the trouble that is known; "" is none.
func (d *door) glance(told string) string {
	own, err := d.own.get()
	if err == nil && own.Leaf != nil && d.now().After(own.Leaf.NotAfter) {
		err = fmt.Errorf("our certificate is out of date since %s", own.Leaf.NotAfter.Format(time.DateOnly))
	}
	why := ""
	if err != nil {
		why = err.Error()
	}
	if why == told {
		return told
	}
	if err != nil {
		d.log().Error("nobody can push letters to us", "error", err)
	} else {
		d.log().Info("letters can be pushed to us again")
	}
	if d.Tell != nil {
		d.Tell(err)
	}
	return why
}

func (d *door) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/letters", d.letters)
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		say(w, http.StatusNotFound, "Adressen findes ikke.", "There is nothing at this address; letters are posted to /letters.")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Nobody holds a connection by never sending what was announced: net/http reads
		// the rest of a body before it answers, and would wait for it for ever.
		within(w, chunkTime)
		mux.ServeHTTP(w, r)
	})
}

// within bounds the time until what is read next has come.
func within(w http.ResponseWriter, d time.Duration) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(d))
}

// letters takes one file.
func (d *door) letters(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		say(w, http.StatusMethodNotAllowed, "Breve afleveres med POST.", "Letters are delivered with POST.")
		return
	}
	if !d.admit(w, r) {
		return
	}
	key := r.Header.Get("Idempotency-Key")
	if key != "" && !goodKey(key) {
		say(w, http.StatusBadRequest, "Idempotency-Key er ikke et navn.", "Idempotency-Key is 1 to 200 printable ASCII characters.")
		return
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		w.Header().Set("Accept-Encoding", "identity")
		say(w, http.StatusUnsupportedMediaType, "Indholdet må ikke være komprimeret.", "The body is kept byte for byte, so it must not be encoded (Content-Encoding).")
		return
	}
	data, release, ok := d.body(w, r)
	if !ok {
		return
	}
	defer release()
	sum, header := digest(data)
	if !digestFits(r.Header.Values("Content-Digest"), header) {
		say(w, http.StatusBadRequest, "Indholdet er beskadiget undervejs.", "The content is not the one Content-Digest names.")
		return
	}
	if key == "" {
		key = sum
	}
	d.take(w, r, key, data, sum)
}

// digestFits tells whether no SHA-256 of a Content-Digest is another one. Its members
// stand in one line or several, in any order; those of other algorithms say nothing to us.
func digestFits(lines []string, want string) bool {
	for member := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		member, _, _ = strings.Cut(strings.TrimSpace(member), ";") // parameters
		algorithm, _, _ := strings.Cut(member, "=")
		if algorithm == "sha-256" && strings.TrimSpace(member) != want {
			return false
		}
	}
	return true
}

// take hands a whole file over and answers what became of it.
func (d *door) take(w http.ResponseWriter, r *http.Request, key string, data []byte, sum string) {
	defer func() {
		if p := recover(); p != nil {
			d.log().Error("receiving failed", "panic", fmt.Sprintf("%T", p)) // its text could hold content
			say(w, http.StatusInternalServerError, "Der skete en fejl her.", "Something failed here; the file is not kept.")
		}
	}()
	err := d.receive(r.Context(), key, data)
	switch {
	case err == nil:
		write(w, http.StatusCreated, "application/json", answer{sum, "taken"})
	case errors.Is(err, ErrKnown):
		write(w, http.StatusOK, "application/json", answer{sum, "known"})
	case errors.Is(err, ErrOther):
		say(w, http.StatusConflict, "Navnet er brugt til andet indhold.", "This Idempotency-Key was used for other content.")
	default:
		d.log().Error("pushed file not taken, its sender is asked to try again", "error", pathless(err))
		again(w)
	}
}

// admit tells whether the caller may deliver, and answers when not.
func (d *door) admit(w http.ResponseWriter, r *http.Request) bool {
	if !d.stillOurs(r) {
		w.Header().Set("Connection", "close")
		say(w, http.StatusForbidden, "Certifikatet giver ikke adgang længere.", "The client certificate is not, or no longer, one of an authority we trust.")
		return false
	}
	if d.tokens != nil {
		known, err := d.tokens.get()
		if err != nil {
			d.log().Error("token file", "error", err)
		}
		scheme, shown, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		right := 0
		for _, t := range known {
			right |= subtle.ConstantTimeCompare(sum(t), sum(shown))
		}
		if !strings.EqualFold(scheme, "Bearer") || right == 0 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			say(w, http.StatusUnauthorized, "Adgang kræver et token.", "A bearer token is needed, and the one shown is none of ours.")
			return false
		}
	}
	if len(d.ClientNames) > 0 && !d.named(r) {
		say(w, http.StatusForbidden, "Certifikatet giver ikke adgang.", "The client certificate has none of the names that may deliver.")
		return false
	}
	return true
}

// stillOurs tells whether the certificate that opened the connection would open it now: the
// authority may have been replaced since, and the certificate be out of date.
func (d *door) stillOurs(r *http.Request) bool {
	if d.clients == nil {
		return true
	}
	roots, err := d.clients.get()
	if err != nil {
		d.log().Error("client_ca", "error", err)
	}
	if roots == nil || r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return false
	}
	between := x509.NewCertPool()
	for _, c := range r.TLS.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err = r.TLS.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: d.now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return err == nil
}

func sum(s string) []byte { b := sha256.Sum256([]byte(s)); return b[:] }

func (d *door) named(r *http.Request) bool {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return false
	}
	c := r.TLS.PeerCertificates[0]
	return slices.ContainsFunc(append(slices.Clone(c.DNSNames), c.Subject.CommonName), func(n string) bool { return slices.Contains(d.ClientNames, n) })
}

// body reads the whole body into memory that was asked for first.
func (d *door) body(w http.ResponseWriter, r *http.Request) (data []byte, release func(), ok bool) {
	limit := d.limit()
	tooLarge := func() {
		w.Header().Set("Connection", "close")
		say(w, http.StatusRequestEntityTooLarge, "Filen er for stor.", fmt.Sprintf("A file may have %d bytes.", limit))
	}
	if r.ContentLength > limit {
		tooLarge()
		return nil, nil, false
	}
	weight := r.ContentLength
	if weight < 0 {
		weight = limit
	}
	ctx, cancel := context.WithTimeout(r.Context(), roomTime)
	defer cancel()
	if d.room.Acquire(ctx, weight) != nil {
		again(w)
		return nil, nil, false
	}
	release = func() { d.room.Release(weight) }
	data, err := readBody(w, r.Body, limit)
	switch {
	case err == nil && int64(len(data)) > limit:
		tooLarge()
	case err != nil:
		say(w, http.StatusBadRequest, "Filen kom ikke hel frem.", "The body ended before its time.")
	case len(data) == 0:
		say(w, http.StatusBadRequest, "Filen er tom.", "The body is empty.")
	default:
		return data, release, true
	}
	release()
	return nil, nil, false
}

// readBody reads a body that goes on all the time, up to one byte more than the limit.
func readBody(w http.ResponseWriter, body io.Reader, limit int64) ([]byte, error) {
	control := http.NewResponseController(w)
	end := time.Now().Add(bodyTime)
	var data bytes.Buffer
	for {
		next := time.Now().Add(chunkTime)
		if next.After(end) {
			next = end
		}
		_ = control.SetReadDeadline(next)
		_, err := io.CopyN(&data, body, min(chunk, limit+1-int64(data.Len())))
		if err == io.EOF {
			_ = control.SetReadDeadline(time.Time{})
			return data.Bytes(), nil
		}
		if err != nil || int64(data.Len()) > limit {
			return data.Bytes(), err
		}
	}
}

// again asks the caller to send the same once more.
func again(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "5")
	say(w, http.StatusServiceUnavailable, "Prøv igen om lidt.", "The file is not kept. Send the same delivery again.")
}

// say answers with a problem. What is left of the body has little time to come.
func say(w http.ResponseWriter, status int, title, detail string) {
	within(w, restTime)
	write(w, status, "application/problem+json", map[string]any{"type": "about:blank", "status": status, "title": title, "detail": detail})
}

func write(w http.ResponseWriter, status int, kind string, v any) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
