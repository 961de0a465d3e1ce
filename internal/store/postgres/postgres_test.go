package postgres_test

import (
	"path/filepath"
	"sync"
	"testing"

	"brevdue/internal/pgtest"
	"brevdue/internal/store"
	"brevdue/internal/store/postgres"
	"brevdue/internal/store/storetest"
)

func open(t testing.TB, address string) store.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), address, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSuite holds the archive to the contract.
func TestSuite(t *testing.T) {
	pgtest.Database(t) // without a server the whole suite is skipped at once
	var mu sync.Mutex
	made := map[string]string{} // test and name -> address
	storetest.Run(t, func(t *testing.T, name string) store.Store {
		mu.Lock()
		defer mu.Unlock()
		key := filepath.Join(t.Name(), name)
		if made[key] == "" {
			made[key] = pgtest.Database(t)
		}
		return open(t, made[key])
	})
}
