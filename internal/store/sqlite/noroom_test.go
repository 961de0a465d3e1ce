package sqlite

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ncruces/go-sqlite3"
)

// A disk without room is no fault of what was asked.
func TestNoRoom(t *testing.T) {
	d := dialect()
	for err, want := range map[error]bool{sqlite3.FULL: true, sqlite3.IOERR_WRITE: true, sqlite3.CONSTRAINT: false, sqlite3.CORRUPT: false} {
		if d.NoRoom(fmt.Errorf("insert: %w", err)) != want {
			t.Errorf("%v: want %v", err, want)
		}
	}
	if d.NoRoom(errors.New("another")) {
		t.Error("any error")
	}
}
