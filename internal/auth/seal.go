package auth

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// Seal closes something that a browser carries for a while, so that it can neither be
// read nor changed and is nothing after until. Every node of an installation opens it.
// purpose binds it to what it is for.
func (a *Auth) Seal(ctx context.Context, purpose string, plain []byte, until time.Time) (string, error) {
	box, err := a.sealer(ctx)
	if err != nil {
		return "", fmt.Errorf("seal: %w", err)
	}
	dated := binary.BigEndian.AppendUint64(nil, uint64(until.UnixMilli()))
	sealed := box.Seal(nil, nil, append(dated, plain...), []byte(purpose))
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Unseal opens what [Auth.Seal] closed; ErrNotFound when it was not, was changed, is for
// something else or is too old.
func (a *Auth) Unseal(ctx context.Context, purpose, sealed string, now time.Time) ([]byte, error) {
	box, err := a.sealer(ctx)
	if err != nil {
		return nil, fmt.Errorf("unseal: %w", err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil, brevdue.ErrNotFound
	}
	plain, err := box.Open(nil, nil, raw, []byte(purpose))
	if err != nil || len(plain) < 8 || now.UnixMilli() >= int64(binary.BigEndian.Uint64(plain)) {
		return nil, brevdue.ErrNotFound
	}
	return plain[8:], nil
}

// sealer makes the key of the installation when it is asked for the first time.
func (a *Auth) sealer(ctx context.Context) (cipher.AEAD, error) {
	var key string
	get := func(tx store.Tx) (err error) {
		key, err = tx.Settings().Get(ctx, store.KeySeal)
		return err
	}
	err := a.store.View(ctx, get)
	if errors.Is(err, brevdue.ErrNotFound) {
		err = a.store.Update(ctx, func(tx store.Tx) error {
			if err := get(tx); !errors.Is(err, brevdue.ErrNotFound) {
				return err // another node was first
			}
			raw := make([]byte, 32)
			rand.Read(raw) // ends the program rather than fail
			key = hex.EncodeToString(raw)
			return tx.Settings().Set(ctx, store.KeySeal, key)
		})
	}
	if err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(key)
	if err != nil {
		return nil, errors.New("the key in the archive is not one")
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
