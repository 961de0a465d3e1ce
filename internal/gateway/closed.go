package gateway

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
	"brevdue/kalender"
	"brevdue/medcom"
	"brevdue/sor"
)

// NoticeMark is the first line of every closed notice. It is how a notice that
// comes back is known: no format has a field that says "automatic" and survives
// the others, while the text survives all of them. It is plain ASCII, shorter than
// the shortest line a format has, and compared without case, spaces and signs.
const NoticeMark = "Automatisk svar: enheden har lukket."

// Words of the timeline for closed notices.
const (
	eventNoticed      = "noticed"       // on the letter that was answered; the detail is the notice's number
	eventNotice       = "notice"        // on the notice; the detail is the number of the letter it answers
	eventNoticeFailed = "notice-failed" // no notice could be written
)

// automatic tells whether a machine wrote the letter: one of ours, or another's
// that says so at its beginning. Only the beginning counts: a person may quote a
// notice below.
func automatic(l *brevdue.Letter) bool {
	var text strings.Builder
	for _, s := range l.Segments {
		for _, t := range s.Texts {
			text.WriteString(t.String())
			text.WriteByte('\n')
		}
	}
	begins := folded(text.String(), 40)
	for _, mark := range []string{"Automatisk svar", "Automatisk besvarelse", "Automatisk besked", "Autosvar", "Autoreply", "Automatic reply"} {
		if strings.HasPrefix(begins, folded(mark, 40)) {
			return true
		}
	}
	return false
}

// folded is the beginning of a text without case, spaces and signs.
func folded(s string, most int) string {
	var b strings.Builder
	for _, r := range s {
		if b.Len() >= most {
			break
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// answerClosed answers a letter just kept when its unit is away and wants that:
// once for each thread and day, and never an automatic letter (F63). Receipts never
// come here. The notice is an ordinary letter, queued in the same commit.
func (g *Gateway) answerClosed(ctx context.Context, tx store.Tx, u *store.Unit, l *store.Letter) error {
	today := kalender.DayOf(l.Arrived).String()
	away, err := away(ctx, tx, u.GLN, today)
	if err != nil || away == nil {
		return err
	}
	to := cmp.Or(l.Body.Sender.GLN, l.Envelope.Sender)
	if takes := g.takes(to); to == "" || to == u.GLN || automatic(&l.Body) || len(takes) > 0 && !slices.Contains(takes, brevdue.DIS91) && !slices.Contains(takes, brevdue.XDIS91) {
		return nil
	}
	thread, err := dayThread(ctx, tx, l)
	if err != nil {
		return err
	}
	first, err := tx.UnitFacts().Noticed(ctx, u.GLN, thread, today)
	if err != nil || !first {
		return err
	}
	notice, err := g.closedNotice(ctx, tx, u, l, to, *away)
	if err != nil {
		return err
	}
	if rules := unwritable(notice); rules != "" {
		g.Log.Error("a closed notice cannot be written", "unit", string(u.GLN), "letter", l.ID, "rules", rules)
		return tx.Letters().AddEvent(ctx, l.ID, store.Event{At: g.Now(), What: eventNoticeFailed, Detail: rules})
	}
	return g.queueNotice(ctx, tx, notice, l)
}

// away returns the unit's time away on the date when letters are to be answered
// with it.
func away(ctx context.Context, tx store.Tx, unit brevdue.GLN, date string) (*store.Closed, error) {
	list, err := tx.UnitFacts().Closed(ctx, unit, date)
	if err != nil {
		return nil, fmt.Errorf("times away: %w", err)
	}
	for i := range list {
		if list[i].Notice && list[i].From <= date {
			return &list[i], nil
		}
	}
	return nil, nil
}

// dayThread is the thread a letter belongs to for the one notice a day. The legacy
// formats do not say what a letter answers, so letters of a day from the same
// sender about the same citizen and subject are one thread.
func dayThread(ctx context.Context, tx store.Tx, l *store.Letter) (int64, error) {
	citizen := l.Body.Patient.Citizen()
	if citizen == "" || l.Thread != l.ID {
		return l.Thread, nil
	}
	const lately = 200 // letters of one unit about one citizen; no day has more
	rows, err := tx.Letters().OfCitizen(ctx, l.Unit, citizen, lately)
	if err != nil {
		return 0, err
	}
	day, thread := kalender.DayOf(l.Arrived), l.Thread
	for _, r := range rows {
		if r.ID == l.ID || r.Direction != store.In || kalender.DayOf(r.Arrived) != day {
			continue
		}
		other, err := tx.Letters().Get(ctx, r.ID)
		if err != nil {
			return 0, err
		}
		if other.Body.Sender.GLN == l.Body.Sender.GLN && folded(other.Body.Subject, 70) == folded(l.Body.Subject, 70) {
			thread = min(thread, other.Thread)
		}
	}
	return thread, nil
}

// closedNotice writes the notice that answers l.
func (g *Gateway) closedNotice(ctx context.Context, tx store.Tx, u *store.Unit, l *store.Letter, to brevdue.GLN, away store.Closed) (*store.Letter, error) {
	number, err := g.number(ctx, tx, store.SeriesLetter)
	if err != nil {
		return nil, err
	}
	now := g.Now()
	n := &store.Letter{Direction: store.Out, Unit: u.GLN, Status: brevdue.Queued, Sent: now, ReplyTo: l.ID, Thread: l.Thread,
		Group: l.Group, GroupOrder: l.GroupOrder, Category: l.Category}
	n.Body = brevdue.Letter{
		ID: number, StatisticalCode: "XDIS91", Authorised: local(now), Status: brevdue.NewLetter, EpisodeOfCare: l.Body.EpisodeOfCare,
		Sender: sor.Complete(u.Party(), u.Name), Receiver: sor.Answered(l.Body.Sender, to, g.entry(to)), Patient: l.Body.Patient,
		Subject:  aftale.WireSubject(cmp.Or(l.Group, l.Body.Subject, "Enheden har lukket")),
		Segments: []brevdue.Segment{{Texts: []brevdue.Text{brevdue.PlainText(noticeText(*u, away, now))}}},
	}
	if n.Body.Patient.Episode == "" {
		n.Body.Patient.Episode = brevdue.EpisodeInactive
	}
	if n.Kind, err = g.kindFor(ctx, tx, n, l); err != nil {
		return nil, err
	}
	n.Format, n.Body.Version = formatOf(n.Kind), versionOf(n.Kind)
	g.owedBy(n, u, to, now)
	return n, nil
}

// owedBy notes what the receiver of a letter of ours owes, as for letters that
// people write.
func (g *Gateway) owedBy(n *store.Letter, from *store.Unit, to brevdue.GLN, now time.Time) {
	book, e := g.Books(), g.entry(to)
	if book == nil || !e.Kind.Known() {
		return
	}
	parties := aftale.Parties{From: aftale.Who{Kind: from.Kind, Names: append(from.Called(), g.entry(from.GLN).Called()...)}, To: aftale.Who{Kind: e.Kind, Names: e.Called()}}
	if a, ok := book.At(now, parties); ok && a.Covers(from.Kind, e.Kind) {
		duty := a.Duty(aftale.DutyInput{Receiver: e.Kind, Sent: now, Arrived: now})
		n.Duty = &duty
	}
}

// noticeText says that the unit is away, for how long, and who to call.
func noticeText(u store.Unit, away store.Closed, now time.Time) string {
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	say("%s", NoticeMark)
	say("")
	period := dated(away.From)
	if away.To != away.From {
		period = fmt.Sprintf("fra %s til og med %s", dated(away.From), dated(away.To))
	}
	why := strings.TrimRight(strings.TrimSpace(away.Text), ".")
	if why != "" {
		why = ": " + why
	}
	say("%s har lukket %s%s.", u.Name, period, why)
	say("Brevet er modtaget, men det er ikke sikkert, at nogen læser det, før enheden åbner igen.")
	say("Haster det, så ring: %s", strings.TrimSpace(away.Contact))
	say("")
	say("Svaret er dannet automatisk og skal ikke besvares.")
	say("")
	say("%s", kalender.DayOf(now).Figures())
	say("%s", u.Name)
	if u.Phone != "" {
		say("Tlf. %s", u.Phone)
	}
	return strings.Join(lines, "\n")
}

// dated writes a date "2026-12-24" as "24.12.2026".
func dated(date string) string {
	d, err := kalender.ParseDay(date)
	if err != nil {
		return date
	}
	return d.Figures()
}

// unwritable names the rules that keep a letter from being written, "" when
// nothing does.
func unwritable(l *store.Letter) string {
	const number = "00000000000000"
	_, findings := medcom.Encode(medcom.Message{Kind: l.Kind, Format: l.Format, Letters: []brevdue.Letter{l.Body}, Envelope: brevdue.Envelope{
		ID: number, Sent: l.Body.Authorised, Sender: l.Body.Sender.GLN, Receiver: l.Body.Receiver.GLN, WantsReceipt: true,
	}}, l.Kind)
	var rules []string
	for _, f := range findings {
		if f.Severity == brevdue.SeverityError && !slices.Contains(rules, f.Rule) {
			rules = append(rules, f.Rule)
		}
	}
	return strings.Join(rules, ", ")
}

// queueNotice keeps a notice with the job that sends it, and says on both letters
// what happened.
func (g *Gateway) queueNotice(ctx context.Context, tx store.Tx, notice, answered *store.Letter) error {
	id, err := tx.Letters().Insert(ctx, notice)
	if err != nil {
		return fmt.Errorf("keep closed notice: %w", err)
	}
	now := notice.Sent
	if err := tx.Jobs().Add(ctx, store.Sending(id, now)); err != nil {
		return err
	}
	if err := tx.Letters().AddEvent(ctx, id, store.Event{At: now, What: eventNotice, Detail: answered.Number()}); err != nil {
		return err
	}
	if err := tx.Letters().AddEvent(ctx, answered.ID, store.Event{At: now, What: eventNoticed, Detail: store.LetterNumber(id)}); err != nil {
		return err
	}
	return g.note(ctx, tx, "letter.noticed", notice.Unit, id, "answers "+answered.Number())
}
