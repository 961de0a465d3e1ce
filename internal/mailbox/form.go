package mailbox

import (
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// Draft is what a person has filled in when writing.
type Draft struct {
	// Citizen: for a reply they are taken from the letter and ignored here.
	CPR, Surname, Given string
	Episode             brevdue.EpisodeStatus // state of care
	Receiver            brevdue.GLN           // actively chosen, never preselected (AGR-501)
	Category            string                // the agreement's category
	Subject             string                // one of the agreement's, or free
	SubjectReason       string                // why the subject is outside the agreement (F15)
	Priority            brevdue.Priority
	Text                string // without the signature block
	Phone               string // organisation phone of the signature (AGR-404)

	// StartReason says why a dialogue is started where the agreement lets the other
	// side start (AGR-302).
	StartReason string
	// Token makes a repeated submit of the same form harmless: the same token never
	// sends twice.
	Token string
}

// Form is what the reply or new-letter page needs to show besides the draft.
type Form struct {
	Unit       store.Unit
	Answers    *store.Letter // the letter answered, nil for a new one
	Signature  string        // as it will stand last in the text (AGR-403, AGR-404)
	Promise    *Promise      // nil until a receiver is known
	Categories []Category
	Now        time.Time
}

// Category is a category of the agreement with its subjects.
type Category struct {
	Name     string
	Subjects []Subject
}

// Subject is a subject of the agreement and what it is for.
type Subject struct {
	Name     string
	Examples string
	National string // Danish display name of the national category it is sent as
	Note     string // the agreement's remark, e.g. that other subjects are still used
}
