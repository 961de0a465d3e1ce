//go:build !unix

package sim

import "time"

// cpuTime cannot be told on this system.
func cpuTime() time.Duration { return 0 }
