package auth_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"brevdue"
	"brevdue/internal/auth"
	"brevdue/internal/store"
	"brevdue/internal/store/storetest"
)

// vouched is somebody a provider vouches for; each word counts once.
func vouched(subject, once string, units ...string) auth.Identity {
	return auth.Identity{Issuer: "https://id.example", Subject: subject, Session: "remote-" + subject, Name: "Bo Prøve", Title: "Læge", Units: units, Once: once,
		Until: time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)}
}

func (d *door) admit(id auth.Identity) (string, store.User, error) {
	return d.Admit(d.t.Context(), id, auth.Browser{Address: "10.0.0.7", Family: "Edge, Windows"}, d.now)
}

func newProviderDoor(t *testing.T) *door {
	d := newDoor(t)
	d.update(func(tx store.Tx) error {
		return errors.Join(tx.Units().Put(t.Context(), store.Unit{GLN: "u1", Name: "Nord"}), tx.Units().Put(t.Context(), store.Unit{GLN: "u2", Name: "Syd"}))
	})
	return d
}

// TestAdmit: an account is made at the first sign-in, and its rights are the provider's
// at each.
func TestAdmit(t *testing.T) {
	d := newProviderDoor(t)
	token, user, err := d.admit(vouched("s-1", "1", "u2", "u1", "u2", "elsewhere"))
	d.is("the first time", err, nil)
	if user.Name != "Bo Prøve" || user.Title != "Læge" || user.Operator || !slices.Equal(user.Units, []brevdue.GLN{"u1", "u2"}) || user.Hash != "" {
		t.Errorf("%+v", user)
	}
	d.is("session", d.session(token), nil)

	id := vouched("s-1", "2", "u2")
	id.Name, id.Title, id.Operator = "Bo P. Prøve", "", true
	_, again, err := d.admit(id)
	d.is("the second time", err, nil)
	if again.ID != user.ID || again.Name != "Bo P. Prøve" || again.Title != "Læge" || !again.Operator || !slices.Equal(again.Units, []brevdue.GLN{"u2"}) {
		t.Errorf("%+v", again)
	}
	got, _, err := d.User(t.Context(), token, d.now)
	d.is("the first session", err, nil)
	if !slices.Equal(got.Units, []brevdue.GLN{"u2"}) {
		t.Errorf("the session before has %v", got.Units)
	}

	// Who loses everything is out everywhere, and in again when he gets something.
	_, _, err = d.admit(vouched("s-1", "3", "elsewhere"))
	d.is("no rights any more", err, auth.ErrNoAccess)
	d.is("the first session", d.session(token), auth.ErrNoSession)
	_, back, err := d.admit(vouched("s-1", "4", "u1"))
	d.is("rights again", err, nil)
	if back.ID != user.ID {
		t.Errorf("a second account %d", back.ID)
	}

	_, _, err = d.admit(vouched("s-2", "5"))
	d.is("never any rights", err, auth.ErrNoAccess)
	d.update(func(tx store.Tx) error {
		_, err := tx.Users().ByLogin(t.Context(), vouched("s-2", "").Login())
		d.is("an account for nothing", err, brevdue.ErrNotFound)
		return nil
	})
	login := back.Login
	want := []string{"provider user.rights", login + " signin", "provider user.rights", login + " signin", "provider user.rights", login + " signin.noaccess",
		"provider user.rights", login + " signin", "unknown signin.noaccess"}
	if got := d.audited(); !slices.Equal(got, want) {
		t.Errorf("on record:\n%q\nwant\n%q", got, want)
	}
}

// TestAdmitRefuses: a word that was used, a nameless person, an account that is not the
// provider's, and one that was disabled here.
func TestAdmitRefuses(t *testing.T) {
	d := newProviderDoor(t)
	token, user, err := d.admit(vouched("s-1", "1", "u1"))
	d.is("in", err, nil)
	_, _, err = d.admit(vouched("s-1", "1", "u1"))
	d.is("replayed", err, auth.RefusedReplay)
	id := vouched("s-1", "2", "u1")
	id.Name = "  "
	_, _, err = d.admit(id)
	d.is("nameless", err, auth.RefusedName)

	id = vouched("s-3", "3", "u1")
	d.user = store.User{Login: id.Login(), Name: "Lokal"}
	d.put()
	_, _, err = d.admit(id)
	d.is("a local account", err, auth.RefusedAccount)

	d.user = user
	d.user.Disabled = true
	d.put()
	_, _, err = d.admit(vouched("s-1", "4", "u1"))
	d.is("disabled", err, auth.ErrNoAccess)
	d.is("the session", d.session(token), auth.ErrNoSession)
	_, err = d.signIn(user.Login, "", "10.0.0.1")
	d.is("with no password", err, auth.ErrWrong)

	// Providers may use the same names.
	other := vouched("s-1", "5", "u1")
	other.Issuer = "https://other.example"
	_, stranger, err := d.admit(other)
	d.is("another provider", err, nil)
	if stranger.ID == user.ID {
		t.Error("two providers share an account")
	}
}

// TestAdmitOnce: of many that come with the same word one gets in.
func TestAdmitOnce(t *testing.T) {
	d := newProviderDoor(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	in, replayed := 0, 0
	for range 10 {
		wg.Go(func() {
			_, _, err := d.admit(vouched("s-1", "1", "u1"))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				in++
			case errors.Is(err, auth.RefusedReplay):
				replayed++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if in != 1 || replayed != 9 {
		t.Errorf("%d got in, %d were refused", in, replayed)
	}
}

// TestLeft: the provider ends what its session opened, or everything of a person.
func TestLeft(t *testing.T) {
	d := newProviderDoor(t)
	in := func(subject, once string) string {
		token, _, err := d.admit(vouched(subject, once, "u1"))
		d.is("in", err, nil)
		return token
	}
	left := func(id auth.Identity, want int) {
		t.Helper()
		n, err := d.Left(t.Context(), id, d.now)
		d.is("left", err, nil)
		if n != want {
			t.Errorf("%d sessions ended, want %d", n, want)
		}
	}
	first, other := in("s-1", "1"), in("s-2", "2")
	id := vouched("s-1", "3")
	left(id, 1)
	d.is("ended", d.session(first), auth.ErrNoSession)
	d.is("another's", d.session(other), nil)
	_, err := d.Left(t.Context(), id, d.now)
	d.is("said twice", err, auth.RefusedReplay)

	second := in("s-1", "4")
	id = vouched("s-1", "5")
	id.Session = "unknown"
	left(id, 0)
	id = vouched("s-1", "6")
	id.Session = ""
	left(id, 1)
	d.is("ended", d.session(second), auth.ErrNoSession)
	id = vouched("s-9", "7")
	id.Session = ""
	left(id, 0)
	d.is("another's", d.session(other), nil)
}

// TestRefusedIsOnRecord, but nobody fills the log.
func TestRefusedIsOnRecord(t *testing.T) {
	d := newDoor(t)
	from := auth.Browser{Address: "10.0.0.9"}
	for range auth.AddressTries + 3 {
		d.is("refused", d.Refused(t.Context(), auth.RefusedNonce, from, d.now), nil)
	}
	if got := d.audited(); len(got) != auth.AddressTries || got[0] != "unknown signin.refused" {
		t.Errorf("%d lines: %q", len(got), got[0])
	}
	shut := func(address string) bool {
		is, err := d.Shut(t.Context(), auth.Browser{Address: address}, d.now)
		d.is("shut", err, nil)
		return is
	}
	if !shut("10.0.0.9") || shut("10.0.0.8") {
		t.Error("the wrong address is shut")
	}
	_, err := d.signIn("anne", password, "10.0.0.9")
	d.is("a password from there", err, nil)
	d.now = d.now.Add(auth.Window + time.Second)
	if shut("10.0.0.9") {
		t.Error("shut for good")
	}
}

// TestOwnSessions: a person sees where he is signed in, ends one or all others, and
// nobody else's.
func TestOwnSessions(t *testing.T) {
	d := newProviderDoor(t)
	begin := d.now
	first, err := d.signIn("anne", password, "10.0.0.1")
	d.is("in", err, nil)
	d.now = d.now.Add(10 * time.Minute)
	second, err := d.signIn("anne", password, "10.0.0.2")
	d.is("in again", err, nil)
	stranger, _, err := d.admit(vouched("s-1", "1", "u1"))
	d.is("another", err, nil)
	list, err := d.Sessions(t.Context(), first, d.now)
	d.is("list", err, nil)
	if len(list) != 2 || list[0].Here || !list[1].Here || list[1].Address != "10.0.0.1" || list[1].Family != "Firefox, Windows" || !list[1].Created.Equal(begin) {
		t.Fatalf("%+v", list)
	}
	theirs, err := d.Sessions(t.Context(), stranger, d.now)
	d.is("list of another", err, nil)
	d.is("somebody else's", d.EndSession(t.Context(), first, theirs[0].ID, d.now), brevdue.ErrNotFound)
	d.is("nobody's", d.EndSession(t.Context(), first, "", d.now), brevdue.ErrNotFound)
	d.is("still there", d.session(stranger), nil)
	d.is("the other", d.EndSession(t.Context(), first, list[0].ID, d.now), nil)
	d.is("ended", d.session(second), auth.ErrNoSession)
	d.is("without a session", d.EndSession(t.Context(), second, list[1].ID, d.now), auth.ErrNoSession)

	for range 2 {
		_, err = d.signIn("anne", password, "10.0.0.3")
		d.is("in", err, nil)
	}
	n, err := d.EndOthers(t.Context(), first, d.now)
	d.is("others", err, nil)
	if n != 2 {
		t.Errorf("%d ended", n)
	}
	d.is("the one that asks", d.session(first), nil)
	n, err = d.EndOthers(t.Context(), first, d.now)
	d.is("no others", err, nil)
	if n != 0 {
		t.Errorf("%d ended", n)
	}
	if got := d.audited(); !slices.Contains(got, "anne session.denied") || !slices.Contains(got, "anne session.ended") {
		t.Errorf("on record: %q", got)
	}

	// What ran out is not shown.
	d.now = d.now.Add(auth.Idle)
	again, err := d.signIn("anne", password, "10.0.0.4")
	d.is("in", err, nil)
	list, err = d.Sessions(t.Context(), again, d.now)
	d.is("list", err, nil)
	if len(list) != 1 {
		t.Errorf("%+v", list)
	}

	// Who runs the installation ends all of a login.
	d.update(func(tx store.Tx) error {
		n, err := auth.EndSessionsOf(t.Context(), tx, "anne", "system", d.now)
		if n != 1 {
			t.Errorf("%d ended", n)
		}
		_, unknown := auth.EndSessionsOf(t.Context(), tx, "bo", "system", d.now)
		d.is("nobody", unknown, brevdue.ErrNotFound)
		return err
	})
	d.is("ended", d.session(again), auth.ErrNoSession)
}

// TestSeal: what a browser carries is neither read nor changed, and not for long.
func TestSeal(t *testing.T) {
	d := newDoor(t)
	sealed, err := d.Seal(t.Context(), "a", []byte("hemmeligt"), d.now.Add(time.Minute))
	d.is("seal", err, nil)
	if strings.Contains(sealed, "hemmeligt") {
		t.Error("it can be read")
	}
	open := func(door *auth.Auth, purpose, sealed string, now time.Time) error {
		got, err := door.Unseal(t.Context(), purpose, sealed, now)
		if err == nil && !bytes.Equal(got, []byte("hemmeligt")) {
			t.Errorf("got %q", got)
		}
		return err
	}
	d.is("open", open(d.Auth, "a", sealed, d.now), nil)
	d.is("another node", open(auth.New(d.store), "a", sealed, d.now), nil)
	d.is("another purpose", open(d.Auth, "b", sealed, d.now), brevdue.ErrNotFound)
	d.is("too old", open(d.Auth, "a", sealed, d.now.Add(time.Minute)), brevdue.ErrNotFound)
	for _, s := range []string{"", "x", "!", sealed[:len(sealed)-2], "A" + sealed[1:], sealed + "AA"} {
		if s != sealed {
			d.is("changed: "+s, open(d.Auth, "a", s, d.now), brevdue.ErrNotFound)
		}
	}
	elsewhere := newDoor(t)
	d.is("another installation", open(elsewhere.Auth, "a", sealed, d.now), brevdue.ErrNotFound)
}

// TestSubjectsAreNotKept: a provider's names for people may be their numbers.
func TestSubjectsAreNotKept(t *testing.T) {
	if os.Getenv(storetest.Engine) != "" {
		t.Skip("only SQLite has files to look into")
	}
	d := newProviderDoor(t)
	_, _, err := d.admit(vouched("2512489996", "1", "u1"))
	d.is("in", err, nil)
	_, _, err = d.admit(vouched("2512489996", "1", "u1"))
	d.is("replayed", err, auth.RefusedReplay)
	files, err := filepath.Glob(filepath.Dir(d.path) + "/*")
	if err != nil || len(files) < 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte("2512489996")) {
			t.Errorf("the number is in %s", filepath.Base(file))
		}
	}
}

// The provider says what somebody is in each unit, at every sign-in; of two roles for the
// same unit the greater counts, and a role nobody knows is none.
func TestRolesOfAProvider(t *testing.T) {
	d := newProviderDoor(t)
	for i, c := range []struct {
		units []string
		want  string
	}{
		{[]string{"u1:reader", "u2"}, "u1:reader u2"},
		{[]string{"u2:writer", "u1:reader", "u1:writer", "u2:reader"}, "u1:writer u2:writer"},
		{[]string{"u1", "u1:reader"}, "u1"},
		{[]string{"u1:reader", "u2:boss", "elsewhere:lead"}, "u1:reader"},
		{[]string{"u1:lead"}, "u1"},
	} {
		_, user, err := d.admit(vouched("s-9", fmt.Sprint("r", i), c.units...))
		d.is("in", err, nil)
		var got []string
		for _, u := range user.Units {
			got = append(got, user.Membership(u))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v: %v, want %s", c.units, got, c.want)
		}
	}
	_, _, err := d.admit(vouched("s-9", "r-last", "u1:boss"))
	d.is("a role nobody knows alone", err, auth.ErrNoAccess)

	d.update(func(tx store.Tx) error {
		entries, err := tx.Audit().List(t.Context(), 0, 100)
		if err == nil && !slices.ContainsFunc(entries, func(e store.Entry) bool { return strings.HasSuffix(e.Detail, ": u1:writer u2:writer") }) {
			t.Error("the roles are not on record")
		}
		return err
	})
	for value, want := range map[string]string{
		"5790000000005:reader": "5790000000005:reader",
		"http://sts.example/constraints/lokationsnummer/1/5790000000005:writer; 5790000000012": "5790000000005:writer 5790000000012",
		"urn:unit:5790000000005": "5790000000005", "5790000000005:boss": "boss",
	} {
		if got := strings.Join(auth.Locations(value), " "); got != want {
			t.Errorf("%s: %s, want %s", value, got, want)
		}
	}
}
