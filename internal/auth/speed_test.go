package auth_test

import (
	"testing"
	"time"

	"brevdue/internal/auth"
)

// TestFastClock: where the clock runs sixty times as fast, a session still lasts
// as long for the person at the browser.
func TestFastClock(t *testing.T) {
	d := newDoor(t)
	d.Speed = 60
	token, err := d.signIn("anne", password, "10.0.0.1")
	d.is("sign in", err, nil)
	d.now = d.now.Add(60 * (auth.Idle - time.Second))
	d.is("half an hour by the wall", d.session(token), nil)
	d.now = d.now.Add(60 * auth.Idle)
	d.is("idle too long by the wall", d.session(token), auth.ErrNoSession)
}
