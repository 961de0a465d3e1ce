package cli_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptCommands are what scripts about running programs need besides the program.
func scriptCommands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"ports":    ports,
		"replace":  replaceText,
		"answers":  answers,
		"waitfile": waitFile,
	}
}

// ports NAME sets $NAME to a free port whose successor, $NAME2, is free too.
func ports(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ports NAME")
	}
	for range 100 {
		a, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		port := a.Addr().(*net.TCPAddr).Port
		b, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+1))
		a.Close()
		if err != nil {
			continue
		}
		b.Close()
		ts.Setenv(args[0], fmt.Sprint(port))
		ts.Setenv(args[0]+"2", fmt.Sprint(port+1))
		return
	}
	ts.Fatalf("no two free ports beside each other")
}

// answers URL [TEXT] waits until the page is there (and holds the text).
func answers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: answers URL [TEXT]")
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	var last string
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		answer, err := client.Get(args[0])
		if err != nil {
			last = err.Error()
			continue
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		last = answer.Status
		if err == nil && answer.StatusCode == http.StatusOK && (len(args) == 1 || strings.Contains(string(body), args[1])) {
			return
		}
	}
	ts.Fatalf("%s does not answer: %s", args[0], last)
}

// waitfile DIR NAME waits for a finished file in a folder and gives it the name.
func waitFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfile DIR NAME")
	}
	dir := ts.MkAbs(args[0])
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		entries, err := os.ReadDir(dir)
		ts.Check(err)
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), ".") {
				ts.Check(os.Rename(filepath.Join(dir, e.Name()), ts.MkAbs(args[1])))
				return
			}
		}
	}
	ts.Fatalf("nothing came to %s", args[0])
}
