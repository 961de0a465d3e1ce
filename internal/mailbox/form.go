package mailbox

import (
	"time"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
)

// Draft is what a person has filled in when writing. What the agreement does not
// ask about a letter is ignored, so that an answer given before the receiver was
// changed does no harm.
type Draft struct {
	// Citizen: for a reply they are taken from the letter and ignored here.
	CPR, Surname, Given string
	Episode             brevdue.EpisodeStatus // state of care
	Receiver            brevdue.GLN           // actively chosen, never preselected (AGR-501)
	Category            string                // the agreement's category
	Subject             string                // one of the agreement's, or free
	SubjectReason       string                // why the subject is outside the agreement (F15)
	Priority            brevdue.Priority      // only where the subject's national category has one (F22)
	Text                string                // without the signature block
	Phone               string                // organisation phone of the signature (AGR-404)

	// Purpose is the code of the standard the letter is really about, one of
	// Questions.Standards, "" for none; StandardReason says why the letter is used
	// although the receiver can take that standard (AGR-201, AGR-205).
	Purpose, StandardReason string
	// StartReason says why a dialogue is started where the agreement lets the other
	// side start and no concrete agreement is on file (AGR-302).
	StartReason string

	// Discharging is "yes" or "no": is the citizen being discharged. Discharge and
	// Need are dates "2006-01-02": of the discharge and of the first need of nursing.
	// Services is "yes", "no" or "unknown". Exempt ticks that assessment and action can
	// wait until after the next working day (AGR-701, AGR-702).
	Discharging, Discharge, Services, Need string
	Exempt                                 bool
	// AfterPhone is the rule of the case in which the letter follows a call, one of
	// Questions.AfterPhone, "" for none; AfterPhoneReason says why a call that must be
	// on record is not (AGR-801..804).
	AfterPhone, AfterPhoneReason string
	Call                         CallDraft

	// Basis is the code of the legal basis, one of Questions.Bases; Weighing the
	// written weighing of interests; ConsentDate the date of a written consent,
	// "2006-01-02"; Health "yes" or "no": does the receiver act as a health person
	// (AGR-901..907, Amb-23).
	Basis, Weighing, ConsentDate, Health string

	// Corrects is the letter of the unit's own that this one takes the place of, 0 for
	// none (F5).
	Corrects int64
	// Forwards is the letter of the unit's, received or sent, that this one forwards, 0
	// for none; the citizen is then that letter's. Quotes names the parts of its thread
	// that are quoted and Encloses the attachments that go along: nothing else does (F54).
	Forwards         int64
	Quotes, Encloses []string
	// Files are the files of the draft as the writer has seen them: a letter is not sent
	// with others.
	Files []int64
	// Token makes a repeated submit of the same form harmless: the same token never
	// sends twice.
	Token string
}

// CallDraft is the record of a telephone contact as it is filled in (AGR-704).
type CallDraft struct {
	At           string // "2006-01-02T15:04", Danish wall-clock time
	Organisation string // who was called
	Number       string
	Who          string // role, or name and role, of who answered
	Agreed       string
}

// Empty tells whether nothing was filled in.
func (c CallDraft) Empty() bool { return c == CallDraft{} }

// Form is what the reply or new-letter page needs to show besides the draft.
type Form struct {
	Unit       store.Unit
	Answers    *store.Letter     // the letter answered, nil for a new one
	Forward    *Forward          // the letter forwarded, nil for none
	Files      []OwnFile         // added to the draft
	Phrases    []store.Phrase    // the unit's own texts
	Fields     map[string]string // what the fields of those stand for in this letter
	Signature  string            // as it will stand last in the text (AGR-403, AGR-404)
	Promise    *Promise          // nil until a receiver is known
	Categories []Category
	Now        time.Time
	Questions
	Hints     []Hint
	Long      int            // characters from which a letter is long (AGR-402)
	Suggested []Receiver     // by the subject and where the citizen lives; never chosen beforehand
	Away      []store.Closed // times the receiver is away, where it has said so here
	CallName  string         // the receiver, for the record of a call
	CallPhone string         // the receiver's number, for calling instead; "" when not known
	Rounds    int            // how often this thread has gone to and fro already
	LastBasis string         // legal basis of the unit's last letter in the thread, to begin an answer with
}

// Questions are what the agreement asks about the letter as it is. What does not
// matter for it is empty: a question appears only where its answer counts.
type Questions struct {
	Standards  []StandardChoice // standards between these two that go before the letter (AGR-201)
	Standard   *StandardChoice  // the one chosen as the purpose
	Start      *StartQuestion   // nil: anybody may start (AGR-301..305)
	Discharge  bool             // is the citizen being discharged
	Phone      *PhoneQuestion   // nil: no discharge, or the rule is silent
	AfterPhone []aftale.AfterPhone
	CallNeeded bool // a record of the call must be there, or its reason (AGR-704, AGR-804)
	Bases      []aftale.Consent
	Basis      *aftale.Consent // the one chosen
	AskHealth  bool            // does the receiver act as a health person (Amb-23)
	Priority   bool            // the subject may be given a priority (F22)
	FeeCode    string          // service code shown to general practice (AGR-1001)
	Note       string          // the agreement's remark on the subject (Amb-8)
	Schemes    []aftale.Scheme // agreements of their own for groups of patients (AGR-806)
}

// StandardChoice is a message that goes before the letter (AGR-201).
type StandardChoice struct {
	aftale.Standard
	Takes bool // the receiver can take it; false: the directory does not say
}

// StartQuestion is who starts a dialogue (AGR-302).
type StartQuestion struct {
	Rule, Text  string             // the agreement's words, Danish
	Arrangement *store.Arrangement // the concrete agreement on file; nil: a reason is asked for
}

// PhoneQuestion is the weekend and holiday telephone rule on this letter
// (AGR-701..703). The questions come one after the other.
type PhoneQuestion struct {
	AskNeed              bool // the citizen is not known to receive services
	Required             bool // there must be a call
	MayExempt            bool // the exemption applies and has to be ticked
	Sentence, SentenceEN string
}

// Hint is advice on a letter (AGR-206, AGR-401..404). It explains itself, stops
// nobody, and sending the letter overrules it; what was overruled is kept.
type Hint struct {
	Code         string // "length", "layout", "subjects", "question", "acute", "standard", "call", "health" or "rounds"
	Text, TextEN string
	Why, WhyEN   string
}

// Preview is a letter just before it is sent: as the receiver will see it, and what
// the writer should look at once more.
type Preview struct {
	Seen   brevdue.Letter // read back from the receiver's own format
	Record *store.Record  // what is kept about it and not sent
	Basis  *aftale.Consent
	Recent []store.Row // the unit's letters of late on the same citizen and subject to this receiver, newest first
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
	Priority bool   // it may be given a priority (F22)
}
