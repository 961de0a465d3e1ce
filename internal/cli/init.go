package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/internal/config"
	"brevdue/kalender"
)

// InitCmd makes a new installation.
type InitCmd struct {
	Unit                 []string `help:"A unit letters are delivered to: its location number, kind (ward, clinic, regional-social, municipal-health, municipal-social, gp) and name. May be given several times." placeholder:"GLN=KIND:NAME" sep:"none"`
	Database             string   `help:"Keep the archive in a PostgreSQL database that several nodes can share, without its password." placeholder:"postgres://..."`
	DatabasePasswordFile string   `help:"The file with the password of that database." placeholder:"FILE"`
	Encrypt              bool     `help:"Encrypt the archive with a new key, which is made beside config.yaml; not with --database."`
	GyldigFra            string   `help:"The day the shipped agreement comes into force; without it today." placeholder:"DATE"`
	Dir                  string   `arg:"" name:"dir" help:"Folder of the new installation; it must be empty or not there."`
}

// Help is the example of the command.
func (InitCmd) Help() string {
	return "Example:\n\n    brevdue init --unit '5790000000005=municipal-health:Hjemmesygeplejen Nord' data\n    brevdue serve --data data\n\n" +
		"The password of the operator's account is printed once and kept nowhere."
}

// Run makes the installation and says what to do next.
func (c InitCmd) Run(s *Streams) error {
	now := s.Now()
	day := kalender.DayOf(now)
	var err error
	if c.GyldigFra != "" {
		if day, err = kalender.ParseDay(c.GyldigFra); err != nil {
			return fmt.Errorf("--gyldig-fra: %w", err)
		}
	}
	var units []config.Unit
	for _, text := range c.Unit {
		u, err := parseUnit(text)
		if err != nil {
			return err
		}
		if !brevdue.GLN(u.GLN).Check() {
			fmt.Fprintf(s.Err, "brevdue: warning: %s does not have 13 digits with the right check digit\n", u.GLN)
		}
		units = append(units, u)
	}
	setup := app.Setup{Dir: c.Dir, Units: units, ValidFrom: day, Now: now, Operator: "drift", Database: c.Database, Encrypt: c.Encrypt}
	if c.DatabasePasswordFile != "" {
		if setup.PasswordFile, err = filepath.Abs(c.DatabasePasswordFile); err != nil {
			return err
		}
	}
	password, err := app.Init(context.Background(), setup)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "Made an installation in %s. The agreement is in force from %s.\n\n", c.Dir, day)
	fmt.Fprintf(s.Out, "  sign-in name  drift\n  password      %s   (printed once, kept nowhere)\n\n", password)
	fmt.Fprintf(s.Out, "Next:\n")
	if c.Encrypt {
		fmt.Fprintf(s.Out, "  keep a copy of %s elsewhere: without the key in it the archive is lost\n", filepath.Join(c.Dir, app.KeyName))
	}
	fmt.Fprintf(s.Out, "  look through %s (units, phone numbers) and %s (who can be written to)\n", filepath.Join(c.Dir, "config.yaml"), filepath.Join(c.Dir, "directory.yaml"))
	fmt.Fprintf(s.Out, "  brevdue user add --data %s LOGIN --name NAME --title TITLE --unit GLN\n", c.Dir)
	fmt.Fprintf(s.Out, "  brevdue serve --data %s\n", c.Dir)
	return nil
}

// parseUnit reads GLN=KIND:NAME.
func parseUnit(text string) (config.Unit, error) {
	gln, rest, ok1 := strings.Cut(text, "=")
	kind, name, ok2 := strings.Cut(rest, ":")
	gln, kind, name = strings.TrimSpace(gln), strings.TrimSpace(kind), strings.TrimSpace(name)
	if !ok1 || !ok2 || gln == "" || name == "" {
		return config.Unit{}, fmt.Errorf("--unit %q: write GLN=KIND:NAME, e.g. 5790000000005=ward:Sengeafsnit 2", text)
	}
	if brevdue.UnitKind(kind).Sector() == "" {
		return config.Unit{}, fmt.Errorf("--unit %q: kind %q is none of %s", text, kind, config.KindList())
	}
	return config.Unit{GLN: gln, Kind: kind, Name: name}, nil
}
