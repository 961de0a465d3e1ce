// Package mailbox is what a unit does with its letters: see them, read them,
// answer them, write new ones, and follow what was sent. Pages and other faces
// reach the archive through it alone.
//
// Specification: F10-F17, F50-F52, F59 and F70-F73 of the product's feature list;
// AGR-301..305 (who starts), AGR-402..406 (content), AGR-501 (the receiver is
// chosen), AGR-601..607 (what a promise says).
//
// Deliberately missing: sending. A letter leaves here as a queued letter with a
// job in the same transaction; the gateway hands it to the network. Notes and
// filing are not in this version.
//
// What surprises: to open a letter is to read it for the whole unit, so
// [Box.Open] writes; only [Box.Peek] does not mark it as read. Whatever shows a
// citizen's data is written in the audit log. A letter of another unit does not
// exist for the person: the error is [brevdue.ErrNotFound], and the attempt is
// logged. Letters that were refused on arrival can be seen by an operator only.
package mailbox

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/audit"
	"brevdue/internal/store"
	"brevdue/sor"
)

// Config is what a Box works with. Store, Books and Now are needed.
type Config struct {
	Store     store.Store
	Books     func() *aftale.Book   // the agreements as they are now; may return nil
	Directory func() *sor.Directory // who can be written to, as it is now; may return nil, which is empty
	Now       func() time.Time
	Log       *slog.Logger // nil: nothing is logged
	// Certified is the network that asks whoever delivers letters for a certificate; "" for
	// none.
	Certified string
	// Undo is how long a letter that was sent waits here before it leaves, so that its
	// writer can take it back; 0: it leaves at once.
	Undo time.Duration
	// Glass lets people of a unit open a letter of another one in an emergency.
	Glass bool
}

// Box serves all units of an installation. It is safe for concurrent use.
type Box struct {
	cfg Config
}

// New returns a Box.
func New(cfg Config) *Box {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Books == nil {
		cfg.Books = func() *aftale.Book { return nil }
	}
	if cfg.Directory == nil {
		cfg.Directory = func() *sor.Directory { return nil }
	}
	return &Box{cfg: cfg}
}

// defaultRows is how many rows a list has when the caller does not say; it is
// the archive's own default.
const defaultRows = 200

// denied is an attempt to reach what is not the person's. For the person it
// does not exist.
type denied struct {
	unit   brevdue.GLN // the unit that was asked for, "" when there is none such
	letter int64
	why    string // stable words for the audit log
	as     error  // what the person is told
}

func (d *denied) Error() string { return d.as.Error() }
func (d *denied) Unwrap() error { return d.as }

// view runs f on a snapshot and puts a denied attempt on record.
func (b *Box) view(ctx context.Context, p Person, f func(store.Tx) error) error {
	return b.settle(ctx, p, b.cfg.Store.View(ctx, f))
}

// update runs f in a transaction and puts a denied attempt on record.
func (b *Box) update(ctx context.Context, p Person, f func(store.Tx) error) error {
	return b.settle(ctx, p, b.cfg.Store.Update(ctx, f))
}

// settle writes the audit entry of a denied attempt, in a transaction of its
// own because the attempt itself must leave nothing.
func (b *Box) settle(ctx context.Context, p Person, err error) error {
	var d *denied
	if !errors.As(err, &d) {
		return err
	}
	action := "letter.denied"
	if d.as == brevdue.ErrForbidden && d.letter == 0 {
		action = "operator.denied"
	}
	if d.as == ErrRole {
		action = "role.denied"
	}
	b.cfg.Log.WarnContext(ctx, "access denied", "user", p.Login, "unit", string(d.unit), "letter", d.letter, "why", d.why)
	failed := b.cfg.Store.Update(ctx, func(tx store.Tx) error {
		return audit.Append(ctx, tx, audit.Entry{At: b.cfg.Now(), Actor: p.Login, Action: action, Unit: d.unit, Letter: d.letter, Detail: d.why})
	})
	if failed != nil {
		return failed // an attempt that cannot be logged is not answered
	}
	return d.as
}

// note appends an entry about a person's act to the audit log.
func (b *Box) note(ctx context.Context, tx store.Tx, p Person, action string, unit brevdue.GLN, letter int64, detail string) error {
	return audit.Append(ctx, tx, audit.Entry{At: b.cfg.Now(), Actor: p.Login, Action: action, Unit: unit, Letter: letter, Detail: detail})
}

// unitOf returns the unit when the person belongs to it and has the right in it. The text of an unknown
// unit never reaches the log: it comes from an address somebody typed.
func (b *Box) unitOf(ctx context.Context, tx store.Tx, p Person, right Right, gln brevdue.GLN) (store.Unit, error) {
	u, err := tx.Units().Get(ctx, gln)
	if errors.Is(err, brevdue.ErrNotFound) {
		return store.Unit{}, brevdue.ErrNotFound
	}
	if err != nil {
		return store.Unit{}, err
	}
	if err := may(p, right, gln); err != nil {
		return store.Unit{}, err
	}
	return u, nil
}

// letterOf returns a letter of the unit that the person may see: one the unit
// sent, or one that was accepted for it.
func (b *Box) letterOf(ctx context.Context, tx store.Tx, p Person, right Right, gln brevdue.GLN, id int64) (store.Unit, *store.Letter, error) {
	u, err := b.unitOf(ctx, tx, p, right, gln)
	var d *denied
	if errors.As(err, &d) {
		d.letter = id
	}
	if err != nil {
		return u, nil, err
	}
	l, err := tx.Letters().Get(ctx, id)
	if err != nil {
		return u, nil, err
	}
	if l.Unit != gln {
		return u, nil, &denied{unit: gln, letter: id, why: "letter of another unit", as: brevdue.ErrNotFound}
	}
	if l.Direction == store.In && !accepted(l.Status) {
		return u, nil, brevdue.ErrNotFound
	}
	return u, l, nil
}

// accepted tells whether a letter with that state is in somebody's care.
func accepted(s brevdue.Status) bool {
	switch s {
	case brevdue.Unread, brevdue.Read, brevdue.Answered, brevdue.Filed:
		return true
	}
	return false
}

// inLetter is letterOf for letters that came in.
func (b *Box) inLetter(ctx context.Context, tx store.Tx, p Person, right Right, gln brevdue.GLN, id int64) (store.Unit, *store.Letter, error) {
	u, l, err := b.letterOf(ctx, tx, p, right, gln, id)
	if err == nil && l.Direction != store.In {
		err = brevdue.ErrNotFound
	}
	return u, l, err
}

// agreement returns the one that judges a letter between the two sent at that time;
// the zero party is nobody known.
func (b *Box) agreement(sent time.Time, from, to aftale.Who) (*aftale.Agreement, bool) {
	book := b.cfg.Books()
	if book == nil {
		return nil, false
	}
	return book.At(sent, aftale.Parties{From: from, To: to})
}

// agreementOf returns the one in force that is about a unit as a receiver.
func (b *Box) agreementOf(u store.Unit, now time.Time) (*aftale.Agreement, bool) {
	return b.agreement(now, aftale.Who{}, b.unitParty(u))
}

// unitParty is one of our units as a party of an agreement.
func (b *Box) unitParty(u store.Unit) aftale.Who {
	e, _ := b.cfg.Directory().Get(u.GLN)
	return aftale.Who{Kind: u.Kind, Names: append(u.Called(), e.Called()...)}
}

// letterParties are the two parties of a letter, as far as the directory and the letter
// itself name them.
func letterParties(dir *sor.Directory, l brevdue.Letter) aftale.Parties {
	who := func(p brevdue.Party) aftale.Who {
		e, _ := dir.Get(p.GLN)
		return aftale.Who{Kind: e.Kind, Names: append(e.Called(), p.Organisation)}
	}
	return aftale.Parties{From: who(l.Sender), To: who(l.Receiver)}
}

// entryParty is somebody in the directory as a party of an agreement.
func entryParty(e sor.Entry) aftale.Who { return aftale.Who{Kind: e.Kind, Names: e.Called()} }

// pinned returns the agreement a duty was computed from, nil when it is not
// among those of the installation any more.
func (b *Box) pinned(ref brevdue.AgreementRef) *aftale.Agreement {
	book := b.cfg.Books()
	if book == nil {
		return nil
	}
	for _, a := range book.All() {
		if a.Ref() == ref {
			return a
		}
	}
	return nil
}

// Unit returns a unit the person belongs to.
func (b *Box) Unit(ctx context.Context, p Person, unit brevdue.GLN) (store.Unit, error) {
	var u store.Unit
	err := b.view(ctx, p, func(tx store.Tx) (err error) {
		u, err = b.unitOf(ctx, tx, p, RightRead, unit)
		return err
	})
	return u, err
}

// Units returns the person's units by name.
func (b *Box) Units(ctx context.Context, p Person) ([]store.Unit, error) {
	var out []store.Unit
	err := b.view(ctx, p, func(tx store.Tx) error {
		all, err := tx.Units().List(ctx)
		out = nil
		for _, u := range all {
			if p.In(u.GLN) {
				out = append(out, u)
			}
		}
		return err
	})
	return out, err
}

// CountsFor counts the inboxes of all the person's units.
func (b *Box) CountsFor(ctx context.Context, p Person) (map[brevdue.GLN]store.Count, error) {
	var out map[brevdue.GLN]store.Count
	err := b.view(ctx, p, func(tx store.Tx) error {
		out = make(map[brevdue.GLN]store.Count, len(p.Units))
		for _, u := range p.Units {
			c, err := tx.Letters().Counts(ctx, u, b.cfg.Now())
			if err != nil {
				return err
			}
			out[u] = c
		}
		return nil
	})
	return out, err
}

// Inbox lists a unit's letters in groups.
func (b *Box) Inbox(ctx context.Context, p Person, unit brevdue.GLN, q store.Query) (Inbox, error) {
	now := b.cfg.Now()
	limit := q.Limit
	if limit <= 0 {
		limit = defaultRows
	}
	q.Limit = limit + 1 // one more tells whether there is more
	in := Inbox{Now: now}
	err := b.view(ctx, p, func(tx store.Tx) (err error) {
		if in.Unit, err = b.unitOf(ctx, tx, p, RightRead, unit); err != nil {
			return err
		}
		if in.Counts, err = tx.Letters().Counts(ctx, unit, now); err != nil {
			return err
		}
		rows, err := tx.Letters().Inbox(ctx, unit, q)
		if err != nil {
			return err
		}
		if in.Teams, err = tx.Letters().Teams(ctx, unit); err != nil {
			return err
		}
		if in.People, in.Moves, err = choicesOf(ctx, tx, unit); err != nil {
			return err
		}
		if in.Taken, in.Mine, err = tx.Letters().Taken(ctx, unit, p.ID); err != nil {
			return err
		}
		in.More = len(rows) > limit
		rows = rows[:min(limit, len(rows))]
		in.Groups, in.Fresh = grouped(rows, q.Order), newest(rows)
		return nil
	})
	if err != nil {
		return Inbox{}, err
	}
	if a, ok := b.agreementOf(in.Unit, now); ok && in.Unit.Kind.Known() {
		if da, en := a.NextWindow(in.Unit.Kind, in.Unit.Shifts, now); da != "" {
			in.NextWindow, in.NextWindowEN = "Enheden læser næste gang: "+da+".", "The unit reads next: "+en+"."
		}
	}
	return in, nil
}

// grouped puts rows under what they are ordered by: their subjects, their senders, or all
// together.
func grouped(rows []store.Row, order store.Order) []Group {
	switch {
	case order == store.OrderSubject:
		return group(rows)
	case len(rows) == 0:
		return nil
	case order == store.OrderDue:
		return []Group{{Rows: rows}}
	}
	var out []Group
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].Subject != r.Other {
			out = append(out, Group{Subject: r.Other})
		}
		last := &out[len(out)-1]
		last.Rows = append(last.Rows, r)
	}
	return out
}

// group puts rows under their subjects in the order they come, the tray last.
// The same subject may have had another place in an older agreement; it is one
// group all the same.
func group(rows []store.Row) []Group {
	var out []Group
	at := map[string]int{}
	for _, r := range rows {
		i, ok := at[r.Group]
		if !ok {
			i = len(out)
			at[r.Group] = i
			out = append(out, Group{Subject: r.Group})
		}
		out[i].Rows = append(out[i].Rows, r)
	}
	slices.SortStableFunc(out, func(a, b Group) int { return cmp.Compare(tray(a), tray(b)) })
	for _, g := range out {
		slices.SortStableFunc(g.Rows, byDue)
	}
	return out
}

func tray(g Group) int {
	if g.Subject == "" {
		return 1
	}
	return 0
}

// byDue puts the first deadline first and letters without one last.
func byDue(a, b store.Row) int {
	if a.Due.IsZero() != b.Due.IsZero() {
		if a.Due.IsZero() {
			return 1
		}
		return -1
	}
	return cmp.Or(a.Due.Compare(b.Due), a.Arrived.Compare(b.Arrived), cmp.Compare(a.ID, b.ID))
}

func newest(rows []store.Row) time.Time {
	var t time.Time
	for _, r := range rows {
		if r.Arrived.After(t) {
			t = r.Arrived
		}
	}
	return t
}
