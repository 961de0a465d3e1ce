package mailbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"brevdue"
	"brevdue/internal/store"
)

// setting reads a setting that is kept as JSON; one that is not there leaves v as it is.
func setting(ctx context.Context, tx store.Tx, key string, v any) error {
	text, err := tx.Settings().Get(ctx, key)
	if errors.Is(err, brevdue.ErrNotFound) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), v)
	}
	if err != nil {
		return fmt.Errorf("setting %s: %w", key, err)
	}
	return nil
}

// setSetting keeps a setting as JSON.
func setSetting(ctx context.Context, tx store.Tx, key string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("setting %s: %w", key, err)
	}
	return tx.Settings().Set(ctx, key, string(text))
}
