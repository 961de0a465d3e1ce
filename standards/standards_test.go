package standards_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"brevdue/standards"
)

var update = flag.Bool("update", false, "rewrite docs/standards.md")

// Every row names code and a test that are there.
func TestIndexIsTrue(t *testing.T) {
	code, tests := declared(t)
	if len(standards.Index()) < 90 {
		t.Fatalf("%d rows", len(standards.Index()))
	}
	for _, r := range standards.Index() {
		where := r.Spec + " §" + r.Section + " " + r.What
		switch r.Status {
		case standards.Yes:
		case standards.Partial, standards.No:
			if r.Note == "" {
				t.Errorf("%s: %s without a reason", where, r.Status)
			}
		default:
			t.Errorf("%s: status %q", where, r.Status)
		}
		if strings.Contains(r.Code, "/") {
			if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(r.Code))); err != nil {
				t.Errorf("%s: no room %s", where, r.Code)
			}
		} else if !code[r.Code] {
			t.Errorf("%s: no %s", where, r.Code)
		}
		if !tests[r.Test] {
			t.Errorf("%s: no test %s", where, r.Test)
		}
	}
}

// declared lists the exported names of the library and the tests of the tree.
func declared(t *testing.T) (code, tests map[string]bool) {
	t.Helper()
	code, tests = map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2 || d.Name() == "node_modules" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		add := func(name string) {
			if strings.HasSuffix(path, "_test.go") {
				tests[name] = true
			} else {
				code[file.Name.Name+"."+name] = true
			}
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					add(d.Name.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						add(s.Name.Name)
					case *ast.ValueSpec:
						for _, n := range s.Names {
							add(n.Name)
						}
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return code, tests
}

// TestCoveragePage writes docs/standards.md from the index.
func TestCoveragePage(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The standards, statement by statement\n\nWritten from `standards/index.tsv` by `go test ./standards -update`; a test holds every row against the tree.\n\n")
	fmt.Fprintf(&b, "**%d** statements: %d covered, %d in part, %d not.\n\n| § | Statement | Covered | Code | Test | Why not |\n|---|---|---|---|---|---|\n",
		len(standards.Index()), standards.Count(standards.Yes), standards.Count(standards.Partial), standards.Count(standards.No))
	for _, r := range standards.Index() {
		fmt.Fprintf(&b, "| %s | %s | %s | `%s` | %s | %s |\n", r.Section, r.What, r.Status, r.Code, r.Test, r.Note)
	}
	page := filepath.Join("..", "docs", "standards.md")
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil || string(want) != b.String() {
		t.Errorf("docs/standards.md is stale; write it with: go test ./standards -update")
	}
}
