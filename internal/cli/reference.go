package cli

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// Reference returns docs/cli.md: every command with its help, as the binary
// itself prints it, so that the page cannot differ from the program.
func Reference() (string, error) {
	var g grammar
	parser, err := newParser(&g, &Streams{Out: new(bytes.Buffer), Err: new(bytes.Buffer)}, func(int) {})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("# The command line\n\nPrinted by the program itself (`go test ./internal/cli -update`). Exit codes: 0 fine, 1 the input has errors or the answer is no, " +
		"2 the input cannot be read, a flag is wrong, or something outside failed. Results go to standard output, messages to standard error. CPR numbers are masked unless `--reveal`.\n")
	for _, leaf := range parser.Model.Leaves(true) {
		fmt.Fprintf(&b, "\n## `%s`\n\n%s\n", leaf.FullPath(), leaf.Help)
		if leaf.Detail != "" {
			fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(leaf.Detail))
		}
		writeArguments(&b, leaf)
	}
	return b.String(), nil
}

// RulesReference returns docs/rules.md: every validation rule as the program
// prints it.
func RulesReference() string {
	var b strings.Builder
	b.WriteString("# Every rule\n\nPrinted by the program itself (`go test ./internal/cli -update`), also as JSON with `brevdue rules --json`. An error refuses a letter; " +
		"warnings and information stop nothing. \"…\" is what a finding fills in.\n\n| Rule | Severity | Dansk | English | Reference |\n|---|---|---|---|---|\n")
	for _, r := range allRules() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", r.ID, r.Severity, cell(r.Text), cell(r.TextEN), cell(r.Ref))
	}
	return b.String()
}

// writeArguments lists the positional arguments and flags of one command.
func writeArguments(b *strings.Builder, leaf *kong.Command) {
	var rows []string
	for _, p := range leaf.Positional {
		rows = append(rows, fmt.Sprintf("| `%s` | %s |", p.Summary(), cell(p.Help)))
	}
	for _, group := range leaf.AllFlags(true) {
		for _, f := range group {
			if f.Name == "help" {
				continue
			}
			rows = append(rows, fmt.Sprintf("| `%s` | %s |", cell(f.String()), cell(f.Help)))
		}
	}
	if len(rows) == 0 {
		return
	}
	b.WriteString("\n| | |\n|---|---|\n" + strings.Join(rows, "\n") + "\n")
}

// cell makes text safe inside a table cell.
func cell(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\n", " "), "|", "\\|")
}
