package store

import (
	"context"
	"fmt"
	"time"

	"brevdue"
)

// Originals keeps bytes as they came and as they went, addressed by content.
type Originals interface {
	// Put keeps data and returns its SHA-256 in hex. Putting it again is harmless.
	Put(ctx context.Context, data []byte, at time.Time) (sha string, err error)
	Get(ctx context.Context, sha string) ([]byte, error)
}

// ArrivalState says what became of one received file.
type ArrivalState string

// The states of an arrival.
const (
	ArrivalNew         ArrivalState = "new"         // kept, waits to be opened
	ArrivalOpened      ArrivalState = "opened"      // its letters or its receipt were taken in
	ArrivalDuplicate   ArrivalState = "duplicate"   // known already; the stored receipt was repeated
	ArrivalQuarantined ArrivalState = "quarantined" // nothing could be made of it; an operator must look
	ArrivalUnmatched   ArrivalState = "unmatched"   // a receipt that answers nothing we sent
	ArrivalClosed      ArrivalState = "closed"      // an operator put it aside; Note says why
)

// Arrival is one transmission as it came from a network. The file name of the
// network is not kept: names may hold a patient's number.
type Arrival struct {
	ID       int64
	SHA      string // of the original
	Network  string // name of the transport, e.g. "folder"
	At       time.Time
	State    ArrivalState
	Format   brevdue.Format
	Kind     brevdue.Kind
	Envelope string      // KuvertNr
	Sender   brevdue.GLN // of the envelope
	Receiver brevdue.GLN
	VANSID   string // EnvelopeIdentifier of the VANSEnvelope, when there was one
	Reason   string // for people, in Danish, without patient data
	Findings []brevdue.Finding
	Note     string // what an operator said when putting it aside
	// Name is what a network that pushes called the delivery, so that the same one twice
	// is known; "" for others. Names of files, which may hold a number, are never kept.
	Name string
}

// Arrivals are the received transmissions.
type Arrivals interface {
	Add(ctx context.Context, a Arrival) (id int64, err error)
	Get(ctx context.Context, id int64) (Arrival, error)
	// ByName finds what a network delivered under a name.
	ByName(ctx context.Context, network, name string) (Arrival, error)
	// Update replaces everything but ID, SHA, Network, At and Name.
	Update(ctx context.Context, a Arrival) error
	// List returns the newest first.
	List(ctx context.Context, state ArrivalState, limit int) ([]Arrival, error)
	// Count returns how many are in the state.
	Count(ctx context.Context, state ArrivalState) (int, error)
	// ByVANSID returns the earliest arrival with that envelope identifier whose id is
	// lower than before (0 means any).
	ByVANSID(ctx context.Context, vansID string, before int64) (Arrival, error)
}

// Direction tells letters that came from letters that go.
type Direction string

// The directions.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Letter is a letter in the archive: the canonical letter and what became of it.
type Letter struct {
	ID        int64
	Direction Direction
	Unit      brevdue.GLN // our unit it belongs to; "" for a receiver we do not know
	Status    brevdue.Status
	Arrival   int64  // in: the arrival it came with
	Original  string // SHA-256: in: the bytes received; out: the bytes of the latest attempt, "" before
	Format    brevdue.Format
	Kind      brevdue.Kind
	Envelope  brevdue.Envelope // in: as received; out: of the latest attempt
	Body      brevdue.Letter
	// Group is the agreement's canonical subject the letter sorts to, "" for the
	// tray "Uden for aftalen"; GroupOrder is its place in the agreement's list
	// (the tray last).
	Group      string
	GroupOrder int
	Category   string // the agreement's category, where known
	Duty       *brevdue.Duty
	Sent       time.Time // the sender's time (in), or when a person pressed send (out)
	Arrived    time.Time // in: when it was received here
	ReadAt     time.Time // in: first opened by the unit
	ReadBy     string    // display name of who opened it first
	AnsweredAt time.Time
	Thread     int64  // id of the first letter of the thread; 0 on Insert: its own id
	ReplyTo    int64  // id of the letter this one answers, 0 for none
	Author     int64  // out: user id of who wrote it
	Note       string // out: why a refused or unconfirmed letter is where it is, Danish; in: why refused
	Findings   []brevdue.Finding
	Record     *Record // out: what the writer's side keeps about it and never sends; nil for none
	Team       string  // in: the team of the unit it was routed to, "" for none
	// Assigned is the user who has taken the letter, 0 for nobody.
	Assigned     int64
	AssignedName string
	Stage        Stage // in: how far the work on it is
}

// Number is the letter's readable number, as people say it on the phone.
func (l Letter) Number() string { return LetterNumber(l.ID) }

// LetterNumber writes an archive id as a readable number, e.g. "B-000123".
func LetterNumber(id int64) string { return fmt.Sprintf("B-%06d", id) }

// Row is a letter as a list shows it, without its body.
type Row struct {
	ID           int64
	Direction    Direction
	Unit         brevdue.GLN
	Status       brevdue.Status
	Group        string
	GroupOrder   int
	Subject      string
	PatientName  string
	CPR          brevdue.CPR
	Other        string // name of the other party: sender (in) or receiver (out)
	FirstLine    string // of the text, at most 120 characters
	Attachments  int
	Priority     brevdue.Priority
	Due          time.Time // zero when no deadline applies
	Expected     time.Time
	Fair         time.Time // [brevdue.Duty.Fair]
	Soft         bool
	Sentence     string
	SentenceEN   string
	Sent         time.Time
	Arrived      time.Time
	ReadAt       time.Time
	ReadBy       string
	AnsweredAt   time.Time
	Note         string
	ReplyTo      int64
	Team         string
	Assigned     int64
	AssignedName string
	Stage        Stage
}

// View selects which letters of an inbox are listed.
type View string

// The views of an inbox.
const (
	ViewAll       View = "all"     // everything not filed or refused
	ViewUnread    View = "unread"  // not read by the unit
	ViewUrgent    View = "urgent"  // unread and due before Query.UrgentBefore
	ViewReadSince View = "read"    // read at or after Query.ReadSince
	ViewMine      View = "mine"    // taken by Query.Person
	ViewFree      View = "free"    // taken by nobody
	ViewWaiting   View = "waiting" // an answer is awaited
)

// Order is how a list of the inbox is sorted.
type Order string

// The orders of an inbox; in each of them what is unread comes before what was read, then
// the first deadline, then the first arrival.
const (
	OrderSubject Order = ""       // by the agreement's subjects first
	OrderDue     Order = "due"    // by deadline alone
	OrderSender  Order = "sender" // by the name of the sender first
)

// Query selects and pages a list.
type Query struct {
	View         View
	UrgentBefore time.Time
	ReadSince    time.Time
	Team         string // only this team's; "" for all
	Person       int64  // for ViewMine
	Order        Order
	Limit        int // 0 means 200
	Offset       int
}

// Count is how many letters a unit has, in all and by what they need.
type Count struct {
	All, Unread int
	Late        int // unread at its deadline or after; a soft one is never late (AGR-607)
	ByWay       int // of those late, the ones that are only because the way was (Amb-15)
	Tasks       int // open tasks of the unit
}

// TeamCount is how many letters of the inbox a team of the unit has.
type TeamCount struct {
	Team        string
	All, Unread int
}

// Outside is one use of a subject outside the agreement.
type Outside struct {
	Letter  int64
	Unit    brevdue.GLN
	Subject string
	Reason  string
	At      time.Time
}

// EventOutside is the event of a letter with a subject outside the agreement; its
// detail is the reason.
const EventOutside = "subject-reason"

// Event is one line of a letter's timeline.
type Event struct {
	At     time.Time
	What   string // stable word: "received", "judged", "acknowledged", "read", "replied", "created", "attempt", "sent", "delivered", "rejected", "unconfirmed", "duplicate", "refused"
	Who    string // display name of a person, "" for the machine
	Detail string // short, without patient data, e.g. "CTL03 · Kuvert …"
	SHA    string // of the original bytes behind the event, "" for none
}

// Letters are the letters in both directions.
type Letters interface {
	// Insert keeps a letter, and what it can be found by.
	Insert(ctx context.Context, l *Letter) (id int64, err error)
	// InsertLater is Insert for letters that come by the thousand: a search finds the
	// letter when Index has come to it.
	InsertLater(ctx context.Context, l *Letter) (id int64, err error)
	Get(ctx context.Context, id int64) (*Letter, error)
	// Incoming returns the letters that came from sender with the given BrevNr, in the
	// order they came; none is an empty list. The pair is unique (std:xdis91 §8): at most
	// one of them was accepted.
	Incoming(ctx context.Context, sender brevdue.GLN, letterID string) ([]*Letter, error)
	// ByArrival returns the letters that came with an arrival, in order.
	ByArrival(ctx context.Context, arrival int64) ([]*Letter, error)
	// IDsByArrival returns the ids of those letters, in order.
	IDsByArrival(ctx context.Context, arrival int64) ([]int64, error)
	// Outgoing finds a letter of ours by the BrevNr it was sent with.
	Outgoing(ctx context.Context, letterID string) (*Letter, error)
	// Move changes the status when the letter is in from and the table of moves
	// allows it; otherwise brevdue.ErrConflict.
	Move(ctx context.Context, id int64, from, to brevdue.Status) error
	// MarkRead sets ReadAt and ReadBy when they are empty.
	MarkRead(ctx context.Context, id int64, at time.Time, by string) error
	// MarkAnswered sets AnsweredAt when it is empty.
	MarkAnswered(ctx context.Context, id int64, at time.Time) error
	// ClearAnswered takes AnsweredAt away: the answer was taken back before it left.
	ClearAnswered(ctx context.Context, id int64) error
	// SetSent records the envelope, format, kind and original of the latest attempt.
	SetSent(ctx context.Context, id int64, env brevdue.Envelope, format brevdue.Format, kind brevdue.Kind, sha string) error
	// SetNote replaces the note.
	SetNote(ctx context.Context, id int64, note string) error
	// SetDuty replaces the duty; nil takes it away.
	SetDuty(ctx context.Context, id int64, duty *brevdue.Duty) error
	// SetTeam moves a letter to a team of its unit, "" for none.
	SetTeam(ctx context.Context, id int64, team string) error
	// Assign gives the letter to a person; user 0 gives it back.
	Assign(ctx context.Context, id int64, user int64, name string) error

	// Total counts all letters of all units and of none, in both directions.
	Total(ctx context.Context) (int, error)
	// OfCitizen returns the unit's letters about a citizen in both directions, the
	// newest first.
	OfCitizen(ctx context.Context, unit brevdue.GLN, citizen brevdue.CPR, limit int) ([]Row, error)
	// AboutCitizen returns the ids of the letters of all units and of none about a
	// citizen, in no order: for the audit log alone.
	AboutCitizen(ctx context.Context, citizen brevdue.CPR) ([]int64, error)
	// UnreadOf returns the unread letters about a citizen.
	UnreadOf(ctx context.Context, unit brevdue.GLN, citizen brevdue.CPR) ([]*Letter, error)
	// Received returns accepted letters of a unit ("" for all) that arrived in a
	// period, by arrival. For the next ones from and after are the arrival and id of
	// the last one seen; after is 0 at first.
	Received(ctx context.Context, unit brevdue.GLN, from, to time.Time, after int64, limit int) ([]*Letter, error)

	// Outside lists the letters of all units that were sent in a period with a subject
	// outside the agreement, the newest first.
	Outside(ctx context.Context, from, to time.Time, limit int) ([]Outside, error)

	// Inbox lists a unit's received letters by group order, in a group what is
	// unread before what was read, then by due time (letters without one last), then
	// arrival. Filed and refused letters are left out.
	Inbox(ctx context.Context, unit brevdue.GLN, q Query) ([]Row, error)
	// Filed lists what a unit has put away, the newest letter first, those with a lower id
	// than before (0: all).
	Filed(ctx context.Context, unit brevdue.GLN, before int64, limit int) ([]Row, error)
	// Taken counts the letters of the inbox that somebody has taken, and those that user has.
	Taken(ctx context.Context, unit brevdue.GLN, user int64) (all, own int, err error)
	// SetStage says how far the work on a letter is.
	SetStage(ctx context.Context, id int64, stage Stage) error
	// Due lists what is unread in a unit, the first deadline first and what has none
	// last.
	Due(ctx context.Context, unit brevdue.GLN, limit int) ([]Row, error)
	// Teams counts the letters of the inbox by team, by name; letters of no team are
	// left out.
	Teams(ctx context.Context, unit brevdue.GLN) ([]TeamCount, error)
	// Counts counts a unit's inbox as seen at now.
	Counts(ctx context.Context, unit brevdue.GLN, now time.Time) (Count, error)
	// SentBy lists a unit's own letters, newest first.
	SentBy(ctx context.Context, unit brevdue.GLN, limit, offset int) ([]Row, error)
	// Exchange tells what the unit and another party wrote to each other, and what became of
	// the unit's last letters to it, at most so many.
	Exchange(ctx context.Context, unit, other brevdue.GLN, last int) (Exchange, error)
	// Silent lists to whom the unit sent a letter before a time that is without a receipt,
	// where no letter that was sent since another time has got one; the oldest letter first.
	Silent(ctx context.Context, unit brevdue.GLN, before, since time.Time) ([]Silence, error)
	// RefusedList lists refused incoming letters of all units and of none, newest first.
	RefusedList(ctx context.Context, limit int) ([]Row, error)
	// ThreadOf lists all letters of a thread that belong to the unit, oldest first.
	ThreadOf(ctx context.Context, thread int64, unit brevdue.GLN) ([]Row, error)

	// Course returns the thread of the newest letter between a unit and another party that
	// has the number of a course of care (ForløbsNr), however it is written, and is about
	// the citizen; ErrNotFound when there is none.
	Course(ctx context.Context, unit brevdue.GLN, citizen brevdue.CPR, other brevdue.GLN, number string) (thread int64, err error)

	// Search lists letters of the unit, the newest first. Refused incoming ones are left
	// out.
	Search(ctx context.Context, unit brevdue.GLN, q Search) ([]Row, error)
	// Index makes the next n letters searchable that are not: those that were kept before
	// there was a search, by a program that did not know of it, or moved here. more tells
	// that there are others. It goes on where it ended ([KeyIndexed]).
	Index(ctx context.Context, n int) (more bool, err error)
	// Indexed tells whether all letters can be searched.
	Indexed(ctx context.Context) (bool, error)

	AddEvent(ctx context.Context, letter int64, e Event) error
	// Events returns the timeline, oldest first.
	Events(ctx context.Context, letter int64) ([]Event, error)

	// AddReader records that a person opened the letter.
	AddReader(ctx context.Context, letter int64, user int64, name string, at time.Time) error
	Readers(ctx context.Context, letter int64) ([]Reader, error)
}

// Reader is one opening of a letter by a person.
type Reader struct {
	User int64
	Name string
	At   time.Time
}

// StoredReceipt is a receipt we built or received, kept with its bytes.
type StoredReceipt struct {
	ID        int64
	Direction Direction
	Outcome   brevdue.Outcome
	Kind      brevdue.Kind
	Envelope  string      // KuvertNr of the receipt itself
	Other     brevdue.GLN // the other party: whom we answer, or who answered us
	Original  string      // KuvertNr of the envelope it answers
	SHA       string      // of its bytes
	Arrival   int64       // out: the arrival it answers; in: the arrival it came with
	At        time.Time
	HandedAt  time.Time // out: last handed to the network; zero: not yet
}

// Receipts are the receipts in both directions.
type Receipts interface {
	Insert(ctx context.Context, r *StoredReceipt) (id int64, err error)
	Get(ctx context.Context, id int64) (*StoredReceipt, error)
	// Answer returns the receipt we built for the envelope of that sender.
	Answer(ctx context.Context, sender brevdue.GLN, envelope string) (*StoredReceipt, error)
	// ByArrival returns the receipts that answer an arrival or came with it.
	ByArrival(ctx context.Context, arrival int64) ([]*StoredReceipt, error)
	MarkHanded(ctx context.Context, id int64, at time.Time) error
	// Link says that the receipt is about the letter.
	Link(ctx context.Context, receipt, letter int64) error
	OfLetter(ctx context.Context, letter int64) ([]*StoredReceipt, error)
}

// Attempt is one try to hand a letter of ours to the network. It is recorded
// before bytes leave; the same attempt repeated after a crash has the same
// envelope and bytes.
type Attempt struct {
	Letter   int64
	N        int // from 1
	Envelope string
	SHA      string
	At       time.Time
	HandedAt time.Time // zero: not yet known to be handed over
}

// Attempts are the tries to send.
type Attempts interface {
	Add(ctx context.Context, a Attempt) error
	// Latest returns the newest attempt of the letter.
	Latest(ctx context.Context, letter int64) (Attempt, error)
	MarkHanded(ctx context.Context, letter int64, n int, at time.Time) error
	// ByEnvelope finds the letter an attempt with that KuvertNr belongs to.
	ByEnvelope(ctx context.Context, envelope string) (letter int64, err error)
}
