package cli

import (
	"fmt"

	"brevdue/internal/app"
)

// KeyCmd looks after the keys of encrypted archives.
type KeyCmd struct {
	New KeyNewCmd `cmd:"" help:"Make a file with a new key for an archive."`
}

// KeyNewCmd makes a key.
type KeyNewCmd struct {
	File string `arg:"" help:"The new file; only its owner can read it."`
}

// Help is the example of the command.
func (KeyNewCmd) Help() string {
	return "Example:\n\n    brevdue key new /etc/brevdue/brevdue-key\n\n" +
		"The key encrypts an archive when database_key_file in config.yaml names it, from the\nfirst start or by brevdue move. Without it the archive is lost: keep a copy elsewhere."
}

// Run makes it.
func (c KeyNewCmd) Run(s *Streams) error {
	if err := app.NewKeyFile(c.File); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.Out, "Made a key in %s. Keep a copy of it elsewhere: what it encrypts is lost without it.\n", c.File)
	return err
}
