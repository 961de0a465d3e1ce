package app

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"brevdue/internal/audit"
	"brevdue/internal/config"
	"brevdue/internal/store"
	"brevdue/internal/store/storetest"
)

// TestClockProbe: behind what the archive knows, and jumps, on both sides of the limit.
func TestClockProbe(t *testing.T) {
	begin := time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name         string
		last         time.Duration // of the newest audit entry after the clock's time
		wall, steady time.Duration // how far both went
		there        bool
	}{
		{"right", 0, time.Minute, time.Minute, false},
		{"a minute behind the archive", 2 * time.Minute, time.Minute, time.Minute, false},
		{"more than a minute behind", 2*time.Minute + time.Second, time.Minute, time.Minute, true},
		{"jumped ahead", 0, 3 * time.Minute, time.Minute, true},
		{"set by less than a minute", 0, 2 * time.Minute, time.Minute, false},
		{"jumped back", 0, -time.Minute, time.Second, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := storetest.Open(t, filepath.Join(t.TempDir(), "brevdue.db"))
			defer st.Close()
			wall, steady := begin, time.Now()
			probe := clockProbe(st, func() time.Time { return wall }, func() time.Time { return steady })
			err := st.Update(t.Context(), func(tx store.Tx) error {
				return audit.Append(t.Context(), tx, audit.Entry{At: begin.Add(c.last), Actor: "system", Action: "test"})
			})
			if err != nil {
				t.Fatal(err)
			}
			wall, steady = wall.Add(c.wall), steady.Add(c.steady)
			there, detail, err := probe(t.Context())
			if err != nil || there != c.there {
				t.Errorf("%v, %q, %v", there, detail, err)
			}
			if c.last == 0 { // a jump is over after a while; a clock that is behind is not
				wall, steady = wall.Add(afterAJump), steady.Add(afterAJump)
				if there, _, err := probe(t.Context()); there && c.wall > 0 || err != nil {
					t.Errorf("later: %v, %v", there, err)
				}
			}
		})
	}
}

func TestDiskProbe(t *testing.T) {
	dir := t.TempDir()
	c := &config.Config{Dir: dir, Database: "brevdue.db", Alerts: config.Alerts{DiskFree: 1}, Network: config.Network{In: "in", Out: "out"}}
	if free, known, err := diskFree(dir); err != nil || known && (free < 0 || free > 100) {
		t.Fatalf("%d %%, %v, %v", free, known, err)
	} else if !known {
		t.Skip("this system does not tell how full a disk is")
	}
	low, detail, err := diskLow(c)
	if err != nil || !strings.HasSuffix(detail, " %") {
		t.Errorf("%v, %q, %v", low, detail, err)
	}
	c.Alerts.DiskFree = 101 // more than any disk has
	if low, _, err := diskLow(c); err != nil || !low {
		t.Errorf("not low below 101 %%: %v", err)
	}
}
