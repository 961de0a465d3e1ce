package cli

import (
	"context"
	"fmt"

	"brevdue/internal/app"
	"brevdue/internal/retention"
	"brevdue/internal/store"
)

// RetentionCmd applies the rules about keeping.
type RetentionCmd struct {
	Plan RetentionPlanCmd `cmd:"" default:"withargs" help:"Tell what the rules about keeping would delete now."`
	Run  RetentionRunCmd  `cmd:"" help:"Delete what the rules about keeping say, now."`
}

// RetentionPlanCmd says what would be deleted.
type RetentionPlanCmd struct {
	Installation
	DryRun bool `help:"Change nothing, which is what this command does anyway."`
	JSON   bool `name:"json" help:"Print one JSON object."`
}

// Help is the example of the command.
func (RetentionPlanCmd) Help() string {
	return "Example:\n\n    brevdue retention --dry-run --data data\n\nThe rules stand in config.yaml under retention; everything is kept until they say something else."
}

// Run says it.
func (c RetentionPlanCmd) Run(s *Streams) error {
	return c.keep(s, c.JSON, "would go", (*retention.Keeper).Plan)
}

// RetentionRunCmd deletes.
type RetentionRunCmd struct {
	Installation
	JSON bool `name:"json" help:"Print one JSON object."`
}

// Help says when it is needed.
func (RetentionRunCmd) Help() string {
	return "The program does it by itself once a night. It may run while brevdue serve does; one that was broken off is run again."
}

// Run deletes.
func (c RetentionRunCmd) Run(s *Streams) error {
	return c.keep(s, c.JSON, "went", (*retention.Keeper).Run)
}

// keep opens the archive, lets the rules be applied and prints what came of it.
func (i Installation) keep(s *Streams, asJSON bool, verb string, do func(*retention.Keeper, context.Context) (retention.Outcome, error)) error {
	conf, err := i.load()
	if err != nil {
		return err
	}
	return i.open(func(ctx context.Context, st store.Store) error {
		o, err := do(app.Keeper(conf, st, s.Now), ctx)
		if err != nil {
			return err
		}
		if asJSON {
			return printJSON(s.Out, o)
		}
		if !app.RetentionRules(conf).On() {
			fmt.Fprintln(s.Out, "no rule is switched on: everything is kept (retention in config.yaml)")
		}
		fmt.Fprintf(s.Out, "%-16s %10s %10s %10s %8s %10s %10s %10s\n", "unit", "rule", "content", "whole", "held", "not ended", "no journal", "waiting")
		for _, u := range o.Units {
			rule, unit := "kept", string(u.Unit)
			if u.Days > 0 {
				rule = fmt.Sprintf("%d days", u.Days)
			}
			if unit == "" {
				unit = "(no unit)"
			}
			fmt.Fprintf(s.Out, "%-16s %10s %10d %10d %8d %10d %10d %10d\n", unit, rule, u.Clear, u.Forget, u.Held, u.Working, u.Journal, u.Waiting)
		}
		fmt.Fprintf(s.Out, "content of %d letters %s, %d letters whole, %d files without a letter, %d drafts, %d lines of the audit log\n", o.Cleared(), verb, o.Forgotten(), o.Files, o.Drafts, o.Lines)
		if n := o.Journal(); n > 0 {
			fmt.Fprintf(s.Out, "%d letters wait for being handed over to the record; their content stays until they are\n", n)
		}
		return nil
	})
}
