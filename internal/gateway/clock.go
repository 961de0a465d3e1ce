package gateway

import (
	"time"

	"brevdue"
	"brevdue/kalender"
)

// copenhagen reads a letter's wall-clock time as the moment it means.
func copenhagen(t brevdue.LocalTime) (time.Time, bool) {
	at, err := kalender.Local(t)
	return at.UTC(), err == nil
}

// local writes a moment as Danish wall-clock time, in whole minutes.
func local(t time.Time) brevdue.LocalTime { return kalender.LocalOf(t) }

// vansTime writes a moment as the VANSEnvelope carries it: xs:dateTime with the
// Danish offset.
func vansTime(t time.Time) string {
	return t.In(kalender.Copenhagen()).Format("2006-01-02T15:04:05-07:00")
}
