package mailbox

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// Limits of a unit's own texts in characters.
const (
	maxPhraseName = 60
	maxPhraseText = 4000
)

// PhraseFields are the fields a text of a unit may have, as they are written in it.
func PhraseFields() []string {
	return []string{"{borger}", "{modtager}", "{dato}", "{enhed}", "{telefon}"}
}

// field is how a field stands in a text.
var field = regexp.MustCompile(`\{\p{L}+\}`)

// FillPhrase puts the values of fields, by their names without braces, in their places; one
// without a value stays as it is, for the writer to see.
func FillPhrase(text string, values map[string]string) string {
	return field.ReplaceAllStringFunc(text, func(f string) string {
		if v := values[strings.Trim(f, "{}")]; v != "" {
			return v
		}
		return f
	})
}

// Phrases lists the unit's texts (Tekstskabeloner) by name.
func (b *Box) Phrases(ctx context.Context, p Person, unit brevdue.GLN) (out []store.Phrase, err error) {
	err = b.view(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightLead, unit); err != nil {
			return err
		}
		out, err = tx.UnitFacts().Phrases(ctx, unit)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// SavePhrase keeps a text of the unit: a new one when its ID is 0, else the change of one.
// What is wrong is Faults in the fields "name" and "text".
func (b *Box) SavePhrase(ctx context.Context, p Person, unit brevdue.GLN, v store.Phrase) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightLead, unit); err != nil {
			return err
		}
		v := store.Phrase{ID: v.ID, Unit: unit, Name: oneLine(v.Name), Text: strings.TrimSpace(strings.ReplaceAll(v.Text, "\r\n", "\n")), By: p.Name, At: b.cfg.Now()}
		there, err := tx.UnitFacts().Phrases(ctx, unit)
		if err != nil {
			return err
		}
		if err := checkPhrase(v, there); err != nil {
			return err
		}
		action := "phrase.changed"
		if v.ID == 0 {
			action = "phrase.added"
		}
		if v.ID, err = tx.UnitFacts().PutPhrase(ctx, v); err != nil {
			return err
		}
		return b.note(ctx, tx, p, action, unit, 0, fmt.Sprint(v.ID))
	})
}

func checkPhrase(v store.Phrase, there []store.Phrase) error {
	var j judge
	switch {
	case v.Name == "":
		j.say("name", "Giv teksten et navn at finde den ved.", "Give the text a name to find it by.")
	case holdsCPR(v.Name):
		j.say("name", "Skriv ikke CPR-nummer i navnet.", "Do not write a CPR number in the name.")
	case slices.ContainsFunc(there, func(o store.Phrase) bool { return o.ID != v.ID && strings.EqualFold(o.Name, v.Name) }):
		j.say("name", "Enheden har allerede en tekst med det navn.", "The unit already has a text with that name.")
	}
	j.length("name", "Navnet", "The name", v.Name, maxPhraseName)
	if v.Text == "" {
		j.say("text", "Skriv teksten.", "Write the text.")
	}
	j.length("text", "Teksten", "The text", v.Text, maxPhraseText)
	j.readable(v.Text)
	if holdsCPR(v.Text) {
		j.say("text", "Skriv ikke CPR-nummer i en skabelon: den bruges til flere borgere.", "Do not write a CPR number in a template: it is used for several citizens.")
	}
	for _, f := range field.FindAllString(v.Text, -1) {
		if !slices.Contains(PhraseFields(), f) {
			list := strings.Join(PhraseFields(), ", ")
			j.say("text", fmt.Sprintf("Feltet %s findes ikke. Brug et af disse: %s.", f, list), fmt.Sprintf("There is no field %s. Use one of these: %s.", f, list))
			break
		}
	}
	return j.err()
}

// DeletePhrase throws a text of the unit away; the token takes that back ([Box.Undo]).
func (b *Box) DeletePhrase(ctx context.Context, p Person, unit brevdue.GLN, id int64) (undo string, err error) {
	err = b.update(ctx, p, func(tx store.Tx) error {
		if _, err := b.unitOf(ctx, tx, p, RightLead, unit); err != nil {
			return err
		}
		there, err := tx.UnitFacts().Phrases(ctx, unit)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(there, func(v store.Phrase) bool { return v.ID == id })
		if i < 0 {
			return brevdue.ErrNotFound
		}
		if err := tx.UnitFacts().DeletePhrase(ctx, unit, id); err != nil {
			return err
		}
		if undo, err = b.remember(ctx, tx, p, unit, undoPhrase, there[i]); err != nil {
			return err
		}
		return b.note(ctx, tx, p, "phrase.deleted", unit, 0, fmt.Sprint(id))
	})
	if err != nil {
		return "", err
	}
	return undo, nil
}

// phraseBack undoes that a text was thrown away.
func (b *Box) phraseBack(ctx context.Context, tx store.Tx, p Person, u undo) error {
	var v store.Phrase
	if err := json.Unmarshal(u.Data, &v); err != nil {
		return err
	}
	v.ID = 0
	_, err := tx.UnitFacts().PutPhrase(ctx, v)
	return err
}

// phraseValues are what the fields of a text stand for in this letter.
func (w *writing) phraseValues() map[string]string {
	patient := brevdue.Patient{Given: oneLine(w.d.Given), Surname: oneLine(w.d.Surname)}
	switch {
	case w.answered != nil:
		patient = w.answered.Body.Patient
	case w.forwarded != nil:
		patient = w.forwarded.Letter.Body.Patient
	}
	receiver := w.to.Name
	if receiver == "" && w.answered != nil {
		receiver = w.answered.Body.Sender.Name()
	}
	return map[string]string{"borger": patient.Name(), "modtager": receiver, "dato": kalender.DayOf(w.now).Figures(), "enhed": w.unit.Name, "telefon": oneLine(w.d.Phone)}
}

// judgeFields refuses a text in which a field of a template was not filled.
func (w *writing) judgeFields(j *judge) {
	left := map[string]bool{}
	for _, f := range field.FindAllString(w.d.Text, -1) {
		if slices.Contains(PhraseFields(), f) {
			left[f] = true
		}
	}
	if len(left) > 0 {
		list := strings.Join(slices.Sorted(maps.Keys(left)), ", ")
		j.say("text", "Teksten har felter, der ikke er udfyldt: "+list+". Skriv i stedet, hvad der skal stå.", "The text has fields that are not filled in: "+list+". Write what should stand there instead.")
	}
}
