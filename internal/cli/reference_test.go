package cli_test

import (
	"flag"
	"os"
	"testing"

	"brevdue/internal/cli"
)

var update = flag.Bool("update", false, "rewrite docs/cli.md and docs/rules.md")

// TestReferences fails when docs/cli.md or docs/rules.md is not what the program
// prints.
func TestReferences(t *testing.T) {
	commands, err := cli.Reference()
	if err != nil {
		t.Fatal(err)
	}
	for path, got := range map[string]string{"../../docs/cli.md": commands, "../../docs/rules.md": cli.RulesReference()} {
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != got {
			t.Errorf("%s is stale; write it with: go test ./internal/cli -update", path)
		}
	}
}
