package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/audit"
	"brevdue/internal/store"
)

// Identity is who an identity provider vouches for, after its word was verified.
type Identity struct {
	Issuer  string   // of the provider
	Subject string   // the provider's own name for the person, never given to another
	Session string   // the provider's name for its session; "" when it has none
	Name    string   // as colleagues see it
	Title   string   // job title; "" leaves the one that is there
	Units   []string // location numbers, each with the role in it as [store.ParseMembership] reads it
	// Operator and Secretariat are the roles it gives.
	Operator, Secretariat bool
	// Once names the provider's word, which counts once; it would be too old after Until.
	Once  string
	Until time.Time
}

// Refusal says in a stable word why a sign-in by a provider was not let through. It
// holds nothing of what the provider or the browser said.
type Refusal string

// Error implements error.
func (r Refusal) Error() string { return "sign-in refused: " + string(r) }

// The reasons of a [Refusal].
const (
	RefusedBegun     Refusal = "not begun here"    // no sign-in was begun in this browser, or long ago
	RefusedState     Refusal = "wrong state"       // the answer belongs to another sign-in
	RefusedDenied    Refusal = "provider says no"  // the provider answered with an error
	RefusedCode      Refusal = "code not accepted" // the provider does not know the code
	RefusedMalformed Refusal = "malformed token"   // not readable, or a part is missing
	RefusedSignature Refusal = "wrong signature"
	RefusedIssuer    Refusal = "wrong issuer"
	RefusedAudience  Refusal = "wrong audience" // meant for another program
	RefusedExpired   Refusal = "expired"
	RefusedFuture    Refusal = "not valid yet"
	RefusedNonce     Refusal = "wrong nonce"   // made for another sign-in, or for none
	RefusedLevel     Refusal = "level too low" // signed in with less assurance than is asked for
	RefusedReplay    Refusal = "used before"
	RefusedSubject   Refusal = "no lasting name of the person" // an account could not be found again
	RefusedWrapped   Refusal = "signed part moved or doubled"  // the shape of an attack
	RefusedName      Refusal = "no name"                       // letters are signed with it
	RefusedAccount   Refusal = "account is another"            // another provider's, or a local one
)

// ErrNoAccess is what somebody gets whom a provider vouches for and who has no unit and
// no role here, or whose account was disabled here.
var ErrNoAccess = fmt.Errorf("no unit and no role: %w", brevdue.ErrForbidden)

// Locations are the location numbers in a value: one, or several with commas, semicolons
// or blanks between, each bare or at the end of a longer name, as constraints have it
// ("http://sts.example/constraints/lokationsnummer/1/5790000000005"). The role in the unit
// may follow it ("5790000000005:reader") and stays with it.
func Locations(value string) (out []string) {
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(",; \t\n", r) }) {
		role := ""
		if i := strings.LastIndex(part, ":"); i >= 0 && store.Role(part[i+1:]).Known() {
			part, role = part[:i], part[i:]
		}
		if i := strings.LastIndexAny(part, ":/=|"); i >= 0 {
			part = part[i+1:]
		}
		if part != "" {
			out = append(out, part+role)
		}
	}
	return out
}

// Login is the login of the account of a provider's subject. It is a hash, as a subject
// may be a number that says who somebody is, and logins stand in the audit log.
func (i Identity) Login() string { return "sso-" + hash(i.Issuer + "\x00" + i.Subject)[:24] }

// remote names the provider's session in the archive.
func (i Identity) remote() string {
	if i.Session == "" {
		return ""
	}
	return hash(i.Issuer + "\x00" + i.Session)
}

// Admit opens a session for who a provider vouches for. His account is made or brought
// up to date: name, roles and units are the provider's each time. Errors: a [Refusal],
// [ErrNoAccess], or one about the world.
func (a *Auth) Admit(ctx context.Context, id Identity, from Browser, now time.Time) (token string, user store.User, err error) {
	id.Name = strings.TrimSpace(id.Name)
	if id.Name == "" {
		return "", store.User{}, RefusedName
	}
	token = newToken()
	var no error // an answer that is kept with what led to it
	err = a.store.Update(ctx, func(tx store.Tx) (err error) {
		no = nil
		if err := spend(ctx, tx, id.Once, id.Until, now); err != nil {
			return err
		}
		if user, err = account(ctx, tx, id, now); err != nil {
			return err
		}
		if user.Disabled || len(user.Units) == 0 && !user.Operator && !user.Secretariat {
			no = ErrNoAccess
			return turnAway(ctx, tx, user, now)
		}
		if err := a.begin(ctx, tx, token, user.ID, from, id.remote(), now); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{At: now, Actor: user.Login, Action: "signin", Detail: "provider"})
	})
	if err == nil {
		err = no
	}
	switch {
	case errors.As(err, new(Refusal)), errors.Is(err, ErrNoAccess):
		return "", store.User{}, err
	case err != nil:
		return "", store.User{}, fmt.Errorf("admit: %w", err)
	}
	return token, user, nil
}

// spend uses up what counts once.
func spend(ctx context.Context, tx store.Tx, once string, until, now time.Time) error {
	if _, err := tx.Users().PurgeSpent(ctx, now); err != nil {
		return err
	}
	err := tx.Users().Spend(ctx, hash(once), until)
	if errors.Is(err, brevdue.ErrConflict) {
		return RefusedReplay
	}
	return err
}

// account makes the account of an identity or brings it up to date. Who has no account
// and would get one with no rights gets none.
func account(ctx context.Context, tx store.Tx, id Identity, now time.Time) (store.User, error) {
	user, err := tx.Users().ByLogin(ctx, id.Login())
	switch {
	case errors.Is(err, brevdue.ErrNotFound):
		user = store.User{Login: id.Login(), Issuer: id.Issuer, Lang: "da", Created: now}
	case err != nil:
		return user, err
	case user.Issuer != id.Issuer:
		return user, RefusedAccount
	}
	before := user
	user.Name, user.Operator, user.Secretariat, user.Units = id.Name, id.Operator, id.Secretariat, nil
	user.Roles = nil
	if id.Title != "" {
		user.Title = id.Title
	}
	for _, named := range id.Units {
		unit, role, ok := store.ParseMembership(named)
		if !ok {
			continue // a role of another system
		}
		_, err := tx.Units().Get(ctx, unit)
		if errors.Is(err, brevdue.ErrNotFound) {
			continue // of another system: providers serve many
		}
		if err != nil {
			return user, err
		}
		user.SetRole(unit, role)
	}
	slices.Sort(user.Units)
	if user.ID == 0 && len(user.Units) == 0 && !user.Operator && !user.Secretariat {
		return user, nil
	}
	if user.ID, err = tx.Users().Put(ctx, user); err != nil {
		return user, err
	}
	if rights(before) == rights(user) && before.ID != 0 {
		return user, nil
	}
	return user, audit.Append(ctx, tx, audit.Entry{At: now, Actor: "provider", Action: "user.rights", Detail: user.Login + ": " + rights(user)})
}

// rights says what an account may, for the record.
func rights(u store.User) string {
	var out []string
	if u.Operator {
		out = append(out, "operator")
	}
	if u.Secretariat {
		out = append(out, "secretariat")
	}
	for _, g := range u.Units {
		out = append(out, u.Membership(g))
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, " ")
}

// turnAway keeps somebody out who has no rights any more, wherever he is signed in.
func turnAway(ctx context.Context, tx store.Tx, user store.User, now time.Time) error {
	actor := "unknown"
	if user.ID != 0 {
		actor = user.Login
		if err := tx.Users().DeleteSessionsOf(ctx, user.ID); err != nil {
			return err
		}
	}
	return audit.Append(ctx, tx, audit.Entry{At: now, Actor: actor, Action: "signin.noaccess"})
}

// Refused puts a refused sign-in or sign-out by a provider on record. Of one address no
// more than [AddressTries] in the window are, so that nobody fills the log.
func (a *Auth) Refused(ctx context.Context, why Refusal, from Browser, now time.Time) error {
	key := "provider:" + hash(from.Address)
	return a.store.Update(ctx, func(tx store.Tx) error {
		if _, err := tx.Users().PurgeFailures(ctx, now.Add(-a.lasts(Window))); err != nil {
			return err
		}
		n, err := tx.Users().Failures(ctx, key, now.Add(-a.lasts(Window)))
		if err != nil || n >= AddressTries {
			return err
		}
		if err := tx.Users().AddFailure(ctx, key, now); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{At: now, Actor: "unknown", Action: "signin.refused", Detail: string(why)})
	})
}

// Shut tells that so many sign-ins by a provider were refused to an address that it is
// not listened to for a while.
func (a *Auth) Shut(ctx context.Context, from Browser, now time.Time) (shut bool, err error) {
	err = a.store.View(ctx, func(tx store.Tx) error {
		n, err := tx.Users().Failures(ctx, "provider:"+hash(from.Address), now.Add(-a.lasts(Window)))
		shut = n >= AddressTries
		return err
	})
	return shut, err
}

// Left ends what a provider says is over: the sessions its session opened or, when it
// names none, all that its subject has. It returns how many those were; none is no
// error. Errors: a [Refusal], or one about the world.
func (a *Auth) Left(ctx context.Context, id Identity, now time.Time) (n int, err error) {
	err = a.store.Update(ctx, func(tx store.Tx) error {
		if err := spend(ctx, tx, id.Once, id.Until, now); err != nil {
			return err
		}
		sessions, err := opened(ctx, tx, id)
		if err != nil {
			return err
		}
		n = len(sessions)
		return end(ctx, tx, sessions, "", "signout", "provider", now)
	})
	if err != nil && !errors.As(err, new(Refusal)) {
		err = fmt.Errorf("sign out: %w", err)
	}
	return n, err
}

func opened(ctx context.Context, tx store.Tx, id Identity) ([]store.Session, error) {
	if id.Session != "" {
		return tx.Users().SessionsAt(ctx, id.remote())
	}
	user, err := tx.Users().ByLogin(ctx, id.Login())
	if errors.Is(err, brevdue.ErrNotFound) || err == nil && user.Issuer != id.Issuer {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return tx.Users().SessionsOf(ctx, user.ID)
}
