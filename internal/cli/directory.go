package cli

import (
	"fmt"
	"log/slog"
	"strings"

	"brevdue/internal/app"
	"brevdue/sor"
)

// DirectoryCmd asks the directory of an installation.
type DirectoryCmd struct {
	Find   DirectoryFindCmd   `cmd:"" help:"Find receivers by the words people use, or by location number."`
	Import DirectoryImportCmd `cmd:"" help:"Take a file of a register in as the directory."`
	Review DirectoryReviewCmd `cmd:"" help:"Look for names that are not easy to recognise and municipalities with too many location numbers."`
}

// DirectoryFindCmd finds receivers.
type DirectoryFindCmd struct {
	Installation
	Limit int      `default:"20" help:"At most so many."`
	JSON  bool     `name:"json" help:"Print one JSON object a line."`
	Words []string `arg:"" help:"Words of name, place or kind; or a location number."`
}

// Help is the example of the command.
func (DirectoryFindCmd) Help() string {
	return "Example:\n\n    brevdue directory find --data data hjemmesygepleje aarhus\n\nThe best comes first. Exit code 1 when there is none."
}

// receiverLine is a receiver as programs read it.
type receiverLine struct {
	GLN   string   `json:"gln"`
	Name  string   `json:"name"`
	Kind  string   `json:"kind,omitempty"`
	Place string   `json:"place,omitempty"`
	Takes []string `json:"takes,omitempty"`
	Phone string   `json:"phone,omitempty"`
	// Similar are the names that may be mixed up with this one.
	Similar []string `json:"similar,omitempty"`
}

// Run finds them.
func (c DirectoryFindCmd) Run(s *Streams) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	d, err := app.LoadDirectory(conf.Path(conf.Directory))
	if err != nil {
		return err
	}
	found := d.Search(strings.Join(c.Words, " "), c.Limit)
	for _, e := range found {
		if err := c.line(s, receiverLineOf(d, e)); err != nil {
			return err
		}
	}
	if len(found) == 0 {
		fmt.Fprintln(s.Err, "no receiver found")
		return Exit(1)
	}
	return nil
}

func receiverLineOf(d *sor.Directory, e sor.Entry) receiverLine {
	l := receiverLine{GLN: string(e.GLN), Name: e.Name, Kind: string(e.Kind), Place: e.Place, Phone: e.Phone}
	for _, k := range e.Takes {
		l.Takes = append(l.Takes, string(k))
	}
	for _, other := range d.Similar(e) {
		l.Similar = append(l.Similar, other.Name)
	}
	return l
}

func (c DirectoryFindCmd) line(s *Streams, l receiverLine) error {
	if c.JSON {
		return printJSON(s.Out, l)
	}
	fmt.Fprintf(s.Out, "%s  %s\n  %s\n", l.GLN, l.Name, joined("  ", l.Kind, l.Place, strings.Join(l.Takes, " "), l.Phone))
	for _, other := range l.Similar {
		fmt.Fprintf(s.Out, "  not to be mixed up with %s\n", other)
	}
	return nil
}

// DirectoryReviewCmd looks at the directory as a register keeper does.
type DirectoryReviewCmd struct {
	Installation
	Language
	JSON bool `name:"json" help:"Print one JSON object a line."`
	Most int  `default:"-1" help:"Location numbers a municipality may have; by default what the agreement in force says."`
}

// Help is the example of the command.
func (DirectoryReviewCmd) Help() string {
	return "Example:\n\n    brevdue directory review --data data\n\nNames that say they are not in use, the same name twice or nearly, a municipal unit without\nits municipality (AGR-503), and more location numbers than agreed (AGR-502).\nExit code 1 when there is anything to look at."
}

// reviewLine is a finding of the directory as programs read it.
type reviewLine struct {
	GLN  string `json:"gln"`
	Rule string `json:"rule"`
	Text string `json:"text"`
	Ref  string `json:"ref"`
}

// Run reviews it.
func (c DirectoryReviewCmd) Run(s *Streams) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	d, err := app.LoadDirectory(conf.Path(conf.Directory))
	if err != nil {
		return err
	}
	most := c.Most
	if most < 0 {
		most = 0
		book, err := app.LoadAgreements(conf.Path(conf.Aftaler), slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		for _, a := range book.All() {
			if a.InForce(s.Now()) {
				most = a.MaxNumbers
				break
			}
		}
	}
	found := d.Review(most)
	for _, f := range found {
		if c.JSON {
			if err := printJSON(s.Out, reviewLine{f.Pos.Path, f.Rule, c.say(f.Text, f.TextEN), f.Ref}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(s.Out, "%s  %s  %s (%s)\n", f.Pos.Path, f.Rule, c.say(f.Text, f.TextEN), f.Ref)
	}
	if len(found) > 0 {
		return Exit(1)
	}
	fmt.Fprintln(s.Err, "nothing to look at")
	return nil
}

// joined joins what is not empty.
func joined(sep string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}
