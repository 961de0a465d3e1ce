package cli_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What is compiled in is said by the binary itself: every library with the version that
// go.mod asks for. A test's own binary does not know, so the real one is built.
func TestVersionNamesWhatIsCompiledIn(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "brevdue")
	if out, err := exec.Command("go", "build", "-o", binary, "brevdue/cmd/brevdue").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(binary, "version", "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		Version, Go string
		Modules     []struct{ Path, Version, Sum string }
	}
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if said.Version == "" || !strings.HasPrefix(said.Go, "go1.") {
		t.Errorf("version %q, Go %q", said.Version, said.Go)
	}
	got := map[string]string{}
	for _, m := range said.Modules {
		if got[m.Path] = m.Version; m.Sum == "" {
			t.Errorf("%s has no sum", m.Path)
		}
	}
	for _, path := range []string{"github.com/alecthomas/kong", "github.com/ncruces/go-sqlite3", "github.com/jackc/pgx/v5"} {
		want, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", path).Output()
		if err != nil {
			t.Fatal(err)
		}
		if got[path] != strings.TrimSpace(string(want)) {
			t.Errorf("%s: %q, want %s", path, got[path], want)
		}
	}
}
