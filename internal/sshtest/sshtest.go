// Package sshtest gives tests an SFTP server on a folder: one in the test's process,
// whose connections the test can cut, and OpenSSH's.
//
// Deliberately missing: any rule of the transport that is tested against it.
//
// What surprises: OpenSSH's server is there only where Debian's openssh-server is. A
// test that wants it is skipped elsewhere, unless BREVDUE_OPENSSH is set: then it fails.
package sshtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// Server is a running SFTP server.
type Server struct {
	Address  string
	HostKey  string // its public key in the form of authorized_keys
	User     string
	KeyFile  string // of a user who may come in
	Password string // "" when it knows none
	Dir      string // the folder it serves, an absolute path that is the same on both sides
	// Tried counts who tried to come in; nil for OpenSSH.
	Tried func() int

	cut     func()
	stop    func()
	restart func()
}

// Cut breaks every connection that is open now.
func (s *Server) Cut() { s.cut() }

// Stop breaks every connection and takes no new one until Start.
func (s *Server) Stop() { s.stop() }

// Start takes connections again at the same address.
func (s *Server) Start() { s.restart() }

// Key makes a key pair: a private key file and the public line.
func Key(t testing.TB) (file, public string) {
	t.Helper()
	pub, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	line, err := ssh.NewPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return file, strings.TrimSpace(string(ssh.MarshalAuthorizedKey(line)))
}

// InProcess starts a server in the process of the test.
func InProcess(t testing.TB) *Server {
	t.Helper()
	keyFile, public := Key(t)
	hostFile, host := Key(t)
	hostKey, err := os.ReadFile(hostFile)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.ParsePrivateKey(hostKey)
	if err != nil {
		t.Fatal(err)
	}
	p := &inProcess{may: public, password: "kodeord-kun-til-test", conns: map[net.Conn]bool{}}
	p.config = &ssh.ServerConfig{PasswordCallback: p.passwordTry, PublicKeyCallback: p.keyTry}
	p.config.AddHostKey(signer)
	s := &Server{HostKey: host, User: "brevdue", KeyFile: keyFile, Password: p.password, Dir: t.TempDir(), cut: p.cut, stop: p.stop, Tried: p.count}
	s.restart = func() { p.listen(t, s.Address) }
	p.listen(t, "127.0.0.1:0")
	s.Address = p.listener.Addr().String()
	t.Cleanup(func() { p.stop(); p.all.Wait() })
	return s
}

type inProcess struct {
	may, password string
	config        *ssh.ServerConfig
	listener      net.Listener
	all           sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
	tried int
}

func (p *inProcess) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tried
}

func (p *inProcess) passwordTry(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried++
	if string(password) != p.password {
		return nil, errors.New("wrong password")
	}
	return nil, nil
}

func (p *inProcess) keyTry(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried++
	if strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) != p.may {
		return nil, errors.New("unknown key")
	}
	return nil, nil
}

func (p *inProcess) listen(t testing.TB, address string) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	p.listener = l
	p.all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.conns[conn] = true
			p.mu.Unlock()
			p.all.Go(func() {
				p.serve(conn)
				conn.Close()
				p.mu.Lock()
				delete(p.conns, conn)
				p.mu.Unlock()
			})
		}
	})
}

func (p *inProcess) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

func (p *inProcess) stop() {
	p.listener.Close()
	p.cut()
}

func (p *inProcess) serve(conn net.Conn) {
	c, channels, requests, err := ssh.NewServerConn(conn, p.config)
	if err != nil {
		return
	}
	defer c.Close()
	var at sync.WaitGroup
	defer at.Wait()
	at.Go(func() { ssh.DiscardRequests(requests) })
	for n := range channels {
		channel, asked, err := n.Accept()
		if err != nil {
			return
		}
		at.Go(func() {
			for r := range asked {
				_ = r.Reply(r.Type == "subsystem", nil)
			}
		})
		at.Go(func() {
			defer channel.Close()
			server, err := sftp.NewServer(channel)
			if err == nil {
				_ = server.Serve()
			}
		})
	}
}

// OpenSSH starts Debian's sshd for the user of the test.
func OpenSSH(t testing.TB) *Server {
	t.Helper()
	sshd, err := exec.LookPath("sshd")
	if err != nil {
		if _, err = os.Stat("/usr/sbin/sshd"); err == nil {
			sshd = "/usr/sbin/sshd"
		}
	}
	if sshd == "" {
		if os.Getenv("BREVDUE_OPENSSH") != "" {
			t.Fatal("sshd is not installed: apt-get install openssh-server")
		}
		t.Skip("sshd is not installed: OpenSSH's server is not tried here")
	}
	if os.Geteuid() == 0 {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	keyFile, public := Key(t)
	hostFile, host := Key(t)
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	_, port, _ := net.SplitHostPort(address)
	config := write("sshd_config", fmt.Sprintf("ListenAddress 127.0.0.1\nPort %s\nHostKey %s\nAuthorizedKeysFile %s\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPidFile none\nSubsystem sftp internal-sftp\n",
		port, hostFile, write("authorized_keys", public+"\n")))
	user := os.Getenv("USER")
	if name, err := exec.Command("id", "-un").Output(); err == nil {
		user = strings.TrimSpace(string(name))
	}
	s := &Server{Address: address, HostKey: host, User: user, KeyFile: keyFile, Dir: t.TempDir()}
	var running *exec.Cmd
	s.restart = func() {
		running = exec.Command(sshd, "-D", "-e", "-f", config)
		running.Stderr = io.Discard
		if err := running.Start(); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			if c, err := net.Dial("tcp", address); err == nil {
				c.Close()
				return
			}
			if time.Now().After(end) {
				t.Fatal("sshd does not answer")
			}
		}
	}
	s.cut = func() { // its children hold the connections
		pid := running.Process.Pid
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
		if err != nil {
			t.Errorf("its connections cannot be cut: %v", err)
		}
		for _, child := range strings.Fields(string(children)) {
			if n, err := strconv.Atoi(child); err == nil {
				_ = syscall.Kill(n, syscall.SIGKILL)
			}
		}
	}
	s.stop = func() {
		if running == nil {
			return
		}
		s.cut()
		_ = running.Process.Kill()
		_ = running.Wait()
		running = nil
	}
	s.restart()
	t.Cleanup(s.stop)
	return s
}
