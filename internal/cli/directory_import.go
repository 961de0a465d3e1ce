package cli

import (
	"errors"
	"fmt"
	"os"
	"reflect"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/kalender"
	"brevdue/sor"
)

// DirectoryImportCmd takes a file of a register in.
type DirectoryImportCmd struct {
	Installation
	Language
	Partial bool   `help:"Take the rows without an error in, although others have one."`
	DryRun  bool   `name:"dry-run" help:"Tell what would come in, and change nothing."`
	File    string `arg:"" help:"A table (CSV) or a directory file (YAML)."`
}

// Help is the example of the command.
func (DirectoryImportCmd) Help() string {
	return `Example:

    brevdue directory import --data data register.csv

The file becomes the whole directory of the installation; a running one takes it up within
a minute. A table has semicolons, commas or tabs, and its first line names the columns:
gln, name, kind, place, takes, standards, subjects, phone, id, id_code, organisation,
department, unit, updated; or Lokationsnummer, Navn, Art, Kommune, Kan modtage, Standarder,
Emner, Telefon, Afdeling, Afsnit, Opdateret. Each row that has something wrong is told with
its line, and whether it came in. When a row has an error nothing is changed, but with
--partial. Display names that people agreed on stay.

Exit code 1 when nothing came in because of the file.`
}

// Run takes it in.
func (c DirectoryImportCmd) Run(s *Streams) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	content, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	path := conf.Path(conf.Directory)
	before, err := app.LoadDirectory(path)
	if err != nil {
		return fmt.Errorf("the directory as it is: %w", err)
	}
	in := sor.Import(content)
	whole := !brevdue.HasErrors(in.Findings)
	taken := len(in.Entries) > 0 && (whole || c.Partial)
	for _, f := range in.Findings {
		c.report(s, f, taken)
	}
	if !taken {
		fmt.Fprintln(s.Out, c.say("Intet er indlæst; adressebogen er, som den var.", "Nothing came in; the directory is as it was."))
		if !whole && len(in.Entries) > 0 {
			fmt.Fprintf(s.Out, c.say("Ret fejlene, eller brug --partial: så indlæses %s af %s rækker.\n", "Correct the errors, or use --partial: then %s of %s rows come in.\n"), thousands(len(in.Entries)), thousands(in.Rows))
		}
		return Exit(1)
	}
	if !c.DryRun {
		if err := replaceDirectory(path, in, kalender.DayOf(s.Now()).String()); err != nil {
			return err
		}
	}
	fresh, changed, gone := compare(before, in.Entries)
	said := c.say("%s af %s rækker indlæst: %s nye, %s ændrede, %s er ikke med længere.\n", "%s of %s rows came in: %s new, %s changed, %s are there no longer.\n")
	if c.DryRun {
		said = c.say("Prøve: %s af %s rækker ville blive indlæst: %s nye, %s ændrede, %s er ikke med længere.\n", "Trial: %s of %s rows would come in: %s new, %s changed, %s would be there no longer.\n")
	}
	fmt.Fprintf(s.Out, said, thousands(len(in.Entries)), thousands(in.Rows), thousands(fresh), thousands(changed), thousands(gone))
	return nil
}

// report tells a finding with its line and what became of the row.
func (c DirectoryImportCmd) report(s *Streams, f brevdue.Finding, taken bool) {
	kept := c.say("rækken er indlæst", "the row came in")
	switch {
	case f.Severity == brevdue.SeverityError:
		kept = c.say("rækken er ikke indlæst", "the row did not come in")
	case !taken:
		kept = c.say("rækken kan indlæses", "the row can come in")
	}
	fmt.Fprintf(s.Out, "%s:%d:%d: %s %s (%s)\n", c.File, f.Pos.Line, f.Pos.Column, f.Rule, c.say(f.Text, f.TextEN), kept)
}

// replaceDirectory writes what came in as the directory file, once it is sure that the
// file is read back.
func replaceDirectory(path string, in sor.Imported, today string) error {
	if in.Imported == "" {
		in.Imported = today
	}
	content, err := sor.Write(in.Entries, in.Imported)
	if err != nil {
		return err
	}
	if back, findings := sor.Load(content); back == nil || back.Len() != len(in.Entries) {
		return errors.Join(fmt.Errorf("the directory cannot be written so that it is read back: %d findings", len(findings)), brevdue.ErrConflict)
	}
	return app.ReplaceDirectory(path, content)
}

// compare counts what an import changes.
func compare(before *sor.Directory, entries []sor.Entry) (fresh, changed, gone int) {
	kept := 0
	for _, e := range entries {
		switch was, known := before.Get(e.GLN); {
		case !known:
			fresh++
		case !reflect.DeepEqual(was, e):
			kept++
			changed++
		default:
			kept++
		}
	}
	return fresh, changed, before.Len() - kept
}

// thousands writes a number as people read it: 1 214.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u00a0" + s[i:]
	}
	return s
}
