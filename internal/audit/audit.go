// Package audit keeps the log of who saw or changed what: append-only, each
// line bound to the one before by a hash.
//
// Specification: AGR-907 (who, when), denmark.md §6 "Log of access"; house.md §2
// room 19.
//
// Deliberately missing: what the letters say. An entry names a letter by its
// archive number and never holds a patient's number or text.
//
// What surprises: the chain shows that a line was altered or taken out, not who
// did it; the newest lines can be cut off by whoever owns the file, so the last
// hash is worth writing down elsewhere.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// Entry is what is to be written.
type Entry struct {
	At     time.Time
	Actor  string // login, or "system"
	Action string // stable word, e.g. "letter.read"
	Unit   brevdue.GLN
	Letter int64 // 0 for none
	Detail string
}

// Append writes an entry at the end of the chain.
func Append(ctx context.Context, tx store.Tx, e Entry) error {
	last, err := tx.Audit().Last(ctx)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	// Milliseconds are what the archive keeps, so that is what is hashed.
	line := store.Entry{
		Seq: last.Seq + 1, At: e.At.UTC().Truncate(time.Millisecond), Actor: e.Actor, Action: e.Action, Unit: e.Unit,
		Letter: e.Letter, Detail: e.Detail, Prev: last.Hash,
	}
	line.Hash = hash(line)
	if err := tx.Audit().Append(ctx, line); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// hash binds every field, each with its length, to the hash before.
func hash(e store.Entry) string {
	h := sha256.New()
	for _, field := range []string{
		e.Prev, strconv.FormatInt(e.Seq, 10), strconv.FormatInt(e.At.UnixMilli(), 10), e.Actor, e.Action, string(e.Unit),
		strconv.FormatInt(e.Letter, 10), e.Detail,
	} {
		fmt.Fprintf(h, "%d:%s,", len(field), field)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Verify walks the whole chain. It returns how many entries there are and the
// number of the first broken one, 0 when the chain is whole.
func Verify(ctx context.Context, tx store.Tx) (n, firstBroken int64, err error) {
	prev := ""
	for {
		page, err := tx.Audit().List(ctx, n, 1000)
		if err != nil {
			return n, 0, fmt.Errorf("audit: %w", err)
		}
		if len(page) == 0 {
			return n, 0, nil
		}
		for _, e := range page {
			if e.Seq != n+1 || e.Prev != prev || e.Hash != hash(e) {
				return n, n + 1, nil
			}
			n, prev = e.Seq, e.Hash
		}
	}
}
