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

	// Purpose is the code of the standard the letter is really about, one of
	// Form.Standards, or [NoStandard]; StandardReason says why the letter is used
	// although the receiver can take that standard (AGR-201, AGR-205).
	Purpose, StandardReason string
	// StartReason says why a dialogue is started where the agreement lets the other
	// side start; Arrangement is the concrete agreement it builds on (AGR-302).
	StartReason string
	Arrangement int64

	// Discharge and Need are dates "2006-01-02": when the citizen is discharged, and
	// when nursing is first needed. Services is "yes", "no", "unknown" or "". Exempt
	// ticks that nothing is needed before the day after the next working day
	// (AGR-701, AGR-702).
	Discharge, Need, Services string
	Exempt                    bool
	// AfterPhone is the rule the letter follows a call under, one of Form.AfterPhone;
	// AfterPhoneReason says why there is no record of the call (AGR-804).
	AfterPhone, AfterPhoneReason string
	Call                         CallDraft

	// Basis is the code of the legal basis, one of Form.Bases; Weighing the written
	// weighing of interests; ConsentDate the date of a written consent, "2006-01-02";
	// Health "yes" or "no": does the receiver act as a health person (AGR-901..907).
	Basis, Weighing, ConsentDate, Health string

	// Overruled are the codes of the hints a person has seen and set aside.
	Overruled []string
	// Token makes a repeated submit of the same form harmless: the same token never
	// sends twice.
	Token string
}

// NoStandard is the purpose of a letter that no other standard is about.
const NoStandard = "-"

// CallDraft is the record of a telephone contact as it is filled in (AGR-704).
type CallDraft struct {
	At           string // "2006-01-02T15:04", Danish wall-clock time
	Organisation string
	Number       string
	Who          string
	Agreed       string
}

// Empty tells whether nothing was filled in.
func (c CallDraft) Empty() bool { return c == CallDraft{} }

// Form is what the reply or new-letter page needs to show besides the draft.
// What the agreement does not ask about in this letter is empty: a question is
// shown only where it matters.
type Form struct {
	Unit       store.Unit
	Answers    *store.Letter // the letter answered, nil for a new one
	Signature  string        // as it will stand last in the text (AGR-403, AGR-404)
	Promise    *Promise      // nil until a receiver is known
	Categories []Category
	Priorities bool // the subject lets a priority be given (F22)
	Now        time.Time

	Standards  []StandardChoice // standards between these parties that go first; nil: none
	Start      *StartQuestion   // nil: nobody needs a reason to start
	Discharge  bool             // a discharge may be asked about: hospital to municipality
	Phone      *PhoneQuestion   // nil: no discharge date, or the rule is silent
	AfterPhone []AfterPhoneChoice
	Bases      []BasisChoice
	AskHealth  bool // the receiver is on the social area (Amb-23)
	Hints      []Hint
	Recent     []store.Row    // letters of the unit on the same citizen and subject to this receiver, newest first
	Rounds     int            // round trips in this thread so far
	CallPhone  string         // number to call instead of a further letter; "" when not known
	Away       []store.Closed // times the receiver is away, when it is of this installation
	Suggested  []Receiver     // by subject and municipality; never preselected
	FeeCode    string         // service code shown to general practice (AGR-1001)
	Preview    string         // the whole text as the receiver will see it, signature included
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

// StandardChoice is a message that goes before the letter (AGR-201).
type StandardChoice struct {
	Code    string // the newest, e.g. "XDIS18"
	Codes   []string
	Name    string
	Takes   bool   // the receiver can take it, as far as the directory knows
	Where   string // Danish: where to find it, for this kind of unit
	WhereEN string
}

// StartQuestion asks who starts a dialogue (AGR-302).
type StartQuestion struct {
	Rule, Text   string // the agreement's words
	Arrangements []store.Arrangement
	Phone        string // the other way on: call
}

// PhoneQuestion is the weekend and holiday telephone rule on this letter
// (AGR-701..703).
type PhoneQuestion struct {
	AskServices, AskNeed bool // still unknown and it matters
	Required             bool // a call record or the exemption must be there
	MayExempt            bool // the exemption can be ticked
	Rule                 string
	Sentence, SentenceEN string
}

// AfterPhoneChoice is a case in which a letter follows a call (AGR-801..803).
type AfterPhoneChoice struct {
	Rule, Text string
	Required   bool // a call record must be there; else a warning
}

// BasisChoice is a legal basis (AGR-901..905).
type BasisChoice struct {
	Code, Name, Law string
	Weighing        bool // a written weighing is asked for (AGR-906)
	Written         bool // the consent must be written, with its date (§ 43, § 44)
	Inform          bool // the person has to be told afterwards
}

// Hint is advice on a letter (AGR-401..404). It explains itself and can be
// overruled by its code.
type Hint struct {
	Code         string // "length", "subjects", "layout", "question", …
	Text, TextEN string
	Why, WhyEN   string // the agreement's or the standard's reason
	Overruled    bool
}
