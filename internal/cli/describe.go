package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"brevdue"
	"brevdue/medcom"
	"brevdue/message"
	"brevdue/receipt"
	"brevdue/vans"
)

// DescribeCmd tells what a message says in plain words.
type DescribeCmd struct {
	JSON   bool   `name:"json" help:"The canonical letter as JSON, one object for each letter; its keys are the field names of loss reports."`
	Reveal bool   `help:"Show the whole patient number."`
	File   string `arg:"" name:"file" help:"Letter, attachment message or receipt, bare or in a VANS envelope; - is standard input."`
	Language
}

// Help is the example of the command.
func (DescribeCmd) Help() string {
	return "Example:\n\n    brevdue describe letter.edi\n    brevdue describe --json --reveal letter.xml\n\n" +
		"A broken message is described as far as it can be read, and what is wrong goes to standard error (exit code 1)."
}

// describedLetter is the canonical letter with where it came from.
type describedLetter struct {
	Format   brevdue.Format   `json:"format"`
	Type     brevdue.Kind     `json:"type"`
	Envelope brevdue.Envelope `json:"envelope"`
	brevdue.Letter
}

// describedReceipt is the canonical receipt with where it came from.
type describedReceipt struct {
	Format   brevdue.Format   `json:"format"`
	Type     brevdue.Kind     `json:"type"`
	Envelope brevdue.Envelope `json:"envelope"`
	brevdue.Receipt
}

// Run describes the message.
func (c DescribeCmd) Run(s *Streams) error {
	data, err := readInput(s, c.File)
	if err != nil {
		return err
	}
	o := message.Open(data)
	if c.JSON {
		err = c.printJSON(s.Out, o)
	} else {
		c.print(s.Out, o)
	}
	if err != nil {
		return err
	}
	if !o.Valid() {
		for _, f := range o.Findings {
			c.finding(s.Err, f)
		}
		return Exit(1)
	}
	return nil
}

func (c DescribeCmd) printJSON(w io.Writer, o message.Message) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if m := o.Letter; m != nil {
		for _, l := range m.Letters {
			if !c.Reveal {
				l = l.Masked()
			}
			if err := e.Encode(describedLetter{m.Format, m.Kind, m.Envelope, l}); err != nil {
				return err
			}
		}
	}
	if m := o.Binary; m != nil {
		for _, l := range m.Letters {
			if err := e.Encode(c.described(m, l)); err != nil {
				return err
			}
		}
	}
	if m := o.Receipt; m != nil {
		return e.Encode(describedReceipt{m.Format, m.Kind, m.Envelope, m.Receipt})
	}
	return nil
}

func (c DescribeCmd) print(w io.Writer, o message.Message) {
	if o.Envelope != nil {
		c.network(w, o.Envelope)
	}
	if m := o.Letter; m != nil {
		for i := range m.Letters {
			if i > 0 {
				fmt.Fprintln(w)
			}
			c.letter(w, m, &m.Letters[i])
		}
	}
	if m := o.Receipt; m != nil {
		c.receipt(w, m)
	}
	if m := o.Binary; m != nil {
		for i := range m.Letters {
			if i > 0 {
				fmt.Fprintln(w)
			}
			c.binary(w, m, &m.Letters[i])
		}
	}
	if o.Letter == nil && o.Receipt == nil && o.Binary == nil && o.Type.Label() != "" && o.Type.Format != brevdue.VANS {
		fmt.Fprintln(w, o.Type.Label())
	}
}

// line writes one labelled line; nothing when there is nothing to say.
func (c DescribeCmd) line(w io.Writer, da, en, value string) {
	if value == "" {
		return
	}
	label := c.say(da, en) + ":"
	fmt.Fprintf(w, "%s%s %s\n", label, strings.Repeat(" ", max(0, 13-utf8.RuneCountInString(label))), printable(value))
}

func (c DescribeCmd) letter(w io.Writer, m *medcom.Message, l *brevdue.Letter) {
	title := c.say("Korrespondancebrev", "Correspondence letter")
	if l.Status == brevdue.CorrectedLetter {
		title = c.say("Rettet korrespondancebrev", "Corrected correspondence letter")
	}
	fmt.Fprintf(w, "%s (%s %s)\n", title, m.Kind, l.Version)
	if m.Envelope.Test {
		fmt.Fprintln(w, c.say("TESTMEDDELELSE", "TEST MESSAGE"))
	}
	c.line(w, "Fra", "From", c.party(l.Sender))
	c.line(w, "Til", "To", c.party(l.Receiver))
	c.line(w, "Borger", "Citizen", c.patient(l.Patient))
	c.line(w, "Forløb", "Care", c.episode(l))
	c.line(w, "Emne", "Subject", l.Subject)
	c.line(w, "Prioritet", "Priority", c.priority(l.Priority))
	c.line(w, "Skrevet", "Written", c.when(l.Authorised))
	c.line(w, "Sendt", "Sent", c.sent(m, l))
	for i, a := range l.Attachments {
		c.line(w, "Bilag "+strconv.Itoa(i+1), "File "+strconv.Itoa(i+1), c.attachment(a))
	}
	for _, s := range l.Segments {
		for _, t := range s.Texts {
			fmt.Fprintln(w)
			c.text(w, t)
		}
	}
}

// text writes the lines as they stand; centred and right lines are moved, other
// formatting is left out.
func (c DescribeCmd) text(w io.Writer, t brevdue.Text) {
	const width = 70
	for _, l := range t.Lines {
		s := brevdue.Text{Lines: []brevdue.Line{l}}.String()
		pad := 0
		switch l.Align {
		case brevdue.Center:
			pad = (width - utf8.RuneCountInString(s)) / 2
		case brevdue.Right:
			pad = width - utf8.RuneCountInString(s)
		}
		fmt.Fprintln(w, strings.TrimRight("  "+strings.Repeat(" ", max(0, pad))+printable(s), " "))
	}
}

// printable keeps control characters of a letter away from the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7F && r < 0xA0 {
			return ' '
		}
		return r
	}, s)
}

func (c DescribeCmd) party(p brevdue.Party) string {
	parts := []string{}
	add := func(format, value string) {
		if value != "" {
			parts = append(parts, printable(fmt.Sprintf(format, value)))
		}
	}
	add("%s", p.Name())
	add("%s", p.Street)
	add("%s", p.Suburb)
	add("%s", strings.TrimSpace(p.PostCode+" "+p.District))
	add(c.say("tlf. %s", "phone %s"), p.Phone)
	if p.Specialty != "" && p.Specialty != "ikkeklassificeret" {
		add(c.say("speciale %s", "specialty %s"), strings.ReplaceAll(p.Specialty, "_", " "))
	}
	numbers := []string{}
	if p.GLN != "" {
		numbers = append(numbers, c.say("lokationsnummer ", "location number ")+printable(string(p.GLN)))
	}
	if p.ID != "" && p.ID != string(p.GLN) {
		numbers = append(numbers, string(p.IDCode)+" "+printable(p.ID))
	}
	return strings.TrimSpace(strings.Join(parts, ", ") + " (" + strings.Join(numbers, ", ") + ")")
}

func (c DescribeCmd) patient(p brevdue.Patient) string {
	parts := []string{p.Name()}
	number := func(id brevdue.CPR) {
		if c.Reveal {
			parts = append(parts, id.Reveal())
		} else {
			parts = append(parts, id.String())
		}
	}
	if p.CPR != "" {
		number(p.CPR)
	}
	for _, r := range p.Replacements {
		number(r.Value)
		parts[len(parts)-1] = c.say("erstatningsnummer ", "replacement number ") + parts[len(parts)-1]
	}
	for _, s := range []string{p.Street, p.Suburb, strings.TrimSpace(p.PostCode + " " + p.District), p.Occupancy} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return printable(strings.TrimPrefix(strings.Join(parts, ", "), ", "))
}

func (c DescribeCmd) episode(l *brevdue.Letter) string {
	var s string
	switch l.Patient.Episode {
	case brevdue.EpisodeInactive:
		s = c.say("ikke i et forløb", "not in care")
	case brevdue.EpisodeInpatient:
		s = c.say("indlagt", "in-patient")
	case brevdue.EpisodeOutpatient:
		s = c.say("ambulant", "out-patient")
	case brevdue.EpisodeDead:
		s = c.say("død", "deceased")
	case brevdue.EpisodeOutpatientXRay:
		s = c.say("ambulant røntgen", "out-patient X-ray")
	}
	if l.EpisodeOfCare != "" {
		s += " (" + printable(l.EpisodeOfCare) + ")"
	}
	return strings.TrimSpace(s)
}

func (c DescribeCmd) priority(p brevdue.Priority) string {
	switch p {
	case brevdue.HighPriority:
		return c.say("høj", "high")
	case brevdue.RoutinePriority:
		return c.say("rutine", "routine")
	}
	return ""
}

func (c DescribeCmd) sent(m *medcom.Message, l *brevdue.Letter) string {
	s := c.when(m.Envelope.Sent)
	s += c.say(", kuvert ", ", envelope ") + printable(m.Envelope.ID) + c.say(", brev ", ", letter ") + printable(l.ID)
	if m.Envelope.WantsReceipt {
		return s + c.say(", ønsker kvittering", ", asks for a receipt")
	}
	return s + c.say(", ønsker ikke positiv kvittering", ", asks for no positive receipt")
}

var months = [...]string{"januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"}

// when writes a local time for people; one that is not a time is shown as it is.
func (c DescribeCmd) when(t brevdue.LocalTime) string {
	at, err := time.Parse("2006-01-02T15:04", string(t))
	if err != nil {
		return printable(string(t))
	}
	if c.Lang == "en" {
		return at.Format("2 January 2006 15:04")
	}
	return fmt.Sprintf("%d. %s %d kl. %s", at.Day(), months[at.Month()-1], at.Year(), at.Format("15.04"))
}

func (c DescribeCmd) attachment(a brevdue.Attachment) string {
	s := printable(a.Description)
	switch a.Kind {
	case brevdue.LinkAttachment:
		return s + ": " + printable(a.URL)
	case brevdue.SupplementAttachment:
		return s + c.say(" (sendes på anden måde)", " (sent in another way)")
	}
	return fmt.Sprintf("%s (%s %s, %d byte, %s)", s, a.ObjectCode, a.Extension, a.Size, printable(a.ObjectID))
}

func (c DescribeCmd) receipt(w io.Writer, m *receipt.Message) {
	r := m.Receipt
	var title string
	switch r.Outcome {
	case brevdue.Positive:
		title = c.say("Positiv kvittering: modtaget", "Positive receipt: accepted")
	case brevdue.Negative:
		title = c.say("Negativ kvittering: afvist af modtageren", "Negative receipt: refused by the receiver")
	default:
		title = c.say("Negativ VANS-kvittering: kunne ikke leveres", "Negative VANS receipt: could not be delivered")
	}
	fmt.Fprintf(w, "%s (%s %s)\n", title, m.Kind, m.Version)
	c.line(w, "Fra", "From", printable(string(m.Envelope.Sender)))
	c.line(w, "Til", "To", printable(string(m.Envelope.Receiver)))
	c.line(w, "Sendt", "Sent", c.when(m.Envelope.Sent)+c.say(", kuvert ", ", envelope ")+printable(m.Envelope.ID)+c.say(", brev ", ", letter ")+printable(r.ID))
	c.line(w, "Svarer på", "Answers", c.say("kuvert ", "envelope ")+printable(r.OriginalEnvelope)+c.say(" fra ", " from ")+
		printable(string(r.OriginalSender))+c.say(" til ", " to ")+printable(string(r.OriginalReceiver)))
	c.refusal(w, r.Refusal)
	for _, l := range r.Letters {
		c.line(w, "Brev", "Letter", printable(l.ID+" "+l.Version))
		c.refusal(w, l.Refusal)
	}
}

func (c DescribeCmd) refusal(w io.Writer, r *brevdue.Refusal) {
	if r == nil {
		return
	}
	c.line(w, "Årsag", "Reason", printable(string(r.Code)))
	c.text(w, r.Text)
}

// network tells about the VANS envelope around the message.
func (c DescribeCmd) network(w io.Writer, e *vans.Envelope) {
	fmt.Fprintf(w, "%s %s %s %s %s %s\n", c.say("VANS-kuvert", "VANS envelope"), printable(e.ID),
		c.say("fra", "from"), printable(e.Sender.ID), c.say("til", "to"), printable(e.Receiver.ID))
	if r := e.Receipt; r != nil {
		answer := map[vans.ReceiptKind]string{
			vans.PositiveMessage: c.say("Kvittering: nået frem", "Receipt: it arrived"),
			vans.NegativeMessage: c.say("Kvittering: kan ikke behandles af modtageren", "Receipt: the receiver cannot handle it"),
			vans.NegativeVANS:    c.say("Kvittering: kan ikke leveres af nettet", "Receipt: the network cannot deliver it"),
		}[r.Kind]
		fmt.Fprintln(w, answer)
		c.line(w, "Svarer på", "Answers", printable(r.OriginalEnvelope))
		if r.Error != nil {
			c.line(w, "Årsag", "Reason", printable(r.Error.Description))
		}
	}
}
