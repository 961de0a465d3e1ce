package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"brevdue"
)

// Tasks are what units have to do besides reading.
type Tasks interface {
	Add(ctx context.Context, t Task) (id int64, err error)
	Get(ctx context.Context, id int64) (Task, error)
	// Open lists a unit's open tasks, the first due first.
	Open(ctx context.Context, unit brevdue.GLN, limit int) ([]Task, error)
	OfLetter(ctx context.Context, letter int64) ([]Task, error)
	// Count counts the open tasks of a kind, of all units, that were made since then.
	Count(ctx context.Context, kind TaskKind, since time.Time) (int, error)
	// Done closes an open task; ErrConflict when it is closed already.
	Done(ctx context.Context, id int64, at time.Time, by, note string) error
	// Reopen undoes Done.
	Reopen(ctx context.Context, id int64) error
}

// Closed is a time a unit is away, as senders see it before sending.
type Closed struct {
	ID       int64
	Unit     brevdue.GLN
	From, To string // dates "2006-01-02"; To is the last closed day
	Text     string // why, for the sender, e.g. "Ferielukket"
	Contact  string // who to call meanwhile; never empty
	Notice   bool   // letters that come meanwhile are answered with it
	By       string
	At       time.Time
}

// Services is what a municipality's unit knows about one citizen: whether
// services are received (AGR-604, Amb-20).
type Services struct {
	Unit    brevdue.GLN
	Citizen brevdue.CPR
	Value   string // "yes", "no", or "unknown" when somebody said that nobody knows
	By      string
	At      time.Time
}

// Route sends letters to a team of the unit: the first route that fits decides.
// An empty condition fits every letter.
type Route struct {
	Subject      string      `json:"subject,omitempty"` // the agreement's subject; "-" for the tray
	Sender       brevdue.GLN `json:"sender,omitempty"`
	Municipality string      `json:"municipality,omitempty"` // of the citizen, by post district or name
	Team         string      `json:"team"`
}

// Arrangement is a concrete agreement that lets the unit start a dialogue with
// another (AGR-302, Amb-4): for one citizen, or for everybody when Citizen is "".
type Arrangement struct {
	ID      int64
	Unit    brevdue.GLN
	Other   brevdue.GLN
	Citizen brevdue.CPR
	Text    string // what was agreed, with whom
	Until   string // last date it holds, "2006-01-02"; "" for no end
	By      string
	At      time.Time
	EndedAt time.Time // zero: still in use
}

// SubjectReceiver says which unit of a municipality a subject goes to (AGR-504,
// Amb-7).
type SubjectReceiver struct {
	Municipality string
	Subject      string // the agreement's
	GLN          brevdue.GLN
	By           string
	At           time.Time
}

// Phrase is a text the unit writes again and again (Tekstskabelon).
type Phrase struct {
	ID   int64
	Unit brevdue.GLN
	Name string // by which it is found
	Text string // with fields such as "{dato}"
	By   string // who wrote it last
	At   time.Time
}

// ServicesOf is what a unit knows of the citizen a letter is about: what it has said
// itself, which counts only in a municipality's health and elder area, and else what
// is so for its citizens as a rule (AGR-604, Amb-20). By is "" in that case.
func ServicesOf(ctx context.Context, tx Tx, u Unit, p brevdue.Patient) (Services, error) {
	out := Services{Unit: u.GLN, Citizen: p.Citizen(), Value: cmp.Or(u.Services, "unknown")}
	if u.Kind != brevdue.MunicipalHealth || out.Citizen == "" {
		return out, nil
	}
	said, err := tx.UnitFacts().Services(ctx, u.GLN, out.Citizen)
	switch {
	case err == nil:
		return said, nil
	case errors.Is(err, brevdue.ErrNotFound):
		return out, nil
	}
	return out, fmt.Errorf("services of a citizen: %w", err)
}

// UnitFacts is what units and municipalities have said about themselves.
type UnitFacts interface {
	AddClosed(ctx context.Context, c Closed) (id int64, err error)
	DeleteClosed(ctx context.Context, unit brevdue.GLN, id int64) error
	// Closed lists the unit's times away that end on or after the date.
	Closed(ctx context.Context, unit brevdue.GLN, from string) ([]Closed, error)
	// Noticed says that a thread was answered with a closed notice on a date; first
	// is false when it was said before.
	Noticed(ctx context.Context, unit brevdue.GLN, thread int64, date string) (first bool, err error)

	PutServices(ctx context.Context, s Services) error
	Services(ctx context.Context, unit brevdue.GLN, citizen brevdue.CPR) (Services, error)

	// Routes returns the unit's routes in order; none is no error.
	Routes(ctx context.Context, unit brevdue.GLN) ([]Route, error)
	PutRoutes(ctx context.Context, unit brevdue.GLN, routes []Route) error

	AddArrangement(ctx context.Context, a Arrangement) (id int64, err error)
	EndArrangement(ctx context.Context, unit brevdue.GLN, id int64, at time.Time) error
	// ReopenArrangement undoes EndArrangement.
	ReopenArrangement(ctx context.Context, unit brevdue.GLN, id int64) error
	// Arrangements lists those of the unit that are in use, the newest first; other
	// "" means all.
	Arrangements(ctx context.Context, unit, other brevdue.GLN) ([]Arrangement, error)

	// PutPhrase keeps a text: a new one when ID is 0, which returns its id, else a change of
	// that unit's; ErrNotFound when there is none.
	PutPhrase(ctx context.Context, v Phrase) (id int64, err error)
	DeletePhrase(ctx context.Context, unit brevdue.GLN, id int64) error
	// Phrases lists the unit's texts by name.
	Phrases(ctx context.Context, unit brevdue.GLN) ([]Phrase, error)

	// PutSubjectReceiver sets who a subject goes to; GLN "" removes it.
	PutSubjectReceiver(ctx context.Context, r SubjectReceiver) error
	// SubjectReceivers lists a municipality's, by subject; municipality "" means all.
	SubjectReceivers(ctx context.Context, municipality string) ([]SubjectReceiver, error)
}

// AgreementState is where a version of an agreement in the archive stands.
type AgreementState string

// The states. Whether an activated version is in force is a question of dates.
const (
	AgreementDraft     AgreementState = "draft"     // imported, changes nothing
	AgreementProposed  AgreementState = "proposed"  // one person wants it in force from a date
	AgreementActivated AgreementState = "activated" // a second person has agreed
	AgreementWithdrawn AgreementState = "withdrawn"
)

// AgreementText is a version of an agreement that came in by the secretariat's
// pages.
type AgreementText struct {
	ID         int64
	Agreement  string // "midtjylland/korrespondancebrev"
	Version    string
	SHA        string // of Content as it will be loaded
	Content    []byte // YAML
	State      AgreementState
	ValidFrom  string // date it shall be in force from, "2006-01-02"; "" in a draft
	ImportedBy string
	ImportedAt time.Time
	ProposedBy int64 // user id; somebody else has to activate
	ProposedAt time.Time
	ApprovedBy int64
	ApprovedAt time.Time
}

// Agreements are the versions that came in by the pages. Those of files are not
// among them.
type Agreements interface {
	Add(ctx context.Context, a AgreementText) (id int64, err error) // ErrConflict: same agreement and version
	Get(ctx context.Context, id int64) (AgreementText, error)
	// Update replaces everything but ID, Agreement, Version, ImportedBy and ImportedAt.
	Update(ctx context.Context, a AgreementText) error
	List(ctx context.Context) ([]AgreementText, error)
}

// TopicAgreements is notified when the agreements in force may have changed.
const TopicAgreements = "agreements"
