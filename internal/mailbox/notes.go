package mailbox

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"brevdue"
	"brevdue/internal/store"
)

// longestNote is how long a note may be, in characters.
const longestNote = 4000

// AddNote keeps what the person writes about a letter for their colleagues, and tells
// those it names: @ and a login or a first name. It never leaves the installation. It
// returns the note's id and how many colleagues are told. An empty or overlong note is
// [Faults]; on a letter whose content has gone it is ErrConflict: it would stay behind.
func (b *Box) AddNote(ctx context.Context, p Person, unit brevdue.GLN, id int64, text string) (note int64, told int, err error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	err = b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.wholeLetter(ctx, tx, p, RightWork, unit, id)
		if err != nil {
			return err
		}
		switch n := utf8.RuneCountInString(text); {
		case n == 0:
			return Faults{{"note", "Skriv notatet.", "Write the note."}}
		case n > longestNote:
			return Faults{{"note", "Notatet er for langt: højst 4.000 tegn.", "The note is too long: at most 4,000 characters."}}
		}
		users, err := tx.Users().List(ctx)
		if err != nil {
			return err
		}
		n := store.NewNote{Letter: l.ID, Unit: unit, User: p.ID, Name: p.Name, At: b.cfg.Now(), Text: text, Mentions: named(text, users, p, unit)}
		if note, err = tx.Notes().Add(ctx, n); err != nil {
			return err
		}
		told = len(n.Mentions)
		tx.Notify(store.TopicLetter(l.ID))
		tx.Notify(store.TopicUnit(unit))
		return b.note(ctx, tx, p, "letter.note", unit, l.ID, "")
	})
	if err != nil {
		return 0, 0, err
	}
	return note, told, nil
}

// named are the colleagues of the unit a note names: by login, or by first name when it is
// that of one or several of them. Nobody is told of their own note.
func named(text string, users []store.User, p Person, unit brevdue.GLN) (out []int64) {
	words := map[string]bool{}
	for _, part := range strings.Split(text, "@")[1:] {
		end := strings.IndexFunc(part, func(c rune) bool {
			return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("-._", c)
		})
		if end < 0 {
			end = len(part)
		}
		words[strings.ToLower(strings.TrimRight(part[:end], "-._"))] = true
	}
	for _, u := range users {
		colleague := PersonOf(u).May(RightRead, unit) && !u.Disabled && u.ID != p.ID
		if colleague && (words[strings.ToLower(u.Login)] || words[firstWord(u.Name)]) {
			out = append(out, u.ID)
		}
	}
	return out
}

func firstWord(name string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return strings.ToLower(word)
}

// RemoveNote takes a note of one's own away again.
func (b *Box) RemoveNote(ctx context.Context, p Person, unit brevdue.GLN, id, note int64) error {
	return b.update(ctx, p, func(tx store.Tx) error {
		_, l, err := b.inLetter(ctx, tx, p, RightWork, unit, id)
		if err != nil {
			return err
		}
		if err := tx.Notes().Remove(ctx, note, p.ID); err != nil {
			return err
		}
		tx.Notify(store.TopicLetter(l.ID))
		return b.note(ctx, tx, p, "letter.note.removed", unit, l.ID, "")
	})
}

// Mentions lists the notes that name the person and were not seen, in units the person
// still belongs to, the newest first.
func (b *Box) Mentions(ctx context.Context, p Person) (out []store.Mention, err error) {
	err = b.view(ctx, p, func(tx store.Tx) error {
		all, err := tx.Notes().Mentions(ctx, p.ID, 0)
		out = nil
		for _, m := range all {
			if p.In(m.Unit) {
				out = append(out, m)
			}
		}
		return err
	})
	return out, err
}

// CountMentions counts the notes that name the person and were not seen.
func (b *Box) CountMentions(ctx context.Context, p Person) (n int, err error) {
	err = b.view(ctx, p, func(tx store.Tx) (err error) {
		n, err = tx.Notes().CountMentions(ctx, p.ID)
		return err
	})
	return n, err
}
