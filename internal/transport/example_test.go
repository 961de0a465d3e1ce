package transport_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"brevdue/internal/transport"
)

func ExampleFolder_Deliver() {
	dir, _ := os.MkdirTemp("", "network")
	defer os.RemoveAll(dir)
	f := &transport.Folder{In: filepath.Join(dir, "in"), Out: filepath.Join(dir, "out")}
	err := f.Deliver(context.Background(), "CTL03-A7K00000000001.edi", []byte("UNB+…"))
	data, _ := os.ReadFile(filepath.Join(f.Out, "CTL03-A7K00000000001.edi"))
	fmt.Println(err, len(data) > 0)
	// Output: <nil> true
}
