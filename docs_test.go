package brevdue_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"brevdue"
)

var update = flag.Bool("update", false, "rewrite generated documents")

// generated compares a committed document with what the code prints, and
// rewrites it with -update.
func generated(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with: go test . -update)", err)
	}
	if string(want) != got {
		t.Errorf("%s is stale; write it with: go test . -update", path)
	}
}

// TestStatesDocument draws docs/states.md from the table of moves.
func TestStatesDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Where a letter stands\n\nDrawn from `status.go` by `go test . -update`. A step that is not here is refused with `ErrConflict`.\n\n```mermaid\nstateDiagram-v2\n")
	for _, m := range brevdue.Moves() {
		fmt.Fprintf(&b, "    %s --> %s : %s\n", m.From, m.To, m.Cause)
	}
	b.WriteString("```\n\n| From | To | When |\n|---|---|---|\n")
	for _, m := range brevdue.Moves() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", m.From, m.To, m.Cause)
	}
	generated(t, "docs/states.md", b.String())
}

// TestNoForeignTextOrMachinePaths keeps the repository about the product alone.
func TestNoForeignTextOrMachinePaths(t *testing.T) {
	bad := regexp.MustCompile(`/(work|root|home|Users)/[A-Za-z]`)
	walkTracked(t, func(path string, data []byte) {
		if loc := bad.FindIndex(data); loc != nil && path != "docs_test.go" {
			t.Errorf("%s names a path of somebody's machine: %q", path, data[loc[0]:min(len(data), loc[1]+20)])
		}
	})
}

// TestBrowserTestsExist: the tests that docs/browser-tests.md names are there.
func TestBrowserTestsExist(t *testing.T) {
	document, err := os.ReadFile("docs/browser-tests.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("internal/web/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(data)
	}
	named := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(string(document), -1)
	for _, name := range named {
		if !strings.Contains(code.String(), "func "+name[1]+"(t *testing.T)") {
			t.Errorf("there is no %s", name[1])
		}
	}
	if len(named) < 10 {
		t.Errorf("only %d tests are named", len(named))
	}
}

// walkTracked calls f for every text file of the tree that is not ignored.
func walkTracked(t *testing.T, f func(path string, data []byte)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch d.Name() {
			case ".git", "node_modules", ".tools", "bin":
				return filepath.SkipDir
			}
			return nil
		}
		if info, err := d.Info(); err != nil || info.Size() > 1<<20 {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f(path, data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFilesAreRooms keeps files readable: none over 1,000 lines, and no package
// name that says nothing.
func TestFilesAreRooms(t *testing.T) {
	walkTracked(t, func(path string, data []byte) {
		if !strings.HasSuffix(path, ".go") {
			return
		}
		if n := strings.Count(string(data), "\n"); n > 1000 {
			t.Errorf("%s has %d lines; split it by subject", path, n)
		}
		switch filepath.Base(filepath.Dir(path)) {
		case "util", "utils", "common", "helpers", "models", "misc":
			t.Errorf("%s: the package name does not say what lives there", path)
		}
	})
}

// TestEveryExportedNameIsDocumented reads the tree: an exported identifier
// without a comment is a door without a sign.
func TestEveryExportedNameIsDocumented(t *testing.T) {
	fset := token.NewFileSet()
	walkTracked(t, func(path string, data []byte) {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata") {
			return
		}
		file, err := parser.ParseFile(fset, path, data, parser.ParseComments)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s: %s has no comment", fset.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
							t.Errorf("%s: type %s has no comment", fset.Position(s.Pos()), s.Name.Name)
						}
					case *ast.ValueSpec:
						for _, n := range s.Names {
							if n.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
								t.Errorf("%s: %s has no comment", fset.Position(n.Pos()), n.Name)
							}
						}
					}
				}
			}
		}
	})
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	id, ok := typ.(*ast.Ident)
	return ok && id.IsExported()
}

// TestGlossary checks that every Danish word used as a Go identifier is
// explained in docs/glossary.md.
func TestGlossary(t *testing.T) {
	glossary, err := os.ReadFile("docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	explained := strings.ToLower(string(glossary))
	danish := regexp.MustCompile(`(?i)(aftale|kalender|hverdag|helligdag|ydernummer|forloeb|kommune|sygehus|borger|laesefrist|gyldig|kvittering|lokationsnummer|vagt|emne|bilag)`)
	fset := token.NewFileSet()
	missing := map[string]string{}
	walkTracked(t, func(path string, data []byte) {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return
		}
		file, err := parser.ParseFile(fset, path, data, 0)
		if err != nil {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			for _, word := range danish.FindAllString(id.Name, -1) {
				if w := strings.ToLower(word); !strings.Contains(explained, "**"+w) {
					missing[w] = fset.Position(id.Pos()).String()
				}
			}
			return true
		})
	})
	for w, at := range missing {
		t.Errorf("%s: the Danish word %q is not in docs/glossary.md", at, w)
	}
}
