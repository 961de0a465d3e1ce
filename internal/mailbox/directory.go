package mailbox

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
	"brevdue/sor"
)

// DirectoryRows is how many entries of the directory a page shows at first.
const DirectoryRows = 25

// maxDirectoryRows bounds how many a page can be asked for.
const maxDirectoryRows = 500

// DirectoryQuery is what somebody looks for in the directory.
type DirectoryQuery = sor.Wanted

// DirectoryView is a page of the directory (Adressebog).
type DirectoryView struct {
	Rows  []DirectoryRow
	Total int // entries that are as wanted
	All   int // entries there are
	// What can be chosen by.
	Places    []string
	Takes     []brevdue.Kind
	Standards []string
	Imported  string        // the day the directory came in, "2006-01-02"; "" when it is not known
	Waiting   []DisplayName // names that wait for a second person, as far as the person sees them
}

// DirectoryRow is an entry in a list.
type DirectoryRow struct {
	sor.Entry
	Reads, ReadsEN string // when it reads by the agreement in force; "" for none
}

// Directory looks up the directory. Whoever is signed in may; nothing in it is about a
// citizen. rows is how many are shown, 0 for [DirectoryRows].
func (b *Box) Directory(ctx context.Context, p Person, w DirectoryQuery, rows int) (DirectoryView, error) {
	dir := b.cfg.Directory()
	if rows <= 0 {
		rows = DirectoryRows
	}
	found, total := dir.Find(w, min(rows, maxDirectoryRows))
	v := DirectoryView{Total: total, All: dir.Len(), Places: dir.Places()}
	if dir != nil {
		v.Imported = dir.Imported
	}
	v.Takes, v.Standards = dir.Codes()
	for _, e := range found {
		v.Rows = append(v.Rows, b.directoryRow(e))
	}
	var err error
	v.Waiting, err = b.WaitingNames(ctx, p)
	if err != nil {
		return DirectoryView{}, err
	}
	return v, nil
}

// directoryRow is an entry with what the agreement says about it.
func (b *Box) directoryRow(e sor.Entry) DirectoryRow {
	r := DirectoryRow{Entry: e}
	if a, ok := b.agreement(b.cfg.Now(), aftale.Who{}, entryParty(e)); ok {
		r.Reads, r.ReadsEN = a.Reads(e.Kind)
	}
	return r
}

// lastLetters is how many of a unit's letters to a receiver are looked at for receipts.
const lastLetters = 20

// DirectoryEntry is the page of one entry.
type DirectoryEntry struct {
	DirectoryRow
	AgreementName string        // whose reading times are shown; "" for none
	Reading       []ReadingRule // when it reads, one for each rule of its kind
	Similar       []Receiver
	// Neighbours are the units of its municipality, itself among them, by name; none for
	// what is no municipality's. Most is how many location numbers the agreement allows a
	// municipality, 0 for no limit.
	Neighbours []Neighbour
	Most       int
	Exchanges  []UnitExchange // of the person's units that have written or received
	Names      []DisplayName  // proposed and shown names, the newest first
}

// Neighbour is a unit of a municipality and the subjects it gets.
type Neighbour struct {
	sor.Entry
	Subjects []string
}

// UnitExchange is what one of the person's units and an entry wrote to each other.
type UnitExchange struct {
	Unit store.Unit
	store.Exchange
}

// DirectoryEntry shows one entry, with what the person's own units have to do with it.
// ErrNotFound when the directory does not know the location number.
func (b *Box) DirectoryEntry(ctx context.Context, p Person, gln brevdue.GLN) (DirectoryEntry, error) {
	e, known := b.cfg.Directory().Get(gln)
	if !known {
		return DirectoryEntry{}, brevdue.ErrNotFound
	}
	var out DirectoryEntry
	err := b.view(ctx, p, func(tx store.Tx) error {
		out = DirectoryEntry{DirectoryRow: b.directoryRow(e), Similar: b.like(gln, e.Name)}
		if a, ok := b.agreement(b.cfg.Now(), aftale.Who{}, entryParty(e)); ok {
			out.AgreementName, out.Most = a.Name+" "+a.Version, a.MaxNumbers
			rules := UnitView{Unit: store.Unit{Kind: e.Kind}, Shifts: a.Shifts}
			rules.rules(a)
			out.Reading = rules.Reading
		}
		var err error
		if out.Neighbours, err = b.neighbours(ctx, tx, e); err != nil {
			return err
		}
		if out.Exchanges, err = exchanges(ctx, tx, p, gln); err != nil {
			return err
		}
		names, err := tx.Names().Of(ctx, gln)
		for _, n := range names {
			d := displayName(p, n)
			if n.State == store.NameProposed {
				d.Similar = b.like(gln, n.Name)
			}
			out.Names = append(out.Names, d)
		}
		return err
	})
	if err != nil {
		return DirectoryEntry{}, err
	}
	return out, nil
}

// neighbours are the units of the entry's municipality with what each is for: what the
// municipality's own units have said, and else what the directory says (AGR-504).
func (b *Box) neighbours(ctx context.Context, tx store.Tx, e sor.Entry) ([]Neighbour, error) {
	if e.Place == "" || e.Kind.Sector() != brevdue.SectorMunicipality {
		return nil, nil
	}
	said, err := saidOf(ctx, tx, e.Place)
	if err != nil {
		return nil, err
	}
	var out []Neighbour
	for _, unit := range b.cfg.Directory().Of(e.Place) {
		if unit.Kind.Sector() != brevdue.SectorMunicipality {
			continue
		}
		n := Neighbour{Entry: unit}
		for _, s := range said {
			if s.GLN == unit.GLN {
				n.Subjects = append(n.Subjects, s.Subject)
			}
		}
		for _, s := range unit.Subjects {
			elsewhere := slices.ContainsFunc(said, func(r store.SubjectReceiver) bool { return strings.EqualFold(r.Subject, s) })
			if !elsewhere {
				n.Subjects = append(n.Subjects, s)
			}
		}
		slices.Sort(n.Subjects)
		out = append(out, n)
	}
	return out, nil
}

// exchanges are what the person's units and a location number wrote to each other, those
// first that wrote last.
func exchanges(ctx context.Context, tx store.Tx, p Person, gln brevdue.GLN) ([]UnitExchange, error) {
	units, err := tx.Units().List(ctx)
	if err != nil {
		return nil, err
	}
	var out []UnitExchange
	for _, u := range units {
		if !p.In(u.GLN) || u.GLN == gln {
			continue
		}
		x, err := tx.Letters().Exchange(ctx, u.GLN, gln, lastLetters)
		if err != nil {
			return nil, err
		}
		if !x.LastTo.IsZero() || !x.LastFrom.IsZero() {
			out = append(out, UnitExchange{u, x})
		}
	}
	slices.SortStableFunc(out, func(x, y UnitExchange) int {
		return cmp.Or(latest(y).Compare(latest(x)), cmp.Compare(x.Unit.Name, y.Unit.Name))
	})
	return out, nil
}

func latest(x UnitExchange) time.Time {
	if x.LastFrom.After(x.LastTo) {
		return x.LastFrom
	}
	return x.LastTo
}
