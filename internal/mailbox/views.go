package mailbox

import (
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
)

// Person is who acts: a signed-in user as the workbench knows them.
type Person struct {
	ID       int64
	Login    string
	Name     string
	Title    string
	Lang     string // "da" or "en"
	Operator bool
	// Secretariat may prepare agreements and, two together, put them in force.
	Secretariat bool
	Auditor     bool // may see the audit log
	Units       []brevdue.GLN
	// Roles holds the role in each unit where it is less than the lead's.
	Roles map[brevdue.GLN]store.Role
}

// PersonOf is an account as a person who acts.
func PersonOf(u store.User) Person {
	return Person{ID: u.ID, Login: u.Login, Name: u.Name, Title: u.Title, Lang: u.Lang,
		Operator: u.Operator, Secretariat: u.Secretariat, Auditor: u.Auditor, Units: u.Units, Roles: u.Roles}
}

// In tells whether the person belongs to the unit.
func (p Person) In(unit brevdue.GLN) bool {
	for _, u := range p.Units {
		if u == unit {
			return true
		}
	}
	return false
}

// Inbox is one unit's list of letters as a page shows it.
type Inbox struct {
	Unit   store.Unit
	Counts store.Count
	Groups []Group
	More   bool      // there are more letters than the query's limit
	Now    time.Time // the clock the list was made by
	// NextWindow says when the unit reads next, for the empty list.
	NextWindow, NextWindowEN string
	// Fresh is the newest arrival in the list; the live bar counts from it.
	Fresh time.Time
	// Taken counts the letters somebody has taken, Mine those of the person.
	Taken, Mine int
	// Teams counts the inbox by team; none when the unit has no teams.
	Teams []store.TeamCount
	// People are those of the unit, whom a letter can be given to; Moves are the teams it
	// can be moved to.
	People []store.Colleague
	Moves  []string
}

// Group is the letters of one subject of the agreement, in the agreement's
// order; Subject is "" for the tray "Uden for aftalen", which comes last.
type Group struct {
	Subject string
	Rows    []store.Row
}

// Opened is everything the letter page shows.
type Opened struct {
	Letter    *store.Letter
	Unit      store.Unit
	FirstRead bool // this opening was the one that counts as reading
	Readers   []store.Reader
	Events    []store.Event
	Thread    []store.Row  // the other letters of the thread, oldest first
	Notes     []store.Note // of colleagues, oldest first; they never leave
	Receipts  []*store.StoredReceipt
	// LateTransport is a sentence when the letter arrived so long after it was
	// sent that the delay, not the reader, ate the time (Amb-15); else "".
	LateTransport, LateTransportEN string
	// Steps tell how the deadline comes about; nil where it cannot be told any more.
	Steps    []aftale.Step
	CanReply bool
	Basis    *aftale.Consent // of one's own letter: what the agreement calls its legal basis; nil when not known
	// Services is what the unit knows of the citizen; nil where it does not matter.
	Services *store.Services
	// Teams are the unit's, for moving the letter by hand.
	Teams []string
	// People are those of the unit, whom a letter can be given to.
	People []store.Colleague
	// Files says of each of the letter's attachments, by index, what is here.
	Files []File
	// Journal says that the letter was handed over to the record; nil when it was not.
	Journal *store.Journal
	// Cleared says when and by which rule the content went; nil while it is there.
	Cleared *store.Cleared
	Hold    *store.Hold // nil: the rules about keeping count
	Now     time.Time
}

// Fault is one thing wrong with a draft, tied to the field it is about.
type Fault struct {
	Field  string // name of the Draft field in lower case, e.g. "subject"
	Text   string // Danish
	TextEN string
}

// Faults is an error: the draft was not sent, and why.
type Faults []Fault

// Error says how many faults there are, without their content.
func (f Faults) Error() string { return "the draft has faults" }

// Promise is what the deadline promises for a letter sent right now (F13).
type Promise struct {
	Sentence, SentenceEN         string
	Changes                      time.Time // when the promise changes next; zero: not today
	NextSentence, NextSentenceEN string    // the promise from then on
}

// Receiver is a search hit in the directory.
type Receiver struct {
	GLN   brevdue.GLN
	Name  string
	Kind  brevdue.UnitKind
	Place string         // municipality or hospital
	Takes []brevdue.Kind // letter kinds it can receive
	// Reads says when it reads: "Læser hverdage kl. 8–15".
	Reads, ReadsEN string
	Similar        bool // another entry has nearly the same name
}

// SentItem is a letter of the unit's own, with what its state means.
type SentItem struct {
	store.Row
	StateText, StateTextEN string
}

// Operator is the operator's page.
type Operator struct {
	Quarantine []store.Arrival // unreadable
	Unmatched  []store.Arrival // receipts that answer nothing
	Refused    []store.Row     // refused letters, unknown receivers among them
	DeadJobs   []store.Job
	Retried    []store.Job   // waiting for another try
	Waiting    int           // jobs waiting
	Alerts     []store.Alert // trouble that is there, and what was over lately; the newest first
	Now        time.Time
}

// File is what is here of one attachment of a letter.
type File struct {
	State  FileState
	Object store.Object // in FileHere
}

// FileState says whether the file of an attachment is here.
type FileState string

// The states of a file.
const (
	FileNone     FileState = ""         // the attachment is no file: a link, or sent otherwise
	FileHere     FileState = "here"     // can be opened
	FileMissing  FileState = "missing"  // has not come yet
	FileStranger FileState = "stranger" // came about another citizen and is kept apart
)
