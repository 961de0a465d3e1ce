package medcom

import (
	"cmp"
	"slices"
	"strings"

	"brevdue"
	"brevdue/edifact"
	"brevdue/oioxml"
)

// BinaryMessage is one attachment message, BIN01 or XBIN01: an envelope with the
// files that letters refer to (std:xdis91 §6).
type BinaryMessage struct {
	Format   brevdue.Format // EDIFACT or OIOXML
	Kind     brevdue.Kind   // BIN01 or XBIN01
	Version  string         // of the first binary letter as received, e.g. "B0131X"
	Envelope brevdue.Envelope
	Letters  []BinaryLetter // one in practice; at least one in a valid message
}

// BinaryLetter is one binary letter (MEDBIN, BinaryLetter): parties, citizen, and
// up to ten files.
type BinaryLetter struct {
	ID              string            `json:"id"` // BrevNr, 1-14
	Version         string            `json:"version"`
	StatisticalCode string            `json:"statistical_code,omitempty"`
	Authorised      brevdue.LocalTime `json:"authorised"`
	Sender          brevdue.Party     `json:"sender"`
	Receiver        brevdue.Party     `json:"receiver"`
	// Patient is the citizen the files are about; nobody in system mail.
	Patient  brevdue.Patient `json:"patient"`
	System   bool            `json:"system,omitempty"`   // mail between systems, about no citizen
	Contents string          `json:"contents,omitempty"` // of system mail, 0-70
	Objects  []Object        `json:"objects,omitempty"`  // 1-10
	Pos      brevdue.Pos     `json:"-"`                  // where the letter starts
}

// Object is one file.
type Object struct {
	ObjectID  string `json:"object_id"` // as received; compare by [ObjectKey]
	Code      string `json:"object_code"`
	Extension string `json:"extension"`
	Size      int64  `json:"size"` // as stated; in a valid message that of Data
	// Data is the file. Read from BIN01 it is a part of the bytes the message was
	// read from.
	Data []byte      `json:"-"`
	Pos  brevdue.Pos `json:"-"`
}

// mostObjects is how many files a binary letter can hold.
const mostObjects = 10

// ReadBinary reads a bare BIN01 or XBIN01 message of either version. Anything else
// gives an empty message and a finding that names what it is. The findings include
// those about parties and citizen ([Check]) and about the files' content.
//
// The files of a BIN01 are parts of data, which must not be changed while the
// message is in use: reading one takes less than a megabyte, whatever its size.
// Those of an XBIN01 are decoded once, into as much memory as they need, which is
// three quarters of data.
func ReadBinary(data []byte) (BinaryMessage, []brevdue.Finding) {
	t := Sniff(data)
	if !t.Kind.IsBinary() {
		m := BinaryMessage{Format: t.Format, Kind: t.Kind, Version: t.Version}
		if t.Supported {
			return m, []brevdue.Finding{ruleOtherKind.At(brevdue.Pos{Line: 1, Column: 1}, t.Label())}
		}
		return m, refuse(data, t)
	}
	decode := decodeXBIN01
	if t.Kind == brevdue.BIN01 {
		decode = decodeBIN01
	}
	m, findings := decode(data)
	slices.SortStableFunc(findings, func(a, b brevdue.Finding) int { return cmp.Compare(a.Pos.Offset, b.Pos.Offset) })
	return m, findings
}

// check is what can be said of an attachment message whatever its format: what
// [Check] says of the letters it would belong to, and of the files.
func (m *BinaryMessage) check(at locate) []brevdue.Finding {
	letters := Message{Envelope: m.Envelope}
	for i := range m.Letters {
		l := &m.Letters[i]
		letters.Letters = append(letters.Letters, brevdue.Letter{ID: l.ID, Authorised: l.Authorised, Sender: l.Sender, Receiver: l.Receiver, Patient: l.Patient,
			Attachments: []brevdue.Attachment{{}}}) // a letter with something in it
	}
	findings := checkMessage(letters, at)
	seen := map[string]bool{}
	for i := range m.Letters {
		findings = append(findings, checkObjects(m.Letters[i].Objects, seen, m.Version == "X"+newBinary)...)
	}
	return findings
}

// EncodeBinary writes the message as BIN01 or XBIN01, in the version it has:
// B0130X and XB0130X for each other, and B0131X or XB0131X for all else, also where
// only these can hold it (a warning says so). What the format cannot hold gives an
// error finding and nil bytes; the files are never changed. The result is written
// into one piece of memory of its own size.
func EncodeBinary(m BinaryMessage, to brevdue.Kind) ([]byte, []brevdue.Finding) {
	switch {
	case !to.IsBinary():
		return nil, []brevdue.Finding{ruleCannotWrite.At(brevdue.Pos{}, to)}
	case len(m.Letters) == 0:
		return nil, []brevdue.Finding{ruleBNone.At(brevdue.Pos{})}
	}
	encode, size, most := encodeXBIN01, m.sizeXBIN01(), oioxml.MaxSize
	if to == brevdue.BIN01 {
		encode, size, most = encodeBIN01, m.sizeBIN01(), edifact.MaxSize
	}
	if size > most {
		return nil, []brevdue.Finding{ruleBTooLarge.At(brevdue.Pos{Path: "objects"}, most)}
	}
	old := strings.HasSuffix(m.Version, oldBinary)
	renewed := old && m.needsNew(to)
	data, findings := encode(m, old && !renewed)
	if renewed {
		findings = append(findings, ruleBNewer.At(brevdue.Pos{Path: "version"}))
	}
	return data, findings
}

// oldBinary and newBinary are the two versions; in OIOXML with an X before them.
const (
	oldBinary = "B0130X" // namespace 2005/08/07
	newBinary = "B0131X" // namespace 2012/03/28
)

// binaryVersion is the version code of what is written.
func binaryVersion(prefix string, old bool) string {
	if old {
		return prefix + oldBinary
	}
	return prefix + newBinary
}

// needsNew tells whether only the newer version can hold the message
// (std:xdis91 §6.2).
func (m *BinaryMessage) needsNew(to brevdue.Kind) bool {
	for i := range m.Letters {
		l := &m.Letters[i]
		if s := &l.Sender; to == brevdue.XBIN01 && (s.Street == "" || s.District == "" || s.PostCode == "" || s.Specialty == "") {
			return true
		}
		if slices.ContainsFunc(l.Objects, func(o Object) bool { return o.Extension == "fnx" }) {
			return true
		}
	}
	return false
}

// ObjectKey is what object identifiers are compared by: lower case and without
// hyphens (std:xdis91 §6.4).
func ObjectKey(id string) string { return strings.ToLower(strings.ReplaceAll(id, "-", "")) }

// isUUID tells whether an object key is 32 hex digits.
func isUUID(key string) bool {
	return len(key) == 32 && !strings.ContainsFunc(key, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') })
}

// plainID writes an object identifier without hyphens when it is a UUID, in the
// sender's case; any other stays as it is.
func plainID(id string) string {
	if !isUUID(ObjectKey(id)) {
		return id
	}
	return strings.ReplaceAll(id, "-", "")
}

// hyphenedID writes an object identifier as a UUID with hyphens, in the sender's
// case; false when it is none.
func hyphenedID(id string) (string, bool) {
	if !isUUID(ObjectKey(id)) {
		return "", false
	}
	d := plainID(id)
	return d[:8] + "-" + d[8:12] + "-" + d[12:16] + "-" + d[16:20] + "-" + d[20:], true
}
