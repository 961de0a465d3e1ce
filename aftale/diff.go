package aftale

import (
	"fmt"
	"strings"

	"brevdue"
	"brevdue/kalender"
)

// Part is a part of an agreement, as a reader of it knows them.
type Part string

// The parts, in the order in which they are read.
const (
	PartFrame      Part = "frame"      // name, source, limits
	PartParties    Part = "parties"    // AGR-101
	PartDeadlines  Part = "deadlines"  // AGR-601..607
	PartSubjects   Part = "subjects"   // AGR-405, Bilag 1
	PartNational   Part = "national"   // AGR-406
	PartStart      Part = "start"      // AGR-301..305
	PartStandards  Part = "standards"  // AGR-201
	PartPhone      Part = "phone"      // AGR-701..704
	PartAfterPhone Part = "afterphone" // AGR-801..806
	PartConsents   Part = "consents"   // AGR-901..907
	PartContent    Part = "content"    // AGR-401..404
	PartNotes      Part = "notes"
)

// Parts returns the parts in their order.
func Parts() []Part {
	return []Part{PartFrame, PartParties, PartDeadlines, PartSubjects, PartNational, PartStart, PartStandards, PartPhone, PartAfterPhone, PartConsents, PartContent, PartNotes}
}

// Between stands between the things a line says.
const Between = "; "

// Change is one line that two versions of an agreement do not share. Name says in
// Danish what the line is about, and stands in both; Before and After are what is
// said of it, "" where only one of them has the line.
type Change struct {
	Part          Part
	Name          string
	Before, After string
}

// Diff lists what is not the same in two agreements, part by part: what changed
// and what came in, in the order of the newer, then what went out. Dates and the
// version itself are left out: they are always others. A line that only moved is no change.
func Diff(from, to *Agreement) []Change {
	before, after := linesOf(from), linesOf(to)
	had := map[lineKey]string{}
	for _, l := range before {
		had[l.lineKey] = l.text
	}
	has := map[lineKey]bool{}
	for _, l := range after {
		has[l.lineKey] = true
	}
	var out []Change
	for _, part := range Parts() {
		for _, l := range after {
			if text, ok := had[l.lineKey]; l.part == part && (!ok || text != l.text) {
				out = append(out, Change{part, l.name, text, l.text})
			}
		}
		for _, l := range before {
			if l.part == part && !has[l.lineKey] {
				out = append(out, Change{part, l.name, l.text, ""})
			}
		}
	}
	return out
}

type lineKey struct {
	part Part
	name string
}

// line is one thing an agreement says.
type line struct {
	lineKey
	text string
}

type lines []line

// say adds a line. A name that stands already gets a number, so that nothing said
// twice is lost.
func (l *lines) say(part Part, name string, text ...string) {
	text = nonEmpty(text)
	if len(text) == 0 {
		return
	}
	key := lineKey{part, name}
	for n := 2; l.has(key); n++ {
		key.name = fmt.Sprintf("%s (%d)", name, n)
	}
	*l = append(*l, line{key, strings.Join(text, Between)})
}

func (l *lines) has(key lineKey) bool {
	for _, other := range *l {
		if other.lineKey == key {
			return true
		}
	}
	return false
}

func nonEmpty(all []string) []string {
	var out []string
	for _, s := range all {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// with puts words before a text that is there.
func with(words, text string) string {
	if text == "" {
		return ""
	}
	return words + " " + text
}

// count is a number where it says anything.
func count(words string, n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(words, n)
}

// linesOf is everything an agreement says, in Danish.
func linesOf(a *Agreement) lines {
	var l lines
	l.say(PartFrame, "Navn", a.Name)
	l.say(PartFrame, "Kilde", a.Source)
	l.say(PartFrame, "Lokationsnumre", count("højst %d for en kommune", a.MaxNumbers))
	l.say(PartFrame, "Ydelseskode til almen praksis", a.FeeCode)
	l.say(PartFrame, "Kontakt om aftalen", a.Contact)
	if a.OlderKind {
		l.say(PartFrame, "Ældre art", "modtagerne er ikke navngivet i SOR")
	}
	for _, p := range a.Parties {
		l.say(PartParties, p.Name, sideWord(p.Side), strings.Join(p.Units, ", "))
	}
	for _, pair := range a.Outside {
		l.say(PartParties, "Uden for aftalen: "+sideWord(pair[0])+" og "+sideWord(pair[1]), "ikke omfattet")
	}
	for i := range a.Deadlines {
		d := &a.Deadlines[i]
		l.say(PartDeadlines, d.Name+d.Citizens(), d.Reads(), closedWords(d.Closed), d.Rule, d.Paragraph)
	}
	l.say(PartDeadlines, "Vagterne begynder", Clocks(a.Shifts))
	for _, r := range a.Rows {
		var only []string
		for _, k := range r.Only {
			only = append(only, kindWord(k))
		}
		l.say(PartSubjects, r.Subject, with("kategori", r.Category), with("sendes som", a.NationalName(r.National)), with("også skrevet", strings.Join(r.Aliases, ", ")),
			with("eksempler:", strings.Join(r.Examples, ", ")), with("kun til", strings.Join(only, ", ")), with("ellers", r.Instead), with("modtager i SOR:", r.SORName), r.Note)
	}
	for _, n := range a.National {
		may := ""
		if n.Priority {
			may = "kan få prioritet"
		}
		l.say(PartNational, n.Name, n.Code, may)
	}
	for _, i := range a.Initiation {
		l.say(PartStart, i.Rule, "fra "+sideWords(i.From), "til "+sideWords(i.To), i.Text)
	}
	for _, s := range a.Standards {
		listed := ""
		if s.Listed {
			listed = "nævnt i aftalen"
		}
		l.say(PartStandards, s.Name, strings.Join(s.Codes, ", "), s.Version, with("fra", sideWord(s.From)), with("til", sideWord(s.To)), listed, with("om", s.Purpose), with("findes:", s.Where))
	}
	if p := a.Phone; p != nil {
		l.say(PartPhone, "Telefonregel", p.Rule, with("lukkedage for", kindWord(p.Receiver)), p.Paragraph)
		l.say(PartPhone, "Undtagelse", p.Exemption)
		l.say(PartPhone, "Opfølgning", p.FollowUp)
	}
	for _, r := range a.AfterPhone {
		need := "advarsel uden registrering af samtalen"
		if r.Required {
			need = "samtalen skal registreres"
		}
		l.say(PartAfterPhone, r.Rule, r.When, need)
	}
	for _, c := range a.Consents {
		weighing := ""
		if c.Weighing {
			weighing = "kræver en skrevet afvejning"
		}
		written := ""
		if c.Written {
			written = "skriftligt samtykke med dato"
		}
		l.say(PartConsents, c.Name, c.Rule, c.Law, with("formål:", string(c.Purpose)), weighing, written, count("borgeren oplyses inden for %d hverdage", c.Inform))
	}
	l.say(PartContent, "Emner i et brev", count("højst %d", a.Content.MaxSubjects))
	l.say(PartContent, "Længde", count("vejledende %d tegn", a.Content.HintLength))
	l.say(PartContent, "Underskrift", strings.Join(a.Content.Signature, ", "))
	for _, s := range a.Schemes {
		l.say(PartFrame, "Ordning: "+s.Name, s.Link)
	}
	for _, n := range a.Notes {
		l.say(PartNotes, "Note", n)
	}
	return l
}

// Reads says in Danish when the receiver reads, e.g. "hverdage kl. 8-15, afsendt
// før kl. 14.30".
func (d *Deadline) Reads() string {
	switch {
	case d.Window != nil:
		days := "hverdage"
		if d.Window.EveryDay {
			days = "alle dage"
		}
		return fmt.Sprintf("%s %s, afsendt før %s", days, kalender.Window(d.Window.From, d.Window.To), kalender.Clock(d.Window.Cutoff))
	case d.Shift:
		return "én gang i hver vagt"
	}
	if w := d.Within; w != nil {
		days := " på hverdage"
		if w.EveryDay {
			days = ""
		}
		return fmt.Sprintf("inden %d timer%s", w.Hours, days)
	}
	return fmt.Sprintf("svar normalt inden %d hverdage, vejledende", d.Answer.Days) + at(" (lukker %s)", d.Answer.Closes)
}

func at(words string, minutes int) string {
	if minutes == 0 {
		return ""
	}
	return fmt.Sprintf(words, kalender.Clock(minutes))
}

// Citizens says in Danish and in brackets which citizens a deadline is about; "" for all.
func (d *Deadline) Citizens() string {
	switch d.Services {
	case ServicesYes:
		return " (borgeren modtager ydelser)"
	case ServicesNo:
		return " (borgeren modtager ikke ydelser)"
	}
	return ""
}

func closedWords(c kalender.Closed) string {
	var days []string
	if c.Grundlovsdag {
		days = append(days, "5. juni")
	}
	if c.Juleaften {
		days = append(days, "24. december")
	}
	if c.Nytaarsaften {
		days = append(days, "31. december")
	}
	return with("lukket også", strings.Join(days, ", "))
}

// Clocks writes minutes after midnight as times: "kl. 7, kl. 15".
func Clocks(minutes []int) string {
	var out []string
	for _, m := range minutes {
		out = append(out, kalender.Clock(m))
	}
	return strings.Join(out, ", ")
}

// kindWord is a kind as the file writes it.
func kindWord(kind brevdue.UnitKind) string {
	for _, k := range kinds {
		if k.kind == kind {
			return k.word
		}
	}
	return string(kind)
}

func sideWord(side Side) string {
	for _, s := range sides {
		if s.side == side {
			return s.word
		}
	}
	return string(side)
}

func sideWords(all []Side) string {
	var out []string
	for _, s := range all {
		out = append(out, sideWord(s))
	}
	return strings.Join(out, ", ")
}
