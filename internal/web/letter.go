package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/internal/web/text"
)

// letterPage shows one letter whole: received, sent or refused.
type letterPage struct {
	frame
	BackPath, BackLabel     string
	ReadNote, LateTransport string
	Refusal                 *refusal
	Over, Heading, Category string
	Chip                    chip
	Rule                    string
	Steps                   []string // how the deadline comes about
	High                    bool
	Patient                 patientView
	Sender, Receiver        partyView
	Parts                   []partView
	Attachments             []attachmentView
	Findings                []findingView
	Thread                  []strandView // the whole thread, oldest first; none for a letter alone
	Trust                   *trustView   // on a received letter: whether its sender is proved
	Beside                  *besideView  // other letters about the citizen
	Timeline                []eventView
	Walk                    []stepView // the letter's way as a line
	Readers                 []readerView
	Receipts                []receiptView
	Mini                    []pair
	ReplyPath, OriginalPath string
	Work                    *workView     // on a received letter: who has it, and its team
	Services                *servicesView // on a municipal health unit's
	Resend                  *resendView   // on a letter of the unit's own that did not get through
	Desk                    *deskView     // on a received letter: stage, notes, who else is there
	OpenPath                string        // of a letter that is only looked into: where it is opened
	Cleared                 string        // when and by which rule the content went; "" while it is there
	Held                    string        // that somebody keeps it from deletion
	Kept                    []pair        // on a letter of the unit's own: what is kept here and was not sent
	Journal                 *journalView  // on a letter of the unit: the hand-over to the record
	Printed                 string        // on paper only: when and by whom it was printed
	PDFPath, ForwardPath    string
	PhonePath               string // on a received letter: where a call about it is recorded
}

type refusal struct{ Title, Text string }

type pair struct{ Name, Value string }

type patientView struct {
	Name, Episode, Address string
	Numbers                []string
}

type partyView struct{ Name, Under, Specialty, Phone, Tel, GLN string }

type partView struct {
	Head  string
	Lines []brevdue.Line
}

type attachmentView struct{ Name, Detail, Link, Path, ShowPath, State, Tone string }

type findingView struct{ Tone, Icon, Severity, Text, Where string }

type eventView struct{ Tone, When, What, Who, Detail string }

type readerView struct{ Who, When string }

type receiptView struct{ Tone, Icon, Text, Detail string }

// letterPage opens a received letter, which reads it for the unit. A browser
// that only fetches ahead, or asks for headers, has not read anything.
func (wb *Workbench) letterPage(v *visit) error {
	if v.fetchedAhead() {
		return nil
	}
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	return wb.showLetter(v, unit, id, tried{}, nil)
}

// fetchedAhead answers a browser that only fetches ahead, or asks for headers, with
// nothing: it must not read a letter.
func (v *visit) fetchedAhead() bool {
	ahead := v.r.Method == http.MethodHead || strings.Contains(v.r.Header.Get("Sec-Purpose")+v.r.Header.Get("Purpose"), "prefetch")
	if ahead {
		v.w.WriteHeader(http.StatusNoContent)
	}
	return ahead
}

// tried is what was sent from the page of a letter and is shown again with its faults.
type tried struct{ note, number string }

// showLetter opens a received letter, with what was tried and what is wrong with it, if
// anything.
func (wb *Workbench) showLetter(v *visit, unit store.Unit, id int64, was tried, faults mailbox.Faults) error {
	o, err := wb.cfg.Box.Open(v.ctx(), *v.person, unit.GLN, id)
	if err != nil {
		return err
	}
	c := wb.clock(v)
	p := wb.letterView(c, o)
	if p.frame, err = wb.unitFrame(v, unit, faultHeading(v, p.Heading, faults)); err != nil {
		return err
	}
	p.Faults = fieldFaults(v, faults)
	p.Desk = &deskView{Path: letterPath(unit.GLN, store.In, id), May: p.May.Work, Filed: o.Letter.Status == brevdue.Filed, Notes: notesOf(c, *v.person, o.Notes), Note: was.note}
	p.Desk.Fault = p.FaultOf("note")
	for _, s := range stages() {
		p.Desk.Stages = append(p.Desk.Stages, choice{Value: s.word, Label: v.words.T(s.key), Selected: s.stage == o.Letter.Stage})
	}
	p.BackPath, p.BackLabel = p.UnitPath+"/indbakke", v.words.T("letter.backinbox")
	here := letterPath(unit.GLN, store.In, id)
	if o.Cleared == nil {
		p.OriginalPath = here + "/original"
	}
	if p.May.Work {
		p.PhonePath = here + "/telefon"
	}
	if o.CanReply && p.May.Send {
		p.ReplyPath = here + "/svar"
	}
	if err := wb.addAround(v, &p, o); err != nil {
		return err
	}
	wb.addWork(v, &p, o)
	wb.addJournal(v, &p, o, was.number)
	if o.FirstRead {
		p.ReadNote = v.words.T("letter.readnow", unit.Name, c.at(o.Letter.ReadAt))
	}
	return wb.render(v, statusOf(faults), "letter", p)
}

// deskView is what people of the unit do with a letter besides answering it.
type deskView struct {
	Path   string
	May    bool // false: it is shown and not changed
	Filed  bool
	Stages []choice
	Notes  []noteView
	Note   string // one that was written and not kept
	Fault  *fault // what is wrong with it
}

// letterView makes everything that is the same for a letter from here and there.
func (wb *Workbench) letterView(c clock, o mailbox.Opened) letterPage {
	l, w := o.Letter, c.words
	p := letterPage{LateTransport: inLang(w, o.LateTransport, o.LateTransportEN), Heading: l.Body.Subject, Category: l.Category, High: l.Body.Priority == brevdue.HighPriority}
	if p.Heading == "" {
		p.Heading = w.T("letter.nosubject")
	}
	d := deadline{ReadAt: l.ReadAt, ReadBy: l.ReadBy, Read: !l.ReadAt.IsZero()}
	if l.Duty != nil {
		d.Due, d.Expected, d.Soft = l.Duty.Due, l.Duty.Expected, l.Duty.Soft
		p.Rule, p.Steps = inLang(w, l.Duty.Sentence, l.Duty.SentenceEN), steps(w, o.Steps)
	}
	p.Chip = c.chip(d)
	p.Over = w.T("letter.over", l.Number(), c.when(l.Arrived))
	p.Patient = patientOf(w, l.Body.Patient)
	p.Sender, p.Receiver = partyOf(l.Body.Sender), partyOf(l.Body.Receiver)
	if l.Direction == store.In && o.Unit.Name != "" {
		p.Receiver.Name, p.Receiver.Under = w.T("letter.us", o.Unit.Name), ""
	}
	p.Parts = parts(c, l.Body)
	p.Attachments = attachments(c, o)
	p.Findings = findings(w, l.Findings)
	p.Walk = walkOf(c, o)
	p.Timeline = timeline(c, o.Events)
	for _, r := range o.Readers {
		p.Readers = append(p.Readers, readerView{r.Name, c.when(r.At)})
	}
	for _, r := range o.Receipts {
		p.Receipts = append(p.Receipts, receiptOf(c, r))
	}
	p.Mini = details(c, l)
	if before, all := position(o); all > 1 {
		p.Mini = append(p.Mini, pair{w.T("mini.position"), w.T("letter.position", before+1, all)})
	}
	if o.Cleared != nil {
		p.Cleared = w.N("letter.cleared", o.Cleared.Days, c.when(o.Cleared.At))
		p.OriginalPath, p.Services, p.Attachments, p.Findings = "", nil, nil, nil
	}
	if o.Hold != nil {
		p.Held = w.T("letter.held", o.Hold.By, c.when(o.Hold.At), o.Hold.Reason)
	}
	return p
}

// position counts the letters of the thread that came before this one, and all.
func position(o mailbox.Opened) (before, all int) {
	for _, r := range o.Thread {
		if r.ID < o.Letter.ID {
			before++
		}
	}
	return before, len(o.Thread) + 1
}

// rowLine is the first line of a letter, or that its content has gone.
func rowLine(w *text.Words, r store.Row) string {
	if r.PatientName == "" && r.CPR == "" && r.FirstLine == "" {
		return w.T("letter.clearedrow")
	}
	return r.FirstLine
}

func rowTime(r store.Row) time.Time {
	if r.Direction == store.In {
		return r.Arrived
	}
	return r.Sent
}

// patientOf shows the citizen with the whole number; mailbox has put the showing
// on record (F73).
func patientOf(w *text.Words, p brevdue.Patient) patientView {
	out := patientView{Name: p.Name()}
	if p.CPR != "" {
		out.Numbers = append(out.Numbers, hyphened(p.CPR))
	}
	for _, r := range p.Replacements {
		out.Numbers = append(out.Numbers, w.T("letter.replacement", hyphened(r.Value)))
	}
	if len(out.Numbers) == 0 {
		out.Numbers = []string{w.T("letter.nonumber")}
	}
	if p.Episode != "" && w.Has("episode."+string(p.Episode)) {
		out.Episode = w.T("episode." + string(p.Episode))
	}
	out.Address = join(", ", p.Street, p.Suburb, strings.TrimSpace(p.PostCode+" "+p.District))
	return out
}

// hyphened writes a whole number as people do: 010190-1234.
func hyphened(c brevdue.CPR) string {
	s := c.Reveal()
	if len(s) != 10 {
		return s
	}
	return s[:6] + "-" + s[6:]
}

func join(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" && p != "_" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}

func partyOf(p brevdue.Party) partyView {
	out := partyView{Name: p.Organisation, Under: join(", ", p.Department, p.Unit), Specialty: strings.ReplaceAll(p.Specialty, "_", " "),
		Phone: p.Phone, Tel: telephone(p.Phone), GLN: string(p.GLN)}
	if out.Name == "" || out.Name == "_" {
		out.Name, out.Under = out.Under, ""
	}
	if out.Name == "" {
		out.Name = string(p.GLN)
	}
	return out
}

// telephone keeps what can be dialled of a number; "" when it holds anything
// that makes it a text.
func telephone(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9', r == '+' && b.Len() == 0:
			b.WriteRune(r)
		case strings.ContainsRune(" -().", r):
		default:
			return ""
		}
	}
	if b.Len() < 3 {
		return ""
	}
	return b.String()
}

// parts are the texts of the letter. A legacy letter has one and needs no
// heading; a thread names who wrote what.
func parts(c clock, l brevdue.Letter) []partView {
	var out []partView
	for _, s := range l.Segments {
		p := partView{Lines: s.Lines()}
		if s.Author != nil && len(l.Segments) > 1 {
			p.Head = c.words.T("letter.part", s.Author.Name, string(s.At))
		}
		if len(p.Lines) > 0 {
			out = append(out, p)
		}
	}
	return out
}

func attachments(c clock, o mailbox.Opened) []attachmentView {
	var out []attachmentView
	w, l := c.words, o.Letter
	for i, a := range l.Body.Attachments {
		file := mailbox.File{}
		if i < len(o.Files) {
			file = o.Files[i]
		}
		if file.State == mailbox.FileHere { // the file's own word counts
			a.ObjectCode, a.Extension, a.Size = file.Object.Code, file.Object.Extension, file.Object.Size
		}
		v := attachmentView{Name: a.Description, Detail: join(" · ", w.T("attachment."+string(a.Kind)), a.ObjectCode, a.Extension, size(w, a.Size))}
		if v.Name == "" {
			v.Name = w.T("attachment.unnamed")
		}
		switch {
		case a.Kind == brevdue.LinkAttachment:
			v.Link = webLink(a.URL)
		case a.Kind == brevdue.SupplementAttachment:
			v.State = w.T("attachment.byother")
		case file.State == mailbox.FileHere:
			v.Path = letterPath(l.Unit, l.Direction, l.ID) + "/bilag/" + strconv.Itoa(i+1)
			if mayBeShown(file) {
				v.ShowPath = v.Path + "/vis"
			}
			if file.Object.Odd {
				v.Tone, v.State = "soon", w.T("attachment.unlike", a.Extension)
			}
		case file.State == mailbox.FileStranger:
			v.Tone, v.State = "late", w.T("attachment.stranger")
		case l.Direction == store.In:
			v.Tone, v.State = "soon", w.T("attachment.missingwho", partyOf(l.Body.Sender).Name)
			if phone := l.Body.Sender.Phone; phone != "" {
				v.State = w.T("attachment.missingcall", phone)
			}
		}
		out = append(out, v)
	}
	return out
}

// webLink lets through only what a browser opens as a web page.
func webLink(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}

func size(w *text.Words, n int64) string {
	switch {
	case n <= 0:
		return ""
	case n < 10_000:
		return w.T("original.bytes", n)
	case n < 10_000_000:
		return strconv.FormatInt(n/1000, 10) + " kB"
	}
	return strconv.FormatInt(n/1_000_000, 10) + " MB"
}

func findings(w *text.Words, in []brevdue.Finding) []findingView {
	var out []findingView
	for _, f := range in {
		v := findingView{Tone: "calm", Icon: "info", Severity: w.T("severity." + string(f.Severity)), Text: inLang(w, f.Text, f.TextEN)}
		switch f.Severity {
		case brevdue.SeverityError:
			v.Tone, v.Icon = "late", "stop"
		case brevdue.SeverityWarning:
			v.Tone, v.Icon = "soon", "late"
		}
		v.Where = f.Rule
		if f.Pos.Line > 0 {
			v.Where += " · " + w.T("finding.line", f.Pos.Line, f.Pos.Column)
		}
		v.Where = join(" · ", v.Where, f.Pos.Path)
		out = append(out, v)
	}
	return out
}

func timeline(c clock, in []store.Event) []eventView {
	var out []eventView
	for _, e := range in {
		v := eventView{When: c.when(e.At), Who: e.Who, Detail: e.Detail}
		switch e.What {
		case "read", "replied", "delivered", "acknowledged", "files-delivered":
			v.Tone = "done"
		case "rejected", "refused":
			v.Tone = "late"
		case "glass", "files-rejected", "files-unconfirmed", "files-failed", "unconfirmed", "resent-by-machine", "given-up", "duplicate", "due-soon", "overdue", "shift-soon", "shift-over", "soft-past", "notice-failed":
			v.Tone = "soon"
		}
		if v.What = c.words.T("event." + e.What); !c.words.Has("event." + e.What) {
			v.What = c.words.T("event.other", e.What)
		}
		if e.Who == "" { // "Read by" needs a name after it
			v.What = strings.TrimSuffix(strings.TrimSuffix(v.What, " af"), " by")
		}
		out = append(out, v)
	}
	return out
}

func receiptOf(c clock, r *store.StoredReceipt) receiptView {
	v := receiptView{Tone: "late", Icon: "stop", Text: c.words.T("outcome." + string(r.Outcome))}
	if r.Outcome == brevdue.Positive {
		v.Tone, v.Icon = "done", "done"
	}
	key, at := "receipt.in", r.At
	if r.Direction == store.Out {
		key = "receipt.out"
	}
	v.Detail = c.words.T(key, string(r.Kind), string(r.Other), c.when(at))
	return v
}

// details are the numbers people need on the phone.
func details(c clock, l *store.Letter) []pair {
	w := c.words
	out := []pair{{w.T("mini.number"), l.Number()}}
	add := func(key, value string) {
		if value != "" {
			out = append(out, pair{w.T("mini." + key), value})
		}
	}
	add("letterid", l.Body.ID)
	add("envelope", l.Envelope.ID)
	add("kind", join(" ", string(l.Kind), l.Body.Version))
	add("episode", l.Body.EpisodeOfCare)
	add("authorised", c.local(l.Body.Authorised))
	add("senttime", c.when(l.Sent))
	add("arrived", c.when(l.Arrived))
	if l.Duty != nil {
		add("agreement", join(" ", l.Duty.Agreement.ID, l.Duty.Agreement.Version))
	}
	return out
}

// local shows a time inside a letter, which has no zone: it is Danish.
func (c clock) local(t brevdue.LocalTime) string {
	at, err := time.ParseInLocation("2006-01-02T15:04", string(t), c.zone)
	if err != nil {
		return string(t)
	}
	return c.when(at)
}

// fileSize is the size of an original in words.
func fileSize(w *text.Words, data []byte) string { return fmt.Sprint(size(w, int64(len(data)))) }
