package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"brevdue"
)

// Unit is a unit of this installation that letters are delivered to.
type Unit struct {
	GLN      brevdue.GLN // its key
	Kind     brevdue.UnitKind
	Name     string
	Phone    string // at organisation level (AGR-404); "" until the operator fills it
	Shifts   []int  // minutes after midnight of each shift start; nil: the agreement's
	Closes   int    // minutes after midnight when a GP house closes; 0: the agreement's
	Services string // "yes", "no" or "unknown": do its citizens receive municipal services
	ID       string // party identifier in letters (1-17); "" : the GLN
	IDCode   brevdue.IDCode
	// Organisation, Department and UnitName fill the sender block of letters; each
	// at most 35 characters. Organisation empty: Name is used.
	Organisation, Department, UnitName string
	Specialty                          string
	Sends                              brevdue.Kind // the kind it sends when the receiver's is not known: DIS91 or XDIS91

	// Own is what the unit's people have set themselves. [Units.Get] and
	// [Units.List] have laid it over Phone, Shifts and Closes already; File holds
	// what Put said.
	Own  OwnFacts `json:"-"`
	File OwnFacts `json:"-"`
}

// Party is the unit as the sender of a letter, as far as its operator has named it.
func (u Unit) Party() brevdue.Party {
	return brevdue.Party{GLN: u.GLN, ID: u.ID, IDCode: u.IDCode, Organisation: u.Organisation, Department: u.Department, Unit: u.UnitName, Phone: u.Phone, Specialty: u.Specialty}
}

// Called are the names a unit goes by and belongs to, for finding the agreement that
// is about it.
func (u Unit) Called() []string { return []string{u.Name, u.Organisation} }

// OwnFacts are the facts about a unit that its people may set on a page. Empty
// means that the unit has not said anything and the installation's file counts.
type OwnFacts struct {
	Phone  string    `json:"phone,omitempty"`
	Shifts []int     `json:"shifts,omitempty"`
	Closes int       `json:"closes,omitempty"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// Units are the installation's own units.
type Units interface {
	// Put adds or replaces a unit as the installation's file has it. What the unit's
	// people have set stays.
	Put(ctx context.Context, u Unit) error
	// SetOwn replaces what the unit's people have set.
	SetOwn(ctx context.Context, gln brevdue.GLN, own OwnFacts) error
	Get(ctx context.Context, gln brevdue.GLN) (Unit, error)
	// List returns all units by name.
	List(ctx context.Context) ([]Unit, error)
}

// User is a person who signs in.
type User struct {
	ID       int64
	Login    string // unique; lower case when it is a local account's
	Name     string // as colleagues see it
	Title    string // job title, goes into the signature (AGR-403)
	Hash     string // argon2id in PHC form; "" when no password opens the account
	Issuer   string // the identity provider that says who this is and what he may; "" for a local account
	Operator bool   // may see the operator's page
	// Secretariat may see and prepare agreements; putting one in force takes two.
	Secretariat bool
	// Auditor may see the audit log, and no letter by it.
	Auditor  bool
	Lang     string // "da" or "en"
	Disabled bool
	Units    []brevdue.GLN // the units the person belongs to
	// Roles holds the role in each unit where it is less than [RoleLead].
	Roles   map[brevdue.GLN]Role
	Created time.Time
}

// Role is what a person may in one unit; each may what the one before may.
type Role string

// The roles, as they are written in files, on the command line and by a provider.
const (
	RoleReader Role = "reader" // sees and reads letters
	RoleWriter Role = "writer" // works on them: answers, writes, takes, files
	RoleLead   Role = "lead"   // also the unit's own affairs
)

// Known tells whether it is one of the roles.
func (r Role) Known() bool { return r == RoleReader || r == RoleWriter || r == RoleLead }

// RoleIn returns the person's role in a unit; "" when the person is not of it.
func (u User) RoleIn(unit brevdue.GLN) Role {
	if !slices.Contains(u.Units, unit) {
		return ""
	}
	return cmp.Or(u.Roles[unit], RoleLead)
}

// SetRole makes the person one of the unit's people. Without a role it is [RoleLead]; of
// two for the same unit the greater counts.
func (u *User) SetRole(unit brevdue.GLN, role Role) {
	role = cmp.Or(role, RoleLead)
	before := u.RoleIn(unit)
	if before == "" {
		u.Units = append(u.Units, unit)
	} else if before.rank() >= role.rank() {
		return
	}
	delete(u.Roles, unit)
	if role == RoleLead {
		return
	}
	if u.Roles == nil {
		u.Roles = map[brevdue.GLN]Role{}
	}
	u.Roles[unit] = role
}

func (r Role) rank() int { return slices.Index([]Role{RoleReader, RoleWriter, RoleLead}, r) }

// ParseMembership reads a unit's location number with the role in it, "GLN" or
// "GLN:role"; role is "" when there is none. ok is false for a role that is none.
func ParseMembership(s string) (unit brevdue.GLN, role Role, ok bool) {
	gln, r, found := strings.Cut(s, ":")
	role = Role(r)
	return brevdue.GLN(gln), role, !found || role.Known()
}

// Membership writes what [ParseMembership] reads; the lead of a unit is its number alone.
func (u User) Membership(unit brevdue.GLN) string {
	if r := u.RoleIn(unit); r != RoleLead {
		return string(unit) + ":" + string(r)
	}
	return string(unit)
}

// Colleague is a person of a unit, as a list of names has them.
type Colleague struct {
	ID   int64
	Name string
}

// Session is a signed-in browser. Only the hash of its token is kept.
type Session struct {
	TokenHash string // SHA-256 in hex
	User      int64
	Created   time.Time
	LastSeen  time.Time
	Expires   time.Time
	Address   string // the browser's, without port
	Browser   string // family and system, e.g. "Firefox, Windows"; "" when it was not said
	Remote    string // names the session at the identity provider; "" when there is none
}

// Users are people, their sessions, and how often they failed to sign in.
type Users interface {
	// Put adds a user (ID 0) or replaces one, units included, and returns its id.
	Put(ctx context.Context, u User) (id int64, err error)
	Get(ctx context.Context, id int64) (User, error)
	ByLogin(ctx context.Context, login string) (User, error)
	List(ctx context.Context) ([]User, error)
	// OfUnit returns who belongs to a unit and can sign in, by name.
	OfUnit(ctx context.Context, unit brevdue.GLN) ([]Colleague, error)

	// PutSession adds a session; one that is there (by TokenHash) is kept alive.
	PutSession(ctx context.Context, s Session) error
	Session(ctx context.Context, tokenHash string) (Session, error)
	// SessionsOf returns the sessions of a user in no order, expired ones included.
	SessionsOf(ctx context.Context, user int64) ([]Session, error)
	// SessionsAt returns the sessions that a session at an identity provider opened.
	SessionsAt(ctx context.Context, remote string) ([]Session, error)
	DeleteSession(ctx context.Context, tokenHash string) error
	DeleteSessionsOf(ctx context.Context, user int64) error
	// PurgeSessions deletes the expired ones and returns how many.
	PurgeSessions(ctx context.Context, now time.Time) (int, error)

	// Failures returns how often the key (a login or an address) failed since.
	Failures(ctx context.Context, key string, since time.Time) (int, error)
	AddFailure(ctx context.Context, key string, at time.Time) error
	ClearFailures(ctx context.Context, key string) error
	// PurgeFailures deletes the failures of all keys before the time and returns how many.
	PurgeFailures(ctx context.Context, before time.Time) (int, error)

	// Spend uses up what counts once; ErrConflict when that was done before. It is
	// remembered until the time.
	Spend(ctx context.Context, key string, until time.Time) error
	// PurgeSpent forgets what need not be remembered any more and returns how many.
	PurgeSpent(ctx context.Context, now time.Time) (int, error)
}

// Entry is one line of the audit log: who did what, to which letter, why.
type Entry struct {
	Seq    int64 // from 1, without gaps
	At     time.Time
	Actor  string // login, or "system"
	Action string // stable word, e.g. "letter.read", "letter.denied", "signin.failed"
	Unit   brevdue.GLN
	Letter int64  // 0 for none
	Detail string // without patient data
	Prev   string // hash of the line before, hex
	Hash   string // hash of this line, hex
}

// Audit is append-only.
type Audit interface {
	// Last returns the newest entry, or a zero Entry when the log is empty.
	Last(ctx context.Context) (Entry, error)
	// Append stores an entry whose Seq, Prev and Hash the caller has filled;
	// ErrConflict when Seq is not the next.
	Append(ctx context.Context, e Entry) error
	// List returns entries with Seq > after in order.
	List(ctx context.Context, after int64, limit int) ([]Entry, error)
	// OfLetter returns the entries about one letter, oldest first.
	OfLetter(ctx context.Context, letter int64) ([]Entry, error)
	// First returns the oldest entry, or a zero Entry when the log is empty.
	First(ctx context.Context) (Entry, error)
	// Search returns the entries a query asks for, the newest first.
	Search(ctx context.Context, q AuditQuery) ([]Entry, error)
}

// AuditQuery selects entries of the audit log by what they say of themselves. Which
// letters are about a citizen [Letters.AboutCitizen] knows.
type AuditQuery struct {
	Actor    string    // "" for all; "system" finds nothing: the machine's acts are found by what they are
	Action   string    // "" for all
	From, To time.Time // At is in [From, To); zero means no bound
	// BeforeAt and BeforeSeq are those of the last entry seen, for the next ones; zero at
	// first.
	BeforeAt  time.Time
	BeforeSeq int64
	Limit     int // 0 means 200
}

// Settings are the few values an installation keeps about itself, and its
// number series.
type Settings interface {
	Get(ctx context.Context, key string) (string, error) // ErrNotFound when unset
	Set(ctx context.Context, key, value string) error
	// NextNumber returns the next number of a series, from 1. A number that was
	// committed is never given again.
	NextNumber(ctx context.Context, series string) (int64, error)
}
