package app

import "syscall"

// diskFree tells how many percent of the disk a path is on a program may still fill.
func diskFree(path string) (percent int, known bool, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return 0, false, err
	}
	if s.Blocks == 0 {
		return 0, false, nil // a file system without an end
	}
	return int(s.Bavail * 100 / s.Blocks), true, nil
}
