package auth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"brevdue"
	"brevdue/internal/auth"
	"brevdue/internal/store"
	"brevdue/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "mynd-9klo-test-2abc"

type door struct {
	*auth.Auth
	t     *testing.T
	store store.Store
	path  string
	now   time.Time
	user  store.User
}

func newDoor(t *testing.T) *door {
	t.Helper()
	path := filepath.Join(t.TempDir(), "brevdue.db")
	s := storetest.Open(t, path)
	t.Cleanup(func() { s.Close() })
	d := &door{Auth: auth.New(s), t: t, store: s, path: path, now: time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)}
	d.user = store.User{Login: "anne", Name: "Anne", Units: []brevdue.GLN{"u1"}}
	var err error
	if d.user.Hash, err = d.Hasher().Hash(t.Context(), password); err != nil {
		t.Fatal(err)
	}
	d.put()
	return d
}

func (d *door) update(f func(store.Tx) error) {
	d.t.Helper()
	if err := d.store.Update(d.t.Context(), f); err != nil {
		d.t.Fatal(err)
	}
}

func (d *door) put() {
	d.t.Helper()
	d.update(func(tx store.Tx) (err error) {
		d.user.ID, err = tx.Users().Put(d.t.Context(), d.user)
		return err
	})
}

// audited returns "actor action" of every line in the audit log.
func (d *door) audited() (out []string) {
	d.t.Helper()
	d.update(func(tx store.Tx) error {
		list, err := tx.Audit().List(d.t.Context(), 0, 1000)
		for _, e := range list {
			out = append(out, e.Actor+" "+e.Action)
		}
		return err
	})
	return out
}

func (d *door) signIn(login, pass, addr string) (string, error) {
	token, _, err := d.SignIn(d.t.Context(), login, pass, auth.Browser{Address: addr, Family: "Firefox, Windows"}, d.now)
	return token, err
}

func (d *door) is(what string, err, want error) {
	d.t.Helper()
	if !errors.Is(err, want) {
		d.t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

func (d *door) session(token string) error {
	_, _, err := d.User(d.t.Context(), token, d.now)
	return err
}

func TestSignIn(t *testing.T) {
	d := newDoor(t)
	_, err := d.signIn("anne", "forkert", "10.0.0.1")
	d.is("wrong password", err, auth.ErrWrong)
	_, err = d.signIn("bo", password, "10.0.0.1")
	d.is("unknown login", err, auth.ErrWrong)
	_, err = d.signIn("anne", "", "10.0.0.1")
	d.is("no password", err, auth.ErrWrong)
	token, err := d.signIn("  ANNE ", password, "10.0.0.1")
	d.is("right", err, nil)
	user, _, err := d.User(t.Context(), token, d.now)
	d.is("session", err, nil)
	if user.Name != "Anne" || len(user.Units) != 1 {
		t.Errorf("%+v", user)
	}
	d.is("no token", d.session(""), auth.ErrNoSession)
	d.is("a made-up token", d.session(token+"x"), auth.ErrNoSession)
	d.is("no session is forbidden", d.session(""), brevdue.ErrForbidden)
	d.is("sign out", d.SignOut(t.Context(), token, d.now), nil)
	d.is("after sign out", d.session(token), auth.ErrNoSession)
	d.is("sign out again", d.SignOut(t.Context(), token, d.now), nil)
}

func TestSessionsEnd(t *testing.T) {
	d := newDoor(t)
	begin := d.now
	token, err := d.signIn("anne", password, "10.0.0.1")
	d.is("sign in", err, nil)
	// Idle for less than half an hour, again and again: stays.
	for d.now.Before(begin.Add(auth.Absolute - auth.Idle)) {
		d.now = d.now.Add(auth.Idle - time.Second)
		d.is("in use", d.session(token), nil)
	}
	// But not longer than half a day in all.
	d.now = begin.Add(auth.Absolute - time.Second)
	d.is("the last second", d.session(token), nil)
	d.now = begin.Add(auth.Absolute)
	d.is("too old", d.session(token), auth.ErrNoSession)

	token, err = d.signIn("anne", password, "10.0.0.1")
	d.is("sign in", err, nil)
	d.now = d.now.Add(auth.Idle - time.Second)
	_, _, err = d.Peek(t.Context(), token, d.now)
	d.is("a browser that listens", err, nil)
	d.now = d.now.Add(time.Second)
	_, _, err = d.Peek(t.Context(), token, d.now)
	d.is("listening keeps nobody signed in", err, auth.ErrNoSession)
	d.is("idle too long", d.session(token), auth.ErrNoSession)

	token, err = d.signIn("anne", password, "10.0.0.1")
	d.is("sign in", err, nil)
	d.user.Disabled = true
	d.put()
	d.is("disabled while signed in", d.session(token), auth.ErrNoSession)
	_, err = d.signIn("anne", password, "10.0.0.1")
	d.is("disabled at the door", err, auth.ErrWrong)
}

func TestThrottling(t *testing.T) {
	d := newDoor(t)
	for range auth.LoginTries {
		_, err := d.signIn("anne", "forkert", "10.0.0.1")
		d.is("wrong", err, auth.ErrWrong)
	}
	_, err := d.signIn("anne", password, "10.0.0.2")
	d.is("the right password, too late", err, auth.ErrThrottled)
	d.now = d.now.Add(auth.Window + time.Second)
	_, err = d.signIn("anne", password, "10.0.0.1")
	d.is("after the window", err, nil)

	// One address that tries many names is throttled, others are not.
	d.update(func(tx store.Tx) error {
		for range auth.AddressTries - 2 {
			if err := tx.Users().AddFailure(t.Context(), auth.AddressKey("10.0.0.9"), d.now); err != nil {
				return err
			}
		}
		return nil
	})
	for i := range 2 {
		_, err := d.signIn(fmt.Sprint("navn", i), "forkert", "10.0.0.9")
		d.is("guessing", err, auth.ErrWrong)
	}
	_, err = d.signIn("anne", password, "10.0.0.9")
	d.is("from that address", err, auth.ErrThrottled)
	_, err = d.signIn("anne", password, "10.0.0.1")
	d.is("from another", err, nil)
}

// TestCrowd: many guesses at once are not let in on the same look.
func TestCrowd(t *testing.T) {
	d := newDoor(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	wrong, throttled := 0, 0
	for range 40 {
		wg.Go(func() {
			_, err := d.signIn("anne", "forkert", "10.0.0.1")
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, auth.ErrWrong):
				wrong++
			case errors.Is(err, auth.ErrThrottled):
				throttled++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if wrong < auth.LoginTries || wrong > auth.LoginTries+1 || wrong+throttled != 40 {
		t.Errorf("%d were wrong, %d throttled", wrong, throttled)
	}
}

// TestAuditedAtTheDoor: every attempt is on record, knocking at a shut door once
// in a window, and nobody's typing mistake by its words.
func TestAuditedAtTheDoor(t *testing.T) {
	d := newDoor(t)
	token, err := d.signIn("anne", password, "10.0.0.1")
	d.is("right", err, nil)
	d.is("sign out", d.SignOut(t.Context(), token, d.now), nil)
	_, err = d.signIn("an ne", "forkert", "10.0.0.1")
	d.is("nobody", err, auth.ErrWrong)
	want := []string{"anne signin", "anne signout", "unknown signin.failed"}
	for range auth.LoginTries {
		_, err = d.signIn("anne", "forkert", "10.0.0.1")
		d.is("wrong", err, auth.ErrWrong)
		want = append(want, "anne signin.failed")
	}
	for range 3 {
		_, err = d.signIn("anne", password, "10.0.0.1")
		d.is("shut", err, auth.ErrThrottled)
	}
	want = append(want, "anne signin.throttled")
	if got := d.audited(); !slices.Equal(got, want) {
		t.Errorf("on record:\n%q\nwant\n%q", got, want)
	}
	// An operator opens it again.
	d.update(func(tx store.Tx) error { return auth.Forget(t.Context(), tx, "ANNE") })
	_, err = d.signIn("anne", password, "10.0.0.1")
	d.is("another chance", err, nil)
}

// TestFailuresAreForgotten: what counts no more is not kept.
func TestFailuresAreForgotten(t *testing.T) {
	d := newDoor(t)
	for i := range 3 {
		_, err := d.signIn(fmt.Sprint("navn", i), "forkert", "10.0.0.1")
		d.is("wrong", err, auth.ErrWrong)
	}
	d.now = d.now.Add(auth.Window + time.Second)
	_, err := d.signIn("anne", password, "10.0.0.1")
	d.is("right", err, nil)
	d.update(func(tx store.Tx) error {
		n, err := tx.Users().Failures(t.Context(), auth.AddressKey("10.0.0.1"), time.Time{})
		if n != 0 {
			t.Errorf("%d failures are kept", n)
		}
		return err
	})
}

// TestSecretsAreNotKept looks into every byte of the archive's files.
func TestSecretsAreNotKept(t *testing.T) {
	if os.Getenv(storetest.Engine) != "" {
		t.Skip("only SQLite has files to look into")
	}
	d := newDoor(t)
	token, err := d.signIn("anne", password, "10.0.0.1")
	d.is("sign in", err, nil)
	// A number and a password typed into the wrong field.
	for _, typed := range []string{"2512489996", "hemmeligt-kodeord"} {
		_, err = d.signIn(typed, "forkert", "10.0.0.1")
		d.is("wrong", err, auth.ErrWrong)
	}
	files, err := filepath.Glob(filepath.Dir(d.path) + "/*")
	if err != nil || len(files) < 2 {
		t.Fatalf("%v, %v", files, err)
	}
	hashed := false
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{token, password, "2512489996", "hemmeligt-kodeord", "forkert"} {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%q is in %s", secret, filepath.Base(file))
			}
		}
		hashed = hashed || bytes.Contains(data, []byte("$argon2id$v=19$m=19456,t=2,p=1$"))
	}
	if !hashed {
		t.Error("the password is not hashed as argon2id")
	}
}

func TestHasher(t *testing.T) {
	h := auth.NewHasher()
	a, err := h.Hash(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := h.Hash(t.Context(), "x")
	if a == b {
		t.Error("the same salt twice")
	}
	for _, c := range []struct {
		hash, password string
		right, fails   bool
	}{
		{a, "x", true, false}, {a, "y", false, false}, {a, "", false, false}, {"", "x", false, false},
		{"$argon2id$v=19$m=1,t=1,p=1$AA$AA", "x", false, true}, {"plain", "plain", false, true},
	} {
		right, err := h.Check(t.Context(), c.hash, c.password)
		if right != c.right || (err != nil) != c.fails {
			t.Errorf("Check(%.20q, %q) = %v, %v", c.hash, c.password, right, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "x"); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestNewPassword(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		p := auth.NewPassword()
		if len(p) != 19 || strings.Count(p, "-") != 3 || strings.ContainsAny(p, "il1o0O") || seen[p] {
			t.Errorf("%q", p)
		}
		seen[p] = true
	}
}
