package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/internal/store/sqlite"
)

// A person asks for a unit's inbox, sends a draft that is not finished, and is
// told field by field what is missing.
func Example() {
	dir, err := os.MkdirTemp("", "mailbox")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	archive, err := sqlite.Open(filepath.Join(dir, "brevdue.db"), sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer archive.Close()
	ctx := context.Background()
	unit := store.Unit{GLN: "5790000000012", Kind: brevdue.Clinic, Name: "Medicinsk Klinik", Phone: "87654321"}
	err = archive.Update(ctx, func(tx store.Tx) error {
		return errors.Join(tx.Units().Put(ctx, unit), tx.Settings().Set(ctx, store.KeyTag, "EX1"))
	})
	if err != nil {
		log.Fatal(err)
	}

	noon := time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)
	box := mailbox.New(mailbox.Config{Store: archive, Now: func() time.Time { return noon }})
	anne := mailbox.Person{Login: "anne", Name: "Anne Prøve", Title: "Sygeplejerske", Units: []brevdue.GLN{unit.GLN}}

	in, err := box.Inbox(ctx, anne, unit.GLN, store.Query{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(in.Unit.Name, in.Counts.All)

	_, err = box.SendLetter(ctx, anne, unit.GLN, mailbox.Draft{CPR: "010490-9989", Surname: "Mosebryggersen", Text: "Hej"})
	var faults mailbox.Faults
	if !errors.As(err, &faults) {
		log.Fatal(err)
	}
	for _, f := range faults {
		fmt.Printf("%s: %s\n", f.Field, f.TextEN)
	}
	// Output:
	// Medicinsk Klinik 0
	// receiver: Choose who the letter is for.
	// subject: Choose or write a subject: the receiver sorts by it.
	// phone: Enter the organisation's phone number; it must stand last in the letter. The unit's is 87654321.
}
