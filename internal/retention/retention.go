// Package retention ends what an archive holds by rule: the content of a letter some time
// after work on it has ended, then what is known of it, and the oldest lines of the audit
// log.
//
// Specification: F74; denmark.md §6 "GDPR" and "Log of access": the gateway is not the
// record, content goes after a short safety time, the log stays at least six months.
//
// Deliberately missing: a rule that is on by itself. An installation says how long it keeps
// what; without that nothing is deleted.
//
// What surprises: a letter is cleared row by row, each in a transaction of its own with its
// line in the audit log, and its bytes are only marked; they are erased at the end, when no
// other letter needs them. Whatever moment a run is killed at, the next one goes on.
package retention

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"brevdue"
	"brevdue/internal/audit"
	"brevdue/internal/store"
)

// Rules say how many days what is kept; 0 keeps it.
type Rules struct {
	Content  int                 // content, after a letter was handed over to the record
	Units    map[brevdue.GLN]int // units that have a rule of their own for content; 0 keeps it
	Metadata int                 // what is left of a letter, after its content went
	Log      int                 // lines of the audit log
	Drafts   int                 // drafts, since they were changed last
	// WithoutJournal lets the content of letters go that were never handed over to the
	// record, counted from the end of work on them.
	WithoutJournal bool
}

// On tells whether anything is ever deleted.
func (r Rules) On() bool {
	for _, days := range r.Units {
		if days > 0 {
			return true
		}
	}
	return r.Content > 0 || r.Metadata > 0 || r.Log > 0 || r.Drafts > 0
}

// content is the rule for the content of a unit's letters; 0 keeps it.
func (r Rules) content(unit brevdue.GLN) int {
	if days, own := r.Units[unit]; own {
		return days
	}
	return r.Content
}

// Config is what a Keeper works with. Store, Now and Print are needed.
type Config struct {
	Store store.Store
	Rules Rules
	Now   func() time.Time
	Print func(brevdue.Letter) string // tells letters apart that say different things
	Log   *slog.Logger                // nil: nothing is logged
	// Settle forgets what people could take back and no longer can, which may hold what they
	// wrote; nil when there is nothing of the kind.
	Settle func(ctx context.Context, tx store.Tx, now time.Time) error
	// Hook is called with the name of each step when it is done, for tests that kill the
	// program there; may be nil.
	Hook func(step string)
}

// Keeper applies the rules of an installation.
type Keeper struct{ c Config }

// New returns a Keeper; nothing happens before [Keeper.Run].
func New(c Config) *Keeper {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Hook == nil {
		c.Hook = func(string) {}
	}
	return &Keeper{c}
}

// Count is how many letters of a unit a rule is about.
type Count struct {
	Unit    brevdue.GLN `json:"unit"` // "" for letters to receivers nobody knows
	Days    int         `json:"days"` // of the unit's rule for content; 0: it is kept
	Clear   int         `json:"clear"`
	Forget  int         `json:"forget"`
	Held    int         `json:"held"`    // would go, but for a hold
	Working int         `json:"working"` // work on them has not ended
	Journal int         `json:"journal"` // work has ended, and they were not handed over to the record
	Waiting int         `json:"waiting"` // their time has not come
}

// Outcome is what a run did, or what one would do.
type Outcome struct {
	Units  []Count `json:"units"` // by location number
	Files  int     `json:"files"` // attachments that no letter refers to
	Drafts int     `json:"drafts"`
	Lines  int64   `json:"lines"` // of the audit log
	Erased int     `json:"erased"`
}

// Cleared is how many letters lost their content, Forgotten how many went whole.
func (o Outcome) Cleared() (n int) {
	for _, u := range o.Units {
		n += u.Clear
	}
	return n
}

// Journal is how many letters stay because they were not handed over to the record.
func (o Outcome) Journal() (n int) {
	for _, u := range o.Units {
		n += u.Journal
	}
	return n
}

// Forgotten is how many letters went whole.
func (o Outcome) Forgotten() (n int) {
	for _, u := range o.Units {
		n += u.Forget
	}
	return n
}

// Ended returns when work on a letter ended, and whether it has: it was answered or else
// read here, refused, or got through to its receiver, and no task is left. What else ends
// the work on a letter belongs here.
func Ended(k store.Kept) (time.Time, bool) {
	if k.OpenTasks > 0 {
		return time.Time{}, false
	}
	switch k.Status {
	case brevdue.Read, brevdue.Answered, brevdue.Filed:
		return latest(k.ReadAt, k.AnsweredAt), true
	case brevdue.Refused:
		return k.Arrived, true
	case brevdue.Delivered, brevdue.Rejected, brevdue.Withdrawn:
		return k.Sent, true
	}
	return time.Time{}, false
}

// counts returns when the days of the rule for content begin to count: when the letter was
// handed over to the record, or work on it ended, whichever is later. has is false for one
// that waits to be handed over; one that reached nobody does not have to be.
func (r Rules) counts(k store.Kept, ended time.Time) (from time.Time, has bool) {
	switch k.Status {
	case brevdue.Refused, brevdue.Rejected, brevdue.Withdrawn:
		return ended, true
	}
	return latest(ended, k.HandedAt), r.WithoutJournal || !k.HandedAt.IsZero()
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// page is how many letters are looked at a time.
const page = 500

// due is a letter whose time has come, and what for.
type due struct {
	store.Kept
	days   int
	forget bool
}

// Plan says what a run would do now, and changes nothing.
func (k *Keeper) Plan(ctx context.Context) (Outcome, error) {
	var o Outcome
	err := k.walk(ctx, &o, func([]due) error { return nil })
	if err != nil {
		return Outcome{}, err
	}
	err = k.c.Store.View(ctx, func(tx store.Tx) error {
		orphans, err := k.orphans(ctx, tx, 0, 1<<20)
		if err != nil {
			return err
		}
		o.Files = len(orphans)
		if o.Drafts, err = k.oldDrafts(ctx, tx); err != nil {
			return err
		}
		for after := int64(0); ; {
			old, err := k.oldLines(ctx, tx, after)
			if err != nil || len(old) == 0 {
				return err
			}
			o.Lines += int64(len(old))
			after = old[len(old)-1].Seq
		}
	})
	return o, err
}

// Run does what the rules say. What was done before an error stays done.
func (k *Keeper) Run(ctx context.Context) (Outcome, error) {
	var o Outcome
	if err := k.walk(ctx, &o, func(page []due) error {
		for _, d := range page {
			if err := k.end(ctx, d); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return o, fmt.Errorf("retention: %w", err)
	}
	files, err1 := k.clearOrphans(ctx)
	erased, err2 := k.erase(ctx)
	drafts, err3 := k.clearDrafts(ctx)
	lines, err4 := k.cutLog(ctx)
	o.Files, o.Erased, o.Drafts, o.Lines = files, erased, drafts, lines
	if err := errors.Join(err1, err2, err3, err4, k.settle(ctx)); err != nil {
		return o, fmt.Errorf("retention: %w", err)
	}
	k.c.Hook("erased")
	if err := k.mergeWords(ctx); err != nil {
		return o, fmt.Errorf("retention: %w", err)
	}
	if err := k.c.Store.Scrub(ctx); err != nil {
		return o, fmt.Errorf("retention: %w", err)
	}
	return o, nil
}

// walk looks at every letter, counts it, and hands on those whose time has come.
func (k *Keeper) walk(ctx context.Context, o *Outcome, f func([]due) error) error {
	now, after := k.c.Now(), int64(0)
	counts := map[brevdue.GLN]*Count{}
	for {
		var letters []store.Kept
		err := k.c.Store.View(ctx, func(tx store.Tx) (err error) {
			letters, err = tx.Retention().Kept(ctx, after, page)
			return err
		})
		if err != nil {
			return err
		}
		var come []due
		for _, l := range letters {
			after = l.ID
			if counts[l.Unit] == nil {
				counts[l.Unit] = &Count{Unit: l.Unit, Days: k.c.Rules.content(l.Unit)}
			}
			if d, has := k.judge(l, now, counts[l.Unit]); has {
				come = append(come, d)
			}
		}
		if err := f(come); err != nil {
			return err
		}
		if len(letters) < page {
			break
		}
	}
	for _, c := range counts {
		o.Units = append(o.Units, *c)
	}
	slices.SortFunc(o.Units, func(a, b Count) int { return cmp.Compare(a.Unit, b.Unit) })
	return nil
}

// judge counts a letter, and tells whether its time has come.
func (k *Keeper) judge(l store.Kept, now time.Time, c *Count) (due, bool) {
	if !l.ClearedAt.IsZero() {
		if k.c.Rules.Metadata <= 0 || l.ClearedAt.AddDate(0, 0, k.c.Rules.Metadata).After(now) {
			return due{}, false
		}
		if l.Held {
			c.Held++
			return due{}, false
		}
		c.Forget++
		return due{Kept: l, forget: true}, true
	}
	ended, has := Ended(l)
	switch {
	case !has:
		c.Working++
		return due{}, false
	}
	from, has := k.c.Rules.counts(l, ended)
	switch {
	case !has:
		c.Journal++
		return due{}, false
	case c.Days <= 0 || from.AddDate(0, 0, c.Days).After(now):
		c.Waiting++
		return due{}, false
	case l.Held:
		c.Held++
		return due{}, false
	}
	c.Clear++
	return due{Kept: l, days: c.Days}, true
}

// end takes the content of a letter, or what is left of it, away. What has changed since
// it was looked at, and what somebody holds meanwhile, is left for the next run.
func (k *Keeper) end(ctx context.Context, d due) error {
	err := k.c.Store.Update(ctx, func(tx store.Tx) error {
		now := k.c.Now()
		note := audit.Entry{At: now, Actor: "system", Unit: d.Unit, Letter: d.ID}
		if d.forget {
			note.Action, note.Detail = "letter.forgotten", fmt.Sprintf("after %d days", k.c.Rules.Metadata)
			if err := tx.Retention().Forget(ctx, d.ID); err != nil {
				return err
			}
			return audit.Append(ctx, tx, note)
		}
		again, err := tx.Retention().Kept(ctx, d.ID-1, 1)
		if err != nil {
			return err
		}
		if _, ended := Ended(again[0]); !ended || again[0].Held || again[0].Status != d.Status || !again[0].HandedAt.Equal(d.HandedAt) {
			return brevdue.ErrConflict
		}
		l, err := tx.Letters().Get(ctx, d.ID)
		if err != nil {
			return err
		}
		if err := tx.Retention().Clear(ctx, store.Cleared{Letter: d.ID, At: now, Days: d.days, Print: k.c.Print(l.Body)}); err != nil {
			return err
		}
		note.Action, note.Detail = "letter.cleared", fmt.Sprintf("after %d days", d.days)
		return audit.Append(ctx, tx, note)
	})
	if errors.Is(err, brevdue.ErrConflict) {
		return nil
	}
	if err == nil {
		k.c.Hook("letter")
	}
	return err
}

// orphans are files that came long ago and that no letter asked for.
func (k *Keeper) orphans(ctx context.Context, tx store.Tx, after int64, limit int) (out []store.Object, err error) {
	all, err := tx.Retention().Orphans(ctx, k.c.Now(), after, limit)
	for _, o := range all {
		if days := k.c.Rules.content(o.Unit); days > 0 && !o.At.AddDate(0, 0, days).After(k.c.Now()) {
			out = append(out, o)
		}
	}
	return out, err
}

// clearOrphans takes the citizen of such files away and marks their bytes.
func (k *Keeper) clearOrphans(ctx context.Context) (n int, err error) {
	err = k.c.Store.Update(ctx, func(tx store.Tx) error {
		n = 0
		found, err := k.orphans(ctx, tx, 0, 1<<20)
		if err != nil || len(found) == 0 {
			return err
		}
		for _, o := range found {
			if err := tx.Retention().ClearObject(ctx, o.ID); err != nil {
				return err
			}
			n++
		}
		return audit.Append(ctx, tx, audit.Entry{At: k.c.Now(), Actor: "system", Action: "attachments.cleared", Detail: fmt.Sprintf("%d files", n)})
	})
	return n, err
}

// batch is how many bytes are erased in one transaction.
const batch = 50

// erase empties the marked bytes that no letter with content needs.
func (k *Keeper) erase(ctx context.Context) (erased int, err error) {
	marked := map[string]bool{}
	for after := ""; ; {
		var some []string
		err := k.c.Store.View(ctx, func(tx store.Tx) (err error) {
			some, err = tx.Retention().Marked(ctx, after, page)
			return err
		})
		if err != nil {
			return 0, err
		}
		for _, sha := range some {
			marked[sha] = true
			after = sha
		}
		if len(some) < page {
			break
		}
	}
	if len(marked) == 0 {
		return 0, nil
	}
	if err := k.spare(ctx, marked); err != nil {
		return 0, err
	}
	k.c.Hook("spared")
	var list []string
	for sha := range marked {
		list = append(list, sha)
	}
	slices.Sort(list)
	for some := range slices.Chunk(list, batch) {
		n := 0
		err := k.c.Store.Update(ctx, func(tx store.Tx) error {
			n = 0
			for _, sha := range some {
				gone, err := tx.Retention().Erase(ctx, sha)
				if err != nil {
					return err
				}
				if gone {
					n++
				}
			}
			return audit.Append(ctx, tx, audit.Entry{At: k.c.Now(), Actor: "system", Action: "bytes.erased", Detail: fmt.Sprintf("%d", n)})
		})
		if err != nil {
			return erased, err
		}
		erased += n
		k.c.Hook("bytes")
	}
	return erased, nil
}

// spare takes out of marked what letters with content need: the same bytes may be a letter
// that one unit sent and another received. Such bytes stay marked until the other letter
// is cleared, too.
func (k *Keeper) spare(ctx context.Context, marked map[string]bool) error {
	for after := int64(0); ; {
		var letters []store.Kept
		err := k.c.Store.View(ctx, func(tx store.Tx) (err error) {
			if letters, err = tx.Retention().Kept(ctx, after, page); err != nil || len(letters) == 0 {
				return err
			}
			needed, err := tx.Retention().Needed(ctx, letters[0].ID, letters[len(letters)-1].ID)
			for _, sha := range needed {
				delete(marked, sha)
			}
			return err
		})
		if err != nil || len(letters) < page {
			return err
		}
		after = letters[len(letters)-1].ID
	}
}

// logBatch is how many lines of the audit log go in one transaction.
const logBatch = 5000

// oldLines are the lines of the audit log behind after whose time is over, at most so many
// as go in one transaction. The chain is cut where the first younger line stands: one of a
// clock that was put back waits for it.
func (k *Keeper) oldLines(ctx context.Context, tx store.Tx, after int64) ([]store.Entry, error) {
	if k.c.Rules.Log <= 0 {
		return nil, nil
	}
	lines, err := tx.Audit().List(ctx, after, logBatch)
	limit := k.c.Now().AddDate(0, 0, -k.c.Rules.Log)
	if i := slices.IndexFunc(lines, func(e store.Entry) bool { return !e.At.Before(limit) }); i >= 0 {
		lines = lines[:i]
	}
	return lines, err
}

// cutLog takes the oldest lines of the audit log away. Each cut stands in the log: the
// chain begins behind it.
func (k *Keeper) cutLog(ctx context.Context) (lines int64, err error) {
	for {
		n := 0
		err := k.c.Store.Update(ctx, func(tx store.Tx) error {
			old, err := k.oldLines(ctx, tx, 0)
			if n = len(old); err != nil || n == 0 {
				return err
			}
			last := old[n-1]
			if err := audit.Append(ctx, tx, audit.Entry{At: k.c.Now(), Actor: "system", Action: audit.ActionCut, Detail: audit.CutDetail(last)}); err != nil {
				return err
			}
			return tx.Retention().CutLog(ctx, last.Seq)
		})
		if err != nil || n == 0 {
			return lines, err
		}
		lines += int64(n)
		k.c.Hook("log")
	}
}
