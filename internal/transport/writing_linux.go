package transport

import (
	"os"
	"syscall"
)

// beingWritten asks the kernel whether anybody has the file open for writing: a
// read lease is refused then. It works on local file systems and for files of
// our own user; where it cannot tell, the answer is no and the settling time
// alone decides.
func beingWritten(f *os.File) bool {
	raw, err := f.SyscallConn()
	if err != nil {
		return false
	}
	busy := false
	_ = raw.Control(func(fd uintptr) {
		_, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_SETLEASE, syscall.F_RDLCK)
		if errno == 0 {
			syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_SETLEASE, syscall.F_UNLCK)
		}
		busy = errno == syscall.EAGAIN
	})
	return busy
}
