package cli

import (
	"fmt"
	"strings"

	"brevdue/internal/app"
	"brevdue/sor"
)

// DirectoryCmd asks the directory of an installation.
type DirectoryCmd struct {
	Find DirectoryFindCmd `cmd:"" help:"Find receivers by the words people use, or by location number."`
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
