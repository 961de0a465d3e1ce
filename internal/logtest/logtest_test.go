package logtest_test

import (
	"fmt"
	"sync"
	"testing"

	"brevdue/internal/logtest"
)

func TestBufferIsWrittenByMany(t *testing.T) {
	var b logtest.Buffer
	var writing sync.WaitGroup
	for range 50 {
		writing.Go(func() { fmt.Fprint(&b, "x"); _ = b.String() })
	}
	writing.Wait()
	if got := len(b.String()); got != 50 {
		t.Errorf("%d of 50", got)
	}
}
