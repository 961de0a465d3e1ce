// Package cli is the terminal's face of Brevdue: one subcommand per thing a
// person or another program wants done. Names, flags, exit codes and JSON keys
// are a contract (docs/cli.md is printed from here).
//
// Deliberately missing: any knowledge of formats or rules; each command is a
// small function over a room of the library.
//
// What surprises: results go to standard output and messages to standard error;
// exit code 1 means that the input has errors or that the answer is no, and 2
// that the question could not be answered.
package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/alecthomas/kong"
)

// Streams is what a command may touch of the world around it.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	Now      func() time.Time
}

// Exit is an error that only carries an exit code; the command has already said
// what there was to say.
type Exit int

// Error returns "exit code n".
func (e Exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// grammar is the whole command line.
type grammar struct {
	Aftale      AftaleCmd      `cmd:"" help:"Ask the regional agreement: deadlines, subjects, the telephone rule."`
	Demo        DemoCmd        `cmd:"" help:"Show a synthetic region at work, in your browser."`
	Bench       BenchCmd       `cmd:"" help:"Measure the program with its own real parts."`
	Init        InitCmd        `cmd:"" help:"Make a new installation."`
	Serve       ServeCmd       `cmd:"" help:"Run an installation: network folder, jobs and workbench."`
	User        UserCmd        `cmd:"" help:"Manage the people who sign in."`
	Queue       QueueCmd       `cmd:"" help:"Look after the jobs of an installation."`
	Letter      LetterCmd      `cmd:"" help:"Find letters of an installation; never shows the citizen or the text."`
	Directory   DirectoryCmd   `cmd:"" help:"Ask who can be written to."`
	Audit       AuditCmd       `cmd:"" help:"Look after the audit log."`
	Retention   RetentionCmd   `cmd:"" help:"Delete what the rules about keeping say, or tell what would go."`
	Key         KeyCmd         `cmd:"" help:"Look after the keys of encrypted archives."`
	Torture     TortureCmd     `cmd:"" help:"Try to lose a letter: kill two installations again and again, and check both archives."`
	TortureNode TortureNodeCmd `cmd:"" hidden:""`
	Move        MoveCmd        `cmd:"" help:"Carry an archive over into another database."`
	Backup      BackupCmd      `cmd:"" help:"Make one file of an installation, while it runs."`
	Restore     RestoreCmd     `cmd:"" help:"Make an installation of a backup."`
	Verify      VerifyCmd      `cmd:"" help:"Check that a backup is whole and opens."`
	Check       CheckCmd       `cmd:"" help:"Print every finding on a message."`
	Describe    DescribeCmd    `cmd:"" help:"Tell what a message says, in plain words."`
	Conform     ConformCmd     `cmd:"" help:"Judge the files of a counterpart: recognise, check, convert, match."`
	Convert     ConvertCmd     `cmd:"" help:"Write a letter or receipt in another format, and what was lost."`
	Receipt     ReceiptCmd     `cmd:"" help:"Write the receipt that answers a message."`
	Rules       RulesCmd       `cmd:"" help:"Print every validation rule."`
	Version     VersionCmd     `cmd:"" help:"Print version, build and the standards that are covered."`
}

// Run parses args (without the program name), runs the command and returns the
// exit code of the process.
func Run(args []string, s *Streams) int {
	var g grammar
	code := -1
	parser, err := newParser(&g, s, func(c int) { code = c; panic(stop{}) })
	if err != nil {
		fmt.Fprintf(s.Err, "brevdue: %v\n", err)
		return 2
	}
	err = guarded(func() error {
		ctx, err := parser.Parse(args)
		if err != nil {
			return err
		}
		return ctx.Run(s)
	})
	var exit Exit
	switch {
	case code >= 0:
		return code
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit)
	}
	fmt.Fprintf(s.Err, "brevdue: %v\n", err)
	return 2
}

// newParser builds the parser of the whole command line.
func newParser(g *grammar, s *Streams, exit func(int)) (*kong.Kong, error) {
	return kong.New(g,
		kong.Name("brevdue"),
		kong.Description("Korrespondancebreve between hospital, municipality and general practice: check, convert, receive, read in time, answer."),
		kong.Writers(s.Out, s.Err),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Bind(s),
	)
}

// stop unwinds out of kong when it wants to end the process after printing help.
type stop struct{}

// guarded runs f and swallows only the unwinding that kong.Exit asked for.
func guarded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(stop); !ok {
				panic(r)
			}
		}
	}()
	return f()
}
