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

// ActionCut is the act of taking the oldest lines away when their time is over. Its
// detail pins where the chain begins from then on.
const ActionCut = "audit.cut"

// CutDetail is the detail of a cut: the last line that went and its hash.
func CutDetail(last store.Entry) string { return fmt.Sprintf("through %d %s", last.Seq, last.Hash) }

// cuts is how many cuts are looked at for the one that took most away: the newest by
// time, unless a clock was put back.
const cuts = 20

// Chain is a walk along the chain, from its beginning to its end in steps, so that a
// long log need not be held still.
type Chain struct {
	Lines  int64 // that fit so far
	Broken int64 // number of the first one that does not; 0: none so far
	seq    int64 // of the last line that fits
	prev   string
}

// Begin returns a walk that has not begun: at line 1, or behind the lines a cut took.
func Begin(ctx context.Context, tx store.Tx) (*Chain, error) {
	newest, err := tx.Audit().Search(ctx, store.AuditQuery{Action: ActionCut, Limit: cuts})
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	c := &Chain{}
	for _, e := range newest {
		var seq int64
		var hash string
		if _, err := fmt.Sscanf(e.Detail, "through %d %s", &seq, &hash); err == nil && seq > c.seq {
			c.seq, c.prev = seq, hash
		}
	}
	return c, nil
}

// Step walks over at most so many lines; done tells that it came to the end, or to a
// broken line.
func (c *Chain) Step(ctx context.Context, tx store.Tx, lines int) (done bool, err error) {
	if c.Broken != 0 {
		return true, nil
	}
	if c.Lines == 0 { // a line before the beginning is one somebody put there
		oldest, err := tx.Audit().First(ctx)
		if err != nil {
			return false, fmt.Errorf("audit: %w", err)
		}
		if oldest.Seq > 0 && oldest.Seq <= c.seq {
			c.Broken = oldest.Seq
			return true, nil
		}
	}
	page, err := tx.Audit().List(ctx, c.seq, lines)
	if err != nil {
		return false, fmt.Errorf("audit: %w", err)
	}
	for _, e := range page {
		if e.Seq != c.seq+1 || e.Prev != c.prev || e.Hash != hash(e) {
			c.Broken = c.seq + 1
			return true, nil
		}
		c.Lines++
		c.seq, c.prev = e.Seq, e.Hash
	}
	return len(page) == 0, nil
}

// Verify walks the whole chain. It returns how many entries there are and the
// number of the first broken one, 0 when the chain is whole.
func Verify(ctx context.Context, tx store.Tx) (n, firstBroken int64, err error) {
	c, err := Begin(ctx, tx)
	for done := false; err == nil && !done; {
		done, err = c.Step(ctx, tx, 1000)
	}
	if err != nil {
		return 0, 0, err
	}
	return c.Lines, c.Broken, nil
}
