package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"brevdue"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
)

// boardPage is the deadline board (Frister): everything unread by when it is to be
// read.
type boardPage struct {
	frame
	Heading, Path, WallPath string
	NewsPath                string // of the stream; "" for a screen nobody is signed in on
	Lede                    []toned
	Window                  windowView
	Columns                 []column
	Unread                  int
	Updated, Clock          string
	Empty, EmptyMore        string
	TakePath                string
}

// windowView is the line above the board: what is being read in now.
type windowView struct {
	Text     string // when it closes, or when the next one is
	More     string // how many letters are to be read before that
	ClosesMS int64  // the script counts down to it
	Key      string // of the text in the catalogue
	Tone     string
}

// column is one place of the board.
type column struct {
	ID, Heading, Count, None string
	Tone                     string
	Cards                    []card
	More                     string // address of the whole list when not all have room
	MoreText                 string
}

// card is one letter on the board.
type card struct {
	row
	Age, Assigned string
	Mine          bool
	Marks         []toned
	TakePath      string
	BoardPath     string // where taking it leads back to
}

// columnCards is how many cards a column shows.
const columnCards = 60

// wallWord is what asks for the board in large type without names.
const wallWord = "v\u00e6g"

func wallQuery() string { return url.Values{"visning": {wallWord}}.Encode() }

// boardPage shows the board to the unit's people, and as a wall also to a screen
// that one of them has hung up.
func (wb *Workbench) boardPage(v *visit) error {
	wall := v.r.URL.Query().Get("visning") == wallWord
	if wall {
		b, err := wb.wall(v)
		if err != nil {
			return err
		}
		if b != nil {
			return wb.showBoard(v, *b, true)
		}
	}
	if v.person == nil {
		wb.sendToSignIn(v)
		return nil
	}
	b, err := wb.cfg.Box.Board(v.ctx(), *v.person, brevdue.GLN(v.r.PathValue("gln")))
	if err != nil {
		return err
	}
	return wb.showBoard(v, b, wall)
}

func (wb *Workbench) showBoard(v *visit, b mailbox.Board, wall bool) error {
	p := wb.boardView(v, b, wall)
	if wall { // no menus, and nobody's name
		f := wb.frame(v, p.Heading+" – "+b.Unit.Name)
		f.Nav, f.Person, f.Unit, f.UnitPath, f.Wall, f.Reload = nil, nil, &b.Unit, unitPath(b.Unit.GLN), true, wallReload
		p.frame = f
	} else {
		f, err := wb.unitFrame(v, b.Unit, p.Heading)
		if err != nil {
			return err
		}
		p.frame = f
	}
	if v.person != nil {
		p.NewsPath = p.UnitPath + "/nyheder"
	}
	if b.Late > 0 { // the tab of the browser tells what is late
		p.TabTitle = fmt.Sprintf("(%d) %s", b.Late, p.TabTitle)
	}
	return wb.render(v, http.StatusOK, "board", p)
}

// wallReload is how many seconds a wall without scripts shows the same.
const wallReload = 60

// boardView makes everything of the board but its frame.
func (wb *Workbench) boardView(v *visit, b mailbox.Board, wall bool) boardPage {
	w, c := v.words, wb.clock(v)
	c.now = b.Now.In(wb.zone)
	base := unitPath(b.Unit.GLN) + "/frister"
	p := boardPage{Heading: w.T("board.heading"), Path: base, WallPath: base + "/vaeg", TakePath: base + "/overtag", Unread: b.Unread, Clock: c.at(b.Now)}
	p.Updated = w.T("inbox.updated", c.at(b.Now))
	if wall {
		p.Path += "?" + wallQuery()
	}
	if b.Late > 0 {
		p.Lede = append(p.Lede, toned{"late", lateText(c, b.Late, b.ByWay)})
	}
	if b.ShiftOver > 0 {
		p.Lede = append(p.Lede, toned{"soon", w.N("board.shiftover", b.ShiftOver)})
	}
	if b.More {
		p.Lede = append(p.Lede, toned{"soon", w.T("board.more")})
	}
	p.Window = windowOf(c, b)
	for _, place := range mailbox.Places() {
		p.Columns = append(p.Columns, wb.column(v, c, b, place, wall))
	}
	if b.Unread == 0 {
		p.Empty = w.T("board.empty")
		if b.ReadToday > 0 {
			p.Empty = w.N("board.emptyread", b.ReadToday, b.InTime)
		}
		p.EmptyMore = nextWindow(c, b)
	}
	return p
}

// lateText counts what is late, and apart from it what is only because the way was
// (Amb-15).
func lateText(c clock, late, byWay int) string {
	s := c.words.N("inbox.late", late)
	if byWay > 0 {
		s = strings.TrimSuffix(s, ".") + c.words.N("board.byway", byWay)
	}
	return s
}

func windowOf(c clock, b mailbox.Board) windowView {
	w := c.words
	if b.Closes.IsZero() {
		return windowView{Text: nextWindow(c, b)}
	}
	v := windowView{Key: "board.closes", ClosesMS: b.Closes.UnixMilli()}
	if b.Shift {
		v.Key = "board.shiftends"
	}
	left := b.Closes.Sub(b.Now)
	v.Text = w.T(v.Key, c.span(left))
	v.More = w.T("board.beforenone")
	if b.Before > 0 {
		v.More = w.N("board.before", b.Before)
		if left <= soonBefore {
			v.Tone = "soon"
		}
	}
	return v
}

func nextWindow(c clock, b mailbox.Board) string {
	if s := inLang(c.words, b.NextWindow, b.NextWindowEN); s != "" {
		return c.words.T("board.next", s)
	}
	return ""
}

func (wb *Workbench) column(v *visit, c clock, b mailbox.Board, place mailbox.Place, wall bool) column {
	w, cards := v.words, b.Columns[place]
	heading := map[mailbox.Place]string{mailbox.PlaceLate: "board.late", mailbox.PlaceSoon: "board.soon", mailbox.PlaceToday: "board.today", mailbox.PlaceLater: "board.later"}
	out := column{ID: "k-" + string(place), Heading: w.T(heading[place]), Count: fmt.Sprint(len(cards)), None: w.T("board.none")}
	if place == mailbox.PlaceToday && b.Shifts {
		out.Heading = w.T("board.shift")
	}
	if len(cards) > 0 {
		out.Tone = map[mailbox.Place]string{mailbox.PlaceLate: "late", mailbox.PlaceSoon: "soon"}[place]
	}
	if more := len(cards) - columnCards; more > 0 {
		out.More, out.MoreText = unitPath(b.Unit.GLN)+"/indbakke?vis=ulaest", w.N("board.morecards", more)
		cards = cards[:columnCards]
	}
	for _, k := range cards {
		out.Cards = append(out.Cards, wb.card(v, c, k, wall))
	}
	return out
}

func (wb *Workbench) card(v *visit, c clock, k mailbox.Card, wall bool) card {
	w := c.words
	out := card{row: wb.row(v, c, k.Row, true), Age: w.T("board.age", c.span(c.now.Sub(k.Arrived)))}
	switch {
	case k.Assigned == 0:
		out.Assigned = w.T("board.unassigned")
	case wall:
		out.Assigned = w.T("board.assigned")
	case k.Assigned == v.personID():
		out.Assigned, out.Mine = w.T("board.mine"), true
	default:
		out.Assigned = w.T("board.assignedto", k.AssignedName)
	}
	if k.ShiftOver {
		out.Marks = append(out.Marks, toned{"soon", w.T("board.markshift", c.at(k.Expected))})
	}
	if out.Way != "" {
		out.Marks = append(out.Marks, toned{"soon", out.Way})
	}
	if k.Team != "" {
		out.Marks = append(out.Marks, toned{"", w.T("row.team", k.Team)})
	}
	out.BoardPath = unitPath(k.Unit) + "/frister"
	if v.may(mailbox.RightWork, k.Unit) {
		out.TakePath = out.Path + "/tag"
	}
	if wall { // nothing that leads to a citizen
		out.Name, out.CPR, out.Other, out.FirstLine, out.Path, out.TakePath, out.Rule = "", "", "", "", "", "", ""
		out.Subject = k.Group // the agreement's word; a free subject may name somebody
		if out.Subject == "" {
			out.Subject = w.T("inbox.outside")
		}
	}
	return out
}

func (v *visit) personID() int64 {
	if v.person == nil {
		return -1
	}
	return v.person.ID
}

// handOverPage asks before everything unread is assigned to the person.
type handOverPage struct {
	frame
	Heading, Lede string
	Rows          []card
	More          string
	Action, Back  string
}

func (wb *Workbench) handOverPage(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	b, err := wb.cfg.Box.Board(v.ctx(), *v.person, unit.GLN)
	if err != nil {
		return err
	}
	w, c := v.words, wb.clock(v)
	p := handOverPage{Heading: w.T("board.takeall"), Lede: w.N("board.takelede", b.Unread), Action: unitPath(unit.GLN) + "/frister/overtag", Back: unitPath(unit.GLN) + "/frister"}
	if b.Unread == 0 {
		p.Lede, p.Action = w.T("board.empty"), ""
	}
	for _, place := range mailbox.Places() {
		for _, k := range b.Columns[place] {
			if len(p.Rows) < columnCards {
				p.Rows = append(p.Rows, wb.card(v, c, k, false))
			}
		}
	}
	if more := b.Unread - len(p.Rows); more > 0 {
		p.More = w.N("board.morecards", more)
	}
	if p.frame, err = wb.unitFrame(v, unit, p.Heading); err != nil {
		return err
	}
	return wb.render(v, http.StatusOK, "handover", p)
}

func (wb *Workbench) handOver(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	taken, err := wb.cfg.Box.TakeAll(v.ctx(), *v.person, unit.GLN)
	if err != nil {
		return err
	}
	return v.done(unitPath(unit.GLN)+"/frister", "handover", taken.Token, taken.Letters)
}

// takeLetter assigns one letter to the person, leaveLetter gives it back.
func (wb *Workbench) takeLetter(v *visit) error { return wb.assign(v, "take", wb.cfg.Box.Take) }

func (wb *Workbench) leaveLetter(v *visit) error { return wb.assign(v, "leave", wb.cfg.Box.Leave) }

func (wb *Workbench) assign(v *visit, word string, do assigner) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	taken, err := do(v.ctx(), *v.person, unit.GLN, id)
	if err != nil {
		return err
	}
	back := letterPath(unit.GLN, store.In, id)
	if til := v.r.PostForm.Get("til"); til != "" {
		back = localPath(til)
	}
	return v.done(back, word, taken.Token, taken.Letters)
}

// assigner is a method of the mailbox that gives a letter to somebody.
type assigner func(ctx context.Context, p mailbox.Person, unit brevdue.GLN, id int64) (mailbox.Taken, error)
