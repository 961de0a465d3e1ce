package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"brevdue"
	"brevdue/medcom"
)

// describedBinary is an attachment message with where it came from. Its objects
// take the place of those of the letter: the files themselves are told by size
// and hash.
type describedBinary struct {
	Format   brevdue.Format   `json:"format"`
	Type     brevdue.Kind     `json:"type"`
	Envelope brevdue.Envelope `json:"envelope"`
	medcom.BinaryLetter
	Objects []describedObject `json:"objects"`
}

type describedObject struct {
	medcom.Object        // size is the one stated
	Bytes         int    `json:"bytes"`
	SHA256        string `json:"sha256"`
}

func (c DescribeCmd) described(m *medcom.BinaryMessage, l medcom.BinaryLetter) describedBinary {
	if !c.Reveal {
		l.Patient = brevdue.Letter{Patient: l.Patient}.Masked().Patient
	}
	d := describedBinary{m.Format, m.Kind, m.Envelope, l, []describedObject{}}
	for _, o := range l.Objects {
		sum := sha256.Sum256(o.Data)
		d.Objects = append(d.Objects, describedObject{o, len(o.Data), hex.EncodeToString(sum[:])})
	}
	return d
}

func (c DescribeCmd) binary(w io.Writer, m *medcom.BinaryMessage, l *medcom.BinaryLetter) {
	fmt.Fprintf(w, "%s (%s %s)\n", c.say("Bilag til et brev", "Attachments of a letter"), m.Kind, printable(l.Version))
	if m.Envelope.Test {
		fmt.Fprintln(w, c.say("TESTMEDDELELSE", "TEST MESSAGE"))
	}
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
	for i, o := range c.described(m, *l).Objects {
		note := ""
		if o.Bytes > 0 && !medcom.LooksLike(o.Extension, o.Data) {
			note = fmt.Sprintf(c.say(" (indholdet ligner ikke %s)", " (the content does not look like %s)"), o.Extension)
		}
		c.line(w, fmt.Sprintf("Fil %d", i+1), fmt.Sprintf("File %d", i+1),
			fmt.Sprintf("%s %s, %d byte, id %s, sha256 %s…%s", o.Code, o.Extension, o.Bytes, o.ObjectID, o.SHA256[:16], note))
	}
}
