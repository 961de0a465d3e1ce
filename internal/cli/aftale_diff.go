package cli

import (
	"fmt"
	"os"

	"brevdue"
	"brevdue/aftale"
)

// AftaleDiffCmd compares two agreement files.
type AftaleDiffCmd struct {
	Older string `arg:"" help:"Agreement file, the older version; shipped is the one that comes with the program."`
	Newer string `arg:"" help:"Agreement file, the newer version."`
	JSON  bool   `name:"json" help:"One object for each change."`
}

// Help is the example of the command.
func (AftaleDiffCmd) Help() string {
	return "Example:\n\n    brevdue aftale diff shipped ny-aftale.yaml\n\n" +
		"Line by line, in the words of the agreement: - what the older says, + what the\nnewer says. Dates and the version itself are left out.\nExit code 1 when there is a difference."
}

// changeRecord is the JSON answer for one change.
type changeRecord struct {
	Part   aftale.Part `json:"part"`
	Name   string      `json:"name"`
	Before *string     `json:"before"` // null where the line is new
	After  *string     `json:"after"`  // null where the line is gone
}

// Run prints the changes.
func (c AftaleDiffCmd) Run(s *Streams) error {
	older, err := c.load(c.Older)
	if err != nil {
		return err
	}
	newer, err := c.load(c.Newer)
	if err != nil {
		return err
	}
	changes := aftale.Diff(older, newer)
	var part aftale.Part
	for _, change := range changes {
		if c.JSON {
			if err := printJSON(s.Out, changeRecord{change.Part, change.Name, orNull(change.Before), orNull(change.After)}); err != nil {
				return err
			}
			continue
		}
		if change.Part != part {
			part = change.Part
			fmt.Fprintln(s.Out, partName(part))
		}
		fmt.Fprintf(s.Out, "  %s\n", change.Name)
		if change.Before != "" {
			fmt.Fprintf(s.Out, "  - %s\n", change.Before)
		}
		if change.After != "" {
			fmt.Fprintf(s.Out, "  + %s\n", change.After)
		}
	}
	if len(changes) > 0 {
		return Exit(1)
	}
	return nil
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (c AftaleDiffCmd) load(file string) (*aftale.Agreement, error) {
	var content []byte
	if file == "shipped" {
		_, content = aftale.Shipped()
	} else {
		var err error
		if content, err = os.ReadFile(file); err != nil {
			return nil, err
		}
	}
	a, findings := aftale.Load(content)
	if brevdue.HasErrors(findings) {
		return nil, fmt.Errorf("%s has errors; see brevdue aftale check %s", file, file)
	}
	return a, nil
}

// partName is a part in the words of the agreement.
func partName(p aftale.Part) string {
	switch p {
	case aftale.PartFrame:
		return "Om aftalen"
	case aftale.PartParties:
		return "Parter"
	case aftale.PartDeadlines:
		return "Læsefrister"
	case aftale.PartSubjects:
		return "Kategorier og emner"
	case aftale.PartNational:
		return "Nationale kategorier"
	case aftale.PartStart:
		return "Opstart af dialog"
	case aftale.PartStandards:
		return "Standarder, der går forud for brevet"
	case aftale.PartPhone:
		return "Telefonregel"
	case aftale.PartAfterPhone:
		return "Brev efter telefonsamtale"
	case aftale.PartConsents:
		return "Samtykkegrundlag"
	case aftale.PartContent:
		return "Indhold"
	}
	return "Noter"
}

// AftaleSchemaCmd prints the form of an agreement file.
type AftaleSchemaCmd struct{}

// Help is the example of the command.
func (AftaleSchemaCmd) Help() string {
	return "Example:\n\n    brevdue aftale schema > aftale.schema.json\n\n" +
		"An editor with YAML support then completes and checks the file while it is\nwritten, when the file begins with\n# yaml-language-server: $schema=aftale.schema.json"
}

// Run prints the schema.
func (AftaleSchemaCmd) Run(s *Streams) error {
	_, err := s.Out.Write(aftale.Schema())
	return err
}
