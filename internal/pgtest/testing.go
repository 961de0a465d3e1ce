package pgtest

import (
	"errors"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
)

// Required is the environment variable that makes a missing server a failure: set
// where everything must be tested.
const Required = "BREVDUE_POSTGRES"

// shared is the server of this test binary, started by the first test that needs it.
var shared struct {
	once   sync.Once
	server *Server
	err    error
}

// Database makes a new database for a test, on a server that all tests of the
// package share and that goes with them. Without PostgreSQL the test is skipped,
// loudly; where [Required] is set it fails.
func Database(t testing.TB) (address string) {
	t.Helper()
	shared.once.Do(func() { shared.server, shared.err = Start("", Options{}) })
	if errors.Is(shared.err, ErrAbsent) && os.Getenv(Required) == "" {
		t.Skip("SKIPPED: PostgreSQL was NOT tested: ", shared.err)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	address, err := shared.server.Database()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// Own starts a server that only this test uses, with everything on that makes a
// commit survive; it is removed with the test.
func Own(t testing.TB) *Server {
	t.Helper()
	s, err := Start("", Options{Durable: true})
	if errors.Is(err, ErrAbsent) && os.Getenv(Required) == "" {
		t.Skip("SKIPPED: PostgreSQL was NOT tested: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Remove(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Ask runs one statement in the database at an address, on the shared server.
func Ask(address, statement string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	return shared.server.Ask(strings.TrimPrefix(u.Path, "/"), statement)
}
