package conform_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brevdue/internal/conform"
	"brevdue/internal/htmlcheck"
	"brevdue/internal/testletters"
)

var update = flag.Bool("update", false, "rewrite the golden reports")

func folder(t *testing.T, dir string) conform.Report {
	t.Helper()
	r, err := conform.Folder(dir, os.ReadFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (rewrite with -update if this is right):\n%s", name, diff)
	}
}

// A counterpart's folder with everything in it: letters of both formats, their
// receipts, a file of a letter, a reused number, a bad letter, junk and nothing.
func TestCounterpart(t *testing.T) {
	r := folder(t, filepath.Join("testdata", "counterpart"))
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "counterpart.json", append(data, '\n'))
	for _, lang := range []string{"da", "en"} {
		var page bytes.Buffer
		if err := r.HTML(&page, "Rapport", lang); err != nil {
			t.Fatal(err)
		}
		golden(t, "counterpart."+lang+".html", page.Bytes())
		for _, problem := range htmlcheck.Check(page.String()) {
			// The page stands alone: it has nothing to skip, and its style with it.
			if s := fmt.Sprint(problem); !strings.Contains(s, "skip to the content") && !strings.Contains(s, "inline <style>") {
				t.Errorf("%s: %s", lang, s)
			}
		}
		for _, secret := range []string{"0104909989", "0107729995", "Mosebryggersen", "Berggren", "hjemmesygepleje"} {
			if strings.Contains(page.String(), secret) || bytes.Contains(data, []byte(secret)) {
				t.Errorf("the report holds %q", secret)
			}
		}
	}
	again, _ := json.MarshalIndent(folder(t, filepath.Join("testdata", "counterpart")), "", " ")
	if !bytes.Equal(again, data) {
		t.Error("the same files give another report")
	}
}

// A receipt in another family, one that contradicts another, one with unswapped
// parties, and files that nobody refers to.
func TestWhatBelongsTogether(t *testing.T) {
	get := func(name string) string {
		for _, c := range testletters.All() {
			if c.Name == name {
				return string(c.Data)
			}
		}
		t.Fatalf("no %s", name)
		return ""
	}
	letter := get("dis91_full")
	refused := get("ctl02_letter")
	accepted := strings.NewReplacer("C0230Q", "C0330Q", "CTL02", "CTL03", ":14+4'", ":14+7'", "D9134L+4'", "D9134L+7'", "FTX+VER+P00++Versionen modtages ikke.'\n", "", "UNT+5", "UNT+4").Replace(refused)
	tests := []struct {
		name  string
		files map[string]string
		want  string // file: verdict of what is asked about receipts or files
	}{
		{"a letter and its receipt", map[string]string{"a": letter, "b": refused}, "a receipts passed; a files remark; b receipts passed"},
		{"accepted and refused", map[string]string{"a": letter, "b": refused, "c": accepted}, "a receipts failed; a files remark; b receipts passed; c receipts passed"},
		{"unswapped", map[string]string{"a": letter, "b": strings.Replace(refused, "5799990000026:14+5799990000019:14+261105", "5799990000019:14+5799990000026:14+261105", 1)}, "a receipts passed; a files remark; b receipts remark"},
		{"no letter", map[string]string{"b": refused}, "b receipts remark"},
		{"no receipt", map[string]string{"a": letter}, "a receipts remark; a files remark"},
		{"files alone", map[string]string{"p": get("bin01_raw_traps")}, "p receipts remark; p files remark"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, content := range tt.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for _, f := range folder(t, dir).Files {
				for _, a := range f.Answers {
					if a.Check == conform.Receipts || a.Check == conform.Attached {
						got = append(got, fmt.Sprintf("%s %s %s", f.Name, a.Check, a.Verdict))
					}
				}
			}
			if s := strings.Join(got, "; "); s != tt.want {
				t.Errorf("got %s\nwant %s", s, tt.want)
			}
		})
	}
}

// What cannot be read is a row and never the end.
func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.edi", "b.edi"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := conform.Folder(dir, func(path string) ([]byte, error) {
		if strings.HasSuffix(path, "a.edi") {
			return nil, os.ErrPermission
		}
		return os.ReadFile(path)
	}, func(int, string) {})
	if err != nil || len(r.Files) != 2 || r.Unread != 1 || r.Files[0].Verdict != conform.Failed {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := conform.Folder(filepath.Join(dir, "nowhere"), os.ReadFile, nil); err == nil {
		t.Error("a folder that is not there was judged")
	}
	if _, err := conform.Folder(filepath.Join(dir, "a.edi"), os.ReadFile, nil); err == nil {
		t.Error("a file was judged as a folder")
	}
}

// Nothing MedCom published fails.
func TestPublishedExamplesConform(t *testing.T) {
	r := folder(t, testletters.Shared(t, "standards/examples/edifact-oioxml"))
	for _, f := range r.Files {
		if f.Verdict == conform.Failed && f.Name != "README.md" {
			t.Errorf("%s: %+v", f.Name, f.Answers)
		}
	}
}
