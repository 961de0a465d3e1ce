// Package logtest keeps what a program under test logs.
//
// Deliberately missing: anything about what is logged.
//
// What surprises: nothing; several goroutines may write while another reads.
package logtest

import (
	"bytes"
	"sync"
)

// Buffer is an empty log; the zero value is ready.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String returns all that was written.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
