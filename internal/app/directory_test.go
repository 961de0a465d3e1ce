package app_test

import (
	"os"
	"path/filepath"
	"testing"

	"brevdue"
	"brevdue/internal/app"
	"brevdue/internal/mailbox"
	"brevdue/sor"
)

// directoryOf is a directory file with one entry of that name.
func directoryOf(t *testing.T, gln brevdue.GLN, name string) []byte {
	t.Helper()
	content, err := sor.Write([]sor.Entry{{GLN: gln, Name: name, Kind: brevdue.GP, Place: "Prøvekøbing"}}, "2026-11-24")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// A running installation takes up a new directory file and a name two people agreed on,
// and both are there after a restart. A file that does not load changes nothing.
func TestDirectoryIsTakenUp(t *testing.T) {
	h := build(t, "2026-01-01", homecareUnit())
	file := filepath.Join(h.dir, "directory.yaml")
	if err := app.ReplaceDirectory(file, directoryOf(t, stranger, "LÆGE 12")); err != nil {
		t.Fatal(err)
	}
	h.start()
	anne := mailbox.Person{ID: 71, Login: "anne", Name: "Anne Prøve", Lang: "da"}
	rita := mailbox.Person{ID: 72, Login: "rita", Name: "Rita Prøve", Lang: "da", Secretariat: true}
	shown := func() string {
		e, err := h.app.Box.DirectoryEntry(t.Context(), anne, stranger)
		if err != nil {
			t.Fatal(err)
		}
		return e.Name + " / " + e.Registered()
	}
	agree := func(name string) {
		t.Helper()
		if err := h.app.Box.ProposeName(t.Context(), anne, stranger, name); err != nil {
			t.Fatal(err)
		}
		waiting, err := h.app.Box.WaitingNames(t.Context(), rita)
		if err != nil || len(waiting) != 1 {
			t.Fatalf("%d names wait, %v", len(waiting), err)
		}
		if err := h.app.Box.ApproveName(t.Context(), rita, waiting[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	if got := shown(); got != "LÆGE 12 / LÆGE 12" {
		t.Error(got)
	}
	agree("Lægerne Prøvegade")
	h.eventually("the name", func() bool { return shown() == "Lægerne Prøvegade / LÆGE 12" })
	if err := app.ReplaceDirectory(file, directoryOf(t, stranger, "LÆGE 13")); err != nil {
		t.Fatal(err)
	}
	agree("Lægerne Torvet")
	h.eventually("the file and the next name", func() bool { return shown() == "Lægerne Torvet / LÆGE 13" })
	if err := os.WriteFile(file, []byte("entries: ["), 0o600); err != nil {
		t.Fatal(err)
	}
	agree("Lægerne Bakken")
	h.eventually("a name although the file does not load", func() bool { return shown() == "Lægerne Bakken / LÆGE 13" })
	if err := app.ReplaceDirectory(file, directoryOf(t, stranger, "LÆGE 14")); err != nil {
		t.Fatal(err)
	}
	h.halt()
	h.start()
	if got := shown(); got != "Lægerne Bakken / LÆGE 14" {
		t.Errorf("after a restart: %s", got)
	}
	h.halt()
	if left, err := filepath.Glob(filepath.Join(h.dir, ".directory-*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}
