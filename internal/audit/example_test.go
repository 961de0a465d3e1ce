package audit_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"brevdue/internal/audit"
	"brevdue/internal/store"
	"brevdue/internal/store/sqlite"
)

// Example writes two lines and verifies the chain.
func Example() {
	dir, err := os.MkdirTemp("", "brevdue")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	archive, err := sqlite.Open(filepath.Join(dir, "brevdue.db"), sqlite.Options{})
	if err != nil {
		panic(err)
	}
	defer archive.Close()
	ctx := context.Background()
	err = archive.Update(ctx, func(tx store.Tx) error {
		for _, action := range []string{"letter.read", "letter.replied"} {
			e := audit.Entry{At: time.Date(2026, 11, 24, 13, 5, 0, 0, time.UTC), Actor: "anne", Action: action, Letter: 7}
			if err := audit.Append(ctx, tx, e); err != nil {
				return err
			}
		}
		n, broken, err := audit.Verify(ctx, tx)
		fmt.Println(n, broken)
		return err
	})
	fmt.Println(err)
	// Output:
	// 2 0
	// <nil>
}
