package sqlstore

import (
	"context"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

type names struct{ *tx }

// Names implements [store.Tx].
func (t *tx) Names() store.Names { return names{t} }

func (n names) many(query string, args ...any) (out []store.DisplayName, err error) {
	err = n.all(`SELECT id, gln, name, official, state, proposed_by, proposed_name, proposed_at, decided_by, decided_name, decided_at
		FROM display_names `+query, args, func(r Scanner) error {
		var v store.DisplayName
		var proposed, decided int64
		err := r.Scan(&v.ID, &v.GLN, &v.Name, &v.Official, &v.State, &v.ProposedBy, &v.ProposedName, &proposed, &v.DecidedBy, &v.DecidedName, &decided)
		v.ProposedAt, v.DecidedAt = at(proposed), at(decided)
		out = append(out, v)
		return err
	})
	return out, err
}

// Propose implements [store.Names].
func (n names) Propose(ctx context.Context, v store.DisplayName) (int64, error) {
	return n.insertedOnce(`INSERT INTO display_names (gln, name, official, state, proposed_by, proposed_name, proposed_at, decided_by, decided_name, decided_at)
		VALUES (?, ?, ?, 'proposed', ?, ?, ?, 0, '', 0)`, string(v.GLN), v.Name, v.Official, v.ProposedBy, v.ProposedName, ms(v.ProposedAt))
}

// Get implements [store.Names].
func (n names) Get(ctx context.Context, id int64) (store.DisplayName, error) {
	return first(n.many("WHERE id = ?", id))
}

// Decide implements [store.Names].
func (n names) Decide(ctx context.Context, id int64, from, to store.NameState, by int64, name string, when time.Time) error {
	return n.changed(brevdue.ErrConflict, "UPDATE display_names SET state = ?, decided_by = ?, decided_name = ?, decided_at = ? WHERE id = ? AND state = ?",
		string(to), by, name, ms(when), id, string(from))
}

// Of implements [store.Names].
func (n names) Of(ctx context.Context, gln brevdue.GLN) ([]store.DisplayName, error) {
	return n.many("WHERE gln = ? ORDER BY id DESC", string(gln))
}

// List implements [store.Names].
func (n names) List(ctx context.Context, state store.NameState) ([]store.DisplayName, error) {
	return n.many("WHERE state = ? ORDER BY id", string(state))
}

// Exchange implements [store.Letters].
func (l letters) Exchange(ctx context.Context, unit, other brevdue.GLN, last int) (e store.Exchange, err error) {
	const to = "SELECT status, sent FROM letters WHERE unit = ? AND receiver = ? AND direction = 'out' AND status <> 'withdrawn' ORDER BY id DESC LIMIT ?"
	err = l.all(to, []any{string(unit), string(other), last}, func(r Scanner) error {
		var status string
		var sent int64
		if err := r.Scan(&status, &sent); err != nil {
			return err
		}
		if e.Letters == 0 {
			e.LastTo = at(sent)
		}
		e.Letters++
		switch brevdue.Status(status) {
		case brevdue.Delivered:
			e.Acknowledged++
		case brevdue.Rejected:
			e.Refused++
		}
		return nil
	})
	if err != nil {
		return store.Exchange{}, err
	}
	const from = "SELECT arrived FROM letters WHERE unit = ? AND sender = ? AND direction = 'in' AND status <> 'refused' ORDER BY id DESC LIMIT 1"
	err = l.all(from, []any{string(unit), string(other)}, func(r Scanner) error {
		var arrived int64
		err := r.Scan(&arrived)
		e.LastFrom = at(arrived)
		return err
	})
	return e, err
}

// Silent implements [store.Letters].
func (l letters) Silent(ctx context.Context, unit brevdue.GLN, before, since time.Time) (out []store.Silence, err error) {
	// What is open is little: the few parties of those letters are asked about one by one.
	const query = `SELECT o.receiver, o.sent FROM letters o
		WHERE o.unit = ? AND o.status IN ('queued', 'sent', 'unconfirmed', 'rejected') AND o.status IN ('sent', 'unconfirmed') AND o.sent < ?
		AND NOT EXISTS (SELECT 1 FROM letters a WHERE a.unit = o.unit AND a.receiver = o.receiver AND a.direction = 'out' AND a.status IN ('delivered', 'rejected') AND a.sent >= ?)
		ORDER BY o.id`
	place := map[brevdue.GLN]int{}
	err = l.all(query, []any{string(unit), ms(before), ms(since)}, func(r Scanner) error {
		var gln brevdue.GLN
		var sent int64
		if err := r.Scan(&gln, &sent); err != nil {
			return err
		}
		i, known := place[gln]
		if !known {
			i = len(out)
			place[gln] = i
			out = append(out, store.Silence{GLN: gln, Since: at(sent)})
		}
		out[i].Letters++
		return nil
	})
	return out, err
}
