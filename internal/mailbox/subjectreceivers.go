package mailbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/sor"
)

// SubjectReceivers is who in a municipality gets which subject (AGR-504, Amb-7), as its
// own units fill it in.
type SubjectReceivers struct {
	Municipality string
	Subjects     []SubjectReceiver
	Units        []sor.Entry // the municipality's in the directory, by name: who can be chosen
}

// mapped counts the subjects somebody gets.
func (m SubjectReceivers) mapped() int {
	n := 0
	for _, s := range m.Subjects {
		if s.GLN != "" {
			n++
		}
	}
	return n
}

// SubjectReceiver is who gets one subject of the agreement.
type SubjectReceiver struct {
	Subject string
	GLN     brevdue.GLN // "" when nobody has said: the sender chooses freely
	Name    string
	By      string // "" when it stands in the directory
}

// SubjectReceivers shows the mapping of the unit's municipality. It is empty for a unit
// that is no municipality's, or whose municipality is not known.
func (b *Box) SubjectReceivers(ctx context.Context, p Person, unit brevdue.GLN) (SubjectReceivers, error) {
	var out SubjectReceivers
	err := b.view(ctx, p, func(tx store.Tx) error {
		u, err := b.unitOf(ctx, tx, p, RightLead, unit)
		if err != nil {
			return err
		}
		out, err = b.subjectReceivers(ctx, tx, u)
		return err
	})
	return out, err
}

func (b *Box) subjectReceivers(ctx context.Context, tx store.Tx, u store.Unit) (SubjectReceivers, error) {
	out := SubjectReceivers{Municipality: b.municipality(u)}
	a, ok := b.agreementOf(u, b.cfg.Now())
	if out.Municipality == "" || !ok {
		return SubjectReceivers{}, nil
	}
	out.Units = b.cfg.Directory().Of(out.Municipality)
	said, err := saidOf(ctx, tx, out.Municipality)
	if err != nil {
		return SubjectReceivers{}, err
	}
	for _, r := range a.Rows {
		if len(r.Only) > 0 && !slices.Contains(r.Only, u.Kind) {
			continue // not for this kind of receiver
		}
		one := SubjectReceiver{Subject: r.Subject}
		if i := slices.IndexFunc(said, func(s store.SubjectReceiver) bool { return s.Subject == r.Subject }); i >= 0 {
			one.GLN, one.By = said[i].GLN, said[i].By
		} else if e, ok := registered(out.Units, r.Subject); ok {
			one.GLN = e.GLN
		}
		if one.GLN != "" {
			one.Name = b.nameOf(one.GLN)
		}
		out.Subjects = append(out.Subjects, one)
	}
	return out, nil
}

// saidOf is what the units of a municipality have said, in any spelling of its name.
func saidOf(ctx context.Context, tx store.Tx, municipality string) ([]store.SubjectReceiver, error) {
	all, err := tx.UnitFacts().SubjectReceivers(ctx, "")
	return slices.DeleteFunc(all, func(s store.SubjectReceiver) bool { return !sor.SamePlace(s.Municipality, municipality) }), err
}

// registered is the unit that the directory says gets a subject.
func registered(units []sor.Entry, subject string) (sor.Entry, bool) {
	i := slices.IndexFunc(units, func(e sor.Entry) bool {
		return slices.ContainsFunc(e.Subjects, func(s string) bool { return strings.EqualFold(s, subject) })
	})
	if i < 0 {
		return sor.Entry{}, false
	}
	return units[i], true
}

// municipality is where a municipal unit belongs, by the directory or by the name its
// letters bear; "" for other units.
func (b *Box) municipality(u store.Unit) string {
	if u.Kind.Sector() != brevdue.SectorMunicipality {
		return ""
	}
	e, _ := b.cfg.Directory().Get(u.GLN)
	return cmp.Or(e.Place, u.Organisation)
}

// SetSubjectReceivers keeps who in the unit's municipality gets which subject, by the
// agreement's subjects; "" takes an answer back. It returns how many were changed.
// What is wrong is Faults in the field "subject-" and the subject's place in the list.
func (b *Box) SetSubjectReceivers(ctx context.Context, p Person, unit brevdue.GLN, chosen map[string]brevdue.GLN) (changed int, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		changed = 0
		u, err := b.unitOf(ctx, tx, p, RightLead, unit)
		if err != nil {
			return err
		}
		was, err := b.subjectReceivers(ctx, tx, u)
		if err != nil {
			return err
		}
		var j judge
		for i, s := range was.Subjects {
			gln, asked := chosen[s.Subject]
			if !asked || gln == s.GLN {
				continue
			}
			if gln != "" && !slices.ContainsFunc(was.Units, func(e sor.Entry) bool { return e.GLN == gln }) {
				j.say(fmt.Sprint("subject-", i), "Vælg en af kommunens enheder i kataloget.", "Choose one of the municipality's units in the directory.")
				continue
			}
			changed++
			r := store.SubjectReceiver{Municipality: was.Municipality, Subject: s.Subject, GLN: gln, By: p.Name, At: b.cfg.Now()}
			if err := tx.UnitFacts().PutSubjectReceiver(ctx, r); err != nil {
				return err
			}
			if err := b.note(ctx, tx, p, "subject.receiver", unit, 0, fmt.Sprintf("%s to %s", s.Subject, cmp.Or(string(gln), "nobody"))); err != nil {
				return err
			}
		}
		return j.err()
	})
	return changed, err
}

// suggested is who the receiver's municipality has said gets the subject, when that
// is somebody else (AGR-504). The writer chooses (AGR-501).
func (b *Box) suggested(ctx context.Context, tx store.Tx, w *writing) ([]Receiver, error) {
	if w.answered != nil || w.row.Row < 0 || w.to.Place == "" || w.to.Kind.Sector() != brevdue.SectorMunicipality || !listed(w.a, w.unit.Kind, w.to.Kind) {
		return nil, nil
	}
	subject := w.a.Rows[w.row.Row].Subject
	said, err := saidOf(ctx, tx, w.to.Place)
	if err != nil {
		return nil, err
	}
	var e sor.Entry
	if i := slices.IndexFunc(said, func(s store.SubjectReceiver) bool { return s.Subject == subject }); i >= 0 {
		e, _ = b.cfg.Directory().Get(said[i].GLN)
	} else {
		e, _ = registered(b.cfg.Directory().Of(w.to.Place), subject)
	}
	if e.GLN == "" || e.GLN == w.to.GLN || !suits(w.a.Rows[w.row.Row], e.Kind) {
		return nil, nil
	}
	return []Receiver{{GLN: e.GLN, Name: e.Name, Kind: e.Kind, Place: e.Place, Takes: slices.Clone(e.Takes)}}, nil
}
