package medcom

import (
	"strings"
	"time"
	"unicode"

	"brevdue"
)

// The rules about a letter whatever its format.
var (
	ruleEmpty       = rule("MC-EMPTY-01", brevdue.SeverityError, "§0", "Filen er tom.", "The file is empty.")
	ruleInEnvelope  = rule("MC-KIND-01", brevdue.SeverityError, "§7", "Meddelelsen ligger i en VANS-kuvert, som skal åbnes først.", "The message is in a VANS envelope, which must be opened first.")
	ruleIsReceipt   = rule("MC-KIND-02", brevdue.SeverityError, "§5", "Meddelelsen er en kvittering (%s) og ikke et brev.", "The message is a receipt (%s) and not a letter.")
	ruleOldVersion  = rule("MC-KIND-03", brevdue.SeverityError, "§10", "Korrespondancebrevet %s har version %s, som ikke modtages; afsenderen skal bruge D9134L eller XD9134L.", "The correspondence letter %s has version %s, which is not accepted; the sender must use D9134L or XD9134L.")
	ruleOtherKind   = rule("MC-KIND-04", brevdue.SeverityError, "§0.2", "Meddelelsen er af en anden type, som ikke modtages her: %s.", "The message is of another kind, which is not accepted here: %s.")
	ruleUnknownKind = rule("MC-KIND-05", brevdue.SeverityError, "§0.2", "Meddelelsen kan ikke genkendes som DIS91, XDIS91 eller en anden kendt type.", "The message is not recognised as DIS91, XDIS91 or any other known kind.")
	ruleIsBinary    = rule("MC-KIND-07", brevdue.SeverityError, "§6", "Meddelelsen er bilag til et brev (%s) og ikke selv et brev.", "The message is the attachments of a letter (%s) and not a letter itself.")
	ruleCannotWrite = rule("MC-KIND-06", brevdue.SeverityError, "§0.2", "Et korrespondancebrev kan ikke skrives som %s.", "A correspondence letter cannot be written as %s.")

	ruleCPR       = rule("MC-CPR-01", brevdue.SeverityWarning, "§1.3", "Personnummeret har en umulig dag eller måned.", "The civil registration number has an impossible day or month.")
	ruleGLN       = rule("MC-GLN-01", brevdue.SeverityWarning, "§1.3", "Lokationsnummeret har ikke 13 cifre med rigtigt kontrolciffer.", "The location number does not have 13 digits with the right check digit.")
	ruleDamaged   = rule("MC-CHAR-01", brevdue.SeverityError, "§1.3", "Nummeret indeholder et tegn, som intet nummer har: det er beskadiget undervejs. Afsenderen skal sende brevet igen.", "The number holds a character that no number has: it was damaged on its way. The sender must send the letter again.")
	ruleSOR       = rule("MC-SOR-01", brevdue.SeverityWarning, "§1.4", "SOR-koden har ikke et rigtigt kontrolciffer. Slå den op i SOR.", "The SOR code does not have the right check digit. Look it up in SOR.")
	ruleSelf      = rule("MC-PARTY-01", brevdue.SeverityWarning, "§8", "Afsender og modtager har samme lokationsnummer. Se efter, om modtageren er rigtig.", "Sender and receiver have the same location number. Check the receiver.")
	ruleGap       = rule("MC-TIME-02", brevdue.SeverityWarning, "§1.2", "Klokkeslættet findes ikke: uret blev stillet frem den nat. Det læses som en time senere.", "The time does not exist: the clock went forward that night. It is read as one hour later.")
	ruleSameFile  = rule("MC-FILE-01", brevdue.SeverityWarning, "§2.6", "To bilag i brevet har samme objekt-id. Bed afsenderen sende brevet igen.", "Two attachments of the letter have the same object identifier. Ask the sender to send the letter again.")
	ruleEpisode   = rule("MC-EPISODE-01", brevdue.SeverityInfo, "§1.3", "Forløbsnummeret er skrevet med bindestreger; standarden har dem ikke.", "The course identifier is written with hyphens; the standard has none.")
	ruleSaysNil   = rule("MC-TEXT-01", brevdue.SeverityWarning, "§1.2", "Brevet har hverken tekst eller bilag.", "The letter has neither text nor attachments.")
	ruleSameID    = rule("MC-ID-01", brevdue.SeverityWarning, "§8", "To breve i forsendelsen har samme brevnummer.", "Two letters of the message have the same letter number.")
	ruleSentFirst = rule("MC-TIME-01", brevdue.SeverityInfo, "§3", "Forsendelsen er dateret før brevet.", "The envelope is dated before the letter.")
)

var letterRules = []brevdue.Rule{
	ruleEmpty, ruleInEnvelope, ruleIsReceipt, ruleOldVersion, ruleOtherKind, ruleUnknownKind, ruleIsBinary, ruleCannotWrite,
	ruleCPR, ruleGLN, ruleDamaged, ruleEpisode, ruleSOR, ruleSelf, ruleGap, ruleSameFile, ruleSaysNil, ruleSameID, ruleSentFirst,
}

// Check returns what is remarkable about the letters whatever their format, and
// what no schema says. Only a damaged number is an error, as it names somebody else;
// legal letters break every other of these rules (std:xdis91 §1.3). [Read] has already
// included it.
func Check(m Message) []brevdue.Finding { return checkMessage(m, nil) }

// checkMessage is Check with exact places. Both decoders call it themselves.
func checkMessage(m Message, at locate) []brevdue.Finding {
	var fs []brevdue.Finding
	seen := make(map[string]bool)
	for i := range m.Letters {
		l := &m.Letters[i]
		say := func(field string, r brevdue.Rule) { fs = append(fs, r.At(m.place(i, field, at))) }
		for _, n := range [...]struct{ field, number string }{
			{"sender.gln", string(l.Sender.GLN)}, {"receiver.gln", string(l.Receiver.GLN)}, {"id", l.ID}, {"patient.cpr", l.Patient.CPR.Reveal()},
			{"sender.id", l.Sender.ID}, {"receiver.id", l.Receiver.ID},
		} {
			if damaged(n.number) || strings.HasSuffix(n.field, ".gln") && !plain(n.number) {
				say(n.field, ruleDamaged)
			}
		}
		if i == 0 && damaged(m.Envelope.ID) {
			say("envelope.id", ruleDamaged)
		}
		if l.Sender.GLN != "" && !l.Sender.GLN.Check() {
			say("sender.gln", ruleGLN)
		}
		if l.Receiver.GLN != "" && !l.Receiver.GLN.Check() {
			say("receiver.gln", ruleGLN)
		}
		if c := l.Patient.CPR; tenDigits(c.Reveal()) && !c.ValidDate() {
			say("patient.cpr", ruleCPR)
		}
		for _, p := range [...]struct {
			field string
			party *brevdue.Party
		}{{"sender.id", &l.Sender}, {"receiver.id", &l.Receiver}} {
			if p.party.IDCode == brevdue.IDSOR && p.party.ID != "" && !brevdue.SORCodeCheck(p.party.ID) {
				say(p.field, ruleSOR)
			}
		}
		if l.Sender.GLN != "" && l.Sender.GLN == l.Receiver.GLN {
			say("receiver.gln", ruleSelf)
		}
		if skipped(l.Authorised) {
			say("authorised", ruleGap)
		}
		if i == 0 && skipped(m.Envelope.Sent) {
			say("envelope.sent", ruleGap)
		}
		if sameFile(l.Attachments) {
			say("attachments", ruleSameFile)
		}
		if len(l.EpisodeOfCare) > 30 && strings.Contains(l.EpisodeOfCare, "-") {
			say("episode_of_care", ruleEpisode)
		}
		if len(l.Attachments) == 0 && strings.TrimSpace(l.Text()) == "" {
			say("segments", ruleSaysNil)
		}
		if s := m.Envelope.Sent; s != "" && len(s) == len(l.Authorised) && s < l.Authorised {
			say("authorised", ruleSentFirst)
		}
		if len(m.Letters) > 1 {
			if l.ID != "" && seen[l.ID] {
				say("id", ruleSameID)
			}
			seen[l.ID] = true
		}
	}
	return fs
}

// damaged tells whether a number holds a character that nobody types.
func damaged(number string) bool { return strings.ContainsFunc(number, unicode.IsControl) }

// plain tells whether a location number has only characters such a number can have.
// It need not have 13 digits: MedCom's own examples have other ones.
func plain(gln string) bool {
	return !strings.ContainsFunc(gln, func(r rune) bool { return r > unicode.MaxASCII })
}

// skipped tells whether a wall-clock time lies in the hour that is left out when
// the clock goes forward, on the last Sunday of March from 2 to 3.
func skipped(t brevdue.LocalTime) bool {
	s := string(t)
	if len(s) != 16 || s[5:7] != "03" || s[11:13] != "02" {
		return false
	}
	day, err := time.Parse("2006-01-02T15:04", s)
	return err == nil && day.Weekday() == time.Sunday && day.Day() > 31-7
}

// sameFile tells whether two references name the same object.
func sameFile(as []brevdue.Attachment) bool {
	if len(as) < 2 {
		return false
	}
	seen := make(map[string]bool, len(as))
	for i := range as {
		key := ObjectKey(as[i].ObjectID)
		if key != "" && seen[key] {
			return true
		}
		seen[key] = true
	}
	return false
}

// place is where a field of a letter stands, as well as it is known.
func (m *Message) place(i int, field string, at locate) brevdue.Pos {
	if at != nil {
		return at(i, field)
	}
	p := brevdue.Pos{Path: field}
	if i < len(m.LetterPos) {
		p = m.LetterPos[i]
	}
	return p
}
