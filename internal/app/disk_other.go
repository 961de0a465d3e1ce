//go:build !linux

package app

// diskFree cannot be told on this system.
func diskFree(string) (percent int, known bool, err error) { return 0, false, nil }
