package app

import (
	"os"
	"strings"
	"testing"
	"time"

	"brevdue/internal/config"
	"brevdue/internal/pgtest"
	"brevdue/internal/store"
)

// A move waits for minutes in the middle of a transaction; a million letters were moved
// to find that the database did not let it.
func TestMoveMayWait(t *testing.T) {
	file := &config.Config{Database: "brevdue.db"}
	if patient(file) != file {
		t.Error("a file waits anyway")
	}
	if os.Getenv("BREVDUE_POSTGRES") == "" {
		t.Skip("BREVDUE_POSTGRES is not set: it takes eleven seconds")
	}
	address := pgtest.Database(t)
	c := &config.Config{Database: address}
	waits := patient(c)
	if c.Database != address || !strings.Contains(waits.Database, "idle_in_transaction_session_timeout=0") {
		t.Fatalf("%s", waits.Database)
	}
	st, err := openArchive(t.Context(), waits, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	err = st.View(t.Context(), func(tx store.Tx) error {
		time.Sleep(11 * time.Second) // longer than a node may
		_, err := tx.Letters().Total(t.Context())
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
