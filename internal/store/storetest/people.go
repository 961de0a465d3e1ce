package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

func testUnits(t *testing.T, b *bench) {
	want := store.Unit{GLN: "u1", Kind: brevdue.MunicipalHealth, Name: "Nord", Phone: "87654321", Shifts: []int{420, 900}, Closes: 960, Services: "yes",
		ID: "i", IDCode: brevdue.IDSOR, Organisation: "o", Department: "d", UnitName: "u", Specialty: "s", Sends: brevdue.DIS91}
	b.update(func(tx store.Tx) error {
		if err := tx.Units().Put(b.ctx, store.Unit{GLN: "u1", Name: "Gammel"}); err != nil {
			return err
		}
		if err := tx.Units().Put(b.ctx, store.Unit{GLN: "u0", Name: "Øst"}); err != nil {
			return err
		}
		return tx.Units().Put(b.ctx, want)
	})
	b.reopen()
	b.view(func(tx store.Tx) error {
		got, err := tx.Units().Get(b.ctx, "u1")
		b.is("get", err, nil)
		want.File = store.OwnFacts{Phone: want.Phone, Shifts: want.Shifts, Closes: want.Closes}
		b.equal("unit", want, got)
		list, err := tx.Units().List(b.ctx)
		b.is("list", err, nil)
		b.equal("units", 2, len(list))
		_, err = tx.Units().Get(b.ctx, "u9")
		b.is("unknown unit", err, brevdue.ErrNotFound)
		return nil
	})

	// What the unit's people set lies over the file, and outlives it.
	own := store.OwnFacts{Phone: "11223344", Shifts: []int{360, 840, 1320}, By: "Ida", At: now}
	b.update(func(tx store.Tx) error {
		if err := tx.Units().SetOwn(b.ctx, "u1", own); err != nil {
			return err
		}
		want.Phone = "99999999"
		return tx.Units().Put(b.ctx, want)
	})
	b.is("facts of an unknown unit", b.Update(b.ctx, func(tx store.Tx) error { return tx.Units().SetOwn(b.ctx, "u9", own) }), brevdue.ErrNotFound)
	b.reopen()
	b.view(func(tx store.Tx) error {
		got, err := tx.Units().Get(b.ctx, "u1")
		b.is("get", err, nil)
		want.Own, want.File = own, store.OwnFacts{Phone: "99999999", Shifts: want.Shifts, Closes: want.Closes}
		want.Phone, want.Shifts = own.Phone, own.Shifts
		b.equal("the unit's own facts", want, got)
		return nil
	})
}

func testUsers(t *testing.T, b *bench) {
	want := store.User{Login: "anne", Name: "Anne", Title: "Sygeplejerske", Hash: "h", Issuer: "https://id.example", Lang: "da", Units: []brevdue.GLN{"u1", "u2"}, Created: now}
	b.update(func(tx store.Tx) (err error) {
		want.ID, err = tx.Users().Put(b.ctx, want)
		return err
	})
	b.is("a login twice", b.Update(b.ctx, func(tx store.Tx) error { _, err := tx.Users().Put(b.ctx, store.User{Login: "anne"}); return err }), brevdue.ErrConflict)
	want.Units, want.Operator, want.Auditor, want.Disabled, want.Lang = []brevdue.GLN{"u3", "u4"}, true, true, true, "en"
	want.Roles = map[brevdue.GLN]store.Role{"u4": store.RoleReader}
	b.update(func(tx store.Tx) error { _, err := tx.Users().Put(b.ctx, want); return err })
	b.is("replacing nobody", b.Update(b.ctx, func(tx store.Tx) error { _, err := tx.Users().Put(b.ctx, store.User{ID: 99}); return err }), brevdue.ErrNotFound)
	b.reopen()
	b.view(func(tx store.Tx) error {
		got, err := tx.Users().Get(b.ctx, want.ID)
		b.is("get", err, nil)
		b.equal("user", want, got)
		got, err = tx.Users().ByLogin(b.ctx, "anne")
		b.is("by login", err, nil)
		b.equal("user", want, got)
		_, err = tx.Users().ByLogin(b.ctx, "bo")
		b.is("unknown login", err, brevdue.ErrNotFound)
		list, err := tx.Users().List(b.ctx)
		b.is("list", err, nil)
		b.equal("users", []store.User{want}, list)
		return nil
	})
	var dorte, bodil int64
	b.update(func(tx store.Tx) (err error) {
		if dorte, err = tx.Users().Put(b.ctx, store.User{Login: "dorte", Name: "Dorte", Units: []brevdue.GLN{"u3", "u4"}}); err != nil {
			return err
		}
		bodil, err = tx.Users().Put(b.ctx, store.User{Login: "bodil", Name: "Bodil", Units: []brevdue.GLN{"u3"}})
		return err
	})
	b.view(func(tx store.Tx) error { // those who can sign in, by name
		got, err := tx.Users().OfUnit(b.ctx, "u3")
		b.is("of a unit", err, nil)
		b.equal("of a unit", []store.Colleague{{ID: bodil, Name: "Bodil"}, {ID: dorte, Name: "Dorte"}}, got)
		left, err := tx.Users().OfUnit(b.ctx, "u1")
		b.is("of a unit that was left", err, nil)
		b.equal("of a unit that was left", 0, len(left))
		return nil
	})
}

func testSessions(t *testing.T, b *bench) {
	var user int64
	b.update(func(tx store.Tx) (err error) {
		user, err = tx.Users().Put(b.ctx, store.User{Login: "anne"})
		return err
	})
	want := store.Session{TokenHash: "t", User: user, Created: now, LastSeen: now, Expires: now.Add(time.Minute), Address: "10.0.0.1", Browser: "Firefox, Windows", Remote: "r"}
	b.update(func(tx store.Tx) error {
		if err := tx.Users().PutSession(b.ctx, want); err != nil {
			return err
		}
		want.LastSeen, want.Expires = now.Add(time.Minute), now.Add(time.Hour)
		if err := tx.Users().PutSession(b.ctx, want); err != nil {
			return err
		}
		return tx.Users().PutSession(b.ctx, store.Session{TokenHash: "old", User: user, Expires: now})
	})
	b.update(func(tx store.Tx) error {
		n, err := tx.Users().PurgeSessions(b.ctx, now)
		b.equal("purged", 1, n)
		return err
	})
	b.view(func(tx store.Tx) error {
		got, err := tx.Users().Session(b.ctx, "t")
		b.is("session", err, nil)
		b.equal("session", want, got)
		_, err = tx.Users().Session(b.ctx, "old")
		b.is("purged", err, brevdue.ErrNotFound)
		of, err := tx.Users().SessionsOf(b.ctx, user)
		b.is("sessions of", err, nil)
		b.equal("sessions of", []store.Session{want}, of)
		opened, err := tx.Users().SessionsAt(b.ctx, "r")
		b.is("opened by", err, nil)
		b.equal("opened by", []store.Session{want}, opened)
		for _, remote := range []string{"", "other"} {
			opened, err = tx.Users().SessionsAt(b.ctx, remote)
			b.is("opened by none", err, nil)
			b.equal("opened by none", 0, len(opened))
		}
		return nil
	})
	b.update(func(tx store.Tx) error { return tx.Users().DeleteSessionsOf(b.ctx, user) })
	b.view(func(tx store.Tx) error {
		_, err := tx.Users().Session(b.ctx, "t")
		b.is("signed out everywhere", err, brevdue.ErrNotFound)
		return nil
	})
	b.update(func(tx store.Tx) error { return tx.Users().DeleteSession(b.ctx, "t") }) // gone already: harmless
	b.update(func(tx store.Tx) error {
		for i := range 3 {
			if err := tx.Users().AddFailure(b.ctx, "login:anne", now.Add(time.Duration(i)*time.Minute)); err != nil {
				return err
			}
		}
		n, err := tx.Users().Failures(b.ctx, "login:anne", now.Add(time.Minute))
		b.equal("failures since", 2, n)
		if err != nil {
			return err
		}
		if err := tx.Users().ClearFailures(b.ctx, "login:anne"); err != nil {
			return err
		}
		n, err = tx.Users().Failures(b.ctx, "login:anne", now)
		b.equal("cleared", 0, n)
		if err != nil {
			return err
		}
		for i := range 3 {
			if err := tx.Users().AddFailure(b.ctx, fmt.Sprint("login:", i), now.Add(time.Duration(i)*time.Minute)); err != nil {
				return err
			}
		}
		n, err = tx.Users().PurgeFailures(b.ctx, now.Add(2*time.Minute))
		b.equal("old failures of all keys", 2, n)
		return err
	})
}

func testSpent(t *testing.T, b *bench) {
	spend := func(key string, until time.Time) error {
		return b.Update(b.ctx, func(tx store.Tx) error { return tx.Users().Spend(b.ctx, key, until) })
	}
	b.is("first", spend("a", now), nil)
	b.is("another", spend("b", now.Add(time.Minute)), nil)
	b.is("again", spend("a", now.Add(time.Hour)), brevdue.ErrConflict)
	b.update(func(tx store.Tx) error {
		n, err := tx.Users().PurgeSpent(b.ctx, now.Add(time.Second))
		b.equal("forgotten", 1, n)
		return err
	})
	b.is("a forgotten one", spend("a", now), nil)
	b.is("a remembered one", spend("b", now), brevdue.ErrConflict)

	// Of many that come at once with the same, one is let through.
	var wg sync.WaitGroup
	var mu sync.Mutex
	through := 0
	for range 8 {
		wg.Go(func() {
			if spend("c", now) == nil {
				mu.Lock()
				through++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	b.equal("let through", 1, through)
}

func testAudit(t *testing.T, b *bench) {
	b.view(func(tx store.Tx) error {
		e, err := tx.Audit().Last(b.ctx)
		b.is("empty", err, nil)
		b.equal("empty", store.Entry{}, e)
		return nil
	})
	entry := func(seq int64) store.Entry {
		return store.Entry{Seq: seq, At: now, Actor: "anne", Action: "letter.read", Unit: "u1", Letter: seq % 2, Detail: "d", Prev: "p", Hash: fmt.Sprint(seq)}
	}
	b.update(func(tx store.Tx) error {
		for seq := range int64(5) {
			if err := tx.Audit().Append(b.ctx, entry(seq+1)); err != nil {
				return err
			}
		}
		return nil
	})
	for _, seq := range []int64{5, 7, 0} {
		b.is(fmt.Sprintf("entry %d out of turn", seq), b.Update(b.ctx, func(tx store.Tx) error { return tx.Audit().Append(b.ctx, entry(seq)) }), brevdue.ErrConflict)
	}
	b.reopen()
	b.view(func(tx store.Tx) error {
		last, err := tx.Audit().Last(b.ctx)
		b.is("last", err, nil)
		b.equal("last", entry(5), last)
		list, _ := tx.Audit().List(b.ctx, 2, 2)
		b.equal("page", []store.Entry{entry(3), entry(4)}, list)
		of, _ := tx.Audit().OfLetter(b.ctx, 1)
		b.equal("of a letter", 3, len(of))
		return nil
	})
}

// The log is looked through by person, act and time, page by page.
func testAuditSearch(t *testing.T, b *bench) {
	var all []store.Entry
	for seq := range int64(12) {
		e := store.Entry{Seq: seq + 1, At: now.Add(time.Duration(seq/2) * time.Minute), Actor: "anne", Action: "letter.read", Letter: seq, Prev: "p", Hash: fmt.Sprint(seq)}
		if seq%3 == 1 {
			e.Actor, e.Action = "bo", "letter.seen"
		}
		if seq%4 == 3 {
			e.Actor = "system"
		}
		all = append(all, e)
	}
	all[11].At = now.Add(-time.Hour) // a clock that was put back
	b.update(func(tx store.Tx) error {
		for _, e := range all {
			if err := tx.Audit().Append(b.ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	b.reopen()
	search := func(q store.AuditQuery) (seqs []int64) {
		b.view(func(tx store.Tx) error {
			list, err := tx.Audit().Search(b.ctx, q)
			for _, e := range list {
				seqs = append(seqs, e.Seq)
			}
			return err
		})
		return seqs
	}
	b.equal("all", []int64{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 12}, search(store.AuditQuery{}))
	b.equal("a page", []int64{11, 10, 9}, search(store.AuditQuery{Limit: 3}))
	b.equal("the next one", []int64{8, 7}, search(store.AuditQuery{Limit: 2, BeforeAt: all[8].At, BeforeSeq: 9}))
	b.equal("a person", []int64{11, 5, 2}, search(store.AuditQuery{Actor: "bo"}))
	b.equal("an act", []int64{11, 8, 5, 2}, search(store.AuditQuery{Action: "letter.seen"}))
	b.equal("both", []int64{11, 5}, search(store.AuditQuery{Actor: "bo", Action: "letter.seen", From: now.Add(time.Minute)}))
	b.equal("a period", []int64{6, 5, 4, 3}, search(store.AuditQuery{From: now.Add(time.Minute), To: now.Add(3 * time.Minute)}))
	b.equal("a person's next", []int64{2}, search(store.AuditQuery{Actor: "bo", BeforeAt: all[4].At, BeforeSeq: 5}))
	b.equal("the machine by name", []int64(nil), search(store.AuditQuery{Actor: "system"}))
	b.view(func(tx store.Tx) error {
		first, err := tx.Audit().First(b.ctx)
		b.equal("first", all[0], first)
		return err
	})
}

func testSettings(t *testing.T, b *bench) {
	b.update(func(tx store.Tx) error {
		_, err := tx.Settings().Get(b.ctx, "k")
		b.is("unset", err, brevdue.ErrNotFound)
		if err := tx.Settings().Set(b.ctx, "k", "1"); err != nil {
			return err
		}
		return tx.Settings().Set(b.ctx, "k", "2")
	})
	b.reopen()
	b.view(func(tx store.Tx) error {
		v, err := tx.Settings().Get(b.ctx, "k")
		b.is("get", err, nil)
		b.equal("value", "2", v)
		return nil
	})
	// Numbers are never given twice, whoever asks and whatever else happens.
	var mu sync.Mutex
	given := map[int64]bool{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				var n int64
				err := b.Update(b.ctx, func(tx store.Tx) (err error) {
					n, err = tx.Settings().NextNumber(b.ctx, "letter")
					return err
				})
				mu.Lock()
				if err != nil || given[n] || n < 1 || n > 160 {
					t.Errorf("number %d, %v", n, err)
				}
				given[n] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	b.reopen()
	b.update(func(tx store.Tx) error {
		n, err := tx.Settings().NextNumber(b.ctx, "letter")
		b.equal("after reopening", int64(161), n)
		other, _ := tx.Settings().NextNumber(b.ctx, "envelope")
		b.equal("another series", int64(1), other)
		return err
	})
}
