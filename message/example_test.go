package message_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"brevdue"
	"brevdue/convert"
	"brevdue/internal/testletters"
	"brevdue/message"
	"brevdue/receipt"
)

// answer is the program of docs/library.md.
func answer(data []byte) {
	m := message.Open(data)
	for _, f := range m.Findings {
		fmt.Println(f.Severity, f.Rule, f.Pos.Line, f.Pos.Column, f.Text)
	}

	original, ok := receipt.OriginalOf(m.Data)
	if !ok || m.Receipt != nil {
		return // nothing to answer, or a receipt, which is never answered
	}
	verdict := receipt.Verdict{Outcome: brevdue.Positive}
	if !m.Valid() {
		verdict = receipt.Verdict{Outcome: brevdue.Negative, Code: brevdue.RefuseSyntax, Text: m.Findings[0].Text}
	}
	answer := receipt.Build(original, verdict, receipt.IDs{Envelope: "K1", Letter: "B1"}, "2026-11-25T10:00")
	file, _ := receipt.Encode(answer, answer.Kind)
	fmt.Println(answer.Kind, len(file) > 0)

	if m.Valid() {
		r := convert.Convert(m.Data, brevdue.EDIFACT)
		fmt.Println(r.Kind, len(r.Losses))
	}
}

func Example() {
	for _, name := range []string{"xdis91_full", "xdis91_unknown_version", "xctl03_positive"} {
		c, _ := testletters.Get(brevdue.OIOXML, name)
		answer(c.Data)
	}
	// Output:
	// XCTL03 true
	// DIS91 0
	// error XDIS91-VERSION-01 1 486 Brevets version er ikke XD9134L.
	// XCTL02 true
}

// The page for integrators shows the program that runs here, line for line.
func TestLibraryPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "library.md"))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(source), "func answer(data []byte) {\n")
	body, _, _ = strings.Cut(body, "\n}\n")
	body = strings.ReplaceAll("\n"+body, "\n\t", "\n")[1:]
	if !strings.Contains(string(page), "```go\n"+body+"\n```") {
		t.Error("docs/library.md does not show the program of this file")
	}
}
