package app_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/internal/logtest"
	"brevdue/internal/pgtest"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// TestTwoNodes: two nodes on one PostgreSQL database and one network folder. Each
// letter is there once, whoever took it; one signs in on either and is known on both;
// when a node goes the other goes on with the folder.
func TestTwoNodes(t *testing.T) {
	address := pgtest.Database(t)
	one := &house{t: t, dir: filepath.Join(t.TempDir(), "data"), log: &logtest.Buffer{}}
	setup := app.Setup{Dir: one.dir, ValidFrom: kalender.Day{Year: 2026, Month: 1, Date: 1}, Now: tuesday, Operator: "drift", Database: address}
	setup.Units = append(setup.Units, homecareUnit())
	var err error
	if one.password, err = app.Init(t.Context(), setup); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(one.dir, "brevdue.db")); err == nil {
		t.Fatal("there is a file beside the database")
	}
	two := &house{t: t, dir: one.dir, log: one.log}
	t.Cleanup(one.halt)
	t.Cleanup(two.halt)
	one.start()
	two.start()

	const letters = 20
	drop := func(from, to int) {
		for i := from; i < to; i++ {
			one.drop(fmt.Sprintf("letter-%d.edi", i), nancy(brevdue.DIS91, fmt.Sprintf("%012d", i+1), homecare).bytes(t))
		}
	}
	total := func() (n int) {
		t.Helper()
		err := two.app.Store.View(t.Context(), func(tx store.Tx) error {
			var err error
			n, err = tx.Letters().Total(t.Context())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	drop(0, letters)
	one.out(1)
	one.eventually("every letter", func() bool { return total() == letters })
	one.taken()

	// A session of one node is one of the other.
	p := one.signIn("drift", one.password)
	p.base = two.base
	if inbox := p.get("/"); strings.Count(inbox, `class="who">Nancy Ann Test Berggren`) != letters {
		t.Errorf("the inbox of the other node shows %d letters", strings.Count(inbox, `class="who">Nancy Ann Test Berggren`))
	}

	one.halt() // whoever of them read the folder, it is the other now
	drop(letters, 2*letters)
	two.eventually("the letters that came after a node went", func() bool { return total() == 2*letters })
	two.taken()
}

// TestDatabaseIsDown: an installation whose database cannot be reached says which,
// and never with its password.
func TestDatabaseIsDown(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("hemmelig\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := app.Init(context.Background(), app.Setup{Dir: dir, ValidFrom: kalender.Day{Year: 2026, Month: 1, Date: 1}, Now: tuesday, Operator: "drift",
		Database: "postgres://brevdue@127.0.0.1:1/brevdue?connect_timeout=2", PasswordFile: secret})
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), "hemmelig") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("half an installation is left")
	}
}
