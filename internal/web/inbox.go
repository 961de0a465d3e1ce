package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/internal/web/text"
)

// pageRows is how many letters one page of a list shows.
const pageRows = 200

type inboxPage struct {
	frame
	Lede          []toned
	Tabs          []tab
	Orders        []choice // how the list can be grouped
	Groups        []group
	People        []choice // whom letters can be given to
	Moves         []string // teams they can be moved to
	Updated       string
	All           int // letters in the inbox when the page was made; the live bar counts from it
	Empty         string
	EmptyMore     string // when the unit reads next, in Danish
	EmptyLink     *link
	More, Earlier string // addresses of the neighbouring pages
}

type toned struct{ Tone, Text string }

type link struct{ Path, Label string }

type tab struct {
	Path, Label string
	Count       string
	Late, Here  bool
}

type group struct {
	ID, Heading, Count string
	Tray               bool
	Rows               []row
}

// row is one letter in a list, ready to be shown.
type row struct {
	ID                        int64
	Path, ReplyPath           string
	ForwardPath               string
	Chip                      chip
	Unread, High, Out         bool
	Name, CPR                 string // the number masked
	Other, Subject            string
	FirstLine, Answered, Time string
	Attachments               int
	Rule                      string
	Team, Way                 string // the team's chip; that the way was late (Amb-15)
	Assigned, AssignedTo      string // initials, and the name in words
	Stage                     string // how far the work is, in words
	Pick, PeekPath            string // in a list whose letters can be picked: what picking is called, and where to look into it
}

// views are the tabs of the inbox: the word in the address and what it lists.
func views() []struct {
	word, key string
	view      store.View
} {
	return []struct {
		word, key string
		view      store.View
	}{
		{"", "inbox.all", store.ViewAll},
		{"haster", "inbox.urgent", store.ViewUrgent},
		{"ulaest", "inbox.unread", store.ViewUnread},
		{"mine", "inbox.mine", store.ViewMine},
		{"ledige", "inbox.free", store.ViewFree},
		{"afventer", "inbox.waiting", store.ViewWaiting},
		{"laest", "inbox.readtoday", store.ViewReadSince},
	}
}

func (wb *Workbench) inboxPage(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	word, offset := v.r.URL.Query().Get("vis"), listOffset(v.r.URL.Query())
	team := v.r.URL.Query().Get("hold")
	q := store.Query{View: store.ViewAll, UrgentBefore: v.now.Add(soonBefore), ReadSince: midnight(v.now.In(wb.zone)), Limit: pageRows, Offset: offset, Team: team, Person: v.person.ID}
	chosen, err := wb.chosen(v)
	if err != nil {
		return err
	}
	var ways []choice
	for _, o := range orders() {
		here := o.choice == chosen || chosen == "" && o.order == store.OrderSubject
		if here {
			q.Order = o.order
		}
		ways = append(ways, choice{Value: o.choice, Label: v.words.T("inbox.by." + o.choice), Selected: here})
	}
	for _, w := range views() {
		if w.word == word {
			q.View = w.view
		}
	}
	in, err := wb.cfg.Box.Inbox(v.ctx(), *v.person, unit.GLN, q)
	if err != nil {
		return err
	}
	due, err := wb.dueSoon(v, unit, q, in)
	if err != nil {
		return err
	}
	p := inboxPage{All: in.Counts.All, Orders: ways, People: peopleOf(v.words, in.People, 0), Moves: in.Moves}
	if p.frame, err = wb.unitFrameWith(v, unit, v.words.T("inbox.heading"), &in.Counts); err != nil {
		return err
	}
	if in.Counts.Unread > 0 { // the tab of the browser tells how much waits
		p.TabTitle = fmt.Sprintf("(%d) %s", in.Counts.Unread, p.TabTitle)
	}
	p.ReturnPath = listPath(p.ReturnPath, word, team, 0)
	c := wb.clock(v)
	c.now = in.Now.In(wb.zone)
	p.Lede = lede(c, in.Counts, due)
	p.Updated = v.words.T("inbox.updated", c.at(in.Now))
	p.Tabs = p.tabs(v.words, word, team, in, due)
	p.Tabs = append(p.Tabs, p.teamTabs(v.words, team, in.Teams)...)
	p.Groups = wb.groups(v, c, in, chosen)
	p.More, p.Earlier = pagePaths(p.UnitPath+"/indbakke", word, team, offset, in.More)
	if len(p.Groups) == 0 {
		p.explainEmpty(v.words, word, team, in)
	}
	return wb.render(v, http.StatusOK, "inbox", p)
}

// listOffset reads how far down a list a page begins.
func listOffset(q url.Values) int {
	n, err := strconv.Atoi(q.Get("fra"))
	if err != nil || n < 0 {
		return 0
	}
	return n / pageRows * pageRows
}

// pagePaths are the addresses of the next and the previous page of a list.
func pagePaths(base, view, team string, offset int, more bool) (next, earlier string) {
	if more {
		next = listPath(base, view, team, offset+pageRows)
	}
	if offset > 0 {
		earlier = listPath(base, view, team, offset-pageRows)
	}
	return next, earlier
}

// listPath is the address of a list from a row on, of one view and team.
func listPath(base, view, team string, from int) string {
	q := url.Values{}
	if view != "" {
		q.Set("vis", view)
	}
	if team != "" {
		q.Set("hold", team)
	}
	if from > 0 {
		q.Set("fra", strconv.Itoa(from))
	}
	if len(q) == 0 {
		return base
	}
	return base + "?" + q.Encode()
}

// teamTabs are the tabs of the unit's teams (Hold).
func (p *inboxPage) teamTabs(words *text.Words, here string, teams []store.TeamCount) []tab {
	var out []tab
	for _, t := range teams {
		out = append(out, tab{Path: listPath(p.UnitPath+"/indbakke", "", t.Team, 0), Label: words.T("row.team", t.Team), Count: positive(t.Unread), Here: t.Team == here})
	}
	if here != "" && !slices.ContainsFunc(teams, func(t store.TeamCount) bool { return t.Team == here }) {
		out = append(out, tab{Path: listPath(p.UnitPath+"/indbakke", "", here, 0), Label: words.T("row.team", here), Here: true})
	}
	return out
}

// dueSoon is what the lede says beyond the counts.
type dueSoon struct {
	urgent int       // unread and late or due within half an hour
	more   bool      // there are more than were counted
	next   time.Time // the next time something must have been read by
	atNext int       // how many letters it is for
}

// maxDue bounds how many urgent letters are counted one by one.
const maxDue = 99

// dueSoon looks at what is unread and due soon. When the whole inbox is on the
// page its own rows tell; otherwise the urgent ones are asked for, at most
// maxDue. Where the shift rule applies the end of the shift counts while it is
// ahead: that is when the people at work now are expected to have read (AGR-604).
func (wb *Workbench) dueSoon(v *visit, unit store.Unit, q store.Query, in mailbox.Inbox) (dueSoon, error) {
	var d dueSoon
	now := in.Now
	if q.View != store.ViewAll || q.Offset > 0 || in.More || q.Team != "" {
		var err error
		if in, err = wb.cfg.Box.Inbox(v.ctx(), *v.person, unit.GLN, store.Query{View: store.ViewUrgent, UrgentBefore: now.Add(soonBefore), Limit: maxDue}); err != nil {
			return d, err
		}
		d.more = in.More
	}
	for _, g := range in.Groups {
		for _, r := range g.Rows {
			if !r.ReadAt.IsZero() || r.Due.IsZero() {
				continue
			}
			if r.Due.Before(now.Add(soonBefore)) {
				d.urgent++
			}
			target := r.Due
			if r.Expected.After(now) {
				target = r.Expected
			}
			switch {
			case !target.After(now) || r.Soft:
			case d.next.IsZero() || target.Before(d.next):
				d.next, d.atNext = target, 1
			case target.Equal(d.next):
				d.atNext++
			}
		}
	}
	return d, nil
}

// lede is the line under the heading: what is late, what is due next.
func lede(c clock, n store.Count, due dueSoon) []toned {
	var out []toned
	if n.Late > 0 {
		out = append(out, toned{"late", lateText(c, n.Late, n.ByWay)})
	}
	tone := ""
	if due.next.Sub(c.now) <= soonBefore {
		tone = "soon"
	}
	switch {
	case due.more:
		out = append(out, toned{"soon", c.words.T("inbox.many", maxDue)})
	case due.atNext > 0 && c.daysAhead(due.next) == 0:
		out = append(out, toned{tone, c.words.N("inbox.due", due.atNext, c.at(due.next))})
	}
	switch {
	case len(out) > 0:
	case n.Unread > 0:
		out = append(out, toned{"", c.words.N("inbox.unreadcount", n.Unread)})
	case n.All > 0:
		out = append(out, toned{"", c.words.T("inbox.calm")})
	}
	return out
}

func (p *inboxPage) tabs(words *text.Words, here, team string, in mailbox.Inbox, due dueSoon) []tab {
	n := in.Counts
	var out []tab
	for _, w := range views() {
		t := tab{Path: p.UnitPath + "/indbakke", Label: words.T(w.key), Here: w.word == here && team == ""}
		if w.word != "" {
			t.Path += "?vis=" + w.word
		}
		switch w.view {
		case store.ViewAll:
			t.Count = positive(n.All)
		case store.ViewUnread:
			t.Count = positive(n.Unread)
		case store.ViewMine:
			t.Count = positive(in.Mine)
		case store.ViewFree:
			t.Count = positive(n.All - in.Taken)
		case store.ViewUrgent:
			t.Count, t.Late = positive(due.urgent), n.Late > 0
			if due.more {
				t.Count += "+"
			}
		}
		out = append(out, t)
	}
	return out
}

func positive(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// groups makes the sections of the list. The rows say their subject where the heading does
// not; a list that is not grouped has one section, without a rule of what belongs in it.
func (wb *Workbench) groups(v *visit, c clock, in mailbox.Inbox, chosen string) []group {
	if chosen == "due" {
		return wb.dueGroups(v, c, in)
	}
	var out []group
	for i, g := range in.Groups {
		h := group{ID: "g" + strconv.Itoa(i), Heading: g.Subject, Count: c.words.N("inbox.letters", len(g.Rows))}
		bySubject := chosen == "" || chosen == "subject"
		switch {
		case chosen == "none":
			h.Heading = c.words.T("inbox.everything")
		case g.Subject != "":
		case bySubject:
			h.Heading, h.Tray = c.words.T("inbox.outside"), true
		default:
			h.Heading = c.words.T("inbox.nosender")
		}
		for _, r := range g.Rows {
			h.Rows = append(h.Rows, wb.picked(v, c, r, h.Tray || !bySubject))
		}
		out = append(out, h)
	}
	return out
}

// dueGroups are the sections of a list by deadline: late, soon, today, later, and what was
// read.
func (wb *Workbench) dueGroups(v *visit, c clock, in mailbox.Inbox) []group {
	var out []group
	for _, g := range in.Groups {
		for _, r := range g.Rows {
			key := "inbox.duelater"
			switch {
			case !r.ReadAt.IsZero():
				key = "inbox.dueread"
			case r.Due.IsZero():
				key = "inbox.duenone"
			case !r.Due.After(c.now):
				key = "inbox.duelate"
			case r.Due.Before(c.now.Add(soonBefore)):
				key = "inbox.duesoon"
			case c.daysAhead(r.Due) == 0:
				key = "inbox.duetoday"
			}
			heading := c.words.T(key)
			if len(out) == 0 || out[len(out)-1].Heading != heading {
				out = append(out, group{ID: "g" + strconv.Itoa(len(out)), Heading: heading})
			}
			last := &out[len(out)-1]
			last.Rows = append(last.Rows, wb.picked(v, c, r, true))
		}
	}
	for i := range out {
		out[i].Count = c.words.N("inbox.letters", len(out[i].Rows))
	}
	return out
}

// picked is a row that can be picked and looked into.
func (wb *Workbench) picked(v *visit, c clock, r store.Row, withSubject bool) row {
	out := wb.row(v, c, r, withSubject)
	out.Pick = c.words.T("row.pick", join(", ", r.PatientName, r.Other))
	out.PeekPath = out.Path + "/kig"
	return out
}

// row makes one line of a list. The subject is shown where the group does not
// already say it.
func (wb *Workbench) row(v *visit, c clock, r store.Row, withSubject bool) row {
	out := row{ID: r.ID, Path: letterPath(r.Unit, r.Direction, r.ID), Unread: r.ReadAt.IsZero() && r.Direction == store.In,
		High: r.Priority == "high", Out: r.Direction == store.Out,
		Name: r.PatientName, CPR: r.CPR.String(), Other: r.Other, FirstLine: rowLine(c.words, r), Attachments: r.Attachments}
	out.Chip = c.chip(deadline{Due: r.Due, Expected: r.Expected, Soft: r.Soft, ReadAt: r.ReadAt, ReadBy: r.ReadBy, Read: !out.Unread})
	out.Rule = inLang(c.words, r.Sentence, r.SentenceEN)
	out.Team = r.Team
	if out.Unread && !r.Fair.IsZero() {
		out.Way = c.words.T("row.way")
	}
	if r.AssignedName != "" {
		out.Assigned, out.AssignedTo = initials(r.AssignedName), c.words.T("board.assignedto", r.AssignedName)
	}
	for _, s := range stages() {
		if s.stage == r.Stage && s.stage != store.StageNone {
			out.Stage = c.words.T(s.key)
		}
	}
	if withSubject {
		out.Subject = r.Subject
	}
	if r.Direction == store.In {
		if v.may(mailbox.RightSend, r.Unit) {
			out.ReplyPath, out.ForwardPath = out.Path+"/svar", out.Path+"/videresend"
		}
		out.Time = c.short(r.Arrived)
	} else {
		out.Time = c.short(r.Sent)
	}
	if !r.AnsweredAt.IsZero() {
		out.Answered = c.words.T("row.answered", c.when(r.AnsweredAt))
	}
	return out
}

// inLang picks the sentence of the page's language; Danish when there is no other.
func inLang(w *text.Words, da, en string) string {
	if w.Lang == "en" && en != "" {
		return en
	}
	return da
}

// explainEmpty says why the list is empty and what to do about it.
func (p *inboxPage) explainEmpty(words *text.Words, view, team string, in mailbox.Inbox) {
	switch view {
	case "haster":
		p.Empty = words.T("inbox.emptyurgent")
	case "ulaest":
		p.Empty = words.T("inbox.emptyunread")
	case "laest":
		p.Empty = words.T("inbox.emptyread")
	case "mine":
		p.Empty = words.T("inbox.emptymine")
	case "ledige":
		p.Empty = words.T("inbox.emptyfree")
	case "afventer":
		p.Empty = words.T("inbox.emptywaiting")
	default:
		p.Empty = words.T("inbox.emptyall")
	}
	p.EmptyMore = inLang(words, in.NextWindow, in.NextWindowEN)
	if team != "" {
		p.Empty = words.T("inbox.emptyteam", team)
	}
	if (view != "" || team != "") && in.Counts.All > 0 {
		p.EmptyLink = &link{p.UnitPath + "/indbakke", words.T("inbox.clear")}
	}
}
