package medcom

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"brevdue"
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

// The rules of files and of attachment messages in either format.
var (
	ruleBObjects   = rule("BIN-OBJECT-01", brevdue.SeverityError, "§6.3", "Bilagsmeddelelsen har %d filer; der skal være 1 til %d.", "The attachment message has %d files; there must be 1 to %d.")
	ruleBSize      = rule("BIN-SIZE-01", brevdue.SeverityError, "§6.3", "Filen er på %d byte, men der står %d. Bed afsenderen sende bilaget igen.", "The file has %d bytes, but %d are stated. Ask the sender to send the attachment again.")
	ruleBEmpty     = rule("BIN-SIZE-02", brevdue.SeverityError, "§6.3", "Filen er tom.", "The file is empty.")
	ruleBExtension = rule("BIN-CODE-01", brevdue.SeverityError, "§1.4", "Filtypen er ikke en af standardens.", "The file extension is none of the standard's.")
	ruleBCode      = rule("BIN-CODE-02", brevdue.SeverityError, "§1.4", "Objektkoden er ikke en af standardens.", "The object code is none of the standard's.")
	ruleBContent   = rule("BIN-CONTENT-01", brevdue.SeverityWarning, "§6.1", "Filens indhold ligner ikke %s. Åbn den med forsigtighed.", "The file's content does not look like %s. Open it with care.")
	ruleBPractice  = rule("BIN-CONTENT-02", brevdue.SeverityInfo, "§1.4", "Objektkoden %s bruges normalt ikke for filer af typen %s.", "The object code %s is not usually used for files of type %s.")
	ruleBTwice     = rule("BIN-ID-01", brevdue.SeverityError, "§6.4", "To filer i meddelelsen har samme objekt-id.", "Two files of the message have the same object identifier.")
	ruleBUUID      = rule("BIN-ID-02", brevdue.SeverityWarning, "§6.4", "Objekt-id er ikke på 32 hexcifre og kan ikke skrives i alle formater.", "The object identifier is not 32 hex digits and cannot be written in every format.")
	ruleBVersion   = rule("BIN-VERSION-01", brevdue.SeverityError, "§6.2", "Bilagsmeddelelsens version er ikke %s.", "The version of the attachment message is not %s.")
	ruleBContents  = rule("BIN-SYSTEM-01", brevdue.SeverityError, "§6.2", "Contents hører kun til i en systemmeddelelse uden patient.", "Contents belongs only in system mail without a patient.")
	ruleBWrite     = rule("BIN-WRITE-01", brevdue.SeverityError, "§6.2", "%s mangler eller kan ikke skrives i bilagsmeddelelsen.", "%s is missing or cannot be written in the attachment message.")
	ruleBBase64    = rule("BIN-DATA-01", brevdue.SeverityError, "§6.2", "Filens base64 er ikke gyldig.", "The file's base64 is not valid.")
	ruleBUNP       = rule("BIN-UNP-01", brevdue.SeverityError, "§6.3", "UNP passer ikke til UNO: størrelse eller nummer er et andet.", "UNP does not match UNO: size or number differ.")
	ruleBNumber    = rule("BIN-UNO-01", brevdue.SeverityWarning, "§6.3", "Filens nummer i UNO er ikke %d.", "The file's number in UNO is not %d.")
	ruleBAID       = rule("BIN-UNO-02", brevdue.SeverityError, "§6.3", "UNO element 2 er ikke AID og et objekt-id.", "UNO element 2 is not AID and an object identifier.")

	ruleJMissing  = rule("BIN-JOIN-01", brevdue.SeverityWarning, "§6.4", "Bilaget er endnu ikke modtaget.", "The attachment has not been received yet.")
	ruleJCode     = rule("BIN-JOIN-02", brevdue.SeverityWarning, "§6.4", "Brevet angiver en anden objektkode end filen; filens gælder.", "The letter states another object code than the file; the file's counts.")
	ruleJType     = rule("BIN-JOIN-03", brevdue.SeverityWarning, "§6.4", "Brevet angiver en anden filtype end filen; filens gælder.", "The letter states another file extension than the file; the file's counts.")
	ruleJSize     = rule("BIN-JOIN-04", brevdue.SeverityWarning, "§6.4", "Brevet angiver %d byte, filen er på %d; filen gælder.", "The letter states %d bytes, the file has %d; the file counts.")
	ruleJOrphan   = rule("BIN-JOIN-05", brevdue.SeverityWarning, "§6.4", "Intet brev henviser til filen.", "No letter refers to the file.")
	ruleJStranger = rule("BIN-JOIN-06", brevdue.SeverityError, "§6.4", "Filen er sendt om en anden borger end brevet og er ikke knyttet til det.", "The file was sent about another citizen than the letter and was not joined with it.")
)

// Rules of the binary letter's own segments are those of the letter it shares
// them with (DIS91-…, XML-…).
var binaryRules = []brevdue.Rule{
	ruleBObjects, ruleBSize, ruleBEmpty, ruleBExtension, ruleBCode, ruleBContent, ruleBPractice, ruleBTwice, ruleBUUID, ruleBVersion, ruleBContents, ruleBWrite,
	ruleBBase64, ruleBUNP, ruleBNumber, ruleBAID, ruleJMissing, ruleJCode, ruleJType, ruleJSize, ruleJOrphan, ruleJStranger,
}

// mostObjects is how many files a binary letter can hold.
const mostObjects = 10

// ReadBinary reads a bare BIN01 or XBIN01 message. Anything else gives an empty
// message and a finding that names what it is. The findings include those about
// the files' content. The bytes of a BIN01 are not copied and must not be changed
// while the message is in use.
func ReadBinary(data []byte) (BinaryMessage, []brevdue.Finding) {
	t := Sniff(data)
	if !t.Kind.IsBinary() {
		m := BinaryMessage{Format: t.Format, Kind: t.Kind, Version: t.Version}
		if t.Supported {
			return m, []brevdue.Finding{ruleOtherKind.At(brevdue.Pos{Line: 1, Column: 1}, t.Label())}
		}
		return m, refuse(data, t)
	}
	m, findings := BinaryMessage{}, []brevdue.Finding(nil)
	if t.Kind == brevdue.BIN01 {
		m, findings = decodeBIN01(data)
	} else {
		m, findings = decodeXBIN01(data, t.Version)
	}
	for i := range m.Letters {
		findings = append(findings, checkObjects(m.Letters[i].Objects)...)
	}
	slices.SortStableFunc(findings, func(a, b brevdue.Finding) int { return cmp.Compare(a.Pos.Offset, b.Pos.Offset) })
	return m, findings
}

// EncodeBinary writes the message as BIN01 (B0131X) or XBIN01 (XB0131X). What the
// format cannot hold gives an error finding and nil bytes; the files are never
// changed.
func EncodeBinary(m BinaryMessage, to brevdue.Kind) ([]byte, []brevdue.Finding) {
	switch to {
	case brevdue.BIN01:
		return encodeBIN01(m)
	case brevdue.XBIN01:
		return encodeXBIN01(m)
	}
	return nil, []brevdue.Finding{ruleCannotWrite.At(brevdue.Pos{}, to)}
}

// ObjectKey is what object identifiers are compared by: lower case and without
// hyphens (std:xdis91 §6.4).
func ObjectKey(id string) string { return strings.ToLower(strings.ReplaceAll(id, "-", "")) }

// isUUID tells whether an object key is 32 hex digits.
func isUUID(key string) bool {
	return len(key) == 32 && !strings.ContainsFunc(key, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') })
}

// hyphened writes 32 hex digits as a UUID with hyphens.
func hyphened(key string) string {
	return key[:8] + "-" + key[8:12] + "-" + key[12:16] + "-" + key[16:20] + "-" + key[20:]
}

// checkObjects is what can be said of files whatever format they came in.
func checkObjects(objects []Object) []brevdue.Finding {
	var fs []brevdue.Finding
	seen := map[string]bool{}
	for i := range objects {
		o := &objects[i]
		key := ObjectKey(o.ObjectID)
		if key != "" && seen[key] {
			fs = append(fs, ruleBTwice.At(o.Pos))
		}
		seen[key] = true
		if key != "" && !isUUID(key) {
			fs = append(fs, ruleBUUID.At(o.Pos))
		}
		if len(o.Data) > 0 && !LooksLike(o.Extension, o.Data) {
			fs = append(fs, ruleBContent.At(o.Pos, o.Extension))
		}
		if usual := practice[o.Extension]; usual != "" && o.Code != "" && usual != o.Code {
			fs = append(fs, ruleBPractice.At(o.Pos, o.Code, o.Extension))
		}
	}
	return fs
}

// practice is the object code that senders use for an extension (std:xdis91 §1.4).
var practice = map[string]string{
	"pcx": "billede", "tiff": "billede", "jpeg": "billede", "gif": "billede", "bmp": "billede", "png": "billede", "dcm": "billede",
	"txt": "tekstfil", "rtf": "tekstfil", "doc": "tekstfil", "xls": "tekstfil", "wpd": "tekstfil", "pdf": "vektor_grafik", "scp": "biosignaler",
	"mpg": "multimedie", "wav": "multimedie", "avi": "multimedie", "mid": "multimedie", "rmi": "multimedie", "inh": "multimedie", "bin": "multimedie",
	"exe": "program", "com": "program", "zip": "proprietaert_indhold", "plo": "proprietaert_indhold", "fnx": "proprietaert_indhold",
}

// magic is how a file of an extension begins, at an offset.
type magic struct {
	at    int
	bytes string
}

// magics are the extensions whose files tell what they are. The others are not
// judged.
var magics = map[string][]magic{
	"pdf": {{0, "%PDF-"}}, "png": {{0, "\x89PNG\r\n\x1a\n"}}, "jpeg": {{0, "\xff\xd8\xff"}}, "gif": {{0, "GIF87a"}, {0, "GIF89a"}},
	"bmp": {{0, "BM"}}, "tiff": {{0, "II*\x00"}, {0, "MM\x00*"}, {0, "II+\x00"}, {0, "MM\x00+"}}, "zip": {{0, "PK\x03\x04"}, {0, "PK\x05\x06"}},
	"rtf": {{0, "{\\rtf"}}, "wav": {{0, "RIFF"}, {0, "RIFX"}}, "avi": {{0, "RIFF"}}, "rmi": {{0, "RIFF"}}, "mid": {{0, "MThd"}},
	"dcm": {{128, "DICM"}}, "exe": {{0, "MZ"}}, "doc": {{0, "\xd0\xcf\x11\xe0"}, {0, "{\\rtf"}, {0, "PK\x03\x04"}}, "xls": {{0, "\xd0\xcf\x11\xe0"}, {0, "\x09\x08"}, {0, "PK\x03\x04"}},
	"mpg": {{0, "\x00\x00\x01\xba"}, {0, "\x00\x00\x01\xb3"}, {0, "\x47"}}, "pcx": {{0, "\x0a"}}, "wpd": {{0, "\xffWPC"}},
}

// LooksLike tells whether the first bytes of a file are those of its extension (an
// OIOXML word, e.g. "jpeg"). Extensions whose files have no mark of their own
// always look right.
func LooksLike(extension string, data []byte) bool {
	marks, known := magics[extension]
	if !known {
		return true
	}
	for _, m := range marks {
		if len(data) >= m.at+len(m.bytes) && bytes.HasPrefix(data[m.at:], []byte(m.bytes)) {
			return true
		}
	}
	return false
}

// Join gives the binary attachments of letters their files, whichever came
// first, and says what does not fit: a file that is not here yet, one that nobody
// refers to, one about another citizen, and where letter and file state different
// things (the file counts; std:xdis91 §6.4). The letters are changed in place; the
// places of the findings are fields of letters or objects as the index given says,
// e.g. "letters[0].attachments[1]".
func Join(letters []*brevdue.Letter, messages []BinaryLetter) []brevdue.Finding {
	var fs []brevdue.Finding
	type file struct {
		*Object
		from *BinaryLetter
		used bool
	}
	files := map[string]*file{}
	var order []*file
	for i := range messages {
		for j := range messages[i].Objects {
			f := &file{Object: &messages[i].Objects[j], from: &messages[i]}
			order = append(order, f)
			if key := ObjectKey(f.ObjectID); files[key] == nil {
				files[key] = f
			}
		}
	}
	for i, l := range letters {
		for j := range l.Attachments {
			a := &l.Attachments[j]
			if a.Kind != brevdue.BinaryAttachment {
				continue
			}
			at := brevdue.Pos{Path: fmt.Sprintf("letters[%d].attachments[%d]", i, j)}
			f := files[ObjectKey(a.ObjectID)]
			switch {
			case f == nil:
				fs = append(fs, ruleJMissing.At(at))
				continue
			case !SameCitizen(l.Patient, f.from.Patient):
				f.used = true
				fs = append(fs, ruleJStranger.At(at))
				continue
			}
			f.used = true
			fs = append(fs, Reconcile(a, *f.Object, at)...)
		}
	}
	for i, f := range order {
		if !f.used && files[ObjectKey(f.ObjectID)] == f {
			fs = append(fs, ruleJOrphan.At(brevdue.Pos{Path: fmt.Sprintf("objects[%d]", i)}))
		}
	}
	return fs
}

// Reconcile gives one attachment its file and says where the two disagree.
func Reconcile(a *brevdue.Attachment, o Object, at brevdue.Pos) []brevdue.Finding {
	var fs []brevdue.Finding
	if a.ObjectCode != o.Code {
		fs = append(fs, ruleJCode.At(at))
	}
	if a.Extension != o.Extension {
		fs = append(fs, ruleJType.At(at))
	}
	if a.Size != int64(len(o.Data)) {
		fs = append(fs, ruleJSize.At(at, a.Size, len(o.Data)))
	}
	a.ObjectCode, a.Extension, a.Size, a.Data = o.Code, o.Extension, int64(len(o.Data)), o.Data
	return fs
}

// SameCitizen tells whether a letter and an attachment message are about the same
// citizen, as far as both say: system mail is about nobody and fits everybody.
func SameCitizen(a, b brevdue.Patient) bool {
	x, y := numbers(a), numbers(b)
	if len(x) == 0 || len(y) == 0 {
		return true
	}
	return slices.ContainsFunc(x, func(n brevdue.CPR) bool { return slices.Contains(y, n) })
}

func numbers(p brevdue.Patient) []brevdue.CPR {
	var out []brevdue.CPR
	if p.CPR != "" {
		out = append(out, p.CPR)
	}
	for _, r := range p.Replacements {
		out = append(out, r.Value)
	}
	return out
}
