package transport

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// SFTP is a network that consists of two directories of a supplier's SFTP server. Its
// manners are those of [Folder]: a file is taken when it has rested, removed only after
// it was received, and delivered under a hidden name that becomes the right one at once.
//
// Deliver and Run may be called at the same time; each has a connection of its own and
// makes a new one when that breaks. The zero value of a field that [Folder] has, too,
// means the same as there.
type SFTP struct {
	Address      string // host:port
	User         string
	HostKey      string // the server's public key as in known_hosts or authorized_keys ("ssh-ed25519 AAAA…"); one a line, several while a key changes
	KeyFile      string // a private key without passphrase; read at every connect
	PasswordFile string // or a password; read at every connect
	In, Out      string // directories of the server
	Rejected     string // a directory of the server, where files over the limit are moved; default In/../rejected
	Limit        int64
	Settle       time.Duration // between two looks at an unchanged file; the server's clock is not asked
	Rescan       time.Duration
	Workers      int // files received at the same time; default 8
	Now          func() time.Time
	Log          *slog.Logger
	Tell         func(trouble error)

	// listing bounds the bytes of one answer to a listing; 0 means the default. Tests
	// make it small.
	listing int64

	mu         sync.Mutex
	out        *link         // for Deliver; nil when there is none
	connecting chan struct{} // closed when the connection that is being made is there, or failed
	failed     error         // of the last try to connect; nil when it did not fail
	failedAt   time.Time
}

// Bounds on waiting for a server, and on what a listing may hold in memory.
const (
	dialTime    = 15 * time.Second
	shakeTime   = 30 * time.Second
	answerTime  = time.Minute // for one request; a file gets more by its size
	slowest     = 32 << 10    // bytes a second, by which a file's time is reckoned
	aliveEvery  = 15 * time.Second
	firstRest   = time.Second // before another try to connect; doubled up to lastRest
	lastRest    = time.Minute
	listing     = 4 << 20 // bytes of a listing taken in one go
	longListing = 64 << 20
)

func (s *SFTP) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func (s *SFTP) log() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.New(slog.DiscardHandler)
}

// HostKeyError says that the server has another key than the pinned one. Nothing was
// said to it: no user, no password.
type HostKeyError struct {
	Offered string   // fingerprint "SHA256:…"
	Pinned  []string // fingerprints
}

// Error says what to do.
func (e *HostKeyError) Error() string {
	return fmt.Sprintf("the server's host key is %s and not %s: this may be another server. Ask the supplier for its fingerprint before you change host_key", e.Offered, strings.Join(e.Pinned, " or "))
}

// hostKeys reads the pinned keys.
func (s *SFTP) hostKeys() ([]ssh.PublicKey, error) {
	var keys []ssh.PublicKey
	for _, line := range strings.Split(s.HostKey, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
		if err != nil { // a line of known_hosts begins with the host
			_, rest, _ := strings.Cut(line, " ")
			if key, _, _, _, err = ssh.ParseAuthorizedKey([]byte(rest)); err != nil {
				return nil, errors.New(`host_key is a line like "ssh-ed25519 AAAA…", as ssh-keyscan prints it`)
			}
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("host_key is missing: ask the supplier for the server's public key, and never take it from the network alone")
	}
	return keys, nil
}

// pinned accepts only the pinned keys, and asks the server for one of their kind.
func pinned(keys []ssh.PublicKey) (check ssh.HostKeyCallback, algorithms []string) {
	var prints []string
	for _, k := range keys {
		prints = append(prints, ssh.FingerprintSHA256(k))
		if k.Type() == ssh.KeyAlgoRSA {
			algorithms = append(algorithms, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
			continue
		}
		algorithms = append(algorithms, k.Type())
	}
	return func(_ string, _ net.Addr, offered ssh.PublicKey) error {
		for _, k := range keys {
			if string(k.Marshal()) == string(offered.Marshal()) {
				return nil
			}
		}
		return &HostKeyError{Offered: ssh.FingerprintSHA256(offered), Pinned: prints}
	}, algorithms
}

// credentials reads the key or the password. Errors do not hold them.
func (s *SFTP) credentials() ([]ssh.AuthMethod, error) {
	if s.KeyFile != "" {
		content, err := os.ReadFile(s.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("key_file: %w", err)
		}
		key, err := ssh.ParsePrivateKey(content)
		if err != nil {
			return nil, errors.New("key_file is not a private key without passphrase, as ssh-keygen -t ed25519 -N '' makes it")
		}
		return []ssh.AuthMethod{ssh.PublicKeys(key)}, nil
	}
	content, err := os.ReadFile(s.PasswordFile)
	if err != nil {
		return nil, fmt.Errorf("password_file: %w", err)
	}
	password := strings.TrimRight(string(content), "\r\n")
	answer := func(_, _ string, questions []string, echos []bool) ([]string, error) {
		switch {
		case len(questions) == 0:
			return nil, nil
		case len(questions) > 1 || echos[0]:
			return nil, errors.New("the server asks for more than a password")
		}
		return []string{password}, nil
	}
	return []ssh.AuthMethod{ssh.Password(password), ssh.KeyboardInteractive(answer)}, nil
}

// link is one connection.
type link struct {
	*sftp.Client
	ssh   *ssh.Client
	meter *meter
	stop  func() // of the watch over it
}

// connect makes a connection. Its error says what to do.
func (s *SFTP) connect(ctx context.Context) (*link, error) {
	keys, err := s.hostKeys()
	if err != nil {
		return nil, err
	}
	auth, err := s.credentials()
	if err != nil {
		return nil, err
	}
	check, algorithms := pinned(keys)
	conn, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, "tcp", s.Address)
	if err != nil {
		return nil, fmt.Errorf("the server does not answer: %w", err)
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	_ = conn.SetDeadline(time.Now().Add(shakeTime))
	c, channels, requests, err := ssh.NewClientConn(conn, s.Address, &ssh.ClientConfig{User: s.User, Auth: auth, HostKeyCallback: check, HostKeyAlgorithms: algorithms})
	if err != nil {
		conn.Close()
		var wrong *HostKeyError
		switch {
		case errors.As(err, &wrong):
			return nil, wrong
		case strings.Contains(err.Error(), "unable to authenticate"):
			return nil, errors.New("the server refuses the user: look at user, key_file and password_file, and ask the supplier whether the public key is known there")
		case strings.Contains(err.Error(), "no common algorithm for host key"):
			return nil, errors.New("the server has no host key of the pinned kind: ask the supplier for its key")
		}
		return nil, fmt.Errorf("the server does not let us in: %w", err)
	}
	_ = conn.SetDeadline(time.Time{})
	l := &link{ssh: ssh.NewClient(c, channels, requests), meter: &meter{}}
	if err := l.open(); err != nil {
		l.ssh.Close()
		return nil, fmt.Errorf("the server has no SFTP for us: %w", err)
	}
	l.watch()
	return l, nil
}

// open starts the file protocol, its answers through the meter.
func (l *link) open() error {
	session, err := l.ssh.NewSession()
	if err != nil {
		return err
	}
	in, err := session.StdinPipe()
	if err != nil {
		return err
	}
	out, err := session.StdoutPipe()
	if err != nil {
		return err
	}
	if err := session.RequestSubsystem("sftp"); err != nil {
		return err
	}
	timer := time.AfterFunc(shakeTime, func() { l.ssh.Close() })
	defer timer.Stop()
	l.meter.from = out
	l.Client, err = sftp.NewClientPipe(l.meter, in, sftp.UseConcurrentWrites(true))
	return err
}

// watch asks every so often whether the other side is still there, and closes the
// connection when it is not: whoever waits for an answer gets an error.
func (l *link) watch() {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		for sleep(ctx, aliveEvery) {
			timer := time.AfterFunc(aliveEvery, func() { l.ssh.Close() })
			_, _, err := l.ssh.SendRequest("keepalive@openssh.com", true, nil)
			timer.Stop()
			if err != nil {
				l.ssh.Close()
				return
			}
		}
	})
	l.stop = func() { cancel(); l.ssh.Close(); done.Wait() }
}

// close ends the connection; nothing on its way is waited for.
func (l *link) close() {
	l.stop()
	_ = l.Client.Close()
}

// within closes the connection when the context ends or the time is up before done is
// called: no request may wait for ever for its answer.
func (l *link) within(ctx context.Context, d time.Duration) (done func()) {
	timer := time.AfterFunc(d, func() { l.ssh.Close() })
	stop := context.AfterFunc(ctx, func() { l.ssh.Close() })
	return func() { timer.Stop(); stop() }
}

// timeFor is how long a file of that size may take.
func timeFor(size int64) time.Duration {
	return answerTime + time.Duration(size/slowest)*time.Second
}

// meter counts what comes in, and calls full once when that is more than a bound.
type meter struct {
	from  io.Reader
	mu    sync.Mutex
	left  int64
	full  func()
	count bool
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.from.Read(p)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.count {
		if m.left -= int64(n); m.left < 0 {
			m.count = false
			m.full()
		}
	}
	return n, err
}

func (m *meter) begin(bound int64, full func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left, m.full, m.count = bound, full, true
}

// end stops counting and tells whether there was more than the bound.
func (m *meter) end() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	more := m.left < 0
	m.count = false
	return more
}

// list lists a directory, at most some bytes of it: the directory may be larger than
// memory. more tells that there are other entries.
func (l *link) list(ctx context.Context, dir string, bound int64) (entries []os.FileInfo, more bool, err error) {
	defer l.within(ctx, answerTime+time.Duration(bound/slowest)*time.Second)()
	listed, cancel := context.WithCancel(ctx)
	defer cancel()
	l.meter.begin(bound, cancel)
	entries, err = l.ReadDirContext(listed, dir)
	more = l.meter.end()
	if more && ctx.Err() == nil && errors.Is(err, context.Canceled) {
		err = nil // what came is what was asked for
	}
	return entries, more, err
}

// random is a name nobody else chooses.
func random() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// nameless takes the name of a file out of an error of the server, whose text may
// repeat it.
func nameless(err error) error {
	var status *sftp.StatusError
	switch {
	case errors.Is(err, os.ErrNotExist):
		return os.ErrNotExist
	case errors.Is(err, os.ErrPermission):
		return os.ErrPermission
	case errors.As(err, &status):
		return fmt.Errorf("the server answers %s", status.FxCode())
	}
	return pathless(err)
}

// broken tells whether the connection is of no use any more; else only a file is.
func broken(err error) bool {
	var status *sftp.StatusError
	var refused notTaken
	return err != nil && !errors.As(err, &status) && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, os.ErrPermission) && !errors.Is(err, errUnsettled) && !errors.As(err, &refused)
}
