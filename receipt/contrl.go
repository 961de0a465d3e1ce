package receipt

import (
	"cmp"
	"strconv"
	"strings"

	"brevdue"
	"brevdue/charset"
	"brevdue/edifact"
	"brevdue/medcom"
)

func rule(id string, s brevdue.Severity, ref, da, en string) brevdue.Rule {
	return brevdue.Rule{ID: id, Severity: s, Ref: "std:xdis91 " + ref, Text: da, TextEN: en}
}

// The rules that only an EDIFACT receipt can break.
var (
	ruleCVersion  = rule("CTL-VERSION-01", brevdue.SeverityError, "§5.3", "Kvitteringens version er ukendt.", "The receipt's version is unknown.")
	ruleCAgency   = rule("CTL-VERSION-02", brevdue.SeverityWarning, "§5.3", "Kvitteringens organ skal være ZZ.", "The receipt's agency must be ZZ.")
	ruleCMissing  = rule("CTL-SEG-01", brevdue.SeverityError, "§5.3", "%s mangler.", "%s is missing.")
	ruleCStray    = rule("CTL-SEG-02", brevdue.SeverityError, "§5.3", "%s hører ikke til her.", "%s does not belong here.")
	ruleCOnly     = rule("CTL-KIND-02", brevdue.SeverityError, "§5.3", "Der må kun være én kvittering i forsendelsen.", "There may be one receipt only in the interchange.")
	ruleCNeeds    = rule("CTL-VALUE-01", brevdue.SeverityError, "§5.3", "%s er ikke udfyldt.", "%s is not filled in.")
	ruleCLong     = rule("CTL-VALUE-02", brevdue.SeverityError, "§5.3", "%s er på %d tegn; der må højst være %d.", "%s has %d characters; at most %d are allowed.")
	ruleCAction   = rule("CTL-CODE-01", brevdue.SeverityError, "§5.3", "Handlingskoden passer ikke til kvitteringens type.", "The action code does not fit the receipt's kind.")
	ruleCRefuse   = rule("CTL-CODE-02", brevdue.SeverityError, "§5.4", "Afvisningskoden er ukendt.", "The refuse code is unknown.")
	ruleCTime     = rule("CTL-TIME-01", brevdue.SeverityError, "§2.2", "UNB har ikke en gyldig dato med klokkeslæt.", "UNB has no valid date and time.")
	ruleCAsks     = rule("CTL-ACK-01", brevdue.SeverityWarning, "§5.1", "En kvittering må ikke selv bede om kvittering; det er der set bort fra.", "A receipt must not ask for a receipt itself; that was ignored.")
	ruleCRefuses  = rule("CTL-TEXT-01", brevdue.SeverityError, "§5.6", "En positiv kvittering må ikke have en afvisning.", "A positive receipt must not hold a refusal.")
	ruleCReplaced = rule("CTL-WRITE-01", brevdue.SeverityWarning, "§2.1", "Tegnet %q kan ikke skrives og er erstattet af %q.", "The character %q cannot be written and was replaced by %q.")
	ruleCKind     = rule("CTL-VERSION-03", brevdue.SeverityWarning, "§5.3", "Kvitteringens type (UNH element 3) er ikke %s, som versionen siger.", "The receipt's type (UNH element 3) is not %s as its version says.")
	ruleCSent     = rule("CTL-WRITE-03", brevdue.SeverityError, "§2.2", "Kvitteringens tidspunkt er ikke en gyldig dato med klokkeslæt.", "The receipt's time is not a valid date and time.")
	ruleCLetters  = rule("CTL-WRITE-02", brevdue.SeverityError, "§5.3", "Kvitteringen nævner %d breve; højst 99 kan være der.", "The receipt names %d letters; at most 99 fit.")
)

var contrlRules = []brevdue.Rule{
	ruleCVersion, ruleCAgency, ruleCMissing, ruleCStray, ruleCOnly, ruleCNeeds, ruleCLong, ruleCAction, ruleCRefuse, ruleCTime, ruleCAsks,
	ruleCRefuses, ruleCReplaced, ruleCKind, ruleCSent, ruleCLetters,
}

// refuseCodes is the table of std:xdis91 §5.4.
var refuseCodes = []struct {
	code brevdue.RefuseCode
	edi  string
}{
	{brevdue.RefuseUnspecified, "NC"}, {brevdue.RefuseUnknownLocation, "LOK"}, {brevdue.RefuseReceiverID, "MID"},
	{brevdue.RefuseVersion, "VER"}, {brevdue.RefuseSyntax, "SYN"},
}

// mostLetters is how many letters a receipt can name.
const mostLetters = 99

// nearReceipt tells the century of a receipt, which has no other date to tell it
// by: 1990 to 2089.
const nearReceipt = "20391231"

// ParseRefuseCode reads a refuse code as either family writes it, the OIOXML word
// or the EDIFACT letters ("LOK"); ok is false when it is none.
func ParseRefuseCode(s string) (code brevdue.RefuseCode, ok bool) {
	for _, c := range refuseCodes {
		if string(c.code) == s || c.edi == s {
			return c.code, true
		}
	}
	return "", false
}

type contrlReader struct {
	edifact.Findings
	whole bool // reading did not break off, so what is not seen is missing
}

// value returns a component that must be there.
func (r *contrlReader) value(s *edifact.Segment, element, component int, most int) string {
	name := s.Tag + " " + strconv.Itoa(element) + "." + strconv.Itoa(component)
	v := s.Value(element, component)
	if v == "" {
		r.Say(s, element, component, ruleCNeeds, name)
	} else if n := len([]rune(v)); n > most {
		r.Say(s, element, component, ruleCLong, name, n, most)
	}
	return v
}

// readCONTRL reads an EDIFACT receipt; what can be made out of a broken one is
// in the message too.
func readCONTRL(data []byte) (Message, []brevdue.Finding) {
	ic, findings := edifact.Read(data)
	r := contrlReader{edifact.Collect(findings), ic.Whole}
	m := Message{Format: brevdue.EDIFACT}
	if h := ic.Header(); h != nil && h.Closed() {
		m.Envelope = r.envelope(h)
	}
	messages := ic.Messages()
	if len(messages) == 0 {
		return m, r.List()
	}
	if len(messages) > 1 {
		r.Say(&messages[1][0], 0, 0, ruleCOnly)
	}
	r.message(messages[0], &m)
	return m, r.List()
}

func (r *contrlReader) envelope(s *edifact.Segment) brevdue.Envelope {
	e := brevdue.Envelope{
		ID: r.value(s, 5, 1, 14), Sender: brevdue.GLN(r.value(s, 2, 1, 35)),
		Receiver: brevdue.GLN(r.value(s, 3, 1, 35)), Test: s.Value(11, 1) == "1",
	}
	at, ok := edifact.Time(s.Value(4, 1), s.Value(4, 2), nearReceipt)
	if !ok {
		r.Say(s, 4, 1, ruleCTime)
	}
	e.Sent = brevdue.LocalTime(at)
	if s.Value(9, 1) == "1" {
		r.Say(s, 9, 1, ruleCAsks)
	}
	return e
}

func (r *contrlReader) message(msg edifact.Message, m *Message) {
	unh := &msg[0]
	if !unh.Closed() {
		return // cut here; that was said
	}
	receipt := &m.Receipt
	receipt.ID = r.value(unh, 1, 1, 14)
	receipt.Version = unh.Value(2, 5)
	m.Version = receipt.Version
	for _, k := range kindOf {
		if versions[k.edi] == receipt.Version {
			m.Kind, receipt.Outcome = k.edi, k.outcome
		}
	}
	switch {
	case receipt.Outcome == "" || !unh.Is(2, 1, "CONTRL"):
		r.Say(unh, 2, 5, ruleCVersion)
	case !unh.Is(3, 1, string(m.Kind)):
		r.Say(unh, 3, 1, ruleCKind, m.Kind)
	}
	if !unh.Is(2, 4, "ZZ") {
		r.Say(unh, 2, 4, ruleCAgency)
	}
	uci := 0
	refusal := &receipt.Refusal
	for i := 1; i < len(msg); i++ {
		s := &msg[i]
		if !s.Closed() {
			break // cut here; half a number points at another letter
		}
		switch s.Tag {
		case "UCI":
			if uci++; uci > 1 || len(receipt.Letters) > 0 {
				r.Say(s, 0, 0, ruleCStray, s.Tag)
			}
			receipt.OriginalEnvelope = r.value(s, 1, 1, 14)
			receipt.OriginalSender = brevdue.GLN(r.value(s, 2, 1, 35))
			receipt.OriginalReceiver = brevdue.GLN(r.value(s, 3, 1, 35))
			r.action(s, 4, receipt.Outcome)
		case "UCM":
			receipt.Letters = append(receipt.Letters, brevdue.ReceiptLetter{
				ID: r.value(s, 1, 1, 14), Version: r.value(s, 2, 5, 7), Type: s.Value(2, 1),
			})
			r.action(s, 3, receipt.Outcome)
			refusal = &receipt.Letters[len(receipt.Letters)-1].Refusal
		case "FTX":
			from := i
			for i+1 < len(msg) && msg[i+1].Tag == "FTX" {
				i++
			}
			*refusal = r.refusal(msg[from:i+1], receipt.Outcome)
		case "UNT", "?": // the latter was reported where it was read
		default:
			r.Say(s, 0, 0, ruleCStray, s.Tag)
		}
	}
	if uci == 0 && r.whole && msg[len(msg)-1].Tag == "UNT" {
		r.Say(unh, 0, 0, ruleCMissing, "UCI")
	}
	if n := len(receipt.Letters); n > mostLetters {
		r.Say(unh, 0, 0, ruleCLetters, n)
	}
}

// action checks that UCI or UCM says what the receipt says as a whole. What an
// unknown receipt should say is not known.
func (r *contrlReader) action(s *edifact.Segment, element int, outcome brevdue.Outcome) {
	if outcome != "" && !s.Is(element, 1, actionOf(outcome)) {
		r.Say(s, element, 1, ruleCAction)
	}
}

// actionOf is the action code of UCI and UCM: 7 accepted, 4 refused.
func actionOf(outcome brevdue.Outcome) string {
	if outcome == brevdue.Positive {
		return "7"
	}
	return "4"
}

// refusal reads all FTX that follow UCI or a UCM: the reference converter reads
// only the first and loses the rest (std:xdis91 §5.6).
func (r *contrlReader) refusal(ftx []edifact.Segment, outcome brevdue.Outcome) *brevdue.Refusal {
	if outcome == brevdue.Positive {
		r.Say(&ftx[0], 0, 0, ruleCRefuses)
		return nil
	}
	out := &brevdue.Refusal{Text: medcom.ReadFTX(ftx)}
	code := ftx[0].Value(1, 1)
	for _, c := range refuseCodes {
		if c.edi == code {
			out.Code = c.code
		}
	}
	if out.Code == "" {
		out.Code = brevdue.RefuseUnspecified
		if code != "" {
			r.Say(&ftx[0], 1, 1, ruleCRefuse)
		}
	}
	return out
}

type contrlWriter struct {
	*edifact.Writer
	findings []brevdue.Finding
}

func (w *contrlWriter) value(field, v string, most int) string {
	b, _ := charset.Latin1(v) // a replacement may be longer than what it replaces
	if v == "" {
		w.findings = append(w.findings, ruleCNeeds.At(brevdue.Pos{Path: field}, field))
	} else if n := len(b); n > most {
		w.findings = append(w.findings, ruleCLong.At(brevdue.Pos{Path: field}, field, n, most))
	}
	return v
}

// encodeCONTRL writes the receipt as EDIFACT. UNB ends after its reference: a
// receipt asks for none itself.
func encodeCONTRL(m Message) ([]byte, []brevdue.Finding) {
	r := &m.Receipt
	kind := Kind(r.Outcome, brevdue.EDIFACT)
	w := contrlWriter{Writer: edifact.NewWriter(1024)}
	date, clock, ok := dateTime(m.Envelope.Sent)
	if !ok {
		return nil, []brevdue.Finding{ruleCSent.At(brevdue.Pos{Path: "envelope.sent"})}
	}
	if len(r.Letters) > mostLetters {
		return nil, []brevdue.Finding{ruleCLetters.At(brevdue.Pos{Path: "letters"}, len(r.Letters))}
	}
	action := actionOf(r.Outcome)
	w.Interchange(w.value("envelope.id", m.Envelope.ID, 14), edifact.E("UNOC", "3"),
		edifact.E(w.value("envelope.sender", string(m.Envelope.Sender), 35), "14"),
		edifact.E(w.value("envelope.receiver", string(m.Envelope.Receiver), 35), "14"),
		edifact.E(date, clock), edifact.E(m.Envelope.ID))
	w.Message(w.value("id", r.ID, 14), edifact.E("CONTRL", "D", "93A", "ZZ", versions[kind]), edifact.E(string(kind)))
	w.Segment("UCI", edifact.E(w.value("original_envelope", r.OriginalEnvelope, 14)),
		edifact.E(w.value("original_sender", string(r.OriginalSender), 35), "14"),
		edifact.E(w.value("original_receiver", string(r.OriginalReceiver), 35), "14"), edifact.E(action))
	w.refusal(r.Refusal, r.Outcome)
	for i := range r.Letters {
		l := &r.Letters[i]
		typ := l.Type
		if typ == "" {
			typ = messageType(l.Version)
		}
		w.Segment("UCM", edifact.E(w.value("letters.id", l.ID, 14)),
			edifact.E(typ, "D", "93A", "UN", w.value("letters.version", l.Version, 7)), edifact.E(action))
		w.refusal(l.Refusal, r.Outcome)
	}
	w.EndMessage()
	out := w.End()
	for _, rep := range w.Replaced {
		w.findings = append(w.findings, ruleCReplaced.At(brevdue.Pos{Path: rep.Tag}, string(rep.Rune), rep.With))
	}
	if brevdue.HasErrors(w.findings) {
		return nil, w.findings
	}
	return out, w.findings
}

// dateTime returns YYMMDD and HHMM; false when they would not read back as t.
func dateTime(t brevdue.LocalTime) (date, clock string, ok bool) {
	s := string(t)
	if len(s) != 16 {
		return "", "", false
	}
	date, clock = s[2:4]+s[5:7]+s[8:10], s[11:13]+s[14:]
	again, ok := edifact.Time(date, clock, nearReceipt)
	return date, clock, ok && again == s
}

func (w *contrlWriter) refusal(r *brevdue.Refusal, outcome brevdue.Outcome) {
	if r == nil {
		return
	}
	if outcome == brevdue.Positive {
		w.findings = append(w.findings, ruleCRefuses.At(brevdue.Pos{Path: "refusal"}))
		return
	}
	code := ""
	for _, c := range refuseCodes {
		if c.code == cmp.Or(r.Code, brevdue.RefuseUnspecified) {
			code = c.edi
		}
	}
	if code == "" {
		w.findings = append(w.findings, ruleCRefuse.At(brevdue.Pos{Path: "refusal.code"}))
		return
	}
	parts, replaced := medcom.FTXParts(r.Text)
	for _, rep := range replaced {
		w.Replaced = append(w.Replaced, edifact.Replaced{Replacement: rep, Tag: "FTX"})
	}
	if len(parts) == 0 {
		parts = [][]string{{"."}} // a code alone still needs a segment to stand in
	}
	for _, p := range parts {
		w.Segment("FTX", edifact.E(code), edifact.E("P00"), nil, p)
	}
}

// messageType is UCM 2.1 for a version code (std:xdis91 §5.3); unlisted codes
// give "Ukendt".
func messageType(version string) string {
	v, x := strings.CutPrefix(version, "X")
	prefix := ""
	if x {
		prefix = "X"
	}
	if v == "" {
		return "Ukendt"
	}
	switch first, last := v[0], v[len(v)-1]; {
	case first == 'D' && (last == 'L' || last == 'C'):
		return prefix + "MEDDIS"
	case first == 'H' && last == 'R':
		return prefix + "MEDREF"
	case first == 'R':
		return prefix + "MEDRPT"
	case first == 'Q':
		return prefix + "MEDREQ"
	case first == 'B':
		return prefix + "MEDBIN"
	}
	return "Ukendt"
}

// originalOfEDI reads from an interchange, which may be broken, what a receipt
// needs; false when envelope number or parties cannot be made out. A segment that
// was cut short is not believed: half a number points at another letter.
func originalOfEDI(data []byte) (Original, bool) {
	ic, _ := edifact.Read(data)
	h := ic.Header()
	if h == nil || !h.Closed() {
		return Original{}, false
	}
	o := Original{Format: brevdue.EDIFACT, Kind: medcom.Sniff(data).Kind, Envelope: brevdue.Envelope{
		ID: h.Value(5, 1), Sender: brevdue.GLN(h.Value(2, 1)), Receiver: brevdue.GLN(h.Value(3, 1)), WantsReceipt: h.Value(9, 1) == "1",
	}}
	var letters []brevdue.ReceiptLetter
	near := ""
	for _, msg := range ic.Messages() {
		if !msg[0].Closed() {
			break // the last, of which nothing is known
		}
		letters = append(letters, brevdue.ReceiptLetter{ID: msg[0].Value(1, 1), Version: msg[0].Value(2, 5), Type: msg[0].Value(2, 1)})
		for i := range msg {
			if v := msg[i].Value(1, 2); near == "" && msg[i].Tag == "DTM" && len(v) == 12 {
				near = v[:8]
			}
		}
	}
	o.Letters = named(letters)
	at, _ := edifact.Time(h.Value(4, 1), h.Value(4, 2), near)
	o.Envelope.Sent = brevdue.LocalTime(at)
	return o, o.quotable()
}
