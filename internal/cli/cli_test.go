package cli_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"brevdue/internal/cli"
	"brevdue/internal/pgtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"brevdue": func() {
			os.Exit(cli.Run(os.Args[1:], &cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Now: time.Now}))
		},
	})
}

// TestScripts runs the command line as its users do; each script reads as a
// page of the manual.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Cmds: scriptCommands(),
		Setup: func(e *testscript.Env) error {
			if !strings.Contains(e.WorkDir, "move") || !hasPostgres() {
				return nil
			}
			e.Setenv("POSTGRES", pgtest.Database(t))
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "postgres" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return hasPostgres(), nil
		},
	})
}

// hasPostgres tells whether scripts can have a PostgreSQL database; where one is
// demanded they must.
func hasPostgres() bool { return pgtest.Installed() || os.Getenv(pgtest.Required) != "" }

// replaceText replaces a text in a file: replace FILE OLD NEW.
func replaceText(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	path := ts.MkAbs(args[0])
	content, err := os.ReadFile(path)
	ts.Check(err)
	if strings.Count(string(content), args[1]) != 1 {
		ts.Fatalf("%q is not there once", args[1])
	}
	ts.Check(os.WriteFile(path, []byte(strings.Replace(string(content), args[1], args[2], 1)), 0o600))
}
