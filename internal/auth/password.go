package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a password: 19 MiB, two passes, one thread, as OWASP names it.
const (
	memory  = 19 * 1024 // KiB
	passes  = 2
	threads = 1
	keyLen  = 32
	saltLen = 16
	atOnce  = 2 // passwords at a time
)

// Hasher hashes passwords with argon2id, few at a time: each takes 19 MiB, and a
// crowd at the door must not take the house's memory.
type Hasher struct {
	slots chan struct{}
	dummy string // what an unknown login is compared with
}

// NewHasher returns a hasher that works on two passwords at a time.
func NewHasher() *Hasher {
	h := &Hasher{slots: make(chan struct{}, atOnce)}
	// Any well-formed hash will do: nobody knows a password for zeros.
	h.dummy = phc(make([]byte, saltLen), make([]byte, keyLen))
	return h
}

// Hash returns the PHC form of a password.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLen)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	key, err := h.key(ctx, password, salt)
	if err != nil {
		return "", err
	}
	return phc(salt, key), nil
}

func phc(salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads, b64.EncodeToString(salt), b64.EncodeToString(key))
}

func (h *Hasher) key(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h.slots }()
	return argon2.IDKey([]byte(password), salt, passes, memory, threads, keyLen), nil
}

// Check tells whether the password is the one hashed. An empty hash (an unknown
// login) costs the same work and is never right.
func (h *Hasher) Check(ctx context.Context, hash, password string) (bool, error) {
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	parts := strings.Split(hash, "$")
	want := fmt.Sprintf("m=%d,t=%d,p=%d", memory, passes, threads)
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) || parts[3] != want {
		return false, fmt.Errorf("password hash of an unknown form")
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	stored, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil {
		return false, fmt.Errorf("password hash of an unknown form")
	}
	key, err := h.key(ctx, password, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, stored) == 1 && known, nil
}

// NewPassword returns a random password that can be read aloud: four groups of
// four characters without the ones that look alike, 77 bits.
func NewPassword() string {
	const letters = "abcdefghjkmnpqrstuvwxyz23456789" // 31: no i, l, o, 0, 1
	var b strings.Builder
	one := make([]byte, 1)
	for b.Len() < 19 {
		if b.Len()%5 == 4 {
			b.WriteByte('-')
			continue
		}
		// crypto/rand never fails in Go 1.24 and newer: it ends the program instead.
		rand.Read(one)
		if int(one[0]) < 256/len(letters)*len(letters) {
			b.WriteByte(letters[int(one[0])%len(letters)])
		}
	}
	return b.String()
}
