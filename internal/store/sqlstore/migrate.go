package sqlstore

import (
	"context"
	"fmt"

	"github.com/pressly/goose/v3"
)

// Migrate brings the tables to the newest migration. It refuses an archive that was
// written by a newer program: an older one would write rows a newer one cannot trust.
func Migrate(ctx context.Context, p *goose.Provider) error {
	has, knows, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if has > knows {
		return fmt.Errorf("the archive was written by a newer Brevdue: it has migration %d, this program knows %d", has, knows)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
