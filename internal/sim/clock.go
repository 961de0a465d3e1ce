package sim

import (
	"sync"
	"time"

	"brevdue/kalender"
)

// Clock runs speed times as fast as the real one, from a chosen beginning. Until
// it is started it stands still.
type Clock struct {
	mu    sync.Mutex
	shows time.Time // what it showed
	at    time.Time // when it showed that; zero: it stands
	speed float64
}

// NewClock returns a clock that stands at the given time.
func NewClock(shows time.Time, speed float64) *Clock { return &Clock{shows: shows, speed: speed} }

// Now returns what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		return c.shows
	}
	return c.shows.Add(time.Duration(float64(time.Since(c.at)) * c.speed))
}

// Stand sets the clock and stops it.
func (c *Clock) Stand(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shows, c.at = at, time.Time{}
}

// Start lets a standing clock run from what it shows.
func (c *Clock) Start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = time.Now()
}

// Beginning returns the time a demo begins at: now when people are at work, else
// 14:20 of the nearest working day, ten minutes before the cutoff.
func Beginning(now time.Time) time.Time {
	closed := kalender.Closed{Grundlovsdag: true, Juleaften: true, Nytaarsaften: true}
	day := kalender.DayOf(now)
	if closed.Hverdag(day) && !now.Before(day.At(8*60)) && now.Before(day.At(15*60)) {
		return now
	}
	return closed.From(day).At(14*60 + 20)
}
