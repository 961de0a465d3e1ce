package store

import (
	"time"

	"brevdue"
)

// Record is what the writing side keeps about a letter of its own and never
// sends (AGR-907): why it may be sent, what was agreed on the phone, and what the
// writer answered when the agreement asked.
type Record struct {
	Basis *Basis `json:"basis,omitempty"`
	Call  *Call  `json:"call,omitempty"`
	// AfterPhone is the rule the writer marked the letter with (AGR-801..803), ""
	// for none; AfterPhoneReason why there is no call record all the same.
	AfterPhone       string `json:"after_phone,omitempty"`
	AfterPhoneReason string `json:"after_phone_reason,omitempty"`

	// Discharge and Need are dates, "2006-01-02" or "": of the discharge and of the
	// first need of nursing (AGR-701, AGR-702). Services is "yes", "no" or "".
	Discharge string `json:"discharge,omitempty"`
	Need      string `json:"need,omitempty"`
	Services  string `json:"services,omitempty"`
	Exempt    bool   `json:"exempt,omitempty"` // the exemption was ticked (AGR-702)

	Purpose        string   `json:"purpose,omitempty"`         // code of the standard that goes first, e.g. "XDIS18"; "" for none
	StandardReason string   `json:"standard_reason,omitempty"` // why the letter was used all the same (AGR-201)
	StartReason    string   `json:"start_reason,omitempty"`    // why the dialogue was started (AGR-302)
	Arrangement    int64    `json:"arrangement,omitempty"`     // or the concrete agreement it builds on
	SubjectReason  string   `json:"subject_reason,omitempty"`  // why the subject is outside the agreement (F15)
	Overruled      []string `json:"overruled,omitempty"`       // hints that were shown and overruled, by their words in the code
}

// Basis is the legal basis of one letter (AGR-901..907): one of the agreement's,
// who chose it and when.
type Basis struct {
	Code     string    `json:"code"`               // the agreement's, e.g. "41-2-1"
	Weighing string    `json:"weighing,omitempty"` // the written weighing of interests (AGR-906)
	Consent  string    `json:"consent,omitempty"`  // date of the written consent, "2006-01-02" (§ 43)
	Health   string    `json:"health,omitempty"`   // "yes" or "no": does the receiver act as a health person (Amb-23)
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

// Call is the record of a telephone contact (AGR-704).
type Call struct {
	At           time.Time `json:"at"`
	Organisation string    `json:"organisation"` // who was called
	Number       string    `json:"number"`
	Who          string    `json:"who"` // role, or name and role, of who answered
	Agreed       string    `json:"agreed"`
	By           string    `json:"by"` // who called
}

// Task is something a unit has to do for a letter besides reading it, with a
// time it is due.
type Task struct {
	ID     int64
	Unit   brevdue.GLN
	Letter int64
	Kind   TaskKind
	Due    time.Time
	At     time.Time
	DoneAt time.Time // zero: open
	DoneBy string
	Note   string // what was done, by the person; without patient data in logs
}

// TaskKind says what a task is about.
type TaskKind string

// The kinds of task.
const (
	// TaskInform: the citizen is to be told of a disclosure (sundhedsloven § 43
	// stk. 4 and the like rule of § 41).
	TaskInform TaskKind = "inform"
	// TaskConsent: a written consent lapses after a year (§ 44).
	TaskConsent TaskKind = "consent"
	// TaskRejected: a letter of the unit's own was refused (F5).
	TaskRejected TaskKind = "rejected"
	// TaskUnconfirmed: no receipt came in time (F5).
	TaskUnconfirmed TaskKind = "unconfirmed"
	// TaskUnsent: a letter cannot be written in any format its receiver takes.
	TaskUnsent TaskKind = "unsent"
	// TaskFiles: the files of a letter of the unit's own did not get through.
	TaskFiles TaskKind = "files"
)
