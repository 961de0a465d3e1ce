// Package pgtest runs a PostgreSQL server for tests and for programs that try an
// installation: Debian's own binaries on a scratch folder, reached through a socket
// in it.
//
// Deliberately missing: downloads and containers. Where no PostgreSQL is installed
// [Start] says so, and the caller decides whether that is an error.
//
// What surprises: PostgreSQL refuses to run as root; for root the server runs as
// nobody. A shell waits beside the server and takes it away when this program is
// gone, however it ended.
package pgtest

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// ErrAbsent says that no PostgreSQL server is installed.
var ErrAbsent = errors.New("no PostgreSQL server is installed (Debian: apt-get install postgresql)")

// Server is a PostgreSQL server on a scratch folder.
type Server struct {
	dir     string
	bin     string
	options string
	owner   *syscall.Credential // nil: as whoever runs this
	made    atomic.Int64

	guard *exec.Cmd      // the shell that waits
	alive io.WriteCloser // as long as it is open this program is there
}

// Options of a server.
type Options struct {
	// Durable leaves everything on that makes a commit survive a loss of power. Tests
	// that do not kill the server are quicker without.
	Durable bool
}

// Start makes a server in a new folder below dir ("" for the system's) and starts it.
// [ErrAbsent] when there is none to start.
func Start(dir string, o Options) (_ *Server, err error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	// The path of a socket has at most 107 bytes.
	if dir, err = os.MkdirTemp(dir, "pg"); err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin, options: "-k " + dir + " -c listen_addresses='' -c max_connections=200"}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	if !o.Durable {
		s.options += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
	}
	if os.Getuid() == 0 {
		if err := s.giveUp(); err != nil {
			return nil, err
		}
	}
	if err := s.run("initdb", "-D", s.data(), "-U", "brevdue", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"); err != nil {
		return nil, err
	}
	if err := s.Up(); err != nil {
		return nil, err
	}
	return s, s.watch()
}

// watch starts the shell that stops the server and removes its folder when this
// program closes its end of a pipe, as even a killed one does.
func (s *Server) watch() (err error) {
	s.guard = exec.Command("/bin/sh", "-c", `trap '' INT TERM HUP; read gone; cd /; "$1" -D "$2/data" -m immediate stop; rm -rf "$2"`, "sh", filepath.Join(s.bin, "pg_ctl"), s.dir)
	s.guard.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner, Setpgid: true}
	if s.alive, err = s.guard.StdinPipe(); err != nil {
		return err
	}
	return s.guard.Start()
}

// giveUp lets the server run as nobody.
func (s *Server) giveUp() error {
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return err
	}
	uid, err1 := strconv.ParseUint(nobody.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(nobody.Gid, 10, 32)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	s.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(s.dir, int(uid), int(gid))
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// Up starts the server that is down, and waits until it answers.
func (s *Server) Up() error {
	return s.run("pg_ctl", "-D", s.data(), "-w", "-l", filepath.Join(s.dir, "log"), "-o", s.options, "start")
}

// Down stops the server as a loss of power would: it finishes nothing.
func (s *Server) Down() error { return s.run("pg_ctl", "-D", s.data(), "-m", "immediate", "stop") }

// Remove stops the server and removes its folder.
func (s *Server) Remove() error {
	err := s.alive.Close()
	_ = s.guard.Wait() // its state is that of rm; what is left is removed below
	return errors.Join(err, os.RemoveAll(s.dir))
}

// Database makes a new empty database and returns its address.
func (s *Server) Database() (address string, err error) {
	name := fmt.Sprintf("t%d", s.made.Add(1))
	if err := s.Ask("postgres", "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	return s.Address(name), nil
}

// Address is the address of a database of the server.
func (s *Server) Address(name string) string {
	return "postgres:///" + name + "?host=" + url.QueryEscape(s.dir) + "&user=brevdue"
}

// Ask runs one statement in a database with the server's own client.
func (s *Server) Ask(database, statement string) error {
	return s.run("psql", "-h", s.dir, "-U", "brevdue", "-d", database, "-v", "ON_ERROR_STOP=1", "-qc", statement)
}

func (s *Server) run(name string, args ...string) error {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PG") }), "LC_ALL=C.UTF-8")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	// What the server writes later must not keep a pipe of ours open: to a file.
	out, err := os.CreateTemp("", "pgtest")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(said)))
	}
	return nil
}

// binaries is the folder with initdb.
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		if dir := strings.TrimSpace(string(out)); exists(filepath.Join(dir, "initdb")) {
			return dir, nil
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", ErrAbsent
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Installed tells whether there is a server to start.
func Installed() bool {
	_, err := binaries()
	return err == nil
}
