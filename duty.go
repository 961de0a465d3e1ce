package brevdue

import "time"

// Duty is what a receiving unit owes for a letter: to have read it by a time
// (AGR-601..607; reading, never answering, AGR-608). It pins the agreement it
// was computed from, so that a deadline never moves after the fact (AGR-1003).
type Duty struct {
	Due      time.Time `json:"due"`               // the time that counts as met or missed
	Expected time.Time `json:"expected,omitzero"` // end of the shift of arrival (AGR-604); zero outside the shift rule
	Breached time.Time `json:"breached,omitzero"` // end of the shift after it; zero outside the shift rule
	Soft     bool      `json:"soft"`              // aimed for, not owed (AGR-607)
	// Fair is when it would be due had the letter been sent when it arrived; zero
	// unless that is later. Until then the way is late and not the reader (Amb-15).
	Fair       time.Time    `json:"fair,omitzero"`
	Rule       string       `json:"rule"`     // e.g. "AGR-602"
	Sentence   string       `json:"sentence"` // Danish, says window, cut-off, agreement version and paragraph
	SentenceEN string       `json:"sentence_en"`
	Agreement  AgreementRef `json:"agreement"`
}

// AgreementRef names one exact text of an agreement.
type AgreementRef struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"` // hex, of the file's bytes
}
