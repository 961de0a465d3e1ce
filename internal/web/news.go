package web

import (
	"errors"
	"slices"
	"time"

	"brevdue"
	"brevdue/internal/auth"
	"brevdue/internal/store"
)

// news is what the stream tells an open page: how many letters the unit has.
type news struct {
	All    int `json:"all"`
	Unread int `json:"unread"`
	Late   int `json:"late"`
	// Now is the server's clock in milliseconds, so that a page that slept learns
	// the time again.
	Now int64 `json:"now"`
	// Present are the colleagues who have letters open.
	Present []presentView `json:"present"`
}

// refreshHeader marks a page that a script fetches again while nobody does
// anything.
const refreshHeader = "Brevdue-Refresh"

// eventStream is the type of the stream, which a browser's EventSource asks for.
const eventStream = "text/event-stream"

const (
	newsPause = 400 * time.Millisecond // a burst of letters is told once
	newsPoll  = 15 * time.Second       // a wake-up may be lost; the counts are the fact
)

// news streams the unit's counts as server-sent events until the browser goes
// away, the session ends or the server stops. It says nothing about a letter but
// that it is there. Looking on does not keep a session alive.
func (wb *Workbench) news(v *visit) error {
	unit, err := wb.unit(v)
	if err != nil {
		return err
	}
	wake, stop := wb.cfg.Listen(store.TopicUnit(unit.GLN))
	defer stop()
	s := wb.stream(v)
	poll := time.NewTicker(newsPoll)
	defer poll.Stop()
	var last news
	woken := false
	for first := true; ; first = false {
		_, _, err := wb.cfg.Auth.Peek(v.ctx(), v.token, wb.cfg.Now())
		if errors.Is(err, auth.ErrNoSession) {
			return s.send("ended", struct{}{})
		}
		if err != nil {
			return nil // the stream ends and the browser tries again
		}
		n, err := wb.newsNow(v, unit)
		if err != nil {
			return nil
		}
		switch {
		case first || n.All != last.All || n.Unread != last.Unread || n.Late != last.Late || !slices.Equal(n.Present, last.Present):
			err, last = s.send("news", n), n
		case woken: // something else is new, e.g. who has a letter
			err = s.send("changed", struct{}{})
		default:
			err = s.alive()
		}
		if woken = false; err != nil {
			return nil
		}
		select {
		case <-v.ctx().Done():
			return nil
		case <-poll.C:
		case <-wake:
			woken = true
			select {
			case <-v.ctx().Done():
				return nil
			case <-time.After(newsPause):
			}
		}
	}
}

// counted is what the menu shows of a unit's letters.
type counted struct {
	Unread int `json:"unread"`
	Late   int `json:"late"`
}

// countsOf counts the letters of one unit.
func (wb *Workbench) countsOf(v *visit, unit store.Unit) (store.Count, error) {
	ask := *v.person
	ask.Units = []brevdue.GLN{unit.GLN}
	counts, err := wb.cfg.Box.CountsFor(v.ctx(), ask)
	return counts[unit.GLN], err
}

// countsNow are the menu's numbers, for pages that follow one letter.
func (wb *Workbench) countsNow(v *visit, unit store.Unit) (counted, error) {
	c, err := wb.countsOf(v, unit)
	return counted{c.Unread, c.Late}, err
}

func (wb *Workbench) newsNow(v *visit, unit store.Unit) (news, error) {
	c, err := wb.countsOf(v, unit)
	if err != nil {
		return news{}, err
	}
	there, err := wb.cfg.Box.AtLetters(v.ctx(), *v.person, unit.GLN, wb.beat())
	if err != nil {
		return news{}, err
	}
	return news{Present: presentViews(v.words, there), All: c.All, Unread: c.Unread, Late: c.Late, Now: wb.cfg.Now().UnixMilli()}, nil
}
