package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"brevdue"
	"brevdue/internal/auth"
	"brevdue/internal/mailbox"
	"brevdue/internal/store"
	"brevdue/internal/web/text"
)

// presentView is a colleague at a letter, as the stream and the list tell it.
type presentView struct {
	Letter   int64  `json:"letter"`
	Initials string `json:"initials"`
	Text     string `json:"text"` // who does what, in words
	Writing  bool   `json:"writing"`
}

func presentViews(w *text.Words, others []mailbox.Present) []presentView {
	out := []presentView{} // never null: the script walks through it
	for _, o := range others {
		key := "presence.reads"
		if o.Writing {
			key = "presence.writes"
		}
		out = append(out, presentView{o.Letter, initials(o.Name), w.T(key, o.Name), o.Writing})
	}
	return out
}

// beat is how often a page says that it is open, by the clock of the workbench.
func (wb *Workbench) beat() time.Duration {
	return time.Duration(float64(mailbox.Beat) * max(wb.cfg.Speed, 1))
}

// presence says, as long as the page is open, that the person is at the letter, and tells
// the page who else is. It ends with the browser's connection, so a closed page is gone at
// once, and a browser that vanished within ten seconds.
func (wb *Workbench) presence(v *visit) error {
	unit, id, err := wb.unitAndID(v)
	if err != nil {
		return err
	}
	doing := store.DoingRead
	if v.r.URL.Query().Has("skriver") {
		doing = store.DoingWrite
	}
	if _, err := wb.cfg.Box.Here(v.ctx(), *v.person, unit.GLN, id, doing, wb.beat()); err != nil {
		return err
	}
	defer func() {
		// The connection is gone, and with it the request's context.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(v.ctx()), 5*time.Second)
		defer cancel()
		if err := wb.cfg.Box.Gone(ctx, *v.person, unit.GLN, id, doing); err != nil && !errors.Is(err, brevdue.ErrNotFound) {
			wb.cfg.Log.Debug("presence could not be taken back", "err", err)
		}
	}()
	wake, stop := wb.cfg.Listen(store.TopicLetter(id))
	defer stop()
	inbox, stopInbox := wb.cfg.Listen(store.TopicUnit(unit.GLN))
	defer stopInbox()
	s := wb.stream(v)
	beat := time.NewTicker(mailbox.Beat)
	defer beat.Stop()
	poll := time.NewTicker(newsPoll)
	defer poll.Stop()
	last, told, count := "", counted{-1, -1}, true
	for {
		if _, _, err := wb.cfg.Auth.Peek(v.ctx(), v.token, wb.cfg.Now()); errors.Is(err, auth.ErrNoSession) {
			return s.send("ended", struct{}{})
		}
		others, err := wb.cfg.Box.Here(v.ctx(), *v.person, unit.GLN, id, doing, wb.beat())
		if err != nil {
			return nil // the stream ends and the browser tries again
		}
		now, err := json.Marshal(presentViews(v.words, others))
		if err != nil {
			return nil
		}
		if string(now) != last {
			last = string(now)
			err = s.send("present", json.RawMessage(now))
		} else {
			err = s.alive()
		}
		if err != nil {
			return nil
		}
		if count { // the menu's numbers, as seldom as in the inbox
			count = false
			n, err := wb.countsNow(v, unit)
			if err != nil {
				return nil
			}
			if n != told {
				if err := s.send("news", n); err != nil {
					return nil
				}
				told = n
			}
		}
		select {
		case <-v.ctx().Done():
			return nil
		case <-beat.C:
		case <-wake:
		case <-inbox:
			count = true
		case <-poll.C:
			count = true
		}
	}
}

// stream is an answer of server-sent events.
type stream struct {
	w   http.ResponseWriter
	out *http.ResponseController
}

func (wb *Workbench) stream(v *visit) stream {
	s := stream{v.w, http.NewResponseController(v.w)}
	if err := s.out.SetWriteDeadline(time.Time{}); err != nil {
		wb.cfg.Log.Debug("stream without deadline control", "err", err)
	}
	v.w.Header().Set("Content-Type", eventStream)
	v.w.Header().Set("X-Accel-Buffering", "no") // a proxy must pass it on at once
	return s
}

func (s stream) send(event string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.w, "event: %s\ndata: %s\n\n", event, text)
	return s.out.Flush()
}

func (s stream) alive() error {
	fmt.Fprint(s.w, ": alive\n\n")
	return s.out.Flush()
}
