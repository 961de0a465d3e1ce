package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// quiet drops what net/http says about broken handshakes: anybody can cause them.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// poster is our side of pushing.
type poster struct {
	token *fresh[[]string]
	tls   *fresh[*tls.Config]

	alive time.Duration
	mu    sync.Mutex
	made  *tls.Config // what to was made of
	to    *http.Transport
}

func (h *HTTPS) poster() *poster {
	h.once.Do(func() {
		p := &poster{alive: aliveEvery}
		if h.alive > 0 {
			p.alive = h.alive
		}
		if h.ToTokenFile != "" {
			p.token = tokens(h.ToTokenFile)
		}
		var files []string
		for _, f := range []string{h.ToCertificate, h.ToKey, h.ToCA} {
			if f != "" {
				files = append(files, f)
			}
		}
		p.tls = &fresh[*tls.Config]{paths: files, stamp: "unread", read: func() (*tls.Config, error) {
			c := &tls.Config{MinVersion: tls.VersionTLS12}
			if h.ToCA != "" {
				pool, err := authority(h.ToCA).get()
				if err != nil {
					return nil, fmt.Errorf("to_ca: %w", err)
				}
				c.RootCAs = pool
			}
			if h.ToCertificate != "" {
				own, err := pair(h.ToCertificate, h.ToKey).get()
				if err != nil {
					return nil, err
				}
				c.Certificates = []tls.Certificate{*own}
			}
			return c, nil
		}}
		h.post = p
	})
	return h.post
}

// get returns the connections for the certificates as they are now. They follow no
// redirection: letters go where the operator said, and nowhere else.
func (p *poster) get() (*http.Transport, error) {
	c, err := p.tls.get()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.made != c {
		p.close()
		p.made = c
		p.to = &http.Transport{
			TLSClientConfig: c.Clone(), ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: shakeTime,
			ResponseHeaderTimeout: answerTime, DialContext: (&net.Dialer{Timeout: dialTime}).DialContext, Proxy: http.ProxyFromEnvironment,
			// All deliveries share one connection of HTTP/2. When a firewall has forgotten
			// it, nothing but a ping tells, and all of them would wait on it.
			HTTP2: &http.HTTP2Config{SendPingTimeout: p.alive, PingTimeout: p.alive},
		}
	}
	return p.to, nil
}

func (p *poster) close() {
	if p.to != nil {
		p.to.CloseIdleConnections()
	}
}

// Close ends idle connections; Deliver makes new ones.
func (h *HTTPS) Close() {
	p := h.poster()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.close()
}

// Deliver pushes data under name and returns nil only when the other side says that it
// is kept. The name is 1 to 200 printable ASCII characters; the same name again is the
// same delivery. Errors hold neither name nor token nor what the other side answered.
func (h *HTTPS) Deliver(ctx context.Context, name string, data []byte) error {
	if err := h.deliver(ctx, name, data); err != nil {
		return fmt.Errorf("push file: %w", err)
	}
	return nil
}

func (h *HTTPS) deliver(ctx context.Context, name string, data []byte) error {
	if h.To == "" {
		return errors.New("there is no address to push to")
	}
	if !goodKey(name) {
		return errors.New("the name is not 1 to 200 printable ASCII characters")
	}
	ctx, cancel := context.WithTimeout(ctx, timeFor(int64(len(data))))
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.To, bytes.NewReader(data))
	if err != nil || r.URL.Scheme != "https" {
		return errors.New("to is not an address that begins with https://")
	}
	hexed, header := digest(data)
	r.Header.Set("Idempotency-Key", name)
	r.Header.Set("Content-Digest", header)
	r.Header.Set("Content-Type", "application/edifact")
	if bytes.HasPrefix(data, []byte("<")) {
		r.Header.Set("Content-Type", "application/xml")
	}
	p := h.poster()
	if p.token != nil {
		token, err := p.token.get()
		if err == nil && len(token) == 0 {
			err = errNoToken
		}
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+token[0])
	}
	to, err := p.get()
	if err != nil {
		return err
	}
	a, err := to.RoundTrip(r)
	if err != nil {
		return ours(err)
	}
	defer a.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(a.Body, 64<<10))
	return judge(a, body, hexed)
}

// ours leaves of an error what the system, TLS or our caller says. The texts of net/http
// quote what came, and who answers wrongly may repeat what it was sent.
func ours(err error) error {
	var system net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &system):
		return system
	case strings.HasPrefix(err.Error(), "tls: "), errors.Is(err, http.ErrSchemeMismatch):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the other side ended the connection without an answer")
	}
	return errors.New("the connection broke, or the other side does not answer in HTTP as it should")
}

// judge says whether an answer means that the file is kept.
func judge(a *http.Response, body []byte, hexed string) error {
	// The words after the number are the other side's own.
	status := strings.TrimSpace(fmt.Sprint(a.StatusCode, " ", http.StatusText(a.StatusCode)))
	switch {
	case a.StatusCode == http.StatusConflict:
		return errors.New("the other side has other content under this name")
	case a.StatusCode == http.StatusUnauthorized || a.StatusCode == http.StatusForbidden:
		return fmt.Errorf("the other side does not let us in (%s): look at to_token_file and to_certificate", status)
	case a.StatusCode/100 != 2:
		return fmt.Errorf("the other side answers %s", status)
	}
	kind, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	var said answer
	if kind == "application/json" && json.Unmarshal(body, &said) == nil && said.SHA256 != "" && !strings.EqualFold(said.SHA256, hexed) {
		return errors.New("the other side kept something else than was sent")
	}
	return nil
}
