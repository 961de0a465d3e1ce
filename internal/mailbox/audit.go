package mailbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/audit"
	"brevdue/internal/store"
	"brevdue/kalender"
)

// AuditRows is how many entries of the audit log a page holds.
const AuditRows = 100

// exportRows is how many entries an export reads at a time.
const exportRows = 1000

// AuditFilter is what an auditor looks for, as it was typed. The zero value is everything.
type AuditFilter struct {
	Person   string      // login, or the whole name
	Citizen  brevdue.CPR // with or without hyphen
	Letter   string      // readable number, e.g. "B-000123" or "123"
	Action   string      // one of [AuditActions]
	From, To string      // days, "2006-01-02", both included
	// BeforeAt (milliseconds) and BeforeSeq are those of the last entry seen; 0 at first.
	BeforeAt, BeforeSeq int64
}

// AuditRow is one entry with the names it stands for; a name is "" when it is not known.
type AuditRow struct {
	store.Entry
	Name     string // of the person
	UnitName string
}

// Opener is a person who has opened letters about a citizen.
type Opener struct {
	Login, Name string
	Units       []string // names of the units whose letters they were
	Times       int
	First, Last time.Time
}

// AuditView is a page of the audit log.
type AuditView struct {
	Rows []AuditRow // the newest first
	More bool
	// Letters is how many letters are about the citizen, and Openers who has opened
	// them, the last one first; none when no citizen was asked for.
	Letters int
	Openers []Opener
	People  []store.User // everybody who can be asked for, by login
	Check   ChainCheck
	Holds   []store.Hold // letters that are kept from deletion
}

// AuditActions are the acts an auditor can ask for, in the order of the page.
func AuditActions() []string {
	return []string{
		"letter.read", "letter.seen", "letter.original", "attachment.opened", "attachment.added", "attachment.removed", "phrase.added", "phrase.changed", "phrase.deleted", "letter.created", "letter.replied", "letter.forwarded", "letter.resent", "letter.withdrawn", "letter.denied",
		"letter.printout", "letter.journaled", "letter.unjournaled", "draft.begun", "draft.seen", "draft.deleted", "search.words", "search.citizen", "search.number",
		"letter.assigned", "letter.team", "letter.stage", "letter.filed", "letter.unfiled", "letter.note", "letter.note.removed", "letter.phoned", "letter.duty", "citizen.services", "citizen.letters", "task.done", "task.reopened",
		"letter.received", "letter.refused", "letter.duplicate", "letter.sent", "letter.delivered", "letter.rejected", "letter.unconfirmed", "letter.noticed", "attachments.received", "files.sent",
		"signin", "signin.failed", "signin.throttled", "signin.refused", "signin.noaccess", "session.denied", "signout", "user.added", "user.password", "user.rights", "user.disabled", "user.enabled",
		"unit.closed", "unit.facts", "unit.routes", "subject.receiver", "arrangement.added", "arrangement.ended", "arrangement.reopened", "board.wall",
		"name.proposed", "name.approved", "name.withdrawn", "name.ended",
		"agreement.imported", "agreement.proposed", "agreement.activated", "agreement.withdrawn",
		"operator.denied", "role.denied", "arrival.seen", "arrival.retried", "arrival.closed", "arrival.refused", "arrival.quarantined", "receipt.unmatched",
		"job.retried", "job.held", "job.released", "job.given-up",
		"letter.cleared", "letter.forgotten", "attachments.cleared", "drafts.cleared", "bytes.erased", "letter.held", "letter.unheld", "glass.searched", "glass.broken", "glass.seen", "glass.attachment", "glass.reviewed",
		"audit.searched", "audit.export", "audit.exported", "audit.verified", audit.ActionCut,
	}
}

// opening tells whether an act showed somebody a letter.
func opening(action string) bool {
	return slices.Contains([]string{"letter.read", "letter.seen", "letter.original", "letter.printout", "attachment.opened", "glass.seen", "glass.attachment"}, action)
}

// auditQuery is a filter understood.
type auditQuery struct {
	store.AuditQuery
	byLetter bool    // only entries about the letters
	letters  []int64 // in order
	people   []store.User
	units    map[brevdue.GLN]string
}

// AuditLog looks through the audit log, which is itself written down in it, before
// anything is shown. Others than auditors get ErrForbidden; a filter that cannot be
// understood is [Faults].
func (b *Box) AuditLog(ctx context.Context, p Person, f AuditFilter) (AuditView, error) {
	q, err := b.lookInto(ctx, p, f, "audit.searched")
	if err != nil {
		return AuditView{}, err
	}
	q.Limit = AuditRows + 1 // one more tells whether there is more
	v := AuditView{People: q.people}
	err = b.view(ctx, p, func(tx store.Tx) error {
		found, about, err := entries(ctx, tx, q)
		if err != nil {
			return err
		}
		v.More = len(found) > AuditRows
		v.Rows = q.named(found[:min(AuditRows, len(found))])
		if f.Citizen != "" {
			v.Letters, v.Openers = len(q.letters), openers(q.named(about))
		}
		if v.Holds, err = tx.Retention().Holds(ctx, 0); err != nil {
			return err
		}
		v.Check, err = chainCheck(ctx, tx)
		return err
	})
	if err != nil {
		return AuditView{}, err
	}
	return v, nil
}

// ExportAudit hands all entries a filter finds to write, page by page, the newest first.
// The log says that it began, and with how many entries and which checksum (SHA-256, hex)
// it ended. Errors as for [Box.AuditLog], and those of write.
func (b *Box) ExportAudit(ctx context.Context, p Person, f AuditFilter, write func([]AuditRow) error, sum func() string) error {
	f.BeforeAt, f.BeforeSeq = 0, 0
	q, err := b.lookInto(ctx, p, f, "audit.export")
	if err != nil {
		return err
	}
	q.Limit = exportRows
	n := 0
	for {
		var page []store.Entry
		err := b.view(ctx, p, func(tx store.Tx) (err error) {
			page, _, err = entries(ctx, tx, q)
			return err
		})
		if err != nil {
			return err
		}
		if err := write(q.named(page)); err != nil {
			return err
		}
		n += len(page)
		if len(page) < exportRows {
			break
		}
		last := page[len(page)-1]
		q.BeforeAt, q.BeforeSeq = last.At, last.Seq
	}
	return b.update(ctx, p, func(tx store.Tx) error {
		return b.note(ctx, tx, p, "audit.exported", "", 0, fmt.Sprintf("%d entries sha256 %s", n, sum()))
	})
}

// lookInto makes a filter a query and writes down that the person looks.
func (b *Box) lookInto(ctx context.Context, p Person, f AuditFilter, action string) (q auditQuery, err error) {
	var said string
	err = b.view(ctx, p, func(tx store.Tx) error {
		if err := may(p, RightAudit, ""); err != nil {
			return err
		}
		q, said, err = understand(ctx, tx, f)
		return err
	})
	if err != nil {
		return q, err
	}
	return q, b.update(ctx, p, func(tx store.Tx) error { return b.note(ctx, tx, p, action, "", 0, said) })
}

// understand makes a filter a query, and says it without what was typed: people type
// numbers of citizens into the wrong field.
func understand(ctx context.Context, tx store.Tx, f AuditFilter) (q auditQuery, said string, err error) {
	var faults Faults
	var words []string
	if q.people, err = tx.Users().List(ctx); err != nil {
		return q, "", err
	}
	units, err := tx.Units().List(ctx)
	if err != nil {
		return q, "", err
	}
	q.units = map[brevdue.GLN]string{}
	for _, u := range units {
		q.units[u.GLN] = u.Name
	}
	if name := strings.ToLower(strings.TrimSpace(f.Person)); name != "" {
		i := slices.IndexFunc(q.people, func(u store.User) bool { return u.Login == name || strings.ToLower(u.Name) == name })
		if i < 0 {
			faults = append(faults, Fault{"person", "Ingen person har det brugernavn eller navn.", "Nobody has that sign-in name or name."})
		} else {
			q.Actor = q.people[i].Login
			words = append(words, "person "+q.Actor)
		}
	}
	if f.Action != "" && !slices.Contains(AuditActions(), f.Action) {
		faults = append(faults, Fault{"action", "Vælg en handling på listen.", "Choose an act of the list."})
	} else if f.Action != "" {
		q.Action = f.Action
		words = append(words, "act "+q.Action)
	}
	day := func(field, s string) (at time.Time) {
		d, err := kalender.ParseDay(s)
		switch {
		case s == "":
		case err != nil:
			faults = append(faults, Fault{field, "Skriv en dato.", "Write a date."})
		case field == "to":
			at = d.Add(1).At(0)
			words = append(words, "to "+s)
		default:
			at = d.At(0)
			words = append(words, "from "+s)
		}
		return at
	}
	q.From, q.To = day("from", strings.TrimSpace(f.From)), day("to", strings.TrimSpace(f.To))
	about, fault, err := lettersAsked(ctx, tx, f)
	if err != nil {
		return q, "", err
	}
	if faults = append(faults, fault...); len(faults) > 0 {
		return q, "", faults
	}
	if f.Citizen != "" || strings.TrimSpace(f.Letter) != "" {
		q.byLetter, q.letters = true, about
		words = append(words, lettersSaid(f.Citizen != "", about))
	}
	if f.BeforeSeq > 0 {
		q.BeforeAt, q.BeforeSeq = time.UnixMilli(f.BeforeAt).UTC(), f.BeforeSeq
		words = append(words, fmt.Sprintf("before %d", f.BeforeSeq))
	}
	return q, cmp.Or(strings.Join(words, ", "), "everything"), nil
}

// lettersAsked are the letters a filter names: by number, by their citizen, or by both.
func lettersAsked(ctx context.Context, tx store.Tx, f AuditFilter) (ids []int64, faults Faults, err error) {
	number := strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(f.Letter)), "B-")
	var one int64
	if number != "" {
		if _, err := fmt.Sscanf(number, "%d", &one); err != nil || one <= 0 || strings.Trim(number, "0123456789") != "" || len(number) > 9 {
			faults = append(faults, Fault{"letter", "Skriv brevets nummer, fx B-000123.", "Write the letter's number, e.g. B-000123."})
		}
		ids = []int64{one}
	}
	if f.Citizen == "" {
		return ids, faults, nil
	}
	citizen := brevdue.CPR(strings.NewReplacer("-", "", " ", "").Replace(f.Citizen.Reveal()))
	if len(citizen) != 10 {
		return nil, append(faults, Fault{"cpr", "Skriv et CPR-nummer eller erstatningsnummer med 10 tegn.", "Write a CPR number or replacement number of 10 characters."}), nil
	}
	about, err := tx.Letters().AboutCitizen(ctx, citizen)
	if number != "" {
		about = slices.DeleteFunc(about, func(id int64) bool { return id != one })
	}
	slices.Sort(about)
	return about, faults, err
}

// lettersSaid is how the log says which letters were asked for: a citizen by the letters.
func lettersSaid(citizen bool, ids []int64) string {
	const most = 20
	var numbers []string
	for _, id := range ids[:min(most, len(ids))] {
		numbers = append(numbers, store.LetterNumber(id))
	}
	said := strings.Join(numbers, " ")
	if !citizen {
		return "letter " + said
	}
	return strings.TrimSpace(fmt.Sprintf("citizen of %d letters %s", len(ids), said))
}

// entries are a page of what a query finds; about is everything about its letters, when
// it is about letters.
func entries(ctx context.Context, tx store.Tx, q auditQuery) (page, about []store.Entry, err error) {
	if !q.byLetter {
		page, err = tx.Audit().Search(ctx, q.AuditQuery)
		return page, nil, err
	}
	for _, id := range q.letters {
		of, err := tx.Audit().OfLetter(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		about = append(about, of...)
	}
	newestFirst := func(x, y store.Entry) int { return cmp.Or(y.At.Compare(x.At), cmp.Compare(y.Seq, x.Seq)) }
	slices.SortFunc(about, newestFirst)
	seen := store.Entry{At: q.BeforeAt, Seq: q.BeforeSeq}
	for _, e := range about {
		if q.matches(e) && (q.BeforeSeq == 0 || newestFirst(seen, e) < 0) && len(page) < q.Limit {
			page = append(page, e)
		}
	}
	return page, about, nil
}

// matches tells whether an entry is what the query asks for, but for its letter.
func (q auditQuery) matches(e store.Entry) bool {
	return (q.Actor == "" || e.Actor == q.Actor) && (q.Action == "" || e.Action == q.Action) &&
		!e.At.Before(q.From) && (q.To.IsZero() || e.At.Before(q.To))
}

// named puts names to what entries hold.
func (q auditQuery) named(in []store.Entry) []AuditRow {
	names := map[string]string{}
	for _, u := range q.people {
		names[u.Login] = u.Name
	}
	out := make([]AuditRow, 0, len(in))
	for _, e := range in {
		out = append(out, AuditRow{Entry: e, Name: names[e.Actor], UnitName: q.units[e.Unit]})
	}
	return out
}

// openers says who has opened letters, of the newest entries first.
func openers(about []AuditRow) []Opener {
	var out []Opener
	at := map[string]int{}
	for _, e := range about {
		if !opening(e.Action) {
			continue
		}
		i, there := at[e.Actor]
		if !there {
			i = len(out)
			at[e.Actor] = i
			out = append(out, Opener{Login: e.Actor, Name: e.Name, Last: e.At})
		}
		o := &out[i]
		o.Times++
		o.First = e.At
		if unit := cmp.Or(e.UnitName, string(e.Unit)); unit != "" && !slices.Contains(o.Units, unit) {
			o.Units = append(o.Units, unit)
		}
	}
	return out
}

// keyCheck is the setting that holds how the last check of the chain went: any node may
// be asked, and a restart must not look like a chain that is whole.
const keyCheck = "audit-check"

// checkStep is how many lines of the chain are read at a time, and quietAfter after how
// long without a step a check was broken off.
const (
	checkStep  = 20_000
	quietAfter = 5 * time.Minute
)

// ChainCheck is a check of the chain of the audit log, at work or done.
type ChainCheck struct {
	By      string    `json:"by"` // login; "" when the chain was never checked
	Started time.Time `json:"started"`
	Seen    time.Time `json:"seen"` // when it was last at work
	Ended   time.Time `json:"ended,omitzero"`
	Lines   int64     `json:"lines"`           // that fit so far
	Last    int64     `json:"last"`            // number of the last line when it began
	Begins  int64     `json:"begins"`          // number of the first line there is
	Since   time.Time `json:"since,omitzero"`  // time of that line
	Broken  int64     `json:"broken"`          // number of the first line that does not fit; 0: none
	Failed  bool      `json:"failed,omitzero"` // the archive could not be read to the end
}

// Running tells whether the check is at work at now, and not broken off.
func (c ChainCheck) Running(now time.Time) bool {
	return c.By != "" && c.Ended.IsZero() && now.Sub(c.Seen) < quietAfter
}

func chainCheck(ctx context.Context, tx store.Tx) (c ChainCheck, err error) {
	return c, setting(ctx, tx, keyCheck, &c)
}

// LastCheck returns how the last check of the chain goes or went. For auditors alone:
// others get ErrForbidden.
func (b *Box) LastCheck(ctx context.Context, p Person) (c ChainCheck, err error) {
	err = b.view(ctx, p, func(tx store.Tx) (err error) {
		if err := may(p, RightAudit, ""); err != nil {
			return err
		}
		c, err = chainCheck(ctx, tx)
		return err
	})
	return c, err
}

// CheckChain begins to check the chain of the audit log and returns at once; LastCheck
// tells how it goes. ErrConflict when somebody's check is under way.
func (b *Box) CheckChain(ctx context.Context, p Person) error {
	now := b.cfg.Now()
	check := ChainCheck{By: p.Login, Started: now, Seen: now}
	var chain *audit.Chain
	err := b.update(ctx, p, func(tx store.Tx) error {
		if err := may(p, RightAudit, ""); err != nil {
			return err
		}
		was, err := chainCheck(ctx, tx)
		if err != nil {
			return err
		}
		if was.Running(now) {
			return brevdue.ErrConflict
		}
		last, err1 := tx.Audit().Last(ctx)
		oldest, err2 := tx.Audit().First(ctx)
		if chain, err = audit.Begin(ctx, tx); errors.Join(err, err1, err2) != nil {
			return errors.Join(err, err1, err2)
		}
		check.Last, check.Begins, check.Since = last.Seq, oldest.Seq, oldest.At
		return setSetting(ctx, tx, keyCheck, check)
	})
	if err != nil {
		return err
	}
	go b.walkChain(context.WithoutCancel(ctx), p, chain, check)
	return nil
}

// walkChain walks to the end of the chain; between two steps the archive is free.
func (b *Box) walkChain(ctx context.Context, p Person, chain *audit.Chain, check ChainCheck) {
	var err error
	for done := false; !done && err == nil; {
		err = b.cfg.Store.View(ctx, func(tx store.Tx) (err error) {
			done, err = chain.Step(ctx, tx, checkStep)
			return err
		})
		check.Seen, check.Lines, check.Broken = b.cfg.Now(), chain.Lines, chain.Broken
		if done || err != nil {
			check.Ended, check.Failed = check.Seen, err != nil
		}
		kept := b.cfg.Store.Update(ctx, func(tx store.Tx) error {
			if check.Ended.IsZero() {
				return setSetting(ctx, tx, keyCheck, check)
			}
			return errors.Join(setSetting(ctx, tx, keyCheck, check), b.note(ctx, tx, p, "audit.verified", "", 0, check.said()))
		})
		err = errors.Join(err, kept)
	}
	if err != nil {
		b.cfg.Log.WarnContext(ctx, "the chain of the audit log was not checked to its end", "error", err)
	}
}

// said is the outcome for the log.
func (c ChainCheck) said() string {
	switch {
	case c.Broken > 0:
		return fmt.Sprintf("line %d does not fit", c.Broken)
	case c.Failed:
		return fmt.Sprintf("broken off after %d lines", c.Lines)
	}
	return fmt.Sprintf("whole, %d lines", c.Lines)
}
