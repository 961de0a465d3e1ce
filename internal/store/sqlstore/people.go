package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

type units struct{ *tx }

// Put implements [store.Units].
func (u units) Put(ctx context.Context, v store.Unit) error {
	record, err := toJSON(v)
	if err != nil {
		return err
	}
	u.forget()
	return u.Run(`INSERT INTO units (gln, kind, name, record) VALUES (?, ?, ?, ?)
		ON CONFLICT (gln) DO UPDATE SET kind = excluded.kind, name = excluded.name, record = excluded.record`, string(v.GLN), string(v.Kind), v.Name, record)
}

// SetOwn implements [store.Units].
func (u units) SetOwn(ctx context.Context, gln brevdue.GLN, own store.OwnFacts) error {
	text, err := toJSON(own)
	if err != nil {
		return err
	}
	u.forget()
	return u.changed(brevdue.ErrNotFound, "UPDATE units SET own = ? WHERE gln = ?", text, string(gln))
}

// unitOf reads a unit and lays what its people have set over it.
func unitOf(record, own string) (v store.Unit, err error) {
	if err := fromJSON(record, &v); err != nil {
		return v, err
	}
	v.File = store.OwnFacts{Phone: v.Phone, Shifts: v.Shifts, Closes: v.Closes}
	if own == "" {
		return v, nil
	}
	if err := fromJSON(own, &v.Own); err != nil {
		return v, err
	}
	if v.Own.Phone != "" {
		v.Phone = v.Own.Phone
	}
	if len(v.Own.Shifts) > 0 {
		v.Shifts = v.Own.Shifts
	}
	if v.Own.Closes > 0 {
		v.Closes = v.Own.Closes
	}
	return v, nil
}

// Get implements [store.Units].
func (u units) Get(ctx context.Context, gln brevdue.GLN) (store.Unit, error) {
	return fact(u.session, "unit "+string(gln), func() (v store.Unit, err error) {
		var record, own string
		if err = u.Row("SELECT record, own FROM units WHERE gln = ?", []any{string(gln)}, &record, &own); err != nil {
			return v, err
		}
		return unitOf(record, own)
	})
}

// List implements [store.Units].
func (u units) List(ctx context.Context) (out []store.Unit, err error) {
	err = u.all("SELECT record, own FROM units ORDER BY name, gln", nil, func(r Scanner) error {
		var record, own string
		if err := r.Scan(&record, &own); err != nil {
			return err
		}
		v, err := unitOf(record, own)
		out = append(out, v)
		return err
	})
	return out, err
}

type users struct{ *tx }

const userColumns = "id, login, name, title, hash, issuer, operator, secretariat, auditor, lang, disabled, created"

func (u users) many(query string, args ...any) (out []store.User, err error) {
	err = u.all("SELECT "+userColumns+" FROM users "+query, args, func(r Scanner) error {
		var v store.User
		var created int64
		err := r.Scan(&v.ID, &v.Login, &v.Name, &v.Title, &v.Hash, &v.Issuer, &v.Operator, &v.Secretariat, &v.Auditor, &v.Lang, &v.Disabled, &created)
		v.Created = at(created)
		out = append(out, v)
		return err
	})
	for i := range out {
		if err == nil {
			err = u.all(`SELECT unit, role FROM user_units WHERE "user" = ? ORDER BY unit`, []any{out[i].ID}, func(r Scanner) error {
				var unit brevdue.GLN
				var role store.Role
				err := r.Scan(&unit, &role)
				out[i].SetRole(unit, role)
				return err
			})
		}
	}
	return out, err
}

func (u users) one(query string, args ...any) (store.User, error) {
	out, err := u.many(query, args...)
	if err != nil {
		return store.User{}, err
	}
	if len(out) == 0 {
		return store.User{}, brevdue.ErrNotFound
	}
	return out[0], nil
}

// Put implements [store.Users].
func (u users) Put(ctx context.Context, v store.User) (int64, error) {
	if v.ID == 0 {
		id, err := u.insertedOnce("INSERT INTO users (login, name, title, hash, issuer, operator, secretariat, auditor, lang, disabled, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			v.Login, v.Name, v.Title, v.Hash, v.Issuer, v.Operator, v.Secretariat, v.Auditor, v.Lang, v.Disabled, ms(v.Created))
		if err != nil {
			return 0, err
		}
		v.ID = id
	} else if err := u.changed(brevdue.ErrNotFound, "UPDATE users SET login = ?, name = ?, title = ?, hash = ?, issuer = ?, operator = ?, secretariat = ?, auditor = ?, lang = ?, disabled = ? WHERE id = ?",
		v.Login, v.Name, v.Title, v.Hash, v.Issuer, v.Operator, v.Secretariat, v.Auditor, v.Lang, v.Disabled, v.ID); err != nil {
		if u.dialect.Taken(err) {
			err = fmt.Errorf("%w: %w", brevdue.ErrConflict, err)
		}
		return 0, err
	}
	if err := u.Run(`DELETE FROM user_units WHERE "user" = ?`, v.ID); err != nil {
		return 0, err
	}
	for _, unit := range v.Units {
		if err := u.Run(`INSERT INTO user_units ("user", unit, role) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, v.ID, string(unit), string(v.RoleIn(unit))); err != nil {
			return 0, err
		}
	}
	return v.ID, nil
}

// Get implements [store.Users].
func (u users) Get(ctx context.Context, id int64) (store.User, error) {
	return u.one("WHERE id = ?", id)
}

// ByLogin implements [store.Users].
func (u users) ByLogin(ctx context.Context, login string) (store.User, error) {
	return u.one("WHERE login = ?", login)
}

// List implements [store.Users].
func (u users) List(ctx context.Context) ([]store.User, error) { return u.many("ORDER BY login") }

// OfUnit implements [store.Users].
func (u users) OfUnit(ctx context.Context, unit brevdue.GLN) (out []store.Colleague, err error) {
	err = u.all(`SELECT u.id, u.name, u.disabled FROM user_units m JOIN users u ON u.id = m."user" WHERE m.unit = ?`, []any{string(unit)}, func(r Scanner) error {
		var c store.Colleague
		var disabled bool
		err := r.Scan(&c.ID, &c.Name, &disabled)
		if !disabled {
			out = append(out, c)
		}
		return err
	})
	slices.SortFunc(out, func(x, y store.Colleague) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	return out, err
}

// PutSession implements [store.Users].
func (u users) PutSession(ctx context.Context, s store.Session) error {
	return u.Run(`INSERT INTO sessions (token_hash, "user", created, last_seen, expires, address, browser, remote) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (token_hash) DO UPDATE SET last_seen = excluded.last_seen, expires = excluded.expires`,
		s.TokenHash, s.User, ms(s.Created), ms(s.LastSeen), ms(s.Expires), s.Address, s.Browser, s.Remote)
}

// Session implements [store.Users].
func (u users) Session(ctx context.Context, tokenHash string) (store.Session, error) {
	return first(u.sessions("token_hash = ?", tokenHash))
}

// SessionsOf implements [store.Users].
func (u users) SessionsOf(ctx context.Context, user int64) ([]store.Session, error) {
	return u.sessions(`"user" = ?`, user)
}

// SessionsAt implements [store.Users].
func (u users) SessionsAt(ctx context.Context, remote string) ([]store.Session, error) {
	return u.sessions("remote = ? AND remote <> ''", remote)
}

func (u users) sessions(which string, args ...any) (out []store.Session, err error) {
	err = u.all(`SELECT token_hash, "user", created, last_seen, expires, address, browser, remote FROM sessions WHERE `+which, args, func(r Scanner) error {
		var s store.Session
		var created, seen, expires int64
		err := r.Scan(&s.TokenHash, &s.User, &created, &seen, &expires, &s.Address, &s.Browser, &s.Remote)
		s.Created, s.LastSeen, s.Expires = at(created), at(seen), at(expires)
		out = append(out, s)
		return err
	})
	return out, err
}

// DeleteSession implements [store.Users].
func (u users) DeleteSession(ctx context.Context, tokenHash string) error {
	return u.Run("DELETE FROM sessions WHERE token_hash = ?", tokenHash)
}

// DeleteSessionsOf implements [store.Users].
func (u users) DeleteSessionsOf(ctx context.Context, user int64) error {
	return u.Run(`DELETE FROM sessions WHERE "user" = ?`, user)
}

// PurgeSessions implements [store.Users].
func (u users) PurgeSessions(ctx context.Context, now time.Time) (int, error) {
	return u.affected("DELETE FROM sessions WHERE expires <= ?", ms(now))
}

// Failures implements [store.Users].
func (u users) Failures(ctx context.Context, key string, since time.Time) (n int, err error) {
	err = u.Row("SELECT count(*) FROM failures WHERE key = ? AND at >= ?", []any{key, ms(since)}, &n)
	return n, err
}

// AddFailure implements [store.Users].
func (u users) AddFailure(ctx context.Context, key string, when time.Time) error {
	return u.Run("INSERT INTO failures (key, at) VALUES (?, ?)", key, ms(when))
}

// ClearFailures implements [store.Users].
func (u users) ClearFailures(ctx context.Context, key string) error {
	return u.Run("DELETE FROM failures WHERE key = ?", key)
}

// PurgeFailures implements [store.Users].
func (u users) PurgeFailures(ctx context.Context, before time.Time) (int, error) {
	return u.affected("DELETE FROM failures WHERE at < ?", ms(before))
}

// Spend implements [store.Users].
func (u users) Spend(ctx context.Context, key string, until time.Time) error {
	return u.changed(brevdue.ErrConflict, "INSERT INTO spent (key, until) VALUES (?, ?) ON CONFLICT DO NOTHING", key, ms(until))
}

// PurgeSpent implements [store.Users].
func (u users) PurgeSpent(ctx context.Context, now time.Time) (int, error) {
	return u.affected("DELETE FROM spent WHERE until < ?", ms(now))
}
