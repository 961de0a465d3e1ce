package mailbox

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longText is where a letter is long when the agreement does not say (AGR-402), in
// characters; roundTrips is how often a thread goes to and fro before a call is the
// shorter way.
const (
	longText   = 1500
	roundTrips = 3
)

// hints are the advice on the letter as it is (AGR-206, AGR-401..404).
func (w *writing) hints() []Hint {
	var out []Hint
	say := func(when bool, h Hint) {
		if when {
			out = append(out, h)
		}
	}
	text, length, most := w.d.Text, w.long(), 2
	if w.a != nil {
		if n := w.a.Content.MaxSubjects; n > 0 {
			most = n
		}
	}
	n := utf8.RuneCountInString(strings.TrimSpace(text))
	say(n > length, Hint{Code: "length", Text: fmt.Sprintf("Brevet er langt: %d tegn.", n), TextEN: fmt.Sprintf("The letter is long: %d characters.", n),
		Why:   fmt.Sprintf("Aftalen beder om så kort tekst som muligt; over %d tegn læses et brev dårligt. Skriv det vigtigste først, eller vedlæg resten.", length),
		WhyEN: fmt.Sprintf("The agreement asks for as short a text as possible; beyond %d characters a letter reads badly. Put what matters first or attach the rest.", length)})
	say(hasLayout(text), Hint{Code: "layout", Text: "Tabeller og indrykning overføres ikke.", TextEN: "Tables and indents are not carried over.",
		Why:   "Modtageren ser ren tekst med linjeskift. Skriv hver oplysning på sin egen linje i stedet for i kolonner.",
		WhyEN: "The receiver sees plain text with line breaks. Put each piece of information on a line of its own instead of in columns."})
	if named := w.named(); len(named) > most {
		list := strings.Join(named, ", ")
		say(true, Hint{Code: "subjects", Text: fmt.Sprintf("Brevet ser ud til at handle om %d emner: %s.", len(named), list), TextEN: fmt.Sprintf("The letter seems to be about %d subjects: %s.", len(named), list),
			Why:   fmt.Sprintf("Hold dig til højst %d om ét forløb: modtageren sorterer efter emnet, og det øvrige når ikke frem til den rette. Del det i flere breve.", most),
			WhyEN: fmt.Sprintf("Keep to at most %d about one course: the receiver sorts by the subject, and the rest does not reach the right person. Divide it into several letters.", most)})
	}
	say(asksNothing(w.d.Subject, text), Hint{Code: "question", Text: "Der ser ud til at være et spørgsmål, men intet spørgsmålstegn.", TextEN: "There seems to be a question, but no question mark.",
		Why:   "Et tydeligt spørgsmål, helst på sin egen linje, får et hurtigere svar.",
		WhyEN: "A clear question, best on a line of its own, is answered sooner."})
	say(w.d.Call.Empty() && isUrgent(text), Hint{Code: "acute", Text: "Brevet er ikke til det, der haster. Ring.", TextEN: "The letter is not for what is urgent. Call.",
		Why:   "Et brev læses inden for sin læsefrist, ikke før. Det må ikke bruges i sager af akut karakter; ring, og send brevet som opfølgning.",
		WhyEN: "A letter is read within its reading deadline, not before. It must not be used for acute matters; call, and send the letter as a follow-up."})
	if s := w.mentioned(); s != nil {
		say(true, Hint{Code: "standard", Text: fmt.Sprintf("Vedrører det %s, så brug %s.", lowerFirst(s.Name), s.Code()), TextEN: fmt.Sprintf("If it is about %s, use %s.", s.Name, s.Code()),
			Why:   "Korrespondancebrevet bruges kun, når ingen anden MedCom-standard kan bære indholdet.",
			WhyEN: "The correspondence letter is used only when no other MedCom message can carry the content."})
	}
	m := w.marked()
	say(m != nil && !m.Required && w.d.Call.Empty(), Hint{Code: "call", Text: "Der er ingen samtale registreret.", TextEN: "No call is on record.",
		Why:   "Brevet følger efter en telefonsamtale. Registrér den, så begge sider kan se, hvad der blev aftalt.",
		WhyEN: "The letter follows a call. Record it so that both sides can see what was agreed."})
	if w.a != nil {
		_, basis := w.bases()
		say(w.asksHealth(basis) && w.d.Health == "no", Hint{Code: "health", Text: "Grundlaget er § 41, men modtageren handler ikke som sundhedsperson.", TextEN: "The basis is § 41, but the receiver does not act as a health person.",
			Why:   "§ 41 gælder videregivelse mellem sundhedspersoner. Til andre gælder § 43; spørg jeres jurist, hvis I er i tvivl.",
			WhyEN: "§ 41 is about disclosure between health persons. For others § 43 applies; ask your lawyer when in doubt."})
	}
	say(w.rounds >= roundTrips, Hint{Code: "rounds", Text: "Ring i stedet? " + w.rounded(), TextEN: fmt.Sprintf("Call instead? You have written to each other %d times.", w.rounds),
		Why:   "Når en tråd går mange gange frem og tilbage, er en samtale hurtigere og sikrere.",
		WhyEN: "When a thread goes to and fro many times, a call is quicker and safer."})
	return out
}

// long is the number of characters from which a letter is long.
func (w *writing) long() int {
	if w.a != nil && w.a.Content.HintLength > 0 {
		return w.a.Content.HintLength
	}
	return longText
}

// rounded says how often a thread has gone to and fro, with the number to call.
func (w *writing) rounded() string {
	s := fmt.Sprintf("I har skrevet sammen %d gange i denne tråd.", w.rounds)
	if phone := w.callPhone(); phone != "" {
		s += " Telefon " + phone + "."
	}
	return s
}

// callPhone is the receiver's number, for calling instead: the one in the letter
// answered, or the directory's.
func (w *writing) callPhone() string {
	if w.answered != nil && w.answered.Body.Sender.Phone != "" {
		return w.answered.Body.Sender.Phone
	}
	return w.to.Phone
}

// hasLayout tells whether a text leans on columns, tables or indents, which the
// receiver does not see (AGR-401).
func hasLayout(text string) bool {
	indented := 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \r\n")
		if strings.Contains(line, "\t") || strings.Contains(strings.TrimLeft(line, " "), "   ") || strings.Count(line, "|") > 1 {
			return true
		}
		if strings.HasPrefix(line, "  ") {
			indented++
		}
	}
	return indented > 1
}

// named are the agreement's subjects the letter is about: its own, and those whose
// names begin a word of the text.
func (w *writing) named() []string {
	if w.a == nil || !listed(w.a, w.unit.Kind, w.to.Kind) {
		return nil
	}
	text := " " + strings.Join(wordsOf(w.d.Text), " ")
	var out []string
	for i, r := range w.a.Rows {
		key := r.Subject
		if first, _, compound := strings.Cut(key, "-"); compound && !strings.Contains(key, " ") {
			key = first // "Visitation-kommune" is spoken of as visitation
		}
		if i == w.row.Row || strings.Contains(text, " "+strings.Join(wordsOf(key), " ")) {
			out = append(out, r.Subject)
		}
	}
	return out
}

// mentioned is a standard that goes first and that the letter speaks of; nil when
// there is none or it was chosen as the purpose already.
func (w *writing) mentioned() *StandardChoice {
	if w.a == nil {
		return nil
	}
	all, chosen := w.standards()
	text := " " + strings.Join(wordsOf(w.d.Subject+" "+w.d.Text), " ")
	for i, s := range all {
		if chosen != nil && chosen.Name == s.Name {
			continue
		}
		if strings.Contains(text, " "+strings.Join(wordsOf(s.Name), " ")) {
			return &all[i]
		}
	}
	return nil
}

// asksNothing tells whether a letter speaks like a question and has no question mark.
func asksNothing(subject, text string) bool {
	if strings.Contains(text, "?") || strings.TrimSpace(text) == "" {
		return false
	}
	if hasWord(subject, "forespørgsel", "spørgsmål") || hasWord(text, "spørgsmål", "spørger", "spørge") {
		return true
	}
	for _, sentence := range strings.FieldsFunc(text, func(r rune) bool { return r == '.' || r == '\n' || r == '!' || r == ':' }) {
		words := wordsOf(sentence)
		if len(words) < 2 {
			continue
		}
		if slices.Contains([]string{"hvad", "hvem", "hvor", "hvornår", "hvordan", "hvorfor", "hvilken", "hvilke", "hvilket"}, words[0]) ||
			slices.Contains([]string{"kan", "vil", "skal", "må", "har", "er"}, words[0]) && slices.Contains([]string{"i", "vi", "jeg", "der"}, words[1]) {
			return true
		}
	}
	return false
}

// isUrgent tells whether a text says that it is. The names of urgent wards and teams
// say no such thing.
func isUrgent(text string) bool {
	return slices.ContainsFunc(wordsOf(text), func(w string) bool {
		return slices.Contains([]string{"akut", "akutte", "straks", "omgående", "haster", "hastende"}, w)
	})
}

// hasWord tells whether one of the words stands in a text, also with an ending.
func hasWord(text string, words ...string) bool {
	for _, w := range wordsOf(text) {
		for _, s := range words {
			if strings.HasPrefix(w, s) {
				return true
			}
		}
	}
	return false
}

// wordsOf are the words of a text in small letters.
func wordsOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// lowerFirst writes a name as it stands within a sentence.
func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}
