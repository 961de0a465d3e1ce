package mailbox

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"brevdue"
	"brevdue/internal/store"
)

// shortestName and longestName are how long a display name may be, in characters.
const (
	shortestName = 3
	longestName  = 100
)

// ShownNames are the names that two people have agreed on, by location number.
func ShownNames(ctx context.Context, tx store.Tx) (map[brevdue.GLN]string, error) {
	approved, err := tx.Names().List(ctx, store.NameApproved)
	out := make(map[brevdue.GLN]string, len(approved))
	for _, n := range approved {
		out[n.GLN] = n.Name
	}
	return out, err
}

// DisplayName is a name somebody has proposed for a location number, and what the person
// who looks at it may do.
type DisplayName struct {
	store.DisplayName
	MayApprove, MayWithdraw bool
	MayEnd                  bool       // go back to the register's name
	Similar                 []Receiver // whom it can be taken for
}

// decidesNames tells whether somebody may be the second person.
func decidesNames(p Person) bool { return p.Operator || p.Secretariat }

// displayName is what a person may do with a name.
func displayName(p Person, n store.DisplayName) DisplayName {
	return DisplayName{DisplayName: n,
		MayApprove:  n.State == store.NameProposed && decidesNames(p) && n.ProposedBy != p.ID,
		MayWithdraw: n.State == store.NameProposed && (decidesNames(p) || n.ProposedBy == p.ID),
		MayEnd:      n.State == store.NameApproved && decidesNames(p)}
}

// ProposeName asks for another name to be shown for a location number of the directory;
// until a second person agrees the old one stands. Whoever is signed in may. Faults are
// in the field "name"; ErrConflict when a name waits already.
func (b *Box) ProposeName(ctx context.Context, p Person, gln brevdue.GLN, name string) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		e, known := b.cfg.Directory().Get(gln)
		if !known {
			return brevdue.ErrNotFound
		}
		before, err := tx.Names().Of(ctx, gln)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(before, func(n store.DisplayName) bool { return n.State == store.NameProposed }) {
			return brevdue.ErrConflict // the page has no form while one waits
		}
		name, err := b.readName(e.Name, gln, name)
		if err != nil {
			return err
		}
		n := store.DisplayName{GLN: gln, Name: name, Official: e.Registered(), ProposedBy: p.ID, ProposedName: p.Name, ProposedAt: b.cfg.Now()}
		if _, err := tx.Names().Propose(ctx, n); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "name.proposed", "", 0, string(gln)+" "+name)
	})
}

// readName reads a display name as it was typed.
func (b *Box) readName(shown string, gln brevdue.GLN, typed string) (string, error) {
	var j judge
	name := oneLine(typed)
	switch n := utf8.RuneCountInString(name); {
	case n < shortestName || n > longestName:
		j.say("name", "Skriv et navn på mellem 3 og 100 tegn.", "Enter a name of 3 to 100 characters.")
	case holdsCPR(name):
		j.say("name", "Skriv ikke CPR-nummer i navnet.", "Do not write a CPR number in the name.")
	case name == shown:
		j.say("name", "Enheden hedder det allerede.", "That is the name of the unit already.")
	default:
		for _, o := range b.cfg.Directory().Search(name, receiverHits) {
			if o.GLN != gln && strings.EqualFold(oneLine(o.Name), name) {
				j.say("name", "En anden enhed hedder det samme ("+string(o.GLN)+"). Skriv stedet eller kommunen med.", "Another unit has the same name ("+string(o.GLN)+"). Add the place or the municipality.")
				break
			}
		}
	}
	return name, j.err()
}

// ApproveName is the second person's word: the name is shown from now on, in place of the
// one before. Others than operators and the secretariat, and whoever proposed it, get
// ErrForbidden; ErrConflict when it does not wait any more.
func (b *Box) ApproveName(ctx context.Context, p Person, id int64) error {
	return b.decideName(ctx, p, id, func(tx store.Tx, n DisplayName) error {
		if n.State != store.NameProposed {
			return brevdue.ErrConflict
		}
		if !n.MayApprove {
			return &denied{why: "approves a name alone", as: brevdue.ErrForbidden}
		}
		before, err := tx.Names().Of(ctx, n.GLN)
		if err != nil {
			return err
		}
		for _, old := range before {
			if old.State != store.NameApproved {
				continue
			}
			if err := tx.Names().Decide(ctx, old.ID, store.NameApproved, store.NameEnded, p.ID, p.Name, b.cfg.Now()); err != nil {
				return err
			}
		}
		return b.nameMoves(ctx, tx, p, n.DisplayName, store.NameApproved, "name.approved")
	})
}

// WithdrawName takes a name back that waits: its proposer may, and who could approve it.
func (b *Box) WithdrawName(ctx context.Context, p Person, id int64) error {
	return b.decideName(ctx, p, id, func(tx store.Tx, n DisplayName) error {
		if n.State != store.NameProposed {
			return brevdue.ErrConflict
		}
		if !n.MayWithdraw {
			return &denied{why: "withdraws another's name", as: brevdue.ErrForbidden}
		}
		return b.nameMoves(ctx, tx, p, n.DisplayName, store.NameWithdrawn, "name.withdrawn")
	})
}

// EndName shows the register's own name again. Operators and the secretariat may, without
// a second person, as nothing is made up by it.
func (b *Box) EndName(ctx context.Context, p Person, id int64) error {
	return b.decideName(ctx, p, id, func(tx store.Tx, n DisplayName) error {
		if n.State != store.NameApproved {
			return brevdue.ErrConflict
		}
		if !n.MayEnd {
			return &denied{why: "ends a name", as: brevdue.ErrForbidden}
		}
		return b.nameMoves(ctx, tx, p, n.DisplayName, store.NameEnded, "name.ended")
	})
}

// nameMoves moves a name and tells everybody who shows it.
func (b *Box) nameMoves(ctx context.Context, tx store.Tx, p Person, n store.DisplayName, to store.NameState, action string) error {
	if err := tx.Names().Decide(ctx, n.ID, n.State, to, p.ID, p.Name, b.cfg.Now()); err != nil {
		return err
	}
	tx.Notify(store.TopicDirectory)
	return b.note(ctx, tx, p, action, "", 0, string(n.GLN)+" "+n.Name)
}

func (b *Box) decideName(ctx context.Context, p Person, id int64, step func(store.Tx, DisplayName) error) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		n, err := tx.Names().Get(ctx, id)
		if err != nil {
			return err
		}
		return step(tx, displayName(p, n))
	})
}

// WaitingNames are the names that wait for a second person, the oldest first: all of them
// for who may approve, and one's own for others.
func (b *Box) WaitingNames(ctx context.Context, p Person) ([]DisplayName, error) {
	var out []DisplayName
	err := b.view(ctx, p, func(tx store.Tx) error {
		waiting, err := tx.Names().List(ctx, store.NameProposed)
		out = nil
		for _, n := range waiting {
			if decidesNames(p) || n.ProposedBy == p.ID {
				out = append(out, displayName(p, n))
			}
		}
		return err
	})
	return out, err
}

// like are the entries that may be taken for one with another name.
func (b *Box) like(gln brevdue.GLN, name string) []Receiver {
	dir := b.cfg.Directory()
	e, _ := dir.Get(gln)
	e.GLN, e.Name = gln, name
	var out []Receiver
	for _, o := range dir.Similar(e) {
		out = append(out, Receiver{GLN: o.GLN, Name: o.Name, Kind: o.Kind, Place: o.Place, Takes: slices.Clone(o.Takes)})
	}
	return out
}
