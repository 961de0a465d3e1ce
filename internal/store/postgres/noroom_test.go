package postgres

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// A database without room, or that is being shut down, is no fault of what was asked.
func TestNoRoom(t *testing.T) {
	d := dialect("test")
	for code, want := range map[string]bool{"53100": true, "53300": true, "57P01": true, "58030": true, "23505": false, "42601": false, "57014": false, "": false} {
		if err := fmt.Errorf("insert: %w", &pgconn.PgError{Code: code}); d.NoRoom(err) != want {
			t.Errorf("%s: want %v", code, want)
		}
	}
	if d.NoRoom(errors.New("another")) {
		t.Error("any error")
	}
}
