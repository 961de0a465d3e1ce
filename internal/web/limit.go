package web

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Limits is how many requests are answered in a window: of one session, and of everybody
// at one address who is not signed in. 0 is no limit. Who is signed in is not counted by
// address, as a web server in front gives everybody its own. Files of the workbench itself
// and streams, which stay open, are not counted.
type Limits struct {
	Session, Address int
	Window           time.Duration
}

// DefaultLimits lets a person click ten times a second for a minute, and a house of some
// hundred people sign in at the same time.
func DefaultLimits() Limits { return Limits{Session: 600, Address: 1200, Window: time.Minute} }

// limiter counts requests by key in windows that do not overlap. It is of this process
// alone and forgets everything when the window ends, so it cannot grow for long.
type limiter struct {
	mu    sync.Mutex
	began time.Time
	seen  map[string]int
}

// over counts a request of a key and tells whether it is one too many, and when the
// window ends.
func (l *limiter) over(key string, limit int, window time.Duration, now time.Time) (bool, time.Duration) {
	if limit <= 0 {
		return false, 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if passed := now.Sub(l.began); l.seen == nil || passed >= window || passed < 0 {
		l.began, l.seen = now, map[string]int{}
	}
	l.seen[key]++
	return l.seen[key] > limit, l.began.Add(window).Sub(now)
}

// tooMany answers who asks more than the limits let, with when to come back. It tells
// whether it did.
func (wb *Workbench) tooMany(v *visit) bool {
	if v.listening() {
		return false
	}
	l := wb.cfg.Limits
	over, left := false, time.Duration(0)
	if v.person != nil {
		over, left = wb.sessions.over(v.token, l.Session, l.Window, v.now)
	} else {
		over, left = wb.addresses.over(address(v.r), l.Address, l.Window, v.now)
	}
	if !over {
		return false
	}
	wb.cfg.Log.Warn("too many requests", "route", v.r.Pattern, "signed_in", v.person != nil)
	v.w.Header().Set("Retry-After", strconv.Itoa(int(left/time.Second)+1))
	wb.problemPage(v, http.StatusTooManyRequests, "toomany", "")
	return true
}

// listening tells that the request is for a stream.
func (v *visit) listening() bool { return v.r.Header.Get("Accept") == eventStream }
