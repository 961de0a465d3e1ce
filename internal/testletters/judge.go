package testletters

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brevdue"
)

// Cases returns the cases of a format whose names begin with prefix, and fails
// when there are fewer than least: a corpus that is not there judges nothing.
func Cases(t *testing.T, format brevdue.Format, prefix string, least int) []Case {
	t.Helper()
	var out []Case
	for _, c := range All() {
		if c.Format == format && strings.HasPrefix(c.Name, prefix) {
			out = append(out, c)
		}
	}
	if len(out) < least {
		t.Fatalf("the corpus is not there: %d cases of %s %s", len(out), format, prefix)
	}
	return out
}

// Judge compares what was made of a case with its .want file, or rewrites the
// file when update is set. The test must belong to a room one folder below the
// module.
func (c Case) Judge(t *testing.T, got []byte, update bool) {
	t.Helper()
	if update {
		if err := os.WriteFile(filepath.Join("..", "internal", "testletters", string(c.Format), c.Name+".want"), got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(c.Want), string(got)); diff != "" {
		t.Errorf("rewrite the .want file with the test's update flag if this is right:\n%s", diff)
	}
}

// Report writes findings, and then values as JSON, so that a person can judge
// them. A string is written as it is.
func Report(t *testing.T, findings []brevdue.Finding, values ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, f := range findings {
		fmt.Fprintf(&b, "%-7s %-18s %d:%d %s\n        %s\n", f.Severity, f.Rule, f.Pos.Line, f.Pos.Column, f.Pos.Path, f.Text)
	}
	for _, v := range values {
		if s, ok := v.(string); ok {
			b.WriteString(s + "\n")
			continue
		}
		j, err := json.MarshalIndent(v, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(j, '\n'))
	}
	return b.Bytes()
}

// beside returns a path of the reference material beside the project.
func beside(path string) string {
	root := "."
	for range 8 {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		root = filepath.Join(root, "..")
	}
	return filepath.Join(root, "..", "shared", filepath.FromSlash(path))
}

// Shared returns a file of the reference material beside the project, or skips
// the test, loudly.
func Shared(t testing.TB, path string) string {
	t.Helper()
	file := beside(path)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("SKIPPED: ../shared absent, oracle %s not consulted", path)
	}
	return file
}

// Validate asks xmllint about XML and a schema of the reference material and
// returns what it has against it, "" for nothing. asked is false, and said in the
// log, when schema or xmllint is not there.
func Validate(t testing.TB, schema string, data []byte) (complaint string, asked bool) {
	t.Helper()
	path := beside("standards/xsd/" + schema)
	if _, err := os.Stat(path); err != nil {
		t.Logf("SKIPPED: ../shared absent, oracle %s not consulted", schema)
		return "", false
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Logf("SKIPPED: xmllint absent, oracle %s not consulted", schema)
		return "", false
	}
	file := filepath.Join(t.TempDir(), "message.xml")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("xmllint", "--noout", "--nonet", "--schema", path, file).CombinedOutput()
	if err != nil {
		return string(out), true
	}
	return "", true
}
