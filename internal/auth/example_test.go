package auth_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"brevdue/internal/auth"
	"brevdue/internal/store"
	"brevdue/internal/store/sqlite"
)

// Example signs a person in and knows him again by his token, until half an hour
// has gone by without a page.
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

	ctx, now := context.Background(), time.Date(2026, 11, 24, 13, 5, 0, 0, time.UTC)
	door, password := auth.New(archive), auth.NewPassword()
	hash, err := door.Hasher().Hash(ctx, password)
	if err != nil {
		panic(err)
	}
	err = archive.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Users().Put(ctx, store.User{Login: "anne", Name: "Anne Holm", Hash: hash, Created: now})
		return err
	})
	if err != nil {
		panic(err)
	}

	token, _, err := door.SignIn(ctx, "Anne", password, auth.Browser{Address: "10.0.0.1"}, now)
	fmt.Println("signed in:", err == nil)
	user, _, err := door.User(ctx, token, now.Add(29*time.Minute))
	fmt.Println(user.Name, err)
	_, _, err = door.User(ctx, token, now.Add(time.Hour))
	fmt.Println(errors.Is(err, auth.ErrNoSession))
	// Output:
	// signed in: true
	// Anne Holm <nil>
	// true
}
