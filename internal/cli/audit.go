package cli

import (
	"context"
	"fmt"

	"brevdue/internal/app"
	"brevdue/internal/store"
)

// AuditCmd looks after the audit log.
type AuditCmd struct {
	Verify AuditVerifyCmd `cmd:"" help:"Tell whether anybody changed the audit log afterwards."`
}

// linesTold is after how many lines of a long log the terminal hears how far it is.
const linesTold = 500_000

// AuditVerifyCmd verifies the chain of the audit log.
type AuditVerifyCmd struct {
	Installation
	JSON bool `name:"json" help:"Print one JSON object."`
}

// Help is the example of the command.
func (AuditVerifyCmd) Help() string {
	return "Example:\n\n    brevdue audit verify --data data\n\nEvery line holds the hash of the one before. Exit code 1 when the chain is broken."
}

// Run verifies it.
func (c AuditVerifyCmd) Run(s *Streams) error {
	return c.open(func(ctx context.Context, st store.Store) error {
		next := int64(linesTold)
		lines, broken, err := app.VerifyAudit(ctx, st, func(lines int64) {
			if lines >= next {
				fmt.Fprintf(s.Err, "brevdue: %d lines\n", lines)
				next = lines + linesTold
			}
		})
		if err != nil {
			return err
		}
		if c.JSON {
			err = printJSON(s.Out, struct {
				Lines       int64 `json:"lines"`
				FirstBroken int64 `json:"first_broken"` // 0: whole
			}{lines, broken})
		} else if broken == 0 {
			_, err = fmt.Fprintf(s.Out, "the audit log is whole: %d lines\n", lines)
		} else {
			_, err = fmt.Fprintf(s.Out, "the audit log was changed: line %d does not fit the line before\n", broken)
		}
		if err == nil && broken != 0 {
			return Exit(1)
		}
		return err
	})
}
