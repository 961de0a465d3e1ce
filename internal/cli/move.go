package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	"brevdue/internal/app"
)

// MoveCmd carries an archive over into another database.
type MoveCmd struct {
	Installation
	To                   string `required:"" help:"Address of a PostgreSQL database, or the path of a new file." placeholder:"ADDRESS|FILE"`
	DatabasePasswordFile string `help:"The file with the password of the PostgreSQL database." placeholder:"FILE"`
	DatabaseKeyFile      string `help:"The file with the key that encrypts the new file, or credential:NAME; without it the new file is not encrypted." placeholder:"FILE"`
	JSON                 bool   `name:"json" help:"Print the tables with rows and hashes as JSON."`
}

// Help is the example of the command.
func (MoveCmd) Help() string {
	return "Example:\n\n    brevdue move --data data --to postgres://brevdue@db.example/brevdue --database-password-file database.password\n" +
		"    brevdue move --data data --to data/encrypted.db --database-key-file /etc/brevdue/brevdue-key\n\n" +
		"While the program is running only the original bytes are carried over, which never\nchange: the bulk. Stop it and move again for the rest. Broken off, it goes on where it\n" +
		"was. At the end both archives are counted and hashed row by row. Then set database in\nconfig.yaml; a program refuses the old archive from then on. --to FILE moves back.\n" +
		"An archive is encrypted, and decrypted, by moving it to a new file. Stop every node before moving out of a PostgreSQL database."
}

// told is how many rows go by between two words about them.
const told = 100_000

// Run moves.
func (c MoveCmd) Run(s *Streams) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	to := *conf
	to.Database, to.PasswordFile, to.KeyFile = c.To, "", c.DatabaseKeyFile
	if !to.Shared() {
		if to.Database, err = filepath.Abs(c.To); err != nil {
			return err
		}
	}
	if c.DatabasePasswordFile != "" {
		if to.PasswordFile, err = filepath.Abs(c.DatabasePasswordFile); err != nil {
			return err
		}
	}
	if to.KeyFile != "" && !to.KeyIsCredential() {
		if to.KeyFile, err = filepath.Abs(to.KeyFile); err != nil {
			return err
		}
	}
	next := int64(told)
	table := ""
	moved, ahead, err := app.Move(context.Background(), conf, &to, func(name string, rows int64) {
		if name != table {
			table, next = name, told
		}
		if rows >= next {
			fmt.Fprintf(s.Err, "brevdue: %s: %d rows\n", name, rows)
			next = rows + told
		}
	})
	if err != nil {
		return err
	}
	if ahead {
		fmt.Fprintln(s.Err, "brevdue: the program is running, so only original bytes were carried over; stop it and run the same command again for the rest")
		return Exit(1)
	}
	if c.JSON {
		return json.NewEncoder(s.Out).Encode(moved)
	}
	var rows int64
	for _, m := range moved {
		rows += m.Rows
		fmt.Fprintf(s.Out, "%-18s %9d rows  %.16s\n", m.Table, m.Rows, m.Hash)
	}
	fmt.Fprintf(s.Out, "%d rows are the same in both. Now set database in %s to the new archive%s.\n", rows, c.path(), keyChange(conf.KeyFile, to.KeyFile))
	if to.KeyFile != "" && !conf.Shared() && conf.KeyFile == "" {
		fmt.Fprintf(s.Out, "The old archive is not encrypted: remove %s, and the files beside it that begin with its name, when the new one is at work.\n", conf.Path(conf.Database))
	}
	return nil
}

// keyChange says what becomes of database_key_file.
func keyChange(from, to string) string {
	switch {
	case to != "" && to != from:
		return fmt.Sprintf(" and database_key_file to %s", to)
	case to == "" && from != "":
		return " and take database_key_file out"
	}
	return ""
}
