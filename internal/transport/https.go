package transport

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"
)

// HTTPS is a network that pushes both ways: others POST files to us, and we POST files
// to them. What both sides say:
//
//	POST /letters
//	Authorization: Bearer …                a token both sides agreed on; or a client certificate, or both
//	Idempotency-Key: CTL03-A7K00000000001  names the delivery; without it the SHA-256 of the content does
//	Content-Digest: sha-256=:…:            optional (RFC 9530), also among others; a body that is another one is refused
//
//	<the bytes of one file>
//
//	201 {"sha256":"…","state":"taken"}     it is kept for good: forget it
//	200 {"sha256":"…","state":"known"}     this delivery, with this content, was kept before
//
// Everything else is application/problem+json (RFC 9457) and nothing was kept: 400 (empty,
// cut or damaged on the way), 401, 403, 409 (the name was used for other content), 413,
// and 503 with Retry-After, after which the same delivery is sent again.
//
// The zero value of a field that [Folder] has, too, means the same as there. Files are
// read again when they change: a renewed certificate or token needs no restart.
type HTTPS struct {
	Listen      string   // address of our own listener, e.g. ":8643"; "": nothing comes in
	Certificate string   // PEM files of the server
	Key         string   //
	ClientCA    string   // PEM file: whoever calls shows a certificate of it
	ClientNames []string // and one of these names stands in that; none: any name
	TokenFile   string   // tokens of callers, one a line

	To            string // address files are pushed to
	ToTokenFile   string // the token we show there
	ToCertificate string // PEM files of the certificate we show there
	ToKey         string //
	ToCA          string // PEM file of the authority its certificate is of; "": the system's

	Limit int64
	Now   func() time.Time
	Log   *slog.Logger
	Tell  func(trouble error)

	alive time.Duration // silence after which a connection must prove itself; default aliveEvery
	once  sync.Once
	post  *poster // for Deliver
}

// What a [Receive] of HTTPS says besides nil and an error.
var (
	// ErrKnown: this delivery was taken before, with this content.
	ErrKnown = errors.New("delivery is known")
	// ErrOther: this delivery was taken before, with other content.
	ErrOther = errors.New("delivery is known with other content")
)

func (h *HTTPS) limit() int64 {
	if h.Limit > 0 {
		return h.Limit
	}
	return DefaultLimit
}

func (h *HTTPS) now() time.Time {
	if h.Now != nil {
		return h.Now()
	}
	return time.Now()
}

func (h *HTTPS) log() *slog.Logger {
	if h.Log != nil {
		return h.Log
	}
	return slog.New(slog.DiscardHandler)
}

// fresh keeps what was made of files until they change.
type fresh[T any] struct {
	paths []string
	read  func() (T, error)

	mu    sync.Mutex
	stamp string
	value T
	err   error
}

// get returns what the files say now. When they cannot be read it returns what they
// said last with the error.
func (f *fresh[T]) get() (T, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	stamp := ""
	for _, p := range f.paths {
		if info, err := os.Stat(p); err == nil {
			stamp += fmt.Sprintf("%d %d;", info.ModTime().UnixNano(), info.Size())
		} else {
			stamp += "none;"
		}
	}
	if stamp == f.stamp {
		return f.value, f.err
	}
	f.stamp = stamp
	value, err := f.read()
	if f.err = err; err == nil {
		f.value = value
	}
	return f.value, f.err
}

// pair reads a certificate with its key.
func pair(certificate, key string) *fresh[*tls.Certificate] {
	return &fresh[*tls.Certificate]{paths: []string{certificate, key}, read: func() (*tls.Certificate, error) {
		c, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			return nil, fmt.Errorf("certificate and key: %w", err)
		}
		return &c, nil
	}}
}

// authority reads the certificates of an authority.
func authority(file string) *fresh[*x509.CertPool] {
	return &fresh[*x509.CertPool]{paths: []string{file}, read: func() (*x509.CertPool, error) {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(content) {
			return nil, errors.New("the file of the authority holds no certificate in PEM")
		}
		return pool, nil
	}}
}

// tokens reads the tokens of a file, one a line.
func tokens(file string) *fresh[[]string] {
	return &fresh[[]string]{paths: []string{file}, read: func() ([]string, error) {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("token: %w", err)
		}
		var out []string
		for line := range strings.Lines(string(content)) {
			if line = strings.TrimSpace(line); line != "" {
				out = append(out, line)
			}
		}
		return out, nil // none: whoever emptied the file wants nobody to have one
	}}
}

// longestKey is that of an Idempotency-Key, in bytes.
const longestKey = 200

// goodKey tells whether a name can stand in Idempotency-Key.
func goodKey(name string) bool {
	return name != "" && len(name) <= longestKey && !strings.ContainsFunc(name, func(c rune) bool { return c < 0x20 || c > 0x7e })
}

// answer is what is said about a file that is kept.
type answer struct {
	SHA256 string `json:"sha256"`
	State  string `json:"state"` // "taken" or "known"
}

func digest(data []byte) (hexed, header string) {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}
