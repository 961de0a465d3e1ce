package cli_test

import (
	"flag"
	"os"
	"testing"

	"brevdue/internal/cli"
)

var update = flag.Bool("update", false, "rewrite docs/cli.md")

// TestReference fails when docs/cli.md is not what the program prints.
func TestReference(t *testing.T) {
	const path = "../../docs/cli.md"
	got, err := cli.Reference()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is stale; write it with: go test ./internal/cli -update", path)
	}
}
