package store

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
)

// Names of the number series of an installation ([Settings.NextNumber]) and of
// the setting that makes its numbers its own.
const (
	SeriesLetter   = "letter"           // BrevNr of letters and receipts
	SeriesEnvelope = "envelope"         // KuvertNr
	KeyTag         = "installation.tag" // three characters A-Z, 0-9; made at the first start, never changed
	KeySeal        = "signin.seal"      // 32 bytes in hex that seal what a browser carries while somebody signs in
)

// Settings that say that an archive is not the installation: with one of them in it
// no program starts.
const (
	KeyMoving = "move.unfinished" // the archive is the target of a move that has not ended: the tag of its source
	KeyMoved  = "move.to"         // the archive was moved: where to
)

// FormatNumber writes the n-th number of a series as it travels: the
// installation's tag and n in base 36, padded with zeros to eleven characters,
// together 14 (std:xdis91 §1.3: at most 14, never reused). It panics when tag
// is not three characters A-Z or 0-9, or n is not positive: a wrong number
// would break the promise that numbers are never reused.
func FormatNumber(tag string, n int64) string {
	if !ValidTag(tag) || n <= 0 {
		panic(fmt.Sprintf("number %d of installation tag %q", n, tag))
	}
	digits := strings.ToUpper(strconv.FormatInt(n, 36))
	if len(digits) > 11 {
		panic("number series is used up")
	}
	return tag + strings.Repeat("0", 11-len(digits)) + digits
}

// NewTag makes a tag for an installation.
func NewTag() string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789" // 32: every byte counts alike
	b := make([]byte, 3)
	rand.Read(b) // ends the program rather than fail
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	return string(b)
}

// ValidTag tells whether s can be an installation tag.
func ValidTag(s string) bool {
	if len(s) != 3 {
		return false
	}
	for i := range len(s) {
		if (s[i] < 'A' || s[i] > 'Z') && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}
