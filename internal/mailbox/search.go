package mailbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// Wanted is what a person searches for, as it was typed.
type Wanted struct {
	// Text holds words, the number of a letter (B-000123), or that of a citizen, alone or
	// with words.
	Text           string
	Direction      store.Direction // "" for both
	Subject, Other string          // words
	Receipt        store.ReceiptState
	From, To       string // dates, "2006-01-02", both included; "" for no bound
	Before         int64  // the last letter of the page before; 0 for the newest
	Limit          int    // 0 means 25
}

// Found is what a search found, the newest first.
type Found struct {
	Units   []store.Unit // that were searched
	Hits    []Hit
	More    bool // there are older ones
	Citizen bool // it was a search for a citizen
	// Letter is the letter whose number was the text, when the person may see it.
	Letter *store.Row
	// Partial says that letters from before there was a search are still being added.
	Partial bool
	Now     time.Time
}

// Hit is a letter that was found, with what was sought marked.
type Hit struct {
	store.Row
	UnitName               string
	StateText, StateTextEN string // of a letter of one's own
	Name, From, About      []Piece
	// Where are the words around the first of those sought in the text, or else in the
	// names of the attachments; or the first line. Numbers of citizens are masked.
	Where []Piece
}

// Piece is a part of a text.
type Piece struct {
	Text   string
	Sought bool
}

// searchRows is how many hits a page has.
const searchRows = 25

// letterID reads the number of a letter as people write it: B-000123, b123.
func letterID(text string) (id int64, ok bool) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "B") && !strings.HasPrefix(text, "b") {
		return 0, false
	}
	digits := strings.TrimPrefix(text[1:], "-")
	if len(digits) == 0 || len(digits) > 12 || !allDigits(digits) {
		return 0, false
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, err == nil
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// numberAt is a number of ten digits in a text, as those of citizens are written: in one
// piece, or six and four with one character between them.
type numberAt struct {
	start, end int
	cpr        brevdue.CPR
}

// citizenNumbers finds the numbers of citizens in a composed text. Ten digits of which the
// first are no date are one as well: numbers of people without one look so.
func citizenNumbers(text string) (out []numberAt) {
	var six store.WordAt
	for w := range store.EachWord(text) {
		switch {
		case !allDigits(w.Word):
			six = store.WordAt{}
		case len(w.Word) == 10:
			out = append(out, numberAt{w.Start, w.End, brevdue.CPR(w.Word)})
		case len(w.Word) == 4 && six.Word != "" && utf8.RuneCountInString(text[six.End:w.Start]) == 1:
			out = append(out, numberAt{six.Start, w.End, brevdue.CPR(six.Word + w.Word)})
		case len(w.Word) == 6:
			six = w
			continue
		}
		six = store.WordAt{}
	}
	return out
}

// Search looks for letters of a unit, or of all the person's units when unit is "". Every
// search is in the audit log: what kind it was and what it found, never what was typed.
// Faults are about the dates.
func (b *Box) Search(ctx context.Context, p Person, unit brevdue.GLN, w Wanted) (Found, error) {
	q, err := w.query()
	if err != nil {
		return Found{}, err
	}
	f := Found{Now: b.cfg.Now(), Citizen: q.Citizen != ""}
	id, byNumber := letterID(w.Text)
	err = b.view(ctx, p, func(tx store.Tx) (err error) {
		if f.Units, err = b.searched(ctx, tx, p, unit); err != nil {
			byNumber = false // not found is the unit
			return err
		}
		if byNumber {
			f.Letter, err = b.numbered(ctx, tx, p, id)
			return err
		}
		return f.look(ctx, tx, q)
	})
	if errors.Is(err, brevdue.ErrNotFound) && byNumber {
		err = nil // no such letter, or not one of theirs
	}
	if err == nil {
		err = b.cfg.Store.Update(ctx, func(tx store.Tx) error { return b.noteSearch(ctx, tx, p, w, f) })
	}
	if err != nil {
		return Found{}, err
	}
	return f, nil
}

// query reads what was typed.
func (w Wanted) query() (store.Search, error) {
	q := store.Search{Text: w.Text, Subject: w.Subject, Other: w.Other, Direction: w.Direction, Receipt: w.Receipt, Before: w.Before, Limit: w.Limit}
	if q.Limit <= 0 {
		q.Limit = searchRows
	}
	text := store.Composed(w.Text)
	if found := citizenNumbers(text); len(found) > 0 {
		q.Citizen, q.Text = found[0].cpr, text[:found[0].start]+" "+text[found[0].end:]
	}
	var faults Faults
	day := func(field, text string) (d kalender.Day) {
		if text == "" {
			return d
		}
		d, err := kalender.ParseDay(text)
		if err != nil {
			faults = append(faults, Fault{field, "Skriv datoen som 2026-11-24.", "Write the date as 2026-11-24."})
		}
		return d
	}
	from, to := day("from", w.From), day("to", w.To)
	if len(faults) == 0 && w.From != "" && w.To != "" && to.Before(from) {
		faults = append(faults, Fault{"to", "Til-datoen ligger før fra-datoen.", "The to date is before the from date."})
	}
	if len(faults) > 0 {
		return q, faults
	}
	if w.From != "" {
		q.From = from.At(0)
	}
	if w.To != "" {
		q.To = to.Add(1).At(0)
	}
	return q, nil
}

// searched are the units that a person searches.
func (b *Box) searched(ctx context.Context, tx store.Tx, p Person, unit brevdue.GLN) ([]store.Unit, error) {
	if unit != "" {
		u, err := b.unitOf(ctx, tx, p, RightRead, unit)
		if err != nil {
			return nil, err
		}
		return []store.Unit{u}, nil
	}
	all, err := tx.Units().List(ctx)
	return slices.DeleteFunc(all, func(u store.Unit) bool { return !p.May(RightRead, u.GLN) }), err
}

// numbered finds a letter by its number in any of the person's units.
func (b *Box) numbered(ctx context.Context, tx store.Tx, p Person, id int64) (*store.Row, error) {
	l, err := tx.Letters().Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !p.May(RightRead, l.Unit) {
		return nil, &denied{unit: l.Unit, letter: id, why: "number of a letter of another unit", as: brevdue.ErrNotFound}
	}
	if _, l, err = b.letterOf(ctx, tx, p, RightRead, l.Unit, id); err != nil {
		return nil, err
	}
	return &store.Row{ID: id, Unit: l.Unit, Direction: l.Direction}, nil
}

// look searches the units one after another and keeps the newest.
func (f *Found) look(ctx context.Context, tx store.Tx, q store.Search) error {
	limit := q.Limit
	q.Limit++ // one more tells whether there is more
	names := map[brevdue.GLN]string{}
	var rows []store.Row
	for _, u := range f.Units {
		names[u.GLN] = u.Name
		found, err := tx.Letters().Search(ctx, u.GLN, q)
		if err != nil {
			return err
		}
		rows = append(rows, found...)
	}
	slices.SortFunc(rows, func(a, b store.Row) int { return cmp.Compare(b.ID, a.ID) })
	f.More = len(rows) > limit
	for _, r := range rows[:min(limit, len(rows))] {
		l, err := tx.Letters().Get(ctx, r.ID)
		if err != nil {
			return err
		}
		f.Hits = append(f.Hits, hitOf(r, l, q, names[r.Unit]))
	}
	done, err := tx.Letters().Indexed(ctx)
	f.Partial = !done
	return err
}

// noteSearch puts a search on record in each unit that was searched. What was typed may
// name a citizen and is left out.
func (b *Box) noteSearch(ctx context.Context, tx store.Tx, p Person, w Wanted, f Found) error {
	if f.Letter != nil {
		return b.note(ctx, tx, p, "search.number", f.Letter.Unit, f.Letter.ID, "")
	}
	action := "search.words"
	if f.Citizen {
		action = "search.citizen"
	} else if _, ok := letterID(w.Text); ok {
		action = "search.number"
	}
	if len(f.Units) == 0 {
		return b.note(ctx, tx, p, action, "", 0, "no unit")
	}
	for _, u := range f.Units {
		var ids []string
		for _, h := range f.Hits {
			if h.Unit == u.GLN {
				ids = append(ids, strconv.FormatInt(h.ID, 10))
			}
		}
		detail := fmt.Sprintf("%d shown", len(ids))
		if len(ids) > 0 {
			detail += ": " + strings.Join(ids, " ")
		}
		if err := b.note(ctx, tx, p, action, u.GLN, 0, detail); err != nil {
			return err
		}
	}
	return nil
}

// hitOf marks in a letter what was sought.
func hitOf(r store.Row, l *store.Letter, q store.Search, unit string) Hit {
	anywhere, subject, other := store.Seek(q.Text), store.Seek(q.Subject), store.Seek(q.Other)
	h := Hit{Row: r, UnitName: unit, Name: pieces(r.PatientName, anywhere), From: pieces(r.Other, anywhere, other), About: pieces(r.Subject, anywhere, subject)}
	if r.Direction == store.Out {
		h.StateText, h.StateTextEN = SentText(r.Status, r.Note)
	}
	h.Where = around(l.Body.Text(), anywhere)
	if h.Where == nil {
		var names []string
		for _, a := range l.Body.Attachments {
			names = append(names, a.Description)
		}
		h.Where = around(strings.Join(names, ", "), anywhere)
	}
	if h.Where == nil {
		h.Where = []Piece{{Text: maskNumbers(store.Composed(r.FirstLine))}}
	}
	return h
}

// pieces cuts a text where words that were sought begin and end.
func pieces(text string, sought ...store.Sought) (out []Piece) {
	text = store.Composed(text)
	from := 0
	for w := range store.EachWord(text) {
		if !slices.ContainsFunc(sought, func(s store.Sought) bool { return s.Has(w.Word) }) {
			continue
		}
		if w.Start > from {
			out = append(out, Piece{Text: text[from:w.Start]})
		}
		out, from = append(out, Piece{text[w.Start:w.End], true}), w.End
	}
	if from < len(text) {
		out = append(out, Piece{Text: text[from:]})
	}
	return out
}

// How many characters are shown before the first word that was sought, and in all.
const (
	leadRunes   = 50
	aroundRunes = 200
)

// around is a line of the text around the first word that was sought; nil when none
// stands in it.
func around(text string, sought store.Sought) []Piece {
	text = maskNumbers(store.Composed(oneLine(text)))
	first := -1
	for w := range store.EachWord(text) {
		if sought.Has(w.Word) {
			first = w.Start
			break
		}
	}
	if first < 0 {
		return nil
	}
	before, after := []rune(text[:first]), []rune(text[first:])
	if n := len(before); n > leadRunes {
		before = before[n-leadRunes:]
		if at := slices.Index(before, ' '); at >= 0 {
			before = before[at+1:]
		}
		before = append([]rune("… "), before...)
	}
	if room := aroundRunes - len(before); len(after) > room {
		after = append(after[:room:room], '…')
	}
	return pieces(string(before)+string(after), sought)
}

// maskNumbers masks numbers of citizens in a composed text that is shown in a list.
func maskNumbers(text string) string {
	for _, n := range slices.Backward(citizenNumbers(text)) {
		text = text[:n.start] + n.cpr.String() + text[n.end:]
	}
	return text
}
