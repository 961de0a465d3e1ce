package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"brevdue"
	"brevdue/internal/store"
	"brevdue/medcom"
)

// The cases of a letter that came before (features F4, std:xdis91 §7.4, §8):
//
//	same envelope, same letter               duplicate: the stored receipt again, byte for byte
//	new envelope, same letter and content    sent again: the same verdict, a receipt for the new envelope
//	new envelope, same number, other content refused: numbers are never reused
//	same envelope, same number, other content kept and refused, no receipt: it would contradict the first
//	same envelope, other letter              a letter of its own
//	new envelope, all before it were refused judged afresh: what was refused is not here, and its sender
//	                                         corrects it, or we do (a unit that was not known), and sends it again
type knownLetter struct {
	letter  *store.Letter    // the one that came first with this number; nil: new
	content bool             // it has the same content
	refusal *brevdue.Refusal // why the first one was refused, nil when it was accepted
	inSame  bool             // it came in an envelope with the same number
}

func (k knownLetter) same() bool { return k.letter != nil && k.content }

// known says of every letter of an envelope whether it came before.
type known struct {
	letters []knownLetter
	// answered is the receipt that was built for exactly these bytes.
	answered *store.StoredReceipt
}

// all tells whether there is nothing new in the envelope.
func (k known) all() bool {
	for _, l := range k.letters {
		if !l.same() {
			return false
		}
	}
	return true
}

func (k known) reusedInSameEnvelope() bool {
	for _, l := range k.letters {
		if l.letter != nil && !l.content && l.inSame {
			return true
		}
	}
	return false
}

// recognise asks the archive about every letter.
func (g *Gateway) recognise(ctx context.Context, tx store.Tx, a *store.Arrival, m *medcom.Message, verdicts []verdict) (known, error) {
	k := known{letters: make([]knownLetter, len(verdicts))}
	var err error
	if k.answered, err = g.answeredBefore(ctx, tx, a, m.Envelope); err != nil {
		return k, err
	}
	for i := range verdicts {
		number := verdicts[i].letter.ID
		if number == "" {
			continue // refused for lacking it; only its bytes can tell whether it is known
		}
		all, err := tx.Letters().Incoming(ctx, m.Envelope.Sender, number)
		if err != nil {
			return k, err
		}
		first := before(all, m.Envelope.ID, &verdicts[i])
		if first == nil {
			continue
		}
		same, err := sameAs(ctx, tx, first, verdicts[i].letter)
		if err != nil {
			return k, err
		}
		kl := knownLetter{letter: first, inSame: first.Envelope.ID == m.Envelope.ID, content: same}
		if !kl.content {
			// The same wrong copy once more is a duplicate, too.
			if at := slices.IndexFunc(all, func(l *store.Letter) bool { return l.Original == a.SHA }); at >= 0 {
				kl.letter, kl.content = all[at], true
			}
		}
		if kl.content && kl.letter.Status == brevdue.Refused {
			if kl.refusal, err = g.refusalOf(ctx, tx, kl.letter); err != nil {
				return k, err
			}
		}
		k.letters[i] = kl
	}
	if k.answered != nil && !k.all() {
		// Letters without a number: the bytes say that they are known.
		if err := k.takeFromArrival(ctx, tx); err != nil {
			return k, err
		}
	}
	return k, nil
}

// before returns which of the letters with the same number the new one is to be held
// against: the one that was accepted; else one that came in the same envelope; else one
// that was refused with the same content, when that is refused again. nil: none, it is
// judged as if its number were new.
func before(all []*store.Letter, envelope string, v *verdict) *store.Letter {
	looks := []func(*store.Letter) bool{
		func(l *store.Letter) bool { return l.Status != brevdue.Refused },
		func(l *store.Letter) bool { return l.Envelope.ID == envelope },
		func(l *store.Letter) bool { return v.refusal != nil && sameContent(l.Body, v.letter) },
	}
	for _, look := range looks {
		if at := slices.IndexFunc(all, look); at >= 0 {
			return all[at]
		}
	}
	return nil
}

// answeredBefore returns the receipt that was built for the very same bytes.
func (g *Gateway) answeredBefore(ctx context.Context, tx store.Tx, a *store.Arrival, e brevdue.Envelope) (*store.StoredReceipt, error) {
	stored, err := tx.Receipts().Answer(ctx, e.Sender, e.ID)
	if errors.Is(err, brevdue.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	before, err := tx.Arrivals().Get(ctx, stored.Arrival)
	if err != nil {
		return nil, err
	}
	if before.SHA != a.SHA {
		return nil, nil
	}
	return stored, nil
}

func (k *known) takeFromArrival(ctx context.Context, tx store.Tx) error {
	before, err := tx.Letters().ByArrival(ctx, k.answered.Arrival)
	if err != nil {
		return err
	}
	if len(before) != len(k.letters) {
		return nil
	}
	for i, l := range before {
		if k.letters[i].letter == nil {
			k.letters[i] = knownLetter{letter: l, content: true, inSame: true}
		}
	}
	return nil
}

// markReuse says on the first letter that a copy with the same number and other content
// came. The event holds the copy's bytes.
func (g *Gateway) markReuse(ctx context.Context, tx store.Tx, a *store.Arrival, first *store.Letter, copied int64) error {
	return tx.Letters().AddEvent(ctx, first.ID, store.Event{
		At: a.At, What: "refused", Detail: "Brevnummeret blev brugt igen til andet indhold: " + store.LetterNumber(copied), SHA: a.SHA,
	})
}

// refusalOf reads from the stored receipt why a letter was refused.
func (g *Gateway) refusalOf(ctx context.Context, tx store.Tx, l *store.Letter) (*brevdue.Refusal, error) {
	out := &brevdue.Refusal{Code: brevdue.RefuseUnspecified, Text: brevdue.PlainText(l.Note)}
	stored, err := tx.Receipts().OfLetter(ctx, l.ID)
	if err != nil {
		return nil, err
	}
	for _, s := range stored {
		if s.Direction != store.Out || !s.Kind.IsReceipt() {
			continue
		}
		data, err := tx.Originals().Get(ctx, s.SHA)
		if err != nil {
			return nil, err
		}
		if r := read(data); r.receipt != nil {
			if why, refused := refusalFor(r.receipt.Receipt, l.Body.ID); refused && why != nil && why.Code != "" {
				out.Code = why.Code
			}
		}
	}
	return out, nil
}

// duplicate handles an envelope with nothing new in it.
func (g *Gateway) duplicate(ctx context.Context, tx store.Tx, a *store.Arrival, r *reading, k known) error {
	a.State = store.ArrivalDuplicate
	a.Reason = "Kendt i forvejen: " + store.LetterNumber(k.letters[0].letter.ID) + "."
	for _, l := range k.letters {
		if err := g.noteDuplicate(ctx, tx, a, l.letter); err != nil {
			return err
		}
	}
	if k.answered != nil {
		return g.repeat(ctx, tx, k.answered)
	}
	stored, err := answerTo(ctx, tx, k.letters[0].letter.ID, r.message.Envelope.ID)
	if err != nil {
		return err
	}
	if stored != nil {
		return g.repeat(ctx, tx, stored)
	}
	result := outcome{letters: make([]*brevdue.Refusal, len(k.letters))}
	ids := make([]int64, len(k.letters))
	for i, l := range k.letters {
		if l.inSame {
			return nil // the first asked for none, and got none
		}
		ids[i], result.letters[i] = l.letter.ID, l.refusal
	}
	_, err = g.answer(ctx, tx, a, r, result, ids...)
	return err
}

// answerTo returns the receipt that was built for the letter in that envelope.
func answerTo(ctx context.Context, tx store.Tx, letter int64, envelope string) (*store.StoredReceipt, error) {
	stored, err := tx.Receipts().OfLetter(ctx, letter)
	if err != nil {
		return nil, err
	}
	for _, s := range stored {
		if s.Direction == store.Out && s.Original == envelope && s.Kind.IsReceipt() {
			return s, nil
		}
	}
	return nil, nil
}

func (g *Gateway) noteDuplicate(ctx context.Context, tx store.Tx, a *store.Arrival, l *store.Letter) error {
	err := tx.Letters().AddEvent(ctx, l.ID, store.Event{At: a.At, What: "duplicate", Detail: string(a.Kind) + " · Kuvert " + a.Envelope, SHA: a.SHA})
	if err != nil {
		return err
	}
	switch _, err := tx.Retention().Cleared(ctx, l.ID); {
	case err == nil: // the content has gone, so the copy goes, too
		err = tx.Retention().Mark(ctx, a.SHA)
		if err != nil {
			return err
		}
	case !isNotFound(err):
		return err
	}
	return g.note(ctx, tx, "letter.duplicate", l.Unit, l.ID, fmt.Sprintf("arrival %d", a.ID))
}

// Print tells letters apart that say different things: the hash of what [sameContent]
// compares. It is kept of a letter whose content has gone.
func Print(l brevdue.Letter) string {
	data, err := json.Marshal(essence(l))
	if err != nil { // a letter is plain data
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// sameAs tells whether a letter says what the one in the archive says, or said before its
// content went.
func sameAs(ctx context.Context, tx store.Tx, kept *store.Letter, l brevdue.Letter) (bool, error) {
	gone, err := tx.Retention().Cleared(ctx, kept.ID)
	if isNotFound(err) {
		return sameContent(kept.Body, l), nil
	}
	return err == nil && gone.Print != "" && gone.Print == Print(l), err
}

// sameContent tells whether two letters with the same number say the same. What
// a conversion on the way may change (version code, statistics, specialty code,
// the "_" for an absent name) is not content.
func sameContent(a, b brevdue.Letter) bool {
	x, errX := json.Marshal(essence(a))
	y, errY := json.Marshal(essence(b))
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func essence(l brevdue.Letter) brevdue.Letter {
	l.Version, l.StatisticalCode = "", ""
	l.Sender, l.Receiver = plainParty(l.Sender), plainParty(l.Receiver)
	segments := make([]brevdue.Segment, len(l.Segments))
	for i, s := range l.Segments {
		texts := make([]brevdue.Text, len(s.Texts))
		for j, t := range s.Texts {
			texts[j] = t.Normalise()
		}
		s.Texts = texts
		segments[i] = s
	}
	l.Segments = segments
	return l
}

func plainParty(p brevdue.Party) brevdue.Party {
	p.Specialty = ""
	for _, s := range []*string{&p.Organisation, &p.Department, &p.Unit} {
		if *s == "_" {
			*s = ""
		}
	}
	return p
}
