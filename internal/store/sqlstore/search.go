package sqlstore

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/store"
)

// A word in the index has ten characters before it: nine for the unit and one for the
// place it stands in. A search so reads the words of one unit only, however many letters
// the others have. The migrations know the number ten.
const (
	inLetter  = "w" // anywhere in the letter
	inSubject = "s"
	inOther   = "o" // in the name of the other party
	ofWay     = "d" // the direction
	ofTime    = "y" // year, month and day, in UTC
	ofWindow  = "k" // the ids around it, where the engine looks at the latest first
)

// unitMark is the unit as it stands before a word.
func unitMark(unit brevdue.GLN) string {
	sum := sha256.Sum256([]byte(unit))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:6])[:9])
}

// putWords keeps what a letter is found by. One of no unit is found by nobody.
func (l letters) putWords(v *store.Letter) error {
	if v.Unit == "" {
		return nil
	}
	words := wordsOf(v)
	if l.dialect.Words.Windows {
		words = append(words, windows(v.Unit, v.ID)...)
	}
	return l.later(l.dialect.Words.Put, v.ID, strings.Join(words, " "))
}

// wordsOf are the marked words of a letter.
func wordsOf(v *store.Letter) (out []string) {
	b := &v.Body
	unit, other := unitMark(v.Unit), b.Sender.Name()
	if v.Direction == store.Out {
		other = b.Receiver.Name()
	}
	add := func(place string, words ...string) {
		for _, w := range words {
			out = append(out, unit+place+w)
		}
	}
	whole := []string{b.Text(), b.Subject, v.Group, v.Category, b.Sender.Name(), b.Receiver.Name(), b.Patient.Name(), b.ID}
	for _, a := range b.Attachments {
		whole = append(whole, a.Description)
	}
	add(inLetter, store.Words(strings.Join(whole, "\n"))...)
	add(inSubject, store.Words(b.Subject)...)
	add(inOther, store.Words(other)...)
	add(ofWay, string(v.Direction))
	day := timeOf(v).Format("20060102")
	add(ofTime, day[:4], day[:6], day)
	return out
}

// windowBits are how many ids a window of each size has, as powers of two.
func windowBits() []int { return []int{13, 16, 19, 22} }

// windows are the words for the ids around a letter's, one of each size.
func windows(unit brevdue.GLN, id int64) (out []string) {
	for _, bits := range windowBits() {
		out = append(out, fmt.Sprint(unitMark(unit), ofWindow, bits, "x", id>>bits))
	}
	return out
}

// timeOf is the time a letter is searched by.
func timeOf(v *store.Letter) time.Time {
	if v.Direction == store.Out {
		return at(ms(v.Sent)).UTC()
	}
	return at(ms(v.Arrived)).UTC()
}

// period are the years, months and days that cover the time from one instant to another:
// at most some hundred words, whatever its length.
func period(from, to time.Time) (out []string) {
	day := from.UTC().Truncate(24 * time.Hour)
	for to = to.UTC(); day.Before(to); {
		year := time.Date(day.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC)
		month := time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		switch {
		case day.YearDay() == 1 && !year.After(to):
			out, day = append(out, day.Format("2006")), year
		case day.Day() == 1 && !month.After(to):
			out, day = append(out, day.Format("200601")), month
		default:
			out, day = append(out, day.Format("20060102")), day.AddDate(0, 0, 1)
		}
	}
	return out
}

// wanted is a search as the index of words is asked it.
func wanted(unit brevdue.GLN, q store.Search) (all []Alternatives) {
	mark := unitMark(unit)
	for _, part := range []struct{ place, text string }{{inLetter, q.Text}, {inSubject, q.Subject}, {inOther, q.Other}} {
		sought := store.Seek(part.text)
		for i, w := range sought.Words() {
			last := i == len(sought.Words())-1
			all = append(all, Alternatives{[]string{mark + part.place + w}, last && sought.Beginning()})
		}
	}
	if q.Direction != "" { // only its letters: it may come from a form
		all = append(all, Alternatives{Words: []string{mark + ofWay + strings.Join(store.Words(string(q.Direction)), "")}})
	}
	if from, to, bounded := bounds(q); bounded {
		covered := Alternatives{}
		for _, p := range period(from, to) {
			covered.Words = append(covered.Words, mark+ofTime+p)
		}
		if len(covered.Words) == 0 {
			covered.Words = []string{mark + ofTime} // nothing: the period ends before it begins
		}
		all = append(all, covered)
	}
	return all
}

// bounds are the ends of the period, an open one, or one far away, where no letters are;
// bounded is false when both are open.
func bounds(q store.Search) (from, to time.Time, bounded bool) {
	from, to = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	if q.From.After(from) {
		from = q.From
	}
	if !q.To.IsZero() && q.To.Before(to) {
		to = q.To
	}
	return from, to, !q.From.IsZero() || !q.To.IsZero()
}

// Search implements [store.Letters].
func (l letters) Search(ctx context.Context, unit brevdue.GLN, q store.Search) ([]store.Row, error) {
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	if q.Before <= 0 {
		q.Before = math.MaxInt64
	}
	if q.Citizen != "" || q.Receipt == store.ReceiptWaiting || q.Receipt == store.ReceiptRefused {
		return l.searchFew(unit, q)
	}
	return l.searchWords(unit, q)
}

// searchFew looks for letters that are few among a unit's: those of a citizen, and those
// that wait or were refused. It walks along their own index and looks for the words in
// the letters themselves: in the index of words there may be a hundred thousand.
func (l letters) searchFew(unit brevdue.GLN, q store.Search) (out []store.Row, err error) {
	where, args := "unit = ? AND status IN ('queued', 'sent', 'unconfirmed', 'rejected')", []any{string(unit)}
	if q.Citizen != "" {
		where, args = "unit = ? AND cpr = ?", append(args, q.Citizen.Reveal())
	}
	where, args = remaining(where, args, q)
	where += " AND id < ? ORDER BY id DESC LIMIT ?"
	all := wanted(unit, q)
	if len(all) == 0 {
		return l.rows(where, append(args, q.Before, q.Limit)...)
	}
	for before, more := q.Before, true; more && len(out) < q.Limit; {
		found, err := l.many("SELECT "+letterColumns+" FROM letters WHERE "+where, append(slices.Clone(args), before, hitStep)...)
		if err != nil {
			return nil, err
		}
		more = len(found) == hitStep
		var ids []int64
		for _, v := range found {
			before = v.ID
			if meets(all, wordsOf(v)) {
				ids = append(ids, v.ID)
			}
		}
		rows, err := l.byIDs(unit, ids, store.Search{})
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out[:min(len(out), q.Limit)], nil
}

// meets tells whether the words of a letter meet a query, as the index of words has it.
func meets(all []Alternatives, words []string) bool {
	for _, a := range all {
		there := slices.ContainsFunc(words, func(w string) bool {
			return slices.ContainsFunc(a.Words, func(sought string) bool { return w == sought || a.Prefix && strings.HasPrefix(w, sought) })
		})
		if !there {
			return false
		}
	}
	return true
}

// byIDs are the rows of at most hitStep letters of the unit, the newest first, as far as
// they are what is searched for.
func (l letters) byIDs(unit brevdue.GLN, ids []int64, q store.Search) ([]store.Row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := make([]any, hitStep, hitStep+5)
	for i := range args {
		args[i] = ids[min(i, len(ids)-1)]
	}
	where, args := remaining("id IN ("+marks(hitStep)+") AND unit = ?", append(args, string(unit)), q)
	rows, err := l.rows(where, args...)
	slices.SortFunc(rows, func(a, b store.Row) int { return cmp.Compare(b.ID, a.ID) })
	return rows, err
}

// hitStep is how many letters are looked up by the words at a time.
const hitStep = 64

// searchWords looks for letters by the index of words, a step at a time: nearly all that
// have the words are letters to be shown.
func (l letters) searchWords(unit brevdue.GLN, q store.Search) (out []store.Row, err error) {
	all := wanted(unit, q)
	if len(all) == 0 { // everything of the unit
		mark := unitMark(unit) + ofWay
		all = []Alternatives{{Words: []string{mark + string(store.In), mark + string(store.Out)}}}
	}
	for before, more := q.Before, true; more && len(out) < q.Limit; {
		hits, err := l.hits(unit, all, before)
		if err != nil {
			return nil, err
		}
		if more = len(hits) == hitStep; len(hits) == 0 {
			break
		}
		before = hits[len(hits)-1]
		rows, err := l.byIDs(unit, hits, q)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out[:min(len(out), q.Limit)], nil
}

// hits are the ids of the newest letters with the words and an id lower than before, at
// most hitStep. Where the engine looks at windows, they widen until there are enough.
func (l letters) hits(unit brevdue.GLN, all []Alternatives, before int64) (ids []int64, err error) {
	words := l.dialect.Words
	query := "SELECT " + words.Key + " FROM letter_words WHERE " + words.Match + " AND " + words.Key + " < ? ORDER BY " + words.Order + " LIMIT ?"
	ask := func(all []Alternatives) error {
		ids = nil
		return l.all(query, []any{words.Query(all), before, hitStep}, func(r Scanner) error {
			var id int64
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		})
	}
	if words.Windows {
		var newest int64
		if err := l.Row("SELECT coalesce(max(letter), 0) FROM letter_words", nil, &newest); err != nil {
			return nil, err
		}
		newest = min(newest, before-1)
		for _, bits := range windowBits() {
			latest := windowOf(unit, bits, newest)
			if err := ask(append(slices.Clone(all), latest)); err != nil || len(ids) == hitStep || newest>>bits <= 1 {
				return ids, err // newest>>bits <= 1: these windows hold all
			}
		}
	}
	return ids, ask(all)
}

// windowOf are the window of an id and the one before it.
func windowOf(unit brevdue.GLN, bits int, id int64) Alternatives {
	mark := fmt.Sprint(unitMark(unit), ofWindow, bits, "x")
	return Alternatives{Words: []string{fmt.Sprint(mark, id>>bits), fmt.Sprint(mark, max(0, id>>bits-1))}}
}

// remaining adds the conditions that the index of words cannot decide.
func remaining(where string, args []any, q store.Search) (string, []any) {
	where += receiptIs(q.Receipt)
	if from, to, bounded := bounds(q); bounded {
		const time = "CASE WHEN direction = 'in' THEN arrived ELSE sent END"
		where, args = where+" AND "+time+" >= ? AND "+time+" < ?", append(args, ms(from), ms(to))
	}
	return where, args
}

// receiptIs is the condition of a receipt state. Refused incoming letters are no letters
// of the unit.
func receiptIs(s store.ReceiptState) string {
	switch s {
	case store.ReceiptGiven:
		return " AND status IN ('unread', 'read', 'answered', 'filed', 'delivered')"
	case store.ReceiptWaiting:
		return " AND status IN ('queued', 'sent', 'unconfirmed')"
	case store.ReceiptRefused:
		return " AND status = 'rejected'"
	}
	return " AND status NOT IN ('refused', 'received')"
}

// Index implements [store.Letters].
func (l letters) Index(ctx context.Context, n int) (more bool, err error) {
	after, done, err := l.indexed(ctx)
	if err != nil {
		return false, err
	}
	var lack []int64
	seen := 0
	key := l.dialect.Words.Key
	// A letter whose content has gone is found by nobody.
	err = l.all("SELECT letters.id, "+key+" IS NULL AND unit <> '' AND NOT EXISTS (SELECT 1 FROM cleared WHERE cleared.letter = letters.id) FROM letters LEFT JOIN letter_words ON "+key+" = letters.id WHERE letters.id > ? ORDER BY letters.id LIMIT ?",
		[]any{after, n}, func(r Scanner) error {
			var missing bool
			seen++
			err := r.Scan(&after, &missing)
			if missing {
				lack = append(lack, after)
			}
			return err
		})
	if err != nil || seen == 0 && done {
		return false, err
	}
	for _, id := range lack {
		v, err := l.Get(ctx, id)
		if err != nil {
			return false, err
		}
		if err := l.putWords(v); err != nil {
			return false, err
		}
	}
	value := strconv.FormatInt(after, 10)
	if more = seen == n; done || !more {
		value += " all"
	}
	return more, l.Settings().Set(ctx, store.KeyIndexed, value)
}

// Indexed implements [store.Letters].
func (l letters) Indexed(ctx context.Context) (bool, error) {
	_, done, err := l.indexed(ctx)
	return done, err
}

// indexed is how far all letters can be searched, and whether there was an end once.
func (l letters) indexed(ctx context.Context) (upTo int64, done bool, err error) {
	value, err := l.Settings().Get(ctx, store.KeyIndexed)
	if errors.Is(err, brevdue.ErrNotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	number, rest, _ := strings.Cut(value, " ")
	if upTo, err = strconv.ParseInt(number, 10, 64); err != nil {
		return 0, false, fmt.Errorf("setting %s: %w", store.KeyIndexed, err)
	}
	return upTo, rest != "", nil
}
