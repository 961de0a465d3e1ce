package brevdue

// Format names a syntax that messages travel in.
type Format string

// The formats Brevdue recognises.
const (
	EDIFACT  Format = "edifact"   // UN/EDIFACT interchange
	OIOXML   Format = "oioxml"    // MedCom OIOXML Emessage
	FHIRJSON Format = "fhir-json" // FHIR message Bundle, JSON
	FHIRXML  Format = "fhir-xml"  // FHIR message Bundle, XML
	VANS     Format = "vans"      // VANSEnvelope around any of them
)

// Kind is a message type as MedCom names it, e.g. "DIS91" or "XCTL03".
type Kind string

// The kinds this version reads and writes (std:xdis91 §0.2).
const (
	DIS91  Kind = "DIS91"
	XDIS91 Kind = "XDIS91"
	CTL01  Kind = "CTL01"
	CTL02  Kind = "CTL02"
	CTL03  Kind = "CTL03"
	XCTL01 Kind = "XCTL01"
	XCTL02 Kind = "XCTL02"
	XCTL03 Kind = "XCTL03"
	BIN01  Kind = "BIN01" // files that letters refer to, in a message of their own
	XBIN01 Kind = "XBIN01"
)

// IsReceipt tells whether the kind answers another message. A receipt is never
// itself acknowledged (std:xdis91 §5.1).
func (k Kind) IsReceipt() bool {
	switch k {
	case CTL01, CTL02, CTL03, XCTL01, XCTL02, XCTL03:
		return true
	}
	return false
}

// LocalTime is a Danish wall-clock time as the legacy standards carry it:
// "2006-01-02T15:04", Europe/Copenhagen, no zone and no seconds. The FHIR
// successor may give RFC 3339 with offset. Empty means absent.
type LocalTime string

// IsBinary tells whether the kind carries the files that letters refer to
// (std:xdis91 §6).
func (k Kind) IsBinary() bool { return k == BIN01 || k == XBIN01 }

// Envelope is what surrounds the letters of one transmission
// (UNB…UNZ, Emessage/Envelope; std:xdis91 §2.2, §1.2).
type Envelope struct {
	ID           string    `json:"id"`             // KuvertNr, 1-14 characters, unique per sender
	Sent         LocalTime `json:"sent"`           // when the envelope was made
	Sender       GLN       `json:"sender"`         // UNB 2.1
	Receiver     GLN       `json:"receiver"`       // UNB 3.1
	WantsReceipt bool      `json:"wants_receipt"`  // pluspositivkvitt / UNB element 9 = 1
	Test         bool      `json:"test,omitempty"` // UNB element 11 test indicator
}

// LetterStatus says whether the letter is new or corrects an earlier one
// (std:xdis91 §1.4 StatusCode).
type LetterStatus string

// The two states a correspondence letter can have; there is no cancellation.
const (
	NewLetter       LetterStatus = "new"       // nytbrev, GIS N
	CorrectedLetter LetterStatus = "corrected" // rettetbrev, GIS M
)

// Priority is the sender's priority of a letter (std:xdis91 §1.4). Empty means
// that the sender gave none.
type Priority string

// The priorities.
const (
	RoutinePriority Priority = "routine" // rutine, RFF+NO
	HighPriority    Priority = "high"    // høj_prioritet, RFF+HI
)

// Letter is one correspondence letter in no particular format. JSON keys are
// the field names that loss reports use (cli.md, settled 12).
type Letter struct {
	ID              string       `json:"id"`                         // BrevNr, 1-14 characters in the legacy formats
	Version         string       `json:"version"`                    // version code as received, e.g. "D9134L"
	StatisticalCode string       `json:"statistical_code,omitempty"` // XDIS91 only, 1-8 characters
	Authorised      LocalTime    `json:"authorised"`                 // when the letter was approved by its author
	Status          LetterStatus `json:"status"`
	EpisodeOfCare   string       `json:"episode_of_care,omitempty"` // ForløbsNr, 1-35; since 2014 a UUID without hyphens
	Sender          Party        `json:"sender"`
	Receiver        Party        `json:"receiver"`
	// SpecificSender and SpecificReceiver name a person or care team inside the
	// organisation; only the FHIR successor carries them.
	SpecificSender   *Person      `json:"specific_sender,omitempty"`
	SpecificReceiver *Person      `json:"specific_receiver,omitempty"`
	Patient          Patient      `json:"patient"`
	Category         string       `json:"category,omitempty"` // national category code, FHIR only
	Subject          string       `json:"subject,omitempty"`  // Emne, 0-70 characters in the legacy formats
	Priority         Priority     `json:"priority,omitempty"`
	Thread           string       `json:"thread,omitempty"` // communication identifier, FHIR only
	Segments         []Segment    `json:"segments,omitempty"`
	Attachments      []Attachment `json:"attachments,omitempty"` // 0-10 references in the legacy formats
}

// Segment is one part of a thread: what one author wrote at one time. A legacy
// letter has exactly one, or none when it carries no text.
type Segment struct {
	ID     string    `json:"id,omitempty"`
	At     LocalTime `json:"at,omitempty"`
	Author *Person   `json:"author,omitempty"`
	Texts  []Text    `json:"texts,omitempty"` // one per ClinicalInformation / S14, 0-10 in the legacy formats
}

// Person is who wrote or is meant, as far as the format says.
type Person struct {
	Name         string `json:"name,omitempty"`
	Role         string `json:"role,omitempty"`
	Phone        string `json:"phone,omitempty"`
	Organisation string `json:"organisation,omitempty"`
}

// AttachmentKind says where the content of an attachment is.
type AttachmentKind string

// The three kinds of reference a letter can hold (std:xdis91 §2.6).
const (
	BinaryAttachment     AttachmentKind = "binary"     // BIN: travels in a message of its own, or embedded in FHIR
	SupplementAttachment AttachmentKind = "supplement" // SUP: sent in another way, e.g. by post
	LinkAttachment       AttachmentKind = "link"       // URL
)

// Attachment is a reference from a letter to something beside it, and its bytes
// when they are here.
type Attachment struct {
	Kind        AttachmentKind `json:"kind"`
	Description string         `json:"description"`           // RefDescription, 1-70
	ObjectID    string         `json:"object_id,omitempty"`   // compare lower-cased and without hyphens
	ObjectCode  string         `json:"object_code,omitempty"` // OIOXML word, e.g. "billede"
	Extension   string         `json:"extension,omitempty"`   // OIOXML word, e.g. "jpeg"
	Size        int64          `json:"size,omitempty"`        // bytes
	URL         string         `json:"url,omitempty"`         // 1-350
	MediaType   string         `json:"media_type,omitempty"`
	Data        []byte         `json:"data,omitempty"`
}
