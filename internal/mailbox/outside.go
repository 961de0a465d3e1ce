package mailbox

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// OutsideMost is how many uses of subjects outside the agreement one report holds.
const OutsideMost = 1000

// OutsideSubject is a subject that was used and is not the agreement's: what the
// parties may want to take in (AGR-1002). It holds no citizen.
type OutsideSubject struct {
	Subject string
	Times   int
	Units   []string // names of the units that used it
	Reasons []string // the newest first, each once
	Last    time.Time
}

// OutsideSubjects reports the subjects outside the agreement of a period, the most
// used first; more is true when the period has more than [OutsideMost] uses. For the
// secretariat and operators alone: others get ErrForbidden.
func (b *Box) OutsideSubjects(ctx context.Context, p Person, from, to time.Time) (out []OutsideSubject, more bool, err error) {
	if err := may(p, RightTry, ""); err != nil {
		return nil, false, b.settle(ctx, p, err)
	}
	err = b.view(ctx, p, func(tx store.Tx) error {
		used, err := tx.Letters().Outside(ctx, from, to, OutsideMost+1)
		if err != nil {
			return err
		}
		more = len(used) > OutsideMost
		units, err := tx.Units().List(ctx)
		names := map[brevdue.GLN]string{}
		for _, u := range units {
			names[u.GLN] = u.Name
		}
		out = outside(used[:min(OutsideMost, len(used))], names)
		return err
	})
	return out, more, err
}

// outside puts uses of the same subject together; case and spaces do not count.
func outside(used []store.Outside, names map[brevdue.GLN]string) []OutsideSubject {
	var out []OutsideSubject
	at := map[string]int{}
	for _, u := range used {
		key := strings.ToLower(oneLine(u.Subject))
		i, there := at[key]
		if !there {
			i = len(out)
			at[key] = i
			out = append(out, OutsideSubject{Subject: oneLine(u.Subject), Last: u.At})
		}
		o := &out[i]
		o.Times++
		if name := cmp.Or(names[u.Unit], string(u.Unit)); !slices.Contains(o.Units, name) {
			o.Units = append(o.Units, name)
		}
		if !slices.Contains(o.Reasons, u.Reason) {
			o.Reasons = append(o.Reasons, u.Reason)
		}
	}
	slices.SortStableFunc(out, func(x, y OutsideSubject) int { return cmp.Compare(y.Times, x.Times) })
	return out
}
