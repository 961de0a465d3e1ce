package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"filippo.io/age"

	"brevdue/internal/backup"
)

// BackupCmd makes one file of an installation.
type BackupCmd struct {
	Installation
	Recipient []string `help:"Encrypt to this age recipient; may be repeated." placeholder:"AGE1..."`
	JSON      bool     `name:"json" help:"Print the manifest as JSON."`
	File      string   `arg:"" help:"The new file."`
}

// Help is the example of the command.
func (BackupCmd) Help() string {
	return "Example:\n\n    brevdue backup --data data --recipient age1... /backup/brevdue-2026-11-25.backup\n\n" +
		"The installation may be at work; the copy is of one moment. It holds the archive,\nthe configuration, the agreements and the directory, and not the network folders.\nWithout --recipient the file is not encrypted and holds citizens' letters, also when\nthe archive is encrypted: its key is not needed to read a backup, and not in it."
}

// Run makes it.
func (c BackupCmd) Run(s *Streams) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	version, _ := build()
	o := backup.Options{Program: version, Now: s.Now()}
	for _, r := range c.Recipient {
		to, err := age.ParseX25519Recipient(r)
		if err != nil {
			return fmt.Errorf("--recipient: %w", err)
		}
		o.Recipients = append(o.Recipients, to)
	}
	m, err := backup.Create(context.Background(), conf, c.path(), c.File, o)
	if err != nil {
		return err
	}
	if len(o.Recipients) == 0 {
		but := ""
		if conf.KeyFile != "" {
			but = "the archive is encrypted, but "
		}
		fmt.Fprintf(s.Err, "brevdue: %sthe file is not encrypted and holds citizens' letters; name a --recipient to encrypt it\n", but)
	}
	return tellBackup(s, c.File, m, c.JSON)
}

// RestoreCmd makes an installation of a backup.
type RestoreCmd struct {
	Data            string `required:"" placeholder:"DIR" help:"The new installation's folder; empty or not there."`
	Identity        string `help:"File with the age key that opens the backup." placeholder:"FILE"`
	DatabaseKeyFile string `help:"File with the key for the restored archive, when its configuration encrypts it with a key in the installation's folder; it is copied there. Any key will do." placeholder:"FILE"`
	JSON            bool   `name:"json" help:"Print the manifest as JSON."`
	File            string `arg:"" help:"A backup."`
}

// Help is the example of the command.
func (RestoreCmd) Help() string {
	return "Example:\n\n    brevdue restore --data data --identity key.txt /backup/brevdue-2026-11-25.backup\n\n" +
		"The folder appears whole, after every check that brevdue verify makes, or not at\nall. The installation gets new numbers, so that receivers do not take its letters\nfor old ones. What came in after the backup is not in it: ask the network for it."
}

// Run restores it.
func (c RestoreCmd) Run(s *Streams) error {
	ids, err := identities(c.Identity)
	if err != nil {
		return err
	}
	m, err := backup.Restore(context.Background(), c.File, c.Data, backup.RestoreOptions{Identities: ids, KeyFile: c.DatabaseKeyFile})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Err, "brevdue: restored to %s; what came in after %s is not in it\n", c.Data, m.At.Format("2006-01-02 15:04 MST"))
	return tellBackup(s, c.File, m, c.JSON)
}

// VerifyCmd checks a backup.
type VerifyCmd struct {
	Identity string `help:"File with the age key that opens the backup." placeholder:"FILE"`
	JSON     bool   `name:"json" help:"Print the manifest as JSON."`
	File     string `arg:"" help:"A backup."`
}

// Help is the example of the command.
func (VerifyCmd) Help() string {
	return "Example:\n\n    brevdue verify --identity key.txt /backup/brevdue-2026-11-25.backup\n\n" +
		"Every byte, every page of the archive, the counts and the chain of the audit log.\nExit code 1 when the backup is damaged."
}

// Run checks it.
func (c VerifyCmd) Run(s *Streams) error {
	ids, err := identities(c.Identity)
	if err != nil {
		return err
	}
	m, err := backup.Verify(context.Background(), c.File, ids...)
	if errors.Is(err, backup.ErrDamaged) {
		fmt.Fprintf(s.Err, "brevdue: %v\n", err)
		return Exit(1)
	}
	if err != nil {
		return err
	}
	return tellBackup(s, c.File, m, c.JSON)
}

func identities(file string) ([]age.Identity, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	keys, err := age.ParseIdentities(f)
	if err != nil {
		return nil, fmt.Errorf("--identity %s: %w", file, err)
	}
	return keys, nil
}

func tellBackup(s *Streams, file string, m backup.Manifest, asJSON bool) error {
	if asJSON {
		return printJSON(s.Out, m)
	}
	fmt.Fprintf(s.Out, "%s: %s, %d letters, %d audit entries, %d files\n", file, m.At.Format("2006-01-02 15:04:05 MST"), m.Letters, m.Audit, len(m.Files))
	return nil
}
