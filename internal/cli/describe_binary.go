package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"

	"brevdue"
	"brevdue/medcom"
)

// describedBinary is an attachment message with where it came from. The files
// themselves are told by size and hash.
type describedBinary struct {
	Format   brevdue.Format   `json:"format"`
	Type     brevdue.Kind     `json:"type"`
	Envelope brevdue.Envelope `json:"envelope"`
	medcom.BinaryLetter
	Files []describedFile `json:"files"`
}

type describedFile struct {
	ObjectID string `json:"object_id"`
	Bytes    int    `json:"bytes"`
	SHA256   string `json:"sha256"`
}

func files(l medcom.BinaryLetter) []describedFile {
	out := []describedFile{}
	for _, o := range l.Objects {
		sum := sha256.Sum256(o.Data)
		out = append(out, describedFile{o.ObjectID, len(o.Data), hex.EncodeToString(sum[:])})
	}
	return out
}

// shown is the binary letter with the citizen's numbers masked unless asked for.
func (c DescribeCmd) shown(l medcom.BinaryLetter) medcom.BinaryLetter {
	if !c.Reveal {
		l.Patient = brevdue.Letter{Patient: l.Patient}.Masked().Patient
	}
	return l
}

func (c DescribeCmd) binary(w io.Writer, m *medcom.BinaryMessage, l *medcom.BinaryLetter) {
	fmt.Fprintf(w, "%s (%s %s)\n", c.say("Bilag til et brev", "Attachments of a letter"), m.Kind, l.Version)
	c.line(w, "Fra", "From", c.party(l.Sender))
	c.line(w, "Til", "To", c.party(l.Receiver))
	if l.System {
		c.line(w, "Borger", "Citizen", c.say("ingen; post mellem systemer", "none; mail between systems"))
		c.line(w, "Indhold", "Contents", l.Contents)
	} else {
		c.line(w, "Borger", "Citizen", c.patient(l.Patient))
	}
	c.line(w, "Skrevet", "Written", c.when(l.Authorised))
	c.line(w, "Sendt", "Sent", c.sent(&medcom.Message{Envelope: m.Envelope}, &brevdue.Letter{ID: l.ID}))
	for i, f := range files(*l) {
		o := l.Objects[i]
		c.line(w, "Fil "+strconv.Itoa(i+1), "File "+strconv.Itoa(i+1), fmt.Sprintf("%s %s, %d byte, id %s, sha256 %s…", o.Code, o.Extension, f.Bytes, printable(o.ObjectID), f.SHA256[:16]))
	}
}
