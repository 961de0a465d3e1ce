package brevdue_test

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
)

// room is one package of the house: what it may import of the others, and the
// reason that is printed to whoever breaks the rule. docs/house.md draws the
// same table as a picture.
type room struct {
	path string   // below the module; "" is the root
	may  []string // rooms it may import; every room may import the root
	why  string
}

// standards are the public, pure rooms; "the standards know bytes but no database".
var standards = []string{"charset", "edifact", "oioxml", "vans", "medcom", "receipt", "message", "convert", "kalender", "sor", "aftale"}

func with(groups ...any) []string {
	var out []string
	for _, g := range groups {
		switch v := g.(type) {
		case string:
			out = append(out, v)
		case []string:
			out = append(out, v...)
		}
	}
	return out
}

// rooms returns the import table.
func rooms() []room {
	const pure = "standards are pure and public: bytes in, words out; no database, no clock, no logger, and never a room above them"
	const archive = "the archive knows the database but no standards: what is kept must not depend on how a format reads"
	const gate = "the gateway floor brings standards and archive together; gateway and mailbox meet in the archive and the queue and never import each other"
	const face = "faces are thin and never reach past the floor below, nor sideways to another face"
	return []room{
		{"", nil, "the words stand alone: they import nothing of ours"},
		{"standards", nil, "the index of the specifications is data"},
		{"charset", nil, pure},
		{"edifact", with("charset"), pure},
		{"oioxml", with("charset"), pure},
		{"vans", with("charset", "oioxml"), pure},
		{"medcom", with("charset", "edifact", "oioxml", "vans"), pure},
		{"receipt", with("charset", "edifact", "oioxml", "vans", "medcom"), pure},
		{"message", with("oioxml", "medcom", "receipt", "vans"), pure},
		{"convert", with("medcom", "receipt", "vans"), pure},
		{"kalender", nil, pure},
		{"sor", nil, pure},
		{"aftale", with("kalender"), pure},

		{"internal/store", nil, archive},
		{"internal/store/sqlstore", with("internal/store"), archive},
		{"internal/store/sqlite", with("internal/store", "internal/store/sqlstore"), archive},
		{"internal/store/postgres", with("internal/store", "internal/store/sqlstore"), archive},
		{"internal/store/storetest", with("internal/store", "internal/store/sqlite", "internal/store/postgres", "internal/pgtest"), archive},

		{"internal/queue", with("internal/store"), gate},
		{"internal/audit", with("internal/store"), gate},
		{"internal/auth", with("internal/store", "internal/audit"), gate},
		{"internal/oidc", with("internal/auth"), "asking an identity provider who somebody is needs the words for the answer, and no archive"},
		{"internal/saml", with("internal/auth"), "asking an identity provider who somebody is needs the words for the answer, and no archive"},
		{"internal/retention", with("internal/store", "internal/audit"), gate + "; retention knows rows and bytes, never formats"},
		{"internal/gateway", with(standards, "internal/store", "internal/queue", "internal/audit"), gate},
		{"internal/mailbox", with("medcom", "aftale", "kalender", "sor", "internal/store", "internal/queue", "internal/audit"), gate},

		{"internal/alert", with("internal/store"), "an alert is told to whoever listens; what trouble is, app knows"},
		{"internal/backup", with("internal/store", "internal/store/sqlite", "internal/audit", "internal/config"), "a backup is an installation's files and the checks that they are whole"},
		{"internal/conform", with(standards), "judging somebody's files needs the standards and a folder; no archive"},

		{"internal/transport", nil, "transport brings bytes in and out and knows nothing of their content; app connects it by a callback"},
		{"internal/web", with("internal/mailbox", "internal/auth", "internal/oidc", "internal/saml", "internal/store", "internal/pdf", "aftale", "kalender", "sor"), face + "; store, aftale and sor only for the names of their data"},
		{"internal/pdf", nil, "laying out a letter needs the words of the letter and no room of the house"},
		{"internal/web/text", nil, "the catalogue of texts is data"},
		{"internal/cli", with(standards, "internal/app", "internal/auth", "internal/backup", "internal/config", "internal/conform", "internal/retention", "internal/sim", "internal/store", "internal/telemetry", "internal/torture", "standards"), face + "; the terminal alone also opens the library"},
		{"cmd/brevdue", with("internal/cli"), "main calls cli and exits"},

		{"internal/app", with(standards, "internal/alert", "internal/store", "internal/store/sqlstore", "internal/store/sqlite", "internal/store/postgres", "internal/queue", "internal/audit", "internal/auth", "internal/oidc", "internal/saml", "internal/gateway", "internal/retention",
			"internal/mailbox", "internal/transport", "internal/web", "internal/config", "internal/telemetry"), "app knows everybody but the terminal and the simulator, which use it"},
		{"internal/config", with("aftale", "internal/store"), "configuration is one struct; it reads files, writes a key to one, and starts nothing"},
		{"internal/telemetry", nil, "logging is told what to write; it knows nobody"},
		{"internal/sim", with(standards, "internal/app", "internal/audit", "internal/auth", "internal/config", "internal/mailbox", "internal/store", "internal/telemetry"),
			"the simulator is the outside world: it starts installations, plays the people who use them and speaks formats to them; nothing of the house may need it"},
		{"internal/torture", with(standards, "internal/app", "internal/audit", "internal/config", "internal/gateway", "internal/mailbox", "internal/store", "internal/telemetry"),
			"torture starts installations and reads what they left; nothing of the house may need it"},
		{"internal/samltest", nil, "an identity provider for tests needs no room of the house"},
		{"internal/oidctest", nil, "an identity provider for tests needs no room of the house"},
		{"internal/pgtest", nil, "starting a database server needs no room of the house"},
		{"internal/logtest", nil, "a log kept by a test needs no room of the house"},
		{"internal/sshtest", nil, "an SFTP server for tests needs no room of the house"},
		{"internal/tlstest", nil, "certificates for tests need no room of the house"},
		{"internal/testletters", nil, "the corpus is data"},
		{"internal/htmlcheck", nil, "assertions on pages know no pages"},
		{"tools", nil, "tools are a module of their own"},
	}
}

type listed struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// TestImportsPointDown holds the tree against the table. Test files are free:
// they may bring in whatever judges the room.
func TestImportsPointDown(t *testing.T) {
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "./...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	table := map[string]room{}
	for _, r := range rooms() {
		table[r.path] = r
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		path := short(p.ImportPath)
		r, known := table[path]
		if !known {
			t.Errorf("%s is not in the table of rooms: say in arch_test.go what it may import and why, and draw it in docs/house.md", path)
			continue
		}
		may := map[string]bool{"": path != ""}
		for _, m := range r.may {
			may[m] = true
		}
		for _, imp := range p.Imports {
			if imp != "brevdue" && !strings.HasPrefix(imp, "brevdue/") {
				continue
			}
			to := short(imp)
			// A room's own cellar (data, texts) is part of the room.
			if !may[to] && !strings.HasPrefix(to, path+"/") {
				t.Errorf("%s imports %s: %s", p.ImportPath, imp, r.why)
			}
		}
	}
}

func short(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, "brevdue"), "/")
}

// TestDependenciesAreReviewed compares the third-party packages that are
// compiled into the binary with deps.txt, so that a new one is visible in a
// diff. Write the new list with: go test -run Dependencies . -update
func TestDependenciesAreReviewed(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if .Module}}{{if not .Module.Main}}{{.Module.Path}} {{.Module.Version}}{{end}}{{end}}", "./cmd/brevdue").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := map[string]bool{}
	var modules []string
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		if line != "" && !seen[line] {
			seen[line] = true
			modules = append(modules, line)
		}
	}
	sort.Strings(modules)
	got := strings.Join(modules, "\n") + "\n"
	if *update {
		if err := os.WriteFile("deps.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile("deps.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("modules in the binary differ from deps.txt.\ngot:\n%s\nwant:\n%s\nA dependency is a decision: record it in docs/decisions/, then run: go test -run Dependencies . -update", got, want)
	}
}

// TestStandardsAreAlone: the public rooms open nothing, ask no clock and write no
// log, so that another program can use them as they are (F40).
func TestStandardsAreAlone(t *testing.T) {
	banned := map[string]string{
		"os": "opens files", "os/exec": "runs programs", "net": "reaches the network", "net/http": "reaches the network", "database/sql": "knows a database",
		"log": "writes a log", "log/slog": "writes a log", "io/ioutil": "opens files", "path/filepath": "knows a file system", "math/rand": "is not the same twice", "crypto/rand": "is not the same twice",
	}
	root := map[string]bool{"log/slog": true} // CPR masks itself in logs of others
	clock := regexp.MustCompile(`\btime\.(Now|Since|Until|After|Tick|Sleep|NewTimer|NewTicker)\(`)
	for _, room := range append([]string{""}, standards...) {
		files, err := filepath.Glob(filepath.Join(".", room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", room, len(files), err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, src, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, imp := range parsed.Imports {
				path := strings.Trim(imp.Path.Value, `"`)
				if why := banned[path]; why != "" && !(room == "" && root[path]) {
					t.Errorf("%s imports %s, which %s", file, path, why)
				}
			}
			if at := clock.Find(src); at != nil {
				t.Errorf("%s asks the clock: %s", file, at)
			}
		}
	}
}
