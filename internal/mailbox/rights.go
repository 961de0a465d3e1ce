package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"brevdue"
	"brevdue/internal/store"
)

// Right is something a person may do. What a page or a method needs is asked for by name;
// who has it stands in one table, [WhoMay].
type Right string

// The rights in a unit.
const (
	RightRead Right = "read" // see, open, search and print letters; opening reads them for the unit
	RightWork Right = "work" // take letters, file them, note on them, put them in the record, do tasks
	RightSend Right = "send" // write, answer, forward, resend, take back; drafts
	RightLead Right = "lead" // the unit's own affairs: facts, closed days, routes, arrangements, receivers, walls
)

// The rights in the installation. But for an emergency none opens a letter in a unit's care.
const (
	RightOperate Right = "operate" // the operator's page
	RightAgree   Right = "agree"   // bring in, propose and approve versions of the agreement
	RightTry     Right = "try"     // see what a version would have meant, and subjects outside it
	RightAudit   Right = "audit"   // the audit log, holds, emergencies
	// RightGlass is to open a letter of another unit in an emergency, where the installation
	// lets people; who has a role in any unit has it.
	RightGlass Right = "glass"
)

// The roles in the installation, beside those in a unit ([store.Role]).
const (
	RoleOperator    store.Role = "operator"
	RoleSecretariat store.Role = "secretariat"
	RoleAuditor     store.Role = "auditor"
)

// ErrRole is what somebody of a unit gets whose role there is too small. It is a
// [brevdue.ErrForbidden].
var ErrRole = fmt.Errorf("more than the role in the unit: %w", brevdue.ErrForbidden)

// Rights are all of them, those in a unit first.
func Rights() []Right {
	return []Right{RightRead, RightWork, RightSend, RightLead, RightOperate, RightAgree, RightTry, RightAudit, RightGlass}
}

// WhoMay is the table: the roles that have a right. An unknown right nobody has.
func WhoMay(r Right) []store.Role {
	switch r {
	case RightRead, RightGlass:
		return []store.Role{store.RoleReader, store.RoleWriter, store.RoleLead}
	case RightWork, RightSend:
		return []store.Role{store.RoleWriter, store.RoleLead}
	case RightLead:
		return []store.Role{store.RoleLead}
	case RightOperate:
		return []store.Role{RoleOperator}
	case RightAgree:
		return []store.Role{RoleSecretariat}
	case RightTry:
		return []store.Role{RoleSecretariat, RoleOperator}
	case RightAudit:
		return []store.Role{RoleAuditor}
	}
	return nil
}

// OfUnit tells whether it is a right in a unit.
func (r Right) OfUnit() bool {
	return r == RightRead || r == RightWork || r == RightSend || r == RightLead
}

// May tells whether the person has a right: in the unit, or in the installation when it
// is none in a unit.
func (p Person) May(r Right, unit brevdue.GLN) bool {
	has := p.roles()
	if r.OfUnit() {
		has = []store.Role{p.roleIn(unit)}
	}
	if r == RightGlass {
		for _, u := range p.Units {
			has = append(has, p.roleIn(u))
		}
	}
	return slices.ContainsFunc(WhoMay(r), func(role store.Role) bool { return slices.Contains(has, role) })
}

// roleIn is the person's role in a unit, "" for none.
func (p Person) roleIn(unit brevdue.GLN) store.Role {
	return store.User{Units: p.Units, Roles: p.Roles}.RoleIn(unit)
}

// roles are those in the installation.
func (p Person) roles() (out []store.Role) {
	if p.Operator {
		out = append(out, RoleOperator)
	}
	if p.Secretariat {
		out = append(out, RoleSecretariat)
	}
	if p.Auditor {
		out = append(out, RoleAuditor)
	}
	return out
}

// may refuses who has not a right. A unit the person is not of does not exist for them;
// who is of it is told that the role is too small.
func may(p Person, r Right, unit brevdue.GLN) error {
	switch {
	case p.May(r, unit):
		return nil
	case r.OfUnit() && p.roleIn(unit) == "":
		return &denied{unit: unit, why: "not of the unit", as: brevdue.ErrNotFound}
	case r.OfUnit():
		return &denied{unit: unit, why: fmt.Sprintf("%s may not %s", p.roleIn(unit), r), as: ErrRole}
	}
	why := map[Right]string{RightOperate: "not an operator", RightAudit: "not an auditor", RightGlass: "of no unit"}[r]
	if why == "" {
		why = "not of the secretariat"
	}
	return &denied{why: why, as: brevdue.ErrForbidden}
}

// Allow is what a page asks before it does anything: nil when the person has the right.
// letter is the one the page is about, 0 for none, for the record of a denied attempt.
// Errors: [brevdue.ErrNotFound], [ErrRole], [brevdue.ErrForbidden].
func (b *Box) Allow(ctx context.Context, p Person, r Right, unit brevdue.GLN, letter int64) error {
	if p.May(r, unit) {
		return nil
	}
	return b.view(ctx, p, func(tx store.Tx) error {
		if !r.OfUnit() {
			return may(p, r, "")
		}
		_, err := b.unitOf(ctx, tx, p, r, unit)
		if d := (*denied)(nil); errors.As(err, &d) {
			d.letter = letter
		}
		return err
	})
}
